# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks on replicas, continuous data protection and failover plans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from estate import OTHER_SERVER, estate, held, host, job, new, object_ref
from records import BACKUP_SERVER, ago, found, said, statuses

from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.facts import Gap
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.model import ERROR, NOT_ASSESSABLE, Judgement, Record
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.settings import MachineClass, Selector

IRON = {"classes": (MachineClass("iron", Selector(names=("iron",)), {"replica_rpo_hours": 48}),)}


def replica_point(machine: str, created: str, server: str = BACKUP_SERVER) -> Record:
    """Return a replica point of a machine; it tells the machine's name only."""
    return new("vm_replica_points", f"{machine}@x", vm_display_name=machine, creation_time=created, backup_server=server, replica="Second site")


def replication(*names: str, **values: Any) -> Record:
    """Return a replication job that names the machines."""
    return job("Replication", *map(object_ref, names), kind="Replica", **values)


def only(judgements: Sequence[Judgement]) -> Judgement:
    """Return the one judgement there is."""
    (judgement,) = judgements
    return judgement


@pytest.mark.parametrize("rule", ["C24", "C25", "C26"])
def test_an_empty_estate_has_no_judgements(rule: str) -> None:
    assert said(rule, {}) == []


@pytest.mark.parametrize(
    ("rule", "kind"), [("C24", "vm_replica_points"), ("C25", "cdp_replica_sessions"), ("C26", "failover_plans"), ("C26", "vm_replica_points")]
)
def test_what_could_not_be_read_is_never_a_pass(rule: str, kind: str) -> None:
    finding = found(rule, estate(replication("srv")), gaps={kind: Gap(ERROR, "The line broke.")})[0]
    assert (finding.status, finding.judgement.subject.kind) == (ERROR, "enterprise_manager")


# ---------------------------------------------------------------------------------------------------------
# C24


@pytest.mark.parametrize(("seconds", "status"), [(0, "pass"), (1, "fail"), (-1, "pass")])
def test_the_newest_replica_point_is_within_its_rpo_to_the_second(seconds: float, status: str) -> None:
    points = [replica_point("srv", ago(hours=4, seconds=seconds)), replica_point("srv", ago(hours=40))]
    judgement = only(said("C24", estate(replication("srv"), points), {"replica_rpo_hours": 4}))
    assert (judgement.status, judgement.expected) == (status, {"hours_at_most": 4})


def test_a_class_has_an_rpo_of_its_own() -> None:
    points = [replica_point(name, ago(hours=30)) for name in ("gold", "iron")]
    assert statuses(said("C24", estate(replication("gold", "iron"), points), policy=IRON)) == {"gold": "fail", "iron": "pass"}


def replicating(machine: str, result: str, hours: float, server: str = BACKUP_SERVER, **values: Any) -> Record:
    """Return the task session of a machine in a replication that is over."""
    told = {"vm_display_name": machine, "result": result, "state": "Completed", "creation_time": ago(hours=hours), "backup_server": server}
    return new("replica_task_sessions", f"{machine}@x", **{**told, "reason": "", **values})


@pytest.mark.parametrize(
    ("runs", "status"),
    [
        ([replicating("srv", "Failed", 1, reason="The datastore is full.")], "fail"),
        ([replicating("srv", "Failed", 1), replicating("srv", "Success", 2)], "fail"),
        ([replicating("srv", "Failed", 2), replicating("srv", "Success", 1)], "pass"),
        ([replicating("srv", "Failed", 2), replicating("srv", "Warning", 1)], "pass"),
        ([replicating("srv", "Failed", 1, state="InProgress"), replicating("srv", "Success", 2)], "pass"),
        ([replicating("srv", "Failed", 1, server=OTHER_SERVER)], "pass"),
        ([replicating("other", "Failed", 1)], "pass"),
    ],
    ids=["failed", "failed after a good one", "good after a failed one", "warned", "goes on", "of one with that name elsewhere", "of another"],
)
def test_a_fresh_replica_does_not_make_up_for_a_failed_replication(runs: list[Record], status: str) -> None:
    judgements = said("C24", estate(replication("srv"), replica_point("srv", ago(hours=3)), runs))
    assert statuses(one for one in judgements if one.subject.name == "srv" and BACKUP_SERVER in one.subject.backup_server) == {"srv": status}


