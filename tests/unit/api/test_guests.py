# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mounts and the files of guests: what is asked, how paths are walked, what cannot be listed. Bodies are written by hand."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest
from teller import API, Teller, xml

from _api import guests
from _api.entities.backups import VM_RESTORE_POINT
from _api.entities.replicas import VM_REPLICA_POINT
from _api.errors import AmbiguousName, BodyError, NotFound, OptionError
from _api.guests import Guest, Listing, browsed_guest, mounted_guest, mounts_below
from _api.session import ConnectionOptions, Session

POINT = "5acac742-ee17-4080-8e89-a6ea67adfcf3"
MOUNTS = f"/vmRestorePoints/{POINT}/mounts"
WINDOWS = {"C:": {"Shares": {"Budget.xlsx": 48211, "Read me & sign.docx": 0, "Old": {"x%y.txt": 1}}, "Empty": {}}, "D:": {"data.mdf": 8589934592}}
UNIX = {"": {"etc": {"hosts": 221, r"odd\name": 7}}}


def directory(base: str, path: str, shown: str, name: str) -> dict[str, Any]:
    return {"Path": shown, "Name": name, "Links": [], "Href": f"{API}{base}/{path}", "Type": "DirectoryEntry"}


def file(base: str, path: str, shown: str, name: str, size: int) -> dict[str, Any]:
    head = {"Path": shown, "Name": name, "Size": size, "Owner": "EXAMPLE\\jane", "ModifiedDateUTC": "2026-11-20T08:15:00Z"}
    return {**head, "Actions": {"Links": []}, "Href": f"{API}{base}/{path}", "Type": "FileEntry"}


