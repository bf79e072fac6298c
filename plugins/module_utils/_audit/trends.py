# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How an Enterprise Manager fared from audit to audit: a point for each, made of what that audit itself has found. Private to this collection.

Nothing is judged again: an earlier audit went by the policy of its time, which its point names.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Dict, Mapping, Sequence

from .matrix import DIGITS
from .model import PASS, SEVERITIES, STATUSES
from .times import seconds_of

Point = Mapping[str, Any]

_OF_REPOSITORY = ("name", "uid", "backup_server", "capacity", "free")


def point_of(server: Mapping[str, Any], policy: Mapping[str, Any], as_of: str) -> Dict[str, Any]:
    """Return the point of one audit of one server, as plain data.

    ``{gathered_at, as_of, policy: {name, sha256}, summary, matrix: {machines, kept, digits}, rpo: {machines, within}, repositories}``: ``kept`` are
    the machines that keep every digit of 3-2-1-1-0, ``digits`` those that keep each, ``within`` those within their RPO; sizes are in bytes.

    Args: server: its entry in a document of findings, with summary and figures; as_of: when it was judged.
    """
    figures = server["figures"]
    rows = [row["digits"].values() for row in figures["matrix"]]
    digits = Counter(key for row in figures["matrix"] for key, digit in row["digits"].items() if digit["status"] == PASS)
    machines = sum(entry["machines"] for entry in figures["restore_point_ages"])
    return {
        "gathered_at": server["gathered_at"],
        "as_of": as_of,
        "policy": {name: policy[name] for name in ("name", "sha256")},
        "summary": server["summary"],
        "matrix": {
            "machines": len(rows),
            "kept": sum(all(digit["status"] == PASS for digit in row) for row in rows),
            "digits": {digit.key: digits[digit.key] for digit in DIGITS},
        },
        "rpo": {"machines": machines, "within": machines - sum(entry["beyond_rpo"] for entry in figures["restore_point_ages"])},
        "repositories": [{name: entry[name] for name in _OF_REPOSITORY} for entry in figures["repositories"]],
    }


def checked_point(value: Any) -> Point:
    """Return a point that was read from a file that anybody may have written. Raises ValueError, TypeError, KeyError for what is none."""
    seconds_of(value["gathered_at"])
    seconds_of(value["as_of"])
    summary, matrix, rpo = value["summary"], value["matrix"], value["rpo"]
    return {
        "gathered_at": value["gathered_at"],
        "as_of": value["as_of"],
        "policy": {name: _text(value["policy"][name]) for name in ("name", "sha256")},
        "summary": {
            "verdict": _one_of(summary["verdict"], STATUSES),
            **_numbers(summary, STATUSES),
            "fail_by_severity": _numbers(summary["fail_by_severity"], SEVERITIES),
        },
        "matrix": {**_numbers(matrix, ("machines", "kept")), "digits": _numbers(matrix["digits"], [digit.key for digit in DIGITS])},
        "rpo": _numbers(rpo, ("machines", "within")),
        "repositories": [_repository(entry) for entry in value["repositories"]],
    }


def _repository(entry: Mapping[str, Any]) -> Dict[str, Any]:
    texts = {name: entry[name] if entry[name] is None else _text(entry[name]) for name in ("name", "uid", "backup_server")}
    sizes = {name: entry[name] if entry[name] is None else _number(entry[name]) for name in ("capacity", "free")}
    return {**texts, **sizes}


def _numbers(values: Mapping[str, Any], names: Sequence[str]) -> Dict[str, int]:
    return {name: _number(values[name]) for name in names}


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("no whole number")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def _one_of(value: Any, known: Sequence[str]) -> str:
    if value not in known:
        raise ValueError("no such word")
    return str(value)
