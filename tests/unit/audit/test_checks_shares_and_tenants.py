# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks on file share jobs and on tenants."""

from __future__ import annotations

from typing import Any

import pytest
from records import ago, found, record, said, statuses

from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.facts import Gap
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.model import NOT_ASSESSABLE, Judgement, Record

# -- C42 ------------------------------------------------------------------------------------------------------


def job(unit: str | None = "Day", period: int | None = 28, archive: bool | None = False, kept: tuple[str, int] | None = None, **values: Any) -> Record:
    history = None if kept is None else {"longterm_retention_type": kept[0], "longterm_retention_period": kept[1]}
    options = {
        "shortterm_retention_type": unit,
        "shortterm_retention_period": period,
        "longterm_retention_enabled": archive,
        "keep_file_versions_history_options": history,
    }
    return record(
        "nas_jobs", "Shares", **{"schedule_enabled": True, "schedule_configured": True, "storage_options": options, "backup_server": "vbr01", **values}
    )


def of_job(one: Record, **values: Any) -> Judgement:
    (judgement,) = said("C42", {"nas_jobs": [one]}, values)
    assert (judgement.subject.kind, judgement.subject.backup_server) == ("job", "vbr01")
    return judgement


@pytest.mark.parametrize(
    ("unit", "period", "days", "status"),
    [
        ("Day", 28, 28, "pass"),
        ("Day", 27, 28, "fail"),
        ("Month", 1, 30, "pass"),
        ("Month", 1, 31, "fail"),
        ("Month", None, 1, NOT_ASSESSABLE),
        (None, 28, 1, NOT_ASSESSABLE),
        ("Week", 4, 1, NOT_ASSESSABLE),
    ],
)
def test_recent_versions_are_kept_long_enough(unit: str | None, period: int | None, days: int, status: str) -> None:
    assert of_job(job(unit, period), short_term_days=days).status == status


@pytest.mark.parametrize(
    ("archive", "kept", "months", "status"),
    [
        (True, ("Month", 12), 12, "pass"),
        (True, ("Year", 1), 12, "pass"),
        (True, ("Month", 11), 12, "fail"),
        (True, ("Year", 1), 13, "fail"),
        (False, ("Year", 9), 12, "fail"),
        (False, None, 0, "pass"),
        (True, None, 12, NOT_ASSESSABLE),
        (None, None, 12, NOT_ASSESSABLE),
        (None, None, 0, "pass"),
    ],
)
def test_the_archive_keeps_versions_long_enough_where_one_is_wanted(archive: bool | None, kept: tuple[str, int] | None, months: int, status: str) -> None:
    assert of_job(job(archive=archive, kept=kept), long_term_months=months).status == status


@pytest.mark.parametrize(
    ("enabled", "configured", "status", "reason"),
    [
        (False, True, "fail", "Its schedule is switched off."),
        (False, False, "fail", "It has no schedule."),
        (True, False, "fail", "It has no schedule."),
        (None, True, NOT_ASSESSABLE, "The service does not tell its whole schedule and retention."),
    ],
)
def test_file_share_jobs_run_by_schedule(enabled: bool | None, configured: bool, status: str, reason: str) -> None:
    judgement = of_job(job(schedule_enabled=enabled, schedule_configured=configured))
    assert (judgement.status, judgement.reason) == (status, reason)


def test_the_policy_may_do_without_a_schedule() -> None:
    assert of_job(job(schedule_enabled=False), scheduled=False).status == "pass"


def test_a_job_without_any_settings_stays_open() -> None:
    assert of_job(job(storage_options=None)).status == NOT_ASSESSABLE


def test_all_that_is_wrong_is_told_at_once() -> None:
    judgement = of_job(job(period=7, schedule_enabled=False), long_term_months=12)
    assert judgement.reason == (
        "Its schedule is switched off. It keeps recent versions for 7 days; 28 are wanted. Its archive keeps versions for 0 months; 12 are wanted."
    )


# -- C43 ------------------------------------------------------------------------------------------------------


def tenant(**values: Any) -> Record:
    usual = {
        "enabled": True,
        "lease_options": {"enabled": False},
        "resources": [],
        "last_active": ago(hours=1),
        "backup_protection_enabled": True,
        "backup_protection_period": 7,
        "backup_server": "vbr01",
    }
    return record("cloud_tenants", "Northwind", **{**usual, **values})


