# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many collections in one log-on session, several requests at a time. Private to this collection.

A kind with a query is read page by page, and pages of all kinds side by side; the page is what is held in memory, decoded
and written. What the query service does not know comes whole. One kind that cannot be read does not stop the others.
Source: WIRE.md sections 0 and 4 (paging), API.md section 1 (roles, which decide what an account may read).
"""

from __future__ import annotations

import copy
import time
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Dict, FrozenSet, List, Mapping, Optional, Sequence, Set, Tuple

from . import selecting
from .entities._model import Resource
from .errors import AuthenticationError, ConnectError, EmError, Interrupted, MissingRight, NotFound
from .estate_plan import Plan, parent_of
from .parallel import Crew
from .reading import PAGE_SIZE, Once, Record, decoded, get_entity, get_list, path_below, queries_for, query_page, read, read_entity
from .selecting import Selection
from .session import Session
from .sinks import Sink
from .versions import lack_of


@dataclass
class Report:
    """What came of one kind. ``seconds`` adds up the requests, which overlap; ``truncated`` says that records are missing."""

    resource: Resource
    records: int = 0
    requests: int = 0
    seconds: float = 0.0
    truncated: bool = False
    error: Optional[EmError] = None

    def as_entry(self) -> Dict[str, Any]:
        """Return the report as part of a result."""
        return {
            "kind": self.resource.plural,
            "records": self.records,
            "requests": self.requests,
            "seconds": round(self.seconds, 3),
            "truncated": self.truncated,
            "error": None if self.error is None else {"msg": str(self.error), **self.error.as_result()["error"]},
        }


@dataclass(frozen=True)
class _Found:
    """Records of a piece of work, what is to be read besides, and whether ``limit`` left records out."""

    records: Sequence[Record] = ()
    more: Tuple[_Piece, ...] = ()
    cut: bool = False


@dataclass(frozen=True)
class _Piece:
    """One piece of work; ``position`` orders the records of a kind as the server does."""

    resource: Resource
    position: Tuple[int, ...]
    read: Any  # a callable without arguments that returns a _Found


@dataclass
class _Done:
    """A piece of work that was tried. The records themselves are let go: ``prepared`` has them as the sink wants them."""

    piece: _Piece
    found: _Found = field(default_factory=_Found)
    records: int = 0
    prepared: Any = None
    requests: int = 0
    seconds: float = 0.0
    error: Optional[EmError] = None


def trimmed(record: Record, kept: Optional[FrozenSet[str]]) -> Record:
    """Return the record with only the keys that are kept; None keeps all."""
    return record if kept is None else {name: value for name, value in record.items() if name in kept}


def read_estate(session: Session, plan: Plan, sink: Sink) -> List[Report]:
    """Read every kind of the plan into the sink and return what came of each, in the order of the plan.

    The user is warned once of kinds that could not be read.

    Raises AuthenticationError and Interrupted at once; what the first kind met when none could be read, with all reports
    in its data; what the sink raises.
    """
    if not session.is_shared:
        session.log_on()
    reports = _EstateReading(session, plan, sink).run()
    failed = [report for report in reports if report.error]
    if len(failed) == len(reports):
        raise _all_failed(reports)
    if failed:
        told = " ".join("%s: %s" % (report.resource.plural, report.error.message) for report in failed if report.error)
        session.warn("%d of %d kinds could not be read whole. %s" % (len(failed), len(reports), told))
    return reports


def _all_failed(reports: Sequence[Report]) -> EmError:
    error = copy.copy(reports[0].error or EmError(""))
    if len(reports) > 1:
        error.message = "None of the %d kinds could be read. The first, %s: %s" % (len(reports), reports[0].resource.plural, error.message)
    error.data = {**error.data, "subsets": [report.as_entry() for report in reports]}
    return error


class _EstateReading:
    """One reading of an estate; pieces of work are performed in threads, everything else in the thread that runs it."""

    def __init__(self, session: Session, plan: Plan, sink: Sink) -> None:
        self._session = session
        self._plan = plan
        self._sink = sink
        self._reports = {resource.type: Report(resource) for resource in plan.kinds}
        self._given_up: Set[str] = set()
        self._lost_in_a_row = 0

    def run(self) -> List[Report]:
        with Crew(self._perform, self._plan.workers, self._session.check_interrupted) as crew:
            for resource in self._plan.kinds:
                too_old = lack_of(self._session, resource)
                if too_old:
                    self._give_up(resource, too_old)
                else:
                    crew.add(_Piece(resource, (1,), partial(self._first, resource)))
            for done in crew:
                self._note(done)
                for piece in done.found.more:
                    crew.add(piece)
        return list(self._reports.values())

    # -- in the thread that takes the results -----------------------------------------------------------------

    def _note(self, done: _Done) -> None:
        resource = done.piece.resource
        report = self._reports[resource.type]
        report.requests += done.requests
        report.seconds += done.seconds
        if done.error is not None:
            self._give_up(resource, done.error)
            self._watch_connection(done.error)
        elif done.requests:
            self._lost_in_a_row = 0
        report.truncated = report.truncated or done.found.cut
        if done.prepared is not None:
            report.records += done.records
            self._sink.take(resource, done.piece.position, done.prepared)

    def _give_up(self, resource: Resource, error: EmError) -> None:
        report = self._reports[resource.type]
        self._given_up.add(resource.type)
        report.error = report.error or error
        report.truncated = True

    def _watch_connection(self, error: EmError) -> None:
        """Give everything up when the server is gone: each kind would otherwise wait for it and for its repetitions anew."""
        self._lost_in_a_row = self._lost_in_a_row + 1 if isinstance(error, ConnectError) else 0
        if self._lost_in_a_row > self._plan.workers:
            for report in self._reports.values():
                if not report.requests and report.error is None:
                    self._give_up(report.resource, error)

    # -- in the threads of the crew ---------------------------------------------------------------------------

    def _perform(self, piece: _Piece) -> _Done:
        done = _Done(piece)
        if piece.resource.type in self._given_up:
            return done
        began, sent = time.monotonic(), self._session.requests_sent_here
        try:
            found = piece.read()
            kept = self._plan.kept.get(piece.resource.type)
            done.prepared = self._sink.prepare(piece.resource, [trimmed(record, kept) for record in found.records])
            done.records, done.found = len(found.records), replace(found, records=())
        except (AuthenticationError, Interrupted):
            raise  # the log-on session is lost for every kind
        except EmError as error:
            done.error = error
            self._given_up.add(piece.resource.type)  # before another thread begins with its next page
        done.requests = self._session.requests_sent_here - sent
        done.seconds = time.monotonic() - began
        return done

    def _first(self, resource: Resource) -> _Found:
        selection = self._plan.selection(resource)
        if resource.sources:
            return self._beginning(resource, selection)
        return self._below_one_by_one(resource) if selection.limit is not None else self._below_all(resource)

    def _beginning(self, resource: Resource, selection: Selection) -> _Found:
        """Read the first page of a kind, or all of it where it has no pages."""
        if next(iter(resource.sources)) == "query":
            try:
                return self._first_page(resource, selection)
            except MissingRight:
                # Some roles may read a collection and not the query service.
                if "collection" not in resource.sources:
                    raise
        reading = read(self._session, resource, replace(selection, source="collection"))
        return _Found(reading.records, cut=reading.truncated)

    def _first_page(self, resource: Resource, selection: Selection) -> _Found:
        (request,) = queries_for(resource, selection)
        limit = selection.limit
        asked = PAGE_SIZE if limit is None else min(limit, PAGE_SIZE)
        page = query_page(self._session, resource, request, asked, 1)
        # The server may have pages smaller than the one that was asked for.
        size = page.size or asked
        last = page.count if limit is None else min(page.count, -(-limit // size))
        once = Once(resource)
        more = tuple(
            _Piece(resource, (number,), partial(self._page, resource, request, asked, number, None if limit is None else limit - (number - 1) * size, once))
            for number in range(2, last + 1)
        )
        records = decoded(self._session, resource, replace(page, nodes=page.nodes[:limit]), selection.links)
        return _Found(once.of(records) if more else records, more, last < page.count or len(records) < len(page.nodes))

    def _page(self, resource: Resource, request: Mapping[str, str], size: int, number: int, wanted: Optional[int], once: Once) -> _Found:
        page = query_page(self._session, resource, request, size, number)
        records = decoded(self._session, resource, replace(page, nodes=page.nodes[:wanted]), self._plan.links)
        return _Found(once.of(records), cut=len(records) < len(page.nodes))

    # -- what lies below one object -----------------------------------------------------------------------------

    def _below_all(self, resource: Resource) -> _Found:
        """Read the parents, and leave a piece of work for each page of them and for each of them."""
        return self._with_members(resource, (1,), self._beginning(parent_of(resource), Selection()))

    def _with_members(self, resource: Resource, position: Tuple[int, ...], parents: _Found) -> _Found:
        pages = [_Piece(resource, page.position, partial(self._page_of_parents, resource, page)) for page in parents.more]
        members = [_Piece(resource, (*position, number), partial(self._members_found, resource, parent)) for number, parent in enumerate(parents.records)]
        return _Found(more=(*pages, *members))

    def _page_of_parents(self, resource: Resource, page: _Piece) -> _Found:
        return self._with_members(resource, page.position, page.read())

    def _members_found(self, resource: Resource, parent: Record) -> _Found:
        return _Found(self._members(resource, parent))

    def _below_one_by_one(self, resource: Resource) -> _Found:
        """Read what lies below one parent after the other until the limit is reached: side by side too much would be read."""
        limit = self._plan.limit or 0
        parents = read(self._session, parent_of(resource), Selection(), counted=False).records
        records: List[Record] = []
        for number, parent in enumerate(parents, 1):
            records.extend(self._members(resource, parent))
            if len(records) >= limit:
                return _Found(records[:limit], cut=len(records) > limit or number < len(parents))
        return _Found(records)

    def _is_there(self, resource: Resource, record: Record) -> bool:
        try:
            read_entity(self._session, resource, record["id"])
        except NotFound:
            return False
        return True

    def _members(self, resource: Resource, parent: Record) -> List[Record]:
        above = parent_of(resource)
        path = path_below(resource, above, parent["id"])
        try:
            reader = get_list if resource.list_root else get_entity
            found: Any = reader(self._session, resource, path, self._plan.links)
        except NotFound:
            if self._is_there(above, parent):
                raise  # the parent has not vanished: what is below it is withheld, and nobody may take that for nothing
            self._session.warn("The %s %s vanished while the estate was read." % (above.title, parent["name"] or parent["id"]))
            return []
        members: List[Record] = found if resource.list_root else [found]
        for record in members:
            if not record.get(above.thing):
                record[above.thing] = {name: parent[name] for name in ("id", "uid", "name", "type")}
        return selecting.choose(resource, members, self._plan.selection(resource))
