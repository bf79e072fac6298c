# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Objects of virtualization hosts: what is asked, and how containers become machines, with servers that list members and that do not."""

from __future__ import annotations

from typing import Any

import pytest

from _api import hierarchy
from _api.errors import MissingRight, OptionError, ServerError
from _api.session import ConnectionOptions, Session
from _api.transport import Answer

ROOT = "a2b0c55d-829a-4efe-bd95-125ee77ba9dd"
HOST = "urn:veeam:HierarchyRoot:" + ROOT


def ref(kind: str, identity: str, platform: str = "VMware") -> str:
    return f"urn:{platform}:{kind}:{ROOT}.{identity}"


def item(reference: str) -> str:
    name = reference.rpartition(".")[2]
    kind = reference.split(":")[2]
    return (
        f'<HierarchyItem Type="HierarchyItem"><ObjectRef>{reference}</ObjectRef><ObjectType>{kind}</ObjectType><ObjectName>{name}</ObjectName></HierarchyItem>'
    )


class Lookup:
    """A lookup service that tells what a test put in: references under the reference, or the host's URN and a type, that asks for them."""

    def __init__(self, told: dict[Any, list[str]], statuses: dict[str, int] | None = None) -> None:
        self.told = told
        self.statuses = statuses or {}
        self.asked: list[dict[str, str]] = []

    def send(self, method: str, path: str, parameters: dict[str, str], headers: Any, basic: bool = False) -> Answer:
        assert (method, path) == ("GET", "/lookup")
        self.asked.append(dict(parameters))
        key: Any = parameters.get("hierarchyRef") or (parameters["host"], parameters["name"], parameters["type"])
        body = "".join(item(reference) for reference in self.told.get(key, ()))
        text = f'<HierarchyItems xmlns="http://www.veeam.com/ent/v1.0">{body}</HierarchyItems>'
        return Answer(method, path, self.statuses.get(str(key), 200), {"Content-Type": "application/xml"}, text.encode())

    def session(self) -> Session:
        opened = Session(ConnectionOptions(host="em", session="dG9rZW4=", retries=0), environ={})
        opened._transport = self  # type: ignore[assignment]
        return opened


def refs(records: list[dict[str, Any]]) -> list[str]:
    return [record["object_ref"] for record in records]


def test_a_host_is_asked_by_its_urn_with_name_and_type() -> None:
    lookup = Lookup({(HOST, "srv*", "Vm"): [ref("Vm", "vm-1")]})
    (found,) = hierarchy.objects_of_host(lookup.session(), HOST, "srv*", "Vm")
    assert lookup.asked == [{"host": HOST, "name": "srv*", "type": "Vm"}]
    assert (found["id"], found["object_type"], found["object_name"]) == (ref("Vm", "vm-1"), "Vm", "vm-1")


def test_members_are_followed_at_any_depth_and_machines_come_once() -> None:
    inner, outer, tag = ref("Folder", "group-v2"), ref("Folder", "group-v1"), ref("Tag", "tag-1")
    lookup = Lookup(
        {
            outer: [inner, ref("Vm", "vm-1"), ref("Template", "t-1")],
            inner: [outer, ref("Vm", "vm-2"), ref("VM", "vm-1")],
            tag: [ref("Vm", "vm-2"), ref("Vm", "vm-3")],
        }
    )
    expanded = hierarchy.expand(lookup.session(), [outer, tag, outer])
    assert refs(expanded.machines) == [ref("Vm", "vm-1"), ref("Vm", "vm-2"), ref("Vm", "vm-3")]
    assert expanded.unknown == []
    assert [asked["hierarchyRef"] for asked in lookup.asked] == [outer, tag, inner]


