# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The findings as CSV: one line each, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io

import pytest
from documents import NASTY, Document, every_status, nasty_documents
from hypothesis import HealthCheck, given, settings

from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.reports.csv_report import COLUMNS, write

HEADINGS = [column.name for column in COLUMNS]


def rows_of(document: Document) -> list[dict[str, str]]:
    """Return the rows as a strict reader of RFC 4180 sees them."""
    text = write(document).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_a_finding_is_a_row_with_its_evidence() -> None:
    document = every_status()
    rows = rows_of(document)
    assert len(rows) == len(document["findings"])
    failed = next(row for row in rows if row["status"] == "fail" and row["object_type"] == "machine")
    answers = document["servers"][0]["answers"]
    assert failed == {
        "server": "em01.example.com:9398",
        "rule": "C02",
        "title": "Title of C02",
        "version": "1",
        "severity": "high",
        "status": "fail",
        "backup_server": "vbr01",
        "object_type": "machine",
        "object": "web01",
        "uid": "urn:veeam:Vm:1",
        "reason": "Its newest restore point is 31.2 hours old; 24.0 hours are allowed.",
        "measured": '{"hours": 31.2, "newest": "2026-11-19T04:48:00Z"}',
        "expected": '{"hours_at_most": 24.0}',
        "waiver": "",
        "attestation": "",
        "controls": "CIS 11.2; NIST CP-9(1); ISO A.8.13",
        "evidence_url": "/api/query?type=Job /api/query?type=VmRestorePoint&page=2",
        "evidence_sha256": f"{answers[0]['sha256']} {answers[1]['sha256']}",
        "evidence_time": "2026-11-20T11:58:00Z 2026-11-20T11:58:00Z",
    }
    waived = next(row for row in rows if row["status"] == "waived")
    assert (waived["waiver"], waived["measured"], waived["expected"]) == ("W-7", "2", "1")
    assert [row["attestation"] for row in rows if row["attestation"]] == ["A-3"]


def test_the_dialect_is_the_documented_one() -> None:
    document = every_status('two\nlines, and "quotes"')
    written = write(document)
    assert written.startswith(b"\xef\xbb\xbf" + b",".join(heading.encode() for heading in HEADINGS) + b"\r\n")
    lines = written.decode("utf-8-sig").split("\r\n")
    assert lines[-1] == "" and len(lines) == len(document["findings"]) + 2, "a finding takes one line"
    assert '"two lines, and ""quotes"""' in lines[2]


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t=", "\r=", "\n@", "  =", " \t+", "\xa0@", "＝", "＋", "－", "＠"])
def test_formulas_are_defused(begin: str) -> None:
    names = {row["object"] for row in rows_of(every_status(begin + "cmd|' /C calc'!A0"))}
    risky = [name for name in names if "calc" in name]
    assert risky and all(name.startswith("'") for name in risky)


@pytest.mark.parametrize("name", ["a=b", "1-2", "web-01", "'quoted", "mail@example.com"])
def test_what_is_no_formula_stays_as_it_is(name: str) -> None:
    assert name in {row["object"] for row in rows_of(every_status(name))}


def test_numbers_stay_numbers_below_zero_too() -> None:
    document = every_status()
    document["findings"][0].update(measured=-1, expected=True)
    assert (rows_of(document)[0]["measured"], rows_of(document)[0]["expected"]) == ("-1", "true")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(nasty_documents())
def test_rows_and_columns_hold_whatever_the_texts(document: Document) -> None:
    text = write(document).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert [len(row) for row in rows] == [len(HEADINGS)] * (len(document["findings"]) + 1)
    assert text.count("\n") == text.count("\r\n") == len(rows)
    for row in rows[1:]:
        for heading, cell in zip(HEADINGS, row, strict=True):
            begins = cell.lstrip()[:1]
            number = heading in ("measured", "expected") and _is_number(cell)
            assert number or begins not in tuple("=+-@＝＋－＠") or begins == "", (heading, cell)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def test_every_nasty_name_can_be_told_from_the_others() -> None:
    seen = {next(row["object"] for row in rows_of(every_status(name)) if row["uid"] == "urn:veeam:Vm:1") for name in NASTY}
    assert len(seen) == len(NASTY)
