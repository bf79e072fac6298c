# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From an order to its real end, by the clock: task, job session, machines, retries; and what a wait survives."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from fake_em import FakeEm, guid, urn
from tiny_server import FakeClock

from _api import waiting, which_job
from _api.entities.sessions import BACKUP_SESSION, REPLICA_SESSION
from _api.errors import (
    AmbiguousName,
    ConnectError,
    EmError,
    FilterError,
    ForeignTask,
    Interrupted,
    MissingRight,
    NotFound,
    OptionError,
    OrderFailed,
    RunFailed,
    ServerError,
    TlsError,
    UnknownName,
    WaitTimeExceeded,
)
from _api.waiting import JobTarget, WaitOptions

OPTIONS = WaitOptions(timeout=3600, interval=5)


@pytest.fixture
def em(clock: FakeClock) -> FakeEm:
    """An Enterprise Manager with one job and a task that started it."""
    service = FakeEm(clock)
    service.job(1)
    service.task(1)
    return service


@pytest.fixture
def said() -> list[str]:
    """The progress lines."""
    return []


def finish(em: FakeEm, number: int = 1, related: Any = None, message: str = "Ok", **result: Any) -> Callable[[], object]:
    """Return an event that finishes a task."""
    return lambda: em.task(number, "Finished", related=related, **{"Success": True, "Message": message, **result})


def changing(entity: dict[str, Any], **members: Any) -> Callable[[], object]:
    """Return an event that changes an entity."""
    return lambda: entity.update(members)


def stopped(em: FakeEm, result: str = "Success", seconds: float = 60, **members: Any) -> dict[str, Any]:
    """Return the members of a job session that has ended."""
    return {"State": "Stopped", "Result": result, "Progress": 100, "EndTimeUTC": em.stamp(seconds), **members}


def wait_task(
    em: FakeEm, said: list[str], follow: bool = True, target: JobTarget | None = None, options: WaitOptions = OPTIONS, task: str = "task-1", **session: Any
) -> dict[str, Any]:
    """Wait for a task in a session of its own."""
    with em.session(**session) as opened:
        return waiting.wait_for_task(opened, task, options, target, follow, said.append)


def wait_session(em: FakeEm, said: list[str], uid: str = "", target: JobTarget | None = None, **more: Any) -> dict[str, Any]:
    """Wait for a job session in a session of its own."""
    with em.session() as opened:
        return waiting.wait_for_job_session(opened, uid, target, more.get("options", OPTIONS), more.get("retries", False), more.get("retry_wait"), said.append)


def target(em: FakeEm, **changes: Any) -> JobTarget:
    """Return the way to the runs of SQL Backup without a task."""
    return JobTarget(**{"job": "SQL Backup", "since": em.stamp(-1), **changes})


# ---------------------------------------------------------------------------------------------------------
# Tasks


def test_only_finished_ends_the_wait_for_a_task(em: FakeEm, said: list[str]) -> None:
    words = ["Running", "Pending", "OperationFinished", "Success", "Done", "finished"]
    for number, word in enumerate(words):
        em.at(10 * number, partial(em.task, 1, word, Success=True, Message=word))
    em.at(60, finish(em, message="triggered to start"))
    outcome = wait_task(em, said, follow=False)
    assert said == [f"task-1 StartJob: {word}" for word in (*words, "Finished")]
    assert (outcome["state"], outcome["result"], outcome["reason"]) == ("Finished", "Success", "triggered to start")
    assert 60 <= outcome["elapsed"] <= 65
    assert outcome["polls"] == em.count("GET", "/tasks/task-1")


def test_a_task_that_is_finished_at_once_costs_one_look(em: FakeEm, said: list[str], clock: FakeClock) -> None:
    finish(em)()
    outcome = wait_task(em, said, follow=False)
    assert (outcome["polls"], clock.pauses) == (1, [])


