# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Times of records as numbers. Private to this collection."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Dict, Optional

HOUR = 3600.0
DAY = 24 * HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_midnights: Dict[str, float] = {}


def seconds_of(time: str) -> float:
    """Return a time of a record (ISO 8601 in UTC with Z) as seconds since 1970. Raises ValueError for another form."""
    day = time[:10]
    midnight = _midnights.get(day)
    if midnight is None:
        midnight = _midnights[day] = (datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=timezone.utc) - _EPOCH).total_seconds()
    if time[10:11] != "T" or time[-1:] != "Z":
        raise ValueError("no time in UTC: %r" % time)
    return midnight + int(time[11:13]) * 3600 + int(time[14:16]) * 60 + float(time[17:-1])


def when(time: Optional[str]) -> Optional[float]:
    """Return a time of a record as seconds since 1970, None for none."""
    return None if time is None else seconds_of(time)


def sort_key(time: Optional[str]) -> str:
    """Return a text by which times of records can be put in order, those without a time first."""
    # Without its Z a time with a fraction sorts behind the whole second.
    return (time or "").rstrip("Z")


def as_time(seconds: float) -> str:
    """Return seconds since 1970 as a time of a record, to the second."""
    return (_EPOCH + timedelta(seconds=int(seconds))).strftime("%Y-%m-%dT%H:%M:%SZ")
