# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Backup, backup copy and replication jobs with their schedule and storage settings, and what is in them. Private to this collection.

Source: reference pages /jobs/{ID}, /jobs/{ID}/includes, /jobs/{ID}/linkedJobs, /jobs/{ID}/linkedBackupRepositories, job
scheduling options, job info, guest processing options, retention policies; WIRE.md section 1 (schedule in JSON, sInObjectJob).
The element Standart is really spelled so. What agent and file share jobs have in common with these has public names.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Tuple

from ._common import BACKUP_SERVER, BACKUP_SERVER_FILTERS, BACKUP_SERVER_NAME, BACKUP_SERVER_UID, PORTAL_ADMINISTRATOR, description, name, uid
from ._model import Action, Child, Field, Kind, Reference, Resource, Struct

WEEK_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")

JOB_TYPE_REPLICA = "Replica"
COPY_JOB_TYPES = ("BackupCopy", "ImmediateBackupCopy")
JOB_TYPES = ("Backup",) + COPY_JOB_TYPES + (JOB_TYPE_REPLICA,)

JOB_STARTED = "started"
JOB_STOPPED = "stopped"
JOB_RETRIED = "retried"
JOB_STATES = (JOB_STARTED, JOB_STOPPED, JOB_RETRIED)


def job_orders(start: str, stop: str, retry: str, in_path: bool = False) -> Tuple[Action, ...]:
    """Return the orders that every kind of job takes; start, stop and retry are the operations that their tasks name."""
    return tuple(
        Action(name, operation, (PORTAL_ADMINISTRATOR,), state, in_path=in_path)
        for name, operation, state in (
            ("start", start, JOB_STARTED),
            ("stop", stop, JOB_STOPPED),
            ("retry", retry, JOB_RETRIED),
            ("toggleScheduleEnabled", "UpdateJob", ""),
        )
    )


def _flag(record: str, wire: str, text: str, attribute: bool = False) -> Field:
    return Field(record, wire, Kind.BOOL, text, attribute=attribute)


def _number(record: str, wire: str, text: str) -> Field:
    return Field(record, wire, Kind.INT, text)


def _text(record: str, wire: str, text: str, values: Tuple[str, ...] = ()) -> Field:
    return Field(record, wire, Kind.ENUM if values else Kind.STRING, text, values=values)


def _struct(record: str, wire: str, text: str, *fields: Field) -> Field:
    return Field(record, wire, Kind.STRUCT, text, struct=Struct(fields))


def _paths(record: str, wire: str, text: str) -> Field:
    return Field(record, wire, Kind.STRING, text, many=True, item="Path", json_item="Paths")


_ENABLED = _flag("enabled", "Enabled", "Whether these settings are in force.", attribute=True)


def _hours_of_week(record: str, wire: str, text: str) -> Field:
    day = Struct(
        (
            Field("name", "Name", Kind.ENUM, "Day of the week.", values=WEEK_DAYS, attribute=True),
            Field("value", "Value", Kind.STRING, "24 flags, one an hour from midnight: 1 means allowed, 0 denied.", text=True),
        )
    )
    return Field(record, wire, Kind.STRUCT, text, many=True, item="Day", json_item="Days", struct=day)


_TIME_OF_DAY = (
    Field("time", "Time", Kind.SCHEDULE_TIME, "Start on the clock of the backup server."),
    _number("time_offset_utc", "TimeOffsetUtc", "Distance of the server's clock from UTC in hours."),
)

_CONTINUOUS = Field(
    "options_continuous",
    "OptionsContinuous",
    Kind.STRUCT,
    "Start anew as soon as the run before has ended.",
    struct=Struct((_ENABLED, _hours_of_week("schedule", "Schedule", "Hours of the week in which it may run."))),
    aliases=("OptionsContinious",),
)

