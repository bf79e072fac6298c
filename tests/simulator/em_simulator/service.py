# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The REST service without a network: a request in, an answer out. The clock and the world are passed in."""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any, Callable, Mapping
from urllib.parse import unquote

from . import answers, reports
from .counters import Counters
from .declarations import REGISTRY
from .logons import TOKEN_HEADER, Logons
from .model import BACKUP_SESSION, TASK_TYPE_OF, Job, JobSession, Logon
from .problems import Problem, forbidden, not_found, require_guid, unknown_task
from .profiles import Profile
from .query import QUERY_TYPES, QueryService, named_parameter, parse_parameters
from .runs import OPERATIONS, Runs
from .views import SPECS
from .wire import Context, error_body
from .world import World

ADMINISTRATOR = "Portal Administrator"
PORTAL_ROLES = (ADMINISTRATOR, "Portal User")
_CACHED_BYTES = 192 * 1024 * 1024
_CACHED_FROM = 64 * 1024

COLLECTIONS = {
    "backupServers": "BackupServer",
    "jobs": "Job",
    "backupSessions": "BackupJobSession",
    "replicaSessions": "ReplicaJobSession",
    "backupTaskSessions": "BackupTaskSession",
    "replicaTaskSessions": "ReplicaTaskSession",
    "repicaTaskSessions": "ReplicaTaskSession",
    "restoreSessions": "RestoreSession",
    "repositories": "Repository",
    "agents/discoveredComputers": "DiscoveredComputer",
    "nas/jobs": "NasJob",
}
_WORDS = {
    "BackupServer": "backup server",
    "Job": "job",
    "BackupJobSession": "backup job session",
    "ReplicaJobSession": "replica job session",
    "BackupTaskSession": "backup task session",
    "ReplicaTaskSession": "replica task session",
    "RestoreSession": "restore session",
    "Repository": "repository",
    "DiscoveredComputer": "discovered computer",
    "NasJob": "job",
}
_BAD_BODY = "Node [root] does not exist."
_WITHOUT_QUERY_DATA = "Query type [{}] is not known"


@dataclass
class Request:
    """A request: ``path`` below the host, still percent-encoded; ``query`` raw; header names in any case."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    base: str = "https://localhost:9398"


@dataclass
class Answer:
    """An answer; ``reason`` is the text of the status line."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    reason: str = ""


@dataclass
class _Call:
    """A request on its way: who asks, for what, in which form."""

    request: Request
    method: str
    path: str
    parameters: list[tuple[str, str]]
    ctx: Context
    as_json: bool
    logon: Logon | None = None

    @property
    def entity(self) -> bool:
        """Whether the whole thing is wanted and not only a reference."""
        return (named_parameter(self.parameters, "format") or "").lower() in ("entity", "entities")

    @property
    def user(self) -> Logon:
        """The log-on session; only called behind the check that there is one."""
        assert self.logon is not None
        return self.logon


Handler = Callable[..., Answer]


