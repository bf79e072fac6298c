# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Say which part of the REST API the modules reach, and write it to docs/coverage.md.

``tests/data/em_api_paths.csv`` lists the paths of the service, ``tests/data/em_api_read.csv`` what the integration tests saw a module
read from the simulator. A path counts only where a module of its own read it: the modules that take any path or any type do not count.
The integration tests fail when what they see is not what the second file says; they leave what they saw in
``tests/output/em_api_read.csv``, and ``--accept`` takes that over.
"""

from __future__ import annotations

import argparse
import csv
import re
import shutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from environments import collection_tree

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(collection_tree()), str(ROOT / "tests" / "simulator"), str(ROOT / "tests" / "integration" / "library")]

from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities._model import Resource  # noqa: E402
from em_testing.subjects import info_modules, members_path  # noqa: E402

PATHS = ROOT / "tests" / "data" / "em_api_paths.csv"
READ = ROOT / "tests" / "data" / "em_api_read.csv"
SEEN = ROOT / "tests" / "output" / "em_api_read.csv"
PAGE = ROOT / "docs" / "coverage.md"
QUERY = "/query"
# They take any path, any type or everything, so that they would reach all of it and say nothing about the others.
NOT_COUNTED = ("veeam_em_resource_info", "veeam_em_query_info", "veeam_em_estate_info")
# It asks a little of everything to learn what an account may do. Only what no other module is there for counts as its own.
PROBES = "veeam_em_service_info"
NEVER_READ = {"/logonSessions/{ID}": "The id in it is as good as the token of that log-on session, so nothing reads it."}
# What stands in a path for more than one segment.
_REST = "filepath"


@dataclass(frozen=True, order=True)
class Known:
    """One row of the list of the service's paths; ``query_type`` of /query tells which type it is asked for."""

    path: str
    method: str
    query_type: str
    returns_task: str


@dataclass(frozen=True, order=True)
class Read:
    """A module asked for a path, in the words of the list, and was answered. ``query_type`` is "" but for /query."""

    module: str
    method: str
    path: str
    query_type: str


def known_paths() -> list[Known]:
    """Return the list of the service's paths."""
    with PATHS.open(encoding="utf-8", newline="") as file:
        return [Known(**row) for row in csv.DictReader(file)]


def accepted_reads() -> list[Read]:
    """Return what the tests saw when it was last taken over."""
    with READ.open(encoding="utf-8", newline="") as file:
        return sorted(Read(**row) for row in csv.DictReader(file))


