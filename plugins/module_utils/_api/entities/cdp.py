# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Continuous data protection: policies, their sessions, and the replicas of machines and vApps. Private to this collection.

Source: reference pages /cdpPolicies/{ID}, /cdpReplicas/{ID}, /cdpReplicas/{ID}/vms/{ID}, /cdpReplica/vApps/{ID} and below,
/cdpReplicaSessions/{ID}, /cdpReplicaTaskSessions/{ID}, their query pages, policy scheduling options; WIRE.md sections 4 and 6.
Here PolicyUid and ReplicaUid of replicas are bare GUIDs, in sessions they are URNs; filters call the UID of a session Id.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Tuple

from ._common import (
    BACKUP_SERVER,
    BACKUP_SERVER_FILTERS,
    BACKUP_SERVER_UID,
    JOB_SESSION_STATES,
    PORTAL_ADMINISTRATOR,
    PORTAL_ROLES,
    RESULTS_WITH_NONE,
    TASK_SESSION_STATES,
    creation_time,
    description,
    end_time,
    name,
    uid,
    vm_display_name,
)
from ._model import Action, Child, Field, Kind, Reference, Resource, Struct
from .jobs import WEEK_DAYS

_SINCE_CDP = "v1_6"
_SINCE_VAPP_CDP = "v1_7"
_POLICY_TYPES = ("CdpReplica",)
_ROLES = (PORTAL_ADMINISTRATOR,)

_POLICY = Reference("policy", "Up", ("CdpPolicy",), "CDP policy that it comes from.")


def _number(record: str, wire: str, text: str) -> Field:
    return Field(record, wire, Kind.INT, text)


def _struct(record: str, wire: str, text: str, *fields: Field) -> Field:
    return Field(record, wire, Kind.STRUCT, text, struct=Struct(fields))


# ---------------------------------------------------------------------------------------------------------
# Policies


def _hours(record: str, wire: str, text: str, numbers: str, *more_names: str) -> Field:
    day = Struct(
        (
            Field("name", "Name", Kind.ENUM, "Day of the week.", values=WEEK_DAYS, attribute=True),
            Field("value", "Value", Kind.STRING, "24 numbers with commas, one an hour from midnight: " + numbers, text=True),
        )
    )
    enabled = Field("enabled", "Enabled", Kind.BOOL, "Whether the hours below count.", attribute=True)
    # One table calls the hours Schedule, every example TimePeriods.
    periods = Field("time_periods", "TimePeriods", Kind.STRUCT, "Hours by day.", aliases=("Schedule",), many=True, item="Day", json_item="Days", struct=day)
    return _struct(record, wire, text, enabled, periods)


def _alarm(record: str, wire: str, result: str) -> Field:
    return _struct(
        record,
        wire,
        "Limit above which a session ends as " + result + ".",
        Field("enabled", "Enabled", Kind.BOOL, "Whether the limit counts."),
        _number("rpo_threshold_seconds", "RPOThresholdSeconds", "Part of the limit that is given in seconds."),
        _number("rpo_threshold_minutes", "RPOThresholdMinutes", "Part of the limit that is given in minutes."),
    )


_SCHEDULE = _struct(
    "policy_schedule_options",
    "PolicyScheduleOptions",
    "How often states are kept and for how long, by kind of policy.",
    _struct(
        "cdp_replica",
        "CdpReplica",
        "Settings of policies that replicate.",
        _number("recovery_point_objective_seconds", "RecoveryPointObjectiveSeconds", "Part in seconds of the longest time whose data may be lost."),
        _number("recovery_point_objective_minutes", "RecoveryPointObjectiveMinutes", "Part in minutes of the longest time whose data may be lost."),
        _hours("rpo_schedule", "RPOSchedule", "When the policy may replicate.", "1 means allowed, 0 denied."),
        _struct(
            "rpo_reporting",
            "RPOReporting",
            "What is said when the objective is missed.",
            Field("enabled", "Enabled", Kind.BOOL, "Whether misses are reported at all.", attribute=True),
            _alarm("mark_as_warning", "MarkAsWarning", "Warning"),
            _alarm("mark_as_failed", "MarkAsFailed", "Failed"),
        ),
        _number("short_term_retention_minutes", "ShortTermRetentionMinutes", "Part in minutes of the time for which every state is kept."),
        _number("short_term_retention_hours", "ShortTermRetentionHours", "Part in hours of the time for which every state is kept."),
        _number("long_term_retention_hours", "LongTermRetentionHours", "Pause between the points that are kept longer, in hours."),
        _number("long_term_retention_keep_days", "LongTermRetentionKeepDays", "How long such points are kept, in days."),
        _hours(
            "long_term_retention_schedule",
            "LongTermRetentionSchedule",
            "Which kind of long-term point is made when.",
            "the kind of point, as the server numbers it; 0 where none is made.",
        ),
    ),
)

