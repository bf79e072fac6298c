# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be wrong with one machine: that nothing backs it up, that its backup is old or failed, that it has too few copies."""

from __future__ import annotations

from typing import Iterator

from ..build import HOUR_US, MINUTE_US
from ..model import COPY_TYPES, Job, Machine, Row
from . import surgery
from ._model import Details, Protected, Site, defect

_POINTS = "VmRestorePoint CatalogVmRestorePoint VmRestorePointMount RestorePoint BackupFile Repository RestoreSession"
_RUNS = "BackupJobSession BackupTaskSession"
_FAILED = "Processing {} Error: Failed to create the snapshot: the operation timed out."
_WARNED = "Processing {}: the guest tools are out of date; the file system was not quiesced."
_RUN_MINUTES = 10


def with_company(site: Site) -> Iterator[Protected]:
    """Machines that a backup job names itself, and not alone."""
    return (found for found in site.protected("Backup") if len(found.job.machines) > 1 and not found.job.containers)


def of_one_job(site: Site) -> Iterator[Protected]:
    """Those of them that nothing but backup and copies works on: no replication, and with it no plan, and no policy."""
    elsewhere = {found.machine.uid for found in site.protected("Replica")}
    for row in site.rows("ObjectInJob"):
        if row.place:
            elsewhere.add(row.values["HierarchyObjRef"])
    return (found for found in with_company(site) if found.machine.uid not in elsewhere)


def _never_restored(site: Site) -> Iterator[Protected]:
    restored = {restore.restored_obj_ref for restore in site.world.table("RestoreSession").by_id.values()}
    return (found for found in of_one_job(site) if found.machine.uid not in restored)


def _copied(site: Site) -> Iterator[Protected]:
    read = {source for copy in site.jobs(*COPY_TYPES) for source in copy.sources}
    return (found for found in with_company(site) if found.job.id in read)


def _beside_another_job(site: Site) -> Iterator[Protected]:
    alike = _alike(site)
    return (found for found in with_company(site) if _others(alike, found))


def _alike(site: Site) -> dict[tuple[str, str, str], list[Job]]:
    """Return the jobs that could take each other's machines."""
    alike: dict[tuple[str, str, str], list[Job]] = {}
    for job in site.jobs("Backup"):
        if job.machines and job.schedule_enabled and not job.containers:
            alike.setdefault(_sort_of(job), []).append(job)
    return alike


def _sort_of(job: Job) -> tuple[str, str, str]:
    return job.server.id, job.platform, job.vapp


def _others(alike: dict[tuple[str, str, str], list[Job]], found: Protected) -> list[Job]:
    return [job for job in alike.get(_sort_of(found.job), ()) if job is not found.job and all(machine.uid != found.machine.uid for machine in job.machines)]


def _leave_all(site: Site, machine: Machine) -> None:
    for job in site.jobs("Backup", *COPY_TYPES):
        if any(other.uid == machine.uid for other in job.machines):
            surgery.leave(site.world, job, machine)


@defect("machine", _never_restored, "Job ObjectInJob")
def machine_in_no_job(site: Site, found: Protected) -> Details:
    """The machine was taken out of its job and of the copies; its backups are still fresh."""
    _leave_all(site, found.machine)
    return {"was_in": found.job.name}


@defect("machine", _never_restored, "Job ObjectInJob LinkedJobObject")
def machine_in_switched_off_job(site: Site, found: Protected) -> Details:
    """The machine was moved to a job of its own, which is switched off."""
    _leave_all(site, found.machine)
    job = surgery.new_job(site, found.job, f"Parked {found.machine.name}", [found.machine], schedule_enabled=False)
    for copy in site.copies_of(found.job)[:1]:
        surgery.link(site.world, copy, job)
    return {"was_in": found.job.name, "job": job.name, "job_id": job.id}


@defect("machine", _beside_another_job, "Job ObjectInJob")
def in_two_jobs(site: Site, found: Protected) -> Details:
    """The machine was put in a second backup job."""
    other = site.chance.choice(_others(_alike(site), found))
    surgery.enter(site.world, other, found.machine)
    site.taken.add(other.id)
    return {"jobs": sorted((found.job.name, other.name)), "put_in": other.name}


@defect("machine", of_one_job, "HierarchyItem")
def gone_machine_in_job(site: Site, found: Protected) -> Details:
    """The machine was deleted from the virtual infrastructure, and its job still names it."""
    site.world.table("HierarchyItem").remove(found.machine.uid)
    site.world.gone.add(found.machine.uid)
    jobs = [job.name for job in site.jobs("Backup", *COPY_TYPES) if any(machine.uid == found.machine.uid for machine in job.machines)]
    return {"jobs": jobs}


@defect("machine", with_company, f"{_POINTS} {_RUNS}")
def last_backup_old(site: Site, found: Protected, *, hours: float = 50) -> Details:
    """The machine was in no run and in no copy of the last hours; nothing failed."""
    surgery.forget_runs(site.world, found.machine, [found.job, *site.copies_of(found.job)], site.ago(hours=hours))
    newest = next(iter(surgery.points_of(site.world, found.machine)), None)
    return {"job": found.job.name, "hours": None if newest is None else site.hours_since(newest.values["CreationTimeUTC"])}


