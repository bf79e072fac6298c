# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documents of findings by hand: small ones, nasty ones, and ones of any size."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.document import Document, as_document
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.evaluate import Audit, Section
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.facts import Answer, Facts, Gap, ServerFacts
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.model import (
    ERROR,
    FAIL,
    HIGH,
    LOW,
    MEDIUM,
    NOT_ASSESSABLE,
    PASS,
    SEVERITIES,
    Check,
    Finding,
    Judgement,
    Parameter,
    Subject,
)
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.reports.reading import shown
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.settings import Policy, Rule
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.times import seconds_of

AS_OF = "2026-11-20T12:00:00Z"
SERVER, OTHER_SERVER = "em01.example.com:9398", "em02.example.com:9398"
WAIVER, ATTESTATION = "W-7", "A-3"
# What every form has to carry without breaking or being read as its own grammar.
NASTY = (
    "lab&<01>",
    "=cmd|' /C calc'!A0",
    '"><script>alert(1)</script>',
    "two\nlines\tand a tab\r",
    "\x00\x1b[31mred\x7f\x85",
    "\ud800half\udfff",
    "]]> -- ${x} {0} {{ y }} [a](b)",
    "\\back\\slash\"quote'",
    "  blanks  ",
    "\u202egnp.exe\ufeff\u2028\ufffe",
    "Größe 名前 🦊",
    "100% off; /a?b#c",
    "",
)

nasty_texts = st.one_of(st.sampled_from(NASTY), st.text(max_size=12), st.characters())
plain_data = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | nasty_texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(nasty_texts, inner, max_size=3),
    max_leaves=5,
)


def check_of(identity: str, severity: str = HIGH, controls: Sequence[str] = ("CIS 11.2", "NIST CP-9(1)", "ISO A.8.13"), **more: Any) -> Check:
    """Return a check that judges nothing."""
    texts = {"title": f"Title of {identity}", "why": f"Why of {identity}.", "how": f"How of {identity}.", "fix": f"Fix of {identity}."}
    parameters = (Parameter("rpo_hours", "number", 24.0, "How old it may be.", unit="hours"),)
    declared = {"parameters": parameters, "limits": f"Limits of {identity}.", **texts, **more}
    return Check(identity, severity=severity, subject="machine", reads=(), judge=lambda _context: iter(()), controls=tuple(controls), **declared)


def finding_of(rule: Rule, judgement: Judgement, server: str = SERVER, waiver: str | None = None, attestation: str | None = None) -> Finding:
    """Return a finding under a rule."""
    return Finding(rule.id, rule.check.version, rule.severity, server, judgement, rule.check.controls, waiver, attestation)


def answer_of(number: int, url: str = "/api/query?type=Job", time: str = "2026-11-20T11:58:00Z") -> Answer:
    """Return an answer whose SHA-256 is that of its number."""
    return Answer(number, url, hashlib.sha256(str(number).encode()).hexdigest(), time, 1000 + number)


def section_of(server: str, findings: Sequence[Finding], answers: Sequence[Answer] = (), **more: Any) -> Section:
    """Return a section without records. Args: more: fields of ``ServerFacts``, and ``gaps`` or ``collections`` of ``Facts``."""
    gaps, collections = more.pop("gaps", {}), more.pop("collections", {})
    facts = Facts(ServerFacts(server, "2026-11-20T11:57:00Z", **more), seconds_of(AS_OF), collections, gaps, answers)
    return Section(facts, list(findings))


def document_of(
    rules: Sequence[Rule],
    sections: Sequence[Section],
    own_findings: Sequence[Finding] = (),
    waivers: Sequence[Mapping[str, Any]] = (),
    attestations: Sequence[Mapping[str, Any]] = (),
    **policy: Any,
) -> Document:
    """Return the document of an audit. Args: policy: fields of the policy."""
    settings = {"name": "baseline", "digest": "ab" * 32, "source": "policies/baseline.yml", "packs": ("baseline",), **policy}
    audit = Audit(Policy(rules={rule.id: rule for rule in rules}, **settings), AS_OF, list(sections), list(own_findings))
    return as_document(audit, "0.3.0", waivers, attestations)


def every_status(name: str = "web01") -> Document:
    """Return two servers with a finding of each status, one of them waived and one attested, and one on the audit itself."""
    grave, middling, light = (
        Rule(check_of("C02"), HIGH, {"rpo_hours": 4}),
        Rule(check_of("C10", MEDIUM, ("CIS 11.1",)), MEDIUM, {}),
        Rule(check_of("X01", LOW, ()), LOW, {}),
    )
    machine = Subject("machine", name, "urn:veeam:Vm:1", "vbr01", ("daily",))
    job = Subject("job", "daily", "urn:veeam:Job:1", "vbr01")
    measured, expected = {"hours": 31.2, "newest": "2026-11-19T04:48:00Z"}, {"hours_at_most": 24.0}
    first = [
        finding_of(grave, Judgement(machine, FAIL, "Its newest restore point is 31.2 hours old; 24.0 hours are allowed.", measured, expected, (1, 2))),
        finding_of(grave, Judgement(Subject("machine", name, "urn:veeam:Vm:2", "vbr01"), PASS, "It is 2 hours old.", {"hours": 2.0}, expected, (1,))),
        finding_of(middling, Judgement(job, FAIL, "It is in two jobs.", 2, 1, (2,)), waiver=WAIVER),
        finding_of(middling, Judgement(machine, PASS, "It is in one job.", 1, 1, (2,))),
        finding_of(light, Judgement(Subject("enterprise_manager", SERVER), NOT_ASSESSABLE, "The API does not tell it.")),
    ]
    second = [
        finding_of(
            grave, Judgement(Subject("enterprise_manager", OTHER_SERVER), ERROR, "Restore points could not be looked at. The connection broke."), OTHER_SERVER
        ),
        finding_of(
            light, Judgement(Subject("enterprise_manager", OTHER_SERVER), NOT_ASSESSABLE, "The API does not tell it."), OTHER_SERVER, attestation=ATTESTATION
        ),
    ]
    own = [finding_of(middling, Judgement(Subject("waiver", WAIVER), FAIL, "It has run out."), "")]
    sections = [
        section_of(SERVER, first, [answer_of(1), answer_of(2, "/api/query?type=VmRestorePoint&page=2")], version="13.0.1", account="auditor", sees_all=True),
        section_of(OTHER_SERVER, second, gaps={"restore_points": Gap(ERROR, "The connection broke.")}, warnings=("Only a part can be seen.",)),
    ]
    return document_of([grave, middling, light], sections, own, [waiver_of()], [attestation_of()])


