# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bytes of the service <-> records: XML and JSON, any key case, one typed form. Private to this collection.

Everything here works by the declarations in ``entities``; no caller touches an element by name.
Source: WIRE.md sections 1 (shape), 2 (errors), 4 (paging), 7 (times and sizes).
"""

from __future__ import annotations

import json
import re
import traceback
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Callable, ClassVar, Dict, Iterator, List, Optional, Tuple
from xml.parsers.expat import ExpatError

from .entities._model import Field, Kind, Resource, camel_case, snake_case
from .errors import BodyError

XMLTODICT_IMPORT_ERROR: Optional[str]
try:
    import xmltodict
except ImportError:
    XMLTODICT_IMPORT_ERROR = traceback.format_exc()
else:
    XMLTODICT_IMPORT_ERROR = None

Record = Dict[str, Any]
Node = Any
Converter = Callable[[Any], Any]

HEAD_LENGTH = 200
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_PREFIXED = re.compile(rb'xmlns:[\w.-]+\s*=\s*["\']http://www\.veeam\.com/ent/v1\.0')
_NAMESPACES = {"http://www.veeam.com/ent/v1.0": None, "http://www.w3.org/2001/XMLSchema-instance": "xsi", "http://www.w3.org/2001/XMLSchema": None}
_TIME_STAMP = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d*))?(Z|[+-]\d\d:\d\d)?\Z")
_TIME_OF_DAY = re.compile(r"(\d\d):(\d\d):(\d\d)(?:\.\d*)?(?:Z|[+-]\d\d:\d\d)?\Z")
# 1753-01-01 is the service's "never"; 0001-01-01 is what .NET writes for a time that was not set.
_NEVER = ("1753-01-01", "0001-01-01")
_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
_DEEPEST_UNDECLARED = 50
_FRAME_KEYS = ("Links", "Href", "Type")
# What enters no record under a name that nobody declared, as later versions may repeat what orders carry.
_SECRETS = ("password",)
_PASSWORD_VALUE = re.compile(r'(password"?\s*[:=]\s*")(?:\\.|[^"\\])*|(?<=password>)[^<]+', re.IGNORECASE)
# The reference and the servers do not agree for all types (API.md section 5): the declared one is looked at first.
_ENVELOPES = {"Entities": ("Entities", "Resources"), "Resources": ("Resources", "Entities")}


@dataclass(frozen=True)
class Tree:
    """A parsed body: the root's name ("" in JSON, which drops it) and its content as dicts, lists and scalars."""

    root: str
    node: Node
    is_xml: bool


@dataclass(frozen=True)
class Page:
    """One page of a query or a whole collection: raw entities, and where it stands among its pages."""

    nodes: List[Node]
    number: int
    size: int
    count: int
    is_xml: bool


def head_of(body: bytes) -> str:
    """Return the first 200 characters of a body on one line, for messages; the values of passwords in it are masked."""
    text = _PASSWORD_VALUE.sub(r"\1********", body[: HEAD_LENGTH * 4].decode("utf-8", "replace"))
    return "".join(letter if letter.isprintable() else " " for letter in text)[:HEAD_LENGTH].strip()


def is_guid(text: str) -> bool:
    """Tell whether the text is a GUID in the usual form with hyphens."""
    return bool(_GUID.match(text))


def guid_of(uid: str) -> str:
    """Return the id inside a URN: what stands after the last colon (API.md section 5: one CDP URN holds two)."""
    return uid.rsplit(":", 1)[-1]


# ---------------------------------------------------------------------------------------------------------
# Bodies


