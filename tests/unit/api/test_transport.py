# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""TLS, client certificates, proxies, time-outs and sizes, each with the sentence a user can act on; over real sockets on loopback."""

from __future__ import annotations

import base64
import gzip
import json
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from tiny_server import Authority, TinyProxy, TinyServer, Told

from _api import session, transport
from _api.errors import BodyError, ConnectError, TimeoutExceeded, TlsError
from _api.transport import Answer, ConnectionOptions, Transport, encode_query

Send = Callable[..., Answer]
CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


EMPTY_ENVIRONMENT: Mapping[str, str] = MappingProxyType({})


@pytest.fixture
def send(server: TinyServer, authority: Authority) -> Send:
    """Return a function that sends one GET; arguments change its options, ``environ`` is what it sees of the environment (None: the real one)."""

    def make(environ: Mapping[str, str] | None = EMPTY_ENVIRONMENT, method: str = "GET", **changes: Any) -> Answer:
        wanted = {"host": "127.0.0.1", "port": server.port, "username": "u", "password": "p", "ca_path": str(authority.files.ca), **changes}
        opened = Transport(ConnectionOptions(**wanted), environ)
        try:
            return opened.send(method, "/jobs")
        finally:
            opened.close()

    return make


# ---------------------------------------------------------------------------------------------------------
# Whom to trust


@pytest.mark.parametrize("variable", CA_VARIABLES)
@pytest.mark.parametrize("real_environment", [True, False])
def test_a_ca_bundle_in_the_environment_overrides_neither_ca_path_nor_validate_certs(
    send: Send, authority: Authority, monkeypatch: pytest.MonkeyPatch, variable: str, real_environment: bool
) -> None:
    right, wrong = str(authority.files.ca), str(authority.files.other_ca)

    def seen(bundle: str) -> dict[str, str] | None:
        monkeypatch.setenv(variable, bundle)
        return None if real_environment else {variable: bundle}

    for name in CA_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    assert send(seen(wrong), ca_path=right).status == 200
    assert send(seen(wrong), ca_path="", validate_certs=False).status == 200
    assert send(seen(wrong), ca_path=wrong, validate_certs=False).status == 200
    with pytest.raises(TlsError, match="not signed by a known CA"):
        send(seen(right), ca_path=wrong)
    # Without ca_path the variable is what the user set it for.
    assert send(seen(right), ca_path="").status == 200
    with pytest.raises(TlsError, match="not signed by a known CA"):
        send(seen(wrong), ca_path="")


def test_an_unknown_ca_is_told_with_the_option_to_set(send: Send) -> None:
    with pytest.raises(TlsError, match="is not signed by a known CA") as caught:
        send(ca_path="")
    assert "VEEAM_EM_CA_PATH" in caught.value.advice
    assert caught.value.data == {"sent": False}


def test_a_certificate_for_another_name_is_told(send: Send, authority: Authority) -> None:
    with authority.server("em.example.org") as other:
        with pytest.raises(TlsError, match="was issued for another name") as caught:
            send(port=other.port)
        assert "option host" in caught.value.advice
        assert send(port=other.port, validate_certs=False).status == 200
        assert other.lines == ["GET /api/jobs"]


def test_the_certificate_check_is_off_for_one_session_only(send: Send) -> None:
    assert send(ca_path="", validate_certs=False).status == 200
    with pytest.raises(TlsError):
        send(ca_path="")


def test_plain_http_on_the_port_is_told(send: Send, authority: Authority) -> None:
    with authority.server(tls=False) as plain:
        with pytest.raises(TlsError, match="answers plain HTTP where HTTPS is spoken") as caught:
            send(port=plain.port)
        assert "9398" in caught.value.advice
        assert plain.asked == []


def test_the_client_certificate_is_shown(send: Send, server: TinyServer, authority: Authority) -> None:
    files = authority.files
    send(client_cert=str(files.client), client_key=str(files.client_key))
    send(client_cert=str(files.client_both))
    send()
    shown = [json.dumps(asked.peer) for asked in server.asked]
    assert ["operator@example.org" in peer for peer in shown] == [True, True, False]


