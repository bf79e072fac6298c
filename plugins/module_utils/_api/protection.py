# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads what ``machines`` judges: jobs and what is in them, hierarchies, computers with agents, newest restore points and runs.

Private to this collection. A few queries with paging and no request for a single machine, so that ten thousand machines cost as many
requests as their newest restore points and runs fill pages. Source: WIRE.md section 4 (a bounded time of creation, newest first),
reference pages of the resources that are named below.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, Optional, Set, Tuple
from urllib.parse import quote

from . import hierarchy
from .entities._model import Resource
from .entities.agents import AGENT_JOB, AGENT_RESTORE_POINT, DISCOVERED_COMPUTER, PROTECTION_GROUP
from .entities.backups import BACKUP, RESTORE_POINT, VM_RESTORE_POINT
from .entities.cdp import CDP_POLICY
from .entities.infrastructure import HIERARCHY_ROOT
from .entities.jobs import JOB
from .entities.replicas import VM_REPLICA_POINT
from .entities.service import HIERARCHY_ITEM
from .entities.sessions import BACKUP_SESSION, BACKUP_TASK_SESSION, COMPLETED, REPLICA_SESSION, REPLICA_TASK_SESSION
from .errors import EmError, MissingRight, NotFound, OptionError, ServerError
from .job_contents import AGENT_JOB_TYPE, OTHER_RUNS, JobContents, JobRuns, name_of, server_of
from .machines import COMPUTER, VIRTUAL_MACHINE, Machine, Machines, judge
from .parallel import in_parallel
from .reading import PAGE_SIZE, decoded, queries_for, query_page, read
from .selecting import Selection
from .session import Session
from .versions import NOT_KNOWN_THERE

Record = Dict[str, Any]

# A machine's work may belong to a job session, and its restore point to one of the whole backup, that began days before.
_MARGIN_DAYS = 7
_DISPLAY_NAME = "vm_display_name"
# An address of some thousand letters passes servers and proxies: so long may the alternatives of a filter be, with what stands around each.
_LENGTH_OF_A_FILTER = 4000
_LENGTH_OF_A_TERM = 32


@dataclass(frozen=True)
class Scope:
    """What to look at.

    ``lookback_days`` bounds restore points and runs; ``backup_servers`` and ``hierarchy_hosts`` are names, empty for all. ``hierarchy``
    looks for machines that are in no job, ``agents`` and ``replicas`` take computers and replica points in. ``orphans`` takes in
    machines that only a restore point or a run knows.
    """

    lookback_days: float = 7.0
    backup_servers: Tuple[str, ...] = ()
    hierarchy: bool = True
    hierarchy_hosts: Tuple[str, ...] = ()
    agents: bool = True
    replicas: bool = True
    orphans: bool = False

    def check(self) -> None:
        """Raise OptionError for what makes no sense."""
        if not 0 < self.lookback_days <= 3650:
            raise OptionError("lookback_days is %g." % self.lookback_days, advice="Set it to the days to look back, more than 0 and at most 3650.")


def read_machines(session: Session, scope: Scope) -> List[Machine]:
    """Return all machines in the scope, judged. What the account may not read is left out with a warning, and counted as unknown.

    Raises: EmError for whatever else goes wrong: half an answer would look like machines without backup.
    """
    scope.check()
    return _Reader(session, scope).read()


