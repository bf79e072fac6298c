# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The things that the simulated estate is made of. Times are microseconds since 1970 UTC (``*_us``)."""

from __future__ import annotations

import base64
import uuid
from dataclasses import dataclass, field
from typing import Any

_NAMESPACE = uuid.UUID("6f0c7c5e-3f0b-5d59-9a0e-6f1d6f6d656d")

BACKUP_SESSION = "BackupJobSession"
REPLICA_SESSION = "ReplicaJobSession"
BACKUP_TASK_SESSION = "BackupTaskSession"
REPLICA_TASK_SESSION = "ReplicaTaskSession"
TASK_TYPE_OF = {BACKUP_SESSION: BACKUP_TASK_SESSION, REPLICA_SESSION: REPLICA_TASK_SESSION}
COPY_TYPES = ("BackupCopy", "ImmediateBackupCopy")
AGENT_BACKUP, NAS_BACKUP = "AgentBackup", "NasBackup"


def stable_id(*parts: object) -> str:
    """Return the same GUID for the same words, so that an estate has the same ids on every start."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(str(part) for part in parts)))


@dataclass(slots=True)
class Server:
    """A backup server. ``clock_offset_hours`` is the distance of its clock from UTC; schedules are told in its time.

    ``version`` and ``thumbprint`` (of its certificate) are what the generation and the id lead to unless they are told.
    """

    id: str
    name: str
    description: str = ""
    version: str | None = None
    address: str = ""
    clock_offset_hours: int = 0
    thumbprint: str = ""


@dataclass(slots=True)
class Machine:
    """A virtual machine; ``size`` in bytes, ``uid`` its URN in the hierarchy, ``folder`` and ``tags`` where it is found there."""

    name: str
    size: int
    uid: str
    folder: str = ""
    tags: tuple[str, ...] = ()


@dataclass(slots=True)
class Container:
    """A part of the hierarchy that is in a job and stands for ``members``, names of machines; what is excluded from the job is not among them."""

    name: str
    type: str
    uid: str
    members: tuple[str, ...] = ()


@dataclass(slots=True)
class Outcome:
    """How one machine ends."""

    result: str = "Success"
    reason: str = ""


@dataclass(slots=True)
class JobOptions:
    """How a job is set up, as far as jobs differ; unless told, as by somebody who tuned nothing.

    ``retries`` 0 is no automatic retry; ``every_hours`` 0 a run a day. ``window_hours`` are the hours of every day, on the clock of the
    backup server, in which a run may work; None without a window. ``retain`` counts days or points as ``retain_by`` says (Days, Cycles);
    ``gfs`` tells the weeks, months and years that fulls are kept, 0 is not at all. Of Oracle, 0 minutes is no backup of logs.
    """

    retries: int = 3
    every_hours: int = 0
    window_hours: tuple[int, ...] | None = None
    application_aware: str = "RequireSuccess"
    sql_logs: str = "OnlyOnSuccessJob"
    sql_log_minutes: int = 15
    oracle_log_minutes: int = 0
    retain: int = 7
    retain_by: str = "Days"
    gfs: tuple[int, int, int] = (2, 3, 0)


@dataclass(slots=True)
class Job:
    """A job of any kind, and what its next runs will do.

    ``row`` is how a job of agents or file shares is served, None for the jobs of /jobs.
    ``outcomes`` holds one mapping (machine name -> Outcome) a run, the last one is used for ever; ``scripts`` the
    named behaviours with their parameters; ``run`` the run that goes on, ``last`` the run before.
    """

    id: str
    name: str
    server: Server
    type: str = "Backup"
    platform: str = "VMware"
    description: str = ""
    duration: float = 6.0
    schedule_configured: bool = True
    schedule_enabled: bool = True
    start_time: str = "22:00:00"
    next_run_us: int | None = None
    machines: list[Machine] = field(default_factory=list)
    containers: list[Container] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    source_repositories: list[str] = field(default_factory=list)
    repository: str = ""
    password_key_id: str = ""
    chains: bool = False
    indexed: bool = False
    vapp: str = ""
    options: JobOptions = field(default_factory=JobOptions)
    outcomes: list[dict[str, Outcome]] = field(default_factory=list)
    scripts: dict[str, dict[str, Any]] = field(default_factory=dict)
    run: "JobSession | None" = None
    last: "JobSession | None" = None
    runs: int = 0
    row: "Row | None" = None

    @property
    def served(self) -> "Job | Row":
        """What answers name as the job."""
        return self.row or self

    @property
    def keeps_points(self) -> bool:
        """Whether a run leaves restore points that the API shows; those of file shares are in none of its collections."""
        return self.type != NAS_BACKUP

    @property
    def is_replica(self) -> bool:
        """Whether its runs are replica job sessions."""
        return self.type == "Replica"

    @property
    def session_type(self) -> str:
        """Entity type of its runs."""
        return REPLICA_SESSION if self.is_replica else BACKUP_SESSION

    def outcome_of(self, run: int) -> dict[str, Outcome]:
        """Return how the machines end in a run (counted from 0)."""
        return self.outcomes[min(run, len(self.outcomes) - 1)] if self.outcomes else {}


@dataclass(slots=True, eq=False)
class TaskSession:
    """One machine inside one run. ``begin`` and ``end`` are moments of the simulated clock in seconds."""

    id: str
    session: "JobSession"
    machine: Machine
    created_us: int
    ended_us: int | None = None
    state: str = "Pending"
    result: str = "None"
    reason: str = ""
    size: int = 0
    point_id: str = ""
    point_us: int = 0
    begin: float = 0.0
    end: float = 0.0

    @property
    def type(self) -> str:
        """Entity type."""
        return TASK_TYPE_OF[self.session.type]


@dataclass(slots=True, eq=False)
class JobSession:
    """One run of a job. ``began`` is the moment of the simulated clock in seconds (live runs only).

    ``ends_with`` is the failure message that a live run will end with.
    """

    id: str
    type: str
    job: Job
    created_us: int
    job_type: str
    ended_us: int | None = None
    state: str = "Starting"
    result: str = "None"
    progress: int = 0
    failure_message: str | None = None
    is_retry: bool = False
    point_ids: tuple[str, ...] = ()
    point_us: int = 0
    tasks: list[TaskSession] = field(default_factory=list)
    began: float = 0.0
    outcome: dict[str, Outcome] = field(default_factory=dict)
    ends_with: str | None = None
    published: bool = True
    hide_end: bool = False

    @property
    def failed_machines(self) -> list[Machine]:
        """Machines that a retry would run again."""
        return [task.machine for task in self.tasks if task.result == "Failed"]


@dataclass(slots=True, eq=False)
class RestoreSession:
    """One restore."""

    id: str
    server: Server
    label: str
    vm_display_name: str
    job_type: str
    created_us: int
    ended_us: int | None
    state: str
    result: str
    progress: int
    failure_message: str | None
    restored_obj_ref: str | None
    point_id: str = ""
    point_us: int = 0
    type: str = "RestoreSession"


@dataclass(slots=True, eq=False)
class Row:
    """A thing that is served as its declaration says: values by wire name, also those that can only be filtered by.

    Times are microseconds since 1970 UTC (int), sizes bytes, structures dicts by wire name, lists lists. What can be written only with
    the address of the server in it, or changes, is a function of the context (``wire.Context``).

    Where it is listed: in the collection of its type, or with ``parents`` below these; in ``place`` instead, a path in the words
    of ``Resource.path``, where it lies below a parent of another kind; in ``also``, paths out of ``Resource.more_paths``; and below
    everything in ``up``, ``related`` and ``below`` that has a child collection of its type.
    """

    id: str  # GUID in lower case, or what stands last in its address; "" for the one thing of a path
    type: str  # Resource.type
    name: str = ""  # attribute Name; "" with ``stamp_us`` for a name that is only a time
    values: dict[str, Any] = field(default_factory=dict)
    up: tuple[Any, ...] = ()  # what the links Rel=Up lead to, in their order: Row, Server, Job, JobSession ...
    related: tuple[Any, ...] = ()  # what the links Rel=Related lead to
    parents: tuple[str, ...] = ()  # ids of the parents in the path, outermost first
    stamp_us: int | None = None  # the moment that the server writes into the name, after an @
    below: tuple[Any, ...] = ()  # what lists it without being linked from it
    place: str = ""
    also: tuple[str, ...] = ()
    links: tuple[Any, ...] = ()  # further links (wire.Link) of the entity, after all others


def entity_type(thing: Any) -> str:
    """Return the type of a thing as the wire calls it."""
    if isinstance(thing, Server):
        return "BackupServer"
    return "Job" if isinstance(thing, Job) else str(thing.type)


def key_of(thing: Any) -> str:
    """Return the word by which a table knows a thing: its id, below others with the ids of its parents in front."""
    parents = getattr(thing, "parents", ())
    return "/".join((*parents, thing.id)) if parents else str(thing.id)


@dataclass(slots=True, eq=False)
class Task:
    """An order that the server took. ``related`` is what its Related link leads to once it is Finished."""

    id: str
    operation: str
    state: str = "Running"
    success: bool | None = None
    message: str | None = None
    related: "JobSession | Row | None" = None
    show_related: bool = False


@dataclass(slots=True)
class Account:
    """Who may log on; ``tenant`` is the id of the tenant whose account of Cloud Connect it is, "" for a user of Enterprise Manager."""

    username: str
    password: str
    role: str
    tenant: str = ""


@dataclass(slots=True, eq=False)
class Logon:
    """A log-on session with its token, the tasks that were ordered through it, and what it has mounted, by id."""

    id: str
    account: Account
    last_used: float
    api_version: str
    tasks: dict[str, Task] = field(default_factory=dict)
    mounts: dict[str, Row] = field(default_factory=dict)
    numbered: int = 0

    @property
    def token(self) -> str:
        """What travels in the header: base64 of the text of the session id (WIRE.md section 0, 8)."""
        return base64.b64encode(self.id.encode("ascii")).decode("ascii")

    def new_task(self, operation: str) -> Task:
        """Take an order; ids count from task-1 in every log-on session (WIRE.md section 5)."""
        self.numbered += 1
        task = Task(f"task-{self.numbered}", operation)
        self.tasks[task.id] = task
        return task
