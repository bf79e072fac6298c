# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A whole estate by one task: one log-on and one log-out, nothing written to the server, a file that is whole or not there."""

from __future__ import annotations

import gzip
import json
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from em_testing.documentation import documented, missing, undocumented
from em_testing.endings import CLOSED_WITHIN, STOPPED, everybody_of, is_closed, kill, until
from em_testing.plays import play, task, tried
from em_testing.runner import LANES, Expectation, Run, Runner, Started

ESTATE = "veeam_em_estate_info"
ROOT = Path(__file__).resolve().parents[2]
OLD = b"the file of yesterday\n"
SOME = ["job", "backup_session", "repositories"]
Records = list[dict[str, Any]]


def read(runner: Runner, options: dict[str, Any], lane: str = "auto", check: bool = False, expect: Expectation | None = None) -> Run:
    """Run one task that reads an estate."""
    return runner.play(play(task("read", ESTATE, options)), lane=lane, check=check, expect=expect or Expectation())


def lines_of(path: Path) -> dict[str, Records]:
    """Return the records of a file by kind."""
    data = path.read_bytes()
    found: dict[str, Records] = {}
    for line in (gzip.decompress(data) if path.suffix == ".gz" else data).splitlines():
        parsed = json.loads(line)
        assert set(parsed) == {"kind", "record"}
        found.setdefault(parsed["kind"], []).append(parsed["record"])
    return found


def by_id(records: Records) -> Records:
    return sorted(records, key=lambda record: json.dumps(record, sort_keys=True))


def parts(folder: Path) -> list[Path]:
    """Return the unfinished files in a folder."""
    return [path for path in folder.iterdir() if path.name.endswith(".part")]


# ---------------------------------------------------------------------------------------------------------
# Reading


@pytest.mark.every_line
@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize("check", [False, True], ids=["normal", "check"])
def test_everything_there_is_in_one_log_on_session(runner: Runner, lane: str, check: bool) -> None:
    run = read(runner, {}, lane, check)
    result = run.result("read")
    assert not result["changed"] and result["followed"] is None
    assert run.counters["logons"] == run.counters["logouts"] == 1 and run.counters["writes"] == 0
    assert [entry["kind"] for entry in result["subsets"]] == list(result["estate"])
    assert not [entry for entry in result["subsets"] if entry["error"] or entry["truncated"]]
    for entry in result["subsets"]:
        assert len(result["estate"][entry["kind"]]) == entry["records"], entry
        assert entry["requests"] == 1, entry
    assert result["total"] == sum(map(len, result["estate"].values())) > 300
    # The requests of the kinds, the list of versions, log-on and log-out.
    assert run.counters["total_requests"] == len(result["subsets"]) + 3
    empty = [kind for kind, records in result["estate"].items() if not records]
    assert not empty, "the simulator shows nothing of these, so that reading them proves nothing"


def test_the_records_are_those_of_the_info_modules(runner: Runner) -> None:
    run = runner.play(
        play(
            task("estate", ESTATE, {"subset": SOME, "links": True}),
            task("jobs", "veeam_em_job_info", {"links": True}),
            task("repositories", "veeam_em_repository_info", {"links": True}),
            task("backup_sessions", "veeam_em_backup_session_info", {"links": True}),
        )
    )
    estate = run.result("estate")["estate"]
    assert list(estate) == ["jobs", "backup_sessions", "repositories"]
    for kind, records in estate.items():
        assert records == run.result(kind)[kind]


@pytest.mark.parametrize("profile", ["9.5u4", "13"])
def test_all_generations_and_formats_give_the_same(runner: Runner, profile: str) -> None:
    simulator = runner.simulator
    subset = [*SOME, "sessions", "backups", "!vapp_restore_points"]
    ways = []
    for generation, wire_format in (("12", "json"), (profile, "json"), (profile, "xml")):
        simulator.profile(generation)
        ways.append(read(runner, {"subset": subset, "wire_format": wire_format}).result("read")["estate"])
    first = ways[0]
    assert set(map(len, first.values())) != {0}
    for kind, records in ways[1].items():
        # The old server knows nothing of file shares and CDP, and so has fewer sessions.
        assert records and {record["id"] for record in records} <= {record["id"] for record in first[kind]}
    assert ways[1] == ways[2]


