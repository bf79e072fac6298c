# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The life of orders and runs, on a clock that only these tests turn."""

from __future__ import annotations

import json
from typing import Any

import pytest

from em_simulator.model import Outcome
from em_simulator.offline import Rig

SQL = "SQL Server Backup"
FILES = "File Server Backup"


def order(rig: Rig, job: str, action: str) -> dict[str, Any]:
    answer = rig.call("POST", f"/jobs/{rig.job_id(job)}", f"action={action}")
    assert answer.status == 202, answer.body
    return dict(json.loads(answer.body))


def task(rig: Rig, task_id: str) -> dict[str, Any]:
    return dict(rig.json(f"/tasks/{task_id}"))


def finished(rig: Rig, job: str, action: str) -> dict[str, Any]:
    """Send an order and let its task finish."""
    ordered = order(rig, job, action)
    rig.wait(0.9)
    done = task(rig, ordered["TaskId"])
    assert done["State"] == "Finished"
    return done


def related(done: dict[str, Any]) -> list[str]:
    return [link["Href"].partition("/api")[2] for link in done["Links"] if link["Rel"] == "Related"]


def follow(rig: Rig, done: dict[str, Any]) -> dict[str, Any]:
    (path,) = related(done)
    return dict(rig.json(*path.split("?")))


def runs_of(rig: Rig, job: str, more: str = "") -> list[dict[str, Any]]:
    """Return the runs that began after the start of the test, oldest first."""
    found = rig.json(f"/jobs/{rig.job_id(job)}/backupSessions", "format=Entity" + more)["BackupJobSessions"]
    return sorted((one for one in found if one["CreationTimeUTC"] >= "2026-11-20T20:00:00"), key=lambda one: str(one["CreationTimeUTC"]))


def machines(rig: Rig, run: dict[str, Any]) -> dict[str, dict[str, Any]]:
    path = run["Href"].partition("/api")[2].partition("?")[0]
    return {one["VmDisplayName"]: one for one in rig.json(path + "/taskSessions", "format=Entity")["BackupTaskSessions"]}


def test_a_task_goes_through_three_states_and_leads_to_the_session_at_the_end(rig: Rig) -> None:
    ordered = order(rig, SQL, "start")
    assert (ordered["TaskId"], ordered["State"], ordered["Operation"], ordered["Result"]) == ("task-1", "Running", "StartJob", None)
    rig.wait(0.5)
    halfway = task(rig, "task-1")
    assert halfway["State"] == "OperationFinished"
    assert related(halfway) == []
    rig.wait(0.4)
    done = task(rig, "task-1")
    assert done["State"] == "Finished"
    assert done["Result"]["Success"] is True
    assert done["Result"]["Message"] == 'Job "SQL Server Backup" triggered to start.'
    assert follow(rig, done)["JobName"] == SQL


def test_a_run_starts_works_with_growing_progress_and_stops(rig: Rig) -> None:
    done = finished(rig, SQL, "start")
    seen = []
    for _turn in range(16):
        run = follow(rig, done)
        seen.append((run["State"], run["Progress"], run["Result"], run["EndTimeUTC"]))
        rig.wait(0.4)
    states = [state for state, *_rest in seen]
    assert states[0] == "Starting"
    assert states[-1] == "Stopped"
    assert states == sorted(states, key=("Starting", "Working", "Stopped").index)
    progress = [value for state, value, *_rest in seen if state == "Working"]
    assert progress == sorted(progress)
    assert len(set(progress)) > 5
    assert max(progress) < 100
    assert all(result == "None" and end is None for state, _progress, result, end in seen if state != "Stopped")
    # The order was carried out at 20:00:00.4 and the run takes six seconds.
    assert seen[-1] == ("Stopped", 100, "Warning", "2026-11-20T20:00:06.4Z")


