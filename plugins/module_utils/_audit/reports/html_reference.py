# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an HTML report rests on: waivers, attestations, rules, answers as evidence, policy. Private to this collection."""

from __future__ import annotations

from collections import Counter
from typing import Any, List, Mapping, Optional, Sequence, Tuple

from ..model import FAIL, SEVERITIES, STATUSES
from ..statements import ACTIVE, begin_of
from ..times import DAY, seconds_of
from .html_addresses import answer_address, listed_answers, rule_address
from .html_markup import Content, Markup, badge, count, details, el, in_words, joined, moment, pairs, row, severity_mark, size_words, table

Entry = Mapping[str, Any]

_OPEN_ANSWERS = 10


def days_left(expires: Optional[str], as_of: str) -> Optional[float]:
    """Return how many days are left until a day has ended or a time in UTC has come, below zero when it is over; None without one."""
    if not expires:
        return None
    end = begin_of(expires) + (0 if "T" in expires else DAY)
    return (end - seconds_of(as_of)) / DAY


def statements_section(heading: str, identity: str, none: str, entries: Sequence[Entry], as_of: str, text: Tuple[str, str]) -> Markup:
    """Return waivers or attestations, those that run out first at the top.

    Args: none: the sentence in place of an empty list; text: key and label of what is said (reason or statement).
    """
    head = el("h2", heading, id=identity)
    if not entries:
        return el("section", head, el("p", none, class_="quiet"), aria_labelledby=identity)
    ordered = sorted(entries, key=lambda entry: (str(entry.get("expires") or "9999"), str(entry.get("id"))))
    states = Counter(_state(entry) for entry in ordered)
    sentence = "%s: %s." % (count(len(ordered), heading.lower().rstrip("s")), ", ".join("%s %s" % (count(number), state) for state, number in states.items()))
    heads = ("Id", "Rules", "Of", text[1], "Owner", "State", "Expires", "More")
    lines = [_statement(entry, as_of, text[0]) for entry in ordered]
    return el("section", head, el("p", sentence), table(heading, heads, lines, "statements"), aria_labelledby=identity)


def _state(entry: Entry) -> str:
    return str(entry.get("state") or "not applied").replace("_", " ")


_SAID = ("id", "rule", "rules", "scope", "owner", "state", "expires", "to_sign")


def _statement(entry: Entry, as_of: str, text: str) -> Markup:
    left = days_left(entry.get("expires"), as_of)
    remaining = None if left is None else "over" if left < 0 else "%s left" % count(int(left), "day")
    more = {key: value for key, value in entry.items() if key not in (*_SAID, text) and value not in (None, "", [], {})}
    rules = entry.get("rules", entry.get("rule"))
    scope = {key: value for key, value in (entry.get("scope") or {}).items() if value}
    return row(
        (
            str(entry.get("id")),
            in_words(rules) if rules else "",
            in_words(scope) if scope else "everything",
            str(entry.get(text) or ""),
            str(entry.get("owner") or ""),
            _state(entry) if entry.get("state") == ACTIVE else el("strong", "! " + _state(entry)),
            joined((moment(entry.get("expires")), el("small", remaining) if remaining else None)),
            joined(el("small", "%s: %s" % (key.replace("_", " "), in_words(value))) for key, value in more.items()),
        )
    )


def rules_section(rules: Sequence[Entry]) -> Markup:
    """Return every rule with why, how and fix; those that are off as well, so that silence is no pass."""
    enabled = sum(rule["enabled"] for rule in rules)
    sentence = "%s, %s of them on." % (count(len(rules), "rule"), count(enabled))
    return el("section", el("h2", "Rules", id="rules"), el("p", sentence), *map(_rule, rules), aria_labelledby="rules")


def _rule(rule: Entry) -> Markup:
    summary = rule["summary"]
    state = badge(summary["verdict"]) if rule["enabled"] and _judged(summary) else el("span", "nothing to judge" if rule["enabled"] else "off", class_="quiet")
    head = joined((el("span", rule["id"], class_="id"), " ", el("span", rule["title"], class_="title"), " ", el("span", state, class_="counts")))
    counts = ", ".join("%s %s" % (count(summary[status]), status.replace("_", " ")) for status in STATUSES if summary[status])
    told = pairs(
        (
            ("Why", rule["why"]),
            ("How it is measured", rule["how"]),
            ("How to fix", rule["fix"]),
            ("What the API does not tell", rule["limits"]),
            ("Severity", severity_mark(rule["severity"])),
            ("Judged", counts),
            ("Parameters", in_words(rule["parameters"]) if rule["parameters"] else ""),
            ("Controls", ", ".join(rule["controls"])),
            ("Version of the rule", str(rule["version"])),
        )
    )
    return details(head, told, id=rule_address(rule["id"]), class_="rule")


def _judged(summary: Entry) -> int:
    return sum(summary[status] for status in STATUSES)


def evidence_section(servers: Sequence[Entry]) -> Markup:
    """Return the answers that everything rests on: where from, which bytes, when."""
    said = "Each answer that was read, with the SHA-256 of the bytes that came. Findings name answers by their number; the evidence pack holds them."
    parts: List[Content] = [el("h2", "Evidence", id="evidence"), el("p", said)]
    for number, server in enumerate(servers, 1):
        answers = server["answers"]
        rows = [_answer(answer, number) for answer in listed_answers(server, len(servers))]
        heads = (("Number", "number"), "Answer of", "SHA-256", "Time", ("Size", "number"))
        shown = table("Answers of %s" % server["name"], heads, rows, "answers")
        more = el("p", "%s more: see the evidence pack." % count(len(answers) - len(rows), "answer"), class_="note") if len(answers) > len(rows) else None
        title = "%s: %s" % (server["name"], count(len(answers), "answer"))
        parts.append(details(title, shown, more, class_="bulk" if len(rows) > 500 else None, open_=len(rows) <= _OPEN_ANSWERS) if answers else el("p", title))
    return el("section", *parts, aria_labelledby="evidence")


def _answer(answer: Entry, server_number: int) -> Markup:
    cells = (str(answer["number"]), answer["url"], el("code", answer["sha256"]), moment(answer["time"]), size_words(answer["size"]))
    return row(cells, ("number", "address", "", "", "number"), id=answer_address(server_number, answer["number"]))


def policy_section(document: Mapping[str, Any]) -> Markup:
    """Return which policy was held against the facts, and which version of the collection did it."""
    policy, tool = document["policy"], document["tool"]
    told = pairs(
        (
            ("Name", policy["name"]),
            ("What it is for", policy["description"]),
            ("Packs", ", ".join(policy["packs"])),
            ("Read from", policy["source"]),
            ("SHA-256", el("code", policy["sha256"]) if policy["sha256"] else None),
            ("As of", moment(document["as_of"])),
            ("Made by", "%s %s" % (tool["name"], tool["version"])),
        )
    )
    return el("section", el("h2", "Policy", id="policy"), told, aria_labelledby="policy")


def fails_in_words(summary: Entry) -> str:
    """Return fails by severity in words, "" without any."""
    numbers = summary["fail_by_severity"]
    return ", ".join("%s %s" % (count(numbers[severity]), severity) for severity in SEVERITIES if numbers[severity]) if summary[FAIL] else ""
