# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What "truly done" means when the server does not make it easy: retries, copies, late and missing links, races, expiry."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import pytest

from em_simulator.control import Simulator
from em_testing.plays import Play, play, task, tried
from em_testing.runner import LANES, BothLanes, Runner
from em_testing.story import FAST, QUICK
from em_testing.wire import Wire

RUN = "veeam_em_job_run"
SQL, FILE, REPLICA, COPY, MIRROR = "SQL Server Backup", "File Server Backup", "DC Replication", "Copy to DR", "Mirror SQL"
EXCHANGE = {"job": "Exchange Backup", "backup_server": "vbr01.example.com"}
OTHER_EXCHANGE = {"job": "Exchange Backup", "backup_server": "vbr02.example.com"}
CYRILLIC = "Резервное копирование 🚀"
ODD = 'R&D <lab> "nightly"; it\'s, C:\\VMs (test)'
TO_THE_END = {"wait": "session", **QUICK}


def one_script_a_job(simulator: Simulator) -> list[Play]:
    """Put a script in force for each job and return a play that runs them all to their end."""
    simulator.clock(speed=FAST)
    simulator.script("retry_after_failure", SQL, seconds=8, machines=["srv-sql-02"])
    simulator.script("late_session", FILE, seconds=12)
    simulator.script("no_related_link", REPLICA)
    simulator.script("periodic_copy", COPY)
    simulator.script("simultaneous_starts", MIRROR, outcome="failed_task")
    for server, outcome in (("vbr01.example.com", "same_session"), ("vbr02.example.com", "two_sessions")):
        simulator.script("simultaneous_starts", simulator.job_id("Exchange Backup", server), outcome=outcome)
    simulator.script("task_vanishes", CYRILLIC)
    simulator.script("running_result_success", ODD)
    simulator.script("running_end_time", ODD, style="never")
    simulator.script("missing_end_time", "Empty Job")
    return play(
        task("retry is followed", RUN, {"job": SQL, "follow_retries": True, "retry_wait": 60, **TO_THE_END}),
        task("late session", RUN, {"job": FILE, **TO_THE_END}),
        task("no link to the session", RUN, {"job": REPLICA, **TO_THE_END}),
        task("copy that stays open", RUN, {"job": COPY, **TO_THE_END}),
        task("somebody else was quicker", RUN, {"job": MIRROR, **TO_THE_END}),
        task("both orders led to one run", RUN, {**EXCHANGE, **TO_THE_END}),
        task("both orders led to a run", RUN, {**OTHER_EXCHANGE, **TO_THE_END}),
        task("task vanishes", RUN, {"job": CYRILLIC, **TO_THE_END}),
        task("odd name, early result", RUN, {"job": ODD, **TO_THE_END}),
        task("no machines, no end time", RUN, {"job": "Empty Job", **TO_THE_END}),
    )


def test_every_script_comes_to_its_real_end(both_lanes: BothLanes) -> None:
    for lane, run in both_lanes.play(one_script_a_job).items():
        results = {item.task: item.result for item in run.outcomes}
        retried = results["retry is followed"]
        assert len(retried["runs"]) == 2 and retried["result"] in ("Success", "Warning"), lane
        assert retried["job_session"]["is_retry"] and len(retried["machines"]) == 4
        assert results["late session"]["found_by_query"] and results["late session"]["result"] == "Success"
        assert results["no link to the session"]["found_by_query"] and results["no link to the session"]["related"] == []
        copy = results["copy that stays open"]
        assert copy["job_session"]["state"] == "Working" and copy["result"] == "Success"
        assert [machine["state"] for machine in copy["machines"]] == ["Completed", "Completed"]
        taken_over = results["somebody else was quicker"]
        assert taken_over["adopted"] and not taken_over["changed"] and taken_over["result"] == "Success"
        for name in ("both orders led to one run", "both orders led to a run", "odd name, early result", "no machines, no end time"):
            assert results[name]["job_session"]["state"] == "Stopped" and results[name]["changed"], name
        assert results["odd name, early result"]["job"]["name"] == ODD
        assert results["task vanishes"]["job_session"]["state"] == "Stopped"
        assert results["no machines, no end time"]["machines"] == [] and results["no machines, no end time"]["job_session"]["end_time"] is None
        assert len(run.sent("POST", "/jobs/")) == len(results) == run.counters["writes"]


