# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands on the wire, byte by byte. The expectations are written by hand from the notes on real servers, not derived."""

from __future__ import annotations

import json
from typing import Any

import pytest

from em_simulator import answers
from em_simulator.clock import SECOND_US
from em_simulator.model import Account, Job, JobSession, Logon, Machine, Server, Task, TaskSession
from em_simulator.offline import Rig
from em_simulator.profiles import PROFILES, camel_key
from em_simulator.query import Page
from em_simulator.views import SPECS
from em_simulator.wire import Context, error_body

WHOLE = 1_795_204_807 * SECOND_US  # 2026-11-20 20:00:07 UTC
NS = ' xmlns="http://www.veeam.com/ent/v1.0" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
DECLARATION = '<?xml version="1.0" encoding="utf-8"?>'
HOST = "https://em:9398/api"

SERVER = Server("00000000-0000-0000-0000-0000000000a1", "vbr01")
MACHINE = Machine("srv-01", 64424509440, "urn:VMware:Vm:00000000-0000-0000-0000-0000000000b1.vm-7")
JOB = Job("00000000-0000-0000-0000-0000000000c1", "SQL", SERVER, machines=[MACHINE])


def ctx(profile: str) -> Context:
    return Context(PROFILES[profile], HOST)


def session(**changes: Any) -> JobSession:
    values: dict[str, Any] = {"ended_us": WHOLE + 300 * SECOND_US, "state": "Stopped", "result": "Success", "progress": 100, **changes}
    return JobSession("00000000-0000-0000-0000-0000000000d1", "BackupJobSession", JOB, WHOLE + 193_292, "Backup", **values)


def task_session(**changes: Any) -> TaskSession:
    values: dict[str, Any] = {"ended_us": WHOLE + 60 * SECOND_US + 500_000, "state": "Completed", "result": "Success", "size": 64424509440, **changes}
    return TaskSession("00000000-0000-0000-0000-0000000000e1", session(), MACHINE, WHOLE + 399_120, **values)


def single(thing: Any, kind: str, profile: str, as_json: bool, entity: bool = True) -> str:
    return answers.single(thing, SPECS[kind], ctx(profile), as_json, entity)


UP_12 = '{"Rel":"Up","Href":"https://em:9398/api/backupServers/00000000-0000-0000-0000-0000000000a1","Name":"vbr01","Type":"BackupServerReference"}'


def test_task_session_in_xml() -> None:
    assert single(task_session(), "BackupTaskSession", "12", as_json=False) == (
        DECLARATION
        + '<BackupTaskSession Href="https://em:9398/api/backupTaskSessions/00000000-0000-0000-0000-0000000000e1?format=Entity" Type="BackupTaskSession"'
        + ' Name="srv-01@2026-11-20 20:00:07" UID="urn:veeam:BackupTaskSession:00000000-0000-0000-0000-0000000000e1" VmDisplayName="srv-01"'
        + NS
        + ">"
        + '<Links><Link Href="https://em:9398/api/backupServers/00000000-0000-0000-0000-0000000000a1" Name="vbr01" Type="BackupServerReference" Rel="Up" />'
        + '<Link Href="https://em:9398/api/backupSessions/00000000-0000-0000-0000-0000000000d1" Name="SQL@2026-11-20 20:00:07"'
        + ' Type="BackupJobSessionReference" Rel="Up" />'
        + '<Link Href="https://em:9398/api/backupTaskSessions/00000000-0000-0000-0000-0000000000e1" Name="srv-01@2026-11-20 20:00:07"'
        + ' Type="BackupTaskSessionReference" Rel="Alternate" /></Links>'
        + "<JobSessionUid>urn:veeam:BackupJobSession:00000000-0000-0000-0000-0000000000d1</JobSessionUid>"
        + "<CreationTimeUTC>2026-11-20T20:00:07.399Z</CreationTimeUTC><EndTimeUTC>2026-11-20T20:01:07.5Z</EndTimeUTC>"
        + "<State>Completed</State><Result>Success</Result><Reason /><TotalSize>64424509440</TotalSize>"
        + "<VmUid>urn:VMware:Vm:00000000-0000-0000-0000-0000000000b1.vm-7</VmUid></BackupTaskSession>"
    )


