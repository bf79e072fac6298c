# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lookup of records: what it finds, where its connection comes from, and what is said when it cannot work."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from em_simulator.control import Simulator
from em_testing.plays import Task, play, task, tried
from em_testing.runner import FINE, Expectation, Runner
from em_testing.wire import Wire, guid

NAME = "openbackup.veeam_em.query"
# A failing expression is told of in its own words by each line of core.
LOOKED: dict[str, Any] = {"tolerated": (r"^\[ERROR\]",)}


def asks(name: str, *words: str, form: str = "query", filters: str = "", **keywords: Any) -> Task:
    """Return a task that shows what the lookup returns; ``words`` are its arguments as they stand in the expression."""
    return tried(name, "ansible.builtin.debug", {"msg": "{{ %s('%s', %s)%s }}" % (form, NAME, ", ".join(words), filters)}, **keywords)


@pytest.mark.every_line
def test_records_come_as_the_query_module_gives_them(runner: Runner, wire: Wire) -> None:
    jobs = sorted(guid(row) for row in wire.all("Job"))
    failed = [row for row in wire.all("BackupJobSession") if row["Result"] == "Failed"]
    module = task("module", "veeam_em_query_info", {"type": "Job", "filter": {"job_type": "Replica"}})
    tasks = (
        asks("all", "'job'"),
        asks("as the module", "'Job'", "filter={'job_type': 'Replica'}"),
        asks("newest", "'BackupJobSession'", "filter='Result==Failed'", "sort='-creation_time'", "limit=1", "fields=['job_name', 'result']"),
        asks("joined", "'Job'", "limit=1", "fields=['name']", "wantlist=true", form="lookup", filters=" | map(attribute='name') | list"),
        asks("two types", "'Repository'", "'Job'", "fields=['type']", filters=" | map(attribute='type') | unique"),
        asks("one server", "'Job'", "backup_server='vbr02.example.com'", "fields=['backup_server']", filters=" | map(attribute='backup_server.name') | unique"),
    )
    run = runner.play(play(module, *tasks), expect=Expectation(sessions_left=1))
    shown = {name: run.result(name)["msg"] for name in (item["name"] for item in tasks)}
    assert sorted(record["id"] for record in shown["all"]) == jobs
    assert shown["as the module"] == run.result("module")["records"]
    assert shown["newest"] == [{"job_name": max(failed, key=lambda row: str(row["CreationTimeUTC"]))["JobName"], "result": "Failed"}]
    assert len(shown["joined"]) == 1 and shown["two types"] == ["Repository", "Job"] and shown["one server"] == ["vbr02.example.com"]
    # One for each task: that of several types is one.
    assert (run.counters["logons"], run.counters["logouts"], run.counters["writes"]) == (7, 7, 0)


def test_the_connection_comes_from_arguments_then_variables_then_the_environment(runner: Runner, simulator: Simulator) -> None:
    operator = simulator.accounts["operator"]["password"]
    secret = "{{ lookup('ansible.builtin.env', 'EM_OPERATOR') }}"  # a playbook with the password itself would show it
    known = "'Job'", "limit=1", "fields=['type']"
    tasks = (
        asks("environment", *known),
        asks("variable", *known, vars={"veeam_em_username": "operator", "veeam_em_password": secret}),
        asks("wrong variable", *known, vars={"veeam_em_password": "not it"}),
        asks("argument", *known, "username=user", "password=secret", vars={"veeam_em_password": "not it", "user": "operator", "secret": secret}),
    )
    run = runner.play(
        play(*tasks), environ={"VEEAM_EM_PROXY": "", "VEEAM_EM_TIMEOUT": "", "EM_OPERATOR": operator}, expect=Expectation(secrets=(operator,), **LOOKED)
    )
    assert [run.result(name)["msg"] for name in ("environment", "variable", "argument")] == [[{"type": "Job"}]] * 3
    assert "did not accept the user name or password" in run.failure("wrong variable")["msg"]
    assert run.counters["open_sessions"] == 0


def test_a_log_on_session_is_shared_and_left_open(runner: Runner) -> None:
    logon = task("log on", "veeam_em_session", register="logon")
    shared = [asks(f"ask {number}", "'Job'", "limit=1", "fields=['type']", "session=logon.session") for number in range(3)]
    run = runner.play(play(logon, *shared, task("log off", "veeam_em_session", {"state": "absent", "session": "{{ logon.session }}"})))
    assert (run.counters["logons"], run.counters["logouts"]) == (1, 1)
    assert run.result("ask 2")["msg"] == [{"type": "Job"}]


REFUSALS = {
    "unknown type": (("'Jobs'",), "'Jobs' is not a query type. Did you mean Job"),
    "no type": ((), "No query type is named"),
    "unknown filter": (("'Job'", "filter={'colour': 'red'}"), "cannot be filtered or sorted by 'colour'"),
    "unknown field": (("'Job'", "fields=['nam']"), "Jobs have no 'nam'. Did you mean name"),
    "unknown option": (("'Job'", "filtre='x'"), "There is no option 'filtre'. Did you mean filter"),
    "limit of none": (("'Job'", "limit=0"), "The limit is 0"),
    "nothing listens": (("'Job'", "port=9"), "127.0.0.1:9 refuses the connection"),
}


def test_what_cannot_work_is_refused_in_a_sentence_before_a_log_on(runner: Runner) -> None:
    run = runner.play(play(*(asks(name, *words) for name, (words, _sentence) in REFUSALS.items())), expect=Expectation(**LOOKED))
    for name, (_words, sentence) in REFUSALS.items():
        assert sentence in run.failure(name)["msg"], name
    assert run.counters["logons"] == 0


@pytest.fixture
def marker(simulator: Simulator, tmp_path: Path) -> Iterator[Path]:
    """A file that the name of a job would write if anybody took it for a template."""
    path = tmp_path / "harm-was-done"
    harm = "{{ lookup('ansible.builtin.pipe', 'touch %s') }}" % path
    estate = tmp_path / "harmful.yml"
    estate.write_text(yaml.safe_dump({"backup_servers": [{"name": "vbr01"}], "jobs": [{"name": harm, "machines": []}]}), encoding="utf-8")
    simulator.reload(estate=str(estate))
    yield path
    simulator.reload(estate="demo")


@pytest.mark.every_line
def test_a_name_that_is_a_template_runs_nothing(runner: Runner, marker: Path) -> None:
    kept = task("keep", "ansible.builtin.set_fact", {"found": "{{ query('%s', 'Job') }}" % NAME})
    shown = task("show", "ansible.builtin.debug", {"msg": "{{ found[0].name }} {{ item.name }}"}, loop="{{ query('%s', 'Job') }}" % NAME)
    run = runner.play(play(kept, shown), expect=FINE)
    assert not marker.exists()
    assert "{{ lookup('ansible.builtin.pipe'" in str(run.output)
