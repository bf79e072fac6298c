# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of machines that people read at the end of a run."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.openbackup.veeam_em.plugins.filter.machine_report import FilterModule, duration_text, machine_report, size_text


def machine(name: str, result: str | None = "Success", **changes: Any) -> dict[str, Any]:
    record = {
        "name": f"{name}@2026-11-20 20:01:12",
        "vm_display_name": name,
        "state": "Completed",
        "result": result,
        "reason": None,
        "total_size": 42949672960,
        "creation_time": "2026-11-20T20:01:12.5Z",
        "end_time": "2026-11-20T20:05:24.123456Z",
    }
    return {**record, **changes}


def test_the_worst_comes_first_and_columns_stand_below_each_other() -> None:
    lines = machine_report([machine("b"), machine("a"), machine("w", "Warning", reason="old\n tools"), machine("long-name", "Failed", reason="no snapshot")])
    assert lines == [
        "MACHINE    RESULT   SIZE      DURATION  REASON",
        "long-name  Failed   40.0 GiB  0:04:12   no snapshot",
        "w          Warning  40.0 GiB  0:04:12   old tools",
        "a          Success  40.0 GiB  0:04:12   -",
        "b          Success  40.0 GiB  0:04:12   -",
    ]


def test_what_is_missing_is_a_dash_and_what_runs_shows_its_state() -> None:
    lines = machine_report([machine("srv", "Success", state="InProgress", vm_display_name=None, total_size=None, end_time=None)])
    assert lines[1].split() == ["srv", "InProgress", "-", "-", "-"]


def test_the_rest_is_counted_by_result() -> None:
    machines = [machine(f"m{number}") for number in range(3)] + [machine("f", "Failed"), machine("w", "Warning")]
    lines = machine_report(machines, limit=1)
    assert [line.split()[0] for line in lines[:-1]] == ["MACHINE", "f"]
    assert lines[-1] == "... and 4 more: 1 Warning, 3 Success"


def test_no_machines_is_said() -> None:
    assert machine_report([]) == ["No machine was worked on."]


def test_long_reasons_are_cut() -> None:
    line = machine_report([machine("a", "Failed", reason="x" * 500)])[1]
    assert line.endswith("x…")
    assert len(line) < 220


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (None, "-"),
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (1536, "1.5 KiB"),
        (2199023255552, "2.0 TiB"),
        (2**60, "1024.0 PiB"),
    ],
)
def test_sizes(size: int | None, text: str) -> None:
    assert size_text(size) == text


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        ("2026-11-20T20:00:00Z", "2026-11-21T21:00:01Z", "25:00:01"),
        ("2026-11-20T20:00:00.1234567Z", "2026-11-20T20:00:00.2Z", "0:00:00"),
        ("2026-11-20T20:00:05Z", "2026-11-20T20:00:00Z", "0:00:00"),
        (None, "2026-11-20T20:00:00Z", "-"),
        ("2026-11-20T20:00:00Z", None, "-"),
    ],
)
def test_durations(start: str | None, end: str | None, text: str) -> None:
    assert duration_text(start, end) == text


@pytest.mark.parametrize("value", [None, "text", {"name": "x"}, ["text"], 7])
def test_anything_else_is_refused_with_a_sentence(value: Any) -> None:
    with pytest.raises(AnsibleFilterError, match="takes a list of task sessions"):
        machine_report(value)


@pytest.mark.parametrize("limit", [0, -1, "10", True])
def test_a_limit_that_makes_no_sense_is_refused(limit: Any) -> None:
    with pytest.raises(AnsibleFilterError, match="give 1 or more"):
        machine_report([machine("a")], limit=limit)


def test_a_time_that_is_none_is_refused_without_traceback() -> None:
    with pytest.raises(AnsibleFilterError, match="not of a task session"):
        machine_report([machine("a", creation_time="yesterday")])


def test_the_filter_has_the_name_of_its_file() -> None:
    assert FilterModule().filters() == {"machine_report": machine_report}
