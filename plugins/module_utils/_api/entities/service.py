# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The service itself: versions, log-on and system sessions, lookup of virtual machines, pages of links. Private to this collection.

Source: reference pages of GET /api/, /logonSessions/{ID}, /systemSessions/{ID}, /systemSessions/{ID}/events, /lookup, /lookupSvc,
/querySvc, /agents, /nas; WIRE.md sections 1 (root), 3 (log-on sessions) and 6 (versions). None of them can be queried.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Tuple

from ._common import ALL_ROLES, PORTAL_ADMINISTRATOR, PORTAL_ROLES, creation_time, end_time, name, uid
from ._model import Child, Field, Kind, Reference, Resource, Struct

_VM_RESTORE_OPERATOR, _FILE_RESTORE_OPERATOR = "VM Restore Operator", "File Restore Operator"

# Kinds by platform as the lookup page lists them; the platforms spell some of them in different cases.
HIERARCHY_OBJECT_TYPES = (
    "VM",
    "Vm",
    "Host",
    "Cluster",
    "Template",
    "VirtualApp",
    "Vc",
    "Datacenter",
    "Folder",
    "Datastore",
    "ComputeResource",
    "ResourcePool",
    "Tag",
    "Category",
    "StoragePod",
    "VcdSystem",
    "Organization",
    "OrgVdc",
    "Vapp",
    "VappTemplate",
    "VmTemplate",
    "Scvmm",
    "HostGroup",
    "VmGroup",
)


def _unfiltered(field: Field) -> Field:
    return replace(field, filter_name="")


SERVICE = Resource(
    thing="service",
    plural="services",
    title="service",
    type="EnterpriseManager",
    path="/",
    list_root="",
    key="href",
    roles=ALL_ROLES,
    fields=(
        Field(
            "supported_versions",
            "SupportedVersions",
            Kind.STRUCT,
            "Versions of the API that one can log on with, oldest first.",
            many=True,
            item="SupportedVersion",
            json_item="SupportedVersions",
            struct=Struct((Field("name", "Name", Kind.STRING, "Version as the log-on wants it, such as v1_7.", attribute=True, sample="v1_7"),)),
        ),
    ),
    notes=("It is read without a log-on session.",),
)

# A module must mask session_id, id, href and the links' addresses before it ships: each is as good as the token. They are not dropped,
# as ending a session needs them.
LOGON_SESSION = Resource(
    thing="logon_session",
    plural="logon_sessions",
    title="log-on session",
    type="LogonSession",
    path="/logonSessions",
    list_root="LogonSessions",
    key="session_id",
    roles=(PORTAL_ADMINISTRATOR,),
    fields=(
        Field("user_name", "UserName", Kind.STRING, "Who logged on, with the domain.", sample="EXAMPLE\\svc-ansible"),
        # The token is its base64 form (WIRE.md section 0, 8).
        Field("session_id", "SessionId", Kind.STRING, "GUID of the log-on session. As good as its token: treat it as a secret."),
    ),
)

SYSTEM_SESSION = Resource(
    thing="system_session",
    plural="system_sessions",
    title="system session",
    type="SystemSession",
    path="/systemSessions",
    list_root="SystemSessions",
    item="Sessions",
    roles=(PORTAL_ADMINISTRATOR,),
    since="v1_7",
    fields=(
        _unfiltered(uid("system session", "urn:veeam:SystemSession:f6071829-3a4b-4cde-9f01-23456789abcd")),
        _unfiltered(name("Kind of work, an @ and the start in UTC.", "Collect Job @2026-11-20 17:05:52.069837")),
        Field(
            "session_type",
            "SessionType",
            Kind.ENUM,
            "Work that Enterprise Manager did for itself.",
            values=(
                "CatalogConsolidation",
                "CatalogCrawlJob",
                "CatalogReplicationJob",
                "CollectJob",
                "SecurityScopesRebuild",
                "VcPluginJob",
                "LicAutoUpdate",
                "DatabaseMaintenance",
                "HistoryCollectJob",
                "LicenseRevoke",
                "SyncCheckForProductUpdatesOption",
                "LogExport",
            ),
            sample="CollectJob",
        ),
        _unfiltered(creation_time("When the work began.")),
        _unfiltered(end_time("When the work ended.")),
        Field(
            "state",
            "State",
            Kind.ENUM,
            "How far the work is; all but InProgress are its end.",
            values=("InProgress", "CompletedSuccessfully", "CompletedWarning", "Failed"),
            sample="CompletedSuccessfully",
        ),
        Field(
            "result",
            "Result",
            Kind.STRUCT,
            "Outcome of the work, null while there is none.",
            struct=Struct(
                (
                    # Tables have Success and Warning, whole examples the words of the state.
                    Field(
                        "result",
                        "Result",
                        Kind.ENUM,
                        "How it ended; servers send the words of the state here.",
                        values=("Success", "Warning", "Failed", "CompletedSuccessfully", "CompletedWarning"),
                    ),
                    Field("message", "Message", Kind.STRING, "What the server says about the outcome; empty where nothing went wrong."),
                    Field("is_canceled", "IsCanceled", Kind.BOOL, "Whether somebody stopped the work."),
                )
            ),
        ),
    ),
    children=(Child("events", "events", "SystemSessionEvent"),),
    notes=("The list goes back 30 days.",),
)

