# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records by id, URN, name and filter, of a whole estate or below one object: all pages, totals, limits.

Private to this collection. Collections of the service have no paging and hold 30 days of sessions, so everything that
has a query type is read through /query, page by page, in a stable order. What has none, and what lies below one object,
comes whole and is chosen from here. Source: WIRE.md sections 0 and 4.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional, Set, Tuple

from . import query, selecting, wire
from .entities._model import Resource, in_address
from .errors import BodyError, FilterError, MissingRight, NotFound, OptionError
from .selecting import Selection
from .session import Session
from .versions import check_served

__all__ = (
    "PAGE_SIZE",
    "Once",
    "Reading",
    "Selection",
    "check_page",
    "check_selection",
    "decoded",
    "get_entity",
    "get_list",
    "iterate",
    "members_of",
    "path_below",
    "queries_for",
    "query_page",
    "read",
    "read_entity",
    "resolve",
)

PAGE_SIZE = 1000
# Long alternatives are asked for in parts, so that the address stays below what proxies and servers take.
ALTERNATIVES_AT_ONCE = 20

Record = Dict[str, Any]
Parents = Tuple[Resource, ...]


@dataclass
class Reading:
    """Records, how many there are in all, and whether ``limit`` left some out."""

    records: List[Record]
    total: int
    truncated: bool


# ---------------------------------------------------------------------------------------------------------
# Planning: nothing is sent


def check_selection(resource: Resource, selection: Selection, parents: Parents = (), now: query.Now = query.utc_now) -> None:
    """Refuse what the service would not understand, before any connection. Raises OptionError, FilterError."""
    if selection.limit is not None and selection.limit < 1:
        raise OptionError("The limit is %d." % selection.limit, advice="Give 1 or more, or leave it out for all records.")
    if _by_query(resource, selection):
        queries_for(resource, selection, now)
        return
    _check_place(resource, selection, parents)
    selecting.choose(resource, [], selection, now)


def _check_place(resource: Resource, selection: Selection, parents: Parents) -> None:
    titles = resource.subject
    strangers = {thing for thing, _names in selection.below} - {parent.thing for parent in parents}
    if strangers:
        raise OptionError("%s do not lie below a %s." % (titles, sorted(strangers)[0]))
    if selection.names_nothing:
        return
    for parent in parents:
        for name in dict(selection.below).get(parent.thing, ()):
            _named_id(parent, name)
    if selection.below:
        return
    if not resource.sources:
        raise OptionError("%s lie below another object, and none is named." % titles, advice="Name one %s." % " or ".join(resource.parents))
    if selection.source and selection.source not in resource.sources:
        raise OptionError("%s cannot be read from %r." % (titles, selection.source), advice="Known sources: %s." % ", ".join(resource.sources))


def _by_query(resource: Resource, selection: Selection) -> bool:
    """Tell whether the query service chooses: it does where it knows the type and can filter it, unless something else is asked for."""
    if selection.below or _source(resource, selection) != "query":
        return False
    known = {field.name for field in resource.filter_fields()}
    without_id = bool(selection.ids) and not known & {"uid", resource.key}
    without_name = bool(selection.names) and "name" not in known
    return not ((without_id or without_name) and "collection" in resource.sources)


def _source(resource: Resource, selection: Selection) -> str:
    return selection.source or next(iter(resource.sources), "")