def parse(body: bytes, content_type: str) -> Tree:
    """Parse a body by what it is; the content type must be one of the service's two.

    Raises BodyError for an empty, foreign, malformed or truncated body and for declared entities.
    """
    text = body[len(_BYTE_ORDER_MARK) :] if body.startswith(_BYTE_ORDER_MARK) else body
    start = text[:64].lstrip()[:1]
    if not start:
        raise BodyError("The answer has no content.")
    kind = content_type.partition(";")[0].strip().lower()
    if kind and not kind.endswith(("/xml", "/json", "+xml", "+json")):
        raise BodyError(
            "The answer has the content type %s, not XML or JSON; it begins: %s" % (kind, head_of(text)),
            advice="Something other than Enterprise Manager answered, such as a proxy or a web page: check host, port and proxy.",
        )
    if start == b"<":
        return _parse_xml(text)
    return _parse_json(text)


def _parse_json(text: bytes) -> Tree:
    try:
        node = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BodyError("The answer is not valid JSON (%s); it begins: %s" % (_first_line(error), head_of(text)), advice=_DAMAGED) from error
    return Tree("", node, False)


def _parse_xml(text: bytes) -> Tree:
    # A document type is never part of the service's answers; it is refused before the parser sees an entity.
    if b"<!DOCTYPE" in text[:4096]:
        raise BodyError("The answer declares a document type, which the service never does; it begins: %s" % head_of(text), advice=_FOREIGN)
    try:
        document = xmltodict.parse(text, disable_entities=True, strip_whitespace=False, **_namespace_options(text))
    except (ValueError, LookupError, RecursionError, ExpatError) as error:  # LookupError: an encoding that nobody knows
        raise BodyError("The answer is not valid XML (%s); it begins: %s" % (_first_line(error), head_of(text)), advice=_DAMAGED) from error
    root = next(iter(document))
    return Tree(root, document[root], True)


def _namespace_options(text: bytes) -> Dict[str, Any]:
    """Resolve namespaces where the service's own has a prefix; as the default namespace, which is what is sent, it needs no work on every name."""
    return {"process_namespaces": True, "namespaces": _NAMESPACES} if _PREFIXED.search(text, 0, 4096) else {}


_DAMAGED = "It was cut off or changed on its way: try again, and look at what stands between you and the server."
_FOREIGN = "Something other than Enterprise Manager answered: check host, port and proxy."


def _first_line(error: BaseException) -> str:
    return str(error).splitlines()[0][:120] if str(error) else error.__class__.__name__


# What a converter raises on a value that the service does not send.
_CONVERSION_ERRORS = (ValueError, TypeError, AttributeError, ArithmeticError)


def _malformed(element: str, value: Any, error: BaseException) -> BodyError:
    shown = "a structure" if isinstance(value, (dict, list)) else repr(value)[:80]
    return BodyError("The element %s holds %s, which cannot be read (%s)." % (element.lstrip("@")[:80], shown, _first_line(error)), advice=_DAMAGED)


def member(node: Node, name: str) -> Node:
    """Return a member by its wire name without regard to key case or to attribute or element; None when missing."""
    if not isinstance(node, dict):
        return None
    for key in (name, camel_case(name), "@" + name):
        if key in node:
            return node[key]
    wanted = name.lower()
    for key, value in node.items():
        if key.lstrip("@").lower() == wanted:
            return value
    return None


def _first_member(node: Node, names: Tuple[str, ...]) -> Node:
    """Return the first member that is there and set; None when there is none of them."""
    for name in names:
        found = member(node, name)
        if found is not None:
            return found
    return None


def server_message(body: bytes) -> str:
    """Return the server's own words in an error body of either format, "" when there are none (WIRE.md section 2)."""
    try:
        tree = parse(body, "")
    except BodyError:
        return ""
    message = member(tree.node, "Message") or member(tree.node, "FirstChanceExceptionMessage")
    return message.strip() if isinstance(message, str) else ""