def test_task_session_in_json_of_12() -> None:
    assert single(task_session(), "BackupTaskSession", "12", as_json=True) == (
        '{"JobSessionUid":"urn:veeam:BackupJobSession:00000000-0000-0000-0000-0000000000d1","CreationTimeUTC":"2026-11-20T20:00:07.399Z",'
        '"EndTimeUTC":"2026-11-20T20:01:07.5Z","State":"Completed","Result":"Success","Reason":"","TotalSize":64424509440,'
        '"VmUid":"urn:VMware:Vm:00000000-0000-0000-0000-0000000000b1.vm-7","VmDisplayName":"srv-01","Name":"srv-01@2026-11-20 20:00:07",'
        '"UID":"urn:veeam:BackupTaskSession:00000000-0000-0000-0000-0000000000e1","Links":['
        + UP_12
        + ',{"Rel":"Up","Href":"https://em:9398/api/backupSessions/00000000-0000-0000-0000-0000000000d1","Name":"SQL@2026-11-20 20:00:07",'
        '"Type":"BackupJobSessionReference"},{"Rel":"Alternate","Href":"https://em:9398/api/backupTaskSessions/00000000-0000-0000-0000-0000000000e1",'
        '"Name":"srv-01@2026-11-20 20:00:07","Type":"BackupTaskSessionReference"}],'
        '"Href":"https://em:9398/api/backupTaskSessions/00000000-0000-0000-0000-0000000000e1?format=Entity","Type":"BackupTaskSession"}'
    )


def test_task_session_in_json_of_13_has_camel_case_and_microseconds() -> None:
    point = {"point_id": "00000000-0000-0000-0000-0000000000f1", "point_us": WHOLE + 58 * SECOND_US + 450_192}
    written = single(task_session(**point), "BackupTaskSession", "13", as_json=True)
    assert written.startswith(
        '{"jobSessionUid":"urn:veeam:BackupJobSession:00000000-0000-0000-0000-0000000000d1","creationTimeUTC":"2026-11-20T20:00:07.39912Z",'
        '"endTimeUTC":"2026-11-20T20:01:07.5Z","state":"Completed","result":"Success","reason":"","totalSize":64424509440,'
        '"vmUid":"urn:VMware:Vm:00000000-0000-0000-0000-0000000000b1.vm-7","vmDisplayName":"srv-01","name":"srv-01@2026-11-20 20:00:07.39912",'
        '"uid":"urn:veeam:BackupTaskSession:00000000-0000-0000-0000-0000000000e1","links":[{"rel":"Up",'
    )
    assert written.endswith(
        '{"rel":"Related","href":"https://em:9398/api/vmRestorePoints/00000000-0000-0000-0000-0000000000f1?format=Entity",'
        '"name":"srv-01@2026-11-20 20:01:05.450192","type":"VmRestorePoint"}],'
        '"href":"https://em:9398/api/backupTaskSessions/00000000-0000-0000-0000-0000000000e1?format=Entity","type":"BackupTaskSession"}'
    )


def test_task_session_in_json_of_95_has_no_nulls_and_no_vm_uid() -> None:
    running = task_session(state="InProgress", result="None", ended_us=None, size=0)
    written = single(running, "BackupTaskSession", "9.5u4", as_json=True)
    assert written.startswith(
        '{"JobSessionUid":"urn:veeam:BackupJobSession:00000000-0000-0000-0000-0000000000d1","CreationTimeUTC":"2026-11-20T20:00:07.399Z",'
        '"State":"InProgress","Result":"None","Reason":"","TotalSize":0,"VmDisplayName":"srv-01","Name":'
    )
    assert "null" not in written


