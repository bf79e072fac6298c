# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every info module, every way to ask, in all kinds of weather. Cells come from the declarations, expectations from the bare wire."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from coverage_api import Words, accepted_reads, coverage, drift, known_paths, reads_of, write_reads

from em_simulator.control import Simulator
from em_testing.circumstances import CIRCUMSTANCES, STILL_RULES, Circumstance, Scene, scene
from em_testing.here import outcome_of
from em_testing.matrix import RULES, WEAK_ACCOUNTS, Cell, password_variable
from em_testing.plays import play
from em_testing.runner import Expectation, Run, Runner, ansible_commands
from em_testing.story import further_play
from em_testing.subjects import info_modules
from em_testing.wire import Wire

AS_EVER = CIRCUMSTANCES[0]
OTHER_GENERATIONS = tuple(circumstance for circumstance in CIRCUMSTANCES if circumstance.profile != AS_EVER.profile)
# One module takes every cell through the module lane, which costs ten times more; the others do so once (test_every_module).
FULL_IN_BOTH_LANES = "veeam_em_job_info"
LONGEST_PART = 600  # seconds; a minute on a machine with nothing else to do
NOW = "2026-06-15T12:00:00+00:00"
# How long something took differs between two runs, and so does the trace that core hangs on a failure.
_NOT_COMPARED = ("elapsed", "polls", "exception", "invocation", "warnings", "deprecations")
_FRAME = [("POST", "sessionMngr"), ("DELETE", "logonSessions")]
_WHEN_VANISHING = {"things vanishing": ("vanished while it was read",)}


@pytest.fixture(scope="module")
def still(credentials: tuple[str, str], collections: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Runner]]:
    """Two runners, each against an estate of its own whose clock stands, so that it is the same after every reload."""
    username, password = credentials
    with contextlib.ExitStack() as stack:
        started = [stack.enter_context(Simulator.start(estate="demo", username=username, password=password, now=NOW, speed=0)) for _half in range(2)]
        yield [Runner(simulator, ansible_commands(), collections, tmp_path_factory.mktemp("matrix")) for simulator in started]


@dataclass(frozen=True)
class Part:
    """The cells of some modules in one circumstance, their run, and what came of their variants in this process."""

    runner: Runner
    scene: Scene
    run: Run
    variants: dict[str, dict[str, Any]]

    def result(self, cell: Cell) -> dict[str, Any]:
        """Return what came of a cell, as it was to go."""
        if cell.variant:
            assert bool(self.variants[cell.name].get("failed")) == cell.fails, self.variants[cell.name].get("msg")
            return self.variants[cell.name]
        return self.run.failure(cell.name) if cell.fails else self.run.result(cell.name)


class Matrix:
    """Runs of the real command for each circumstance, two at the same time with half of the modules each, made when they are first asked for."""

    def __init__(self, runners: list[Runner]) -> None:
        names = list(info_modules())
        self.halves = [(runner, names[number :: len(runners)]) for number, runner in enumerate(runners)]
        self._made: dict[str, list[Part]] = {}

    def parts(self, circumstance: Circumstance) -> list[Part]:
        """Return the runs of a circumstance."""
        if circumstance.name not in self._made:
            with ThreadPoolExecutor(len(self.halves)) as pool:
                futures = [pool.submit(self.part, circumstance, runner, names) for runner, names in self.halves]
                self._made[circumstance.name] = [future.result() for future in futures]
        return self._made[circumstance.name]

    def part(self, circumstance: Circumstance, runner: Runner, names: list[str], lane: str = "controller") -> Part:
        """Run the cells of some modules."""
        simulator = runner.simulator
        passwords = {password_variable(account): simulator.accounts[account]["password"] for account in WEAK_ACCOUNTS}
        with scene(simulator, circumstance, names) as made:
            # The log-on sessions of the wire are open meanwhile; none may be added to them.
            expected = Expectation(
                sessions_left=simulator.counters()["open_sessions"],
                warnings=_WHEN_VANISHING.get(circumstance.name, ()),
                secrets=tuple(passwords.values()),
            )
            tasks = play(*(cell.task for cell in made.cells if not cell.variant))
            run = runner.play(tasks, lane=lane, check=circumstance.check, environ=passwords, expect=expected, seconds=LONGEST_PART, by_task=True)
            variants = {cell.name: outcome_of(cell, simulator, circumstance.check) for cell in made.cells if cell.variant}
        return Part(runner, made, run, variants)


@pytest.fixture(scope="module")
def matrix(still: list[Runner]) -> Matrix:
    """The runs of all circumstances."""
    return Matrix(still)


@pytest.mark.parametrize("circumstance", CIRCUMSTANCES, ids=lambda circumstance: circumstance.name)
def test_every_cell_finds_what_the_wire_has(matrix: Matrix, circumstance: Circumstance, subtests: pytest.Subtests) -> None:
    for part in matrix.parts(circumstance):
        sent = {start.task: requests for start, requests in part.run.traffic()}
        for cell in part.scene.cells:
            with subtests.test(cell.name):
                cell.check(part.result(cell))
                if not cell.variant:
                    behaves(cell, sent[cell.name])


