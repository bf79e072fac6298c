# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the simulator writes has the shape of the fixtures, which are written from the reference and not from the declarations it reads.

Compared is what both have: whether a value is an attribute or an element, and the order of elements, which the schema fixes.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest

from _api.entities._model import Resource
from _api.entities.registry import FAMILIES
from em_simulator.offline import Rig

FIXTURES = Path(__file__).parents[2] / "fixtures" / "wire"
WRITTEN = {
    resource.plural: [path for path in (FIXTURES / family).glob("*.xml") if path.stem.partition("-")[0] == resource.plural]
    for family, resources in FAMILIES.items()
    for resource in resources
}
# Things below a parent are asked for by query, and a lookup asks for a place to search in.
ASKED = [
    resource
    for resources in FAMILIES.values()
    for resource in resources
    if WRITTEN[resource.plural] and (resource.query_type or not resource.parents) and resource.plural not in ("tasks", "hierarchy_items")
]


@pytest.fixture(scope="module")
def rig() -> Rig:
    logged_on = Rig()
    logged_on.log_on()
    return logged_on


def name_of(tag: str) -> str:
    return tag.rpartition("}")[2]


def entities(root: ElementTree.Element, resource: Resource) -> list[ElementTree.Element]:
    """Return the entities of an answer: a query, a list, or one entity."""
    if name_of(root.tag) == "QueryResult":
        envelope = next(part for part in root if name_of(part.tag) in ("Entities", "Resources"))
        return [entity for members in envelope for entity in members]
    return list(root) if resource.list_root and name_of(root.tag) in resource.list_roots else [root]


def facts(element: ElementTree.Element, path: str) -> Iterator[tuple[str, ...]]:
    """Yield what an element tells of its type: its attributes, its elements, and which of those goes before which."""
    names = list(dict.fromkeys(name_of(child.tag) for child in element))
    yield from ((path, "attribute", name_of(name)) for name in element.attrib)
    yield from ((path, "element", name) for name in names)
    yield from ((path, "before", first, second) for first, second in combinations(names, 2))
    for child in element:
        yield from facts(child, f"{path}/{name_of(child.tag)}")


def contrary(fact: tuple[str, ...]) -> tuple[str, ...]:
    """Return what cannot be true beside a fact."""
    if fact[1] == "before":
        return (fact[0], "before", fact[3], fact[2])
    return (fact[0], "element" if fact[1] == "attribute" else "attribute", fact[2])


@pytest.mark.parametrize("resource", ASKED, ids=lambda resource: resource.plural)
def test_the_simulator_writes_what_the_fixtures_show(rig: Rig, resource: Resource) -> None:
    shown = {
        fact for path in WRITTEN[resource.plural] for entity in entities(ElementTree.fromstring(path.read_bytes()), resource) for fact in facts(entity, "")
    }
    answers = [rig.xml("/query", f"type={resource.query_type}&format=Entities")] if resource.query_type else []
    answers += [] if resource.parents else [rig.xml(resource.path, "format=Entity")]
    written = {fact for answer in answers for entity in entities(answer, resource) for fact in facts(entity, "")}
    assert written & shown, "the demo estate has nothing of it, so nothing was compared"
    assert {fact for fact in written if contrary(fact) in shown} == set()
