# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything in an estate leads somewhere: links, URNs, what runs leave behind, sizes and times."""

from __future__ import annotations

import json
from typing import Any, Iterator

import pytest

from em_simulator.connections import loose_ends
from em_simulator.offline import BASE, Rig

ESTATES: dict[str, dict[str, Any]] = {
    "demo": {},
    "generated": {"generate": 3, "task_sessions": 200},
    "by machines": {"generate": 9, "machines": 60, "restore_points": 900},
}
# All other links are orders.
READING = frozenset(("up", "down", "alternate", "related", "first", "previous", "next", "last"))


def addresses(value: Any) -> Iterator[str]:
    """Yield what an answer in JSON says can be read: the links, and the addresses of the things in it."""
    if isinstance(value, list):
        for inner in value:
            yield from addresses(inner)
    elif isinstance(value, dict):
        members = {key.lower(): inner for key, inner in value.items()}
        if isinstance(members.get("href"), str) and members.get("rel", "up").lower() in READING:
            yield members["href"]
        for inner in value.values():
            yield from addresses(inner)


def walk(rig: Rig) -> tuple[set[str], list[str]]:
    """Follow all links from the log-on session; return the paths that were read, and a line for each that could not be."""
    seen, waiting, failed = {"/logonSessions"}, ["/logonSessions"], []
    while waiting:
        path, _sign, query = waiting.pop().partition("?")
        answer = rig.call("GET", path, query)
        if answer.status != 200:
            failed.append(f"{answer.status} {path}?{query} {answer.body[:200]!r}")
            continue
        for address in addresses(json.loads(answer.body)):
            assert address.startswith(BASE + "/api")
            found = address.removeprefix(BASE + "/api")
            if found not in seen:
                seen.add(found)
                waiting.append(found)
    return seen, failed


@pytest.mark.thorough
@pytest.mark.parametrize("profile", ["9.5u4", "12", "13"])
def test_every_link_of_the_demo_leads_somewhere(profile: str) -> None:
    rig = Rig(profile=profile)
    rig.log_on()
    seen, failed = walk(rig)
    assert failed == []
    world = rig.installation.world
    # The walk reached all that it is meant to reach.
    for kind, path in (("VmRestorePoint", "/vmRestorePoints"), ("BackupFile", "/backupFiles"), ("Repository", "/repositories"), ("Replica", "/replicas")):
        assert {f"{path}/{key}" for key in world.table(kind).by_id} <= seen
    assert sum(path.startswith("/lookup?") for path in seen) >= 3
    assert sum("/guestfs/" in path for path in seen) > 10


@pytest.mark.thorough
def test_every_link_of_a_generated_estate_leads_somewhere() -> None:
    rig = Rig(generate=4, task_sessions=60)
    rig.log_on()
    assert walk(rig)[1] == []


@pytest.mark.parametrize("estate", ESTATES)
def test_nothing_in_an_estate_is_loose(estate: str) -> None:
    assert loose_ends(Rig(**ESTATES[estate]).installation.world) == []


def test_the_check_finds_what_is_loose() -> None:
    world = Rig().installation.world
    point = next(task.point_id for task in world.table("BackupTaskSession").rows() if task.point_id in world.table("VmRestorePoint").by_id)
    world.vanish("VmRestorePoint", point, "")
    world.table("Repository").rows()[0].values["Capacity"] = 5
    file = world.table("BackupFile").rows()[0]
    world.table("Backup").remove(file.up[0].id)
    world.table("LinkedJobObject").rows()[0].values["LinkedJobUid"] = "urn:veeam:Job:00000000-0000-0000-0000-000000000001"
    found = "\n".join(loose_ends(world))
    for part in ("made a point that is not there", "bytes of files and says", "leads to a Backup that is not there", "says LinkedJobUid"):
        assert part in found


def test_a_run_leaves_points_files_and_less_space() -> None:
    rig = Rig()
    rig.log_on()
    job = rig.job_id("SQL Server Backup")
    before = {kind: len(rig.json(path)["Refs"]) for kind, path in (("points", "/restorePoints"), ("files", "/backupFiles"), ("machines", "/vmRestorePoints"))}
    free = rig.query("Repository", 'Name=="Backup Volume 01"')[0]["FreeSpace"]
    assert rig.call("POST", f"/jobs/{job}", "action=start").status == 202
    rig.wait(60)
    (session,) = rig.query("BackupJobSession", 'JobName=="SQL Server Backup"', "&sortDesc=CreationTime&pageSize=1")
    (point,) = [link for link in session["Links"] if link["Type"] == "RestorePointReference"]
    path = point["Href"].removeprefix(BASE + "/api")
    assert rig.json(path, "format=Entity")["BackupDateUTC"] == session["CreationTimeUTC"]
    machines = rig.json(f"{path}/vmRestorePoints", "format=Entity")["VmRestorePoints"]
    assert sorted(one["VmDisplayName"] for one in machines) == ["srv-sql-01", "srv-sql-02", "srv-sql-03", "srv-sql-04"]
    (file,) = rig.json(f"{path}/backupFiles", "format=Entity")["BackupFiles"]
    assert rig.query("Repository", 'Name=="Backup Volume 01"')[0]["FreeSpace"] == free - file["BackupSize"] < free
    after = {kind: len(rig.json(path)["Refs"]) for kind, path in (("points", "/restorePoints"), ("files", "/backupFiles"), ("machines", "/vmRestorePoints"))}
    assert {kind: after[kind] - before[kind] for kind in after} == {"points": 1, "files": 1, "machines": 4}
    assert loose_ends(rig.installation.world) == []


def test_a_run_of_a_job_with_chains_leaves_a_point_in_each() -> None:
    rig = Rig()
    rig.log_on()
    rig.call("POST", f"/jobs/{rig.job_id('File Server Backup')}", "action=start")
    rig.wait(60)
    (session,) = rig.query("BackupJobSession", 'JobName=="File Server Backup"', "&sortDesc=CreationTime&pageSize=1")
    points = [link["Href"].removeprefix(BASE + "/api") for link in session["Links"] if link["Rel"] == "Related"]
    assert len(points) == 2
    backups = {link["Name"] for path in points for link in rig.json(path)["Links"] if link["Type"] == "BackupReference"}
    assert backups == {"File Server Backup - srv-file-01", "File Server Backup - srv-file-02"}
    assert loose_ends(rig.installation.world) == []


def test_a_replication_leaves_points_of_its_machines() -> None:
    rig = Rig()
    rig.log_on()
    replica = rig.json("/query", "type=Replica&filter=JobName==%22DC+Replication%22")["Refs"]["Refs"][0]["Href"].removeprefix(BASE + "/api")
    before = len(rig.json(f"{replica}/vmReplicaPoints")["Refs"])
    rig.call("POST", f"/jobs/{rig.job_id('DC Replication')}", "action=start")
    rig.wait(60)
    assert len(rig.json(f"{replica}/vmReplicaPoints")["Refs"]) == before + 2
    assert loose_ends(rig.installation.world) == []
