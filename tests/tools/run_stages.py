# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run named groups of checks and say where the time went: ``run_stages.py check``.

A stage is one command in one environment. All stages of a group run, whatever fails before them; each one's output goes
to ``.venv/logs`` and, where it failed, to the screen. The last line is ``N passed, N failed, N skipped``: the tests of
pytest and of ansible-test sanity one by one, every other stage as one.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from xml.etree import ElementTree

import browser
import java
from environments import COLLECTION, ENVIRONMENTS, HOME, LINES, MAIN_LINE, ROOT, Environment, MissingPython, clean_environ, collection_tree, ensure

LOGS = HOME / "logs"
MAIN = f"core-{MAIN_LINE}"
SHOWN_LINES = 300  # of the output of a stage that failed
OTHER_LINES = tuple(line for line in LINES if line != MAIN_LINE)


@dataclass(frozen=True)
class Stage:
    """One command.

    Args:
        name: unique; names the log file and the row of the table.
        environment: name in ``environments.ENVIRONMENTS``.
        command: its first word is a command of the environment or of the machine.
        counts: "one" for the exit code alone; "pytest" or "sanity" to count tests from what they write.
        alone: no other stage runs beside it, because it watches the clock.
        seconds: time after which it is ended and counts as failed.
        opens_pages: it needs a browser, which it finds in ``EM_TEST_BROWSER``.
        runs_rules: it needs Java; its tests that do say so where there is none.
    """

    name: str
    environment: str
    command: tuple[str, ...]
    counts: str = "one"
    alone: bool = False
    seconds: int = 1200
    opens_pages: bool = False
    runs_rules: bool = False


@dataclass
class Outcome:
    """What came of a stage: numbers of tests, seconds, and why it was skipped or what it printed."""

    stage: Stage
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    skip_reason: str = ""
    notes: list[str] = field(default_factory=list)


def pytest_stage(name: str, environment: str, *arguments: str, alone: bool = False, seconds: int = 1200) -> Stage:
    """Return a stage whose tests are counted one by one."""
    report = f"--junitxml={LOGS / name}.xml"
    cache = f"cache_dir={HOME / 'pytest' / name}"
    return Stage(name, environment, ("python", "-m", "pytest", "-q", "-o", cache, report, *arguments), "pytest", alone, seconds)


def tool(name: str, *arguments: str) -> Stage:
    """Return a stage that runs a program of ``tests/tools``."""
    return Stage(name, MAIN, ("python", f"tests/tools/{arguments[0]}", *arguments[1:]))


CHECK = (
    Stage("format", MAIN, ("ruff", "format", "--check", ".")),
    Stage("ruff", MAIN, ("ruff", "check", ".")),
    Stage(
        "mypy",
        MAIN,
        (
            "mypy",
            str(collection_tree().joinpath(*COLLECTION, "plugins")),
            "tests/tools",
            "tests/simulator/em_simulator",
            "tests/integration",
            "tests/awx",
            "extensions/eda",
        ),
    ),
    tool("house rules", "check_house.py"),
    tool("meta", "check_meta.py"),
    tool("generated docs", "generate_docs.py", "--check"),
    Stage("yamllint", "lint", ("yamllint", "--strict", ".")),
)
# Nothing runs beside this stage in ``make check``, so it may have both cores.
UNIT = (pytest_stage(f"unit {MAIN_LINE}", MAIN, "tests/unit", "-n", "2"),)
# Simulator and tools only ever run with the Python of the main line.
_ELSEWHERE = ("tests/unit", "--ignore=tests/unit/simulator", "--ignore=tests/unit/tools")
_QUICK = ("-m", "not thorough")
OTHER_UNIT = tuple(pytest_stage(f"unit {line}", f"core-{line}", *_ELSEWHERE, *_QUICK) for line in OTHER_LINES)
QUICK_UNIT = (pytest_stage(f"quick unit {MAIN_LINE}", MAIN, "tests/unit", "-n", "2", *_QUICK),)
LINT = (
    pytest_stage("reports", "reports", "tests/reports"),
    Stage("shellcheck", "lint", ("shellcheck", ".ci/run")),
    Stage("ansible-lint", "lint", ("ansible-lint", "--offline")),
    Stage("docs lint", "lint", ("antsibull-docs", "lint-collection-docs", "--plugin-docs", "--validate-collection-refs", "all", ".")),
    Stage("changelog", "lint", ("antsibull-changelog", "lint")),
    Stage("galaxy-importer", "importer", ("python", "tests/tools/import_check.py")),
)
SANITY = tuple(Stage(f"sanity {line}", f"core-{line}", ("python", "tests/tools/sanity.py", line), "sanity") for line in LINES)
INTEGRATION = (
    pytest_stage(f"integration {MAIN_LINE}", MAIN, "tests/integration", "-n", "2", "--dist", "loadfile", alone=True, seconds=2400),
    *(pytest_stage(f"integration {line}", f"core-{line}", "tests/integration", "-m", "every_line", seconds=1800) for line in OTHER_LINES),
)
BROWSER = (replace(pytest_stage("browser", "browser", "tests/browser", seconds=600), opens_pages=True),)
AWX = (replace(pytest_stage("awx", "awx", "tests/awx", "-n", "2", "--dist", "loadfile", alone=True, seconds=1800), runs_rules=True),)
DEMO = (Stage("demo", MAIN, ("python", "tests/tools/demo.py"), alone=True, seconds=300),)
GROUPS: dict[str, tuple[Stage, ...]] = {
    "setup": (),
    "check": CHECK + QUICK_UNIT,
    "unit": UNIT,
    "lint": LINT,
    "browser": BROWSER,
    "awx": AWX,
    "sanity": SANITY,
    "integration": INTEGRATION,
    "matrix": UNIT + OTHER_UNIT + SANITY + INTEGRATION,
    "test": CHECK + UNIT + LINT + BROWSER + DEMO + OTHER_UNIT + SANITY + AWX + INTEGRATION,
}


