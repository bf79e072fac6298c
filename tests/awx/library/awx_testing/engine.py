# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs playbooks by ansible-runner as AWX does, against a simulator, and looks at all that a job leaves behind."""

from __future__ import annotations

import io
import itertools
import json
import os
import re
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from unittest import mock

import ansible_runner

from em_simulator.control import Simulator
from em_testing import hidden
from em_testing.endings import kill, processes_with, until
from em_testing.runner import ansible_commands, secret_forms

from .injectors import inputs_for
from .private_data import Inject, Launch, PrivateData, lay_out

# The data behind an event hold what a task returned; AWX keeps up to 700,000 bytes of it, and shows it to who asks for it only.
LARGEST_EVENT = 128 * 1024
LARGEST_OUTPUT = 16 * 1024  # of one event in the log
LONGEST_JOB = 120  # seconds, generous for a machine with other work to do
_COLOUR = re.compile(r"\x1b\[[0-9;]*[mK]")
_WARNING = re.compile(r"^\[(?:WARNING|DEPRECATION WARNING)\].*", re.MULTILINE)
_KEPT_VARIABLES = ("PATH", "SSL_CERT_DIR", "SSL_CERT_FILE")
_FAILURES = ("runner_on_failed", "runner_on_unreachable")


AnyJob = TypeVar("AnyJob", bound="Job")


@dataclass(frozen=True)
class Ending:
    """How a job has to end.

    Args:
        status: AWX's word for it.
        sessions_left: log-on sessions that are open after it; None for whatever.
        warnings: patterns of the warnings that belong to the case.
        tolerated: patterns of warnings that may come.
        largest_event: bytes of an event with all its data.
        largest_output: bytes of an event in the log.
    """

    status: str = "successful"
    sessions_left: int | None = 0
    warnings: tuple[str, ...] = ()
    tolerated: tuple[str, ...] = ()
    largest_event: int = LARGEST_EVENT
    largest_output: int = LARGEST_OUTPUT


GOOD = Ending()
FAILED = Ending(status="failed")


@dataclass(frozen=True)
class JobRun:
    """A job that has ended: what AWX keeps of it, and what the simulator counted meanwhile."""

    status: str
    code: int | None
    events: Sequence[Mapping[str, Any]]
    private_data: PrivateData
    command: Sequence[str]
    environ: Mapping[str, str]
    counters: Mapping[str, Any]
    requests: Sequence[Mapping[str, Any]]

    @property
    def coloured(self) -> str:
        """The log as AWX shows it."""
        return "".join(event["stdout"] + "\n" for event in self.events if event.get("stdout")).replace("\r\n", "\n")

    @property
    def log(self) -> str:
        """The log without its colours."""
        return _COLOUR.sub("", self.coloured)

    @property
    def lines(self) -> list[str]:
        """The lines of the log, without those that say nothing."""
        return [line for line in self.log.splitlines() if line.strip()]

    def of(self, *names: str) -> list[Mapping[str, Any]]:
        """Return the events of some kinds, in their order."""
        return [event for event in self.events if event["event"] in names]

    @property
    def summary(self) -> Mapping[str, Any]:
        """What the last event says: hosts by outcome, artifacts."""
        (event,) = self.of("playbook_on_stats")
        told: Mapping[str, Any] = event["event_data"]
        return told

    @property
    def artifacts(self) -> Mapping[str, Any]:
        """What the next nodes of a workflow get."""
        found: Mapping[str, Any] = self.summary["artifact_data"]
        return found

    @property
    def failures(self) -> list[str]:
        """The messages of the tasks whose failure counted."""
        return [str(event["event_data"]["res"].get("msg")) for event in self.of(*_FAILURES) if not event["event_data"].get("ignore_errors")]


