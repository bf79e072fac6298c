# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The REST service without a network: a request in, an answer out. The clock and the world are passed in."""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import partial
from http.cookies import CookieError, SimpleCookie
from typing import Any, Callable, Mapping

from . import answers, reports, tenancy
from .counters import Counters
from .declarations import BY_THING, BY_TYPE, NAMED_BY_PATH, RESOURCES, is_known
from .families import FAMILIES
from .logons import TOKEN_HEADER, Logons
from .model import BACKUP_SESSION, Logon
from .model import entity_type as type_of
from .problems import BAD_BODY, Problem, bad_id, forbidden, not_found, require_guid, unknown_task
from .profiles import Profile
from .query import QUERY_TYPES, QueryService, leads_to, named_parameter, parse_parameters
from .routes import Routes
from .runs import OPERATIONS, Runs
from .views import SPECS
from .wire import Context, error_body
from .world import World

ADMINISTRATOR = "Portal Administrator"
PORTAL_ROLES = (ADMINISTRATOR, "Portal User")
_CACHED_BYTES = 192 * 1024 * 1024
_CACHED_FROM = 64 * 1024

# What refusals call a thing, where it is not the title of the declaration.
_WORDS = {
    "BackupJobSession": "backup job session",
    "ReplicaJobSession": "replica job session",
    "BackupTaskSession": "backup task session",
    "ReplicaTaskSession": "replica task session",
    "NasJob": "job",
}
# These are answered by functions of their own.
_SERVED_APART = ("Task", "LogonSession", "EnterpriseManager", *reports.ROOTS)
# Servers link to this spelling, too (API reference, paths that occur only as links).
_SPELLINGS = {"replicaTaskSessions": "repicaTaskSessions"}
# Anyone in the portal may query what only an administrator may list.
_QUERIED_BY_ALL = ("Job",)
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
class Call:
    """A request on its way: who asks, for what, in which form; ``path`` below /api, still percent-encoded."""

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
        self._routes = self._route_table()

    def _route_table(self) -> Routes:
        routes = Routes()
        for declared in RESOURCES:
            if declared.type not in _SERVED_APART:
                self._derive(routes, declared)
        for template, method, handler in (
            ("/tasks", "GET", self._list_tasks),
            ("/tasks/{id}", "GET", self._get_task),
            ("/tasks/{id}", "DELETE", self._delete_task),
            ("/query", "GET", self._query),
            ("/logonSessions", "GET", self._list_logons),
            ("/logonSessions/{id}", "GET", self._get_logon),
            ("/logonSessions/{id}", "DELETE", self._log_out),
            ("/reports/summary/{name}", "GET", self._report),
        ):
            routes.add(template, method, handler)
        for family in FAMILIES:
            for template, method, handler in getattr(family, "ROUTES", ()):
                routes.add(template, method, partial(handler, self))
        return routes

    def _derive(self, routes: Routes, declared: Any) -> None:
        """Add the paths of a declared resource: collections, one thing, its children (also those that lie below another parent only here)."""
        if not declared.list_root:
            routes.add(declared.path, "GET", partial(self._get_only, declared))
            return
        for path in (declared.path, *declared.more_paths):
            for spelling in _spellings(path):
                routes.add(spelling, "GET", partial(self._list, declared, path))
        for spelling in _spellings(declared.path):
            routes.add(spelling + "/{id}", "GET", partial(self._get, declared))
            routes.add(spelling + "/{id}", "POST", partial(self._act, declared))
        for child in declared.children:
            member = BY_TYPE[child.type]
            path = f"{declared.path}/{{{declared.thing}}}/{child.path}"
            if "{" in child.path or not member.list_root or path == member.path:
                continue
            for spelling in _spellings(path):
                routes.add(spelling, "GET", partial(self.children, declared, member))
            if member.parents:
                routes.add(path + "/{id}", "GET", partial(self._child, declared, member))

    # The way of a request

    def handle(self, request: Request) -> Answer:
        """Answer a request; refusals become error bodies in the form that was asked for."""
        now = self.world.settle()
        headers = {name.lower(): value for name, value in request.headers.items()}
        as_json = "application/json" in headers.get("accept", "").lower()
        ctx = Context(self.profile, request.base + "/api", self.world.omitted)
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
        path = request.path[4:].rstrip("/")
        call = Call(request, request.method, path, parse_parameters(request.query), ctx, as_json)
        cookie = _cookie(headers.get("cookie", ""))
        self.counters.note_credentials("authorization" in headers, TOKEN_HEADER.lower() in headers, cookie is not None)
        if path == "" and request.method == "GET":
            return self.answer(call, answers.service_root(ctx, as_json))
        if path == "/sessionMngr":
            return self._log_on(call, headers, now)
        call.logon = self.logons.current({TOKEN_HEADER: headers.get(TOKEN_HEADER.lower(), "")}, cookie, now)
        if as_json and request.body.strip():
            _require_json(request.body)
        found = self._routes.find(path)
        if found is None:
            raise Problem(404, "Not Found")
        methods, values = found
        handler = methods.get(request.method)
        if handler is None:
            raise Problem(405, "Method Not Allowed", {"Allow": ", ".join(methods)})
        answer: Answer = handler(call, *values)
        return answer

    def answer(self, call: Call, text: str | bytes, status: int = 200) -> Answer:
        """Answer with a body in the form that was asked for."""
        kind = "application/json" if call.as_json else "application/xml"
        return Answer(status, text.encode("utf-8") if isinstance(text, str) else text, {"Content-Type": kind + "; charset=utf-8"})

    def nothing(self) -> Answer:
        """Answer that it is done."""
        return Answer(204)

    def single(self, call: Call, thing: Any, entity_type: str, status: int = 200, entity: bool = True) -> Answer:
        """Answer with one thing, as a reference unless the whole ``entity`` is wanted."""
        return self.answer(call, answers.single(thing, SPECS[entity_type], call.ctx, call.as_json, entity), status)

    def _cached(self, call: Call, key: tuple[Any, ...], write: Callable[[], bytes]) -> Answer:
        """Keep big bodies as long as nothing they show has changed."""
        whole = (*key, call.request.path, call.request.query, call.ctx.base, call.as_json, self.profile.name, self.world.max_page_size, self.world.changes)
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

    def _log_on(self, call: Call, headers: dict[str, str], now: float) -> Answer:
        if call.method != "POST":
            raise Problem(405, "Method Not Allowed", {"Allow": "POST"})
        version = named_parameter(call.parameters, "v") or "latest"
        tenant = tenancy.credentials(call.request.body, call.as_json)
        logon = self.logons.log_on(headers.get("authorization", ""), headers.get("content-type", ""), version, self.profile, now, tenant)
        self.counters.logons += 1
        answer = self.single(call, logon, "LogonSession", 201)
        answer.headers[TOKEN_HEADER] = logon.token
        answer.headers["Set-Cookie"] = f"{TOKEN_HEADER}={logon.token}; path=/api"
        return answer

    def _list_logons(self, call: Call) -> Answer:
        self.admit(call, BY_TYPE["LogonSession"])
        # Own first: published clients take the first one for theirs (WIRE.md section 3).
        things = [call.user] + [logon for logon in self.logons.open.values() if logon is not call.user]
        return self.answer(call, answers.collection(things, SPECS["LogonSession"], call.ctx, call.as_json, True))

    def _find_logon(self, identifier: str) -> Logon:
        found = self.logons.open.get(identifier)
        if found is None:
            raise Problem(500, f"There is no logon session with id [{identifier}]")
        return found

    def _get_logon(self, call: Call, identifier: str) -> Answer:
        found = self._find_logon(identifier)
        if found is not call.user:
            self.admit(call, BY_TYPE["LogonSession"])
        return self.single(call, found, "LogonSession")

    def _log_out(self, call: Call, identifier: str) -> Answer:
        del self.logons.open[self._find_logon(identifier).id]
        self.counters.logouts += 1
        return Answer(204)

    # Tasks: known only to the log-on session that ordered them

    def _list_tasks(self, call: Call) -> Answer:
        return self.answer(call, answers.collection(list(call.user.tasks.values()), SPECS["Task"], call.ctx, call.as_json, True))

    def _get_task(self, call: Call, identifier: str) -> Answer:
        task = call.user.tasks.get(identifier)
        if task is None:
            raise unknown_task(identifier)
        return self.single(call, task, "Task")

    def _delete_task(self, call: Call, identifier: str) -> Answer:
        if call.user.tasks.pop(identifier, None) is None:
            raise unknown_task(identifier)
        self.counters.writes += 1
        return Answer(204)

    # Collections and things

    def require_role(self, call: Call, roles: tuple[str, ...]) -> None:
        """Raise Problem 403 when the account has none of the roles."""
        if call.user.account.role not in roles:
            raise forbidden(call.user.account.role)

    def admit(self, call: Call, declared: Any) -> None:
        """Raise Problem 404 for a kind of thing that this generation does not know, 403 for one that the account may not read."""
        if not is_known(declared, self.profile.versions):
            raise Problem(404, "Not Found")
        if not tenancy.may_read(call.user.account, declared):
            self.require_role(call, declared.roles or PORTAL_ROLES)

    def _list(self, declared: Any, path: str, call: Call, *ids: str) -> Answer:
        self.admit(call, declared)
        self._find_parents(call, declared, ids)
        table = self.world.table(declared.type)

        def write() -> bytes:
            things = table.in_place(*ids) if ids else table.rows() if path == declared.path else table.in_place(path)
            return answers.collection(self._known(tenancy.own(call.user.account, things)), SPECS[declared.type], call.ctx, call.as_json, call.entity)

        return self._cached(call, (declared.type, table.version, call.user.account.tenant), write)

    def _find_parents(self, call: Call, declared: Any, ids: tuple[str, ...]) -> None:
        """Raise the Problem of the outermost parent that is not there."""
        for position, thing in enumerate(declared.parents):
            parent = BY_THING[thing]
            found = self.find(parent.type, *ids[position - len(parent.parents) : position + 1])
            tenancy.require_own(call.user.account, found, parent.title)

    def find(self, kind: str, *ids: str) -> Any:
        """Return the thing with the id, the ids of its parents in front. Raises Problem 404, or 400 for an id that cannot be one."""
        declared = BY_TYPE[kind]
        own = require_guid(ids[-1], kind) if (declared.key == "uid" and kind not in NAMED_BY_PATH) or declared.key.endswith("_id") else ids[-1]
        key = "/".join((*ids[:-1], own))
        found = self.world.table(kind).by_id.get(key)
        if found is None or (kind, key) in self.world.vanished:
            if kind == "HierarchyRoot":
                # The server says so and not 404 (WIRE.md section 2).
                raise bad_id(ids[-1], kind)
            raise not_found(_WORDS.get(kind, declared.title), ids[-1])
        return found

    def _get(self, declared: Any, call: Call, *ids: str) -> Answer:
        self.admit(call, declared)
        self._find_parents(call, declared, ids[:-1])
        found = self.find(declared.type, *ids)
        tenancy.require_own(call.user.account, found, declared.title)
        return self.single(call, found, declared.type, entity=call.entity)

    def _get_only(self, declared: Any, call: Call, *ids: str) -> Answer:
        """Answer a path that leads to one thing and no list."""
        self.admit(call, declared)
        self._find_parents(call, declared, ids)
        table = self.world.table(declared.type)
        things = table.in_place(*ids) if ids else table.rows()
        if not things:
            raise Problem(404, "Not Found")
        return self.single(call, things[0], declared.type)

    def some(self, call: Call, things: list[Any], kind: str) -> Answer:
        """Answer with a collection of these things."""
        return self.answer(call, answers.collection(self._known(things), SPECS[kind], call.ctx, call.as_json, call.entity))

    def _known(self, things: list[Any]) -> list[Any]:
        """Return the things that this generation of the server can have: a session of a job that it does not know is none of them."""
        unknown = {declared.type for declared in RESOURCES if not is_known(declared, self.profile.versions)}
        if not unknown:
            return things
        return [thing for thing in things if unknown.isdisjoint(map(type_of, leads_to(getattr(thing, "session", thing))))]

    def children(self, declared: Any, member: Any, call: Call, *ids: str) -> Answer:
        """Answer with what lies below one thing: members of a type below the thing with the id, the ids of its parents in front."""
        self.admit(call, member)
        owner = self.find(declared.type, *ids)
        tenancy.require_own(call.user.account, owner, declared.title)
        if member.parents:
            return self.some(call, self.world.table(member.type).in_place(*ids), member.type)
        return self.some(call, self.world.members(owner, member.type), member.type)

    def _child(self, declared: Any, member: Any, call: Call, *ids: str) -> Answer:
        """Answer with one thing that lies below a parent of another kind than its type declares."""
        self.admit(call, member)
        tenancy.require_own(call.user.account, self.find(declared.type, *ids[:-1]), declared.title)
        return self.single(call, self.find(member.type, *ids), member.type, entity=call.entity)

    def _report(self, call: Call, name: str) -> Answer:
        self.require_role(call, PORTAL_ROLES)
        if name not in reports.FRAMES:
            raise Problem(404, "Not Found")
        root, elements = reports.FRAMES[name]
        return self.answer(call, answers.frame(root, elements, reports.values(name, self.world), call.ctx, call.as_json))

    # Queries

    def _query(self, call: Call) -> Answer:
        asked = named_parameter(call.parameters, "type") or ""
        entity_type = QUERY_TYPES.get(asked.lower())
        if entity_type is None:
            raise Problem(400, _WITHOUT_QUERY_DATA.format(asked))
        if entity_type == "Task":
            rows, version, envelope = list(call.user.tasks.values()), -1, "Resources"
        else:
            declared = BY_TYPE[entity_type]
            if not is_known(declared, self.profile.versions):
                raise Problem(400, _WITHOUT_QUERY_DATA.format(asked))
            self.require_role(call, PORTAL_ROLES if entity_type in _QUERIED_BY_ALL else declared.roles or PORTAL_ROLES)
            table = self.world.table(entity_type)
            rows, version, envelope = self._known(table.rows()), table.version, declared.envelope
        things = self.queries.select(entity_type, rows, version, call.parameters, call.ctx)
        page = self.queries.page(things, call.parameters)

        def write() -> bytes:
            return answers.query_result(page, SPECS[entity_type], envelope, call.parameters, call.ctx, call.as_json, call.entity).encode("utf-8")

        return self._cached(call, (entity_type, version), write) if version >= 0 else self.answer(call, write())

    # Orders

    def _act(self, declared: Any, call: Call, *ids: str) -> Answer:
        action = named_parameter(call.parameters, "action") or ""
        entity_type = declared.type
        thing = self.find(entity_type, *ids)
        if action in OPERATIONS.get(entity_type, ()):
            return self.order_job(call, entity_type, ids[-1], action)
        if entity_type == BACKUP_SESSION and action == "stop":
            self.require_role(call, (ADMINISTRATOR,))
            task = self.runs.order_session_stop(thing, call.user)
        elif entity_type == "BackupServer" and action == "collect":
            self.require_role(call, PORTAL_ROLES)
            task = self.runs.order_plain("CollectingBackupServer", call.user)
        else:
            raise Problem(501, f"Action [{action}] is not implemented")
        self.counters.writes += 1
        return self.single(call, task, "Task", 202)

    def order_job(self, call: Call, kind: str, identifier: str, action: str) -> Answer:
        """Take an order to a job of a kind, and answer with its task."""
        self.admit(call, BY_TYPE[kind])
        self.require_role(call, (ADMINISTRATOR,))
        found = self.find(kind, identifier)
        task = self.runs.order(self.world.served_jobs.get(found.id, found), action, call.user)
        self.counters.writes += 1
        return self.single(call, task, "Task", 202)


def _spellings(path: str) -> list[str]:
    """Return a path with the other spelling of its last part, where servers have one."""
    head, _slash, last = path.rpartition("/")
    return [path, f"{head}/{_SPELLINGS[last]}"] if last in _SPELLINGS else [path]


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
        raise Problem(400, BAD_BODY) from None
