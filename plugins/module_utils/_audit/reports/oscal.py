# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The findings as OSCAL assessment results (NIST, version 1.1), for tools of governance. Private to this collection.

A server is a result. What is not a pass, or one by attestation, is an observation of its own with its subject and its evidence; the other
passes of a rule are one. A rule is a finding on the objective of its id. A rule that failed is an open risk with the remedy as a
recommendation, a waiver in use a risk with an approved deviation. The policy stands where OSCAL has the assessment plan. UUIDs are made from
what they name: subjects and risks keep theirs from audit to audit, all others are the same only for the same evidence, policy and moment.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from itertools import chain
from typing import Any, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ..document import Document
from ..model import ERROR, FAIL, NOT_ASSESSABLE, PASS, STATUSES, WAIVED
from .controls import as_token, by_framework
from .reading import (
    STATUS_WORDS,
    Entry,
    Group,
    Ordinals,
    Reading,
    Written,
    as_path,
    as_reference,
    as_words,
    as_written,
    counted,
    identity_of,
    in_blocks,
    laid_out_in_pieces,
    newest,
    object_words,
    one_line,
    shown,
)

Tree = Dict[str, Any]

OSCAL_VERSION = "1.1.3"
NAMES = "urn:openbackup:veeam_em"
_ROOT = str(uuid.uuid5(uuid.NAMESPACE_URL, NAMES))
_EDGES = re.compile(r"^[\s\ufeff]+|[\s\ufeff]+$")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
# The document, its results, a result and the lists of a result are spread over lines, so that an observation takes one.
_SPREAD = 5
_STATES: Mapping[str, Tuple[str, str]] = {
    PASS: ("satisfied", "pass"),
    FAIL: ("not-satisfied", "fail"),
    WAIVED: ("not-satisfied", "other"),
    NOT_ASSESSABLE: ("not-satisfied", "other"),
    ERROR: ("not-satisfied", "other"),
}
_GRAVEST = (FAIL, ERROR, NOT_ASSESSABLE, WAIVED, PASS)


def write(document: Document) -> bytes:
    """Return the findings as OSCAL assessment results in JSON, UTF-8."""
    return b"".join(pieces(document))


def pieces(document: Document) -> Iterator[bytes]:
    """Yield the findings as OSCAL assessment results in JSON, UTF-8, piece by piece."""
    return in_blocks(chain(laid_out_in_pieces({"assessment-results": _Results(Reading(document)).as_tree()}, _SPREAD), "\n"))


