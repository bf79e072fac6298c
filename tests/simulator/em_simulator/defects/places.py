# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be wrong with backup servers and what they work with, and with Enterprise Manager's own work."""

from __future__ import annotations

from typing import Iterator

from ..model import Row, Server, stable_id
from . import surgery
from ._model import Details, Planted, Site, defect

_DAYS_OF_GROWTH = 7
_NO_ANSWER = "The server did not answer in time."


# Repositories


def _in_use(site: Site) -> list[Row]:
    """Repositories with an end that are written to."""
    return [row for row in site.rows("Repository") if row.values["Capacity"] > row.values["FreeSpace"] >= 0 and _growth(site, row) > 0]


def _growth(site: Site, repository: Row) -> float:
    """Return how many bytes a day were written to a repository in the last week."""
    since = site.ago(days=_DAYS_OF_GROWTH)
    files = surgery.files_on(site.world, repository)
    return float(sum(file.values["BackupSize"] for file in files if file.values["CreationTimeUtc"] >= since)) / _DAYS_OF_GROWTH


def _leave_free(site: Site, repository: Row, free: int) -> Details:
    values = repository.values
    used = values["Capacity"] - values["FreeSpace"]
    values["Capacity"], values["FreeSpace"] = used + free, free
    return {"free_percent": round(100 * free / (used + free), 2), "days_to_full": round(free / _growth(site, repository), 2)}


@defect("repository", _in_use, "Repository")
def repository_full(site: Site, repository: Row, *, free_percent: float = 5) -> Details:
    """The repository has hardly any space left, so that it will be full within days, too."""
    used = repository.values["Capacity"] - repository.values["FreeSpace"]
    return _leave_free(site, repository, int(used * free_percent / (100 - free_percent)))


@defect("repository", _in_use, "Repository")
def repository_fills_up(site: Site, repository: Row, *, days: float = 12) -> Details:
    """What is written every day fills the repository within days, though much of it is still free."""
    return _leave_free(site, repository, int(_growth(site, repository) * days))


# Backup servers


def _servers(site: Site) -> list[Server]:
    return site.rows("BackupServer")


@defect("backup_server", _servers, "BackupServer")
def old_build(site: Site, server: Server, *, version: str = "9.5.0.1038") -> Details:
    """The backup server has an older build than the others."""
    server.version = version
    return {"version": version}


@defect("backup_server", _servers, "BackupServer")
def another_certificate(site: Site, server: Server) -> Details:
    """The certificate of the backup server was replaced; only generation 13 tells its thumbprint."""
    server.thumbprint = stable_id("another thumbprint", server.id).replace("-", "").upper() + "5E6F7A8B"
    return {"thumbprint": server.thumbprint}


def _keys(site: Site) -> list[Row]:
    return site.rows("PasswordKey")


@defect("encryption_password", _keys, "PasswordKey")
def encryption_key_old(site: Site, key: Row, *, days: float = 400) -> Details:
    """The encryption password was not changed for more than a year."""
    key.values["LastModificationDate"] = site.ago(days=days)
    return {"days": days}


def _accelerators(site: Site) -> list[Row]:
    return site.rows("WanAccelerator")


@defect("wan_accelerator", _accelerators, "WanAccelerator")
def accelerator_out_of_date(site: Site, accelerator: Row, *, version: str = "9.5.0.1038") -> Details:
    """The WAN accelerator was not updated with its backup server."""
    accelerator.values |= {"OutOfDate": True, "Version": version}
    return {"version": version}


# Enterprise Manager


def _newest_collection(site: Site) -> list[Row]:
    return _collections(site)[:1]


def _collections(site: Site) -> list[Row]:
    """Return the collections of data from backup servers, the newest first."""
    found = [row for row in site.world.table("SystemSession").by_id.values() if row.values["SessionType"] == "CollectJob"]
    return sorted(found, key=lambda row: int(row.values["CreationTimeUTC"]), reverse=True)


@defect("system_session", _newest_collection, "SystemSession")
def collection_failed(site: Site, session: Row) -> Details:
    """Enterprise Manager's last collection of data from the backup servers failed."""
    session.values |= {"State": "Failed", "Result": {"Result": "Failed", "Message": _NO_ANSWER, "IsCanceled": False}}
    return {"message": _NO_ANSWER}


@defect("system_session", _newest_collection, "SystemSession SystemSessionEvent")
def collection_old(site: Site, newest: Row, *, hours: float = 12) -> Planted:
    """Enterprise Manager collected no data from the backup servers in the last hours."""
    events = site.world.table("SystemSessionEvent")
    for session in _collections(site):
        if session.values["CreationTimeUTC"] > site.ago(hours=hours):
            for event in events.in_place(session.id):
                events.remove(f"{session.id}/{event.id}")
            site.world.table("SystemSession").remove(session.id)
    left = next(iter(_collections(site)), None)
    return Planted(left or newest, {"hours": None if left is None else site.hours_since(left.values["EndTimeUTC"])})


# Changes that are not wrong by themselves


@defect("repository", _servers, "Repository")
def repository_added(site: Site, server: Server) -> Planted:
    """A backup server has one more repository; nothing is on it yet."""
    return Planted(surgery.new_repository(site, server, "New Volume", "LinuxLocal"), {})


def _unused(site: Site) -> Iterator[Row]:
    """Repositories that nothing leads to."""
    used = {thing.id for table in site.world.tables.values() for row in table.by_id.values() for thing in getattr(row, "up", ())}
    named = str([row.values for kind in ("FileServer", "NasJob", "CloudTenantResource", "VCloudOrganizationConfig") for row in site.rows(kind)])
    return (row for row in site.rows("Repository") if row.id not in used and row.id not in named)


@defect("repository", _unused, "Repository")
def repository_removed(site: Site, repository: Row) -> Details:
    """A repository on which nothing was is no longer there."""
    site.world.table("Repository").remove(repository.id)
    return {}


@defect("managed_server", _servers, "ManagedServer")
def managed_server_added(site: Site, server: Server, *, kind: str = "Linux") -> Planted:
    """A backup server manages one more machine."""
    name = f"new-{len(site.rows('ManagedServer')):02d}.example.com"
    values = {"Description": "", "ManagedServerType": kind}
    row = Row(stable_id("added server", server.name, name), "ManagedServer", name, values, up=(server,))
    site.world.add(row)
    return Planted(row, {"kind": kind})
