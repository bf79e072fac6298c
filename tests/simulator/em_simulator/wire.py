# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes entities, references and lists as XML or JSON, as the generations of the server do (WIRE.md section 1)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import AbstractSet, Any, Callable, Iterable, Mapping, NamedTuple

from . import clock
from .profiles import Profile

DECLARATION = '<?xml version="1.0" encoding="utf-8"?>'
NAMESPACES = ' xmlns="http://www.veeam.com/ent/v1.0" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
_SPECIAL_IN_TEXT = re.compile("[&<>\r]")
_SPECIAL_IN_ATTRIBUTE = re.compile('[&<>"\r\n\t]')
_REFERENCES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#xD;", "\n": "&#xA;", "\t": "&#x9;"}

DATETIME = "datetime"
STRUCT = "struct"
# Key of a structure that has links of its own: the links and the context to write them in.
OWN_LINKS = "@Links"


class Link(NamedTuple):
    """A link; ``path`` is below /api, ``name`` and ``type`` may be missing."""

    rel: str
    path: str
    name: str | None = None
    type: str | None = None


class DayTime(NamedTuple):
    """A time of day on a clock that is ``offset`` hours ahead of UTC. XML tells it locally, JSON in UTC on some day."""

    text: str
    offset: int
    day: str = "2026-01-15"


@dataclass(frozen=True)
class Element:
    """A value on the wire, as ``Field`` of the declarations, where something is written that they do not describe."""

    wire: str
    kind: str = "string"
    attribute: bool = False
    text: bool = False
    many: bool = False
    item: str = ""
    json_item: str = ""
    struct: Any = None


@dataclass
class Context:
    """How to write: the generation, the address that Hrefs begin with (``https://host:port/api``), what a test wants left out, by type."""

    profile: Profile
    base: str
    omitted: Mapping[str, AbstractSet[str]] = field(default_factory=dict)

    def href(self, path: str) -> str:
        """Return the full address of a path below /api."""
        return self.base + path


