# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every machine with the jobs it is in, its restore points with the backups and repositories they lie in, and its runs. Private to this collection.

Pure, and made in one pass over each kind of record. Source of the links: WIRE.md section 3 (machine's point -> restore point -> backup ->
repository), API.md section 1 "Identifiers".
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Dict, List, Optional, Sequence, Set, Tuple

from .._api import hierarchy_names
from .._api.entities.jobs import JOB_TYPE_REPLICA
from .._api.job_contents import (
    AGENT_JOB_TYPE,
    CLOSED_CONTAINERS,
    CONTAINER_MACHINES,
    HIERARCHY_MACHINES,
    OTHER_RUNS,
    JobContents,
    JobRuns,
    entries_of,
    name_of,
    server_of,
)
from .._api.machines import COMPUTER, VIRTUAL_MACHINE, Job, Machine, Machines, judge
from .._api.wire import guid_of
from .model import BY_ID, Reads, Record, Subject

if TYPE_CHECKING:
    from .facts import Facts

_OF_JOBS = ("name", "backup_server_name", "schedule_enabled", "schedule_configured", "job_type")
_OF_POINTS = ("name", "creation_time", "point_type", "algorithm", "restore_point.id", "backup_file.id", "backup_server_name")

# Who is there and what has been done with them. Checks that ask for inhabitants name these among what they read.
READS_OF_MACHINES: Tuple[Reads, ...] = (
    Reads("hierarchy_roots", ("name", "unique_id", "host_type", "backup_server_name"), needed=False),
    Reads(HIERARCHY_MACHINES, ("object_ref", "object_name", "hierarchy_root"), needed=False),
    Reads(CONTAINER_MACHINES, ("object_ref", "object_name", "container"), needed=False),
    Reads(CLOSED_CONTAINERS, ("container",), needed=False),
    Reads("jobs", (*_OF_JOBS, "job_info"), needed=False),
    Reads("cdp_policies", ("name", "backup_server_name", "schedule_enabled", "policy_type", "cdp_policy_info"), needed=False),
    Reads("agent_jobs", (*_OF_JOBS, "job_info"), needed=False),
    Reads("protection_groups", ("name", "backup_server_name"), needed=False),
    Reads("discovered_computers", ("name", "hierarchy_obj_ref", "ip_address", "protection_group", "backup_server_name"), needed=False),
)
READS_OF_POINTS: Tuple[Reads, ...] = (
    Reads("vm_restore_points", (*_OF_POINTS, "vm_display_name", "hierarchy_obj_ref"), identity=BY_ID),
    Reads("agent_restore_points", _OF_POINTS, needed=False, identity=BY_ID),
    Reads("restore_points", ("backup",), needed=False, identity=BY_ID),
    Reads("backups", ("name", "backup_type", "platform", "repository", "backup_server"), needed=False),
)
READS_OF_REPLICA_POINTS: Tuple[Reads, ...] = (
    Reads("vm_replica_points", ("name", "creation_time", "vm_display_name", "replica_name", "backup_server_name", "replica"), needed=False),
)
READS_OF_RUNS: Tuple[Reads, ...] = (
    Reads("backup_sessions", ("job_uid", "job_name", "job_type", "state", "result", "creation_time", "end_time", "is_retry", "backup_server_name")),
    Reads(
        "backup_task_sessions",
        ("name", "vm_display_name", "vm_uid", "job_session_uid", "creation_time", "end_time", "state", "result", "reason", "total_size", "backup_server_name"),
        identity=(),
    ),
)


def if_readable(reads: Sequence[Reads]) -> Tuple[Reads, ...]:
    """Return what to read for a check that can do without it."""
    return tuple(replace(one, needed=False) for one in reads)


def needing(reads: Sequence[Reads], *kinds: str) -> Tuple[Reads, ...]:
    """Return what to read for a check that cannot be made without these kinds."""
    return tuple(replace(one, needed=one.needed or one.kind in kinds) for one in reads)


_COMPLETED = "Completed"
_TAG = "tag"


