# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carries requests from sockets to the service and answers back, on loopback only; does the faults of the network."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import struct
from datetime import datetime, timedelta, timezone
from typing import Any, Callable

import trustme
from aiohttp import web

from .faults import Fault
from .installation import Installation
from .service import Answer, Request

LOOPBACK = "127.0.0.1"
WRONG_NAME = "wrong-host.example.com"

Verb = Callable[[dict[str, Any]], dict[str, Any]]


def tls_context(ca: trustme.CA, *names: str, require_client_cert: bool = False, valid_days: float | None = None) -> ssl.SSLContext:
    """Return a server context with a certificate for the names, valid for so many days or, with None, for years.

    On demand it lets only clients in that have one of the same CA.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    end = None if valid_days is None else datetime.now(timezone.utc) + timedelta(days=valid_days)
    ca.issue_cert(*names, not_after=end).configure_cert(context)
    if require_client_cert:
        ca.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


class Gateway:
    """Answers the requests of clients."""

    def __init__(self, installation: Installation, secure: bool) -> None:
        self.installation = installation
        self.scheme = "https" if secure else "http"

    async def __call__(self, incoming: web.BaseRequest) -> web.StreamResponse:
        """Answer one request, as the faults that strike it allow."""
        request = await self._read(incoming)
        service = self.installation.service
        faults = [fault for fault in self.installation.faults if fault.strikes(request)]
        service.counters.faults += len(faults)
        for fault in faults:
            if fault.kind == "latency":
                await asyncio.sleep(fault.seconds)
            elif fault.kind == "expire":
                self.installation.expire({})
        answer = self._answer(request, faults)
        cut = next((fault for fault in faults if fault.kind == "reset"), None)
        status = 0 if cut else answer.status
        names = "+".join(fault.kind for fault in faults)
        path = request.path.removeprefix("/api") or "/"
        service.counters.note(request.method, path, request.query, status, self.installation.clock.elapsed(), names)
        if cut:
            reset(incoming)
            raise ConnectionResetError("cut on order")
        return await self._send(incoming, answer, faults)

    async def _read(self, incoming: web.BaseRequest) -> Request:
        path, _sep, query = incoming.message.path.partition("?")
        base = self.installation.href_base or f"{self.scheme}://{incoming.headers.get('Host', LOOPBACK)}"
        body = await incoming.read() if incoming.can_read_body else b""
        return Request(incoming.method, path, query, dict(incoming.headers), body, base)

    def _answer(self, request: Request, faults: list[Fault]) -> Answer:
        as_json = "application/json" in request.headers.get("Accept", "").lower()
        service = self.installation.service
        if all(fault.apply for fault in faults):
            answer = service.handle(request)
        else:
            answer = Answer(200, b"", {"Content-Type": "application/json" if as_json else "application/xml", **service.common_headers()})
        for fault in faults:
            answer = fault.change(answer, as_json)
        if not answer.reason or any(fault.kind == "status" for fault in faults):
            answer.reason = service.profile.reason(answer.status)
        return answer

    async def _send(self, incoming: web.BaseRequest, answer: Answer, faults: list[Fault]) -> web.StreamResponse:
        by_kind = {fault.kind: fault for fault in faults}
        headers = {name: value for name, value in answer.headers.items() if not (answer.status == 204 and name == "Content-Type")}
        cut, drip = by_kind.get("truncate"), by_kind.get("drip")
        if cut is None and drip is None:
            return web.Response(status=answer.status, reason=answer.reason, body=answer.body, headers=headers)
        response = web.StreamResponse(status=answer.status, reason=answer.reason, headers=headers)
        response.content_length = len(answer.body)
        await response.prepare(incoming)
        if cut is not None:
            await response.write(answer.body[: int(len(answer.body) * cut.part)])
            reset(incoming, abrupt=False)
            raise ConnectionResetError("cut on order")
        assert drip is not None
        for start in range(0, len(answer.body), drip.chunk):
            await response.write(answer.body[start : start + drip.chunk])
            await asyncio.sleep(drip.seconds)
        await response.write_eof()
        return response


def reset(incoming: web.BaseRequest, abrupt: bool = True) -> None:
    """Cut the connection: abruptly by a TCP reset, or after what was written."""
    transport = incoming.transport
    if transport is None:
        return
    if abrupt:
        plain = transport.get_extra_info("socket")
        if plain is not None:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    else:
        transport.close()


class ControlApi:
    """The verbs for tests, as JSON over plain HTTP on a port of their own."""

    def __init__(self, installation: Installation) -> None:
        self.verbs: dict[tuple[str, str], Verb] = {
            ("GET", "/counters"): installation.counters,
            ("GET", "/log"): installation.log,
            ("GET", "/state"): installation.state,
            ("GET", "/scripts"): installation.list_scripts,
            ("GET", "/faults"): installation.list_faults,
            ("GET", "/defects"): installation.list_defects,
            ("POST", "/defect"): installation.plant,
            ("POST", "/reset"): installation.reset,
            ("POST", "/reload"): installation.do_reload,
            ("POST", "/faults"): installation.add_fault,
            ("DELETE", "/faults"): installation.clear_faults,
            ("POST", "/script"): installation.script,
            ("POST", "/clock"): installation.turn_clock,
            ("POST", "/vanish"): installation.vanish,
            ("POST", "/omit"): installation.omit,
            ("POST", "/profile"): installation.set_profile,
            ("POST", "/expire"): installation.expire,
            ("POST", "/outcome"): installation.set_outcome,
            ("POST", "/settings"): installation.change_settings,
        }

    async def __call__(self, incoming: web.BaseRequest) -> web.StreamResponse:
        """Carry out one verb; a mistake of the caller is 400 with an explanation."""
        verb = self.verbs.get((incoming.method, incoming.path))
        if verb is None:
            known = ", ".join(" ".join(key) for key in self.verbs)
            return web.json_response({"error": f"no such verb; known: {known}"}, status=404)
        try:
            text = await incoming.text()
            return web.json_response(verb(json.loads(text) if text else {}))
        except (ValueError, KeyError, TypeError) as mistake:
            return web.json_response({"error": f"{type(mistake).__name__}: {mistake}"}, status=400)
