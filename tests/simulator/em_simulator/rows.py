# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a ``Row`` is shown, whatever its type: all that its declaration tells, with the links that real servers send."""

from __future__ import annotations

from typing import Any, Callable, Iterator
from urllib.parse import quote

from . import clock, special
from .declarations import BY_TYPE, has_references, is_known
from .model import Row, entity_type
from .wire import Context, Element, Link, Spec

Target = Callable[[Any, Context], tuple[str, str]]

# A child collection is linked as Down, but for these (seen in answers of servers).
_OTHER_RELS = {("BackupFile", "restorePoints"): "Related", ("RestorePoint", "backupFiles"): "Related"}
# These links lead to the whole thing and not to the reference, as do all of things without references (seen in answers and in the reference).
WHOLE_LINKS = {
    ("HierarchyRoot", "ManagedServer"),
    ("ManagedServer", "HierarchyRoot"),
    ("CatalogVmRestorePoint", "CatalogVm"),
    ("CatalogVmRestorePoint", "VmRestorePoint"),
}
# Orders whose links stand before all others.
_FIRST_ORDERS = ("restore", "failover")
# Things that are listed and have no address of their own.
_WITHOUT_ADDRESS = ("HierarchyItem", "SystemSessionEvent")
# Sent, and no field of any record.
_UNDECLARED = {"Credentials": (Element("Password"),)}
# Child collections that not every thing of the type has.
_SHOWN_CHILDREN: dict[tuple[str, str], Callable[[Row], bool]] = {
    ("Backup", "childbackups"): lambda backup: backup.values.get("BackupType") == "ParentBackup",
    ("Backup", "restorePoints"): lambda backup: backup.values.get("BackupType") != "ParentBackup",
    ("Backup", "backupFiles"): lambda backup: backup.values.get("BackupType") != "ParentBackup",
    ("RestorePoint", "agentRestorePoints"): lambda point: bool(point.also),
    ("RestorePoint", "vmRestorePoints"): lambda point: not point.also,
    ("RestorePoint", "vAppRestorePoints"): lambda point: not point.also,
}


def row_name(row: Row, ctx: Context) -> str:
    """Return the name that the server gives a row; its moment is written as the generation writes it."""
    if row.stamp_us is None:
        return row.name
    if not row.name:
        return clock.point_name(row.stamp_us, ctx.profile.digits)
    return row.name + "@" + clock.name_stamp(row.stamp_us, ctx.profile.digits)


def row_uid(row: Row) -> str:
    """Return the URN of a row."""
    return row.values.get("UID") or f"urn:veeam:{BY_TYPE[row.type].uid_type}:{row.id}"


def collection_path(row: Row) -> str:
    """Return the path that a row lies in, with the ids of its parents in it."""
    path: str = row.place or BY_TYPE[row.type].path
    for parent in row.parents:
        begin, end = path.index("{"), path.index("}")
        path = path[:begin] + quote(parent, safe="") + path[end + 1 :]
    return path


def row_path(row: Row) -> str:
    """Return the path of a row; "" when it has none."""
    if not BY_TYPE[row.type].list_root:
        return collection_path(row)
    return "" if row.type in _WITHOUT_ADDRESS else f"{collection_path(row)}/{quote(row.id, safe='')}"


