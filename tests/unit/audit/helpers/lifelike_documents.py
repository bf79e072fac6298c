# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documents of audits at any size, with whatever names, as ``document.as_document`` makes them: for tests of how reports look and how large they get."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator
from typing import Any

from records import ago, record

from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.document import Document, as_document
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.evaluate import Audit, Section
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.facts import Answer, Facts, Gap, ServerFacts
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.model import Check, Finding, Judgement, Parameter, Subject
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.settings import Policy, Rule
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.times import seconds_of
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.trends import point_of

NOW = "2026-11-20T12:00:00Z"
NASTY = ("lab&<01>", '"><script>alert(1)</script>', "'; drop", "pay\u202eroll\u0007", "Bücher-日本-سرور", "line\nbreak\ttab", "half\ud800")
SITES = ("berlin", "oslo", "porto")

# id, title, severity, share of machines that break it, what is done about it
_RULES = (
    ("C01", "Every machine is in an enabled job", "high", 0.03, "Add the machine to a job, or take it out of the scope of the policy with a reason."),
    (
        "C02",
        "The newest restore point is within the RPO",
        "high",
        0.06,
        "Look at the last runs of the machine's jobs; start the job, or have it run more often.",
    ),
    ("C03", "The last run did not fail", "high", 0.04, "Read the reason of the run, remove the cause, and start the job once more."),
    ("C10", "No machine is in two backup jobs", "low", 0.02, "Take the machine out of one of the jobs."),
    ("C16", "As many restore points are kept as the policy wants", "medium", 0.08, "Raise the retention of the job."),
    ("C19", "There are two backups on different repositories", "high", 0.05, "Add a copy job that writes to another repository."),
    ("C29", "The size of the last run is as usual", "medium", 0.01, "Ask the owner of the machine what has changed."),
)
_UNSEEN = (
    (
        "X01",
        "One copy cannot be changed by anybody",
        "high",
        "The API has no field that tells whether a repository is immutable. Attest it, or say so in the policy.",
    ),
    ("X02", "The configuration backup is on and encrypted", "high", "The API does not show the configuration backup. Attest it, with an owner and a date."),
    ("X05", "The hardened repository is hardened", "medium", "The API does not show the settings of a repository's host."),
)


def _rule(identity: str, title: str, severity: str, fix: str, limits: str = "") -> Rule:
    return Rule(
        Check(
            identity,
            title,
            severity,
            "machine",
            (),
            "Nobody can restore what was not kept: %s." % title.lower(),
            "Every machine is looked at, in whatever job it is.",
            fix,
            lambda context: iter(()),
            limits,
            (Parameter("rpo_hours", "number", 24.0, "How old it may be.", unit="hours", minimum=0),) if identity == "C02" else (),
            ("CIS 11.2", "NIST CP-9", "ISO A.8.13"),
        ),
        severity,
        {},
    )


def policy() -> Policy:
    """Return a policy of rules that only bear names: what they say is made by hand here."""
    seen = [_rule(*rule[:3], rule[4]) for rule in _RULES]
    unseen = [_rule(identity, title, severity, "Attest it.", reason) for identity, title, severity, reason in _UNSEEN]
    rules = {rule.id: rule for rule in (*seen, *unseen)}
    digest = hashlib.sha256(b"policy").hexdigest()
    return Policy("baseline", rules, "Sensible rules for most.", "baseline", digest, ("baseline", "rule_3_2_1_1_0"))


def document(machines: int = 40, seed: int = 1, servers: int = 1, names: tuple[str, ...] = (), broken: float = 1.0) -> Document:
    """Return the document of an audit.

    Args: machines: on each Enterprise Manager; names: such as ``NASTY``, that the first machines bear; broken: factor on how many machines break a rule.
    """
    held = policy()
    sections = [_section(held, machines, random.Random(seed + number), number, names, broken) for number in range(servers)]
    made = as_document(Audit(held, NOW, sections), "0.3.0", waivers(), attestations())
    for number, server in enumerate(made["servers"]):
        server["figures"]["matrix"] = list(_matrix(_names(machines, names, number), random.Random(seed + number), number))
        own = point_of(server, made["policy"], NOW)
        server["trends"] = [*_earlier(own, random.Random(seed + number)), own] if not number else [own]
    return made


def _earlier(own: dict[str, Any], chance: random.Random, audits: int = 8) -> Iterator[dict[str, Any]]:
    """Yield the points of weekly audits before, of which the first went by another policy and the second found no matrix."""
    for back in range(audits, 0, -1):
        point = json.loads(json.dumps(own))
        point["gathered_at"] = point["as_of"] = ago(days=7 * back)
        for severity in point["summary"]["fail_by_severity"]:
            point["summary"]["fail_by_severity"][severity] += back * chance.randint(0, 3)
        point["summary"]["fail"] = sum(point["summary"]["fail_by_severity"].values())
        point["rpo"]["within"] = max(0, point["rpo"]["within"] - back)
        for repository in point["repositories"]:
            repository["free"] = repository["free"] and min(repository["capacity"], repository["free"] + back * chance.randint(0, 2**38))
        if back == audits:
            point["policy"] = {"name": "first <draft>", "sha256": "0" * 64}
        if back == audits - 1:
            point["matrix"] = {"machines": 0, "kept": 0, "digits": dict.fromkeys(point["matrix"]["digits"], 0)}
        yield point


