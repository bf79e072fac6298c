# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Job sessions that have ended: each once, whatever it takes until the server tells of it."""

from __future__ import annotations

from typing import Any

import pytest
from fake_em import FakeEm, guid
from tiny_server import FakeClock

from _api.bookmark import Bookmark
from _api.ended_sessions import EndedSessions, Wanted, first_bookmark
from _api.errors import AuthenticationError, EmError, MissingRight, OptionError, ServerError
from _api.session import Session

MINUTE = 60
HOUR = 3600


class Watcher:
    """Watches an Enterprise Manager round by round."""

    def __init__(self, em: FakeEm, bookmark: Bookmark | None = None, **wanted: Any) -> None:
        self.em = em
        self.said: list[str] = []
        session: Session = em.session()
        session._warn = self.said.append
        self.watch = EndedSessions(session, Wanted(**wanted), bookmark or first_bookmark(session, ""))

    @property
    def bookmark(self) -> Bookmark:
        return self.watch.bookmark

    def events(self, limit: int = 1000) -> list[dict[str, Any]]:
        """Return the events of one round."""
        ended = self.watch.look()
        told = []
        for one in ended[:limit]:
            event = self.watch.event_of(one)
            if event is not None:
                self.watch.is_out(one)
                told.append(event)
        self.watch.end_round(len(ended) <= limit)
        return told

    def names(self, limit: int = 1000) -> list[str]:
        """Return the numbers of the runs that one round puts out."""
        return [event["session"]["name"].partition("@")[2] for event in self.events(limit)]

    def later(self, seconds: float) -> Watcher:
        """Let time pass."""
        self.em.clock.now += seconds
        return self


@pytest.fixture
def em(clock: FakeClock) -> FakeEm:
    """An Enterprise Manager with a job and a run that ended before anybody watched."""
    service = FakeEm(clock)
    job = service.job(1)
    ended(service, 1, -HOUR, -MINUTE)
    assert job["Name"] == "SQL Backup"
    return service


def ended(em: FakeEm, number: int, begun: float, end: float | None, result: str = "Success", **members: Any) -> dict[str, Any]:
    """Add a run that has ended; ``end`` None leaves the server without the time."""
    stamp = None if end is None else em.stamp(end)
    return em.run(number, em.entities["Job"][0], begun, **{"State": "Stopped", "Result": result, "Progress": 100, "EndTimeUTC": stamp, **members})


def finish(em: FakeEm, run: dict[str, Any], end: float | None, result: str = "Success") -> None:
    """Let a run end."""
    run.update(State="Stopped", Result=result, EndTimeUTC=None if end is None else em.stamp(end))


def test_what_ended_before_the_first_look_is_nobodys_business(em: FakeEm) -> None:
    assert Watcher(em).names() == []


def test_each_end_is_told_once_in_its_order(em: FakeEm) -> None:
    watcher = Watcher(em)
    ended(em, 3, 5, 20)
    ended(em, 2, 5, 10)
    assert watcher.later(MINUTE).names() == ["2", "3"]
    ended(em, 4, 70, 80)
    assert watcher.later(MINUTE).names() == ["4"]
    assert [watcher.later(HOUR).names() for _round in range(3)] == [[], [], []]


def test_a_run_longer_than_any_look_back_is_told(em: FakeEm) -> None:
    watcher = Watcher(em, lookback=MINUTE)
    run = em.run(2, em.entities["Job"][0], -30 * HOUR)
    assert watcher.names() == []
    for _hour in range(5):
        assert watcher.later(HOUR).names() == []
    finish(em, run, 5 * HOUR + 1)
    assert watcher.later(MINUTE).names() == ["2"]
    assert watcher.later(MINUTE).names() == []


@pytest.mark.parametrize("begun", [-30 * HOUR, 30])
def test_an_end_without_a_time_is_told(em: FakeEm, begun: float) -> None:
    watcher = Watcher(em, lookback=MINUTE)
    run = em.run(2, em.entities["Job"][0], begun)
    assert watcher.later(MINUTE).names() == []
    finish(em, run, None)
    assert watcher.later(2 * HOUR).names() == ["2"]
    assert watcher.later(MINUTE).names() == []


def test_a_short_run_whose_end_has_no_time_is_told(em: FakeEm) -> None:
    watcher = Watcher(em)
    ended(em, 2, 5, None)
    assert watcher.later(MINUTE).names() == ["2"]


def test_a_long_run_that_shows_up_when_it_has_ended_is_told(em: FakeEm) -> None:
    watcher = Watcher(em)
    ended(em, 2, -30 * HOUR, 5)
    assert watcher.later(MINUTE).names() == ["2"]


