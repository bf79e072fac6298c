# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The same estate behind three generations of the server, in both formats, gives the same records; and a large one, page by page."""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from em_simulator.control import Simulator
from em_testing.circumstances import NEWEST_VERSION, known_to
from em_testing.here import run_here
from em_testing.plays import play, task
from em_testing.runner import LANES, Runner, ansible_commands
from em_testing.story import FAST, QUICK, places
from em_testing.subjects import info_modules
from em_testing.wire import Wire, guid

PROFILES = ("9.5u4", "12", "13")
FORMATS = ("json", "xml")
# Links and hrefs have the spelling and the ports of the generation; 12 tells the wrong id of a hierarchy root.
TOLD_DIFFERENTLY = ("links", "href", "port", "version", "hierarchy_root_id")
NOW = "2026-06-15T12:00:00+00:00"  # two simulators tell the same times only by the same clock


# Tasks belong to one log-on session.
READERS = [name for name in info_modules() if name != "veeam_em_task_info"]
Readings = dict[tuple[str, str], dict[str, dict[str, Any]]]


@pytest.fixture(scope="module")
def readings(credentials: tuple[str, str]) -> Readings:
    """What every module reads from each generation in each format. The clock stands, so that the estate is the same after every reload."""
    username, password = credentials
    made: Readings = {}
    with Simulator.start(estate="demo", username=username, password=password, now=NOW, speed=0) as simulator:
        for profile in PROFILES:
            simulator.reload()
            simulator.profile(profile)
            with Wire(simulator) as wire:
                told = places(wire)
            known = [name for name in known_to(profile)[0] if name in READERS]
            for wire_format in FORMATS:
                common = {"wire_format": wire_format, "links": True}
                made[profile, wire_format] = {name: run_here(name, {**common, **told.get(name, {})}, simulator) for name in known}
    return made


def generations_of(name: str) -> list[str]:
    """Return the generations of the server that have what a module reads, oldest first."""
    return [profile for profile in PROFILES if name in known_to(profile)[0]]


def records(results: dict[str, dict[str, Any]], name: str) -> dict[str, dict[str, Any]]:
    """Return the records of a module by id."""
    resource = info_modules()[name].resource
    assert resource is not None
    assert not results[name].get("failed"), results[name]["msg"]
    found = {record["id"]: record for record in results[name][resource.plural]}
    assert len(found) == results[name]["total"] > 0
    return found


@pytest.mark.parametrize("name", READERS)
def test_both_formats_give_the_same_records(readings: Readings, name: str) -> None:
    for profile in generations_of(name):
        by_json, by_xml = (records(readings[profile, wire_format], name) for wire_format in FORMATS)
        assert by_json == by_xml, profile


@pytest.mark.parametrize("name", [name for name in READERS if len(generations_of(name)) > 1])
def test_every_generation_gives_the_same_records(readings: Readings, name: str) -> None:
    for older, newer in itertools.pairwise(generations_of(name)):
        before, after = (records(readings[profile, "json"], name) for profile in (older, newer))
        # Runs of jobs of a kind that an older server does not know are not among its runs.
        assert set(before) <= set(after) and (set(before) == set(after) or NEWEST_VERSION[older] != NEWEST_VERSION[newer])
        for identity, record in before.items():
            later = after[identity]
            assert set(record) == set(later)
            # What a newer generation has and an older one had not is null in the older one's record.
            compared = [key for key, value in record.items() if value is not None and key not in TOLD_DIFFERENTLY]
            first, second = ({key: whole(side[key]) for key in compared} for side in (record, later))
            assert first == second, (older, newer, record["name"])


def whole(value: Any) -> Any:
    """Return the value with times cut to seconds, names that are nothing but a time to minutes: databases differ in digits and style."""
    if isinstance(value, str):
        for style in ("%b %d %Y %I:%M%p", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f"):
            with contextlib.suppress(ValueError):
                return datetime.strptime(value, style).strftime("%Y-%m-%d %H:%M")
        return re.sub(r"(\d\d:\d\d:\d\d)\.\d+", r"\1", value)
    if isinstance(value, dict):
        return {name: whole(item) for name, item in value.items() if name not in TOLD_DIFFERENTLY}
    if isinstance(value, list):
        return [whole(item) for item in value]
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
