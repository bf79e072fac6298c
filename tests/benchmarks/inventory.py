# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long the inventory of a big estate takes, and how many requests: by ``run.py`` or alone."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from measuring import environ_for, report, seconds_of

from _api.protection import Scope, read_machines
from _api.session import ConnectionOptions, Session
from em_simulator.control import Simulator

SIZES = (100, 1_000, 10_000)
# What a machine has of each in the estate of ten thousand: the runs and restore points of ten days.
POINTS_OF_A_MACHINE = 10
SOURCE = {"plugin": "openbackup.veeam_em.protected_machines", "rpo_hours": 26}


@dataclass(frozen=True)
class Cost:
    """What the machines of one estate cost; seconds."""

    machines: int
    reading: float
    requests: int
    command: float
    from_cache: float


def command_seconds(simulator: Simulator, folder: str) -> float:
    """Return the wall time of ``ansible-inventory`` with a cache in the folder. Ends the benchmark with its output when it fails."""
    source = Path(folder) / "bench.veeam_em.yml"
    source.write_text(
        json.dumps({**SOURCE, "cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": f"{folder}/cache"}), encoding="utf-8"
    )
    environ = {**environ_for(simulator), "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true"}
    done: list[subprocess.CompletedProcess[bytes]] = []

    def run() -> None:
        listing = Path(folder) / "listing.json"
        done.append(
            subprocess.run(
                ["ansible-inventory", "-i", str(source), "--list", "--output", str(listing)],
                env=environ,
                check=False,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
        )

    spent = seconds_of(run)
    if done[0].returncode:
        raise SystemExit(done[0].stdout[-3000:].decode(errors="replace"))
    return spent


def cost_of(machines: int) -> Cost:
    """Measure one generated estate: the reading alone, the whole command, and the command that finds its cache."""
    points = machines * POINTS_OF_A_MACHINE
    with Simulator.start(generate=7, machines=machines, restore_points=points, task_sessions=points) as simulator, tempfile.TemporaryDirectory() as folder:
        options = ConnectionOptions(
            host=simulator.host, port=simulator.port, username=simulator.username, password=simulator.password, ca_path=simulator.ca_path
        )
        found: list[int] = []

        def read() -> None:
            with Session(options) as session:
                found.append(len(read_machines(session, Scope())))

        reading = seconds_of(read)
        requests = int(simulator.counters()["total_requests"])
        return Cost(found[0], reading, requests, command_seconds(simulator, folder), command_seconds(simulator, folder))


def measure(sizes: tuple[int, ...] = SIZES) -> None:
    """Print the table."""
    for cost in map(cost_of, sizes):
        rows = [
            ("reading alone", f"{cost.reading:.1f} s", ""),
            ("requests, log-on and log-out included", str(cost.requests), ""),
            ("requests a machine", f"{cost.requests / cost.machines:.3f}", ""),
            ("ansible-inventory --list", f"{cost.command:.1f} s", ""),
            ("the same from its cache", f"{cost.from_cache:.1f} s", ""),
        ]
        report(f"(e) the inventory of {cost.machines} machines", rows)


if __name__ == "__main__":
    os.environ.setdefault("ANSIBLE_LOCALHOST_WARNING", "false")
    measure()
