# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The index of guest files: machines, their indexed points, and what lies in a guest file system. Private to this collection.

Source: reference pages /catalog/vms/{vmname}, .../vmRestorePoints/{ID}, .../guestfs and .../guestfs/{filepath}; the same entries
are served below mounts. A catalogue machine is identified by its name, its URN ends in it. API.md section 1 (paths of files).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Tuple

from ._common import ALL_ROLES, PORTAL_ADMINISTRATOR, name, vm_display_name
from ._model import Action, Child, Field, Kind, Reference, Resource, Struct
from .backups import FILE_RESTORE_OPERATOR


def _unfiltered(field: Field) -> Field:
    """The catalogue is not known to the query service."""
    return replace(field, filter_name="")


def _urn(of: str, sample: object = None) -> Field:
    return Field("uid", "UID", Kind.UID, "URN of the " + of + ", stable over log-ons.", attribute=True, sample=sample)


_HREF = Field("href", "Href", Kind.STRING, "Address of the entry itself, to which the ways of listing and restoring it are appended.", attribute=True)
_PATH = Field("path", "Path", Kind.STRING, "Full way to it in the guest, as the guest writes it.", sample="C:\\Shares\\Budget.xlsx")
_NAME = Field("name", "Name", Kind.STRING, "Last part of the way to it.", sample="Budget.xlsx")

DIRECTORY_ENTRY = Struct((_PATH, _NAME, _HREF))
FILE_ENTRY = Struct(
    (
        _PATH,
        _NAME,
        Field("size", "Size", Kind.SIZE, "Length of the file in bytes.", sample=48211),
        Field("owner", "Owner", Kind.STRING, "Account that owns the file in the guest; empty where it is not known."),
        Field("modified_date_utc", "ModifiedDateUTC", Kind.DATETIME, "When its content last changed. Time in UTC."),
        Field(
            "actions",
            "Actions",
            Kind.STRUCT,
            "Links to what may be done with the file.",
            many=True,
            item="Link",
            json_item="Links",
            struct=Struct(
                (
                    Field("rel", "Rel", Kind.STRING, "Word for what following the link does, such as Restore.", attribute=True),
                    Field("href", "Href", Kind.STRING, "Address to send the order to.", attribute=True),
                )
            ),
        ),
        _HREF,
    )
)


def directories(record: str, wire: str, text: str) -> Field:
    """A list of folders in a guest, such as the roots of a mount."""
    return Field(record, wire, Kind.STRUCT, text, many=True, item="DirectoryEntry", json_item="DirectoryEntries", struct=DIRECTORY_ENTRY)


_BROWSE_PATH = "/catalog/vms/{catalog_vm}/vmRestorePoints/{catalog_restore_point}/guestfs"
_RESTORE_ROLES: Tuple[str, ...] = (PORTAL_ADMINISTRATOR, FILE_RESTORE_OPERATOR)

CATALOG_VM = Resource(
    thing="catalog_vm",
    plural="catalog_vms",
    title="catalogue machine",
    type="CatalogVm",
    path="/catalog/vms",
    list_root="CatalogVms",
    key="name",
    roles=ALL_ROLES,
    fields=(
        _unfiltered(name("Name of a machine with indexed guest files; it is the id of the machine here.", "srv-files-01")),
        # It ends in the name, not in a GUID.
        _urn("machine in the catalogue"),
        _unfiltered(vm_display_name("Name of the machine as the hypervisor shows it.")),
    ),
    children=(Child("vm_restore_points", "vmRestorePoints", "CatalogVmRestorePoint"),),
)

CATALOG_VM_RESTORE_POINT = Resource(
    thing="catalog_restore_point",
    plural="catalog_restore_points",
    title="catalogue restore point",
    type="CatalogVmRestorePoint",
    path="/catalog/vms/{catalog_vm}/vmRestorePoints",
    list_root="CatalogVmRestorePoints",
    roles=ALL_ROLES,
    fields=(
        _urn("catalogue restore point", "urn:veeam:CatalogVmRestorePoint:d6e7f809-1a2b-43c4-8d5e-6f708192a3b4"),
        _unfiltered(name("Name of the machine that was indexed.", "srv-files-01")),
        # On the wire BackupDateUTC; named like the times of all other points.
        Field("creation_time", "BackupDateUTC", Kind.DATETIME, "When the backup run made the indexed point. Time in UTC.", sample="2026-11-20T20:00:07.547Z"),
    ),
    references=(
        Reference("catalog_vm", "Up", ("CatalogVm",), "Machine that was indexed."),
        Reference("vm_restore_point", "Related", ("VmRestorePoint",), "Restore point that the data would come from."),
    ),
    actions=(Action("browse", "", ALL_ROLES),),
    children=(Child("guest_root", "guestfs", "FileSystemEntry"),),
    notes=("The files in it can be listed once a log-on session has browsed it, and by that session only.",),
)

GUEST_ENTRY = Resource(
    thing="guest_entry",
    plural="guest_entries",
    title="guest file system entry",
    type="FileSystemEntry",
    path=_BROWSE_PATH,
    list_root="",
    key="href",
    roles=ALL_ROLES,
    fields=(
        Field("file_entry", "FileEntry", Kind.STRUCT, "Data of a single file, null for a folder.", struct=FILE_ENTRY),
        Field("directory_entry", "DirectoryEntry", Kind.STRUCT, "Data of a single folder, null for a file.", struct=DIRECTORY_ENTRY),
    ),
    children=(Child("guest_folder", "{filepath}", "FileSystemEntries"),),
    notes=("A file or folder alone, without what it holds: the root of a browsed point, or any path without an action.",),
)

GUEST_FOLDER = Resource(
    thing="guest_folder",
    plural="guest_folders",
    title="guest folder",
    type="FileSystemEntries",
    path=_BROWSE_PATH + "/{guest_folder}",
    list_root="",
    key="href",
    roles=ALL_ROLES,
    fields=(
        Field(
            "files",
            "Files",
            Kind.STRUCT,
            "What is directly in the folder and no folder itself.",
            many=True,
            item="FileEntry",
            json_item="FileEntries",
            struct=FILE_ENTRY,
        ),
        directories("directories", "Directories", "Folders directly in the folder."),
        Field(
            "paging_info",
            "PagingInfo",
            Kind.STRUCT,
            "Where this part of a long listing stands, null for a whole one.",
            struct=Struct(
                (
                    Field("page_num", "PageNum", Kind.INT, "Number of this part, from 1.", attribute=True),
                    Field("page_size", "PageSize", Kind.INT, "How many entries a part holds at most.", attribute=True),
                    Field("pages_count", "PagesCount", Kind.INT, "How many parts there are.", attribute=True),
                )
            ),
        ),
    ),
    references=(Reference("parent", "Up", ("DirectoryEntry",), "Folder that was listed."),),
    actions=(Action("restore", "FileRestoreFromMountPoint", _RESTORE_ROLES),),
    notes=(
        "The parameter action says what is listed: listAll, listDirs or listFiles; without it the path answers with the entry alone.",
        "Below the catalogue every role may restore and the order is called RestoreFile; below a mount it is FileRestoreFromMountPoint.",
    ),
)
