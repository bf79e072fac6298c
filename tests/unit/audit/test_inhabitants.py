# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is there, and what is theirs: jobs, runs, restore points, backups, repositories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from estate import (
    OTHER_SERVER,
    agent_job,
    agent_point,
    backup,
    closed,
    computer,
    days_back,
    estate,
    going_on,
    held,
    host,
    job,
    new,
    object_ref,
    point,
    reference,
    run,
    shown,
    task,
)
from records import BACKUP_SERVER, ago, made_facts, record
from rig_em import RigEm
from simulated import facts_of
from steps import steps_of

from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.sharing import Extract
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit import inhabitants
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.facts import Gap
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.inhabitants import Inhabitant, Inhabitants
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.model import NOT_ASSESSABLE, Record, fields_by_kind

READS = (
    inhabitants.READS_OF_MACHINES,
    inhabitants.READS_OF_POINTS,
    inhabitants.READS_OF_REPLICA_POINTS,
    inhabitants.READS_OF_RUNS,
)
FIELDS = fields_by_kind(reads for group in READS for reads in group)
NOT_READ = Gap(NOT_ASSESSABLE, "The account may not.")


def among(*parts: Any, **facts: Any) -> Inhabitants:
    """Return who is there in an estate of these records, of which no field is seen that is not declared as read."""
    records = {kind: [_narrowed(kind, one) for one in found] for kind, found in estate(*parts).items()}
    return made_facts(records, **facts).inhabitants


def _narrowed(kind: str, one: Record) -> Record:
    return Extract(FIELDS[kind]).of(one)


def named(name: str, of: Inhabitants) -> Inhabitant:
    """Return the only machine of the name."""
    (found,) = [one for one in of.all if one.subject.name == name]
    return found


# -- restore points -----------------------------------------------------------------------------------------


def test_a_machine_has_the_points_of_its_backup_and_of_its_copy_with_the_repositories_of_both() -> None:
    primary, copy = backup("SQL Backup", "Volume 1"), backup("SQL Copy", "Vault 1")
    source = job("SQL Backup", object_ref("sql"))
    found = among(primary, copy, source, point("sql", ago(2), primary), point("sql", ago(26), copy), job("SQL Copy", kind="BackupCopy", sources=[source]))
    one = named("sql", found)
    assert one.subject.repositories == ("Vault 1", "Volume 1")
    assert one.subject.jobs == ("SQL Backup", "SQL Copy")
    assert [job.name for job in one.jobs] == ["SQL Backup"]
    assert [found.backup_of(each)["name"] for each in one.points] == ["SQL Backup", "SQL Copy"]  # type: ignore[index]
    assert one.newest_point()["creation_time"] == ago(2)  # type: ignore[index]


def test_a_point_of_which_no_link_tells_the_backup_counts_all_the_same() -> None:
    parts = [one for one in point("sql", ago(2), backup("SQL Backup")) if one["type"] == "VmRestorePoint"]
    one = named("sql", among(parts))
    assert (len(one.points), one.subject.repositories) == (1, ())


def test_points_and_runs_of_replicas_are_kept_apart() -> None:
    replica_point = new("vm_replica_points", "sql@x", vm_display_name="sql", creation_time=ago(1), backup_server=BACKUP_SERVER)
    one = named("sql", among(job("SQL", object_ref("sql")), replica_point))
    assert (one.newest_point(), len(one.replica_points)) == (None, 1)


def test_two_machines_of_one_name_on_two_backup_servers_are_two() -> None:
    other = host("vc02", ["srv"], OTHER_SERVER)
    theirs = point("srv", ago(50), ref=object_ref("srv", "vc02"), backup_server=OTHER_SERVER)
    found = among(host(machines=["srv"]), other, point("srv", ago(2)), theirs)
    first, second = found.all
    assert [one.subject.name for one in (first, second)] == ["srv", "srv"]
    assert {one.subject.backup_server: one.newest_point()["creation_time"] for one in found.all} == {  # type: ignore[index]
        BACKUP_SERVER: ago(2),
        OTHER_SERVER: ago(50),
    }
    assert first.subject.uid != second.subject.uid


