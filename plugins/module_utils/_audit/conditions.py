# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Conditions on records, written as data: which operators there are, what they take, what they say. Private to this collection.

A condition is true, false or unknown: a value that the service did not tell (null) is unknown to every operator but ``is_null``, and what
is unknown is never taken for good. Fields are checked against the declarations of the service before any record is seen.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple, Union

from .._api.entities._model import Field, Kind, Reference, Resource
from .forms import Schema
from .settings import fits_any
from .times import DAY, HOUR, seconds_of
from .yaml_tree import Node, Problems, described, nearest

Truth = Optional[bool]
Test = Callable[[Any, float], Truth]  # of a value, at a moment in seconds since 1970

LONGEST_REGEX = 200
LONGEST_MATCHED = 300  # letters; a longer text is unknown to a regular expression
MOST_REPEATS = 3  # of an expression that begins at the beginning; any other may begin anywhere, which is one repetition more

_TEXT_KINDS = (Kind.STRING, Kind.ENUM, Kind.UID, Kind.SCHEDULE_TIME)
_NUMBER_KINDS = (Kind.INT, Kind.SIZE, Kind.DECIMAL)
_TIME = re.compile(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$")
_DURATION = re.compile(r"^(\d+(?:\.\d+)?) ?(m|h|d|w)$")
_SECONDS = {"m": 60.0, "h": HOUR, "d": DAY, "w": 7 * DAY}
_OF_REFERENCE = ("id", "uid", "name", "type")
_JOINS = ("all_of", "any_of", "not")
_QUANTIFIERS = ("any", "all", "none")


@dataclass(frozen=True)
class Operator:
    """``kinds`` are the kinds of value that it is for (empty: any); ``takes`` says what stands behind it, ``meaning`` what it asks."""

    name: str
    takes: str
    meaning: str
    kinds: Tuple[str, ...] = ()


_ORDERED = _NUMBER_KINDS + (Kind.DATETIME, Kind.SCHEDULE_TIME)
_SINGLE = _TEXT_KINDS + _NUMBER_KINDS + (Kind.BOOL, Kind.DATETIME)
OPERATORS: Dict[str, Operator] = {
    one.name: one
    for one in (
        Operator("eq", "a value", "It is equal; a value without an operator means this.", _SINGLE),
        Operator("ne", "a value", "It is not equal.", _SINGLE),
        Operator("lt", "a value", "It is less, or earlier.", _ORDERED),
        Operator("le", "a value", "It is less or equal.", _ORDERED),
        Operator("gt", "a value", "It is more, or later.", _ORDERED),
        Operator("ge", "a value", "It is more or equal.", _ORDERED),
        Operator("in", "a list of values", "It is one of them; a list without an operator means this.", _SINGLE),
        Operator("not_in", "a list of values", "It is none of them.", _SINGLE),
        Operator("matches", "shell patterns", "It fits one of them, blind to case.", _TEXT_KINDS),
        Operator("regex", "a regular expression", "It holds a part that fits; nothing may repeat what repeats.", _TEXT_KINDS),
        Operator("contains", "a value", "The text, or the list, holds it."),
        Operator("size", "a number, or operators", "So many letters, or members of the list, are there."),
        Operator("older_than", "a span such as 36h or 30d", "The time lies further back.", (Kind.DATETIME,)),
        Operator("newer_than", "a span such as 36h or 30d", "The time lies less far back, or is to come.", (Kind.DATETIME,)),
        Operator("is_null", "true or false", "The service tells nothing."),
        Operator("any", "a condition on a member", "At least one member of the list meets it."),
        Operator("all", "a condition on a member", "Every member of the list meets it."),
        Operator("none", "a condition on a member", "No member of the list meets it."),
    )
}


def schema() -> Schema:
    """Return the JSON Schema of a condition; the fields are known only to the declarations."""
    condition = {"$ref": "#/$defs/condition"}
    joins = {"all_of": {"type": "array", "items": condition}, "any_of": {"type": "array", "items": condition}, "not": condition}
    return {"type": "object", "properties": joins, "minProperties": 1, "additionalProperties": True}


# ---------------------------------------------------------------------------------------------------------
# Three-valued logic


def every(truths: Sequence[Truth]) -> Truth:
    """Return whether all hold; a single false settles it, whatever is unknown."""
    if any(truth is False for truth in truths):
        return False
    return None if any(truth is None for truth in truths) else True


def some(truths: Sequence[Truth]) -> Truth:
    """Return whether one holds; a single true settles it, whatever is unknown."""
    return negated(every([negated(truth) for truth in truths]))


def negated(truth: Truth) -> Truth:
    """Return the contrary; of the unknown the unknown."""
    return None if truth is None else not truth


# ---------------------------------------------------------------------------------------------------------
# Where a value lies

_NAME = Field("name", "", Kind.STRING, "")


@dataclass(frozen=True)
class Place:
    """A field as a condition names it: the way to it from the record, and how its value is declared."""

    way: Tuple[str, ...]
    field: Field

    def value_in(self, record: Any) -> Any:
        """Return the value, None where the way ends early."""
        for name in self.way:
            if record is None:
                return None
            record = record.get(name)
        return record


@dataclass(frozen=True)
class Ground:
    """What fields a condition may name: those of a resource, or of a structure in it. ``title`` begins a sentence: "Jobs have"."""

    title: str
    fields: Mapping[str, Union[Field, Reference]]

    @classmethod
    def of_resource(cls, resource: Resource) -> "Ground":
        """Return the fields of records of a kind."""
        named: Dict[str, Union[Field, Reference]] = {"name": _NAME, "id": Field("id", "", Kind.STRING, ""), "uid": Field("uid", "", Kind.UID, "")}
        named.update({field.name: field for field in resource.record_fields})
        named.update({reference.name: reference for reference in resource.references})
        return cls(resource.subject + " have", named)

    @classmethod
    def of_struct(cls, field: Field) -> "Ground":
        """Return the fields of a structure."""
        return cls(field.name + " has", {part.name: part for part in field.struct.fields} if field.struct else {})

    def find(self, path: str, node: Node, problems: Problems) -> Optional[Place]:
        """Return where a dotted path leads; None, with a problem noted, where it leads nowhere."""
        ground, way = self, path.split(".")
        for depth, name in enumerate(way):
            found = ground.fields.get(name)
            if found is None:
                problems.add(node, "%s: %s no field %r.%s" % (node.path, ground.title, name, nearest(name, ground.fields)), path)
                return None
            last = depth == len(way) - 1
            if isinstance(found, Reference):
                ground = Ground(found.name + " has", {key: Field(key, "", Kind.STRING, "") for key in _OF_REFERENCE})
                found = Field(found.name, "", Kind.STRUCT, "", many=found.many)
            else:
                ground = Ground.of_struct(found)
            if last:
                return Place(tuple(way), found)
            if found.many:
                problems.add(node, "%s: %s is a list: write %s: {any: {...}}, with any, all or none." % (node.path, name, ".".join(way[: depth + 1])), path)
                return None
        return None

    def below(self, field: Field) -> "Ground":
        """Return the ground that members of a list of structures are."""
        if field.struct is None:
            return Ground(field.name + " has", {key: Field(key, "", Kind.STRING, "") for key in _OF_REFERENCE})
        return Ground.of_struct(field)


# ---------------------------------------------------------------------------------------------------------
# Compiling


@dataclass(frozen=True)
class Term:
    """One entry of a condition: what it names, as it was written, and the test that it is."""

    path: str
    written: Any
    test: Test
    place: Optional[Place] = None


class Compiler:
    """Makes tests of conditions; mistakes are noted in ``problems``. ``names`` are the fields of the record that are asked for."""

    def __init__(self, resource: Resource, problems: Problems) -> None:
        self._ground, self._problems = Ground.of_resource(resource), problems
        self.names: Dict[str, None] = {}

    def terms(self, node: Node, ground: Optional[Ground] = None) -> List[Term]:
        """Return the entries of a condition, all of which have to hold."""
        outermost = ground is None
        where = ground or self._ground
        if not isinstance(node.value, Mapping) or not node.value:
            self._problems.add(node, "%s is %s; it has to be a mapping from fields to conditions." % (node.path, described(node) if node.value else "empty"))
            return []
        found = []
        for name, member in node.value.items():
            if name in _JOINS and name not in where.fields:
                found.append(Term(name, plain(member), self._joined(name, member, where, outermost)))
                continue
            place = where.find(name, node, self._problems)
            if place is not None:
                if outermost:
                    self.names[place.way[0]] = None
                found.append(Term(name, plain(member), _at(place, self._of_value(place.field, member, where)), place))
        return found

    def _condition(self, node: Node, ground: Ground, outermost: bool) -> Test:
        terms = self.terms(node, None if outermost else ground)
        return lambda value, now: every([term.test(value, now) for term in terms])

    def _joined(self, name: str, node: Node, ground: Ground, outermost: bool) -> Test:
        if name == "not":
            inner = self._condition(node, ground, outermost)
            return lambda value, now: negated(inner(value, now))
        if not isinstance(node.value, list) or not node.value:
            self._problems.add(node, "%s is %s; it has to be a list of conditions." % (node.path, described(node)))
            return _never
        tests = [self._condition(member, ground, outermost) for member in node.value]
        join = every if name == "all_of" else some
        return lambda value, now: join([test(value, now) for test in tests])

    def _of_value(self, field: Field, node: Node, ground: Ground) -> Test:
        """Return the test of a field's value: operators, or a value alone, which means eq, or a list, which means in."""
        if not isinstance(node.value, Mapping):
            short = "contains" if field.many else "in" if isinstance(node.value, list) else "eq"
            return self._operation(short, field, node, node, ground)
        if not node.value:
            self._problems.add(node, "%s is empty; it has to hold an operator." % node.path)
        tests = [self._operation(name, field, member, node, ground) for name, member in node.value.items()]
        return lambda value, now: every([test(value, now) for test in tests])

    def _operation(self, name: str, field: Field, node: Node, around: Node, ground: Ground) -> Test:
        operator = OPERATORS.get(name)
        if operator is None:
            advice = nearest(name, OPERATORS) or " Known: %s." % ", ".join(OPERATORS)
            self._problems.add(around, "%s: %r is no operator.%s" % (around.path, name, advice), name)
            return _never
        if not _suits(operator, field):
            suited = ", ".join(one.name for one in OPERATORS.values() if _suits(one, field))
            self._problems.add(around, "%s: %s is not for %s, which is %s. Use %s." % (around.path, name, field.name, kind_words(field), suited), name)
            return _never
        if name == "is_null":
            wanted = self._flag(node)
            return lambda value, now: (value is None) is wanted
        test = self._quantified(name, field, node, ground) if name in _QUANTIFIERS else self._plain_operation(name, field, node)
        return lambda value, now: None if value is None else test(value, now)

    def _quantified(self, name: str, field: Field, node: Node, ground: Ground) -> Test:
        of_struct = field.kind == Kind.STRUCT
        inner = self._condition(node, ground.below(field), outermost=False) if of_struct else self._of_value(_single(field), node, ground)
        if name == "any":
            return lambda value, now: some([inner(member, now) for member in value])
        if name == "all":
            return lambda value, now: every([inner(member, now) for member in value])
        return lambda value, now: negated(some([inner(member, now) for member in value]))

    def _plain_operation(self, name: str, field: Field, node: Node) -> Test:
        if name == "size":
            return self._size(node)
        if name == "contains":
            wanted = self._argument(_single(field), node)
            return (lambda value, now: wanted in value) if field.many else (lambda value, now: str(wanted) in value)
        if name in ("in", "not_in"):
            members = [self._argument(field, member) for member in self._list(node)]
            return (lambda value, now: value in members) if name == "in" else (lambda value, now: value not in members)
        if name in ("older_than", "newer_than"):
            span = self._span(node)
            return _older(span) if name == "older_than" else (lambda value, now: not _older(span)(value, now) and now - seconds_of(value) < span)
        if name == "matches":
            patterns = [str(self._argument(_NAME, member)) for member in self._list(node)]
            return lambda value, now: fits_any((value,), patterns)
        if name == "regex":
            return self._regex(node)
        return _comparison(name, self._argument(field, node), field.kind == Kind.DATETIME)

    # -- arguments ------------------------------------------------------------------------------------------

    def _flag(self, node: Node) -> bool:
        if not isinstance(node.value, bool):
            self._problems.add(node, "%s is %s; it has to be true or false." % (node.path, described(node)))
        return bool(node.value)

    def _list(self, node: Node) -> List[Node]:
        return node.value if isinstance(node.value, list) else [node]

    def _argument(self, field: Field, node: Node) -> Any:
        value, fits = node.value, False
        if field.kind in _NUMBER_KINDS:
            fits = isinstance(value, (int, float)) and not isinstance(value, bool)
        elif field.kind == Kind.BOOL:
            fits = isinstance(value, bool)
        elif field.kind == Kind.DATETIME:
            fits = isinstance(value, str) and _TIME.match(value) is not None
        elif isinstance(value, str):
            fits = True
            if field.kind == Kind.ENUM and field.values and value not in field.values:
                self._problems.add(node, "%s: %r is not a value of %s.%s" % (node.path, value, field.name, nearest(value, field.values)))
        if not fits:
            self._problems.add(node, "%s is %s; %s is compared with %s." % (node.path, described(node), field.name, kind_words(field)))
        return value

    def _span(self, node: Node) -> float:
        match = _DURATION.match(node.value) if isinstance(node.value, str) else None
        if match is None:
            self._problems.add(node, "%s is %s; it has to be a span such as 90m, 36h, 30d or 2w." % (node.path, described(node)))
            return 0.0
        return float(match.group(1)) * _SECONDS[match.group(2)]

    def _size(self, node: Node) -> Test:
        test = self._of_value(Field("size", "", Kind.INT, ""), node, self._ground)
        return lambda value, now: test(len(value), now)

    def _regex(self, node: Node) -> Test:
        fault = fault_of_regex(node.value) if isinstance(node.value, str) else "it is no text"
        if fault:
            self._problems.add(node, "%s is no regular expression that is taken: %s." % (node.path, fault))
            return _never
        expression = re.compile(node.value)
        return lambda value, now: None if len(value) > LONGEST_MATCHED else expression.search(value) is not None


def _never(_value: Any, _now: float) -> Truth:
    return False


def _at(place: Place, test: Test) -> Test:
    return lambda record, now: test(place.value_in(record), now)


def _single(field: Field) -> Field:
    return Field(field.name, field.wire, field.kind, field.description, field.values, struct=field.struct)


def _older(span: float) -> Test:
    return lambda value, now: now - seconds_of(value) > span


def _comparison(name: str, wanted: Any, of_times: bool) -> Test:
    compare = _COMPARE[name]
    if of_times:
        moment = seconds_of(wanted) if isinstance(wanted, str) and _TIME.match(wanted) else 0.0
        return lambda value, now: compare(seconds_of(value), moment)
    return lambda value, now: compare(value, wanted)


_COMPARE: Dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda value, wanted: bool(value == wanted),
    "ne": lambda value, wanted: bool(value != wanted),
    "lt": lambda value, wanted: bool(value < wanted),
    "le": lambda value, wanted: bool(value <= wanted),
    "gt": lambda value, wanted: bool(value > wanted),
    "ge": lambda value, wanted: bool(value >= wanted),
}


