# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the families with shapes of their own send, byte by byte. The expectations are written by hand from the API reference, not derived."""

from __future__ import annotations

from typing import Any

from em_simulator import answers
from em_simulator.clock import NEVER_US, SECOND_US
from em_simulator.families.neighbours import inside
from em_simulator.model import Account, Logon, Row, Server
from em_simulator.profiles import PROFILES
from em_simulator.query import Page
from em_simulator.views import SPECS
from em_simulator.wire import Context

WHOLE = 1_795_204_807 * SECOND_US  # 2026-11-20 20:00:07 UTC
NS = ' xmlns="http://www.veeam.com/ent/v1.0" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
DECLARATION = '<?xml version="1.0" encoding="utf-8"?>'
API = "https://em:9398/api"

SERVER = Server("00000000-0000-0000-0000-0000000000a1", "vbr01")
TENANT_ID = "00000000-0000-0000-0000-0000000000b1"
TENANT = Row(TENANT_ID, "CloudTenant", "Northwind", up=(SERVER,))
POLICY = Row("00000000-0000-0000-0000-0000000000c1", "CdpPolicy", "Shop", up=(SERVER,))

UP_SERVER = f'<Link Href="{API}/backupServers/00000000-0000-0000-0000-0000000000a1" Name="vbr01" Type="BackupServerReference" Rel="Up" />'
UP_SERVER_12 = f'{{"Rel":"Up","Href":"{API}/backupServers/00000000-0000-0000-0000-0000000000a1","Name":"vbr01","Type":"BackupServerReference"}}'
UP_SERVER_13 = UP_SERVER_12.replace("Rel", "rel").replace("Href", "href").replace('"Name"', '"name"').replace('"Type"', '"type"')


def ctx(profile: str) -> Context:
    return Context(PROFILES[profile], API)


def single(row: Any, profile: str, as_json: bool, entity: bool = True) -> str:
    return answers.single(row, SPECS[row.type], ctx(profile), as_json, entity)


def listed(rows: list[Row], profile: str, as_json: bool, entity: bool = True) -> str:
    return answers.collection(rows, SPECS[rows[0].type], ctx(profile), as_json, entity).decode()


# CDP


def cdp_session() -> Row:
    values = {
        "PolicyUid": "urn:veeam:CdpPolicy:00000000-0000-0000-0000-0000000000c1",
        "PolicyName": "Shop",
        "PolicyType": "CdpReplica",
        "CreationTimeUTC": WHOLE + 123_456,
        "State": "Working",
        "Result": "None",
        "Progress": 0,
        "FailureMessage": "",
        "IsRetry": False,
    }
    return Row("00000000-0000-0000-0000-0000000000c2", "CdpReplicaSession", "Shop", values, up=(SERVER, POLICY), stamp_us=WHOLE + 123_456)


def test_working_cdp_session_in_xml() -> None:
    path = f"{API}/cdpReplicaSessions/00000000-0000-0000-0000-0000000000c2"
    assert single(cdp_session(), "12", as_json=False) == (
        f'{DECLARATION}<CdpReplicaSession Href="{path}?format=Entity" Type="CdpReplicaSession" Name="Shop@2026-11-20 20:00:07"'
        f' UID="urn:veeam:CdpReplicaSession:00000000-0000-0000-0000-0000000000c2"{NS}><Links>{UP_SERVER}'
        f'<Link Href="{API}/cdpPolicies/00000000-0000-0000-0000-0000000000c1" Name="Shop" Type="CdpPolicyReference" Rel="Up" />'
        f'<Link Href="{path}" Name="Shop@2026-11-20 20:00:07" Type="CdpReplicaSessionReference" Rel="Alternate" />'
        f'<Link Href="{path}/cdpReplicaTaskSessions" Type="CdpReplicaTaskSessionReferenceList" Rel="Down" /></Links>'
        "<PolicyUid>urn:veeam:CdpPolicy:00000000-0000-0000-0000-0000000000c1</PolicyUid><PolicyName>Shop</PolicyName><PolicyType>CdpReplica</PolicyType>"
        "<CreationTimeUTC>2026-11-20T20:00:07.123Z</CreationTimeUTC><State>Working</State><Result>None</Result><Progress>0</Progress>"
        "<FailureMessage /><IsRetry>false</IsRetry></CdpReplicaSession>"
    )


