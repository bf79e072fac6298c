# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The forms that a set of findings can be written in. Private to this collection.

A report is made from the document alone and reads nothing else: the same document gives the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Dict, Iterator, Optional

from ..document import Document
from . import csv_report, html, json_report, junit, oscal, prometheus, sarif


@dataclass(frozen=True)
class Format:
    """A form of report: the file it is written to where nobody names one, its media type, and what it is for in a sentence.

    ``pieces`` yields what ``write`` returns, for files that are too large to be held in memory beside the document; None where nobody needs it.
    """

    name: str
    file_name: str
    media_type: str
    meaning: str
    write: Callable[[Document], bytes]
    pieces: Optional[Callable[[Document], Iterator[bytes]]] = None

    def in_pieces(self, document: Document) -> Iterator[bytes]:
        """Yield the report piece by piece."""
        return self.pieces(document) if self.pieces is not None else iter((self.write(document),))


FORMATS: Dict[str, Format] = {
    one.name: one
    for one in (
        Format("html", "report.html", "text/html", "A page for people, in one file.", html.write, html.pieces),
        Format("json", "findings.json", "application/json", "All there is, after a JSON Schema, for programs.", json_report.write, json_report.pieces),
        Format("junit", "junit.xml", "application/xml", "Tests as CI servers show them.", junit.write, junit.pieces),
        Format("sarif", "findings.sarif", "application/sarif+json", "SARIF 2.1.0, for viewers and trackers of weaknesses.", sarif.write, sarif.pieces),
        Format("csv", "findings.csv", "text/csv", "A line for each finding, for spreadsheets.", csv_report.write, csv_report.pieces),
        Format(
            "oscal", "oscal-assessment-results.json", "application/oscal+json", "OSCAL assessment results, for tools of governance.", oscal.write, oscal.pieces
        ),
        Format("prometheus", "audit.prom", "text/plain; version=0.0.4", "Counts and capacities, for dashboards and alerts.", prometheus.write),
    )
}
