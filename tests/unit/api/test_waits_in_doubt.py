# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waits that could end at the wrong run, lose what they wait for, or give up on what passes."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from fake_em import TOKEN, FakeEm, guid, urn
from tiny_server import FakeClock

from _api import runs, waiting
from _api.errors import (
    AmbiguousName,
    AuthenticationError,
    BodyError,
    ConnectError,
    ForeignTask,
    MissingRight,
    NotFound,
    OptionError,
    OrderFailed,
    OrderNotTaken,
    OutcomeUnknown,
    UnknownName,
    WaitTimeExceeded,
)
from _api.runs import JobOrder
from _api.transport import Answer
from _api.waiting import JobTarget, WaitOptions

OPTIONS = WaitOptions(timeout=3600, interval=5)
ENDED = {"State": "Stopped", "Result": "Success", "Progress": 100}


@pytest.fixture
def em(clock: FakeClock) -> FakeEm:
    """An Enterprise Manager with one job."""
    service = FakeEm(clock)
    service.job(1)
    return service


@pytest.fixture
def said() -> list[str]:
    """The progress lines."""
    return []


def wait_session(em: FakeEm, said: list[str], uid: str = "", options: WaitOptions = OPTIONS, retries: bool = False, **target: Any) -> dict[str, Any]:
    """Wait for a job session in a session of its own."""
    wanted = JobTarget(**{"job": "SQL Backup", "since": em.stamp(-1), **target}) if not uid else None
    with em.session() as opened:
        return waiting.wait_for_job_session(opened, uid, wanted, options, retries, None, said.append)


def wait_task(em: FakeEm, said: list[str], task: str = "task-1", named: bool = True, **session: Any) -> dict[str, Any]:
    """Wait for a task and its run."""
    target = JobTarget(job="SQL Backup", since=em.stamp(-1)) if named else None
    with em.session(**session) as opened:
        return waiting.wait_for_task(opened, task, OPTIONS, target, True, said.append)


def uid_of_run(number: int) -> str:
    """Return the URN of a run."""
    return urn("BackupJobSession", guid(0x5E5, number))


# ---------------------------------------------------------------------------------------------------------
# Which job


def test_a_name_on_two_backup_servers_is_refused_although_only_one_of_them_runs(em: FakeEm, said: list[str]) -> None:
    other = em.job(2, server="vbr02")
    em.run(1, other, **ENDED)
    with pytest.raises(AmbiguousName) as caught:
        wait_session(em, said)
    assert [one["backup_server"] for one in caught.value.data["candidates"]] == ["vbr01", "vbr02"]
    assert wait_session(em, said, backup_server="vbr02")["job_session"]["uid"] == uid_of_run(1)


def test_an_unknown_name_is_refused_at_once(em: FakeEm, said: list[str], clock: FakeClock) -> None:
    with pytest.raises(UnknownName, match=r"No job is called 'SQL Bakup'\. Did you mean SQL Backup"):
        wait_session(em, said, job="SQL Bakup")
    assert clock.now == em.begin


def test_a_job_on_another_backup_server_is_told_so(em: FakeEm, said: list[str]) -> None:
    with pytest.raises(UnknownName, match="No job on the backup server 'vbr02' is called 'SQL Backup'; that name is on vbr01") as caught:
        wait_session(em, said, backup_server="vbr02")
    assert [one["backup_server"] for one in caught.value.data["candidates"]] == ["vbr01"]


def test_a_job_that_is_not_listed_is_known_by_its_runs(em: FakeEm, said: list[str]) -> None:
    agent = em.job(2, name="Agent Backup", job_type="AgentBackup")
    em.entities["Job"].remove(agent)
    em.run(1, agent, begun=-86400, **ENDED)
    em.at(30, lambda: em.run(2, agent, begun=29, **ENDED))
    assert wait_session(em, said, job="Agent Backup")["job_session"]["uid"] == uid_of_run(2)


