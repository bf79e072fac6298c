# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an HTML report shows of one Enterprise Manager: who it is, 3-2-1-1-0, ages, results, repositories. Private to this collection."""

from __future__ import annotations

from collections import Counter
from typing import Any, List, Mapping, Optional, Sequence, Tuple

from ..model import ERROR, FAIL, NOT_ASSESSABLE, PASS
from . import svg
from .html_addresses import server_address
from .html_markup import SIGNS, Content, Head, Markup, badge, count, details, el, escaped, in_words, joined, moment, pairs, row, size_words, table

Entry = Mapping[str, Any]

# Digit of the rule, key of the matrix, its name in a list of what is missing, what is asked.
DIGITS: Tuple[Tuple[str, str, str, str], ...] = (
    ("3", "copies", "Copies", "Copies of the data, the machine itself included"),
    ("2", "media", "Media", "Kinds of media that they lie on"),
    ("1", "offsite", "Off site", "A copy at another site"),
    ("1", "immutable", "Immutable", "A copy that nobody can change, or that is off line"),
    ("0", "tested", "Tested", "Errors in the last tests of a restore"),
)
LISTED_MACHINES = 10000
_NOTE_FROM = 4  # how often something has to be said to become a note
_NOTE_LENGTH = 24  # how long it has to be
_RESULTS = (("failed", "Failed", "bad"), ("warning", "Warning", "middling"), ("success", "Success", "good"))
_SOON_FULL_DAYS = 30
_PRINTED_ROWS, _OPEN_ROWS = 500, 40
_IDLE_DAYS = 3  # as many are named


def server_section(server: Entry, number: int) -> Markup:
    """Return the section of one Enterprise Manager."""
    figures, name = server["figures"], server["name"]
    parts = [
        el("h2", name, id=server_address(number)),
        el("p", badge(server["summary"]["verdict"]), class_="lead"),
        _identity(server),
        joined(el("p", el("strong", "Mind: "), warning, class_="note") for warning in warnings_of(server)),
        _matrix(figures["matrix"], name),
        _ages(figures["restore_point_ages"], name),
        _days(figures["results_per_day"], name),
        _repositories(figures["repositories"], name),
    ]
    return el("section", *parts, class_="server", aria_labelledby=server_address(number))


def warnings_of(server: Entry) -> List[str]:
    """Return sentences about what was not seen of an Enterprise Manager."""
    told = list(server["warnings"])
    account = "The account %s" % server["account"] if server["account"] else "The account of the audit"
    if server["sees_all"] is False:
        told.insert(0, account + " sees only a part of the estate: what is outside its scope is in no verdict.")
    elif server["sees_all"] is None:
        told.insert(0, account + " may see only a part of the estate; Enterprise Manager did not tell.")
    if server["not_read"]:
        kinds = ", ".join(gap["kind"].replace("_", " ") for gap in server["not_read"])
        told.append("%s could not be read: %s." % (count(len(server["not_read"]), "kind of record", "kinds of record"), kinds))
    return told


def _identity(server: Entry) -> Markup:
    return pairs(
        (
            ("Version", server["version"]),
            ("API version", server["api_version"]),
            ("Account", server["account"]),
            ("Roles", ", ".join(server["roles"])),
            ("Read at", moment(server["gathered_at"])),
            ("Looked back", "%g days" % server["lookback_days"]),
            ("Answers kept as evidence", count(len(server["answers"]))),
        )
    )


def _absent(heading: str, sentence: str) -> Markup:
    return joined((el("h3", heading), el("p", sentence, class_="quiet")))


# -- 3-2-1-1-0 ----------------------------------------------------------------------------------------------


def _matrix(rows: Sequence[Entry], server: str) -> Markup:
    heading = "3-2-1-1-0 of each machine"
    if not rows:
        return _absent(heading, "No machine is judged by the rule 3-2-1-1-0 in this policy, or none could be read.")
    ordered = sorted(rows, key=_worst_first)
    missing = sum(any(digit["status"] == FAIL for digit in entry["digits"].values()) for entry in rows)
    whole = sum(all(digit["status"] == PASS for digit in entry["digits"].values()) for entry in rows)
    doubtful = len(rows) - whole - missing
    sentence = "%s: %s the whole rule, %s at least one digit%s. Waivers do not count here, and of attestations only those about repositories." % (
        count(len(rows), "machine"),
        count(whole, "keeps", "keep"),
        count(missing, "misses", "miss"),
        ", of %s not every digit is known" % count(doubtful) if doubtful else "",
    )
    return joined((el("h3", heading), el("p", sentence), _digits(rows, server), _machines(ordered, server)))


