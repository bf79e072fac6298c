# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Agent backup: jobs, what is in them, protection groups, discovered computers, restore points. Private to this collection.

Source: reference pages /agents/jobs/{ID}, /agents/jobs/{ID}/includes/{ID}, /agents/protectionGroups/{ID},
/agents/discoveredComputers/{ID}, /agents/agentRestorePoints/{ID} and their query pages; WIRE.md sections 6 and 8.
"""

from __future__ import annotations

from dataclasses import replace

from ._common import BACKUP_SERVER, BACKUP_SERVER_FILTERS, PORTAL_ADMINISTRATOR, PORTAL_ROLES, creation_time, description, name, uid
from ._model import Child, Field, Kind, Reference, Resource, Struct
from .jobs import GUEST_PROCESSING, OBJECT_IN_JOB_ID, RETENTION, STANDARD_SCHEDULE, UNLINKED_BACKUP_SERVER_FILTERS, job_orders, parent_job_filters

_PROTECTED_BY = Reference("backup_server", "Up", ("BackupServer",), "Backup server that manages the agents.")

_OBJECT_NAME = Field("name", "Name", Kind.STRING, "Name of the computer or protection group as the backup server keeps it.", sample="Windows servers")
_OBJECT_DISPLAY_NAME = Field("display_name", "DisplayName", Kind.STRING, "Name of the computer or group as shown to people.", sample="Windows servers")
_OBJECT_FIELDS = (replace(OBJECT_IN_JOB_ID, filter_name=""), _OBJECT_NAME, _OBJECT_DISPLAY_NAME, GUEST_PROCESSING)

AGENT_JOB = Resource(
    thing="agent_job",
    plural="agent_jobs",
    title="agent job",
    type="AgentBackupJob",
    path="/agents/jobs",
    list_root="AgentBackupJobs",
    # The member of a query's answer in JSON lacks the plural.
    list_root_aliases=("AgentBackupJob",),
    query_type="AgentBackupJob",
    urn_aliases=("Job",),
    default_sort="name",
    roles=(PORTAL_ADMINISTRATOR,),
    fields=(
        # Whole examples say AgentBackupJob, the tables and the sessions of these jobs say Job: only the GUID can be relied on.
        uid("agent job", "urn:veeam:AgentBackupJob:6f0b5d1c-2a7b-4c11-9c25-0d7a2f1b5e0d"),
        name("Name of the job; unique on one backup server only.", "Windows Agents"),
        Field(
            "job_type", "JobType", Kind.ENUM, "Kind of job, always the same word here.", values=("AgentBackup",), filter_name="JobType", sample="AgentBackup"
        ),
        Field(
            "platform",
            "Platform",
            Kind.ENUM,
            "Operating system family of the computers.",
            values=("AgentForLinux", "AgentForWindows"),
            filter_name="Platform",
            sample="AgentForWindows",
        ),
        description("job"),
        Field("schedule_configured", "ScheduleConfigured", Kind.BOOL, "Whether the job has a schedule.", filter_name="ScheduleConfigured", sample=True),
        Field("schedule_enabled", "ScheduleEnabled", Kind.BOOL, "Whether the schedule is switched on.", filter_name="ScheduleEnabled", sample=True),
        Field(
            "next_run", "NextRun", Kind.DATETIME, "When the schedule starts the job next. Time in UTC, null without a schedule.", sample="2026-11-21T20:00:00Z"
        ),
        Field("job_schedule_options", "JobScheduleOptions", Kind.STRUCT, "When the job starts by itself.", struct=Struct((STANDARD_SCHEDULE,))),
        Field(
            "job_info",
            "JobInfo",
            Kind.STRUCT,
            "What is backed up, how, and for how long it is kept.",
            struct=Struct(
                (
                    Field(
                        "includes",
                        "Includes",
                        Kind.STRUCT,
                        "Computers and protection groups that the job backs up.",
                        many=True,
                        item="ObjectInAgentBackupJob",
                        json_item="ObjectInAgentBackupJobs",
                        struct=Struct(tuple(replace(field, sample=None) for field in _OBJECT_FIELDS)),
                    ),
                    GUEST_PROCESSING,
                    *RETENTION,
                )
            ),
        ),
    )
    + BACKUP_SERVER_FILTERS,
    references=(BACKUP_SERVER,),
    actions=job_orders("StartJob", "StopAgentJob", "RetryAgentJob"),
    children=(Child("includes", "includes", "ObjectInAgentBackupJob"), Child("backup_sessions", "backupSessions", "BackupJobSession")),
)

OBJECT_IN_AGENT_JOB = Resource(
    thing="object_in_agent_job",
    plural="objects_in_agent_job",
    title="object in an agent job",
    type="ObjectInAgentBackupJob",
    path="/agents/jobs/{agent_job}/includes",
    list_root="ObjectsInAgentBackupJob",
    query_type="ObjectInAgentBackupJob",
    envelope="Resources",
    key="object_in_job_id",
    default_sort="object_in_job_id",
    roles=(PORTAL_ADMINISTRATOR,),
    # Its query page also lists the fields of file servers and whole guest processing options, taken over from other pages.
    fields=(
        replace(OBJECT_IN_JOB_ID, filter_name="ObjectInJobId"),
        replace(_OBJECT_NAME, filter_name="Name"),
        replace(_OBJECT_DISPLAY_NAME, filter_name="DisplayName"),
        GUEST_PROCESSING,
        Field("uid", "UID", Kind.STRING, "Same as object_in_job_id; only for filters, the answer does not carry it.", filter_name="UID", filter_only=True),
    )
    + parent_job_filters("object")
    + UNLINKED_BACKUP_SERVER_FILTERS,
    references=(Reference("job", "Up", ("AgentBackupJob", "Job"), "Agent job that backs it up."),),
)

PROTECTION_GROUP = Resource(
    thing="protection_group",
    plural="protection_groups",
    title="protection group",
    type="AgentProtectionGroup",
    path="/agents/protectionGroups",
    list_root="AgentProtectionGroups",
    query_type="AgentProtectionGroup",
    default_sort="name",
    roles=(PORTAL_ADMINISTRATOR,),
    fields=(
        uid("protection group", "urn:veeam:AgentProtectionGroup:5e0d6f0b-1c2a-47b4-8119-c250d7a2f1b5"),
        name("Name that an administrator gave the group.", "Windows servers"),
        Field("rescan_schedule_enabled", "RescanScheduleEnabled", Kind.BOOL, "Whether computers are looked for again and again.", sample=True),
        Field(
            "hierarchy_obj_ref",
            "HierarchyObjRef",
            Kind.UID,
            "URN by which jobs and restore scopes refer to the group.",
            sample="urn:AgentForWindows:AgentProtectionGroup:00000000-0000-0000-0000-000000000000.5e0d6f0b-1c2a-47b4-8119-c250d7a2f1b5",
        ),
    )
    + BACKUP_SERVER_FILTERS,
    references=(_PROTECTED_BY,),
    children=(Child("discovered_computers", "discoveredComputers", "DiscoveredComputer"),),
)

DISCOVERED_COMPUTER = Resource(
    thing="discovered_computer",
    plural="discovered_computers",
    title="discovered computer",
    type="DiscoveredComputer",
    path="/agents/discoveredComputers",
    list_root="DiscoveredComputers",
    query_type="DiscoveredComputer",
    default_sort="name",
    roles=(PORTAL_ADMINISTRATOR,),
    fields=(
        uid("discovered computer", "urn:veeam:DiscoveredComputer:4b5e0d6f-0b1c-42a7-b411-9c250d7a2f1b"),
        name("Host name of the computer.", "srv-physical-01.example.com"),
        Field(
            "host_status", "HostStatus", Kind.ENUM, "Whether the computer answered when it was looked for last.", values=("Online", "Offline"), sample="Online"
        ),
        Field("agent_version", "AgentVersion", Kind.STRING, "Build of the agent on the computer.", filter_name="AgentVersion", sample="6.3.0.177"),
        Field(
            "agent_status",
            "AgentStatus",
            Kind.ENUM,
            "How far the computer is from being backed up.",
            values=("NotInstalled", "Installed", "UnsupportedOs", "Failed", "Exclude"),
            filter_name="AgentStatus",
            sample="Installed",
        ),
        Field(
            "os_version",
            "OsVersion",
            Kind.STRING,
            "Operating system in the words of the computer.",
            filter_name="OsVersion",
            sample="Microsoft Windows Server 2022",
        ),
        Field("ip_address", "IpAddress", Kind.STRING, "Network address that the backup server reaches it by.", filter_name="IpAddress", sample="192.0.2.31"),
        Field(
            "hierarchy_obj_ref",
            "HierarchyObjRef",
            Kind.UID,
            "URN by which jobs and restore scopes refer to the computer.",
            sample="urn:AgentForWindows:VeeamAgent:00000000-0000-0000-0000-000000000000.4b5e0d6f-0b1c-42a7-b411-9c250d7a2f1b",
        ),
        Field(
            "protection_group_uid",
            "ProtectionGroupUid",
            Kind.UID,
            "URN of the group that found it, taken from the link to it.",
            filter_name="ProtectionGroupUid",
            filter_only=True,
            filled_from="protection_group.uid",
            sample="urn:veeam:AgentProtectionGroup:5e0d6f0b-1c2a-47b4-8119-c250d7a2f1b5",
        ),
        Field(
            "protection_group_name",
            "ProtectionGroupName",
            Kind.STRING,
            "Name of the group that found it, taken from the link to it.",
            filter_name="ProtectionGroupName",
            filter_only=True,
            filled_from="protection_group.name",
            sample="Windows servers",
        ),
    )
    + BACKUP_SERVER_FILTERS,
    # Samples of the service give the computer an address under /backupTaskSessions; its id is right, that path is not.
    references=(_PROTECTED_BY, Reference("protection_group", "Up", ("AgentProtectionGroup",), "Protection group that found the computer.")),
)

AGENT_RESTORE_POINT = Resource(
    thing="agent_restore_point",
    plural="agent_restore_points",
    title="agent restore point",
    type="AgentRestorePoint",
    path="/agents/agentRestorePoints",
    list_root="AgentRestorePoints",
    query_type="AgentRestorePoint",
    default_sort="creation_time",
    roles=PORTAL_ROLES,
    fields=(
        uid("agent restore point", "urn:veeam:AgentRestorePoint:3c4b5e0d-6f0b-41c2-a7b4-119c250d7a2f"),
        name("Computer name, an @ and the time in UTC.", "srv-physical-01@2026-11-20 20:01:05"),
        creation_time("Moment whose state the point holds."),
        Field(
            "algorithm",
            "Algorithm",
            Kind.ENUM,
            "By which method its data was written.",
            values=("Full", "Incremental", "SyntheticFull"),
            filter_name="Algorithm",
            sample="Incremental",
        ),
        # Documented as Type in filters; the attribute Type is another thing (API.md section 5).
        Field(
            "point_type",
            "PointType",
            Kind.ENUM,
            "Whether it holds all data or what changed since the point before.",
            values=("Full", "Increment"),
            filter_name="Type",
            sample="Increment",
        ),
        Field(
            "computer_name",
            "ComputerName",
            Kind.STRING,
            "Host that was backed up; only for filters, the answer does not carry it.",
            filter_name="ComputerName",
            filter_only=True,
        ),
        Field(
            "restore_point_id",
            "RestorePointId",
            Kind.UID,
            "GUID of the point in time of the whole backup, taken from the link to it.",
            filter_name="RestorePointId",
            filter_only=True,
            filled_from="restore_point.id",
        ),
        Field(
            "restore_point_name",
            "RestorePointName",
            Kind.STRING,
            "What the point in time of the whole backup is called, taken from the link to it.",
            filter_name="RestorePointName",
            filter_only=True,
            filled_from="restore_point.name",
        ),
        Field(
            "backup_uid", "BackupUid", Kind.UID, "URN of the backup; only for filters, the answer does not carry it.", filter_name="BackupUid", filter_only=True
        ),
        Field(
            "backup_name",
            "BackupName",
            Kind.STRING,
            "What the backup is called; only for filters, the answer does not carry it.",
            filter_name="BackupName",
            filter_only=True,
        ),
        Field(
            "backup_file_uid",
            "BackupFileUid",
            Kind.UID,
            "URN of the file that holds the data, taken from the link to it.",
            filter_name="BackupFileUid",
            filter_only=True,
            filled_from="backup_file.uid",
        ),
        Field(
            "backup_file_name",
            "BackupFileName",
            Kind.STRING,
            "What the file with the data is called, taken from the link to it.",
            filter_name="BackupFileName",
            filter_only=True,
            filled_from="backup_file.name",
        ),
    )
    + BACKUP_SERVER_FILTERS,
    references=(
        _PROTECTED_BY,
        Reference("restore_point", "Up", ("RestorePoint",), "Point in time of the whole backup that it belongs to."),
        Reference("backup_file", "Up", ("BackupFile",), "File that holds its data."),
    ),
    children=(Child("mounts", "mounts", "AgentRestorePointMount"),),
)