def behaves(cell: Cell, requests: list[dict[str, Any]]) -> None:
    """Assert that a task sent nothing but reads, between one log-on and one log-out unless it has a token."""
    written = [request for request in requests if request["method"] != "GET"]
    if requests and not cell.arguments.get("session"):
        assert [(request["method"], request["path"].partition("/")[2].partition("/")[0]) for request in written] == _FRAME, written
        assert written[-1] is requests[-1]
    else:
        assert written == []
    if cell.traffic:
        cell.traffic(requests)


def test_the_module_lane_gives_the_same_results(matrix: Matrix) -> None:
    (told,) = [part for part in matrix.parts(AS_EVER) if any(cell.module == FULL_IN_BOTH_LANES for cell in part.scene.cells)]
    by_module = matrix.part(AS_EVER, told.runner, [FULL_IN_BOTH_LANES], "module")
    for cell in by_module.scene.cells:
        first, second = (comparable(part.result(cell)) for part in (by_module, told))
        assert first == second, cell.name


def test_every_cell_gives_the_same_by_xml_and_in_check_mode(matrix: Matrix, subtests: pytest.Subtests) -> None:
    for part in matrix.parts(AS_EVER):
        simulator = part.runner.simulator
        with scene(simulator, AS_EVER, {cell.module for cell in part.scene.cells}) as made:
            simulator.reset()
            for cell in made.cells:
                with subtests.test(cell.name):
                    result, told = outcome_of(cell, simulator, check=True, wire_format="xml"), part.result(cell)
                    # The lanes put words of their own in front of what an argument spec refuses.
                    assert comparable(result) == comparable(told) or ("error" not in told and told["msg"].endswith(result["msg"]))
            assert simulator.counters()["writes"] == 0


@pytest.mark.parametrize("generation", OTHER_GENERATIONS, ids=lambda circumstance: circumstance.name)
def test_every_cell_on_another_generation(still: list[Runner], generation: Circumstance, subtests: pytest.Subtests) -> None:
    simulator = still[0].simulator
    with scene(simulator, generation, info_modules(), STILL_RULES) as made:
        for cell in made.cells:
            with subtests.test(cell.name):
                result = outcome_of(cell, simulator)
                assert bool(result.get("failed")) == cell.fails, result.get("msg")
                cell.check(result)


def test_every_cell_is_run_or_explained(matrix: Matrix, capsys: pytest.CaptureFixture[str]) -> None:
    ran: Counter[tuple[str, str, str]] = Counter()
    explained: dict[tuple[str, str, str], str] = {}
    in_process = 0
    for circumstance in CIRCUMSTANCES:
        for part in matrix.parts(circumstance):
            assert {start.task for start in part.run.starts} | set(part.variants) == {cell.name for cell in part.scene.cells}
            in_process += len(part.variants)
            ran.update((circumstance.name, cell.module, cell.what) for cell in part.scene.cells)
            explained.update({(circumstance.name, *key): why for key, why in part.scene.reasons.items()})
    wanted = {(circumstance.name, module, rule) for circumstance in CIRCUMSTANCES for module in info_modules() for rule in circumstance.rules}
    assert set(ran) | set(explained) == wanted and not set(ran) & set(explained)
    assert {rule for _circumstance, _module, rule in ran} == set(RULES), "a rule that never applies"
    with capsys.disabled():
        print(
            f"\nThe matrix of {len(info_modules())} info modules: {sum(ran.values())} cells run ({in_process} of them in process), {len(explained)} explained"
        )
        for circumstance in CIRCUMSTANCES:
            here = [sum(number for key, number in ran.items() if key[0] == circumstance.name), sum(key[0] == circumstance.name for key in explained)]
            print(f"  {circumstance.name}: {here[0]} run, {here[1]} explained")
        for why, number in Counter(explained.values()).most_common():
            print(f"  {number:5} times not: {why}")


@pytest.fixture(scope="module")
def further(session_runner: Runner) -> Run:
    """The run of the modules that are made from more than one declaration."""
    session_runner.simulator.reload()
    with Wire(session_runner.simulator) as wire:
        plays = further_play(wire)
    return session_runner.play(plays, by_task=True)


def test_the_coverage_page_says_what_was_seen(matrix: Matrix, further: Run) -> None:
    words = Words(known_paths())
    runs = [further, *(part.run for circumstance in CIRCUMSTANCES for part in matrix.parts(circumstance))]
    told_apart = [(start.action.rpartition(".")[2], requests) for run in runs for start, requests in run.traffic()]
    seen = {read for module, requests in told_apart for read in reads_of(module, requests, words)}
    write_reads(seen)
    assert sorted(seen) == accepted_reads(), "look at it, and take it over by: make coverage-api ARGS=--accept"
    assert drift(coverage(seen)) == []


def comparable(result: dict[str, Any]) -> dict[str, Any]:
    """Return the result without what may differ; of a failure what the module says."""
    if "error" in result:
        return {"error": result["error"], "msg": result["msg"]}
    return {name: value for name, value in result.items() if name not in _NOT_COMPARED}
