# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What git does not track comes into no tarball."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import tarball


def test_what_git_tracks_is_copied_as_it_is_now_and_nothing_else(tmp_path: Path) -> None:
    source, target = tmp_path / "checkout", tmp_path / "copy"
    (source / "plugins").mkdir(parents=True)
    for name in ("galaxy.yml", "plugins/module.py", "gone.txt"):
        (source / name).write_text("as committed", encoding="utf-8")
    subprocess.run(("git", "init", "--quiet", str(source)), check=True)
    subprocess.run(("git", "add", "."), cwd=source, check=True)
    (source / "awx.yml").write_text("awx_password: none of yours", encoding="utf-8")
    (source / "plugins" / "module.py").write_text("as edited", encoding="utf-8")
    (source / "gone.txt").unlink()
    tarball.copy_tracked(target, source)
    copied = {str(path.relative_to(target)): path.read_text(encoding="utf-8") for path in target.rglob("*") if path.is_file()}
    assert copied == {"galaxy.yml": "as committed", "plugins/module.py": "as edited"}


def test_a_folder_that_is_no_checkout_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.yml").touch()
    with pytest.raises(subprocess.CalledProcessError):
        tarball.copy_tracked(tmp_path / "copy", tmp_path)
