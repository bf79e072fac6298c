# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waivers and attestations: what they change, what they never change, and what is said of themselves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from records import NOW, SERVER, made_facts
from steps import steps_of

from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit import settings
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.attestations import apply_attestations, signed_bytes
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.document import as_document
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.evaluate import Audit, Section
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.model import ERROR, FAIL, NOT_ASSESSABLE, PASS, WAIVED, Finding, Judgement, Subject
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.policy import load_attestations, load_policy, load_waivers
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.settings import Policy, Scope, Selector
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.waivers import apply_waivers

POLICY = load_policy(["baseline", {"tags": {"old": "vm-0*"}}])
TERMS = {"reason": "Old.", "owner": "Storage", "approver": "Security", "ticket": "T-1", "expires": "2027-06-30"}
STATED = {"rule": "X02", "statement": "It is so.", "owner": "Storage", "date": "2026-01-01", "expires": "2027-06-30"}


def section(*statuses: str, rule: str = "C02", kind: str = "machine", server: str = SERVER) -> Section:
    """Return a section with a finding for each status, on vm-00, vm-01 and so on."""
    check = POLICY.rules[rule].check
    found = [
        Finding(rule, 1, check.severity, server, Judgement(Subject(kind, f"vm-{number:02}", f"uid-{number}", "vbr01", ("daily",), ("repo",)), status, "x"))
        for number, status in enumerate(statuses)
    ]
    return Section(made_facts({}), found)


def waived(sections: list[Section], policy: Policy = POLICY, now: str = NOW, **waiver: Any) -> tuple[dict[str, str], dict[str, Any]]:
    """Apply one waiver of C02; return the status by rule on waivers, and its entry."""
    (made,) = load_waivers([{"id": "w1", "rules": "C02", "scope": "vm-*", **TERMS, **waiver}])
    own, (entry,) = apply_waivers(sections, [made], now, policy)
    assert all((finding.server, finding.judgement.subject) == ("", Subject("waiver", "w1")) for finding in own)
    return {finding.rule: finding.status for finding in own}, entry


def statuses(of: Section) -> list[str]:
    """Return what the findings of a section come to."""
    return [finding.status for finding in of.findings]


def test_a_fail_that_a_waiver_covers_is_waived_and_nothing_else_is() -> None:
    one = section(FAIL, PASS, NOT_ASSESSABLE, ERROR, FAIL)
    own, entry = waived([one], scope="vm-0[0-3]")
    assert statuses(one) == [WAIVED, PASS, NOT_ASSESSABLE, ERROR, FAIL]
    assert [finding.waiver for finding in one.findings] == ["w1", None, None, None, None]
    assert (entry["state"], entry["covers"], entry["scope"]) == ("active", 1, {"names": ["vm-0[0-3]"]})
    assert own == {"W01": PASS, "W02": PASS, "W03": PASS, "W05": PASS}


@pytest.mark.parametrize(
    ("scope", "covered"),
    [
        ({"jobs": "dai*"}, True),
        ({"jobs": "weekly"}, False),
        ({"repositories": "repo"}, True),
        ({"servers": "em.example.com:*"}, True),
        ({"servers": "vbr01"}, True),
        ({"servers": "vbr02"}, False),
        ({"names": "UID-0"}, True),
        ({"tags": "old"}, True),
        ({"tags": "new"}, False),
        ({"kinds": "job"}, False),
        ({"names": "vm-*", "jobs": "weekly"}, False),
    ],
)
def test_a_scope_has_to_fit_in_every_respect(scope: dict[str, str], covered: bool) -> None:
    one = section(FAIL)
    waived([one], scope=scope)
    assert statuses(one) == [WAIVED if covered else FAIL]


def test_other_rules_are_not_covered_and_all_servers_are_looked_at() -> None:
    here, there, other = section(FAIL), section(FAIL, server="em2.example.com:9398"), section(FAIL, rule="C03")
    _own, entry = waived([here, there, other])
    assert [statuses(one) for one in (here, there, other)] == [[WAIVED], [WAIVED], [FAIL]]
    assert entry["covers"] == 2


