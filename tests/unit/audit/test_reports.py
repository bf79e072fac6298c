# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every form of report has in common: the same bytes for the same document, and texts that break nothing."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
from documents import NASTY, Document, document_of, every_status, nasty_documents
from hypothesis import HealthCheck, given, settings

from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.reports.controls import as_token, by_framework, controls_of
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.reports.formats import FORMATS
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.reports.reading import as_path, as_reference, laid_out, one_line, shown

FORMAT_NAMES = ("html", "json", "junit", "sarif", "csv", "oscal", "prometheus")

slow = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def test_the_forms_that_people_may_ask_for() -> None:
    assert tuple(FORMATS) == FORMAT_NAMES
    assert len({form.file_name for form in FORMATS.values()}) == len(FORMATS), "two forms would write the same file"
    assert all(name == form.name and form.meaning.endswith(".") and Path(form.file_name).name == form.file_name for name, form in FORMATS.items())


@pytest.mark.parametrize("name", FORMAT_NAMES)
def test_the_same_document_gives_the_same_bytes_and_stays_as_it_is(name: str) -> None:
    document = every_status()
    before = copy.deepcopy(document)
    first = FORMATS[name].write(document)
    assert first == FORMATS[name].write(copy.deepcopy(document))
    assert document == before
    assert first.decode("utf-8").endswith("\n")


@pytest.mark.parametrize("name", FORMAT_NAMES)
@pytest.mark.parametrize("text", NASTY)
def test_no_name_breaks_a_report(name: str, text: str) -> None:
    FORMATS[name].write(every_status(text)).decode("utf-8")


@pytest.mark.parametrize("name", FORMAT_NAMES)
def test_an_audit_of_nothing_is_a_report_too(name: str) -> None:
    assert FORMATS[name].write(document_of([], [])).decode("utf-8")


@slow
@given(nasty_documents())
def test_whatever_the_texts_every_form_can_be_written_and_read_as_utf8(document: Document) -> None:
    for form in FORMATS.values():
        form.write(document).decode("utf-8")


# -- the words ------------------------------------------------------------------------------------------------


def test_what_cannot_be_shown_is_marked_and_the_rest_stays() -> None:
    assert shown("a\x00b\x1b[31m\ud800\ufffe Größe 🦊\n\t") == "a\ufffdb\ufffd[31m\ufffd\ufffd Größe 🦊\n\t"
    assert one_line("a\r\nb\tc\u2028d\x00") == "a b c d\ufffd"


def test_addresses_become_references() -> None:
    assert as_reference("/api/query?type=Job&filter=Name%3D%3D%22a%22") == "/api/query?type=Job&filter=Name%3D%3D%22a%22"
    assert as_reference("/50% off/a b/ü[1]\n") == "/50%25%20off/a%20b/%C3%BC%5B1%5D%0A"


def test_paths_become_references() -> None:
    assert as_path("policies/my #1?.yml") == "policies/my%20%231%3F.yml"


def test_laid_out_json_says_what_plain_json_says() -> None:
    document = json.loads(json.dumps(every_status()))
    for levels in range(7):
        assert json.loads(laid_out(document, levels)) == document
    assert laid_out({"a": [1, {"b": [2]}], "c": {}}, 2) == '{\n "a": [\n  1,\n  {"b":[2]}\n ],\n "c": {}\n}'


@pytest.mark.parametrize(
    ("text", "framework", "number", "token"),
    [
        ("CIS 11.2", "CIS", "11.2", "cis-11.2"),
        ("NIST CP-9(1)", "NIST", "CP-9(1)", "cp-9.1"),
        ("NIST SC-28", "NIST", "SC-28", "sc-28"),
        ("ISO A.8.13", "ISO", "A.8.13", "iso-a.8.13"),
        ("BSI CON.3", "", "BSI CON.3", "bsi-con.3"),
        ("4 eyes", "", "4 eyes", "_4-eyes"),
        ("CIS", "", "CIS", "cis"),
        ("", "", "", "_"),
    ],
)
def test_controls_belong_to_frameworks(text: str, framework: str, number: str, token: str) -> None:
    (control,) = controls_of([text, text])
    assert (control.framework.word, control.number, control.token) == (framework, number, token)


def test_controls_are_told_once_and_in_order() -> None:
    found = by_framework(["NIST CP-9", "CIS 11.2", "Own 1", "CIS 11.1", "CIS 11.2"])
    assert [(framework.word, [control.number for control in controls]) for framework, controls in found.items()] == [
        ("CIS", ["11.1", "11.2"]),
        ("NIST", ["CP-9"]),
        ("", ["Own 1"]),
    ]
    assert as_token("Größe²") == "Gr-e-"
