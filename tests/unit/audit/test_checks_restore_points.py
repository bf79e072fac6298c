# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Restore points: how old the newest is, how many there are, of which sort."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from estate import (
    OTHER_SERVER,
    agent_job,
    agent_point,
    backup,
    computer,
    estate,
    held,
    host,
    job,
    new,
    object_ref,
    point,
    reference,
    run,
    task,
)
from records import BACKUP_SERVER, SERVER, ago, found, said, statuses

from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.facts import Gap
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.model import ERROR, NOT_ASSESSABLE, Judgement, Record
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.settings import MachineClass, Selector

FOLDER = object_ref("Web", kind="Folder")
SQL_BACKUP = backup("SQL")
LOST = Gap(ERROR, "The connection was lost.")
NO_RIGHT = Gap(NOT_ASSESSABLE, "The account lacks a right.")


def only(check: str, *parts: Any, **more: Any) -> Judgement:
    """Return the one judgement of a check on an estate."""
    (judgement,) = said(check, estate(*parts), **more)
    return judgement


def points(number: int, of: Record | None = SQL_BACKUP, name: str = "sql", first_days: float = 0.1, every_days: float = 1, **values: Any) -> list[Any]:
    """Return so many restore points of a machine, the newest first."""
    return [of or [], [point(name, ago(days=first_days + every_days * index), of, **values) for index in range(number)]]


# -- C02 ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "status"), [(-1, "pass"), (0, "pass"), (1, "fail")])
def test_a_point_is_within_its_rpo_to_the_second(seconds: float, status: str) -> None:
    judgement = only("C02", job("A", object_ref("srv")), point("srv", ago(hours=4, seconds=seconds)), values={"rpo_hours": 4})
    assert (judgement.status, judgement.expected) == (status, {"hours_at_most": 4})
    assert judgement.answers


def test_the_sentence_tells_apart_what_a_second_makes() -> None:
    late = only("C02", job("A", object_ref("srv")), point("srv", ago(hours=4, seconds=1)), values={"rpo_hours": 4})
    assert late.reason == "Its newest restore point is 4.0003 hours old; 4.0000 hours are allowed."
    assert only("C02", point("srv", ago(hours=3)), values={"rpo_hours": 4}).reason == "Its newest restore point is 3.0 hours old; 4.0 hours are allowed."


def test_a_point_of_a_moment_to_come_is_within_its_rpo() -> None:
    assert only("C02", point("srv", ago(hours=-1))).status == "pass"


def test_classes_of_machines_have_an_rpo_of_their_own() -> None:
    gold = MachineClass("gold", Selector(names=("sql*",)), {"rpo_hours": 1})
    parts = estate(job("A", object_ref("sql"), object_ref("web")), point("sql", ago(2)), point("web", ago(2)))
    assert statuses(said("C02", parts, policy={"classes": (gold,)})) == {"sql": "fail", "web": "pass"}


def test_the_newest_point_of_a_copy_counts_like_that_of_a_backup() -> None:
    copy = backup("Copy")
    assert only("C02", job("A", object_ref("sql")), copy, points(1, first_days=9), point("sql", ago(3), copy)).status == "pass"


def test_a_machine_of_a_job_that_never_ran_fails_and_one_in_no_job_is_not_asked_about() -> None:
    judgements = said("C02", estate(host(machines=["srv", "free"]), job("A", object_ref("srv"))))
    assert statuses(judgements) == {"srv": "fail"}
    assert judgements[0].reason == "It is in a job and has no restore point."
    assert said("C02") == []


@pytest.mark.parametrize("kind", ["Replica", "BackupCopy"])
def test_replicas_and_copies_alone_promise_no_restore_point(kind: str) -> None:
    assert said("C02", estate(job("A", object_ref("srv"), kind=kind))) == []


def test_of_a_machine_that_a_container_leaves_out_nobody_can_say_whether_it_ought_to_have_a_point() -> None:
    web = job("Web", FOLDER)
    session = run(web, ago(3))
    judgements = said("C02", estate(web, held(FOLDER, "web-1", "excluded"), session, task("web-1", session), point("web-1", ago(3))))
    assert statuses(judgements) == {"web-1": "pass", "excluded": "not_assessable"}


def test_a_deleted_machine_is_left_out_and_one_that_may_be_deleted_is_in_doubt() -> None:
    old = point("deleted", ago(days=9))
    assert said("C02", estate(host(), old)) == []
    assert only("C02", old).status == "not_assessable"
    assert only("C02", point("young", ago(3))).status == "pass"


