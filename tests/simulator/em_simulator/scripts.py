# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The named behaviours that a test can ask for, each with its parameters and what they mean when left out."""

from __future__ import annotations

import json
from typing import Any

# name -> parameters with their defaults; seconds are simulated seconds.
SCRIPTS: dict[str, dict[str, Any]] = {
    "retry_after_failure": {"seconds": 5.0, "attempts": 1, "machines": []},
    "periodic_copy": {"progress": 100},
    "late_session": {"seconds": 3.0},
    "second_start": {"answer": "failed_task"},
    "simultaneous_starts": {"outcome": "failed_task"},
    "clock_offset": {"seconds": 0.0},
    "no_related_link": {},
    "task_fails": {"message": "Object reference not set to an instance of an object.", "times": 0},
    "task_vanishes": {"seconds": 0.0},
    "slow_task": {"running": 2.0, "collecting": 2.0},
    "task_stuck": {"state": "Running"},
    "run_fails": {"machines": [], "reason": "", "message": "", "times": 0},
    "run_warns": {"machines": [], "reason": "", "times": 0},
    "stuck_running": {"progress": 42},
    "running_result_success": {},
    "missing_end_time": {},
    "running_end_time": {"style": "none"},
    "duration": {"seconds": 6.0},
}
CHOICES = {
    ("second_start", "answer"): ("failed_task", "http_500"),
    ("simultaneous_starts", "outcome"): ("failed_task", "two_sessions", "same_session"),
    ("running_end_time", "style"): ("none", "never"),
    ("task_stuck", "state"): ("Running", "OperationFinished"),
}


def checked(name: str, params: dict[str, Any] | None) -> dict[str, Any]:
    """Return the full parameters of a script. Raises ValueError on an unknown script, parameter or choice."""
    if name not in SCRIPTS:
        raise ValueError(f"unknown script {name!r}; known: {', '.join(sorted(SCRIPTS))}")
    unknown = set(params or {}) - set(SCRIPTS[name])
    if unknown:
        raise ValueError(f"script {name} has no parameter {', '.join(sorted(unknown))}; it has: {', '.join(SCRIPTS[name]) or 'none'}")
    values = {**SCRIPTS[name], **(params or {})}
    for parameter, value in values.items():
        choices = CHOICES.get((name, parameter))
        if choices and value not in choices:
            raise ValueError(f"script {name}: {parameter} must be one of {', '.join(choices)}")
    return values


def parse_argument(text: str) -> tuple[str, str | None, dict[str, Any]]:
    """Read ``NAME[=JOB][;param=value...]`` of the command line.

    Returns (script, job or None for all jobs, parameters). Raises ValueError as ``checked`` does.
    """
    name, job, params = split_argument(text)
    checked(name, params)
    return name, job, params


def split_argument(text: str) -> tuple[str, str | None, dict[str, Any]]:
    """Read ``NAME[=THING][;param=value...]``; values are JSON, or else text. Returns (name, thing or None, parameters)."""
    head, *rest = text.split(";")
    name, _sep, job = head.partition("=")
    params: dict[str, Any] = {}
    for part in rest:
        key, _sep, value = part.partition("=")
        try:
            params[key] = json.loads(value)
        except ValueError:
            params[key] = value
    return name, job or None, params