@pytest.mark.parametrize(
    ("now", "expires", "state"),
    [
        ("2026-11-30T23:59:59Z", "2026-11-30", "expires_soon"),
        ("2026-12-01T00:00:00Z", "2026-11-30", "expired"),
        ("2026-11-30T18:00:00Z", "2026-11-30T18:00:00Z", "expires_soon"),
        ("2026-11-30T18:00:01Z", "2026-11-30T18:00:00Z", "expired"),
        ("2026-10-31T23:59:59Z", "2026-11-30", "active"),
        ("2026-11-01T00:00:00Z", "2026-11-30", "expires_soon"),
    ],
)
def test_a_waiver_holds_to_the_end_of_its_last_day(now: str, expires: str, state: str) -> None:
    one = section(FAIL)
    own, entry = waived([one], now=now, expires=expires)
    assert entry["state"] == state
    assert statuses(one) == [FAIL if state == "expired" else WAIVED]
    assert own["W01"] == (FAIL if state == "expired" else PASS)
    assert ("W02" in own) == (state != "expired")


@pytest.mark.parametrize(("now", "begun"), [("2026-11-19T23:59:59Z", False), ("2026-11-20T00:00:00Z", True)])
def test_a_waiver_begins_with_its_first_day(now: str, begun: bool) -> None:
    one = section(FAIL)
    own, entry = waived([one], now=now, created="2026-11-20")
    assert (entry["state"], statuses(one), own["W04"]) == (("active", [WAIVED], PASS) if begun else ("not_yet", [FAIL], FAIL))


def test_a_waiver_that_covers_nothing_is_a_finding() -> None:
    own, entry = waived([section(PASS)])
    assert (own["W02"], entry["state"], entry["covers"]) == (FAIL, "unmatched", 0)
    assert waived([])[0]["W02"] == FAIL


def test_a_waiver_for_everything_or_for_too_much_is_a_finding() -> None:
    assert waived([section(FAIL)], scope={})[0]["W03"] == FAIL
    assert waived([section(*[FAIL] * 20, *[PASS] * 20)])[0]["W03"] == PASS
    assert waived([section(*[FAIL] * 21, *[PASS] * 40)])[0]["W03"] == FAIL
    assert waived([section(*[FAIL] * 5, *[PASS] * 5)])[0]["W03"] == PASS
    assert waived([section(*[FAIL] * 6, *[PASS] * 4)])[0]["W03"] == FAIL
    assert waived([section(*[FAIL] * 6, *[PASS] * 3)])[0]["W03"] == PASS
    assert waived([section(*[FAIL] * 9)])[0]["W03"] == PASS
    strict = load_policy(["baseline", {"rules": {"W03": {"severity": "low", "parameters": {"most_objects": 1}}}}])
    assert waived([section(FAIL, FAIL)], strict)[0]["W03"] == FAIL
    one = section(FAIL)
    waived([one], scope={})
    assert statuses(one) == [WAIVED], "it covers all the same; the finding says that it should not"


@pytest.mark.parametrize(("approver", "status"), [("storage", FAIL), (" STORAGE ", FAIL), ("Storage Lead", PASS)])
def test_nobody_approves_an_own_waiver(approver: str, status: str) -> None:
    assert waived([section(FAIL)], approver=approver)[0]["W05"] == status


def test_of_two_waivers_the_first_is_named_and_both_are_used() -> None:
    one = section(FAIL)
    waivers = load_waivers([{"id": name, "rules": ["C02", "C03"], "scope": "vm-*", **TERMS} for name in ("b", "a")])
    own, entries = apply_waivers([one], waivers, NOW, POLICY)
    assert one.findings[0].waiver == "b"
    assert [entry["state"] for entry in entries] == ["active", "active"]
    assert [finding.status for finding in own if finding.rule == "W02"] == [PASS, PASS]


def test_nothing_stands_against_the_rules_on_waivers_themselves() -> None:
    with pytest.raises(Exception, match="W03 is about waivers and attestations"):
        load_waivers([{"id": "w", "rules": ["W03"], "scope": "*", **TERMS}])


# -- attestations -----------------------------------------------------------------------------------------


