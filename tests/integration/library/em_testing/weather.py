# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bad weather as data: a task that has to fail, and what its user has to be told."""

from __future__ import annotations

import contextlib
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .plays import Task, tried
from .runner import Run


@dataclass(frozen=True)
class Storm:
    """One failing task.

    Args:
        name, module, arguments, keywords: the task.
        kind: error.kind of the result.
        texts: patterns, each of which has to be found in the message.
        method, path, status, server_message: what the result has to say of the request; None where there was none to speak of.
        keys: further keys of the result with their values; a callable judges.
    """

    name: str
    module: str
    arguments: dict[str, Any]
    kind: str
    texts: tuple[str, ...]
    method: str | None = None
    path: str | None = None
    status: int | None = None
    server_message: str | None = None
    keys: dict[str, Any] = field(default_factory=dict)
    keywords: dict[str, Any] = field(default_factory=dict)

    @property
    def task(self) -> Task:
        """The task, which goes on after the failure."""
        return tried(self.name, self.module, self.arguments, **self.keywords)

    def complaints(self, run: Run) -> list[str]:
        """Return what is wrong with the result, in a sentence, or nothing."""
        try:
            self.judge(run)
        except AssertionError as complaint:
            return [str(complaint)]
        return []

    def judge(self, run: Run) -> None:
        """Hold the result against what the user has to be told."""
        result = run.failure(self.name)
        message, error = result["msg"], result.get("error")
        assert error, f"{self.name}: no data with the failure: {message}"
        assert error["kind"] == self.kind, f"{self.name}: {error['kind']}: {message}"
        for text in self.texts:
            assert re.search(text, message), f"{self.name}: {text!r} is not in {message!r}"
        assert (error["method"], error["status"]) == (self.method, self.status), f"{self.name}: {error}"
        assert re.fullmatch(self.path, error["path"]) if self.path else error["path"] is None, f"{self.name}: {error}"
        assert error["server_message"] == self.server_message, f"{self.name}: {error}"
        assert len(message) < 1200 and "\n" not in message, f"{self.name}: {message}"
        for name, wanted in self.keys.items():
            assert wanted(result[name]) if callable(wanted) else result[name] == wanted, f"{self.name}: {name} is {result[name]!r}"


@contextlib.contextmanager
def deaf_port() -> Iterator[int]:
    """Give a port on loopback that takes no connection and refuses none: its queue is full."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _number in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                waiting.connect(listener.getsockname())
        yield listener.getsockname()[1]


def closed_port() -> int:
    """Return a port on loopback on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
