# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plays as data. Written to a file as YAML and run by the real ``ansible-playbook``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

COLLECTION = "openbackup.veeam_em"
GROUP = f"group/{COLLECTION}.veeam_em"

Task = dict[str, Any]
Play = dict[str, Any]


def task(task_name: str, module: str, arguments: Mapping[str, Any] | None = None, **keywords: Any) -> Task:
    """Return a task; a module without a dot is one of this collection. Keywords are those of a task (``register``, ``until``)."""
    full_name = module if "." in module else f"{COLLECTION}.{module}"
    return {"name": task_name, full_name: dict(arguments or {}), **keywords}


def tried(task_name: str, module: str, arguments: Mapping[str, Any] | None = None, **keywords: Any) -> Task:
    """Return a task whose failure does not end the play."""
    return task(task_name, module, arguments, ignore_errors=True, **keywords)


def play(*tasks: Task, **keywords: Any) -> list[Play]:
    """Return a playbook of one play on localhost. Keywords are those of a play (``vars``, ``module_defaults``)."""
    return [{"name": "Integration", "hosts": "localhost", "gather_facts": False, **keywords, "tasks": list(tasks)}]
