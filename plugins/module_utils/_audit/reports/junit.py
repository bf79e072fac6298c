# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The findings as JUnit XML, which CI servers show as tests. Private to this collection.

The form is that of the schema ``junit-10.xsd`` of the xUnit plugin of Jenkins, which GitLab and Azure DevOps read as well: a suite for each rule of
each server, a case for each object. What failed is a ``failure``, what could not be looked at by a fault an ``error``; what is waived or
not assessable is ``skipped``.
"""

from __future__ import annotations

from typing import Dict, Iterator, Tuple

from ..document import Document
from ..model import ERROR, FAIL, NOT_ASSESSABLE, PASS, WAIVED
from .reading import Entry, Group, Ordinals, Reading, as_words, counted, object_words, shown

_ELEMENTS = {FAIL: "failure", ERROR: "error", WAIVED: "skipped", NOT_ASSESSABLE: "skipped"}


def write(document: Document) -> bytes:
    """Return the findings as JUnit XML in UTF-8."""
    reading = Reading(document)
    counts = counted(document["findings"])
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        "<testsuites%s>"
        % _attributes(name="Audit by the policy %s" % document["policy"]["name"], tests=sum(counts.values()), failures=counts[FAIL], errors=counts[ERROR]),
    ]
    for group in reading.groups():
        lines.extend(_suite(reading, group))
    lines.append("</testsuites>\n")
    return "\n".join(lines).encode("utf-8")


def _suite(reading: Reading, group: Group) -> Iterator[str]:
    counts = counted(group.findings)
    yield "<testsuite%s>" % _attributes(
        name=": ".join(filter(None, (group.server, "%s %s" % (group.rule, reading.title(group.rule))))),
        tests=len(group.findings),
        failures=counts[FAIL],
        errors=counts[ERROR],
        skipped=counts[WAIVED] + counts[NOT_ASSESSABLE],
        time=0,
        timestamp=reading.document["as_of"],
        hostname=group.server,
    )
    yield "<properties>"
    for name, value in _properties(reading, group):
        yield "<property%s/>" % _attributes(name=name, value=value)
    yield "</properties>"
    place = ' classname="%s" time="0"' % _attribute(".".join(filter(None, (group.server, group.rule))))
    ordinals = Ordinals()
    for finding in group.findings:
        yield from _case(reading, finding, place, ordinals)
    yield "</testsuite>"


def _properties(reading: Reading, group: Group) -> Iterator[Tuple[str, str]]:
    policy = reading.document["policy"]
    yield "policy", policy["name"]
    yield "policy_sha256", policy["sha256"]
    rule = reading.rules.get(group.rule)
    if rule is not None:
        yield "severity", rule["severity"]
        yield "rule_version", str(rule["version"])
        yield "controls", ", ".join(rule["controls"])
        yield "parameters", as_words(rule["parameters"])


def _case(reading: Reading, finding: Entry, place: str, ordinals: Ordinals) -> Iterator[str]:
    name = object_words(finding)
    ordinal = ordinals.of(name)
    opening = '<testcase name="%s"%s' % (_attribute(name if ordinal == 1 else "%s #%d" % (name, ordinal)), place)
    status = finding["status"]
    stated = reading.statement_words(finding)
    if status == PASS:
        yield opening + (">\n<system-out>%s</system-out>\n</testcase>" % _escaped(stated) if stated else "/>")
        return
    element = _ELEMENTS[status]
    kind = finding["severity"] if status == FAIL else status
    message = " ".join(filter(None, (finding["reason"], stated)))
    text = "\n".join("%s: %s" % line for line in _details(reading, finding).items())
    yield opening + ">"
    yield "<%s%s>%s</%s>" % (element, _attributes(type=kind, message=message), _escaped(text), element)
    yield "</testcase>"


def _details(reading: Reading, finding: Entry) -> Dict[str, str]:
    details = {
        "rule": "%s (%s)" % (finding["rule"], finding["severity"]),
        "object": "%s %s" % (object_words(finding), finding["uid"] or ""),
        "measured": as_words(finding["measured"]),
        "expected": as_words(finding["expected"]),
        "evidence": "; ".join("%s %s sha256:%s" % (answer["time"], answer["url"], answer["sha256"]) for answer in reading.evidence(finding)),
    }
    return {name: value.strip() for name, value in details.items() if value.strip()}


def _attributes(**values: object) -> str:
    return "".join(' %s="%s"' % (name, _attribute(str(value))) for name, value in values.items())


def _attribute(text: str) -> str:
    escaped = _escaped(text).replace('"', "&quot;")
    # A parser reads line ends and tabs of an attribute as blanks, unless they are written as numbers.
    return escaped if escaped.isprintable() else escaped.replace("\t", "&#9;").replace("\n", "&#10;")


def _escaped(text: str) -> str:
    escaped = shown(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped if escaped.isprintable() else escaped.replace("\r", "&#13;")
