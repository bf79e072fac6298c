# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A wait that is told to stop, or killed: the log-on session is closed, the job goes on. And: a wait tells how far it is."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable

import pytest

from em_testing.endings import CLOSED_WITHIN, STOPPED, everybody_of, is_closed, kill, until
from em_testing.plays import play, task
from em_testing.runner import LANES, Expectation, Runner, Started

JOB = "SQL Server Backup"
WAITS = {"job": JOB, "wait": "session", "wait_interval": 1, "wait_timeout": 200}


def start_a_wait(runner: Runner, lane: str) -> Started:
    """Start a play that waits for a run that never ends, and return when it is in the middle of that wait."""
    runner.simulator.script("stuck_running", JOB)
    started = runner.start(play(task("wait", "veeam_em_job_run", WAITS)), lane=lane)
    followed = r"/backupSessions/"
    until(lambda: sum(bool(re.search(followed, request["path"])) for request in runner.simulator.log()) >= 2, 60, "the wait follows the job session")
    return started


# From this line on workers have a session of their own, which a signal to the group of the command does not reach.
WORKERS_OUTLIVE_THEIR_GROUP = (2, 19)


ENDINGS: dict[str, Callable[[Started], None]] = {
    "SIGINT to the group, as a terminal does": lambda started: started.signal_group(signal.SIGINT),
    "SIGTERM to the command": lambda started: started.signal(signal.SIGTERM),
    "SIGTERM to the group": lambda started: started.signal_group(signal.SIGTERM),
    "SIGKILL to the command": lambda started: started.signal(signal.SIGKILL),
}


@pytest.mark.parametrize("lane", LANES)
def test_a_runners_cancel_kills_the_group(runner: Runner, lane: str) -> None:
    simulator = runner.simulator
    started = start_a_wait(runner, lane)
    try:
        started.signal_group(signal.SIGKILL)
        started.process.wait(30)
        if runner.core_line >= WORKERS_OUTLIVE_THEIR_GROUP:
            until(lambda: is_closed(simulator), CLOSED_WITHIN, "the log-on session is closed")
            assert simulator.counters()["logouts"] == 1
        else:
            until(lambda: not everybody_of(started), CLOSED_WITHIN, "the kill has reached every process")
            assert not is_closed(simulator), "somebody survived after all: the older lines can be promised more"
            simulator.advance(16 * 60)
            assert is_closed(simulator)
        until(lambda: not everybody_of(started), CLOSED_WITHIN, "every process of the run has ended")
    finally:
        kill(everybody_of(started))
    assert started.finish(STOPPED).counters["starts"] == {JOB: 1}


@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize("ending", ENDINGS)
def test_the_log_on_session_is_closed_and_the_job_goes_on(runner: Runner, lane: str, ending: str) -> None:
    simulator = runner.simulator
    started = start_a_wait(runner, lane)
    try:
        assert simulator.counters()["open_sessions"] == 1
        ENDINGS[ending](started)
        started.process.wait(30)
        until(lambda: is_closed(simulator), CLOSED_WITHIN, "the log-on session is closed")
        until(lambda: not everybody_of(started), CLOSED_WITHIN, "every process of the run has ended")
    finally:
        kill(everybody_of(started))
    run = started.finish(STOPPED)
    assert run.code != 0
    assert run.counters["logouts"] == 1 and run.counters["starts"] == {JOB: 1} and run.counters["writes"] == 1
    (job,) = [job for job in simulator.state()["jobs"] if job["name"] == JOB]
    assert job["running"]["state"] == "Working"


@pytest.mark.parametrize("lane", LANES)
def test_a_log_on_that_is_under_way_is_closed_when_it_has_come(runner: Runner, lane: str) -> None:
    simulator = runner.simulator
    simulator.fault("latency", method="POST", path="^/sessionMngr", seconds=3)
    started = runner.start(play(task("wait", "veeam_em_job_run", WAITS)), lane=lane)
    try:
        until(lambda: simulator.faults()[0]["hits"] > 0, 60, "the log-on is under way")
        started.signal(signal.SIGTERM)
        started.process.wait(30)
        until(lambda: simulator.counters()["logons"] == 1, CLOSED_WITHIN, "the server has opened what was asked for")
        until(lambda: is_closed(simulator), CLOSED_WITHIN, "the log-on session is closed")
        until(lambda: not everybody_of(started), CLOSED_WITHIN, "every process of the run has ended")
    finally:
        kill(everybody_of(started))
    assert started.finish(STOPPED).counters["writes"] == 0


@pytest.mark.parametrize("lane", LANES)
def test_what_a_killed_container_leaves_ends_by_the_idle_time_out(runner: Runner, lane: str) -> None:
    simulator = runner.simulator
    started = start_a_wait(runner, lane)
    kill(everybody_of(started))
    started.finish(Expectation(code=None, sessions_left=1))
    simulator.advance(14 * 60)
    assert not is_closed(simulator)
    simulator.advance(2 * 60)
    assert is_closed(simulator)


def test_progress_shows_while_the_task_runs(runner: Runner) -> None:
    runner.simulator.script("slow_task", JOB, running=1.5, collecting=1.5)
    started = runner.start(play(task("wait", "veeam_em_job_run", {**WAITS, "wait_interval": 0.3})), lane="controller")
    running, _line = started.wait_for_line(r"task-1 StartJob: Running")
    collecting, _line = started.wait_for_line(r"task-1 StartJob: OperationFinished")
    finished, _line = started.wait_for_line(r"task-1 StartJob: Finished")
    working, _line = started.wait_for_line(rf"{JOB}@.*: Working \d+ %")
    assert started.process.poll() is None, "the line came with the end of the task only"
    assert not [line for _moment, line in started.lines if line.startswith(("ok:", "changed:"))]
    run = started.finish()
    (ended,) = [moment for moment, line in started.lines if line.startswith("changed: [localhost]")]
    assert running < collecting < finished < working < ended
    shown = [int(percent) for percent in re.findall(r"Working (\d+) %", run.stdout)]
    assert shown == sorted(shown) and len(set(shown)) >= 3, shown
    assert re.search(rf"{JOB}@.*: Stopped 100 %, Warning", run.stdout)


def test_no_progress_shows_where_it_was_forbidden(runner: Runner) -> None:
    runner.simulator.clock(speed=8)
    run = runner.play(play(task("wait", "veeam_em_job_run", {**WAITS, "wait_interval": 0.3}, no_log=True)), lane="controller")
    assert JOB not in run.output
