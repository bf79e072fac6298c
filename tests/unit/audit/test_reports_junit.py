# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The findings as JUnit XML, as a parser sees them. The schema has its say in tests/reports."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from documents import NASTY, SERVER, Document, every_status, nasty_documents
from hypothesis import HealthCheck, given, settings

from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.model import STATUSES
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.reports.junit import write
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.reports.reading import shown

ELEMENT_OF_STATUS = {"pass": None, "fail": "failure", "error": "error", "waived": "skipped", "not_assessable": "skipped"}


def parsed(document: Document) -> ElementTree.Element:
    """Return the root as a parser sees it."""
    return ElementTree.fromstring(write(document))


def suite(root: ElementTree.Element, name: str) -> ElementTree.Element:
    """Return the one suite whose name ends so."""
    (found,) = [one for one in root if one.get("name", "").endswith(name)]
    return found


def test_a_suite_for_each_rule_of_each_server() -> None:
    assert [one.get("name") for one in parsed(every_status())] == [
        "C10 Title of C10",
        "em01.example.com:9398: C02 Title of C02",
        "em01.example.com:9398: C10 Title of C10",
        "em01.example.com:9398: X01 Title of X01",
        "em02.example.com:9398: C02 Title of C02",
        "em02.example.com:9398: X01 Title of X01",
    ]


def test_what_failed_says_why_and_from_where() -> None:
    document = every_status()
    found = suite(parsed(document), "em01.example.com:9398: C02 Title of C02")
    assert {key: found.get(key) for key in ("tests", "failures", "errors", "skipped", "hostname", "timestamp")} == {
        "tests": "2",
        "failures": "1",
        "errors": "0",
        "skipped": "0",
        "hostname": SERVER,
        "timestamp": "2026-11-20T12:00:00Z",
    }
    case, passed = found.findall("testcase")
    assert (case.get("name"), case.get("classname")) == ("machine web01 (vbr01)", "em01.example.com:9398.C02")
    assert passed.get("name") == "machine web01 (vbr01) #2", "two of one name stay two"
    assert list(passed) == []
    failure = case.find("failure")
    assert failure is not None
    assert (failure.get("type"), failure.get("message")) == ("high", "Its newest restore point is 31.2 hours old; 24.0 hours are allowed.")
    text = failure.text or ""
    assert 'measured: {"hours": 31.2, "newest": "2026-11-19T04:48:00Z"}' in text
    for answer in document["servers"][0]["answers"]:
        assert f"{answer['time']} {answer['url']} sha256:{answer['sha256']}" in text
    properties = {one.get("name"): one.get("value") for one in found.iter("property")}
    assert properties["controls"] == "CIS 11.2, NIST CP-9(1), ISO A.8.13"
    assert properties["parameters"] == '{"rpo_hours": 4}'
    assert properties["policy_sha256"] == "ab" * 32


def test_waived_and_not_assessable_are_skipped_with_the_reason() -> None:
    root = parsed(every_status())
    waived = suite(root, "9398: C10 Title of C10").find("testcase/skipped")
    unknown = suite(root, "em01.example.com:9398: X01 Title of X01").find("testcase/skipped")
    assert waived is not None and unknown is not None
    assert (waived.get("type"), waived.get("message")) == ("waived", "It is in two jobs. Waived by W-7: Both jobs are wanted.")
    assert (unknown.get("type"), unknown.get("message")) == ("not_assessable", "The API does not tell it.")


def test_a_pass_by_attestation_says_so() -> None:
    (case,) = suite(parsed(every_status()), "em02.example.com:9398: X01 Title of X01").findall("testcase")
    assert [(child.tag, child.text) for child in case] == [("system-out", "Attested by A-3: Copies lie in a vault.")]


def test_line_ends_in_attributes_reach_the_reader() -> None:
    document = every_status()
    document["findings"][1]["reason"] = reason = "one\ntwo\tthree\r\nfour"
    failure = suite(parsed(document), "em01.example.com:9398: C02 Title of C02").find("testcase/failure")
    assert failure is not None and failure.get("message") == reason


@pytest.mark.parametrize("name", NASTY)
def test_names_come_out_as_they_went_in_but_for_what_xml_has_not(name: str) -> None:
    case = suite(parsed(every_status(name)), "em01.example.com:9398: C02 Title of C02").find("testcase")
    assert case is not None and case.get("name") == f"machine {shown(name)} (vbr01)"


def test_no_character_that_xml_forbids_gets_in() -> None:
    for code in [*range(0x20), *range(0x7F, 0xA0), 0xD800, 0xDFFF, 0xFFFE, 0xFFFF]:
        assert parsed(every_status(f"a{chr(code)}b")).tag == "testsuites"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(nasty_documents())
def test_counts_and_cases_agree_whatever_the_texts(document: Document) -> None:
    root = parsed(document)
    of_status = {status: sum(finding["status"] == status for finding in document["findings"]) for status in STATUSES}
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == (str(len(document["findings"])), str(of_status["fail"]), str(of_status["error"]))
    elements = [next((child.tag for child in case if child.tag != "system-out"), None) for case in root.iter("testcase")]
    assert elements == [ELEMENT_OF_STATUS[finding["status"]] for finding in document["findings"]]
    for one in root:
        for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped"), ("tests", "testcase")):
            assert one.get(attribute) == str(sum(1 for _element in one.iter(tag)))
        names = [case.get("name") for case in one.iter("testcase")]
        assert len(names) == len(set(names)), "a case that has the name of another is lost in most viewers"


def test_an_unknown_rule_is_told_by_its_id() -> None:
    document = every_status()
    document["rules"] = []
    assert parsed(document)[0].get("name") == "C10 C10"


def test_an_unknown_server_costs_the_evidence_only() -> None:
    document = every_status()
    document["servers"] = []
    failure = suite(parsed(document), "em01.example.com:9398: C02 Title of C02").find("testcase/failure")
    assert failure is not None and failure.text is not None
    assert "measured" in failure.text and "sha256" not in failure.text
