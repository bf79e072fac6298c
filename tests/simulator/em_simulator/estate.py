# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads an estate from YAML. Ids come from names, so the same file gives the same ids on every start."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import yaml

from . import healthy
from .build import Build, Placed, Scale, hierarchy_id, object_ref
from .clock import SECOND_US
from .families import FAMILIES
from .job_entries import add_job, job_from, past_run, runs_of
from .model import Container, Job, Machine, RestoreSession, Server, stable_id
from .world import World

ESTATES = Path(__file__).resolve().parents[1] / "estates"
_MINUTE_US = 60 * SECOND_US
_HOUR_US = 60 * _MINUTE_US
_OF_BACKUPS = ("repository", "chains", "indexed", "vapp")


def estate_file(name: str) -> Path:
    """Return the file of an estate given by name or path. Raises FileNotFoundError with the names that exist."""
    for candidate in (ESTATES / f"{name}.yml", Path(name)):
        if candidate.is_file():
            return candidate
    known = ", ".join(sorted(path.stem for path in ESTATES.glob("*.yml")))
    raise FileNotFoundError(f"no estate {name!r}; known: {known}")


def load_estate(path: Path, world: World) -> None:
    """Fill a world from a YAML file (its form: README.md). Raises ValueError or KeyError on a file that makes no sense."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    Loader(world).load(data)


class Loader:
    """Puts what a parsed file says into a world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.servers: dict[str, Server] = {}
        self.bystanders: list[Placed] = []

    def load(self, data: dict[str, Any]) -> None:
        """Load servers first, jobs next, then what refers to them."""
        for entry in data.get("backup_servers", []):
            server = Server(stable_id("server", entry["name"]), **entry)
            self.servers[server.name] = server
            self.world.add(server)
        for entry in data.get("machines", []):
            server, platform = self.server(entry.get("backup_server")), entry.get("platform", "VMware")
            self.bystanders.append(Placed(server, platform, self.machine(entry, server, platform)))
        jobs = [(self.job(entry), entry) for entry in data.get("jobs", [])]
        for job, entry in jobs:
            read = [found for name in entry.get("sources", []) for found, _entry in jobs if found.name == name and found.server is job.server]
            job.sources = [found.id for found in read]
            if not entry.get("machines"):
                job.machines += [machine for found in read for machine in found.machines]
            for number, past in enumerate(runs_of(entry)):
                past_run(self.world, job, number, past)
        for entry in data.get("restore_sessions", []):
            self.restore(entry)
        self.world.accounts = list(data.get("accounts", []))
        self.world.defects = list(data.get("defects", []))
        machines = len({machine.uid for job in self.world.jobs() for machine in job.machines})
        now_us = self.now_us
        build = Build(self.world, Scale(machines, 0, 0), random.Random(0), now_us, data, bool(data.get("populated")), bool(data.get("healthy")))
        if build.healthy:
            for job, entry in jobs:
                healthy.set_up(job, build.ago(hours=entry["daily"]["hours_ago"]), now_us, bool(entry.get("window")))
            healthy.try_restores(self.world, build, [job for job, _entry in jobs if job.type == "Backup"])
        build.file_entries = {job.id: entry for job, entry in jobs}
        build.bystanders = self.bystanders
        for family in FAMILIES:
            family.add(self.world, build)

    @property
    def now_us(self) -> int:
        """The start in whole seconds, as microseconds since 1970."""
        return self.world.stamp() // SECOND_US * SECOND_US

    def server(self, name: str | None) -> Server:
        """Return a server by name, the first one when None."""
        return self.servers[name] if name else next(iter(self.servers.values()))

    def machine(self, entry: dict[str, Any], server: Server, platform: str) -> Machine:
        """Return a machine; its reference comes from its name."""
        ref = object_ref(hierarchy_id(server, platform), platform, "Vm", entry["name"])
        return Machine(entry["name"], int(entry.get("size", 42949672960)), ref, entry.get("folder", ""), tuple(entry.get("tags", ())))

    def job(self, entry: dict[str, Any]) -> Job:
        """Return a job and add it to the world."""
        server = self.server(entry.get("backup_server"))
        job = job_from(self.world, entry, server, stable_id("job", server.name, entry["name"]), entry.get("type", "Backup"))
        for name in _OF_BACKUPS:
            setattr(job, name, entry.get(name, getattr(job, name)))
        job.machines = [self.machine(item, server, job.platform) for item in entry.get("machines", [])]
        for item in entry.get("containers", []):
            self.contain(job, item)
        add_job(self.world, job, entry)
        return job

    def contain(self, job: Job, item: dict[str, Any]) -> None:
        """Put a folder or tag in a job: ``name``, ``type``, ``exclude``; it stands for the machines of the file that lie in it."""
        name, kind = item["name"], item["type"]
        inside = [
            place.machine
            for place in self.bystanders
            if place.server is job.server and (place.machine.folder == name if kind == "Folder" else name in place.machine.tags)
        ]
        members = [machine for machine in inside if machine.name not in item.get("exclude", [])]
        ref = object_ref(hierarchy_id(job.server, job.platform), job.platform, kind, name)
        job.containers.append(Container(name, kind, ref, tuple(machine.name for machine in members)))
        job.machines += members

    def restore(self, entry: dict[str, Any]) -> None:
        """Add a restore session."""
        server = self.server(entry.get("backup_server"))
        machine = self.machine({"name": entry["machine"]}, server, entry.get("platform", "VMware"))
        kind = entry.get("type", "FileLevelRestore")
        label = entry.get("label") or (f"FLR_[{machine.name}]" if kind == "FileLevelRestore" else machine.name)
        identifier = stable_id("restore", server.name, label, entry["hours_ago"])
        created = self.now_us - int(entry["hours_ago"] * _HOUR_US)
        running = bool(entry.get("running", False))
        self.world.add(
            RestoreSession(
                identifier,
                server,
                label,
                machine.name,
                kind,
                created,
                None if running else created + int(entry.get("minutes", 10) * _MINUTE_US),
                "Working" if running else "Stopped",
                "None" if running else entry.get("result", "Success"),
                0 if kind == "FileLevelRestore" else (35 if running else 100),
                entry.get("failure_message"),
                machine.uid,
            )
        )
