# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Log-on, token, log-out, one re-log-on, retries of GET only, and refusals that read like advice; over real TLS on loopback."""

from __future__ import annotations

import base64
import contextlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

import pytest
from tiny_server import CLOSED, SESSION_IDS, TOKENS, Asked, Authority, FakeClock, TinyServer, Told, error, told_json

from _api import session as session_module
from _api.errors import (
    AuthenticationError,
    BodyError,
    ConnectError,
    EmError,
    ForeignTask,
    Interrupted,
    MissingRight,
    NotFound,
    OptionError,
    ServerError,
    TimeoutExceeded,
)
from _api.session import ConnectionOptions, Session, session_id_of

USER, PASSWORD = "EM\\öperator", 'p&ß"w0rd/ with+signs: 🐘'
BASIC = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
SHARED_ID = "5e550000-0000-4000-8000-0000000000ff"
SHARED = base64.b64encode(SHARED_ID.encode()).decode()
LOG_ON, LOG_OUT = ["GET /api/", "POST /api/sessionMngr/"], [f"DELETE /api/logonSessions/{SESSION_IDS[0]}"]
Connect = Callable[..., Session]


@pytest.fixture
def warnings() -> list[str]:
    """What the session told the user."""
    return []


@pytest.fixture
def connect(server: TinyServer, authority: Authority, clock: FakeClock, warnings: list[str]) -> Connect:
    """Return a function that makes a session with the server; arguments change its options."""

    def make(interrupted: Callable[[], bool] = lambda: False, **changes: Any) -> Session:
        wanted = {"host": "127.0.0.1", "port": server.port, "username": USER, "password": PASSWORD, "ca_path": str(authority.files.ca), **changes}
        return Session(ConnectionOptions(**wanted), warnings.append, {}, clock, clock.sleep, interrupted)

    return make


# ---------------------------------------------------------------------------------------------------------
# Log-on and log-out


def test_nothing_is_sent_before_the_first_request(server: TinyServer, connect: Connect) -> None:
    with connect():
        pass
    assert server.asked == []


def test_the_first_request_logs_on_and_leaving_logs_out(server: TinyServer, connect: Connect) -> None:
    with connect() as session:
        session.get("/jobs", {"format": "Entity"})
        session.get("/jobs")
        assert session.requests_sent == 4
        assert session.api_version == "v1_7"
    assert server.lines == [*LOG_ON, "GET /api/jobs", "GET /api/jobs", *LOG_OUT]
    assert [asked.headers["X-RestSvcSessionId"] for asked in server.asked] == [None, None, TOKENS[0], TOKENS[0], TOKENS[0]]


def test_the_log_on_request_has_no_body_and_no_form_content_type(server: TinyServer, connect: Connect) -> None:
    with connect() as session:
        logon = session.log_on()
    asked = server.asked[1]
    assert asked.headers["Content-Length"] == "0"
    assert asked.headers["Content-Type"] is None
    assert asked.headers["Authorization"] == f"Basic {BASIC}"
    assert asked.path == "/api/sessionMngr/?v=v1_7"
    assert (logon.token, logon.session_id, logon.user_name) == (TOKENS[0], SESSION_IDS[0], "EM\\operator")


def test_credentials_travel_with_the_log_on_only_and_no_cookie_ever(server: TinyServer, connect: Connect) -> None:
    server.say("GET /api/jobs", told_json({"Jobs": []}, 200, ("Set-Cookie", "X-RestSvcSessionId=other; path=/api")))
    with connect() as session:
        session.get("/jobs")
        session.get("/jobs")
        session.post("/jobs/1", {"action": "start"})
    assert [asked.headers["Authorization"] is not None for asked in server.asked] == [False, True, False, False, False, False]
    assert all(asked.headers["Cookie"] is None for asked in server.asked)
    order = server.asked[4]
    assert (order.path, order.headers["Content-Length"], order.headers["Content-Type"]) == ("/api/jobs/1?action=start", "0", None)


@pytest.mark.parametrize(("wire_format", "accept"), [("json", "application/json"), ("xml", "application/xml")])
def test_the_wire_format_is_asked_for_everywhere(server: TinyServer, connect: Connect, wire_format: str, accept: str) -> None:
    with connect(wire_format=wire_format) as session:
        session.get("/jobs")
    assert {asked.headers["Accept"] for asked in server.asked} == {accept}