@dataclass(eq=False)
class Inhabitant:
    """One machine. Points and runs are in the order in which they were read: ``newest_first`` sorts them.

    ``machine`` is the judgement of ``machines.judge``: jobs, protection, whether restore points are to be expected.
    ``runs`` are task sessions that are over and tell of its backup, ``unfinished`` those that are not over. ``jobs`` are the jobs and policies
    that it is in, copies aside, whether enabled or not; ``left_out_by`` those of which a container holds it and whose runs, all known, never
    worked on it: it is excluded from them, or new.
    """

    machine: Machine
    subject: Subject
    points: List[Record] = field(default_factory=list)
    replica_points: List[Record] = field(default_factory=list)
    runs: List[Record] = field(default_factory=list)
    unfinished: List[Record] = field(default_factory=list)
    jobs: Tuple[Job, ...] = ()
    left_out_by: Tuple[Job, ...] = ()

    @property
    def is_known_to_exist(self) -> bool:
        """Whether a virtualization host, a protection group or a job tells of it, and not only what was left of it."""
        return self.machine.seen or bool(self.jobs) or bool(self.left_out_by)

    @property
    def backup_jobs(self) -> Tuple[Job, ...]:
        """The jobs it is in that make restore points in a backup: no policies, no replication."""
        return tuple(job for job in self.jobs if makes_backups(job))

    def newest_point(self) -> Optional[Record]:
        """Return the newest restore point, None without any."""
        return max(self.points, key=_created, default=None)

    def newest_replica_point(self) -> Optional[Record]:
        """Return the newest point of its replicas, None without any."""
        return max(self.replica_points, key=_created, default=None)

    def last_run(self) -> Optional[Record]:
        """Return the newest task session that is over and tells of its backup, None without any."""
        return max(self.runs, key=_created, default=None)


def makes_backups(job: Job) -> bool:
    """Tell whether a job makes restore points in a backup of its own: no copies, no policies, no replication."""
    return job.makes_points and not job.is_copy and job.type != JOB_TYPE_REPLICA


def _created(record: Record) -> str:
    # Without its Z a time with a fraction sorts behind the whole second.
    return (record["creation_time"] or "").rstrip("Z")


def newest_first(records: Sequence[Record]) -> List[Record]:
    """Return records by their time of creation."""
    return sorted(records, key=_created, reverse=True)


def oldest_first(records: Sequence[Record]) -> List[Record]:
    """Return records by their time of creation, the oldest first."""
    return sorted(records, key=_created)


