# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The findings as CSV, a line for each, for spreadsheets. Private to this collection.

The dialect is RFC 4180: commas, double quotes where needed, CR LF; UTF-8 with a byte order mark, without which spreadsheets guess another
encoding. Line ends in a text become blanks, so that a finding is one line. A text that a spreadsheet would take for a formula begins with an
apostrophe, as OWASP advises against CSV injection.
"""

from __future__ import annotations

import codecs
import csv
import io
from typing import Callable, Dict, NamedTuple, Tuple

from ..document import Document
from .reading import Entry, Reading, as_words, one_line

# Full-width forms count too: spreadsheets in East Asian languages take them for the plain ones.
_FORMULA_BEGINS = frozenset("=+-@＝＋－＠")


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
    """A column: its heading, what it holds, and how it comes from a finding."""

    name: str
    meaning: str
    of: Callable[[_Source, Entry], object]


def _plain(name: str, meaning: str) -> Column:
    return Column(name, meaning, lambda _source, finding: finding[name])


def _value(name: str, meaning: str) -> Column:
    def of(_source: _Source, finding: Entry) -> object:
        value = finding[name]
        return value if isinstance(value, (int, float)) and not isinstance(value, bool) else as_words(value)

    return Column(name, meaning, of)


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
    _plain("object", "Name of the object."),
    _plain("uid", "Unique id of the object."),
    _plain("reason", "What was found, in a sentence."),
    _value("measured", "What was measured, as JSON."),
    _value("expected", "What the policy expects, as JSON."),
    _plain("waiver", "Id of the waiver."),
    _plain("attestation", "Id of the attestation."),
    Column("controls", "Controls that the rule serves, with semicolons between.", lambda _source, finding: "; ".join(finding["controls"])),
    _evidence("url", "Addresses of the answers it rests on, with blanks between."),
    _evidence("sha256", "SHA-256 of each of these answers."),
    _evidence("time", "Time of each of these answers, in UTC."),
)


def write(document: Document) -> bytes:
    """Return the findings as CSV."""
    source = _Source(document)
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(column.name for column in COLUMNS)
    makers = [column.of for column in COLUMNS]
    writer.writerows([_cell(make(source, finding)) for make in makers] for finding in document["findings"])
    return codecs.BOM_UTF8 + buffer.getvalue().encode("utf-8")


def _cell(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = value if value.isprintable() else one_line(value)
    # Spreadsheets pass over blanks before a formula.
    first = text[:1] if text[:1] != " " else text.lstrip()[:1]
    return "'" + text if first in _FORMULA_BEGINS else text
