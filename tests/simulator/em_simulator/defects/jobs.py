# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be wrong with a job: its runs, its schedule and settings, what it writes, and whether a restore was tried."""

from __future__ import annotations

from typing import Any, Iterable, Iterator

from ..build import DAY_US, HOUR_US, MINUTE_US
from ..clock import SECOND_US
from ..model import COPY_TYPES, Job, RestoreSession, Row, stable_id
from . import surgery
from ._model import Details, Planted, Site, defect

_FEWEST_HOURS_SINCE_RUN = 3
_RUN_MINUTES = 5
_FILES = "BackupFile Repository"
_AFTERWARDS = "Failed to run the script that follows the job: exit code 1."


def backup_jobs(site: Site) -> list[Job]:
    """Backup jobs that have machines and ran some hours ago."""
    return [job for job in site.jobs("Backup") if job.machines and _ran(site, job)]


def _ran(site: Site, job: Job) -> bool:
    sessions = site.sessions(job) if job.last is not None else []
    return bool(sessions) and site.hours_since(sessions[0].created_us) > _FEWEST_HOURS_SINCE_RUN


def _scheduled(site: Site) -> list[Job]:
    """All jobs with a schedule; immediate copies have none."""
    return [job for job in site.jobs("Backup", "BackupCopy", "Replica") if job.schedule_enabled and job.machines]


def _at_work_or_not(site: Site) -> list[Job]:
    """Scheduled jobs but copies: those try again by themselves, and wait through the hours in which they may not run."""
    return [job for job in _scheduled(site) if job.type not in COPY_TYPES]


def _without_window(site: Site) -> list[Job]:
    return [job for job in backup_jobs(site) if job.options.window_hours is None]


def _copies(site: Site) -> list[Job]:
    return [job for job in site.jobs(*COPY_TYPES) if job.machines]


def _keeping(site: Site) -> list[Job]:
    return backup_jobs(site) + _copies(site)


def _copied(site: Site) -> Iterator[Job]:
    return (job for job in backup_jobs(site) if site.copies_of(job))


def _copied_with_others(site: Site) -> Iterator[Job]:
    return (job for job in backup_jobs(site) if (copies := site.copies_of(job)) and all(len(copy.sources) > 1 for copy in copies))


# Runs


@defect("job", backup_jobs, "BackupJobSession")
def fails_in_a_row(site: Site, job: Job, *, runs: int = 3) -> Details:
    """The last runs of the job failed as a whole, after all its machines had been backed up."""
    failed = site.sessions(job)[:runs]
    for session in failed:
        session.result, session.failure_message = "Failed", _AFTERWARDS
    return {"runs": len(failed), "message": _AFTERWARDS}


@defect("job", backup_jobs, "Job")
def missed_its_schedule(site: Site, job: Job, *, every_hours: int = 1) -> Details:
    """The job is to run every hour, and did not since its last run."""
    job.options.every_hours = every_hours
    last = site.sessions(job)[0]
    job.next_run_us = last.created_us // SECOND_US * SECOND_US + every_hours * HOUR_US
    return {"every_hours": every_hours, "hours_since_run": site.hours_since(last.created_us), "overdue_hours": site.hours_since(job.next_run_us)}


@defect("job", _without_window, "BackupJobSession BackupTaskSession")
def runs_for_ever(site: Site, job: Job, *, hours: float = 30) -> Details:
    """A run of the job began long ago and does not end; the runs after it did well."""
    session = surgery.add_run(site, job, site.ago(hours=hours), None, job.machines[:1], "None", "")
    return {"job_session": session.id, "hours": hours}