def test_machines_wait_work_and_complete(rig: Rig) -> None:
    done = finished(rig, SQL, "start")
    rig.wait(2.0)
    run = follow(rig, done)
    now = machines(rig, run)
    assert {one["State"] for one in now.values()} == {"InProgress", "Pending"}
    assert all(one["Result"] == "None" and one["EndTimeUTC"] is None for one in now.values())
    busy = next(one for one in now.values() if one["State"] == "InProgress")
    assert 0 < busy["TotalSize"] < 42949672960
    rig.wait(5)
    end = machines(rig, run)
    assert {name: (one["State"], one["Result"], one["TotalSize"]) for name, one in end.items()} == {
        "srv-sql-01": ("Completed", "Success", 42949672960),
        "srv-sql-02": ("Completed", "Success", 107374182400),
        "srv-sql-03": ("Completed", "Warning", 64424509440),
        "srv-sql-04": ("Completed", "Success", 21474836480),
    }
    assert end["srv-sql-03"]["Reason"].startswith("Processing srv-sql-03")
    assert [link["Type"] for link in end["srv-sql-01"]["Links"] if link["Rel"] == "Related"] == ["VmRestorePoint"]
    assert [link["Type"] for link in follow(rig, done)["Links"] if link["Rel"] == "Related"] == ["RestorePointReference"]


def test_a_long_sleep_of_the_clock_does_not_change_when_things_happened() -> None:
    watched, slept = Rig(), Rig()
    for rig in (watched, slept):
        rig.log_on()
        order(rig, SQL, "start")
    for _turn in range(30):
        watched.wait(0.5)
        watched.json("/backupSessions")
    slept.wait(15)
    assert machines(watched, runs_of(watched, SQL)[0]) == machines(slept, runs_of(slept, SQL)[0])
    assert runs_of(watched, SQL) == runs_of(slept, SQL)


def test_replicas_run_as_replica_sessions(rig: Rig) -> None:
    run = follow(rig, finished(rig, "DC Replication", "start"))
    rig.wait(6)
    assert (run["Type"], run["JobType"]) == ("ReplicaJobSession", "Replica")
    down = next(link["Href"] for link in run["Links"] if link["Rel"] == "Down").partition("/api")[2]
    assert down.endswith("/repicaTaskSessions")
    for path in (down, down.replace("/repica", "/replica")):
        listed = rig.json(path, "format=Entity")["ReplicaTaskSessions"]
        assert sorted(one["VmDisplayName"] for one in listed) == ["srv-dc-01", "srv-dc-02"]
        assert {link["Type"] for one in listed for link in one["Links"] if link["Rel"] == "Related"} == {"VmReplicaPoint"}


def test_copy_jobs_are_synchronized_and_not_started(rig: Rig) -> None:
    refused = finished(rig, "Copy to DR", "start")
    assert refused["Result"]["Success"] is False
    assert "synchronized" in refused["Result"]["Message"]
    assert finished(rig, FILES, "sync")["Result"]["Success"] is False
    done = finished(rig, "Mirror SQL", "sync")
    assert done["Operation"] == "StartJobSync"
    rig.wait(6)
    run = follow(rig, done)
    assert (run["State"], run["Result"], run["Progress"]) == ("Stopped", "Success", 0)


def test_a_second_start_is_refused_by_the_task(rig: Rig) -> None:
    finished(rig, SQL, "start")
    refused = finished(rig, SQL, "start")
    assert refused["Result"]["Success"] is False
    assert refused["Result"]["Message"] == 'Job "SQL Server Backup" is already running'
    assert related(refused) == []
    assert len(runs_of(rig, SQL)) == 1


def test_a_second_start_is_refused_at_once(rig: Rig) -> None:
    rig.installation.script({"name": "second_start", "job": SQL, "params": {"answer": "http_500"}})
    finished(rig, SQL, "start")
    answer = rig.call("POST", f"/jobs/{rig.job_id(SQL)}", "action=start")
    assert answer.status == 500
    assert json.loads(answer.body)["Message"] == 'Job "SQL Server Backup" is already running'
    assert rig.installation.counters({})["starts"] == {SQL: 1}


