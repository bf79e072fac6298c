# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One place where exceptions become results, and what happens when a run is told to stop."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from typing import Any, Dict, List, Optional, Tuple

import pytest
from ansible.module_utils import basic

from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible import lanes
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.lanes import Call, EmModule, Stopped
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.options import ArgumentSpec, connection_spec
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.errors import MissingRight, OptionError
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.session import Session

TOKEN = "Zjg0ZTYxMmUtN2E1Mi00YzU5LThkMjMtMDBiMWM3ZDZlNWY0"


def a_call(**params: Any) -> Call:
    return Call(params, False, False, lambda text: None, lambda line: None, lambda: False)


NO_OPTIONS = ArgumentSpec()


def module_that(run: Any, spec: ArgumentSpec = NO_OPTIONS) -> EmModule:
    return EmModule(spec, run)


def raiser(error: BaseException) -> EmModule:
    def run(call: Call) -> Dict[str, Any]:
        raise error

    return module_that(run)


def test_a_result_comes_through() -> None:
    assert lanes.execute(module_that(lambda call: {"changed": True}), a_call()) == {"changed": True}


def test_an_error_of_ours_becomes_a_failed_result_with_its_data() -> None:
    error = MissingRight("Not allowed.", advice="Ask.", method="GET", path="/jobs", status=403, server_message="no", data={"task": None})
    assert lanes.execute(raiser(error), a_call()) == {
        "failed": True,
        "msg": "Not allowed. Ask.",
        "error": {"kind": "permission", "method": "GET", "path": "/jobs", "status": 403, "server_message": "no", "advice": "Ask."},
        "task": None,
    }


def test_any_other_exception_becomes_one_sentence_with_its_place() -> None:
    result = lanes.execute(raiser(KeyError("nobody\nexpected\tthis")), a_call())
    assert result["failed"] is True
    assert "KeyError: 'nobody" in result["msg"]
    assert "test_lanes.py line" in result["msg"]
    assert "please report" in result["msg"]
    assert "\n" not in result["msg"]
    assert result["unexpected"]["exception"] == "KeyError"


@pytest.mark.parametrize("text", ["header %s", "DELETE /logonSessions/%s?x", "%s"])
def test_tokens_do_not_get_out_with_an_unexpected_exception(text: str) -> None:
    secret = "f84e612e-7a52-4c59-8d23-00b1c7d6e5f4" if "logonSessions" in text else TOKEN
    assert secret not in str(lanes.execute(raiser(ValueError(text % secret)), a_call()))


@pytest.mark.parametrize("error", [Stopped(signal.SIGTERM), KeyboardInterrupt(), SystemExit(1)])
def test_what_is_no_error_passes_through(error: BaseException) -> None:
    with pytest.raises(type(error)):
        lanes.execute(raiser(error), a_call())


def test_the_session_of_a_call_has_its_options_and_hooks() -> None:
    warnings: List[str] = []
    call = Call({"host": "em", "username": "u", "password": "p", "session": "t"}, False, False, warnings.append, lambda line: None, lambda: True)
    session = call.open_session(session="")
    assert isinstance(session, Session)
    assert (session.options.host, session.options.username, session.options.password, session.options.session) == ("em", "u", "p", "")
    session.warn("careful")
    assert warnings == ["careful"]
    assert session._interrupted() is True


def test_a_session_without_host_is_refused_before_any_connection() -> None:
    with pytest.raises(OptionError, match="VEEAM_EM_HOST"):
        a_call().open_session()


def test_missing_libraries_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert lanes.missing_library() is None
    monkeypatch.setattr(lanes, "XMLTODICT_IMPORT_ERROR", "Traceback: no xmltodict")
    assert lanes.missing_library() == ("xmltodict", "Traceback: no xmltodict")
    monkeypatch.setattr(lanes, "REQUESTS_IMPORT_ERROR", "Traceback: no requests")
    assert lanes.missing_library() == ("requests", "Traceback: no requests")


# ---------------------------------------------------------------------------------------------------------
# Signals


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_is_raised_once_and_the_former_handler_returns(number: signal.Signals) -> None:
    heard: List[int] = []
    former = signal.signal(number, lambda signal_number, frame: heard.append(signal_number))
    cleaned_up = False
    try:
        with pytest.raises(Stopped) as stopped, lanes.signals_raise():
            try:
                os.kill(os.getpid(), number)
                signal.pause()
            finally:
                os.kill(os.getpid(), number)
                cleaned_up = True
        assert stopped.value.signal_number == number
        assert cleaned_up
        assert heard == []
        os.kill(os.getpid(), number)
        assert heard == [number]
    finally:
        signal.signal(number, former)


