# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The index of guest files: machines whose guests are indexed, their indexed points, and the files below these.

A point need not be browsed by an order first: its files are listed at once [guess: README.md].
"""

from __future__ import annotations

from typing import Any

from .. import answers
from ..build import Build
from ..declarations import BY_TYPE
from ..guest_files import Guest
from ..model import Row, stable_id
from ..query import named_parameter
from ..rows import row_path
from ..world import World

_INDEXED_OF_GENERATED = 20


def add(world: World, build: Build) -> None:
    """Add the machines of jobs with indexing, every twentieth machine of a generated estate, with all their points."""
    names = {machine.name for job in build.jobs if job.indexed for machine in job.machines}
    if build.generated:
        names = {machine.name for machine in build.machines[::_INDEXED_OF_GENERATED]}
    machines = {name: Row(name, "CatalogVm", name, {"VmDisplayName": name}) for name in sorted(names)}
    for machine in machines.values():
        world.add(machine)
    for point in world.table("VmRestorePoint").rows():
        if point.name in machines:
            values = {"BackupDateUTC": point.values["CreationTimeUTC"]}
            up = (machines[point.name],)
            world.add(Row(stable_id("catalogue", point.id), "CatalogVmRestorePoint", point.name, values, up=up, parents=(point.name,), related=(point,)))


def _browse(service: Any, call: Any, machine: str, point_id: str, filepath: str = "") -> Any:
    """Answer what lies in the guest: the root, one entry, or with an action what is directly in a folder."""
    service.require_role(call, BY_TYPE["FileSystemEntries"].roles)
    service.find("CatalogVm", machine)
    point = service.find("CatalogVmRestorePoint", machine, point_id)
    guest = Guest(row_path(point) + "/guestfs", True, point.values["BackupDateUTC"], rooted=True)
    shown, spec = guest.answer(filepath, named_parameter(call.parameters, "action") or "", call.ctx)
    return service.answer(call, answers.single(shown, spec, call.ctx, call.as_json, True))


_GUEST = "/catalog/vms/{name}/vmRestorePoints/{id}/guestfs"
ROUTES = ((_GUEST, "GET", _browse), (_GUEST + "/{filepath...}", "GET", _browse))
