# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Choosing among records in hand, by the same words as the query service. Private to this collection.

Collections, and what lies below one object, know no filter, order or page (WIRE.md section 0, 4). Whoever reads them gets
the options of the query all the same; here they are carried out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, Callable, Dict, List, Optional, Tuple

from . import query, wire
from .entities._model import Field, Kind, Resource
from .errors import OptionError

Record = Dict[str, Any]


@dataclass(frozen=True)
class Selection:
    """What a caller wants of one kind of thing; the common options of the info modules.

    ``ids`` are GUIDs, or what else stands last in the address of the thing; ``uids`` URNs; both name objects, any of them.
    ``names``, ``filter`` and ``backup_server`` narrow further. ``sort`` is a field, with a leading minus for descending.
    ``links`` adds the raw links. ``below`` names the objects under which to look: the thing (``job``) with ids, URNs or names of it.
    ``source`` is where to look otherwise, one of the resource's ``sources``; "" for the first of them. ``names_nothing`` says that
    a list of names came empty, so that no record is asked for.
    """

    ids: Tuple[str, ...] = ()
    uids: Tuple[str, ...] = ()
    names: Tuple[str, ...] = ()
    filter: query.FilterOption = None
    sort: str = ""
    limit: Optional[int] = None
    links: bool = False
    backup_server: str = ""
    below: Tuple[Tuple[str, Tuple[str, ...]], ...] = ()
    source: str = ""
    names_nothing: bool = False


def checked_id(resource: Resource, identity: str) -> str:
    """Return an id in the form that stands in addresses. Raises OptionError for what can be none."""
    if resource.key == "uid":
        if identity.startswith("urn:"):
            return guid_of_uid(resource, identity)
        if not wire.is_guid(identity):
            raise OptionError(
                "%r is not the id of %s." % (identity, resource.one),
                advice="Ids are GUIDs such as 9e8d7c6b-5a49-4832-a1b0-c9d8e7f6a5b4; use name to look for a name.",
            )
        return identity.lower()
    # It becomes part of the address, where dots alone would lead elsewhere; all else is escaped there.
    if not resource.is_id(identity):
        raise OptionError("%r is not the id of %s." % (identity, resource.one), advice=resource.id_advice)
    return identity


def guid_of_uid(resource: Resource, uid: str) -> str:
    """Return the GUID in a URN of the resource, or in a bare GUID. Raises OptionError for the URN of another kind of thing."""
    guid = wire.guid_of(uid)
    front = uid[: len(uid) - len(guid)].lower()
    # The URN of a CDP replica may have a second front, urn:veeam:Replica:urn:veeam:CdpReplica:GUID, of which the last one counts (API.md section 5).
    fits = not front or (front.startswith("urn:") and front.endswith(tuple("urn:veeam:%s:" % word.lower() for word in resource.uid_types)))
    if not fits or not wire.is_guid(guid):
        raise OptionError("%r is not the URN of %s." % (uid, resource.one), advice="It has the form urn:veeam:%s:GUID." % resource.uid_type)
    return guid.lower()


def expression_of(resource: Resource, selection: Selection, now: query.Now = query.utc_now) -> Optional[query.Expression]:
    """Return the checked filter for records in hand. Raises FilterError, OptionError."""
    terms = [query.filter_expression(resource, selection.filter, now, in_hand=True)]
    if selection.backup_server:
        terms.append(query.compare(query.find_field(resource, server_field(resource).name, in_hand=True), "eq", selection.backup_server))
    return query.all_of(term for term in terms if term is not None)


def server_field(resource: Resource) -> Field:
    """Return the field with the name of the backup server. Raises OptionError for what belongs to none."""
    try:
        return resource.field("backup_server_name")
    except KeyError:
        raise OptionError("%s belong to no backup server." % resource.subject, advice="Leave backup_server out.") from None


def choose(resource: Resource, records: List[Record], selection: Selection, now: query.Now = query.utc_now) -> List[Record]:
    """Return the records that the selection asks for, in its order; ``limit`` is left to the caller.

    Raises FilterError and OptionError as ``check_selection`` does.
    """
    identities = [checked_id(resource, identity) for identity in selection.ids] + [guid_of_uid(resource, uid) for uid in selection.uids]
    wanted = {_without_case(resource, identity) for identity in identities}
    if selection.names:
        query.find_field(resource, "name", in_hand=True)
    names = {name.casefold() for name in selection.names}
    expression = expression_of(resource, selection, now)
    chosen = [
        record
        for record in ([] if selection.names_nothing else records)
        if (not wanted or _without_case(resource, record["id"] or "") in wanted)
        and (not names or (record["name"] or "").casefold() in names)
        and (expression is None or matches(expression, record))
    ]
    return in_order(chosen, selection.sort or resource.default_sort, resource)


def _without_case(resource: Resource, identity: str) -> str:
    """Return an id as it is compared: GUIDs and names are the same in any case, other ids only as they are."""
    return identity.casefold() if resource.key == "name" or wire.is_guid(identity) else identity


def in_order(records: List[Record], sort: str, resource: Resource) -> List[Record]:
    """Return the records sorted as the service does: nulls first, text blind to case, enumerations by their place.

    Raises FilterError for a field that records do not hold as one plain value.
    """
    if not sort:
        return records
    field = query.find_field(resource, sort.lstrip("-"), in_hand=True)
    # The service counts tasks: task-10 stands behind task-9.
    rank = _number_last if field.name == "task_id" else partial(_rank, field)

    def key(record: Record) -> Tuple[bool, Any]:
        value = record.get(field.name)
        return (False, 0) if value is None else (True, rank(value))

    return sorted(records, key=key, reverse=sort.startswith("-"))


def _number_last(value: str) -> Tuple[str, int, str]:
    stem = value.rstrip("0123456789")
    digits = value[len(stem) :]
    return stem, len(digits), digits


# ---------------------------------------------------------------------------------------------------------
# Filters


def matches(expression: query.Expression, record: Record) -> bool:
    """Tell whether a record fulfils a filter, as the query service would decide it."""
    if isinstance(expression, query.Group):
        decided = (matches(term, record) for term in expression.terms)
        return all(decided) if expression.joint == ";" else any(decided)
    value = record.get(expression.field.name)
    if value is None:
        return expression.operator == "ne"
    kind = expression.field.kind
    if kind == Kind.UID:
        same = _same_uid(str(value), str(expression.plain))
        return same if expression.operator == "eq" else not same
    return _COMPARISONS[expression.operator](_rank(expression.field, value), _rank(expression.field, expression.plain))


def _same_uid(value: str, wanted: str) -> bool:
    if wire.is_guid(wanted):
        value = wire.guid_of(value)
    return value.casefold() == wanted.casefold()


def _rank(field: Field, value: Any) -> Any:
    """Return what a value is compared by: words of an enumeration by their place in it (API.md section 1)."""
    if field.kind == Kind.ENUM:
        return field.values.index(value) if value in field.values else len(field.values)
    if field.kind == Kind.BOOL:
        return str(value).lower()
    if field.kind in (Kind.INT, Kind.SIZE, Kind.DECIMAL):
        return float(value)
    text = str(value).casefold()
    return text.rstrip("z") if field.kind == Kind.DATETIME else text


_COMPARISONS: Dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda left, right: bool(left == right),
    "ne": lambda left, right: bool(left != right),
    "lt": lambda left, right: bool(left < right),
    "le": lambda left, right: bool(left <= right),
    "gt": lambda left, right: bool(left > right),
    "ge": lambda left, right: bool(left >= right),
}
