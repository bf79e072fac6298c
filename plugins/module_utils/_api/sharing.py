# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many records in little memory: what is equal in them is held once. Private to this collection. Pure."""

from __future__ import annotations

from typing import Any, Dict

Record = Dict[str, Any]

_REFERENCE = frozenset(("id", "uid", "name", "type"))


class Sharing:
    """Holds equal texts, keys and references once: a hundred thousand restore points name a handful of servers."""

    def __init__(self) -> None:
        self._same: Dict[Any, Any] = {}

    def shared(self, record: Record) -> Record:
        """Return an equal record made of what was seen before, as far as it goes."""
        return {self._same.setdefault(name, name): self._one(value) for name, value in record.items()}

    def _one(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._same.setdefault(value, value)
        if isinstance(value, dict) and len(value) == len(_REFERENCE) and _REFERENCE.issuperset(value):
            key = (value["type"], value["id"], value["uid"], value["name"])
            return self._same.setdefault(key, value) if all(part is None or isinstance(part, str) for part in key) else value
        return value
