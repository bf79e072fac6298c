# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How things are shown that are served by their declaration, byte by byte. Written by hand from the notes on real servers, not derived."""

from __future__ import annotations

from em_simulator import answers
from em_simulator.clock import SECOND_US
from em_simulator.model import Job, Machine, Row, Server
from em_simulator.profiles import PROFILES
from em_simulator.query import Page
from em_simulator.views import SPECS
from em_simulator.wire import Context

WHOLE = 1_795_204_807 * SECOND_US  # 2026-11-20 20:00:07 UTC
NS = ' xmlns="http://www.veeam.com/ent/v1.0" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
DECLARATION = '<?xml version="1.0" encoding="utf-8"?>'
HOST = "https://em:9398/api"

SERVER = Server("00000000-0000-0000-0000-0000000000a1", "vbr01")
JOB = Job("00000000-0000-0000-0000-0000000000c1", "SQL", SERVER, machines=[Machine("srv-01", 5, "urn:VMware:Vm:00000000-0000-0000-0000-0000000000b1.vm-7")])
REPOSITORY = Row("00000000-0000-0000-0000-000000000001", "Repository", "Volume", {"Capacity": 900, "FreeSpace": 400, "Kind": "WindowsLocal"}, up=(SERVER,))
BACKUP = Row("00000000-0000-0000-0000-000000000002", "Backup", "SQL", {"Platform": "VMware", "BackupType": "Standard"}, up=(REPOSITORY, SERVER))
POINT = Row("00000000-0000-0000-0000-000000000003", "RestorePoint", "", {"BackupDateUTC": WHOLE + 547_000}, up=(BACKUP, SERVER), stamp_us=WHOLE + 547_000)
FILE = Row(
    "00000000-0000-0000-0000-000000000004",
    "BackupFile",
    "SQLD2026-11-20T200007_8B56.vbk",
    {
        "FilePath": "E:\\Backup\\SQL\\SQLD2026-11-20T200007_8B56.vbk",
        "BackupSize": 535875584,
        "DataSize": 2147507235,
        "DeduplicationRatio": 1.68,
        "CompressRatio": 2.1,
        "CreationTimeUtc": WHOLE + 920_773,
        "FileType": "vbk",
    },
    up=(BACKUP, SERVER),
)
MACHINE_POINT = Row(
    "00000000-0000-0000-0000-000000000005",
    "VmRestorePoint",
    "srv-01",
    {
        "VmDisplayName": "srv-01",
        "CreationTimeUTC": WHOLE + 73 * SECOND_US,
        "Algorithm": "Incremental",
        "PointType": "Increment",
        "HierarchyObjRef": "urn:VMware:Vm:00000000-0000-0000-0000-0000000000b1.vm-7",
    },
    up=(SERVER, POINT, FILE),
    stamp_us=WHOLE + 73 * SECOND_US,
)
ENTRY = Row(
    "00000000-0000-0000-0000-000000000006",
    "ObjectInJob",
    values={
        "ObjectInJobId": "00000000-0000-0000-0000-000000000006",
        "HierarchyObjRef": "urn:VMware:Folder:b1.group-v3",
        "Name": "R&D",
        "DisplayName": "R&D",
        "Order": 0,
    },
    up=(JOB,),
    parents=(JOB.id,),
)
ITEM = Row("urn:VMware:Vm:b1.vm-7", "HierarchyItem", values={"ObjectRef": "urn:VMware:Vm:b1.vm-7", "ObjectType": "Vm", "ObjectName": "srv-01"})
CREDENTIALS = Row(
    "00000000-0000-0000-0000-000000000007",
    "Credentials",
    values={"Id": "00000000-0000-0000-0000-000000000007", "Username": "EXAMPLE\\svc", "Description": "", "Password": ""},
    up=(SERVER,),
    parents=(SERVER.id,),
)

UP_JSON = '{"Rel":"Up","Href":"https://em:9398/api/backupServers/00000000-0000-0000-0000-0000000000a1","Name":"vbr01","Type":"BackupServerReference"}'
UP_XML = '<Link Href="https://em:9398/api/backupServers/00000000-0000-0000-0000-0000000000a1" Name="vbr01" Type="BackupServerReference" Rel="Up" />'


def ctx(profile: str = "12", **omitted: set[str]) -> Context:
    return Context(PROFILES[profile], HOST, omitted)


def entity(row: Row, as_json: bool, context: Context) -> str:
    return answers.single(row, SPECS[row.type], context, as_json, True)


