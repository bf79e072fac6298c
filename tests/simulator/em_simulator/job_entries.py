# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs of any kind as an estate file tells them, with the runs that they had."""

from __future__ import annotations

from typing import Any

from . import healthy
from .clock import SECOND_US
from .model import Job, JobSession, Machine, Outcome, Server, TaskSession, stable_id
from .world import World

_MINUTE_US = 60 * SECOND_US
_HOUR_US = 60 * _MINUTE_US
_PLAIN = ("platform", "description", "duration", "schedule_configured", "schedule_enabled", "start_time")


def outcomes_from(data: dict[str, Any] | None) -> dict[str, Outcome]:
    """Return outcomes by machine from ``{machine: Result}`` or ``{machine: {result, reason}}``."""
    found = {}
    for machine, value in (data or {}).items():
        text = {"result": value} if isinstance(value, str) else value
        outcome = Outcome(text["result"], text.get("reason", ""))
        if outcome.result not in ("Success", "Warning", "Failed"):
            raise ValueError(f"machine {machine!r} cannot end as {outcome.result!r}: Success, Warning or Failed")
        found[machine] = outcome
    return found


def job_from(world: World, entry: dict[str, Any], server: Server, identifier: str, kind: str) -> Job:
    """Return a job with what every kind is told by; it is not in the world yet, and has no machines."""
    job = Job(identifier, entry["name"], server, kind)
    for name in _PLAIN:
        if name in entry:
            setattr(job, name, entry[name])
    if job.schedule_configured:
        job.next_run_us = (world.stamp() // _HOUR_US + 12) * _HOUR_US
    job.outcomes = [outcomes_from(item) for item in entry.get("outcomes", [])]
    return job


def runs_of(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the runs of the past that an entry tells: its ``history``, and those of every day (``daily``: ``hours_ago``, ``minutes``, ``runs``)."""
    daily = entry.get("daily")
    return list(entry.get("history", [])) + (healthy.daily_runs(**daily) if daily else [])


def add_job(world: World, job: Job, entry: dict[str, Any]) -> None:
    """Put a job in the world, with the scripts that the file wants for it."""
    world.add_job(job)
    for name, params in (entry.get("scripts") or {}).items():
        world.set_script(name, job.id, params)


def past_run(world: World, job: Job, number: int, past: dict[str, Any]) -> JobSession:
    """Add a run of the past and return it: ``hours_ago``, ``minutes``, ``outcome``, ``retry``, ``failure_message``, ``only``."""
    identifier = stable_id("history", job.id, number)
    fraction = int(identifier[:5], 16) % SECOND_US
    created = (world.stamp() // SECOND_US) * SECOND_US - int(past["hours_ago"] * _HOUR_US) + fraction
    length = int(past.get("minutes", 6) * _MINUTE_US)
    session = JobSession(identifier, job.session_type, job, created, job.type, ended_us=created + length, state="Stopped")
    session.is_retry = bool(past.get("retry", False))
    session.progress = 0 if job.type == "ImmediateBackupCopy" else 100
    session.failure_message = past.get("failure_message")
    outcomes = outcomes_from(past.get("outcome"))
    machines = [machine for machine in job.machines if machine.name in past.get("only", [machine.name])]
    for index, machine in enumerate(machines):
        session.tasks.append(past_machine(session, machine, index, length, outcomes.get(machine.name, Outcome())))
    results = [task.result for task in session.tasks] + (["Failed"] if session.failure_message else [])
    session.result = max(results or ["Success"], key=("Success", "Warning", "Failed").index)
    if any(task.point_id for task in session.tasks) and not job.is_replica:
        session.point_ids, session.point_us = (stable_id("point", session.id),), created
    if job.last is None or job.last.created_us < created:
        job.last = session
    world.publish(session)
    return session


def past_machine(session: JobSession, machine: Machine, index: int, length: int, outcome: Outcome) -> TaskSession:
    """Return a finished task session of a past run."""
    begin = session.created_us + length // 10 + index * 1_500_123
    end = min(begin + length // 2, session.created_us + length)
    failed = outcome.result == "Failed"
    task = TaskSession(stable_id("task", session.id, machine.name), session, machine, begin, end, "Completed", outcome.result, outcome.reason)
    task.size = 0 if failed else machine.size
    if not failed and session.job.keeps_points:
        task.point_id, task.point_us = stable_id("point", task.id), end
    return task
