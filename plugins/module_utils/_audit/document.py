# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one set of findings that every report is made from, as plain data. Private to this collection.

Its form is docs/audit/findings.md and the JSON Schema beside the policies. Reports read nothing else.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict, Iterable, List, Mapping, Sequence

from . import figures
from .evaluate import Audit, Section
from .model import Counts, Finding
from .settings import Policy, Rule
from .times import as_time
from .trends import point_of

FORMAT = "openbackup.veeam_em/findings/1"

Document = Dict[str, Any]


def with_figures(section: Section, policy: Policy) -> Section:
    """Return a section with its figures and without the records, which are most of what is in memory and which no report reads."""
    facts = replace(section.facts, collections={})
    return replace(section, facts=facts, figures=figures.of_section(section, policy))


def as_document(audit: Audit, tool_version: str, waivers: Sequence[Mapping[str, Any]] = (), attestations: Sequence[Mapping[str, Any]] = ()) -> Document:
    """Return a whole audit as plain data.

    Args: waivers, attestations: as ``waivers.py`` and ``attestations.py`` describe them, with what became of each.
    """
    findings = audit.findings
    by_rule: Dict[str, List[Finding]] = {}
    for finding in findings:
        by_rule.setdefault(finding.rule, []).append(finding)
    by = {
        "name": audit.policy.name,
        "description": audit.policy.description,
        "source": audit.policy.source,
        "sha256": audit.policy.digest,
        "packs": list(audit.policy.packs),
    }
    return {
        "format": FORMAT,
        "tool": {"name": "openbackup.veeam_em", "version": tool_version},
        "as_of": audit.as_of,
        "policy": by,
        "summary": Counts.of(findings).as_entry(),
        "rules": [_rule_entry(rule, by_rule.get(rule.id, [])) for rule in audit.policy.rules.values()],
        "servers": [_with_trends(_server_entry(section, audit.policy), section, by) for section in audit.sections],
        "findings": _entries(findings),
        "waivers": [dict(entry) for entry in waivers],
        "attestations": [dict(entry) for entry in attestations],
    }


def _entries(findings: Iterable[Finding]) -> List[Dict[str, Any]]:
    """Return the findings as plain data, in which what many of them expect is there once."""
    same: Dict[str, Any] = {}
    entries = []
    for finding in findings:
        entry = finding_entry(finding)
        for key in ("expected", "controls"):
            entry[key] = same.setdefault(repr(entry[key]), entry[key])
        entries.append(entry)
    return entries


def finding_entry(finding: Finding) -> Dict[str, Any]:
    """Return one finding; ``evidence`` holds numbers of answers of its server."""
    judgement, subject = finding.judgement, finding.judgement.subject
    return {
        "rule": finding.rule,
        "version": finding.version,
        "server": finding.server,
        "backup_server": subject.backup_server,
        "object": subject.name,
        "object_type": subject.kind,
        "uid": subject.uid,
        "status": finding.status,
        "severity": finding.severity,
        "measured": judgement.measured,
        "expected": judgement.expected,
        "reason": judgement.reason,
        "evidence": list(judgement.answers),
        "waiver": finding.waiver,
        "attestation": finding.attestation,
        "controls": list(finding.controls),
    }


def _rule_entry(rule: Rule, findings: Sequence[Finding]) -> Dict[str, Any]:
    check = rule.check
    return {
        "id": check.id,
        "version": check.version,
        "title": check.title,
        "severity": rule.severity,
        "enabled": rule.enabled,
        "subject": check.subject,
        "controls": list(check.controls),
        "parameters": {parameter.name: rule.values.get(parameter.name, parameter.default) for parameter in check.parameters},
        "why": check.why,
        "how": check.how,
        "fix": check.fix,
        "limits": check.limits,
        "summary": Counts.of(findings).as_entry(),
    }


def _with_trends(entry: Dict[str, Any], section: Section, policy: Mapping[str, Any]) -> Dict[str, Any]:
    """Return the entry of a server with a point for each audit that is known, this one last."""
    return {**entry, "trends": [*section.trends, point_of(entry, policy, as_time(section.facts.now))]}


def _server_entry(section: Section, policy: Policy) -> Dict[str, Any]:
    facts, server = section.facts, section.facts.server
    return {
        "name": server.name,
        "version": server.version,
        "api_version": server.api_version,
        "account": server.account,
        "roles": list(server.roles),
        "gathered_at": server.gathered_at,
        "lookback_days": server.lookback_days,
        "sees_all": server.sees_all,
        "warnings": list(server.warnings),
        "not_read": [{"kind": kind, "status": gap.status, "reason": gap.reason} for kind, gap in sorted(facts.gaps.items())],
        "answers": [{"number": one.number, "url": one.url, "sha256": one.sha256, "time": one.time, "size": one.size} for one in facts.answers],
        "summary": section.counts.as_entry(),
        "figures": figures.of_section(section, policy) if section.figures is None else section.figures,
    }