_GUEST_PROCESSING = _struct(
    "guest_processing_options",
    "GuestProcessingOptions",
    "What is done inside the guests.",
    _struct(
        "vss_snapshot_options",
        "VssSnapshotOptions",
        "Application-aware processing.",
        Field("vss_snapshot_mode", "VssSnapshotMode", Kind.ENUM, "What happens when it fails.", values=("RequireSuccess", "IgnoreFailures", "Disabled")),
        Field("is_copy_only", "IsCopyOnly", Kind.BOOL, "Whether the application's own log chain is left alone."),
        Field("use_persistent_guest_agent", "UsePersistentGuestAgent", Kind.BOOL, "Whether a component stays installed in the guest."),
    ),
    Field("windows_credentials_id", "WindowsCredentialsId", Kind.STRING, "Id of the stored account for Windows guests; empty without one."),
    Field("linux_credentials_id", "LinuxCredentialsId", Kind.STRING, "Id of the stored account for Linux guests; empty without one."),
)

_OBJECT = Struct(
    (
        Field("object_in_job_id", "ObjectInJobId", Kind.STRING, "Id of the entry in this policy."),
        Field("hierarchy_obj_ref", "HierarchyObjRef", Kind.UID, "URN of the object in its hierarchy."),
        Field("name", "Name", Kind.STRING, "What the hypervisor calls the machine or container."),
        Field("display_name", "DisplayName", Kind.STRING, "Object's name as shown to people."),
        _GUEST_PROCESSING,
    )
)

CDP_POLICY = Resource(
    thing="cdp_policy",
    plural="cdp_policies",
    title="CDP policy",
    type="CdpPolicy",
    path="/cdpPolicies",
    list_root="CdpPolicies",
    query_type="CdpPolicy",
    default_sort="name",
    roles=_ROLES,
    since=_SINCE_CDP,
    fields=(
        uid("CDP policy", "urn:veeam:CdpPolicy:e7f8091a-2b3c-44d5-8e6f-708192a3b4c5"),
        name("What the administrator called the policy; unique on one backup server only.", "Shop databases"),
        Field("policy_type", "PolicyType", Kind.ENUM, "What the policy does with the changes.", values=_POLICY_TYPES, sample="CdpReplica"),
        Field("platform", "Platform", Kind.ENUM, "Where the protected machines live.", values=("VMware", "vCloud"), sample="VMware"),
        description("CDP policy"),
        Field("schedule_configured", "ScheduleConfigured", Kind.BOOL, "Whether hours of work are set for it.", filter_name="ScheduleConfigured", sample=True),
        Field("schedule_enabled", "ScheduleEnabled", Kind.BOOL, "Whether the policy is switched on.", filter_name="ScheduleEnabled", sample=True),
        Field(
            "next_run",
            "NextRun",
            Kind.DATETIME,
            "When its session is renewed next. Time in UTC, null while it is switched off.",
            filter_name="NextRun",
            sample="2026-11-21T20:00:00Z",
        ),
        _SCHEDULE,
        _struct(
            "cdp_policy_info",
            "CdpPolicyInfo",
            "Settings by kind of policy.",
            _struct(
                "cdp_replica_policy_info",
                "CdpReplicaPolicyInfo",
                "What a replicating policy protects, and how.",
                Field(
                    "includes",
                    "Includes",
                    Kind.STRUCT,
                    "Machines and containers in the policy.",
                    many=True,
                    item="ObjectInJob",
                    json_item="ObjectInJobs",
                    struct=_OBJECT,
                ),
                _GUEST_PROCESSING,
            ),
        ),
    )
    + BACKUP_SERVER_FILTERS,
    references=(BACKUP_SERVER,),
    actions=(Action("enable", "UpdateCdpPolicy", _ROLES), Action("disable", "UpdateCdpPolicy", _ROLES)),
    children=(Child("includes", "includes", "ObjectInJob"), Child("cdp_replica_sessions", "cdpReplicaSessions", "CdpReplicaSession")),
)