def page_of(tree: Tree, resource: Resource) -> Page:
    """Find the entities of a list or query answer, with the page it stands on.

    A collection has no paging: it is page 1 of 1, and so is the one entity of a resource without lists.
    Raises BodyError when the answer holds another kind of thing.
    """
    if not resource.list_root:
        return Page([entity_of(tree, resource)], 1, 0, 1, tree.is_xml)
    paging = member(tree.node, "PagingInfo")
    envelopes = [envelope for envelope in (member(tree.node, name) for name in _ENVELOPES[resource.envelope]) if isinstance(envelope, dict)]
    if paging is not None or tree.root == "QueryResult" or envelopes:
        nodes = _members_of_list(tree, _list_in(tree, envelopes, resource), resource)
        return Page(nodes, _number(paging, "PageNum"), _number(paging, "PageSize"), _number(paging, "PagesCount"), tree.is_xml)
    if (tree.is_xml and tree.root not in resource.list_roots) or (not tree.is_xml and not isinstance(tree.node, dict)):
        raise _unexpected(tree, resource.list_root)
    return Page(_members_of_list(tree, tree.node, resource), 1, 0, 1, tree.is_xml)


def _list_in(tree: Tree, envelopes: List[Node], resource: Resource) -> Node:
    """Return the list in the envelopes of a query, None without hits. Raises BodyError when they hold another list only."""
    for envelope in envelopes:
        found = _first_member(envelope, resource.list_roots)
        if found is not None:
            return found
    others = [name for envelope in envelopes for name, value in envelope.items() if isinstance(value, dict) and _only_member(value)]
    if others:
        raise _unexpected(Tree(", ".join(others[:5]), tree.node, tree.is_xml), resource.list_root)
    return None


def _number(paging: Node, name: str) -> int:
    raw = member(paging, name)
    try:
        value = _to_int(raw)
    except _CONVERSION_ERRORS as error:
        raise _malformed(name, raw, error) from error
    return 1 if value is None else value


def _members_of_list(tree: Tree, container: Node, resource: Resource) -> List[Node]:
    if tree.is_xml:
        found = _first_member(container, resource.list_items)
        nodes = as_list(_only_member(container) if found is None else found)
    elif isinstance(container, list):
        nodes = container
    elif container is None:
        nodes = []
    else:
        nodes = as_list(member(container, _name_of_json_list(tree, container, resource)))
    if not all(isinstance(node, dict) for node in nodes):
        raise BodyError("The list %s of the answer holds something other than %s." % (resource.list_root, resource.type), advice=_DAMAGED)
    return nodes


def _name_of_json_list(tree: Tree, container: Node, resource: Resource) -> str:
    """Find the member with the list: JSON names it after the root or, as ObjectInJobs in ObjectsInJob, after the item."""
    items = [name.lower() for name in resource.list_items]
    plain = items if resource.item else []  # Items and Sessions are plurals already
    plurals = [name + "s" for name in items] + [name[:-1] + "ies" for name in items if name.endswith("y")]
    names = [name.lower() for name in resource.list_roots] + plurals + plain
    for key in container if isinstance(container, dict) else ():
        if key.lower() in names:
            return str(key)
    raise _unexpected(tree, resource.list_root)


def entity_of(tree: Tree, resource: Resource) -> Node:
    """Return the one entity of an answer. Raises BodyError when it holds another kind of thing."""
    if tree.is_xml and tree.root != resource.entity_root:
        raise _unexpected(tree, resource.entity_root)
    if resource.key == "href":
        return _entity_without_identity(tree, resource)
    if not isinstance(tree.node, dict) or not any(member(tree.node, name) is not None for name in ("Href", "UID", resource.fields[0].wire)):
        raise _unexpected(tree, resource.entity_root)
    return tree.node


def _entity_without_identity(tree: Tree, resource: Resource) -> Node:
    """Know it by its members, as it may carry neither UID nor address; in XML the root said it, and an empty one holds nothing."""
    if tree.is_xml:
        return tree.node if isinstance(tree.node, dict) else {}
    # What has no values of its own, such as a page of links, has nothing but the frame.
    names = {spelling.lower() for field in resource.wire_fields for spelling in (field.wire, *field.aliases)} or {"links"}
    if not isinstance(tree.node, dict) or not (member(tree.node, "Href") or any(key.lower() in names for key in tree.node)):
        raise _unexpected(tree, resource.entity_root)
    return tree.node


