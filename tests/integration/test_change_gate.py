# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role change_gate in plays over many hosts, which nobody could connect to: only those with a fresh backup get as far as the change."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

from em_simulator.control import Simulator
from em_testing.launching import role
from em_testing.plays import GROUP, Play, Task, task
from em_testing.runner import LANES, Expectation, Run, Runner
from em_testing.story import FAST
from em_testing.wire import Wire

JOB = "SQL Server Backup"
MACHINES = [f"srv-sql-0{number}" for number in range(1, 5)]
STOPPED = Expectation(code=2)
CHANGE = task("change", "ansible.builtin.debug", {"msg": "{{ change_gate_result }}"})
README = Path(__file__).resolve().parents[2] / "roles" / "change_gate" / "README.md"


def hosts(folder: Path, names: Iterable[str], **variables: Any) -> Path:
    """Write an inventory of hosts that no connection leads to."""
    path = folder / "hosts.yml"
    unreachable = {"ansible_connection": "ssh", "ansible_host": "192.0.2.1", "ansible_ssh_common_args": "-o ConnectTimeout=1"}
    path.write_text(yaml.safe_dump({"gated": {"hosts": {name: {} for name in names}, "vars": {**unreachable, **variables}}}), encoding="utf-8")
    return path


def gated(*tasks: Task, **keywords: Any) -> list[Play]:
    return [{"name": "Change", "hosts": "gated", "gather_facts": False, **keywords, "tasks": [*tasks, CHANGE]}]


def through_the_gate(runner: Runner, inventory: Path, variables: dict[str, Any] | None = None, **keywords: Any) -> Run:
    quick = {"change_gate_interval": 0.2, "change_gate_timeout": 60}
    return runner.play(gated(role("change_gate", {**quick, **(variables or {})})), "-i", str(inventory), **keywords)


def changed_hosts(run: Run) -> dict[str, dict[str, Any]]:
    """Return change_gate_result by host, of those that got as far as the change."""
    return {item.host: item.result["msg"] for item in run.outcomes if item.task == "change" and item.event == "ok"}


def stopped_hosts(run: Run) -> dict[str, str]:
    """Return the reason by host, of those that were stopped; whatever else failed is a mistake."""
    failed = [item for item in run.outcomes if item.failed]
    assert all(item.task.endswith("Stop the host") for item in failed), [(item.task, item.result.get("msg")) for item in failed]
    return {item.host: item.result["msg"] for item in failed}


@pytest.fixture
def quick(runner: Runner) -> Runner:
    """The runner against a simulator whose clock runs fast."""
    runner.simulator.clock(speed=FAST)
    return runner


@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize("check", [False, True], ids=["normal", "check"])
def test_only_hosts_with_a_fresh_backup_are_changed(runner: Runner, tmp_path: Path, lane: str, check: bool) -> None:
    runner.simulator.defect("last_backup_old", "srv-sql-02", hours=50)
    names = ["srv-sql-01", "srv-sql-02", "srv-phys-01.example.com", "nobody"]
    run = through_the_gate(runner, hosts(tmp_path, names), check=check, lane=lane, expect=STOPPED)
    changed = changed_hosts(run)
    assert set(changed) == {"srv-sql-01", "srv-phys-01.example.com"}
    assert all((result["passed"], result["verdict"], result["job"]) == (True, "fresh", None) for result in changed.values())
    assert changed["srv-phys-01.example.com"]["newest"]["kind"] == "computer with an agent"
    reasons = stopped_hosts(run)
    assert re.fullmatch(
        r"No change on srv-sql-02\. The newest restore point of srv-sql-02 on vbr01\.example\.com is \d+\.\d h old .* 24 h are allowed\.", reasons["srv-sql-02"]
    )
    assert reasons["nobody"] == "No change on nobody. Enterprise Manager knows no restore point of nobody."
    assert run.counters["writes"] == 0


def test_a_host_is_found_by_its_name_without_domain_or_by_the_one_that_it_is_given(runner: Runner, tmp_path: Path) -> None:
    inventory = hosts(tmp_path, ["srv-sql-01.example.com", "10.20.30.40", "db"])
    by_host = {"change_gate_machine": "{{ {'db': 'srv-sql-03'}.get(inventory_hostname, '') }}"}
    run = through_the_gate(runner, inventory, by_host, expect=STOPPED)
    assert {host: result["newest"]["machine"] for host, result in changed_hosts(run).items()} == {"srv-sql-01.example.com": "srv-sql-01", "db": "srv-sql-03"}
    assert stopped_hosts(run) == {"10.20.30.40": "No change on 10.20.30.40. Enterprise Manager knows no restore point of 10.20.30.40."}
    # What is given is taken as it is.
    given = through_the_gate(runner, inventory, {"change_gate_machine": "srv-sql-01.example.com"}, expect=STOPPED)
    assert len(stopped_hosts(given)) == 3


