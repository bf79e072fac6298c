# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The query service: which things, in which order, which page (WIRE.md section 4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable
from urllib.parse import quote, quote_plus, unquote_plus

from . import views
from .declarations import BY_QUERY_TYPE, resource
from .grammar import Property, compile_filter, sort_rank
from .model import TASK_TYPE_OF, JobSession, Row, Server, TaskSession, entity_type
from .problems import Problem
from .profiles import Profile
from .views import LIVE_TYPES, SPECS
from .wire import Context, Link
from .world import World

DEFAULT_PAGE_SIZE = 100
_KEPT_LISTS = 64

# Members of Entities in the order of the wire; the slips in the names are part of it.
ENTITY_MEMBERS = [
    "Jobs",
    "FailoverPlans",
    "Backups",
    "Replicas",
    "Repositories",
    "RestorePoints",
    "VmRestorePoints",
    "VAppRestorePoints",
    "VmReplicaPoints",
    "BackupJobSessions",
    "ReplicaJobSessions",
    "ReplicaTaskSessions",
    "RestoreSessions",
    "HierarchyRoots",
    "BackupTaskSessions",
    "BackupServers",
    "ManagedServers",
    "EnterpiseRoles",
    "EnterpiseAccounts",
    "WanAccelerators",
    "CloudGateways",
    "CloudTenants",
    "CloudReplicas",
    "VCloudOrganizationConfigs",
    "BackupFiles",
    "VSphereSelfServiceConfigs",
    "CloudPublicIps",
    "CloudHardwarePlans",
    "CloudVmReplicaPoints",
    "AgentRestorePoints",
    "AgentBackupJob",
    "CloudGatewayPools",
    "CloudFailoverPlans",
    "ExternalRepositories",
    "VlanConfigurations",
    "CloudFailoverSessions",
    "AgentProtectionGroups",
    "DiscoveredComputers",
    "FileServers",
    "NASJobs",
    "CdpReplicas",
    "CdpReplicaVms",
    "CdpPolicies",
    "CdpReplicaSessions",
    "CdpReplicaTaskSessions",
    "VAppReplicaPoints",
    "VmCdpReplicas",
    "VAppCdpReplicas",
    "VAppCdpReplicaVms",
    "SystemSessions",
]

QUERY_TYPES: dict[str, str] = {name.lower(): declared.type for name, declared in BY_QUERY_TYPE.items()}


@dataclass(frozen=True)
class Page:
    """One page: its things, its number, its size, and how many pages there are."""

    things: list[Any]
    number: int
    size: int
    count: int


def parse_parameters(raw: str) -> list[tuple[str, str]]:
    """Split a raw query string into decoded (name, value) in the order that the client chose."""
    pairs = []
    for part in raw.split("&"):
        if part:
            name, _sep, value = part.partition("=")
            pairs.append((unquote_plus(name), unquote_plus(value)))
    return pairs


def named_parameter(parameters: list[tuple[str, str]], name: str) -> str | None:
    """Return the first value of a parameter; case does not matter in its name."""
    return next((value for key, value in parameters if key.lower() == name), None)


def _session_of(thing: Any) -> JobSession:
    return thing.session if isinstance(thing, TaskSession) else thing


def leads_to(thing: Any) -> tuple[Any, ...]:
    """Return the things that the links Up and Related of a thing lead to."""
    if isinstance(thing, Row):
        return (*thing.up, *thing.related)
    if isinstance(thing, TaskSession):
        return (thing.session.job.server, thing.session)
    if isinstance(thing, JobSession):
        return (thing.job.server, thing.job.served)
    return () if isinstance(thing, Server) else (thing.server,)


def _linked_of(thing: Any, types: tuple[str, ...]) -> Any:
    """Return the first thing of one of the types that a thing is linked with, or what that one is linked with."""
    near = leads_to(thing)
    for other in near:
        if entity_type(other) in types:
            return other
    for other in near:
        for farther in leads_to(other):
            if entity_type(farther) in types:
                return farther
    return None


