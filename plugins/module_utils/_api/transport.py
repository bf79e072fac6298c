# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One HTTPS request and its answer: TLS, proxy, time-outs, size limits, advice. Private to this collection.

No retries, no log-on, no meaning: that is ``session.py``. Everything the user can mend becomes an EmError here.
"""

from __future__ import annotations

import base64
import os
import threading
import time
import traceback
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Tuple, Union
from urllib.parse import quote
from xml.sax.saxutils import escape

from .certificates import end_of_certificate
from .diagnoses import diagnose
from .errors import BodyError, ConnectError, EmError, OptionError, TimeoutExceeded, TlsError

REQUESTS_IMPORT_ERROR: Optional[str]
try:
    import requests
    import requests.auth
    import requests.utils
    import urllib3
except ImportError:
    REQUESTS_IMPORT_ERROR = traceback.format_exc()
else:
    REQUESTS_IMPORT_ERROR = None

DEFAULT_PORT = 9398
BACKUP_SERVER_PORT = 9419
MAX_BODY_BYTES = 256 * 1024 * 1024
# A server that drips one byte before each read time-out must still come to an end.
ANSWER_TIME_FACTOR = 10
_CHUNK = 256 * 1024


@dataclass(frozen=True)
class ConnectionOptions:
    """How to reach Enterprise Manager; the same words as the options of every module.

    Times are seconds. ``session`` is the token of a shared log-on session. ``proxy`` and ``no_proxy`` go before
    the environment's HTTPS_PROXY and NO_PROXY, ``use_proxy`` false before both. ``tenant`` says that the account is a
    tenant's of Cloud Connect, ``organization`` that it is a user of that organization of VMware Cloud Director.
    """

    host: str = ""
    port: int = DEFAULT_PORT
    username: str = ""
    password: str = field(default="", repr=False)
    validate_certs: bool = True
    ca_path: str = ""
    client_cert: str = ""
    client_key: str = ""
    use_proxy: bool = True
    proxy: str = field(default="", repr=False)
    no_proxy: str = ""
    connect_timeout: float = 10
    timeout: float = 60
    retries: int = 3
    api_version: str = "auto"
    wire_format: str = "json"
    session: str = field(default="", repr=False)
    tenant: bool = False
    organization: str = ""

    def check(self) -> None:
        """Refuse what cannot work, before any connection. Raises OptionError naming option and variable."""
        if not self.host:
            raise OptionError("No Enterprise Manager is named.", advice="Set the option host or the variable VEEAM_EM_HOST.")
        if any(mark in self.host for mark in "/@ ?#") or self.host.count(":") == 1:
            raise OptionError(
                "The host %r is not a host name or address." % self.host, advice="Give the bare name; the port goes to the option port or VEEAM_EM_PORT."
            )
        if not 0 < self.port < 65536:
            raise OptionError("The port %s is not a port number." % self.port, advice="Enterprise Manager listens on 9398 unless it was changed.")
        if not self.session:
            missing = [name for name in ("username", "password") if not getattr(self, name)]
            if missing:
                raise OptionError(
                    "No credentials for Enterprise Manager: %s missing." % " and ".join(missing),
                    advice="Set username and password (VEEAM_EM_USERNAME, VEEAM_EM_PASSWORD), or session (VEEAM_EM_SESSION) with a token.",
                )
        if self.organization and not self.tenant:
            raise OptionError(
                "An organization is named, and the account is not said to be a tenant's.",
                advice="Set the option tenant (VEEAM_EM_TENANT) to true for a user of an organization, or leave organization out.",
            )
        if self.client_key and not self.client_cert:
            raise OptionError(
                "A client_key without client_cert.", advice="Set the option client_cert (VEEAM_EM_CLIENT_CERT) to the certificate that belongs to the key."
            )
        for name in ("ca_path", "client_cert", "client_key"):
            path = getattr(self, name)
            if path and not Path(path).exists():
                raise OptionError(
                    "The file %s of option %s does not exist." % (path, name), advice="Give the path of a PEM file on the machine where the task runs."
                )

    @property
    def base_url(self) -> str:
        """The service's address, with brackets around an IPv6 host."""
        host = "[%s]" % self.host if ":" in self.host and not self.host.startswith("[") else self.host
        return "https://%s:%d/api" % (host, self.port)


@dataclass(frozen=True)
class Answer:
    """What came back: status, headers and the whole body.

    ``certificate_ends`` is the last moment (UTC) of the certificate that the connection was secured with, None where nobody could tell.
    """

    method: str
    path: str
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    certificate_ends: Optional[str] = None

    @property
    def content_type(self) -> str:
        return self.headers.get("Content-Type", "")

    @property
    def server_time(self) -> Optional[float]:
        """The server's clock from its Date header in seconds since 1970, None when it sent none."""
        try:
            return parsedate_to_datetime(self.headers["Date"]).timestamp()
        except (KeyError, TypeError, ValueError, IndexError):
            return None


