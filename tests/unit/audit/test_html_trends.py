# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the HTML report shows of earlier audits, in numbers that equal the document."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from lifelike_documents import document
from records import ago

from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.reports import html, html_trends
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.reports.html_markup import size_words

OTHER_POLICY = "Audits with † went by another policy"


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return document(20, servers=2)


def section_of(made: dict[str, Any]) -> str:
    """Return the section as the page has it."""
    page = html.write(made).decode("utf-8")
    found = re.search(r'<section aria-labelledby="trends">.*?</section>', page, re.DOTALL)
    assert found is not None
    return found.group()


def only_first(made: dict[str, Any], *points: dict[str, Any]) -> dict[str, Any]:
    """Return a document of the first server alone, with these points."""
    one = json.loads(json.dumps(made))
    one["servers"] = one["servers"][:1]
    one["servers"][0]["trends"] = list(points)
    return one


def rows_of(section: str, kind: str) -> list[list[str]]:
    """Return the texts of the cells of a table's body, row by row."""
    table = re.search(r'<table class="%s">.*?<tbody>(.*?)</tbody>' % kind, section, re.DOTALL)
    assert table is not None
    rows = re.findall(r"<tr>(.*?)</tr>", table.group(1), re.DOTALL)
    return [[re.sub(r"<svg.*?</svg>|<[^>]+>", "", cell, flags=re.DOTALL) for cell in re.findall(r"<t[hd].*?</t[hd]>", one, re.DOTALL)] for one in rows]


def test_each_audit_has_a_row_with_its_numbers(made: dict[str, Any]) -> None:
    points = made["servers"][0]["trends"]
    rows = rows_of(section_of(made), "trends")
    assert len(rows) == len(points) == 9
    for row, point in zip(rows, points, strict=True):
        assert row[0].startswith(point["gathered_at"][:10])
        assert row[3:6] == [str(point["summary"]["fail_by_severity"][severity]) for severity in ("high", "medium", "low")]
        assert row[8] == "%.1f %%" % (100 * point["rpo"]["within"] / point["rpo"]["machines"])
        assert row[9:] == [str(number) if point["matrix"]["machines"] else "not known" for number in point["matrix"]["digits"].values()]


def test_what_an_audit_did_not_tell_is_not_known_and_no_zero(made: dict[str, Any]) -> None:
    rows = rows_of(section_of(made), "trends")
    assert rows[1][7] == "not known"
    assert f"{ago(days=49)[:10]}: not known" in section_of(made)


def test_an_audit_by_another_policy_is_marked_and_that_is_said(made: dict[str, Any]) -> None:
    section = section_of(made)
    assert [row[1].endswith("†") for row in rows_of(section, "trends")] == [True, *[False] * 8]
    assert OTHER_POLICY in section and "first &lt;draft&gt; †" in section
    own = made["servers"][0]["trends"][-2:]
    assert OTHER_POLICY not in section_of(only_first(made, *own))


def test_used_capacity_is_told_from_the_first_to_the_last_audit(made: dict[str, Any]) -> None:
    points = made["servers"][0]["trends"]
    rows = rows_of(section_of(made), "capacity")
    sized = [entry for entry in points[-1]["repositories"] if entry["capacity"] is not None and entry["free"] is not None]
    assert [row[0] for row in rows] == [re.sub("<", "&lt;", entry["name"]).replace(">", "&gt;") for entry in sized] != []
    for row, entry in zip(rows, sized, strict=True):
        (first,) = [one for one in points[0]["repositories"] if one["uid"] == entry["uid"]]
        assert row[3:5] == [size_words(one["capacity"] - one["free"]) for one in (first, entry)]


def test_every_chart_says_what_it_shows_to_who_cannot_see_it(made: dict[str, Any]) -> None:
    charts = re.findall(r"<svg[^>]*>", section_of(made))
    assert len(charts) == 6 + len(rows_of(section_of(made), "capacity"))
    assert all('role="img"' in chart and re.search('aria-label="[^"]{20,}"', chart) for chart in charts)


def test_of_several_servers_each_has_its_part(made: dict[str, Any]) -> None:
    section = section_of(made)
    assert [name in section for name in ("em01.example.com:9398", "em02.example.com:9398")] == [True, True]
    assert section.count("There is no earlier audit to compare with.") == 1


def test_the_oldest_of_very_many_audits_are_left_to_the_json_report(made: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html_trends, "LISTED_AUDITS", 4)
    section = section_of(made)
    assert len(rows_of(section, "trends")) == 4 and "5 audits before are in the JSON report." in section


@pytest.mark.parametrize(("first", "told"), [(3, "fewer than"), (1, "more than"), (2, "as many as")])
def test_the_way_it_went_is_said(made: dict[str, Any], first: int, told: str) -> None:
    points = [json.loads(json.dumps(point)) for point in made["servers"][0]["trends"][-2:]]
    for point, fails in zip(points, (first, 2), strict=True):
        point["summary"]["fail"] = fails
    assert f"2 audits, the last one this. It has 2 fails, {told} the first one here ({first})." in section_of(only_first(made, *points))
