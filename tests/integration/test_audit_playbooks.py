# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The audit as people launch it: its role and playbooks, against estates of which the simulator knows what is wrong."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from em_simulator.control import Simulator
from em_testing.launching import launch, stats
from em_testing.runner import Expectation, Run, Runner

FAILS = Expectation(code=2)
MACHINE = "srv-sql-02"


@pytest.fixture
def healthy(runner: Runner) -> Iterator[Runner]:
    """The runner against an estate in which nothing is wrong."""
    runner.simulator.reload(estate="healthy")
    runner.simulator.reset()
    yield runner
    runner.simulator.reload(estate="demo")


def the_failure(run: Run) -> str:
    """Return what the one failed task said."""
    (failed,) = [outcome for outcome in run.outcomes if outcome.failed]
    return str(failed.result["msg"])


def read_only(run: Run, logons: int = 1) -> None:
    """Hold that a run wrote nothing to the server and left no log-on session."""
    assert run.counters["writes"] == run.counters["open_sessions"] == 0
    assert run.counters["logons"] == run.counters["logouts"] == logons


@pytest.mark.parametrize("check", [False, True], ids=["normal", "check"])
def test_audit_finds_what_was_planted_and_keeps_the_proof(healthy: Runner, tmp_path: Path, check: bool) -> None:
    healthy.simulator.defect("last_backup_old", MACHINE, hours=31)
    output = tmp_path / "audit"
    run = launch(healthy, "audit", {"audit_output": str(output), "audit_formats": ["html", "json", "junit"]}, check=check)
    read_only(run)
    outcome = stats(run)["audit_outcome"]
    assert outcome["verdict"] == "fail" and outcome["counts"]["fail"] >= 1 and outcome["counts"]["error"] == 0
    assert re.search(rf"{MACHINE} on vbr01\.example\.com: Its newest restore point is 31\.\d hours old; 24\.0 hours are allowed\.", run.stdout)
    if check:
        assert not output.exists() and outcome["digest"] == "" and outcome["reports"] == {}
        assert "no file was written" in run.stdout
        return
    assert sorted(outcome["reports"]) == ["html", "json", "junit"]
    assert all(Path(path).stat().st_mode & 0o077 == 0 for path in (*outcome["reports"].values(), outcome["evidence"]))
    document = json.loads(Path(outcome["reports"]["json"]).read_text(encoding="utf-8"))
    assert {name: document["summary"][name] for name in outcome["counts"]} == outcome["counts"]
    assert MACHINE in Path(outcome["reports"]["html"]).read_text(encoding="utf-8")
    assert outcome["digest"] in run.stdout
    again = launch(healthy, "verify_evidence", {"verify_evidence_pack": outcome["evidence"], "verify_evidence_digest": outcome["digest"]}, check=True)
    assert again.counters["total_requests"] == 0, "evidence is checked without the server"
    verified = stats(again)["verify_evidence_outcome"]
    assert verified == {"intact": True, "digest_checked": True, "touched": [], "touched_total": 0, "verdict": "fail", "repeated_verdict": "fail"}


def test_a_healthy_estate_has_no_fail(healthy: Runner) -> None:
    outcome = stats(launch(healthy, "audit", {"audit_fail_on": "low"}))["audit_outcome"]
    assert outcome["counts"]["fail"] == outcome["counts"]["error"] == 0 and outcome["counts"]["pass"] > 100
    assert outcome["verdict"] == "not_assessable", "what the service does not tell is no pass"


@pytest.mark.parametrize(
    ("threshold", "fails"), [("never", False), ("error", False), ("high", False), ("medium", True), ("low", True), ("not_assessable", True)]
)
def test_only_what_is_asked_for_makes_the_play_fail(healthy: Runner, threshold: str, fails: bool) -> None:
    healthy.simulator.defect("rescan_off")  # of medium severity
    run = launch(healthy, "audit", {"audit_fail_on": threshold}, expect=FAILS if fails else Expectation())
    assert stats(run)["audit_outcome"]["counts"]["fail_by_severity"]["medium"] > 0, "the summary is handed on before the play fails"
    if fails:
        assert f"audit_fail_on is {threshold}" in the_failure(run)


