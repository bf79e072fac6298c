# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the HTML report shows of drift: every change with before and after, and what could not be compared."""

from __future__ import annotations

import html as entities
import re
from typing import Any

import pytest
from documents import OTHER_SERVER, SERVER, WAIVER, check_of, document_of, finding_of, section_of
from records import made_facts, record, rule_of

from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit import drift
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.evaluate import evaluate
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.model import FAIL, NOT_ASSESSABLE, PASS, Finding, Judgement, Subject
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.reports import html, html_drift
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.settings import Policy, Rule

RULE = Rule(check_of(html_drift.DRIFT_RULE), "medium", {})


def differs(name: str, before: Any, after: Any, server: str = SERVER, status: str = FAIL, waiver: str | None = None) -> Finding:
    judgement = Judgement(Subject("job", name, None, "vbr01"), status, "It differs.", after, before)
    return finding_of(RULE, judgement, server, waiver)


def page_of(*findings: Finding, servers: tuple[str, ...] = (SERVER,)) -> str:
    """Return the section of the page."""
    sections = [section_of(name, [one for one in findings if one.server == name]) for name in servers]
    page = html.write(document_of([RULE], sections)).decode("utf-8")
    found = re.search(r'<section aria-labelledby="drift">.*?</section>', page, re.DOTALL)
    assert found is not None
    return found.group()


def rows_of(section: str) -> list[list[str]]:
    body = re.search(r"<tbody>(.*?)</tbody>", section, re.DOTALL)
    assert body is not None
    rows = re.findall(r"<tr>(.*?)</tr>", body.group(1), re.DOTALL)
    return [[entities.unescape(re.sub(r"<[^>]+>", " ", cell)).strip() for cell in re.findall(r"<t[hd].*?</t[hd]>", one, re.DOTALL)] for one in rows]


def test_added_removed_and_changed_stand_with_before_and_after() -> None:
    changed = differs("Nightly", {"keep": 14, "schedule_enabled": True}, {"keep": 7, "schedule_enabled": False})
    section = page_of(changed, differs("Old", {"keep": 1}, None), differs("New", None, {"keep": 3}))
    assert "3 things differ from the baseline: 1 added, 1 removed, 1 changed." in section
    assert rows_of(section) == [
        ["New job on vbr01", "+ added", "", "", "keep: 3"],
        ["Old job on vbr01", "− removed", "", "keep: 1", ""],
        ["Nightly job on vbr01", "~ changed", "keep", "14", "7"],
        ["Nightly job on vbr01", "~ changed", "schedule_enabled", "yes", "no"],
    ]


def test_a_waived_change_is_shown_as_such() -> None:
    ((_thing, how, *_rest),) = rows_of(page_of(differs("Nightly", {"keep": 2}, {"keep": 1}, waiver=WAIVER)))
    assert how.split() == ["~", "changed", "Waiver", WAIVER]


def test_names_and_values_stay_text() -> None:
    section = page_of(differs("<b>x</b>", {"<i>f</i>": "<u>"}, {"<i>f</i>": "</td>"}))
    assert not re.search(r"<[biu]>(?!ut)", section) and "&lt;b&gt;x" in section and "&lt;u&gt;" in section


def test_what_could_not_be_compared_is_said_and_is_no_match() -> None:
    section = page_of(differs("jobs", None, None, status=NOT_ASSESSABLE), differs("repositories", {"things": 2}, {"things": 2}, status=PASS))
    assert "Nothing differs in what could be compared." in section and "Not assessable" in section and "<table" not in section
    assert "Nothing of what was compared differs" in page_of(differs("repositories", {"things": 2}, {"things": 2}, status=PASS))


def test_without_the_rule_the_section_says_that_nothing_was_compared() -> None:
    assert "was compared with no baseline" in page_of()


def test_of_two_servers_each_has_its_own_changes() -> None:
    section = page_of(differs("A", None, {"x": 1}), differs("B", {"x": 1}, None, OTHER_SERVER), servers=(SERVER, OTHER_SERVER))
    first, second = section.split(f"<h3>{OTHER_SERVER}</h3>")
    assert f"<h3>{SERVER}</h3>" in first
    assert [rows_of(part)[0][:2] for part in (first, second)] == [["A job on vbr01", "+ added"], ["B job on vbr01", "− removed"]]


def test_very_many_changes_are_left_to_the_json_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html_drift, "LISTED_CHANGES", 2)
    section = page_of(*(differs(f"job{number}", None, {"x": 1}) for number in range(5)))
    assert len(rows_of(section)) == 2 and "3 changes more: see the JSON report." in section and "Every change (5)" in section


def test_the_findings_of_the_check_itself_are_read_as_they_are() -> None:
    before, after = (made_facts({"jobs": [record("jobs", *names)]}, reads_of=["C40"]) for names in (("Nightly",), ("Daily",)))
    policy = Policy("own", {"C40": rule_of("C40")})
    section = evaluate(after, policy, baseline=drift.configuration_of(before))
    page = html.write(document_of(list(policy.rules.values()), [section])).decode("utf-8")
    assert "2 things differ from the baseline: 1 added, 1 removed." in page
