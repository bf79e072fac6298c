# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an evidence pack holds: written while it is gathered, read again as facts, compared with its manifest. Private to this collection.

``manifest.json`` lists every file with its SHA-256; its own SHA-256 is the digest of the pack. For each Enterprise Manager ``servers/N`` has
``server.json`` (what it is, what could not be read), ``answers.jsonl`` (every answer with the hash of the bytes that came), ``answers/`` (the
bytes themselves) and ``records/`` (what was made of them, a file for each kind). docs/audit/evidence.md describes it for auditors.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from contextlib import ExitStack
from dataclasses import asdict, dataclass, fields
from typing import Any, BinaryIO, Dict, Iterable, Iterator, List, Mapping, Optional, Protocol, Sequence, Tuple, Type

from .._api.sharing import Extract, Sharing
from .facts import Answer, Facts, Gap, ServerFacts
from .model import ANSWER, ERROR, NOT_ASSESSABLE, Record
from .pack_files import MANIFEST, Draft, Pack, PackError, as_json
from .redaction import Redactor
from .times import seconds_of

FORMAT = "openbackup.veeam_em/evidence/1"
EFFECTIVE_POLICY, BASELINE, SIGNATURES, HISTORY = "policy.effective.json", "baseline.yml", "signatures.json", "history.json"
_REDACTED = "The evidence is redacted."

CHANGED, MISSING, ADDED, UNREADABLE = "changed", "missing", "added", "unreadable"

MOST_RECORDS = 5_000_000  # of one kind
_LEVEL = 6
_ENDINGS = {"json": "json", "xml": "xml"}

_encode = json.JSONEncoder(separators=(",", ":")).encode


class Heard(Protocol):
    """An answer as the gathering notes it (``_api.gathering.Heard``)."""

    @property
    def number(self) -> int:
        """Its place among the answers, from 1."""

    @property
    def url(self) -> str:
        """Path with parameters."""

    @property
    def status(self) -> int:
        """HTTP status."""

    @property
    def content_type(self) -> str:
        """What its header said."""

    @property
    def sha256(self) -> str:
        """SHA-256 of the body as it came."""

    @property
    def size(self) -> int:
        """Bytes of the body."""

    @property
    def time(self) -> str:
        """The server's time in UTC."""

    @property
    def withheld(self) -> str:
        """Why the body is not kept, "" where it is."""


def _line(value: Mapping[str, Any]) -> bytes:
    return _encode(value).encode("ascii") + b"\n"


# ---------------------------------------------------------------------------------------------------------
# Writing


