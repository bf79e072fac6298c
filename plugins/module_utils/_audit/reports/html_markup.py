# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTML by functions: whatever is not ``Markup`` already is escaped on its way in. Private to this collection.

A template engine escapes as well, but leaves control and bidirectional characters as they are, wants files beside the code, and is one more
thing that an import has to mind.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Iterable, List, Optional, Sequence, Tuple, Union

from ..model import ERROR, FAIL, NOT_ASSESSABLE, PASS, WAIVED

# Sign and words of each status: nobody has to see a colour to read a report.
SIGNS = {PASS: "✓", FAIL: "✗", WAIVED: "–", NOT_ASSESSABLE: "?", ERROR: "!"}
WORDS = {PASS: "Pass", FAIL: "Fail", WAIVED: "Waived", NOT_ASSESSABLE: "Not assessable", ERROR: "Error"}

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;", "\n": "␤", "\t": "␉"}
# What has a meaning in HTML, and what nobody sees: controls, soft hyphen, zero width, bidirectional marks, line separators, halves of characters, tags.
_SPECIAL = re.compile(
    "[&<>\"'\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    "\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
)
_LONGEST_VALUE = 300
_VOID = frozenset(("br", "input", "meta"))


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


Content = Union[str, None]
Head = Union[str, Tuple[str, str]]


def _shown(match: "re.Match[str]") -> str:
    character = match.group()
    return _ENTITIES.get(character) or "⟨U+%04X⟩" % ord(character)


def escaped(text: str) -> Markup:
    """Return text as HTML shows it, in content and in attributes alike, with what is invisible made visible; Markup as it is."""
    if isinstance(text, Markup):
        return text
    return Markup(_SPECIAL.sub(_shown, text))


def joined(parts: Iterable[Content]) -> Markup:
    """Return parts one after the other, each escaped unless it is Markup."""
    return Markup("".join([part if isinstance(part, Markup) else escaped(part) for part in parts if part is not None]))


def el(tag: str, /, *children: Content, **attributes: Union[str, int, bool, None]) -> Markup:
    """Return an element. An attribute that is None or False is left out, one that is True has no value; ``class_`` is class, ``data_x`` is data-x."""
    opening = opened(tag, **attributes)
    return opening if tag in _VOID else Markup("%s%s</%s>" % (opening, joined(children), tag))


def opened(tag: str, /, **attributes: Union[str, int, bool, None]) -> Markup:
    """Return the beginning of an element, with attributes as ``el`` takes them."""
    if not attributes:
        return Markup("<%s>" % tag)
    written: List[str] = ["<", tag]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        written += (" ", key.rstrip("_").replace("_", "-"))
        if value is not True:
            written += ('="', escaped(str(value)), '"')
    written.append(">")
    return Markup("".join(written))


def row(cells: Iterable[Content], classes: Sequence[str] = (), **attributes: Union[str, None]) -> Markup:
    """Return a row of a table whose first cell is its head. Args: classes: of each cell, "" for none."""
    written: List[Content] = []
    for number, cell in enumerate(cells):
        kind = classes[number] if number < len(classes) else ""
        opening = '<th scope="row"' if not number else "<td"
        written += (Markup(opening + (' class="%s">' % kind if kind else ">")), cell, Markup("</td>" if number else "</th>"))
    return el("tr", joined(written), **attributes)


def table(caption: str, heads: Sequence[Head], rows: Sequence[Markup], kind: str = "", caption_shown: bool = False) -> Markup:
    """Return a table that scrolls by itself where the screen is narrow.

    Args: heads: label of each column, or label and class; caption: what screen readers are told, on the page where ``caption_shown``.
    """
    labels = [head if isinstance(head, tuple) else (head, "") for head in heads]
    head = el("thead", el("tr", *(el("th", label, scope="col", class_=style or None) for label, style in labels)))
    inner = el("caption", caption, class_=None if caption_shown else "hidden")
    return el("div", el("table", inner, head, el("tbody", *rows), class_=kind or None), class_="scroll", role="group", tabindex=0, aria_label=caption)


def details(summary: Content, *content: Content, open_: bool = False, **attributes: Union[str, None]) -> Markup:
    """Return what opens and closes, without a script."""
    return el("details", el("summary", summary), *content, open=open_, **attributes)


def pairs(entries: Iterable[Tuple[str, Content]]) -> Markup:
    """Return a list of words and what they stand for, without those that have nothing."""
    return el("dl", *(el("div", el("dt", term), el("dd", told)) for term, told in entries if told))


@lru_cache(maxsize=64)
def badge(status: str, words: Optional[str] = None) -> Markup:
    """Return a status as sign and words."""
    return el("span", el("span", SIGNS[status], aria_hidden="true"), " ", words or WORDS[status], class_="status " + status)


def severity_mark(severity: str) -> Markup:
    """Return a severity in words."""
    return el("span", severity.capitalize(), class_="severity " + severity)


def count(number: int, one: str = "", many: str = "") -> str:
    """Return a number in digits that read well, with its noun. Args: many: the plural, which otherwise ends in s."""
    digits = f"{number:,}"
    if not one:
        return digits
    return digits + " " + (one if number == 1 else many or one + "s")


def size_words(size: Optional[float]) -> str:
    """Return bytes in the unit that reads best."""
    if size is None:
        return "unknown"
    value = float(size)
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if abs(value) < 1024:
            return "%.*f %s" % (0 if unit == "B" else 1, value, unit)
        value /= 1024
    return "%s PiB" % f"{value:,.1f}"


def moment(time: Optional[str]) -> Markup:
    """Return a time of a record (ISO 8601 in UTC with Z) as people read it."""
    if not time:
        return Markup("")
    return el("time", time[:19].replace("T", " ") + (" UTC" if len(time) > len("2026-01-01") else ""), datetime=time)


def in_words(value: Any) -> str:
    """Return plain data as words, cut where it is long."""
    words = _words(value)
    return words if len(words) <= _LONGEST_VALUE else words[: _LONGEST_VALUE - 1] + "…"


def _words(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return "; ".join("%s: %s" % (str(key).replace("_", " "), _words(item)) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_words, value)) or "none"
    return str(value)
