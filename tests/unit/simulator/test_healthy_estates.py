# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Estates in which nobody finds a fault."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import hand_audit
import pytest
from hand_audit import judge, moment

from em_simulator.connections import loose_ends
from em_simulator.declarations import RESOURCES
from em_simulator.offline import START, Rig

pytestmark = pytest.mark.thorough

ESTATES: dict[str, dict[str, Any]] = {
    "file": {"estate": "healthy"},
    "small": {"generate": 1},
    "middle": {"generate": 2, "machines": 120},
}
# Nothing of these lies in an estate before somebody orders it.
ORDERED = ("Task", "LogonSession")
# Pages and reports that are made when they are read, and guest files.
MADE = ("FileSystemEntry", "FileSystemEntries")


def healthy(name: str, **more: Any) -> Rig:
    settings = {**ESTATES[name], **more}
    return Rig(**settings) if name == "file" else Rig(healthy=True, **settings)


@pytest.mark.parametrize("name", ESTATES)
def test_nothing_is_wrong(name: str) -> None:
    rig = healthy(name)
    assert judge(rig) == set()
    assert loose_ends(rig.installation.world) == []


@pytest.mark.parametrize("hour", [0, 3, 9, 15, 23])
def test_nothing_is_wrong_at_any_time_of_the_day(hour: int, monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2027, 3, 28, hour, 30, tzinfo=timezone.utc)
    monkeypatch.setattr(hand_audit, "START", now)
    assert judge(healthy("file", now=now)) == set()


@pytest.mark.parametrize("name", ESTATES)
def test_every_family_is_there(name: str) -> None:
    tables = healthy(name).installation.world.tables
    absent = {declared.type for declared in RESOURCES if declared.list_root and not (tables.get(declared.type) and tables[declared.type].by_id)}
    rare = {"LinkedBackupRepositoryObject"} | ({"VAppRestorePoint", "VAppReplicaPoint", "VAppCdpReplica", "VAppCdpReplicaVm"} if name != "file" else set())
    assert absent - {*ORDERED, *MADE} <= rare


def test_the_newest_runs_are_hours_old_and_the_next_ones_to_come() -> None:
    rig = healthy("file")
    rig.log_on()
    for job in rig.query("Job"):
        (newest, *_others) = rig.query(
            "ReplicaJobSession" if job["JobType"] == "Replica" else "BackupJobSession", f"JobUid==%22{job['UID']}%22", "&sortDesc=CreationTime"
        )
        age = START - moment(newest["CreationTimeUTC"])
        assert timedelta(0) < age < timedelta(hours=12)
        if job["JobType"] == "ImmediateBackupCopy":
            assert job["NextRun"] is None
        else:
            assert timedelta(0) <= moment(newest["CreationTimeUTC"]) + timedelta(days=1) - moment(job["NextRun"]) < timedelta(seconds=1)


@pytest.mark.parametrize("profile", ["9.5u4", "12", "13"])
@pytest.mark.parametrize("name", ["file", "small"])
def test_whatever_has_a_build_has_that_of_its_server(name: str, profile: str) -> None:
    rig = healthy(name, profile=profile)
    rig.log_on()
    builds = {element.findtext("{*}Version") for path in ("/backupServers", "/wanAccelerators") for element in rig.xml(path, "format=Entity")}
    assert builds == {rig.installation.service.profile.product_version}


def test_the_same_seed_gives_the_same_estate() -> None:
    def names(seed: int) -> list[Any]:
        rig = Rig(generate=seed, healthy=True)
        rig.log_on()
        return [rig.json(path, "format=Entity") for path in ("/jobs", "/backupSessions", "/vmRestorePoints", "/repositories")]

    assert names(5) == names(5) != names(6)


def test_an_estate_has_at_least_the_size_that_was_asked_for() -> None:
    rows = Rig(generate=1, healthy=True, machines=100, restore_points=1500, task_sessions=1200).installation.state({})["rows"]
    assert 1200 <= rows["BackupTaskSession"] < 1500
    assert 1500 <= rows["VmRestorePoint"] < 1600
    assert sum(name.startswith("ReplicaTask") for name in rows) == 1


def test_an_estate_that_is_told_nothing_keeps_enough_points_of_every_machine() -> None:
    rows = Rig(generate=1, healthy=True, machines=30).installation.state({})["rows"]
    assert rows["VmRestorePoint"] == 30 * 2 * 20


def test_the_estate_stays_healthy_after_a_run() -> None:
    rig = healthy("file")
    rig.log_on()
    rig.call("POST", f"/jobs/{rig.job_id('SQL Server Backup')}", "action=start")
    rig.wait(120)
    # A run of six seconds is an odd one.
    assert {fault for fault, _name in judge(rig)} <= {"took long", "odd size"}
