# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the real Ansible commands against a simulator and looks at everything that a run leaves behind.

Every run has folders of its own (home, temporary files, fact cache, log), is watched by the recording callback, and is judged
in the same way: no warning, no traceback, no log-on session left, no secret anywhere, nothing written in check mode.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import itertools
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from em_simulator.control import Simulator

from . import hidden
from .plays import Play

HERE = Path(__file__).resolve().parents[2]
PLUGINS = HERE / "plugins"
LANES = ("controller", "module")
LONGEST_RUN = 240  # seconds, generous for a machine with other work to do

_WARNING = re.compile(r"^\[(?:WARNING|DEPRECATION WARNING|ERROR)\].*", re.MULTILINE)
# Ansible says "[ERROR]: Task failed: ..." for each failed task from 2.19 on: that is how a failure looks, and no warning.
_TASK_FAILED = re.compile(r"^\[ERROR\]: (?:Task failed|Task timed out)")
_LOGON_PATH = re.compile(r"/logonSessions/([0-9a-fA-F-]{36})")


@dataclass(frozen=True)
class Outcome:
    """One result that Ansible told its callbacks: ``event`` is ok, failed, skipped, unreachable, retry, item_ok or item_failed."""

    event: str
    ignored: bool
    task: str
    action: str
    host: str
    result: dict[str, Any]

    @property
    def failed(self) -> bool:
        return self.event in ("failed", "unreachable", "item_failed")


@dataclass(frozen=True)
class Start:
    """The start of a task, and how many requests the simulator had answered before it."""

    event: str
    task: str
    action: str
    requests: int


@dataclass
class Run:
    """A finished run. ``starts`` are there only when the run was told apart by task."""

    command: Sequence[str]
    code: int
    stdout: str
    stderr: str
    outcomes: list[Outcome]
    counters: dict[str, Any]
    requests: list[dict[str, Any]]
    folder: Path
    seconds: float
    starts: list[Start]

    @property
    def output(self) -> str:
        """All that a person would have seen."""
        return self.stdout + self.stderr

    def outcome(self, task: str) -> Outcome:
        """Return what the task of this name ended with. Raises AssertionError when it did not run exactly once."""
        found = [item for item in self.outcomes if item.task == task and not item.event.startswith(("item_", "retry"))]
        assert len(found) == 1, f"{task!r} ended {len(found)} times; there are {sorted({item.task for item in self.outcomes})}\n{self.output[-4000:]}"
        return found[0]

    def result(self, task: str) -> dict[str, Any]:
        """Return the result of a task that went well."""
        outcome = self.outcome(task)
        assert outcome.event == "ok", f"{task}: {outcome.event}: {outcome.result.get('msg')}\n{self.output[-4000:]}"
        return outcome.result

    def failure(self, task: str) -> dict[str, Any]:
        """Return the result of a task that failed."""
        outcome = self.outcome(task)
        assert outcome.event == "failed", f"{task}: {outcome.event}, though it was to fail: {json.dumps(outcome.result)[:2000]}"
        return outcome.result

    def traffic(self) -> Iterator[tuple[Start, list[dict[str, Any]]]]:
        """Yield each task of a run that was told apart by task, with its requests in their order. Raises AssertionError for another run."""
        assert self.starts and self.counters["total_requests"] == len(self.requests), "not told apart, or the log has forgotten its beginning"
        ends = [start.requests for start in self.starts[1:]] + [len(self.requests)]
        for start, end in zip(self.starts, ends, strict=True):
            yield start, self.requests[start.requests : end]

    def sent(self, method: str, pattern: str = "") -> list[dict[str, Any]]:
        """Return the requests of the run by method and a pattern for the path."""
        return [request for request in self.requests if request["method"] == method and re.search(pattern, request["path"])]


@dataclass(frozen=True)
class Expectation:
    """What a run may leave behind.

    Args:
        code: exit code; None for whatever.
        sessions_left: log-on sessions that are open after it; None for whatever.
        warnings: patterns of the warnings that belong to the case, each of which has to come.
        secrets: further texts that may show nowhere.
        tolerated: patterns of lines marked as warning or error that may come, such as what core says of an interrupt.
    """

    code: int | None = 0
    sessions_left: int | None = 0
    warnings: tuple[str, ...] = ()
    tolerated: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()


