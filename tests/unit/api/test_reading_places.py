# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where records are read: whole collections, below other objects, at their own address, and elsewhere where an account may not."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest
from fake_em import FakeEm, guid
from rig_em import RigEm
from tiny_server import FakeClock

from _api import reading
from _api.entities._model import Child, Resource, in_address
from _api.entities.registry import BY_THING, BY_TYPE, RESOURCES
from _api.errors import BodyError, FilterError, ForeignTask, MissingRight, NotFound, OptionError
from _api.reading import Selection

Record = dict[str, Any]
DOCUMENTED = Path(__file__).parents[2] / "data" / "em_api_paths.csv"
NOWHERE = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def estate() -> RigEm:
    """The demo estate, for tests that only read."""
    return RigEm()


@pytest.fixture
def em() -> RigEm:
    """A demo estate of its own, for tests that change something in it."""
    return RigEm()


def read(em: RigEm, thing: str, username: str = "admin", **wanted: Any) -> reading.Reading:
    """Read a selection in a session of its own; ``em.asked`` tells afterwards what it took."""
    em.requests.clear()
    parents = tuple(BY_THING[parent] for parent, _names in wanted.get("below", ()))
    with em.session(username) as session:
        return reading.read(session, BY_THING[thing], Selection(**wanted), parents=parents)


def ids(found: reading.Reading) -> list[str]:
    return [record["id"] for record in found.records]


def names(found: reading.Reading) -> list[str]:
    return [record["name"] for record in found.records]


def all_ids(em: RigEm, thing: str) -> tuple[str, ...]:
    return tuple(ids(read(em, thing)))


def raw_members(em: RigEm, path: str) -> list[dict[str, Any]]:
    """Return the members of a list, or the one entity, as the simulator sends them, without a look at any declaration."""
    if not em.rig.token:
        em.rig.log_on()
    answer = em.rig.json(path, "format=Entity")
    lists = [value for value in answer.values() if isinstance(value, list) and value is not answer.get("Links")]
    return list(lists[0]) if len(lists) == 1 and "Type" not in answer else [answer]


# ---------------------------------------------------------------------------------------------------------
# Below other objects

CHILDREN = [
    (parent, child)
    for parent in RESOURCES
    for child in parent.children
    if parent.list_root and parent.sources and parent.thing != "lookup" and "{" not in child.path
]


@pytest.mark.parametrize(("parent", "child"), CHILDREN, ids=lambda value: value.thing if isinstance(value, Resource) else value.name)
def test_what_lies_below_is_read_from_each_object_and_given_once(estate: RigEm, parent: Resource, child: Child) -> None:
    places = all_ids(estate, parent.thing)
    found = read(estate, BY_TYPE[child.type].thing, below=((parent.thing, places),))
    raw = [member for place in places for member in raw_members(estate, f"{parent.path}/{in_address(place)}/{child.path}")]
    hrefs = [str(member.get("Href")) for member in raw]
    assert found.total == len(found.records) == len(set(hrefs) if BY_TYPE[child.type].key == "uid" else hrefs)
    assert {record["href"] for record in found.records} == {href if href != "None" else None for href in hrefs}
    assert {record["type"] for record in found.records} <= {child.type}
    # None of them may be empty for want of data: a test that reads nothing shows nothing.
    assert found.records or (parent.thing, child.name) in {("backup_session", "agent_management_sessions"), ("external_repository", "backups")}


def test_an_object_is_named_by_id_urn_or_name(estate: RigEm) -> None:
    (job,) = read(estate, "job", names=("SQL Server Backup",)).records
    by_query = read(estate, "backup_session", filter={"job_uid": job["uid"]})
    assert len(by_query.records) > 2
    for name in (job["id"], job["id"].upper(), job["uid"], job["name"]):
        below = read(estate, "backup_session", below=(("job", (name,)),))
        assert below.records == by_query.records
        assert estate.asked[-1] == f"/jobs/{job['id']}/backupSessions"
    assert estate.asked == ["/query", f"/jobs/{job['id']}/backupSessions"]