class _Results:
    """The whole. ``resources`` are the answers that observations refer to, in the order in which they come up."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.document = reading.document
        self.root = _uuid(_ROOT, _fingerprint(self.document))
        self.resources: List[Tree] = []
        self._references: Dict[Tuple[str, int], Tree] = {}

    def as_tree(self) -> Tree:
        policy_resource = self._policy()
        results = [_Result(self, server, groups).as_tree() for server, groups in self._sections()]
        return {
            "uuid": self.root,
            "metadata": self._metadata(),
            "import-ap": {"href": "#" + policy_resource["uuid"]},
            "results": results,
            "back-matter": {"resources": [policy_resource, *self.resources]},
        }

    def _sections(self) -> List[Tuple[str, List[Group]]]:
        """Return every server with its groups, then what belongs to none: findings on the audit itself, or an audit of nothing."""
        sections: Dict[str, List[Group]] = {name: [] for name in self.reading.servers}
        for group in self.reading.groups():
            sections.setdefault(group.server, []).append(group)
        return list((sections or {"": []}).items())

    def _metadata(self) -> Tree:
        tool = self.document["tool"]
        return {
            "title": _title("Audit by the policy %s" % self.document["policy"]["name"]),
            "last-modified": self.document["as_of"],
            "version": _value(self.document["as_of"]),
            "oscal-version": OSCAL_VERSION,
            "props": _props({"tool": tool["name"], "tool-version": tool["version"], "verdict": self.document["summary"]["verdict"]}),
        }

    def _policy(self) -> Tree:
        policy = self.document["policy"]
        link: Tree = {"href": as_path(policy["source"] or policy["name"]) or "policy"}
        if policy["sha256"]:
            link["hashes"] = [{"algorithm": "SHA-256", "value": policy["sha256"]}]
        resource: Tree = {"uuid": _uuid(self.root, "policy"), "title": _title("Policy %s" % policy["name"]), "rlinks": [link]}
        if policy["description"]:
            resource["description"] = _marked(policy["description"])
        return resource

    def evidence(self, server: str, answers: Iterable[Entry]) -> List[Tree]:
        """Return references to answers, whose addresses and hashes stand in the back matter."""
        return [self._reference(server, answer) for answer in answers]

    def _reference(self, server: str, answer: Entry) -> Tree:
        key = (server, answer["number"])
        if key not in self._references:
            identity = _uuid(self.root, "answer", server, str(answer["number"]))
            self._references[key] = {"href": "#" + identity, "description": "Answer %d" % answer["number"]}
            link = {
                "href": "https://%s%s" % (as_reference(server, "[]"), as_reference(answer["url"])),
                "hashes": [{"algorithm": "SHA-256", "value": answer["sha256"]}],
            }
            self.resources.append(
                {
                    "uuid": identity,
                    "title": _title("Answer %d of %s" % (answer["number"], server)),
                    "description": "%d bytes, received %s." % (answer["size"], answer["time"] or "at an unknown time"),
                    "rlinks": [link],
                }
            )
        return self._references[key]


class _Rested(NamedTuple):
    """What findings that rest on the same answers have in common: references to these, and the time of the newest."""

    evidence: List[Tree]
    collected: str


class _Result:
    """What was found about one server. Subjects and risks gather as observations and findings come to refer to them."""

    def __init__(self, results: _Results, server: str, groups: Sequence[Group]) -> None:
        self._results = results
        self._reading = results.reading
        self._server = server
        self._entry: Optional[Entry] = results.reading.servers.get(server)
        self._groups = groups
        self._component = _uuid(_ROOT, "server", server)
        self._inventory: Dict[str, Tree] = {}
        self._subjects: Dict[Tuple[str, ...], Tree] = {}
        self._observations: List[Written] = []
        self._rested: Dict[Tuple[int, ...], _Rested] = {}
        self._risks: Dict[Tuple[str, Optional[str]], Tree] = {}
        self._ordinals = Ordinals()

    def as_tree(self) -> Tree:
        gathered = self._entry["gathered_at"] if self._entry else self._results.document["as_of"]
        findings = [self._finding(group) for group in self._groups]
        rules = [self._reading.rules[group.rule] for group in self._groups if group.rule in self._reading.rules]
        tree: Tree = {
            "uuid": _uuid(self._results.root, "result", self._server),
            "title": _title(self._server or "The audit itself"),
            "description": self._description(),
            "start": gathered,
            "end": newest((answer["time"] for answer in self._entry["answers"]) if self._entry else (), gathered),
            "local-definitions": {"components": [self._as_component()], **_unless_empty("inventory-items", list(self._inventory.values()))},
            "reviewed-controls": _reviewed(rules),
            **_unless_empty("observations", self._observations),
            **_unless_empty("risks", list(self._risks.values())),
            **_unless_empty("findings", findings),
        }
        return tree

    def _description(self) -> str:
        counts = counted(finding for group in self._groups for finding in group.findings)
        sentences = ["%s." % ", ".join("%d %s" % (number, STATUS_WORDS[status]) for status, number in counts.items())]
        if self._entry:
            sentences += self._entry["warnings"]
            sentences += ["%s could not be read: %s" % (gap["kind"], gap["reason"]) for gap in self._entry["not_read"]]
        return _marked("\n\n".join(sentences))

    def _as_component(self) -> Tree:
        entry = self._entry or {}
        return {
            "uuid": self._component,
            "type": "software" if self._entry else "policy",
            "title": _title(self._server or "The audit itself"),
            "description": _marked("Veeam Backup Enterprise Manager %s" % self._server if self._entry else "What was audited apart from any server."),
            **_unless_empty(
                "props", _props({name.replace("_", "-"): entry.get(name) for name in ("version", "api_version", "account", "lookback_days", "sees_all")})
            ),
            "status": {"state": "operational"},
        }

    # -- observations -----------------------------------------------------------------------------------------

    def _observe(self, group: Group) -> List[Tuple[Entry, Tree]]:
        """Note an observation for each finding that is not a plain pass; plain passes share one.

        Return findings, of the plain passes the first, with references to their observations.
        """
        plain = [finding for finding in group.findings if _is_plain(finding)]
        observed = [(finding, self._noted(self._observation(finding))) for finding in group.findings if not _is_plain(finding)]
        if plain:
            observed.append((plain[0], self._noted(self._passes(group, plain))))
        return observed

    def _noted(self, observation: Tree) -> Tree:
        self._observations.append(as_written(observation))
        return {"observation-uuid": observation["uuid"]}

    def _observation(self, finding: Entry) -> Tree:
        rested = self._rested_on(finding)
        identity = identity_of(finding)
        remarks = self._reading.statement_words(finding)
        told = {
            "status": finding["status"],
            "severity": finding["severity"],
            "measured": as_words(finding["measured"]),
            "expected": self._reading.expected_words(finding),
        }
        observation: Tree = {
            "uuid": _uuid(self._results.root, "observation", str(self._ordinals.of(identity)), *identity),
            "title": _title("%s: %s" % (finding["rule"], object_words(finding))),
            "description": _marked(finding["reason"]),
            "props": _props(told),
            "methods": ["EXAMINE"],
            "types": ["finding"],
            "subjects": [self._subject(finding)],
            **_unless_empty("relevant-evidence", rested.evidence),
            "collected": rested.collected,
        }
        if remarks:
            observation["remarks"] = _marked(remarks)
        return observation

    def _rested_on(self, finding: Entry) -> _Rested:
        key = tuple(finding["evidence"])
        if key not in self._rested:
            self._rested[key] = self._rested_on_all(self._reading.evidence(finding))
        return self._rested[key]

    def _rested_on_all(self, answers: Sequence[Entry]) -> _Rested:
        otherwise = self._entry["gathered_at"] if self._entry else self._results.document["as_of"]
        return _Rested(self._results.evidence(self._server, answers), newest((answer["time"] for answer in answers), otherwise))

    def _passes(self, group: Group, passes: Sequence[Entry]) -> Tree:
        answers = {answer["number"]: answer for finding in passes for answer in self._reading.evidence(finding)}
        rested = self._rested_on_all([answers[number] for number in sorted(answers)])
        return {
            "uuid": _uuid(self._results.root, "passes", self._server, group.rule),
            "title": _title("%s: what passed" % group.rule),
            "description": "%d passed." % len(passes),
            "methods": ["EXAMINE"],
            "types": ["control-objective"],
            **_unless_empty("relevant-evidence", rested.evidence),
            "collected": rested.collected,
        }

    def _subject(self, finding: Entry) -> Tree:
        _server, _rule, *identity = identity_of(finding)
        key = (finding["object"], *identity)
        if key not in self._subjects:
            self._subjects[key] = self._new_subject(finding, identity)
        return self._subjects[key]

    def _new_subject(self, finding: Entry, identity: Sequence[str]) -> Tree:
        words = object_words(finding)
        if finding["object"] == self._server:
            return {"subject-uuid": self._component, "type": "component", "title": _title(words)}
        item = _uuid(_ROOT, "subject", self._server, *identity)
        props = _props({"object-type": finding["object_type"], "backup-server": finding["backup_server"], "uid": finding["uid"]})
        self._inventory.setdefault(item, {"uuid": item, "description": _marked(words), **_unless_empty("props", props)})
        return {"subject-uuid": item, "type": "inventory-item", "title": _title(words)}

    # -- findings and risks -----------------------------------------------------------------------------------

    def _finding(self, group: Group) -> Tree:
        observed = self._observe(group)
        counts = counted(group.findings)
        status = next(one for one in _GRAVEST if counts[one])
        state, reason = _STATES[status]
        told = ", ".join("%d %s" % (counts[one], STATUS_WORDS[one]) for one in STATUSES if counts[one])
        title = _title("%s %s" % (group.rule, self._reading.title(group.rule)))
        tree: Tree = {
            "uuid": _uuid(self._results.root, "finding", self._server, group.rule),
            "title": title,
            "description": "%s." % told,
            "props": _props({"severity": group.findings[0]["severity"], "status": status}),
            "target": {
                "type": "objective-id",
                "target-id": as_token(group.rule),
                "title": title,
                "status": {"state": state, "reason": reason, "remarks": "%s." % told},
            },
            "related-observations": [reference for _finding, reference in observed],
        }
        risks = list(dict.fromkeys(self._risk(group, finding, reference) for finding, reference in observed if finding["status"] in (FAIL, WAIVED)))
        if risks:
            tree["related-risks"] = [{"risk-uuid": risk} for risk in risks]
        return tree

    def _risk(self, group: Group, finding: Entry, reference: Tree) -> str:
        """Return the UUID of the risk that a failure belongs to: one for the rule, or one for the waiver that stands for it."""
        waiver = finding["waiver"] if finding["status"] == WAIVED else None
        key = (group.rule, None) if waiver is None else ("", waiver)
        if key not in self._risks:
            identity = _uuid(_ROOT, "risk", self._server, *([group.rule] if waiver is None else ["waiver", waiver]))
            made = self._open_risk(group) if waiver is None else self._accepted_risk(finding)
            self._risks[key] = {"uuid": identity, **made, "related-observations": []}
        self._risks[key]["related-observations"].append(reference)
        return str(self._risks[key]["uuid"])

    def _open_risk(self, group: Group) -> Tree:
        rule = self._reading.rules.get(group.rule, {})
        title = self._reading.title(group.rule)
        tree: Tree = {
            "title": _title("Not so: %s" % title),
            "description": _marked(rule.get("how") or title),
            "statement": _marked(rule.get("why") or title),
            "status": "open",
        }
        if rule.get("fix"):
            remedy = {"uuid": _uuid(_ROOT, "remedy", self._server, group.rule), "lifecycle": "recommendation", "title": "How to put it right"}
            tree["remediations"] = [{**remedy, "description": _marked(rule["fix"])}]
        return tree

    def _accepted_risk(self, finding: Entry) -> Tree:
        waiver = self._reading.waivers.get(finding["waiver"], {})
        tree: Tree = {
            "title": _title("Waiver %s" % finding["waiver"]),
            "description": _marked(self._reading.statement_words(finding)),
            "statement": _marked(str(waiver.get("reason") or self._reading.statement_words(finding))),
            **_unless_empty("props", _props({name: waiver.get(name) for name in ("owner", "approver", "ticket")})),
            "status": "deviation-approved",
        }
        deadline = _moment(waiver.get("expires"))
        return {**tree, "deadline": deadline} if deadline else tree


def _is_plain(finding: Entry) -> bool:
    """Tell whether it passed by what the service tells, not by what somebody attested."""
    return bool(finding["status"] == PASS and finding["attestation"] is None)


def _fingerprint(document: Entry) -> str:
    """Return what tells this set of findings from every other: the moment, the policy, what the servers answered, and what came of it."""
    digest = hashlib.sha256()
    parts = [document["as_of"], document["policy"]["name"], document["policy"]["sha256"], as_words(document["summary"])]
    for server in document["servers"]:
        parts += [server["name"], server["gathered_at"], *(answer["sha256"] for answer in server["answers"])]
    for part in parts:
        digest.update(part.encode("utf-8", "backslashreplace") + b"\0")
    return digest.hexdigest()


def _reviewed(rules: Sequence[Entry]) -> Tree:
    selections = [
        {"description": framework.name, "include-controls": [{"control-id": token} for token in dict.fromkeys(control.token for control in controls)]}
        for framework, controls in by_framework(control for rule in rules for control in rule["controls"]).items()
    ]
    tree: Tree = {"control-selections": selections or [{"description": "The rules name no controls.", "include-all": {}}]}
    if rules:
        objectives = [{"objective-id": token} for token in dict.fromkeys(as_token(rule["id"]) for rule in rules)]
        tree["control-objective-selections"] = [{"description": "The rules of the policy.", "include-objectives": objectives}]
    return tree


def _uuid(namespace: str, *parts: str) -> str:
    """Return the UUID of version 5 (RFC 9562) that some words have in a namespace.

    ``uuid.uuid5`` takes three times as long, which a hundred thousand of them make felt. The words are written as Python writes them in ASCII:
    that keeps them apart, and takes halves of surrogate pairs.
    """
    name = namespace + ascii(parts)
    digits = hashlib.sha1(name.encode("ascii"), usedforsecurity=False).hexdigest()
    variant = "89ab"[int(digits[16], 16) & 3]
    return "%s-%s-5%s-%s%s-%s" % (digits[:8], digits[8:12], digits[13:16], variant, digits[17:20], digits[20:32])


def _props(values: Mapping[str, Any]) -> List[Tree]:
    """Return the values that are there as properties, which are single lines."""
    props = []
    for name, value in values.items():
        text = _value(value if isinstance(value, str) else as_words(value))
        if text:
            props.append({"name": name, "ns": NAMES, "value": text})
    return props


def _value(text: str) -> str:
    # What can be printed has no byte order mark, and no white space but blanks.
    return text.strip() if text.isprintable() else _EDGES.sub("", one_line(text))


def _title(text: str) -> str:
    return _marked(_value(text)) or "-"


def _marked(text: str) -> str:
    """Return a text as OSCAL has it, which is Markdown, so that what somebody typed is neither a tag nor a link."""
    return shown(text).replace("\\", "\\\\").replace("<", "\\<").replace("](", "]\\(")


def _moment(time: Optional[str]) -> Optional[str]:
    """Return the end of a day in UTC, or a time, as a time; None for anything else."""
    if time is None:
        return None
    return time + "T23:59:59Z" if _DAY.fullmatch(time) else time if _MOMENT.fullmatch(time) else None


def _unless_empty(name: str, items: Sequence[Any]) -> Tree:
    """Return a member of a tree, nothing where it would be empty, which OSCAL refuses."""
    return {name: items} if items else {}
