# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What backup and copy jobs leave behind: backups on repositories, their files, and restore points of backups, machines and vApps.

Every run that has a result writes one file and one restore point in the chain of the job, or one of each for every machine
where these have chains of their own. Runs that happen while the simulator works do the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Sequence

from .. import clock
from ..build import DAY_US, Build, hierarchy_id, object_ref
from ..model import COPY_TYPES, Job, JobSession, Machine, Row, TaskSession, stable_id
from ..world import World

_PLATFORMS = {"Hyperv": "HyperV"}
_UNFIT_FOR_FILES = re.compile(r'[\\/:*?"<>|]')
# How much of a machine a full holds, and how much of it changes from point to point.
_USED_PART = 0.6
_CHANGED_PART = 0.04
_DEDUPLICATION, _COMPRESSION = 1.68, 2.1
_DAYS_BETWEEN_FULLS = 7
# How long before a week is over the next full may be written: runs do not start to the second.
_EARLY_US = clock.SECOND_US * 60
# What is left free of a repository whose size nobody told.
_FREE_PART, _FREE_PART_HEALTHY = 0.4, 0.92
_ROUND_CAPACITY = 100 * 1024**3


@dataclass
class _Chain:
    """One chain of files: its backup, the machines in it, and when its last full was written."""

    backup: Row
    last_full_us: int | None = None
    open_points: dict[str, tuple[Row, Row]] = field(default_factory=dict)


