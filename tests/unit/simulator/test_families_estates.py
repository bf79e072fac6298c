# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the provider, self-service, CDP, security and service families put into an estate makes sense: it hangs together, grows with it, and is guarded."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from em_simulator.offline import START, Rig

PATHS = (
    "/cdpPolicies",
    "/cdpReplicas",
    "/cdpReplica/vApps",
    "/cdpReplicaSessions",
    "/cdpReplicaTaskSessions",
    "/cloud/tenants",
    "/cloud/gateways",
    "/cloud/gatewayPools",
    "/cloud/hardwarePlans",
    "/cloud/publicIpAddresses",
    "/cloud/vlans",
    "/cloud/cloudFailoverPlans",
    "/cloud/failoverSessions",
    "/cloud/replicas",
    "/cloud/vmReplicaPoints",
    "/vCloud/orgConfigs",
    "/selfService/vSphere/Configs",
    "/security/accounts",
    "/security/roles",
    "/systemSessions",
)
# Where a URN leads; one that is not here names something else than a thing of the service.
PLACES = {
    "BackupServer": "/backupServers",
    "Job": "/jobs",
    "Repository": "/repositories",
    "ManagedServer": "/managedServers",
    "WanAccelerator": "/wanAccelerators",
    "CdpPolicy": "/cdpPolicies",
    "CdpReplicaSession": "/cdpReplicaSessions",
    "CloudTenant": "/cloud/tenants",
    "CloudGateway": "/cloud/gateways",
    "CloudGatewayPool": "/cloud/gatewayPools",
    "CloudHardwarePlan": "/cloud/hardwarePlans",
}
_URN = re.compile(r"urn:veeam:(\w+):([0-9a-f-]{36})")
ESTATES: dict[str, dict[str, Any]] = {"demo": {}, "generated": {"generate": 11, "task_sessions": 600}}


@pytest.fixture(scope="module", params=sorted(ESTATES))
def rig(request: pytest.FixtureRequest) -> Rig:
    made = Rig(**ESTATES[request.param])
    made.log_on()
    return made


def things(rig: Rig, path: str) -> list[dict[str, Any]]:
    (found,) = rig.json(path, "format=Entity").values()
    return list(found)