class ServerDraft:
    """One Enterprise Manager in a pack in the making: a store for its gathering, and a context manager.

    Pages of records come in any order; each is compressed by itself, and ``finish`` puts them one behind the other in the order of the server.
    """

    def __init__(self, draft: Draft, number: int, redactor: Optional[Redactor] = None) -> None:
        self._draft, self._folder, self._redactor = draft, "servers/%d/" % number, redactor
        self._kept: Dict[int, str] = {}
        self._parts: Dict[str, List[Tuple[Tuple[int, ...], int, int]]] = {}
        self._counts: Dict[str, int] = {}
        self._stack = ExitStack()
        self._scratch: Optional[BinaryIO] = None
        self._end = 0

    def __enter__(self) -> ServerDraft:
        self._scratch = self._stack.enter_context(self._draft.scratch())
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Any) -> None:
        self._stack.close()

    def take_answer(self, heard: Heard, body: bytes) -> None:
        """Keep the body of an answer, as it came; of a redacted pack only the hash is kept."""
        if self._redactor is not None:
            return
        form = next((ending for word, ending in _ENDINGS.items() if word in heard.content_type), "bin")
        name = "answers/%06d.%s.gz" % (heard.number, form)
        self._draft.write(self._folder + name, gzip.compress(body, _LEVEL, mtime=0))
        self._kept[heard.number] = name

    def pack(self, kind: str, records: Sequence[Record]) -> Tuple[int, bytes]:
        """Return the number of records and their lines, compressed."""
        clean = records if self._redactor is None else [self._redactor.record(kind, record) for record in records]
        return len(records), gzip.compress(b"".join(map(_line, clean)), _LEVEL, mtime=0)

    def take_records(self, kind: str, position: Tuple[int, ...], packed: Tuple[int, bytes]) -> None:
        """Keep packed records of a kind until ``finish`` knows their order."""
        count, data = packed
        if self._scratch is None:
            raise PackError("Records came before the evidence pack was opened.")
        self._draft.guarded(self._scratch.write, data)
        self._parts.setdefault(kind, []).append((position, self._end, len(data)))
        self._counts[kind] = self._counts.get(kind, 0) + count
        self._end += len(data)

    def finish(self, server: ServerFacts, kinds: Iterable[str], gaps: Mapping[str, Gap], heard: Iterable[Heard]) -> Dict[str, Any]:
        """Write what belongs to the server, and return its entry for the manifest, which lacks the moment of judging.

        Args: kinds: all that were asked for; gaps: those of them that could not be read; heard: all answers.
        """
        redactor = self._redactor
        counts = {kind: self._counts.get(kind, 0) for kind in sorted(kinds)}
        for kind in counts:
            self._draft.write_stream(self._folder + "records/%s.jsonl.gz" % kind, self._ordered(kind))
        answers = [_answer_entry(one, self._kept.get(one.number), redactor) for one in heard]
        self._draft.write(self._folder + "answers.jsonl", *map(_line, answers))
        told = {"server": asdict(server), "records": counts, "gaps": {kind: asdict(gap) for kind, gap in sorted(gaps.items())}}
        if redactor is not None:
            told = redactor.data(told)
        self._draft.write(self._folder + "server.json", as_json(told))
        return {
            "folder": self._folder.rstrip("/"),
            **{name: told["server"][name] for name in ("name", "version", "api_version", "account", "gathered_at")},
            "answers": len(answers),
            "records": sum(counts.values()),
        }

    def _ordered(self, kind: str) -> Iterator[bytes]:
        if self._scratch is None:
            return
        for _position, start, length in sorted(self._parts.get(kind, ())):
            self._scratch.seek(start)
            yield self._scratch.read(length)
        if not self._parts.get(kind):
            yield gzip.compress(b"", _LEVEL, mtime=0)


def _answer_entry(heard: Heard, file: Optional[str], redactor: Optional[Redactor]) -> Dict[str, Any]:
    return {
        "number": heard.number,
        "url": heard.url if redactor is None else redactor.url(heard.url),
        "status": heard.status,
        "content_type": heard.content_type,
        "sha256": heard.sha256,
        "size": heard.size,
        "time": heard.time,
        "file": file,
        "withheld": "" if file else heard.withheld or _REDACTED,
    }


# ---------------------------------------------------------------------------------------------------------
# Reading


@dataclass(frozen=True)
class Manifest:
    """What a pack says of itself. ``digest`` is the SHA-256 of the file; ``files`` are SHA-256 and size (bytes) by name."""

    digest: str
    head: Mapping[str, Any]
    files: Mapping[str, Tuple[str, int]]

    @property
    def servers(self) -> List[Mapping[str, Any]]:
        """The entries of the Enterprise Managers, in order."""
        return list(self.head["servers"])


def read_manifest(pack: Pack) -> Manifest:
    """Return the manifest of a pack. Raises PackError for one that is missing, damaged or of another format."""
    text = pack.read(MANIFEST)
    head = pack.data(MANIFEST)
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise PackError("%s is no evidence pack that this version of the collection can read: its format has to be %s." % (pack.path, FORMAT))
    listed: Any = head.get("files")
    servers: Any = head.get("servers")
    if not _is_list_of(listed, {"path": str, "sha256": str, "size": int}) or not _is_list_of(servers, _TEXTS_OF_SERVER):
        raise PackError("The manifest of the evidence pack %s is damaged." % pack.path)
    files = {entry["path"]: (entry["sha256"], entry["size"]) for entry in listed}
    return Manifest(hashlib.sha256(text).hexdigest(), head, files)


