#!/usr/bin/python

# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: veeam_em_report_info
short_description: Read summary reports of Veeam Backup Enterprise Manager
version_added: 0.2.0
description:
  - Returns the summary reports, numbers over all backup servers that Enterprise Manager collects from, one record for each report.
  - They are the numbers that the web page of Enterprise Manager starts with.
author:
  - Contributors to the openbackup.veeam_em collection (@openbackup)
extends_documentation_fragment:
  - openbackup.veeam_em.attributes
  - openbackup.veeam_em.attributes.reads_only
  - openbackup.veeam_em.attributes.actiongroup_veeam_em
  - openbackup.veeam_em.attributes.lanes
  - openbackup.veeam_em.attributes.async
  - openbackup.veeam_em.connection
options:
  # generated: begin shared links
  links:
    description:
      - Whether each record carries the raw links of the server in V(links).
    type: bool
    default: false
  # generated: end
  report:
    description:
      - Which reports to return, one or several.
      - V(overview) counts servers, jobs and last states of machines; V(vms_overview) counts protected machines and the space of their points.
      - V(job_statistics) is about the runs of jobs, V(processed_vms) about the machines of each day of the last week, V(repository) about space.
    type: list
    elements: str
    # generated: begin choices report
    choices:
      - overview
      - vms_overview
      - job_statistics
      - processed_vms
      - repository
    default:
      - overview
      - vms_overview
      - job_statistics
      - processed_vms
      - repository
    # generated: end
notes:
  # generated: begin notes
  - Needs one of the roles Portal Administrator or Portal User in Enterprise Manager; what it shows depends on the user's scope.
  # generated: end
seealso:
  - module: openbackup.veeam_em.veeam_em_backup_session_info
  - module: openbackup.veeam_em.veeam_em_repository_info
"""

EXAMPLES = r"""
- name: All summary reports
  openbackup.veeam_em.veeam_em_report_info:
    host: em01.example.com
  register: summary

- name: How many machines failed last time
  ansible.builtin.debug:
    msg: "{{ summary.reports | selectattr('report', 'equalto', 'overview') | map(attribute='failed_vm_lastest_states') | first }}"

- name: Space of all repositories, read as XML
  openbackup.veeam_em.veeam_em_report_info:
    host: em01.example.com
    report: repository
    wire_format: xml