def test_job_session_in_json_of_12_writes_null_and_begins_with_is_retry() -> None:
    point = {"point_ids": ("00000000-0000-0000-0000-0000000000f2",), "point_us": WHOLE}
    assert single(session(**point), "BackupJobSession", "12", as_json=True) == (
        '{"IsRetry":false,"JobUid":"urn:veeam:Job:00000000-0000-0000-0000-0000000000c1","JobName":"SQL","JobType":"Backup",'
        '"CreationTimeUTC":"2026-11-20T20:00:07.193Z","EndTimeUTC":"2026-11-20T20:05:07Z","State":"Stopped","Result":"Success","Progress":100,'
        '"FailureMessage":null,"Name":"SQL@2026-11-20 20:00:07","UID":"urn:veeam:BackupJobSession:00000000-0000-0000-0000-0000000000d1","Links":['
        + UP_12
        + ',{"Rel":"Up","Href":"https://em:9398/api/jobs/00000000-0000-0000-0000-0000000000c1","Name":"SQL","Type":"JobReference"},'
        '{"Rel":"Alternate","Href":"https://em:9398/api/backupSessions/00000000-0000-0000-0000-0000000000d1","Name":"SQL@2026-11-20 20:00:07",'
        '"Type":"BackupJobSessionReference"},'
        '{"Rel":"Down","Href":"https://em:9398/api/backupSessions/00000000-0000-0000-0000-0000000000d1/taskSessions","Name":null,'
        '"Type":"BackupTaskSessionReferenceList"},'
        '{"Rel":"Stop","Href":"https://em:9398/api/backupSessions/00000000-0000-0000-0000-0000000000d1?action=stop","Name":null,"Type":null},'
        '{"Rel":"Related","Href":"https://em:9398/api/restorePoints/00000000-0000-0000-0000-0000000000f2","Name":"Nov 20 2026  8:00PM",'
        '"Type":"RestorePointReference"}],'
        '"Href":"https://em:9398/api/backupSessions/00000000-0000-0000-0000-0000000000d1?format=Entity","Type":"BackupJobSession"}'
    )


def test_job_session_in_xml_leaves_out_what_is_not_set() -> None:
    running = session(state="Working", result="None", ended_us=None, progress=42, is_retry=True)
    assert single(running, "BackupJobSession", "12", as_json=False).endswith(
        '<Link Href="https://em:9398/api/backupSessions/00000000-0000-0000-0000-0000000000d1/taskSessions" Type="BackupTaskSessionReferenceList" Rel="Down" />'
        '<Link Href="https://em:9398/api/backupSessions/00000000-0000-0000-0000-0000000000d1?action=stop" Rel="Stop" /></Links>'
        "<JobUid>urn:veeam:Job:00000000-0000-0000-0000-0000000000c1</JobUid><JobName>SQL</JobName><JobType>Backup</JobType>"
        "<CreationTimeUTC>2026-11-20T20:00:07.193Z</CreationTimeUTC><State>Working</State><Result>None</Result><Progress>42</Progress>"
        "<IsRetry>true</IsRetry></BackupJobSession>"
    )


