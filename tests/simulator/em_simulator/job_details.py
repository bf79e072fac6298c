# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Schedule and settings of a job by wire name, as a server that nobody tuned would tell them."""

from __future__ import annotations

from typing import Any

from .model import COPY_TYPES, Job, Machine, stable_id
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
        return {"ImmediateCopyMode": {"TimePeriods": _hours()}, **extra}
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


def _include(job: Job, machine: Machine, order: int, ctx: Context) -> dict[str, Any]:
    entry = stable_id("include", job.id, machine.name)
    href = ctx.href(f"/jobs/{job.id}/includes/{entry}")
    return {
        "@": {"Href": href, "Type": "ObjectInJob"},
        "ObjectInJobId": entry,
        "HierarchyObjRef": machine.uid,
        "Name": machine.name,
        "DisplayName": machine.name,
        "Order": order,
        "json": {"Links": None},
    }


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


def _linked_jobs(job: Job) -> list[dict[str, Any]]:
    return [{"ObjectInJobId": stable_id("linked", job.id, source), "LinkedJobUid": f"urn:veeam:Job:{source}"} for source in job.sources]


def job_info(job: Job, ctx: Context) -> dict[str, Any]:
    """Return JobInfo: the part of the job's own type."""
    includes = [_include(job, machine, index, ctx) for index, machine in enumerate(job.machines)]
    extra = {"json": {"FileCopyJobInfo": None}}
    if job.is_replica:
        return {"ReplicaJobInfo": {"Includes": includes, "GuestProcessingOptions": guest_processing()}, **extra}
    if job.type not in COPY_TYPES:
        info = {"Includes": includes, "GuestProcessingOptions": guest_processing(), "AdvancedStorageOptions": {"PasswordKeyId": ""}, **retention()}
        return {"BackupJobInfo": info, **extra}
    links = {"LinkedJobIncludes": _linked_jobs(job), "LinkedBackupIncludes": [], "LinkedBackupRepositoryIncludes": []}
    copy = {"AdvancedStorageOptions": {"PasswordKeyId": stable_id("key", job.id)}, **retention(), **links}
    if job.type == "ImmediateBackupCopy":
        return {"ImmediateBackupCopyJobInfo": copy, **extra}
    return {"BackupCopyJobInfo": {"Includes": includes, **copy}, **extra}