def _of_link(declared: Any, field: Any, ctx: Context) -> Callable[[Any], Any]:
    """Return the reader of a filter that asks for a thing at the other end of a link."""
    reference_name, _dot, part = field.filled_from.partition(".")
    types = next(reference.types for reference in declared.references if reference.name == reference_name)
    read: dict[str, Callable[[Any], Any]] = {"name": lambda other: views.label(other, ctx), "id": lambda other: other.id, "uid": views.uid}
    part_of = read[part]

    def reader(thing: Any) -> Any:
        other = _linked_of(thing, types)
        return None if other is None else part_of(other)

    return reader


def _server_uid(thing: Any) -> str | None:
    server = _linked_of(thing, ("BackupServer",))
    return None if server is None else views.uid(server)


def _server_name(thing: Any) -> str | None:
    server = _linked_of(thing, ("BackupServer",))
    return None if server is None else str(server.name)


# Readers by filter name, for speed over 100,000 things; the rest is read from the values of the wire.
_READERS: dict[str, Callable[[Any], Any]] = {
    "BackupServerUid": _server_uid,
    "BackupServerName": _server_name,
}
_SESSION_READERS: dict[str, Callable[[Any], Any]] = {
    "CreationTime": lambda thing: thing.created_us,
    "EndTime": lambda thing: thing.ended_us,
    "State": lambda thing: thing.state,
    "Result": lambda thing: thing.result,
    "Reason": lambda thing: thing.reason,
    "TotalSize": lambda thing: thing.size,
    "VmDisplayName": lambda thing: thing.machine.name,
    "UID": lambda thing: f"urn:veeam:{thing.type}:{thing.id}",
    "IsRetry": lambda thing: thing.is_retry,
    "JobUid": lambda thing: f"urn:veeam:Job:{_session_of(thing).job.id}",
    "JobName": lambda thing: _session_of(thing).job.name,
    "JobSessionUid": lambda thing: f"urn:veeam:{thing.session.type}:{thing.session.id}",
}
_SESSION_TYPES = (*TASK_TYPE_OF, *TASK_TYPE_OF.values())
_RESTORE_READERS = {"VmDisplayName": lambda thing: thing.vm_display_name}


