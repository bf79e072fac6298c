# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rulebooks under ansible-rulebook, from the installed collection and a folder that has nothing to do with it. Needs Java 17."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from awx_testing.eda import Rulebook, Webhook, questions, start
from em_simulator.control import Simulator
from em_testing.runner import Runner

SQL = "SQL Server Backup"
FILES = "File Server Backup"
RETRY = "openbackup.veeam_em.failed_backup_retry"
NOTIFY = "openbackup.veeam_em.failed_backup_notify"
# What Ansible would carry out, were it taken for a template.
NASTY = "Disk {{ lookup('ansible.builtin.pipe', 'echo executed') }} {% raw %} {# note #} \"full\" {{{ on <srv> é"
Start = Callable[..., Rulebook]


@pytest.fixture
def rulebook(runner: Runner, tmp_path: Path) -> Start:
    """Return what starts a rulebook against the simulator."""

    def begin(name: str, **variables: Any) -> Rulebook:
        return Rulebook(runner, tmp_path, name, **variables)

    return begin


def orders(simulator: Simulator) -> dict[str, int]:
    """Return the starts and retries that were accepted, by job."""
    return dict(simulator.counters()["starts"])


def runs_now(simulator: Simulator) -> list[str]:
    """Return the jobs that are running."""
    return [job["name"] for job in simulator.state()["jobs"] if job["running"]]


def ask_twice_more(rules: Rulebook, simulator: Simulator) -> None:
    """Wait until whatever there was to tell has been told."""
    asked = questions(simulator)
    rules.until(lambda: questions(simulator) >= asked + 4, "the source goes on")


def test_a_failed_run_is_retried_once(simulator: Simulator, rulebook: Start) -> None:
    simulator.script("retry_after_failure", job=SQL, attempts=9, seconds=100_000)
    simulator.script("duration", seconds=2)
    with rulebook(RETRY, failed_backup_retry_interval=1) as rules:
        rules.until_asking()
        start(simulator, SQL, FILES)
        rules.until(lambda: orders(simulator).get(SQL) == 2, "the job is retried")
        rules.until(lambda: not runs_now(simulator), "the retry has failed, too")
        ask_twice_more(rules, simulator)
    assert orders(simulator) == {SQL: 2, FILES: 1}
    retries = [request for request in simulator.log() if request["method"] == "POST" and "action=retry" in request["query"]]
    assert [request["path"].rpartition("/")[2] for request in retries] == [simulator.job_id(SQL)]


def test_a_retry_that_failed_is_left_alone(simulator: Simulator, rulebook: Start) -> None:
    simulator.script("retry_after_failure", job=SQL, attempts=9, seconds=3600)
    start(simulator, SQL)
    simulator.advance(60)
    with rulebook(RETRY, failed_backup_retry_interval=1) as rules:
        rules.until_asking()
        simulator.advance(3700)
        rules.until(lambda: not runs_now(simulator), "the job's own retry has failed")
        ask_twice_more(rules, simulator)
        # An order would come before what follows it.
        start(simulator, FILES)
        simulator.advance(300)
        ask_twice_more(rules, simulator)
    assert orders(simulator) == {SQL: 1, FILES: 1}


def test_a_server_that_marks_no_retries_is_held_back(simulator: Simulator, rulebook: Start) -> None:
    simulator.omit("BackupJobSession", "IsRetry")
    simulator.script("retry_after_failure", job=SQL, attempts=9, seconds=100_000)
    simulator.script("duration", seconds=2)
    with rulebook(RETRY, failed_backup_retry_interval=1, failed_backup_retry_jobs=["sql*"]) as rules:
        rules.until_asking()
        start(simulator, SQL)
        rules.until(lambda: orders(simulator).get(SQL) == 2, "the job is retried")
        rules.until(lambda: not runs_now(simulator), "the retry has failed, too")
        ask_twice_more(rules, simulator)
    assert orders(simulator) == {SQL: 2}


def test_a_webhook_is_told(simulator: Simulator, rulebook: Start) -> None:
    simulator.script("run_fails", job=SQL, machines=["srv-sql-02"], reason=NASTY)
    simulator.script("duration", seconds=1)
    with Webhook() as hook, rulebook(NOTIFY, failed_backup_notify_interval=1, failed_backup_notify_url=hook.url) as rules:
        rules.until_asking()
        start(simulator, SQL, FILES)
        rules.until(lambda: hook.bodies, "the webhook is called")
        ask_twice_more(rules, simulator)
    (body,) = hook.bodies
    assert body["machines_failed"] == [{"name": "srv-sql-02", "reason": NASTY}]
    assert (body["job"], body["server"], body["result"], body["is_retry"]) == (SQL, simulator.host, "Failed", False)
    assert body["reason"] == f"srv-sql-02: {NASTY}"
    assert body["text"] == f"{SQL} on {simulator.host} ended with Failed. {body['reason']}"
    assert body["ended"].startswith("20") and body["machines_warned"][0]["name"] == "srv-sql-03"


def test_without_a_webhook_the_event_is_printed(simulator: Simulator, rulebook: Start, tmp_path: Path) -> None:
    simulator.script("duration", seconds=1)
    state = tmp_path / "state.json"
    with rulebook(
        NOTIFY,
        failed_backup_notify_interval=1,
        failed_backup_notify_url="",
        failed_backup_notify_results=["Success"],
        failed_backup_notify_state_file=str(state),
    ) as rules:
        rules.until_asking()
        start(simulator, FILES)
        rules.until(lambda: "session_ended" in rules.output, "the event is printed")
    assert "'job': 'File Server Backup'" in rules.output
    assert state.exists()


def test_a_source_that_cannot_begin_says_why(simulator: Simulator, rulebook: Start) -> None:
    with rulebook(RETRY, failed_backup_retry_interval=0) as rules:
        assert rules.ends_by_itself() == 1
    assert "Source plugin failed with error message: 'The interval is 0. Give 1 or more.'" in rules.output
    assert simulator.counters()["total_requests"] == 0
