# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Machines and what protects them: who is the same machine, who is protected, whose restore point is too old. Private to this collection.

Pure: records in, judgement out; ``protection`` reads what goes in. Source of the forms: API.md section 1 "Identifiers" and WIRE.md
section 4 (references that hold the unique id of a host instead of that of its hierarchy root).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timezone
from fnmatch import fnmatchcase
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Set, Tuple

from .entities.jobs import COPY_JOB_TYPES
from .wire import guid_of

Record = Dict[str, Any]

VIRTUAL_MACHINE, COMPUTER = "virtual_machine", "computer"
PROTECTED, UNPROTECTED, UNKNOWN = "protected", "unprotected", "unknown"

_REFERENCE = re.compile(r"urn:(?P<platform>[^:]+):[^:]+:(?P<root>[^.:]+)\.(?P<object>.+)\Z")
# What Ansible patterns and templates would take for something else in the name of a host.
_NO_HOST_NAME = re.compile(r"[^\w.-]+")
# Names that mean something else to Ansible: a machine called so would catch plays that are not for it.
_TAKEN_NAMES = frozenset(("all", "ungrouped", "localhost", "127.0.0.1"))
_SECONDS_OF_AN_HOUR = 3600.0


@dataclass(eq=False)
class Job:
    """A job, policy or agent job: what is in it and whether it works.

    ``machines`` are those that it names itself, ``members`` those in its containers and groups. ``left_out`` are members that none of its
    runs worked on, where all runs are known. ``closed_roots`` are hierarchies, and ``closed_servers`` backup servers, of whose machines some
    more may be in it, because a container of it could not be looked into.
    """

    name: str
    id: str
    type: str
    server: str
    enabled: bool
    makes_points: bool = True
    ran: bool = False
    machines: Set["Machine"] = field(default_factory=set)
    members: Set["Machine"] = field(default_factory=set)
    left_out: Set["Machine"] = field(default_factory=set)
    closed_roots: Set[str] = field(default_factory=set)
    closed_servers: Set[str] = field(default_factory=set)
    sources: Set[str] = field(default_factory=set)

    @property
    def is_copy(self) -> bool:
        """Whether it copies what other jobs made, and so protects no machine by itself."""
        return self.type in COPY_JOB_TYPES


@dataclass(eq=False)
class Machine:
    """A virtual machine or a computer with an agent. Times are ISO 8601 in UTC, as in records."""

    name: str
    kind: str
    platform: Optional[str] = None
    ip_address: Optional[str] = None
    seen: bool = False
    uids: Set[str] = field(default_factory=set)
    roots: Set[str] = field(default_factory=set)
    servers: Set[str] = field(default_factory=set)
    jobs: Set[str] = field(default_factory=set)
    repositories: Set[str] = field(default_factory=set)
    newest_restore_point: Optional[str] = None
    last_run_time: Optional[str] = None
    last_result: Optional[str] = None
    last_reason: Optional[str] = None
    protection: str = UNKNOWN
    point_expected: bool = False

    @property
    def is_processed(self) -> bool:
        """Whether some run is known to have worked on it."""
        return self.newest_restore_point is not None or self.last_result is not None

    def take_point(self, time: str) -> None:
        """Take note of a restore point."""
        if self.newest_restore_point is None or _later(time, self.newest_restore_point):
            self.newest_restore_point = time

    def take_run(self, task_session: Record) -> bool:
        """Take note of a task session that is over; tell whether it is the newest one so far."""
        time = task_session["creation_time"]
        if time is None or (self.last_run_time is not None and not _later(time, self.last_run_time)):
            return False
        self.last_run_time, self.last_result, self.last_reason = time, task_session["result"], task_session["reason"]
        return True

    def as_record(self) -> Record:
        """Return it as plain data that a cache can keep."""
        return {
            "machine_name": self.name,
            "machine_kind": self.kind,
            "platform": self.platform,
            "ip_address": self.ip_address,
            "uids": sorted(self.uids),
            "backup_servers": sorted(self.servers),
            "jobs": sorted(self.jobs),
            "repositories": sorted(self.repositories),
            "newest_restore_point": self.newest_restore_point,
            "last_run_time": self.last_run_time,
            "last_result": self.last_result,
            "last_reason": self.last_reason,
            "protection": self.protection,
            "point_expected": self.point_expected,
        }


