# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small fake of the API of AWX 24 on loopback, as much of it as the modules of ``awx.awx`` use to make and remove our objects.

It is no AWX: no job runs, no user has rights. It answers lists with pages and filters as AWX does, holds objects to AWX's rules
(``fake_awx_store``), hides secrets, and writes down everything that was sent to change something.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from aiohttp import web

from .fake_awx_store import KINDS, UNIONS, Object, Refused, Store

ROOT = Path(__file__).resolve().parents[4]
PAGE_SIZE = 25
_HEADERS = {"X-API-Product-Name": "AWX", "X-API-Product-Version": "24.6.1"}


@dataclass(frozen=True)
class Write:
    """A request that was to change something, with its answer's status."""

    method: str
    path: str
    body: Any
    status: int


class FakeAwx:
    """A server in a thread of its own, for ``with``. ``url`` and ``token`` are what a client needs, ``writes`` what was sent to change something."""

    def __init__(self, organization: str = "Default") -> None:
        self.store = Store(frozenset(f"playbooks/{path.name}" for path in (ROOT / "playbooks").glob("*.yml")))
        self.organization = self.store.make("organizations", {"name": organization})
        self.token = secrets.token_hex(15)
        self.writes: list[Write] = []
        self.reads: list[str] = []
        self.url = ""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> FakeAwx:
        self._thread.start()
        self._runner = web.AppRunner(self._application(), access_log=None)
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(30)
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)
        self._loop.close()

    async def _start(self) -> None:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        address = self._runner.addresses[0]
        self.url = f"http://{address[0]}:{address[1]}"

    def environ(self) -> dict[str, str]:
        """Return the variables by which the modules find it."""
        return {"CONTROLLER_HOST": self.url, "CONTROLLER_OAUTH_TOKEN": self.token}

    def names(self, kind: str) -> list[str]:
        """Return the names of the objects of a kind, in their order."""
        return sorted(str(item.get("identifier", item.get("name"))) for item in self.store.every(kind))

    def members(self, kind: str, name: str, which: str) -> list[str]:
        """Return the names of the objects in one of the lists that an object carries, such as ``credentials``."""
        found = [self.store.by_number(KINDS[kind].lists[which], number) for number in self.store.named(kind, name)["_lists"][which]]
        return [str(item.get("identifier", item.get("name"))) for item in found]

    # -- answering ------------------------------------------------------------------------------------------

    def _application(self) -> web.Application:
        application = web.Application(middlewares=[self._guard])
        kind = "/api/v2/{kind}/"
        application.router.add_get(kind, self._list)
        application.router.add_post(kind, self._make)
        one = kind + r"{number:\d+}/"
        application.router.add_get(one, self._read)
        application.router.add_patch(one, self._change)
        application.router.add_delete(one, self._delete)
        application.router.add_get(one + "survey_spec/", self._survey)
        application.router.add_post(one + "survey_spec/", self._set_survey)
        application.router.add_post(one + "create_approval_template/", self._make_approval)
        application.router.add_get(one + "{list}/", self._members)
        application.router.add_post(one + "{list}/", self._associate)
        return application

    @web.middleware
    async def _guard(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """Let nobody in without the token, write down what changes something, and turn refusals into answers."""
        try:
            if request.headers.get("Authorization") != f"Bearer {self.token}":
                raise Refused(401, {"detail": "Authentication credentials were not provided. To establish a login session, visit /api/login/."})
            kind = request.match_info.get("kind", "")
            if request.match_info.http_exception is not None or (kind not in KINDS and kind not in UNIONS):
                raise Refused(404, {"detail": "The requested resource could not be found."})
            response: web.StreamResponse = await handler(request)
        except Refused as refused:
            response = web.json_response(refused.body, status=refused.status)
        if request.method == "GET":
            self.reads.append(request.path_qs)
        else:
            body = await request.text()
            self.writes.append(Write(request.method, request.path, json.loads(body) if body else None, response.status))
        response.headers.update(_HEADERS)
        return response

    async def _list(self, request: web.Request) -> web.Response:
        found = [item for item in self.store.every(request.match_info["kind"]) if self._fits(item, request.query.items())]
        return self._page(request, found)

    def _page(self, request: web.Request, found: list[Object]) -> web.Response:
        size = min(int(request.query.get("page_size", PAGE_SIZE)), 200)
        page = int(request.query.get("page", 1))
        more = page * size < len(found)
        following = str(request.rel_url.update_query(page=str(page + 1))) if more else None
        results = [self.store.shown(item) for item in found[(page - 1) * size : page * size]]
        return web.json_response({"count": len(found), "next": following, "previous": None, "results": results})

    async def _make(self, request: web.Request) -> web.Response:
        made = self.store.make(request.match_info["kind"], await request.json())
        return web.json_response(self.store.shown(made), status=201)

    async def _read(self, request: web.Request) -> web.Response:
        return web.json_response(self.store.shown(self._addressed(request)))

    async def _change(self, request: web.Request) -> web.Response:
        changed = self.store.change(request.match_info["kind"], self._addressed(request)["id"], await request.json())
        return web.json_response(self.store.shown(changed))

    async def _delete(self, request: web.Request) -> web.Response:
        status = self.store.delete(request.match_info["kind"], self._addressed(request)["id"])
        return web.Response(status=status)

    async def _survey(self, request: web.Request) -> web.Response:
        return web.json_response(self._addressed(request)["_survey"])

    async def _set_survey(self, request: web.Request) -> web.Response:
        self.store.set_survey(request.match_info["kind"], self._addressed(request)["id"], await request.json())
        return web.json_response({})

    async def _make_approval(self, request: web.Request) -> web.Response:
        node = self._addressed(request)
        made = self.store.make("workflow_approval_templates", await request.json())
        node["unified_job_template"] = made["id"]
        return web.json_response(self.store.shown(made), status=201)

    async def _members(self, request: web.Request) -> web.Response:
        target = self._addressed(request)
        other = self._list_kind(request)
        return self._page(request, [self.store.by_number(other, number) for number in target["_lists"][request.match_info["list"]]])

    async def _associate(self, request: web.Request) -> web.Response:
        self._list_kind(request)
        self.store.associate(request.match_info["kind"], self._addressed(request)["id"], request.match_info["list"], await request.json())
        return web.Response(status=204)

    def _addressed(self, request: web.Request) -> Object:
        return self.store.by_number(request.match_info["kind"], int(request.match_info["number"]))

    def _list_kind(self, request: web.Request) -> str:
        lists = KINDS[request.match_info["kind"]].lists
        if request.match_info["list"] not in lists:
            raise Refused(404, {"detail": "The requested resource could not be found."})
        return lists[request.match_info["list"]]

    # -- filters --------------------------------------------------------------------------------------------

    def _fits(self, item: Object, query: Any) -> bool:
        """Tell whether an object passes the filters of a list: all of them, and one of those that begin with ``or__``."""
        alternatives: list[bool] = []
        for key, value in query:
            if key in ("page", "page_size", "order_by"):
                continue
            fits = self._passes(item, key.removeprefix("or__"), value)
            if key.startswith("or__"):
                alternatives.append(fits)
            elif not fits:
                return False
        return any(alternatives) if alternatives else True

    def _passes(self, item: Object, path: str, wanted: str) -> bool:
        *way, last = path.split("__")
        how = last if last in ("startswith", "in") else ""
        names = way if how else [*way, last]
        current: Object | None = item
        for name in names[:-1]:
            current = self._referred(current, name)
        if current is None:
            return False
        if names[-1] not in current:
            # A list over several kinds knows the fields of all, and an object passes that has the field.
            if any(names[-1] in declared.fields for declared in KINDS.values()):
                return False
            raise Refused(400, {"detail": f"{current['type']} has no field named '{names[-1]}'"})
        value = str(current[names[-1]])
        return value.startswith(wanted) if how == "startswith" else value in wanted.split(",") if how == "in" else value == wanted

    def _referred(self, item: Object | None, name: str) -> Object | None:
        if item is None:
            return None
        refers: Mapping[str, str] = KINDS[self.store.kind_of(item)].refers
        if name not in refers:
            return None
        return self.store.by_number(refers[name], item[name]) if item[name] is not None else None


def objects_of(awx: FakeAwx) -> Iterator[tuple[str, str]]:
    """Yield kind and name of every object that somebody made, without what AWX makes by itself."""
    for kind in KINDS:
        if kind not in ("organizations", "project_updates"):
            for name in awx.names(kind):
                yield kind, name
