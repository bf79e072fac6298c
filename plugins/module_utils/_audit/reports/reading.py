# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What several reports ask of the one document, and how they write its texts. Private to this collection.

Names in a backup installation are whatever somebody typed: a report must neither break at them nor let them speak in its own grammar.
"""

from __future__ import annotations

import json
import re
from itertools import groupby
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Tuple
from urllib.parse import quote

from ..model import ERROR, FAIL, NOT_ASSESSABLE, PASS, STATUSES, WAIVED

Entry = Mapping[str, Any]

STATUS_WORDS: Dict[str, str] = {PASS: "passed", FAIL: "failed", WAIVED: "waived", NOT_ASSESSABLE: "not assessable", ERROR: "error"}

# What neither XML 1.0 nor a terminal can show: control characters but for tab and line ends, halves of surrogate pairs, non-characters.
_UNSHOWABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_REPLACEMENT = "\ufffd"
_BLOCK = 1 << 20  # characters
_LINE_ENDS = re.compile("[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")
_SAFE_IN_URLS = "/?#@!$&'()*+,;=:%-._~"
_BARE_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")


class _Encoder(json.JSONEncoder):
    """JSON in one line. It prepares itself once: that of the standard library does so for each value, which takes half the time of a small one."""

    def __init__(self, separators: Tuple[str, str]) -> None:
        super().__init__(ensure_ascii=False, allow_nan=False, separators=separators, check_circular=False)
        make: Any = getattr(json.encoder, "c_make_encoder", None)  # not there in every Python
        how = (None, self.default, json.encoder.encode_basestring, None, self.key_separator, self.item_separator, False, False, False)
        self._prepared: Optional[Callable[[Any, int], Iterable[str]]] = make(*how) if make is not None else None

    def encode(self, o: Any) -> str:
        """Return a value as JSON. Raises ValueError for a number that JSON has not."""
        return super().encode(o) if self._prepared is None else "".join(self._prepared(o, 0))


_compact, _spaced = _Encoder((",", ":")), _Encoder((", ", ": "))


class Written(str):
    """JSON already, in place of the value that it stands for: a hundred thousand trees take many times the memory of their texts."""

    __slots__ = ()


class Group(NamedTuple):
    """The findings of one rule about one server, in the order of the document."""

    server: str
    rule: str
    findings: List[Entry]


class Reading:
    """The document with what its parts refer to."""

    def __init__(self, document: Entry) -> None:
        self.document = document
        self.rules: Dict[str, Entry] = {rule["id"]: rule for rule in document["rules"]}
        self.servers: Dict[str, Entry] = {server["name"]: server for server in document["servers"]}
        self.waivers: Dict[str, Entry] = {waiver["id"]: waiver for waiver in document["waivers"]}
        self.attestations: Dict[str, Entry] = {attestation["id"]: attestation for attestation in document["attestations"]}
        self._answers: Dict[str, Dict[int, Entry]] = {
            server["name"]: {answer["number"]: answer for answer in server["answers"]} for server in document["servers"]
        }
        # Many findings rest on the same page of records, and expect the same.
        self._told: Dict[Tuple[object, ...], str] = {}
        self._words: Dict[int, str] = {}

    def evidence(self, finding: Entry) -> List[Entry]:
        """Return the answers that a finding rests on. A number that its server does not have is passed over."""
        answers = self._answers.get(finding["server"], {})
        return [answers[number] for number in finding["evidence"] if number in answers]

    def evidence_words(self, finding: Entry, told: Callable[[Entry], str], between: str) -> str:
        """Return what is told of each answer that a finding rests on. Args: told: of one answer; between: what stands between two of them."""
        key = (told, finding["server"], *finding["evidence"])
        words = self._told.get(key)
        if words is None:
            words = self._told[key] = between.join(map(told, self.evidence(finding)))
        return words

    def expected_words(self, finding: Entry) -> str:
        """Return what is expected, as ``as_words`` does; the document holds what many findings expect once."""
        value = finding["expected"]
        words = self._words.get(id(value))
        if words is None:
            words = self._words[id(value)] = as_words(value)
        return words

    def groups(self) -> Iterator[Group]:
        """Yield the findings by server and rule; the document has them in that order."""
        for (server, rule), findings in groupby(self.document["findings"], key=lambda finding: (finding["server"], finding["rule"])):
            yield Group(server, rule, list(findings))

    def title(self, rule: str) -> str:
        """Return the title of a rule, its id where the document does not tell it."""
        return str(self.rules[rule]["title"]) if rule in self.rules else rule

    def statement_words(self, finding: Entry) -> str:
        """Return which waiver stands for a finding and why, or which attestation answers it and how, in a sentence; "" where there is none."""
        if finding["waiver"] is not None:
            return _statement("Waived by", finding["waiver"], self.waivers, "reason")
        if finding["attestation"] is not None:
            return _statement("Attested by", finding["attestation"], self.attestations, "statement")
        return ""


def _statement(verb: str, identity: str, statements: Mapping[str, Entry], text: str) -> str:
    words = statements.get(identity, {}).get(text)
    return "%s %s%s" % (verb, identity, ": %s" % words if words else ".")


class Ordinals:
    """Numbers what is called alike: the first keeps its name, the second gets a 2."""

    def __init__(self) -> None:
        self._seen: Dict[Any, int] = {}

    def of(self, key: Any) -> int:
        """Return how many of this key there have been, this one included."""
        number = self._seen[key] = self._seen.get(key, 0) + 1
        return number


def counted(findings: Iterable[Entry]) -> Dict[str, int]:
    """Return how many findings there are of each status, those of which there are none included."""
    counts = dict.fromkeys(STATUSES, 0)
    for finding in findings:
        counts[finding["status"]] += 1
    return counts


def shown(text: str) -> str:
    """Return a text in which a mark stands for every character that cannot be shown; line ends and tabs stay."""
    return text if text.isprintable() else _UNSHOWABLE.sub(_REPLACEMENT, text)


def one_line(text: str) -> str:
    """Return a text that can be shown, in one line."""
    return text if text.isprintable() else _UNSHOWABLE.sub(_REPLACEMENT, _LINE_ENDS.sub(" ", text))


def as_words(value: Any) -> str:
    """Return what was measured or expected as a text: a text as it is, nothing for None, all else as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else _spaced.encode(value)