def test_without_the_right_to_list_jobs_the_name_has_to_do_and_resuming_keeps_the_backup_server(em: FakeEm, said: list[str]) -> None:
    em.deny("Job", "AgentBackupJob", "NasJob")
    with pytest.raises(WaitTimeExceeded) as caught:
        wait_session(em, said, backup_server="vbr01")
    assert caught.value.data["resume"]["options"] == {"job": "SQL Backup", "backup_server": "vbr01", "since": em.stamp(-1)}


def test_an_age_is_counted_from_the_begin_of_the_wait_on_the_servers_clock(clock: FakeClock, said: list[str]) -> None:
    em = FakeEm(clock, skew=-7200)
    em.job(1)
    with pytest.raises(WaitTimeExceeded) as caught:
        wait_session(em, said, since="-15m")
    assert caught.value.data["resume"]["options"]["since"] == em.stamp(-900)


# ---------------------------------------------------------------------------------------------------------
# What is lost on the way


def test_a_start_that_found_the_job_running_has_no_task_and_is_followed_by_the_job(em: FakeEm, said: list[str]) -> None:
    em.run(1, em.entities["Job"][0], **ENDED)
    outcome = wait_task(em, said, task="")
    assert (outcome["task"], outcome["found_by_query"], outcome["job_session"]["uid"]) == (None, True, uid_of_run(1))
    with pytest.raises(OptionError, match="No task is named"):
        wait_task(em, said, task="", named=False)


def test_an_order_that_found_the_job_running_leads_to_that_run(em: FakeEm, said: list[str]) -> None:
    run = em.run(1, em.entities["Job"][0], begun=-600)
    em.task(1, "Finished", Success=False, Message='Job "SQL Backup" is already running')
    em.at(60, lambda: run.update(ENDED))
    outcome = wait_task(em, said)
    assert (outcome["task"]["task_id"], outcome["job_session"]["uid"], outcome["result"]) == ("task-1", uid_of_run(1), "Success")
    with pytest.raises(OrderFailed, match="already running"):
        wait_task(em, said)


def gone(em: FakeEm) -> Callable[[str, str], Answer | None]:
    """Return the weather in which the shared token has ended and a log-on of one's own works."""
    return lambda method, path: None if em.count("POST", "/sessionMngr/") or path == "/" else em.answer(401)


def test_a_wait_whose_shared_log_on_session_has_ended_goes_on_in_its_own(em: FakeEm, said: list[str]) -> None:
    em.run(1, em.entities["Job"][0], **ENDED)
    em.weather = gone(em)
    outcome = wait_task(em, said, session=TOKEN)
    assert (outcome["found_by_query"], outcome["job_session"]["uid"]) == (True, uid_of_run(1))
    assert "no longer valid" in said[0]
    assert [method for method, path, _parameters in em.requests if path.startswith("/logonSessions/")] == ["DELETE"]


@pytest.mark.parametrize(("named", "changes"), [(False, {}), (True, {"username": "", "password": ""})])
def test_without_job_or_credentials_a_lost_token_is_an_error(em: FakeEm, said: list[str], named: bool, changes: dict[str, str]) -> None:
    em.weather = lambda method, path: em.answer(401)
    with pytest.raises(AuthenticationError, match="The token in the option session is no longer valid"):
        wait_task(em, said, named=named, session=TOKEN, **changes)
    assert em.count("POST", "/sessionMngr/") == 0


def test_wrong_credentials_end_a_wait_at_once(em: FakeEm, said: list[str], clock: FakeClock) -> None:
    em.weather = lambda method, path: em.answer(401) if path != "/" else None
    with pytest.raises(AuthenticationError, match="did not accept the user name or password"):
        wait_task(em, said, session=TOKEN)
    assert em.count("POST", "/sessionMngr/") == 1


