# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes every result that Ansible shows to its callbacks as one line of JSON, for the integration tests."""

from __future__ import annotations

import json
import os
import urllib.request
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: em_record
type: notification
short_description: Record results as lines of JSON
description:
  - Writes event, task, host and result, one JSON document a line, to the file that the variable E(EM_RECORD_FILE) names.
  - With the address of the simulator's control in E(EM_RECORD_CONTROL) it also writes, before each task, how many requests there were.
author: Contributors to the openbackup.veeam_em collection
requirements:
  - enabled in the configuration
"""


class CallbackModule(CallbackBase):  # type: ignore[misc]  # core is not typed
    """Records results; has no say in anything."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "em_record"
    CALLBACK_NEEDS_ENABLED = True

    def _write_line(self, line: dict[str, Any]) -> None:
        with Path(os.environ["EM_RECORD_FILE"]).open("a", encoding="utf-8") as record:
            record.write(json.dumps(line, default=str) + "\n")

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        """Take the start of a task with the count of requests before it, where the simulator may be asked."""
        control = os.environ.get("EM_RECORD_CONTROL")
        if control:
            # Not through a proxy that the environment names.
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with opener.open(f"{control}/counters", timeout=30) as answer:
                requests = json.load(answer)["total_requests"]
            self._write_line({"event": "start", "task": task.get_name(), "action": task.action, "requests": requests})

    def _write(self, event: str, shown: Any, ignored: bool = False) -> None:
        # Core 2.19 renamed the attributes; the old ones are on their way out.
        modern = hasattr(shown, "task_name") and hasattr(type(shown), "task")
        task = shown.task if modern else shown._task
        host = shown.host if modern else shown._host
        result = dict(shown.result if modern else shown._result)
        kept = {name: value for name, value in result.items() if not str(name).startswith("_ansible_")}
        self._write_line({"event": event, "ignored": ignored, "task": task.get_name(), "action": task.action, "host": host.get_name(), "result": kept})

    def v2_runner_on_ok(self, result: Any) -> None:
        """Take a task that went well."""
        self._write("ok", result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """Take a task that failed."""
        self._write("failed", result, ignore_errors)

    def v2_runner_on_skipped(self, result: Any) -> None:
        """Take a task that was skipped."""
        self._write("skipped", result)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        """Take a host that could not be reached."""
        self._write("unreachable", result)

    def v2_runner_retry(self, result: Any) -> None:
        """Take one attempt of an until loop."""
        self._write("retry", result)

    def v2_runner_item_on_ok(self, result: Any) -> None:
        """Take one item of a loop that went well."""
        self._write("item_ok", result)

    def v2_runner_item_on_failed(self, result: Any) -> None:
        """Take one item of a loop that failed."""
        self._write("item_failed", result)