SYSTEM_SESSION_EVENT = Resource(
    thing="system_session_event",
    plural="system_session_events",
    title="event of a system session",
    type="SystemSessionEvent",
    addressable=False,
    path="/systemSessions/{system_session}/events",
    list_root="SystemSessionEvents",
    item="Events",
    key="href",
    roles=(PORTAL_ADMINISTRATOR,),
    since="v1_7",
    fields=(
        _unfiltered(creation_time("When it happened.")),
        Field("message", "Message", Kind.STRING, "What happened, in the words of the server.", sample="Collecting data from vbr01.example.com"),
        Field("order", "Order", Kind.INT, "Place among the events of its session.", sample=1),
    ),
    notes=("An event has neither id nor address.",),
)

HIERARCHY_ITEM = Resource(
    thing="lookup",
    plural="hierarchy_items",
    title="hierarchy item",
    type="HierarchyItem",
    addressable=False,
    path="/lookup",
    list_root="HierarchyItems",
    key="object_ref",
    roles=(PORTAL_ADMINISTRATOR, _FILE_RESTORE_OPERATOR),
    fields=(
        Field(
            "object_ref",
            "ObjectRef",
            Kind.UID,
            "URN of the object in its hierarchy, which jobs and restores refer to.",
            sample="urn:VMware:Vm:0d9e8f76-5432-410f-8edc-ba98765a4b3c.vm-1036",
        ),
        Field("object_type", "ObjectType", Kind.ENUM, "What sort of object it is, in the word of its platform.", values=HIERARCHY_OBJECT_TYPES, sample="Vm"),
        Field("object_name", "ObjectName", Kind.STRING, "What the hypervisor calls the object.", sample="srv-sql-01"),
    ),
    # It is asked with hierarchyRef, or with host (URN of a hierarchy root), name (* for all) and type.
)


def _page_of_links(thing: str, plural: str, title: str, type_name: str, path: str, roles: Tuple[str, ...], root: str = "", since: str = "v1_4") -> Resource:
    return Resource(
        thing=thing,
        plural=plural,
        title=title,
        type=type_name,
        root=root,
        path=path,
        list_root="",
        key="href",
        roles=roles,
        since=since,
        fields=(),
        references=(Reference("collections", "Down", (), "What can be read from here, by the type that is listed.", many=True),),
        notes=("It has no values of its own: what it says stands in its links.",),
    )


QUERY_SERVICE = _page_of_links(
    "query_service", "query_services", "query service", "QueryService", "/querySvc", PORTAL_ROLES + (_VM_RESTORE_OPERATOR, _FILE_RESTORE_OPERATOR), "QuerySvc"
)
LOOKUP_SERVICE = _page_of_links("lookup_service", "lookup_services", "lookup service", "LookupService", "/lookupSvc", PORTAL_ROLES, "LookupSvc")
AGENTS_SERVICE = _page_of_links(
    "agents_service", "agents_services", "agents service", "AgentsService", "/agents", PORTAL_ROLES + (_VM_RESTORE_OPERATOR, _FILE_RESTORE_OPERATOR), "Agents"
)
NAS_SERVICE = _page_of_links("nas_service", "nas_services", "file share service", "NasService", "/nas", PORTAL_ROLES, "NASService", since="v1_5")
