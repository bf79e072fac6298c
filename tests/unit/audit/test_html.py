# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTML report: whole, safe, told in numbers that equal the document, within its size."""

from __future__ import annotations

import base64
import copy
import hashlib
import itertools
import json
import re
import unicodedata
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lifelike_documents import NASTY, document

from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.model import STATUSES
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.reports import html, html_addresses, html_estate, html_findings, html_reference
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.reports.html_markup import el, escaped, in_words, size_words
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.reports.html_style import SCRIPT, STYLE

VOID = {"meta", "input", "br"}


class Page(HTMLParser):
    """What a strict reader makes of a page: refuses what is not closed in order."""

    def __init__(self, content: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.skeleton: list[tuple[str, tuple[str, ...]]] = []
        self.attributes: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[tuple[str, ...], str]] = []
        self.feed(content.decode("utf-8"))
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _value in attrs}) == len(attrs), attrs
        self.skeleton.append((tag, tuple(name for name, _value in attrs)))
        self.attributes.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append((tuple(self.open), data))

    def text(self, *within: str) -> str:
        return " ".join(data for path, data in self.texts if all(tag in path for tag in within) and not {"style", "script"} & set(path))

    def values(self, name: str) -> list[str]:
        return [value for _tag, attributes in self.attributes if (value := attributes.get(name))]


@pytest.fixture(scope="module")
def two_servers() -> dict[str, Any]:
    return document(40, servers=2, names=NASTY)


@pytest.fixture(scope="module")
def page(two_servers: dict[str, Any]) -> Page:
    return Page(html.write(two_servers))


def test_the_same_document_gives_the_same_bytes(two_servers: dict[str, Any]) -> None:
    again = json.loads(json.dumps(two_servers))
    assert html.write(two_servers) == html.write(again)


def test_writing_leaves_the_document_as_it_is(two_servers: dict[str, Any]) -> None:
    before = copy.deepcopy(two_servers)
    html.write(two_servers)
    assert two_servers == before


def test_links_lead_to_what_is_there_and_addresses_are_unique(page: Page) -> None:
    addresses = page.values("id")
    assert len(addresses) == len(set(addresses))
    assert {link.removeprefix("#") for link in page.values("href")} <= set(addresses)
    assert set(page.values("aria-labelledby")) <= set(addresses)


def test_nothing_is_loaded_and_nothing_else_may_run(page: Page) -> None:
    assert all(link.startswith("#") for link in page.values("href"))
    assert not page.values("src") and not page.values("style") and not page.values("action")
    assert not [name for _tag, names in page.skeleton for name in names if name.startswith("on")]
    assert not {"link", "img", "iframe", "object", "embed", "base", "use", "image"} & {tag for tag, _names in page.skeleton}
    assert "url(" not in STYLE and "@import" not in STYLE
    assert not re.search(r"fetch|XMLHttp|import|eval|innerHTML|location|open\(", SCRIPT)
    (policy,) = [attributes["content"] for tag, attributes in page.attributes if attributes.get("http-equiv") == "Content-Security-Policy"]
    digests = ["'sha256-%s'" % base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (STYLE, SCRIPT)]
    assert policy == "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'".format(*digests)


def test_the_policy_stands_before_everything_that_it_governs(page: Page) -> None:
    tags = [attributes.get("http-equiv") or tag for tag, attributes in page.attributes]
    assert tags.index("Content-Security-Policy") < min(tags.index("style"), tags.index("script"))


