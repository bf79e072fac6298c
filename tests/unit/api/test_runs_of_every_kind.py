# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Agent and file share jobs are found, started, stopped and retried as backup jobs are, each by the orders of its own collection."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from fake_em import TOKEN, Entity, FakeEm, guid, urn
from tiny_server import FakeClock

from _api import runs, waiting, which_job
from _api.entities.agents import AGENT_JOB
from _api.entities.jobs import JOB
from _api.entities.nas import NAS_JOB
from _api.errors import AmbiguousName, ConnectError, MissingRight, OptionError, OrderNotTaken, RunFailed, ServerError, UnknownName
from _api.runs import JobOrder
from _api.transport import Answer
from _api.waiting import JobTarget, WaitOptions

OPTIONS = WaitOptions(timeout=3600, interval=5)
BACKUP, AGENT, SHARE = (guid(0x70B, number) for number in (1, 2, 3))
# By state: the order as it travels, and the operation that its task names.
ORDERS = {
    "agent_job": {
        "started": (f"agents/jobs/{AGENT}?action=start", "StartJob"),
        "stopped": (f"agents/jobs/{AGENT}?action=stop", "StopAgentJob"),
        "retried": (f"agents/jobs/{AGENT}?action=retry", "RetryAgentJob"),
    },
    "nas_job": {
        "started": (f"nas/jobs/{SHARE}/start", "StartNasJob"),
        "stopped": (f"nas/jobs/{SHARE}/stop", "StopNasJob"),
        "retried": (f"nas/jobs/{SHARE}/retry", "RetryNasJob"),
    },
}
NAMES = {"agent_job": "Windows Servers", "nas_job": "Projects Share"}
EACH_KIND = pytest.mark.parametrize("kind", ORDERS)


@pytest.fixture
def em(clock: FakeClock) -> FakeEm:
    """An Enterprise Manager with a job of each kind."""
    service = FakeEm(clock)
    service.job(1)
    service.job(2, NAMES["agent_job"], job_type="AgentBackup", kind="AgentBackupJob")
    service.job(3, NAMES["nas_job"], kind="NasJob")
    return service


def job_of(em: FakeEm, kind: str) -> Entity:
    """Return the first job of a kind."""
    return em.entities[{"agent_job": "AgentBackupJob", "nas_job": "NasJob"}[kind]][0]


def run_job(em: FakeEm, state: str = "started", wait: str = "session", check_mode: bool = False, session: str = "", **job: str) -> dict[str, Any]:
    """Run a job in a session of its own, or in a shared one."""
    with em.session(session=session) as opened:
        return runs.run_job(opened, JobOrder(state, **job), wait, OPTIONS, check_mode, lambda line: None)


def takes(em: FakeEm, kind: str, state: str, result: str = "Success") -> str:
    """Let an order open a job session that ends after a minute, or for a stop end the one that runs; return the order."""
    order, operation = ORDERS[kind][state]

    def react() -> Answer:
        if state == "stopped":
            run = em.entities["BackupJobSession"][-1]
            em.at(20, lambda: run.update(State="Stopped", Result="Failed"))
        else:
            run = em.run(9, job_of(em, kind), begun=em.clock.now - em.begin + 1, IsRetry=state == "retried")
            em.machine(9, run, "srv-09", Result=result, Reason="" if result == "Success" else "The agent does not answer.")
            em.at(60, lambda: run.update(State="Stopped", Result=result, Progress=100))
        em.at(3, lambda: em.task(1, "Finished", operation, Success=True, Message="Ok"))
        return em.taken(1, operation)

    em.on(order, react)
    return order


def sent_as(order: str) -> str:
    """Return an order as ``FakeEm.orders`` notes it."""
    path, _sign, action = order.partition("?action=")
    return f"/{path}?{action}"


