# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An estate read side by side: every page once, one failing kind among others, limits, places below one object, references followed."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from fake_em import FakeEm, guid, urn
from tiny_server import FakeClock

from _api import estate, expanding
from _api.entities.jobs import JOB, LINKED_JOB_OBJECT
from _api.entities.registry import BY_TYPE
from _api.errors import AuthenticationError, BodyError, ConnectError, EmError, Interrupted, MissingRight, NotFound, ServerError
from _api.estate import Report, read_estate
from _api.estate_plan import plan_of
from _api.expanding import Expanding, Shelf, ShelfInFile
from _api.sinks import InFile, InResult, Sink
from _api.transport import Answer
from _api.whole_file import WholeFile, scratch_file

RUNS = 2500
Records = list[dict[str, Any]]


@pytest.fixture
def em(clock: FakeClock) -> FakeEm:
    """An Enterprise Manager with two jobs and 2500 runs, which are three pages."""
    service = FakeEm(clock)
    jobs = [service.job(1, "SQL Backup"), service.job(2, "Mail", server="vbr02")]
    for number in range(RUNS):
        service.run(number, jobs[number % 2], begun=number)
    return service


class Reading:
    """What came of reading an estate."""

    def __init__(self, em: FakeEm, *words: str, **options: Any) -> None:
        self.warnings: list[str] = []
        self.plan = plan_of(words, **options)
        sink = InResult()
        self.expanding = Expanding(self.plan, Shelf(), sink) if self.plan.expand else None
        with em.session() as session:
            session._warn = self.warnings.append
            self.reports = {report.resource.plural: report for report in read_estate(session, self.plan, self.expanding or sink)}
            if self.expanding:
                self.expanding.hand_on(session)
        self.records = {resource.plural: sink.records_of(resource) for resource in self.plan.kinds}

    def __getitem__(self, kind: str) -> Report:
        return self.reports[kind]


def pages(em: FakeEm, kind: str) -> list[tuple[str, str]]:
    """Return number and size of every page of a type that was asked for."""
    return sorted((asked["page"], asked["pageSize"]) for _method, path, asked in em.requests if path == "/query" and asked["type"] == kind)


# ---------------------------------------------------------------------------------------------------------
# Pages and limits


@pytest.mark.parametrize("workers", [1, 4])
def test_every_page_is_read_once_and_records_keep_their_order(em: FakeEm, workers: int) -> None:
    read = Reading(em, "job", "backup_session", workers=workers)
    assert pages(em, "BackupJobSession") == [("1", "1000"), ("2", "1000"), ("3", "1000")]
    times = [record["creation_time"] for record in read.records["backup_sessions"]]
    assert len(times) == RUNS
    assert times == sorted(times)
    assert [record["name"] for record in read.records["jobs"]] == ["Mail", "SQL Backup"]
    assert (read["backup_sessions"].records, read["backup_sessions"].requests, read["backup_sessions"].truncated) == (RUNS, 3, False)
    assert em.count("POST", "/sessionMngr/") == 1
    assert sum(method == "DELETE" for method, _path, _asked in em.requests) == 1
    assert read.warnings == []


@pytest.mark.parametrize(
    ("limit", "asked", "truncated"),
    [
        (7, [("1", "7")], True),
        (1000, [("1", "1000")], True),
        (1001, [("1", "1000"), ("2", "1000")], True),
        (2499, [("1", "1000"), ("2", "1000"), ("3", "1000")], True),
        (2500, [("1", "1000"), ("2", "1000"), ("3", "1000")], False),
        (9999, [("1", "1000"), ("2", "1000"), ("3", "1000")], False),
    ],
)
def test_a_limit_holds_for_each_kind_and_asks_for_no_more_than_it_needs(em: FakeEm, limit: int, asked: list[tuple[str, str]], truncated: bool) -> None:
    read = Reading(em, "job", "backup_session", limit=limit)
    assert pages(em, "BackupJobSession") == asked
    assert len(read.records["backup_sessions"]) == read["backup_sessions"].records == min(limit, RUNS)
    assert read["backup_sessions"].truncated is truncated
    assert read["jobs"].truncated is False
    assert read.records["backup_sessions"][0]["name"].endswith("@0")


