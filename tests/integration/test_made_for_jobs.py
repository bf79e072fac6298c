# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Playbooks as jobs of a controller: answers of surveys as text, bad ones refused before anything is sent, runs handed from job to job."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from em_testing.commands import start_command
from em_testing.launching import launch, stats
from em_testing.runner import Expectation, Run, Runner
from em_testing.story import FAST
from em_testing.wire import Wire

JOB, SHARES = "SQL Server Backup", "Projects Share Backup"
FAILS = Expectation(code=2)
GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guide-operator.md"
# As for a reader who has no inventory.
NO_INVENTORY = {"ANSIBLE_LOCALHOST_WARNING": "false", "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false"}
# What a survey hands over for a question that nobody answered.
UNANSWERED = ""
LARGEST_STATS = 4000  # characters


@pytest.fixture
def quick(runner: Runner) -> Runner:
    """The runner against a simulator whose clock runs fast."""
    runner.simulator.clock(speed=FAST)
    return runner


def inventory(folder: Path, groups: dict[str, Any]) -> tuple[str, str]:
    """Write an inventory and return the options that name it."""
    path = folder / f"{'-'.join(groups)}.yml"
    path.write_text(yaml.safe_dump(groups), encoding="utf-8")
    return "-i", str(path)


def machines(folder: Path, *names: str) -> tuple[str, str]:
    """Return options for an inventory of hosts that no connection leads to."""
    unreachable = {"ansible_connection": "ssh", "ansible_host": "192.0.2.1"}
    return inventory(folder, {"apps": {"hosts": {name: {} for name in names}, "vars": unreachable}})


def servers(runner: Runner, folder: Path) -> tuple[str, str]:
    """Return options for an inventory of one Enterprise Manager, whose account is that of the environment."""
    here = {"veeam_em_host": runner.simulator.host, "veeam_em_port": runner.simulator.port}
    return inventory(folder, {"enterprise_managers": {"hosts": {"em-first": here}}})


def the_refusal(run: Run) -> str:
    """Return what the one failed task said."""
    (failed,) = [outcome for outcome in run.outcomes if outcome.failed]
    return str(failed.result["msg"])


def followed(first: Run, runner: Runner, *options: str, **keywords: Any) -> Run:
    """Launch the wait in a process of its own, with what the first job handed on, as a workflow does."""
    answers = {"wait_for_job_session_uid": UNANSWERED, "wait_for_job_session_job": UNANSWERED, "wait_for_job_session_interval": "0.3"}
    return launch(runner, "wait_for_job_session", {**stats(first), **answers}, *options, **keywords)


# ---------------------------------------------------------------------------------------------------------
# Answers of surveys


def every_launch(runner: Runner, folder: Path) -> dict[str, tuple[dict[str, Any], tuple[str, ...]]]:
    """Return for each playbook the answers of a survey, all of them text or empty, and options of the command."""
    with Wire(runner.simulator) as wire:
        newest = max((row for row in wire.all("BackupJobSession") if row["State"] == "Stopped"), key=lambda row: str(row["CreationTimeUTC"]))
    runner.simulator.reset()
    waits = {"timeout": "60", "interval": "0.3", "ok_results": ["Success", "Warning", "Failed"], "report_limit": "10", "backup_server": UNANSWERED}
    connection = {"port": UNANSWERED, "validate_certs": UNANSWERED, "ca_path": UNANSWERED, "wire_format": UNANSWERED}

    def answers(prefix: str, **variables: Any) -> dict[str, Any]:
        return {f"{prefix}_{name}": value for name, value in variables.items()}

    return {
        "run_job": (answers("run_job", name=JOB, id=UNANSWERED, follow_retries="false", retry_wait=UNANSWERED, **waits, **connection), ()),
        "wait_for_job_session": (
            answers("wait_for_job_session", uid=newest["UID"], job=UNANSWERED, since=UNANSWERED, follow_retries="no", **waits, **connection),
            (),
        ),
        "session_report": (answers("session_report", since="-7d", backup_server=UNANSWERED, limit="5", fail_on_failed="false", **connection), ()),
        "audit": (
            answers(
                "audit",
                policy="baseline\ncapacity\n",
                waivers=UNANSWERED,
                attestations=UNANSWERED,
                baseline=UNANSWERED,
                history=UNANSWERED,
                pack=UNANSWERED,
                output=str(folder / "audit"),
                formats=["json"],
                report_limit="5",
                keep_evidence="true",
                redact="false",
                redact_key=UNANSWERED,
            ),
            (),
        ),
        "drift": (answers("drift", baseline=str(folder / "em.yml"), state="taken", ignored="jobs.description\njobs.name\n", pack=UNANSWERED, limit="5"), ()),
        "several_servers": (answers("several_servers", group=UNANSWERED, since="-24h"), servers(runner, folder)),
        "change_gate": (
            answers("change_gate", hosts="apps", machine=UNANSWERED, job=UNANSWERED, max_age_hours="20", run_job="false", replicas="true", interval="0.3"),
            machines(folder, "srv-sql-01", "srv-dc-01"),
        ),
    }