def test_the_reason_of_a_failed_replication_is_told() -> None:
    runs = [replicating("srv", "Failed", 1, reason="The datastore is full.")]
    judgement = only(said("C24", estate(replication("srv"), replica_point("srv", ago(hours=3)), runs)))
    assert judgement.reason.endswith(f" The last replication, which began at {ago(hours=1)}, failed: The datastore is full.")
    assert judgement.measured["last_result"] == "Failed"


def test_replications_that_could_not_be_read_are_told_beside_the_points() -> None:
    findings = found("C24", estate(replication("srv"), replica_point("srv", ago(hours=3))), gaps={"replica_task_sessions": Gap(ERROR, "The line broke.")})
    assert [(finding.judgement.subject.kind, finding.status) for finding in findings] == [("enterprise_manager", ERROR), ("machine", "pass")]


def test_a_machine_that_a_replication_names_ought_to_have_a_point() -> None:
    judgement = only(said("C24", estate(replication("srv"))))
    assert (judgement.status, judgement.reason) == ("fail", "The replication job Replication names it, and it has no replica point.")
    assert said("C24", estate(replication("srv", schedule_enabled=False), job("Daily", object_ref("other")))) == []


def test_a_machine_in_a_container_may_be_left_out() -> None:
    folder = object_ref("web", kind="Folder")
    one = job("Replication", folder, kind="Replica")
    judgements = said("C24", estate(one, held(folder, "old", "new"), replica_point("old", ago(hours=1))))
    assert statuses(judgements) == {"old": "pass", "new": NOT_ASSESSABLE}


def test_namesakes_on_two_servers_have_points_of_their_own() -> None:
    points = [replica_point("srv", ago(hours=1)), replica_point("srv", ago(hours=100), OTHER_SERVER)]
    judgements = said("C24", estate(points))
    assert sorted((one.subject.backup_server, one.status) for one in judgements) == [(BACKUP_SERVER, "pass"), (OTHER_SERVER, "fail")]


# ---------------------------------------------------------------------------------------------------------
# C25


def cdp_policy(**values: Any) -> Record:
    """Return a CDP policy that is switched on."""
    return new("cdp_policies", "Shop", **{"schedule_enabled": True, "backup_server": BACKUP_SERVER, **values})


def cdp_session(policy: Record, ended: str | None = None, **values: Any) -> Record:
    """Return a CDP session, without an end one that goes on."""
    usual = {"policy_uid": policy["uid"], "creation_time": ago(hours=40), "end_time": ended, "state": "Stopped" if ended else "Working"}
    return new("cdp_replica_sessions", "Shop@x", **{**usual, "result": "Success" if ended else "None", "backup_server": BACKUP_SERVER, **values})


def cdp_task(session: Record, result: str = "Success", **values: Any) -> Record:
    """Return a machine in a CDP session."""
    usual = {"vm_display_name": "shop-db", "policy_session_uid": session["uid"], "creation_time": ago(hours=40), "state": "InProgress", "result": result}
    return new("cdp_replica_task_sessions", "shop-db@x", **{**usual, **values})


def cdp(policy: Record, session: Mapping[str, Any] | None, task: Mapping[str, Any] | None = None) -> Any:
    """Return a policy with a session and a machine in it."""
    own = None if session is None else cdp_session(policy, **session)
    return estate(policy, *([] if own is None else [own, cdp_task(own, **(task or {}))]))


@pytest.mark.parametrize(
    ("policy", "session", "task", "status"),
    [
        ({}, {}, {}, "pass"),
        ({}, {"ended": ago(hours=24)}, {}, "pass"),
        ({}, {"ended": ago(hours=24, seconds=1)}, {}, "fail"),
        ({}, None, None, "fail"),
        ({}, {"ended": ago(hours=1), "result": "Failed"}, {}, "fail"),
        ({}, {"ended": ago(hours=1), "result": "Warning"}, {}, "pass"),
        ({}, {}, {"result": "Failed"}, "fail"),
        ({}, {}, {"result": "Failed", "end_time": ago(hours=24, seconds=1)}, "pass"),
        ({"schedule_enabled": False}, {}, {}, "fail"),
    ],
    ids=["goes on", "ended at the edge", "ended too long ago", "no session", "failed", "warned", "machine failed", "machine failed long ago", "off"],
)
def test_a_policy_works_when_it_is_on_and_nothing_failed_lately(policy: Any, session: Any, task: Any, status: str) -> None:
    assert only(said("C25", cdp(cdp_policy(**policy), session, task))).status == status