def test_a_host_on_two_backup_servers_has_each_machine_once() -> None:
    hosts = [host("vc01", ["srv"], unique_id="UNIQUE"), host("vc01-again", [], OTHER_SERVER, unique_id="unique")]
    again = shown("srv", hosts[1][0], object_ref("srv", "vc01-again"))
    theirs = point("srv", ago(1), ref=object_ref("srv", "vc01-again"), backup_server=OTHER_SERVER)
    one = named("srv", among(hosts, again, point("srv", ago(2)), theirs))
    assert (one.subject.backup_server, len(one.points), one.machine.seen) == (f"{BACKUP_SERVER}, {OTHER_SERVER}", 2, True)


def test_a_computer_has_the_points_of_its_agent_under_its_short_name_too() -> None:
    found = among(computer("phys-01.example.com", "Windows"), agent_point("phys-01", ago(3)), agent_point("PHYS-01.example.com", ago(2)))
    one = named("phys-01.example.com", found)
    assert (len(one.points), one.machine.kind) == (2, "computer")


def test_machines_of_a_vapp_are_in_the_job_that_holds_it() -> None:
    vapp = object_ref("shop", kind="Vapp", platform="vCloud")
    web_shop = job("Web Shop", vapp)
    session = run(web_shop, ago(1))
    found = among(web_shop, held(vapp, "shop-web", "shop-db"), session, task("shop-web", session), task("shop-db", session))
    assert {one.subject.name: one.machine.protection for one in found.all} == {"shop-web": "protected", "shop-db": "protected"}


# -- jobs ---------------------------------------------------------------------------------------------------


def test_a_container_holds_a_machine_whether_its_job_has_run_or_not() -> None:
    folder = object_ref("Web", kind="Folder")
    one = named("web-1", among(job("Web", folder), held(folder, "web-1")))
    assert (one.machine.protection, [job.name for job in one.jobs], one.left_out_by) == ("protected", ["Web"], ())


def test_a_member_that_no_run_of_the_job_worked_on_is_left_out() -> None:
    folder = object_ref("Web", kind="Folder")
    web = job("Web", folder)
    session = run(web, ago(5))
    found = among(web, held(folder, "web-1", "excluded"), session, task("web-1", session))
    assert (named("web-1", found).machine.protection, named("excluded", found).machine.protection) == ("protected", "unknown")
    assert [job.name for job in named("excluded", found).left_out_by] == ["Web"]
    assert named("excluded", found).jobs == ()


def test_work_of_another_job_does_not_make_a_machine_part_of_the_one_that_leaves_it_out() -> None:
    folder = object_ref("Web", kind="Folder")
    web, former = job("Web", folder), job("Former", object_ref("excluded"), schedule_enabled=False)
    sessions = [run(web, ago(5)), run(former, ago(200))]
    found = among(
        host(machines=["excluded"]), web, former, held(folder, "web-1", "excluded"), sessions, task("web-1", sessions[0]), task("excluded", sessions[1])
    )
    one = named("excluded", found)
    assert (one.machine.protection, [job.name for job in one.jobs], [job.name for job in one.left_out_by]) == ("unknown", ["Former"], ["Web"])


def test_a_run_that_came_to_no_machine_does_not_tell_who_is_left_out() -> None:
    folder = object_ref("Web", kind="Folder")
    web = job("Web", folder)
    one = named("web-1", among(web, held(folder, "web-1"), run(web, ago(5), result="Failed")))
    assert (one.machine.protection, one.left_out_by) == ("protected", ())


