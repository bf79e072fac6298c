# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The findings as SARIF 2.1.0 (OASIS), which viewers of code scanning show. Private to this collection.

Results are all findings but the passes, which would be most of the file and which no viewer shows. Their ``kind`` is ``fail`` for what
failed, also where a waiver stands for it (then with a suppression), and ``open`` for what could not be assessed; an ``error`` is ``open`` as well, and
a notification of the run. Objects are logical locations, answers are artifacts, controls are taxonomies.
"""

from __future__ import annotations

import hashlib
from itertools import chain
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Sequence, Tuple

from ..document import Document
from ..model import ERROR, FAIL, HIGH, LOW, MEDIUM, NOT_ASSESSABLE, PASS, WAIVED
from .controls import Control, Framework, by_framework, controls_of
from .reading import Entry, Ordinals, Reading, as_reference, as_written, identity_of, in_blocks, laid_out_in_pieces, object_words, shown

Tree = Dict[str, Any]

VERSION = "2.1.0"
FINGERPRINT = "openbackup.veeam_em/object/v1"

_LEVELS: Mapping[str, str] = {HIGH: "error", MEDIUM: "warning", LOW: "note"}
_KINDS: Mapping[str, str] = {PASS: "pass", FAIL: "fail", WAIVED: "fail", NOT_ASSESSABLE: "open", ERROR: "open"}
# The log, its runs, a run and the lists of a run are spread over lines, so that a result takes one.
_SPREAD = 4


def write(document: Document, passes: bool = False) -> bytes:
    """Return the findings as SARIF in UTF-8. Args: passes: whether results say what passed, too."""
    return b"".join(pieces(document, passes))


def pieces(document: Document, passes: bool = False) -> Iterator[bytes]:
    """Yield the findings as SARIF in UTF-8, piece by piece."""
    log = {"version": VERSION, "runs": [_Run(Reading(document)).as_tree(passes)]}
    return in_blocks(chain(laid_out_in_pieces(log, _SPREAD), "\n"))


class _Run:
    """The one run of a log. Answers become artifacts as results come to rest on them."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._document = reading.document
        self._rule_index = {identity: index for index, identity in enumerate(reading.rules)}
        self._bases = {name: "ENTERPRISE_MANAGER_%d" % number for number, name in enumerate(reading.servers, 1)}
        self._frameworks = by_framework(control for rule in reading.rules.values() for control in rule["controls"])
        self._artifact_index: Dict[Tuple[str, int], int] = {}
        self._artifacts: List[Tree] = []
        self._ordinals = Ordinals()

    def as_tree(self, passes: bool) -> Tree:
        findings = [finding for finding in self._document["findings"] if passes or finding["status"] != PASS]
        results = [as_written(self._result(finding)) for finding in findings]
        policy = self._document["policy"]
        return {
            "tool": {"driver": self._driver()},
            "automationDetails": {"id": "openbackup.veeam_em/audit/%s/" % shown(policy["name"])},
            "invocations": [self._invocation(findings)],
            "originalUriBaseIds": {self._bases[name]: {"uri": "https://%s/" % as_reference(name, "[]")} for name in self._bases},
            "artifacts": self._artifacts,
            "taxonomies": [_taxonomy(framework, [control.number for control in controls]) for framework, controls in self._frameworks.items()],
            "results": results,
            "properties": {"policy": policy, "as_of": self._document["as_of"], "summary": self._document["summary"], "servers": self._servers()},
        }

    # -- the tool ---------------------------------------------------------------------------------------------

    def _driver(self) -> Tree:
        tool = self._document["tool"]
        return {
            "name": tool["name"],
            "version": tool["version"],
            "supportedTaxonomies": [{"name": framework.name, "index": index} for index, framework in enumerate(self._frameworks)],
            "rules": [self._rule(rule) for rule in self._reading.rules.values()],
        }

    def _rule(self, rule: Entry) -> Tree:
        controls = controls_of(rule["controls"])
        parts = [("Why", rule["why"]), ("How it is measured", rule["how"]), ("How to put it right", rule["fix"]), ("What it does not tell", rule["limits"])]
        told = [(heading, text) for heading, text in parts if text]
        descriptor: Tree = {
            "id": rule["id"],
            "shortDescription": {"text": rule["title"]},
            "defaultConfiguration": {"enabled": rule["enabled"], "level": _LEVELS[rule["severity"]]},
            "properties": {
                "severity": rule["severity"],
                "version": rule["version"],
                "subject": rule["subject"],
                "parameters": rule["parameters"],
                "summary": rule["summary"],
                "tags": [control.text for control in controls],
            },
        }
        if rule["why"]:
            descriptor["fullDescription"] = {"text": rule["why"]}
        if told:
            descriptor["help"] = {
                "text": "\n".join("%s: %s" % part for part in told),
                "markdown": "\n\n".join("**%s.** %s" % part for part in told),
            }
        if controls:
            descriptor["relationships"] = [self._relationship(control) for control in controls]
        return descriptor

    def _relationship(self, control: Control) -> Tree:
        component = {"name": control.framework.name, "index": list(self._frameworks).index(control.framework)}
        return {"target": {"id": control.number, "toolComponent": component}, "kinds": ["relevant"]}

    def _servers(self) -> List[Tree]:
        left_out = ("answers", "figures", "trends")
        return [{key: value for key, value in server.items() if key not in left_out} for server in self._document["servers"]]

    def _invocation(self, findings: Sequence[Entry]) -> Tree:
        errors = [finding for finding in findings if finding["status"] == ERROR]
        started = min((server["gathered_at"] for server in self._document["servers"]), default=self._document["as_of"])
        return {
            "executionSuccessful": not errors,
            "startTimeUtc": started,
            "toolExecutionNotifications": [
                {"level": "error", "message": {"text": _text(finding["reason"])}, "associatedRule": self._rule_reference(finding["rule"])} for finding in errors
            ],
        }

    # -- results ----------------------------------------------------------------------------------------------

    def _rule_reference(self, rule: str) -> Tree:
        return {"id": rule, "index": self._rule_index[rule]} if rule in self._rule_index else {"id": rule}

    def _result(self, finding: Entry) -> Tree:
        kind = _KINDS[finding["status"]]
        result: Tree = {
            "ruleId": finding["rule"],
            "kind": kind,
            "level": _LEVELS[finding["severity"]] if kind == "fail" else "none",
            "message": {"text": _text("%s: %s" % (object_words(finding), finding["reason"]))},
            "locations": [{"logicalLocations": [_location(finding)]}],
            "partialFingerprints": {FINGERPRINT: self._fingerprint(finding)},
            "properties": {key: finding[key] for key in _PROPERTIES},
        }
        if finding["rule"] in self._rule_index:
            result["ruleIndex"] = self._rule_index[finding["rule"]]
        evidence = self._reading.evidence(finding)
        if evidence:
            result["attachments"] = [{"artifactLocation": {"index": self._artifact(finding["server"], answer)}} for answer in evidence]
        if finding["status"] == WAIVED:
            result["suppressions"] = [self._suppression(finding)]
        return result

    def _fingerprint(self, finding: Entry) -> str:
        """Return what is the same for the same object under the same rule in every audit: no number that was measured goes into it."""
        identity = "\0".join(identity_of(finding))
        digest = hashlib.sha256(identity.encode("utf-8", "backslashreplace")).hexdigest()
        return "%s:%d" % (digest, self._ordinals.of(identity))

    def _artifact(self, server: str, answer: Entry) -> int:
        key = (server, answer["number"])
        if key not in self._artifact_index:
            self._artifact_index[key] = len(self._artifacts)
            artifact: Tree = {
                "location": {"uri": as_reference(answer["url"].lstrip("/")), "uriBaseId": self._bases[server]},
                "length": answer["size"],
                "hashes": {"sha-256": answer["sha256"]},
                "properties": {"answer": answer["number"]},
            }
            if answer["time"]:
                artifact["lastModifiedTimeUtc"] = answer["time"]
            self._artifacts.append(artifact)
        return self._artifact_index[key]

    def _suppression(self, finding: Entry) -> Tree:
        waiver = self._reading.waivers.get(finding["waiver"], {})
        return {
            "kind": "external",
            "status": "accepted",
            "justification": self._reading.statement_words(finding),
            "properties": {"waiver": dict(waiver) or {"id": finding["waiver"]}},
        }


_PROPERTIES = ("status", "severity", "version", "measured", "expected", "uid", "waiver", "attestation", "controls")


def _text(text: str) -> str:
    """Return a text as a message, in which braces stand for arguments unless they are doubled, and ``[words](address)`` is a link."""
    return text.replace("{", "{{").replace("}", "}}").replace("](", "] (")


def _location(finding: Entry) -> Tree:
    path = "/".join(part.replace("/", "%2F") for part in (finding["server"], finding["backup_server"], finding["object"]) if part)
    return {"name": finding["object"], "fullyQualifiedName": path, "kind": finding["object_type"]}


def _taxonomy(framework: Framework, numbers: Iterable[str]) -> Tree:
    taxonomy: Tree = {"name": framework.name, "taxa": [{"id": number} for number in numbers]}
    if framework.organization:
        taxonomy.update(version=framework.version, organization=framework.organization)
    return taxonomy
