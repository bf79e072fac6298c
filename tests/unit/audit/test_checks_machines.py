# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is in a job, and what jobs hold: the checks of machines and jobs at their edges."""

from __future__ import annotations

from typing import Any

import pytest
from estate import agent_job, closed, computer, estate, held, host, job, new, object_ref, point, reference, run, task
from records import BACKUP_SERVER, SERVER, ago, found, made_facts, said, statuses

from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.checks.machines import assets_of_each
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.facts import Gap
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.model import ANSWER, ERROR, NOT_ASSESSABLE, Judgement

FOLDER = object_ref("Web", kind="Folder")
NO_RIGHT = Gap(NOT_ASSESSABLE, "The account lacks a right.")


def only(judgements: list[Judgement]) -> Judgement:
    """Return the one judgement that there is."""
    (judgement,) = judgements
    return judgement


# -- C01 ----------------------------------------------------------------------------------------------------


def test_machines_of_enabled_jobs_pass_and_others_fail() -> None:
    said_of = said(
        "C01",
        estate(
            host(machines=["in-job", "in-none", "in-one-that-is-off", "copied", "replicated"]),
            job("A", object_ref("in-job")),
            job("Off", object_ref("in-one-that-is-off"), schedule_enabled=False),
            job("Copy", object_ref("copied"), kind="BackupCopy"),
            job("Replica", object_ref("replicated"), kind="Replica"),
        ),
    )
    assert statuses(said_of) == {"copied": "fail", "in-job": "pass", "in-none": "fail", "in-one-that-is-off": "fail", "replicated": "pass"}
    reasons = {one.subject.name: one.reason for one in said_of}
    assert reasons["in-job"] == "It is in the enabled job A."
    assert reasons["in-one-that-is-off"] == "It is in no enabled job; switched off: Off."
    assert reasons["in-none"] == "It is in no job that backs it up or replicates it."
    assert all(one.answers for one in said_of)


def test_that_no_job_holds_a_machine_rests_on_every_answer_with_jobs() -> None:
    records = estate(host(machines=["in-job", "in-none"]), job("A", object_ref("in-job")), job("B"), job("C"))
    for number, record in enumerate(records["jobs"], 100):
        record[ANSWER] = number // 2  # a page of two, and one of one
    answers = {one.subject.name: set(one.answers) for one in said("C01", records)}
    assert {50, 51} <= answers["in-none"]
    assert 50 in answers["in-job"] and 51 not in answers["in-job"]


def test_an_empty_estate_says_nothing() -> None:
    assert said("C01") == []


def test_a_member_that_runs_never_worked_on_is_in_doubt_with_the_reason() -> None:
    web = job("Web", FOLDER)
    session = run(web, ago(3))
    judgements = said("C01", estate(host(machines=["new"]), web, held(FOLDER, "web-1", "new"), session, task("web-1", session)))
    assert statuses(judgements) == {"new": "not_assessable", "web-1": "pass"}
    assert "container of the job Web, but no run in the last 30 days" in judgements[0].reason


def test_a_closed_container_is_named() -> None:
    judgement = only(said("C01", estate(host(machines=["srv"]), job("Web", FOLDER), closed(FOLDER))))
    assert (judgement.status, "the job Web holds something" in judgement.reason) == ("not_assessable", True)


@pytest.mark.parametrize("status", [NOT_ASSESSABLE, ERROR])
def test_without_the_jobs_nobody_passes_and_the_gap_is_told(status: str) -> None:
    judgements = said("C01", estate(host(machines=["srv"])), gaps={"jobs": Gap(status, "Jobs are lost.")})
    assert statuses(judgements) == {"srv": "not_assessable", SERVER: status}
    assert "Jobs are lost." in judgements[0].reason


def test_without_the_hosts_it_is_told_that_some_machines_are_not_seen() -> None:
    judgements = said("C01", estate(job("A", object_ref("srv")), point("other", ago(5))), gaps={"hierarchy_machines": NO_RIGHT})
    assert statuses(judgements) == {"srv": "pass", "other": "not_assessable", SERVER: "not_assessable"}


def test_an_account_that_sees_a_part_is_told() -> None:
    judgements = said("C01", estate(host(machines=["srv"]), job("A", object_ref("srv"))), sees_all=False)
    assert statuses(judgements) == {"srv": "pass", SERVER: "not_assessable"}


