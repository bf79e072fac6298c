# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds what answers a path. Templates are in the words of the declarations: ``/cdpReplicas/{cdp_replica}/vms/{id}``."""

from __future__ import annotations

from typing import Any, Callable
from urllib.parse import unquote

Handler = Callable[..., Any]


class _Place:
    """What is known about one segment of paths."""

    def __init__(self) -> None:
        self.literal: dict[str, _Place] = {}
        self.variable: _Place | None = None
        self.methods: dict[str, Handler] = {}
        self.rest: dict[str, Handler] = {}


class Routes:
    """A tree of path segments. A literal segment wins over ``{x}``, that over ``{x...}``, which takes all that is left of a path."""

    def __init__(self) -> None:
        self._top = _Place()

    def add(self, template: str, method: str, handler: Handler) -> None:
        """Let a handler answer a method of all paths like the template; what was there before is replaced."""
        place = self._top
        for part in template.strip("/").split("/"):
            if part.endswith("...}"):
                place.rest[method] = handler
                if place.variable is not None:
                    place.variable.methods.pop(method, None)
                return
            if part.startswith("{"):
                place.variable = place.variable or _Place()
                place = place.variable
            else:
                place = place.literal.setdefault(part, _Place())
        place.methods[method] = handler

    def find(self, path: str) -> tuple[dict[str, Handler], list[str]] | None:
        """Return the methods of a path, still percent-encoded, and the decoded values of its variables; None when nothing answers it."""
        return _search(self._top, [unquote(part) for part in path.strip("/").split("/")], 0)


def _search(place: _Place, parts: list[str], position: int) -> tuple[dict[str, Handler], list[str]] | None:
    if position == len(parts):
        return (place.methods, []) if place.methods else None
    found = None
    if parts[position] in place.literal:
        found = _search(place.literal[parts[position]], parts, position + 1)
    if found is None and place.variable is not None and parts[position]:
        found = _search(place.variable, parts, position + 1)
        if found is not None:
            found = (found[0], [parts[position], *found[1]])
    if found is None and place.rest:
        return place.rest, ["/".join(parts[position:])]
    return found