def write_reads(reads: Iterable[Read], path: Path = SEEN) -> None:
    """Write what was seen, in the form that ``accepted_reads`` takes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(Read.__dataclass_fields__)
        writer.writerows(astuple(read) for read in sorted(reads))


class Words:
    """Finds the words of the list for the path of a request."""

    def __init__(self, known: Iterable[Known]) -> None:
        self._patterns: list[tuple[str, str, str, re.Pattern[str]]] = []
        for entry in known:
            path, _mark, action = entry.path.partition("?action=")
            pattern = re.sub(r"\\\{(\w+)\\\}", lambda match: ".+" if match.group(1) == _REST else "[^/]+", re.escape(path))
            self._patterns.append((entry.method, entry.path, action, re.compile(pattern + r"\Z")))
        # Literal words are nearer than variables, more words nearer than fewer.
        self._patterns.sort(key=lambda item: (item[1].count("{"), -item[1].count("/")))

    def of(self, method: str, path: str, query: str = "") -> str | None:
        """Return the path in the words of the list, None for one that the list does not have."""
        action = parse_qs(query).get("action", [""])[0]
        for known_method, words, known_action, pattern in self._patterns:
            # Reading asks with an action, too: which part of a folder to list.
            if known_method == method and (known_action == action or method == "GET") and pattern.match(path.rstrip("/")):
                return words
        return None


def reads_of(module: str, requests: Iterable[dict[str, Any]], words: Words) -> Iterator[Read]:
    """Yield what a module asked for and was answered; paths that the list does not have are left out."""
    for request in requests:
        path = words.of(request["method"], request["path"], request["query"])
        if path is not None and 200 <= request["status"] < 300:
            asked = parse_qs(request["query"])
            yield Read(module, request["method"], path, asked["type"][0] if path == QUERY else "")


# ---------------------------------------------------------------------------------------------------------
# What the declarations promise


def promised(words: Words) -> Iterator[tuple[str, str, str]]:
    """Yield (module, path, query type) for all that the declarations of the info modules let them read."""

    def known(path: str) -> str | None:
        return words.of("GET", re.sub(r"\{\w+\}", "x", path))

    for name, module in info_modules().items():
        resource = module.resource
        assert resource is not None
        paths = list(_own_paths(resource))
        for parent in module.below:
            paths.append(members_path(resource, parent, "x"))
        for detail in module.details:
            paths += [members_path(member, resource, "x") for member in detail.resources]
        yield from ((name, path, "") for path in map(known, paths) if path is not None)
        if resource.query_type and "query" in resource.sources and resource.key != "task_id":
            yield name, QUERY, resource.query_type


def _own_paths(resource: Resource) -> Iterator[str]:
    yield from (path for source, path in resource.sources.items() if source != "query")
    if resource.list_root:
        yield resource.path + "/x"


# ---------------------------------------------------------------------------------------------------------
# The page


@dataclass(frozen=True)
class Coverage:
    """What is known and what was read: modules by path, and by query type."""

    known: list[Known]
    by_path: dict[tuple[str, str], list[str]]
    by_type: dict[str, list[str]]
    unread: list[str]

    def gets(self) -> list[str]:
        """Return the paths that can be read, without the query service."""
        return sorted({entry.path for entry in self.known if entry.method == "GET" and entry.path != QUERY})

    def query_types(self) -> list[str]:
        """Return the query types."""
        return sorted({entry.query_type for entry in self.known if entry.path == QUERY})

    def writes(self) -> list[tuple[str, str]]:
        """Return method and path of all that changes something."""
        return sorted({(entry.method, entry.path) for entry in self.known if entry.method != "GET"}, key=lambda entry: entry[::-1])

    def why_not(self, path: str) -> str:
        """Return why no module of its own reads a path."""
        whole, _slash, last = path.rpartition("/")
        if path in NEVER_READ:
            return NEVER_READ[path]
        if last.startswith("{") and self.by_path.get(("GET", whole)):
            return "Its list is read whole; one member alone tells nothing more."
        return "No module reads it."

    def why_not_asked(self, query_type: str) -> str:
        """Return why no module of its own asks for a query type."""
        for name, module in info_modules().items():
            assert module.resource is not None
            for detail in module.details:
                if any(member.query_type == query_type and module.resource.thing in member.parents for member in detail.resources):
                    return f"`{name}` reads it by path, with the option `{detail.option}`; `veeam_em_query_info` asks for it."
        return "No module asks for it but `veeam_em_query_info`."


def coverage(reads: Iterable[Read]) -> Coverage:
    """Return the coverage that the reads amount to."""
    known = known_paths()
    by_path: dict[tuple[str, str], list[str]] = {}
    by_type: dict[str, list[str]] = {}
    others = {(path, kind) for _module, path, kind in promised(Words(known))}
    counted = [
        read
        for read in sorted(reads)
        if read.module not in NOT_COUNTED and not (read.module == PROBES and (read.path == QUERY or (read.path, read.query_type) in others))
    ]
    for read in counted:
        if read.path == QUERY:
            by_type.setdefault(read.query_type, []).append(read.module)
        else:
            by_path.setdefault((read.method, read.path), []).append(read.module)
    done = {(read.module, read.path, read.query_type) for read in counted}
    unread = sorted({f"{module} could read {path} {kind}".rstrip() for module, path, kind in promised(Words(known)) if (module, path, kind) not in done})
    return Coverage(known, by_path, by_type, unread)


def sums(found: Coverage) -> list[tuple[str, int, int]]:
    """Return what is counted: its name, how many of it are reached, how many there are."""
    gets, types, writes = found.gets(), found.query_types(), found.writes()
    return [
        ("Paths that can be read (GET)", sum(("GET", path) in found.by_path for path in gets), len(gets)),
        ("Types of the query service", sum(kind in found.by_type for kind in types), len(types)),
        ("Orders, changes, log-on and log-out", sum(entry in found.by_path for entry in writes), len(writes)),
    ]


def page(found: Coverage) -> str:
    """Return the text of docs/coverage.md."""
    gets, types = found.gets(), found.query_types()
    orders = [(f"`{method} {path}`", _named(found.by_path[method, path])) for method, path in found.writes() if (method, path) in found.by_path]
    missing = [path for path in gets if ("GET", path) not in found.by_path]
    lines = [
        "# Coverage of the REST API",
        "",
        "<!-- Written by `make coverage-api`. -->",
        "",
        "What the modules reach of the paths that the reference of Enterprise Manager's REST API documents. A path counts only where the integration",
        "tests saw a module of its own read it and get an answer; `veeam_em_resource_info`, `veeam_em_query_info` and `veeam_em_estate_info`, which take",
        "any path, any type or everything, do not count. The tests fail when they see anything else than this page says.",
        "",
        *_table(("", "reached", "of"), [(name, str(reached), str(total)) for name, reached, total in sums(found)]),
        "",
        "## Paths that no module of their own reads",
        "",
        "`veeam_em_resource_info` reads these as well, but for the log-on sessions.",
        "",
        *_table(("path", "why not"), [(f"`{path}`", found.why_not(path)) for path in missing]),
        "",
        "## Query types that no module of their own asks for",
        "",
        *_table(("type", "why not"), [(f"`{kind}`", found.why_not_asked(kind)) for kind in types if kind not in found.by_type]),
        "",
        "## Paths that are read",
        "",
        *_table(("path", "by"), [(f"`{path}`", _named(found.by_path["GET", path])) for path in gets if ("GET", path) in found.by_path]),
        "",
        "## Types of the query service",
        "",
        *_table(("type", "by"), [(f"`{kind}`", _named(found.by_type[kind])) for kind in types if kind in found.by_type]),
        "",
        "## Orders and changes",
        "",
        "Log-on and log-out belong to every module.",
        "",
        *_table(("order", "by"), orders),
        "",
    ]
    return "\n".join(lines)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    return ["| " + " | ".join(row) + " |" for row in (head, ("---",) * len(head), *rows)]


def _named(modules: list[str]) -> str:
    """Return the modules of a path as one cell, or that all of them use it."""
    return "every module" if len(modules) > 20 else ", ".join(f"`{module}`" for module in sorted(set(modules)))


def drift(found: Coverage) -> list[str]:
    """Return what is wrong with the page and the tests, one sentence each."""
    wrong = [f"{line}, and no test does" for line in found.unread]
    if not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != page(found):
        wrong.append("docs/coverage.md is not what the tests saw: run make coverage-api")
    return wrong


def main() -> None:
    """Read the command line, print the coverage, write the page; exit 1 where the declarations promise more than was read."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accept", action="store_true", help="take over what the last run of the integration tests saw")
    arguments = parser.parse_args()
    if arguments.accept:
        shutil.copyfile(SEEN, READ)
    found = coverage(accepted_reads())
    for name, reached, total in sums(found):
        print(f"{name}: {reached} of {total}")
    for path in found.gets():
        if ("GET", path) not in found.by_path:
            print(f"  not reached: {path}: {found.why_not(path)}")
    for kind in found.query_types():
        if kind not in found.by_type:
            print(f"  not reached: query type {kind}: {found.why_not_asked(kind)}")
    PAGE.write_text(page(found), encoding="utf-8")
    print("\n".join(f"no test does: {line}" for line in found.unread) or "Every path that a declaration promises was read.")
    sys.exit(bool(found.unread))


if __name__ == "__main__":
    main()
