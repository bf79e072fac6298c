# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds the things of other families that a family refers to, so that every reference leads to something."""

from __future__ import annotations

from typing import Any

from ..build import hierarchy_id, object_ref
from ..model import Row, Server, stable_id
from ..rows import row_path
from ..wire import Context
from ..world import World
from .hierarchy import Tree

_HOST_TYPES = {"VMware": ("VC", "ESX", "ESXi"), "Hyperv": ("HvServer", "HvCluster", "Scvmm"), "vCloud": ("VcdSystem",)}


class Neighbours:
    """Repositories, hierarchies and managed servers of an estate, by what they are good for."""

    def __init__(self, world: World) -> None:
        self.world = world

    def repository_of(self, server: Server) -> Row:
        """Return a repository of a backup server, any other one where it has none. Raises IndexError in an estate without repositories."""
        repositories: list[Row] = self.world.table("Repository").rows()
        own = [row for row in repositories if server in row.up]
        return sorted(own or repositories, key=lambda row: row.name)[0]

    def root(self, platform: str) -> Row | None:
        """Return the top of a hierarchy of a platform, None in an estate without such machines."""
        roots: list[Row] = self.world.table("HierarchyRoot").rows()
        return next((root for root in sorted(roots, key=lambda root: root.name) if root.values["HostType"] in _HOST_TYPES[platform]), None)

    def ref(self, platform: str, kind: str, name: str = "") -> tuple[str, str]:
        """Return URN and name of the object with the name, or of the first one of a kind in the hierarchies of a platform.

        An object that nobody has put there is put there now, so that the lookup finds it.
        """
        root = self.root(platform)
        root_id = root.id if root is not None else hierarchy_id(self._first_server(), platform)
        known = [(row.values["ObjectName"], row.id) for row in self.world.table("HierarchyItem").rows() if _lies_at(row, root_id, kind)]
        for label, urn in sorted(known):
            if name in ("", label):
                return urn, label
        label = name or f"Example {kind}"
        if root is not None:
            return Tree(self.world, root, platform).item(kind, label).id, label
        return object_ref(root_id, platform, kind, label), label

    def managed_servers(self, *kinds: str) -> list[Row]:
        """Return the managed servers of some kinds, by name."""
        rows: list[Row] = self.world.table("ManagedServer").rows()
        return sorted((row for row in rows if row.values["ManagedServerType"] in kinds), key=lambda row: row.name)

    def _first_server(self) -> Server:
        servers: list[Server] = self.world.table("BackupServer").rows()
        return min(servers, key=lambda server: server.name)

    def cloud_director(self) -> Row:
        """Return the top of the hierarchy of VMware Cloud Director, added where no machine of the estate needs one."""
        known = self.root("vCloud")
        if known is not None:
            return known
        server = self._first_server()
        own, name = hierarchy_id(server, "vCloud"), "vcd.example.com"
        unique = stable_id("unique", own)
        root = Row(own, "HierarchyRoot", name, {"HierarchyRootId": own, "UniqueId": unique.upper(), "HostType": "VcdSystem"}, up=(server,))
        managed = Row(own, "ManagedServer", name, {"Description": "", "ManagedServerType": "VcdSystem"}, up=(server,), related=(root,))
        root.related = (managed,)
        self.world.add(root)
        self.world.add(managed)
        return root


def _lies_at(item: Row, root_id: str, kind: str) -> bool:
    return bool(item.values["ObjectType"] == kind and item.id.split(":", 3)[3].startswith(root_id + "."))


def inside(rows: list[Row], ctx: Context) -> list[dict[str, Any]]:
    """Return rows as they stand inside another thing: each with its own address and type."""
    return [{"@": {"Href": ctx.href(row_path(row)), "Type": row.type}, **row.values} for row in rows]