class Chains:
    """Keeps the backups of a world: those of the jobs of some types, with points of machines of a type.

    ``more`` begins the paths of further collections that hold them, such as those of agents.
    """

    job_types: tuple[str, ...] = ("Backup", *COPY_TYPES)
    point_type = "VmRestorePoint"
    more = ""

    def __init__(self, world: World, build: Build) -> None:
        self.world = world
        self.build = build
        self.live = False
        self.chains: dict[tuple[str, str], _Chain] = {}
        self.repositories = {(row.up[0].id, row.name): row for row in world.table("Repository").rows()}
        self.first_of_server = {server.id: self._first_repository(server.id) for server in build.servers}

    def _first_repository(self, server_id: str) -> Row | None:
        """Return the repository that a server takes by itself: the first in the file, one with an end before the endless."""
        own = [row for row in self.world.table("Repository").by_id.values() if row.up[0].id == server_id]
        return next((row for row in own if row.values.get("Capacity") != -1), own[0] if own else None)

    def _also(self, collection: str) -> tuple[str, ...]:
        return (f"{self.more}/{collection}",) if self.more else ()

    # Backups

    def chain(self, job: Job, machine: Machine | None) -> _Chain:
        """Return the chain that a machine of a job is written to."""
        key = (job.id, machine.name if job.chains and machine is not None else "")
        if key not in self.chains:
            self.chains[key] = _Chain(self._child(job, key[1]) if key[1] else self._backup(job, "Standard"))
        return self.chains[key]

    def _backup(self, job: Job, kind: str, name: str = "", below: tuple[Row, ...] = ()) -> Row:
        repository = self.repositories.get((job.server.id, job.repository)) or self.first_of_server[job.server.id]
        values = {"Platform": _PLATFORMS.get(job.platform, job.platform), "BackupType": kind, "JobUid": f"urn:veeam:Job:{job.id}", "JobName": job.name}
        up = (job.server,) if repository is None else (repository, job.server)
        row = Row(stable_id("backup", job.id, name), "Backup", name or job.name, values, up=up, below=below, also=self._also("backups"))
        self.world.add(row)
        return row

    def _child(self, job: Job, machine_name: str) -> Row:
        parent: Row | None = self.world.table("Backup").by_id.get(stable_id("backup", job.id, ""))
        parent = parent or self._backup(job, "ParentBackup")
        return self._backup(job, "ChildBackup", f"{job.name} - {machine_name}", below=(parent,))

    # Points

    def keep_run(self, session: JobSession) -> None:
        """Write the points of a run that is over."""
        for task in session.tasks:
            if task.point_id:
                self.keep_machine(task)
        self.close_run(session)

    def keep_machine(self, task: TaskSession) -> None:
        """Write the point of one machine; the first one of a run opens file and restore point."""
        session, job = task.session, task.session.job
        if job.type not in self.job_types:
            return
        chain = self.chain(job, task.machine)
        opened = chain.open_points.get(session.id)
        if opened is None:
            own = stable_id("point", session.id, task.machine.name) if job.chains else stable_id("point", session.id)
            opened = chain.open_points[session.id] = self._open(chain, job, own, session.created_us)
        self._add_machine(job, opened, task.machine, task.point_id, task.point_us)

    def close_run(self, session: JobSession) -> None:
        """Give the files of a run their size and link the run with its restore points."""
        points: list[tuple[Row, Row]] = []
        for machine in session.job.machines if session.job.chains else [None]:
            chain = self.chains.get((session.job.id, machine.name if machine is not None else ""))
            opened = chain.open_points.pop(session.id, None) if chain is not None else None
            if opened is not None:
                points.append(opened)
        sizes = {task.machine.name: task.machine.size for task in session.tasks if task.point_id}
        for point, file in points:
            names = [member.name for member in self.world.table(self.point_type).below(point)]
            self._weigh(file, [sizes[name] for name in names])
            self._add_vapp(session.job, point, file)
        if points:
            session.point_ids, session.point_us = tuple(point.id for point, _file in points), session.created_us

    def keep_older(self, job: Job, moment_us: int, machines: Sequence[Machine]) -> int:
        """Write points that are older than any known run, such as the weekly ones that are kept long; return how many machines they hold."""
        opened: dict[str, tuple[Row, Row]] = {}
        sizes: dict[str, list[int]] = {}
        for machine in machines:
            chain = self.chain(job, machine)
            if chain.backup.id not in opened:
                opened[chain.backup.id] = self._open(chain, job, stable_id("point", chain.backup.id, moment_us), moment_us)
            self._add_machine(job, opened[chain.backup.id], machine, stable_id("point", job.id, machine.name, moment_us), moment_us + clock.SECOND_US * 90)
            sizes.setdefault(chain.backup.id, []).append(machine.size)
        for backup_id, (point, file) in opened.items():
            self._weigh(file, sizes[backup_id])
            self._add_vapp(job, point, file)
        return len(machines)

    def _open(self, chain: _Chain, job: Job, point_id: str, moment_us: int) -> tuple[Row, Row]:
        """Begin a restore point with its file: a full when the last one is a week old, an increment else."""
        full = chain.last_full_us is None or abs(moment_us - chain.last_full_us) >= _DAYS_BETWEEN_FULLS * DAY_US - _EARLY_US
        if full:
            chain.last_full_us = moment_us
        backup, kind = chain.backup, "vbk" if full else "vib"
        stamp = clock.moment(moment_us).strftime("%Y-%m-%dT%H%M%S")
        folder = _UNFIT_FOR_FILES.sub("_", job.name)
        name = f"{_UNFIT_FOR_FILES.sub('_', backup.name)}D{stamp}_{point_id[:4].upper()}.{kind}"
        values = {"FilePath": f"E:\\Backup\\{folder}\\{name}", "BackupSize": 0, "DataSize": 0, "CreationTimeUtc": moment_us, "FileType": kind}
        values |= {"DeduplicationRatio": _DEDUPLICATION, "CompressRatio": _COMPRESSION}
        up = (backup, job.server)
        file = Row(stable_id("file", point_id), "BackupFile", name, values, up=up, also=self._also("backupFiles"))
        moment = {"BackupDateUTC": moment_us}
        point = Row(point_id, "RestorePoint", "", moment, up=up, stamp_us=moment_us, below=(file,), also=self._also("restorePoints"))
        file.below = (point,)
        self.world.add(file)
        self.world.add(point)
        return point, file

    def _add_machine(self, job: Job, opened: tuple[Row, Row], machine: Machine, point_id: str, moment_us: int) -> None:
        point, file = opened
        full = file.values["FileType"] == "vbk"
        values = {
            "VmDisplayName": machine.name,
            "CreationTimeUTC": moment_us,
            "Algorithm": "Full" if full else "Incremental",
            "PointType": "Full" if full else "Increment",
            "HierarchyObjRef": machine.uid,
        }
        self.world.add(Row(point_id, "VmRestorePoint", machine.name, values, up=(job.server, point, file), stamp_us=moment_us))

    def _add_vapp(self, job: Job, point: Row, file: Row) -> None:
        if not job.vapp:
            return
        moment, full = point.values["BackupDateUTC"], file.values["FileType"] == "vbk"
        root_id = hierarchy_id(job.server, job.platform)
        values = {
            "VAppDisplayName": job.vapp,
            "CreationTimeUTC": moment,
            "Algorithm": "Full" if full else "Incremental",
            "PointType": "Full" if full else "Increment",
            "HierarchyObjRef": object_ref(root_id, job.platform, "Vapp", job.vapp),
        }
        self.world.add(Row(stable_id("vapp point", point.id), "VAppRestorePoint", job.vapp, values, up=(job.server, point), stamp_us=moment))

    def _weigh(self, file: Row, sizes: Sequence[int]) -> None:
        """Give a file the size that machines of these sizes lead to, and take it from the free space of its repository."""
        part = _USED_PART if file.values["FileType"] == "vbk" else _CHANGED_PART
        data = sum(int(size * part) for size in sizes)
        size = int(data / _DEDUPLICATION / _COMPRESSION)
        file.values["DataSize"], file.values["BackupSize"] = data, size
        self.world.table("BackupFile").version += 1
        repository = _repository_of(file)
        if self.live and repository is not None and repository.values["FreeSpace"] >= 0:
            repository.values["FreeSpace"] = max(0, repository.values["FreeSpace"] - size)
            self.world.table("Repository").version += 1

    def measure_repositories(self) -> None:
        """Let every repository be as full as its files make it; one without a told capacity is big enough."""
        used: dict[str, int] = {}
        free_part = _FREE_PART_HEALTHY if self.build.healthy else _FREE_PART
        for file in self.world.table("BackupFile").by_id.values():
            repository = _repository_of(file)
            if repository is not None:
                used[repository.id] = used.get(repository.id, 0) + file.values["BackupSize"]
        for repository in self.repositories.values():
            values, taken = repository.values, used.get(repository.id, 0)
            if "Capacity" not in values:
                values["Capacity"] = (int(taken / (1 - free_part)) // _ROUND_CAPACITY + 1) * _ROUND_CAPACITY
            if "FreeSpace" not in values:
                values["FreeSpace"] = max(0, values["Capacity"] - taken) if values["Capacity"] >= 0 else -1
        self.live = True


def add(world: World, build: Build) -> None:
    """Add what the past runs left behind, and points that are older than these, and keep what runs leave from now on."""
    chains = Chains(world, build)
    if build.generated:
        _expire(world, -build.missing_points())
    sessions = [session for session in world.table("BackupJobSession").by_id.values() if session.ended_us is not None]
    oldest: dict[str, int] = {}
    for session in sessions:
        oldest[session.job.id] = min(session.created_us, oldest.get(session.job.id, session.created_us))
    _keep_older(chains, build, oldest)
    for session in sorted(sessions, key=lambda session: session.created_us):
        chains.keep_run(session)
    _link_restores(world)
    chains.measure_repositories()
    world.on_point.append(chains.keep_machine)
    world.on_end.append(chains.close_run)


def _expire(world: World, number: int) -> None:
    """Let so many machines' points be gone already, the oldest first."""
    tasks = [task for task in world.table("BackupTaskSession").by_id.values() if task.point_id]
    for task in sorted(tasks, key=lambda task: task.point_us)[: max(0, number)]:
        task.point_id, task.point_us = "", 0


def _repository_of(file: Row) -> Row | None:
    """Return where a file lies; an estate file may tell no repositories."""
    return next((thing for thing in file.up[0].up if isinstance(thing, Row) and thing.type == "Repository"), None)


def _link_restores(world: World) -> None:
    """Let every restore have read the newest point of its machine that was there when it began."""
    points: dict[str, list[Row]] = {}
    for point in world.table("VmRestorePoint").by_id.values():
        points.setdefault(point.name, []).append(point)
    for restore in world.table("RestoreSession").by_id.values():
        earlier = [point for point in points.get(restore.vm_display_name, []) if (point.stamp_us or 0) <= restore.created_us]
        newest = max(earlier, key=lambda point: point.stamp_us or 0, default=None)
        restore.point_id, restore.point_us = ("", 0) if newest is None else (newest.id, newest.stamp_us)


def _keep_older(chains: Chains, build: Build, oldest: dict[str, int]) -> None:
    """Write weekly points, going back in time: for a file as many as it says, for a generated estate until there are enough."""
    jobs = [job for job in build.jobs if not job.is_replica and job.machines]
    if not build.generated:
        for job, entry in build.file_jobs():
            if job in jobs:
                for week in range(int(entry.get("weekly_points", 0)), 0, -1):
                    chains.keep_older(job, oldest.get(job.id, build.now_us) - week * _DAYS_BETWEEN_FULLS * DAY_US, job.machines)
        return
    missing = build.missing_points()
    week = 0
    while missing > 0 and jobs:
        week += 1
        for job in jobs:
            moment = oldest.get(job.id, build.now_us) - week * _DAYS_BETWEEN_FULLS * DAY_US
            missing -= chains.keep_older(job, moment, job.machines[: max(0, missing)])
