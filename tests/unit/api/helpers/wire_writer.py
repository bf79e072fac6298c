# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes entities the way servers do, in XML and in three dialects of JSON.

Shares no code with the decoder under test nor with the simulator: a wrong reading of the wire would have to be
made twice to go unnoticed. Shapes: see the fixtures beside it, which are written by hand.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

NAMESPACES = 'xmlns="http://www.veeam.com/ent/v1.0" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
_LINE_ENDS = {"\r": "&#xD;"}
_ATTRIBUTE_MARKS = {'"': "&quot;", "\r": "&#xD;", "\n": "&#xA;", "\t": "&#x9;"}
_OTHER_LISTS = ("Jobs", "Backups", "VAppRestorePoints", "BackupJobSessions", "NASJobs", "ReplicaTaskSessions", "SystemSessions")


@dataclass(frozen=True)
class Scalar:
    """One value. ``json`` None stands for a value that is not there: null or left out in JSON, left out in XML."""

    wire: str
    json: Any
    xml: str = ""
    attribute: bool = False
    text: bool = False
    json_wire: str = ""


@dataclass(frozen=True)
class Group:
    """A nested structure; None when it is not set."""

    wire: str
    pieces: tuple[Any, ...] | None
    json_wire: str = ""


@dataclass(frozen=True)
class Many:
    """A list. With ``item`` it has a wrapper (doubled in JSON under ``json_item``), without it the element repeats."""

    wire: str
    members: tuple[Any, ...]
    item: str = ""
    json_item: str = ""


@dataclass(frozen=True)
class Link:
    """One link; name and type "" where the server gives none."""

    rel: str
    href: str
    name: str = ""
    type: str = ""


@dataclass(frozen=True)
class Entity:
    """An entity: its root element, its attributes Href and Type, its pieces and links."""

    root: str
    href: str
    type: str
    pieces: tuple[Any, ...]
    links: tuple[Link, ...] = field(default=())


@dataclass(frozen=True)
class Dialect:
    """How a product version writes JSON: key case, and whether values that are not set appear as null."""

    name: str
    camel: bool
    nulls: bool

    def key(self, wire: str) -> str:
        """Return a key in this dialect."""
        return camel(wire) if self.camel else wire


DIALECTS = (Dialect("9.5u4", camel=False, nulls=False), Dialect("12", camel=False, nulls=True), Dialect("13", camel=True, nulls=True))


def camel(wire: str) -> str:
    """Return a name by the rule of System.Text.Json: a leading run of capitals loses all but the one that begins a word."""
    run = re.match(r"[A-Z]+", wire)
    if run is None:
        return wire
    length = run.end()
    if length in (1, len(wire)):
        return wire[:length].lower() + wire[length:]
    return wire[: length - 1].lower() + wire[length - 1 :]


def in_camel_case(node: Any) -> Any:
    """Return JSON of 12 with the keys of 13."""
    if isinstance(node, dict):
        return {camel(key): in_camel_case(value) for key, value in node.items()}
    return [in_camel_case(value) for value in node] if isinstance(node, list) else node


def without_nulls(node: Any) -> Any:
    """Return JSON of 12 as 9.5u4 writes it: what is not set is left out."""
    if isinstance(node, dict):
        return {key: without_nulls(value) for key, value in node.items() if value is not None}
    return [without_nulls(value) for value in node] if isinstance(node, list) else node


# ---------------------------------------------------------------------------------------------------------
# JSON


def json_value(piece: Any, dialect: Dialect) -> Any:
    """Return what stands behind the key of a piece."""
    if isinstance(piece, Scalar):
        return piece.json
    if isinstance(piece, Group):
        return None if piece.pieces is None else json_members(piece.pieces, dialect)
    members = [json_members(member, dialect) if isinstance(member, tuple) else member.json for member in piece.members]
    return {dialect.key(piece.json_item): members} if piece.item else members


def json_members(pieces: tuple[Any, ...], dialect: Dialect) -> dict[str, Any]:
    """Return pieces as members of an object."""
    members = {}
    for piece in pieces:
        value = json_value(piece, dialect)
        if value is not None or dialect.nulls:
            members[dialect.key(getattr(piece, "json_wire", "") or piece.wire)] = value
    return members