def test_hosts_of_our_own_inventory_are_the_machines_that_it_tells(runner: Runner, tmp_path: Path) -> None:
    """A host cannot be called as every machine is."""
    source = tmp_path / "machines.veeam_em.yml"
    source.write_text("plugin: openbackup.veeam_em.protected_machines\n", encoding="utf-8")
    play = {**gated(role("change_gate", {"change_gate_max_age_hours": 9999}))[0], "hosts": "lab_01_:srv-sql-01"}
    changed = changed_hosts(runner.play([play], "-i", str(source)))
    assert {host: result["newest"]["machine"] for host, result in changed.items()} == {"lab_01_": "lab&<01>", "srv-sql-01": "srv-sql-01"}
    given = {**gated(role("change_gate", {"change_gate_machine": "nobody"}))[0], "hosts": "lab_01_"}
    assert "no restore point of nobody" in stopped_hosts(runner.play([given], "-i", str(source), expect=STOPPED))["lab_01_"]


@pytest.mark.parametrize("check", [False, True], ids=["normal", "check"])
def test_an_unknown_machine_may_be_let_through_and_a_stale_one_not(runner: Runner, tmp_path: Path, check: bool) -> None:
    runner.simulator.defect("last_backup_old", "srv-sql-02", hours=50)
    run = through_the_gate(runner, hosts(tmp_path, ["nobody", "srv-sql-02"]), {"change_gate_when_unknown": "warn"}, check=check, expect=STOPPED)
    (result,) = changed_hosts(run).values()
    assert (result["passed"], result["verdict"]) == (True, "unknown") and "change_gate_when_unknown is warn" in result["reason"]
    assert set(stopped_hosts(run)) == {"srv-sql-02"}


def test_replicas_count_on_request_only(runner: Runner, tmp_path: Path) -> None:
    inventory = hosts(tmp_path, ["srv-dc-01"])
    assert "no restore point of srv-dc-01" in stopped_hosts(through_the_gate(runner, inventory, expect=STOPPED))["srv-dc-01"]
    result = changed_hosts(through_the_gate(runner, inventory, {"change_gate_replicas": True}))["srv-dc-01"]
    assert (result["verdict"], result["newest"]["kind"]) == ("fresh", "replica")


TWINS = {
    "backup_servers": [{"name": "vbr01.example.com"}, {"name": "vbr02.example.com"}],
    "jobs": [
        {"name": "Here", "machines": [{"name": "srv-twin", "size": 1073741824}], "history": [{"hours_ago": 2, "minutes": 5}]},
        {
            "name": "There",
            "backup_server": "vbr02.example.com",
            "machines": [{"name": "srv-twin", "size": 1073741824}],
            "history": [{"hours_ago": 60, "minutes": 5}],
        },
    ],
}


def test_machines_of_one_name_are_refused_unless_the_backup_server_is_named(session_runner: Runner, tmp_path: Path, credentials: tuple[str, str]) -> None:
    estate = tmp_path / "twins.yml"
    estate.write_text(yaml.safe_dump(TWINS), encoding="utf-8")
    inventory = hosts(tmp_path, ["srv-twin"])
    with Simulator.start(estate=str(estate), username=credentials[0], password=credentials[1]) as twins:
        runner = Runner(twins, session_runner.commands, session_runner.collections, tmp_path)
        # Nothing is run where nobody knows of what.
        refused = through_the_gate(runner, inventory, {"change_gate_run_job": True, "change_gate_when_unknown": "warn"}, expect=STOPPED)
        reason = stopped_hosts(refused)["srv-twin"]
        assert "2 machines have the name" in reason and "vbr01.example.com" in reason and "vbr02.example.com" in reason
        assert refused.counters["writes"] == 0
        here = through_the_gate(runner, inventory, {"change_gate_backup_server": "vbr01.example.com"})
        assert changed_hosts(here)["srv-twin"]["newest"]["backup_server"] == "vbr01.example.com"
        there = through_the_gate(runner, inventory, {"change_gate_backup_server": "vbr02.example.com"}, expect=STOPPED)
        assert "on vbr02.example.com is 6" in stopped_hosts(there)["srv-twin"]
        # What the inventory of the machines tells of each is enough.
        told = hosts(tmp_path, ["srv-twin@here"], machine_name="srv-twin", backup_servers=["vbr01.example.com"])
        assert changed_hosts(through_the_gate(runner, told))["srv-twin@here"]["newest"]["backup_server"] == "vbr01.example.com"


