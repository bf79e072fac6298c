# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""In how many days repositories are full, from how their free space went from audit to audit, else from what was written. Private to this collection."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import Dict, List, Optional, Sequence, Set, Tuple

from .facts import Facts
from .model import BY_ID, Reads, Record
from .times import DAY, when

READS_OF_REPOSITORIES = Reads("repositories", ("name", "capacity", "free_space", "kind", "backup_server_name"))
READS_OF_FILLING: Tuple[Reads, ...] = (
    READS_OF_REPOSITORIES,
    Reads("backup_files", ("backup_size", "creation_time", "backup"), needed=False, identity=BY_ID),
    Reads("backups", ("repository",), needed=False),
)

HISTORY, FILES, EMPTY, UNKNOWN = "history", "backup_files", "empty", "unknown"

# All pairs of points are compared: more points than this are thinned out evenly.
_MOST_POINTS = 60
# What was written in the two weeks before now counts: a week's full backup is in it more than once, and growth of long ago is not.
_WRITTEN_DAYS = 14
# What a file system needs for itself.
_EMPTY_SHARE = 0.01


@dataclass(frozen=True)
class Forecast:
    """When a repository is full.

    ``basis`` is HISTORY, FILES (an estimate: what backups wrote a day, as if nothing was ever deleted), EMPTY (next to nothing lies there)
    or UNKNOWN. ``growth`` is in bytes a day, ``days`` None where it does not grow or nobody knows. ``points`` audits, or days with files,
    over ``span_days`` days went in.
    """

    basis: str
    growth: Optional[float] = None
    days: Optional[float] = None
    points: int = 0
    span_days: float = 0.0


def has_size(repository: Record) -> bool:
    """Tell whether the service says how large a repository is and how much of it is free."""
    return bool(repository["capacity"]) and repository["free_space"] is not None


def days_to_full(facts: Facts, history: Sequence[Facts] = (), least_days: float = 7.0) -> Dict[str, Forecast]:
    """Return the forecast of each repository by its id in small letters.

    Args:
        facts: those of now; history: those of earlier audits of the same Enterprise Manager, in any order; later ones are passed over.
        least_days: how many days the audits have to span for their trend to count.
    """
    used = _used_over_time(facts, history)
    written: Optional[Dict[str, Tuple[float, int, float]]] = None
    forecasts: Dict[str, Forecast] = {}
    for repository in facts.records(READS_OF_REPOSITORIES.kind):
        key = _key(repository)
        if not has_size(repository):
            forecasts[key] = Forecast(UNKNOWN)
            continue
        points = used.get(key, [])
        span = (points[-1][0] - points[0][0]) / DAY if points else 0.0
        if len(points) > 1 and span >= least_days:
            forecasts[key] = _forecast(HISTORY, repository, _slope(points) * DAY, len(points), span)
            continue
        if written is None:
            written = _written(facts)
        if key in written:
            forecasts[key] = _forecast(FILES, repository, *written[key])
        elif repository["capacity"] - repository["free_space"] < _EMPTY_SHARE * repository["capacity"]:
            forecasts[key] = Forecast(EMPTY)
        else:
            forecasts[key] = Forecast(UNKNOWN, points=len(points), span_days=span)
    return forecasts


def _key(record: Record) -> str:
    return (record["id"] or record["uid"] or "").lower()


def _forecast(basis: str, repository: Record, growth: float, points: int, span: float) -> Forecast:
    return Forecast(basis, growth, repository["free_space"] / growth if growth > 0 else None, points, span)


def _used_over_time(facts: Facts, history: Sequence[Facts]) -> Dict[str, List[Tuple[float, float]]]:
    """Return (moment in seconds, used bytes) of each repository, the oldest first; a moment that comes twice counts once."""
    kind = READS_OF_REPOSITORIES.kind
    by_moment = {one.now: one for one in (*history, facts) if one.now <= facts.now and kind in one.collections and one.gap(kind) is None}
    points: Dict[str, List[Tuple[float, float]]] = {}
    for moment in sorted(by_moment):
        for repository in by_moment[moment].records(kind):
            if has_size(repository):
                points.setdefault(_key(repository), []).append((moment, repository["capacity"] - repository["free_space"]))
    return points


def _slope(points: Sequence[Tuple[float, float]]) -> float:
    """Return the median of the slopes between any two points (Theil and Sen): one odd point does not bend it."""
    count = len(points)
    if count > _MOST_POINTS:
        points = [points[number * (count - 1) // (_MOST_POINTS - 1)] for number in range(_MOST_POINTS)]
    return median((later[1] - earlier[1]) / (later[0] - earlier[0]) for number, earlier in enumerate(points) for later in points[number + 1 :])


def _written(facts: Facts) -> Dict[str, Tuple[float, int, float]]:
    """Return of each repository with backup files what was written to it of late: bytes a day, days with files, and the days that were looked at."""
    kinds = ("backup_files", "backups")
    if facts.whole(kinds) is not None or not all(kind in facts.collections for kind in kinds):
        return {}
    backups = facts.by_id("backups")
    by_day: Dict[str, Dict[int, int]] = {}
    untold: Set[str] = set()
    for record in facts.records("backup_files"):
        moment, backup = when(record["creation_time"]), backups.get(((record["backup"] or {}).get("id") or "").lower())
        repository = (backup or {}).get("repository")
        if moment is not None and moment <= facts.now and repository:
            key, day = (repository["id"] or "").lower(), int((facts.now - moment) // DAY)
            sizes = by_day.setdefault(key, {})
            sizes[day] = sizes.get(day, 0) + (record["backup_size"] or 0)
            if record["backup_size"] is None and day < _WRITTEN_DAYS:
                untold.add(key)
    # A repository that is three days old has no two weeks to divide by, and one of today nothing to be told by.
    return {key: _a_day(sizes) for key, sizes in by_day.items() if max(sizes) > 0 and key not in untold}


def _a_day(sizes: Dict[int, int]) -> Tuple[float, int, float]:
    span = min(max(sizes) + 1, _WRITTEN_DAYS)
    recent = [size for day, size in sizes.items() if day < span]
    return sum(recent) / span, len(recent), float(span)
