# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs: how they ended, whether they came when they were due, how long they take, and whether they keep to their window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from estate import (
    agent_job,
    estate,
    going_on,
    held,
    host,
    job,
    later,
    new,
    object_ref,
    point,
    run,
    standard,
    task,
    week,
)
from records import BACKUP_SERVER, SERVER, ago, found, said, statuses

from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.facts import Gap
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.model import ERROR, NOT_ASSESSABLE, Judgement, Record

NO_RIGHT = Gap(NOT_ASSESSABLE, "The account lacks a right.")


def only(check: str, *parts: Any, **more: Any) -> Judgement:
    """Return the one judgement of a check on an estate."""
    (judgement,) = said(check, estate(*parts), **more)
    return judgement


# -- C03 ----------------------------------------------------------------------------------------------------

SQL = job("SQL", object_ref("sql"))


def runs_of_sql(*results: str, hours: float = 1) -> list[Record]:
    """Return runs of one machine, the newest first, a day apart."""
    sessions = [run(SQL, ago(hours, days), result=result) for days, result in enumerate(results)]
    reasons = {"Failed": "The snapshot\ntimed out.", "Warning": "Tools are old"}
    return [SQL, *sessions, *(task("sql", session, session["result"], reason=reasons.get(session["result"], "")) for session in sessions)]


@pytest.mark.parametrize(
    ("results", "warning_is", "status"),
    [
        (["Success", "Failed"], "pass", "pass"),
        (["Failed", "Success"], "pass", "fail"),
        (["Warning"], "pass", "pass"),
        (["Warning"], "fail", "fail"),
        (["Success"], "fail", "pass"),
        (["None"], "pass", "not_assessable"),
    ],
)
def test_the_last_run_of_a_machine_counts(results: Sequence[str], warning_is: str, status: str) -> None:
    assert only("C03", runs_of_sql(*results), values={"warning_is": warning_is}).status == status


def test_the_reason_of_a_failed_run_is_told_in_one_line_with_job_and_time() -> None:
    judgement = only("C03", runs_of_sql("Failed"))
    assert judgement.reason == f"Its last run in the job SQL began at {ago(1)} and ended with the result Failed: The snapshot timed out."
    assert judgement.answers


def test_a_retry_that_went_well_makes_good_for_the_run_before_it() -> None:
    retry = run(SQL, ago(0.5), is_retry=True)
    assert only("C03", runs_of_sql("Failed"), retry, task("sql", retry)).status == "pass"


def test_a_run_that_goes_on_is_passed_over_for_the_one_before() -> None:
    session = going_on(SQL, ago(0.1))
    # A server may say Success before the work is done.
    running = task("sql", session, "Success", state="InProgress", end_time=None)
    assert only("C03", runs_of_sql("Failed"), session, running).status == "fail"
    alone = only("C03", SQL, session, running)
    assert (alone.status, alone.reason) == ("not_assessable", "The only run that is known of it still goes on.")


def test_a_machine_of_an_enabled_job_without_any_run_is_in_doubt_and_of_one_that_is_off_not_asked_about() -> None:
    assert only("C03", SQL).status == "not_assessable"
    assert said("C03", estate(job("Off", object_ref("sql"), schedule_enabled=False))) == []
    assert said("C03", estate(job("Replica", object_ref("sql"), kind="Replica"))) == []
    assert said("C03") == []


def test_a_failed_run_of_a_machine_that_is_gone_is_history() -> None:
    former = job("Former", object_ref("other"))
    session = run(former, ago(1), result="Failed")
    assert statuses(said("C03", estate(host(machines=["other"]), former, session, task("deleted", session, "Failed"), task("other", session)))) == {
        "other": "pass"
    }


# -- C04 ----------------------------------------------------------------------------------------------------


def in_a_row(*sessions: Record, failed_runs: int = 2, of: Record = SQL) -> Judgement:
    """Return what C04 says of one job."""
    return only("C04", of, *sessions, values={"failed_runs": failed_runs})


