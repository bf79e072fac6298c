# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The event source of ansible-rulebook behind its file: options, the rounds in which it asks, back-off, the end. Private to this collection.

Requests block, so they and the state file have a thread of their own; the event loop of the rulebook engine never waits for the server.
"""

from __future__ import annotations

import asyncio
import logging
import random
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from functools import partial
from typing import Any, Callable, Dict, Mapping, Optional, Tuple, TypeVar

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.lanes import missing_library, unexpected
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.options import CONNECTION_OPTIONS, ArgumentSpec, connection_options
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.bookmark import StateFile
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.ended_sessions import (
    DEFAULT_LOOKBACK,
    KINDS_OF_JOBS,
    RESULTS,
    SESSION_KINDS,
    EndedSessions,
    Wanted,
    first_bookmark,
)
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.errors import AuthenticationError, EmError, FileError, MissingRight, OptionError
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.query import nearest
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.session import ConnectionOptions, Session

# The key below which all stands that an event tells.
ENVELOPE = "veeam_em"
_SHORTEST_INTERVAL = 1
_SHORTEST_LOOKBACK = 60
# The file holds all that was seen, so it is not written for each of thousands of events.
_BETWEEN_FILES = 1.0
_PAUSE_SLICE = 1.0

logger = logging.getLogger("openbackup.veeam_em.veeam_em_sessions")
Result = TypeVar("Result")


# ---------------------------------------------------------------------------------------------------------
# Options


def source_spec() -> ArgumentSpec:
    """Return the options of the event source.

    Those of the connection have the names, defaults and variables that they have everywhere, but for ``session``: the source outlives any
    log-on session that it could be lent.
    """
    connection = {option.name: option.argument() for option in CONNECTION_OPTIONS if option.name != "session"}
    own: Dict[str, Dict[str, Any]] = {
        "interval": {"type": "float", "default": 60.0},
        "kinds": {"type": "list", "elements": "str", "choices": list(SESSION_KINDS), "default": list(KINDS_OF_JOBS)},
        "results": {"type": "list", "elements": "str", "choices": list(RESULTS), "default": list(RESULTS)},
        "jobs": {"type": "list", "elements": "str", "default": []},
        "backup_server": {"type": "str", "default": ""},
        "with_machines": {"type": "bool", "default": True},
        "since": {"type": "str", "default": ""},
        "lookback": {"type": "int", "default": DEFAULT_LOOKBACK},
        "limit": {"type": "int"},
        "state_file": {"type": "path", "default": ""},
    }
    return ArgumentSpec(connection).merge(ArgumentSpec(own))


@dataclass(frozen=True)
class Settings:
    """The checked options: whom to ask, what for, how often (``interval``, seconds), from when on and how much at once."""

    connection: ConnectionOptions
    wanted: Wanted
    interval: float
    since: str
    limit: Optional[int]
    state_file: str

    @property
    def server(self) -> str:
        """Whom it is about, as host:port."""
        return "%s:%d" % (self.connection.host, self.connection.port)


def read_settings(arguments: Optional[Mapping[str, Any]]) -> Settings:
    """Return the settings that the arguments of a rulebook come to. Raises OptionError in a sentence for what cannot be."""
    spec = source_spec()
    given = dict(arguments or {})
    for name in given:
        if name not in spec.arguments:
            message = "There is no option %r.%s" % (name, nearest(str(name), spec.arguments))
            raise OptionError(message, advice="Known options: %s." % ", ".join(sorted(spec.arguments)))
    # A variable that nobody filled in makes an empty text of an option.
    filled = {name: value for name, value in given.items() if value not in ("", None)}
    validation = ArgumentSpecValidator(**spec.as_keywords()).validate(filled)
    if validation.error_messages:
        raise OptionError("The options of the event source do not fit: %s." % "; ".join(validation.error_messages))
    values = validation.validated_parameters
    for name, least in (("interval", _SHORTEST_INTERVAL), ("lookback", _SHORTEST_LOOKBACK), ("limit", 1)):
        if values[name] is not None and values[name] < least:
            raise OptionError("The %s is %g." % (name, values[name]), advice="Give %d or more." % least)
    connection = connection_options(values)
    connection.check()
    wanted = Wanted(**{name: values[name] for name in (field.name for field in fields(Wanted))})
    return Settings(connection, wanted, values["interval"], values["since"], values["limit"], values["state_file"])


# ---------------------------------------------------------------------------------------------------------
# Rounds


@dataclass(frozen=True)
class Pace:
    """How it goes on after trouble, in seconds: pauses double from ``shortest`` to ``longest``; a log-on that is refused although it was
    taken before is tried ``logons`` times more, ``logon`` apart, since each could bring the account nearer to being locked.
    """

    shortest: float = 5.0
    longest: float = 300.0
    logon: float = 900.0
    logons: int = 3


class EventSource:
    """Puts an event for each job session that has ended into the queue of a rulebook, until it is cancelled."""

    def __init__(self, settings: Settings, queue: Any, pace: Optional[Pace] = None) -> None:
        self._settings = settings
        self._queue = queue
        self._pace = pace or Pace()
        self._stop = threading.Event()
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="veeam_em_sessions")
        self._state = StateFile(settings.state_file, settings.server)
        self._session = self._new_session()
        self._watch: Optional[EndedSessions] = None
        self._has_worked = False
        self._failures = 0
        self._refusals = 0
        self._trouble: Tuple[Any, ...] = ()
        self._said = ""
        self._filed_at = 0.0

    def _new_session(self) -> Session:
        return Session(self._settings.connection, warn=self._warn, interrupted=self._stop.is_set)

    async def run(self) -> None:
        """Ask and put out for ever. Raises EmError for what only people can mend; on its way out it closes its log-on session."""
        try:
            while True:
                try:
                    await self._round()
                except Exception as error:  # noqa: BLE001 - one answer that nobody foresaw must not end a watch of months
                    pause = self._pause_after(error if isinstance(error, EmError) else unexpected(error))
                else:
                    pause = self._settings.interval
                    self._take_note_of_success()
                await self._pause(pause)
        finally:
            self._stop.set()
            await asyncio.shield(self._close())

    async def _pause(self, seconds: float) -> None:
        end = asyncio.get_running_loop().time() + seconds
        while True:
            keep_signal_handlers()
            left = end - asyncio.get_running_loop().time()
            if left <= 0:
                return
            await asyncio.sleep(min(left, _PAUSE_SLICE))

    async def _in_thread(self, work: Callable[..., Result], *arguments: Any) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._worker, partial(work, *arguments))

    async def _round(self) -> None:
        if self._watch is None:
            self._watch = await self._in_thread(self._begin)
        watch = self._watch
        ended = await self._in_thread(watch.look)
        left = self._settings.limit or len(ended)
        for one in ended[:left]:
            event = await self._in_thread(watch.event_of, one)
            if event is not None:
                await self._queue.put({ENVELOPE: event})
                watch.is_out(one)
                if asyncio.get_running_loop().time() - self._filed_at >= _BETWEEN_FILES:
                    await self._in_thread(self._file, watch)
                    self._filed_at = asyncio.get_running_loop().time()
        try:
            watch.end_round(len(ended) <= left)
        finally:
            await self._in_thread(self._file, watch)

    def _begin(self) -> EndedSessions:
        bookmark = self._state.load() or first_bookmark(self._session, self._settings.since)
        self._state.save(bookmark)
        return EndedSessions(self._session, self._settings.wanted, bookmark)

    async def _close(self) -> None:
        # Requests under way end with an answer or by their time-out; none follows them.
        await asyncio.to_thread(self._session.__exit__, None, None, None)
        if self._watch is not None:
            await self._in_thread(self._file, self._watch)
        self._worker.shutdown(wait=False)

    def _file(self, watch: EndedSessions) -> None:
        try:
            self._state.save(watch.bookmark)
        except FileError as error:
            self._warn("What was put out is only remembered until the end of this process: %s" % error)

    # -- trouble --------------------------------------------------------------------------------------------

    def _pause_after(self, error: EmError) -> float:
        """Return how long to pause after a failure. Raises the failure where asking again would not help or could do harm."""
        # Other than the loss of a log-on session, which has the same status.
        refused = isinstance(error, AuthenticationError) and error.method == "POST"
        if not self._has_worked and (refused or isinstance(error, (OptionError, MissingRight, FileError))):
            raise error
        if refused:
            self._refusals += 1
            if self._refusals > self._pace.logons:
                raise error
            self._log_on_anew()
        self._failures += 1
        pause = self._pace.logon if refused else min(self._pace.longest, min(self._pace.shortest, self._settings.interval) * 2.0 ** min(self._failures - 1, 30))
        trouble = (error.kind, error.status)
        if trouble != self._trouble:
            self._trouble = trouble
            often = self._pace.logon if refused else self._pace.longest
            self._warn("Enterprise Manager %s cannot be watched: %s It is asked again, every %d s at last." % (self._settings.server, error, often))
        return pause * random.uniform(0.8, 1.2)

    def _log_on_anew(self) -> None:
        """Take another session: one that was refused never sends its password again. There is no log-on session to close."""
        self._session.__exit__(None, None, None)
        self._session = self._new_session()
        if self._watch is not None:
            self._watch.session = self._session

    def _take_note_of_success(self) -> None:
        if self._trouble:
            self._warn("Enterprise Manager %s is watched again; what ended meanwhile is put out." % self._settings.server)
        self._has_worked = True
        self._failures = self._refusals = 0
        self._trouble = ()

    def _warn(self, sentence: str) -> None:
        line = " ".join(sentence.split())
        if line != self._said:
            self._said = line
            logger.warning("%s", line)


def keep_signal_handlers() -> None:
    """Put the handlers of this process for the signals that end it into force again.

    The rule engine starts a Java machine, which puts its own in their place and ends the process at once: nobody could log out any more.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGINT, signal.SIGTERM):
        handler = signal.getsignal(number)
        if callable(handler):
            signal.signal(number, handler)


async def watch(queue: Any, arguments: Optional[Mapping[str, Any]]) -> None:
    """Be the event source: put events into the queue until cancelled. Raises OptionError for arguments that cannot be, and as ``run``."""
    lacking = missing_library()
    if lacking:
        raise OptionError("The Python of ansible-rulebook lacks the library %s." % lacking[0], advice="Install it there, such as with pip.")
    await EventSource(read_settings(arguments), queue).run()