@pytest.mark.parametrize("names", [("client", "ca"), ("ca", ""), ("client_key", "")])
def test_certificate_files_that_do_not_fit_are_told(send: Send, authority: Authority, names: tuple[str, str]) -> None:
    certificate, key = (str(getattr(authority.files, name)) if name else "" for name in names)
    with pytest.raises(TlsError, match=r"certificate files for .* cannot be used") as caught:
        send(client_cert=certificate, client_key=key)
    assert "PEM" in caught.value.advice


def test_a_ca_file_that_is_none_is_told(send: Send, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate\n")
    with pytest.raises(TlsError, match=r"certificate files for .* cannot be used"):
        send(ca_path=str(tmp_path / "ca.pem"))


# ---------------------------------------------------------------------------------------------------------
# How to get there


@pytest.fixture
def proxy() -> Iterator[TinyProxy]:
    """A CONNECT proxy on loopback."""
    opened = TinyProxy()
    yield opened
    opened.close()


PROXY_ROUTES: list[tuple[dict[str, str], dict[str, Any], bool]] = [
    ({}, {}, False),
    ({"https_proxy": "P"}, {}, True),
    ({"HTTPS_PROXY": "P"}, {}, True),
    ({"ALL_PROXY": "P"}, {}, True),
    ({"http_proxy": "P"}, {}, False),
    ({"HTTPS_PROXY": "P"}, {"use_proxy": False}, False),
    ({"HTTPS_PROXY": "P", "NO_PROXY": "127.0.0.1"}, {}, False),
    ({"HTTPS_PROXY": "P", "no_proxy": "example.org,127.0.0.0/8"}, {}, False),
    ({"HTTPS_PROXY": "P", "NO_PROXY": "example.org"}, {}, True),
    ({"HTTPS_PROXY": "P", "NO_PROXY": "127.0.0.1"}, {"no_proxy": "example.org"}, True),
    ({"HTTPS_PROXY": "P"}, {"no_proxy": "127.0.0.1"}, False),
    ({}, {"proxy": "P"}, True),
    ({}, {"proxy": "BARE"}, True),
    ({"HTTPS_PROXY": "http://127.0.0.1:1"}, {"proxy": "P"}, True),
    ({"NO_PROXY": "127.0.0.1"}, {"proxy": "P"}, False),
    ({}, {"proxy": "P", "use_proxy": False}, False),
]


@pytest.mark.parametrize(("environ", "options", "through"), PROXY_ROUTES, ids=str)
def test_the_way_through_a_proxy(send: Send, server: TinyServer, proxy: TinyProxy, environ: dict[str, str], options: dict[str, Any], through: bool) -> None:
    address = {"P": f"http://127.0.0.1:{proxy.port}", "BARE": f"127.0.0.1:{proxy.port}"}
    environ = {name: address.get(value, value) for name, value in environ.items()}
    options = {name: address.get(value, value) for name, value in options.items()}
    assert send(environ, **options).status == 200
    assert bool(proxy.requests) is through
    if through:
        assert proxy.requests[0].startswith(f"CONNECT 127.0.0.1:{server.port} ")


def test_the_real_environment_counts_when_no_other_is_given(send: Send, proxy: TinyProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
    send(None)
    assert len(proxy.requests) == 1


@pytest.mark.parametrize("options", [{"use_proxy": False}, {"no_proxy": "127.0.0.1"}], ids=str)
def test_the_real_environment_does_not_overrule_the_options(send: Send, proxy: TinyProxy, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
    for environ in (None, {}):
        assert send(environ, **options).status == 200
    assert proxy.requests == []


def test_no_credentials_are_taken_from_a_netrc_file(send: Send, server: TinyServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    send(None)
    assert server.asked[0].headers["Authorization"] is None


@pytest.mark.parametrize(("written", "meant"), [("user:secret", "user:secret"), ("d%5Cu:p%40%C3%9F%F0%9F%90%98", "d\\u:p@ß🐘")])
def test_the_proxys_credentials_go_to_the_proxy_alone(send: Send, server: TinyServer, proxy: TinyProxy, written: str, meant: str) -> None:
    send(proxy=f"http://{written}@127.0.0.1:{proxy.port}")
    assert f"Proxy-Authorization: Basic {base64.b64encode(meant.encode()).decode()}\r\n" in proxy.requests[0]
    assert server.asked[0].headers["Proxy-Authorization"] is None


@pytest.mark.parametrize("refusal", [b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", b"HTTP/1.1 403 Forbidden\r\nX: secret\r\n\r\n"])
def test_a_proxy_that_refuses_is_told_without_its_password(send: Send, server: TinyServer, proxy: TinyProxy, refusal: bytes) -> None:
    proxy.refusal = refusal
    with pytest.raises(ConnectError, match=r"The proxy did not let the connection to 127\.0\.0\.1:[0-9]+ through") as caught:
        send(proxy=f"http://user:secret@127.0.0.1:{proxy.port}")
    assert "no_proxy" in caught.value.advice
    assert "secret" not in json.dumps(caught.value.as_result())
    assert caught.value.data["sent"] is False
    assert server.asked == []


def test_a_proxy_that_is_not_there_is_told(send: Send) -> None:
    with pytest.raises(ConnectError, match="The proxy did not let") as caught:
        send(proxy="http://user:secret@127.0.0.1:1")
    assert "secret" not in json.dumps(caught.value.as_result())


@pytest.mark.parametrize("proxy_address", ["http://", "http://[::1", "ftp://127.0.0.1:1", "http://u:secret@127.0.0.1:notaport"])
def test_a_malformed_proxy_is_told_before_anything_is_sent(send: Send, proxy_address: str) -> None:
    with pytest.raises(ConnectError, match="or that of the proxy on the way to it, is malformed") as caught:
        send(proxy=proxy_address)
    assert caught.value.data == {"sent": False}
    assert "secret" not in json.dumps(caught.value.as_result())


@pytest.mark.parametrize("host", ["em..example.org", "e" * 300, "::zz"])
def test_a_malformed_host_is_told_before_anything_is_sent(send: Send, host: str) -> None:
    with pytest.raises(ConnectError, match="is malformed") as caught:
        send(host=host)
    assert caught.value.data == {"sent": False}


def test_a_proxy_that_talks_nonsense_is_an_error_without_its_password(send: Send, server: TinyServer, proxy: TinyProxy) -> None:
    proxy.refusal = b"garbage secret\r\n\r\n"
    with pytest.raises(ConnectError) as caught:
        send(proxy=f"http://user:secret@127.0.0.1:{proxy.port}")
    assert "secret" not in json.dumps(caught.value.as_result())
    assert server.asked == []


def test_a_refused_connection_and_an_unknown_host_are_told(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConnectError, match=r"127\.0\.0\.1:1 refuses the connection") as caught:
        send(port=1)
    assert "9398" in caught.value.advice

    def unknown(*arguments: Any, **more: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(ConnectError, match=r"host name of em\.invalid:9398 is unknown") as caught:
        send(host="em.invalid", port=9398)
    assert "VEEAM_EM_HOST" in caught.value.advice


def test_on_the_port_of_the_backup_server_the_advice_names_the_right_one(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    with authority.server(tls=False) as plain:
        monkeypatch.setattr(session, "BACKUP_SERVER_PORT", plain.port)
        options = transport.ConnectionOptions(host="127.0.0.1", port=plain.port, username="u", password="p")
        with pytest.raises(TlsError) as caught, session.Session(options) as conversation:
            conversation.log_on()
    assert "9419 is the REST API of the backup server itself" in caught.value.advice
    assert "9398" in caught.value.advice


# ---------------------------------------------------------------------------------------------------------
# How long, and how much


def test_the_connect_time_out_is_passed_on(send: Send) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        port = deaf.getsockname()[1]
        waiting = [socket.socket() for _index in range(3)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        begun = time.monotonic()
        with pytest.raises(TimeoutExceeded, match=r"did not take the connection within 0\.3 s") as caught:
            send(port=port, connect_timeout=0.3, timeout=30)
        assert 0.25 < time.monotonic() - begun < 3
        for one in waiting:
            one.close()
    assert caught.value.data == {"sent": False}
    assert "connect_timeout" in caught.value.advice


def test_a_server_that_takes_the_connection_and_never_speaks_is_not_waited_for(send: Send) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        begun = time.monotonic()
        with pytest.raises(TimeoutExceeded):
            send(port=mute.getsockname()[1], connect_timeout=0.3, timeout=0.3)
        assert time.monotonic() - begun < 3


def test_the_read_time_out_is_passed_on(send: Send, server: TinyServer) -> None:
    server.say("GET /api/jobs", Told(wait=1.5))
    begun = time.monotonic()
    with pytest.raises(TimeoutExceeded, match=r"did not answer GET /jobs within 0\.2 s") as caught:
        send(timeout=0.2)
    assert time.monotonic() - begun < 1.4
    assert caught.value.data == {"sent": True}


CHUNKED = (("Content-Type", "application/json"), ("Transfer-Encoding", "chunked"), ("Content-Length", ""))


@pytest.mark.parametrize("headers", [Told().headers, (*Told().headers, ("Connection", "close"))], ids=["kept", "closed"])
def test_an_answer_that_drips_comes_to_an_end(send: Send, server: TinyServer, monkeypatch: pytest.MonkeyPatch, headers: Any) -> None:
    monkeypatch.setattr(transport, "ANSWER_TIME_FACTOR", 2)
    server.say("GET /api/jobs", Told(body=b"x" * 200, drip=0.02, headers=headers))
    begun = time.monotonic()
    with pytest.raises(TimeoutExceeded, match="came too slowly"):
        send(timeout=0.2)
    assert time.monotonic() - begun < 2


def test_an_answer_without_length_that_drips_comes_to_an_end(send: Send, server: TinyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "ANSWER_TIME_FACTOR", 2)
    body = b"".join(b"1\r\nx\r\n" for _index in range(60)) + b"0\r\n\r\n"
    server.say("GET /api/jobs", Told(body=body, drip=0.01, headers=CHUNKED[:2]))
    with pytest.raises(TimeoutExceeded, match="came too slowly"):
        send(timeout=0.2)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_body_shorter_than_announced_is_a_cut_connection(send: Send, server: TinyServer, method: str) -> None:
    server.say(f"{method} /api/jobs", Told(body=b'{"Jobs": []}' * 10, cut=50))
    with pytest.raises(ConnectError, match="cut") as caught:
        send(method=method)
    assert caught.value.data.get("sent") is not False
    assert (caught.value.method, caught.value.path) == (method, "/jobs")


def test_an_oversize_body_is_refused_while_it_is_read(send: Send, server: TinyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "MAX_BODY_BYTES", 2 << 20)
    server.say("GET /api/jobs", Told(body=b"x" * (2 << 20)), Told(body=b"x" * (8 << 20)))
    assert len(send().body) == 2 << 20
    with pytest.raises(BodyError, match="larger than 2 MiB") as caught:
        send()
    assert "filter or limit" in caught.value.advice


def test_a_compressed_body_counts_by_what_it_unpacks_to(send: Send, server: TinyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    headers = (("Content-Type", "application/json"), ("Content-Encoding", "gzip"))
    server.say("GET /api/jobs", Told(body=gzip.compress(b'{"Jobs": []}'), headers=headers), Told(body=gzip.compress(b"x" * (16 << 20)), headers=headers))
    assert send().body == b'{"Jobs": []}'
    monkeypatch.setattr(transport, "MAX_BODY_BYTES", 1 << 20)
    with pytest.raises(BodyError, match="larger than 1 MiB"):
        send()


def test_a_large_body_arrives_whole(send: Send, server: TinyServer) -> None:
    body = bytes(range(256)) * 8192
    server.say("GET /api/jobs", Told(body=body))
    assert send().body == body


# ---------------------------------------------------------------------------------------------------------
# Small things


def test_an_answer_knows_its_type_and_time() -> None:
    answer = Answer("GET", "/", 200, {"Content-Type": "application/xml", "Date": "Wed, 21 Oct 2026 07:28:00 GMT"}, b"")
    assert (answer.content_type, answer.server_time) == ("application/xml", 1792567680.0)


@pytest.mark.parametrize("headers", [{}, {"Date": ""}, {"Date": "yesterday"}, {"Date": "Wed, 99 Oct 2026 07:28:00 GMT"}], ids=str)
def test_an_answer_without_a_readable_date_has_no_time(headers: dict[str, str]) -> None:
    assert Answer("GET", "/", 200, headers, b"").server_time is None


def test_query_parameters_keep_their_order() -> None:
    assert encode_query({"type": "Job", "pageSize": "1", "sortAsc": "a b"}) == "type=Job&pageSize=1&sortAsc=a%20b"