@pytest.mark.parametrize(
    ("result", "advice"),
    [
        ({"Success": False, "Message": "Job is disabled."}, "Look at the job on its backup server"),
        ({"Success": False, "Message": None}, "Look at the job"),
        ({"Success": False, "Message": "x", "CredentialsNeeded": True}, "asks for credentials, which the REST API cannot give"),
        ({"Success": False, "Message": "x", "CredentialsNeeded": True, "ConfirmationNeeded": True}, "asks for credentials and a confirmation"),
    ],
)
def test_a_task_without_success_is_a_failure_in_the_servers_words(em: FakeEm, said: list[str], result: dict[str, Any], advice: str) -> None:
    em.at(3, lambda: em.task(1, "Finished", **result))
    with pytest.raises(OrderFailed) as caught:
        wait_task(em, said)
    words = (result["Message"] or "no reason was given").rstrip(".")
    assert caught.value.message == f'task-1 (StartJob) was not carried out: "{words}".'
    assert advice in caught.value.advice
    assert caught.value.data["result"] == "Failed"
    assert caught.value.data["task"]["task_id"] == "task-1"


def test_a_finished_task_without_a_result_counts_as_carried_out(em: FakeEm, said: list[str]) -> None:
    em.at(1, lambda: em.task(1, "Finished"))
    assert wait_task(em, said, follow=False)["result"] == "Success"


def test_the_job_session_is_followed_by_the_link(em: FakeEm, said: list[str]) -> None:
    run = em.run(1, em.entities["Job"][0], begun=2)
    em.machine(1, run, "srv-01", TotalSize=100)
    em.machine(2, run, "srv-02", Result="Warning", Reason="Snapshot took long.")
    em.at(4, finish(em, related=run))
    for seconds, progress in ((5, 10), (20, 55), (40, 90)):
        em.at(seconds, changing(run, Progress=progress))
    em.at(60, changing(run, **stopped(em, "Warning")))
    outcome = wait_task(em, said)
    assert (outcome["state"], outcome["result"], outcome["found_by_query"]) == ("Stopped", "Warning", False)
    assert outcome["reason"] == "srv-02: Warning (Snapshot took long)"
    assert [(machine["vm_display_name"], machine["total_size"]) for machine in outcome["machines"]] == [("srv-01", 100), ("srv-02", 7)]
    assert outcome["runs"] == [run["UID"]]
    assert outcome["task"]["state"] == "Finished"
    assert [reference["id"] for reference in outcome["related"]] == [guid(0x5E5, 1)]
    assert [line for line in said if "Working" in line] == [f"SQL Backup@1: Working {percent} %" for percent in (0, 10, 55, 90)]
    assert said[-1] == "SQL Backup@1: Stopped 100 %, Warning"
    assert 60 <= outcome["elapsed"] <= 66


def test_a_replica_is_followed_to_its_own_machines(em: FakeEm, said: list[str]) -> None:
    run = em.run(1, em.job(2, "DR", job_type="Replica"), kind="ReplicaJobSession", **stopped(em))
    em.machine(1, run, "srv-01")
    finish(em, related=run)()
    outcome = wait_task(em, said)
    assert [machine["type"] for machine in outcome["machines"]] == ["ReplicaTaskSession"]


def test_a_restore_is_followed_and_has_no_machines(em: FakeEm, said: list[str]) -> None:
    run = em.run(1, em.entities["Job"][0], kind="RestoreSession", **stopped(em))
    finish(em, related=run)()
    outcome = wait_task(em, said)
    assert (outcome["result"], outcome["machines"]) == ("Success", [])


def test_without_following_the_job_session_is_not_read(em: FakeEm, said: list[str]) -> None:
    finish(em, related=em.run(1, em.entities["Job"][0]))()
    outcome = wait_task(em, said, follow=False)
    assert outcome["job_session"] is None
    assert outcome["related"][0]["uid"] == urn("BackupJobSession", guid(0x5E5, 1))
    assert [line for _seconds, line in em.sent if "backupSessions" in line] == []


def test_a_finished_task_without_a_link_needs_the_job(em: FakeEm, said: list[str]) -> None:
    finish(em)()
    with pytest.raises(EmError, match="carries no link to a job session") as caught:
        wait_task(em, said)
    assert "job" in caught.value.advice
    assert caught.value.data["task"]["state"] == "Finished"