@EACH_KIND
def test_a_start_is_one_order_followed_to_its_end(em: FakeEm, kind: str) -> None:
    order = takes(em, kind, "started")
    outcome = run_job(em, job=NAMES[kind])
    assert em.orders == [sent_as(order)]
    assert (outcome["changed"], outcome["adopted"], outcome["state"], outcome["result"]) == (True, False, "Stopped", "Success")
    assert outcome["job_session"]["uid"] == urn("BackupJobSession", guid(0x5E5, 9))
    assert [machine["vm_display_name"] for machine in outcome["machines"]] == ["srv-09"]
    assert (outcome["job"]["name"], outcome["job"]["job_kind"], outcome["job"]["backup_server"]["name"]) == (NAMES[kind], kind, "vbr01")


def test_what_a_kind_does_not_tell_is_null(em: FakeEm) -> None:
    outcome = run_job(em, check_mode=True, job=NAMES["nas_job"])
    assert (outcome["job"]["job_type"], outcome["job"]["platform"]) == (None, None)
    assert run_job(em, check_mode=True, job=NAMES["agent_job"])["job"]["job_type"] == "AgentBackup"


@EACH_KIND
def test_a_failed_machine_is_told(em: FakeEm, kind: str) -> None:
    takes(em, kind, "started", "Failed")
    with pytest.raises(RunFailed, match=r"srv-09: Failed \(The agent does not answer\)") as caught:
        run_job(em, job=NAMES[kind])
    assert caught.value.data["job"]["job_kind"] == kind


@EACH_KIND
def test_a_running_one_is_adopted_and_can_be_stopped(em: FakeEm, kind: str) -> None:
    running = em.run(4, job_of(em, kind), begun=-60)
    assert run_job(em, wait="none", job=NAMES[kind])["adopted"]
    assert em.orders == []
    order = takes(em, kind, "stopped")
    stopped = run_job(em, "stopped", job=NAMES[kind])
    assert em.orders == [sent_as(order)]
    assert (stopped["changed"], stopped["job_session"]["uid"], stopped["state"]) == (True, running["UID"], "Stopped")


@EACH_KIND
def test_a_failed_run_is_retried_and_a_good_one_is_not(em: FakeEm, kind: str) -> None:
    order = takes(em, kind, "retried")
    last = em.run(4, job_of(em, kind), begun=-3600, State="Stopped", Result="Success")
    assert "there is nothing to retry" in run_job(em, "retried", job=NAMES[kind])["reason"]
    assert em.orders == []
    last["Result"] = "Failed"
    assert run_job(em, "retried", job=NAMES[kind])["job_session"]["is_retry"] is True
    assert em.orders == [sent_as(order)]


@EACH_KIND
@pytest.mark.parametrize("state", ["started", "stopped", "retried"])
def test_check_mode_orders_nothing(em: FakeEm, kind: str, state: str) -> None:
    em.run(4, job_of(em, kind), begun=-60, **({} if state == "stopped" else {"State": "Stopped", "Result": "Failed"}))
    assert run_job(em, state, check_mode=True, job=NAMES[kind])["changed"] is True
    assert em.orders == []


@EACH_KIND
@pytest.mark.parametrize("shared", [False, True])
def test_a_lost_answer_is_looked_up_and_not_repeated(em: FakeEm, kind: str, shared: bool) -> None:
    order = takes(em, kind, "started")
    taken = em._orders[order]

    def cut(reaction: Callable[[], object]) -> Callable[[], Answer]:
        def react() -> Answer:
            reaction()
            raise ConnectError("The connection was cut.", data={"sent": True})

        return react

    em.on(order, cut(taken))
    assert run_job(em, job=NAMES[kind], session=TOKEN if shared else "")["result"] == "Success"
    em.entities["BackupJobSession"].clear()
    em.tasks.clear()
    em.on(order, cut(lambda: None))
    with pytest.raises(OrderNotTaken):
        run_job(em, job=NAMES[kind], session=TOKEN if shared else "")
    assert em.orders == [sent_as(order)] * 2


