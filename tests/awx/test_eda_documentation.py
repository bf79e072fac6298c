# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is written about the event source and the rulebooks against what they take; the example of the guide under ansible-rulebook."""

from __future__ import annotations

import re
import runpy
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.options import CONNECTION_OPTIONS
from ansible_collections.openbackup.veeam_em.plugins.plugin_utils.event_source import source_spec
from awx_testing.eda import Rulebook, questions
from em_simulator.control import Simulator
from em_testing.fixtures import ROOT
from em_testing.runner import Runner

EDA = ROOT / "extensions" / "eda"
SOURCE = runpy.run_path(str(EDA / "plugins" / "event_source" / "veeam_em_sessions.py"))
GUIDE = (ROOT / "docs" / "event-driven.md").read_text(encoding="utf-8")
CONNECTION = {option.name for option in CONNECTION_OPTIONS}
OWN = {name: argument for name, argument in source_spec().arguments.items() if name not in CONNECTION}
RULEBOOKS = sorted((EDA / "rulebooks").glob("*.yml"))


def cells_of(column: int, begin: str) -> str:
    """Return one column of the table of the guide below a heading."""
    section = GUIDE.partition(begin)[2].partition("\n## ")[0]
    return "\n".join(line.split(" | ")[column] for line in section.splitlines() if line.startswith("| `"))


def test_the_source_documents_each_option_of_its_own() -> None:
    documented: dict[str, Any] = yaml.safe_load(SOURCE["DOCUMENTATION"])["options"]
    for option in documented.values():
        assert option.pop("description")
    told = {name: {**option, "default": option.get("default") or None} for name, option in documented.items()}
    assert told == {name: {**argument, "default": argument.get("default") or None} for name, argument in OWN.items()}


def test_the_guide_names_each_option() -> None:
    assert re.findall(r"`(\w+)`", cells_of(0, "## Options")) == list(yaml.safe_load(SOURCE["DOCUMENTATION"])["options"])
    named = set(re.findall(r"`(\w+)`", GUIDE.partition("The options of the connection")[2].partition("## The event")[0]))
    assert named & CONNECTION == CONNECTION


@pytest.mark.parametrize("path", RULEBOOKS, ids=lambda path: path.stem)
def test_each_variable_of_a_rulebook_is_documented_with_its_default(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    told = dict(re.findall(r"^#   (\w+) .*; ([^;\n]+)$", text, re.MULTILINE))
    taken = set(re.findall(rf"\b{path.stem}_\w+", text.partition("\n- name:")[2]))
    assert taken == set(told)
    defaults = dict(re.findall(rf"({path.stem}_\w+) \| default\((.*?)\) }}}}", text))
    words = {"": "none", "[]": "all jobs", "''": "none"}
    assert {name: words.get(value, value.replace("'", "")) for name, value in defaults.items()} == {
        name: default for name, default in told.items() if default != "required"
    }
    assert set(re.findall(rf"`({path.stem}_\w+)`", cells_of(0, "## The rulebooks"))) == taken


def test_the_example_of_the_source_is_a_rulebook() -> None:
    (ruleset,) = yaml.safe_load(SOURCE["EXAMPLES"])
    (source,) = ruleset["sources"]
    assert set(source["openbackup.veeam_em.veeam_em_sessions"]) <= set(source_spec().arguments)


def test_the_example_of_the_guide_runs_and_ends_within_its_first_minute(simulator: Simulator, runner: Runner, tmp_path: Path) -> None:
    example = next(block for block in re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL) if "sources:" in block)
    assert "interval: 60" in example
    rulebook = tmp_path / "rulebook.yml"
    rulebook.write_text(example.replace("interval: 60", "interval: 60\n        since: -3h"), encoding="utf-8")
    with Rulebook(runner, tmp_path, str(rulebook)) as rules:
        rules.until(lambda: "SQL Server Backup failed: srv-sql-02: Processing srv-sql-02 Error" in rules.output, "the rule says what failed")
        time.sleep(3)  # the rule engine has just come up, and the source looks after the signals every second
    assert 2 <= questions(simulator) <= 4