class Service:
    """Enterprise Manager in one object."""

    def __init__(self, world: World, logons: Logons, profile: Profile) -> None:
        self.world = world
        self.logons = logons
        self.profile = profile
        self.runs = Runs(world)
        self.queries = QueryService(world)
        self.counters = Counters()
        self._pages: OrderedDict[tuple[Any, ...], bytes] = OrderedDict()
        self._page_bytes = 0
        self._routes = [(re.compile(f"^{pattern}$"), methods) for pattern, methods in self._route_table()]

    def _route_table(self) -> list[tuple[str, dict[str, Handler]]]:
        collections = "|".join(COLLECTIONS)
        return [
            (r"/tasks", {"GET": self._list_tasks}),
            (r"/tasks/([^/]+)", {"GET": self._get_task, "DELETE": self._delete_task}),
            (r"/query", {"GET": self._query}),
            (r"/logonSessions", {"GET": self._list_logons}),
            (r"/logonSessions/([^/]+)", {"GET": self._get_logon, "DELETE": self._log_out}),
            (r"/reports/summary/(\w+)", {"GET": self._report}),
            (r"/nas/backupSessions", {"GET": self._nas_sessions}),
            (rf"/({collections})", {"GET": self._list}),
            (rf"/({collections})/([^/]+)", {"GET": self._get, "POST": self._act}),
            (r"/backupServers/([^/]+)/jobs", {"GET": self._jobs_of_server}),
            (r"/jobs/([^/]+)/(backupSessions|replicaSessions)", {"GET": self._sessions_of_job}),
            (r"/(backupSessions|replicaSessions)/([^/]+)/(taskSessions|repicaTaskSessions|replicaTaskSessions)", {"GET": self._tasks_of_session}),
        ]

    # The way of a request

    def handle(self, request: Request) -> Answer:
        """Answer a request; refusals become error bodies in the form that was asked for."""
        now = self.world.settle()
        headers = {name.lower(): value for name, value in request.headers.items()}
        as_json = "application/json" in headers.get("accept", "").lower()
        ctx = Context(self.profile, request.base + "/api")
        try:
            answer = self._dispatch(request, headers, as_json, ctx, now)
        except Problem as problem:
            kind = "application/json" if as_json else "application/xml"
            answer = Answer(problem.status, error_body(problem.status, problem.message, as_json, self.profile).encode("utf-8"), {"Content-Type": kind})
            answer.headers.update(problem.headers)
        answer.reason = self.profile.reason(answer.status)
        answer.headers.update(self.common_headers())
        return answer

    def common_headers(self) -> dict[str, str]:
        """Return the headers of every answer."""
        return {
            "Server": self.profile.server_header,
            "Date": self.world.clock.http_date(),
            "Cache-Control": "private",
            "X-Frame-Options": "SAMEORIGIN",
            "X-XSS-Protection": "1; mode=block",
            "X-Content-Type-Options": "nosniff",
            "Strict-Transport-Security": "max-age=31536000",
        }

    def _dispatch(self, request: Request, headers: dict[str, str], as_json: bool, ctx: Context, now: float) -> Answer:
        if not request.path.startswith("/api"):
            raise Problem(404, "Not Found")
        path = unquote(request.path[4:]).rstrip("/")
        call = _Call(request, request.method, path, parse_parameters(request.query), ctx, as_json)
        cookie = _cookie(headers.get("cookie", ""))
        self.counters.note_credentials("authorization" in headers, TOKEN_HEADER.lower() in headers, cookie is not None)
        if path == "" and request.method == "GET":
            return self._answer(call, answers.service_root(ctx, as_json))
        if path == "/sessionMngr":
            return self._log_on(call, headers, now)
        call.logon = self.logons.current({TOKEN_HEADER: headers.get(TOKEN_HEADER.lower(), "")}, cookie, now)
        if as_json and request.body.strip():
            _require_json(request.body)
        for pattern, methods in self._routes:
            match = pattern.match(path)
            if match is not None:
                handler = methods.get(request.method)
                if handler is None:
                    raise Problem(405, "Method Not Allowed", {"Allow": ", ".join(methods)})
                return handler(call, *match.groups())
        raise Problem(404, "Not Found")

    def _answer(self, call: _Call, text: str | bytes, status: int = 200) -> Answer:
        kind = "application/json" if call.as_json else "application/xml"
        return Answer(status, text.encode("utf-8") if isinstance(text, str) else text, {"Content-Type": kind + "; charset=utf-8"})

    def _single(self, call: _Call, thing: Any, entity_type: str, status: int = 200, entity: bool = True) -> Answer:
        return self._answer(call, answers.single(thing, SPECS[entity_type], call.ctx, call.as_json, entity), status)

    def _cached(self, call: _Call, key: tuple[Any, ...], write: Callable[[], bytes]) -> Answer:
        """Keep big bodies as long as nothing they show has changed."""
        whole = (*key, call.request.path, call.request.query, call.ctx.base, call.as_json, self.profile.name, self.world.max_page_size)
        body = self._pages.get(whole)
        if body is None:
            body = write()
            if len(body) >= _CACHED_FROM:
                self._pages[whole] = body
                self._page_bytes += len(body)
                while self._page_bytes > _CACHED_BYTES:
                    self._page_bytes -= len(self._pages.popitem(last=False)[1])
        kind = "application/json" if call.as_json else "application/xml"
        return Answer(200, body, {"Content-Type": kind + "; charset=utf-8"})

    # Log-on sessions

    def _log_on(self, call: _Call, headers: dict[str, str], now: float) -> Answer:
        if call.method != "POST":
            raise Problem(405, "Method Not Allowed", {"Allow": "POST"})
        version = named_parameter(call.parameters, "v") or "latest"
        logon = self.logons.log_on(headers.get("authorization", ""), headers.get("content-type", ""), version, self.profile, now)
        self.counters.logons += 1
        answer = self._single(call, logon, "LogonSession", 201)
        answer.headers[TOKEN_HEADER] = logon.token
        answer.headers["Set-Cookie"] = f"{TOKEN_HEADER}={logon.token}; path=/api"
        return answer

    def _list_logons(self, call: _Call) -> Answer:
        # Own first: published clients take the first one for theirs (WIRE.md section 3).
        things = [call.user] + [logon for logon in self.logons.open.values() if logon is not call.user]
        return self._answer(call, answers.collection(things, SPECS["LogonSession"], call.ctx, call.as_json, True))

    def _find_logon(self, identifier: str) -> Logon:
        found = self.logons.open.get(identifier)
        if found is None:
            raise Problem(500, f"There is no logon session with id [{identifier}]")
        return found

    def _get_logon(self, call: _Call, identifier: str) -> Answer:
        return self._single(call, self._find_logon(identifier), "LogonSession")

    def _log_out(self, call: _Call, identifier: str) -> Answer:
        del self.logons.open[self._find_logon(identifier).id]
        self.counters.logouts += 1
        return Answer(204)

    # Tasks: known only to the log-on session that ordered them

    def _list_tasks(self, call: _Call) -> Answer:
        return self._answer(call, answers.collection(list(call.user.tasks.values()), SPECS["Task"], call.ctx, call.as_json, True))

    def _get_task(self, call: _Call, identifier: str) -> Answer:
        task = call.user.tasks.get(identifier)
        if task is None:
            raise unknown_task(identifier)
        return self._single(call, task, "Task")

    def _delete_task(self, call: _Call, identifier: str) -> Answer:
        if call.user.tasks.pop(identifier, None) is None:
            raise unknown_task(identifier)
        self.counters.writes += 1
        return Answer(204)

    # Collections and things

    def _require_role(self, call: _Call, roles: tuple[str, ...]) -> None:
        if call.user.account.role not in roles:
            raise forbidden(call.user.account.role)

    def _roles_to_read(self, entity_type: str) -> tuple[str, ...]:
        declared = REGISTRY.BY_TYPE.get(entity_type)
        return tuple(declared.roles) if declared is not None and declared.roles else PORTAL_ROLES

    def _list(self, call: _Call, name: str) -> Answer:
        entity_type = COLLECTIONS[name]
        self._require_role(call, self._roles_to_read(entity_type))
        table = self.world.table(entity_type)
        return self._cached(
            call, (entity_type, table.version), lambda: answers.collection(table.rows(), SPECS[entity_type], call.ctx, call.as_json, call.entity)
        )

    def _find(self, entity_type: str, identifier: str) -> Any:
        key = require_guid(identifier, entity_type)
        found = self.world.table(entity_type).by_id.get(key)
        if found is None:
            raise not_found(_WORDS[entity_type], identifier)
        return found

    def _get(self, call: _Call, name: str, identifier: str) -> Answer:
        entity_type = COLLECTIONS[name]
        self._require_role(call, self._roles_to_read(entity_type))
        return self._single(call, self._find(entity_type, identifier), entity_type, entity=call.entity)

    def _some(self, call: _Call, things: list[Any], entity_type: str) -> Answer:
        return self._answer(call, answers.collection(things, SPECS[entity_type], call.ctx, call.as_json, call.entity))

    def _jobs_of_server(self, call: _Call, identifier: str) -> Answer:
        self._require_role(call, self._roles_to_read("Job"))
        server = self._find("BackupServer", identifier)
        return self._some(call, [job for job in self.world.jobs() if job.server is server], "Job")

    def _sessions_of_job(self, call: _Call, identifier: str, name: str) -> Answer:
        self._require_role(call, PORTAL_ROLES)
        job: Job = self._find("Job", identifier)
        sessions = self.world.sessions_of(job) if COLLECTIONS[name] == job.session_type else []
        return self._some(call, list(sessions), COLLECTIONS[name])

    def _tasks_of_session(self, call: _Call, place: str, identifier: str, name: str) -> Answer:
        self._require_role(call, PORTAL_ROLES)
        session: JobSession = self._find(COLLECTIONS[place], identifier)
        if (session.type == BACKUP_SESSION) != (name == "taskSessions"):
            raise Problem(404, "Not Found")
        return self._some(call, list(session.tasks), TASK_TYPE_OF[session.type])

    def _nas_sessions(self, call: _Call) -> Answer:
        self._require_role(call, PORTAL_ROLES)
        return self._some(call, [session for session in self.world.table(BACKUP_SESSION).rows() if session.job_type == "NasBackup"], BACKUP_SESSION)

    def _report(self, call: _Call, name: str) -> Answer:
        self._require_role(call, PORTAL_ROLES)
        if name not in reports.FRAMES:
            raise Problem(404, "Not Found")
        root, elements = reports.FRAMES[name]
        return self._answer(call, answers.frame(root, elements, reports.values(name, self.world), call.ctx, call.as_json))

    # Queries

    def _query(self, call: _Call) -> Answer:
        asked = named_parameter(call.parameters, "type") or ""
        entity_type = QUERY_TYPES.get(asked.lower())
        if entity_type is None:
            raise Problem(400, _WITHOUT_QUERY_DATA.format(asked))
        if entity_type == "Task":
            rows, version, envelope = list(call.user.tasks.values()), -1, "Resources"
        else:
            self._require_role(call, PORTAL_ROLES if entity_type == "Job" else self._roles_to_read(entity_type))
            table = self.world.table(entity_type)
            rows, version, envelope = table.rows(), table.version, "Entities"
        things = self.queries.select(entity_type, rows, version, call.parameters, call.ctx)
        page = self.queries.page(things, call.parameters)

        def write() -> bytes:
            return answers.query_result(page, SPECS[entity_type], envelope, call.parameters, call.ctx, call.as_json, call.entity).encode("utf-8")

        return self._cached(call, (entity_type, version), write) if version >= 0 else self._answer(call, write())

    # Orders

    def _act(self, call: _Call, name: str, identifier: str) -> Answer:
        action = named_parameter(call.parameters, "action") or ""
        entity_type = COLLECTIONS[name]
        thing = self._find(entity_type, identifier)
        if entity_type == "Job" and action in OPERATIONS:
            self._require_role(call, (ADMINISTRATOR,))
            task = self.runs.order(thing, action, call.user)
        elif entity_type == BACKUP_SESSION and action == "stop":
            self._require_role(call, (ADMINISTRATOR,))
            task = self.runs.order_session_stop(thing, call.user)
        elif entity_type == "BackupServer" and action == "collect":
            self._require_role(call, PORTAL_ROLES)
            task = self.runs.order_plain("CollectingBackupServer", call.user)
        else:
            raise Problem(501, f"Action [{action}] is not implemented")
        self.counters.writes += 1
        return self._single(call, task, "Task", 202)


def _cookie(header: str) -> str | None:
    """Return the token in a Cookie header, None when there is none."""
    try:
        morsel = SimpleCookie(header).get(TOKEN_HEADER)
    except CookieError:
        return None
    return morsel.value if morsel else None


def _require_json(body: bytes) -> None:
    """With Accept JSON the server reads the body as JSON too (WIRE.md section 1). Raises Problem 400."""
    try:
        json.loads(body)
    except ValueError:
        raise Problem(400, _BAD_BODY) from None