class _Reader:
    """One reading of all machines."""

    def __init__(self, session: Session, scope: Scope) -> None:
        self.session = session
        self.scope = scope
        self.jobs_known = {VIRTUAL_MACHINE: True, COMPUTER: True}
        self.runs = JobRuns()
        self.points: Dict[Machine, Record] = {}
        self.withheld: Dict[str, str] = {}
        self.roots = [root for root in self._all(HIERARCHY_ROOT) or [] if root["id"]]
        self.machines = Machines(self.roots)
        self.contents = JobContents(self.machines)
        # Hosts whose machines have all been seen.
        self.seen_hosts: Set[str] = set()
        # Whether all machines are known, so that reading may end when each has been met.
        self.all_known = False

    def read(self) -> List[Machine]:
        self._read_jobs()
        if self.scope.hierarchy:
            self._read_hierarchies()
        if self.scope.agents:
            self._read_agents()
        closed = {host for job in self.contents.jobs for host in job.closed_roots}
        self.all_known = not (self.scope.orphans or self.contents.some_hidden or closed - self.seen_hosts)
        self._read_runs()
        self._read_points()
        self._read_repositories()
        judge(self.machines, self.contents.jobs, self.jobs_known)
        if self.withheld:
            self.session.warn(
                "The account may not read %s: what they would tell is unknown. %s" % (", ".join(self.withheld), next(iter(self.withheld.values())))
            )
        return list(self.machines)

    # -- asking ---------------------------------------------------------------------------------------------

    def _all(self, resource: Resource, narrowed: Optional[Mapping[str, Any]] = None) -> Optional[List[Record]]:
        """Return all records of a kind on the wanted backup servers; None where the account may not read them, or the server is too old for them."""
        try:
            return read(self.session, resource, Selection(filter=self._filter(resource, narrowed)), counted=False).records
        except (MissingRight, NotFound, OptionError, ServerError) as error:
            self._excuse(error, resource)
        return None

    def _excuse(self, error: EmError, resource: Resource) -> None:
        """Take note of what the account may not read; what a server is too old for is not there. Raises the error again when it is neither."""
        if isinstance(error, MissingRight):
            self.withheld[resource.titles] = error.advice
        elif resource.since == Resource.since or not (isinstance(error, OptionError) or error.status in NOT_KNOWN_THERE):
            raise error

    def _filter(self, resource: Resource, narrowed: Optional[Mapping[str, Any]] = None) -> Dict[str, Any]:
        filters = dict(narrowed or {})
        if self.scope.backup_servers and any(item.name == "backup_server_name" for item in resource.filter_fields()):
            filters["backup_server_name"] = list(self.scope.backup_servers)
        return filters

    def _since(self, margin_days: float = 0.0) -> Dict[str, Any]:
        moment = self.session.server_now().astimezone(timezone.utc) - timedelta(days=self.scope.lookback_days + margin_days)
        return {"creation_time": {"ge": moment.strftime("%Y-%m-%dT%H:%M:%SZ")}}

    # -- jobs -----------------------------------------------------------------------------------------------

    def _read_jobs(self) -> None:
        for resource in (JOB, CDP_POLICY):
            records = self._all(resource)
            if records is None and resource.titles in self.withheld:
                self.jobs_known[VIRTUAL_MACHINE], self.contents.some_hidden = False, True
            for record in records or []:
                self.contents.add_job(record, makes_points=resource is JOB)
        references = list(self.contents.containers)
        for reference, expansion in zip(references, in_parallel(self.session, self._expand, references)):
            self.contents.fill(reference, expansion.machines, not expansion.unknown)

    def _expand(self, reference: str) -> hierarchy.Expansion:
        closed = hierarchy.Expansion([], [reference])
        if not self._may_look_up:
            return closed
        try:
            return hierarchy.expand(self.session, [reference])
        except OptionError:  # no reference that could be asked for
            return closed
        except MissingRight as error:
            self._excuse(error, HIERARCHY_ITEM)
            return closed

    @property
    def _may_look_up(self) -> bool:
        return HIERARCHY_ITEM.titles not in self.withheld

    # -- what there is --------------------------------------------------------------------------------------

    def _read_hierarchies(self) -> None:
        wanted = {name.casefold() for name in self.scope.hierarchy_hosts}
        strangers = wanted - {(root["name"] or "").casefold() for root in self.roots}
        if strangers:
            known = ", ".join(sorted(root["name"] or "?" for root in self.roots)) or "none"
            raise OptionError("No virtualization host is called %s." % ", ".join(sorted(strangers)), advice="Known hosts: %s." % known)
        roots = [root for root in self.roots if not wanted or (root["name"] or "").casefold() in wanted]
        for root, items in zip(roots, in_parallel(self.session, self._items_of, roots)):
            if items is None:
                continue
            self.seen_hosts.add(self.machines.host(root["id"]))
            self.contents.add_hierarchy(root, items)

    def _items_of(self, root: Record) -> Optional[List[Record]]:
        """Return the machines of a virtualization host, None where it does not tell them."""
        if not self._may_look_up:
            return None
        try:
            return hierarchy.objects_of_host(self.session, hierarchy.uid_of_root(root["id"]))
        except MissingRight as error:
            self._excuse(error, HIERARCHY_ITEM)
        except (NotFound, ServerError) as error:
            self.session.warn("The hierarchy of %s could not be read, so its machines in no job are not known. %s" % (root["name"], error.message))
        return None

    def _read_agents(self) -> None:
        jobs, groups, computers = self._all(AGENT_JOB), self._all(PROTECTION_GROUP), self._all(DISCOVERED_COMPUTER)
        self.jobs_known[COMPUTER] = jobs is not None
        self.contents.add_agents(jobs or [], groups or [], computers)

    # -- what happened --------------------------------------------------------------------------------------

    def _read_runs(self) -> None:
        for resource in (BACKUP_SESSION,) + ((REPLICA_SESSION,) if self.scope.replicas else ()):
            for record in self._all(resource, self._since(_MARGIN_DAYS)) or []:
                self.runs.take(record)
        self.contents.take_runs(self.runs)
        self._read_newest(BACKUP_TASK_SESSION, {"state": COMPLETED}, self._take_run, VIRTUAL_MACHINE, COMPUTER)
        if self.scope.replicas:
            self._read_newest(REPLICA_TASK_SESSION, {"state": COMPLETED}, self._take_run, VIRTUAL_MACHINE)

    def _take_run(self, record: Record) -> Optional[Machine]:
        name, kind = self.runs.of(record)
        if kind in OTHER_RUNS or (kind == AGENT_JOB_TYPE and not self.scope.agents):
            return None
        machine = self._machine_of(record, record.get("vm_uid"), COMPUTER if kind == AGENT_JOB_TYPE else VIRTUAL_MACHINE)
        # Where not everything is read, what older runs tell would depend on the pages that happened to be read.
        if machine is not None and (machine.take_run(record) or not self.all_known) and name:
            machine.jobs.add(name)
        return machine

    def _read_points(self) -> None:
        self._read_newest(VM_RESTORE_POINT, {}, self._take_point, VIRTUAL_MACHINE)
        if self.scope.replicas:
            self._read_newest(VM_REPLICA_POINT, {}, self._take_point, VIRTUAL_MACHINE)
        if self.scope.agents:
            self._read_newest(AGENT_RESTORE_POINT, {}, self._take_point, COMPUTER)

    def _take_point(self, record: Record) -> Optional[Machine]:
        kind = COMPUTER if record["type"] == AGENT_RESTORE_POINT.type else VIRTUAL_MACHINE
        machine = self._machine_of(record, record.get("hierarchy_obj_ref"), kind)
        if machine is None or record["creation_time"] is None:
            return machine
        machine.take_point(record["creation_time"])
        if machine.newest_restore_point == record["creation_time"] and record.get("restore_point"):
            self.points[machine] = record["restore_point"]
        return machine

    def _machine_of(self, record: Record, reference: Optional[str], kind: str) -> Optional[Machine]:
        name, server = name_of(record), server_of(record)
        found = self.machines.find(reference, name, server, kind)
        if found is None and not self.all_known and name:
            return self.machines.add(reference or "", name, server, kind)
        return found

    def _read_newest(self, resource: Resource, narrowed: Mapping[str, Any], take: Callable[[Record], Optional[Machine]], *kinds: str) -> None:
        """Read records, the newest first, until every machine of the kinds has been met; the last few are asked for by name."""
        wanted = {machine for machine in self.machines if machine.kind in kinds} if self.all_known else None
        can_be_named = any(item.name == _DISPLAY_NAME for item in resource.filter_fields())
        asking = _ByText(_DISPLAY_NAME, lambda machine: str(machine.name)) if can_be_named else None

        def met(record: Record) -> Tuple[Optional[Machine], bool]:
            return take(record), bool(record.get(_DISPLAY_NAME))

        try:
            _read_until_met(self.session, resource, self._filter(resource, {**self._since(), **narrowed}), wanted, met, asking)
        except (MissingRight, NotFound, ServerError) as error:
            self._excuse(error, resource)

    # -- repositories ---------------------------------------------------------------------------------------

    def _read_repositories(self) -> None:
        """Find the repositories of a machine: that of its newest restore point, and those of the backups that are called as its jobs are."""
        backups = self._all(BACKUP) or []
        backups = [record for record in backups if record["repository"] and record["repository"]["name"]]
        by_id = {record["id"]: record["repository"]["name"] for record in backups}
        by_name: Dict[Tuple[str, str], Set[str]] = {}
        for record in backups:
            by_name.setdefault((server_of(record), record["name"] or ""), set()).add(record["repository"]["name"])
        backup_of = self._backups_of({point["id"] for point in self.points.values()})
        for machine, point in self.points.items():
            repository = by_id.get(backup_of.get(point["id"], ""))
            if repository:
                machine.repositories.add(repository)
        for job in self.contents.jobs:
            for machine in job.machines | job.members:
                machine.repositories |= by_name.get((job.server, job.name), set())

    def _backups_of(self, point_ids: Set[str]) -> Dict[str, str]:
        """Return the backup of each restore point, by ids."""
        found: Dict[str, str] = {}

        def met(record: Record) -> Tuple[Optional[str], bool]:
            if record["backup"]:
                found[record["id"]] = record["backup"]["id"]
            return record["id"], True

        if point_ids:
            filters = self._filter(RESTORE_POINT, self._since(_MARGIN_DAYS))
            try:
                _read_until_met(self.session, RESTORE_POINT, filters, point_ids, met, _ByText("uid", str))
            except MissingRight as error:
                self._excuse(error, RESTORE_POINT)
        return found


