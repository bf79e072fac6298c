# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many records in little memory: only what is wanted of them is held, and what is equal in them once. Private to this collection. Pure."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Mapping, Tuple

Record = Dict[str, Any]

_REFERENCE = frozenset(("id", "uid", "name", "type"))
_INSIDE = "."


class Extract:
    """What is held of the records of a kind.

    Args: names: of fields; ``backup.id`` is a part of a reference, and the whole reference wins over its parts.
    """

    def __init__(self, names: Iterable[str]) -> None:
        told = tuple(dict.fromkeys(names))
        self.fields: Dict[str, str] = {name: name for name in told if _INSIDE not in name}
        self.parts: Dict[str, List[str]] = {}
        for reference, inside, part in (name.partition(_INSIDE) for name in told):
            if inside and reference not in self.fields:
                self.parts.setdefault(reference, []).append(part)
        self._names = self.fields.keys() | self.parts.keys()

    def missing_in(self, record: Mapping[str, Any]) -> Tuple[str, ...]:
        """Return the wanted fields that a record does not have, in order."""
        return () if self._names <= record.keys() else tuple(sorted(self._names - record.keys()))

    def of(self, record: Mapping[str, Any]) -> Record:
        """Return what is held of a record."""
        # With our own names for keys: a record that was read from a file has its own copies of them.
        held = {self.fields[name]: value for name, value in record.items() if name in self.fields}
        for name, parts in self.parts.items():
            value = record.get(name)
            held[name] = {part: value.get(part) for part in parts} if isinstance(value, dict) else value
        return held


class _Shape:
    """Its attributes are the keys of many records: Python keeps the keys of attributes once for a class."""


class Sharing:
    """Holds equal texts, keys and references once: a hundred thousand restore points name a handful of servers."""

    def __init__(self) -> None:
        self._same: Dict[Any, Any] = {}
        self._shapes: Dict[Tuple[str, ...], type] = {}

    def shared(self, record: Record) -> Record:
        """Return an equal record made of what was seen before, as far as it goes."""
        names = tuple(record)
        shape = self._shapes.get(names)
        if shape is None:
            shape = self._shapes[names] = type(_Shape.__name__, (_Shape,), {})
        holder = shape()
        for name, value in record.items():
            setattr(holder, name, self._one(value))
        made: Record = vars(holder)
        return made

    def _one(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._same.setdefault(value, value)
        if isinstance(value, dict) and value and _REFERENCE.issuperset(value):
            parts = [self._one(part) for part in value.values()]
            if all(part is None or isinstance(part, str) for part in parts):
                return self._same.setdefault((*value, *parts), dict(zip(value, parts)))
        return value
