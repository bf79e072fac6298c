# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every playbook that has a job template runs by AWX's engine as AWX runs it, and leaves what AWX shows and hands on."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from awx_testing.engine import Ending, Engine, JobRun
from awx_testing.launching import job_templates, launch_of
from awx_testing.private_data import Launch

JOB = "SQL Server Backup"
MACHINES = ("srv-sql-01", "srv-sql-02")
# An answer is no longer than what fits on a screen; longer ones are records that nobody asked for.
LONGEST_LINE = 400
LARGEST_LOG = 24 * 1024
PROGRESS = re.compile(r"^  \[localhost\] ", re.MULTILINE)
Answers = Callable[[Engine, Path], dict[str, Any]]


def nothing(engine: Engine, folder: Path) -> dict[str, Any]:
    """Leave all questions as they are."""
    return {}


@dataclass(frozen=True)
class Case:
    """One playbook: answers to its survey, what it hands on, what it writes on the server, and which hosts it is about."""

    stat: str
    keys: frozenset[str]
    answers: Answers = nothing
    writes: int = 0
    logons: int = 1
    hosts: Callable[[Engine], Mapping[str, Mapping[str, Any]]] | None = None
    group: str = ""


def the_job(engine: Engine, folder: Path) -> dict[str, Any]:
    """Name the job."""
    return {"run_job_name": JOB}


def a_run(prefix: str) -> Answers:
    """Name a job whose run has just ended."""

    def answers(engine: Engine, folder: Path) -> dict[str, Any]:
        outcome = engine.run(launch_of("run_job", engine.credential(), {"run_job_name": JOB})).artifacts["run_job_outcome"]
        return {f"{prefix}_job_uid": outcome["job_uid"], f"{prefix}_since": outcome["since"]}

    return answers


def reports(engine: Engine, folder: Path) -> dict[str, Any]:
    """Write reports into a folder that outlives the job."""
    return {"audit_output": str(folder / "kept")}


def a_baseline(engine: Engine, folder: Path) -> dict[str, Any]:
    """Compare with a baseline that an earlier job took."""
    baseline = {"drift_baseline": str(folder / "baseline.yml")}
    taken = engine.run(launch_of("drift", engine.credential(), {**baseline, "drift_state": "taken"}))
    assert taken.artifacts["drift_outcome"]["sha256"] in taken.log
    return baseline


def a_pack(engine: Engine, folder: Path) -> dict[str, Any]:
    """Verify the evidence that an earlier job wrote."""
    outcome = engine.run(launch_of("audit", engine.credential(), reports(engine, folder))).artifacts["audit_outcome"]
    return {"verify_evidence_pack": outcome["evidence"], "verify_evidence_digest": outcome["digest"]}


def two_servers(engine: Engine) -> Mapping[str, Mapping[str, Any]]:
    address = {"veeam_em_host": engine.simulator.host, "veeam_em_port": engine.simulator.port}
    return {"em01.example.com": address, "em02.example.com": address}


def fresh(engine: Engine, folder: Path) -> dict[str, Any]:
    """Take any restore point of the demo estate for fresh."""
    return {"change_gate_max_age_hours": 8760}


RUN = frozenset({"job", "job_uid", "job_kind", "backup_server", "result", "since", "job_session", "adopted", "predicted", "machines"})
CASES = {
    "run_job": Case("run_job_outcome", RUN, the_job, writes=1),
    "wait_for_job_session": Case(
        "wait_for_job_session_outcome",
        frozenset({"job", "job_uid", "result", "state", "job_session", "machines"}),
        a_run("wait_for_job_session"),
    ),
    "wait_for_task": Case("wait_for_task_outcome", frozenset({"state", "result", "job_session"}), a_run("wait_for_task")),
    "session_report": Case("session_report", frozenset({"since", "total", "results", "failed"})),
    "several_servers": Case("several_servers", frozenset({"em01.example.com", "em02.example.com"}), logons=6, hosts=two_servers, group="enterprise_managers"),
    "audit": Case("audit_outcome", frozenset({"verdict", "counts", "as_of", "policy", "servers", "reports", "evidence", "digest"}), reports),
    "drift": Case("drift_outcome", frozenset({"drifted", "total", "baseline", "sha256", "changes"}), a_baseline),
    "verify_evidence": Case(
        "verify_evidence_outcome",
        frozenset({"intact", "digest_checked", "touched", "touched_total", "verdict", "repeated_verdict"}),
        a_pack,
        logons=0,
    ),
    "change_gate": Case("change_gate_outcome", frozenset({"let_go", "stopped"}), fresh, hosts=lambda engine: {machine: {} for machine in MACHINES}),
}


