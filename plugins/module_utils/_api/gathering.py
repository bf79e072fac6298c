# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads what an audit looks at in one log-on session, and keeps what each record came from. Private to this collection.

Kinds of record are read as for an estate; then the virtualization hosts and the containers of jobs are looked up. What could not be read is
told, with the reason, and stops nothing else.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Dict, FrozenSet, List, Mapping, Sequence, Tuple

from . import hierarchy
from .entities._model import Resource
from .entities.registry import RESOURCES
from .errors import AuthenticationError, EmError, Interrupted, MissingRight, NotFound, OptionError, ServerError
from .estate import read_estate, trimmed
from .estate_plan import ALWAYS_KEPT, Plan, keys_of
from .hierarchy_names import is_machine
from .job_contents import entries_of
from .parallel import DEFAULT_WORKERS, in_parallel
from .session import Session
from .sinks import Position, Sink
from .transport import Answer, encode_query

Record = Dict[str, Any]

HIERARCHY_MACHINES, CONTAINER_MACHINES, CLOSED_CONTAINERS = "hierarchy_machines", "container_machines", "closed_containers"
LOOKED_UP = (HIERARCHY_MACHINES, CONTAINER_MACHINES, CLOSED_CONTAINERS)

# Answers with which servers that do not know a kind of thing refuse it (API.md section 1 "Errors").
_NOT_KNOWN_THERE = (400, 404, 501)
_HOLDS_SECRETS = "It holds secrets."


@dataclass(frozen=True)
class Heard:
    """One answer of the service: path with parameters, SHA-256 and size (bytes) of the body as it came, the server's time in UTC.

    ``withheld`` says why the body must not be kept, "" where it may.
    """

    number: int
    url: str
    status: int
    content_type: str
    sha256: str
    size: int
    time: str
    withheld: str = ""


class Store:
    """Where answers and records are kept as they come; this one keeps none. Its methods are called by several threads, one at a time."""

    def take_answer(self, heard: Heard, body: bytes) -> None:
        """Take an answer. ``body`` is empty where it must not be kept."""

    def take_records(self, kind: str, records: Sequence[Record]) -> None:
        """Take records of a kind, with the number of their answer in them."""


@dataclass
class Lack:
    """Why a kind could not be read. ``refused`` says that the account may not, or the server cannot, and so nothing went wrong."""

    refused: bool
    reason: str


@dataclass
class Gathered:
    """Records by kind, what could not be read, and every answer. ``began`` is the server's time at the beginning."""

    began: datetime
    collections: Dict[str, List[Record]] = field(default_factory=dict)
    lacks: Dict[str, Lack] = field(default_factory=dict)
    answers: List[Heard] = field(default_factory=list)


class Ear:
    """Numbers answers as they come; ``observe`` is for the ``Session``.

    ``last_here`` is the number of the last answer that the calling thread got, 0 before the first.
    """

    def __init__(self, store: Store) -> None:
        self.heard: List[Heard] = []
        self._store = store
        self._lock = threading.Lock()
        self._here = threading.local()
        self._secret_paths = frozenset(path for resource in RESOURCES if resource.dropped for path in _paths_of(resource))
        self._secret_types = frozenset(resource.query_type for resource in RESOURCES if resource.dropped and resource.query_type)

    @property
    def last_here(self) -> int:
        """Number of the last answer of this thread."""
        return int(getattr(self._here, "number", 0))

    def observe(self, answer: Answer, parameters: Mapping[str, str]) -> None:
        """Take note of an answer."""
        time = "" if answer.server_time is None else datetime.utcfromtimestamp(answer.server_time).strftime("%Y-%m-%dT%H:%M:%SZ")
        url = "/api" + answer.path + ("?" + encode_query(parameters) if parameters else "")
        secret = answer.path.split("/")[1] in self._secret_paths or parameters.get("type") in self._secret_types
        digest = hashlib.sha256(answer.body).hexdigest()
        with self._lock:
            number = len(self.heard) + 1
            heard = Heard(number, url, answer.status, answer.content_type, digest, len(answer.body), time, _HOLDS_SECRETS if secret else "")
            self.heard.append(heard)
            self._store.take_answer(heard, b"" if secret else answer.body)
        self._here.number = number


def _paths_of(resource: Resource) -> List[str]:
    """Return the first part of every path that tells of such things."""
    return [path.split("/")[1] for path in (resource.path, *resource.more_paths)]


