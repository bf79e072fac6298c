# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Launches of the job templates of ``extensions/awx``: what AWX makes of a survey, and of what a workflow hands on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from .awx_data import awx_objects
from .private_data import Launch


def job_templates() -> dict[str, dict[str, Any]]:
    """Return the job templates by the name of their playbook."""
    return {PurePosixPath(template["playbook"]).stem: template for template in awx_objects("job_templates")}


def hosts_of(inventory: str) -> dict[str, Mapping[str, Any]]:
    """Return the hosts that an inventory holds from the beginning, with their variables."""
    return {host["name"]: host["variables"] for host in awx_objects("hosts") if host["inventory"] == inventory}


def launch_of(playbook: str, inputs: Mapping[str, Any] | None, answers: Mapping[str, Any] | None = None, **changes: Any) -> Launch:
    """Return what AWX runs when a person fills the survey of a template in and leaves some questions as they are.

    Args:
        playbook: name of the playbook.
        inputs: of the credential; left out where the template takes none.
        answers: to questions of the survey; any other is refused, as AWX refuses it.
        changes: of the launch, such as its inventory.
    """
    template = job_templates()[playbook]
    asked = {question["variable"]: question for question in template["survey_spec"]["spec"]}
    unknown = set(answers or {}) - set(asked)
    assert not unknown, f"the survey of {playbook} does not ask for {sorted(unknown)}"
    given = {variable: (answers or {}).get(variable, _left_alone(question)) for variable, question in asked.items()}
    return Launch(
        playbook=template["playbook"],
        answers={**template.get("extra_vars", {}), **given},
        hosts={**hosts_of(template["inventory"]), **changes.pop("hosts", {})},
        inputs=inputs if template["credentials"] else None,
        diff=bool(template.get("diff_mode")),
        verbosity=int(template["verbosity"]),
        **changes,
    )


def node_of(playbook: str, inputs: Mapping[str, Any], artifacts: Mapping[str, Any], **extra_data: Any) -> Launch:
    """Return what AWX runs as a node of a workflow: defaults instead of answers, what the nodes before handed on, and the data of the node.

    A default that its own question would refuse is left out, as that of a list is, which AWX keeps as text.
    """
    template = job_templates()[playbook]
    questions = [question for question in template["survey_spec"]["spec"] if question["type"] != "multiselect"]
    defaults = {question["variable"]: question["default"] for question in questions if question.get("default") is not None}
    hosts = hosts_of(template["inventory"])
    return Launch(playbook=template["playbook"], answers={**defaults, **extra_data}, artifacts=artifacts, inputs=inputs, hosts=hosts)


def _left_alone(question: Mapping[str, Any]) -> Any:
    """Return what the form sends for a question that nobody touched."""
    default = question.get("default", "")
    if question["type"] == "multiselect":
        return [line for line in str(default).split("\n") if line]
    return default
