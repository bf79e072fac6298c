# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The summary reports, counted from the estate (WIRE.md sections 1 and 7)."""

from __future__ import annotations

from typing import Any

from . import clock
from .model import BACKUP_SESSION, REPLICA_SESSION, JobSession
from .wire import Element
from .world import World, reported_sessions

_DAY_US = 24 * 3600 * clock.SECOND_US
_REPORT_LINK = "Workspace/ViewReport.aspx?definition={}&ShowParams=1"


def _elements(names: str) -> tuple[Element, ...]:
    return tuple(Element(name) for name in names.split())


class _Shape:
    """Stands for a nested structure, as ``Struct`` of the declarations does."""

    def __init__(self, *fields: Element) -> None:
        self.fields = fields


_PERIOD = _Shape(*_elements("Name Capacity FreeSpace BackupSize"))
_DAY = _Shape(Element("Timestamp", "datetime", attribute=True), Element("ReplicatedVms", attribute=True), Element("BackupedVms", attribute=True))

FRAMES: dict[str, tuple[str, tuple[Element, ...]]] = {
    "overview": (
        "OverviewReportFrame",
        _elements(
            "BackupServers ProxyServers RepositoryServers RunningJobs ScheduledJobs SuccessfulVmLastestStates WarningVmLastestStates FailedVmLastestStates"
        ),
    ),
    "vms_overview": (
        "VmsOverviewReportFrame",
        _elements(
            "ProtectedVms BackedUpVms ReplicatedVms RestorePoints FullBackupPointsSize IncrementalBackupPointsSize ReplicaRestorePointsSize"
            " SourceVmsSize SuccessBackupPercents ProtectedVmsReportLink"
        ),
    ),
    "job_statistics": (
        "JobStatisticsReportFrame",
        _elements(
            "RunningJobs ScheduledJobs ScheduledBackupJobs ScheduledReplicaJobs TotalJobRuns SuccessfulJobRuns WarningsJobRuns FailedJobRuns"
            " MaxJobDuration MaxBackupJobDuration MaxReplicaJobDuration MaxDurationBackupJobName MaxDurationReplicaJobName BackupJobStatusReportLink"
        ),
    ),
    "processed_vms": ("ProcessedVmsReportFrame", (Element("Day", "struct", many=True, struct=_DAY),)),
    "repository": (
        "RepositoryReportFrame",
        (Element("Period", "struct", many=True, struct=_PERIOD), Element("CapacityPlanningReportLink", attribute=True)),
    ),
}

ROOTS = tuple(root for root, _elements in FRAMES.values())


def values(name: str, world: World) -> dict[str, Any]:
    """Return the values of a report by wire name."""
    return {
        "overview": _overview,
        "vms_overview": _vms_overview,
        "job_statistics": _job_statistics,
        "processed_vms": _processed_vms,
        "repository": _repository,
    }[name](world)


def _last_results(world: World) -> dict[str, str]:
    """Return the last result of every machine by name."""
    latest: dict[str, tuple[int, str]] = {}
    for session in reported_sessions(world):
        for task in session.tasks:
            if task.state == "Completed" and task.ended_us is not None and latest.get(task.machine.name, (0, ""))[0] <= task.ended_us:
                latest[task.machine.name] = (task.ended_us, task.result)
    return {name: result for name, (_ended, result) in latest.items()}


def _overview(world: World) -> dict[str, Any]:
    results = list(_last_results(world).values())
    jobs = world.jobs()
    return {
        "BackupServers": len(world.table("BackupServer").rows()),
        "ProxyServers": len(world.table("BackupServer").rows()) * 2,
        "RepositoryServers": len(world.table("Repository").rows()),
        "RunningJobs": sum(job.run is not None for job in jobs),
        "ScheduledJobs": sum(job.schedule_enabled for job in jobs),
        "SuccessfulVmLastestStates": results.count("Success"),
        "WarningVmLastestStates": results.count("Warning"),
        "FailedVmLastestStates": results.count("Failed"),
    }


