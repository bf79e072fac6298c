# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bodies that are not what the service sends end in one clear error, and odd values keep their meaning."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from _api import wire
from _api.entities._model import Field, Kind, Reference, Resource, Struct, snake_case
from _api.entities.infrastructure import BACKUP_SERVER
from _api.entities.jobs import JOB
from _api.entities.sessions import BACKUP_SESSION, BACKUP_TASK_SESSION
from _api.entities.tasks import TASK
from _api.errors import BodyError

HTML = "<!doctype html><html><head><title>Proxy login</title></head><body>" + "<p>please log in</p>" * 100 + "</body></html>"
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "'
    + "x" * 1000
    + '">'
    + "".join(f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdef", "bcdefg", strict=True))
    + "]><Jobs><Job>&g;</Job></Jobs>"
)
DEEP = 20_000
SESSION = {"UID": "urn:veeam:BackupJobSession:0a1b2c3d-0000-4000-8000-000000000001", "Href": "https://em/api/x"}


def read_list(body: bytes, content_type: str = "application/json", resource: Resource = BACKUP_SESSION) -> list[dict[str, Any]]:
    """Read a body as a list of a resource, all the way to its records."""
    return list(wire.records_of(wire.page_of(wire.parse(body, content_type), resource), resource, with_links=True))


def session_record(**members: Any) -> dict[str, Any]:
    """Return the record of a backup job session with these members in JSON."""
    return wire.record_of(wire.parse(json.dumps({**SESSION, **members}).encode(), ""), BACKUP_SESSION)


FOREIGN_BODIES = {
    "empty": (b"", "application/json", "no content"),
    "blank": (b" \r\n ", "application/xml", "no content"),
    "only a byte order mark": (b"\xef\xbb\xbf", "application/json", "no content"),
    "html page": (HTML.encode(), "text/html; charset=utf-8", "content type text/html"),
    "plain text": (b"Bad gateway", "text/plain", "content type text/plain"),
    "pdf": (b"%PDF-1.7 \x00\x01\xff", "application/pdf", "content type application/pdf"),
    "html called xml": (HTML.encode(), "application/xml", "not valid XML"),
    "html without a type": (HTML.encode(), "", "not valid XML"),
    "xhtml": (b'<html xmlns="http://www.w3.org/1999/xhtml"><body/></html>', "application/xhtml+xml", "should hold BackupJobSessions"),
    "truncated json": (b'{"BackupJobSessions": [{"Name": "a', "application/json", "not valid JSON"),
    "truncated xml": (b"<BackupJobSessions><BackupJobSession", "application/xml", "not valid XML"),
    "malformed json": (b"{'a': 1}", "application/json", "not valid JSON"),
    "two documents": (b"{}{}", "application/json", "not valid JSON"),
    "json scalar": (b'"hello"', "application/json", "should hold BackupJobSessions"),
    "json number": (b"17", "application/json", "should hold BackupJobSessions"),
    "json null": (b"null", "application/json", "should hold BackupJobSessions"),
    "json list": (b"[1, 2]", "application/json", "should hold BackupJobSessions"),
    "list of scalars": (b'{"BackupJobSessions": [1, "x", null]}', "application/json", "holds"),
    "list that is a number": (b'{"Entities": {"BackupJobSessions": 5}}', "application/json", "should hold BackupJobSessions"),
    "list that is a text": (b'{"Entities": {"BackupJobSessions": "x"}}', "application/json", "should hold BackupJobSessions"),
    "empty xml members": (b"<BackupJobSessions><BackupJobSession/><BackupJobSession/></BackupJobSessions>", "application/xml", "holds"),
    "entity of another kind": (b'<Error Message="x" StatusCode="500"/>', "application/xml", "should hold BackupJobSessions"),
    "bad encoding": (b'{"a": "\xff\xfe"}', "application/json", "not valid JSON"),
    "bad number of pages": (b'{"Entities": {"BackupJobSessions": null}, "PagingInfo": {"PageNum": "one"}}', "application/json", "PageNum"),
    "entity expansion": (BOMB.encode(), "application/xml", "document type"),
    "entity expansion behind a long comment": (b"<!--" + b" " * 9000 + b"-->" + BOMB.partition("?>")[2].encode(), "application/xml", "XML"),
    "deep json": (b"[" * DEEP, "application/json", "not valid JSON"),
    "deep json inside an entity": (
        b'{"BackupJobSessions": [{"Novelty": ' + b'{"a":' * 900 + b"1" + b"}" * 900 + b"}]}",
        "application/json",
        "nested",
    ),
    "deep xml inside an entity": (
        b"<BackupJobSessions><BackupJobSession>" + b"<a>" * DEEP + b"</a>" * DEEP + b"</BackupJobSession></BackupJobSessions>",
        "application/xml",
        "nested",
    ),
}


