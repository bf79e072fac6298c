# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bytes written from what is known of real servers become the records written beside them, in every form a server uses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from wire_writer import in_camel_case, without_nulls

from _api import wire
from _api.entities._model import Resource
from _api.entities.registry import FAMILIES, RESOURCES
from _api.errors import BodyError

FIXTURES = Path(__file__).parents[2] / "fixtures" / "wire"
BY_RULE = {"v13.json": in_camel_case, "v95u4.json": without_nulls}
FORMS = ("xml", "v12.json", *BY_RULE)
BY_PLURAL = {resource.plural: resource for resource in RESOURCES}
FOLDERS = {resource.plural: FIXTURES / family for family, resources in FAMILIES.items() for resource in resources}
WRITTEN = sorted(path.name.partition(".")[0] for path in FIXTURES.glob("*/*.records.json"))
API = "https://em.example.org:9398/api"
MAIL_RUN = "0a1b2c3d-0000-4000-8000-000000000001"

_ONLY_LINKS = "The reference shows it cut: nothing is known of it but that it is a page of links."
# Every other resource has a fixture; one that gets its first is taken off here.
WITHOUT_FIXTURE = {
    "agents_services": _ONLY_LINKS,
    "nas_services": _ONLY_LINKS,
    "vcloud_services": _ONLY_LINKS,
    "vsphere_self_services": _ONLY_LINKS,
    "vcloud_backup_jobs_settings": "The reference shows it cut before its first element.",
}


def resource_of(written: str) -> Resource:
    """Return the resource of a fixture: NAME, or NAME-CASE where one resource has more."""
    return BY_PLURAL[written.partition("-")[0]]


def path_of(written: str, form: str) -> Path:
    """Return where a fixture lies in a form."""
    return FOLDERS[resource_of(written).plural] / f"{written}.{form}"


def body_of(written: str, form: str) -> bytes:
    """Return what a server sends: a file, or for a dialect of JSON without one the JSON of 12 changed by rule."""
    path = path_of(written, form)
    if path.exists() or form not in BY_RULE:
        return path.read_bytes()
    return json.dumps(BY_RULE[form](json.loads(body_of(written, "v12.json")))).encode()


def expectation(written: str) -> dict[str, Any]:
    """Return what is written beside a fixture: its records, in which form they differ, and whether it is one entity and no list."""
    beside: dict[str, Any] = json.loads(path_of(written, "records.json").read_bytes())
    return beside


def read(written: str, form: str, prefix: bytes = b"") -> list[dict[str, Any]]:
    """Return the records of a fixture."""
    resource = resource_of(written)
    tree = wire.parse(prefix + body_of(written, form), "application/xml; charset=utf-8" if form == "xml" else "application/json")
    if expectation(written).get("single"):
        return [wire.record_of(tree, resource)]
    return list(wire.records_of(wire.page_of(tree, resource), resource))


def expected(written: str, form: str) -> list[dict[str, Any]]:
    """Return the records that a fixture must become."""
    beside = expectation(written)
    differences = beside.get("differences", {}).get(form, {})
    return [{**record, **differences.get(str(index), {})} for index, record in enumerate(beside["records"])]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("written", WRITTEN)
def test_a_fixture_becomes_the_record_written_beside_it(written: str, form: str) -> None:
    assert read(written, form) == expected(written, form)


@pytest.mark.parametrize("form", FORMS)
def test_a_byte_order_mark_is_dropped(form: str) -> None:
    assert read("backup_sessions", form, prefix=b"\xef\xbb\xbf") == expected("backup_sessions", form)


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.plural)
def test_every_resource_has_a_fixture_or_a_reason_to_have_none(resource: Resource) -> None:
    assert (resource.plural in WRITTEN) is (resource.plural not in WITHOUT_FIXTURE)
    if resource.plural in WRITTEN:
        assert all(path_of(resource.plural, form).exists() for form in ("xml", "v12.json"))
        assert expectation(resource.plural)["records"]


def test_reasons_are_for_resources_that_are_declared() -> None:
    assert set(WITHOUT_FIXTURE) <= set(BY_PLURAL)


def test_no_file_lies_about_unread() -> None:
    read_files = {path_of(written, form) for written in WRITTEN for form in (*FORMS, "records.json")}
    assert {path for path in FIXTURES.rglob("*") if path.is_file()} - {FIXTURES / "README.md"} <= read_files


@pytest.mark.parametrize("form", BY_RULE)
@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_has_a_file_of_each_dialect_of_json(family: str, form: str) -> None:
    assert list((FIXTURES / family).glob(f"*.{form}"))


@pytest.mark.parametrize("path", [path for form in BY_RULE for path in sorted(FIXTURES.glob(f"*/*.{form}"))], ids=lambda path: path.name)
def test_a_file_of_another_dialect_is_the_one_of_12_by_rule(path: Path) -> None:
    written, _dot, form = path.name.partition(".")
    if form in expectation(written).get("differences", {}):
        assert json.loads(path.read_bytes()) != BY_RULE[form](json.loads(body_of(written, "v12.json")))
    else:
        assert json.loads(path.read_bytes()) == BY_RULE[form](json.loads(body_of(written, "v12.json")))


@pytest.mark.parametrize("form", FORMS)
def test_raw_links_come_on_request_with_ampersands_decoded_once(form: str) -> None:
    resource = BY_PLURAL["backup_sessions"]
    page = wire.page_of(wire.parse(body_of("backup_sessions", form), ""), resource)
    links = next(iter(wire.records_of(page, resource, with_links=True)))["links"]
    assert links[-1] == {"rel": "Stop", "href": f"{API}/backupSessions/{MAIL_RUN}?action=stop&x=1", "name": None, "type": None}
    assert [link["rel"] for link in links] == ["Up", "Up", "Alternate", "Related", "Down", "Stop"]


@pytest.mark.parametrize("form", FORMS)
def test_a_page_says_where_it_stands(form: str) -> None:
    page = wire.page_of(wire.parse(body_of("backup_sessions", form), ""), BY_PLURAL["backup_sessions"])
    assert (page.number, page.size, page.count, len(page.nodes)) == (1, 100, 1, 2)
    whole = wire.page_of(wire.parse(body_of("backup_servers", form), ""), BY_PLURAL["backup_servers"])
    assert (whole.number, whole.count, len(whole.nodes)) == (1, 1, 2)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("family", "other"), [("backup_servers", "jobs"), ("tasks", "backup_servers"), ("replica_sessions", "tasks")])
def test_an_answer_of_another_family_is_refused(family: str, other: str, form: str) -> None:
    tree = wire.parse(body_of(family, form), "")
    with pytest.raises(BodyError, match=f"should hold {BY_PLURAL[other].list_root} and holds"):
        wire.page_of(tree, BY_PLURAL[other])