def test_an_xml_log_on_is_understood_and_the_token_made_from_the_session_id(server: TinyServer, connect: Connect) -> None:
    xml = ("Content-Type", "application/xml; charset=utf-8")
    root = (
        b'<?xml version="1.0"?><EnterpriseManager xmlns="http://www.veeam.com/ent/v1.0"><Links /><SupportedVersions>'
        b'<SupportedVersion Name="v1_4"><Links /></SupportedVersion></SupportedVersions></EnterpriseManager>'
    )
    logon = f'<LogonSession xmlns="http://www.veeam.com/ent/v1.0"><UserName>u</UserName><SessionId>{SHARED_ID}</SessionId></LogonSession>'
    server.say("GET /api/", Told(200, root, (xml,)))
    server.say("POST /api/sessionMngr/", Told(201, logon.encode(), (xml,)))
    with connect(wire_format="xml") as session:
        session.get("/jobs")
    assert server.asked[1].path.endswith("?v=v1_4")
    assert server.asked[2].headers["X-RestSvcSessionId"] == SHARED
    assert server.lines[-1] == f"DELETE /api/logonSessions/{SHARED_ID}"


@pytest.mark.parametrize("problem", [None, EmError("x"), ValueError("x"), KeyboardInterrupt(), SystemExit(1)], ids=repr)
def test_the_own_log_on_session_is_closed_whatever_happens(server: TinyServer, connect: Connect, problem: BaseException | None) -> None:
    with contextlib.suppress(type(problem)) if problem else contextlib.nullcontext(), connect() as session:
        session.get("/jobs")
        if problem:
            raise problem
    assert server.lines[-1:] == LOG_OUT
    assert len([line for line in server.lines if line.startswith("DELETE")]) == 1


def test_no_order_is_given_when_nobody_waits_for_its_result(server: TinyServer, connect: Connect) -> None:
    with pytest.raises(Interrupted, match="interrupted"), connect(interrupted=lambda: server.lines == LOG_ON) as session:
        session.post("/jobs/7", {"action": "start"})
    assert server.lines == LOG_ON + LOG_OUT


def test_a_kept_log_on_session_stays_open(server: TinyServer, connect: Connect) -> None:
    with connect() as session:
        session.log_on()
        session.keep()
    assert server.lines == LOG_ON


def test_a_shared_log_on_session_is_neither_opened_nor_closed(server: TinyServer, connect: Connect) -> None:
    with pytest.raises(EmError, match="stop"), connect(session=SHARED, username="", password="") as session:
        assert session.is_shared
        session.get("/jobs")
        raise EmError("stop")
    assert server.lines == ["GET /api/jobs"]
    assert server.asked[0].headers["X-RestSvcSessionId"] == SHARED


@pytest.mark.parametrize(("answer", "was_open"), [(Told(204, b""), True), (error(401, "x"), False), (error(404, "x"), False)])
def test_a_shared_log_on_session_is_ended_on_request(server: TinyServer, connect: Connect, answer: Told, was_open: bool) -> None:
    server.say(f"DELETE /api/logonSessions/{SHARED_ID}", answer)
    with connect(session=SHARED) as session:
        assert session.end() is was_open
    assert server.lines == [f"DELETE /api/logonSessions/{SHARED_ID}"]


@pytest.mark.parametrize("token", ["no base64!", "bm8gZ3VpZA==", "ä"])
def test_what_is_no_token_cannot_be_ended(server: TinyServer, connect: Connect, token: str) -> None:
    assert session_id_of(token) == ""
    with pytest.raises(OptionError, match="does not hold a token"), connect(session=token) as session:
        session.end()
    assert server.asked == []


@pytest.mark.parametrize("answer", [error(500, "busy"), CLOSED, error(403, "no")], ids=["500", "closed", "403"])
def test_a_log_out_that_fails_is_a_warning(server: TinyServer, connect: Connect, warnings: list[str], answer: Told) -> None:
    server.say(LOG_OUT[0], answer)
    with connect() as session:
        session.get("/jobs")
    assert len(warnings) == 1
    assert "will end by its idle time-out of 15 minutes" in warnings[0]
    assert server.lines.count(LOG_OUT[0]) == 1


def test_a_log_on_session_that_is_gone_already_needs_no_warning(server: TinyServer, connect: Connect, warnings: list[str]) -> None:
    server.say(LOG_OUT[0], error(401, "gone"))
    with connect() as session:
        session.get("/jobs")
    assert warnings == []