def test_a_name_on_two_servers_means_both_and_every_object_is_read_once(estate: RigEm) -> None:
    first, second = read(estate, "job", names=("Exchange Backup",)).records
    found = read(estate, "backup_session", below=(("job", ("Exchange Backup", first["id"], second["uid"])),))
    assert {record["backup_server_name"] for record in found.records} == {first["backup_server_name"], second["backup_server_name"]}
    assert sorted(estate.asked[1:]) == sorted(f"/jobs/{job['id']}/backupSessions" for job in (first, second))


def test_unknown_objects_hold_nothing_and_are_no_failure(estate: RigEm) -> None:
    found = read(estate, "backup_session", below=(("job", ("Nobody", NOWHERE, f"urn:veeam:Job:{NOWHERE}")),))
    assert (found.records, found.total, found.truncated) == ([], 0, False)
    assert estate.asked == ["/query", f"/jobs/{NOWHERE}/backupSessions"]


def test_what_lies_below_several_objects_is_given_once(estate: RigEm) -> None:
    everything = read(estate, "backup_file", sort="uid")
    places = (("backup", all_ids(estate, "backup")), ("restore_point", all_ids(estate, "restore_point")))
    twice = read(estate, "backup_file", below=places, sort="uid")
    assert (twice.records, twice.total) == (everything.records, everything.total)


def test_an_object_that_vanished_is_passed_over(em: RigEm) -> None:
    first, second = all_ids(em, "cdp_replica")
    everything = read(em, "cdp_replica_vm", below=(("cdp_replica", (first, second)),)).records
    em.rig.installation.vanish({"type": "CdpReplica", "id": first})
    left = read(em, "cdp_replica_vm", below=(("cdp_replica", (first, second)),))
    assert 0 < len(left.records) < len(everything)
    assert all(record in everything for record in left.records)


def test_what_lies_below_is_chosen_from_by_every_option(estate: RigEm) -> None:
    below = (("system_session", all_ids(estate, "system_session")),)
    everything = read(estate, "system_session_event", below=below)
    assert not everything.truncated
    last = read(estate, "system_session_event", below=below, sort="-order", limit=3)
    assert (last.total, last.truncated) == (everything.total, True)
    assert [record["order"] for record in last.records] == sorted((record["order"] for record in everything.records), reverse=True)[:3]
    first = read(estate, "system_session_event", below=below, filter="Order<2")
    assert first.total == sum(record["order"] == 1 for record in everything.records) > 1
    assert {record["order"] for record in first.records} == {1}
    whole = read(estate, "system_session_event", below=below, limit=everything.total)
    assert (whole.records, whole.truncated) == (everything.records, False)


def test_links_come_on_request_below_too(estate: RigEm) -> None:
    below = (("job", ("SQL Server Backup",)),)
    assert all("links" not in record for record in read(estate, "object_in_job", below=below).records)
    assert all(record["links"] for record in read(estate, "object_in_job", below=below, links=True).records)


def test_names_uids_and_ids_choose_from_what_lies_below(estate: RigEm) -> None:
    below = (("cloud_gateway_pool", tuple(names(read(estate, "cloud_gateway_pool")))),)
    one, two, *_rest = read(estate, "cloud_gateway", below=below).records
    assert ids(read(estate, "cloud_gateway", below=below, ids=(one["id"],))) == [one["id"]]
    assert set(ids(read(estate, "cloud_gateway", below=below, ids=(one["id"],), uids=(two["uid"],)))) == {one["id"], two["id"]}
    assert names(read(estate, "cloud_gateway", below=below, names=(two["name"].upper(),))) == [two["name"]]
    assert names(read(estate, "cloud_gateway", below=below, names=(two["name"],), backup_server="nobody")) == []