_STANDARD_SCHEDULE_PARTS = (
    _struct(
        "retry_options",
        "RetryOptions",
        "Automatic retry of machines that failed.",
        _number("retry_times", "RetryTimes", "How many times a failed machine is tried again."),
        _number("retry_timeout", "RetryTimeout", "Pause before a retry in minutes."),
        Field("retry_specified", "RetrySpecified", Kind.BOOL, "Whether automatic retry is switched on.", aliases=("RetrySpecified1",)),
    ),
    _flag("wait_for_backup_completion", "WaitForBackupCompletion", "Whether a copy job waits for a backup that is still running."),
    _number("backup_competition_waiting_period_min", "BackupCompetitionWaitingPeriodMin", "How long it waits for that backup, in minutes."),
    _struct(
        "options_daily",
        "OptionsDaily",
        "Start at a time of day.",
        _ENABLED,
        _text("kind", "Kind", "Which days count.", ("Everyday", "WeekDays", "SelectedDays")),
        Field("days", "Days", Kind.ENUM, "Weekdays on which a run starts.", values=WEEK_DAYS, many=True),
        *_TIME_OF_DAY,
    ),
    _struct(
        "options_monthly",
        "OptionsMonthly",
        "Start on a day of the month.",
        _ENABLED,
        *_TIME_OF_DAY,
        _text("day_number_in_month", "DayNumberInMonth", "Which of the weekdays in a month, such as Fourth or Last."),
        _text("day_of_week", "DayOfWeek", "Weekday on which it starts.", WEEK_DAYS),
        Field("months", "Months", Kind.ENUM, "Calendar months in which a run starts.", values=MONTHS, many=True),
        _number("day_of_month", "DayOfMonth", "Day of the month, from 1 to 31, where no weekday is chosen."),
    ),
    _struct(
        "options_periodically",
        "OptionsPeriodically",
        "Start again and again.",
        _ENABLED,
        _text("kind", "Kind", "Unit of the period.", ("Hours", "Minutes")),
        _number("full_period", "FullPeriod", "Length of the period in the unit given by kind."),
        _hours_of_week("schedule", "Schedule", "Hours of the week in which it may start."),
    ),
    _CONTINUOUS,
    _struct(
        "options_backup_window",
        "OptionsBackupWindow",
        "Window outside of which a run is stopped.",
        _ENABLED,
        _hours_of_week("time_periods", "TimePeriods", "Hours of the week in which a run may work."),
    ),
    _struct(
        "options_daisy_chaining",
        "OptionsDaisyChaining",
        "Start after another job.",
        _ENABLED,
        Field("previous_job_uid", "PreviousJobUid", Kind.UID, "URN of the job that goes before."),
    ),
)

STANDARD_SCHEDULE = _struct("standard", "Standart", "Schedule of all jobs but immediate copies.", *_STANDARD_SCHEDULE_PARTS)

GUEST_PROCESSING = _struct(
    "guest_processing_options",
    "GuestProcessingOptions",
    "What is done inside the guests.",
    _struct(
        "vss_snapshot_options",
        "VssSnapshotOptions",
        "Application-aware processing.",
        _text("vss_snapshot_mode", "VssSnapshotMode", "What happens when it fails.", ("RequireSuccess", "IgnoreFailures", "Disabled")),
        _flag("is_copy_only", "IsCopyOnly", "Whether the application's own log chain is left alone."),
        _flag("use_persistent_guest_agent", "UsePersistentGuestAgent", "Whether a component stays installed in the guest."),
    ),
    *(
        _struct(
            system.lower() + "_guest_fs_indexing_options",
            system + "GuestFSIndexingOptions",
            "Which folders of " + system + " guests can be searched for files later.",
            _text(
                "file_system_indexing_mode",
                "FileSystemIndexingMode",
                "Which folders are indexed.",
                ("EveryFolders", "SpecifiedFolders", "ExceptSpecifiedFolders"),
            ),
            _paths("included_indexing_folders", "IncludedIndexingFolders", "Paths that can be searched later, where not all can."),
            _paths("excluded_indexing_folders", "ExcludedIndexingFolders", "Folders that are left out."),
        )
        for system in ("Windows", "Linux")
    ),
    _struct(
        "sql_backup_options",
        "SqlBackupOptions",
        "Microsoft SQL Server logs.",
        _text("transaction_logs_processing", "TransactionLogsProcessing", "When logs are truncated or backed up.", ("OnlyOnSuccessJob", "Backup")),
        _number("backup_logs_frequency_min", "BackupLogsFrequencyMin", "Pause between log backups in minutes."),
        _flag("use_db_backup_retention", "UseDbBackupRetention", "Whether logs live as long as the machine's restore point."),
        _number("retain_days", "RetainDays", "How long logs are kept, in days."),
    ),
    _text("windows_credentials_id", "WindowsCredentialsId", "Id of the stored account for Windows guests."),
    _text("linux_credentials_id", "LinuxCredentialsId", "Id of the stored account for Linux guests."),
    _struct(
        "fs_file_exclude_options",
        "FSFileExcludeOptions",
        "Files left out of the backup.",
        _number("backup_scope", "BackupScope", "1: all but the excluded files, 2: only the included ones."),
        _paths("include_list", "IncludeList", "Files and folders that are backed up."),
        _paths("exclude_list", "ExcludeList", "Files and folders that are left out."),
    ),
    _struct(
        "oracle_backup_options",
        "OracleBackupOptions",
        "Oracle archived logs.",
        _flag("backup_logs_enabled", "BackupLogsEnabled", "Whether archived logs are backed up."),
        _number("backup_logs_frequency_min", "BackupLogsFrequencyMin", "Pause between log backups in minutes."),
        _flag("use_db_backup_retention", "UseDbBackupRetention", "Whether logs live as long as the machine's restore point."),
        _number("retain_days", "RetainDays", "How long logs are kept, in days."),
        _text("archived_logs_truncation", "ArchivedLogsTruncation", "Whether age or size decides which logs are removed.", ("ByAge", "BySize")),
        _number("archived_logs_max_age_hours", "ArchivedLogsMaxAgeHours", "Age from which they are truncated, in hours."),
        _number("archived_logs_max_size_mb", "ArchivedLogsMaxSizeMb", "Size from which they are truncated, in mebibytes."),
        _text("sysdba_creds_id", "SysdbaCredsId", "Id of the stored account with SYSDBA rights."),
        _flag("proxy_auto_select", "ProxyAutoSelect", "Whether the log shipping server is chosen automatically."),
    ),
)

