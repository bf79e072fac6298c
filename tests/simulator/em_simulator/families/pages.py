# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pages of links: what can be queried, and which reports there are; and a collection that only a link tells of."""

from __future__ import annotations

from typing import Any

from ..build import Build
from ..declarations import BY_QUERY_TYPE, BY_TYPE, is_known
from ..model import Row
from ..problems import Problem
from ..reports import FRAMES
from ..wire import Link
from ..world import World


def add(world: World, build: Build) -> None:
    """Add the page of the reports."""
    world.add(Row("", "Report", links=tuple(Link("Down", f"/reports/summary/{name}", None, "ReportFrame") for name in FRAMES)))


def _queries(service: Any, call: Any) -> Any:
    """Answer /querySvc: a first query of every type, sorted by the first thing that it can be sorted by."""
    service.require_role(call, BY_TYPE["QueryService"].roles)
    links = [Link("Up", f"/logonSessions/{call.user.id}", None, "LogonSession")]
    for name, declared in BY_QUERY_TYPE.items():
        if is_known(declared, service.profile.versions):
            links.append(Link("Down", f"/query?type={name}&format=Entities&sortAsc={_sort_field(declared)}&pageSize=15&page=1", None, f"{name}List"))
    return service.single(call, Row("", "QueryService", links=tuple(links)), "QueryService")


def _sort_field(declared: Any) -> str:
    names = [field.filter_name for field in declared.filter_fields()]
    return "name" if "Name" in names else next(iter(names), declared.fields[0].wire)


def _machines_of_cdp(service: Any, call: Any) -> Any:
    """Answer with the machines of all CDP replicas: no page of the reference has this collection, and log-on sessions link to it."""
    declared = BY_TYPE["CdpReplicaVm"]
    service.require_role(call, declared.roles)
    if not is_known(declared, service.profile.versions):
        raise Problem(404, "Not Found")
    return service.some(call, service.world.table(declared.type).rows(), declared.type)


ROUTES = (("/querySvc", "GET", _queries), ("/cdpReplica/vms", "GET", _machines_of_cdp))