def test_without_a_link_the_job_session_is_found_by_query_even_when_it_is_late(em: FakeEm, said: list[str]) -> None:
    job = em.entities["Job"][0]
    em.run(9, job, begun=-3600, **stopped(em))
    finish(em)()
    late: list[dict[str, Any]] = []
    em.at(25, lambda: late.append(em.run(1, job, begun=3)))
    em.at(50, lambda: late[0].update(stopped(em)))
    outcome = wait_task(em, said, target=target(em))
    assert outcome["found_by_query"] is True
    assert outcome["job_session"]["uid"] == urn("BackupJobSession", guid(0x5E5, 1))
    assert f"no job session of SQL Backup since {em.stamp(-1)} yet" in said
    assert "found job session SQL Backup@1" in said


# ---------------------------------------------------------------------------------------------------------
# Tasks of another log-on session


def test_a_foreign_task_is_an_error(em: FakeEm, said: list[str]) -> None:
    with pytest.raises(ForeignTask, match="task-77 belongs to another log-on session") as caught:
        wait_task(em, said, task="task-77")
    assert "pass its token in the option session" in caught.value.advice
    assert em.count("GET", "/tasks/task-77") == 1


@pytest.mark.parametrize("follow", [True, False])
def test_a_foreign_task_is_followed_by_query_when_the_job_is_named(em: FakeEm, said: list[str], follow: bool) -> None:
    run = em.run(1, em.entities["Job"][0], begun=1, **stopped(em))
    outcome = wait_task(em, said, task="task-77", follow=follow, target=target(em))
    assert said[0].startswith("task-77 is not known in this log-on session; looking for the job session of SQL Backup since ")
    assert (outcome["found_by_query"], outcome["task"]) == (True, None)
    assert outcome["job_session"]["uid"] == run["UID"]
    assert outcome["state"] == ("Stopped" if follow else "Finished")


def test_a_log_on_session_that_is_lost_in_mid_wait_leads_to_the_query_too(em: FakeEm, said: list[str]) -> None:
    run = em.run(1, em.entities["Job"][0], begun=1)
    em.at(20, em.tasks.clear)
    em.at(40, changing(run, **stopped(em)))
    outcome = wait_task(em, said, target=target(em))
    assert (outcome["found_by_query"], outcome["result"]) == (True, "Success")


BAD_TARGETS: list[tuple[dict[str, Any], type[EmError], str]] = [
    ({"job": ""}, OptionError, "No job is named"),
    ({"since": ""}, OptionError, "from when on runs of 'SQL Backup' count"),
    ({"since": "soon"}, FilterError, "'soon' is not a time"),
    ({"job_uid": "SQL"}, OptionError, "'SQL' is not the id of a job"),
]


@pytest.mark.parametrize(("changes", "kind", "message"), BAD_TARGETS, ids=str)
def test_a_target_that_cannot_be_looked_for_is_refused_before_anything_is_sent(
    em: FakeEm, said: list[str], changes: dict[str, Any], kind: type[EmError], message: str
) -> None:
    for wait in (wait_task, wait_session):
        with pytest.raises(kind, match=message):
            wait(em, said, target=target(em, **changes))
    assert em.requests == []


def test_without_session_and_target_nothing_is_sent(em: FakeEm, said: list[str]) -> None:
    with pytest.raises(OptionError, match="No job session is named"):
        wait_session(em, said)
    with pytest.raises(OptionError, match="is not the id"):
        wait_session(em, said, uid="SQL Backup@1")
    with pytest.raises(OptionError, match="is not the id of a task"):
        wait_task(em, said, task="../jobs")
    assert em.requests == []


# ---------------------------------------------------------------------------------------------------------
# Finding the job


def test_the_first_run_since_the_order_counts_and_those_seen_before_do_not(em: FakeEm, said: list[str]) -> None:
    job = em.entities["Job"][0]
    seen = em.run(1, job, begun=0, **stopped(em))
    em.run(2, job, begun=5, **stopped(em))
    em.run(3, job, begun=9, **stopped(em))
    outcome = wait_session(em, said, target=target(em, exclude=frozenset([seen["UID"]])))
    assert outcome["job_session"]["uid"] == urn("BackupJobSession", guid(0x5E5, 2))


def test_a_name_on_two_backup_servers_is_refused_with_the_candidates(em: FakeEm, said: list[str]) -> None:
    em.run(1, em.entities["Job"][0], begun=1)
    em.run(2, em.job(2, server="vbr02"), begun=1, **stopped(em))
    with pytest.raises(AmbiguousName, match="2 jobs are called 'SQL Backup'") as caught:
        wait_session(em, said, target=target(em))
    assert [candidate["backup_server"] for candidate in caught.value.data["candidates"]] == ["vbr01", "vbr02"]
    assert "backup_server" in caught.value.advice
    assert wait_session(em, said, target=target(em, backup_server="vbr02"))["result"] == "Success"
    assert wait_session(em, said, target=target(em, job="", job_uid=urn("Job", guid(0x70B, 2))))["result"] == "Success"