def attested(
    sections: list[Section], policy: Policy = POLICY, now: str = NOW, holds: Any = "nobody looks", signature: str = "", **stated: Any
) -> tuple[dict[str, str], dict[str, Any]]:
    """Apply one attestation of X02; return the status by rule on attestations, and its entry."""
    (made,) = load_attestations([{"id": "a1", **STATED, **stated}])
    made = replace(made, signature=signature, signer="s" if signature else "")
    verify = None if holds == "nobody looks" else (lambda _attestation, _document, _signature: (holds, "Somebody looked."))
    own, (entry,) = apply_attestations(sections, [made], now, policy, verify)
    return {finding.rule: finding.status for finding in own}, entry


def unseen() -> Section:
    """Return a section with one finding that is not assessable, one fail and one error."""
    return section(NOT_ASSESSABLE, FAIL, ERROR, rule="X02", kind="enterprise_manager")


def test_an_attestation_answers_what_is_not_assessable_and_nothing_else() -> None:
    one = unseen()
    own, entry = attested([one])
    assert statuses(one) == [PASS, FAIL, ERROR]
    assert [finding.attestation for finding in one.findings] == ["a1", None, None]
    assert own == {"W06": PASS, "W07": PASS, "W08": PASS}
    assert (entry["state"], entry["signed"], entry["answers"]) == ("active", "none", 1)
    assert "signature" not in entry


@pytest.mark.parametrize(
    ("stated", "state"),
    [
        ({"expires": "2026-11-19"}, "expired"),
        ({"expires": "2026-11-20"}, "expires_soon"),
        ({"date": "2026-11-21"}, "not_yet"),
        ({"scope": "other"}, "unmatched"),
        ({"rule": "X03"}, "unmatched"),
    ],
)
def test_an_attestation_answers_within_its_time_and_scope(stated: dict[str, str], state: str) -> None:
    one = unseen()
    own, entry = attested([one], **stated)
    answers = state == "expires_soon"
    assert entry["state"] == state
    assert statuses(one)[0] == (PASS if answers else NOT_ASSESSABLE)
    assert own["W06"] == (FAIL if state in ("expired", "not_yet") else PASS)
    assert own.get("W08") == (None if state in ("expired", "not_yet") else PASS if answers else FAIL)


@pytest.mark.parametrize(
    ("signature", "holds", "required", "state", "signed", "status"),
    [
        ("x", True, False, "active", "good", PASS),
        ("x", False, False, "bad_signature", "bad", FAIL),
        ("x", None, False, "active", "unchecked", NOT_ASSESSABLE),
        ("x", "nobody looks", False, "active", "unchecked", NOT_ASSESSABLE),
        ("x", True, True, "active", "good", PASS),
        ("x", None, True, "not_signed", "unchecked", NOT_ASSESSABLE),
        ("", True, True, "not_signed", "none", FAIL),
        ("", True, False, "active", "none", PASS),
    ],
)
def test_a_bad_signature_answers_nothing_and_a_missing_one_where_it_is_required(
    signature: str, holds: Any, required: bool, state: str, signed: str, status: str
) -> None:
    one = unseen()
    policy = load_policy(["baseline", {"rules": {"W07": {"parameters": {"required": required}}}}])
    own, entry = attested([one], policy, holds=holds, signature=signature)
    assert (entry["state"], entry["signed"], own["W07"]) == (state, signed, status)
    assert statuses(one)[0] == (PASS if state == "active" else NOT_ASSESSABLE)


def test_the_text_to_sign_is_told_and_does_not_change_with_the_signature() -> None:
    (made,) = load_attestations([{"id": "a1", **STATED, "scope": "é*"}])
    signed = replace(made, signature="-----BEGIN x", signer="s")
    _own, (entry,) = apply_attestations([], [signed], NOW, POLICY)
    assert (entry["to_sign"] + "\n").encode() == signed_bytes(signed) == signed_bytes(replace(signed, signature="other"))
    expected = """{
  "date": "2026-01-01",
  "expires": "2027-06-30",
  "id": "a1",
  "owner": "Storage",
  "rule": "X02",
  "scope": {
    "names": [
      "é*"
    ]
  },
  "signer": "s",
  "statement": "It is so."
}
"""
    assert signed_bytes(signed).decode() == expected


