# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Points whose guest files are mounted.

A mount is seen by the log-on session that ordered it, and ends with it. A populated estate also has a few that stand from the
beginning and that every log-on session sees, so that there is something to read.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from .. import answers
from ..build import Build
from ..declarations import resource
from ..guest_files import Guest
from ..model import Row, Task, stable_id
from ..problems import not_found
from ..query import named_parameter
from ..routes import Handler
from ..rows import row_path
from ..runs import TASK_COLLECTING, TASK_RUNNING
from ..wire import Link
from ..world import World

_POINT_OF = {"VmRestorePointMount": "VmRestorePoint", "VmReplicaPointMount": "VmReplicaPoint", "AgentRestorePointMount": "AgentRestorePoint"}
_STANDING = 2
_LINUX_WORDS = ("linux", "ubuntu", "debian", "web")


def add(world: World, build: Build) -> None:
    """Put in mounts of the newest points of two machines of each kind; the points must be there."""
    if not build.populated:
        return
    for kind, point_type in _POINT_OF.items():
        newest: dict[str, Row] = {}
        for point in world.table(point_type).rows():
            machine = str(point.values.get("VmDisplayName") or point.name)
            if machine not in newest or _moment(newest[machine]) < _moment(point):
                newest[machine] = point
        for machine in sorted(newest)[:_STANDING]:
            world.add(_mount(kind, newest[machine], build.guid("mount", newest[machine].id)))


def _moment(point: Any) -> int:
    moment = point.values.get("CreationTimeUTC")
    return int(moment) if isinstance(moment, int) else 0


def _mount(kind: str, point: Row, identifier: str) -> Row:
    row = Row(identifier, kind, parents=(point.id,))
    row.values["FSRoots"] = lambda ctx: _guest(row, point).tops(ctx)
    row.links = (Link("Delete", row_path(row)),)
    return row


def _guest(mount: Row, point: Row) -> Guest:
    name = str(point.values.get("VmDisplayName") or point.name).lower()
    return Guest(row_path(mount), not any(word in name for word in _LINUX_WORDS), _moment(point))


# Routes


def _point(service: Any, call: Any, kind: str, identifier: str) -> Row:
    service.require_role(call, resource(kind).roles)
    point: Row = service.find(_POINT_OF[kind], identifier)
    return point


def _seen(service: Any, call: Any, kind: str, point: Row) -> list[Row]:
    """Return the mounts of a point that the log-on session sees: its own, and those that stand."""
    own = [mount for mount in call.user.mounts.values() if mount.type == kind and mount.parents == (point.id,)]
    return own + list(service.world.table(kind).in_place(point.id))


def _find(service: Any, call: Any, kind: str, point: Row, identifier: str) -> Row:
    for mount in _seen(service, call, kind, point):
        if mount.id == identifier.lower():
            return mount
    raise not_found(resource(kind).title, identifier)


def _list(kind: str, service: Any, call: Any, point_id: str) -> Any:
    return service.some(call, _seen(service, call, kind, _point(service, call, kind, point_id)), kind)


def _get(kind: str, service: Any, call: Any, point_id: str, identifier: str) -> Any:
    return service.single(call, _find(service, call, kind, _point(service, call, kind, point_id), identifier), kind)


def _delete(kind: str, service: Any, call: Any, point_id: str, identifier: str) -> Any:
    mount = _find(service, call, kind, _point(service, call, kind, point_id), identifier)
    if call.user.mounts.pop(mount.id, None) is None:
        service.world.table(kind).remove(f"{point_id.lower()}/{mount.id}")
    service.counters.writes += 1
    return service.nothing()


def _order(kind: str, service: Any, call: Any, point_id: str) -> Any:
    """Take the order to mount a point: the task leads to the mount when it is finished."""
    point = _point(service, call, kind, point_id)
    world, logon = service.world, call.user
    task: Task = logon.new_task("MountRestorePoint")
    mount = _mount(kind, point, stable_id("mount", logon.id, task.id))

    def carried_out() -> None:
        task.state, task.success, task.message = "OperationFinished", True, "OperationFinished"
        logon.mounts[mount.id] = mount

    def collected() -> None:
        task.state, task.message, task.related, task.show_related = "Finished", "Ok", mount, True

    world.at(world.moment() + TASK_RUNNING, carried_out)
    world.at(world.moment() + TASK_RUNNING + TASK_COLLECTING, collected)
    service.counters.writes += 1
    return service.single(call, task, "Task", 202)


def _browse(kind: str, service: Any, call: Any, point_id: str, identifier: str, filepath: str) -> Any:
    # The files may be listed by more roles than the mounts (reference pages of both).
    service.require_role(call, _FILE_ROLES)
    point: Row = service.find(_POINT_OF[kind], point_id)
    guest = _guest(_find(service, call, kind, point, identifier), point)
    shown, spec = guest.answer(filepath, named_parameter(call.parameters, "action") or "", call.ctx)
    return service.answer(call, answers.single(shown, spec, call.ctx, call.as_json, True))


_FILE_ROLES = ("Portal Administrator", "Portal User", "VM Restore Operator", "File Restore Operator")
_HANDLERS: tuple[tuple[str, str, Handler], ...] = (
    ("", "GET", _list),
    ("", "POST", _order),
    ("/{id}", "GET", _get),
    ("/{id}", "DELETE", _delete),
    ("/{id}/{filepath...}", "GET", _browse),
)

ROUTES = tuple((resource(kind).path + below, method, partial(handler, kind)) for kind in _POINT_OF for below, method, handler in _HANDLERS)