def _unexpected(tree: Tree, wanted: str) -> BodyError:
    got = tree.root or (", ".join(list(tree.node)[:5]) if isinstance(tree.node, dict) else type(tree.node).__name__)
    return BodyError("The answer should hold %s and holds %s." % (wanted, got[:HEAD_LENGTH] or "nothing"), advice=_FOREIGN)


def _only_member(node: Node) -> Node:
    """Return what a list holds under a name that nobody declared, as items were renamed between product versions; None for none or several."""
    if not isinstance(node, dict):
        return None
    frame = [key.lower() for key in _FRAME_KEYS]
    members = [inner for key, inner in node.items() if key[:1] not in ("@", "#") and key.lower() not in frame]
    return members[0] if len(members) == 1 else None


def as_list(node: Node) -> List[Node]:
    """Return a list for no member, one member or many (an XML list of one looks like a single element)."""
    if node is None or isinstance(node, str):
        return []
    return node if isinstance(node, list) else [node]


# ---------------------------------------------------------------------------------------------------------
# Values


def _is_nil(element: Dict[str, Any]) -> bool:
    """Tell whether an element says that it is null, under whatever prefix the document gave the schema instance."""
    return any(key.endswith(":nil") and value == "true" for key, value in element.items())


def _text_of(value: Any) -> Any:
    """Return the text of an XML element that also carries attributes; other values pass."""
    if isinstance(value, dict):
        return None if _is_nil(value) else value.get("#text")
    return value


def _to_text(value: Any) -> Optional[str]:
    if value is None or value.__class__ is str:
        return value
    value = _text_of(value)
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value)


def _to_xml_text(value: Any) -> Optional[str]:
    """In XML an empty element is an empty text, and only a missing or nil one is null."""
    if value is None:
        return ""
    if isinstance(value, dict):
        return None if _is_nil(value) else value.get("#text", "")
    return _to_text(value)


def _to_word(value: Any) -> Optional[str]:
    text = _to_text(value)
    return text.strip() or None if text is not None else None


def _to_int(value: Any) -> Optional[int]:
    if value.__class__ is int or value is None:
        return value
    value = _text_of(value)
    if isinstance(value, str):
        value = value.strip()
    if value in (None, ""):
        return None
    number = float(value) if isinstance(value, str) and ("." in value or "e" in value.lower()) else value
    return int(number)


def _to_size(value: Any) -> Optional[int]:
    size = _to_int(value)
    return None if size is not None and size < 0 else size


def _to_float(value: Any) -> Optional[float]:
    value = _text_of(value)
    return None if value in (None, "") else float(value)


def _to_bool(value: Any) -> Optional[bool]:
    if value.__class__ is bool or value is None:
        return value
    value = _text_of(value)
    text = str(value).strip().lower()
    if text in ("", "none"):
        return None
    if text in ("true", "1"):
        return True
    if text in ("false", "0"):
        return False
    raise ValueError("not a boolean")


def to_utc(value: Any) -> Optional[str]:
    """Return a time stamp in UTC with Z; null for "never". A stamp without zone is UTC (WIRE.md section 7).

    Fractions keep their digits (up to 7 are sent) without trailing zeros. Raises ValueError for other text.
    """
    text = _to_word(value)
    if text is None:
        return None
    match = _TIME_STAMP.match(text)
    if match is None:
        raise ValueError("not a time stamp")
    day, time_of_day, fraction, zone = match.groups()
    if day in _NEVER:
        return None
    if zone not in (None, "Z"):
        moment = datetime.strptime(day + time_of_day + zone.replace(":", ""), "%Y-%m-%d%H:%M:%S%z").astimezone(timezone.utc)
        day, time_of_day = moment.strftime("%Y-%m-%d"), moment.strftime("%H:%M:%S")
    fraction = fraction.rstrip("0") if fraction else ""
    return day + "T" + time_of_day + ("." + fraction if fraction else "") + "Z"


