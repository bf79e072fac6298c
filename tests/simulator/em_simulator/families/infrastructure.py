# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What backup servers work with: repositories, servers, the roots of hierarchies, WAN accelerators, accounts, encryption passwords."""

from __future__ import annotations

from functools import partial
from typing import Any

from ..build import Build, hierarchy_id
from ..model import COPY_TYPES, Row, Server
from ..wire import Context, Link
from ..world import World

_GB = 1024**3
_SECTIONS = {
    "Repository": "repositories",
    "ExternalRepository": "external_repositories",
    "ManagedServer": "managed_servers",
    "WanAccelerator": "wan_accelerators",
}
# What a healthy server has: name and kind. What nothing is written to is there to be taken away.
GENERATED_REPOSITORIES = {"Repository {}": "WindowsLocal", "Cloud Repository {}": "Cloud", "Spare Repository {}": "LinuxLocal"}
# Words of the estate file that are no wire names.
_OWN_WORDS = ("name", "backup_server")
_PLATFORM_HOSTS = {"VMware": "VC", "Hyperv": "HvServer", "vCloud": "VcdSystem"}
_HOST_NAMES = {"VMware": "vcenter-{0}", "Hyperv": "hyperv-{0}", "vCloud": "vcd-{0}"}


def add(world: World, build: Build) -> None:
    """Add the infrastructure of every backup server."""
    for kind, section in _SECTIONS.items():
        for entry in build.section(section):
            own = {key: value for key, value in entry.items() if key not in _OWN_WORDS}
            server = build.server(entry.get("backup_server"))
            if build.healthy and kind == "WanAccelerator":
                own.setdefault("Version", partial(_build_of, server.version))
            _add_named(world, build, kind, server, entry["name"], own)
    if build.generated:
        for number, server in enumerate(build.servers):
            _add_generated(world, build, server, number)
    for server in build.servers:
        if build.populated:
            _add_named(world, build, "ManagedServer", server, server.name, {"Description": "Backup server", "ManagedServerType": "Local"})
        for platform in sorted({job.platform for job in build.jobs if job.server is server}):
            _add_root(world, build, server, platform)
        _add_secrets(world, build, server)


def _add_named(world: World, build: Build, kind: str, server: Server, name: str, values: dict[str, Any]) -> None:
    world.add(Row(build.guid(kind, server.name, name), kind, name, {"Description": "", **values}, up=(server,)))


def _add_healthy_repositories(world: World, build: Build, server: Server) -> None:
    label = server.name.partition(".")[0]
    for name, kind in GENERATED_REPOSITORIES.items():
        _add_named(world, build, "Repository", server, name.format(label), {"Kind": kind})


def _add_generated(world: World, build: Build, server: Server, number: int) -> None:
    # What a repository can hold is known when its files are: families.backups.
    label = server.name.partition(".")[0]
    if build.healthy:
        _add_healthy_repositories(world, build, server)
    else:
        _add_named(world, build, "Repository", server, f"Repository {label}", {"Kind": "WindowsLocal"})
        _add_named(world, build, "Repository", server, f"Object Storage {label}", {"Capacity": -1, "FreeSpace": -1, "Kind": "AmazonS3Compatible"})
    _add_named(world, build, "ManagedServer", server, f"proxy-{label}.example.com", {"Description": "Backup proxy", "ManagedServerType": "Windows"})
    if number == 0:
        cloud = {"RepositoryType": "AmazonS3External", "Path": "amazonS3://backup-bucket/cloud-native", "UsedSpace": 512 * _GB}
        _add_named(world, build, "ExternalRepository", server, "Cloud Native Backups", cloud)
        current = {"Version": partial(_build_of, server.version)} if build.healthy else {}
        _add_named(world, build, "WanAccelerator", server, f"wan-{label}.example.com", accelerator(server) | current)


def _build_of(version: str | None, ctx: Context) -> str:
    """Return the build that a backup server begins with, which its accelerators have as well."""
    return version or ctx.profile.product_version


def accelerator(server: Server) -> dict[str, Any]:
    """Return a WAN accelerator by wire name."""
    cache = {"Capacity": 100, "TrafficPort": 6165, "ConnectionsCount": 5, "CachePath": "D:\\WanCache", "HighBandwidthModeEnabled": False}
    return {"OutOfDate": False, "Version": server.version or "12.3.0.310", **cache}


def _add_root(world: World, build: Build, server: Server, platform: str) -> None:
    """Add the top of a hierarchy; it is a managed server, too, with the same GUID."""
    label = server.name.partition(".")[0]
    host = _HOST_NAMES[platform].format(label) + ".example.com"
    own = hierarchy_id(server, platform)
    unique = build.guid("unique", own).upper()

    def root_id(ctx: Context) -> str:
        return unique if ctx.profile.root_id_is_unique_id else own

    root = Row(own, "HierarchyRoot", host, {"HierarchyRootId": root_id, "UniqueId": unique, "HostType": _PLATFORM_HOSTS[platform]}, up=(server,))
    managed = Row(own, "ManagedServer", host, {"Description": "", "ManagedServerType": _PLATFORM_HOSTS[platform]}, up=(server,), related=(root,))
    root.related = (managed,)
    world.add(root)
    world.add(managed)


def _add_secrets(world: World, build: Build, server: Server) -> None:
    """Add stored accounts and encryption passwords; every copy job encrypts with the first of these, in a healthy estate every backup job as well."""
    accounts = [entry for entry in build.section("credentials") if build.server(entry.get("backup_server")) is server]
    hints = [entry for entry in build.section("passwords") if build.server(entry.get("backup_server")) is server]
    if build.generated:
        accounts = [{"Username": f"EXAMPLE\\svc-backup-{number:02d}", "Description": "Guest processing"} for number in range(1, 4)]
        hints = [{"Hint": "Vault entry 17", "days_ago": 200}]
    for entry in accounts:
        own = build.guid("credentials", server.name, entry["Username"])
        values = {"Id": own, "Username": entry["Username"], "Description": entry.get("Description", ""), "Password": ""}
        world.add(Row(own, "Credentials", "", values, up=(server,), parents=(server.id,), links=_edits(server, "credentials", own, "Credentials")))
    for entry in hints:
        own = build.guid("password", server.name, entry["Hint"])
        values = {"Id": own, "Hint": entry["Hint"], "LastModificationDate": build.ago(days=entry["days_ago"])}
        world.add(Row(own, "PasswordKey", "", values, up=(server,), parents=(server.id,), links=_edits(server, "passwords", own, "PasswordKey")))
        for job in build.jobs:
            encrypted = COPY_TYPES if not build.healthy else ("Backup", *COPY_TYPES)
            if job.server is server and job.type in encrypted and not job.password_key_id:
                job.password_key_id = own


def _edits(server: Server, place: str, own: str, kind: str) -> tuple[Link, ...]:
    path = f"/backupServers/{server.id}/{place}/{own}"
    return (Link("Edit", path, None, kind), Link("Delete", path, None, kind))