# ---------------------------------------------------------------------------------------------------------
# API versions


@pytest.mark.parametrize(
    ("offered", "chosen", "warned"),
    [
        (["v1_5", "v1_6", "v1_7"], "v1_7", False),
        (["v1_7", "v1_6", "v1_5"], "v1_7", False),
        (["v1_3", "v1_4"], "v1_4", False),
        (["v1_6", "v1_7", "v1_8"], "v1_7", False),
        (["v1_2"], "v1_2", True),
        (["v2_0", "v2_1"], "v2_1", True),
    ],
)
def test_the_latest_version_that_both_know_is_spoken(
    server: TinyServer, connect: Connect, warnings: list[str], offered: list[str], chosen: str, warned: bool
) -> None:
    server.say("GET /api/", told_json({"supportedVersions": {"supportedVersions": [{"name": name} for name in offered]}}))
    with connect() as session:
        session.log_on()
    assert server.asked[1].path == f"/api/sessionMngr/?v={chosen}"
    assert bool(warnings) is warned


def test_a_version_that_is_given_is_taken_without_asking(server: TinyServer, connect: Connect) -> None:
    with connect(api_version="v1_6") as session:
        session.log_on()
    assert server.lines == ["POST /api/sessionMngr/", *LOG_OUT]
    assert server.asked[0].path == "/api/sessionMngr/?v=v1_6"


# ---------------------------------------------------------------------------------------------------------
# Expiry: 401


def test_a_lost_log_on_session_is_opened_anew_once(server: TinyServer, connect: Connect) -> None:
    server.say("GET /api/jobs", error(401, "expired"), told_json({"Jobs": []}))
    with connect() as session:
        assert session.get("/jobs").status == 200
    assert server.lines == [*LOG_ON, "GET /api/jobs", *LOG_ON, "GET /api/jobs", f"DELETE /api/logonSessions/{SESSION_IDS[1]}"]
    assert server.asked[5].headers["X-RestSvcSessionId"] == TOKENS[1]


def test_an_order_refused_with_401_was_surely_not_taken_and_is_sent_again_once(server: TinyServer, connect: Connect) -> None:
    server.say("POST /api/jobs/1", error(401, "expired"), told_json({"TaskId": "task-1"}, 202))
    with connect() as session:
        assert session.post("/jobs/1", {"action": "start"}).status == 202
    assert server.lines.count("POST /api/jobs/1") == 2


def test_a_second_401_is_an_error(server: TinyServer, connect: Connect) -> None:
    server.say("GET /api/jobs", error(401, "expired"))
    with pytest.raises(AuthenticationError, match="lost twice") as caught, connect() as session:
        session.get("/jobs")
    assert server.lines.count("GET /api/jobs") == 2
    assert caught.value.status == 401


def test_a_shared_token_is_never_replaced(server: TinyServer, connect: Connect) -> None:
    server.say("GET /api/jobs", error(401, "expired"))
    with pytest.raises(AuthenticationError, match="token in the option session is no longer valid") as caught, connect(session=SHARED) as session:
        session.get("/jobs")
    assert server.lines == ["GET /api/jobs"]
    assert "veeam_em_session" in caught.value.advice


# ---------------------------------------------------------------------------------------------------------
# Retries

WEATHER = {"cut": CLOSED, "502": error(502, ""), "503": error(503, "starting"), "504": error(504, ""), "half a body": Told(200, b"x" * 50, cut=10)}


@pytest.mark.parametrize("name", WEATHER)
def test_a_get_is_repeated_with_back_off(server: TinyServer, connect: Connect, clock: FakeClock, name: str) -> None:
    server.say("GET /api/jobs", WEATHER[name], WEATHER[name], told_json({"Jobs": []}))
    with connect(retries=3) as session:
        assert session.get("/jobs").status == 200
    assert server.lines.count("GET /api/jobs") == 3
    assert 1.0 <= clock.now - 1000 <= 2.5


@pytest.mark.parametrize("retries", [0, 1, 4])
@pytest.mark.parametrize(("name", "kind"), [("cut", ConnectError), ("503", ServerError)])
def test_the_number_of_retries_is_bounded(server: TinyServer, connect: Connect, name: str, kind: type[EmError], retries: int) -> None:
    server.say("GET /api/jobs", WEATHER[name])
    with pytest.raises(kind), connect(retries=retries) as session:
        session.get("/jobs")
    assert server.lines.count("GET /api/jobs") == 1 + retries


