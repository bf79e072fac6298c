# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The data of ``extensions/awx`` against what it speaks of: the modules of ``awx.awx``, the playbooks, the roles and their inputs."""

from __future__ import annotations

import ast
import functools
import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import awx_collection
import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from awx_testing.awx_data import DATA, awx_objects
from awx_testing.fake_awx_rules import answer_problem, check_rrule, check_survey
from em_testing.runner import ansible_commands

ROOT = DATA.parents[1]
SITE = {
    "awx_change_template": "Patch the hosts",
    "awx_notification": {"notification_type": "webhook", "notification_configuration": {"url": "https://chat.example.com", "headers": {}}},
    "awx_project_url": "https://git.example.com/veeam_em.git",
    "awx_execution_environment_image": "registry.example.com/veeam-em-ee:1",
    "awx_credential_inputs": {"host": "em.example.com", "username": "svc", "password": "secret", "port": ""},
}
# Each list of objects with the module that makes them.
MODULES = {
    "credential_types": "credential_type",
    "credentials": "credential",
    "execution_environments": "execution_environment",
    "notification_templates": "notification_template",
    "projects": "project",
    "inventories": "inventory",
    "hosts": "host",
    "inventory_sources": "inventory_source",
    "job_templates": "job_template",
    "workflow_job_templates": "workflow_job_template",
    "workflow_nodes": "workflow_job_template_node",
    "workflow_edges": "workflow_job_template_node",
    "schedules": "schedule",
}
# Playbooks that nobody launches in AWX: the story for newcomers, and those that make AWX ready.
NOT_LAUNCHED = {"demo.yml", "awx_setup.yml", "awx_remove.yml"}
# What a question may be for a kind of option.
QUESTIONS = {
    "str": {"text", "multiplechoice"},
    "path": {"text"},
    "raw": {"text"},
    "int": {"integer"},
    "float": {"integer", "float"},
    "bool": {"multiplechoice"},
    "list": {"multiselect", "textarea"},
}


@functools.cache
def module_options(module: str) -> dict[str, Any]:
    """Return the options of a module of ``awx.awx`` as Ansible documents them, in the form of an argument spec."""
    environ = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(awx_collection.awx_collection())}
    command = [str(ansible_commands() / "ansible-doc"), "-t", "module", "-j", *(f"awx.awx.{name}" for name in sorted(set(MODULES.values())))]
    told = json.loads(subprocess.run(command, env=environ, capture_output=True, text=True, check=True).stdout)
    known = ("type", "elements", "choices", "required", "aliases", "default")
    options = told[f"awx.awx.{module}"]["doc"]["options"]
    return {name: {key: value for key, value in option.items() if key in known} for name, option in options.items()}


