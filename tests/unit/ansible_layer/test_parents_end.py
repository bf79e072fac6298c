# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A worker asks the kernel to tell it at once when its parent is gone, for the time of a call and no longer."""

from __future__ import annotations

import ctypes
import signal
import sys
from types import SimpleNamespace

import pytest

from ansible_collections.openbackup.veeam_em.plugins.plugin_utils import controller_lane

PR_GET_PDEATHSIG = 2


def asked_for() -> int:
    """Return the signal that the kernel is to send."""
    number = ctypes.c_int()
    assert ctypes.CDLL(None).prctl(PR_GET_PDEATHSIG, ctypes.byref(number)) == 0
    return number.value


@pytest.mark.skipif(sys.platform != "linux", reason="it is Linux that can tell")
def test_the_kernel_tells_of_the_parents_end_during_a_call_only() -> None:
    with controller_lane.told_of_parents_end():
        assert asked_for() == signal.SIGTERM
    assert asked_for() == 0
    with pytest.raises(ValueError, match="out"), controller_lane.told_of_parents_end():
        raise ValueError("out")
    assert asked_for() == 0


def test_a_kernel_that_cannot_tell_is_no_obstacle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(controller_lane.ctypes, "CDLL", lambda name: SimpleNamespace())
    with controller_lane.told_of_parents_end():
        pass
