# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Starts the simulator in a process of its own and turns its knobs. Needs the standard library only.

with Simulator.start(estate="demo") as sim:
    sim.script("late_session", job="SQL Server Backup", seconds=2)
    ... a client talks to sim.host:sim.port ...
    assert sim.counters()["open_sessions"] == 0
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

_PACKAGE_ROOT = Path(__file__).resolve().parents[1]
_START_SECONDS = 60.0
_STOP_SECONDS = 10.0


class ControlError(Exception):
    """The simulator did not start, or did not understand a verb."""


class Simulator:
    """A running simulator: addresses and credentials as attributes, the verbs of the control API as methods."""

    def __init__(self, ready: dict[str, Any], process: subprocess.Popen[bytes] | None = None, folder: "tempfile.TemporaryDirectory[str] | None" = None) -> None:
        self.host: str = ready["host"]
        self.port: int = ready["port"]
        self.scheme: str = ready["scheme"]
        self.ca_path: str = ready["ca_path"]
        self.control_url: str = ready["control_url"]
        self.username: str = ready["username"]
        self.password: str = ready["password"]
        self.accounts: dict[str, dict[str, str]] = ready["accounts"]
        self.bad_name_port: int | None = ready.get("bad_name_port")
        self.client_cert: str | None = ready.get("client_cert")
        self.client_key: str | None = ready.get("client_key")
        self.pid: int = ready["pid"]
        self._process = process
        self._folder = folder
        # Not through a proxy that the environment names.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    @property
    def url(self) -> str:
        """Address of the REST API, without a slash at the end."""
        return f"{self.scheme}://{self.host}:{self.port}/api"

    @classmethod
    def start(
        cls,
        estate: str | None = None,
        *,
        generate: int | None = None,
        machines: int | None = None,
        restore_points: int | None = None,
        task_sessions: int | None = None,
        healthy: bool = False,
        defects: tuple[str, ...] = (),
        defect_seed: int | None = None,
        profile: str | None = None,
        plain_http: bool = False,
        scripts: tuple[str, ...] = (),
        username: str | None = None,
        password: str | None = None,
        speed: float | None = None,
        now: str | None = None,
        bad_name_port: bool = False,
        require_client_cert: bool = False,
        certificate_days: float | None = None,
        max_lifetime: float | None = None,
        python: str = sys.executable,
    ) -> "Simulator":
        """Start a process and wait until it listens. It ends with this one, or by ``stop``.

        The options are those of the command line. Raises ControlError with what the process said when it fails.
        """
        folder = tempfile.TemporaryDirectory(prefix="em-simulator-client-")
        ready_file = Path(folder.name) / "ready.json"
        command = [python, "-m", "em_simulator", "--ready-file", str(ready_file), "--parent-pid", str(os.getpid())]
        options: dict[str, Any] = {"estate": estate, "generate": generate, "machines": machines, "profile": profile}
        options |= {"restore-points": restore_points, "task-sessions": task_sessions, "defect-seed": defect_seed, "certificate-days": certificate_days}
        options |= {"username": username, "speed": speed, "now": now, "max-lifetime": max_lifetime}
        for name, value in options.items():
            if value is not None:
                command += [f"--{name}", str(value)]
        for script in scripts:
            command += ["--script", script]
        for defect in defects:
            command += ["--defect", defect]
        command += ["--healthy"] * healthy
        command += ["--plain-http"] * plain_http + ["--bad-name-port", "0"] * bad_name_port + ["--require-client-cert"] * require_client_cert
        environment = {**os.environ, "PYTHONPATH": str(_PACKAGE_ROOT)}
        if password is not None:
            # Not on the command line, where every process can read it.
            environment["EM_SIMULATOR_PASSWORD"] = password
        errors = Path(folder.name) / "stderr.txt"
        with errors.open("wb") as stream:
            process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=stream)
        deadline = time.monotonic() + _START_SECONDS
        while not ready_file.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                process.wait()
                said = errors.read_text(encoding="utf-8", errors="replace")[-2000:]
                folder.cleanup()
                raise ControlError(f"the simulator did not start: {said}")
            time.sleep(0.02)
        return cls(json.loads(ready_file.read_text(encoding="utf-8")), process, folder)

    @classmethod
    def attach(cls, ready_file: str | Path) -> "Simulator":
        """Return a simulator that somebody else started, by its ready file."""
        return cls(json.loads(Path(ready_file).read_text(encoding="utf-8")))

    def stop(self) -> None:
        """End the process, if it was started here."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def __enter__(self) -> "Simulator":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def _call(self, method: str, path: str, data: dict[str, Any] | None = None) -> dict[str, Any]:
        body = None if data is None else json.dumps(data).encode("utf-8")
        request = urllib.request.Request(self.control_url + path, data=body, method=method)  # noqa: S310 - the address is of our own process
        try:
            with self._opener.open(request, timeout=30) as answer:
                return dict(json.load(answer))
        except urllib.error.HTTPError as refusal:
            raise ControlError(json.load(refusal)["error"]) from None

    def counters(self) -> dict[str, Any]:
        """Return requests by route, total_requests, writes, logons, logouts, open_sessions, starts, credentials_seen, faults_hit."""
        return self._call("GET", "/counters")

    def log(self) -> list[dict[str, Any]]:
        """Return the requests in their order: method, path, query, status (0: cut), at, fault."""
        return list(self._call("GET", "/log")["log"])

    def state(self) -> dict[str, Any]:
        """Return the jobs with ids and what runs now."""
        return self._call("GET", "/state")

    def job_id(self, name: str, backup_server: str | None = None) -> str:
        """Return the id of a job. Raises ControlError unless exactly one job has the name."""
        found = [job["id"] for job in self.state()["jobs"] if job["name"] == name and backup_server in (None, job["backup_server"])]
        if len(found) != 1:
            raise ControlError(f"{len(found)} jobs are named {name!r}")
        return str(found[0])

    def reset(self) -> None:
        """Set the counts to zero."""
        self._call("POST", "/reset", {})

    def reload(self, **changes: Any) -> None:
        """Begin anew: fresh estate and clock; no log-on sessions, faults, scripts (but those of the start) or counts.

        ``changes`` replace how it began, from now on: ``estate`` (name or file), ``generate``, ``machines``,
        ``restore_points``, ``task_sessions``, ``healthy``, ``defects``, ``defect_seed``, ``profile``, ``scripts``.
        """
        self._call("POST", "/reload", changes)

    def fault(self, kind: str, method: str = "*", path: str = ".*", **options: Any) -> None:
        """Order bad weather (kinds and options: README.md)."""
        self._call("POST", "/faults", {"kind": kind, "method": method, "path": path, **options})

    def faults(self) -> list[dict[str, Any]]:
        """Return the bad weather with how often it was met."""
        return list(self._call("GET", "/faults")["faults"])

    def clear_faults(self) -> None:
        """Call all bad weather off."""
        self._call("DELETE", "/faults")

    def script(self, name: str, job: str | None = None, **params: Any) -> None:
        """Put a script in force for the jobs of a name, or for all (scripts and parameters: README.md)."""
        self._call("POST", "/script", {"name": name, "job": job, "params": params})

    def drop_script(self, name: str, job: str | None = None) -> None:
        """Take a script away."""
        self._call("POST", "/script", {"name": name, "job": job, "off": True})

    def defect(self, name: str, thing: str | None = None, backup_server: str | None = None, **params: Any) -> dict[str, Any]:
        """Make something wrong (defects and parameters: README.md), in a thing of a name or id or in any one.

        Returns what was planted: ``defect``, ``thing`` (kind), ``name``, ``id``, ``backup_server``, ``details``.
        """
        return self._call("POST", "/defect", {"name": name, "thing": thing, "backup_server": backup_server, "params": params})

    def defects(self) -> dict[str, Any]:
        """Return the known ``defects`` by name, and those ``planted`` in their order."""
        return self._call("GET", "/defects")

    def advance(self, seconds: float) -> dict[str, Any]:
        """Let the simulated clock jump ahead."""
        return self._call("POST", "/clock", {"advance": seconds})

    def clock(self, **changes: float) -> dict[str, Any]:
        """Set ``offset`` (seconds that the server's clock is wrong by) or ``speed``; return elapsed, date, speed, offset."""
        return self._call("POST", "/clock", changes)

    def profile(self, name: str) -> None:
        """Become another generation of the server: 9.5u4, 12 or 13."""
        self._call("POST", "/profile", {"profile": name})

    def expire(self) -> int:
        """End all log-on sessions; return how many there were."""
        return int(self._call("POST", "/expire", {})["expired"])

    def outcome(self, job: str, machines: dict[str, Any]) -> None:
        """Say how machines end from the next run on: ``{name: "Failed"}`` or ``{name: {"result": ..., "reason": ...}}``."""
        self._call("POST", "/outcome", {"job": job, "machines": machines})

    def vanish(self, kind: str, identifier: str, after: str = "list") -> None:
        """Let a thing of an entity type be gone: at its own address only (``after`` "list"), or everywhere (""). Below others: ``parent/id``."""
        self._call("POST", "/vanish", {"type": kind, "id": identifier, "after": after})

    def omit(self, kind: str, wire_name: str) -> None:
        """Leave an element or attribute out of all answers about things of an entity type."""
        self._call("POST", "/omit", {"type": kind, "wire_name": wire_name})

    def settings(self, **changes: Any) -> None:
        """Set ``max_page_size``, ``href_base`` or ``lookup_goes_down``."""
        self._call("POST", "/settings", changes)