def test_a_linked_job_session_may_be_readable_late(em: FakeEm, said: list[str]) -> None:
    run = em.run(1, em.entities["Job"][0], **ENDED)
    em.task(1, "Finished", related=run, Success=True, Message="Ok")
    em.entities["BackupJobSession"].remove(run)
    em.at(20, lambda: em.entities["BackupJobSession"].append(run))
    assert wait_task(em, said, named=False)["job_session"]["uid"] == uid_of_run(1)
    assert f"job session {guid(0x5E5, 1)} cannot be read yet" in said


def test_a_named_job_session_that_does_not_exist_is_told_soon(em: FakeEm, said: list[str], clock: FakeClock) -> None:
    with pytest.raises(NotFound):
        wait_session(em, said, uid=uid_of_run(9))
    assert 10 <= clock.now - em.begin <= 30


def test_the_urn_of_something_else_is_refused_with_the_forms_of_job_sessions(em: FakeEm, said: list[str]) -> None:
    with pytest.raises(OptionError, match="is not the URN of a job session") as caught:
        wait_session(em, said, uid=urn("Job", guid(0x70B, 1)))
    assert "urn:veeam:ReplicaJobSession:GUID" in caught.value.advice
    assert em.requests == []


def test_a_job_session_that_vanishes_in_mid_wait_ends_it(em: FakeEm, said: list[str], clock: FakeClock) -> None:
    run = em.run(1, em.entities["Job"][0])
    em.at(3, lambda: em.entities["BackupJobSession"].remove(run))
    with pytest.raises(NotFound):
        wait_session(em, said, uid=uid_of_run(1))
    assert clock.now - em.begin <= 10


def spoiled(em: FakeEm, path: str, first: int, last: int, body: bytes = b"<html>busy") -> Callable[[str, str], Answer | None]:
    """Return the weather in which some answers for a path, counted from 1, are a proxy's."""

    def weather(_method: str, asked: str) -> Answer | None:
        seen = sum(1 for _m, one, _p in em.requests if one.startswith(path))
        spoil = asked.startswith(path) and first <= seen <= last
        return Answer("", "", 200, {"Content-Type": "text/html"}, body) if spoil else None

    return weather


def test_a_foreign_body_in_mid_wait_passes_and_at_the_begin_is_an_error(em: FakeEm, said: list[str], clock: FakeClock) -> None:
    run = em.run(1, em.entities["Job"][0])
    em.at(40, lambda: run.update(ENDED))
    em.weather = spoiled(em, "/backupSessions", 3, 5)
    assert wait_session(em, said, uid=uid_of_run(1))["result"] == "Success"
    em.requests.clear()
    em.weather = spoiled(em, "/backupSessions", 1, 99)
    with pytest.raises(BodyError, match="text/html"):
        wait_session(em, said, uid=uid_of_run(1))


def test_the_machines_are_asked_for_as_stubbornly_as_the_run(em: FakeEm, said: list[str]) -> None:
    run = em.run(1, em.entities["Job"][0], **ENDED)
    em.machine(1, run, "srv-01")
    em.weather = spoiled(em, "/query", 1, 4)
    outcome = wait_session(em, said, uid=uid_of_run(1))
    assert [machine["vm_display_name"] for machine in outcome["machines"]] == ["srv-01"]


def test_a_server_that_was_never_met_is_told_at_once(em: FakeEm, said: list[str], clock: FakeClock) -> None:
    def refuse(method: str, path: str) -> Answer | None:
        raise ConnectError("em refuses the connection.", data={"sent": False})

    em.weather = refuse
    with pytest.raises(ConnectError):
        wait_task(em, said)
    assert clock.now == em.begin


def test_a_long_interval_does_not_let_the_log_on_session_end(em: FakeEm, said: list[str]) -> None:
    run = em.run(1, em.entities["Job"][0])
    em.at(7000, lambda: run.update(ENDED))
    wait_session(em, said, uid=uid_of_run(1), options=WaitOptions(timeout=8000, interval=3600))
    moments = [moment for moment, _request in em.sent]
    assert max(later - earlier for earlier, later in pairwise(moments)) <= 600