def test_a_failed_machine_is_named() -> None:
    judgement = only(said("C25", cdp(cdp_policy(), {}, {"result": "Failed"})))
    assert judgement.reason == "It is switched on; of 1 session in the last 24 hours 0 failed, with failures of shop-db."
    assert judgement.measured["failed_machines"] == ["shop-db"]


def test_sessions_of_another_policy_do_not_count() -> None:
    mine, other = cdp_policy(), cdp_policy()
    records = estate(mine, other, cdp_session(other))
    assert sorted(one.status for one in said("C25", records)) == ["fail", "pass"]


def test_without_machines_only_a_fail_is_sure() -> None:
    lost = {"cdp_replica_task_sessions": Gap(NOT_ASSESSABLE, "The account may not.")}
    assert only(said("C25", cdp(cdp_policy(), {}), gaps=lost)).status == NOT_ASSESSABLE
    assert only(said("C25", cdp(cdp_policy(), {"ended": ago(hours=1), "result": "Failed"}), gaps=lost)).status == "fail"


# ---------------------------------------------------------------------------------------------------------
# C26


def plan(*entries: tuple[str, int | None]) -> Record:
    """Return a failover plan. Args: entries: names of machines with their place in the order."""
    includes = [{"hierarchy_obj_ref": object_ref(name), "name": name, "display_name": name, "order": order} for name, order in entries]
    return new("failover_plans", "Second site", backup_server=BACKUP_SERVER, failover_plan_info={"includes": includes})


@pytest.mark.parametrize(
    ("entries", "status"),
    [
        ([("a", 0), ("b", 1)], "pass"),
        ([("a", 0), ("b", 0)], "fail"),
        ([("a", 0), ("b", None)], "fail"),
        ([("a", 0)], "pass"),
        ([("a", None)], "fail"),
        ([], "fail"),
    ],
    ids=["in order", "all at once", "one without a place", "alone", "alone without a place", "empty"],
)
def test_a_plan_has_machines_in_order(entries: list[tuple[str, int | None]], status: str) -> None:
    points = [replica_point(name, ago(hours=1)) for name in ("a", "b")]
    assert only(said("C26", estate(plan(*entries), host(machines=["a", "b"]), points))).status == status


def test_the_policy_may_do_without_an_order() -> None:
    points = [replica_point(name, ago(hours=1)) for name in ("a", "b")]
    assert only(said("C26", estate(plan(("a", 0), ("b", 0)), points), {"order_needed": False})).status == "pass"


@pytest.mark.parametrize(("seconds", "status"), [(0, "pass"), (1, "fail")])
def test_every_machine_of_a_plan_has_a_fresh_replica_point(seconds: float, status: str) -> None:
    points = [replica_point("a", ago(hours=1)), replica_point("b", ago(hours=24, seconds=seconds))]
    judgement = only(said("C26", estate(plan(("a", 0), ("b", 1)), replication("a", "b"), points)))
    assert (judgement.status, judgement.measured["without_fresh_replica"]) == (status, ["b"] if status == "fail" else [])


def test_a_machine_without_any_point_or_that_nobody_knows_fails_its_plan() -> None:
    records = estate(plan(("a", 0), ("ghost", 1)), replication("a"), replica_point("a", ago(hours=1)))
    judgement = only(said("C26", records))
    assert (judgement.status, judgement.measured["without_fresh_replica"]) == ("fail", ["ghost"])
    assert judgement.reason == "Of its 2 machines 1 is without a replica point of the allowed age (ghost); the order of start is set."


def test_machines_of_a_plan_have_the_rpo_of_their_class() -> None:
    points = [replica_point(name, ago(hours=30)) for name in ("gold", "iron")]
    judgement = only(said("C26", estate(plan(("gold", 0), ("iron", 1)), points), policy=IRON))
    assert judgement.measured["without_fresh_replica"] == ["gold"]


def test_a_plan_of_one_server_does_not_count_points_of_a_namesake_on_another() -> None:
    records = estate(plan(("a", 0)), replica_point("a", ago(hours=1), OTHER_SERVER))
    assert only(said("C26", records)).status == "fail"