def stage_environ(environment: Environment) -> dict[str, str]:
    """Return the variables a stage sees: its environment's commands first, nothing of the user's Ansible.

    ``EM_TEST_ANSIBLE`` is the folder of the Ansible commands to test with, ``EM_TEST_CLIENTS`` that of the published clients.
    """
    clients = ENVIRONMENTS["clients"]
    return clean_environ(
        PATH=f"{environment.bin}{os.pathsep}{os.environ['PATH']}",
        ANSIBLE_HOME=str(HOME / "ansible"),
        ANSIBLE_COLLECTIONS_PATH=str(collection_tree()),
        MYPYPATH=str(collection_tree()),
        NO_COLOR="1",
        EM_TEST_ANSIBLE=str(environment.bin),
        **({"EM_TEST_CLIENTS": str(clients.bin)} if clients.python.exists() else {}),
    )


def count_cases(path: Path, outcome: Outcome) -> None:
    """Add the test cases of a JUnit file to an outcome. A sanity test that no file is meant for is no test case."""
    for case in ElementTree.parse(path).iter("testcase"):
        skip = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            outcome.failed += 1
        elif skip is None:
            outcome.passed += 1
        elif skip.text != "No tests applicable.":
            outcome.skipped += 1
            outcome.notes.append(f"{case.get('classname')} {case.get('name')}: {skip.get('message') or skip.text}")


def count_pytest(stage: Stage, outcome: Outcome) -> None:
    """Count the tests of a pytest run from its report."""
    report = LOGS / f"{stage.name}.xml"
    if report.is_file():
        count_cases(report, outcome)


def count_sanity(stage: Stage, outcome: Outcome) -> None:
    """Count the sanity tests of one line, each one on each Python."""
    for report in (HOME / stage.name.replace(" ", "-") / "junit").glob("*.xml"):
        count_cases(report, outcome)


COUNTERS: dict[str, Callable[[Stage, Outcome], None]] = {"pytest": count_pytest, "sanity": count_sanity}


