# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the families are given to build their part of an estate with."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any, Mapping

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


@dataclass
class Build:
    """An estate on its way.

    ``data`` is what the estate file says, empty for a generated estate. ``populated`` asks a family for rows even where the file
    has no section for it: in generated estates, and in files that say ``populated: true``. ``now_us`` is the start, in whole seconds.
    ``chance`` gives the same numbers for the same seed. Servers, machines and jobs are in the world before any family is asked.
    """

    world: World
    scale: Scale
    chance: random.Random
    now_us: int
    data: Mapping[str, Any] = field(default_factory=dict)
    populated: bool = False
    seed: str = ""
    hierarchy: str = ""

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

    def guid(self, *words: object) -> str:
        """Return the id that stands for these words in this estate."""
        return stable_id(self.seed, *words) if self.seed else stable_id(*words)

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