def test_a_closed_container_leaves_the_machines_of_its_host_in_doubt() -> None:
    folder = object_ref("Web", kind="Folder")
    found = among(host(machines=["srv"]), host("vc02", ["other"]), job("Web", folder), closed(folder))
    assert {one.subject.name: one.machine.protection for one in found.all} == {"srv": "unknown", "other": "unprotected"}


def test_machines_with_a_tag_that_a_job_holds_are_tagged() -> None:
    gold = object_ref("gold", kind="Tag")
    found = among(job("Gold", gold, object_ref("plain")), held(gold, "sql"))
    assert {one.subject.name: one.subject.tags for one in found.all} == {"sql": ("gold",), "plain": ()}


def test_an_agent_job_managed_by_the_computers_themselves_holds_its_group() -> None:
    group = new("protection_groups", "Windows", backup_server=BACKUP_SERVER)
    policy = agent_job("Policy", "Windows")
    of_computer = {**policy, "id": "0e6b5c1d-0000-4000-8000-000000000001", "name": "Policy - phys-01"}
    session = run(of_computer, ago(3))
    found = among(group, computer("phys-01", reference(group)), policy, session, task("phys-01", session, ref=None))
    one = named("phys-01", found)
    assert (one.machine.protection, one.subject.jobs, len(one.runs)) == ("protected", ("Policy", "Policy - phys-01"), 1)


# -- runs ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["BackupCopy", "ImmediateBackupCopy", "ImmediateBackupCopyWorker", "AgentManagement", "NasBackup"])
def test_runs_that_tell_nothing_of_a_backup_are_left_out(kind: str) -> None:
    backup_job = job("SQL", object_ref("sql"))
    other = run({**backup_job, "id": "1", "name": "Other", "job_type": kind}, ago(1))
    tasks = [task("sql", other, "Failed"), task("\\\\fs01\\projects", other, ref=None)]
    found = among(backup_job, run(backup_job, ago(3)), other, tasks)
    assert [one.subject.name for one in found.all] == ["sql"]
    assert found.all[0].runs == []


def test_a_run_without_its_job_session_is_left_out_since_it_may_be_that_of_a_copy() -> None:
    old = run(job("Copy", kind="BackupCopy"), ago(days=40))
    found = among(job("SQL", object_ref("sql")), task("sql", old, "Failed", creation_time=ago(1)), task("share", old, ref=None))
    assert [(one.subject.name, one.runs) for one in found.all] == [("sql", [])]


def test_the_last_run_is_one_that_is_over_to_the_fraction_of_a_second() -> None:
    sql = job("SQL", object_ref("sql"))
    session = going_on(sql, ago(1))
    times: Sequence[tuple[str, str, str]] = (
        ("2026-11-20T10:00:00Z", "Completed", "Success"),
        ("2026-11-20T10:00:00.25Z", "Completed", "Failed"),
        ("2026-11-20T11:00:00Z", "InProgress", "Success"),
    )
    tasks = [task("sql", session, result, creation_time=created, state=state) for created, state, result in times]
    one = named("sql", among(sql, session, tasks))
    assert (one.last_run()["result"], len(one.unfinished)) == ("Failed", 1)  # type: ignore[index]


def test_a_run_of_an_old_server_finds_its_machine_by_a_name_that_only_one_has() -> None:
    sql = job("SQL", object_ref("sql"))
    session = run(sql, ago(1))
    assert len(named("sql", among(sql, session, task("sql", session, ref=None))).runs) == 1
    twice = among(host(machines=["sql"]), host("vc02", ["sql"]), sql, session, task("sql", session, ref=None))
    assert sorted(len(one.runs) for one in twice.all) == [0, 0, 1]


# -- who is no more -----------------------------------------------------------------------------------------


def test_a_machine_that_no_host_shows_any_more_and_no_job_holds_is_gone() -> None:
    found = among(host(machines=["there"]), point("deleted", ago(days=9)), point("there", ago(days=9)), job("A", object_ref("in-job")))
    assert {one.subject.name: found.is_gone(one) for one in found.all} == {"deleted": True, "there": False, "in-job": False}


