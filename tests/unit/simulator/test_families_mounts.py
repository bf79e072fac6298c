# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mounts live in the log-on session that ordered them; below them the guest's files are listed."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from _api import wire
from _api.entities import catalogue
from em_simulator.clock import SECOND_US
from em_simulator.guest_files import Guest
from em_simulator.model import Row
from em_simulator.offline import Rig
from em_simulator.problems import Problem
from em_simulator.profiles import PROFILES
from em_simulator.wire import Context, json_entity, xml_entity

WHOLE = 1_795_204_807 * SECOND_US  # 2026-11-20 20:00:07 UTC
API = "https://em:9398/api"
KINDS = (("VmRestorePoint", "/vmRestorePoints"), ("VmReplicaPoint", "/vmReplicaPoints"), ("AgentRestorePoint", "/agents/agentRestorePoints"))
POINT = "00000000-0000-0000-0000-0000000000a1"


@pytest.fixture(params=KINDS, ids=lambda kind: kind[0])
def mounted(request: pytest.FixtureRequest) -> tuple[Rig, str]:
    """A server with a point of each kind that nobody has mounted, and the path of its mounts."""
    kind, path = request.param
    rig = Rig()
    rig.installation.world.add(Row(POINT, kind, "srv-01", {"VmDisplayName": "srv-01", "CreationTimeUTC": WHOLE}, stamp_us=WHOLE))
    rig.log_on()
    return rig, f"{path}/{POINT}/mounts"


def order(rig: Rig, path: str) -> dict[str, Any]:
    """Order a mount, wait for it, and return the finished task."""
    task = rig.call("POST", path)
    assert task.status == 202, task.body
    rig.wait(1)
    finished: dict[str, Any] = rig.json(f"/tasks/{json.loads(task.body)['TaskId']}")
    return finished


def test_mount_appears_behind_its_task(mounted: tuple[Rig, str]) -> None:
    rig, path = mounted
    assert list(rig.json(path).values()) == [[]]
    task = order(rig, path)
    assert (task["State"], task["Operation"]) == ("Finished", "MountRestorePoint")
    (related,) = [link for link in task["Links"] if link["Rel"] == "Related"]
    place = related["Href"].partition("/api")[2]
    assert place.startswith(path + "/") and related["Type"].endswith("PointMount")
    mount = rig.json(place)
    assert [root["Path"] for root in mount["FSRoots"]["DirectoryEntries"]] == ["C:\\", "D:\\"]
    assert {"Rel": "Delete", "Href": related["Href"], "Name": None, "Type": None} in mount["Links"]
    assert rig.installation.counters({})["writes"] == 1


def test_no_other_log_on_session_sees_a_mount(mounted: tuple[Rig, str]) -> None:
    rig, path = mounted
    place = order(rig, path)["Links"][1]["Href"].partition("/api")[2]
    own = rig.token
    rig.log_on()
    assert rig.call("GET", place).status == 404
    assert list(rig.json(path).values()) == [[]]
    rig.token = own
    assert rig.call("GET", place).status == 200
    assert rig.call("DELETE", place).status == 204
    assert rig.call("GET", place).status == 404


def test_roles_that_may_mount_and_roles_that_may_list_files(mounted: tuple[Rig, str]) -> None:
    rig, path = mounted
    rig.log_on("restorer")  # VM Restore Operator
    assert rig.call("GET", path).status == 403
    assert rig.call("POST", path).status == 403
    assert rig.call("GET", f"{path}/{POINT}/C:", "action=listAll").status == 404  # allowed, but there is no such mount


