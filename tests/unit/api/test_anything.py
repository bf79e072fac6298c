# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever an address answers with: entities, references, pages, what nobody declared; in both formats. Bodies are written by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest
from teller import API, SESSION_ID, Teller, xml

from _api.addresses import address_of
from _api.anything import read_anything
from _api.errors import BodyError, NotFound

JOB = "11110000-0000-4000-8000-000000000001"
NAMED = {"Name": "Nightly", "UID": f"urn:veeam:Job:{JOB}", "Href": f"{API}/jobs/{JOB}?format=Entity", "Type": "Job"}
UP = {"Rel": "Up", "Href": f"{API}/backupServers/22220000-0000-4000-8000-000000000002", "Name": "vbr01", "Type": "BackupServerReference"}
JOB_JSON = {"JobType": "Backup", **NAMED, "Links": [UP]}
REFERENCE = {"Name": "Nightly", "UID": NAMED["UID"], "Links": [UP], "Href": f"{API}/jobs/{JOB}", "Type": "JobReference"}
JOB_XML = f'<Links><Link Href="{UP["Href"]}" Name="vbr01" Type="BackupServerReference" Rel="Up"/></Links><JobType>Backup</JobType>'
HEAD_XML = f'Href="{NAMED["Href"].replace("&", "&amp;")}" Type="Job" Name="Nightly" UID="{NAMED["UID"]}"'
REF_XML = f'<Ref UID="{NAMED["UID"]}" Name="Nightly" Href="{API}/jobs/{JOB}" Type="JobReference"><Links/></Ref>'


def camel(value: Any) -> Any:
    """Return a JSON body as version 13 writes it."""
    if isinstance(value, dict):
        return {(key.lower() if key.isupper() else key[:1].lower() + key[1:]): camel(inner) for key, inner in value.items()}
    return [camel(inner) for inner in value] if isinstance(value, list) else value


def read(path: str, told: Any, links: bool = False, warnings: list[str] | None = None) -> list[dict[str, Any]]:
    address = address_of(path)
    teller = Teller({address.path: told})
    return read_anything(teller.session((warnings if warnings is not None else []).append), address, links)


@pytest.mark.parametrize("told", [JOB_JSON, camel(JOB_JSON), xml("Job", JOB_XML, HEAD_XML)], ids=["json", "camel", "xml"])
def test_an_entity_is_a_record_of_its_kind(told: Any) -> None:
    warnings: list[str] = []
    (job,) = read(f"/jobs/{JOB}", told, warnings=warnings)
    assert (job["id"], job["type"], job["job_type"], job["schedule_enabled"]) == (JOB, "Job", "Backup", None)
    assert job["backup_server"]["name"] == "vbr01"
    assert not warnings


@pytest.mark.parametrize(
    "told",
    [{"Refs": [REFERENCE]}, camel({"Refs": [REFERENCE]}), xml("EntityReferences", REF_XML), REFERENCE, xml("EntityRef", "", REF_XML[5:].partition(">")[0])],
    ids=["json", "camel", "xml", "one-json", "one-xml"],
)
def test_references_stay_references(told: Any) -> None:
    (found,) = read("/jobs?format=reference", told)
    assert found == {"id": JOB, "uid": NAMED["UID"], "name": "Nightly", "type": "Job", "href": f"{API}/jobs/{JOB}"}


@pytest.mark.parametrize("told", [{"Refs": []}, xml("EntityReferences"), {"Jobs": []}, xml("Jobs")])
def test_an_empty_list_is_empty(told: Any) -> None:
    assert read("/jobs", told) == []


def test_entities_are_asked_for_unless_the_path_says_otherwise() -> None:
    teller = Teller({"/jobs": {"Jobs": []}, "/lookupSvc": {"Links": []}, "/tasks": {"Tasks": []}})
    session = teller.session()
    for path in ("/jobs", "/jobs?Format=EntityRef", "/tasks", "/lookupSvc"):
        read_anything(session, address_of(path))
    assert teller.asked == ["/jobs?format=Entity", "/jobs?Format=EntityRef", "/tasks", "/lookupSvc"]


def pages(parameters: dict[str, str]) -> Any:
    number = int(parameters.get("page", "1"))
    entity = {**JOB_JSON, "Name": f"Job {number}", "UID": f"{NAMED['UID'][:-1]}{number}"}
    paging = {"Links": [], "PageNum": number, "PageSize": 1, "PagesCount": 3}
    return {"Refs": None, "Entities": {"Jobs": {"Jobs": [entity]}, "Backups": None}, "Resources": None, "PagingInfo": paging}