def test_every_job_template_is_run_here() -> None:
    assert set(job_templates()) == set(CASES)


def launch_case(name: str, engine: Engine, folder: Path, **changes: Any) -> Launch:
    case = CASES[name]
    engine.simulator.clock(speed=20)
    hosts: dict[str, Any] = {"hosts": case.hosts(engine)} if case.hosts else {}
    if case.group:
        hosts["groups"] = {case.group: tuple(hosts["hosts"])}
    return launch_of(name, engine.credential(), case.answers(engine, folder), **hosts, **changes)


def judge_log(run: JobRun) -> None:
    """Hold the log to what a person can read: no records, nothing twice."""
    assert len(run.log) <= LARGEST_LOG, run.log
    long = [line for line in run.lines if len(line) > LONGEST_LINE]
    assert not long, long
    assert not run.of("runner_on_failed", "runner_item_on_failed", "runner_on_unreachable", "error", "warning", "deprecated"), run.log
    progress = Counter(line for line in run.lines if PROGRESS.match(line))
    assert not [line for line, times in progress.items() if times > 1], run.log
    # What AWX shows in one colour says the same without it.
    assert run.coloured != run.log and "\x1b" not in run.log


@pytest.mark.parametrize("name", CASES)
def test_a_playbook_by_awxs_engine(engine: Engine, tmp_path: Path, name: str) -> None:
    case = CASES[name]
    run = engine.run(launch_case(name, engine, tmp_path))
    assert run.code == 0
    assert len(run.of("playbook_on_start")) == 1 and run.events[-1]["event"] == "playbook_on_stats"
    assert run.of("runner_on_ok")
    assert not any(run.summary[unwanted] for unwanted in ("dark", "failures", "ignored", "rescued"))
    assert run.artifacts[case.stat].keys() == case.keys
    assert len(json.dumps(run.artifacts)) < 4096
    judge_log(run)
    counters = run.counters
    assert counters["writes"] == case.writes
    assert counters["logons"] == counters["logouts"] == case.logons


def test_a_job_on_another_node_leaves_the_same(engine: Engine, tmp_path: Path) -> None:
    run = engine.stream(launch_case("run_job", engine, tmp_path)).finish()
    assert run.artifacts["run_job_outcome"].keys() == RUN
    judge_log(run)
    assert run.counters["logons"] == run.counters["logouts"] == run.counters["writes"] == 1


def test_check_mode_gives_no_order_and_says_so(engine: Engine, tmp_path: Path) -> None:
    run = engine.run(launch_case("run_job", engine, tmp_path, check=True))
    assert run.counters["writes"] == 0 and run.counters["logons"] == run.counters["logouts"] == 1
    assert "check mode" in run.log
    assert run.artifacts["run_job_outcome"]["predicted"] is True
    judge_log(run)


def test_the_most_talkative_job_tells_no_secret(engine: Engine, tmp_path: Path) -> None:
    launch = replace(launch_case("run_job", engine, tmp_path), verbosity=4)
    run = engine.run(launch, Ending(largest_output=64 * 1024))
    assert "task path:" in run.log
    assert run.counters["writes"] == 1


def test_many_machines_make_no_longer_log_than_the_limit_of_the_report(engine: Engine) -> None:
    engine.simulator.reload(generate=7, machines=300, task_sessions=900, healthy=True)
    engine.simulator.clock(speed=60)
    name = "Cloud Copy 003"
    # The data behind the log hold all machines.
    run = engine.run(launch_of("run_job", engine.credential(), {"run_job_name": name}), Ending(largest_event=400 * 1024))
    judge_log(run)
    assert sum(run.artifacts["run_job_outcome"]["machines"].values()) >= 60
    assert sum(" Success  " in line for line in run.lines) == 50 and re.search(r"\.\.\. and \d+ more: ", run.log)