CASES_OF_DOUBT: Mapping[str, Mapping[str, Any]] = {
    "the hosts could not be read": {"gaps": {"hierarchy_machines": NOT_READ}},
    "the account does not see all": {"sees_all": False},
    "nobody could tell whether the account sees all": {"sees_all": None},
}


@pytest.mark.parametrize("case", CASES_OF_DOUBT)
def test_nobody_is_said_to_be_gone_where_the_view_is_narrow(case: str) -> None:
    found = among(host(), point("deleted", ago(days=9)), **CASES_OF_DOUBT[case])
    one = named("deleted", found)
    assert (found.is_gone(one), one.is_known_to_exist, found.shows(object_ref("deleted"))) == (False, False, None)


def test_nobody_is_said_to_be_gone_whose_host_is_not_known() -> None:
    found = among(host("vc02"), point("deleted", ago(days=9)))
    assert not found.is_gone(named("deleted", found))
    assert found.shows(object_ref("deleted")) is None


def test_a_host_shows_machines_also_under_the_reference_of_another_backup_server() -> None:
    found = among(host("vc01", ["srv"], unique_id="X"), host("again", [], OTHER_SERVER, unique_id="X"))
    assert found.shows(object_ref("srv", "again")) is True
    assert found.shows(object_ref("other", "again")) is False


# -- the simulator, and size --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def demo() -> Inhabitants:
    return facts_of(RigEm(), FIELDS).inhabitants


def test_everybody_in_the_simulator_who_was_backed_up_has_points_in_a_repository(demo: Inhabitants) -> None:
    processed = [one for one in demo.all if any(run["result"] != "Failed" for run in one.runs)]
    assert len(processed) > 5
    assert all(one.points and one.subject.repositories for one in processed)


def test_in_a_healthy_estate_everybody_is_protected_and_there() -> None:
    found = facts_of(RigEm(estate="healthy"), FIELDS).inhabitants
    assert {one.machine.protection for one in found.all} == {"protected"}
    assert all(one.is_known_to_exist and one.runs for one in found.all)
    assert len({one.subject.name for one in found.all}) == len(found.all) > 20


def big(machines: int, points: int) -> dict[str, list[Record]]:
    """Return an estate of jobs with 25 machines each, all of which have as many points and runs."""
    root = host()[0]
    kept = backup("All")
    whole = record("restore_points", id="f0e1d2c3-0000-4000-8000-000000000000", backup=reference(kept))
    times = days_back(points)
    found = estate(root, kept, whole)
    found.update({kind: [] for kind in ("jobs", "hierarchy_machines", "vm_restore_points", "backup_sessions", "backup_task_sessions")})
    for number in range(machines // 25):
        names = [f"srv-{number}-{index}" for index in range(25)]
        own = job(f"Job {number}", *map(object_ref, names))
        sessions = [run(own, each) for each in times]
        found["jobs"].append(own)
        found["backup_sessions"] += sessions
        found["hierarchy_machines"] += [shown(name, root) for name in names]
        first_point, first_task = point(names[0], times[0], kept)[0], task(names[0], sessions[0])
        for name in names:
            for each, session in zip(times, sessions, strict=True):
                whose = {"vm_display_name": name, "creation_time": each, "id": f"{name} {each}"}
                found["vm_restore_points"].append({**first_point, **whose, "hierarchy_obj_ref": object_ref(name), "restore_point": reference(whole)})
                found["backup_task_sessions"].append({**first_task, **whose, "vm_uid": object_ref(name), "job_session_uid": session["uid"]})
    return found


def steps_for(machines: int) -> int:
    facts = made_facts(big(machines, 10))
    steps = steps_of(lambda: facts.inhabitants)
    assert len(facts.inhabitants.all) == machines
    return steps


def test_the_work_grows_with_the_records_and_not_with_their_square() -> None:
    assert steps_for(500) < 6 * steps_for(100)
