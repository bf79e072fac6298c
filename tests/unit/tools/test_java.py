# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Java is found where there is one that runs, installed where it can be, and what was tried is told."""

from __future__ import annotations

from pathlib import Path

import java
import machine_packages
import pytest


def put_java(folder: Path, code: int) -> Path:
    program = folder / "java"
    program.write_text(f"#!/bin/sh\nexit {code}\n", encoding="utf-8")
    program.chmod(0o755)
    return program


@pytest.fixture(autouse=True)
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))


def test_what_runs_is_taken_and_nothing_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_packages, "install", lambda _packages: pytest.fail("nothing was to be installed"))
    found = put_java(tmp_path, 0)
    assert java.obtain() == found


def test_what_does_not_run_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_java(tmp_path, 1)
    monkeypatch.setattr(machine_packages, "install", lambda _packages: put_java(tmp_path, 0) and "")
    assert java.obtain() == tmp_path / "java"


def test_what_was_tried_is_told() -> None:
    with pytest.raises(java.MissingJava, match="there is no apt-get"):
        java.obtain()
