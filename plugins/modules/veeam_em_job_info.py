#!/usr/bin/python

# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: veeam_em_job_info
short_description: Read jobs of Veeam Backup Enterprise Manager
version_added: 0.1.0
description:
  - Returns backup, backup copy and replication jobs with their schedule and storage settings.
  - Other kinds of jobs have modules of their own; M(openbackup.veeam_em.veeam_em_agent_job_info), M(openbackup.veeam_em.veeam_em_nas_job_info)
    and M(openbackup.veeam_em.veeam_em_cdp_policy_info) read them.

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
      - 'An example is V({schedule_enabled: false, job_type: Backup}).'
      - Times are ISO 8601 and mean UTC unless they carry a zone; V(-24h) or V(-7d) means so long ago.
      - A text is taken as an expression in the grammar of the query service, where a semicolon means and, a comma means or.
      - An example is V(ScheduleEnabled==false).
      - Unknown fields, operators and values are refused before anything is sent.
      - Fields are the following.
      - V(uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the job, stable over log-ons.
      - V(name) (text) - Name of the job; unique on one backup server only.
      - V(job_type) (V(Backup), V(BackupCopy), V(ImmediateBackupCopy) or V(Replica)) - Kind of job. Agent, file share and CDP jobs are
        other resources.
      - V(platform) (V(VMware), V(Hyperv) or V(vCloud)) - Platform of the machines in the job.
      - V(description) (text) - Free text an administrator wrote about the job.
      - V(schedule_configured) (V(true) or V(false)) - Whether the job has a schedule.
      - V(schedule_enabled) (V(true) or V(false)) - Whether the schedule is switched on.
      - V(next_run) (time) - When the schedule starts the job next. Time in UTC, null without a schedule.
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
  linked:
    description:
      - Whether each record carries V(linked_jobs), the jobs linked to the copy job; and V(linked_backup_repositories), the repositories
        linked to the copy job.
      - It takes 2 more requests for each record.
    type: bool
    default: false
  # generated: end
notes:
  - Needs the role Portal Administrator or Portal User in Enterprise Manager; a Portal User sees what is in the user's scope.
  - O(includes), O(linked) and O(source=collection) need the role Portal Administrator.
seealso:
  - module: openbackup.veeam_em.veeam_em_job_run
  - module: openbackup.veeam_em.veeam_em_backup_session_info
  - module: openbackup.veeam_em.veeam_em_query_info
"""

EXAMPLES = r"""
- name: All jobs
  openbackup.veeam_em.veeam_em_job_info:
    host: em01.example.com
    username: EXAMPLE\operator
    password: "{{ vault_em_password }}"
  register: all_jobs

- name: Two jobs by name, with the connection from the environment
  openbackup.veeam_em.veeam_em_job_info:
    name:
      - SQL Server Backup
      - File Server Backup

- name: Jobs that will not start by themselves
  openbackup.veeam_em.veeam_em_job_info:
    host: em01.example.com
    filter:
      schedule_enabled: false

- name: Jobs with what they protect, and copy jobs with what they copy
  openbackup.veeam_em.veeam_em_job_info:
    host: em01.example.com
    includes: true
    linked: true
  register: jobs

- name: What each job protects
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.includes | map(attribute='name') | join(', ') }}"
  loop: "{{ jobs.jobs }}"
  loop_control:
    label: "{{ item.name }}"
