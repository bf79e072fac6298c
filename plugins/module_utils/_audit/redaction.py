# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stable pseudonyms in the place of names, for evidence that leaves the house. Private to this collection.

What is not known to be harmless is replaced: of records every text but times, words that the declarations list, and a few fields such as
versions; of sentences every word that is none of this collection's own. The same text has the same pseudonym everywhere, and nobody can tell
the text from it without the key. Findings are redacted after they were made, so that verdicts stay what they are.
"""

from __future__ import annotations

import ast
import hmac
import ipaddress
import re
import secrets
import threading
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, FrozenSet, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple
from urllib.parse import unquote

from .._api.entities._common import ALL_ROLES
from .._api.entities._model import Field, Kind
from .._api.entities.registry import RESOURCES
from .._api.entities.service import HIERARCHY_ITEM
from .._api.job_contents import CONTAINER_MACHINES, HIERARCHY_MACHINES
from .model import Record

# Texts of records that tell a product's version, a mode, a role: never whose they are.
HARMLESS_FIELDS = frozenset(
    (
        "agent_version",
        "compression_level",
        "datastore_type",
        "day_number_in_month",
        "hierarchy_object_type",
        "operation",
        "os_version",
        "processing_mode",
        "role_name",
        "storage_optimization",
        "version",
    )
)
# Values under these keys of findings and policies are names, whatever words they are made of.
_KEYS_OF_NAMES = frozenset(("account", "approver", "backup_server", "machine", "name", "object", "owner", "server", "signer", "source", "ticket", "uid"))
# Values under these keys are words of this collection, even where somebody has named a machine so.
_KEYS_OF_OURS = frozenset(("controls", "format", "id", "kind", "object_type", "packs", "rule", "severity", "status", "subject", "verdict", "version"))
# Of these nothing is replaced: they are made of letters of a hash.
_HASH = re.compile(r"[0-9a-f]{64}")
_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_URN = re.compile(r"urn:([A-Za-z]+):([A-Za-z]+):(.+)", re.DOTALL)
_DATED = re.compile(r"([^@]+)@(\d[\d .:-]*)")  # so points and task sessions are called: the machine, and when
_TIME = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z?)?|\d\d:\d\d:\d\d(?:\.\d+)?")
_NUMBER = re.compile(r"[-+]?\d+(?:[.,:/-]\d+)*%?")
_TOKEN = re.compile(r"\w+|\W")
_CHUNK = re.compile(r"[^\s,;()\[\]{}\"'<>]+")
# Joined as hosts, paths, accounts and mail addresses are, or letters with digits.
_LIKE_A_NAME = re.compile(r"[\\@/.:|$~]|\d[^\W\d_]|[^\W\d_]\d")
_JOINTS = re.compile(r"[\\@/.:]")
_WORD = re.compile(r"[^\W\d_]+")
_ENDS_OF_SENTENCES = ".:!?"
_LONGEST_REMEMBERED = 4096


class Redactor:
    """Replaces names by pseudonyms. Args: key: whoever knows it can make the same pseudonyms again; without one nobody can."""

    def __init__(self, key: bytes = b"") -> None:
        self._key = key or secrets.token_bytes(32)
        # Texts that were replaced, in small letters, so that sentences in which they stand can be cleaned; and of how many words those are made
        # that begin with a word, the longest first.
        self._known: Dict[str, str] = {}
        self._lengths: Dict[str, List[int]] = {}
        self._learning = threading.Lock()

    # -- single texts -----------------------------------------------------------------------------------------

    def name(self, text: str) -> str:
        """Return the pseudonym of a text; ids keep their form, so that links can be followed. Upper and lower case count as the same."""
        if not text:
            return text
        if _GUID.fullmatch(text):
            return self._guid(text)
        urn = _URN.fullmatch(text)
        if urn:
            return "urn:%s:%s:%s" % (urn.group(1), urn.group(2), self._id(urn.group(3)))
        dated = _DATED.fullmatch(text)
        if dated:
            return "%s@%s" % (self.name(dated.group(1)), dated.group(2))
        folded = text.casefold()
        pseudonym = self._known.get(folded)
        if pseudonym is None:
            pseudonym = "name-" + self._digest("text", folded)[:12]
            if len(folded) <= _LONGEST_REMEMBERED:
                self._learn(folded, pseudonym)
        return pseudonym

    def _learn(self, folded: str, pseudonym: str) -> None:
        tokens = _TOKEN.findall(folded)
        with self._learning:
            # A number or a single letter as a name would make a riddle of every sentence, and tells nothing.
            if len(folded) > 1 and not _NUMBER.fullmatch(folded):
                known = self._lengths.get(tokens[0], [])
                self._lengths[tokens[0]] = sorted({*known, len(tokens)}, reverse=True)
            self._known[folded] = pseudonym

    def _digest(self, sort: str, text: str) -> str:
        return hmac.digest(self._key, ("%s:%s" % (sort, text)).encode("utf-8", "surrogatepass"), "sha256").hex()

    def _guid(self, text: str) -> str:
        made = self._digest("guid", text.lower())
        return "%s-%s-4%s-8%s-%s" % (made[:8], made[8:12], made[12:15], made[15:18], made[18:30])

    def _id(self, text: str) -> str:
        """Return an id with other letters: GUIDs in it by themselves, so that what belongs together still does."""
        parts, at = [], 0
        for found in _GUID.finditer(text):
            parts += [self._rest_of_id(text[at : found.start()]), self._guid(found.group())]
            at = found.end()
        return "".join([*parts, self._rest_of_id(text[at:])])

    def _rest_of_id(self, text: str) -> str:
        inner = text.strip(".:-_")
        return text if not inner else text.replace(inner, self._digest("id", inner.casefold())[:12], 1)

    def text(self, sentence: str) -> str:
        """Return a sentence with names that are known, and words that are none of ours, replaced."""
        tokens = _TOKEN.findall(sentence)
        folded = [token.casefold() for token in tokens]
        done: List[str] = []
        clean: List[str] = []
        at = 0
        while at < len(tokens):
            length = self._known_at(folded, at)
            if length:
                done += [self._without_strangers("".join(clean)), self._known["".join(folded[at : at + length])]]
                clean = []
                at += length
            else:
                clean.append(tokens[at])
                at += 1
        return "".join([*done, self._without_strangers("".join(clean))])

    def _known_at(self, folded: Sequence[str], at: int) -> int:
        for length in self._lengths.get(folded[at], ()):
            if at + length <= len(folded) and "".join(folded[at : at + length]) in self._known:
                return length
        return 0

    def _without_strangers(self, text: str) -> str:
        return _CHUNK.sub(lambda found: self._chunk(found.group()), text)

    def _chunk(self, chunk: str) -> str:
        core = chunk.rstrip(_ENDS_OF_SENTENCES)
        end = chunk[len(core) :]
        if not core or _TIME.fullmatch(core) or _HASH.fullmatch(core):
            return chunk
        if _is_address(core):
            return self.name(core) + end
        return chunk if _NUMBER.fullmatch(core) or _is_ours(core) else self.name(core) + end

    # -- records ----------------------------------------------------------------------------------------------

    def record(self, kind: str, record: Record) -> Record:
        """Return a record of a kind (plural) with every text replaced that its declaration does not say to be harmless."""
        declared = _declared().get(kind, {})
        return {key: self._value(value, declared.get(key), key) for key, value in record.items()}

    def _value(self, value: Any, declared: Optional[Field], key: str) -> Any:
        if isinstance(value, str):
            return value if _is_harmless(value, declared, key) else self.name(value)
        if isinstance(value, list):
            return [self._value(item, declared, key) for item in value]
        if isinstance(value, dict):
            inner = {field.name: field for field in declared.struct.fields} if declared is not None and declared.struct is not None else {}
            return {name: self._value(part, inner.get(name), name) for name, part in value.items()}
        return value

    # -- findings, policies, whatever is plain data -----------------------------------------------------------

    def data(self, value: Any, key: str = "", strict: bool = False) -> Any:
        """Return plain data with names replaced, in keys as well; numbers, times and words of this collection stay.

        ``strict`` leaves no sentence: for what somebody wrote by himself, such as a policy with patterns of names.
        """
        if isinstance(value, str):
            return self._text_of(value, key, strict)
        if isinstance(value, Mapping):
            return {self._key_of(name): self.data(part, name, strict) for name, part in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.data(item, key, strict) for item in value]
        return value

    def _text_of(self, value: str, key: str, strict: bool) -> str:
        if key == "url":
            return self.url(value)
        if not value or _HASH.fullmatch(value) or _TIME.fullmatch(value):
            return value
        known = self._known.get(value.casefold())
        if known is not None and key not in _KEYS_OF_OURS:
            return known
        if value in _own_words():
            return value
        return self.name(value) if strict or key in _KEYS_OF_NAMES or _URN.fullmatch(value) else self.text(value)

    def _key_of(self, key: str) -> str:
        if key in _own_words():
            return key
        return self._known.get(key.casefold()) or (key if _is_snake_of_ours(key) else self.name(key))

    def url(self, address: str) -> str:
        """Return the address of an answer with ids and names in it replaced; of the parameters the type and the page stay."""
        path, mark, query = address.partition("?")
        segments = [part if part in _path_words() else self.name(unquote(part)) for part in path.split("/")]
        kept = [pair if pair.partition("=")[0] in _PLAIN_PARAMETERS else pair.partition("=")[0] + "=-" for pair in query.split("&")]
        return "/".join(segments) + mark + ("&".join(kept) if query else "")


_PLAIN_PARAMETERS = frozenset(("type", "format", "sortAsc", "sortDesc", "pageSize", "page"))


def _is_ours(chunk: str) -> bool:
    """Tell whether a part of a sentence without blanks says nothing of anybody: a word of ours, or a field or path that we declare."""
    if chunk in _own_words():
        return True
    if _LIKE_A_NAME.search(chunk):
        return all(part in _own_words() or part in _path_words() or part.isdigit() for part in _JOINTS.split(chunk))
    return all(word.casefold() in vocabulary() for word in _WORD.findall(chunk))


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return not text.isdigit()


def _is_harmless(value: str, declared: Optional[Field], key: str) -> bool:
    if key == "type":
        return value in _types()
    if declared is None:
        return False
    if declared.kind in (Kind.DATETIME, Kind.SCHEDULE_TIME):
        return _TIME.fullmatch(value) is not None
    return value in declared.values or declared.name in HARMLESS_FIELDS


@lru_cache(maxsize=1)
def _declared() -> Mapping[str, Mapping[str, Field]]:
    """Return the declared fields of each kind by name."""
    found = {resource.plural: {field.name: field for field in resource.record_fields} for resource in RESOURCES}
    looked_up = {field.name: field for field in HIERARCHY_ITEM.record_fields}
    return {**found, HIERARCHY_MACHINES: looked_up, CONTAINER_MACHINES: looked_up}


@lru_cache(maxsize=1)
def _types() -> FrozenSet[str]:
    return frozenset(resource.type for resource in RESOURCES)


@lru_cache(maxsize=1)
def _path_words() -> FrozenSet[str]:
    paths = [path for resource in RESOURCES for path in (resource.path, *resource.more_paths, *(child.path for child in resource.children))]
    return frozenset(("", "api", "query", *(part for path in paths for part in path.split("/") if not part.startswith("{"))))


# ---------------------------------------------------------------------------------------------------------
# The words of this collection


def _all_fields(declared: Iterable[Field]) -> Iterator[Field]:
    for field in declared:
        yield field
        if field.struct is not None:
            yield from _all_fields(field.struct.fields)


@lru_cache(maxsize=1)
def _literals() -> Tuple[str, ...]:
    """Return every text that stands in the code of this collection, the declarations aside, whose samples look like names."""
    rooms = Path(__file__).resolve().parents[1]
    files = [path for room in ("_api", "_audit", "_ansible") for path in sorted((rooms / room).rglob("*.py")) if "entities" not in path.parts]
    return tuple(text for path in files for text in _texts_in(ast.parse(path.read_text(encoding="utf-8"))))


def _texts_in(tree: ast.AST) -> Iterator[str]:
    """Yield the texts in a piece of code, without those that only explain it."""
    explanations = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in explanations:
            yield node.value


@lru_cache(maxsize=1)
def _own_words() -> FrozenSet[str]:
    """Return whole texts that are ours: words of the declarations, and every literal without a blank at its ends."""
    declared = [field for resource in RESOURCES for field in _all_fields(resource.fields)]
    words = [word for field in declared for word in (field.name, *field.values)]
    kinds = [word for resource in RESOURCES for word in (resource.thing, resource.plural, resource.type)]
    return frozenset((*words, *kinds, *ALL_ROLES, *_literals()))


@lru_cache(maxsize=1)
def vocabulary() -> FrozenSet[str]:
    """Return every word, in small letters, that a sentence of this collection may be made of."""
    titles = [text for resource in RESOURCES for text in (resource.title, resource.titles)]
    return frozenset(word.casefold() for text in (*_own_words(), *titles) for word in _WORD.findall(text))


def _is_snake_of_ours(key: str) -> bool:
    return re.fullmatch(r"[a-z][a-z0-9_]*", key) is not None and all(word in vocabulary() for word in _WORD.findall(key))
