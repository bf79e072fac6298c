# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What replication jobs leave behind: replicas, their points, and the plans for switching over to them."""

from __future__ import annotations

from typing import Any

from ..build import Build
from ..job_details import guest_processing
from ..model import Job, JobSession, Machine, Row, TaskSession, stable_id
from ..wire import Link
from ..world import World

_POINT = {"Algorithm": "Full", "PointType": "Snapshot"}
_MACHINES_OF_A_PLAN = 10


class Replicas:
    """Keeps the replicas of a world: one for a job."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.repositories = {row.up[0].id: row for row in sorted(world.table("Repository").by_id.values(), key=lambda row: row.name, reverse=True)}

    def replica(self, job: Job) -> Row:
        """Return the replica that a job keeps; its metadata lie on a repository."""
        known: Row | None = self.world.table("Replica").by_id.get(stable_id("replica", job.id))
        if known is not None:
            return known
        repository = self.repositories.get(job.server.id)
        up = (job.server,) if repository is None else (repository, job.server)
        values = {"Platform": job.platform, "JobUid": f"urn:veeam:Job:{job.id}", "JobName": job.name}
        row = Row(stable_id("replica", job.id), "Replica", job.name, values, up=up)
        self.world.add(row)
        return row

    def keep_machine(self, task: TaskSession) -> None:
        """Write the point of one machine."""
        job = task.session.job
        if not job.is_replica:
            return
        values = {"VmDisplayName": task.machine.name, "CreationTimeUTC": task.point_us, **_POINT}
        up = (job.server, self.replica(job))
        self.world.add(Row(task.point_id, "VmReplicaPoint", task.machine.name, values, up=up, stamp_us=task.point_us))

    def close_run(self, session: JobSession) -> None:
        """Write the point of the vApp where the machines of a run make one up."""
        job = session.job
        points = [self.world.table("VmReplicaPoint").by_id[task.point_id] for task in session.tasks if task.point_id] if job.is_replica else []
        if not job.vapp or not points:
            return
        values = {"VAppDisplayName": job.vapp, "VAppName": job.vapp, "CreationTimeUTC": session.created_us, **_POINT}
        row = Row(stable_id("vapp point", session.id), "VAppReplicaPoint", job.vapp, values, up=(job.server, self.replica(job)), stamp_us=session.created_us)
        row.links = tuple(Link("Down", f"/vmReplicaPoints/{point.id}", None, "VmReplicaPointReference") for point in points)
        self.world.add(row)


def add(world: World, build: Build) -> None:
    """Add what the past runs left behind and the failover plans, and keep what runs leave from now on."""
    replicas = Replicas(world)
    for session in world.table("ReplicaJobSession").by_id.values():
        for task in session.tasks:
            if task.point_id:
                replicas.keep_machine(task)
        replicas.close_run(session)
    for entry in build.section("failover_plans"):
        server = build.server(entry.get("backup_server"))
        machines = [_machine(build, name) for name in entry["machines"]]
        _add_plan(world, build, server, entry["name"], entry.get("description", ""), machines)
    if build.generated:
        for job in [job for job in build.jobs if job.is_replica][::2]:
            # In a healthy estate the last machine of a job is in no plan.
            planned = job.machines[:-1] if build.healthy and len(job.machines) > 1 else job.machines
            _add_plan(world, build, job.server, f"Plan {job.name}", "", planned[:_MACHINES_OF_A_PLAN])
    world.on_point.append(replicas.keep_machine)
    world.on_end.append(replicas.close_run)


def _machine(build: Build, name: str) -> Machine:
    return next(machine for job in build.jobs if job.is_replica for machine in job.machines if machine.name == name)


def _add_plan(world: World, build: Build, server: Any, name: str, description: str, machines: list[Machine]) -> None:
    own = build.guid("failover plan", server.name, name)
    path = f"/failoverPlans/{own}"
    values = {"Description": description, "FailoverPlanInfo": {"Includes": [planned(own, machine, order) for order, machine in enumerate(machines)]}}
    world.add(Row(own, "FailoverPlan", name, values, up=(server,), links=(Link("Edit", path, None, "FailoverPlanReference"),)))


def planned(plan_id: str, machine: Machine, order: int) -> dict[str, Any]:
    """Return a machine of a failover plan by wire name."""
    return {
        "FailoveredVmId": stable_id("planned", plan_id, machine.name),
        "HierarchyObjRef": machine.uid,
        "Name": machine.name,
        "DisplayName": machine.name,
        "Order": order,
        "GuestProcessingOptions": guest_processing(),
    }