@pytest.mark.parametrize(
    ("outcome", "success", "runs"),
    [("failed_task", False, 1), ("two_sessions", True, 2), ("same_session", True, 1)],
)
def test_somebody_else_starts_at_the_same_time(rig: Rig, outcome: str, success: bool, runs: int) -> None:
    rig.installation.script({"name": "simultaneous_starts", "params": {"outcome": outcome}})
    done = finished(rig, SQL, "start")
    assert done["Result"]["Success"] is success
    assert len(runs_of(rig, SQL)) == runs
    if outcome == "same_session":
        assert follow(rig, done)["UID"] == runs_of(rig, SQL)[0]["UID"]
    if outcome == "two_sessions":
        assert follow(rig, done)["UID"] == runs_of(rig, SQL)[1]["UID"]


def test_two_orders_at_once_make_one_run(rig: Rig) -> None:
    first, second = order(rig, SQL, "start"), order(rig, SQL, "start")
    rig.wait(1)
    results = [task(rig, one["TaskId"])["Result"]["Success"] for one in (first, second)]
    assert results == [True, False]
    assert len(runs_of(rig, SQL)) == 1


def test_a_stopped_run_fails_by_the_user(rig: Rig) -> None:
    run = follow(rig, finished(rig, SQL, "start"))
    rig.wait(2)
    finished(rig, SQL, "stop")
    rig.wait(1)
    ended = dict(rig.json(f"/backupSessions/{run['UID'].rpartition(':')[2]}", "format=Entity"))
    assert (ended["State"], ended["Result"], ended["FailureMessage"]) == ("Stopped", "Failed", "Stopped by user")
    assert {one["State"] for one in machines(rig, ended).values()} == {"Completed"}
    assert "Stopped by user" in {one["Reason"] for one in machines(rig, ended).values()}
    rig.wait(30)
    assert dict(rig.json(f"/backupSessions/{run['UID'].rpartition(':')[2]}", "format=Entity")) == ended
    assert finished(rig, SQL, "stop")["Result"]["Success"] is False


def test_a_session_can_be_stopped_by_itself(rig: Rig) -> None:
    run = follow(rig, finished(rig, SQL, "start"))
    path = f"/backupSessions/{run['UID'].rpartition(':')[2]}"
    assert rig.call("POST", path, "action=stop").status == 202
    rig.wait(0.5)
    assert rig.json(path, "format=Entity")["State"] == "Stopping"
    rig.wait(2)
    assert rig.json(path, "format=Entity")["State"] == "Stopped"


def test_a_retry_runs_only_what_failed(rig: Rig) -> None:
    # The last run of the demo estate lost srv-sql-02.
    run = follow(rig, finished(rig, SQL, "retry"))
    rig.wait(7)
    assert run["IsRetry"] is True
    assert {name: one["Result"] for name, one in machines(rig, run).items()} == {"srv-sql-02": "Success"}
    nothing = finished(rig, SQL, "retry")
    assert nothing["Result"]["Success"] is False
    assert "no failed objects" in nothing["Result"]["Message"]


def test_the_schedule_is_toggled(rig: Rig) -> None:
    path = f"/jobs/{rig.job_id(SQL)}"
    assert finished(rig, SQL, "toggleScheduleEnabled")["Operation"] == "UpdateJob"
    assert rig.json(path, "format=Entity")["ScheduleEnabled"] is False
    finished(rig, SQL, "toggleScheduleEnabled")
    assert rig.json(path, "format=Entity")["ScheduleEnabled"] is True