def queries_for(resource: Resource, selection: Selection, now: query.Now = query.utc_now) -> List[Dict[str, str]]:
    """Return the parameters of the queries that find the selection. Raises OptionError, FilterError."""
    identities = [selecting.checked_id(resource, identity) for identity in selection.ids]
    identities += [selecting.guid_of_uid(resource, uid) for uid in selection.uids]
    common = [query.filter_expression(resource, selection.filter, now)]
    if selection.backup_server:
        common.append(query.compare(selecting.server_field(resource), "eq", selection.backup_server))
    named = [_identity_term(resource, identity) for identity in dict.fromkeys(identities)]
    called = [query.compare(query.find_field(resource, "name"), "eq", name) for name in dict.fromkeys(selection.names)]
    sort = query.sort_parameters(resource, selection.sort)
    requests = []
    for some_named in _portions(named):
        for some_called in _portions(called):
            terms = [term for term in (query.any_of(some_named), query.any_of(some_called), *common) if term is not None]
            requests.append(_query_parameters(resource, query.all_of(terms), sort))
    if len(requests) > 1:
        _check_order_of_parts(resource, selection)
    return requests


def _check_order_of_parts(resource: Resource, selection: Selection) -> None:
    """Refuse to put what is read in parts in an order that records cannot tell. Raises FilterError."""
    try:
        selecting.in_order([], selection.sort, resource)
    except FilterError as error:
        message = "More than %d ids, URNs or names are read in parts, which no record lets sort by %r." % (ALTERNATIVES_AT_ONCE, selection.sort)
        raise FilterError(message, advice=error.advice) from error


def _identity_term(resource: Resource, identity: str) -> query.Expression:
    # The bare GUID fits every form of a URN: with another word in it, doubled, or bare itself. What has neither URN nor number on
    # the wire may still be filtered by its GUID.
    return query.compare(query.find_field(resource, "uid" if resource.key == "href" else resource.key), "eq", identity)


def _portions(terms: List[Any]) -> List[List[Any]]:
    return [terms[start : start + ALTERNATIVES_AT_ONCE] for start in range(0, len(terms), ALTERNATIVES_AT_ONCE)] or [[]]


def _query_parameters(resource: Resource, expression: Optional[query.Expression], sort: Mapping[str, str]) -> Dict[str, str]:
    parameters = {"type": resource.query_type, "format": "Entities"}
    if expression is not None:
        parameters["filter"] = str(expression)
    parameters.update(sort)
    return parameters


# ---------------------------------------------------------------------------------------------------------
# Reading


def read(session: Session, resource: Resource, selection: Selection, counted: bool = True, parents: Parents = ()) -> Reading:
    """Return the selected records with their total.

    Where ``limit`` left records out, one more request finds the total, unless ``counted`` is false: then total is
    what was read. ``parents`` are the resources that ``selection.below`` may name.

    An unknown name or well-formed id gives no record; an unknown task raises ForeignTask, because the server
    cannot tell it from a task of another log-on session. Raises OptionError, FilterError before any connection, and OptionError
    for what the server is too old for.
    """
    check_selection(resource, selection, parents)
    if selection.names_nothing:
        return Reading([], 0, False)
    check_served(session, resource)
    alone = _only_identity(resource, selection)
    if alone:
        return _read_one(session, resource, alone, selection)
    if selection.below:
        return _limited(_read_below(session, resource, selection, parents), selection.limit)
    if _by_query(resource, selection):
        try:
            return _read_queries(session, resource, selection, counted)
        except MissingRight:
            # Some roles may read a collection and not the query service.
            if not _collection_serves(resource, selection):
                raise
    return _limited(_read_collection(session, resource, selection), selection.limit)


def _collection_serves(resource: Resource, selection: Selection) -> bool:
    """Tell whether the collection can stand in for the query, which filters by some fields that no record holds."""
    try:
        selecting.choose(resource, [], selection)
    except OptionError:
        return False
    return "collection" in resource.sources


def _only_identity(resource: Resource, selection: Selection) -> str:
    """Return the one id that is asked for and nothing else, "" where the selection asks for more."""
    narrowed = selection.names or selection.filter or selection.backup_server or selection.below
    if (
        narrowed
        or resource.parents
        or not resource.list_root
        or not resource.addressable
        or _source(resource, selection) not in (next(iter(resource.sources)), "query")
    ):
        return ""
    identities = [selecting.checked_id(resource, identity) for identity in selection.ids] + [selecting.guid_of_uid(resource, uid) for uid in selection.uids]
    return identities[0] if len(identities) == 1 else ""