def test_an_unknown_name_is_told_with_the_nearest_ones(em: FakeEm, said: list[str], clock: FakeClock) -> None:
    with pytest.raises(UnknownName, match=r"No job is called 'SQL Bakcup'\. Did you mean SQL Backup\?"):
        wait_session(em, said, target=target(em, job="SQL Bakcup"))
    assert clock.now - em.begin <= waiting.SESSION_APPEARS_WITHIN + 10


def test_a_run_that_never_shows_up_ends_the_wait_with_the_way_to_resume(em: FakeEm, said: list[str], clock: FakeClock) -> None:
    with pytest.raises(WaitTimeExceeded, match=r"No job session of SQL Backup since .* has shown up") as caught:
        wait_session(em, said, target=target(em))
    assert waiting.SESSION_APPEARS_WITHIN <= clock.now - em.begin <= waiting.SESSION_APPEARS_WITHIN + 10
    job_uid = em.entities["Job"][0]["UID"]
    assert caught.value.data["resume"]["options"] == {"job_uid": job_uid, "since": em.stamp(-1)}


def test_without_the_right_to_read_jobs_an_unknown_name_stays_a_run_that_never_showed_up(em: FakeEm, said: list[str]) -> None:
    em.deny("Job", "AgentBackupJob", "NasJob")
    with pytest.raises(WaitTimeExceeded):
        wait_session(em, said, target=target(em, job="Nobody"))


# ---------------------------------------------------------------------------------------------------------
# Job sessions


@pytest.mark.parametrize("uid", [urn("BackupJobSession", guid(0x5E5, 1)), guid(0x5E5, 1), f"urn:veeam:backupjobsession:{guid(0x5E5, 1)}"])
def test_a_job_session_is_waited_for_by_its_urn_or_id(em: FakeEm, said: list[str], uid: str) -> None:
    run = em.run(1, em.entities["Job"][0])
    em.at(30, changing(run, **stopped(em)))
    outcome = wait_session(em, said, uid=uid)
    assert (outcome["state"], outcome["result"], outcome["job_session"]["uid"]) == ("Stopped", "Success", run["UID"])


def test_an_id_alone_is_looked_for_among_all_kinds(em: FakeEm, said: list[str]) -> None:
    em.run(4, em.entities["Job"][0], kind="RestoreSession", **stopped(em))
    assert wait_session(em, said, uid=guid(0x5E5, 4))["job_session"]["type"] == "RestoreSession"
    with pytest.raises(NotFound, match="There is no job session with the id"):
        wait_session(em, said, uid=guid(0x5E5, 5))


def test_every_state_but_stopped_goes_on(em: FakeEm, said: list[str]) -> None:
    run = em.run(1, em.entities["Job"][0], State="Starting")
    for number, state in enumerate(("Working", "Pausing", "Resuming", "Stopping", "Postprocessing", "Idle", "stopped")):
        em.at(10 + 10 * number, changing(run, State=state, Result="Success"))
    em.at(100, changing(run, **stopped(em, "Success")))
    assert wait_session(em, said, uid=run["UID"])["elapsed"] >= 100


@pytest.mark.parametrize(
    ("result", "ok", "fine"),
    [
        ("Success", ("Success", "Warning"), True),
        ("Warning", ("Success", "Warning"), True),
        ("Warning", ("Success",), False),
        ("Failed", ("Success", "Warning"), False),
        ("Failed", ("Success", "Warning", "Failed"), True),
        ("None", ("Success", "Warning"), False),
        ("Novelty", ("Success", "Warning"), False),
    ],
)
def test_the_caller_says_which_results_are_fine(em: FakeEm, said: list[str], result: str, ok: tuple[str, ...], fine: bool) -> None:
    run = em.run(1, em.entities["Job"][0], **stopped(em, result))
    options = WaitOptions(timeout=60, interval=5, ok_results=ok)
    if fine:
        assert wait_session(em, said, uid=run["UID"], options=options)["result"] == result
        return
    with pytest.raises(RunFailed, match=f"SQL Backup@1 ended with {result}: no reason was given"):
        wait_session(em, said, uid=run["UID"], options=options)


