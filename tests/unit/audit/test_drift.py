# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The configuration as plain data, the baseline file, and what differs from it."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from records import SERVER, ago, found, made_facts, record, said, statuses
from rig_em import RigEm
from simulated import facts_of
from steps import steps_of

from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit import drift
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.facts import Facts, Gap
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.model import ANSWER, ERROR, FAIL, NOT_ASSESSABLE, PASS, Record, fields_by_kind

READ = fields_by_kind(drift.READS_OF_CONFIGURATION)
_SHORT_TERM = "storage_options.shortterm_retention_period"
TAKEN = "2026-11-01T08:00:00Z"


def entry(name: str, reference: str | None = None, **values: Any) -> dict[str, Any]:
    return {"name": name, "hierarchy_obj_ref": f"urn:VMware:Vm:{reference or name}", **values}


def job(name: str = "Nightly", *includes: dict[str, Any], keep: int = 14, **values: Any) -> Record:
    policy = {"retain_limit_type": "Days", "retain_days_to_keep": keep}
    info = {"backup_job_info": {"includes": list(includes), "simple_retention_policy": policy}}
    return record("jobs", name, **{"job_type": "Backup", "backup_server": "vbr01", "schedule_enabled": True, "job_info": info, **values})


def account(name: str, *roles: str, scopes: Sequence[Mapping[str, Any]] = ()) -> dict[str, list[Record]]:
    one = record("security_accounts", name, account_type="Group", allow_restore_all_vms=False)
    link = {key: one[key] for key in ("id", "uid", "name", "type")}
    return {
        "security_accounts": [one],
        "security_account_roles": [record("security_account_roles", role_name=role, security_account=link) for role in roles],
        "security_account_scopes": [record("security_account_scopes", security_account=link, **scope) for scope in scopes],
    }


def facts(records: Mapping[str, Sequence[Record]] | None = None, **more: Any) -> Facts:
    return made_facts(records, reads_of=["C40"], **more)


def taken(records: Mapping[str, Sequence[Record]] | None = None, **more: Any) -> drift.Configuration:
    return drift.configuration_of(facts(records, **more))


def differences(before: Mapping[str, Sequence[Record]], after: Mapping[str, Sequence[Record]]) -> list[tuple[str, str, Any, Any]]:
    return [(change.what, change.field, change.before, change.after) for change in drift.compare(taken(before), taken(after))]


# -- what counts ----------------------------------------------------------------------------------------------


def test_a_setting_that_changed_is_told_by_its_dotted_name_with_before_and_after() -> None:
    (change,) = drift.compare(taken({"jobs": [job(keep=14)]}), taken({"jobs": [job(keep=3)]}))
    assert (change.kind, change.name, change.backup_server, change.what) == ("jobs", "Nightly", "vbr01", drift.CHANGED)
    assert (change.field, change.before, change.after) == ("job_info.backup_job_info.simple_retention_policy.retain_days_to_keep", 14, 3)


def test_things_that_came_and_went_are_told_whole() -> None:
    old, new = job("Old"), job("New")
    changes = drift.compare(taken({"jobs": [job(), old]}), taken({"jobs": [job(), new]}))
    assert [(one.what, one.name, one.field) for one in changes] == [(drift.ADDED, "New", ""), (drift.REMOVED, "Old", "")]
    assert changes[0].before is None and changes[0].after["name"] == "New" and changes[1].after is None


def test_a_machine_that_was_put_in_or_taken_out_is_told_by_its_name() -> None:
    before, after = {"jobs": [job("Nightly", entry("a"), entry("b", order=1))]}, {"jobs": [job("Nightly", entry("b", order=2), entry("c"))]}
    path = "job_info.backup_job_info.includes"
    assert differences(before, after) == [
        (drift.CHANGED, f"{path}[a]", entry("a"), None),
        (drift.CHANGED, f"{path}[b].order", 1, 2),
        (drift.CHANGED, f"{path}[c]", None, entry("c")),
    ]


