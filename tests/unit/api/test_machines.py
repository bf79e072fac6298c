# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is the same machine, who is protected, what is too old, and what hosts are called: judgement alone, nothing is read."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from _api import machines
from _api.machines import COMPUTER, PROTECTED, UNKNOWN, UNPROTECTED, VIRTUAL_MACHINE, Job, Machine, Machines

ROOT_A, ROOT_B = "0d9e8f76-5432-410f-8edc-ba98765a4b3c", "1e0f9a87-6543-4210-9fed-cba98765b4c3"
KNOWN = {VIRTUAL_MACHINE: True, COMPUTER: True}
NOW = datetime(2026, 11, 20, 20, 0, tzinfo=timezone.utc)


def root(identity: str, unique_id: str | None) -> dict[str, Any]:
    return {"id": identity, "unique_id": unique_id, "name": "vc"}


def ref(root_id: str, identity: str, platform: str = "VMware") -> str:
    return f"urn:{platform}:Vm:{root_id}.{identity}"


# -- the same machine ---------------------------------------------------------------------------------------


def test_a_host_on_two_backup_servers_has_each_machine_once() -> None:
    found = Machines([root(ROOT_A, "VC-UNIQUE"), root(ROOT_B, "vc-unique")])
    first = found.add(ref(ROOT_A, "vm-1"), "srv", "vbr01")
    assert found.add(ref(ROOT_B, "vm-1"), "srv", "vbr02") is first
    assert found.add(ref(ROOT_B, "vm-2"), "srv", "vbr02") is not first
    assert (first.uids, first.servers) == ({ref(ROOT_A, "vm-1"), ref(ROOT_B, "vm-1")}, {"vbr01", "vbr02"})


@pytest.mark.parametrize("unique_ids", [("ONE", "OTHER"), (None, None), ("", "")])
def test_hosts_of_other_unique_ids_or_none_stay_apart(unique_ids: tuple[str | None, str | None]) -> None:
    found = Machines([root(ROOT_A, unique_ids[0]), root(ROOT_B, unique_ids[1])])
    assert found.add(ref(ROOT_A, "vm-1"), "srv", "vbr01") is not found.add(ref(ROOT_B, "vm-1"), "srv", "vbr02")


def test_a_reference_may_hold_the_unique_id_in_place_of_that_of_the_root() -> None:
    found = Machines([root(ROOT_A, "3F1C2B5A-7D6E-4F80-9A1B-2C3D4E5F6071")])
    machine = found.add(ref(ROOT_A, "vm-1"), "srv", "vbr01")
    assert found.find(ref("3f1c2b5a-7d6e-4f80-9a1b-2c3d4e5f6071", "VM-1"), None, "") is machine


def test_a_machine_without_reference_is_found_by_a_name_that_only_it_has() -> None:
    found = Machines([])
    machine = found.add(ref(ROOT_A, "vm-1"), "srv-01", "vbr01")
    assert found.find(None, "SRV-01", "vbr01") is machine
    assert found.find(None, "srv-01", "vbr02") is None
    found.add(ref(ROOT_A, "vm-2"), "srv-01", "vbr01")
    assert found.find(None, "srv-01", "vbr01") is None


def test_a_virtual_machine_that_moved_is_not_taken_for_its_namesake() -> None:
    found = Machines([])
    found.add(ref(ROOT_A, "vm-1"), "srv-01", "vbr01")
    assert found.find(ref(ROOT_A, "vm-9"), "srv-01", "vbr01") is None


def test_a_computer_goes_by_its_name_with_domain_and_without() -> None:
    found = Machines([])
    computer = found.add("urn:AgentForWindows:VeeamAgent:0-0.4b5e", "srv-01.example.com", "vbr01", COMPUTER)
    virtual = found.add(ref(ROOT_A, "vm-1"), "srv-01", "vbr01")
    assert found.find(None, "srv-01", "vbr01", COMPUTER) is computer
    assert found.find(None, "SRV-01.example.com", "vbr01", COMPUTER) is computer
    assert found.find(None, "srv-01.example.net", "vbr01", COMPUTER) is computer
    assert found.find(None, "srv-01", "vbr01") is virtual
    found.add("urn:AgentForWindows:VeeamAgent:0-0.5c6f", "srv-01.example.org", "vbr01", COMPUTER)
    assert found.find(None, "srv-01", "vbr01", COMPUTER) is None
    assert found.find(None, "srv-01.example.com", "vbr01", COMPUTER) is computer


# -- who is protected ---------------------------------------------------------------------------------------


