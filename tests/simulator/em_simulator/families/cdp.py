# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Continuous data protection: policies with their objects and sessions, and the replicas that they keep.

A policy runs in one session without an end, which is renewed once a day; only its newest session works.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..build import DAY_US, Build
from ..clock import SECOND_US
from ..model import Machine, Row, Server
from ..rows import row_uid
from ..wire import Context
from ..world import World
from .neighbours import Neighbours, inside

_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_PART_OF_MACHINES = 50
_FEWEST_MACHINES = 2
_MACHINES_OF_A_POLICY = 20
_SESSIONS_KEPT = 7
_WARNED_DAYS_AGO = 2
_FAILED_DAYS_AGO = 4
_NAMES = ("Shop Databases", "Payment Gateway", "Phone System", "Booking", "Warehouse", "Patient Records")
_VAPP_NAMES = ("ticket-desk", "door-control")
_LATE = "Recovery point objective was missed for {0}: the I/O filter could not keep up with the writes."
_BROKEN = "Processing {0} Error: the connection to the target proxy was closed."


@dataclass
class _Policy:
    """A policy on its way into the world: its row, and what it protects."""

    row: Row
    machines: list[Machine]
    server: Server
    sessions: list[Row] = field(default_factory=list)


def add(world: World, build: Build) -> None:
    """Put in policies for two machines in a hundred of each server; one for vApps; and one that nobody has switched on yet.

    In a healthy estate all are switched on, nothing failed, and there is no vApp that no job backs up.
    """
    if not build.populated:
        return
    number = 0
    for server in build.servers:
        machines = _machines_of(build, server)
        for start in range(0, len(machines), _MACHINES_OF_A_POLICY):
            name = _NAMES[number] if number < len(_NAMES) else f"{_NAMES[number % len(_NAMES)]} {number:03d}"
            policy = _policy(world, build, name, "VMware", machines[start : start + _MACHINES_OF_A_POLICY], server)
            _sessions(world, build, policy, number)
            _replica(world, build, policy)
            number += 1
    _vapps(world, build, number)
    if not build.healthy:
        waiting = _machines_of(build, build.servers[-1])[-1:]
        _policy(world, build, "Not in use yet", "VMware", waiting, build.servers[-1], works=False)