def _read_queries(session: Session, resource: Resource, selection: Selection, counted: bool) -> Reading:
    parts = [_read_query(session, resource, request, selection.links, selection.limit, counted) for request in queries_for(resource, selection)]
    if len(parts) == 1:
        return parts[0]
    read_in_parts = [record for part in parts for record in part.records]
    # Names that differ in case alone may stand in two parts, and mean the same things.
    merged = selecting.in_order(Once(resource).of(read_in_parts), selection.sort or resource.default_sort, resource)
    total = sum(part.total for part in parts) - (len(read_in_parts) - len(merged))
    kept = merged if selection.limit is None else merged[: selection.limit]
    return Reading(kept, total, len(kept) < total)


def iterate(session: Session, resource: Resource, selection: Selection) -> Iterator[Record]:
    """Yield the selected records page by page, holding one page in memory. ``limit`` is not looked at."""
    selection = replace(selection, limit=None)
    if selection.names_nothing or _only_identity(resource, selection) or not _by_query(resource, selection):
        yield from read(session, resource, selection).records
        return
    check_served(session, resource)
    begun = False
    try:
        for request in queries_for(resource, selection):
            before = Once(resource)
            for page in _pages(session, resource, request, PAGE_SIZE):
                begun = True
                records = decoded(session, resource, page, selection.links)
                yield from before.of(records)
                # What moves does so to the page that follows: no more has to be remembered.
                before = Once(resource)
                before.of(records)
    except MissingRight:
        if begun or not _collection_serves(resource, selection):
            raise
        yield from _read_collection(session, resource, selection)


def read_entity(session: Session, resource: Resource, identity: str, links: bool = False) -> Record:
    """Return one object by GUID or task id. Raises NotFound or ForeignTask, and OptionError for what is no id."""
    path = "%s/%s" % (resource.path, in_address(selecting.checked_id(resource, identity)))
    return get_entity(session, resource, path, links)


def get_entity(session: Session, resource: Resource, path: str, links: bool = False) -> Record:
    """Return the one object that a path answers with. Raises NotFound, and BodyError where the answer is of another kind."""
    answer = session.get(path, _format(resource, "Entity"), resource.roles)
    try:
        return wire.record_of(session.parsed(answer), resource, links)
    except BodyError as error:
        raise error if error.path else session.placed(error, answer) from error


def get_list(session: Session, resource: Resource, path: str, links: bool = False, parameters: Optional[Mapping[str, str]] = None) -> List[Record]:
    """Return all records of the collection that a path answers with, in the order of the server. Raises as ``get_entity``.

    ``parameters`` are those of a path that needs some, such as the lookup service.
    """
    answer = session.get(path, parameters or _format(resource, "Entity"), resource.roles)
    try:
        return list(wire.records_of(wire.page_of(session.parsed(answer), resource), resource, links))
    except BodyError as error:
        raise error if error.path else session.placed(error, answer) from error


def _format(resource: Resource, word: str) -> Optional[Dict[str, str]]:
    """Ask for entities where the service would send references; a resource of its own kind has one form only (API.md section 1)."""
    return {"format": word} if resource.key in ("uid", "name") else None


def _read_one(session: Session, resource: Resource, identity: str, selection: Selection) -> Reading:
    try:
        record = read_entity(session, resource, identity, selection.links)
    except NotFound:
        return Reading([], 0, False)
    except MissingRight:
        # A weak role may query what it may not address: jobs, for example.
        if not _by_query(resource, selection):
            raise
        return _read_queries(session, resource, selection, True)
    return Reading([record], 1, False)


