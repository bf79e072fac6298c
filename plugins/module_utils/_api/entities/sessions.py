# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Job sessions (one run of a job) and task sessions (one machine inside a run). Private to this collection.

Source: reference pages /backupSessions/{ID}, /replicaSessions/{ID}, /backupTaskSessions/{ID},
/replicaTaskSessions/{ID} and their query pages; WIRE.md sections 1, 4 and 7.
"""

from __future__ import annotations

from typing import Tuple

from ._common import (
    BACKUP_SERVER,
    BACKUP_SERVER_FILTERS,
    JOB_SESSION_STATES,
    PORTAL_ADMINISTRATOR,
    PORTAL_ROLES,
    RESULTS_WITH_NONE,
    TASK_SESSION_STATES,
    creation_time,
    end_time,
    name,
    uid,
    vm_display_name,
)
from ._model import Action, Child, Field, Kind, Reference, Resource

STOPPED = "Stopped"
STOPPING = "Stopping"
COMPLETED = "Completed"
RESULTS_BY_WEIGHT = RESULTS_WITH_NONE

BACKUP_JOB_TYPES = ("Backup", "BackupCopy", "ImmediateBackupCopy", "ImmediateBackupCopyWorker", "AgentBackup", "AgentManagement", "NasBackup")


def _job_session_fields(kind: str, job_types: Tuple[str, ...], sample: str) -> Tuple[Field, ...]:
    return (
        uid(kind + " job session", sample),
        name("Job name, an @ and the start in UTC.", "SQL Server Backup@2026-11-20 20:00:07"),
        Field("job_uid", "JobUid", Kind.UID, "URN of the job that ran.", filter_name="JobUid", sample="urn:veeam:Job:1b4d7e2a-3c5f-4a6b-8d9e-0f1a2b3c4d5e"),
        Field(
            "job_name",
            "JobName",
            Kind.STRING,
            "Name of the job that ran; equal names on two backup servers are normal.",
            filter_name="JobName",
            sample="SQL Server Backup",
        ),
        Field("job_type", "JobType", Kind.ENUM, "Kind of the job that ran.", values=job_types, filter_name="JobType", sample=job_types[0]),
        creation_time("When the run began."),
        end_time("When the run ended."),
        Field("state", "State", Kind.ENUM, "What the run does now; Stopped is its end.", values=JOB_SESSION_STATES, filter_name="State", sample=STOPPED),
        Field(
            "result",
            "Result",
            Kind.ENUM,
            "Outcome of the run; None (or already Success) while it runs, final once the state is Stopped.",
            values=RESULTS_WITH_NONE,
            filter_name="Result",
            sample="Warning",
        ),
        Field("progress", "Progress", Kind.INT, "Part done in percent; may stay 0 for copy jobs.", sample=100),
        Field("failure_message", "FailureMessage", Kind.STRING, "Why the run failed as a whole, null when it did not."),
        Field("is_retry", "IsRetry", Kind.BOOL, "Whether this run repeats the machines that failed in the run before.", filter_name="IsRetry", sample=False),
    ) + BACKUP_SERVER_FILTERS


def _task_session_fields(kind: str, parent: str, sample: str) -> Tuple[Field, ...]:
    return (
        uid(kind + " task session", sample),
        name("Machine name, an @ and the start in UTC.", "srv-sql-01@2026-11-20 20:01:12"),
        vm_display_name("Name of the machine as the hypervisor shows it."),
        Field(
            "job_session_uid",
            "JobSessionUid",
            Kind.UID,
            "URN of the job session that this machine was part of.",
            filter_name="JobSessionUid",
            sample="urn:veeam:" + parent + ":9e8d7c6b-5a49-4832-a1b0-c9d8e7f6a5b4",
        ),
        creation_time("When work on the machine began."),
        end_time("When work on the machine ended."),
        Field("state", "State", Kind.ENUM, "How far the machine is; Completed is its end.", values=TASK_SESSION_STATES, filter_name="State", sample=COMPLETED),
        Field(
            "result",
            "Result",
            Kind.ENUM,
            "Outcome for the machine; may read Success before the state is Completed.",
            values=RESULTS_WITH_NONE,
            filter_name="Result",
            sample="Failed",
        ),
        Field(
            "reason",
            "Reason",
            Kind.STRING,
            "Why the machine ended in Warning or Failed; empty on Success.",
            filter_name="Reason",
            sample="Processing srv-sql-01 Error: the snapshot could not be taken.",
        ),
        Field(
            "total_size", "TotalSize", Kind.SIZE, "Size of the machine's data that the run looked at, in bytes.", filter_name="TotalSize", sample=42949672960
        ),
    )


_TASK_SESSION_FILTERS = (
    Field("job_uid", "JobUid", Kind.UID, "URN of the job; only for filters, the answer does not carry it.", filter_name="JobUid", filter_only=True),
    Field("job_name", "JobName", Kind.STRING, "Name of the job; only for filters, the answer does not carry it.", filter_name="JobName", filter_only=True),
) + BACKUP_SERVER_FILTERS

BACKUP_TASK_SESSION = Resource(
    thing="backup_task_session",
    plural="backup_task_sessions",
    title="backup task session",
    type="BackupTaskSession",
    path="/backupTaskSessions",
    list_root="BackupTaskSessions",
    query_type="BackupTaskSession",
    default_sort="creation_time",
    roles=PORTAL_ROLES,
    fields=_task_session_fields("backup", "BackupJobSession", "urn:veeam:BackupTaskSession:7c6b5a49-4832-41b0-89d8-e7f6a5b4c3d2")
    + (
        Field(
            "vm_uid",
            "VmUid",
            Kind.UID,
            "URN of the machine in its hierarchy; servers before 10 do not send it.",
            sample="urn:VMware:Vm:4c3b2a19-0817-4625-b4c3-d2e1f0a9b8c7.vm-1036",
        ),
    )
    + _TASK_SESSION_FILTERS,
    references=(
        BACKUP_SERVER,
        Reference("job_session", "Up", ("BackupJobSession",), "Job session that this machine was part of."),
        Reference(
            "restore_point", "Related", ("VmRestorePoint", "AgentRestorePoint"), "Restore point that the run made of the machine, null when it made none."
        ),
    ),
)

REPLICA_TASK_SESSION = Resource(
    thing="replica_task_session",
    plural="replica_task_sessions",
    title="replica task session",
    type="ReplicaTaskSession",
    path="/replicaTaskSessions",
    list_root="ReplicaTaskSessions",
    query_type="ReplicaTaskSession",
    default_sort="creation_time",
    roles=PORTAL_ROLES,
    fields=_task_session_fields("replica", "ReplicaJobSession", "urn:veeam:ReplicaTaskSession:6b5a4938-2716-4f0e-9d8c-7b6a59483726") + _TASK_SESSION_FILTERS,
    references=(
        BACKUP_SERVER,
        Reference("job_session", "Up", ("ReplicaJobSession",), "Job session that this machine was part of."),
        Reference("replica_point", "Related", ("VmReplicaPoint",), "Replica restore point that the run made, null when it made none."),
    ),
)

BACKUP_SESSION = Resource(
    thing="backup_session",
    plural="backup_sessions",
    title="backup job session",
    type="BackupJobSession",
    path="/backupSessions",
    more_paths=("/agents/backupSessions", "/nas/backupSessions"),
    list_root="BackupJobSessions",
    query_type="BackupJobSession",
    default_sort="creation_time",
    roles=PORTAL_ROLES,
    fields=_job_session_fields("backup", BACKUP_JOB_TYPES, "urn:veeam:BackupJobSession:9e8d7c6b-5a49-4832-a1b0-c9d8e7f6a5b4"),
    references=(
        BACKUP_SERVER,
        Reference("job", "Up", ("Job", "AgentBackupJob", "NasJob"), "Job that ran."),
        Reference("restore_points", "Related", ("RestorePoint",), "Restore points that the run made.", many=True),
    ),
    actions=(Action("stop", "StopJobSession", (PORTAL_ADMINISTRATOR,)),),
    children=(
        Child("agent_management_sessions", "agentManagementSessions", "BackupJobSession", "the runs in which agents were managed for it"),
        Child("task_sessions", "taskSessions", "BackupTaskSession"),
    ),
)

REPLICA_SESSION = Resource(
    thing="replica_session",
    plural="replica_sessions",
    title="replica job session",
    type="ReplicaJobSession",
    path="/replicaSessions",
    list_root="ReplicaJobSessions",
    query_type="ReplicaJobSession",
    default_sort="creation_time",
    roles=PORTAL_ROLES,
    fields=_job_session_fields("replica", ("Replica",), "urn:veeam:ReplicaJobSession:8d7c6b5a-4938-4271-a6f0-e9d8c7b6a594"),
    references=(BACKUP_SERVER, Reference("job", "Up", ("Job",), "Job that ran.")),
    children=(Child("task_sessions", "replicaTaskSessions", "ReplicaTaskSession"),),
)
