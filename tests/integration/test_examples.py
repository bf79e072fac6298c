# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples of every module, run as they stand in the documentation against the demo estate, which has the things that they name."""

from __future__ import annotations

from typing import Any

import pytest

from em_testing.documentation import documented, example_tasks
from em_testing.plays import COLLECTION
from em_testing.runner import Expectation, Run, Runner
from em_testing.story import FAST, mounted
from em_testing.subjects import modules
from em_testing.wire import Wire, identity


def stands_for(wire: Wire) -> dict[str, str]:
    """Return what ids and names of the examples stand for in the demo estate, which makes its ids by itself."""
    machine = identity(wire.collection("/catalog/vms")[0])
    return {
        "5acac742-ee17-4080-8e89-a6ea67adfcf3": mounted(wire)["vm_restore_point"],
        "srv-files-01": machine,
        "d6e7f809-1a2b-43c4-8d5e-6f708192a3b4": identity(wire.collection(f"/catalog/vms/{machine}/vmRestorePoints")[0]),
        "9e8d7c6b-5a49-4832-a1b0-c9d8e7f6a5b4": identity(wire.job("SQL Server Backup")),
    }


@pytest.fixture(scope="module")
def examples(session_runner: Runner) -> dict[str, list[dict[str, Any]]]:
    """The tasks of all examples by module, with what they say of the connection left to the environment."""
    known = documented(session_runner.commands, session_runner.plain_environ(), list(modules()))
    session_runner.simulator.reload()
    with Wire(session_runner.simulator) as wire:
        words = stands_for(wire)
    text = "\n".join(entry["examples"] for entry in known.values())
    assert not [word for word in words if word not in text], "no example says this any more"
    return {name: example_tasks(entry["examples"], words) for name, entry in known.items()}


@pytest.fixture(scope="module")
def run(examples: dict[str, list[dict[str, Any]]], session_runner: Runner) -> Run:
    """One run with a play for each module. An example that goes on in a log-on session finds one open."""
    simulator = session_runner.simulator
    simulator.clock(speed=FAST)
    with Wire(simulator) as wire:
        plays = [
            # One that fails is to be told with the others.
            {"name": name, "hosts": "localhost", "gather_facts": False, "ignore_errors": True, "vars": {"logon": {"session": wire.token}}, "tasks": tasks}
            for name, tasks in examples.items()
        ]
        return session_runner.play(plays, expect=Expectation(sessions_left=1))


def test_the_examples_do_what_they_say(run: Run) -> None:
    assert not [(item.task, item.result.get("msg")) for item in run.outcomes if item.failed]


@pytest.mark.parametrize("module", list(modules()))
def test_every_module_has_an_example_that_ran(run: Run, module: str) -> None:
    assert [item for item in run.outcomes if item.action == f"{COLLECTION}.{module}" and item.event in ("ok", "item_ok")]