"""

RETURN = r"""
# generated: begin result
reports:
  description: The reports that were asked for, a record for each.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: What stands last in the address of the report.
      type: str
    uid:
      description: Always null, as reports have no URN.
      type: str
    name:
      description: Always null, as reports have no name.
      type: str
    type:
      description: Type of the record.
      type: str
      sample: OverviewReportFrame
    href:
      description: Address of the report, as the server writes it.
      type: str
    report:
      description:
        - Which report the record is.
        - The server sends V(overview), V(vms_overview), V(job_statistics), V(processed_vms) or V(repository).
      type: str
      sample: overview
    backup_servers:
      description: How many backup servers Enterprise Manager collects from.
      type: int
      sample: 2
    proxy_servers:
      description: How many proxies they have in all.
      type: int
      sample: 4
    repository_servers:
      description: How many machines hold repositories for them.
      type: int
      sample: 3
    running_jobs:
      description: How many were at work when the numbers were collected.
      type: int
      sample: 1
    scheduled_jobs:
      description: How many start by themselves.
      type: int
      sample: 12
    successful_vm_lastest_states:
      description: How many machines ended their newest run in Success.
      type: int
      sample: 110
    warning_vm_lastest_states:
      description: How many machines ended their newest run in Warning.
      type: int
      sample: 3
    failed_vm_lastest_states:
      description: How many machines ended their newest run in Failed.
      type: int
      sample: 1
    protected_vms:
      description: How many machines have a restore point of either kind.
      type: int
      sample: 114
    backed_up_vms:
      description: How many machines have one in a backup.
      type: int
      sample: 110
    replicated_vms:
      description: How many machines have one in a replica.
      type: int
      sample: 8
    restore_points:
      description: How many points in time there are of all machines.
      type: int
      sample: 1596
    full_backup_points_size:
      description: Space of all points that hold everything, in bytes.
      type: int
      sample: 5497558138880
    incremental_backup_points_size:
      description: Space of all points that hold only changes, in bytes.
      type: int
      sample: 1099511627776
    replica_restore_points_size:
      description: Space of the points of all replicas, in bytes.
      type: int
      sample: 214748364800
    source_vms_size:
      description: Space that the machines themselves take up, in bytes.
      type: int
      sample: 10995116277760
    success_backup_percents:
      description: Part of the runs that ended well, in percent.
      type: int
      sample: 98
    protected_vms_report_link:
      description: Address of the page with machines that have a backup, below that of the reporting server; empty without one.
      type: str
      sample: Workspace/ViewReport.aspx?definition=1
    scheduled_backup_jobs:
      description: How many of those that start by themselves make backups.
      type: int
      sample: 10
    scheduled_replica_jobs:
      description: How many of those that start by themselves make replicas.
      type: int
      sample: 2
    total_job_runs:
      description: How many times one ran in the period that the server counts.
      type: int
      sample: 84
    successful_job_runs:
      description: How many of these times ended in Success.
      type: int
      sample: 80
    warnings_job_runs:
      description: How many of these times ended in Warning.
      type: int
      sample: 3
    failed_job_runs:
      description: How many of these times ended in Failed.
      type: int
      sample: 1
    max_job_duration:
      description: Longest time that one took, in seconds.
      type: int
      sample: 4140
    max_backup_job_duration:
      description: Longest time that a backup took, in seconds.
      type: int
      sample: 4140
    max_replica_job_duration:
      description: Longest time that a replication took, in seconds.
      type: int
      sample: 1260
    max_duration_backup_job_name:
      description: Which one took longest to make backups; empty where none ran.
      type: str
      sample: SQL Server Backup
    max_duration_replica_job_name:
      description: Which one took longest to make replicas; empty where none ran.
      type: str
      sample: ''
    backup_job_status_report_link:
      description: Address of the page with states of all backups, below that of the reporting server; empty without one.
      type: str
      sample: Workspace/ViewReport.aspx?definition=1
    days:
      description: Machines that were worked on in the last week, newest first.
      type: list
      elements: dict
      contains:
        timestamp:
          description: Begin of the day on the clock of Enterprise Manager, written in UTC.
          type: str
          sample: '2026-11-19T23:00:00Z'
        replicated_vms:
          description: How many machines got a new point in a replica.
          type: int
          sample: 8
        backuped_vms:
          description: How many machines got a new point in a backup.
          type: int
          sample: 110
    periods:
      description: Space of every repository, one entry each.
      type: list
      elements: dict
      contains:
        name:
          description: Repository that the entry is about.
          type: str
          sample: Default Backup Repository
        capacity:
          description: Space in all, null where it is unknown, in bytes.
          type: int
          sample: 1099511627776
        free_space:
          description: What is left, null where it is unknown, in bytes.
          type: int
          sample: 549755813888
        backup_size:
          description: What is used, by backups or anything else, in bytes.
          type: int
          sample: 549755813888
    capacity_planning_report_link:
      description: Address of the page with the forecast of space, below that of the reporting server; empty without one.
      type: str
      sample: Workspace/ViewReport.aspx?definition=1
    links:
      description: Links of the record as the server sent them, only with O(links=true).
      type: list
      elements: dict
      contains:
        rel:
          description: What the link is for.
          type: str
          sample: Up
        href:
          description: Address of the target.
          type: str
        name:
          description: Name of the target.
          type: str
        type:
          description: Type of the target.
          type: str
          sample: BackupServerReference
total:
  description: How many records there are.
  returned: success
  type: int
  sample: 1
truncated:
  description: Always false, as nothing limits how many there are.
  returned: success
  type: bool
  sample: false
error:
  description: What went wrong, as data.
  returned: failure, unless an option has a wrong type
  type: dict
  contains:
    kind:
      description: Kind of the failure, one of V(ambiguous_name), V(authentication), V(body), V(connection), V(error), V(file), V(filter),
        V(foreign_task), V(interrupted), V(not_found), V(not_started), V(option), V(outcome_unknown), V(permission), V(run_failed),
        V(server), V(task_failed), V(timeout), V(tls), V(unknown_name) or V(wait_timeout).
      type: str
      sample: permission
    method:
      description: Method of the request that failed, null where none did.
      type: str
      sample: GET
    path:
      description: Path of the request that failed, null where none did.
      type: str
      sample: /query
    status:
      description: HTTP status of the answer, null where there was none.
      type: int
      sample: 403
    server_message:
      description: What the server said, null where it said nothing.
      type: str
    advice:
      description: What to do about it, null where there is no advice.
      type: str
sent:
  description: Whether the request may have reached the server.
  returned: when the connection failed
  type: bool
  sample: false
# generated: end
"""

from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.info import RecordsModule, chosen_records
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.lanes import Call, Result, run_as_module
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.options import ArgumentSpec, connection_spec, links_spec
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.selecting import Selection
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.summaries import REPORT, REPORTS, read_reports


def run(call: Call) -> Result:
    """Return the reports. Raises EmError."""
    with call.open_session() as session:
        return chosen_records(REPORT, read_reports(session, call.params["report"], call.params["links"]), Selection())


SPEC = ArgumentSpec({"report": {"type": "list", "elements": "str", "choices": list(REPORTS), "default": list(REPORTS)}})
MODULE = RecordsModule(SPEC.merge(links_spec(), connection_spec()), run, resource=REPORT)


def main() -> None:
    """Run the module lane."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