def test_a_container_of_which_only_itself_is_told_is_unknown_and_not_empty() -> None:
    folder, gone, broken = ref("Folder", "group-v1"), ref("Folder", "group-v9"), ref("Datacenter", "dc-1")
    lookup = Lookup({folder: [folder]}, {gone: 404, broken: 500})
    expanded = hierarchy.expand(lookup.session(), [folder, gone, broken])
    assert (expanded.machines, expanded.unknown) == ([], [folder, gone, broken])


@pytest.mark.parametrize(("kind", "platform"), [("Vc", "VMware"), ("Scvmm", "HyperV"), ("VcdSystem", "vCloud")])
def test_a_whole_host_is_asked_for_its_machines(kind: str, platform: str) -> None:
    lookup = Lookup({(HOST, "*", "Vm"): [ref("Vm", "1", platform), ref("Vm", "2", platform)]})
    expanded = hierarchy.expand(lookup.session(), [ref(kind, "root", platform)])
    assert refs(expanded.machines) == [ref("Vm", "1", platform), ref("Vm", "2", platform)]


def test_a_machine_stands_for_itself() -> None:
    machine, gone = ref("Vm", "vm-1"), ref("Vm", "vm-9")
    expanded = hierarchy.expand(Lookup({machine: [machine]}).session(), [machine, gone])
    assert (refs(expanded.machines), expanded.unknown) == ([machine], [gone])


def test_an_account_without_the_right_learns_so() -> None:
    folder = ref("Folder", "group-v1")
    with pytest.raises(MissingRight, match="File Restore Operator"):
        hierarchy.expand(Lookup({}, {folder: 403}).session(), [folder])


@pytest.mark.parametrize("text", ["", "vm-1", "urn:veeam:Vm:" + ROOT, "urn:VMware:Vm:not-a-guid.vm-1", "urn:VMware:Vm:" + ROOT + "."])
def test_what_is_no_reference_is_refused_before_anything_is_sent(text: str) -> None:
    lookup = Lookup({})
    with pytest.raises(OptionError, match="urn:PLATFORM:TYPE:HIERARCHY"):
        hierarchy.expand(lookup.session(), [text])
    assert lookup.asked == []


def test_the_root_of_a_reference_is_known_from_it() -> None:
    assert hierarchy.root_uid_of("urn:vCloud:Vm:%s.urn:vcloud:vm:6b2d.x" % ROOT.upper()) == HOST


OTHER_ROOT = "b2b0c55d-829a-4efe-bd95-125ee77ba9dd"


def test_several_hosts_and_names_are_asked_one_by_one_and_what_is_unknown_gives_nothing() -> None:
    lookup = Lookup({(HOST, "a", "Tag"): [ref("Tag", "1")], (HOST, "b", "Tag"): []}, {str(("urn:veeam:HierarchyRoot:" + OTHER_ROOT, "a", "Tag")): 400})
    lookup.statuses[str(("urn:veeam:HierarchyRoot:" + OTHER_ROOT, "b", "Tag"))] = 404
    found = hierarchy.objects_on_hosts(lookup.session(), [HOST, OTHER_ROOT], ["a", "b", "a"], "Tag")
    assert refs(found) == [ref("Tag", "1")]
    assert [(asked["host"][-36:], asked["name"]) for asked in lookup.asked] == [(ROOT, "a"), (ROOT, "b"), (OTHER_ROOT, "a"), (OTHER_ROOT, "b")]


def test_a_host_that_fails_is_a_failure() -> None:
    lookup = Lookup({}, {str((HOST, "a", "Vm")): 500})
    with pytest.raises(ServerError):
        hierarchy.objects_on_hosts(lookup.session(), [ROOT], ["a"])


def test_objects_by_reference_come_once_and_unknown_ones_not_at_all() -> None:
    machine, gone = ref("Vm", "vm-1"), ref("Vm", "vm-9")
    lookup = Lookup({machine: [machine]}, {gone: 404})
    assert refs(hierarchy.objects_at_references(lookup.session(), [machine, gone, machine])) == [machine]
    assert len(lookup.asked) == 2
