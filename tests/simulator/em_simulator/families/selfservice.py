# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Self-service of vSphere users and groups."""

from __future__ import annotations

from typing import Any

from ..build import Build
from ..model import Row
from ..rows import row_uid
from ..world import World
from .neighbours import Neighbours
from .vcloud import backup_job_settings, job_settings, quota_of

_MACHINES_OF_A_TEAM = 200
_TEAMS = ("Web Team", "Data Team", "Jan Kowalski")


def add(world: World, build: Build) -> None:
    """Put in the service page and three configurations at least: two of groups, one of them for each member, and one of a user."""
    world.add(Row("", "VSphereSelfService"))
    if not build.populated:
        return
    near = Neighbours(world)
    servers = build.servers
    for number in range(max(len(_TEAMS), len(build.machines) // _MACHINES_OF_A_TEAM)):
        name = _TEAMS[number] if number < len(_TEAMS) else f"Team {number:03d}"
        server = servers[number % len(servers)]
        account = _account(name, number)
        scope = [row_uid(vcenter) for vcenter in near.managed_servers("VC")[:1]] if number % 2 == 0 else []
        values = {
            **quota_of(near, server, number, per_step_gb=100),
            "PerUser": number == 1,
            "Account": account,
            "JobSettings": job_settings(build, number),
            "VCentersScope": scope,
            "Tags": ["Self-service", "Web & shop"] if number == 0 else [],
            "AccountType": account["AccountType"],
        }
        values["JobSchedulerType"] = values["JobSettings"]["JobSchedulerType"]
        config = Row(build.guid("vsphere self-service", name), "VSphereSelfServiceConfig", name, values, up=(server,))
        world.add(config)
        world.add(backup_job_settings(config, "VSphereSelfServiceConfigJobSettings", number))


def _account(name: str, number: int) -> dict[str, Any]:
    kind = "User" if number == len(_TEAMS) - 1 else "Group"
    return {"AccountName": f"EXAMPLE\\{name}", "AccountSid": f"S-1-5-21-1004336348-1177238915-682003330-{1400 + number}", "AccountType": kind}