def waivers() -> list[dict[str, Any]]:
    """Return waivers in various states."""
    common = {"reason": "Old test machine, to be switched off.", "owner": "Storage team", "approver": "Head of IT", "ticket": "CHG-1042"}
    return [
        {"id": "W-1", "rules": ["C02"], "scope": {"names": ["legacy-*"]}, **common, "expires": "2026-12-04", "state": "expires_soon"},
        {"id": "W-2", "rules": ["C10"], "scope": {"jobs": ["Daily <all>"]}, **common, "expires": "2027-06-30", "state": "active"},
        {"id": "W-3", "rules": ["C19"], "scope": {"names": ["gone"]}, **common, "expires": "2026-11-01", "state": "expired"},
    ]


def attestations() -> list[dict[str, Any]]:
    """Return one attestation."""
    statement = "The configuration backup goes to another site every night, encrypted."
    return [{"id": "A-1", "rule": "X02", "statement": statement, "owner": "Backup team", "date": "2026-10-01", "expires": "2027-04-01", "state": "active"}]


def _names(machines: int, names: tuple[str, ...], server: int) -> list[str]:
    return [*names, *("%s-app-%05d" % (SITES[number % 3], number + server * machines) for number in range(machines - len(names)))]


def _section(held: Policy, machines: int, chance: random.Random, number: int, names: tuple[str, ...], broken: float) -> Section:
    address = "em%02d.example.com:9398" % (number + 1)
    repositories = [
        {**record("repositories", name, capacity=capacity, free_space=free, backup_server_name="vbr01.example.com"), "kind": kind}
        for name, capacity, free, kind in (
            ("Scale-out <1>", 2**45, 2**42, "Extendable"),
            ("Berlin", 2**44, 2**40, "LinuxLocal"),
            ("Oslo", 2**44, 2**43, "WindowsLocal"),
            ("Cloud", None, None, "Cloud"),
        )
    ]
    runs = [
        record("backup_task_sessions", "run", creation_time=ago(hours=hours), result=chance.choices(("Success", "Warning", "Failed"), (90, 7, 3))[0])
        for hours in range(1, 24 * 30, 2 if machines < 1000 else 1)
        if not 24 * 9 < hours < 24 * 11
    ]
    answers = [
        Answer(one, "/api/query?type=VmRestorePoint&pageSize=1000&page=%d" % one, hashlib.sha256(b"%d" % one).hexdigest(), NOW, 1000 * one)
        for one in range(1, max(12, machines // 4) + 1)
    ]
    server = ServerFacts(
        address,
        NOW,
        "13.0.1.180",
        "v1_7",
        "EXAMPLE\\auditor",
        ("PortalUser",),
        sees_all=not number,
        warnings=("Its clock is 3 s late.",) * number,
    )
    gaps = {"security_accounts": Gap("not_assessable", "Accounts are shown to Portal Administrators only.")} if number else {}
    facts = Facts(server, seconds_of(NOW), {"repositories": repositories, "backup_task_sessions": runs}, gaps, answers)
    findings = [*_findings(held, _names(machines, names, number), chance, address, len(answers), broken), *_unseen(held, address)]
    return Section(facts, findings)


def _findings(held: Policy, machines: list[str], chance: random.Random, address: str, answers: int, broken: float) -> Iterator[Finding]:
    for identity, _title, severity, share, _fix in _RULES:
        controls = held.rules[identity].check.controls
        for machine in machines:
            fails = chance.random() < share * broken
            hours = round(chance.uniform(25, 400) if fails else chance.uniform(1, 24), 2)
            waived = "W-1" if fails and identity == "C02" and machine.startswith("porto") else None
            subject = Subject("machine", machine, "urn:veeam:Vm:" + machine, "vbr01.example.com", ("Daily",), ("Berlin",))
            reason = "Its newest restore point is %.1f hours old; 24.0 hours are allowed." % hours
            measured = {"hours": hours, "newest": ago(hours=hours)}
            judgement = Judgement(subject, "fail" if fails else "pass", reason, measured, {"hours_at_most": 24.0}, (chance.randint(1, answers),))
            yield Finding(identity, 1, severity, address, judgement, controls, waived)


def _unseen(held: Policy, address: str) -> Iterator[Finding]:
    for identity, _title, severity, reason in _UNSEEN:
        judgement = Judgement(Subject("enterprise_manager", address), "not_assessable", reason)
        yield Finding(identity, 1, severity, address, judgement, held.rules[identity].check.controls, None, "A-1" if identity == "X02" else None)


def _matrix(machines: list[str], chance: random.Random, number: int) -> Iterator[dict[str, Any]]:
    unknown = "whether Berlin is immutable"
    for machine in machines:
        few, on_site = chance.random() < 0.05, chance.random() < 0.12
        yield {
            "machine": machine,
            "backup_server": "vbr0%d.example.com" % (number + 1),
            "digits": {
                "copies": {"status": "fail", "value": 2, "missing": "1 more"} if few else {"status": "pass", "value": 3, "missing": ""},
                "media": {"status": "pass", "value": ["disk", "object storage"], "missing": ""},
                "offsite": {"status": "fail", "value": 0, "missing": "1 more"} if on_site else {"status": "pass", "value": 1, "missing": ""},
                "immutable": {"status": "not_assessable", "value": None, "missing": unknown},
                "tested": {"status": "fail", "value": None, "missing": "a restore in the last 90 days"}
                if chance.random() < 0.1
                else {"status": "pass", "value": 12.4, "missing": ""},
            },
        }