def a_machine(seen: bool = True, processed: bool = False, kind: str = VIRTUAL_MACHINE) -> Machine:
    machine = Machine("srv", kind, seen=seen, roots={"vc"}, servers={"vbr01"})
    machine.last_result = "Success" if processed else None
    return machine


def a_job(enabled: bool = True, kind: str = "Backup", **held: Any) -> Job:
    return Job("Job", "1", kind, "vbr01", enabled, **held)


CASES = {
    "named by an enabled job": (a_machine(), lambda it: [a_job(machines={it})], PROTECTED),
    "named by a job that is switched off": (a_machine(), lambda it: [a_job(False, machines={it})], UNPROTECTED),
    "in no job": (a_machine(), lambda it: [a_job()], UNPROTECTED),
    "in no job and not seen": (a_machine(seen=False), lambda it: [a_job()], UNKNOWN),
    "only copied": (a_machine(), lambda it: [a_job(kind="BackupCopy", machines={it})], UNPROTECTED),
    "replicated": (a_machine(), lambda it: [a_job(kind="Replica", machines={it})], PROTECTED),
    "in a container and processed": (a_machine(processed=True), lambda it: [a_job(members={it}, ran=True)], PROTECTED),
    "in a container of a job that never ran": (a_machine(), lambda it: [a_job(members={it})], PROTECTED),
    "in a container, the job ran and left it out": (a_machine(), lambda it: [a_job(members={it}, ran=True)], UNKNOWN),
    "left out of one job and named by another": (a_machine(), lambda it: [a_job(members={it}, ran=True), a_job(machines={it})], PROTECTED),
    "a closed container on its host": (a_machine(), lambda it: [a_job(closed_roots={"vc"})], UNKNOWN),
    "a closed container on another host": (a_machine(), lambda it: [a_job(closed_roots={"other"})], UNPROTECTED),
    "a closed container in a job that is switched off": (a_machine(), lambda it: [a_job(False, closed_roots={"vc"})], UNPROTECTED),
    "a closed container, and named by another job": (a_machine(), lambda it: [a_job(closed_roots={"vc"}), a_job(machines={it})], PROTECTED),
    "something unnamed in a job of its server": (a_machine(), lambda it: [a_job(closed_servers={"vbr01"})], UNKNOWN),
}


@pytest.mark.parametrize("case", CASES)
def test_protection(case: str) -> None:
    machine, jobs_with, wanted = CASES[case]
    machines.judge([machine], jobs_with(machine), KNOWN)
    assert machine.protection == wanted


def test_nothing_is_unprotected_where_jobs_are_withheld() -> None:
    virtual, computer = a_machine(), a_machine(kind=COMPUTER)
    machines.judge([virtual, computer], [], {VIRTUAL_MACHINE: True, COMPUTER: False})
    assert (virtual.protection, computer.protection) == (UNPROTECTED, UNKNOWN)


def test_a_copy_holds_what_the_jobs_hold_that_it_reads_and_reading_in_a_circle_ends() -> None:
    machine = a_machine()
    source = Job("Source", "1", "Backup", "vbr01", True, machines={machine})
    copy = Job("Copy", "2", "ImmediateBackupCopy", "vbr01", True, sources={"1", "3"})
    second = Job("Second copy", "3", "ImmediateBackupCopy", "vbr01", True, sources={"2", "unknown"})
    machines.judge([machine], [source, copy, second], KNOWN)
    assert machine.jobs == {"Source", "Copy", "Second copy"}


@pytest.mark.parametrize(
    ("job", "expected"), [(a_job(), True), (a_job(False), True), (a_job(kind="BackupCopy"), False), (a_job(kind="CdpReplica", makes_points=False), False)]
)
def test_who_ought_to_have_a_restore_point(job: Job, expected: bool) -> None:
    machine = a_machine()
    machines.judge([machine], [Job(job.name, job.id, job.type, job.server, job.enabled, job.makes_points, machines={machine})], KNOWN)
    assert machine.point_expected is expected


# -- newest of all ------------------------------------------------------------------------------------------


def test_the_newest_point_and_run_count_in_whatever_order_they_come() -> None:
    machine = a_machine()
    for time in ("2026-11-20T19:00:07Z", "2026-11-20T19:00:07.5Z", "2026-11-19T23:00:00Z"):
        machine.take_point(time)
    runs = [("2026-11-20T19:00:07Z", "Failed"), ("2026-11-20T19:00:07.25Z", "Warning"), ("2026-11-20T19:00:07Z", "Success")]
    newest = [machine.take_run({"creation_time": time, "result": result, "reason": result}) for time, result in runs]
    assert machine.newest_restore_point == "2026-11-20T19:00:07.5Z"
    assert (newest, machine.last_result, machine.last_reason) == ([True, True, False], "Warning", "Warning")


