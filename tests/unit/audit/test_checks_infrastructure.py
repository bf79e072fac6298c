# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks on backup servers, their certificates, WAN accelerators, and on how fresh the data of Enterprise Manager is."""

from __future__ import annotations

from typing import Any

import pytest
from records import SERVER, ago, found, made_facts, record, said, statuses

from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit import drift
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.facts import Gap
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.model import NOT_ASSESSABLE, Record
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.versions import version_of

PRINT = "8D543DEB21E7556993C40DCF0CCA1DC60A1B2C3D"
OTHER_PRINT = "5CB245CC0C4D571DA4C9C4FCF7A2E39D0A1B2C3D"


def servers(*versions: str | None) -> dict[str, list[Record]]:
    return {"backup_servers": [record("backup_servers", f"vbr{number:02d}.example.com", version=version) for number, version in enumerate(versions, 1)]}


def with_prints(*prints: str | None) -> dict[str, list[Record]]:
    made = [record("backup_servers", f"vbr{number:02d}.example.com", vbr_certificate_thumbprint=one) for number, one in enumerate(prints, 1)]
    return {"backup_servers": made}


# -- C37 ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("older", "newer"),
    [("12.9", "12.10"), ("9.5.4.2866", "12"), ("12.3.1.1139", "12.3.2.3617"), ("12.3", "12.3.0.1"), ("12.3.2.3617", "13.0.0.4967 P20251103")],
)
def test_versions_are_numbers(older: str, newer: str) -> None:
    assert version_of(older) < version_of(newer)


def test_zeros_at_the_end_and_words_behind_make_no_other_version() -> None:
    assert version_of("12.3.0.0") == version_of("12.3") == version_of(" 12.3 beta") == (12, 3)
    assert version_of("") == version_of("unknown") == ()


@pytest.mark.parametrize(
    ("version", "minimum", "status"),
    [
        ("12.3.2.3617", {"12": "12.3.2.3617"}, "pass"),
        ("12.3.2.3616", {"12": "12.3.2.3617"}, "fail"),
        ("13.0.1.180", {"12": "12.3.2", "13": "13.0.1"}, "pass"),
        ("13.0.0.9999", {"12": "12.3.2", "13": "13.0.1"}, "fail"),
        ("11.0.1.1261", {"12": "12.3.2"}, "fail"),
        ("14.0", {"12": "12.3.2"}, NOT_ASSESSABLE),
        ("14.0", {"12": "12.3.2", "*": "14.1"}, "fail"),
        ("12.3", {"*": "12.3"}, "pass"),
        ("12.3", {}, NOT_ASSESSABLE),
        (None, {"*": "12.3"}, NOT_ASSESSABLE),
    ],
)
def test_a_version_is_held_against_the_minimum_of_its_major_version(version: str | None, minimum: dict[str, str], status: str) -> None:
    assert statuses(said("C37", servers(version), {"minimum": minimum})) == {"vbr01.example.com": status}


def test_a_backup_server_behind_another_fails_even_if_the_policy_names_no_minimum() -> None:
    records = servers("12.3.2.3617", "12.3.10.1", "12.3.10.1.0", None)
    judged = said("C37", records)
    expected = {"vbr01.example.com": "fail", "vbr02.example.com": NOT_ASSESSABLE, "vbr03.example.com": NOT_ASSESSABLE, "vbr04.example.com": NOT_ASSESSABLE}
    assert statuses(judged) == expected
    assert judged[0].reason.endswith("Another backup server runs 12.3.10.1.") and judged[0].answers == (1,)
    assert statuses(said("C37", records, {"same": False, "minimum": {"12": "12.3"}}))["vbr01.example.com"] == "pass"


def test_an_estate_without_backup_servers_gives_no_judgement_of_them() -> None:
    assert said("C37") == [] and said("C44") == [] and said("C39") == []
    assert [judgement.subject.kind for judgement in said("C38")] == ["enterprise_manager"]


# -- C38 ------------------------------------------------------------------------------------------------------


def colons(text: str) -> str:
    return ":".join(text[place : place + 2] for place in range(0, len(text), 2)).lower()


