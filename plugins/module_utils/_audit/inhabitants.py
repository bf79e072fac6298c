# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every machine with the jobs it is in, its restore points with the backups and repositories they lie in, and its runs. Private to this collection.

Pure, and made in one pass over each kind of record. Source of the links: WIRE.md section 3 (machine's point -> restore point -> backup ->
repository), API.md section 1 "Identifiers".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Dict, List, Optional, Sequence, Set, Tuple

from .._api import hierarchy_names
from .._api.job_contents import AGENT_JOB_TYPE, OTHER_RUNS, JobContents, JobRuns, entries_of, name_of, server_of
from .._api.machines import COMPUTER, VIRTUAL_MACHINE, Job, Machine, Machines, judge
from .model import Reads, Record, Subject

if TYPE_CHECKING:
    from .facts import Facts

_OF_JOBS = ("name", "backup_server_name", "schedule_enabled", "schedule_configured", "job_type")
_OF_POINTS = ("name", "creation_time", "point_type", "algorithm", "restore_point", "backup_file", "backup_server_name")

# Who is there and what has been done with them. Checks that ask for inhabitants name these among what they read.
READS_OF_MACHINES: Tuple[Reads, ...] = (
    Reads("hierarchy_roots", ("name", "unique_id", "host_type", "backup_server_name"), needed=False),
    Reads("hierarchy_machines", ("object_ref", "object_name", "hierarchy_root"), needed=False),
    Reads("container_machines", ("object_ref", "object_name", "container"), needed=False),
    Reads("closed_containers", ("container",), needed=False),
    Reads("jobs", (*_OF_JOBS, "job_info"), needed=False),
    Reads("cdp_policies", ("name", "backup_server_name", "schedule_enabled", "policy_type", "cdp_policy_info"), needed=False),
    Reads("agent_jobs", (*_OF_JOBS, "job_info"), needed=False),
    Reads("protection_groups", ("name", "backup_server_name"), needed=False),
    Reads("discovered_computers", ("name", "hierarchy_obj_ref", "ip_address", "protection_group", "backup_server_name"), needed=False),
)
READS_OF_POINTS: Tuple[Reads, ...] = (
    Reads("vm_restore_points", (*_OF_POINTS, "vm_display_name", "hierarchy_obj_ref")),
    Reads("agent_restore_points", _OF_POINTS, needed=False),
    Reads("restore_points", ("backup",), needed=False),
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
    ),
)

_COMPLETED = "Completed"
_TAG = "tag"


@dataclass(eq=False)
class Inhabitant:
    """One machine. Points and runs are in the order in which they were read: ``newest_first`` sorts them.

    ``machine`` is the judgement of ``machines.judge``: jobs, protection, whether restore points are to be expected.
    """

    machine: Machine
    subject: Subject
    points: List[Record] = field(default_factory=list)
    replica_points: List[Record] = field(default_factory=list)
    runs: List[Record] = field(default_factory=list)

    def newest_point(self) -> Optional[Record]:
        """Return the newest restore point, None without any."""
        return max(self.points, key=_created, default=None)

    def newest_replica_point(self) -> Optional[Record]:
        """Return the newest point of its replicas, None without any."""
        return max(self.replica_points, key=_created, default=None)

    def last_run(self) -> Optional[Record]:
        """Return the newest task session that is over and tells of its backup, None without any."""
        return max(self.runs, key=_created, default=None)


def _created(record: Record) -> str:
    # Without its Z a time with a fraction sorts behind the whole second.
    return (record["creation_time"] or "").rstrip("Z")


def newest_first(records: Sequence[Record]) -> List[Record]:
    """Return records by their time of creation."""
    return sorted(records, key=_created, reverse=True)


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
        for item in self._records("container_machines"):
            members.setdefault(item["container"], []).append(item)
        closed = {record["container"] for record in self._records("closed_containers")}
        looked_up = self._known("container_machines")
        for reference in self._contents.containers:
            self._contents.fill(reference, members[reference], looked_up and reference not in closed)
        for reference, tag in tags.items():
            for item in members[reference]:
                machine = self._machines.find(item["object_ref"], None, "")
                if machine is not None:
                    self._tags.setdefault(machine, set()).add(tag)

    def _take_hierarchies(self, roots: Dict[str, Record]) -> None:
        of_root: Dict[str, List[Record]] = {}
        for item in self._records("hierarchy_machines"):
            of_root.setdefault(item["hierarchy_root"]["id"], []).append(item)
        for root_id, items in of_root.items():
            if root_id in roots:
                self._contents.add_hierarchy(roots[root_id], items)

    def _take_agents(self) -> None:
        computers = self._records("discovered_computers") if self._known("discovered_computers") else None
        self._contents.add_agents(self._records("agent_jobs"), self._records("protection_groups"), computers)

    def _take_runs(self) -> None:
        for record in self._records("backup_sessions"):
            self._runs.take(record)
        self._contents.take_runs(self._runs)
        for record in self._records("backup_task_sessions"):
            job_name, job_type = self._runs.of(record)
            if record["state"] != _COMPLETED or job_type in OTHER_RUNS:
                continue
            kind = COMPUTER if job_type == AGENT_JOB_TYPE else VIRTUAL_MACHINE
            machine = self._machine_of(record, record.get("vm_uid"), kind)
            if machine is not None:
                machine.take_run(record)
                self._tasks.setdefault(machine, []).append(record)
                if job_name:
                    machine.jobs.add(job_name)

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
        return Inhabitant(machine, subject, self._points.get(machine, []), self._replica_points.get(machine, []), self._tasks.get(machine, []))


def _is_tag(entry: Record) -> bool:
    return hierarchy_names.type_of(entry["hierarchy_obj_ref"] or "") == _TAG