def test_a_failed_run_tells_the_reasons_of_the_machines(em: FakeEm, said: list[str]) -> None:
    run = em.run(1, em.entities["Job"][0], **stopped(em, "Failed"))
    em.machine(0, run, "fine")
    for number in range(1, 14):
        em.machine(number, run, f"srv-{number:02}", Result="Failed", Reason=f"Disk {number} is full.")
    with pytest.raises(RunFailed) as caught:
        wait_session(em, said, uid=run["UID"])
    assert "srv-01: Failed (Disk 1 is full); srv-02: Failed (Disk 2 is full)" in caught.value.message
    assert caught.value.message.endswith("and 3 more.")
    assert "fine" not in caught.value.message
    assert len(caught.value.data["machines"]) == 14
    assert caught.value.data["result"] == "Failed"


def test_the_servers_reason_for_the_run_comes_first(em: FakeEm, said: list[str]) -> None:
    run = em.run(1, em.entities["Job"][0], **stopped(em, "Failed", FailureMessage="Repository is offline."))
    with pytest.raises(RunFailed, match=r"ended with Failed: Repository is offline\.") as caught:
        wait_session(em, said, uid=run["UID"])
    assert caught.value.data["reason"] == "Repository is offline."


# ---------------------------------------------------------------------------------------------------------
# The clock


@pytest.mark.parametrize("interval", [1, 5, 60])
def test_looks_are_quick_at_first_and_never_rarer_than_the_interval(em: FakeEm, said: list[str], interval: float) -> None:
    em.at(600, finish(em))
    outcome = wait_task(em, said, follow=False, options=WaitOptions(timeout=3600, interval=interval))
    looks = [seconds for seconds, line in em.sent if line == "GET /tasks/task-1"]
    gaps = [later - earlier for earlier, later in pairwise(looks)]
    assert gaps[0] <= 0.21 * interval
    assert max(gaps) <= interval + 0.001
    assert len(set(gaps[5:])) > 1
    assert 600 <= outcome["elapsed"] <= 600 + interval
    assert outcome["polls"] <= 600 / (0.85 * interval) + 8


@pytest.mark.parametrize("timeout", [0, 0.5, 7, 100])
def test_the_wait_time_is_kept(em: FakeEm, said: list[str], clock: FakeClock, timeout: float) -> None:
    with pytest.raises(WaitTimeExceeded, match=r"task-1 is Running after .* s of waiting; it goes on untouched") as caught:
        wait_task(em, said, options=WaitOptions(timeout=timeout, interval=30))
    assert clock.now - em.begin == pytest.approx(timeout, abs=0.01)
    data = caught.value.data
    assert (data["state"], data["task"]["state"], data["elapsed"]) == ("Running", "Running", round(timeout, 1))
    assert data["polls"] == em.count("GET", "/tasks/task-1") >= 1
    assert em.orders == []


def test_a_job_session_that_outlasts_the_wait_tells_how_to_resume(em: FakeEm, said: list[str]) -> None:
    run = em.run(1, em.entities["Job"][0], Progress=42)
    with pytest.raises(WaitTimeExceeded, match="Job session SQL Backup@1 is Working 42 % after 60 s of waiting") as caught:
        wait_session(em, said, uid=run["UID"], options=WaitOptions(timeout=60, interval=5))
    assert f"call openbackup.veeam_em.veeam_em_job_session_wait with uid: {run['UID']}" in caught.value.advice
    assert caught.value.data["resume"] == {"module": "openbackup.veeam_em.veeam_em_job_session_wait", "options": {"uid": run["UID"]}}
    assert (caught.value.data["state"], caught.value.data["result"]) == ("Working", "None")
    assert caught.value.data["job_session"]["progress"] == 42


def test_an_interrupt_ends_the_wait_and_closes_the_log_on_session(em: FakeEm, said: list[str], clock: FakeClock) -> None:
    with pytest.raises(Interrupted, match="interrupted"):
        wait_task(em, said, interrupted=lambda: clock.now - em.begin > 20)
    assert 20 < clock.now - em.begin < 21
    assert em.requests[-1][0] == "DELETE"