# In the module lane a turn takes a second or two, and the run has to go on until all hosts of the job had theirs.
@pytest.mark.parametrize(("lane", "machines"), [("controller", MACHINES), ("module", MACHINES[:2])], ids=LANES)
def test_a_run_of_the_job_brings_hosts_up_to_date(quick: Runner, tmp_path: Path, lane: str, machines: list[str]) -> None:
    quick.simulator.script("duration", JOB, seconds=60)
    variables = {"change_gate_run_job": True, "change_gate_max_age_hours": 1}
    run = through_the_gate(quick, hosts(tmp_path, [*machines, "srv-phys-01.example.com"]), variables, lane=lane)
    changed = changed_hosts(run)
    assert {host: result["job"] for host, result in changed.items()} == {**dict.fromkeys(machines, JOB), "srv-phys-01.example.com": "Windows Servers"}
    assert all(result["verdict"] == "fresh" and result["age_hours"] < 0.2 for result in changed.values())
    assert {changed[host]["job_result"] for host in machines} == {"Warning"}
    assert run.counters["starts"] == {JOB: 1, "Windows Servers": 1}, "hosts of one job share its run"


def test_check_mode_runs_no_job_and_says_so(runner: Runner, tmp_path: Path) -> None:
    variables = {"change_gate_run_job": True, "change_gate_max_age_hours": 1}
    run = through_the_gate(runner, hosts(tmp_path, MACHINES), variables, check=True)
    for result in changed_hosts(run).values():
        assert (result["passed"], result["verdict"], result["job"], result["job_result"]) == (True, "stale", JOB, None)
        assert f"no job was run; {JOB} would be." in result["reason"]
    assert run.counters["writes"] == 0 and len(changed_hosts(run)) == len(MACHINES)


def test_a_job_that_fails_stops_the_machines_that_it_failed_for(quick: Runner, tmp_path: Path) -> None:
    quick.simulator.outcome(JOB, {"srv-sql-02": {"result": "Failed", "reason": "The snapshot timed out."}})
    variables = {"change_gate_run_job": True, "change_gate_max_age_hours": 1, "change_gate_job": JOB}
    run = through_the_gate(quick, hosts(tmp_path, MACHINES), variables, expect=STOPPED)
    reason = stopped_hosts(run)["srv-sql-02"]
    assert f"The job {JOB} was run" in reason and "The snapshot timed out" in reason
    assert set(changed_hosts(run)) == {*MACHINES} - {"srv-sql-02"}
    assert {result["job_result"] for result in changed_hosts(run).values()} == {"Failed"}


def test_a_job_that_cannot_be_run_or_does_not_end_stops_the_host(quick: Runner, tmp_path: Path) -> None:
    inventory = hosts(tmp_path, ["srv-sql-01"])
    variables = {"change_gate_run_job": True, "change_gate_max_age_hours": 1}
    unknown = through_the_gate(quick, inventory, {**variables, "change_gate_job": "SQL Servr Backup"}, expect=STOPPED)
    assert "No job could be run." in stopped_hosts(unknown)["srv-sql-01"] and "Did you mean SQL Server Backup" in stopped_hosts(unknown)["srv-sql-01"]
    quick.simulator.script("stuck_running", JOB)
    endless = through_the_gate(quick, inventory, {**variables, "change_gate_timeout": 3}, expect=STOPPED)
    assert f"The job {JOB} was run" in stopped_hosts(endless)["srv-sql-01"] and "h are allowed" in stopped_hosts(endless)["srv-sql-01"]


def test_a_new_machine_gets_its_first_backup(quick: Runner, tmp_path: Path) -> None:
    quick.simulator.defect("never_backed_up", "srv-sql-03")
    inventory = hosts(tmp_path, ["srv-sql-03"])
    no_job = through_the_gate(quick, inventory, {"change_gate_run_job": True}, expect=STOPPED)
    assert "No backup job is known to have worked on it" in stopped_hosts(no_job)["srv-sql-03"] and no_job.counters["writes"] == 0
    run = through_the_gate(quick, inventory, {"change_gate_run_job": True, "change_gate_job": JOB})
    assert changed_hosts(run)["srv-sql-03"]["verdict"] == "fresh"


