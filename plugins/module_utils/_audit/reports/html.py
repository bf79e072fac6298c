# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report for people: one HTML file that asks nobody for anything. Private to this collection."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from itertools import chain
from typing import Any, Dict, Iterator, List, Mapping, Sequence, Tuple

from ..model import ERROR, FAIL, NOT_ASSESSABLE, PASS, SEVERITIES, STATUSES, WAIVED
from .html_addresses import server_address
from .html_drift import drift_section
from .html_estate import server_section, warnings_of
from .html_findings import attested_passes, by_rule, findings_section, first_steps, not_assessed_section
from .html_markup import SIGNS, WORDS, Content, Head, Markup, badge, count, el, joined, moment, opened, row, table
from .html_reference import evidence_section, fails_in_words, policy_section, rules_section, statements_section
from .html_style import SCRIPT, STYLE
from .html_trends import trends_section
from .reading import as_utf8

Entry = Mapping[str, Any]

VERDICTS: Dict[str, str] = {
    PASS: "Everything is as the policy says.",
    WAIVED: "Everything is as the policy says, but for what is waived.",
    NOT_ASSESSABLE: "Nothing breaks the policy, but not everything could be assessed.",
    FAIL: "Backups are not as the policy says.",
    ERROR: "The audit is incomplete: something could not be checked because of an error.",
}


def write(document: Mapping[str, Any]) -> bytes:
    """Return the report as UTF-8.

    Style and script are the only ones that its Content-Security-Policy lets run; it loads nothing. The same document gives the same bytes.
    """
    return b"".join(pieces(document))


def pieces(document: Mapping[str, Any]) -> Iterator[bytes]:
    """Yield the report piece by piece: as one element it would be in memory once for each element around."""
    return map(as_utf8, chain(("<!DOCTYPE html>\n", opened("html", lang="en"), _head(document)), _body(document), ("</html>\n",)))


def _source(text: str) -> str:
    return "'sha256-%s'" % base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def _head(document: Mapping[str, Any]) -> Markup:
    allowed = "default-src 'none'; style-src %s; script-src %s; base-uri 'none'; form-action 'none'" % (_source(STYLE), _source(SCRIPT))
    # The quotes of a policy may stand in a double-quoted attribute as they are; browsers read both alike, people this one better.
    security = Markup('<meta http-equiv="Content-Security-Policy" content="%s">' % allowed)
    return el(
        "head",
        Markup('<meta charset="utf-8">'),
        security,
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("meta", name="referrer", content="no-referrer"),
        el("meta", name="robots", content="noindex"),
        el("meta", name="generator", content="%s %s" % (document["tool"]["name"], document["tool"]["version"])),
        el("title", "Backup audit, %s" % document["as_of"][:10]),
        el("style", Markup(STYLE)),
    )


def _body(document: Mapping[str, Any]) -> Iterator[Markup]:
    yield joined((opened("body"), el("a", "Skip to the report", href="#summary", class_="skip"), _banner(document)))
    yield joined((opened("div", class_="page"), _contents(document), opened("main")))
    yield from _sections(document)
    foot = "%s %s. This file asks no server for anything." % (document["tool"]["name"], document["tool"]["version"])
    yield joined((Markup("</main></div>"), el("footer", foot), el("script", Markup(SCRIPT)), Markup("</body>")))


def _sections(document: Mapping[str, Any]) -> Iterator[Markup]:
    as_of, grouped = document["as_of"], by_rule(document)
    yield _summary(document, grouped)
    for number, server in enumerate(document["servers"], 1):
        yield server_section(server, number)
    yield trends_section(document)
    yield drift_section(document)
    yield from (
        findings_section(document, grouped),
        not_assessed_section(document, grouped),
        statements_section("Waivers", "waivers", "Nothing is waived.", document["waivers"], as_of, ("reason", "Reason")),
        statements_section("Attestations", "attestations", "Nothing is attested.", document["attestations"], as_of, ("statement", "Statement")),
        rules_section(document["rules"]),
        evidence_section(document["servers"]),
        policy_section(document),
    )


def _banner(document: Mapping[str, Any]) -> Markup:
    told = joined(("As of ", moment(document["as_of"]), " · Policy ", document["policy"]["name"], " · ", count(len(document["servers"]), "Enterprise Manager")))
    return el("header", el("h1", "Backup audit"), el("p", told))


