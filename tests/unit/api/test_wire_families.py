# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One thing of every family, written by hand in XML and in JSON, becomes the record written beside it.

The files of ``tests/fixtures/wire`` hold every resource, in full. These are chosen for what is odd about them:
items of another name than the type, lists without URNs, doubled and bare ones, attributes in structures, times without a zone.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from wire_writer import in_camel_case, without_nulls

from _api import entities, wire
from _api.entities._model import Resource
from _api.entities.registry import BY_THING, RESOURCES

API = "https://em.example.org:9398/api"
ENTITIES = Path(wire.__file__).parent / "entities"
NAMESPACE = 'xmlns="http://www.veeam.com/ent/v1.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
NORTH = {"id": "5e6f0000-0000-4000-8000-00000000000a", "name": "vbr-north.example.org", "type": "BackupServer"}
NORTH["uid"] = "urn:veeam:BackupServer:" + NORTH["id"]
NORTH_HREF = f"{API}/backupServers/{NORTH['id']}"
UP_XML = f'<Link Href="{NORTH_HREF}" Name="{NORTH["name"]}" Type="BackupServerReference" Rel="Up" />'
UP_JSON = f'{{"Rel": "Up", "Href": "{NORTH_HREF}", "Name": "{NORTH["name"]}", "Type": "BackupServerReference"}}'
ON_NORTH = {"backup_server": NORTH, "backup_server_uid": NORTH["uid"], "backup_server_name": NORTH["name"]}


@dataclass(frozen=True)
class Specimen:
    """One answer in both formats; ``record`` is what is set in its only record, all else must be null or an empty list."""

    thing: str
    xml: str
    json: str
    record: dict[str, Any]
    is_list: bool = False


def frame(kind: str, path: str, guid: str, name: str) -> dict[str, str]:
    return {"id": guid, "uid": f"urn:veeam:{kind}:{guid}", "name": name, "type": kind, "href": f"{API}{path}/{guid}?format=Entity"}


COMPUTER, FILE, REPLICA, RUN, STORE, JOB, POINT, ACCOUNT, CONFIG, SYSTEM, ORGANIZATION, VLAN, MOUNTED = (
    f"{number:08x}-0000-4000-8000-0000000000f0" for number in range(0xA1, 0xAE)
)


def opened(kind: str, path: str, guid: str, name: str, more: str = "", uid: str = "", root: str = "") -> str:
    """Return the opening tag of an entity in XML."""
    href = f"{API}{path}/{guid}?format=Entity"
    return f'<{root or kind} {NAMESPACE} Type="{kind}" Href="{href}" Name="{name}" UID="{uid or f"urn:veeam:{kind}:{guid}"}"{more}>'


def closed(kind: str, path: str, guid: str, name: str, links: str = UP_JSON, uid: str = "") -> str:
    """Return the last members of an entity in JSON."""
    href = f"{API}{path}/{guid}?format=Entity"
    return f'"Name": "{name}", "UID": "{uid or f"urn:veeam:{kind}:{guid}"}", "Links": [{links}], "Href": "{href}", "Type": "{kind}"}}'


