# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records by id, URN, name and filter: the right requests, every page once, honest totals."""

from __future__ import annotations

from typing import Any

import pytest
from fake_em import FakeEm, guid, urn
from tiny_server import FakeClock

from _api import reading
from _api.entities._model import Resource
from _api.entities.cdp import CDP_POLICY
from _api.entities.infrastructure import BACKUP_SERVER
from _api.entities.jobs import JOB
from _api.entities.sessions import BACKUP_SESSION
from _api.entities.tasks import TASK
from _api.errors import BodyError, FilterError, ForeignTask, OptionError
from _api.reading import Selection


@pytest.fixture
def em(clock: FakeClock) -> FakeEm:
    """An Enterprise Manager with three jobs, one name on two servers, and seven runs."""
    service = FakeEm(clock)
    jobs = [service.job(1, "SQL Backup"), service.job(2, "SQL Backup", server="vbr02"), service.job(3, 'Mail "a", b')]
    for number in range(1, 8):
        result = "Failed" if number % 3 == 0 else "Success"
        service.run(number, jobs[number % 2], begun=100 - number, State="Stopped", Result=result, EndTimeUTC=service.stamp(200))
    return service


def queries(em: FakeEm) -> list[dict[str, str]]:
    """Return the parameters of every query sent."""
    return [parameters for _method, path, parameters in em.requests if path == "/query"]


def names(result: reading.Reading) -> list[str]:
    """Return the names of the records read."""
    return [record["name"] for record in result.records]


def read(em: FakeEm, resource: Resource = BACKUP_SESSION, **wanted: Any) -> reading.Reading:
    """Read a selection in a session of its own."""
    with em.session() as session:
        return reading.read(session, resource, Selection(**wanted))


# ---------------------------------------------------------------------------------------------------------
# One object


@pytest.mark.parametrize("spelling", [{"ids": (guid(0x70B, 2),)}, {"ids": (guid(0x70B, 2).upper(),)}, {"ids": (urn("Job", guid(0x70B, 2)),)}])
def test_a_single_id_is_read_from_its_address(em: FakeEm, spelling: dict[str, Any]) -> None:
    result = read(em, JOB, **spelling)
    assert [record["backup_server_name"] for record in result.records] == ["vbr02"]
    assert (result.total, result.truncated) == (1, False)
    assert em.requests[2] == ("GET", f"/jobs/{guid(0x70B, 2)}", {"format": "Entity"})


@pytest.mark.parametrize("uid", [urn("Job", guid(0x70B, 3)), f"urn:veeam:job:{guid(0x70B, 3)}", urn("Job", guid(0x70B, 3).upper()), guid(0x70B, 3)])
def test_a_single_urn_is_read_from_its_address(em: FakeEm, uid: str) -> None:
    assert names(read(em, JOB, uids=(uid,))) == ['Mail "a", b']
    assert em.requests[2][1] == f"/jobs/{guid(0x70B, 3)}"
    assert queries(em) == []


def test_an_unknown_id_gives_nothing(em: FakeEm) -> None:
    result = read(em, JOB, ids=(guid(0x70B, 99),))
    assert (result.records, result.total, result.truncated) == ([], 0, False)


MALFORMED: list[tuple[Resource, dict[str, Any], str]] = [
    (JOB, {"ids": ("SQL Backup",)}, "'SQL Backup' is not the id of a job"),
    (JOB, {"ids": ("",)}, "is not the id of a job"),
    (JOB, {"ids": (guid(1, 1), "x")}, "'x' is not the id"),
    (JOB, {"ids": (urn("BackupServer", guid(1, 1)),)}, "is not the URN of a job"),
    (JOB, {"uids": ("urn:veeam:Job:7",)}, "is not the URN of a job"),
    (JOB, {"uids": ("urn:VMware:Vm:" + guid(1, 1),)}, "is not the URN of a job"),
    (JOB, {"limit": 0}, "The limit is 0"),
    (JOB, {"limit": -5}, "The limit is -5"),
    (JOB, {"sort": "colour"}, "cannot be filtered or sorted by 'colour'"),
    (JOB, {"filter": {"colour": 1}}, "cannot be filtered or sorted by 'colour'"),
    (BACKUP_SERVER, {"backup_server": "vbr01"}, "belong to no backup server"),
    (TASK, {"limit": 0}, "The limit is 0"),
]