def _machines_of(build: Build, server: Server) -> list[Machine]:
    """Return the machines of vSphere that the policies of a server replicate."""
    found = {machine.uid: machine for job in build.jobs if job.server is server and job.platform == "VMware" for machine in job.machines}
    machines = sorted(found.values(), key=lambda machine: machine.name)
    return machines[: max(_FEWEST_MACHINES, len(machines) // _PART_OF_MACHINES)]


# Policies


def _hours(value: str) -> dict[str, Any]:
    return {"Enabled": True, "TimePeriods": [{"Name": day, "Value": ",".join([value] * 24)} for day in _DAYS]}


def _schedule() -> dict[str, Any]:
    replica = {
        "RecoveryPointObjectiveSeconds": 15,
        "RecoveryPointObjectiveMinutes": 0,
        "RPOSchedule": _hours("1"),
        "RPOReporting": {
            "Enabled": True,
            "MarkAsWarning": {"Enabled": True, "RPOThresholdSeconds": 30, "RPOThresholdMinutes": 0},
            "MarkAsFailed": {"Enabled": True, "RPOThresholdSeconds": 0, "RPOThresholdMinutes": 5},
        },
        "ShortTermRetentionMinutes": 0,
        "ShortTermRetentionHours": 4,
        "LongTermRetentionHours": 8,
        "LongTermRetentionKeepDays": 7,
        "LongTermRetentionSchedule": _hours("2"),
    }
    return {"CdpReplica": replica}


def _guest_processing(mode: str) -> dict[str, Any]:
    return {"VssSnapshotOptions": {"VssSnapshotMode": mode, "IsCopyOnly": True}, "WindowsCredentialsId": "", "LinuxCredentialsId": ""}


def _policy(world: World, build: Build, name: str, platform: str, machines: list[Machine], server: Server, works: bool = True) -> _Policy:
    identifier = build.guid("cdp policy", name)
    includes: list[Row] = []

    def info(ctx: Context) -> dict[str, Any]:
        mode = "RequireSuccess" if build.healthy else "Disabled"
        return {"CdpReplicaPolicyInfo": {"Includes": inside(includes, ctx), "GuestProcessingOptions": _guest_processing(mode)}}

    values = {
        "PolicyType": "CdpReplica",
        "Platform": platform,
        "Description": "" if works else "Waits for its storage",
        "ScheduleConfigured": works,
        "ScheduleEnabled": works,
        "NextRun": (build.now_us // DAY_US + 1) * DAY_US if works else None,
        "PolicyScheduleOptions": _schedule(),
        "CdpPolicyInfo": info,
    }
    row = Row(identifier, "CdpPolicy", name, values, up=(server,))
    world.add(row)
    for machine in machines:
        includes.append(_include(build, row, machine))
        world.add(includes[-1])
    return _Policy(row, machines, server)


def _include(build: Build, policy: Row, machine: Machine) -> Row:
    entry = build.guid("cdp include", policy.id, machine.name)
    values = {
        "ObjectInJobId": entry,
        "HierarchyObjRef": machine.uid,
        "Name": machine.name,
        "DisplayName": machine.name,
        "GuestProcessingOptions": _guest_processing("RequireSuccess"),
    }
    return Row(entry, "ObjectInJob", values=values, up=(policy,), parents=(policy.id,), place="/cdpPolicies/{cdp_policy}/includes")


# Sessions


def _sessions(world: World, build: Build, policy: _Policy, number: int) -> None:
    midnight = build.now_us // DAY_US * DAY_US
    for days_ago in range(_SESSIONS_KEPT):
        created = midnight - days_ago * DAY_US + (17 + number % 300) * SECOND_US + 123_456
        if created >= build.now_us:
            continue
        working = not policy.sessions
        unlucky = number % 2 == 1 and not build.healthy
        failed, warned = unlucky and days_ago == _FAILED_DAYS_AGO, days_ago == _WARNED_DAYS_AGO and not build.healthy
        result = "None" if working else "Failed" if failed else "Warning" if warned else "Success"
        session = Row(
            build.guid("cdp session", policy.row.id, days_ago),
            "CdpReplicaSession",
            policy.row.name,
            {
                "PolicyUid": row_uid(policy.row),
                "PolicyName": policy.row.name,
                "PolicyType": "CdpReplica",
                "CreationTimeUTC": created,
                "EndTimeUTC": None if working else midnight - (days_ago - 1) * DAY_US + 4 * SECOND_US,
                "State": "Working" if working else "Stopped",
                "Result": result,
                "Progress": 0 if working else 100,
                "FailureMessage": "The target proxy could not be reached." if failed else "",
                "IsRetry": unlucky and days_ago == _FAILED_DAYS_AGO - 1,
            },
            up=(policy.server, policy.row),
            stamp_us=created,
        )
        policy.sessions.append(session)
        world.add(session)
        _task_sessions(world, build, policy, session)


def _task_sessions(world: World, build: Build, policy: _Policy, session: Row) -> None:
    whole, working = session.values["Result"], session.values["State"] == "Working"
    for index, machine in enumerate(policy.machines):
        # Who decides the outcome of a session is its first machine; one that works says Success all the time.
        result = whole if index == 0 and not working else "Success"
        reasons = {"Warning": _LATE, "Failed": _BROKEN}
        created = session.values["CreationTimeUTC"] + (10 + index) * SECOND_US
        world.add(
            Row(
                build.guid("cdp task session", session.id, machine.name),
                "CdpReplicaTaskSession",
                machine.name,
                {
                    "VmDisplayName": machine.name,
                    "PolicySessionUid": row_uid(session),
                    "CreationTimeUTC": created,
                    "EndTimeUTC": session.values["EndTimeUTC"],
                    "State": "InProgress" if working else "Completed",
                    "Result": result,
                    "Reason": reasons[result].format(machine.name) if result in reasons else None,
                    "TotalSize": machine.size,
                },
                up=(policy.server, session),
                stamp_us=created,
            )
        )


# Replicas


def _of_policy(policy: _Policy) -> dict[str, Any]:
    """Return what every replica says about its policy; its URN is a bare GUID here."""
    return {"BackupServer": policy.server.name, "PolicyUid": policy.row.id, "PolicyName": policy.row.name}


def _replica(world: World, build: Build, policy: _Policy) -> None:
    replica = Row(build.guid("cdp replica", policy.row.id), "CdpReplica", policy.row.name, _of_policy(policy), up=(policy.server, policy.row))
    world.add(replica)
    repository = Neighbours(world).repository_of(policy.server)
    for machine in policy.machines:
        values = {"VmRef": machine.uid, "ReplicaUid": replica.id, **_of_policy(policy), "RepositoryName": repository.name}
        identifier = build.guid("cdp replica of", replica.id, machine.name)
        up = (policy.server, repository, replica, policy.row)
        world.add(Row(identifier, "CdpReplicaVm", machine.name, values, up=up, parents=(replica.id,)))


def _vapps(world: World, build: Build, number: int) -> None:
    """Put in a policy for VMware Cloud Director: its replicas are those of vApps with their machines."""
    near = Neighbours(world)
    (server, *_others) = near.cloud_director().up
    foreign = {} if build.healthy else {name: _machines_of_vapp(near, name) for name in _VAPP_NAMES}
    vapps = foreign | {job.vapp: job.machines for job in build.jobs if job.vapp}
    if not vapps:
        return
    entries = [Machine(name, 0, near.ref("vCloud", "Vapp", name)[0]) for name in vapps]
    policy = _policy(world, build, "Cloud Director vApps", "vCloud", entries, server)
    policy.machines = []
    for entry in entries:
        identifier = build.guid("vapp replica", entry.name)
        replica = Row(identifier, "VAppCdpReplica", entry.name, {"vAppRef": entry.uid, "ReplicaUid": identifier, **_of_policy(policy)}, up=(server, policy.row))
        world.add(replica)
        for machine in vapps[entry.name]:
            values = {"ReplicaUid": identifier, "VmRef": machine.uid}
            own = build.guid("vapp replica vm", entry.name, machine.name)
            world.add(Row(own, "VAppCdpReplicaVm", machine.name, values, up=(server, replica, policy.row), parents=(identifier,)))
            policy.machines.append(machine)
    _sessions(world, build, policy, number)


def _machines_of_vapp(near: Neighbours, name: str) -> list[Machine]:
    """Return two machines of a vApp that no job backs up."""
    return [Machine(f"{name}-{part}", 17179869184, near.ref("vCloud", "Vm", f"{name}-{part}")[0]) for part in ("db", "web")]
