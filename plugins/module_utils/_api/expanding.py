# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""References followed to the records they lead to, each record read once. Private to this collection.

A reference ``{id, uid, name, type}`` gains ``record``: what it leads to, null when that is gone or may not be read. One that
leads back to a record it stands in stays as it is, and so do references to what has no address of its own by GUID.
"""

from __future__ import annotations

import functools
import json
import os
from dataclasses import dataclass
from typing import Any, BinaryIO, Dict, FrozenSet, Iterator, List, Mapping, Optional, Sequence, Set, Tuple

from .entities._model import Resource
from .entities.registry import BY_TYPE, RESOURCES
from .errors import AuthenticationError, EmError, Interrupted
from .estate import trimmed
from .estate_plan import Plan, why_not
from .parallel import Crew
from .reading import ALTERNATIVES_AT_ONCE, Record, read
from .selecting import Selection
from .session import Session
from .sinks import Position, Sink, as_bytes
from .whole_file import file_errors
from .wire import is_guid

Key = Tuple[str, str]  # type and id
Wanted = Mapping[str, Set[str]]  # ids by the type that references say
_READ_AHEAD = 16 * 1024
_REMEMBERED = 256
# Records that are expanded at a time: with all that they refer to they are many times their size.
_AT_ONCE = 100


def _may_be_target(resource: Resource) -> bool:
    return resource.key == "uid" and bool(resource.sources) and not why_not(resource)


# What a reference of a type may lead to, the likeliest first: jobs of agents and file shares are sometimes called jobs.
_TARGETS: Dict[str, Tuple[Resource, ...]] = {
    word: tuple(sorted((one for one in RESOURCES if _may_be_target(one) and word in one.uid_types), key=lambda one: one.type != word))
    for word in {word for resource in RESOURCES if _may_be_target(resource) for word in resource.uid_types}
}


def targets_of(reference: Any) -> Tuple[Resource, ...]:
    """Return the kinds of which one is what a reference leads to, none for what cannot be followed."""
    if not isinstance(reference, Mapping) or not is_guid(reference.get("id") or ""):
        return ()
    return _TARGETS.get(reference.get("type") or "", ())


def references_in(resource: Resource, record: Record) -> Iterator[Tuple[str, Any]]:
    """Yield the keys of a record under which references stand, with one reference or a list of them."""
    for name in (reference.name for reference in resource.references):
        if record.get(name):
            yield name, record[name]


def wanted_by(resource: Resource, records: Sequence[Record]) -> Wanted:
    """Return what the references of records lead to, as far as they can be followed."""
    wanted: Dict[str, Set[str]] = {}
    for record in records:
        for _name, value in references_in(resource, record):
            for reference in value if isinstance(value, list) else [value]:
                if targets_of(reference):
                    wanted.setdefault(reference["type"], set()).add(reference["id"])
    return wanted


@dataclass(frozen=True)
class _Prepared:
    """Records ready for the shelf, with where their references lead to."""

    records: Sequence[Any]  # records, or their bytes where the shelf is a file
    ids: Sequence[str]
    wanted: Wanted


class Shelf:
    """Records in the order in which they came, each to be found by type and id. This one holds them in memory."""

    def __init__(self) -> None:
        self._places: Dict[str, Dict[str, Any]] = {}
        self._chosen: List[Tuple[Resource, Position, Sequence[Record]]] = []

    def encoded(self, resource: Resource, records: Sequence[Record]) -> Sequence[Any]:
        """Return the records in the form that ``put`` takes; called by any thread."""
        return records

    def put(self, resource: Resource, position: Position, records: Sequence[Any], ids: Sequence[str], chosen: bool) -> None:
        """Keep records. Those that are not ``chosen`` are there for references only."""
        self._places.setdefault(resource.type, {}).update(zip(ids, records))
        if chosen:
            self._chosen.append((resource, position, records))

    def knows(self, key: Key) -> bool:
        """Tell whether a record is there, or known to be nowhere."""
        return key[1] in self._places.get(key[0], {})

    def mark_missing(self, key: Key) -> None:
        """Take note that a record cannot be had."""
        self._places.setdefault(key[0], {})[key[1]] = None

    def holds(self, key: Key) -> bool:
        """Tell whether a record is there."""
        return self._places.get(key[0], {}).get(key[1]) is not None

    def find(self, key: Key) -> Optional[Record]:
        """Return a record, None for one that cannot be had; once all are there."""
        found: Optional[Record] = self._places.get(key[0], {}).get(key[1])
        return found

    def chosen(self) -> Iterator[Tuple[Resource, Position, Sequence[Record]]]:
        """Yield the chosen records by and by."""
        yield from self._chosen


class ShelfInFile(Shelf):
    """Holds the records in a file and their places in memory: some 200 bytes for each record."""

    def __init__(self, file: BinaryIO, beside: Any) -> None:
        super().__init__()
        self._file = file
        self._beside = beside
        self._end = 0
        self._decoded = functools.lru_cache(_REMEMBERED)(self._record_at)

    def encoded(self, resource: Resource, records: Sequence[Record]) -> Sequence[Any]:
        return [as_bytes(record) + b"\n" for record in records]

    def put(self, resource: Resource, position: Position, records: Sequence[Any], ids: Sequence[str], chosen: bool) -> None:
        places = self._places.setdefault(resource.type, {})
        head = ("%s %d %d\n" % (resource.type, chosen, len(records))).encode("ascii")
        with file_errors(self._beside):
            self._file.write(head)
            self._file.writelines(records)
        self._end += len(head)
        for identity, line in zip(ids, records):
            places[identity] = self._end
            self._end += len(line)

    def find(self, key: Key) -> Optional[Record]:
        place = self._places.get(key[0], {}).get(key[1])
        return None if place is None else self._decoded(place)

    def _record_at(self, place: int) -> Record:
        line = piece = os.pread(self._file.fileno(), _READ_AHEAD, place)
        while piece and b"\n" not in piece:
            piece = os.pread(self._file.fileno(), _READ_AHEAD, place + len(line))
            line += piece
        record: Record = json.loads(line.partition(b"\n")[0])
        return record

    def chosen(self) -> Iterator[Tuple[Resource, Position, Sequence[Record]]]:
        with file_errors(self._beside):
            self._file.flush()
            self._file.seek(0)
        for head in self._file:
            entity_type, chosen, count = head.decode("ascii").split()
            for start in range(0, int(count), _AT_ONCE):
                lines = [self._file.readline() for _number in range(min(_AT_ONCE, int(count) - start))]
                if int(chosen):
                    yield BY_TYPE[entity_type], (0,), [json.loads(line) for line in lines]


@dataclass
class Followed:
    """What following references took: records and requests beside those of the estate itself, and records that could not be had."""

    records: int = 0
    requests: int = 0
    missing: int = 0


class Expanding(Sink):
    """Keeps the estate on a shelf until all is read, then hands it on with every reference followed."""

    def __init__(self, plan: Plan, shelf: Shelf, onward: Sink) -> None:
        self._plan = plan
        self._shelf = shelf
        self._onward = onward
        self._wanted: Dict[str, Set[str]] = {}
        self._failures: List[EmError] = []
        self.followed = Followed()

    def prepare(self, resource: Resource, records: Sequence[Record]) -> _Prepared:
        return _Prepared(self._shelf.encoded(resource, records), [record["id"] for record in records], wanted_by(resource, records))

    def take(self, resource: Resource, position: Position, prepared: Any, chosen: bool = True) -> None:
        self._shelf.put(resource, position, prepared.records, prepared.ids, chosen)
        for word, ids in prepared.wanted.items():
            self._wanted.setdefault(word, set()).update(ids)

    def hand_on(self, session: Session) -> None:
        """Read what is referred to and not there, level by level, then hand everything on. Raises as ``read_estate`` does."""
        for _level in range(self._plan.expand):
            wanted, self._wanted = self._wanted, {}
            for word, ids in wanted.items():
                self._read_missing(session, _TARGETS[word], ids)
            del wanted
        if self._failures:
            session.warn("Some references could not be followed: %s" % self._failures[0])
        for resource, position, records in self._shelf.chosen():
            expanded = [self._expanded(resource, record, self._plan.expand, frozenset({(resource.type, record["id"])})) for record in records]
            self._onward.take(resource, position, self._onward.prepare(resource, expanded))

    def _read_missing(self, session: Session, kinds: Sequence[Resource], wanted: Set[str]) -> None:
        """Read what is not there, as the likeliest kind of thing first and then as the next one."""
        for kind in kinds:
            unknown = sorted(identity for identity in wanted if not self._shelf.knows((kind.type, identity)) and not self._holds(kinds, identity))
            self._read(session, kind, unknown)
        self.followed.missing += sum(not self._holds(kinds, identity) for identity in wanted)

    def _holds(self, kinds: Sequence[Resource], identity: str) -> bool:
        return any(self._shelf.holds((kind.type, identity)) for kind in kinds)

    def _find(self, kinds: Sequence[Resource], identity: str) -> Tuple[Optional[Resource], Optional[Record]]:
        for kind in kinds:
            found = self._shelf.find((kind.type, identity))
            if found is not None:
                return kind, found
        return None, None

    def _read(self, session: Session, resource: Resource, unknown: Sequence[str]) -> None:
        """Read records by id, as many with one query as its address takes."""
        # What the query service does not know is read whole anyway, so its ids stay together.
        size = ALTERNATIVES_AT_ONCE if "query" in resource.sources else max(len(unknown), 1)

        def perform(ids: Sequence[str]) -> Tuple[Sequence[str], _Prepared, int]:
            sent = session.requests_sent_here
            try:
                records = read(session, resource, Selection(ids=tuple(ids), links=self._plan.links), counted=False).records
            except (AuthenticationError, Interrupted):
                raise
            except EmError as error:
                self._failures.append(error)
                records = []
            kept = [trimmed(record, self._plan.kept.get(resource.type)) for record in records]
            return ids, self.prepare(resource, kept), session.requests_sent_here - sent

        if not unknown:
            return
        with Crew(perform, self._plan.workers, session.check_interrupted) as crew:
            for start in range(0, len(unknown), size):
                crew.add(unknown[start : start + size])
            for ids, prepared, requests in crew:
                self.take(resource, (), prepared, chosen=False)
                for identity in set(ids).difference(prepared.ids):
                    self._shelf.mark_missing((resource.type, identity))
                self.followed.records += len(prepared.ids)
                self.followed.requests += requests

    def _expanded(self, resource: Resource, record: Record, depth: int, above: FrozenSet[Key]) -> Record:
        if not depth:
            return record
        expanded = dict(record)
        for name, value in references_in(resource, record):
            several = isinstance(value, list)
            followed = [self._with_record(reference, depth, above) for reference in (value if several else [value])]
            expanded[name] = followed if several else followed[0]
        return expanded

    def _with_record(self, reference: Record, depth: int, above: FrozenSet[Key]) -> Record:
        kinds = targets_of(reference)
        if not kinds:
            return reference
        kind, found = self._find(kinds, reference["id"])
        if kind is None or found is None:
            return {**reference, "record": None}
        key = (kind.type, reference["id"])
        return reference if key in above else {**reference, "record": self._expanded(kind, found, depth - 1, above | {key})}
