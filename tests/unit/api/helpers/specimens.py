# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hypothesis builds entities from the declarations, each with the record that it must become."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from wire_writer import Entity, Group, Link, Many, Scalar

from _api.entities._model import Field, Kind, Reference, Resource

SECRET = "never to be seen"
NEVER = "1753-01-01T00:00:00Z"
SPECIAL_NAMES = (
    "",
    " leading and trailing ",
    'Mail & Files <daily> "gold"; it\'s, all',
    "COPY_..\\BACKUP_..",
    "Резервная копия №5",
    "日本 🐘 backup 💾",
    "a;b,c(d)e==f",
    "tab\tand\nnew line",
    "&amp; &#38; %26",
    "true",
    "0012",
)
# What no XML document may hold; everything else a name may.
_LEGAL = st.characters(exclude_categories=["Cs"], exclude_characters="".join(map(chr, [*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])))
TEXTS = st.sampled_from(SPECIAL_NAMES) | st.text(_LEGAL, max_size=20)
GUIDS = st.uuids().map(str)
_UNKNOWN = (
    ("FutureFlag", True, "true", "future_flag"),
    ("NewNumber", 17, "17", "new_number"),
    ("VmNote", "a & b", "a & b", "vm_note"),
    ("EmptyNews", "", "", "empty_news"),
)


@dataclass(frozen=True)
class Specimen:
    """An entity and its record."""

    entity: Entity
    record: dict[str, Any]


@st.composite
def stamps(draw: st.DrawFn) -> tuple[str, str | None]:
    """Return a time as sent and as recorded: 0 to 7 digits of fraction, trailing zeros cut on one side only."""
    if draw(st.integers(0, 9)) == 0:
        return NEVER, None
    moment = draw(st.datetimes(min_value=datetime(1980, 1, 1), max_value=datetime(2099, 12, 31))).strftime("%Y-%m-%dT%H:%M:%S")
    digits = draw(st.text("0123456789", max_size=7))
    kept = digits.rstrip("0")
    return moment + ("." + digits if digits else "") + "Z", moment + ("." + kept if kept else "") + "Z"


@st.composite
def scalars(draw: st.DrawFn, field: Field, required: bool = False) -> tuple[Scalar, Any]:
    """Return one value as a piece, and as it must stand in the record."""
    if not required and not field.text and draw(st.integers(0, 4)) == 0:
        return Scalar(field.wire, None, attribute=field.attribute), None
    json_value, xml_text, recorded = draw(_values(field))
    spelling = draw(st.sampled_from((field.wire, *field.aliases)))
    return Scalar(field.wire, json_value, xml_text, field.attribute, field.text, json_wire=spelling), recorded


def _values(field: Field) -> st.SearchStrategy[tuple[Any, str, Any]]:
    if field.text:
        return st.text("01", min_size=24, max_size=24).map(lambda flags: (flags, flags, flags))
    if field.kind == Kind.STRING:
        return TEXTS.map(lambda text: (text, text, text))
    if field.kind == Kind.INT:
        return st.integers(-(2**40), 2**40).map(lambda number: (number, str(number), number))
    if field.kind == Kind.SIZE:
        return st.integers(-1, 2**53).map(lambda size: (size, str(size), None if size == -1 else size))
    if field.kind == Kind.DECIMAL:
        # Whole ratios come without a fraction (WIRE.md section 7).
        return st.integers(0, 10**6).map(lambda parts: (parts / 100, f"{parts / 100:g}" if parts % 100 == 0 else str(parts / 100), parts / 100))
    if field.kind == Kind.BOOL:
        return st.booleans().map(lambda flag: (flag, "true" if flag else "false", flag))
    if field.kind == Kind.DATETIME:
        return stamps().map(lambda pair: (pair[0], pair[0], pair[1]))
    if field.kind == Kind.ENUM:
        return st.sampled_from(field.values).map(lambda word: (word, word, word))
    if field.kind == Kind.UID:
        return GUIDS.map(lambda guid: (f"urn:veeam:Thing:{guid}",) * 3)
    raise AssertionError(f"no values for the kind {field.kind}")


@st.composite
def schedule_clocks(draw: st.DrawFn) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return Time and TimeOffsetUtc: the server's clock in XML, a UTC stamp beside the distance in JSON."""
    clock = draw(st.datetimes(min_value=datetime(2017, 2, 2), max_value=datetime(2017, 2, 20))).replace(microsecond=0)
    offset = draw(st.integers(-12, 14))
    shown = clock.strftime("%H:%M:%S")
    json_time = (clock - timedelta(hours=offset)).strftime("%Y-%m-%dT%H:%M:%SZ")
    pieces = (Scalar("Time", json_time, shown + ".0000000"), Scalar("TimeOffsetUtc", offset, str(offset)))
    return pieces, {"time": shown, "time_offset_utc": offset}


