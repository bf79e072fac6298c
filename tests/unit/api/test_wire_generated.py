# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The same estate read as XML and as every dialect of JSON gives the same records (WIRE.md section 1)."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from specimens import Specimen, specimens
from wire_writer import DIALECTS, NAMESPACES, Entity, camel, json_entity, json_query_result, xml_entity, xml_query_result

from _api import wire
from _api.entities._model import Resource, camel_case
from _api.entities.registry import RESOURCES

EXAMPLES = 15  # for each of ninety resources; a job with all its parts is large
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
EVERY_RESOURCE = pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.thing)
EVERY_LISTED_RESOURCE = pytest.mark.parametrize("resource", [one for one in RESOURCES if one.list_root], ids=lambda resource: resource.thing)


def records(body: bytes, content_type: str, resource: Resource) -> list[dict[str, Any]]:
    """Return the records of a list or query answer."""
    return list(wire.records_of(wire.page_of(wire.parse(body, content_type), resource), resource))


def member_of_list(entity: Entity, resource: Resource) -> Entity:
    """Return the entity under the name that it has in a list."""
    return replace(entity, root=resource.list_item)


def wanted(specimens: list[Specimen]) -> list[dict[str, Any]]:
    """Return the records that the specimens must become."""
    return [specimen.record for specimen in specimens]


@EVERY_LISTED_RESOURCE
@settings(max_examples=EXAMPLES)
@given(data=st.data())
def test_a_query_gives_the_same_records_in_every_format(resource: Resource, data: st.DataObject) -> None:
    estate = data.draw(st.lists(specimens(resource), max_size=3))
    entities = [member_of_list(specimen.entity, resource) for specimen in estate]
    marked = data.draw(st.sampled_from((b"", BYTE_ORDER_MARK)))
    assert records(marked + xml_query_result(entities, resource.list_root, resource.envelope), "application/xml; charset=utf-8", resource) == wanted(estate)
    for dialect in DIALECTS:
        body = marked + json_query_result(entities, resource.list_root, dialect, resource.envelope)
        assert records(body, "application/json; charset=utf-8", resource) == wanted(estate), dialect.name


@pytest.mark.thorough
@EVERY_LISTED_RESOURCE
@settings(max_examples=EXAMPLES)
@given(data=st.data())
def test_a_collection_gives_the_record(resource: Resource, data: st.DataObject) -> None:
    specimen = data.draw(specimens(resource))
    member = xml_entity(member_of_list(specimen.entity, resource))
    xml = f'<?xml version="1.0"?><{resource.list_root} {NAMESPACES}>{member}</{resource.list_root}>'
    assert records(xml.encode(), "application/xml", resource) == [specimen.record]
    for dialect in DIALECTS:
        flat = json.dumps({dialect.key(resource.list_root): [json_entity(specimen.entity, dialect)]}).encode()
        assert records(flat, "application/json", resource) == [specimen.record], dialect.name


@EVERY_RESOURCE
@settings(max_examples=EXAMPLES)
@given(data=st.data())
def test_a_single_entity_gives_the_same_record_and_links(resource: Resource, data: st.DataObject) -> None:
    specimen = data.draw(specimens(resource))
    links = [{"rel": link.rel, "href": link.href, "name": link.name or None, "type": link.type or None} for link in specimen.entity.links]
    bodies = {"XML": xml_entity(specimen.entity, " " + NAMESPACES)}
    bodies.update({dialect.name: json.dumps(json_entity(specimen.entity, dialect)) for dialect in DIALECTS})
    for form, body in bodies.items():
        tree = wire.parse(body.encode(), "")
        record = wire.record_of(tree, resource, with_links=True)
        assert record == {**specimen.record, "links": links}, form
        json.dumps(record)  # what Ansible must be able to print
        if not resource.list_root:
            assert list(wire.records_of(wire.page_of(tree, resource), resource)) == [specimen.record], form


@EVERY_RESOURCE
def test_every_declared_key_is_there_even_when_the_server_sends_next_to_nothing(resource: Resource) -> None:
    declared = {"id", "uid", "name", "type", "href"} | {field.name for field in resource.record_fields} | {item.name for item in resource.references}
    lists = {field.name for field in resource.record_fields if field.many} | {item.name for item in resource.references if item.many}
    record = wire.record_of(wire.parse(b'{"Href": "https://em/api/things/x"}', ""), resource)
    nothing = {name: [] if name in lists else None for name in declared}
    assert record == {**nothing, "id": "x", "href": "https://em/api/things/x", "type": resource.type}


@given(name=st.text("ABCDabcd", min_size=1, max_size=8))
def test_camel_case_follows_the_serializer_of_version_13(name: str) -> None:
    assert camel_case(name) == camel(name)


@pytest.mark.parametrize(
    ("wire_name", "key"),
    [
        ("UID", "uid"),
        ("NASJobs", "nasJobs"),
        ("VAppRestorePoints", "vAppRestorePoints"),
        ("VCloudOrganizationConfigs", "vCloudOrganizationConfigs"),
        ("VSphereSelfServiceConfigs", "vSphereSelfServiceConfigs"),
        ("IsRetry", "isRetry"),
        ("CreationTimeUTC", "creationTimeUTC"),
        ("PagingInfo", "pagingInfo"),
        ("sInObjectJob", "sInObjectJob"),
    ],
)
def test_camel_case_gives_the_keys_that_version_13_was_seen_to_send(wire_name: str, key: str) -> None:
    assert camel_case(wire_name) == key
    assert camel(wire_name) == key