def test_a_failed_run_without_its_retry_is_a_failure(both_lanes: BothLanes) -> None:
    def prepare(simulator: Simulator) -> list[Play]:
        simulator.clock(speed=FAST)
        simulator.script("run_fails", SQL, machines=["srv-sql-02"], reason="No space left.", times=1)
        return play(
            tried("no retry", RUN, {"job": SQL, **TO_THE_END}),
            tried("no retry comes", RUN, {"job": SQL, "state": "retried", **TO_THE_END}),
            task("nothing failed now", RUN, {"job": SQL, "state": "retried", **TO_THE_END}),
        )

    for run in both_lanes.play(prepare).values():
        failed = run.failure("no retry")
        assert failed["result"] == "Failed" and "No space left" in failed["msg"] and len(failed["machines"]) == 4
        retried = run.result("no retry comes")
        assert retried["changed"] and [machine["vm_display_name"] for machine in retried["machines"]] == ["srv-sql-02"]
        again = run.result("nothing failed now")
        assert not again["changed"] and "nothing to retry" in again["reason"]
        assert [request["query"] for request in run.sent("POST", "/jobs/")] == ["action=start", "action=retry"]


def test_a_run_that_goes_on_is_adopted_and_can_be_stopped(both_lanes: BothLanes) -> None:
    def prepare(simulator: Simulator) -> list[Play]:
        with Wire(simulator) as wire:
            for name in (SQL, FILE):
                simulator.script("stuck_running", name)
                wire.post(f"/jobs/{simulator.job_id(name)}", action="start")
            simulator.advance(3)
        simulator.reset()
        return play(
            task("adopted", RUN, {"job": SQL, "wait": "none"}),
            tried("adopted and waited for", RUN, {"job": SQL, "wait": "session", "wait_timeout": 0.5, "wait_interval": 0.2}),
            task("stopped", RUN, {"job": SQL, "state": "stopped", **TO_THE_END}, diff=True),
            task("stopped already", RUN, {"job": SQL, "state": "stopped", **TO_THE_END}, diff=True),
            task("copy starts by sync", RUN, {"job": COPY, "wait": "task", **QUICK}),
        )

    for run in both_lanes.play(prepare).values():
        adopted = run.result("adopted")
        assert adopted["adopted"] and not adopted["changed"] and adopted["job_session"]["state"] == "Working"
        waited = run.failure("adopted and waited for")
        assert waited["error"]["kind"] == "wait_timeout" and waited["adopted"] and not waited["changed"]
        assert waited["resume"]["options"] == {"uid": adopted["job_session"]["uid"]}
        stopped = run.result("stopped")
        assert stopped["changed"] and stopped["job_session"]["uid"] == adopted["job_session"]["uid"] and stopped["job_session"]["state"] == "Stopped"
        assert stopped["diff"] == {"before": {"state": "started"}, "after": {"state": "stopped"}}
        assert not run.result("stopped already")["changed"]
        assert [request["query"] for request in run.sent("POST", "/jobs/")] == ["action=stop", "action=sync"]
        assert run.counters["writes"] == 2


