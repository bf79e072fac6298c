# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter machine_report: what happened to every machine of a run, as lines for people."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from ansible.errors import AnsibleFilterError

DOCUMENTATION = r"""
name: machine_report
short_description: Lay out the machines of a run as a table of lines
version_added: 0.1.0
author:
  - Contributors to the openbackup.veeam_em collection (@openbackup)
description:
  - Takes task sessions, one for each machine of a run, and returns lines of text with machine, result, size, duration and reason.
  - What failed comes first, then what ended with a warning, then the rest by name.
positional: limit
options:
  _input:
    description:
      - Records of task sessions, such as RV(openbackup.veeam_em.veeam_em_job_run#module:machines)
        or RV(openbackup.veeam_em.veeam_em_backup_task_session_info#module:backup_task_sessions).
    type: list
    elements: dictionary
    required: true
  limit:
    description:
      - The most machines to list, 1 or more. A last line counts the others by result.
    type: int
    default: 50
seealso:
  - module: openbackup.veeam_em.veeam_em_job_run
  - module: openbackup.veeam_em.veeam_em_backup_task_session_info
  - module: openbackup.veeam_em.veeam_em_replica_task_session_info
"""

EXAMPLES = r"""
- name: Run a job
  openbackup.veeam_em.veeam_em_job_run:
    host: em01.example.com
    job: SQL Server Backup
  register: run

- name: Show what happened to every machine
  ansible.builtin.debug:
    msg: "{{ run.machines | openbackup.veeam_em.machine_report }}"
"""

RETURN = r"""
_value:
  description:
    - A heading and one line for each machine; one line that says so when there are no machines.
  type: list
  elements: string
  sample:
    - MACHINE     RESULT   SIZE      DURATION  REASON
    - srv-sql-02  Warning  12.5 GiB  0:01:10   The guest agent is out of date.
    - srv-sql-01  Success  40.0 GiB  0:04:12   -
"""

NO_MACHINES = "No machine was worked on."
_HEADING = ("MACHINE", "RESULT", "SIZE", "DURATION", "REASON")
_WORST_FIRST = ("Failed", "Warning", "None", "Success")
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
_LONGEST_NAME = 40
_LONGEST_REASON = 160
_NOTHING = "-"

Machine = Mapping[str, Any]


def size_text(size: Optional[int]) -> str:
    """Return a number of bytes with one decimal in the largest unit that fits, "-" for an unknown size."""
    if size is None:
        return _NOTHING
    amount = float(size)
    for unit in _UNITS:
        if amount < 1024 or unit == _UNITS[-1]:
            break
        amount /= 1024
    return "%d B" % size if unit == "B" else "%.1f %s" % (amount, unit)


def duration_text(start: Optional[str], end: Optional[str]) -> str:
    """Return h:mm:ss between two times of a record (ISO 8601 with Z), "-" where one of them is missing."""
    if not start or not end:
        return _NOTHING
    seconds = max(0, round((_moment(end) - _moment(start)).total_seconds()))
    return "%d:%02d:%02d" % (seconds // 3600, seconds % 3600 // 60, seconds % 60)


def _moment(stamp: str) -> datetime:
    whole, _point, fraction = stamp.rstrip("Zz").partition(".")
    return datetime.strptime("%s.%s" % (whole, (fraction or "0")[:6]), "%Y-%m-%dT%H:%M:%S.%f").replace(tzinfo=timezone.utc)


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def _result_of(machine: Machine) -> str:
    """Return the result, or how far the machine is where it has not come to one."""
    state = machine.get("state")
    return str(machine.get("result")) if state in (None, "Completed") else str(state)


def _row(machine: Machine) -> Tuple[str, ...]:
    name = machine.get("vm_display_name") or str(machine.get("name") or "").partition("@")[0] or _NOTHING
    return (
        _shortened(str(name), _LONGEST_NAME),
        _result_of(machine),
        size_text(machine.get("total_size")),
        duration_text(machine.get("creation_time"), machine.get("end_time")),
        _shortened(" ".join(str(machine.get("reason") or _NOTHING).split()), _LONGEST_REASON),
    )


def _order(machine: Machine) -> Tuple[int, str]:
    result = str(machine.get("result"))
    weight = _WORST_FIRST.index(result) if result in _WORST_FIRST else -1
    return weight, str(machine.get("vm_display_name") or machine.get("name"))


def _rest(machines: List[Machine]) -> str:
    results = [_result_of(machine) for machine in machines]
    return "... and %d more: %s" % (len(results), ", ".join("%d %s" % (results.count(result), result) for result in dict.fromkeys(results)))


def machine_report(machines: Any, limit: int = 50) -> List[str]:
    """Return a table of machines as lines, the worst results first.

    Args:
        machines: task session records (sizes in bytes, times ISO 8601 in UTC with Z).
        limit: the most machines to list.
    Raises: AnsibleFilterError for anything else.
    """
    if not isinstance(machines, (list, tuple)) or not all(isinstance(machine, Mapping) for machine in machines):
        raise AnsibleFilterError("machine_report takes a list of task sessions, such as the key machines of veeam_em_job_run.")
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        raise AnsibleFilterError("machine_report: limit is %r; give 1 or more." % (limit,))
    if not machines:
        return [NO_MACHINES]
    ordered = sorted(machines, key=_order)
    try:
        rows = [_HEADING] + [_row(machine) for machine in ordered[:limit]]
    except (ValueError, TypeError) as error:
        raise AnsibleFilterError("machine_report met a value that is not of a task session: %s" % error) from error
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADING) - 1)]
    lines = ["  ".join([cell.ljust(width) for cell, width in zip(row, widths)] + [row[-1]]) for row in rows]
    return lines + ([_rest(ordered[limit:])] if len(ordered) > limit else [])


class FilterModule:
    """The filters of this file, by name."""

    def filters(self) -> Dict[str, Callable[..., List[str]]]:
        """Return the filters."""
        return {"machine_report": machine_report}