def test_a_machine_of_which_only_points_are_left_is_no_asset_unless_the_policy_says_so() -> None:
    records = estate(host(machines=["srv"]), job("A", object_ref("srv")), point("deleted", ago(50)))
    assert statuses(said("C01", records)) == {"srv": "pass"}
    assert statuses(said("C01", records, policy={"assets": ("DELETED",)})) == {"srv": "pass", "deleted": "fail"}


def test_of_several_servers_each_has_to_know_its_own_assets() -> None:
    first = made_facts(estate(host(machines=["srv-1", "both"])))
    second = made_facts(estate(host(machines=["srv-2", "both", "web-1"])))
    assets = ("srv-1", "SRV-2", "both", "web-*", "lost")
    assert assets_of_each(assets, [first, second]) == [("srv-1", "both", "lost"), ("SRV-2", "both", "web-*")]
    # Who could not read everything may have the lost one.
    for unread in (made_facts(estate(host(machines=["srv-2"])), gaps={"jobs": NO_RIGHT}), made_facts(estate(host(machines=["srv-2"])), sees_all=False)):
        assert assets_of_each(("srv-1", "srv-2", "lost"), [first, unread]) == [("srv-1",), ("srv-2", "lost")]
    assert assets_of_each(assets, [first]) == [assets]


def test_assets_have_to_be_there() -> None:
    records = estate(host(machines=["srv-1", "srv-2"]), job("A", object_ref("srv-1")), computer("phys-01.example.com"), agent_job("B", "phys-01.example.com"))
    assets = ("SRV-1", "srv-9", "phys-01", "web-*", "srv-?", "lost[12]")
    judgements = said("C01", records, policy={"assets": assets})
    assert statuses(judgements) == {"srv-1": "pass", "srv-2": "fail", "phys-01.example.com": "pass", "srv-9": "fail", "web-*": "fail", "lost[12]": "fail"}


def test_an_asset_is_not_said_to_be_missing_where_not_everything_could_be_read() -> None:
    judgements = said("C01", estate(job("A", object_ref("srv"))), policy={"assets": ("srv-9",)}, gaps={"hierarchy_machines": NO_RIGHT})
    assert statuses(judgements) == {"srv": "pass", SERVER: "not_assessable", "srv-9": "not_assessable"}


def test_two_machines_of_one_name_are_judged_each() -> None:
    records = estate(host(machines=["srv"]), host("vc02", ["srv"], "vbr02.example.com"), job("A", object_ref("srv")))
    assert [(one.status, one.subject.backup_server) for one in said("C01", records)] in (
        [("pass", BACKUP_SERVER), ("fail", "vbr02.example.com")],
        [("fail", "vbr02.example.com"), ("pass", BACKUP_SERVER)],
    )


def test_lost_runs_make_it_not_assessable_since_nobody_knows_who_is_left_out() -> None:
    (finding,) = found("C01", estate(host(machines=["srv"])), gaps={"backup_task_sessions": Gap(ERROR, "The connection was lost.")})
    assert finding.status == ERROR


# -- C09 ----------------------------------------------------------------------------------------------------


def held_by(*parts: Any, **facts: Any) -> dict[str, str]:
    """Return what C09 says of each job."""
    return statuses(said("C09", estate(*parts), **facts))


def test_empty_jobs_of_every_kind_fail() -> None:
    source = job("Source", object_ref("srv"))
    policy = new("cdp_policies", "Policy", backup_server=BACKUP_SERVER, cdp_policy_info={"cdp_replica_policy_info": {"includes": []}})
    shares = new("nas_jobs", "Shares", backup_server=BACKUP_SERVER, includes=[])
    assert held_by(
        host(machines=["srv"]),
        source,
        job("Empty"),
        job("Empty copy", kind="BackupCopy"),
        job("Copy", kind="BackupCopy", sources=[source]),
        job("Immediate", kind="ImmediateBackupCopy", sources=[source]),
        agent_job("Empty agents"),
        policy,
        shares,
    ) == {
        "Source": "pass",
        "Empty": "fail",
        "Empty copy": "fail",
        "Copy": "pass",
        "Immediate": "pass",
        "Empty agents": "fail",
        "Policy": "fail",
        "Shares": "fail",
    }