def of_tenant(one: Record, **values: Any) -> str:
    (judgement,) = said("C43", {"cloud_tenants": [one]}, values)
    return judgement.status


def quota(granted: int | None, used: int | None) -> dict[str, Any]:
    return {"repository_quota": {"quota": granted, "used_quota": used}}


def ends(**time: float) -> dict[str, Any]:
    return {"enabled": True, "lease_expiration_date": ago(**time)}


def test_a_lease_that_ends_lasts_long_enough() -> None:
    assert of_tenant(tenant(lease_options=ends(days=-14))) == "pass"
    assert of_tenant(tenant(lease_options=ends(days=-14, seconds=1))) == "fail"
    assert of_tenant(tenant(lease_options=ends(days=3))) == "fail"
    assert of_tenant(tenant(lease_options={"enabled": False, "lease_expiration_date": ago(days=3)})) == "pass"
    assert of_tenant(tenant(lease_options={"enabled": False})) == "pass"
    assert of_tenant(tenant(lease_options=None)) == of_tenant(tenant(lease_options={"enabled": True})) == "not_assessable"


def test_a_lease_that_is_over_is_said_to_be() -> None:
    (over,), (today,) = (said("C43", {"cloud_tenants": [tenant(lease_options=ends(days=days))]}) for days in (3, 0))
    assert over.reason == "Its lease ended 3.0 days ago; 14.0 days have to be left."
    assert today.reason == "Its lease ends in 0.0 days; 14.0 days have to be left."


@pytest.mark.parametrize(
    ("resources", "status"),
    [
        ([quota(1000, 900)], "pass"),
        ([quota(1000, 901)], "fail"),
        ([quota(1000, 1), quota(10, 10)], "fail"),
        ([quota(0, 10)], "pass"),
        ([quota(None, 10)], "pass"),
        ([{"repository_quota": None}], "pass"),
        (None, "pass"),
    ],
)
def test_the_fullest_quota_counts(resources: Any, status: str) -> None:
    assert of_tenant(tenant(resources=resources)) == status


def test_a_tenant_is_active() -> None:
    assert of_tenant(tenant(last_active=ago(days=7))) == "pass"
    assert of_tenant(tenant(last_active=ago(days=7, seconds=1))) == "fail"
    assert of_tenant(tenant(last_active=None)) == "fail"


@pytest.mark.parametrize(
    ("enabled", "days", "wanted", "status"),
    [(True, 7, 7, "pass"), (True, 6, 7, "fail"), (False, 7, 7, "fail"), (None, 7, 7, NOT_ASSESSABLE), (True, None, 7, NOT_ASSESSABLE), (False, 0, 0, "pass")],
)
def test_deleted_backups_stay_in_the_recycle_bin(enabled: bool | None, days: int | None, wanted: int, status: str) -> None:
    assert of_tenant(tenant(backup_protection_enabled=enabled, backup_protection_period=days), recycle_bin_days=wanted) == status


def test_a_tenant_that_is_switched_off_passes_whatever_it_has() -> None:
    (judgement,) = said("C43", {"cloud_tenants": [tenant(enabled=False, last_active=None, backup_protection_enabled=False)]})
    assert (judgement.status, judgement.reason) == ("pass", "It is switched off.")


def test_all_that_is_wrong_with_a_tenant_is_told_with_numbers() -> None:
    bad = tenant(lease_options=ends(days=-3), resources=[quota(1000, 950)], last_active=ago(days=9), backup_protection_period=1)
    (judgement,) = said("C43", {"cloud_tenants": [bad]})
    assert judgement.reason == (
        "Its lease ends in 3.0 days; 14.0 days have to be left. It uses 95.0 % of a quota; 90.0 % are allowed. "
        "It was active 9.0 days ago; 7.0 days are allowed. Its recycle bin keeps deleted backups for 1 day; 7 are wanted."
    )
    assert judgement.measured["lease_days"] == 3.0 and judgement.measured["quota_percent"] == 95.0


def test_an_estate_without_shares_and_tenants_has_nothing_to_judge_and_a_gap_leaves_it_open() -> None:
    for check, kind in (("C42", "nas_jobs"), ("C43", "cloud_tenants")):
        assert said(check) == []
        assert (
            statuses(finding.judgement for finding in found(check, gaps={kind: Gap(NOT_ASSESSABLE, "There is no provider here.")})).popitem()[1]
            == NOT_ASSESSABLE
        )
