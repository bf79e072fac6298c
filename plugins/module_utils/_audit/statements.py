# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What waivers and attestations have in common: a beginning, an end, and findings of their own. Private to this collection."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Optional, Sequence

from .evaluate import Section
from .model import CHECKS, Finding, Judgement, Subject
from .settings import ByName, Policy, Selector
from .times import DAY, seconds_of

ACTIVE, EXPIRES_SOON, EXPIRED, UNMATCHED, NOT_YET = "active", "expires_soon", "expired", "unmatched", "not_yet"
_MIDNIGHT = "T00:00:00Z"

Entry = Dict[str, Any]


def begin_of(moment: str) -> float:
    """Return the beginning of a day, or a time, in seconds since 1970."""
    return seconds_of(moment if "T" in moment else moment + _MIDNIGHT)


def is_over(moment: str, now: float) -> bool:
    """Tell whether a day has ended, or a time is past; at the time itself it is not."""
    return now > seconds_of(moment) if "T" in moment else now >= begin_of(moment) + DAY


def state_at(begins: Optional[str], expires: str, now: float, soon_days: float) -> str:
    """Return whether something holds that is for a time."""
    if is_over(expires, now):
        return EXPIRED
    if begins is not None and now < begin_of(begins):
        return NOT_YET
    return EXPIRES_SOON if is_over(expires, now + soon_days * DAY) else ACTIVE


class Own:
    """Collects findings on the audit itself. Their server is ""."""

    def __init__(self, policy: Policy, kind: str) -> None:
        self._policy, self._kind = policy, kind
        self.findings: List[Finding] = []

    def value(self, rule: str, name: str) -> Any:
        """Return a parameter of a rule; its default where the policy does not say."""
        found = self._policy.rules.get(rule)
        default = CHECKS[rule].parameter(name).default
        return default if found is None else found.values.get(name, default)

    def say(self, rule: str, identity: str, status: str, reason: str, measured: Any = None, expected: Any = None) -> None:
        """Take note of what a rule says of a statement, if the policy applies it."""
        found = self._policy.rules.get(rule)
        if found is not None and found.enabled:
            judgement = Judgement(Subject(self._kind, identity), status, reason, measured, expected)
            self.findings.append(Finding(rule, found.check.version, found.severity, "", judgement, found.check.controls))


class Candidates:
    """Findings that were judged so, by rule, from which scopes choose: by a look at the names, however many scopes and findings there are."""

    def __init__(self, sections: Iterable[Section], status: str) -> None:
        self._by_rule: Dict[str, List[Finding]] = {}
        self._by_name: Dict[str, ByName[int]] = {}
        for section in sections:
            for finding in section.findings:
                if finding.judgement.status == status:
                    self._by_rule.setdefault(finding.rule, []).append(finding)

    def fitting(self, rules: Iterable[str], scope: Selector, policy: Policy) -> List[Finding]:
        """Return the findings of the rules that a scope chooses."""
        return [
            finding
            for rule in dict.fromkeys(rules)
            for finding in self._near(rule, scope)
            if scope.is_empty or scope.chooses(finding.judgement.subject, finding.server, policy.tags_of(finding.judgement.subject) if scope.tags else ())
        ]

    def _near(self, rule: str, scope: Selector) -> Sequence[Finding]:
        """Return the findings of a rule among which are all that a scope chooses."""
        findings = self._by_rule.get(rule, [])
        if not scope.names:
            return findings
        places = self._by_name.get(rule)
        if places is None:
            places = self._by_name[rule] = ByName((name, place) for place, finding in enumerate(findings) for name in _names_of(finding))
        return [findings[place] for place in sorted({place for pattern in scope.names for place in places.fitting(pattern)})]


def _names_of(finding: Finding) -> Iterable[str]:
    subject = finding.judgement.subject
    return dict.fromkeys(name for name in (subject.name, subject.uid) if name)
