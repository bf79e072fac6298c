# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The runner of the checks counts what ran and never calls nothing a success."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import environments
import pytest
import run_stages
from run_stages import Outcome, Stage

JUNIT = """<testsuites><testsuite>
<testcase classname="a" name="good"/>
<testcase classname="a" name="bad"><failure message="no"/></testcase>
<testcase classname="a" name="broken"><error message="no"/></testcase>
<testcase classname="a" name="left_out"><skipped message="no Python"/></testcase>
<testcase classname="sanity" name="pslint"><skipped>No tests applicable.</skipped></testcase>
</testsuite></testsuites>"""


@pytest.fixture(autouse=True)
def private_logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_stages, "LOGS", tmp_path)
    monkeypatch.setattr(run_stages, "ensure", lambda environment: environment)


def shell(script: str, counts: str = "one", seconds: int = 30) -> Stage:
    return Stage("stage", "core-2.19", ("sh", "-c", script), counts, seconds=seconds)


def numbers(outcome: Outcome) -> tuple[int, int, int]:
    return outcome.passed, outcome.failed, outcome.skipped


def test_test_cases_are_counted_one_by_one(tmp_path: Path) -> None:
    (tmp_path / "stage.xml").write_text(JUNIT, encoding="utf-8")
    outcome = run_stages.run_stage(shell("exit 1", "pytest"))
    assert numbers(outcome) == (1, 2, 1)
    assert outcome.notes == ["a left_out: no Python"]


def test_a_command_counts_as_one() -> None:
    assert numbers(run_stages.run_stage(shell("exit 0"))) == (1, 0, 0)
    assert numbers(run_stages.run_stage(shell("exit 3"))) == (0, 1, 0)


@pytest.mark.parametrize("script", ["exit 0", "exit 4"])
def test_a_run_of_no_tests_is_a_failure(script: str) -> None:
    assert numbers(run_stages.run_stage(shell(script, "pytest"))) == (0, 1, 0)


def test_a_stage_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    outcome = run_stages.run_stage(shell(f"(sleep 3; touch {tmp_path}/still-there) & sleep 60", seconds=1))
    assert numbers(outcome) == (0, 1, 0)
    assert "ended after 1 s" in (tmp_path / "stage.log").read_text(encoding="utf-8")
    assert not (tmp_path / "still-there").exists()


def test_a_missing_python_is_a_skip_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(environment: environments.Environment) -> environments.Environment:
        raise environments.MissingPython(f"no Python for {environment.name}")

    monkeypatch.setattr(run_stages, "ensure", missing)
    outcome = run_stages.run_stage(shell("exit 0"))
    assert (numbers(outcome), outcome.skip_reason) == ((0, 0, 1), "no Python for core-2.19")


@pytest.mark.parametrize(("environ", "expected"), [({}, (0, 0, 1)), ({"CI": "true"}, (0, 1, 0))])
def test_a_missing_browser_is_told_and_fails_where_nobody_would_hear_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], environ: dict[str, str], expected: tuple[int, int, int]
) -> None:
    def missing() -> Path:
        raise run_stages.browser.MissingBrowser("no browser far and wide")

    monkeypatch.setattr(run_stages.browser, "obtain", missing)
    monkeypatch.delenv("CI", raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    outcome = run_stages.run_stage(replace(shell("exit 0"), opens_pages=True))
    assert numbers(outcome) == expected
    assert "no browser far and wide" in capsys.readouterr().out


def test_a_stage_that_opens_pages_is_told_which_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_stages.browser, "obtain", lambda: Path("/bin/some-browser"))
    asks = 'test "$EM_TEST_BROWSER" = /bin/some-browser'
    assert numbers(run_stages.run_stage(replace(shell(asks), opens_pages=True))) == (1, 0, 0)
    monkeypatch.delenv("EM_TEST_BROWSER", raising=False)
    assert numbers(run_stages.run_stage(shell(asks))) == (0, 1, 0)


def test_the_last_line_sums_up(capsys: pytest.CaptureFixture[str]) -> None:
    outcomes = [Outcome(shell(""), passed=3, skipped=1), Outcome(shell(""), passed=1, failed=2)]
    assert not run_stages.summary(outcomes, 0.0, 0.0)
    assert capsys.readouterr().out.splitlines()[-1] == "4 passed, 2 failed, 1 skipped"


def test_each_stage_has_a_name_of_its_own() -> None:
    names = [stage.name for stage in run_stages.GROUPS["test"]]
    assert len(names) == len(set(names))


def test_a_shim_for_a_python_that_is_not_there_is_no_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shim = tmp_path / "python3.98"
    shim.write_text("#!/bin/sh\nexit 127\n", encoding="utf-8")
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert environments.find_python("3.98") is None


def test_a_tool_does_not_see_the_users_ansible(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSIBLE_VAULT_PASSWORD_FILE", "secret")
    monkeypatch.setenv("VEEAM_EM_HOST", "em.example.com")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "ca.pem")
    environ = environments.clean_environ(MORE="1")
    assert "ANSIBLE_VAULT_PASSWORD_FILE" not in environ
    assert "VEEAM_EM_HOST" not in environ
    assert (environ["REQUESTS_CA_BUNDLE"], environ["MORE"]) == ("ca.pem", "1")
