# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTML report in a browser: it complains of nothing, asks nobody, and shows the numbers of the document to everybody."""

from __future__ import annotations

import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from opened_page import Opened, Opener

from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.model import STATUSES
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.reports.html_estate import DIGITS

REPORTS = ("two servers", "simulated")
OPEN_ALL = "document.querySelectorAll('details').forEach(one => { one.open = true; })"
PROBLEMS = tuple(status for status in STATUSES if status != "pass")
SHOWN_ROWS = "tr[data-status]:not([hidden])"


def problems(one: Opened, **wanted: str) -> int:
    """Return how many findings that are no passes have these values."""
    found = [finding for finding in one.document["findings"] if finding["status"] != "pass"]
    return sum(all(finding[key] == value for key, value in wanted.items()) for finding in found)


@pytest.mark.parametrize("name", REPORTS)
def test_a_page_complains_of_nothing_and_asks_for_nothing_but_itself(opened: Opener, name: str) -> None:
    one = opened(name)
    one.page.evaluate(OPEN_ALL)
    one.page.locator("footer").scroll_into_view_if_needed()
    assert one.requests == [one.url]
    assert one.page.title().startswith("Backup audit")


def test_a_script_that_is_not_its_own_does_not_run(opened: Opener) -> None:
    one = opened("two servers")
    blocked = one.page.evaluate(
        """() => new Promise(resolve => {
            document.addEventListener("securitypolicyviolation", event => resolve(event.effectiveDirective));
            const script = document.createElement("script");
            script.textContent = "window.intruder = true;";
            document.body.append(script);
        })"""
    )
    assert blocked == "script-src-elem"
    assert one.page.evaluate("window.intruder") is None
    one.complaints.clear()  # the browser's own word on what it has just blocked


@pytest.mark.parametrize("name", REPORTS)
def test_the_sums_equal_the_document(opened: Opener, name: str) -> None:
    one = opened(name)
    for status in STATUSES:
        assert one.numbers(f"[data-count={status}]") == [one.document["summary"][status]]
    for number, server in enumerate(one.document["servers"], 1):
        row = f"table.servers tbody tr:nth-child({number}) td.number"
        assert one.numbers(row) == [server["summary"][status] for status in STATUSES]
    for rule in one.document["rules"]:
        expected = sum(rule["summary"][status] for status in PROBLEMS)
        assert one.page.locator(f"[id='findings-{rule['id']}'] tr[data-status]").count() == expected


@pytest.mark.parametrize("name", REPORTS)
def test_the_charts_equal_the_document(opened: Opener, name: str) -> None:
    one = opened(name)
    for number, server in enumerate(one.document["servers"], 1):
        figures, section = server["figures"], f"section[aria-labelledby=server-{number}]"
        for line, (_sign, key, _name, _asked) in enumerate(DIGITS, 1) if figures["matrix"] else ():
            statuses = [row["digits"][key]["status"] for row in figures["matrix"]]
            kept, unknown = statuses.count("pass"), statuses.count("not_assessable")
            assert one.numbers(f"{section} table.digits tbody tr:nth-child({line}) td.number") == [kept, len(statuses) - kept - unknown, unknown]
        ages = [[entry["machines"] - entry["beyond_rpo"], entry["beyond_rpo"]] for entry in figures["restore_point_ages"]]
        assert one.numbers(f"{section} table.ages td.number") == [value for pair in ages for value in pair]
        totals = [sum(day[key] for day in figures["results_per_day"]) for key in ("failed", "warning", "success")] if figures["results_per_day"] else []
        assert one.numbers(f"{section} .multiple span") == totals
        names = one.page.locator(f"{section} table.repositories tbody th").all_inner_texts()
        assert len(names) == len(figures["repositories"])


def test_bars_are_as_long_as_their_numbers(opened: Opener) -> None:
    one = opened("two servers")
    server = one.document["servers"][0]
    drawn = one.page.locator("section[aria-labelledby=server-1] table.digits tbody tr").nth(0).locator("rect.good").bounding_box()
    track = one.page.locator("section[aria-labelledby=server-1] table.digits tbody tr").nth(0).locator("rect.track").bounding_box()
    kept = [row["digits"]["copies"]["status"] for row in server["figures"]["matrix"]].count("pass")
    assert drawn and track
    assert drawn["width"] / track["width"] == pytest.approx(kept / len(server["figures"]["matrix"]), abs=0.01)


@pytest.mark.parametrize(
    ("field", "value", "wanted"),
    [
        ("#filter-status", "fail", {"status": "fail"}),
        ("#filter-status", "waived", {"status": "waived"}),
        ("#filter-severity", "medium", {"severity": "medium"}),
        ("#filter-server", "2", {"server": "em02.example.com:9398"}),
    ],
)
def test_a_choice_shows_those_findings_and_no_others(opened: Opener, field: str, value: str, wanted: dict[str, str]) -> None:
    one = opened("two servers")
    one.page.select_option(field, value)
    expected = problems(one, **wanted)
    one.page.get_by_text(f"{expected} of {problems(one)} findings shown", exact=True).wait_for()
    assert one.page.locator(SHOWN_ROWS).locator("visible=true").count() == expected > 0
    one.page.get_by_role("button", name="Clear").click()
    one.page.get_by_text(f"{problems(one)} findings", exact=True).wait_for()
    assert one.page.locator("tr[data-status][hidden], details[hidden], .severities[hidden]").count() == 0


