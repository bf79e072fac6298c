# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Applies waivers to findings: a fail that one in force covers is waived. Private to this collection.

Waivers never touch what could not be looked at, and nothing covers the findings on waivers themselves.
"""

from __future__ import annotations

from typing import Dict, List, Mapping, Sequence, Tuple

from .checks.statements import APPROVED, BEGUN, IN_FORCE, NARROW, USED
from .evaluate import Section
from .model import FAIL, PASS, Finding
from .policy import statement_data
from .settings import Policy, Waiver
from .statements import ACTIVE, EXPIRED, EXPIRES_SOON, NOT_YET, UNMATCHED, Candidates, Entry, Own, state_at
from .times import seconds_of

WAIVER = "waiver"
LEAST_FOR_SHARE = 10  # objects; half of two machines is no broad waiver

_LIVE = (ACTIVE, EXPIRES_SOON)


def apply_waivers(sections: Sequence[Section], waivers: Sequence[Waiver], as_of: str, policy: Policy) -> Tuple[List[Finding], List[Entry]]:
    """Mark the fails that waivers cover, each with the first that does.

    Args: as_of: the moment of the audit, UTC.
    Returns: findings on the waivers themselves; an entry for each waiver with its ``state`` (active, expires_soon, expired, unmatched,
    not_yet) and how many fails it ``covers`` (of one that is not in force: would cover).
    """
    own = Own(policy, WAIVER)
    now = seconds_of(as_of)
    fails = Candidates(sections, FAIL)
    looked_at = _looked_at(sections)
    entries: List[Entry] = []
    for waiver in waivers:
        covered = fails.fitting(waiver.rules, waiver.scope, policy)
        state = state_at(waiver.created, waiver.expires, now, own.value(IN_FORCE, "soon_days"))
        if state in _LIVE:
            for finding in covered:
                finding.waiver = finding.waiver or waiver.id
            _judge_use(own, waiver, covered)
            _judge_breadth(own, waiver, covered, sum(looked_at.get(rule, 0) for rule in dict.fromkeys(waiver.rules)))
            state = state if covered else UNMATCHED
        _judge_time(own, waiver, state)
        _judge_approval(own, waiver)
        entries.append({**statement_data(waiver), "state": state, "covers": len(covered)})
    return own.findings, entries


def _looked_at(sections: Sequence[Section]) -> Mapping[str, int]:
    """Return how many objects each rule said something of."""
    counts: Dict[str, int] = {}
    for section in sections:
        for finding in section.findings:
            counts[finding.rule] = counts.get(finding.rule, 0) + 1
    return counts


def _judge_time(own: Own, waiver: Waiver, state: str) -> None:
    measured = {"expires": waiver.expires}
    if state == EXPIRED:
        own.say(IN_FORCE, waiver.id, FAIL, "It expired with %s and covers nothing any more." % waiver.expires, measured)
    else:
        soon = " That is within %g days." % own.value(IN_FORCE, "soon_days") if state == EXPIRES_SOON else ""
        own.say(IN_FORCE, waiver.id, PASS, "It expires with %s.%s" % (waiver.expires, soon), measured)
    if waiver.created is not None:
        begun = state != NOT_YET
        words = "It holds since %s." if begun else "It holds from %s on and covers nothing before."
        own.say(BEGUN, waiver.id, PASS if begun else FAIL, words % waiver.created, {"created": waiver.created})


def _judge_use(own: Own, waiver: Waiver, covered: Sequence[Finding]) -> None:
    reason = "It covers %s of %s." % (_count(len(covered), "fail"), ", ".join(waiver.rules))
    own.say(USED, waiver.id, PASS if covered else FAIL, reason, {"fails": len(covered)}, {"fails_at_least": 1})


def _judge_breadth(own: Own, waiver: Waiver, covered: Sequence[Finding], looked_at: int) -> None:
    most, most_percent = own.value(NARROW, "most_objects"), own.value(NARROW, "most_percent")
    percent = 100.0 * len(covered) / looked_at if looked_at else 0.0
    faults = []
    if waiver.scope.is_empty:
        faults.append("It names nothing that it is for, and so covers whatever its rules find.")
    if len(covered) > most:
        faults.append("It covers %s; %d are allowed." % (_count(len(covered), "fail"), most))
    if looked_at >= LEAST_FOR_SHARE and percent > most_percent:
        faults.append("It covers %.1f %% of the %d objects that its rules looked at; %.1f %% are allowed." % (percent, looked_at, most_percent))
    measured = {"fails": len(covered), "objects": looked_at, "names_nothing": waiver.scope.is_empty}
    reason = " ".join(faults) or "It covers %s among %s." % (_count(len(covered), "fail"), _count(looked_at, "object"))
    own.say(NARROW, waiver.id, FAIL if faults else PASS, reason, measured, {"fails_at_most": most, "percent_at_most": most_percent})


def _judge_approval(own: Own, waiver: Waiver) -> None:
    same = _bare(waiver.owner) == _bare(waiver.approver)
    reason = "%s answers for it and approved it alone." % waiver.owner if same else "%s answers for it, %s approved it." % (waiver.owner, waiver.approver)
    own.say(APPROVED, waiver.id, FAIL if same else PASS, reason, {"owner": waiver.owner, "approver": waiver.approver})


def _bare(name: str) -> str:
    return "".join(name.split()).casefold()


def _count(number: int, noun: str) -> str:
    return "%d %s%s" % (number, noun, "" if number == 1 else "s")
