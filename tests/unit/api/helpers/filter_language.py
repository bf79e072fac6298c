# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the filter language of the query service and evaluates it, as a server would.

Written from the description of the grammar alone; shares nothing with the code under test. Which of AND and OR binds tighter is
documented nowhere, so the reader can do either: a text that both understand alike leaves a server no choice.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<=": lambda left, right: left <= right,
    ">=": lambda left, right: left >= right,
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
}
Tree = tuple[Any, ...]


class _Reader:
    def __init__(self, text: str, and_binds_tighter: bool) -> None:
        self.text = text
        self.at = 0
        self.joints = (",", ";") if and_binds_tighter else (";", ",")

    def level(self, depth: int) -> Tree:
        if depth == 2:
            return self.term()
        terms = [self.level(depth + 1)]
        while self.text[self.at : self.at + 1] == self.joints[depth]:
            self.at += 1
            terms.append(self.level(depth + 1))
        return terms[0] if len(terms) == 1 else ("and" if self.joints[depth] == ";" else "or", *terms)

    def term(self) -> Tree:
        if self.text[self.at] == "(":
            self.at += 1
            inner = self.level(0)
            assert self.text[self.at] == ")", f"no closing parenthesis at {self.at} of {self.text!r}"
            self.at += 1
            return inner
        name = self.match(r"[A-Za-z_]+")
        operator = self.match(r"==|!=|<=|>=|<|>")
        if self.text[self.at] == '"':
            return ("compare", name, operator, self.quoted())
        return ("compare", name, operator, self.match(r"[A-Za-z_0-9.-]+"))

    def quoted(self) -> str:
        value = ""
        self.at += 1
        while True:
            if self.text[self.at] != '"':
                value += self.text[self.at]
                self.at += 1
            elif self.text[self.at : self.at + 2] == '""':
                value += '"'
                self.at += 2
            else:
                self.at += 1
                return value

    def match(self, pattern: str) -> str:
        found = re.compile(pattern).match(self.text, self.at)
        assert found, f"expected {pattern} at {self.at} of {self.text!r}"
        self.at = found.end()
        return found.group()


def read(text: str, and_binds_tighter: bool = True) -> Tree:
    """Return the tree of a filter: ("and"|"or", term, ...) and ("compare", field, operator, value as text)."""
    reader = _Reader(text, and_binds_tighter)
    tree = reader.level(0)
    assert reader.at == len(text), f"the filter goes on at {reader.at} of {text!r}"
    return tree


def holds(tree: Tree, value_of: Callable[[str, str], tuple[Any, Any]]) -> bool:
    """Evaluate a tree. ``value_of(field, text)`` returns the object's value and the text as a value of the same kind."""
    if tree[0] == "compare":
        left, right = value_of(tree[1], tree[3])
        return left is not None and _OPERATORS[tree[2]](left, right)
    results = [holds(term, value_of) for term in tree[1:]]
    return all(results) if tree[0] == "and" else any(results)