@pytest.mark.parametrize("untold", [None, "None"])
def test_a_run_of_which_nobody_tells_how_it_ended_leaves_the_streak_open(untold: str | None) -> None:
    ended = [run(SQL, ago(1, day), result=result) for day, result in enumerate(["Failed", untold, "Failed"])]
    judgement = only("C04", SQL, *ended, values={"failed_runs": 2})
    assert (judgement.status, judgement.reason) == ("not_assessable", f"How its run ended that began at {ago(1, 1)} is not told.")
    assert only("C04", SQL, *ended, values={"failed_runs": 1}).status == "fail"


@pytest.mark.parametrize(
    ("results", "streak", "status"),
    [
        ("F", 1, "pass"),
        ("FF", 2, "fail"),
        ("FS", 1, "pass"),
        ("FWF", 1, "pass"),
        ("SFF", 0, "pass"),
        ("FFFS", 3, "fail"),
    ],
)
def test_failed_runs_in_a_row_count_from_the_newest(results: str, streak: int, status: str) -> None:
    words = {"F": "Failed", "S": "Success", "W": "Warning"}
    judgement = in_a_row(*(run(SQL, ago(1, day), result=words[letter]) for day, letter in enumerate(results)))
    assert (judgement.measured["failed_in_a_row"], judgement.status) == (streak, status)


def test_exactly_as_many_as_the_limit_fail() -> None:
    three = [run(SQL, ago(1, day), result="Failed") for day in range(3)]
    assert [in_a_row(*three, failed_runs=limit).status for limit in (2, 3, 4)] == ["fail", "fail", "pass"]


def test_retries_are_no_runs_of_their_own_and_the_last_try_counts() -> None:
    first, retry, again = (
        run(SQL, ago(5), result="Failed"),
        run(SQL, ago(4.5), result="Failed", is_retry=True),
        run(SQL, ago(4), result="Failed", is_retry=True),
    )
    assert in_a_row(first, retry, again).measured["failed_in_a_row"] == 1
    saved = run(SQL, ago(4), result="Success", is_retry=True)
    assert in_a_row(first, retry, saved, run(SQL, ago(29), result="Failed")).measured["failed_in_a_row"] == 0


def test_a_run_whose_retry_goes_on_is_not_over() -> None:
    failed = [run(SQL, ago(5 + 24 * day), result="Failed") for day in range(2)]
    judgement = in_a_row(*failed, going_on(SQL, ago(0.1), is_retry=True))
    assert (judgement.measured["failed_in_a_row"], judgement.measured["runs"]) == (1, 1)


def test_jobs_without_a_run_that_is_over_are_not_judged() -> None:
    assert said("C04", estate(SQL, going_on(SQL, ago(1)))) == []
    assert said("C04", estate(SQL)) == []


def test_replicas_agents_and_shares_are_judged_and_jobs_that_were_deleted_are_not() -> None:
    replica, agents = job("Replica", kind="Replica"), agent_job("Agents")
    shares = new("nas_jobs", "Shares", backup_server=BACKUP_SERVER)
    deleted, policy = job("Deleted"), agent_job("Policy - phys-01")
    installing = {**agents, "name": "Rescan", "job_type": "AgentManagement"}
    failed = [run(one, ago(1, day), result="Failed") for one in (replica, agents, shares, deleted, policy, installing) for day in range(2)]
    judgements = said("C04", estate(replica, agents, shares, *failed))
    assert statuses(judgements) == dict.fromkeys(("Replica", "Agents", "Shares", "Policy - phys-01"), "fail")


def test_runs_of_a_job_are_judged_though_the_jobs_may_not_be_read() -> None:
    failed = [run(SQL, ago(1, day), result="Failed") for day in range(2)]
    assert statuses(said("C04", estate(failed), gaps={"jobs": NO_RIGHT})) == {"SQL": "fail"}


def test_lost_replica_runs_are_told() -> None:
    (finding,) = found("C04", gaps={"replica_sessions": Gap(ERROR, "The connection was lost.")})
    assert (finding.status, finding.judgement.subject.name) == (ERROR, SERVER)