def _contents(document: Mapping[str, Any]) -> Markup:
    links: List[Tuple[str, str]] = [("summary", "Summary")]
    links += [(server_address(number), server["name"]) for number, server in enumerate(document["servers"], 1)]
    links += [
        ("trends", "Trends"),
        ("drift", "Drift"),
        ("findings", "Findings"),
        ("unassessed", "Not assessed"),
        ("waivers", "Waivers"),
        ("attestations", "Attestations"),
    ]
    links += [("rules", "Rules"), ("evidence", "Evidence"), ("policy", "Policy")]
    return el("nav", el("ul", *(el("li", el("a", words, href="#" + where)) for where, words in links)), aria_label="Contents")


def _summary(document: Mapping[str, Any], grouped: Mapping[str, Sequence[Entry]]) -> Markup:
    summary = document["summary"]
    parts: List[Content] = [
        el("h2", "Summary", id="summary"),
        el("div", el("p", badge(summary["verdict"]), class_="word"), el("p", VERDICTS[summary["verdict"]]), class_="verdict " + summary["verdict"]),
        el("p", _sum_in_words(document)),
        el("ul", *(_tile(status, document) for status in STATUSES), class_="tiles"),
        first_steps(document, grouped),
        _servers(document),
        _minded(document["servers"]),
    ]
    return el("section", *parts, aria_labelledby="summary")


def _sum_in_words(document: Mapping[str, Any]) -> str:
    """Return in one sentence how much was looked at and what came of it."""
    fails, judged = document["summary"][FAIL], sum(document["summary"][status] for status in STATUSES)
    rules = sum(rule["enabled"] for rule in document["rules"])
    broken = "%s of %s %s the policy" % (count(fails), count(judged, "judgement"), "breaks" if fails == 1 else "break")
    return "%s on %s; %s." % (count(rules, "rule"), count(len(document["servers"]), "Enterprise Manager"), broken)


def _tile(status: str, document: Mapping[str, Any]) -> Markup:
    summary, more = document["summary"], ""
    if status == FAIL:
        more = fails_in_words(summary)
    elif status == PASS and attested_passes(document):
        more = "%s of them by attestation" % count(attested_passes(document))
    sign = el("span", SIGNS[status] + " " + WORDS[status], class_="status " + status)
    return el("li", el("b", count(summary[status]), data_count=status), sign, el("small", more) if more else None)


def _servers(document: Mapping[str, Any]) -> Markup:
    """Return what came of each Enterprise Manager, and of the audit itself where something is said of that, so that all adds up."""
    heads: List[Head] = ["Enterprise Manager", "Verdict", *(("%s %s" % (SIGNS[status], WORDS[status]), "number") for status in STATUSES), "Fails by severity"]
    rows: List[Tuple[Content, Entry]] = [
        (el("a", server["name"], href="#" + server_address(number)), server["summary"]) for number, server in enumerate(document["servers"], 1)
    ]
    own = [finding for finding in document["findings"] if not finding["server"]]
    if own:
        rows.append(("The audit itself: its waivers and attestations", _summary_of(own)))
    styles = ("", "", *("number" for _status in STATUSES), "")
    lines = [
        row((name, badge(summary["verdict"]), *(count(summary[status]) for status in STATUSES), fails_in_words(summary)), styles) for name, summary in rows
    ]
    return joined((el("h3", "Enterprise Managers"), table("What came of each Enterprise Manager", heads, lines, "servers")))


def _summary_of(findings: Sequence[Entry]) -> Entry:
    """Return counts in the form that a document has them in."""
    found = Counter(finding["status"] for finding in findings)
    grave = Counter(finding["severity"] for finding in findings if finding["status"] == FAIL)
    verdict = next((status for status in (ERROR, FAIL, NOT_ASSESSABLE, WAIVED) if found[status]), PASS)
    return {"verdict": verdict, **{status: found[status] for status in STATUSES}, "fail_by_severity": {severity: grave[severity] for severity in SEVERITIES}}


def _minded(servers: Sequence[Entry]) -> Markup:
    """Return what a reader has to mind: what was not seen is in no verdict."""
    minded = [(server["name"], warning) for server in servers for warning in warnings_of(server)]
    if not minded:
        return Markup("")
    lines = (el("li", name + ": " if len(servers) > 1 else "", warning) for name, warning in minded)
    return el("div", el("h3", "Mind when reading"), el("ul", *lines), class_="minded")
