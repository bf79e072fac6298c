# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the demo holds of jobs, backups, replicas, infrastructure, catalogue and hierarchy, and how a test makes parts of it vanish."""

from __future__ import annotations

import resource

import pytest

from _api import wire
from _api.entities import registry
from em_simulator.offline import BASE, Rig

FAMILIES = (
    "Repository",
    "ExternalRepository",
    "ManagedServer",
    "HierarchyRoot",
    "WanAccelerator",
    "Credentials",
    "PasswordKey",
    "ObjectInJob",
    "LinkedJobObject",
    "LinkedBackupRepositoryObject",
    "Backup",
    "BackupFile",
    "RestorePoint",
    "VmRestorePoint",
    "VAppRestorePoint",
    "Replica",
    "VmReplicaPoint",
    "VAppReplicaPoint",
    "FailoverPlan",
    "CatalogVm",
    "CatalogVmRestorePoint",
)


def id_of(rig: Rig, kind: str, name: str) -> str:
    (found,) = [row.id for row in rig.installation.world.table(kind).rows() if row.name == name]
    return str(found)


def hosts(rig: Rig, kind: str = "VC") -> list[str]:
    return [root["UID"] for root in rig.query("HierarchyRoot", f"HostType=={kind}")]


def looked_up(rig: Rig, query: str) -> dict[str, str]:
    return {item["ObjectName"]: item["ObjectRef"] for item in rig.json("/lookup", query)["HierarchyItems"]}


@pytest.mark.parametrize("as_json", [True, False], ids=["json", "xml"])
@pytest.mark.parametrize("profile", ["9.5u4", "12", "13"])
@pytest.mark.parametrize("kind", FAMILIES)
def test_everything_decodes_by_its_declaration(kind: str, profile: str, as_json: bool) -> None:
    rig = Rig(profile=profile)
    rig.log_on()
    declared = registry.BY_TYPE[kind]
    row = next(row for row in rig.installation.world.table(kind).rows() if not row.place)
    if declared.since > rig.installation.service.profile.versions[-1]:
        assert rig.call("GET", declared.path).status == 404
        return
    path = declared.path_below(dict(zip(declared.parents, row.parents, strict=True)))
    answer = rig.call("GET", path, "format=Entity", as_json)
    assert answer.status == 200
    page = wire.page_of(wire.parse(answer.body, answer.headers["Content-Type"]), declared)
    records = list(wire.records_of(page, declared))
    assert records
    known = {field.name for field in declared.record_fields} | {reference.name for reference in declared.references} | {"id", "uid", "name", "href", "type"}
    assert {key for record in records for key in record} <= known


def test_machines_are_in_jobs_by_name_by_folder_by_tag_or_not_at_all() -> None:
    rig = Rig()
    rig.log_on()
    entries = [entry for job in rig.json("/jobs")["Refs"] for entry in rig.json(job["Href"].removeprefix(BASE + "/api") + "/includes")["ObjectInJobs"]]
    named = {entry["Name"] for entry in entries if ":Vm:" in entry["HierarchyObjRef"]}
    containers = {entry["Name"]: entry["HierarchyObjRef"] for entry in entries if ":Vm:" not in entry["HierarchyObjRef"]}
    assert set(containers) == {"Web", "gold"}
    machines = {name for host in hosts(rig) for name in looked_up(rig, f"host={host}&name=*&type=Vm")}
    inside = {name: set(looked_up(rig, f"hierarchyRef={ref}&type=Vm&name=*")) for name, ref in containers.items()}
    # The folder tells nothing of the machine that the job leaves out.
    assert inside == {"Web": {"srv-web-01", "srv-web-02", "srv-web-03"}, "gold": {"srv-app-01"}}
    assert machines - named - inside["Web"] - inside["gold"] == {"srv-test-01", "srv-test-02"}
    processed = {point["VmDisplayName"] for point in rig.query("VmRestorePoint", more="&pageSize=1000")}
    assert {"srv-web-01", "srv-web-02", "srv-app-01"} <= processed and "srv-web-03" not in processed