"""

RETURN = r"""
# generated: begin result
jobs:
  description: The jobs that match, an empty list when there are none.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: GUID of the job.
      type: str
    uid:
      description: URN of the job, stable over log-ons.
      type: str
      sample: urn:veeam:Job:1b4d7e2a-3c5f-4a6b-8d9e-0f1a2b3c4d5e
    name:
      description: Name of the job; unique on one backup server only.
      type: str
      sample: SQL Server Backup
    type:
      description: Type of the record.
      type: str
      sample: Job
    href:
      description: Address of the job, as the server writes it.
      type: str
    job_type:
      description:
        - Kind of job. Agent, file share and CDP jobs are other resources.
        - The server sends V(Backup), V(BackupCopy), V(ImmediateBackupCopy) or V(Replica).
      type: str
      sample: Backup
    platform:
      description:
        - Platform of the machines in the job.
        - The server sends V(VMware), V(Hyperv) or V(vCloud).
      type: str
      sample: VMware
    description:
      description: Free text an administrator wrote about the job.
      type: str
    schedule_configured:
      description: Whether the job has a schedule.
      type: bool
      sample: true
    schedule_enabled:
      description: Whether the schedule is switched on.
      type: bool
      sample: true
    next_run:
      description: When the schedule starts the job next. Time in UTC, null without a schedule.
      type: str
      sample: '2026-11-21T20:00:00Z'
    job_schedule_options:
      description: When the job starts by itself, by kind of schedule.
      type: dict
      contains:
        standard:
          description: Schedule of all jobs but immediate copies.
          type: dict
          contains:
            retry_options:
              description: Automatic retry of machines that failed.
              type: dict
              contains:
                retry_times:
                  description: How many times a failed machine is tried again.
                  type: int
                retry_timeout:
                  description: Pause before a retry in minutes.
                  type: int
                retry_specified:
                  description: Whether automatic retry is switched on.
                  type: bool
            wait_for_backup_completion:
              description: Whether a copy job waits for a backup that is still running.
              type: bool
            backup_competition_waiting_period_min:
              description: How long it waits for that backup, in minutes.
              type: int
            options_daily:
              description: Start at a time of day.
              type: dict
              contains:
                enabled:
                  description: Whether these settings are in force.
                  type: bool
                kind:
                  description:
                    - Which days count.
                    - The server sends V(Everyday), V(WeekDays) or V(SelectedDays).
                  type: str
                days:
                  description:
                    - Weekdays on which a run starts.
                    - The server sends V(Sunday), V(Monday), V(Tuesday), V(Wednesday), V(Thursday), V(Friday) or V(Saturday).
                  type: list
                  elements: str
                time:
                  description: Start on the clock of the backup server.
                  type: str
                time_offset_utc:
                  description: Distance of the server's clock from UTC in hours.
                  type: int
            options_monthly:
              description: Start on a day of the month.
              type: dict
              contains:
                enabled:
                  description: Whether these settings are in force.
                  type: bool
                time:
                  description: Start on the clock of the backup server.
                  type: str
                time_offset_utc:
                  description: Distance of the server's clock from UTC in hours.
                  type: int
                day_number_in_month:
                  description: Which of the weekdays in a month, such as Fourth or Last.
                  type: str
                day_of_week:
                  description:
                    - Weekday on which it starts.
                    - The server sends V(Sunday), V(Monday), V(Tuesday), V(Wednesday), V(Thursday), V(Friday) or V(Saturday).
                  type: str
                months:
                  description:
                    - Calendar months in which a run starts.
                    - The server sends V(January), V(February), V(March), V(April), V(May), V(June), V(July), V(August), V(September),
                      V(October), V(November) or V(December).
                  type: list
                  elements: str
                day_of_month:
                  description: Day of the month, from 1 to 31, where no weekday is chosen.
                  type: int
            options_periodically:
              description: Start again and again.
              type: dict
              contains:
                enabled:
                  description: Whether these settings are in force.
                  type: bool
                kind:
                  description:
                    - Unit of the period.
                    - The server sends V(Hours) or V(Minutes).
                  type: str
                full_period:
                  description: Length of the period in the unit given by kind.
                  type: int
                schedule:
                  description: Hours of the week in which it may start.
                  type: list
                  elements: dict
                  contains:
                    name:
                      description:
                        - Day of the week.
                        - The server sends V(Sunday), V(Monday), V(Tuesday), V(Wednesday), V(Thursday), V(Friday) or V(Saturday).
                      type: str
                    value:
                      description: '24 flags, one an hour from midnight: 1 means allowed, 0 denied.'
                      type: str
            options_continuous:
              description: Start anew as soon as the run before has ended.
              type: dict
              contains:
                enabled:
                  description: Whether these settings are in force.
                  type: bool
                schedule:
                  description: Hours of the week in which it may run.
                  type: list
                  elements: dict
                  contains:
                    name:
                      description:
                        - Day of the week.
                        - The server sends V(Sunday), V(Monday), V(Tuesday), V(Wednesday), V(Thursday), V(Friday) or V(Saturday).
                      type: str
                    value:
                      description: '24 flags, one an hour from midnight: 1 means allowed, 0 denied.'
                      type: str
            options_backup_window:
              description: Window outside of which a run is stopped.
              type: dict
              contains:
                enabled:
                  description: Whether these settings are in force.
                  type: bool
                time_periods:
                  description: Hours of the week in which a run may work.
                  type: list
                  elements: dict
                  contains:
                    name:
                      description:
                        - Day of the week.
                        - The server sends V(Sunday), V(Monday), V(Tuesday), V(Wednesday), V(Thursday), V(Friday) or V(Saturday).
                      type: str
                    value:
                      description: '24 flags, one an hour from midnight: 1 means allowed, 0 denied.'
                      type: str
            options_daisy_chaining:
              description: Start after another job.
              type: dict
              contains:
                enabled:
                  description: Whether these settings are in force.
                  type: bool
                previous_job_uid:
                  description: URN of the job that goes before.
                  type: str
        immediate_copy_mode:
          description: Schedule of immediate copies.
          type: dict
          contains:
            options_continuous:
              description: Copy each restore point as soon as it appears.
              type: dict
              contains:
                enabled:
                  description: Whether these settings are in force.
                  type: bool
                schedule:
                  description: Hours of the week in which it may run.
                  type: list
                  elements: dict
                  contains:
                    name:
                      description:
                        - Day of the week.
                        - The server sends V(Sunday), V(Monday), V(Tuesday), V(Wednesday), V(Thursday), V(Friday) or V(Saturday).
                      type: str
                    value:
                      description: '24 flags, one an hour from midnight: 1 means allowed, 0 denied.'
                      type: str
    job_info:
      description: Settings by kind of job; the parts of other kinds are null.
      type: dict
      contains:
        backup_job_info:
          description: Settings that only backup jobs have.
          type: dict
          contains:
            includes:
              description: Machines and containers in the job.
              type: list
              elements: dict
              contains:
                object_in_job_id:
                  description: GUID under which the entry is addressed below its job.
                  type: str
                hierarchy_obj_ref:
                  description: URN of the object in its hierarchy.
                  type: str
                name:
                  description: What the hypervisor calls the machine or container.
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
            advanced_storage_options:
              description: How the backup is stored.
              type: dict
              contains:
                password_key_id:
                  description: Id of the stored encryption password, never the password; empty without encryption.
                  type: str
            gfs_retention_policy:
              description: GFS long-term retention.
              type: dict
              contains:
                enabled:
                  description: Whether these settings are in force.
                  type: bool
                weekly:
                  description: Full backups kept for weeks.
                  type: dict
                  contains:
                    enabled:
                      description: Whether full backups are flagged for this period.
                      type: bool
                    retention_period:
                      description: How many weeks a flagged backup is kept.
                      type: int
                    selected_day:
                      description:
                        - Day whose backup counts.
                        - The server sends V(Sunday), V(Monday), V(Tuesday), V(Wednesday), V(Thursday), V(Friday) or V(Saturday).
                      type: str
                monthly:
                  description: Full backups kept for months.
                  type: dict
                  contains:
                    enabled:
                      description: Whether full backups are flagged for this period.
                      type: bool
                    retention_period:
                      description: How many months a flagged backup is kept.
                      type: int
                    selected_week:
                      description:
                        - Week whose backup counts.
                        - The server sends V(First) or V(Last).
                      type: str
                yearly:
                  description: Full backups kept for years.
                  type: dict
                  contains:
                    enabled:
                      description: Whether full backups are flagged for this period.
                      type: bool
                    retention_period:
                      description: How many years a flagged backup is kept.
                      type: int
                    selected_month:
                      description:
                        - Month whose backup counts.
                        - The server sends V(January), V(February), V(March), V(April), V(May), V(June), V(July), V(August), V(September),
                          V(October), V(November) or V(December).
                      type: str
            simple_retention_policy:
              description: Short-term retention.
              type: dict
              contains:
                retain_cycles:
                  description: How many restore points are kept where the limit is Cycles.
                  type: int
                retain_days_to_keep:
                  description: How many days they are kept where the limit is Days.
                  type: int
                retain_limit_type:
                  description:
                    - By what the chain is limited.
                    - The server sends V(Cycles) or V(Days).
                  type: str
        replica_job_info:
          description: Settings that only replication jobs have.
          type: dict
          contains:
            includes:
              description: Machines and containers in the job.
              type: list
              elements: dict
              contains:
                object_in_job_id:
                  description: GUID under which the entry is addressed below its job.
                  type: str
                hierarchy_obj_ref:
                  description: URN of the object in its hierarchy.
                  type: str
                name:
                  description: What the hypervisor calls the machine or container.
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
        backup_copy_job_info:
          description: Settings that only periodic copies have.
          type: dict
          contains:
            includes:
              description: Machines and containers in the job.
              type: list
              elements: dict
              contains:
                object_in_job_id:
                  description: GUID under which the entry is addressed below its job.
                  type: str
                hierarchy_obj_ref:
                  description: URN of the object in its hierarchy.
                  type: str
                name:
                  description: What the hypervisor calls the machine or container.
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
            linked_job_includes:
              description: Each source job that the copy reads.
              type: list
              elements: dict
              contains:
                object_in_job_id:
                  description: GUID under which the entry is addressed below its job.
                  type: str
                linked_job_uid:
                  description: URN of the source job.
                  type: str
            advanced_storage_options:
              description: How the backup is stored.
              type: dict
              contains:
                password_key_id:
                  description: Id of the stored encryption password, never the password; empty without encryption.
                  type: str
            gfs_retention_policy:
              description: GFS long-term retention.
              type: dict
              contains:
                enabled:
                  description: Whether these settings are in force.
                  type: bool
                weekly:
                  description: Full backups kept for weeks.
                  type: dict
                  contains:
                    enabled:
                      description: Whether full backups are flagged for this period.
                      type: bool
                    retention_period:
                      description: How many weeks a flagged backup is kept.
                      type: int
                    selected_day:
                      description:
                        - Day whose backup counts.
                        - The server sends V(Sunday), V(Monday), V(Tuesday), V(Wednesday), V(Thursday), V(Friday) or V(Saturday).
                      type: str
                monthly:
                  description: Full backups kept for months.
                  type: dict
                  contains:
                    enabled:
                      description: Whether full backups are flagged for this period.
                      type: bool
                    retention_period:
                      description: How many months a flagged backup is kept.
                      type: int
                    selected_week:
                      description:
                        - Week whose backup counts.
                        - The server sends V(First) or V(Last).
                      type: str
                yearly:
                  description: Full backups kept for years.
                  type: dict
                  contains:
                    enabled:
                      description: Whether full backups are flagged for this period.
                      type: bool
                    retention_period:
                      description: How many years a flagged backup is kept.
                      type: int
                    selected_month:
                      description:
                        - Month whose backup counts.
                        - The server sends V(January), V(February), V(March), V(April), V(May), V(June), V(July), V(August), V(September),
                          V(October), V(November) or V(December).
                      type: str
            simple_retention_policy:
              description: Short-term retention.
              type: dict
              contains:
                retain_cycles:
                  description: How many restore points are kept where the limit is Cycles.
                  type: int
                retain_days_to_keep:
                  description: How many days they are kept where the limit is Days.
                  type: int
                retain_limit_type:
                  description:
                    - By what the chain is limited.
                    - The server sends V(Cycles) or V(Days).
                  type: str
            linked_backup_includes:
              description: Each source backup that the copy reads.
              type: list
              elements: dict
              contains:
                object_in_job_id:
                  description: GUID under which the entry is addressed below its job.
                  type: str
                linked_backup_uid:
                  description: URN of the source backup.
                  type: str
            linked_backup_repository_includes:
              description: Each source repository that the copy reads.
              type: list
              elements: dict
              contains:
                object_in_job_id:
                  description: GUID under which the entry is addressed below its job.
                  type: str
                linked_backup_repository_uid:
                  description: URN of the source repository.
                  type: str
        immediate_backup_copy_job_info:
          description: Settings that only immediate copies have.
          type: dict
          contains:
            linked_job_includes:
              description: Each source job that the copy reads.
              type: list
              elements: dict
              contains:
                object_in_job_id:
                  description: GUID under which the entry is addressed below its job.
                  type: str
                linked_job_uid:
                  description: URN of the source job.
                  type: str
            advanced_storage_options:
              description: How the backup is stored.
              type: dict
              contains:
                password_key_id:
                  description: Id of the stored encryption password, never the password; empty without encryption.
                  type: str
            gfs_retention_policy:
              description: GFS long-term retention.
              type: dict
              contains:
                enabled:
                  description: Whether these settings are in force.
                  type: bool
                weekly:
                  description: Full backups kept for weeks.
                  type: dict
                  contains:
                    enabled:
                      description: Whether full backups are flagged for this period.
                      type: bool
                    retention_period:
                      description: How many weeks a flagged backup is kept.
                      type: int
                    selected_day:
                      description:
                        - Day whose backup counts.
                        - The server sends V(Sunday), V(Monday), V(Tuesday), V(Wednesday), V(Thursday), V(Friday) or V(Saturday).
                      type: str
                monthly:
                  description: Full backups kept for months.
                  type: dict
                  contains:
                    enabled:
                      description: Whether full backups are flagged for this period.
                      type: bool
                    retention_period:
                      description: How many months a flagged backup is kept.
                      type: int
                    selected_week:
                      description:
                        - Week whose backup counts.
                        - The server sends V(First) or V(Last).
                      type: str
                yearly:
                  description: Full backups kept for years.
                  type: dict
                  contains:
                    enabled:
                      description: Whether full backups are flagged for this period.
                      type: bool
                    retention_period:
                      description: How many years a flagged backup is kept.
                      type: int
                    selected_month:
                      description:
                        - Month whose backup counts.
                        - The server sends V(January), V(February), V(March), V(April), V(May), V(June), V(July), V(August), V(September),
                          V(October), V(November) or V(December).
                      type: str
            simple_retention_policy:
              description: Short-term retention.
              type: dict
              contains:
                retain_cycles:
                  description: How many restore points are kept where the limit is Cycles.
                  type: int
                retain_days_to_keep:
                  description: How many days they are kept where the limit is Days.
                  type: int
                retain_limit_type:
                  description:
                    - By what the chain is limited.
                    - The server sends V(Cycles) or V(Days).
                  type: str
            linked_backup_includes:
              description: Each source backup that the copy reads.
              type: list
              elements: dict
              contains:
                object_in_job_id:
                  description: GUID under which the entry is addressed below its job.
                  type: str
                linked_backup_uid:
                  description: URN of the source backup.
                  type: str
            linked_backup_repository_includes:
              description: Each source repository that the copy reads.
              type: list
              elements: dict
              contains:
                object_in_job_id:
                  description: GUID under which the entry is addressed below its job.
                  type: str
                linked_backup_repository_uid:
                  description: URN of the source repository.
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
        - Null when the job vanished before they were read.
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
    linked_jobs:
      description:
        - The jobs linked to the copy job.
        - Null when the job vanished before they were read.
      returned: with O(linked=true)
      type: list
      elements: dict
      contains:
        id:
          description: The same as V(object_in_job_id).
          type: str
        uid:
          description: Always null, as jobs linked to a copy job have no URN.
          type: str
        name:
          description: Always null, as jobs linked to a copy job have no name.
          type: str
        type:
          description: Type of the record.
          type: str
          sample: LinkedJobObject
        href:
          description: Address of the job linked to a copy job, as the server writes it.
          type: str
        object_in_job_id:
          description: GUID under which the entry is addressed below its job.
          type: str
          sample: 0d1e2f3a-4b5c-4d6e-8f70-8192a3b4c5d6
        linked_job_uid:
          description: URN of the source job.
          type: str
          sample: urn:veeam:Job:1b4d7e2a-3c5f-4a6b-8d9e-0f1a2b3c4d5e
        job:
          description: Copy job that reads it.
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
    linked_backup_repositories:
      description:
        - The repositories linked to the copy job.
        - Null when the job vanished before they were read.
      returned: with O(linked=true)
      type: list
      elements: dict
      contains:
        id:
          description: The same as V(object_in_job_id).
          type: str
        uid:
          description: Always null, as repositories linked to a copy job have no URN.
          type: str
        name:
          description: Always null, as repositories linked to a copy job have no name.
          type: str
        type:
          description: Type of the record.
          type: str
          sample: LinkedBackupRepositoryObject
        href:
          description: Address of the repository linked to a copy job, as the server writes it.
          type: str
        object_in_job_id:
          description: GUID under which the entry is addressed below its job.
          type: str
          sample: 0d1e2f3a-4b5c-4d6e-8f70-8192a3b4c5d6
        linked_backup_repository_uid:
          description: URN of the source repository.
          type: str
          sample: urn:veeam:Repository:3a2b1c0d-9e8f-4765-8432-10fedcba9876
        job:
          description: Copy job that reads it.
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
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.jobs import JOB, LINKED_BACKUP_REPOSITORY, LINKED_JOB_OBJECT, OBJECT_IN_JOB

MODULE = info_module(JOB, details=(Detail("includes", (OBJECT_IN_JOB,)), Detail("linked", (LINKED_JOB_OBJECT, LINKED_BACKUP_REPOSITORY))))


def main() -> None:
    """Run the module lane."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
