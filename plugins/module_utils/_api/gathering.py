# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads what an audit looks at in one log-on session, and keeps what each record came from. Private to this collection.

Kinds of record are read as for an estate; then the virtualization hosts and the containers of jobs are looked up. What could not be read is
told, with the reason, and stops nothing else.
"""

from __future__ import annotations

import hashlib
import marshal
import threading
import zlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any, Callable, Collection, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple

from . import hierarchy, wire
from .addresses import Address
from .entities._model import Resource
from .entities.registry import FAMILIES, RESOURCES
from .entities.security import SECURITY_SETTINGS
from .entities.service import LOGON_SESSION, SERVICE
from .errors import AuthenticationError, EmError, Interrupted, MissingRight, NotFound, OptionError, ServerError
from .estate import read_estate
from .estate_plan import ALWAYS_KEPT, Plan, keys_of, why_not
from .hierarchy_names import is_machine
from .job_contents import CLOSED_CONTAINERS, CONTAINER_MACHINES, HIERARCHY_MACHINES, entries_of
from .logons import SHOWN_LOGON_SESSION, read_logon_sessions
from .parallel import DEFAULT_WORKERS, in_parallel
from .places import place_of
from .session import Session
from .sharing import Extract, Sharing
from .sinks import Position, Sink
from .transport import Answer, encode_query
from .versions import NOT_KNOWN_THERE, came_later, product_of

Record = Dict[str, Any]

# What is looked up, with the kinds and fields that tell where to look.
LOOKED_UP: Mapping[str, Mapping[str, Tuple[str, ...]]] = {
    HIERARCHY_MACHINES: {"hierarchy_roots": (*ALWAYS_KEPT, "name")},
    CONTAINER_MACHINES: {"jobs": ("job_info",), "cdp_policies": ("cdp_policy_info",)},
    CLOSED_CONTAINERS: {"jobs": ("job_info",), "cdp_policies": ("cdp_policy_info",)},
}

# File share backup came with 10, continuous data protection with 11: the API told of them at once. Other kinds were there before it told of them.
_NEW_WITH_THEIR_RELEASE = frozenset(resource.type for family in ("cdp", "nas") for resource in FAMILIES[family])
_FAST = 1  # level of compression
_KIND_WITHHELD = "Answers of this kind hold secrets."
_TELLING_WITHHELD = "It names the log-on session or holds the password."


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
    """Where answers and records are kept as they come; this one keeps none."""

    def take_answer(self, heard: Heard, body: bytes) -> None:
        """Take an answer that may be kept. Called by several threads at once."""

    def pack(self, kind: str, records: Sequence[Record]) -> Any:
        """Return records of a kind, with the number of their answer in them, in the form that ``take_records`` wants. Called by several threads at once."""

    def take_records(self, kind: str, position: Position, packed: Any) -> None:
        """Take packed records. ``position`` orders those of one kind. Called by one thread."""


@dataclass
class Lack:
    """Why a kind could not be read. ``refused`` says that the account may not, or the server cannot, and so nothing went wrong."""

    refused: bool
    reason: str


@dataclass(frozen=True)
class ServerNotes:
    """What the service tells of itself and of the account.

    ``product`` is the release that the newest version of its API came with, such as "12 or later": a build number is told nowhere.
    ``sees_all`` is None where nobody could tell, and ``scope`` the sentence about it. ``certificate_ends`` is a time in UTC.
    """

    product: str = ""
    api_version: str = ""
    account: str = ""
    roles: Tuple[str, ...] = ()
    sees_all: Optional[bool] = None
    scope: str = ""
    certificate_ends: Optional[str] = None


@dataclass
class Gathered:
    """Records by kind, what could not be read, and every answer.

    ``began`` is the server's time at the beginning, ``kinds`` are all that were asked for, those for the store included.
    """

    began: datetime
    notes: ServerNotes = ServerNotes()
    kinds: Tuple[str, ...] = ()
    collections: Dict[str, List[Record]] = field(default_factory=dict)
    lacks: Dict[str, Lack] = field(default_factory=dict)
    answers: List[Heard] = field(default_factory=list)


class Ear:
    """Numbers answers as they come, from 1 on; ``observe`` is for the ``Session``."""

    def __init__(self, store: Store) -> None:
        self.heard: List[Heard] = []
        # Numbers of answers in which secrets of our own stand, so that records made from them have to be masked.
        self.telling: Dict[int, bool] = {}
        self._store = store
        self._lock = threading.Lock()
        self._here = threading.local()
        self._holds_secret: Callable[[bytes], bool] = lambda body: False

    def mind(self, holds_secret: Callable[[bytes], bool]) -> None:
        """Keep no body of which the function says that a secret stands in it."""
        self._holds_secret = holds_secret

    @property
    def last_here(self) -> int:
        """Number of the last answer that the calling thread got, 0 before the first."""
        return int(getattr(self._here, "number", 0))

    def observe(self, answer: Answer, parameters: Mapping[str, str]) -> None:
        """Take note of an answer; hashing, and what the store does, go side by side with those of other threads."""
        told = self._holds_secret(answer.body)
        withheld = _KIND_WITHHELD if _is_secret(answer.path, parameters) else _TELLING_WITHHELD if told else ""
        digest = hashlib.sha256(answer.body).hexdigest()
        url = "/api" + answer.path + ("?" + encode_query(parameters) if parameters else "")
        with self._lock:
            number = len(self.heard) + 1
            heard = Heard(number, url, answer.status, answer.content_type, digest, len(answer.body), _time_of(answer), withheld)
            self.heard.append(heard)
            self.telling[number] = told
        if not withheld:
            self._store.take_answer(heard, answer.body)
        self._here.number = number


def _time_of(answer: Answer) -> str:
    return "" if answer.server_time is None else _stamp(datetime.fromtimestamp(answer.server_time, timezone.utc))


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _is_secret(path: str, parameters: Mapping[str, str]) -> bool:
    """Tell whether answers there hold passwords, or ids of log-on sessions, which are as good as tokens."""
    try:
        place = place_of(Address(path, parameters))
    except EmError:
        return False
    return place is not None and (bool(place.resource.dropped) or place.resource.type == LOGON_SESSION.type)


class _Kept(Sink):
    """Marks records with the number of their answer, gives them to the store whole and keeps the wanted fields in hand."""

    def __init__(self, session: Session, ear: Ear, store: Store, held: Mapping[str, Extract], mark: str) -> None:
        self._session, self._ear, self._store, self._held, self._mark = session, ear, store, held, mark
        self._sharing = Sharing()
        # Pages packed: their records, made between the many short-lived things of the decoding, would scatter over twice the memory.
        self._found: Dict[str, List[Tuple[Position, bytes]]] = {}

    def prepare(self, resource: Resource, records: Sequence[Record]) -> Any:
        marked = self.marked(records)
        held = self._held.get(resource.plural)
        in_hand = [held.of(record) for record in marked] if held else []
        return zlib.compress(marshal.dumps(in_hand), _FAST), self._store.pack(resource.plural, marked)

    def marked(self, records: Sequence[Record]) -> Sequence[Record]:
        """Return records that this thread has just read, with the number of their answer, and without secrets of our own."""
        number = self._ear.last_here
        if self._ear.telling.get(number):
            records = [_masked(record, self._session.without_secrets) for record in records]
        for record in records:
            record[self._mark] = number
        return records

    def take(self, resource: Resource, position: Position, prepared: Any) -> None:
        in_hand, packed = prepared
        self._store.take_records(resource.plural, position, packed)
        self._found.setdefault(resource.plural, []).append((position, in_hand))

    def records_of(self, kind: str) -> List[Record]:
        """Return the records of a kind in the order of the server, and hold them no more."""
        pages = sorted(self._found.pop(kind, []), reverse=True)
        records: List[Record] = []
        while pages:
            records.extend(map(self._sharing.shared, marshal.loads(zlib.decompress(pages.pop()[1]))))  # noqa: S302 - we wrote it
        return records


def _masked(value: Any, without_secrets: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return without_secrets(value)
    if isinstance(value, list):
        return [_masked(item, without_secrets) for item in value]
    if isinstance(value, dict):
        return {name: _masked(item, without_secrets) for name, item in value.items()}
    return value


def gather(
    session: Session,
    ear: Ear,
    store: Store,
    fields: Mapping[str, Sequence[str]],
    lookback_days: Mapping[str, float],
    mark: str,
    workers: int = DEFAULT_WORKERS,
    for_store: Iterable[str] = (),
) -> Gathered:
    """Return the records of the kinds, each with the number of its answer.

    Args:
        session: made with ``ear.observe``.
        fields: the fields to hold in hand by kind (plural), besides the looked-up kinds, as ``Extract`` wants them; the store gets all.
        lookback_days: how far back to read a kind of things that come with time; a kind that is missing is read whole.
        mark: the key for the number of the answer.
        for_store: further kinds, of which nothing is held in hand.
    Raises: AuthenticationError, Interrupted; what the first kind met when none could be read; OptionError for a kind that nobody knows;
        what the store raises.
    """
    further = set(for_store) - set(fields)
    in_hand = _with_sources({**fields, **dict.fromkeys(further & set(LOOKED_UP), ())})
    wanted = _known_kinds({*in_hand, *further})
    ear.mind(session.holds_secret)
    if not session.is_shared:
        session.log_on()
    gathered = Gathered(session.server_now(), answers=ear.heard)
    gathered.notes = _notes_of(session)
    held = {kind: Extract((mark, *names)) for kind, names in {**dict.fromkeys(further, ()), **in_hand}.items()}
    since = {resource.type: _stamp(gathered.began - timedelta(days=lookback_days[resource.plural])) for resource in wanted if resource.plural in lookback_days}
    sink = _Kept(session, ear, store, {kind: extract for kind, extract in held.items() if kind in in_hand}, mark)
    for report in read_estate(session, Plan(wanted, workers=workers, since_by_type=since), sink) if wanted else ():
        gathered.collections[report.resource.plural] = sink.records_of(report.resource.plural)
        if report.error is not None and not _cannot_be_yet(gathered.notes.product, report.resource, report.error):
            gathered.lacks[report.resource.plural] = _lack_of(report.resource, report.error)
    _LookingUp(session, sink, store, gathered, workers).run(held)
    gathered.kinds = tuple(gathered.collections)
    gathered.collections = {kind: records for kind, records in gathered.collections.items() if kind in fields}
    return gathered


def _known_kinds(kinds: Collection[str]) -> Tuple[Resource, ...]:
    """Return the kinds that are read as an estate is. Raises OptionError for one that is neither that nor looked up."""
    known = tuple(resource for resource in RESOURCES if resource.plural in kinds and not why_not(resource))
    strangers = sorted(set(kinds) - {resource.plural for resource in known} - set(LOOKED_UP) - {LOGON_SESSION.plural})
    if strangers:
        raise OptionError("Nothing is known of the kinds %s." % ", ".join(strangers))
    return known


def _with_sources(fields: Mapping[str, Sequence[str]]) -> Dict[str, Tuple[str, ...]]:
    """Return the fields with those that tell where to look up what is to be looked up."""
    found = {kind: tuple(names) for kind, names in fields.items()}
    for kind in set(fields) & set(LOOKED_UP):
        for source, names in LOOKED_UP[kind].items():
            found[source] = (*found.get(source, ()), *names)
    return found


def fields_of(kind: str) -> Sequence[str]:
    """Return every field that records of a kind have. Raises KeyError for an unknown kind."""
    for resource in (SHOWN_LOGON_SESSION, *RESOURCES):
        if resource.plural == kind:
            return keys_of(resource)
    raise KeyError(kind)


def _cannot_be_yet(product: str, resource: Resource, error: EmError) -> bool:
    """Tell whether a kind was refused of which there can be none: backup servers are never newer than their Enterprise Manager."""
    return resource.type in _NEW_WITH_THEIR_RELEASE and came_later(product, resource) and _lack_of(resource, error).refused


def _lack_of(resource: Resource, error: EmError) -> Lack:
    too_old = isinstance(error, OptionError) or (resource.since != Resource.since and error.status in NOT_KNOWN_THERE)
    return Lack(isinstance(error, MissingRight) or too_old, _told(error))


def _told(error: EmError) -> str:
    return " ".join(filter(None, (error.message, error.advice)))


# ---------------------------------------------------------------------------------------------------------
# The service itself


def _notes_of(session: Session) -> ServerNotes:
    """Return what the service tells of itself; what it does not tell is no failure."""
    product, ends = "", None
    try:
        answer = session.get("/")
        ends = answer.certificate_ends
        product = product_of(version["name"] for version in wire.record_of(session.parsed(answer), SERVICE)["supported_versions"])
    except (AuthenticationError, Interrupted):
        raise
    except EmError:
        pass
    sees_all, scope = _scope_of(session)
    return ServerNotes(
        product=product,
        api_version=session.api_version,
        account=session.options.username if session.is_shared else session.log_on().user_name,
        roles=SECURITY_SETTINGS.roles if sees_all else (),
        sees_all=sees_all,
        scope=scope,
        certificate_ends=ends,
    )


def _scope_of(session: Session) -> Tuple[Optional[bool], str]:
    """Return whether the account sees everything: only who may read the security settings is sure to."""
    try:
        session.get(SECURITY_SETTINGS.path, roles=SECURITY_SETTINGS.roles)
    except MissingRight:
        role = " or ".join(SECURITY_SETTINGS.roles)
        return False, "The account has not the role %s, and may be shown a part of the estate only." % role
    except (AuthenticationError, Interrupted):
        raise
    except EmError as error:
        return None, "Whether the account sees the whole estate could not be found out. %s" % error.message
    return True, ""


# ---------------------------------------------------------------------------------------------------------
# What the hierarchy holds


class _LookingUp:
    """Asks the hosts for their machines, the containers of jobs for what is in them, and who is logged on."""

    def __init__(self, session: Session, sink: _Kept, store: Store, gathered: Gathered, workers: int) -> None:
        self._session, self._sink, self._store, self._gathered, self._workers = session, sink, store, gathered, workers
        self._wanted: Mapping[str, Extract] = {}

    def run(self, wanted: Mapping[str, Extract]) -> None:
        """Look up those of the wanted kinds that are looked up, and hold what is wanted of them in hand."""
        self._wanted = wanted
        if HIERARCHY_MACHINES in wanted:
            self._keep(HIERARCHY_MACHINES, self._machines_of_hosts())
        if CONTAINER_MACHINES in wanted or CLOSED_CONTAINERS in wanted:
            machines, closed = self._contents_of_containers()
            self._keep(CONTAINER_MACHINES, machines)
            self._keep(CLOSED_CONTAINERS, closed)
        if LOGON_SESSION.plural in wanted:
            self._keep(LOGON_SESSION.plural, self._logon_sessions())

    def _keep(self, kind: str, records: List[Record]) -> None:
        wanted = self._wanted.get(kind)
        self._gathered.collections[kind] = [wanted.of(record) for record in records] if wanted else []
        self._store.take_records(kind, (1,), self._store.pack(kind, records))

    def _machines_of_hosts(self) -> List[Record]:
        no_hosts = self._gathered.lacks.get("hierarchy_roots")
        if no_hosts:
            self._gathered.lacks[HIERARCHY_MACHINES] = Lack(no_hosts.refused, "The virtualization hosts could not be read. " + no_hosts.reason)
        roots = [root for root in self._gathered.collections["hierarchy_roots"] if root["id"]]
        return [item for items in in_parallel(self._session, self._machines_of_host, roots, self._workers) for item in items]

    def _machines_of_host(self, root: Record) -> List[Record]:
        reference = {name: root.get(name) for name in ("id", "uid", "name", "type")}
        try:
            items = hierarchy.objects_of_host(self._session, hierarchy.uid_of_root(root["id"]))
        except (AuthenticationError, Interrupted):
            raise
        except EmError as error:
            self._miss(HIERARCHY_MACHINES, error, "The machines of the virtualization host %s are not known." % root.get("name"))
            return []
        return [{**item, "hierarchy_root": reference} for item in self._sink.marked([item for item in items if item["object_ref"]])]

    def _contents_of_containers(self) -> Tuple[List[Record], List[Record]]:
        jobs = [record for kind in LOOKED_UP[CONTAINER_MACHINES] for record in self._gathered.collections[kind]]
        references = dict.fromkeys(entry["hierarchy_obj_ref"] for job in jobs for entry in entries_of(job) if entry["hierarchy_obj_ref"])
        containers = [reference for reference in references if not is_machine(reference)]
        found = in_parallel(self._session, self._machines_of_container, containers, self._workers)
        closed = [
            {"id": None, "uid": reference, "type": None, "container": reference} for reference, (_items, is_closed) in zip(containers, found) if is_closed
        ]
        return [item for items, _is_closed in found for item in items], list(self._sink.marked(closed))

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
        return [{**item, "container": reference} for item in self._sink.marked(found.machines)], bool(found.unknown)

    def _logon_sessions(self) -> List[Record]:
        try:
            return list(self._sink.marked(read_logon_sessions(self._session)))
        except (AuthenticationError, Interrupted):
            raise
        except EmError as error:
            self._gathered.lacks[LOGON_SESSION.plural] = _lack_of(LOGON_SESSION, error)
            return []

    def _miss(self, kind: str, error: EmError, consequence: str) -> None:
        refused = isinstance(error, (MissingRight, NotFound)) or (isinstance(error, ServerError) and error.status == 400)
        known = self._gathered.lacks.get(kind)
        if known is None or known.refused:  # what went wrong is graver than what is not allowed
            self._gathered.lacks[kind] = Lack(refused, "%s %s" % (consequence, _told(error)))