class Job:
    """A job that goes on, by the engine in this process."""

    def __init__(self, engine: Engine, private_data: PrivateData) -> None:
        self.engine = engine
        self.private_data = private_data
        self.events: list[dict[str, Any]] = []
        self._begun: dict[str, Any] = {}
        self._cancelled = threading.Event()
        with mock.patch.dict(os.environ, engine.environ(private_data.folder), clear=True):
            self._thread, self._runner = self._launch(
                event_handler=self._take_event, status_handler=self._take_status, cancel_callback=self._cancelled.is_set, quiet=True
            )

    def _launch(self, **callbacks: Any) -> tuple[threading.Thread, Any]:
        """Start the engine and return the thread to wait for, and what will have status and exit code."""
        thread, runner = ansible_runner.run_async(**self.private_data.parameters, **callbacks)
        return thread, runner

    def _take_event(self, event: dict[str, Any]) -> bool:
        self.events.append(event)
        return True

    def _take_status(self, data: dict[str, Any], runner_config: Any) -> None:
        if data["status"] == "starting":
            self._begun = data

    def cancel(self) -> None:
        """Do what *Cancel* does; the engine looks for it every few seconds."""
        self._cancelled.set()

    def shows(self, pattern: str) -> bool:
        """Tell whether the log has something already."""
        return any(re.search(pattern, _COLOUR.sub("", event.get("stdout", ""))) for event in list(self.events))

    def processes(self) -> list[int]:
        """Return the processes of the job, wherever they went."""
        return processes_with(f"AWX_PRIVATE_DATA_DIR={self.private_data.folder}")

    def end(self) -> None:
        """End the job and all its processes, if there are any left."""
        self.cancel()
        kill(self.processes())
        self._thread.join(LONGEST_JOB)

    def finish(self, ending: Ending = GOOD) -> JobRun:
        """Wait for the end and judge what was left behind. Raises AssertionError."""
        self._thread.join(LONGEST_JOB)
        if self._thread.is_alive():
            self.end()
            raise AssertionError(f"the job did not end in {LONGEST_JOB} s\n{self._ended().log[-6000:]}")
        try:
            if ending.sessions_left is not None:
                # A worker that outlives the engine's kill still has to log off.
                until(lambda: self.engine.simulator.counters()["open_sessions"] == ending.sessions_left, 20, "the log-on sessions are closed")
        except AssertionError as complaint:
            raise AssertionError(f"{complaint}\n{self._ended().log[-6000:]}") from None
        finally:
            kill(self.processes())
        run = self._ended()
        self.engine.judge(run, ending)
        return run

    def _ended(self) -> JobRun:
        simulator = self.engine.simulator
        environ = {**self._begun["env"], **{name: value for name, value in self.private_data.safe_environ.items() if name in self._begun["env"]}}
        return JobRun(
            status=self._runner.status,
            code=self._runner.rc,
            events=sorted(self.events, key=lambda event: int(event["counter"])),
            private_data=self.private_data,
            command=self._begun["command"],
            environ=environ,
            counters=simulator.counters(),
            requests=simulator.log(),
        )


