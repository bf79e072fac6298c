# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator below a real ``Session``, without sockets: it answers where the transport would."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from _api.errors import BodyError
from _api.session import ConnectionOptions, Session
from _api.transport import Answer, encode_query
from em_simulator.offline import Rig


class RigEm:
    """A simulated Enterprise Manager; ``requests`` are those that came in, with their parameters, ``warnings`` what the user would see."""

    def __init__(self, profile: str = "12", **settings: Any) -> None:
        self.rig = Rig(profile=profile, **settings)
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.warnings: list[str] = []

    @property
    def asked(self) -> list[str]:
        """Paths that were read, without those of the log-on session."""
        return [path for method, path, _parameters in self.requests if method == "GET" and path != "/"]

    def session(self, username: str = "admin", **changes: Any) -> Session:
        """Return a session of one of the accounts, which logs on by itself."""
        password = next(account.password for account in self.rig.installation.accounts if account.username == username)
        options = ConnectionOptions(**{"host": "em.example.com", "username": username, "password": password, "retries": 0, **changes})
        opened = Session(options, warn=self.warnings.append, environ={})
        opened._transport = _Wire(self, options)  # type: ignore[assignment]
        return opened


class _Wire:
    def __init__(self, em: RigEm, options: ConnectionOptions) -> None:
        self.em = em
        self.basic = "Basic " + base64.b64encode(f"{options.username}:{options.password}".encode()).decode()

    def close(self) -> None:
        """The transport's end; nothing to do."""

    def send(
        self, method: str, path: str, parameters: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None, basic: bool = False
    ) -> Answer:
        """Take the transport's place."""
        self.em.requests.append((method, path, dict(parameters or {})))
        sent = {**(headers or {}), **({"Authorization": self.basic} if basic else {})}
        answer = self.em.rig.send(method, path, encode_query(parameters) if parameters else "", sent)
        if "?" in path:
            raise BodyError(f"parameters stand in the path {path}")
        return Answer(method, path, answer.status, answer.headers, answer.body)
