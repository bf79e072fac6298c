# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Info modules that are not one plain collection: lookup, mounts, guest files, reports, service, log-on sessions, any path; tenants.

Expectations come from the bare wire.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from em_simulator.control import Simulator
from em_testing.documentation import documented, undocumented
from em_testing.plays import Play, Task, play, task, tried
from em_testing.runner import Expectation, Run, Runner
from em_testing.wire import Raw, Wire, guid

UNKNOWN = "11111111-1111-4111-8111-111111111111"
TENANT_ROLE = "Cloud Connect Tenant"
# The log-on session of the fixture stays open beside those of the plays.
ONE_MORE = Expectation(sessions_left=1)
WAYS = (("controller", False), ("controller", True), ("module", False))
NOT_COMPARED = ("exception", "invocation", "warnings", "deprecations")


@dataclass(frozen=True)
class Estate:
    """What the plays are about, as the wire tells it."""

    token: str
    root: Raw
    machines: list[Raw]
    folder: Raw
    in_folder: list[Raw]
    point: str
    mount: Raw
    catalog_vm: str
    catalog_point: str
    job: str
    included: int
    sessions: int


def lookup(wire: Wire, **parameters: str) -> list[Raw]:
    """Return what the lookup service answers."""
    return list(wire.get("/lookup", **parameters)["HierarchyItems"])


@pytest.fixture(scope="module")
def estate(shared_simulator: Simulator) -> Iterator[Estate]:
    """The estate, which stands still, with a log-on session that stays open for the plays."""
    shared_simulator.reload()
    with Wire(shared_simulator) as wire:
        (root, *_others) = [row for row in wire.all("HierarchyRoot") if row["HostType"] == "VC"]
        folders = lookup(wire, host=root["UID"], name="*", type="Folder")
        members = {folder["ObjectRef"]: lookup(wire, hierarchyRef=folder["ObjectRef"], type="Vm") for folder in folders}
        folder = max(folders, key=lambda row: len(members[row["ObjectRef"]]))
        points = (guid(row) for row in wire.all("VmRestorePoint"))
        ((point, mount), *_more) = [(point, mount) for point in points for mount in wire.collection(f"/vmRestorePoints/{point}/mounts")]
        catalog_vm = str(wire.collection("/catalog/vms")[0]["Name"])
        job = guid(wire.job("SQL Server Backup"))
        yield Estate(
            token=wire.token,
            root=root,
            machines=lookup(wire, host=root["UID"], name="*", type="Vm"),
            folder=folder,
            in_folder=members[folder["ObjectRef"]],
            point=point,
            mount=mount,
            catalog_vm=catalog_vm,
            catalog_point=guid(wire.collection(f"/catalog/vms/{catalog_vm}/vmRestorePoints")[0]),
            job=job,
            included=len(wire.collection(f"/jobs/{job}/includes")),
            sessions=len(wire.all("BackupJobSession")),
        )


class Plays:
    """A play in each way, run when it is first asked for."""

    def __init__(self, runner: Runner, tasks: list[Task], **how: Any) -> None:
        self._runner = runner
        self._plays: list[Play] = play(*tasks)
        self._how = how
        self._made: dict[tuple[str, bool], Run] = {}

    def run(self, lane: str = "controller", check: bool = False) -> Run:
        if (lane, check) not in self._made:
            self._made[lane, check] = self._runner.play(self._plays, lane=lane, check=check, **self._how)
        return self._made[lane, check]


# ---------------------------------------------------------------------------------------------------------
# With log-on sessions of their own