def test_working_cdp_session_in_json_of_13() -> None:
    path = f"{API}/cdpReplicaSessions/00000000-0000-0000-0000-0000000000c2"
    assert single(cdp_session(), "13", as_json=True) == (
        '{"policyUid":"urn:veeam:CdpPolicy:00000000-0000-0000-0000-0000000000c1","policyName":"Shop","policyType":"CdpReplica",'
        '"creationTimeUTC":"2026-11-20T20:00:07.123456Z","endTimeUTC":null,"state":"Working","result":"None","progress":0,"failureMessage":"","isRetry":false,'
        f'"name":"Shop@2026-11-20 20:00:07.123456","uid":"urn:veeam:CdpReplicaSession:00000000-0000-0000-0000-0000000000c2","links":[{UP_SERVER_13},'
        f'{{"rel":"Up","href":"{API}/cdpPolicies/00000000-0000-0000-0000-0000000000c1","name":"Shop","type":"CdpPolicyReference"}},'
        f'{{"rel":"Alternate","href":"{path}","name":"Shop@2026-11-20 20:00:07.123456","type":"CdpReplicaSessionReference"}},'
        f'{{"rel":"Down","href":"{path}/cdpReplicaTaskSessions","name":null,"type":"CdpReplicaTaskSessionReferenceList"}}],'
        f'"href":"{path}?format=Entity","type":"CdpReplicaSession"}}'
    )


def test_machines_of_a_vapp_are_items() -> None:
    parent = "00000000-0000-0000-0000-0000000000c3"
    values = {"ReplicaUid": parent, "VmRef": "urn:VMware:Vm:00000000-0000-0000-0000-0000000000d1.vm-7"}
    vm = Row("00000000-0000-0000-0000-0000000000c4", "VAppCdpReplicaVm", "web", values, parents=(parent,))
    path = f"{API}/cdpReplica/vApps/{parent}/vms/00000000-0000-0000-0000-0000000000c4"
    assert listed([vm], "12", as_json=False) == (
        f'{DECLARATION}<VAppCdpReplicaVms{NS}><Items Href="{path}?format=Entity" Type="VAppCdpReplicaVm" Name="web"'
        ' UID="urn:veeam:VAppCdpReplicaVm:00000000-0000-0000-0000-0000000000c4"><Links>'
        f'<Link Href="{path}" Name="web" Type="VAppCdpReplicaVmReference" Rel="Alternate" /></Links>'
        f"<ReplicaUid>{parent}</ReplicaUid><VmRef>urn:VMware:Vm:00000000-0000-0000-0000-0000000000d1.vm-7</VmRef></Items></VAppCdpReplicaVms>"
    )


# Cloud Connect


def vault() -> Row:
    quota = {"DisplayName": "Vault", "RepositoryUid": "urn:veeam:Repository:00000000-0000-0000-0000-0000000000e1", "Quota": 307200, "UsedQuota": 0}
    values = {"Id": "00000000-0000-0000-0000-0000000000b2", "RepositoryQuota": quota}
    return Row("00000000-0000-0000-0000-0000000000b2", "CloudTenantResource", values=values, up=(TENANT, SERVER), parents=(TENANT_ID,))


VAULT_PATH = f"{API}/cloud/tenants/{TENANT_ID}/resources/00000000-0000-0000-0000-0000000000b2"


def test_resource_of_a_tenant_in_xml_has_an_id_and_no_name() -> None:
    assert single(vault(), "12", as_json=False) == (
        f'{DECLARATION}<CloudTenantResource Href="{VAULT_PATH}" Type="CloudTenantResource" Id="00000000-0000-0000-0000-0000000000b2"{NS}><Links>'
        f'<Link Href="{API}/cloud/tenants/{TENANT_ID}?format=Entity" Name="Northwind" Type="CloudTenant" Rel="Up" />'
        f'<Link Href="{API}/backupServers/00000000-0000-0000-0000-0000000000a1?format=Entity" Name="vbr01" Type="BackupServer" Rel="Up" /></Links>'
        "<RepositoryQuota><DisplayName>Vault</DisplayName><RepositoryUid>urn:veeam:Repository:00000000-0000-0000-0000-0000000000e1</RepositoryUid>"
        "<Quota>307200</Quota><UsedQuota>0</UsedQuota></RepositoryQuota></CloudTenantResource>"
    )