def test_reference_in_both_forms() -> None:
    links = (
        '<Links><Link Href="https://em:9398/api/backupServers/00000000-0000-0000-0000-0000000000a1" Name="vbr01" Type="BackupServerReference" Rel="Up" />'
        '<Link Href="https://em:9398/api/jobs/00000000-0000-0000-0000-0000000000c1?format=Entity" Name="SQL" Type="Job" Rel="Alternate" />'
        '<Link Href="https://em:9398/api/jobs/00000000-0000-0000-0000-0000000000c1/backupSessions" Type="BackupJobSessionReferenceList" Rel="Down" /></Links>'
    )
    head = (
        ' UID="urn:veeam:Job:00000000-0000-0000-0000-0000000000c1" Name="SQL" Href="https://em:9398/api/jobs/00000000-0000-0000-0000-0000000000c1"'
        ' Type="JobReference"'
    )
    assert single(JOB, "Job", "12", as_json=False, entity=False) == f"{DECLARATION}<EntityRef{head}{NS}>{links}</EntityRef>"
    listed = answers.collection([JOB], SPECS["Job"], ctx("12"), as_json=False, entity=False)
    assert listed.decode() == f"{DECLARATION}<EntityReferences{NS}><Ref{head}>{links}</Ref></EntityReferences>"
    assert answers.collection([JOB], SPECS["Job"], ctx("9.5u4"), as_json=True, entity=False).decode() == (
        '{"Refs":[{"Links":['
        + UP_12
        + ',{"Rel":"Alternate","Href":"https://em:9398/api/jobs/00000000-0000-0000-0000-0000000000c1?format=Entity","Name":"SQL","Type":"Job"},'
        '{"Rel":"Down","Href":"https://em:9398/api/jobs/00000000-0000-0000-0000-0000000000c1/backupSessions","Type":"BackupJobSessionReferenceList"}],'
        '"UID":"urn:veeam:Job:00000000-0000-0000-0000-0000000000c1","Name":"SQL",'
        '"Href":"https://em:9398/api/jobs/00000000-0000-0000-0000-0000000000c1","Type":"JobReference"}]}'
    )


def test_an_empty_collection() -> None:
    assert answers.collection([], SPECS["Job"], ctx("12"), as_json=False, entity=True).decode() == f"{DECLARATION}<Jobs{NS} />"
    assert answers.collection([], SPECS["Job"], ctx("12"), as_json=True, entity=True) == b'{"Jobs":[]}'
    assert answers.collection([], SPECS["NasJob"], ctx("13"), as_json=True, entity=True) == b'{"nasJobs":[]}'


def test_task_that_runs() -> None:
    task = Task("task-7", "StartJob")
    assert single(task, "Task", "12", as_json=False) == (
        f'{DECLARATION}<Task Href="https://em:9398/api/tasks/task-7" Type="Task"{NS}>'
        '<Links><Link Href="https://em:9398/api/tasks/task-7" Rel="Delete" /></Links>'
        "<TaskId>task-7</TaskId><State>Running</State><Operation>StartJob</Operation></Task>"
    )
    assert single(task, "Task", "9.5u4", as_json=True) == (
        '{"TaskId":"task-7","State":"Running","Operation":"StartJob","Links":[{"Rel":"Delete","Href":"https://em:9398/api/tasks/task-7"}],'
        '"Href":"https://em:9398/api/tasks/task-7","Type":"Task"}'
    )


def test_task_that_is_finished() -> None:
    task = Task("task-7", "StartJob", "Finished", success=True, message='Job "SQL" triggered to start.', related=session(), show_related=True)
    assert single(task, "Task", "12", as_json=False) == (
        f'{DECLARATION}<Task Href="https://em:9398/api/tasks/task-7" Type="Task"{NS}>'
        '<Links><Link Href="https://em:9398/api/tasks/task-7" Rel="Delete" />'
        '<Link Href="https://em:9398/api/backupSessions/00000000-0000-0000-0000-0000000000d1?format=Entity" Name="SQL@2026-11-20 20:00:07"'
        ' Type="BackupJobSession" Rel="Related" /></Links>'
        "<TaskId>task-7</TaskId><State>Finished</State><Operation>StartJob</Operation>"
        '<Result Success="true"><Message>Job "SQL" triggered to start.</Message></Result></Task>'
    )
    members = json.loads(single(task, "Task", "13", as_json=True))
    assert members["result"]["success"] is True
    assert members["result"]["message"] == 'Job "SQL" triggered to start.'