def test_a_server_with_smaller_pages_is_read_to_its_end(em: FakeEm) -> None:
    usual = em._query

    def capped(asked: dict[str, str]) -> Answer:
        return usual({**asked, "pageSize": "300"})

    em._query = capped  # type: ignore[method-assign]
    assert len(Reading(em, "backup_session").records["backup_sessions"]) == RUNS
    limited = Reading(em, "backup_session", limit=700)
    assert [record["name"].rpartition("@")[2] for record in limited.records["backup_sessions"]] == [str(number) for number in range(700)]
    assert limited["backup_sessions"].truncated


def test_pages_that_went_away_meanwhile_are_no_failure(em: FakeEm) -> None:
    usual = em._query

    def shrinking(asked: dict[str, str]) -> Answer:
        answer = usual(asked)
        if asked["type"] == "BackupJobSession" and asked["page"] == "1":
            del em.entities["BackupJobSession"][900:]
        return answer

    em._query = shrinking  # type: ignore[method-assign]
    read = Reading(em, "backup_session", workers=1)
    assert read["backup_sessions"].error is None
    assert len(read.records["backup_sessions"]) == 1000


def test_since_goes_to_the_server_and_fields_are_what_is_kept(em: FakeEm) -> None:
    read = Reading(em, "job", "backup_session", since=em.stamp(RUNS - 10), fields={"backup_sessions": ["name"]})
    assert len(read.records["backup_sessions"]) == 10
    assert set(read.records["backup_sessions"][0]) == {"id", "uid", "type", "name"}
    assert "schedule_enabled" in read.records["jobs"][0]


# ---------------------------------------------------------------------------------------------------------
# Failures


def test_one_kind_that_fails_does_not_stop_the_others_and_is_told_once(em: FakeEm) -> None:
    em.deny("Job")
    read = Reading(em, "job", "backup_session", "backup_server")
    assert isinstance(read["jobs"].error, MissingRight)
    assert len(read.records["backup_sessions"]) == RUNS
    entry = read["jobs"].as_entry()
    assert (entry["records"], entry["truncated"], entry["error"]["kind"], entry["error"]["status"]) == (0, True, "permission", 403)
    (warning,) = read.warnings
    assert warning.startswith("1 of 3 kinds could not be read whole. jobs: ")


def test_a_role_that_may_not_query_gets_the_collection(em: FakeEm) -> None:
    em.weather = lambda method, path: em._forbidden() if path == "/query" else None
    read = Reading(em, "job", "backup_session", limit=5)
    assert [record["name"] for record in read.records["jobs"]] == ["Mail", "SQL Backup"]
    assert len(read.records["backup_sessions"]) == 5
    assert read["backup_sessions"].truncated
    assert read["backup_sessions"].requests == 2
    assert read.warnings == []


def fails_from(em: FakeEm, page: str, failure: Callable[[], Answer]) -> None:
    usual = em._query

    def query(asked: dict[str, str]) -> Answer:
        return failure() if asked["type"] == "BackupJobSession" and int(asked["page"]) >= int(page) else usual(asked)

    em._query = query  # type: ignore[method-assign]


def test_a_kind_that_fails_in_the_middle_keeps_what_came_before(em: FakeEm) -> None:
    fails_from(em, "2", lambda: em.answer(500, {"Message": "the database is gone", "StatusCode": 500}))
    read = Reading(em, "job", "backup_session", workers=1)
    assert isinstance(read["backup_sessions"].error, ServerError)
    assert (read["backup_sessions"].records, read["backup_sessions"].truncated) == (1000, True)
    assert len(read.records["backup_sessions"]) == 1000
    # The page after the one that failed was on the list and was not asked for.
    assert pages(em, "BackupJobSession") == [("1", "1000"), ("2", "1000")]
    assert "the database is gone" in read.warnings[0]


