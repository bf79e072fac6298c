# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a module of this collection runs: one description, one call, two lanes. Private to this collection.

A module file describes itself as an ``EmModule``. The module lane (``main`` of the file, an ordinary Ansible
module) and the controller lane (plugins/plugin_utils/controller_lane.py) both make a ``Call`` of the task and hand it to
``execute``, the one place where exceptions become results.
"""

from __future__ import annotations

import os
import re
import select
import signal
import threading
import traceback
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, Mapping, NamedTuple, Optional, Sequence, Tuple

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from .._api.errors import EmError, Interrupted
from .._api.session import Session
from .._api.transport import REQUESTS_IMPORT_ERROR
from .._api.wire import XMLTODICT_IMPORT_ERROR
from .options import ArgumentSpec, connection_options

Result = Dict[str, Any]


class Ended(NamedTuple):
    """What came of a program: its exit code and what it wrote."""

    code: int
    output: bytes
    errors: bytes


# Runs a program: its name, its arguments, its input, a folder as its home, seconds; None where it is not there or takes too long.
RunProgram = Callable[[str, Sequence[str], bytes, str, float], Optional[Ended]]

# A log-on token is the base64 form of a GUID, and the path of a log-on session holds that GUID.
_TOKEN_LIKE = re.compile(r"(?<=logonSessions/)[^\s'\"?]+|[A-Za-z0-9+/%]{32,}={0,2}")
_STANDARD_OUTPUT = 1
ONLY_IN_CONTROLLER = "This module works with files of the controller and runs there only, by its action plugin of the same name."


@dataclass(frozen=True)
class EmModule:
    """What a module is: its options and its one function.

    ``run`` takes the call and returns the result; it raises ``EmError`` for all that the user can act on.
    ``supports_async`` is False where a background job would leak what the result holds.
    ``result_is_secret`` keeps a successful result out of the output (the registered variable keeps it).
    ``controller_only`` is True for what works with files of the controller: it runs there, whatever host the task is for.
    """

    spec: ArgumentSpec
    run: Callable[["Call"], Result]
    supports_async: bool = True
    result_is_secret: bool = False
    controller_only: bool = False


@dataclass(frozen=True)
class Call:
    """One task, whatever lane it runs in.

    ``warn`` takes a warning, ``progress`` one line for the screen (which only the controller lane has),
    ``interrupted`` says whether nobody waits for the result any more; waits ask it while they sleep. ``run_program`` runs a
    program of the controller, which only the controller lane can.
    """

    params: Mapping[str, Any]
    check_mode: bool
    diff: bool
    warn: Callable[[str], None]
    progress: Callable[[str], None]
    interrupted: Callable[[], bool]
    run_program: Optional[RunProgram] = None

    def open_session(self, **changes: Any) -> Session:
        """Return the session of the task, a context manager; ``changes`` replace connection options. Raises OptionError."""
        return Session(replace(connection_options(self.params), **changes), warn=self.warn, interrupted=self.interrupted)


def execute(module: EmModule, call: Call) -> Result:
    """Run the module and return its result; a failure is a result with ``failed``, ``msg`` and ``error``.

    What is no ``Exception`` (``Stopped``, a time-out of the task) passes through, after the ``with`` blocks below
    have closed the log-on session.
    """
    try:
        return module.run(call)
    except EmError as error:
        return {"failed": True, **error.as_result()}
    except Exception as error:  # noqa: BLE001 - whatever it is, the user gets one sentence and no traceback
        return {"failed": True, **unexpected(error).as_result()}


def unexpected(error: Exception) -> EmError:
    """Return an exception that nobody foresaw as an error in one sentence, without what looks like a token."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    place = "%s line %s" % (Path(last.filename).name, last.lineno)
    text = _TOKEN_LIKE.sub("********", " ".join(str(error).split()))[:500]
    return EmError(
        "The collection met something it does not expect: %s: %s (%s)." % (type(error).__name__, text or "no text", place),
        advice="This is a fault of the collection; please report this sentence with the versions of the collection and of Enterprise Manager.",
        data={"unexpected": {"exception": type(error).__name__, "place": place}},
    )


