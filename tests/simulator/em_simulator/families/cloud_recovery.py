# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Replicas that tenants keep at the provider, their restore points, and the plans and runs of failovers.

The machines are the tenants' own: no job of the estate knows them.
"""

from __future__ import annotations

from typing import Any

from .. import special
from ..build import DAY_US, MINUTE_US, Build
from ..clock import SECOND_US
from ..declarations import resource
from ..model import Row, Server
from ..rows import row_name, row_path, row_uid
from ..wire import Context
from ..world import World
from .neighbours import inside

_POINTS_OF_A_MACHINE = 5
_MACHINES = ("web-01", "db-01")
_FAILURE = "The network extension appliance did not start in time."


def add(world: World, build: Build) -> None:
    """Put in replicas for every tenant that replicates, a plan for each but those of VMware Cloud Director, and runs of the plans."""
    if not build.populated:
        return
    tenants = sorted((row for row in world.table("CloudTenant").rows() if row.values["ReplicaCount"]), key=lambda row: str(row.name))
    for number, tenant in enumerate(tenants):
        (server,) = tenant.up
        points = _replica(world, build, tenant, server, number)
        if _platform(world, tenant) == "vCloud":
            continue
        plan = _plan(world, build, tenant, server, points)
        for run in range(2):
            _failover(world, build, plan, points, number, run)


def _machines_of(tenant: Row) -> list[str]:
    return [f"{str(tenant.name).lower().replace(' ', '-')}-{part}" for part in _MACHINES]


def _replica(world: World, build: Build, tenant: Row, server: Server, number: int) -> list[Row]:
    """Put in a replica with its points; return the newest point of each machine."""
    platform = _platform(world, tenant)
    name = f"{tenant.name} Servers to the Cloud"
    replica = Row(build.guid("cloud replica", tenant.name), "CloudReplica", name, {"Platform": platform}, up=(server,), below=(tenant,))
    world.add(replica)
    newest = []
    for index, machine in enumerate(_machines_of(tenant)):
        for days_ago in range(_POINTS_OF_A_MACHINE):
            created = build.now_us // DAY_US * DAY_US - days_ago * DAY_US - (number % 240 + index + 1) * MINUTE_US + 520_000
            values = {
                "VmDisplayName": machine,
                "VmName": None,
                "CreationTimeUTC": created,
                "PointType": "Full" if days_ago == _POINTS_OF_A_MACHINE - 1 else "Snapshot",
                "State": "Ready",
            }
            point = Row(
                build.guid("cloud point", machine, days_ago), "CloudVmReplicaPoint", machine, values, up=(server, replica), below=(tenant,), stamp_us=created
            )
            world.add(point)
            if days_ago == 0:
                newest.append(point)
    return newest


def _platform(world: World, tenant: Row) -> str:
    resources = world.table("CloudTenantComputeResource").in_place(tenant.id)
    return str(resources[0].values["PlatformType"]) if resources else "vCloud"


def _plan(world: World, build: Build, tenant: Row, server: Server, points: list[Row]) -> Row:
    identifier = build.guid("cloud failover plan", tenant.name)
    machines = []
    for order, point in enumerate(points):
        entry = build.guid("cloud failovered vm", tenant.name, point.name)
        values = {"FailoverPlanVMId": entry, "Name": point.name, "Order": order}
        machines.append(Row(entry, "CloudFailoveredVm", values=values, parents=(identifier,), below=(tenant,)))
        world.add(machines[-1])
    options = {
        "PostFailoverPlanCommandEnabled": False,
        "PostFailoverPlanCommand": "",
        "PreFailoverPlanCommandEnabled": True,
        "PreFailoverPlanCommand": "C:\\Scripts\\before.bat",
    }
    values = {
        "TenantUid": row_uid(tenant),
        "TenantName": tenant.name,
        "Description": "All servers of the site",
        "CloudFailoverPlanOptions": options,
        "CloudFailoverPlanInfo": lambda ctx: {"Includes": inside(machines, ctx)},
    }
    plan = Row(identifier, "CloudFailoverPlan", f"Whole Site of {tenant.name}", values, up=(server,), below=(tenant,))
    world.add(plan)
    return plan


def _failover(world: World, build: Build, plan: Row, points: list[Row], number: int, run: int) -> None:
    """Put in a run of a plan; the first plan's newest run goes on, the second plan's older one failed."""
    working, failed = number == 0 and run == 0 and not build.healthy, number == 1 and run == 1 and not build.healthy
    created = build.now_us - (20 * MINUTE_US if working else (3 + 9 * run + number % 5) * DAY_US) + 130_000
    length = 4 * MINUTE_US
    result = "None" if working else "Failed" if failed else "Success"
    values = {
        "JobType": "FailoverPlan",
        "CreationTimeUTC": created,
        "EndTimeUTC": None if working else created + length,
        "State": "Working" if working else "Stopped",
        "Result": result,
        "Progress": 50 if working else 100,
        "FailureMessage": _FAILURE if failed else None,
        "CloudFailoverTasks": lambda ctx: [_task(point, index, created, result, ctx) for index, point in enumerate(points)],
    }
    world.add(Row(build.guid("cloud failover", plan.id, run), "CloudFailoverSession", plan.name, values, up=plan.up, below=plan.below))


def _task(point: Row, index: int, created: int, whole: str, ctx: Context) -> dict[str, Any]:
    """Return what happens to one machine of a run: of one that goes on, the first machine is done already."""
    working = whole == "None" and index > 0
    begin = created + (5 + 30 * index) * SECOND_US
    failed = whole == "Failed" and index == 0
    link = {"Rel": "Related", "Type": "CloudVmReplicaPointReference", "Href": ctx.href(row_path(point)), "Name": row_name(point, ctx)}
    return {
        "VmName": point.name,
        "VmReplicaPointLink": link,
        "CreationTimeUTC": begin,
        "EndTimeUTC": None if working else begin + 90 * SECOND_US,
        "State": "Working" if working else "Stopped",
        "Result": "None" if working else "Failed" if failed else "Success",
        "Progress": 0 if working else 100,
        "FailureMessage": _FAILURE if failed else None,
    }


# Routes


def _points_of_replica(service: Any, call: Any, identifier: str) -> Any:
    return service.children(resource("CloudReplica"), resource("CloudVmReplicaPoint"), call, identifier)


# Servers link to this path for the points of a replica (API reference, paths that occur only as links).
ROUTES = ((special.OTHER_CHILD_PATHS["CloudReplica", "vmReplicaPoints"], "GET", _points_of_replica),)
