# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The log-on session: lazy log-on, token header, log-out of its own, one re-log-on, retries of GET only.

Private to this collection. Source: API.md section 1 "Connection and log-on"; WIRE.md sections 0, 2 and 3.
"""

from __future__ import annotations

import base64
import binascii
import copy
import html
import json
import random
import threading
import time
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from types import TracebackType
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Tuple, Type
from urllib.parse import quote, quote_plus

from . import wire
from .errors import AuthenticationError, BodyError, ConnectError, EmError, ForeignTask, Interrupted, MissingRight, NotFound, OptionError, ServerError, TlsError
from .transport import BACKUP_SERVER_PORT, Answer, ConnectionOptions, Transport

__all__ = ("ConnectionOptions", "LogonSession", "Session")

TOKEN_HEADER = "X-RestSvcSessionId"  # noqa: S105 - the name of a header, no secret
# API versions this collection was written against, oldest first (API.md section 1 "API versions").
API_VERSIONS = ("v1_4", "v1_5", "v1_6", "v1_7")
_PASSING_STATUS = (502, 503, 504)
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
_PAUSE_SLICE = 0.1
# How long leaving waits for a log-on that is under way, whose log-on session could not be closed otherwise.
_LONGEST_LOGON = 10.0
_MASK = "********"
_SHORTEST_TELLING_PART = 4
_ESCAPED_BY_DOTNET = "\"&'+<>`"
_ACCEPT = {"json": "application/json", "xml": "application/xml"}


@dataclass(frozen=True)
class LogonSession:
    """What a log-on opened. The id is as secret as the token, which is nothing but its base64 text."""

    token: str = field(repr=False)
    session_id: str = field(repr=False)
    user_name: str
    api_version: str


def _basic_text(options: ConnectionOptions) -> str:
    """Return what the Basic header of the log-on holds, "" without credentials."""
    if not options.password:
        return ""
    return base64.b64encode(("%s:%s" % (options.username, options.password)).encode("utf-8")).decode("ascii")


def _spellings(secret: str) -> List[str]:
    encoded = base64.b64encode(secret.encode("utf-8")).decode("ascii")
    escaped = [
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        html.escape(secret),
        html.escape(secret, quote=False),
        repr(secret)[1:-1],
    ]
    return [secret, encoded, encoded.rstrip("="), quote(secret), quote(secret, safe=""), quote_plus(secret), _as_dotnet_escapes(secret)] + escaped


def _as_dotnet_escapes(secret: str) -> str:
    """Return the text as the JSON serializer of newer servers writes it: by number what is no plain letter, digit or harmless mark."""
    return "".join(_as_numbers(letter) if not " " <= letter <= "~" or letter in _ESCAPED_BY_DOTNET else letter for letter in secret.replace("\\", "\\\\"))


def _as_numbers(letter: str) -> str:
    units = letter.encode("utf-16-be", "surrogatepass")
    return "".join("\\u%02X%02X" % (units[index], units[index + 1]) for index in range(0, len(units), 2))


def session_id_of(token: str) -> str:
    """Return the id inside a token, which is its base64 text (WIRE.md section 0), or "" when it is something else."""
    try:
        text = base64.b64decode(token, validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return ""
    return text if wire.is_guid(text) else ""


class Session:
    """A conversation with Enterprise Manager, used as a context manager.

    Without a shared token it logs on at the first request and logs out on leaving, whatever the reason; it
    deletes only the log-on session it opened. A log-out that fails is a warning, never a failure.

    Threads may share it: they share its one log-on session, and a new one where that was lost. Whoever entered it
    leaves it; from then on the requests of other threads raise Interrupted.

    Args:
        options: where and as whom; checked here, before any connection.
        warn: takes one sentence for the user.
        environ: where proxy and CA variables are looked up, the process's own by default.
        clock, sleep: monotonic seconds and a pause, for tests.
        interrupted: polled during pauses; true ends the wait with Interrupted.
        observe: takes every answer to a GET of a log-on session, with the parameters of the request, in the thread that asked.
    Raises: OptionError from the constructor; EmError from every request.
    """

    def __init__(
        self,
        options: ConnectionOptions,
        warn: Callable[[str], None] = lambda sentence: None,
        environ: Optional[Mapping[str, str]] = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        interrupted: Callable[[], bool] = lambda: False,
        observe: Optional[Callable[[Answer, Mapping[str, str]], None]] = None,
    ) -> None:
        options.check()
        self.options = options
        self.clock = clock
        self._sleep = sleep
        self._warn = warn
        self._interrupted = interrupted
        self._observe = observe
        self._transport = Transport(options, environ, clock)
        self._logon: Optional[LogonSession] = None
        # Held while a log-on or the log-out is under way; the other lock for what threads count and say.
        self._gate = threading.RLock()
        self._counting = threading.Lock()
        self._sent_by_thread = threading.local()
        self._refusals: List[EmError] = []
        self._over = False
        self._secrets = [secret for secret in (options.password, options.session, session_id_of(options.session), _basic_text(options)) if secret]
        self._kept = False
        self._met = False
        self._server_clock: Optional[Tuple[float, float]] = None
        self.requests_sent = 0

    def __enter__(self) -> Session:
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        self._over = True
        try:
            if not self._kept:
                self._log_out_own()
        finally:
            self._transport.close()

    def warn(self, sentence: str) -> None:
        """Tell the user something that is no failure."""
        with self._counting:
            self._warn(sentence)

    # -- log-on and log-out ---------------------------------------------------------------------------------

    @property
    def is_shared(self) -> bool:
        """Whether the token came from outside, so that log-on and log-out are not ours."""
        return bool(self.options.session)

    @property
    def has_met_server(self) -> bool:
        """Whether the server has ever answered."""
        return self._met

    def log_on_instead(self) -> bool:
        """Give up a shared token that is no longer valid for a log-on session of our own; false without credentials.

        For what any log-on session can do, such as reading. Tasks of the lost one stay unknown.
        """
        if not (self.is_shared and self.options.username and self.options.password):
            return False
        self.options = replace(self.options, session="")
        return True

    @property
    def requests_sent_here(self) -> int:
        """How many requests the calling thread has sent, repetitions included."""
        return int(getattr(self._sent_by_thread, "count", 0))

    @property
    def api_version(self) -> str:
        """The API version spoken, "" before a log-on of our own."""
        return self._logon.api_version if self._logon else ""

    @property
    def session_id(self) -> str:
        """The id of the log-on session of our own, "" where there is none; it changes with a re-log-on."""
        return self._logon.session_id if self._logon else ""

    def log_on(self) -> LogonSession:
        """Log on now and return what was opened; without effect when that has happened.

        Of several threads one logs on and the others wait for what comes of it: a wrong password is sent once, not once for
        each, which could lock the account.

        Raises AuthenticationError, MissingRight, ConnectError and its kin, BodyError for a foreign server.
        """
        refusals = len(self._refusals)
        with self._gate:
            if self._logon is None:
                self._check_not_over()
                # A password that was refused is not sent again, as that could lock the account.
                if len(self._refusals) > refusals or (self._refusals and isinstance(self._refusals[-1], AuthenticationError)):
                    raise copy.copy(self._refusals[-1])
                self._logon = self._new_logon()
            return self._logon

    def _new_logon(self) -> LogonSession:
        try:
            version = self._choose_version()
            return self._see_through(lambda: self._open_logon(version))
        except EmError as error:
            self._refusals.append(error)
            raise

    def _open_logon(self, version: str) -> LogonSession:
        answer = self._exchange("POST", "/sessionMngr/", {"v": version}, basic=True)
        self._raise_for(answer, logging_on=True)
        return self._read_logon(answer, version)

    def _see_through(self, open_logon: Callable[[], LogonSession]) -> LogonSession:
        """Return what is opened, by a thread that no signal interrupts.

        A signal raises in the main thread, amid the request: what the server opens then nobody could close, as its id never came. So its answer
        is waited for, and the log-out on the way out finds it.
        """
        if threading.current_thread() is not threading.main_thread():
            return open_logon()
        opened: List[LogonSession] = []
        failures: List[Exception] = []
        over = threading.Event()

        def work() -> None:
            try:
                opened.append(open_logon())
                self._logon = opened[0]
            except Exception as error:  # noqa: BLE001 - raised by the thread that waits
                failures.append(error)
            finally:
                over.set()

        threading.Thread(target=work, name="veeam_em_logon", daemon=True).start()
        try:
            # Not joined: a join that an exception interrupts takes the thread for ended.
            over.wait()
        except BaseException:
            over.wait(_LONGEST_LOGON)
            raise
        self._sent_by_thread.count = self.requests_sent_here + 1
        if failures:
            raise failures[0]
        return opened[0]

    def _check_not_over(self) -> None:
        if self._over:
            raise Interrupted("The conversation with Enterprise Manager is over: nothing more is sent.")

    def _forget_logon(self, token: str) -> None:
        """Take note that a token is no longer valid, unless another thread has replaced it already."""
        with self._gate:
            if self._logon is not None and self._logon.token == token:
                self._logon = None

    def _choose_version(self) -> str:
        if self.options.api_version not in ("", "auto"):
            return self.options.api_version
        answer = self._with_retries(lambda: self._exchange("GET", "/"), self.options.retries)
        self._raise_for(answer, logging_on=True)
        try:
            tree = wire.parse(answer.body, answer.content_type)
        except BodyError as error:
            raise self._foreign(answer, self.without_secrets(error.message)) from error
        versions = wire.member(tree.node, "SupportedVersions")
        names = {wire.member(item, "Name") for item in wire.as_list(wire.member(versions, "SupportedVersion") or wire.member(versions, "SupportedVersions"))}
        offered = sorted(name for name in names if isinstance(name, str))
        if not offered:
            raise self._foreign(answer, "It lists no API versions.")
        known = [version for version in API_VERSIONS if version in offered]
        if not known:
            self.warn("Enterprise Manager offers only API versions this collection does not know (%s); trying %s." % (", ".join(offered), offered[-1]))
        return known[-1] if known else offered[-1]

    def _foreign(self, answer: Answer, why: str) -> BodyError:
        return BodyError(
            "%s:%d is not an Enterprise Manager. %s" % (self.options.host, self.options.port, why),
            advice=self._port_advice() or "Enterprise Manager listens on port 9398: check host, port and proxy.",
            method=answer.method,
            path=answer.path,
            status=answer.status,
        )

    def _port_advice(self) -> str:
        if self.options.port == BACKUP_SERVER_PORT:
            return "Port 9419 is the REST API of the backup server itself; Enterprise Manager listens on 9398: set the option port (VEEAM_EM_PORT)."
        return ""

    def _read_logon(self, answer: Answer, version: str) -> LogonSession:
        tree = self.parsed(answer)
        session_id = wire.member(tree.node, "SessionId")
        if not isinstance(session_id, str) or not wire.is_guid(session_id):
            raise self._foreign(answer, "Its log-on answer holds no SessionId.")
        token = answer.headers.get(TOKEN_HEADER) or base64.b64encode(session_id.encode("ascii")).decode("ascii")
        self._secrets.extend((token, session_id))
        user_name = wire.member(tree.node, "UserName")
        return LogonSession(token, session_id, user_name if isinstance(user_name, str) else self.options.username, version)

    def keep(self) -> None:
        """Leave the log-on session open on exit, for others to use and to end."""
        self._kept = True

    def end(self) -> bool:
        """Log out the shared log-on session; false when it was gone already.

        Raises OptionError for a token whose session cannot be told from it.
        """
        session_id = session_id_of(self.options.session)
        if not session_id:
            raise OptionError(
                "The option session does not hold a token of Enterprise Manager.", advice="Pass the value session that veeam_em_session returned."
            )
        return self._delete_logon(session_id, self.options.session)

    def _log_out_own(self) -> None:
        entered = self._gate.acquire(timeout=_LONGEST_LOGON)
        try:
            logon, self._logon = self._logon, None
            if logon is not None:
                self._delete_logon(logon.session_id, logon.token)
        except EmError as error:
            self.warn("The log-on session could not be closed and will end by its idle time-out of 15 minutes: %s" % error.message)
        finally:
            if entered:
                self._gate.release()

    def _delete_logon(self, session_id: str, token: str) -> bool:
        try:
            answer = self._exchange("DELETE", "/logonSessions/" + session_id, token=token)
            if answer.status in (401, 404):
                return False
            self._raise_for(answer)
        except EmError as error:
            # The token is the base64 text of the id, so the id is as secret; and this log-on session may still be open.
            error.message, error.path, error.server_message = (text.replace(session_id, _MASK) for text in (error.message, error.path, error.server_message))
            raise
        return True

    # -- requests -------------------------------------------------------------------------------------------

    def get(self, path: str, parameters: Optional[Mapping[str, str]] = None, roles: Iterable[str] = ()) -> Answer:
        """Read. Repeated with back-off on a cut connection, a time-out or 502, 503, 504, at most ``retries`` times.

        Args: path below /api; roles that the reference names for the call, for the advice on 403.
        """
        return self._request("GET", path, parameters, tuple(roles), self.options.retries)

    def post(self, path: str, parameters: Optional[Mapping[str, str]] = None, roles: Iterable[str] = ()) -> Answer:
        """Order, unless nobody waits for the result any more. Never repeated once it may have arrived.

        401 alone is a sure refusal and leads to one re-log-on.
        """
        return self._request("POST", path, parameters, tuple(roles), 0)

    def delete(self, path: str, roles: Iterable[str] = ()) -> Answer:
        """Delete. Never repeated once it may have arrived."""
        return self._request("DELETE", path, None, tuple(roles), 0)

    def _request(self, method: str, path: str, parameters: Optional[Mapping[str, str]], roles: Tuple[str, ...], retries: int) -> Answer:
        relogged = False
        while True:
            self._check_not_over()
            token = self.options.session or self.log_on().token
            if method != "GET":
                # The log-on may have taken its time: an order that nobody waits for is not given.
                self.check_interrupted()
            answer = self._with_retries(lambda: self._exchange(method, path, parameters, token=token), retries)  # noqa: B023 - called at once
            if answer.status != 401 or self.is_shared or relogged:
                self._raise_for(answer, roles=roles)
                return answer
            relogged = True
            self._forget_logon(token)

    def _with_retries(self, send: Callable[[], Answer], retries: int) -> Answer:
        pause = _FIRST_PAUSE
        while True:
            asked = 0.0
            try:
                answer = send()
            except TlsError:
                raise
            except ConnectError as error:
                # A server never met is more likely misspelt than busy: say so at once.
                if retries < 1 or (not self._met and error.data.get("sent") is False):
                    raise
            else:
                if answer.status not in _PASSING_STATUS or retries < 1:
                    return answer
                asked = _asked_pause(answer)
            retries -= 1
            self.pause(min(max(asked, pause * random.uniform(0.8, 1.2)), _LONGEST_PAUSE))
            pause *= 2

    def _exchange(self, method: str, path: str, parameters: Optional[Mapping[str, str]] = None, token: str = "", basic: bool = False) -> Answer:
        headers: Dict[str, str] = {"Accept": _ACCEPT[self.options.wire_format]}
        if token:
            headers[TOKEN_HEADER] = token
        with self._counting:
            self.requests_sent += 1
        self._sent_by_thread.count = self.requests_sent_here + 1
        try:
            answer = self._transport.send(method, path, parameters, headers, basic)
        except EmError as error:
            advice = self._port_advice()
            if advice and advice not in error.advice:
                error.advice = advice
            if error.received and not basic:  # the answer to a log-on holds the id of the new log-on session
                error.excerpt = "The answer (%s) begins: %s" % (error.status, self.without_secrets(wire.head_of(error.received)))
            raise
        self._met = True
        if self._observe is not None and token and method == "GET":
            self._observe(answer, parameters or {})
        server_time = answer.server_time
        if server_time is not None:
            self._server_clock = (server_time, self.clock())
        return answer

    def parsed(self, answer: Answer) -> wire.Tree:
        """Return the parsed body of an answer. Raises BodyError with the request it belongs to."""
        try:
            return wire.parse(answer.body, answer.content_type)
        except BodyError as error:
            raise self.placed(error, answer) from error

    def placed(self, error: BodyError, answer: Answer) -> BodyError:
        """Return a decoding error with the request it belongs to and without secrets."""
        message = "%s %s (%d): %s" % (answer.method, answer.path, answer.status, self.without_secrets(error.message))
        return BodyError(message, advice=error.advice, method=answer.method, path=answer.path, status=answer.status)

    def pause(self, seconds: float) -> None:
        """Sleep, in slices, so that an interrupt is noticed. Raises Interrupted."""
        end = self.clock() + seconds
        while True:
            self._check_not_over()
            self.check_interrupted()
            left = end - self.clock()
            if left <= 0:
                return
            self._sleep(min(left, _PAUSE_SLICE))

    def check_interrupted(self) -> None:
        """Raise Interrupted when nobody waits for the result any more."""
        if self._interrupted():
            raise Interrupted("The run was interrupted.", advice="A log-on session of its own is closed; what was started in Enterprise Manager goes on.")

    def server_now(self) -> datetime:
        """Return the present moment on the server's clock (its Date header), ours where it sent none."""
        if self._server_clock is None:
            return datetime.now(timezone.utc)
        stamp, taken = self._server_clock
        return datetime.fromtimestamp(stamp, timezone.utc) + timedelta(seconds=self.clock() - taken)

    # -- answers that are refusals --------------------------------------------------------------------------

    def without_secrets(self, text: str) -> str:
        """Return the text with password and tokens replaced in every form in which a server or proxy may echo them.

        A form that is cut off by the end of the text, as heads of bodies are, is replaced too.
        """
        forms = sorted({form for secret in self._secrets for form in _spellings(secret)}, key=len, reverse=True)
        for form in forms:
            text = text.replace(form, _MASK)
        for form in forms:
            for length in range(len(form) - 1, _SHORTEST_TELLING_PART - 1, -1):
                if text.endswith(form[:length]):
                    return text[:-length] + _MASK
        return text

    def holds_secret(self, body: bytes) -> bool:
        """Tell whether the password or a token stands in a body, in any form in which a server may write it."""
        forms = {form for secret in self._secrets for form in _spellings(secret)}
        forms |= {form for secret in self._secrets if wire.is_guid(secret) for form in (secret.lower(), secret.upper())}
        return any(form.encode("utf-8", "surrogatepass") in body for form in forms)

    def _raise_for(self, answer: Answer, roles: Tuple[str, ...] = (), logging_on: bool = False) -> None:
        if 200 <= answer.status < 300:
            return
        raw_words = wire.server_message(answer.body)
        words = self.without_secrets(raw_words)
        asked: Dict[str, Any] = {"method": answer.method, "path": answer.path, "status": answer.status, "server_message": words}
        said = ' The server says: "%s".' % words.rstrip(".") if words else ""
        request = "%s %s was answered with %d." % (answer.method, answer.path, answer.status)
        if answer.status == 401:
            raise self._not_authenticated(request, said, logging_on, asked)
        if answer.status == 403:
            raise self._not_allowed(request, said, roles, logging_on, asked)
        if (answer.status == 404 and not (logging_on and not words)) or _denies_id(answer, raw_words):
            raise NotFound(request + said, advice=self._port_advice() or _NOT_FOUND_ADVICE, **asked)
        if "no backup task with id" in raw_words.lower():
            raise ForeignTask(
                "%s belongs to another log-on session, or has been forgotten: this log-on session does not know it." % answer.path.rpartition("/")[2],
                advice="Tasks live in the log-on session that made them: pass its token in the option session, or find the run by its job and the time of the "
                "start with veeam_em_job_session_wait.",
                **asked,
            )
        begin = "" if words else " It begins: %s" % (self.without_secrets(wire.head_of(answer.body)) or "(no content)")
        raise ServerError(request + said + begin, advice=self._port_advice() or _advice_for(answer.status), **asked)

    def _not_authenticated(self, request: str, said: str, logging_on: bool, asked: Dict[str, Any]) -> AuthenticationError:
        if logging_on:
            return AuthenticationError(
                "Enterprise Manager did not accept the user name or password." + said,
                advice=_TENANT_ADVICE if self.options.tenant else _ACCOUNT_ADVICE,
                **asked,
            )
        if self.is_shared:
            return AuthenticationError(
                "The token in the option session is no longer valid." + said,
                advice="A log-on session ends after 15 idle minutes, by log-out, or with the service: open a new one with veeam_em_session.",
                **asked,
            )
        return AuthenticationError(request + said, advice="The log-on session was lost twice: the service may be restarting; try again.", **asked)

    def _not_allowed(self, request: str, said: str, roles: Tuple[str, ...], logging_on: bool, asked: Dict[str, Any]) -> MissingRight:
        if logging_on:
            message, advice = (
                "The account may not use Enterprise Manager." + said,
                "Give it a role in Enterprise Manager; the REST API needs an Enterprise Plus licence.",
            )
        else:
            message = "The account lacks the right for %s %s (403)." % (asked["method"], asked["path"]) + said
            advice = (
                "The call needs the role %s." % " or ".join(filter(None, (", ".join(roles[:-1]), roles[-1])))
                if roles
                else "Ask for a role in Enterprise Manager that covers it, such as Portal Administrator."
            )
        return MissingRight(message, advice=advice, **asked)