class _Kept(Sink):
    """Marks records with the number of their answer, gives them to the store whole and keeps the wanted fields in hand."""

    def __init__(self, ear: Ear, store: Store, kept: Mapping[str, FrozenSet[str]], mark: str) -> None:
        self._ear, self._store, self._kept, self._mark = ear, store, kept, mark
        self._lock = threading.Lock()
        self._same: Dict[Any, Any] = {}
        self._found: Dict[str, List[Tuple[Position, List[Record]]]] = {}

    def prepare(self, resource: Resource, records: Sequence[Record]) -> Any:
        number = self._ear.last_here
        for record in records:
            record[self._mark] = number
        with self._lock:
            self._store.take_records(resource.plural, records)
        return [trimmed(record, self._kept[resource.type]) for record in records]

    def take(self, resource: Resource, position: Position, prepared: Any) -> None:
        self._found.setdefault(resource.plural, []).append((position, [self.shared(record) for record in prepared]))

    def shared(self, record: Record) -> Record:
        """Return the record with equal texts and references held once: a hundred thousand points name a handful of servers."""
        return {name: self._one(value) for name, value in record.items()}

    def _one(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._same.setdefault(value, value)
        if isinstance(value, dict) and len(value) == len(_REFERENCE) and _REFERENCE.issuperset(value):
            return self._same.setdefault((value["type"], value["id"], value["uid"], value["name"]), value)
        return value

    def records_of(self, kind: str) -> List[Record]:
        """Return the records of a kind in the order of the server."""
        return [record for _position, records in sorted(self._found.get(kind, []), key=lambda part: part[0]) for record in records]


_REFERENCE = frozenset(("id", "uid", "name", "type"))


def gather(
    session: Session,
    ear: Ear,
    store: Store,
    fields: Mapping[str, Sequence[str]],
    lookback_days: Mapping[str, float],
    mark: str,
    workers: int = DEFAULT_WORKERS,
) -> Gathered:
    """Return the records of the kinds, each with the number of its answer.

    Args:
        session: made with ``ear.observe``.
        fields: the fields to hold in hand by kind (plural), besides the looked-up kinds; the store gets all.
        lookback_days: how far back to read a kind of things that come with time; a kind that is missing is read whole.
        mark: the key for the number of the answer.
    Raises: AuthenticationError, Interrupted; what the first kind met when none could be read; what the store raises.
    """
    if not session.is_shared:
        session.log_on()
    began = session.server_now()
    wanted = tuple(resource for resource in RESOURCES if resource.plural in fields)
    known = {resource.plural for resource in wanted} | set(LOOKED_UP)
    strangers = sorted(set(fields) - known)
    if strangers:
        raise OptionError("Nothing is known of the kinds %s." % ", ".join(strangers))
    kept = {resource.type: frozenset((*ALWAYS_KEPT, mark, *fields[resource.plural])) for resource in wanted}
    since = {
        resource.type: (began - timedelta(days=lookback_days[resource.plural])).strftime("%Y-%m-%dT%H:%M:%SZ")
        for resource in wanted
        if resource.plural in lookback_days
    }
    sink = _Kept(ear, store, kept, mark)
    gathered = Gathered(began, answers=ear.heard)
    for report in read_estate(session, Plan(wanted, workers=workers, since_by_type=since), sink):
        gathered.collections[report.resource.plural] = sink.records_of(report.resource.plural)
        if report.error is not None:
            gathered.lacks[report.resource.plural] = _lack_of(report.resource, report.error)
    if set(fields) & set(LOOKED_UP):
        _LookingUp(session, ear, store, gathered, mark).run()
    return gathered


def fields_of(kind: str) -> Sequence[str]:
    """Return every field that records of a kind have. Raises KeyError for an unknown kind."""
    for resource in RESOURCES:
        if resource.plural == kind:
            return keys_of(resource)
    raise KeyError(kind)


def _lack_of(resource: Resource, error: EmError) -> Lack:
    too_old = isinstance(error, OptionError) or (resource.since != Resource.since and error.status in _NOT_KNOWN_THERE)
    refused = isinstance(error, MissingRight) or too_old
    return Lack(refused, " ".join(filter(None, (error.message, error.advice))))


class _LookingUp:
    """Asks the hosts for their machines and the containers of jobs for what is in them."""

    def __init__(self, session: Session, ear: Ear, store: Store, gathered: Gathered, mark: str) -> None:
        self._session, self._ear, self._store, self._gathered, self._mark = session, ear, store, gathered, mark

    def run(self) -> None:
        for kind in LOOKED_UP:
            self._gathered.collections[kind] = []
        roots = [root for root in self._gathered.collections.get("hierarchy_roots", []) if root["id"]]
        for items in in_parallel(self._session, self._machines_of_host, roots):
            self._keep(HIERARCHY_MACHINES, items)
        self._expand_containers()
        for kind in LOOKED_UP:
            self._store.take_records(kind, self._gathered.collections[kind])

    def _expand_containers(self) -> None:
        jobs = [record for kind in ("jobs", "cdp_policies") for record in self._gathered.collections.get(kind, [])]
        references = dict.fromkeys(entry["hierarchy_obj_ref"] for job in jobs for entry in entries_of(job) if entry["hierarchy_obj_ref"])
        containers = [reference for reference in references if not is_machine(reference)]
        for reference, (items, closed) in zip(containers, in_parallel(self._session, self._machines_of_container, containers)):
            self._keep(CONTAINER_MACHINES, items)
            if closed:
                self._keep(CLOSED_CONTAINERS, [{"id": None, "uid": reference, "container": reference, self._mark: None}])

    def _keep(self, kind: str, items: Sequence[Record]) -> None:
        self._gathered.collections[kind].extend(items)

    def _machines_of_host(self, root: Record) -> List[Record]:
        reference = {name: root.get(name) for name in ("id", "uid", "name", "type")}
        try:
            items = hierarchy.objects_of_host(self._session, hierarchy.uid_of_root(root["id"]))
        except (AuthenticationError, Interrupted):
            raise
        except EmError as error:
            self._miss(HIERARCHY_MACHINES, error, "The machines of the virtualization host %s are not known." % root.get("name"))
            return []
        return [{**item, "hierarchy_root": reference, self._mark: self._ear.last_here} for item in items if item["object_ref"]]

    def _machines_of_container(self, reference: str) -> Tuple[List[Record], bool]:
        try:
            found = hierarchy.expand(self._session, [reference])
        except (AuthenticationError, Interrupted):
            raise
        except (OptionError, MissingRight, NotFound, ServerError):
            return [], True
        except EmError as error:
            self._miss(CONTAINER_MACHINES, error, "What is in containers of jobs is not known.")
            return [], True
        return [{**item, "container": reference, self._mark: self._ear.last_here} for item in found.machines], bool(found.unknown)

    def _miss(self, kind: str, error: EmError, consequence: str) -> None:
        refused = isinstance(error, (MissingRight, NotFound)) or (isinstance(error, ServerError) and error.status == 400)
        self._gathered.lacks[kind] = Lack(refused, "%s %s %s" % (consequence, error.message, error.advice))
