# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bytes written by hand become the records written beside them, in every form a server uses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from _api import wire
from _api.entities._model import Resource
from _api.entities.registry import RESOURCES
from _api.errors import BodyError

FIXTURES = Path(__file__).parents[2] / "fixtures" / "wire"
FORMS = ("v95u4.json", "v12.json", "v13.json", "xml")
BY_PLURAL = {resource.plural: resource for resource in RESOURCES}
API = "https://em.example.org:9398/api"
NORTH_GUID, SOUTH_GUID = "5e6f0000-0000-4000-8000-00000000000a", "5e6f0000-0000-4000-8000-00000000000b"


def reference(kind: str, guid: str, name: str) -> dict[str, Any]:
    """Return a reference as a record holds it."""
    return {"id": guid, "uid": f"urn:veeam:{kind}:{guid}", "name": name, "type": kind}


NORTH = reference("BackupServer", NORTH_GUID, "vbr-north.example.org")
SOUTH = reference("BackupServer", SOUTH_GUID, "vbr-south.example.org")
MAIL_RUN, NIGHT_RUN = "0a1b2c3d-0000-4000-8000-000000000001", "0a1b2c3d-0000-4000-8000-000000000002"
MAIL_JOB, NIGHT_JOB, DR_JOB = (f"70b00000-0000-4000-8000-00000000000{number}" for number in (1, 2, 3))
ON_NORTH = {"backup_server": NORTH, "backup_server_uid": NORTH["uid"], "backup_server_name": NORTH["name"]}
ON_SOUTH = {"backup_server": SOUTH, "backup_server_uid": SOUTH["uid"], "backup_server_name": SOUTH["name"]}


def framed(kind: str, path: str, guid: str, name: str, **rest: Any) -> dict[str, Any]:
    """Return a record with the keys that every record begins with."""
    frame = {"id": guid, "uid": f"urn:veeam:{kind}:{guid}", "name": name, "type": kind, "href": f"{API}/{path}/{guid}?format=Entity"}
    return {**frame, **rest}


BACKUP_SESSIONS = [
    framed(
        "BackupJobSession",
        "backupSessions",
        MAIL_RUN,
        "Mail & Files <daily>@2026-11-19 21:00:04",
        job_uid=f"urn:veeam:Job:{MAIL_JOB}",
        job_name="Mail & Files <daily>",
        job_type="Backup",
        creation_time="2026-11-19T21:00:04.7Z",
        end_time="2026-11-19T21:17:40Z",
        state="Stopped",
        result="Failed",
        progress=100,
        failure_message='Nothing could be processed; see "Details"',
        is_retry=True,
        job=reference("Job", MAIL_JOB, "Mail & Files <daily>"),
        restore_points=[reference("RestorePoint", "9e570000-0000-4000-8000-000000000001", "Nov 19 2026  9:00PM")],
        **ON_NORTH,
    ),
    framed(
        "BackupJobSession",
        "backupSessions",
        NIGHT_RUN,
        "Ночной архив@2026-11-20 01:30:00.400012",
        job_uid=f"urn:veeam:Job:{NIGHT_JOB}",
        job_name="Ночной архив",
        job_type="ImmediateBackupCopy",
        creation_time="2026-11-20T01:30:00.400012Z",
        end_time=None,
        state="Working",
        result="None",
        progress=0,
        failure_message=None,
        is_retry=False,
        job=reference("Job", NIGHT_JOB, "Ночной архив"),
        restore_points=[],
        **ON_SOUTH,
    ),
]
BACKUP_TASK_SESSIONS = [
    framed(
        "BackupTaskSession",
        "backupTaskSessions",
        "7a5c0000-0000-4000-8000-000000000001",
        'mail "01" 🐘@2026-11-19 21:01:00',
        vm_display_name='mail "01" 🐘',
        job_session_uid=f"urn:veeam:BackupJobSession:{MAIL_RUN}",
        creation_time="2026-11-19T21:01:00.0000001Z",
        end_time="2026-11-19T21:05:59.12Z",
        state="Completed",
        result="Success",
        reason="",
        total_size=107355303936,
        vm_uid="urn:VMware:Vm:4c3b2a19-0000-4000-8000-0000000000aa.vm-1036",
        job_session=reference("BackupJobSession", MAIL_RUN, "Mail & Files <daily>@2026-11-19 21:00:04"),
        restore_point=reference("VmRestorePoint", "4e570000-0000-4000-8000-000000000001", 'mail "01"@2026-11-19 21:01:00'),
        **ON_NORTH,
    )
]
REPLICA_SESSIONS = [
    framed(
        "ReplicaJobSession",
        "replicaSessions",
        "4e910000-0000-4000-8000-000000000001",
        "DR\\Site; two, (hot)@2026-11-20 02:00:00",
        job_uid=f"urn:veeam:Job:{DR_JOB}",
        job_name="DR\\Site; two, (hot)",
        job_type="Replica",
        creation_time="2026-11-20T02:00:00Z",
        end_time="2026-11-20T02:44:01.123456Z",
        state="Stopped",
        result="Warning",
        progress=100,
        failure_message=None,
        is_retry=False,
        job=reference("Job", DR_JOB, "DR\\Site; two, (hot)"),
        **ON_NORTH,
    )
]
RESTORE_SESSIONS = [
    framed(
        "RestoreSession",
        "restoreSessions",
        "4e570000-0000-4000-8000-000000000009",
        "FLR_[fs 02]@2026-11-18 09:59:18",
        vm_display_name="fs 02",
        job_type="FileLevelRestore",
        creation_time="2026-11-18T09:59:18.05Z",
        end_time=None,
        state="Working",
        result="None",
        progress=0,
        failure_message=None,
        restored_obj_ref="urn:VMware:Vm:4c3b2a19-0000-4000-8000-0000000000aa.vm-77",
        restore_point=reference("VmRestorePoint", "4e570000-0000-4000-8000-000000000002", "fs 02@2026-11-18 01:00:00"),
        **ON_SOUTH,
    )
]
BACKUP_SERVERS = [
    framed(
        "BackupServer",
        "backupServers",
        NORTH_GUID,
        "vbr-north.example.org",
        description="",
        port=9392,
        version="12.3.1.1139",
        wcf_port=None,
        vbr_certificate_thumbprint=None,
    ),
    framed(
        "BackupServer",
        "backupServers",
        SOUTH_GUID,
        " vbr south ",
        description=" second site ",
        port=443,
        version="13.0.1.180",
        wcf_port=None,
        vbr_certificate_thumbprint=None,
    ),
]