# ---------------------------------------------------------------------------------------------------------
# Which job


@pytest.mark.parametrize(
    ("job", "kind"),
    [
        ({"job_uid": AGENT}, "agent_job"),
        ({"job_uid": urn("Job", AGENT)}, "agent_job"),
        ({"job_uid": urn("AgentBackupJob", AGENT)}, "agent_job"),
        ({"job_uid": urn("agentbackupjob", AGENT), "job_kind": "agent_job"}, "agent_job"),
        ({"job_uid": SHARE}, "nas_job"),
        ({"job_uid": urn("NasJob", SHARE)}, "nas_job"),
        ({"job_uid": SHARE, "job_kind": "nas_job"}, "nas_job"),
        ({"job_uid": urn("Job", BACKUP)}, "job"),
    ],
    ids=str,
)
def test_an_id_finds_a_job_of_any_kind(em: FakeEm, job: dict[str, str], kind: str) -> None:
    assert run_job(em, check_mode=True, **job)["job"]["job_kind"] == kind


@pytest.mark.parametrize(
    ("job", "message"),
    [
        ({"job_uid": urn("AgentBackupJob", AGENT), "job_kind": "nas_job"}, "of the kind agent_job, not nas_job"),
        ({"job_uid": urn("BackupJobSession", AGENT)}, "is not the id of a job"),
        ({"job_uid": "urn:vmware:job:" + AGENT}, "is not the id of a job"),
        ({"job_uid": "Windows Servers"}, "is not the id of a job"),
        ({"job_kind": "agent_job"}, "No job is named"),
    ],
    ids=str,
)
def test_what_cannot_be_a_job_is_refused_before_anything_is_sent(em: FakeEm, job: dict[str, str], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        run_job(em, **job)
    with pytest.raises(OptionError):
        JobTarget(since="2026-11-22", **job).check()
    assert em.requests == []


def test_one_name_in_two_kinds_is_ambiguous_until_the_kind_is_named(em: FakeEm) -> None:
    em.job(4, NAMES["agent_job"])
    with pytest.raises(AmbiguousName, match=r"2 jobs are called 'Windows Servers': job .* on vbr01, agent job .* on vbr01") as caught:
        run_job(em, job=NAMES["agent_job"])
    assert caught.value.data["candidates"] == [
        {"name": NAMES["agent_job"], "uid": urn("Job", guid(0x70B, 4)), "backup_server": "vbr01", "job_kind": "job"},
        {"name": NAMES["agent_job"], "uid": urn("AgentBackupJob", AGENT), "backup_server": "vbr01", "job_kind": "agent_job"},
    ]
    assert caught.value.advice == "Name the kind in job_kind, or the job by job_uid."
    assert em.orders == []
    for kind, found in (("job", guid(0x70B, 4)), ("agent_job", AGENT)):
        assert run_job(em, check_mode=True, job=NAMES["agent_job"], job_kind=kind)["job"]["id"] == found


def test_a_name_that_only_another_kind_has_is_told_so(em: FakeEm) -> None:
    with pytest.raises(UnknownName, match=r"No file share job is called 'Windows Servers'; that name is on vbr01 \(agent job\)") as caught:
        run_job(em, job=NAMES["agent_job"], job_kind="nas_job")
    assert [one["job_kind"] for one in caught.value.data["candidates"]] == ["agent_job"]


def test_the_nearest_names_are_of_every_kind(em: FakeEm) -> None:
    with pytest.raises(UnknownName, match=r"No job is called 'Project Share'\. Did you mean Projects Share") as caught:
        run_job(em, job="Project Share")
    assert "veeam_em_job_info, veeam_em_agent_job_info and veeam_em_nas_job_info list them" in caught.value.advice
    with pytest.raises(UnknownName, match="There is no agent job with the id") as caught:
        run_job(em, job_uid=SHARE, job_kind="agent_job")
    assert caught.value.advice.startswith("veeam_em_agent_job_info lists them.")


def test_a_kind_that_the_account_may_not_list_is_no_hindrance_unless_it_may_hold_the_job(em: FakeEm) -> None:
    em.deny("AgentBackupJob", "NasJob")
    assert run_job(em, check_mode=True, job="SQL Backup")["job"]["id"] == BACKUP
    with pytest.raises(MissingRight):
        run_job(em, job=NAMES["agent_job"])
    with pytest.raises(MissingRight):
        run_job(em, job_uid=AGENT)


def test_an_older_server_has_no_file_share_jobs(em: FakeEm) -> None:
    em.version = "v1_4"
    em.unknown_types.add("NasJob")
    assert run_job(em, check_mode=True, job=NAMES["agent_job"])["job"]["id"] == AGENT
    assert em.count("GET", "/query") == 3, "two kinds of job, and the job sessions"
    with pytest.raises(OptionError, match=r"File share jobs need Enterprise Manager 10 or later .API version v1_5.; this log-on session speaks v1_4"):
        run_job(em, job=NAMES["nas_job"], job_kind="nas_job")
    assert em.orders == []


def test_with_a_shared_token_an_older_server_tells_by_its_refusal(em: FakeEm) -> None:
    em.version = "v1_4"
    em.unknown_types.add("NasJob")
    assert run_job(em, check_mode=True, session=TOKEN, job="SQL Backup")["job"]["id"] == BACKUP
    with pytest.raises(ServerError, match="is not known"):
        run_job(em, session=TOKEN, job=NAMES["nas_job"], job_kind="nas_job")


def test_an_order_that_a_kind_does_not_take_is_refused(em: FakeEm, monkeypatch: pytest.MonkeyPatch) -> None:
    without_retry = replace(AGENT_JOB, actions=tuple(action for action in AGENT_JOB.actions if action.name != "retry"))
    monkeypatch.setattr(which_job, "JOB_KINDS", (JOB, without_retry, NAS_JOB))
    with pytest.raises(OptionError, match="Agent jobs cannot be retried: the service offers no such order") as caught:
        run_job(em, "retried", job=NAMES["agent_job"], job_kind="agent_job")
    assert caught.value.advice == "They can be: started, stopped."
    assert em.requests == []
    with pytest.raises(OptionError):
        run_job(em, "retried", job=NAMES["agent_job"])
    assert em.orders == []


# ---------------------------------------------------------------------------------------------------------
# Waits


@EACH_KIND
@pytest.mark.parametrize("by", ["name", "uid"])
def test_a_run_is_found_by_the_job(em: FakeEm, kind: str, by: str) -> None:
    job = job_of(em, kind)
    em.run(4, job, begun=5, State="Stopped", Result="Success")
    named = {"job": job["Name"], "job_kind": kind} if by == "name" else {"job_uid": job["UID"]}
    with em.session() as opened:
        outcome = waiting.wait_for_job_session(opened, "", JobTarget(since=em.stamp(), **named), OPTIONS, False, None, lambda line: None)
    assert outcome["runs"] == [urn("BackupJobSession", guid(0x5E5, 4))]


@EACH_KIND
def test_the_pause_before_an_automatic_retry_is_read_from_the_job(em: FakeEm, kind: str, clock: FakeClock) -> None:
    job_of(em, kind)["JobScheduleOptions"] = {"Standart": {"RetryOptions": {"RetryTimes": 1, "RetryTimeout": 5, "RetrySpecified": True}}}
    failed = em.run(4, job_of(em, kind), begun=-60, State="Stopped", Result="Failed")
    with em.session() as opened, pytest.raises(RunFailed):
        waiting.wait_for_job_session(opened, failed["UID"], None, OPTIONS, True, None, lambda line: None)
    assert 5 * 60 + waiting.RETRY_MARGIN <= clock.now - em.begin < 5 * 60 + waiting.RETRY_MARGIN + 10
