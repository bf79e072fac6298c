# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an HTML report shows of drift: what was added, removed and changed since the baseline, with before and after. Private to this collection."""

from __future__ import annotations

from collections import Counter
from typing import Any, Iterator, List, Mapping, Sequence, Tuple

from ..model import FAIL, PASS, WAIVED
from .html_addresses import findings_address
from .html_markup import Content, Markup, badge, count, details, el, in_words, joined, row, table

Entry = Mapping[str, Any]

DRIFT_RULE = "C40"
LISTED_CHANGES = 2000
_PRINTED_ROWS, _OPEN_ROWS = 500, 40
_ADDED, _REMOVED, _CHANGED = "added", "removed", "changed"
_SIGNS = {_ADDED: "+", _REMOVED: "−", _CHANGED: "~"}


def drift_section(document: Entry) -> Markup:
    """Return how the configuration differs from the baseline; the findings of its rule say so."""
    findings = [finding for finding in document["findings"] if finding["rule"] == DRIFT_RULE]
    parts: List[Content] = [el("h2", "Drift", id="drift")]
    if not findings:
        parts.append(el("p", "The configuration was compared with no baseline: the policy does not ask for it.", class_="quiet"))
    for server in document["servers"]:
        own = [finding for finding in findings if finding["server"] == server["name"]]
        if own:
            parts.append(_of_server(server["name"], own, len(document["servers"]) > 1))
    return el("section", *parts, aria_labelledby="drift")


def _of_server(server: str, findings: Sequence[Entry], several: bool) -> Markup:
    differing = [finding for finding in findings if finding["status"] in (FAIL, WAIVED)]
    unseen = [finding for finding in findings if finding["status"] not in (PASS, FAIL, WAIVED)]
    parts: List[Content] = [el("h3", server) if several else None, el("p", _in_words(differing, len(unseen)))]
    parts += (el("p", badge(finding["status"]), " ", finding["reason"]) for finding in unseen)
    if differing:
        parts.append(_changes(server, differing))
    return joined(parts)


def _in_words(differing: Sequence[Entry], unseen: int) -> str:
    found = Counter(map(_what, differing))
    if not differing:
        return "Nothing of what was compared differs from the baseline." if not unseen else "Nothing differs in what could be compared."
    told = ", ".join("%s %s" % (count(found[what]), what) for what in _SIGNS if found[what])
    return "%s from the baseline: %s." % (count(len(differing), "thing differs", "things differ"), told)


def _what(finding: Entry) -> str:
    if finding["expected"] is None:
        return _ADDED
    return _REMOVED if finding["measured"] is None else _CHANGED


def _changes(server: str, differing: Sequence[Entry]) -> Markup:
    lines = [line for finding in sorted(differing, key=_order) for line in _lines(finding)]
    listed = lines[:LISTED_CHANGES]
    shown = table("What differs from the baseline on %s" % server, ("Object", "What", "Field", "Before", "After"), listed, "drift")
    more = "%s more: see the JSON report. " % count(len(lines) - len(listed), "change") if len(lines) > len(listed) else ""
    note = el("p", more, el("a", "Findings of %s" % DRIFT_RULE, href="#" + findings_address(DRIFT_RULE)), " have the evidence.", class_="note")
    bulk = "bulk" if len(listed) > _PRINTED_ROWS else None
    return details("Every change (%s)" % count(len(lines)), shown, note, class_=bulk, open_=len(listed) <= _OPEN_ROWS)


def _order(finding: Entry) -> Tuple[int, str, str, str]:
    return (list(_SIGNS).index(_what(finding)), finding["object_type"], finding["object"].casefold(), finding["backup_server"])


def _lines(finding: Entry) -> Iterator[Markup]:
    """Yield a row for each field that differs, one for a whole thing."""
    what, before, after = _what(finding), finding["expected"], finding["measured"]
    waived = el("small", "Waiver %s" % finding["waiver"]) if finding["waiver"] else None
    where = " on %s" % finding["backup_server"] if finding["backup_server"] else ""
    thing = joined((finding["object"], el("small", finding["object_type"].replace("_", " ") + where)))
    how = joined(("%s %s" % (_SIGNS[what], what), waived))
    if what != _CHANGED:
        yield row((thing, how, "", "" if before is None else in_words(before), "" if after is None else in_words(after)))
        return
    for field in before:
        yield row((thing, how, field, in_words(before[field]), in_words(after.get(field))))