def test_an_ignored_signal_stays_ignored() -> None:
    former = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with lanes.signals_raise():
            os.kill(os.getpid(), signal.SIGHUP)
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, former)


def test_outside_of_the_main_thread_no_handler_is_set() -> None:
    seen: List[Any] = []

    def look() -> None:
        with lanes.signals_raise():
            seen.append(signal.getsignal(signal.SIGTERM))

    before = signal.getsignal(signal.SIGTERM)
    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [before]


def test_the_result_of_a_stopped_run_names_the_signal() -> None:
    result = Stopped(signal.SIGTERM).as_result()
    assert result["failed"] is True
    assert "SIGTERM" in result["msg"]
    assert result["error"]["kind"] == "interrupted"


# ---------------------------------------------------------------------------------------------------------
# Nobody waits any more


def test_a_living_parent_is_not_gone() -> None:
    assert lanes.ParentWatch(watch_output=False).gone() is False


def test_another_parent_means_that_ours_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    watch = lanes.ParentWatch(watch_output=False)
    monkeypatch.setattr(os, "getppid", lambda: 1)
    assert watch.gone() is True


def test_an_output_that_nobody_reads_is_noticed() -> None:
    reader, writer = os.pipe()
    try:
        assert lanes._reader_is_gone(writer) is False
        os.close(reader)
        assert lanes._reader_is_gone(writer) is True
    finally:
        os.close(writer)


# ---------------------------------------------------------------------------------------------------------
# The module lane


def run_module(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], module: EmModule, **params: Any) -> Tuple[Optional[int], Dict[str, Any]]:
    arguments = json.dumps({"ANSIBLE_MODULE_ARGS": params}).encode()
    monkeypatch.setattr(basic, "_ANSIBLE_ARGS", arguments)
    monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
    monkeypatch.chdir("/")
    with pytest.raises(SystemExit) as ended:
        lanes.run_as_module(module)
    result: Dict[str, Any] = json.loads(capsys.readouterr().out)
    return ended.value.code if isinstance(ended.value.code, int) else None, result


def test_the_module_lane_hands_its_call_over(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    seen: List[Call] = []
    warnings: List[str] = []
    monkeypatch.setattr(basic.AnsibleModule, "warn", lambda self, text: warnings.append(text))

    def run(call: Call) -> Dict[str, Any]:
        seen.append(call)
        call.progress("nobody sees this")
        call.warn("mind the gap")
        return {"changed": True, "echo": call.params["password"]}

    code, result = run_module(
        monkeypatch, capsys, module_that(run, connection_spec()), host="h", password="s3cret-value", _ansible_check_mode=True, _ansible_diff=True
    )
    assert (seen[0].check_mode, seen[0].diff, seen[0].interrupted()) == (True, True, False)
    assert seen[0].params["password"] == "s3cret-value"
    assert code == 0
    assert result["changed"] is True
    assert warnings == ["mind the gap"]
    assert "s3cret-value" not in json.dumps(result)
    assert result["echo"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


def test_the_module_lane_fails_with_the_error_as_data(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    code, result = run_module(monkeypatch, capsys, raiser(OptionError("Wrong.", advice="Mend.")))
    assert code == 1
    assert (result["failed"], result["msg"], result["error"]["kind"]) == (True, "Wrong. Mend.", "option")


def test_the_module_lane_turns_a_signal_into_a_failed_result(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    code, result = run_module(monkeypatch, capsys, raiser(Stopped(signal.SIGINT)))
    assert code == 1
    assert "SIGINT" in result["msg"]


def test_the_module_lane_names_a_missing_library(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(lanes, "REQUESTS_IMPORT_ERROR", "Traceback: no requests")
    code, result = run_module(monkeypatch, capsys, module_that(lambda call: {"changed": False}))
    assert code == 1
    assert "(requests)" in result["msg"]


def test_a_wait_ends_when_its_reader_is_gone() -> None:
    """A whole process: standard output is a pipe that its reader closes while the process waits."""
    program = (
        "import sys, time; sys.path[:0] = %r\n"
        "from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.lanes import ParentWatch\n"
        "watch = ParentWatch(watch_output=True)\n"
        "print('ready', file=sys.stderr, flush=True)\n"
        "end = time.monotonic() + 20\n"
        "while not watch.gone() and time.monotonic() < end: time.sleep(0.05)\n"
        "sys.exit(7 if watch.gone() else 8)\n"
    ) % [path for path in sys.path if path]
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stderr.readline().strip() == b"ready"
        assert process.poll() is None
        process.stdout.close()
        assert process.wait(timeout=20) == 7
