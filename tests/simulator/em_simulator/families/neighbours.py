# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds the things of other families that a family refers to, so that every reference leads to something."""

from __future__ import annotations

from typing import Any

from ..model import Row, Server, stable_id
from ..rows import row_path
from ..wire import Context
from ..world import World

_PLATFORM_OF_HOST = {"VC": "VMware", "ESX": "VMware", "ESXi": "VMware", "HvServer": "HyperV", "HvCluster": "HyperV", "Scvmm": "HyperV"}


class Neighbours:
    """Repositories, hierarchies and managed servers of an estate, by what they are good for."""

    def __init__(self, world: World) -> None:
        self.world = world

    def repository_of(self, server: Server) -> Row:
        """Return a repository of a backup server, any other one where it has none. Raises IndexError in an estate without repositories."""
        repositories: list[Row] = self.world.table("Repository").rows()
        own = [row for row in repositories if server in row.up]
        return sorted(own or repositories, key=lambda row: row.name)[0]

    def ref(self, platform: str, kind: str, moref: str) -> str:
        """Return the URN of an object in the hierarchy of a platform."""
        return f"urn:{platform}:{kind}:{self.hierarchy_id(platform)}.{moref}"

    def hierarchy_id(self, platform: str) -> str:
        """Return the id that references to a platform begin with; one that leads nowhere in an estate without such hosts."""
        for root in self.world.table("HierarchyRoot").rows():
            if _PLATFORM_OF_HOST.get(root.values.get("HostType", "")) == platform:
                return str(root.values.get("HierarchyRootId") or root.id)
        return stable_id("no hierarchy", platform)

    def managed_servers(self, *kinds: str) -> list[Row]:
        """Return the managed servers of some kinds, by name."""
        rows = self.world.table("ManagedServer").rows()
        return sorted((row for row in rows if row.values.get("ManagedServerType") in kinds), key=lambda row: str(row.name))


def inside(rows: list[Row], ctx: Context) -> list[dict[str, Any]]:
    """Return rows as they stand inside another thing: each with its own address and type."""
    return [{"@": {"Href": ctx.href(row_path(row)), "Type": row.type}, **row.values} for row in rows]