def test_headings_are_in_order_and_tables_have_heads(page: Page) -> None:
    levels = [int(tag[1]) for tag, _names in page.skeleton if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    tables = [tag for tag, _names in page.skeleton].count("table")
    assert tables == [tag for tag, _names in page.skeleton].count("caption") > 5
    assert all(attributes.get("scope") in ("row", "col") for tag, attributes in page.attributes if tag == "th")
    pictures = [attributes for tag, attributes in page.attributes if tag == "svg"]
    assert pictures and all(bool(one.get("aria-label")) != (one.get("aria-hidden") == "true") for one in pictures)
    assert {"header", "nav", "main", "footer"} <= {tag for tag, _names in page.skeleton}


def test_numbers_equal_the_document(two_servers: dict[str, Any]) -> None:
    page = Page(html.write(two_servers))
    tiles = {attributes["data-count"]: at for at, (_tag, attributes) in enumerate(page.attributes) if "data-count" in attributes}
    assert set(tiles) == set(STATUSES)
    shown = [data for path, data in page.texts if path[-1:] == ("b",) and "ul" in path and "li" in path and "ol" not in path]
    assert [int(number.replace(",", "")) for number in shown] == [two_servers["summary"][status] for status in STATUSES]
    rows = [attributes["data-status"] for _tag, attributes in page.attributes if "data-status" in attributes]
    assert {status: rows.count(status) for status in STATUSES if status != "pass"} == {
        status: two_servers["summary"][status] for status in STATUSES if status != "pass"
    }
    assert rows.count("pass") == 0


def test_every_listed_finding_is_told_whole(two_servers: dict[str, Any]) -> None:
    text = " ".join(Page(html.write(two_servers)).text().split())
    for finding in two_servers["findings"]:
        if finding["status"] != "pass":
            assert " ".join(shown(finding["reason"]).split()) in text
            assert " ".join(shown(finding["object"]).split()) in text
    for server in two_servers["servers"]:
        assert all(answer["sha256"] in text for answer in server["answers"])
        assert all(shown(row["machine"]) in text for row in server["figures"]["matrix"])
    assert two_servers["policy"]["sha256"] in text
    assert all(rule[key] in text for rule in two_servers["rules"] for key in ("id", "title", "why", "how", "fix", "limits"))


def shown(text: str) -> str:
    """Return text as the page shows it."""
    single = HTMLParser(convert_charrefs=True)
    kept: list[str] = []
    single.handle_data = kept.append  # type: ignore[method-assign]
    single.feed(escaped(text))
    single.close()
    return "".join(kept)


def test_no_name_changes_the_page() -> None:
    plain = tuple("machine%d" % number for number in range(len(NASTY)))
    tame, wild = (Page(html.write(document(20, names=names))) for names in (plain, NASTY))
    # Which machine comes first depends on its name, the page it makes does not.
    assert sorted(tame.skeleton) == sorted(wild.skeleton)


def _filled(value: Any, text: str) -> Any:
    """Return plain data with every free text replaced."""
    if isinstance(value, dict):
        return {key: inner if key in _GRAMMAR else _filled(inner, text) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, text) for inner in value]
    return text if isinstance(value, str) and value else value


# Words of the document's own grammar, and times.
_GRAMMAR = {"status", "severity", "verdict", "as_of", "expires", "time", "gathered_at", "day", "id", "rule", "rules", "server", "format"}
_TEXTS = st.one_of(st.sampled_from(NASTY), st.text(min_size=1, max_size=20), st.text(st.characters(codec=None), min_size=1, max_size=5))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_TEXTS)
def test_no_text_of_a_server_gets_out_of_its_place(text: str) -> None:
    base = document(6, servers=1)
    tame, wild = (Page(html.write(_filled(base, one))) for one in ("x" * len(text), text))
    assert [tag for tag, _names in tame.skeleton] == [tag for tag, _names in wild.skeleton]


@settings(max_examples=300)
@given(st.text(st.characters(codec=None), max_size=30))
def test_what_is_invisible_is_made_visible(text: str) -> None:
    told = escaped(text)
    assert not [character for character in told if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    assert not set(told.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "").replace("&quot;", "").replace("&#39;", "")) & set("<>&\"'")


def test_two_names_that_differ_by_what_is_invisible_look_different() -> None:
    assert len({escaped(name) for name in ("a", "a\u200b", "\u202ea", "a\x00", "a\ufeff", "a\u00ad")}) == 6
    assert escaped("pay\u202eroll") == "pay⟨U+202E⟩roll"


def test_markup_is_not_escaped_twice_and_text_always_once() -> None:
    assert el("p", el("b", "a<b"), "<", title='"') == '<p title="&quot;"><b>a&lt;b</b>&lt;</p>'
    assert el("details", open=True, hidden=False, data_x=None) == "<details open></details>"


def test_machines_that_are_worst_come_first(two_servers: dict[str, Any]) -> None:
    rows = two_servers["servers"][0]["figures"]["matrix"]
    fails = [sum(digit["status"] == "fail" for digit in row["digits"].values()) for row in sorted(rows, key=html_estate._worst_first)]
    assert fails == sorted(fails, reverse=True) and fails[0] > fails[-1]


def test_what_to_do_first_is_the_gravest_and_then_the_most_frequent(two_servers: dict[str, Any]) -> None:
    grouped = html_findings.by_rule(two_servers)
    told = Page(html_findings.first_steps(two_servers, grouped, most=10).encode())
    rules = {rule["title"]: rule for rule in two_servers["rules"]}
    order = [rules[data] for path, data in told.texts if path[-1:] == ("a",)]
    keys = [(("high", "medium", "low").index(rule["severity"]), -rule["summary"]["fail"]) for rule in order]
    assert keys == sorted(keys) and len(keys) == sum(rule["summary"]["fail"] > 0 for rule in two_servers["rules"]) > 3


