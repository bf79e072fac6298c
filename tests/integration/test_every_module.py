# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each module once in each lane, on every ansible-core line; its result, its options and its examples against its documentation."""

from __future__ import annotations

from typing import Any

import pytest

from em_testing.documentation import documented, missing, undocumented
from em_testing.plays import Play
from em_testing.runner import LANES, Run, Runner
from em_testing.story import FAST, OPERATORS_MODULES, operators_play, places, readers_modules, readers_play
from em_testing.subjects import info_modules, modules, modules_of_both_lanes
from em_testing.wire import Wire

WAITS_FOR_BACKUPS_HERE = ("veeam_em_task_wait", "veeam_em_job_session_wait")
# The records of these are of several kinds, and have the keys of their kind besides.
ANY_KIND = ("veeam_em_query_info", "veeam_em_resource_info", "veeam_em_estate_info")
WITH_INVOCATION = {"ANSIBLE_INJECT_INVOCATION": "true"}  # core 2.21 leaves it out otherwise
# A task costs ten times more in the module lane. All that a module reads is the same code with and without check mode.
READERS_WAYS = (("controller", False), ("controller", True), ("module", False))


class Story:
    """The run of a play for each way, made when it is first asked for."""

    def __init__(self, runner: Runner, plays: list[Play]) -> None:
        self._runner = runner
        self._plays = plays
        self._made: dict[tuple[str, bool], Run] = {}

    def run(self, lane: str, check: bool) -> Run:
        if (lane, check) not in self._made:
            self._runner.simulator.reload()
            self._runner.simulator.clock(speed=FAST)
            self._made[lane, check] = self._runner.play(self._plays, lane=lane, check=check, environ=WITH_INVOCATION)
        return self._made[lane, check]


@pytest.fixture(scope="module")
def story(session_runner: Runner) -> Story:
    """The runs of what acts."""
    return Story(session_runner, operators_play())


@pytest.fixture(scope="module")
def reading(session_runner: Runner) -> Story:
    """The runs of what reads."""
    session_runner.simulator.reload()
    with Wire(session_runner.simulator) as wire:
        return Story(session_runner, readers_play(places(wire)))


def result(run: Run, task: str) -> dict[str, Any]:
    return {name: value for name, value in run.result(task).items() if name != "invocation"}


@pytest.mark.every_line
@pytest.mark.parametrize("lane", LANES)
def test_the_story_of_an_operator(story: Story, lane: str) -> None:
    run = story.run(lane, check=False)
    start, waited, again = (run.result(name) for name in ("veeam_em_job_run", "veeam_em_task_wait", "veeam_em_job_run again"))
    assert start["changed"] and start["task_id"] == "task-1" and start["since"].endswith("Z")
    assert run.result("veeam_em_task_info")["tasks"][0]["task_id"] == "task-1"
    assert waited["task"]["state"] == "Finished" and waited["job_session"]["state"] == "Stopped"
    assert waited["result"] == "Warning" and len(waited["machines"]) == 4
    assert run.result("veeam_em_job_session_wait")["job_session"]["uid"] == waited["job_session"]["uid"]
    assert again["changed"] and again["job_session"]["uid"] != waited["job_session"]["uid"]
    assert not run.result("veeam_em_job_run stop")["changed"] and not run.result("veeam_em_job_run retry")["changed"]
    assert run.counters["starts"] == {"SQL Server Backup": 2, "DC Replication": 1}
    assert run.counters["writes"] == 3
    assert run.counters["logons"] == run.counters["logouts"] == 1
    assert ("AnsiballZ" in run.stdout) is False
    assert set(run.result("veeam_em_session")) <= {"censored", "changed"}, "the token is shown"


@pytest.mark.every_line
@pytest.mark.parametrize("lane", LANES)
def test_the_story_in_check_mode_writes_nothing(story: Story, lane: str) -> None:
    run = story.run(lane, check=True)
    start = run.result("veeam_em_job_run")
    assert start["changed"] and start["task"] is None and start["task_id"] is None and start["since"] is None
    assert "nothing was started" in run.result("veeam_em_task_wait")["msg"]
    assert "nothing was started" in run.result("veeam_em_job_session_wait")["msg"]
    assert run.counters["writes"] == 0 and run.counters["starts"] == {}
    assert not run.sent("POST", "/jobs/")


