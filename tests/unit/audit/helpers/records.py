# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records and facts by hand, in the form that the declarations give them, and what a check says of them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from _api.entities._model import Field, Kind, Reference, Resource
from _api.entities.registry import RESOURCES
from _api.estate_plan import ALWAYS_KEPT, keys_of
from _api.sharing import Extract
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.all_checks import CHECKS
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.context import Context
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.evaluate import evaluate
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.facts import Facts, Gap, ServerFacts
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.model import ANSWER, BY_NAME, Finding, Judgement, Record, fields_by_kind
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.settings import Policy, Rule
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.times import as_time, seconds_of

NOW = "2026-11-20T12:00:00Z"
SERVER = "em.example.com:9398"
BACKUP_SERVER = "vbr01.example.com"

_BY_PLURAL: dict[str, Resource] = {resource.plural: resource for resource in RESOURCES}
# What is looked up for the audit is no resource with a collection of its own.
_LOOKED_UP = {
    "hierarchy_machines": (*keys_of(_BY_PLURAL["hierarchy_items"]), "hierarchy_root"),
    "container_machines": (*keys_of(_BY_PLURAL["hierarchy_items"]), "container"),
    "closed_containers": (*ALWAYS_KEPT, "container"),
}


def ago(hours: float = 0.0, days: float = 0.0, seconds: float = 0.0, now: str = NOW) -> str:
    """Return the time that lies so far before now; to the second."""
    return as_time(seconds_of(now) - hours * 3600 - days * 86400 - seconds)


def guid(*parts: object) -> str:
    """Return a GUID that is always the same for the same words."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join(map(str, parts))))


def record(of: str, /, name: str | None = None, **values: Any) -> Record:
    """Return a record of a kind (plural) with every declared field: null but for the values.

    Structures are given as mappings and filled up with nulls; references as the name of what they lead to, or whole. Without an id the
    record has one made from kind and name. Raises KeyError for a field that is not declared.
    """
    if of in _LOOKED_UP:
        return {**dict.fromkeys(_LOOKED_UP[of]), "id": None, "uid": None, **values, **({} if name is None else {"object_name": name})}
    resource = _BY_PLURAL[of]
    keys = keys_of(resource)
    new: Record = dict.fromkeys(keys)
    new["id"] = guid(of, name, values.get("backup_server"))
    new["uid"] = f"urn:veeam:{resource.uid_type}:{values.get('id', new['id'])}"
    new.update(type=resource.type, name=name)
    fields = {field.name: field for field in resource.record_fields}
    references = {reference.name: reference for reference in resource.references}
    for key, value in values.items():
        if key not in new:
            raise KeyError(f"{of} have no field {key}")
        new[key] = _reference(references[key], value) if key in references else _filled(fields.get(key), value)
    for field in resource.record_fields:
        reference, _dot, part = field.filled_from.partition(".")
        if field.filled_from and field.name not in values and isinstance(new[reference], dict):
            new[field.name] = new[reference][part]
    return new


def _reference(declared: Reference, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    kind = next((resource.plural for resource in RESOURCES if declared.types and resource.type == declared.types[0]), declared.name)
    identity = guid(kind, value, None)
    return {"id": identity, "uid": f"urn:veeam:{(declared.types or ('',))[0]}:{identity}", "name": value, "type": (declared.types or ("",))[0]}


def _filled(field: Field | None, value: Any) -> Any:
    if field is None or field.kind != Kind.STRUCT or field.struct is None or value is None:
        return value
    if isinstance(value, (list, tuple)):
        return [_filled(replace(field, many=False), item) for item in value]
    known = {part.name: part for part in field.struct.fields}
    strangers = set(value) - set(known)
    if strangers:
        raise KeyError(f"{field.name} has no {', '.join(sorted(strangers))}")
    return {name: _filled(part, value.get(name)) for name, part in known.items()}


def made_facts(
    records: Mapping[str, Sequence[Record]] | None = None,
    gaps: Mapping[str, Gap] | None = None,
    now: str = NOW,
    reads_of: Iterable[str] | None = None,
    **server: Any,
) -> Facts:
    """Return facts as the gatherer hands them over.

    Args:
        records: by kind; a kind that the checks read and that is not given was read and has none.
        reads_of: ids of checks, whose fields alone are in the records, as in life; None for all fields of all kinds that any check reads.
        server: what ``ServerFacts`` has besides name and time; the account sees all unless it is said not to.
    """
    checks = CHECKS.values() if reads_of is None else [CHECKS[one] for one in reads_of]
    wanted = fields_by_kind(reads for check in checks for reads in check.reads)
    collections: dict[str, list[Record]] = {kind: [] for kind in wanted}
    for number, (kind, given) in enumerate((records or {}).items(), 1):
        held = Extract((ANSWER, *wanted.get(kind, BY_NAME)))
        marked = [{ANSWER: number, **one} for one in given]
        collections[kind] = marked if reads_of is None else [held.of(one) for one in marked]
    return Facts(ServerFacts(SERVER, now, **{"sees_all": True, **server}), seconds_of(now), collections, dict(gaps or {}))


def rule_of(identity: str, **values: Any) -> Rule:
    """Return a check as a rule with values for its parameters. Raises KeyError for a parameter that it has not."""
    check = CHECKS[identity]
    for name in values:
        check.parameter(name)
    return Rule(check, check.severity, values)


def said(
    identity: str,
    records: Mapping[str, Sequence[Record]] | None = None,
    values: Mapping[str, Any] | None = None,
    history: Sequence[Facts] = (),
    baseline: Any = None,
    policy: Mapping[str, Any] | None = None,
    **facts: Any,
) -> list[Judgement]:
    """Return what a check says of records that have no more fields than it reads. Args: policy: fields of the policy; facts: for ``made_facts``."""
    rule = rule_of(identity, **(values or {}))
    context = Context(made_facts(records, reads_of=[identity], **facts), Policy("test", {identity: rule}, **(policy or {})), rule, history, baseline)
    return list(rule.check.judge(context))


def found(
    identity: str,
    records: Mapping[str, Sequence[Record]] | None = None,
    values: Mapping[str, Any] | None = None,
    history: Sequence[Facts] = (),
    baseline: Any = None,
    policy: Mapping[str, Any] | None = None,
    **facts: Any,
) -> list[Finding]:
    """Return the findings of one rule, as the evaluation makes them: gaps and broken checks included. The arguments are those of ``said``."""
    rule = rule_of(identity, **(values or {}))
    return evaluate(made_facts(records, reads_of=[identity], **facts), Policy("test", {identity: rule}, **(policy or {})), history, baseline).findings


def statuses(judgements: Iterable[Judgement]) -> dict[str, str]:
    """Return the status by name of the object. Raises AssertionError when two of one name differ."""
    by_name: dict[str, str] = {}
    for judgement in judgements:
        assert by_name.setdefault(judgement.subject.name, judgement.status) == judgement.status, judgement
    return by_name