def as_json(value: Any) -> str:
    """Return a value as JSON in one line. Raises ValueError for a number that JSON has not."""
    return value if isinstance(value, Written) else _compact.encode(value)


def as_written(value: Any) -> Written:
    """Return a value as the JSON that ``as_json`` makes of it. Raises ValueError for a number that JSON has not."""
    return Written(_compact.encode(value))


def as_utf8(text: str) -> bytes:
    """Return a text in UTF-8, in which a mark stands for half a surrogate pair."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        return _UNSHOWABLE.sub(_REPLACEMENT, text).encode("utf-8")


def in_blocks(texts: Iterable[str], encode: Callable[[str], bytes] = as_utf8) -> Iterator[bytes]:
    """Yield texts one behind the other in UTF-8, in blocks of about a mebibyte: as one text they would be in memory several times."""
    block: List[str] = []
    size = 0
    for text in texts:
        block.append(text)
        size += len(text)
        if size >= _BLOCK:
            yield encode("".join(block))
            block, size = [], 0
    yield encode("".join(block))


def laid_out(value: Any, levels: int, indent: str = "") -> str:
    """Return a value as JSON of which so many levels are spread over lines, and what lies deeper takes one line.

    The encoder of the standard library writes a hundred thousand entries a second in one line each, and a tenth of them indented.
    """
    return "".join(laid_out_in_pieces(value, levels, indent))


def laid_out_in_pieces(value: Any, levels: int, indent: str = "") -> Iterator[str]:
    """Yield what ``laid_out`` returns piece by piece: a large document would be in memory several times otherwise."""
    if not levels or not value or not isinstance(value, (dict, list, tuple)):
        yield as_json(value)
        return
    deeper = indent + " "
    items = ((as_json(str(key)) + ": ", item) for key, item in value.items()) if isinstance(value, dict) else (("", item) for item in value)
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    before = opening + "\n" + deeper
    for label, item in items:
        if levels == 1 or isinstance(item, Written):
            yield before + label + as_json(item)
        else:
            yield before + label
            yield from laid_out_in_pieces(item, levels - 1, deeper)
        before = ",\n" + deeper
    yield "\n" + indent + closing


def as_reference(url: str, safe: str = "") -> str:
    """Return an address as a URI reference (RFC 3986): what it may not hold is percent-encoded. Args: safe: what may stay besides."""
    return quote(_BARE_PERCENT.sub("%25", shown(url)), safe=_SAFE_IN_URLS + safe)


def as_path(path: str) -> str:
    """Return the path of a file as a URI reference, in which no character has a meaning but the slash."""
    return quote(shown(path))


def object_words(finding: Entry) -> str:
    """Return what a finding is about, such as "machine web01 (vbr01)"."""
    where = " (%s)" % finding["backup_server"] if finding["backup_server"] else ""
    return "%s %s%s" % (finding["object_type"].replace("_", " "), finding["object"], where)


def identity_of(finding: Entry) -> Tuple[str, str, str, str, str]:
    """Return what makes a finding the same one in the next audit: server, rule, and the object by its unique id, else by its name."""
    return (finding["server"], finding["rule"], finding["backup_server"], finding["object_type"], finding["uid"] or finding["object"])


def newest(times: Iterable[Optional[str]], otherwise: str) -> str:
    """Return the newest of some times (ISO 8601 in UTC with Z, to the second), where there is none the other one."""
    return max(filter(None, times), default=otherwise)
