# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records by id, URN, name and filter: all pages, totals, limits. Private to this collection.

Collections of the service have no paging and hold 30 days of sessions, so everything that has a query type is
read through /query, page by page, in a stable order. Source: WIRE.md sections 0 and 4.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Dict, Iterator, List, Mapping, Optional, Tuple

from . import query, wire
from .entities._model import Kind, Resource
from .errors import BodyError, NotFound, OptionError
from .session import Session

PAGE_SIZE = 1000
# Long alternatives are asked for in parts, so that the address stays below what proxies and servers take.
ALTERNATIVES_AT_ONCE = 20
_TASK_ID = re.compile(r"[A-Za-z0-9_-]+\Z")

Record = Dict[str, Any]


@dataclass(frozen=True)
class Selection:
    """What a caller wants of one kind of thing; the common options of the info modules.

    ``ids`` are GUIDs (task ids for tasks), ``uids`` URNs; both name objects, any of them. ``names``, ``filter`` and
    ``backup_server`` narrow further. ``sort`` is a field, with a leading minus for descending. ``links`` adds the raw links.
    """

    ids: Tuple[str, ...] = ()
    uids: Tuple[str, ...] = ()
    names: Tuple[str, ...] = ()
    filter: query.FilterOption = None
    sort: str = ""
    limit: Optional[int] = None
    links: bool = False
    backup_server: str = ""


@dataclass
class Reading:
    """Records, how many there are in all, and whether ``limit`` left some out."""

    records: List[Record]
    total: int
    truncated: bool


@dataclass(frozen=True)
class _Request:
    """One query, or one object by its id."""

    parameters: Mapping[str, str]
    object_id: str = ""


# ---------------------------------------------------------------------------------------------------------
# Planning: nothing is sent


def check_selection(resource: Resource, selection: Selection, now: query.Now = query.utc_now) -> None:
    """Refuse what the service would not understand, before any connection. Raises OptionError, FilterError."""
    _plan(resource, selection, now)


def _plan(resource: Resource, selection: Selection, now: query.Now = query.utc_now) -> List[_Request]:
    if selection.limit is not None and selection.limit < 1:
        raise OptionError("The limit is %d." % selection.limit, advice="Give 1 or more, or leave it out for all records.")
    if resource.key != "uid":
        _check_keyless_sort(resource, selection.sort)
        return [_Request({}, _checked_task_id(resource, task_id)) for task_id in selection.ids] or [_Request({})]
    guids = [_checked_guid(resource, identity) for identity in selection.ids] + [_guid_of_uid(resource, uid) for uid in selection.uids]
    only_one = len(guids) == 1 and not (selection.names or selection.filter or selection.backup_server)
    sort = query.sort_parameters(resource, selection.sort)
    if only_one:
        return [_Request({}, guids[0])]
    common = [query.filter_expression(resource, selection.filter, now)]
    if selection.backup_server:
        common.append(query.compare(_server_field(resource), "eq", selection.backup_server))
    identity_field = resource.field("uid")
    named = [query.compare(identity_field, "eq", "urn:veeam:%s:%s" % (resource.type, guid)) for guid in dict.fromkeys(guids)]
    called = [query.compare(resource.field("name"), "eq", name) for name in dict.fromkeys(selection.names)]
    requests = []
    for some_named in _portions(named):
        for some_called in _portions(called):
            terms = [term for term in (query.any_of(some_named), query.any_of(some_called), *common) if term is not None]
            requests.append(_Request(_query_parameters(resource, query.all_of(terms), sort)))
    return requests


def _portions(terms: List[Any]) -> List[List[Any]]:
    return [terms[start : start + ALTERNATIVES_AT_ONCE] for start in range(0, len(terms), ALTERNATIVES_AT_ONCE)] or [[]]


def _query_parameters(resource: Resource, expression: Optional[query.Expression], sort: Mapping[str, str]) -> Dict[str, str]:
    parameters = {"type": resource.query_type, "format": "Entities"}
    if expression is not None:
        parameters["filter"] = str(expression)
    parameters.update(sort)
    return parameters