def test_a_failed_run_is_retried_by_itself(rig: Rig) -> None:
    rig.installation.script({"name": "retry_after_failure", "job": SQL, "params": {"seconds": 60, "attempts": 2, "machines": ["srv-sql-01"]}})
    finished(rig, SQL, "start")
    rig.wait(50)
    (first,) = runs_of(rig, SQL)
    assert (first["Result"], first["IsRetry"]) == ("Failed", False)
    rig.wait(200)
    results = [(one["Result"], one["IsRetry"], sorted(machines(rig, one))) for one in runs_of(rig, SQL)]
    assert results[1:] == [("Failed", True, ["srv-sql-01"]), ("Success", True, ["srv-sql-01"])]


def test_a_periodic_copy_stays_working(rig: Rig) -> None:
    rig.installation.script({"name": "periodic_copy", "job": "Copy to DR"})
    done = finished(rig, "Copy to DR", "sync")
    rig.wait(3600 / 4)
    rig.call("GET", "/tasks")
    rig.wait(3600 / 5)
    run = follow(rig, done)
    assert (run["State"], run["Result"], run["EndTimeUTC"]) == ("Working", "None", None)
    assert {one["State"] for one in machines(rig, run).values()} == {"Completed"}


def test_a_stuck_run_never_ends(rig: Rig) -> None:
    rig.installation.script({"name": "stuck_running", "params": {"progress": 30}})
    done = finished(rig, SQL, "start")
    rig.wait(600)
    run = follow(rig, done)
    assert (run["State"], run["Progress"]) == ("Working", 30)
    assert sorted(one["State"] for one in machines(rig, run).values()) == ["Completed", "InProgress", "InProgress", "InProgress"]


def test_a_late_session_shows_up_after_its_task(rig: Rig) -> None:
    rig.installation.script({"name": "late_session", "job": SQL, "params": {"seconds": 4}})
    done = finished(rig, SQL, "start")
    assert related(done) == []
    rig.wait(3)
    assert runs_of(rig, SQL) == []
    rig.wait(1)
    (run,) = runs_of(rig, SQL)
    assert run["State"] == "Working"
    assert len(machines(rig, run)) == 4
    assert len(rig.query("BackupTaskSession", f"JobSessionUid=={run['UID'].rpartition(':')[2]}")) == 4


def test_links_can_be_missing_and_tasks_can_fail_vanish_crawl_and_hang(rig: Rig) -> None:
    rig.installation.script({"name": "no_related_link", "job": SQL})
    assert related(finished(rig, SQL, "start")) == []
    rig.installation.script({"name": "task_fails", "job": FILES, "params": {"message": "No licence & no <mercy>", "times": 1}})
    failed = finished(rig, FILES, "start")
    assert (failed["Result"]["Success"], failed["Result"]["Message"]) == (False, "No licence & no <mercy>")
    assert finished(rig, FILES, "start")["Result"]["Success"] is True
    rig.installation.script({"name": "task_vanishes", "job": "Empty Job", "params": {"seconds": 1}})
    gone = finished(rig, "Empty Job", "start")
    rig.wait(1)
    assert rig.call("GET", f"/tasks/{gone['TaskId']}").status == 500
    rig.installation.script({"name": "slow_task", "job": "DC Replication", "params": {"running": 10, "collecting": 20}})
    slow = order(rig, "DC Replication", "start")
    states = []
    for _turn in range(7):
        rig.wait(5)
        states.append(task(rig, slow["TaskId"])["State"])
    assert states == ["Running", "OperationFinished", "OperationFinished", "OperationFinished", "OperationFinished", "Finished", "Finished"]
    rig.installation.script({"name": "task_stuck", "job": "Mirror SQL", "params": {"state": "OperationFinished"}})
    stuck = order(rig, "Mirror SQL", "sync")
    rig.wait(600)
    assert task(rig, stuck["TaskId"])["State"] == "OperationFinished"


