# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A tiny HTTPS server and a tiny CONNECT proxy on loopback, which do exactly what a test tells them."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import trustme

SESSION_IDS = tuple(f"5e550000-0000-4000-8000-00000000000{number}" for number in range(10))
TOKENS = tuple(f"VG9rZW4tb2YtdGhlLXRlc3Q{number}" for number in range(10))


@dataclass(frozen=True)
class Asked:
    """A request as it arrived."""

    method: str
    path: str
    headers: Message
    body: bytes
    peer: dict[str, Any] = field(default_factory=dict)

    @property
    def line(self) -> str:
        """Method and path without the query."""
        return f"{self.method} {self.path.partition('?')[0]}"


@dataclass(frozen=True)
class Told:
    """An answer. ``cut`` closes the connection after so many bytes of the body, ``drip`` pauses after each byte (seconds)."""

    status: int = 200
    body: bytes = b"{}"
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json; charset=utf-8"),)
    cut: int | None = None
    drip: float = 0
    wait: float = 0


CLOSED = Told(status=0)  # the connection is closed without a word


def told_json(value: Any, status: int = 200, *headers: tuple[str, str]) -> Told:
    """Return an answer that holds a value as JSON."""
    return Told(status, json.dumps(value).encode(), (("Content-Type", "application/json; charset=utf-8"), *headers))


def error(status: int, message: str, *headers: tuple[str, str]) -> Told:
    """Return an error as version 12 writes it."""
    return told_json({"FirstChanceExceptionMessage": None, "Message": message, "StackTrace": None, "Status": None, "StatusCode": status}, status, *headers)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body leave together: apart, each answer would wait 40 ms for the acknowledgement of its head.
    wbufsize = -1
    disable_nagle_algorithm = True
    server: TinyServer

    def log_message(self, *arguments: Any) -> None:
        pass

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        peer = self.connection.getpeercert() if isinstance(self.connection, ssl.SSLSocket) else None
        answer = self.server.answer(Asked(self.command, self.path, self.headers, body, dict(peer or {})))
        time.sleep(answer.wait)
        if answer.status == 0:
            self.close_connection = True
            return
        self.send_response_only(answer.status)
        if "Date" not in dict(answer.headers):
            self.send_header("Date", self.date_time_string())
        for name, value in answer.headers:
            self.send_header(name, value)
        if "Content-Length" not in dict(answer.headers):
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self._send(answer)

    def _send(self, answer: Told) -> None:
        body = answer.body if answer.cut is None else answer.body[: answer.cut]
        self.close_connection = self.close_connection or answer.cut is not None
        with contextlib.suppress(OSError):  # the client may have had enough
            if not answer.drip:
                self.wfile.write(body)
                self.wfile.flush()
                return
            for byte in body:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(answer.drip)

    do_GET = do_POST = do_DELETE = _serve


class TinyServer(ThreadingHTTPServer):
    """Speaks as much Enterprise Manager as a log-on needs; ``say`` sets the answers of a path, first come first served, the last one for good."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, context: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self._context = context
        self.lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Forget requests and answers."""
        self.asked: list[Asked] = []
        self.logons = 0
        self._answers: dict[str, list[Told | Callable[[Asked], Told]]] = {}

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.server_address[1])

    @property
    def lines(self) -> list[str]:
        """Every request so far as method and path."""
        return [asked.line for asked in self.asked]

    def say(self, line: str, *answers: Told | Callable[[Asked], Told]) -> None:
        """Set the answers to ``METHOD /api/path``."""
        self._answers[line] = list(answers)

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        if self._context is not None:
            # The handshake comes with the first read, in the thread of the connection.
            connection = self._context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that refuse the certificate are what some tests are about."""

    def answer(self, asked: Asked) -> Told:
        """Return the answer to a request and take note of it."""
        with self.lock:
            self.asked.append(asked)
            answers = self._answers.get(asked.line)
            if answers:
                answer = answers.pop(0) if len(answers) > 1 else answers[0]
                return answer(asked) if callable(answer) else answer
            return self._usual(asked)

    def _usual(self, asked: Asked) -> Told:
        if asked.line == "GET /api/":
            versions: list[dict[str, Any]] = [{"Links": [], "Name": name} for name in ("v1_5", "v1_6", "v1_7")]
            return told_json({"SupportedVersions": {"SupportedVersions": versions}, "Links": [], "Href": None, "Type": None})
        if asked.line == "POST /api/sessionMngr/":
            number, self.logons = self.logons, self.logons + 1
            cookie = ("Set-Cookie", f"X-RestSvcSessionId=stale-cookie-{number}; path=/api")
            token = ("X-RestSvcSessionId", TOKENS[number])
            return told_json({"UserName": "EM\\operator", "SessionId": SESSION_IDS[number], "Links": []}, 201, token, cookie)
        if asked.line.startswith("DELETE /api/logonSessions/"):
            return Told(204, b"")
        return told_json({"Jobs": []})


class TinyProxy:
    """A CONNECT proxy: notes who asked for what, and lets through or refuses."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.requests: list[str] = []
        self.refusal = b""
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.listener.getsockname()[1])

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _address = self.listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(4096)
            self.requests.append(head.decode("latin-1"))
            if self.refusal:
                client.sendall(self.refusal)
                return
            port = int(head.split()[1].rpartition(b":")[2])
            with socket.create_connection(("127.0.0.1", port), timeout=5) as server:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                back = threading.Thread(target=_pump, args=(server, client), daemon=True)
                back.start()
                _pump(client, server)
                back.join(5)

    def close(self) -> None:
        """Stop listening."""
        self.listener.close()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


@dataclass(frozen=True)
class Certificates:
    """PEM files: the CA of the servers, another CA, a client's certificate with its key, and both in one file."""

    ca: Path
    other_ca: Path
    client: Path
    client_key: Path
    client_both: Path


class Authority:
    """A certificate authority made for one run."""

    def __init__(self, folder: Path) -> None:
        self._ca = trustme.CA()
        client = self._ca.issue_cert("operator@example.org")
        self.files = Certificates(*(folder / name for name in ("ca.pem", "other-ca.pem", "client.pem", "client.key", "client-both.pem")))
        self._ca.cert_pem.write_to_path(self.files.ca)
        trustme.CA().cert_pem.write_to_path(self.files.other_ca)
        client.cert_chain_pems[0].write_to_path(self.files.client)
        client.private_key_pem.write_to_path(self.files.client_key)
        client.private_key_and_cert_chain_pem.write_to_path(self.files.client_both)

    def context(self, name: str) -> ssl.SSLContext:
        """Return a server's TLS context with a certificate for a name; a client's certificate is asked for, not demanded."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._ca.issue_cert(name).configure_cert(context)
        self._ca.configure_trust(context)
        context.verify_mode = ssl.CERT_OPTIONAL
        return context

    @contextlib.contextmanager
    def server(self, name: str = "127.0.0.1", tls: bool = True) -> Iterator[TinyServer]:
        """Serve on loopback until the end of the block."""
        server = TinyServer(self.context(name) if tls else None)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
            server.server_close()


class FakeClock:
    """Seconds that pass only by sleeping."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.pauses: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.pauses.append(seconds)
        self.now += seconds