@pytest.mark.parametrize(
    ("asked_for", "least", "most"), [("7", 7, 10), ("0", 0.3, 1), ("100000", 30, 30), ("Wed, 21 Oct 2026 07:28:00 GMT", 0.3, 1), ("\u00b2", 0.3, 1)]
)
def test_a_pause_that_the_server_asks_for_is_kept_within_reason(
    server: TinyServer, connect: Connect, clock: FakeClock, asked_for: str, least: float, most: float
) -> None:
    server.say("GET /api/jobs", error(503, "starting", ("Retry-After", asked_for)), told_json({"Jobs": []}))
    with connect() as session:
        session.get("/jobs")
    assert least <= clock.now - 1000 <= most


def test_a_read_time_out_is_retried_for_a_get(server: TinyServer, connect: Connect) -> None:
    server.say("GET /api/jobs", Told(wait=0.5), told_json({"Jobs": []}))
    with connect(timeout=0.15) as session:
        assert session.get("/jobs").status == 200
    assert server.lines.count("GET /api/jobs") == 2


POSTS = [*WEATHER, "time-out"]


@pytest.mark.parametrize("method", ["post", "delete"])
@pytest.mark.parametrize("name", POSTS)
def test_nothing_but_a_get_is_ever_repeated(server: TinyServer, connect: Connect, name: str, method: str) -> None:
    line = f"{method.upper()} /api/jobs/1"
    server.say(line, WEATHER.get(name, Told(wait=0.5)))
    with pytest.raises(EmError) as caught, connect(retries=5, timeout=0.25) as session:
        getattr(session, method)("/jobs/1")
    assert server.lines.count(line) == 1
    assert (caught.value.method, caught.value.path) == (method.upper(), "/jobs/1")
    if name in ("cut", "time-out"):
        assert caught.value.data["sent"] is True


def test_a_server_never_met_is_not_tried_again(connect: Connect, clock: FakeClock) -> None:
    with pytest.raises(ConnectError, match="refuses the connection") as caught, connect(port=1, retries=5) as session:
        session.get("/jobs")
    assert session.requests_sent == 1
    assert clock.pauses == []
    assert caught.value.data == {"sent": False}


def test_other_refusals_are_not_retried(server: TinyServer, connect: Connect, clock: FakeClock) -> None:
    server.say("GET /api/jobs", error(500, "broken"))
    with pytest.raises(ServerError, match="broken"), connect(retries=5) as session:
        session.get("/jobs")
    assert server.lines.count("GET /api/jobs") == 1
    assert clock.pauses == []


def test_an_interrupt_ends_a_pause(server: TinyServer, connect: Connect, clock: FakeClock) -> None:
    server.say("GET /api/jobs", error(503, "starting"))
    with pytest.raises(Interrupted, match="goes on"), connect(interrupted=lambda: len(clock.pauses) >= 2, retries=9) as session:
        session.get("/jobs")
    assert server.lines[-1:] == LOG_OUT
    assert max(clock.pauses) <= 0.5


# ---------------------------------------------------------------------------------------------------------
# Refusals

REFUSALS: list[tuple[Told, type[EmError], str, str]] = [
    (error(403, "Access denied"), MissingRight, "lacks the right for GET /things", "needs the role Portal Administrator or Portal User"),
    (error(404, "Cannot find job [1]"), NotFound, 'The server says: "Cannot find job [1]"', "may have been deleted"),
    (error(400, " ID 9 is invalid. Type: Job"), ServerError, 'answered with 400. The server says: "ID 9 is invalid. Type: Job"', "too old"),
    (error(500, "There is no backup task with id [task-7] in current rest session"), ForeignTask, "things belongs to another log-on session", "option session"),
    (error(501, "Not implemented"), ServerError, "501", "log on the server"),
    (error(415, ""), ServerError, "415", "content type"),
    (Told(302, b"", (("Location", "https://elsewhere.example.org/"),)), ServerError, "302", "Redirects are not followed"),
    (Told(503, b"<html>Down</html>", (("Content-Type", "text/html"),)), ServerError, "It begins: <html>Down</html>", "try again later"),
    (Told(500, b""), ServerError, "(no content)", "log on the server"),
    (
        Told(500, b'<Error Message="Object reference" StatusCode="500" />', (("Content-Type", "application/xml"),)),
        ServerError,
        'The server says: "Object reference"',
        "log on the server",
    ),
]