_TEXTS_OF_SERVER = dict.fromkeys(("folder", "name", "gathered_at", "judged_at"), str)


def _is_list_of(value: Any, form: Mapping[str, type]) -> bool:
    if not isinstance(value, list):
        return False
    return all(isinstance(entry, dict) and all(isinstance(entry.get(name), kind) for name, kind in form.items()) for entry in value)


def facts_of(pack: Pack, entry: Mapping[str, Any], wanted: Mapping[str, Sequence[str]], now: Optional[float] = None) -> Facts:
    """Return what was gathered of one Enterprise Manager, as when it was judged live.

    Args:
        entry: of the manifest.
        wanted: fields by kind, as for gathering.
        now: the moment against which ages are measured; without it the one at which the pack was judged.
    Raises: PackError.
    """
    folder = str(entry["folder"])
    told = pack.data(folder + "/server.json")
    try:
        known = {one.name for one in fields(ServerFacts)}
        values: Dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in told["server"].items() if name in known}
        server = ServerFacts(**values)
        gaps = {kind: gap_of(gap) for kind, gap in told["gaps"].items()}
        held = dict(told["records"])
        moment = seconds_of(entry["judged_at"]) if now is None else now
        answers = [Answer(**{one.name: line[one.name] for one in fields(Answer)}) for line in pack.lines(folder + "/answers.jsonl")]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise PackError("What the evidence pack %s says of %s is damaged." % (pack.path, entry["name"])) from error
    sharing = Sharing()
    collections: Dict[str, List[Record]] = {}
    for kind, names in wanted.items():
        if kind not in held:
            gaps[kind] = gaps.get(kind) or Gap(NOT_ASSESSABLE, _NOT_HELD % kind.replace("_", " "))
            collections[kind] = []
            continue
        try:
            collections[kind] = list(_records(pack, "%s/records/%s.jsonl.gz" % (folder, kind), Extract((ANSWER, *names)), sharing))
        except _FieldMissing as missing:
            gaps[kind] = gaps.get(kind) or Gap(NOT_ASSESSABLE, _NOT_THAT_FIELD % (kind.replace("_", " "), missing))
            collections[kind] = []
    return Facts(server, moment, collections, gaps, answers)


class _FieldMissing(Exception):
    """Records lack a field; its text is the name."""


_NOT_THAT_FIELD = "The %s in the evidence pack have no field %s: another version of the collection has written it."
_NOT_HELD = "The evidence pack holds no %s: they were not asked for when it was made."


def gap_of(told: Mapping[str, Any]) -> Gap:
    """Return a gap as a file of a pack tells it. Raises KeyError, TypeError."""
    # A gap never becomes anything better.
    return Gap(NOT_ASSESSABLE if told["status"] == NOT_ASSESSABLE else ERROR, str(told["reason"]))


def _records(pack: Pack, name: str, wanted: Extract, sharing: Sharing) -> Iterator[Record]:
    for number, line in enumerate(pack.lines(name)):
        if number >= MOST_RECORDS:
            raise PackError("The file %s of the evidence pack %s holds more than %d records." % (name, pack.path, MOST_RECORDS))
        for missing in wanted.missing_in(line):
            raise _FieldMissing(missing)
        yield sharing.shared(wanted.of(line))


def kinds_held(pack: Pack, entry: Mapping[str, Any]) -> Tuple[str, ...]:
    """Return the kinds of record that a pack holds of a server. Raises PackError."""
    told = pack.data("%s/server.json" % entry["folder"])
    held = told.get("records") if isinstance(told, dict) else None
    if not isinstance(held, dict):
        raise PackError("What the evidence pack %s says of %s is damaged." % (pack.path, entry["name"]))
    return tuple(held)