def test_names_are_escaped_where_they_stand() -> None:
    nasty = Job("00000000-0000-0000-0000-0000000000c2", "R&D <1> \"x\" 'y'; z, \\ Ж 🚀", SERVER, description='a < b & "c"')
    xml = single(nasty, "Job", "12", as_json=False)
    assert " Name=\"R&amp;D &lt;1&gt; &quot;x&quot; 'y'; z, \\ Ж 🚀\" " in xml
    assert '<Description>a &lt; b &amp; "c"</Description>' in xml
    assert '"Name":"R&D <1> \\"x\\" \'y\'; z, \\\\ Ж 🚀"' in single(nasty, "Job", "12", as_json=True)
    modern = single(nasty, "Job", "13", as_json=True)
    assert '"name":"R\\u0026D \\u003C1\\u003E \\"x\\" \\u0027y\\u0027; z, \\\\ \\u0416 \\ud83d\\ude80"' in modern
    assert json.loads(modern)["name"] == nasty.name


def test_schedule_of_a_job_in_both_forms() -> None:
    far = Job("00000000-0000-0000-0000-0000000000c3", "x", Server("00000000-0000-0000-0000-0000000000a2", "far", clock_offset_hours=2), start_time="21:15:00")
    xml = single(far, "Job", "12", as_json=False)
    daily = '<OptionsDaily Enabled="true"><Kind>Everyday</Kind><Days>Sunday</Days><Days>Monday</Days>'
    assert daily in xml
    assert "<Days>Saturday</Days><Time>21:15:00.0000000</Time><TimeOffsetUtc>2</TimeOffsetUtc></OptionsDaily>" in xml
    assert "<RetryOptions><RetryTimes>3</RetryTimes><RetryTimeout>10</RetryTimeout><RetrySpecified>true</RetrySpecified></RetryOptions>" in xml
    assert '<Schedule><Day Name="Sunday">1,1,1,' in xml
    schedule = json.loads(single(far, "Job", "12", as_json=True))["JobScheduleOptions"]["Standart"]
    assert schedule["OptionsDaily"]["Time"] == "2026-01-15T19:15:00Z"
    assert list(schedule["OptionsDaily"]) == ["Kind", "Days", "Time", "TimeOffsetUtc", "Enabled"]
    assert schedule["OptionsDaily"]["Days"][:2] == ["Sunday", "Monday"]
    assert schedule["RetryOptions"] == {"RetryTimes": 3, "RetryTimeout": 10, "RetrySpecified1": True}
    assert schedule["OptionsPeriodically"]["Schedule"]["Days"][0] == {"Name": "Sunday", "Value": ",".join(["1"] * 24)}


def test_backup_server_of_13_has_its_own_port_and_more_fields() -> None:
    written = single(SERVER, "BackupServer", "13", as_json=True)
    assert written.startswith('{"description":"","port":443,"version":"13.0.1.2067","wcfPort":9405,"vbrCertificateThumbprint":"')
    older = single(SERVER, "BackupServer", "12", as_json=True)
    assert older.startswith('{"Description":"","Port":9392,"Version":"12.3.0.310","Name":"vbr01","UID":"urn:veeam:BackupServer:')
    assert "<Description /><Port>9392</Port><Version>12.3.0.310</Version></BackupServer>" in single(SERVER, "BackupServer", "12", as_json=False)


def test_log_on_body() -> None:
    logon = Logon("00000000-0000-0000-0000-000000000009", Account("DOMAIN\\user", "", "Portal Administrator"), 0.0, "latest")
    assert logon.token == "MDAwMDAwMDAtMDAwMC0wMDAwLTAwMDAtMDAwMDAwMDAwMDA5"
    written = single(logon, "LogonSession", "12", as_json=True)
    assert written.startswith(
        '{"UserName":"DOMAIN\\\\user","SessionId":"00000000-0000-0000-0000-000000000009","Links":['
        '{"Rel":"Up","Href":"https://em:9398/api/","Name":null,"Type":"EnterpriseManager"},'
        '{"Rel":"Down","Href":"https://em:9398/api/backupServers","Name":null,"Type":"BackupServerReferenceList"},'
    )
    assert written.endswith(
        '{"Rel":"Delete","Href":"https://em:9398/api/logonSessions/00000000-0000-0000-0000-000000000009","Name":null,"Type":null}],'
        '"Href":"https://em:9398/api/logonSessions/00000000-0000-0000-0000-000000000009","Type":"LogonSession"}'
    )


