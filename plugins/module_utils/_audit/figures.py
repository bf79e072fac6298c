# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The numbers behind the charts of a report. Private to this collection.

What a check has measured is taken from its findings, so that a chart and the findings beside it can never disagree.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from typing import Any, Dict, List, Optional, Sequence, Set, Tuple

from . import matrix
from .evaluate import Section
from .model import FAIL, PASS, Finding, Record, Subject
from .settings import Policy
from .times import DAY, as_time, seconds_of

Figure = List[Dict[str, Any]]

RPO_RULE, DAYS_TO_FULL_RULE = "C02", "C28"

# Upper ends of the bins of age, in hours; an age that equals an end belongs to the bin below it, as a limit is kept by what equals it.
AGE_BINS: Tuple[float, ...] = (4, 8, 12, 24, 48, 72, 168, 336, 720)
RESULTS: Tuple[str, ...] = ("Success", "Warning", "Failed")
RUN_KINDS: Tuple[str, ...] = ("backup_task_sessions", "replica_task_sessions")


def of_section(section: Section, policy: Policy) -> Dict[str, Figure]:
    """Return the figures of one Enterprise Manager as plain data; a figure whose records were not read is empty.

    ``matrix``: 3-2-1-1-0 of each machine, as ``matrix.of`` describes it.
    ``restore_point_ages``: ``{from_hours, to_hours, machines, beyond_rpo}`` by age of the newest restore point, of machines whose age was
    judged. The last bin has no ``to_hours``; machines without any restore point are in a bin with neither end, which is there only when there are such.
    ``results_per_day``: ``{day, success, warning, failed}``, machines in completed runs by the UTC day they began, one entry for each day of the look-back.
    ``repositories``: ``{name, uid, backup_server, kind, capacity, free, used_share, days_to_full}`` in bytes, null where nobody knows.
    """
    return {
        "matrix": matrix.of(section.facts, policy, _attested(section)),
        "restore_point_ages": _ages(_of_rule(section, RPO_RULE)),
        "results_per_day": _results(section),
        "repositories": _repositories(section),
    }


def _attested(section: Section) -> Dict[str, Set[Subject]]:
    """Return by rule the things of which somebody attests what the service does not tell."""
    found: Dict[str, Set[Subject]] = {}
    for finding in section.findings:
        if finding.attestation is not None:
            found.setdefault(finding.rule, set()).add(finding.judgement.subject)
    return found


def _of_rule(section: Section, rule: str) -> List[Finding]:
    return [finding for finding in section.findings if finding.rule == rule]


def _ages(findings: Sequence[Finding]) -> Figure:
    """Return the histogram of what the rule on the RPO has measured."""
    machines: Counter[Optional[int]] = Counter()
    beyond: Counter[Optional[int]] = Counter()
    for finding in findings:
        measured = finding.judgement.measured
        # An age of which nobody can say whether it breaks the RPO would look like one that keeps it.
        if finding.judgement.status not in (PASS, FAIL) or not isinstance(measured, dict) or "hours" not in measured:
            continue
        number = None if measured["hours"] is None else bisect_left(AGE_BINS, measured["hours"])
        machines[number] += 1
        beyond[number] += finding.judgement.status == FAIL
    if not machines:
        return []
    bins: Figure = [
        {"from_hours": start, "to_hours": end, "machines": machines[number], "beyond_rpo": beyond[number]}
        for number, (start, end) in enumerate(zip((0, *AGE_BINS), (*AGE_BINS, None)))
    ]
    if machines[None]:
        bins.append({"from_hours": None, "to_hours": None, "machines": machines[None], "beyond_rpo": beyond[None]})
    return bins


def _results(section: Section) -> Figure:
    """Return how the machines fared on each day of the look-back, days without a run included."""
    facts = section.facts
    read = [kind for kind in RUN_KINDS if kind in facts.collections or facts.gap(kind)]
    # Days would look emptier than they were without a kind that was lost.
    if not read or facts.whole(read):
        return []
    began = Counter((record["creation_time"][:10], record["result"]) for kind in read for record in facts.records(kind) if _tells_a_result(record))
    today = seconds_of(as_time(facts.now)[:10] + "T00:00:00Z")
    days = [as_time(today - back * DAY)[:10] for back in range(int(facts.server.lookback_days), -1, -1)]
    return [{"day": day, **{result.lower(): began[day, result] for result in RESULTS}} for day in days]


def _tells_a_result(record: Record) -> bool:
    return record.get("creation_time") is not None and record.get("result") in RESULTS


def _repositories(section: Section) -> Figure:
    """Return how full the repositories are, in the order of their names."""
    facts = section.facts
    if "repositories" not in facts.collections:
        return []
    days = {finding.judgement.subject.uid: _days_of(finding) for finding in _of_rule(section, DAYS_TO_FULL_RULE)}
    figure = [_repository(record, days.get(record["uid"])) for record in facts.records("repositories")]
    return sorted(figure, key=lambda entry: ((entry["name"] or "").casefold(), entry["backup_server"] or "", entry["uid"] or ""))


def _days_of(finding: Finding) -> Optional[float]:
    measured = finding.judgement.measured
    return measured.get("days_to_full") if isinstance(measured, dict) else None


def _repository(record: Record, days_to_full: Optional[float]) -> Dict[str, Any]:
    capacity, free = record.get("capacity"), record.get("free_space")
    used_share = None if capacity is None or free is None or capacity <= 0 else round(1 - free / capacity, 4)
    return {
        "name": record["name"],
        "uid": record["uid"],
        "backup_server": record.get("backup_server_name") or (record.get("backup_server") or {}).get("name"),
        "kind": record.get("kind"),
        "capacity": capacity,
        "free": free,
        "used_share": used_share,
        "days_to_full": days_to_full,
    }
