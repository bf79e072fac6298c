# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an HTML report shows of earlier audits: how findings, 3-2-1-1-0, RPO and repositories went from audit to audit. Private to this collection."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ..model import ERROR, FAIL, NOT_ASSESSABLE, SEVERITIES
from . import svg
from .html_estate import DIGITS
from .html_markup import Content, Head, Markup, badge, count, details, el, joined, moment, row, size_words, table

Entry = Mapping[str, Any]

LISTED_AUDITS = 60
LISTED_REPOSITORIES = 100
_OTHER_POLICY = "†"


class _Series(NamedTuple):
    """What is drawn over the audits.

    Its name, the class of its colour, its value at a point (None where nobody knows), that in words, and what would be all of it (0 for no limit).
    """

    name: str
    style: str
    value: Callable[[Entry], Optional[float]]
    words: Callable[[float], str]
    whole: float = 0.0


def _failed(severity: str) -> Callable[[Entry], Optional[float]]:
    return lambda point: float(point["summary"]["fail_by_severity"][severity])


def _share(part: str, among: str) -> Callable[[Entry], Optional[float]]:
    return lambda point: point[among][part] / point[among]["machines"] if point[among]["machines"] else None


def _percent(share: float) -> str:
    return "%.1f %%" % (100 * share)


def _whole(number: float) -> str:
    return count(int(number))


_STYLES = ("bad", "middling", "unknown")
_SERIES: Tuple[_Series, ...] = (
    *(_Series("✗ Fails, %s" % severity, style, _failed(severity), _whole) for severity, style in zip(SEVERITIES, _STYLES)),
    _Series("? Not assessable", "unknown", lambda point: float(point["summary"][NOT_ASSESSABLE] + point["summary"][ERROR]), _whole),
    _Series("3-2-1-1-0 kept", "good", _share("kept", "matrix"), _percent, 1.0),
    _Series("Within RPO", "good", _share("within", "rpo"), _percent, 1.0),
)


def trends_section(document: Entry) -> Markup:
    """Return how each Enterprise Manager fared from audit to audit."""
    servers, own = document["servers"], document["policy"]["sha256"]
    several = len(servers) > 1
    parts = [_of_server(server, own, several) for server in servers]
    return el("section", el("h2", "Trends", id="trends"), *parts, aria_labelledby="trends")


def _of_server(server: Entry, own_policy: str, several: bool) -> Markup:
    points = server["trends"][-LISTED_AUDITS:]
    head = el("h3", server["name"]) if several else None
    if len(points) < 2:
        return joined((head, el("p", "There is no earlier audit to compare with. Give the audit earlier evidence packs, and it shows how things went.")))
    parts: List[Content] = [head, el("p", _in_words(server["trends"], points))]
    if any(_is_other(point, own_policy) for point in points):
        parts.append(el("p", "Audits with %s went by another policy than this one: their numbers need not compare." % _OTHER_POLICY, class_="note"))
    axis = el("div", moment(points[0]["gathered_at"]), moment(points[-1]["gathered_at"]), class_="axis")
    parts.append(el("div", *(_multiple(series, points) for series in _SERIES), axis, class_="multiples"))
    parts += (_numbers(points, own_policy, server["name"]), _capacity(points, server["name"]))
    return joined(parts)


def _in_words(known: Sequence[Entry], points: Sequence[Entry]) -> str:
    first, last = (point["summary"][FAIL] for point in (points[0], points[-1]))
    went = "as many as" if first == last else "%s than" % ("more" if last > first else "fewer")
    told = "%s, the last one this. It has %s, %s the first one here (%s)." % (count(len(points), "audit"), count(last, "fail"), went, count(first))
    return told if len(known) == len(points) else told + " %s before are in the JSON report." % count(len(known) - len(points), "audit")


def _is_other(point: Entry, own_policy: str) -> bool:
    return bool(point["policy"]["sha256"] != own_policy)


