# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Schedule and settings of a job by wire name, as a server that nobody tuned would tell them."""

from __future__ import annotations

from typing import Any

from .model import COPY_TYPES, Job, JobOptions, stable_id
from .wire import Context, DayTime

_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
_NO_CREDENTIALS = "00000000-0000-0000-0000-000000000000"


_HOURS_OF_A_DAY = range(24)


def _hours(allowed: tuple[int, ...] | None = None) -> list[dict[str, str]]:
    """Return the hours of the week; the allowed ones of a day, all of them for None."""
    flags = ",".join("1" if allowed is None or hour in allowed else "0" for hour in _HOURS_OF_A_DAY)
    return [{"Name": day, "Value": flags} for day in _DAYS]


def schedule(job: Job) -> dict[str, Any]:
    """Return JobScheduleOptions; immediate copies have a window instead of a schedule."""
    extra = {"json": {"Links": None, "Href": None, "Type": None}}
    if job.type == "ImmediateBackupCopy":
        return {"ImmediateCopyMode": {"OptionsContinuous": {"Enabled": True, "Schedule": _hours()}}, **extra}
    time, options = DayTime(job.start_time, job.server.clock_offset_hours), job.options
    offset, daily = job.server.clock_offset_hours, not options.every_hours
    standard = {
        "RetryOptions": {"RetryTimes": options.retries, "RetryTimeout": 10, "RetrySpecified": options.retries > 0},
        "WaitForBackupCompletion": True,
        "BackupCompetitionWaitingPeriodMin": 180,
        "OptionsDaily": {"Enabled": job.schedule_configured and daily, "Kind": "Everyday", "Days": list(_DAYS), "Time": time, "TimeOffsetUtc": offset},
        "OptionsMonthly": {
            "Enabled": False,
            "Time": time,
            "TimeOffsetUtc": offset,
            "DayNumberInMonth": "Fourth",
            "DayOfWeek": "Saturday",
            "Months": list(_MONTHS),
            "DayOfMonth": 1,
        },
        "OptionsPeriodically": {
            "Enabled": job.schedule_configured and not daily,
            "Kind": "Hours",
            "FullPeriod": options.every_hours or 1,
            "Schedule": _hours(),
        },
        "OptionsContinuous": {"Enabled": False, "Schedule": _hours()},
        "OptionsBackupWindow": {"Enabled": options.window_hours is not None, "TimePeriods": _hours(options.window_hours)},
        "OptionsDaisyChaining": {"Enabled": False, "PreviousJobUid": ""},
    }
    return {"Standart": standard, **extra}


def guest_processing(options: JobOptions | None = None) -> dict[str, Any]:
    """Return GuestProcessingOptions by wire name, for a job without options of its own as nobody has tuned it."""
    options = options or JobOptions()
    sql = {"TransactionLogsProcessing": options.sql_logs, "BackupLogsFrequencyMin": options.sql_log_minutes, "UseDbBackupRetention": True, "RetainDays": 15}
    indexing = {"FileSystemIndexingMode": "ExceptSpecifiedFolders", "IncludedIndexingFolders": [], "ExcludedIndexingFolders": ["%windir%", "/var/cache"]}
    return {
        "VssSnapshotOptions": {"VssSnapshotMode": options.application_aware, "IsCopyOnly": False, "UsePersistentGuestAgent": False},
        "WindowsGuestFSIndexingOptions": indexing,
        "LinuxGuestFSIndexingOptions": {**indexing, "ExcludedIndexingFolders": ["/var/cache"]},
        "SqlBackupOptions": sql,
        "WindowsCredentialsId": _NO_CREDENTIALS,
        "LinuxCredentialsId": "",
        **_oracle_logs(options.oracle_log_minutes),
        "json": dict.fromkeys(("AppAwareProcessingMode", "FileSystemIndexingMode", "IncludedIndexingFolders", "ExcludedIndexingFolders", "CredentialsId")),
    }