def encode_query(parameters: Mapping[str, str]) -> str:
    """Return the query string with every value percent-encoded once (WIRE.md section 4); half characters, which names can hold in JSON, as they are."""
    return "&".join("%s=%s" % (name, quote(str(value), safe="", errors="surrogatepass")) for name, value in parameters.items())


def _basic(options: ConnectionOptions) -> Any:
    """Return the Basic credentials as UTF-8, which the library would encode as Latin-1."""
    return requests.auth.HTTPBasicAuth(options.username.encode("utf-8"), options.password.encode("utf-8"))


_LOGIN_SPEC = '<?xml version="1.0" encoding="utf-8"?><LoginSpec xmlns="http://www.veeam.com/ent/v1.0">%s</LoginSpec>'


def login_spec(options: ConnectionOptions) -> bytes:
    """Return the body with which a tenant of Cloud Connect logs on, in the one form that is documented: XML (API.md section 1)."""
    if options.organization:
        root, words = "VCloudOrganizationCredentials", {"OrganizationName": options.organization, "Login": options.username}
    else:
        root, words = "TenantCredentials", {"Username": options.username}
    parts = "".join("<%s>%s</%s>" % (name, escape(text), name) for name, text in {**words, "Password": options.password}.items())
    return (_LOGIN_SPEC % ("<%s>%s</%s>" % (root, parts, root))).encode("utf-8")


def _proxy_headers(proxy: str) -> Dict[str, str]:
    """Return the credentials of the proxy's address as UTF-8, which the library would encode as Latin-1 or fail to."""
    user, password = requests.utils.get_auth_from_url(proxy)
    if not user:
        return {}
    return {"Proxy-Authorization": "Basic " + base64.b64encode(("%s:%s" % (user, password)).encode("utf-8")).decode("ascii")}


def _pieces_of(response: Any) -> Iterator[bytes]:
    """Yield the decoded body as it arrives: a read that waits for a full piece would not see the deadline pass.

    Old releases of urllib3 can only wait for full pieces.
    """
    if not hasattr(response.raw, "read1"):
        yield from response.iter_content(_CHUNK)
        return
    while True:
        piece = response.raw.read1(_CHUNK, decode_content=True)
        if not piece:
            return
        yield piece


def _certificate_of(response: Any) -> bytes:
    """Return the certificate of the other side in DER form, nothing where the library does not show it."""
    socket: Any = getattr(getattr(response.raw, "connection", None), "sock", None)
    return (socket.getpeercert(True) or b"") if hasattr(socket, "getpeercert") else b""