# ---------------------------------------------------------------------------------------------------------
# Weather


def bad_weather(em: FakeEm, until: float, problem: Callable[[], Any]) -> None:
    """Let every read of tasks and sessions fail for a while, from 10 s on."""

    def weather(method: str, path: str) -> Any:
        return problem() if 10 <= em.clock.now - em.begin < until and path.startswith(("/tasks", "/backupSessions")) else None

    em.weather = weather


def raising(error: BaseException) -> Callable[[], Any]:
    """Return a function that raises."""

    def act() -> Any:
        raise error

    return act


@pytest.mark.parametrize("problem", ["cut", "503", "500"])
def test_a_wait_survives_some_bad_weather(em: FakeEm, said: list[str], problem: str) -> None:
    answers = {"cut": raising(ConnectError("The connection was cut.")), "503": lambda: em.answer(503), "500": lambda: em.answer(500, {"Message": "busy"})}
    bad_weather(em, 40, answers[problem])
    em.at(60, finish(em))
    assert wait_task(em, said, follow=False)["state"] == "Finished"
    assert any(line.startswith("no answer just now (") for line in said)


def test_bad_weather_that_lasts_is_an_error(em: FakeEm, said: list[str], clock: FakeClock) -> None:
    bad_weather(em, 9999, raising(ConnectError("The connection was cut.")))
    with pytest.raises(ConnectError):
        wait_task(em, said)
    assert clock.now - em.begin < 120


@pytest.mark.parametrize(
    "problem", [TlsError("bad certificate"), ServerError("x", status=400), MissingRight("no"), NotFound("gone")], ids=lambda error: error.kind
)
def test_what_waiting_cannot_mend_ends_the_wait_at_once(em: FakeEm, said: list[str], problem: EmError) -> None:
    bad_weather(em, 9999, raising(problem))
    with pytest.raises(type(problem)):
        wait_task(em, said)
    assert sum(1 for seconds, line in em.sent if line == "GET /tasks/task-1" and seconds >= 10) == 1


# ---------------------------------------------------------------------------------------------------------
# Automatic retries


def failing_twice(em: FakeEm, retry: dict[str, Any]) -> list[dict[str, Any]]:
    """Script a run that fails, its retry 600 s later that fails, and one more 600 s later that mends the machine."""
    job = em.job(5, "Files", retry=retry)
    first = em.run(1, job, **stopped(em, "Failed"))
    em.machine(1, first, "srv-01")
    em.machine(2, first, "srv-02", Result="Failed", Reason="Snapshot")
    runs = [first]

    def retry_begins(number: int, seconds: float) -> Callable[[], object]:
        def begin() -> None:
            runs.append(em.run(number, job, begun=seconds, IsRetry=True))
            last = number == 3
            em.machine(10 + number, runs[-1], "srv-02", Result="Success" if last else "Failed", Reason="" if last else "Snapshot again")
            em.at(seconds + 60, changing(runs[-1], **stopped(em, "Success" if last else "Failed")))

        return begin

    em.at(600, retry_begins(2, 600))
    em.at(1260, retry_begins(3, 1260))
    return runs


RETRY = {"RetryTimes": 3, "RetryTimeout": 10, "RetrySpecified1": True}


@pytest.mark.parametrize(("retry", "retry_wait"), [(RETRY, None), ({**RETRY, "RetrySpecified1": False}, 900), (RETRY, 900)])
def test_retries_are_followed_to_their_end(em: FakeEm, said: list[str], retry: dict[str, Any], retry_wait: int | None) -> None:
    runs = failing_twice(em, retry)
    outcome = wait_session(em, said, uid=runs[0]["UID"], retries=True, retry_wait=retry_wait)
    assert outcome["runs"] == [run["UID"] for run in runs]
    assert len(runs) == 3
    assert (outcome["result"], outcome["reason"]) == ("Success", None)
    assert {machine["vm_display_name"]: machine["result"] for machine in outcome["machines"]} == {"srv-01": "Success", "srv-02": "Success"}
    assert "automatic retry: Files@2" in said


