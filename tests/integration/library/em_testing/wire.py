# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The bare wire: what the simulator answers to plain requests, for expectations that owe nothing to the collection."""

from __future__ import annotations

import base64
from types import TracebackType
from typing import Any

import requests
from requests.auth import HTTPBasicAuth

from em_simulator.control import Simulator

Raw = dict[str, Any]


class Wire:
    """A log-on session of our own over plain requests, JSON as the server writes it."""

    def __init__(self, simulator: Simulator) -> None:
        self._base = f"https://{simulator.host}:{simulator.port}/api"
        # As UTF-8, which the library would write as Latin-1.
        self._credentials = HTTPBasicAuth(simulator.username.encode(), simulator.password.encode())
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.verify = str(simulator.ca_path)
        self._http.headers["Accept"] = "application/json"
        self.session_id = ""

    def __enter__(self) -> Wire:
        answer = self._http.post(f"{self._base}/sessionMngr/?v=latest", auth=self._credentials, timeout=30)
        answer.raise_for_status()
        body = {name.lower(): value for name, value in answer.json().items()}
        self.session_id = str(body["sessionid"])
        self._http.headers["X-RestSvcSessionId"] = self.token
        self._http.cookies.clear()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._http.delete(f"{self._base}/logonSessions/{self.session_id}", timeout=30)
        self._http.close()

    @property
    def token(self) -> str:
        """The token of this log-on session."""
        return base64.b64encode(self.session_id.encode()).decode()

    def get(self, path: str, **parameters: str) -> Any:
        """Return the body of a GET below /api."""
        answer = self._http.get(f"{self._base}{path}", params=parameters, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def post(self, path: str, **parameters: str) -> Raw:
        """Return the body of an order."""
        answer = self._http.post(f"{self._base}{path}", params=parameters, timeout=30)
        answer.raise_for_status()
        body: Raw = answer.json()
        return body

    def all(self, query_type: str) -> list[Raw]:
        """Return every entity of a query type. PascalCase profiles only."""
        found: list[Raw] = []
        number = 1
        while True:
            body = self.get("/query", type=query_type, format="Entities", pageSize="1000", page=str(number))
            (member,) = (value for value in body["Entities"].values() if value is not None)
            (rows,) = member.values()
            found.extend(rows)
            if number >= body["PagingInfo"]["PagesCount"]:
                return found
            number += 1

    def job(self, name: str) -> Raw:
        """Return the one job of a name."""
        (job,) = [row for row in self.all("Job") if row["Name"] == name]
        return job


def guid(row: Raw) -> str:
    """Return the id inside the URN of a row."""
    return str(row["UID"]).rsplit(":", 1)[-1]


def linked(row: Raw, link_type: str) -> str:
    """Return the name of the thing that a row links to."""
    return next((str(link["Name"]) for link in row["Links"] if link["Type"] == link_type + "Reference"), "")
