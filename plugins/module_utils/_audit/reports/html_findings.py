# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The findings of an HTML report: by severity and rule, with a filter; what could not be assessed and why. Private to this collection."""

from __future__ import annotations

from collections import Counter
from typing import Any, Dict, List, Mapping, Sequence, Tuple

from ..model import ERROR, FAIL, NOT_ASSESSABLE, PASS, SEVERITIES, WAIVED
from .html_addresses import Places, answer_address, findings_address, rule_address
from .html_markup import WORDS, Content, Markup, badge, count, details, el, in_words, joined, row, severity_mark, table

Entry = Mapping[str, Any]

SHOWN = (ERROR, FAIL, WAIVED, NOT_ASSESSABLE)  # passes are counted, not listed
LISTED_FINDINGS = 8000
_SHOWN_EVIDENCE = 5
_SHOWN_NAMES = 3
_SHOWN_REASONS = 3
_PRINTED_ROWS = 500


def by_rule(document: Mapping[str, Any]) -> Dict[str, List[Entry]]:
    """Return the findings that are listed, by rule: those that most objects break first; in each rule errors and fails come first."""
    grouped: Dict[str, List[Entry]] = {rule["id"]: [] for rule in document["rules"]}
    for finding in document["findings"]:
        if finding["status"] != PASS:
            grouped.setdefault(finding["rule"], []).append(finding)
    ordered = sorted(grouped.items(), key=lambda one: (-_broken(one[1]), one[0]))
    return {rule: sorted(found, key=lambda finding: SHOWN.index(finding["status"])) for rule, found in ordered if found}


def _broken(found: Sequence[Entry]) -> int:
    return sum(finding["status"] in (ERROR, FAIL) for finding in found)


def attested_passes(document: Mapping[str, Any]) -> int:
    """Return how many passes rest on the word of somebody alone."""
    return sum(finding["status"] == PASS and finding["attestation"] is not None for finding in document["findings"])


def listed_of_each(numbers: Sequence[int], allowed: int) -> int:
    """Return how many findings of each rule may be listed so that all together are no more than allowed."""
    low, high = 0, max(numbers, default=0)
    while low < high:
        middle = (low + high + 1) // 2
        if sum(min(number, middle) for number in numbers) <= allowed:
            low = middle
        else:
            high = middle - 1
    return low


def findings_section(document: Mapping[str, Any], grouped: Mapping[str, Sequence[Entry]]) -> Markup:
    """Return all findings that are no passes, the gravest rules first."""
    rules = {rule["id"]: rule for rule in document["rules"]}
    places = Places(document["servers"])
    most = listed_of_each([len(found) for found in grouped.values()], LISTED_FINDINGS)
    parts: List[Content] = [el("h2", "Findings", id="findings"), el("p", _passes(document))]
    if grouped:
        parts.append(_filter(document))
    for severity in SEVERITIES:
        # A finding bears the severity of its rule.
        groups = [
            _group(rules.get(rule, {"id": rule, "title": rule}), found, most, places) for rule, found in grouped.items() if found[0]["severity"] == severity
        ]
        if groups:
            parts.append(el("div", el("h3", severity.capitalize() + " severity"), *groups, class_="severities"))
    return el("section", *parts, aria_labelledby="findings")


def _passes(document: Mapping[str, Any]) -> str:
    passes = document["summary"][PASS]
    return "%s passed and %s not listed here; the JSON and CSV reports have them all." % (count(passes, "judgement"), "is" if passes == 1 else "are")