def _worst_first(entry: Entry) -> Tuple[int, int, str, str]:
    statuses = [digit["status"] for digit in entry["digits"].values()]
    return (-statuses.count(FAIL) - statuses.count(ERROR), -statuses.count(NOT_ASSESSABLE), entry["machine"].casefold(), entry["backup_server"] or "")


def _digits(rows: Sequence[Entry], server: str) -> Markup:
    lines = []
    for sign, key, _name, asked in DIGITS:
        found = Counter(entry["digits"][key]["status"] for entry in rows if key in entry["digits"])
        kept, unknown = found[PASS], found[NOT_ASSESSABLE]
        missed = sum(found.values()) - kept - unknown
        drawn = svg.bar_of(((kept, "good"), (missed, "bad"), (unknown, "unknown")), len(rows))
        lines.append(row((el("b", sign), asked, drawn, count(kept), count(missed), count(unknown)), ("digit", "", "wide", "number", "number", "number")))
    heads = ("Digit", "What is asked", ("Share of machines", "wide"), ("✓ Kept", "number"), ("✗ Missed", "number"), ("? Unknown", "number"))
    return table("Digits of the rule 3-2-1-1-0 on %s, and how many machines keep them" % server, heads, lines, "digits")


def _machines(ordered: Sequence[Entry], server: str) -> Markup:
    """Return a row for each machine, the worst first; what many machines miss in many words stands once below."""
    said = Counter(words for entry in ordered for words in _missing(entry))
    repeated = (words for words, times in said.items() if times >= _NOTE_FROM and len(words) > _NOTE_LENGTH)
    notes = {words: number for number, words in enumerate(repeated, 1)}
    listed = [_machine(entry, notes) for entry in ordered[:LISTED_MACHINES]]
    heads = ("Machine", "Backup server", *(sign for sign, _key, _name, _asked in DIGITS), "Missing or not known")
    parts: List[Content] = [table("3-2-1-1-0 of each machine on %s" % server, heads, listed, "matrix")]
    if notes:
        parts.append(el("ol", *(el("li", words) for words in notes), class_="notes"))
    if len(ordered) > len(listed):
        parts.append(el("p", "%s more: see the JSON report." % count(len(ordered) - len(listed), "machine"), class_="note"))
    bulk = "bulk" if len(listed) > _PRINTED_ROWS else None
    return details("Every machine (%s)" % count(len(listed)), *parts, class_=bulk, open_=len(listed) <= _OPEN_ROWS)


def _missing(entry: Entry) -> List[str]:
    """Return what each digit lacks, each under the name of its digit."""
    digits = entry["digits"]
    return ["%s: %s" % (name, digits[key]["missing"].rstrip(".")) for _sign, key, name, _asked in DIGITS if key in digits and digits[key].get("missing")]


def _machine(entry: Entry, notes: Mapping[str, int]) -> Markup:
    found = {key: entry["digits"].get(key) for _sign, key, _name, _asked in DIGITS}
    classes = ["", "", *(_LETTERS[digit["status"]] if digit else "" for digit in found.values())]
    missing = _missing(entry)
    told = [words for words in missing if words not in notes]
    numbers = ", ".join(map(str, sorted(notes[words] for words in missing if words in notes)))
    if numbers:
        told.append("note " + numbers)
    return row((entry["machine"], entry["backup_server"] or "", *(_digit(key, digit) for key, digit in found.items()), "; ".join(told)), classes)


_LETTERS = {PASS: "p", FAIL: "f", NOT_ASSESSABLE: "n", ERROR: "e"}


def _digit(key: str, digit: Optional[Entry]) -> str:
    """Return sign and value: of several values, such as names, how many there are; of a test, how many days ago it was."""
    if digit is None:
        return ""
    value = digit.get("value")
    if value is None or isinstance(value, bool):
        return SIGNS[digit["status"]]
    if isinstance(value, (list, tuple, dict)):
        value = len(value)
    elif key == "tested" and isinstance(value, (int, float)):
        value = "%.0f d" % value
    return "%s %s" % (SIGNS[digit["status"]], in_words(value))


# -- ages, results, repositories ----------------------------------------------------------------------------


def _ages(bins: Sequence[Entry], server: str) -> Markup:
    heading = "Age of the newest restore point"
    if not bins:
        return _absent(heading, "The ages of restore points were not judged in this policy, or none could be read.")
    machines, beyond = (sum(entry[key] for entry in bins) for key in ("machines", "beyond_rpo"))
    sentence = "%s of %s %s beyond the RPO." % (count(beyond), count(machines, "machine"), "is" if beyond == 1 else "are")
    highest = max(entry["machines"] for entry in bins)
    lines = []
    for entry in bins:
        within = entry["machines"] - entry["beyond_rpo"]
        drawn = svg.bar_of(((within, "good"), (entry["beyond_rpo"], "bad")), highest)
        lines.append(row((_range(entry), drawn, count(within), count(entry["beyond_rpo"])), ("", "wide", "number", "number")))
    heads = ("Age", ("Machines", "wide"), ("✓ Within RPO", "number"), ("✗ Beyond RPO", "number"))
    return joined((el("h3", heading), el("p", sentence), table("Machines on %s by age of their newest restore point" % server, heads, lines, "ages")))