def test_an_answer_that_cannot_be_read_is_the_failure_of_its_kind(em: FakeEm) -> None:
    fails_from(em, "1", lambda: em.answer(200, {"Entities": 7, "PagingInfo": {"PageNum": "x"}}))
    read = Reading(em, "job", "backup_session")
    assert isinstance(read["backup_sessions"].error, BodyError)
    assert len(read.records["jobs"]) == 2


def test_when_nothing_can_be_read_the_whole_fails_with_every_report(em: FakeEm) -> None:
    em.deny("Job", "BackupJobSession")
    with pytest.raises(MissingRight, match="None of the 2 kinds could be read") as failure:
        Reading(em, "job", "backup_session")
    assert [entry["error"]["status"] for entry in failure.value.data["subsets"]] == [403, 403]
    with pytest.raises(MissingRight, match="The account lacks the right") as failure:
        Reading(em, "job")
    assert not str(failure.value).startswith("None")


def test_a_wrong_password_fails_before_any_kind_is_asked_for(em: FakeEm) -> None:
    em.weather = lambda method, path: em.answer(401, {"Message": "no"}) if path == "/sessionMngr/" else None
    with pytest.raises(AuthenticationError):
        Reading(em)
    assert em.count("POST", "/sessionMngr/") == 1
    assert em.count("GET", "/query") == 0


def test_a_log_on_session_that_is_lost_for_good_ends_the_reading(em: FakeEm) -> None:
    em.weather = lambda method, path: em.answer(401, {"Message": "gone"}) if path == "/query" else None
    with pytest.raises(AuthenticationError, match="401"):
        Reading(em, "job", "backup_session", "restore_session", workers=1)
    assert em.count("POST", "/sessionMngr/") == 2


def test_a_server_that_is_gone_is_not_asked_for_every_kind(em: FakeEm) -> None:
    def gone(method: str, path: str) -> Answer | None:
        if path == "/query" or path.startswith("/reports"):
            raise ConnectError("cut", data={"sent": True})
        return None

    em.weather = gone
    with pytest.raises(ConnectError, match="None of the"):
        Reading(em, "!catalog", "!security", "!service", workers=2)
    assert em.count("GET", "/query") <= 6


def test_what_a_version_of_the_api_lacks_is_not_asked_for(em: FakeEm) -> None:
    em.version = "v1_4"
    read = Reading(em, "job", "cdp_policy")
    assert "need Enterprise Manager 11 or later (API version v1_6)" in str(read["cdp_policies"].error)
    assert em.count("GET", "/query") == 1


def test_what_every_server_has_is_asked_for_in_whatever_version_somebody_wants(em: FakeEm) -> None:
    em.version = "v1_2"
    read = Reading(em, "job", "cdp_policy")
    assert read["jobs"].error is None
    assert "need Enterprise Manager 11 or later (API version v1_6)" in str(read["cdp_policies"].error)


def test_an_interrupt_ends_the_reading(em: FakeEm) -> None:
    with pytest.raises(Interrupted), em.session(interrupted=lambda: bool(em.count("GET", "/query"))) as session:
        read_estate(session, plan_of(["backup_session"]), Sink())
    assert sum(method == "DELETE" for method, _path, _asked in em.requests) == 1


# ---------------------------------------------------------------------------------------------------------
# What lies below one object


