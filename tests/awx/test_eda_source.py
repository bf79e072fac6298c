# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The event source with a queue of the test's: each ended run once, whatever happens to the server, and no log-on session left."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openbackup.veeam_em.plugins.plugin_utils import event_source
from awx_testing.eda import PATIENCE, Forwarder, RunningSource, arguments, questions, start
from em_simulator.control import Simulator
from em_testing import hidden
from em_testing.endings import until

SQL = "SQL Server Backup"
FILES = "File Server Backup"
DOMAIN = "DC Replication"
Source = Callable[..., RunningSource]
Quick = Callable[..., None]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Quick:
    """Return what shortens the pauses after trouble."""

    def shorten(**changes: Any) -> None:
        pace = event_source.Pace(**{"shortest": 0.2, "longest": 1.0, **changes})
        monkeypatch.setattr(event_source, "Pace", lambda: pace)

    return shorten


@pytest.fixture
def source(simulator: Simulator, collections: Path, caplog: pytest.LogCaptureFixture) -> Iterator[Source]:
    """Return what makes a source for the simulator; at the end nobody is logged on, and the log holds no secret."""
    caplog.set_level(logging.DEBUG)
    made: list[RunningSource] = []

    def make(takes: int | None = None, **changes: Any) -> RunningSource:
        made.append(RunningSource(collections, arguments(simulator, **changes), takes))
        return made[-1]

    yield make
    assert simulator.counters()["open_sessions"] == 0
    needles = hidden.forms_of(simulator.password) | {hidden.basic_header(simulator.username, simulator.password)}
    told = "".join(json.dumps(one.events) for one in made)
    assert not hidden.leaks(needles, [("log", caplog.text.encode()), ("events", told.encode())])


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the source has warned of."""
    return [record.getMessage() for record in caplog.records if record.name == "openbackup.veeam_em.veeam_em_sessions"]


def log_ons(simulator: Simulator) -> int:
    """Return how many log-ons have been tried."""
    return int(simulator.counters()["requests"].get("POST /sessionMngr/", 0))


def complete(simulator: Simulator, *jobs: str) -> None:
    """Run jobs to their end at once."""
    start(simulator, *jobs)
    simulator.advance(7200)


def test_an_event_tells_job_result_and_machines(simulator: Simulator, source: Source) -> None:
    simulator.script("run_fails", job=SQL, machines=["srv-sql-02"], reason="no snapshot")
    with source() as running:
        running.wait_for_rounds(simulator)
        complete(simulator, SQL, DOMAIN)
        running.wait_for(SQL, DOMAIN)
        running.wait_for_rounds(simulator)
        running.wait_for(SQL, DOMAIN)
    event = next(one for one in running.events if one["job"] == SQL)
    assert (event["event"], event["server"], event["kind"], event["result"]) == ("session_ended", simulator.host, "backup", "Failed")
    assert event["machines_failed"] == [{"name": "srv-sql-02", "reason": "no snapshot"}]
    assert event["reason"] == "srv-sql-02: no snapshot"
    session = event["session"]
    assert session["state"] == "Stopped" and session["is_retry"] is False and session["end_time"] > session["creation_time"]
    assert session["job_uid"].endswith(simulator.job_id(SQL))
    assert next(one for one in running.events if one["job"] == DOMAIN)["kind"] == "replica"


def test_only_what_is_asked_for_is_put_out(simulator: Simulator, source: Source) -> None:
    simulator.script("run_fails", job=SQL)
    with source(results=["Failed"]) as failed, source(jobs=["file *"], with_machines=False) as files, source(kinds=["replica"]) as replicas:
        for one in (failed, files, replicas):
            one.wait_for_rounds(simulator)
        complete(simulator, SQL, FILES, DOMAIN)
        failed.wait_for(SQL)
        files.wait_for(FILES)
        replicas.wait_for(DOMAIN)
        failed.wait_for_rounds(simulator, 6)
    assert (failed.jobs(), files.jobs(), replicas.jobs()) == ([SQL], [FILES], [DOMAIN])


def test_runs_that_end_in_one_moment_are_all_put_out(simulator: Simulator, source: Source) -> None:
    for job in (SQL, FILES):
        simulator.script("duration", job=job, seconds=60)
    with source(limit=1) as running:
        running.wait_for_rounds(simulator)
        simulator.clock(speed=0)
        start(simulator, SQL, FILES)
        simulator.advance(3600)
        simulator.clock(speed=1)
        running.wait_for(SQL, FILES)
        running.wait_for_rounds(simulator)
        running.wait_for(SQL, FILES)


def test_a_restart_neither_repeats_nor_misses(simulator: Simulator, source: Source, tmp_path: Path) -> None:
    kept = {"state_file": str(tmp_path / "state.json"), "lookback": 86400}
    simulator.script("duration", job=DOMAIN, seconds=100_000)
    with source(**kept) as before:
        before.wait_for_rounds(simulator)
        start(simulator, DOMAIN)
        complete(simulator, SQL)
        before.wait_for(SQL)
        before.wait_for_rounds(simulator)
    complete(simulator, FILES)
    simulator.advance(100_000)
    with source(**kept) as after:
        after.wait_for(FILES, DOMAIN)
        after.wait_for_rounds(simulator)
    assert (before.jobs(), after.jobs()) == ([SQL], sorted([FILES, DOMAIN]))
    with source(**kept) as last:
        last.wait_for_rounds(simulator)
    assert last.events == []


def test_an_end_amid_events_neither_repeats_nor_misses(simulator: Simulator, source: Source, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with source(takes=2, state_file=str(state)) as before:
        before.wait_for_rounds(simulator)
        complete(simulator, SQL, FILES, DOMAIN)
        until(lambda: len(before.events) == 2, PATIENCE, "two events are taken")
        assert len(json.loads(state.read_bytes())["seen"]) >= 1, "a process that is killed here would repeat them all"
    with source(state_file=str(state)) as after:
        until(lambda: bool(after.events), PATIENCE, "the third event")
        after.wait_for_rounds(simulator)
    assert sorted(before.jobs() + after.jobs()) == sorted([SQL, FILES, DOMAIN])


def test_a_first_start_can_reach_back(simulator: Simulator, source: Source) -> None:
    with source(since="-3h", kinds=["backup"], backup_server="vbr01.example.com", results=["Failed"]) as running:
        running.wait_for(SQL)


@pytest.mark.parametrize("script", [{}, {"name": "missing_end_time"}, {"name": "running_end_time", "style": "never"}], ids=str)
def test_a_run_that_began_long_before_the_bookmark_is_put_out(simulator: Simulator, source: Source, script: dict[str, Any]) -> None:
    if script:
        simulator.script(**script)
    simulator.script("duration", seconds=50_000)
    start(simulator, SQL)
    simulator.advance(40_000)
    with source(lookback=60) as running:
        running.wait_for_rounds(simulator)
        simulator.advance(20_000)
        running.wait_for(SQL)
        running.wait_for_rounds(simulator)
        running.wait_for(SQL)


def test_a_run_that_shows_up_late_is_put_out(simulator: Simulator, source: Source) -> None:
    simulator.script("late_session", seconds=1800)
    with source() as running:
        running.wait_for_rounds(simulator)
        start(simulator, SQL)
        simulator.advance(1700)
        running.wait_for_rounds(simulator)
        assert running.events == []
        simulator.advance(200)
        running.wait_for(SQL)


@pytest.mark.parametrize("offset", [-7200, 7200])
def test_the_clock_of_the_server_counts(simulator: Simulator, source: Source, offset: int) -> None:
    simulator.clock(offset=offset)
    # The past of other jobs lies in the future of a clock that is behind.
    with source(lookback=60, jobs=[SQL]) as running:
        running.wait_for_rounds(simulator)
        complete(simulator, SQL)
        running.wait_for(SQL)


def test_a_clock_that_is_set_back_is_noticed(simulator: Simulator, source: Source, caplog: pytest.LogCaptureFixture) -> None:
    with source(lookback=60) as running:
        running.wait_for_rounds(simulator)
        complete(simulator, SQL)
        running.wait_for(SQL)
        running.wait_for_rounds(simulator)
        simulator.clock(offset=-50_000)
        until(lambda: bool(warnings(caplog)), PATIENCE, "the clock is noticed")
        complete(simulator, FILES)
        running.wait_for(SQL, FILES)
    (line,) = warnings(caplog)
    assert "The clock of Enterprise Manager went back" in line


def test_a_log_on_session_that_ends_is_followed_by_another(simulator: Simulator, source: Source, caplog: pytest.LogCaptureFixture) -> None:
    with source() as running:
        running.wait_for_rounds(simulator)
        assert simulator.expire() == 1
        complete(simulator, SQL)
        running.wait_for(SQL)
        running.wait_for_rounds(simulator)
        assert simulator.counters()["open_sessions"] == 1
    assert warnings(caplog) == []


def test_a_restart_of_the_server_is_survived(simulator: Simulator, source: Source, caplog: pytest.LogCaptureFixture) -> None:
    with Forwarder(simulator) as road, source(port=road.port) as running:
        running.wait_for_rounds(simulator)
        road.close()
        complete(simulator, SQL)
        until(lambda: bool(warnings(caplog)), PATIENCE, "the outage is told")
        simulator.expire()
        road.open()
        running.wait_for(SQL)
        until(lambda: len(warnings(caplog)) > 1, PATIENCE, "the end of the outage is told")
        running.wait_for_rounds(simulator)
    trouble, recovery = warnings(caplog)
    assert f"{simulator.host}:{road.port} cannot be watched" in trouble and "is watched again" in recovery


def test_a_server_that_is_not_there_yet_is_waited_for(simulator: Simulator, source: Source) -> None:
    with Forwarder(simulator) as road:
        road.close()
        with source(port=road.port) as running:
            running._thread.join(2)
            assert running.error is None
            road.open()
            running.wait_for_rounds(simulator)


@pytest.mark.parametrize(
    "weather",
    [
        {"kind": "status", "status": 503},
        {"kind": "malformed", "part": 0.5},
        {"kind": "truncate", "part": 0.5},
        {"kind": "empty"},
        {"kind": "html"},
        {"kind": "expire"},
        {"kind": "reset"},
    ],
    ids=lambda weather: str(weather["kind"]),
)
def test_bad_answers_lose_nothing(simulator: Simulator, source: Source, caplog: pytest.LogCaptureFixture, quick: Quick, weather: dict[str, Any]) -> None:
    quick()
    simulator.script("run_fails", job=SQL)
    with source() as running:
        running.wait_for_rounds(simulator)
        for kind in ("BackupJobSession", "BackupTaskSession"):
            simulator.fault(method="GET", path=f"^/query.*type={kind}", count=3, **weather)
        complete(simulator, SQL)
        until(lambda: all(one["hits"] == 3 for one in simulator.faults()) or running.error is not None, PATIENCE, "the weather is met")
        running.wait_for(SQL)
        running.wait_for_rounds(simulator)
        running.wait_for(SQL)
    (event,) = running.events
    assert [machine["name"] for machine in event["machines_failed"]] == ["srv-sql-04"]
    told = warnings(caplog)
    assert told[0].startswith("Enterprise Manager") and len(told) == len(set(told)) <= 3


def test_a_wrong_password_is_sent_once(simulator: Simulator, source: Source) -> None:
    with source(password="not-the-one") as running:
        error = running.wait_for_end()
    assert "did not accept the user name or password" in str(error)
    assert log_ons(simulator) == 1


@pytest.mark.parametrize("refused", [2, 3])
def test_a_log_on_that_comes_to_be_refused_is_tried_a_few_times(
    simulator: Simulator, source: Source, caplog: pytest.LogCaptureFixture, quick: Quick, refused: int
) -> None:
    quick(logon=0.3, logons=2)
    with source() as running:
        running.wait_for_rounds(simulator)
        simulator.fault("status", method="POST", path="^/sessionMngr", status=401, count=refused)
        before = log_ons(simulator)
        simulator.expire()
        if refused > 2:
            assert "did not accept the user name or password" in str(running.wait_for_end())
        else:
            until(lambda: log_ons(simulator) == before + refused + 1, PATIENCE, "it is logged on again")
            running.wait_for_rounds(simulator)
    assert log_ons(simulator) == before + 3
    assert len([line for line in warnings(caplog) if "cannot be watched" in line]) == 1


def test_a_cancelled_source_logs_out_in_the_middle_of_a_request(simulator: Simulator, source: Source) -> None:
    with source() as running:
        running.wait_for_rounds(simulator)
        simulator.fault("latency", method="GET", path="^/query", seconds=2)
        asked = questions(simulator)
        until(lambda: simulator.faults()[0]["hits"] > 0, PATIENCE, "a request is under way")
    assert questions(simulator) <= asked + 2


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"hots": "em"}, r"no option 'hots'. Did you mean host"),
        ({"session": "dG9rZW4="}, "no option 'session'"),
        ({"interval": 0}, "interval is 0"),
        ({"interval": "often"}, "interval"),
        ({"lookback": 5}, "lookback is 5"),
        ({"limit": 0}, "limit is 0"),
        ({"kinds": ["backups"]}, "kinds must be one or more of: backup, replica, restore"),
        ({"results": ["failed"]}, "results must be one or more of: None, Success, Warning, Failed"),
        ({"since": "soon"}, "not a time for since"),
        ({"since": "2999-01-01"}, "yet to come"),
        ({"host": ""}, "No Enterprise Manager is named"),
        ({"host": "https://em"}, "not a host name"),
        ({"ca_path": "nowhere.pem"}, "nowhere.pem of option ca_path does not exist"),
        ({"state_file": "nowhere/state.json"}, "nowhere does not exist"),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_in_a_sentence(source: Source, changes: dict[str, Any], said: str) -> None:
    with source(**changes) as running:
        error = running.wait_for_end()
    assert re.search(said, str(error)), error
    assert "\n" not in str(error)


def test_a_foreign_state_file_is_refused_and_left_alone(source: Source, tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    file.write_text('{"shopping": ["milk"]}', encoding="utf-8")
    with source(state_file=str(file)) as running:
        assert "no state file" in str(running.wait_for_end())
    assert file.read_text(encoding="utf-8") == '{"shopping": ["milk"]}'


def test_a_state_file_that_cannot_be_written_stops_no_event(simulator: Simulator, source: Source, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    state = folder / "state.json"
    with source(state_file=str(state)) as running:
        running.wait_for_rounds(simulator)
        folder.rename(tmp_path / "elsewhere")
        complete(simulator, SQL, FILES)
        running.wait_for(SQL, FILES)
        until(lambda: bool(warnings(caplog)), PATIENCE, "the lack of the folder is told")
        running.wait_for_rounds(simulator)
        folder.mkdir()
        until(state.exists, PATIENCE, "the file is written again")
    assert all("only remembered until the end of this process" in line for line in warnings(caplog))


def test_variables_fill_the_connection(simulator: Simulator, source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("host", "port", "username", "password", "ca_path")
    for name in names:
        monkeypatch.setenv(f"VEEAM_EM_{name.upper()}", str(arguments(simulator)[name]))
    with source(**dict.fromkeys(names, "")) as running:
        running.wait_for_rounds(simulator)