PLAYBOOKS = ("run_job", "wait_for_job_session", "session_report", "audit", "drift", "several_servers", "change_gate")
STATS = {name: f"{name}_outcome" for name in PLAYBOOKS} | {"session_report": "session_report", "several_servers": "several_servers"}
WRITES = {"run_job": 1}


def readable(run: Run) -> None:
    """Hold that the log of a run can be read: no records in it, no results but messages, labels on loops, no colours."""
    assert not re.search(
        r"^\w+: \[[^]]*\](?: => \(item=.*?\))? => \{(?!\s*$)", "\n".join(line for line in run.stdout.splitlines() if not line.startswith("fatal"))
    ), "a result in one line"
    assert set(re.findall(r'^ {4}"(\w+)":', run.stdout, re.MULTILINE)) <= {"msg"}, "a result that is more than a message"
    assert "(item={" not in run.stdout and "\x1b[" not in run.stdout


@pytest.mark.parametrize("playbook", PLAYBOOKS)
@pytest.mark.parametrize("check", [False, True], ids=["normal", "check"])
def test_answers_are_text_and_empty_ones_none(quick: Runner, tmp_path: Path, playbook: str, check: bool) -> None:
    variables, options = every_launch(quick, tmp_path)[playbook]
    run = launch(quick, playbook, variables, *options, check=check)
    readable(run)
    assert run.counters["writes"] == (0 if check else WRITES.get(playbook, 0)) and run.counters["logons"] == run.counters["logouts"] >= 1
    handed_on = stats(run)
    assert list(handed_on) == [STATS[playbook]] and len(json.dumps(handed_on)) < LARGEST_STATS
    again = json.loads(json.dumps(handed_on[STATS[playbook]]))
    numbers = {"run_job": "machines", "wait_for_job_session": "machines", "audit": "counts", "session_report": "results"}
    for name, count in again.get(numbers.get(playbook, ""), {}).items():
        assert isinstance(count, (int, dict)), f"{name} is {count!r}"
    for flag in ("adopted", "predicted", "drifted"):
        assert again.get(flag) in (None, True, False)


BAD = {
    "run_job": ({"name": JOB, "interval": "-1", "wait": "forever", "report_limit": "0"}, ["run_job_interval is '-1'", "run_job_wait is 'forever'"]),
    "wait_for_job_session": ({"uid": "x", "timeout": "an hour"}, ["wait_for_job_session_timeout is 'an hour'; it takes a number, 0 or more."]),
    "wait_for_task": ({"id": "task-7", "session": "dG9rZW4=", "folow": "no"}, ["There is no variable wait_for_task_folow. Did you mean wait_for_task_follow?"]),
    "session_report": ({"limit": "0", "since": "yesterday"}, ["session_report_limit is '0'; it takes a whole number, 1 to 50."]),
    "audit": ({"fail_on": "often", "formats": "html\npdf", "redact": "maybe"}, ["audit_fail_on is 'often'; it takes never, error", "audit_redact is 'maybe'"]),
    "drift": ({"state": "forgotten"}, ["drift_state is 'forgotten'; it takes compared or taken.", "drift_baseline is required: The baseline file"]),
    "verify_evidence": ({"pack": UNANSWERED, "repeat": "2"}, ["verify_evidence_pack is required", "verify_evidence_repeat is '2'"]),
    "several_servers": ({"since": "ever"}, ["several_servers_since is 'ever'; it takes"]),
    "change_gate": ({"max_age_hours": "0", "when_unknown": "ask"}, ["change_gate_max_age_hours is '0'; it takes a number, more than 0."]),
}


