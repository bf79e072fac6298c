# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The bare wire: what the simulator answers to plain requests, for expectations that owe nothing to the collection's reader."""

from __future__ import annotations

import base64
from types import TracebackType
from typing import Any
from urllib.parse import unquote, urlsplit

import requests
from requests.auth import HTTPBasicAuth

from em_simulator.control import Simulator


class Raw(dict[str, Any]):
    """An object of a JSON body. Its members answer to their names in any case, which differs between generations of the server."""

    def __init__(self, members: dict[str, Any]) -> None:
        super().__init__({name.lower(): value for name, value in members.items()})

    def __getitem__(self, name: str) -> Any:
        return super().__getitem__(name.lower())

    def __contains__(self, name: object) -> bool:
        return super().__contains__(str(name).lower())

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name.lower(), default)


class Wire:
    """A log-on session of our own over plain requests, JSON as the server writes it; ``account`` is the administrator unless named."""

    def __init__(self, simulator: Simulator, account: str = "") -> None:
        self.simulator = simulator
        self._base = f"https://{simulator.host}:{simulator.port}/api"
        password = simulator.accounts[account]["password"] if account else simulator.password
        # As UTF-8, which the library would write as Latin-1.
        self._credentials = HTTPBasicAuth((account or simulator.username).encode(), password.encode())
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.verify = str(simulator.ca_path)
        self._http.headers["Accept"] = "application/json"
        self.session_id = ""

    def __enter__(self) -> Wire:
        answer = self._http.post(f"{self._base}/sessionMngr/?v=latest", auth=self._credentials, timeout=30)
        answer.raise_for_status()
        self.session_id = str(answer.json(object_hook=Raw)["SessionId"])
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

    def status(self, path: str, **parameters: str) -> int:
        """Return the status of a GET below /api."""
        return self._http.get(f"{self._base}{path}", params=parameters, timeout=30).status_code

    def get(self, path: str, **parameters: str) -> Any:
        """Return the body of a GET below /api. Raises requests.HTTPError."""
        answer = self._http.get(f"{self._base}{path}", params=parameters, timeout=30)
        answer.raise_for_status()
        return answer.json(object_hook=Raw)

    def post(self, path: str, **parameters: str) -> Raw:
        """Return the body of an order."""
        answer = self._http.post(f"{self._base}{path}", params=parameters, timeout=30)
        answer.raise_for_status()
        body: Raw = answer.json(object_hook=Raw)
        return body

    def all(self, query_type: str) -> list[Raw]:
        """Return every entity of a query type."""
        found: list[Raw] = []
        number = 1
        while True:
            body = self.get("/query", type=query_type, format="Entities", pageSize="1000", page=str(number))
            envelope = body.get("Entities") or body.get("Resources")
            (member,) = (value for value in envelope.values() if value is not None)
            found.extend(_only_list(member))
            if number >= body["PagingInfo"]["PagesCount"]:
                return found
            number += 1

    def collection(self, path: str) -> list[Raw]:
        """Return every entity of a collection, which comes whole."""
        return _only_list(self.get(path, format="Entity"))

    def job(self, name: str) -> Raw:
        """Return the one job of a name."""
        (job,) = [row for row in self.all("Job") if row["Name"] == name]
        return job


def _only_list(body: Raw) -> list[Raw]:
    (rows,) = (value for name, value in body.items() if isinstance(value, list) and name != "links")
    return list(rows)


def guid(row: Raw) -> str:
    """Return the id inside the URN of a row."""
    return str(row["UID"]).rsplit(":", 1)[-1]


def identity(row: Raw) -> str:
    """Return what tells a row from others of its kind: the id in its URN, or what stands last in its address; "" where it has neither."""
    if row.get("UID"):
        return guid(row)
    return unquote(path_of(row).rpartition("/")[2])


def path_of(row: Raw) -> str:
    """Return the path of a row below /api, still escaped; "" for a row without address."""
    return urlsplit(row.get("Href") or "").path.removeprefix("/api")


def linked(row: Raw, link_type: str) -> str:
    """Return the name of the thing that a row links to."""
    return next((str(link["Name"]) for link in row["Links"] if link.get("Type") in (link_type, link_type + "Reference")), "")