@pytest.mark.parametrize(("answer", "kind", "message", "advice"), REFUSALS, ids=lambda value: value.__name__ if isinstance(value, type) else "")
def test_a_refusal_tells_what_was_asked_what_came_back_and_what_to_do(
    server: TinyServer, connect: Connect, answer: Told, kind: type[EmError], message: str, advice: str
) -> None:
    server.say("GET /api/things", answer)
    with pytest.raises(EmError) as caught, connect(retries=0) as session:
        session.get("/things", None, ("Portal Administrator", "Portal User"))
    assert caught.value.__class__ is kind
    assert message in caught.value.message
    assert advice in caught.value.advice
    told = caught.value.as_result()["error"]
    assert (told["kind"], told["method"], told["path"], told["status"]) == (kind.kind, "GET", "/things", answer.status)
    assert server.lines[-1:] == LOG_OUT


def test_a_long_foreign_body_is_shown_by_its_head(server: TinyServer, connect: Connect) -> None:
    server.say("GET /api/things", Told(500, b"<html>\n" + b"word " * 5000, (("Content-Type", "text/html"),)))
    with pytest.raises(ServerError) as caught, connect() as session:
        session.get("/things")
    assert len(caught.value.message) < 300


LOG_ON_REFUSALS: list[tuple[str, Told, type[EmError], str, str]] = [
    ("POST /api/sessionMngr/", error(401, "The user name or password is incorrect"), AuthenticationError, "did not accept the user name", "DOMAIN\\user"),
    ("POST /api/sessionMngr/", error(403, ""), MissingRight, "may not use Enterprise Manager", "Enterprise Plus licence"),
    ("POST /api/sessionMngr/", told_json({"UserName": "x"}, 201), BodyError, "is not an Enterprise Manager", "9398"),
    ("POST /api/sessionMngr/", told_json([1], 201), BodyError, "is not an Enterprise Manager", "9398"),
    ("POST /api/sessionMngr/", Told(201, b"{", cut=None), BodyError, "POST /sessionMngr/ (201): The answer is not valid JSON", "cut off"),
    ("POST /api/sessionMngr/", error(415, ""), ServerError, "415", "content type"),
    ("GET /api/", Told(200, b"<html><body>Welcome", (("Content-Type", "text/html"),)), BodyError, "is not an Enterprise Manager", "check host, port and proxy"),
    ("GET /api/", told_json({"hello": 1}), BodyError, "lists no API versions", "9398"),
    ("GET /api/", told_json({"SupportedVersions": {"SupportedVersions": [7, {"Name": 5}]}}), BodyError, "lists no API versions", "9398"),
    ("GET /api/", Told(404, b"<h1>nginx</h1>", (("Content-Type", "text/html"),)), ServerError, "404", "log on the server"),
]


@pytest.mark.parametrize(("line", "answer", "kind", "message", "advice"), LOG_ON_REFUSALS)
def test_a_log_on_that_fails_says_why(server: TinyServer, connect: Connect, line: str, answer: Told, kind: type[EmError], message: str, advice: str) -> None:
    server.say(line, answer)
    with pytest.raises(EmError) as caught, connect() as session:
        session.get("/jobs")
    assert caught.value.__class__ is kind
    assert message in caught.value.message
    assert advice in caught.value.advice
    assert caught.value.status == answer.status
    assert not any(asked.startswith(("DELETE", "GET /api/jobs")) for asked in server.lines)


@pytest.mark.parametrize("answer", [told_json({"hello": 1}), Told(404, b""), error(401, "no"), CLOSED], ids=["foreign", "404", "401", "closed"])
def test_on_the_port_of_the_backup_server_the_advice_names_the_right_one(
    server: TinyServer, connect: Connect, monkeypatch: pytest.MonkeyPatch, answer: Told
) -> None:
    monkeypatch.setattr(session_module, "BACKUP_SERVER_PORT", server.port)
    server.say("GET /api/", answer)
    with pytest.raises(EmError) as caught, connect(retries=0) as session:
        session.get("/jobs")
    if caught.value.status != 401:
        assert "listens on 9398" in caught.value.advice


def test_a_body_error_is_placed_where_it_happened(server: TinyServer, connect: Connect) -> None:
    server.say("GET /api/jobs", Told(200, b"<html>", (("Content-Type", "text/html"),)))
    with connect() as session, pytest.raises(BodyError) as caught:
        session.parsed(session.get("/jobs"))
    assert caught.value.message.startswith("GET /jobs (200): The answer has the content type text/html")
    assert (caught.value.method, caught.value.path, caught.value.status) == ("GET", "/jobs", 200)


