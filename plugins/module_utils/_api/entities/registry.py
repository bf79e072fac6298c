# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every resource of Enterprise Manager, by family, type, thing and query type. Private to this collection.

The imports are written out, not discovered: what ships a module to a target packs only what it can see.
Only callers that take any type by name need this file; a module of one kind imports its one family.
"""

from __future__ import annotations

from typing import Dict, Tuple

from ._model import Resource
from .agents import (
    AGENT_JOB,
    AGENT_RESTORE_POINT,
    DISCOVERED_COMPUTER,
    OBJECT_IN_AGENT_JOB,
    PROTECTION_GROUP,
)
from .backups import (
    BACKUP,
    BACKUP_FILE,
    RESTORE_POINT,
    VAPP_RESTORE_POINT,
    VM_RESTORE_POINT,
)
from .catalogue import (
    CATALOG_VM,
    CATALOG_VM_RESTORE_POINT,
    GUEST_ENTRY,
    GUEST_FOLDER,
)
from .cdp import (
    CDP_POLICY,
    CDP_REPLICA,
    CDP_REPLICA_SESSION,
    CDP_REPLICA_TASK_SESSION,
    CDP_REPLICA_VM,
    VAPP_CDP_REPLICA,
    VAPP_CDP_REPLICA_VM,
)
from .cloud import (
    CLOUD_CONNECT_SERVICE,
    CLOUD_GATEWAY,
    CLOUD_GATEWAY_POOL,
    CLOUD_HARDWARE_PLAN,
    CLOUD_PUBLIC_IP_ADDRESS,
    CLOUD_SUBTENANT,
    CLOUD_TENANT,
    CLOUD_TENANT_COMPUTE_RESOURCE,
    CLOUD_TENANT_RESOURCE,
    CLOUD_TENANT_VCLOUD_COMPUTE_RESOURCE,
    FREE_LICENSE_COUNTERS,
    VLAN_CONFIGURATION,
)
from .cloud_recovery import (
    CLOUD_FAILOVER_PLAN,
    CLOUD_FAILOVER_SESSION,
    CLOUD_FAILOVERED_VM,
    CLOUD_REPLICA,
    CLOUD_VM_REPLICA_POINT,
)
from .infrastructure import (
    BACKUP_SERVER,
    CREDENTIALS,
    ENCRYPTION_PASSWORD,
    EXTERNAL_REPOSITORY,
    HIERARCHY_ROOT,
    MANAGED_SERVER,
    REPOSITORY,
    WAN_ACCELERATOR,
)
from .jobs import (
    JOB,
    LINKED_BACKUP_REPOSITORY,
    LINKED_JOB_OBJECT,
    OBJECT_IN_JOB,
)
from .mounts import (
    AGENT_RESTORE_POINT_MOUNT,
    VM_REPLICA_POINT_MOUNT,
    VM_RESTORE_POINT_MOUNT,
)
from .nas import (
    FILE_SERVER,
    NAS_JOB,
    NAS_OBJECT,
)
from .replicas import (
    FAILOVER_PLAN,
    REPLICA,
    VAPP_REPLICA_POINT,
    VM_REPLICA_POINT,
)
from .reports import (
    JOB_STATISTICS_REPORT,
    OVERVIEW_REPORT,
    PROCESSED_VMS_REPORT,
    REPOSITORY_REPORT,
    SUMMARY_REPORT,
    VMS_OVERVIEW_REPORT,
)
from .restores import RESTORE_SESSION
from .security import (
    SECURITY_ACCOUNT,
    SECURITY_ACCOUNT_ROLE,
    SECURITY_ACCOUNT_SCOPE,
    SECURITY_ROLE,
    SECURITY_SETTINGS,
)
from .selfservice import (
    VSPHERE_SELF_SERVICE,
    VSPHERE_SELF_SERVICE_CONFIG,
    VSPHERE_SELF_SERVICE_JOB_SETTINGS,
)
from .service import (
    AGENTS_SERVICE,
    HIERARCHY_ITEM,
    LOGON_SESSION,
    LOOKUP_SERVICE,
    NAS_SERVICE,
    QUERY_SERVICE,
    SERVICE,
    SYSTEM_SESSION,
    SYSTEM_SESSION_EVENT,
)
from .sessions import BACKUP_SESSION, BACKUP_TASK_SESSION, REPLICA_SESSION, REPLICA_TASK_SESSION
from .tasks import TASK
from .vcloud import (
    VCLOUD_BACKUP_JOB_SETTINGS,
    VCLOUD_ORGANIZATION_CONFIG,
    VCLOUD_SERVICE,
)

# Every resource once, in the groups in which people ask for whole areas.
FAMILIES: Dict[str, Tuple[Resource, ...]] = {
    "tasks": (TASK,),
    "jobs": (JOB, OBJECT_IN_JOB, LINKED_JOB_OBJECT, LINKED_BACKUP_REPOSITORY),
    "sessions": (BACKUP_SESSION, BACKUP_TASK_SESSION, REPLICA_SESSION, REPLICA_TASK_SESSION, RESTORE_SESSION),
    "infrastructure": (BACKUP_SERVER, REPOSITORY, EXTERNAL_REPOSITORY, MANAGED_SERVER, HIERARCHY_ROOT, WAN_ACCELERATOR, CREDENTIALS, ENCRYPTION_PASSWORD),
    "agents": (AGENT_JOB, OBJECT_IN_AGENT_JOB, PROTECTION_GROUP, DISCOVERED_COMPUTER, AGENT_RESTORE_POINT),
    "backups": (BACKUP, BACKUP_FILE, RESTORE_POINT, VM_RESTORE_POINT, VAPP_RESTORE_POINT),
    "catalog": (CATALOG_VM, CATALOG_VM_RESTORE_POINT, GUEST_ENTRY, GUEST_FOLDER),
    "cdp": (CDP_POLICY, CDP_REPLICA_SESSION, CDP_REPLICA_TASK_SESSION, CDP_REPLICA, CDP_REPLICA_VM, VAPP_CDP_REPLICA, VAPP_CDP_REPLICA_VM),
    "cloud": (
        CLOUD_TENANT,
        CLOUD_TENANT_RESOURCE,
        CLOUD_TENANT_COMPUTE_RESOURCE,
        CLOUD_TENANT_VCLOUD_COMPUTE_RESOURCE,
        FREE_LICENSE_COUNTERS,
        CLOUD_SUBTENANT,
        CLOUD_GATEWAY,
        CLOUD_GATEWAY_POOL,
        CLOUD_HARDWARE_PLAN,
        CLOUD_PUBLIC_IP_ADDRESS,
        VLAN_CONFIGURATION,
        CLOUD_CONNECT_SERVICE,
        CLOUD_FAILOVER_PLAN,
        CLOUD_FAILOVERED_VM,
        CLOUD_FAILOVER_SESSION,
        CLOUD_REPLICA,
        CLOUD_VM_REPLICA_POINT,
    ),
    "mounts": (VM_RESTORE_POINT_MOUNT, VM_REPLICA_POINT_MOUNT, AGENT_RESTORE_POINT_MOUNT),
    "nas": (NAS_JOB, NAS_OBJECT, FILE_SERVER),
    "replicas": (REPLICA, VM_REPLICA_POINT, VAPP_REPLICA_POINT, FAILOVER_PLAN),
    "reports": (SUMMARY_REPORT, OVERVIEW_REPORT, VMS_OVERVIEW_REPORT, JOB_STATISTICS_REPORT, PROCESSED_VMS_REPORT, REPOSITORY_REPORT),
    "security": (SECURITY_SETTINGS, SECURITY_ACCOUNT, SECURITY_ACCOUNT_ROLE, SECURITY_ACCOUNT_SCOPE, SECURITY_ROLE),
    "self_service": (VSPHERE_SELF_SERVICE_CONFIG, VSPHERE_SELF_SERVICE_JOB_SETTINGS, VSPHERE_SELF_SERVICE),
    "service": (SERVICE, LOGON_SESSION, SYSTEM_SESSION, SYSTEM_SESSION_EVENT, HIERARCHY_ITEM, QUERY_SERVICE, LOOKUP_SERVICE, AGENTS_SERVICE, NAS_SERVICE),
    "vcloud": (VCLOUD_ORGANIZATION_CONFIG, VCLOUD_BACKUP_JOB_SETTINGS, VCLOUD_SERVICE),
}

RESOURCES: Tuple[Resource, ...] = tuple(resource for family in FAMILIES.values() for resource in family)
BY_TYPE: Dict[str, Resource] = {resource.type: resource for resource in RESOURCES}
BY_THING: Dict[str, Resource] = {resource.thing: resource for resource in RESOURCES}
BY_QUERY_TYPE: Dict[str, Resource] = {resource.query_type: resource for resource in RESOURCES if resource.query_type}
