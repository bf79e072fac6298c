# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which job sessions have ended since somebody looked last, each told once, with what became of its machines. Private to this collection.

One query for each kind finds what runs, what ended or began since a moment, so that a run is not missed that began long before that moment,
that the server learned of late, or whose end has no time. Source: WIRE.md section 4 (EndTime in filters, EndTimeUTC may be missing),
section 5 (states; the result is None while a run goes on).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from . import query, reading, wire
from .bookmark import Bookmark, time_key
from .entities._model import Resource
from .entities.sessions import RESULTS_BY_WEIGHT, STOPPED
from .errors import AuthenticationError, ConnectError, EmError, Interrupted, OptionError
from .machines import matches_any
from .session import Session
from .waiting import SESSION_RESOURCES, machines_of

Record = Dict[str, Any]

# backup, replica, restore: the words by which kinds of job session are chosen.
SESSION_KINDS: Mapping[str, Resource] = {resource.thing[: -len("_session")]: resource for resource in SESSION_RESOURCES}
KINDS_OF_JOBS = ("backup", "replica")
RESULTS = RESULTS_BY_WEIGHT
DEFAULT_LOOKBACK = 3600
SESSION_ENDED = "session_ended"
_NO_RESULT, _SUCCESS, _WARNING, _FAILED = RESULTS
# A run that has stopped without a result may only not have one yet.
_SETTLES_WITHIN = 300.0
_ATTEMPTS_AT_MACHINES = 5
_SECONDS = "%Y-%m-%dT%H:%M:%S"


def as_stamp(moment: datetime) -> str:
    """Return a moment in UTC in the form of records, in whole seconds."""
    return moment.strftime(_SECONDS + "Z")


@dataclass(frozen=True)
class Wanted:
    """Which job sessions are put out.

    ``kinds`` are words of ``SESSION_KINDS``, ``results`` of ``RESULTS``; ``jobs`` are shell patterns of job names, blind to case, any job
    without them; ``backup_server`` is the name of one. ``with_machines`` asks what became of the machines of a run that was no success.
    ``lookback`` is how many seconds each look goes back, for what the server learns of late.
    """

    kinds: Sequence[str] = KINDS_OF_JOBS
    results: Sequence[str] = RESULTS
    jobs: Sequence[str] = ()
    backup_server: str = ""
    with_machines: bool = True
    lookback: int = DEFAULT_LOOKBACK

    def covers(self, record: Record) -> bool:
        """Tell whether an ended job session is one to put out."""
        job = record.get("job_name") or ""
        return (record["result"] or _NO_RESULT) in self.results and (not self.jobs or matches_any((job,), self.jobs))


@dataclass(frozen=True)
class Ended:
    """One job session that has ended: what tells it from all others, its kind and its record."""

    mark: str
    kind: str
    record: Record


