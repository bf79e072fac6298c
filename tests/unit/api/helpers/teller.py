# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A service below a real ``Session`` that answers each address with what a test says; whatever was not said is a 404."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

from _api.session import ConnectionOptions, Session
from _api.transport import Answer, encode_query

SESSION_ID = "5e550000-0000-4000-8000-0000000000aa"
TOKEN = base64.b64encode(SESSION_ID.encode()).decode()
API = "https://other-name.example.org:9398/api"
Told = Any


class Teller:
    """Answers by path with its query, or by path alone: a dict is JSON, a text XML, a number a refusal of that status."""

    def __init__(self, told: Mapping[str, Told]) -> None:
        self.told = dict(told)
        self.asked: list[str] = []

    def send(self, method: str, path: str, parameters: Mapping[str, str] | None, headers: Mapping[str, str], basic: bool = False) -> Answer:
        """Answer in the place of the transport."""
        line = path + ("?" + encode_query(parameters) if parameters else "")
        self.asked.append(line)
        told = self.told.get(line, self.told.get(path, 404))
        if callable(told):
            told = told(dict(parameters or {}))
        if isinstance(told, int):
            body = json.dumps({"Message": "refused with %d" % told, "StatusCode": told})
            return Answer(method, path, told, {"Content-Type": "application/json"}, body.encode())
        is_xml = isinstance(told, str)
        kind = "application/xml" if is_xml else "application/json"
        return Answer(method, path, 200, {"Content-Type": kind, "Server": "Teller/1"}, told.encode() if is_xml else json.dumps(told).encode())

    def close(self) -> None:
        """There is nothing to close."""

    def session(self, warn: Callable[[str], None] = lambda sentence: None, token: str = TOKEN) -> Session:
        """Return a session with a shared token that speaks to it."""
        opened = Session(ConnectionOptions(host="em.example.org", session=token, retries=0), warn, environ={})
        opened._transport = self  # type: ignore[assignment]
        return opened


def xml(root: str, content: str = "", attributes: str = "") -> str:
    """Return a document in the service's namespace."""
    return f'<?xml version="1.0" encoding="utf-8"?><{root} xmlns="http://www.veeam.com/ent/v1.0" {attributes}>{content}</{root}>'
