# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Audits by the real ``ansible-playbook``: live, in check mode, with weak accounts, lost connections and several servers; the baseline."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from em_simulator.control import Simulator
from em_testing.documentation import documented, missing, undocumented
from em_testing.plays import play, task, tried
from em_testing.runner import Expectation, Run, Runner

AUDIT, BASELINE = "veeam_em_audit", "veeam_em_baseline"
NO_CONNECTION: dict[str, str | None] = {f"VEEAM_EM_{word}": None for word in ("HOST", "PORT", "USERNAME", "PASSWORD", "CA_PATH")}


def audit(runner: Runner, options: dict[str, Any] | None = None, **how: Any) -> Run:
    """Run one audit."""
    return runner.play(play(task("audit", AUDIT, options or {})), **how)


@pytest.fixture
def weak(simulator: Simulator) -> dict[str, str | None]:
    """The variables of an account that is no Portal Administrator."""
    return {"VEEAM_EM_USERNAME": "operator", "VEEAM_EM_PASSWORD": simulator.accounts["operator"]["password"]}


# ---------------------------------------------------------------------------------------------------------
# Live


@pytest.mark.every_line
@pytest.mark.parametrize("check", [False, True], ids=["normal", "check"])
def test_an_audit_reads_in_one_log_on_session_and_does_not_fail_by_what_it_finds(runner: Runner, tmp_path: Path, check: bool) -> None:
    options = {"report_folder": str(tmp_path), "formats": ["html", "json", "csv"], "evidence": str(tmp_path / "pack.tar.gz"), "findings": "all"}
    run = audit(runner, options, check=check)
    result = run.result("audit")
    assert run.counters["logons"] == run.counters["logouts"] == 1 and run.counters["writes"] == 0
    assert result["changed"] is True
    assert result["verdict"] == "fail" and result["counts"]["fail"] > 0 and result["counts"]["pass"] > 0 and result["counts"]["error"] == 0
    (server,) = result["servers"]
    assert server["sees_all"] is True and server["not_read"] == [] and server["verdict"] == "fail"
    assert Counter(one["status"] for one in result["findings"]) == {name: count for name, count in result["counts"].items() if isinstance(count, int) and count}
    files = sorted(path.name for path in tmp_path.iterdir())
    if check:
        assert files == [] and result["reports"] == [] and result["evidence"] is None
        return
    assert files == ["findings.csv", "findings.json", "pack.tar.gz", "report.html"]
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
    document = json.loads((tmp_path / "findings.json").read_bytes())
    assert document["summary"]["verdict"] == result["verdict"] and len(document["findings"]) == len(result["findings"])
    assert [report["format"] for report in result["reports"]] == ["html", "json", "csv"]
    assert "its digest is " + result["evidence"]["digest"] in run.stdout


def test_only_problems_come_back_and_no_more_than_wanted(runner: Runner) -> None:
    run = runner.play(
        play(
            task("problems", AUDIT),
            task("few", AUDIT, {"findings_limit": 3}),
            task("none", AUDIT, {"findings": "none"}),
            task("own", AUDIT, {"policy": {"extends": "baseline", "rules": {"C02": {"severity": "low", "parameters": {"rpo_hours": 100000}}}}}),
        )
    )
    problems = run.result("problems")
    assert "pass" not in {one["status"] for one in problems["findings"]} and not problems["findings_truncated"]
    order = [one["status"] for one in problems["findings"]]
    assert order == sorted(order, key=["error", "fail", "not_assessable", "waived"].index)
    assert run.result("few")["findings_truncated"] and len(run.result("few")["findings"]) == 3
    assert run.result("none")["findings"] == [] and run.result("none")["counts"] == problems["counts"]
    assert not [one for one in run.result("own")["findings"] if one["rule"] == "C02" and one["measured"]["hours"] is not None]


