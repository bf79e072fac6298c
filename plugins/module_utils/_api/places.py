# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which declaration a path belongs to. Private to this collection.

Only callers that take any path need this file, since it knows every declaration.
"""

from __future__ import annotations

from typing import Any, Dict, Iterator, NamedTuple, Optional, Tuple
from urllib.parse import unquote

from .addresses import Address
from .entities._model import Resource
from .entities.registry import BY_TYPE, RESOURCES
from .query_types import resource_for_query_type

_VARIABLE = "{}"
_REST = "{...}"


class Place(NamedTuple):
    """The declared kind of thing at a path, whether it is a list of them, and whether the path names an object, which may be gone."""

    resource: Resource
    is_list: bool
    names_object: bool = False


def place_of(address: Address) -> Optional[Place]:
    """Return what is declared for the address, None where nothing is. Raises FilterError for a query of a type that is not known."""
    segments = [unquote(segment).casefold() for segment in address.path.strip("/").split("/")]
    if segments == ["query"]:
        return Place(resource_for_query_type(address.parameter("type")), True)
    fitting = [(literals, place) for pattern, place in _PATTERNS.items() for literals in _literals_that_fit(pattern, segments)]
    if not fitting:
        return None
    literals, place = max(fitting, key=lambda pair: pair[0])
    return place._replace(names_object=literals < len(segments))


def _literals_that_fit(pattern: Tuple[str, ...], segments: Any) -> Iterator[int]:
    """Yield how many parts of the pattern are literal where it fits the path, nothing where it does not."""
    if pattern[-1] == _REST:
        if len(segments) < len(pattern):
            return
        segments, pattern = segments[: len(pattern) - 1], pattern[:-1]
    if len(pattern) == len(segments) and all(part in (_VARIABLE, segment) for part, segment in zip(pattern, segments)):
        yield sum(part != _VARIABLE for part in pattern)


def _patterns() -> Dict[Tuple[str, ...], Place]:
    found: Dict[Tuple[str, ...], Place] = {}
    # What a resource says of its own path goes before what another says of its children.
    for resource in RESOURCES:
        for path in (resource.path, *resource.more_paths):
            found.setdefault(_pattern(path), Place(resource, bool(resource.list_root)))
            if resource.list_root:
                found.setdefault((*_pattern(path), _VARIABLE), Place(resource, False))
    for resource in RESOURCES:
        own = (*_pattern(resource.path), _VARIABLE) if resource.list_root else _pattern(resource.path)
        for child in resource.children:
            member = BY_TYPE[child.type]
            rest = (_REST,) if child.path == "{filepath}" else _pattern(child.path)
            found.setdefault((*own, *rest), Place(member, bool(member.list_root)))
    return found


def _pattern(path: str) -> Tuple[str, ...]:
    return tuple(_VARIABLE if part.startswith("{") else part.casefold() for part in path.strip("/").split("/"))


_PATTERNS = _patterns()
