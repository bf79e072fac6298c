# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The summary reports: numbers over all backup servers, no lists of things. Private to this collection.

Source: reference pages under /reports/summary; WIRE.md sections 1 (shape in JSON) and 7 (sizes are bytes, durations seconds,
days begin at midnight of the server). Lastest and Backuped are really spelled so.
"""

from __future__ import annotations

from typing import Tuple

from ._common import PORTAL_ROLES
from ._model import Field, Kind, Reference, Resource, Struct

_PATH = "/reports/summary"


def _number(record: str, wire: str, text: str, sample: int) -> Field:
    return Field(record, wire, Kind.INT, text, sample=sample)


def _size(record: str, wire: str, text: str, sample: int, attribute: bool = False) -> Field:
    return Field(record, wire, Kind.SIZE, text + ", in bytes.", attribute=attribute, sample=sample)


def _page(record: str, wire: str, what: str, attribute: bool = False) -> Field:
    text = "Address of the page with " + what + ", below that of the reporting server; empty without one."
    return Field(record, wire, Kind.STRING, text, attribute=attribute, sample="Workspace/ViewReport.aspx?definition=1")


def _frame(thing: str, title: str, type_name: str, last_part: str, fields: Tuple[Field, ...]) -> Resource:
    return Resource(
        thing=thing + "_report",
        plural=thing + "_reports",
        title=title,
        type=type_name,
        path=_PATH + "/" + last_part,
        list_root="",
        key="href",
        roles=PORTAL_ROLES,
        fields=fields,
    )


SUMMARY_REPORT = Resource(
    thing="summary_report",
    plural="summary_reports",
    title="list of summary reports",
    type="Report",
    root="SummaryReport",
    path=_PATH,
    list_root="",
    key="href",
    roles=PORTAL_ROLES,
    fields=(),
    references=(Reference("reports", "Down", ("ReportFrame",), "Reports that there are; the id is the last part of the address.", many=True),),
    notes=("It has no values of its own: what it says stands in its links.",),
)

OVERVIEW_REPORT = _frame(
    "overview",
    "overview report",
    "OverviewReportFrame",
    "overview",
    (
        _number("backup_servers", "BackupServers", "How many backup servers Enterprise Manager collects from.", 2),
        _number("proxy_servers", "ProxyServers", "How many proxies they have in all.", 4),
        _number("repository_servers", "RepositoryServers", "How many machines hold repositories for them.", 3),
        _number("running_jobs", "RunningJobs", "How many were at work when the numbers were collected.", 1),
        _number("scheduled_jobs", "ScheduledJobs", "How many start by themselves.", 12),
        _number("successful_vm_lastest_states", "SuccessfulVmLastestStates", "How many machines ended their newest run in Success.", 110),
        _number("warning_vm_lastest_states", "WarningVmLastestStates", "How many machines ended their newest run in Warning.", 3),
        _number("failed_vm_lastest_states", "FailedVmLastestStates", "How many machines ended their newest run in Failed.", 1),
    ),
)

VMS_OVERVIEW_REPORT = _frame(
    "vms_overview",
    "overview report of machines",
    "VmsOverviewReportFrame",
    "vms_overview",
    (
        _number("protected_vms", "ProtectedVms", "How many machines have a restore point of either kind.", 114),
        _number("backed_up_vms", "BackedUpVms", "How many machines have one in a backup.", 110),
        _number("replicated_vms", "ReplicatedVms", "How many machines have one in a replica.", 8),
        _number("restore_points", "RestorePoints", "How many points in time there are of all machines.", 1596),
        _size("full_backup_points_size", "FullBackupPointsSize", "Space of all points that hold everything", 5497558138880),
        _size("incremental_backup_points_size", "IncrementalBackupPointsSize", "Space of all points that hold only changes", 1099511627776),
        _size("replica_restore_points_size", "ReplicaRestorePointsSize", "Space of the points of all replicas", 214748364800),
        _size("source_vms_size", "SourceVmsSize", "Space that the machines themselves take up", 10995116277760),
        _number("success_backup_percents", "SuccessBackupPercents", "Part of the runs that ended well, in percent.", 98),
        _page("protected_vms_report_link", "ProtectedVmsReportLink", "machines that have a backup"),
    ),
)

JOB_STATISTICS_REPORT = _frame(
    "job_statistics",
    "report of job statistics",
    "JobStatisticsReportFrame",
    "job_statistics",
    (
        _number("running_jobs", "RunningJobs", "How many were at work when the numbers were collected.", 1),
        _number("scheduled_jobs", "ScheduledJobs", "How many start by themselves.", 12),
        _number("scheduled_backup_jobs", "ScheduledBackupJobs", "How many of those that start by themselves make backups.", 10),
        _number("scheduled_replica_jobs", "ScheduledReplicaJobs", "How many of those that start by themselves make replicas.", 2),
        _number("total_job_runs", "TotalJobRuns", "How many times one ran in the period that the server counts.", 84),
        _number("successful_job_runs", "SuccessfulJobRuns", "How many of these times ended in Success.", 80),
        _number("warnings_job_runs", "WarningsJobRuns", "How many of these times ended in Warning.", 3),
        _number("failed_job_runs", "FailedJobRuns", "How many of these times ended in Failed.", 1),
        _number("max_job_duration", "MaxJobDuration", "Longest time that one took, in seconds.", 4140),
        _number("max_backup_job_duration", "MaxBackupJobDuration", "Longest time that a backup took, in seconds.", 4140),
        _number("max_replica_job_duration", "MaxReplicaJobDuration", "Longest time that a replication took, in seconds.", 1260),
        Field(
            "max_duration_backup_job_name",
            "MaxDurationBackupJobName",
            Kind.STRING,
            "Which one took longest to make backups; empty where none ran.",
            sample="SQL Server Backup",
        ),
        Field(
            "max_duration_replica_job_name",
            "MaxDurationReplicaJobName",
            Kind.STRING,
            "Which one took longest to make replicas; empty where none ran.",
            sample="",
        ),
        _page("backup_job_status_report_link", "BackupJobStatusReportLink", "states of all backups"),
    ),
)

PROCESSED_VMS_REPORT = _frame(
    "processed_vms",
    "report of processed machines",
    "ProcessedVmsReportFrame",
    "processed_vms",
    (
        Field(
            "days",
            "Day",
            Kind.STRUCT,
            "Machines that were worked on in the last week, newest first.",
            many=True,
            aliases=("Days",),
            struct=Struct(
                (
                    Field(
                        "timestamp",
                        "Timestamp",
                        Kind.DATETIME,
                        "Begin of the day on the clock of Enterprise Manager, written in UTC.",
                        attribute=True,
                        sample="2026-11-19T23:00:00Z",
                    ),
                    Field("replicated_vms", "ReplicatedVms", Kind.INT, "How many machines got a new point in a replica.", attribute=True, sample=8),
                    Field("backuped_vms", "BackupedVms", Kind.INT, "How many machines got a new point in a backup.", attribute=True, sample=110),
                )
            ),
        ),
    ),
)

REPOSITORY_REPORT = _frame(
    "repository",
    "report of repositories",
    "RepositoryReportFrame",
    "repository",
    (
        Field(
            "periods",
            "Period",
            Kind.STRUCT,
            "Space of every repository, one entry each.",
            many=True,
            aliases=("Periods",),
            struct=Struct(
                (
                    Field("name", "Name", Kind.STRING, "Repository that the entry is about.", sample="Default Backup Repository"),
                    _size("capacity", "Capacity", "Space in all, null where it is unknown", 1099511627776),
                    _size("free_space", "FreeSpace", "What is left, null where it is unknown", 549755813888),
                    _size("backup_size", "BackupSize", "What is used, by backups or anything else", 549755813888),
                )
            ),
        ),
        _page("capacity_planning_report_link", "CapacityPlanningReportLink", "the forecast of space", attribute=True),
    ),
)