def test_files_below_a_mount(mounted: tuple[Rig, str]) -> None:
    rig, path = mounted
    mount = rig.json(order(rig, path)["Links"][1]["Href"].partition("/api")[2])
    folder = mount["FSRoots"]["DirectoryEntries"][0]
    listing, only_files, only_folders = [link["Href"].partition("/api")[2] for link in folder["Links"]]
    assert [link["Type"] for link in folder["Links"]] == ["FileSystemItemsList", "FileEntryList", "DirectoryEntryList"]
    found = rig.json(*listing.split("?"))
    assert [entry["Name"] for entry in found["Directories"]["DirectoryEntries"]] == ["Shares", "Users", "Windows"]
    assert found["Files"]["FileEntries"] == []
    shares = found["Directories"]["DirectoryEntries"][0]["Href"].partition("/api")[2]
    assert [entry["Name"] for entry in rig.json(shares, "action=listFiles")["Files"]["FileEntries"]] == ["Budget.xlsx", "Read me & sign.docx"]
    assert rig.json(shares, "action=listFiles")["Directories"] is None
    assert rig.json(shares, "action=listDirs")["Files"] is None
    entry = rig.json(f"{shares}/Budget.xlsx")
    assert entry["FileEntry"]["Path"] == "C:\\Shares\\Budget.xlsx" and entry["DirectoryEntry"] is None
    assert rig.json(*only_files.split("?"))["Files"] == {"FileEntries": []} and rig.json(*only_folders.split("?"))["Files"] is None


@pytest.mark.parametrize("spelling", ["C:/Shares/Budget.xlsx", "C:\\Shares\\Budget.xlsx", "c:\\shares\\BUDGET.xlsx"])
@pytest.mark.parametrize("safe", ["/:\\", ""])
def test_paths_are_understood_in_every_spelling(mounted: tuple[Rig, str], spelling: str, safe: str) -> None:
    rig, path = mounted
    place = order(rig, path)["Links"][1]["Href"].partition("/api")[2]
    assert rig.json(f"{place}/{quote(spelling, safe=safe)}")["FileEntry"]["Size"] == 48211


@pytest.mark.parametrize(("filepath", "action", "status"), [("C:/Nothing", "", 404), ("C:/Shares/Budget.xlsx", "listAll", 400), ("C:/Shares", "erase", 400)])
def test_bad_paths_and_actions_are_refused(mounted: tuple[Rig, str], filepath: str, action: str, status: int) -> None:
    rig, path = mounted
    place = order(rig, path)["Links"][1]["Href"].partition("/api")[2]
    assert rig.call("GET", f"{place}/{filepath}", f"action={action}").status == status


# The listing itself

BASE = f"/vmRestorePoints/{POINT}/mounts/{POINT}"


def written(filepath: str, action: str, profile: str, as_json: bool, windows: bool = True) -> Any:
    context = Context(PROFILES[profile], API)
    values, spec = Guest(BASE, windows, WHOLE).answer(filepath, action, context)
    return json_entity(values, spec, context) if as_json else xml_entity(values, spec, context, spec.root)


def test_listing_in_xml() -> None:
    place = f"{API}{BASE}/C:/Users"
    public = f"{place}/Public"
    assert written("C:/Users", "listAll", "12", as_json=False) == (
        f'<FileSystemEntries><Links><Link Href="{place}" Name="C:\\Users" Type="DirectoryEntry" Rel="Up" /></Links><Files /><Directories>'
        f'<DirectoryEntry Type="DirectoryEntry" Href="{public}"><Links><Link Href="{public}?action=listAll" Type="FileSystemItemsList" Rel="Down" />'
        f'<Link Href="{public}?action=listFiles" Type="FileEntryList" Rel="Down" />'
        f'<Link Href="{public}?action=listDirs" Type="DirectoryEntryList" Rel="Down" /></Links>'
        "<Path>C:\\Users\\Public</Path><Name>Public</Name></DirectoryEntry></Directories></FileSystemEntries>"
    )


