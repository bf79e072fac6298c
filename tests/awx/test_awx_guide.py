# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide to AWX against what it tells of: the variables of a site, the objects, the messages, and its example, which is run."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml

from awx_testing.awx_data import DATA, awx_objects
from em_testing.runner import Runner

ROOT = DATA.parents[1]
GUIDE = (ROOT / "docs" / "awx.md").read_text(encoding="utf-8")
# Not for a site to say: where things are in the project, and a step on the way.
INNER = {"awx_playbooks", "awx_inventory_file", "awx_ca_path"}


def site_variables() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DATA / "site.yml").read_text(encoding="utf-8"))
    return found


def blocks(language: str) -> list[str]:
    """Return the examples in one language, without what indents them."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", GUIDE, re.MULTILINE | re.DOTALL)
    return ["\n".join(line.removeprefix(indent) for line in text.splitlines()) for indent, text in found]


def test_every_variable_of_a_site_is_told() -> None:
    rows = [line for line in GUIDE.splitlines() if line.startswith("| `awx_")]
    told = {name for row in rows for name in re.findall(r"`(awx_\w+)`", row.split("|")[1])}
    assert told == set(site_variables()) - INNER


def test_examples_of_variables_are_variables() -> None:
    examples = [parsed for text in blocks("yaml") if isinstance(parsed := yaml.safe_load(text), dict)]
    assert {"awx_project_url", "awx_notification"} <= {name for example in examples for name in example}
    for example in examples:
        assert set(example) <= set(site_variables())


def test_table_of_templates_is_complete() -> None:
    told = dict(re.findall(r"^\| ([A-Z][\w ]+) \| `(\w+\.yml)` \|", GUIDE, re.MULTILINE))
    made = {declared["name"].removeprefix("Veeam EM - "): Path(declared["playbook"]).name for declared in awx_objects("job_templates")}
    assert told == made


def test_names_of_objects_are_those_that_are_made() -> None:
    kinds = ("credentials", "projects", "execution_environments", "inventories", "inventory_sources", "job_templates", "workflow_job_templates")
    made = {declared["name"] for kind in kinds for declared in awx_objects(kind, {"awx_credential": ""})}
    told = set(re.findall(r"[`*](Veeam EM - [\w ,]+?)[`*]", GUIDE))
    assert told
    assert told <= made


def test_commands_name_playbooks_that_are_there() -> None:
    named = set(re.findall(r"openbackup\.veeam_em\.(\w+)", "\n".join(blocks("shell"))))
    assert named == {"awx_setup", "awx_remove"}
    for name in named:
        assert (ROOT / "playbooks" / f"{name}.yml").is_file()


@contextmanager
def receiver() -> Iterator[tuple[str, dict[str, bytes]]]:
    """A server that keeps what is put to it. Yield its address, and what was put by name."""
    kept: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            kept[Path(self.path).name] = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(201)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", kept
        server.shutdown()


def test_example_carries_the_reports_away(runner: Runner, tmp_path: Path) -> None:
    (text,) = [text for text in blocks("yaml") if "include_role" in text]
    with receiver() as (address, kept):
        playbook = tmp_path / "carry.yml"
        playbook.write_text(text.replace("https://files.example.com", address), encoding="utf-8")
        runner.play(playbook)
    assert kept
    assert any(name.endswith(".html") and content.startswith(b"<!DOCTYPE html>") for name, content in kept.items()), list(kept)
