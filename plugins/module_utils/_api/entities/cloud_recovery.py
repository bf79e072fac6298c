# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cloud Connect replication: failover plans of tenants, their runs, replicas and restore points. Private to this collection.

Source: reference pages below /cloud and their query pages; API.md sections 3 and 5; WIRE.md sections 4, 5 and 7.
"""

from __future__ import annotations

from ._common import (
    BACKUP_SERVER_FILTERS,
    PORTAL_ADMINISTRATOR,
    PORTAL_ROLES,
    PORTAL_USER,
    RESULTS_WITH_NONE,
    creation_time,
    description,
    end_time,
    name,
    uid,
    vm_display_name,
)
from ._model import Action, Child, Field, Kind, Reference, Resource, Struct
from .cloud import HYPERVISORS, PROVIDER_SERVER, QUERY_ROLE_NOTE, choice, flag, group, number, only_filter, urn, word

FAILOVER_ROLES = (PORTAL_ADMINISTRATOR, "VM Restore Operator", "File Restore Operator")
FAILOVER_SESSION_STATES = ("Starting", "Stopping", "Working", "Stopped")

_FAILOVERED_VM_FIELDS = (
    word("failover_plan_vm_id", "FailoverPlanVMId", "GUID of the machine's entry in the plan.", sample="1f6a8b3c-d25e-4970-8c41-e7b90d5f2a68"),
    word("name", "Name", "What the tenant's hypervisor calls the machine.", sample="srv-web-01"),
    number("order", "Order", "Place in the order of starting, from 0.", sample=0),
)

CLOUD_FAILOVERED_VM = Resource(
    thing="cloud_failovered_vm",
    plural="cloud_failovered_vms",
    title="machine in a cloud failover plan",
    type="CloudFailoveredVm",
    path="/cloud/cloudFailoverPlans/{cloud_failover_plan}/includes",
    list_root="CloudFailoveredVms",
    envelope="Resources",
    key="failover_plan_vm_id",
    roles=FAILOVER_ROLES,
    fields=_FAILOVERED_VM_FIELDS,
)

CLOUD_FAILOVER_PLAN = Resource(
    thing="cloud_failover_plan",
    plural="cloud_failover_plans",
    title="cloud failover plan",
    type="CloudFailoverPlan",
    path="/cloud/cloudFailoverPlans",
    list_root="CloudFailoverPlans",
    query_type="CloudFailoverPlan",
    default_sort="name",
    roles=FAILOVER_ROLES,
    fields=(
        uid("cloud failover plan", "urn:veeam:CloudFailoverPlan:d8f13c5b-2e90-4a67-b4d8-06a7e9c5f312"),
        name("Name that the tenant gave the plan.", "Whole Site"),
        urn(
            "tenant_uid",
            "TenantUid",
            "URN of the tenant account whose machines fail over.",
            filter_name="CloudTenantUid",
            sample="urn:veeam:CloudTenant:5e9d2b70-1c84-4f36-b2a9-d07f6c3e8145",
        ),
        word("tenant_name", "TenantName", "Log-on name of the tenant whose machines fail over.", filter_name="CloudTenantName", sample="tenant-a"),
        description("plan"),
        group(
            "cloud_failover_plan_options",
            "CloudFailoverPlanOptions",
            "Scripts around a failover.",
            flag("post_failover_plan_command_enabled", "PostFailoverPlanCommandEnabled", "Whether a script runs when the machines are up.", sample=False),
            word("post_failover_plan_command", "PostFailoverPlanCommand", "Path of the script that runs afterwards, on the backup server."),
            flag("pre_failover_plan_command_enabled", "PreFailoverPlanCommandEnabled", "Whether a script runs before the first machine starts.", sample=True),
            word(
                "pre_failover_plan_command",
                "PreFailoverPlanCommand",
                "Path of the script that runs first, on the backup server.",
                sample="C:\\Scripts\\before.bat",
            ),
        ),
        group(
            "cloud_failover_plan_info",
            "CloudFailoverPlanInfo",
            "What fails over.",
            Field(
                "includes",
                "Includes",
                Kind.STRUCT,
                "Machines of the plan.",
                many=True,
                item="CloudFailoveredVm",
                json_item="CloudFailoveredVms",
                struct=Struct(_FAILOVERED_VM_FIELDS),
            ),
        ),
    )
    + BACKUP_SERVER_FILTERS,
    references=(PROVIDER_SERVER,),
    actions=(
        Action("start", "StartCloudFailoverPlan", FAILOVER_ROLES),
        Action("test", "StartCloudFailoverPlan", FAILOVER_ROLES),
        Action("undo", "UndoCloudFailoverPlan", FAILOVER_ROLES),
    ),
    children=(Child("includes", "includes", "CloudFailoveredVm"),),
    notes=(QUERY_ROLE_NOTE,),
)

_POINT_LINK = group(
    "vm_replica_point_link",
    "VmReplicaPointLink",
    "Restore point that the machine is started from.",
    word("rel", "Rel", "Relation of the link, always Related.", attribute=True, sample="Related"),
    word("type", "Type", "Kind of the link's target.", attribute=True, sample="CloudVmReplicaPointReference"),
    word("href", "Href", "Address of the restore point.", attribute=True),
    word("name", "Name", "Machine name, an @ and the time of the restore point in UTC.", attribute=True, sample="srv-web-01@2026-11-20 04:00:52"),
)

_FAILOVER_TASKS = Field(
    "cloud_failover_tasks",
    "CloudFailoverTasks",
    Kind.STRUCT,
    "What happens to each machine.",
    many=True,
    # The elements inside bear the name of the list.
    item="CloudFailoverTasks",
    json_item="CloudFailoverTasks",
    struct=Struct(
        (
            word("vm_name", "VmName", "What the tenant's hypervisor calls the machine.", attribute=True, sample="srv-web-01"),
            _POINT_LINK,
            Field("creation_time", "CreationTimeUTC", Kind.DATETIME, "When work on the machine began. Time in UTC.", sample="2026-11-20T09:30:12.13Z"),
            Field(
                "end_time", "EndTimeUTC", Kind.DATETIME, "When work on the machine ended. Time in UTC, null while it goes on.", sample="2026-11-20T09:33:40.5Z"
            ),
            choice("state", "State", "How far the machine is; Stopped is its end.", FAILOVER_SESSION_STATES, sample="Stopped"),
            choice("result", "Result", "Outcome for the machine; None until it is known.", RESULTS_WITH_NONE, sample="Success"),
            number("progress", "Progress", "Part done in percent.", sample=100),
            word("failure_message", "FailureMessage", "Why the machine failed, null when it did not."),
        )
    ),
)

CLOUD_FAILOVER_SESSION = Resource(
    thing="cloud_failover_session",
    plural="cloud_failover_sessions",
    title="cloud failover session",
    type="CloudFailoverSession",
    path="/cloud/failoverSessions",
    list_root="CloudFailoverSessions",
    query_type="CloudFailoverSession",
    default_sort="creation_time",
    roles=(PORTAL_ADMINISTRATOR, PORTAL_USER) + FAILOVER_ROLES[1:],
    fields=(
        uid("failover session", "urn:veeam:CloudFailoverSession:2b7e9d04-c16f-4853-9ad0-f8e35b1c6472"),
        name("Name of the plan that was carried out.", "Whole Site"),
        Field(
            "cloud_failover_plan_name",
            "CloudFailoverPlanName",
            Kind.STRING,
            "Name of that plan again; known from old servers, most do not send it.",
            attribute=True,
        ),
        # Documented as Type; it is JobType on the wire and Type in filters (API.md section 5).
        choice("job_type", "JobType", "Kind of run.", ("FailoverPlan",), filter_name="Type", sample="FailoverPlan"),
        creation_time("When the failover began."),
        end_time("When the failover ended."),
        choice("state", "State", "What the run does now; Stopped is its end.", FAILOVER_SESSION_STATES, filter_name="State", sample="Stopped"),
        choice("result", "Result", "Outcome of the run, final once the state is Stopped.", RESULTS_WITH_NONE, filter_name="Result", sample="Success"),
        number("progress", "Progress", "Part done in percent.", sample=100),
        word("failure_message", "FailureMessage", "Why the run failed as a whole, null when it did not.", filter_name="FailureMessage"),
        _FAILOVER_TASKS,
    )
    + BACKUP_SERVER_FILTERS,
    references=(PROVIDER_SERVER,),
    notes=(
        "The collection holds the last 30 days only.",
        QUERY_ROLE_NOTE,
    ),
)

CLOUD_REPLICA = Resource(
    thing="cloud_replica",
    plural="cloud_replicas",
    title="cloud replica",
    type="CloudReplica",
    path="/cloud/replicas",
    list_root="CloudReplicas",
    query_type="CloudReplica",
    default_sort="name",
    roles=PORTAL_ROLES,
    fields=(
        uid("cloud replica", "urn:veeam:CloudReplica:e61a4f82-9d3b-4057-b8c6-1c2d7e0f9a35"),
        name("Name of the tenant's replication job.", "Web Servers to the Cloud"),
        choice("platform", "Platform", "Platform of the machines that are replicated.", HYPERVISORS + ("vCloud",), filter_name="Platform", sample="VMware"),
    ),
    references=(PROVIDER_SERVER,),
    children=(Child("vm_replica_points", "vmReplicaPoints", "CloudVmReplicaPoint"),),
    notes=(QUERY_ROLE_NOTE,),
)

CLOUD_VM_REPLICA_POINT = Resource(
    thing="cloud_vm_replica_point",
    plural="cloud_vm_replica_points",
    title="cloud replica restore point",
    type="CloudVmReplicaPoint",
    path="/cloud/vmReplicaPoints",
    list_root="CloudVmReplicaPoints",
    # The list of points repeats the element of replicas; their Type tells what they are.
    item="CloudReplica",
    query_type="CloudVmReplicaPoint",
    default_sort="creation_time",
    roles=PORTAL_ROLES,
    fields=(
        uid("restore point", "urn:veeam:CloudVmReplicaPoint:3c9f7a16-e05d-4b28-a7f4-92d8c1b6e503"),
        name("Machine name, an @ and the time of the restore point in UTC.", "srv-web-01@2026-11-20 04:00:52"),
        vm_display_name("Name of the machine as the hypervisor shows it."),
        creation_time("When the restore point was made."),
        word("vm_name", "VmName", "Name of the machine; known from old servers, others send vm_display_name alone.", filter_name="VmName"),
        # Documented as Type in filters (API.md section 5).
        choice(
            "point_type",
            "PointType",
            "How the restore point was made.",
            ("CDP", "Full", "ReverseIncrement", "Increment", "Snapshot"),
            filter_name="Type",
            sample="Snapshot",
        ),
        choice(
            "state",
            "State",
            "Whether the replica is at rest or in use because of a failover.",
            ("Unknown", "Ready", "Failover", "Failback", "PermanentFailover"),
            filter_name="State",
            sample="Ready",
        ),
        only_filter("replica_uid", "ReplicaUid", Kind.UID, "URN of the replica, taken from the link to it.", filled_from="cloud_replica.uid"),
        only_filter("replica_name", "ReplicaName", Kind.STRING, "Name of the replica, taken from the link to it.", filled_from="cloud_replica.name"),
    )
    + BACKUP_SERVER_FILTERS,
    references=(PROVIDER_SERVER, Reference("cloud_replica", "Up", ("CloudReplica",), "Replica that the restore point belongs to.")),
    notes=(QUERY_ROLE_NOTE,),
)