def waiver_of(identity: str = WAIVER, reason: str = "Both jobs are wanted.", **more: Any) -> dict[str, Any]:
    """Return the entry of a waiver with all that it may have."""
    people = {"owner": "ops", "approver": "ciso", "ticket": "T-1"}
    times = {"created": "2026-10-01", "expires": "2027-01-31"}
    return {"id": identity, "rules": ["C10"], "scope": {"names": ["daily"]}, "reason": reason, **people, **times, "state": "active", "covers": 1, **more}


def attestation_of(identity: str = ATTESTATION, statement: str = "Copies lie in a vault.", **more: Any) -> dict[str, Any]:
    """Return the entry of an attestation with all that it may have."""
    stated = {"id": identity, "rule": "X01", "scope": {"kinds": ["enterprise_manager"]}, "statement": statement, "owner": "ops", "signer": "ops@example.com"}
    times = {"date": "2026-10-01", "expires": "2027-01-31T12:00:00Z"}
    return {**stated, **times, "state": "active", "signed": "good", "answers": 1, "to_sign": "{}", **more}


def _as_shown(name: str) -> str:
    # Names that differ only in what cannot be shown are one series.
    return " ".join(shown(name).split())


@st.composite
def nasty_documents(draw: st.DrawFn) -> Document:
    """Draw a document whose texts and values are what nobody would wish to meet."""
    names = draw(st.lists(nasty_texts, min_size=1, max_size=2, unique_by=_as_shown))
    rules = [
        Rule(
            check_of(
                identity,
                draw(st.sampled_from(SEVERITIES)),
                draw(st.lists(nasty_texts | st.just("NIST CP-9(1)"), max_size=2)),
                title=draw(nasty_texts),
                why=draw(nasty_texts),
            ),
            draw(st.sampled_from(SEVERITIES)),
            {"rpo_hours": draw(plain_data)},
        )
        for identity in draw(st.lists(st.just("C02") | nasty_texts.filter(bool), min_size=1, max_size=2, unique_by=_as_shown))
    ]
    waiver = draw(nasty_texts)
    sections = []
    for name in names:
        answers = [answer_of(number, draw(nasty_texts)) for number in range(1, 3)]
        sections.append(section_of(name, [draw(_findings(rule, name, waiver)) for rule in rules for _time in range(2)], answers, account=draw(nasty_texts)))
    return document_of(
        rules, sections, waivers=[waiver_of(waiver, draw(nasty_texts), owner=draw(nasty_texts))], name=draw(nasty_texts), source=draw(nasty_texts)
    )


@st.composite
def _findings(draw: st.DrawFn, rule: Rule, server: str, waiver: str) -> Finding:
    subject = Subject(draw(st.just("machine") | nasty_texts), draw(nasty_texts), draw(st.none() | nasty_texts), draw(nasty_texts))
    status = draw(st.sampled_from((PASS, FAIL, NOT_ASSESSABLE, ERROR)))
    answers = tuple(draw(st.lists(st.integers(1, 3), max_size=3, unique=True)))
    judgement = Judgement(subject, status, draw(nasty_texts), draw(plain_data), draw(plain_data), answers)
    return finding_of(rule, judgement, server, waiver if draw(st.booleans()) else None)


def large(machines: int, rules: int = 10, failing_share: float = 0.15) -> Document:
    """Return a document of so many machines under each of so many rules, a share of them failing; a page of answers for each 100 machines."""
    checks = [Rule(check_of(f"C{number:02}"), HIGH, {}) for number in range(1, rules + 1)]
    subjects = [Subject("machine", f"machine-{number:05}", f"urn:veeam:Vm:{number}", "vbr01.example.com") for number in range(machines)]
    findings = [
        finding_of(
            rule,
            Judgement(
                subject,
                FAIL if (number + offset) % 100 < failing_share * 100 else PASS,
                "Its newest restore point is 31.2 hours old; 24.0 hours are allowed.",
                {"hours": 31.2, "newest": "2026-11-19T04:48:00Z"},
                {"hours_at_most": 24.0},
                (number // 100 + 1,),
            ),
        )
        for offset, rule in enumerate(checks)
        for number, subject in enumerate(subjects)
    ]
    return document_of(checks, [section_of(SERVER, findings, [answer_of(number) for number in range(1, machines // 100 + 2)])])
