# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A browser is found where there is one, and what was tried is told where there is none."""

from __future__ import annotations

from pathlib import Path

import browser
import machine_packages
import pytest


@pytest.fixture(autouse=True)
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(browser.VARIABLE, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(browser, "DOWNLOADS", tmp_path / "downloads")


def command(path: Path, code: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\nexit {code}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_a_machine_without_any_has_none() -> None:
    assert browser.find() is None


def test_the_one_that_is_named_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = command(tmp_path / "bin" / "chromium")
    assert browser.find() == installed
    named = command(tmp_path / "elsewhere")
    monkeypatch.setenv(browser.VARIABLE, str(named))
    assert browser.find() == named


def test_what_does_not_run_is_none(tmp_path: Path) -> None:
    command(tmp_path / "bin" / "chromium-browser", code=1)
    assert browser.find() is None
    downloaded = command(tmp_path / "downloads" / "chromium_headless_shell-1" / "chrome-linux" / "headless_shell")
    assert browser.find() == downloaded


def test_ways_are_tried_until_one_leads_to_a_browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    def package() -> str:
        tried.append("package")
        command(tmp_path / "bin" / "chromium")
        return ""

    monkeypatch.setattr(browser, "_download", lambda: tried.append("download") or "the host cannot be reached")
    monkeypatch.setattr(browser, "_package", package)
    assert browser.obtain() == tmp_path / "bin" / "chromium"
    assert browser.obtain() == tmp_path / "bin" / "chromium"
    assert tried == ["download", "package"]


def test_what_was_tried_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "_download", lambda: "the host cannot be reached")
    with pytest.raises(browser.MissingBrowser, match="the host cannot be reached; there is no apt-get"):
        browser.obtain()


def test_only_root_installs_a_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command(tmp_path / "bin" / "apt-get", code=7)
    monkeypatch.setattr(machine_packages.os, "geteuid", lambda: 1000)
    assert "only root" in browser._package()
    monkeypatch.setattr(machine_packages.os, "geteuid", lambda: 0)
    assert "ended with 7" in browser._package()