def pages_of(pack: Pack, entry: Mapping[str, Any], kind: str, size: int = 1000) -> Iterator[List[Record]]:
    """Yield the whole records of a kind, so many at a time."""
    page: List[Record] = []
    for line in pack.lines("%s/records/%s.jsonl.gz" % (entry["folder"], kind)):
        page.append(dict(line))
        if len(page) == size:
            yield page
            page = []
    if page:
        yield page


def answers_of_pack(pack: Pack, entry: Mapping[str, Any]) -> Iterator[Tuple[Mapping[str, Any], Optional[bytes]]]:
    """Yield the line of each answer of a server with its body, None where that was not kept."""
    for line in pack.lines("%s/answers.jsonl" % entry["folder"]):
        file = line.get("file")
        yield line, b"".join(pack.unpacked_chunks("%s/%s" % (entry["folder"], file))) if file else None


# ---------------------------------------------------------------------------------------------------------
# Comparing


@dataclass(frozen=True)
class Touch:
    """A file that is not as it was written. ``what`` is one of changed, missing, added and unreadable, ``reason`` a sentence."""

    path: str
    what: str
    reason: str


def verify(pack: Pack, expected_digest: str = "") -> Tuple[Optional[Manifest], List[Touch]]:
    """Return the manifest, None where it cannot be read, and everything that was touched since the pack was written.

    Args: expected_digest: the digest that was printed then, in hexadecimal; without it somebody may have written the manifest anew.
    """
    try:
        manifest = read_manifest(pack)
    except PackError as error:
        return None, [Touch(MANIFEST, UNREADABLE, str(error))]
    touched = [Touch(name, ADDED, reason) for name, reason in sorted(pack.strangers.items())]
    if expected_digest and expected_digest.strip().lower() != manifest.digest:
        doubt = "" if len(expected_digest.strip()) == len(manifest.digest) else " That is no whole SHA-256: look whether it was copied as it was printed."
        touched.append(Touch(MANIFEST, CHANGED, "Its SHA-256 is %s, and %s is expected.%s" % (manifest.digest, expected_digest.strip().lower(), doubt)))
    for name in sorted(set(pack.names) - set(manifest.files) - {MANIFEST}):
        touched.append(Touch(name, ADDED, "The manifest does not know it."))
    for name, (sha256, size) in sorted(manifest.files.items()):
        touched.extend(_touch_of(pack, name, sha256, size))
    unsound = {touch.path for touch in touched}
    for entry in manifest.servers:
        touched.extend(_answers_that_differ(pack, str(entry["folder"]), unsound))
    return manifest, touched


def _touch_of(pack: Pack, name: str, sha256: str, size: int) -> Iterator[Touch]:
    if name not in pack.names:
        yield Touch(name, MISSING, "The manifest knows it, and it is not there.")
    elif pack.size(name) != size:
        yield Touch(name, CHANGED, "It has %d bytes, and had %d." % (pack.size(name), size))
    elif _sha256(pack.chunks(name)) != sha256:
        yield Touch(name, CHANGED, "Its SHA-256 is not that of the manifest.")


def _sha256(chunks: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()


def _answers_that_differ(pack: Pack, folder: str, unsound: Iterable[str]) -> Iterator[Touch]:
    """Yield the answers whose bytes are not those that came; files that are known to be touched are not looked at again."""
    known = set(unsound)
    index = folder + "/answers.jsonl"
    if index in known or index not in pack.names:
        return
    for line in pack.lines(index):
        if not line.get("file"):
            continue
        name = "%s/%s" % (folder, line["file"])
        if name in known:
            continue
        if name not in pack.names:
            yield Touch(name, MISSING, "The list of answers knows it, and it is not there.")
            continue
        try:
            same = _sha256(pack.unpacked_chunks(name)) == line.get("sha256")
        except PackError as error:
            yield Touch(name, UNREADABLE, str(error))
            continue
        if not same:
            yield Touch(name, CHANGED, "It is not the answer that came: its SHA-256 is not that of the list of answers.")
