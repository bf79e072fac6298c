# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Estates from files and from seeds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from em_simulator.estate import estate_file
from em_simulator.offline import Rig


def snapshot(rig: Rig) -> list[object]:
    rig.log_on()
    paths = ("/jobs", "/backupSessions", "/backupTaskSessions", "/replicaTaskSessions", "/restoreSessions", "/backupServers")
    return [rig.json(path, "format=Entity") for path in paths]


def test_the_same_seed_gives_the_same_estate() -> None:
    first = snapshot(Rig(generate=7, task_sessions=200))
    assert first == snapshot(Rig(generate=7, task_sessions=200))
    assert first != snapshot(Rig(generate=8, task_sessions=200))


@pytest.mark.parametrize("wanted", [1, 37, 1000])
def test_a_generated_estate_has_the_size_that_was_asked_for(wanted: int) -> None:
    rows = Rig(generate=1, task_sessions=wanted).installation.state({})["rows"]
    assert rows["BackupTaskSession"] == wanted
    assert rows["ReplicaTaskSession"] == max(1, wanted // 20)
    assert rows["RestoreSession"] >= 1


def test_a_generated_session_is_as_bad_as_its_worst_machine() -> None:
    rig = Rig(generate=2, task_sessions=2000)
    ranks = ("Success", "Warning", "Failed")
    sessions = rig.installation.world.table("BackupJobSession").rows()
    for session in sessions:
        assert session.result == max((task.result for task in session.tasks), key=ranks.index)
        assert session.created_us <= min(task.created_us for task in session.tasks)
        assert max(task.ended_us for task in session.tasks) <= session.ended_us
    assert {session.result for session in sessions} == set(ranks)


def test_the_demo_always_has_failures_of_the_last_day() -> None:
    rig = Rig()
    rig.log_on()
    failed = rig.query("BackupJobSession", "Result==Failed;JobType==Backup;CreationTime%3e%222026-11-19T20:00:00Z%22")
    assert sorted(one["JobName"] for one in failed) == ["Exchange Backup", "SQL Server Backup"]


def test_ids_of_an_estate_stay_the_same() -> None:
    assert {job.name: job.id for job in Rig().installation.world.jobs()} == {job.name: job.id for job in Rig().installation.world.jobs()}


def test_an_estate_of_ones_own(tmp_path: Path) -> None:
    text = json.dumps(
        {
            "backup_servers": [{"name": "one"}],
            "jobs": [{"name": "J", "machines": [{"name": "m"}], "scripts": {"duration": {"seconds": 2}}, "history": [{"hours_ago": 1, "minutes": 3}]}],
        }
    )
    path = tmp_path / "own.yml"
    path.write_text(text, encoding="utf-8")
    rig = Rig(path)
    rig.log_on()
    (session,) = rig.json("/backupSessions", "format=Entity")["BackupJobSessions"]
    assert session["CreationTimeUTC"].startswith("2026-11-20T19:00:0")
    assert session["EndTimeUTC"].startswith("2026-11-20T19:03:0")
    rig.call("POST", f"/jobs/{rig.job_id('J')}", "action=start")
    rig.wait(2.5)
    assert rig.json("/tasks/task-1")["Links"][1]["Type"] == "BackupJobSession"
    assert {one["State"] for one in rig.json("/backupSessions", "format=Entity")["BackupJobSessions"]} == {"Stopped"}


def test_an_unknown_estate_names_the_known_ones() -> None:
    with pytest.raises(FileNotFoundError, match="known: demo"):
        estate_file("nonsense")
