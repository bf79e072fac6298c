# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter audit_report: what came of an audit, as lines for people."""

from __future__ import annotations

from collections import Counter
from typing import Any, Callable, Dict, List, Mapping, Sequence

from ansible.errors import AnsibleFilterError

DOCUMENTATION = r"""
name: audit_report
short_description: Lay out what came of an audit as lines
version_added: 0.3.0
author:
  - Contributors to the openbackup.veeam_em collection (@openbackup)
description:
  - Takes the result of M(openbackup.veeam_em.veeam_em_audit) and returns lines of text with the verdict, the counts of each server, what fails with its
    reason, the gravest first, how much could not be assessed, and where reports and evidence are.
positional: limit
options:
  _input:
    description:
      - What M(openbackup.veeam_em.veeam_em_audit) returned.
    type: dict
    required: true
  limit:
    description:
      - The most findings to list, 1 or more. Each rule that something breaks has its part of them; a line counts the others by rule.
    type: int
    default: 50
seealso:
  - module: openbackup.veeam_em.veeam_em_audit
"""

EXAMPLES = r"""
- name: Judge by the usual rules
  openbackup.veeam_em.veeam_em_audit:
    host: em01.example.com
  register: audit

- name: Show what came of it
  ansible.builtin.debug:
    msg: "{{ audit | openbackup.veeam_em.audit_report }}"
"""

RETURN = r"""
_value:
  description:
    - Lines for people.
  type: list
  elements: string
  sample:
    - 'FAIL by the policy baseline, as of 2026-11-22T06:00:00Z'
    - '  em01.example.com:9398: 1 fail (1 high), 0 waived, 9 not assessable, 0 errors, 1024 pass'
    - ''
    - 'Fails:'
    - '  high: C02 The newest restore point is within the RPO'
    - '      srv-sql-01 on vbr01.example.com: Its newest restore point is 31.2 hours old; 24.0 hours are allowed.'
"""

_SEVERITIES = ("high", "medium", "low")
_LONGEST_REASON = 220
_LONGEST_DOUBT = 200
_HEADINGS = (("error", "Errors:"), ("fail", "Fails:"))

Found = Mapping[str, Any]


def _number_of(word: str, number: int) -> str:
    return "%d %s%s" % (number, word, "" if number == 1 else "s")


def counts_text(counts: Mapping[str, Any]) -> str:
    """Return counts in words: ``3 fails (1 high, 2 medium), 1 waived, 9 not assessable, 0 errors, 1024 pass``."""
    graver = ["%d %s" % (counts["fail_by_severity"][severity], severity) for severity in _SEVERITIES if counts["fail_by_severity"].get(severity)]
    fails = _number_of("fail", counts["fail"]) + (" (%s)" % ", ".join(graver) if graver else "")
    errors = _number_of("error", counts["error"])
    return "%s, %d waived, %d not assessable, %s, %d pass" % (fails, counts["waived"], counts["not_assessable"], errors, counts["pass"])


def _shortened(text: str, longest: int = _LONGEST_REASON) -> str:
    one_line = " ".join(text.split())
    if len(one_line) <= longest:
        return one_line
    whole = one_line[: longest + 1].rpartition(". ")[0]  # whole sentences read better than more words
    return whole + ". …" if whole else one_line[: longest - 1].rstrip() + "…"


def _line_of(finding: Found, several: bool) -> str:
    places = [finding["backup_server"]] if finding["backup_server"] else []
    if several and finding["server"] and finding["object"] != finding["server"]:
        places.append(finding["server"])
    where = " on %s" % ", ".join(places) if places else ""
    return "      %s%s: %s" % (finding["object"], where, _shortened(finding["reason"]))


def _heading_of(finding: Found) -> str:
    return "  %s: %s %s" % (finding["severity"], finding["rule"], finding["title"])


def _rest(findings: Sequence[Found]) -> str:
    rules = Counter("%s (%s)" % (finding["rule"], finding["severity"]) for finding in findings)
    return "  ... and %d more: %s" % (len(findings), ", ".join("%d of %s" % (number, rule) for rule, number in rules.items()))


