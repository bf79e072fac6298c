# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""In which circumstances the cells of the matrix run: an estate that stands still, generations of the server, and all kinds of bad weather."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities._model import Resource
from em_simulator.control import Simulator

from .matrix import SMALL_PAGE, STILL, Cell, cells_of, left_out
from .subjects import Estate, Subject, info_modules, subject_of
from .wire import Raw, Wire, identity, path_of

NEWEST_VERSION = {"9.5u4": "v1_4", "12": "v1_7", "13": "v1_7"}
Change = Callable[[Simulator, dict[str, Subject]], None]


@dataclass(frozen=True)
class Circumstance:
    """One state of the server.

    ``rules`` run in it. ``change`` brings it about, told what the server has; ``hides`` says that plain requests cannot look
    behind it, so that the cells are made before. ``orders`` is the number of tasks that the log-on session has.
    """

    name: str
    rules: tuple[str, ...]
    change: Change | None = None
    hides: bool = False
    orders: int = 2
    profile: str = "12"
    check: bool = False


def small_pages(simulator: Simulator, subjects: dict[str, Subject]) -> None:
    """Let the server cut pages smaller than asked for."""
    simulator.settings(max_page_size=SMALL_PAGE)


def refuse_queries(simulator: Simulator, subjects: dict[str, Subject]) -> None:
    """Refuse the query service to everybody."""
    simulator.fault("status", "GET", "^/query", status=403, count=0)


def leave_out(simulator: Simulator, subjects: dict[str, Subject]) -> None:
    """Leave one element out of every kind of thing."""
    for subject in subjects.values():
        field = left_out(subject)
        if field is not None:
            for wire_name in (field.wire, *field.aliases):
                simulator.omit(subject.resource.type, wire_name)


def vanish_at_their_address(simulator: Simulator, subjects: dict[str, Subject]) -> None:
    """Let the first object of every kind be listed and not be found."""
    for subject in _listed(subjects):
        simulator.vanish(subject.resource.type, table_key(subject.resource, subject.rows[0]), after="list")


def keep_one(simulator: Simulator, subjects: dict[str, Subject]) -> None:
    """Let the first object of every kind be the only one, those that it lies below included."""
    kept = {subject.resource.thing: identity(subject.rows[0]) for subject in _listed(subjects)}
    for subject in _listed(subjects):
        kept.update(zip(subject.resource.parents, parent_ids(subject.resource, subject.rows[0]), strict=True))
    for subject in _listed(subjects):
        for row in subject.rows:
            if identity(row) != kept[subject.resource.thing]:
                simulator.vanish(subject.resource.type, table_key(subject.resource, row), after="")


def keep_none(simulator: Simulator, subjects: dict[str, Subject]) -> None:
    """Let every collection be empty."""
    for subject in _listed(subjects):
        for row in subject.rows:
            simulator.vanish(subject.resource.type, table_key(subject.resource, row), after="")


def _listed(subjects: dict[str, Subject]) -> list[Subject]:
    """Return the modules whose objects are in a list that all log-on sessions share."""
    return [subject for subject in subjects.values() if subject.resource.list_root and subject.resource.key != "task_id"]


def parent_ids(resource: Resource, row: Raw) -> list[str]:
    """Return the ids of the objects that a thing lies below, from the outermost in."""
    return [unquote(part) for word, part in zip(resource.path.split("/"), path_of(row).split("/"), strict=False) if word.startswith("{")]


def table_key(resource: Resource, row: Raw) -> str:
    """Return the word by which the simulator knows a thing."""
    return "/".join([*parent_ids(resource, row), identity(row)])


STILL_RULES = tuple(STILL)
CIRCUMSTANCES = (
    Circumstance("as ever", STILL_RULES),
    Circumstance("check mode", ("all",), check=True),
    Circumstance("camelCase JSON of 13", ("all",), profile="13"),
    Circumstance("JSON without nulls of 9.5u4", ("all",), profile="9.5u4"),
    Circumstance("small pages", ("paging over several pages",), small_pages),
    Circumstance("no queries", ("403 on the query and not on the collection",), refuse_queries, hides=True),
    Circumstance("elements missing", ("an element missing",), leave_out),
    Circumstance("things vanishing", ("vanished between list and detail",), vanish_at_their_address),
    Circumstance("one of each", ("one member",), keep_one, orders=1),
    Circumstance("an empty server", ("none",), keep_none, orders=0),
)


@dataclass(frozen=True)
class Scene:
    """A circumstance that was brought about: its cells, and by (module, rule) why there are none."""

    cells: list[Cell]
    reasons: dict[tuple[str, str], str]


@contextlib.contextmanager
def scene(simulator: Simulator, circumstance: Circumstance, modules: Collection[str], rules: tuple[str, ...] = ()) -> Iterator[Scene]:
    """Bring a circumstance about on a fresh estate, with the cells of some modules for what the wire then has; ``rules`` instead of its own.

    A log-on session of the wire stays open meanwhile: its tasks are what veeam_em_task_info finds.
    """
    rules = rules or circumstance.rules
    simulator.reload()
    simulator.profile(circumstance.profile)
    with Wire(simulator) as wire, Estate(wire) as before, Estate(wire) as after:
        for _number in range(circumstance.orders):
            wire.post(f"/backupServers/{identity(wire.all('BackupServer')[0])}", action="collect")
        simulator.advance(60)  # the tasks are done
        names, unknown = known_to(circumstance.profile)
        subjects = {name: subject_of(name, before) for name in names}
        asked = [subject for name, subject in subjects.items() if name in modules]
        cells, reasons = _cells(asked, rules) if circumstance.hides or circumstance.change is None else ([], {})
        if circumstance.change is not None:
            circumstance.change(simulator, subjects)
            if not circumstance.hides:
                cells, reasons = _cells([subject_of(subject.name, after, subject) for subject in asked], rules)
        late = {(name, rule): why for name, why in unknown.items() for rule in rules if name in modules}
        yield Scene(cells, {**late, **reasons})


def known_to(profile: str) -> tuple[list[str], dict[str, str]]:
    """Return the modules whose things a generation of the server has, and why it has the others not."""
    newest = NEWEST_VERSION[profile]
    late = {name: module.resource.since for name, module in info_modules().items() if module.resource is not None and module.resource.since > newest}
    return [name for name in info_modules() if name not in late], {name: f"there since {since}, and the server speaks {newest}" for name, since in late.items()}


def _cells(subjects: list[Subject], rules: tuple[str, ...]) -> tuple[list[Cell], dict[tuple[str, str], str]]:
    cells: list[Cell] = []
    reasons: dict[tuple[str, str], str] = {}
    for subject in subjects:
        for rule in rules:
            made: Any = cells_of(subject, rule)
            if isinstance(made, str):
                reasons[subject.name, rule] = made
            else:
                cells.extend(made)
    return cells, reasons
