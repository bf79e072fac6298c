# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an estate looks like in which nobody finds a fault: how its jobs are set up, when they ran, and that restores were tried.

Everything is told from now: jobs run once a day at the hour of their newest run, so that the estate is healthy at any time of day.
"""

from __future__ import annotations

from typing import Any, Iterable

from .build import DAY_US, HOUR_US, MINUTE_US, Build
from .clock import SECOND_US, moment
from .model import COPY_TYPES, Job, JobOptions, RestoreSession
from .world import World

# Days of runs, each with a point of every machine: more than are to be kept, so that a few can be missing.
RUNS = 20
_KEPT = 14
_WEEKS_MONTHS_YEARS = (4, 12, 7)
_LOG_MINUTES = 15
# A window opens before the run and closes long after it.
_WINDOW_OPENS, _WINDOW_LASTS = 1, 18
# Restores were tried so many days ago.
_RESTORED_DAYS_AGO = range(3, 26)
_RESTORE_MINUTES = 12
_RESTORES = ("FileLevelRestore", "RestoreVm")


def set_up(job: Job, began_us: int, now_us: int, windowed: bool = False) -> None:
    """Set a job up as it should be; it runs daily at the time of its newest run. With ``windowed`` it may run in some hours only."""
    copies = job.type in COPY_TYPES
    job.options = JobOptions(
        sql_logs="Backup",
        sql_log_minutes=_LOG_MINUTES,
        oracle_log_minutes=_LOG_MINUTES,
        retain=_KEPT,
        retain_by="Cycles" if copies else "Days",
        gfs=_WEEKS_MONTHS_YEARS,
    )
    local = moment(began_us + job.server.clock_offset_hours * HOUR_US)
    job.start_time = f"{local:%H:%M:%S}"
    if windowed:
        job.options.window_hours = tuple(sorted((local.hour - _WINDOW_OPENS + hour) % 24 for hour in range(_WINDOW_LASTS)))
    # An immediate copy waits for what it copies and has no next run.
    days = (now_us - began_us) // DAY_US + 1
    job.next_run_us = None if job.type == "ImmediateBackupCopy" else (began_us // SECOND_US * SECOND_US) + days * DAY_US


def daily_runs(hours_ago: float, minutes: float, runs: int = RUNS) -> list[dict[str, Any]]:
    """Return runs of the past as an estate file tells them: the newest began so many hours ago, the others at the same time of the days before."""
    return [{"hours_ago": hours_ago + 24 * number, "minutes": minutes} for number in range(runs)]


def try_restores(world: World, build: Build, jobs: Iterable[Job]) -> None:
    """Let a machine of each job have been restored in the last weeks."""
    for number, job in enumerate(jobs):
        if not job.machines:
            continue
        machine, kind = job.machines[number % len(job.machines)], _RESTORES[number % len(_RESTORES)]
        days = _RESTORED_DAYS_AGO[number % len(_RESTORED_DAYS_AGO)]
        created = build.ago(days=days) + number % 3600 * SECOND_US
        files = kind == "FileLevelRestore"
        label = f"FLR_[{machine.name}]" if files else machine.name
        own = build.guid("tried restore", job.id)
        ended, progress = created + _RESTORE_MINUTES * MINUTE_US, 0 if files else 100
        world.add(RestoreSession(own, job.server, label, machine.name, kind, created, ended, "Stopped", "Success", progress, None, machine.uid))
