# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every measurement of ``make bench`` needs: clocks, tables, plays against a simulator."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import xml.parsers.expat
from collections.abc import Callable
from pathlib import Path

import yaml

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / part) for part in ("plugins/module_utils", "tests/simulator")]

from _api.session import ConnectionOptions
from em_simulator.control import Simulator

REPETITIONS = 3
MIB = 1 << 20


def report(title: str, rows: list[tuple[str, str, str]]) -> None:
    """Print one measurement as a table: what, measured, wanted."""
    width = max(len(row[0]) for row in rows) + 2
    print(f"\n{title}")
    for what, measured, wanted in rows:
        print(f"  {what:<{width}}{measured:>16}  {'wanted ' + wanted if wanted else ''}".rstrip())


def best_of(measure: Callable[[], float], times: int = REPETITIONS) -> float:
    """Return the smallest of several measurements in seconds."""
    return min(measure() for _repetition in range(times))


def seconds_of(work: Callable[[], object]) -> float:
    """Return how long the work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def environ_for(simulator: Simulator) -> dict[str, str]:
    """Return the environment in which the collection reaches the simulator."""
    return {
        **os.environ,
        "VEEAM_EM_HOST": simulator.host,
        "VEEAM_EM_PORT": str(simulator.port),
        "VEEAM_EM_USERNAME": simulator.username,
        "VEEAM_EM_PASSWORD": simulator.password,
        "VEEAM_EM_CA_PATH": simulator.ca_path,
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
    }


def play_of(tasks: list[dict[str, object]], **variables: object) -> str:
    """Return a playbook for localhost with these tasks."""
    return yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "vars": variables, "tasks": tasks}])


def run_play(text: str, simulator: Simulator) -> float:
    """Run a playbook and return its wall time in seconds. Ends the benchmark with its output when it fails."""
    with tempfile.TemporaryDirectory() as folder:
        playbook = Path(folder) / "play.yml"
        playbook.write_text(text, encoding="utf-8")
        began = time.perf_counter()
        run = subprocess.run(["ansible-playbook", str(playbook)], env=environ_for(simulator), check=False, capture_output=True, text=True)
        spent = time.perf_counter() - began
    if run.returncode:
        raise SystemExit(run.stdout[-3000:] + run.stderr[-3000:])
    return spent


def options_from_environ(wire_format: str) -> ConnectionOptions:
    """Return the connection that the environment names."""
    value = os.environ.__getitem__
    return ConnectionOptions(
        host=value("VEEAM_EM_HOST"),
        port=int(value("VEEAM_EM_PORT")),
        username=value("VEEAM_EM_USERNAME"),
        password=value("VEEAM_EM_PASSWORD"),
        ca_path=value("VEEAM_EM_CA_PATH"),
        wire_format=wire_format,
    )


def expat_seconds(body: bytes) -> float:
    """Return the seconds that expat with empty handlers takes for a body."""
    parser = xml.parsers.expat.ParserCreate()
    parser.StartElementHandler = lambda name, attributes: None
    parser.EndElementHandler = lambda name: None
    parser.CharacterDataHandler = lambda data: None
    return seconds_of(lambda: parser.Parse(body, True))