def test_tenant_in_json_of_12_doubles_the_lists_inside_and_hides_its_password() -> None:
    values = {
        "Password": "",
        "Description": "",
        "Enabled": True,
        "LeaseOptions": {"Enabled": False},
        "Resources": lambda context: inside([vault()], context),
        "LastResult": "None",
        "LastActive": NEVER_US,
        "ComputeResources": [],
        "TenantType": {"StandaloneTenant": {"TenantCredentials": {"Username": "Northwind"}}},
    }
    written = single(Row(TENANT_ID, "CloudTenant", "Northwind", values), "12", as_json=True)
    assert written.startswith(
        '{"Password":"","Description":"","Enabled":true,"LeaseOptions":{"Enabled":false,"ExpirationDate":null},"Resources":{"CloudTenantResources":['
        '{"RepositoryQuota":{"DisplayName":"Vault","RepositoryUid":"urn:veeam:Repository:00000000-0000-0000-0000-0000000000e1",'
        '"WanAcceleratorUid":null,"Quota":307200,"UsedQuota":0},"Id":"00000000-0000-0000-0000-0000000000b2",'
        f'"Href":"{VAULT_PATH}","Type":"CloudTenantResource"}}]}},"LastResult":"None","LastActive":"1753-01-01T00:00:00Z",'
        '"VmCount":null,"ComputeResources":{"CloudTenantComputeResources":[]},'
    )
    assert '"TenantType":{"StandaloneTenant":{"TenantCredentials":{"Username":"Northwind"}},"ADTenantType":null,"vCloudTenant":null}' in written


def test_subtenant_in_xml_has_an_empty_password() -> None:
    quota = {"Unlimited": False, "DisplayName": "Laptops", "TenantResourceId": "00000000-0000-0000-0000-0000000000b2", "QuotaMb": 20480, "UsedQuotaMb": 0}
    identifier = "00000000-0000-0000-0000-0000000000b3"
    values = {"Id": identifier, "Name": "laptops", "Description": "Sales", "Password": "", "Enabled": True, "RepositoryQuota": quota, "Disabled": False}
    path = f"{API}/cloud/tenants/{TENANT_ID}/subtenants/{identifier}"
    assert single(Row(identifier, "CloudSubtenant", values=values, parents=(TENANT_ID,)), "12", as_json=False) == (
        f'{DECLARATION}<CloudSubtenant Href="{path}" Type="CloudSubtenant" Id="{identifier}"{NS}><Name>laptops</Name><Description>Sales</Description>'
        '<Password /><Enabled>true</Enabled><RepositoryQuota Unlimited="false"><DisplayName>Laptops</DisplayName>'
        "<TenantResourceId>00000000-0000-0000-0000-0000000000b2</TenantResourceId><QuotaMb>20480</QuotaMb><UsedQuotaMb>0</UsedQuotaMb></RepositoryQuota>"
        "</CloudSubtenant>"
    )


def vlan() -> Row:
    identifier = "00000000-0000-0000-0000-0000000000b4"
    values = {
        "UID": identifier,
        "HostRef": "urn:VMware:Host:00000000-0000-0000-0000-0000000000d1.host-7",
        "PlatformType": "VMware",
        "VlanIdsWithInternetLeftBound": 500,
        "VlanIdsWithInternetRightBound": 510,
        "VlanIdsWithoutInternetLeftBound": 511,
        "VlanIdsWithoutInternetRightBound": 520,
        "SwitchName": "vSwitch0",
        "SwitchId": "vSwitch0",
        "SwitchType": "VirtualSwitch",
    }
    return Row(identifier, "VlanConfiguration", "vSwitch0", values, up=(SERVER,))


