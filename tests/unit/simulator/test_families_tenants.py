# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tenants of Cloud Connect: how they log on, and that they see their own things and nothing else."""

from __future__ import annotations

import base64
import json

import pytest

from em_simulator.logons import TOKEN_HEADER
from em_simulator.offline import Rig
from em_simulator.service import Answer
from em_simulator.tenancy import TENANT_ROLE

XML = '<LoginSpec xmlns="http://www.veeam.com/ent/v1.0"><{0}>{1}</{0}></LoginSpec>'


@pytest.fixture
def rig() -> Rig:
    """The demo estate with nobody logged on."""
    return Rig()


def password(rig: Rig, username: str) -> str:
    return next(account.password for account in rig.installation.accounts if account.username == username)


def log_on(rig: Rig, body: str, **headers: str) -> Answer:
    answer = rig.send("POST", "/sessionMngr/", "v=latest", headers, body.encode())
    rig.token = answer.headers.get(TOKEN_HEADER, "")
    return answer


def tenant_spec(rig: Rig, name: str, secret: str | None = None) -> str:
    return XML.format("TenantCredentials", f"<Username>{name}</Username><Password>{secret or password(rig, name)}</Password>")


def test_tenant_logs_on_with_a_body_in_xml(rig: Rig) -> None:
    answer = log_on(rig, tenant_spec(rig, "Northwind"))
    assert answer.status == 201
    assert b"<UserName>Northwind</UserName>" in answer.body
    assert rig.installation.counters({})["logons"] == 1


def test_tenant_logs_on_with_a_body_in_json(rig: Rig) -> None:
    body = json.dumps({"TenantCredentials": {"Username": "Northwind", "Password": password(rig, "Northwind")}})
    assert log_on(rig, body, Accept="application/json").status == 201
    assert rig.json("/cloud")["Type"] == "CloudConnectService"


def test_body_is_read_in_the_form_that_is_accepted(rig: Rig) -> None:
    """The trap that real servers set (notes on the wire, section 1)."""
    answer = log_on(rig, tenant_spec(rig, "Northwind"), Accept="application/json")
    assert answer.status == 400
    assert json.loads(answer.body)["Message"] == "Node [root] does not exist."


def test_organization_logs_on_with_its_name_and_one_of_its_users(rig: Rig) -> None:
    (organization,) = [account.username.partition("\\")[0] for account in rig.installation.accounts if account.username.endswith("\\orgadmin")]
    parts = {"OrganizationName": organization, "Login": "orgadmin", "Password": password(rig, f"{organization}\\orgadmin")}
    body = XML.format("VCloudOrganizationCredentials", "".join(f"<{name}>{text}</{name}>" for name, text in parts.items()))
    assert log_on(rig, body).status == 201


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("<LoginSpec", 400),
        ("<Other xmlns='http://www.veeam.com/ent/v1.0' />", 400),
        ("<LoginSpec xmlns='http://www.veeam.com/ent/v1.0' />", 400),
        (XML.format("TenantCredentials", "<Username>Northwind</Username>"), 400),
        (XML.format("TenantCredentials", "<Username>Northwind</Username><Password>wrong</Password>"), 401),
        (XML.format("TenantCredentials", "<Username>nobody</Username><Password>x</Password>"), 401),
    ],
)
def test_bodies_that_are_none_and_wrong_passwords_are_refused(rig: Rig, body: str, status: int) -> None:
    assert log_on(rig, body).status == status
    assert rig.installation.counters({})["open_sessions"] == 0


def test_accounts_of_tenants_and_of_users_are_two_worlds(rig: Rig) -> None:
    basic = base64.b64encode(f"Northwind:{password(rig, 'Northwind')}".encode()).decode("ascii")
    assert rig.send("POST", "/sessionMngr/", "v=latest", {"Authorization": f"Basic {basic}"}).status == 401
    assert log_on(rig, tenant_spec(rig, "admin")).status == 401