SPECIMENS = (
    Specimen(
        "discovered_computer",
        opened("DiscoveredComputer", "/agents/discoveredComputers", COMPUTER, "ws-7.example.org")
        + f"<Links>{UP_XML}</Links><HostStatus>Online</HostStatus><AgentVersion /><AgentStatus>NotInstalled</AgentStatus>"
        "<OsVersion>Rocky Linux 9</OsVersion><IpAddress>192.0.2.7</IpAddress></DiscoveredComputer>",
        '{"HostStatus": "Online", "AgentVersion": "", "AgentStatus": "NotInstalled", "OsVersion": "Rocky Linux 9", "IpAddress": "192.0.2.7", '
        '"HierarchyObjRef": null, ' + closed("DiscoveredComputer", "/agents/discoveredComputers", COMPUTER, "ws-7.example.org"),
        {
            **frame("DiscoveredComputer", "/agents/discoveredComputers", COMPUTER, "ws-7.example.org"),
            **ON_NORTH,
            "host_status": "Online",
            "agent_version": "",
            "agent_status": "NotInstalled",
            "os_version": "Rocky Linux 9",
            "ip_address": "192.0.2.7",
        },
    ),
    Specimen(
        # This type alone spells the time Utc; a ratio may come without a fraction.
        "backup_file",
        opened("BackupFile", "/backupFiles", FILE, "Mail D2026.vib")
        + r"<FilePath>E:\Mail &amp; Files\Mail D2026.vib</FilePath><BackupSize>4398046511104</BackupSize><DataSize>-1</DataSize>"
        "<DeduplicationRatio>1</DeduplicationRatio><CompressRatio>2.35</CompressRatio>"
        "<CreationTimeUtc>2026-11-19T21:00:04.74Z</CreationTimeUtc><FileType>vib</FileType></BackupFile>",
        r'{"FilePath": "E:\\Mail & Files\\Mail D2026.vib", "BackupSize": 4398046511104, "DataSize": -1, "DeduplicationRatio": 1, "CompressRatio": 2.35, '
        '"CreationTimeUtc": "2026-11-19T21:00:04.74Z", "FileType": "vib", ' + closed("BackupFile", "/backupFiles", FILE, "Mail D2026.vib", links=""),
        {
            **frame("BackupFile", "/backupFiles", FILE, "Mail D2026.vib"),
            "file_path": "E:\\Mail & Files\\Mail D2026.vib",
            "backup_size": 4398046511104,
            "deduplication_ratio": 1.0,
            "compress_ratio": 2.35,
            "creation_time": "2026-11-19T21:00:04.74Z",
            "file_type": "vib",
        },
    ),
    Specimen(
        # Its name is its id, in the address and in the URN.
        "catalog_vm",
        f'<CatalogVms {NAMESPACE}><CatalogVm Type="CatalogVm" Href="{API}/catalog/vms/srv%2004?format=Entity" Name="srv 04" UID="urn:veeam:CatalogVm:srv 04" '
        'VmDisplayName="srv 04" /></CatalogVms>',
        f'{{"CatalogVms": [{{"VmDisplayName": "srv 04", "Name": "srv 04", "UID": "urn:veeam:CatalogVm:srv 04", "Links": null, '
        f'"Href": "{API}/catalog/vms/srv%2004?format=Entity", "Type": "CatalogVm"}}]}}',
        {
            "id": "srv 04",
            "uid": "urn:veeam:CatalogVm:srv 04",
            "name": "srv 04",
            "type": "CatalogVm",
            "href": f"{API}/catalog/vms/srv%2004?format=Entity",
            "vm_display_name": "srv 04",
        },
        is_list=True,
    ),
    Specimen(
        # Here the URN has two fronts, the URN of the policy is a bare GUID, and the element BackupServer is a name.
        "cdp_replica",
        opened("CdpReplica", "/cdpReplicas", REPLICA, "Shop", uid=f"urn:veeam:Replica:urn:veeam:CdpReplica:{REPLICA}")
        + f"<BackupServer>vbr-north</BackupServer><PolicyUid>{JOB}</PolicyUid><PolicyName>Shop</PolicyName></CdpReplica>",
        f'{{"BackupServer": "vbr-north", "PolicyUid": "{JOB}", "PolicyName": "Shop", '
        + closed("CdpReplica", "/cdpReplicas", REPLICA, "Shop", links="", uid=f"urn:veeam:Replica:urn:veeam:CdpReplica:{REPLICA}"),
        {
            **frame("CdpReplica", "/cdpReplicas", REPLICA, "Shop"),
            "uid": f"urn:veeam:Replica:urn:veeam:CdpReplica:{REPLICA}",
            "backup_server_name": "vbr-north",
            "policy_uid": JOB,
            "policy_name": "Shop",
        },
    ),
    Specimen(
        # The item is called Vlans, has neither address nor type, and a bare GUID for a URN.
        "cloud_vlan",
        f'<VlanConfigurations {NAMESPACE}><Vlans Name="vSwitch0" UID="{VLAN}"><Links>{UP_XML}</Links>'
        "<PlatformType>VMware</PlatformType><VlanIdsWithInternetLeftBound>500</VlanIdsWithInternetLeftBound><SwitchName>vSwitch0</SwitchName>"
        "<SwitchType>VirtualSwitch</SwitchType></Vlans></VlanConfigurations>",
        '{"Vlans": [{"HostRef": null, "PlatformType": "VMware", "VlanIdsWithInternetLeftBound": 500, "SwitchName": "vSwitch0", '
        f'"SwitchType": "VirtualSwitch", "Name": "vSwitch0", "UID": "{VLAN}", "Links": [{UP_JSON}]}}]}}',
        {
            **ON_NORTH,
            "id": VLAN,
            "uid": VLAN,
            "name": "vSwitch0",
            "type": "VlanConfiguration",
            "platform_type": "VMware",
            "vlan_ids_with_internet_left_bound": 500,
            "switch_name": "vSwitch0",
            "switch_type": "VirtualSwitch",
        },
        is_list=True,
    ),
    Specimen(
        # A list within a list of the same name, whose items carry an attribute and a link outside of Links.
        "cloud_failover_session",
        opened("CloudFailoverSession", "/cloud/failoverSessions", RUN, "Whole Site")
        + "<JobType>FailoverPlan</JobType><CreationTimeUTC>2026-11-19T21:00:04Z</CreationTimeUTC><State>Working</State><Result>None</Result>"
        '<Progress>40</Progress><CloudFailoverTasks><CloudFailoverTasks VmName="fs 02">'
        f'<VmReplicaPointLink Rel="Related" Type="CloudVmReplicaPointReference" Href="{API}/cloud/vmReplicaPoints/{POINT}" Name="fs 02@2026-11-19 01:00:00" />'
        "<CreationTimeUTC>2026-11-19T21:00:05.5Z</CreationTimeUTC><State>Working</State><Result>None</Result><Progress>0</Progress>"
        "</CloudFailoverTasks></CloudFailoverTasks></CloudFailoverSession>",
        '{"JobType": "FailoverPlan", "CreationTimeUTC": "2026-11-19T21:00:04Z", "EndTimeUTC": null, "State": "Working", "Result": "None", "Progress": 40, '
        '"CloudFailoverTasks": {"CloudFailoverTasks": [{"VmReplicaPointLink": {"Rel": "Related", '
        f'"Href": "{API}/cloud/vmReplicaPoints/{POINT}", "Name": "fs 02@2026-11-19 01:00:00", "Type": "CloudVmReplicaPointReference"}}, '
        '"CreationTimeUTC": "2026-11-19T21:00:05.5Z", "EndTimeUTC": null, "State": "Working", "Result": "None", "Progress": 0, "VmName": "fs 02"}]}, '
        + closed("CloudFailoverSession", "/cloud/failoverSessions", RUN, "Whole Site", links=""),
        {
            **frame("CloudFailoverSession", "/cloud/failoverSessions", RUN, "Whole Site"),
            "job_type": "FailoverPlan",
            "creation_time": "2026-11-19T21:00:04Z",
            "state": "Working",
            "result": "None",
            "progress": 40,
            "cloud_failover_tasks": [
                {
                    "vm_name": "fs 02",
                    "vm_replica_point_link": {
                        "rel": "Related",
                        "type": "CloudVmReplicaPointReference",
                        "href": f"{API}/cloud/vmReplicaPoints/{POINT}",
                        "name": "fs 02@2026-11-19 01:00:00",
                    },
                    "creation_time": "2026-11-19T21:00:05.5Z",
                    "end_time": None,
                    "state": "Working",
                    "result": "None",
                    "progress": 0,
                    "failure_message": None,
                }
            ],
        },
    ),
    Specimen(
        # Object storage does not know its size.
        "repository",
        opened("Repository", "/repositories", STORE, "Cold &amp; far")
        + f"<Links>{UP_XML}</Links><Capacity>-1</Capacity><FreeSpace>-1</FreeSpace><Kind>AmazonS3</Kind></Repository>",
        '{"Capacity": -1, "FreeSpace": -1, "Kind": "AmazonS3", ' + closed("Repository", "/repositories", STORE, "Cold & far"),
        {**frame("Repository", "/repositories", STORE, "Cold & far"), **ON_NORTH, "kind": "AmazonS3"},
    ),
    Specimen(
        # Known by its address alone.
        "vm_restore_point_mount",
        f'<VmRestorePointMounts {NAMESPACE}><VmRestorePointMount Href="{API}/vmRestorePoints/{POINT}/mounts/{MOUNTED}" Type="VmRestorePointMount"><FSRoots>'
        f'<DirectoryEntry Href="{API}/vmRestorePoints/{POINT}/mounts/{MOUNTED}/C%3A" Type="DirectoryEntry"><Path>C:</Path><Name>C:</Name></DirectoryEntry>'
        "</FSRoots></VmRestorePointMount></VmRestorePointMounts>",
        f'{{"VmRestorePointMounts": [{{"FSRoots": {{"DirectoryEntries": [{{"Path": "C:", "Name": "C:", "Links": null, '
        f'"Href": "{API}/vmRestorePoints/{POINT}/mounts/{MOUNTED}/C%3A", "Type": "DirectoryEntry"}}]}}, '
        f'"Links": [], "Href": "{API}/vmRestorePoints/{POINT}/mounts/{MOUNTED}", "Type": "VmRestorePointMount"}}]}}',
        {
            "id": MOUNTED,
            "type": "VmRestorePointMount",
            "href": f"{API}/vmRestorePoints/{POINT}/mounts/{MOUNTED}",
            "fs_roots": [{"path": "C:", "name": "C:", "href": f"{API}/vmRestorePoints/{POINT}/mounts/{MOUNTED}/C%3A"}],
        },
        is_list=True,
    ),
    Specimen(
        # The element is NASJob, the type NasJob, and the word in the URN may be Job.
        "nas_job",
        opened("NasJob", "/nas/jobs", JOB, "Projects", uid=f"urn:veeam:Job:{JOB}", root="NASJob")
        + "<Description /><ScheduleConfigured>true</ScheduleConfigured><ScheduleEnabled>false</ScheduleEnabled></NASJob>",
        '{"Description": "", "Includes": null, "StorageOptions": null, "ScheduleConfigured": true, "ScheduleEnabled": false, "NextRun": null, '
        + closed("NasJob", "/nas/jobs", JOB, "Projects", links="", uid=f"urn:veeam:Job:{JOB}"),
        {
            **frame("NasJob", "/nas/jobs", JOB, "Projects"),
            "uid": f"urn:veeam:Job:{JOB}",
            "description": "",
            "schedule_configured": True,
            "schedule_enabled": False,
        },
    ),
    Specimen(
        "vapp_replica_point",
        opened("VAppReplicaPoint", "/vAppReplicaPoints", POINT, "shop@2026-11-19 21:00:04", ' VAppDisplayName="shop"')
        + "<CreationTimeUTC>2026-11-19T21:00:04.343Z</CreationTimeUTC><VAppName>shop</VAppName><Algorithm>Full</Algorithm>"
        "<PointType>Snapshot</PointType></VAppReplicaPoint>",
        '{"CreationTimeUTC": "2026-11-19T21:00:04.343Z", "VAppName": "shop", "Algorithm": "Full", "PointType": "Snapshot", "VAppDisplayName": "shop", '
        + closed("VAppReplicaPoint", "/vAppReplicaPoints", POINT, "shop@2026-11-19 21:00:04", links=""),
        {
            **frame("VAppReplicaPoint", "/vAppReplicaPoints", POINT, "shop@2026-11-19 21:00:04"),
            "vapp_display_name": "shop",
            "creation_time": "2026-11-19T21:00:04.343Z",
            "vapp_name": "shop",
            "algorithm": "Full",
            "point_type": "Snapshot",
        },
    ),
    Specimen(
        # Neither identity nor address; the days repeat without a list around them in XML, and one word is misspelt.
        "processed_vms_report",
        f'<ProcessedVmsReportFrame {NAMESPACE}><Day Timestamp="2026-11-18T23:00:00Z" ReplicatedVms="0" BackupedVms="67" /></ProcessedVmsReportFrame>',
        '{"Days": [{"Timestamp": "2026-11-18T23:00:00Z", "ReplicatedVms": 0, "BackupedVms": 67}], "Links": null, "Href": null, "Type": null}',
        {"type": "ProcessedVmsReportFrame", "days": [{"timestamp": "2026-11-18T23:00:00Z", "replicated_vms": 0, "backuped_vms": 67}]},
    ),
    Specimen(
        "security_account",
        opened("EnterpriseAccount", "/security/accounts", ACCOUNT, r"CORP\Operators")
        + "<AccountType>Group</AccountType><AllowRestoreAllVms>false</AllowRestoreAllVms></EnterpriseAccount>",
        '{"AccountType": "Group", "AllowRestoreAllVms": false, "FlrSettings": null, '
        + closed("EnterpriseAccount", "/security/accounts", ACCOUNT, r"CORP\\Operators", links=""),
        {
            **frame("EnterpriseAccount", "/security/accounts", ACCOUNT, "CORP\\Operators"),
            "account_type": "Group",
            "allow_restore_all_vms": False,
        },
    ),
    Specimen(
        # Lists of plain texts, one of one member and one of none.
        "vsphere_self_service_config",
        opened("VSphereSelfServiceConfig", "/selfService/vSphere/Configs", CONFIG, "Ada")
        + "<QuotaGb>100</QuotaGb><PerUser>false</PerUser><Account><AccountName>Ada</AccountName><AccountSid>S-1-5-21-1</AccountSid>"
        f"<AccountType>User</AccountType></Account><VCentersScope><VCenterUid>urn:veeam:ManagedServer:{STORE}</VCenterUid></VCentersScope><Tags />"
        "<UsedQuotaMb>0</UsedQuotaMb></VSphereSelfServiceConfig>",
        '{"QuotaGb": 100, "PerUser": false, "Account": {"AccountName": "Ada", "AccountSid": "S-1-5-21-1", "AccountType": "User"}, "JobSettings": null, '
        f'"VCentersScope": {{"VCenterUids": ["urn:veeam:ManagedServer:{STORE}"]}}, "Tags": {{"Tags": []}}, "UsedQuotaMb": 0, '
        + closed("VSphereSelfServiceConfig", "/selfService/vSphere/Configs", CONFIG, "Ada", links=""),
        {
            **frame("VSphereSelfServiceConfig", "/selfService/vSphere/Configs", CONFIG, "Ada"),
            "quota_gb": 100,
            "per_user": False,
            "account": {"account_name": "Ada", "account_sid": "S-1-5-21-1", "account_type": "User"},
            "v_centers_scope": [f"urn:veeam:ManagedServer:{STORE}"],
            "used_quota_mb": 0,
        },
    ),
    Specimen(
        # The item is called Sessions, its result is a structure with a result in it.
        "system_session",
        f"<SystemSessions {NAMESPACE}>"
        + opened("SystemSession", "/systemSessions", SYSTEM, "Collect Job @2026-11-19", root="Sessions")
        + "<SessionType>CollectJob</SessionType><CreationTimeUTC>2026-11-19T21:00:04.069837Z</CreationTimeUTC><State>CompletedSuccessfully</State>"
        "<Result><Result>CompletedSuccessfully</Result><Message /><IsCanceled>false</IsCanceled></Result></Sessions></SystemSessions>",
        '{"Sessions": [{"SessionType": "CollectJob", "CreationTimeUTC": "2026-11-19T21:00:04.069837Z", "EndTimeUTC": null, '
        '"State": "CompletedSuccessfully", "Result": {"Result": "CompletedSuccessfully", "Message": "", "IsCanceled": false}, '
        + closed("SystemSession", "/systemSessions", SYSTEM, "Collect Job @2026-11-19", links="")
        + "]}",
        {
            **frame("SystemSession", "/systemSessions", SYSTEM, "Collect Job @2026-11-19"),
            "session_type": "CollectJob",
            "creation_time": "2026-11-19T21:00:04.069837Z",
            "state": "CompletedSuccessfully",
            "result": {"result": "CompletedSuccessfully", "message": "", "is_canceled": False},
        },
        is_list=True,
    ),
    Specimen(
        # Times of events carry no zone and mean UTC.
        "system_session_event",
        f"<SystemSessionEvents {NAMESPACE}><Events><CreationTimeUTC>2026-11-19T21:00:04.5</CreationTimeUTC><Message>Done</Message><Order>3</Order></Events>"
        "</SystemSessionEvents>",
        '{"Events": [{"CreationTimeUTC": "2026-11-19T21:00:04.5", "Message": "Done", "Order": 3}]}',
        {"type": "SystemSessionEvent", "creation_time": "2026-11-19T21:00:04.5Z", "message": "Done", "order": 3},
        is_list=True,
    ),
    Specimen(
        "vcloud_org_config",
        opened("VCloudOrganizationConfig", "/vCloud/orgConfigs", ORGANIZATION, "acme")
        + "<RepositoryUid /><QuotaGb>500</QuotaGb><IsDisabled>false</IsDisabled><JobSettings><CustomSettings>true</CustomSettings>"
        "<JobSchedulerType>Full</JobSchedulerType></JobSettings></VCloudOrganizationConfig>",
        '{"RepositoryUid": null, "QuotaGb": 500, "IsDisabled": false, "JobSettings": {"CustomSettings": true, "JobSchedulerType": "Full"}, '
        + closed("VCloudOrganizationConfig", "/vCloud/orgConfigs", ORGANIZATION, "acme", links=""),
        {
            **frame("VCloudOrganizationConfig", "/vCloud/orgConfigs", ORGANIZATION, "acme"),
            "quota_gb": 500,
            "is_disabled": False,
            "job_settings": {
                "default_settings": None,
                "custom_settings": True,
                "job_scheduler_type": "Full",
                "high_priority_job": None,
                "template_job_uid": None,
            },
        },
    ),
)