def test_one_name_on_two_backup_servers_is_two_jobs() -> None:
    other = job("SQL", backup_server="vbr02.example.com")
    failed = [run(SQL, ago(1), result="Failed"), run(other, ago(2), result="Failed")]
    assert [one.measured["failed_in_a_row"] for one in said("C04", estate(SQL, other, failed))] == [1, 1]


# -- C05 ----------------------------------------------------------------------------------------------------

TOLERANCE = {"tolerance_hours": 4}


def in_time(of: Record, *parts: Any, **more: Any) -> Judgement:
    """Return what C05 says of one job, with four hours of tolerance."""
    (judgement,) = [one for one in said("C05", estate(of, *parts), TOLERANCE, **more) if one.subject.uid == of["uid"]]
    return judgement


@pytest.mark.parametrize(("seconds", "status"), [(-1, "pass"), (0, "pass"), (1, "fail")])
def test_a_daily_job_ran_within_a_day_and_the_tolerance_to_the_second(seconds: float, status: str) -> None:
    judgement = in_time(SQL, run(SQL, ago(28, seconds=seconds)))
    assert (judgement.status, judgement.expected) == (status, {"hours_between_starts_at_most": 24.0, "tolerance_hours": 4.0})


def test_from_friday_to_monday_a_job_of_working_days_may_rest() -> None:
    working_days = job("A", job_schedule_options=standard(options_daily={"enabled": True, "kind": "WeekDays"}))
    assert in_time(working_days, run(working_days, ago(75))).status == "pass"
    assert in_time(working_days, run(working_days, ago(77))).status == "fail"


@pytest.mark.parametrize("clock", ["00:30:00", "12:00:00", "23:30:00"])
@pytest.mark.parametrize("offset", [-11, 0, 14])
def test_where_the_clock_of_the_server_stands_does_not_matter(clock: str, offset: int) -> None:
    zoned = job("A", job_schedule_options=standard(options_daily={"enabled": True, "kind": "Everyday", "time": clock, "time_offset_utc": offset}))
    assert [in_time(zoned, run(zoned, ago(hours))).status for hours in (27.9, 28.1)] == ["pass", "fail"]


def test_a_job_that_never_ran_fails_where_the_look_back_is_longer_than_its_schedule_allows() -> None:
    assert in_time(SQL).reason == "No run of it began in the last 30 days. Its schedule lets 24.0 hours pass between two starts at most."
    assert in_time(SQL).status == "fail"
    monthly = {"enabled": True, "day_number_in_month": "First", "day_of_week": "Monday", "months": ["January", "July"]}
    rare = job("Rare", job_schedule_options=standard(options_monthly=monthly))
    assert in_time(rare).status == "not_assessable"
    assert [in_time(SQL, lookback_days=days).status for days in (28 / 24, 27.9 / 24)] == ["fail", "not_assessable"]


def test_a_run_that_goes_on_is_in_time() -> None:
    assert in_time(SQL, going_on(SQL, ago(days=3))).status == "pass"


@pytest.mark.parametrize(("hours", "status"), [(-1, "pass"), (4, "pass"), (4.001, "fail")])
def test_a_next_run_that_is_overdue_fails(hours: float, status: str) -> None:
    due = {**SQL, "next_run": ago(hours)}
    assert in_time(due, run(SQL, ago(20))).status == status


def test_a_next_run_that_began_since_is_not_overdue() -> None:
    due = {**SQL, "next_run": ago(20.1)}
    assert in_time(due, run(SQL, ago(20))).status == "pass"


def test_jobs_that_are_off_are_not_judged_and_those_without_schedule_are_said_to_be_so() -> None:
    assert said("C05", estate(job("Off", schedule_enabled=False))) == []
    unscheduled = job("Manual", schedule_configured=False)
    judgement = in_time(unscheduled, run(unscheduled, ago(days=20)))
    assert (judgement.status, judgement.reason.startswith("It has no schedule")) == ("not_assessable", True)
    untold = job("Untold", job_schedule_options=None)
    assert in_time(untold).status == "not_assessable"