@defect("machine", _never_restored, f"{_POINTS} {_RUNS}")
def never_backed_up(site: Site, found: Protected) -> Details:
    """The machine is in its job, and was in no run yet; so it has no copy either."""
    surgery.forget_runs(site.world, found.machine, [found.job, *site.copies_of(found.job)])
    surgery.lose_points(site.world, {point.id for point in surgery.points_of(site.world, found.machine)})
    return {"job": found.job.name, "points": 0}


@defect("machine", with_company, _RUNS)
def last_run_failed(site: Site, found: Protected, *, hours: float = 1, reason: str = "") -> Details:
    """The machine failed in a run after the last good one, in which nothing else was."""
    said = reason or _FAILED.format(found.machine.name)
    created = site.ago(hours=hours)
    session = surgery.add_run(site, found.job, created, created + _RUN_MINUTES * MINUTE_US, [found.machine], "Failed", said)
    return {"job": found.job.name, "reason": said, "job_session": session.id}


@defect("machine", with_company, _RUNS)
def last_run_warned(site: Site, found: Protected, *, reason: str = "") -> Details:
    """The newest backup of the machine ended with a warning; what was copied later is fine."""
    said = reason or _WARNED.format(found.machine.name)
    tasks = [task for session in site.sessions(found.job) for task in session.tasks if task.machine.uid == found.machine.uid]
    newest = max(tasks, key=lambda task: task.created_us)
    newest.result = newest.session.result = "Warning"
    newest.reason = said
    return {"job": newest.session.job.name, "reason": said, "job_session": newest.session.id}


@defect("machine", with_company, f"{_POINTS} {_RUNS}")
def few_points_kept(site: Site, found: Protected, *, keep: int = 7) -> Details:
    """Of the machine only the newest points of each backup are left."""
    kept: dict[str, int] = {}
    lost = set()
    for point in surgery.points_of(site.world, found.machine):
        backup = surgery.file_of(point).up[0].id
        kept[backup] = kept.get(backup, 0) + 1
        if kept[backup] > keep:
            lost.add(point.id)
    surgery.lose_points(site.world, lost)
    left = surgery.points_of(site.world, found.machine)
    return {"job": found.job.name, "points": len(left), "oldest_days": round((site.now_us - left[-1].values["CreationTimeUTC"]) / (24 * HOUR_US), 2)}


@defect("machine", _copied, f"{_POINTS} {_RUNS} Job ObjectInJob")
def on_one_repository(site: Site, found: Protected) -> Details:
    """No copy of the machine was ever made: all its points lie on one repository, of one kind."""
    copies = site.copies_of(found.job)
    surgery.forget_runs(site.world, found.machine, copies)
    for copy in copies:
        surgery.leave(site.world, copy, found.machine)
    return {"job": found.job.name, **surgery.where_kept(site.world, found.machine)}


def planned_in(plan: Row) -> list[Details]:
    """Return the machines of a failover plan by wire name."""
    entries: list[Details] = plan.values["FailoverPlanInfo"]["Includes"]
    return entries


def _replicated(site: Site, planned: bool) -> Iterator[Protected]:
    in_plans = {entry["HierarchyObjRef"] for plan in site.rows("FailoverPlan") for entry in planned_in(plan)}
    candidates = (found for found in site.protected("Replica") if len(found.job.machines) > 1 and not found.job.vapp)
    return (found for found in candidates if (found.machine.uid in in_plans) is planned)


def _in_no_plan(site: Site) -> Iterator[Protected]:
    return _replicated(site, planned=False)


def _in_a_plan(site: Site) -> Iterator[Protected]:
    return _replicated(site, planned=True)


_REPLICA_RUNS = "ReplicaJobSession ReplicaTaskSession"


def _let_replica_age(site: Site, found: Protected, hours: float) -> Details:
    surgery.forget_runs(site.world, found.machine, [found.job], site.ago(hours=hours))
    points = [point for point in site.rows("VmReplicaPoint") if point.name == found.machine.name and found.job.server in point.up]
    newest = max((point.values["CreationTimeUTC"] for point in points), default=None)
    return {"job": found.job.name, "hours": None if newest is None else site.hours_since(newest)}


@defect("machine", _in_no_plan, f"VmReplicaPoint VmReplicaPointMount {_REPLICA_RUNS}")
def replica_old(site: Site, found: Protected, *, hours: float = 50) -> Details:
    """The machine, which is in no failover plan, was in no replication of the last hours."""
    return _let_replica_age(site, found, hours)


@defect("machine", _in_a_plan, f"VmReplicaPoint VmReplicaPointMount {_REPLICA_RUNS}")
def planned_replica_old(site: Site, found: Protected, *, hours: float = 50) -> Details:
    """The machine was in no replication of the last hours, and a failover plan counts on it."""
    plans = [plan for plan in site.rows("FailoverPlan") if found.machine.uid in {entry["HierarchyObjRef"] for entry in planned_in(plan)}]
    return {**_let_replica_age(site, found, hours), "plans": [plan.name for plan in plans]}


@defect("machine", _in_no_plan, _REPLICA_RUNS)
def last_replication_failed(site: Site, found: Protected, *, hours: float = 0.5, reason: str = "") -> Details:
    """The machine failed in a replication after the last good one, in which nothing else was."""
    said = reason or f"Processing {found.machine.name} Error: The target datastore is full."
    created = site.ago(hours=hours)
    session = surgery.add_run(site, found.job, created, created + _RUN_MINUTES * MINUTE_US, [found.machine], "Failed", said)
    return {"job": found.job.name, "reason": said, "job_session": session.id}