@defect("job", _at_work_or_not, "Job")
def outside_the_window(site: Site, job: Job) -> Details:
    """The job has a backup window, and all its runs were outside of it."""
    offset = job.server.clock_offset_hours * HOUR_US
    last = site.sessions(job)[0]
    began, ended = ((moment + offset) // HOUR_US for moment in (last.created_us, last.ended_us or last.created_us))
    closed = {hour % 24 for hour in range(began - 1, ended + 2)}
    job.options.window_hours = tuple(hour for hour in range(24) if hour not in closed)
    return {"closed_hours": sorted(closed), "runs": len(site.sessions(job))}


@defect("job", backup_jobs, "BackupJobSession")
def run_took_long(site: Site, job: Job, *, hours: float = 5) -> Details:
    """The newest run took many times as long as those before."""
    newest, *others = site.sessions(job)
    usual = [(session.ended_us or 0) - session.created_us for session in others]
    newest.ended_us = min(newest.created_us + int(hours * HOUR_US), site.now_us - _RUN_MINUTES * MINUTE_US)
    return {"minutes": (newest.ended_us - newest.created_us) // MINUTE_US, "usual_minutes": max(usual, default=0) // MINUTE_US}


# Jobs that are off or empty


def _retired(site: Site, like: Job, days: float, **traits: Any) -> Planted:
    job = surgery.new_job(site, like, f"Retired Copy of {like.name}", like.machines[:1], type="BackupCopy", **traits)
    surgery.run_in_the_past(site.world, job, 0, {"hours_ago": 24 * days, "minutes": _RUN_MINUTES})
    surgery.lose_points(site.world, {task.point_id for session in site.sessions(job) for task in session.tasks})
    return Planted(job, {"last_run_days_ago": days})


_RETIRED = "Job ObjectInJob BackupJobSession BackupTaskSession Backup"


@defect("job", backup_jobs, _RETIRED)
def job_switched_off(site: Site, job: Job, *, days: float = 40) -> Planted:
    """There is an old copy job beside the job, whose schedule is switched off."""
    return _retired(site, job, days, schedule_enabled=False)


@defect("job", backup_jobs, _RETIRED)
def job_without_schedule(site: Site, job: Job, *, days: float = 40) -> Planted:
    """There is an old copy job beside the job, which has no schedule at all."""
    return _retired(site, job, days, schedule_enabled=False, schedule_configured=False)


@defect("job", _copied, "Job LinkedJobObject BackupJobSession")
def empty_job(site: Site, job: Job) -> Planted:
    """There is a job beside the job that runs every day and has nothing in it."""
    empty = surgery.new_job(site, job, "Empty Backup", runs=len(site.sessions(job)))
    surgery.link(site.world, site.copies_of(job)[0], empty)
    return Planted(empty, {"runs": len(site.sessions(empty))})


# Settings


@defect("job", _at_work_or_not, "Job")
def no_retries(site: Site, job: Job) -> Details:
    """The job does not try failed machines again."""
    job.options.retries = 0
    return {"retries": 0}


def _inside_guests(job: Job, mode: str) -> Details:
    job.options.application_aware = mode
    return {
        "mode": mode,
        "machines": sorted(machine.name for machine in job.machines),
        "tags": sorted({tag for machine in job.machines for tag in machine.tags}),
    }


@defect("job", backup_jobs, "Job ObjectInJob")
def application_awareness_off(site: Site, job: Job) -> Details:
    """The job does nothing for the applications in the guests."""
    return _inside_guests(job, "Disabled")


@defect("job", backup_jobs, "Job ObjectInJob")
def application_failures_ignored(site: Site, job: Job) -> Details:
    """The job goes on when applications in the guests could not be prepared."""
    return _inside_guests(job, "IgnoreFailures")


@defect("job", backup_jobs, "Job ObjectInJob")
def sql_logs_rarely(site: Site, job: Job, *, minutes: int = 240) -> Details:
    """The job backs up logs of Microsoft SQL Server a few times a day only."""
    job.options.sql_logs, job.options.sql_log_minutes = "Backup", minutes
    return {"minutes": minutes}


@defect("job", backup_jobs, "Job ObjectInJob")
def oracle_logs_rarely(site: Site, job: Job, *, minutes: int = 240) -> Details:
    """The job backs up archived logs of Oracle a few times a day only."""
    job.options.oracle_log_minutes = minutes
    return {"minutes": minutes}


@defect("job", _keeping, "Job")
def short_retention(site: Site, job: Job, *, keep: int = 3) -> Details:
    """The job is to keep a few days or points only."""
    job.options.retain = keep
    return {"keep": keep, "by": job.options.retain_by}


@defect("job", _copies, "Job")
def no_long_retention(site: Site, job: Job) -> Details:
    """The copy keeps no fulls of weeks, months and years."""
    job.options.gfs = (0, 0, 0)
    return {"weeks": 0, "months": 0, "years": 0}


@defect("job", _copies, "Job")
def short_long_retention(site: Site, job: Job, *, weeks: int = 1, months: int = 0, years: int = 0) -> Details:
    """The copy keeps fulls of a week only."""
    job.options.gfs = (weeks, months, years)
    return {"weeks": weeks, "months": months, "years": years}


def _encrypting(site: Site) -> list[Job]:
    return [job for job in site.jobs("Backup", "BackupCopy") if job.password_key_id]


@defect("job", _encrypting, "Job")
def job_not_encrypted(site: Site, job: Job) -> Details:
    """The job writes without encryption."""
    job.password_key_id = ""
    return {"key": ""}


@defect("job", _encrypting, "Job")
def encryption_key_gone(site: Site, job: Job) -> Details:
    """The job names an encryption password that its backup server does not have."""
    job.password_key_id = stable_id("no such key", job.id)
    return {"key": job.password_key_id}


# What jobs write


def _with_increments(site: Site) -> Iterator[Job]:
    return (job for job in backup_jobs(site) if any(file.values["FileType"] == "vib" for file in surgery.files_of(site.world, job)))


@defect("job", backup_jobs, f"{_FILES} VmRestorePoint VAppRestorePoint CatalogVmRestorePoint")
def full_backup_old(site: Site, job: Job, *, days: float = 8) -> Details:
    """The job wrote increments only in the last days."""
    files = surgery.files_of(site.world, job)
    young = [file for file in files if file.values["FileType"] == "vbk" and file.values["CreationTimeUtc"] > site.ago(days=days)]
    for file in young:
        usual = next(other for other in files if other.values["FileType"] == "vib" and other.up[0] is file.up[0])
        _rename(file, "vib")
        file.values["DataSize"] = usual.values["DataSize"]
        surgery.resize(site.world, file, usual.values["BackupSize"])
        _mark_points(site, file, "Incremental", "Increment")
    fulls = [file.values["CreationTimeUtc"] for file in files if file.values["FileType"] == "vbk"]
    return {"newest_full_days_ago": round((site.now_us - max(fulls)) / DAY_US, 2) if fulls else None}


@defect("job", _with_increments, f"{_FILES} VmRestorePoint VAppRestorePoint")
def reverse_increments(site: Site, job: Job) -> Details:
    """The increments of the job are reverse ones."""
    files = [file for file in surgery.files_of(site.world, job) if file.values["FileType"] == "vib"]
    for file in files:
        _rename(file, "vrb")
        _mark_points(site, file, "ReversedIncremental", "Increment")
    return {"files": len(files)}


def _rename(file: Row, kind: str) -> None:
    was = file.values["FileType"]
    file.values["FileType"] = kind
    file.name = file.name.removesuffix(was) + kind
    file.values["FilePath"] = file.values["FilePath"].removesuffix(was) + kind


def _mark_points(site: Site, file: Row, algorithm: str, kind: str) -> None:
    wholes = [thing for thing in file.below if thing.type == "RestorePoint"]
    for whole in wholes:
        for name in ("VmRestorePoint", "VAppRestorePoint"):
            for point in site.world.table(name).below(whole):
                point.values |= {"Algorithm": algorithm, "PointType": kind}


@defect("job", _with_increments, _FILES)
def size_jumped(site: Site, job: Job, *, times: float = 10) -> Details:
    """The newest increment of the job is many times as big as those before."""
    newest, usual = _newest_increment(site, job)
    newest.values["DataSize"] = int(usual.values["DataSize"] * times)
    surgery.resize(site.world, newest, int(usual.values["BackupSize"] * times))
    return {"file": newest.values["FilePath"], "size": newest.values["BackupSize"], "usual_size": usual.values["BackupSize"]}


@defect("job", _with_increments, _FILES)
def compression_lost(site: Site, job: Job) -> Details:
    """The newest increment of the job could not be compressed, as if the data had been encrypted before."""
    newest, usual = _newest_increment(site, job)
    newest.values |= {"CompressRatio": 1.0, "DeduplicationRatio": 1.0}
    surgery.resize(site.world, newest, newest.values["DataSize"])
    return {"file": newest.values["FilePath"], "ratio": 1.0, "usual_ratio": usual.values["CompressRatio"]}


def _newest_increment(site: Site, job: Job) -> tuple[Row, Row]:
    """Return the newest increment, and the one before it in the same backup."""
    newest, *others = [file for file in surgery.files_of(site.world, job) if file.values["FileType"] == "vib"]
    return newest, next((file for file in others if file.up[0] is newest.up[0]), newest)


# Copies


@defect("job", _copied_with_others, "Job ObjectInJob LinkedJobObject")
def feeds_no_copy(site: Site, job: Job) -> Details:
    """No copy reads the job any more; what was copied is still there and fresh."""
    copies = site.copies_of(job)
    for copy in copies:
        surgery.unlink(site.world, copy, job)
    return {"was_read_by": [copy.name for copy in copies]}


def _moved(site: Site, job: Job, name: str, kind: str) -> Details:
    repository = surgery.new_repository(site, job.server, name, kind)
    surgery.move(site.world, job, repository)
    places = [surgery.where_kept(site.world, machine) for machine in job.machines]
    return {"machines": sorted(machine.name for machine in job.machines), "moved_to": repository.name, **places[0]}


@defect("job", backup_jobs, "Repository Backup")
def on_one_kind_of_media(site: Site, job: Job) -> Details:
    """The backups of the job lie on a repository of the kind on which its copies lie."""
    return _moved(site, job, f"Cloud Vault of {job.name}", "Cloud")


@defect("job", _copies, "Repository Backup")
def no_copy_off_site(site: Site, job: Job) -> Details:
    """The copies lie on another repository of the same site."""
    return _moved(site, job, f"Local Volume of {job.name}", "LinuxLocal")


# Restores


def _restores(site: Site, job: Job) -> list[RestoreSession]:
    own = {machine.uid for machine in job.machines}
    found: Iterable[RestoreSession] = site.world.table("RestoreSession").by_id.values()
    return [restore for restore in found if restore.restored_obj_ref in own]


def _restored(site: Site) -> Iterator[Job]:
    return (job for job in backup_jobs(site) if _restores(site, job))


@defect("job", _restored, "RestoreSession")
def restore_never_tried(site: Site, job: Job) -> Details:
    """No machine of the job was ever restored."""
    for restore in _restores(site, job):
        site.world.table("RestoreSession").remove(restore.id)
    return {"restores": 0}


@defect("job", _restored, "RestoreSession")
def restore_failed(site: Site, job: Job) -> Details:
    """No restore of a machine of the job was a success."""
    tried = _restores(site, job)
    for restore in tried:
        restore.result, restore.failure_message = "Failed", "The target host has no free memory."
    return {"restores": len(tried), "machines": sorted({restore.vm_display_name for restore in tried})}


@defect("job", _restored, "RestoreSession")
def restore_tried_long_ago(site: Site, job: Job, *, days: float = 120) -> Details:
    """The last restore of a machine of the job was tried months ago."""
    for restore in _restores(site, job):
        restore.created_us, restore.ended_us = site.ago(days=days), site.ago(days=days) + _RUN_MINUTES * MINUTE_US
        restore.point_id, restore.point_us = "", 0
    return {"days": days}


# Changes that are not wrong by themselves


@defect("job", _copied, "Job ObjectInJob LinkedJobObject BackupJobSession BackupTaskSession Backup BackupFile RestorePoint VmRestorePoint Repository")
def job_added(site: Site, job: Job) -> Planted:
    """There is one more copy of the job, as good as those that were there."""
    like = site.copies_of(job)[0]
    copy = surgery.new_job(site, like, f"Second Copy of {job.name}", job.machines, runs=len(site.sessions(job)), sources=[job.id])
    return Planted(copy, {"reads": job.name, "job_type": copy.type})


@defect("job", _keeping, "Job")
def retention_changed(site: Site, job: Job, *, keep: int = 30) -> Details:
    """The job is to keep more days or points than before."""
    was, job.options.retain = job.options.retain, keep
    return {"was": was, "keep": keep, "by": job.options.retain_by}


@defect("job", _scheduled, "Job")
def job_described_anew(site: Site, job: Job, *, description: str = "Changed in the meantime") -> Details:
    """The job has another description."""
    was, job.description = job.description, description
    return {"was": was, "description": description}


def _without_plan(site: Site) -> Iterator[Job]:
    planned = {entry["HierarchyObjRef"] for plan in site.rows("FailoverPlan") for entry in plan.values["FailoverPlanInfo"]["Includes"]}
    return (job for job in site.jobs("Replica") if not job.vapp and planned.isdisjoint(machine.uid for machine in job.machines))


@defect("job", _without_plan, "Job ObjectInJob Replica ReplicaJobSession ReplicaTaskSession VmReplicaPoint VmReplicaPointMount")
def job_removed(site: Site, job: Job) -> Details:
    """A replication was given up, with its runs and replicas."""
    surgery.remove_replication(site, job)
    return {"machines": sorted(machine.name for machine in job.machines)}
