# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs commands that are no playbook, judged as playbooks are, and reads what ``ansible-inventory`` prints."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from .plays import COLLECTION
from .runner import FINE, Expectation, Run, Runner, Started

PLUGIN = f"{COLLECTION}.protected_machines"
# Without these core tries its other plugins on a file that one has refused, and then goes on without hosts.
ONLY_THIS_PLUGIN = {"ANSIBLE_INVENTORY_ENABLED": PLUGIN, "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true"}
UNSAFE = "__ansible_unsafe"


def run_command(runner: Runner, command: str, *arguments: str, environ: Mapping[str, str | None] | None = None, expect: Expectation = FINE) -> Run:
    """Run one of the Ansible commands to its end and judge what it left behind; the simulator counts from here on."""
    return start_command(runner, command, *arguments, environ=environ).finish(expect)


def start_command(runner: Runner, command: str, *arguments: str, environ: Mapping[str, str | None] | None = None) -> Started:
    """Start one of the Ansible commands and return while it runs; the simulator counts from here on."""
    folder = runner._new_folder()
    runner.simulator.reset()
    return Started(runner, [str(runner.commands / command), *arguments], runner._environ(folder, environ or {}), folder)


def inventory_file(folder: Path, name: str = "test.veeam_em.yml", **options: Any) -> Path:
    """Write a source for the inventory plugin and return its path."""
    path = folder / name
    path.write_text(yaml.safe_dump({"plugin": PLUGIN, **options}, allow_unicode=True), encoding="utf-8")
    return path


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return value[UNSAFE] if set(value) == {UNSAFE} else {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


class Listing:
    """What ``ansible-inventory --list`` printed; ``variables`` are the values, ``shown`` has the marks of what could be a template."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.groups: dict[str, Any] = json.loads(run.stdout)
        self.shown: dict[str, dict[str, Any]] = self.groups.pop("_meta")["hostvars"]
        self.variables: dict[str, dict[str, Any]] = _plain(self.shown)

    def hosts(self, group: str) -> set[str]:
        """Return the hosts of a group, none for a group that is not there."""
        return set(self.groups.get(group, {}).get("hosts", ()))

    @property
    def all_hosts(self) -> set[str]:
        """Every host of any group."""
        return {host for group in self.groups for host in self.hosts(group)}


def listed(runner: Runner, path: Path, environ: Mapping[str, str | None] | None = None, expect: Expectation = FINE) -> Listing:
    """Return what ``ansible-inventory --list`` makes of a source; the plugin is found by the source alone, as users have it."""
    return Listing(run_command(runner, "ansible-inventory", "-i", str(path), "--list", environ=environ, expect=expect))