def test_ends_in_one_moment_at_the_edge_of_a_look_are_told_once_each(em: FakeEm) -> None:
    watcher = Watcher(em)
    ended(em, 2, 5, MINUTE)
    assert watcher.later(MINUTE).names() == ["2"]
    ended(em, 3, 5, MINUTE)
    assert watcher.names() == ["3"]
    assert watcher.later(MINUTE).names() == []


def test_what_shows_up_late_is_told(em: FakeEm) -> None:
    watcher = Watcher(em)
    assert watcher.later(HOUR).names() == []
    ended(em, 2, 5, MINUTE)
    assert watcher.names() == ["2"]


def test_a_restart_neither_repeats_nor_misses(em: FakeEm) -> None:
    watcher = Watcher(em)
    running = em.run(5, em.entities["Job"][0], 5)
    ended(em, 2, 5, 20)
    assert watcher.later(MINUTE).names() == ["2"]
    em.clock.now += 50 * HOUR
    ended(em, 3, HOUR, 2 * HOUR)
    finish(em, running, None)
    again = Watcher(em, watcher.bookmark)
    assert sorted(again.names()) == ["3", "5"]
    assert again.later(MINUTE).names() == []


def test_marks_do_not_pile_up(em: FakeEm) -> None:
    watcher = Watcher(em, lookback=HOUR)
    for number in range(2, 12):
        ended(em, number, number * HOUR - 10, number * HOUR - 5)
        em.clock.now = em.begin + number * HOUR
        assert watcher.names() == [str(number)]
        assert len(watcher.bookmark.seen) <= 2


def test_a_limit_loses_nothing(em: FakeEm) -> None:
    watcher = Watcher(em, lookback=MINUTE)
    for number in range(2, 9):
        ended(em, number, 5, 10 + number)
    assert watcher.later(MINUTE).names(3) == ["2", "3", "4"]
    assert watcher.later(2 * HOUR).names(3) == ["5", "6", "7"]
    assert watcher.later(2 * HOUR).names(3) == ["8"]
    assert watcher.names(3) == []


def test_a_run_without_result_is_waited_for(em: FakeEm) -> None:
    watcher = Watcher(em)
    run = ended(em, 2, 5, 20, "None")
    assert watcher.later(MINUTE).names() == []
    run["Result"] = "Failed"
    assert [event["result"] for event in watcher.later(MINUTE).events()] == ["Failed"]


def test_a_run_that_never_gets_a_result_is_told_without_one(em: FakeEm) -> None:
    watcher = Watcher(em, lookback=MINUTE)
    ended(em, 2, 5, 20, "None")
    assert watcher.later(MINUTE).names() == []
    assert [event["result"] for event in watcher.later(HOUR).events()] == ["None"]
    assert watcher.later(MINUTE).names() == []


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ({}, ["2", "3", "4"]),
        ({"results": ("Failed",)}, ["3"]),
        ({"results": ("Warning", "Failed")}, ["3", "4"]),
        ({"jobs": ("sql *",)}, ["2", "3", "4"]),
        ({"jobs": ("Exchange*",)}, []),
        ({"kinds": ("restore",)}, []),
        ({"backup_server": "vbr01"}, ["2", "3", "4"]),
        ({"backup_server": "vbr02"}, []),
    ],
)
def test_only_what_is_wanted_is_told(em: FakeEm, wanted: dict[str, Any], told: list[str]) -> None:
    watcher = Watcher(em, **wanted)
    ended(em, 2, 5, 20)
    ended(em, 3, 5, 21, "Failed")
    ended(em, 4, 5, 22, "Warning")
    assert watcher.later(MINUTE).names() == told
    assert watcher.later(MINUTE).names() == []


def test_restores_are_told_where_they_are_asked_for(em: FakeEm) -> None:
    watcher = Watcher(em, kinds=("restore",))
    ended(em, 2, 5, 20, "Failed", kind="RestoreSession", FailureMessage="The machine is on.")
    (event,) = watcher.later(MINUTE).events()
    assert (event["kind"], event["reason"], event["machines_failed"]) == ("restore", "The machine is on.", [])