def test_what_the_account_did_not_see_is_told_at_the_top_and_at_the_server() -> None:
    made = document(5, servers=2)
    text = Page(html.write(made)).text()
    assert text.count("sees only a part of the estate") == 2
    made["servers"][0]["sees_all"] = None
    assert Page(html.write(made)).text().count("may see only a part of the estate") == 2
    assert "Accounts are shown to Portal Administrators only." in text


@pytest.mark.parametrize(
    ("expires", "left"),
    [
        ("2026-11-20", 0.5),
        ("2026-11-19", -0.5),
        ("2026-12-20T12:00:00Z", 30),
        ("2026-11-20T11:59:59Z", -1 / 86400),
        (None, None),
    ],
)
def test_a_day_runs_out_when_it_ends(expires: str | None, left: float | None) -> None:
    assert html_reference.days_left(expires, "2026-11-20T12:00:00Z") == (None if left is None else pytest.approx(left))


def test_waivers_that_run_out_first_stand_first_and_say_so(two_servers: dict[str, Any]) -> None:
    text = Page(html.write(two_servers)).text()
    assert text.index("W-3") < text.rindex("W-1") < text.rindex("W-2")
    assert "3 waivers: 1 expired, 1 expires soon, 1 active." in text
    assert "14 days left" in text and "! expired" in text


def test_a_pass_by_attestation_is_told_apart(two_servers: dict[str, Any]) -> None:
    attested = [finding for finding in two_servers["findings"] if finding["attestation"]]
    text = Page(html.write(two_servers)).text()
    assert len(attested) == 2 and "2 of them by attestation" in text and "2 judgements pass by attestation" in text
    plain = {**two_servers, "findings": [{**finding, "attestation": None} for finding in two_servers["findings"]]}
    assert "by attestation" not in Page(html.write(plain)).text()


def test_findings_on_the_audit_itself_can_be_chosen_and_are_counted(two_servers: dict[str, Any]) -> None:
    assert "The audit itself" not in Page(html.write(two_servers)).text()
    own = {**two_servers["findings"][0], "server": "", "status": "fail", "severity": "low", "object": "W-1", "evidence": []}
    text = Page(html.write({**two_servers, "findings": [*two_servers["findings"], own, {**own, "status": "pass"}]})).text()
    assert text.count("The audit itself") == 2
    assert "The audit itself: its waivers and attestations ✗  Fail 1 1 0 0 0 1 low" in text


def test_reasons_that_hold_for_most_stand_first_and_the_rest_is_counted(two_servers: dict[str, Any]) -> None:
    one = next(finding for finding in two_servers["findings"] if finding["status"] == "not_assessable")
    reasons = {"Rare.": 1, "Frequent.": 4, "Common.": 3, "Some.": 2, "Odd.": 1}
    found = [{**one, "reason": reason, "object": f"srv{number}"} for reason, times in reasons.items() for number in range(times)]
    made = {**two_servers, "findings": found}
    text = Page(html_findings.not_assessed_section(made, html_findings.by_rule(made)).encode()).text()
    assert text.index("Frequent.") < text.index("Common.") < text.index("Some.")
    assert "Rare." not in text and "Odd." not in text
    assert f"2 more reasons: findings of {one['rule']} 2 objects" in " ".join(text.split())
    assert "srv0, srv1, srv2 and 1 more" in text


def test_rules_that_most_objects_break_stand_first(two_servers: dict[str, Any]) -> None:
    broken = [sum(finding["status"] in ("fail", "error") for finding in found) for found in html_findings.by_rule(two_servers).values()]
    assert broken == sorted(broken, reverse=True) and broken[0] > broken[-1]


@pytest.mark.parametrize(
    ("idle", "told"),
    [
        ([], "There was no day without any."),
        ([3], "1 day without any: 2026-11-04."),
        ([1, 2, 3], "3 days without any: 2026-11-02, 2026-11-03, 2026-11-04."),
        ([1, 2, 3, 4, 5], "5 days without any: 2026-11-02, 2026-11-03, 2026-11-04 and 2 more."),
        (list(range(10)), "There was hardly any day with one."),
        ([0, 9], "There was no day without any."),
    ],
)
def test_days_without_a_run_are_told(idle: list[int], told: str) -> None:
    days = [{"day": f"2026-11-{day + 1:02}", "success": int(day not in idle), "warning": 0, "failed": 0} for day in range(10)]
    assert html_estate._idle(days).endswith(told)