def test_cloud_shows_a_tenant_three_collections_and_an_administrator_all(rig: Rig) -> None:
    log_on(rig, tenant_spec(rig, "Northwind"))
    page = rig.json("/cloud")
    assert page["Links"][0]["Rel"] == "Up" and "/logonSessions/" in page["Links"][0]["Href"]
    names = {link["Href"].partition("/cloud/")[2].partition("?")[0] for link in page["Links"][1:]}
    assert names == {"cloudFailoverPlans", "vmReplicaPoints", "replicas"}
    rig.log_on()
    assert len(rig.json("/cloud")["Links"]) == 1 + 2 * 10


@pytest.mark.parametrize("path", ["/cloud/cloudFailoverPlans", "/cloud/replicas", "/cloud/vmReplicaPoints", "/cloud/failoverSessions"])
def test_tenant_sees_its_own_things_only(rig: Rig, path: str) -> None:
    rig.log_on()
    (everything,) = rig.json(path, "format=Entity").values()
    seen: dict[str, set[str]] = {}
    for name in ("Northwind", "CORP\\contoso"):
        log_on(rig, tenant_spec(rig, name))
        (things,) = rig.json(path, "format=Entity").values()
        seen[name] = {thing["UID"].rpartition(":")[2] for thing in things}
        for thing in everything:
            identifier = thing["UID"].rpartition(":")[2]
            assert rig.call("GET", f"{path}/{identifier}").status == (200 if identifier in seen[name] else 404)
    first, second = seen["Northwind"], seen["CORP\\contoso"]
    assert first and second and first.isdisjoint(second)
    assert len(everything) > len(first)


def test_what_lies_below_another_tenants_things_is_hidden_too(rig: Rig) -> None:
    rig.log_on()
    plans, replicas = rig.json("/cloud/cloudFailoverPlans", "format=Entity"), rig.json("/cloud/replicas", "format=Entity")
    log_on(rig, tenant_spec(rig, "Northwind"))
    statuses = {plan["TenantName"]: rig.call("GET", f"/cloud/cloudFailoverPlans/{plan['UID'][-36:]}/includes").status for plan in plans["CloudFailoverPlans"]}
    assert statuses == {"Northwind": 200, "Contoso": 404}
    for replica in replicas["CloudReplicas"]:
        expected = 200 if replica["Name"].startswith("Northwind") else 404
        assert rig.call("GET", f"/cloud/replicas/{replica['UID'][-36:]}/vmReplicaPoints").status == expected
        assert rig.call("GET", f"/cloud/vmReplicaPoints/{replica['UID'][-36:]}/vmReplicaPoints").status == expected


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/cloud/tenants", ""),
        ("/cloud/gateways", ""),
        ("/jobs", ""),
        ("/backupServers", ""),
        ("/security", ""),
        ("/logonSessions", ""),
        ("/query", "type=CloudReplica"),
        ("/query", "type=Job"),
        ("/reports/summary/overview", ""),
    ],
)
def test_everything_else_is_closed_to_tenants(rig: Rig, path: str, query: str) -> None:
    log_on(rig, tenant_spec(rig, "Northwind"))
    answer = rig.call("GET", path, query)
    assert answer.status == 403
    assert TENANT_ROLE in json.loads(answer.body)["Message"]


def test_tenant_reads_its_tasks_and_logs_out(rig: Rig) -> None:
    body = json.dumps({"TenantCredentials": {"Username": "Northwind", "Password": password(rig, "Northwind")}})
    answer = log_on(rig, body, Accept="application/json")
    assert rig.json("/tasks") == {"Tasks": []}
    own = f"/logonSessions/{json.loads(answer.body)['SessionId']}"
    assert rig.json(own)["UserName"] == "Northwind"
    assert rig.call("DELETE", own).status == 204
    assert rig.installation.counters({})["open_sessions"] == 0


def test_passwords_of_tenants_outlive_a_reload(rig: Rig) -> None:
    before = password(rig, "Northwind")
    rig.installation.do_reload({})
    assert password(rig, "Northwind") == before
    assert log_on(rig, tenant_spec(rig, "Northwind")).status == 201
    rig.installation.do_reload({"generate": 5, "task_sessions": 200})
    assert log_on(rig, tenant_spec(rig, "Northwind", before)).status == 201
    (plan,) = rig.json("/cloud/cloudFailoverPlans", "format=Entity")["CloudFailoverPlans"]
    assert plan["TenantName"] == "Northwind"