def _read_collection(session: Session, resource: Resource, selection: Selection) -> List[Record]:
    """Read a whole collection and choose from it; what is known by a number of its own is addressed."""
    if not resource.list_root:
        return [get_entity(session, resource, resource.path, selection.links)]
    if selection.ids and not selection.uids and resource.key != "uid" and resource.addressable:
        records = _read_each(session, resource, selection)
    else:
        source = _source(resource, selection)
        path = resource.path if source == "query" else resource.sources[source]  # the query was refused
        records = get_list(session, resource, path, selection.links)
    return selecting.choose(resource, records, selection)


def _read_each(session: Session, resource: Resource, selection: Selection) -> List[Record]:
    records = []
    for identity in dict.fromkeys(selection.ids):
        try:
            records.append(read_entity(session, resource, identity, selection.links))
        except NotFound:
            continue
    return records


# ---------------------------------------------------------------------------------------------------------
# Below one object


def path_below(resource: Resource, parent: Resource, parent_id: str) -> str:
    """Return the path of the things of one kind that lie below one object. Raises KeyError where none do, BodyError for an object without id."""
    if not parent_id:
        raise BodyError("A %s came with neither UID nor address, so that nothing below it can be read." % parent.title)
    if resource.parents == (parent.thing,):
        return resource.path_below({parent.thing: parent_id})
    if not parent.list_root:
        return "%s/%s" % (parent.path, parent.child_of_type(resource.type).path)
    return "%s/%s/%s" % (parent.path, in_address(parent_id), parent.child_of_type(resource.type).path)


def resolve(session: Session, resource: Resource, names: Iterable[str]) -> List[str]:
    """Return the ids of the objects that are named by id, URN or name; a name may have several, or none."""
    found: List[str] = []
    for name in names:
        identity = _named_id(resource, name)
        if identity:
            found.append(identity)
        else:
            found.extend(record["id"] for record in read(session, resource, Selection(names=(name,)), counted=False).records)
    return list(dict.fromkeys(found))


def _named_id(resource: Resource, name: str) -> str:
    """Return the id that an object is named by, "" where it is named by a name to look up. Raises OptionError for what can be neither."""
    if not name:
        raise OptionError("The %s to look in has an empty name." % resource.title, advice="Name it, or leave the option out.")
    if resource.key != "uid" or name.startswith("urn:") or wire.is_guid(name):
        return selecting.checked_id(resource, name)
    return ""


def _read_below(session: Session, resource: Resource, selection: Selection, parents: Parents) -> List[Record]:
    by_thing = {parent.thing: parent for parent in parents}
    records: List[Record] = []
    for thing, names in selection.below:
        for parent_id in resolve(session, by_thing[thing], names):
            try:
                records.extend(_read_members(session, resource, path_below(resource, by_thing[thing], parent_id), selection))
            except NotFound:
                continue
    # Something may lie below several of the objects, such as a gateway in two pools.
    return selecting.choose(resource, Once(resource).of(records), selection)


def _read_members(session: Session, resource: Resource, path: str, selection: Selection) -> List[Record]:
    if not resource.list_root:
        return [get_entity(session, resource, path, selection.links)]
    if len(selection.ids) == 1 and resource.parents and not selection.uids and resource.addressable:
        return [get_entity(session, resource, "%s/%s" % (path, in_address(selecting.checked_id(resource, selection.ids[0]))), selection.links)]
    return get_list(session, resource, path, selection.links)


def members_of(session: Session, record: Record, parent: Resource, resource: Resource) -> Any:
    """Return what lies below the object of a record: a list of records, or one where there is only one of its kind.

    Returns None, with a warning to the user, when the object has vanished since it was read.
    """
    path = path_below(resource, parent, record["id"])
    try:
        return get_list(session, resource, path) if resource.list_root else get_entity(session, resource, path)
    except NotFound:
        session.warn("The %s %s vanished while it was read; its %s are not known." % (parent.title, record["name"] or record["id"], resource.titles))
        return None


# ---------------------------------------------------------------------------------------------------------
# Pages


