# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is read of an estate to tell who is protected: held against what the estate file says and what the simulator holds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone
from typing import Any

import pytest
from rig_em import RigEm

from _api import protection
from _api.errors import OptionError, ServerError
from _api.machines import COMPUTER, PROTECTED, UNKNOWN, UNPROTECTED
from _api.protection import Scope, read_machines

DAY_US = 86_400_000_000
# Of the demo estate, by hand from estates/demo.yml.
IN_NO_JOB = {"srv-test-01", "srv-test-02", "notebook-01.example.com", "notebook-02.example.com", "kiosk-01.example.com"}
IN_A_JOB_THAT_IS_OFF = {"сервер-01", "branch-01.example.com"}
IN_A_FOLDER_OF_A_JOB = {"srv-web-01", "srv-web-02"}
LEFT_OUT_OF_THE_FOLDER = "srv-web-03"
NAMED_BY_JOBS = {"srv-sql-01", "srv-sql-02", "srv-sql-03", "srv-sql-04", "srv-file-01", "srv-file-02", "srv-dc-01", "srv-dc-02", "srv-ex-01", "srv-ex-11"}
AGENTS_IN_JOBS = {f"srv-phys-0{number}.example.com" for number in (1, 2, 3)} | {"web-linux-01.example.com", "db-linux-01.example.com"}


def found(em: RigEm, username: str = "admin", scope: Scope | None = None, **changes: Any) -> dict[str, dict[str, Any]]:
    with em.session(username, **changes) as session:
        records = [machine.as_record() for machine in read_machines(session, scope or Scope())]
    by_name = {record["machine_name"]: record for record in records}
    assert len(by_name) == len(records)
    return by_name


def called(records: dict[str, dict[str, Any]], protection_word: str) -> set[str]:
    return {name for name, record in records.items() if record["protection"] == protection_word}


def put_away(em: RigEm) -> None:
    """Nothing was written, and every log-on session is closed."""
    counters = em.rig.installation.counters({})
    assert (counters["writes"], counters["open_sessions"], counters["logons"]) == (0, 0, counters["logouts"])


def test_who_is_protected_in_the_demo() -> None:
    em = RigEm()
    records = found(em)
    assert called(records, UNPROTECTED) == IN_NO_JOB | IN_A_JOB_THAT_IS_OFF
    assert LEFT_OUT_OF_THE_FOLDER in called(records, UNKNOWN)
    assert called(records, PROTECTED) >= NAMED_BY_JOBS | IN_A_FOLDER_OF_A_JOB | AGENTS_IN_JOBS
    assert em.warnings == []


def test_what_is_told_of_a_machine_in_the_demo() -> None:
    records = found(RigEm())
    sql, dc, computer = records["srv-sql-02"], records["srv-dc-01"], records["srv-phys-03.example.com"]
    assert sql["jobs"] == ["Copy to DR", "Mirror SQL", "SQL Server Backup"]
    assert sql["repositories"] == ["Backup Volume 01", "DR Volume"]
    assert (sql["last_result"], sql["platform"], sql["backup_servers"]) == ("Failed", "VMware", ["vbr01.example.com"])
    assert "Failed to create the snapshot" in sql["last_reason"]
    assert sql["uids"][0].startswith("urn:VMware:Vm:")
    assert (dc["newest_restore_point"] or "").startswith("2026-11-20T14:00")  # the replica of 6.1 hours ago
    assert (computer["machine_kind"], computer["ip_address"], computer["last_result"]) == (COMPUTER, "192.0.2.33", "Warning")
    assert not {name for name in records if name.startswith(("\\\\", "nfs01"))}, "file shares are no machines"


def test_a_result_of_a_copy_does_not_hide_that_of_the_backup() -> None:
    """The mirror of srv-sql-01 ran after the backup; the failed backup of srv-sql-02 is followed by nothing but the copy."""
    assert found(RigEm())["srv-sql-01"]["last_run_time"].startswith("2026-11-20T17:30")


def test_containers_that_nobody_looks_into_leave_machines_in_doubt_and_never_in_one_of_the_two() -> None:
    em = RigEm()
    em.rig.installation.change_settings({"lookup_goes_down": False})
    records = found(em)
    in_doubt = IN_A_FOLDER_OF_A_JOB | {LEFT_OUT_OF_THE_FOLDER, "srv-test-01", "srv-test-02"}
    assert in_doubt <= called(records, UNKNOWN)
    assert called(records, PROTECTED) >= NAMED_BY_JOBS
    assert "сервер-01" in called(records, UNPROTECTED), "no container of its host is closed"


def test_a_weak_role_is_told_once_what_it_may_not_see_and_nothing_counts_as_unprotected() -> None:
    em = RigEm()
    records = found(em, "operator")
    (warning,) = em.warnings
    assert warning.startswith("The account may not read ") and "hierarchy items" in warning and "agent jobs" in warning and "Portal Administrator" in warning
    assert called(records, UNPROTECTED) == set()
    assert called(records, PROTECTED) >= NAMED_BY_JOBS


def test_without_hierarchies_machines_in_no_job_are_not_known() -> None:
    em = RigEm()
    records = found(em, scope=Scope(hierarchy=False))
    assert "srv-test-01" not in records
    assert "сервер-01" in called(records, UNKNOWN)
    assert sum(path == "/lookup" for path in em.asked) <= 5, "containers alone"


