# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What nobody promises not to happen: an estate that changes between two pages, a cache in the way, values that are missing everywhere."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from fake_em import FakeEm, guid
from rig_em import RigEm
from teller import Teller
from tiny_server import FakeClock

from _api import reading, wire
from _api.addresses import address_of
from _api.anything import read_anything
from _api.entities.backups import BACKUP
from _api.entities.cloud import CLOUD_GATEWAY, CLOUD_GATEWAY_POOL
from _api.entities.jobs import JOB, OBJECT_IN_JOB
from _api.entities.sessions import BACKUP_SESSION
from _api.errors import AuthenticationError, BodyError, OptionError
from _api.estate import read_estate
from _api.estate_plan import plan_of
from _api.machines import PROTECTED, UNPROTECTED
from _api.protection import Scope, read_machines
from _api.reading import Selection
from _api.sinks import InResult
from _api.transport import Answer

RUNS = 25
PAGE = 10


@pytest.fixture
def em(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> FakeEm:
    """An Enterprise Manager with three pages of runs, to which one more is added whenever a page has been answered."""
    monkeypatch.setattr(reading, "PAGE_SIZE", PAGE)
    service = FakeEm(clock)
    job = service.job(1)
    for number in range(RUNS):
        service.run(number, job, begun=number)
    usual = service._query
    begun = iter(range(1000, 2000))

    def growing(asked: dict[str, str]) -> Answer:
        answer = usual(asked)
        number = next(begun)
        service.run(number, job, begun=number)
        return answer

    service._query = growing  # type: ignore[method-assign]
    return service


def ids_of(records: list[dict[str, Any]]) -> list[str]:
    return [record["id"] for record in records]


# ---------------------------------------------------------------------------------------------------------
# Pages that move


@pytest.mark.parametrize("limit", [None, PAGE + 5])
def test_a_record_that_moves_to_the_next_page_comes_once(em: FakeEm, limit: int | None) -> None:
    with em.session() as session:
        found = reading.read(session, BACKUP_SESSION, Selection(sort="-creation_time", limit=limit))
    assert len(set(ids_of(found.records))) == len(found.records)
    if limit is None:
        assert {guid(0x5E5, number) for number in range(RUNS)} <= set(ids_of(found.records))
        assert (found.total, found.truncated) == (len(found.records), False)
    else:
        assert len(found.records) == limit
        assert found.truncated


def test_a_record_that_moves_is_yielded_once(em: FakeEm) -> None:
    with em.session() as session:
        found = ids_of(list(reading.iterate(session, BACKUP_SESSION, Selection(sort="-creation_time"))))
    assert len(set(found)) == len(found)
    assert {guid(0x5E5, number) for number in range(RUNS)} <= set(found)


@pytest.mark.parametrize("workers", [1, 4])
def test_a_record_that_moves_is_once_in_an_estate(clock: FakeClock, monkeypatch: pytest.MonkeyPatch, workers: int) -> None:
    monkeypatch.setattr("_api.estate.PAGE_SIZE", PAGE)
    service = FakeEm(clock)
    for number in range(RUNS):
        service.job(number, "Job %03d" % number)
    usual, added, lock = service._query, iter(range(1000, 2000)), threading.Lock()

    def growing(asked: dict[str, str]) -> Answer:
        with lock:
            answer = usual(asked)
            service.job(next(added), "A job that sorts before the others")
            return answer

    service._query = growing  # type: ignore[method-assign]
    sink = InResult()
    with service.session() as session:
        (report,) = read_estate(session, plan_of(["job"], workers=workers), sink)
    found = ids_of(sink.records_of(JOB))
    assert len(set(found)) == len(found) == report.records
    # What came after the first page was there before it.
    assert {guid(0x70B, number) for number in range(PAGE)} <= set(found)


def test_names_that_differ_in_case_alone_bring_a_job_once(clock: FakeClock) -> None:
    service = FakeEm(clock)
    service.job(1, "Nightly")
    usual = service._query

    def blind_to_case(asked: dict[str, str]) -> Answer:
        return usual({**asked, "filter": asked["filter"].replace("NIGHTLY", "Nightly")})

    service._query = blind_to_case  # type: ignore[method-assign]
    names = ("Nightly", *("none %d" % number for number in range(reading.ALTERNATIVES_AT_ONCE)), "NIGHTLY")
    with service.session() as session:
        found = reading.read(session, JOB, Selection(names=names))
    assert (ids_of(found.records), found.total, found.truncated) == ([guid(0x70B, 1)], 1, False)


@pytest.mark.parametrize("path", ["/query?type=Job", "/query?type=Job&pageSize=1"])
def test_a_cache_that_answers_every_page_with_the_first_ends_no_reading_in_a_circle(path: str) -> None:
    entity = {"UID": "urn:veeam:Job:" + guid(0x70B, 1), "Name": "Nightly", "Href": "https://em/api/jobs/1", "Type": "Job", "Links": []}
    page = {"Entities": {"Jobs": {"Jobs": [entity]}}, "PagingInfo": {"PageNum": 1, "PageSize": 1, "PagesCount": 3, "Links": []}}
    with pytest.raises(BodyError, match="Page 2 of the query was asked for and page 1 came"):
        read_anything(Teller({"/query": page}).session(), address_of(path))


# ---------------------------------------------------------------------------------------------------------
# Values that are missing


def without(em: RigEm, *keys: str) -> None:
    """Let every answer to a reading have null where these members stand, however deep."""

    def emptied(node: Any) -> Any:
        if isinstance(node, list):
            return [emptied(inner) for inner in node]
        if isinstance(node, dict):
            return {key: None if key in keys else emptied(inner) for key, inner in node.items()}
        return node

    usual = em.rig.send

    def send(method: str, path: str, *others: Any) -> Any:
        answer = usual(method, path, *others)
        if method != "GET" or path == "/" or answer.status != 200:
            return answer
        return Answer(method, path, answer.status, answer.headers, json.dumps(emptied(json.loads(answer.body))).encode())

    em.rig.send = send  # type: ignore[method-assign, assignment]


def test_things_without_urn_below_several_others_all_come() -> None:
    em = RigEm()
    below = Selection(below=((CLOUD_GATEWAY_POOL.thing, ids(em, CLOUD_GATEWAY_POOL)),))
    with em.session() as session:
        complete = reading.read(session, CLOUD_GATEWAY, below, parents=(CLOUD_GATEWAY_POOL,))
        assert len(complete.records) > 1
        without(em, "UID")
        bare = reading.read(session, CLOUD_GATEWAY, below, parents=(CLOUD_GATEWAY_POOL,))
    assert ids_of(bare.records) == ids_of(complete.records)


def ids(em: RigEm, resource: Any) -> tuple[str, ...]:
    with em.session() as session:
        return tuple(ids_of(reading.read(session, resource, Selection()).records))


def test_nothing_is_read_below_what_does_not_tell_its_id() -> None:
    em = RigEm()
    without(em, "UID", "Href")
    with em.session() as session:
        record = reading.read(session, JOB, Selection(limit=1)).records[0]
        assert record["id"] is None
        with pytest.raises(BodyError, match="neither UID nor address"):
            reading.members_of(session, record, JOB, OBJECT_IN_JOB)


@pytest.mark.parametrize("profile", ["12", "9.5u4"])
@pytest.mark.parametrize("orphans", [False, True])
@pytest.mark.parametrize(
    "missing", [("Name",), ("Name", "DisplayName", "ObjectName", "VmDisplayName", "JobName"), ("Links",), ("UID",), ("UID", "Href")], ids="-".join
)
def test_machines_are_judged_though_names_or_references_are_missing(profile: str, orphans: bool, missing: tuple[str, ...]) -> None:
    em = RigEm(profile)
    with em.session() as session:
        complete = read_machines(session, Scope(orphans=orphans))
        without(em, *missing)
        bare = read_machines(session, Scope(orphans=orphans))
    json.dumps([machine.as_record() for machine in bare])
    assert len(bare) >= len(complete) / 2


@pytest.mark.parametrize("kind", ["Job", "AgentBackupJob"])
def test_an_entry_of_a_job_that_tells_nothing_leaves_other_machines_in_doubt(kind: str) -> None:
    em = RigEm()
    usual = em.rig.send

    def emptied(method: str, path: str, *others: Any) -> Any:
        answer = usual(method, path, *others)
        if path != "/query" or ("type=%s&" % kind) not in others[0]:
            return answer
        body = json.loads(answer.body)
        (jobs,) = next(listed for listed in body["Entities"].values() if listed).values()
        for job in jobs:
            info = job.get("JobInfo") or {}
            for part in [info, *(inner for inner in info.values() if isinstance(inner, dict))]:
                if part.get("Includes"):
                    part["Includes"] = {name: [{} for _entry in entries] for name, entries in part["Includes"].items() if isinstance(entries, list)}
        return Answer(method, path, answer.status, answer.headers, json.dumps(body).encode())

    with em.session() as session:
        before = {machine.name for machine in read_machines(session, Scope()) if machine.protection == PROTECTED}
        em.rig.send = emptied  # type: ignore[method-assign, assignment]
        machines = read_machines(session, Scope())
    still = {machine.name for machine in machines if machine.protection == PROTECTED}
    assert still < before
    assert not (before - still) & {machine.name for machine in machines if machine.protection == UNPROTECTED}


@pytest.mark.parametrize("part", ["Rel", "Href", "Name", "Type"])
def test_a_link_with_something_other_than_text_is_a_damaged_answer(part: str) -> None:
    link = {"Rel": "Down", "Href": "https://em/api/jobs", "Name": "Jobs", "Type": "JobReferenceList", part: 7}
    entity = {"UID": "urn:veeam:Job:" + guid(0x70B, 1), "Name": "Nightly", "Href": "https://em/api/jobs/1", "Type": "Job", "Links": [link]}
    with Teller({"/jobs": {"Jobs": [entity]}}).session() as session, pytest.raises(BodyError, match="Links"):
        reading.get_list(session, JOB, JOB.path, links=True)


def test_an_encoding_that_nobody_knows_is_a_damaged_answer() -> None:
    with pytest.raises(BodyError, match="not valid XML"):
        wire.parse(b'<?xml version="1.0" encoding="utf-88"?><Jobs/>', "application/xml")


def test_half_a_character_in_a_name_finds_nothing() -> None:
    with RigEm().session() as session:
        assert reading.read(session, JOB, Selection(names=("\udcff",))).records == []


def test_a_password_enters_no_record_wherever_a_server_puts_it() -> None:
    em = RigEm()
    usual = em.rig.send

    def telling(method: str, path: str, *others: Any) -> Any:
        answer = usual(method, path, *others)
        body = answer.body.replace(b'"Platform":', b'"PASSWORD":"s3cret","Owner":{"password":"s3cret","Login":"me"},"Platform":')
        return Answer(method, path, answer.status, answer.headers, body)

    em.rig.send = telling  # type: ignore[method-assign, assignment]
    with em.session() as session:
        for resource in (JOB, BACKUP):
            found = reading.read(session, resource, Selection(limit=1)).records[0]
            assert found["owner"] == {"login": "me"}
            assert "s3cret" not in json.dumps(found)


@pytest.mark.parametrize(
    "body",
    [
        b'{"Credentials":[{"Password":"s3cret\\"s3cret<s3cret","Username":"me"',
        b'{"credentials":[{"password" : "s3cret',
        b'<?xml version="1.0"?><CredentialsInfoList><CredentialsInfo><Password>s3cret"s3cret</Password>',
        b"<A><ent:Password>s3cret",
        b'<CredentialsInfo Password="s3cret',
    ],
    ids=["json", "cut-json", "xml", "prefix", "attribute"],
)
def test_the_head_of_a_damaged_body_shows_no_password(body: bytes) -> None:
    with pytest.raises(BodyError, match="it begins: ") as caught:
        wire.parse(body, "")
    assert "s3cret" not in str(caught.value)
    assert "********" in str(caught.value)


# ---------------------------------------------------------------------------------------------------------
# Log-on sessions, limits, versions


def test_a_password_that_is_refused_in_mid_way_is_not_sent_again(clock: FakeClock) -> None:
    service = FakeEm(clock)
    with service.session() as session:
        session.log_on()
        service.weather = lambda method, path: service.answer(401, {"Message": "no"}) if method != "DELETE" and path != "/" else None
        for _attempt in range(3):
            with pytest.raises(AuthenticationError, match="did not accept"):
                session.get("/jobs")
    assert service.count("POST", "/sessionMngr/") == 2


@pytest.mark.parametrize("limit", [0, -1])
@pytest.mark.parametrize("subset", ["linked_jobs", "jobs"])
def test_a_limit_below_one_is_refused_for_every_kind(subset: str, limit: int) -> None:
    with pytest.raises(OptionError, match="The limit is"):
        plan_of([subset], limit=limit)


@pytest.mark.parametrize("version", ["latest", "v1_8"])
def test_a_version_that_nobody_knows_is_too_old_for_nothing(clock: FakeClock, version: str) -> None:
    service = FakeEm(clock)
    service.job(1)
    with service.session(api_version=version) as session:
        (report,) = read_estate(session, plan_of(["job"]), InResult())
    assert (report.records, report.error) == (1, None)