@pytest.mark.parametrize("name", FOREIGN_BODIES)
def test_a_foreign_body_is_one_clear_error(name: str) -> None:
    body, content_type, told = FOREIGN_BODIES[name]
    tracemalloc.start()
    try:
        with pytest.raises(BodyError, match=told) as caught:
            read_list(body, content_type)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 150_000_000
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200 + 300
    assert caught.value.kind == "body"


def test_an_error_shows_at_most_200_characters_of_the_body_on_one_line() -> None:
    head = wire.head_of(HTML.replace("><", ">\r\n\t<").encode())
    assert head.startswith("<!doctype html>")
    assert len(head) <= 200
    assert head.isprintable()
    assert len(wire.head_of("Ж🐘".encode() * 500)) <= 200
    assert wire.head_of(b"\xff\x00\x1b[31m" * 90).isprintable()


@given(body=st.binary(max_size=200), content_type=st.sampled_from(["application/json", "application/xml", "", "text/html"]))
def test_no_bytes_whatever_lead_to_anything_but_records_or_a_body_error(body: bytes, content_type: str) -> None:
    for prefix in (b"", b"<BackupJobSessions>", b'{"BackupJobSessions": '):
        try:
            read_list(prefix + body, content_type)
        except BodyError as error:
            assert error.kind == "body"


_JSON = st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3), max_leaves=6)
_KEYS = st.sampled_from([field.wire for field in (*BACKUP_SESSION.wire_fields, *JOB.wire_fields)] + ["Links", "links", "creationtimeutc", "HREF", "Type"])


@given(members=st.dictionaries(_KEYS, _JSON | st.dictionaries(_KEYS, _JSON, max_size=3), max_size=5), resource=st.sampled_from([BACKUP_SESSION, JOB, TASK]))
def test_no_json_values_whatever_lead_to_anything_but_a_record_or_a_body_error(members: dict[str, Any], resource: Resource) -> None:
    try:
        json.dumps(read_list(json.dumps({resource.list_root: [members]}).encode(), resource=resource))
    except BodyError as error:
        assert error.kind == "body"


MALFORMED_VALUES = (
    {"Progress": "half"},
    {"Progress": "1e999"},
    {"Progress": [1]},
    {"IsRetry": "perhaps"},
    {"isretry": "perhaps"},
    {"CreationTimeUTC": "yesterday"},
    {"CreationTimeUTC": "2026-11-01"},
    {"creationtimeutc": "yesterday"},
    {"CreationTimeUTC": "9999-12-31T23:59:59-14:00"},
    {"CreationTimeUTC": "2026-13-01T00:00:00+02:00"},
)


@pytest.mark.parametrize("members", MALFORMED_VALUES, ids=str)
def test_a_malformed_value_names_its_element(members: dict[str, Any]) -> None:
    element = next(iter(members))
    with pytest.raises(BodyError, match=f"The element {element} holds") as caught:
        session_record(**members)
    assert len(caught.value.message) < 250


@pytest.mark.parametrize("time", ["noon", "2026-11-20", 17])
def test_a_malformed_time_of_day_names_its_element(time: Any) -> None:
    schedule = {"JobScheduleOptions": {"Standart": {"OptionsDaily": {"Time": time, "TimeOffsetUtc": 2}}}}
    with pytest.raises(BodyError, match="The element Time holds"):
        wire.record_of(wire.parse(json.dumps({**SESSION, **schedule}).encode(), ""), JOB)