# ---------------------------------------------------------------------------------------------------------
# The server's clock


@pytest.mark.parametrize("hours", [-3, 0, 5])
def test_the_servers_clock_is_its_own(server: TinyServer, connect: Connect, clock: FakeClock, hours: int) -> None:
    there = datetime(2026, 11, 22, 12 + hours, tzinfo=timezone.utc)
    server.say("GET /api/jobs", Told(headers=(("Content-Type", "application/json"), ("Date", format_datetime(there, usegmt=True)))))
    with connect() as session:
        session.get("/jobs")
        clock.sleep(90)
        assert session.server_now() == there + timedelta(seconds=90)


def test_without_a_date_our_own_clock_counts(connect: Connect) -> None:
    session = connect()
    assert abs((session.server_now() - datetime.now(timezone.utc)).total_seconds()) < 5


# ---------------------------------------------------------------------------------------------------------
# Secrets


def spread(secret: str) -> set[str]:
    """Return the forms in which a secret may show up."""
    encoded = base64.b64encode(secret.encode()).decode()
    return {secret, quote(secret), quote(secret, safe=""), encoded, json.dumps(secret)[1:-1], repr(secret)[1:-1]}


def assert_secret_free(text: str, *secrets: str) -> None:
    """Fail if the text holds a secret in any form."""
    for secret in secrets:
        for form in spread(secret):
            assert form not in text
            assert form[: max(8, len(form) // 2)] not in text


def texts_of(problem: EmError) -> str:
    """Return all that a user could get to see of an error."""
    return "\n".join((str(problem), repr(problem), repr(problem.args), repr(problem.as_result()), json.dumps(problem.as_result(), ensure_ascii=False)))


def echo(status: int, content_type: str, template: str) -> Callable[[Asked], Told]:
    """Return an answer that repeats every header of the request, as debug pages and some proxies do."""

    def answer(asked: Asked) -> Told:
        seen = template % "".join(f"{name}: {value}; " for name, value in asked.headers.items() if name in ("Authorization", "X-RestSvcSessionId"))
        return Told(status, seen.encode(), (("Content-Type", content_type),))

    return answer


ECHOES = {
    "json error": (500, "application/json", '{"Message": "I saw %s"}'),
    "json 401": (401, "application/json", '{"Message": "I saw %s"}'),
    "html error": (500, "text/html", "<html>I saw %s</html>"),
    "html called 200": (200, "text/html", "<html>I saw %s</html>"),
    "broken json": (200, "application/json", "I saw %s"),
    "cut in the middle": (500, "text/html", "x" * 160 + "%s"),
    "200 cut in the middle": (200, "text/plain", "x" * 160 + "%s"),
    "xml error": (500, "application/xml", '<Error Message="I saw %s" />'),
    "value in an element": (200, "application/json", '{"Jobs": [{"NextRun": "%s"}]}'),
}


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("name", ECHOES)
def test_a_server_that_echoes_secrets_does_not_make_us_tell_them(server: TinyServer, connect: Connect, name: str, shared: bool) -> None:
    server.say("GET /api/jobs", echo(*ECHOES[name]))
    server.say("POST /api/sessionMngr/", *([echo(*ECHOES[name])] if name.startswith("cut") else [server._usual]))
    with connect(**({"session": SHARED} if shared else {}), retries=0) as session, pytest.raises(EmError) as caught:
        session.parsed(session.get("/jobs"))
        raise EmError("read")
    assert_secret_free(texts_of(caught.value), PASSWORD, SHARED, *TOKENS[:2], f"{USER}:{PASSWORD}")


@pytest.mark.parametrize("name", ECHOES)
def test_an_echoed_log_on_tells_nothing(server: TinyServer, connect: Connect, name: str) -> None:
    server.say("POST /api/sessionMngr/", echo(*ECHOES[name]))
    with connect() as session, pytest.raises(EmError) as caught:
        session.log_on()
    assert_secret_free(texts_of(caught.value), PASSWORD, f"{USER}:{PASSWORD}")


def test_a_body_that_was_cut_off_is_shown_by_its_beginning_without_secrets(server: TinyServer, connect: Connect) -> None:
    body = b'{"Jobs": [{"Name": "%s"}, ' % SHARED.encode() + b"x" * 500
    server.say("GET /api/jobs", Told(206, body, cut=400))
    with connect(session=SHARED, retries=0) as session, pytest.raises(ConnectError, match="cut") as caught:
        session.get("/jobs")
    assert 'The answer (206) begins: {"Jobs": [{"Name": "********"}, xxx' in str(caught.value)
    assert len(caught.value.excerpt) < 250
    assert_secret_free(texts_of(caught.value), SHARED)


def test_a_log_on_that_was_cut_off_is_not_shown(server: TinyServer, connect: Connect) -> None:
    server.say("POST /api/sessionMngr/", Told(201, b'{"SessionId": "9e8d7c6b-5a49-4832-a1b0-c9d8e7f6a5b4", ' + b"x" * 500, cut=400))
    with connect(retries=0) as session, pytest.raises(ConnectError, match="cut") as caught:
        session.log_on()
    assert "9e8d7c6b" not in str(caught.value)


def test_nothing_shows_its_secrets(connect: Connect) -> None:
    proxy = f"http://proxyuser:{quote(PASSWORD)}@127.0.0.1:1"
    session = connect(session=SHARED, proxy=proxy)
    assert_secret_free(repr(session.options) + str(session.options) + repr(session) + repr(session._transport), PASSWORD, SHARED)
    with connect() as own:
        shown = repr(own.log_on()) + repr(own.get("/jobs"))
    assert_secret_free(shown, PASSWORD, TOKENS[0])


def test_a_failing_proxy_does_not_tell_its_password(connect: Connect) -> None:
    proxy = f"http://proxyuser:{quote(PASSWORD, safe='')}@127.0.0.1:1"
    with connect(proxy=proxy) as session, pytest.raises(ConnectError, match="proxy did not let") as caught:
        session.get("/jobs")
    assert_secret_free(texts_of(caught.value), PASSWORD)


# ---------------------------------------------------------------------------------------------------------
# Options

BAD_OPTIONS: list[tuple[dict[str, Any], str, str]] = [
    ({"host": ""}, "No Enterprise Manager is named", "VEEAM_EM_HOST"),
    ({"host": "https://em.example.org"}, "is not a host name", "bare name"),
    ({"host": "em.example.org:9398"}, "is not a host name", "VEEAM_EM_PORT"),
    ({"host": "user@em"}, "is not a host name", "bare name"),
    ({"port": 0}, "not a port number", "9398"),
    ({"port": 65536}, "not a port number", "9398"),
    ({"username": ""}, "username missing", "VEEAM_EM_USERNAME"),
    ({"password": ""}, "password missing", "VEEAM_EM_PASSWORD"),
    ({"username": "", "password": ""}, "username and password missing", "VEEAM_EM_SESSION"),
    ({"client_key": "x.pem"}, "client_key without client_cert", "VEEAM_EM_CLIENT_CERT"),
    ({"ca_path": "/nonexistent/ca.pem"}, "/nonexistent/ca.pem of option ca_path does not exist", "PEM"),
    ({"client_cert": "/nonexistent/c.pem"}, "of option client_cert does not exist", "PEM"),
]


@pytest.mark.parametrize(("changes", "message", "advice"), BAD_OPTIONS, ids=lambda value: str(value)[:30])
def test_missing_and_malformed_options_are_refused_before_any_connection(
    server: TinyServer, connect: Connect, changes: dict[str, Any], message: str, advice: str
) -> None:
    with pytest.raises(OptionError) as caught:
        connect(**changes)
    assert message in caught.value.message
    assert advice in caught.value.advice
    assert server.asked == []


@pytest.mark.parametrize(
    ("host", "url"),
    [("em.example.org", "https://em.example.org:9398/api"), ("::1", "https://[::1]:9398/api"), ("[fe80::1]", "https://[fe80::1]:9398/api")],
)
def test_addresses(host: str, url: str) -> None:
    options = ConnectionOptions(host=host, username="u", password="p")
    options.check()
    assert options.base_url == url


def test_a_time_out_has_a_kind_of_its_own(server: TinyServer, connect: Connect) -> None:
    server.say("GET /api/jobs", Told(wait=0.5))
    with pytest.raises(TimeoutExceeded, match=r"did not answer GET /jobs within 0\.15 s") as caught, connect(timeout=0.15, retries=0) as session:
        session.get("/jobs")
    assert "VEEAM_EM_TIMEOUT" in caught.value.advice
