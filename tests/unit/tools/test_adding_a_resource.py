# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the guide shows and what the scaffold writes is what stands in the files."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import new_module
import pytest

from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.info import InfoModule

ROOT = Path(__file__).resolve().parents[3]
GUIDE = (ROOT / "docs" / "adding-a-resource.md").read_text(encoding="utf-8")
MODULES = "ansible_collections.openbackup.veeam_em.plugins.modules."


def quoted_lines() -> list[tuple[str, str]]:
    """Return every line of the diffs in the guide with the file that it belongs to."""
    found, path = [], ""
    for block in re.findall(r"```diff\n(.*?)```", GUIDE, re.DOTALL):
        for line in block.splitlines():
            if line.startswith("+++ "):
                path = line[4:]
            else:
                found.append((path, line.removeprefix("+")))
    return found


def info_modules() -> list[str]:
    """Return the names of the modules that read one resource and nothing else."""
    names = [path.stem for path in sorted((ROOT / "plugins" / "modules").glob("veeam_em_*_info.py"))]
    return [name for name in names if "MODULE = info_module(" in (ROOT / "plugins" / "modules" / f"{name}.py").read_text(encoding="utf-8")]


def test_the_guide_shows_a_diff_of_each_room() -> None:
    rooms = {path.split("/")[1] for path, _line in quoted_lines()}
    assert rooms == {"module_utils", "modules", "action", "runtime.yml", "simulator"}


@pytest.mark.parametrize(("path", "line"), quoted_lines())
def test_every_line_of_the_diff_stands_in_its_file(path: str, line: str) -> None:
    assert line in (ROOT / path).read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("name", info_modules())
def test_the_scaffold_writes_the_logic_that_stands_in_the_module(name: str) -> None:
    module: InfoModule = importlib.import_module(MODULES + name).MODULE
    assert module.resource is not None
    details = [(detail.option, list(detail.resources)) for detail in module.details]
    written = new_module.module_text(module.resource, list(module.below), details)
    standing = (ROOT / "plugins" / "modules" / f"{name}.py").read_text(encoding="utf-8")
    assert _logic(written) == _logic(standing)


def _logic(text: str) -> str:
    """Return the call that makes the module, however it is broken into lines, without the words that a person adds to a detail."""
    call = re.sub(r'\),\s*"[^"]*"\s*\)', "))", text[text.index("MODULE = ") : text.index("def main")])
    return re.sub(r"[\s,]+(?=[)\]])|\s+", "", call).replace(",)", ")")