def test_service_root_names_the_versions() -> None:
    assert answers.service_root(ctx("12"), as_json=True).startswith(
        '{"SupportedVersions":{"SupportedVersions":[{"Links":[{"Rel":"Create","Href":"https://em:9398/api/sessionMngr/?v=v1_5","Name":null,'
        '"Type":"LogonSession"}],"Name":"v1_5"},{"Links":[{"Rel":"Create","Href":"https://em:9398/api/sessionMngr/?v=v1_6"'
    )
    assert answers.service_root(ctx("12"), as_json=True).endswith(
        '{"Rel":"Create","Href":"https://em:9398/api/sessionMngr/?v=latest","Name":null,"Type":"LogonSession"}],"Href":null,"Type":null}'
    )
    assert '<SupportedVersion Name="v1_4"><Links><Link Href="https://em:9398/api/sessionMngr/?v=v1_4"' in answers.service_root(ctx("9.5u4"), as_json=False)


def test_errors_in_every_form() -> None:
    message = "Node [root] does not exist."
    legacy = error_body(400, message, as_json=True, profile=PROFILES["9.5u4"])
    assert legacy == '{"FirstChanceExceptionMessage":null,"Message":"Node [root] does not exist.","StackTrace":null,"Status":null,"StatusCode":400}'
    assert len(legacy) == 125
    modern = error_body(400, message, as_json=True, profile=PROFILES["13"])
    assert modern == '{"firstChanceExceptionMessage":null,"message":"Node [root] does not exist.","stackTrace":null,"status":null,"statusCode":400}'
    assert error_body(500, 'a "b" <c>', as_json=False, profile=PROFILES["12"]) == (
        f'{DECLARATION}<Error Message="a &quot;b&quot; &lt;c&gt;" StatusCode="500"{NS}>'
        '<FirstChanceExceptionMessage>a "b" &lt;c&gt;</FirstChanceExceptionMessage></Error>'
    )


PARAMETERS = [("type", "job"), ("filter", '(Name=="Test REST")')]


def test_query_of_references_in_xml() -> None:
    page = Page([], 1, 100, 1)
    assert answers.query_result(page, SPECS["Job"], "Entities", PARAMETERS, ctx("9.5u4"), as_json=False, entity=False) == (
        f"{DECLARATION}<QueryResult{NS}><Refs />"
        '<PagingInfo PageNum="1" PageSize="100" PagesCount="1"><Links>'
        '<Link Href="https://em:9398/api/query?type=job&amp;filter=(Name%3d%3d%22Test+REST%22)&amp;pageSize=100&amp;page=1" Rel="First" />'
        '<Link Href="https://em:9398/api/query?type=job&amp;filter=(Name%3d%3d%22Test+REST%22)&amp;pageSize=100&amp;page=1" Rel="Last" />'
        "</Links></PagingInfo></QueryResult>"
    )


