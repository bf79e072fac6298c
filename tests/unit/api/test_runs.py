# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Start, stop and retry of a job: read first, adopt what runs, send one order and never a second one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fake_em import TOKEN, FakeEm, guid, urn
from tiny_server import FakeClock

from _api import runs
from _api.errors import (
    AmbiguousName,
    ConnectError,
    EmError,
    Interrupted,
    MissingRight,
    OptionError,
    OrderFailed,
    OrderNotTaken,
    OutcomeUnknown,
    RunFailed,
    ServerError,
    UnknownName,
    WaitTimeExceeded,
)
from _api.runs import JobOrder
from _api.transport import Answer
from _api.waiting import WaitOptions

OPTIONS = WaitOptions(timeout=3600, interval=5)
JOB_PATH = f"jobs/{guid(0x70B, 1)}"


@pytest.fixture
def em(clock: FakeClock) -> FakeEm:
    """An Enterprise Manager with one job that ran yesterday."""
    service = FakeEm(clock)
    job = service.job(1)
    service.run(1, job, begun=-86400, State="Stopped", Result="Success", Progress=100)
    return service


@pytest.fixture
def said() -> list[str]:
    """The progress lines."""
    return []


def job_of(em: FakeEm) -> dict[str, Any]:
    """Return the job."""
    return em.entities["Job"][0]


def run_job(em: FakeEm, said: list[str], wait: str = "session", state: str = "started", check_mode: bool = False, **more: Any) -> dict[str, Any]:
    """Run a job in a session of its own."""
    order = JobOrder(state, **more.pop("job", {"job": "SQL Backup"}))
    options = more.pop("options", OPTIONS)
    retries = {name: more.pop(name) for name in ("follow_retries", "retry_wait") if name in more}
    with em.session(**more) as opened:
        return runs.run_job(opened, order, wait, options, check_mode, said.append, **retries)


def starts(em: FakeEm, result: str = "Success", linked: bool = True, appears: float = 2, lasts: float = 60, **run: Any) -> Callable[[], Answer]:
    """Return what an order does: a task, a job session a little later with one machine, and their ends."""

    def react() -> Answer:
        now = em.clock.now - em.begin

        def appear() -> None:
            begun = em.run(2, job_of(em), begun=now + 1, **run)
            em.at(now + 5, lambda: em.task(1, "Finished", related=begun if linked else None, Success=True, Message="triggered to start"))
            em.at(now + lasts, lambda: begun.update(State="Stopped", Result=result, Progress=100))
            em.machine(1, begun, "srv-01", Result=result, Reason="" if result == "Success" else "Disk is full.")

        em.at(now + appears, appear)
        em.at(now + 5, lambda: em.task(1, "Finished", Success=True, Message="triggered to start"))
        return em.taken(1)

    return react


# ---------------------------------------------------------------------------------------------------------
# Start


def test_a_start_is_one_order_followed_to_its_end(em: FakeEm, said: list[str]) -> None:
    em.on(f"{JOB_PATH}?action=start", starts(em))
    outcome = run_job(em, said)
    assert em.orders == [f"/{JOB_PATH}?start"]
    assert (outcome["changed"], outcome["adopted"], outcome["state"], outcome["result"]) == (True, False, "Stopped", "Success")
    assert outcome["job_session"]["uid"] == urn("BackupJobSession", guid(0x5E5, 2))
    assert outcome["task"]["state"] == "Finished"
    assert [machine["vm_display_name"] for machine in outcome["machines"]] == ["srv-01"]
    assert (outcome["job"]["name"], outcome["job"]["backup_server"]["name"]) == ("SQL Backup", "vbr01")
    assert outcome["diff"] == {"before": {"state": "stopped"}, "after": {"state": "started"}}
    assert outcome["found_by_query"] is False
    assert 60 <= outcome["elapsed"] <= 66
    assert "SQL Backup: order taken as task-1" in said


@pytest.mark.parametrize("appears", [2, 30])
def test_a_start_without_a_link_is_found_by_query(em: FakeEm, said: list[str], appears: float) -> None:
    em.on(f"{JOB_PATH}?action=start", starts(em, linked=False, appears=appears))
    outcome = run_job(em, said)
    assert (outcome["found_by_query"], outcome["job_session"]["uid"]) == (True, urn("BackupJobSession", guid(0x5E5, 2)))


