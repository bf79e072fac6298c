# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the families are given to build their part of an estate with."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any, Mapping, NamedTuple

from .clock import SECOND_US
from .model import Job, Machine, Server, stable_id
from .world import World

MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US


@dataclass(frozen=True)
class Scale:
    """How big an estate is: how many machines, restore points of machines, task sessions of backups."""

    machines: int
    restore_points: int
    task_sessions: int


class Placed(NamedTuple):
    """A machine with the server and platform that know it."""

    server: Server
    platform: str
    machine: Machine


_URN_PLATFORMS = {"VMware": "VMware", "Hyperv": "HyperV", "vCloud": "vCloud"}
_MOREFS = {
    "Vm": "vm-",
    "Datacenter": "datacenter-",
    "Cluster": "domain-c",
    "Host": "host-",
    "Folder": "group-v",
    "ResourcePool": "resgroup-",
    "Datastore": "datastore-",
}


def hierarchy_id(server: Server, platform: str) -> str:
    """Return the id of the root that a server's machines of a platform lie below."""
    return stable_id("hierarchy", server.id, platform)


def object_ref(root_id: str, platform: str, kind: str, name: str) -> str:
    """Return the URN of an object below the root of a hierarchy: vCenters count, Hyper-V knows GUIDs, Cloud Director and tags have URNs inside."""
    guid = stable_id(kind, root_id, name)
    if platform == "Hyperv":
        inner = guid
    elif platform == "vCloud":
        inner = f"urn:vcloud:{kind.lower()}:{guid}"
    elif kind in _MOREFS:
        inner = _MOREFS[kind] + str(int(guid[:8], 16) % 10_000_000)
    else:
        inner = f"urn:vmomi:InventoryService{kind}:{guid}:GLOBAL"
    return f"urn:{_URN_PLATFORMS[platform]}:{kind}:{root_id}.{inner}"


@dataclass
class Build:
    """An estate on its way.

    ``data`` is what the estate file says, empty for a generated estate. ``populated`` asks a family for rows even where the file
    has no section for it: in generated estates, and in files that say ``populated: true``. ``now_us`` is the start, in whole seconds.
    ``healthy`` asks for an estate in which nothing is wrong; its jobs of agents and file shares ran ``runs`` times where the estate is generated.
    ``chance`` gives the same numbers for the same seed. Servers, machines and jobs are in the world before any family is asked.
    ``file_entries`` is what the file says of a job, by its id; ``bystanders`` are machines that are in no job by their own name.
    """

    world: World
    scale: Scale
    chance: random.Random
    now_us: int
    data: Mapping[str, Any] = field(default_factory=dict)
    populated: bool = False
    healthy: bool = False
    runs: int = 0
    seed: str = ""
    file_entries: dict[str, dict[str, Any]] = field(default_factory=dict)
    bystanders: list[Placed] = field(default_factory=list)

    @property
    def generated(self) -> bool:
        """Whether the estate comes from a seed and not from a file."""
        return bool(self.seed)

    @property
    def servers(self) -> list[Server]:
        """The backup servers by name."""
        servers: list[Server] = self.world.table("BackupServer").rows()
        return sorted(servers, key=lambda server: server.name)

    @property
    def jobs(self) -> list[Job]:
        """The backup, copy and replication jobs by server and name."""
        return sorted(self.world.jobs(), key=lambda job: (job.server.name, job.name))

    @property
    def machines(self) -> list[Machine]:
        """Every machine of a job once, by name."""
        found = {machine.uid: machine for job in self.world.jobs() for machine in job.machines}
        return sorted(found.values(), key=lambda machine: machine.name)

    @property
    def placed(self) -> list[Placed]:
        """Every machine once, with server and platform, those in no job as well."""
        found = {machine.uid: Placed(job.server, job.platform, machine) for job in self.jobs for machine in job.machines}
        found |= {place.machine.uid: place for place in self.bystanders}
        return list(found.values())

    def file_jobs(self) -> list[tuple[Job, dict[str, Any]]]:
        """Return the jobs that a file told, with what it says of them."""
        return [(job, self.file_entries[job.id]) for job in self.jobs if job.id in self.file_entries]

    def guid(self, *words: object) -> str:
        """Return the id that stands for these words in this estate."""
        return stable_id(self.seed, *words) if self.seed else stable_id(*words)

    def missing_points(self) -> int:
        """Return how many restore points of machines the runs of the past leave to others."""
        known = sum(bool(task.point_id) for task in self.world.table("BackupTaskSession").by_id.values())
        return self.scale.restore_points - known

    def server(self, name: str | None) -> Server:
        """Return a server by name, the first one of the estate when None. Raises KeyError when there is none."""
        by_name: dict[str, Server] = {server.name: server for server in self.world.table("BackupServer").by_id.values()}
        return by_name[name] if name else next(iter(by_name.values()))

    def section(self, name: str) -> list[dict[str, Any]]:
        """Return a list of the estate file, empty when it is not there."""
        return list(self.data.get(name) or [])

    def ago(self, hours: float = 0.0, days: float = 0.0) -> int:
        """Return a moment before the start in microseconds since 1970."""
        return self.now_us - int(hours * HOUR_US) - int(days * DAY_US)