def json_entity(entity: Entity, dialect: Dialect) -> dict[str, Any]:
    """Return an entity as an object, its own elements first (WIRE.md section 1)."""
    members = json_members(entity.pieces, dialect)
    links = []
    for link in entity.links:
        parts = {"Rel": link.rel, "Href": link.href, "Name": link.name or None, "Type": link.type or None}
        links.append({dialect.key(key): value for key, value in parts.items() if value is not None or dialect.nulls})
    members[dialect.key("Links")] = links
    members[dialect.key("Href")] = entity.href
    members[dialect.key("Type")] = entity.type
    return members


def json_query_result(
    entities: list[Entity], list_root: str, dialect: Dialect, envelope: str = "Entities", paging: tuple[int, int, int] = (1, 100, 1)
) -> bytes:
    """Return a page of a query: the list doubled, and from version 10 on every other member as null."""
    lists: dict[str, Any] = {dialect.key(name): None for name in _OTHER_LISTS} if dialect.nulls else {}
    lists[dialect.key(list_root)] = {dialect.key(list_root): [json_entity(entity, dialect) for entity in entities]}
    top: dict[str, Any] = {dialect.key(name): None for name in ("Refs", "Entities", "Resources", "Links")} if dialect.nulls else {}
    top[dialect.key(envelope)] = lists
    numbers = dict(zip(("PageNum", "PageSize", "PagesCount"), paging, strict=True))
    top[dialect.key("PagingInfo")] = {dialect.key(name): value for name, value in {"Links": [], **numbers}.items()}
    return json.dumps(top, ensure_ascii=False).encode()


# ---------------------------------------------------------------------------------------------------------
# XML


def _attribute(name: str, value: str) -> str:
    return f' {name}="{escape(value, _ATTRIBUTE_MARKS)}"'


def _element(name: str, attributes: str, content: str) -> str:
    return f"<{name}{attributes}>{content}</{name}>" if content else f"<{name}{attributes} />"


def xml_element(name: str, pieces: tuple[Any, ...], attributes: str = "", links: tuple[Link, ...] = ()) -> str:
    """Return an element with the pieces as its attributes, text and children; links come first."""
    content = ""
    if links:
        content += _element("Links", "", "".join(_xml_link(link) for link in links))
    for piece in pieces:
        if isinstance(piece, Scalar):
            if piece.json is None:
                continue
            if piece.attribute:
                attributes += _attribute(piece.wire, piece.xml)
            elif piece.text:
                content += escape(piece.xml, _LINE_ENDS)
            else:
                content += _element(piece.wire, "", escape(piece.xml, _LINE_ENDS))
        elif isinstance(piece, Group):
            content += "" if piece.pieces is None else xml_element(piece.wire, piece.pieces)
        else:
            content += _xml_list(piece)
    return _element(name, attributes, content)


def _xml_list(many: Many) -> str:
    name = many.item or many.wire
    members = "".join(xml_element(name, member) if isinstance(member, tuple) else _element(name, "", escape(member.xml, _LINE_ENDS)) for member in many.members)
    return _element(many.wire, "", members) if many.item else members


def _xml_link(link: Link) -> str:
    optional = (_attribute("Name", link.name) if link.name else "") + (_attribute("Type", link.type) if link.type else "")
    return f"<Link{_attribute('Href', link.href)}{optional}{_attribute('Rel', link.rel)} />"


def xml_entity(entity: Entity, namespaces: str = "") -> str:
    """Return an entity as an element."""
    attributes = _attribute("Href", entity.href) + _attribute("Type", entity.type) + namespaces
    return xml_element(entity.root, entity.pieces, attributes, entity.links)


def xml_query_result(entities: list[Entity], list_root: str, envelope: str = "Entities", paging: tuple[int, int, int] = (1, 100, 1)) -> bytes:
    """Return a page of a query."""
    numbers = f' PageNum="{paging[0]}" PageSize="{paging[1]}" PagesCount="{paging[2]}"'
    listed = _element(list_root, "", "".join(xml_entity(entity) for entity in entities))
    content = _element(envelope, "", listed) + _element("PagingInfo", numbers, "<Links />")
    return ('<?xml version="1.0" encoding="utf-8"?>' + _element("QueryResult", " " + NAMESPACES, content)).encode()