@pytest.mark.parametrize("fault", ["refused", "half of the answers"])
def test_a_server_that_cannot_be_asked_stops_every_host(runner: Runner, tmp_path: Path, fault: str) -> None:
    variables: dict[str, Any] = {"change_gate_when_unknown": "warn"}
    if fault == "refused":
        variables["change_gate_port"] = 1
    else:
        runner.simulator.fault("status", method="GET", path="AgentRestorePoint", count=0, status=500)
    run = through_the_gate(runner, hosts(tmp_path, MACHINES), variables, expect=STOPPED)
    assert set(stopped_hosts(run)) == {*MACHINES} and not changed_hosts(run)
    assert all("Enterprise Manager could not be asked. " in reason for reason in stopped_hosts(run).values())


def test_a_rescue_finds_the_result(runner: Runner, tmp_path: Path) -> None:
    rescue = task("told", "ansible.builtin.debug", {"msg": "{{ change_gate_result }}"})
    tried = {"name": "Try", "block": [role("change_gate", {})], "rescue": [rescue]}
    run = runner.play(gated(tried), "-i", str(hosts(tmp_path, ["nobody"])))
    assert run.result("told")["msg"]["verdict"] == "unknown" and run.result("told")["msg"]["passed"] is False


@pytest.mark.parametrize(
    ("variables", "text"),
    [
        ({"change_gate_when_unknown": "ask"}, "value of change_gate_when_unknown must be one of: stop, warn"),
        ({"change_gate_max_age_hours": "a day"}, "change_gate_max_age_hours"),
    ],
)
def test_wrong_variables_are_refused_before_anything_is_asked(runner: Runner, tmp_path: Path, variables: dict[str, Any], text: str) -> None:
    run = through_the_gate(runner, hosts(tmp_path, ["srv-sql-01"]), variables, expect=STOPPED)
    (refused,) = [item for item in run.outcomes if item.failed]
    assert text in refused.result["msg"] + " ".join(refused.result.get("argument_errors", []))
    assert run.counters["total_requests"] == 0


def readme_play() -> list[Play]:
    """Return the playbook of the README, for the hosts of a test."""
    (block,) = re.findall(r"```yaml\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    plays: list[Play] = yaml.safe_load(block)
    assert [play["hosts"] for play in plays] == ["app_servers"]
    return [{**plays[0], "hosts": "gated"}]


@pytest.mark.parametrize("check", [False, True], ids=["normal", "check"])
def test_thirty_hosts_in_one_log_on_session_as_the_readme_shows(runner: Runner, tmp_path: Path, check: bool) -> None:
    runner.simulator.reload(generate=11, machines=200, healthy=True)
    try:
        with Wire(runner.simulator) as wire:
            names = sorted({row["VmDisplayName"] for row in wire.all("VmRestorePoint")})[:30]
        # A day in which nothing is run for twelve hours is no day of a healthy estate.
        fresh = json.dumps({"change_gate_max_age_hours": 26})
        run = runner.play(readme_play(), "-i", str(hosts(tmp_path, names)), "-e", fresh, check=check)
    finally:
        runner.simulator.reload(estate="demo", generate=None, machines=None, healthy=False)
    assert len({item.host for item in run.outcomes if item.task == "The change comes here" and item.event == "ok"}) == len(names) == 30
    assert run.counters["logons"] == run.counters["logouts"] == 1 and run.counters["writes"] == 0
    # One question for machines and one for computers, and what a log-on and a log-off take.
    assert run.counters["total_requests"] <= 2 * len(names) + 5


def test_the_log_on_session_of_the_readme_is_closed_when_all_hosts_are_stopped(runner: Runner, tmp_path: Path) -> None:
    names = [f"nobody-{number}" for number in range(7)]
    run = runner.play(readme_play(), "-i", str(hosts(tmp_path, names)), expect=STOPPED)
    assert set(stopped_hosts(run)) == {*names}
    assert run.counters["logons"] == run.counters["logouts"] == 1


def test_module_defaults_of_the_play_reach_the_role(runner: Runner, tmp_path: Path) -> None:
    connection = runner.connection()
    defaults = {"host": connection["VEEAM_EM_HOST"], "port": connection["VEEAM_EM_PORT"], "ca_path": connection["VEEAM_EM_CA_PATH"]}
    nowhere = dict.fromkeys(("VEEAM_EM_HOST", "VEEAM_EM_PORT", "VEEAM_EM_CA_PATH"))
    plays = gated(role("change_gate", {}), module_defaults={GROUP: defaults})
    run = runner.play(plays, "-i", str(hosts(tmp_path, ["srv-sql-01"])), environ=nowhere)
    assert set(changed_hosts(run)) == {"srv-sql-01"}
