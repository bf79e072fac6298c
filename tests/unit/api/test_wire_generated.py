# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The same estate read as XML and as every dialect of JSON gives the same records (WIRE.md section 1)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from specimens import Specimen, specimens
from wire_writer import DIALECTS, NAMESPACES, camel, json_entity, json_query_result, xml_entity, xml_query_result

from _api import wire
from _api.entities._model import Resource, camel_case
from _api.entities.registry import RESOURCES

EXAMPLES = 25  # for each resource; a job with all its parts is large
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
EVERY_RESOURCE = pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.thing)


def records(body: bytes, content_type: str, resource: Resource) -> list[dict[str, Any]]:
    """Return the records of a list or query answer."""
    return list(wire.records_of(wire.page_of(wire.parse(body, content_type), resource), resource))


def wanted(specimens: list[Specimen]) -> list[dict[str, Any]]:
    """Return the records that the specimens must become."""
    return [specimen.record for specimen in specimens]


@EVERY_RESOURCE
@settings(max_examples=EXAMPLES)
@given(data=st.data())
def test_a_query_gives_the_same_records_in_every_format(resource: Resource, data: st.DataObject) -> None:
    estate = data.draw(st.lists(specimens(resource), max_size=3))
    entities = [specimen.entity for specimen in estate]
    marked = data.draw(st.sampled_from((b"", BYTE_ORDER_MARK)))
    assert records(marked + xml_query_result(entities, resource.list_root, resource.envelope), "application/xml; charset=utf-8", resource) == wanted(estate)
    for dialect in DIALECTS:
        body = marked + json_query_result(entities, resource.list_root, dialect, resource.envelope)
        assert records(body, "application/json; charset=utf-8", resource) == wanted(estate), dialect.name


@EVERY_RESOURCE
@settings(max_examples=EXAMPLES)
@given(data=st.data())
def test_a_collection_and_a_single_entity_give_the_same_record_and_links(resource: Resource, data: st.DataObject) -> None:
    specimen = data.draw(specimens(resource))
    links = [{"rel": link.rel, "href": link.href, "name": link.name or None, "type": link.type or None} for link in specimen.entity.links]
    xml = f'<?xml version="1.0"?><{resource.list_root} {NAMESPACES}>{xml_entity(specimen.entity)}</{resource.list_root}>'
    assert records(xml.encode(), "application/xml", resource) == [specimen.record]
    alone = xml_entity(specimen.entity, " " + NAMESPACES).encode()
    assert wire.record_of(wire.parse(alone, "application/xml"), resource, with_links=True) == {**specimen.record, "links": links}
    for dialect in DIALECTS:
        shape = json_entity(specimen.entity, dialect)
        flat = json.dumps({dialect.key(resource.list_root): [shape]}).encode()
        assert records(flat, "application/json", resource) == [specimen.record], dialect.name
        record = wire.record_of(wire.parse(json.dumps(shape).encode(), "application/json"), resource, with_links=True)
        assert record == {**specimen.record, "links": links}, dialect.name
        json.dumps(record)  # what Ansible must be able to print


@EVERY_RESOURCE
def test_every_declared_key_is_there_even_when_the_server_sends_next_to_nothing(resource: Resource) -> None:
    declared = {"id", "uid", "name", "type", "href"} | {field.name for field in resource.record_fields} | {item.name for item in resource.references}
    lists = {field.name for field in resource.record_fields if field.many} | {item.name for item in resource.references if item.many}
    known = {"id": "task-1", "task_id": "task-1"} if resource.thing == "task" else {"id": "x", "href": "https://em/api/things/x"}
    sent = b'{"TaskId": "task-1"}' if resource.thing == "task" else b'{"Href": "https://em/api/things/x"}'
    record = wire.record_of(wire.parse(sent, ""), resource)
    assert record == {**{name: [] if name in lists else None for name in declared}, **known, "type": resource.type}


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