def test_a_waiver_covers_and_the_verdict_follows(runner: Runner, tmp_path: Path) -> None:
    first = audit(runner, {"policy": "baseline"}).result("audit")
    fail = next(one for one in first["findings"] if one["status"] == "fail" and one["rule"] == "C02")
    waiver = {
        "id": "W-1",
        "rules": ["C02"],
        "scope": {"names": [fail["object"]]},
        "reason": "It is switched off.",
        "owner": "Backup team",
        "approver": "Security",
        "ticket": "CHG-1",
        "expires": "2999-01-01",
    }
    path = tmp_path / "waivers.yml"
    path.write_text(yaml.safe_dump({"waivers": [waiver]}), encoding="utf-8")
    for given in (str(path), [waiver]):
        second = audit(runner, {"policy": "baseline", "waivers": given}).result("audit")
        assert second["counts"]["waived"] >= 1 and second["counts"]["fail"] < first["counts"]["fail"]
        covered = [one for one in second["findings"] if one["waiver"] == "W-1"]
        assert covered and {(one["status"], one["object"]) for one in covered} == {("waived", fail["object"])}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"policy": {"extends": "baseline", "rules": {"C02": {"parameters": {"rpo_hour": 4}}}}}, "rpo_hours"),
        ({"policy": "basline"}, "baseline"),
        ({"policy": "/nowhere/policy.yml"}, "nowhere"),
        ({"waivers": "/nowhere/waivers.yml"}, "nowhere"),
        ({"baseline": "/nowhere/baseline.yml"}, "option baseline could not be read"),
        ({"as_of": "yesterday"}, "as_of"),
        ({"reports": {"pdf": "/nowhere/x.pdf"}}, "There is no report of the format 'pdf'"),
        ({"reports": {"html": "/nowhere/x.html"}}, "does not exist"),
        ({"evidence": "/nowhere/pack"}, "does not exist"),
        ({"pack": "/nowhere/pack"}, "There is no evidence pack"),
        ({"servers": [{"host": "a.example.com"}, {"host": "a.example.com"}]}, "named twice"),
        ({"servers": [{"port": 9398}]}, "missing required arguments: host found in servers"),
        ({"servers": [{"host": "a.example.com"}], "pack": "/nowhere"}, "mutually exclusive"),
        ({"expected_digest": "00"}, "pack"),
        ({"findings": "some"}, "value of findings must be one of"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_sent(runner: Runner, options: dict[str, Any], message: str) -> None:
    run = runner.play(play(tried("audit", AUDIT, options)))
    assert message in run.failure("audit")["msg"]
    assert run.counters["total_requests"] == 0


def test_it_runs_in_the_controller_only(runner: Runner, tmp_path: Path) -> None:
    out = str(tmp_path / "r.json")
    on_another_host = task("elsewhere", AUDIT, {"reports": {"json": out}, "findings": "none"}, delegate_to="elsewhere")
    assert runner.play(play(on_another_host)).result("elsewhere")["changed"]
    assert Path(out).is_file()
    refused = runner.play(
        play(tried("audit", AUDIT), tried("baseline", BASELINE, {"path": out}), tried("check", "veeam_em_evidence_verify", {"path": out})), lane="module"
    )
    for name in ("audit", "baseline", "check"):
        assert "runs there only" in refused.failure(name)["msg"]
    late = runner.play(play(tried("audit", AUDIT, {}, **{"async": 30, "poll": 1})))
    assert "does not support async: it runs in the controller only" in late.failure("audit")["msg"]


# ---------------------------------------------------------------------------------------------------------
# What cannot be seen, and what is lost


def test_a_weak_account_passes_nothing_that_it_cannot_see(runner: Runner, weak: dict[str, str | None]) -> None:
    warned = Expectation(warnings=("kinds could not be read whole",))
    result = audit(runner, {"policy": ["baseline", "least_privilege"], "findings": "all"}, environ=weak, expect=warned).result("audit")
    (server,) = result["servers"]
    assert server["sees_all"] is False
    unseen = {entry["kind"]: entry["status"] for entry in server["not_read"]}
    assert unseen["security_accounts"] == "not_assessable" and set(unseen.values()) == {"not_assessable"}
    told = {one["rule"]: one["status"] for one in result["findings"] if one["rule"] in ("A01", "C32", "C33", "C34", "C36")}
    assert told == dict.fromkeys(("A01", "C32", "C33", "C34", "C36"), "not_assessable")
    assert result["counts"]["error"] == 0


@pytest.mark.parametrize("kind", ["reset", "truncate", "status"])
def test_what_is_lost_in_the_middle_is_an_error_and_never_a_pass(runner: Runner, kind: str) -> None:
    options = {"status": 500} if kind == "status" else {}
    runner.simulator.fault(kind, "GET", "^/query.*type=VmRestorePoint", **options)
    tolerant = Expectation(sessions_left=None, warnings=("could not be read whole",))
    result = audit(runner, {"policy": "baseline", "retries": 0, "findings": "all"}, expect=tolerant).result("audit")
    lost = [entry for entry in result["servers"][0]["not_read"] if entry["kind"] == "vm_restore_points"]
    assert [entry["status"] for entry in lost] == ["error"], result["servers"][0]["not_read"]
    assert {one["status"] for one in result["findings"] if one["rule"] == "C02"} == {"error"}
    assert result["verdict"] == "error"


def test_a_server_that_cannot_be_reached_at_all_is_a_failure(runner: Runner) -> None:
    run = runner.play(play(tried("audit", AUDIT, {"port": 1})))
    assert run.failure("audit")["error"]["kind"] == "connection"


# ---------------------------------------------------------------------------------------------------------
# Several servers


def server_of(simulator: Simulator, **changes: Any) -> dict[str, Any]:
    """Return an entry of the option servers; the password, which both simulators share, stands in no file."""
    return {
        "host": simulator.host,
        "port": simulator.port,
        "username": simulator.username,
        "password": "{{ lookup('ansible.builtin.env', 'EM_OF_BOTH') }}",
        "ca_path": str(simulator.ca_path),
        **changes,
    }


def test_several_servers_make_one_report_with_a_section_each(runner: Runner, second_simulator: Simulator, tmp_path: Path) -> None:
    second_simulator.reload()
    servers = [server_of(runner.simulator), server_of(second_simulator)]
    environ = {**NO_CONNECTION, "EM_OF_BOTH": runner.simulator.password, "ANSIBLE_INJECT_INVOCATION": "true"}
    evidence = tmp_path / "pack"
    run = audit(runner, {"servers": servers, "evidence": str(evidence), "reports": {"json": str(tmp_path / "a.json")}}, environ=environ)
    result = run.result("audit")
    assert {server["password"] for server in result["invocation"]["module_args"]["servers"]} == {"VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"}
    names = [f"{one.host}:{one.port}" for one in (runner.simulator, second_simulator)]
    assert [server["name"] for server in result["servers"]] == names
    assert result["counts"]["fail"] == sum(server["counts"]["fail"] for server in result["servers"])
    assert second_simulator.counters()["open_sessions"] == 0
    assert {path.name for path in (evidence / "servers").iterdir()} == {"1", "2"}
    again = runner.play(play(task("audit", AUDIT, {"pack": str(evidence), "reports": {"json": str(tmp_path / "b.json")}})), environ=NO_CONNECTION)
    assert again.result("audit")["counts"] == result["counts"]
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def test_one_of_several_servers_that_is_gone_stops_nothing(runner: Runner) -> None:
    servers = [server_of(runner.simulator), server_of(runner.simulator, port=1)]
    warned = Expectation(warnings=(":1 could not be read",))
    environ = {**NO_CONNECTION, "EM_OF_BOTH": runner.simulator.password}
    result = audit(runner, {"servers": servers, "findings": "all"}, environ=environ, expect=warned).result("audit")
    whole, gone = result["servers"]
    assert whole["counts"]["error"] == 0 and whole["counts"]["pass"] > 0
    assert gone["verdict"] == result["verdict"] == "error"
    assert not [one for one in result["findings"] if one["server"] == gone["name"] and one["status"] == "pass"]


# ---------------------------------------------------------------------------------------------------------
# The baseline


@pytest.mark.every_line
@pytest.mark.parametrize("name", ["baseline.yml", "baseline.json"])
def test_a_baseline_is_taken_once_and_compared(runner: Runner, tmp_path: Path, name: str) -> None:
    path = str(tmp_path / name)
    take, compare = {"state": "taken", "path": path}, {"path": path}
    predicted = runner.play(play(task("take", BASELINE, take)), check=True)
    assert predicted.result("take")["changed"] and not Path(path).exists()
    run = runner.play(play(task("take", BASELINE, take), task("again", BASELINE, take), task("compare", BASELINE, compare)))
    assert run.result("take")["changed"] and not run.result("again")["changed"] and not run.result("compare")["changed"]
    assert not run.result("compare")["drifted"] and run.result("compare")["sha256"] == run.result("take")["sha256"]
    assert run.result("take")["taken_at"] == run.result("again")["taken_at"]
    assert runner.simulator.password not in Path(path).read_text(encoding="utf-8")


def test_what_changed_is_told_and_shown(runner: Runner, tmp_path: Path) -> None:
    path = tmp_path / "baseline.yml"
    runner.play(play(task("take", BASELINE, {"state": "taken", "path": str(path)})))
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    ((_server, configuration),) = document["configurations"].items()
    jobs = configuration["items"]["jobs"]
    key = next(iter(jobs))
    jobs[key]["schedule_enabled"] = not jobs[key].get("schedule_enabled")
    path.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), encoding="utf-8")
    warned = Expectation(warnings=("was changed by hand",))
    run = runner.play(
        play(task("compare", BASELINE, {"path": str(path)}), task("ignored", BASELINE, {"path": str(path), "ignored": ["jobs.schedule_enabled"]})),
        "--diff",
        expect=warned,
    )
    (change,) = run.result("compare")["changes"]
    assert (change["kind"], change["key"], change["field"], change["what"]) == ("jobs", key, "schedule_enabled", "changed")
    assert change["after"] is not change["before"]
    assert "schedule_enabled" in run.stdout and "+++ after: now" in run.stdout
    assert not run.result("ignored")["drifted"]
    audited = audit(runner, {"baseline": str(path), "policy": {"extends": "baseline", "rules": {"C40": True}}}, expect=warned).result("audit")
    assert [one["object"] for one in audited["findings"] if one["rule"] == "C40" and one["status"] == "fail"] == [change["name"]]


