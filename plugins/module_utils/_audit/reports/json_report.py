# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The findings as JSON: the whole document, after extensions/audit/schemas/findings.schema.json. Private to this collection."""

from __future__ import annotations

from itertools import chain
from typing import Iterator

from ..document import Document
from .reading import in_blocks, laid_out_in_pieces

# An entry of a list of the document takes a line: that can be read, compared and searched by people as well.
_LEVELS = 2


def pieces(document: Document) -> Iterator[bytes]:
    """Yield the document as JSON in UTF-8, piece by piece. Raises ValueError for a number that JSON has not."""
    return in_blocks(chain(laid_out_in_pieces(document, _LEVELS), "\n"), _encoded)


def _encoded(text: str) -> bytes:
    # UTF-8 has no halves of surrogate pairs; as escapes of JSON they come back as they were.
    return text.encode("utf-8", "backslashreplace")


def write(document: Document) -> bytes:
    """Return the document as JSON in UTF-8. Raises ValueError for a number that JSON has not."""
    return b"".join(pieces(document))