@st.composite
def structures(draw: st.DrawFn, fields: tuple[Field, ...], required: bool = False) -> tuple[tuple[Any, ...], dict[str, Any] | None]:
    """Return the pieces of a nested structure, and its record: null when nothing in it is set."""
    pieces: list[Any] = []
    record: dict[str, Any] = {}
    names = {field.name for field in fields}
    for index, field in enumerate(fields):
        if "time_offset_utc" in names and field.name in ("time", "time_offset_utc"):
            if field.name == "time":
                clock, shown = draw(schedule_clocks())
                pieces += clock
                record.update(shown)
            continue
        piece, value = draw(pieces_of(field, required and index == 0))
        pieces.append(piece)
        record[field.name] = value
    return tuple(pieces), record if any(value not in (None, []) for value in record.values()) else None


@st.composite
def pieces_of(draw: st.DrawFn, field: Field, required: bool = False) -> tuple[Any, Any]:
    """Return one field of any shape as a piece, and as it must stand in the record."""
    if not field.many:
        if field.struct is None:
            return draw(scalars(field, required))
        if draw(st.booleans()):
            return Group(field.wire, None), None
        inner, record = draw(structures(field.struct.fields))
        return Group(field.wire, inner, json_wire=draw(st.sampled_from((field.wire, *field.aliases)))), record
    count = draw(st.sampled_from((0, 1, 1, 2, 3)))
    members, recorded = [], []
    for _index in range(count):
        member, value = draw(structures(field.struct.fields, required=True) if field.struct else scalars(field, required=True))
        members.append(member)
        recorded.append(value)
    return Many(field.wire, tuple(members), field.item, field.json_item), recorded


@st.composite
def references(draw: st.DrawFn, reference: Reference) -> tuple[list[Link], Any]:
    """Return the links of a reference, and the reference as it must stand in the record."""
    count = draw(st.integers(0, 3 if reference.many else 1))
    links, recorded = [], []
    for _index in range(count):
        kind = draw(st.sampled_from(reference.types or ("BackupJobSession", "RestoreSession", "CloudTenant")))
        guid, name = draw(GUIDS), draw(TEXTS)
        as_reference = draw(st.booleans())
        href = f"https://em.example.org:9398/api/things/{guid}" + ("" if as_reference else "?format=Entity&x=1")
        links.append(Link(reference.rel, href, name, kind + "Reference" if as_reference else kind))
        recorded.append({"id": guid, "uid": f"urn:veeam:{kind}:{guid}", "name": name or None, "type": kind})
    return links, recorded if reference.many else recorded[0] if recorded else None


@st.composite
def specimens(draw: st.DrawFn, resource: Resource) -> Specimen:
    """Return an entity of a resource with its record."""
    guid = draw(GUIDS)
    href = f"https://em.example.org:9398/api{resource.path}/{guid}?format=Entity"
    record: dict[str, Any] = {"href": href, "type": resource.type}
    pieces: list[Any] = []
    for field in resource.fields:
        if field.filter_only:
            continue
        piece, value = draw(pieces_of(field, required=field.name == resource.key))
        if field.name == "uid":
            urn = f"urn:veeam:{resource.uid_type}:{guid}"
            piece, value = Scalar("UID", urn, urn, attribute=True), urn
        pieces.append(piece)
        record[field.name] = value
    record["id"] = guid if resource.key in ("uid", "href") else record[resource.key]
    record.setdefault("uid", None)
    record.setdefault("name", None)
    own = href.partition("?")[0]
    noise = [Link("Alternate", own, "x", resource.type + "Reference"), Link("Down", own + "/parts", "", "PartReferenceList"), Link("Stop", own + "?a=b&c=d")]
    # A reference without types takes every link of its relation, and so leaves none of them to be noise.
    taken = {reference.rel for reference in resource.references if not reference.types}
    links = [link for link in noise[: draw(st.integers(0, 3))] if link.rel not in taken]
    for reference in resource.references:
        more, target = draw(references(reference))
        links += more
        record[reference.name] = target
    for field in resource.fields:
        if field.filled_from:
            source, _dot, key = field.filled_from.partition(".")
            record[field.name] = record[source][key] if record[source] else None
    for wire, json_value, xml_text, name in draw(st.lists(st.sampled_from(_UNKNOWN), unique=True, max_size=3)):
        pieces.append(Scalar(wire, json_value, xml_text))
        record[name] = xml_text
    # A secret is there and known to no record.
    pieces += [Scalar(secret, SECRET, SECRET, attribute=draw(st.booleans())) for secret in resource.dropped]
    return Specimen(Entity(resource.entity_root, href, resource.type, tuple(pieces), tuple(links)), record)