def test_pages_since_limit_and_fields(runner: Runner) -> None:
    runner.simulator.settings(max_page_size=10)
    run = runner.play(
        play(
            task("pages", ESTATE, {"subset": ["backup_task_sessions"]}),
            task("since", ESTATE, {"subset": ["sessions", "job"], "since": "-24h"}),
            task("limit", ESTATE, {"subset": SOME, "limit": 13, "fields": {"backup_sessions": ["result"]}}),
            task("none", ESTATE, {"subset": ["backup_sessions"], "since": "2100-01-01"}),
        )
    )
    pages = run.result("pages")
    names = [record["id"] for record in pages["estate"]["backup_task_sessions"]]
    assert len(names) == len(set(names)) > 50
    assert pages["subsets"][0]["requests"] == -(-len(names) // 10)
    recent = run.result("since")["estate"]
    assert 0 < len(recent["backup_task_sessions"]) < len(names) and recent["jobs"]
    limited = run.result("limit")
    assert [len(limited["estate"][entry["kind"]]) for entry in limited["subsets"]] == [13, 13, 3]
    assert [entry["truncated"] for entry in limited["subsets"]] == [False, True, False]
    assert {frozenset(record) for record in limited["estate"]["backup_sessions"]} == {frozenset(("id", "uid", "type", "result"))}
    assert run.result("none")["estate"] == {"backup_sessions": []}
    runner.simulator.settings(max_page_size=1_000_000)


def test_references_are_followed_and_what_lies_below_is_read_when_named(runner: Runner) -> None:
    run = runner.play(
        play(
            task("expand", ESTATE, {"subset": ["vm_restore_points", "managed_servers"], "expand": 3}),
            task("below", ESTATE, {"subset": ["security_account_roles", "system_session_events"]}),
        )
    )
    expanded = run.result("expand")
    point = expanded["estate"]["vm_restore_points"][0]
    repository = point["restore_point"]["record"]["backup"]["record"]["repository"]
    assert repository["record"] is not None and repository["record"]["name"] == repository["name"]
    assert expanded["followed"]["missing"] == 0 and expanded["followed"]["records"] > 0
    assert expanded["followed"]["requests"] < expanded["followed"]["records"]
    below = run.result("below")["estate"]
    assert below["security_account_roles"] and below["system_session_events"]
    assert all(record["security_account"]["name"] for record in below["security_account_roles"])


def test_a_shared_log_on_session_stays_open(runner: Runner) -> None:
    run = runner.play(
        play(
            task("log on", "veeam_em_session", register="logon"),
            task("read", ESTATE, {"subset": SOME, "session": "{{ logon.session }}"}),
            task("read again", ESTATE, {"subset": SOME, "session": "{{ logon.session }}"}),
            task("log off", "veeam_em_session", {"state": "absent", "session": "{{ logon.session }}"}),
        )
    )
    assert run.counters["logons"] == run.counters["logouts"] == 1
    assert run.result("read")["estate"] == run.result("read again")["estate"]


@pytest.mark.parametrize("lane", LANES)
def test_a_log_on_session_that_ends_in_the_middle_is_replaced_once(runner: Runner, lane: str) -> None:
    runner.simulator.fault("status", "GET", "^/query", after=20, count=1, status=401)
    run = read(runner, {"workers": 8}, lane, expect=Expectation(sessions_left=1))  # the one that was taken for dead
    assert not [entry for entry in run.result("read")["subsets"] if entry["error"]]
    assert run.counters["logons"] == 2 and run.counters["logouts"] == 1


# ---------------------------------------------------------------------------------------------------------
# Into a file


@pytest.mark.every_line
@pytest.mark.parametrize("lane", LANES)
def test_a_file_holds_what_the_result_would(runner: Runner, lane: str, tmp_path: Path) -> None:
    plain, packed = tmp_path / "estate.jsonl", tmp_path / "estate.jsonl.gz"
    plain.write_bytes(OLD)
    plain.chmod(0o644)
    run = runner.play(
        play(
            task("result", ESTATE, {"expand": 1}),
            task("file", ESTATE, {"expand": 1, "dest": str(plain)}),
            task("gzip", ESTATE, {"expand": 1, "dest": str(packed), "compress": "gzip"}),
        ),
        lane=lane,
    )
    wanted = {kind: by_id(records) for kind, records in run.result("result")["estate"].items() if records}
    for name, path in (("file", plain), ("gzip", packed)):
        result = run.result(name)
        assert result["changed"] and "estate" not in result
        assert result["file"] == {"path": str(path), "size": path.stat().st_size}
        assert path.stat().st_mode & 0o777 == 0o600
        assert {kind: by_id(records) for kind, records in lines_of(path).items()} == wanted
        assert result["total"] == sum(map(len, wanted.values()))
    assert packed.stat().st_size < plain.stat().st_size / 4
    assert not parts(tmp_path)
    assert run.counters["logons"] == run.counters["logouts"] == 3 and run.counters["writes"] == 0


@pytest.mark.every_line
@pytest.mark.parametrize("lane", LANES)
def test_check_mode_reads_the_same_and_writes_no_file(runner: Runner, lane: str, tmp_path: Path) -> None:
    path = tmp_path / "estate.jsonl"
    run = read(runner, {"dest": str(path), "subset": SOME}, lane, check=True)
    result = run.result("read")
    assert result["changed"] and result["file"] == {"path": str(path), "size": None}
    assert result["msg"] == f"{result['total']} records would be written to {path}."
    assert [entry["records"] for entry in result["subsets"]] == [13, 27, 3]
    assert not list(tmp_path.iterdir())


# ---------------------------------------------------------------------------------------------------------
# Bad input and bad weather


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "unknown kind": ({"subset": ["jbos"]}, r"no kind or family 'jbos'. Did you mean jobs"),
    "kind of another module": ({"subset": ["logon_sessions"]}, r"as good as their tokens: use veeam_em_logon_session_info"),
    "nothing left": ({"subset": ["nas", "!nas"]}, r"leaves nothing to read"),
    "unknown field": ({"fields": {"jobs": ["nmae"]}}, r"no field 'nmae'. Did you mean name"),
    "field of no kind": ({"subset": ["jobs"], "fields": ["free_space"]}, r"no field 'free_space'"),
    "no time": ({"since": "yesterday"}, r"'yesterday' is not a time for since"),
    "too deep": ({"expand": 9}, r"expand is 9"),
    "too many": ({"workers": 100}, r"workers is 100"),
    "limit": ({"limit": 0}, r"The limit is 0"),
    "folder missing": ({"dest": "{{ folder }}/missing/estate.jsonl"}, r"missing does not exist"),
    "a folder": ({"dest": "{{ folder }}"}, r"is a folder"),
    "not writable": ({"dest": "/proc/estate.jsonl"}, r"/proc/estate.jsonl could not be written|folder /proc is not writable"),
    "compress alone": ({"compress": "gzip"}, r"dest is not"),
}


