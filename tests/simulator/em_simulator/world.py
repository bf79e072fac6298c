# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The estate as it stands at a moment: tables of things, and the events that are still to come.

Nothing runs in the background: every request first lets the world ``settle``, which carries out all events that
are due in the order of their time. A test with a clock of its own therefore never sleeps.
"""

from __future__ import annotations

import heapq
import itertools
from typing import Any, Callable, Iterable

from .clock import Clock
from .declarations import CHILD_TYPES
from .model import BACKUP_SESSION, REPLICA_SESSION, TASK_TYPE_OF, Job, JobSession, RestoreSession, Row, Server, TaskSession, entity_type, key_of
from .scripts import checked

Thing = Any


class Table:
    """All things of one type by key (``model.key_of``). ``version`` changes whenever one of them does."""

    def __init__(self) -> None:
        self.by_id: dict[str, Thing] = {}
        self.version = 0
        self._ordered: tuple[int, list[Thing]] = (-1, [])
        self._below: dict[tuple[str, str], dict[str, Thing]] = {}
        self._in_place: dict[tuple[str, ...], dict[str, Thing]] = {}

    def add(self, thing: Thing) -> None:
        """Put a thing in."""
        key = key_of(thing)
        self.by_id[key] = thing
        self.version += 1
        if isinstance(thing, Row):
            for other in (*thing.up, *thing.related, *thing.below):
                if (entity_type(other), thing.type) in CHILD_TYPES:
                    self._below.setdefault((entity_type(other), key_of(other)), {})[key] = thing
            for place in (thing.parents, *((path,) for path in thing.also)):
                if place:
                    self._in_place.setdefault(place, {})[key] = thing

    def remove(self, key: str) -> None:
        """Take a thing out. Raises KeyError when there is none."""
        thing = self.by_id.pop(key)
        self.version += 1
        for index in (self._below, self._in_place):
            for members in index.values():
                if members.get(key) is thing:
                    del members[key]

    def rows(self) -> list[Thing]:
        """Return all things in the order of their ids, which says nothing: the server does not sort (WIRE.md section 0, 4)."""
        if self._ordered[0] != self.version:
            self._ordered = (self.version, [self.by_id[key] for key in sorted(self.by_id)])
        return self._ordered[1]

    def below(self, thing: Thing) -> list[Thing]:
        """Return the rows that the thing lists."""
        return _by_key(self._below.get((entity_type(thing), key_of(thing)), {}))

    def in_place(self, *place: str) -> list[Thing]:
        """Return the rows below parents with these ids, or those of a further collection by its path."""
        return _by_key(self._in_place.get(place, {}))


def _by_key(members: dict[str, Thing]) -> list[Thing]:
    return [members[key] for key in sorted(members)]


class World:
    """Servers, jobs, sessions and the rest, with the events that change them.

    ``defects`` are those that the estate file orders; ``gone`` are URNs of machines that the hierarchy no longer knows.
    ``accounts`` may log on beside the ``administrator``, the account of the command line.
    Whoever keeps what runs leave behind is called by ``on_point`` when a machine is done and has a point, by ``on_end`` at the end of a run.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.tables: dict[str, Table] = {}
        self.scripts: dict[str, dict[str, Any]] = {}
        self.accounts: list[dict[str, str]] = []
        self.administrator = ""
        self.defects: list[Any] = []
        self.max_page_size = 0
        self.lookup_goes_down = True
        self.gone: set[str] = set()
        self.vanished: set[tuple[str, str]] = set()
        self.omitted: dict[str, set[str]] = {}
        self.changes = 0
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._event_moment: float | None = None
        self.running: set[JobSession] = set()
        self.served_jobs: dict[str, Job] = {}
        self.on_point: list[Callable[[TaskSession], None]] = []
        self.on_end: list[Callable[[JobSession], None]] = []
        self.progress: Callable[[JobSession, float], None] = lambda session, now: None

    def table(self, kind: str) -> Table:
        """Return the table of an entity type, empty when nothing was put in."""
        return self.tables.setdefault(kind, Table())

    def add(self, thing: Server | Job | JobSession | TaskSession | RestoreSession | Row) -> None:
        """Put a thing in the table of its type."""
        self.table(entity_type(thing)).add(thing)

    def add_job(self, job: Job) -> None:
        """Put a job of any kind in, in the form in which it is served."""
        if job.row is not None:
            self.served_jobs[job.id] = job
        self.add(job.served)

    def publish(self, session: JobSession) -> None:
        """Show a job session and its task sessions to readers."""
        session.published = True
        self.add(session)
        for task in session.tasks:
            self.add(task)

    def touch(self, session: JobSession) -> None:
        """Say that a job session or one of its task sessions changed."""
        self.table(session.type).version += 1
        self.table(TASK_TYPE_OF[session.type]).version += 1

    def at(self, moment: float, action: Callable[[], None]) -> None:
        """Plan an action for a moment of the simulated clock."""
        heapq.heappush(self._events, (moment, next(self._numbers), action))

    def moment(self) -> float:
        """Return the moment that an event happens at, or the present one: a late settle must not make events late."""
        return self.clock.elapsed() if self._event_moment is None else self._event_moment

    def stamp(self, moment: float | None = None) -> int:
        """Return what the server calls a moment (default: ``moment()``), in microseconds since 1970 UTC."""
        return self.clock.stamp(self.moment() if moment is None else moment)

    def settle(self) -> float:
        """Carry out what is due and return the present moment."""
        now = self.clock.elapsed()
        while self._events and self._events[0][0] <= now:
            self._event_moment, _number, action = heapq.heappop(self._events)
            action()
        self._event_moment = None
        for session in self.running:
            self.progress(session, now)
            if session.published:
                self.touch(session)
        return now

    def jobs(self) -> list[Job]:
        """Return the jobs of /jobs: backup, copy and replication."""
        return self.table("Job").rows()

    def every_job(self) -> list[Job]:
        """Return the jobs of all kinds."""
        return [*self.jobs(), *(self.served_jobs[key] for key in sorted(self.served_jobs))]

    def jobs_named(self, name: str | None) -> list[Job]:
        """Return the jobs with the name or id, all of them for None. Raises ValueError when there is none."""
        found = [job for job in self.every_job() if name is None or name in (job.name, job.id)]
        if name is not None and not found:
            raise ValueError(f"no job is named {name!r}")
        return found

    def script(self, job: Job, name: str) -> dict[str, Any] | None:
        """Return the parameters of a script that is in force for the job, None when it is not."""
        return job.scripts.get(name, self.scripts.get(name))

    def set_script(self, name: str, job: str | None, params: dict[str, Any] | None) -> None:
        """Put a script in force for the jobs of a name, or for all. Raises ValueError as ``scripts.checked`` does."""
        values = checked(name, params)
        if name == "clock_offset":
            self.clock.offset = float(values["seconds"])
        elif job is None:
            self.scripts[name] = values
        else:
            for found in self.jobs_named(job):
                found.scripts[name] = dict(values)

    def drop_script(self, name: str, job: str | None) -> None:
        """Take a script away again."""
        if name == "clock_offset":
            self.clock.offset = 0.0
        if job is None:
            self.scripts.pop(name, None)
        for found in self.jobs_named(job):
            found.scripts.pop(name, None)

    def members(self, owner: Thing, kind: str) -> list[Thing]:
        """Return the things of a type that a thing lists in a child collection."""
        if kind == "Job":
            return [job for job in self.jobs() if job.server is owner]
        job = owner if isinstance(owner, Job) else self.served_jobs.get(key_of(owner)) if isinstance(owner, Row) else None
        if job is not None and kind in (BACKUP_SESSION, REPLICA_SESSION):
            return self.sessions_of(job) if kind == job.session_type else []
        if isinstance(owner, JobSession) and kind in TASK_TYPE_OF.values():
            return list(owner.tasks) if kind == TASK_TYPE_OF[owner.type] else []
        return self.table(kind).below(owner)

    def vanish(self, kind: str, key: str, after: str) -> None:
        """Let a thing be gone: with ``after`` "list" it stays in lists and queries and is missing at its own address, with "" everywhere.

        ``key`` is the id, below others with the ids of the parents in front (``job/entry``). Raises ValueError when there is no such thing.
        """
        if key not in self.table(kind).by_id:
            raise ValueError(f"no {kind} has the id {key!r}")
        if after not in ("", "list"):
            raise ValueError("after is list, or empty")
        if after:
            self.vanished.add((kind, key))
        else:
            self.table(kind).remove(key)
        self.changes += 1

    def omit(self, kind: str, wire_name: str) -> None:
        """Leave an element or attribute out of every answer about things of a type."""
        self.omitted.setdefault(kind, set()).add(wire_name)
        self.changes += 1

    def sessions_of(self, job: Job) -> list[JobSession]:
        """Return the visible job sessions of a job."""
        return [session for session in self.table(job.session_type).rows() if session.job is job]


def reported_sessions(world: World) -> Iterable[JobSession]:
    """Yield the visible job sessions that summary reports count: those of agents are left out of them (WIRE.md section 4)."""
    for kind in (BACKUP_SESSION, REPLICA_SESSION):
        yield from (session for session in world.table(kind).rows() if session.job.row is None)