def below_jobs(em: FakeEm, members: dict[int, list[int]], vanished: int = 0, withheld: int = 0) -> list[str]:
    """Let jobs have linked jobs by number; return the paths that were asked for."""
    asked: list[str] = []

    def weather(method: str, path: str) -> Answer | None:
        for job, linked in members.items():
            if job == vanished and path == f"/jobs/{guid(0x70B, job)}":
                return em.answer(404, {"Message": "Cannot find job", "StatusCode": 404})
            if path == f"/jobs/{guid(0x70B, job)}/linkedJobs":
                asked.append(path)
                if job in (vanished, withheld):
                    return em.answer(404, {"Message": "Cannot find job", "StatusCode": 404})
                links = [{"ObjectInJobId": guid(0x11, number), "LinkedJobUid": urn("Job", guid(0x70B, number)), "Links": []} for number in linked]
                return em.answer(200, {LINKED_JOB_OBJECT.list_root: links})
        return None

    em.weather = weather
    return asked


def test_what_lies_below_is_read_for_each_parent_and_says_whose_it_is(em: FakeEm) -> None:
    asked = below_jobs(em, {1: [4, 5], 2: [6]})
    read = Reading(em, "linked_jobs")
    assert [(record["job"]["name"], record["id"]) for record in read.records["linked_jobs"]] == [
        ("Mail", guid(0x11, 6)),
        ("SQL Backup", guid(0x11, 4)),
        ("SQL Backup", guid(0x11, 5)),
    ]
    assert len(asked) == 2
    assert (read["linked_jobs"].requests, read["linked_jobs"].records) == (3, 3)


def test_a_parent_that_vanishes_is_a_warning(em: FakeEm) -> None:
    below_jobs(em, {1: [4], 2: [6]}, vanished=2)
    read = Reading(em, "linked_jobs")
    assert len(read.records["linked_jobs"]) == 1
    assert read.warnings == ["The job Mail vanished while the estate was read."]
    assert read["linked_jobs"].error is None


def test_what_is_withheld_below_a_parent_that_is_there_is_no_empty_list(em: FakeEm) -> None:
    below_jobs(em, {1: [4], 2: [6]}, withheld=2)
    with pytest.raises(NotFound, match="Cannot find job"):
        Reading(em, "linked_jobs")


@pytest.mark.parametrize(("limit", "parents", "truncated"), [(1, 1, True), (2, 2, True), (3, 2, False), (9, 2, False)])
def test_below_a_limit_stops_at_the_parent_that_reaches_it(em: FakeEm, limit: int, parents: int, truncated: bool) -> None:
    asked = below_jobs(em, {1: [4, 5], 2: [6]})
    read = Reading(em, "linked_jobs", limit=limit)
    assert len(read.records["linked_jobs"]) == min(limit, 3)
    assert read["linked_jobs"].truncated is truncated
    assert len(asked) == parents


# ---------------------------------------------------------------------------------------------------------
# Into a file


def lines_of(path: Path) -> Records:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_lines_hold_the_same_records_as_the_result(em: FakeEm, tmp_path: Path) -> None:
    em.entities["Job"][0]["Name"] = 'Ä "quoted"\u2028 name \ud800'  # half a character can stand in JSON
    usual = em.answer
    em.answer = lambda status, value=None, method="", path="": ascii_answer(usual(status, None, method, path), value)  # type: ignore[method-assign]
    plan = plan_of(["job", "backup_session"])
    path = tmp_path / "estate.jsonl"
    with WholeFile(str(path)) as file, em.session() as session:
        read_estate(session, plan, InFile(file))
        file.commit()
    lines = lines_of(path)
    wanted = Reading(em, "job", "backup_session").records
    for kind, records in wanted.items():
        found = [line["record"] for line in lines if line["kind"] == kind]
        assert sorted(found, key=lambda record: record["id"]) == sorted(records, key=lambda record: record["id"])
    path.read_bytes().decode("ascii")


def ascii_answer(empty: Answer, value: Any) -> Answer:
    return Answer(empty.method, empty.path, empty.status, empty.headers, b"" if value is None else json.dumps(value).encode("ascii"))


