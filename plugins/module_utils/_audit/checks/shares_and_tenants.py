# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""File share jobs, and tenants of a service provider."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Optional

from ..context import Context
from ..model import MEDIUM, Judgement, Parameter, Reads, Record, cannot_say, check, verdict
from ..subjects import subject_of
from ..times import DAY, seconds_of
from ..words import counted, told_apart

# A month is counted as 30 days, so that a policy in days can be held against retention in months.
_DAYS_OF = {"Day": 1, "Month": 30}
_MONTHS_OF = {"Month": 1, "Year": 12}


@check(
    id="C42",
    title="File share jobs run by schedule and keep versions long enough",
    severity=MEDIUM,
    subject="job",
    reads=(Reads("nas_jobs", ("name", "schedule_configured", "schedule_enabled", "storage_options", "backup_server_name")),),
    parameters=(
        Parameter("scheduled", "bool", True, "Whether the job has to run by a schedule that is switched on."),
        Parameter("short_term_days", "integer", 28, "How long recent versions have to be kept; a month counts as 30 days.", unit="days", minimum=0),
        Parameter("long_term_months", "integer", 0, "How long the archive has to keep older versions; 0 asks for no archive.", unit="months", minimum=0),
    ),
    why="File shares hold what people work on; a version that is gone before the damage is noticed cannot be brought back.",
    how="Schedule, short-term and long-term retention in the settings of each file share job.",
    fix="Switch the schedule on; set the retention in the job's storage settings.",
    controls=("CIS 11.2", "NIST CP-9", "ISO A.8.13"),
)
def file_share_jobs(context: Context) -> Iterator[Judgement]:
    """Judge every file share job."""
    days, months = context.value("short_term_days"), context.value("long_term_months")
    expected = {"scheduled": context.value("scheduled"), "short_term_days_at_least": days, "long_term_months_at_least": months}
    for job in context.facts.records("nas_jobs"):
        subject = subject_of("job", job)
        found = _kept(job["storage_options"] or {})
        measured = {"schedule_enabled": job["schedule_enabled"], "schedule_configured": job["schedule_configured"], **found}
        schedule = (job["schedule_enabled"], job["schedule_configured"]) if context.value("scheduled") else ()
        problems = []
        if context.value("scheduled") and (job["schedule_enabled"] is False or job["schedule_configured"] is False):
            problems.append("Its schedule is switched off." if job["schedule_configured"] else "It has no schedule.")
        if found["short_term_days"] is not None and found["short_term_days"] < days:
            problems.append("It keeps recent versions for %s; %d are wanted." % (counted(found["short_term_days"], "day"), days))
        if months and found["long_term_months"] is not None and found["long_term_months"] < months:
            problems.append("Its archive keeps versions for %s; %d are wanted." % (counted(found["long_term_months"], "month"), months))
        if problems:
            yield verdict(False, subject, " ".join(problems), measured, expected, [job])
        elif found["short_term_days"] is None or (months and found["long_term_months"] is None) or None in schedule:
            yield cannot_say(subject, "The service does not tell its whole schedule and retention.", measured, expected, [job])
        else:
            archive = "older ones for %s" % counted(found["long_term_months"], "month") if found["long_term_months"] else "has no archive for older ones"
            reason = "It keeps recent versions for %s, and %s." % (counted(found["short_term_days"], "day"), archive)
            yield verdict(True, subject, reason, measured, expected, [job])


def _kept(options: Record) -> Dict[str, Optional[int]]:
    """Return days of recent versions and months of the archive (0 without one); None for what the settings do not tell."""
    long_term = options.get("keep_file_versions_history_options") or {}
    months = _in(_MONTHS_OF, long_term.get("longterm_retention_type"), long_term.get("longterm_retention_period"))
    return {
        "short_term_days": _in(_DAYS_OF, options.get("shortterm_retention_type"), options.get("shortterm_retention_period")),
        "long_term_months": months if options.get("longterm_retention_enabled") else 0 if options.get("longterm_retention_enabled") is False else None,
    }


def _in(units: Dict[str, int], unit: Optional[str], period: Optional[int]) -> Optional[int]:
    return None if period is None or unit not in units else units[unit] * period


