# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The findings as CSV, a line for each, for spreadsheets. Private to this collection.

The dialect is RFC 4180: commas, double quotes where needed, CR LF; UTF-8 with a byte order mark, without which spreadsheets guess another
encoding. Line ends in a text become blanks, so that a finding is one line. A text that a spreadsheet would take for a formula begins with an
apostrophe, as OWASP advises against CSV injection.
"""

from __future__ import annotations

from itertools import chain
from typing import Any, Callable, Dict, List, NamedTuple, Tuple

from ..document import Document
from .reading import Entry, Reading, as_words, joined_as_utf8, one_line

# Full-width forms count too: spreadsheets in East Asian languages take them for the plain ones.
_FORMULA_BEGINS = frozenset("=+-@＝＋－＠")
_LINE_END = "\r\n"
_BYTE_ORDER_MARK = "\ufeff"


class _Source(Reading):
    """The document, which remembers the words for evidence: many findings rest on the same page of records."""

    def __init__(self, document: Document) -> None:
        super().__init__(document)
        self._words: Dict[Tuple[object, ...], str] = {}

    def evidence_words(self, finding: Entry, part: str) -> str:
        """Return a part of each answer that a finding rests on, with blanks between."""
        key = (part, finding["server"], *finding["evidence"])
        words = self._words.get(key)
        if words is None:
            words = self._words[key] = " ".join(answer[part].replace(" ", "%20") for answer in self.evidence(finding))
        return words


class Column(NamedTuple):
    """A column: its heading, what it holds, how it comes from a finding, and whether many findings have the same in it."""

    name: str
    meaning: str
    of: Callable[[_Source, Entry], Any]
    repeats: bool = True


def _plain(name: str, meaning: str, repeats: bool = True) -> Column:
    return Column(name, meaning, lambda _source, finding: finding[name], repeats)


def _value(name: str, meaning: str) -> Column:
    def of(_source: _Source, finding: Entry) -> Any:
        value = finding[name]
        return value if isinstance(value, (int, float)) and not isinstance(value, bool) else as_words(value)

    return Column(name, meaning, of, repeats=False)


def _evidence(part: str, meaning: str) -> Column:
    return Column("evidence_" + part, meaning, lambda source, finding: source.evidence_words(finding, part))


COLUMNS: Tuple[Column, ...] = (
    _plain("server", "The Enterprise Manager, address and port."),
    _plain("rule", "Id of the rule."),
    Column("title", "Title of the rule.", lambda source, finding: source.title(finding["rule"])),
    _plain("version", "Version of the check."),
    _plain("severity", "How grave a failure is: high, medium, low."),
    _plain("status", "pass, fail, waived, not_assessable or error."),
    _plain("backup_server", "The backup server that the object belongs to."),
    _plain("object_type", "What the object is, such as machine or job."),
    _plain("object", "Name of the object.", repeats=False),
    _plain("uid", "Unique id of the object.", repeats=False),
    _plain("reason", "What was found, in a sentence.", repeats=False),
    _value("measured", "What was measured, as JSON."),
    _value("expected", "What the policy expects, as JSON."),
    _plain("waiver", "Id of the waiver."),
    _plain("attestation", "Id of the attestation."),
    Column("controls", "Controls that the rule serves, with semicolons between.", lambda _source, finding: "; ".join(finding["controls"])),
    _evidence("url", "Addresses of the answers it rests on, with blanks between."),
    _evidence("sha256", "SHA-256 of each of these answers."),
    _evidence("time", "Time of each of these answers, in UTC."),
)


class _Cells(Dict[Any, str]):
    """The cells of values that come again and again, made once each."""

    def __missing__(self, value: Any) -> str:
        cell = self[value] = _cell(value)
        return cell


def write(document: Document) -> bytes:
    """Return the findings as CSV.

    The writer of the standard library, asked for each of two million cells of a large audit, takes three times as long.
    """
    source, known = _Source(document), _Cells()
    makers: List[Tuple[Callable[[_Source, Entry], Any], Callable[[Any], str]]]
    makers = [(column.of, known.__getitem__ if column.repeats else _cell) for column in COLUMNS]
    heading = ",".join(column.name for column in COLUMNS) + _LINE_END
    lines = (",".join([cell(of(source, finding)) for of, cell in makers]) + _LINE_END for finding in document["findings"])
    return joined_as_utf8(chain((_BYTE_ORDER_MARK, heading), lines))


def _cell(value: Any) -> str:
    if not isinstance(value, str):
        return "" if value is None else str(value)
    text = value if value.isprintable() else one_line(value)
    # Spreadsheets pass over white space before a formula.
    if text.lstrip()[:1] in _FORMULA_BEGINS:
        text = "'" + text
    return '"%s"' % text.replace('"', '""') if "," in text or '"' in text else text
