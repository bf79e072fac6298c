# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The vocabulary of the audit: what a check is, what it says of an object, what a finding is. Private to this collection.

Pure: no HTTP, no Ansible, no clock. Source of the checks: docs/audit, one page a check.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple

if TYPE_CHECKING:
    from .context import Context

Record = Dict[str, Any]

PASS, FAIL, WAIVED, NOT_ASSESSABLE, ERROR = "pass", "fail", "waived", "not_assessable", "error"
STATUSES = (PASS, FAIL, WAIVED, NOT_ASSESSABLE, ERROR)
HIGH, MEDIUM, LOW = "high", "medium", "low"
SEVERITIES = (HIGH, MEDIUM, LOW)  # the gravest first

# The key under which a record in hand says which answer it came from: a number in the list of answers of its server.
ANSWER = "_answer"

# What records are called and found by, and what is enough for points and files, of which there are hundreds of thousands.
BY_NAME, BY_ID = ("id", "uid", "type"), ("id",)


@dataclass(frozen=True)
class Parameter:
    """A number, text or list that a policy may set for a check.

    ``kind`` is "number", "integer", "text", "bool", "list" (of texts) or "map" (text to text). ``unit`` is such as "hours" or "points".
    ``minimum`` is the least that makes sense, ``choices`` all that do. ``by_class`` says that classes of machines may have their own.
    """

    name: str
    kind: str
    default: Any
    meaning: str
    unit: str = ""
    minimum: Optional[float] = None
    choices: Tuple[str, ...] = ()
    by_class: bool = False


@dataclass(frozen=True)
class Reads:
    """A kind of record that a check looks at, by its plural, and the fields of it; ``backup.id`` is a part of a reference.

    Without a kind that is ``needed`` the check cannot be made: the rule is not assessable where the account may not read it, and an error
    where it was lost. A kind that is not needed leaves the check to ask ``Facts.gap``. ``identity`` are fields as well.
    """

    kind: str
    fields: Tuple[str, ...]
    needed: bool = True
    identity: Tuple[str, ...] = BY_NAME


def fields_by_kind(reads: Iterable[Reads]) -> Dict[str, Tuple[str, ...]]:
    """Return the fields that have to be read of each kind so that all of it is there."""
    wanted: Dict[str, Dict[str, None]] = {}
    for one in reads:
        wanted.setdefault(one.kind, {}).update(dict.fromkeys((*one.identity, *one.fields)))
    return {kind: tuple(names) for kind, names in wanted.items()}


@dataclass(frozen=True)
class Subject:
    """What something is said of, with everything by which a policy may choose it.

    ``kind`` is such as "machine", "job", "repository", "account"; ``jobs``, ``repositories`` and ``tags`` are names.
    """

    kind: str
    name: str
    uid: Optional[str] = None
    backup_server: str = ""
    jobs: Tuple[str, ...] = ()
    repositories: Tuple[str, ...] = ()
    tags: Tuple[str, ...] = ()


@dataclass(frozen=True)
class Judgement:
    """What a check says of one object. ``measured`` and ``expected`` are plain data as JSON has it; ``answers`` are numbers of answers."""

    subject: Subject
    status: str
    reason: str
    measured: Any = None
    expected: Any = None
    answers: Tuple[int, ...] = ()


def answers_of(records: Iterable[Optional[Record]]) -> Tuple[int, ...]:
    """Return the numbers of the answers that the records came from, each once and in order; None in place of a record is passed over."""
    return tuple(sorted({record[ANSWER] for record in records if record is not None and record.get(ANSWER) is not None}))


def verdict(good: bool, subject: Subject, reason: str, measured: Any = None, expected: Any = None, evidence: Sequence[Optional[Record]] = ()) -> Judgement:
    """Return a pass or a fail. Args: reason: a sentence that holds in either case, with the numbers; evidence: the records it rests on."""
    return Judgement(subject, PASS if good else FAIL, reason, measured, expected, answers_of(evidence))