def row_spec(declared: Any, target: Target) -> Spec:
    """Return how rows of a declared type are written. ``target`` tells path and name of anything that a link leads to."""
    attributes = [field.wire for field in declared.wire_fields if field.attribute] + (["Id"] if declared.type in special.WITH_ID else [])
    referred = has_references(declared)

    def values(row: Row, ctx: Context) -> dict[str, Any]:
        known = {wire: value(ctx) if callable(value) else value for wire, value in row.values.items()}
        if "Name" in attributes:
            known["Name"] = row_name(row, ctx)
        if "UID" in attributes:
            known["UID"] = row_uid(row)
        return known

    def href(row: Row, ctx: Context) -> str:
        path = "" if declared.type in special.WITHOUT_ADDRESS else row_path(row)
        return path + "?format=Entity" if path and referred else path

    def links(row: Row, ctx: Context) -> list[Link]:
        kind = special.ALTERNATE_TYPES.get(declared.type) or (declared.type + "Reference" if referred else "")
        alternate = [Link("Alternate", row_path(row), row_name(row, ctx), kind)] if kind else []
        first, last = _orders(row, declared)
        return [*first, *_up(row, ctx, target), *alternate, *_down(row, declared, ctx), *_related(row, ctx, target), *last, *row.links]

    def reference(row: Row, ctx: Context) -> tuple[str, list[Link]]:
        path = row_path(row)
        alternate = Link("Alternate", path + "?format=Entity", row_name(row, ctx), declared.type)
        lists = [link for link in _down(row, declared, ctx) if (link.type or "").endswith("ReferenceList")]
        return path, [*_up(row, ctx, target), alternate, *lists]

    return Spec(
        declared.type,
        declared.entity_root,
        declared.list_root,
        tuple(_elements(declared)),
        tuple(sorted(attributes, key=lambda wire: ("Name", "UID").index(wire) if wire in ("Name", "UID") else 2)),
        values,
        links,
        href,
        reference if referred else None,
        item=declared.list_item,
        json_list=_JSON_LISTS.get(declared.type, declared.list_root),
        typed=declared.type not in (*special.UNTYPED, *special.WITHOUT_ADDRESS),
    )


def _elements(declared: Any) -> Iterator[Any]:
    """Yield the elements in their order, with those that servers send and no record may hold."""
    for field in declared.wire_fields:
        if field.wire == special.AFTER_SECRETS.get(declared.type):
            yield from (Element(secret) for secret in declared.dropped)
        if not field.attribute:
            yield field
    yield from _UNDECLARED.get(declared.type, ())


# JSON names these lists after their item.
_JSON_LISTS = {"ObjectInJob": "ObjectInJobs"}


def link_type(kind: str, path_answers_with: str) -> str:
    """Return the type that a link tells: ``path_answers_with`` is "" for the whole thing, else Reference, ReferenceList or List."""
    declared = BY_TYPE.get(kind)
    if declared is not None and not has_references(declared):
        return kind + path_answers_with.replace("Reference", "")
    return kind + path_answers_with


def _up(row: Row, ctx: Context, target: Target) -> list[Link]:
    return [_link("Up", row, thing, ctx, target) for thing in row.up]


def _related(row: Row, ctx: Context, target: Target) -> list[Link]:
    return [_link("Related", row, thing, ctx, target) for thing in row.related]


def _link(rel: str, row: Row, thing: Any, ctx: Context, target: Target) -> Link:
    path, name = target(thing, ctx)
    kind = entity_type(thing)
    whole = (row.type, kind) in WHOLE_LINKS or row.type in _SINGLE_FORM
    if not whole or kind in _SINGLE_FORM:
        return Link(rel, path, name or None, link_type(kind, "Reference"))
    return Link(rel, path + "?format=Entity", name or None, kind)


def _down(row: Row, declared: Any, ctx: Context) -> list[Link]:
    found = []
    for child in declared.children:
        shown = _SHOWN_CHILDREN.get((declared.type, child.path))
        member = BY_TYPE[child.type]
        if "{" in child.path or not is_known(member, ctx.profile.versions) or (shown is not None and not shown(row)):
            continue
        rel = "Related" if (declared.type, child.path) in special.RELATED_CHILDREN else _OTHER_RELS.get((declared.type, child.path), "Down")
        path = special.OTHER_CHILD_PATHS.get((declared.type, child.path), f"{row_path(row)}/{child.path}").replace("{id}", row.id)
        kind = special.LIST_TYPES.get(child.type) or (link_type(child.type, "ReferenceList") if member.list_root else child.type)
        found.append(Link(rel, path, None, kind))
    return found


def _orders(row: Row, declared: Any) -> tuple[list[Link], list[Link]]:
    """Return the links for orders that stand before the others, and those that come after them."""
    path = row_path(row)
    sign = "/" if declared.type == "NasJob" else "?action="
    found = {action.name: Link(action.name[:1].upper() + action.name[1:], path + sign + action.name) for action in declared.actions}
    return [link for name, link in found.items() if name in _FIRST_ORDERS], [link for name, link in found.items() if name not in _FIRST_ORDERS]


# Types that have one representation only.
_SINGLE_FORM = frozenset(declared.type for declared in BY_TYPE.values() if not has_references(declared))
