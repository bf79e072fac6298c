# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Things of any type that an estate file tells in the words of the wire, such as ``discovered_computers``."""

from __future__ import annotations

from ..build import Build
from ..model import Row, stable_id
from ..world import World

_SECTIONS = (("Repository", "repositories"), ("DiscoveredComputer", "discovered_computers"), ("NasJob", "nas_jobs"))


def add(world: World, build: Build) -> None:
    """Add what stands in the sections; keys beside name and backup_server are wire names."""
    for kind, section in _SECTIONS:
        for entry in build.section(section):
            server = build.server(entry.get("backup_server"))
            own = {key: value for key, value in entry.items() if key not in ("name", "backup_server")}
            world.add(Row(stable_id(kind, server.name, entry["name"]), kind, entry["name"], own, up=(server,)))