def test_all_of_it_stands_in_the_document() -> None:
    sections = [section(FAIL, PASS), unseen()]
    policy = load_policy(["baseline", {"waivers": [{"id": "w1", "rules": "C02", "scope": "vm-*", **TERMS}], "attestations": [{"id": "a1", **STATED}]}])
    own_waivers, waivers = apply_waivers(sections, policy.waivers, NOW, policy)
    own_attestations, attestations = apply_attestations(sections, policy.attestations, NOW, policy)
    document = as_document(Audit(policy, NOW, sections, [*own_waivers, *own_attestations]), "0", waivers, attestations)
    assert [(entry["id"], entry["state"]) for entry in (*document["waivers"], *document["attestations"])] == [("w1", "active"), ("a1", "active")]
    rules = {rule["id"]: rule for rule in document["rules"]}
    assert {name: rules[name]["summary"]["pass"] for name in ("W01", "W02", "W03", "W05", "W06", "W07", "W08")} == dict.fromkeys(
        ("W01", "W02", "W03", "W05", "W06", "W07", "W08"), 1
    )
    assert [finding["waiver"] for finding in document["findings"] if finding["status"] == WAIVED] == ["w1"]


# ---------------------------------------------------------------------------------------------------------
# Many of them


@pytest.mark.parametrize("name", ["vm-01", "VM-01", "uid-1", "UID-1"])
def test_names_without_a_mark_choose_as_patterns_do_by_name_and_unique_id(name: str) -> None:
    for scope in (name, name[:-1] + "[1]", [name, "vm-9*"], [name, "vm-77"]):
        whole = section(FAIL, FAIL, FAIL)
        waived([whole], scope=scope)
        assert statuses(whole) == [FAIL, WAIVED, FAIL]


def steps_of_waiving(number: int) -> int:
    """Return the work for so many fails, each with a waiver of its own."""
    made = load_waivers([{"id": f"w{one}", "rules": "C02", "scope": f"vm-{one:02}", **TERMS} for one in range(number)])
    whole = section(*[FAIL] * number)
    steps = steps_of(lambda: apply_waivers([whole], made, NOW, POLICY))
    assert statuses(whole) == [WAIVED] * number
    return steps


def test_waivers_by_name_grow_with_the_fails_and_not_with_their_square() -> None:
    assert steps_of_waiving(200) < 8 * steps_of_waiving(40)


def steps_of_choosing(number: int) -> int:
    """Return the work to look so many machines up in a list of so many names."""
    scope = Scope((Selector(names=tuple(f"vm-{one}" for one in range(number))),))
    subjects = [Subject("machine", f"VM-{one}") for one in range(number)]
    return steps_of(lambda: [scope.holds(subject) for subject in subjects])


def test_a_long_list_of_names_is_as_quick_to_look_into_as_a_short_one() -> None:
    assert steps_of_choosing(400) < 8 * steps_of_choosing(80)


# -- names ----------------------------------------------------------------------------------------------------

_LETTERS = st.text("abAB-*?[]ß", max_size=5)


@given(st.lists(_LETTERS, max_size=8), _LETTERS)
def test_names_that_fit_are_found_as_if_each_was_tried(names: list[str], pattern: str) -> None:
    found = sorted(settings.ByName((name, place) for place, name in enumerate(names)).fitting(pattern))
    assert found == [place for place, name in enumerate(names) if settings.fits(name, pattern)]


def test_a_pattern_is_held_against_the_names_alone_that_begin_like_it(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []
    fits = settings.fits
    monkeypatch.setattr(settings, "fits", lambda name, pattern: tried.append(name) or fits(name, pattern))
    by_name = settings.ByName((f"vm-{number:04}", number) for number in range(1000))
    assert list(by_name.fitting("VM-001*")) == list(range(10, 20)) and len(tried) == 10
    assert list(by_name.fitting("legacy-*")) == [] and len(tried) == 10


# -- what is said of an attested finding ----------------------------------------------------------------------


def test_what_somebody_attests_is_no_longer_told_as_not_known() -> None:
    one = section(NOT_ASSESSABLE, rule="X02")
    attested([one])
    assert one.findings[0].judgement.reason == f"{STATED['owner']} answers for it, as stated on {STATED['date']}, until {STATED['expires']}."


def test_why_something_could_not_be_assessed_stays_beside_the_attestation() -> None:
    one = section(NOT_ASSESSABLE, rule="C02")
    attested([one], rule="C02")
    assert one.findings[0].judgement.reason.endswith(" Of itself it could not be assessed: x")