def _server_field(resource: Resource) -> Any:
    try:
        return resource.field("backup_server_name")
    except KeyError:
        raise OptionError("%ss belong to no backup server." % resource.title.capitalize(), advice="Leave backup_server out.") from None


def _checked_guid(resource: Resource, identity: str) -> str:
    if identity.startswith("urn:"):
        return _guid_of_uid(resource, identity)
    if not wire.is_guid(identity):
        raise OptionError(
            "%r is not the id of a %s." % (identity, resource.title),
            advice="Ids are GUIDs such as 9e8d7c6b-5a49-4832-a1b0-c9d8e7f6a5b4; use name to look for a name.",
        )
    return identity.lower()


def _check_keyless_sort(resource: Resource, sort: str) -> None:
    known = [field.name for field in resource.fields if field.kind != Kind.STRUCT]
    name = sort.lstrip("-")
    if sort and name not in known:
        raise OptionError("%ss cannot be sorted by %r." % (resource.title.capitalize(), name), advice="Known fields: %s." % ", ".join(known))


def _checked_task_id(resource: Resource, identity: str) -> str:
    # It becomes part of the address, where dots, slashes and question marks would lead elsewhere.
    if not _TASK_ID.match(identity):
        raise OptionError("%r is not the id of a %s." % (identity, resource.title), advice="Ids look like task-7, as the order that made it returned.")
    return identity


def _guid_of_uid(resource: Resource, uid: str) -> str:
    guid = wire.guid_of(uid)
    if not wire.is_guid(guid) or (uid != guid and not uid.lower().startswith("urn:veeam:%s:" % resource.type.lower())):
        raise OptionError("%r is not the URN of a %s." % (uid, resource.title), advice="It has the form urn:veeam:%s:GUID." % resource.type)
    return guid.lower()


# ---------------------------------------------------------------------------------------------------------
# Reading


def read(session: Session, resource: Resource, selection: Selection, counted: bool = True) -> Reading:
    """Return the selected records with their total.

    Where ``limit`` left records out, one more request finds the total, unless ``counted`` is false: then total is
    what was read.

    An unknown name or well-formed id gives no record; an unknown task raises ForeignTask, because the server
    cannot tell it from a task of another log-on session. Raises OptionError, FilterError before any connection.
    """
    requests = _plan(resource, selection)
    if resource.key != "uid":
        return _limited(_read_keyless(session, resource, requests, selection), selection.limit)
    if requests[0].object_id:
        return _read_one(session, resource, requests[0], selection)
    parts = [_read_query(session, resource, request, selection.links, selection.limit, counted) for request in requests]
    if len(parts) == 1:
        return parts[0]
    merged = _merged([part.records for part in parts], selection.sort or resource.default_sort)
    total = sum(part.total for part in parts)
    kept = merged if selection.limit is None else merged[: selection.limit]
    return Reading(kept, total, len(kept) < total)


def _merged(parts: List[List[Record]], sort: str) -> List[Record]:
    """Return the records of several sorted parts in one order: nulls first, text blind to case, as the service sorts."""
    records = [record for part in parts for record in part]
    name = sort.lstrip("-")

    def key(record: Record) -> Tuple[bool, Any]:
        value = record.get(name)
        return value is not None, _comparable(value)

    return sorted(records, key=key, reverse=sort.startswith("-"))


def _comparable(value: Any) -> Any:
    # Without its Z a time with a fraction sorts behind the whole second.
    return value.casefold().rstrip("z") if isinstance(value, str) else value or 0


def iterate(session: Session, resource: Resource, selection: Selection) -> Iterator[Record]:
    """Yield the selected records page by page, holding one page in memory. ``limit`` is not looked at."""
    for request in _plan(resource, replace(selection, limit=None)):
        if request.object_id or not request.parameters:
            yield from read(session, resource, selection).records
            return
        for page in _pages(session, resource, request, PAGE_SIZE):
            yield from _decoded(session, resource, page, selection.links)