def test_vlans_in_xml_have_neither_address_nor_type_and_a_bare_guid() -> None:
    assert listed([vlan()], "12", as_json=False) == (
        f'{DECLARATION}<VlanConfigurations{NS}><Vlans Name="vSwitch0" UID="00000000-0000-0000-0000-0000000000b4"><Links>{UP_SERVER}'
        f'<Link Href="{API}/cloud/vlans/00000000-0000-0000-0000-0000000000b4" Name="vSwitch0" Type="VlanConfigurationReference" Rel="Alternate" /></Links>'
        "<HostRef>urn:VMware:Host:00000000-0000-0000-0000-0000000000d1.host-7</HostRef><PlatformType>VMware</PlatformType>"
        "<VlanIdsWithInternetLeftBound>500</VlanIdsWithInternetLeftBound><VlanIdsWithInternetRightBound>510</VlanIdsWithInternetRightBound>"
        "<VlanIdsWithoutInternetLeftBound>511</VlanIdsWithoutInternetLeftBound><VlanIdsWithoutInternetRightBound>520</VlanIdsWithoutInternetRightBound>"
        "<SwitchName>vSwitch0</SwitchName><SwitchId>vSwitch0</SwitchId><SwitchType>VirtualSwitch</SwitchType></Vlans></VlanConfigurations>"
    )


def test_reference_to_a_vlan_has_an_address() -> None:
    path = f"{API}/cloud/vlans/00000000-0000-0000-0000-0000000000b4"
    assert listed([vlan()], "12", as_json=True, entity=False) == (
        f'{{"Refs":[{{"Links":[{UP_SERVER_12},'
        f'{{"Rel":"Alternate","Href":"{path}?format=Entity","Name":"vSwitch0","Type":"VlanConfiguration"}}],'
        f'"UID":"00000000-0000-0000-0000-0000000000b4","Name":"vSwitch0","Href":"{path}","Type":"VlanConfigurationReference"}}]}}'
    )


def test_query_for_subtenants_puts_them_in_resources() -> None:
    row = Row("00000000-0000-0000-0000-0000000000b3", "CloudSubtenant", values={"Name": "laptops"}, parents=(TENANT_ID,))
    page = Page([row], 1, 100, 1)
    written = answers.query_result(page, SPECS["CloudSubtenant"], "Resources", [], ctx("12"), as_json=True, entity=True)
    assert '"Entities":null,"Resources":{"CloudSubtenants":{"CloudSubtenants":[{"Name":"laptops",' in written


def test_failover_tasks_repeat_the_name_of_their_list() -> None:
    link = {"Rel": "Related", "Type": "CloudVmReplicaPointReference", "Href": API + "/x", "Name": "web@2026-11-20 20:00:07"}
    task = {"VmName": "web", "VmReplicaPointLink": link, "CreationTimeUTC": WHOLE, "State": "Working", "Result": "None", "Progress": 0}
    values = {"JobType": "FailoverPlan", "CreationTimeUTC": WHOLE, "State": "Working", "Result": "None", "Progress": 0, "CloudFailoverTasks": [task]}
    session = Row("00000000-0000-0000-0000-0000000000b5", "CloudFailoverSession", "Whole Site", values)
    written = single(session, "12", as_json=False)
    assert written.endswith(
        '<CloudFailoverTasks><CloudFailoverTasks VmName="web">'
        f'<VmReplicaPointLink Rel="Related" Type="CloudVmReplicaPointReference" Href="{API}/x" Name="web@2026-11-20 20:00:07" />'
        "<CreationTimeUTC>2026-11-20T20:00:07Z</CreationTimeUTC><State>Working</State><Result>None</Result><Progress>0</Progress>"
        "</CloudFailoverTasks></CloudFailoverTasks></CloudFailoverSession>"
    )
    assert '"cloudFailoverTasks":{"cloudFailoverTasks":[{"vmReplicaPointLink":{"rel":"Related",' in single(session, "13", as_json=True)


