# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Versions as numbers, so that 12.10 is newer than 12.9. Private to this collection."""

from __future__ import annotations

import re
from typing import Tuple

_NUMBERS = re.compile(r"\d+(?:\.\d+)*")


def version_of(text: str) -> Tuple[int, ...]:
    """Return the numbers at the beginning of a version, without zeros at the end: "12.3.0" is 12.3. Empty where there are none."""
    match = _NUMBERS.match(text.strip())
    numbers = [int(part) for part in match.group().split(".")] if match else []
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
