# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mounts of restore and replica points, and the files of a guest below a mount or a browsed catalogue point. Private to this collection.

Source: reference pages of the mounts, of .../mounts/{ID}/{filepath} and of .../guestfs/{filepath}. Both are known to the log-on
session that ordered them and to no other (API.md section 1). Paths of guests are what a client may build; all else is followed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Dict, Iterator, List, Mapping, Sequence, Tuple

from . import selecting, wire
from .addresses import address_of, escaped
from .entities._model import Field, Kind, Reference, Resource, in_address
from .entities.agents import AGENT_RESTORE_POINT
from .entities.backups import VM_RESTORE_POINT
from .entities.catalogue import CATALOG_VM_RESTORE_POINT, FILE_ENTRY, GUEST_FOLDER
from .entities.mounts import AGENT_RESTORE_POINT_MOUNT, VM_REPLICA_POINT_MOUNT, VM_RESTORE_POINT_MOUNT
from .entities.replicas import VM_REPLICA_POINT
from .errors import AmbiguousName, BodyError, NotFound, OptionError, UnknownName
from .reading import PAGE_SIZE, read, resolve
from .selecting import Selection
from .session import Session

Record = Dict[str, Any]

POINTS = (VM_RESTORE_POINT, VM_REPLICA_POINT, AGENT_RESTORE_POINT)
MOUNT_OF = {
    VM_RESTORE_POINT.thing: VM_RESTORE_POINT_MOUNT,
    VM_REPLICA_POINT.thing: VM_REPLICA_POINT_MOUNT,
    AGENT_RESTORE_POINT.thing: AGENT_RESTORE_POINT_MOUNT,
}
# What a mount of any kind looks like as a record.
MOUNT = replace(
    VM_RESTORE_POINT_MOUNT,
    thing="mount",
    plural="mounts",
    title="mount",
    path="",
    references=(Reference("point", "", (), "Restore or replica point that is mounted; its name stays null, as the mount does not tell it."),),
    children=(),
)
DEEPEST = 32
_LISTING = {"all": "listAll", "files": "listFiles", "folders": "listDirs"}
SHOWN = tuple(_LISTING)


def _of_entry(name: str) -> Field:
    return next(field for field in FILE_ENTRY.fields if field.name == name)


GUEST_FILE = Resource(
    thing="guest_file",
    plural="guest_files",
    title="guest file or folder",
    title_plural="guest files and folders",
    type="FileEntry",
    path="",
    list_root="FileSystemEntries",
    key="path",
    roles=GUEST_FOLDER.roles,
    default_sort="path",
    fields=(
        _of_entry("path"),
        _of_entry("name"),
        Field("is_folder", "", Kind.BOOL, "Whether it is a folder.", sample=False),
        replace(_of_entry("size"), description="Length of the file in bytes, null for a folder."),
        replace(_of_entry("owner"), description="Account that owns the file in the guest; empty where it is not known, null for a folder."),
        replace(_of_entry("modified_date_utc"), description="When its content last changed. Time in UTC, null for a folder."),
    ),
)
# Some pages of the reference name this root for the same content (API.md section 2).
_FOLDER_BY_OTHER_ROOT = replace(GUEST_FOLDER, root="FileSystemEntry")


@dataclass(frozen=True)
class Listing:
    """What to list: how many levels from ``path`` down (1 to 32), and of these all, files or folders. An empty path means the roots."""

    path: str = ""
    depth: int = 1
    shown: str = "all"

    def check(self) -> None:
        """Refuse what cannot be listed, before anything is sent. Raises OptionError."""
        if not 1 <= self.depth <= DEEPEST:
            raise OptionError("The depth is %d." % self.depth, advice="Give 1 for what is directly in the folder, up to %d." % DEEPEST)
        if any(part in (".", "..") for part in _parts(self.path)):
            raise OptionError("The path %r holds dots alone." % self.path, advice="Write the whole path, from the root of the guest on.")


def require_shared(session: Session) -> None:
    """Refuse a log-on session of our own, which can see no mount. Raises OptionError."""
    if not session.is_shared:
        raise OptionError(
            "What is mounted or browsed is seen by the log-on session that ordered it and by no other, and none is named.",
            advice="Pass in the option session (VEEAM_EM_SESSION) the token of the log-on session in which the point was mounted.",
        )


# ---------------------------------------------------------------------------------------------------------
# Mounts


def mounts_below(session: Session, point: Resource, names: Sequence[str], ids: Sequence[str] = (), links: bool = False) -> List[Record]:
    """Return the mounts of points that are named by id, URN or name, each with ``point``. Raises EmError."""
    mount = MOUNT_OF[point.thing]
    found = read(session, mount, Selection(ids=tuple(ids), links=links, below=((point.thing, tuple(names)),)), parents=(point,)).records
    return [_with_point(record, point) for record in found]


def _with_point(record: Record, point: Resource) -> Record:
    # The address of a mount is .../POINT/mounts/ID.
    parts = address_of(record["href"] or "").path.split("/")
    identity = parts[-3] if len(parts) > 3 and parts[-2].lower() == "mounts" else None
    uid = "urn:veeam:%s:%s" % (point.uid_type, identity) if identity and wire.is_guid(identity) else None
    return {**record, "point": {"id": identity, "uid": uid, "name": None, "type": point.type} if identity else None}


