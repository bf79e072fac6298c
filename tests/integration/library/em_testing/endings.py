# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tests of interrupts need: to wait for something, to find every process of a run, to end those that outlive it."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from em_simulator.control import Simulator

from .runner import Expectation, Started

CLOSED_WITHIN = 15.0  # seconds; the wait looks at its parent at least every half second
STOPPED = Expectation(code=None, tolerated=(r"^\[ERROR\]: User interrupted execution", r"interrupt"))


def until(condition: Callable[[], bool], seconds: float, what: str) -> float:
    """Wait until something is so and return how long that took. Raises AssertionError when it does not come about."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, f"not within {seconds} s: {what}"
        time.sleep(0.05)
    return time.monotonic() - began


def everybody_of(started: Started) -> list[int]:
    """Return the processes of a run, wherever they went: by the folder of the run in their variables."""
    return processes_with(f"EM_RECORD_FILE={started.folder / 'record.jsonl'}")


def processes_with(variable: str) -> list[int]:
    """Return the processes that have an environment variable, written as ``NAME=value``."""
    mark = variable.encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def kill(processes: list[int]) -> None:
    """Kill processes as if at once: none can do anything about the end of another. One that has just ended is fine."""
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, number)


def is_closed(simulator: Simulator) -> bool:
    return bool(simulator.counters()["open_sessions"] == 0)