TIMES = {
    "2026-11-20T06:22:59Z": "2026-11-20T06:22:59Z",
    "2026-11-20T06:22:59.Z": "2026-11-20T06:22:59Z",
    "2026-11-20T06:22:59.3Z": "2026-11-20T06:22:59.3Z",
    "2026-11-20T06:22:59.31Z": "2026-11-20T06:22:59.31Z",
    "2026-11-20T06:22:59.310Z": "2026-11-20T06:22:59.31Z",
    "2026-11-20T06:22:59.3991Z": "2026-11-20T06:22:59.3991Z",
    "2026-11-20T06:22:59.39912Z": "2026-11-20T06:22:59.39912Z",
    "2026-11-20T06:22:59.399120Z": "2026-11-20T06:22:59.39912Z",
    "2026-11-20T06:22:59.0000001Z": "2026-11-20T06:22:59.0000001Z",
    "2026-11-20T06:22:59.0000000Z": "2026-11-20T06:22:59Z",
    "2026-11-20T06:22:59": "2026-11-20T06:22:59Z",
    "2026-11-20 06:22:59.5": "2026-11-20T06:22:59.5Z",
    "2026-11-20T01:22:59.25+02:30": "2026-11-19T22:52:59.25Z",
    "2026-11-20T23:30:00-01:00": "2026-11-21T00:30:00Z",
    " 2026-11-20T06:22:59Z ": "2026-11-20T06:22:59Z",
    "1753-01-01T00:00:00Z": None,
    "1753-01-01T00:00:00.0000000": None,
    "0001-01-01T00:00:00Z": None,
    "": None,
}


@pytest.mark.parametrize(("sent", "recorded"), TIMES.items())
def test_times(sent: str, recorded: str | None) -> None:
    assert session_record(CreationTimeUTC=sent)["creation_time"] == recorded


FLAGS = [(True, True), ("true", True), ("True", True), ("1", True), (1, True), ("false", False), ("False", False), (0, False), ("", None), (None, None)]


@pytest.mark.parametrize(("sent", "recorded"), FLAGS)
def test_flags(sent: Any, recorded: bool | None) -> None:
    assert session_record(IsRetry=sent)["is_retry"] is recorded


SIZES = [(42949672960, 42949672960), ("42949672960", 42949672960), (-1, None), ("-1", None), (0, 0), (" 7 ", 7), ("1.0e3", 1000), ("", None), (None, None)]


@pytest.mark.parametrize(("sent", "recorded"), SIZES)
def test_sizes(sent: Any, recorded: int | None) -> None:
    body = json.dumps({**SESSION, "TotalSize": sent}).encode()
    assert wire.record_of(wire.parse(body, ""), BACKUP_TASK_SESSION)["total_size"] == recorded


SPECIMEN = Resource(
    thing="specimen",
    plural="specimens",
    title="specimen",
    type="Specimen",
    path="/specimens",
    list_root="Specimens",
    fields=(
        Field("uid", "UID", Kind.UID, "", attribute=True),
        Field("capacity", "Capacity", Kind.SIZE, ""),
        Field("ratio", "CompressRatio", Kind.DECIMAL, ""),
        Field("points", "Points", Kind.INT, "", many=True),
        Field("kinds", "Kinds", Kind.STRING, "", many=True, item="Kind", json_item="Kinds"),
        Field("period", "Period", Kind.STRUCT, "", struct=Struct((Field("name", "Name", Kind.STRING, "", attribute=True),))),
    ),
    references=(Reference("anything", "Up", (), ""),),
)