class FileService:
    """Answers listings of one tree below a mount, as the reference describes them; ``size`` is how many entries a page holds."""

    def __init__(self, tree: dict[str, Any], base: str = MOUNTS + "/1", size: int = 1000) -> None:
        self.tree = tree
        self.base = base
        self.size = size

    def shown(self, parts: list[str]) -> str:
        return ("\\".join(parts) + ("\\" if len(parts) == 1 else "")) if parts[0] else "/".join(parts) or "/"

    def address(self, parts: list[str]) -> str:
        return "/".join(part.replace("%", "%25").replace(" ", "%20") for part in parts if part) or "%2F"

    def mount(self) -> dict[str, Any]:
        roots = [directory(self.base, self.address([name]), self.shown([name]), name or "/") for name in self.tree]
        return {"FSRoots": {"DirectoryEntries": roots}, "Links": [], "Href": API + self.base, "Type": "VmRestorePointMount"}

    def list(self, filepath: str, parameters: dict[str, str]) -> Any:
        names = [part for part in unquote(filepath).split("/") if part]
        names = names if "" not in self.tree else ["", *names]
        place: Any = self.tree
        for name in names:
            place = place.get(name) if isinstance(place, dict) else None
        if not isinstance(place, dict):
            return 404
        entries = [(name, inner) for name, inner in place.items() if self.wanted(inner, parameters["action"])]
        number = int(parameters["page"])
        part = entries[(number - 1) * self.size : number * self.size]
        files = [file(self.base, self.address([*names, name]), self.shown([*names, name]), name, inner) for name, inner in part if not isinstance(inner, dict)]
        folders = [directory(self.base, self.address([*names, name]), self.shown([*names, name]), name) for name, inner in part if isinstance(inner, dict)]
        paging = {"Links": [], "PageNum": number, "PageSize": self.size, "PagesCount": -(-len(entries) // self.size) or 1}
        return {"Files": {"FileEntries": files}, "Directories": {"DirectoryEntries": folders}, "PagingInfo": paging, "Links": []}

    def wanted(self, inner: Any, action: str) -> bool:
        return action == "listAll" or isinstance(inner, dict) == (action == "listDirs")


class Told(dict[str, Any]):
    """Listings below a base, and the mounts themselves."""

    def __init__(self, service: FileService, mounts: list[dict[str, Any]] | None = None) -> None:
        super().__init__({MOUNTS: {"VmRestorePointMounts": [service.mount()] if mounts is None else mounts}})
        self.service = service

    def get(self, line: str, default: Any = None) -> Any:
        path = line.partition("?")[0]
        if path.startswith(self.service.base + "/"):
            return lambda parameters: self.service.list(path[len(self.service.base) + 1 :], parameters)
        return super().get(line, default)


def teller_of(tree: dict[str, Any], size: int = 1000, mounts: list[dict[str, Any]] | None = None) -> Teller:
    teller = Teller({})
    teller.told = Told(FileService(tree, size=size), mounts)
    return teller


def paths(tree: dict[str, Any], listing: Listing, size: int = 1000) -> list[str]:
    return [entry["path"] for entry in guest(tree, size).entries(listing)]


def guest(tree: dict[str, Any], size: int = 1000) -> Guest:
    return mounted_guest(teller_of(tree, size).session(), VM_RESTORE_POINT, POINT)


# ---------------------------------------------------------------------------------------------------------
# Mounts


def test_a_mount_tells_its_roots_and_its_point() -> None:
    (mount,) = mounts_below(teller_of(WINDOWS).session(), VM_RESTORE_POINT, [POINT])
    assert (mount["id"], mount["type"], [root["path"] for root in mount["fs_roots"]]) == ("1", "VmRestorePointMount", ["C:\\", "D:\\"])
    assert mount["point"] == {"id": POINT, "uid": f"urn:veeam:VmRestorePoint:{POINT}", "name": None, "type": "VmRestorePoint"}


def test_each_kind_of_point_has_its_own_mounts() -> None:
    teller = Teller({f"/vmReplicaPoints/{POINT}/mounts": xml("VmReplicaPointMounts")})
    assert mounts_below(teller.session(), VM_REPLICA_POINT, [POINT]) == []
    assert teller.asked == [f"/vmReplicaPoints/{POINT}/mounts"]


def test_a_log_on_session_of_our_own_sees_no_mount() -> None:
    with pytest.raises(OptionError, match="VEEAM_EM_SESSION"):
        guests.require_shared(Session(ConnectionOptions(host="em", username="u", password="p"), environ={}))


def test_a_point_that_is_not_mounted_is_said_to_be_so() -> None:
    with pytest.raises(NotFound, match="sees no mount"):
        mounted_guest(teller_of(WINDOWS, mounts=[]).session(), VM_RESTORE_POINT, POINT)


def test_a_point_that_is_mounted_twice_needs_the_id_of_one() -> None:
    service = FileService(WINDOWS)
    second = {**service.mount(), "Href": f"{API}{MOUNTS}/2"}
    with pytest.raises(AmbiguousName, match="option mount") as caught:
        mounted_guest(teller_of(WINDOWS, mounts=[service.mount(), second]).session(), VM_RESTORE_POINT, POINT)
    assert caught.value.data == {"candidates": ["1", "2"]}


# ---------------------------------------------------------------------------------------------------------
# Files


def test_without_a_path_the_roots_are_listed_and_nothing_more_is_asked() -> None:
    teller = teller_of(WINDOWS)
    entries = list(mounted_guest(teller.session(), VM_RESTORE_POINT, POINT).entries(Listing()))
    assert [(entry["path"], entry["is_folder"], entry["type"]) for entry in entries] == [("C:\\", True, "DirectoryEntry"), ("D:\\", True, "DirectoryEntry")]
    assert teller.asked == [MOUNTS]


@pytest.mark.parametrize("path", ["C:\\Shares", "c:/Shares/", "C:\\\\Shares"])
def test_a_folder_is_listed_by_its_path(path: str) -> None:
    found = list(guest(WINDOWS).entries(Listing(path)))
    assert [entry["path"] for entry in found] == ["C:\\Shares\\Old", "C:\\Shares\\Budget.xlsx", "C:\\Shares\\Read me & sign.docx"]
    budget = found[1]
    assert (budget["id"], budget["name"], budget["size"], budget["owner"]) == ("C:\\Shares\\Budget.xlsx", "Budget.xlsx", 48211, "EXAMPLE\\jane")
    assert (budget["is_folder"], budget["modified_date_utc"], budget["uid"]) == (False, "2026-11-20T08:15:00Z", None)
    assert found[0]["size"] is None and found[0]["is_folder"]


@pytest.mark.parametrize(
    ("listing", "expected"),
    [
        (Listing("C:\\", depth=2), ["C:\\Shares", "C:\\Empty", "C:\\Shares\\Old", "C:\\Shares\\Budget.xlsx", "C:\\Shares\\Read me & sign.docx"]),
        (Listing("C:\\", depth=2, shown="folders"), ["C:\\Shares", "C:\\Empty", "C:\\Shares\\Old"]),
        (Listing("C:\\", depth=32, shown="files"), ["C:\\Shares\\Budget.xlsx", "C:\\Shares\\Read me & sign.docx", "C:\\Shares\\Old\\x%y.txt"]),
        (Listing(depth=2, shown="files"), ["D:\\data.mdf"]),
        (Listing("C:\\Empty"), []),
    ],
)
def test_levels_and_kinds(listing: Listing, expected: list[str]) -> None:
    assert paths(WINDOWS, listing) == expected
    assert paths(WINDOWS, listing, size=1) == expected or sorted(paths(WINDOWS, listing, size=1)) == sorted(expected)


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/", ["/etc"]), ("/etc", ["/etc/hosts", "/etc/odd\\name"]), ("", ["/"])],
)
def test_a_unix_guest_has_one_root_and_backslashes_are_letters(path: str, expected: list[str]) -> None:
    assert paths(UNIX, Listing(path)) == expected


def test_only_what_is_wanted_is_listed_on_the_last_level() -> None:
    teller = teller_of(WINDOWS)
    list(mounted_guest(teller.session(), VM_RESTORE_POINT, POINT).entries(Listing("C:\\Shares", depth=2, shown="files")))
    assert [line.partition("&")[0].rpartition("=")[2] for line in teller.asked[1:]] == ["listAll", "listFiles"]


def test_a_folder_that_holds_itself_ends_no_run() -> None:
    loop = directory(MOUNTS + "/1", "C:", "C:\\loop", "loop")
    teller = Teller(
        {MOUNTS: {"VmRestorePointMounts": [FileService(WINDOWS).mount()]}, f"{MOUNTS}/1/C:": {"Files": None, "Directories": {"DirectoryEntries": [loop]}}}
    )
    entries = list(mounted_guest(teller.session(), VM_RESTORE_POINT, POINT).entries(Listing("C:\\", depth=32)))
    assert [entry["path"] for entry in entries] == ["C:\\loop"]
    assert len(teller.asked) == 2


def test_a_path_outside_of_the_roots_names_them() -> None:
    with pytest.raises(NotFound, match=r"Its roots are C:\\, D:\\"):
        paths(WINDOWS, Listing("E:\\"))


def test_a_path_that_is_not_there_is_a_failure() -> None:
    with pytest.raises(NotFound):
        paths(WINDOWS, Listing("C:\\nothing"))


@pytest.mark.parametrize("listing", [Listing(depth=0), Listing(depth=33), Listing("C:\\..\\x"), Listing("/etc/./x")])
def test_what_cannot_be_listed_is_refused(listing: Listing) -> None:
    with pytest.raises(OptionError):
        listing.check()


def test_a_browsed_point_is_listed_below_its_own_address() -> None:
    base = f"/catalog/vms/srv%2F01/vmRestorePoints/{POINT}/guestfs"
    entry = f'<DirectoryEntry Type="DirectoryEntry" Href="{API}{base}/F:"><Links/><Path>F:\\</Path><Name>F:</Name></DirectoryEntry>'
    listing = xml("FileSystemEntries", f"<Files/><Directories>{entry}</Directories>")
    teller = Teller({base: listing, f"{base}/F:": xml("FileSystemEntries", "<Files/><Directories/>")})
    browsed = browsed_guest(teller.session(), "srv/01", f"urn:veeam:CatalogVmRestorePoint:{POINT}")
    assert [found["path"] for found in browsed.entries(Listing())] == ["F:\\"]
    assert list(browsed.entries(Listing("F:\\"))) == []
    assert [line.partition("?")[0] for line in teller.asked] == [base, base + "/F:"]


@pytest.mark.parametrize("root", ["FileSystemEntries", "FileSystemEntry"])
def test_both_roots_of_the_reference_are_understood(root: str) -> None:
    base = f"/catalog/vms/a/vmRestorePoints/{POINT}/guestfs"
    teller = Teller({base: xml(root, "<Directories/>")})
    assert list(browsed_guest(teller.session(), "a", POINT).entries(Listing())) == []


def test_another_answer_is_no_listing() -> None:
    base = f"/catalog/vms/a/vmRestorePoints/{POINT}/guestfs"
    with pytest.raises(BodyError, match="GET /catalog"):
        list(browsed_guest(Teller({base: xml("Jobs")}).session(), "a", POINT).entries(Listing()))
