# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a role promises (argument_specs, defaults, README) against what its tasks do and what the modules take."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
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
MODULES["drift"] = ("veeam_em_baseline", {"path": "baseline"})
# Roles that ask several modules; they take of them what they need.
SEVERAL_MODULES = ("change_gate", "session_report")
# Roles without a connection of their own: one asks no server, the other takes that of its hosts.
NO_CONNECTION = ("verify_evidence", "several_servers")
ROLES = (*MODULES, *SEVERAL_MODULES, *NO_CONNECTION)
# Which hosts a playbook is for is no matter of the role that they run.
OF_THE_PLAYBOOK = {"change_gate": {"change_gate_hosts"}, "several_servers": {"several_servers_group"}}
# What a role decides by itself: where evidence goes, which findings its report takes, which job of a controller it is.
DECIDED_BY_ROLE = {
    "audit": {"evidence": True, "job_id": True, "reports": False, "findings": False, "findings_limit": False},
    "drift": {"expected_digest": False, "limit": False},
}
RENAMED = {"wait_timeout": "timeout", "wait_interval": "interval"}
# Their names are taken by the wait in these roles, or would be mistaken for the retries of a job.
# Tenants of Cloud Connect have neither jobs nor tasks that a role could run or wait for.
NOT_IN_ROLES = {"timeout", "connect_timeout", "retries", "tenant", "organization"}
PLAYBOOKS = ("demo", *ROLES)
# Hosts on which nothing runs: Enterprise Managers, and machines whose backups are judged.
HOSTS = {
    "several_servers": "{{ several_servers_group | default('enterprise_managers', true) }}",
    "change_gate": "{{ change_gate_hosts | default('all', true) }}:!localhost",
}
# What roles call what they read; the file of the role names the lookup that makes it of the variables.
INPUT = r"(?<!\w)(?:__{role}_(?:inputs|asked)\.|{role}_(?=\w+ \| default\(omit, true\)))(\w+)"
LIMIT = re.compile(r"(at_least|at_most|more_than)=\{([^}]*)\}")


def loaded(role: str, part: str) -> Any:
    return yaml.safe_load((ROOT / "roles" / role / part / "main.yml").read_text(encoding="utf-8"))