class Inhabitants:
    """All machines of an Enterprise Manager; iterate over ``all``. What has a gap counts as not there, which ``machine.protection`` minds."""

    def __init__(self, facts: "Facts") -> None:
        self._facts = facts
        self._by_machine: Dict[Machine, Inhabitant] = {}
        roots = [root for root in self._records("hierarchy_roots") if root["id"]]
        self._machines = Machines(roots)
        self._contents = JobContents(self._machines)
        self._runs = JobRuns()
        self._points: Dict[Machine, List[Record]] = {}
        self._replica_points: Dict[Machine, List[Record]] = {}
        self._tasks: Dict[Machine, List[Record]] = {}
        self._unfinished: Dict[Machine, List[Record]] = {}
        self._read_hosts: Set[str] = set()
        self._tags: Dict[Machine, Set[str]] = {}
        self._restore_points = facts.by_id("restore_points") if "restore_points" in facts.collections else {}
        self._backups = facts.by_id("backups") if "backups" in facts.collections else {}
        self._take_jobs()
        self._take_hierarchies({root["id"]: root for root in roots})
        self._take_agents()
        self._take_runs()
        self._take_points("vm_restore_points", VIRTUAL_MACHINE, self._points)
        self._take_points("agent_restore_points", COMPUTER, self._points)
        self._take_points("vm_replica_points", VIRTUAL_MACHINE, self._replica_points)
        known = {VIRTUAL_MACHINE: self._known("jobs") and self._known("cdp_policies"), COMPUTER: self._known("agent_jobs")}
        judge(self._machines, self.jobs, known)
        self._holding, self._leaving_out = self._memberships()
        self.all: List[Inhabitant] = sorted(map(self._inhabitant, self._machines), key=lambda one: (one.subject.name.casefold(), one.subject.uid or ""))
        self._by_machine = {one.machine: one for one in self.all}

    @property
    def jobs(self) -> List[Job]:
        """Jobs, CDP policies and agent jobs with the machines in them."""
        return self._contents.jobs

    def find(self, reference: Optional[str], name: Optional[str], server: str, kind: str = VIRTUAL_MACHINE) -> Optional[Inhabitant]:
        """Return the machine with the reference, else the only one of that name on a backup server."""
        machine = self._machines.find(reference, name, server, kind)
        return self._by_machine.get(machine) if machine else None

    def of(self, machine: Machine) -> Inhabitant:
        """Return the inhabitant that a machine of a job is."""
        return self._by_machine[machine]

    def backup_of(self, point: Record) -> Optional[Record]:
        """Return the backup that a machine's restore point lies in, None where the links do not tell."""
        reference = point.get("restore_point")
        restore_point = self._restore_points.get((reference["id"] or "").lower()) if reference else None
        backup = restore_point.get("backup") if restore_point else None
        return self._backups.get((backup["id"] or "").lower()) if backup else None

    def job_of(self, run: Record) -> str:
        """Return the name of the job that a task session belongs to, "" where it is not told."""
        return self._runs.of(run)[0]

    def is_gone(self, one: Inhabitant) -> bool:
        """Tell whether a machine is surely no more: no job holds it, and its hosts, which were read whole, do not show it."""
        hosts = one.machine.roots
        return not one.is_known_to_exist and bool(hosts) and hosts <= self._read_hosts and self._facts.server.sees_all is True

    def shows(self, reference: str) -> Optional[bool]:
        """Tell whether a virtualization host shows the machine with the reference, None where that host could not be read whole."""
        if self._machines.host_of(reference) not in self._read_hosts or self._facts.server.sees_all is not True:
            return None
        machine = self._machines.find(reference, None, "")
        return machine is not None and machine.seen

    # -- making ---------------------------------------------------------------------------------------------

    def _records(self, kind: str) -> Sequence[Record]:
        return self._facts.records(kind) if kind in self._facts.collections else ()

    def _known(self, kind: str) -> bool:
        return kind in self._facts.collections and self._facts.gap(kind) is None

    def _take_jobs(self) -> None:
        tags: Dict[str, str] = {}
        for kind in ("jobs", "cdp_policies"):
            self._contents.some_hidden = self._contents.some_hidden or not self._known(kind)
            for record in self._records(kind):
                self._contents.add_job(record, makes_points=kind == "jobs")
                tags.update({entry["hierarchy_obj_ref"]: entry["name"] or "" for entry in entries_of(record) if _is_tag(entry)})
        members: Dict[str, List[Record]] = {reference: [] for reference in self._contents.containers}
        for item in self._records(CONTAINER_MACHINES):
            members.setdefault(item["container"], []).append(item)
        closed = {record["container"] for record in self._records(CLOSED_CONTAINERS)}
        looked_up = self._known(CONTAINER_MACHINES)
        for reference in self._contents.containers:
            self._contents.fill(reference, members[reference], looked_up and reference not in closed)
        for reference, tag in tags.items():
            for item in members[reference]:
                machine = self._machines.find(item["object_ref"], None, "")
                if machine is not None:
                    self._tags.setdefault(machine, set()).add(tag)

    def _take_hierarchies(self, roots: Dict[str, Record]) -> None:
        of_root: Dict[str, List[Record]] = {}
        for item in self._records(HIERARCHY_MACHINES):
            of_root.setdefault(item["hierarchy_root"]["id"], []).append(item)
        for root_id, items in of_root.items():
            if root_id in roots:
                self._contents.add_hierarchy(roots[root_id], items)
        if self._known(HIERARCHY_MACHINES):
            self._read_hosts = {self._machines.host(root_id) for root_id in roots}

    def _take_agents(self) -> None:
        computers = self._records("discovered_computers") if self._known("discovered_computers") else None
        self._contents.add_agents(self._records("agent_jobs"), self._records("protection_groups"), computers)

    def _take_runs(self) -> None:
        job_ids: Dict[str, str] = {}
        for record in self._records("backup_sessions"):
            self._runs.take(record)
            job_ids[(record["uid"] or "").casefold()] = guid_of(record["job_uid"] or "").lower()
        worked_on: Dict[str, Set[Machine]] = {}
        for record in self._records("backup_task_sessions"):
            session = (record["job_session_uid"] or "").casefold()
            job_name, job_type = self._runs.of(record)
            # A copy may be at work since before the time that was looked back to: without its job session nobody knows what a run was for.
            if session not in job_ids or job_type in OTHER_RUNS:
                continue
            kind = COMPUTER if job_type == AGENT_JOB_TYPE else VIRTUAL_MACHINE
            machine = self._machine_of(record, record.get("vm_uid"), kind)
            if machine is None:
                continue
            worked_on.setdefault(job_ids[session], set()).add(machine)
            if record["state"] != _COMPLETED:
                self._unfinished.setdefault(machine, []).append(record)
                continue
            machine.take_run(record)
            self._tasks.setdefault(machine, []).append(record)
            if job_name:
                machine.jobs.add(job_name)
        for job in self.jobs:
            # Runs that failed before they came to any machine do not tell who is left out.
            job.ran = job.id in worked_on
            job.left_out = job.members - worked_on[job.id] if job.ran else set()

    def _memberships(self) -> Tuple[Dict[Machine, List[Job]], Dict[Machine, List[Job]]]:
        """Return for each machine the jobs that it is in, and those that leave it out; copies aside."""
        holding: Dict[Machine, List[Job]] = {}
        leaving_out: Dict[Machine, List[Job]] = {}
        for job in self.jobs:
            if not job.is_copy:
                for machine in job.machines | (job.members - job.left_out):
                    holding.setdefault(machine, []).append(job)
                for machine in job.left_out - job.machines:
                    leaving_out.setdefault(machine, []).append(job)
        return holding, leaving_out

    def _take_points(self, kind: str, machine_kind: str, taken: Dict[Machine, List[Record]]) -> None:
        for record in self._records(kind):
            machine = self._machine_of(record, record.get("hierarchy_obj_ref"), machine_kind)
            if machine is None or record["creation_time"] is None:
                continue
            if taken is self._points:
                machine.take_point(record["creation_time"])
                backup = self.backup_of(record)
                if backup and backup["repository"] and backup["repository"]["name"]:
                    machine.repositories.add(backup["repository"]["name"])
            taken.setdefault(machine, []).append(record)

    def _machine_of(self, record: Record, reference: Optional[str], kind: str) -> Optional[Machine]:
        name, server = name_of(record), server_of(record)
        found = self._machines.find(reference, name, server, kind)
        return found if found is not None or not name else self._machines.add(reference or "", name, server, kind)

    def _inhabitant(self, machine: Machine) -> Inhabitant:
        subject = Subject(
            "machine",
            machine.name,
            min(machine.uids, default=None),
            ", ".join(sorted(machine.servers)),
            tuple(sorted(machine.jobs)),
            tuple(sorted(machine.repositories)),
            tuple(sorted(self._tags.get(machine, ()))),
        )
        return Inhabitant(
            machine,
            subject,
            self._points.get(machine, []),
            self._replica_points.get(machine, []),
            self._tasks.get(machine, []),
            self._unfinished.get(machine, []),
            tuple(self._holding.get(machine, ())),
            tuple(self._leaving_out.get(machine, ())),
        )


def _is_tag(entry: Record) -> bool:
    return hierarchy_names.type_of(entry["hierarchy_obj_ref"] or "") == _TAG
