# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Defects on order: what can be wrong in an estate, each with a name, and the planting of it.

A defect makes one thing wrong and leaves the estate sound otherwise. Where something else cannot but follow, the details say so.
"""

from __future__ import annotations

import random
from typing import Any

from ..scripts import split_argument
from . import jobs, machines, others, people, places
from ._model import DEFECTS, Defect, Planted, Site, footprint_of, id_of, in_report, label_of, server_of
from .surgery import note_change

__all__ = ["DEFECTS", "FAMILIES", "Defect", "Site", "order_from", "plant"]

# Where defects are declared.
FAMILIES: tuple[Any, ...] = (machines, jobs, places, people, others)

_WORDS = ("name", "thing", "backup_server", "params")


def order_from(text: str | dict[str, Any]) -> dict[str, Any]:
    """Return an order for a defect as a mapping (``name``, ``thing``, ``backup_server``, ``params``) from that, or from ``NAME[=THING][;param=value...]``.

    Raises ValueError for an unknown defect, parameter or word.
    """
    if isinstance(text, str):
        name, thing, params = split_argument(text)
        return order_from({"name": name, "thing": thing, "params": params})
    unknown = set(text) - set(_WORDS)
    if unknown:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(_WORDS)}")
    if text.get("name") not in DEFECTS:
        raise ValueError(f"unknown defect {text.get('name')!r}; known: {', '.join(sorted(DEFECTS))}")
    DEFECTS[text["name"]].checked(text.get("params") or {})
    return dict(text)


def plant(site: Site, order: dict[str, Any], seed: str) -> dict[str, Any]:
    """Carry an order out and return what was planted: ``defect``, ``thing``, ``name``, ``id``, ``backup_server``, ``details``.

    Without a ``thing`` (a name or an id) the seed chooses one, if possible one in which nothing is wrong yet.
    Raises ValueError when there is no thing in which the defect could be planted.
    """
    order = order_from(order)
    found = DEFECTS[order["name"]]
    site.chance = random.Random(f"{seed}/{found.name}")
    chosen = _choose(site, found, order.get("thing"), order.get("backup_server"))
    params = found.checked(order.get("params") or {})
    result = found.plant(site, chosen, **params)
    thing, details = result if isinstance(result, Planted) else (chosen, result)
    site.taken |= footprint_of(chosen) | footprint_of(thing)
    note_change(site.world)
    return in_report(found.name, thing, details)


def _choose(site: Site, found: Defect, name: str | None, server: str | None) -> Any:
    candidates = [thing for thing in found.among(site) if name in (None, label_of(thing), id_of(thing)) and server in (None, server_of(thing))]
    if not candidates:
        wanted = f" named {name!r}" if name else ""
        raise ValueError(f"there is no {found.thing}{wanted} in which {found.name} could be planted")
    if name is not None and len(candidates) > 1:
        servers = ", ".join(sorted({server_of(thing) for thing in candidates}))
        raise ValueError(f"{len(candidates)} things are named {name!r} (on {servers}); say backup_server, or the id")
    untouched = [thing for thing in candidates if site.taken.isdisjoint(footprint_of(thing))]
    return site.chance.choice(untouched or candidates)
