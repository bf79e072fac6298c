# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Threads that share one session: one log-on, one re-log-on, nothing sent after the end; and a crew whose results are taken in time."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from tiny_server import SESSION_IDS, TOKENS, Asked, Authority, TinyServer, Told, error, told_json

from _api.errors import AuthenticationError, EmError, Interrupted, ServerError
from _api.parallel import Crew, in_parallel
from _api.session import ConnectionOptions, Session

WORKERS = 4
Connect = Callable[..., Session]


@pytest.fixture
def connect(server: TinyServer, authority: Authority) -> Connect:
    """Return a function that makes a session with the server, on the real clock."""

    def make(interrupted: Callable[[], bool] = lambda: False) -> Session:
        options = ConnectionOptions(host="127.0.0.1", port=server.port, username="u", password="secret word", ca_path=str(authority.files.ca), retries=0)
        return Session(options, environ={}, interrupted=interrupted)

    return make


def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


# ---------------------------------------------------------------------------------------------------------
# The crew


def nothing() -> None:
    """Stands for a check that finds nothing."""


def test_results_come_in_the_order_of_the_items_whatever_ends_first(connect: Connect) -> None:
    with connect() as session:
        assert in_parallel(session, lambda number: (time.sleep(0.05 / number), number * number)[1], [1, 2, 3, 4, 5], WORKERS) == [1, 4, 9, 16, 25]
        assert in_parallel(session, str, [], WORKERS) == []


def test_work_runs_side_by_side() -> None:
    together = threading.Barrier(WORKERS, timeout=10)  # broken, and an error, when they do not meet
    with Crew(lambda _work: together.wait(), WORKERS, nothing) as crew:
        for number in range(WORKERS):
            crew.add(number)
        assert sorted(crew) == list(range(WORKERS))


def test_work_may_bring_more_work() -> None:
    with Crew(lambda depth: depth, 2, nothing) as crew:
        crew.add(3)
        seen = []
        for depth in crew:
            seen.append(depth)
            for _child in range(depth):
                crew.add(depth - 1)
    assert sorted(seen) == sorted([3, 2, 2, 2, *[1] * 6, *[0] * 6])


def test_threads_that_are_ahead_stand_still() -> None:
    performed: list[int] = []
    with Crew(performed.append, 2, nothing) as crew:
        for number in range(100):
            crew.add(number)
        taken = iter(crew)
        next(taken)
        until(lambda: len(performed) >= 5)
        time.sleep(0.3)
        # One was taken, two wait to be taken, and each thread holds one more that found no place.
        assert len(performed) == 5
        assert len(list(taken)) == 99


def test_what_a_piece_of_work_raises_is_raised_where_results_are_taken() -> None:
    def perform(number: int) -> int:
        if number == 3:
            raise ServerError("three")
        return number

    crew = Crew(perform, 2, nothing)
    with pytest.raises(ServerError, match="three"), crew:
        for number in range(1, 50):
            crew.add(number)
        list(crew)
    until(lambda: not any(thread.is_alive() for thread in crew._threads))


def test_the_check_ends_the_taking_while_work_goes_on() -> None:
    release = threading.Event()
    looks: Iterator[int] = iter(range(3))

    def check() -> None:
        if next(looks, None) is None:
            raise Interrupted("enough")

    began = time.monotonic()
    with pytest.raises(Interrupted), Crew(lambda _work: release.wait(20), 2, check) as crew:
        crew.add(1)
        list(crew)
    assert time.monotonic() - began < 10
    release.set()


def test_signals_stay_with_the_main_thread() -> None:
    with Crew(lambda _work: signal.pthread_sigmask(signal.SIG_BLOCK, []), 1, nothing) as crew:
        crew.add(1)
        (blocked,) = crew
    assert {signal.SIGINT, signal.SIGTERM, signal.SIGHUP} <= blocked
    assert not {signal.SIGINT, signal.SIGTERM, signal.SIGHUP} & signal.pthread_sigmask(signal.SIG_BLOCK, [])


# ---------------------------------------------------------------------------------------------------------
# One session, many threads


def logons(server: TinyServer) -> int:
    return server.lines.count("POST /api/sessionMngr/")


