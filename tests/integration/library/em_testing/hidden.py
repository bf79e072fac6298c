# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The forms in which a secret could leak, and the search for them."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

_LARGEST_FILE = 64 * 1024 * 1024


def forms_of(secret: str) -> set[bytes]:
    """Return the bytes under which a secret would be found: bare, in JSON, in an address, in base64."""
    texts = {
        secret,
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
    }
    return {text.encode() for text in texts} | {encoded for text in (secret,) for encoded in _base64_forms(text.encode())}


def _base64_forms(secret: bytes) -> set[bytes]:
    """Return what base64 makes of the secret at each of the three places it can have in a longer text, without the uncertain ends."""
    whole = base64.b64encode(secret)
    shifted = (base64.b64encode(b"\0" * shift + secret) for shift in range(3))
    inner = {encoded[4:-4] for encoded in shifted}
    return {whole, whole.rstrip(b"=")} | {form for form in inner if len(form) >= 16}


def basic_header(username: str, password: str) -> bytes:
    """Return what stands behind ``Basic`` in the header of a log-on."""
    return base64.b64encode(f"{username}:{password}".encode())


def leaks(needles: Iterable[bytes], places: Iterable[tuple[str, bytes]]) -> list[str]:
    """Return a sentence for each place that holds one of the needles; the secret itself is not in the sentence."""
    wanted = sorted(set(needles), key=len)
    found = []
    for name, content in places:
        for needle in wanted:
            at = content.find(needle)
            if at >= 0:
                before = content[max(0, at - 60) : at].decode(errors="replace")
                found.append(f"{name}: a secret of {len(needle)} bytes after {before!r}")
    return found


def files_below(*folders: Path) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of every file, and the name of every file and folder as a place of its own."""
    for folder in folders:
        for parent, folder_names, file_names in os.walk(folder):
            for name in (*folder_names, *file_names):
                yield f"name {parent}/{name}", name.encode()
            for name in file_names:
                path = Path(parent, name)
                if path.is_file() and path.stat().st_size <= _LARGEST_FILE:
                    yield str(path), path.read_bytes()
