# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every info module, every way to ask, in both lanes, with and without check mode. Expectations come from the bare wire."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from em_simulator.control import Simulator
from em_testing.matrix import INFO_MODULES, Cell, info_cells, read_estate
from em_testing.plays import play
from em_testing.runner import LANES, Run, Runner
from em_testing.wire import Wire

WAYS = tuple((lane, check) for lane in LANES for check in (False, True))
# How long something took differs between two runs, and so does the trace that core hangs on a failure.
_NOT_COMPARED = ("elapsed", "polls", "exception", "invocation", "warnings", "deprecations")


@pytest.fixture(scope="module")
def cells(shared_simulator: Simulator) -> Iterator[list[Cell]]:
    """The cells for an estate that stands still while they run."""
    shared_simulator.reload()
    with Wire(shared_simulator) as wire:
        rows = read_estate(wire)
    assert all(rows.values()), "a kind of thing is missing in the estate, so its cells would prove nothing"
    yield info_cells(rows)


class Runs:
    """One run a way with all its cells in it, made when it is first asked for."""

    def __init__(self, runner: Runner, cells: list[Cell]) -> None:
        self._runner = runner
        self._cells = cells
        self._made: dict[tuple[str, bool], Run] = {}

    def cells(self, lane: str, check: bool) -> list[Cell]:
        return [cell for cell in self._cells if cell.runs_in(lane, check)]

    def run(self, lane: str, check: bool) -> Run:
        if (lane, check) not in self._made:
            self._made[lane, check] = self._runner.play(play(*(cell.task for cell in self.cells(lane, check))), lane=lane, check=check)
        return self._made[lane, check]


@pytest.fixture(scope="module")
def runs(cells: list[Cell], session_runner: Runner) -> Runs:
    """The runs of all ways."""
    return Runs(session_runner, cells)


@pytest.mark.parametrize(("lane", "check"), WAYS, ids=[f"{lane}{'-check' if check else ''}" for lane, check in WAYS])
def test_every_cell_finds_what_the_wire_has(runs: Runs, lane: str, check: bool, subtests: pytest.Subtests) -> None:
    run = runs.run(lane, check)
    for cell in runs.cells(lane, check):
        with subtests.test(cell.name):
            cell.check(run.failure(cell.name) if cell.fails else run.result(cell.name))


@pytest.mark.parametrize("check", [False, True], ids=["normal", "check"])
def test_both_lanes_give_the_same_results(runs: Runs, check: bool) -> None:
    for cell in runs.cells("module", check):
        first, second = (comparable(runs.run(lane, check).outcome(cell.name).result) for lane in LANES)
        assert first == second, cell.name


def test_check_mode_reads_as_much(runs: Runs) -> None:
    for cell in runs.cells("controller", True):
        first, second = (comparable(runs.run("controller", check).outcome(cell.name).result) for check in (True, False))
        assert first == second, cell.name


def test_xml_and_json_give_the_same_records(runs: Runs) -> None:
    run = runs.run("controller", False)
    for info in INFO_MODULES:
        by_json, by_xml = (run.result(f"{info.module} {info.query_type}: {way}")[info.result_key] for way in ("all", "by XML"))
        assert sorted(by_json, key=record_id) == sorted(by_xml, key=record_id)


def record_id(record: dict[str, Any]) -> str:
    """What orders records for a comparison."""
    return str(record["id"])


def comparable(result: dict[str, Any]) -> dict[str, Any]:
    """Return the result without what may differ."""
    return {name: value for name, value in result.items() if name not in _NOT_COMPARED}
