# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be wrong with agents, file shares, continuous replication, failover plans and the tenants of a service provider."""

from __future__ import annotations

from typing import Iterator

from ..build import DAY_US
from ..families.nas import ARCHIVE
from ..families.replicas import planned
from ..families.served_jobs import common_values
from ..model import NAS_BACKUP, Row
from ._model import Details, Protected, Site, defect
from .machines import planned_in, with_company

# Agents


def _computers(site: Site) -> list[Row]:
    return site.rows("DiscoveredComputer")


def _groups(site: Site) -> Iterator[Row]:
    return (group for group in site.rows("AgentProtectionGroup") if site.world.table("DiscoveredComputer").below(group))


@defect("discovered_computer", _computers, "DiscoveredComputer")
def computer_offline(site: Site, computer: Row) -> Details:
    """The computer did not answer when it was looked for last."""
    computer.values["HostStatus"] = "Offline"
    return {"host_status": "Offline"}


@defect("discovered_computer", _computers, "DiscoveredComputer")
def agent_not_installed(site: Site, computer: Row) -> Details:
    """There is no agent on the computer any more."""
    computer.values |= {"AgentStatus": "NotInstalled", "AgentVersion": ""}
    return {"agent_status": "NotInstalled"}


@defect("discovered_computer", _computers, "DiscoveredComputer")
def agent_out_of_date(site: Site, computer: Row, *, version: str = "5.0.3.4708") -> Details:
    """The agent on the computer is older than those on the others."""
    computer.values["AgentVersion"] = version
    return {"agent_version": version}


@defect("protection_group", _groups, "AgentProtectionGroup")
def rescan_off(site: Site, group: Row) -> Details:
    """Nobody looks for the computers of the protection group by a schedule."""
    group.values["RescanScheduleEnabled"] = False
    return {"rescan": False}


# File shares


def _share_jobs(site: Site) -> list[Row]:
    return site.rows("NasJob")


@defect("nas_job", _share_jobs, "NasJob")
def shares_without_schedule(site: Site, row: Row) -> Details:
    """The job of file shares has no schedule any more."""
    job = next(job for job in site.world.served_jobs.values() if job.type == NAS_BACKUP and job.row is row)
    job.schedule_configured = job.schedule_enabled = False
    row.values |= common_values(job)
    return {"schedule_enabled": False}


@defect("nas_job", _share_jobs, "NasJob")
def shares_kept_shortly(site: Site, row: Row, *, days: int = 3) -> Details:
    """The job of file shares keeps the versions of a few days only."""
    row.values["StorageOptions"] = {**row.values["StorageOptions"], "ShorttermRetentionType": "Day", "ShorttermRetentionPeriod": days}
    return {"days": days}


@defect("nas_job", _share_jobs, "NasJob")
def shares_without_archive(site: Site, row: Row) -> Details:
    """The job of file shares keeps no old versions in an archive."""
    options = {name: value for name, value in row.values["StorageOptions"].items() if name != ARCHIVE}
    row.values["StorageOptions"] = {**options, "LongtermRetentionEnabled": False}
    return {"archive": False}


# Continuous data protection


def _policies(site: Site) -> Iterator[Row]:
    return (policy for policy in site.rows("CdpPolicy") if _ended(site, policy))


def _ended(site: Site, policy: Row) -> list[Row]:
    """Return the sessions of a policy that are over, the newest first."""
    sessions = [row for row in site.world.table("CdpReplicaSession").by_id.values() if policy in row.up and row.values["State"] == "Stopped"]
    return sorted(sessions, key=lambda row: int(row.values["CreationTimeUTC"]), reverse=True)


@defect("cdp_policy", _policies, "CdpPolicy")
def policy_switched_off(site: Site, policy: Row) -> Details:
    """The policy of continuous data protection is switched off."""
    policy.values |= {"ScheduleEnabled": False, "NextRun": None}
    return {"schedule_enabled": False}


