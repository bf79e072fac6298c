# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The virtual infrastructure: machines with the hosts, folders, pools and tags that they are found under, and the lookup of them."""

from __future__ import annotations

from typing import Any, Iterable

from ..build import Build, Placed, hierarchy_id, object_ref
from ..declarations import BY_TYPE
from ..model import Machine, Row
from ..problems import Problem, bad_id
from ..query import named_parameter
from ..wire import Link
from ..world import World

_MACHINES_ON_A_HOST = 20
_HOSTS_IN_A_CLUSTER = 8
_DEFAULT_FOLDER = "Discovered virtual machine"
_LOOKED_UP = {"VC": ("Vm", "Tag"), "HvServer": ("Vm",), "VcdSystem": ("Vm",)}


def add(world: World, build: Build) -> None:
    """Add a hierarchy below every root."""
    by_root: dict[str, list[Placed]] = {}
    for place in build.placed:
        by_root.setdefault(hierarchy_id(place.server, place.platform), []).append(place)
    for root_id, places in sorted(by_root.items()):
        root = world.table("HierarchyRoot").by_id.get(root_id)
        if root is not None:
            Tree(world, root, places[0].platform).fill(sorted(places, key=lambda place: place.machine.name))
    for vapp, job in sorted({job.vapp: job for job in build.jobs if job.vapp}.items()):
        root = world.table("HierarchyRoot").by_id[hierarchy_id(job.server, job.platform)]
        Tree(world, root, job.platform).fill_vapp(vapp, job.machines)


def place_of(root: Row) -> str:
    """Return the word under which everything below a root is listed."""
    return f"below {root.id}"


class Tree:
    """The hierarchy below one root."""

    def __init__(self, world: World, root: Row, platform: str) -> None:
        self.world = world
        self.root = root
        self.platform = platform

    def item(self, kind: str, name: str, below: Iterable[Row] = (), ref: str = "") -> Row:
        """Return an object of the hierarchy, added when it was not there yet."""
        ref = ref or object_ref(self.root.id, self.platform, kind, name)
        known: Row | None = self.world.table("HierarchyItem").by_id.get(ref)
        if known is not None:
            return known
        values = {"ObjectRef": ref, "ObjectType": kind, "ObjectName": name}
        row = Row(ref, "HierarchyItem", "", values, below=tuple(below), also=(place_of(self.root),))
        self.world.add(row)
        return row

    def fill(self, places: list[Placed]) -> None:
        """Add the machines and what they are found under."""
        if self.platform == "VMware":
            self._fill_vsphere(places)
        elif self.platform == "Hyperv":
            host = self.item("Host", self.root.name)
            for place in places:
                self.item("Vm", place.machine.name, (host,), place.machine.uid)

    def _fill_vsphere(self, places: list[Placed]) -> None:
        label = self.root.name.partition(".")[0].partition("-")[2]
        datacenter = self.item("Datacenter", f"Datacenter {label}")
        category = self.item("Category", "Backup")
        store = self.item("Datastore", f"Datastore {label} 01", (datacenter,))
        for number, place in enumerate(places):
            host_number = number // _MACHINES_ON_A_HOST
            cluster = self.item("Cluster", f"Cluster {host_number // _HOSTS_IN_A_CLUSTER + 1:02d}", (datacenter,))
            pool = self.item("ResourcePool", f"Pool of {cluster.values['ObjectName']}", (cluster,))
            host = self.item("Host", f"esx-{label}-{host_number + 1:03d}.example.com", (cluster,))
            folder = self.item("Folder", place.machine.folder or _DEFAULT_FOLDER, (datacenter,))
            tags = [self.item("Tag", tag, (category,)) for tag in place.machine.tags]
            self.item("Vm", place.machine.name, (host, pool, folder, store, *tags), place.machine.uid)

    def fill_vapp(self, name: str, machines: list[Machine]) -> None:
        """Add a vApp with its organization around it, and its machines."""
        organization = self.item("Organization", "Example")
        datacenter = self.item("OrgVdc", "Example VDC", (organization,))
        vapp = self.item("Vapp", name, (datacenter,))
        for machine in machines:
            self.item("Vm", machine.name, (vapp,), machine.uid)


def members_of(world: World, container: Row) -> list[Row]:
    """Return everything below an object of the hierarchy, at any depth, in the order of the references."""
    table = world.table("HierarchyItem")
    found: dict[str, Row] = {}
    waiting = [container]
    while waiting:
        for row in table.below(waiting.pop()):
            if row.id not in found:
                found[row.id] = row
                waiting.append(row)
    return [found[key] for key in sorted(found)]


def _look_up(service: Any, call: Any) -> Any:
    """Answer /lookup: one object by its reference, objects of a host by name and type, or those below another one [guess: README.md]."""
    service.require_role(call, BY_TYPE["HierarchyItem"].roles)
    table = service.world.table("HierarchyItem")
    ref, host = named_parameter(call.parameters, "hierarchyref"), named_parameter(call.parameters, "host")
    name, kind = named_parameter(call.parameters, "name") or "*", named_parameter(call.parameters, "type")
    if ref:
        item = table.by_id.get(ref)
        if item is None or not kind or not service.world.lookup_goes_down:
            return service.some(call, [] if item is None else [item], "HierarchyItem")
        items = members_of(service.world, item)
    elif host:
        root = service.world.table("HierarchyRoot").by_id.get(host.rpartition(":")[2].lower())
        if root is None:
            raise bad_id(host, "HierarchyRoot")
        items = table.in_place(place_of(root))
    else:
        raise Problem(400, "Parameter host or hierarchyRef is missing")
    return service.some(call, [item for item in items if _fits(item.values, name, kind)], "HierarchyItem")


def _fits(values: dict[str, Any], name: str, kind: str | None) -> bool:
    if kind and values["ObjectType"].lower() != kind.lower():
        return False
    return name == "*" or bool(values["ObjectName"].lower() == name.lower())


def _lookup_service(service: Any, call: Any) -> Any:
    service.require_role(call, BY_TYPE["LookupService"].roles)
    links = [Link("Up", f"/logonSessions/{call.user.id}", None, "LogonSession")]
    for root in service.world.table("HierarchyRoot").rows():
        for kind in _LOOKED_UP[root.values["HostType"]]:
            links.append(Link("Down", f"/lookup?host=urn:veeam:HierarchyRoot:{root.id}&name=*&type={kind}", None, "HierarchyItemList"))
    return service.single(call, Row("", "LookupService", links=tuple(links)), "LookupService")


ROUTES = (("/lookup", "GET", _look_up), ("/lookupSvc", "GET", _lookup_service))