class QueryService:
    """Answers queries over a world; sorted and filtered lists are kept until a thing of their type changes."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._lists: dict[tuple[Any, ...], tuple[int, list[Any]]] = {}

    def properties(self, kind: str, ctx: Context) -> dict[str, Property]:
        """Return what can be filtered and sorted by, by lower-case name."""
        found: dict[str, Property] = {}
        declared = resource(kind)
        fields = list(declared.filter_fields()) + (list(declared.wire_fields[:3]) if kind == "Task" else [])
        for field in fields:
            name = field.filter_name or field.wire
            found[name.lower()] = Property(name, field.kind, self._reader(declared, field, ctx), field.values)
        return found

    def _reader(self, declared: Any, field: Any, ctx: Context) -> Callable[[Any], Any]:
        """Return what reads a field from a thing: fast ways first, as there may be 100,000 things."""
        spec, wire = SPECS[declared.type], field.wire
        readers = dict(_READERS)
        if declared.type in _SESSION_TYPES:
            readers.update(_SESSION_READERS)
        elif declared.type == "RestoreSession":
            readers.update(_RESTORE_READERS)
        if field.filter_name in readers:
            return readers[field.filter_name]
        if field.filled_from:
            return _of_link(declared, field, ctx)
        if declared.type in LIVE_TYPES:
            return lambda thing: spec.values(thing, ctx).get(wire)
        if field.attribute and wire in ("Name", "UID"):
            return lambda row: views.label(row, ctx) if wire == "Name" else views.uid(row)
        return lambda row: row.values.get(wire)

    def select(self, entity_type: str, rows: list[Any], version: int, parameters: list[tuple[str, str]], ctx: Context) -> list[Any]:
        """Return the things that pass the filter, sorted. Raises Problem 400."""
        wanted = named_parameter(parameters, "filter") or ""
        ascending, descending = named_parameter(parameters, "sortasc"), named_parameter(parameters, "sortdesc")
        key = (entity_type, wanted, ascending, descending, ctx.profile.name)
        kept = self._lists.get(key)
        if version >= 0 and kept is not None and kept[0] == version:
            return kept[1]
        properties = self.properties(entity_type, ctx)
        if wanted.strip():
            test = compile_filter(wanted, properties, ctx.profile.digits)
            rows = [thing for thing in rows if test(thing)]
        name = ascending or descending
        if name:
            rows = _sorted(rows, properties, name, bool(descending and not ascending), ctx.profile)
        if version >= 0:
            while len(self._lists) >= _KEPT_LISTS:
                self._lists.pop(next(iter(self._lists)))
            self._lists[key] = (version, rows)
        return rows

    def page(self, rows: list[Any], parameters: list[tuple[str, str]]) -> Page:
        """Cut one page out. Raises Problem 400 on a size or number that is none."""
        size = _number(parameters, "pagesize", DEFAULT_PAGE_SIZE)
        if self.world.max_page_size:
            size = min(size, self.world.max_page_size)
        number = _number(parameters, "page", 1)
        count = max(1, -(-len(rows) // size))
        return Page(rows[(number - 1) * size : number * size], number, size, count)


def _sorted(rows: list[Any], properties: dict[str, Property], name: str, descending: bool, profile: Profile) -> list[Any]:
    asked = properties.get(name.strip().lower())
    if asked is None:
        raise Problem(400, f"Sort expression is invalid: unknown property [{name}]")
    rank, read = sort_rank(asked, profile.digits), asked.read
    decorated = [(rank(read(thing)), thing) for thing in rows]
    known = [pair for pair in decorated if pair[0] is not None]
    unknown = [pair[1] for pair in decorated if pair[0] is None]
    known.sort(key=lambda pair: pair[0], reverse=descending)
    things = [pair[1] for pair in known]
    return things + unknown if descending else unknown + things


def _number(parameters: list[tuple[str, str]], name: str, default: int) -> int:
    text = named_parameter(parameters, name)
    if text is None:
        return default
    if not text.isdecimal() or int(text) < 1:
        raise Problem(400, f"Parameter {name} is invalid: {text}")
    return int(text)


def encode(value: str, profile: Profile) -> str:
    """Encode a parameter as the server does in the links between pages (WIRE.md section 4)."""
    if profile.modern_escapes:
        return quote(value, safe="-_.~;")
    # Lower-case hex and a plus for a blank; .NET also leaves ! * ( ) alone.
    encoded = quote_plus(value, safe="-_.!*()")
    parts = encoded.split("%")
    return parts[0] + "".join("%" + part[:2].lower() + part[2:] for part in parts[1:]).replace("~", "%7e")


def page_links(parameters: list[tuple[str, str]], page: Page, profile: Profile) -> list[Link]:
    """Return First, Previous, Next and Last; they repeat the client's parameters in the client's order."""

    def path(number: int) -> str:
        numbers = {"pagesize": str(page.size), "page": str(number)}
        written = [(name, numbers.pop(name.lower(), "") or value) for name, value in parameters]
        written += [(name, numbers[name.lower()]) for name in ("pageSize", "page") if name.lower() in numbers]
        return "/query?" + "&".join(f"{name}={encode(value, profile)}" for name, value in written)

    links = [Link("First", path(1))]
    if page.number > 1:
        links.append(Link("Previous", path(min(page.number - 1, page.count))))
    if page.number < page.count:
        links.append(Link("Next", path(page.number + 1)))
    return links + [Link("Last", path(page.count))]
