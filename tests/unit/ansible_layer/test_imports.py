# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a module ships: whatever its imports lead to is packed, sent and compiled with every task, so they lead to its own families only."""

from __future__ import annotations

import ast
import importlib
from functools import cache
from pathlib import Path
from typing import Any, FrozenSet, Iterator, Set, Tuple

import pytest

from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.info import InfoModule
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities._model import Resource

PLUGINS = Path(__file__).resolve().parents[3] / "plugins"
UTILS = PLUGINS / "module_utils"
ENTITIES = UTILS / "_api" / "entities"
COLLECTION = "ansible_collections.openbackup.veeam_em.plugins."
NAMES = sorted(path.stem for path in (PLUGINS / "modules").glob("veeam_em_*.py"))
# What every family is made with.
VOCABULARY = {"_model", "_common"}
# They take any kind of thing by its name, and so need them all.
OF_ANY_TYPE = {
    "veeam_em_audit",
    "veeam_em_baseline",
    "veeam_em_estate_info",
    "veeam_em_evidence_verify",
    "veeam_em_query_info",
    "veeam_em_resource_info",
}


@cache
def imported(path: Path) -> Tuple[Path, ...]:
    """Return the files of the collection that a file names in its imports, wherever in it they stand."""
    return tuple(_imported(path))


def _imported(path: Path) -> Iterator[Path]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            starts = [alias.name.partition(COLLECTION)[2] for alias in node.names if alias.name.startswith(COLLECTION)]
            yield from (found for start in starts for found in files_of(PLUGINS / start.replace(".", "/"), []))
        elif isinstance(node, ast.ImportFrom):
            names = [alias.name for alias in node.names]
            module = (node.module or "").replace(".", "/")
            if node.level:
                yield from files_of(path.parents[node.level - 1] / module, names)
            elif (node.module or "").startswith(COLLECTION):
                yield from files_of(PLUGINS / module[len(COLLECTION) :], names)


def files_of(target: Path, names: list[str]) -> Iterator[Path]:
    """Yield a module, or the modules that are taken from a package."""
    if target.with_suffix(".py").is_file():
        yield target.with_suffix(".py")
    yield from (inner for name in names if (inner := target / (name + ".py")).is_file())


@cache
def shipped(path: Path) -> FrozenSet[Path]:
    """Return everything that a file leads to, itself included."""
    found: Set[Path] = set()
    waiting = [path]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting.extend(imported(one))
    return frozenset(found)


def families(files: FrozenSet[Path]) -> Set[str]:
    return {path.stem for path in files if path.parent == ENTITIES} - VOCABULARY


def module_of(name: str) -> Any:
    return importlib.import_module(COLLECTION + "modules." + name).MODULE


@cache
def families_declaring() -> dict[int, str]:
    found = {}
    for path in ENTITIES.glob("*.py"):
        if path.stem not in ("__init__", "registry"):
            declared = vars(importlib.import_module(COLLECTION + "module_utils._api.entities." + path.stem))
            text = path.read_text(encoding="utf-8")
            found.update({id(value): path.stem for name, value in declared.items() if isinstance(value, Resource) and f"\n{name} = " in text})
    return found


def test_the_test_sees_what_python_imports() -> None:
    files = shipped(PLUGINS / "modules" / "veeam_em_backup_session_info.py")
    assert {path.name for path in files} >= {"info.py", "reading.py", "session.py", "wire.py", "sessions.py", "jobs.py", "agents.py", "nas.py", "_model.py"}
    assert "registry" in families(shipped(PLUGINS / "modules" / "veeam_em_query_info.py"))
    assert set(families_declaring().values()) >= {"jobs", "sessions", "cloud", "tasks"}


def test_the_engine_knows_no_family() -> None:
    assert families(shipped(UTILS / "_ansible" / "info.py")) == set()


@pytest.mark.parametrize("name", NAMES)
def test_only_what_takes_any_type_ships_them_all(name: str) -> None:
    assert ("registry" in families(shipped(PLUGINS / "modules" / (name + ".py")))) == (name in OF_ANY_TYPE)


@pytest.mark.parametrize("name", [name for name in NAMES if isinstance(module_of(name), InfoModule)])
def test_an_info_module_ships_its_own_families_only(name: str) -> None:
    module = module_of(name)
    read = (module.resource, *module.below, *(resource for detail in module.details for resource in detail.resources))
    needed = {families_declaring()[id(resource)] for resource in read}
    assert families(shipped(PLUGINS / "modules" / (name + ".py"))) == {inner for family in needed for inner in families(shipped(ENTITIES / (family + ".py")))}


@pytest.mark.parametrize("path", sorted((PLUGINS / "action").glob("*.py")), ids=lambda path: path.stem)
def test_an_action_file_leads_to_no_family(path: Path) -> None:
    # The lane finds the module by its name, when a task runs; nothing of it is loaded before.
    assert families(shipped(path)) == set()