def test_every_kind_of_value_decodes_alike_from_xml_and_json() -> None:
    xml = (
        '<Specimen UID="u:v:w" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><Capacity>-1</Capacity><CompressRatio>5.83</CompressRatio>'
        '<Points>1</Points><Points>2</Points><Kinds><Kind>a</Kind><Kind /></Kinds><Period Name="" /><NewThing i:nil="true" /></Specimen>'
    )
    shape = {"uid": "u:v:w", "capacity": -1, "compressRatio": 5.83, "points": [1, 2], "kinds": {"kinds": ["a", ""]}, "period": {"name": ""}, "newThing": None}
    from_xml = wire.record_of(wire.parse(xml.encode(), "text/xml"), SPECIMEN)
    from_json = wire.record_of(wire.parse(json.dumps(shape).encode(), "text/json"), SPECIMEN)
    assert from_xml["capacity"] is None
    assert from_xml["ratio"] == 5.83
    assert from_xml["points"] == [1, 2]
    assert from_xml["kinds"] == ["a", ""]
    assert from_xml["period"] == {"name": ""}
    from_xml.pop("new_thing", None)
    assert from_xml == from_json


def test_nil_elements_are_null() -> None:
    xml = (
        '<BackupJobSession UID="u:v:w" xmlns="http://www.veeam.com/ent/v1.0" xmlns:i="http://www.w3.org/2001/XMLSchema-instance">'
        '<EndTimeUTC i:nil="true" /><FailureMessage i:nil="true" /><Progress i:nil="true" /><IsRetry i:nil="true" /></BackupJobSession>'
    )
    record = wire.record_of(wire.parse(xml.encode(), "application/xml"), BACKUP_SESSION)
    assert [record[name] for name in ("end_time", "failure_message", "progress", "is_retry")] == [None] * 4


VEEAM = "http://www.veeam.com/ent/v1.0"


@pytest.mark.parametrize(
    ("root", "element"),
    [
        (f'<BackupJobSession xmlns="{VEEAM}" UID="u:v:w">', "State"),
        (f"<BackupJobSession UID='u:v:w' xmlns='{VEEAM}'>", "State"),
        (f'<v:BackupJobSession xmlns:v="{VEEAM}" UID="u:v:w">', "v:State"),
        (f"<ent.1:BackupJobSession UID='u:v:w' xmlns:ent.1 = '{VEEAM}'>", "ent.1:State"),
        ('<BackupJobSession UID="u:v:w">', "State"),
    ],
)
def test_the_prefix_of_the_namespace_does_not_matter(root: str, element: str) -> None:
    name = root[1:].partition(" ")[0]
    xml = f"{root}<{element}>Working</{element}></{name}>"
    record = wire.record_of(wire.parse(xml.encode(), "application/xml"), BACKUP_SESSION)
    assert (record["state"], record["uid"]) == ("Working", "u:v:w")
    assert not [key for key in record if ":" in key or "xmlns" in key]


def test_unknown_elements_are_kept_with_what_is_inside_them() -> None:
    xml = b'<BackupJobSession UID="u:v:w"><NewThing Mode="x"><Inner>1</Inner><Inner>2</Inner></NewThing><VAppName>v</VAppName><Empty /></BackupJobSession>'
    record = wire.record_of(wire.parse(xml, "application/xml"), BACKUP_SESSION)
    assert record["new_thing"] == {"mode": "x", "inner": ["1", "2"]}
    assert record["vapp_name"] == "v"
    assert record["empty"] == ""
    shape = {"UID": "u:v:w", "NewThing": {"Mode": "x", "Inner": [1, 2]}, "VAppName": "v", "Empty": ""}
    assert wire.record_of(wire.parse(json.dumps(shape).encode(), ""), BACKUP_SESSION) == record


def test_an_unknown_element_never_overwrites_a_declared_one() -> None:
    assert session_record(JobName="right", Job_Name="wrong")["job_name"] == "right"


@pytest.mark.parametrize("rest", [{}, {"Links": None}, {"Links": []}, {"links": []}, {"Links": {"Link": []}}], ids=str)
def test_links_that_are_missing_leave_references_null(rest: dict[str, Any]) -> None:
    record = session_record(**rest)
    assert record["backup_server"] is None
    assert record["backup_server_name"] is None
    assert record["restore_points"] == []


GARBAGE_LINKS: tuple[Any, ...] = ([1], ["x"], [None], [{"Rel": ["Up"]}], [{"Rel": "Up", "Href": 5, "Type": "JobReference"}])