@pytest.mark.parametrize("lane", LANES)
def test_two_simultaneous_starts_make_one_run(runner: Runner, lane: str) -> None:
    runner.simulator.clock(speed=2)
    plays = play(task("start", RUN, {"job": SQL, **TO_THE_END}))
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _number: runner.play(plays, lane=lane, at_the_same_time=True), range(2))
    results = [run.result("start") for run in (first, second)]
    (job,) = [job for job in runner.simulator.state()["jobs"] if job["name"] == SQL]
    assert results[0]["job_session"]["uid"] == results[1]["job_session"]["uid"]
    assert [result["result"] for result in results] == ["Warning", "Warning"]
    assert sorted((result["changed"], result["adopted"]) for result in results) == [(False, True), (True, False)]
    assert job["running"] is None and job["runs"] == 1


@pytest.mark.parametrize("hours", [-5.0, 5.0])
def test_a_server_clock_that_is_off_does_not_hide_the_run(both_lanes: BothLanes, hours: float) -> None:
    def prepare(simulator: Simulator) -> list[Play]:
        simulator.script("clock_offset", seconds=hours * 3600)
        simulator.script("no_related_link", SQL)
        simulator.clock(speed=FAST)
        return play(
            task("run", RUN, {"job": SQL, **TO_THE_END}, register="first"),
            task("resume elsewhere", "veeam_em_job_session_wait", {"job": SQL, "since": "{{ first.since }}", **QUICK}),
        )

    for run in both_lanes.play(prepare).values():
        result = run.result("run")
        since = datetime.fromisoformat(result["since"].replace("Z", "+00:00"))
        assert abs(since - datetime.now(timezone.utc) - timedelta(hours=hours)) < timedelta(minutes=10)
        assert result["found_by_query"] and result["job_session"]["state"] == "Stopped"
        assert run.result("resume elsewhere")["job_session"]["uid"] == result["job_session"]["uid"]


def test_a_log_on_session_that_expires_in_mid_wait(both_lanes: BothLanes) -> None:
    def prepare(simulator: Simulator) -> list[Play]:
        simulator.clock(speed=2)
        simulator.script("slow_task", SQL, running=2, collecting=2)
        # Expires while the task runs: the new log-on session does not know the task.
        simulator.fault("expire", "GET", "^/tasks/task-1", after=1)
        simulator.fault("expire", "GET", "^/replicaSessions/", after=1)
        return play(task("while the task runs", RUN, {"job": SQL, **TO_THE_END}), task("while the job runs", RUN, {"job": REPLICA, **TO_THE_END}))

    for run in both_lanes.play(prepare).values():
        by_query, known = run.result("while the task runs"), run.result("while the job runs")
        assert by_query["found_by_query"] and by_query["job_session"]["state"] == "Stopped" and by_query["result"] == "Warning"
        assert not known["found_by_query"] and known["job_session"]["state"] == "Stopped"
        assert run.counters["logons"] == 4 and run.counters["logouts"] == 2
        assert run.counters["starts"] == {SQL: 1, REPLICA: 1}


def run_with_a_token_that_expires(simulator: Simulator) -> list[Play]:
    """Return a play whose shared log-on session ends while it waits. Only the log-on has credentials of its own."""
    simulator.fault("expire", "GET", "^/backupSessions/", after=1)
    account = {"username": simulator.username, "password": "{{ lookup('ansible.builtin.env', 'EM_LOGON_PASSWORD') }}"}
    return play(task("log on", "veeam_em_session", account, register="logon"), tried("wait", RUN, {"job": SQL, **TO_THE_END, "session": "{{ logon.session }}"}))


def test_a_shared_token_that_expires_in_mid_wait_is_told_with_what_was_started(both_lanes: BothLanes) -> None:
    def environ(simulator: Simulator) -> dict[str, str | None]:
        return {"VEEAM_EM_USERNAME": None, "VEEAM_EM_PASSWORD": None, "EM_LOGON_PASSWORD": simulator.password}

    for run in both_lanes.play(run_with_a_token_that_expires, environ=environ).values():
        failed = run.failure("wait")
        assert failed["error"]["kind"] == "authentication" and failed["error"]["status"] == 401
        assert failed["changed"] and failed["since"] and failed["job"]["name"] == SQL, "what was started has to be told"
        assert run.counters["logons"] == 1 and run.counters["starts"] == {SQL: 1}


