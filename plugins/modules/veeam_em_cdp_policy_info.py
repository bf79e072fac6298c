#!/usr/bin/python

# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: veeam_em_cdp_policy_info
short_description: Read CDP policies of Veeam Backup Enterprise Manager
version_added: 0.2.0
description:
  - Returns policies of continuous data protection, with their schedule and what they protect.

author:
  - Contributors to the openbackup.veeam_em collection (@openbackup)
extends_documentation_fragment:
  - openbackup.veeam_em.attributes
  - openbackup.veeam_em.attributes.reads_only
  - openbackup.veeam_em.attributes.actiongroup_veeam_em
  - openbackup.veeam_em.attributes.lanes
  - openbackup.veeam_em.attributes.async
  - openbackup.veeam_em.records.identity
  - openbackup.veeam_em.records
  - openbackup.veeam_em.connection
options:
  # generated: begin selection
  filter:
    description:
      - Which records to return. A mapping from fields to what they must be; all of them must hold.
      - A plain value means equal, a list means any of its members; V(eq), V(ne), V(lt), V(le), V(gt) and V(ge) stand in a mapping of
        their own.
      - 'An example is V({schedule_enabled: false}).'
      - Times are ISO 8601 and mean UTC unless they carry a zone; V(-24h) or V(-7d) means so long ago.
      - A text is taken as an expression in the grammar of the query service, where a semicolon means and, a comma means or.
      - An example is V(ScheduleEnabled==false).
      - Unknown fields, operators and values are refused before anything is sent.
      - Fields are the following.
      - V(uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the CDP policy, stable over log-ons.
      - V(name) (text) - What the administrator called the policy; unique on one backup server only.
      - V(description) (text) - Free text an administrator wrote about the CDP policy.
      - V(schedule_configured) (V(true) or V(false)) - Whether hours of work are set for it.
      - V(schedule_enabled) (V(true) or V(false)) - Whether the policy is switched on.
      - V(next_run) (time) - When its session is renewed next. Time in UTC, null while it is switched off.
      - V(backup_server_uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the backup server, taken from the link to it.
      - V(backup_server_name) (text) - Name of the backup server, taken from the link to it.
    type: raw
  sort:
    description:
      - Field to sort by, one of those that O(filter) knows; a leading minus sorts in descending order, as in V(-name).
      - Without it records come in the order of V(name).
    type: str
  backup_server:
    description: Name of the backup server that the records belong to. Names are unique on one backup server only.
    type: str
  source:
    description:
      - Where the records are read from.
      - V(query) asks the query service, page by page.
      - V(collection) reads the whole collection in one answer and filters it in the module; so does V(query) where the account may
        not query.
    type: str
    choices:
      - query
      - collection
    default: query
  includes:
    description:
      - Whether each record carries V(includes), the objects in the job.
      - It takes one more request for each record.
    type: bool
    default: false
  # generated: end
notes:
  # generated: begin notes
  - Needs the role Portal Administrator in Enterprise Manager.
  - Needs version v1_6 of the API, which Enterprise Manager has from version 11 on.
  # generated: end
seealso:
  - module: openbackup.veeam_em.veeam_em_cdp_replica_info
  - module: openbackup.veeam_em.veeam_em_cdp_replica_session_info
"""

EXAMPLES = r"""
- name: Policies with the machines in them
  openbackup.veeam_em.veeam_em_cdp_policy_info:
    host: em01.example.com
    includes: true
  register: policies

- name: What each protects
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.includes | map(attribute='name') | join(', ') }}"
  loop: "{{ policies.cdp_policies }}"
  loop_control:
    label: "{{ item.name }}"
