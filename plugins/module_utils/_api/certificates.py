# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a certificate ends. Private to this collection.

The standard library reads certificates only where they were verified, and a certificate that nobody verifies ends, too. Source: RFC 5280,
section 4.1 (order of the parts) and 4.1.2.5 (validity); X.690 (tags and lengths).
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Iterator, Optional, Tuple

_VERSION = 0xA0
_TIME_FORMS = {0x17: "%y%m%d%H%M%SZ", 0x18: "%Y%m%d%H%M%SZ"}
_VALIDITY = 3  # after serial number, algorithm and issuer


@lru_cache(maxsize=16)
def end_of_certificate(certificate: bytes) -> Optional[str]:
    """Return the last moment of a certificate in DER form, ISO 8601 in UTC with Z; None for what cannot be read as one."""
    try:
        ((_tag, whole),) = _parts(certificate)
        (_first_tag, signed), *_signature = _parts(whole)
        parts = [part for part in _parts(signed) if part[0] != _VERSION]
        _begin, (tag, end) = _parts(parts[_VALIDITY][1])
        return datetime.strptime(end.decode("ascii"), _TIME_FORMS[tag]).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, KeyError, IndexError, TypeError):
        return None


def _parts(content: bytes) -> Iterator[Tuple[int, bytes]]:
    """Yield tag and content of each part. Raises ValueError where lengths do not fit."""
    at = 0
    while at < len(content):
        tag, length, at = content[at], content[at + 1], at + 2
        if length & 0x80:
            count = length & 0x7F
            length, at = int.from_bytes(content[at : at + count], "big"), at + count
        if at + length > len(content):
            raise ValueError("a part is cut off")
        yield tag, content[at : at + length]
        at += length