@pytest.mark.parametrize("skew", [-7200, -90, 0, 90, 7200])
def test_since_is_a_time_of_the_servers_clock(clock: FakeClock, said: list[str], skew: float) -> None:
    em = FakeEm(clock, skew)
    em.run(1, em.job(1), begun=-30, State="Stopped", Result="Success")
    em.on(f"{JOB_PATH}?action=start", starts(em, linked=False))
    outcome = run_job(em, said)
    assert outcome["since"] == em.stamp(-1)
    assert outcome["job_session"]["uid"] == urn("BackupJobSession", guid(0x5E5, 2))


def test_waiting_for_nothing_returns_the_task_at_once(em: FakeEm, said: list[str], clock: FakeClock) -> None:
    em.on(f"{JOB_PATH}?action=start", starts(em))
    outcome = run_job(em, said, wait="none")
    assert (outcome["task"]["task_id"], outcome["state"], outcome["job_session"]) == ("task-1", "Running", None)
    assert clock.now == em.begin


def test_waiting_for_the_task_ends_with_it(em: FakeEm, said: list[str]) -> None:
    em.on(f"{JOB_PATH}?action=start", starts(em))
    outcome = run_job(em, said, wait="task")
    assert (outcome["state"], outcome["result"], outcome["reason"]) == ("Finished", "Success", "triggered to start")
    assert outcome["related"][0]["uid"] == urn("BackupJobSession", guid(0x5E5, 2))
    assert 5 <= outcome["elapsed"] <= 10


@pytest.mark.parametrize(("job_type", "action"), [("Backup", "start"), ("Replica", "start"), ("BackupCopy", "sync"), ("ImmediateBackupCopy", "sync")])
def test_copy_jobs_are_started_by_sync(clock: FakeClock, said: list[str], job_type: str, action: str) -> None:
    em = FakeEm(clock)
    em.job(1, job_type=job_type)
    kind = "ReplicaJobSession" if job_type == "Replica" else "BackupJobSession"
    em.on(f"{JOB_PATH}?action={action}", starts(em, kind=kind))
    outcome = run_job(em, said)
    assert em.orders == [f"/{JOB_PATH}?{action}"]
    assert outcome["job_session"]["type"] == kind


def test_a_run_that_fails_tells_why_and_what_was_started(em: FakeEm, said: list[str]) -> None:
    em.on(f"{JOB_PATH}?action=start", starts(em, result="Failed"))
    with pytest.raises(RunFailed, match=r"ended with Failed: srv-01: Failed \(Disk is full\)") as caught:
        run_job(em, said)
    data = caught.value.data
    assert (data["changed"], data["adopted"], data["job"]["name"], data["result"]) == (True, False, "SQL Backup", "Failed")
    assert data["machines"][0]["reason"] == "Disk is full."


def test_a_run_that_outlasts_the_wait_goes_on_and_tells_how_to_resume(em: FakeEm, said: list[str]) -> None:
    em.on(f"{JOB_PATH}?action=start", starts(em, lasts=9999))
    with pytest.raises(WaitTimeExceeded) as caught:
        run_job(em, said, options=WaitOptions(timeout=60, interval=5))
    assert (caught.value.data["changed"], caught.value.data["since"]) == (True, em.stamp(-1))
    assert caught.value.data["resume"]["options"] == {"uid": urn("BackupJobSession", guid(0x5E5, 2))}
    assert em.orders == [f"/{JOB_PATH}?start"]


def test_a_start_that_the_server_refuses_is_a_failure(em: FakeEm, said: list[str]) -> None:
    em.on(f"{JOB_PATH}?action=start", lambda: em.answer(202, em.task(1, "Finished", Success=False, Message="Job is disabled")))
    with pytest.raises(OrderFailed, match="Job is disabled") as caught:
        run_job(em, said)
    assert caught.value.data["job"]["name"] == "SQL Backup"
    assert em.orders == [f"/{JOB_PATH}?start"]


def test_retries_are_followed_on_request(em: FakeEm, said: list[str]) -> None:
    em.on(f"{JOB_PATH}?action=start", starts(em, result="Failed"))

    def retry() -> None:
        em.machine(2, em.run(3, job_of(em), begun=300, IsRetry=True, State="Stopped", Result="Success"), "srv-01")

    em.at(300, retry)
    outcome = run_job(em, said, follow_retries=True, retry_wait=600)
    assert outcome["runs"] == [urn("BackupJobSession", guid(0x5E5, number)) for number in (2, 3)]
    assert outcome["result"] == "Success"