def test_a_schedule_that_denies_all_hours_fails() -> None:
    never = job("Never", job_schedule_options=standard(options_periodically={"enabled": True, "kind": "Hours", "full_period": 1, "schedule": week([])}))
    assert in_time(never, run(never, ago(1))).status == "fail"


def test_a_continuous_job_starts_anew_when_it_has_ended() -> None:
    continuous = job("Continuous", job_schedule_options=standard(options_continuous={"enabled": True, "schedule": week(range(22))}))
    # Two hours are denied, four are tolerated, and the run took ten.
    assert in_time(continuous, run(continuous, ago(15.9), minutes=600)).status == "pass"
    assert in_time(continuous, run(continuous, ago(16.1), minutes=600)).status == "fail"


def after(name: str, before: Record, **values: Any) -> Record:
    """Return a job that starts after another."""
    return job(name, job_schedule_options=standard(options_daisy_chaining={"enabled": True, "previous_job_uid": before["uid"]}), **values)


def test_a_job_after_another_one_starts_as_often_as_that() -> None:
    second = after("Second", SQL)
    third = after("Third", second)
    assert [in_time(third, SQL, second, run(third, ago(hours))).status for hours in (28, 28.1)] == ["pass", "fail"]
    assert "It starts after this job: Second." in in_time(third, SQL, second, run(third, ago(1))).reason


def test_jobs_that_wait_for_each_other_or_for_nobody_are_in_doubt() -> None:
    first, second = job("First"), job("Second")
    chain = {name: {"enabled": True, "previous_job_uid": uid} for name, uid in (("first", second["uid"]), ("second", first["uid"]))}
    circle = [
        {**one, "job_schedule_options": job("x", job_schedule_options=standard(options_daisy_chaining=chain[name]))["job_schedule_options"]}
        for one, name in ((first, "first"), (second, "second"))
    ]
    assert statuses(said("C05", estate(circle))) == {"First": "not_assessable", "Second": "not_assessable"}
    stopped = job("Stopped", schedule_enabled=False)
    assert in_time(after("After", stopped), stopped).status == "not_assessable"
    assert in_time(after("Lost", stopped)).status == "not_assessable"


IMMEDIATE = {"immediate_copy_mode": {"options_continuous": {"enabled": True, "schedule": week()}}}


def test_an_immediate_copy_copies_as_often_as_its_sources_run() -> None:
    weekly = job("Weekly", job_schedule_options=standard(options_daily={"enabled": True, "kind": "SelectedDays", "days": ["Sunday"]}))
    copy = job("Copy", kind="ImmediateBackupCopy", sources=[SQL, weekly], job_schedule_options=IMMEDIATE)
    assert [in_time(copy, SQL, weekly, run(copy, ago(hours))).status for hours in (28, 28.1)] == ["pass", "fail"]
    lone = job("Lone", kind="ImmediateBackupCopy", job_schedule_options=IMMEDIATE)
    assert in_time(lone, run(lone, ago(1))).status == "not_assessable"


def test_replicas_are_not_blamed_for_runs_that_could_not_be_read() -> None:
    replica = job("Replica", kind="Replica")
    assert in_time(replica, run(replica, ago(3))).status == "pass"
    assert in_time(replica, gaps={"replica_sessions": Gap(ERROR, "Lost.")}).status == ERROR


def test_an_agent_job_that_its_computers_run_by_themselves_has_their_runs() -> None:
    policy = agent_job("All - agents")
    theirs = {**agent_job("All - agents - phys-01"), "id": "0e6b5c1d-0000-4000-8000-000000000001"}
    assert in_time(policy, run(theirs, ago(3))).status == "pass"
    assert in_time(policy, run({**theirs, "backup_server": new("jobs", backup_server="vbr02.example.com")["backup_server"]}, ago(3))).status == "fail"
    assert in_time(policy).status == "fail"


def test_file_share_jobs_have_schedules_too() -> None:
    shares = new("nas_jobs", "Shares", backup_server=BACKUP_SERVER, schedule_configured=True, schedule_enabled=True, job_schedule_options=standard())
    assert [in_time(shares, run(shares, ago(hours))).status for hours in (5, 29)] == ["pass", "fail"]