# ---------------------------------------------------------------------------------------------------------
# Machines and retries


def test_two_machines_of_one_name_stay_two(em: FakeEm, said: list[str]) -> None:
    run = em.run(1, em.entities["Job"][0], **ENDED)
    em.machine(1, run, "web", Result="Failed", Reason="Disk is full.")
    em.machine(2, run, "web")
    with pytest.raises(waiting.RunFailed) as caught:
        wait_session(em, said, uid=uid_of_run(1))
    assert [machine["result"] for machine in caught.value.data["machines"]] == ["Failed", "Success"]


def test_a_retry_within_the_second_of_the_run_is_found_and_not_followed_twice(em: FakeEm, said: list[str]) -> None:
    job = em.job(3, name="Fast", retry={"RetrySpecified": True, "RetryTimes": 2, "RetryTimeout": 1})
    failed = {**ENDED, "Result": "Failed"}
    em.run(1, job, begun=0, **failed)
    em.run(2, job, begun=0.5, IsRetry=True, **failed)
    em.run(3, job, begun=0.75, IsRetry=True, **ENDED)
    outcome = wait_session(em, said, uid=uid_of_run(1), retries=True)
    assert outcome["runs"] == [uid_of_run(1), uid_of_run(2), uid_of_run(3)]


# ---------------------------------------------------------------------------------------------------------
# A stop whose answer is lost


def stop(em: FakeEm, said: list[str], taken: bool, **session: Any) -> dict[str, Any]:
    """Stop the job with an order whose answer is lost."""
    run = em.run(1, em.entities["Job"][0])

    def lose() -> Answer:
        if taken:
            run.update(State="Stopping")
        raise ConnectError("The connection to em was cut.", data={"sent": True})

    em.on(f"jobs/{guid(0x70B, 1)}?action=stop", lose)
    with em.session(**session) as opened:
        return runs.run_job(opened, JobOrder("stopped", job="SQL Backup"), "none", OPTIONS, False, said.append)


@pytest.mark.parametrize("token", ["", TOKEN])
def test_a_lost_stop_is_known_by_the_run_that_ends(em: FakeEm, said: list[str], token: str) -> None:
    outcome = stop(em, said, True, session=token)
    assert (outcome["changed"], outcome["job_session"]["state"]) == (True, "Stopping")


def test_a_lost_stop_that_was_not_taken_is_told_as_a_stop(em: FakeEm, said: list[str]) -> None:
    with pytest.raises(OrderNotTaken, match="SQL Backup was not stopped: The connection to em was cut") as caught:
        stop(em, said, False)
    assert caught.value.data["job"]["name"] == "SQL Backup"


def test_a_lost_stop_that_cannot_be_looked_up_tells_where_to_look(em: FakeEm, said: list[str]) -> None:
    em.weather = lambda method, path: em.answer(503) if em.orders and method == "GET" else None
    with pytest.raises(OutcomeUnknown, match="Whether SQL Backup was stopped is unknown") as caught:
        stop(em, said, False)
    assert caught.value.advice == "Look with veeam_em_backup_session_info whether the run goes on before you run this again."


def test_an_order_that_is_refused_tells_of_which_job(em: FakeEm, said: list[str]) -> None:
    em.on(f"jobs/{guid(0x70B, 1)}?action=start", lambda: em.answer(403, json.loads("{}")))
    with em.session() as opened, pytest.raises(MissingRight) as caught:
        runs.run_job(opened, JobOrder("started", job="SQL Backup"), "none", OPTIONS, False, said.append)
    assert (caught.value.data["job"]["name"], caught.value.data["changed"]) == ("SQL Backup", False)


def test_a_foreign_task_without_a_job_stays_an_error(em: FakeEm, said: list[str]) -> None:
    with pytest.raises(ForeignTask):
        wait_task(em, said, named=False)
