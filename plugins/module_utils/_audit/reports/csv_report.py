# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The findings as CSV, a line for each, for spreadsheets. Private to this collection.

The dialect is RFC 4180: commas, double quotes where needed, CR LF; UTF-8 with a byte order mark, without which spreadsheets guess another
encoding. Line ends in a text become blanks, so that a finding is one line. A text that a spreadsheet would take for a formula begins with an
apostrophe, as OWASP advises against CSV injection.
"""

from __future__ import annotations

from itertools import chain, groupby
from operator import itemgetter
from typing import Any, Callable, Dict, Iterator, NamedTuple, Tuple

from ..document import Document
from .reading import Entry, Reading, as_words, in_blocks, one_line

# Full-width forms count too: spreadsheets in East Asian languages take them for the plain ones.
_FORMULA_BEGINS = frozenset("=+-@＝＋－＠")
_LINE_END = "\r\n"
_BYTE_ORDER_MARK = "\ufeff"


class Column(NamedTuple):
    """A column: its heading, what it holds, how it comes from a finding, and on what of a finding it rests, where many findings agree in that."""

    name: str
    meaning: str
    of: Callable[[Reading, Entry], Any]
    rests_on: Tuple[str, ...] = ()


def _plain(name: str, meaning: str, repeats: bool = True) -> Column:
    return Column(name, meaning, lambda _reading, finding: finding[name], (name,) if repeats else ())


def _measured(_reading: Reading, finding: Entry) -> Any:
    value = finding["measured"]
    return value if _is_number(value) else as_words(value)


def _expected(reading: Reading, finding: Entry) -> Any:
    value = finding["expected"]
    return value if _is_number(value) else reading.expected_words(finding)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _evidence(part: str, meaning: str) -> Column:
    def told(answer: Entry) -> str:
        return str(answer[part]).replace(" ", "%20")

    return Column("evidence_" + part, meaning, lambda reading, finding: reading.evidence_words(finding, told, " "), ("server", "evidence"))


COLUMNS: Tuple[Column, ...] = (
    _plain("server", "The Enterprise Manager, address and port."),
    _plain("rule", "Id of the rule."),
    Column("title", "Title of the rule.", lambda reading, finding: reading.title(finding["rule"]), ("rule",)),
    _plain("version", "Version of the check."),
    _plain("severity", "How grave a failure is: high, medium, low."),
    _plain("status", "pass, fail, waived, not_assessable or error."),
    _plain("backup_server", "The backup server that the object belongs to."),
    _plain("object_type", "What the object is, such as machine or job."),
    _plain("object", "Name of the object.", repeats=False),
    _plain("uid", "Unique id of the object.", repeats=False),
    _plain("reason", "What was found, in a sentence.", repeats=False),
    Column("measured", "What was measured, as JSON.", _measured),
    Column("expected", "What the policy expects, as JSON.", _expected),
    _plain("waiver", "Id of the waiver."),
    _plain("attestation", "Id of the attestation."),
    Column("controls", "Controls that the rule serves, with semicolons between.", lambda _reading, finding: "; ".join(finding["controls"]), ("controls",)),
    _evidence("url", "Addresses of the answers it rests on, with blanks between."),
    _evidence("sha256", "SHA-256 of each of these answers."),
    _evidence("time", "Time of each of these answers, in UTC."),
)


def pieces(document: Document) -> Iterator[bytes]:
    """Yield the findings as CSV, piece by piece.

    Neighbours that repeat from finding to finding are made once for all that agree in what they rest on: a large audit has two million cells.
    """
    reading, cells = Reading(document), _Cells()
    stretches = [_stretch(reading, cells, tuple(columns), repeats) for repeats, columns in groupby(COLUMNS, key=lambda column: bool(column.rests_on))]
    heading = ",".join(column.name for column in COLUMNS)
    lines = (",".join([stretch(finding) for stretch in stretches]) + _LINE_END for finding in document["findings"])
    return in_blocks(chain((_BYTE_ORDER_MARK + heading + _LINE_END,), lines))


def write(document: Document) -> bytes:
    """Return the findings as CSV."""
    return b"".join(pieces(document))


class _Cells(Dict[str, str]):
    """The cells of texts, made once each: even a sentence of what was found holds for many objects."""

    def __missing__(self, text: str) -> str:
        cell = self[text] = _cell(text)
        return cell


def _stretch(reading: Reading, cells: _Cells, columns: Tuple[Column, ...], repeats: bool) -> Callable[[Entry], str]:
    """Return what makes the cells of neighbouring columns from a finding."""

    makers = [column.of for column in columns]

    def made(finding: Entry) -> str:
        values = [of(reading, finding) for of in makers]
        return ",".join([cells[value] if isinstance(value, str) else _cell(value) for value in values])

    if not repeats:
        return made
    names = tuple(dict.fromkeys(name for column in columns for name in column.rests_on))
    rested_on = itemgetter(*names)
    known: Dict[Tuple[Any, ...], str] = {}

    def remembered(finding: Entry) -> str:
        key = tuple([tuple(value) if isinstance(value, list) else value for value in rested_on(finding)])
        text = known.get(key)
        if text is None:
            text = known[key] = made(finding)
        return text

    return remembered


def _cell(value: Any) -> str:
    if not isinstance(value, str):
        return "" if value is None else str(value)
    text = value if value.isprintable() else one_line(value)
    # Spreadsheets pass over white space before a formula.
    if text.lstrip()[:1] in _FORMULA_BEGINS:
        text = "'" + text
    return '"%s"' % text.replace('"', '""') if "," in text or '"' in text else text
