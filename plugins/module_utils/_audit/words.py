# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Numbers in the sentences of judgements. Private to this collection."""

from __future__ import annotations

from typing import Optional, Sequence, Tuple

_MOST_DIGITS = 5


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: ``1 run``, ``3 runs``."""
    return "%d %s" % (number, noun if number == 1 else plural or noun + "s")


def to_the_second(time: Optional[str]) -> str:
    """Return a time of a record without the fraction of its second, which tells a reader nothing."""
    return time[:19] + "Z" if time else "an unknown time"


def listed(names: Sequence[str]) -> str:
    """Return names as a sentence has them: ``A, B and C``."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def told_apart(measured: float, limit: float) -> Tuple[str, str]:
    """Return two numbers with one digit behind the point, or as many more as it takes to see which one is greater."""
    digits = 1
    while measured != limit and digits < _MOST_DIGITS and "%.*f" % (digits, measured) == "%.*f" % (digits, limit):
        digits += 1
    return "%.*f" % (digits, measured), "%.*f" % (digits, limit)
