# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The clock of the simulated server: can run faster, jump ahead, and be wrong.

Two readings: ``elapsed`` (seconds since the start; orders events and the idle time-out) and ``stamp`` (what the
server believes the time to be; shown in ``Date`` and in every time on the wire).
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from functools import lru_cache
from typing import Callable

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
NEVER_US = int((datetime(1753, 1, 1, tzinfo=timezone.utc) - EPOCH) / timedelta(microseconds=1))
SECOND_US = 1_000_000


class Clock:
    """Simulated time.

    Args:
        source: monotonic seconds of the real world; tests pass a function of their own.
        start: server time at elapsed zero (aware); the real time when None.
        speed: simulated seconds per real second; 0 stops the clock.
    """

    def __init__(self, source: Callable[[], float] = time.monotonic, start: datetime | None = None, speed: float = 1.0) -> None:
        self._source = source
        self._start_us = to_us(start or datetime.now(timezone.utc))
        self._base = source()
        self._done = 0.0
        self._speed = speed
        self.offset = 0.0

    @property
    def speed(self) -> float:
        """Simulated seconds per real second."""
        return self._speed

    def elapsed(self) -> float:
        """Return the simulated seconds since the start."""
        return self._done + (self._source() - self._base) * self._speed

    def set_speed(self, speed: float) -> None:
        """Change the pace from now on. Raises ValueError when it is negative."""
        if speed < 0:
            raise ValueError("speed must not be negative")
        self._done = self.elapsed()
        self._base = self._source()
        self._speed = speed

    def advance(self, seconds: float) -> None:
        """Jump ahead. Raises ValueError on a jump back: events would happen twice."""
        if seconds < 0:
            raise ValueError("the clock cannot go back; use offset for a clock that is slow")
        self._done += seconds

    def stamp(self, elapsed: float | None = None) -> int:
        """Return what the server calls the moment, in microseconds since 1970 UTC (now when None)."""
        moment = self.elapsed() if elapsed is None else elapsed
        return self._start_us + int((moment + self.offset) * SECOND_US)

    def http_date(self) -> str:
        """Return the value of the Date header."""
        return format_datetime(EPOCH + timedelta(microseconds=self.stamp() // SECOND_US * SECOND_US), usegmt=True)


def to_us(moment: datetime) -> int:
    """Return an aware time as microseconds since 1970 UTC."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def moment(stamp_us: int) -> datetime:
    """Return a stamp as an aware time in UTC."""
    return EPOCH + timedelta(microseconds=stamp_us)


def truncated(stamp_us: int, digits: int) -> int:
    """Return the stamp as a database keeps it: 3 digits of a second on SQL Server, 6 on PostgreSQL (WIRE.md section 7)."""
    step = 1_000 if digits <= 3 else 1
    return stamp_us - stamp_us % step


@lru_cache(maxsize=100_000)
def _whole_seconds(seconds: int) -> str:
    return str((EPOCH + timedelta(seconds=seconds)).replace(tzinfo=None))


def _fraction(stamp_us: int, digits: int) -> str:
    text = f"{truncated(stamp_us, digits) % SECOND_US:06d}".rstrip("0")
    return "." + text if text else ""


def iso(stamp_us: int, digits: int) -> str:
    """Write a stamp as the wire does: UTC with Z, zeros at the end of the fraction cut (WIRE.md section 7)."""
    return _whole_seconds(stamp_us // SECOND_US).replace(" ", "T") + _fraction(stamp_us, digits) + "Z"


def name_stamp(stamp_us: int, digits: int) -> str:
    """Write the part of a session name behind the @: whole seconds on SQL Server, microseconds on PostgreSQL."""
    whole = _whole_seconds(stamp_us // SECOND_US)
    return whole if digits <= 3 else whole + _fraction(stamp_us, digits)


def point_name(stamp_us: int, digits: int) -> str:
    """Write the name of a restore point: text of SQL Server (``Jul  7 2019  8:45PM``) or of PostgreSQL."""
    if digits > 3:
        return name_stamp(stamp_us, digits)
    at = moment(stamp_us)
    return f"{at:%b} {at.day:2d} {at.year} {(at.hour + 11) % 12 + 1:2d}:{at:%M%p}"
