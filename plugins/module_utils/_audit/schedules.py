# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How often a job starts by itself, and in which hours it may work, as its schedule says. Private to this collection.

Pure. Times of day are on the clock of the backup server; how long it may be between two starts does not depend on where that clock stands.
Source: reference page on job scheduling options, WIRE.md section 1 (schedule in JSON); declarations in ``_api/entities/jobs.py``.
"""

from __future__ import annotations

import calendar
import re
from datetime import date
from typing import Iterator, List, Optional, Sequence, Tuple

from .._api.entities.jobs import MONTHS, WEEK_DAYS
from .model import Record

HOURS_OF_DAY = 24
HOURS_OF_WEEK = HOURS_OF_DAY * len(WEEK_DAYS)
NEVER = float("inf")

_WORKING_DAYS = WEEK_DAYS[1:6]
_ORDINALS = ("First", "Second", "Third", "Fourth")
_LAST = "Last"
# Leap years included, every monthly schedule has shown its longest gap by then.
_YEARS = range(2024, 2033)


def standard_of(job: Record) -> Optional[Record]:
    """Return the schedule of a job that is no immediate copy, None where it is not told."""
    return (job.get("job_schedule_options") or {}).get("standard")


def is_enabled(part: Optional[Record]) -> bool:
    """Tell whether a part of a schedule is in force."""
    return bool(part and part["enabled"])


def previous_job_uid(standard: Optional[Record]) -> Optional[str]:
    """Return the URN of the job after which a job starts, None for a job that does not wait for another."""
    chain = (standard or {}).get("options_daisy_chaining")
    return chain["previous_job_uid"] or None if chain and is_enabled(chain) else None


def longest_gap(standard: Optional[Record]) -> Optional[float]:
    """Return how many hours a schedule lets pass between two starts at most; None where the clock starts nothing, or nobody can tell.

    A continuous schedule starts anew when a run has ended: for it, it is the longest time of a week in which it may not start.
    ``NEVER`` says that all hours are denied.
    """
    if not standard:
        return None
    for part, gap_of in (
        ("options_daily", _daily_gap),
        ("options_monthly", _monthly_gap),
        ("options_periodically", _periodical_gap),
        ("options_continuous", _continuous_gap),
    ):
        if is_enabled(standard[part]):
            return gap_of(standard[part])
    return None


def _daily_gap(daily: Record) -> Optional[float]:
    if daily["kind"] == "Everyday":
        return float(HOURS_OF_DAY)
    days = _WORKING_DAYS if daily["kind"] == "WeekDays" else daily["days"] or ()
    numbers = [number for number, name in enumerate(WEEK_DAYS) if name in days]
    return float(HOURS_OF_DAY * max(_distances(numbers, len(WEEK_DAYS)))) if numbers else None


def _distances(places: Sequence[int], round_length: int) -> Iterator[int]:
    """Yield how far it is from each place of a round to the next one."""
    for place, following in zip(places, (*places[1:], places[0] + round_length)):
        yield following - place


def _monthly_gap(monthly: Record) -> Optional[float]:
    months = [number for number, name in enumerate(MONTHS, 1) if name in (monthly["months"] or ())]
    starts = [day for year in _YEARS for month in months for day in _starts_of(monthly, year, month)]
    gaps = [(following - day).days for day, following in zip(starts, starts[1:])]
    return float(HOURS_OF_DAY * max(gaps)) if gaps else None


def _starts_of(monthly: Record, year: int, month: int) -> Iterator[date]:
    """Yield the day of a month on which a monthly schedule starts; none in a month without that day."""
    length = calendar.monthrange(year, month)[1]
    ordinal = monthly["day_number_in_month"]
    if ordinal in (*_ORDINALS, _LAST) and monthly["day_of_week"] in WEEK_DAYS:
        # The calendar counts from Monday, the schedule from Sunday.
        weekday = (WEEK_DAYS.index(monthly["day_of_week"]) - 1) % len(WEEK_DAYS)
        days = [day for day in range(1, length + 1) if date(year, month, day).weekday() == weekday]
        yield date(year, month, days[-1] if ordinal == _LAST else days[_ORDINALS.index(ordinal)])
    elif ordinal not in (*_ORDINALS, _LAST) and 1 <= (monthly["day_of_month"] or 0) <= length:
        yield date(year, month, monthly["day_of_month"])


def _periodical_gap(periodical: Record) -> Optional[float]:
    period, denied = periodical["full_period"], longest_denied(periodical["schedule"])
    if not period or denied is None or periodical["kind"] not in ("Hours", "Minutes"):
        return None
    hours: float = period if periodical["kind"] == "Hours" else period / 60.0
    return denied + hours


def _continuous_gap(continuous: Record) -> Optional[float]:
    return longest_denied(continuous["schedule"])


# ---------------------------------------------------------------------------------------------------------
# Hours of the week


def hours_of_week(days: Optional[Sequence[Record]]) -> Optional[Tuple[bool, ...]]:
    """Return for each hour of the week, from midnight before Sunday, whether it is allowed; None where not every day is told."""
    told = {day["name"]: re.findall("[01]", day["value"] or "") for day in days or () if day}
    flags: List[bool] = []
    for name in WEEK_DAYS:
        if len(told.get(name, ())) != HOURS_OF_DAY:
            return None
        flags += [flag == "1" for flag in told[name]]
    return tuple(flags)


def longest_denied(days: Optional[Sequence[Record]]) -> Optional[float]:
    """Return the longest time of a week, in hours, of which no hour is allowed; 0 where none is denied or none is told at all."""
    if not days:
        return 0.0
    hours = hours_of_week(days)
    if hours is None:
        return None
    allowed = [hour for hour, flag in enumerate(hours) if flag]
    return float(max(_distances(allowed, HOURS_OF_WEEK)) - 1) if allowed else NEVER


def seconds_denied(hours: Sequence[bool], began: float, ended: float) -> float:
    """Return how many seconds between two moments lie in denied hours. Args: began, ended: seconds since midnight before some Sunday."""
    whole_weeks, rest = divmod(max(0.0, ended - began), HOURS_OF_WEEK * 3600.0)
    denied = whole_weeks * 3600.0 * hours.count(False)
    moment, end = began, began + rest
    while moment < end:
        following = min(end, (moment // 3600 + 1) * 3600)
        if not hours[int(moment // 3600) % HOURS_OF_WEEK]:
            denied += following - moment
        moment = following
    return denied
