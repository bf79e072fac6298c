# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a service offers and what an account may do there, found out by asking little of everything. Private to this collection.

Source: reference pages of GET /api/ and of the service pages; the roles that each declaration names; WIRE.md section 6 (versions).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Dict, Iterable, List, Optional, Sequence, Tuple

from . import wire
from .addresses import address_of
from .entities._common import ALL_ROLES
from .entities._model import Field, Kind, Resource, Struct
from .entities.agents import AGENT_JOB
from .entities.backups import BACKUP, VM_RESTORE_POINT
from .entities.catalogue import CATALOG_VM
from .entities.cdp import CDP_POLICY
from .entities.cloud import CLOUD_CONNECT_SERVICE, CLOUD_TENANT
from .entities.cloud_recovery import CLOUD_FAILOVER_PLAN
from .entities.infrastructure import CREDENTIALS, MANAGED_SERVER, REPOSITORY
from .entities.jobs import JOB
from .entities.nas import NAS_JOB
from .entities.replicas import REPLICA
from .entities.reports import OVERVIEW_REPORT, SUMMARY_REPORT
from .entities.restores import RESTORE_SESSION
from .entities.security import SECURITY_SETTINGS
from .entities.selfservice import VSPHERE_SELF_SERVICE, VSPHERE_SELF_SERVICE_CONFIG
from .entities.service import (
    AGENTS_SERVICE,
    HIERARCHY_ITEM,
    LOGON_SESSION,
    LOOKUP_SERVICE,
    NAS_SERVICE,
    QUERY_SERVICE,
    SERVICE,
    SYSTEM_SESSION,
)
from .entities.sessions import BACKUP_SESSION, BACKUP_TASK_SESSION
from .entities.tasks import TASK
from .entities.vcloud import VCLOUD_ORGANIZATION_CONFIG, VCLOUD_SERVICE
from .errors import BodyError, MissingRight, NotFound, ServerError
from .reading import get_entity
from .session import API_VERSIONS, Session

_Probe = Tuple[Resource, str]
_QUERY, _PAGE, _COLLECTION = "query", "page", "collection"
# A name that no object has: the lookup is asked for its right, not for its objects.
_NO_NAME = "-"

# Areas by the words of users, each with what is asked for: one record by the query, a page of links, or a collection without query.
AREAS: Dict[str, Tuple[_Probe, ...]] = {
    "agents": ((AGENTS_SERVICE, _PAGE), (AGENT_JOB, _QUERY)),
    "backups": ((BACKUP, _QUERY),),
    "catalog": ((CATALOG_VM, _COLLECTION),),
    "cdp": ((CDP_POLICY, _QUERY),),
    "cloud": ((CLOUD_CONNECT_SERVICE, _PAGE), (CLOUD_TENANT, _QUERY)),
    "cloud_recovery": ((CLOUD_FAILOVER_PLAN, _COLLECTION),),
    "credentials": ((CREDENTIALS, _QUERY),),
    "infrastructure": ((REPOSITORY, _QUERY), (MANAGED_SERVER, _QUERY)),
    "jobs": ((JOB, _QUERY),),
    "logon_sessions": ((LOGON_SESSION, _COLLECTION),),
    "lookup": ((LOOKUP_SERVICE, _PAGE), (HIERARCHY_ITEM, "lookup")),
    "nas": ((NAS_SERVICE, _PAGE), (NAS_JOB, _QUERY)),
    "query": ((QUERY_SERVICE, _PAGE),),
    "replicas": ((REPLICA, _QUERY),),
    "reports": ((SUMMARY_REPORT, _PAGE), (OVERVIEW_REPORT, _COLLECTION)),
    "restore_points": ((VM_RESTORE_POINT, _QUERY),),
    "restores": ((RESTORE_SESSION, _QUERY),),
    "security": ((SECURITY_SETTINGS, _PAGE),),
    "self_service": ((VSPHERE_SELF_SERVICE, _PAGE), (VSPHERE_SELF_SERVICE_CONFIG, _QUERY)),
    "sessions": ((BACKUP_SESSION, _QUERY), (BACKUP_TASK_SESSION, _QUERY)),
    "system_sessions": ((SYSTEM_SESSION, _COLLECTION),),
    "tasks": ((TASK, _COLLECTION),),
    "vcloud": ((VCLOUD_SERVICE, _PAGE), (VCLOUD_ORGANIZATION_CONFIG, _QUERY)),
}


def _text(name: str, description: str, sample: object = None, many: bool = False, values: Tuple[str, ...] = ()) -> Field:
    return Field(name, "", Kind.ENUM if values else Kind.STRING, description, values=values, many=many, sample=sample)


