# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cuts and additions that leave an estate sound: what is taken away takes with it what leads there, and sizes stay true."""

from __future__ import annotations

from typing import Any, Collection, Iterable

from .. import healthy
from ..families.jobs import add_object, add_sources, has_objects
from ..job_details import entry_id, linked_id, objects_of
from ..job_entries import past_run
from ..model import TASK_TYPE_OF, Job, JobSession, Machine, Row, Server, TaskSession, entity_type, key_of, stable_id
from ..world import World
from ._model import Site

_SPARE_CAPACITY = 8 * 1024**4
_MOUNTS = ("VmRestorePointMount", "VmReplicaPointMount")


def note_change(world: World) -> None:
    """Say that anything may look different."""
    for table in world.tables.values():
        table.version += 1
    world.changes += 1


# Jobs and what is in them


def leave(world: World, job: Job, machine: Machine) -> None:
    """Take a machine out of a job; what its runs left behind stays."""
    job.machines = [other for other in job.machines if other.uid != machine.uid]
    key = f"{job.id}/{entry_id(job, machine.name)}"
    if key in world.table("ObjectInJob").by_id:
        world.table("ObjectInJob").remove(key)


def enter(world: World, job: Job, machine: Machine) -> None:
    """Put a machine in a job."""
    job.machines = [*job.machines, machine]
    if has_objects(job):
        add_object(world, job, machine.name, machine.uid, len(objects_of(job)) - 1)


def unlink(world: World, copy: Job, source: Job) -> None:
    """Let a copy no longer read a job; what it has copied stays."""
    copy.sources = [other for other in copy.sources if other != source.id]
    world.table("LinkedJobObject").remove(f"{copy.id}/{linked_id(copy, source.id)}")
    for machine in source.machines:
        leave(world, copy, machine)


def link(world: World, copy: Job, source: Job) -> None:
    """Let a copy read a job, too."""
    copy.sources = [*copy.sources, source.id]
    add_sources(world, copy)


def new_job(site: Site, like: Job, name: str, machines: Iterable[Machine] = (), runs: int = 0, **changes: Any) -> Job:
    """Add a job beside another one, as well set up as that one and with as many daily runs; ``changes`` are attributes of the new one.

    A number is added to the name where the backup server has such a job.
    """
    world = site.world
    names = {job.name for job in world.jobs() if job.server is like.server}
    name = next(candidate for candidate in _numbered(name) if candidate not in names)
    job = Job(stable_id("added job", like.server.name, name), name, like.server, like.type, like.platform)
    job.repository, job.password_key_id = like.repository, like.password_key_id
    for attribute, value in changes.items():
        setattr(job, attribute, value)
    job.machines = list(machines)
    newest = site.sessions(like)[0]
    healthy.set_up(job, newest.created_us, site.now_us)
    if not job.schedule_enabled:
        job.next_run_us = None
    world.add_job(job)
    for order, (object_name, uid) in enumerate(objects_of(job) if has_objects(job) else []):
        add_object(world, job, object_name, uid, order)
    add_sources(world, job)
    past = healthy.daily_runs((site.now_us - newest.created_us) / 3.6e9, minutes=10, runs=runs)
    for number, entry in reversed(list(enumerate(past))):
        run_in_the_past(world, job, number, entry)
    return job


def _numbered(name: str) -> Iterable[str]:
    yield name
    number = 2
    while True:
        yield f"{name} {number}"
        number += 1


def remove_replication(site: Site, job: Job) -> None:
    """Take a replication job away with all that it left behind."""
    world = site.world
    for machine in job.machines:
        forget_runs(world, machine, [job])
    _remove_all(world, job.session_type, site.sessions(job))
    replica = stable_id("replica", job.id)
    if replica in world.table("Replica").by_id:
        world.table("Replica").remove(replica)
    for machine in list(job.machines):
        world.table("ObjectInJob").remove(f"{job.id}/{entry_id(job, machine.name)}")
    world.table("Job").remove(job.id)


def run_in_the_past(world: World, job: Job, number: int, past: dict[str, Any]) -> None:
    """Add a run of the past with what it left behind."""
    session = past_run(world, job, number, past)
    for task in session.tasks:
        if task.point_id:
            for keep in world.on_point:
                keep(task)
    for close in world.on_end:
        close(session)


def add_run(site: Site, job: Job, created_us: int, ended_us: int | None, machines: Iterable[Machine], result: str, reason: str) -> JobSession:
    """Add a run without points: one that goes on when it has no end, or one in which all machines ended so."""
    goes_on = ended_us is None
    own = stable_id("added run", job.id, created_us)
    session = JobSession(own, job.session_type, job, created_us, job.type, ended_us, "Working" if goes_on else "Stopped", result, 42 if goes_on else 100)
    for machine in machines:
        task = TaskSession(
            stable_id("task", own, machine.name), session, machine, created_us, ended_us, "InProgress" if goes_on else "Completed", result, reason
        )
        session.tasks.append(task)
    if not goes_on:
        job.last = session
    site.world.publish(session)
    return session


# Points and runs


def points_of(world: World, machine: Machine) -> list[Row]:
    """Return the restore points of a machine, the newest first."""
    found = [point for point in world.table("VmRestorePoint").by_id.values() if point.values["HierarchyObjRef"] == machine.uid]
    return sorted(found, key=lambda point: int(point.values["CreationTimeUTC"]), reverse=True)


