# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How much work something is, in lines of Python: the same on every machine, whatever else it has to do."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def steps_of(work: Callable[[], Any]) -> int:
    """Return how many lines are run by the work; a loop that is hidden in C, such as a search in a list, counts as one."""
    count = 0

    def note(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return note

    former = sys.gettrace()
    sys.settrace(note)
    try:
        work()
    finally:
        sys.settrace(former)
    return count