def test_outcomes_on_order(rig: Rig) -> None:
    rig.installation.set_outcome({"job": FILES, "machines": {"srv-file-02": {"result": "Failed", "reason": "disk full"}}})
    run = follow(rig, finished(rig, FILES, "start"))
    rig.wait(5)
    (ended,) = runs_of(rig, FILES)
    assert ended["Result"] == "Failed"
    assert ended["FailureMessage"] is None
    assert machines(rig, run)["srv-file-02"]["Reason"] == "disk full"
    assert machines(rig, run)["srv-file-02"]["TotalSize"] == 0
    with pytest.raises(ValueError, match="has no machine"):
        rig.installation.set_outcome({"job": FILES, "machines": {"nobody": "Failed"}})
    with pytest.raises(ValueError, match="cannot end as"):
        rig.installation.set_outcome({"job": FILES, "machines": {"srv-file-02": "Exploded"}})


def test_runs_fail_and_warn_by_script_as_often_as_told(rig: Rig) -> None:
    rig.installation.script({"name": "run_fails", "job": FILES, "params": {"message": "The repository is full.", "times": 1}})
    for expected in (("Failed", "The repository is full."), ("Success", None)):
        finished(rig, FILES, "start")
        rig.wait(10)
        run = runs_of(rig, FILES)[-1]
        assert (run["Result"], run["FailureMessage"]) == expected
    rig.installation.script({"name": "run_warns", "job": FILES})
    finished(rig, FILES, "start")
    rig.wait(10)
    assert runs_of(rig, FILES)[-1]["Result"] == "Warning"


def test_odd_looks_of_what_runs(rig: Rig) -> None:
    rig.installation.script({"name": "running_result_success", "job": SQL})
    rig.installation.script({"name": "running_end_time", "job": SQL, "params": {"style": "never"}})
    run = follow(rig, finished(rig, SQL, "start"))
    rig.wait(1)
    assert run["EndTimeUTC"] == "1753-01-01T00:00:00Z"
    looks = {(one["State"], one["Result"]) for one in machines(rig, run).values()}
    assert looks == {("InProgress", "Success"), ("Pending", "None")}
    rig.wait(10)
    assert runs_of(rig, SQL)[0]["EndTimeUTC"].startswith("2026-11-20T20:00:0")
    rig.installation.script({"name": "missing_end_time", "job": FILES})
    finished(rig, FILES, "start")
    rig.wait(10)
    assert (runs_of(rig, FILES)[0]["State"], runs_of(rig, FILES)[0]["EndTimeUTC"]) == ("Stopped", None)


def test_a_wrong_clock_shows_in_every_new_stamp(rig: Rig) -> None:
    rig.installation.script({"name": "clock_offset", "params": {"seconds": -3600}})
    assert rig.call("GET", "/jobs").headers["Date"] == "Fri, 20 Nov 2026 19:00:00 GMT"
    run = follow(rig, finished(rig, SQL, "start"))
    assert run["CreationTimeUTC"] == "2026-11-20T19:00:00.4Z"


def test_a_job_without_machines_succeeds_at_once(rig: Rig) -> None:
    done = finished(rig, "Empty Job", "start")
    rig.wait(1)
    run = follow(rig, done)
    assert (run["State"], run["Result"], machines(rig, run)) == ("Stopped", "Success", {})


def test_scripts_are_checked(rig: Rig) -> None:
    for mistake in ({"name": "nonsense"}, {"name": "duration", "params": {"minutes": 1}}, {"name": "second_start", "params": {"answer": "maybe"}}):
        with pytest.raises(ValueError, match="script"):
            rig.installation.script(mistake)
    with pytest.raises(ValueError, match="no job is named"):
        rig.installation.script({"name": "duration", "job": "Nobody's"})


def test_the_outcome_of_a_run_is_one_of_its_list() -> None:
    rig = Rig()
    (job,) = rig.installation.world.jobs_named(FILES)
    job.outcomes = [{"srv-file-01": Outcome("Failed", "first")}, {}]
    rig.log_on()
    for expected in ("Failed", "Success", "Success"):
        finished(rig, FILES, "start")
        rig.wait(10)
        assert runs_of(rig, FILES)[-1]["Result"] == expected
