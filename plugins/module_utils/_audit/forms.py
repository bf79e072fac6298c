# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The vocabulary in which the form of a policy is declared. Private to this collection.

From one declaration come the check of what a user wrote, the JSON Schema (draft 2020-12) and the tables of the documentation. A form
notes mistakes and goes on, so that all of a file are told at once; what it returns is of use only when none was noted.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Tuple

from .model import Parameter
from .yaml_tree import Node, Problems, described, nearest

Schema = Dict[str, Any]

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_LONGEST_TEXT = 10_000
_DAY = "%Y-%m-%d"
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"
_MOMENT_PATTERN = r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}Z)?$"


class Form:
    """What a value may be. ``definition`` is its name in the JSON Schema, where it is used more than once."""

    definition: str = ""

    def read(self, node: Node, problems: Problems) -> Any:
        """Return the value of a node, or note what is wrong with it."""
        raise NotImplementedError

    def schema(self) -> Schema:
        """Return the JSON Schema of the form, or the reference to it."""
        return {"$ref": "#/$defs/" + self.definition} if self.definition else self.full_schema()

    def full_schema(self) -> Schema:
        """Return the JSON Schema itself, also where others refer to it."""
        raise NotImplementedError

    def words(self) -> str:
        """Return the form in words: "a number, at least 0"."""
        raise NotImplementedError

    def parts(self) -> Iterator["Form"]:
        """Yield the forms that this one is made of."""
        return iter(())

    def refuse(self, node: Node, problems: Problems) -> None:
        """Note that a value is none of this form."""
        subject = node.path or "The whole"
        if node.value is None:
            problems.add(node, "%s has no value; it has to be %s." % (subject, self.words()))
            return
        quotes = " Put it in quotes." if isinstance(self, Text) and isinstance(node.value, (bool, int, float)) else ""
        problems.add(node, "%s is %s; it has to be %s.%s" % (subject, described(node), self.words(), quotes))


@dataclass(frozen=True)
class Text(Form):
    """A text, which is not empty unless ``empty`` says that it may be.

    ``choices`` are all that there are, ``pattern`` (a regular expression) is what it has to look like, ``like`` says that in words.
    """

    choices: Tuple[str, ...] = ()
    pattern: str = ""
    like: str = ""
    longest: int = _LONGEST_TEXT
    empty: bool = False

    def read(self, node: Node, problems: Problems) -> Any:
        value = node.value
        if not isinstance(value, str) or not self._fits(value):
            self.refuse(node, problems)
        elif self.choices and value not in self.choices:
            problems.add(node, "%s is %s, which is not known.%s" % (node.path, described(node), nearest(value, self.choices)))
        return value

    def _fits(self, value: str) -> bool:
        return len(value) <= self.longest and (self.empty or bool(value.strip())) and re.search(self.pattern, value) is not None

    def full_schema(self) -> Schema:
        if self.choices:
            return {"type": "string", "enum": list(self.choices)}
        pattern = self.pattern or ("" if self.empty else r"\S")
        return {"type": "string", **({"pattern": pattern} if pattern else {}), "maxLength": self.longest}

    def words(self) -> str:
        if self.choices:
            return ("one of %s" if len(self.choices) <= _CHOICES_SHOWN else "a known word, such as %s") % ", ".join(self.choices[:_CHOICES_SHOWN])
        return self.like or "a text"


_CHOICES_SHOWN = 8


@dataclass(frozen=True)
class Number(Form):
    """A number, with ``integer`` a whole one. ``unit`` is such as "hours"."""

    minimum: Optional[float] = None
    maximum: Optional[float] = None
    integer: bool = False
    unit: str = ""

    def read(self, node: Node, problems: Problems) -> Any:
        value = node.value
        kinds = (int,) if self.integer else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds) or not _is_finite(value):
            self.refuse(node, problems)
            return value
        if (self.minimum is not None and value < self.minimum) or (self.maximum is not None and value > self.maximum):
            self.refuse(node, problems)
        return value if self.integer else float(value)

    def full_schema(self) -> Schema:
        limits = {"minimum": self.minimum, "maximum": self.maximum}
        return {"type": "integer" if self.integer else "number", **{name: limit for name, limit in limits.items() if limit is not None}}

    def words(self) -> str:
        words = "a whole number" if self.integer else "a number"
        if self.unit:
            words += " of " + self.unit
        if self.minimum is not None:
            words += ", at least %g" % self.minimum
        if self.maximum is not None:
            words += ", at most %g" % self.maximum
        return words


