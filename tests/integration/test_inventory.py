# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory of protected machines as people run it: groups, variables, cache, names that would do harm, and what is said when it fails."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from em_simulator.control import Simulator
from em_testing.commands import ONLY_THIS_PLUGIN, UNSAFE, Listing, inventory_file, listed, run_command, start_command
from em_testing.plays import play, task
from em_testing.runner import Expectation, Runner
from em_testing.weather import closed_port

# Of the demo estate, by hand from its file.
UNPROTECTED = {"srv-test-01", "srv-test-02", "сервер-01", "branch-01.example.com", "kiosk-01.example.com", "notebook-01.example.com", "notebook-02.example.com"}
SQL = {"srv-sql-01", "srv-sql-02", "srv-sql-03", "srv-sql-04"}
EVERY_VARIABLE = {
    *("machine_name", "machine_kind", "platform", "ip_address", "uids", "backup_servers", "jobs", "repositories", "newest_restore_point"),
    *("restore_point_age_hours", "last_run_time", "last_result", "last_reason", "protection", "rpo_limit_hours", "rpo_breached"),
}


def looked_once(listing: Listing) -> None:
    """One log-on, one log-out, nothing written."""
    counters = listing.run.counters
    assert (counters["logons"], counters["logouts"], counters["open_sessions"], counters["writes"]) == (1, 1, 0, 0)


@pytest.mark.every_line
def test_machines_become_hosts_with_variables_in_groups(runner: Runner, tmp_path: Path) -> None:
    listing = listed(runner, inventory_file(tmp_path, rpo_hours=20, rpo_hours_by_job={"file server*": 0.1}))
    looked_once(listing)
    assert listing.hosts("unprotected") == UNPROTECTED
    assert listing.hosts("protected") >= SQL | {"srv-web-01", "srv-web-02", "srv-app-01", "srv-phys-01.example.com"}
    assert "srv-web-03" in listing.hosts("protection_unknown")
    in_one = [listing.hosts(group) for group in ("protected", "unprotected", "protection_unknown")]
    assert sum(map(len, in_one)) == len(listing.all_hosts) == len(set().union(*in_one))
    assert listing.hosts("job_SQL_Server_Backup") == SQL
    assert listing.hosts("job_Exchange_Backup") == {"srv-ex-01", "srv-ex-11"}
    assert listing.hosts("repository_DR_Volume") == {"srv-sql-01", "srv-sql-02"}
    assert {"srv-ex-11", "сервер-01"} <= listing.hosts("backup_server_vbr02_example_com")
    assert listing.hosts("result_failed") == {"srv-sql-02", "srv-dc-02", "srv-ex-11", "db-linux-01.example.com"}
    breached = listing.hosts("rpo_breached")
    assert breached >= {"srv-sql-02", "srv-ex-11", "srv-file-01", "srv-web-03"} and not breached & {"srv-sql-01", "srv-test-01", "srv-dc-01"}
    told = listing.shown["srv-sql-02"]
    assert set(told) == EVERY_VARIABLE
    assert (told["machine_name"], told["last_result"], told["protection"], told["rpo_breached"]) == ("srv-sql-02", "Failed", "protected", True)
    assert 20 < told["restore_point_age_hours"] < 21 and told["newest_restore_point"].endswith("Z")
    assert listing.variables["srv-file-01"]["rpo_limit_hours"] == 0.1


@pytest.fixture
def marker(simulator: Simulator, tmp_path: Path) -> Iterator[Path]:
    """A file that an estate of harmful names would write if anybody took one for a template."""
    path = tmp_path / "harm-was-done"
    simulator.reload(estate=harmful_estate(tmp_path, "{{ lookup('ansible.builtin.pipe', 'touch %s') }}" % path))
    yield path
    simulator.reload(estate="demo")


def harmful_estate(tmp_path: Path, harm: str) -> str:
    """Return the path of an estate with this text in every name and reason."""
    estate = {
        "backup_servers": [{"name": "vbr01.example.com"}, {"name": "vbr02.example.com"}],
        "machines": [{"name": harm + " free"}],
        "repositories": [{"name": harm + " store", "Kind": "WindowsLocal"}, {"name": "Second", "Kind": "WindowsLocal", "backup_server": "vbr02.example.com"}],
        "jobs": [
            {
                "name": harm + " job",
                "machines": [{"name": harm}, {"name": "srv-01"}],
                "history": [{"hours_ago": 2, "minutes": 5, "outcome": {"srv-01": {"result": "Failed", "reason": harm}}}],
            },
            {"name": "Other", "backup_server": "vbr02.example.com", "machines": [{"name": "SRV-01"}], "history": [{"hours_ago": 3, "minutes": 5}]},
        ],
    }
    path = tmp_path / "harmful.yml"
    path.write_text(yaml.safe_dump(estate, allow_unicode=True), encoding="utf-8")
    return str(path)