@pytest.mark.parametrize("lane", LANES)
def test_bad_input_is_refused_before_anything_is_sent(runner: Runner, lane: str, tmp_path: Path) -> None:
    run = runner.play(play(*(tried(name, ESTATE, options) for name, (options, _told) in BAD.items())), "-e", f"folder={tmp_path}", lane=lane)
    for name, (_options, told) in BAD.items():
        failed = run.failure(name)
        assert re.search(told, failed["msg"]), (name, failed["msg"])
        assert failed["error"]["kind"] in ("option", "filter", "file"), name
        assert not failed.get("changed")
    assert run.counters["total_requests"] == 0
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("lane", LANES)
def test_one_failing_subset_is_reported_and_the_others_are_read(runner: Runner, lane: str, tmp_path: Path) -> None:
    simulator = runner.simulator
    simulator.fault("status", "GET", "type=Repository&", status=500, message="the database is away", count=0)
    simulator.fault("truncate", "GET", "type=RestoreSession&", count=0)
    told = r"2 of 4 kinds could not be read whole\. "
    path = tmp_path / "estate.jsonl"
    run = read(runner, {"subset": [*SOME, "restore_session"], "retries": 0, "dest": str(path)}, lane, expect=Expectation(warnings=(told,)))
    result = run.result("read")
    reports = {entry["kind"]: entry for entry in result["subsets"]}
    assert [kind for kind, entry in reports.items() if entry["error"]] == ["restore_sessions", "repositories"]
    assert reports["repositories"]["error"]["status"] == 500 and reports["repositories"]["error"]["server_message"] == "the database is away"
    assert reports["restore_sessions"]["error"]["kind"] == "connection"
    assert all(entry["truncated"] == bool(entry["error"]) for entry in result["subsets"])
    assert len(run.outcome("read").result["warnings"]) == 1
    assert {kind: len(records) for kind, records in lines_of(path).items()} == {"jobs": 13, "backup_sessions": 27}