@dataclass
class Spec:
    """How one type of thing is written.

    ``head`` names the values that are attributes in XML, in their XML order. ``elements`` come in XML order;
    ``json_first`` names those that JSON puts in front. ``values`` and ``links`` read them from a thing.
    ``item`` is the element that repeats in a list where it is not the root, ``json_list`` the JSON name of the list where it is not
    ``list_root``. ``href`` gives "" for a thing without address; ``typed`` says whether it has the attribute Type.
    """

    type: str
    root: str
    list_root: str
    elements: tuple[Any, ...]
    head: tuple[str, ...]
    values: Callable[[Any, Context], dict[str, Any]]
    links: Callable[[Any, Context], list[Link]]
    href: Callable[[Any, Context], str]
    reference: Callable[[Any, Context], tuple[str, list[Link]]] | None = None
    json_first: tuple[str, ...] = ()
    ref_type: str = ""
    item: str = ""
    json_list: str = ""
    typed: bool = True
    json_elements: tuple[Any, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        front = [element for name in self.json_first for element in self.elements if element.wire == name]
        self.json_elements = tuple(front + [element for element in self.elements if element.wire not in self.json_first])
        self.ref_type = self.ref_type or self.type + "Reference"
        self.item = self.item or self.root
        self.json_list = self.json_list or self.list_root

    def known(self, ctx: Context, elements: Iterable[Any]) -> list[Any]:
        """Return the elements that are written: those that the generation knows and no test wants left out."""
        omitted = ctx.profile.omitted.get(self.type, frozenset()) | ctx.omitted.get(self.type, frozenset())
        return [element for element in elements if element.wire not in omitted] if omitted else list(elements)

    def attributes(self, ctx: Context) -> list[str]:
        """Return the names of the attributes that are written, in XML order."""
        omitted = ctx.omitted.get(self.type, frozenset())
        return [name for name in self.head if name not in omitted]


def scalar(value: Any, element: Any, profile: Profile, as_json: bool) -> Any:
    """Return a single value ready for JSON, or as unescaped text for XML."""
    if element.kind == DATETIME and not isinstance(value, str):
        value = clock.iso(value, profile.digits)
    elif isinstance(value, DayTime):
        value = _day_time(value, as_json)
    if as_json:
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _day_time(value: DayTime, as_json: bool) -> str:
    if not as_json:
        return value.text + ".0000000"
    hour, rest = value.text.split(":", 1)
    return f"{value.day}T{(int(hour) - value.offset) % 24:02d}:{rest}Z"


# XML


def _reference(match: re.Match[str]) -> str:
    return _REFERENCES[match.group()]


def escape(text: str) -> str:
    """Return text ready to stand between tags."""
    return _SPECIAL_IN_TEXT.sub(_reference, text)


def attribute(name: str, value: str) -> str:
    """Write one attribute with the blank in front."""
    return f' {name}="{_SPECIAL_IN_ATTRIBUTE.sub(_reference, value)}"'


def xml_links(links: list[Link], ctx: Context) -> str:
    """Write the element Links, nothing without links."""
    if not links:
        return ""
    parts = ["<Links>"]
    for link in links:
        name = attribute("Name", link.name) if link.name is not None else ""
        kind = f' Type="{link.type}"' if link.type is not None else ""
        parts.append(f'<Link{attribute("Href", ctx.href(link.path))}{name}{kind} Rel="{link.rel}" />')
    parts.append("</Links>")
    return "".join(parts)


def xml_element(element: Any, value: Any, profile: Profile) -> str:
    """Write one element; nothing for a value that is not set."""
    if value is None:
        return ""
    name = element.wire
    if element.many:
        items = "".join(_xml_value(element.item or name, element, item, profile) for item in value)
        if not element.item:
            return items
        return f"<{name}>{items}</{name}>" if items else f"<{name} />"
    return _xml_value(name, element, value, profile)


def _xml_value(name: str, element: Any, value: Any, profile: Profile) -> str:
    if element.kind == STRUCT:
        return _xml_struct(name, element.struct.fields, value, profile)
    text = escape(scalar(value, element, profile, as_json=False))
    return f"<{name}>{text}</{name}>" if text else f"<{name} />"


def _xml_struct(name: str, fields: Iterable[Any], value: dict[str, Any], profile: Profile) -> str:
    attributes = "".join(attribute(key, text) for key, text in value.get("@", {}).items())
    body = xml_links(*value[OWN_LINKS]) if OWN_LINKS in value else ""
    for element in fields:
        part = value.get(element.wire)
        if element.attribute:
            attributes += attribute(element.wire, scalar(part, element, profile, as_json=False)) if part is not None else ""
        elif element.text:
            body += escape(scalar(part, element, profile, as_json=False)) if part is not None else ""
        else:
            body += xml_element(element, part, profile)
    return f"<{name}{attributes}>{body}</{name}>" if body else f"<{name}{attributes} />"


def xml_entity(thing: Any, spec: Spec, ctx: Context, root: str, namespaces: str = "") -> str:
    """Write an entity: attributes Href, Type, Name, UID, then Links, then the elements."""
    values = spec.values(thing, ctx)
    address = spec.href(thing, ctx)
    head = attribute("Href", ctx.href(address)) if address else ""
    head += f' Type="{spec.type}"' if spec.typed else ""
    head += "".join(attribute(name, str(values[name])) for name in spec.attributes(ctx) if values.get(name) is not None)
    body = xml_links(spec.links(thing, ctx), ctx) + "".join(
        [xml_element(element, values.get(element.wire), ctx.profile) for element in spec.known(ctx, spec.elements)]
    )
    return f"<{root}{head}{namespaces}>{body}</{root}>" if body else f"<{root}{head}{namespaces} />"


def xml_reference(thing: Any, spec: Spec, ctx: Context, root: str = "Ref", namespaces: str = "") -> str:
    """Write a reference: attributes UID, Name, Href, Type, then Links."""
    assert spec.reference is not None
    values = spec.values(thing, ctx)
    path, links = spec.reference(thing, ctx)
    head = attribute("UID", values["UID"]) + attribute("Name", values["Name"]) + attribute("Href", ctx.href(path))
    return f'<{root}{head} Type="{spec.ref_type}"{namespaces}>{xml_links(links, ctx)}</{root}>'


def xml_list(root: str, items: Iterable[str], namespaces: str = NAMESPACES) -> str:
    """Write a list around items that are written already."""
    body = "".join(items)
    return f"<{root}{namespaces}>{body}</{root}>" if body else f"<{root}{namespaces} />"


# JSON


def json_links(links: list[Link], ctx: Context) -> list[dict[str, Any]]:
    """Return the flat list of links."""
    key, nulls = ctx.profile.key, ctx.profile.json_nulls
    rel, href, name, kind = key("Rel"), key("Href"), key("Name"), key("Type")
    written = []
    for link in links:
        one: dict[str, Any] = {rel: link.rel, href: ctx.href(link.path)}
        if nulls or link.name is not None:
            one[name] = link.name
        if nulls or link.type is not None:
            one[kind] = link.type
        written.append(one)
    return written


def json_value(element: Any, value: Any, profile: Profile) -> Any:
    """Return one value in its JSON form."""
    if value is None:
        return None
    if element.many:
        items = [_json_single(element, item, profile) for item in value]
        wrapped = element.item and element.kind == STRUCT
        return {profile.key(element.json_item or element.item + "s"): items} if wrapped else items
    return _json_single(element, value, profile)


def _json_single(element: Any, value: Any, profile: Profile) -> Any:
    if element.kind != STRUCT:
        return scalar(value, element, profile, as_json=True)
    fields = element.struct.fields
    inner = [item for item in fields if not item.attribute] + [item for item in fields if item.attribute]
    if any(item.text for item in fields):
        inner = list(fields)
    written = json_members(inner, value, profile)
    for name, extra in value.get("json", {}).items():
        put(written, name, extra, profile)
    if OWN_LINKS in value:
        written[profile.key("Links")] = json_links(*value[OWN_LINKS])
    for name, text in value.get("@", {}).items():
        written[profile.key(name)] = text
    return written


# Stray spellings of the JSON serializer (WIRE.md section 1).
_JSON_NAMES = {"RetrySpecified": "RetrySpecified1"}
_JSON_NAMES_95 = {"OptionsContinuous": "OptionsContinious"}


def json_members(elements: Iterable[Any], values: dict[str, Any], profile: Profile) -> dict[str, Any]:
    """Return the members of an object; those that are not set are null, or missing up to 9.5."""
    written: dict[str, Any] = {}
    for element in elements:
        name = _JSON_NAMES.get(element.wire, element.wire)
        if not profile.json_nulls:
            name = _JSON_NAMES_95.get(name, name)
        put(written, name, json_value(element, values.get(element.wire), profile), profile)
    return written


def put(written: dict[str, Any], wire_name: str, value: Any, profile: Profile) -> None:
    """Set a member, or leave it out where the generation does not write null."""
    if value is not None or profile.json_nulls:
        written[profile.key(wire_name)] = value


def json_entity(thing: Any, spec: Spec, ctx: Context) -> dict[str, Any]:
    """Return an entity: its elements, then Name, UID, Links, Href, Type (VmDisplayName before Name)."""
    profile = ctx.profile
    values = spec.values(thing, ctx)
    address = spec.href(thing, ctx)
    written = json_members(spec.known(ctx, spec.json_elements), values, profile)
    for name in sorted(spec.attributes(ctx), key=("Name", "UID").__contains__):
        put(written, name, values.get(name), profile)
    links = json_links(spec.links(thing, ctx), ctx)
    put(written, "Links", links if address or links else None, profile)
    put(written, "Href", ctx.href(address) if address else None, profile)
    put(written, "Type", spec.type if spec.typed else None, profile)
    return written


def json_reference(thing: Any, spec: Spec, ctx: Context) -> dict[str, Any]:
    """Return a reference: Links, UID, Name, Href, Type."""
    assert spec.reference is not None
    key = ctx.profile.key
    values = spec.values(thing, ctx)
    path, links = spec.reference(thing, ctx)
    return {
        key("Links"): json_links(links, ctx),
        key("UID"): values["UID"],
        key("Name"): values["Name"],
        key("Href"): ctx.href(path),
        key("Type"): spec.ref_type,
    }


def json_text(value: Any, profile: Profile) -> str:
    """Write JSON on one line; 13 escapes everything beyond ASCII and the signs that mean something in HTML."""
    if not profile.camel:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    for sign in "<>&'+":
        text = text.replace(sign, f"\\u{ord(sign):04X}")
    return text


# Errors


def error_body(status: int, message: str, as_json: bool, profile: Profile) -> str:
    """Write the body of an error (WIRE.md section 2)."""
    if as_json:
        members = {"FirstChanceExceptionMessage": None, "Message": message, "StackTrace": None, "Status": None, "StatusCode": status}
        return json_text({profile.key(name): value for name, value in members.items()}, profile)
    head = attribute("Message", message)
    return f'{DECLARATION}<Error{head} StatusCode="{status}"{NAMESPACES}><FirstChanceExceptionMessage>{escape(message)}</FirstChanceExceptionMessage></Error>'