def test_an_audit_of_nothing_is_a_page_as_well(two_servers: dict[str, Any]) -> None:
    empty = {**two_servers, "rules": [], "servers": [], "findings": [], "waivers": [], "attestations": []}
    empty["summary"] = {"verdict": "pass", **dict.fromkeys(STATUSES, 0), "fail_by_severity": dict.fromkeys(("high", "medium", "low"), 0)}
    assert "Nothing is waived." in Page(html.write(empty)).text()
    bare = document(5)
    bare["servers"][0]["figures"] = {"matrix": [], "restore_point_ages": [], "results_per_day": [], "repositories": []}
    bare["servers"][0]["answers"] = []
    assert "or none could be read" in Page(html.write({**bare, "findings": []})).text()


def test_rules_of_alike_names_stand_apart() -> None:
    assert len({html_addresses.rule_address(name) for name in ("a b", "a-b", "a_b", "A b", "a  b", "ab")}) == 6


def test_each_rule_gets_its_share_of_what_may_be_listed() -> None:
    assert html_findings.listed_of_each([], 10) == 0
    assert html_findings.listed_of_each([3, 4], 10) == 4
    assert html_findings.listed_of_each([100, 2, 100], 10) == 4
    assert html_findings.listed_of_each([5, 5], 1) == 0


@given(st.lists(st.integers(1, 1000), max_size=60), st.integers(0, 5000))
def test_no_more_is_listed_than_may_be_and_not_one_less(numbers: list[int], allowed: int) -> None:
    most = html_findings.listed_of_each(numbers, allowed)
    assert sum(min(number, most) for number in numbers) <= allowed
    assert most >= max(numbers, default=0) or sum(min(number, most + 1) for number in numbers) > allowed


def test_what_is_left_out_is_told_with_its_number(two_servers: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html_findings, "LISTED_FINDINGS", 14)
    monkeypatch.setattr(html_estate, "LISTED_MACHINES", 30)
    monkeypatch.setattr(html_addresses, "LISTED_ANSWERS", 8)
    page = Page(html.write(two_servers))
    listed = [attributes["data-status"] for _tag, attributes in page.attributes if "data-status" in attributes]
    told = [int(number.replace(",", "")) for number in re.findall(r"([\d,]+) findings? of this rule (?:is|are) not listed", page.text())]
    assert sum(told) + len(listed) == len(two_servers["findings"]) - two_servers["summary"]["pass"] and len(listed) <= 14
    assert page.text().count("10 machines more: see the JSON report.") == 2
    assert "8 answers more: see the evidence pack." in page.text()
    addresses = set(page.values("id"))
    assert {link.removeprefix("#") for link in page.values("href")} <= addresses


@pytest.mark.thorough
def test_ten_thousand_machines_that_break_every_rule_are_a_page_that_opens() -> None:
    assert len(html.write(document(10000, broken=100.0))) <= 10_000_000


@pytest.mark.parametrize(
    ("size", "words"), [(None, "unknown"), (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1536 * 2**30, "1.5 TiB"), (3000 * 2**50, "3,000.0 PiB")]
)
def test_sizes_in_words(size: int | None, words: str) -> None:
    assert size_words(size) == words


def test_plain_data_in_words() -> None:
    assert in_words({"hours_at_most": 24.0, "of": ["a", "b"], "on": True, "gone": None}) == "hours at most: 24.0; of: a, b; on: yes; gone: none"
    assert len(in_words("x" * 1000)) == 300 and in_words([]) == "none"


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_colours_keep_their_contrast_in_light_and_dark_and_on_paper() -> None:
    palettes = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block)) for block in re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)]
    assert len(palettes) == 3
    for palette in palettes:
        papers = [colour for name, colour in palette.items() if name == "paper" or name.endswith("-paper") or name == "raised"]
        for ink in ("ink", "quiet", "link"):
            assert min(_contrast(palette[ink], paper) for paper in papers) >= 4.5, ink
        for ink in ("good", "bad", "middling", "unknown", "waived"):
            on = [palette["paper"], palette["raised"], palette[ink + "-paper"], palette["middling-paper"]]
            assert min(_contrast(palette[ink], paper) for paper in on) >= 4.5, ink
        for fill in ("good", "bad", "middling"):
            assert _contrast(palette[fill + "-fill"], palette["paper"]) >= 3, fill