def test_one_entry_below_is_read_from_its_own_address(estate: RigEm) -> None:
    (job,) = read(estate, "job", names=("SQL Server Backup",)).records
    below = (("job", (job["id"],)),)
    entry = read(estate, "object_in_job", below=below).records[0]
    assert read(estate, "object_in_job", below=below, ids=(entry["id"],)).records == [entry]
    assert estate.asked == [f"/jobs/{job['id']}/includes/{entry['id']}"]
    assert read(estate, "object_in_job", below=below, ids=(NOWHERE,)).records == []
    # Several are chosen from the list, as is one of what has no address of its own.
    assert read(estate, "object_in_job", below=below, ids=(entry["id"], NOWHERE)).records == [entry]
    assert estate.asked == [f"/jobs/{job['id']}/includes"]
    below = (("job", tuple(ids(read(estate, "job", filter={"job_type": "BackupCopy"})))),)
    linked = read(estate, "linked_job", below=below).records[0]
    assert read(estate, "linked_job", below=below, ids=(linked["id"],)).records == [linked]
    assert all(path.endswith("/linkedJobs") for path in estate.asked)


@pytest.mark.parametrize(
    ("thing", "wanted", "message"),
    [
        ("backup_session", {"below": (("repository", ("x",)),)}, "Backup job sessions do not lie below a repository"),
        ("security_account_role", {}, "Roles of an account lie below another object, and none is named. Name one security_account"),
        ("backup_session", {"source": "cloud"}, "Backup job sessions cannot be read from 'cloud'. Known sources: query, collection, agents, nas."),
        ("backup_session", {"below": (("job", ("",)),)}, "The job to look in has an empty name"),
        ("catalog_restore_point", {"below": (("catalog_vm", ("..",)),)}, "'..' is not the id of a"),
        ("backup_session", {"below": (("job", (f"urn:veeam:NasJob:{NOWHERE}",)),)}, "is not the URN of a job"),
        ("backup_session", {"below": (("job", ("x",)),), "filter": {"colour": 1}}, "cannot be filtered or sorted by 'colour'"),
        ("backup_session", {"below": (("job", ("x",)),), "sort": "colour"}, "cannot be filtered or sorted by 'colour'"),
        ("backup_session", {"below": (("job", ("x",)),), "limit": 0}, "The limit is 0"),
        ("security_account", {"filter": {"colour": 1}}, "cannot be filtered or sorted by 'colour'"),
    ],
)
def test_a_place_that_makes_no_sense_is_refused_before_anything_is_sent(estate: RigEm, thing: str, wanted: dict[str, Any], message: str) -> None:
    estate.requests.clear()
    parents = (BY_THING["job"], BY_THING["catalog_vm"])
    with pytest.raises((OptionError, FilterError), match=re.escape(message)):
        reading.check_selection(BY_THING[thing], Selection(**wanted), parents)
    with pytest.raises((OptionError, FilterError), match=re.escape(message)), estate.session() as session:
        reading.read(session, BY_THING[thing], Selection(**wanted), parents=parents)
    assert estate.requests == []


# ---------------------------------------------------------------------------------------------------------
# Addresses


def documented_addresses() -> set[str]:
    with DOCUMENTED.open(encoding="utf-8") as file:
        return {re.sub(r"\{\w+\}", "{}", row["path"]) for row in csv.DictReader(file) if row["method"] == "GET"}


@pytest.mark.parametrize("resource", [one for one in RESOURCES if one.list_root], ids=lambda one: one.thing)
def test_one_thing_is_asked_for_where_the_reference_has_a_path_to_one(resource: Resource) -> None:
    assert (re.sub(r"\{\w+\}", "{}", resource.path) + "/{}" in documented_addresses()) == resource.addressable


@pytest.mark.parametrize(("parent", "child"), CHILDREN, ids=lambda value: value.thing if isinstance(value, Resource) else value.name)
def test_every_path_below_is_documented_or_seen_in_links(parent: Resource, child: Child) -> None:
    path = reading.path_below(BY_TYPE[child.type], parent, "{x}").replace("%7Bx%7D", "{}")
    seen_in_links = {
        "/jobs/{}/backupSessions",
        "/jobs/{}/replicaSessions",
        "/backupServers/{}/jobs",
        "/backupServers/{}/managedServers",
        "/backupServers/{}/repositories",
        "/repositories/{}/backups",
        "/repositories/{}/replicas",
        "/replicas/{}/vmReplicaPoints",
        "/backups/{}/backupFiles",
        "/cloud/gatewayPools/{}/gateways",
        "/cloud/gatewayPools/{}/tenants",
        "/agents/jobs/{}/backupSessions",
    }
    assert path in documented_addresses() | seen_in_links