def _later(time: str, other: str) -> bool:
    # Without its Z a time with a fraction sorts behind the whole second.
    return time.rstrip("Z") > other.rstrip("Z")


class Machines:
    """All machines, each once, found by reference and by name.

    A host that was added to two backup servers has a hierarchy root on each: its unique id, which both roots tell, makes its
    machines the same ones. Args: roots: records of hierarchy roots.
    """

    def __init__(self, roots: Iterable[Record]) -> None:
        self._by_reference: Dict[Tuple[str, str], Machine] = {}
        self._by_name: Dict[Tuple[str, str, str], Set[Machine]] = {}
        self._hosts: Dict[str, str] = {}
        for root in roots:
            unique = (root["unique_id"] or root["id"]).casefold()
            self._hosts.update({root["id"].casefold(): unique, unique: unique})

    def __iter__(self) -> Iterator[Machine]:
        return iter(self._by_reference.values())

    def host_of(self, reference: str) -> str:
        """Return what stands for the hierarchy of a reference; "" for a text that is no reference."""
        match = _REFERENCE.match(reference)
        return self.host(match.group("root")) if match else ""

    def host(self, root_id: str) -> str:
        """Return what stands for a hierarchy, the same for all roots of one host."""
        return self._hosts.get(root_id.casefold(), root_id.casefold())

    def add(self, reference: str, name: str, server: str, kind: str = VIRTUAL_MACHINE) -> Machine:
        """Return the machine with the reference, added where it is new, and take note of a further name or backup server of it.

        Without a reference the name on the backup server is what makes it another machine.
        """
        match = _REFERENCE.match(reference)
        key = (self.host(match.group("root")), match.group("object").casefold()) if match else (server.casefold(), "%s %s" % (kind, name.casefold()))
        machine = self._by_reference.get(key)
        if machine is None:
            machine = self._by_reference[key] = Machine(name, kind, match.group("platform") if match else None)
        if match:
            machine.uids.add(reference)
            machine.roots.add(key[0])
        if server:
            machine.servers.add(server)
        for known in _names_of(name, kind):
            self._by_name.setdefault((kind, server.casefold(), known), set()).add(machine)
        return machine

    def find(self, reference: Optional[str], name: Optional[str], server: str, kind: str = VIRTUAL_MACHINE) -> Optional[Machine]:
        """Return the machine with the reference, else the only one of that name on a backup server; None where there is none."""
        match = _REFERENCE.match(reference or "")
        if match:
            found = self._by_reference.get((self.host(match.group("root")), match.group("object").casefold()))
            if found is not None or kind == VIRTUAL_MACHINE:
                return found
        for known in _names_of(name or "", kind):
            named = self._by_name.get((kind, server.casefold(), known), set())
            if len(named) == 1:
                return next(iter(named))
        return None


def _names_of(name: str, kind: str) -> Tuple[str, ...]:
    """Return the names that something may go by: a computer is called with its domain here and without it there."""
    whole = name.casefold()
    return (whole, whole.partition(".")[0]) if kind == COMPUTER else (whole,)


# ---------------------------------------------------------------------------------------------------------
# Who is protected


def judge(machines: Iterable[Machine], jobs: Sequence[Job], jobs_known: Mapping[str, bool]) -> None:
    """Say of every machine whether an enabled job protects it, which jobs it is in, and whether it ought to have a restore point.

    Copies protect nothing: they copy what another job made. A machine that is in a container and that nothing has processed,
    although the job ran, may be left out of the job, which the service does not tell: it is unknown. So is every machine that a
    closed container may hold, and one that is in no job and in no hierarchy that could be seen.

    Args: jobs_known: whether all jobs for a kind of machine could be read.
    """
    by_id = {job.id: job for job in jobs}
    for job in jobs:
        for machine in _contents(job, by_id, set()):
            machine.jobs.add(job.name)
            machine.point_expected = machine.point_expected or (job.makes_points and not job.is_copy)
    working = [job for job in jobs if job.enabled and not job.is_copy]
    protected = {machine for job in working for machine in job.machines}
    protected |= {machine for job in working for machine in job.members - job.left_out if machine.is_processed or not job.ran}
    in_doubt = {machine for job in working for machine in job.members} - protected
    closed_roots = {root for job in working for root in job.closed_roots}
    closed_servers = {server for job in working for server in job.closed_servers}
    for machine in machines:
        if machine in protected:
            machine.protection = PROTECTED
        elif machine in in_doubt or machine.roots & closed_roots or machine.servers & closed_servers or not jobs_known[machine.kind]:
            machine.protection = UNKNOWN
        else:
            machine.protection = UNPROTECTED if machine.seen else UNKNOWN