def missing_library() -> Optional[Tuple[str, str]]:
    """Return the name and the import error of a library that this Python lacks, or None."""
    for name, import_error in (("requests", REQUESTS_IMPORT_ERROR), ("xmltodict", XMLTODICT_IMPORT_ERROR)):
        if import_error:
            return name, import_error
    return None


def missing_library_message(name: str) -> str:
    """Return what a user is told where a library is missing: core's own sentences, and where AWX takes libraries from."""
    told: str = missing_required_lib(name, reason="to talk to Enterprise Manager; in AWX the execution environment of the job has to bring it")
    return told


class Stopped(BaseException):
    """A signal told the process to stop; raised so that every ``with`` on the way out closes its log-on session."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(signal_number)
        self.signal_number = signal_number

    def as_result(self) -> Result:
        """Return the failed result of a module that was told to stop."""
        name = signal.Signals(self.signal_number).name
        error = Interrupted("The run was told to stop (%s); a log-on session of its own is closed." % name, advice="A job that was started goes on.")
        return {"failed": True, **error.as_result()}


@contextmanager
def signals_raise() -> Iterator[None]:
    """Raise ``Stopped`` on the first signal that asks to stop; later ones do not disturb the log-out.

    A signal that is set to be ignored stays so. The former handlers come back at the end.
    """
    former: Dict[int, Any] = {}
    stopping = False

    def stop(signal_number: int, frame: Any) -> None:
        nonlocal stopping
        if not stopping:
            stopping = True
            raise Stopped(signal_number)

    try:
        # Python lets only the main thread set handlers.
        if threading.current_thread() is threading.main_thread():
            for wanted in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                if signal.getsignal(wanted) not in (signal.SIG_IGN, None):
                    former[wanted] = signal.signal(wanted, stop)
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


class ParentWatch:
    """Says whether the process that waits for this one is gone: its parent, or whoever reads its output.

    A killed runner takes no child along that has a process group of its own, and a shell between the runner and
    a module outlives the runner; the pipe that nobody reads any more tells even then.
    """

    def __init__(self, watch_output: bool) -> None:
        self._parent = os.getppid()
        self._watch_output = watch_output and hasattr(select, "poll")

    def gone(self) -> bool:
        """Return True when nobody is left to take the result."""
        return os.getppid() != self._parent or (self._watch_output and _reader_is_gone(_STANDARD_OUTPUT))


def _reader_is_gone(descriptor: int) -> bool:
    poller = select.poll()
    poller.register(descriptor, 0)
    return any(event & (select.POLLERR | select.POLLHUP) for _number, event in poller.poll(0))


def _no_progress(line: str) -> None:
    """A module has no way to print before its end."""


def run_as_module(module: EmModule) -> None:
    """Run the module lane: what ``main`` of every module file calls. Ends the process with the result on its output."""
    ansible_module = AnsibleModule(supports_check_mode=True, **module.spec.as_keywords())
    if module.controller_only:
        ansible_module.fail_json(msg=ONLY_IN_CONTROLLER)
    missing = missing_library()
    if missing:
        ansible_module.fail_json(msg=missing_library_message(missing[0]), exception=missing[1])
    call = Call(
        params=ansible_module.params,
        check_mode=ansible_module.check_mode,
        diff=bool(ansible_module._diff),
        warn=ansible_module.warn,
        progress=_no_progress,
        interrupted=ParentWatch(watch_output=True).gone,
    )
    try:
        with signals_raise():
            result = execute(module, call)
    except Stopped as stopped:
        result = stopped.as_result()
    if result.get("failed"):
        ansible_module.fail_json(**result)
    ansible_module.exit_json(**result)