@pytest.mark.parametrize("links", GARBAGE_LINKS, ids=str)
def test_garbage_links_are_an_error(links: Any) -> None:
    with pytest.raises(BodyError, match="The element Links holds a structure"):
        session_record(Links=links)


@pytest.mark.parametrize("name", ["BackupServer", "RestorePoints", "Job", "BackupServerName", "Id"])
def test_an_unknown_element_never_takes_the_place_of_a_reference(name: str) -> None:
    assert session_record(**{name: "x"}) == session_record()


def test_the_first_link_of_a_kind_counts() -> None:
    links = [{"Rel": "Up", "Href": f"https://em/api/jobs/{number}", "Name": str(number), "Type": "JobReference"} for number in (1, 2)]
    assert session_record(Links=links)["job"] == {"id": "1", "uid": None, "name": "1", "type": "Job"}


def test_the_id_comes_from_the_urn_and_else_from_the_address() -> None:
    assert session_record()["id"] == "0a1b2c3d-0000-4000-8000-000000000001"
    assert session_record(UID=None, Href="https://em/api/backupSessions/abc/?format=Entity")["id"] == "abc"
    assert wire.guid_of("urn:veeam:Replica:urn:veeam:CdpReplica:9") == "9"


SERVER_MESSAGES = {
    "json of 12": (
        b'{"FirstChanceExceptionMessage":null,"Message":"Cannot find job [1]","StackTrace":null,"Status":null,"StatusCode":404}',
        "Cannot find job [1]",
    ),
    "json of 13": (b'{"firstChanceExceptionMessage":null,"message":"Cannot find job [1]","statusCode":404}', "Cannot find job [1]"),
    "leading blank": (b'{"Message":" ID 99999 is invalid. Type: Job"}', "ID 99999 is invalid. Type: Job"),
    "byte order mark": (b'\xef\xbb\xbf{"Message":"x"}', "x"),
    "xml": (
        b'<?xml version="1.0"?><Error Message="Object &amp; reference" StatusCode="500" xmlns="http://www.veeam.com/ent/v1.0">'
        b"<FirstChanceExceptionMessage>other</FirstChanceExceptionMessage></Error>",
        "Object & reference",
    ),
    "xml with the inner message only": (b"<Error><FirstChanceExceptionMessage>inner</FirstChanceExceptionMessage></Error>", "inner"),
    "message that is no text": (b'{"Message": {"a": 1}}', ""),
    "empty": (b"", ""),
    "html": (HTML.encode(), ""),
    "scalar": (b"42", ""),
    "truncated": (b'{"Message":"Cannot fi', ""),
}


@pytest.mark.parametrize("name", SERVER_MESSAGES)
def test_the_servers_own_words_are_found_in_every_form_of_error(name: str) -> None:
    body, words = SERVER_MESSAGES[name]
    assert wire.server_message(body) == words


WIRE_NAMES = {
    "VmDisplayName": "vm_display_name",
    "CreationTimeUTC": "creation_time_utc",
    "UID": "uid",
    "NASJobs": "nas_jobs",
    "VAppName": "vapp_name",
    "vCloudOrganization": "vcloud_organization",
    "IPAddress": "ip_address",
    "Sha1Thumbprint": "sha1_thumbprint",
    "isRetry": "is_retry",
    "HvCloudHardwarePlan": "hv_cloud_hardware_plan",
    "hvCloudHardwarePlan": "hv_cloud_hardware_plan",
    "CloudTenantVCloudComputeResource": "cloud_tenant_vcloud_compute_resource",
    "VCentersScope": "v_centers_scope",
}


@pytest.mark.parametrize(("wire_name", "record_name"), WIRE_NAMES.items())
def test_snake_case(wire_name: str, record_name: str) -> None:
    assert snake_case(wire_name) == record_name


def test_an_entity_of_another_kind_is_refused() -> None:
    with pytest.raises(BodyError, match="should hold BackupServer and holds Job"):
        wire.record_of(wire.parse(b'<Job UID="x" />', ""), BACKUP_SERVER)
    with pytest.raises(BodyError, match="should hold BackupServer and holds Error"):
        wire.record_of(wire.parse(b'{"Error": 1}', ""), BACKUP_SERVER)