def task(number: int, state: str, operation: str, result: tuple[bool, str, bool | None] | None, related: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the record of a task; the result is success, message, credentials needed."""
    outcome = result and {"success": result[0], "message": result[1], "credentials_needed": result[2], "confirmation_needed": None}
    identity = f"task-{number}"
    frame = {"id": identity, "uid": None, "name": None, "type": "Task", "href": f"{API}/tasks/{identity}"}
    return {**frame, "task_id": identity, "state": state, "operation": operation, "result": outcome, "related": related}


TASKS = [
    task(1, "Running", "StartJob", None, []),
    task(2, "OperationFinished", "StartJob", (True, "OperationFinished", None), []),
    task(3, "Finished", "StartJobSync", (True, "Ok", None), [reference("BackupJobSession", NIGHT_RUN, "Ночной архив@2026-11-20 01:30:00.400012")]),
    task(4, "Finished", "RetryJob", (False, "Access to <srv> was denied", True), []),
]
SCHEDULE = {
    "retry_options": {"retry_times": 3, "retry_timeout": 10, "retry_specified": True},
    "wait_for_backup_completion": False,
    "backup_competition_waiting_period_min": 180,
    "options_daily": {"enabled": True, "kind": "SelectedDays", "days": ["Monday", "Friday"], "time": "22:30:00", "time_offset_utc": 2},
    "options_monthly": {
        "enabled": False,
        "time": "01:15:00",
        "time_offset_utc": 2,
        "day_number_in_month": "Last",
        "day_of_week": "Sunday",
        "months": ["May"],
        "day_of_month": None,
    },
    "options_periodically": {"enabled": False, "kind": "Hours", "full_period": 1, "schedule": [{"name": "Sunday", "value": "1" * 22 + "00"}]},
    "options_continuous": {"enabled": False, "schedule": []},
    "options_backup_window": None,
    "options_daisy_chaining": None,
}
GUEST_PARTS = (
    "vss_snapshot_options",
    "windows_guest_fs_indexing_options",
    "linux_guest_fs_indexing_options",
    "sql_backup_options",
    "windows_credentials_id",
    "linux_credentials_id",
    "fs_file_exclude_options",
    "oracle_backup_options",
)
INCLUDED = {
    "object_in_job_id": "0b1ec700-0000-4000-8000-000000000001",
    "hierarchy_obj_ref": "urn:VMware:Vm:4c3b2a19-0000-4000-8000-0000000000aa.vm-1036",
    "name": 'mail "01"',
    "display_name": 'mail "01"',
    "order": 0,
    "guest_processing_options": {
        **dict.fromkeys(GUEST_PARTS),
        "fs_file_exclude_options": {"backup_scope": 1, "include_list": [], "exclude_list": ["C:\\Temp"]},
    },
}
JOBS = [
    framed(
        "Job",
        "jobs",
        MAIL_JOB,
        "Mail & Files <daily>",
        job_type="Backup",
        platform="VMware",
        description="It's the owner's",
        next_run="2026-11-21T21:00:00Z",
        schedule_configured=True,
        schedule_enabled=False,
        job_schedule_options={"standard": SCHEDULE, "immediate_copy_mode": None},
        job_info={
            "backup_job_info": {
                "includes": [INCLUDED],
                "guest_processing_options": None,
                "advanced_storage_options": {"password_key_id": ""},
                "gfs_retention_policy": None,
                "simple_retention_policy": {"retain_cycles": 14, "retain_days_to_keep": None, "retain_limit_type": "Cycles"},
            },
            "replica_job_info": None,
            "backup_copy_job_info": None,
            "immediate_backup_copy_job_info": None,
        },
        **ON_NORTH,
    )
]
EXPECTED = {
    "backup_sessions": BACKUP_SESSIONS,
    "backup_task_sessions": BACKUP_TASK_SESSIONS,
    "replica_sessions": REPLICA_SESSIONS,
    "replica_task_sessions": [],
    "restore_sessions": RESTORE_SESSIONS,
    "backup_servers": BACKUP_SERVERS,
    "tasks": TASKS,
    "jobs": JOBS,
}
# What one product version sends and the others do not: family, form, index of the record -> values.
VERSION_DIFFERENCES: dict[tuple[str, str], dict[int, dict[str, Any]]] = {
    ("backup_task_sessions", "v95u4.json"): {0: {"vm_uid": None}},
    ("backup_servers", "v13.json"): {1: {"wcf_port": 9405, "vbr_certificate_thumbprint": "00FF"}},
}
SINGLE_ENTITIES = ("restore_sessions", "jobs")


def read(family: str, form: str, prefix: bytes = b"") -> list[dict[str, Any]]:
    """Return the records of a fixture."""
    resource: Resource = BY_PLURAL[family]
    tree = wire.parse(prefix + (FIXTURES / f"{family}.{form}").read_bytes(), "application/xml; charset=utf-8" if form == "xml" else "application/json")
    if family in SINGLE_ENTITIES:
        return [wire.record_of(tree, resource)]
    return list(wire.records_of(wire.page_of(tree, resource), resource))


def expected(family: str, form: str) -> list[dict[str, Any]]:
    """Return the records that a fixture must become."""
    differences = VERSION_DIFFERENCES.get((family, form), {})
    return [{**record, **differences.get(index, {})} for index, record in enumerate(EXPECTED[family])]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("family", EXPECTED)
def test_a_fixture_becomes_the_record_written_beside_it(family: str, form: str) -> None:
    assert read(family, form) == expected(family, form)


@pytest.mark.parametrize("form", FORMS)
def test_a_byte_order_mark_is_dropped(form: str) -> None:
    assert read("backup_sessions", form, prefix=b"\xef\xbb\xbf") == expected("backup_sessions", form)


def test_every_fixture_is_read_in_every_form() -> None:
    assert set(EXPECTED) <= {resource.plural for resource in RESOURCES}
    assert {path.name for path in FIXTURES.iterdir()} - {"README.md"} == {f"{family}.{form}" for family in EXPECTED for form in FORMS}


@pytest.mark.parametrize("form", FORMS)
def test_raw_links_come_on_request_with_ampersands_decoded_once(form: str) -> None:
    resource = BY_PLURAL["backup_sessions"]
    page = wire.page_of(wire.parse((FIXTURES / f"backup_sessions.{form}").read_bytes(), ""), resource)
    links = next(iter(wire.records_of(page, resource, with_links=True)))["links"]
    assert links[-1] == {"rel": "Stop", "href": f"{API}/backupSessions/{MAIL_RUN}?action=stop&x=1", "name": None, "type": None}
    assert [link["rel"] for link in links] == ["Up", "Up", "Alternate", "Related", "Down", "Stop"]


@pytest.mark.parametrize("form", FORMS)
def test_a_page_says_where_it_stands(form: str) -> None:
    page = wire.page_of(wire.parse((FIXTURES / f"backup_sessions.{form}").read_bytes(), ""), BY_PLURAL["backup_sessions"])
    assert (page.number, page.size, page.count, len(page.nodes)) == (1, 100, 1, 2)
    whole = wire.page_of(wire.parse((FIXTURES / f"backup_servers.{form}").read_bytes(), ""), BY_PLURAL["backup_servers"])
    assert (whole.number, whole.count, len(whole.nodes)) == (1, 1, 2)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("family", "other"), [("backup_servers", "jobs"), ("tasks", "backup_servers"), ("replica_sessions", "tasks")])
def test_an_answer_of_another_family_is_refused(family: str, other: str, form: str) -> None:
    tree = wire.parse((FIXTURES / f"{family}.{form}").read_bytes(), "")
    with pytest.raises(BodyError, match=f"should hold {BY_PLURAL[other].list_root} and holds"):
        wire.page_of(tree, BY_PLURAL[other])
