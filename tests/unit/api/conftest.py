# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make the helpers importable by name, and hold hypothesis to one pace everywhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

sys.path.insert(0, str(Path(__file__).parent / "helpers"))

from tiny_server import Authority, FakeClock, TinyServer

# The machines of the project are slow and noisy: a deadline per example would judge the machine, not the code.
settings.register_profile("house", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow], database=None)
settings.load_profile("house")


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """A certificate authority made for this run."""
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def _server(authority: Authority) -> Iterator[TinyServer]:
    with authority.server() as server:
        yield server


@pytest.fixture
def server(_server: TinyServer) -> TinyServer:
    """A TLS server on loopback, with nothing remembered from the test before."""
    _server.reset()
    return _server


@pytest.fixture
def clock() -> FakeClock:
    """Seconds that pass only by sleeping."""
    return FakeClock()
