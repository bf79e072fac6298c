# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a defect is, and what it is planted in."""

from __future__ import annotations

import inspect
import random
from dataclasses import dataclass, field
from typing import Any, Callable, Iterable, Mapping, NamedTuple

from ..build import DAY_US, HOUR_US
from ..clock import SECOND_US
from ..declarations import BY_TYPE
from ..logons import Logons
from ..model import COPY_TYPES, Job, JobSession, Logon, Machine, Server, entity_type, key_of
from ..world import World

Details = dict[str, Any]


class Protected(NamedTuple):
    """A machine with a job that works on it."""

    machine: Machine
    job: Job


class Planted(NamedTuple):
    """What a defect made wrong, where that is another thing than the one that was chosen: a thing of the estate, and the details."""

    thing: Any
    details: Details


@dataclass
class Site:
    """A world in which defects are planted. ``chance`` chooses; ``taken`` are the ids of what is wrong already."""

    world: World
    logons: Logons
    chance: random.Random
    taken: set[str] = field(default_factory=set)

    @property
    def now_us(self) -> int:
        """The present in whole seconds, as microseconds since 1970."""
        return self.world.stamp() // SECOND_US * SECOND_US

    def ago(self, hours: float = 0, days: float = 0) -> int:
        """Return a moment before the present in microseconds since 1970."""
        return self.now_us - int(hours * HOUR_US + days * DAY_US)

    def hours_since(self, moment_us: int) -> float:
        """Return how many hours ago a moment was, to a hundredth."""
        return round((self.now_us - moment_us) / HOUR_US, 2)

    def rows(self, kind: str) -> list[Any]:
        """Return all things of a type by name."""
        return sorted(self.world.table(kind).by_id.values(), key=lambda thing: (label_of(thing), key_of(thing)))

    def jobs(self, *kinds: str) -> list[Job]:
        """Return the jobs of some types by name."""
        return [job for job in self.rows("Job") if job.type in kinds]

    def copies_of(self, job: Job) -> list[Job]:
        """Return the copies that read a job."""
        return [copy for copy in self.jobs(*COPY_TYPES) if job.id in copy.sources]

    def sessions(self, job: Job) -> list[JobSession]:
        """Return the runs of a job, the newest first."""
        return sorted(self.world.sessions_of(job), key=lambda session: session.created_us, reverse=True)

    def protected(self, *kinds: str) -> list[Protected]:
        """Return the machines of the jobs of some types, each with its job, by the names of both."""
        return [Protected(machine, job) for job in self.jobs(*kinds) for machine in sorted(job.machines, key=lambda machine: machine.name)]


Plant = Callable[..., Any]
Among = Callable[[Site], Iterable[Any]]


@dataclass(frozen=True)
class Defect:
    """Something that can be wrong.

    ``thing`` says in what (a word of the declarations, or machine), ``changes`` the types of things that look different afterwards,
    ``parameters`` what can be turned, with the defaults.
    """

    name: str
    thing: str
    sentence: str
    changes: frozenset[str]
    parameters: Mapping[str, Any]
    among: Among
    plant: Plant

    def checked(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return all parameters. Raises ValueError for an unknown one, and for one of another type than its default."""
        for name, value in given.items():
            if name not in self.parameters:
                raise ValueError(f"defect {self.name} has no parameter {name}; it has: {', '.join(self.parameters) or 'none'}")
            numbers = isinstance(value, (int, float)) and isinstance(self.parameters[name], (int, float))
            if not numbers and not isinstance(value, type(self.parameters[name])):
                raise ValueError(f"defect {self.name}: {name} must be like {self.parameters[name]!r}")
        return {**self.parameters, **given}


DEFECTS: dict[str, Defect] = {}


def defect(thing: str, among: Among, changes: str) -> Callable[[Plant], Plant]:
    """Declare a function ``(site, thing, *, parameter=default)`` as a defect of its name; the first line of its docstring is the sentence.

    ``among`` gives the things in which it can be planted, so that nothing else becomes wrong by it; ``changes`` names types with blanks between.
    """

    def declare(function: Plant) -> Plant:
        options = inspect.signature(function).parameters.values()
        parameters = {option.name: option.default for option in options if option.kind is option.KEYWORD_ONLY}
        sentence = (function.__doc__ or "").partition("\n")[0]
        DEFECTS[function.__name__] = Defect(function.__name__, thing, sentence, frozenset(changes.split()), parameters, among, function)
        return function

    return declare


def label_of(thing: Any) -> str:
    """Return the name of a thing."""
    if isinstance(thing, Protected):
        return thing.machine.name
    if isinstance(thing, Logon):
        return thing.account.username
    return str(getattr(thing, "name", "") or thing.values.get("Hint") or "")


def id_of(thing: Any) -> str:
    """Return the id of a thing, of a machine its URN."""
    return thing.machine.uid if isinstance(thing, Protected) else str(thing.id)


def server_of(thing: Any) -> str:
    """Return the name of the backup server that a thing belongs to, "" where it belongs to none."""
    if isinstance(thing, Server):
        return thing.name
    if isinstance(thing, Protected):
        return thing.job.server.name
    if isinstance(thing, Job):
        return thing.server.name
    return next((other.name for other in getattr(thing, "up", ()) if isinstance(other, Server)), "")


def word_of(thing: Any) -> str:
    """Return what a report calls the kind of a thing: the word of the declarations, or machine."""
    if isinstance(thing, Protected):
        return "machine"
    if isinstance(thing, Logon):
        return "logon_session"
    return str(BY_TYPE[entity_type(thing.served if isinstance(thing, Job) else thing)].thing)


def footprint_of(thing: Any) -> set[str]:
    """Return the ids that a second defect had better leave alone."""
    return {id_of(thing), thing.job.id} if isinstance(thing, Protected) else {id_of(thing)}


def in_report(defect_name: str, thing: Any, details: Details) -> dict[str, Any]:
    """Return what was planted, as JSON."""
    return {
        "defect": defect_name,
        "thing": word_of(thing),
        "name": label_of(thing),
        "id": id_of(thing),
        "backup_server": server_of(thing),
        "details": details,
    }