@pytest.fixture(scope="module")
def alone(estate: Estate, session_runner: Runner) -> Plays:
    """Tasks that log on for themselves."""
    machine = estate.machines[0]
    return Plays(
        session_runner,
        [
            task("lookup all", "veeam_em_lookup_info", {"hierarchy_root": estate.root["Name"]}),
            task("lookup one", "veeam_em_lookup_info", {"name": [machine["ObjectName"], "no such machine"], "hierarchy_root": estate.root["UID"]}),
            task("lookup ref", "veeam_em_lookup_info", {"hierarchy_ref": machine["ObjectRef"], "links": True}),
            task("lookup unknown", "veeam_em_lookup_info", {"hierarchy_root": ["no such host", UNKNOWN]}),
            task("lookup chosen", "veeam_em_lookup_info", {"hierarchy_root": guid(estate.root), "sort": "-object_name", "limit": 2}),
            task("lookup expand", "veeam_em_lookup_info", {"hierarchy_ref": estate.folder["ObjectRef"], "expand": True}),
            task("report all", "veeam_em_report_info", {"links": True}),
            task("report one", "veeam_em_report_info", {"report": "repository", "wire_format": "xml"}),
            task("service", "veeam_em_service_info"),
            task("service versions", "veeam_em_service_info", {"areas": []}),
            task("logons", "veeam_em_logon_session_info", {"sort": "own"}),
            task("logons own", "veeam_em_logon_session_info", {"filter": {"own": True}, "wire_format": "xml"}),
            task("path includes", "veeam_em_resource_info", {"path": f"/jobs/{estate.job}/includes", "links": True}),
            task("path link", "veeam_em_resource_info", {"path": [f"https://elsewhere.example.com:1/api/jobs/{estate.job}", f"/jobs/{UNKNOWN}"]}),
            task("path references", "veeam_em_resource_info", {"path": "/backupSessions", "format": "reference", "limit": 3, "wire_format": "xml"}),
            task("path query", "veeam_em_resource_info", {"path": "/query?type=backupjobsession&pageSize=5&sortDesc=CreationTime"}),
            task("path page", "veeam_em_resource_info", {"path": ["/lookupSvc", "/querySvc"], "links": True}),
            task("query case", "veeam_em_query_info", {"type": "OBJECTINJOB", "filter": {"job_name": "SQL Server Backup"}}),
            task("query task", "veeam_em_query_info", {"type": "Task", "filter": {"state": "Running"}, "sort": "-task_id"}),
        ],
        expect=ONE_MORE,
    )


@pytest.mark.parametrize(("lane", "check"), WAYS)
def test_every_log_on_session_is_closed_and_nothing_is_written(alone: Plays, lane: str, check: bool) -> None:
    run = alone.run(lane, check)
    assert run.counters["logons"] == run.counters["logouts"] == len(run.outcomes)
    assert run.counters["writes"] == 0


def test_both_lanes_and_check_mode_give_the_same(alone: Plays, together: Plays) -> None:
    for plays in (alone, together):
        first = plays.run()
        for way in WAYS[1:]:
            for outcome in first.outcomes:
                mine, other = (comparable(run.outcome(outcome.task).result) for run in (first, plays.run(*way)))
                assert mine == other, (outcome.task, way)


def comparable(result: dict[str, Any]) -> str:
    """Return the result without what may differ: fingerprints belong to the log-on session of the run."""
    shown = {name: value for name, value in result.items() if name not in NOT_COMPARED}
    if "logon_sessions" in shown:
        shown["logon_sessions"] = [{**record, "id": "", "fingerprint": ""} if record["own"] else record for record in shown["logon_sessions"]]
    return json.dumps(shown, sort_keys=True)


def references(result: dict[str, Any]) -> set[str]:
    return {record["object_ref"] for record in result["hierarchy_items"]}


