# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is logged on, without anything as good as a token; what the service offers and the account may do; the summary reports."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from teller import API, SESSION_ID, TOKEN, Teller, xml

from _api.entities._common import ALL_ROLES
from _api.errors import AuthenticationError, BodyError, MissingRight, ServerError
from _api.logons import fingerprint, read_logon_sessions
from _api.probes import AREAS, read_service
from _api.summaries import REPORTS, read_reports

OTHER_ID = "5e550000-0000-4000-8000-0000000000bb"
OTHER_TOKEN = base64.b64encode(OTHER_ID.encode()).decode()


# ---------------------------------------------------------------------------------------------------------
# Log-on sessions


def logon(session_id: str, user: str) -> dict[str, Any]:
    address = f"{API}/logonSessions/{session_id}"
    links = [{"Rel": "Delete", "Href": address, "Name": None, "Type": "LogonSession"}]
    return {"UserName": user, "SessionId": session_id, "Links": links, "Href": address, "Type": "LogonSession"}


def logon_xml(session_id: str, user: str) -> str:
    address = f"{API}/logonSessions/{session_id}"
    links = f'<Links><Link Href="{address}" Type="LogonSession" Rel="Delete"/></Links>'
    return f'<LogonSession Href="{address}" Type="LogonSession">{links}<UserName>{user}</UserName><SessionId>{session_id}</SessionId></LogonSession>'


@pytest.mark.parametrize(
    "told",
    [
        {"LogonSessions": [logon(OTHER_ID, "EM\\jane"), logon(SESSION_ID.upper(), "EM\\svc")]},
        xml("LogonSessions", logon_xml(OTHER_ID, "EM\\jane") + logon_xml(SESSION_ID, "EM\\svc")),
    ],
    ids=["json", "xml"],
)
def test_log_on_sessions_are_told_apart_and_not_shown(told: Any) -> None:
    jane, own = read_logon_sessions(Teller({"/logonSessions": told}).session())
    assert (jane["user_name"], jane["own"], own["user_name"], own["own"]) == ("EM\\jane", False, "EM\\svc", True)
    assert jane["id"] == jane["fingerprint"] == fingerprint(OTHER_ID) != own["id"]
    shown = json.dumps([jane, own]).lower()
    for secret in (OTHER_ID, SESSION_ID, OTHER_TOKEN, TOKEN):
        assert secret.lower() not in shown and secret[:20].lower() not in shown
    assert (jane["href"], jane["uid"], jane["type"]) == (None, None, "LogonSession")


def test_a_fingerprint_is_short_and_blind_to_case() -> None:
    assert fingerprint(OTHER_ID.upper()) == fingerprint(OTHER_ID)
    assert len(fingerprint(OTHER_ID)) == 16


@pytest.mark.parametrize(
    "told",
    [
        f'{{"LogonSessions": [{{"SessionId": "{OTHER_ID}", "Token": "{OTHER_TOKEN}"',
        xml("Unexpected", OTHER_ID),
    ],
    ids=["cut off", "another root"],
)
def test_a_body_that_cannot_be_read_shows_no_id(told: str) -> None:
    with pytest.raises(BodyError) as caught:
        read_logon_sessions(Teller({"/logonSessions": told}).session())
    everything = str(caught.value) + json.dumps(caught.value.as_result())
    assert OTHER_ID not in everything and OTHER_TOKEN not in everything
    assert caught.value.__cause__ is None


# ---------------------------------------------------------------------------------------------------------
# The service


def page(**values: Any) -> dict[str, Any]:
    return {"Links": [], "Href": None, "Type": None, **values}


VERSIONS = page(SupportedVersions={"SupportedVersions": [{"Name": name, "Links": []} for name in ("v1_5", "v1_6", "v1_9")]})
ROOT = "22220000-0000-4000-8000-000000000002"
LOOKUP = {"Rel": "Down", "Href": f"{API}/lookup?host=urn:veeam:HierarchyRoot:{ROOT}&name=*&type=Vm", "Name": None, "Type": "HierarchyItemList"}
NAS = {"Rel": "Down", "Href": f"{API}/nas/jobs", "Name": None, "Type": "NasJobReferenceList"}
SERVICE = {
    "/": VERSIONS,
    "/query": lambda parameters: {"Refs": {"Refs": []}, "PagingInfo": {"PageNum": 1, "PageSize": 1, "PagesCount": 1}},
    "/lookupSvc": page(Links=[LOOKUP]),
    "/lookup": {"HierarchyItems": []},
    "/nas": page(Links=[NAS, {**NAS, "Type": "NasJobList"}, {"Rel": "Up", "Href": f"{API}/logonSessions/{SESSION_ID}", "Type": "LogonSession"}]),
}


