# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the guide to a new check shows is what stands in the files."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
GUIDE = (ROOT / "docs" / "audit" / "adding-a-check.md").read_text(encoding="utf-8")
LONGEST = 100


def quoted_blocks() -> list[tuple[str, str]]:
    """Return the lines that the diffs of the guide add, together for each file."""
    found = []
    for block in re.findall(r"```diff\n(.*?)```", GUIDE, re.DOTALL):
        for path, lines in re.findall(r"^\+\+\+ (\S+)\n((?:(?!\+\+\+ )\+.*\n)+)", block, re.MULTILINE):
            found.append((path, re.sub(r"^\+", "", lines, flags=re.MULTILINE)))
    return found


def test_the_guide_shows_a_check_its_test_and_its_defect() -> None:
    assert [path.split("/")[-1] for path, _lines in quoted_blocks()] == ["infrastructure.py", "test_checks_infrastructure.py", "places.py", "planted.py"]


def test_every_block_of_the_guide_stands_in_its_file() -> None:
    for path, lines in quoted_blocks():
        assert lines in (ROOT / path).read_text(encoding="utf-8"), path


def test_the_guide_is_short() -> None:
    assert len(GUIDE.splitlines()) < LONGEST