def test_file_in_xml() -> None:
    place = f"{API}{BASE}/C:/Shares/Read%20me%20%26%20sign.docx"
    assert written("C:/Shares/Read me & sign.docx", "", "12", as_json=False) == (
        f'<FileSystemEntry><FileEntry Type="FileEntry" Href="{place}"><Path>C:\\Shares\\Read me &amp; sign.docx</Path><Name>Read me &amp; sign.docx</Name>'
        "<Size>16896</Size><Owner>BUILTIN\\Administrators</Owner><ModifiedDateUTC>2026-10-14T08:00:07Z</ModifiedDateUTC>"
        f'<Actions><Link Rel="Restore" Href="{place}?action=restore" /></Actions></FileEntry></FileSystemEntry>'
    )


def test_file_in_json_of_13() -> None:
    place = f"{API}{BASE}/var/log/syslog"
    assert written("/var/log/syslog", "", "13", as_json=True, windows=False) == {
        "fileEntry": {
            "path": "/var/log/syslog",
            "name": "syslog",
            "size": 7340032,
            "owner": "syslog",
            "modifiedDateUTC": "2026-11-20T19:54:07Z",
            "actions": {"links": [{"rel": "Restore", "href": f"{place}?action=restore"}]},
            "href": place,
            "type": "FileEntry",
        },
        "directoryEntry": None,
        "links": None,
        "href": None,
        "type": None,
    }


def test_root_of_linux_has_an_address() -> None:
    guest = Guest(BASE, False, WHOLE)
    (top,) = guest.tops(Context(PROFILES["12"], API))
    assert (top["Path"], top["Name"], top["Href"]) == ("/", "/", f"{API}{BASE}/%2F")
    values, _spec = guest.answer("/", "listDirs", Context(PROFILES["12"], API))
    assert [entry["Path"] for entry in values["Directories"]] == ["/etc", "/home", "/var"]


@pytest.mark.parametrize("windows", [True, False])
def test_every_entry_of_a_guest_is_found_by_its_path_and_by_its_address(windows: bool) -> None:
    guest, context = Guest(BASE, windows, WHOLE), Context(PROFILES["12"], API)
    waiting, seen = [top["Path"] for top in guest.tops(context)], 0
    while waiting:
        values, _spec = guest.answer(waiting.pop(), "listAll", context)
        for entry in values["Files"] + values["Directories"]:
            single, _spec = guest.answer(entry["Path"], "", context)
            assert next(iter(single.values()))["Href"] == entry["Href"]
            seen += 1
        waiting += [entry["Path"] for entry in values["Directories"]]
    assert seen > 10


def test_nothing_is_found_without_a_path() -> None:
    with pytest.raises(Problem):
        Guest(BASE, True, WHOLE).find("")


@pytest.mark.parametrize(("profile", "as_json"), [("12", False), ("12", True), ("13", True)])
def test_listings_are_read_by_their_declaration(mounted: tuple[Rig, str], profile: str, as_json: bool) -> None:
    rig, path = mounted
    place = order(rig, path)["Links"][1]["Href"].partition("/api")[2]
    rig.installation.set_profile({"profile": profile})
    for filepath, action, resource in (("C:/Shares", "listAll", catalogue.GUEST_FOLDER), ("C:/Shares/Budget.xlsx", "", catalogue.GUEST_ENTRY)):
        answer = rig.call("GET", f"{place}/{filepath}", f"action={action}" if action else "", as_json)
        record = wire.record_of(wire.parse(answer.body, answer.headers["Content-Type"]), resource)
        keys = {field.name for field in resource.record_fields} | {reference.name for reference in resource.references}
        assert set(record) == keys | {"id", "uid", "name", "type", "href"}
        if action:
            assert [entry["name"] for entry in record["files"]] == ["Budget.xlsx", "Read me & sign.docx"]
            assert record["files"][0]["actions"][0]["rel"] == "Restore"
            assert [entry["name"] for entry in record["directories"]] == ["Empty", "Projects"]
        else:
            assert record["file_entry"]["modified_date_utc"] == "2026-11-20T12:30:07Z"
