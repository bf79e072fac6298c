# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks on settings of jobs: switched on, tried again, inside guests, retention, encryption."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from estate import PARTS, agent_job, backup, estate, held, host, job, new, object_ref, run, standard, week
from records import BACKUP_SERVER, ago, found, made_facts, record, said, statuses

from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.facts import Facts, Gap
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.job_settings import days_between_runs, id_of
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.model import ERROR, NOT_ASSESSABLE, Judgement, Record
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.settings import MachineClass, Selector


def with_settings(
    *objects: str, kind: str = "Backup", name: str = "Daily", sources: Sequence[Record] = (), settings: Mapping[str, Any], **values: Any
) -> Record:
    """Return a job with settings of its own type beside what is in it."""
    held = job(name, *objects, kind=kind, sources=sources)["job_info"][PARTS[kind]]
    return job(name, kind=kind, job_info={PARTS[kind]: {**held, **settings}}, **values)


def only(judgements: Sequence[Judgement]) -> Judgement:
    """Return the one judgement there is."""
    (judgement,) = judgements
    return judgement


def classes(**values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of a policy that gives machines by name values of their own."""
    return {"classes": tuple(MachineClass(name, Selector(names=(name,)), own) for name, own in values.items())}


@pytest.mark.parametrize("rule", ["C06", "C08", "C13", "C14", "C15", "C20", "C30", "C31"])
def test_an_empty_estate_has_no_judgements(rule: str) -> None:
    assert said(rule, {}) == []


@pytest.mark.parametrize("rule", ["C06", "C08", "C12", "C14", "C15", "C20", "C30", "C31"])
def test_without_jobs_nothing_is_judged(rule: str) -> None:
    finding = found(rule, {}, gaps={"jobs": Gap(NOT_ASSESSABLE, "The account may not.")})[0]
    assert (finding.status, finding.judgement.subject.kind) == (NOT_ASSESSABLE, "enterprise_manager")


@pytest.mark.parametrize("rule", ["C06", "C08", "C14", "C15", "C20"])
def test_agent_jobs_that_could_not_be_read_are_said_so(rule: str) -> None:
    judgement = only(said(rule, {}, gaps={"agent_jobs": Gap(ERROR, "The line broke.")}))
    assert (judgement.status, "The line broke." in judgement.reason) == (ERROR, True)


# ---------------------------------------------------------------------------------------------------------
# C06


@pytest.mark.parametrize(
    ("one", "status"),
    [
        (job("j"), "pass"),
        (job("j", schedule_enabled=False), "fail"),
        (job("j", schedule_configured=False), "fail"),
        (job("j", schedule_configured=False, schedule_enabled=False), "fail"),
        (job("j", kind="ImmediateBackupCopy", schedule_configured=False), "pass"),
        (job("j", kind="ImmediateBackupCopy", schedule_enabled=False), "fail"),
        (job("j", schedule_enabled=None), NOT_ASSESSABLE),
        (job("j", kind="Replica", schedule_enabled=False), "fail"),
        (agent_job("j", schedule_enabled=False), "fail"),
        (
            job(
                "j",
                schedule_configured=False,
                job_schedule_options=standard(options_daisy_chaining={"enabled": True, "previous_job_uid": "urn:veeam:Job:x"}),
            ),
            "pass",
        ),
    ],
    ids=["works", "off", "unscheduled", "both", "immediate copy", "immediate copy off", "not told", "replication", "agents", "after another"],
)
def test_a_job_stands_still_when_it_is_off_or_never_starts_by_itself(one: Record, status: str) -> None:
    assert only(said("C06", estate(one))).status == status


def test_the_policy_may_let_jobs_be_without_a_schedule() -> None:
    assert only(said("C06", estate(job("j", schedule_configured=False)), {"unscheduled": False})).status == "pass"


@pytest.mark.parametrize(
    ("began", "status"),
    [(ago(days=7), "pass"), (ago(days=7, seconds=1), "fail"), (ago(days=1), "pass"), (None, "fail")],
    ids=["edge", "over", "young", "never"],
)
def test_without_history_the_last_run_tells_how_long_it_stands_still(began: str | None, status: str) -> None:
    one = job("j", schedule_enabled=False)
    judgement = only(said("C06", estate(one, [run(one, began)] if began else []), {"days": 7}))
    assert judgement.status == status
    assert judgement.expected == {"days_at_most": 7}


def test_a_job_that_never_ran_is_not_judged_for_longer_than_was_looked_back() -> None:
    one = estate(job("j", schedule_enabled=False))
    assert only(said("C06", one, {"days": 31})).status == NOT_ASSESSABLE
    assert only(said("C06", one, {"days": 30})).status == "fail"
    unread = {name: Gap(ERROR, "The line broke.") for name in ("backup_sessions", "replica_sessions")}
    assert only(said("C06", one, {"days": 30}, gaps=unread)).status == NOT_ASSESSABLE


def _earlier(days: float, *records: Record) -> Facts:
    return made_facts(estate(*records), now=ago(days=days), reads_of=["C06"])


@pytest.mark.parametrize(
    ("enabled_then", "last_run", "status"),
    [
        ({20: True, 8: False}, 1, "fail"),
        ({20: True, 7: False}, 1, "pass"),
        ({20: False, 6: True}, 40, "pass"),
        ({20: False, 8: True}, 40, "fail"),
    ],
    ids=["off for longer, started by hand", "off for as long as allowed", "switched off lately", "on too long ago"],
)
def test_earlier_evidence_tells_since_when_it_stands_still(enabled_then: Mapping[int, bool], last_run: float, status: str) -> None:
    one = job("j", schedule_enabled=False)
    history = [_earlier(days, {**one, "schedule_enabled": enabled}) for days, enabled in sorted(enabled_then.items(), reverse=True)]
    assert only(said("C06", estate(one, run(one, ago(days=last_run))), {"days": 7}, history=history)).status == status


def test_a_job_that_is_new_since_the_last_evidence_has_not_stood_still_for_longer() -> None:
    one = job("j", schedule_enabled=False)
    assert only(said("C06", estate(one), {"days": 7}, history=[_earlier(6)])).status == "pass"
    lost = made_facts({}, now=ago(days=6), reads_of=["C06"], gaps={"jobs": Gap(ERROR, "The line broke.")})
    assert only(said("C06", estate(one), {"days": 7}, history=[lost])).status == "fail"


# ---------------------------------------------------------------------------------------------------------
# C08


@pytest.mark.parametrize(
    ("retry", "status"),
    [
        ({"retry_specified": True, "retry_times": 3}, "pass"),
        ({"retry_specified": True, "retry_times": 2}, "fail"),
        ({"retry_specified": False, "retry_times": 3}, "fail"),
        ({"retry_specified": True, "retry_times": None}, "fail"),
        ({"retry_specified": None, "retry_times": 3}, NOT_ASSESSABLE),
        (None, NOT_ASSESSABLE),
    ],
)
def test_retries_are_switched_on_and_as_many_as_wanted(retry: Mapping[str, Any] | None, status: str) -> None:
    one = job("j", job_schedule_options=standard(retry_options=retry))
    assert only(said("C08", estate(one), {"retry_times": 3})).status == status


def test_what_does_not_start_by_itself_or_copies_needs_no_retries() -> None:
    assert said("C08", estate(job("j", schedule_configured=False), job("c", kind="BackupCopy"), job("i", kind="ImmediateBackupCopy"))) == []


# ---------------------------------------------------------------------------------------------------------
# C12 and C13


def guest(mode: str | None = "RequireSuccess", sql: int | None = None, oracle: int | None = None) -> dict[str, Any]:
    """Return what is done inside guests. Args: sql, oracle: minutes between backups of logs."""
    return {
        "vss_snapshot_options": {"vss_snapshot_mode": mode},
        "sql_backup_options": {"transaction_logs_processing": "OnlyOnSuccessJob" if sql is None else "Backup", "backup_logs_frequency_min": sql or 15},
        "oracle_backup_options": None if oracle is None else {"backup_logs_enabled": True, "backup_logs_frequency_min": oracle},
    }


def guest_job(*names: str, name: str = "Daily", **options: Any) -> Record:
    """Return a job with machines and what is done inside these."""
    return with_settings(*map(object_ref, names), name=name, settings={"guest_processing_options": guest(**options)})


@pytest.mark.parametrize(
    ("mode", "status"), [("RequireSuccess", "pass"), ("IgnoreFailures", "fail"), ("Disabled", "fail"), (None, NOT_ASSESSABLE), ("SomethingNew", "fail")]
)
def test_application_aware_processing_has_to_be_required(mode: str | None, status: str) -> None:
    assert only(said("C12", estate(guest_job("sql", mode=mode)), {"machines": ["sql"]})).status == status


def test_machines_are_chosen_by_name_tag_or_class_and_nobody_else_is_judged() -> None:
    records = estate(guest_job("sql-1", "web", mode="Disabled"))
    assert statuses(said("C12", records, {"machines": ["SQL-*"]})) == {"sql-1": "fail"}
    assert statuses(said("C12", records, {"tags": ["data*"]}, policy={"tags": {"database": ("sql-*",)}})) == {"sql-1": "fail"}
    assert statuses(said("C12", records, policy=classes(web={"application_aware": True}))) == {"web": "fail"}


def test_a_tag_of_the_hypervisor_chooses_its_machines() -> None:
    tag = object_ref("gold", kind="Tag")
    tagged = job("Tagged", tag)
    judgements = said("C12", estate(tagged, held(tag, "sql-1"), guest_job("web")), {"tags": [tagged["job_info"]["backup_job_info"]["includes"][0]["name"]]})
    assert statuses(judgements) == {"sql-1": NOT_ASSESSABLE}


def test_without_a_word_of_the_policy_it_is_said_that_nobody_was_chosen() -> None:
    judgement = only(said("C12", estate(guest_job("sql", mode="Disabled"))))
    assert (judgement.status, judgement.subject.kind) == (NOT_ASSESSABLE, "enterprise_manager")


def test_one_job_that_requires_it_is_enough_and_one_that_is_off_is_none() -> None:
    good, bad = guest_job("sql", name="Good"), guest_job("sql", name="Bad", mode="Disabled")
    judgement = only(said("C12", estate(good, bad), {"machines": ["sql"]}))
    assert (judgement.status, judgement.measured) == ("pass", {"modes": {"Good": "RequireSuccess", "Bad": "Disabled"}})
    off = {**good, "schedule_enabled": False}
    assert only(said("C12", estate(off, bad), {"machines": ["sql"]})).status == "fail"
    assert only(said("C12", estate(off), {"machines": ["sql"]})).status == NOT_ASSESSABLE


def test_what_is_set_for_an_object_stands_before_what_is_set_for_the_job() -> None:
    one = guest_job("sql", "web")
    one["job_info"]["backup_job_info"]["includes"][0]["guest_processing_options"] = guest("Disabled")
    assert statuses(said("C12", estate(one), {"machines": ["*"]})) == {"sql": "fail", "web": "pass"}


def test_what_is_set_for_a_container_holds_for_its_machines_unless_they_are_named() -> None:
    folder = object_ref("dbs", kind="Folder")
    one = with_settings(folder, object_ref("named"), settings={"guest_processing_options": guest("Disabled")})
    entries = one["job_info"]["backup_job_info"]["includes"]
    entries[0]["guest_processing_options"] = guest("RequireSuccess")
    entries[1]["guest_processing_options"] = guest("IgnoreFailures")
    records = estate(one, held(folder, "member", "named"))
    assert statuses(said("C12", records, {"machines": ["*"]})) == {"member": "pass", "named": "fail"}


def test_what_an_agent_job_does_inside_is_told_too() -> None:
    one = agent_job("Agents", "pc", job_info={"includes": [{"name": "pc"}], "guest_processing_options": guest("Disabled", sql=15)})
    computer = new("discovered_computers", "pc", backup_server=BACKUP_SERVER)
    assert only(said("C12", estate(one, computer), {"machines": ["pc"]})).status == "fail"


@pytest.mark.parametrize(
    ("options", "status", "minutes"),
    [
        ({"sql": 15}, "pass", 15),
        ({"sql": 16}, "fail", 16),
        ({"oracle": 15}, "pass", 15),
        ({"sql": 15, "oracle": 30}, "fail", 30),
        ({}, "fail", None),
        ({"sql": 15, "mode": "Disabled"}, "fail", None),
    ],
    ids=["edge", "over", "oracle", "the slower of two", "no logs", "nothing is done inside"],
)
def test_logs_are_backed_up_within_the_log_rpo(options: dict[str, Any], status: str, minutes: int | None) -> None:
    judgement = only(said("C13", estate(guest_job("db", **options)), {"log_rpo_minutes": 15, "machines": ["db"]}))
    assert (judgement.status, judgement.measured) == (status, {"minutes": minutes})


def test_machines_whose_logs_are_backed_up_are_judged_unasked_and_others_are_not() -> None:
    records = estate(guest_job("db", name="Logs", sql=90), guest_job("web", name="None"))
    assert statuses(said("C13", records)) == {"db": "fail"}
    assert statuses(said("C13", records, policy=classes(web={"log_backup": True}, db={"log_rpo_minutes": 90}))) == {"db": "pass", "web": "fail"}


def test_of_several_jobs_the_fastest_counts() -> None:
    records = estate(guest_job("db", name="Slow", sql=90), guest_job("db", name="Fast", sql=15))
    assert only(said("C13", records)).measured == {"minutes": 15}
    unknown = host(machines=["db"])
    assert only(said("C13", estate(unknown), {"machines": ["db"]})).status == NOT_ASSESSABLE


# ---------------------------------------------------------------------------------------------------------
# C14


def keeps(limit: str | None, number: int | None, *objects: str, **values: Any) -> Record:
    """Return a job with short-term retention. Args: objects: references of what is in it."""
    policy = {"retain_limit_type": limit, "retain_cycles": number if limit == "Cycles" else 999, "retain_days_to_keep": number if limit == "Days" else 999}
    return with_settings(*objects, settings={"simple_retention_policy": policy}, **values)


@pytest.mark.parametrize(("days", "status"), [(14, "pass"), (13, "fail"), (15, "pass"), (None, NOT_ASSESSABLE)])
def test_days_are_kept_as_the_policy_says(days: int | None, status: str) -> None:
    judgement = only(said("C14", estate(keeps("Days", days))))
    assert (judgement.status, judgement.expected) == (status, {"days_at_least": 14.0})


WEEK_DAYS = {"options_daily": {"enabled": True, "kind": "WeekDays", "days": ["Sunday"]}}
SUNDAYS = {"options_daily": {"enabled": True, "kind": "SelectedDays", "days": ["Sunday"]}}
EVERY_4_HOURS = {"options_periodically": {"enabled": True, "kind": "Hours", "full_period": 4, "schedule": None}}
EVERY_30_MINUTES_BY_DAY = {"options_periodically": {"enabled": True, "kind": "Minutes", "full_period": 30, "schedule": week(range(8, 20))}}
QUARTERLY = {"options_monthly": {"enabled": True, "months": ["January", "April", "July", "October"], "day_of_month": 1}}
CONTINUOUS = {"options_continuous": {"enabled": True, "schedule": None}}
NEVER_ALLOWED = {"options_periodically": {"enabled": True, "kind": "Hours", "full_period": 4, "schedule": week(())}}


@pytest.mark.parametrize(
    ("schedule", "days"),
    [
        ({}, 1.0),
        (WEEK_DAYS, 1.4),
        (SUNDAYS, 7.0),
        (EVERY_4_HOURS, 1 / 6),
        (EVERY_30_MINUTES_BY_DAY, 1 / 24),
        (QUARTERLY, 91.25),
        (CONTINUOUS, None),
        (NEVER_ALLOWED, None),
        ({"options_daily": {"enabled": False, "kind": "Everyday"}}, None),
    ],
)
def test_a_schedule_tells_how_many_days_lie_between_runs(schedule: Mapping[str, Any], days: float | None) -> None:
    one = job("j", job_schedule_options=standard(**schedule) if schedule else standard())
    one = record("jobs", "j", **{name: one[name] for name in ("job_type", "job_schedule_options")})
    assert days_between_runs(one, {}) == (days if days is None else pytest.approx(days))


def test_a_job_after_another_and_an_immediate_copy_run_as_often_as_what_they_follow() -> None:
    first = job("First", job_schedule_options=standard(**SUNDAYS))
    chain = standard(options_daisy_chaining={"enabled": True, "previous_job_uid": first["uid"]})
    second = job("Second", job_schedule_options=chain)
    daily = job("Daily")
    copy = job("Copy", kind="ImmediateBackupCopy", sources=[second, daily])
    stranger = job("Copy", kind="ImmediateBackupCopy", sources=[{"uid": "urn:veeam:Job:x"}, daily])
    circle = job("Circle", id="c", job_schedule_options=standard(options_daisy_chaining={"enabled": True, "previous_job_uid": "urn:veeam:Job:c"}))
    jobs = {id_of(one): one for one in (made_facts(estate(first, second, daily, copy, stranger, circle), reads_of=["C14"]).records("jobs"))}
    assert {one["name"]: days_between_runs(one, jobs) for one in jobs.values() if one["id"] != stranger["id"]} == {
        "First": 7.0,
        "Second": 7.0,
        "Daily": 1.0,
        "Copy": 1.0,
        "Circle": None,
    }
    assert days_between_runs(jobs[id_of(stranger)], jobs) is None


@pytest.mark.parametrize(
    ("points", "schedule", "status"),
    [(14, {}, "pass"), (13, {}, "fail"), (2, SUNDAYS, "pass"), (1, SUNDAYS, "fail"), (84, EVERY_4_HOURS, "pass"), (83, EVERY_4_HOURS, "fail")],
)
def test_points_cover_as_many_days_as_their_schedule_takes_to_make_them(points: int, schedule: Mapping[str, Any], status: str) -> None:
    one = keeps("Cycles", points, job_schedule_options=standard(**schedule) if schedule else standard())
    judgement = only(said("C14", estate(one)))
    assert (judgement.status, judgement.measured["points"]) == (status, points)


@pytest.mark.parametrize(("enough", "status"), [(0, NOT_ASSESSABLE), (30, "pass"), (31, "fail")])
def test_points_without_a_pace_are_judged_by_number_where_the_policy_says_so(enough: int, status: str) -> None:
    one = keeps("Cycles", 30, job_schedule_options=standard(**CONTINUOUS))
    assert only(said("C14", estate(one), {"retention_points": enough})).status == status


def test_the_strictest_class_of_the_machines_in_a_job_counts() -> None:
    one, mixed = keeps("Days", 20), keeps("Days", 20, object_ref("gold"), object_ref("iron"), name="Mixed")
    copy = keeps("Days", 20, name="Copy", kind="BackupCopy", sources=[mixed])
    policy = classes(gold={"retention_days": 30}, iron={"retention_days": 7})
    assert statuses(said("C14", estate(one, mixed, copy), policy=policy)) == {"Daily": "pass", "Mixed": "fail", "Copy": "fail"}
    assert statuses(said("C14", estate(one, mixed, copy), policy=classes(iron={"retention_days": 7}))) == {"Daily": "pass", "Mixed": "pass", "Copy": "pass"}


def test_which_jobs_keep_is_for_the_policy_to_say() -> None:
    records = estate(keeps("Days", 3), keeps("Days", 3, name="Copy", kind="BackupCopy"), job("R", kind="Replica"))
    assert statuses(said("C14", records)) == {"Daily": "fail", "Copy": "fail"}
    assert statuses(said("C14", records, {"job_types": ["BackupCopy"]})) == {"Copy": "fail"}
    agents = agent_job("Agents", job_info={"simple_retention_policy": {"retain_limit_type": "Days", "retain_days_to_keep": 3}})
    assert statuses(said("C14", estate(agents), {"job_types": ["AgentBackup"]})) == {"Agents": "fail"}


# ---------------------------------------------------------------------------------------------------------
# C15


def gfs(weeks: int, months: int, years: int, **changes: Any) -> Record:
    """Return a job that keeps full backups so long."""
    numbers = {"weekly": weeks, "monthly": months, "yearly": years}
    parts = {name: {"enabled": number > 0, "retention_period": number or 99} for name, number in numbers.items()}
    return with_settings(settings={"gfs_retention_policy": {"enabled": True, **parts, **changes}})


@pytest.mark.parametrize(
    ("one", "status"),
    [
        (gfs(4, 12, 3), "pass"),
        (gfs(5, 13, 4), "pass"),
        (gfs(3, 12, 3), "fail"),
        (gfs(4, 11, 3), "fail"),
        (gfs(4, 12, 2), "fail"),
        (gfs(4, 12, 0), "fail"),
        (gfs(4, 12, 3, enabled=False), "fail"),
        (gfs(4, 12, 3, enabled=None), "pass"),
        (gfs(4, 12, 3, yearly=None), "fail"),
        (with_settings(settings={"gfs_retention_policy": None}), NOT_ASSESSABLE),
    ],
    ids=["edge", "more", "weeks", "months", "years", "years off", "all off", "old server", "no years", "not told"],
)
def test_full_backups_are_kept_for_weeks_months_and_years(one: Record, status: str) -> None:
    assert only(said("C15", estate(one), {"gfs_weekly": 4, "gfs_monthly": 12, "gfs_yearly": 3})).status == status


def test_who_wants_no_long_term_gets_no_judgement() -> None:
    assert said("C15", estate(gfs(0, 0, 0)), {"gfs_weekly": 0, "gfs_monthly": 0, "gfs_yearly": 0}) == []


# ---------------------------------------------------------------------------------------------------------
# C30 and C31

KEY = "76543210-FEDC-4ba9-8876-5a4b3c2d1e0f"


def stored(key: str | None = KEY, **values: Any) -> Record:
    """Return a job with storage settings."""
    return with_settings(**{"settings": {"advanced_storage_options": {"password_key_id": key}}, **values})


@pytest.mark.parametrize(
    ("one", "status"),
    [
        (stored(), "pass"),
        (stored(""), "fail"),
        (stored(None), "fail"),
        (stored("00000000-0000-0000-0000-000000000000"), "fail"),
        (with_settings(settings={"advanced_storage_options": None}), NOT_ASSESSABLE),
        (stored(kind="BackupCopy"), "pass"),
        (with_settings(kind="ImmediateBackupCopy", settings={"advanced_storage_options": None}), NOT_ASSESSABLE),
    ],
    ids=["on", "empty", "null", "zeros", "not told", "copy", "immediate copy"],
)
def test_a_job_encrypts_when_it_names_a_password(one: Record, status: str) -> None:
    assert only(said("C30", estate(one))).status == status


def test_replications_store_nothing() -> None:
    assert said("C30", estate(job("R", kind="Replica"))) == []


def test_encryption_may_be_wanted_on_some_kinds_of_repository_only() -> None:
    kinds = [record("repositories", "Disk", kind="LinuxLocal"), record("repositories", "Vault", kind="Cloud")]
    jobs = [stored("", name=name) for name in ("Home", "Away", "New")]
    records = estate(kinds, jobs, backup("Home", "Disk"), backup("Away", "Vault"))
    assert statuses(said("C30", records, {"only_targets": ["cloud", "Amazon*"]})) == {"Away": "fail", "New": NOT_ASSESSABLE}
    assert statuses(said("C30", records)) == {"Home": "fail", "Away": "fail", "New": "fail"}


def password(days: float | None = 10, key: str = KEY.lower(), seconds: float = 0.0, **values: Any) -> Record:
    """Return a stored encryption password."""
    changed = None if days is None else ago(days=days, seconds=seconds)
    usual = {"id": key, "password_key_id": key, "hint": "Vault entry 17", "last_modification_date": changed, "backup_server": BACKUP_SERVER}
    return record("encryption_passwords", None, **{**usual, **values})


@pytest.mark.parametrize(
    ("one", "status"),
    [(password(365), "pass"), (password(365, seconds=1), "fail"), (password(None), NOT_ASSESSABLE), (password(-1), "pass")],
    ids=["edge", "over", "not told", "server's clock ahead"],
)
def test_a_password_is_changed_in_time(one: Record, status: str) -> None:
    judgement = only(said("C31", estate(one)))
    assert (judgement.status, judgement.subject.name, judgement.subject.backup_server) == (status, "Vault entry 17", BACKUP_SERVER)


def test_the_password_that_a_job_encrypts_with_has_to_be_known_to_its_server() -> None:
    assert statuses(said("C31", estate(password(), stored()))) == {"Vault entry 17": "pass", "Daily": "pass"}
    assert statuses(said("C31", estate(stored()))) == {"Daily": "fail"}
    elsewhere = password(backup_server="vbr02.example.com")
    assert statuses(said("C31", estate(elsewhere, stored()))) == {"Vault entry 17": "pass", "Daily": "fail"}
    assert said("C31", estate(stored(""))) == []


def test_only_passwords_in_use_may_be_judged() -> None:
    old = password(900, key="11111111-2222-4333-8444-555555555555", hint="Old tapes")
    assert statuses(said("C31", estate(password(), old, stored()), {"only_used": True})) == {"Vault entry 17": "pass", "Daily": "pass"}
    assert statuses(said("C31", estate(password(), old, stored()))) == {"Vault entry 17": "pass", "Daily": "pass", "Old tapes": "fail"}


def test_a_password_without_a_hint_goes_by_its_id() -> None:
    assert only(said("C31", estate(password(hint="")))).subject.name == KEY.lower()
