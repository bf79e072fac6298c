# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An Enterprise Manager in memory, below a real ``Session``: it answers bytes where the transport would, on a clock that tests script.

Small on purpose and no relative of the simulator: it holds what a test puts into it and does nothing by itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any

import filter_language
from tiny_server import FakeClock

from _api.session import ConnectionOptions, Session
from _api.transport import Answer

BEGIN = datetime(2026, 11, 22, 12, 0, 0, tzinfo=timezone.utc)
TOKEN = "NWU1NTAwMDAtMDAwMC00MDAwLTgwMDAtMDAwMDAwMDAwMDAx"
API = "https://em.example.org:9398/api"
COLLECTIONS = {
    "jobs": "Job",
    "agents/jobs": "AgentBackupJob",
    "nas/jobs": "NasJob",
    "backupSessions": "BackupJobSession",
    "replicaSessions": "ReplicaJobSession",
    "restoreSessions": "RestoreSession",
    "backupTaskSessions": "BackupTaskSession",
    "replicaTaskSessions": "ReplicaTaskSession",
    "backupServers": "BackupServer",
}
LIST_ROOTS = {**{name: name + "s" for name in COLLECTIONS.values()}, "NasJob": "NASJobs"}
JOB_PATHS = {name: path for path, name in COLLECTIONS.items()}
WIRE_NAMES = {"CreationTime": "CreationTimeUTC", "EndTime": "EndTimeUTC"}


def guid(kind: int, number: int) -> str:
    """Return a readable GUID."""
    return f"{kind:08x}-0000-4000-8000-{number:012x}"


def urn(kind: str, identity: str) -> str:
    """Return the URN of an object."""
    return f"urn:veeam:{kind}:{identity}"


def link(rel: str, path: str, name: str, kind: str) -> dict[str, str]:
    """Return a link."""
    return {"Rel": rel, "Href": f"{API}/{path}", "Name": name, "Type": kind}


Entity = dict[str, Any]


