# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The query service: which things, in which order, which page (WIRE.md section 4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable
from urllib.parse import quote, quote_plus, unquote_plus

from .declarations import REGISTRY, resource
from .grammar import Property, compile_filter, sort_rank
from .model import JobSession, Server, TaskSession
from .problems import Problem
from .profiles import Profile
from .views import SPECS
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

_UNDECLARED = {
    "Repository": (("Capacity", "size"), ("FreeSpace", "size")),
    "DiscoveredComputer": (("AgentVersion", "string"), ("AgentStatus", "string"), ("OsVersion", "string"), ("IpAddress", "string")),
    "NasJob": (("Description", "string"), ("NextRun", "datetime"), ("ScheduleConfigured", "bool"), ("ScheduleEnabled", "bool")),
}
QUERY_TYPES: dict[str, str] = {name.lower(): declared.type for name, declared in REGISTRY.BY_QUERY_TYPE.items()}
QUERY_TYPES.update({name.lower(): name for name in _UNDECLARED})


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


def _server_of(thing: Any) -> Server | None:
    if isinstance(thing, (JobSession, TaskSession)):
        return _session_of(thing).job.server
    return None if isinstance(thing, Server) else getattr(thing, "server", None)


def _server_uid(thing: Any) -> str | None:
    server = _server_of(thing)
    return None if server is None else f"urn:veeam:BackupServer:{server.id}"


def _server_name(thing: Any) -> str | None:
    server = _server_of(thing)
    return None if server is None else server.name


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
_RESTORE_READERS = {"VmDisplayName": lambda thing: thing.vm_display_name}


class QueryService:
    """Answers queries over a world; sorted and filtered lists are kept until a thing of their type changes."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._lists: dict[tuple[Any, ...], tuple[int, list[Any]]] = {}

    def properties(self, entity_type: str, ctx: Context) -> dict[str, Property]:
        """Return what can be filtered and sorted by, by lower-case name."""
        found: dict[str, Property] = {}
        spec = SPECS[entity_type]

        def from_values(wire: str) -> Callable[[Any], Any]:
            return lambda thing: spec.values(thing, ctx).get(wire)

        if entity_type in _UNDECLARED:
            plain = (("UID", "uid"), ("Name", "string"), ("BackupServerUid", "uid"), ("BackupServerName", "string"))
            for name, kind in plain + _UNDECLARED[entity_type]:
                found[name.lower()] = Property(name, kind, _READERS.get(name) or from_values(name))
            return found
        for field in resource(entity_type).filter_fields():
            readers = {**_READERS, **(_SESSION_READERS if entity_type.endswith(("JobSession", "TaskSession")) else {})}
            if entity_type == "RestoreSession":
                readers = {**_READERS, **_RESTORE_READERS}
            reader = readers.get(field.filter_name) or from_values(field.wire)
            found[field.filter_name.lower()] = Property(field.filter_name, field.kind, reader, field.values)
        if entity_type == "Task":
            for field in resource("Task").wire_fields[:3]:
                found[field.wire.lower()] = Property(field.wire, field.kind, from_values(field.wire), field.values)
        return found

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
