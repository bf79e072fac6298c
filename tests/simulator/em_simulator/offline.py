# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The server without sockets, on a clock that only the test turns: for unit tests of clients and decoders."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from .installation import Installation, Settings
from .logons import TOKEN_HEADER
from .service import Answer, Request

START = datetime(2026, 11, 20, 20, 0, 0, tzinfo=timezone.utc)
BASE = "https://em.example.com:9398"


class Rig:
    """An installation, its clock (20 November 2026, 20:00 UTC at the start), and a client that can log on.

    Further ``settings`` are those of ``Settings``, such as ``generate`` and ``task_sessions``.
    """

    def __init__(self, estate: Path | str = "demo", profile: str = "12", **settings: Any) -> None:
        self.seconds = 0.0
        options: dict[str, Any] = {"password": "pa:ss wörd", "now": START, **settings}
        self.installation = Installation(Settings(estate=str(estate), profile=profile, **options), source=lambda: self.seconds)
        self.token = ""

    def wait(self, seconds: float) -> None:
        """Let simulated time pass."""
        self.seconds += seconds

    def send(self, method: str, path: str, query: str = "", headers: dict[str, str] | None = None, body: bytes = b"") -> Answer:
        """Send exactly this request."""
        return self.installation.service.handle(Request(method, "/api" + path, query, headers or {}, body, BASE))

    def log_on(self, username: str = "admin", password: str | None = None, version: str = "latest") -> Answer:
        """Log on and keep the token for the calls to come."""
        if password is None:
            password = next(account.password for account in self.installation.accounts if account.username == username)
        basic = base64.b64encode(f"{username}:{password}".encode()).decode("ascii")
        answer = self.send("POST", "/sessionMngr/", f"v={version}", {"Authorization": f"Basic {basic}"})
        self.token = answer.headers.get(TOKEN_HEADER, "")
        return answer

    def call(self, method: str, path: str, query: str = "", as_json: bool = True) -> Answer:
        """Send a request within the log-on session."""
        headers = {TOKEN_HEADER: self.token}
        if as_json:
            headers["Accept"] = "application/json"
        return self.send(method, path, query, headers)

    def json(self, path: str, query: str = "") -> Any:
        """GET as JSON; the request must succeed."""
        answer = self.call("GET", path, query)
        assert answer.status == 200, answer.body
        return json.loads(answer.body)

    def xml(self, path: str, query: str = "") -> ElementTree.Element:
        """GET as XML; the request must succeed."""
        answer = self.call("GET", path, query, as_json=False)
        assert answer.status == 200, answer.body
        return ElementTree.fromstring(answer.body)

    def query(self, kind: str, filter_text: str = "", more: str = "") -> list[dict[str, Any]]:
        """Return the entities that a query finds on its first page."""
        found = self.json("/query", f"type={kind}&format=Entities&filter={filter_text}{more}")
        (members,) = [value for value in (found["Entities"] or found["Resources"]).values() if value]
        (entities,) = members.values()
        return list(entities)

    def job_id(self, name: str) -> str:
        """Return the id of the only job with the name."""
        (job,) = self.installation.world.jobs_named(name)
        return job.id