def _filter(document: Mapping[str, Any]) -> Markup:
    """Return the form that narrows the list; a script brings it to light, because without one it does nothing.

    Ids bear a prefix: inside a form a plain one, such as "matches", would hide a method of the form from scripts.
    """
    severities = [(one, one.capitalize()) for one in SEVERITIES]
    servers = [(str(number), server["name"]) for number, server in enumerate(document["servers"], 1)]
    if any(not finding["server"] for finding in document["findings"]):
        servers.append(("0", "The audit itself"))
    fields = [
        el("label", "Search", el("input", type="search", id="filter-search", autocomplete="off", placeholder="name, rule, words of the reason")),
        _choice("status", "Status", [(status, WORDS[status]) for status in SHOWN]),
        _choice("severity", "Severity", severities),
        _choice("server", "Enterprise Manager", servers) if len(servers) > 1 else None,
        el("button", "Clear", type="reset"),
    ]
    return el("form", *fields, el("output", id="filter-shown", aria_live="polite"), id="filter", role="search", aria_label="Findings", hidden=True)


def _choice(name: str, label: str, values: Sequence[Tuple[str, str]]) -> Markup:
    options = [el("option", "All", value="")] + [el("option", words, value=value) for value, words in values]
    return el("label", label, el("select", *options, id="filter-" + name))


def _group(rule: Entry, found: Sequence[Entry], most: int, places: Places) -> Markup:
    numbers = Counter(finding["status"] for finding in found)
    counted = joined(el("span", badge(status, "%s %s" % (count(numbers[status]), WORDS[status].lower()))) for status in SHOWN if numbers[status])
    summary = joined((el("span", rule["id"], class_="id"), " ", el("span", rule["title"], class_="title"), " ", el("span", counted, class_="counts")))
    rows = [_row(finding, places) for finding in found[:most]]
    heads = ("Object", "Status", "Reason", "Measured and expected", "Backup server", "Evidence")
    parts: List[Content] = [_advice(rule), table("Findings of %s: %s" % (rule["id"], rule["title"]), heads, rows, "findings")]
    if len(found) > len(rows):
        parts.append(
            el("p", "%s of this rule are not listed here; the JSON and CSV reports have them." % count(len(found) - len(rows), "finding"), class_="note")
        )
    return details(
        summary, *parts, id=findings_address(rule["id"]), class_="rule bulk" if len(rows) > _PRINTED_ROWS else "rule", data_severity=found[0]["severity"]
    )


def _advice(rule: Entry) -> Markup:
    return el("p", el("b", "How to fix: "), rule.get("fix") or "see the rule.", " ", el("a", "About %s" % rule["id"], href="#" + rule_address(rule["id"])))


def _row(finding: Entry, places: Places) -> Markup:
    cells = (
        joined((finding["object"], el("small", finding["object_type"].replace("_", " ")))),
        badge(finding["status"]),
        joined((finding["reason"], _stands_for(finding))),
        _numbers(finding),
        finding["backup_server"],
        _evidence(finding, places),
    )
    return row(cells, data_status=finding["status"], data_server=str(places.number(finding["server"])))


def _stands_for(finding: Entry) -> Markup:
    told = [(label, finding[key]) for label, key in (("Waiver", "waiver"), ("Attestation", "attestation")) if finding[key]]
    return joined(el("small", "%s %s" % (label, identity)) for label, identity in told)


def _numbers(finding: Entry) -> Markup:
    measured, expected = finding["measured"], finding["expected"]
    return joined(
        (
            el("span", in_words(measured)) if measured is not None else None,
            el("small", "expected: ", in_words(expected)) if expected is not None else None,
        )
    )


def _evidence(finding: Entry, places: Places) -> Markup:
    """Return the numbers of the answers that a finding rests on, as links where they are on the page."""
    server, answers = finding["server"], finding["evidence"]
    links: List[Content] = []
    for answer in answers[:_SHOWN_EVIDENCE]:
        where = "#" + answer_address(places.number(server), answer)
        links += (" " if links else None, el("a", str(answer), href=where) if places.has(server, answer) else str(answer))
    if len(answers) > _SHOWN_EVIDENCE:
        links.append(" and %s more" % count(len(answers) - _SHOWN_EVIDENCE))
    return joined(links)


