# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is logged on, without what is as good as a token: ids, addresses and links of log-on sessions. Private to this collection.

Source: reference page /logonSessions; WIRE.md sections 0 (the token is made from the id) and 3.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from typing import Any, Dict, List

from .entities._model import Field, Kind
from .entities.service import LOGON_SESSION
from .errors import EmError
from .reading import get_list
from .session import Session, session_id_of

_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# The base64 form of the 36 letters of a GUID.
_TOKEN = re.compile(r"[A-Za-z0-9+/]{48}")
_MASK = "********"
_FINGERPRINT_LENGTH = 16

# What may be shown of one.
SHOWN_LOGON_SESSION = replace(
    LOGON_SESSION,
    key="fingerprint",
    id_pattern="[0-9a-f]{%d}" % _FINGERPRINT_LENGTH,
    id_advice="Ids are the fingerprints that this module returned, such as 9f86d081884c7d65.",
    fields=(
        Field(
            "fingerprint",
            "",
            Kind.STRING,
            "Tells log-on sessions apart and is good for nothing else: the beginning of a hash of the id.",
            sample="9f86d081884c7d65",
        ),
        LOGON_SESSION.field("user_name"),
        Field("own", "", Kind.BOOL, "Whether the module itself spoke in this log-on session.", sample=False),
    ),
)


def fingerprint(session_id: str) -> str:
    """Return what tells a log-on session from others; the random id cannot be computed from it."""
    return hashlib.sha256(session_id.lower().encode("utf-8")).hexdigest()[:_FINGERPRINT_LENGTH]


def read_logon_sessions(session: Session) -> List[Dict[str, Any]]:
    """Return the log-on sessions that the account may see, in the form of ``SHOWN_LOGON_SESSION``. Raises EmError without any id in it."""
    try:
        records = get_list(session, LOGON_SESSION, LOGON_SESSION.path)
    except EmError as error:
        # A body that cannot be read is shown in part, and this one is full of ids.
        error.message, error.server_message, error.excerpt = (_hidden(text) for text in (error.message, error.server_message, error.excerpt))
        raise error from None
    own = session.session_id or session_id_of(session.options.session)
    return [_shown(record, own) for record in records]


def _shown(record: Dict[str, Any], own: str) -> Dict[str, Any]:
    session_id = record["session_id"] or record["id"] or ""
    mark = fingerprint(session_id)
    frame = {"id": mark, "uid": None, "name": None, "type": record["type"], "href": None}
    return {**frame, "fingerprint": mark, "user_name": record["user_name"], "own": bool(own) and session_id.lower() == own.lower()}


def _hidden(text: str) -> str:
    return _TOKEN.sub(_MASK, _GUID.sub(_MASK, text))
