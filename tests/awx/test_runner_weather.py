# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What goes wrong in AWX is told in one sentence in the log of the job: no traceback, no records, no log-on session left."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from awx_testing.engine import FAILED, Engine, JobRun
from awx_testing.launching import launch_of
from em_testing.weather import closed_port

JOB = "SQL Server Backup"
LONGEST_MESSAGE = 700


def judge_failure(run: JobRun, *patterns: str) -> None:
    """Hold the log of a failed job to one message that says what was looked for, and is not buried."""
    (message,) = run.failures
    for pattern in patterns:
        assert re.search(pattern, message), f"{pattern!r} is not in {message!r}"
    assert len(message) <= LONGEST_MESSAGE and "\n" not in message, message
    # Core from 2.19 on says it once in a line of its own, and every line once in the result of the task.
    told = [line for line in run.lines if line.startswith("[ERROR]")]
    assert len(told) == 1 and message.split(". ")[0] in told[0], told
    (fatal,) = [line for line in run.lines if line.startswith("fatal: ")]
    assert len(fatal) <= 4 * LONGEST_MESSAGE, fatal
    assert run.code == 2 and len(run.log) < 6000, run.log
    assert run.counters["open_sessions"] == 0 and run.counters["logons"] == run.counters["logouts"]


@dataclass(frozen=True)
class Storm:
    """A credential that is not right: what of its inputs is otherwise, what the log has to say, and how many requests get through."""

    patterns: tuple[str, ...]
    inputs: Mapping[str, Any] = field(default_factory=dict)
    requests: int = 0
    change: Callable[[Engine], dict[str, Any]] = lambda engine: {}


CREDENTIALS = {
    "a host that nobody knows": Storm((r"host name of no-such-host\.invalid:\d+ is unknown", "VEEAM_EM_HOST"), {"host": "no-such-host.invalid"}),
    "a port that nobody listens on": Storm((r"refuses the connection", "9398"), change=lambda engine: {"port": str(closed_port())}),
    "an address with scheme": Storm((r"https://",), {"host": "https://em.example.com/"}),
    "a wrong password": Storm((r"did not accept the user name or password",), {"password": "not the one"}, requests=2),
    "no authority": Storm((r"not signed by a known CA", "VEEAM_EM_CA_PATH"), {"ca_certificate": None}),
    "an authority that is none": Storm((r"ca_path|certificate",), {"ca_certificate": "no certificate at all"}),
    "the certificate of another host": Storm((r"certificate", r"127\.0\.0\.1"), change=lambda engine: {"port": str(engine.simulator.bad_name_port)}),
}


@pytest.mark.parametrize("name", CREDENTIALS)
def test_a_credential_that_is_not_right(engine: Engine, name: str) -> None:
    storm = CREDENTIALS[name]
    inputs = engine.credential(**{**storm.inputs, **storm.change(engine)})
    run = engine.run(launch_of("session_report", inputs), FAILED)
    judge_failure(run, *storm.patterns)
    assert run.counters["total_requests"] == storm.requests


@pytest.mark.parametrize("playbook", ["run_job", "audit"])
def test_a_template_without_credential(engine: Engine, playbook: str) -> None:
    answers = {"run_job_name": JOB} if playbook == "run_job" else {}
    run = engine.run(launch_of(playbook, None, answers), FAILED)
    judge_failure(run, "No Enterprise Manager is named", "VEEAM_EM_HOST")


ANSWERS: dict[str, tuple[str, dict[str, Any], tuple[str, ...]]] = {
    "no job": ("run_job", {}, ("run_job_name", "run_job_id", "[Nn]othing was")),
    "both names": ("run_job", {"run_job_name": JOB, "run_job_id": "urn:veeam:Job:1"}, ("run_job_name", "not both")),
    "a state that is none": ("run_job", {"run_job_name": JOB, "run_job_state": "halted"}, ("run_job_state is 'halted'", "started, stopped or retried")),
    "no number": ("run_job", {"run_job_name": JOB, "run_job_timeout": "soon"}, ("run_job_timeout is 'soon'", "a number")),
    "out of range": ("session_report", {"session_report_limit": 51}, ("session_report_limit is 51", "1 to 50")),
    "no time": ("session_report", {"session_report_since": "yesterday"}, ("session_report_since|creation_time", "yesterday")),
    "no policy": ("audit", {"audit_policy": "basline"}, ("basline", "baseline")),
    "no baseline": ("drift", {"drift_baseline": ""}, ("drift_baseline",)),
    "a task of another log-on": ("wait_for_task", {}, ("wait_for_task",)),
    "a pack that is not there": ("verify_evidence", {"verify_evidence_pack": "no-such-pack.tar.gz"}, ("no-such-pack.tar.gz",)),
    "an inventory without machines": ("change_gate", {}, ("no host to judge", "protected_machines")),
    "a group without servers": ("several_servers", {}, ("several_servers_group", "enterprise_managers")),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_that_cannot_be_meant_is_refused_before_anything_is_sent(engine: Engine, name: str) -> None:
    playbook, answers, patterns = ANSWERS[name]
    # The plays behind the refusal have no hosts, nor has an empty inventory; core says so before the first one runs.
    ending = replace(FAILED, tolerated=("Could not match supplied host pattern", "provided hosts list is empty"))
    run = engine.run(launch_of(playbook, engine.credential(), answers), ending)
    judge_failure(run, *patterns)
    assert run.counters["total_requests"] == 0


def test_a_variable_that_is_misspelt(engine: Engine) -> None:
    """As extra variable of a template of somebody's own: a survey cannot misspell."""
    launch = launch_of("run_job", engine.credential(), {"run_job_name": JOB})
    launch = replace(launch, answers={**launch.answers, "run_job_tiemout": 60})
    run = engine.run(launch, FAILED)
    judge_failure(run, "run_job_tiemout", "run_job_timeout")
    assert run.counters["total_requests"] == 0


@pytest.mark.parametrize("playbook", ["run_job", "audit"])
@pytest.mark.parametrize("library", ["requests", "xmltodict"])
def test_an_execution_environment_that_lacks_a_library(engine: Engine, tmp_path: Path, playbook: str, library: str) -> None:
    """In the controller's Python, and in that of the module, which is the same one there."""
    package = tmp_path / "lacking" / library
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(f'raise ModuleNotFoundError("No module named {library!r}", name={library!r})\n', encoding="utf-8")
    answers = {"run_job_name": JOB} if playbook == "run_job" else {}
    run = engine.run(launch_of(playbook, engine.credential(), answers, environ={"PYTHONPATH": str(package.parent)}), FAILED)
    judge_failure(run, rf"library \(?{library}", "execution environment")
    assert run.counters["total_requests"] == 0


def test_a_job_that_is_not_there(engine: Engine) -> None:
    run = engine.run(launch_of("run_job", engine.credential(), {"run_job_name": "No Such Job"}), FAILED)
    judge_failure(run, "No Such Job")
    assert run.counters["writes"] == 0 and run.counters["logons"] == 1


def test_a_server_that_goes_away_in_the_middle_leaves_a_sentence(engine: Engine) -> None:
    engine.simulator.fault("status", "GET", "^/query", status=503, count=0)
    run = engine.run(launch_of("run_job", engine.credential(), {"run_job_name": JOB}), FAILED)
    judge_failure(run, "503")
    assert run.counters["writes"] == 0