def not_assessed_section(document: Mapping[str, Any], grouped: Mapping[str, Sequence[Entry]]) -> Markup:
    """Return what could not be assessed, and why: each reason once, with how many objects it holds for; then what could not be read."""
    titles = {rule["id"]: rule["title"] for rule in document["rules"]}
    lines = [line for rule, found in grouped.items() for line in _reasons(rule, titles.get(rule, ""), found)]
    gaps = [
        row((gap["kind"].replace("_", " "), badge(gap["status"]), gap["reason"], server["name"]))
        for server in document["servers"]
        for gap in server["not_read"]
    ]
    parts: List[Content] = [el("h2", "What could not be assessed", id="unassessed")]
    attested = attested_passes(document)
    if attested:
        parts.append(
            el("p", "%s by attestation: somebody answers for what Enterprise Manager does not tell." % count(attested, "judgement passes", "judgements pass"))
        )
    if lines:
        parts.append(table("What could not be assessed, and why", ("Rule", "Status", "Reason", "Of"), lines, "reasons"))
    else:
        parts.append(el("p", "Every rule could be assessed for everything that it looks at."))
    if gaps:
        parts += (
            el("h3", "What could not be read"),
            table("Records that could not be read", ("Records", "Status", "Reason", "Enterprise Manager"), gaps, "gaps"),
        )
    return el("section", *parts, aria_labelledby="unassessed")


def _reasons(rule: str, title: str, found: Sequence[Entry]) -> List[Markup]:
    """Return why a rule could not be assessed: the reasons that hold for most objects, then how many there are besides."""
    objects: Dict[Tuple[str, str], List[str]] = {}
    for finding in found:
        if finding["status"] in (ERROR, NOT_ASSESSABLE):
            objects.setdefault((finding["status"], finding["reason"]), []).append(finding["object"])
    ordered = sorted(objects.items(), key=lambda one: (SHOWN.index(one[0][0]), -len(one[1]), one[0][1]))
    head = joined((rule, el("small", title)))
    lines = [row((head, badge(status), reason, _names(names))) for (status, reason), names in ordered[:_SHOWN_REASONS]]
    rest = ordered[_SHOWN_REASONS:]
    if rest:
        more = joined((count(len(rest), "more reason"), ": ", el("a", "findings of %s" % rule, href="#" + findings_address(rule))))
        lines.append(row((head, "", more, count(sum(len(names) for _reason, names in rest), "object"))))
    return lines


def _names(objects: Sequence[str]) -> Content:
    more = len(objects) - _SHOWN_NAMES
    return ", ".join(objects[:_SHOWN_NAMES]) + (" and %s more" % count(more) if more > 0 else "")


def first_steps(document: Mapping[str, Any], grouped: Mapping[str, Sequence[Entry]], most: int = 5) -> Markup:
    """Return what to do first: the gravest rules that are broken, and of those the ones that most objects break."""
    rules = {rule["id"]: rule for rule in document["rules"]}
    broken = [(rule, [finding for finding in found if finding["status"] in (ERROR, FAIL)]) for rule, found in grouped.items()]
    urgent = sorted(((rule, found) for rule, found in broken if found), key=lambda one: (SEVERITIES.index(one[1][0]["severity"]), -len(one[1]), one[0]))
    steps = [_step(rules.get(rule, {"id": rule, "title": rule}), found) for rule, found in urgent[:most]]
    if not steps:
        return Markup("")
    rest = "%s with findings below." % count(len(urgent) - most, "more rule") if len(urgent) > most else None
    return joined((el("h3", "What to do first"), el("ol", *steps, class_="steps"), el("p", rest, class_="quiet") if rest else None))


def _step(rule: Entry, found: Sequence[Entry]) -> Markup:
    errors = all(finding["status"] == ERROR for finding in found)
    todo = "It could not be checked: " + found[0]["reason"] if errors else rule.get("fix") or ""
    link = el("a", rule["title"], href="#" + findings_address(rule["id"]))
    head = el("div", severity_mark(found[0]["severity"]), " ", el("b", link), " ", el("span", "%s" % count(len(found), "object"), class_="quiet"))
    return el("li", head, el("div", todo), el("small", _names([finding["object"] for finding in found])))
