# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One family of exceptions: what was asked, what came back, what to do. Private to this collection.

Raised anywhere below; turned into a result in one place (``_ansible/lanes.py``). A message never holds a
password or a token, because requests are described by method and path only.
"""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional


class EmError(Exception):
    """Something that the user can act on.

    Args:
        message: what was asked and what came back, one or two sentences.
        advice: what to do about it.
        method, path, status: the request as data, where there was one.
        server_message: the server's own words.
        data: further keys for the result (last task, job session, candidates, ...).
    """

    kind = "error"

    def __init__(
        self,
        message: str,
        advice: str = "",
        method: str = "",
        path: str = "",
        status: Optional[int] = None,
        server_message: str = "",
        data: Optional[Mapping[str, Any]] = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice
        self.method = method
        self.path = path
        self.status = status
        self.server_message = server_message
        self.data: Dict[str, Any] = dict(data or {})
        # The beginning of a body that was cut off, as it came, and as whoever knows the secrets made it fit to show.
        self.received = b""
        self.excerpt = ""

    def __str__(self) -> str:
        return " ".join(part for part in (self.message, self.excerpt, self.advice) if part)

    def as_result(self) -> Dict[str, Any]:
        """Return the keys of a failed result: msg, error and whatever the raiser attached."""
        error = {
            "kind": self.kind,
            "method": self.method or None,
            "path": self.path or None,
            "status": self.status,
            "server_message": self.server_message or None,
            "advice": self.advice or None,
        }
        return {"msg": str(self), "error": error, **self.data}


class OptionError(EmError):
    """An option or variable is missing or malformed; nothing was sent."""

    kind = "option"


class FilterError(OptionError):
    """A filter, sort field, query type or date is not one the service knows; nothing was sent."""

    kind = "filter"


class FileError(EmError):
    """A file of the user could not be written: disk full, quota, a file system that failed."""

    kind = "file"


class ConnectError(EmError):
    """No conversation came about: no route, refused, unknown host, proxy, connection cut."""

    kind = "connection"


class TlsError(ConnectError):
    """The TLS handshake failed: unknown CA, wrong host name, plain HTTP on the port."""

    kind = "tls"


class TimeoutExceeded(ConnectError):
    """The server did not take the connection, or did not answer, in time."""

    kind = "timeout"


class AuthenticationError(EmError):
    """401: wrong password, or a token that is expired, logged out or of another server."""

    kind = "authentication"


class MissingRight(EmError):
    """403: the account's role does not cover the call."""

    kind = "permission"


class NotFound(EmError):
    """404 (or the 400 that stands for it): the server knows no such object."""

    kind = "not_found"


class ForeignTask(EmError):
    """The task is unknown in this log-on session: another session's, forgotten, or never there."""

    kind = "foreign_task"


class ServerError(EmError):
    """The server refused or failed with a status of its own."""

    kind = "server"


class BodyError(EmError):
    """The answer is not what the service sends: malformed, truncated, foreign, too large."""

    kind = "body"


class AmbiguousName(EmError):
    """A name that an order depends on fits several objects; nothing was started."""

    kind = "ambiguous_name"


class UnknownName(EmError):
    """A name that an order depends on fits nothing; nothing was started."""

    kind = "unknown_name"


class OrderFailed(EmError):
    """Enterprise Manager carried the order out with Success=false."""

    kind = "task_failed"


class RunFailed(EmError):
    """The job session ended with a result outside of those the caller accepts."""

    kind = "run_failed"


class WaitTimeExceeded(EmError):
    """The wait time is over; the task or job goes on untouched."""

    kind = "wait_timeout"


class OutcomeUnknown(EmError):
    """The answer to a POST was lost and looking it up brought no certainty; it was not repeated."""

    kind = "outcome_unknown"


class OrderNotTaken(EmError):
    """The answer to a POST was lost, and looking it up showed that the server never took it."""

    kind = "not_started"


class Interrupted(EmError):
    """The run was told to stop; a log-on session of its own is closed, the job goes on."""

    kind = "interrupted"
