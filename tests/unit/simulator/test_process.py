# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator as a process of its own: sockets, TLS, faults of the network, its control API and its end."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest

from em_simulator.control import ControlError, Simulator

SQL = "SQL Server Backup"


class Client:
    """A client of the standard library on one connection a request."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim
        self.headers = {"Accept": "application/json"}

    def raw(self, method: str, path: str) -> tuple[http.client.HTTPResponse, bytes]:
        """Send a request and read the whole answer."""
        context = ssl.create_default_context(cafile=self.sim.ca_path)
        connection = http.client.HTTPSConnection(self.sim.host, self.sim.port, timeout=20, context=context)
        try:
            connection.request(method, "/api" + path, headers=self.headers)
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()

    def log_on(self) -> None:
        """Log on and keep the token."""
        basic = b64encode(f"{self.sim.username}:{self.sim.password}".encode()).decode()
        self.headers["Authorization"] = f"Basic {basic}"
        answer, _body = self.raw("POST", "/sessionMngr/?v=latest")
        del self.headers["Authorization"]
        token = answer.getheader("X-RestSvcSessionId")
        assert answer.status == 201
        assert token
        self.headers["X-RestSvcSessionId"] = token


@pytest.fixture(scope="module")
def running() -> Iterator[Simulator]:
    with Simulator.start(bad_name_port=True, password="only for this test") as sim:
        yield sim


@pytest.fixture
def client(running: Simulator) -> Client:
    running.reload()
    made = Client(running)
    made.log_on()
    return made


def test_requests_over_tls_are_counted_and_logged(client: Client) -> None:
    answer, body = client.raw("GET", "/jobs?format=Entity")
    assert (answer.status, answer.reason) == (200, "OK")
    assert len(json.loads(body)["Jobs"]) == 13
    assert answer.getheader("Server") == "Microsoft-HTTPAPI/2.0"
    answer, body = client.raw("POST", f"/jobs/{client.sim.job_id(SQL)}?action=start")
    assert answer.status == 202
    assert json.loads(body)["Href"] == f"https://127.0.0.1:{client.sim.port}/api/tasks/task-1"
    counts = client.sim.counters()
    assert counts["requests"] == {"GET /jobs": 1, "POST /jobs/{ID}": 1, "POST /sessionMngr/": 1}
    assert (counts["total_requests"], counts["writes"], counts["logons"], counts["open_sessions"]) == (3, 1, 1, 1)
    assert counts["starts"] == {SQL: 1}
    assert [(one["method"], one["path"], one["status"]) for one in client.sim.log()][1] == ("GET", "/jobs", 200)
    client.sim.reset()
    assert client.sim.counters()["total_requests"] == 0
    assert client.sim.counters()["open_sessions"] == 1


def test_refusals_keep_their_text_in_the_status_line(client: Client) -> None:
    answer, _body = client.raw("GET", "/jobs/1")
    assert (answer.status, answer.reason) == (400, "BadRequest")


def test_the_clock_jumps_on_order(client: Client) -> None:
    client.raw("POST", f"/jobs/{client.sim.job_id(SQL)}?action=start")
    client.sim.advance(60)
    _answer, body = client.raw("GET", "/tasks/task-1")
    assert json.loads(body)["State"] == "Finished"
    client.sim.advance(901)
    assert client.raw("GET", "/tasks")[0].status == 401


def test_a_reset_with_and_without_carrying_the_order_out(client: Client) -> None:
    path = f"/jobs/{client.sim.job_id(SQL)}?action=start"
    for apply, starts in ((False, {}), (True, {SQL: 1})):
        client.sim.fault("reset", method="POST", path="action=start", apply=apply)
        with pytest.raises((ConnectionError, http.client.RemoteDisconnected)):
            client.raw("POST", path)
        assert client.sim.counters()["starts"] == starts
        assert client.sim.log()[-1]["status"] == 0
    assert client.raw("GET", "/tasks")[0].status == 200


def test_spoiled_bodies(client: Client) -> None:
    whole = client.raw("GET", "/tasks?format=Entity")[1]
    sim = client.sim
    sim.fault("truncate", path="^/tasks")
    with pytest.raises(http.client.IncompleteRead):
        client.raw("GET", "/tasks")
    sim.fault("malformed", path="^/tasks", part=0.25)
    assert client.raw("GET", "/tasks")[1] == whole[: len(whole) // 4]
    sim.fault("bom", path="^/tasks")
    assert client.raw("GET", "/tasks")[1] == b"\xef\xbb\xbf" + whole
    sim.fault("empty", path="^/tasks")
    assert client.raw("GET", "/tasks")[1] == b""
    sim.fault("content_type", path="^/tasks", content_type="text/html")
    assert client.raw("GET", "/tasks")[0].getheader("Content-Type") == "text/html"
    sim.fault("html", path="^/tasks")
    answer, body = client.raw("GET", "/tasks")
    assert (answer.status, answer.getheader("Content-Type")) == (502, "text/html")
    assert body.startswith(b"<!DOCTYPE html>")
    sim.fault("entities", path="^/tasks")
    assert b'<!ENTITY e9 "&e8;' in client.raw("GET", "/tasks")[1]
    sim.fault("huge", path="^/tasks", size=3_000_000)
    assert len(client.raw("GET", "/tasks")[1]) == 3_000_000
    assert sim.counters()["faults_hit"] == 8


def test_an_error_on_order_with_retry_after(client: Client) -> None:
    client.sim.fault("status", path="^/tasks", status=503, retry_after=7, after=1, count=2)
    statuses = [client.raw("GET", "/tasks")[0] for _turn in range(4)]
    assert [answer.status for answer in statuses] == [200, 503, 503, 200]
    assert [answer.getheader("Retry-After") for answer in statuses] == [None, "7", "7", None]
    assert client.sim.faults() == [{"kind": "status", "method": "*", "path": "^/tasks", "seen": 4, "hits": 2}]


def test_slow_answers(client: Client) -> None:
    client.sim.fault("latency", path="^/tasks", seconds=0.4)
    began = time.monotonic()
    client.raw("GET", "/tasks")
    assert time.monotonic() - began >= 0.4
    client.sim.fault("drip", path="^/tasks", chunk=5, seconds=0.1)
    began = time.monotonic()
    _answer, body = client.raw("GET", "/tasks")
    assert time.monotonic() - began >= 0.2
    assert body == b'{"Tasks":[]}'


def test_sessions_end_in_mid_wait(client: Client) -> None:
    client.sim.fault("expire", path="^/tasks", after=1)
    assert [client.raw("GET", "/tasks")[0].status for _turn in range(2)] == [200, 401]
    client.log_on()
    assert client.sim.expire() == 1


def test_the_control_api_explains_mistakes(client: Client) -> None:
    with pytest.raises(ControlError, match="unknown fault 'nonsense'"):
        client.sim.fault("nonsense")
    with pytest.raises(ControlError, match="a fault has no speed"):
        client.sim.fault("latency", speed=1)
    with pytest.raises(ControlError, match="unknown script"):
        client.sim.script("nonsense")
    with pytest.raises(ControlError, match="unknown profile"):
        client.sim.profile("14")
    with pytest.raises(ControlError, match="2 jobs are named 'Exchange Backup'"):
        client.sim.job_id("Exchange Backup")
    assert client.sim.job_id("Exchange Backup", "vbr02.example.com")


def test_a_certificate_for_another_host_is_noticed(running: Simulator) -> None:
    context = ssl.create_default_context(cafile=running.ca_path)
    assert running.bad_name_port is not None
    with socket.create_connection((running.host, running.bad_name_port), timeout=10) as plain, pytest.raises(ssl.SSLCertVerificationError, match="IP address"):
        context.wrap_socket(plain, server_hostname=running.host)


def test_only_loopback_is_listened_on(running: Simulator) -> None:
    table = Path(f"/proc/{running.pid}/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    control_port = int(running.control_url.rpartition(":")[2])
    own = {f"{port:04X}" for port in (running.port, running.bad_name_port, control_port) if port}
    listening = {line.split()[1] for line in table if line.split()[3] == "0A" and line.split()[1].rpartition(":")[2] in own}
    assert listening == {f"0100007F:{port}" for port in own}


def test_clients_without_a_certificate_stay_outside() -> None:
    with Simulator.start(require_client_cert=True) as sim:
        assert sim.client_cert is not None
        context = ssl.create_default_context(cafile=sim.ca_path)
        for shown in (False, True):
            if shown:
                context.load_cert_chain(sim.client_cert, sim.client_key)
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
            if shown:
                assert opener.open(sim.url + "/", timeout=10).status == 200
            else:
                with pytest.raises((urllib.error.URLError, ConnectionError, ssl.SSLError)):
                    opener.open(sim.url + "/", timeout=10)


def gone(pid: int, seconds: float = 10) -> bool:
    """Wait for a process to disappear or to be dead."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