# ---------------------------------------------------------------------------------------------------------
# Sessions


def _session_uid(of: str, sample: str) -> Field:
    return replace(uid(of, sample), filter_name="Id")


_CREATION_TIME = replace(creation_time("When the session began."), filter_name="CreationTimeUTC")
_END_TIME = replace(end_time("When the session ended."), filter_name="EndTimeUTC")

CDP_REPLICA_SESSION = Resource(
    thing="cdp_replica_session",
    plural="cdp_replica_sessions",
    title="CDP session",
    type="CdpReplicaSession",
    path="/cdpReplicaSessions",
    list_root="CdpReplicaSessions",
    query_type="CdpReplicaSession",
    default_sort="creation_time",
    roles=PORTAL_ROLES,
    since=_SINCE_CDP,
    fields=(
        _session_uid("CDP session", "urn:veeam:CdpReplicaSession:f8091a2b-3c4d-45e6-8f70-8192a3b4c5d6"),
        name("Policy name, an @ and the start in UTC.", "Shop databases@2026-11-20 19:08:36"),
        Field(
            "policy_uid",
            "PolicyUid",
            Kind.UID,
            "URN of the policy that works.",
            filter_name="PolicyUid",
            sample="urn:veeam:CdpPolicy:e7f8091a-2b3c-44d5-8e6f-708192a3b4c5",
        ),
        Field(
            "policy_name",
            "PolicyName",
            Kind.STRING,
            "What the policy at work is called on its backup server.",
            filter_name="PolicyName",
            sample="Shop databases",
        ),
        Field("policy_type", "PolicyType", Kind.ENUM, "What the policy does with the changes.", values=_POLICY_TYPES, sample="CdpReplica"),
        _CREATION_TIME,
        _END_TIME,
        Field("state", "State", Kind.ENUM, "What the session does now; Stopped is its end.", values=JOB_SESSION_STATES, filter_name="State", sample="Working"),
        Field(
            "result",
            "Result",
            Kind.ENUM,
            "Outcome of the session; None while it runs, final once the state is Stopped.",
            values=RESULTS_WITH_NONE,
            filter_name="Result",
            sample="None",
        ),
        Field("progress", "Progress", Kind.INT, "Part done in percent; 0 in a session that goes on and on.", sample=0),
        Field(
            "failure_message",
            "FailureMessage",
            Kind.STRING,
            "Why the session failed as a whole; empty or null when it did not.",
            filter_name="FailureMessage",
        ),
        Field("is_retry", "IsRetry", Kind.BOOL, "Whether it repeats the machines that failed in the session before.", sample=False),
    )
    + BACKUP_SERVER_FILTERS,
    references=(BACKUP_SERVER, _POLICY),
    children=(Child("task_sessions", "cdpReplicaTaskSessions", "CdpReplicaTaskSession"),),
)

