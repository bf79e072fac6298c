# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every module once, in the order in which an operator would need them."""

from __future__ import annotations

from typing import Any

from .matrix import INFO_MODULES
from .plays import Play, play, task

JOB = "SQL Server Backup"
# The simulator runs a job in six seconds of its own time; tests that wait for it let its clock run faster.
FAST = 8.0
QUICK = {"wait_interval": 0.2, "wait_timeout": 60}
SHARED = {"session": "{{ logon.session }}"}


def shared(name: str, module: str, arguments: dict[str, Any] | None = None, **keywords: Any) -> dict[str, Any]:
    """Return a task that uses the log-on session of the play."""
    return task(name, module, {**SHARED, **(arguments or {})}, **keywords)


def every_module() -> list[Play]:
    """Return the play. Each task is named like its module, with a word where a module comes twice."""
    return play(
        task("veeam_em_session", "veeam_em_session", register="logon"),
        *(shared(info.module, info.module, {"limit": 2, "sort": info.sort, "links": True}) for info in INFO_MODULES),
        shared("veeam_em_query_info", "veeam_em_query_info", {"type": "RestoreSession", "filter": "Result==Failed", "links": True}),
        shared("veeam_em_job_run", "veeam_em_job_run", {"job": JOB, "wait": "none"}, register="start"),
        shared("veeam_em_task_info", "veeam_em_task_info", {"task_id": "{{ [start.task_id] | select | list }}", "links": True}),
        shared(
            "veeam_em_task_wait",
            "veeam_em_task_wait",
            {"task_id": "{{ start.task_id }}", "follow": True, "job": JOB, "since": "{{ start.since or '' }}", **QUICK},
            register="waited",
        ),
        shared("veeam_em_job_session_wait", "veeam_em_job_session_wait", {"uid": "{{ (waited.job_session or {'uid': ''}).uid }}", **QUICK}),
        shared("veeam_em_job_run again", "veeam_em_job_run", {"job": JOB, "wait": "session", **QUICK}),
        shared("veeam_em_job_run replica", "veeam_em_job_run", {"job": "DC Replication", "wait": "session", **QUICK}),
        shared("veeam_em_job_run stop", "veeam_em_job_run", {"job": JOB, "state": "stopped"}),
        shared("veeam_em_job_run retry", "veeam_em_job_run", {"job": JOB, "state": "retried"}),
        shared("veeam_em_session absent", "veeam_em_session", {"state": "absent"}),
    )