def _multiple(series: _Series, points: Sequence[Entry]) -> Markup:
    values = [series.value(point) for point in points]
    told = ["%s: %s" % (point["gathered_at"][:10], "not known" if value is None else series.words(value)) for point, value in zip(points, values)]
    known = [value for value in values if value is not None]
    spoken = "%s, from %s to %s: %s" % (series.name, points[0]["gathered_at"][:10], points[-1]["gathered_at"][:10], _ends(values, series))
    drawn = svg.columns([(value or 0, title) for value, title in zip(values, told)], series.style, spoken, series.whole)
    least = "lowest: %s" % series.words(min(known)) if known else ""
    now = "not known" if values[-1] is None else series.words(values[-1])
    return el("div", el("div", el("b", series.name), el("span", now), el("small", least)), drawn, class_="multiple")


def _ends(values: Sequence[Optional[float]], series: _Series) -> str:
    first, last = ("not known" if value is None else series.words(value) for value in (values[0], values[-1]))
    return "first %s, last %s" % (first, last)


def _numbers(points: Sequence[Entry], own_policy: str, server: str) -> Markup:
    heads: List[Head] = [
        "Audit",
        "Policy",
        "Verdict",
        *((series.name, "number") for series in _SERIES),
        *(("%s %s" % (sign, name), "number") for sign, _key, name, _asked in DIGITS),
    ]
    styles = ("", "", "", *("number" for _head in heads[3:]))
    lines = []
    for point in points:
        values = (series.value(point) for series in _SERIES)
        told = ["not known" if value is None else series.words(value) for value, series in zip(values, _SERIES)]
        digits = [count(point["matrix"]["digits"][key]) if point["matrix"]["machines"] else "not known" for _sign, key, _name, _asked in DIGITS]
        policy = "%s%s" % (point["policy"]["name"], " " + _OTHER_POLICY if _is_other(point, own_policy) else "")
        lines.append(row((moment(point["gathered_at"]), policy, badge(point["summary"]["verdict"]), *told, *digits), styles))
    return details("The numbers of each audit", table("Audits of %s, the oldest first" % server, heads, lines, "trends"), open_=len(points) <= 5)


def _capacity(points: Sequence[Entry], server: str) -> Markup:
    """Return how much of each repository of now was used from audit to audit."""
    used: Dict[Tuple[str, str], Dict[int, int]] = {}
    for number, point in enumerate(points):
        for entry in point["repositories"]:
            if entry["capacity"] is not None and entry["free"] is not None:
                used.setdefault(_key(entry), {})[number] = entry["capacity"] - entry["free"]
    listed = [entry for entry in points[-1]["repositories"] if len(used.get(_key(entry), ())) > 1][:LISTED_REPOSITORIES]
    if not listed:
        return el("p", "No repository has told its size in more than one of these audits.", class_="quiet")
    heads: Tuple[Head, ...] = (
        "Repository",
        "Backup server",
        ("Used, from audit to audit", "wide"),
        ("First", "number"),
        ("Now", "number"),
        ("Change", "number"),
    )
    lines = [_repository(entry, used[_key(entry)], points) for entry in listed]
    return joined((el("h4", "Used capacity"), table("Used capacity of repositories of %s, from audit to audit" % server, heads, lines, "capacity")))


def _key(entry: Entry) -> Tuple[str, str]:
    return (entry["uid"] or entry["name"] or "", entry["backup_server"] or "")


def _repository(entry: Entry, used: Mapping[int, int], points: Sequence[Entry]) -> Markup:
    values = [(used.get(number, 0), "%s: %s" % (point["gathered_at"][:10], size_words(used.get(number)))) for number, point in enumerate(points)]
    first, last = used[min(used)], used[max(used)]
    spoken = "Used capacity of %s: first %s, last %s" % (entry["name"] or "", size_words(first), size_words(last))
    change = "%s%s" % ("+" if last > first else "", size_words(last - first))
    cells = (entry["name"] or "", entry["backup_server"] or "", svg.columns(values, "good", spoken), size_words(first), size_words(last), change)
    return row(cells, ("", "", "wide", "number", "number", "number"))