def test_machines_that_did_not_do_well_are_told_with_their_reasons(em: FakeEm) -> None:
    watcher = Watcher(em)
    run = ended(em, 2, 5, 20, "Failed")
    em.machine(1, run, "srv-1")
    em.machine(2, run, "srv-2", Result="Failed", Reason="no snapshot")
    em.machine(3, run, "srv-3", Result="Warning", Reason="old tools")
    (event,) = watcher.later(MINUTE).events()
    assert event["machines_failed"] == [{"name": "srv-2", "reason": "no snapshot"}]
    assert event["machines_warned"] == [{"name": "srv-3", "reason": "old tools"}]
    assert (event["server"], event["kind"], event["job"], event["reason"]) == ("em.example.org", "backup", "SQL Backup", "srv-2: no snapshot")


def test_machines_of_a_success_are_not_asked_for(em: FakeEm) -> None:
    watcher = Watcher(em)
    ended(em, 2, 5, 20)
    before = len(em.requests)
    (event,) = watcher.later(MINUTE).events()
    assert (event["machines_failed"], event["machines_warned"], event["reason"]) == ([], [], "")
    assert len(em.requests) - before == 2


def test_machines_that_cannot_be_read_delay_their_event_and_do_not_keep_it(em: FakeEm) -> None:
    watcher = Watcher(em)
    ended(em, 2, 5, 20, "Failed", FailureMessage="The repository is gone.")
    ended(em, 3, 5, 30)
    em.deny("BackupTaskSession")
    with pytest.raises(MissingRight):
        watcher.later(MINUTE).events()
    told: list[str] = []
    for _round in range(3):
        with pytest.raises(MissingRight):
            told += watcher.names()
    (event,) = watcher.events()
    assert (event["machines_failed"], event["reason"]) == (None, "The repository is gone.")
    assert [line for line in watcher.said if "goes without them" in line]
    assert watcher.bookmark.seen.keys() == {guid(0x5E5, 2), guid(0x5E5, 3)}


def test_a_kind_that_cannot_be_read_does_not_keep_others_back_nor_lose_its_own(em: FakeEm) -> None:
    watcher = Watcher(em, kinds=("replica", "backup"), lookback=MINUTE)
    ended(em, 2, 5, 20)
    ended(em, 3, 5, 20, kind="ReplicaJobSession")
    em.unknown_types.add("ReplicaJobSession")
    told = []
    for one in watcher.later(MINUTE).watch.look():
        told.append(one.kind)
        watcher.watch.is_out(one)
    assert told == ["backup"]
    with pytest.raises(ServerError):
        watcher.watch.end_round(True)
    em.unknown_types.clear()
    assert [event["kind"] for event in watcher.later(3 * HOUR).events()] == ["replica"]


def test_a_clock_that_is_set_back_repeats_nothing_and_goes_on(em: FakeEm) -> None:
    watcher = Watcher(em, lookback=MINUTE)
    ended(em, 2, 5, 20)
    assert watcher.later(2 * HOUR).names() == ["2"]
    assert not watcher.later(2 * MINUTE).names()
    assert not watcher.bookmark.seen
    em.begin += 5 * HOUR
    assert watcher.names() == []
    ended(em, 3, -2 * HOUR, -2 * HOUR + 5)
    assert watcher.later(20 * MINUTE).names() == ["3"]
    assert len([line for line in watcher.said if "went back" in line]) == 1


def test_a_refused_log_on_is_told_at_once(em: FakeEm) -> None:
    watcher = Watcher(em)
    em.weather = lambda method, path: em.answer(401)
    with pytest.raises(AuthenticationError):
        watcher.events()


@pytest.mark.parametrize(("since", "told"), [("-2h", ["1"]), ("-30s", []), ("2026-11-22T11:00:00Z", ["1"]), ("2026-11-22T11:59:30Z", [])])
def test_the_first_start_can_reach_back(em: FakeEm, since: str, told: list[str]) -> None:
    assert Watcher(em, first_bookmark(em.session(), since)).names() == told


@pytest.mark.parametrize(("since", "said"), [("2026-11-22T12:00:01Z", "yet to come"), ("soon", "not a time for since")])
def test_a_beginning_that_cannot_be_is_refused(em: FakeEm, since: str, said: str) -> None:
    with pytest.raises(EmError, match=said) as refused:
        first_bookmark(em.session(), since)
    assert isinstance(refused.value, OptionError)


@pytest.mark.parametrize("skew", [-2 * HOUR, 2 * HOUR])
def test_only_the_clock_of_the_server_counts(clock: FakeClock, skew: float) -> None:
    em = FakeEm(clock, skew)
    em.job(1)
    watcher = Watcher(em, lookback=MINUTE)
    ended(em, 2, 5, 20)
    assert watcher.later(MINUTE).names() == ["2"]
    assert watcher.bookmark.reached == em.stamp(MINUTE)