def _shares(sizes: Sequence[int], limit: int) -> List[int]:
    """Return how many of each group are listed: one of each while the limit lasts, and what is left of it in equal parts."""
    shares = [1 if number < limit else 0 for number in range(len(sizes))]
    left = limit - sum(shares)
    for done, number in enumerate(sorted(range(len(sizes)), key=sizes.__getitem__)):
        more = min(sizes[number] - 1, left // (len(sizes) - done))
        shares[number] += more
        left -= more
    return shares


def _problem_lines(result: Mapping[str, Any], limit: int) -> List[str]:
    several = len(result["servers"]) > 1
    lines: List[str] = []
    for status, heading in _HEADINGS:
        if not result["counts"][status]:
            continue
        found = [finding for finding in result["findings"] if finding["status"] == status]
        lines += ["", heading]
        by_heading: Dict[str, List[Found]] = {}
        for finding in found:
            by_heading.setdefault(_heading_of(finding), []).append(finding)
        left_out: List[Found] = []
        for (head, group), share in zip(by_heading.items(), _shares([len(group) for group in by_heading.values()], limit)):
            lines += [head, *(_line_of(finding, several) for finding in group[:share])] if share else []
            left_out += group[share:]
        if left_out:
            lines.append(_rest(left_out))
        if result["counts"][status] > len(found):
            lines.append("  ... and %d that were not returned; the reports hold all." % (result["counts"][status] - len(found)))
        limit = max(1, limit - len(found))
    return lines


def _unseen_lines(findings: Sequence[Found]) -> List[str]:
    by_rule: Dict[str, List[Found]] = {}
    for finding in findings:
        if finding["status"] == "not_assessable":
            by_rule.setdefault("%s %s" % (finding["rule"], finding["title"]), []).append(finding)
    lines = ["", "Could not be assessed, so nobody should take it for good:"] if by_rule else []
    for rule, found in sorted(by_rule.items()):
        more = " And %d more." % (len(found) - 1) if len(found) > 1 else ""
        lines += ["  %s" % rule, "      %s: %s%s" % (found[0]["object"], _shortened(found[0]["reason"], _LONGEST_DOUBT), more)]
    return lines


def _file_lines(result: Mapping[str, Any]) -> List[str]:
    lines = ["%s report: %s" % (report["format"], report["path"]) for report in result["reports"]]
    if result["evidence"]:
        lines += ["evidence: %s" % result["evidence"]["path"], "its digest: %s" % result["evidence"]["digest"]]
    return ["", *lines] if lines else []


def audit_report(result: Any, limit: int = 50) -> List[str]:
    """Return what came of an audit as lines.

    Args:
        result: what veeam_em_audit returned.
        limit: the most findings to list.
    Raises: AnsibleFilterError for anything else.
    """
    if not isinstance(result, Mapping) or not {"verdict", "counts", "servers", "findings"}.issubset(result):
        raise AnsibleFilterError("audit_report takes the result of veeam_em_audit, of a run that did not fail.")
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        raise AnsibleFilterError("audit_report: limit is %r; give 1 or more." % (limit,))
    verdict = result["verdict"].replace("_", " ").upper()
    softened = ": nothing breaks it, but not everything could be assessed" if result["verdict"] == "not_assessable" else ""
    lines = ["%s by the policy %s, as of %s%s" % (verdict, result["policy"]["name"], result["as_of"], softened)]
    for server in result["servers"]:
        lines.append("  %s: %s" % (server["name"], counts_text(server["counts"])))
        if server["sees_all"] is False:
            lines.append("    The account sees a part of the estate only; what it does not see was not judged.")
    if len(result["servers"]) > 1:
        lines.append("  all together: %s" % counts_text(result["counts"]))
    return lines + _problem_lines(result, limit) + _unseen_lines(result["findings"]) + _file_lines(result)


class FilterModule:
    """The filters of this file, by name."""

    def filters(self) -> Dict[str, Callable[..., List[str]]]:
        """Return the filters."""
        return {"audit_report": audit_report}