def _is_finite(value: Any) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


@dataclass(frozen=True)
class Flag(Form):
    """true or false."""

    def read(self, node: Node, problems: Problems) -> Any:
        if not isinstance(node.value, bool):
            self.refuse(node, problems)
        return node.value

    def full_schema(self) -> Schema:
        return {"type": "boolean"}

    def words(self) -> str:
        return "true or false"


@dataclass(frozen=True)
class Moment(Form):
    """A day, or a time in UTC. The value is the text itself."""

    def read(self, node: Node, problems: Problems) -> Any:
        value = node.value
        if not isinstance(value, str) or not re.match(_MOMENT_PATTERN, value) or not _is_moment(value):
            self.refuse(node, problems)
        return value

    def full_schema(self) -> Schema:
        return {"type": "string", "pattern": _MOMENT_PATTERN}

    def words(self) -> str:
        return "a day such as 2027-03-31, or a time in UTC such as 2027-03-31T18:00:00Z"


def _is_moment(text: str) -> bool:
    try:
        datetime.strptime(text, _MOMENT if "T" in text else _DAY)
    except ValueError:
        return False
    return True


@dataclass(frozen=True)
class Many(Form):
    """A list; one member alone may stand without the list. ``least`` members are needed."""

    item: Form
    least: int = 0
    alone: bool = True
    definition: str = ""

    def read(self, node: Node, problems: Problems) -> Any:
        if isinstance(node.value, list):
            if len(node.value) < self.least:
                problems.add(node, "%s is empty; it has to be %s." % (node.path, self.words()))
            return [self.item.read(member, problems) for member in node.value]
        if not self.alone or node.value is None:
            self.refuse(node, problems)
            return []
        return [self.item.read(node, problems)]

    def full_schema(self) -> Schema:
        listed: Schema = {"type": "array", "items": self.item.schema()}
        if self.least:
            listed["minItems"] = self.least
        return {"anyOf": [self.item.schema(), listed]} if self.alone else listed

    def words(self) -> str:
        inner = self.item.title if isinstance(self.item, Struct) else self.item.words()
        return "a list, each %s" % inner if not self.alone else "%s, or a list of such" % inner

    def parts(self) -> Iterator[Form]:
        yield self.item


@dataclass(frozen=True)
class Table(Form):
    """A mapping with keys of the user's own."""

    value: Form

    def read(self, node: Node, problems: Problems) -> Any:
        if not isinstance(node.value, Mapping):
            self.refuse(node, problems)
            return {}
        for name in node.value:
            if not name.strip():
                problems.add(node, "A key of %s is empty." % (node.path or "the whole"), name)
        return {name: self.value.read(member, problems) for name, member in node.value.items()}

    def full_schema(self) -> Schema:
        return {"type": "object", "propertyNames": {"pattern": r"\S"}, "additionalProperties": self.value.schema()}

    def words(self) -> str:
        return "a mapping from names to %s" % self.value.words()

    def parts(self) -> Iterator[Form]:
        yield self.value


@dataclass(frozen=True)
class Maybe(Form):
    """A value or null."""

    form: Form

    def read(self, node: Node, problems: Problems) -> Any:
        return None if node.value is None else self.form.read(node, problems)

    def full_schema(self) -> Schema:
        return {"anyOf": [{"type": "null"}, self.form.schema()]}

    def words(self) -> str:
        return self.form.words() + ", or null"

    def parts(self) -> Iterator[Form]:
        yield self.form


@dataclass(frozen=True)
class Key:
    """A key of a mapping. ``default`` is what holds without it, in words for people where it is no plain value."""

    name: str
    form: Form
    meaning: str
    required: bool = False
    default: Any = None