def test_the_lookup_finds_by_name_in_any_case_by_reference_and_nothing_for_what_is_not_there() -> None:
    rig = Rig()
    rig.log_on()
    host = next(host for host in hosts(rig) if looked_up(rig, f"host={host}&name=SRV-sql-01&type=vm"))
    found = looked_up(rig, f"host={host}&name=SRV-sql-01&type=vm")
    assert list(found) == ["srv-sql-01"]
    assert looked_up(rig, f"hierarchyRef={found['srv-sql-01']}") == found
    assert looked_up(rig, f"host={host}&name=srv-sql-01&type=Host") == {}
    assert looked_up(rig, "hierarchyRef=urn:VMware:Vm:none.vm-1") == {}
    assert rig.call("GET", "/lookup", "name=*&type=Vm").status == 400
    assert rig.call("GET", "/lookup", "host=urn:veeam:HierarchyRoot:00000000-0000-0000-0000-000000000000&name=*&type=Vm").status == 400


def test_a_lookup_of_a_container_can_be_kept_to_what_the_reference_says() -> None:
    rig = Rig()
    rig.log_on()
    folder = next(found["Web"] for host in hosts(rig) if (found := looked_up(rig, f"host={host}&name=Web&type=Folder")))
    assert len(looked_up(rig, f"hierarchyRef={folder}&type=Vm")) == 3
    rig.installation.change_settings({"lookup_goes_down": False})
    assert list(looked_up(rig, f"hierarchyRef={folder}&type=Vm")) == ["Web"]


def test_a_query_finds_by_what_the_links_tell() -> None:
    rig = Rig()
    rig.log_on()
    assert {one["Name"] for one in rig.query("Backup", 'RepositoryName=="DR Volume"')} == {"Copy to DR", "Mirror SQL"}
    assert {one["Name"] for one in rig.query("BackupFile", 'BackupName=="Copy to DR"')} == {
        file.name for file in rig.installation.world.table("BackupFile").rows() if file.up[0].name == "Copy to DR"
    }
    assert {one["Name"] for one in rig.json("/query", 'type=objectinjob&filter=JobName=="Copy to DR"')["Resources"]["sInObjectJob"]["ObjectInJobs"]} == {
        "srv-sql-01",
        "srv-sql-02",
    }
    newest = rig.query("VmRestorePoint", 'VmDisplayName=="srv-ex-11"', "&sortDesc=CreationTime")
    assert [one["CreationTimeUTC"][:10] for one in newest] == ["2026-11-12", "2026-11-05"]


def test_what_vanished_stays_in_lists_and_has_neither_address_nor_members() -> None:
    rig = Rig()
    rig.log_on()
    backup = id_of(rig, "Backup", "Copy to DR")
    assert rig.call("GET", f"/backups/{backup}/restorePoints").status == 200
    rig.installation.vanish({"type": "Backup", "id": backup})
    assert [one["UID"] for one in rig.query("Backup", 'Name=="Copy to DR"')] == [f"urn:veeam:Backup:{backup}"]
    assert any(one["UID"].endswith(backup) for one in rig.json("/backups")["Refs"])
    for path in (f"/backups/{backup}", f"/backups/{backup}/restorePoints"):
        answer = rig.call("GET", path)
        assert (answer.status, f"Cannot find backup [{backup}]" in answer.body.decode()) == (404, True)
    rig.installation.vanish({"type": "Backup", "id": backup, "after": ""})
    assert rig.query("Backup", 'Name=="Copy to DR"') == []
    with pytest.raises(ValueError, match="no Backup has the id"):
        rig.installation.vanish({"type": "Backup", "id": backup})


def test_what_is_left_out_comes_back_with_a_reload() -> None:
    rig = Rig()
    rig.log_on()
    rig.installation.omit({"type": "Repository", "wire_name": "FreeSpace"})
    assert all("FreeSpace" not in one and "Capacity" in one for one in rig.json("/repositories", "format=Entity")["Repositories"])
    rig.installation.do_reload({})
    rig.log_on()
    assert all("FreeSpace" in one for one in rig.json("/repositories", "format=Entity")["Repositories"])