def texts(value: Any) -> Iterator[str]:
    """Yield every text in a JSON value."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, str):
        yield value


def test_every_urn_leads_to_something(rig: Rig) -> None:
    asked: set[tuple[str, str]] = set()
    for path in PATHS:
        for text in texts(things(rig, path)):
            asked.update(match for match in _URN.findall(text) if match[0] in PLACES)
    assert {kind for kind, _identifier in asked} >= {"BackupServer", "Repository", "ManagedServer", "CloudTenant", "CloudGateway", "CloudHardwarePlan"}
    for kind, identifier in sorted(asked):
        assert rig.call("GET", f"{PLACES[kind]}/{identifier}").status == 200, (kind, identifier)


def test_every_link_to_read_is_served(rig: Rig) -> None:
    """Every GET that an answer of these families offers leads to an answer."""
    waiting, seen = ["/cloud", "/vCloud", "/selfService/vSphere", "/security", *PATHS], set[str]()
    while waiting:
        place = waiting.pop()
        path, _mark, query = place.partition("?")
        if place in seen or not path.startswith(("/cdp", "/cloud", "/vCloud", "/selfService", "/security", "/systemSessions")):
            continue
        seen.add(place)
        answer = rig.call("GET", path, query)
        assert answer.status == 200, (place, answer.body)
        waiting += list(_links(json.loads(answer.body)))
    assert len(seen) > 200


def _links(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if value.get("Rel") in ("Up", "Down", "Related", "Alternate"):
            yield value["Href"].partition("/api")[2]
        for inner in value.values():
            yield from _links(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _links(inner)


def test_machines_of_cdp_are_machines_of_the_estate(rig: Rig) -> None:
    known = {machine.uid for job in rig.installation.world.jobs() for machine in job.machines}
    replicated = [vm for replica in things(rig, "/cdpReplicas") for vm in things(rig, f"/cdpReplicas/{replica['UID'][-36:]}/vms")]
    assert replicated and {vm["VmRef"] for vm in replicated} <= known


def test_times_of_sessions_follow_each_other_and_none_lies_ahead(rig: Rig) -> None:
    now = START.isoformat().replace("+00:00", "Z")
    for path in ("/cdpReplicaSessions", "/cdpReplicaTaskSessions", "/cloud/failoverSessions", "/systemSessions"):
        for session in things(rig, path):
            assert session["CreationTimeUTC"] < now
            ended = session["EndTimeUTC"]
            assert (ended is None) == (session["State"] in ("Working", "InProgress")), session
            assert ended is None or session["CreationTimeUTC"] < ended <= now


def test_one_session_of_a_policy_works_and_carries_all_its_machines(rig: Rig) -> None:
    working = [session for session in things(rig, "/cdpReplicaSessions") if session["State"] == "Working"]
    assert len({session["PolicyUid"] for session in working}) == len(working) > 1
    for session in working:
        tasks = things(rig, f"/cdpReplicaSessions/{session['UID'][-36:]}/cdpReplicaTaskSessions")
        assert tasks and {task["State"] for task in tasks} == {"InProgress"}


def test_results_of_a_session_are_those_of_its_machines(rig: Rig) -> None:
    seen = set()
    for session in things(rig, "/cdpReplicaSessions"):
        tasks = things(rig, f"/cdpReplicaSessions/{session['UID'][-36:]}/cdpReplicaTaskSessions")
        worst = max((task["Result"] for task in tasks), key=("Success", "Warning", "Failed").index)
        assert session["Result"] == ("None" if session["State"] == "Working" else worst)
        seen.add(session["Result"])
    assert seen == {"None", "Success", "Warning", "Failed"}


def test_some_lists_are_empty(rig: Rig) -> None:
    """Clients must live with it: a policy nobody uses, a tenant without anything, a pool without gateways, a plan without tenants."""
    for path, child in (
        ("/cdpPolicies", "cdpReplicaSessions"),
        ("/cloud/tenants", "resources"),
        ("/cloud/tenants", "subtenants"),
        ("/cloud/gatewayPools", "gateways"),
        ("/cloud/hardwarePlans", "tenants"),
        ("/security/accounts", "scopes"),
        ("/systemSessions", "events"),
    ):
        lengths = {bool(things(rig, f"{path}/{thing['UID'][-36:]}/{child}")) for thing in things(rig, path)}
        assert lengths == {True, False}, (path, child)


def test_used_space_fits_into_granted_space(rig: Rig) -> None:
    for tenant in things(rig, "/cloud/tenants"):
        for resource in tenant["Resources"]["CloudTenantResources"]:
            assert 0 <= resource["RepositoryQuota"]["UsedQuota"] <= resource["RepositoryQuota"]["Quota"]
    for path in ("/vCloud/orgConfigs", "/selfService/vSphere/Configs"):
        assert all(0 <= config["UsedQuotaMb"] <= config["QuotaGb"] * 1024 for config in things(rig, path))


def test_a_tenant_that_never_came_says_so(rig: Rig) -> None:
    never = [tenant for tenant in things(rig, "/cloud/tenants") if tenant["LastActive"] == "1753-01-01T00:00:00Z"]
    assert [(tenant["Enabled"], tenant["LastResult"]) for tenant in never] == [(False, "None")]


# Growth


def counts(rig: Rig) -> dict[str, int]:
    return {kind: len(table.by_id) for kind, table in rig.installation.world.tables.items()}


def test_families_grow_with_the_machines() -> None:
    large = Rig(generate=5, machines=2000, restore_points=2000, task_sessions=2000)
    small, big = counts(Rig(generate=5, machines=100, restore_points=100, task_sessions=100)), counts(large)
    machines = len({machine.uid for job in large.installation.world.jobs() for machine in job.machines})
    assert big["CloudTenant"] == machines // 100 > small["CloudTenant"]
    assert machines // 200 <= big["CdpReplicaVm"] <= machines // 50 + 10
    assert big["VSphereSelfServiceConfig"] == machines // 200
    assert big["CdpReplicaVm"] > small["CdpReplicaVm"]


def test_the_same_seed_gives_the_same_things_and_another_seed_others() -> None:
    def ids(seed: int) -> set[str]:
        return set(Rig(generate=seed, task_sessions=300).installation.world.table("CloudTenant").by_id)

    assert ids(4) == ids(4)
    assert ids(4).isdisjoint(ids(6))


def test_a_file_that_does_not_ask_for_it_gets_nothing(tmp_path: Path) -> None:
    estate = tmp_path / "plain.yml"
    estate.write_text("backup_servers: [{name: vbr01.example.com}]\n", encoding="utf-8")
    made = Rig(estate=estate)
    made.log_on()
    for path in PATHS:
        if not path.startswith("/security"):
            assert things(made, path) == []
    assert [role["Name"] for role in things(made, "/security/roles")]


# Rights and generations


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/cdpPolicies", {"admin"}),
        ("/cdpReplicas", {"admin"}),
        ("/cdpReplicaSessions", {"admin", "operator"}),
        ("/cloud", {"admin"}),
        ("/cloud/tenants", {"admin", "operator"}),
        ("/cloud/cloudFailoverPlans", {"admin", "restorer"}),
        ("/cloud/failoverSessions", {"admin", "operator", "restorer"}),
        ("/cloud/replicas", {"admin", "operator"}),
        ("/vCloud/orgConfigs", {"admin", "operator"}),
        ("/selfService/vSphere", {"admin", "operator"}),
        ("/security", {"admin"}),
        ("/security/accounts", {"admin"}),
        ("/systemSessions", {"admin"}),
        ("/agents", {"admin", "operator", "restorer"}),
        ("/nas", {"admin", "operator"}),
        ("/logonSessions", {"admin"}),
    ],
)
def test_who_may_read_what(path: str, allowed: set[str]) -> None:
    made = Rig()
    for name in ("admin", "operator", "restorer"):
        made.log_on(name)
        assert made.call("GET", path).status == (200 if name in allowed else 403), name


@pytest.mark.parametrize(
    ("path", "status"), [("/cdpPolicies", 404), ("/systemSessions", 404), ("/nas", 404), ("/cloud/tenants", 200), ("/security/roles", 200)]
)
def test_a_server_of_95_knows_what_there_was_then(path: str, status: int) -> None:
    made = Rig(profile="9.5u4")
    made.log_on()
    assert made.call("GET", path).status == status


def test_tenant_of_95_leaves_out_what_is_not_set() -> None:
    made = Rig(profile="9.5u4")
    made.log_on()
    tenant = next(one for one in things(made, "/cloud/tenants") if one["Name"] == "Tailspin")
    assert "VmCount" not in tenant and "CloudGatewayPools" not in tenant
    assert tenant["TenantType"] == {"StandaloneTenant": {"TenantCredentials": {"Username": "Tailspin"}}}