_OBJECT_IN_JOB_ID = _text("object_in_job_id", "ObjectInJobId", "GUID under which the entry is addressed below its job.")
_OBJECT_NAME = _text("name", "Name", "What the hypervisor calls the machine or container.")
_OBJECT_FIELDS = (
    _OBJECT_IN_JOB_ID,
    Field("hierarchy_obj_ref", "HierarchyObjRef", Kind.UID, "URN of the object in its hierarchy."),
    _OBJECT_NAME,
    _text("display_name", "DisplayName", "Name of the object as shown to people."),
    _number("order", "Order", "Place in the order of processing, from 0."),
    GUEST_PROCESSING,
)

_INCLUDES = Field(
    "includes",
    "Includes",
    Kind.STRUCT,
    "Machines and containers in the job.",
    many=True,
    item="ObjectInJob",
    json_item="ObjectInJobs",
    struct=Struct(_OBJECT_FIELDS),
)

_ADVANCED_STORAGE = _struct(
    "advanced_storage_options",
    "AdvancedStorageOptions",
    "How the backup is stored.",
    _text("password_key_id", "PasswordKeyId", "Id of the stored encryption password, never the password; empty without encryption."),
)


def _gfs_part(record: str, wire: str, unit: str, selection: Field) -> Field:
    return _struct(
        record,
        wire,
        "Full backups kept for " + unit + ".",
        _flag("enabled", "Enabled", "Whether full backups are flagged for this period."),
        _number("retention_period", "RetentionPeriod", "How many " + unit + " a flagged backup is kept."),
        selection,
    )


RETENTION = (
    _struct(
        "gfs_retention_policy",
        "GfsRetentionPolicy",
        "GFS long-term retention.",
        _ENABLED,
        _gfs_part("weekly", "Weekly", "weeks", _text("selected_day", "SelectedDay", "Day whose backup counts.", WEEK_DAYS)),
        _gfs_part("monthly", "Monthly", "months", _text("selected_week", "SelectedWeek", "Week whose backup counts.", ("First", "Last"))),
        _gfs_part("yearly", "Yearly", "years", _text("selected_month", "SelectedMonth", "Month whose backup counts.", MONTHS)),
    ),
    _struct(
        "simple_retention_policy",
        "SimpleRetentionPolicy",
        "Short-term retention.",
        _number("retain_cycles", "RetainCycles", "How many restore points are kept where the limit is Cycles."),
        _number("retain_days_to_keep", "RetainDaysToKeep", "How many days they are kept where the limit is Days."),
        _text("retain_limit_type", "RetainLimitType", "By what the chain is limited.", ("Cycles", "Days")),
    ),
)


def _linked(record: str, wire: str, item: str, uid_record: str, uid_wire: str, what: str) -> Field:
    link = Struct((_OBJECT_IN_JOB_ID, Field(uid_record, uid_wire, Kind.UID, "URN of the " + what + ".")))
    return Field(record, wire, Kind.STRUCT, "Each " + what + " that the copy reads.", many=True, item=item, json_item=item + "s", struct=link)