@pytest.mark.every_line
@pytest.mark.parametrize("playbook", BAD)
def test_bad_answers_are_refused_before_anything_is_sent(runner: Runner, tmp_path: Path, playbook: str) -> None:
    answers, sentences = BAD[playbook]
    options = {"change_gate": machines(tmp_path, "srv-sql-01", "srv-sql-02"), "several_servers": servers(runner, tmp_path)}.get(playbook, ())
    run = launch(runner, playbook, {f"{playbook}_{name}": value for name, value in answers.items()}, *options, expect=FAILS)
    said = the_refusal(run)
    assert all(sentence in said for sentence in sentences), said
    assert said.endswith("Nothing was sent.") and "argument_spec" not in run.output
    assert run.counters["total_requests"] == 0


# ---------------------------------------------------------------------------------------------------------
# From job to job


@pytest.mark.every_line
@pytest.mark.parametrize("waited_for", ["none", "task"])
def test_a_run_is_waited_for_in_another_job_with_another_log_on(quick: Runner, waited_for: str) -> None:
    first = launch(quick, "run_job", {"run_job_name": JOB, "run_job_wait": waited_for, "run_job_interval": "0.3"})
    order = stats(first)["run_job_outcome"]
    assert (order["job"], order["job_kind"], order["backup_server"]) == (JOB, "job", "vbr01.example.com")
    assert order["job_uid"] == f"urn:veeam:Job:{quick.simulator.job_id(JOB)}" and order["since"].endswith("Z")
    assert (order["adopted"], order["predicted"], order["machines"]) == (False, False, {})
    second = followed(first, quick)
    outcome = stats(second)["wait_for_job_session_outcome"]
    assert (outcome["job"], outcome["job_uid"]) == (JOB, order["job_uid"])
    assert (outcome["state"], outcome["result"], outcome["machines"]) == ("Stopped", "Warning", {"Success": 3, "Warning": 1})
    assert outcome["job_session"].startswith("urn:veeam:BackupJobSession:")
    assert "the guest tools are out of date" in second.stdout
    assert first.counters["starts"] == {JOB: 1} and second.counters["writes"] == 0
    assert [run.counters[count] for run in (first, second) for count in ("logons", "logouts")] == [1, 1, 1, 1]


def test_the_commands_of_the_guide_split_the_wait(quick: Runner) -> None:
    chapter = GUIDE.read_text(encoding="utf-8").partition("## Across jobs")[2]
    commands = re.search(r"```shell\n(.*?)```", chapter, re.DOTALL)
    assert commands
    run = start_command(quick, "/bin/bash", "-euc", commands.group(1), environ=NO_INVENTORY).finish()
    assert run.counters["starts"] == {JOB: 1} and run.counters["logons"] == run.counters["logouts"] == 2
    assert "is Stopped, Warning" in run.stdout


def test_shares_are_handed_on_too(quick: Runner) -> None:
    first = launch(quick, "run_job", {"run_job_name": SHARES, "run_job_wait": "none"})
    assert stats(first)["run_job_outcome"]["job_kind"] == "nas_job"
    outcome = stats(followed(first, quick))["wait_for_job_session_outcome"]
    assert (outcome["job"], outcome["state"]) == (SHARES, "Stopped")


def test_a_wait_that_was_too_short_goes_on_in_the_next_job(quick: Runner) -> None:
    quick.simulator.script("duration", JOB, seconds=80)
    short = {"run_job_name": JOB, "run_job_timeout": "0.5", "run_job_interval": "0.2"}
    first = launch(quick, "run_job", short, expect=FAILS)
    assert stats(first)["run_job_outcome"]["since"], "what runs on is handed on"
    # A second launch orders nothing.
    again = launch(quick, "run_job", {**short, "run_job_wait": "none"})
    adopted = stats(again)["run_job_outcome"]
    assert adopted["adopted"] is True and adopted["job_session"] and again.counters["writes"] == 0
    still = followed(again, quick, "-e", "wait_for_job_session_timeout=0.5", expect=FAILS)
    waited = stats(still)["wait_for_job_session_outcome"]
    assert waited["job_session"] == adopted["job_session"] and waited["state"] != "Stopped"
    ended = followed(first, quick)
    assert stats(ended)["wait_for_job_session_outcome"]["job_session"] == adopted["job_session"]