def test_thumbprints_are_held_against_the_policy_however_they_are_written() -> None:
    values = {"thumbprints": {"vbr01*": colons(PRINT), "vbr02*": f"{PRINT}, {OTHER_PRINT}", "vbr03*": PRINT}}
    judged = statuses(said("C38", with_prints(PRINT, OTHER_PRINT, OTHER_PRINT, None, PRINT), values))
    del judged[SERVER]
    assert list(judged.values()) == ["pass", "pass", "fail", NOT_ASSESSABLE, NOT_ASSESSABLE]


def test_the_sentence_on_a_thumbprint_names_what_is_and_what_is_known() -> None:
    known, strange, nobody_says = (said("C38", with_prints(PRINT), {"thumbprints": {"*": one}})[1].reason for one in (PRINT, OTHER_PRINT, ""))
    assert known == f"Its certificate has the thumbprint {PRINT}, which is known."
    assert strange == f"Its certificate has the thumbprint {PRINT}, where {OTHER_PRINT} is known."
    assert nobody_says == f"Neither policy nor baseline say which thumbprint is right; it is {PRINT}."


def test_thumbprints_are_held_against_the_baseline_where_the_policy_is_silent() -> None:
    baseline = drift.configuration_of(made_facts(with_prints(PRINT), reads_of=["C40"]))
    for now, status in ((PRINT, "pass"), (OTHER_PRINT, "fail")):
        assert statuses(said("C38", with_prints(now), baseline=baseline))["vbr01.example.com"] == status
    judged = said("C38", with_prints(OTHER_PRINT), {"thumbprints": {"*": OTHER_PRINT}}, baseline=baseline)
    assert statuses(judged)["vbr01.example.com"] == "pass"


@pytest.mark.parametrize(("seconds", "status"), [(30 * 86400, "pass"), (30 * 86400 - 1, "fail"), (-1, "fail")])
def test_the_certificate_of_enterprise_manager_has_to_last(seconds: int, status: str) -> None:
    (judgement,) = said("C38", tls_not_after=ago(seconds=-seconds))
    assert (judgement.subject.name, judgement.status) == (SERVER, status)


def test_the_sentences_on_the_certificate_tell_what_is_the_matter() -> None:
    (short,), (over,) = said("C38", tls_not_after=ago(seconds=1 - 30 * 86400)), said("C38", tls_not_after=ago(days=2))
    assert short.reason == "The certificate of Enterprise Manager lasts 29.99999 days; it has to last 30.00000 days."
    assert over.reason == "The certificate of Enterprise Manager ended on 2026-11-18T12:00:00Z; it has to last 30.0 days."


def test_a_certificate_that_nobody_saw_stays_open() -> None:
    assert statuses(said("C38")) == {SERVER: NOT_ASSESSABLE}


# -- C39 ------------------------------------------------------------------------------------------------------


def collected(hours: float, state: str = "CompletedSuccessfully", name: str = "Collect Job ", **values: Any) -> Record:
    running = state == "InProgress"
    usual = {"creation_time": ago(hours=hours + 0.1), "end_time": None if running else ago(hours=hours), "state": state, "session_type": "CollectJob"}
    result = None if running else {"result": state, "message": "" if state == "CompletedSuccessfully" else "The server did not answer in time."}
    return record("system_sessions", f"{name}@2026-11-20 17:05:52.069837", **{**usual, "result": result, **values})


def fresh(*runs: Record, backup_servers: int = 1, values: dict[str, Any] | None = None, **more: Any) -> dict[str, str]:
    return statuses(said("C39", {**servers(*["12.3"] * backup_servers), "system_sessions": list(runs)}, values, **more))


def test_data_of_exactly_eight_hours_is_fresh_and_a_second_older_is_not() -> None:
    assert fresh(collected(8)) == {SERVER: "pass"}
    assert fresh(collected(8 + 1 / 3600)) == {SERVER: "fail"}
    assert fresh(collected(4.01), values={"hours": 4}) == {SERVER: "fail"}


