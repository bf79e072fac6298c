# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Repositories: how much room there is, and for how long."""

from __future__ import annotations

from typing import Any, Dict, Iterator

from ..context import Context
from ..filling import EMPTY, FILES, HISTORY, READS_OF_FILLING, READS_OF_REPOSITORIES, UNKNOWN, Forecast, days_to_full, has_size
from ..model import HIGH, MEDIUM, Judgement, Parameter, Record, cannot_say, check, verdict
from ..subjects import subject_of
from ..words import told_apart

_GIB = 1024**3
_NO_SIZE = "The service does not say how large it is or how much of it is free, as for object storage and other places without an end."


def _gib(size: float) -> str:
    return "%.1f GiB" % (size / _GIB)


@check(
    id="C27",
    title="Repositories have free space",
    severity=HIGH,
    subject="repository",
    reads=(READS_OF_REPOSITORIES,),
    parameters=(Parameter("free_percent", "number", 10.0, "How much of a repository has to be free.", unit="percent", minimum=0),),
    why="Where a repository is full, no backup ends well, and old restore points cannot be merged away to make room.",
    how="Free space of each repository as a share of its capacity, both as Enterprise Manager collected them last.",
    fix="Add capacity, move backups elsewhere, or keep restore points for a shorter time; look for backups that no job keeps any longer.",
    limits="Object storage and some appliances tell no size. What a scale-out repository consists of is not told.",
    controls=("CIS 11.2", "NIST CP-9", "ISO A.8.6"),
)
def free_space(context: Context) -> Iterator[Judgement]:
    """Judge every repository."""
    limit = context.value("free_percent")
    expected = {"free_percent_at_least": limit}
    for repository in context.facts.records("repositories"):
        subject = subject_of("repository", repository)
        capacity, free = repository["capacity"], repository["free_space"]
        measured = {"free_percent": None, "free_bytes": free, "capacity_bytes": capacity}
        if not has_size(repository):
            yield cannot_say(subject, _NO_SIZE, measured, expected, [repository])
            continue
        percent = 100.0 * free / capacity
        measured["free_percent"] = round(percent, 2)
        told, least = told_apart(percent, limit)
        reason = "%s %% of it are free (%s of %s); at least %s %% have to be." % (told, _gib(free), _gib(capacity), least)
        yield verdict(100 * free >= limit * capacity, subject, reason, measured, expected, [repository])


@check(
    id="C28",
    title="Repositories are not full soon",
    severity=MEDIUM,
    subject="repository",
    reads=READS_OF_FILLING,
    parameters=(
        Parameter("days", "number", 30.0, "How long a repository has to last at the present growth.", unit="days", minimum=0),
        Parameter("history_days", "number", 7.0, "How many days the earlier audits have to span for their trend to count.", unit="days", minimum=1),
        Parameter("estimate_can_fail", "bool", False, "Whether a repository fails by the estimate from backup files, too, and not by its history alone."),
    ),
    why="Storage takes weeks to buy; a repository that is full stops every job that writes to it.",
    how=(
        "The trend of used space over this audit and earlier ones (median of the slopes between any two). Without enough of them: the size of the backup "
        "files that were made in the last two weeks, a day, as if nothing was ever deleted. That is the worst case: who lasts then passes, who does not "
        "cannot be judged by it."
    ),
    fix="Add capacity or keep restore points for a shorter time. Give the audit earlier evidence packs, so that the trend can be told.",
    limits="The service tells the free space of now alone. Without earlier evidence packs there is but the estimate.",
    controls=("NIST CP-9", "ISO A.8.6"),
)
def lasts_long_enough(context: Context) -> Iterator[Judgement]:
    """Judge every repository."""
    forecasts = days_to_full(context.facts, context.history, context.value("history_days"))
    for repository in context.facts.records("repositories"):
        yield _judged(context, repository, forecasts[(repository["id"] or repository["uid"] or "").lower()])


def _judged(context: Context, repository: Record, forecast: Forecast) -> Judgement:
    limit = context.value("days")
    subject, expected = subject_of("repository", repository), {"days_at_least": limit}
    measured: Dict[str, Any] = {
        "days_to_full": None if forecast.days is None else round(forecast.days, 1),
        "growth_bytes_a_day": None if forecast.growth is None else round(forecast.growth),
        "basis": forecast.basis,
        "points": forecast.points,
        "span_days": round(forecast.span_days, 1),
    }
    if forecast.basis == UNKNOWN:
        reason = _nothing_to_tell_by(repository, context.value("history_days"))
        return cannot_say(subject, reason, measured, expected, [repository])
    good = forecast.days is None or forecast.days >= limit
    reason = "%s; it has to last %g days." % (_trend(forecast), limit)
    if forecast.basis == FILES and not good and not context.value("estimate_can_fail"):
        unsure = reason + " That is the worst case, as old backups are deleted; evidence packs of earlier audits are missing, which would tell the trend."
        return cannot_say(subject, unsure, measured, expected, [repository])
    return verdict(good, subject, reason, measured, expected, [repository])


def _nothing_to_tell_by(repository: Record, history_days: float) -> str:
    if not has_size(repository):
        return _NO_SIZE
    return "There are no audits of %g days or more to tell its trend by, nor backup files of more than a day, all with their size." % history_days


def _trend(forecast: Forecast) -> str:
    if forecast.basis == EMPTY:
        return "It is empty"
    over = "%d audits in %.1f days" % (forecast.points, forecast.span_days)
    if forecast.basis == HISTORY and forecast.days is None:
        return "By %s it does not grow" % over
    if forecast.days is None:
        return "No backup file was written to it in the last %.0f days" % forecast.span_days
    what = "By %s it grows by" % over if forecast.basis == HISTORY else "Estimated from the files of the last %.0f days, backups write" % forecast.span_days
    return "%s %s a day, with which it is full in %.1f days" % (what, _gib(forecast.growth or 0.0), forecast.days or 0.0)