@pytest.mark.parametrize(("resource", "wanted", "message"), MALFORMED, ids=lambda value: "" if isinstance(value, Resource) else str(value)[:40])
def test_what_is_malformed_is_refused_before_anything_is_sent(em: FakeEm, resource: Resource, wanted: dict[str, Any], message: str) -> None:
    with pytest.raises((OptionError, FilterError), match=message):
        read(em, resource, **wanted)
    with pytest.raises((OptionError, FilterError), match=message):
        reading.check_selection(resource, Selection(**wanted))
    assert em.requests == []


# ---------------------------------------------------------------------------------------------------------
# Queries


def test_everything_is_asked_for_in_a_stable_order(em: FakeEm) -> None:
    result = read(em)
    assert names(result) == [f"SQL Backup@{number}" for number in range(7, 0, -1)]
    assert (result.total, result.truncated) == (7, False)
    assert queries(em) == [{"type": "BackupJobSession", "format": "Entities", "sortAsc": "CreationTime", "pageSize": "1000", "page": "1"}]


def test_names_and_backup_server_narrow_together(em: FakeEm) -> None:
    assert len(read(em, JOB, names=("SQL Backup",)).records) == 2
    result = read(em, JOB, names=("SQL Backup", 'Mail "a", b'), backup_server="vbr01")
    assert sorted(names(result)) == ['Mail "a", b', "SQL Backup"]
    assert queries(em)[-1]["filter"] == '(Name=="SQL Backup",Name=="Mail ""a"", b");BackupServerName=="vbr01"'


def test_ids_are_any_of_and_other_terms_narrow_them(em: FakeEm) -> None:
    identities = tuple(guid(0x5E5, number) for number in (1, 3, 6))
    assert len(read(em, ids=identities).records) == 3
    assert names(read(em, ids=identities, filter={"result": "Failed"}, sort="-creation_time")) == ["SQL Backup@3", "SQL Backup@6"]
    assert names(read(em, ids=identities[:1], filter={"result": "Failed"})) == []
    assert all("UID==" in asked["filter"] for asked in queries(em))


def test_many_alternatives_are_asked_for_in_parts_and_repeated_ones_once(em: FakeEm) -> None:
    identities = tuple(guid(0x5E5, number) for number in range(1, 46)) + (guid(0x5E5, 1),)
    result = read(em, ids=identities)
    assert (len(result.records), result.total) == (7, 7)
    assert [asked["filter"].count("UID==") for asked in queries(em)] == [20, 20, 5]
    assert max(len(asked["filter"]) for asked in queries(em)) < 2000


def test_an_unknown_name_gives_nothing(em: FakeEm) -> None:
    result = read(em, JOB, names=("Nobody",))
    assert (result.records, result.total, result.truncated) == ([], 0, False)


def test_links_come_on_request(em: FakeEm) -> None:
    assert "links" not in read(em, limit=1).records[0]
    assert read(em, limit=1, links=True).records[0]["links"][0]["rel"] == "Up"