def mounted_guest(session: Session, point: Resource, name: str, mount_id: str = "") -> Guest:
    """Return the guest below a mount of one point, the only one unless its id is given.

    Raises UnknownName, AmbiguousName, NotFound where the log-on session sees no such mount.
    """
    point_ids = resolve(session, point, (name,))
    if not point_ids:
        raise UnknownName("There is no %s named %r." % (point.title, name), advice="Look at the names with veeam_em_%s_info." % point.thing)
    if len(point_ids) > 1:
        raise AmbiguousName("%d %s are named %r." % (len(point_ids), point.titles, name), advice="Give the id of one.", data={"candidates": point_ids})
    mounts = mounts_below(session, point, point_ids, (mount_id,) if mount_id else ())
    if not mounts:
        raise NotFound(
            "The log-on session sees no %s of the %s." % ("mount " + mount_id if mount_id else "mount", point.title),
            advice="Mounts end with the log-on session that made them: mount the point in the log-on session whose token is the option session.",
        )
    if len(mounts) > 1:
        raise AmbiguousName(
            "The %s is mounted %d times." % (point.title, len(mounts)),
            advice="Give the option mount.",
            data={"candidates": [record["id"] for record in mounts]},
        )
    roots = [_record(entry, True) for entry in mounts[0]["fs_roots"]]
    return Guest(session, MOUNT_OF[point.thing].roles, roots)


# ---------------------------------------------------------------------------------------------------------
# Files


def browsed_guest(session: Session, machine: str, point_id: str) -> Guest:
    """Return the guest of a catalogue restore point that the log-on session browses. Raises OptionError for what is no id."""
    identity = selecting.checked_id(CATALOG_VM_RESTORE_POINT, point_id)
    base = "%s/%s/guestfs" % (CATALOG_VM_RESTORE_POINT.path_below({"catalog_vm": machine}), in_address(identity))
    return Guest(session, GUEST_FOLDER.roles, [], base)


class Guest:
    """The file system of a guest: its roots as they are known, or the address under which they are listed."""

    def __init__(self, session: Session, roles: Tuple[str, ...], roots: List[Record], base: str = "") -> None:
        self.session = session
        self.roles = roles
        self.roots = roots
        self.base = base

    def entries(self, listing: Listing) -> Iterator[Record]:
        """Yield files and folders, a folder before what is in it; each folder is looked into once.

        Raises NotFound for a path that is not there, BodyError for an answer that is no listing.
        """
        if listing.path:
            waiting = [(self._address_of(listing.path), 1)]
        elif self.base:
            waiting = [(self.base, 1)]
        else:
            yield from (root for root in self.roots if listing.shown != "files")
            waiting = [(_own_path(root), 2) for root in self.roots] if listing.depth > 1 else []
        seen = set()
        while waiting:
            path, level = waiting.pop(0)
            if path.casefold() in seen:
                continue
            seen.add(path.casefold())
            # The folders of the last level but one are needed to go on.
            shown = listing.shown if level == listing.depth else "all"
            for entry in self._listed(path, shown):
                if listing.shown == "all" or entry["is_folder"] == (listing.shown == "folders"):
                    yield entry
                if entry["is_folder"] and level < listing.depth:
                    waiting.append((_own_path(entry), level + 1))

    def _address_of(self, path: str) -> str:
        parts = _parts(path)
        if self.base:
            return "/".join((self.base, *(escaped(part) for part in parts)))
        for root in self.roots:
            of_root = _parts(root["path"] or root["name"] or "")
            if [part.casefold() for part in parts[: len(of_root)]] == [part.casefold() for part in of_root]:
                rest = [escaped(part) for part in parts[len(of_root) :]]
                return "/".join((_own_path(root), *rest) if of_root or not rest else (_without_slash(_own_path(root)), *rest))
        known = ", ".join(root["path"] or root["name"] or "?" for root in self.roots)
        raise NotFound("The guest has no %s." % path, advice="Its roots are %s." % known if known else "It shows no roots.")

    def _listed(self, path: str, shown: str) -> Iterator[Record]:
        number, count = 1, 1
        while number <= count:
            folder = self._page(path, {"action": _LISTING[shown], "pageSize": str(PAGE_SIZE), "page": str(number)})
            yield from (_record(entry, True) for entry in folder["directories"])
            yield from (_record(entry, False) for entry in folder["files"])
            paging = folder["paging_info"] or {}
            number, count = number + 1, paging.get("pages_count") or 1

    def _page(self, path: str, parameters: Mapping[str, str]) -> Record:
        answer = self.session.get(path, parameters, self.roles)
        tree = self.session.parsed(answer)
        try:
            return wire.record_of(tree, _FOLDER_BY_OTHER_ROOT if tree.root == _FOLDER_BY_OTHER_ROOT.root else GUEST_FOLDER)
        except BodyError as error:
            raise error if error.path else self.session.placed(error, answer) from error


def _record(entry: Record, is_folder: bool) -> Record:
    fields = {field.name: entry.get(field.name) for field in GUEST_FILE.fields}
    frame = {"id": entry["path"], "uid": None, "name": None, "type": "DirectoryEntry" if is_folder else "FileEntry", "href": entry["href"]}
    return {**frame, **fields, "is_folder": is_folder}


def _own_path(entry: Record) -> str:
    """Return the path below /api of an entry, as the server wrote it. Raises OptionError for one that leads elsewhere."""
    return address_of(entry["href"] or "").path


def _without_slash(path: str) -> str:
    """The root of a Unix guest is a slash of its own, which what is in it does not repeat."""
    return path[: -len("/%2F")] if path.endswith("/%2F") else path


def _parts(path: str) -> List[str]:
    """Return the parts of a path; in paths that begin with a slash, a backslash is a letter like any other."""
    plain = path if path.startswith("/") else path.replace("\\", "/")
    return [part for part in plain.split("/") if part]
