# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which lane a task takes, and that all that core does around a task works in both as around any module."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from em_testing.plays import GROUP, Task, play, task, tried
from em_testing.runner import LANES, BothLanes, Expectation, Run, Runner
from em_testing.story import FAST, QUICK

JOBS = "veeam_em_job_info"
ONE = {"limit": 1}
FAILS = Expectation(code=2)


def lane_of(run: Run, name: str) -> str:
    """Return the lane of a task of a run with -vvv, which shows the packed module wherever one is sent out."""
    part = run.stdout.split(f"TASK [{name}]", 1)[1].split("\nTASK [", 1)[0]
    return "module" if f"AnsiballZ_{JOBS}" in part else "controller"


def jobs_there(runner: Runner) -> int:
    """Return how many jobs the simulator has."""
    found: int = runner.simulator.state()["rows"]["Job"]
    return found


@pytest.fixture
def without_requests(tmp_path: Path) -> dict[str, str | None]:
    """Variables for a controller whose Python lacks requests, while that of the task has it."""
    (tmp_path / "requests.py").write_text("raise ImportError('taken away for a test')\n", encoding="utf-8")
    return {"PYTHONPATH": str(tmp_path)}


@pytest.fixture
def python_with_requests(runner: Runner, tmp_path: Path) -> str:
    """A Python for the task that does not see what the controller's lacks."""
    path = tmp_path / "python"
    path.write_text(f'#!/bin/sh\nunset PYTHONPATH\nexec {runner.commands / "python"} "$@"\n', encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def test_auto_takes_the_controller_where_it_can_and_the_module_elsewhere(runner: Runner) -> None:
    run = runner.play(
        play(
            task("plain", JOBS, ONE),
            task("delegated to localhost", JOBS, ONE, delegate_to="localhost"),
            task("delegated elsewhere", JOBS, ONE, delegate_to="elsewhere"),
            task("async", JOBS, ONE, **{"async": 60, "poll": 1}),
            task("become", JOBS, ONE, become=True, become_method="ansible.builtin.sudo"),
            task("by variable of the task", JOBS, ONE, vars={"veeam_em_lane": "module"}),
        ),
        "-vvv",
        lane="",
    )
    lanes = {item.task: lane_of(run, item.task) for item in run.outcomes if item.event == "ok"}
    assert lanes == {
        "plain": "controller",
        "delegated to localhost": "controller",
        "delegated elsewhere": "module",
        "async": "module",
        "become": "controller",
        "by variable of the task": "module",
    }
    assert {run.result(name)["total"] for name in lanes} == {jobs_there(runner)}


def test_auto_takes_the_module_where_the_controller_lacks_a_library(runner: Runner, without_requests: dict[str, str | None], python_with_requests: str) -> None:
    forced = {"veeam_em_lane": "controller"}
    run = runner.play(
        play(
            task("plain", JOBS, ONE, vars={"ansible_python_interpreter": python_with_requests}),
            tried("controller wanted", JOBS, ONE, vars=forced),
        ),
        "-vvv",
        lane="",
        environ=without_requests,
    )
    assert run.result("plain")["total"] == jobs_there(runner) and lane_of(run, "plain") == "module"
    assert "controller's Python lacks the library requests" in run.failure("controller wanted")["msg"]


def test_a_library_that_is_nowhere_is_named(runner: Runner, without_requests: dict[str, str | None]) -> None:
    run = runner.play(play(tried("read", JOBS, ONE)), lane="", environ=without_requests)
    told = run.failure("read")["msg"]
    assert "required Python library" in told and "requests" in told


def test_a_lane_that_cannot_be_is_refused(runner: Runner) -> None:
    wanted = {"veeam_em_lane": "controller"}
    run = runner.play(
        play(
            tried("no lane of that name", JOBS, ONE, vars={"veeam_em_lane": "fast"}),
            tried("controller elsewhere", JOBS, ONE, vars=wanted, delegate_to="elsewhere"),
            tried("controller with async", JOBS, ONE, vars=wanted, **{"async": 60, "poll": 1}),
            tried("async log-on", "veeam_em_session", {}, **{"async": 60, "poll": 1}),
            tried("async log-on in the module lane", "veeam_em_session", {}, vars={"veeam_em_lane": "module"}, **{"async": 60, "poll": 0}),
        ),
        lane="",
    )
    texts = {item.task: item.result["msg"] for item in run.outcomes}
    assert all(word in texts["no lane of that name"] for word in ("'fast'", "auto", "controller", "module"))
    assert "over the connection em_elsewhere" in texts["controller elsewhere"] and "delegate_to: localhost" in texts["controller elsewhere"]
    assert "asks for async" in texts["controller with async"]
    for name in ("async log-on", "async log-on in the module lane"):
        assert "does not support async" in texts[name] and "token" in texts[name]
    assert run.counters["total_requests"] == 0


def around_a_task(jobs: int) -> list[Task]:
    """Return what core does around a task, one of each kind."""
    return [
        task("loop", JOBS, {"name": "{{ item }}"}, loop=["SQL Server Backup", "Exchange Backup", "No such job"], register="looped"),
        task("until", JOBS, ONE, register="tried", until="tried.total > 5 and tried.attempts > 1", retries=3, delay=0),
        task("environment", JOBS, {}, environment={"VEEAM_EM_WIRE_FORMAT": "xml", "VEEAM_EM_API_VERSION": "v1_6"}),
        task("the environment is as before", JOBS, ONE),
        {
            "name": "Block with defaults of the group",
            "module_defaults": {GROUP: {"limit": 3, "sort": "-name"}},
            "block": [task("module_defaults", JOBS), task("own argument before module_defaults", JOBS, ONE)],
        },
        task("condition", JOBS, ONE, when=False),
        task("no_log", JOBS, ONE, no_log=True, register="hidden"),
        task("the hidden result can be used", "ansible.builtin.assert", {"that": [f"hidden.total == {jobs}"], "quiet": True}),
        task("check_mode of the task", "veeam_em_job_run", {"job": "SQL Server Backup"}, check_mode=True, diff=True),
        task("failed_when", JOBS, ONE, register="judged", failed_when=f"judged.total != {jobs}"),
        task("changed_when", JOBS, ONE, changed_when=True),
        tried("unsupported parameter", JOBS, {"nmae": "x"}),
        tried("wrong type", JOBS, {"limit": "many"}),
        tried("wrong choice", JOBS, {"wire_format": "yaml"}),
        tried("both of two", "veeam_em_job_run", {"job": "a", "job_uid": "b"}),
        tried("missing option", "veeam_em_query_info"),
    ]


def test_what_core_does_around_a_task_works_in_both_lanes(both_lanes: BothLanes) -> None:
    runs = both_lanes.play(lambda simulator: play(*around_a_task(simulator.state()["rows"]["Job"])))
    for lane, run in runs.items():
        assert [len(item["jobs"]) for item in run.result("loop")["results"]] == [1, 2, 0], lane
        assert run.result("until")["attempts"] == 2
        assert run.result("environment")["total"] == both_lanes.runners[lane].simulator.state()["rows"]["Job"]
        formats = [request for request in run.requests if "v1_6" in request["query"]]
        assert len(formats) == 1, "the environment of a task reached another one, or not its own"
        assert len(run.result("module_defaults")["jobs"]) == 3 and len(run.result("own argument before module_defaults")["jobs"]) == 1
        names = [job["name"] for job in run.result("module_defaults")["jobs"]]
        assert names == sorted(names, key=str.lower, reverse=True)
        assert run.outcome("condition").event == "skipped"
        assert "jobs" not in run.result("no_log")
        predicted = run.result("check_mode of the task")
        assert predicted["changed"] and predicted["diff"] == {"before": {"state": "stopped"}, "after": {"state": "started"}}
        assert run.counters["writes"] == 0
        assert run.result("changed_when")["changed"]
        refusals = {
            "unsupported parameter": "Unsupported parameters for .*nmae",
            "wrong type": "argument 'limit' is of type .*int",
            "wrong choice": "wire_format must be one of: json, xml",
            "both of two": "mutually exclusive: job|job_uid",
            "missing option": "missing required arguments: type",
        }
        for name, text in refusals.items():
            assert re.search(text, run.failure(name)["msg"]), run.failure(name)["msg"]
    for name in {item.task for item in runs["controller"].outcomes}:
        first, second = (comparable(run, name) for run in runs.values())
        assert first == second, name


def comparable(run: Run, name: str) -> list[Any]:
    """Return all that core was told of a task, without moments and what only one core line adds."""
    return [(item.event, without_chance(item.result)) for item in run.outcomes if item.task == name]


def without_chance(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_chance(item) for name, item in value.items() if name not in ("exception", "invocation", "since")}
    if isinstance(value, list):
        return [without_chance(item) for item in value]
    return re.sub(r"127\.0\.0\.1:\d+", "ADDRESS", value) if isinstance(value, str) else value


@pytest.mark.parametrize("lane", LANES)
def test_the_time_out_of_a_task_closes_the_log_on_session(runner: Runner, lane: str) -> None:
    runner.simulator.script("stuck_running", "SQL Server Backup")
    waiting = tried("wait too long", "veeam_em_job_run", {"job": "SQL Server Backup", "wait": "session", **QUICK}, timeout=4)
    run = runner.play(play(waiting, task("afterwards", JOBS, ONE)), lane=lane)
    assert re.search("timed out|time-?out|expected time frame", run.failure("wait too long")["msg"], re.IGNORECASE)
    assert run.result("afterwards")["total"] == jobs_there(runner)
    assert run.counters["starts"] == {"SQL Server Backup": 1}


@pytest.mark.parametrize("lane", LANES)
def test_the_token_is_hidden_and_stays_usable(runner: Runner, lane: str) -> None:
    run = runner.play(
        play(
            task("log on", "veeam_em_session", register="logon"),
            task("use it", JOBS, {"session": "{{ logon.session }}"}),
            task(
                "keys",
                "ansible.builtin.assert",
                {"that": ["logon.session_id | length == 36", "logon.api_version == 'v1_7'", "logon.server is match('https://127.0.0.1')"], "quiet": True},
            ),
            task("log off", "veeam_em_session", {"state": "absent", "session": "{{ logon.session }}"}, register="left"),
            task("log off again", "veeam_em_session", {"state": "absent", "session": "{{ logon.session }}"}, register="again"),
            task("it was there once", "ansible.builtin.assert", {"that": ["left.ended", "not again.ended", "not left.changed"], "quiet": True}),
            tried("wrong password", "veeam_em_session", {"password": "wrong"}),
            tried("no token", "veeam_em_session", {"state": "absent", "session": "no token at all"}),
        ),
        "-vvv",
        lane=lane,
    )
    assert run.result("use it")["total"] == jobs_there(runner)
    assert "session" not in run.result("log on")
    assert "did not accept the user name or password" in run.failure("wrong password")["msg"]
    assert run.failure("wrong password")["error"]["status"] == 401
    assert "veeam_em_session" in run.failure("no token")["msg"]
    assert run.counters["logons"] == run.counters["logouts"] == 1


@pytest.mark.parametrize("lane", LANES)
def test_a_log_on_session_is_closed_when_its_task_fails(runner: Runner, lane: str) -> None:
    runner.simulator.fault("malformed", "GET", "^/query", count=0)
    run = runner.play(play(task("read", JOBS)), lane=lane, expect=FAILS)
    assert run.counters["logons"] == run.counters["logouts"] == 1


@pytest.mark.parametrize("lane", LANES)
def test_names_without_the_collection_take_the_same_way(runner: Runner, lane: str) -> None:
    short: Task = {"name": "short", JOBS: {}}
    run = runner.play(play(short, collections=["openbackup.veeam_em"], module_defaults={GROUP: {"limit": 2}}), "-vvv", lane=lane)
    assert len(run.result("short")["jobs"]) == 2
    assert lane_of(run, "short") == lane


def test_warnings_reach_the_user_in_both_lanes(both_lanes: BothLanes) -> None:
    told = r"Both option job_uid and its alias id are set"
    run_it = {"id": "{{ uid }}", "job_uid": "{{ uid }}"}
    runs = both_lanes.play(
        lambda simulator: play(task("run", "veeam_em_job_run", run_it), vars={"uid": simulator.job_id("File Server Backup")}),
        expect=Expectation(warnings=(told,)),
    )
    for run in runs.values():
        assert run.result("run")["changed"]


def test_an_answer_of_another_time_zone_and_speed_changes_nothing(runner: Runner) -> None:
    runner.simulator.clock(speed=FAST, offset=-7200.0)
    run = runner.play(play(task("run", "veeam_em_job_run", {"job": "SQL Server Backup", "wait": "session", **QUICK})), environ={"TZ": "Asia/Kolkata"})
    assert run.result("run")["result"] == "Warning"