class EndedSessions:
    """Looks for job sessions that have ended, over one ``Session``, and keeps a bookmark of what was put out.

    The caller puts out what ``look`` returns, says so of each with ``is_out``, and at the end of the round calls ``end_round``.
    What was not put out comes again with the next look.
    """

    def __init__(self, session: Session, wanted: Wanted, bookmark: Bookmark) -> None:
        self.session = session
        self.wanted = wanted
        self.bookmark = bookmark
        self._moment = bookmark.reached
        self._trouble: Optional[EmError] = None
        self._stopped_at: Dict[str, float] = {}
        self._attempts: Dict[str, int] = {}

    # -- looking --------------------------------------------------------------------------------------------

    def look(self) -> List[Ended]:
        """Return what has ended and was not put out yet, in the order in which it ended.

        A kind that cannot be read does not keep the others back: ``end_round`` raises what was the matter.
        Raises Interrupted, and AuthenticationError where no log-on is possible.
        """
        self._trouble = None
        # Taken before the server is asked: what ends while it answers belongs to the next round, too.
        self._moment = as_stamp(self.session.server_now())
        ended: List[Ended] = []
        for kind in self.wanted.kinds:
            try:
                ended += self._ended_of(kind)
            except (Interrupted, AuthenticationError):
                raise
            except EmError as error:
                self._trouble = self._trouble or error
                if isinstance(error, ConnectError):
                    break
        if self._trouble is None:
            self._mind_clock()
        return sorted(ended, key=lambda one: time_key(_latest(one.record, "")))

    def _begin(self) -> str:
        """Return the moment back to which is looked: not before the very beginning."""
        reached = datetime.strptime(self.bookmark.reached[:19], _SECONDS)
        return max(self.bookmark.since, as_stamp(reached - timedelta(seconds=self.wanted.lookback)), key=time_key)

    def _ended_of(self, kind: str) -> List[Ended]:
        resource = SESSION_KINDS[kind]
        selection = reading.Selection(filter=_filter(resource, self._begin()), backup_server=self.wanted.backup_server)
        records = {_mark(record): record for record in reading.read(self.session, resource, selection, counted=False).records}
        # What is no longer open and does not show among the ended either has an end without a time.
        missing = tuple(mark for mark, its_kind in self.bookmark.open.items() if its_kind == kind and mark not in records and wire.is_guid(mark))
        if missing:
            records.update({_mark(record): record for record in reading.read(self.session, resource, reading.Selection(ids=missing), counted=False).records})
        self._forget_vanished(kind, records)
        return [Ended(mark, kind, record) for mark, record in records.items() if self._is_news(mark, kind, record)]

    def _forget_vanished(self, kind: str, records: Mapping[str, Record]) -> None:
        self.bookmark.open = {mark: its_kind for mark, its_kind in self.bookmark.open.items() if its_kind != kind or mark in records}

    def _is_news(self, mark: str, kind: str, record: Record) -> bool:
        if mark in self.bookmark.seen:
            return False
        if record["state"] != STOPPED or not self._has_settled(mark, record):
            self.bookmark.open[mark] = kind
            return False
        if not self.wanted.covers(record):
            self._see(mark, record)
            return False
        return True

    def _has_settled(self, mark: str, record: Record) -> bool:
        if (record["result"] or _NO_RESULT) != _NO_RESULT:
            return True
        now = self.session.clock()
        return now - self._stopped_at.setdefault(mark, now) >= _SETTLES_WITHIN

    def _mind_clock(self) -> None:
        """Begin at the present where the server's clock was set back: waiting for it to come up again would miss what ends meanwhile."""
        before = self.bookmark.since, self.bookmark.reached
        now = as_stamp(self.session.server_now())
        if time_key(now) >= time_key(self._begin()):
            return
        self.bookmark.since = self.bookmark.reached = now
        try:
            # Their ends lie in what has become the future, and not all of their marks are still there.
            for one in [one for kind in self.wanted.kinds for one in self._ended_of(kind)]:
                self._see(one.mark, one.record)
        except Interrupted:
            raise
        except EmError as error:
            self._trouble = error
            self.bookmark.since, self.bookmark.reached = before
            return
        self._moment = now
        self.session.warn("The clock of Enterprise Manager went back from %s to %s: job sessions that end from now on are put out." % (before[1], now))

    # -- telling --------------------------------------------------------------------------------------------

    def event_of(self, ended: Ended) -> Optional[Record]:
        """Return the event of an ended job session, None where its machines cannot be read: it comes again with the next look.

        After some attempts the event goes without its machines. Raises Interrupted.
        """
        failed: Optional[List[Record]] = None
        warned: Optional[List[Record]] = None
        if self.wanted.with_machines:
            try:
                failed, warned = self._machines(ended)
            except Interrupted:
                raise
            except EmError as error:
                attempts = self._attempts[ended.mark] = self._attempts.get(ended.mark, 0) + 1
                if attempts < _ATTEMPTS_AT_MACHINES:
                    self._trouble = self._trouble or error
                    return None
                self.session.warn("What became of the machines of %s cannot be read, its event goes without them: %s" % (ended.record["name"], error))
        record = ended.record
        return {
            "event": SESSION_ENDED,
            "server": self.session.options.host,
            "kind": ended.kind,
            "job": record.get("job_name"),
            "result": record["result"] or _NO_RESULT,
            "reason": record["failure_message"] or _reason(failed or warned or []),
            "machines_failed": failed,
            "machines_warned": warned,
            "session": record,
        }

    def _machines(self, ended: Ended) -> Tuple[List[Record], List[Record]]:
        if ended.record["result"] == _SUCCESS:
            return [], []
        machines = machines_of(self.session, SESSION_KINDS[ended.kind], ended.record["uid"])
        return _told(machines, _FAILED), _told(machines, _WARNING)

    def is_out(self, ended: Ended) -> None:
        """Take note that the event of a job session was put out."""
        self._see(ended.mark, ended.record)

    def _see(self, mark: str, record: Record) -> None:
        self.bookmark.seen[mark] = _latest(record, self._moment)
        self.bookmark.open.pop(mark, None)
        self._stopped_at.pop(mark, None)
        self._attempts.pop(mark, None)

    def end_round(self, is_complete: bool) -> None:
        """Move the bookmark on where everything could be read and was put out. Raises what kept something from being read."""
        if self._trouble is not None:
            raise self._trouble
        if is_complete:
            self.bookmark.reached = max(self.bookmark.reached, self._moment, key=time_key)
            self.bookmark.forget_before(self._begin())


def first_bookmark(session: Session, since: str) -> Bookmark:
    """Return the bookmark to begin with: at a time, an age counted back from the server's clock, or ("") the present on that clock.

    Raises FilterError for what is no time, OptionError for a time to come, EmError of the log-on, which brings the server's clock.
    """
    session.log_on()
    now = session.server_now()
    begin = query.utc_stamp(since, "since", lambda: now) if since else as_stamp(now)
    if time_key(begin) > time_key(as_stamp(now)):
        message = "The time %s of the option since is yet to come: on the server's clock it is %s." % (begin, as_stamp(now))
        raise OptionError(message, advice="Leave since out to begin at the present.")
    return Bookmark(begin, begin)


def _filter(resource: Resource, begin: str) -> str:
    terms = [
        query.compare(resource.field("state"), "ne", STOPPED),
        query.compare(resource.field("end_time"), "ge", begin),
        query.compare(resource.field("creation_time"), "ge", begin),
    ]
    return str(query.any_of(terms))


def _mark(record: Record) -> str:
    return str(record["id"] or record["name"])


def _latest(record: Record, moment: str) -> str:
    return max((record["end_time"] or "", record["creation_time"] or "", moment), key=time_key)


def _told(machines: List[Record], result: str) -> List[Record]:
    return [{"name": machine["vm_display_name"] or machine["name"], "reason": machine["reason"] or ""} for machine in machines if machine["result"] == result]


def _reason(machines: List[Record]) -> str:
    if not machines:
        return ""
    more = " (and %d more)" % (len(machines) - 1) if len(machines) > 1 else ""
    return "%s: %s%s" % (machines[0]["name"], machines[0]["reason"] or "no reason was given", more)
