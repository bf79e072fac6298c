# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Schedule and settings of a job by wire name, as a server that nobody tuned would tell them."""

from __future__ import annotations

from typing import Any

from .model import COPY_TYPES, Job, stable_id
from .wire import Context, DayTime

_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
_NO_CREDENTIALS = "00000000-0000-0000-0000-000000000000"


def _hours(allowed: str = "1") -> list[dict[str, str]]:
    return [{"Name": day, "Value": ",".join([allowed] * 24)} for day in _DAYS]


def schedule(job: Job) -> dict[str, Any]:
    """Return JobScheduleOptions; immediate copies have a window instead of a schedule."""
    extra = {"json": {"Links": None, "Href": None, "Type": None}}
    if job.type == "ImmediateBackupCopy":
        return {"ImmediateCopyMode": {"OptionsContinuous": {"Enabled": True, "Schedule": _hours()}}, **extra}
    time = DayTime(job.start_time, job.server.clock_offset_hours)
    offset = job.server.clock_offset_hours
    standard = {
        "RetryOptions": {"RetryTimes": 3, "RetryTimeout": 10, "RetrySpecified": True},
        "WaitForBackupCompletion": True,
        "BackupCompetitionWaitingPeriodMin": 180,
        "OptionsDaily": {"Enabled": job.schedule_configured, "Kind": "Everyday", "Days": list(_DAYS), "Time": time, "TimeOffsetUtc": offset},
        "OptionsMonthly": {
            "Enabled": False,
            "Time": time,
            "TimeOffsetUtc": offset,
            "DayNumberInMonth": "Fourth",
            "DayOfWeek": "Saturday",
            "Months": list(_MONTHS),
            "DayOfMonth": 1,
        },
        "OptionsPeriodically": {"Enabled": False, "Kind": "Hours", "FullPeriod": 1, "Schedule": _hours()},
        "OptionsContinuous": {"Enabled": False, "Schedule": _hours()},
        "OptionsBackupWindow": {"Enabled": False, "TimePeriods": _hours()},
        "OptionsDaisyChaining": {"Enabled": False, "PreviousJobUid": ""},
    }
    return {"Standart": standard, **extra}


def guest_processing() -> dict[str, Any]:
    """Return GuestProcessingOptions by wire name."""
    indexing = {"FileSystemIndexingMode": "ExceptSpecifiedFolders", "IncludedIndexingFolders": [], "ExcludedIndexingFolders": ["%windir%", "/var/cache"]}
    return {
        "VssSnapshotOptions": {"VssSnapshotMode": "RequireSuccess", "IsCopyOnly": False, "UsePersistentGuestAgent": False},
        "WindowsGuestFSIndexingOptions": indexing,
        "LinuxGuestFSIndexingOptions": {**indexing, "ExcludedIndexingFolders": ["/var/cache"]},
        "SqlBackupOptions": {"TransactionLogsProcessing": "OnlyOnSuccessJob", "BackupLogsFrequencyMin": 15, "UseDbBackupRetention": True, "RetainDays": 15},
        "WindowsCredentialsId": _NO_CREDENTIALS,
        "LinuxCredentialsId": "",
        "json": dict.fromkeys(("AppAwareProcessingMode", "FileSystemIndexingMode", "IncludedIndexingFolders", "ExcludedIndexingFolders", "CredentialsId")),
    }


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


def retention() -> dict[str, Any]:
    """Return the retention policies by wire name."""
    return {
        "GfsRetentionPolicy": {
            "Enabled": True,
            "Weekly": {"Enabled": True, "RetentionPeriod": 2, "SelectedDay": "Sunday"},
            "Monthly": {"Enabled": True, "RetentionPeriod": 3, "SelectedWeek": "First"},
            "Yearly": {"Enabled": False, "RetentionPeriod": 1, "SelectedMonth": "January"},
        },
        "SimpleRetentionPolicy": {"RetainCycles": 7, "RetainDaysToKeep": 7, "RetainLimitType": "Days"},
    }


def linked_jobs(job: Job) -> list[dict[str, Any]]:
    """Return the jobs that a copy reads, by wire name."""
    return [{"ObjectInJobId": stable_id("linked", job.id, source), "LinkedJobUid": f"urn:veeam:Job:{source}"} for source in job.sources]


def linked_repositories(job: Job) -> list[dict[str, Any]]:
    """Return the repositories that a copy reads, by wire name."""
    return [
        {"ObjectInJobId": stable_id("linked", job.id, source), "LinkedBackupRepositoryUid": f"urn:veeam:Repository:{source}"}
        for source in job.source_repositories
    ]


def job_info(job: Job, ctx: Context) -> dict[str, Any]:
    """Return JobInfo: the part of the job's own type."""
    includes = [_include(job, name, uid, index, ctx) for index, (name, uid) in enumerate(objects_of(job))]
    extra = {"json": {"FileCopyJobInfo": None}}
    if job.is_replica:
        return {"ReplicaJobInfo": {"Includes": includes, "GuestProcessingOptions": guest_processing()}, **extra}
    if job.type not in COPY_TYPES:
        info = {"Includes": includes, "GuestProcessingOptions": guest_processing(), "AdvancedStorageOptions": {"PasswordKeyId": ""}, **retention()}
        return {"BackupJobInfo": info, **extra}
    links = {"LinkedJobIncludes": linked_jobs(job), "LinkedBackupIncludes": [], "LinkedBackupRepositoryIncludes": linked_repositories(job)}
    copy = {"AdvancedStorageOptions": {"PasswordKeyId": job.password_key_id}, **retention(), **links}
    if job.type == "ImmediateBackupCopy":
        return {"ImmediateBackupCopyJobInfo": copy, **extra}
    return {"BackupCopyJobInfo": {"Includes": includes, **copy}, **extra}
