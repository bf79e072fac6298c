# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The auditor's guide, followed to the letter: every file is written and every command run, in its order."""

from __future__ import annotations

import hashlib
import json
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from em_testing.commands import start_command
from em_testing.runner import Run, Runner

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guide-audit.md"
BLOCK = re.compile(r"^```(yaml|shell)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
# Servers of the guide, by the names under which the certificate of the simulator knows it.
SERVERS = {"em01.example.com": "127.0.0.1", "em02.example.com": "localhost"}


def steps() -> Iterator[tuple[str, str]]:
    """Yield what the guide has the reader do: the name of a file and its text, or "" and commands."""
    for language, text in BLOCK.findall(GUIDE.read_text(encoding="utf-8")):
        here = re.sub("|".join(map(re.escape, SERVERS)), lambda found: SERVERS[found.group()], text)
        named = re.match(r"# (\S+\.yml)\n", here)
        assert named or language == "shell", f"a file without a name in its first line:\n{text}"
        yield named.group(1) if named else "", here


def newest_pack(folder: Path) -> Path:
    """Return the evidence pack that was written last."""
    return max(folder.glob("audit/evidence-*.tar.gz"), default=folder, key=lambda path: path.stat().st_mtime_ns)


def digest_of(pack: Path) -> str:
    """Return the SHA-256 of the manifest of a pack."""
    with tarfile.open(pack) as archive:
        (manifest,) = [member for member in archive.getmembers() if Path(member.name).name == "manifest.json"]
        content = archive.extractfile(manifest)
        assert content is not None
        return hashlib.sha256(content.read()).hexdigest()


def shell(runner: Runner, folder: Path, commands: str) -> Run:
    """Run commands in a folder, as a reader would who has set the variables that the guide names."""
    pack = newest_pack(folder)
    variables: dict[str, str | None] = {
        "EM02_USERNAME": runner.simulator.username,
        "EM02_PASSWORD": runner.simulator.password,
        "GUIDE_FOLDER": str(folder),
        # As for a reader who has no inventory.
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
    }
    if pack != folder:
        variables.update(PACK=str(pack), DIGEST=digest_of(pack))
    # A run of these tests begins in a folder of its own, and the next commands go on with the files of the last.
    return start_command(runner, "/bin/bash", "-euc", f'cd "$GUIDE_FOLDER"\n{commands}', environ=variables).finish()


def findings(folder: Path) -> dict[str, Any]:
    """Return the JSON report in a folder."""
    document: dict[str, Any] = json.loads((folder / "findings.json").read_text(encoding="utf-8"))
    return document


def states(document: dict[str, Any], kind: str) -> dict[str, str]:
    """Return what became of waivers or attestations, by id."""
    return {item["id"]: item["state"] for item in document[kind]}


def test_the_guide_can_be_followed_to_the_letter(runner: Runner, tmp_path: Path) -> None:
    runs = []
    for name, text in steps():
        if name:
            (tmp_path / name).write_text(text, encoding="utf-8")
        else:
            runs.append(shell(runner, tmp_path, text))
            assert runs[-1].counters["writes"] == 0, text
    said = "\n".join(run.stdout for run in runs)
    assert "exit code 2" in said and "no file was written" not in said
    folders = {path.parent.name for path in tmp_path.glob("*/report.html")}
    assert folders == {"first", "second", "audit", "repeated", "redacted", "both"}
    last = findings(tmp_path / "audit")
    assert states(last, "waivers") == {"test-machines": "active"} and states(last, "attestations") == {"second-factor": "active"}
    assert {item["status"] for item in last["findings"] if item["rule"] == "X03"} == {"pass"}, "signed at last"
    assert {item["object"] for item in last["findings"] if item["waiver"] == "test-machines"} >= {"srv-test-01", "srv-test-02"}
    assert len(findings(tmp_path / "both")["servers"]) == 2
    assert findings(tmp_path / "repeated")["policy"]["name"] == "capacity"
    assert "srv-sql-01" not in (tmp_path / "redacted" / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("word", ["audit_fail_on", "verify_evidence_digest", "drift_state", "audit_servers", "audit_history", "audit_redact", "signature"])
def test_the_guide_has_all_of_the_way(word: str) -> None:
    assert any(word in text for _name, text in steps())
