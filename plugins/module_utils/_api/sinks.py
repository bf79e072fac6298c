# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the records of an estate go: into the result, into a file, nowhere. Private to this collection.

A sink prepares records in the thread that read them and takes them in the one thread that owns it, so what it holds or
writes needs no lock. ``expanding.py`` has sinks that follow references first.
"""

from __future__ import annotations

import json
from typing import Any, Dict, List, Sequence, Tuple

from .entities._model import Resource
from .reading import Record
from .whole_file import WholeFile

Position = Tuple[int, ...]


class Sink:
    """Takes records and keeps none, which is what check mode needs."""

    def prepare(self, resource: Resource, records: Sequence[Record]) -> Any:
        """Return the records in the form that ``take`` wants; called by any thread."""
        return records

    def take(self, resource: Resource, position: Position, prepared: Any) -> None:
        """Take prepared records. ``position`` orders those of one kind."""


class InResult(Sink):
    """Holds the records for the result of the task."""

    def __init__(self) -> None:
        self._found: Dict[str, Dict[Position, Sequence[Record]]] = {}

    def take(self, resource: Resource, position: Position, prepared: Any) -> None:
        self._found.setdefault(resource.plural, {})[position] = prepared

    def records_of(self, resource: Resource) -> List[Record]:
        """Return the records of a kind in the order of the server."""
        parts = self._found.get(resource.plural, {})
        return [record for position in sorted(parts) for record in parts[position]]


# Pure ASCII: characters that some readers take for the end of a line, and half characters, which UTF-8 cannot carry, stay escaped.
_encode = json.JSONEncoder(separators=(",", ":")).encode


def as_bytes(value: Any) -> bytes:
    """Return a value as JSON without a line break in it."""
    return _encode(value).encode("ascii")


def as_line(kind: str, record: Record) -> bytes:
    """Return a record with its kind as one line of JSON."""
    return as_bytes({"kind": kind, "record": record}) + b"\n"


class InFile(Sink):
    """Writes one line for each record, in the order in which the server answers."""

    def __init__(self, file: WholeFile) -> None:
        self._file = file

    def prepare(self, resource: Resource, records: Sequence[Record]) -> Any:
        return b"".join(as_line(resource.plural, record) for record in records)

    def take(self, resource: Resource, position: Position, prepared: Any) -> None:
        self._file.write(prepared)
