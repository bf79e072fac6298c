# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Replicas, their restore points, and failover plans. Private to this collection.

Source: reference pages /replicas/{ID}, /vmReplicaPoints/{ID}, /vAppReplicaPoints/{ID}, /failoverPlans/{ID} and their query
pages; WIRE.md section 7; API.md section 5 (PointType). The list of machine points called its items VmRestorePoint in 9.5.
"""

from __future__ import annotations

from ._common import BACKUP_SERVER_FILTERS, PORTAL_ADMINISTRATOR, RESTORE_OPERATORS, creation_time, description, name, uid, vm_display_name
from ._model import Action, Child, Field, Kind, Reference, Resource, Struct
from .backups import JOB_FILTERS, KEPT_BY, ON_REPOSITORY, REPOSITORY_FILTERS, RESTORE_POINT_ROLES, algorithm, of_link, point_type
from .jobs import GUEST_PROCESSING

REPLICA_POINT_TYPES = ("Full", "ReverseIncrement", "Increment", "Snapshot")
FAILOVER_PLAN_ROLES = (PORTAL_ADMINISTRATOR,) + RESTORE_OPERATORS

_REPLICA = Reference("replica", "Up", ("Replica",), "Replica that the point belongs to.")
_REPLICA_FILTERS = (
    of_link(
        "replica_uid", "ReplicaUid", "replica that the point belongs to", "replica.uid", Kind.UID, "urn:veeam:Replica:92a3b4c5-d6e7-4f80-991a-2b3c4d5e6f70"
    ),
    of_link("replica_name", "ReplicaName", "replica that the point belongs to", "replica.name", sample="SQL Server Replication"),
)

REPLICA = Resource(
    thing="replica",
    plural="replicas",
    title="replica",
    type="Replica",
    path="/replicas",
    list_root="Replicas",
    query_type="Replica",
    default_sort="name",
    roles=RESTORE_POINT_ROLES,
    fields=(
        uid("replica", "urn:veeam:Replica:92a3b4c5-d6e7-4f80-991a-2b3c4d5e6f70"),
        name("Name of the replication job that made it.", "SQL Server Replication"),
        Field("platform", "Platform", Kind.ENUM, "Where the replicated machines live.", values=("VMware", "Hyperv", "vCloud"), sample="VMware"),
    )
    + JOB_FILTERS
    + REPOSITORY_FILTERS,
    references=(KEPT_BY, ON_REPOSITORY),
    children=(Child("vm_replica_points", "vmReplicaPoints", "VmReplicaPoint"),),
)

VM_REPLICA_POINT = Resource(
    thing="vm_replica_point",
    plural="vm_replica_points",
    title="machine replica point",
    type="VmReplicaPoint",
    path="/vmReplicaPoints",
    list_root="VmReplicaPoints",
    item_aliases=("VmRestorePoint",),
    query_type="VmReplicaPoint",
    default_sort="creation_time",
    roles=RESTORE_POINT_ROLES,
    fields=(
        uid("machine replica point", "urn:veeam:VmReplicaPoint:a3b4c5d6-e7f8-4091-8a2b-3c4d5e6f7081"),
        name("Machine name, an @ and the start in UTC.", "srv-sql-01@2026-11-20 21:01:12"),
        vm_display_name("Name of the machine as the hypervisor shows it."),
        creation_time("When the machine was replicated."),
        Field("vm_name", "VmName", Kind.STRING, "Machine's name in the replica; documented, yet seldom sent."),
        algorithm(sample="Full"),
        # One table of the reference spells it PoinType; the wire does not.
        point_type(REPLICA_POINT_TYPES, "Snapshot"),
    )
    + _REPLICA_FILTERS
    + BACKUP_SERVER_FILTERS,
    references=(KEPT_BY, _REPLICA),
    actions=(Action("failover", "StartReplicaFailover", RESTORE_POINT_ROLES),),
    children=(Child("mounts", "mounts", "VmReplicaPointMount"),),
)

VAPP_REPLICA_POINT = Resource(
    thing="vapp_replica_point",
    plural="vapp_replica_points",
    title="vApp replica point",
    type="VAppReplicaPoint",
    path="/vAppReplicaPoints",
    list_root="VAppReplicaPoints",
    query_type="VAppReplicaPoint",
    default_sort="creation_time",
    roles=RESTORE_POINT_ROLES,
    since="v1_6",
    fields=(
        uid("vApp replica point", "urn:veeam:VAppReplicaPoint:b4c5d6e7-f809-41a2-8b3c-4d5e6f708192"),
        name("Name of the vApp, an @ and the start in UTC.", "web-shop@2026-11-20 21:01:12"),
        Field(
            "vapp_display_name",
            "VAppDisplayName",
            Kind.STRING,
            "What Cloud Director calls the vApp.",
            filter_name="vAppDisplayName",
            attribute=True,
            sample="web-shop",
        ),
        creation_time("When the vApp was replicated."),
        Field("vapp_name", "VAppName", Kind.STRING, "What the replication job calls the vApp.", filter_name="vAppName", sample="web-shop"),
        algorithm(sample="Full"),
        point_type(REPLICA_POINT_TYPES, "Snapshot"),
    )
    + _REPLICA_FILTERS
    + BACKUP_SERVER_FILTERS,
    references=(
        KEPT_BY,
        _REPLICA,
        Reference("vm_replica_points", "Down", ("VmReplicaPoint",), "Points of the machines in the vApp.", many=True),
    ),
    actions=(Action("failover", "StartReplicaFailover", RESTORE_POINT_ROLES),),
)

_FAILOVERED_VM = Struct(
    (
        Field("failovered_vm_id", "FailoveredVmId", Kind.STRING, "Id of the entry in this plan."),
        Field("hierarchy_obj_ref", "HierarchyObjRef", Kind.UID, "URN of the source machine in its hierarchy."),
        Field("name", "Name", Kind.STRING, "What the hypervisor calls the machine."),
        Field("display_name", "DisplayName", Kind.STRING, "Machine's name as shown to people."),
        Field("order", "Order", Kind.INT, "Place in the sequence of starts, from 0."),
        GUEST_PROCESSING,
    )
)

FAILOVER_PLAN = Resource(
    thing="failover_plan",
    plural="failover_plans",
    title="failover plan",
    type="FailoverPlan",
    path="/failoverPlans",
    list_root="FailoverPlans",
    query_type="FailoverPlan",
    default_sort="name",
    roles=FAILOVER_PLAN_ROLES,
    fields=(
        uid("failover plan", "urn:veeam:FailoverPlan:c5d6e7f8-091a-42b3-8c4d-5e6f708192a3"),
        name("What the administrator called the plan; unique on one backup server only.", "Second site"),
        description("failover plan"),
        Field(
            "failover_plan_info",
            "FailoverPlanInfo",
            Kind.STRUCT,
            "What is switched over when the plan starts.",
            struct=Struct(
                (
                    Field(
                        "includes",
                        "Includes",
                        Kind.STRUCT,
                        "Machines in the plan.",
                        many=True,
                        item="FailoveredVm",
                        json_item="FailoveredVms",
                        struct=_FAILOVERED_VM,
                    ),
                )
            ),
        ),
    )
    + BACKUP_SERVER_FILTERS,
    references=(KEPT_BY,),
    actions=(Action("start", "StartFailoverPlan", FAILOVER_PLAN_ROLES), Action("undo", "UndoFailoverPlan", FAILOVER_PLAN_ROLES)),
)