def test_entries_that_their_host_no_longer_shows_are_named() -> None:
    judgement = only(said("C09", estate(host(machines=["srv"]), job("A", object_ref("srv"), object_ref("dead")))))
    assert (judgement.status, judgement.measured["gone"]) == ("fail", ["dead"])
    assert judgement.reason == "Of its 2 entries, 1 no longer exist: dead."


def test_an_entry_whose_host_was_not_read_is_in_doubt_but_a_dead_one_beside_it_fails() -> None:
    elsewhere = object_ref("far", "vc02")
    assert held_by(host(), job("A", elsewhere)) == {"A": "not_assessable"}
    assert held_by(host(), job("A", elsewhere, object_ref("dead"))) == {"A": "fail"}
    assert held_by(host(machines=["srv"]), job("A", object_ref("srv")), gaps={"hierarchy_machines": NO_RIGHT}) == {"A": "not_assessable"}


def test_containers_that_hold_nothing_make_an_empty_job_and_closed_ones_a_doubt() -> None:
    assert held_by(job("A", FOLDER)) == {"A": "fail"}
    assert held_by(job("A", FOLDER), closed(FOLDER)) == {"A": "not_assessable"}
    assert held_by(job("A", FOLDER), held(FOLDER, "web-1")) == {"A": "pass"}


def test_a_copy_of_a_job_that_was_deleted_fails_unless_jobs_are_hidden() -> None:
    source = job("Source", object_ref("srv"))
    copy = job("Copy", kind="BackupCopy", sources=[source])
    assert held_by(copy) == {"Copy": "fail"}
    assert held_by(copy, gaps={"agent_jobs": NO_RIGHT})["Copy"] == "not_assessable"


def test_agent_jobs_hold_groups_and_computers() -> None:
    group = new("protection_groups", "Windows", backup_server=BACKUP_SERVER)
    empty = new("protection_groups", "Nobody", backup_server=BACKUP_SERVER)
    known = (group, empty, computer("phys-01.example.com", reference(group)))
    assert held_by(*known, agent_job("Group", "Windows")) == {"Group": "pass"}
    assert held_by(*known, agent_job("Computer", "phys-01")) == {"Computer": "pass"}
    assert held_by(*known, agent_job("Empty group", "Nobody")) == {"Empty group": "fail"}
    assert held_by(*known, agent_job("Directory", "OU=Servers")) == {"Directory": "not_assessable"}


def test_a_job_of_which_the_service_does_not_tell_what_is_in_it_is_not_called_empty() -> None:
    assert held_by(job("A", job_info=None)) == {"A": "not_assessable"}


# -- C10 ----------------------------------------------------------------------------------------------------


def test_two_enabled_backup_jobs_are_one_too_many() -> None:
    both, one = object_ref("both"), object_ref("one")
    judgements = said("C10", estate(job("A", both, one), job("B", both), job("Off", one, schedule_enabled=False)))
    assert statuses(judgements) == {"both": "fail", "one": "pass"}
    assert judgements[0].reason == "It is in 2 enabled backup jobs: A, B."


@pytest.mark.parametrize("kind", ["BackupCopy", "Replica"])
def test_copies_and_replicas_do_not_count(kind: str) -> None:
    assert statuses(said("C10", estate(job("A", object_ref("srv")), job("B", object_ref("srv"), kind=kind)))) == {"srv": "pass"}


def test_a_container_that_leaves_a_machine_out_does_not_count_but_one_that_never_ran_does() -> None:
    web, own = job("Web", FOLDER), job("Own", object_ref("special"))
    parts = (web, own, held(FOLDER, "web-1", "special"))
    assert statuses(said("C10", estate(parts))) == {"web-1": "pass", "special": "fail"}
    session = run(web, ago(3))
    assert statuses(said("C10", estate(parts, session, task("web-1", session)))) == {"web-1": "pass", "special": "pass"}


def test_machines_of_one_name_in_a_job_each_are_not_one_machine_in_two() -> None:
    assert [one.status for one in said("C10", estate(job("A", object_ref("srv")), job("B", object_ref("srv", "vc02"))))] == ["pass", "pass"]


def test_without_jobs_the_rule_is_not_assessable() -> None:
    (finding,) = found("C10", gaps={"jobs": NO_RIGHT})
    assert (finding.status, finding.judgement.subject.name) == (NOT_ASSESSABLE, SERVER)
