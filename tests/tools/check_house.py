# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check the rules of the house that no linter knows.

Licence headers, length of functions, imports between rooms, hosts and paths in texts, commands and links in the Markdown pages,
what the declarations tell people.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from check_descriptions import check_descriptions
from environments import ROOT

LONGEST_FUNCTION = 60
HEADER = (
    "# Copyright: Contributors to the openbackup.veeam_em collection",
    "# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)",
    "# SPDX-License-Identifier: GPL-3.0-or-later",
)
# Which packages a room may import, beside the standard library. Nothing in _api knows Ansible.
ROOMS = {
    "plugins/module_utils/_api/entities/": set[str](),
    "plugins/module_utils/_api/": {"requests", "urllib3", "xmltodict"},
    "plugins/module_utils/_audit/": {"yaml", "jinja2"},
    "plugins/module_utils/_ansible/": {"ansible", "ansible_collections"},
    "plugins/modules/": {"ansible", "ansible_collections"},
    "plugins/action/": {"ansible", "ansible_collections"},
    "plugins/doc_fragments/": set[str](),
}
# What of _api the audit may import: what is data, and what judges records without asking anybody.
PURE_API = ("entities", "hierarchy_names", "job_contents", "machines", "sharing", "wire")
# Hosts that a text may name: documentation that exists, and names reserved for examples.
KNOWN_HOSTS = {
    "docs.ansible.com",
    "helpcenter.veeam.com",
    "www.gnu.org",
    "www.veeam.com",
    "schemas.microsoft.com",
    "www.w3.org",
    "json-schema.org",
    "localhost",
    "127.0.0.1",
}
EXAMPLE_HOST = re.compile(r"(^|\.)(example(\.(com|org|net))?|test|invalid|localhost)$")
LOCAL_PATH = re.compile(r"(?<![\w.~}/:])/(?:root|work|home|Users|opt|srv|tmp|mnt)/[\w.-]+")
URL = re.compile(r"https?://[^\s\"'<>)\]}`\\]+")
MADE_BY_TOOLS = ("LICENSE", "CHANGELOG.md", "changelogs/changelog.yaml")


def files() -> Iterator[str]:
    """Yield the files that git tracks, or would if they were added, as paths from the top of the checkout."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    yield from sorted(name for name in listed.split("\0") if name and (ROOT / name).is_file())


def check_header(name: str, text: str) -> Iterator[str]:
    """Complain about a Python file without the three lines of the licence, or without postponed annotations."""
    if not text.strip():
        return
    lines = text.splitlines()
    first = [line for line in lines[:6] if line and not line.startswith(("#!", "# -*-"))][:3]
    if tuple(first) != HEADER:
        yield f"{name}:1: the licence header is missing or differs"
    code = any(isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Assign, ast.Import)) for node in ast.parse(text).body)
    if code and "from __future__ import annotations" not in lines:
        yield f"{name}:1: `from __future__ import annotations` is missing"


def check_functions(name: str, text: str) -> Iterator[str]:
    """Complain about long functions."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        length = (node.end_lineno or node.lineno) - node.lineno + 1
        if length > LONGEST_FUNCTION:
            yield f"{name}:{node.lineno}: {node.name} has {length} lines, {LONGEST_FUNCTION} are the limit"


