# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one job of AWX hands on to the next: each in a private data directory of its own, with a log-on of its own."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import unquote

from awx_testing.awx_data import awx_objects
from awx_testing.engine import FAILED, Engine
from awx_testing.launching import launch_of, node_of

JOB = "SQL Server Backup"


def start_only(engine: Engine) -> dict[str, Any]:
    """Launch the first node of *Run and follow* and return what it hands on."""
    run = engine.run(node_of("run_job", engine.credential(), {}, run_job_name=JOB, run_job_wait="none"))
    assert run.counters["starts"] == {JOB: 1}
    assert run.artifacts["run_job_outcome"]["job_session"] == "", "nobody waited, so nobody can know the run yet"
    return dict(run.artifacts)


def after_failure() -> dict[str, Any]:
    """Return the data of the node that follows a failed wait. AWX takes a failure with a way on for handled, so this node has to fail in its turn."""
    (wait,) = [edge for edge in awx_objects("workflow_edges") if edge["identifier"] == "run-and-follow-wait"]
    assert "always_nodes" not in wait, "a failure would be handled by what succeeds"
    (node,) = [node for node in awx_objects("workflow_nodes") if node["identifier"] in wait["failure_nodes"]]
    return dict(node["extra_data"])


def test_a_wait_is_split_over_two_jobs(engine: Engine) -> None:
    engine.simulator.script("duration", JOB, seconds=8)
    handed_on = start_only(engine)
    run = engine.run(node_of("wait_for_job_session", engine.credential(), handed_on))
    assert (run.counters["logons"], run.counters["logouts"], run.counters["writes"]) == (1, 1, 0)
    told = run.artifacts["wait_for_job_session_outcome"]
    first = handed_on["run_job_outcome"]
    assert (told["job"], told["job_uid"]) == (JOB, first["job_uid"])
    assert (told["state"], told["result"]) == ("Stopped", "Warning")
    assert told["job_session"].startswith("urn:veeam:BackupJobSession:") and sum(told["machines"].values()) == 4
    reported = engine.run(node_of("session_report", engine.credential(), {**handed_on, **run.artifacts}))
    assert reported.artifacts["session_report"]["results"]["Warning"] >= 1


def test_the_wait_goes_on_after_the_time_of_the_first_is_over(engine: Engine) -> None:
    engine.simulator.script("duration", JOB, seconds=600)
    first = engine.run(node_of("run_job", engine.credential(), {}, run_job_name=JOB, run_job_timeout=2), FAILED)
    assert first.artifacts["run_job_outcome"]["job_session"]
    reported = engine.run(node_of("session_report", engine.credential(), first.artifacts, **after_failure()), FAILED)
    assert reported.failures == ["The step before this one failed, so this one fails as well (session_report_fail_anyway). The report above is complete."]
    engine.simulator.advance(600)
    second = engine.run(node_of("wait_for_job_session", engine.credential(), first.artifacts))
    assert second.counters["writes"] == 0
    assert second.artifacts["wait_for_job_session_outcome"]["job_session"] == first.artifacts["run_job_outcome"]["job_session"]


def test_a_run_that_failed_stops_the_way_of_success_and_is_told_to_the_next(engine: Engine) -> None:
    engine.simulator.clock(speed=20)
    engine.simulator.script("run_fails", JOB, machines=["srv-sql-02"], reason="No space left.")
    handed_on = start_only(engine)
    run = engine.run(node_of("wait_for_job_session", engine.credential(), handed_on), FAILED)
    assert run.artifacts["wait_for_job_session_outcome"]["result"] == "Failed"
    (message,) = run.failures
    assert JOB in message and "No space left" in run.log
    reported = engine.run(node_of("session_report", engine.credential(), {**handed_on, **run.artifacts}, **after_failure()), FAILED)
    assert any(name.startswith(JOB) for name in reported.artifacts["session_report"]["failed"])


def test_a_prediction_leaves_nothing_to_wait_for(engine: Engine) -> None:
    """Check mode as the job type of the whole workflow: the first node gave no order."""
    predicted = engine.run(launch_of("run_job", engine.credential(), {"run_job_name": JOB}, check=True))
    run = engine.run(node_of("wait_for_job_session", engine.credential(), predicted.artifacts), FAILED)
    (message,) = run.failures
    assert "check mode" in message.lower(), message
    assert run.counters["total_requests"] == 0


def test_a_time_in_an_answer_is_the_time_that_was_meant(engine: Engine) -> None:
    """From 2.19 on core makes a time of such a text before a playbook sees it."""
    since = datetime(2026, 11, 1, 6, 0, 30, tzinfo=timezone(timedelta(hours=9)))
    run = engine.run(launch_of("session_report", engine.credential(), {"session_report_since": since.isoformat()}))
    asked = {moment for request in run.requests for moment in re.findall(r'CreationTime>="?([^";]+)', unquote(request["query"]))}
    assert {datetime.fromisoformat(moment) for moment in asked} == {since}
    assert datetime.fromisoformat(run.artifacts["session_report"]["since"]) == since