def test_a_pack_that_was_touched_is_no_evidence(healthy: Runner, tmp_path: Path) -> None:
    task = {"audit_output": str(tmp_path), "audit_formats": ["json"]}
    outcome = stats(launch(healthy, "audit", task))["audit_outcome"]
    pack = Path(outcome["evidence"])
    content = bytearray(pack.read_bytes())
    content[len(content) // 2] ^= 0xFF
    pack.write_bytes(content)
    variables = {"verify_evidence_pack": str(pack), "verify_evidence_digest": outcome["digest"]}
    run = launch(healthy, "verify_evidence", variables, expect=FAILS)
    assert "TOUCHED" in run.stdout and "is not as it was written" in the_failure(run)
    assert stats(run)["verify_evidence_outcome"]["intact"] is False


def test_another_pack_in_its_place_is_noticed_by_the_digest(healthy: Runner, tmp_path: Path) -> None:
    outcome = stats(launch(healthy, "audit", {"audit_output": str(tmp_path), "audit_formats": ["json"]}))["audit_outcome"]
    wrong = hashlib.sha256(b"another manifest").hexdigest()
    run = launch(healthy, "verify_evidence", {"verify_evidence_pack": outcome["evidence"], "verify_evidence_digest": wrong}, expect=FAILS)
    assert stats(run)["verify_evidence_outcome"]["intact"] is False


def test_several_servers_make_one_report(healthy: Runner, tmp_path: Path) -> None:
    with Simulator.start(estate="healthy", username="second-user", defects=(f"last_backup_old={MACHINE};hours=40",)) as other:
        servers: list[dict[str, Any]] = [
            {"host": "127.0.0.1", "port": one.port, "username": one.username, "password": one.password, "ca_path": str(one.ca_path)}
            for one in (healthy.simulator, other)
        ]
        run = launch(healthy, "audit", {"audit_servers": servers, "audit_output": str(tmp_path), "audit_formats": ["json"]})
        counts = other.counters()
    read_only(run)
    assert counts["logons"] == counts["logouts"] == 1 and counts["writes"] == counts["open_sessions"] == 0
    outcome = stats(run)["audit_outcome"]
    assert outcome["servers"] == {f"127.0.0.1:{healthy.simulator.port}": "not_assessable", f"127.0.0.1:{other.port}": "fail"}
    assert f"{MACHINE} on vbr01.example.com, 127.0.0.1:{other.port}: Its newest restore point is " in run.stdout
    assert not [one["password"] for one in servers if one["password"] in run.stdout]


def test_drift_is_told_with_before_and_after(healthy: Runner, tmp_path: Path) -> None:
    baseline = {"drift_baseline": str(tmp_path / "em.yml")}
    rehearsal = launch(healthy, "drift", {**baseline, "drift_state": "taken"}, check=True)
    assert "would be taken" in rehearsal.stdout and not (tmp_path / "em.yml").exists()
    taken = launch(healthy, "drift", {**baseline, "drift_state": "taken"})
    assert "was taken" in taken.stdout
    read_only(taken)
    assert stats(launch(healthy, "drift", baseline))["drift_outcome"]["drifted"] is False
    planted = healthy.simulator.defect("retention_changed")
    run = launch(healthy, "drift", {**baseline, "drift_fail_on_drift": True}, expect=FAILS)
    assert stats(run)["drift_outcome"]["changes"] == [planted["name"]]
    assert f"was {planted['details']['was']}, is {planted['details']['keep']}" in run.stdout
    assert "differs from the baseline in" in the_failure(run)


@pytest.mark.parametrize(
    ("playbook", "variables", "said"),
    [
        ("audit", {"audit_policy": "basline"}, "baseline"),
        ("audit", {"audit_policy": {"rules": {"C2": {"enabled": False}}}}, "C02"),
        ("audit", {"audit_fail_on": "often"}, "audit_fail_on"),
        ("audit", {"audit_pack": "no-such-pack.tar.gz"}, "no-such-pack.tar.gz"),
        ("drift", {}, "drift_baseline"),
        ("drift", {"drift_baseline": "no-such-file.yml"}, "set state to taken"),
        ("verify_evidence", {}, "verify_evidence_pack"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(runner: Runner, playbook: str, variables: dict[str, Any], said: str) -> None:
    run = launch(runner, playbook, variables, expect=FAILS)
    assert said in json.dumps([outcome.result for outcome in run.outcomes if outcome.failed])
    assert "Traceback" not in run.stdout + run.stderr
    assert run.counters["total_requests"] == 0