def test_one_host_alone_and_a_host_that_is_not_there() -> None:
    em = RigEm()
    records = found(em, scope=Scope(hierarchy_hosts=("VCENTER-vbr01.example.com",)))
    assert "srv-test-01" in called(records, UNPROTECTED)
    with pytest.raises(OptionError, match=r"vcenter-x.*Known hosts: .*vcenter-vbr01"):
        found(em, scope=Scope(hierarchy_hosts=("vcenter-x",)))


def test_one_backup_server_alone() -> None:
    records = found(RigEm(), scope=Scope(backup_servers=("vbr02.example.com",)))
    assert {"srv-ex-11", "сервер-01"} <= set(records) and not set(records) & {"srv-ex-01", "srv-sql-01"}
    assert {server for record in records.values() for server in record["backup_servers"]} == {"vbr02.example.com"}


def test_neither_agents_nor_replicas() -> None:
    records = found(RigEm(), scope=Scope(agents=False, replicas=False))
    assert not [record for record in records.values() if record["machine_kind"] == COMPUTER] and not set(records) & AGENTS_IN_JOBS
    assert records["srv-dc-01"]["newest_restore_point"] is None and records["srv-dc-01"]["last_result"] is None


@pytest.mark.parametrize(("profile", "wire_format"), [("12", "xml"), ("13", "json"), ("9.5u4", "json")])
def test_every_generation_and_format_tells_the_same(profile: str, wire_format: str) -> None:
    """The oldest sends no references in task sessions and knows no CDP, so that names and what is left have to do."""
    left_out = ("newest_restore_point", "last_run_time", *(("jobs", "protection", "point_expected") if profile == "9.5u4" else ()))
    wanted, told = found(RigEm()), found(RigEm(profile), wire_format=wire_format)
    assert {name: _without(record, left_out) for name, record in told.items()} == {name: _without(record, left_out) for name, record in wanted.items()}


def _without(record: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name not in names}


# -- many machines ------------------------------------------------------------------------------------------


def generated(machines: int = 300) -> RigEm:
    return RigEm(generate=11, machines=machines, restore_points=machines * 8, task_sessions=machines * 8)


def newest_by_hand(em: RigEm) -> dict[str, datetime]:
    """Return the newest point of each virtual machine within a week, straight from what the simulator holds, by reference."""
    world = em.rig.installation.world
    end = em.rig.installation.world.stamp()
    newest: dict[str, int] = {}
    for row in world.table("VmRestorePoint").rows():
        uid = row.values["HierarchyObjRef"]
        if row.stamp_us >= end - 7 * DAY_US:
            newest[uid] = max(newest.get(uid, 0), row.stamp_us)
    return {uid: datetime.fromtimestamp(stamp / 1_000_000, timezone.utc) for uid, stamp in newest.items()}


@pytest.mark.parametrize("page_size", [40, 1000])
def test_the_newest_point_of_every_machine_is_found_however_many_pages_that_takes(monkeypatch: pytest.MonkeyPatch, page_size: int) -> None:
    em = generated()
    monkeypatch.setattr(protection, "PAGE_SIZE", page_size)
    records = found(em, scope=Scope(replicas=False))
    told = {record["uids"][0]: record["newest_restore_point"] for record in records.values() if record["machine_kind"] != COMPUTER}
    by_hand = newest_by_hand(em)
    assert set(by_hand) <= set(told) and len(by_hand) > 200
    assert {uid for uid, time in told.items() if time} == set(by_hand)
    for uid, moment in by_hand.items():
        assert abs((datetime.fromisoformat(told[uid].replace("Z", "+00:00")[:19] + "+00:00") - moment).total_seconds()) <= 1


def test_reading_until_all_are_met_tells_what_reading_everything_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protection, "PAGE_SIZE", 150)
    em, whole = generated(600), generated(600)
    some, every = found(em), found(whole, scope=Scope(orphans=True))
    assert set(some) <= set(every)
    told = ("newest_restore_point", "last_run_time", "last_result", "protection")
    assert {name: [record[key] for key in told] for name, record in some.items()} == {name: [every[name][key] for key in told] for name in some}
    assert len(em.asked) < 0.7 * len(whole.asked), "the last machines are asked for by name"
    assert any("VmDisplayName" in parameters.get("filter", "") for _method, _path, parameters in em.requests)


def test_requests_do_not_grow_with_machines_but_with_pages() -> None:
    few, many = generated(60), generated(600)
    found(few)
    found(many)
    # Ten times the machines: some pages more, hosts and containers aside.
    assert len(many.asked) - len(few.asked) <= 25
    put_away(few)
    put_away(many)


# -- when it fails ------------------------------------------------------------------------------------------


def test_half_an_answer_is_none() -> None:
    em = RigEm()
    with em.session() as session:
        genuine = session.get

        def get(path: str, parameters: Any = None, roles: Any = ()) -> Any:
            if (parameters or {}).get("type") == "VmRestorePoint":
                raise ServerError("It broke.", status=500)
            return genuine(path, parameters, roles)

        session.get = get  # type: ignore[method-assign]
        with pytest.raises(ServerError, match="It broke"):
            read_machines(session, Scope())
    put_away(em)


@pytest.mark.parametrize("days", [0, -1, 100_000, float("nan")])
def test_a_time_to_look_back_that_makes_no_sense_is_refused_before_anything_is_sent(days: float) -> None:
    em = RigEm()
    with em.session() as session, pytest.raises(OptionError, match="lookback_days"):
        read_machines(session, Scope(lookback_days=days))
    assert em.requests == []