def _range(entry: Entry) -> str:
    start, end = entry["from_hours"], entry["to_hours"]
    if start is None:
        return "no restore point"
    unit, name = (24, "days") if start >= 24 else (1, "hours")
    if end is None:
        return "over %g %s" % (start / unit, name)
    return "%g to %g %s" % (start / unit, end / unit, name)


def _days(days: Sequence[Entry], server: str) -> Markup:
    heading = "Results per day"
    if not days:
        return _absent(heading, "The runs of machines were not read for this policy.")
    drawn = [_small_multiple(days, key, words, style) for key, words, style in _RESULTS]
    axis = el("div", moment(days[0]["day"]), moment(days[-1]["day"]), class_="axis")
    lines = [row((day["day"], *(count(day[key]) for key, _words, _style in _RESULTS)), ("", "number", "number", "number")) for day in days]
    heads: List[Head] = ["Day (UTC)", *(("%s %s" % (_SIGNS[key], words), "number") for key, words, _style in _RESULTS)]
    numbers = details("The numbers of each day", table("Machines in completed runs on %s by day and result" % server, heads, lines, "days"))
    return joined((el("h3", heading), el("p", _idle(days)), el("div", *drawn, axis, class_="multiples"), numbers))


_SIGNS = {"failed": "✗", "warning": "!", "success": "✓"}


def _small_multiple(days: Sequence[Entry], key: str, words: str, style: str) -> Markup:
    total, highest = sum(day[key] for day in days), max(day[key] for day in days)
    told = "%s: %s on %s, at most %s on one day" % (words, count(total), count(len(days), "day"), count(highest))
    columns = svg.columns([(day[key], "%s: %s" % (day["day"], count(day[key]))) for day in days], style, told)
    label = el("div", el("b", "%s %s" % (_SIGNS[key], words)), el("span", count(total)), el("small", "most in a day: %s" % count(highest)))
    return el("div", label, columns, class_="multiple")


def _idle(days: Sequence[Entry]) -> str:
    """Return what there is to say of days on which nothing ran; the first and the last day are cut by the look-back."""
    idle = [day["day"] for day in days[1:-1] if not any(day[key] for key, _words, _style in _RESULTS)]
    begun = "Machines in completed runs, by the day (UTC) on which their run began. "
    if not idle:
        return begun + "There was no day without any."
    if len(idle) == len(days) - 2:
        return begun + "There was hardly any day with one."
    more = len(idle) - _IDLE_DAYS
    named = ", ".join(idle[:_IDLE_DAYS]) + (" and %s more" % count(more) if more > 0 else "")
    return begun + "%s: %s." % (count(len(idle), "day without any", "days without any"), named)


def _repositories(repositories: Sequence[Entry], server: str) -> Markup:
    heading = "Repositories"
    if not repositories:
        return _absent(heading, "Repositories were not read for this policy, or there are none.")
    heads = (
        "Repository",
        "Backup server",
        "Kind",
        ("Used", "wide"),
        ("Share", "number"),
        ("Capacity", "number"),
        ("Free", "number"),
        ("Days to full", "number"),
    )
    lines = [_repository(entry) for entry in repositories]
    bulk = "bulk" if len(lines) > _PRINTED_ROWS else None
    shown = table("Repositories on %s: how full they are" % server, heads, lines, "repositories")
    return joined((el("h3", heading), shown if not bulk else details("Every repository (%s)" % count(len(lines)), shown, class_=bulk)))


def _repository(entry: Entry) -> Markup:
    share, days = entry["used_share"], entry["days_to_full"]
    drawn = svg.bar_of(((share, "bad" if share > 0.9 else "middling" if share > 0.8 else "good"),), 1) if share is not None else ""
    soon = days is not None and days <= _SOON_FULL_DAYS
    left = escaped("not known" if days is None else "%s%s" % ("! " if soon else "", count(round(days))))
    cells: Tuple[Content, ...] = (
        entry["name"],
        entry["backup_server"] or "",
        entry["kind"] or "",
        drawn,
        "unknown" if share is None else "%.0f %%" % (100 * share),
        size_words(entry["capacity"]),
        size_words(entry["free"]),
        el("strong", left) if soon else left,
    )
    return row(cells, ("", "", "", "wide", "number", "number", "number", "number"))