@pytest.mark.parametrize("name", ["srv sql 01", "a/b", "..%2f", "x.y", "ä?b#c&d"])
def test_a_name_in_an_address_is_escaped(estate: RigEm, name: str) -> None:
    assert read(estate, "catalog_vm", ids=(name,)).records == []
    (asked,) = estate.asked
    assert asked == "/catalog/vms/" + in_address(name)
    assert set(asked[len("/catalog/vms/") :]).isdisjoint("/?# &")
    assert read(estate, "catalog_restore_point", below=(("catalog_vm", (name,)),)).records == []
    assert estate.asked == [f"/catalog/vms/{in_address(name)}/vmRestorePoints"]


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_dots_alone_would_lead_elsewhere_and_are_refused(estate: RigEm, name: str) -> None:
    estate.requests.clear()
    with pytest.raises(OptionError, match="is not the id of a"), estate.session() as session:
        reading.read(session, BY_THING["catalog_vm"], Selection(ids=(name,)))
    with pytest.raises(OptionError, match=r"is not the id of a|empty name"), estate.session() as session:
        reading.resolve(session, BY_THING["catalog_vm"], ["srv-sql-01", name])
    assert estate.requests == []


def test_things_without_urn_are_read_one_by_one_and_once_each(estate: RigEm) -> None:
    first, second, *_rest = names(read(estate, "catalog_vm"))
    found = read(estate, "catalog_vm", ids=(second, first, "nobody", second))
    assert names(found) == [second, first]
    assert estate.asked == [f"/catalog/vms/{name}" for name in (second, first, "nobody")]
    assert names(read(estate, "catalog_vm", ids=(first,), filter={"name": second})) == []


def test_what_is_alone_of_its_kind_is_one_record(estate: RigEm) -> None:
    for resource in RESOURCES:
        if not resource.list_root and resource.sources:
            found = read(estate, resource.thing, limit=1)
            assert (len(found.records), found.total, found.truncated, estate.asked or ["/"]) == (1, 1, False, [resource.path])
            assert found.records[0]["type"] == resource.type


def test_an_answer_of_another_kind_names_the_request(clock: FakeClock) -> None:
    service = FakeEm(clock)
    service.weather = lambda method, path: service.answer(200, {"Jobs": []}) if path.startswith("/security") else None
    with service.session() as session:
        for ask in (reading.get_entity, reading.get_list):
            with pytest.raises(BodyError, match="should hold") as caught:
                ask(session, BY_THING["security_account"], "/security/accounts")
            assert (caught.value.method, caught.value.path) == ("GET", "/security/accounts")


def test_entities_are_asked_for_where_references_would_come(estate: RigEm) -> None:
    read(estate, "repository", source="collection")
    assert estate.requests[-2] == ("GET", "/repositories", {"format": "Entity"})
    read(estate, "credentials", below=(("backup_server", all_ids(estate, "backup_server")),))
    assert estate.requests[-2][2] == {}


# ---------------------------------------------------------------------------------------------------------
# Sources and envelopes


@pytest.mark.parametrize(
    "resource", [one for one in RESOURCES if {"query", "collection"} <= set(one.sources) and one.type != "Task"], ids=lambda one: one.thing
)
def test_query_and_collection_give_the_same_records(estate: RigEm, resource: Resource) -> None:
    by_query = read(estate, resource.thing, source="query")
    assert set(estate.asked) == {"/query"}
    whole = read(estate, resource.thing, source="collection")
    assert estate.asked == [resource.path]
    assert by_query.records == whole.records
    assert (by_query.total, by_query.truncated) == (whole.total, whole.truncated) == (len(whole.records), False)