def test_the_memory_is_that_of_some_pages(em: FakeEm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Records that are decoded and not yet taken: some for each worker, whatever the size of the estate."""
    monkeypatch.setattr(estate, "PAGE_SIZE", 10)
    held, most = 0, 0
    guard = threading.Lock()

    class Counting(Sink):
        def prepare(self, resource: Any, records: Any) -> Any:
            nonlocal held, most
            with guard:
                held += len(records)
                most = max(most, held)
            return len(records)

        def take(self, resource: Any, position: Any, prepared: Any) -> None:
            nonlocal held
            with guard:
                held -= prepared

    with em.session() as session:
        read_estate(session, plan_of(["backup_session"], workers=2), Counting())
    assert held == 0
    assert 10 <= most <= 60


# ---------------------------------------------------------------------------------------------------------
# References followed


@pytest.fixture
def connected(clock: FakeClock) -> FakeEm:
    """Two jobs on a backup server, one of them an agents' job that its run calls a job, and 25 runs of a job that is gone."""
    service = FakeEm(clock)
    service._add("BackupServer", "backupServers", guid(0xB5, 1), "vbr01", {}, [])
    job = service.job(1, "SQL Backup")
    agents = service.job(2, "Laptops", kind="AgentBackupJob")
    service.run(1, job)
    service.run(2, agents)
    gone = service.job(3, "Gone")
    service.run(3, gone)
    service.entities["Job"].remove(gone)
    return service


def by_job(read: Reading) -> dict[str, Any]:
    return {record["job"]["name"]: record["job"] for record in read.records["backup_sessions"]}


def test_a_reference_carries_the_record_it_leads_to_to_the_wanted_depth(connected: FakeEm) -> None:
    once = by_job(Reading(connected, "backup_session", expand=1))["SQL Backup"]
    assert set(once) == {"id", "uid", "name", "type", "record"}
    assert once["record"]["schedule_enabled"] is None
    assert "record" not in once["record"]["backup_server"]
    twice = by_job(Reading(connected, "backup_session", expand=2))["SQL Backup"]
    assert twice["record"]["backup_server"]["record"]["name"] == "vbr01"


def test_a_target_is_read_once_and_not_at_all_when_the_subset_has_it(connected: FakeEm) -> None:
    read = Reading(connected, "backup_session", "job", "agent_job", "backup_server", expand=3)
    assert read.expanding is not None
    ids = [path for _method, path, _asked in connected.requests if path.startswith(("/jobs/", "/agents/", "/nas/", "/backupServers/"))]
    assert by_job(read)["SQL Backup"]["record"]["backup_server"]["record"]["name"] == "vbr01"
    # What is in no collection was looked for where it could be, and nothing else was.
    assert sorted(ids) == [f"/{path}/{guid(0x70B, 3)}" for path in ("agents/jobs", "jobs", "nas/jobs")]
    assert read.expanding.followed.missing == 1


def test_a_reference_to_a_job_finds_the_jobs_of_agents(connected: FakeEm) -> None:
    read = Reading(connected, "backup_session", expand=1)
    assert by_job(read)["Laptops"]["record"]["type"] == "AgentBackupJob"
    assert by_job(read)["Laptops"]["type"] == "Job"


def test_a_target_that_is_gone_is_null(connected: FakeEm) -> None:
    read = Reading(connected, "backup_session", expand=2)
    assert by_job(read)["Gone"]["record"] is None
    assert read.warnings == []


def test_a_target_that_may_not_be_read_is_null_and_told_once(connected: FakeEm) -> None:
    connected.deny("Job", "AgentBackupJob", "NasJob")
    read = Reading(connected, "backup_session", expand=1)
    assert {job["record"] is None for job in by_job(read).values()} == {True}
    assert len(read.warnings) == 1
    assert read.warnings[0].startswith("Some references could not be followed")


def test_many_targets_are_read_twenty_with_a_query(clock: FakeClock) -> None:
    service = FakeEm(clock)
    for number in range(45):
        service.run(number, service.job(number, f"Job {number}"))
    read = Reading(service, "backup_session", expand=1)
    assert read.expanding is not None
    assert vars(read.expanding.followed) == {"records": 45, "requests": read.expanding.followed.requests, "missing": 1}
    assert sum(asked.get("type") == "Job" for _method, _path, asked in service.requests) == 3


def test_fields_hold_for_targets_too(connected: FakeEm) -> None:
    read = Reading(connected, "backup_session", expand=2, fields=["name", "job"])
    assert set(by_job(read)["SQL Backup"]["record"]) == {"id", "uid", "type", "name"}


def circle(records: dict[str, Records], depth: int, shelf: Shelf) -> Records:
    """Hand records of managed servers and hierarchy roots, which refer to each other, through the expansion; return the servers."""
    sink = InResult()
    expansion = Expanding(plan_of(["managed_servers", "hierarchy_roots"], expand=depth), shelf, sink)
    for kind, some in records.items():
        resource = BY_TYPE[kind]
        expansion.take(resource, (1,), expansion.prepare(resource, some))
    expansion.hand_on(None)  # type: ignore[arg-type]  # nothing is asked for
    return sink.records_of(BY_TYPE["ManagedServer"])


@contextlib.contextmanager
def in_memory(_folder: Path) -> Iterator[Shelf]:
    yield Shelf()


@contextlib.contextmanager
def in_file(folder: Path) -> Iterator[Shelf]:
    with scratch_file(folder / "estate") as file:
        yield ShelfInFile(file, folder / "estate")


@pytest.mark.parametrize("shelf", [in_memory, in_file])
@pytest.mark.parametrize("depth", [1, 2, 3, 5])
def test_a_circle_of_references_ends_where_it_closes(tmp_path: Path, depth: int, shelf: Callable[[Path], AbstractContextManager[Shelf]]) -> None:
    def reference(kind: str, number: int) -> dict[str, Any]:
        return {"id": guid(0xC1, number), "uid": None, "name": f"{kind} {number}", "type": kind}

    server = {"id": guid(0xC1, 1), "name": "server", "hierarchy_root": reference("HierarchyRoot", 2), "backup_server": None}
    root = {"id": guid(0xC1, 2), "name": "root", "managed_server": reference("ManagedServer", 1), "backup_server": None}
    with shelf(tmp_path) as kept:
        (found,) = circle({"ManagedServer": [server], "HierarchyRoot": [root]}, depth, kept)
    inner = found["hierarchy_root"]["record"]
    assert inner["name"] == "root"
    assert inner["managed_server"] == reference("ManagedServer", 1)
    with shelf(tmp_path) as kept:
        (alone,) = circle({"ManagedServer": [{**server, "hierarchy_root": reference("ManagedServer", 1)}]}, depth, kept)
    assert alone["hierarchy_root"] == reference("ManagedServer", 1)


def test_the_shelf_in_a_file_gives_what_the_one_in_memory_gives(connected: FakeEm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expanding, "_READ_AHEAD", 64)  # so that a record takes several reads
    wanted = Reading(connected, "backup_session", "agent_job", expand=3).records
    sink = InResult()
    plan = plan_of(["backup_session", "agent_job"], expand=3)
    with in_file(tmp_path) as shelf, connected.session() as session:
        expansion = Expanding(plan, shelf, sink)
        read_estate(session, plan, expansion)
        expansion.hand_on(session)
    assert {resource.plural: sink.records_of(resource) for resource in plan.kinds} == wanted


def test_references_that_cannot_be_followed_stay_as_they_are() -> None:
    for reference in ({"id": "7", "type": "Job"}, {"id": guid(1, 1), "type": "Task"}, {"id": guid(1, 1), "type": None}, {"id": None, "type": "Job"}, "text"):
        assert expanding.targets_of(reference) == ()
    assert JOB in expanding.targets_of({"id": guid(1, 1), "type": "Job"})


def test_failures_below_carry_no_more_than_their_kind() -> None:
    assert Report(JOB, error=EmError("words", advice="do")).as_entry()["error"]["msg"] == "words do"
