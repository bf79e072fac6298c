# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells what in an estate leads nowhere or cannot be: for tests of estates."""

from __future__ import annotations

import re
from typing import Any, Iterator

from .declarations import RESOURCES
from .model import JobSession, Row, entity_type, key_of
from .profiles import PROFILES
from .wire import Context, Link
from .world import World

_URN = re.compile(r"^urn:(veeam|VMware|HyperV|vCloud):(\w+):(.+)$")
_TYPES_OF_URN: dict[str, list[str]] = {}
for _declared in RESOURCES:
    _TYPES_OF_URN.setdefault(_declared.uid_type, []).append(_declared.type)
# The URN of a job says Job whatever its kind (samples of the reference).
_TYPES_OF_URN["Job"] += ["AgentBackupJob", "NasJob"]
# Restore points of machines that are kept by the runs of each kind of session.
_POINT_TYPES = ("VmRestorePoint", "VmReplicaPoint", "AgentRestorePoint")


def loose_ends(world: World) -> list[str]:
    """Return a sentence for each thing that is not connected as it should be; none in a sound estate."""
    return [*_loose_links(world), *_loose_urns(world), *_loose_runs(world), *_impossible_sizes(world), *_impossible_times(world)]


def _rows(world: World) -> Iterator[Row]:
    for table in world.tables.values():
        yield from (thing for thing in table.by_id.values() if isinstance(thing, Row))


def _loose_links(world: World) -> Iterator[str]:
    for row in _rows(world):
        for other in (*row.up, *row.related, *row.below):
            if not isinstance(other, Link) and world.table(entity_type(other)).by_id.get(key_of(other)) is not other:
                yield f"{row.type} {row.id} leads to a {entity_type(other)} that is not there"


def _loose_urns(world: World) -> Iterator[str]:
    ctx = Context(PROFILES["12"], "https://em.example.com/api")
    for row in _rows(world):
        for name, text in _texts(row.values, ctx):
            match = _URN.match(text)
            if match is not None and name != "UID" and not _is_there(world, match, text):
                yield f"{row.type} {row.id} says {name} {text}, and there is no such thing"


def _texts(value: Any, ctx: Context, name: str = "") -> Iterator[tuple[str, str]]:
    if callable(value):
        value = value(ctx)
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, ctx, str(key))
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, ctx, name)


def _is_there(world: World, match: re.Match[str], urn: str) -> bool:
    if match.group(1) != "veeam":
        return urn in world.gone or urn in world.table("HierarchyItem").by_id
    return any(match.group(3).lower() in world.table(kind).by_id for kind in _TYPES_OF_URN.get(match.group(2), []))


def _loose_runs(world: World) -> Iterator[str]:
    points = [world.table(kind).by_id for kind in _POINT_TYPES]
    for kind in ("BackupJobSession", "ReplicaJobSession"):
        for session in world.table(kind).by_id.values():
            yield from _loose_points(world, session, points)
    for restore in world.table("RestoreSession").by_id.values():
        if restore.point_id and restore.point_id not in world.table("VmRestorePoint").by_id:
            yield f"restore {restore.id} read a point that is not there"


def _loose_points(world: World, session: JobSession, points: list[dict[str, Any]]) -> Iterator[str]:
    for point_id in session.point_ids:
        if point_id not in world.table("RestorePoint").by_id:
            yield f"{session.type} {session.id} made a restore point that is not there"
    for task in session.tasks:
        if task.point_id and not any(task.point_id in known for known in points):
            yield f"{task.type} {task.id} made a point that is not there"


def _impossible_sizes(world: World) -> Iterator[str]:
    """What is used of a repository is what its files take."""
    taken: dict[str, int] = {}
    for file in world.table("BackupFile").by_id.values():
        for thing in file.up[0].up:
            if entity_type(thing) == "Repository":
                taken[thing.id] = taken.get(thing.id, 0) + file.values["BackupSize"]
    for repository in world.table("Repository").by_id.values():
        capacity, free = repository.values["Capacity"], repository.values["FreeSpace"]
        if capacity >= 0 and capacity - free != taken.get(repository.id, 0):
            yield f"repository {repository.name} holds {taken.get(repository.id, 0)} bytes of files and says {capacity - free}"


def _impossible_times(world: World) -> Iterator[str]:
    now = world.stamp()
    for point in world.table("VmRestorePoint").by_id.values():
        (whole,) = (thing for thing in point.up if entity_type(thing) == "RestorePoint")
        if not whole.values["BackupDateUTC"] <= point.values["CreationTimeUTC"] <= now:
            yield f"VmRestorePoint {point.id} was made before its run began, or is still to come"