_NOT_FOUND_ADVICE = "Check the path and the ids in it: the object may have been deleted, or the server be too old for the path."
_ACCOUNT_ADVICE = "Check username and password; domain accounts are written DOMAIN\\user or user@domain, and a tenant of Cloud Connect needs the option tenant."
_TENANT_ADVICE = "Check username and password of the tenant; the user of an organization of VMware Cloud Director needs the option organization."


def _denies_id(answer: Answer, words: str) -> bool:
    """Tell whether it is the 400 by which the server says that it knows no such object (WIRE.md section 2: hierarchy roots, deleted jobs)."""
    identity = answer.path.rpartition("/")[2]
    return answer.status == 400 and wire.is_guid(identity) and "%s is invalid" % identity in words


def _asked_pause(answer: Answer) -> float:
    text = answer.headers.get("Retry-After", "")
    return float(text) if text.isdecimal() else 0.0


def _advice_for(status: int) -> str:
    if 300 <= status < 400:
        return "Redirects are not followed, because they could carry the token elsewhere: set host and port to the final address."
    if status in _PASSING_STATUS:
        return "The service is starting, overloaded or behind a proxy that cannot reach it: try again later."
    if status == 400:
        return "The server did not take the request as it is: check ids and api_version; it may also be too old for what was asked."
    if status == 407:
        return "The proxy wants credentials: set the option proxy with them, or use_proxy to false."
    if status == 415:
        return "The server refused the request's content type, which a proxy may have added."
    return "Look at the Enterprise Manager log on the server."