class Transport:
    """Sends single requests, from any thread: each has connections of its own. No cookies: one would beat the token header."""

    def __init__(self, options: ConnectionOptions, environ: Optional[Mapping[str, str]] = None, clock: Callable[[], float] = time.monotonic) -> None:
        self.options = options
        self._environ = os.environ if environ is None else environ
        self._clock = clock
        self._of_thread = threading.local()
        self._opened: List[Any] = []
        self._verify = self._verification()
        self._certificate = self._client_certificate()
        self._proxies = self._proxy_map()

    def close(self) -> None:
        """Close the connections of all threads."""
        for http in self._opened:
            http.close()

    def _connections(self) -> Any:
        """Return the connections of the calling thread: the library does not promise that threads may share theirs."""
        http = getattr(self._of_thread, "http", None)
        if http is None:
            http = self._of_thread.http = requests.Session()
            # The environment is read by this class and nowhere else: requests would let REQUESTS_CA_BUNDLE beat ca_path and validate_certs.
            http.trust_env = False
            http.adapters["https://"].proxy_headers = _proxy_headers  # type: ignore[attr-defined]
            http.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
            self._opened.append(http)
        return http

    def _verification(self) -> Union[bool, str]:
        if not self.options.validate_certs:
            # The user has said so; a warning per request would drown the play's output.
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
            return False
        return self.options.ca_path or self._environ.get("REQUESTS_CA_BUNDLE") or self._environ.get("CURL_CA_BUNDLE") or True

    def _client_certificate(self) -> Union[str, Tuple[str, str], None]:
        if not self.options.client_cert:
            return None
        return (self.options.client_cert, self.options.client_key) if self.options.client_key else self.options.client_cert

    def _variable(self, name: str) -> str:
        return self._environ.get(name.lower()) or self._environ.get(name.upper()) or ""

    def _proxy_map(self) -> Dict[str, str]:
        options = self.options
        proxy = options.proxy or self._variable("https_proxy") or self._variable("all_proxy")
        if not options.use_proxy or not proxy:
            return {}
        no_proxy = options.no_proxy or self._variable("no_proxy")
        if no_proxy and requests.utils.should_bypass_proxies(options.base_url, no_proxy=no_proxy):
            return {}
        return {"https": proxy if "://" in proxy else "http://" + proxy}

    def send(
        self, method: str, path: str, parameters: Optional[Mapping[str, str]] = None, headers: Optional[Mapping[str, str]] = None, basic: bool = False
    ) -> Answer:
        """Send one request and read its whole answer.

        Args: path below /api, parameters not yet encoded, basic whether to send the credentials: in a Basic header, or a tenant's in the body.
        Raises TlsError, TimeoutExceeded, ConnectError (with ``data["sent"]`` false when the request surely never
        left), BodyError for a body cut off or over 256 MiB.
        """
        url = self.options.base_url + path + ("?" + encode_query(parameters) if parameters else "")
        as_tenant = basic and self.options.tenant
        authentication = _basic(self.options) if basic and not as_tenant else None
        # The server reads a body as JSON wherever JSON is accepted (WIRE.md section 1).
        spoken = {**(headers or {}), **({"Accept": "application/xml", "Content-Type": "application/xml"} if as_tenant else {})}
        deadline = self._clock() + self.options.timeout * ANSWER_TIME_FACTOR
        status: Optional[int] = None
        chunks: List[bytes] = []
        try:
            with self._connections().request(
                method,
                url,
                headers=spoken,
                data=login_spec(self.options) if as_tenant else None,
                auth=authentication,
                timeout=(self.options.connect_timeout, self.options.timeout),
                verify=self._verify,
                cert=self._certificate,
                proxies=self._proxies,
                stream=True,
                allow_redirects=False,
            ) as response:
                status = response.status_code
                certificate = _certificate_of(response)  # the connection is given back with the last byte
                body = self._read(response, chunks, method, path, deadline)
                return Answer(method, path, response.status_code, response.headers, body, end_of_certificate(certificate))
        except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            translated = self._translated(error, method, path)
            translated.status = status
            translated.received = b"".join(chunks[:1])
            raise translated from error

    def _read(self, response: Any, chunks: List[bytes], method: str, path: str, deadline: float) -> bytes:
        length = 0
        for chunk in _pieces_of(response):
            chunks.append(chunk)
            length += len(chunk)
            if length > MAX_BODY_BYTES:
                raise BodyError(
                    "The answer to %s %s is larger than %d MiB." % (method, path, MAX_BODY_BYTES >> 20),
                    advice="Narrow the request with filter or limit.",
                    method=method,
                    path=path,
                    status=response.status_code,
                )
            if self._clock() > deadline:
                raise TimeoutExceeded(
                    "The answer to %s %s came too slowly to be read to its end." % (method, path), advice=_TIMEOUT_ADVICE, method=method, path=path
                )
        declared = response.headers.get("Content-Length", "")
        if declared.isdecimal() and "Content-Encoding" not in response.headers and method != "HEAD" and length != int(declared):
            cut_off = ConnectError(
                "The answer to %s %s was cut off after %d of %s bytes." % (method, path, length, declared),
                advice=_CUT_ADVICE,
                method=method,
                path=path,
                status=response.status_code,
            )
            cut_off.received = b"".join(chunks[:1])
            raise cut_off
        return b"".join(chunks)

    def _translated(self, error: Exception, method: str, path: str) -> EmError:
        """Return the error as advice; the library's text is kept out because it can hold the proxy's password."""
        asked: Dict[str, Any] = {"method": method, "path": path}
        where = "%s:%d" % (self.options.host, self.options.port)
        text = " ".join(repr(link) for link in _chain(error))
        never_sent = diagnose(text)
        if never_sent is not None:
            values = {"where": where, "connect_timeout": self.options.connect_timeout}
            return never_sent.error(never_sent.message % values, advice=never_sent.advice, data={"sent": False}, **asked)
        # From here on the request may have arrived: an order must be looked up before anything else.
        asked["data"] = {"sent": True}
        if "ReadTimeout" in text or "timed out" in text:
            return TimeoutExceeded("%s did not answer %s %s within %g s." % (where, method, path, self.options.timeout), advice=_TIMEOUT_ADVICE, **asked)
        if "SSLError" in text and not any(mark in text for mark in _CUT_MARKS):
            return TlsError("The TLS conversation with %s failed." % where, advice=_TLS_ADVICE, **asked)
        return ConnectError("The connection to %s was cut during %s %s." % (where, method, path), advice=_CUT_ADVICE, **asked)


_CUT_MARKS = ("EOF occurred", "UNEXPECTED_EOF", "SSLEOFError", "SSLZeroReturnError", "ConnectionResetError", "RemoteDisconnected")
_TLS_ADVICE = "Check host and port; a server that wants a client certificate needs client_cert and client_key."
_TIMEOUT_ADVICE = "Raise the option timeout (VEEAM_EM_TIMEOUT), or look at the load of the server."
_CUT_ADVICE = "Look at what stands between you and the server; the service may be restarting."


def _chain(error: Optional[BaseException]) -> List[BaseException]:
    links: List[BaseException] = []
    while error is not None and error not in links:
        links.append(error)
        error = error.__cause__ or error.__context__
    return links
