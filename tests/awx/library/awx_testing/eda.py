# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The event source alone with a queue, ansible-rulebook with a rulebook of the collection, and what both talk to."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import runpy
import shutil
import signal
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any

import yaml

from em_simulator.control import Simulator
from em_testing import hidden
from em_testing.endings import is_closed, until
from em_testing.runner import Runner, Started
from em_testing.wire import Wire

from .vendored import vendored_collections

SOURCE = Path("ansible_collections", "openbackup", "veeam_em", "extensions", "eda", "plugins", "event_source", "veeam_em_sessions.py")
PATIENCE = 90.0  # seconds, for a machine with other work to do
Event = dict[str, Any]


def arguments(simulator: Simulator, **changes: Any) -> dict[str, Any]:
    """Return arguments of the source for a simulator, with short pauses."""
    connection = {
        "host": simulator.host,
        "port": simulator.port,
        "username": simulator.username,
        "password": simulator.password,
        "ca_path": str(simulator.ca_path),
        "retries": 0,
    }
    return {**connection, "interval": 1, **changes}


def start(simulator: Simulator, *jobs: str) -> None:
    """Start jobs, in a log-on session that is closed again."""
    with Wire(simulator) as wire:
        for job in jobs:
            wire.post(f"/jobs/{simulator.job_id(job)}", action="start")


def questions(simulator: Simulator) -> int:
    """Return how many queries the simulator has answered."""
    return int(simulator.counters()["requests"].get("GET /query", 0))


class RunningSource:
    """The event source as ansible-rulebook has it: its file run for itself, ``main(queue, args)`` in an event loop, cancelled at the end.

    ``takes`` is how many events the queue takes before it is full for ever, as that of a busy rule engine is for a while.
    """

    def __init__(self, tree: Path, given: Mapping[str, Any], takes: int | None = None) -> None:
        self.events: list[Event] = []
        self._takes = takes
        self.error: BaseException | None = None
        self._given = dict(given)
        self._main = runpy.run_path(str(tree / SOURCE))["main"]
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    async def put(self, event: Event) -> None:
        """Be the queue."""
        if len(self.events) == self._takes:
            await asyncio.Event().wait()
        self.events.append(event["veeam_em"])

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.create_task(self._main(self, self._given))
        self._ready.set()
        try:
            await self._task
        except asyncio.CancelledError:
            pass
        except Exception as error:  # noqa: BLE001 - the test looks at it
            self.error = error

    def __enter__(self) -> RunningSource:
        self._thread.start()
        self._ready.wait(PATIENCE)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with contextlib.suppress(RuntimeError):  # a loop that has ended takes nothing
            self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive(), "the source did not end"

    def jobs(self) -> list[str]:
        """Return the jobs of the events so far, sorted."""
        return sorted(event["job"] for event in self.events)

    def wait_for(self, *jobs: str) -> None:
        """Wait until exactly the runs of these jobs have been put out."""
        until(lambda: len(self.events) >= len(jobs) or self.error is not None, PATIENCE, f"{len(jobs)} events, there are {self.jobs()}")
        assert self.error is None, self.error
        assert self.jobs() == sorted(jobs)

    def wait_for_end(self) -> BaseException:
        """Wait until the source has ended by itself and return why."""
        self._thread.join(PATIENCE)
        assert self.error is not None, "the source goes on"
        return self.error

    def wait_for_rounds(self, simulator: Simulator, rounds: int = 2) -> None:
        """Wait until the server was asked some more times: whatever there is to tell has been told then."""
        asked = questions(simulator)
        until(lambda: questions(simulator) >= asked + 2 * rounds or self.error is not None, PATIENCE, "the source asks no more")
        assert self.error is None, self.error