def test_a_retry_does_not_make_a_run_of_the_schedule() -> None:
    assert in_time(SQL, run(SQL, ago(30)), run(SQL, ago(2), is_retry=True)).status == "fail"


def test_jobs_that_could_not_be_read_are_told() -> None:
    assert statuses(said("C05", gaps={"jobs": NO_RIGHT})) == {SERVER: "not_assessable"}


# -- C07 ----------------------------------------------------------------------------------------------------

LIMITS: Mapping[str, Any] = {"limit_hours": 6, "factor": 2, "samples": 4}


def length(*sessions: Any, of: Record = SQL) -> Judgement:
    """Return what C07 says of one job."""
    return only("C07", of, *sessions, values=LIMITS)


@pytest.mark.parametrize(("seconds", "status"), [(-1, "pass"), (0, "pass"), (1, "fail")])
def test_a_run_may_take_as_long_as_the_limit_to_the_second(seconds: float, status: str) -> None:
    assert length(going_on(SQL, ago(6, seconds=seconds))).status == status


def test_a_run_may_take_so_many_times_as_long_as_usual_where_that_is_longer() -> None:
    former = [run(SQL, ago(1, day), minutes=600) for day in range(1, 5)]
    assert [length(former, going_on(SQL, ago(hours))).status for hours in (20, 20.01)] == ["pass", "fail"]
    assert [length(former[:3], going_on(SQL, ago(hours))).status for hours in (6, 6.01)] == ["pass", "fail"]


def test_one_run_of_twenty_that_took_longer_does_not_say_what_is_usual() -> None:
    former = [run(SQL, ago(1, day), minutes=600) for day in range(1, 20)]
    outlier = run(SQL, ago(1, 20), minutes=6000)
    assert length(former, outlier, going_on(SQL, ago(1))).measured["usual_hours"] == 10
    assert length(former[:-1], outlier, going_on(SQL, ago(1))).measured["usual_hours"] == 100


def test_a_job_at_rest_passes_and_one_that_never_ran_is_not_judged() -> None:
    assert length(run(SQL, ago(1))).reason == "No run of it is going on."
    assert said("C07", estate(SQL)) == []


@pytest.mark.parametrize("kind", ["BackupCopy", "ImmediateBackupCopy"])
def test_copies_that_work_on_by_design_are_left_out(kind: str) -> None:
    copy = job("Copy", kind=kind, sources=[SQL])
    assert said("C07", estate(copy, going_on(copy, ago(days=20))), LIMITS) == []


def test_the_oldest_of_two_runs_that_go_on_counts() -> None:
    assert length(going_on(SQL, ago(1)), going_on(SQL, ago(9))).status == "fail"


def test_runs_of_replicas_are_judged_too() -> None:
    replica = job("Replica", kind="Replica")
    assert length(going_on(replica, ago(9)), of=replica).status == "fail"


# -- C11 ----------------------------------------------------------------------------------------------------

# Now is Friday, 12:00 UTC.
NIGHT = week([20, 21, 22, 23, 0, 1, 2, 3, 4, 5])


def windowed(periods: Any = NIGHT, offset: int | None = 0, kind: str = "Backup", **values: Any) -> Record:
    """Return a job that may run in the hours of a window, by a clock so many hours ahead of UTC."""
    daily = {"enabled": True, "kind": "Everyday", "time": "20:00:00", "time_offset_utc": offset}
    return job("A", kind=kind, job_schedule_options=standard(options_daily=daily, options_backup_window={"enabled": True, "time_periods": periods}), **values)


def inside(of: Record, began: str, minutes: float, **values: Any) -> Judgement:
    """Return what C11 says of a job with one run."""
    return only("C11", of, run(of, began, minutes), values={"tolerance_minutes": 15, **values})


@pytest.mark.parametrize(("minutes", "status"), [(60, "pass"), (75, "pass"), (75.1, "fail")])
def test_a_run_may_end_after_its_window_by_the_tolerance(minutes: float, status: str) -> None:
    assert inside(windowed(), "2026-11-20T05:00:00Z", minutes).status == status