def areas_of(told: dict[str, Any], *areas: str) -> tuple[dict[str, Any], dict[str, dict[str, Any]], Teller]:
    teller = Teller({**SERVICE, **told})
    record = read_service(teller.session(), areas)
    return record, {area["area"]: area for area in record["areas"]}, teller


def test_versions_and_software_are_told_without_any_area() -> None:
    record, areas, teller = areas_of({})
    assert [version["name"] for version in record["supported_versions"]] == ["v1_5", "v1_6", "v1_9"]
    assert (record["common_api_version"], record["api_version"], record["server_software"]) == ("v1_6", None, "Teller/1")
    assert (record["name"], record["user_name"], areas, teller.asked) == ("em.example.org", None, {}, ["/"])
    assert record["possible_roles"] == list(ALL_ROLES)


def test_an_area_that_works_says_what_was_asked_and_what_it_leads_to() -> None:
    _record, areas, teller = areas_of({}, "nas", "jobs")
    assert areas["nas"]["works"] and areas["nas"]["offers"] == ["NasJob"]
    assert (areas["jobs"]["works"], areas["jobs"]["path"], areas["jobs"]["status"], areas["jobs"]["message"]) == (True, "/query?type=Job", None, None)
    assert teller.asked == ["/", "/query?type=Job&pageSize=1&page=1", "/nas", "/query?type=NasJob&pageSize=1&page=1"]
    assert SESSION_ID not in json.dumps(areas)


def test_a_refusal_is_part_of_the_result_and_ends_the_area() -> None:
    record, areas, teller = areas_of({"/nas": 403, "/query": 500}, "nas", "jobs")
    assert (areas["nas"]["works"], areas["nas"]["status"], areas["nas"]["path"]) == (False, 403, "/nas")
    assert areas["nas"]["needs_roles"] == ["Portal Administrator", "Portal User"] and "Portal User" in areas["nas"]["message"]
    assert (areas["jobs"]["works"], areas["jobs"]["status"]) == (False, 500)
    assert len(teller.asked) == 3
    assert "Portal User" not in record["possible_roles"] and "File Restore Operator" in record["possible_roles"]


def test_the_right_to_look_up_is_asked_for_with_a_name_that_nothing_has() -> None:
    _record, areas, teller = areas_of({}, "lookup")
    assert areas["lookup"]["works"]
    assert teller.asked[-1] == f"/lookup?host=urn%3Aveeam%3AHierarchyRoot%3A{ROOT}&name=-&type=Vm"
    _record, areas, _teller = areas_of({"/lookup": 403}, "lookup")
    assert not areas["lookup"]["works"] and areas["lookup"]["needs_roles"] == ["Portal Administrator", "File Restore Operator"]


def test_without_hosts_only_the_page_of_the_lookup_is_asked_for() -> None:
    _record, areas, teller = areas_of({"/lookupSvc": page()}, "lookup")
    assert areas["lookup"]["works"] and teller.asked == ["/", "/lookupSvc"]


def test_what_ends_any_conversation_ends_this_one() -> None:
    with pytest.raises(AuthenticationError):
        areas_of({"/nas": 401}, "nas")


def test_every_area_names_what_it_asks_for_by_declaration() -> None:
    assert list(AREAS) == sorted(AREAS)
    for probes in AREAS.values():
        for resource, way in probes:
            assert (way == "query") <= bool(resource.query_type)


# ---------------------------------------------------------------------------------------------------------
# Reports


def test_reports_come_in_the_order_in_which_they_are_named() -> None:
    told = {f"/reports/summary/{word}": page(**{REPORTS[word].wire_fields[0].wire: None}) for word in REPORTS}
    told["/reports/summary/overview"] = {"BackupServers": 2, "RunningJobs": 1, "Links": None, "Href": None, "Type": None}
    teller = Teller(told)
    records = read_reports(teller.session(), ["repository", "overview", "repository"])
    assert [(record["report"], record["type"]) for record in records] == [("repository", "RepositoryReportFrame"), ("overview", "OverviewReportFrame")]
    assert (records[1]["backup_servers"], records[1]["running_jobs"], records[1]["proxy_servers"]) == (2, 1, None)
    assert records[0]["periods"] == [] and "backup_servers" not in records[0]
    assert teller.asked == ["/reports/summary/repository", "/reports/summary/overview"]


@pytest.mark.parametrize(("status", "kind"), [(403, MissingRight), (500, ServerError)])
def test_a_report_that_is_refused_is_a_failure(status: int, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        read_reports(Teller({"/reports/summary/overview": status}).session(), ["overview"])