def test_a_query_is_read_to_its_last_page() -> None:
    teller = Teller({"/query": pages})
    found = read_anything(teller.session(), address_of("/query?type=job&pageSize=1"))
    assert [job["name"] for job in found] == ["Job 1", "Job 2", "Job 3"]
    assert teller.asked == [f"/query?type=job&pageSize=1&format=Entities{page}" for page in ("", "&page=2", "&page=3")]


def test_a_page_that_is_named_is_all() -> None:
    teller = Teller({"/query": pages})
    (job,) = read_anything(teller.session(), address_of("/query?type=Job&page=2"))
    assert (job["name"], len(teller.asked)) == ("Job 2", 1)


def test_references_of_a_query_are_references() -> None:
    (found,) = read("/query?type=Job&format=refs", {"Refs": {"Refs": [REFERENCE]}, "Entities": None, "PagingInfo": {"PageNum": 1, "PagesCount": 1}})
    assert found["type"] == "Job" and "job_type" not in found


@pytest.mark.parametrize(
    "told",
    [{"Jobs": [JOB_JSON]}, xml("Jobs", f"<Job {HEAD_XML}>{JOB_XML}</Job>"), JOB_JSON, xml("Job", JOB_XML, HEAD_XML)],
    ids=["list-json", "list-xml", "one-json", "one-xml"],
)
def test_an_answer_at_an_undeclared_path_is_known_by_its_root_or_type(told: Any) -> None:
    warnings: list[str] = []
    (job,) = read("/somewhere/else", told, warnings=warnings)
    assert (job["name"], job["job_type"], warnings) == ("Nightly", "Backup", [])


UNDECLARED_JSON = {"Gizmos": [{"Name": "a", "Size": 3, "SecretToken": "kept", "Password": "s3cret", "Inner": {"DeepName": True}}], "Links": []}
UNDECLARED_XML = xml(
    "Gizmos",
    '<Gizmo Name="a"><Size>3</Size><SecretToken>kept</SecretToken><Password>s3cret</Password><Inner><DeepName>true</DeepName></Inner></Gizmo>',
)


@pytest.mark.parametrize("told", [UNDECLARED_JSON, UNDECLARED_XML], ids=["json", "xml"])
def test_what_nobody_declared_comes_as_it_is_with_a_warning_and_without_secrets(told: Any) -> None:
    warnings: list[str] = []
    (gizmo,) = read("/gizmos", told, warnings=warnings)
    kept = {key: gizmo[key] for key in ("name", "size", "secret_token", "inner")}
    assert kept == {"name": "a", "size": "3", "secret_token": "kept", "inner": {"deep_name": "true"}}
    assert "s3cret" not in json.dumps(gizmo)
    assert len(warnings) == 1 and "/gizmos" in warnings[0]


def test_a_single_thing_that_nobody_declared_is_one_record() -> None:
    (thing,) = read("/gizmo", {"Href": f"{API}/gizmo", "Type": "Gizmo", "Parts": [{"N": 1}, {"N": 2}]})
    assert (thing["id"], thing["type"], thing["parts"]) == ("gizmo", "Gizmo", [{"n": "1"}, {"n": "2"}])


def test_no_log_on_session_shows_in_links_or_undeclared_answers() -> None:
    link = {"Rel": "Up", "Href": f"{API}/logonSessions/{SESSION_ID}", "Name": None, "Type": "LogonSession"}
    (page,) = read("/lookupSvc", {"Links": [link], "Href": f"{API}/lookupSvc", "Type": "LookupService"}, links=True)
    assert page["links"][0]["href"] == f"{API}/logonSessions/********"
    (logon,) = read("/elsewhere", {"UserName": "u", "SessionId": SESSION_ID, "Href": link["Href"], "Type": "LogonSession"})
    assert SESSION_ID not in json.dumps(logon) and logon["user_name"] == "u"


def test_an_unknown_id_is_no_record_and_an_unknown_path_a_failure() -> None:
    assert read(f"/jobs/{JOB}", 404) == []
    assert read(f"/jobs/{JOB}/includes", 404) == []
    for path in ("/gizmos", "/systemSessions", "/nas"):  # an old server has not all collections
        with pytest.raises(NotFound):
            read(path, 404)


def test_a_body_that_cannot_be_read_names_its_request() -> None:
    with pytest.raises(BodyError, match="GET /jobs") as caught:
        read("/jobs", {"Jobs": [{**JOB_JSON, "ScheduleEnabled": "perhaps"}]})
    assert (caught.value.path, caught.value.status) == ("/jobs", 200)
