# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What lives on the virtualization hosts: objects by name or reference, and the machines in a container. Private to this collection.

Source: reference pages of the lookup service. It answers in two ways: the objects of a host that fit a name and a type, and the
object that a reference names. That the second, asked together with a type, lists what a container holds can be guessed from the
title of its page only [?]: where a server does so, it is followed, and where it does not, the container counts as unknown, never as
empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Iterable, List

from .entities.infrastructure import HIERARCHY_ROOT
from .entities.service import HIERARCHY_ITEM
from .errors import NotFound, OptionError, ServerError
from .hierarchy_names import MACHINES, is_machine, is_reference, root_id_of, type_of
from .reading import get_list, read, resolve
from .selecting import Selection
from .session import Session

Record = Dict[str, Any]

ANY_NAME = "*"
MACHINE = "Vm"
_WITHOUT_MEMBERS = ("template", "vmtemplate", "vapptemplate")
# A reference to one of these means the whole host, whose machines the service lists by the host.
_WHOLE_HOSTS = ("vc", "scvmm", "vcdsystem")


@dataclass(frozen=True)
class Expansion:
    """The machines in some containers, each once, and the references of containers whose members the service does not tell."""

    machines: List[Record]
    unknown: List[str]


def check_reference(reference: str) -> str:
    """Return a reference to an object of a hierarchy. Raises OptionError for what is none."""
    if not is_reference(reference):
        raise OptionError(
            "%r is not a reference to an object of a hierarchy." % reference,
            advice="It has the form urn:PLATFORM:TYPE:HIERARCHY.OBJECT, such as urn:VMware:Vm:a2b0c55d-829a-4efe-bd95-125ee77ba9dd.vm-7870.",
        )
    return reference


def root_uid_of(reference: str) -> str:
    """Return the URN of the hierarchy root that a reference lies in. Raises OptionError for what is no reference."""
    return uid_of_root(root_id_of(check_reference(reference)) or "")


def uid_of_root(root_id: str) -> str:
    """Return the URN of the hierarchy root with the id."""
    return "urn:veeam:%s:%s" % (HIERARCHY_ROOT.uid_type, root_id)


def objects_of_host(session: Session, root_uid: str, name: str = ANY_NAME, object_type: str = MACHINE, links: bool = False) -> List[Record]:
    """Return the objects of one type on a host, by name or all, as hierarchy items.

    Args: root_uid the URN of the host's hierarchy root.
    Raises: NotFound or ServerError for a host that is not known.
    """
    return get_list(session, HIERARCHY_ITEM, HIERARCHY_ITEM.path, links, {"host": root_uid, "name": name, "type": object_type})


def objects_on_hosts(session: Session, hosts: Iterable[str], names: Iterable[str], object_type: str = MACHINE, links: bool = False) -> List[Record]:
    """Return the objects of one type on several hosts, by name or all; nothing for a host or a type that the server refuses to know.

    Args: hosts by GUID, URN or name of their hierarchy roots; without any of them, all that the account may see.
    Raises: OptionError for the URN of something else.
    """
    named = list(hosts)
    root_ids = resolve(session, HIERARCHY_ROOT, named) if named else [record["id"] for record in read(session, HIERARCHY_ROOT, Selection()).records]
    found: List[Record] = []
    for root_id in root_ids:
        for name in dict.fromkeys(names):
            try:
                found.extend(objects_of_host(session, uid_of_root(root_id), name, object_type, links))
            except NotFound:
                continue
            except ServerError as error:
                # So the server says that it does not know a host, and perhaps that the platform has no such type (WIRE.md section 2).
                if error.status != 400:
                    raise
    return found


def objects_at(session: Session, reference: str, links: bool = False, object_type: str = "") -> List[Record]:
    """Return what the service tells for a reference: the object, on some servers the objects of the type that it holds.

    Raises: NotFound or ServerError for an object that is not known.
    """
    wanted = {"type": object_type} if object_type else {}
    return get_list(session, HIERARCHY_ITEM, HIERARCHY_ITEM.path, links, {"hierarchyRef": check_reference(reference), **wanted})


def objects_at_references(session: Session, references: Iterable[str], links: bool = False) -> List[Record]:
    """Return the objects that references name, each once; nothing for one that the server does not know. Raises OptionError for none."""
    found: List[Record] = []
    for reference in dict.fromkeys(references):
        try:
            found.extend(objects_at(session, reference, links))
        except NotFound:
            continue
    return found


def expand(session: Session, references: Iterable[str]) -> Expansion:
    """Return the machines in containers such as folders, clusters and tags, at any depth; a machine stands for itself.

    A container that holds itself ends no run: each is looked into once. Raises OptionError for what is no reference, MissingRight.
    """
    machines: Dict[str, Record] = {}
    unknown: List[str] = []
    waiting = [check_reference(reference) for reference in references]
    seen = set()
    while waiting:
        reference = waiting.pop(0)
        kind = type_of(reference)
        if reference.casefold() in seen or kind in _WITHOUT_MEMBERS:
            continue
        seen.add(reference.casefold())
        members = _members_of(session, reference, kind)
        if not members:
            unknown.append(reference)
        for item in members:
            if is_machine(item["object_ref"]):
                machines.setdefault(item["object_ref"].casefold(), item)
            else:
                waiting.append(item["object_ref"])
    return Expansion(list(machines.values()), unknown)


def _members_of(session: Session, reference: str, kind: str) -> List[Record]:
    """Return what a container holds, a machine itself; an empty list where the service does not tell."""
    try:
        if kind in _WHOLE_HOSTS:
            return _with_references(objects_of_host(session, root_uid_of(reference)))
        items = _with_references(objects_at(session, reference, object_type="" if kind in MACHINES else MACHINE))
    except (NotFound, ServerError):
        return []
    if kind in MACHINES:
        return items
    return [item for item in items if item["object_ref"].casefold() != reference.casefold()]


def _with_references(items: List[Record]) -> List[Record]:
    return [item for item in items if item["object_ref"] and is_reference(item["object_ref"])]