def test_the_hierarchy_is_looked_up_by_host_and_name_and_by_reference(alone: Plays, estate: Estate) -> None:
    run = alone.run()
    machine = estate.machines[0]
    assert references(run.result("lookup all")) == {row["ObjectRef"] for row in estate.machines}
    same_name = {row["ObjectRef"] for row in estate.machines if row["ObjectName"] == machine["ObjectName"]}
    assert references(run.result("lookup one")) == same_name
    (found,) = run.result("lookup ref")["hierarchy_items"]
    assert (found["id"], found["object_type"], found["object_name"]) == (machine["ObjectRef"], machine["ObjectType"], machine["ObjectName"])
    assert run.result("lookup unknown")["hierarchy_items"] == []
    chosen = run.result("lookup chosen")
    names = sorted((row["ObjectName"] for row in estate.machines), reverse=True)
    assert ([row["object_name"] for row in chosen["hierarchy_items"]], chosen["total"], chosen["truncated"]) == (names[:2], len(names), True)


def test_a_container_becomes_its_machines(alone: Plays, estate: Estate) -> None:
    expanded = alone.run().result("lookup expand")
    assert references(expanded) == {row["ObjectRef"] for row in estate.in_folder} and estate.in_folder
    assert expanded["not_expanded"] == []


def test_a_server_that_does_not_tell_members_is_no_empty_folder(estate: Estate, session_runner: Runner) -> None:
    simulator = session_runner.simulator
    simulator.settings(lookup_goes_down=False)
    try:
        expand = task("expand", "veeam_em_lookup_info", {"hierarchy_ref": estate.folder["ObjectRef"], "expand": True})
        warned = Expectation(sessions_left=1, warnings=("does not tell what 1 of the containers hold",))
        result = session_runner.play(play(expand), expect=warned).result("expand")
    finally:
        simulator.settings(lookup_goes_down=True)
    assert (result["hierarchy_items"], result["not_expanded"]) == ([], [estate.folder["ObjectRef"]])


def test_reports_are_the_numbers_of_the_wire(alone: Plays, estate: Estate, shared_simulator: Simulator) -> None:
    run = alone.run()
    reports = {record["report"]: record for record in run.result("report all")["reports"]}
    assert list(reports) == ["overview", "vms_overview", "job_statistics", "processed_vms", "repository"]
    with Wire(shared_simulator) as wire:
        overview, repository = (wire.get(f"/reports/summary/{word}") for word in ("overview", "repository"))
    assert (reports["overview"]["backup_servers"], reports["overview"]["scheduled_jobs"]) == (overview["BackupServers"], overview["ScheduledJobs"])
    (one,) = run.result("report one")["reports"]
    assert [period["name"] for period in one["periods"]] == [period["Name"] for period in repository["Periods"]]
    assert one == {name: value for name, value in reports["repository"].items() if name != "links"}


def test_an_administrator_may_read_every_area(alone: Plays) -> None:
    run = alone.run()
    (service,) = run.result("service")["services"]
    assert [area["area"] for area in service["areas"] if not area["works"]] == []
    assert service["common_api_version"] == service["api_version"] == service["supported_versions"][-1]["name"]
    assert service["user_name"] == run.result("logons own")["logon_sessions"][0]["user_name"]
    (bare,) = run.result("service versions")["services"]
    assert (bare["areas"], bare["supported_versions"]) == ([], service["supported_versions"])


def test_log_on_sessions_are_told_apart_without_their_ids(alone: Plays, estate: Estate) -> None:
    run = alone.run()
    found = run.result("logons")["logon_sessions"]
    assert [record["own"] for record in found] == [False, True]
    assert len({record["fingerprint"] for record in found}) == 2
    (own,) = run.result("logons own")["logon_sessions"]
    assert own["own"] and own["href"] is None and own["id"] not in (found[0]["id"], found[1]["id"])


def test_any_path_is_read_by_declaration(alone: Plays, estate: Estate) -> None:
    run = alone.run()
    includes = run.result("path includes")
    assert includes["total"] == estate.included and {record["type"] for record in includes["records"]} == {"ObjectInJob"}
    assert all(record["links"] for record in includes["records"])
    (job,) = run.result("path link")["records"]
    assert (job["id"], job["type"], job["job_type"]) == (estate.job, "Job", "Backup")
    few = run.result("path references")
    assert (few["total"], few["truncated"], len(few["records"])) == (estate.sessions, True, 3)
    assert set(few["records"][0]) == {"id", "uid", "name", "type", "href"} and few["records"][0]["type"] == "BackupJobSession"
    times = [record["creation_time"] for record in run.result("path query")["records"]]
    assert len(times) == estate.sessions and times == sorted(times, reverse=True)
    assert len(run.sent("GET", r"/query$")) >= estate.sessions // 5
    assert "logonSessions/********" in json.dumps(run.result("path page"))