FINE = Expectation()


class Started:
    """A run that goes on, whose output is read while it does."""

    def __init__(self, runner: Runner, arguments: Sequence[str], environ: Mapping[str, str], folder: Path) -> None:
        self.runner = runner
        self.arguments = arguments
        self.folder = folder
        self.began = time.monotonic()
        self.lines: list[tuple[float, str]] = []
        self._grown = threading.Condition()
        self._stderr = (folder / "stderr").open("wb")
        self.process = subprocess.Popen(
            list(arguments),
            env=dict(environ),
            cwd=folder / "cwd",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._grown:
                self.lines.append((time.monotonic() - self.began, line.decode(errors="replace").rstrip("\n")))
                self._grown.notify_all()

    def wait_for_line(self, pattern: str, seconds: float = 60) -> tuple[float, str]:
        """Return time (seconds since the start) and text of the first line that the pattern fits. Raises AssertionError when none comes."""
        deadline = time.monotonic() + seconds
        wanted = re.compile(pattern)
        with self._grown:
            while True:
                for moment, line in self.lines:
                    if wanted.search(line):
                        return moment, line
                left = deadline - time.monotonic()
                ended = self.process.poll() is not None and not self._reader.is_alive()
                assert left > 0 and not ended, (
                    f"no line {pattern!r} ({'ended' if ended else 'in time'}):\n" + self.text() + (self.folder / "stderr").read_text()
                )
                self._grown.wait(min(left, 0.2))

    def text(self) -> str:
        """All output so far."""
        return "\n".join(line for _moment, line in self.lines) + "\n"

    def signal(self, number: int) -> None:
        """Send a signal to the command alone, as a supervisor does."""
        self.process.send_signal(number)

    def signal_group(self, number: int) -> None:
        """Send a signal to the process group, as a terminal or a runner's cancel does."""
        os.killpg(self.process.pid, number)

    def finish(self, expectation: Expectation = FINE, seconds: float = LONGEST_RUN) -> Run:
        """Wait for the end and judge what was left behind."""
        try:
            self.process.wait(seconds)
        finally:
            self.kill()
        self._reader.join(10)
        return self.runner.judge(self, expectation)

    def kill(self) -> None:
        """End the process group, if it is still there."""
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self._stderr.close()


class Runner:
    """Runs commands of one ansible-core line against one simulator."""

    def __init__(self, simulator: Simulator, commands: Path, collections: Path, base: Path) -> None:
        self.simulator = simulator
        self.commands = commands
        self.collections = collections
        self.base = base
        self._numbers = itertools.count(1)

    @functools.cached_property
    def core_line(self) -> tuple[int, int]:
        """The ansible-core line, such as (2, 19)."""
        ask = [str(self.commands / "python"), "-c", "import ansible.release as release; print(release.__version__)"]
        said = subprocess.run(ask, capture_output=True, text=True, check=True)
        major, minor, *_rest = said.stdout.split(".")
        return int(major), int(minor)

    # -- running --------------------------------------------------------------------------------------------

    def play(
        self,
        plays: Sequence[Play] | str | Path,
        *options: str,
        lane: str = "auto",
        check: bool = False,
        environ: Mapping[str, str | None] | None = None,
        expect: Expectation = FINE,
        seconds: float = LONGEST_RUN,
        at_the_same_time: bool = False,
        by_task: bool = False,
    ) -> Run:
        """Run a playbook to its end and judge it.

        Args:
            plays: plays as data, a path, or the name of a playbook of the collection.
            options: further words for the command, such as ``-vvv`` or ``-e``.
            lane: value of veeam_em_lane; "" leaves the variable out.
            check: run in check mode; then nothing may be written.
            environ: variables beside or instead of those of the connection; None takes one away.
            at_the_same_time: another run goes on, so that neither counts nor log-on sessions are those of this run.
            by_task: tell the requests apart by the task that sent them, at the price of one question to the simulator a task.
        """
        if by_task:
            environ = {**(environ or {}), "EM_RECORD_CONTROL": self.simulator.control_url}
        started = self.start(plays, *options, lane=lane, check=check, environ=environ, at_the_same_time=at_the_same_time)
        return started.finish(replace(expect, sessions_left=None) if at_the_same_time else expect, seconds)

    def start(
        self,
        plays: Sequence[Play] | str | Path,
        *options: str,
        lane: str = "auto",
        check: bool = False,
        environ: Mapping[str, str | None] | None = None,
        at_the_same_time: bool = False,
    ) -> Started:
        """Start a playbook and return while it runs; the simulator counts from here on. Arguments as for ``play``."""
        folder = self._new_folder()
        if isinstance(plays, (str, Path)):
            playbook = str(plays)
        else:
            playbook = str(folder / "cwd" / "play.yml")
            Path(playbook).write_text(yaml.safe_dump(list(plays), sort_keys=False, allow_unicode=True), encoding="utf-8")
        if not at_the_same_time:
            self.simulator.reset()
        chosen = ["-e", f"veeam_em_lane={lane}"] if lane else []
        arguments = [str(self.commands / "ansible-playbook"), "-i", str(folder / "inventory.ini"), playbook, *chosen, *(["--check"] if check else []), *options]
        return Started(self, arguments, self._environ(folder, environ or {}), folder)

    def _new_folder(self) -> Path:
        folder = self.base / f"run-{next(self._numbers)}"
        for name in ("cwd", "home", "tmp", "remote-tmp", "facts"):
            (folder / name).mkdir(parents=True)
        (folder / "ansible.cfg").write_text("", encoding="utf-8")
        python = f"ansible_python_interpreter={self.commands / 'python'}"
        lines = [f"localhost ansible_connection=local {python}", f"elsewhere ansible_connection=em_elsewhere {python}"]
        (folder / "inventory.ini").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return folder

    def connection(self) -> dict[str, str]:
        """Return the variables of the connection to the simulator."""
        simulator = self.simulator
        return {
            "VEEAM_EM_HOST": simulator.host,
            "VEEAM_EM_PORT": str(simulator.port),
            "VEEAM_EM_USERNAME": simulator.username,
            "VEEAM_EM_PASSWORD": simulator.password,
            "VEEAM_EM_CA_PATH": str(simulator.ca_path),
        }

    def plain_environ(self) -> dict[str, str]:
        """Return the variables for a command that is no play, such as ``ansible-doc``."""
        return self._environ(self._new_folder(), {})

    def _environ(self, folder: Path, changes: Mapping[str, str | None]) -> dict[str, str]:
        dropped = ("ANSIBLE_", "VEEAM_EM_", "EM_", "PYTEST_", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV", "COV_")
        environ = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
        environ.update(self.connection())
        environ.update(
            PATH=f"{self.commands}{os.pathsep}{os.environ['PATH']}",
            HOME=str(folder / "home"),
            TMPDIR=str(folder / "tmp"),
            LC_ALL="C.UTF-8",
            ANSIBLE_CONFIG=str(folder / "ansible.cfg"),
            ANSIBLE_HOME=str(folder / "home" / ".ansible"),
            ANSIBLE_LOCAL_TEMP=str(folder / "tmp" / "local"),
            ANSIBLE_ASYNC_DIR=str(folder / "async"),
            ANSIBLE_REMOTE_TEMP=str(folder / "remote-tmp"),
            ANSIBLE_LOG_PATH=str(folder / "ansible.log"),
            ANSIBLE_CACHE_PLUGIN="jsonfile",
            ANSIBLE_CACHE_PLUGIN_CONNECTION=str(folder / "facts"),
            ANSIBLE_CALLBACK_PLUGINS=str(PLUGINS / "callback"),
            ANSIBLE_CONNECTION_PLUGINS=str(PLUGINS / "connection"),
            ANSIBLE_CALLBACKS_ENABLED="em_record",
            ANSIBLE_COLLECTIONS_PATH=str(self.collections),
            ANSIBLE_COLLECTIONS_SCAN_SYS_PATH="false",
            ANSIBLE_NOCOLOR="true",
            ANSIBLE_RETRY_FILES_ENABLED="false",
            EM_RECORD_FILE=str(folder / "record.jsonl"),
        )
        for name, value in changes.items():
            if value is None:
                environ.pop(name, None)
            else:
                environ[name] = value
        return environ

    # -- judging --------------------------------------------------------------------------------------------

    def judge(self, started: Started, expectation: Expectation) -> Run:
        """Return the run after looking for all that no run may leave behind. Raises AssertionError."""
        counters = self.simulator.counters()
        recorded = _recorded(started.folder / "record.jsonl")
        run = Run(
            started.arguments,
            started.process.returncode,
            started.text(),
            (started.folder / "stderr").read_text(encoding="utf-8", errors="replace"),
            [Outcome(**line) for line in recorded if line["event"] != "start"],
            counters,
            self.simulator.log(),
            started.folder,
            time.monotonic() - started.began,
            [Start(**line) for line in recorded if line["event"] == "start"],
        )
        shown = f"\n--- output of {' '.join(map(str, run.command))}\n{run.output[-6000:]}"
        assert expectation.code is None or run.code == expectation.code, f"exit code {run.code}, wanted {expectation.code}{shown}"
        _judge_output(run, expectation, shown)
        leaks = self._leaks(run, expectation.secrets)
        assert not leaks, "\n".join(leaks) + shown
        assert expectation.sessions_left in (None, counters["open_sessions"]), f"{counters['open_sessions']} log-on sessions are open{shown}"
        if "--check" in run.command:
            assert counters["writes"] == 0, f"check mode wrote: {[item for item in run.requests if item['method'] != 'GET']}{shown}"
        return run

    def _leaks(self, run: Run, more: Sequence[str]) -> list[str]:
        """Return where a password or token of this simulator shows: output, log, fact cache, recorded results, all temporary folders."""
        needles = secret_forms(self.simulator, run.requests, more)
        shown = [("stdout", run.stdout.encode()), ("stderr", run.stderr.encode())]
        return hidden.leaks(needles, itertools.chain(shown, hidden.files_below(run.folder)))


def _judge_output(run: Run, expectation: Expectation, shown: str) -> None:
    warnings = [line for line in _WARNING.findall(run.output) if not _TASK_FAILED.match(line)]
    wanted = list(expectation.warnings)
    for line in warnings:
        assert any(re.search(pattern, line) for pattern in (*wanted, *expectation.tolerated)), f"a warning nobody asked for: {line}{shown}"
    for pattern in wanted:
        assert any(re.search(pattern, line) for line in warnings), f"no warning {pattern!r}{shown}"
    assert "Traceback (most recent call last)" not in run.output, f"a traceback{shown}"
    assert "The collection met something it does not expect" not in run.output, f"an unexpected exception{shown}"


def _recorded(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def secret_forms(simulator: Simulator, requests: Iterable[Mapping[str, Any]], more: Sequence[str] = ()) -> set[bytes]:
    """Return every form of what may show nowhere: the password, the tokens of the log-on sessions that the requests closed, and ``more``."""
    needles = hidden.forms_of(simulator.password) | {hidden.basic_header(simulator.username, simulator.password)}
    needles = needles.union(*(hidden.forms_of(secret) for secret in more))
    for session_id in {found for request in requests for found in _LOGON_PATH.findall(request["path"])}:
        needles |= hidden.forms_of(base64.b64encode(session_id.encode()).decode()) | {session_id.encode()}
    return needles


def ansible_commands() -> Path:
    """Return the folder of the Ansible commands to test with: EM_TEST_ANSIBLE, or that of the running Python."""
    return Path(os.environ.get("EM_TEST_ANSIBLE") or Path(sys.executable).parent)


@dataclass(frozen=True)
class BothLanes:
    """A runner for each lane. Both run at the same time, each against a simulator of its own with the same estate."""

    runners: Mapping[str, Runner]

    def play(
        self,
        prepare: Callable[[Simulator], Sequence[Play]],
        *options: str,
        environ: Callable[[Simulator], Mapping[str, str | None]] | None = None,
        **keywords: Any,
    ) -> dict[str, Run]:
        """Run in each lane the play that ``prepare`` makes for a fresh simulator, and return the runs by lane.

        ``environ`` makes the variables for a simulator; options and keywords are those of ``Runner.play``. Raises what
        either run raises.
        """

        def one(lane: str) -> Run:
            runner = self.runners[lane]
            runner.simulator.reload()
            variables = environ(runner.simulator) if environ else {}
            return runner.play(prepare(runner.simulator), *options, lane=lane, environ=variables, **keywords)

        with ThreadPoolExecutor(len(self.runners)) as pool:
            started = {lane: pool.submit(one, lane) for lane in self.runners}
            return {lane: future.result() for lane, future in started.items()}
