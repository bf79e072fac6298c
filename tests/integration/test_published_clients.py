# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two published clients that work against real servers work against the simulator: it speaks as they expect."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from environments import ENVIRONMENTS, MissingPython, ensure

from em_simulator.control import Simulator

START_SECONDS = 30.0
PASSWORD = secrets.token_hex(12)

# Runs in the environment of the client and prints what its methods return.
ASK_ALL = """
import json, sys
from veeam.client import VeeamClient
url, username, password = json.load(sys.stdin)
client = VeeamClient(url, username, password)
asked = ["get_repo_summary", "get_summary_job_stats", "get_summary_vms", "get_summary_overview"]
asked += ["get_vms_processed_day", "get_jobs_1_day", "get_repos", "get_jobs"]
print(json.dumps({name: getattr(client, name)() for name in asked}, default=str))
client.logout()
"""


@pytest.fixture(scope="module")
def clients() -> Path:
    """The folder of the clients' commands: EM_TEST_CLIENTS, or an environment made on the spot."""
    given = os.environ.get("EM_TEST_CLIENTS")
    if given:
        return Path(given)
    try:
        return ensure(ENVIRONMENTS["clients"]).bin
    except MissingPython as missing:
        pytest.skip(f"the clients' packages need an older Python: {missing}")


def package_folder(clients: Path, name: str) -> Path:
    """Return where a package of the clients' environment lies."""
    (found,) = clients.parent.glob(f"lib/python3*/site-packages/{name}")
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def exporter_command(clients: Path, simulator: Simulator, folder: Path, port: int, *more: str) -> list[str]:
    """Return the command of the exporter for a simulator; its own metrics answer at the port."""
    package = package_folder(clients, "veeam_exporter")
    server = {"host": simulator.host, "port": simulator.port, "user": simulator.username, "password": simulator.password}
    configuration = {
        "veeams": [{**server, "protocol": "https", "verify_ssl": False, "timeout": 20, "keep_session": False}],
        "weblisten": {"address": "127.0.0.1", "port": port},
        "logger": {"level": "info", "facility": str(folder / "exporter.log")},
        "metrics_file": str(package / "conf" / "metrics" / "*_metrics.yml"),
        "custom_filters": str(package / "custom_filters"),
    }
    (folder / "cfg.yml").write_text(json.dumps(configuration), encoding="utf-8")
    metrics = str(package / "conf" / "metrics" / "*_metrics.yml")
    return [str(clients / "veeam_exporter"), "-b", str(package), "-c", str(folder / "cfg.yml"), "-o", metrics, "-f", str(folder / "exporter.log"), *more]


@contextlib.contextmanager
def serving(command: list[str]) -> Iterator[None]:
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)


def fetch(url: str) -> str:
    """Return what a server that is just starting answers, past any proxy."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with opener.open(url, timeout=START_SECONDS) as answer:
                return str(answer.read().decode())
        except urllib.error.URLError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    """A simulator of its own: these clients write a password into the header without caring for its letters."""
    with Simulator.start(estate="demo", profile="12", password=PASSWORD) as found:
        yield found


def test_an_exporter_reads_the_estate(clients: Path, simulator: Simulator, tmp_path: Path) -> None:
    port = free_port()
    with serving(exporter_command(clients, simulator, tmp_path, port)):
        metrics = fetch(f"http://127.0.0.1:{port}/metrics?target={simulator.host}")
    assert "veeam_em_up 1.0" in metrics
    assert 'veeam_em_overview_jobs_count{type="scheduled_replica"} 2.0' in metrics
    states = {
        line.split('jobname="')[1].split('"')[0]: line.rpartition(" ")[2] for line in metrics.splitlines() if line.startswith("veeam_em_jobs_sessions_state{")
    }
    assert states["SQL Server Backup"] == "3.0" and states["File Server Backup"] == "1.0"
    assert "Резервное копирование 🚀" in states
    assert 'vmname="srv-sql-02"' in metrics
    counters = simulator.counters()
    assert counters["logons"] == counters["logouts"] == 1 and counters["open_sessions"] == 0


def test_an_exporter_is_told_of_a_wrong_password(clients: Path, simulator: Simulator, tmp_path: Path) -> None:
    port = free_port()
    logons = simulator.counters()["logons"]
    command = exporter_command(clients, simulator, tmp_path, port)
    text = (tmp_path / "cfg.yml").read_text(encoding="utf-8")
    (tmp_path / "cfg.yml").write_text(json.dumps(_with_password(json.loads(text), "wrong")), encoding="utf-8")
    with serving(command):
        metrics = fetch(f"http://127.0.0.1:{port}/metrics?target={simulator.host}")
    assert "veeam_em_up 0.0" in metrics and simulator.counters()["logons"] == logons


def _with_password(configuration: dict[str, Any], password: str) -> dict[str, Any]:
    configuration["veeams"][0]["password"] = password
    return configuration


def test_an_old_client_library_reads_the_estate(clients: Path) -> None:
    with Simulator.start(estate="demo", profile="9.5u4", plain_http=True, password=PASSWORD) as simulator:
        done = subprocess.run(
            [str(clients / "python"), "-c", ASK_ALL],
            check=False,
            input=json.dumps([simulator.url, simulator.username, simulator.password]),
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        counters = simulator.counters()
    answers = json.loads(done.stdout)
    assert all(answers.values()), answers
    assert "Backup Volume 01" in str(answers["get_repo_summary"]) and "Backup Volume 01" in str(answers["get_repos"])
    assert "SQL Server Backup" in str(answers["get_jobs_1_day"]) and "Copy to DR" in str(answers["get_jobs"])
    assert counters["logons"] == counters["logouts"] == 1 and counters["open_sessions"] == 0
