# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bad weather on order: what can go wrong between a client and the server, for chosen requests."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import Any

from .service import Answer, Request

# kind -> what it does; shown by the control API and the README.
KINDS = {
    "latency": "wait `seconds` of real time before the request is carried out",
    "reset": "cut the connection before an answer; with `apply` the order was carried out first",
    "truncate": "announce the whole length, send `part` of the body, cut the connection",
    "malformed": "send `part` of the body as if it were whole",
    "empty": "send no body",
    "html": "answer with a proxy's page in HTML and `status`",
    "content_type": "send the body under the media type `content_type`",
    "status": "answer with `status` and an error body; `retry_after` seconds as header; with `apply` the order was carried out first",
    "expire": "end all log-on sessions before the request is carried out",
    "drip": "send the body in pieces of `chunk` bytes with `seconds` in between",
    "entities": "answer with XML whose entities grow without end",
    "huge": "answer with a body of `size` bytes",
    "bom": "put a byte order mark in front of the body",
}
_APPLY_DEFAULT = {"reset": False, "status": False, "html": False, "entities": False, "huge": False}
_HTML = b"<!DOCTYPE html><html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1><p>The proxy could not reach the server.</p></body></html>"
_MESSAGES = {401: "Unauthorized", 403: "Access is denied", 500: "Internal server error", 503: "The service is unavailable"}


@dataclass
class Fault:
    """One kind of bad weather.

    ``method`` (``*`` for any) and ``path`` (regular expression, searched in the path below /api with its query) choose
    the requests; the first ``after`` of them pass, the next ``count`` are hit (0: all).
    """

    kind: str
    method: str = "*"
    path: str = ".*"
    after: int = 0
    count: int = 1
    apply: bool | None = None
    seconds: float = 1.0
    status: int = 0
    retry_after: float | None = None
    part: float = 0.5
    content_type: str = "text/plain"
    message: str = ""
    chunk: int = 64
    size: int = 64 * 1024 * 1024
    seen: int = 0
    hits: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown fault {self.kind!r}; known: {', '.join(KINDS)}")
        if self.apply is None:
            self.apply = _APPLY_DEFAULT.get(self.kind, True)
        if not self.status:
            self.status = 502 if self.kind == "html" else 500
        self._path = re.compile(self.path)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Fault":
        """Return a fault from what the control API was sent. Raises ValueError on an unknown key or kind."""
        known = {item.name for item in fields(cls)} - {"seen", "hits"}
        unknown = set(data) - known
        if unknown:
            raise ValueError(f"a fault has no {', '.join(sorted(unknown))}; it has: {', '.join(sorted(known))}")
        if "kind" not in data:
            raise ValueError(f"a fault needs a kind: {', '.join(KINDS)}")
        return cls(**data)

    def strikes(self, request: Request) -> bool:
        """Whether this request is hit; counts the requests that match."""
        path = request.path.removeprefix("/api") + ("?" + request.query if request.query else "")
        if self.method not in ("*", request.method) or not self._path.search(path):
            return False
        self.seen += 1
        if self.seen <= self.after or (self.count and self.hits >= self.count):
            return False
        self.hits += 1
        return True

    def change(self, answer: Answer, as_json: bool) -> Answer:
        """Return the answer as this fault leaves it; latency, reset, truncate and drip are the network's work."""
        if self.kind == "html":
            return Answer(self.status, _HTML, {"Content-Type": "text/html", "Server": "proxy"}, "")
        if self.kind == "status":
            return self._refusal(answer, as_json)
        if self.kind == "entities":
            return Answer(200, _expanding_xml(), {**answer.headers, "Content-Type": "application/xml; charset=utf-8"})
        if self.kind == "huge":
            return Answer(200, _huge(self.size, as_json), answer.headers, answer.reason)
        if self.kind == "malformed":
            answer.body = answer.body[: int(len(answer.body) * self.part)]
        elif self.kind == "empty":
            answer.body = b""
        elif self.kind == "bom":
            answer.body = b"\xef\xbb\xbf" + answer.body
        elif self.kind == "content_type":
            answer.headers["Content-Type"] = self.content_type
        return answer

    def _refusal(self, answer: Answer, as_json: bool) -> Answer:
        message = self.message or _MESSAGES.get(self.status, "The request failed")
        headers = {name: value for name, value in answer.headers.items() if name not in ("Set-Cookie", "X-RestSvcSessionId")}
        headers["Content-Type"] = "application/json" if as_json else "application/xml"
        if self.retry_after is not None:
            headers["Retry-After"] = f"{self.retry_after:g}"
        if self.status == 401:
            headers["WWW-Authenticate"] = "Basic Realm=RestSvc"
        if as_json:
            body = f'{{"FirstChanceExceptionMessage":null,"Message":"{message}","StackTrace":null,"Status":null,"StatusCode":{self.status}}}'
        else:
            body = f'<?xml version="1.0" encoding="utf-8"?><Error Message="{message}" StatusCode="{self.status}" xmlns="http://www.veeam.com/ent/v1.0" />'
        return Answer(self.status, body.encode("utf-8"), headers)


def _expanding_xml() -> bytes:
    levels = "".join(f'<!ENTITY e{number} "{f"&e{number - 1};" * 10}">' for number in range(1, 10))
    return f'<?xml version="1.0"?><!DOCTYPE Task [<!ENTITY e0 "boom">{levels}]><Task><TaskId>&e9;</TaskId></Task>'.encode("ascii")


def _huge(size: int, as_json: bool) -> bytes:
    before, after = (b'{"TaskId":"', b'"}') if as_json else (b'<?xml version="1.0" encoding="utf-8"?><Task><TaskId>', b"</TaskId></Task>")
    return before + b"x" * max(0, size - len(before) - len(after)) + after