@pytest.mark.parametrize("source", ["agents", "nas"])
@pytest.mark.parametrize("thing", ["backup_session", "backup", "backup_file", "restore_point"])
def test_a_part_of_a_collection_is_read_from_its_own_path(estate: RigEm, thing: str, source: str) -> None:
    resource = BY_THING[thing]
    if source not in resource.sources:
        with pytest.raises(OptionError, match="cannot be read from"):
            read(estate, thing, source=source)
        return
    part = read(estate, thing, source=source, sort="-name")
    assert estate.asked == [f"/{source}/{resource.path[1:]}"]
    assert 0 < part.total < read(estate, thing).total
    assert names(part) == sorted(names(part), key=str.casefold, reverse=True)
    one = read(estate, thing, source=source, ids=(part.records[0]["id"],))
    assert one.records == part.records[:1]
    assert estate.asked == [f"/{source}/{resource.path[1:]}"]


@pytest.mark.parametrize(
    "resource", [one for one in RESOURCES if one.envelope == "Resources" and one.query_type and one.type != "Task"], ids=lambda one: one.thing
)
def test_what_comes_as_resources_is_read_as_what_comes_as_entities(estate: RigEm, resource: Resource) -> None:
    found = read(estate, resource.thing)
    assert estate.asked == ["/query"]
    assert len(found.records) > 1
    assert len(set(ids(found))) == found.total
    assert ids(read(estate, resource.thing, ids=tuple(ids(found)[1:2]))) == ids(found)[1:2]
    assert all(path == "/query" for path in estate.asked)


