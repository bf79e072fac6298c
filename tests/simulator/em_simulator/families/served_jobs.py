# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What jobs of agents and of file shares have in common: they run as all jobs do, and are served by rows of their own type."""

from __future__ import annotations

from typing import Any, Iterator

from .. import healthy
from ..build import Build
from ..declarations import BY_TYPE, is_known
from ..job_details import schedule
from ..job_entries import add_job, past_run, runs_of
from ..model import BACKUP_SESSION, Job, Row, Server
from ..problems import Problem
from ..world import World

# Of the task sessions of a generated estate one in so many belongs to these jobs.
_SHARE = 20
_DAYS_KEPT = 30
_FAILED, _WARNED = 0.02, 0.05


def reserved(task_sessions: int) -> int:
    """Return how many task sessions of a generated estate are left for these jobs."""
    return task_sessions // _SHARE


def common_values(job: Job) -> dict[str, Any]:
    """Return what both kinds of job tell, by wire name."""
    return {
        "Description": job.description,
        "ScheduleConfigured": job.schedule_configured,
        "ScheduleEnabled": job.schedule_enabled,
        "NextRun": job.next_run_us if job.schedule_enabled else None,
        "JobScheduleOptions": schedule(job),
    }


def keep(world: World, job: Job, row: Row, entry: dict[str, Any]) -> None:
    """Put a job and the runs that it had in the world."""
    job.row = row
    add_job(world, job, entry)
    for number, past in enumerate(runs_of(entry)):
        past_run(world, job, number, past)


def set_up(build: Build, job: Job, entry: dict[str, Any]) -> None:
    """In a healthy estate, set a job up as it should be; its entry must tell its daily runs."""
    if build.healthy:
        healthy.set_up(job, build.ago(hours=entry["daily"]["hours_ago"]), build.now_us)


def daily(build: Build, number: int) -> dict[str, Any]:
    """Return the past of a job of a generated estate that is healthy, as an entry of an estate file tells it; nothing for another estate."""
    if not build.healthy:
        return {}
    return {"daily": {"hours_ago": 2 + number % 8 / 2, "minutes": 10 + number % 20, "runs": build.runs}}


def run_in_the_past(world: World, build: Build, jobs: list[Job], task_sessions: int, reason: str) -> None:
    """Let the jobs of a generated estate have run, with so many task sessions in all; some of these failed for the reason, ``{}`` being the name."""
    numbers = dict.fromkeys((job.id for job in jobs), 0)
    for job in _in_turns([job for job in jobs if job.machines]):
        machines = job.machines[:task_sessions]
        if not machines:
            return
        task_sessions -= len(machines)
        past_run(world, job, numbers[job.id], _past(build, [machine.name for machine in machines], reason))
        numbers[job.id] += 1


def _in_turns(jobs: list[Job]) -> Iterator[Job]:
    while jobs:
        yield from jobs


def _past(build: Build, names: list[str], reason: str) -> dict[str, Any]:
    outcome = {}
    for name in names:
        luck = build.chance.random()
        if luck < _WARNED:
            outcome[name] = {"result": "Failed" if luck < _FAILED else "Warning", "reason": reason.format(name)}
    return {"hours_ago": build.chance.uniform(1, _DAYS_KEPT * 24), "minutes": build.chance.randrange(1, 120) / 2, "outcome": outcome, "only": names}


def sessions_of_type(service: Any, call: Any, kind: str, job_type: str) -> Any:
    """Answer with the job sessions of one type of job; ``kind`` is what its jobs are served as."""
    if not is_known(BY_TYPE[kind], service.profile.versions):
        raise Problem(404, "Not Found")
    service.admit(call, BY_TYPE[BACKUP_SESSION])
    sessions = [session for session in service.world.table(BACKUP_SESSION).rows() if session.job_type == job_type]
    return service.some(call, sessions, BACKUP_SESSION)


def file_entries(build: Build, section: str) -> list[tuple[Server, dict[str, Any]]]:
    """Return a section of the estate file, each entry with its backup server."""
    return [(build.server(entry.get("backup_server")), entry) for entry in build.section(section)]
