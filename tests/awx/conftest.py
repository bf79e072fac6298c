# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fixtures of ``em_testing``, for tests with the engines that run playbooks in AWX and by events."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "library"), str(HERE.parent / "integration" / "library"), str(HERE.parent / "simulator"), str(HERE.parent / "tools")]

pytest.register_assert_rewrite("em_testing", "awx_testing")

from awx_testing.fixtures import engine  # noqa: E402
from em_testing.fixtures import (  # noqa: E402
    both_lanes,
    collections,
    credentials,
    interrupts_arrive,
    runner,
    second_simulator,
    session_runner,
    shared_simulator,
    simulator,
    wire,
)

__all__ = [
    "both_lanes",
    "collections",
    "credentials",
    "engine",
    "interrupts_arrive",
    "runner",
    "second_simulator",
    "session_runner",
    "shared_simulator",
    "simulator",
    "wire",
]