def test_ids_are_found_in_portions_whatever_their_urns_look_like(estate: RigEm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "ALTERNATIVES_AT_ONCE", 2)
    for thing in ("agent_job", "nas_job", "cloud_vlan", "cdp_replica", "object_in_job", "cloud_subtenant", "agent_restore_point", "encryption_password"):
        everything = all_ids(estate, thing)
        found = read(estate, thing, ids=(*everything[::-1], NOWHERE))
        assert tuple(ids(found)) == everything, thing
        assert found.total == len(everything)
        queries = [parameters["filter"] for method, path, parameters in estate.requests if path == "/query"]
        assert len(queries) == -(-(len(everything) + 1) // 2), thing


def test_a_merged_selection_is_sorted_as_one_answer_would_be(estate: RigEm, monkeypatch: pytest.MonkeyPatch) -> None:
    everything = all_ids(estate, "backup_session")
    for sort in ("", "-creation_time", "CreationTime", "-Result", "state", "-job_name", "uid"):
        in_one = read(estate, "backup_session", sort=sort, limit=7)
        monkeypatch.setattr(reading, "ALTERNATIVES_AT_ONCE", 3)
        in_parts = read(estate, "backup_session", sort=sort, limit=7, ids=everything)
        monkeypatch.undo()
        field = (sort or "creation_time").lstrip("-")
        known = next(one.name for one in BY_THING["backup_session"].fields if field in (one.name, one.filter_name))
        assert [record[known] for record in in_parts.records] == [record[known] for record in in_one.records], sort
        assert (in_parts.total, in_parts.truncated) == (len(everything), True)


def test_parts_are_put_in_no_order_that_records_cannot_tell(estate: RigEm, monkeypatch: pytest.MonkeyPatch) -> None:
    machines = all_ids(estate, "backup_task_session")[:4]
    in_one = read(estate, "backup_task_session", ids=machines, sort="job_name")
    assert in_one.total == len(machines)
    monkeypatch.setattr(reading, "ALTERNATIVES_AT_ONCE", 3)
    with pytest.raises(FilterError, match="More than 3 ids, URNs or names are read in parts, which no record lets sort by 'job_name'"):
        read(estate, "backup_task_session", ids=machines, sort="job_name")
    assert estate.asked == []


# ---------------------------------------------------------------------------------------------------------
# What no query can find


def test_a_name_that_the_service_does_not_filter_by_is_looked_for_here(estate: RigEm) -> None:
    everything = read(estate, "cloud_vlan").records
    found = read(estate, "cloud_vlan", names=(everything[0]["name"].upper(),))
    assert found.records == [record for record in everything if record["name"] == everything[0]["name"]]
    assert estate.asked == ["/cloud/vlans"]


@pytest.mark.parametrize("source", ["", "query", "collection"])
def test_tasks_are_read_by_number_from_any_source(clock: FakeClock, source: str) -> None:
    service = FakeEm(clock)
    for number in (1, 2, 3):
        service.task(number)
    with service.session() as session:
        for wanted in (("task-2",), ("task-3", "task-2", "task-3")):
            found = reading.read(session, BY_THING["task"], Selection(ids=wanted, source=source))
            assert ids(found) == list(dict.fromkeys(wanted))
        with pytest.raises(ForeignTask):
            reading.read(session, BY_THING["task"], Selection(ids=("task-9",), source=source))
    assert all(path != "/query" for _method, path, _parameters in service.requests)


# ---------------------------------------------------------------------------------------------------------
# What an account may not read


def forbid(service: FakeEm, *paths: str) -> None:
    """Let the account read none of the paths, which may end in a star."""
    starts = tuple(path[:-1] for path in paths if path.endswith("*"))
    service.weather = lambda method, path: service._forbidden() if path in paths or (starts and path.startswith(starts)) else None


@pytest.fixture
def jobs(clock: FakeClock) -> FakeEm:
    """An Enterprise Manager with three jobs."""
    service = FakeEm(clock)
    for number, name in enumerate(("b", "a", "c")):
        service.job(number, name)
    return service


@pytest.mark.parametrize(
    "wanted", [{}, {"names": ("a", "C")}, {"filter": {"name": {"ge": "b"}}, "sort": "-name"}, {"limit": 2}, {"ids": (guid(0x70B, 0), guid(0x70B, 2))}], ids=str
)
def test_who_may_not_query_reads_the_collection(jobs: FakeEm, wanted: dict[str, Any]) -> None:
    with jobs.session() as session:
        allowed = reading.read(session, BY_THING["job"], Selection(**{**wanted, "names": tuple(name.lower() for name in wanted.get("names", ()))}))
        forbid(jobs, "/query")
        jobs.requests.clear()
        assert reading.read(session, BY_THING["job"], Selection(**wanted)) == allowed
        assert [path for _method, path, _parameters in jobs.requests] == ["/query", "/jobs"]
        assert list(reading.iterate(session, BY_THING["job"], Selection(**{**wanted, "limit": None})))[: wanted.get("limit")] == allowed.records


def test_who_may_not_query_is_told_so_where_no_record_holds_what_is_asked_for(jobs: FakeEm) -> None:
    machines = BY_THING["backup_task_session"]
    by_job = Selection(filter={"job_name": "a"})
    forbid(jobs, "/query")
    with jobs.session() as session:
        for ask in (reading.read, lambda *arguments: list(reading.iterate(*arguments))):
            with pytest.raises(MissingRight) as caught:
                ask(session, machines, by_job)
            assert caught.value.path == "/query"
        with pytest.raises(MissingRight):
            reading.read(session, BY_THING["credentials"], Selection())


def test_who_may_read_neither_is_told_about_the_collection(jobs: FakeEm) -> None:
    forbid(jobs, "/query", "/jobs*")
    with jobs.session() as session:
        for wanted in ({}, {"ids": (guid(0x70B, 1),)}):
            with pytest.raises(MissingRight):
                reading.read(session, BY_THING["job"], Selection(**wanted))


def test_who_may_not_address_an_object_finds_it_by_a_query(jobs: FakeEm) -> None:
    with jobs.session() as session:
        (record,) = reading.read(session, BY_THING["job"], Selection(ids=(guid(0x70B, 1),))).records
        forbid(jobs, "/jobs*")
        found = reading.read(session, BY_THING["job"], Selection(ids=(guid(0x70B, 1),)))
        assert (found.records, found.total, found.truncated) == ([record], 1, False)
        unknown = reading.read(session, BY_THING["job"], Selection(ids=(guid(0x70B, 9),)))
        assert (unknown.records, unknown.total) == ([], 0)
        with pytest.raises(MissingRight):
            reading.read(session, BY_THING["job"], Selection(ids=(guid(0x70B, 1),), source="collection"))


def test_a_right_that_is_lost_in_mid_way_is_no_reason_to_begin_anew(jobs: FakeEm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PAGE_SIZE", 1)
    with jobs.session() as session:
        records = reading.iterate(session, BY_THING["job"], Selection())
        assert next(records)["name"] == "a"
        forbid(jobs, "/query")
        with pytest.raises(MissingRight):
            next(records)


def test_a_weak_role_of_the_simulator_reads_jobs_by_name_and_below_them(estate: RigEm) -> None:
    for wanted in ({}, {"names": ("SQL Server Backup",)}, {"ids": all_ids(estate, "job")[:1]}):
        assert read(estate, "job", username="operator", **wanted).records == read(estate, "job", **wanted).records


# ---------------------------------------------------------------------------------------------------------
# Members of a record


def test_members_are_a_list_or_the_only_one_of_their_kind(estate: RigEm) -> None:
    (job,) = read(estate, "job", names=("SQL Server Backup",)).records
    (config, *_rest) = read(estate, "vcloud_org_config").records
    with estate.session() as session:
        entries = reading.members_of(session, job, BY_THING["job"], BY_THING["object_in_job"])
        settings = reading.members_of(session, config, BY_THING["vcloud_org_config"], BY_THING["vcloud_backup_job_settings"])
    assert [entry["type"] for entry in entries] == ["ObjectInJob"] * len(entries)
    assert entries
    assert settings["type"] == "VCloudOrganizationConfigBackupJobSettings"
    assert estate.warnings == []


@pytest.mark.parametrize(("thing", "below"), [("job", "object_in_job"), ("vcloud_org_config", "vcloud_backup_job_settings")])
def test_members_of_what_vanished_are_not_known_and_the_user_is_told(em: RigEm, thing: str, below: str) -> None:
    record = read(em, thing).records[0]
    em.rig.installation.vanish({"type": record["type"], "id": record["id"]})
    with em.session() as session:
        assert reading.members_of(session, record, BY_THING[thing], BY_THING[below]) is None
    (warning,) = em.warnings
    assert warning == f"The {BY_THING[thing].title} {record['name']} vanished while it was read; its {BY_THING[below].titles} are not known."


def test_members_of_what_has_no_name_are_told_by_its_id(em: RigEm) -> None:
    (session_record, *_rest) = read(em, "system_session").records
    em.rig.installation.vanish({"type": "SystemSession", "id": session_record["id"]})
    with em.session() as session:
        assert reading.members_of(session, {**session_record, "name": None}, BY_THING["system_session"], BY_THING["system_session_event"]) is None
    assert session_record["id"] in em.warnings[0]


def test_a_path_below_is_that_of_the_only_page_where_there_is_one() -> None:
    assert reading.path_below(BY_THING["cloud_gateway"], BY_THING["cloud_connect_service"], "cloud") == "/cloud/gateways"
    assert reading.path_below(BY_THING["object_in_job"], BY_THING["cdp_policy"], "a/b") == "/cdpPolicies/a%2Fb/includes"
    assert reading.path_below(BY_THING["object_in_job"], BY_THING["job"], "a b") == "/jobs/a%20b/includes"
    with pytest.raises(KeyError):
        reading.path_below(BY_THING["job"], BY_THING["repository"], "x")


def test_an_entity_that_is_not_there_is_told_by_its_path(estate: RigEm) -> None:
    with estate.session() as session, pytest.raises(NotFound) as caught:
        reading.read_entity(session, BY_THING["repository"], NOWHERE)
    assert caught.value.path == f"/repositories/{NOWHERE}"
    json.dumps(caught.value.as_result())
