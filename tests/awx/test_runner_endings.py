# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A job of AWX that is cancelled or runs out of time in the middle of a wait: the log-on session is closed, the job of the server goes on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from awx_testing.engine import FAILED, AnyJob, Ending, Engine, Job, wait_until
from awx_testing.launching import launch_of
from awx_testing.private_data import Launch
from em_testing.endings import is_closed, kill, until
from em_testing.runner import LANES

JOB = "SQL Server Backup"
CANCELLED = Ending(status="canceled")
TIMED_OUT = Ending(status="timeout")


RUN = 600  # seconds on the simulator's clock: longer than any test, shorter than the idle time-out of a log-on session


def long_run(engine: Engine, lane: str = "auto", **changes: Any) -> Launch:
    """Return the launch of a run that does not end before it is let."""
    engine.simulator.script("duration", JOB, seconds=RUN)
    launch = launch_of("run_job", engine.credential(), {"run_job_name": JOB, "run_job_timeout": 900}, **changes)
    # The survey asks for neither.
    return replace(launch, answers={**launch.answers, "run_job_interval": 1, "veeam_em_lane": lane})


def in_the_middle(engine: Engine, launch: Launch) -> Job:
    """Launch a job and return when it is in the middle of its wait."""
    return in_its_middle(engine, engine.start(launch))


def in_its_middle(engine: Engine, job: AnyJob) -> AnyJob:
    """Return a job when it is in the middle of its wait."""
    followed = "/backupSessions/"
    wait_until(job, lambda: sum(followed in request["path"] for request in engine.simulator.log()) >= 2, "the job follows the job session")
    return job


def goes_on(engine: Engine) -> bool:
    """Tell whether the server's job has not come to its end."""
    (job,) = [job for job in engine.simulator.state()["jobs"] if job["name"] == JOB]
    return bool(job["running"] and job["running"]["state"] in ("Starting", "Working"))


def let_it_end(engine: Engine) -> None:
    """Let the run on the server end."""
    engine.simulator.advance(RUN)


@pytest.mark.parametrize("lane", LANES)
def test_a_cancelled_job_closes_its_log_on_session_and_the_next_one_adopts_the_run(engine: Engine, lane: str) -> None:
    launch = long_run(engine, lane)
    job = in_the_middle(engine, launch)
    assert engine.simulator.counters()["open_sessions"] == 1
    job.cancel()
    run = job.finish(CANCELLED)
    assert run.code == 254
    assert (run.counters["logons"], run.counters["logouts"], run.counters["writes"]) == (1, 1, 1)
    assert goes_on(engine)
    following = in_the_middle(engine, launch)
    let_it_end(engine)
    again = following.finish()
    assert (again.counters["logons"], again.counters["logouts"], again.counters["writes"]) == (1, 1, 0), "it was started a second time"
    assert again.artifacts["run_job_outcome"]["adopted"] is True


def test_a_cancelled_job_on_another_node_closes_its_log_on_session(engine: Engine) -> None:
    job = in_its_middle(engine, engine.stream(long_run(engine)))
    job.cancel()
    run = job.finish(CANCELLED)
    assert (run.counters["logons"], run.counters["logouts"], run.counters["writes"]) == (1, 1, 1)
    assert goes_on(engine)


def test_a_second_launch_while_the_first_is_running_adopts_the_run(engine: Engine) -> None:
    launch = long_run(engine)
    first = in_the_middle(engine, launch)
    second = engine.start(launch, counts_on=True)
    wait_until(second, lambda: second.shows("its run is taken over"), "the second job takes the run over")
    assert engine.simulator.counters()["open_sessions"] == 2
    let_it_end(engine)
    runs = [job.finish() for job in (first, second)]
    outcomes = [run.artifacts["run_job_outcome"] for run in runs]
    assert [outcome["adopted"] for outcome in outcomes] == [False, True]
    assert outcomes[0]["job_session"] == outcomes[1]["job_session"] != ""
    assert [run.summary["changed"].get("localhost", 0) for run in runs] == [1, 0]
    assert runs[1].counters["starts"] == {JOB: 1}


def test_the_time_of_a_job_runs_out(engine: Engine) -> None:
    job = in_the_middle(engine, long_run(engine, "controller", job_timeout=25))
    run = job.finish(TIMED_OUT)
    assert run.counters["logouts"] == 1 and run.counters["starts"] == {JOB: 1}
    assert goes_on(engine)


def test_a_job_that_says_nothing_for_too_long_is_ended(engine: Engine) -> None:
    run = in_the_middle(engine, long_run(engine, "module", idle_timeout=12)).finish(TIMED_OUT)
    assert run.counters["logouts"] == 1 and run.counters["starts"] == {JOB: 1}
    assert goes_on(engine)


def test_time_that_runs_out_in_the_playbook_is_told_in_a_sentence(engine: Engine) -> None:
    launch = long_run(engine)
    run = engine.run(replace(launch, answers={**launch.answers, "run_job_timeout": 3}), FAILED)
    (message,) = run.failures
    assert "3 s" in message and JOB in message, message
    outcome = run.artifacts["run_job_outcome"]
    assert outcome["job_session"] and outcome["since"], "nobody could go on waiting"
    assert goes_on(engine)


def test_what_a_killed_container_leaves_ends_by_the_idle_time_out(engine: Engine) -> None:
    """A container engine kills all that is in it at once: nobody is left to log off."""
    launch = long_run(engine)
    engine.simulator.script("duration", JOB, seconds=3600)
    job = in_the_middle(engine, launch)
    everybody = job.processes()
    assert len(everybody) >= 2
    kill(everybody)
    job.finish(Ending(status="failed", sessions_left=None))
    assert not is_closed(engine.simulator)
    engine.simulator.advance(16 * 60)
    until(lambda: is_closed(engine.simulator), 5, "the idle time-out ended the log-on session")
    assert goes_on(engine)
