# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decode captured answers of real servers and report what the declarations do not know or lose.

``check_wire.py [FOLDER]``; the default folder lies beside the checkout and is no part of the project. Every entity of a
declared type is found wherever it stands in a file. *Unknown*: an element that no field declares. *Lost*: a value of the
answer that stands nowhere in the record, compared value by value and without the decoder's own tables.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from environments import ROOT

sys.path.insert(0, str(ROOT / "plugins" / "module_utils"))

from _api import wire
from _api.entities.registry import BY_TYPE
from _api.errors import BodyError

DEFAULT_FOLDER = ROOT.parent / "shared" / "em_rest" / "samples" / "open"
FRAME = {"links", "href", "type", "xmlns", "xmlns:xsd", "xmlns:xsi"}
# What the record means to leave out: "unknown" sizes and times that stand for "never".
MEANT = {"-1", "", "none"}


def split_http(raw: bytes) -> tuple[str, bytes]:
    """Return content type and body of a capture, which may begin with the status line and headers of HTTP."""
    if not raw.startswith(b"HTTP/"):
        return "", raw
    head, body = raw.replace(b"\r\n", b"\n").split(b"\n\n", 1)
    headers = [line.split(":", 1) for line in head.decode("latin-1").splitlines()[1:]]
    return next((value.strip() for name, value in headers if name.lower() == "content-type"), ""), body


def entities(node: Any, element: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every object of the answer with its type: its own word for it, or in XML the element's name."""
    if isinstance(node, list):
        for item in node:
            yield from entities(item, element)
    elif isinstance(node, dict):
        kind = wire.member(node, "Type")
        if isinstance(kind, str) and wire.member(node, "Href"):
            yield kind, node
        elif element in BY_TYPE:
            yield element, node
        for key, value in node.items():
            if key.lstrip("@").lower() not in FRAME:
                yield from entities(value, key)


def single_by_members(node: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what JSON holds without saying its type, such as a report: that of the things without list which knows most of its members."""
    if not isinstance(node, dict):
        return
    sent = {key.lower() for key in node} - FRAME
    known = {
        kind: len(sent & {name.lower() for field in resource.wire_fields for name in (field.wire, *field.aliases)})
        for kind, resource in BY_TYPE.items()
        if not resource.list_root
    }
    kind = max(known, key=lambda candidate: known[candidate])
    if 2 * known[kind] > len(sent):
        yield kind, node


def plain(value: Any) -> str:
    """Return a value in the one spelling in which wire and record can be compared."""
    text = value if isinstance(value, str) else json.dumps(value)
    try:
        return wire.to_utc(text) or ""
    except ValueError:
        return text.strip().lower()


def leaves(node: Any, outermost: bool = True) -> Iterator[str]:
    """Yield all values of an answer or record, without links and what merely frames an object."""
    if isinstance(node, dict):
        for key, value in node.items():
            name = key.lstrip("@").lower()
            if name not in FRAME or (name == "type" and not outermost):
                yield from leaves(value, outermost=False)
    elif isinstance(node, list):
        for item in node:
            yield from leaves(item, outermost=False)
    elif node is not None:
        yield plain(node)


def inspect(kind: str, node: dict[str, Any], is_xml: bool) -> list[str]:
    """Return what is unknown or lost in one entity."""
    decoder = wire.Decoder.of(BY_TYPE[kind], is_xml)
    try:
        record = decoder.record(node, with_links=True)
    except BodyError as error:
        return [f"{kind}: {error.message}"]
    links = record.pop("links")
    problems = [f"{kind}: unknown {name} = {str(record[name])[:80]!r}" for name in record if name not in decoder.blank]
    held = Counter(leaves(record))
    # A value may serve twice in a record (the id is also the end of the URN), never the other way round.
    lost = [value for value in Counter(leaves(node)) if value not in held and value not in MEANT]
    problems += [f"{kind}: lost {value[:80]!r}" for value in lost]
    sent = len(wire.links_of(wire.member(node, "Links")))
    if len(links) != sent:
        problems.append(f"{kind}: {sent} links were sent, {len(links)} are in the record")
    return problems


def check_file(path: Path) -> tuple[Counter[str], Counter[str], list[str]]:
    """Return how many entities of which type were decoded, which were passed over, and the problems."""
    content_type, body = split_http(path.read_bytes())
    decoded: Counter[str] = Counter()
    passed_over: Counter[str] = Counter()
    problems: list[str] = []
    try:
        tree = wire.parse(body, content_type)
    except BodyError as error:
        return decoded, passed_over, [error.message]
    if wire.server_message(body) and wire.member(tree.node, "Href") is None:
        decoded["Error"] += 1
        return decoded, passed_over, problems
    for kind, node in list(entities(tree.node, tree.root)) or list(single_by_members(tree.node)):
        if kind in BY_TYPE:
            decoded[kind] += 1
            problems += inspect(kind, node, tree.is_xml)
        else:
            passed_over[kind] += 1
    return decoded, passed_over, problems


def listing(counts: Counter[str]) -> str:
    """Return counts as words."""
    return ", ".join(f"{number} {kind}" for kind, number in sorted(counts.items())) or "-"


def main() -> int:
    """Print one line for each file; return 1 where anything is unknown or lost."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_FOLDER
    if not folder.is_dir():
        print("No captured answers lie beside the checkout: nothing to check. Name a folder to check another one.")
        return 1 if len(sys.argv) > 1 else 0
    bad = 0
    for path in sorted(item for item in folder.rglob("*") if item.is_file()):
        decoded, passed_over, problems = check_file(path)
        print(f"{path.name}: decoded {listing(decoded)}; not declared: {listing(passed_over)}")
        for problem, times in Counter(problems).items():
            print(f"  {problem}" + (f" ({times} times)" if times > 1 else ""))
        bad += len(problems)
    print(f"{bad} values unknown or lost")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
