# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules of a policy's own: data that becomes a check like any other. Private to this collection."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Dict, Iterator, List, Mapping, Tuple

from .._api.entities._model import Resource
from .._api.entities.registry import RESOURCES
from .._api.entities.service import HIERARCHY_ITEM, LOGON_SESSION
from .._api.entities.tasks import TASK
from .conditions import Compiler, Term, every, plain, schema, shown
from .context import Context
from .forms import Form, Key, Many, Schema, Struct, Text
from .model import MEDIUM, SEVERITIES, Check, Judgement, Reads, Record, Subject, cannot_say, verdict
from .yaml_tree import Node, Problems, tree_of_data

OWN_RULE_ID = r"^[A-Z][A-Z0-9]*(-[A-Z0-9]+)+$"

_NAMES = ("name", "vm_display_name", "display_name", "caption")
_BACKUP_SERVER, _SERVER_NAME = "backup_server", "backup_server_name"

# What an audit reads: lists of things that outlive a log-on session, at most one step below another kind.
RESOURCES_OF_RULES: Dict[str, Resource] = {
    resource.plural: resource
    for resource in RESOURCES
    if resource.list_root and len(resource.parents) <= 1 and (resource.sources or resource.parents) and resource not in (TASK, LOGON_SESSION, HIERARCHY_ITEM)
}


@dataclass(frozen=True)
class ConditionForm(Form):
    """A condition on a record; looked at together with the resource by ``Struct.check``."""

    def read(self, node: Node, problems: Problems) -> Any:
        return plain(node)

    def full_schema(self) -> Schema:
        return {"$ref": "#/$defs/condition"}

    def words(self) -> str:
        return "a mapping from fields to conditions"

    def parts(self) -> Iterator[Form]:
        yield Struct("a condition", (), definition="condition", raw_schema=schema())


def own_rule_form() -> Struct:
    """Return the form of a rule of the policy's own."""
    resource = Text(choices=tuple(sorted(RESOURCES_OF_RULES)))
    return Struct(
        "a rule of your own",
        (
            Key("id", Text(pattern=OWN_RULE_ID, like="capital letters and digits with a hyphen, such as OWN-1", longest=40), "Its id.", required=True),
            Key("title", Text(longest=200), "What holds where it passes.", required=True),
            Key("severity", Text(choices=SEVERITIES), "How grave a fail is.", default=MEDIUM),
            Key("resource", resource, "The kind of record that it looks at, in the plural.", required=True),
            Key("where", ConditionForm(), "Which records it looks at; without it all."),
            Key("expect", ConditionForm(), "What has to hold for them.", required=True),
            Key("why", Text(), "Why it matters."),
            Key("fix", Text(), "How to put it right."),
            Key("controls", Many(Text()), 'Controls that it serves, such as "CIS 11.2".'),
        ),
        check=_check_conditions,
    )


def _check_conditions(node: Node, values: Dict[str, Any], problems: Problems) -> None:
    """Note mistakes in the conditions of a rule whose resource is known."""
    resource = RESOURCES_OF_RULES.get(values.get("resource") or "") if isinstance(node.value, Mapping) else None
    if resource is None:
        return
    compiler = Compiler(resource, problems)
    for name in ("where", "expect"):
        if name in node.value:
            compiler.terms(node.value[name])