class StreamedJob(Job):
    """A job that goes on by an engine in another process, which gets all by a stream and answers by one, as on an execution node."""

    def _launch(self, **callbacks: Any) -> tuple[threading.Thread, Any]:
        order = io.BytesIO()
        ansible_runner.run(streamer="transmit", _output=order, only_transmit_kwargs=True, cancel_callback=lambda: False, **self.private_data.parameters)
        folder = str(self.private_data.folder)
        # What the process on the node says of itself is lost there, too.
        self.worker = subprocess.Popen(
            [str(ansible_commands() / "ansible-runner"), "worker", "--private-data-dir", folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        assert self.worker.stdin is not None
        self.worker.stdin.write(order.getvalue())
        self.worker.stdin.close()
        processor = ansible_runner.interface.init_runner(
            streamer="process", _input=self.worker.stdout, private_data_dir=folder, ident=self.private_data.parameters["ident"], **callbacks
        )
        thread = threading.Thread(target=processor.run, daemon=True)
        thread.start()
        return thread, processor

    def cancel(self) -> None:
        """Do what *Cancel* comes to on a node: the engine there is told to stop."""
        self.worker.send_signal(signal.SIGTERM)


class Engine:
    """Launches jobs against one simulator.

    Args:
        base: folder for the private data directories.
        inject: AWX's own code on the credential type of the collection.
    """

    def __init__(self, simulator: Simulator, base: Path, inject: Inject) -> None:
        self.simulator = simulator
        self.base = base
        self._inject = inject
        self._numbers = itertools.count(101)
        self._jobs: list[Job] = []

    def credential(self, **changes: Any) -> dict[str, Any]:
        """Return the inputs of a credential for the simulator; ``changes`` replace some, None takes one away."""
        return {name: value for name, value in {**inputs_for(self.simulator), **changes}.items() if value is not None}

    def environ(self, folder: Path) -> dict[str, str]:
        """Return what an execution environment has of itself: commands, a home, a place for temporary files."""
        home, temporary = folder.parent / "home", folder.parent / "tmp"
        for place in (home, temporary):
            place.mkdir(exist_ok=True)
        kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
        path = f"{ansible_commands()}{os.pathsep}{kept['PATH']}"
        return {**kept, "PATH": path, "HOME": str(home), "TMPDIR": str(temporary), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}

    def run(self, launch: Launch, ending: Ending = GOOD) -> JobRun:
        """Launch a job and return it at its end; the simulator counts from here on."""
        return self.start(launch).finish(ending)

    def start(self, launch: Launch, *, counts_on: bool = False) -> Job:
        """Launch a job and return while it runs; the simulator counts from here on, unless it ``counts_on`` from before."""
        return self._start(Job, launch, counts_on)

    def stream(self, launch: Launch) -> StreamedJob:
        """Launch a job on another node and return while it runs; the simulator counts from here on."""
        return self._start(StreamedJob, launch, counts_on=False)

    def _start(self, way: type[AnyJob], launch: Launch, counts_on: bool) -> AnyJob:
        if not counts_on:
            self.simulator.reset()
        job = way(self, self.prepare(launch))
        self._jobs.append(job)
        return job

    def end(self) -> None:
        """End the jobs that a test left behind."""
        for job in self._jobs:
            job.end()

    def prepare(self, launch: Launch) -> PrivateData:
        """Lay the private data directory of a job out."""
        number = next(self._numbers)
        return lay_out(launch, number, self.base / f"job-{number}" / "private", self._inject)

    # -- judging --------------------------------------------------------------------------------------------

    def judge(self, run: JobRun, ending: Ending) -> None:
        """Look for all that no job may leave behind. Raises AssertionError."""
        shown = f"\n--- log of {run.private_data.parameters['playbook']}\n{run.log[-8000:]}"
        assert run.status == ending.status, f"{run.status} ({run.code}), wanted {ending.status}{shown}"
        warnings = _WARNING.findall(run.log)
        for line in warnings:
            assert any(re.search(pattern, line) for pattern in (*ending.warnings, *ending.tolerated)), f"a warning nobody asked for: {line}{shown}"
        for pattern in ending.warnings:
            assert any(re.search(pattern, line) for line in warnings), f"no warning {pattern!r}{shown}"
        assert "Traceback (most recent call last)" not in run.log, f"a traceback{shown}"
        assert "The collection met something it does not expect" not in run.log, f"an unexpected exception{shown}"
        for event in run.events:
            size, output = len(json.dumps(event)), len(event.get("stdout", ""))
            assert size <= ending.largest_event and output <= ending.largest_output, f"an event of {size} bytes, {output} of them in the log{shown}"
        leaks = self._leaks(run)
        assert not leaks, "\n".join(leaks) + shown

    def _leaks(self, run: JobRun) -> list[str]:
        """Return where a password or token shows: everything that AWX keeps or the job wrote.

        ansible-runner writes the environment of the command into the file ``command``; AWX deletes that file and keeps what ``safe_env`` masks.
        """
        needles = secret_forms(self.simulator, run.requests)
        kept = [("log", run.coloured), ("events", json.dumps(run.events)), ("command", json.dumps(run.command)), ("environment", json.dumps(run.environ))]
        return hidden.leaks(needles, itertools.chain(((name, text.encode()) for name, text in kept), self._files(run)))

    def _files(self, run: JobRun) -> Iterator[tuple[str, bytes]]:
        written_by_runner = str(run.private_data.artifacts / "command")
        return ((name, content) for name, content in hidden.files_below(run.private_data.folder.parent) if name != written_by_runner)


def wait_until(job: Job, condition: Callable[[], bool], what: str, seconds: float = 90) -> None:
    """Wait until something is so while a job runs. Raises AssertionError with its log."""
    try:
        until(condition, seconds, what)
    except AssertionError as complaint:
        raise AssertionError(f"{complaint}\n{''.join(event.get('stdout', '') for event in job.events)[-4000:]}") from None