class Forwarder:
    """A port of loopback that leads to another one, until it is closed; and again from when it is opened: a server that restarts."""

    def __init__(self, simulator: Simulator) -> None:
        self._target = (simulator.host, simulator.port)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.StreamWriter] = set()
        self.port = 0

    def _do(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)

    def __enter__(self) -> Forwarder:
        self._thread.start()
        self.open()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()

    def open(self) -> None:
        """Listen, on the same port as before."""
        self._do(self._open())

    def close(self) -> None:
        """Refuse connections and cut those that are there."""
        self._do(self._close())

    async def _open(self) -> None:
        self._server = await asyncio.start_server(self._forward, self._target[0], self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        for writer in self._connections:
            writer.transport.abort()
        await asyncio.sleep(0.1)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection(*self._target)
        self._connections |= {writer, there_writer}
        await asyncio.gather(_pump(reader, there_writer), _pump(there_reader, writer))
        self._connections -= {writer, there_writer}


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.transport.abort() if reader.exception() else writer.close()


class Webhook:
    """An HTTP server on loopback that keeps the JSON bodies posted to it."""

    def __init__(self) -> None:
        self.bodies: list[Any] = []
        bodies = self.bodies

        class Taker(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *words: Any) -> None:  # noqa: A002 - named by the library
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Taker)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"

    def __enter__(self) -> Webhook:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()


class Rulebook:
    """A run of ansible-rulebook in a folder of its own, with the installed collection; a context manager that ends and judges it."""

    _numbers = itertools.count(1)

    def __init__(self, runner: Runner, base: Path, rulebook: str, **variables: Any) -> None:
        assert shutil.which("java"), "ansible-rulebook needs Java 17 or newer: install it (apt-get install openjdk-17-jre-headless)"
        self._runner = runner
        self._folder = base / f"rulebook-{next(self._numbers)}"
        for name in ("cwd", "home", "tmp"):
            (self._folder / name).mkdir(parents=True)
        inventory = {"all": {"hosts": {"localhost": {"ansible_connection": "local", "ansible_python_interpreter": str(runner.commands / "python")}}}}
        for name, content in (("inventory.yml", inventory), ("vars.yml", variables)):
            (self._folder / "cwd" / name).write_text(yaml.safe_dump(content), encoding="utf-8")
        command = [str(runner.commands / "ansible-rulebook"), "-r", rulebook, "-i", "inventory.yml", "--vars", "vars.yml"]
        self._started = Started(runner, command, self._environ(), self._folder)

    def _environ(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("JAVA_HOME", "SYSTEMROOT") if name in os.environ}
        home, temporary = str(self._folder / "home"), str(self._folder / "tmp")
        return {
            **kept,
            **self._runner.connection(),
            "PATH": f"{self._runner.commands}{os.pathsep}{os.environ['PATH']}",
            "HOME": home,
            "TMPDIR": temporary,
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_COLLECTIONS_PATH": str(vendored_collections()),
            "ANSIBLE_NOCOLOR": "true",
        }

    @property
    def output(self) -> str:
        """All that it has said so far."""
        return self._started.text() + (self._folder / "stderr").read_text(encoding="utf-8", errors="replace")

    def __enter__(self) -> Rulebook:
        return self

    def until_asking(self) -> None:
        """Wait until the source has asked for the first time."""
        self.until(lambda: questions(self._runner.simulator) >= 2, "the source asks")

    def until(self, condition: Any, what: str) -> None:
        """Wait for something while it runs. Raises AssertionError with its output when it ends before, or in time."""
        try:
            until(lambda: bool(condition()) or self._started.process.poll() is not None, PATIENCE, what)
            assert condition(), f"ended before: {what}"
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.output[-6000:]}") from None

    def ends_by_itself(self) -> int:
        """Wait for its end and return the exit code."""
        return self._started.process.wait(PATIENCE)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        process = self._started.process
        try:
            if process.poll() is None:
                self._started.signal(signal.SIGTERM)
                code = process.wait(PATIENCE)
                assert kind is not None or code == 0, f"exit code {code}\n{self.output[-6000:]}"
        finally:
            self._started.kill()
        if kind is None:
            self._judge()

    def _judge(self) -> None:
        """Look at what it left behind."""
        simulator = self._runner.simulator
        until(lambda: is_closed(simulator), 10, f"{simulator.counters()['open_sessions']} log-on sessions are open\n{self.output[-6000:]}")
        needles = hidden.forms_of(simulator.password) | {hidden.basic_header(simulator.username, simulator.password)}
        found = hidden.leaks(needles, itertools.chain([("output", self.output.encode())], hidden.files_below(self._folder)))
        assert not found, "\n".join(found)
        assert "Traceback (most recent call last)" not in self.output, self.output[-6000:]
