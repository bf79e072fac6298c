# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which machines are in which job, from records alone: the inventory and the audit read them in ways of their own. Private to this collection.

Pure. Source: API.md section 1 "Identifiers", reference pages of jobs, agent jobs, protection groups and hierarchies.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence, Set, Tuple

from . import hierarchy_names
from .entities.jobs import COPY_JOB_TYPES
from .entities.sessions import STOPPED
from .machines import COMPUTER, Job, Machine, Machines
from .wire import guid_of

Record = Dict[str, Any]

AGENT_JOB_TYPE = "AgentBackup"
# Runs that tell nothing of the backup of a machine: copies, the work behind immediate copies, installing of agents, file shares.
OTHER_RUNS = COPY_JOB_TYPES + ("ImmediateBackupCopyWorker", "AgentManagement", "NasBackup")

# Records that are no resource of the service, but what was looked up: machines of the virtualization hosts (fields of hierarchy items, and
# hierarchy_root), machines in containers of jobs (fields of hierarchy items, and container), containers whose machines nobody tells.
HIERARCHY_MACHINES = "hierarchy_machines"
CONTAINER_MACHINES = "container_machines"
CLOSED_CONTAINERS = "closed_containers"

_EMPTY_ENTRY: Record = dict.fromkeys(("hierarchy_obj_ref", "name", "display_name"))


def server_of(record: Record) -> str:
    """Return the name of the backup server that a record belongs to, "" where it is not told."""
    return str((record.get("backup_server") or {}).get("name") or record.get("backup_server_name") or "")


def name_of(record: Record) -> str:
    """Return the machine's name: names of points and task sessions have an @ and the time behind it."""
    return str(record.get("vm_display_name") or (record["name"] or "").rpartition("@")[0] or record["name"] or "")


def settings_of(record: Record) -> List[Record]:
    """Return the settings of a job or CDP policy by kind of it; those of other kinds are null."""
    info = record.get("job_info") or record.get("cdp_policy_info") or {}
    return [part for part in info.values() if isinstance(part, dict)]


def entries_of(record: Record) -> List[Record]:
    """Return what is in a job: machines and containers of them."""
    # An entry without any value is decoded to null, and is an entry all the same.
    return [entry or _EMPTY_ENTRY for part in settings_of(record) for entry in part.get("includes") or []]


def sources_of(record: Record) -> List[str]:
    """Return the unique ids of the jobs that a copy job copies."""
    return [entry["linked_job_uid"] for part in settings_of(record) for entry in part.get("linked_job_includes") or [] if entry and entry["linked_job_uid"]]


@dataclass
class JobRuns:
    """What job sessions tell: name and type of the job that each belongs to, by URN, and the ids of jobs with a run that is over."""

    jobs: Dict[str, Tuple[str, str]] = field(default_factory=dict)
    ran: Set[str] = field(default_factory=set)

    def take(self, record: Record) -> None:
        """Take note of a job session."""
        self.jobs[(record["uid"] or "").casefold()] = (record["job_name"] or "", record["job_type"] or "")
        if record["state"] == STOPPED:
            self.ran.add(guid_of(record["job_uid"] or "").lower())

    def of(self, task_session: Record) -> Tuple[str, str]:
        """Return name and type of the job of a task session, both "" where its job session is not known."""
        uid = task_session["job_session_uid"]
        return self.jobs.get(uid.casefold(), ("", "")) if uid else ("", "")


class JobContents:
    """Jobs with the machines in them. Args: machines: all machines that are known so far; new ones are added."""

    def __init__(self, machines: Machines) -> None:
        self.machines = machines
        self.jobs: List[Job] = []
        # Containers by reference, with the jobs that hold them.
        self.containers: Dict[str, List[Job]] = {}
        # Whether machines that nobody has seen may be in some job.
        self.some_hidden = False

    def add_job(self, record: Record, makes_points: bool = True) -> Job:
        """Take in a job or CDP policy with the machines that it names; its containers wait for ``fill``."""
        job = self._add(record, makes_points)
        for entry in entries_of(record):
            reference = entry["hierarchy_obj_ref"] or ""
            if not reference:
                job.closed_servers.add(job.server)
                self.some_hidden = True
            elif hierarchy_names.is_machine(reference):
                job.machines.add(self.machines.add(reference, entry["name"] or entry["display_name"] or reference, job.server))
            else:
                self.containers.setdefault(reference, []).append(job)
        return job

    def _add(self, record: Record, makes_points: bool = True) -> Job:
        kind = record.get("job_type") or record["type"]
        job = Job(record["name"] or "", (record["id"] or "").lower(), kind, server_of(record), bool(record["schedule_enabled"]), makes_points)
        # A copy that names machines looks for these in the jobs that it is linked with, and takes nothing else from them.
        job.sources = set() if entries_of(record) else {guid_of(uid).lower() for uid in sources_of(record)}
        self.jobs.append(job)
        return job

    def fill(self, reference: str, items: Iterable[Record], is_whole: bool) -> None:
        """Put the machines in a container into the jobs that hold it. Args: is_whole: whether the items are all that it holds."""
        for job in self.containers[reference]:
            for item in items:
                job.members.add(self.machines.add(item["object_ref"], item["object_name"] or item["object_ref"], job.server))
            if not is_whole:
                job.closed_roots.add(self.machines.host_of(reference))

    def add_hierarchy(self, root: Record, items: Iterable[Record]) -> None:
        """Take note of the machines of a virtualization host. Args: root: its hierarchy root."""
        for item in items:
            if item["object_ref"]:
                self.machines.add(item["object_ref"], item["object_name"] or item["object_ref"], server_of(root)).seen = True

    def add_agents(self, jobs: Iterable[Record], groups: Iterable[Record], computers: Optional[Sequence[Record]]) -> None:
        """Take in agent jobs, protection groups and discovered computers; None says that the computers are not known."""
        self.some_hidden = self.some_hidden or computers is None
        in_group: Dict[str, Set[Machine]] = {}
        for record in computers or []:
            machine = self.machines.add(record["hierarchy_obj_ref"] or record["uid"] or "", record["name"] or "", server_of(record), COMPUTER)
            machine.seen, machine.ip_address = True, record["ip_address"]
            group = record["protection_group"]
            in_group.setdefault(group["id"] if group else "", set()).add(machine)
        ids = {(server_of(group), group["name"].casefold()): group["id"] for group in groups if group["name"]}
        for record in jobs:
            job = self._add(record)
            for entry in (record["job_info"] or {}).get("includes") or []:
                self._put_agents_in(job, (entry and (entry["name"] or entry["display_name"])) or "", ids, in_group)

    def _put_agents_in(self, job: Job, name: str, ids: Mapping[Tuple[str, str], str], in_group: Mapping[str, Set[Machine]]) -> None:
        group = ids.get((job.server, name.casefold()))
        computer = None if group else self.machines.find(None, name, job.server, COMPUTER)
        if group:
            job.members |= in_group.get(group, set())
        elif computer is not None:
            job.machines.add(computer)
        else:
            job.closed_servers.add(job.server)

    def take_runs(self, runs: JobRuns) -> None:
        """Say of each job whether it has run."""
        for job in self.jobs:
            job.ran = job.id in runs.ran
