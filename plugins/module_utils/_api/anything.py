# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads whatever an address answers with: records by declaration, references, or what nobody declared. Private to this collection.

Source: WIRE.md section 1 (shapes), API.md sections 1 (formats) and 5 (types that differ from their roots).
"""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Tuple

from . import wire
from .addresses import Address, hide_logons
from .entities._model import Field, Kind, Resource
from .entities.registry import RESOURCES
from .errors import BodyError, NotFound
from .places import Place, place_of
from .reading import PAGE_SIZE, Once, check_page
from .session import Session

Record = Dict[str, Any]

_DROPPED = tuple(dict.fromkeys(("Password", "SessionId", "Token", *(name for resource in RESOURCES for name in resource.dropped))))
# Whatever has no declaration keeps its elements in snake_case under these two.
_UNDECLARED = Resource(
    thing="object",
    plural="objects",
    title="object",
    type="",
    path="",
    list_root="",
    key="href",
    dropped=_DROPPED,
    fields=(Field("uid", "UID", Kind.UID, "", attribute=True), Field("name", "Name", Kind.STRING, "", attribute=True)),
)
_REFERENCE = Resource(thing="reference", plural="references", title="reference", type="", path="", list_root="Refs", item="Ref", fields=_UNDECLARED.fields)
# A log-on session is as good as its token and is shown nowhere.
_BY_ROOT = {resource.entity_root: resource for resource in RESOURCES if resource.thing != "logon_session"}
_BY_LIST = {root.lower(): resource for resource in RESOURCES if resource.thing != "logon_session" for root in resource.list_roots if root}


def read_anything(session: Session, address: Address, links: bool = False) -> List[Record]:
    """Return the records at an address, all pages of them; nothing where the object that it names is not known.

    What an address is asked for without ``format`` comes as whole entities. References stay references: their keys are id, uid,
    name, type and href. A kind that nobody declared is decoded into snake_case, and the user is warned.
    Raises NotFound for a path that the server does not have, and the errors of any reading.
    """
    place = place_of(address)
    if not address.parameter("format") and (place is None or place.resource.key in ("uid", "name") or address.path == "/query"):
        address = address.with_parameters(format="Entities" if address.path == "/query" else "Entity")
    try:
        records = _pages(session, address, place, links)
    except NotFound:
        if place is None or not place.names_object:
            raise
        return []
    return [_without_logons(record) for record in records]


def _without_logons(record: Record) -> Record:
    hidden: Record = hide_logons(record)
    return hidden if hidden["href"] == record["href"] else {**hidden, "id": None}  # which stands last in the address


def _pages(session: Session, address: Address, place: Optional[Place], links: bool) -> List[Record]:
    records: List[Record] = []
    by_query = address.path == "/query"
    one_page = not by_query or bool(address.parameter("page"))
    once = Once(place.resource if place else _UNDECLARED)
    asked = 1
    if by_query and not address.parameter("pageSize"):
        address = address.with_parameters(pageSize=str(PAGE_SIZE))
    while True:
        answer = session.get(address.path, address.parameters, place.resource.roles if place else ())
        tree = session.parsed(answer)
        try:
            found = _records(session, tree, address, place, links)
            number, count = _standing(tree)
            if count < asked:
                return records  # fewer pages are left than there were
            if not one_page:
                check_page(number, asked, answer.status)
        except BodyError as error:
            raise error if error.path else session.placed(error, answer) from error
        records.extend(found if one_page else once.of(found))
        if one_page or number >= count:
            return records
        asked = number + 1
        address = address.with_parameters(page=str(asked))


def _standing(tree: wire.Tree) -> Tuple[int, int]:
    page = wire.page_of(wire.Tree("QueryResult", {"PagingInfo": wire.member(tree.node, "PagingInfo")}, tree.is_xml), _REFERENCE)
    return page.number, page.count


def _records(session: Session, tree: wire.Tree, address: Address, place: Optional[Place], links: bool) -> List[Record]:
    references = _references(tree)
    if references is not None:
        return [_as_reference(wire.Decoder.of(_REFERENCE, tree.is_xml).record(node, links)) for node in references]
    found = _declared(tree, place)
    if found is None:
        session.warn("Nobody declared what %s answers with; its elements come as they are, all values as text." % address.path)
        decoder = wire.Decoder.of(_UNDECLARED, tree.is_xml)
        return [decoder.record(node, links) for node in _undeclared_nodes(tree)]
    if found.is_list:
        return list(wire.records_of(wire.page_of(tree, found.resource), found.resource, links))
    return [wire.record_of(tree, found.resource, links)]


# ---------------------------------------------------------------------------------------------------------
# References


def _references(tree: wire.Tree) -> Optional[List[Any]]:
    """Return the nodes of an answer that holds references, None for one that holds something else."""
    node = tree.node
    if tree.root == "EntityRef" or (isinstance(node, dict) and str(wire.member(node, "Type") or "").endswith("Reference")):
        return [node]
    whole = any(wire.member(node, name) for name in ("Entities", "Resources"))
    listed = node if tree.root == "EntityReferences" else wire.member(node, "Refs")
    if listed is None or whole:
        return [] if tree.root == "EntityReferences" else None
    inner = listed if isinstance(listed, list) else wire.member(listed, "Ref") or wire.member(listed, "Refs")
    return [item for item in wire.as_list(inner) if isinstance(item, dict)]


def _as_reference(record: Record) -> Record:
    kind = record["type"] or ""
    return {**record, "type": kind[: -len("Reference")] if kind.endswith("Reference") else kind or None}


# ---------------------------------------------------------------------------------------------------------
# Declared or not


def _declared(tree: wire.Tree, place: Optional[Place]) -> Optional[Place]:
    """Return what the answer holds: what its path promises, or else what its root or type says."""
    for candidate in (place, _told_by(tree)):
        if candidate is not None and _fits(tree, candidate):
            return candidate
    return None


def _fits(tree: wire.Tree, place: Place) -> bool:
    try:
        wire.page_of(tree, place.resource) if place.is_list else wire.entity_of(tree, place.resource)
    except BodyError:
        return False
    return True


def _told_by(tree: wire.Tree) -> Optional[Place]:
    told = tree.root or str(wire.member(tree.node, "Type") or "")
    if told in _BY_ROOT:
        return Place(_BY_ROOT[told], False)
    names = [tree.root] if tree.is_xml else list(_members(tree.node))
    listed = [_BY_LIST[name.lower()] for name in names if name.lower() in _BY_LIST]
    return Place(listed[0], True) if len(listed) == 1 else None


def _members(node: Any) -> Dict[str, Any]:
    """Return what an answer holds beside its frame."""
    frame = ("links", "href", "type", "paginginfo")
    if not isinstance(node, dict):
        return {}
    return {key: value for key, value in node.items() if not key.startswith("@xmlns") and key.lstrip("@").lower() not in frame}


def _undeclared_nodes(tree: wire.Tree) -> List[Any]:
    """Return the members of what looks like a list, else the answer as one."""
    if isinstance(tree.node, list):
        return [node for node in tree.node if isinstance(node, dict)]
    inside = _members(tree.node)
    if len(inside) == 1 and not wire.member(tree.node, "Href"):
        (only,) = inside.values()
        nodes = wire.as_list(only)
        if nodes and all(isinstance(node, dict) for node in nodes):
            return nodes
    return [tree.node] if isinstance(tree.node, dict) else []
