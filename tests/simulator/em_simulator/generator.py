# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes an estate of any size from a seed number, in seconds; the same seed gives the same estate."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Iterator

from . import healthy
from .build import Build, Placed, Scale, hierarchy_id, object_ref
from .clock import SECOND_US
from .families import FAMILIES
from .families.infrastructure import GENERATED_REPOSITORIES
from .families.served_jobs import reserved
from .model import BACKUP_TASK_SESSION, Job, JobSession, Machine, RestoreSession, Server, TaskSession
from .world import World

_DAY_US = 24 * 3600 * SECOND_US
_DAYS_KEPT = 30
_WORDS = (
    "SQL",
    "Exchange",
    "File Server",
    "Web",
    "Oracle",
    "DC",
    "Archive",
    "ERP",
    "R&D",
    "Lab <test>",
    'The "Big" One',
    "O'Brien",
    "Ärzte",
    "Бухгалтерия",
    "Rocket 🚀",
)
_REASONS = (
    "Processing {0} Error: Failed to create the snapshot: the operation timed out.",
    "Processing {0} Error: Cannot reach the host; check name & network.",
)
_WARNING = "Processing {0}: the guest tools are out of date; the file system was not quiesced."
_COPY_KINDS = ("BackupCopy", "ImmediateBackupCopy")
_FOLDERS = ("Production", "Test", "Branch offices", "Infrastructure")
_MACHINES_OF_A_JOB = (5, 40)
_FEWEST_JOBS = 4
_SESSIONS_PER_MACHINE = 10
_FEWEST_MACHINES, _MOST_MACHINES = 20, 10_000
_REPLICATED_PART, _COPIED_PART, _UNPROTECTED_PART = 20, 10, 50
_FAILED, _WARNED, _STALE = 0.02, 0.05, 0.03
_STALE_FOR_US = 4 * _DAY_US
_JOBS_OF_A_COPY = 5