def test_it_ends_on_a_signal_and_leaves_nothing() -> None:
    sim = Simulator.start(plain_http=True)
    folder = Path(sim.ca_path).parent
    assert sim.url.startswith("http://")
    assert folder.exists()
    os.kill(sim.pid, signal.SIGTERM)
    assert gone(sim.pid)
    sim.stop()
    assert not folder.exists()


def test_it_ends_with_its_parent_and_at_the_end_of_its_life(tmp_path: Path) -> None:
    script = (
        "import sys; from em_simulator.control import Simulator; sim = Simulator.start(plain_http=True);"
        " print(sim.pid, flush=True); import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    )
    path = os.pathsep.join(entry for entry in sys.path if entry.endswith("simulator"))
    killed = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, "PYTHONPATH": path, "TMPDIR": str(tmp_path)}, stdout=subprocess.PIPE, check=False, cwd=tmp_path
    )
    assert killed.returncode == -signal.SIGKILL
    assert gone(int(killed.stdout))
    with Simulator.start(plain_http=True, max_lifetime=0.5) as short:
        assert gone(short.pid)


def test_a_start_that_fails_says_why() -> None:
    with pytest.raises(ControlError, match="no estate 'nonsense'; known: demo"):
        Simulator.start(estate="nonsense")
    with pytest.raises(ControlError, match="unknown script 'nonsense'"):
        Simulator.start(scripts=("nonsense",))


def test_scripts_of_the_command_line_hold_from_the_start_and_over_a_reload() -> None:
    with Simulator.start(
        plain_http=True, scripts=(f"run_fails={SQL};message=no space left", "clock_offset;seconds=3600"), speed=0, now="2026-11-20T20:00:00+00:00"
    ) as sim:
        for _turn in range(2):
            state = sim.state()
            assert state["date"] == "Fri, 20 Nov 2026 21:00:00 GMT"
            assert [job["scripts"] for job in state["jobs"] if job["name"] == SQL] == [["run_fails"]]
            sim.reload()
