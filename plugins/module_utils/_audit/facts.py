# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was read of one Enterprise Manager, as the checks see it. Private to this collection.

Pure: whoever gathers (live or from an evidence pack) fills it. A kind of record that could not be read is a gap, never an empty list.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple, TypeVar, cast

from .inhabitants import Inhabitants
from .model import Record, Subject
from .times import HOUR, seconds_of

Made = TypeVar("Made")


@dataclass(frozen=True)
class Gap:
    """Why a kind of record is not there. ``status`` is not_assessable (no right, too old a server) or error (lost on the way)."""

    status: str
    reason: str


@dataclass(frozen=True)
class Answer:
    """One answer of the service: path with parameters, the SHA-256 of the bytes that came, the server's time (UTC), their number."""

    number: int
    url: str
    sha256: str
    time: str
    size: int = 0


@dataclass(frozen=True)
class ServerFacts:
    """The Enterprise Manager itself.

    ``name`` is its address with port, ``gathered_at`` the server's time when the gathering began, ``lookback_days`` how far sessions were
    read back (restore points are read whole). ``sees_all`` says whether the account may see everything; None when nobody could tell.
    ``tls_not_after`` is the moment (UTC) at which the certificate of its HTTPS port ends; None where nobody looked at it.
    """

    name: str
    gathered_at: str
    version: str = ""
    api_version: str = ""
    account: str = ""
    roles: Tuple[str, ...] = ()
    lookback_days: float = 30.0
    sees_all: Optional[bool] = None
    warnings: Tuple[str, ...] = ()
    tls_not_after: Optional[str] = None


@dataclass
class Facts:
    """Records of one Enterprise Manager by kind.

    Args:
        now: the moment against which ages are measured, in seconds since 1970.
        collections: records by the plural of their kind; a record says under ``model.ANSWER`` which answer it came from.
        gaps: kinds that could not be read, wholly or in part; their records, if any, are not to be judged.
    """

    server: ServerFacts
    now: float
    collections: Mapping[str, Sequence[Record]]
    gaps: Mapping[str, Gap] = field(default_factory=dict)
    answers: Sequence[Answer] = ()

    def records(self, kind: str) -> Sequence[Record]:
        """Return the records of a kind, none for a gap. Raises KeyError for a kind that nobody read, which is a fault of the check."""
        if kind in self.gaps:
            return ()
        return self.collections[kind]

    def gap(self, kind: str) -> Optional[Gap]:
        """Return why a kind could not be read, None where it was."""
        return self.gaps.get(kind)

    @cached_property
    def _indices(self) -> Dict[Tuple[str, str], Dict[Any, List[Record]]]:
        return {}

    @cached_property
    def _made(self) -> Dict[str, Any]:
        return {}

    def grouped(self, kind: str, by: str, key: Optional[Callable[[Record], Any]] = None) -> Dict[Any, List[Record]]:
        """Return the records of a kind by a field, made once. Args: key: what to group by instead of the field; ``by`` then names it."""
        index = self._indices.get((kind, by))
        if index is None:
            index = defaultdict(list)
            for record in self.records(kind):
                index[key(record) if key else record[by]].append(record)
            self._indices[(kind, by)] = index = dict(index)
        return index

    @cached_property
    def _ids(self) -> Dict[str, Dict[str, Record]]:
        return {}

    def by_id(self, kind: str) -> Dict[str, Record]:
        """Return the records of a kind by their id in small letters, made once."""
        index = self._ids.get(kind)
        if index is None:
            index = self._ids[kind] = {}
            for record in self.records(kind):
                index.setdefault((record["id"] or "").lower(), record)
        return index

    def once(self, name: str, make: Callable[["Facts"], Made]) -> Made:
        """Return what is made of the facts, made once for all that ask for it by the name."""
        if name not in self._made:
            self._made[name] = make(self)
        return cast(Made, self._made[name])

    def age_hours(self, time: Optional[str]) -> Optional[float]:
        """Return how old a time of a record is, in hours; None without a time. It is negative for a moment to come."""
        return None if time is None else (self.now - seconds_of(time)) / HOUR

    @cached_property
    def inhabitants(self) -> Inhabitants:
        """All machines with their jobs, restore points and runs."""
        return Inhabitants(self)

    def whole(self, kinds: Iterable[str]) -> Optional[Gap]:
        """Return the gravest gap among the kinds, None where all were read. An error is graver than a missing right."""
        found = [gap for gap in map(self.gap, kinds) if gap is not None]
        return min(found, key=lambda gap: gap.status, default=None)

    @property
    def own_subject(self) -> Subject:
        """The Enterprise Manager as the subject of a judgement."""
        return Subject("enterprise_manager", self.server.name)