def scale_of(machines: int | None, restore_points: int | None, task_sessions: int | None) -> Scale:
    """Return how big an estate is to be; what is not told follows from the rest: ten task sessions for a machine, as many points."""
    if machines is None:
        machines = _FEWEST_MACHINES if task_sessions is None else min(_MOST_MACHINES, max(_FEWEST_MACHINES, task_sessions // _SESSIONS_PER_MACHINE))
    if task_sessions is None:
        task_sessions = machines * _SESSIONS_PER_MACHINE
    return Scale(machines, task_sessions if restore_points is None else restore_points, task_sessions)


def healthy_scale_of(machines: int | None, restore_points: int | None, task_sessions: int | None) -> Scale:
    """Return how big a healthy estate is to be; unless told, a backup and a copy of every day that points are to be kept. 0 points: as many as runs leave."""
    of_a_machine = 2 * healthy.RUNS
    if machines is None:
        machines = _FEWEST_MACHINES if task_sessions is None else min(_MOST_MACHINES, max(_FEWEST_MACHINES, task_sessions // of_a_machine))
    if task_sessions is None:
        task_sessions = machines * of_a_machine
        task_sessions += reserved(task_sessions)
    return Scale(machines, restore_points or 0, task_sessions)


class Generator:
    """Fills a world to a scale. Replica task sessions come on top of its task sessions (5 %).

    Every machine that is protected is in one backup job; every tenth job has a copy, and a twentieth of the machines is
    replicated. A few machines are in no job, a few have not been backed up for days.
    """

    def __init__(self, world: World, seed: int, scale: Scale) -> None:
        self.world = world
        self.seed = seed
        self.chance = random.Random(seed)
        self.scale = scale
        self.now = world.stamp() // SECOND_US * SECOND_US
        self.number = 0
        self.stale: set[str] = set()

    def guid(self) -> str:
        """Return the next GUID of the seed."""
        text = f"{self.chance.getrandbits(128):032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def fill(self) -> None:
        """Put servers, jobs and sessions in the world, then what the families make of them."""
        self.servers = [Server(self.guid(), f"vbr{number:02d}.example.com") for number in range(1, 4)]
        for server in self.servers:
            self.world.add(server)
        bystanders = [self._placed(number) for number in range(self.scale.machines // _UNPROTECTED_PART)]
        backups = self._backup_jobs(self.scale.machines - len(bystanders))
        copies = [self._copy(job, number) for number, job in enumerate(backups[::_COPIED_PART])]
        replicas = [self._replica(job) for job in backups[:: _REPLICATED_PART // 2]]
        wanted = self.scale.task_sessions
        self._fill_runs([*backups, *copies], wanted - reserved(wanted))
        self._fill_runs(replicas, max(1, wanted // 20))
        for number in range(max(1, min(200, wanted // 100))):
            self.world.add(self._restore(backups[number % len(backups)], number))
        build = Build(self.world, self.scale, self.chance, self.now, populated=True, seed=str(self.seed), bystanders=bystanders)
        for family in FAMILIES:
            family.add(self.world, build)

    # Machines and jobs

    def _machine(self, server: Server, platform: str, name: str) -> Machine:
        ref = object_ref(hierarchy_id(server, platform), platform, "Vm", name)
        tags = ("gold",) if self.chance.random() < 0.1 else ()
        return Machine(name, self.chance.randrange(10**9, 2 * 10**12), ref, self.chance.choice(_FOLDERS), tags)

    def _placed(self, number: int) -> Placed:
        server = self.servers[number % len(self.servers)]
        return Placed(server, "VMware", self._machine(server, "VMware", f"scratch-{number:04d}"))

    def _backup_jobs(self, machines: int) -> list[Job]:
        jobs: list[Job] = []
        most = max(1, machines // _FEWEST_JOBS)
        while machines > 0:
            size = min(machines, most, self.chance.randrange(*_MACHINES_OF_A_JOB))
            machines -= size
            jobs.append(self._job(self.servers[len(jobs) % len(self.servers)], size))
        return jobs

    def _job(self, server: Server, machines: int) -> Job:
        self.number += 1
        word = self.chance.choice(_WORDS)
        job = Job(self.guid(), f"{word} Backup {self.number:03d}", server, platform="Hyperv" if self.number % _FEWEST_JOBS == 0 else "VMware")
        job.repository = f"{'Object Storage' if self.number % 10 == 0 else 'Repository'} {server.name.partition('.')[0]}"
        job.chains = self.number % 5 == 0
        for number in range(machines):
            job.machines.append(self._machine(server, job.platform, f"{word.lower().replace(' ', '-')}-{self.number:03d}-{number:02d}"))
            if self.chance.random() < _STALE:
                self.stale.add(job.machines[-1].name)
        self.world.add(job)
        return job

    def _copy(self, source: Job, number: int) -> Job:
        kind = _COPY_KINDS[number % len(_COPY_KINDS)]
        job = Job(self.guid(), f"{kind} of {source.name}", source.server, type=kind, platform=source.platform, machines=list(source.machines))
        job.repository, job.sources = source.repository, [source.id]
        self.world.add(job)
        return job

    def _replica(self, source: Job) -> Job:
        name = source.name.replace("Backup", "Replication")
        job = Job(self.guid(), name, source.server, type="Replica", platform=source.platform, machines=source.machines[: max(1, len(source.machines) // 2)])
        self.world.add(job)
        return job

    # Runs

    def _fill_runs(self, jobs: list[Job], wanted: int) -> None:
        """Let the jobs have run once a day, back from today, and more often where a month of that is not enough for so many task sessions."""
        rounds = -(-wanted // max(1, sum(len(job.machines) for job in jobs)))
        pause = min(_DAY_US, _DAYS_KEPT * _DAY_US // max(1, rounds))
        made = 0
        for number in range(rounds):
            for job in jobs:
                if made >= wanted:
                    return
                machines = job.machines[: wanted - made]
                self._run(job, machines, number, pause)
                made += len(machines)

    def _run(self, job: Job, machines: list[Machine], number: int, pause: int) -> None:
        chance = self.chance
        length = min(chance.randrange(60, 4 * 3600) * SECOND_US, pause // 2)
        created = self.now - number * pause - chance.randrange(length, pause)
        session = JobSession(self.guid(), job.session_type, job, created, job.type, created + length, "Stopped", "Success", 100)
        session.is_retry = number % 7 == 3
        for machine in machines:
            session.tasks.append(self._machine_run(session, machine, created, created + length))
        results = {task.result for task in session.tasks}
        session.result = "Failed" if "Failed" in results else "Warning" if "Warning" in results else "Success"
        if job.last is None or job.last.created_us < created:
            job.last = session
        self.world.publish(session)

    def _machine_run(self, session: JobSession, machine: Machine, created: int, ended: int) -> TaskSession:
        chance = self.chance
        begin = created + chance.randrange(max(1, (ended - created) // 2))
        end = chance.randrange(begin, ended + 1)
        luck = chance.random()
        task = TaskSession(self.guid(), session, machine, begin, end, "Completed", "Success", "", machine.size)
        if luck < _FAILED or (machine.name in self.stale and self.now - created < _STALE_FOR_US):
            task.result, task.size, task.reason = "Failed", 0, chance.choice(_REASONS).format(machine.name)
        else:
            task.point_id, task.point_us = self.guid(), end
            if luck < _FAILED + _WARNED:
                task.result, task.reason = "Warning", _WARNING.format(machine.name)
        return task

    def _restore(self, job: Job, number: int) -> RestoreSession:
        machine = job.machines[number % len(job.machines)]
        created = self.now - self.chance.randrange(3600 * SECOND_US, _DAYS_KEPT * _DAY_US)
        kind = self.chance.choice(("FileLevelRestore", "RestoreVm"))
        label = f"FLR_[{machine.name}]" if kind == "FileLevelRestore" else machine.name
        progress = 0 if kind == "FileLevelRestore" else 100
        ended = created + 600 * SECOND_US
        return RestoreSession(self.guid(), job.server, label, machine.name, kind, created, ended, "Stopped", "Success", progress, None, machine.uid)


class HealthyGenerator(Generator):
    """Fills a world with an estate in which nobody finds a fault, to a scale.

    Every machine is in one backup job, and every backup job in a copy to the cloud; all ran once a day. How many days follows from the task
    sessions that are asked for, whole runs for every job, so that there are at least so many; points as many as these, or as asked for.
    """

    def fill(self) -> None:
        """Put servers, jobs and sessions in the world, then what the families make of them."""
        self.servers = [Server(self.guid(), f"vbr{number:02d}.example.com") for number in range(1, 4)]
        for server in self.servers:
            self.world.add(server)
        backups = self._backup_jobs(self.scale.machines)
        copies = [self._copy_of(jobs, number) for number, jobs in enumerate(self._copied_together(backups))]
        replicas = [self._replica(job) for job in self._replicated(backups)]
        runs = self._runs()
        for jobs, hours_ago in ((backups, 6.0), (copies, 3.0), (replicas, 1.0)):
            for number, job in enumerate(jobs):
                self._run_daily(job, hours_ago + number % 6 / 2, runs, windowed=job.type == "Backup" and number % 2 == 0)
        build = Build(self.world, self._scale(), self.chance, self.now, populated=True, healthy=True, runs=runs, seed=str(self.seed))
        healthy.try_restores(self.world, build, backups)
        for family in FAMILIES:
            family.add(self.world, build)

    def _replicated(self, backups: list[Job]) -> list[Job]:
        """Return every tenth job, the big ones first, but two at least: a plan counts on the first, on the second none."""
        by_size = sorted(backups, key=lambda job: len(job.machines), reverse=True)
        return by_size[: max(2, len(backups) * 2 // _REPLICATED_PART)]

    def _runs(self) -> int:
        wanted = self.scale.task_sessions - reserved(self.scale.task_sessions)
        return max(1, -(-wanted // (2 * self.scale.machines)))

    def _scale(self) -> Scale:
        points = sum(bool(task.point_id) for task in self.world.table(BACKUP_TASK_SESSION).by_id.values())
        return self.scale if self.scale.restore_points else replace(self.scale, restore_points=points)

    def _job(self, server: Server, machines: int) -> Job:
        job = super()._job(server, machines)
        job.repository = self._repository(server, 0)
        return job

    def _repository(self, server: Server, place: int) -> str:
        return list(GENERATED_REPOSITORIES)[place].format(server.name.partition(".")[0])

    def _copied_together(self, backups: list[Job]) -> Iterator[list[Job]]:
        """Yield the jobs that one copy reads: of one server and platform."""
        alike: dict[tuple[str, str], list[Job]] = {}
        for job in backups:
            alike.setdefault((job.server.id, job.platform), []).append(job)
        for jobs in alike.values():
            for start in range(0, len(jobs), _JOBS_OF_A_COPY):
                yield jobs[start : start + _JOBS_OF_A_COPY]

    def _copy_of(self, jobs: list[Job], number: int) -> Job:
        first, kind = jobs[0], _COPY_KINDS[number % len(_COPY_KINDS)]
        machines = [machine for job in jobs for machine in job.machines]
        job = Job(self.guid(), f"Cloud Copy {number + 1:03d}", first.server, type=kind, platform=first.platform, machines=machines)
        job.repository, job.sources = self._repository(first.server, 1), [source.id for source in jobs]
        self.world.add(job)
        return job

    def _run_daily(self, job: Job, hours_ago: float, runs: int, windowed: bool) -> None:
        began = self.now - int(hours_ago * 3600) * SECOND_US
        healthy.set_up(job, began, self.now, windowed)
        length = self.chance.randrange(600, 2400) * SECOND_US
        for number in range(runs):
            # A few seconds more or less, as always.
            created = began - number * _DAY_US + self.chance.randrange(SECOND_US)
            self._succeed(job, created, created + length + self.chance.randrange(length // 20))

    def _succeed(self, job: Job, created: int, ended: int) -> None:
        session = JobSession(self.guid(), job.session_type, job, created, job.type, ended, "Stopped", "Success", 100)
        session.progress = 0 if job.type == "ImmediateBackupCopy" else 100
        step = (ended - created) // (len(job.machines) + 2)
        for number, machine in enumerate(job.machines, 1):
            begin, end = created + step * number, created + step * (number + 1)
            task = TaskSession(self.guid(), session, machine, begin, end, "Completed", "Success", "", machine.size, self.guid(), end)
            session.tasks.append(task)
        if job.last is None or job.last.created_us < created:
            job.last = session
        self.world.publish(session)