def test_a_run_that_failed_is_handed_on(quick: Runner) -> None:
    quick.simulator.outcome(JOB, {"srv-sql-02": {"result": "Failed", "reason": "The snapshot timed out."}})
    first = launch(quick, "run_job", {"run_job_name": JOB, "run_job_interval": "0.3"}, expect=FAILS)
    order = stats(first)["run_job_outcome"]
    assert order["result"] == "Failed" and order["machines"]["Failed"] == 1 and order["job_session"]
    second = followed(first, quick, expect=FAILS)
    outcome = stats(second)["wait_for_job_session_outcome"]
    assert (outcome["job_session"], outcome["result"]) == (order["job_session"], "Failed")
    assert "The snapshot timed out" in the_refusal(second)


def test_what_was_only_predicted_is_not_waited_for(runner: Runner) -> None:
    first = launch(runner, "run_job", {"run_job_name": JOB}, check=True)
    order = stats(first)["run_job_outcome"]
    assert order["predicted"] is True and (order["since"], order["job_session"], order["result"]) == ("", "", "none")
    second = followed(first, runner, expect=FAILS)
    assert the_refusal(second) == (
        f"{JOB} was not started, because run_job ran in check mode; so there is no run to wait for. Launch run_job without check mode. Nothing was sent."
    )
    assert second.counters["total_requests"] == 0
    rehearsed = followed(first, runner, check=True)
    assert "nothing was started" in rehearsed.stdout and rehearsed.counters["total_requests"] == 0


def test_an_order_that_had_nothing_to_do_leaves_nothing_to_wait_for(quick: Runner) -> None:
    first = launch(quick, "run_job", {"run_job_name": JOB, "run_job_state": "stopped"})
    assert first.counters["writes"] == 0
    second = followed(first, quick)
    assert f"{JOB} had nothing to do, so there is nothing to wait for." in second.stdout
    assert stats(second)["wait_for_job_session_outcome"]["result"] == "none" and second.counters["total_requests"] == 0


def test_what_is_named_here_wins_over_what_was_handed_on(quick: Runner) -> None:
    handed_on = {"run_job_outcome": {"job": SHARES, "job_uid": "urn:veeam:NasJob:nobody", "since": "-1h", "job_session": "", "predicted": True}}
    launch(quick, "run_job", {"run_job_name": JOB, "run_job_wait": "none"})
    own = {"wait_for_job_session_job": JOB, "wait_for_job_session_since": "-1h", "wait_for_job_session_interval": "0.3"}
    run = launch(quick, "wait_for_job_session", {**handed_on, **own})
    assert stats(run)["wait_for_job_session_outcome"]["job"] == JOB


def test_a_wait_for_nothing_says_what_a_workflow_needs(runner: Runner) -> None:
    run = launch(runner, "wait_for_job_session", expect=FAILS)
    assert the_refusal(run).endswith("A workflow sets neither: run_job hands its run on as run_job_outcome. Nothing was sent.")
    assert run.counters["total_requests"] == 0


def test_the_number_of_a_task_does_not_travel(runner: Runner) -> None:
    run = launch(runner, "wait_for_task", {"wait_for_task_id": "task-7", "wait_for_task_session": UNANSWERED}, expect=FAILS)
    said = the_refusal(run)
    assert "task-7 is known only in the log-on session that made it" in said and "use the playbook wait_for_job_session" in said
    assert run.counters["total_requests"] == 0


# ---------------------------------------------------------------------------------------------------------
# Secrets


@pytest.mark.parametrize("playbook", ["run_job", "session_report", "change_gate"])
def test_a_password_among_the_variables_shows_nowhere(quick: Runner, tmp_path: Path, playbook: str) -> None:
    simulator = quick.simulator
    connection = {"host": simulator.host, "port": str(simulator.port), "username": simulator.username, "ca_path": str(simulator.ca_path)}
    variables, options = every_launch(quick, tmp_path)[playbook]
    password = {"password": "{{ lookup('ansible.builtin.env', 'EM_JOB_PASSWORD') }}"}
    given = {f"{playbook}_{name}": value for name, value in {**connection, **password}.items()}
    environ: dict[str, str | None] = {**dict.fromkeys(quick.connection()), "EM_JOB_PASSWORD": simulator.password}
    # The runner looks for password and tokens in all that the run leaves behind.
    run = launch(quick, playbook, {**variables, **given}, *options, "-vvv", environ=environ, longest=100000, widest=1000000)
    assert run.counters["logons"] >= 1 and simulator.password not in json.dumps(stats(run))