def _oracle_logs(minutes: int) -> dict[str, Any]:
    if not minutes:
        return {}
    kept = {"UseDbBackupRetention": True, "RetainDays": 15, "ArchivedLogsTruncation": "ByAge", "ArchivedLogsMaxAgeHours": 24}
    return {"OracleBackupOptions": {"BackupLogsEnabled": True, "BackupLogsFrequencyMin": minutes, **kept, "SysdbaCredsId": "", "ProxyAutoSelect": True}}


def entry_id(job: Job, name: str) -> str:
    """Return the id of an object in a job."""
    return stable_id("include", job.id, name)


def objects_of(job: Job) -> list[tuple[str, str]]:
    """Return name and URN of what was put in a job: machines, and containers instead of the machines that they stand for."""
    covered = {name for container in job.containers for name in container.members}
    machines = [(machine.name, machine.uid) for machine in job.machines if machine.name not in covered]
    return machines + [(container.name, container.uid) for container in job.containers]


def object_values(job: Job, name: str, uid: str, order: int) -> dict[str, Any]:
    """Return an object in a job by wire name."""
    return {"ObjectInJobId": entry_id(job, name), "HierarchyObjRef": uid, "Name": name, "DisplayName": name, "Order": order}


def _include(job: Job, name: str, uid: str, order: int, ctx: Context) -> dict[str, Any]:
    href = ctx.href(f"/jobs/{job.id}/includes/{entry_id(job, name)}")
    return {"@": {"Href": href, "Type": "ObjectInJob"}, **object_values(job, name, uid, order), "json": {"Links": None}}


def retention(options: JobOptions | None = None) -> dict[str, Any]:
    """Return the retention policies by wire name, for a job without options of its own as nobody has tuned it."""
    options = options or JobOptions()
    weeks, months, years = options.gfs
    return {
        "GfsRetentionPolicy": {
            "Enabled": any(options.gfs),
            "Weekly": {"Enabled": weeks > 0, "RetentionPeriod": weeks or 1, "SelectedDay": "Sunday"},
            "Monthly": {"Enabled": months > 0, "RetentionPeriod": months or 1, "SelectedWeek": "First"},
            "Yearly": {"Enabled": years > 0, "RetentionPeriod": years or 1, "SelectedMonth": "January"},
        },
        "SimpleRetentionPolicy": {"RetainCycles": options.retain, "RetainDaysToKeep": options.retain, "RetainLimitType": options.retain_by},
    }


def linked_id(job: Job, source: str) -> str:
    """Return the id of what a copy reads, a job or repository, in the copy."""
    return stable_id("linked", job.id, source)


def linked_jobs(job: Job) -> list[dict[str, Any]]:
    """Return the jobs that a copy reads, by wire name."""
    return [{"ObjectInJobId": linked_id(job, source), "LinkedJobUid": f"urn:veeam:Job:{source}"} for source in job.sources]


def linked_repositories(job: Job) -> list[dict[str, Any]]:
    """Return the repositories that a copy reads, by wire name."""
    return [{"ObjectInJobId": linked_id(job, source), "LinkedBackupRepositoryUid": f"urn:veeam:Repository:{source}"} for source in job.source_repositories]


def job_info(job: Job, ctx: Context) -> dict[str, Any]:
    """Return JobInfo: the part of the job's own type."""
    includes = [_include(job, name, uid, index, ctx) for index, (name, uid) in enumerate(objects_of(job))]
    extra = {"json": {"FileCopyJobInfo": None}}
    options = job.options
    if job.is_replica:
        return {"ReplicaJobInfo": {"Includes": includes, "GuestProcessingOptions": guest_processing(options)}, **extra}
    storage = {"AdvancedStorageOptions": {"PasswordKeyId": job.password_key_id}, **retention(options)}
    if job.type not in COPY_TYPES:
        return {"BackupJobInfo": {"Includes": includes, "GuestProcessingOptions": guest_processing(options), **storage}, **extra}
    links = {"LinkedJobIncludes": linked_jobs(job), "LinkedBackupIncludes": [], "LinkedBackupRepositoryIncludes": linked_repositories(job)}
    if job.type == "ImmediateBackupCopy":
        return {"ImmediateBackupCopyJobInfo": {**storage, **links}, **extra}
    return {"BackupCopyJobInfo": {"Includes": includes, **storage, **links}, **extra}