def forget_runs(world: World, machine: Machine, jobs: Iterable[Job], since_us: int = 0) -> None:
    """Let a machine have been in no run of some jobs since a moment; the points that these runs left go, too."""
    lost = set()
    for job in jobs:
        for session in world.sessions_of(job):
            for task in [task for task in session.tasks if task.machine.uid == machine.uid and session.created_us >= since_us]:
                session.tasks.remove(task)
                world.table(TASK_TYPE_OF[session.type]).remove(task.id)
                lost.add(task.point_id)
    lose_points(world, lost)


def lose_points(world: World, lost: Collection[str]) -> None:
    """Take points of machines away, and whole restore points with their files where no machine is left in them."""
    lost = {point_id for point_id in lost if point_id}
    wholes: dict[str, Row] = {}
    for kind in ("VmRestorePoint", "VmReplicaPoint"):
        table = world.table(kind)
        for point in [table.by_id[point_id] for point_id in sorted(lost) if point_id in table.by_id]:
            wholes |= {thing.id: thing for thing in point.up if entity_type(thing) == "RestorePoint"}
            table.remove(point.id)
    for kind in ("BackupTaskSession", "ReplicaTaskSession"):
        for task in world.table(kind).by_id.values():
            if task.point_id in lost:
                task.point_id, task.point_us = "", 0
    for kind in ("CatalogVmRestorePoint", *_MOUNTS):
        _remove_all(world, kind, [row for row in world.table(kind).by_id.values() if lost & {*row.parents, *(point.id for point in row.related)}])
    for restore in world.table("RestoreSession").by_id.values():
        if restore.point_id in lost:
            restore.point_id, restore.point_us = "", 0
    _lose_empty(world, wholes.values())


def _lose_empty(world: World, wholes: Iterable[Row]) -> None:
    empty = [point for point in wholes if not world.table("VmRestorePoint").below(point)]
    gone = {point.id for point in empty}
    _remove_all(world, "RestorePoint", empty)
    for point in empty:
        for file in [thing for thing in point.below if thing.type == "BackupFile"]:
            resize(world, file, 0)
            world.table("BackupFile").remove(file.id)
    for session in world.table("BackupJobSession").by_id.values():
        if gone.intersection(session.point_ids):
            session.point_ids = tuple(point_id for point_id in session.point_ids if point_id not in gone)


def _remove_all(world: World, kind: str, rows: Iterable[Row | JobSession]) -> None:
    for row in rows:
        world.table(kind).remove(key_of(row))


# Repositories and files


def backups_of(world: World, job: Job) -> list[Row]:
    """Return what a job keeps on repositories."""
    uid = f"urn:veeam:Job:{job.id}"
    return sorted((row for row in world.table("Backup").by_id.values() if row.values["JobUid"] == uid), key=lambda row: row.name)


def files_of(world: World, job: Job) -> list[Row]:
    """Return the files that a job wrote, the newest first."""
    files = [file for backup in backups_of(world, job) for file in world.table("BackupFile").below(backup)]
    return sorted(files, key=lambda file: (-file.values["CreationTimeUtc"], file.name))


def file_of(point: Row) -> Row:
    """Return the file that a point of a machine is in."""
    return next(thing for thing in point.up if isinstance(thing, Row) and thing.type == "BackupFile")


def repository_of(backup: Row) -> Row:
    """Return where a backup lies."""
    return next(thing for thing in backup.up if isinstance(thing, Row) and thing.type == "Repository")


def resize(world: World, file: Row, size: int) -> None:
    """Let a file have another size; its repository has so much less space."""
    values = repository_of(file.up[0]).values
    if values["Capacity"] >= 0:
        values["FreeSpace"] -= size - file.values["BackupSize"]
    file.values["BackupSize"] = size


def files_on(world: World, repository: Row) -> list[Row]:
    """Return the files on a repository."""
    return [file for file in world.table("BackupFile").by_id.values() if repository in file.up[0].up]


def new_repository(site: Site, server: Server, name: str, kind: str) -> Row:
    """Add an empty repository."""
    own = stable_id("added repository", server.name, name, len(site.world.table("Repository").by_id))
    row = Row(own, "Repository", name, {"Description": "", "Kind": kind, "Capacity": _SPARE_CAPACITY, "FreeSpace": _SPARE_CAPACITY}, up=(server,))
    site.world.add(row)
    return row


def move(world: World, job: Job, repository: Row) -> None:
    """Let everything that a job keeps lie on another repository, which becomes big enough."""
    for backup in backups_of(world, job):
        size = sum(file.values["BackupSize"] for file in world.table("BackupFile").below(backup))
        repository_of(backup).values["FreeSpace"] += size
        world.table("Backup").remove(backup.id)
        backup.up = (repository, job.server)
        world.table("Backup").add(backup)
        # So much that a month of runs would not fill it.
        repository.values["Capacity"] += 10 * size
        repository.values["FreeSpace"] += 9 * size
    job.repository = repository.name


def where_kept(world: World, machine: Machine) -> dict[str, Any]:
    """Return on how many repositories a machine has points, of which kinds, and whether one is off site."""
    places = {place.id: place for point in points_of(world, machine) for place in [repository_of(file_of(point).up[0])]}
    kinds = sorted({place.values["Kind"] for place in places.values()})
    return {"repositories": sorted(place.name for place in places.values()), "kinds": kinds, "off_site": "Cloud" in kinds}