def test_a_wait_outlives_its_shared_token_where_it_has_credentials(both_lanes: BothLanes) -> None:
    def environ(simulator: Simulator) -> dict[str, str | None]:
        return {"EM_LOGON_PASSWORD": simulator.password}

    for run in both_lanes.play(run_with_a_token_that_expires, environ=environ).values():
        result = run.result("wait")
        assert result["changed"] and result["result"] == "Warning" and result["job_session"]["state"] == "Stopped"
        assert run.counters["logons"] == 2 and run.counters["logouts"] == 1 and run.counters["starts"] == {SQL: 1}


def test_bad_moments_of_the_server_are_survived(both_lanes: BothLanes) -> None:
    def prepare(simulator: Simulator) -> list[Play]:
        simulator.fault("status", "GET", "^/backupSessions/", status=503, retry_after=1, after=1, count=1)
        simulator.fault("reset", "GET", "^/backupSessions/", after=3, count=1)
        simulator.fault("status", "GET", "^/backupSessions/", status=500, after=5, count=1)
        simulator.fault("latency", "GET", "^/query", seconds=0.2, count=0)
        simulator.fault("bom", "GET", "^/tasks", count=0)
        return play(task("run", RUN, {"job": SQL, **TO_THE_END, "wait_interval": 0.3}))

    for run in both_lanes.play(prepare).values():
        result = run.result("run")
        assert result["result"] == "Warning" and len(result["machines"]) == 4
        assert run.counters["faults_hit"] >= 5 and run.counters["logons"] == 1


# ---------------------------------------------------------------------------------------------------------
# Jobs of agents and of file shares

AGENTS, FAILING_AGENTS, SHARES, SHARES_THAT_FAILED, IN_TWO_KINDS = (
    "Windows Servers",
    "Linux Servers",
    "Projects Share Backup",
    "Home and Media",
    "Branch Office",
)


def orders_of_every_kind(simulator: Simulator) -> list[Play]:
    """Return a play that gives every order to both kinds of job, and some that are refused."""
    with Wire(simulator) as wire:
        simulator.script("stuck_running", SHARES)
        wire.post(f"/nas/jobs/{simulator.job_id(SHARES)}/start")
        simulator.advance(3)
    simulator.reset()
    simulator.clock(speed=FAST)
    return play(
        task("agents", RUN, {"job": AGENTS, **TO_THE_END}),
        tried("agents with a failed computer", RUN, {"job": FAILING_AGENTS, "job_kind": "agent_job", **TO_THE_END}),
        tried("agents again", RUN, {"job": FAILING_AGENTS, "state": "retried", **TO_THE_END}),
        task("shares that run", RUN, {"job": SHARES, "wait": "none"}),
        task("shares stopped", RUN, {"job": SHARES, "state": "stopped", **TO_THE_END}, diff=True),
        task("shares that failed", RUN, {"job": SHARES_THAT_FAILED, "state": "retried", **TO_THE_END}),
        task("shares", RUN, {"job_uid": f"urn:veeam:NasJob:{simulator.job_id(SHARES_THAT_FAILED)}", **TO_THE_END}, register="shares"),
        task("waited for by the job", "veeam_em_job_session_wait", {"job_uid": "{{ shares.job.uid }}", "since": "{{ shares.since or '' }}", **QUICK}),
        tried("one name, two kinds", RUN, {"job": IN_TWO_KINDS}),
        task("one of two kinds", RUN, {"job": IN_TWO_KINDS, "job_kind": "nas_job", "wire_format": "xml", **TO_THE_END}),
        tried("no such kind", RUN, {"job": SHARES, "job_kind": "agent_job"}),
    )


