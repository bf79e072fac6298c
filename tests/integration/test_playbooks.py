# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The roles, and the playbooks that people launch, as people launch them: by name, with and without check mode."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from em_testing.launching import launch, role, stats
from em_testing.plays import COLLECTION, GROUP, play, task
from em_testing.runner import LANES, Expectation, Runner
from em_testing.story import FAST
from em_testing.wire import Wire

JOB = "SQL Server Backup"
FAILS = Expectation(code=2)


@pytest.fixture
def quick(runner: Runner) -> Runner:
    """The runner against a simulator whose clock runs fast."""
    runner.simulator.clock(speed=FAST)
    return runner


@pytest.mark.parametrize("check", [False, True], ids=["normal", "check"])
def test_demo_tells_its_story(runner: Runner, check: bool) -> None:
    runner.simulator.script("slow_task", JOB, running=2, collecting=2)
    # A story and an audit.
    run = launch(runner, "demo", check=check, longest=200)
    handed_on = stats(run)
    report = run.folder / "cwd" / "audit" / "report.html"
    assert handed_on["audit_outcome"]["verdict"] == "fail" and report.exists() is not check
    assert handed_on["demo_job"] == JOB and handed_on["demo_result"] == ("none" if check else "Warning")
    assert run.counters["starts"] == ({} if check else {JOB: 1})
    assert run.counters["logons"] == run.counters["logouts"] == 1
    assert "srv-sql-02" in run.stdout and "Failed to create the snapshot" in run.stdout, "the failed runs of the last day"
    if check:
        assert "nothing was started" in run.stdout and "the audit wrote no report" in run.stdout
    else:
        assert f"The report of the audit, for a browser: {report}" in run.stdout
        order = [run.stdout.index(word) for word in ("StartJob: Running", "StartJob: OperationFinished", "StartJob: Finished", "Working", "Stopped 100 %")]
        assert order == sorted(order)
        assert all(f"srv-sql-0{number}" in run.stdout for number in range(1, 5))


@pytest.mark.parametrize("host", ["em01.example.com", "192.0.2.10", "127.0.0.1.example.com", "0.0.0.0", ""])
def test_demo_refuses_every_host_that_is_not_loopback(runner: Runner, host: str) -> None:
    run = launch(runner, "demo", environ={"VEEAM_EM_HOST": host}, expect=FAILS)
    (refused,) = [item for item in run.outcomes if item.failed]
    assert "only talks to a simulator on this machine" in refused.result["msg"]
    assert run.counters["total_requests"] == 0
    assert not [item for item in run.outcomes if item.action.startswith(COLLECTION)], "something was tried before the refusal"


@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize("check", [False, True], ids=["normal", "check"])
def test_run_job(quick: Runner, lane: str, check: bool) -> None:
    run = launch(quick, "run_job", {"run_job_name": JOB, "run_job_interval": 0.3}, lane=lane, check=check)
    outcome = stats(run)["run_job_outcome"]
    assert outcome["job"] == JOB
    if check:
        assert outcome["result"] == "none" and outcome["job_session"] == "" and outcome["machines"] == {}
    else:
        assert outcome["result"] == "Warning" and outcome["machines"] == {"Success": 3, "Warning": 1}
        assert "the guest tools are out of date" in run.stdout
    assert run.counters["starts"] == ({} if check else {JOB: 1})


def test_run_job_fails_by_policy_after_its_report(quick: Runner) -> None:
    quick.simulator.outcome(JOB, {"srv-sql-02": {"result": "Failed", "reason": "The snapshot timed out."}})
    run = launch(quick, "run_job", {"run_job_name": JOB, "run_job_interval": 0.3}, expect=FAILS)
    (failed,) = [item for item in run.outcomes if item.failed]
    assert failed.task.endswith("Judge the result") and "The snapshot timed out" in failed.result["msg"]
    report = run.stdout.index("Report what happened to every machine")
    assert run.stdout.index("srv-sql-02", report) < run.stdout.index("Judge the result", report)
    assert stats(run)["run_job_outcome"]["result"] == "Failed"


@pytest.mark.parametrize(
    ("variables", "text"),
    [
        ({}, "Set run_job_name to the name of the job, or run_job_id"),
        ({"run_job_name": "SQL Servr Backup"}, "Did you mean SQL Server Backup"),
        ({"run_job_name": "Exchange Backup"}, "2 jobs are called 'Exchange Backup'"),
        ({"run_job_name": JOB, "run_job_state": "begun"}, "run_job_state is 'begun'; it takes started, stopped or retried. Nothing was sent."),
    ],
    ids=["no job", "unknown job", "ambiguous job", "unknown state"],
)
def test_run_job_refuses_in_one_sentence(runner: Runner, variables: dict[str, Any], text: str) -> None:
    run = launch(runner, "run_job", variables, expect=FAILS)
    (refused,) = [item for item in run.outcomes if item.failed]
    assert text in refused.result["msg"]
    assert run.counters["starts"] == {} and run.counters["writes"] == 0


