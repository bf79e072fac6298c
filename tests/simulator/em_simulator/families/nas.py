# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""File shares: the servers that they are on, the jobs that back them up, and what is in the jobs. Their orders are parts of the path."""

from __future__ import annotations

from functools import partial
from typing import Any

from ..build import Build
from ..job_entries import job_from
from ..model import NAS_BACKUP, Job, Machine, Row, Server, stable_id
from ..rows import row_uid
from ..world import World
from .neighbours import Neighbours, inside
from .served_jobs import common_values, daily, file_entries, keep, reserved, run_in_the_past, sessions_of_type, set_up

SMB, NFS, MANAGED = "SmbServer", "NfsServer", "FileServer"
ARCHIVE = "KeepFileVersionsHistoryOptions"
_DEFAULT_SIZE = 549755813888
_DENIED = "Processing {} Error: Access to some folders of the share was denied."
_SHARES_IN_MACHINES = 100
_FEWEST_SHARES = 4
_SHARES_OF_A_JOB = 4


class _Shares:
    """File servers on their way into the world, found again by name."""

    def __init__(self, world: World, build: Build) -> None:
        self.world = world
        self.build = build
        self.neighbours = Neighbours(world)
        self.file_servers: dict[tuple[str, str], Row] = {}

    def add_file_server(self, server: Server, entry: dict[str, Any]) -> None:
        """Add a file server: an SMB share, an exported folder, or a managed machine."""
        identifier, kind = self.build.guid("file server", server.name, entry["name"]), entry.get("kind", SMB)
        values = {
            "ServerType": kind,
            "HierarchyObjRef": f"urn:NasBackup:FileServer:{server.id}.{identifier}",
            "ProcessingOptions": {"ServerUid": "", "CacheRepositoryUid": self._repository_uid(server)},
            "NASServerAdvancedOptions": {"ProcessingMode": "Direct", "StorageSnapshotPath": ""},
        }
        if kind == SMB:
            values["SmbServerOptions"] = {"Path": entry["name"], "CredentialsId": self._credentials_id(server)}
        elif kind == NFS:
            values["NfsServerOptions"] = {"Path": entry["name"]}
        else:
            values["FileServerOptions"] = {"ServerUid": self._managed_server_uid(server)}
        row = Row(identifier, "FileServer", entry["name"], values, up=(server,))
        self.world.add(row)
        self.file_servers[server.name, entry["name"]] = row

    def _repository_uid(self, server: Server) -> str:
        return row_uid(self.neighbours.repository_of(server)) if self.world.table("Repository").by_id else ""

    def _credentials_id(self, server: Server) -> str:
        stored = [row for row in self.world.table("Credentials").rows() if server in row.up or server.id in row.parents]
        return str(stored[0].id) if stored else ""

    def _managed_server_uid(self, server: Server) -> str:
        machines = [row for row in self.neighbours.managed_servers("Windows", "Linux") if server in row.up]
        return row_uid(machines[0]) if machines else ""

    def add_job(self, server: Server, entry: dict[str, Any]) -> Job:
        """Add a job for shares and folders, with its past. Raises KeyError for one on a file server that is not there."""
        job = job_from(self.world, entry, server, self.build.guid("share job", server.name, entry["name"]), NAS_BACKUP)
        shares = entry.get("shares", [])
        sources = [self.file_servers[server.name, share.get("file_server", share["path"])] for share in shares]
        for share, source in zip(shares, sources, strict=True):
            job.machines.append(Machine(share["path"], int(share.get("size", _DEFAULT_SIZE)), source.values["HierarchyObjRef"]))
        set_up(self.build, job, entry)
        includes: list[Row] = []
        values = {**common_values(job), "StorageOptions": self._storage(server)}
        row = Row(job.id, "NasJob", job.name, {**values, "Includes": partial(inside, includes)}, up=(server,))
        keep(self.world, job, row, entry)
        for share, source in zip(shares, sources, strict=True):
            includes.append(_include(job, row, source, share))
            self.world.add(includes[-1])
        return job

    def _storage(self, server: Server) -> dict[str, Any]:
        archive = {"LongtermRetentionType": "Year", "LongtermRetentionPeriod": 3, "BackupRepositoryUid": self._repository_uid(server)}
        return {
            "BackupRepositoryUid": self._repository_uid(server),
            "ShorttermRetentionType": "Day",
            "ShorttermRetentionPeriod": 28,
            "LongtermRetentionEnabled": self.build.healthy,
            **({ARCHIVE: archive} if self.build.healthy else {}),
            "AdvancedStorageOptions": {"ACL": {"FileAttributesChangeTrackingMode": "TrackOnlyFolderAttributesChanges"}},
        }


def _include(job: Job, row: Row, source: Row, share: dict[str, Any]) -> Row:
    identifier = stable_id("share include", job.id, share["path"])
    values = {
        "HierarchyObjRef": source.values["HierarchyObjRef"],
        "ObjectInJobId": identifier,
        "FileOrFolder": share["path"],
        "FileServerUid": row_uid(source),
        "InclusionMask": share.get("include", ["*.*"]),
        "ExclusionMask": share.get("exclude", []),
        "Name": share["path"],
    }
    return Row(identifier, "NasObject", values=values, up=(row,), related=(source,), parents=(job.id,))


def add(world: World, build: Build) -> None:
    """Add what the file says; in a generated estate one share for a hundred machines, and a job for some each."""
    shares = _Shares(world, build)
    for server, entry in file_entries(build, "file_servers"):
        shares.add_file_server(server, entry)
    for server, entry in file_entries(build, "nas_jobs"):
        shares.add_job(server, entry)
    if build.generated:
        _generate(world, build, shares)


def _generate(world: World, build: Build, shares: _Shares) -> None:
    wanted = max(_FEWEST_SHARES, build.scale.machines // _SHARES_IN_MACHINES)
    jobs = []
    for number, start in enumerate(range(0, wanted, _SHARES_OF_A_JOB), 1):
        server = build.servers[number % len(build.servers)]
        paths = [f"\\\\fs{index:04d}.example.com\\data" for index in range(start, min(wanted, start + _SHARES_OF_A_JOB))]
        for path in paths:
            shares.add_file_server(server, {"name": path})
        entry = {"name": f"File Shares {number:03d}", "shares": [{"path": path} for path in paths], **daily(build, number)}
        jobs.append(shares.add_job(server, entry))
    if build.healthy:
        return
    left = reserved(build.scale.task_sessions)
    run_in_the_past(world, build, jobs, left - left * 4 // 5, _DENIED)


def _sessions(service: Any, call: Any) -> Any:
    return sessions_of_type(service, call, "NasJob", NAS_BACKUP)


def _order(action: str, service: Any, call: Any, identifier: str) -> Any:
    return service.order_job(call, "NasJob", identifier, action)


ROUTES = (
    ("/nas/backupSessions", "GET", _sessions),
    *((f"/nas/jobs/{{nas_job}}/{action}", "POST", partial(_order, action)) for action in ("start", "stop", "retry", "toggleScheduleEnabled")),
)
