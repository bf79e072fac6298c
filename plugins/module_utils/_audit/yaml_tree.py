# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""YAML as a tree of values that know their place, so that a mistake can be told with line and column. Private to this collection.

Only plain values are taken: no tags that make objects, no merge keys, no key twice, and no more values than a person would write,
however the aliases multiply them.
"""

from __future__ import annotations

import difflib
import math
import re
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple, Union

try:
    import yaml
except ImportError:  # only where nobody reads a policy: ansible-core brings PyYAML
    yaml = None  # type: ignore[assignment]

CAN_READ = yaml is not None  # whether policies can be read at all
LARGEST_FILE = 1024 * 1024  # bytes
MOST_VALUES = 100_000
DEEPEST = 40
MOST_SHOWN = 10

_TAG = "tag:yaml.org,2002:"
_TEXTS = ("str", "timestamp", "value")
_NAMES_SHOWN = 12


@dataclass(frozen=True)
class Problem:
    """One mistake. ``line`` and ``column`` count from 1 and are 0 where there is no text to point into."""

    source: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        place = "%s line %d column %d" % (self.source, self.line, self.column) if self.line else self.source
        return "%s: %s" % (place, self.message)


class PolicyError(Exception):
    """A policy, a list of waivers or of attestations that cannot be used. ``problems`` are its mistakes, ten at most; ``total`` counts all."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        sources = list(dict.fromkeys(problem.source for problem in problems))
        in_order = sorted(problems, key=lambda problem: (sources.index(problem.source), problem.line, problem.column))
        self.total = len(problems)
        self.problems: Tuple[Problem, ...] = tuple(in_order[:MOST_SHOWN])
        lines = [str(problem) for problem in self.problems]
        if self.total > MOST_SHOWN:
            lines.append("Mistakes beyond these: %d." % (self.total - MOST_SHOWN))
        super().__init__("\n".join(lines))


@dataclass(frozen=True)
class Node:
    """A value in its place.

    ``value`` is None, a flag, number or text, a list of nodes, or a mapping from texts to nodes. ``path`` is such as "rules.C02".
    ``raw`` is a scalar as it was written, ``keys`` says where each key of a mapping stands.
    """

    value: Any
    source: str
    path: str = ""
    line: int = 0
    column: int = 0
    raw: str = ""
    keys: Mapping[str, Tuple[int, int]] = field(default_factory=dict)

    def below(self, key: Union[str, int]) -> str:
        """Return the path of a member."""
        if isinstance(key, int):
            return "%s[%d]" % (self.path, key)
        return "%s.%s" % (self.path, key) if self.path else key


class Problems:
    """Collects mistakes."""

    def __init__(self) -> None:
        self.found: List[Problem] = []

    def add(self, node: Node, message: str, key: Optional[str] = None) -> None:
        """Take note of a mistake in a value, or in a key of it."""
        line, column = node.keys.get(key, (node.line, node.column)) if key is not None else (node.line, node.column)
        self.found.append(Problem(node.source, line, column, message))

    def raise_any(self) -> None:
        """Raise PolicyError when there is a mistake."""
        if self.found:
            raise PolicyError(self.found)


def nearest(name: str, known: Iterable[str]) -> str:
    """Return " Did you mean 'x'?" with the known name that is nearest; where none is near, which there are; "" for too many."""
    by_form = {_plain(word): word for word in sorted(known, reverse=True)}
    close = [_plain(name)] if _plain(name) in by_form else difflib.get_close_matches(_plain(name), list(by_form), n=1, cutoff=0.6)
    if close:
        return " Did you mean %r?" % by_form[close[0]]
    if not by_form:
        return ""
    if len(by_form) > _NAMES_SHOWN:
        return ""
    return " Known: %s." % ", ".join(sorted(by_form.values()))


def _plain(word: str) -> str:
    return re.sub(r"(?<!\d)0+(?=\d)", "", re.sub(r"[-_ ]", "", word.casefold()))


# ---------------------------------------------------------------------------------------------------------
# Files