@pytest.mark.parametrize("check", [False, True], ids=["normal", "check"])
def test_wait_for_task_of_another_program(quick: Runner, tmp_path: Path, check: bool) -> None:
    with Wire(quick.simulator) as wire:
        started = wire.post(f"/jobs/{quick.simulator.job_id(JOB)}", action="start")
        variables = {"wait_for_task_id": started["TaskId"], "wait_for_task_interval": 0.3}
        run = launch(quick, "wait_for_task", variables, environ={"VEEAM_EM_SESSION": wire.token}, check=check, expect=Expectation(sessions_left=1))
    outcome = stats(run)["wait_for_task_outcome"]
    assert outcome["result"] == "Warning" and outcome["job_session"].startswith("urn:veeam:BackupJobSession:")
    assert run.counters["logons"] == run.counters["logouts"] == 0


def test_wait_for_task_needs_a_task(runner: Runner) -> None:
    assert "Set wait_for_task_id" in launch(runner, "wait_for_task", expect=FAILS).output
    run = launch(runner, "wait_for_task", check=True)
    assert "nothing was started" in run.stdout and run.counters["total_requests"] == 0


@pytest.mark.parametrize("check", [False, True], ids=["normal", "check"])
def test_session_report(runner: Runner, check: bool) -> None:
    run = launch(runner, "session_report", check=check)
    report = stats(run)["session_report"]
    with Wire(runner.simulator) as wire:
        rows = [row for kind in ("BackupJobSession", "ReplicaJobSession") for row in wire.all(kind)]
    # No run of the demo estate begins within minutes of a day ago.
    yesterday = (datetime.now(timezone.utc) - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%S")
    recent = [row for row in rows if row["CreationTimeUTC"] >= yesterday]
    assert report["results"]["Failed"] == len([row for row in recent if row["Result"] == "Failed"])
    assert report["total"] == sum(report["results"].values()) == len(recent)
    assert "srv-dc-02" in run.stdout and "The target datastore is full" in run.stdout
    assert run.counters["logons"] == 1 and run.counters["writes"] == 0


def test_session_report_turns_red_on_demand_and_narrows(runner: Runner) -> None:
    red = launch(runner, "session_report", {"session_report_fail_on_failed": True, "session_report_backup_server": "vbr02.example.com"}, expect=FAILS)
    assert "srv-ex-11" in red.stdout and "srv-sql-02" not in red.stdout
    assert stats(red)["session_report"]["results"]["Failed"] == 2
    misspelt = launch(runner, "session_report", {"session_report_backup_server": "vbr09.example.com"}, expect=FAILS)
    assert "Enterprise Manager knows no backup server vbr09.example.com" in misspelt.output, "no run at all would look like no failed run"
    refused = launch(runner, "session_report", {"session_report_since": "last tuesday"}, expect=FAILS)
    assert "session_report_since is 'last tuesday'; it takes a time such as" in refused.output
    assert refused.counters["total_requests"] == 0


def test_roles_hand_on_what_the_next_one_needs(quick: Runner) -> None:
    shared = {"session": "{{ logon.session }}"}
    quiet = {"run_job_interval": 0.3, "wait_for_task_interval": 0.3, "wait_for_job_session_interval": 0.3}
    plays = play(
        task("log on", "veeam_em_session", register="logon"),
        {
            "name": "In one log-on session",
            "module_defaults": {GROUP: shared},
            "block": [
                role("run_job", {"run_job_name": JOB, "run_job_wait": "none"}),
                role("wait_for_task", {"wait_for_task_id": "{{ run_job_result.task_id }}", "wait_for_task_follow": False}),
            ],
            "always": [task("log off", "veeam_em_session", {"state": "absent", **shared})],
        },
        role("wait_for_job_session", {"wait_for_job_session_job": JOB, "wait_for_job_session_since": "{{ run_job_result.since }}"}),
        task(
            "results",
            "ansible.builtin.assert",
            {"that": ["wait_for_task_result.state == 'Finished'", "wait_for_job_session_result.result == 'Warning'", "run_job_result.changed"], "quiet": True},
            when="not ansible_check_mode",
        ),
        vars=quiet,
    )
    run = quick.play(plays)
    assert run.counters["starts"] == {JOB: 1}
    assert run.counters["logons"] == 2, "the token of module_defaults did not reach the roles"
    predicted = quick.play(plays, check=True)
    assert predicted.stdout.count("nothing was started") >= 2


def test_roles_take_the_connection_as_variables(quick: Runner) -> None:
    simulator = quick.simulator
    connection = {
        "run_job_host": simulator.host,
        "run_job_port": simulator.port,
        "run_job_username": simulator.username,
        "run_job_password": "{{ lookup('ansible.builtin.env', 'EM_ROLE_PASSWORD') }}",
        "run_job_ca_path": str(simulator.ca_path),
    }
    nowhere = dict.fromkeys(quick.connection())
    run = quick.play(
        play(role("run_job", {"run_job_name": JOB, "run_job_wait": "task", **connection})), environ={**nowhere, "EM_ROLE_PASSWORD": simulator.password}
    )
    assert run.counters["starts"] == {JOB: 1}


def test_a_role_that_fails_leaves_its_result(quick: Runner) -> None:
    quick.simulator.script("task_fails", JOB, message="No repository.")
    rescued = {
        "name": "Try",
        "block": [role("run_job", {"run_job_name": JOB})],
        "rescue": [
            task(
                "told",
                "ansible.builtin.assert",
                {"that": ["run_job_result.error.kind == 'task_failed'", "'No repository' in run_job_result.msg"], "quiet": True},
            )
        ],
    }
    assert quick.play(play(rescued)).result("told")
