# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a role promises (argument_specs, defaults, README) against what its tasks do and what the modules take."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.options import connection_spec

ROOT = Path(__file__).resolve().parents[3]
MODULES = {
    "run_job": ("veeam_em_job_run", {"job": "name", "job_uid": "id", "job_kind": "kind"}),
    "wait_for_task": ("veeam_em_task_wait", {"task_id": "id"}),
    "wait_for_job_session": ("veeam_em_job_session_wait", {}),
    "audit": ("veeam_em_audit", {"report_folder": "output"}),
}
# A role that asks several modules; it takes of them what it needs.
SEVERAL_MODULES = ("change_gate",)
ROLES = (*MODULES, *SEVERAL_MODULES)
# What a role decides by itself: where evidence goes, which findings its report takes, which job of a controller it is.
DECIDED_BY_ROLE = {"audit": {"evidence": True, "job_id": True, "reports": False, "findings": False, "findings_limit": False}}
RENAMED = {"wait_timeout": "timeout", "wait_interval": "interval"}
# Their names are taken by the wait in these roles, or would be mistaken for the retries of a job.
# Tenants of Cloud Connect have neither jobs nor tasks that a role could run or wait for.
NOT_IN_ROLES = {"timeout", "connect_timeout", "retries", "tenant", "organization"}
PLAYBOOKS = ("demo", "run_job", "wait_for_task", "session_report", "several_servers", "audit", "drift", "verify_evidence")


def loaded(role: str, part: str) -> Any:
    return yaml.safe_load((ROOT / "roles" / role / part / "main.yml").read_text(encoding="utf-8"))


def specification(role: str) -> dict[str, dict[str, Any]]:
    text = (ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
    options: dict[str, dict[str, Any]] = yaml.safe_load(text)["argument_specs"]["main"]["options"]
    return options


def em_task(role: str, module: str) -> dict[str, Any]:
    (arguments,) = (task["openbackup.veeam_em." + module] for task in loaded(role, "tasks") if "openbackup.veeam_em." + module in task)
    found: dict[str, Any] = arguments
    return found


def test_every_role_is_tested() -> None:
    assert sorted(ROLES) == sorted(path.name for path in (ROOT / "roles").iterdir())


@pytest.mark.parametrize("role", ROLES)
def test_defaults_are_those_of_the_specification(role: str) -> None:
    documented = {name: option["default"] for name, option in specification(role).items() if "default" in option}
    assert loaded(role, "defaults") == documented


@pytest.mark.parametrize("role", ROLES)
def test_every_variable_is_named_by_role_used_and_in_the_readme(role: str) -> None:
    names = set(specification(role))
    sources = [(ROOT / "roles" / role / part / "main.yml").read_text(encoding="utf-8") for part in ("tasks", "vars")]
    used = {name for source in sources for name in re.findall(rf"(?<![_.\w]){role}_\w+", source)} - {f"{role}_result", f"{role}_outcome"}
    readme = set(re.findall(r"`(\w+)`", (ROOT / "roles" / role / "README.md").read_text(encoding="utf-8")))
    assert all(name.startswith(role + "_") for name in names)
    assert used == names
    assert names <= readme


@pytest.mark.parametrize("role", MODULES)
def test_every_option_of_the_module_can_be_set_by_the_role(role: str) -> None:
    module, renamed = MODULES[role]
    spec = importlib.import_module(f"ansible_collections.openbackup.veeam_em.plugins.modules.{module}").MODULE.spec.arguments
    decided = DECIDED_BY_ROLE.get(role, {})
    variables = {option: f"{role}_{({**RENAMED, **renamed}).get(option, option)}" for option in spec if option not in {*NOT_IN_ROLES, *decided}}
    task = em_task(role, module)
    assert set(task) == {*variables, *(option for option, is_set in decided.items() if is_set)}
    for option, variable in variables.items():
        documented = specification(role)[variable]
        assert variable in task[option]
        assert documented["type"] == spec[option]["type"]
        assert bool(documented.get("no_log")) == bool(spec[option].get("no_log"))
        assert documented.get("choices") == spec[option].get("choices")
        if documented.get("default") is not None and option != "wait":
            assert documented["default"] == spec[option]["default"]
        if documented.get("default") is None and option != "task_id":
            assert "omit" in task[option]


@pytest.mark.parametrize("role", SEVERAL_MODULES)
def test_every_task_takes_the_connection_of_the_role_and_runs_on_the_controller(role: str) -> None:
    connection = {name: argument for name, argument in connection_spec().arguments.items() if name not in NOT_IN_ROLES}
    tasks = [(task, arguments) for task in loaded(role, "tasks") for name, arguments in task.items() if name.startswith("openbackup.veeam_em.")]
    assert len(tasks) > 1
    for task, arguments in tasks:
        for option, argument in connection.items():
            documented = specification(role)[f"{role}_{option}"]
            assert (documented["type"], bool(documented.get("no_log"))) == (argument["type"], bool(argument.get("no_log")))
            # A flag that is false is an answer; a text that is empty is none.
            empty_counts_as_missing = "" if argument["type"] == "bool" else ", true"
            assert arguments[option] == "{{ %s_%s | default(omit%s) }}" % (role, option, empty_counts_as_missing)
        assert (task["delegate_to"], task["become"], task["failed_when"]) == ("localhost", False, False), task["name"]


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_playbooks_document_their_variables(playbook: str) -> None:
    text = (ROOT / "playbooks" / f"{playbook}.yml").read_text(encoding="utf-8")
    (play,) = yaml.safe_load(text)
    documented = set(re.findall(rf"^#   ({playbook}_\w+)  ", text, re.MULTILINE))
    variables = {name for name in play.get("vars", {}) if name not in ("session_report_kinds", "ansible_python_interpreter")}
    # One that asks several servers has them as hosts, on which nothing runs.
    assert play["hosts"] == ("{{ several_servers_group | default('enterprise_managers') }}" if playbook == "several_servers" else "localhost")
    assert play["connection"] == "local"
    assert play["gather_facts"] is False
    assert variables <= documented
    if playbook in MODULES:
        assert documented <= set(specification(playbook))
