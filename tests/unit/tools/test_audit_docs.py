# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pages of the audit that follow from code: whether they say what the code does, and whether nothing is left over."""

from __future__ import annotations

import re
from pathlib import Path

import audit_docs
import generate_docs
import pytest

from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.model import CHECKS, Check, Parameter, Reads
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.policy import load_policy


def example_of(page: str) -> str | None:
    """Return the YAML that a page shows, None where it shows none."""
    found = re.search(r"```yaml\n(.*?)```", page, re.DOTALL)
    return found[1] if found else None


@pytest.mark.parametrize("identity", sorted(CHECKS))
def test_what_a_page_shows_is_a_policy_and_sets_the_defaults(identity: str, tmp_path: Path) -> None:
    check = CHECKS[identity]
    example = example_of(audit_docs.page_of(check))
    assert (example is None) is (not check.parameters)
    if example is not None:
        path = tmp_path / "policy.yml"
        path.write_text("format: 1\nname: example\nextends: [baseline]\n" + example, encoding="utf-8")
        values = load_policy(str(path)).rules[identity].values
        assert {one.name: values[one.name] for one in check.parameters} == defaults_of(check)


def defaults_of(check: Check) -> dict[str, object]:
    """Return the values that a rule has where no policy says anything."""
    values = load_policy({"format": 1, "name": "nothing else", "rules": {"C01": True, check.id: True}}).rules[check.id].values
    return {one.name: values[one.name] for one in check.parameters}


def test_a_page_tells_all_that_a_check_says_of_itself() -> None:
    page = audit_docs.page_of(
        Check(
            "C02",
            "A title",
            "low",
            "backup_server",
            (Reads("jobs", ("name", "job_type")), Reads("backups", ("name",), needed=False)),
            "The why.",
            "The how.",
            "The fix.",
            lambda _context: iter(()),
            "The limits.",
            (Parameter("names", "list", ("a|b",), "The meaning.", by_class=True),),
            ("CIS 11.2", "NIST CP-9", "CIS 11.1"),
            3,
        )
    )
    assert page.startswith("# C02: A title\n")
    assert "Asked of: backup server. A fail is of low severity" in page
    assert "Version of the check: 3." in page
    for heading, text in (
        ("Why it matters", "The why."),
        ("How it is measured", "The how."),
        ("What the service does not tell", "The limits."),
        ("How to put it right", "The fix."),
    ):
        assert f"\n## {heading}\n\n{text}\n" in page
    assert '| `names` | a text, or a list of such | yes | The meaning. Default `["a\\|b"]`. |' in page
    assert "| `jobs` | yes | `name`, `job_type` |\n| `backups` |  | `name` |\n" in page
    assert page.endswith("- CIS Critical Security Controls v8: 11.1, 11.2\n- NIST SP 800-53 Rev. 5: CP-9\n")


def test_a_check_without_limits_and_parameters_has_no_empty_sections() -> None:
    page = audit_docs.page_of(Check("C01", "A title", "low", "job", (), "The why.", "The how.", "The fix.", lambda _context: iter(())))
    assert re.findall(r"^## (.*)$", page, re.MULTILINE) == ["Why it matters", "How it is measured", "How to put it right"]


def test_the_index_leads_to_every_check_twice() -> None:
    text = audit_docs.index()
    for identity, check in CHECKS.items():
        assert f"| [{identity}]({identity}.md) | {check.title} |" in text
        assert text.count(f"({identity}.md)") == 1 + len(set(check.controls))


def test_controls_are_in_the_order_of_their_numbers() -> None:
    assert sorted(["11.10", "3.11", "11.2"], key=audit_docs.by_number) == ["3.11", "11.2", "11.10"]
    assert sorted(["CP-10", "CP-9(1)", "AC-2", "CP-9"], key=audit_docs.by_number) == ["AC-2", "CP-9", "CP-9(1)", "CP-10"]
    assert sorted(["A.8.13", "A.8.2", "A.5.15"], key=audit_docs.by_number) == ["A.5.15", "A.8.2", "A.8.13"]


def test_a_page_that_no_check_has_any_more_goes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    left = tmp_path / "checks" / "C99.md"
    left.parent.mkdir()
    left.write_text("old", encoding="utf-8")
    monkeypatch.setattr(generate_docs, "ROOT", tmp_path)
    monkeypatch.setattr(audit_docs, "PAGES_OF_CHECKS", left.parent)
    monkeypatch.setattr(audit_docs, "INDEX", left.parent / "README.md")
    monkeypatch.setattr(audit_docs, "PAGES", ())
    monkeypatch.setattr(generate_docs, "wanted_files", audit_docs.wanted_files)
    assert generate_docs.main(["--check"]) == 1
    assert "out of date: checks/C99.md" in capsys.readouterr().out
    assert left.exists()
    assert generate_docs.main([]) == 0
    assert not left.exists()
    assert len(list(left.parent.glob("*.md"))) == len(CHECKS) + 1
    assert generate_docs.main(["--check"]) == 0


def test_every_member_of_the_findings_stands_in_a_table() -> None:
    tables = "".join(audit_docs.PARTS[f"{name} members"]() for name in ("document", "finding", "rule", "server", "summary", "waiver", "attestation", "digit"))
    for words in (
        "| `as_of` | time | The moment for which the audit speaks",
        "| `format` | `openbackup.veeam_em/findings/1` |",
        "| `answers[].sha256` | string |",
        "| `answers[].time` | time or empty |",
        "| `figures.repositories[].free` | integer or null |",
        "| `created` (may be missing) | string |",
        "| `measured` | any JSON |",
        "| `verdict` | status |",
    ):
        assert words in tables