def cannot_say(subject: Subject, reason: str, measured: Any = None, expected: Any = None, evidence: Sequence[Optional[Record]] = ()) -> Judgement:
    """Return that the API does not tell. Args: reason: a sentence that says what is missing."""
    return Judgement(subject, NOT_ASSESSABLE, reason, measured, expected, answers_of(evidence))


@dataclass(frozen=True)
class Check:
    """One question to the estate.

    ``judge`` takes the context and yields a judgement for each object that it is about; it is pure and takes time linear in the records.
    ``why``, ``how`` and ``fix`` are sentences for an auditor: why it matters, how it is measured, how to put it right.
    ``limits`` says what the API does not tell of it ("" when it tells all). ``controls`` are such as "CIS 11.2", "NIST CP-9".
    """

    id: str
    title: str
    severity: str
    subject: str
    reads: Tuple[Reads, ...]
    why: str
    how: str
    fix: str
    judge: Callable[[Context], Iterator[Judgement]]
    limits: str = ""
    parameters: Tuple[Parameter, ...] = ()
    controls: Tuple[str, ...] = ()
    version: int = 1

    def parameter(self, name: str) -> Parameter:
        """Return a parameter by name. Raises KeyError."""
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        raise KeyError(name)


CHECKS: Dict[str, Check] = {}


def check(**declared: Any) -> Callable[[Callable[[Any], Iterator[Judgement]]], Callable[[Any], Iterator[Judgement]]]:
    """Register the function below as a check; the keywords are the fields of ``Check`` but for ``judge``. Raises ValueError for an id twice."""

    def register(judge: Callable[[Any], Iterator[Judgement]]) -> Callable[[Any], Iterator[Judgement]]:
        new = Check(judge=judge, **declared)
        if new.id in CHECKS:
            raise ValueError("Declared twice: " + new.id)
        CHECKS[new.id] = new
        return judge

    return register


@dataclass
class Finding:
    """A judgement under a rule of a policy; what reports are made of.

    ``server`` is the Enterprise Manager, ``waiver`` and ``attestation`` are the ids of what stands for it.
    """

    rule: str
    version: int
    severity: str
    server: str
    judgement: Judgement
    controls: Tuple[str, ...] = ()
    waiver: Optional[str] = None
    attestation: Optional[str] = None

    @property
    def status(self) -> str:
        """What it comes to: a fail with a waiver is waived, an attested doubt is a pass."""
        if self.waiver is not None and self.judgement.status == FAIL:
            return WAIVED
        if self.attestation is not None and self.judgement.status == NOT_ASSESSABLE:
            return PASS
        return self.judgement.status


@dataclass
class Counts:
    """How many findings there are of each status, and fails of each severity."""

    by_status: Dict[str, int] = field(default_factory=lambda: dict.fromkeys(STATUSES, 0))
    fails_by_severity: Dict[str, int] = field(default_factory=lambda: dict.fromkeys(SEVERITIES, 0))

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> "Counts":
        """Return the counts of some findings."""
        counts = cls()
        for finding in findings:
            counts.by_status[finding.status] += 1
            if finding.status == FAIL:
                counts.fails_by_severity[finding.severity] += 1
        return counts

    @property
    def verdict(self) -> str:
        """The gravest status: error, then fail, then not assessable, then waived, then pass."""
        for status in (ERROR, FAIL, NOT_ASSESSABLE, WAIVED):
            if self.by_status[status]:
                return status
        return PASS

    def as_entry(self) -> Dict[str, Any]:
        """Return the counts as plain data."""
        return {"verdict": self.verdict, **self.by_status, "fail_by_severity": dict(self.fails_by_severity)}


def in_order(findings: Iterable[Finding]) -> List[Finding]:
    """Return the findings in the one order that all reports have: by server, rule, backup server, object and unique id."""
    return sorted(
        findings,
        key=lambda item: (
            item.server,
            item.rule,
            item.judgement.subject.backup_server.casefold(),
            item.judgement.subject.name.casefold(),
            item.judgement.subject.name,
            item.judgement.subject.uid or "",
            item.judgement.reason,
        ),
    )


Values = Mapping[str, Any]