def test_a_weak_role_gets_what_it_may_see(runner: Runner) -> None:
    simulator = runner.simulator
    name = next(name for name, account in simulator.accounts.items() if account["role"] == "Portal User")
    password = simulator.accounts[name]["password"]
    run = runner.play(
        play(task("read", ESTATE)),
        environ={"VEEAM_EM_USERNAME": name, "VEEAM_EM_PASSWORD": password},
        expect=Expectation(warnings=(r"kinds could not be read whole",), secrets=(password,)),
    )
    result = run.result("read")
    refused = {entry["kind"] for entry in result["subsets"] if entry["error"]}
    assert {entry["error"]["status"] for entry in result["subsets"] if entry["error"]} == {403}
    assert "security_accounts" in refused and "backup_sessions" not in refused
    assert all(not result["estate"][kind] for kind in refused)


@pytest.mark.parametrize("lane", LANES)
def test_when_nothing_can_be_read_the_task_fails_and_the_old_file_stays(runner: Runner, lane: str, tmp_path: Path) -> None:
    path = tmp_path / "estate.jsonl"
    path.write_bytes(OLD)
    runner.simulator.fault("status", "GET", "^/(query|jobs|reports)", status=500, count=0)
    run = runner.play(play(tried("read", ESTATE, {"subset": ["jobs", "reports"], "dest": str(path)})), lane=lane)
    failed = run.failure("read")
    assert failed["msg"].startswith("None of the 7 kinds could be read. The first, jobs: ")
    assert {entry["error"]["status"] for entry in failed["subsets"]} == {500}
    assert path.read_bytes() == OLD and not parts(tmp_path)


def limited_python(folder: Path, python: Path) -> Path:
    """Return an interpreter whose files may not grow beyond some hundred kilobytes, which the kernel refuses as it refuses a full disk."""
    script = folder / "python-with-limit"
    script.write_text(f'#!/bin/sh\nulimit -f 1000\nexec {python} "$@"\n', encoding="utf-8")
    script.chmod(0o755)
    return script