def test_many_threads_share_one_log_on_and_one_log_out(server: TinyServer, connect: Connect) -> None:
    server.say("GET /api/jobs", Told(body=b'{"Jobs": []}', wait=0.01))
    with connect() as session:
        answers = in_parallel(session, lambda _number: session.get("/jobs").status, range(40), WORKERS)
        assert session.requests_sent == 42  # versions, log-on
    assert answers == [200] * 40
    assert logons(server) == 1
    assert server.lines[-1] == f"DELETE /api/logonSessions/{SESSION_IDS[0]}"
    assert sum(line.startswith("DELETE") for line in server.lines) == 1


def test_each_thread_counts_what_it_sent(connect: Connect) -> None:
    def read(count: int) -> int:
        before = session.requests_sent_here
        for _number in range(count):
            session.get("/jobs")
        return session.requests_sent_here - before

    with connect() as session:
        session.log_on()
        assert in_parallel(session, read, [1, 2, 3, 4], WORKERS) == [1, 2, 3, 4]


def test_a_log_on_session_that_ends_for_all_is_replaced_once(server: TinyServer, connect: Connect) -> None:
    ended = threading.Event()

    def jobs(asked: Asked) -> Told:
        stale = ended.is_set() and asked.headers["X-RestSvcSessionId"] == TOKENS[0]
        return error(401, "gone") if stale else told_json({"Jobs": []})

    server.say("GET /api/jobs", jobs)
    together = threading.Barrier(WORKERS, timeout=10)

    def read(_number: int) -> int:
        session.get("/jobs")
        together.wait()
        ended.set()
        return session.get("/jobs").status

    with connect() as session:
        assert in_parallel(session, read, range(WORKERS), WORKERS) == [200] * WORKERS
        assert session.session_id == SESSION_IDS[1]
    assert logons(server) == 2
    assert server.lines[-1] == f"DELETE /api/logonSessions/{SESSION_IDS[1]}"


def test_a_wrong_password_is_sent_once_however_many_threads_need_it(server: TinyServer, connect: Connect) -> None:
    refusal = error(401, "wrong")
    server.say("POST /api/sessionMngr/", Told(401, refusal.body, refusal.headers, wait=0.3))
    kinds: list[type] = []

    def read(_number: int) -> None:
        try:
            session.get("/jobs")
        except EmError as refused:
            kinds.append(type(refused))

    with connect() as session:
        in_parallel(session, read, range(WORKERS), WORKERS)
    assert kinds == [AuthenticationError] * WORKERS
    assert logons(server) == 1


def test_leaving_waits_for_a_log_on_under_way_and_closes_it(server: TinyServer, connect: Connect) -> None:
    def slow(asked: Asked) -> Told:
        usual = server._usual(asked)
        return Told(usual.status, usual.body, usual.headers, wait=0.5)

    server.say("POST /api/sessionMngr/", slow)
    failures: list[EmError] = []

    def read() -> None:
        try:
            session.get("/jobs")
        except EmError as refused:
            failures.append(refused)

    with connect() as session:
        thread = threading.Thread(target=read, daemon=True)
        thread.start()
        until(lambda: logons(server) == 1)
    thread.join(10)
    assert server.lines[-1].startswith(("DELETE", "GET /api/jobs"))
    assert f"DELETE /api/logonSessions/{SESSION_IDS[0]}" in server.lines
    assert logons(server) == 1
    assert not failures or isinstance(failures[0], (Interrupted, AuthenticationError))


def test_nothing_is_sent_and_nobody_logs_on_again_after_the_end(server: TinyServer, connect: Connect) -> None:
    with connect() as session:
        session.get("/jobs")
    sent = len(server.asked)
    with pytest.raises(Interrupted, match="over"):
        session.get("/jobs")
    with pytest.raises(Interrupted, match="over"):
        session.log_on()
    assert len(server.asked) == sent


def test_an_interrupt_ends_the_threads_and_logs_out(server: TinyServer, connect: Connect) -> None:
    server.say("GET /api/jobs", Told(body=b'{"Jobs": []}', wait=0.05))
    gone = threading.Event()
    with pytest.raises(Interrupted), connect(interrupted=gone.is_set) as session:
        threading.Timer(0.3, gone.set).start()
        in_parallel(session, lambda _number: session.get("/jobs"), range(10_000), WORKERS)
    sent = server.lines.count("GET /api/jobs")
    time.sleep(0.3)
    assert server.lines.count("GET /api/jobs") - sent <= WORKERS  # what was on its way
    assert f"DELETE /api/logonSessions/{SESSION_IDS[0]}" in server.lines