def test_two_machines_of_one_name_on_two_servers_have_a_point_each() -> None:
    theirs = point("srv", ago(50), ref=object_ref("srv", "vc02"), backup_server=OTHER_SERVER)
    judgements = said("C02", estate(host(machines=["srv"]), host("vc02", ["srv"], OTHER_SERVER), point("srv", ago(2)), theirs))
    assert {one.subject.backup_server: one.status for one in judgements} == {BACKUP_SERVER: "pass", OTHER_SERVER: "fail"}


def test_computers_are_judged_by_the_points_of_their_agents() -> None:
    known = (computer("phys-01"), computer("phys-02"), agent_job("A", "phys-01", "phys-02"))
    assert statuses(said("C02", estate(known, agent_point("phys-01", ago(3))))) == {"phys-01": "pass", "phys-02": "fail"}
    told = statuses(said("C02", estate(known), gaps={"agent_restore_points": LOST}))
    assert told == {"phys-01": ERROR, "phys-02": ERROR, SERVER: ERROR}


@pytest.mark.parametrize("check", ["C02", "C16", "C17", "C18"])
def test_lost_points_never_pass(check: str) -> None:
    (finding,) = found(check, gaps={"vm_restore_points": LOST})
    assert finding.status == ERROR
    assert said(check) == []


# -- C16 ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "status"), [(6, "fail"), (7, "pass"), (8, "pass")])
def test_exactly_as_many_points_as_wanted_are_enough(number: int, status: str) -> None:
    judgement = only("C16", points(number), values={"points": 7})
    assert (judgement.status, judgement.measured["points"]) == (status, number)


def test_copies_of_points_do_not_make_more_of_them() -> None:
    copy = backup("Copy", "Vault 1")
    both = (points(4), points(5, copy))
    assert [only("C16", both, values={"points": wanted}).status for wanted in (5, 6)] == ["pass", "fail"]


@pytest.mark.parametrize(("seconds", "status"), [(1, "pass"), (0, "pass"), (-1, "fail")])
def test_the_oldest_point_is_old_enough_to_the_second(seconds: float, status: str) -> None:
    parts = (SQL_BACKUP, point("sql", ago(1), SQL_BACKUP), point("sql", ago(days=14, seconds=seconds), SQL_BACKUP))
    assert only("C16", parts, values={"points": 2, "oldest_days": 14}).status == status


def test_points_of_which_the_backup_is_not_told_are_not_counted_twice() -> None:
    without = (job("A", object_ref("sql")), points(7, None))
    assert only("C16", without, values={"points": 7}).status == "pass"
    copied = (*without, job("Copy", kind="BackupCopy", sources=[without[0]]))
    assert only("C16", copied, values={"points": 7}).status == "not_assessable"
    assert only("C16", copied, values={"points": 8}).status == "fail"
    assert only("C16", copied, values={"points": 7, "oldest_days": 90}).status == "fail"
    assert only("C16", points(7, None), values={"points": 7}, gaps={"jobs": NO_RIGHT}).status == "not_assessable"
    assert [only("C16", points(5), points(3, None), values={"points": wanted}).status for wanted in (5, 8, 9)] == ["pass", "not_assessable", "fail"]


def test_retention_may_differ_by_class_and_machines_without_points_are_left_to_the_rpo() -> None:
    gold = MachineClass("gold", Selector(names=("sql*",)), {"points": 3})
    parts = estate(host(machines=["bare", "sql", "web"]), job("A", object_ref("bare")), points(3), points(3, name="web"))
    assert statuses(said("C16", parts, policy={"classes": (gold,)})) == {"sql": "pass", "web": "fail"}


# -- C17 ----------------------------------------------------------------------------------------------------


def with_full(days: float, seconds: float = 0, **values: Any) -> list[Any]:
    """Return increments of today and a full restore point that is so old."""
    return [points(3), point("sql", ago(days=days, seconds=seconds), SQL_BACKUP, **{"point_type": "Full", **values})]


@pytest.mark.parametrize(("seconds", "status"), [(-1, "pass"), (0, "pass"), (1, "fail")])
def test_a_full_backup_is_young_enough_to_the_second(seconds: float, status: str) -> None:
    assert only("C17", with_full(7, seconds), values={"full_days": 7}).status == status


