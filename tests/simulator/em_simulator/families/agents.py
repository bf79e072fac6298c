# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Agents: protection groups, the computers that they found, the jobs that back these up, and what is in the jobs.

Every computer has a chain of its own on the repository, with a file and a point for each run.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from .. import healthy
from ..build import Build
from ..job_details import guest_processing, retention
from ..job_entries import job_from
from ..model import AGENT_BACKUP, BACKUP_SESSION, Job, Machine, Row, Server, stable_id
from ..rows import row_uid
from ..wire import Context
from ..world import World
from .backups import Chains
from .neighbours import inside
from .served_jobs import common_values, daily, file_entries, keep, reserved, run_in_the_past, sessions_of_type, set_up

WINDOWS, LINUX = "AgentForWindows", "AgentForLinux"
# Agents are in no hierarchy, and so in front of their id stands this one.
_NO_ROOT = "00000000-0000-0000-0000-000000000000"
_SYSTEMS = {WINDOWS: "Microsoft Windows Server 2022 (64-bit)", LINUX: "Debian GNU/Linux 12 (64-bit)"}
_AGENT_VERSION = "6.3.0.177"
_DEFAULT_SIZE = 214748364800
_UNREACHED = "Processing {} Error: Failed to connect to the agent: the computer does not answer."
_COMPUTERS_IN_MACHINES = 20
_COMPUTERS_OF_A_GROUP = 25
_FEWEST_COMPUTERS = 6
# Of the computers of a generated group the last ones are in no job: one cannot be reached, one has no agent yet.
_WITHOUT_JOB = ({"host_status": "Offline"}, {"agent_status": "NotInstalled", "agent_version": ""})


class _Computers:
    """Groups and computers on their way into the world, found again by name."""

    def __init__(self, world: World, build: Build) -> None:
        self.world = world
        self.build = build
        self.groups: dict[tuple[str, str], tuple[Row, list[str]]] = {}
        self.machines: dict[tuple[str, str], Machine] = {}
        self.count = 0

    def add_group(self, server: Server, entry: dict[str, Any]) -> None:
        """Add a protection group with the computers that it found."""
        identifier, platform = self.build.guid("protection group", server.name, entry["name"]), entry.get("platform", WINDOWS)
        reference = f"urn:{platform}:AgentProtectionGroup:{_NO_ROOT}.{identifier}"
        values = {"RescanScheduleEnabled": entry.get("rescan", True), "HierarchyObjRef": reference}
        group = Row(identifier, "AgentProtectionGroup", entry["name"], values, up=(server,))
        self.world.add(group)
        computers = entry.get("computers", [])
        for computer in computers:
            self._add_computer(server, group, platform, computer)
        self.groups[server.name, entry["name"]] = (group, [computer["name"] for computer in computers])

    def _add_computer(self, server: Server, group: Row, platform: str, entry: dict[str, Any]) -> None:
        self.count += 1
        identifier = self.build.guid("computer", server.name, entry["name"])
        reference = f"urn:{platform}:VeeamAgent:{_NO_ROOT}.{identifier}"
        values = {
            "HostStatus": entry.get("host_status", "Online"),
            "AgentVersion": entry.get("agent_version", _AGENT_VERSION),
            "AgentStatus": entry.get("agent_status", "Installed"),
            "OsVersion": entry.get("os", _SYSTEMS[platform]),
            "IpAddress": entry.get("ip") or f"198.51.{self.count // 250 % 250}.{self.count % 250 + 1}",
            "HierarchyObjRef": reference,
        }
        self.world.add(Row(identifier, "DiscoveredComputer", entry["name"], values, up=(server, group)))
        self.machines[server.name, entry["name"]] = Machine(entry["name"], int(entry.get("size", _DEFAULT_SIZE)), reference)

    def add_job(self, server: Server, entry: dict[str, Any]) -> Job:
        """Add a job for groups and computers, with its past. Raises KeyError for an include that is neither."""
        job = job_from(self.world, entry, server, self.build.guid("agent job", server.name, entry["name"]), AGENT_BACKUP)
        job.platform, job.chains = entry.get("platform", WINDOWS), True
        names = [name for include in entry.get("includes", []) for name in self._members(server, include)]
        job.machines = [self.machines[server.name, name] for name in dict.fromkeys(names)]
        includes: list[Row] = []
        set_up(self.build, job, entry)
        row = Row(job.id, "AgentBackupJob", job.name, {"JobType": job.type, "Platform": job.platform, **common_values(job)}, up=(server,))
        row.values["JobInfo"] = partial(_job_info, job, includes)
        keep(self.world, job, row, entry)
        for name in entry.get("includes", []):
            identifier = stable_id("agent include", job.id, name)
            values = {
                "ObjectInJobId": identifier,
                "Name": name,
                "DisplayName": name,
                "GuestProcessingOptions": guest_processing(job.options),
                "UID": identifier,
            }
            includes.append(Row(identifier, "ObjectInAgentBackupJob", values=values, up=(row,), parents=(job.id,)))
            self.world.add(includes[-1])
        return job

    def _members(self, server: Server, include: str) -> list[str]:
        group = self.groups.get((server.name, include))
        return group[1] if group is not None else [include]