def _contents(job: Job, by_id: Mapping[str, Job], seen: Set[str]) -> Set[Machine]:
    """Return the machines in a job, those in the jobs that it copies included."""
    found = job.machines | job.members
    seen.add(job.id)
    for source in job.sources - seen:
        if source in by_id:
            found |= _contents(by_id[source], by_id, seen)
    return found


# ---------------------------------------------------------------------------------------------------------
# Ages


def age_in_hours(time: Optional[str], now: datetime) -> Optional[float]:
    """Return how old a time of a record is, in hours with two digits; None without a time, never below 0."""
    if time is None:
        return None
    whole, _point, fraction = time.rstrip("Z").partition(".")
    moment = datetime.strptime(whole, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc)
    seconds = (now - moment).total_seconds() - float("0." + fraction if fraction else 0)
    return max(0.0, round(seconds / _SECONDS_OF_AN_HOUR, 2))


def matches_any(names: Iterable[str], patterns: Sequence[str]) -> bool:
    """Tell whether one of the names fits one of the shell patterns, blind to case."""
    return any(fnmatchcase(name.casefold(), pattern.casefold()) for name in names for pattern in patterns)


def limit_in_hours(jobs: Sequence[str], general: Optional[float], by_job: Mapping[str, float]) -> Optional[float]:
    """Return how old the newest restore point of a machine may be: the strictest limit for one of its jobs, else the general one."""
    limits = [limit for pattern, limit in by_job.items() if matches_any(jobs, (pattern,))]
    return min(limits) if limits else general


def is_breached(record: Record, age: Optional[float], limit: Optional[float]) -> bool:
    """Tell whether the newest restore point is older than the limit, or missing though a job is there to make one."""
    if limit is None:
        return False
    return bool(record["point_expected"]) if age is None else age > limit


# ---------------------------------------------------------------------------------------------------------
# Names


def host_names(records: Sequence[Record], qualified: bool = False) -> List[str]:
    """Return a name for each machine that no other one has, in the order of the machines.

    That is the machine's own, with what patterns and templates would stumble over replaced by an underscore. Machines that share
    one, blind to case, or are called as something else in Ansible is, get their backup servers behind an @, all of them; those that
    share even these get the end of their reference, too. With ``qualified`` every name has the backup servers.
    """
    plain = [_safe(record["machine_name"]) for record in records]
    with_server = ["%s@%s" % (name, _safe("_".join(record["backup_servers"]))) for name, record in zip(plain, records)]
    whole = ["%s@%s" % (name, _safe("_".join(map(_own_part, record["uids"])))) for name, record in zip(with_server, records)]
    shared, shared_with_server = _shared(plain) | _TAKEN_NAMES, _shared(with_server)
    chosen = []
    for index, name in enumerate(plain):
        if not qualified and name.casefold() not in shared:
            chosen.append(name)
        else:
            chosen.append(whole[index] if with_server[index].casefold() in shared_with_server else with_server[index])
    return _numbered(chosen)


def _safe(name: str) -> str:
    return _NO_HOST_NAME.sub("_", name) or "_"


def _numbered(names: Sequence[str]) -> List[str]:
    """Return the names with a number behind those that came before, such as of a machine that is called as another is with its server."""
    taken: Set[str] = set()
    unique = []
    for name in names:
        number, free = 1, name
        while free.casefold() in taken:
            number, free = number + 1, "%s_%d" % (name, number + 1)
        taken.add(free.casefold())
        unique.append(free)
    return unique


def _own_part(reference: str) -> str:
    """Return the part of a reference that tells machines of one host apart."""
    match = _REFERENCE.match(reference)
    return match.group("object") if match else guid_of(reference)


def _shared(names: Sequence[str]) -> Set[str]:
    seen: Set[str] = set()
    return {name for name in (given.casefold() for given in names) if name in seen or seen.add(name)}  # type: ignore[func-returns-value]