def test_repository_in_json_of_12() -> None:
    assert entity(REPOSITORY, True, ctx()) == (
        '{"Capacity":900,"FreeSpace":400,"Kind":"WindowsLocal","Name":"Volume","UID":"urn:veeam:Repository:00000000-0000-0000-0000-000000000001","Links":['
        + UP_JSON
        + ',{"Rel":"Alternate","Href":"https://em:9398/api/repositories/00000000-0000-0000-0000-000000000001","Name":"Volume","Type":"RepositoryReference"},'
        '{"Rel":"Down","Href":"https://em:9398/api/repositories/00000000-0000-0000-0000-000000000001/backups","Name":null,"Type":"BackupReferenceList"},'
        '{"Rel":"Down","Href":"https://em:9398/api/repositories/00000000-0000-0000-0000-000000000001/replicas","Name":null,"Type":"ReplicaReferenceList"}],'
        '"Href":"https://em:9398/api/repositories/00000000-0000-0000-0000-000000000001?format=Entity","Type":"Repository"}'
    )


def test_backup_in_json_of_95_without_nulls_and_without_the_chains_of_machines() -> None:
    assert entity(BACKUP, True, ctx("9.5u4")) == (
        '{"Platform":"VMware","BackupType":"Standard","Name":"SQL","UID":"urn:veeam:Backup:00000000-0000-0000-0000-000000000002","Links":['
        '{"Rel":"Up","Href":"https://em:9398/api/repositories/00000000-0000-0000-0000-000000000001","Name":"Volume","Type":"RepositoryReference"},'
        + UP_JSON
        + ',{"Rel":"Alternate","Href":"https://em:9398/api/backups/00000000-0000-0000-0000-000000000002","Name":"SQL","Type":"BackupReference"},'
        '{"Rel":"Down","Href":"https://em:9398/api/backups/00000000-0000-0000-0000-000000000002/restorePoints","Type":"RestorePointReferenceList"},'
        '{"Rel":"Down","Href":"https://em:9398/api/backups/00000000-0000-0000-0000-000000000002/backupFiles","Type":"BackupFileReferenceList"}],'
        '"Href":"https://em:9398/api/backups/00000000-0000-0000-0000-000000000002?format=Entity","Type":"Backup"}'
    )


def test_backup_files_in_xml() -> None:
    body = answers.collection([FILE], SPECS["BackupFile"], ctx("13"), False, True).decode()
    assert body == (
        DECLARATION
        + f"<BackupFiles{NS}>"
        + '<BackupFile Href="https://em:9398/api/backupFiles/00000000-0000-0000-0000-000000000004?format=Entity" Type="BackupFile"'
        + ' Name="SQLD2026-11-20T200007_8B56.vbk" UID="urn:veeam:BackupFile:00000000-0000-0000-0000-000000000004"><Links>'
        + '<Link Href="https://em:9398/api/backups/00000000-0000-0000-0000-000000000002" Name="SQL" Type="BackupReference" Rel="Up" />'
        + UP_XML
        + '<Link Href="https://em:9398/api/backupFiles/00000000-0000-0000-0000-000000000004" Name="SQLD2026-11-20T200007_8B56.vbk"'
        + ' Type="BackupFileReference" Rel="Alternate" />'
        + '<Link Href="https://em:9398/api/backupFiles/00000000-0000-0000-0000-000000000004/restorePoints" Type="RestorePointReferenceList" Rel="Related" />'
        + '<Link Href="https://em:9398/api/backupFiles/00000000-0000-0000-0000-000000000004/vmRestorePoints" Type="VmRestorePointReferenceList" Rel="Down" />'
        + "</Links><FilePath>E:\\Backup\\SQL\\SQLD2026-11-20T200007_8B56.vbk</FilePath><BackupSize>535875584</BackupSize><DataSize>2147507235</DataSize>"
        + "<DeduplicationRatio>1.68</DeduplicationRatio><CompressRatio>2.1</CompressRatio><CreationTimeUtc>2026-11-20T20:00:07.920773Z</CreationTimeUtc>"
        + "<FileType>vbk</FileType></BackupFile></BackupFiles>"
    )


def test_machine_restore_point_as_a_reference_of_95() -> None:
    assert answers.collection([MACHINE_POINT], SPECS["VmRestorePoint"], ctx("9.5u4"), True, False).decode() == (
        '{"Refs":[{"Links":['
        + UP_JSON
        + ',{"Rel":"Up","Href":"https://em:9398/api/restorePoints/00000000-0000-0000-0000-000000000003","Name":"Nov 20 2026  8:00PM",'
        '"Type":"RestorePointReference"},'
        '{"Rel":"Up","Href":"https://em:9398/api/backupFiles/00000000-0000-0000-0000-000000000004",'
        '"Name":"SQLD2026-11-20T200007_8B56.vbk","Type":"BackupFileReference"},'
        '{"Rel":"Alternate","Href":"https://em:9398/api/vmRestorePoints/00000000-0000-0000-0000-000000000005?format=Entity",'
        '"Name":"srv-01@2026-11-20 20:01:20","Type":"VmRestorePoint"}],'
        '"UID":"urn:veeam:VmRestorePoint:00000000-0000-0000-0000-000000000005","Name":"srv-01@2026-11-20 20:01:20",'
        '"Href":"https://em:9398/api/vmRestorePoints/00000000-0000-0000-0000-000000000005","Type":"VmRestorePointReference"}]}'
    )


