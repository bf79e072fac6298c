# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""What the texts of the TLS and socket layers mean to a user. Private to this collection.

Only failures that come before anything was sent stand here: after one of them an order was surely not taken.
"""

from __future__ import annotations

from typing import NamedTuple, Optional, Tuple, Type

from .errors import ConnectError, EmError, TimeoutExceeded, TlsError

_LISTENS_ON = "Enterprise Manager listens on HTTPS port 9398: check host and port."


class Diagnosis(NamedTuple):
    """One cause: marks in the text of the error, the error to raise, its sentences with %(where)s and %(connect_timeout)g."""

    marks: Tuple[str, ...]
    error: Type[EmError]
    message: str
    advice: str


# In the order in which they decide: a proxy's failure also reads like one of the connection.
DIAGNOSES: Tuple[Diagnosis, ...] = (
    Diagnosis(
        ("InvalidProxyURL", "InvalidURL", "ProxySchemeUnknown", "LocationParseError"),
        ConnectError,
        "The address %(where)s, or that of the proxy on the way to it, is malformed.",
        "Check the options host (VEEAM_EM_HOST) and proxy (or HTTPS_PROXY), which is written http://USER:PASSWORD@HOST:PORT.",
    ),
    Diagnosis(
        ("ProxyError", "Tunnel connection failed", "Cannot connect to proxy"),
        ConnectError,
        "The proxy did not let the connection to %(where)s through.",
        "Check the option proxy (or HTTPS_PROXY), name the server in no_proxy, or set use_proxy to false.",
    ),
    Diagnosis(
        ("Hostname mismatch", "doesn't match", "IP address mismatch", "not valid for"),
        TlsError,
        "The certificate of %(where)s was issued for another name.",
        "Set the option host to a name that stands in the certificate, or have the certificate issued anew.",
    ),
    Diagnosis(
        ("CERTIFICATE_VERIFY_FAILED", "certificate verify failed", "unable to get local issuer"),
        TlsError,
        "The certificate of %(where)s is not signed by a known CA.",
        "Set the option ca_path (VEEAM_EM_CA_PATH) to the PEM file of the CA; validate_certs false switches the check off and is for tests only.",
    ),
    Diagnosis(
        ("WRONG_VERSION_NUMBER", "wrong version number", "UNKNOWN_PROTOCOL", "HTTP_REQUEST", "record layer failure", "RECORD_LAYER_FAILURE"),
        TlsError,
        "%(where)s answers plain HTTP where HTTPS is spoken.",
        _LISTENS_ON + " Port 9399 was the unencrypted port of old versions.",
    ),
    Diagnosis(
        (
            "invalid path",
            "Could not find the TLS certificate",
            "Could not find a suitable TLS CA",
            "PEM lib",
            "NO_CERTIFICATE_OR_CRL_FOUND",
            "KEY_VALUES_MISMATCH",
        ),
        TlsError,
        "The certificate files for %(where)s cannot be used.",
        "ca_path, client_cert and client_key must be PEM files; the key must belong to the certificate and have no passphrase.",
    ),
    Diagnosis(
        ("NameResolutionError", "Name or service not known", "getaddrinfo failed", "nodename nor servname", "Temporary failure in name resolution"),
        ConnectError,
        "The host name of %(where)s is unknown.",
        "Check the option host (VEEAM_EM_HOST) and the name service of the machine where the task runs.",
    ),
    Diagnosis(
        ("ConnectTimeout", "connect timed out", "ConnectTimeoutError"),
        TimeoutExceeded,
        "%(where)s did not take the connection within %(connect_timeout)g s.",
        "Check host, port and firewall; the option connect_timeout sets how long is waited.",
    ),
    Diagnosis(
        ("Connection refused",), ConnectError, "%(where)s refuses the connection.", _LISTENS_ON + " The service Veeam Backup Enterprise Manager may be stopped."
    ),
    Diagnosis(
        ("No route to host", "Network is unreachable", "Host is down"),
        ConnectError,
        "There is no route to %(where)s.",
        "Check the network and firewall between the machine where the task runs and the server.",
    ),
    Diagnosis(("NewConnectionError",), ConnectError, "%(where)s cannot be reached.", _LISTENS_ON),
)


def diagnose(text: str) -> Optional[Diagnosis]:
    """Return the cause that the representations of an error and its causes point to, None when the request may have been sent."""
    return next((diagnosis for diagnosis in DIAGNOSES if any(mark in text for mark in diagnosis.marks)), None)