@dataclass(frozen=True)
class OwnRule:
    """Judges the records of one kind; ``declared`` is the rule as it was written, in the order of its form."""

    declared: Mapping[str, Any]
    _compiled: List[Tuple[List[Term], List[Term], Tuple[str, ...]]] = field(default_factory=list, compare=False, repr=False)

    @property
    def resource(self) -> Resource:
        """The kind of record."""
        return RESOURCES_OF_RULES[self.declared["resource"]]

    def compiled(self) -> Tuple[List[Term], List[Term], Tuple[str, ...]]:
        """Return the terms of ``where`` and ``expect``, and the fields that they name. Raises PolicyError for what was never checked."""
        if not self._compiled:
            problems = Problems()
            compiler = Compiler(self.resource, problems)
            parts = []
            for name in ("where", "expect"):
                tree = tree_of_data(self.declared[name], self.declared["id"], problems) if self.declared.get(name) else None
                parts.append(compiler.terms(tree) if tree is not None else [])
            problems.raise_any()
            self._compiled.append((parts[0], parts[1], tuple(compiler.names)))
        return self._compiled[0]

    def reads(self) -> Reads:
        """Return what has to be read: the named fields, and those by which a finding names the record."""
        known = {part.name for part in self.resource.record_fields} | {part.name for part in self.resource.references}
        frame = [name for name in (*_NAMES, _SERVER_NAME, _BACKUP_SERVER) if name == _NAMES[0] or name in known]
        return Reads(self.resource.plural, tuple(dict.fromkeys((*self.compiled()[2], *frame))))

    def __call__(self, context: Context) -> Iterator[Judgement]:
        """Judge every record that ``where`` chooses; of one about which it cannot be told, that is all there is to say."""
        where, expect, _names = self.compiled()
        for record in context.facts.records(self.resource.plural):
            chosen = every([term.test(record, context.facts.now) for term in where])
            if chosen:
                yield self._judged(record, expect, context.facts.now)
            elif chosen is None:
                unknown = [term for term in where if term.test(record, context.facts.now) is None]
                reason = "The service does not tell enough to say whether the rule is about it: %s." % _sentence(unknown, record)
                yield cannot_say(self._subject(record), reason, evidence=[record])

    def _judged(self, record: Record, expect: List[Term], now: float) -> Judgement:
        truths = [(term, term.test(record, now)) for term in expect]
        measured = {term.path: shown(term.place.value_in(record)) for term in expect if term.place is not None}
        expected = dict(self.declared["expect"])
        failed = [term for term, truth in truths if truth is False]
        unknown = [term for term, truth in truths if truth is None]
        subject = self._subject(record)
        if failed or not unknown:
            reason = "What is expected does not hold: %s." % _sentence(failed, record) if failed else "What is expected holds: %s." % _sentence(expect, record)
            return verdict(not failed, subject, reason, measured, expected, [record])
        reason = "The service does not tell enough to say whether what is expected holds: %s." % _sentence(unknown, record)
        return cannot_say(subject, reason, measured, expected, [record])

    def _subject(self, record: Record) -> Subject:
        name = next((record[key] for key in _NAMES if record.get(key)), None) or record.get("uid") or record.get("id") or "?"
        server = record.get(_SERVER_NAME) or (record.get(_BACKUP_SERVER) or {}).get("name") or ""
        return Subject(self.resource.thing, str(name), record.get("uid"), server)


def _sentence(terms: List[Term], record: Record) -> str:
    return "; ".join(_words(term, record) for term in terms)


def _words(term: Term, record: Record) -> str:
    wanted = json.dumps(term.written, ensure_ascii=False)
    if term.place is None:
        return "%s %s" % (term.path, wanted)
    return "%s is %s, expected is %s" % (term.path, json.dumps(shown(term.place.value_in(record)), ensure_ascii=False), wanted)


def check_of(declared: Mapping[str, Any]) -> Check:
    """Return the check that a rule is. Args: declared: as read by its form."""
    rule = OwnRule({key.name: declared[key.name] for key in own_rule_form().keys if key.name in declared})
    return Check(
        id=declared["id"],
        title=declared["title"],
        severity=declared.get("severity", MEDIUM),
        subject=rule.resource.thing,
        reads=(rule.reads(),),
        why=declared.get("why", "The policy asks for it."),
        how="Each of the %s%s is compared with what the policy expects." % (rule.resource.titles, " that the policy chooses" if "where" in declared else ""),
        fix=declared.get("fix", "Change what is not as expected, or the policy."),
        judge=rule,
        limits="What the service does not tell of a record is not assessable.",
        controls=tuple(declared.get("controls", ())),
    )