def told_to_modules() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each task that makes objects: the name of its list, and its arguments."""
    for task in yaml.safe_load((DATA / "tasks" / "apply.yml").read_text(encoding="utf-8")):
        arguments = next((value for name, value in task.items() if name.startswith("awx.awx.")), None)
        if arguments:
            yield re.fullmatch(r"\{\{ awx_(\w+) \}\}", task["loop"]).group(1), arguments  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", MODULES)
def test_modules_take_the_objects(kind: str) -> None:
    for declared in awx_objects(kind, SITE):
        outcome = ArgumentSpecValidator(module_options(MODULES[kind])).validate({name: value for name, value in declared.items() if value != ""})
        assert not outcome.error_messages, f"{kind}: {declared['name']}: {outcome.error_messages}"


@pytest.mark.parametrize("kind", MODULES)
def test_nothing_that_is_declared_is_left_out_of_what_is_sent(kind: str) -> None:
    arguments = dict(told_to_modules())[kind]
    for declared in awx_objects(kind, SITE):
        assert set(declared) <= set(arguments), f"{kind}: the task hands over no {set(declared) - set(arguments)}"


def test_every_name_begins_with_the_prefix() -> None:
    for kind in MODULES:
        for declared in awx_objects(kind, {**SITE, "awx_prefix": "Mine: "}):
            name = declared["inventory"] if kind == "hosts" else declared.get("name") or declared["workflow_job_template"]
            assert name.startswith("Mine: ") or kind == "credential_types", name


def test_every_playbook_has_a_job_template() -> None:
    launched = sorted(declared["playbook"] for declared in awx_objects("job_templates"))
    assert launched == sorted(f"playbooks/{path.name}" for path in (ROOT / "playbooks").glob("*.yml") if path.name not in NOT_LAUNCHED)


def test_references_lead_somewhere() -> None:
    names = {kind: {declared.get("name") or declared["identifier"] for declared in awx_objects(kind, SITE)} for kind in MODULES}
    for declared in awx_objects("job_templates", SITE):
        assert declared["inventory"] in names["inventories"]
        assert declared["project"] in names["projects"]
        assert declared["execution_environment"] in names["execution_environments"]
        assert set(declared["credentials"]) <= names["credentials"]
        assert set(declared["notification_templates_error"]) <= names["notification_templates"]
    for host in awx_objects("hosts", SITE):
        assert host["inventory"] in names["inventories"]
    for node in awx_objects("workflow_nodes", SITE):
        assert node["workflow_job_template"] in names["workflow_job_templates"]
        assert node.get("unified_job_template", SITE["awx_change_template"]) in names["job_templates"] | {SITE["awx_change_template"]}
    for edge in awx_objects("workflow_edges", SITE):
        assert {edge["identifier"], *edge.get("success_nodes", []), *edge.get("failure_nodes", [])} <= names["workflow_nodes"]


def test_source_of_the_inventory_is_a_file_of_the_plugin() -> None:
    from ansible_collections.openbackup.veeam_em.plugins.inventory.protected_machines import FILE_NAMES

    (source,) = awx_objects("inventory_sources")
    path = ROOT / source["source_path"]
    assert path.name.endswith(tuple(f".{name}" for name in FILE_NAMES))
    assert yaml.safe_load(path.read_text(encoding="utf-8"))["plugin"] == "openbackup.veeam_em.protected_machines"


# -- surveys ----------------------------------------------------------------------------------------------------

TEMPLATES = {Path(declared["playbook"]).stem: declared for declared in awx_objects("job_templates", SITE)}
ASKED = [(playbook, question["variable"]) for playbook, declared in TEMPLATES.items() for question in declared["survey_spec"]["spec"]]


def question(playbook: str, variable: str) -> dict[str, Any]:
    return next(asked for asked in TEMPLATES[playbook]["survey_spec"]["spec"] if asked["variable"] == variable)


@functools.cache
def role_options(role: str) -> dict[str, Any]:
    specs = yaml.safe_load((ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
    options: dict[str, Any] = specs["argument_specs"]["main"]["options"]
    return options


@functools.cache
def role_limits(role: str, which: str) -> dict[str, float]:
    """Return the limits that a role holds its numbers to: ``at_least``, ``at_most`` or ``more_than``, by the name of the input."""
    found = re.search(rf"{which}=(\{{.*?\}})", (ROOT / "roles" / role / "vars" / "main.yml").read_text(encoding="utf-8"), re.DOTALL)
    limits: dict[str, float] = ast.literal_eval(found[1]) if found else {}
    return limits


def test_limits_of_roles_are_found() -> None:
    assert role_limits("session_report", "at_most")["limit"] == 50
    assert role_limits("change_gate", "more_than")["max_age_hours"] == 0


@pytest.mark.parametrize("playbook", TEMPLATES)
def test_awx_takes_the_survey(playbook: str) -> None:
    survey = TEMPLATES[playbook]["survey_spec"]
    assert check_survey(survey) == ""
    for asked in survey["spec"]:
        if "default" in asked and not (asked["default"] == "" and not asked["required"]):
            default = asked["default"].splitlines() if asked["type"] == "multiselect" else asked["default"]
            assert answer_problem(asked, default) == "" or asked["default"] == "", asked["variable"]
        if asked["type"] in ("integer", "float", "multiplechoice", "multiselect"):
            assert asked["required"] and "default" in asked, f"{asked['variable']}: left empty it would be no {asked['type']}"
        if asked["type"] == "text":
            assert asked["max"], f"{asked['variable']} has no limit"


@pytest.mark.parametrize(("playbook", "variable"), ASKED)
def test_a_question_is_an_input_of_the_role(playbook: str, variable: str) -> None:
    option, asked = role_options(playbook)[variable], question(playbook, variable)
    assert asked["type"] in QUESTIONS[option["type"]]
    if option.get("required"):
        assert asked["required"]
    choices = ["true", "false"] if option["type"] == "bool" else [str(choice) for choice in option.get("choices", [])]
    if asked["type"] in ("multiplechoice", "multiselect"):
        assert set(asked["choices"]) <= set(choices), f"the role does not take {set(asked['choices']) - set(choices)}"
    if "default" in option:
        default = asked["default"].splitlines() if asked["type"] == "multiselect" else asked["default"]
        told = str(option["default"]).lower() if option["type"] == "bool" else option["default"]
        assert default == told
    if asked["type"] in ("integer", "float"):
        name = variable.removeprefix(f"{playbook}_")
        assert role_limits(playbook, "at_least").get(name, 0) <= asked["min"] <= asked["default"] <= asked["max"]
        assert asked["min"] > role_limits(playbook, "more_than").get(name, -1)
        assert asked["max"] <= role_limits(playbook, "at_most").get(name, asked["max"])


def test_no_survey_asks_for_a_server_or_a_password() -> None:
    # Whoever launches would get the password of the credential sent to a server of his own.
    connection = ("host", "port", "username", "password", "session", "validate_certs", "ca_path", "proxy", "servers")
    for playbook, variable in ASKED:
        assert not variable.endswith(tuple(f"_{name}" for name in connection)), f"{playbook} asks for {variable}"
        assert question(playbook, variable)["type"] != "password"
    for declared in [*TEMPLATES.values(), *awx_objects("workflow_job_templates", SITE)]:
        assert declared["ask_variables_on_launch"] is False


def test_awx_waits_longer_than_the_playbook() -> None:
    for playbook, variable in ASKED:
        if variable.endswith("_timeout"):
            assert TEMPLATES[playbook]["timeout"] > question(playbook, variable)["max"]


def test_nodes_and_schedules_hand_over_what_the_surveys_take() -> None:
    surveys = {declared["name"]: {asked["variable"]: asked for asked in declared["survey_spec"]["spec"]} for declared in TEMPLATES.values()}
    for handing in [*awx_objects("workflow_nodes", SITE), *awx_objects("schedules", SITE)]:
        for variable, value in handing.get("extra_data", {}).items():
            assert answer_problem(surveys[handing["unified_job_template"]][variable], value) == ""


@pytest.mark.parametrize("workflow", awx_objects("workflow_job_templates", SITE), ids=lambda declared: declared["name"])
def test_a_workflow_asks_what_its_nodes_take(workflow: dict[str, Any]) -> None:
    assert check_survey(workflow["survey_spec"]) == ""
    nodes = [node for node in awx_objects("workflow_nodes", SITE) if node["workflow_job_template"] == workflow["name"]]
    taken = {
        asked["variable"]: asked
        for declared in TEMPLATES.values()
        if declared["name"] in {node.get("unified_job_template") for node in nodes}
        for asked in declared["survey_spec"]["spec"]
    }
    for asked in workflow["survey_spec"]["spec"]:
        original = taken[asked["variable"]]
        for name in ("type", "default", "min", "max", "required"):
            assert asked.get(name) == original.get(name), f"{asked['variable']}: {name} differs from that of its template"
        assert set(asked.get("choices", [])) <= set(original.get("choices", []))
        # What a workflow asks reaches every node and wins over what a node says.
        assert not any(asked["variable"] in node.get("extra_data", {}) for node in nodes)


@pytest.mark.parametrize("schedule", awx_objects("schedules", SITE), ids=lambda declared: declared["name"])
def test_schedules_are_off_until_somebody_switches_them_on(schedule: dict[str, Any]) -> None:
    assert schedule["enabled"] is False
    assert check_rrule(schedule["rrule"]) == {}