def test_queries_take_types_in_any_case_and_types_that_the_service_cannot_filter(alone: Plays, estate: Estate) -> None:
    run = alone.run()
    assert run.result("query case")["total"] == estate.included
    assert run.result("query task")["records"] == []
    assert [request["query"] for request in run.sent("GET", r"/query$") if "type=Task" in request["query"]] == [
        "type=Task&format=Entities&pageSize=1000&page=1"
    ]


# ---------------------------------------------------------------------------------------------------------
# With the log-on session that sees the mounts


@pytest.fixture(scope="module")
def together(estate: Estate, session_runner: Runner) -> Plays:
    """Tasks that share a log-on session."""
    mounted = {"vm_restore_point": estate.point}
    browsed = {"catalog_vm": estate.catalog_vm, "catalog_restore_point": estate.catalog_point}
    return Plays(
        session_runner,
        [
            task("mounts", "veeam_em_mount_info", {"vm_restore_point": [estate.point, UNKNOWN], "links": True}),
            task("mounts by id", "veeam_em_mount_info", {"vm_restore_point": f"urn:veeam:VmRestorePoint:{estate.point}", "id": mount_id(estate)}),
            task("mounts unknown", "veeam_em_mount_info", {"agent_restore_point": UNKNOWN, "id": ["98", "99"]}),
            task("roots", "veeam_em_guest_file_info", {**mounted}),
            task("below", "veeam_em_guest_file_info", {**mounted, "depth": 2, "wire_format": "xml"}),
            task("files", "veeam_em_guest_file_info", {**mounted, "depth": 6, "show": "files", "sort": "-size", "limit": 2}),
            task("browsed", "veeam_em_guest_file_info", {**browsed, "path": "C:\\Shares", "filter": {"is_folder": False}}),
            tried("path unknown", "veeam_em_guest_file_info", {**mounted, "path": "Q:\\"}),
            tried("point unknown", "veeam_em_guest_file_info", {"vm_restore_point": "no such point"}),
            task("logons shared", "veeam_em_logon_session_info"),
        ],
        environ={"VEEAM_EM_SESSION": estate.token},
        expect=Expectation(sessions_left=1, secrets=(estate.token,)),
    )


def mount_id(estate: Estate) -> str:
    return str(estate.mount["Href"]).rpartition("/")[2]


def test_mounts_are_those_of_the_point(together: Plays, estate: Estate) -> None:
    run = together.run()
    (mount,) = run.result("mounts")["mounts"]
    assert (mount["id"], mount["point"]["id"]) == (mount_id(estate), estate.point)
    assert [root["path"] for root in mount["fs_roots"]] == [root["Path"] for root in estate.mount["FSRoots"]["DirectoryEntries"]]
    assert run.result("mounts by id")["mounts"] == [{name: value for name, value in mount.items() if name != "links"}]
    assert run.result("mounts unknown")["total"] == 0
    assert run.counters["logons"] == run.counters["logouts"] == 0