def test_a_run_wholly_outside_fails_however_short_it_is() -> None:
    assert inside(windowed(), "2026-11-20T06:00:00Z", 1).status == "fail"
    assert inside(windowed(), "2026-11-20T05:59:30Z", 1).status == "pass"
    assert inside(windowed(), "2026-11-20T19:50:00Z", 60).status == "pass"


def test_the_window_is_one_of_the_clock_of_the_server() -> None:
    began = "2026-11-19T18:30:00Z"
    assert [inside(windowed(offset=offset), began, 30).status for offset in (2, 1, 0)] == ["pass", "fail", "fail"]


def test_the_day_of_the_week_is_that_of_the_server_as_well() -> None:
    # It is Wednesday evening in UTC and Thursday morning nine hours further east.
    began, thursdays = "2026-11-18T23:00:00Z", week([], Thursday=range(24))
    assert [inside(windowed(thursdays, offset), began, 30).status for offset in (9, 0)] == ["pass", "fail"]


def test_the_policy_may_know_the_clock_better_than_the_schedule() -> None:
    began = "2026-11-19T18:30:00Z"
    assert inside(windowed(offset=0), began, 30, server_utc_offset_hours={"vbr0?.*": "1.5"}).status == "pass"
    assert inside(windowed(offset=None), began, 30, server_utc_offset_hours={"VBR01*": "2"}).status == "pass"
    assert inside(windowed(offset=None), began, 30, server_utc_offset_hours={"vbr02*": "2"}).status == "not_assessable"
    assert inside(windowed(offset=0), began, 30, server_utc_offset_hours={"*": "soon"}).status == "not_assessable"


def test_without_a_clock_a_window_that_is_always_open_passes_all_the_same() -> None:
    assert inside(windowed(week(), None), "2026-11-20T05:00:00Z", 600).status == "pass"
    assert inside(windowed(None, 0), "2026-11-20T05:00:00Z", 600).status == "not_assessable"


def test_a_run_that_goes_on_is_measured_until_now() -> None:
    own = windowed()
    assert [only("C11", own, going_on(own, ago(hours))).measured["minutes_outside"] for hours in (1, 14)] == [60, 360]


def test_every_run_of_the_last_days_counts_and_none_before() -> None:
    own = windowed()
    good, bad = run(own, "2026-11-19T21:00:00Z"), run(own, "2026-11-14T10:00:00Z", minutes=60)
    assert only("C11", own, good, bad).measured == {"minutes_outside": 60, "runs": 2, "runs_outside": 1, "server_utc_offset_hours": 0.0}
    assert only("C11", own, good, bad, values={"days": 6}).status == "pass"
    assert only("C11", own, bad, values={"days": 6}).status == "not_assessable"


def test_jobs_without_window_copies_and_those_that_are_off_are_not_judged() -> None:
    copy, off = windowed(kind="BackupCopy"), windowed(schedule_enabled=False)
    assert said("C11", estate(SQL, run(SQL, ago(1)), copy, run(copy, ago(1)), off, run(off, ago(1)))) == []


# -- all of them --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("check", ["C03", "C04", "C05", "C07", "C11"])
def test_an_empty_estate_says_nothing_and_lost_runs_are_an_error(check: str) -> None:
    assert said(check) == []
    (finding,) = found(check, gaps={"backup_sessions": Gap(ERROR, "The connection was lost.")})
    assert finding.status == ERROR


def test_the_order_in_which_records_come_does_not_matter() -> None:
    folder = object_ref("Web", kind="Folder")
    web = job("Web", folder)
    sessions = [run(web, ago(1, day), result="Failed" if day % 2 else "Success") for day in range(6)]
    records = estate(web, held(folder, "web-1"), sessions, [task("web-1", session) for session in sessions], point("web-1", later(ago(1), 5)))
    backwards = {kind: list(reversed(found)) for kind, found in records.items()}
    for check in ("C03", "C04", "C05", "C07"):
        assert [(one.status, one.reason) for one in said(check, records)] == [(one.status, one.reason) for one in said(check, backwards)]