# The JSON of 9.5u4 and of 13 is that of 12 by rule.
FORMS: dict[str, Callable[[Specimen], str]] = {
    "XML": lambda specimen: '<?xml version="1.0" encoding="utf-8"?>' + specimen.xml,
    "12": lambda specimen: specimen.json,
    "9.5u4": lambda specimen: json.dumps(without_nulls(json.loads(specimen.json))),
    "13": lambda specimen: json.dumps(in_camel_case(json.loads(specimen.json))),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("specimen", SPECIMENS, ids=lambda specimen: specimen.thing)
def test_what_is_written_by_hand_becomes_the_record_beside_it(specimen: Specimen, form: str) -> None:
    resource = BY_THING[specimen.thing]
    tree = wire.parse(FORMS[form](specimen).encode(), "application/xml" if form == "XML" else "application/json")
    (record,) = wire.records_of(wire.page_of(tree, resource), resource) if specimen.is_list else [wire.record_of(tree, resource)]
    assert {key: value for key, value in record.items() if value not in (None, [])} == specimen.record
    declared = {field.name for field in resource.record_fields} | {reference.name for reference in resource.references}
    assert set(record) == declared | {"id", "uid", "name", "type", "href"}


def families_of(things: set[str]) -> set[str]:
    found = set()
    for path in ENTITIES.glob("[a-z]*.py"):
        text = path.read_text(encoding="utf-8")
        members = vars(importlib.import_module(f"{entities.__name__}.{path.stem}"))
        declared = {value.thing for name, value in members.items() if isinstance(value, Resource) and f"\n{name} = " in text}
        found |= {path.stem} if declared & things else set()
    return found


def test_every_family_has_something_written_by_hand() -> None:
    files = {path.name.partition(".")[0] for path in (Path(__file__).parents[2] / "fixtures" / "wire").glob("*/*.xml")}
    by_file = {resource.thing for resource in RESOURCES if resource.plural in files}
    everything = families_of({resource.thing for resource in RESOURCES})
    assert {"jobs", "mounts", "cdp", "selfservice"} <= everything
    assert families_of(by_file | {specimen.thing for specimen in SPECIMENS}) == everything
