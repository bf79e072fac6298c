# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The findings as JUnit XML, which CI servers show as tests. Private to this collection.

The form is that of the schema ``junit-10.xsd`` of the xUnit plugin of Jenkins, which GitLab and Azure DevOps read as well: a suite for each rule of
each server, a case for each object. What failed is a ``failure``, what could not be looked at by a fault an ``error``; what is waived or
not assessable is ``skipped``.
"""

from __future__ import annotations

import re
from typing import Iterator, Tuple

from ..document import Document
from ..model import ERROR, FAIL, NOT_ASSESSABLE, PASS, WAIVED
from .reading import Entry, Group, Ordinals, Reading, as_words, counted, in_blocks, object_words, shown

# What has a meaning in XML, and what is no plain character of a line.
_SPECIAL = re.compile("[^ !#-%'-;=?-~\u00a1-\u00ac\u00ae-\u02ff]")
_ELEMENTS = {FAIL: "failure", ERROR: "error", WAIVED: "skipped", NOT_ASSESSABLE: "skipped"}


def write(document: Document) -> bytes:
    """Return the findings as JUnit XML in UTF-8."""
    return b"".join(pieces(document))


def pieces(document: Document) -> Iterator[bytes]:
    """Yield the findings as JUnit XML in UTF-8, piece by piece."""
    return in_blocks(line + "\n" for line in _lines(document))


def _lines(document: Document) -> Iterator[str]:
    reading = Reading(document)
    counts = counted(document["findings"])
    name = "Audit by the policy %s" % document["policy"]["name"]
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield "<testsuites%s>" % _attributes(name=name, tests=sum(counts.values()), failures=counts[FAIL], errors=counts[ERROR])
    for group in reading.groups():
        yield from _suite(reading, group)
    yield "</testsuites>"


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
    text = "\n".join(["%s: %s" % line for line in _details(reading, finding, name)])
    told = (opening, element, kind, _attribute(message), _escaped(text), element)
    yield '%s>\n<%s type="%s" message="%s">%s</%s>\n</testcase>' % told


def _details(reading: Reading, finding: Entry, name: str) -> Iterator[Tuple[str, str]]:
    details = (
        ("rule", "%s (%s)" % (finding["rule"], finding["severity"])),
        ("object", "%s %s" % (name, finding["uid"] or "")),
        ("measured", as_words(finding["measured"])),
        ("expected", reading.expected_words(finding)),
        ("evidence", reading.evidence_words(finding, _evidence, "; ")),
    )
    return ((told, value.strip()) for told, value in details if value.strip())


def _evidence(answer: Entry) -> str:
    return "%s %s sha256:%s" % (answer["time"], answer["url"], answer["sha256"])


def _attributes(**values: object) -> str:
    return "".join(' %s="%s"' % (name, _attribute(str(value))) for name, value in values.items())


def _attribute(text: str) -> str:
    if not _SPECIAL.search(text):
        return text
    # A parser reads line ends and tabs of an attribute as blanks, unless they are written as numbers.
    return _escaped(text).replace('"', "&quot;").replace("\t", "&#9;").replace("\n", "&#10;")


def _escaped(text: str) -> str:
    if not _SPECIAL.search(text):
        return text
    return shown(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")