def execute(stage: Stage, environment: Environment, more: Mapping[str, str]) -> int:
    """Run the command of a stage with its output in the log; return the exit code, 124 where its time ran out. Args: more: variables besides."""
    with (LOGS / f"{stage.name}.log").open("wb") as log:
        process = subprocess.Popen(
            stage.command,
            cwd=ROOT,
            env={**stage_environ(environment), **more},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            return process.wait(stage.seconds)
        except subprocess.TimeoutExpired:
            log.write(f"\nended after {stage.seconds} s\n".encode())
            return 124
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def want_java() -> None:
    """Install Java where it is missing and can be had, and say aloud where it cannot."""
    try:
        java.obtain()
    except java.MissingJava as missing:
        print(f"tests will fail: {missing}", flush=True)


def run_stage(stage: Stage) -> Outcome:
    """Run one stage and count what it tested."""
    outcome = Outcome(stage)
    started = time.monotonic()
    try:
        environment = ensure(ENVIRONMENTS[stage.environment])
        if stage.runs_rules:
            want_java()
        more = {browser.VARIABLE: str(browser.obtain())} if stage.opens_pages else {}
    except MissingPython as missing:
        return left_out(outcome, missing, allowed=True)
    except browser.MissingBrowser as missing:
        return left_out(outcome, missing, allowed=not os.environ.get("CI"))
    code = execute(stage, environment, more)
    outcome.seconds = time.monotonic() - started
    if stage.counts in COUNTERS:
        COUNTERS[stage.counts](stage, outcome)
    elif code == 0:
        outcome.passed = 1
    if code and not outcome.failed:
        outcome.failed = 1
    if not code and not outcome.passed:
        outcome.failed = 1  # a run of no tests at all proves nothing
    tell(outcome, code)
    return outcome


def left_out(outcome: Outcome, missing: Exception, allowed: bool) -> Outcome:
    """Say aloud that a stage cannot run, and return what that counts as: a skip where it is allowed, otherwise a failure."""
    if allowed:
        outcome.skipped, outcome.skip_reason = 1, str(missing)
    else:
        outcome.failed = 1
    print(f"{'skip' if allowed else '===== FAIL'} {outcome.stage.name}: {missing}", flush=True)
    return outcome


def tell(outcome: Outcome, code: int) -> None:
    """Print how a stage went, and all it printed where it failed."""
    stage = outcome.stage
    if outcome.failed:
        text = (LOGS / f"{stage.name}.log").read_text(encoding="utf-8", errors="replace")
        lines = text.rstrip().splitlines()
        shown = [f"({len(lines) - SHOWN_LINES} lines before this in {LOGS / stage.name}.log)"] if len(lines) > SHOWN_LINES else []
        head = f"\n===== FAIL {stage.name} (exit code {code}): {' '.join(stage.command)}"
        print("\n".join([head, *shown, *lines[-SHOWN_LINES:], f"===== end of {stage.name}\n"]), flush=True)
    else:
        print(f"ok   {stage.name}  {outcome.passed} passed  {outcome.seconds:.0f} s", flush=True)


def prepare(stages: Sequence[Stage]) -> float:
    """Make the environments the stages need before the first one runs; return the seconds it took."""
    started = time.monotonic()
    names = sorted({stage.environment for stage in stages} | ({"clients"} if any("integration" in stage.name for stage in stages) else set()))
    for name in names:
        try:
            ensure(ENVIRONMENTS[name])
        except MissingPython as missing:
            print(f"environment {name} is left out: {missing}", flush=True)
    collection_tree()
    return time.monotonic() - started


def run_group(stages: Sequence[Stage], jobs: int) -> list[Outcome]:
    """Run stages side by side where they may, and those that watch the clock one after the other at the end."""
    shared = [stage for stage in stages if not stage.alone]
    with ThreadPoolExecutor(jobs) as pool:
        outcomes = list(pool.map(run_stage, shared))
    return outcomes + [run_stage(stage) for stage in stages if stage.alone]


def summary(outcomes: Sequence[Outcome], prepared: float, started: float) -> bool:
    """Print the table, what was skipped, and the sums; return whether all went well."""
    print(f"\n{'stage':<24}{'seconds':>9}{'passed':>9}{'failed':>9}{'skipped':>9}")
    print(f"{'environments':<24}{prepared:>9.1f}")
    for outcome in outcomes:
        print(f"{outcome.stage.name:<24}{outcome.seconds:>9.1f}{outcome.passed:>9}{outcome.failed:>9}{outcome.skipped:>9}")
    print(f"{'wall clock':<24}{time.monotonic() - started:>9.1f}")
    for outcome in outcomes:
        for reason in filter(None, [outcome.skip_reason, *outcome.notes]):
            print(f"skipped: {outcome.stage.name}: {reason}")
    passed, failed, skipped = (sum(getattr(outcome, key) for outcome in outcomes) for key in ("passed", "failed", "skipped"))
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return not failed


def main() -> None:
    """Read the command line; exit 1 where anything failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("group", choices=sorted(GROUPS))
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1), help="stages that run side by side")
    arguments = parser.parse_args()
    stages = GROUPS[arguments.group]
    if arguments.group == "setup":
        prepare(GROUPS["test"])
        return
    started = time.monotonic()
    shutil.rmtree(LOGS, ignore_errors=True)
    LOGS.mkdir(parents=True)
    prepared = prepare(stages)
    outcomes = run_group(stages, arguments.jobs)
    sys.exit(0 if summary(outcomes, prepared, started) else 1)


if __name__ == "__main__":
    main()
