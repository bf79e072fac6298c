# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The controller lane: which lane a task takes, and that its result is the one a module would give."""

from __future__ import annotations

import datetime
import importlib
import json
import os
import signal
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Dict, List

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.lanes import Call, EmModule, Stopped
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.options import ArgumentSpec, connection_spec
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.errors import OptionError
from ansible_collections.openbackup.veeam_em.plugins.plugin_utils import controller_lane


class Text(str):
    """A text that core has hung something on."""


class Vaulted:
    """A text that is opened when it is asked for."""

    def __str__(self) -> str:
        return "opened"


# ---------------------------------------------------------------------------------------------------------
# The choice


@pytest.mark.parametrize(
    ("wanted", "obstacle", "lane"),
    [("auto", "", "controller"), ("auto", "why", "module"), ("controller", "", "controller"), ("module", "", "module"), ("module", "why", "module")],
)
def test_the_lane_that_a_task_takes(wanted: str, obstacle: str, lane: str) -> None:
    assert controller_lane.choose_lane(wanted, obstacle) == lane


def test_the_controller_where_it_cannot_be_is_refused_with_the_reason() -> None:
    with pytest.raises(OptionError, match="the task asks for async"):
        controller_lane.choose_lane("controller", "the task asks for async")


@pytest.mark.parametrize("wanted", ["fast", "", None, True, 3])
def test_a_word_that_is_no_lane_is_refused_with_the_three(wanted: Any) -> None:
    with pytest.raises(OptionError, match="Set it to one of auto, controller, module"):
        controller_lane.choose_lane(wanted, "")


def plugin(monkeypatch: pytest.MonkeyPatch, module: str = "veeam_em_job_info", **task: Any) -> controller_lane.ControllerLane:
    """Return the plugin with a task around it, without core's machinery."""
    lane = importlib.import_module("ansible_collections.openbackup.veeam_em.plugins.action." + module).ActionModule
    instance: controller_lane.ControllerLane = lane.__new__(lane)
    play = SimpleNamespace(_action_groups={})
    defaults: Dict[str, Any] = {
        "action": "openbackup.veeam_em." + module,
        "collections": ["openbackup.veeam_em"],
        "args": {},
        "async_val": 0,
        "check_mode": False,
        "diff": False,
        "no_log": False,
        "module_defaults": [],
        "environment": [],
        "_parent": SimpleNamespace(_play=play),
    }
    instance._task = SimpleNamespace(**{**defaults, **task})
    instance._connection = SimpleNamespace(transport="local", _shell=SimpleNamespace(tmpdir=None, env_prefix=lambda **variables: ""))
    instance._templar = SimpleNamespace(template=lambda value: value)
    monkeypatch.setattr(controller_lane.ActionBase, "run", lambda self, tmp=None, task_vars=None: {})
    monkeypatch.setattr(controller_lane.ControllerLane, "_compute_environment_string", lambda self, out: out.update(*self._task.environment))
    return instance


def test_nothing_stands_in_the_way_of_a_local_task(monkeypatch: pytest.MonkeyPatch) -> None:
    assert plugin(monkeypatch)._obstacle() == ""


def test_obstacles_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    remote = plugin(monkeypatch)
    remote._connection.transport = "ssh"
    assert "connection ssh" in remote._obstacle()
    assert "async" in plugin(monkeypatch, async_val=10)._obstacle()
    monkeypatch.setattr(controller_lane, "missing_library", lambda: ("xmltodict", "traceback"))
    assert "xmltodict" in plugin(monkeypatch)._obstacle()


def test_every_action_runs_the_module_of_its_own_name(monkeypatch: pytest.MonkeyPatch) -> None:
    names = sorted(path.stem for path in (Path(controller_lane.__file__).parents[1] / "modules").glob("veeam_em_*.py"))
    assert "veeam_em_job_info" in names
    assert [plugin(monkeypatch, name)._module_name() for name in names] == names


def test_a_session_in_the_background_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    result = plugin(monkeypatch, "veeam_em_session", async_val=10).run(task_vars={})
    assert result["failed"] is True
    assert "does not support async" in result["msg"]


# ---------------------------------------------------------------------------------------------------------
# The call


def run_here(monkeypatch: pytest.MonkeyPatch, run: Any, spec: ArgumentSpec, lane: str = "auto", secret: bool = False, **task: Any) -> Dict[str, Any]:
    module = EmModule(spec, run, result_is_secret=secret)
    monkeypatch.setattr(controller_lane.ControllerLane, "_load_module", lambda self: module)
    result: Dict[str, Any] = plugin(monkeypatch, **task).run(task_vars={"veeam_em_lane": lane, "inventory_hostname": "web01"})
    return result