def test_words_are_searched_for_as_they_are(opened: Opener) -> None:
    one = opened("two servers")
    finding = next(finding for finding in one.document["findings"] if finding["status"] == "fail")
    one.page.fill("#filter-search", f"  {finding['object'].upper()}   {finding['rule'].lower()} ")
    one.page.locator("#filter-shown").get_by_text("of").wait_for()
    texts = [text.lower() for text in one.page.locator(SHOWN_ROWS).locator("visible=true").all_inner_texts()]
    assert texts and all(finding["object"].lower() in text for text in texts)
    one.page.fill("#filter-search", ".*[(")
    one.page.get_by_text(f"0 of {problems(one)} findings shown", exact=True).wait_for()
    assert one.page.locator(SHOWN_ROWS).locator("visible=true").count() == 0


def test_choices_narrow_each_other(opened: Opener) -> None:
    one = opened("two servers")
    one.page.select_option("#filter-severity", "high")
    one.page.select_option("#filter-status", "fail")
    one.page.select_option("#filter-server", "1")
    expected = problems(one, severity="high", status="fail", server="em01.example.com:9398")
    one.page.get_by_text(f"{expected} of {problems(one)} findings shown", exact=True).wait_for()
    assert 0 < expected < problems(one, status="fail")


@pytest.mark.parametrize("name", REPORTS)
def test_everything_can_be_read_without_a_script(opened: Opener, name: str) -> None:
    one = opened(name, java_script_enabled=False)
    assert not one.page.locator("form#filter").is_visible()
    text = one.page.locator("main").text_content() or ""
    plain = [finding for finding in one.document["findings"] if finding["status"] != "pass" and finding["reason"].isprintable()]
    assert plain and all(finding["reason"] in text for finding in plain)
    group = one.page.locator("details.rule").first
    assert not group.locator("table, dl").first.is_visible()
    group.locator("summary").click()
    assert group.locator("table, dl").first.is_visible()


@pytest.mark.parametrize(
    ("name", "scheme", "width"),
    [("two servers", "light", 1280), ("two servers", "dark", 1280), ("two servers", "light", 390), ("simulated", "light", 1280)],
)
def test_who_cannot_see_it_can_read_it(opened: Opener, name: str, scheme: str, width: int) -> None:
    one = opened(name, color_scheme=scheme, viewport={"width": width, "height": 900})
    one.page.evaluate(OPEN_ALL)
    found = Axe().run(one.page)
    assert found.violations_count == 0, found.generate_report()
    assert len(found.response["passes"]) > 30


def test_the_keyboard_leads_everywhere(opened: Opener) -> None:
    one = opened("two servers")
    one.page.keyboard.press("Tab")
    skip = one.page.get_by_role("link", name="Skip to the report")
    assert skip.evaluate("one => one === document.activeElement") and (skip.bounding_box() or {"width": 0})["width"] > 50
    one.page.keyboard.press("Enter")
    assert one.page.url.endswith("#summary")
    summary = one.page.locator("details.rule > summary").first
    summary.focus()
    one.page.keyboard.press("Enter")
    assert summary.evaluate("one => one.parentElement.open")
    assert summary.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"


def test_evidence_is_one_step_away(opened: Opener) -> None:
    one = opened("two servers")
    one.page.evaluate("document.querySelectorAll('details.rule').forEach(one => { one.open = true; })")
    link = one.page.locator("table.findings a").first
    target = one.page.locator("[id='%s']" % (link.get_attribute("href") or "").removeprefix("#"))
    assert not target.is_visible()
    link.click()
    target.wait_for(state="visible")
    assert (target.locator("th").inner_text(), target.locator("code").count()) == (link.inner_text(), 1)


@pytest.mark.parametrize("width", [320, 768, 1280, 2560])
def test_a_page_is_never_wider_than_its_screen(opened: Opener, width: int) -> None:
    for name in REPORTS:
        one = opened(name, viewport={"width": width, "height": 900})
        one.page.evaluate(OPEN_ALL)
        assert one.page.evaluate("document.documentElement.scrollWidth") <= width


def test_paper_shows_what_was_closed_and_no_controls(opened: Opener) -> None:
    one = opened("two servers", color_scheme="dark")
    row = one.page.locator("table.findings tbody tr").first
    assert not row.is_visible()
    one.page.emulate_media(media="print")
    assert (row.bounding_box() or {"height": 0})["height"] > 5
    assert not one.page.locator("form#filter").is_visible() and not one.page.get_by_role("navigation").is_visible()
    assert one.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert one.page.pdf(format="A4").startswith(b"%PDF")


def test_ten_thousand_machines_open_and_can_be_searched(opened: Opener) -> None:
    began = time.monotonic()
    one = opened("large")
    one.page.locator("footer").wait_for()
    assert time.monotonic() - began < 15
    machine = one.document["findings"][-10]["object"]
    began = time.monotonic()
    one.page.fill("#filter-search", machine)
    one.page.locator("#filter-shown").get_by_text("of").wait_for()
    assert time.monotonic() - began < 10
    assert one.page.locator("table.matrix tbody tr").count() == 10000


def test_trends_and_drift_stand_in_numbers_and_are_within_reach_of_the_keyboard(opened: Opener) -> None:
    one = opened("two servers")
    trends, points = one.page.locator("section[aria-labelledby=trends]"), one.document["servers"][0]["trends"]
    assert trends.locator("table.trends tbody tr").count() == len(points) > 2
    drawn = trends.locator("svg.columns").first
    assert drawn.locator("rect.bad").count() == sum(point["summary"]["fail_by_severity"]["high"] > 0 for point in points)
    assert drawn.get_attribute("role") == "img" and "first" in str(drawn.get_attribute("aria-label"))
    for where in ("trends", "drift"):
        one.page.locator(f"nav a[href='#{where}']").focus()
        one.page.keyboard.press("Enter")
        assert one.page.url.endswith("#" + where)
        assert one.page.locator(f"h2#{where}").is_visible()