@defect("cdp_policy", _policies, "CdpReplicaSession CdpReplicaTaskSession")
def continuous_replication_failed(site: Site, policy: Row) -> Details:
    """The newest session of the policy that is over has failed, because of one of its machines."""
    session = _ended(site, policy)[0]
    session.values |= {"Result": "Failed", "FailureMessage": "The target proxy could not be reached."}
    tasks = [row for row in site.rows("CdpReplicaTaskSession") if session in row.up]
    for task in tasks[:1]:
        task.values |= {"Result": "Failed", "Reason": f"Processing {task.name} Error: the connection to the target proxy was closed."}
    return {"session": session.id, "machines": [task.name for task in tasks[:1]]}


# Failover plans


def _plans(site: Site) -> Iterator[Row]:
    return (plan for plan in site.rows("FailoverPlan") if len(planned_in(plan)) > 1)


def _not_replicated(site: Site, plan: Row) -> list[Protected]:
    replicated = {found.machine.uid for found in site.protected("Replica")}
    return [found for found in with_company(site) if found.job.server in plan.up and found.machine.uid not in replicated]


def _plans_to_extend(site: Site) -> Iterator[Row]:
    return (plan for plan in _plans(site) if _not_replicated(site, plan))


@defect("failover_plan", _plans_to_extend, "FailoverPlan")
def planned_without_replica(site: Site, plan: Row) -> Details:
    """The failover plan names a machine that nothing replicates."""
    machine = site.chance.choice(_not_replicated(site, plan)).machine
    entries = planned_in(plan)
    plan.values["FailoverPlanInfo"] = {"Includes": [*entries, planned(plan.id, machine, len(entries))]}
    site.taken.add(machine.uid)
    return {"machine": machine.name}


@defect("failover_plan", _plans, "FailoverPlan")
def planned_without_order(site: Site, plan: Row) -> Details:
    """The failover plan starts all its machines at once."""
    plan.values["FailoverPlanInfo"] = {"Includes": [{**entry, "Order": 0} for entry in planned_in(plan)]}
    return {"machines": [entry["Name"] for entry in planned_in(plan)]}


# Tenants


def _tenants(site: Site) -> list[Row]:
    return site.rows("CloudTenant")


def _tenants_with_quota(site: Site) -> Iterator[Row]:
    return (tenant for tenant in _tenants(site) if _vaults(site, tenant))


def _vaults(site: Site, tenant: Row) -> list[Row]:
    return list(site.world.table("CloudTenantResource").in_place(tenant.id))


@defect("cloud_tenant", _tenants, "CloudTenant")
def lease_over(site: Site, tenant: Row, *, days: float = 3) -> Details:
    """The lease of the tenant ended some days ago; with less than 0 days it ends soon."""
    tenant.values["LeaseOptions"] = {"Enabled": True, "ExpirationDate": site.ago(days=days) // DAY_US * DAY_US}
    return {"days": days}


@defect("cloud_tenant", _tenants_with_quota, "CloudTenantResource CloudTenant")
def quota_used_up(site: Site, tenant: Row, *, percent: float = 97) -> Details:
    """The tenant has used nearly all the space that was granted."""
    vault = _vaults(site, tenant)[0]
    quota = vault.values["RepositoryQuota"]
    vault.values["RepositoryQuota"] = {**quota, "UsedQuota": int(quota["Quota"] * percent / 100)}
    return {"resource": quota["DisplayName"], "percent": percent}


@defect("cloud_tenant", _tenants, "CloudTenant")
def tenant_inactive(site: Site, tenant: Row, *, days: float = 60) -> Details:
    """The tenant has not been active for weeks."""
    tenant.values["LastActive"] = site.ago(days=days)
    return {"days": days}


@defect("cloud_tenant", _tenants, "CloudTenant")
def recycle_bin_off(site: Site, tenant: Row) -> Details:
    """What the tenant deletes is gone at once."""
    tenant.values["BackupProtectionEnabled"] = False
    return {"recycle_bin": False}