def _to_schedule_time(value: Any, offset_hours: Any) -> Optional[str]:
    """Return HH:MM:SS on the server's clock: XML sends that, JSON a UTC stamp beside its distance (WIRE.md section 1)."""
    text = _to_word(value)
    if text is None:
        return None
    match = _TIME_OF_DAY.match(text)
    if match:
        return ":".join(match.groups())
    stamp = to_utc(text)
    if stamp is None:
        return None
    moment = datetime.strptime(stamp[:19], "%Y-%m-%dT%H:%M:%S") + timedelta(hours=_to_int(offset_hours) or 0)
    return moment.strftime("%H:%M:%S")


_CONVERTERS: Dict[str, Converter] = {
    Kind.STRING: _to_text,
    Kind.INT: _to_int,
    Kind.SIZE: _to_size,
    Kind.DECIMAL: _to_float,
    Kind.BOOL: _to_bool,
    Kind.DATETIME: to_utc,
    Kind.SCHEDULE_TIME: _to_text,
    Kind.UID: _to_word,
    Kind.ENUM: _to_word,
}


def _undeclared(value: Any, dropped: Tuple[str, ...], depth: int = 0) -> Any:
    """Keep what nobody declared and is no secret: names in snake_case, values as the text both formats would show.

    Raises ValueError below a depth that the service never sends, and that whoever prints the record could not follow.
    """
    if depth > _DEEPEST_UNDECLARED:
        raise ValueError("it is nested too deeply")
    if isinstance(value, dict):
        secrets = {name.lower() for name in (*_SECRETS, *dropped)}
        kept = ((key.lstrip("@#"), inner) for key, inner in value.items() if inner is not None or key[:1] not in "@#")
        return {snake_case(key): _undeclared(inner, dropped, depth + 1) for key, inner in kept if key.lower() not in secrets}
    if isinstance(value, list):
        return [_undeclared(inner, dropped, depth + 1) for inner in value]
    return value if value is None or isinstance(value, str) else json.dumps(value)


# ---------------------------------------------------------------------------------------------------------
# Decoding by declaration


