# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How often a schedule starts a job, and which hours of the week it allows."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from estate import job, standard, week

from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit import schedules
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.schedules import NEVER, hours_of_week, longest_denied, longest_gap, seconds_denied

MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]


def gap(**parts: Any) -> float | None:
    """Return the longest gap of a job with these parts of a schedule."""
    return longest_gap(schedules.standard_of(job("A", job_schedule_options=standard(**parts))))


@pytest.mark.parametrize(
    ("kind", "days", "hours"),
    [
        ("Everyday", [], 24),
        ("WeekDays", [], 72),
        ("SelectedDays", ["Monday"], 168),
        ("SelectedDays", ["Saturday", "Sunday"], 144),
        ("SelectedDays", ["Monday", "Wednesday", "Friday"], 72),
        ("SelectedDays", [], None),
    ],
)
def test_daily(kind: str, days: list[str], hours: float | None) -> None:
    assert gap(options_daily={"enabled": True, "kind": kind, "days": days}) == hours


@pytest.mark.parametrize(
    ("monthly", "days"),
    [
        ({"day_number_in_month": "First", "day_of_week": "Saturday", "months": MONTHS}, 35),
        ({"day_number_in_month": "Last", "day_of_week": "Sunday", "months": MONTHS}, 35),
        ({"day_number_in_month": "Fourth", "day_of_week": "Monday", "months": ["January"]}, 371),
        ({"day_of_month": 1, "day_number_in_month": "OnDay", "months": MONTHS}, 31),
        ({"day_of_month": 31, "day_number_in_month": None, "months": MONTHS}, 61),
        ({"day_of_month": 15, "months": ["March", "September"]}, 184),
        ({"day_of_month": 29, "months": ["February"]}, 1461),
        ({"day_of_month": 30, "months": ["February"]}, None),
        ({"day_of_month": 1, "months": []}, None),
        ({"day_number_in_month": "First", "day_of_week": None, "months": MONTHS}, None),
    ],
)
def test_monthly(monthly: dict[str, Any], days: float | None) -> None:
    assert gap(options_monthly={"enabled": True, **monthly}) == (None if days is None else days * 24)


@pytest.mark.parametrize(
    ("ordinal", "weekday", "day"),
    [("First", "Sunday", 1), ("First", "Monday", 2), ("Second", "Saturday", 14), ("Fourth", "Friday", 27), ("Last", "Monday", 30), ("Last", "Tuesday", 24)],
)
def test_the_day_of_a_month_on_which_a_job_starts(ordinal: str, weekday: str, day: int) -> None:
    monthly = {"day_number_in_month": ordinal, "day_of_week": weekday, "day_of_month": 1}
    assert list(schedules._starts_of(monthly, 2026, 11)) == [date(2026, 11, day)]


@pytest.mark.parametrize(
    ("kind", "period", "schedule", "hours"),
    [
        ("Hours", 4, week(), 4),
        ("Minutes", 30, week(), 0.5),
        ("Hours", 4, [], 4),
        ("Hours", 1, week(range(22)), 3),
        ("Hours", 1, week(range(24), Saturday=[], Sunday=[]), 49),
        ("Hours", 1, week([]), NEVER),
        ("Hours", 1, week()[:3], None),
        ("Hours", None, week(), None),
        ("Fortnights", 1, week(), None),
    ],
)
def test_periodically(kind: str, period: int | None, schedule: list[dict[str, str]], hours: float | None) -> None:
    assert gap(options_periodically={"enabled": True, "kind": kind, "full_period": period, "schedule": schedule}) == hours


def test_continuously_and_without_a_clock() -> None:
    assert gap(options_continuous={"enabled": True, "schedule": week(range(1, 24))}) == 1
    assert gap(options_daisy_chaining={"enabled": True, "previous_job_uid": "urn:veeam:Job:1"}) is None
    assert gap(options_daily={"enabled": False, "kind": "Everyday"}) is None
    assert longest_gap(None) is None


def test_what_comes_from_the_service_with_commas_or_without_means_the_same() -> None:
    bare = [{**day, "value": day["value"].replace(",", "")} for day in week(range(22))]
    assert hours_of_week(bare) == hours_of_week(week(range(22)))
    assert longest_denied(bare) == 2


def test_the_week_is_told_from_sunday_on_whatever_day_comes_first() -> None:
    hours = hours_of_week(list(reversed(week([], Sunday=[0], Saturday=[23]))))
    assert hours is not None
    assert [number for number, allowed in enumerate(hours) if allowed] == [0, 167]


@pytest.mark.parametrize(
    ("began", "ended", "denied"),
    [
        (20 * 3600, 22 * 3600, 0),
        (21.5 * 3600, 22.5 * 3600, 1800),
        (21.5 * 3600, 22 * 3600 + 1, 1),
        (23 * 3600, 25 * 3600, 3600),
        (167.5 * 3600, 168.5 * 3600, 1800),
        (0, 168 * 3600, 14 * 3600),
        (0, (336 + 22.25) * 3600, 28 * 3600 + 900),
        (10, 5, 0),
    ],
)
def test_time_in_denied_hours(began: float, ended: float, denied: float) -> None:
    hours = hours_of_week(week(range(22)))
    assert hours is not None
    assert seconds_denied(hours, began, ended) == pytest.approx(denied)
