# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a fake of AWX keeps: kinds of objects with their fields, and the rules of AWX 24 by which one is taken, changed, or let go.

Only what the modules of ``awx.awx`` use and what could go wrong with our data is here. The rules are those of the serializers, fields and
survey views of AWX; each is told where it is applied. Nothing is enforced about users, roles and quotas.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .fake_awx_rules import check_credential_inputs, check_credential_type, check_launch_values, check_rrule, check_survey

Object = dict[str, Any]
ENCRYPTED = "$encrypted$"


class Refused(Exception):
    """AWX does not do it. ``status`` is the HTTP status, ``body`` what it answers."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        super().__init__(str(body))
        self.status = status
        self.body = dict(body)


@dataclass(frozen=True)
class Kind:
    """One kind of object.

    Args:
        type: its name in records.
        fields: what can be written, with the defaults of AWX; ``...`` for what has to be given.
        refers: which of the fields hold the number of an object, and of which kind.
        lists: the lists of other objects that it carries, by name, with their kind.
        unique: fields that no two objects share together.
    """

    type: str
    fields: Mapping[str, Any]
    refers: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, str] = field(default_factory=dict)
    unique: tuple[str, ...] = ("name", "organization")
    read_only: tuple[str, ...] = ()


_TOLD = {f"notification_templates_{event}": "notification_templates" for event in ("started", "success", "error", "approvals")}
_ASK = (
    *("scm_branch", "diff_mode", "variables", "limit", "tags", "skip_tags", "job_type", "verbosity", "inventory", "credential"),
    *("execution_environment", "labels", "forks", "job_slice_count", "timeout", "instance_groups"),
)
_NAMED = {"name": ..., "description": ""}
_SURVEY = {"survey_enabled": False, "extra_vars": "", "allow_simultaneous": False, "limit": "", "scm_branch": ""}

KINDS: Mapping[str, Kind] = {
    "organizations": Kind("organization", {**_NAMED, "max_hosts": 0}, unique=("name",)),
    "credential_types": Kind("credential_type", {**_NAMED, "kind": ..., "managed": False, "inputs": {}, "injectors": {}}, unique=("name",)),
    "credentials": Kind(
        "credential",
        {**_NAMED, "organization": None, "credential_type": ..., "inputs": {}},
        {"organization": "organizations", "credential_type": "credential_types"},
        unique=("name", "organization", "credential_type"),
    ),
    "execution_environments": Kind(
        "execution_environment",
        {**_NAMED, "organization": None, "image": ..., "credential": None, "pull": ""},
        {"organization": "organizations", "credential": "credentials"},
        unique=("name",),
    ),
    "notification_templates": Kind(
        "notification_template",
        {**_NAMED, "organization": ..., "notification_type": ..., "notification_configuration": {}, "messages": None},
        {"organization": "organizations"},
    ),
    "projects": Kind(
        "project",
        {
            **_NAMED,
            "organization": None,
            "scm_type": "",
            "scm_url": "",
            "scm_branch": "",
            "scm_refspec": "",
            "credential": None,
            "timeout": 0,
            "scm_clean": False,
            "scm_delete_on_update": False,
            "scm_track_submodules": False,
            "scm_update_on_launch": False,
            "scm_update_cache_timeout": 0,
            "allow_override": False,
            "default_environment": None,
            "local_path": "",
        },
        {"organization": "organizations", "credential": "credentials", "default_environment": "execution_environments"},
        _TOLD,
    ),
    "inventories": Kind(
        "inventory",
        {**_NAMED, "organization": ..., "kind": "", "host_filter": None, "variables": "", "prevent_instance_group_fallback": False},
        {"organization": "organizations"},
        {"instance_groups": "instance_groups"},
    ),
    "hosts": Kind(
        "host",
        {**_NAMED, "inventory": ..., "enabled": True, "variables": ""},
        {"inventory": "inventories"},
        unique=("name", "inventory"),
    ),
    "inventory_sources": Kind(
        "inventory_source",
        {
            **_NAMED,
            "inventory": ...,
            "source": ...,
            "source_path": "",
            "source_vars": "",
            "scm_branch": "",
            "credential": None,
            "enabled_var": "",
            "enabled_value": "",
            "host_filter": "",
            "overwrite": False,
            "overwrite_vars": False,
            "timeout": 0,
            "verbosity": 1,
            "limit": "",
            "execution_environment": None,
            "update_on_launch": False,
            "update_cache_timeout": 0,
            "source_project": None,
        },
        {
            "inventory": "inventories",
            "credential": "credentials",
            "source_project": "projects",
            "execution_environment": "execution_environments",
        },
        _TOLD,
        unique=("name", "inventory"),
    ),
    "job_templates": Kind(
        "job_template",
        {
            **_NAMED,
            **_SURVEY,
            **{f"ask_{name}_on_launch": False for name in _ASK},
            "job_type": "run",
            "inventory": None,
            "project": ...,
            "playbook": ...,
            "forks": 0,
            "verbosity": 0,
            "job_tags": "",
            "skip_tags": "",
            "timeout": 0,
            "force_handlers": False,
            "use_fact_cache": False,
            "execution_environment": None,
            "diff_mode": False,
            "become_enabled": False,
            "start_at_task": "",
            "host_config_key": "",
            "job_slice_count": 1,
            "organization": None,
        },
        {
            "inventory": "inventories",
            "project": "projects",
            "organization": "organizations",
            "execution_environment": "execution_environments",
        },
        {**_TOLD, "credentials": "credentials", "labels": "labels", "instance_groups": "instance_groups"},
        # The organization of a job template is that of its project.
        read_only=("organization",),
    ),
    "workflow_job_templates": Kind(
        "workflow_job_template",
        {
            **_NAMED,
            **_SURVEY,
            **{f"ask_{name}_on_launch": False for name in ("variables", "inventory", "limit", "scm_branch", "labels", "tags", "skip_tags")},
            "organization": None,
            "inventory": None,
            "webhook_service": "",
            "job_tags": None,
            "skip_tags": None,
        },
        {"organization": "organizations", "inventory": "inventories"},
        {**_TOLD, "labels": "labels"},
    ),
    "workflow_approval_templates": Kind("workflow_approval_template", {**_NAMED, "timeout": 0}, unique=()),
    "workflow_job_template_nodes": Kind(
        "workflow_job_template_node",
        {
            "identifier": ...,
            "workflow_job_template": ...,
            "unified_job_template": None,
            "extra_data": {},
            "inventory": None,
            "scm_branch": None,
            "job_type": None,
            "job_tags": None,
            "skip_tags": None,
            "limit": None,
            "diff_mode": None,
            "verbosity": None,
            "all_parents_must_converge": False,
            "forks": None,
            "job_slice_count": None,
            "timeout": None,
            "execution_environment": None,
        },
        {"workflow_job_template": "workflow_job_templates", "unified_job_template": "unified_job_templates", "inventory": "inventories"},
        {
            **dict.fromkeys(("success_nodes", "failure_nodes", "always_nodes"), "workflow_job_template_nodes"),
            "credentials": "credentials",
            "labels": "labels",
            "instance_groups": "instance_groups",
        },
        unique=("identifier", "workflow_job_template"),
    ),
    "schedules": Kind(
        "schedule",
        {
            **_NAMED,
            "rrule": ...,
            "unified_job_template": ...,
            "enabled": True,
            "extra_data": {},
            "inventory": None,
            "scm_branch": None,
            "limit": None,
            "job_type": None,
            "job_tags": None,
            "skip_tags": None,
            "diff_mode": None,
            "verbosity": None,
            "execution_environment": None,
        },
        {"unified_job_template": "unified_job_templates", "inventory": "inventories"},
        {"credentials": "credentials", "labels": "labels", "instance_groups": "instance_groups"},
        unique=("name", "unified_job_template"),
    ),
    "project_updates": Kind("project_update", {"name": "", "status": "successful"}, unique=()),
    "labels": Kind("label", _NAMED),
    "instance_groups": Kind("instance_group", _NAMED, unique=("name",)),
}
UNIONS = {
    "unified_job_templates": ("job_templates", "workflow_job_templates", "projects", "inventory_sources", "workflow_approval_templates"),
}
# What goes when an object goes, by kind: the kind that goes with it, and the field that points at it.
_GOES_WITH = {
    "workflow_job_templates": (("workflow_job_template_nodes", "workflow_job_template"), ("schedules", "unified_job_template")),
    "job_templates": (("schedules", "unified_job_template"),),
    "inventories": (("inventory_sources", "inventory"), ("hosts", "inventory")),
    "inventory_sources": (("schedules", "unified_job_template"),),
}


class Store:
    """All objects, by kind and number. Numbers are unique over all kinds, so that a mix-up shows."""

    def __init__(self, playbooks: frozenset[str]) -> None:
        self.objects: dict[str, dict[int, Object]] = {kind: {} for kind in KINDS}
        self.playbooks = playbooks
        self._numbers = itertools.count(1)

    # -- reading --------------------------------------------------------------------------------------------

    def every(self, kind: str) -> Iterator[Object]:
        """Yield the objects of a kind, or of all kinds of a union, as they were made."""
        for member in UNIONS.get(kind, (kind,)):
            yield from self.objects[member].values()

    def named(self, kind: str, name: str) -> Object:
        """Return the one object of that name. Raises ValueError when there is not exactly one."""
        (found,) = [item for item in self.every(kind) if item.get("identifier", item.get("name")) == name]
        return found

    def by_number(self, kind: str, number: Any) -> Object:
        """Return an object. Raises Refused with status 404."""
        for member in UNIONS.get(kind, (kind,)):
            if number in self.objects[member]:
                return self.objects[member][number]
        raise Refused(404, {"detail": "Not found."})

    def kind_of(self, found: Object) -> str:
        """Return the kind of an object."""
        return next(kind for kind, declared in KINDS.items() if declared.type == found["type"])

    def shown(self, found: Object) -> Object:
        """Return an object as AWX tells it: with its addresses, without secrets."""
        kind = self.kind_of(found)
        record = {name: copy.deepcopy(value) for name, value in found.items() if not name.startswith("_")}
        address = f"/api/v2/{kind}/{found['id']}/"
        record["url"] = address
        record["related"] = {name: f"{address}{name}/" for name in KINDS[kind].lists}
        if "survey_enabled" in record:
            record["related"]["survey_spec"] = f"{address}survey_spec/"
        if kind == "workflow_job_template_nodes" and record["unified_job_template"]:
            template = self.by_number("unified_job_templates", record["unified_job_template"])
            record["related"]["unified_job_template"] = f"/api/v2/{self.kind_of(template)}/{template['id']}/"
        record["summary_fields"] = {"current_update": {"id": found["_update"]}} if found.get("_update") else {}
        for name in ("inputs", "notification_configuration"):
            if kind in ("credentials", "notification_templates") and name in record:
                secrets = self._secret_names(found)
                record[name] = {key: ENCRYPTED if key in secrets and value else value for key, value in record[name].items()}
        return record

    def _secret_names(self, found: Object) -> set[str]:
        if found["type"] == "notification_template":
            return {"password", "token", "account_token", "service_key", "grafana_key"}
        fields = self.by_number("credential_types", found["credential_type"])["inputs"].get("fields", [])
        return {item["id"] for item in fields if item.get("secret")}

    # -- writing --------------------------------------------------------------------------------------------

    def make(self, kind: str, given: Mapping[str, Any]) -> Object:
        """Make an object. Raises Refused."""
        declared = KINDS[kind]
        missing = [name for name, default in declared.fields.items() if default is ... and given.get(name) in (None, "")]
        if missing:
            raise Refused(400, {name: ["This field is required."] for name in missing})
        number = next(self._numbers)
        made: Object = {"id": number, "type": declared.type, "_survey": {}, "_lists": {name: [] for name in declared.lists}}
        made.update(copy.deepcopy(dict(declared.fields)))
        self._write(kind, made, given)
        if kind == "inventories":
            made["pending_deletion"] = False
        self.objects[kind][number] = made
        if kind == "projects":
            made["scm_revision"] = "" if made["scm_type"] else None
            made["_update"] = self.make("project_updates", {"name": made["name"]})["id"]
        return made

    def change(self, kind: str, number: int, given: Mapping[str, Any]) -> Object:
        """Change an object. Raises Refused; the object is then as it was."""
        found = self.by_number(kind, number)
        changed = copy.deepcopy(found)
        self._write(kind, changed, given)
        self.objects[kind][number] = changed
        return changed

    def _write(self, kind: str, target: Object, given: Mapping[str, Any]) -> None:
        declared = KINDS[kind]
        before = copy.deepcopy(target)
        for name, value in given.items():
            if name in declared.fields and name not in declared.read_only:
                # AWX takes nothing for the empty text where a field holds text.
                target[name] = "" if value is None and isinstance(declared.fields[name], str) else copy.deepcopy(value)
        for name, other in declared.refers.items():
            if target.get(name) is not None:
                try:
                    self.by_number(other, target[name])
                except Refused:
                    raise Refused(400, {name: [f'Invalid pk "{target[name]}" - object does not exist.']}) from None
        self._check_unique(kind, target)
        self._check_rules(kind, target, before)

    def _check_unique(self, kind: str, target: Object) -> None:
        unique = KINDS[kind].unique
        for other in self.objects[kind].values() if unique else ():
            if other["id"] != target["id"] and all(other.get(name) == target.get(name) for name in unique):
                raise Refused(400, {"__all__": [f"{KINDS[kind].type} with this {', '.join(unique)} already exists."]})

    def _check_rules(self, kind: str, target: Object, before: Object) -> None:
        errors: Mapping[str, Any] = {}
        if kind == "credential_types":
            used = any(item["credential_type"] == target["id"] for item in self.every("credentials"))
            if used and before["inputs"] != target["inputs"]:
                raise Refused(403, {"detail": "Modifications to inputs are not allowed for credential types that are in use"})
            errors = check_credential_type(target)
        elif kind == "credentials":
            errors = check_credential_inputs(self.by_number("credential_types", target["credential_type"]), target["inputs"])
        elif kind == "notification_templates" and target["notification_type"] == "webhook":
            defaults = {"http_method": "POST", "disable_ssl_verification": False, "username": "", "password": ""}
            target["notification_configuration"] = {**defaults, **target["notification_configuration"]}
            absent = {"url", "headers"} - set(target["notification_configuration"])
            errors = {"notification_configuration": [f"Missing required fields for Notification Configuration: {sorted(absent)}."]} if absent else {}
        elif kind == "job_templates":
            errors = self._check_job_template(target)
        elif kind == "inventory_sources":
            errors = self._check_inventory_source(target)
        elif kind in ("schedules", "workflow_job_template_nodes") and target["unified_job_template"]:
            template = self.by_number("unified_job_templates", target["unified_job_template"])
            errors = check_launch_values(template.get("_survey", {}), template.get("ask_variables_on_launch", False), target["extra_data"])
            errors = {**errors, **(check_rrule(target["rrule"]) if kind == "schedules" else {})}
        if errors:
            raise Refused(400, errors)

    def _check_job_template(self, target: Object) -> dict[str, Any]:
        project = self.by_number("projects", target["project"])
        target["organization"] = project["organization"]
        if target["playbook"] not in self.playbooks:
            return {"playbook": ["Playbook not found for project."]}
        if target["inventory"] is None and not target["ask_inventory_on_launch"]:
            return {"inventory": ["You must either set a default value or ask to prompt on launch."]}
        return {}

    def _check_inventory_source(self, target: Object) -> dict[str, Any]:
        if target["source"] == "scm" and target["source_project"] is None:
            return {"source_project": ["Project required for scm type sources."]}
        if target["credential"] is not None:
            kind = self.by_number("credential_types", self.by_number("credentials", target["credential"])["credential_type"])["kind"]
            if kind in ("ssh", "scm", "insights", "vault"):
                return {"detail": "Credentials of type machine, source control, insights and vault are disallowed for custom inventory sources."}
        return {}

    def set_survey(self, kind: str, number: int, spec: dict[str, Any]) -> None:
        """Take a survey. Raises Refused."""
        problem = check_survey(spec)
        if problem:
            raise Refused(400, {"error": problem})
        self.by_number(kind, number)["_survey"] = copy.deepcopy(spec)

    def associate(self, kind: str, number: int, name: str, given: Mapping[str, Any]) -> None:
        """Put an object into a list of another, or take it out. Raises Refused."""
        target = self.by_number(kind, number)
        other = self.by_number(KINDS[kind].lists[name], given["id"])["id"]
        members = target["_lists"][name]
        if given.get("disassociate"):
            members.remove(other)
        elif other not in members:
            members.append(other)

    def delete(self, kind: str, number: int) -> int:
        """Delete an object with what goes with it, and return the status. Raises Refused."""
        found = self.by_number(kind, number)
        if kind == "credential_types" and any(item["credential_type"] == number for item in self.every("credentials")):
            raise Refused(403, {"detail": "Credential types that are in use cannot be deleted."})
        if kind == "inventories":
            if found["pending_deletion"]:
                raise Refused(400, {"error": "Inventory is already being deleted."})
            found["pending_deletion"] = True
            return 202
        self._let_go(kind, number)
        return 204

    def finish_deletions(self) -> None:
        """Let the inventories go that are to go, which AWX does in the background."""
        for number in [item["id"] for item in self.every("inventories") if item["pending_deletion"]]:
            self._let_go("inventories", number)

    def _let_go(self, kind: str, number: int) -> None:
        gone = self.objects[kind].pop(number)
        for other, pointer in _GOES_WITH.get(kind, ()):
            for follower in [item["id"] for item in self.objects[other].values() if item[pointer] == number]:
                self._let_go(other, follower)
        approval = gone.get("unified_job_template") if kind == "workflow_job_template_nodes" else None
        self.objects["workflow_approval_templates"].pop(approval or 0, None)
        for other_kind, declared in KINDS.items():
            for item in self.objects[other_kind].values():
                for name, referred in declared.refers.items():
                    if kind in UNIONS.get(referred, (referred,)) and item.get(name) == number:
                        item[name] = None
                for name, members in item["_lists"].items():
                    if declared.lists[name] == kind and number in members:
                        members.remove(number)