class _AgentChains(Chains):
    """Keeps the backups of computers."""

    job_types = (AGENT_BACKUP,)
    point_type = "AgentRestorePoint"
    more = "/agents"

    def _add_machine(self, job: Job, opened: tuple[Row, Row], machine: Machine, point_id: str, moment_us: int) -> None:
        point, file = opened
        full, backup = file.values["FileType"] == "vbk", file.up[0]
        values = {
            "CreationTimeUTC": moment_us,
            "Algorithm": "Full" if full else "Incremental",
            "PointType": "Full" if full else "Increment",
            "ComputerName": machine.name,
            "BackupUid": row_uid(backup),
            "BackupName": backup.name,
        }
        self.world.add(Row(point_id, self.point_type, machine.name, values, up=(job.server, point, file), stamp_us=moment_us))


def _job_info(job: Job, includes: list[Row], ctx: Context) -> dict[str, Any]:
    return {"Includes": inside(includes, ctx), "GuestProcessingOptions": guest_processing(job.options), **retention(job.options)}


def add(world: World, build: Build) -> None:
    """Add what the file says; in a generated estate one computer for twenty machines, in groups that a job each backs up."""
    computers = _Computers(world, build)
    for server, entry in file_entries(build, "protection_groups"):
        computers.add_group(server, entry)
    for server, entry in file_entries(build, "agent_jobs"):
        computers.add_job(server, entry)
    if build.generated:
        _generate(world, build, computers)
    if build.healthy:
        healthy.try_restores(world, build, [job for job in world.every_job() if job.type == AGENT_BACKUP])
    _keep_backups(world, build)


def _keep_backups(world: World, build: Build) -> None:
    chains = _AgentChains(world, build)
    # The repositories are measured by now, so that what comes is taken from their free space.
    chains.live = True
    sessions = [session for session in world.table(BACKUP_SESSION).by_id.values() if session.job_type == AGENT_BACKUP]
    for session in sorted(sessions, key=lambda session: session.created_us):
        chains.keep_run(session)
    world.on_point.append(chains.keep_machine)
    world.on_end.append(chains.close_run)


def _generate(world: World, build: Build, computers: _Computers) -> None:
    wanted = max(_FEWEST_COMPUTERS, build.scale.machines // _COMPUTERS_IN_MACHINES)
    jobs = []
    for number, start in enumerate(range(0, wanted, _COMPUTERS_OF_A_GROUP), 1):
        server, platform = build.servers[number % len(build.servers)], (WINDOWS, LINUX)[number % 3 == 0]
        covered = [{"name": f"agent-{index:05d}.example.com"} for index in range(start, min(wanted, start + _COMPUTERS_OF_A_GROUP))]
        left_out = [{"name": f"agent-{number:03d}-{index}.example.com", **trait} for index, trait in enumerate(() if build.healthy else _WITHOUT_JOB)]
        name = f"Agents {number:03d}"
        computers.add_group(server, {"name": name, "platform": platform, "computers": covered + left_out})
        entry = {"name": name, "platform": platform, "includes": [computer["name"] for computer in covered], **daily(build, number)}
        jobs.append(computers.add_job(server, entry))
    if not build.healthy:
        run_in_the_past(world, build, jobs, reserved(build.scale.task_sessions) * 4 // 5, _UNREACHED)


def _sessions(service: Any, call: Any) -> Any:
    return sessions_of_type(service, call, "AgentBackupJob", AGENT_BACKUP)


ROUTES = (("/agents/backupSessions", "GET", _sessions),)