_LINKED_JOBS = _linked("linked_job_includes", "LinkedJobIncludes", "LinkedJobObject", "linked_job_uid", "LinkedJobUid", "source job")
_LINKED_BACKUPS = _linked("linked_backup_includes", "LinkedBackupIncludes", "LinkedBackupObject", "linked_backup_uid", "LinkedBackupUid", "source backup")
_LINKED_REPOSITORIES = _linked(
    "linked_backup_repository_includes",
    "LinkedBackupRepositoryIncludes",
    "LinkedBackupRepository",
    "linked_backup_repository_uid",
    "LinkedBackupRepositoryUid",
    "source repository",
)

JOB = Resource(
    thing="job",
    plural="jobs",
    title="job",
    type="Job",
    path="/jobs",
    list_root="Jobs",
    query_type="Job",
    default_sort="name",
    roles=(PORTAL_ADMINISTRATOR,),
    fields=(
        uid("job", "urn:veeam:Job:1b4d7e2a-3c5f-4a6b-8d9e-0f1a2b3c4d5e"),
        name("Name of the job; unique on one backup server only.", "SQL Server Backup"),
        Field(
            "job_type",
            "JobType",
            Kind.ENUM,
            "Kind of job. Agent, file share and CDP jobs are other resources.",
            values=JOB_TYPES,
            filter_name="JobType",
            sample="Backup",
        ),
        Field(
            "platform",
            "Platform",
            Kind.ENUM,
            "Platform of the machines in the job.",
            values=("VMware", "Hyperv", "vCloud"),
            filter_name="Platform",
            sample="VMware",
        ),
        description("job"),
        Field("schedule_configured", "ScheduleConfigured", Kind.BOOL, "Whether the job has a schedule.", filter_name="ScheduleConfigured", sample=True),
        Field("schedule_enabled", "ScheduleEnabled", Kind.BOOL, "Whether the schedule is switched on.", filter_name="ScheduleEnabled", sample=True),
        Field(
            "next_run",
            "NextRun",
            Kind.DATETIME,
            "When the schedule starts the job next. Time in UTC, null without a schedule.",
            filter_name="NextRun",
            sample="2026-11-21T20:00:00Z",
        ),
        _struct(
            "job_schedule_options",
            "JobScheduleOptions",
            "When the job starts by itself, by kind of schedule.",
            STANDARD_SCHEDULE,
            _struct(
                "immediate_copy_mode",
                "ImmediateCopyMode",
                "Schedule of immediate copies.",
                replace(_CONTINUOUS, description="Copy each restore point as soon as it appears."),
            ),
        ),
        _struct(
            "job_info",
            "JobInfo",
            "Settings by kind of job; the parts of other kinds are null.",
            _struct("backup_job_info", "BackupJobInfo", "Settings that only backup jobs have.", _INCLUDES, GUEST_PROCESSING, _ADVANCED_STORAGE, *RETENTION),
            _struct("replica_job_info", "ReplicaJobInfo", "Settings that only replication jobs have.", _INCLUDES, GUEST_PROCESSING),
            _struct(
                "backup_copy_job_info",
                "BackupCopyJobInfo",
                "Settings that only periodic copies have.",
                _INCLUDES,
                _LINKED_JOBS,
                _ADVANCED_STORAGE,
                *RETENTION,
                _LINKED_BACKUPS,
                _LINKED_REPOSITORIES,
            ),
            _struct(
                "immediate_backup_copy_job_info",
                "ImmediateBackupCopyJobInfo",
                "Settings that only immediate copies have.",
                _LINKED_JOBS,
                _ADVANCED_STORAGE,
                *RETENTION,
                _LINKED_BACKUPS,
                _LINKED_REPOSITORIES,
            ),
        ),
    )
    + BACKUP_SERVER_FILTERS,
    references=(BACKUP_SERVER,),
    actions=job_orders("StartJob", "StopJob", "RetryJob")
    + (
        # Copies take no start (API.md section 5, URLs).
        Action("sync", "StartJobSync", (PORTAL_ADMINISTRATOR,), JOB_STARTED, job_types=COPY_JOB_TYPES),
        Action("clone", "CloneJob", (PORTAL_ADMINISTRATOR,)),
    ),
    children=(
        Child("backup_sessions", "backupSessions", "BackupJobSession"),
        Child("replica_sessions", "replicaSessions", "ReplicaJobSession"),
        Child("includes", "includes", "ObjectInJob"),
        Child("linked_jobs", "linkedJobs", "LinkedJobObject"),
        Child("linked_backup_repositories", "linkedBackupRepositories", "LinkedBackupRepositoryObject"),
    ),
    notes=("The collection, and what lies below a job, need the role Portal Administrator; queries are open to a Portal User, too.",),
)