def test_the_call_has_what_the_task_says(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: List[Call] = []

    def run(call: Call) -> Dict[str, Any]:
        calls.append(call)
        call.warn("twice")
        call.warn("twice")
        return {"changed": False, "when": call.params["host"]}

    result = run_here(monkeypatch, run, connection_spec(), args={"host": Text("em")}, check_mode=True, diff=True)
    assert (calls[0].check_mode, calls[0].diff, calls[0].interrupted()) == (True, True, False)
    assert calls[0].params["host"].__class__ is str
    assert result["warnings"] == ["twice"]
    assert result["when"] == "em"


def test_the_environment_of_the_task_counts_for_the_call_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEEAM_EM_HOST", "outside")
    monkeypatch.delenv("VEEAM_EM_USERNAME", raising=False)
    result = run_here(
        monkeypatch,
        lambda call: {"host": call.params["host"], "username": call.params["username"], "retries": call.params["retries"]},
        connection_spec(),
        environment=[{"VEEAM_EM_HOST": "inside", "VEEAM_EM_USERNAME": "u", "VEEAM_EM_RETRIES": 7}],
    )
    assert (result["host"], result["username"], result["retries"]) == ("inside", "u", 7)
    assert os.environ["VEEAM_EM_HOST"] == "outside"
    assert "VEEAM_EM_USERNAME" not in os.environ


def test_the_environment_comes_back_after_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEEAM_EM_HOST", "outside")
    with pytest.raises(KeyError), controller_lane.environment_of({"VEEAM_EM_HOST": "inside"}):
        raise KeyError
    assert os.environ["VEEAM_EM_HOST"] == "outside"


def test_secrets_are_masked_everywhere_in_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEEAM_EM_SESSION", "t0ken-of-the-variable")

    def run(call: Call) -> Dict[str, Any]:
        return {"changed": True, "gone": None, "list": ({"url": "x=" + call.params["password"]},), "plain": call.params["session"]}

    result = run_here(monkeypatch, run, connection_spec(), args={"password": "s3cret-value"})
    assert "s3cret-value" not in json.dumps(result)
    assert "t0ken-of-the-variable" not in json.dumps(result)
    assert (result["changed"], result["gone"], result["list"]) == (True, None, [{"url": "x=********"}])


def test_a_wrong_option_fails_in_the_words_of_core(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(call: Call) -> Dict[str, Any]:
        raise AssertionError("must not run")

    result = run_here(monkeypatch, run, connection_spec(), args={"pasword": "x"}, action="openbackup.veeam_em.veeam_em_job_info")
    assert result["failed"] is True
    assert result["msg"].startswith("Unsupported parameters for (openbackup.veeam_em.veeam_em_job_info) module: pasword. Supported parameters include: api_ver")
    wrong_type = run_here(monkeypatch, run, connection_spec(), args={"port": "x"})
    assert wrong_type["msg"] == ArgumentSpecValidator(**connection_spec().as_keywords()).validate({"port": "x"}).errors.msg


def test_a_secret_result_is_hidden_and_a_failure_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(call: Call) -> Dict[str, Any]:
        raise OptionError("Wrong.")

    hidden = run_here(monkeypatch, lambda call: {"session": "token"}, ArgumentSpec(), secret=True)
    assert (hidden["_ansible_no_log"], hidden["session"]) == (True, "token")
    assert "_ansible_no_log" not in run_here(monkeypatch, fail, ArgumentSpec(), secret=True)
    assert "_ansible_no_log" not in run_here(monkeypatch, lambda call: {}, ArgumentSpec())


def test_a_secret_result_is_hidden_in_the_module_lane_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(controller_lane.ControllerLane, "_execute_module", lambda self, **how: {"session": "token"}, raising=False)
    monkeypatch.setattr(controller_lane.ControllerLane, "_remove_tmp_path", lambda self, path: None, raising=False)
    result = run_here(monkeypatch, lambda call: {}, ArgumentSpec(), lane="module", secret=True)
    assert (result["_ansible_no_log"], result["session"]) == (True, "token")


def test_the_module_lane_wraps_async_and_keeps_its_folder_then(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: List[Any] = []
    monkeypatch.setattr(controller_lane.ControllerLane, "_execute_module", lambda self, **how: seen.append(how["wrap_async"]) or {}, raising=False)
    monkeypatch.setattr(controller_lane.ControllerLane, "_remove_tmp_path", lambda self, path: seen.append("removed"), raising=False)
    run_here(monkeypatch, lambda call: {}, ArgumentSpec(), async_val=10)
    run_here(monkeypatch, lambda call: {}, ArgumentSpec(), lane="module")
    assert seen == [True, False, "removed"]


def shown(monkeypatch: pytest.MonkeyPatch, callback: str = "default", **task: Any) -> List[Any]:
    lines: List[Any] = []
    monkeypatch.setattr(controller_lane.display, "display", lambda text, stderr=False: lines.append((text, stderr)))
    monkeypatch.setattr(controller_lane.C, "DEFAULT_STDOUT_CALLBACK", callback)
    run_here(monkeypatch, lambda call: call.progress("40 % of " + call.params["password"]) or {}, connection_spec(), args={"password": "s3cret-value"}, **task)
    return lines


def test_progress_names_the_host_and_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(monkeypatch) == [("  [web01] 40 % of ********", False)]


@pytest.mark.parametrize("callback", ["json", "ansible.posix.json", "ansible.posix.jsonl"])
def test_progress_leaves_a_document_on_standard_output_whole(callback: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [stderr for _line, stderr in shown(monkeypatch, callback)] == [True]


def test_no_progress_where_the_task_says_no_log(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(monkeypatch, no_log=True) == []


# ---------------------------------------------------------------------------------------------------------
# Interrupts


def test_a_signal_ends_the_run_and_is_then_left_to_core(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: List[int] = []
    former = signal.signal(signal.SIGTERM, lambda number, frame: heard.append(number))
    closed: List[str] = []

    def run(call: Call) -> Dict[str, Any]:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(5)
        finally:
            closed.append("log-on session")
            assert heard == []
        return {}

    try:
        result = run_here(monkeypatch, run, ArgumentSpec())
    finally:
        signal.signal(signal.SIGTERM, former)
    assert closed == ["log-on session"]
    assert heard == [signal.SIGTERM]
    assert result["error"]["kind"] == "interrupted"


def test_a_time_out_of_the_task_passes_through(monkeypatch: pytest.MonkeyPatch) -> None:
    class TimeIsUp(BaseException):
        pass

    def run(call: Call) -> Dict[str, Any]:
        raise TimeIsUp

    with pytest.raises(TimeIsUp):
        run_here(monkeypatch, run, ArgumentSpec())


def test_a_worker_ends_when_its_parent_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(number: int, frame: Any) -> None:
        raise Stopped(number)

    former = signal.signal(signal.SIGTERM, stop)
    try:
        with pytest.raises(Stopped), controller_lane.ending_with_parent(interval=0.01):
            monkeypatch.setattr(os, "getppid", lambda: 1)
            time.sleep(5)
        with controller_lane.ending_with_parent(interval=0.01):
            time.sleep(0.1)
    finally:
        signal.signal(signal.SIGTERM, former)


def test_signals_reach_the_thread_that_can_handle_them(monkeypatch: pytest.MonkeyPatch) -> None:
    masks: List[Any] = []

    class Watch:
        def __init__(self, watch_output: bool) -> None:
            pass

        def gone(self) -> bool:
            masks.append(signal.pthread_sigmask(signal.SIG_BLOCK, ()))
            return False

    monkeypatch.setattr(controller_lane, "ParentWatch", Watch)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    with controller_lane.ending_with_parent(interval=0.01):
        assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before
        for _try in range(500):
            if masks:
                break
            time.sleep(0.01)
    assert {signal.SIGINT, signal.SIGTERM, signal.SIGHUP} <= masks[0]


# ---------------------------------------------------------------------------------------------------------
# What a module would get


@pytest.mark.parametrize(
    ("value", "seen_by_a_module"),
    [
        (None, None),
        (True, True),
        (3, 3),
        (1.5, 1.5),
        (Text("x"), "x"),
        (datetime.date(2026, 11, 1), "2026-11-01"),
        (datetime.datetime(2026, 11, 1, 6, 30), "2026-11-01T06:30:00"),
        ({Text("a"): (1, Text("b"))}, {"a": [1, "b"]}),
        (Vaulted(), "opened"),
    ],
)
def test_arguments_arrive_as_through_json(value: Any, seen_by_a_module: Any) -> None:
    arrived = controller_lane.as_module_arguments(value)
    assert arrived == seen_by_a_module
    assert type(arrived) is type(seen_by_a_module)


def test_flags_and_nulls_survive_a_secret_that_reads_like_them() -> None:
    masked = controller_lane.masked({"changed": True, "task": None, "text": "it is True"}, {"True", "None"})
    assert masked == {"changed": True, "task": None, "text": "it is ********"}
