# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The refusals of the server, with the texts that real ones send (WIRE.md section 2)."""

from __future__ import annotations

import re

_GUID = re.compile(r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")

BAD_BODY = "Node [root] does not exist."


class Problem(Exception):
    """An answer that is an error: HTTP status and the server's message."""

    def __init__(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = headers or {}


def not_found(what: str, identifier: str) -> Problem:
    """A well-formed id that nothing has."""
    return Problem(404, f"Cannot find {what} [{identifier}]")


def bad_id(identifier: str, entity_type: str) -> Problem:
    """An id that is no GUID; the blank in front is really sent."""
    return Problem(400, f" ID {identifier} is invalid. Type: {entity_type}")


def unknown_task(task_id: str) -> Problem:
    """A task nobody made, another log-on session made, or that was cleaned away: the server cannot tell which."""
    return Problem(500, f"There is no backup task with id [{task_id}] in current rest session")


def unauthorized(message: str) -> Problem:
    """No session, an ended one, or a wrong password."""
    return Problem(401, message, {"WWW-Authenticate": "Basic Realm=RestSvc"})


def forbidden(role: str) -> Problem:
    """The account lacks the role."""
    return Problem(403, f"Access is denied for the role {role}")


def require_guid(identifier: str, entity_type: str) -> str:
    """Return the id in lower case. Raises Problem 400 when it is no GUID."""
    if not _GUID.match(identifier):
        raise bad_id(identifier, entity_type)
    return identifier.lower()