# Below a job nothing links to the backup server, so that its name and URN can be filtered by and are in no record.
UNLINKED_BACKUP_SERVER_FILTERS = (
    replace(BACKUP_SERVER_UID, description="URN of the backup server; only for filters, the answer does not carry it.", filled_from="", sample=None),
    replace(BACKUP_SERVER_NAME, description="Name of the backup server; only for filters, the answer does not carry it.", filled_from="", sample=None),
)


def parent_job_filters(what: str) -> Tuple[Field, ...]:
    """Return the fields for the job that something is in: filters of the query, filled in records from the link ``job``."""
    return (
        Field(
            "job_uid",
            "JobUid",
            Kind.UID,
            "URN of the job that the " + what + " is in, taken from the link to it.",
            filter_name="JobUid",
            filter_only=True,
            filled_from="job.uid",
            sample="urn:veeam:Job:1b4d7e2a-3c5f-4a6b-8d9e-0f1a2b3c4d5e",
        ),
        Field(
            "job_name",
            "JobName",
            Kind.STRING,
            "Name of the job that the " + what + " is in, taken from the link to it.",
            filter_name="JobName",
            filter_only=True,
            filled_from="job.name",
            sample="SQL Server Backup",
        ),
    )


# The query calls it UID and means the id of the entry: no object in a job has a URN of its own.
OBJECT_IN_JOB_ID = replace(_OBJECT_IN_JOB_ID, filter_name="UID", sample="0d1e2f3a-4b5c-4d6e-8f70-8192a3b4c5d6")

OBJECT_IN_JOB = Resource(
    thing="object_in_job",
    plural="objects_in_job",
    title="object in a job",
    type="ObjectInJob",
    path="/jobs/{job}/includes",
    list_root="ObjectsInJob",
    list_root_aliases=("sInObjectJob",),  # so spelled in answers to queries
    query_type="ObjectInJob",
    envelope="Resources",
    key="object_in_job_id",
    default_sort="object_in_job_id",
    roles=(PORTAL_ADMINISTRATOR,),
    fields=(OBJECT_IN_JOB_ID, _OBJECT_FIELDS[1], replace(_OBJECT_NAME, filter_name="Name", sample="srv-sql-01"), *_OBJECT_FIELDS[3:])
    + parent_job_filters("object")
    + UNLINKED_BACKUP_SERVER_FILTERS,
    references=(Reference("job", "Up", ("Job",), "Job that processes the object."),),
    notes=("What is in a CDP policy has this form, too, and no job; it is found below its policy only.",),
)


def _linked_resource(thing: str, plural: str, title: str, type_name: str, path: str, list_root: str, target: Field, root: str = "") -> Resource:
    return Resource(
        thing=thing,
        plural=plural,
        title=title,
        type=type_name,
        path="/jobs/{job}/" + path,
        list_root=list_root,
        root=root,
        key="object_in_job_id",
        addressable=False,
        roles=(PORTAL_ADMINISTRATOR,),
        fields=(replace(OBJECT_IN_JOB_ID, filter_name=""), target),
        references=(Reference("job", "Up", ("Job",), "Copy job that reads it."),),
        notes=("Only copy jobs have links, and any edit of a copy job drops those to backups.",),
    )


LINKED_JOB_OBJECT = _linked_resource(
    "linked_job",
    "linked_jobs",
    "job linked to a copy job",
    "LinkedJobObject",
    "linkedJobs",
    "LinkedJobResourceObjects",
    Field("linked_job_uid", "LinkedJobUid", Kind.UID, "URN of the source job.", sample="urn:veeam:Job:1b4d7e2a-3c5f-4a6b-8d9e-0f1a2b3c4d5e"),
)

LINKED_BACKUP_REPOSITORY = _linked_resource(
    "linked_backup_repository",
    "linked_backup_repositories",
    "repository linked to a copy job",
    "LinkedBackupRepositoryObject",
    "linkedBackupRepositories",
    "LinkedBackupRepositoryResourceObjects",
    Field(
        "linked_backup_repository_uid",
        "LinkedBackupRepositoryUid",
        Kind.UID,
        "URN of the source repository.",
        sample="urn:veeam:Repository:3a2b1c0d-9e8f-4765-8432-10fedcba9876",
    ),
    root="LinkedBackupRepository",
)