@pytest.mark.parametrize(
    ("retry", "retry_wait", "patience"),
    [
        (None, None, 0),
        ({**RETRY, "RetrySpecified1": False}, None, 0),
        ({**RETRY, "RetryTimes": 0}, None, 0),
        (RETRY, 0, 0),
        ({**RETRY, "RetryTimeout": 1}, None, 60 + waiting.RETRY_MARGIN),
        (RETRY, 300, 300),
    ],
)
def test_a_failed_run_is_final_when_no_retry_comes_in_its_time(
    em: FakeEm, said: list[str], clock: FakeClock, retry: dict[str, Any] | None, retry_wait: int | None, patience: float
) -> None:
    run = em.run(1, em.job(5, "Files", retry=retry), **stopped(em, "Failed"))
    with pytest.raises(RunFailed) as caught:
        wait_session(em, said, uid=run["UID"], retries=True, retry_wait=retry_wait)
    assert caught.value.data["runs"] == [run["UID"]]
    assert patience <= clock.now - em.begin <= patience + 6


def test_retries_are_not_looked_for_unless_asked(em: FakeEm, said: list[str], clock: FakeClock) -> None:
    run = em.run(1, em.job(5, "Files", retry=RETRY), **stopped(em, "Failed"))
    with pytest.raises(RunFailed):
        wait_session(em, said, uid=run["UID"])
    assert clock.now == em.begin


def test_the_wait_time_counts_for_retries_too(em: FakeEm, said: list[str], clock: FakeClock) -> None:
    run = em.run(1, em.job(5, "Files", retry=RETRY), **stopped(em, "Failed"))
    with pytest.raises(WaitTimeExceeded, match="failed and no automatic retry has begun") as caught:
        wait_session(em, said, uid=run["UID"], retries=True, options=WaitOptions(timeout=100, interval=5))
    assert clock.now - em.begin == pytest.approx(100, abs=0.1)
    assert caught.value.data["resume"]["options"] == {"uid": run["UID"]}


def test_without_the_right_to_read_the_schedule_a_usual_time_is_waited(em: FakeEm, said: list[str], clock: FakeClock) -> None:
    run = em.run(1, em.entities["Job"][0], **stopped(em, "Failed"))
    em.deny("Job", "AgentBackupJob", "NasJob")
    with pytest.raises(RunFailed):
        wait_session(em, said, uid=run["UID"], retries=True)
    assert waiting.RETRY_WAIT_WHEN_UNKNOWN <= clock.now - em.begin <= waiting.RETRY_WAIT_WHEN_UNKNOWN + 6


# ---------------------------------------------------------------------------------------------------------
# Copy jobs that stay open


@pytest.mark.parametrize("kind", ["BackupCopy", "ImmediateBackupCopy", "ImmediateBackupCopyWorker"])
def test_a_copy_session_whose_machines_are_done_has_ended_for_us(em: FakeEm, said: list[str], kind: str) -> None:
    run = em.run(1, em.job(6, "Copy", job_type=kind))
    machine = em.machine(1, run, "srv-01", State="InProgress", Result="Success")
    em.at(40, changing(machine, State="Completed", Result="Warning", Reason="Slow"))
    outcome = wait_session(em, said, uid=run["UID"])
    assert (outcome["state"], outcome["result"], outcome["reason"]) == ("Working", "Warning", "srv-01: Warning (Slow)")
    assert outcome["elapsed"] >= 40
    assert "keeps its session open" in said[-1]


def test_a_copy_session_without_machines_goes_on(em: FakeEm, said: list[str]) -> None:
    run = em.run(1, em.job(6, "Copy", job_type="BackupCopy"))
    with pytest.raises(WaitTimeExceeded):
        wait_session(em, said, uid=run["UID"], options=WaitOptions(timeout=30, interval=5))


def test_a_backup_whose_machines_are_done_goes_on_until_it_is_stopped(em: FakeEm, said: list[str]) -> None:
    run = em.run(1, em.entities["Job"][0])
    em.machine(1, run, "srv-01")
    em.at(30, changing(run, **stopped(em)))
    assert wait_session(em, said, uid=run["UID"])["elapsed"] >= 30


def test_the_kind_of_a_jobs_sessions() -> None:
    assert which_job.session_resource_of({"job_type": "Replica"}) is REPLICA_SESSION
    assert which_job.session_resource_of({"job_type": "BackupCopy"}) is BACKUP_SESSION
