# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A guest's files, as they are listed below a mount or a browsed point of the catalogue.

The tree is small and the same for every machine of a kind. Paths are told as the guest writes them (``C:\\Shares``, ``/etc``);
in addresses they have slashes, and both are understood.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Iterator, Union
from urllib.parse import quote

from .clock import SECOND_US
from .declarations import resource
from .problems import Problem
from .views import SPECS
from .wire import OWN_LINKS, Context, Link, Spec

_HOUR_US = 3600 * SECOND_US
ACTIONS = {"listall": ("Files", "Directories"), "listfiles": ("Files",), "listdirs": ("Directories",)}


@dataclass(frozen=True)
class File:
    """A file: bytes, owner, and how many hours before the restore point it was changed."""

    size: int
    owner: str
    hours_old: float


Folder = dict[str, Union[File, "Folder"]]

_WINDOWS: Folder = {
    "C:": {
        "Shares": {
            "Budget.xlsx": File(48211, "EXAMPLE\\jkowalski", 7.5),
            "Read me & sign.docx": File(16896, "BUILTIN\\Administrators", 900),
            "Projects": {"plan (old).pdf": File(2_400_113, "EXAMPLE\\jkowalski", 30), "Übersicht.txt": File(0, "EXAMPLE\\jkowalski", 31)},
            "Empty": {},
        },
        "Users": {"Public": {"desktop.ini": File(174, "NT AUTHORITY\\SYSTEM", 20000)}},
        "Windows": {"System32": {"drivers": {"etc": {"hosts": File(824, "NT AUTHORITY\\SYSTEM", 15000)}}}},
    },
    "D:": {"Data": {"sales.mdf": File(8_589_934_592, "NT SERVICE\\MSSQLSERVER", 1), "sales_log.ldf": File(1_073_741_824, "NT SERVICE\\MSSQLSERVER", 1)}},
}
_LINUX: Folder = {
    "": {
        "etc": {"hosts": File(221, "root", 5000), "fstab": File(602, "root", 5000), "ssh": {"sshd_config": File(3223, "root", 4000)}},
        "home": {"deploy": {"notes.txt": File(1893, "deploy", 12)}},
        "var": {"log": {"syslog": File(7_340_032, "syslog", 0.1), "journal": {}}},
    }
}


@dataclass
class Guest:
    """The file system of one machine at one moment, seen from an address: ``base`` is the path below /api that its paths follow.

    ``rooted`` says that this address itself stands for the guest, above its top folders.
    """

    base: str
    windows: bool
    moment_us: int
    rooted: bool = False
    roots: Folder = field(init=False)

    def __post_init__(self) -> None:
        self.roots = _WINDOWS if self.windows else _LINUX

    # Finding

    def find(self, filepath: str) -> tuple[tuple[str, ...], File | Folder]:
        """Return the parts and the entry of a path in either spelling. Raises Problem 404 where there is nothing."""
        if not filepath and self.rooted:
            return (), self.roots
        parts = tuple(part for part in filepath.replace("\\", "/").split("/") if part)
        if not self.windows:
            parts = ("", *parts)
        place: File | Folder = self.roots
        for part in parts:
            inner = place.get(self._spelt(part, place)) if isinstance(place, dict) else None
            if inner is None:
                raise Problem(404, f"Cannot find file or folder [{filepath}]")
            place = inner
        if not parts:
            raise Problem(404, f"Cannot find file or folder [{filepath}]")
        return parts, place

    def _spelt(self, part: str, place: Folder) -> str:
        """Return a part as it is spelt; in Windows case does not matter."""
        return next((name for name in place if name.lower() == part.lower()), part) if self.windows else part

    # Telling

    def path(self, parts: tuple[str, ...]) -> str:
        """Return a path as the guest writes it."""
        if not parts:
            return ""
        if not self.windows:
            return "/".join(parts) or "/"
        return "\\".join(parts) if len(parts) > 1 else parts[0] + "\\"

    def address(self, parts: tuple[str, ...]) -> str:
        """Return the path below /api of an entry; the root of Linux is an escaped slash."""
        if not parts:
            return self.base
        return f"{self.base}/{'/'.join(quote(part, safe=':') for part in parts if part) or '%2F'}"

    def directory(self, parts: tuple[str, ...], ctx: Context) -> dict[str, Any]:
        """Return a folder with the links that list it."""
        address = self.address(parts)
        kinds = (("listAll", "FileSystemItemsList"), ("listFiles", "FileEntryList"), ("listDirs", "DirectoryEntryList"))
        links = [Link("Down", f"{address}?action={action}", None, kind) for action, kind in kinds]
        named = {"Path": self.path(parts), "Name": (parts[-1] or "/") if parts else "", "Href": ctx.href(address)}
        return {**named, OWN_LINKS: (links, ctx), "@": {"Type": "DirectoryEntry"}}

    def file(self, parts: tuple[str, ...], entry: File, ctx: Context) -> dict[str, Any]:
        """Return a file with the order that restores it."""
        address = self.address(parts)
        return {
            "Path": self.path(parts),
            "Name": parts[-1],
            "Size": entry.size,
            "Owner": entry.owner,
            "ModifiedDateUTC": self.moment_us - int(entry.hours_old * _HOUR_US),
            "Actions": [{"Rel": "Restore", "Href": ctx.href(f"{address}?action=restore")}],
            "Href": ctx.href(address),
            "@": {"Type": "FileEntry"},
        }

    def tops(self, ctx: Context) -> list[dict[str, Any]]:
        """Return the folders at which listing begins."""
        return [self.directory((name,), ctx) for name in self.roots]

    def answer(self, filepath: str, action: str, ctx: Context) -> tuple[dict[str, Any], Spec]:
        """Return what a GET of a path shows, with how it is written: the entry alone, or with an action what is directly in it.

        Raises Problem 404 for a path that is not there, 400 for an action that is none and for a listing of a file.
        """
        parts, entry = self.find(filepath)
        if not action:
            single = {"FileEntry": self.file(parts, entry, ctx)} if isinstance(entry, File) else {"DirectoryEntry": self.directory(parts, ctx)}
            return single, _spec("FileSystemEntry", [])
        if action.lower() not in ACTIONS or isinstance(entry, File):
            raise Problem(400, f"Action [{action}] is not possible for [{filepath}]")
        shown: dict[str, Any] = {name: [] for name in ACTIONS[action.lower()]}
        for name, inner in _sorted(entry):
            if isinstance(inner, File):
                shown.get("Files", []).append(self.file((*parts, name), inner, ctx))
            else:
                shown.get("Directories", []).append(self.directory((*parts, name), ctx))
        return shown, _spec("FileSystemEntries", [Link("Up", self.address(parts), self.path(parts), "DirectoryEntry")])


def _sorted(folder: Folder) -> Iterator[tuple[str, File | Folder]]:
    yield from sorted(folder.items(), key=lambda item: item[0].lower())


def _spec(kind: str, links: list[Link]) -> Spec:
    """Return how a listing is written: what is written is the values themselves, and it has no address of its own."""
    elements = tuple(item for item in resource(kind).wire_fields if not item.attribute)
    return replace(SPECS[kind], elements=elements, head=(), values=lambda values, ctx: values, links=lambda values, ctx: links, href=lambda values, ctx: "")
