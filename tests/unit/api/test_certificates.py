# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The end of a certificate: as another reader of certificates tells it, and as the connection shows it."""

from __future__ import annotations

import ssl
from datetime import datetime, timedelta, timezone

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st
from tiny_server import Authority, TinyServer

from _api.certificates import end_of_certificate
from _api.transport import ConnectionOptions, Transport


def issued(not_after: datetime) -> bytes:
    """Return a certificate in DER form."""
    pem = trustme.CA().issue_cert("em.example.com", not_after=not_after).cert_chain_pems[0].bytes()
    return x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)


@pytest.mark.parametrize("end", [datetime(2027, 1, 2, 3, 4, 5, tzinfo=timezone.utc), datetime(2049, 12, 31, 23, 59, 59, tzinfo=timezone.utc)])
@pytest.mark.parametrize("later", [timedelta(), timedelta(days=1000)], ids=["as it is", "later"])
def test_the_end_is_read_in_both_forms_of_a_time(end: datetime, later: timedelta) -> None:
    # From 2050 on years have four digits.
    assert end_of_certificate(issued(end + later)) == (end + later).strftime("%Y-%m-%dT%H:%M:%SZ")


@given(st.binary(max_size=80))
def test_what_is_no_certificate_has_no_end(junk: bytes) -> None:
    assert end_of_certificate(junk) is None


@given(st.integers(0, 300))
def test_a_certificate_that_is_cut_off_has_no_end(length: int) -> None:
    assert end_of_certificate(_WHOLE[:length]) is None


_WHOLE = issued(datetime(2030, 1, 1, tzinfo=timezone.utc))


@pytest.mark.parametrize("checked", [True, False])
def test_an_answer_tells_when_the_certificate_of_its_connection_ends(server: TinyServer, authority: Authority, checked: bool) -> None:
    options = ConnectionOptions(
        host="127.0.0.1", port=server.port, username="u", password="p", validate_certs=checked, ca_path=str(authority.files.ca) if checked else ""
    )
    transport = Transport(options, {})
    try:
        shown = transport.send("GET", "/jobs").certificate_ends
    finally:
        transport.close()
    der = ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(("127.0.0.1", server.port)))
    assert shown == x509.load_der_x509_certificate(der).not_valid_after_utc.strftime("%Y-%m-%dT%H:%M:%SZ")