def _vms_overview(world: World) -> dict[str, Any]:
    machines = {machine.name: machine for job in world.jobs() for machine in job.machines}
    replicated = {machine.name for job in world.jobs() if job.is_replica for machine in job.machines}
    backed_up = {machine.name for job in world.jobs() if not job.is_replica for machine in job.machines}
    results = _last_results(world)
    replica_sizes = [task.size for session in world.table(REPLICA_SESSION).rows() for task in session.tasks if task.point_id]
    sizes = {True: 0, False: 0}
    for file in world.table("BackupFile").by_id.values():
        sizes[file.values["FileType"] == "vbk"] += file.values["BackupSize"]
    good = sum(result != "Failed" for result in results.values())
    return {
        "ProtectedVms": len(machines),
        "BackedUpVms": len(backed_up),
        "ReplicatedVms": len(replicated),
        "RestorePoints": len(world.table("VmRestorePoint").by_id),
        "FullBackupPointsSize": sizes[True],
        "IncrementalBackupPointsSize": sizes[False],
        "ReplicaRestorePointsSize": sum(replica_sizes),
        "SourceVmsSize": sum(machine.size for machine in machines.values()),
        "SuccessBackupPercents": 100 * good // max(1, len(results)),
        "ProtectedVmsReportLink": _REPORT_LINK.format("8a56d84f-1790-4f54-ab20-2e0bfdefa16b"),
    }


def _longest(sessions: list[JobSession]) -> tuple[int, str]:
    """Return the longest duration in seconds, whole minutes, and the name of its job."""
    ended = [session for session in sessions if session.state == "Stopped" and session.ended_us is not None]
    if not ended:
        return 0, ""
    last = max(ended, key=lambda session: (session.ended_us or 0) - session.created_us)
    return ((last.ended_us or 0) - last.created_us) // clock.SECOND_US // 60 * 60, last.job.name


def _job_statistics(world: World) -> dict[str, Any]:
    since = world.stamp() - _DAY_US
    sessions = [session for session in reported_sessions(world) if session.created_us >= since]
    results = [session.result for session in sessions]
    backup = _longest([session for session in sessions if session.type == BACKUP_SESSION])
    replica = _longest([session for session in sessions if session.type == REPLICA_SESSION])
    scheduled = [job for job in world.jobs() if job.schedule_enabled]
    replicas = sum(job.is_replica for job in scheduled)
    return {
        "RunningJobs": sum(job.run is not None for job in world.jobs()),
        "ScheduledJobs": len(scheduled),
        "ScheduledBackupJobs": len(scheduled) - replicas,
        "ScheduledReplicaJobs": replicas,
        "TotalJobRuns": len(results),
        "SuccessfulJobRuns": results.count("Success"),
        "WarningsJobRuns": results.count("Warning"),
        "FailedJobRuns": results.count("Failed"),
        "MaxJobDuration": max(backup[0], replica[0]),
        "MaxBackupJobDuration": backup[0],
        "MaxReplicaJobDuration": replica[0],
        "MaxDurationBackupJobName": backup[1],
        "MaxDurationReplicaJobName": replica[1],
        "BackupJobStatusReportLink": _REPORT_LINK.format("7962844d-db6c-4d29-8b6e-4e0f7db0785f"),
    }


def _processed_vms(world: World) -> dict[str, Any]:
    """Seven days, newest first; a day begins at midnight of the server, which lives two hours ahead of UTC."""
    ahead = 2 * 3600 * clock.SECOND_US
    today = (world.stamp() + ahead) // _DAY_US * _DAY_US - ahead
    days = []
    for number in range(7):
        begin = today - number * _DAY_US
        counts = {BACKUP_SESSION: 0, REPLICA_SESSION: 0}
        for session in reported_sessions(world):
            if begin <= session.created_us < begin + _DAY_US:
                counts[session.type] += len(session.tasks)
        days.append({"Timestamp": begin, "ReplicatedVms": counts[REPLICA_SESSION], "BackupedVms": counts[BACKUP_SESSION]})
    return {"Day": days}


def _repository(world: World) -> dict[str, Any]:
    periods = []
    for row in world.table("Repository").rows():
        capacity, free = row.values["Capacity"], row.values["FreeSpace"]
        periods.append({"Name": row.name, "Capacity": capacity, "FreeSpace": free, "BackupSize": 0 if capacity < 0 else capacity - free})
    return {"Period": periods, "CapacityPlanningReportLink": _REPORT_LINK.format("62221565-102c-4ec8-851b-d61c03d972d1")}