# ---------------------------------------------------------------------------------------------------------
# Hosts


@pytest.mark.parametrize("check", [False, True], ids=["normal", "check"])
def test_the_gate_tells_of_all_hosts_in_one_place(runner: Runner, tmp_path: Path, check: bool) -> None:
    runner.simulator.defect("last_backup_old", "srv-sql-02", hours=50)
    hosts = machines(tmp_path, "srv-sql-01", "srv-sql-02", "nobody")
    run = launch(runner, "change_gate", {"change_gate_hosts": "apps"}, *hosts, check=check, expect=FAILS)
    outcome = stats(run)["change_gate_outcome"]
    assert outcome["let_go"] == ["srv-sql-01"] and set(outcome["stopped"]) == {"srv-sql-02", "nobody"}
    assert outcome["stopped"]["nobody"] == "Enterprise Manager knows no restore point of nobody."
    assert run.counters["logons"] == run.counters["logouts"] == 1 and run.counters["writes"] == 0
    readable(run)


def test_the_gate_tells_when_every_host_is_stopped(runner: Runner, tmp_path: Path) -> None:
    # Everything is meant where no hosts are named; the inventory of the runner has one more.
    run = launch(runner, "change_gate", {"change_gate_hosts": UNANSWERED}, *machines(tmp_path, "nobody", "no-one"), expect=FAILS)
    outcome = stats(run)["change_gate_outcome"]
    assert outcome["let_go"] == [] and set(outcome["stopped"]) == {"nobody", "no-one", "elsewhere"}
    assert run.counters["logons"] == run.counters["logouts"] == 1


def test_a_gate_that_may_run_jobs_shares_no_log_on_session(runner: Runner, tmp_path: Path) -> None:
    """A cancelled wait closes what it opened itself, and would leave a log-on session of the whole play to its idle time-out."""
    run = launch(runner, "change_gate", {"change_gate_hosts": "apps", "change_gate_run_job": "true"}, *machines(tmp_path, "srv-sql-01", "srv-sql-02"))
    assert stats(run)["change_gate_outcome"]["let_go"] == ["srv-sql-01", "srv-sql-02"]
    assert run.counters["logons"] == run.counters["logouts"] >= 2, "one for each host at least"


def test_the_gate_judges_what_the_inventory_of_protected_machines_has(runner: Runner, tmp_path: Path) -> None:
    source = tmp_path / "protected.veeam_em.yml"
    source.write_text(yaml.safe_dump({"plugin": "openbackup.veeam_em.protected_machines"}), encoding="utf-8")
    run = launch(runner, "change_gate", {"change_gate_hosts": "job_SQL_Server_Backup"}, "-i", str(source))
    assert sorted(stats(run)["change_gate_outcome"]["let_go"]) == [f"srv-sql-0{number}" for number in range(1, 5)]
    assert run.counters["logons"] == run.counters["logouts"] == 2, "one of the inventory, one of the gate"


@pytest.mark.parametrize(
    ("playbook", "sentence"),
    [
        ("change_gate", "There is no host to judge: inventory and limit leave none but localhost for change_gate_hosts, which is no_such_group."),
        ("several_servers", "The inventory has no hosts for several_servers_group, which is no_such_group:"),
    ],
)
def test_an_inventory_without_the_hosts_is_told(runner: Runner, playbook: str, sentence: str) -> None:
    variable = {"change_gate": "change_gate_hosts", "several_servers": "several_servers_group"}[playbook]
    unmatched = Expectation(code=2, tolerated=("Could not match supplied host pattern",))
    run = launch(runner, playbook, {variable: "no_such_group"}, expect=unmatched)
    assert sentence in the_refusal(run) and run.counters["total_requests"] == 0


def test_a_gate_whose_limit_leaves_nobody_to_judge_is_not_green(runner: Runner, tmp_path: Path) -> None:
    limit = ("--limit", "srv-sql-01")
    run = launch(runner, "change_gate", {"change_gate_hosts": "srv-sql-02"}, *machines(tmp_path, "srv-sql-01", "srv-sql-02"), *limit, expect=FAILS)
    assert "There is no host to judge" in the_refusal(run) and run.counters["total_requests"] == 0