def read_entity(session: Session, resource: Resource, identity: str, links: bool = False) -> Record:
    """Return one object by GUID or task id. Raises NotFound or ForeignTask, and OptionError for what is no id."""
    identity = _checked_guid(resource, identity) if resource.key == "uid" else _checked_task_id(resource, identity)
    path = resource.path + "/" + identity
    answer = session.get(path, {"format": "Entity"} if resource.key == "uid" else None, resource.roles)
    try:
        return wire.record_of(session.parsed(answer), resource, links)
    except BodyError as error:
        raise error if error.path else session.placed(error, answer) from error


def _read_one(session: Session, resource: Resource, request: _Request, selection: Selection) -> Reading:
    try:
        record = read_entity(session, resource, request.object_id, selection.links)
    except NotFound:
        return Reading([], 0, False)
    return Reading([record], 1, False)


def _read_keyless(session: Session, resource: Resource, requests: List[_Request], selection: Selection) -> List[Record]:
    """Read tasks: by id one by one, else the whole list of this log-on session, which the query cannot filter."""
    if requests[0].object_id:
        records = [read_entity(session, resource, request.object_id, selection.links) for request in requests]
    else:
        answer = session.get(resource.path, None, resource.roles)
        try:
            records = list(wire.records_of(wire.page_of(session.parsed(answer), resource), resource, selection.links))
        except BodyError as error:
            raise error if error.path else session.placed(error, answer) from error
    if selection.sort:
        name = selection.sort.lstrip("-")
        records.sort(key=lambda record: _natural(record[name]), reverse=selection.sort.startswith("-"))
    return records


def _natural(text: Optional[str]) -> Tuple[int, str]:
    """Order task-2 before task-10."""
    return (len(text or ""), text or "")


def _limited(records: List[Record], limit: Optional[int]) -> Reading:
    kept = records if limit is None else records[:limit]
    return Reading(kept, len(records), len(kept) < len(records))


def _read_query(session: Session, resource: Resource, request: _Request, links: bool, limit: Optional[int], counted: bool) -> Reading:
    size = PAGE_SIZE if limit is None else max(1, min(limit, PAGE_SIZE))
    records: List[Record] = []
    page: Optional[wire.Page] = None
    for page in _pages(session, resource, request, size):
        wanted = len(page.nodes) if limit is None else limit - len(records)
        records.extend(_decoded(session, resource, replace(page, nodes=page.nodes[:wanted]), links))
        if limit is not None and len(records) >= limit:
            break
    total = _total(session, resource, request, size, page) if page and counted else len(records)
    return Reading(records, total, len(records) < total)


def _decoded(session: Session, resource: Resource, page: wire.Page, links: bool) -> List[Record]:
    try:
        return list(wire.records_of(page, resource, links))
    except BodyError as error:
        message = "GET /query: " + session.without_secrets(error.message)
        raise BodyError(message, advice=error.advice, method="GET", path="/query", status=200) from error


def _total(session: Session, resource: Resource, request: _Request, size: int, last_read: wire.Page) -> int:
    """Count the matches: the server gives only the number of pages, so the last page is asked for its length."""
    last = last_read if last_read.number >= last_read.count else _page(session, resource, request, size, last_read.count)
    return (last.number - 1) * (last.size or size) + len(last.nodes)


def _pages(session: Session, resource: Resource, request: _Request, size: int) -> Iterator[wire.Page]:
    number = 1
    while True:
        page = _page(session, resource, request, size, number)
        yield page
        if page.number >= page.count:
            return
        number += 1


def _page(session: Session, resource: Resource, request: _Request, size: int, number: int) -> wire.Page:
    parameters = dict(request.parameters, pageSize=str(size), page=str(number))
    answer = session.get("/query", parameters, resource.roles)
    try:
        page = wire.page_of(session.parsed(answer), resource)
    except BodyError as error:
        raise error if error.path else session.placed(error, answer) from error
    if page.number != number and page.nodes:
        raise BodyError(
            "Page %d of the query was asked for and page %d came." % (number, page.number),
            advice="A cache between you and the server may be in the way.",
            method="GET",
            path="/query",
            status=answer.status,
        )
    return page