def test_query_without_hits_in_json_of_95() -> None:
    parameters = [("type", "BackupJobSession"), ("format", "entities"), ("filter", 'jobname=="A b";creationtime>"2019-07-02T04:00:16Z"')]
    href = (
        "https://em:9398/api/query?type=BackupJobSession&format=entities"
        "&filter=jobname%3d%3d%22A+b%22%3bcreationtime%3e%222019-07-02T04%3a00%3a16Z%22&pageSize=100&page=1"
    )
    written = answers.query_result(Page([], 1, 100, 1), SPECS["BackupJobSession"], "Entities", parameters, ctx("9.5u4"), as_json=True, entity=True)
    assert written == (
        '{"Entities":{"BackupJobSessions":{"BackupJobSessions":[]}},"PagingInfo":{"Links":[{"Rel":"First","Href":"'
        + href
        + '"},{"Rel":"Last","Href":"'
        + href
        + '"}],"PageNum":1,"PageSize":100,"PagesCount":1}}'
    )


@pytest.mark.parametrize("profile", ["12", "13"])
def test_query_in_json_names_all_members(profile: str) -> None:
    key = PROFILES[profile].key
    written = json.loads(
        answers.query_result(
            Page([JOB], 1, 100, 1), SPECS["Job"], "Entities", [("type", "Job"), ("format", "Entities")], ctx(profile), as_json=True, entity=True
        )
    )
    assert list(written) == [key(name) for name in ("Refs", "Entities", "Resources", "Links", "PagingInfo")]
    entities = written[key("Entities")]
    assert list(entities)[:4] == [key(name) for name in ("Jobs", "FailoverPlans", "Backups", "Replicas")]
    assert [name for name, value in entities.items() if value is not None] == [key("Jobs")]
    assert len(entities) == 50
    assert {"EnterpiseRoles", "NASJobs"} <= set(entities) or {"enterpiseRoles", "nasJobs"} <= set(entities)
    assert entities[key("Jobs")][key("Jobs")][0][key("UID")] == "urn:veeam:Job:00000000-0000-0000-0000-0000000000c1"
    assert written[key("Refs")] is None


def test_page_links_keep_order_and_place_of_the_parameters_and_encode_as_13() -> None:
    parameters = [("type", "BackupJobSession"), ("sortAsc", "name"), ("pageSize", "15"), ("page", "2"), ("filter", 'JobName=="a b";State==Stopped')]
    written = answers.query_result(Page([], 2, 15, 4), SPECS["BackupJobSession"], "Entities", parameters, ctx("13"), as_json=True, entity=False)
    links = json.loads(written)["pagingInfo"]["links"]
    start = "https://em:9398/api/query?type=BackupJobSession&sortAsc=name&pageSize=15&page="
    tail = "&filter=JobName%3D%3D%22a%20b%22;State%3D%3DStopped"
    assert [(link["rel"], link["href"]) for link in links] == [
        ("First", f"{start}1{tail}"),
        ("Previous", f"{start}1{tail}"),
        ("Next", f"{start}3{tail}"),
        ("Last", f"{start}4{tail}"),
    ]


@pytest.mark.parametrize(
    ("wire", "expected"),
    [
        ("UID", "uid"),
        ("NASJobs", "nasJobs"),
        ("VAppRestorePoints", "vAppRestorePoints"),
        ("VCloudOrganizationConfigs", "vCloudOrganizationConfigs"),
        ("IsRetry", "isRetry"),
        ("CreationTimeUTC", "creationTimeUTC"),
        ("PagingInfo", "pagingInfo"),
        ("FSFileExcludeOptions", "fsFileExcludeOptions"),
        ("vAppName", "vAppName"),
    ],
)
def test_camel_case_is_the_rule_of_the_serializer(wire: str, expected: str) -> None:
    assert camel_key(wire) == expected


def test_tasks_come_in_the_envelope_of_resources(rig: Rig) -> None:
    rig.call("POST", f"/jobs/{rig.job_id('File Server Backup')}", "action=start")
    found = rig.json("/query", "type=Task&format=Entities")
    assert found["Entities"] is None
    assert [task["TaskId"] for task in found["Resources"]["Tasks"]["Tasks"]] == ["task-1"]
    xml = rig.call("GET", "/query", "type=Task", as_json=False).body.decode()
    assert "<Resources><Tasks><Task " in xml