@check(
    id="C43",
    title="Tenants are within lease and quota, and use what they pay for",
    severity=MEDIUM,
    subject="tenant",
    reads=(
        Reads(
            "cloud_tenants",
            (
                *("name", "enabled", "lease_options", "resources", "last_active", "last_result"),
                *("backup_protection_enabled", "backup_protection_period", "backup_server_name"),
            ),
        ),
    ),
    parameters=(
        Parameter("lease_days", "number", 14.0, "How long a lease that ends has to last.", unit="days", minimum=0),
        Parameter("quota_percent", "number", 90.0, "How much of a quota may be used.", unit="percent", minimum=0),
        Parameter("active_days", "number", 7.0, "How long ago a tenant may have been active last.", unit="days", minimum=0),
        Parameter("recycle_bin_days", "integer", 7, "How long deleted backups have to stay in the recycle bin; 0 asks for none.", unit="days", minimum=0),
    ),
    why="A tenant whose lease ended, or whose quota is full, has no backups from then on; without a recycle bin an attacker deletes them for good.",
    how="Lease, used part of each quota, last activity and recycle bin of each tenant that is enabled.",
    fix="Extend the lease or the quota, ask the tenant who is silent, switch the recycle bin on.",
    limits="What the tenant's own jobs look like is not told.",
    controls=("CIS 11.3", "CIS 15.6", "NIST CP-9", "ISO A.8.6", "ISO A.8.13"),
)
def tenants(context: Context) -> Iterator[Judgement]:
    """Judge every tenant; one that is switched off passes."""
    limits = {name: context.value(name) for name in ("lease_days", "quota_percent", "active_days", "recycle_bin_days")}
    for tenant in context.facts.records("cloud_tenants"):
        subject = subject_of("tenant", tenant)
        exact = _measured_of_tenant(context, tenant)
        measured = {name: round(value, 2) if isinstance(value, float) else value for name, value in exact.items()}
        if tenant["enabled"] is False:
            yield verdict(True, subject, "It is switched off.", measured, limits, [tenant])
            continue
        problems = _problems_of_tenant(exact, limits)
        untold = _untold_of_tenant(tenant, exact, limits)
        if not problems and untold:
            yield cannot_say(subject, "The service does not say %s." % untold, measured, limits, [tenant])
            continue
        reason = " ".join(problems) or "Lease, quota, last activity and recycle bin are within the limits."
        yield verdict(not problems, subject, reason, measured, limits, [tenant])


def _measured_of_tenant(context: Context, tenant: Record) -> Dict[str, Any]:
    facts, lease = context.facts, tenant["lease_options"] or {}
    end = lease.get("lease_expiration_date") if lease.get("enabled") else None
    idle = facts.age_hours(tenant["last_active"])
    return {
        "enabled": tenant["enabled"],
        "lease_days": None if end is None else (seconds_of(end) - facts.now) / DAY,
        "quota_percent": _fullest(tenant),
        "idle_days": None if idle is None else idle / 24,
        "recycle_bin": tenant["backup_protection_enabled"],
        "recycle_bin_days": tenant["backup_protection_period"],
    }


def _fullest(tenant: Record) -> Optional[float]:
    """Return how much of its fullest quota a tenant uses, in percent; None without any quota."""
    quotas = [(resource or {}).get("repository_quota") or {} for resource in tenant["resources"] or []]
    used = [100.0 * quota["used_quota"] / quota["quota"] for quota in quotas if quota.get("quota") and quota.get("used_quota") is not None]
    return max(used, default=None)


def _untold_of_tenant(tenant: Record, measured: Dict[str, Any], limits: Dict[str, Any]) -> str:
    """Return what is not told of a tenant, for a sentence to go on with; "" where all is."""
    lease = tenant["lease_options"] or {}
    quotas = [(resource or {}).get("repository_quota") or {} for resource in tenant["resources"] or []]
    if lease.get("enabled") is None or (lease["enabled"] and measured["lease_days"] is None):
        return "whether and when its lease ends"
    if any(quota.get("quota") and quota.get("used_quota") is None for quota in quotas):
        return "how much of its quota it uses"
    if limits["recycle_bin_days"] and (measured["recycle_bin"] is None or measured["recycle_bin_days"] is None):
        return "whether its deleted backups go to a recycle bin"
    return ""


def _problems_of_tenant(measured: Dict[str, Any], limits: Dict[str, Any]) -> List[str]:
    problems = []
    lease, used, idle, kept = (measured[name] for name in ("lease_days", "quota_percent", "idle_days", "recycle_bin_days"))
    if lease is not None and lease < limits["lease_days"]:
        left, least = told_apart(lease, limits["lease_days"])
        told = "ends in %s days" % left if lease >= 0 else "ended %.1f days ago" % -lease
        problems.append("Its lease %s; %s days have to be left." % (told, least))
    if used is not None and used > limits["quota_percent"]:
        problems.append("It uses %s %% of a quota; %s %% are allowed." % told_apart(used, limits["quota_percent"]))
    if idle is None:
        problems.append("It was never active.")
    elif idle > limits["active_days"]:
        problems.append("It was active %s days ago; %s days are allowed." % told_apart(idle, limits["active_days"]))
    if limits["recycle_bin_days"] and measured["recycle_bin"] is False:
        problems.append("Its deleted backups do not go to a recycle bin.")
    elif limits["recycle_bin_days"] and kept is not None and kept < limits["recycle_bin_days"]:
        problems.append("Its recycle bin keeps deleted backups for %s; %d are wanted." % (counted(kept, "day"), limits["recycle_bin_days"]))
    return problems