class FakeEm:
    """Holds entities by type and tasks by id; ``at`` scripts what happens when, ``on`` what an order does."""

    def __init__(self, clock: FakeClock, skew: float = 0) -> None:
        self.clock = clock
        self.begin = clock.now
        self.skew = timedelta(seconds=skew)
        self.entities: dict[str, list[Entity]] = {kind: [] for kind in COLLECTIONS.values()}
        self.tasks: dict[str, Entity] = {}
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.sent: list[tuple[float, str]] = []
        self.weather: Callable[[str, str], Answer | None] = lambda method, path: None
        self.denied: set[str] = set()
        self.unknown_types: set[str] = set()
        self.version = "v1_7"
        self._events: list[tuple[float, Callable[[], object]]] = []
        self._orders: dict[str, Callable[[], Answer]] = {}

    # -- script ---------------------------------------------------------------------------------------------

    def session(self, interrupted: Callable[[], bool] = lambda: False, **changes: Any) -> Session:
        """Return a session whose requests come here."""
        options = ConnectionOptions(**{"host": "em.example.org", "username": "u", "password": "s3cret!", "retries": 0, **changes})
        opened = Session(options, environ={}, clock=self.clock, sleep=self.clock.sleep, interrupted=interrupted)
        opened._transport = self  # type: ignore[assignment]
        return opened

    def at(self, seconds: float, event: Callable[[], object]) -> None:
        """Let something happen so many seconds after the beginning."""
        self._events.append((self.begin + seconds, event))
        self._events.sort(key=lambda pair: pair[0])

    def on(self, order: str, reaction: Callable[[], Answer]) -> None:
        """Set what ``jobs/<id>?action=start`` or ``nas/jobs/<id>/start`` does."""
        self._orders[order] = reaction

    def deny(self, *kinds: str) -> None:
        """Let the account read nothing of these types any more, in no way."""
        self.denied.update(kinds)

    def stamp(self, seconds: float = 0) -> str:
        """Return a moment on the server's clock, seconds after the beginning."""
        return (BEGIN + self.skew + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.%f").rstrip("0").rstrip(".") + "Z"

    @property
    def orders(self) -> list[str]:
        """Every order (POST but for the log-on) so far."""
        return [f"{path}?{parameters.get('action', '')}" for method, path, parameters in self.requests if method == "POST" and path != "/sessionMngr/"]

    def count(self, method: str, path: str) -> int:
        """Return how often a path was asked for."""
        return sum(1 for asked, asked_path, _parameters in self.requests if (asked, asked_path) == (method, path))

    # -- what it holds --------------------------------------------------------------------------------------

    def _add(self, kind: str, path: str, identity: str, name: str, members: Mapping[str, Any], links: list[dict[str, str]]) -> Entity:
        entity = {"UID": urn(kind, identity), "Name": name, "Href": f"{API}/{path}/{identity}?format=Entity", "Type": kind, "Links": links, **members}
        self.entities[kind].append(entity)
        return entity

    def job(
        self,
        number: int,
        name: str = "SQL Backup",
        server: str = "vbr01",
        job_type: str = "Backup",
        retry: Mapping[str, Any] | None = None,
        kind: str = "Job",
    ) -> Entity:
        """Add a job; a file share job does not tell its type."""
        schedule = {"Standart": {"RetryOptions": dict(retry)}} if retry is not None else None
        members = {"JobType": job_type, "Platform": "VMware"} if kind != "NasJob" else {}
        up = link("Up", f"backupServers/{guid(0xB5, int(server[-2:]))}", server, "BackupServerReference")
        return self._add(kind, JOB_PATHS[kind], guid(0x70B, number), name, {**members, "JobScheduleOptions": schedule}, [up])

    def run(self, number: int, job: Entity, begun: float = 0, **members: Any) -> Entity:
        """Add a job session that began so many seconds after the beginning; it calls any job of its a Job, as captured ones do."""
        kind = members.pop("kind", "BackupJobSession")
        path = next(path for path, name in COLLECTIONS.items() if name == kind)
        name = f"{job['Name']}@{number}"
        usual = {
            "JobUid": urn("Job", job["UID"].rpartition(":")[2]),
            "JobName": job["Name"],
            "JobType": job.get("JobType", "NasBackup"),
            "CreationTimeUTC": self.stamp(begun),
            "EndTimeUTC": None,
            "State": "Working",
            "Result": "None",
            "Progress": 0,
            "IsRetry": False,
        }
        links = [*job["Links"], link("Up", f"jobs/{job['UID'].rpartition(':')[2]}", job["Name"], "JobReference")]
        return self._add(kind, path, guid(0x5E5, number), name, {**usual, **members}, links)

    def machine(self, number: int, run: Entity, name: str, **members: Any) -> Entity:
        """Add the task session of a machine."""
        kind, path = ("ReplicaTaskSession", "replicaTaskSessions") if run["Type"] == "ReplicaJobSession" else ("BackupTaskSession", "backupTaskSessions")
        usual = {"VmDisplayName": name, "JobSessionUid": run["UID"], "CreationTimeUTC": run["CreationTimeUTC"], "State": "Completed", "Result": "Success"}
        return self._add(kind, path, guid(0x7A5, number), f"{name}@{number}", {**usual, "Reason": "", "TotalSize": 7, **members}, list(run["Links"][:1]))

    def task(self, number: int, state: str = "Running", operation: str = "StartJob", related: Entity | None = None, **result: Any) -> Entity:
        """Add or change a task of the log-on session."""
        identity = f"task-{number}"
        links = [] if related is None else [{"Rel": "Related", "Href": related["Href"], "Name": related["Name"], "Type": related["Type"]}]
        self.tasks[identity] = {
            "TaskId": identity,
            "State": state,
            "Operation": operation,
            "Result": result or None,
            "Links": links,
            "Href": f"{API}/tasks/{identity}",
            "Type": "Task",
        }
        return self.tasks[identity]

    def taken(self, number: int, operation: str = "StartJob") -> Answer:
        """Add a running task and return the answer to the order that made it."""
        return self.answer(202, self.task(number, operation=operation))

    # -- what it answers ------------------------------------------------------------------------------------

    def answer(self, status: int, value: Any = None, method: str = "", path: str = "") -> Answer:
        """Return an answer with the server's clock in its Date header."""
        passed = timedelta(seconds=self.clock.now - self.begin)
        date = format_datetime((BEGIN + self.skew + passed).replace(microsecond=0), usegmt=True)
        body = b"" if value is None else json.dumps(value, ensure_ascii=False).encode()
        return Answer(method, path, status, {"Content-Type": "application/json; charset=utf-8", "Date": date}, body)

    def close(self) -> None:
        """The transport's end; nothing to do."""

    def send(self, method: str, path: str, parameters: Mapping[str, str] | None = None, headers: Any = None, basic: bool = False) -> Answer:
        """Take the transport's place."""
        while self._events and self._events[0][0] <= self.clock.now:
            self._events.pop(0)[1]()
        asked = dict(parameters or {})
        self.requests.append((method, path, asked))
        self.sent.append((self.clock.now - self.begin, f"{method} {path}"))
        answer = self.weather(method, path) or self._answer(method, path, asked)
        return Answer(method, path, answer.status, answer.headers, answer.body)

    def _answer(self, method: str, path: str, asked: dict[str, str]) -> Answer:
        if path == "/":
            return self.answer(200, {"SupportedVersions": {"SupportedVersions": [{"Name": self.version}]}})
        if path == "/sessionMngr/":
            return self.answer(201, {"SessionId": guid(0x5E55, self.count("POST", path)), "UserName": "u"})
        if method == "DELETE":
            return self.answer(204)
        if method == "POST":
            return self._orders[path[1:] + "".join(f"?action={asked[name]}" for name in asked)]()
        if path == "/query" and asked["type"] in self.unknown_types:
            return self.answer(400, {"Message": f"Query type [{asked['type']}] is not known", "StatusCode": 400})
        if path == "/query":
            return self._forbidden() if asked["type"] in self.denied else self._query(asked)
        collection, _slash, identity = (path[1:], "", "") if path[1:] in (*COLLECTIONS, "tasks") else path[1:].rpartition("/")
        return self._tasks(identity) if collection == "tasks" else self._collection(COLLECTIONS[collection], identity)

    def _forbidden(self) -> Answer:
        return self.answer(403, {"Message": "Access denied", "StatusCode": 403})

    def _collection(self, kind: str, identity: str) -> Answer:
        if kind in self.denied:
            return self._forbidden()
        if not identity:
            return self.answer(200, {LIST_ROOTS[kind]: self.entities[kind]})
        for entity in self.entities[kind]:
            if entity["UID"].endswith(identity):
                return self.answer(200, entity)
        return self.answer(404, {"Message": f"Cannot find [{identity}]", "StatusCode": 404})

    def _tasks(self, identity: str) -> Answer:
        if not identity:
            return self.answer(200, {"Tasks": list(self.tasks.values())})
        if identity in self.tasks:
            return self.answer(200, self.tasks[identity])
        return self.answer(500, {"Message": f"There is no backup task with id [{identity}] in current rest session", "StatusCode": 500})

    def _query(self, asked: dict[str, str]) -> Answer:
        kind = asked["type"]
        found = list(self.entities[kind])
        if "filter" in asked:
            tree = filter_language.read(asked["filter"])
            found = [entity for entity in found if filter_language.holds(tree, _comparer(entity))]
        for parameter in ("sortAsc", "sortDesc"):
            if parameter in asked:
                found.sort(key=lambda entity: _value(entity, asked[parameter]) or "", reverse=parameter == "sortDesc")
        size, number = int(asked.get("pageSize", 100)), int(asked.get("page", 1))
        count = max(1, -(-len(found) // size))
        shown = found[(number - 1) * size : number * size]
        paging = {"PageNum": number, "PageSize": size, "PagesCount": count, "Links": None}
        return self.answer(200, {"Entities": {LIST_ROOTS[kind]: {LIST_ROOTS[kind]: shown}}, "PagingInfo": paging})


def _comparer(entity: Entity) -> Callable[[str, str], tuple[str | None, str]]:
    def compared(field: str, text: str) -> tuple[str | None, str]:
        value = _value(entity, field)
        if field.lower().endswith("uid") and ":" not in text and value is not None:
            # A bare GUID is compared with the GUID of the URN (WIRE.md section 4).
            return value.rpartition(":")[2], text
        return value, text.rstrip("Z") if field in WIRE_NAMES else text

    return compared


def _value(entity: Entity, filter_name: str) -> str | None:
    """Return what a filter field compares with, as text; times without their Z, so that fractions sort."""
    if filter_name == "BackupServerName":
        return next((str(one["Name"]) for one in entity["Links"] if one["Type"] == "BackupServerReference"), None)
    value = entity.get(WIRE_NAMES.get(filter_name, filter_name))
    if value is None:
        return None
    return str(value).rstrip("Z") if filter_name in WIRE_NAMES else str(value)