@pytest.mark.every_line
@pytest.mark.parametrize(("lane", "check"), READERS_WAYS)
def test_every_reader_reads(reading: Story, lane: str, check: bool) -> None:
    run = reading.run(lane, check)
    for name, module in info_modules().items():
        if name in readers_modules():
            assert module.resource is not None
            found = run.result(name)
            assert 0 < len(found[module.resource.plural]) == min(2, found["total"]), name
            assert found["changed"] is False and found["truncated"] is (found["total"] > 2), name
    assert run.counters["writes"] == 0
    assert run.counters["logons"] == run.counters["logouts"] == 1


def test_both_lanes_tell_the_same_story(story: Story, reading: Story) -> None:
    for told, check in ((story, False), (story, True), (reading, False)):
        ways = [told.run(lane, check) for lane in LANES]
        names = [item.task for item in ways[0].outcomes]
        assert names == [item.task for item in ways[1].outcomes]
        for name in names:
            first, second = (shape(result(run, name)) for run in ways)
            if name == "veeam_em_task_info":  # how far the task is by then is chance
                first, second = set(first), set(second)
            assert first == second, name


def shape(value: Any) -> Any:
    """Return keys and types without values: two runs differ in times and counts."""
    if isinstance(value, dict):
        return {name: shape(item) for name, item in value.items()}
    if isinstance(value, list):
        return sorted({str(shape(item)) for item in value})
    return type(value).__name__


@pytest.fixture(scope="module")
def documentation(session_runner: Runner) -> dict[str, Any]:
    """The documentation of all modules."""
    return documented(session_runner.commands, session_runner.plain_environ(), list(modules()))


def test_every_module_is_in_a_story(story: Story, reading: Story) -> None:
    actions = {item.action.rpartition(".")[2] for told in (story, reading) for item in told.run("controller", False).outcomes}
    assert actions == set(modules_of_both_lanes())


def outcomes_of(module: str, story: Story, reading: Story, lane: str, check: bool) -> list[dict[str, Any]]:
    """Return what came of a module."""
    told = story if module in OPERATORS_MODULES else reading
    return [item.result for item in told.run(lane, check).outcomes if item.action.endswith("." + module)]


@pytest.mark.parametrize("module", [name for name in modules_of_both_lanes() if name != "veeam_em_session"])
@pytest.mark.parametrize("check", [False, True], ids=["normal", "check"])
def test_results_are_what_is_documented(story: Story, reading: Story, documentation: dict[str, Any], module: str, check: bool) -> None:
    results = outcomes_of(module, story, reading, "controller", check)
    returned = documentation[module]["return"]
    if module in ANY_KIND:
        results = [common(entry, returned) for entry in results]
    assert not [line for entry in results for line in undocumented(returned, entry)]
    absent = missing(returned, results)
    assert not [line for line in absent if not (module in WAITS_FOR_BACKUPS_HERE and line.startswith("machines.replica_point:"))]


def common(entry: dict[str, Any], returned: dict[str, Any]) -> dict[str, Any]:
    """Return a result whose records have nothing but the keys that all kinds have."""
    keys = returned.get("records", {}).get("contains", {})
    return {**entry, "records": [{name: value for name, value in record.items() if name in keys} for record in entry["records"]]} if keys else entry


@pytest.mark.parametrize("module", [name for name in modules_of_both_lanes() if name != "veeam_em_session"])
def test_options_are_what_is_documented(story: Story, reading: Story, documentation: dict[str, Any], module: str) -> None:
    for lane in LANES:
        taken = set(outcomes_of(module, story, reading, lane, False)[0]["invocation"]["module_args"])
        options = documentation[module]["doc"]["options"]
        aliases = {alias for option in options.values() for alias in option.get("aliases", [])}
        assert taken - aliases == set(options)