def test_guest_files_are_listed_level_by_level(together: Plays, estate: Estate, shared_simulator: Simulator) -> None:
    run = together.run()
    roots = [record["path"] for record in run.result("roots")["guest_files"]]
    assert roots == [root["Path"] for root in estate.mount["FSRoots"]["DirectoryEntries"]]
    expected = set(roots)
    with Wire(shared_simulator) as wire:
        for root in estate.mount["FSRoots"]["DirectoryEntries"]:
            listing = wire.get(root["Href"].partition("/api")[2], action="listAll")
            expected |= {entry["Path"] for entry in (*listing["Files"]["FileEntries"], *listing["Directories"]["DirectoryEntries"])}
    below = run.result("below")["guest_files"]
    assert {record["path"] for record in below} == expected and len(below) == len(expected)
    files = run.result("files")
    sizes = [record["size"] for record in files["guest_files"]]
    assert len(sizes) == 2 and sizes == sorted(sizes, reverse=True) and files["truncated"] and files["total"] > 2
    assert {record["is_folder"] for record in run.result("browsed")["guest_files"]} == {False}


def test_what_is_not_there_is_advice(together: Plays) -> None:
    run = together.run()
    missing = run.failure("path unknown")
    assert missing["error"]["kind"] == "not_found" and "Its roots are" in missing["msg"]
    assert run.failure("point unknown")["error"]["kind"] == "unknown_name"


def test_the_shared_log_on_session_is_ones_own(together: Plays) -> None:
    assert [record["own"] for record in together.run().result("logons shared")["logon_sessions"]] == [True]


# ---------------------------------------------------------------------------------------------------------
# Weak accounts, refusals, tenants


def test_a_weak_account_learns_what_it_may_do(estate: Estate, session_runner: Runner) -> None:
    name = "operator"
    account = {"VEEAM_EM_USERNAME": name, "VEEAM_EM_PASSWORD": session_runner.simulator.accounts[name]["password"]}
    tasks = (
        task("service", "veeam_em_service_info"),
        tried("logons", "veeam_em_logon_session_info"),
        tried("lookup", "veeam_em_lookup_info", {"hierarchy_root": guid(estate.root)}),
    )
    run = session_runner.play(play(*tasks), environ=account, expect=ONE_MORE)
    (service,) = run.result("service")["services"]
    areas = {area["area"]: area for area in service["areas"]}
    assert areas["sessions"]["works"] and areas["jobs"]["works"]
    assert (areas["security"]["works"], areas["security"]["status"], areas["security"]["needs_roles"]) == (False, 403, ["Portal Administrator"])
    assert "Portal Administrator" not in service["possible_roles"] and "Portal User" in service["possible_roles"]
    for name in ("logons", "lookup"):
        assert run.failure(name)["error"]["kind"] == "permission" and "Portal Administrator" in run.failure(name)["msg"]


def test_what_is_malformed_is_refused_before_anything_is_sent(estate: Estate, session_runner: Runner) -> None:
    tasks = [
        tried("no reference", "veeam_em_lookup_info", {"hierarchy_ref": "vm-17"}),
        tried("unknown field", "veeam_em_lookup_info", {"filter": {"colour": "red"}}),
        tried("no log-on session", "veeam_em_mount_info", {"vm_restore_point": estate.point}),
        tried("no id", "veeam_em_mount_info", {"vm_restore_point": estate.point, "id": ".."}),
        tried("two kinds", "veeam_em_mount_info", {"vm_restore_point": estate.point, "agent_restore_point": estate.point}),
        tried("too deep", "veeam_em_guest_file_info", {"vm_restore_point": estate.point, "depth": 99}),
        tried("dots", "veeam_em_guest_file_info", {"vm_restore_point": estate.point, "path": "C:\\..\\x"}),
        tried("half a point", "veeam_em_guest_file_info", {"catalog_vm": "srv"}),
        tried("no report", "veeam_em_report_info", {"report": "weather"}),
        tried("no area", "veeam_em_service_info", {"areas": "moon"}),
        tried("no fingerprint", "veeam_em_logon_session_info", {"id": UNKNOWN}),
        tried("no limit", "veeam_em_logon_session_info", {"limit": 0}),
        tried("dots in a path", "veeam_em_resource_info", {"path": "/jobs/%2e%2e/tasks"}),
        tried("an order", "veeam_em_resource_info", {"path": f"/jobs/{estate.job}?action=start"}),
        tried("log-on sessions", "veeam_em_resource_info", {"path": f"/logonSessions/{UNKNOWN}"}),
        tried("no query type", "veeam_em_query_info", {"type": "Jobb"}),
        tried("an organization alone", "veeam_em_report_info", {"organization": "Org"}),
    ]
    run = session_runner.play(play(*tasks), expect=ONE_MORE)
    for item in tasks:
        assert run.failure(item["name"])["msg"], item["name"]
    assert run.counters["total_requests"] == 0