# -- ages and limits ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("time", "hours"),
    [(None, None), ("2026-11-20T20:00:00Z", 0.0), ("2026-11-20T18:30:00.5Z", 1.5), ("2026-11-13T20:00:00.123456Z", 168.0), ("2026-11-20T20:05:00Z", 0.0)],
)
def test_age(time: str | None, hours: float | None) -> None:
    assert machines.age_in_hours(time, NOW) == hours


@pytest.mark.parametrize(
    ("jobs", "general", "by_job", "limit"),
    [
        (["SQL Backup"], 26.0, {}, 26.0),
        (["SQL Backup"], None, {}, None),
        (["SQL Backup"], 26.0, {"sql *": 4.0}, 4.0),
        (["SQL Backup", "SQL Archive"], 26.0, {"sql *": 4.0, "*archive": 192.0}, 4.0),
        (["Archive"], 26.0, {"sql *": 4.0, "*ARCHIVE": 192.0}, 192.0),
        ([], 26.0, {"*": 1.0}, 26.0),
    ],
)
def test_the_strictest_limit_of_a_job_goes_before_the_general_one(
    jobs: list[str], general: float | None, by_job: dict[str, float], limit: float | None
) -> None:
    assert machines.limit_in_hours(jobs, general, by_job) == limit


@pytest.mark.parametrize(
    ("age", "limit", "expected", "breached"),
    [(25.0, 26.0, True, False), (26.0, 26.0, True, False), (26.01, 26.0, True, True), (26.01, 26.0, False, True)]
    + [(None, 26.0, True, True), (None, 26.0, False, False), (None, None, True, False), (99.0, None, True, False)],
)
def test_breached(age: float | None, limit: float | None, expected: bool, breached: bool) -> None:
    assert machines.is_breached({"point_expected": expected}, age, limit) is breached


# -- names --------------------------------------------------------------------------------------------------


def a_record(name: str, server: str = "vbr01.example.com", identity: str = "vm-1") -> dict[str, Any]:
    return {"machine_name": name, "backup_servers": [server], "uids": [ref(ROOT_A, identity)]}


def test_hosts_have_the_names_of_their_machines_until_these_are_shared() -> None:
    records = [
        a_record("srv-01"),
        a_record("SRV-01", "vbr02.example.com"),
        a_record("srv-02"),
        a_record("db", identity="vm-7"),
        a_record("db", identity="vm-8"),
    ]
    shared = ["db@vbr01.example.com@vm-7", "db@vbr01.example.com@vm-8"]
    assert machines.host_names(records) == ["srv-01@vbr01.example.com", "SRV-01@vbr02.example.com", "srv-02", *shared]
    assert machines.host_names(records, qualified=True) == ["srv-01@vbr01.example.com", "SRV-01@vbr02.example.com", "srv-02@vbr01.example.com", *shared]


def test_what_would_be_a_template_or_a_pattern_is_none_in_the_name_of_a_host() -> None:
    names = ["{{ lookup('pipe', 'id') }}", "web[1:3]", "lab&<01>", "сервер 01", "", "@all", "Localhost"]
    wanted = ["_lookup_pipe_id_", "web_1_3_", "lab_01_", "сервер_01", "_", "_all", "Localhost@vbr01.example.com"]
    assert machines.host_names([a_record(name) for name in names]) == wanted


def test_names_that_become_the_same_stay_apart() -> None:
    same_after = [a_record("a:b", identity="vm:1"), a_record("a,b", identity="vm,1"), a_record("a;b", identity="vm;1")]
    assert machines.host_names(same_after) == ["a_b@vbr01.example.com@vm_1", "a_b@vbr01.example.com@vm_1_2", "a_b@vbr01.example.com@vm_1_3"]


@given(st.lists(st.tuples(st.text("ab@:,_", max_size=4) | st.text(max_size=12), st.sampled_from(["a", "vbr02"])), max_size=8))
def test_every_host_has_a_name_of_its_own_without_signs_that_mean_something(given_names: list[tuple[str, str]]) -> None:
    records = [a_record(name, server, f"vm-{number}") for number, (name, server) in enumerate(given_names)]
    for qualified in (False, True):
        names = machines.host_names(records, qualified)
        assert len({name.casefold() for name in names}) == len(records)
        assert all(re.fullmatch(r"[\w.@-]+", name) for name in names)
