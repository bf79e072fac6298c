# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation as ``ansible-doc`` reads it, and whether a real result is what RETURN promises."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import yaml

from .plays import COLLECTION

_TYPES: dict[str, tuple[type, ...]] = {"str": (str,), "int": (int,), "float": (float, int), "bool": (bool,), "list": (list,), "dict": (dict,), "raw": (object,)}
# What core or every module adds to a result.
ALWAYS_THERE = {"changed", "failed", "invocation", "diff", "warnings", "deprecations", "msg"}


def documented(commands: Path, environ: dict[str, str], modules: list[str]) -> dict[str, Any]:
    """Return what ``ansible-doc`` knows of modules of the collection, by short name."""
    names = [f"{COLLECTION}.{module}" for module in modules]
    done = subprocess.run(
        [str(commands / "ansible-doc"), "--json", "--type", "module", *names], env=environ, capture_output=True, text=True, timeout=120, check=True
    )
    return {name.rpartition(".")[2]: entry for name, entry in json.loads(done.stdout).items()}


EXAMPLE_HOST = "em01.example.com"


def example_tasks(text: str, words: dict[str, str]) -> list[Any]:
    """Return the tasks of an EXAMPLES text for a play against the server that the environment names; ``words`` of it are replaced."""
    for word, meaning in words.items():
        text = text.replace(word, meaning)
    tasks: list[Any] = _without_connection(yaml.safe_load(text))
    return tasks


def _without_connection(node: Any) -> Any:
    if isinstance(node, list):
        return [_without_connection(item) for item in node]
    if not isinstance(node, dict):
        return node
    dropped = ("host", "username", "password") if node.get("host") == EXAMPLE_HOST else ()
    return {name: _without_connection(value) for name, value in node.items() if name not in dropped}


def undocumented(returned: dict[str, Any], result: Any, path: str = "") -> list[str]:
    """Return where a result has what RETURN does not know, or has it in another type."""
    found = [f"{path}{name}: not documented" for name in result if name not in returned and not (path == "" and name in ALWAYS_THERE)]
    for name in set(returned) & set(result):
        found += _of_another_type(returned[name], result[name], f"{path}{name}")
    return found


def _of_another_type(entry: dict[str, Any], value: Any, path: str) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, _TYPES[entry["type"]]) or (isinstance(value, bool) and entry["type"] != "bool"):
        return [f"{path}: {type(value).__name__}, documented as {entry['type']}"]
    members = value if isinstance(value, list) else [value]
    elements = entry.get("elements") if isinstance(value, list) else None
    found = [f"{path}: member is {type(item).__name__}, documented as {elements}" for item in members if elements and not isinstance(item, _TYPES[elements])]
    if "contains" in entry:
        for item in members:
            found += undocumented(entry["contains"], item, path + ".")
    return found


def missing(returned: dict[str, Any], results: list[dict[str, Any]], path: str = "", everywhere: bool = False) -> list[str]:
    """Return what RETURN promises and none of the results has (with ``everywhere``: not all of them). A null has nothing below it."""
    found = []
    for name, entry in returned.items():
        there = [result[name] for result in results if name in result]
        needed = len(results) if everywhere else min(len(results), 1)
        if len(there) < needed and (path or _is_promised(entry)):
            found.append(f"{path}{name}: documented, and in {len(there)} of {len(results)} results")
        below = [item for value in there for item in (value if isinstance(value, list) else [value]) if isinstance(item, dict)]
        if "contains" in entry and below:
            found += missing(entry["contains"], below, f"{path}{name}.", everywhere)
    return found


def _is_promised(entry: dict[str, Any]) -> bool:
    """Tell whether a key is there without a condition, or with one that every result fulfils."""
    return str(entry.get("returned", "")) in ("always", "success", "always, unless the job was not found")
