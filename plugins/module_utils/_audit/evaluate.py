# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Applies a policy to facts: the same facts, policy and moment give the same findings. Private to this collection."""

from __future__ import annotations

import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Iterator, List, Mapping, Optional, Sequence, Tuple

from .context import Context
from .facts import Facts
from .model import ERROR, Check, Counts, Finding, Judgement, fields_by_kind, in_order
from .settings import Policy, Rule


@dataclass
class Section:
    """What came of one Enterprise Manager. ``figures`` are None until ``document.with_figures`` has made them, ``trends`` the points of earlier audits."""

    facts: Facts
    findings: List[Finding]
    figures: Optional[Mapping[str, Any]] = None
    trends: Sequence[Mapping[str, Any]] = ()

    @property
    def counts(self) -> Counts:
        """How many findings there are of each sort."""
        return Counts.of(self.findings)


@dataclass
class Audit:
    """A whole audit: a section for each Enterprise Manager, and findings on the audit itself (its waivers and attestations)."""

    policy: Policy
    as_of: str
    sections: List[Section]
    own_findings: List[Finding] = field(default_factory=list)

    @property
    def findings(self) -> List[Finding]:
        """All findings in the order of reports."""
        return in_order([*self.own_findings, *(finding for section in self.sections for finding in section.findings)])

    @property
    def counts(self) -> Counts:
        """How many findings there are of each sort."""
        return Counts.of(self.findings)


def evaluate(facts: Facts, policy: Policy, history: Sequence[Facts] = (), baseline: Optional[Any] = None) -> Section:
    """Return the findings of all enabled rules about one Enterprise Manager, without waivers."""
    findings: List[Finding] = []
    for rule in policy.rules.values():
        if rule.enabled:
            context = Context(facts, policy, rule, history, baseline)
            for judgement in _judgements(context):
                if judgement.subject == facts.own_subject or policy.covers(rule, judgement.subject, facts.server.name):
                    findings.append(_finding(rule, facts, judgement))
    return Section(facts, in_order(findings))


def _finding(rule: Rule, facts: Facts, judgement: Judgement) -> Finding:
    return Finding(rule.id, rule.check.version, rule.severity, facts.server.name, judgement, rule.check.controls)


def _judgements(context: Context) -> Iterator[Judgement]:
    """Yield what a check says; that it could not be made, where what it reads is missing; that it broke, where it did."""
    facts, check = context.facts, context.rule.check
    gap = facts.whole(reads.kind for reads in context.rule.reads if reads.needed)
    if gap is not None:
        yield Judgement(facts.own_subject, gap.status, "%s could not be looked at. %s" % (check.title, gap.reason))
        return
    try:
        yield from check.judge(context)
    except Exception as error:  # noqa: BLE001 - one broken check must not hide what the others say, and must never look like a pass
        yield Judgement(facts.own_subject, ERROR, _broken(check, error))


def _broken(check: Check, error: Exception) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    place = "%s line %s" % (Path(last.filename).name, last.lineno)
    return "The check %s met something it does not expect: %s (%s). This is a fault of the collection; please report it." % (
        check.id,
        type(error).__name__,
        place,
    )


def kinds_read(policy: Policy) -> Mapping[str, Tuple[str, ...]]:
    """Return the kinds of record that the enabled rules read, with the fields of each."""
    return fields_by_kind(reads for rule in policy.rules.values() if rule.enabled for reads in rule.reads)
