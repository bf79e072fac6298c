# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Any path or link to read: what of it is asked for. Private to this collection.

The name of the server in a link can differ from the one that we use, so that nothing but path and parameters counts (WIRE.md section 4).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Mapping
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from .errors import OptionError

# What may stand in a part of a path as it is; a slash may not, as it would begin another part.
_PLAIN = "!$&'()*+,;=:@~"
_LISTINGS = ("listall", "listfiles", "listdirs")
_LOGON_ID = re.compile(r"(?<=logonSessions/)[^/?&\s\"'<>]+", re.IGNORECASE)
MASK = "********"


@dataclass(frozen=True)
class Address:
    """What a GET asks for: a path below /api, escaped once, and parameters that are not escaped yet."""

    path: str
    parameters: Mapping[str, str]

    def parameter(self, name: str) -> str:
        """Return a parameter by its name in any case, "" where there is none."""
        return next((value for key, value in self.parameters.items() if key.lower() == name.lower()), "")

    def with_parameters(self, **changes: str) -> Address:
        """Return the address with parameters set, in whatever case their names stood before."""
        names = {name.lower() for name in changes}
        return Address(self.path, {**{key: value for key, value in self.parameters.items() if key.lower() not in names}, **changes})


def address_of(text: str) -> Address:
    """Return the address that a path, with or without /api, or a whole link means. The server that it names is not looked at.

    Raises OptionError for what leads out of the API or to tokens, and for what is no reading.
    """
    parts = urlsplit(text.strip())
    path = "/" + parts.path.lstrip("/") if not parts.netloc else parts.path
    if path.lower() == "/api" or path.lower().startswith("/api/"):
        path = path[4:]
    elif parts.netloc:
        raise OptionError("%r is no address of the Enterprise Manager REST API." % _shown(text), advice="Links to it go on with /api/ behind host and port.")
    segments = [unquote(segment) for segment in path.strip("/").split("/")] if path.strip("/") else []
    if any(segment in ("", ".", "..") or not segment.isprintable() for segment in segments):
        raise OptionError(
            "%r is no path below /api." % _shown(text), advice="Parts that are empty, dots alone or hold control characters would lead elsewhere."
        )
    address = Address("/" + "/".join(map(escaped, segments)), dict(parse_qsl(parts.query, keep_blank_values=True)))
    _check(address, segments[0].lower() if segments else "")
    return address


def escaped(part: str) -> str:
    """Return one part of a path as it stands in addresses, with the letters that servers leave as they are, such as the colon of a drive."""
    return quote(part, safe=_PLAIN)


def _check(address: Address, first: str) -> None:
    if first == "sessionmngr":
        raise OptionError("Log-on sessions are not opened by reading a path.", advice="Use veeam_em_session.")
    if first == "logonsessions":
        raise OptionError("Log-on sessions are not read by their path, as their ids are as good as tokens.", advice="Use veeam_em_logon_session_info.")
    action = address.parameter("action")
    if action and action.lower() not in _LISTINGS:
        raise OptionError("The action %r is no reading." % action, advice="Only the listings of guest files are: listAll, listFiles and listDirs.")


def _shown(text: str) -> str:
    return str(hide_logons(text))[:200]


def hide_logons(value: Any) -> Any:
    """Return a value without the ids of log-on sessions in addresses, at any depth."""
    if isinstance(value, str):
        return _LOGON_ID.sub(MASK, value) if "session" in value.lower() else value
    if isinstance(value, list):
        return [hide_logons(inner) for inner in value]
    if isinstance(value, dict):
        return {key: hide_logons(inner) for key, inner in value.items()}
    return value
