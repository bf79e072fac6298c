# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything that the provider, self-service, CDP, security and service families serve can be read by its declaration, by every way that leads to it."""

from __future__ import annotations

from typing import Any

import pytest

from _api import wire
from _api.entities import registry
from em_simulator.offline import Rig

DECLARED = registry.BY_TYPE
FAMILIES = (
    "CdpPolicy",
    "CdpReplicaSession",
    "CdpReplicaTaskSession",
    "CdpReplica",
    "CdpReplicaVm",
    "VAppCdpReplica",
    "VAppCdpReplicaVm",
    "CloudConnectService",
    "CloudTenant",
    "CloudTenantResource",
    "CloudTenantComputeResource",
    "CloudTenantVCloudComputeResource",
    "FreeLicenseCounters",
    "CloudSubtenant",
    "CloudGateway",
    "CloudGatewayPool",
    "CloudHardwarePlan",
    "CloudPublicIpAddress",
    "VlanConfiguration",
    "CloudFailoverPlan",
    "CloudFailoveredVm",
    "CloudFailoverSession",
    "CloudReplica",
    "CloudVmReplicaPoint",
    "VCloudService",
    "VCloudOrganizationConfig",
    "VCloudOrganizationConfigBackupJobSettings",
    "VSphereSelfService",
    "VSphereSelfServiceConfig",
    "VSphereSelfServiceConfigJobSettings",
    "EnterpriseSecuritySettings",
    "EnterpriseAccount",
    "EnterpriseAccountInRole",
    "EnterpriseAccountHierarchyScope",
    "EnterpriseRole",
    "SystemSession",
    "SystemSessionEvent",
    "AgentsService",
    "NasService",
    "VmRestorePointMount",
    "VmReplicaPointMount",
    "AgentRestorePointMount",
)
WIRES = (("12", False), ("12", True), ("13", True))
ESTATES: dict[str, dict[str, Any]] = {"demo": {}, "generated": {"generate": 3, "task_sessions": 400}}


@pytest.fixture(scope="module", params=[(estate, *form) for estate in ESTATES for form in WIRES], ids=lambda p: f"{p[0]}-{p[1]}-{'json' if p[2] else 'xml'}")
def reader(request: pytest.FixtureRequest) -> Reader:
    estate, profile, as_json = request.param
    rig = Rig(profile=profile, **ESTATES[estate])
    rig.log_on()
    return Reader(rig, as_json)


class Reader:
    """Reads paths as the collection does: bytes to records."""

    def __init__(self, rig: Rig, as_json: bool) -> None:
        self.rig = rig
        self.as_json = as_json
        self.known: dict[str, list[dict[str, Any]]] = {}

    def tree(self, path: str, query: str = "format=Entity") -> wire.Tree:
        answer = self.rig.call("GET", path, query, self.as_json)
        assert answer.status == 200, (path, answer.body[:300])
        return wire.parse(answer.body, answer.headers["Content-Type"])

    def listed(self, kind: str, path: str, query: str = "format=Entity") -> list[dict[str, Any]]:
        resource = DECLARED[kind]
        return list(wire.records_of(wire.page_of(self.tree(path, query), resource), resource, with_links=True))

    def paths(self, kind: str) -> list[tuple[str, ...]]:
        """Return the ids that the path of a kind needs, for every parent that there is."""
        resource = DECLARED[kind]
        if not resource.parents:
            return [()]
        if kind.endswith("Mount"):
            # Not below each of thousands of points: only where the estate has one.
            return [row.parents for row in self.rig.installation.world.table(kind).rows()]
        (parent,) = resource.parents
        (above,) = [one.type for one in DECLARED.values() if one.thing == parent]
        return [(record["id"],) for record in self.all(above)]

    def all(self, kind: str) -> list[dict[str, Any]]:
        """Return every thing of a kind by the paths of its declaration."""
        if kind not in self.known:
            resource = DECLARED[kind]
            self.known[kind] = []
            for ids in self.paths(kind):
                self.known[kind] += self.listed(kind, resource.path_below(dict(zip(resource.parents, ids, strict=True))))
        return self.known[kind]


def expected_keys(kind: str) -> set[str]:
    resource = DECLARED[kind]
    fields = {field.name for field in resource.record_fields} | {reference.name for reference in resource.references}
    return fields | {"id", "uid", "name", "type", "href", "links"}


@pytest.mark.parametrize("kind", FAMILIES)
def test_every_kind_is_there_and_read_without_unknown_members(reader: Reader, kind: str) -> None:
    records = reader.all(kind)
    assert records, f"nothing of {kind}"
    for record in records:
        assert set(record) == expected_keys(kind)


@pytest.mark.parametrize("kind", [kind for kind in FAMILIES if DECLARED[kind].query_type])
def test_queries_find_what_collections_show(reader: Reader, kind: str) -> None:
    query = f"type={DECLARED[kind].query_type}&format=Entities&pageSize=5000"
    found = reader.listed(kind, "/query", query)
    assert sorted(record["id"] for record in found) == sorted(record["id"] for record in reader.all(kind))
    assert all(set(record) == expected_keys(kind) for record in found)


@pytest.mark.parametrize("kind", [kind for kind in FAMILIES if DECLARED[kind].children])
def test_what_lies_below_things_can_be_listed(reader: Reader, kind: str) -> None:
    resource = DECLARED[kind]
    for child in resource.children:
        if "{" in child.path:
            continue
        found = 0
        for record in reader.all(kind):
            path = resource.path + (f"/{record['id']}" if resource.list_root else "")
            found += len(reader.listed(child.type, f"{path}/{child.path}"))
        assert found, f"no {child.path} below any {kind}"


@pytest.mark.parametrize("kind", [kind for kind in FAMILIES if DECLARED[kind].query_type])
def test_every_filter_field_tells_things_apart_or_has_no_value(reader: Reader, kind: str) -> None:
    """A filter by the value of the first thing that has one finds this thing; sorting by it loses nothing."""
    resource = DECLARED[kind]
    records = reader.all(kind)
    for field in resource.filter_fields():
        sort = f"type={resource.query_type}&format=Entities&pageSize=5000&sortAsc={field.filter_name}"
        assert len(reader.listed(kind, "/query", sort)) == len(records), field.filter_name
        holder = next((record for record in records if record.get(field.name) not in (None, "", [])), None)
        if holder is None:
            continue
        value = str(holder[field.name]).replace('"', '""').replace("+", "%2B").replace("&", "%26").replace("#", "%23")
        found = reader.listed(kind, "/query", f'type={resource.query_type}&format=Entities&pageSize=5000&filter={field.filter_name}=="{value}"')
        assert holder["id"] in [record["id"] for record in found], field.filter_name


@pytest.mark.parametrize("kind", FAMILIES)
def test_every_address_leads_to_what_the_list_showed(reader: Reader, kind: str) -> None:
    resource = DECLARED[kind]
    for record in reader.all(kind)[:20]:
        if record["href"] is None:
            continue
        path, _mark, query = record["href"].partition("/api")[2].partition("?")
        assert wire.record_of(reader.tree(path, query), resource, with_links=True) == record


def test_objects_of_policies_have_their_place_below_these(reader: Reader) -> None:
    resource, found = DECLARED["ObjectInJob"], 0
    for policy in reader.all("CdpPolicy"):
        for record in reader.listed("ObjectInJob", f"/cdpPolicies/{policy['id']}/includes"):
            path = record["href"].partition("/api")[2]
            assert path == f"/cdpPolicies/{policy['id']}/includes/{record['id']}"
            assert wire.record_of(reader.tree(path, ""), resource, with_links=True) == record
            found += 1
    assert found