def specification(role: str) -> dict[str, dict[str, Any]]:
    text = (ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
    options: dict[str, dict[str, Any]] = yaml.safe_load(text)["argument_specs"]["main"]["options"]
    return options


def every_task(tasks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the tasks of a role, those in blocks among them."""
    for task in tasks:
        yield task
        for part in ("block", "rescue", "always"):
            yield from every_task(task.get(part, []))


def em_tasks(role: str) -> list[tuple[dict[str, Any], str, dict[str, Any]]]:
    """Return the tasks of a role that run modules of this collection, with the module and its options."""
    prefix = "openbackup.veeam_em."
    return [(task, name[len(prefix) :], task[name]) for task in every_task(loaded(role, "tasks")) for name in task if name.startswith(prefix)]


def em_task(role: str, module: str) -> dict[str, Any]:
    (arguments,) = (options for _task, name, options in em_tasks(role) if name == module)
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
    sources = [path.read_text(encoding="utf-8") for part in ("tasks", "vars") for path in (ROOT / "roles" / role / part).glob("*.yml")]
    used = {f"{role}_{name}" for source in sources for name in re.findall(INPUT.format(role=role), source)} - {f"{role}_refusals"}
    readme = set(re.findall(r"`(\w+)`", (ROOT / "roles" / role / "README.md").read_text(encoding="utf-8")))
    assert all(name.startswith(role + "_") for name in names)
    assert used == names - OF_THE_PLAYBOOK.get(role, set())
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
        assert f"{role}_inputs.{variable[len(role) + 1 :]} " in task[option] or f"{role}_run.{option} " in task[option]
        assert documented["type"] == spec[option]["type"]
        assert bool(documented.get("no_log")) == bool(spec[option].get("no_log"))
        assert documented.get("choices") == spec[option].get("choices")
        if documented.get("default") is not None and option not in ("wait", "state"):
            assert documented["default"] == spec[option]["default"]
        if documented.get("default") is None and not documented.get("required") and option != "task_id":
            assert "omit" in task[option]


@pytest.mark.parametrize("role", ROLES)
def test_limits_are_of_numbers_that_the_specification_has(role: str) -> None:
    options = specification(role)
    text = (ROOT / "roles" / role / "vars" / "main.yml").read_text(encoding="utf-8")
    limited = {name for _word, names in LIMIT.findall(text) for name in re.findall(r"'(\w+)'", names)}
    numbers = {name[len(role) + 1 :] for name, option in options.items() if option["type"] in ("int", "float")}
    assert limited == numbers, "a number without a limit takes anything"
    times = set(re.findall(r"times=\['(\w+)'\]", text))
    assert times == {name[len(role) + 1 :] for name in options if name == f"{role}_since"}


@pytest.mark.parametrize("role", SEVERAL_MODULES)
def test_every_task_takes_the_connection_of_the_role(role: str) -> None:
    connection = {name: argument for name, argument in connection_spec().arguments.items() if name not in NOT_IN_ROLES}
    tasks = em_tasks(role)
    assert len(tasks) > 1
    for task, module, arguments in tasks:
        for option, argument in connection.items():
            documented = specification(role)[f"{role}_{option}"]
            assert (documented["type"], bool(documented.get("no_log"))) == (argument["type"], bool(argument.get("no_log")))
            if option == "session" and role == "session_report":
                # Its own log-on session, which it opens unless it is given one.
                assert (module == "veeam_em_session" and "state" not in arguments) or "__session_report_logon.session" in arguments[option]
                continue
            # A text that is empty is no answer, a flag that is false is one.
            as_given = role == "change_gate" and argument["type"] != "bool"
            wanted = "{{ %s_%s | default(omit, true) }}" if as_given else "{{ __%s_inputs.%s | default(omit) }}"
            assert arguments[option] == wanted % (role, option), task["name"]


def test_the_gate_asks_from_the_controller() -> None:
    for task, _module, _arguments in em_tasks("change_gate"):
        assert (task["delegate_to"], task["become"], task["failed_when"]) == ("localhost", False, False), task["name"]


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_playbooks_document_their_variables(playbook: str) -> None:
    text = (ROOT / "playbooks" / f"{playbook}.yml").read_text(encoding="utf-8")
    *before, play = yaml.safe_load(text)
    documented = set(re.findall(rf"^#   ({playbook}_\w+)  ", text, re.MULTILINE))
    variables = {name for name in play.get("vars", {}) if name != "ansible_python_interpreter"}
    assert play["hosts"] == HOSTS.get(playbook, "localhost")
    for each in (*before, play):
        assert each["gather_facts"] is False
        assert each.get("connection") == "local" or (playbook == "change_gate" and each is play)
    # What looks first runs nothing on hosts; with "all" it also sees what a limit leaves.
    assert all(each["hosts"] in ("localhost", "localhost:all") for each in before) and bool(before) is (playbook in HOSTS)
    assert variables <= documented
    if playbook in ROLES:
        assert documented and documented <= set(specification(playbook))
        assert OF_THE_PLAYBOOK.get(playbook, set()) <= documented


@pytest.mark.parametrize("playbook", ROLES)
def test_playbooks_leave_refusing_to_the_role(playbook: str) -> None:
    plays = yaml.safe_load((ROOT / "playbooks" / f"{playbook}.yml").read_text(encoding="utf-8"))
    word = "ansible.builtin.include_role"
    included = [task[word] for each in plays for task in every_task(each["tasks"]) if word in task]
    assert included
    assert all(role["name"] == f"openbackup.veeam_em.{playbook}" and role["rolespec_validate"] is False for role in included)