@pytest.mark.every_line
def test_names_that_are_templates_run_nothing_and_equal_names_stay_apart(runner: Runner, marker: Path, tmp_path: Path) -> None:
    source = inventory_file(tmp_path, keyed_groups=[{"key": "machine_name", "prefix": "named"}], compose={"copied": "last_reason"})
    shown = "{{ [inventory_hostname, machine_name, jobs, repositories, last_reason, copied] }}"
    everything = task("show", "ansible.builtin.debug", {"msg": shown})
    run = runner.play(play(everything, hosts="all:!localhost:!elsewhere", connection="local"), "-i", str(source))
    assert not marker.exists()
    results = {outcome.host: outcome.result["msg"] for outcome in run.outcomes}
    looked_at = listed(runner, source).shown["srv-01@vbr01.example.com"]
    assert set(looked_at["last_reason"]) == {UNSAFE} and looked_at["machine_name"] == "srv-01"
    assert not marker.exists()
    assert {"srv-01@vbr01.example.com", "SRV-01@vbr02.example.com"} <= set(results) and len(results) == 4
    name, called, jobs, stores, reason, copied = results["srv-01@vbr01.example.com"]
    assert (name, called) == ("srv-01@vbr01.example.com", "srv-01")
    assert jobs[0].startswith("{{ lookup") and stores[0].startswith("{{ lookup") and reason.startswith("{{ lookup") and copied == reason
    assert [host for host in results if results[host][1].startswith("{{ lookup")]
    assert not [host for host in results if set(host) & set("{}'(),: ")]


def test_the_second_look_comes_from_the_cache_and_ages_go_on(runner: Runner, simulator: Simulator, tmp_path: Path) -> None:
    cache: dict[str, Any] = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(tmp_path / "cache")}
    first = listed(runner, inventory_file(tmp_path, rpo_hours=20, **cache))
    looked_once(first)
    second = listed(runner, inventory_file(tmp_path, rpo_hours=3, **cache))
    assert second.run.counters["total_requests"] == 0
    assert second.all_hosts == first.all_hosts
    assert second.hosts("rpo_breached") > first.hosts("rpo_breached"), "limits are judged anew"
    assert second.variables["srv-sql-01"]["newest_restore_point"] == first.variables["srv-sql-01"]["newest_restore_point"]
    other = listed(runner, inventory_file(tmp_path, agents=False, **cache))
    assert other.run.counters["logons"] == 1, "what was kept for another scope is not taken"
    refreshed = run_command(runner, "ansible-inventory", "-i", str(inventory_file(tmp_path, rpo_hours=20, **cache)), "--list", "--flush-cache")
    assert refreshed.counters["logons"] == 1


def test_names_prefixes_and_groups_are_for_the_user_to_choose(runner: Runner, tmp_path: Path) -> None:
    source = inventory_file(
        tmp_path,
        hostname="qualified",
        group_by=[],
        group_prefix="em_",
        variable_prefix="em_",
        only_jobs=["*sql*", "File Server Backup"],
        exclude_jobs=["copy to dr"],
        compose={"ansible_host": "em_machine_name ~ '.example.com'"},
        groups={"stale": "em_restore_point_age_hours > 2"},
        keyed_groups=[{"key": "em_platform", "prefix": "platform"}],
    )
    listing = listed(runner, source)
    hosts = {f"{name}@vbr01.example.com" for name in ("srv-sql-03", "srv-sql-04", "srv-file-01", "srv-file-02")}
    assert listing.all_hosts == hosts == listing.hosts("em_protected")
    assert listing.hosts("stale") == {"srv-sql-03@vbr01.example.com", "srv-sql-04@vbr01.example.com"}
    assert listing.hosts("platform_HyperV") == {"srv-file-01@vbr01.example.com", "srv-file-02@vbr01.example.com"}
    assert not [group for group in listing.groups if group.startswith(("job_", "result_", "rpo_", "em_rpo"))]
    assert listing.variables["srv-sql-03@vbr01.example.com"]["ansible_host"] == "srv-sql-03.example.com"
    assert listing.variables["srv-sql-03@vbr01.example.com"]["em_rpo_breached"] is None


def test_a_play_takes_what_nothing_protects(runner: Runner, tmp_path: Path) -> None:
    shown = task("say", "ansible.builtin.debug", {"msg": "{{ machine_name }} on {{ backup_servers | join }} is {{ protection }}"})
    # The empty group is there, so that a play over it is no warning.
    nothing = task("nothing", "ansible.builtin.fail", {"msg": "no host is here"})
    plays = play(shown, hosts="unprotected", connection="local") + play(nothing, hosts="protection_unknown", connection="local")
    run = runner.play(plays, "-i", str(inventory_file(tmp_path, only_jobs=["Branch*", "SQL*"])))
    assert {outcome.host for outcome in run.outcomes if outcome.task == "say"} == {"branch-01.example.com"}


