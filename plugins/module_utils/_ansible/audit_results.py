# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task returns of the findings of an audit. Private to this collection."""

from __future__ import annotations

from collections import Counter
from typing import Any, Dict, List, Mapping

from .._audit.document import Document
from .._audit.model import ERROR, FAIL, NOT_ASSESSABLE, PASS, SEVERITIES, WAIVED
from .lanes import Result

PROBLEMS, ALL, NONE = "problems", "all", "none"
_BY_GRAVITY = {status: number for number, status in enumerate((ERROR, FAIL, NOT_ASSESSABLE, WAIVED, PASS))}


def as_result(document: Document, params: Mapping[str, Any]) -> Result:
    """Return verdict, counts and findings as the options want them."""
    shown = [] if params["findings"] == NONE else [one for one in document["findings"] if params["findings"] == ALL or one["status"] != PASS]
    shown.sort(key=lambda one: (_BY_GRAVITY[one["status"]], SEVERITIES.index(one["severity"])))
    titles = {rule["id"]: rule["title"] for rule in document["rules"]}
    limit = params["findings_limit"]
    summary = dict(document["summary"])
    return {
        "verdict": summary.pop("verdict"),
        "counts": summary,
        "as_of": document["as_of"],
        "policy": {"name": document["policy"]["name"], "sha256": document["policy"]["sha256"]},
        "servers": [_server(server) for server in document["servers"]],
        "findings": [{**one, "title": titles.get(one["rule"], "")} for one in shown[:limit]],
        "findings_truncated": len(shown) > limit,
    }


def _server(server: Mapping[str, Any]) -> Dict[str, Any]:
    summary = dict(server["summary"])
    return {
        **{name: server[name] for name in ("name", "version", "api_version", "account", "gathered_at", "sees_all", "not_read")},
        "verdict": summary.pop("verdict"),
        "counts": summary,
        "matrix": _matrix(server["figures"]["matrix"]),
    }


def _matrix(rows: List[Mapping[str, Any]]) -> Dict[str, Any]:
    """Return how many machines have each digit of the 3-2-1-1-0 rule, lack it, or leave it unknown."""
    digits: Dict[str, Counter[str]] = {}
    for row in rows:
        for digit, told in row["digits"].items():
            digits.setdefault(digit, Counter())[told["status"]] += 1
    return {"machines": len(rows), "digits": {digit: dict(counts) for digit, counts in digits.items()}}
