# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The same estate behind three generations of the server, in both formats, gives the same records; and a large one, page by page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from em_simulator.control import Simulator
from em_testing.matrix import INFO_MODULES
from em_testing.plays import Play, play, task
from em_testing.runner import LANES, Run, Runner, ansible_commands
from em_testing.story import FAST, QUICK
from em_testing.wire import Wire, guid

PROFILES = ("9.5u4", "12", "13")
FORMATS = ("json", "xml")
# Restore points have names in the style of the database, links and hrefs the spelling and the ports of the generation.
TOLD_DIFFERENTLY = ("links", "href", "restore_points", "port", "version")
NOW = "2026-06-15T12:00:00+00:00"  # two simulators tell the same times only by the same clock


@pytest.fixture(scope="module")
def frozen(credentials: tuple[str, str], collections: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    """A runner against an estate whose clock stands, so that it is the same after every reload."""
    username, password = credentials
    with Simulator.start(estate="demo", username=username, password=password, now=NOW, speed=0) as simulator:
        yield Runner(simulator, ansible_commands(), collections, tmp_path_factory.mktemp("frozen"))


def read_all(wire_format: str) -> list[Play]:
    """Return a play that reads everything."""
    common = {"wire_format": wire_format, "links": True}
    return play(*(task(info.module, info.module, {**common, "sort": info.sort}) for info in INFO_MODULES))


@pytest.fixture(scope="module")
def readings(frozen: Runner) -> dict[tuple[str, str], Run]:
    """One run for each generation and format."""
    made = {}
    for profile in PROFILES:
        for wire_format in FORMATS:
            frozen.simulator.reload()
            frozen.simulator.profile(profile)
            made[profile, wire_format] = frozen.play(read_all(wire_format), lane="controller")
    return made


def records(run: Run, module: str, key: str) -> dict[str, dict[str, Any]]:
    return {record["id"]: record for record in run.result(module)[key]}


@pytest.mark.parametrize("info", INFO_MODULES, ids=lambda info: info.module)
@pytest.mark.parametrize("profile", PROFILES)
def test_both_formats_give_the_same_records(readings: dict[tuple[str, str], Run], profile: str, info: Any) -> None:
    by_json, by_xml = (readings[profile, wire_format].result(info.module) for wire_format in FORMATS)
    assert by_json[info.result_key] == by_xml[info.result_key]
    assert by_json["total"] == by_xml["total"] > 0


@pytest.mark.parametrize("info", INFO_MODULES, ids=lambda info: info.module)
def test_every_generation_gives_the_same_records(readings: dict[tuple[str, str], Run], info: Any) -> None:
    told = {profile: records(readings[profile, "json"], info.module, info.result_key) for profile in PROFILES}
    for older, newer in (("9.5u4", "12"), ("12", "13")):
        assert set(told[older]) == set(told[newer]) - unknown_to(older, told[newer], readings)
        for identity, record in told[older].items():
            later = told[newer][identity]
            # What a newer generation has and an older one had not is null in the older one's record.
            first, second = (
                {name: whole_seconds(side[name]) for name, value in record.items() if value is not None and name not in TOLD_DIFFERENTLY}
                for side in (record, later)
            )
            assert set(record) == set(later)
            assert first == second, (older, newer, record["name"])


def unknown_to(profile: str, found: dict[str, dict[str, Any]], readings: dict[tuple[str, str], Run]) -> set[str]:
    """Return which records cannot be there on a generation: 9.5u4 knows no jobs of file shares, so none of their sessions either."""
    if profile != "9.5u4":
        return set()
    sessions = records(readings["12", "json"], "veeam_em_backup_session_info", "backup_sessions")
    of_shares = {identity for identity, record in sessions.items() if record["job_type"] == "NasBackup"}
    assert of_shares
    return {identity for identity, record in found.items() if of_shares & {identity, (record.get("job_session") or {}).get("id")}}


def whole_seconds(value: Any) -> Any:
    """Return the value with times cut to seconds: a newer database keeps more digits, in names as well."""
    if isinstance(value, str):
        return re.sub(r"(\d\d:\d\d:\d\d)\.\d+", r"\1", value)
    if isinstance(value, dict):
        return {name: whole_seconds(item) for name, item in value.items()}
    if isinstance(value, list):
        return [whole_seconds(item) for item in value]
    return value


@pytest.mark.parametrize("profile", PROFILES)
def test_a_run_on_every_generation(runner: Runner, profile: str) -> None:
    runner.simulator.profile(profile)
    runner.simulator.clock(speed=FAST)
    names = {"json": "SQL Server Backup", "xml": "DC Replication"}
    run = runner.play(
        play(*(task(name, "veeam_em_job_run", {"job": name, "wait": "session", "wire_format": wire_format, **QUICK}) for wire_format, name in names.items())),
        lane="controller",
    )
    backup, replica = (run.result(name) for name in names.values())
    assert backup["result"] == "Warning" and len(backup["machines"]) == 4 and backup["task"]["state"] == "Finished"
    assert replica["result"] == "Success" and len(replica["machines"]) == 2 and not replica["found_by_query"]
    assert run.counters["credentials_seen"]["cookie"] == 0


AMOUNT = 3500  # more than three pages of the collection's size


@pytest.fixture(scope="module")
def large(credentials: tuple[str, str], collections: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    """A runner against a generated estate."""
    username, password = credentials
    with Simulator.start(generate=11, task_sessions=AMOUNT, username=username, password=password) as simulator:
        yield Runner(simulator, ansible_commands(), collections, tmp_path_factory.mktemp("large"))


@pytest.mark.parametrize("lane", LANES)
def test_a_large_estate_is_read_whole_and_never_cut_silently(large: Runner, lane: str) -> None:
    module = "veeam_em_backup_task_session_info"
    plays = play(
        task("whole", module, {"sort": "-creation_time"}),
        task("failed ones", module, {"filter": {"result": "Failed"}}),
        task("some", module, {"limit": 1500, "sort": "creation_time"}),
        task("more than a page of the server", module, {"limit": 2500, "wire_format": "xml"}),
    )
    with Wire(large.simulator) as wire:
        rows = wire.all("BackupTaskSession")
    run = large.play(plays, lane=lane)
    assert len(rows) == AMOUNT
    whole = run.result("whole")
    assert {record["id"] for record in whole["backup_task_sessions"]} == {guid(row) for row in rows}
    assert (whole["total"], whole["truncated"], len(whole["backup_task_sessions"])) == (AMOUNT, False, AMOUNT)
    failed = {guid(row) for row in rows if row["Result"] == "Failed"}
    assert {record["id"] for record in run.result("failed ones")["backup_task_sessions"]} == failed and failed
    for name, limit in (("some", 1500), ("more than a page of the server", 2500)):
        part = run.result(name)
        assert (len({record["id"] for record in part["backup_task_sessions"]}), part["total"], part["truncated"]) == (limit, AMOUNT, True)


def test_pages_smaller_than_asked_for_lose_nothing(large: Runner) -> None:
    large.simulator.settings(max_page_size=300)
    try:
        run = large.play(
            play(task("whole", "veeam_em_backup_task_session_info"), task("some", "veeam_em_backup_task_session_info", {"limit": 450})), lane="controller"
        )
    finally:
        large.simulator.settings(max_page_size=0)
    assert run.result("whole")["total"] == len(run.result("whole")["backup_task_sessions"]) == AMOUNT
    some = run.result("some")
    assert (len(some["backup_task_sessions"]), some["total"], some["truncated"]) == (450, AMOUNT, True)