@pytest.mark.parametrize("expand", [0, 3], ids=["streamed", "expanded"])
def test_a_full_disk_in_mid_write_leaves_no_half_file(runner: Runner, tmp_path: Path, expand: int) -> None:
    path = tmp_path / "estate.jsonl"
    path.write_bytes(OLD)
    interpreter = {"ansible_python_interpreter": str(limited_python(tmp_path, runner.commands / "python"))}
    options = {"dest": str(path), "expand": expand, "links": True}
    run = runner.play(play(tried("read", ESTATE, options, vars=interpreter), task("enough room", ESTATE, options)), lane="module")
    failed = run.failure("read")
    assert failed["error"]["kind"] == "file"
    assert f"The file {path} could not be written: File too large." in failed["msg"]
    assert run.counters["logons"] == run.counters["logouts"] == 2
    assert run.result("enough room")["file"]["size"] > 1024 * 1000, "the estate is too small to meet the limit"
    assert not parts(tmp_path)


def test_a_full_disk_keeps_the_file_of_yesterday(runner: Runner, tmp_path: Path) -> None:
    path = tmp_path / "estate.jsonl"
    path.write_bytes(OLD)
    interpreter = {"ansible_python_interpreter": str(limited_python(tmp_path, runner.commands / "python"))}
    runner.play(play(tried("read", ESTATE, {"dest": str(path), "links": True, "expand": 3}, vars=interpreter)), lane="module")
    assert path.read_bytes() == OLD and not parts(tmp_path)


# ---------------------------------------------------------------------------------------------------------
# Interrupts


ENDINGS: dict[str, Callable[[Started], None]] = {
    "SIGINT to the group": lambda started: started.signal_group(signal.SIGINT),
    "SIGTERM to the command": lambda started: started.signal(signal.SIGTERM),
    "SIGKILL to the command": lambda started: started.signal(signal.SIGKILL),
}


@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize("ending", ENDINGS)
def test_an_interrupt_ends_all_threads_logs_out_and_leaves_no_half_file(runner: Runner, lane: str, ending: str, tmp_path: Path) -> None:
    simulator = runner.simulator
    simulator.fault("latency", "GET", "^/", seconds=1, count=0)
    path = tmp_path / "estate.jsonl"
    path.write_bytes(OLD)
    started = runner.start(play(task("read", ESTATE, {"dest": str(path), "workers": 8})), lane=lane)
    try:
        until(lambda: len([item for item in simulator.log() if item["path"].startswith("/query")]) >= 8, 60, "the reading is under way")
        assert simulator.counters()["open_sessions"] == 1 and len(parts(tmp_path)) == 1
        ENDINGS[ending](started)
        started.process.wait(30)
        until(lambda: is_closed(simulator), CLOSED_WITHIN, "the log-on session is closed")
        until(lambda: not everybody_of(started), CLOSED_WITHIN, "every process of the run has ended")
    finally:
        kill(everybody_of(started))
    run = started.finish(STOPPED)
    assert run.code != 0
    assert run.counters["logons"] == run.counters["logouts"] == 1
    assert path.read_bytes() == OLD and not parts(tmp_path)


# ---------------------------------------------------------------------------------------------------------
# Documentation


def examples() -> list[dict[str, Any]]:
    """Return the examples of the module, for whatever server the environment names."""
    text = (ROOT / "plugins" / "modules" / f"{ESTATE}.py").read_text(encoding="utf-8")
    steps: list[dict[str, Any]] = yaml.safe_load(text.split('EXAMPLES = r"""')[1].split('"""')[0])
    for step in steps:
        step.get(f"openbackup.veeam_em.{ESTATE}", {}).pop("host", None)
    return steps


@pytest.mark.parametrize("lane", LANES)
def test_the_examples_run_and_results_are_what_is_documented(runner: Runner, lane: str) -> None:
    run = runner.play(play(*examples()), lane=lane)
    returned = documented(runner.commands, runner.plain_environ(), [ESTATE])[ESTATE]["return"]
    results = [outcome.result for outcome in run.outcomes if outcome.action.endswith(ESTATE)]
    assert len(results) == 3
    assert not [line for result in results for line in undocumented(returned, result)]
    assert not [line for line in missing(returned, results) if not line.startswith("subsets.error")]
    assert lines_of(run.folder / "home" / "estate.jsonl.gz")["jobs"]
