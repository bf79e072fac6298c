# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures of the tests with AWX's engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from em_simulator.control import Simulator

from .engine import Engine
from .injectors import injected


@pytest.fixture
def engine(simulator: Simulator, tmp_path: Path) -> Iterator[Engine]:
    """The engine of AWX against a fresh estate, with the credential type of the collection."""
    awx = Engine(simulator, tmp_path, injected)
    yield awx
    awx.end()