def _suits(operator: Operator, field: Field) -> bool:
    if operator.name == "is_null":
        return True
    if operator.name in _QUANTIFIERS:
        return field.many
    if operator.name in ("contains", "size"):
        return (field.many and (field.kind != Kind.STRUCT or operator.name == "size")) or field.kind in _TEXT_KINDS
    return not field.many and field.kind in operator.kinds


def kind_words(field: Field) -> str:
    """Return what a value of a field is, in words."""
    if field.many:
        return "a list"
    if field.kind in _NUMBER_KINDS:
        return "a number of bytes" if field.kind == Kind.SIZE else "a number"
    words = {Kind.BOOL: "true or false", Kind.DATETIME: "a time in UTC such as 2026-12-31T18:00:00Z", Kind.STRUCT: "a structure"}
    return words.get(field.kind, "a text")


def fault_of_regex(pattern: str) -> str:
    """Return why a regular expression is not taken, "" where it is: it must not be able to take a long time over any text."""
    if len(pattern) > LONGEST_REGEX:
        return "it is longer than %d letters" % LONGEST_REGEX
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return str(error)
    bare = re.sub(r"\\[^0-9A-Za-z]|\\[dDsSwWbB]", "a", pattern)
    if "\\" in bare:
        return "of escapes only those of single characters, \\d, \\s, \\w and \\b are taken"
    bare = re.sub(r"\[\^?\]?[^\]]*\]", "a", bare)
    if re.search(r"\(\?(?!:)", bare):
        return "of groups only ( ) and (?: ) are taken"
    if re.search(r"\)[*+?{]", bare):
        return "a group must not be repeated"
    anchored = bare.startswith("^") and "|" not in bare
    if len(re.findall(r"[*+]|\{\d*,", bare)) + (not anchored) > MOST_REPEATS:
        return "it repeats more than %d times, or %d where it does not begin with ^" % (MOST_REPEATS, MOST_REPEATS - 1)
    return ""


def plain(node: Node) -> Any:
    """Return a node as plain data."""
    if isinstance(node.value, Mapping):
        return {name: plain(member) for name, member in node.value.items()}
    return [plain(member) for member in node.value] if isinstance(node.value, list) else node.value


def shown(value: Any) -> Any:
    """Return a value of a record as a finding shows it: a long text or list is cut."""
    if isinstance(value, str) and len(value) > _LONGEST_SHOWN:
        return value[: _LONGEST_SHOWN - 3] + "..."
    if isinstance(value, list):
        return [shown(member) for member in value[:_MOST_SHOWN]]
    return {name: shown(member) for name, member in value.items()} if isinstance(value, dict) else value


_LONGEST_SHOWN = 200
_MOST_SHOWN = 20