def test_the_newest_collection_that_is_over_counts() -> None:
    assert fresh(collected(5), collected(1, "Failed")) == {SERVER: "fail"}
    assert fresh(collected(1), collected(5, "Failed")) == {SERVER: "pass"}
    assert fresh(collected(5), collected(0, "InProgress")) == {SERVER: "pass"}
    assert fresh(collected(30), collected(0, "InProgress")) == {SERVER: "fail"}
    assert fresh(collected(0, "InProgress")) == {SERVER: "fail"}


def test_what_a_failed_collection_says_is_told() -> None:
    (judgement,) = said("C39", {"system_sessions": [collected(5), collected(1, "Failed")]})
    assert judgement.reason == "Data was collected 5.0 hours ago; 8.0 hours are allowed. A later one did not end well: The server did not answer in time."


def test_a_warning_is_as_good_as_success_unless_the_policy_says_otherwise_and_a_cancelled_one_never_is() -> None:
    warned = collected(1, "CompletedWarning")
    assert fresh(warned) == {SERVER: "pass"}
    assert fresh(warned, values={"accept_warnings": False}) == {SERVER: "fail"}
    assert fresh(collected(1, result={"is_canceled": True})) == {SERVER: "fail"}


def test_backup_servers_that_sessions_name_are_judged_one_by_one() -> None:
    runs = [
        collected(1, name="Collect Job vbr01.example.com "),
        collected(30, name="Collect Job VBR02.example.com "),
        collected(2),
    ]
    assert fresh(*runs, backup_servers=3) == {"vbr01.example.com": "pass", "vbr02.example.com": "fail", SERVER: "pass"}
    assert fresh(*runs[:2], backup_servers=2) == {"vbr01.example.com": "pass", "vbr02.example.com": "fail"}


def test_the_longest_name_that_fits_is_meant() -> None:
    both = [record("backup_servers", "vbr1"), record("backup_servers", "vbr1-dr")]
    judged = said("C39", {"backup_servers": both, "system_sessions": [collected(30, name="Collect Job vbr1-dr "), collected(1, name="Collect Job vbr1 ")]})
    assert statuses(judged) == {"vbr1": "pass", "vbr1-dr": "fail"}


def test_other_work_of_enterprise_manager_is_no_collection() -> None:
    assert fresh(collected(1, session_type="DatabaseMaintenance")) == {SERVER: "fail"}
    assert fresh() == {SERVER: "fail"}


def test_a_server_too_old_to_tell_leaves_it_open() -> None:
    (finding,) = found("C39", servers("11.0"), gaps={"system_sessions": Gap(NOT_ASSESSABLE, "There is no such thing before v1_7.")})
    assert finding.status == NOT_ASSESSABLE


def test_without_the_names_of_backup_servers_the_whole_is_judged() -> None:
    gaps = {"backup_servers": Gap(NOT_ASSESSABLE, "refused")}
    (finding,) = found("C39", {"system_sessions": [collected(1, name="Collect Job vbr01.example.com ")]}, gaps=gaps)
    assert (finding.judgement.subject.name, finding.status) == (SERVER, "pass")


def test_a_failed_collection_without_a_message_is_told_by_its_state() -> None:
    (judgement,) = said("C39", {"system_sessions": [collected(5), collected(1, "Failed", result=None)]})
    assert judgement.reason.endswith("A later one did not end well: Failed.")


# -- C44 ------------------------------------------------------------------------------------------------------


def test_wan_accelerators_have_to_be_current() -> None:
    made = [record("wan_accelerators", f"wan {word}", out_of_date=word, version="12.3.0.310", backup_server="vbr01") for word in (True, False, None)]
    judged = said("C44", {"wan_accelerators": made})
    assert statuses(judged) == {"wan True": "fail", "wan False": "pass", "wan None": NOT_ASSESSABLE}
    assert judged[0].reason == "Its component (version 12.3.0.310) is older than the backup server expects."
    assert judged[0].subject.backup_server == "vbr01" and judged[0].measured == {"version": "12.3.0.310", "out_of_date": True}
