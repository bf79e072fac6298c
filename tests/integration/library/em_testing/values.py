# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a record has to hold, told from the bare JSON of the wire: the declarations say which name, these few lines say which value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timezone
from typing import Any
from urllib.parse import unquote, urlsplit

from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities._model import Field, Kind, Reference, Resource

from .wire import Raw

_NEVER = ("1753-01-01", "0001-01-01")


def moment(text: str | None) -> datetime | None:
    """Return the moment that a time of the wire or of a record means, None for none or never."""
    if not text or text.startswith(_NEVER):
        return None
    told = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return told if told.tzinfo else told.replace(tzinfo=timezone.utc)  # the server's times without a zone are UTC too


def plain(field: Field, raw: Any) -> Any:
    """Return one value of the wire in a form in which it can be compared with that of a record, and with others of its kind."""
    if raw is None:
        return None
    if field.kind == Kind.DATETIME:
        return moment(raw)
    if field.kind == Kind.SIZE:
        return int(raw) if int(raw) >= 0 else None
    if field.kind in (Kind.ENUM, Kind.UID):
        return str(raw).strip() or None
    if field.kind == Kind.STRING:
        return str(raw)
    return raw


def told(field: Field, node: Raw) -> Any:
    """Return what the wire says of a field."""
    return next((node[name] for name in (field.wire, *field.aliases) if node.get(name) is not None), None)


def differences(resource: Resource, row: Raw, record: dict[str, Any]) -> list[str]:
    """Return where a record is not what the wire says of the thing, one line each."""
    found = list(_of_fields(resource.wire_fields, row, record, ""))
    for reference in resource.references:
        wanted, got = _linked(reference, row), record[reference.name]
        members = got if reference.many else [got] if got else []
        shown = [(member["id"], member["name"]) for member in members]
        if shown != (wanted if reference.many else wanted[:1]):
            found.append(f"{reference.name}: {shown}, and the wire has {wanted}")
    if record["type"] != (row.get("Type") or resource.type):
        found.append(f"type: {record['type']}")
    return found


def _of_fields(fields: Iterable[Field], node: Raw, record: dict[str, Any], path: str) -> Iterator[str]:
    for field in fields:
        if field.kind == Kind.SCHEDULE_TIME:
            continue  # told on the server's clock in XML and in UTC in JSON: the unit tests of the decoder hold it to bytes
        raw, got = told(field, node), record[field.name]
        if field.kind == Kind.STRUCT:
            yield from _of_structs(field, raw, got, path)
        elif field.many:
            wanted = [plain(field, item) for item in _items(raw)]
            if [plain(field, item) for item in got or []] != wanted:
                yield f"{path}{field.name}: {got!r}, and the wire has {raw!r}"
        elif plain(field, got) != plain(field, raw):
            yield f"{path}{field.name}: {got!r}, and the wire has {raw!r}"


def _of_structs(field: Field, raw: Any, got: Any, path: str) -> Iterator[str]:
    assert field.struct is not None
    nodes = [node for node in (_items(raw) if field.many else [raw]) if _says_anything(field.struct.fields, node)]
    records = got or [] if field.many else [got] if got is not None else []
    if len(nodes) != len(records):
        yield f"{path}{field.name}: {len(records)}, and the wire has {len(nodes)}"
        return
    for number, (node, record) in enumerate(zip(nodes, records, strict=True)):
        yield from _of_fields(field.struct.fields, node, record, f"{path}{field.name}[{number}].")


def _says_anything(fields: Iterable[Field], node: Raw | None) -> bool:
    """Tell whether a structure holds any value: one without is null, which is how XML shows one that is not there."""
    for field in fields if node is not None else ():
        raw = told(field, node or Raw({}))
        if field.kind == Kind.STRUCT and field.struct is not None:
            if any(_says_anything(field.struct.fields, item) for item in (_items(raw) if field.many else [raw])):
                return True
        elif _items(raw) if field.many else plain(field, raw) is not None:
            return True
    return False


def _items(raw: Any) -> list[Any]:
    """Return the members of a list, which JSON may wrap in an object of its own."""
    if isinstance(raw, Raw):
        raw = next((value for value in raw.values() if isinstance(value, list)), None)
    return list(raw or [])


def _linked(reference: Reference, row: Raw) -> list[tuple[str, Any]]:
    links = [link for link in row.get("Links") or [] if link["Rel"] == reference.rel]
    if reference.types:
        links = [link for link in links if str(link.get("Type")).removesuffix("Reference") in reference.types]
    return [(unquote(urlsplit(link["Href"]).path.rpartition("/")[2]), link.get("Name")) for link in links]
