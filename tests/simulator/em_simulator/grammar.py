# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter language of the query service: text -> tree -> test of one thing.

``;`` is AND, ``,`` is OR and binds weaker, ``( )`` group; comparisons ``== != < <= > >=``; values beyond
``A-Z a-z 0-9 _`` stand in double quotes, a quote inside is doubled, blanks outside of quotes do not count.
"""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Callable

from . import clock
from .problems import Problem

Test = Callable[[Any], bool]
Getter = Callable[[Any], Any]

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}
_TOKEN = re.compile(r'\s*(?:(?P<quoted>"(?:[^"]|"")*")|(?P<sign>==|!=|<=|>=|<|>|;|,|\(|\))|(?P<word>[^\s"<>=!;,()]+(?:\s+[^\s"<>=!;,()]+)*))')


@dataclass(frozen=True)
class Property:
    """What a filter may ask for: its kind, how to read it from a thing, and the order of an enumeration."""

    name: str
    kind: str
    read: Getter
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class OneOf:
    """The test whether what ``key`` reads from a thing is one of some values; tests of one property are joined, since clients ask for many names at once."""

    asked: str
    key: Getter
    wanted: frozenset[Any]

    def __call__(self, thing: Any) -> bool:
        return self.key(thing) in self.wanted


def joined(tests: list[Test]) -> Test:
    """Return the test that at least one of some tests passes."""
    by_property: dict[str, OneOf] = {}
    others: list[Test] = []
    for test in tests:
        if isinstance(test, OneOf):
            known = by_property.get(test.asked)
            by_property[test.asked] = test if known is None else OneOf(test.asked, test.key, known.wanted | test.wanted)
        else:
            others.append(test)
    alternatives: list[Test] = [*by_property.values(), *others]
    return alternatives[0] if len(alternatives) == 1 else lambda thing: any(test(thing) for test in alternatives)


def tokens(text: str) -> list[tuple[str, str]]:
    """Split a filter into (kind, text). Raises Problem 400 on a sign that fits nowhere."""
    found: list[tuple[str, str]] = []
    position = 0
    while text[position:].strip():
        match = _TOKEN.match(text, position)
        if match is None:
            raise Problem(400, f"Filter expression is invalid at position {position}: {text[position:]}")
        kind = match.lastgroup or ""
        part = match.group(kind)
        if kind == "quoted":
            part = part[1:-1].replace('""', '"')
        elif kind == "word":
            part = re.sub(r"\s+", "", part)
        found.append((kind, part))
        position = match.end()
    return found


class _Parser:
    def __init__(self, text: str, properties: dict[str, Property], digits: int) -> None:
        self.tokens = tokens(text)
        self.position = 0
        self.properties = properties
        self.digits = digits

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.position] if self.position < len(self.tokens) else ("end", "end of the filter")

    def take(self) -> tuple[str, str]:
        token = self.peek()
        self.position += 1
        return token

    def whole(self) -> Test:
        test = self.any_of()
        if self.peek()[0] != "end":
            raise Problem(400, f"Filter expression is invalid: unexpected {self.peek()[1]}")
        return test

    def any_of(self) -> Test:
        tests = [self.all_of()]
        while self.peek() == ("sign", ","):
            self.take()
            tests.append(self.all_of())
        return joined(tests)

    def all_of(self) -> Test:
        tests = [self.one()]
        while self.peek() == ("sign", ";"):
            self.take()
            tests.append(self.one())
        return tests[0] if len(tests) == 1 else lambda thing: all(test(thing) for test in tests)

    def one(self) -> Test:
        kind, text = self.take()
        if (kind, text) == ("sign", "("):
            test = self.any_of()
            if self.take() != ("sign", ")"):
                raise Problem(400, "Filter expression is invalid: a bracket is not closed")
            return test
        if kind != "word":
            raise Problem(400, f"Filter expression is invalid: a property name is expected, not {text}")
        asked = self.properties.get(text.lower())
        if asked is None:
            raise Problem(400, f"Filter expression is invalid: unknown property [{text}]")
        sign_kind, sign = self.take()
        if sign_kind != "sign" or sign not in _COMPARISONS:
            raise Problem(400, f"Filter expression is invalid: a comparison is expected after {text}")
        value_kind, value = self.take()
        if value_kind not in ("word", "quoted"):
            raise Problem(400, f"Filter expression is invalid: a value is expected after {text}{sign}")
        return comparison(asked, sign, value, self.digits)


def compile_filter(text: str, properties: dict[str, Property], digits: int) -> Test:
    """Return the test that a filter stands for; ``properties`` by lower-case name. Raises Problem 400."""
    return _Parser(text, properties, digits).whole()


def comparison(asked: Property, sign: str, text: str, digits: int) -> Test:
    """Return the test of one property against one value."""
    compare, read = _COMPARISONS[sign], asked.read
    rank = sort_rank(asked, digits)
    wanted = parse_value(asked, text, digits)
    if asked.kind == "uid":
        if sign not in ("==", "!="):
            raise Problem(400, f"Filter expression is invalid: {asked.name} can only be compared by == and !=")
        whole = ":" in wanted

        def uid_of(thing: Any) -> str:
            value: str = (read(thing) or "").lower()
            return value if whole else value.rpartition(":")[2]

        same = OneOf(f"{asked.name} {whole}", uid_of, frozenset({wanted}))
        return same if sign == "==" else lambda thing: not same(thing)
    if sign == "==":
        return OneOf(asked.name, lambda thing: rank(read(thing)), frozenset({wanted}))

    def test(thing: Any) -> bool:
        value = rank(read(thing))
        return sign == "!=" if value is None else compare(value, wanted)

    return test


def parse_value(asked: Property, text: str, digits: int) -> Any:
    """Return a value in the form that ``sort_rank`` gives. Raises Problem 400 when it does not fit the property."""
    try:
        if asked.kind in ("int", "size"):
            return int(text)
        if asked.kind == "decimal":
            return float(text)
        if asked.kind == "bool":
            return {"true": True, "false": False}[text.lower()]
        if asked.kind == "enum":
            return [value.lower() for value in asked.values].index(text.lower())
        if asked.kind == "datetime":
            return clock.truncated(parse_time(text), digits)
    except (ValueError, KeyError):
        raise Problem(400, f"Filter expression is invalid: [{text}] is not a value of {asked.name}") from None
    return text.lower()


def parse_time(text: str) -> int:
    """Return a date or time of a filter as a stamp; without a zone it is taken as UTC. Raises ValueError."""
    moment = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text))
    return clock.to_us(moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc))


def sort_rank(asked: Property, digits: int) -> Callable[[Any], Any]:
    """Return what turns a value into something that compares as the server compares: enumerations by position."""
    if asked.kind == "enum":
        positions = {value: index for index, value in enumerate(asked.values)}
        return positions.get
    if asked.kind == "datetime":
        return lambda stamp: None if stamp is None else clock.truncated(stamp, digits)
    if asked.kind in ("int", "size", "decimal", "bool"):
        return lambda value: value
    return lambda text: None if text is None else str(text).lower()
