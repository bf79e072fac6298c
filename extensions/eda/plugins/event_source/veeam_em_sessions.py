# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Event source of ansible-rulebook: an event for each job session of Enterprise Manager that has ended."""

from __future__ import annotations

import importlib
import sys
import types
from pathlib import Path
from typing import Any

DOCUMENTATION = r"""
---
module: veeam_em_sessions
short_description: Events for job sessions of Veeam Backup Enterprise Manager that have ended
version_added: 0.4.0
author:
  - Contributors to the openbackup.veeam_em collection
description:
  - Asks Enterprise Manager on an interval for runs of jobs that have ended, and puts out one event for each, with job, result,
    reason and the machines that failed.
  - Each run is put out once, with O(state_file) also over restarts. It survives the end of its log-on session, restarts of the server
    and bad answers, and asks ever more rarely while the server cannot be reached.
  - The options of the connection are those of all modules of the collection, but for C(session). Each falls back to its variable, such as
    E(VEEAM_EM_HOST), E(VEEAM_EM_USERNAME) and E(VEEAM_EM_PASSWORD).
  - Needs ansible-core, requests and xmltodict in the Python of ansible-rulebook.
extends_documentation_fragment:
  - openbackup.veeam_em.connection_plugin
options:
  interval:
    description: How long to pause between two looks, in seconds, at least 1.
    type: float
    default: 60
  kinds:
    description: Kinds of job sessions that are looked for. Runs of agent and file share jobs are among the V(backup) ones.
    type: list
    elements: str
    choices: [backup, replica, restore]
    default: [backup, replica]
  results:
    description: Results that are put out. V(None) is that of a run that stopped and has none five minutes later.
    type: list
    elements: str
    choices: ["None", Success, Warning, Failed]
    default: ["None", Success, Warning, Failed]
  jobs:
    description: Names of jobs, or shell patterns of names such as V(SQL *), blind to case. Without them runs of all jobs are put out.
    type: list
    elements: str
    default: []
  backup_server:
    description: Name of the backup server, where only one of several is meant.
    type: str
  with_machines:
    description: Whether the machines that failed, or ended with a warning, are read for each run that was no success; one request a run.
    type: bool
    default: true
  since:
    description:
      - The time from which on ended runs are put out, as ISO 8601 in UTC, or an age such as V(-2h). Without it the present.
      - Times are those of the server's clock. Only the very first start looks at it, not one that finds its O(state_file).
    type: str
  lookback:
    description:
      - How far each look goes back behind the last one, in seconds, at least 60, since Enterprise Manager learns from the backup servers
        of some runs when they have long ended.
    type: int
    default: 3600
  limit:
    description: How many events are put out after one look at most; what is left comes with the next ones. Without it there is no limit.
    type: int
  state_file:
    description:
      - File that keeps what was put out already, so that a restart neither repeats nor misses a run. Each source wants a file of its own.
      - A file that is damaged, of something else or of another server is refused, and not written.
    type: path
"""

EXAMPLES = r"""
- name: Look after failed backups
  hosts: localhost
  sources:
    - openbackup.veeam_em.veeam_em_sessions:
        host: em.example.com
        username: "{{ em_username }}"
        password: "{{ em_password }}"
        interval: 60
        results: [Failed, Warning]
        jobs: ["SQL *", "Exchange Backup"]
        state_file: /var/lib/rulebook/em.example.com.json
  rules:
    - name: Say what failed
      condition: event.veeam_em.result == "Failed"
      action:
        debug:
          msg: "{{ event.veeam_em.job }} failed: {{ event.veeam_em.reason }}"
"""

_PACKAGE = ("ansible_collections", "openbackup", "veeam_em")
_IMPLEMENTATION = ".".join((*_PACKAGE, "plugins", "plugin_utils", "event_source"))


def _make_importable(collection: Path) -> None:
    """Let the collection that lies in a folder be imported: ansible-rulebook runs this file without regard to where it belongs."""
    if collection.parts[-len(_PACKAGE) :] != _PACKAGE:
        return
    for depth in range(1, len(_PACKAGE) + 1):
        name = ".".join(_PACKAGE[:depth])
        folder = str(collection.parents[len(_PACKAGE) - depth - 1] if depth < len(_PACKAGE) else collection)
        try:
            package: Any = importlib.import_module(name)
        except ImportError:
            package = sys.modules[name] = types.ModuleType(name)
            package.__path__ = []
        # In front, so that the release is met that this file is part of, and beside whatever else has collections there.
        package.__path__ = [folder, *(other for other in package.__path__ if other != folder)]


def _implementation() -> Any:
    # Not resolved: a link in the place of the collection leads to a folder with another name.
    _make_importable(Path(__file__).absolute().parents[4])
    try:
        return importlib.import_module(_IMPLEMENTATION)
    except ImportError as error:
        message = (
            "The event source cannot be loaded: %s. It needs the installed collection openbackup.veeam_em, and ansible-core, requests and xmltodict in %s."
        )
        raise RuntimeError(message % (error, sys.executable)) from None


async def main(queue: Any, args: dict[str, Any]) -> None:
    """Put an event for each ended job session into the queue until cancelled.

    Args: what the rulebook gives the source, by the names in DOCUMENTATION.
    Raises an error in a sentence for options that cannot be, and where the account is refused.
    """
    await _implementation().watch(queue, args)
