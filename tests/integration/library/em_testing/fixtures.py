# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures: one simulator for all tests, the collection as an installed tree, and the runner that judges every run."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from em_simulator.control import Simulator

from .runner import BothLanes, Runner, ansible_commands
from .wire import Wire

ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture(scope="session", autouse=True)
def interrupts_arrive() -> None:
    """Let commands be interrupted where the tests run in the background of a shell, which ignores interrupts for all below it."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def credentials() -> tuple[str, str]:
    """A random account; the password has what breaks naive quoting."""
    return f"em-user-{secrets.token_hex(6)}", f"Pw {secrets.token_hex(8)}/+=&%'\"<é"


@pytest.fixture(scope="session")
def collections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder for ANSIBLE_COLLECTIONS_PATH: that of EM_TEST_COLLECTIONS, or a tree with a link to this checkout."""
    given = os.environ.get("EM_TEST_COLLECTIONS")
    if given:
        return Path(given)
    tree = tmp_path_factory.mktemp("collections")
    folder = tree / "ansible_collections" / "openbackup"
    folder.mkdir(parents=True)
    (folder / "veeam_em").symlink_to(ROOT, target_is_directory=True)
    return tree


@contextlib.contextmanager
def demo_simulator(credentials: tuple[str, str]) -> Iterator[Simulator]:
    """A simulator with the demo estate; its second port has a certificate for another host."""
    username, password = credentials
    with Simulator.start(estate="demo", username=username, password=password, bad_name_port=True) as simulator:
        yield simulator


@pytest.fixture(scope="session")
def shared_simulator(credentials: tuple[str, str]) -> Iterator[Simulator]:
    """The simulator of the whole test session."""
    with demo_simulator(credentials) as simulator:
        yield simulator


@pytest.fixture(scope="session")
def second_simulator(credentials: tuple[str, str]) -> Iterator[Simulator]:
    """Another one with the same estate and account, for a run at the same time."""
    with demo_simulator(credentials) as simulator:
        yield simulator


@pytest.fixture
def simulator(shared_simulator: Simulator) -> Iterator[Simulator]:
    """The simulator with a fresh estate, no faults, no log-on sessions."""
    shared_simulator.reload(estate="demo")
    yield shared_simulator
    shared_simulator.reload(estate="demo")


@pytest.fixture(scope="session")
def session_runner(shared_simulator: Simulator, collections: Path, tmp_path_factory: pytest.TempPathFactory) -> Runner:
    """The runner for fixtures that live longer than one test."""
    return Runner(shared_simulator, ansible_commands(), collections, tmp_path_factory.mktemp("runs"))


@pytest.fixture
def runner(simulator: Simulator, session_runner: Runner) -> Runner:
    """The runner against a fresh estate."""
    return session_runner


@pytest.fixture(scope="session")
def both_lanes(session_runner: Runner, second_simulator: Simulator, collections: Path, tmp_path_factory: pytest.TempPathFactory) -> BothLanes:
    """Two runners, one a lane, each with a simulator of its own, so that both lanes run at the same time."""
    second = Runner(second_simulator, ansible_commands(), collections, tmp_path_factory.mktemp("module-runs"))
    return BothLanes({"controller": session_runner, "module": second})


@pytest.fixture
def wire(simulator: Simulator) -> Iterator[Wire]:
    """A log-on session over plain requests; it counts among the open ones."""
    with Wire(simulator) as bare:
        yield bare