@dataclass(frozen=True)
class _ByText:
    """How to ask for some things of many: by which field, and what it holds for a thing."""

    field: str
    text: Callable[[Any], str]

    def parts(self, things: Iterable[Any]) -> Iterator[List[Any]]:
        """Yield the things in parts whose texts fit in an address together."""
        part: List[Any] = []
        length = 0
        for thing in things:
            own = len(quote(self.text(thing), errors="surrogatepass")) + _LENGTH_OF_A_TERM
            if part and length + own > _LENGTH_OF_A_FILTER:
                yield part
                part, length = [], 0
            part.append(thing)
            length += own
        if part:
            yield part


def _read_until_met(
    session: Session,
    resource: Resource,
    filters: Mapping[str, Any],
    wanted: "Optional[Set[Any]]",
    met: Callable[[Record], "Tuple[Any, bool]"],
    asking: Optional[_ByText],
) -> None:
    """Read page by page, the newest first, until everything that is wanted has been met, or to the end.

    When a page met fewer new things than a request for some of the missing ones would, and these requests are fewer than the pages
    that are left, the missing ones are asked for.

    Args:
        wanted: what is to be met; None to read to the end.
        met: takes a record; returns what it is about, and whether that could be asked for.
        asking: how to ask for what is missing, None where there is no way.
    """
    (request,) = queries_for(resource, Selection(filter=filters, sort="-creation_time"))
    missing = set(wanted or ())
    can_ask = asking is not None
    number = 1
    while True:
        page = query_page(session, resource, request, PAGE_SIZE, number)
        before = len(missing)
        for record in decoded(session, resource, page, links=False):
            thing, can_be_asked_for = met(record)
            missing.discard(thing)
            can_ask = can_ask and can_be_asked_for
        left = page.count - page.number
        if left < 1 or (wanted is not None and not missing):
            return
        if wanted is not None and can_ask and asking is not None and before - len(missing) < len(next(asking.parts(missing))):
            parts = list(asking.parts(missing))
            if len(parts) < left:
                for part in parts:
                    narrowed = {**filters, asking.field: [asking.text(thing) for thing in part]}
                    _read_until_met(session, resource, narrowed, set(part), met, None)
                return
        number += 1


def clock_difference(session: Session) -> float:
    """Return how many seconds the clock of the server is ahead of ours; negative when it is behind."""
    return (session.server_now() - datetime.now(timezone.utc)).total_seconds()