CDP_REPLICA_TASK_SESSION = Resource(
    thing="cdp_replica_task_session",
    plural="cdp_replica_task_sessions",
    title="CDP task session",
    type="CdpReplicaTaskSession",
    path="/cdpReplicaTaskSessions",
    list_root="CdpReplicaTaskSessions",
    query_type="CdpReplicaTaskSession",
    default_sort="creation_time",
    roles=PORTAL_ROLES,
    since=_SINCE_CDP,
    fields=(
        _session_uid("CDP task session", "urn:veeam:CdpReplicaTaskSession:091a2b3c-4d5e-46f7-8081-92a3b4c5d6e7"),
        name("Machine name, an @ and the start in UTC.", "srv-shop-01@2026-11-20 19:08:41"),
        vm_display_name("Name of the machine as the hypervisor shows it."),
        Field(
            "policy_session_uid",
            "PolicySessionUid",
            Kind.UID,
            "URN of the CDP session that this machine was part of.",
            filter_name="PolicySessionUid",
            sample="urn:veeam:CdpReplicaSession:f8091a2b-3c4d-45e6-8f70-8192a3b4c5d6",
        ),
        _CREATION_TIME,
        _END_TIME,
        Field(
            "state", "State", Kind.ENUM, "How far the machine is; Completed is its end.", values=TASK_SESSION_STATES, filter_name="State", sample="InProgress"
        ),
        Field(
            "result",
            "Result",
            Kind.ENUM,
            "Outcome for the machine; may read Success before the state is Completed.",
            values=RESULTS_WITH_NONE,
            sample="Success",
        ),
        Field("reason", "Reason", Kind.STRING, "Why the machine ended in Warning or Failed; null otherwise.", filter_name="Reason"),
        Field(
            "total_size",
            "TotalSize",
            Kind.SIZE,
            "Size of the machine's disks that the policy replicates, in bytes.",
            filter_name="TotalSize",
            sample=17179869184,
        ),
        Field(
            "policy_session_name",
            "PolicySessionName",
            Kind.STRING,
            "What the CDP session is called, taken from the link to it.",
            filter_name="PolicySessionName",
            filter_only=True,
            filled_from="policy_session.name",
            sample="Shop databases@2026-11-20 19:08:36",
        ),
    )
    + BACKUP_SERVER_FILTERS,
    references=(BACKUP_SERVER, Reference("policy_session", "Up", ("CdpReplicaSession",), "CDP session that this machine was part of.")),
)

# ---------------------------------------------------------------------------------------------------------
# Replicas


def _server_name(filter_name: str = "") -> Field:
    """The element BackupServer, named like the filter: the reference to the server is called backup_server in every record."""
    text = "Name of the backup server that runs the policy."
    return Field("backup_server_name", "BackupServer", Kind.STRING, text, filter_name=filter_name, sample="vbr01.example.com")


def _policy_fields(uid_filter: str = "", name_filter: str = "") -> Tuple[Field, ...]:
    return (
        Field(
            "policy_uid",
            "PolicyUid",
            Kind.STRING,
            "Id of the CDP policy; a GUID without the other parts of a URN.",
            filter_name=uid_filter,
            sample="e7f8091a-2b3c-44d5-8e6f-708192a3b4c5",
        ),
        Field("policy_name", "PolicyName", Kind.STRING, "What the CDP policy is called that keeps it.", filter_name=name_filter, sample="Shop databases"),
    )


def _unfiltered(field: Field) -> Field:
    """The query service does not know this resource."""
    return replace(field, filter_name="")


_REPLICA_UID = Field("replica_uid", "ReplicaUid", Kind.STRING, "Id of the whole CDP replica; a GUID without the other parts of a URN.")
_VM_REF = Field("vm_ref", "VmRef", Kind.UID, "URN of the source machine in its hierarchy.", sample="urn:VMware:Vm:4c3b2a19-0817-4625-b4c3-d2e1f0a9b8c7.vm-2071")
_FAILOVER = Action("failover", "StartFailover", _ROLES)
# Answers at once with the times to which a failover may go back, not with a task.
_INTERVALS = Action("intervals", "", _ROLES)

CDP_REPLICA = Resource(
    thing="cdp_replica",
    plural="cdp_replicas",
    title="CDP replica",
    type="CdpReplica",
    path="/cdpReplicas",
    list_root="CdpReplicas",
    query_type="CdpReplica",
    default_sort="name",
    roles=_ROLES,
    since=_SINCE_CDP,
    fields=(
        # Some servers double the front of it: urn:veeam:Replica:urn:veeam:CdpReplica:GUID (API.md section 5).
        uid("CDP replica", "urn:veeam:CdpReplica:1a2b3c4d-5e6f-4708-8192-a3b4c5d6e7f8"),
        name("Name of the policy that made it.", "Shop databases"),
        _server_name("BackupServerName"),
        *_policy_fields("PolicyId", "PolicyName"),
        BACKUP_SERVER_UID,
    ),
    references=(BACKUP_SERVER, _POLICY),
    children=(Child("vms", "vms", "CdpReplicaVm"),),
)

