# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads everything that an estate answers, by the type of the things."""

from __future__ import annotations

import re
from typing import Any, Iterator

from em_simulator.declarations import BY_THING, RESOURCES
from em_simulator.offline import Rig

_PLACE = re.compile(r"\{(\w+)\}")
# Their answers differ with every log-on session, or are pages of links; and mounts, which lie below each of so many points.
_LEFT_OUT = ("LogonSession", "Task", "EnterpriseManager", "QueryService", "LookupService", "CloudConnectService")
_MOUNT = "Mount"
_LOGON = "LogonSession"


def read_all(rig: Rig, as_json: bool, types: frozenset[str] | None = None) -> dict[str, frozenset[bytes]]:
    """Return the answers about all things of each type (of ``types`` only), equal ones once; of log-on sessions how many there are."""
    found = {declared.type: _answers(rig, declared, as_json) for declared in RESOURCES if _is_read(declared, types)}
    if types is None or _LOGON in types:
        bodies = rig.call("GET", "/logonSessions", "", as_json).body.lower()
        found[_LOGON] = frozenset([str(bodies.count(b"sessionid")).encode()])
    return found


def _is_read(declared: Any, types: frozenset[str] | None) -> bool:
    return declared.type not in _LEFT_OUT and not declared.type.endswith(_MOUNT) and bool(declared.list_root) and (types is None or declared.type in types)


def _answers(rig: Rig, declared: Any, as_json: bool) -> frozenset[bytes]:
    return frozenset(rig.call("GET", path, query, as_json).body for path, query in _requests(rig, declared))


def _requests(rig: Rig, declared: Any) -> Iterator[tuple[str, str]]:
    if declared.query_type:
        yield "/query", f"type={declared.query_type}&format=Entities&pageSize=1000000"
    elif declared.type == "HierarchyItem":
        for root in rig.installation.world.table("HierarchyRoot").rows():
            yield "/lookup", f"host=urn:veeam:HierarchyRoot:{root.id}"
    else:
        for path in _filled(rig, declared.path):
            yield path, "format=Entity"


def _filled(rig: Rig, path: str) -> Iterator[str]:
    """Yield a path for every parent that it can lie below."""
    place = _PLACE.search(path)
    if place is None:
        yield path
        return
    parents = rig.installation.world.table(BY_THING[place.group(1)].type).rows()
    for identifier in sorted({thing.id for thing in parents}):
        yield from _filled(rig, path.replace(place.group(0), identifier, 1))