def test_two_machines_of_one_name_are_told_apart() -> None:
    before = {"jobs": [job("Nightly", entry("twin", "vm-1"), entry("twin", "vm-2"))]}
    after = {"jobs": [job("Nightly", entry("twin", "vm-1"))]}
    assert [field for _what, field, _before, _after in differences(before, after)] == ["job_info.backup_job_info.includes[urn:VMware:Vm:vm-2]"]


def test_entries_that_nothing_tells_apart_are_compared_as_a_whole() -> None:
    before, after = {"jobs": [job("Nightly", {"order": 1}, {"order": 1})]}, {"jobs": [job("Nightly", {"order": 1})]}
    assert differences(before, after) == [(drift.CHANGED, "job_info.backup_job_info.includes", [{"order": 1}, {"order": 1}], [{"order": 1}])]


def test_a_job_of_one_name_on_two_backup_servers_is_two_things() -> None:
    here, there = job(), job(backup_server="vbr02")
    changes = drift.compare(taken({"jobs": [here, there]}), taken({"jobs": [here]}))
    assert [(one.what, one.backup_server) for one in changes] == [(drift.REMOVED, "vbr02")]


@pytest.mark.parametrize("kind", ["managed_servers", "repositories", "credentials", "jobs", "file_servers"])
def test_every_kind_below_a_backup_server_tells_which(kind: str) -> None:
    changes = drift.compare(taken(), taken({kind: [record(kind, "x", backup_server="vbr01")]}))
    assert [one.backup_server for one in changes] == ["vbr01"]


def test_things_without_unique_id_are_known_by_their_id_and_else_by_name_and_backup_server() -> None:
    known = record("credentials", username="EXAMPLE\\svc", backup_server="vbr01", id="0815")
    nameless = record("managed_servers", "host", backup_server="vbr01")
    items = taken({"credentials": [{**known, "uid": None}], "managed_servers": [{**nameless, "uid": None, "id": None}]})["items"]
    assert list(items["credentials"]) == ["0815"] and list(items["managed_servers"]) == ["host@vbr01"]