def bytes_of_file(path: Path, problems: Problems, named_at: Optional[Node] = None, largest: int = LARGEST_FILE) -> Optional[bytes]:
    """Return what is in an ordinary file; None, with a problem noted, where it is none or too large.

    Args: named_at: where another file names this one, which is the place of the problem then; largest: size in bytes.
    """
    node, subject = (named_at, "The file %s" % path) if named_at is not None else (Node(None, str(path)), "The file")
    try:
        if not path.is_file():
            what = "is a folder" if path.is_dir() else "is no ordinary file" if path.exists() else "does not exist"
            problems.add(node, "%s %s." % (subject, what))
            return None
        with path.open("rb") as opened:
            content = opened.read(largest + 1)
    except (OSError, ValueError) as error:  # ValueError for a path that no system takes
        problems.add(node, "%s cannot be read: %s." % (subject, getattr(error, "strerror", None) or error))
        return None
    if len(content) > largest:
        problems.add(node, "%s is larger than %d KiB." % (subject, largest // 1024))
        return None
    return content


def text_of_bytes(content: bytes, name: str, problems: Problems) -> Optional[str]:
    """Return bytes in UTF-8 as text; None, with a problem noted, for others. Args: name: of the file."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - (content.rfind(b"\n", 0, error.start) + 1) + 1
        problems.found.append(Problem(name, line, column, "The file is not in UTF-8: a byte cannot be read."))
        return None


# ---------------------------------------------------------------------------------------------------------
# Text to tree


class _Abandoned(Exception):
    """The rest is not worth reading."""


def tree_of_text(text: str, source: str, problems: Problems) -> Optional[Node]:
    """Return the tree of a text in YAML; None, with problems noted, where it has none. Args: source: what to call it in problems."""
    if yaml is None:
        raise RuntimeError("PyYAML is missing")
    try:
        top = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problems.found.append(Problem(source, mark.line + 1 if mark else 0, mark.column + 1 if mark else 0, _no_yaml(error)))
        return None
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        place = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        problems.found.append(Problem(source, *place, "This character cannot stand in YAML: %r." % chr(error.character)))
        return None
    except RecursionError:
        problems.found.append(Problem(source, 0, 0, "The text is nested more than %d deep." % DEEPEST))
        return None
    if top is None:
        problems.found.append(Problem(source, 0, 0, "The file is empty."))
        return None
    try:
        return _Tree(source, problems).node(top, "", 0)
    except _Abandoned:
        return None


def _no_yaml(error: Any) -> str:
    words = error.problem or error.context or "it cannot be read"
    if "'\\t'" in words:
        return "A tab stands here; YAML is indented by blanks."
    if words == "mapping values are not allowed here":
        return "A colon stands here where none can; put a text that holds one in quotes."
    if words == "but found another document":
        return "A second document begins here; a file holds one."
    context = "%s, " % error.context if error.context and error.problem else ""
    return "This is no YAML: %s%s." % (context, words.replace("'<stream end>'", "the end of the file"))


class _Tree:
    """Turns what the YAML library composed into nodes, following aliases for as long as it stays reasonable."""

    def __init__(self, source: str, problems: Problems) -> None:
        self._source, self._problems = source, problems
        self._count = 0
        self._constructor = yaml.constructor.SafeConstructor()

    def node(self, composed: Any, path: str, depth: int) -> Node:
        line, column = composed.start_mark.line + 1, composed.start_mark.column + 1
        bare = Node(None, self._source, path, line, column)
        self._count += 1
        if self._count > MOST_VALUES or depth > DEEPEST:
            size = "holds more than %d values" % MOST_VALUES if depth <= DEEPEST else "is nested more than %d deep" % DEEPEST
            self._problems.add(bare, "The text %s once its aliases are followed." % size)
            raise _Abandoned
        if isinstance(composed, yaml.MappingNode) and composed.tag == _TAG + "map":
            return self._mapping(composed, bare, depth)
        if isinstance(composed, yaml.SequenceNode) and composed.tag == _TAG + "seq":
            members = [self.node(member, bare.below(index), depth + 1) for index, member in enumerate(composed.value)]
            return Node(members, self._source, path, line, column)
        if isinstance(composed, yaml.ScalarNode):
            return self._scalar(composed, bare)
        return self._foreign(composed, bare)

    def _foreign(self, composed: Any, bare: Node) -> Node:
        tag = composed.tag.replace(_TAG, "!!")
        self._problems.add(bare, "The tag %s is not taken: only plain values are." % tag)
        raise _Abandoned

    def _mapping(self, composed: Any, bare: Node, depth: int) -> Node:
        members: Dict[str, Node] = {}
        keys: Dict[str, Tuple[int, int]] = {}
        for key, value in composed.value:
            place = Node(None, self._source, bare.path, key.start_mark.line + 1, key.start_mark.column + 1)
            if not isinstance(key, yaml.ScalarNode):
                self._problems.add(place, "A key has to be a text.")
                continue
            if key.tag == _TAG + "merge":
                self._problems.add(place, "The merge key << is not taken; write the values out, or use extends.")
                continue
            name = key.value
            if name in keys:
                self._problems.add(place, "The key %r stands here for the second time; first in line %d." % (name, keys[name][0]))
                continue
            keys[name] = place.line, place.column
            members[name] = self.node(value, bare.below(name), depth + 1)
        return Node(members, self._source, bare.path, bare.line, bare.column, keys=keys)

    def _scalar(self, composed: Any, bare: Node) -> Node:
        word = composed.tag[len(_TAG) :] if composed.tag.startswith(_TAG) else ""
        makers: Dict[str, Callable[[Any], Any]] = {
            "int": self._constructor.construct_yaml_int,
            "float": self._constructor.construct_yaml_float,
            "bool": self._constructor.construct_yaml_bool,
            "null": lambda _node: None,
            **dict.fromkeys(_TEXTS, lambda node: node.value),  # a date stays as it was written
        }
        if word not in makers:
            return self._foreign(composed, bare)
        try:
            value = makers[word](composed)
        except (ValueError, KeyError, AttributeError, OverflowError, IndexError):
            self._problems.add(bare, "%r is not what its tag !!%s says, or too long." % (composed.value[:40], word))
            value = None
        return Node(value, self._source, bare.path, bare.line, bare.column, composed.value)


# ---------------------------------------------------------------------------------------------------------
# Data to tree


def tree_of_data(data: Any, source: str, problems: Problems) -> Optional[Node]:
    """Return the tree of plain data, such as a mapping in a playbook; None, with a problem noted, for too much of it."""
    count = 0

    def node(value: Any, path: str, depth: int) -> Node:
        nonlocal count
        count += 1
        bare = Node(None, source, path)
        if count > MOST_VALUES or depth > DEEPEST:
            problems.add(bare, "There are too many values, or they are nested too deep.")
            raise _Abandoned
        if isinstance(value, Mapping):
            return Node({str(key): node(member, bare.below(str(key)), depth + 1) for key, member in value.items()}, source, path)
        if isinstance(value, (list, tuple)):
            return Node([node(member, bare.below(index), depth + 1) for index, member in enumerate(value)], source, path)
        return Node(_plain_value(value), source, path, raw=str(value))

    try:
        return node(data, "", 0)
    except _Abandoned:
        return None


def _plain_value(value: Any) -> Any:
    """Return a value of a playbook as plain data: what Ansible marks its texts with is taken off, dates are written out."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ") if value.tzinfo else value.isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


def described(node: Node) -> str:
    """Return a value in words, for sentences: "the text 'abc'"."""
    value = node.value
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "the flag %s" % (node.raw or str(value).lower())
    if isinstance(value, (int, float)):
        return "the number %s" % ((node.raw or repr(value))[:40] if math.isfinite(value) else "infinity")
    if isinstance(value, str):
        return "the text %r" % (value if len(value) <= 60 else value[:57] + "...")
    return "a mapping" if isinstance(value, Mapping) else "a list"