def check_names(name: str, text: str) -> Iterator[str]:
    """Complain about the name ``_``, which ansible-test keeps for translations."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id == "_":
            yield f"{name}:{node.lineno}: ansible-test refuses the name _; say what it is, such as _unused"


def check_imports(name: str, text: str) -> Iterator[str]:
    """Complain about an import that leads from a room to one it must not know."""
    room = next((prefix for prefix in ROOMS if name.startswith(prefix)), None)
    if room is None:
        return
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, (ast.Import, ast.ImportFrom)):
            continue
        module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
        if isinstance(node, ast.ImportFrom) and node.level:
            yield from (f"{name}:{node.lineno}: {complaint}" for complaint in complaints_on_rooms(name, node))
            continue
        for target in [module] if module else [alias.name for alias in node.names]:
            top = target.split(".")[0]
            if top not in ROOMS[room] and top not in sys.stdlib_module_names:
                yield f"{name}:{node.lineno}: {room} must not import {target}"


def complaints_on_rooms(name: str, node: ast.ImportFrom) -> Iterator[str]:
    """Complain about a relative import that leaves its room for one it must not know."""
    package = Path(name).parent.parts
    base = package[: len(package) - node.level + 1]
    targets = [(*base, *node.module.split("."))] if node.module else [(*base, alias.name) for alias in node.names]
    for target in targets:
        if target[:2] != ("plugins", "module_utils") or len(target) < 3:
            continue
        room, place = target[2], target[3:] or tuple(alias.name for alias in node.names)
        if room == "_ansible" and "_ansible" not in package:
            yield f"{package[2]} must not know _ansible"
        if room == "_audit" and "_api" in package:
            yield "_api must not know _audit"
        if room == "_api" and "_audit" in package:
            yield from (f"_audit must not know _api.{part}" for part in place[: 1 if target[3:] else None] if part not in PURE_API)


def check_words(name: str, text: str) -> Iterator[str]:
    """Complain about hosts that are neither documentation nor examples, and about paths of somebody's machine."""
    for number, line in enumerate(text.splitlines(), 1):
        for match in LOCAL_PATH.finditer(line):
            yield f"{name}:{number}: path of one machine: {match.group()}"
        for match in URL.finditer(line):
            yield from (f"{name}:{number}: unknown host: {host}" for host in unknown_hosts(match.group()))


def unknown_hosts(url: str) -> list[str]:
    """Return the host of a URL where a text may not name it; a placeholder is no host."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return []
    if not re.fullmatch(r"[a-z0-9.-]+", host) or "." not in host:
        return []
    return [] if host in KNOWN_HOSTS or host.startswith("127.") or EXAMPLE_HOST.search(host) else [host]


def check_readme() -> Iterator[str]:
    """Complain about a command in a Markdown file that the Makefile, the playbooks or the roles do not have."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    playbooks = {path.stem for path in (ROOT / "playbooks").glob("*.yml")}
    for name in files():
        if not name.endswith(".md") or name in MADE_BY_TOOLS:
            continue
        text = (ROOT / name).read_text(encoding="utf-8")
        code = "\n".join(_code_of(text))
        yield from (f"{name}: make {target} does not exist" for target in re.findall(r"\bmake ([a-z][a-z-]+)", code) if target not in targets)
        launched = re.findall(r"ansible-playbook .*?openbackup\.veeam_em\.(\w+)", code)
        yield from (f"{name}: playbook {playbook} does not exist" for playbook in launched if playbook not in playbooks)
        for link in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text):
            if not (ROOT / name).parent.joinpath(link).exists():
                yield f"{name}: link to {link} leads nowhere"


def _code_of(text: str) -> list[str]:
    """Return the code blocks and code words of a Markdown text."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [*blocks, *re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text)]


def check_file(path: Path, name: str) -> Iterator[str]:
    """Run the checks that fit the kind of file."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return
    if name.endswith(".py"):
        yield from check_header(name, text)
        yield from check_functions(name, text)
        yield from check_names(name, text)
        yield from check_imports(name, text)
    if name not in MADE_BY_TOOLS:
        yield from check_words(name, text)


def main() -> None:
    """Print what breaks a rule; exit 1 where anything does."""
    names = list(files())
    problems = [problem for name in names for problem in check_file(ROOT / name, name)] + list(check_readme()) + list(check_descriptions())
    print("\n".join(problems) or f"{len(names)} files keep the rules of the house")
    raise SystemExit(1 if problems else 0)


if __name__ == "__main__":
    main()
