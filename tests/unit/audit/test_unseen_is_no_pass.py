# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a server leaves out, sends as null or does not let anybody read: that is said, and never passes."""

from __future__ import annotations

from typing import Any

import pytest
from estate import agent_job, estate, host, job, new, object_ref, point
from records import BACKUP_SERVER, SERVER, ago, record, said, statuses

from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.facts import Gap
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.model import ERROR, NOT_ASSESSABLE

GAPS = [Gap(NOT_ASSESSABLE, "The account lacks a right."), Gap(ERROR, "The connection was cut.")]


# -- what is in jobs and plans --------------------------------------------------------------------------------


def test_an_entry_of_an_agent_job_that_is_null_does_not_exist_for_sure() -> None:
    (judgement,) = said("C09", estate(agent_job("Agents", job_info={"includes": [None]})))
    assert judgement.status == NOT_ASSESSABLE and judgement.measured["not_known"] == ["an entry without a name"]


def test_an_entry_of_a_file_share_job_that_is_null_does_not_exist_for_sure() -> None:
    shares = new("nas_jobs", "Shares", backup_server=BACKUP_SERVER, includes=[None])
    assert statuses(said("C09", estate(shares))) == {"Shares": NOT_ASSESSABLE}


@pytest.mark.parametrize(("others", "status"), [([], NOT_ASSESSABLE), (["a"], NOT_ASSESSABLE), (["without-replica"], "fail")])
def test_a_failover_plan_with_an_entry_that_is_null_is_not_ready_for_sure(others: list[str], status: str) -> None:
    known = [{"hierarchy_obj_ref": object_ref(name), "name": name, "display_name": name, "order": 1} for name in others]
    plan = new("failover_plans", "Second site", backup_server=BACKUP_SERVER, failover_plan_info={"includes": [*known, None]})
    replica = new("vm_replica_points", "a@x", vm_display_name="a", creation_time=ago(1), backup_server=BACKUP_SERVER, replica="Second site")
    assert statuses(said("C26", estate(host(machines=["a", "without-replica"]), plan, replica))) == {"Second site": status}


# -- tenants and shares ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "untold",
    [
        {"lease_options": None},
        {"lease_options": {"enabled": True}},
        {"lease_options": {"lease_expiration_date": ago(days=-90)}},
        {"resources": [{"repository_quota": {"quota": 100, "used_quota": None}}]},
    ],
)
def test_a_tenant_of_whom_not_all_is_told_does_not_pass(untold: dict[str, Any]) -> None:
    usual = {"enabled": True, "lease_options": {"enabled": False}, "resources": [], "last_active": ago(hours=1)}
    bin_of_tenant = {"backup_protection_enabled": True, "backup_protection_period": 7, "backup_server": BACKUP_SERVER}
    assert statuses(said("C43", {"cloud_tenants": [record("cloud_tenants", "Northwind", **usual, **bin_of_tenant)]})) == {"Northwind": "pass"}
    assert statuses(said("C43", {"cloud_tenants": [record("cloud_tenants", "Northwind", **{**usual, **bin_of_tenant, **untold})]})) == {
        "Northwind": NOT_ASSESSABLE
    }


@pytest.mark.parametrize(("wanted", "status"), [(True, NOT_ASSESSABLE), (False, "pass")])
def test_a_file_share_job_that_does_not_tell_whether_it_has_a_schedule_does_not_pass_where_it_has_to(wanted: bool, status: str) -> None:
    options = {"shortterm_retention_type": "Day", "shortterm_retention_period": 30, "longterm_retention_enabled": False}
    shares = record("nas_jobs", "Shares", schedule_enabled=True, schedule_configured=None, storage_options=options, backup_server=BACKUP_SERVER)
    assert statuses(said("C42", {"nas_jobs": [shares]}, {"scheduled": wanted})) == {"Shares": status}


# -- collections of data --------------------------------------------------------------------------------------


def collected(name: str) -> dict[str, Any]:
    return record(
        "system_sessions",
        f"Collect Job {name}@2026-11-20 11:00:00",
        session_type="CollectJob",
        state="CompletedSuccessfully",
        creation_time=ago(1),
        end_time=ago(1),
    )


def test_a_backup_server_that_no_collection_names_is_not_fresh_for_sure() -> None:
    servers = [record("backup_servers", name) for name in ("vbr1", "vbr2")]
    assert statuses(said("C39", {"backup_servers": servers, "system_sessions": [collected("vbr1")]})) == {"vbr1": "pass", "vbr2": NOT_ASSESSABLE}
    assert statuses(said("C39", {"backup_servers": servers, "system_sessions": [collected("vbr1"), collected("")]})) == {"vbr1": "pass", SERVER: "pass"}


def test_no_collection_at_all_fails_also_where_the_backup_servers_could_not_be_read() -> None:
    assert said("C39", {}) == []
    assert statuses(said("C39", {}, gaps={"backup_servers": GAPS[0]})) == {SERVER: "fail"}


# -- jobs that could not be read --------------------------------------------------------------------------------


@pytest.mark.parametrize("gap", GAPS, ids=[NOT_ASSESSABLE, ERROR])
@pytest.mark.parametrize(
    ("rule", "kind"),
    [("C02", "jobs"), ("C02", "agent_jobs"), ("C02", "container_machines"), ("C02", "discovered_computers"), ("C24", "jobs"), ("C24", "container_machines")],
)
def test_where_jobs_could_not_be_read_it_is_said_that_machines_without_points_are_missing(rule: str, kind: str, gap: Gap) -> None:
    points = point("a", ago(1)) if rule == "C02" else []
    things = estate(host(machines=["a"]), job("Nightly", object_ref("a")), points)
    assert SERVER not in statuses(said(rule, things))
    judged = said(rule, things, gaps={kind: gap})
    assert [(one.status, gap.reason in one.reason) for one in judged if one.subject.name == SERVER] == [(gap.status, True)]