def test_a_renamed_thing_is_the_same_thing() -> None:
    before, after = job(), job("Renamed", id=job()["id"])
    assert differences({"jobs": [before]}, {"jobs": [after]}) == [(drift.CHANGED, "name", "Nightly", "Renamed")]


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("jobs", {"next_run": ago(days=1)}, {"next_run": ago()}),
        ("jobs", {"description": ""}, {"description": None}),
        ("repositories", {"capacity": 10, "free_space": 5}, {"capacity": 11, "free_space": 4}),
        ("external_repositories", {"used_space": 5}, {"used_space": 6}),
        ("wan_accelerators", {"out_of_date": False}, {"out_of_date": True}),
        ("cloud_tenants", {"last_active": ago(days=1), "vm_count": 3}, {"last_active": ago(), "vm_count": 4}),
        (
            "cloud_tenants",
            {"resources": [{"id": "1", "repository_quota": {"used_quota": 1}}]},
            {"resources": [{"id": "1", "repository_quota": {"used_quota": 2}}]},
        ),
        ("encryption_passwords", {"hint": "old"}, {"hint": "new"}),
    ],
)
def test_what_changes_by_itself_or_says_too_much_does_not_count(kind: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    assert differences({kind: [record(kind, "x", **before)]}, {kind: [record(kind, "x", **after)]}) == []


def test_summer_time_is_no_change_of_a_schedule_and_another_hour_is() -> None:
    def at(hour: str, offset: int) -> dict[str, list[Record]]:
        return {"jobs": [job(job_schedule_options={"standard": {"options_daily": {"enabled": True, "time": hour, "time_offset_utc": offset}}})]}

    assert differences(at("22:00:00", 1), at("22:00:00", 2)) == []
    assert [field for _what, field, *_values in differences(at("22:00:00", 1), at("23:00:00", 2))] == ["job_schedule_options.standard.options_daily.time"]


@pytest.mark.parametrize(
    ("kind", "before", "after", "field"),
    [
        ("backup_servers", {"vbr_certificate_thumbprint": "AA"}, {"vbr_certificate_thumbprint": "BB"}, "vbr_certificate_thumbprint"),
        ("repositories", {"kind": "LinuxLocal"}, {"kind": "WindowsLocal"}, "kind"),
        ("managed_servers", {"managed_server_type": "Linux"}, {"managed_server_type": "Windows"}, "managed_server_type"),
        ("nas_jobs", {"storage_options": {"shortterm_retention_period": 28}}, {"storage_options": {"shortterm_retention_period": 7}}, _SHORT_TERM),
        ("protection_groups", {"rescan_schedule_enabled": True}, {"rescan_schedule_enabled": False}, "rescan_schedule_enabled"),
        ("encryption_passwords", {"last_modification_date": ago(days=9)}, {"last_modification_date": ago()}, "last_modification_date"),
        ("cloud_tenants", {"backup_protection_enabled": True}, {"backup_protection_enabled": False}, "backup_protection_enabled"),
        ("credentials", {"username": "EXAMPLE\\svc"}, {"username": "EXAMPLE\\other"}, "username"),
    ],
)
def test_what_somebody_set_counts(kind: str, before: dict[str, Any], after: dict[str, Any], field: str) -> None:
    assert [one[1] for one in differences({kind: [record(kind, "x", **before)]}, {kind: [record(kind, "x", **after)]})] == [field]


def test_roles_and_scopes_belong_to_their_account_and_the_state_of_a_scope_is_nothing_to_compare() -> None:
    scope = {"name": "Production", "platform": "VMware", "state": "Unprocessed"}
    before = account("desk", "File Restore Operator", scopes=[scope])
    worked_off = account("desk", "File Restore Operator", scopes=[{**scope, "state": "Processed"}])
    more = account("desk", "Portal Administrator", "File Restore Operator", scopes=[scope, {"name": "Finance", "platform": "VMware"}])
    assert differences(before, worked_off) == []
    assert differences(before, more) == [
        (drift.CHANGED, "roles", ["File Restore Operator"], ["File Restore Operator", "Portal Administrator"]),
        (drift.CHANGED, "scopes[Finance]", None, {"name": "Finance", "platform": "VMware"}),
    ]


# -- as it is in life -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def em() -> RigEm:
    return RigEm(profile="13")


def test_an_estate_differs_from_itself_in_nothing_days_later(em: RigEm) -> None:
    before = drift.configuration_of(facts_of(em, READ))
    em.rig.wait(3 * 86400)
    after = drift.configuration_of(facts_of(em, READ))
    assert drift.compare(before, after) == [] and before == after
    assert not before["not_read"] and min(map(len, before["items"].values())) > 0


def shuffled(value: Any, chance: random.Random) -> Any:
    if isinstance(value, list):
        parts = [shuffled(part, chance) for part in value]
        chance.shuffle(parts)
        return parts
    return {name: shuffled(part, chance) for name, part in value.items()} if isinstance(value, dict) else value


def test_the_order_of_records_and_lists_does_not_matter(em: RigEm) -> None:
    straight = facts_of(em, READ)
    mixed = Facts(straight.server, straight.now, {kind: shuffled(list(records), random.Random(7)) for kind, records in straight.collections.items()})
    assert drift.digest_of({"em": drift.configuration_of(straight)}) == drift.digest_of({"em": drift.configuration_of(mixed)})


def test_no_secret_and_no_hint_gets_into_a_baseline(em: RigEm) -> None:
    hidden = [one["hint"] for one in facts_of(em, {"encryption_passwords": ("hint",)}).records("encryption_passwords")]
    text = drift.as_text({"em": drift.configuration_of(facts_of(em, READ))}, TAKEN)
    assert hidden and all(hidden) and not [one for one in hidden if one in text]
    assert "logon_sessions" not in READ


# -- the file -------------------------------------------------------------------------------------------------

AWKWARD = ["yes", "12", "2026-01-01", "a: b", "# no", "two\nlines", " edge ", "Jürgen 備份", "- x", "null", "'", '"', "{a}", "\\tab", "x" * 300]


@pytest.mark.parametrize("is_json", [False, True])
def test_a_baseline_comes_back_from_its_file_as_it_was(is_json: bool) -> None:
    servers = {"b:9398": taken({"jobs": [job(text) for text in AWKWARD]}), "a:9398": taken({"repositories": [record("repositories", "R", kind="Nfs")]})}
    text = drift.as_text(servers, TAKEN, is_json)
    baseline = drift.parse(text)
    assert baseline.servers == servers and baseline.taken_at == TAKEN and baseline.untouched
    assert drift.as_text(dict(reversed(list(servers.items()))), TAKEN, is_json) == text
    assert text.index("format") < text.index("taken_at") < text.index("sha256") < text.index("configurations") < text.index("jobs")


def test_both_formats_have_the_same_digest() -> None:
    servers = {"em": taken({"jobs": [job()]})}
    assert drift.parse(drift.as_text(servers, TAKEN)).sha256 == drift.parse(drift.as_text(servers, TAKEN, is_json=True)).sha256


def test_the_file_of_a_change_differs_in_one_line_besides_the_digest() -> None:
    before, after = (drift.as_text({"em": taken({"jobs": [job(keep=keep), job("Other")]})}, TAKEN).splitlines() for keep in (14, 3))
    changed = [(old.strip(), new.strip()) for old, new in zip(before, after, strict=True) if old != new]
    assert changed[1:] == [("retain_days_to_keep: 14", "retain_days_to_keep: 3")]
    assert changed[0][0].startswith("sha256: ")


def test_a_file_that_was_edited_says_so_and_can_still_be_used() -> None:
    text = drift.as_text({"em": taken({"jobs": [job()]})}, TAKEN).replace("retain_days_to_keep: 14", "retain_days_to_keep: 15")
    baseline = drift.parse(text)
    assert not baseline.untouched
    assert [one.before for one in drift.compare(baseline.servers["em"], taken({"jobs": [job()]}))] == [15]


@pytest.mark.parametrize(
    "text",
    [
        *("", "[1, 2]", "just words", "a: [", '{"a": ', "format: openbackup.veeam_em/baseline/2\nconfigurations: {}"),
        *(f"format: {drift.FORMAT}", f"format: {drift.FORMAT}\nconfigurations: []", f"format: {drift.FORMAT}\nconfigurations: {{em: {{items: 1}}}}"),
        f"format: {drift.FORMAT}\nconfigurations: {{em: {{fields: {{}}, not_read: {{}}, items: {{jobs: [1]}}}}}}",
        "!!python/object/apply:os.getcwd []",
    ],
)
def test_what_is_no_baseline_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(drift.BaselineError, match=r"\w+ .*\.|neither"):
        drift.parse(text)


# -- gaps and growing declarations ----------------------------------------------------------------------------


def test_a_kind_that_was_not_read_is_not_removed() -> None:
    before = {"jobs": [job()], **account("desk", "Portal User")}
    for gap in ("jobs", "security_accounts", "security_account_roles"):
        now = taken(before, gaps={gap: Gap(ERROR, "The connection was cut.")})
        assert drift.compare(taken(before), now) == []
        assert list(now["not_read"].values()) == ["The connection was cut."]


def test_a_kind_that_nobody_asked_for_is_not_removed_either() -> None:
    whole = facts({"jobs": [job()]})
    part = Facts(whole.server, whole.now, {kind: records for kind, records in whole.collections.items() if kind != "jobs"})
    assert drift.compare(drift.configuration_of(whole), drift.configuration_of(part)) == []


def test_a_field_that_the_baseline_does_not_know_yet_is_no_change() -> None:
    baseline = taken({"jobs": [job(platform="VMware")]})
    older = copy.deepcopy(baseline)
    older["fields"]["jobs"].remove("platform")
    del next(iter(older["items"]["jobs"].values()))["platform"]
    assert drift.compare(older, baseline) == []
    assert len(drift.compare(older, taken({"jobs": [job(platform="VMware", keep=1)]}))) == 1


@pytest.mark.parametrize(
    ("pattern", "left"),
    [("jobs.description", 1), ("jobs.job_info", 1), ("jobs.job_info.*.retain_days_to_keep", 1), ("*", 0), ("repositories.*", 2), ("jobs", 0)],
)
def test_fields_can_be_ignored_but_not_that_a_thing_is_gone(pattern: str, left: int) -> None:
    before, after = taken({"jobs": [job(description="a"), job("Gone")]}), taken({"jobs": [job(description="b", keep=3)]})
    changes = drift.compare(before, after, [pattern])
    assert len([one for one in changes if one.field]) == left
    assert [one.name for one in changes if not one.field] == ["Gone"]


# -- shown as Ansible does ------------------------------------------------------------------------------------


def test_the_diff_shows_what_differs_and_nothing_else() -> None:
    before = {"jobs": [job("Nightly", entry("a"), keep=14), job("Same")], "repositories": [record("repositories", "Gone", kind="Nfs", backup_server="vbr01")]}
    after = {"jobs": [job("Nightly", keep=3), job("Same")], "managed_servers": [record("managed_servers", "new.example.com", managed_server_type="Linux")]}
    assert drift.as_diff(drift.compare(taken(before), taken(after)), "baseline of 1 November", SERVER) == {
        "before_header": "baseline of 1 November",
        "after_header": SERVER,
        "before": (
            "repositories / Gone (vbr01)\n"
            '  backup_server: "vbr01"\n'
            '  kind: "Nfs"\n'
            '  name: "Gone"\n'
            "jobs / Nightly (vbr01)\n"
            '  job_info.backup_job_info.includes[a]: {"hierarchy_obj_ref": "urn:VMware:Vm:a", "name": "a"}\n'
            "  job_info.backup_job_info.simple_retention_policy.retain_days_to_keep: 14\n"
        ),
        "after": (
            "managed_servers / new.example.com\n"
            '  managed_server_type: "Linux"\n'
            '  name: "new.example.com"\n'
            "jobs / Nightly (vbr01)\n"
            "  job_info.backup_job_info.includes[a]: -\n"
            "  job_info.backup_job_info.simple_retention_policy.retain_days_to_keep: 3\n"
        ),
    }


def test_without_changes_the_diff_is_empty() -> None:
    shown = drift.as_diff([])
    assert (shown["before"], shown["after"]) == ("", "")


# -- C40 ------------------------------------------------------------------------------------------------------


def test_without_a_baseline_drift_stays_open() -> None:
    (judgement,) = said("C40", {"jobs": [job()]})
    assert (judgement.status, judgement.subject.name) == (NOT_ASSESSABLE, SERVER)


def test_every_thing_that_differs_fails_and_every_kind_without_change_passes() -> None:
    before = {"jobs": [job(keep=14), job("Gone")], "repositories": [record("repositories", "R", kind="Nfs")]}
    after = {"jobs": [job(keep=3, schedule_enabled=False), job("New")], "repositories": [record("repositories", "R", kind="Nfs", free_space=1)]}
    judged = said("C40", after, baseline=taken(before))
    fails = {one.subject.name: one for one in judged if one.status == FAIL}
    assert set(fails) == {"Nightly", "Gone", "New"} and {one.subject.kind for one in fails.values()} == {"job"}
    assert fails["Nightly"].measured == {"job_info.backup_job_info.simple_retention_policy.retain_days_to_keep": 3, "schedule_enabled": False}
    assert fails["Nightly"].expected == {"job_info.backup_job_info.simple_retention_policy.retain_days_to_keep": 14, "schedule_enabled": True}
    assert fails["Nightly"].reason.endswith("; schedule_enabled was true and is false.")
    assert fails["Nightly"].answers == (1,) and fails["Nightly"].subject.uid == job()["uid"] and fails["Nightly"].subject.backup_server == "vbr01"
    assert fails["Gone"].measured is None and fails["Gone"].expected["name"] == "Gone" and fails["Gone"].answers == ()
    assert fails["New"].measured["name"] == "New" and fails["New"].reason == "This job is there now, and is not in the baseline."
    passed = {one.subject.name: one.reason for one in judged if one.status == PASS}
    assert "jobs" not in passed and passed["repositories"] == "Nothing differs from the baseline in 1 repository."
    assert set(passed) == {kept.kind for kept in drift.CONFIGURATION} - {"jobs"}


def test_many_changes_of_one_thing_are_told_in_short_and_measured_in_full() -> None:
    before, after = job("Nightly", *(entry(f"vm{number}") for number in range(9))), job()
    (judgement,) = [one for one in said("C40", {"jobs": [after]}, baseline=taken({"jobs": [before]})) if one.status == FAIL]
    assert len(judgement.measured) == 9 and judgement.reason.endswith("; and 4 more.")


def test_five_changes_are_told_in_full_and_long_values_in_short() -> None:
    before = job("Nightly", description="x" * 61, keep=5, platform="VMware", job_type="Backup", schedule_enabled=True)
    after = job("Nightly", description="y" * 60, keep=6, platform="Hyperv", job_type="Replica", schedule_enabled=False)
    (judgement,) = [one for one in said("C40", {"jobs": [after]}, baseline=taken({"jobs": [before]})) if one.status == FAIL]
    assert judgement.reason == (
        f"It differs from the baseline: description was {'x' * 59}… and is {'y' * 60}; "
        "job_info.backup_job_info.simple_retention_policy.retain_days_to_keep was 5 and is 6; "
        "job_type was Backup and is Replica; platform was VMware and is Hyperv; schedule_enabled was true and is false."
    )


def test_a_gap_then_or_now_leaves_the_kind_open() -> None:
    records, gap = {"jobs": [job()]}, {"jobs": Gap(NOT_ASSESSABLE, "The account may not read jobs.")}
    now = statuses(finding.judgement for finding in found("C40", records, gaps=gap, baseline=taken(records)))
    then = {one.subject.name: one for one in said("C40", records, baseline=taken(records, gaps=gap))}
    assert now["jobs"] == NOT_ASSESSABLE and then["jobs"].status == NOT_ASSESSABLE
    assert then["jobs"].reason == "The baseline does not hold jobs. The account may not read jobs."
    roles = {"security_account_roles": Gap(NOT_ASSESSABLE, "refused")}
    assert statuses(finding.judgement for finding in found("C40", records, gaps=roles, baseline=taken(records)))["security_accounts"] == NOT_ASSESSABLE
    assert "jobs" not in statuses(said("C40", records, gaps=gap, baseline=taken(records, gaps=gap)))


def test_the_policy_says_which_kinds_and_fields_are_compared() -> None:
    before = taken({"jobs": [job(description="a")], "repositories": [record("repositories", "R", kind="Nfs")]})
    now = {"jobs": [job(description="b")]}
    assert statuses(said("C40", now, {"kinds": ["jobs"]}, baseline=before)) == {"Nightly": FAIL}
    assert statuses(said("C40", now, {"kinds": ["jobs"], "ignored": ["jobs.description"]}, baseline=before)) == {"jobs": PASS}


def steps_of_comparing(number_of_jobs: int) -> int:
    jobs = [job(f"Job {number}", *(entry(f"vm{number}-{machine}") for machine in range(10))) for number in range(number_of_jobs)]
    other = [job(f"Job {number}", *(entry(f"vm{number}-{machine}") for machine in range(1, 11))) for number in range(number_of_jobs)]
    baseline, now = taken({"jobs": jobs}), facts({"jobs": other})
    changes: list[drift.Change] = []
    steps = steps_of(lambda: changes.extend(drift.compare(baseline, drift.configuration_of(now))))
    assert len(changes) == 2 * number_of_jobs
    assert json.loads(drift.as_text({"em": baseline}, TAKEN, is_json=True))["servers"] == ["em"]
    assert all(record_of[ANSWER] == 1 for record_of in now.records("jobs"))
    return steps


def test_the_work_of_comparing_grows_with_the_jobs_and_not_with_their_square() -> None:
    assert steps_of_comparing(100) < 6 * steps_of_comparing(20)
