# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each module once in each lane, with and without check mode, on every ansible-core line; its result against its documentation."""

from __future__ import annotations

from typing import Any

import pytest

from em_testing.documentation import documented, missing, undocumented
from em_testing.runner import LANES, Run, Runner
from em_testing.story import FAST, every_module

MODULES = (
    "veeam_em_session",
    "veeam_em_task_info",
    "veeam_em_task_wait",
    "veeam_em_job_session_wait",
    "veeam_em_backup_task_session_info",
    "veeam_em_replica_task_session_info",
    "veeam_em_backup_session_info",
    "veeam_em_replica_session_info",
    "veeam_em_restore_session_info",
    "veeam_em_job_info",
    "veeam_em_backup_server_info",
    "veeam_em_query_info",
    "veeam_em_job_run",
)
# Every record of these has every key; the records of the others are of several kinds.
ALL_KEYS_ALWAYS = tuple(name for name in MODULES if name.endswith("_info") and name != "veeam_em_query_info")
WAITS_FOR_BACKUPS_HERE = ("veeam_em_task_wait", "veeam_em_job_session_wait")
WITH_INVOCATION = {"ANSIBLE_INJECT_INVOCATION": "true"}  # core 2.21 leaves it out otherwise


class Story:
    """The run of all modules for each way, made when it is first asked for."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._made: dict[tuple[str, bool], Run] = {}

    def run(self, lane: str, check: bool) -> Run:
        if (lane, check) not in self._made:
            self._runner.simulator.reload()
            self._runner.simulator.clock(speed=FAST)
            self._made[lane, check] = self._runner.play(every_module(), lane=lane, check=check, environ=WITH_INVOCATION)
        return self._made[lane, check]


@pytest.fixture(scope="module")
def story(session_runner: Runner) -> Story:
    """The runs of all ways."""
    return Story(session_runner)


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


def test_both_lanes_tell_the_same_story(story: Story) -> None:
    for check in (False, True):
        ways = [story.run(lane, check) for lane in LANES]
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
    return documented(session_runner.commands, session_runner.plain_environ(), list(MODULES))


def test_every_module_is_in_the_story(story: Story) -> None:
    run = story.run("controller", check=False)
    assert {item.action.rpartition(".")[2] for item in run.outcomes} == set(MODULES)


@pytest.mark.parametrize("module", [name for name in MODULES if name != "veeam_em_session"])
@pytest.mark.parametrize("check", [False, True], ids=["normal", "check"])
def test_results_are_what_is_documented(story: Story, documentation: dict[str, Any], module: str, check: bool) -> None:
    results = [item.result for item in story.run("controller", check).outcomes if item.action.endswith("." + module)]
    returned = documentation[module]["return"]
    if module == "veeam_em_query_info":
        # Its records have the keys of their type besides, as its documentation says.
        results = [{**entry, "records": [only(record, returned["records"]["contains"]) for record in entry["records"]]} for entry in results]
    assert not [line for entry in results for line in undocumented(returned, entry)]
    absent = missing(returned, results, everywhere=module in ALL_KEYS_ALWAYS)
    assert not [line for line in absent if not (module in WAITS_FOR_BACKUPS_HERE and line.startswith("machines.replica_point:"))]


def only(record: dict[str, Any], names: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name in names}


@pytest.mark.parametrize("module", [name for name in MODULES if name != "veeam_em_session"])
def test_options_are_what_is_documented(story: Story, documentation: dict[str, Any], module: str) -> None:
    for lane in LANES:
        taken = run_arguments(story.run(lane, check=False), module)
        options = documentation[module]["doc"]["options"]
        aliases = {alias for option in options.values() for alias in option.get("aliases", [])}
        assert taken - aliases == set(options)


def run_arguments(run: Run, module: str) -> set[str]:
    """Return the arguments that a module says it was called with."""
    (first, *_more) = [item for item in run.outcomes if item.action.endswith("." + module)]
    return set(first.result["invocation"]["module_args"])