def test_log_on_of_a_tenant_leads_to_cloud_only() -> None:
    account = Account("Northwind", "secret", "Cloud Connect Tenant", TENANT_ID)
    logon = Logon("00000000-0000-0000-0000-0000000000f1", account, 0.0, "v1_7")
    assert answers.single(logon, SPECS["LogonSession"], ctx("12"), as_json=False, entity=True) == (
        f'{DECLARATION}<LogonSession Href="{API}/logonSessions/00000000-0000-0000-0000-0000000000f1" Type="LogonSession"{NS}><Links>'
        f'<Link Href="{API}/" Type="EnterpriseManager" Rel="Up" /><Link Href="{API}/tasks" Type="TaskList" Rel="Down" />'
        f'<Link Href="{API}/cloud" Type="CloudConnectService" Rel="Down" />'
        f'<Link Href="{API}/logonSessions/00000000-0000-0000-0000-0000000000f1" Rel="Delete" /></Links>'
        "<UserName>Northwind</UserName><SessionId>00000000-0000-0000-0000-0000000000f1</SessionId></LogonSession>"
    )


# Security and service


def test_roles_of_an_account_have_an_address_and_no_type() -> None:
    account, role = "00000000-0000-0000-0000-0000000000a2", "00000000-0000-0000-0000-0000000000a3"
    row = Row(role, "EnterpriseAccountInRole", values={"RoleName": "Portal User"}, parents=(account,))
    path = f"{API}/security/accounts/{account}/roles/{role}"
    assert listed([row], "12", as_json=False) == (
        f'{DECLARATION}<EnterpriseAccountInRoleList{NS}><EnterpriseAccountInRole Href="{path}"><RoleName>Portal User</RoleName>'
        "</EnterpriseAccountInRole></EnterpriseAccountInRoleList>"
    )
    assert listed([row], "12", as_json=True) == f'{{"EnterpriseAccountInRoleList":[{{"RoleName":"Portal User","Links":[],"Href":"{path}","Type":null}}]}}'


def test_system_session_calls_itself_a_backup_session() -> None:
    result = {"Result": "CompletedSuccessfully", "Message": "", "IsCanceled": False}
    values = {"SessionType": "CollectJob", "CreationTimeUTC": WHOLE, "EndTimeUTC": WHOLE + SECOND_US, "State": "CompletedSuccessfully", "Result": result}
    row = Row("00000000-0000-0000-0000-0000000000a4", "SystemSession", "Collect Job ", values, stamp_us=WHOLE + 69_837)
    path = f"{API}/systemSessions/00000000-0000-0000-0000-0000000000a4"
    assert listed([row], "13", as_json=False, entity=False) == (
        f'{DECLARATION}<SystemSessions{NS}><Sessions Href="{path}" Type="SystemSession" Name="Collect Job @2026-11-20 20:00:07.069837"'
        ' UID="urn:veeam:SystemSession:00000000-0000-0000-0000-0000000000a4"><Links>'
        f'<Link Href="{path}" Name="Collect Job @2026-11-20 20:00:07.069837" Type="BackupJobSessionReference" Rel="Alternate" />'
        f'<Link Href="{path}/events" Type="SystemSessionEvents" Rel="Down" /></Links><SessionType>CollectJob</SessionType>'
        "<CreationTimeUTC>2026-11-20T20:00:07Z</CreationTimeUTC><EndTimeUTC>2026-11-20T20:00:08Z</EndTimeUTC><State>CompletedSuccessfully</State>"
        "<Result><Result>CompletedSuccessfully</Result><Message /><IsCanceled>false</IsCanceled></Result></Sessions></SystemSessions>"
    )


def test_events_of_a_system_session_have_no_address_and_no_zone() -> None:
    values = {"CreationTimeUTC": "2026-11-20T20:00:07.07", "Message": "Collecting", "Order": 1}
    row = Row("1", "SystemSessionEvent", values=values, parents=("00000000-0000-0000-0000-0000000000a4",))
    assert listed([row], "12", as_json=False) == (
        f"{DECLARATION}<SystemSessionEvents{NS}><Events><CreationTimeUTC>2026-11-20T20:00:07.07</CreationTimeUTC><Message>Collecting</Message>"
        "<Order>1</Order></Events></SystemSessionEvents>"
    )
    assert listed([row], "13", as_json=True) == (
        '{"systemSessionEvents":[{"creationTimeUTC":"2026-11-20T20:00:07.07","message":"Collecting","order":1,"links":null,"href":null,"type":null}]}'
    )