class _FieldTable:
    """How the members of one structure become record keys, for one of the two formats."""

    def __init__(self, fields: Tuple[Field, ...], is_xml: bool, frame: bool, dropped: Tuple[str, ...]) -> None:
        self.is_xml = is_xml
        self.dropped = dropped
        self.blank: Record = {field.name: None for field in fields}
        self.lists = tuple(field.name for field in fields if field.many)
        self.schedule_times = tuple(field for field in fields if field.kind == Kind.SCHEDULE_TIME)
        self.entries: Dict[str, Tuple[str, Optional[Converter]]] = {}
        for key in () if frame else _FRAME_KEYS:
            for spelling in self._spellings(key, attribute=key != "Links"):
                self.entries[spelling] = ("", None)
        for field in fields:
            converter = self._converter(field)
            for wire_name in (field.wire,) + field.aliases:
                for spelling in self._spellings(wire_name, field.attribute, field.text):
                    self.entries[spelling] = (field.name, converter)
        for secret in dropped:
            for spelling in self._spellings(secret, attribute=True):
                self.entries[spelling] = ("", None)

    def _spellings(self, wire_name: str, attribute: bool, text: bool = False) -> Tuple[str, ...]:
        if not self.is_xml:
            return (wire_name, camel_case(wire_name))
        if text:
            return ("#text",)
        return ("@" + wire_name, wire_name) if attribute else (wire_name,)

    def _converter(self, field: Field) -> Converter:
        if field.struct is not None:
            one: Converter = _FieldTable(field.struct.fields, self.is_xml, frame=False, dropped=self.dropped).decode
        elif field.kind == Kind.STRING and self.is_xml:
            one = _to_xml_text
        else:
            one = _CONVERTERS[field.kind]
        if not field.many:
            return one
        return lambda value: [one(inner) for inner in self._items(field, value)]

    def _items(self, field: Field, value: Any) -> List[Any]:
        if field.item and isinstance(value, dict):
            names = [name.lower() for name in (field.item, field.json_item, field.item + "s") if name]
            named = [inner for key, inner in value.items() if key.lower() in names]
            inner = named[0] if named else _only_member(value)
            # One empty element is a list of one empty text in XML; null is a list that is not set in JSON.
            return inner if isinstance(inner, list) else [] if inner is None and not (named and self.is_xml) else [inner]
        if field.item and not isinstance(value, list):
            return []
        return value if isinstance(value, list) else [] if value is None else [value]

    def fill(self, record: Record, node: Dict[str, Any]) -> None:
        """Convert every member of the node into the record. Raises BodyError naming the member that is malformed."""
        entries = self.entries
        for key, value in node.items():
            entry = entries.get(key)
            try:
                if entry is None:
                    self._keep_undeclared(record, key, value)
                elif entry[1] is not None:
                    record[entry[0]] = entry[1](value)
            except _CONVERSION_ERRORS as error:
                raise _malformed(key, value, error) from error
        for field in self.schedule_times:
            raw = record[field.name]
            try:
                record[field.name] = _to_schedule_time(raw, record.get("time_offset_utc")) if raw else None
            except _CONVERSION_ERRORS as error:
                raise _malformed(field.wire, raw, error) from error

    def _keep_undeclared(self, record: Record, key: str, value: Any) -> None:
        # Attributes with a prefix belong to XML itself (xsi:type, xmlns:xsd), whatever the prefix is.
        if (value is None and not self.is_xml) or key.startswith(("@xmlns", "#text")) or (key.startswith("@") and ":" in key):
            return
        known = next((entry for spelling, entry in self.entries.items() if spelling.lower() == key.lower()), None)
        if known is not None:
            if known[1] is not None:
                record[known[0]] = known[1](value)
            return
        name = snake_case(key.lstrip("@"))
        if name not in record and name not in _SECRETS:
            record[name] = "" if value is None else _undeclared(value, self.dropped)

    def decode(self, node: Any) -> Optional[Record]:
        """Decode a nested structure; null when nothing in it is set, which is how an unset one looks in XML."""
        if self.is_xml and isinstance(node, str) and "#text" in self.entries:
            node = {"#text": node}
        if not isinstance(node, dict):
            return None
        record = dict(self.blank)
        for name in self.lists:
            record[name] = []
        self.fill(record, node)
        return record if any(value not in (None, []) for value in record.values()) else None