@dataclass(frozen=True)
class Struct(Form):
    """A mapping with keys that are known. The value holds what is there.

    ``noun`` and ``title`` name it in sentences ("key", "a rule"). ``short`` is what may stand for the whole, as the value of the key
    ``short_for``. ``of_pattern`` are keys with names of the user's own. ``check`` notes what no single key shows. ``raw_schema`` is the
    JSON Schema where no declaration here says it.
    """

    title: str
    keys: Tuple[Key, ...]
    noun: str = "key"
    definition: str = ""
    short: Optional[Form] = None
    short_for: str = ""
    of_pattern: Tuple[Tuple[str, Form], ...] = ()
    check: Optional[Callable[[Node, Dict[str, Any], Problems], None]] = field(default=None, compare=False)
    raw_schema: Optional[Schema] = None

    def read(self, node: Node, problems: Problems) -> Any:
        if not isinstance(node.value, Mapping):
            if self.short is not None and node.value is not None and _could_be(self.short, node):
                meant = {self.short_for: self.short.read(node, problems)}
                if self.check is not None:
                    self.check(node, meant, problems)
                return meant
            self.refuse(node, problems)
            return {}
        forms = {key.name: key.form for key in self.keys}
        values: Dict[str, Any] = {}
        for name, member in node.value.items():
            form = forms.get(name) or next((form for pattern, form in self.of_pattern if re.search(pattern, name)), None)
            if form is None:
                subject = node.path or self.title[:1].upper() + self.title[1:]
                problems.add(node, "%s has no %s %r.%s" % (subject, self.noun, name, nearest(name, forms)), name)
            else:
                values[name] = form.read(member, problems)
        for key in self.keys:
            if key.required and key.name not in node.value:
                problems.add(node, "%s lacks the %s %r: %s" % (node.path or "The whole", self.noun, key.name, key.meaning))
        if self.check is not None:
            self.check(node, values, problems)
        return values

    def full_schema(self) -> Schema:
        if self.raw_schema is not None:
            return self.raw_schema
        full: Schema = {"type": "object", "properties": {key.name: _described_schema(key) for key in self.keys}, "additionalProperties": False}
        if self.of_pattern:
            full["patternProperties"] = {pattern: form.schema() for pattern, form in self.of_pattern}
        required = [key.name for key in self.keys if key.required]
        if required:
            full["required"] = required
        return full if self.short is None else {"anyOf": [self.short.schema(), full]}

    def words(self) -> str:
        words = "a mapping (%s)" % self.title
        return words if self.short is None else "%s, or %s" % (self.short.words(), words)

    def parts(self) -> Iterator[Form]:
        yield from (key.form for key in self.keys)
        yield from (form for _pattern, form in self.of_pattern)
        if self.short is not None:
            yield self.short


def _could_be(short: Form, node: Node) -> bool:
    """Tell whether a value is meant as the short form. A flag stands for a flag alone, a text or list for the rest."""
    if isinstance(short, Flag):
        return isinstance(node.value, bool)
    return isinstance(node.value, (str, list))


def _described_schema(key: Key) -> Schema:
    schema = {**key.form.schema(), "description": key.meaning}
    if key.default is not None:
        schema["default"] = key.default
    return schema


def json_schema(form: Struct, title: str, identity: str) -> Schema:
    """Return the whole JSON Schema (draft 2020-12) of a file. Args: identity: its URN."""
    definitions: Dict[str, Schema] = {}
    left: List[Form] = [form]
    seen: List[Form] = []
    while left:
        part = left.pop()
        if part in seen:
            continue
        seen.append(part)
        if part.definition:
            definitions[part.definition] = part.full_schema()
        left.extend(part.parts())
    return {"$schema": _DRAFT, "$id": identity, "title": title, **form.full_schema(), "$defs": dict(sorted(definitions.items()))}


def form_of(parameter: Parameter) -> Form:
    """Return the form of a parameter of a check. Raises KeyError for a kind that nobody declared."""
    text = Text(choices=parameter.choices, empty=parameter.default == "")
    forms: Dict[str, Form] = {
        "number": Number(parameter.minimum, unit=parameter.unit),
        "integer": Number(parameter.minimum, integer=True, unit=parameter.unit),
        "text": text,
        "bool": Flag(),
        "list": Many(text),
        "map": Table(Text()),
    }
    form = forms[parameter.kind]
    return form if parameter.default is not None else Maybe(form)