class Once:
    """Lets each thing through once, from any thread: what comes or goes between two pages moves records from one to the other.

    Two records are the same thing by their URN, else by address and id; what tells neither, or has an id from its address only, passes.
    """

    def __init__(self, resource: Resource) -> None:
        self._by_address = resource.key != "href"
        self._seen: Set[int] = set()
        self._gate = threading.Lock()

    def of(self, records: Iterable[Record]) -> List[Record]:
        """Return the records that were not there before, in their order."""
        with self._gate:
            return [record for record in records if self._is_new(record)]

    def _is_new(self, record: Record) -> bool:
        thing = record["uid"] or ((record["href"], record["id"]) if record["href"] and self._by_address else None)
        if thing is None:
            return True
        mark = hash(thing)  # a third of the memory that the texts themselves would take
        if mark in self._seen:
            return False
        self._seen.add(mark)
        return True


def _limited(records: List[Record], limit: Optional[int]) -> Reading:
    kept = records if limit is None else records[:limit]
    return Reading(kept, len(records), len(kept) < len(records))


def _read_query(session: Session, resource: Resource, request: Mapping[str, str], links: bool, limit: Optional[int], counted: bool) -> Reading:
    size = PAGE_SIZE if limit is None else max(1, min(limit, PAGE_SIZE))
    records: List[Record] = []
    once = Once(resource)
    page: Optional[wire.Page] = None
    cut = False
    for page in _pages(session, resource, request, size):
        wanted = len(page.nodes) if limit is None else limit - len(records)
        records.extend(once.of(decoded(session, resource, replace(page, nodes=page.nodes[:wanted]), links)))
        if limit is not None and len(records) >= limit:
            cut = wanted < len(page.nodes) or page.number < page.count
            break
    total = _total(session, resource, request, size, page) if page and cut and counted else len(records)
    return Reading(records, total, len(records) < total)


def decoded(session: Session, resource: Resource, page: wire.Page, links: bool) -> List[Record]:
    """Return the records of a page. Raises BodyError for a malformed value."""
    try:
        return list(wire.records_of(page, resource, links))
    except BodyError as error:
        message = "GET /query: " + session.without_secrets(error.message)
        raise BodyError(message, advice=error.advice, method="GET", path="/query", status=200) from error


def _total(session: Session, resource: Resource, request: Mapping[str, str], size: int, last_read: wire.Page) -> int:
    """Count the matches: the server gives only the number of pages, so the last page is asked for its length."""
    last = last_read if last_read.number >= last_read.count else query_page(session, resource, request, size, last_read.count)
    return (last.number - 1) * (last.size or size) + len(last.nodes)


def _pages(session: Session, resource: Resource, request: Mapping[str, str], size: int) -> Iterator[wire.Page]:
    number = 1
    while True:
        page = query_page(session, resource, request, size, number)
        yield page
        if page.number >= page.count:
            return
        number += 1


def query_page(session: Session, resource: Resource, request: Mapping[str, str], size: int, number: int) -> wire.Page:
    """Return one page of a query of ``queries_for``, counted from 1; without entities where the query has fewer pages by now. Raises as ``read``."""
    parameters = dict(request, pageSize=str(size), page=str(number))
    answer = session.get("/query", parameters, resource.roles)
    try:
        page = wire.page_of(session.parsed(answer), resource)
    except BodyError as error:
        raise error if error.path else session.placed(error, answer) from error
    if page.count < number:
        return replace(page, nodes=[], number=number)
    if page.nodes:
        check_page(page.number, number, answer.status)
    return page


def check_page(number: int, asked: int, status: int) -> None:
    """Refuse a page of a query that is not the one that was asked for: reading on would not end. Raises BodyError."""
    if number != asked:
        raise BodyError(
            "Page %d of the query was asked for and page %d came." % (asked, number),
            advice="A cache between you and the server may be in the way.",
            method="GET",
            path="/query",
            status=status,
        )
