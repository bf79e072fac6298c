# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A simulated server without sockets, on a clock that only the test turns."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from em_simulator.offline import Rig

sys.path.insert(0, str(Path(__file__).parent / "helpers"))


@pytest.fixture
def rig() -> Rig:
    """The demo estate on profile 12, logged on."""
    made = Rig()
    made.log_on()
    return made