_AREA = Struct(
    (
        _text("area", "What was tried.", "jobs", values=tuple(AREAS)),
        Field("works", "", Kind.BOOL, "Whether the account may read it on this server.", sample=True),
        _text("path", "What was asked for last: the one that was refused where it does not work.", "/query?type=Job"),
        Field("status", "", Kind.INT, "HTTP status of the refusal, null where it works or nothing was sent.", sample=403),
        _text("needs_roles", "Roles of which the reference names one as necessary for the path.", ["Portal Administrator"], many=True),
        _text("needs_api_version", "Version of the API that the area needs and this log-on session does not have, null otherwise.", "v1_7"),
        _text("message", "Why it does not work, null where it does."),
        _text("offers", "Types of the things that the page of the area leads to.", ["FileServer", "NasJob"], many=True),
    )
)
# What the service is to the account that asks.
ACCOUNT_SERVICE = replace(
    SERVICE,
    fields=(
        *SERVICE.fields,
        _text("common_api_version", "Newest version of the API that the server and this collection both know, null without any.", "v1_7"),
        _text("api_version", "Version of the API that the log-on session speaks, null with a shared token, which does not tell.", "v1_7"),
        _text("server_software", "What the server says that it runs on; Enterprise Manager tells no build number anywhere.", "Microsoft-HTTPAPI/2.0"),
        _text("user_name", "Who is logged on, null with a shared token.", "EXAMPLE\\svc-ansible"),
        _text("possible_roles", "Roles that the account may have, going by what it was refused.", ["Portal User"], many=True, values=ALL_ROLES),
        Field("areas", "", Kind.STRUCT, "What was tried and whether it works, in the order of their names.", many=True, struct=_AREA),
    ),
    notes=(
        "Each area takes one to three small requests; collections that cannot be queried, such as V(system_sessions), come whole.",
        "An area works when all that was tried of it was answered; that a server lacks its licence may show as an empty answer.",
    ),
)


@dataclass(frozen=True)
class _Trial:
    """How one probe ended."""

    path: str
    resource: Resource
    offers: Tuple[str, ...] = ()
    status: Optional[int] = None
    message: str = ""
    lacks_version: bool = False

    @property
    def works(self) -> bool:
        return not self.message


def read_service(session: Session, areas: Iterable[str]) -> Dict[str, Any]:
    """Return the record of the service, in the form of ``ACCOUNT_SERVICE``; the areas are tried one after the other.

    What the account is refused is part of the record. Raises EmError for what ends any conversation: connection, log-on, time.
    """
    logon = None if session.is_shared else session.log_on()
    answer = session.get("/")
    record = wire.record_of(session.parsed(answer), SERVICE)
    offered = [version["name"] for version in record["supported_versions"]]
    common = [version for version in API_VERSIONS if version in offered]
    trials = {area: _try(session, AREAS[area]) for area in sorted(set(areas))}
    return {
        **record,
        "name": session.options.host,
        "common_api_version": common[-1] if common else None,
        "api_version": session.api_version or None,
        "server_software": answer.headers.get("Server"),
        "user_name": logon.user_name if logon else None,
        "possible_roles": _possible_roles([trial for area in trials.values() for trial in area]),
        "areas": [_area(area, tried) for area, tried in trials.items()],
    }


def _area(area: str, tried: Sequence[_Trial]) -> Dict[str, Any]:
    last = tried[-1]
    return {
        "area": area,
        "works": last.works,
        "path": last.path,
        "status": last.status,
        "needs_roles": list(last.resource.roles),
        "needs_api_version": last.resource.since if last.lacks_version else None,
        "message": last.message or None,
        "offers": sorted({offer for trial in tried for offer in trial.offers}),
    }


def _possible_roles(trials: Iterable[_Trial]) -> List[str]:
    """Return the roles that nothing speaks against: who holds a role is not refused what it covers."""
    refused = {role for trial in trials if trial.status == 403 for role in trial.resource.roles}
    return [role for role in ALL_ROLES if role not in refused]


# ---------------------------------------------------------------------------------------------------------
# Trials


def _try(session: Session, probes: Iterable[_Probe]) -> List[_Trial]:
    """Return how the probes of an area ended, up to the first that did not work."""
    tried: List[_Trial] = []
    host = ""
    for resource, way in probes:
        path = "/query?type=%s" % resource.query_type if way == _QUERY else resource.path
        if API_VERSIONS.index(resource.since) > _number(session.api_version):
            message = "It needs version %s of the API; the log-on session speaks %s." % (resource.since, session.api_version)
            tried.append(_Trial(path, resource, message=message, lacks_version=True))
            break
        try:
            page = _ask(session, resource, way, host)
        except (MissingRight, NotFound, ServerError, BodyError) as error:
            tried.append(_Trial(path, resource, status=error.status, message=str(error)))
            break
        links = page.get("links") or []
        tried.append(_Trial(path, resource, tuple(_listed_type(link["type"]) for link in links if link["rel"] == "Down" and link["type"])))
        host = next((found for found in map(_host_in, links) if found), "")
    return tried


def _number(version: str) -> int:
    """Return the place of a version; what is not known, as with a shared token, counts as the newest."""
    return API_VERSIONS.index(version) if version in API_VERSIONS else len(API_VERSIONS)


def _ask(session: Session, resource: Resource, way: str, host: str) -> Dict[str, Any]:
    if way == _QUERY:
        session.get("/query", {"type": resource.query_type, "pageSize": "1", "page": "1"}, resource.roles)
    elif way == _PAGE:
        return get_entity(session, resource, resource.path, links=True)
    elif way == _COLLECTION:
        session.get(resource.path, None, resource.roles)
    elif host:
        session.get(resource.path, {"host": host, "name": _NO_NAME, "type": "Vm"}, resource.roles)
    return {}


def _listed_type(link_type: str) -> str:
    """Return the type of the members of a list that a link leads to: NasJob for NasJobReferenceList."""
    for ending in ("ReferenceList", "List"):
        if link_type.endswith(ending):
            return link_type[: -len(ending)]
    return link_type


def _host_in(link: Dict[str, Any]) -> str:
    return address_of(link["href"]).parameter("host") if "/lookup?" in (link["href"] or "") else ""