def test_jobs_of_every_kind_take_every_order(both_lanes: BothLanes) -> None:
    for lane, run in both_lanes.play(orders_of_every_kind).items():
        agents = run.result("agents")
        assert (agents["changed"], agents["result"], agents["job"]["job_kind"], agents["job_session"]["job_type"]) == (
            True,
            "Success",
            "agent_job",
            "AgentBackup",
        )
        assert len(agents["machines"]) == 3 and {machine["restore_point"]["type"] for machine in agents["machines"]} == {"AgentRestorePoint"}, lane
        failed, again = run.failure("agents with a failed computer"), run.failure("agents again")
        assert "db-linux-01.example.com: Failed" in failed["msg"] and [machine["result"] for machine in failed["machines"]].count("Success") == 1
        assert [machine["vm_display_name"] for machine in again["machines"]] == ["db-linux-01.example.com"] and again["job_session"]["is_retry"]
        adopted, stopped = run.result("shares that run"), run.result("shares stopped")
        assert adopted["adopted"] and not adopted["changed"]
        assert stopped["changed"] and stopped["job_session"]["uid"] == adopted["job_session"]["uid"] and stopped["job_session"]["state"] == "Stopped"
        assert len(run.result("shares that failed")["machines"]) == 1 and len(run.result("shares")["machines"]) == 2
        assert run.result("shares")["job"]["job_type"] is None and run.result("shares")["machines"][0]["restore_point"] is None
        assert run.result("waited for by the job")["job_session"]["uid"] == run.result("shares")["job_session"]["uid"]
        ambiguous = run.failure("one name, two kinds")
        assert sorted(item["job_kind"] for item in ambiguous["candidates"]) == ["agent_job", "nas_job"] and "job_kind" in ambiguous["error"]["advice"]
        assert run.result("one of two kinds")["job"]["job_kind"] == "nas_job"
        assert run.failure("no such kind")["error"]["kind"] == "unknown_name"
        orders = [
            (request["path"].split("/")[1], request["path"].rpartition("/")[2] if "/nas/" in request["path"] else request["query"])
            for request in run.sent("POST", "/jobs/")
        ]
        assert [order for _family, order in orders] == ["action=start", "action=start", "action=retry", "stop", "retry", "start", "start"]
        assert run.counters["writes"] == len(orders) and run.counters["starts"][AGENTS] == 1 and SHARES not in run.counters["starts"]


@pytest.mark.parametrize("lane", LANES)
def test_check_mode_predicts_for_jobs_of_every_kind(runner: Runner, lane: str) -> None:
    plays = orders_of_every_kind(runner.simulator)
    run = runner.play(plays, lane=lane, check=True)
    predicted = {item.task: item.result["changed"] for item in run.outcomes if item.task not in ("one name, two kinds", "no such kind")}
    assert predicted == {
        "agents": True,
        "agents with a failed computer": True,
        "agents again": True,
        "shares that run": False,
        "shares stopped": True,
        "shares that failed": True,
        "shares": True,
        "waited for by the job": False,
        "one of two kinds": True,
    }
    assert run.counters["writes"] == 0 and run.counters["starts"] == {}


def test_a_server_without_file_share_jobs_says_so_before_any_order(both_lanes: BothLanes) -> None:
    def prepare(simulator: Simulator) -> list[Play]:
        simulator.profile("9.5u4")
        simulator.clock(speed=FAST)
        return play(
            tried("shares", RUN, {"job": SHARES, "job_kind": "nas_job"}),
            tried("no kind", RUN, {"job": SHARES}),
            task("agents", RUN, {"job": AGENTS, **TO_THE_END}),
        )

    for run in both_lanes.play(prepare).values():
        refused = run.failure("shares")
        assert refused["error"]["kind"] == "option" and "v1_5" in refused["msg"]
        assert run.failure("no kind")["error"]["kind"] == "unknown_name"
        assert run.result("agents")["result"] == "Success" and run.counters["writes"] == 1