def test_a_task_lost_with_its_log_on_session_leads_to_the_job_session(em: FakeEm, said: list[str]) -> None:
    em.on(f"{JOB_PATH}?action=start", starts(em))
    em.at(4, em.tasks.clear)
    em._events = [event for event in em._events if event[0] <= em.begin + 4]
    original = em.task
    em.task = lambda number, *rest, **more: original(number, *rest, **more) if em.clock.now - em.begin < 4 else {}  # type: ignore[method-assign]
    outcome = run_job(em, said)
    assert (outcome["found_by_query"], outcome["task"], outcome["result"]) == (True, None, "Success")
    assert any("is gone with its log-on session" in line for line in said)


def test_an_interrupt_leaves_the_run_alone(em: FakeEm, said: list[str], clock: FakeClock) -> None:
    em.on(f"{JOB_PATH}?action=start", starts(em))
    with pytest.raises(Interrupted) as caught:
        run_job(em, said, interrupted=lambda: clock.now - em.begin > 20)
    assert caught.value.data["changed"] is True
    assert em.orders == [f"/{JOB_PATH}?start"]
    assert em.requests[-1][0] == "DELETE"


# ---------------------------------------------------------------------------------------------------------
# Check mode


@pytest.mark.parametrize(
    ("state", "running", "last", "changed"),
    [
        ("started", False, "Success", True),
        ("started", True, "Success", False),
        ("stopped", False, "Success", False),
        ("stopped", True, "Success", True),
        ("retried", False, "Success", False),
        ("retried", False, "Failed", True),
        ("retried", True, "Failed", False),
    ],
)
def test_check_mode_predicts_and_orders_nothing(em: FakeEm, said: list[str], state: str, running: bool, last: str, changed: bool) -> None:
    em.entities["BackupJobSession"][0]["Result"] = last
    if running:
        em.run(2, job_of(em), begun=-60)
    outcome = run_job(em, said, wait="none", state=state, check_mode=True)
    assert (outcome["changed"], outcome["task"]) == (changed, None)
    assert em.orders == []


# ---------------------------------------------------------------------------------------------------------
# Names


def test_an_ambiguous_name_starts_nothing(em: FakeEm, said: list[str]) -> None:
    em.job(2, server="vbr02")
    with pytest.raises(AmbiguousName, match="2 jobs are called 'SQL Backup'") as caught:
        run_job(em, said)
    assert caught.value.data["candidates"] == [
        {"name": "SQL Backup", "uid": urn("Job", guid(0x70B, 1)), "backup_server": "vbr01", "job_kind": "job"},
        {"name": "SQL Backup", "uid": urn("Job", guid(0x70B, 2)), "backup_server": "vbr02", "job_kind": "job"},
    ]
    assert em.orders == []


@pytest.mark.parametrize(
    "job", [{"job": "SQL Backup", "backup_server": "vbr02"}, {"job_uid": urn("Job", guid(0x70B, 2))}, {"job_uid": guid(0x70B, 2)}], ids=str
)
def test_a_backup_server_or_an_id_tells_equal_names_apart(em: FakeEm, said: list[str], job: dict[str, str]) -> None:
    em.job(2, server="vbr02")
    em.on(f"jobs/{guid(0x70B, 2)}?action=start", lambda: em.taken(1))
    assert run_job(em, said, wait="none", job=job)["job"]["id"] == guid(0x70B, 2)
    assert len(em.orders) == 1


def test_an_unknown_name_starts_nothing_and_names_the_nearest(em: FakeEm, said: list[str]) -> None:
    em.job(2, "SQL Backup weekly")
    with pytest.raises(UnknownName, match=r"No job is called 'SQL Bckup'\. Did you mean SQL Backup or SQL Backup weekly\?"):
        run_job(em, said, job={"job": "SQL Bckup"})
    with pytest.raises(UnknownName, match="There is no job with the id"):
        run_job(em, said, job={"job_uid": guid(0x70B, 99)})
    assert em.orders == []