def test_a_weak_role_sees_what_it_may(runner: Runner, simulator: Simulator, tmp_path: Path) -> None:
    secret = simulator.accounts["operator"]["password"]
    environ = {"VEEAM_EM_USERNAME": "operator", "VEEAM_EM_PASSWORD": secret}
    expected = Expectation(warnings=(r"The account may not read .*hierarchy items.*Portal Administrator",), secrets=(secret,))
    listing = listed(runner, inventory_file(tmp_path), environ=environ, expect=expected)
    looked_once(listing)
    assert listing.hosts("protected") >= SQL and listing.hosts("unprotected") == set()
    assert {"srv-web-01", "сервер-01"} <= listing.hosts("protection_unknown")


def test_options_may_be_templates_and_empty_variables_are_none(runner: Runner, simulator: Simulator, tmp_path: Path) -> None:
    given = {"username": "{{ lookup('ansible.builtin.env', 'EM_USER') }}", "password": "{{ lookup('ansible.builtin.env', 'EM_SECRET') }}"}
    environ = {"VEEAM_EM_USERNAME": None, "VEEAM_EM_PASSWORD": None, "VEEAM_EM_TIMEOUT": "", "VEEAM_EM_RETRIES": "", "VEEAM_EM_SESSION": ""}
    own = {"EM_USER": simulator.username, "EM_SECRET": simulator.password}
    listing = listed(runner, inventory_file(tmp_path, agents=False, hierarchy=False, **given), environ={**environ, **own})
    assert listing.hosts("protected") >= SQL


REFUSALS: dict[str, tuple[dict[str, Any], dict[str, str | None], str]] = {
    "wrong password": ({"password": "not it"}, {}, "did not accept the user name or password"),
    "no host": ({}, {"VEEAM_EM_HOST": None}, "No Enterprise Manager is named"),
    "unknown option": ({"rpo_hour": 4}, {}, "There is no option 'rpo_hour'. Did you mean rpo_hours"),
    "limit beyond the look back": ({"rpo_hours": 400}, {}, "rpo_hours is 400 hours, and restore points that old are not looked for. Set lookback_days"),
    "limit that is none": ({"rpo_hours_by_job": {"SQL *": "soon"}}, {}, "rpo_hours_by_job of 'SQL *' is 'soon'. Give hours"),
    "no time to look back": ({"lookback_days": -1}, {}, "lookback_days is -1"),
    "unknown host": ({"hierarchy_hosts": ["vc-x"]}, {}, "No virtualization host is called vc-x. Known hosts: hyperv-vbr01"),
}


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_source_that_cannot_work_is_refused_in_a_sentence(runner: Runner, tmp_path: Path, refusal: str) -> None:
    options, environ, sentence = REFUSALS[refusal]
    refused = Expectation(code=None, tolerated=(r".*",))
    run = run_command(
        runner, "ansible-inventory", "-i", str(inventory_file(tmp_path, **options)), "--list", environ={**ONLY_THIS_PLUGIN, **environ}, expect=refused
    )
    assert run.code != 0
    assert sentence in " ".join(run.output.split())
    assert run.counters["writes"] == 0


def test_a_server_that_is_not_there_is_named(runner: Runner, tmp_path: Path) -> None:
    environ = {**ONLY_THIS_PLUGIN, "VEEAM_EM_PORT": str(closed_port())}
    run = run_command(
        runner, "ansible-inventory", "-i", str(inventory_file(tmp_path)), "--list", environ=environ, expect=Expectation(code=None, tolerated=(r".*",))
    )
    assert run.code != 0 and "refuses the connection" in run.output and "9398" in run.output


def test_a_server_that_breaks_down_leaves_no_hosts_and_no_session(runner: Runner, simulator: Simulator, tmp_path: Path) -> None:
    simulator.fault("status", path="type=VmRestorePoint", status=500, message="Out of memory")
    run = run_command(
        runner, "ansible-inventory", "-i", str(inventory_file(tmp_path)), "--list", environ=ONLY_THIS_PLUGIN, expect=Expectation(code=None, tolerated=(r".*",))
    )
    assert run.code != 0 and "Out of memory" in run.output and "srv-sql-01" not in run.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_closes_the_log_on_session(runner: Runner, simulator: Simulator, tmp_path: Path, number: int) -> None:
    simulator.fault("latency", path="type=Backup", seconds=1.0)
    started = start_command(runner, "ansible-inventory", "-i", str(inventory_file(tmp_path)), "--list")
    deadline = time.monotonic() + 60
    while "GET /query" not in simulator.counters()["requests"] and time.monotonic() < deadline:
        time.sleep(0.05)
    started.signal(number)
    run = started.finish(Expectation(code=None, tolerated=(r".*",)))
    assert run.code != 0 and (run.counters["logons"], run.counters["logouts"]) == (1, 1)


def test_a_file_of_another_name_is_not_for_the_plugin(runner: Runner, tmp_path: Path) -> None:
    other = inventory_file(tmp_path, name="hosts.yml")
    run = run_command(runner, "ansible-inventory", "-i", str(other), "--list", environ=ONLY_THIS_PLUGIN, expect=Expectation(code=None, tolerated=(r".*",)))
    assert run.code != 0 and run.counters["total_requests"] == 0