def test_the_id_of_a_hierarchy_root_is_the_other_one_in_12() -> None:
    found = {}
    for profile in ("9.5u4", "12", "13"):
        rig = Rig(profile=profile)
        rig.log_on()
        (root,) = rig.xml("/hierarchyRoots", "format=Entity").findall("{*}HierarchyRoot[{*}HostType='HvServer']")
        found[profile] = (root.findtext("{*}HierarchyRootId") == root.get("UID", "").rpartition(":")[2], root.findtext("{*}UniqueId", "").isupper())
    assert found == {"9.5u4": (True, True), "12": (False, True), "13": (True, True)}


def test_guest_files_of_the_catalogue_are_listed_from_the_top() -> None:
    rig = Rig()
    rig.log_on()
    machine = "/catalog/vms/srv-file-01/vmRestorePoints"
    point = rig.json(machine)["Refs"][0]["UID"].rpartition(":")[2]
    assert rig.json(f"{machine}/{point}/guestfs")["DirectoryEntry"]["Href"].endswith("/guestfs")
    tops = rig.json(f"{machine}/{point}/guestfs", "action=listDirs")
    assert [entry["Name"] for entry in tops["Directories"]["DirectoryEntries"]] == ["C:", "D:"]
    files = rig.json(f"{machine}/{point}/guestfs/C:/Shares", "action=listFiles")["Files"]["FileEntries"]
    assert {file["Name"]: file["Size"] for file in files} == {"Budget.xlsx": 48211, "Read me & sign.docx": 16896}
    assert rig.call("GET", f"{machine}/{point}/guestfs/C:/Nothing").status == 404


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ({"machines": 50}, {"machines": 50, "BackupTaskSession": 500, "VmRestorePoint": 500}),
        ({"machines": 40, "restore_points": 900, "task_sessions": 300}, {"machines": 40, "BackupTaskSession": 300, "VmRestorePoint": 900}),
        ({"machines": 40, "restore_points": 100, "task_sessions": 300}, {"machines": 40, "BackupTaskSession": 300, "VmRestorePoint": 100}),
    ],
)
def test_a_generated_estate_is_as_big_as_was_asked_for(options: dict[str, int], wanted: dict[str, int]) -> None:
    world = Rig(generate=5, **options).installation.world
    machines = [item for item in world.table("HierarchyItem").rows() if item.values["ObjectType"] == "Vm" and not item.id.startswith("urn:vCloud")]
    found = {"machines": len(machines), **{kind: len(world.table(kind).by_id) for kind in ("BackupTaskSession", "VmRestorePoint")}}
    assert found == wanted


def test_a_generated_estate_has_machines_without_a_fresh_point_and_without_a_job() -> None:
    rig = Rig(generate=6, machines=200)
    world = rig.installation.world
    newest: dict[str, int] = {}
    for point in world.table("VmRestorePoint").rows():
        newest[point.name] = max(newest.get(point.name, 0), point.values["CreationTimeUTC"])
    day_us = 24 * 3600 * 1_000_000
    stale = [name for name, moment in newest.items() if world.stamp() - moment > 2 * day_us]
    assert 0 < len(stale) < 30
    in_jobs = {machine.uid for job in world.jobs() for machine in job.machines}
    bystanders = {item.id for item in world.table("HierarchyItem").rows() if item.values["ObjectName"].startswith("scratch-")}
    assert len(bystanders) == 4 and bystanders.isdisjoint(in_jobs)


@pytest.mark.thorough
def test_a_big_estate_is_there_and_writes_its_pages_in_bounded_memory() -> None:
    rig = Rig(generate=7, machines=2_000, restore_points=20_000, task_sessions=20_000)
    rig.log_on()
    query = "type=VmRestorePoint&format=Entities&sortAsc=CreationTime&pageSize=1000&page={}"
    rig.json("/query", query.format(1))
    answer = rig.call("GET", "/query", query.format(2))
    assert answer.status == 200 and len(answer.body) > 1_000_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 1_500_000
