# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Playbooks and roles of the collection, launched as people launch them."""

from __future__ import annotations

import json
import re
from typing import Any

from em_testing.plays import COLLECTION, Task, task
from em_testing.runner import Run, Runner

LONGEST_OUTPUT = 150  # lines; what a person reads on one screen and a half
WIDEST_LINE = 1500  # characters


def launch(
    runner: Runner, name: str, variables: dict[str, Any] | None = None, *options: str, longest: int = LONGEST_OUTPUT, widest: int = WIDEST_LINE, **keywords: Any
) -> Run:
    """Run a playbook of the collection with variables and further words for the command; what it hands on is shown at its end.

    All of it is less than so many lines, none of which is so wide or wider.
    """
    environ = {"ANSIBLE_SHOW_CUSTOM_STATS": "true", **keywords.pop("environ", {})}
    run = runner.play(f"{COLLECTION}.{name}", "-e", json.dumps(variables or {}), *options, environ=environ, **keywords)
    lines = run.stdout.splitlines()
    assert len(lines) < longest, f"{len(lines)} lines of output"
    assert max(len(line) for line in lines if not line.startswith("fatal:")) < widest, "a line that nobody can read"
    return run


def stats(run: Run) -> dict[str, Any]:
    """Return what a playbook handed on."""
    found = re.search(r"RUN: (\{.*\})", run.stdout)
    assert found, run.stdout[-2000:]
    data: dict[str, Any] = json.loads(found.group(1))
    return data


def role(name: str, variables: dict[str, Any], **keywords: Any) -> Task:
    """Return a task that runs a role of the collection."""
    return task(f"role {name}", "ansible.builtin.include_role", {"name": f"{COLLECTION}.{name}"}, vars=variables, **keywords)
