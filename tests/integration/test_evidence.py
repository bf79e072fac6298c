# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Evidence by the real ``ansible-playbook``: repeated without the server, touched, redacted, without secrets."""

from __future__ import annotations

import gzip
import io
import json
import re
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from em_testing import hidden
from em_testing.plays import play, task, tried
from em_testing.runner import Expectation, Run, Runner
from em_testing.wire import Wire

AUDIT, VERIFY = "veeam_em_audit", "veeam_em_evidence_verify"
NO_CONNECTION: dict[str, str | None] = {f"VEEAM_EM_{word}": None for word in ("HOST", "PORT", "USERNAME", "PASSWORD", "CA_PATH")}


def offline(runner: Runner, *tasks: dict[str, Any], **how: Any) -> Run:
    """Run tasks that know no server."""
    run = runner.play(play(*tasks), environ=NO_CONNECTION, **how)
    assert run.counters["total_requests"] == 0
    return run


def files_in(pack: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every file of a pack, unpacked."""
    if pack.is_dir():
        found = [(str(path.relative_to(pack)), path.read_bytes()) for path in sorted(pack.rglob("*")) if path.is_file()]
    else:
        with tarfile.open(fileobj=io.BytesIO(pack.read_bytes())) as archive:
            found = [(item.name, archive.extractfile(item).read()) for item in archive]  # type: ignore[union-attr]
    for name, data in found:
        yield name, gzip.decompress(data) if name.endswith(".gz") else data


@pytest.mark.every_line
@pytest.mark.parametrize("name", ["pack", "pack.tar.gz"])
def test_an_audit_is_repeated_without_the_server_to_the_last_byte(runner: Runner, tmp_path: Path, name: str) -> None:
    pack, live, again = tmp_path / name, tmp_path / "live.json", tmp_path / "again.json"
    policy = {"extends": ["baseline", "rule_3_2_1_1_0"], "rules": {"C02": {"parameters": {"rpo_hours": 5}}}}
    run = runner.play(play(task("audit", AUDIT, {"policy": policy, "evidence": str(pack), "reports": {"json": str(live)}})))
    result = run.result("audit")
    digest = result["evidence"]["digest"]
    repeat = {"pack": str(pack), "expected_digest": digest, "reports": {"json": str(again)}}
    repeated = offline(
        runner, task("repeat", AUDIT, repeat), task("once more", AUDIT, repeat), task("verify", VERIFY, {"path": str(pack), "expected_digest": digest})
    )
    assert live.read_bytes() == again.read_bytes() == dict(files_in(pack))["reports/findings.json"]
    for word in ("verdict", "counts", "findings", "servers", "as_of", "policy"):
        assert repeated.result("repeat")[word] == result[word]
    assert repeated.result("repeat")["changed"] and not repeated.result("once more")["changed"]
    assert repeated.result("verify")["intact"] and repeated.result("verify")["digest_checked"]


def test_evidence_answers_another_policy_and_another_moment_later(runner: Runner, tmp_path: Path) -> None:
    pack = str(tmp_path / "pack.tar.gz")
    narrow = str(tmp_path / "narrow")
    runner.play(
        play(task("all", AUDIT, {"evidence": pack, "gather": "everything"}), task("some", AUDIT, {"evidence": narrow, "policy": {"rules": {"C27": True}}}))
    )
    run = offline(
        runner,
        task("other", AUDIT, {"pack": pack, "policy": ["capacity", "least_privilege"], "findings": "all"}),
        task("later", AUDIT, {"pack": pack, "as_of": "2199-01-01", "findings": "all"}),
        task("narrow", AUDIT, {"pack": narrow, "policy": "least_privilege", "findings": "all"}),
        tried("touched", AUDIT, {"pack": pack, "expected_digest": "0" * 64}),
    )
    assert run.result("other")["policy"]["name"] != run.result("later")["policy"]["name"]
    assert run.result("other")["servers"][0]["not_read"] == []
    later = run.result("later")
    assert later["as_of"] == "2199-01-01T00:00:00Z"
    statuses = {one["status"] for one in later["findings"] if one["rule"] == "C02"}
    assert "fail" in statuses and "pass" not in statuses
    unheld = run.result("narrow")
    assert {entry["status"] for entry in unheld["servers"][0]["not_read"]} == {"not_assessable"}
    assert {one["status"] for one in unheld["findings"] if one["rule"] in ("C32", "C33")} == {"not_assessable"}
    assert "was touched since it was written" in run.failure("touched")["msg"]


def test_evidence_is_never_overwritten(runner: Runner, tmp_path: Path) -> None:
    pack = str(tmp_path / "pack")
    run = runner.play(play(task("first", AUDIT, {"evidence": pack}), tried("second", AUDIT, {"evidence": pack})))
    assert "Evidence is never overwritten" in run.failure("second")["msg"]
    assert run.counters["logons"] == 1
    again = runner.play(play(tried("check", AUDIT, {"evidence": pack})), check=True)
    assert "Evidence is never overwritten" in again.failure("check")["msg"]


def test_what_was_touched_is_named(runner: Runner, tmp_path: Path) -> None:
    pack, copy = tmp_path / "pack", tmp_path / "copy"
    digest = runner.play(play(task("audit", AUDIT, {"evidence": str(pack)}))).result("audit")["evidence"]["digest"]
    shutil.copytree(pack, copy)
    victim = next((copy / "servers/1/records").iterdir())
    victim.write_bytes(gzip.compress(b""))
    (copy / "servers/1/answers.jsonl").unlink()
    (copy / "added.json").touch()
    run = offline(
        runner,
        tried("strict", VERIFY, {"path": str(copy), "expected_digest": digest}),
        task("lenient", VERIFY, {"path": str(copy), "expected_digest": digest, "fail_on_touched": False}),
        tried("audit", AUDIT, {"pack": str(copy)}),
        task("sound", VERIFY, {"path": str(pack)}),
    )
    told = run.result("lenient")
    assert not told["intact"]
    assert {(touch["path"], touch["what"]) for touch in told["touched"]} == {
        (str(victim.relative_to(copy)), "changed"),
        ("servers/1/answers.jsonl", "missing"),
        ("added.json", "added"),
    }
    assert "was touched since it was written" in run.failure("strict")["msg"] and run.failure("strict")["touched"] == told["touched"]
    assert "was touched since it was written" in run.failure("audit")["msg"]
    assert run.result("sound")["intact"] and not run.result("sound")["digest_checked"]
    assert run.result("sound")["pack"]["servers"][0]["answers"] > 10


def test_an_archive_that_is_cut_off_is_told(runner: Runner, tmp_path: Path) -> None:
    pack = tmp_path / "pack.tar.gz"
    runner.play(play(task("audit", AUDIT, {"evidence": str(pack)})))
    pack.write_bytes(pack.read_bytes()[:-100])
    run = offline(runner, task("verify", VERIFY, {"path": str(pack), "fail_on_touched": False}), tried("nothing", VERIFY, {"path": str(tmp_path / "no")}))
    assert [touch["what"] for touch in run.result("verify")["touched"]] == ["unreadable"]
    assert "There is no evidence pack" in run.failure("nothing")["msg"]


# ---------------------------------------------------------------------------------------------------------
# What must not be in it


@pytest.mark.parametrize("wire_format", ["json", "xml"])
def test_no_password_and_no_token_is_in_any_file(runner: Runner, tmp_path: Path, wire_format: str) -> None:
    run = runner.play(
        play(
            task("audit", AUDIT, {"evidence": str(tmp_path / "pack"), "gather": "everything", "report_folder": str(tmp_path), "wire_format": wire_format}),
        )
    )
    simulator = runner.simulator
    needles = hidden.forms_of(simulator.password) | {hidden.basic_header(simulator.username, simulator.password)}
    for request in run.requests:
        found = re.search(r"logonSessions/([0-9a-fA-F-]{36})", request["path"])
        if found:
            needles |= hidden.forms_of(found.group(1))
    assert len(needles) > 5
    files = list(files_in(tmp_path / "pack")) + [(path.name, path.read_bytes()) for path in tmp_path.iterdir() if path.is_file()]
    assert len(files) > 60
    assert not [name for name, data in files for needle in needles if needle in data]
    answers = [json.loads(line) for line in dict(files)["servers/1/answers.jsonl"].splitlines()]
    withheld = {re.split("[?&]", answer["url"])[0] + " " + answer["withheld"] for answer in answers if not answer["file"]}
    assert any(entry.startswith("/api/logonSessions ") for entry in withheld)
    assert not [answer for answer in answers if "type=Credentials" in answer["url"] and answer["file"]]


def test_a_redacted_pack_holds_no_name_and_the_same_verdicts(runner: Runner, tmp_path: Path) -> None:
    with Wire(runner.simulator) as wire:
        kinds = ("Job", "Repository", "BackupServer", "HierarchyRoot", "ManagedServer", "Backup", "AgentBackupJob")
        names = {str(row["Name"]) for kind in kinds for row in wire.all(kind)} | {str(row["VmDisplayName"]) for row in wire.all("VmRestorePoint")}
        names |= {str(row["Name"]).rpartition("\\")[2] for row in wire.collection("/security/accounts")}
    options = {"gather": "everything", "redact": True, "redact_key": "{{ lookup('ansible.builtin.env', 'EM_KEY') }}", "findings": "all"}
    run = runner.play(
        play(
            task("plain", AUDIT, {"evidence": str(tmp_path / "plain"), "gather": "everything", "findings": "all"}),
            task(
                "redacted",
                AUDIT,
                {**options, "evidence": str(tmp_path / "redacted"), "report_folder": str(tmp_path), "formats": ["html", "json", "csv", "sarif", "junit"]},
            ),
            task("copy", AUDIT, {**options, "pack": str(tmp_path / "plain"), "evidence": str(tmp_path / "copy.tar.gz")}),
            task("repeat", AUDIT, {"pack": str(tmp_path / "redacted"), "findings": "none"}),
        ),
        environ={"EM_KEY": "a key of the house"},
        expect=Expectation(secrets=("a key of the house",), warnings=("The evidence pack is redacted",)),
    )
    assert run.result("redacted")["counts"] == run.result("plain")["counts"] == run.result("copy")["counts"]
    assert {one["object"] for one in run.result("redacted")["findings"]} & names, "what the task returns keeps its names"
    written = [(path.name, path.read_bytes()) for path in tmp_path.iterdir() if path.is_file() and path.suffix != ".gz"]
    looked_at = [*files_in(tmp_path / "redacted"), *files_in(tmp_path / "copy.tar.gz"), *written]
    # Words that the product itself uses tell nothing.
    telling = {name for name in names if re.search(r"\d|[.\\&<]", name) or " " in name} - {"Portal Administrator"}
    assert len(telling) > 30 and "srv-sql-01" in telling
    for name, data in looked_at:
        text = data.decode("utf-8")
        shown = [one for one in telling if re.search(r"(?<!\w)%s(?!\w)" % re.escape(one), text)]
        assert not shown, f"{name}: {shown[:5]}"
    pseudonyms = [
        {one["object"] for one in json.loads(dict(files_in(tmp_path / place))["reports/findings.json"])["findings"]} for place in ("redacted", "copy.tar.gz")
    ]
    assert pseudonyms[0] == pseudonyms[1], "the same key gives the same pseudonyms"
