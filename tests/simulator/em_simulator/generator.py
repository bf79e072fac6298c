# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes an estate of any size from a seed number, in seconds; the same seed gives the same estate."""

from __future__ import annotations

import random
from typing import Iterator

from .build import Build, Scale
from .clock import SECOND_US
from .families import FAMILIES
from .families.served_jobs import reserved
from .model import Job, JobSession, Machine, RestoreSession, Row, Server, TaskSession
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
_TYPES = ("Backup", "Backup", "Backup", "BackupCopy", "ImmediateBackupCopy")


class Generator:
    """Fills a world. ``task_sessions`` counts the backup task sessions; replica task sessions come on top (5 %)."""

    def __init__(self, world: World, seed: int, task_sessions: int) -> None:
        self.world = world
        self.seed = seed
        self.chance = random.Random(seed)
        self.wanted = task_sessions
        self.now = world.stamp() // SECOND_US * SECOND_US
        self.number = 0

    def guid(self) -> str:
        """Return the next GUID of the seed."""
        text = f"{self.chance.getrandbits(128):032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def fill(self) -> None:
        """Put servers, jobs and sessions in the world."""
        servers = [Server(self.guid(), f"vbr{number:02d}.example.com") for number in range(1, 4)]
        for server in servers:
            self.world.add(server)
            self.world.add(Row(self.guid(), "Repository", f"Repository {server.name}", self._space(), up=(server,)))
        self._fill_runs(servers, self.wanted - reserved(self.wanted), replica=False)
        self._fill_runs(servers, max(1, self.wanted // 20), replica=True)
        for number in range(max(1, min(200, self.wanted // 100))):
            self.world.add(self._restore(servers[number % len(servers)], number))
        machines = sum(len(job.machines) for job in self.world.jobs())
        build = Build(self.world, Scale(machines, self.wanted, self.wanted), self.chance, self.now, populated=True, seed=str(self.seed))
        for family in FAMILIES:
            family.add(self.world, build)

    def _space(self) -> dict[str, object]:
        capacity = self.chance.randrange(10**12, 10**15)
        return {"Capacity": capacity, "FreeSpace": self.chance.randrange(capacity), "Kind": "WinLocal"}

    def _fill_runs(self, servers: list[Server], wanted: int, replica: bool) -> None:
        jobs = [self._job(servers[number % len(servers)], replica) for number in range(max(2, min(200, wanted // 400)))]
        made = 0
        for round_number in self._rounds():
            for job in jobs:
                if made >= wanted:
                    return
                machines = job.machines[: wanted - made]
                self._run(job, machines, round_number)
                made += len(machines)

    def _rounds(self) -> Iterator[int]:
        number = 0
        while True:
            yield number
            number += 1

    def _job(self, server: Server, replica: bool) -> Job:
        self.number += 1
        word = self.chance.choice(_WORDS)
        kind = "Replica" if replica else self.chance.choice(_TYPES)
        job = Job(self.guid(), f"{word} {kind} {self.number:03d}", server, type=kind, platform=self.chance.choice(("VMware", "Hyperv")))
        prefix = "urn:VMware:Vm:" if job.platform == "VMware" else "urn:HyperV:Vm:"
        for number in range(self.chance.randrange(5, 40)):
            name = f"{word.lower().replace(' ', '-')}-{self.number:03d}-{number:02d}"
            size = self.chance.randrange(10**9, 2 * 10**12)
            job.machines.append(Machine(name, size, f"{prefix}{server.id}.vm-{self.chance.randrange(10**6)}"))
        self.world.add(job)
        return job

    def _run(self, job: Job, machines: list[Machine], round_number: int) -> None:
        chance = self.chance
        created = self.now - chance.randrange(60 * SECOND_US, _DAYS_KEPT * _DAY_US)
        length = chance.randrange(60, 4 * 3600) * SECOND_US
        ended = min(created + length, self.now)
        session = JobSession(self.guid(), job.session_type, job, created, job.type, ended, "Stopped", "Success", 100)
        session.is_retry = round_number % 7 == 3
        for machine in machines:
            session.tasks.append(self._machine_run(session, machine, created, ended))
        results = {task.result for task in session.tasks}
        session.result = "Failed" if "Failed" in results else "Warning" if "Warning" in results else "Success"
        if not job.is_replica:
            session.point_ids, session.point_us = (self.guid(),), created
        if job.last is None or job.last.created_us < created:
            job.last = session
        self.world.publish(session)

    def _machine_run(self, session: JobSession, machine: Machine, created: int, ended: int) -> TaskSession:
        chance = self.chance
        begin = created + chance.randrange(max(1, (ended - created) // 2))
        end = chance.randrange(begin, ended + 1)
        luck = chance.random()
        task = TaskSession(self.guid(), session, machine, begin, end, "Completed", "Success", "", machine.size)
        if luck < 0.02:
            task.result, task.size, task.reason = "Failed", 0, chance.choice(_REASONS).format(machine.name)
        else:
            task.point_id, task.point_us = self.guid(), end
            if luck < 0.07:
                task.result, task.reason = "Warning", _WARNING.format(machine.name)
        return task

    def _restore(self, server: Server, number: int) -> RestoreSession:
        created = self.now - self.chance.randrange(3600 * SECOND_US, _DAYS_KEPT * _DAY_US)
        name = f"restored-{number:03d}"
        kind = self.chance.choice(("FileLevelRestore", "RestoreVm"))
        label = f"FLR_[{name}]" if kind == "FileLevelRestore" else name
        progress = 0 if kind == "FileLevelRestore" else 100
        uid = f"urn:VMware:Vm:{server.id}.vm-{number}"
        return RestoreSession(
            self.guid(), server, label, name, kind, created, created + 600 * SECOND_US, "Stopped", "Success", progress, None, uid, self.guid()
        )
