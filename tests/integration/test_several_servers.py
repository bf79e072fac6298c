# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several Enterprise Managers in one play: the hosts of an inventory, each with a connection of its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from em_simulator.control import Simulator
from em_testing.plays import COLLECTION
from em_testing.runner import LANES, Expectation, Runner
from em_testing.wire import Wire

PLAYBOOK = f"{COLLECTION}.several_servers"
# The connection comes from the inventory; the variables of the one simulator must not fill any gap.
NO_VARIABLES: Mapping[str, str | None] = {f"VEEAM_EM_{word}": None for word in ("HOST", "PORT", "USERNAME", "PASSWORD", "CA_PATH")}
ONE_PLAYBOOK: dict[str, str] = {"ANSIBLE_SHOW_CUSTOM_STATS": "true"}


def connection(simulator: Simulator) -> dict[str, Any]:
    """Return the variables of a host of the inventory."""
    return {
        "veeam_em_port": simulator.port,
        "veeam_em_username": simulator.username,
        "veeam_em_password": simulator.password,
        "veeam_em_ca_path": str(simulator.ca_path),
    }


def inventory(folder: Path, hosts: dict[str, dict[str, Any]]) -> Path:
    """Write an inventory of Enterprise Managers."""
    path = folder / "servers.yml"
    path.write_text(yaml.safe_dump({"enterprise_managers": {"hosts": hosts, "vars": {"veeam_em_host": "127.0.0.1"}}}), encoding="utf-8")
    return path


@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize("check", [False, True], ids=["normal", "check"])
def test_every_server_is_asked_with_its_own_connection(runner: Runner, tmp_path: Path, lane: str, check: bool) -> None:
    with Simulator.start(generate=7, task_sessions=200, username="second-user") as other:
        servers = inventory(tmp_path, {"em-first": connection(runner.simulator), "em-second": connection(other)})
        run = runner.play(PLAYBOOK, "-i", str(servers), environ={**NO_VARIABLES, **ONE_PLAYBOOK}, lane=lane, check=check)
        counts = other.counters()
        with Wire(other) as wire:
            jobs = {row["Name"] for row in wire.all("Job")}
            space = {row["Name"] for row in wire.all("Repository")}
    # Each of the three tasks logs on by itself.
    for counters in (run.counters, counts):
        assert counters["logons"] == counters["logouts"] == 3 and counters["writes"] == counters["open_sessions"] == 0
    assert f"em-second: {len(jobs)} jobs" in run.stdout
    assert all(f"{name}: " in run.stdout for name in space)
    assert "failed: SQL Server Backup@" in run.stdout, "the runs of the first server"


def test_a_server_that_cannot_be_read_does_not_hide_the_others(runner: Runner, tmp_path: Path) -> None:
    lost = {"veeam_em_port": 1, "veeam_em_username": "somebody", "veeam_em_password": "a password of no account"}
    servers = inventory(tmp_path, {"em-first": connection(runner.simulator), "em-lost": lost})
    run = runner.play(PLAYBOOK, "-i", str(servers), environ={**NO_VARIABLES, **ONE_PLAYBOOK}, expect=Expectation(code=2))
    assert "em-lost: not read. 127.0.0.1:1 refuses the connection" in run.stdout
    assert "em-first: " in run.stdout and "failed: SQL Server Backup@" in run.stdout
    (last,) = [item for item in run.outcomes if item.task.endswith("Fail where a server could not be read") and item.failed]
    assert last.host == "em-lost" and "refuses the connection" in last.result["msg"]