"""

RETURN = r"""
# generated: begin result
cdp_policies:
  description: The CDP policies that match, an empty list when there are none.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: GUID of the CDP policy.
      type: str
    uid:
      description: URN of the CDP policy, stable over log-ons.
      type: str
      sample: urn:veeam:CdpPolicy:e7f8091a-2b3c-44d5-8e6f-708192a3b4c5
    name:
      description: What the administrator called the policy; unique on one backup server only.
      type: str
      sample: Shop databases
    type:
      description: Type of the record.
      type: str
      sample: CdpPolicy
    href:
      description: Address of the CDP policy, as the server writes it.
      type: str
    policy_type:
      description:
        - What the policy does with the changes.
        - The server sends V(CdpReplica).
      type: str
      sample: CdpReplica
    platform:
      description:
        - Where the protected machines live.
        - The server sends V(VMware) or V(vCloud).
      type: str
      sample: VMware
    description:
      description: Free text an administrator wrote about the CDP policy.
      type: str
    schedule_configured:
      description: Whether hours of work are set for it.
      type: bool
      sample: true
    schedule_enabled:
      description: Whether the policy is switched on.
      type: bool
      sample: true
    next_run:
      description: When its session is renewed next. Time in UTC, null while it is switched off.
      type: str
      sample: '2026-11-21T20:00:00Z'
    policy_schedule_options:
      description: How often states are kept and for how long, by kind of policy.
      type: dict
      contains:
        cdp_replica:
          description: Settings of policies that replicate.
          type: dict
          contains:
            recovery_point_objective_seconds:
              description: Part in seconds of the longest time whose data may be lost.
              type: int
            recovery_point_objective_minutes:
              description: Part in minutes of the longest time whose data may be lost.
              type: int
            rpo_schedule:
              description: When the policy may replicate.
              type: dict
              contains:
                enabled:
                  description: Whether the hours below count.
                  type: bool
                time_periods:
                  description: Hours by day.
                  type: list
                  elements: dict
                  contains:
                    name:
                      description:
                        - Day of the week.
                        - The server sends V(Sunday), V(Monday), V(Tuesday), V(Wednesday), V(Thursday), V(Friday) or V(Saturday).
                      type: str
                    value:
                      description: '24 numbers with commas, one an hour from midnight: 1 means allowed, 0 denied.'
                      type: str
            rpo_reporting:
              description: What is said when the objective is missed.
              type: dict
              contains:
                enabled:
                  description: Whether misses are reported at all.
                  type: bool
                mark_as_warning:
                  description: Limit above which a session ends as Warning.
                  type: dict
                  contains:
                    enabled:
                      description: Whether the limit counts.
                      type: bool
                    rpo_threshold_seconds:
                      description: Part of the limit that is given in seconds.
                      type: int
                    rpo_threshold_minutes:
                      description: Part of the limit that is given in minutes.
                      type: int
                mark_as_failed:
                  description: Limit above which a session ends as Failed.
                  type: dict
                  contains:
                    enabled:
                      description: Whether the limit counts.
                      type: bool
                    rpo_threshold_seconds:
                      description: Part of the limit that is given in seconds.
                      type: int
                    rpo_threshold_minutes:
                      description: Part of the limit that is given in minutes.
                      type: int
            short_term_retention_minutes:
              description: Part in minutes of the time for which every state is kept.
              type: int
            short_term_retention_hours:
              description: Part in hours of the time for which every state is kept.
              type: int
            long_term_retention_hours:
              description: Pause between the points that are kept longer, in hours.
              type: int
            long_term_retention_keep_days:
              description: How long such points are kept, in days.
              type: int
            long_term_retention_schedule:
              description: Which kind of long-term point is made when.
              type: dict
              contains:
                enabled:
                  description: Whether the hours below count.
                  type: bool
                time_periods:
                  description: Hours by day.
                  type: list
                  elements: dict
                  contains:
                    name:
                      description:
                        - Day of the week.
                        - The server sends V(Sunday), V(Monday), V(Tuesday), V(Wednesday), V(Thursday), V(Friday) or V(Saturday).
                      type: str
                    value:
                      description: '24 numbers with commas, one an hour from midnight: the kind of point, as the server numbers it;
                        0 where none is made.'
                      type: str
    cdp_policy_info:
      description: Settings by kind of policy.
      type: dict
      contains:
        cdp_replica_policy_info:
          description: What a replicating policy protects, and how.
          type: dict
          contains:
            includes:
              description: Machines and containers in the policy.
              type: list
              elements: dict
              contains:
                object_in_job_id:
                  description: Id of the entry in this policy.
                  type: str
                hierarchy_obj_ref:
                  description: URN of the object in its hierarchy.
                  type: str
                name:
                  description: What the hypervisor calls the machine or container.
                  type: str
                display_name:
                  description: Object's name as shown to people.
                  type: str
                guest_processing_options:
                  description: What is done inside the guests.
                  type: dict
                  contains:
                    vss_snapshot_options:
                      description: Application-aware processing.
                      type: dict
                      contains:
                        vss_snapshot_mode:
                          description:
                            - What happens when it fails.
                            - The server sends V(RequireSuccess), V(IgnoreFailures) or V(Disabled).
                          type: str
                        is_copy_only:
                          description: Whether the application's own log chain is left alone.
                          type: bool
                        use_persistent_guest_agent:
                          description: Whether a component stays installed in the guest.
                          type: bool
                    windows_credentials_id:
                      description: Id of the stored account for Windows guests; empty without one.
                      type: str
                    linux_credentials_id:
                      description: Id of the stored account for Linux guests; empty without one.
                      type: str
            guest_processing_options:
              description: What is done inside the guests.
              type: dict
              contains:
                vss_snapshot_options:
                  description: Application-aware processing.
                  type: dict
                  contains:
                    vss_snapshot_mode:
                      description:
                        - What happens when it fails.
                        - The server sends V(RequireSuccess), V(IgnoreFailures) or V(Disabled).
                      type: str
                    is_copy_only:
                      description: Whether the application's own log chain is left alone.
                      type: bool
                    use_persistent_guest_agent:
                      description: Whether a component stays installed in the guest.
                      type: bool
                windows_credentials_id:
                  description: Id of the stored account for Windows guests; empty without one.
                  type: str
                linux_credentials_id:
                  description: Id of the stored account for Linux guests; empty without one.
                  type: str
    backup_server_uid:
      description: URN of the backup server, taken from the link to it.
      type: str
      sample: urn:veeam:BackupServer:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
    backup_server_name:
      description: Name of the backup server, taken from the link to it.
      type: str
      sample: vbr01.example.com
    backup_server:
      description: Backup server that runs it.
      type: dict
      contains:
        id:
          description: GUID of the object.
          type: str
          sample: 5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
        uid:
          description: URN of the object.
          type: str
          sample: urn:veeam:BackupServer:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
        name:
          description: Name of the object.
          type: str
        type:
          description: Type of the object.
          type: str
          sample: BackupServer
    includes:
      description:
        - The objects in the job.
        - Null when the CDP policy vanished before they were read.
      returned: with O(includes=true)
      type: list
      elements: dict
      contains:
        id:
          description: The same as V(object_in_job_id).
          type: str
        uid:
          description: Always null, as objects in a job have no URN.
          type: str
        name:
          description: What the hypervisor calls the machine or container.
          type: str
          sample: srv-sql-01
        type:
          description: Type of the record.
          type: str
          sample: ObjectInJob
        href:
          description: Address of the object in a job, as the server writes it.
          type: str
        object_in_job_id:
          description: GUID under which the entry is addressed below its job.
          type: str
          sample: 0d1e2f3a-4b5c-4d6e-8f70-8192a3b4c5d6
        hierarchy_obj_ref:
          description: URN of the object in its hierarchy.
          type: str
        display_name:
          description: Name of the object as shown to people.
          type: str
        order:
          description: Place in the order of processing, from 0.
          type: int
        guest_processing_options:
          description: What is done inside the guests.
          type: dict
          contains:
            vss_snapshot_options:
              description: Application-aware processing.
              type: dict
              contains:
                vss_snapshot_mode:
                  description:
                    - What happens when it fails.
                    - The server sends V(RequireSuccess), V(IgnoreFailures) or V(Disabled).
                  type: str
                is_copy_only:
                  description: Whether the application's own log chain is left alone.
                  type: bool
                use_persistent_guest_agent:
                  description: Whether a component stays installed in the guest.
                  type: bool
            windows_guest_fs_indexing_options:
              description: Which folders of Windows guests can be searched for files later.
              type: dict
              contains:
                file_system_indexing_mode:
                  description:
                    - Which folders are indexed.
                    - The server sends V(EveryFolders), V(SpecifiedFolders) or V(ExceptSpecifiedFolders).
                  type: str
                included_indexing_folders:
                  description: Paths that can be searched later, where not all can.
                  type: list
                  elements: str
                excluded_indexing_folders:
                  description: Folders that are left out.
                  type: list
                  elements: str
            linux_guest_fs_indexing_options:
              description: Which folders of Linux guests can be searched for files later.
              type: dict
              contains:
                file_system_indexing_mode:
                  description:
                    - Which folders are indexed.
                    - The server sends V(EveryFolders), V(SpecifiedFolders) or V(ExceptSpecifiedFolders).
                  type: str
                included_indexing_folders:
                  description: Paths that can be searched later, where not all can.
                  type: list
                  elements: str
                excluded_indexing_folders:
                  description: Folders that are left out.
                  type: list
                  elements: str
            sql_backup_options:
              description: Microsoft SQL Server logs.
              type: dict
              contains:
                transaction_logs_processing:
                  description:
                    - When logs are truncated or backed up.
                    - The server sends V(OnlyOnSuccessJob) or V(Backup).
                  type: str
                backup_logs_frequency_min:
                  description: Pause between log backups in minutes.
                  type: int
                use_db_backup_retention:
                  description: Whether logs live as long as the machine's restore point.
                  type: bool
                retain_days:
                  description: How long logs are kept, in days.
                  type: int
            windows_credentials_id:
              description: Id of the stored account for Windows guests.
              type: str
            linux_credentials_id:
              description: Id of the stored account for Linux guests.
              type: str
            fs_file_exclude_options:
              description: Files left out of the backup.
              type: dict
              contains:
                backup_scope:
                  description: '1: all but the excluded files, 2: only the included ones.'
                  type: int
                include_list:
                  description: Files and folders that are backed up.
                  type: list
                  elements: str
                exclude_list:
                  description: Files and folders that are left out.
                  type: list
                  elements: str
            oracle_backup_options:
              description: Oracle archived logs.
              type: dict
              contains:
                backup_logs_enabled:
                  description: Whether archived logs are backed up.
                  type: bool
                backup_logs_frequency_min:
                  description: Pause between log backups in minutes.
                  type: int
                use_db_backup_retention:
                  description: Whether logs live as long as the machine's restore point.
                  type: bool
                retain_days:
                  description: How long logs are kept, in days.
                  type: int
                archived_logs_truncation:
                  description:
                    - Whether age or size decides which logs are removed.
                    - The server sends V(ByAge) or V(BySize).
                  type: str
                archived_logs_max_age_hours:
                  description: Age from which they are truncated, in hours.
                  type: int
                archived_logs_max_size_mb:
                  description: Size from which they are truncated, in mebibytes.
                  type: int
                sysdba_creds_id:
                  description: Id of the stored account with SYSDBA rights.
                  type: str
                proxy_auto_select:
                  description: Whether the log shipping server is chosen automatically.
                  type: bool
        job_uid:
          description: URN of the job that the object is in, taken from the link to it.
          type: str
          sample: urn:veeam:Job:1b4d7e2a-3c5f-4a6b-8d9e-0f1a2b3c4d5e
        job_name:
          description: Name of the job that the object is in, taken from the link to it.
          type: str
          sample: SQL Server Backup
        job:
          description: Job that processes the object.
          type: dict
          contains:
            id:
              description: GUID of the object.
              type: str
              sample: 5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
            uid:
              description: URN of the object.
              type: str
              sample: urn:veeam:Job:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
            name:
              description: Name of the object.
              type: str
            type:
              description: Type of the object.
              type: str
              sample: Job
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
  description: How many records match, with or without O(limit).
  returned: success
  type: int
  sample: 233
truncated:
  description: Whether O(limit) left records out.
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

from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.info import Detail, info_module
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.lanes import run_as_module
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.cdp import CDP_POLICY
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.jobs import OBJECT_IN_JOB

MODULE = info_module(CDP_POLICY, details=(Detail("includes", (OBJECT_IN_JOB,)),))


def main() -> None:
    """Run the module lane."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