CDP_REPLICA_VM = Resource(
    thing="cdp_replica_vm",
    plural="cdp_replica_vms",
    title="machine of a CDP replica",
    type="CdpReplicaVm",
    path="/cdpReplicas/{cdp_replica}/vms",
    list_root="VmCdpReplicas",
    # Two pages disagree on the name, and no list was ever seen whole; the list of vApp machines has Items.
    item_aliases=("VmCdpReplica", "Items"),
    roles=_ROLES,
    since=_SINCE_CDP,
    fields=(
        _unfiltered(uid("machine's CDP replica", "urn:veeam:CdpReplicaVm:2b3c4d5e-6f70-4819-92a3-b4c5d6e7f809")),
        _unfiltered(name("Name of the source machine.", "srv-shop-01")),
        _VM_REF,
        _REPLICA_UID,
        _server_name(),
        *_policy_fields(),
        Field("repository_name", "RepositoryName", Kind.STRING, "Where the policy keeps what it knows about the replica.", sample="Default Backup Repository"),
    ),
    references=(
        BACKUP_SERVER,
        _POLICY,
        Reference("cdp_replica", "Up", ("CdpReplica",), "Replica of the whole policy that the machine is part of."),
        Reference("repository", "Up", ("Repository",), "Repository with the metadata of the replica."),
    ),
    actions=(_FAILOVER, _INTERVALS),
)

VAPP_CDP_REPLICA = Resource(
    thing="vapp_cdp_replica",
    plural="vapp_cdp_replicas",
    title="vApp CDP replica",
    type="VAppCdpReplica",
    path="/cdpReplica/vApps",
    list_root="VAppCdpReplicas",
    # Seen so in the list of machines of a vApp.
    item_aliases=("Items",),
    roles=_ROLES,
    since=_SINCE_VAPP_CDP,
    fields=(
        _unfiltered(uid("vApp's CDP replica", "urn:veeam:VAppCdpReplica:3c4d5e6f-7081-492a-83b4-c5d6e7f8091a")),
        _unfiltered(name("Name of the source vApp.", "web-shop")),
        Field(
            "vapp_ref",
            "vAppRef",
            Kind.UID,
            "URN of the source vApp in its hierarchy.",
            sample="urn:vCloud:Vapp:1a2b3c4d-5e6f-4708-8192-a3b4c5d6e7f8.urn:vcloud:vapp:8192a3b4-c5d6-4e7f-8809-1a2b3c4d5e6f",
        ),
        _REPLICA_UID,
        _server_name(),
        *_policy_fields(),
    ),
    references=(BACKUP_SERVER, _POLICY),
    actions=(_FAILOVER, _INTERVALS),
    children=(Child("vms", "vms", "VAppCdpReplicaVm"),),
)

VAPP_CDP_REPLICA_VM = Resource(
    thing="vapp_cdp_replica_vm",
    plural="vapp_cdp_replica_vms",
    title="machine of a vApp's CDP replica",
    type="VAppCdpReplicaVm",
    path="/cdpReplica/vApps/{vapp_cdp_replica}/vms",
    list_root="VAppCdpReplicaVms",
    item="Items",
    roles=_ROLES,
    since=_SINCE_VAPP_CDP,
    fields=(
        _unfiltered(uid("vApp machine's CDP replica", "urn:veeam:VAppCdpReplicaVm:4d5e6f70-8192-4a3b-84c5-d6e7f8091a2b")),
        _unfiltered(name("Name of the source machine.", "web-shop-db-Kd41")),
        _REPLICA_UID,
        _VM_REF,
    ),
    references=(
        BACKUP_SERVER,
        _POLICY,
        Reference("vapp_cdp_replica", "Up", ("VAppCdpReplica",), "Replica of the vApp that the machine is part of."),
    ),
)