def tenant_of(simulator: Simulator) -> str:
    """Return a tenant that is no organization's user."""
    return next(name for name, account in simulator.accounts.items() if account["role"] == TENANT_ROLE and "\\" not in name)


@pytest.mark.parametrize("wire_format", ["json", "xml"])
def test_tenants_log_on_with_a_body_and_see_what_is_theirs(estate: Estate, session_runner: Runner, wire_format: str) -> None:
    simulator = session_runner.simulator
    organization, user = next(name.split("\\") for name, account in simulator.accounts.items() if account["role"] == TENANT_ROLE and "\\" in name)
    name = tenant_of(simulator)
    tasks = (
        task("plans", "veeam_em_cloud_failover_plan_info", {"source": "collection"}),
        task("replicas", "veeam_em_cloud_replica_info", {"source": "collection"}),
        tried("jobs", "veeam_em_job_info"),
        task("service", "veeam_em_service_info", {"areas": ["cloud_recovery", "jobs"]}),
        tried("as an account", "veeam_em_report_info", {"tenant": False}),
        task(
            "organization",
            "veeam_em_cloud_failover_plan_info",
            {"source": "collection", "username": user, "organization": organization, "password": "{{ lookup('ansible.builtin.env', 'EM_OTHER_PASSWORD') }}"},
        ),
    )
    other = simulator.accounts[f"{organization}\\{user}"]["password"]
    environ = {
        "VEEAM_EM_USERNAME": name,
        "VEEAM_EM_PASSWORD": simulator.accounts[name]["password"],
        "VEEAM_EM_TENANT": "true",
        "VEEAM_EM_WIRE_FORMAT": wire_format,
        "EM_OTHER_PASSWORD": other,
    }
    secrets = (other, simulator.accounts[name]["password"])
    run = session_runner.play(play(*tasks), environ=environ, expect=Expectation(sessions_left=1, secrets=secrets))
    with Wire(simulator) as wire:
        everybody = len(wire.all("CloudFailoverPlan"))
    assert run.result("plans")["total"] + run.result("organization")["total"] <= everybody
    assert run.result("plans")["total"] > 0 or run.result("replicas")["total"] > 0
    assert run.failure("jobs")["error"]["kind"] == "permission"
    (service,) = run.result("service")["services"]
    assert {area["area"]: area["works"] for area in service["areas"]} == {"cloud_recovery": True, "jobs": False}
    assert run.failure("as an account")["error"]["kind"] == "authentication"


# ---------------------------------------------------------------------------------------------------------
# Documentation


def test_results_are_what_is_documented(alone: Plays, together: Plays, session_runner: Runner) -> None:
    outcomes = [outcome for plays in (alone, together) for outcome in plays.run().outcomes if outcome.event == "ok"]
    modules = sorted({outcome.action.rpartition(".")[2] for outcome in outcomes})
    documentation = documented(session_runner.commands, session_runner.plain_environ(), modules)
    assert len(modules) == 8
    for outcome in outcomes:
        returned = documentation[outcome.action.rpartition(".")[2]]["return"]
        frame = returned.get("records", {}).get("contains")
        result = dict(outcome.result)
        if frame:  # records of any type have the keys of their type besides, as the documentation says
            result["records"] = [{name: value for name, value in record.items() if name in frame} for record in result["records"]]
        assert undocumented(returned, result) == [], outcome.task