def test_machine_restore_point_in_json_of_13_has_camel_case_and_its_order_first() -> None:
    written = entity(MACHINE_POINT, True, ctx("13"))
    assert written.startswith(
        '{"creationTimeUTC":"2026-11-20T20:01:20Z","vmName":null,"algorithm":"Incremental","pointType":"Increment",'
        '"hierarchyObjRef":"urn:VMware:Vm:00000000-0000-0000-0000-0000000000b1.vm-7","vmDisplayName":"srv-01","name":"srv-01@2026-11-20 20:01:20",'
        '"uid":"urn:veeam:VmRestorePoint:00000000-0000-0000-0000-000000000005","links":['
        '{"rel":"Restore","href":"https://em:9398/api/vmRestorePoints/00000000-0000-0000-0000-000000000005?action=restore","name":null,"type":null},'
        '{"rel":"Up","href":"https://em:9398/api/backupServers/00000000-0000-0000-0000-0000000000a1","name":"vbr01","type":"BackupServerReference"},'
        '{"rel":"Up","href":"https://em:9398/api/restorePoints/00000000-0000-0000-0000-000000000003",'
        '"name":"2026-11-20 20:00:07.547","type":"RestorePointReference"},'
    )
    assert (
        '{"rel":"Down","href":"https://em:9398/api/vmRestorePoints/00000000-0000-0000-0000-000000000005/mounts","name":null,"type":"VmRestorePointMountList"}'
        in written
    )


def test_object_in_a_job_has_one_form_and_a_slip_in_its_list_of_a_query() -> None:
    page = Page([ENTRY], 1, 100, 1)
    xml = answers.query_result(page, SPECS["ObjectInJob"], "Resources", [("type", "ObjectInJob")], ctx(), False, False)
    assert xml.startswith(
        DECLARATION
        + f"<QueryResult{NS}><Resources><sInObjectJob>"
        + '<ObjectInJob Href="https://em:9398/api/jobs/00000000-0000-0000-0000-0000000000c1/includes/00000000-0000-0000-0000-000000000006" Type="ObjectInJob">'
        + '<Links><Link Href="https://em:9398/api/jobs/00000000-0000-0000-0000-0000000000c1?format=Entity" Name="SQL" Type="Job" Rel="Up" /></Links>'
        + "<ObjectInJobId>00000000-0000-0000-0000-000000000006</ObjectInJobId><HierarchyObjRef>urn:VMware:Folder:b1.group-v3</HierarchyObjRef>"
        + "<Name>R&amp;D</Name><DisplayName>R&amp;D</DisplayName><Order>0</Order></ObjectInJob></sInObjectJob></Resources><PagingInfo"
    )
    text = answers.query_result(page, SPECS["ObjectInJob"], "Resources", [("type", "ObjectInJob")], ctx(), True, False)
    assert text.startswith('{"Refs":null,"Entities":null,"Resources":{"sInObjectJob":{"ObjectInJobs":[{"ObjectInJobId":')


def test_secrets_have_an_element_that_is_empty() -> None:
    assert entity(CREDENTIALS, False, ctx()) == (
        DECLARATION
        + '<CredentialsInfo Href="https://em:9398/api/backupServers/00000000-0000-0000-0000-0000000000a1/credentials/00000000-0000-0000-0000-000000000007"'
        + f' Type="Credentials"{NS}><Links><Link Href="https://em:9398/api/backupServers/00000000-0000-0000-0000-0000000000a1?format=Entity" Name="vbr01"'
        + ' Type="BackupServer" Rel="Up" /></Links><Id>00000000-0000-0000-0000-000000000007</Id><Username>EXAMPLE\\svc</Username><Description /><Password />'
        + "</CredentialsInfo>"
    )


def test_what_lies_in_the_hierarchy_has_no_address() -> None:
    assert answers.collection([ITEM], SPECS["HierarchyItem"], ctx(), False, True).decode() == (
        DECLARATION + f'<HierarchyItems{NS}><HierarchyItem Type="HierarchyItem"><ObjectRef>urn:VMware:Vm:b1.vm-7</ObjectRef><ObjectType>Vm</ObjectType>'
        "<ObjectName>srv-01</ObjectName></HierarchyItem></HierarchyItems>"
    )


def test_what_a_test_leaves_out_is_missing_in_both_formats() -> None:
    context = ctx(Repository={"Kind", "Name"})
    assert entity(REPOSITORY, True, context).startswith('{"Capacity":900,"FreeSpace":400,"UID":')
    xml = entity(REPOSITORY, False, context)
    assert "<Kind>" not in xml and ' Type="Repository" UID="urn' in xml and "<FreeSpace>400</FreeSpace></Repository>" in xml