class Decoder:
    """Turns entities of one resource into records; made once per resource and format."""

    _made: ClassVar[Dict[Tuple[int, bool], Decoder]] = {}

    def __init__(self, resource: Resource, is_xml: bool) -> None:
        frame = (
            Field("href", "Href", Kind.UID, "", attribute=True),
            Field("type", "Type", Kind.UID, "", attribute=True),
        )
        self.resource = resource
        self.table = _FieldTable(frame + resource.wire_fields, is_xml, frame=True, dropped=resource.dropped)
        for spelling in ("Links", "links"):
            self.table.entries[spelling] = ("", None)
        self.blank = dict.fromkeys(("id", "uid", "name", "type", "href"))
        self.blank.update(dict.fromkeys(field.name for field in resource.record_fields))
        self.blank.update({reference.name: None for reference in resource.references})
        self.lists = self.table.lists + tuple(reference.name for reference in resource.references if reference.many)
        self.filled = tuple((field.name,) + tuple(field.filled_from.split(".")) for field in resource.fields if field.filled_from)
        self.by_link: Dict[Tuple[str, str], Any] = {}
        for reference in resource.references:
            for link_type in reference.types or ("",):
                self.by_link[reference.rel, link_type] = reference
                self.by_link[reference.rel, link_type + "Reference"] = reference

    @classmethod
    def of(cls, resource: Resource, is_xml: bool) -> Decoder:
        """Return the decoder of a resource for one format."""
        # By identity, as hashing a whole declaration each time would cost more than decoding; the decoder keeps it alive.
        key = (id(resource), is_xml)
        if key not in cls._made:
            cls._made[key] = cls(resource, is_xml)
        return cls._made[key]

    def record(self, node: Node, with_links: bool = False) -> Record:
        """Return the record of one entity. Raises BodyError for a malformed value."""
        record = dict(self.blank)
        for name in self.lists:
            record[name] = []
        self.table.fill(record, node)
        resource = self.resource
        if record["type"] is None:
            record["type"] = resource.type
        if resource.key in ("uid", "href"):
            record["id"] = guid_of(record["uid"]) if record["uid"] else _id_of(record["href"])
        else:
            record["id"] = record[resource.key] if record[resource.key] is not None else _id_of(record["href"])
        links = node.get("Links") or node.get("links")
        try:
            self._refer(record, links)
            if with_links:
                record["links"] = [_link(raw) for raw in links_of(links)]
        except _CONVERSION_ERRORS as error:
            raise _malformed("Links", links, error) from error
        for name, reference, key in self.filled:
            target = record[reference]
            record[name] = target[key] if target else None
        return record

    def _refer(self, record: Record, links: Any) -> None:
        for raw in links_of(links):
            rel, href, name, link_type = _parts_of_link(raw)
            reference = self.by_link.get((rel, link_type or "")) or self.by_link.get((rel, ""))
            if reference is None:
                continue
            target = _reference(href, name, link_type)
            if reference.many:
                record[reference.name].append(target)
            elif record[reference.name] is None:
                record[reference.name] = target


def links_of(links: Any) -> List[Any]:
    """Return the link nodes of an entity: a flat list in JSON, Links/Link in XML."""
    if links.__class__ is list:
        return links
    return as_list(member(links, "Link")) if isinstance(links, dict) else []


def _parts_of_link(raw: Dict[str, Any]) -> Tuple[str, str, Optional[str], Optional[str]]:
    if "Rel" in raw:
        return raw["Rel"], raw.get("Href") or "", raw.get("Name"), raw.get("Type")
    if "@Rel" in raw:
        return raw["@Rel"], raw.get("@Href") or "", raw.get("@Name"), raw.get("@Type")
    return raw.get("rel") or "", raw.get("href") or "", raw.get("name"), raw.get("type")


def _link(raw: Dict[str, Any]) -> Record:
    rel, href, name, link_type = _parts_of_link(raw)
    if not all(part is None or isinstance(part, str) for part in (rel, href, name, link_type)):
        raise ValueError("a part of a link is no text")
    return {"rel": rel, "href": href, "name": name, "type": link_type}


def _id_of(href: Optional[str]) -> Optional[str]:
    return (href or "").partition("?")[0].rstrip("/").rsplit("/", 1)[-1] or None


def _reference(href: str, name: Optional[str], link_type: Optional[str]) -> Record:
    kind = link_type[:-9] if link_type and link_type.endswith("Reference") else link_type
    identity = _id_of(href)
    uid = "urn:veeam:%s:%s" % (kind, identity) if kind and identity and is_guid(identity) else None
    return {"id": identity, "uid": uid, "name": name, "type": kind}


def records_of(page: Page, resource: Resource, with_links: bool = False) -> Iterator[Record]:
    """Yield the records of a page. Raises BodyError for a malformed value."""
    decode = Decoder.of(resource, page.is_xml).record
    for node in page.nodes:
        yield decode(node, with_links)


def record_of(tree: Tree, resource: Resource, with_links: bool = False) -> Record:
    """Return the record of an answer that holds one entity. Raises BodyError."""
    return Decoder.of(resource, tree.is_xml).record(entity_of(tree, resource), with_links)