def test_a_full_backup_in_a_copy_does_not_make_the_chain_of_the_backup_any_shorter() -> None:
    copy = backup("Copy")
    young = [copy, point("sql", ago(days=1), copy, point_type="Full")]
    judgement = only("C17", with_full(9), young, values={"full_days": 7})
    assert (judgement.status, judgement.measured["backup"]) == ("fail", "SQL")
    # The chain of a former job, which gets no more points, says nothing.
    former = point("sql", ago(days=9), SQL_BACKUP, point_type="Full")
    assert only("C17", SQL_BACKUP, former, young, values={"full_days": 7}).status == "pass"


def test_increments_without_any_full_backup_fail() -> None:
    judgement = only("C17", points(3))
    assert (judgement.status, judgement.reason) == ("fail", "Among 3 restore points of it in the backup SQL there is no full backup.")


def file_of(kind: str) -> Record:
    """Return a backup file of a type."""
    return new("backup_files", f"sql.{kind}", file_type=kind, backup=reference(SQL_BACKUP), backup_server=BACKUP_SERVER)


@pytest.mark.parametrize(("kind", "status"), [("vbk", "pass"), ("vib", "fail"), ("vrb", "fail"), ("vxx", "not_assessable")])
def test_where_a_point_does_not_tell_its_sort_the_file_does(kind: str, status: str) -> None:
    file = file_of(kind)
    assert only("C17", file, SQL_BACKUP, point("sql", ago(3), SQL_BACKUP, point_type=None, backup_file=reference(file))).status == status


def test_a_point_of_unknown_sort_leaves_doubt_only_while_it_would_be_young_enough() -> None:
    untold = point("sql", ago(days=8), SQL_BACKUP, point_type=None)
    assert only("C17", points(3), untold, values={"full_days": 9}).status == "not_assessable"
    assert only("C17", points(3), untold, values={"full_days": 7}).status == "fail"
    assert only("C17", with_full(6), untold, values={"full_days": 7}).status == "pass"


def test_full_backups_of_computers_count() -> None:
    assert only("C17", computer("phys-01"), agent_point("phys-01", ago(days=3))).status == "pass"


# -- C18 ----------------------------------------------------------------------------------------------------

FORWARD = {"point_type": "Increment", "algorithm": "Incremental"}


@pytest.mark.parametrize(
    ("values", "status"),
    [
        (FORWARD, "pass"),
        ({"point_type": "Full", "algorithm": "SyntheticFull"}, "pass"),
        ({"point_type": "ReverseIncrement", "algorithm": None}, "fail"),
        ({"point_type": "Full", "algorithm": "ReversedIncremental"}, "fail"),
        ({"point_type": None, "algorithm": None}, "not_assessable"),
        ({"point_type": None, "algorithm": "Incremental"}, "pass"),
    ],
)
def test_reverse_increments_are_known_by_type_or_method(values: dict[str, Any], status: str) -> None:
    judgement = only("C18", points(3, **values))
    assert (judgement.status, judgement.subject.kind, judgement.subject.name, judgement.subject.jobs) == (status, "backup", "SQL", ("SQL",))


def test_reverse_increments_are_known_by_their_files() -> None:
    file = file_of("vrb")
    assert only("C18", SQL_BACKUP, file, point("sql", ago(30), SQL_BACKUP, point_type=None, backup_file=reference(file))).status == "fail"


@pytest.mark.parametrize(("seconds", "status"), [(-1, "fail"), (0, "fail"), (1, "pass")])
def test_what_a_former_setting_left_does_not_count(seconds: float, status: str) -> None:
    old = point("sql", ago(days=14, seconds=seconds), SQL_BACKUP, point_type="ReverseIncrement", algorithm="ReversedIncremental")
    assert only("C18", points(3, **FORWARD), old, values={"days": 14}).status == status


def test_each_backup_is_judged_and_points_of_unknown_backups_with_their_machine() -> None:
    other = backup("Copy")
    reverse: Sequence[Any] = points(2, None, name="web", point_type="ReverseIncrement")
    judgements = said("C18", estate(points(2, **FORWARD), points(2, other, name="web", **FORWARD), reverse))
    assert {(one.subject.kind, one.subject.name): one.status for one in judgements} == {
        ("backup", "SQL"): "pass",
        ("backup", "Copy"): "pass",
        ("machine", "web"): "fail",
    }


def test_points_of_computers_that_could_not_be_read_are_told() -> None:
    assert statuses(said("C18", estate(points(1, **FORWARD)), gaps={"agent_restore_points": NO_RIGHT})) == {"SQL": "pass", SERVER: "not_assessable"}