def test_names_that_differ_in_case_only_are_two_jobs(em: FakeEm, said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    em.job(2, "sql backup")
    usual = em._query
    # A server whose comparison is blind to case answers with both.
    monkeypatch.setattr(em, "_query", lambda asked: usual({**asked, "filter": 'Name=="SQL Backup",Name=="sql backup"'} if asked["type"] == "Job" else asked))
    em.on(f"jobs/{guid(0x70B, 2)}?action=start", lambda: em.taken(1))
    assert run_job(em, said, wait="none", job={"job": "sql backup"})["job"]["id"] == guid(0x70B, 2)


@pytest.mark.parametrize(("job", "message"), [({}, "No job is named"), ({"job_uid": "SQL"}, "is not the id of a job"), ({"job_uid": "urn:veeam:Job:1"}, "URN")])
def test_an_order_without_a_job_is_refused_before_anything_is_sent(em: FakeEm, said: list[str], job: dict[str, str], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        run_job(em, said, job=job)
    assert em.requests == []


def test_a_missing_right_names_the_role(em: FakeEm, said: list[str]) -> None:
    em.on(f"{JOB_PATH}?action=start", lambda: em.answer(403, {"Message": "Access denied"}))
    with pytest.raises(MissingRight) as caught:
        run_job(em, said)
    assert "Portal Administrator" in caught.value.advice


# ---------------------------------------------------------------------------------------------------------
# What runs already


@pytest.mark.parametrize("state", ["started", "retried"])
def test_a_run_that_goes_on_is_adopted(em: FakeEm, said: list[str], state: str) -> None:
    running = em.run(2, job_of(em), begun=-600)
    em.at(60, lambda: running.update(State="Stopped", Result="Warning"))
    outcome = run_job(em, said, state=state)
    assert (outcome["changed"], outcome["adopted"], outcome["result"]) == (False, True, "Warning")
    assert (outcome["since"], outcome["runs"]) == (em.stamp(-600), [running["UID"]])
    assert outcome["diff"]["before"] == outcome["diff"]["after"] == {"state": "started"}
    assert em.orders == []


@pytest.mark.parametrize("wait", ["none", "task"])
def test_an_adopted_run_is_not_waited_for_unless_asked(em: FakeEm, said: list[str], clock: FakeClock, wait: str) -> None:
    running = em.run(2, job_of(em), begun=-600, Progress=30)
    outcome = run_job(em, said, wait=wait)
    assert (outcome["adopted"], outcome["job_session"]["uid"], outcome["state"]) == (True, running["UID"], "Working")
    assert clock.now == em.begin


def test_an_adopted_run_that_fails_is_a_failure_that_changed_nothing(em: FakeEm, said: list[str]) -> None:
    running = em.run(2, job_of(em), begun=-600)
    em.at(60, lambda: running.update(State="Stopped", Result="Failed"))
    with pytest.raises(RunFailed) as caught:
        run_job(em, said)
    assert (caught.value.data["changed"], caught.value.data["adopted"]) == (False, True)


REFUSED_AS_RUNNING: list[Callable[[FakeEm], Answer]] = [
    lambda em: em.answer(202, em.task(1, "Finished", Success=False, Message='Job "SQL Backup" is already running.')),
    lambda em: em.answer(500, {"Message": "The job is Already Running", "StatusCode": 500}),
]


@pytest.mark.parametrize("refusal", REFUSED_AS_RUNNING, ids=["task", "status"])
def test_somebody_quicker_is_joined(em: FakeEm, said: list[str], refusal: Callable[[FakeEm], Answer]) -> None:
    def react() -> Answer:
        theirs = em.run(2, job_of(em), begun=0)
        em.at(30, lambda: theirs.update(State="Stopped", Result="Success"))
        return refusal(em)

    em.on(f"{JOB_PATH}?action=start", react)
    outcome = run_job(em, said)
    assert (outcome["changed"], outcome["adopted"], outcome["result"]) == (False, True, "Success")
    assert len(em.orders) == 1


def test_somebody_quicker_who_is_not_to_be_found_leaves_the_outcome_unknown(em: FakeEm, said: list[str]) -> None:
    em.on(f"{JOB_PATH}?action=start", lambda: REFUSED_AS_RUNNING[0](em))
    with pytest.raises(OutcomeUnknown, match="runs already, but no run of it is to be found"):
        run_job(em, said)


def test_a_copy_session_between_two_intervals_is_no_run(clock: FakeClock, said: list[str]) -> None:
    em = FakeEm(clock)
    open_session = em.run(1, em.job(1, job_type="BackupCopy"), begun=-3600)
    em.machine(9, open_session, "srv-01")
    em.on(f"{JOB_PATH}?action=sync", starts(em))
    outcome = run_job(em, said)
    assert (outcome["changed"], outcome["adopted"]) == (True, False)
    assert outcome["job_session"]["uid"] == urn("BackupJobSession", guid(0x5E5, 2))


def test_a_copy_session_at_work_is_adopted(clock: FakeClock, said: list[str]) -> None:
    em = FakeEm(clock)
    working = em.run(1, em.job(1, job_type="BackupCopy"), begun=-3600)
    machine = em.machine(9, working, "srv-01", State="InProgress")
    em.at(30, lambda: machine.update(State="Completed"))
    outcome = run_job(em, said)
    assert (outcome["adopted"], outcome["state"], outcome["result"]) == (True, "Working", "Success")
    assert em.orders == []


# ---------------------------------------------------------------------------------------------------------
# Stop and retry


def test_a_stop_waits_for_the_end_and_accepts_its_result(em: FakeEm, said: list[str]) -> None:
    running = em.run(2, job_of(em), begun=-600)

    def react() -> Answer:
        em.at(5, lambda: em.task(1, "Finished", "StopJob", Success=True, Message="Ok"))
        em.at(20, lambda: running.update(State="Stopping"))
        em.at(40, lambda: running.update(State="Stopped", Result="Failed"))
        return em.taken(1, "StopJob")

    em.on(f"{JOB_PATH}?action=stop", react)
    outcome = run_job(em, said, state="stopped")
    assert em.orders == [f"/{JOB_PATH}?stop"]
    assert (outcome["changed"], outcome["state"], outcome["result"]) == (True, "Stopped", "Failed")
    assert outcome["job_session"]["uid"] == running["UID"]
    assert outcome["diff"] == {"before": {"state": "started"}, "after": {"state": "stopped"}}


@pytest.mark.parametrize(
    ("state", "last", "reason"),
    [
        ("stopped", "Success", "SQL Backup is not running"),
        ("retried", "Success", "ended with Success; there is nothing to retry"),
        ("retried", "Warning", "nothing to retry"),
    ],
)
def test_where_there_is_nothing_to_do_nothing_is_done(em: FakeEm, said: list[str], state: str, last: str, reason: str) -> None:
    em.entities["BackupJobSession"][0]["Result"] = last
    outcome = run_job(em, said, state=state)
    assert outcome["changed"] is False
    assert reason in outcome["reason"]
    assert said == [outcome["reason"]]
    assert em.orders == []


def test_a_job_that_never_ran_cannot_be_retried(em: FakeEm, said: list[str]) -> None:
    em.entities["BackupJobSession"].clear()
    assert "has no run that could be retried" in run_job(em, said, state="retried")["reason"]


def test_a_failed_run_is_retried(em: FakeEm, said: list[str]) -> None:
    em.entities["BackupJobSession"][0]["Result"] = "Failed"
    em.on(f"{JOB_PATH}?action=retry", starts(em, IsRetry=True))
    outcome = run_job(em, said, state="retried")
    assert em.orders == [f"/{JOB_PATH}?retry"]
    assert outcome["result"] == "Success"


# ---------------------------------------------------------------------------------------------------------
# A lost answer to the order


def losing(reaction: Callable[[], Answer] | None, loss: Callable[[], Answer]) -> Callable[[], Answer]:
    """Return an order that has its effect, or none, and whose answer is lost."""

    def react() -> Answer:
        if reaction is not None:
            reaction()
        return loss()

    return react


def cut() -> Answer:
    """Lose the connection after the order was sent."""
    raise ConnectError("The connection to em.example.org:9398 was cut.", data={"sent": True})


LOSSES: dict[str, Callable[[FakeEm], Answer]] = {
    "cut": lambda em: cut(),
    "half a body": lambda em: Answer("", "", 202, {"Content-Type": "application/json"}, b'{"TaskId": "tas'),
    "html": lambda em: Answer("", "", 200, {"Content-Type": "text/html"}, b"<html>"),
    "502": lambda em: em.answer(502),
    "504": lambda em: em.answer(504),
}


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("shared", [False, True])
def test_a_lost_order_that_was_taken_is_found_and_not_repeated(em: FakeEm, said: list[str], shared: bool, loss: str) -> None:
    em.on(f"{JOB_PATH}?action=start", losing(starts(em), lambda: LOSSES[loss](em)))
    outcome = run_job(em, said, session=TOKEN if shared else "")
    assert em.orders == [f"/{JOB_PATH}?start"]
    assert (outcome["changed"], outcome["result"]) == (True, "Success")
    assert outcome["job_session"]["uid"] == urn("BackupJobSession", guid(0x5E5, 2))
    assert "the answer to the order was lost; looking up whether it was taken" in said


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("shared", [False, True])
def test_a_lost_order_that_was_not_taken_is_told_so(em: FakeEm, said: list[str], clock: FakeClock, shared: bool, loss: str) -> None:
    em.on(f"{JOB_PATH}?action=start", losing(None, lambda: LOSSES[loss](em)))
    with pytest.raises(OrderNotTaken, match="SQL Backup was not started") as caught:
        run_job(em, said, session=TOKEN if shared else "")
    assert em.orders == [f"/{JOB_PATH}?start"]
    assert "safe to run this again" in caught.value.advice
    assert caught.value.data["changed"] is False
    assert 14 <= clock.now - em.begin <= 17


def after_the_order(em: FakeEm, looks: int) -> Callable[[str, str], Answer | None]:
    """Return weather in which the server cannot be asked any more, a number of looks after the order."""

    def weather(method: str, path: str) -> Answer | None:
        asked_since = [line for _seconds, line in em.sent[:-1]][::-1]
        order = next((index for index, line in enumerate(asked_since) if line == f"POST /{JOB_PATH}"), None)
        if order is not None and order >= looks and not path.startswith("/logonSessions"):
            raise ConnectError("The server is gone.")
        return None

    return weather


@pytest.mark.parametrize("looks", [0, 2])
def test_a_lost_order_that_cannot_be_looked_up_to_the_end_stays_unknown(em: FakeEm, said: list[str], looks: int) -> None:
    em.on(f"{JOB_PATH}?action=start", losing(None, cut))
    em.weather = after_the_order(em, looks)
    with pytest.raises(OutcomeUnknown, match="Whether SQL Backup was started is unknown") as caught:
        run_job(em, said)
    assert em.orders == [f"/{JOB_PATH}?start"]
    assert em.stamp(-1) in caught.value.advice


def test_in_a_shared_log_on_session_a_new_task_alone_is_no_proof(em: FakeEm, said: list[str]) -> None:
    em.task(6)
    em.on(f"{JOB_PATH}?action=start", losing(lambda: em.taken(7), cut))
    with pytest.raises(OutcomeUnknown):
        run_job(em, said, session=TOKEN)
    em.tasks.pop("task-7")
    em.on(f"{JOB_PATH}?action=start", losing(None, cut))
    with pytest.raises(OrderNotTaken):
        run_job(em, said, session=TOKEN)


@pytest.mark.parametrize("wait", ["none", "task"])
def test_a_lost_order_is_known_by_its_job_session_where_the_task_is_not(em: FakeEm, said: list[str], wait: str) -> None:
    em.on(f"{JOB_PATH}?action=start", losing(starts(em), cut))
    outcome = run_job(em, said, wait=wait, session=TOKEN)
    assert (outcome["changed"], outcome["task"]) == (True, None)
    assert outcome["job_session"]["uid"] == urn("BackupJobSession", guid(0x5E5, 2))
    assert (outcome["state"], outcome["result"]) == ((None, None) if wait == "none" else ("Finished", "Success"))


def test_tasks_of_other_kinds_are_no_proof(em: FakeEm, said: list[str]) -> None:
    em.on(f"{JOB_PATH}?action=start", losing(lambda: em.taken(7, "CloneJob"), cut))
    with pytest.raises(OrderNotTaken):
        run_job(em, said)


def test_a_lost_order_whose_log_on_session_is_lost_too_stays_unknown(em: FakeEm, said: list[str]) -> None:
    expired: list[bool] = []

    def weather(method: str, path: str) -> Answer | None:
        if path == "/tasks" and not expired:
            expired.append(True)
            return em.answer(401, {"Message": "expired"})
        return None

    em.weather = weather
    em.on(f"{JOB_PATH}?action=start", losing(None, cut))
    with pytest.raises(OutcomeUnknown):
        run_job(em, said)
    assert em.count("POST", "/sessionMngr/") == 2


@pytest.mark.parametrize("problem", [ConnectError("refused", data={"sent": False}), ServerError("x", status=400), ServerError("x", status=500)], ids=str)
def test_an_order_that_surely_was_not_taken_needs_no_look_up(em: FakeEm, said: list[str], problem: EmError) -> None:
    def react() -> Answer:
        raise problem

    em.on(f"{JOB_PATH}?action=start", react)
    with pytest.raises(type(problem)):
        run_job(em, said)
    assert em.count("GET", "/tasks") == 0
    assert len(em.orders) == 1