# ---------------------------------------------------------------------------------------------------------
# Pages, limits and totals


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8])
def test_every_page_is_read_once(em: FakeEm, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(reading, "PAGE_SIZE", size)
    result = read(em)
    assert names(result) == [f"SQL Backup@{number}" for number in range(7, 0, -1)]
    assert (result.total, result.truncated) == (7, False)
    assert [asked["page"] for asked in queries(em)] == [str(number) for number in range(1, -(-7 // size) + 1)]


@pytest.mark.parametrize("size", [2, 1000])
@pytest.mark.parametrize("limit", [1, 2, 3, 6, 7, 8])
def test_a_limit_is_kept_and_the_total_is_honest(em: FakeEm, monkeypatch: pytest.MonkeyPatch, limit: int, size: int) -> None:
    monkeypatch.setattr(reading, "PAGE_SIZE", size)
    result = read(em, limit=limit, sort="-creation_time")
    assert names(result) == [f"SQL Backup@{number}" for number in range(1, min(limit, 7) + 1)]
    assert (result.total, result.truncated) == (7, limit < 7)
    assert max(int(asked["pageSize"]) for asked in queries(em)) <= limit


def test_a_limit_spans_several_parts_of_a_selection(em: FakeEm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "ALTERNATIVES_AT_ONCE", 2)
    result = read(em, ids=tuple(guid(0x5E5, number) for number in range(1, 6)), limit=3)
    assert len(result.records) == 3
    assert (result.total, result.truncated) == (5, True)


@pytest.mark.parametrize(("sort", "wanted"), [("", [5, 4]), ("-creation_time", [1, 2]), ("name", [1, 2]), ("-name", [5, 4])])
def test_several_parts_of_a_selection_are_in_one_order(em: FakeEm, monkeypatch: pytest.MonkeyPatch, sort: str, wanted: list[int]) -> None:
    monkeypatch.setattr(reading, "ALTERNATIVES_AT_ONCE", 2)
    result = read(em, ids=tuple(guid(0x5E5, number) for number in (3, 1, 4, 5, 2)), sort=sort, limit=2)
    assert names(result) == [f"SQL Backup@{number}" for number in wanted]


def test_a_server_that_gives_smaller_pages_than_asked_for_is_read_to_its_end(em: FakeEm, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = em._query
    monkeypatch.setattr(em, "_query", lambda asked: usual({**asked, "pageSize": "3"}))
    result = read(em)
    assert (len(result.records), result.total) == (7, 7)
    limited = read(em, limit=5)
    assert (len(limited.records), limited.total, limited.truncated) == (5, 7, True)


def test_a_cache_that_repeats_a_page_is_noticed(em: FakeEm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PAGE_SIZE", 3)
    usual = em._query
    monkeypatch.setattr(em, "_query", lambda asked: usual({**asked, "page": "1"}))
    with pytest.raises(BodyError, match="Page 2 of the query was asked for and page 1 came") as caught:
        read(em)
    assert (caught.value.path, caught.value.status) == ("/query", 200)


def test_iterating_gives_the_same_records_page_by_page(em: FakeEm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PAGE_SIZE", 3)
    with em.session() as session:
        records = reading.iterate(session, BACKUP_SESSION, Selection(limit=1))
        assert em.requests == []
        first = next(records)
        assert len(queries(em)) == 1
        assert [first, *records] == read(em).records
        assert list(reading.iterate(session, JOB, Selection(ids=(guid(0x70B, 1),)))) == read(em, JOB, ids=(guid(0x70B, 1),)).records
        assert list(reading.iterate(session, TASK, Selection())) == []
        assert list(reading.iterate(session, JOB, Selection(names_nothing=True))) == []


@pytest.mark.parametrize("body", [{"Entities": {"BackupJobSessions": 5}}, {"Hello": 1}, [1]], ids=str)
def test_a_foreign_answer_names_the_request(em: FakeEm, body: Any) -> None:
    em.weather = lambda method, path: em.answer(200, body) if path == "/query" else None
    with pytest.raises(BodyError) as caught:
        read(em)
    assert (caught.value.method, caught.value.path, caught.value.status) == ("GET", "/query", 200)


@pytest.mark.parametrize(("path", "wanted"), [("/jobs/" + guid(0x70B, 1), {"ids": (guid(0x70B, 1),)}), ("/query", {})])
def test_a_malformed_value_names_the_request(em: FakeEm, path: str, wanted: dict[str, Any]) -> None:
    em.entities["Job"][0]["NextRun"] = "soon"
    with pytest.raises(BodyError, match="The element NextRun holds") as caught:
        read(em, JOB, **wanted)
    assert (caught.value.method, caught.value.path) == ("GET", path)


# ---------------------------------------------------------------------------------------------------------
# Tasks


def test_tasks_are_read_whole_or_by_id(em: FakeEm) -> None:
    for number in (10, 2, 1):
        em.task(number)
    everything = read(em, TASK)
    assert [record["id"] for record in everything.records] == ["task-10", "task-2", "task-1"]
    assert [record["id"] for record in read(em, TASK, ids=("task-2", "task-1")).records] == ["task-2", "task-1"]
    assert [record["id"] for record in read(em, TASK, sort="task_id").records] == ["task-1", "task-2", "task-10"]
    limited = read(em, TASK, sort="-task_id", limit=1)
    assert ([record["id"] for record in limited.records], limited.total, limited.truncated) == (["task-10"], 3, True)
    assert queries(em) == []


def test_an_unknown_task_is_an_error(em: FakeEm) -> None:
    with pytest.raises(ForeignTask, match="task-7 belongs to another log-on session") as caught:
        read(em, TASK, ids=("task-7",))
    assert caught.value.status == 500
    assert "option session" in caught.value.advice


@pytest.mark.parametrize("wanted", [{}, {"ids": (guid(9, 1),)}], ids=["all", "by id"])
def test_a_server_that_is_too_old_is_not_asked(em: FakeEm, wanted: dict[str, Any]) -> None:
    em.version = "v1_5"
    with pytest.raises(OptionError, match=r"CDP policies need Enterprise Manager 11 or later \(API version v1_6\); this log-on session speaks v1_5") as caught:
        read(em, CDP_POLICY, **wanted)
    assert caught.value.advice == "", "it was not asked to speak an old version"
    with pytest.raises(OptionError, match="CDP policies need"), em.session() as session:
        list(reading.iterate(session, CDP_POLICY, Selection(**wanted)))
    assert em.count("GET", "/query") == em.count("GET", "/cdpPolicies/" + guid(9, 1)) == 0


@pytest.mark.parametrize("sort", ["colour", "result"])
def test_tasks_cannot_be_sorted_by_everything(em: FakeEm, sort: str) -> None:
    with pytest.raises(FilterError, match=f"Tasks cannot be filtered or sorted by '{sort}'") as caught:
        read(em, TASK, sort=sort)
    assert caught.value.advice == "Known fields: operation, state, task_id."
    assert em.requests == []


def test_a_malformed_list_of_tasks_names_the_request(em: FakeEm) -> None:
    bodies: list[Any] = [{"Jobs": []}, {"Tasks": [{"TaskId": "task-1", "Result": {"Success": "perhaps"}}]}]
    for body in bodies:
        em.weather = lambda method, path, body=body: em.answer(200, body) if path == "/tasks" else None  # type: ignore[misc]
        with pytest.raises(BodyError) as caught:
            read(em, TASK)
        assert (caught.value.method, caught.value.path, caught.value.status) == ("GET", "/tasks", 200)


@pytest.mark.parametrize("password", ["backup task", "p", "rest"])
def test_a_password_that_is_a_word_of_the_message_does_not_hide_its_meaning(em: FakeEm, password: str) -> None:
    with pytest.raises(ForeignTask), em.session(password=password) as session:
        reading.read(session, TASK, Selection(ids=("task-7",)))


@pytest.mark.parametrize("identity", ["../jobs", "task-1/x", "task 1", "", "task-1?x=1"])
def test_what_is_no_task_id_never_becomes_part_of_an_address(em: FakeEm, identity: str) -> None:
    with pytest.raises(OptionError, match="is not the id of a task"):
        read(em, TASK, ids=(identity,))
    with pytest.raises(OptionError, match="is not the id of a task"), em.session() as session:
        reading.read_entity(session, TASK, identity)
    assert em.requests == []
