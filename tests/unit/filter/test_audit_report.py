# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lines in which a log tells what came of an audit."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.openbackup.veeam_em.plugins.filter.audit_report import audit_report, counts_text

FIRST, SECOND = "em01.example.com:9398", "em02.example.com:9398"


def finding(status: str = "fail", severity: str = "high", rule: str = "C02", **changes: Any) -> dict[str, Any]:
    plain = {"title": "The newest restore point is within the RPO", "server": FIRST, "backup_server": "vbr01.example.com", "object": "srv-sql-01"}
    return {**plain, "status": status, "severity": severity, "rule": rule, "reason": "It is too old.", **changes}


def result(findings: list[dict[str, Any]], servers: tuple[str, ...] = (FIRST,), unreturned: int = 0, **changes: Any) -> dict[str, Any]:
    number = {status: sum(one["status"] == status for one in findings) for status in ("pass", "fail", "waived", "not_assessable", "error")}
    number["fail"] += unreturned
    grades = {grade: sum(one["status"] == "fail" and one["severity"] == grade for one in findings) for grade in ("high", "medium", "low")}
    counts = {**number, "fail_by_severity": grades}
    told = [{"name": name, "counts": counts, "sees_all": True, "verdict": "fail"} for name in servers]
    plain = {"verdict": "fail", "counts": counts, "as_of": "2026-11-22T06:00:00Z", "policy": {"name": "baseline"}, "servers": told}
    return {**plain, "findings": findings, "reports": [], "evidence": None, **changes}


def test_the_gravest_come_first_below_their_rule() -> None:
    low = finding(severity="low", rule="C08", title="Retries are set", object="Exchange Backup", reason="It has none.")
    assert audit_report(result([finding(), finding(object="srv-sql-02", backup_server=""), low])) == [
        "FAIL by the policy baseline, as of 2026-11-22T06:00:00Z",
        "  em01.example.com:9398: 3 fails (2 high, 1 low), 0 waived, 0 not assessable, 0 errors, 0 pass",
        "",
        "Fails:",
        "  high: C02 The newest restore point is within the RPO",
        "      srv-sql-01 on vbr01.example.com: It is too old.",
        "      srv-sql-02: It is too old.",
        "  low: C08 Retries are set",
        "      Exchange Backup on vbr01.example.com: It has none.",
    ]


def test_errors_come_before_fails_and_share_the_limit() -> None:
    lines = audit_report(result([finding("error"), finding(), finding(object="b"), finding(object="c", severity="low")]), limit=2)
    assert lines[3] == "Errors:" and lines[7] == "Fails:"
    assert lines[-1] == "  ... and 2 more: 1 of C02 (high), 1 of C02 (low)"


def test_each_rule_has_its_part_of_the_lines() -> None:
    many = [finding(object=f"srv-{number}") for number in range(20)]
    few = [finding(rule="C14", severity="medium", object=f"job-{number}") for number in range(2)]
    lines = audit_report(result([*many, *few, finding(rule="C08", severity="low")]), limit=8)
    assert sum("srv-" in line for line in lines) == 5 + 1  # and the one of C08, which has the usual name
    assert sum("job-" in line for line in lines) == 2
    assert lines[-1] == "  ... and 15 more: 15 of C02 (high)"


def test_of_what_cannot_be_assessed_each_rule_is_told_once() -> None:
    findings = [finding("not_assessable", rule="X01", title="A copy is immutable", object=f"srv-{number}", reason="x" * 300) for number in range(3)]
    lines = audit_report(result(findings, verdict="not_assessable"))
    assert lines[0].startswith("NOT ASSESSABLE by the policy") and lines[0].endswith("but not everything could be assessed")
    assert lines[3:5] == ["Could not be assessed, so nobody should take it for good:", "  X01 A copy is immutable"]
    assert lines[5].startswith("      srv-0: xxx") and lines[5].endswith("… And 2 more.") and len(lines) == 6
    assert len(lines[5]) < 240


def test_long_reasons_end_with_a_sentence_where_there_is_one() -> None:
    (found,) = [line for line in audit_report(result([finding(reason="It is old. " + "x" * 300)])) if "srv-sql-01" in line]
    assert found.endswith(": It is old. …")


def test_passes_and_waived_are_counted_only() -> None:
    lines = audit_report(result([finding("pass"), finding("waived")], verdict="waived"))
    assert lines == [
        "WAIVED by the policy baseline, as of 2026-11-22T06:00:00Z",
        "  em01.example.com:9398: 0 fails, 1 waived, 0 not assessable, 0 errors, 1 pass",
    ]


def test_of_several_servers_each_finding_names_its_own() -> None:
    lines = audit_report(result([finding(server=SECOND), finding(server=FIRST, object=FIRST, backup_server="")], servers=(FIRST, SECOND)))
    assert f"      srv-sql-01 on vbr01.example.com, {SECOND}: It is too old." in lines
    assert lines[3] == "  all together: 2 fails (2 high), 0 waived, 0 not assessable, 0 errors, 0 pass"
    assert f"      {FIRST}: It is too old." in lines


def test_what_the_task_did_not_return_is_not_forgotten() -> None:
    assert audit_report(result([finding()], unreturned=5))[-1] == "  ... and 5 that were not returned; the reports hold all."


def test_a_part_of_the_estate_is_said_to_be_one() -> None:
    seen = result([])
    seen["servers"][0]["sees_all"] = False
    assert "    The account sees a part of the estate only; what it does not see was not judged." in audit_report(seen)


def test_files_come_last() -> None:
    evidence = {"path": "audit/evidence.tar.gz", "digest": "9f86"}
    lines = audit_report(result([], reports=[{"format": "html", "path": "audit/report.html"}], evidence=evidence))
    assert lines[-4:] == ["", "html report: audit/report.html", "evidence: audit/evidence.tar.gz", "its digest: 9f86"]


@pytest.mark.parametrize("number", [0, 1, 2])
def test_numbers_are_spoken_rightly(number: int) -> None:
    counts = {"pass": 0, "fail": number, "waived": 0, "not_assessable": 0, "error": number, "fail_by_severity": {}}
    text = counts_text(counts)
    assert text.startswith(f"{number} fail{'' if number == 1 else 's'},") and f"{number} error{'' if number == 1 else 's'}," in text


@pytest.mark.parametrize("value", [None, [], {}, {"failed": True, "msg": "no"}, "text"])
def test_anything_else_is_refused(value: Any) -> None:
    with pytest.raises(AnsibleFilterError, match="result of veeam_em_audit"):
        audit_report(value)


@pytest.mark.parametrize("limit", [0, -1, True, "5"])
def test_a_limit_that_makes_no_sense_is_refused(limit: Any) -> None:
    with pytest.raises(AnsibleFilterError, match="limit"):
        audit_report(result([]), limit)