def test_what_a_weak_account_cannot_read_does_not_look_removed(runner: Runner, tmp_path: Path, weak: dict[str, str | None]) -> None:
    path = str(tmp_path / "baseline.yml")
    runner.play(play(task("take", BASELINE, {"state": "taken", "path": path})))
    result = runner.play(play(task("compare", BASELINE, {"path": path})), environ=weak, expect=Expectation(warnings=("kinds could not be read",))).result(
        "compare"
    )
    assert "security_accounts" in {entry["kind"] for entry in result["not_read"]}
    assert not [change for change in result["changes"] if change["kind"] == "security_accounts"]


# ---------------------------------------------------------------------------------------------------------
# Documentation


def test_results_and_options_are_what_is_documented(runner: Runner, tmp_path: Path, weak: dict[str, str | None]) -> None:
    known = documented(runner.commands, runner.plain_environ(), [AUDIT, BASELINE, "veeam_em_evidence_verify"])
    pack, base = str(tmp_path / "pack"), str(tmp_path / "baseline.yml")
    strong = runner.play(
        play(
            task("audit", AUDIT, {"evidence": pack, "report_folder": str(tmp_path), "findings": "all"}),
            task("verify", "veeam_em_evidence_verify", {"path": pack}),
            task("take", BASELINE, {"path": base, "state": "taken"}),
        ),
        environ={"ANSIBLE_INJECT_INVOCATION": "true"},
    )
    other = runner.play(
        play(
            task("audit", AUDIT, {"policy": "least_privilege"}),
            task("compare", BASELINE, {"path": base}),
            tried("wrong", AUDIT, {"policy": "basline"}),
            tried("touched", "veeam_em_evidence_verify", {"path": pack, "expected_digest": "00"}),
            task("told", "veeam_em_evidence_verify", {"path": pack, "expected_digest": "00", "fail_on_touched": False}),
        ),
        environ=weak,
        expect=Expectation(warnings=("kinds could not be read",)),
    )
    results = {
        AUDIT: [strong.result("audit"), other.result("audit")],
        BASELINE: [strong.result("take"), other.result("compare")],
        "veeam_em_evidence_verify": [strong.result("verify"), other.result("told")],
    }
    for module, came in results.items():
        returned = known[module]["return"]
        shown = [{name: value for name, value in one.items() if name != "invocation"} for one in came]
        assert not [line for one in shown for line in undocumented(returned, one)], module
        # Nothing changes in an estate that stands still.
        assert not [line for line in missing(returned, shown) if not line.startswith("changes.")], module
        assert set(came[0]["invocation"]["module_args"]) == set(known[module]["doc"]["options"]), module
    assert not undocumented(known[AUDIT]["return"], {name: value for name, value in other.failure("wrong").items() if name not in ("invocation", "exception")})
    touched = other.failure("touched")
    assert touched["intact"] is False and touched["touched"][0]["path"] == "manifest.json"
