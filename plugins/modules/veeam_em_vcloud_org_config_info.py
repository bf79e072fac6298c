#!/usr/bin/python

# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: veeam_em_vcloud_org_config_info
short_description: Read vCloud organization configurations of Veeam Backup Enterprise Manager
version_added: 0.2.0
description:
  - 'Returns configurations of organizations of VMware Cloud Director: quota, repository and settings of the jobs that tenants make.'

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
      - 'An example is V({job_scheduler_type: Full}).'
      - Times are ISO 8601 and mean UTC unless they carry a zone; V(-24h) or V(-7d) means so long ago.
      - A text is taken as an expression in the grammar of the query service, where a semicolon means and, a comma means or.
      - An example is V(JobSchedulerType==Full).
      - Unknown fields, operators and values are refused before anything is sent.
      - Fields are the following.
      - V(uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the organization's configuration, stable over log-ons.
      - V(name) (text) - Name of the organization in VMware Cloud Director.
      - V(backup_server_uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the backup server that runs the jobs.
      - V(repository_uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the repository that backups go to.
      - V(quota_gb) (number) - Space that is granted on the repository, in GB.
      - V(is_disabled) (V(true) or V(false)) - Whether the built-in configuration for all other organizations is switched off; false
        for any other.
      - V(used_quota_mb) (number) - Part of the granted space that is taken, in MB.
      - V(host_uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the managed server that is the VMware Cloud Director.
      - V(repository_friendly_name) (text) - What the organization sees in place of the repository's name.
      - V(job_scheduler_type) (V(Full), V(Partial), V(Random) or V(Disabled)) - Scheduling that tenants may do; only for filters, the
        record has it in job_settings.
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
  job_settings:
    description:
      - Whether each record carries V(vcloud_backup_job_settings), the job settings of the vCloud organization.
      - It takes one more request for each record.
    type: bool
    default: false
  # generated: end
notes:
  # generated: begin notes
  - Needs one of the roles Portal Administrator or Portal User in Enterprise Manager; what it shows depends on the user's scope.
  - Only the built-in configuration for all other organizations can be disabled.
  # generated: end
seealso:
  - module: openbackup.veeam_em.veeam_em_vsphere_self_service_config_info
  - module: openbackup.veeam_em.veeam_em_repository_info
"""

EXAMPLES = r"""
- name: All organizations with their job settings
  openbackup.veeam_em.veeam_em_vcloud_org_config_info:
    host: em01.example.com
    job_settings: true
  register: organizations

- name: Used of the quota, in MB
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.used_quota_mb }}"
  loop: "{{ organizations.vcloud_org_configs }}"
  loop_control:
    label: "{{ item.name }}"
"""

RETURN = r"""
# generated: begin result
vcloud_org_configs:
  description: The vCloud organization configurations that match, an empty list when there are none.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: GUID of the vCloud organization configuration.
      type: str
    uid:
      description: URN of the organization's configuration, stable over log-ons.
      type: str
      sample: urn:veeam:VCloudOrganizationConfig:94b6d2e8-5f01-4c7a-83d9-a7c0e1f25b46
    name:
      description: Name of the organization in VMware Cloud Director.
      type: str
      sample: tenant-a-org
    type:
      description: Type of the record.
      type: str
      sample: VCloudOrganizationConfig
    href:
      description: Address of the vCloud organization configuration, as the server writes it.
      type: str
    backup_server_uid:
      description: URN of the backup server that runs the jobs.
      type: str
      sample: urn:veeam:BackupServer:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
    repository_uid:
      description: URN of the repository that backups go to.
      type: str
      sample: urn:veeam:Repository:3a2b1c0d-9e8f-4765-8432-10fedcba9876
    quota_gb:
      description: Space that is granted on the repository, in GB.
      type: int
      sample: 500
    is_disabled:
      description: Whether the built-in configuration for all other organizations is switched off; false for any other.
      type: bool
      sample: false
    job_settings:
      description: How much of a job the tenant may set, and where the rest comes from.
      type: dict
      contains:
        default_settings:
          description: Whether jobs get the product's defaults and not those of a template job.
          type: bool
          sample: true
        custom_settings:
          description: Whether jobs follow a template job; some servers say it this way round.
          type: bool
        job_scheduler_type:
          description:
            - 'Scheduling that tenants may do: all, daily and monthly only, none with a random start, none without any start.'
            - The server sends V(Full), V(Partial), V(Random) or V(Disabled).
          type: str
          sample: Full
        high_priority_job:
          description: Whether the tenant's jobs get resources before others.
          type: bool
          sample: false
        template_job_uid:
          description: URN of the job whose settings are copied, null where there is none.
          type: str
    used_quota_mb:
      description: Part of the granted space that is taken, in MB.
      type: int
      sample: 120832
    host_uid:
      description: URN of the managed server that is the VMware Cloud Director.
      type: str
      sample: urn:veeam:ManagedServer:0e8d6c4b-2a19-4f37-95c8-b1d3e5f70926
    repository_friendly_name:
      description: What the organization sees in place of the repository's name.
      type: str
      sample: Gold Storage
    backup_server_name:
      description: Name of the backup server, taken from the link to it.
      type: str
      sample: vbr01.example.com
    backup_server:
      description: Backup server of the provider that holds it.
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
    vcloud_backup_job_settings:
      description:
        - The job settings of the vCloud organization.
        - Null when the vCloud organization configuration vanished before they were read.
      returned: with O(job_settings=true)
      type: dict
      contains:
        id:
          description: What stands last in the address of the job settings of a vCloud organization.
          type: str
        uid:
          description: Always null, as job settings of vCloud organizations have no URN.
          type: str
        name:
          description: Always null, as job settings of vCloud organizations have no name.
          type: str
        type:
          description: Type of the record.
          type: str
          sample: VCloudOrganizationConfigBackupJobSettings
        href:
          description: Address of the job settings of a vCloud organization, as the server writes it.
          type: str
        use_default_job_settings:
          description: Whether these are the product's defaults and not those of a template job.
          type: bool
          sample: true
        advanced_settings:
          description: Everything that a template job would set.
          type: dict
          contains:
            backup_settings:
              description: How the backup chain is built.
              type: dict
              contains:
                backup_mode:
                  description: Kind of chain; the part that is not null is the one in use.
                  type: dict
                  contains:
                    incremental:
                      description: Full backup followed by increments.
                      type: dict
                      contains:
                        synthetic_full:
                          description: Full backups put together from what is on the repository.
                          type: dict
                          contains:
                            enabled:
                              description: Whether these settings are in force.
                              type: bool
                              sample: false
                            options_daily:
                              description: On days of the week.
                              type: dict
                              contains:
                                enabled:
                                  description: Whether these settings are in force.
                                  type: bool
                                  sample: false
                                days:
                                  description:
                                    - Days of the week that count.
                                    - The server sends V(Sunday), V(Monday), V(Tuesday), V(Wednesday), V(Thursday), V(Friday) or V(Saturday).
                                  type: list
                                  elements: str
                            transform_previous_backup_chains:
                              description: Whether the increments before are turned into rollbacks.
                              type: bool
                              sample: false
                active_full_backup:
                  description: Full backups read anew from the machines.
                  type: dict
                  contains:
                    enabled:
                      description: Whether these settings are in force.
                      type: bool
                      sample: false
                    options_weekly:
                      description: On days of the week.
                      type: dict
                      contains:
                        enabled:
                          description: Whether these settings are in force.
                          type: bool
                          sample: false
                        days:
                          description:
                            - Days of the week that count.
                            - The server sends V(Sunday), V(Monday), V(Tuesday), V(Wednesday), V(Thursday), V(Friday) or V(Saturday).
                          type: list
                          elements: str
                    options_monthly:
                      description: On a day of the month.
                      type: dict
                      contains:
                        enabled:
                          description: Whether these settings are in force.
                          type: bool
                          sample: false
                        day_number_in_month:
                          description: Which of the weekdays in a month, such as First or Last.
                          type: str
                          sample: Last
                        day_of_week:
                          description:
                            - Weekday that counts.
                            - The server sends V(Sunday), V(Monday), V(Tuesday), V(Wednesday), V(Thursday), V(Friday) or V(Saturday).
                          type: str
                          sample: Saturday
                        months:
                          description:
                            - Calendar months in which the full backup is made.
                            - The server sends V(January), V(February), V(March), V(April), V(May), V(June), V(July), V(August), V(September),
                              V(October), V(November) or V(December).
                          type: list
                          elements: str
            maintenance_settings:
              description: Care for backup files.
              type: dict
              contains:
                backup_files_health_check:
                  description: Checking what is stored for damage.
                  type: dict
                  contains:
                    enabled:
                      description: Whether these settings are in force.
                      type: bool
                      sample: false
                    options_weekly:
                      description: On days of the week.
                      type: dict
                      contains:
                        enabled:
                          description: Whether these settings are in force.
                          type: bool
                          sample: false
                        days:
                          description:
                            - Days of the week that count.
                            - The server sends V(Sunday), V(Monday), V(Tuesday), V(Wednesday), V(Thursday), V(Friday) or V(Saturday).
                          type: list
                          elements: str
                    options_monthly:
                      description: On a day of the month.
                      type: dict
                      contains:
                        enabled:
                          description: Whether these settings are in force.
                          type: bool
                          sample: false
                        day_number_in_month:
                          description: Which of the weekdays in a month, such as First or Last.
                          type: str
                          sample: Last
                        day_of_week:
                          description:
                            - Weekday that counts.
                            - The server sends V(Sunday), V(Monday), V(Tuesday), V(Wednesday), V(Thursday), V(Friday) or V(Saturday).
                          type: str
                          sample: Saturday
                        months:
                          description:
                            - Calendar months in which the full backup is made.
                            - The server sends V(January), V(February), V(March), V(April), V(May), V(June), V(July), V(August), V(September),
                              V(October), V(November) or V(December).
                          type: list
                          elements: str
                full_backup_file_maintenance:
                  description: Keeping the full file small.
                  type: dict
                  contains:
                    remove_deleted_vms:
                      description: Dropping data of machines that no longer exist.
                      type: dict
                      contains:
                        enabled:
                          description: Whether these settings are in force.
                          type: bool
                          sample: false
                        remove_after:
                          description: How long their data is kept, in days.
                          type: int
                          sample: 14
                    defragment_full_backup_file:
                      description: Writing the file anew and compact.
                      type: dict
                      contains:
                        enabled:
                          description: Whether these settings are in force.
                          type: bool
                          sample: false
                        options_weekly:
                          description: On days of the week.
                          type: dict
                          contains:
                            enabled:
                              description: Whether these settings are in force.
                              type: bool
                              sample: false
                            days:
                              description:
                                - Days of the week that count.
                                - The server sends V(Sunday), V(Monday), V(Tuesday), V(Wednesday), V(Thursday), V(Friday) or V(Saturday).
                              type: list
                              elements: str
                        options_monthly:
                          description: On a day of the month.
                          type: dict
                          contains:
                            enabled:
                              description: Whether these settings are in force.
                              type: bool
                              sample: false
                            day_number_in_month:
                              description: Which of the weekdays in a month, such as First or Last.
                              type: str
                              sample: Last
                            day_of_week:
                              description:
                                - Weekday that counts.
                                - The server sends V(Sunday), V(Monday), V(Tuesday), V(Wednesday), V(Thursday), V(Friday) or V(Saturday).
                              type: str
                              sample: Saturday
                            months:
                              description:
                                - Calendar months in which the full backup is made.
                                - The server sends V(January), V(February), V(March), V(April), V(May), V(June), V(July), V(August),
                                  V(September), V(October), V(November) or V(December).
                              type: list
                              elements: str
            storage_settings:
              description: How data is stored.
              type: dict
              contains:
                data_reduction:
                  description: What is done to make backups smaller.
                  type: dict
                  contains:
                    enable_inline_data_deduplication:
                      description: Whether equal blocks are stored once.
                      type: bool
                      sample: true
                    enable_swap_file_blocks:
                      description: Whether blocks of the guest's swap file are left out.
                      type: bool
                      sample: true
                    enable_deleted_file_blocks:
                      description: Whether blocks of files that the guest deleted are left out.
                      type: bool
                      sample: true
                    compression_level:
                      description: How hard data is compressed, such as Optimal.
                      type: str
                      sample: Optimal
                    storage_optimization:
                      description: Kind of target that the block size suits, such as LocalTarget.
                      type: str
                      sample: LocalTarget
                encryption:
                  description: Encrypting the backup files.
                  type: dict
                  contains:
                    enabled:
                      description: Whether these settings are in force.
                      type: bool
                      sample: false
            notifications_settings:
              description: Who learns of a run.
              type: dict
              contains:
                send_snmp_notifications:
                  description: Whether an SNMP trap is sent at the end of a run.
                  type: bool
                  sample: false
                vm_attribute_notifications:
                  description: Result written to the machine in vSphere.
                  type: dict
                  contains:
                    enabled:
                      description: Whether these settings are in force.
                      type: bool
                      sample: false
                    set_successful_backup_details_to_vm_attr:
                      description: Which attribute of the machine is written, such as Notes.
                      type: str
                      sample: Notes
                    append_to_existing_attr_value:
                      description: Whether text that stands there is kept.
                      type: bool
                      sample: true
            vsphere_settings:
              description: Changed block tracking and quiescence of VMware guests.
              type: dict
              contains:
                guest_quiescence:
                  description: Freezing the guest by VMware Tools.
                  type: dict
                  contains:
                    enabled:
                      description: Whether these settings are in force.
                      type: bool
                      sample: false
                changed_block_tracking:
                  description: Reading changed blocks only.
                  type: dict
                  contains:
                    enabled:
                      description: Whether these settings are in force.
                      type: bool
                      sample: false
                    enable_for_all_protected_vms:
                      description: Whether tracking is switched on where it is off.
                      type: bool
                      sample: true
                    reset_change_tracking_on_active_full:
                      description: Whether each active full starts tracking anew.
                      type: bool
                      sample: true
            integration_settings:
              description: Use of storage systems.
              type: dict
              contains:
                backup_from_storage_snapshots:
                  description: Reading from snapshots of the storage system.
                  type: dict
                  contains:
                    enabled:
                      description: Whether these settings are in force.
                      type: bool
                      sample: false
                    limit_processed_vm_count_per_storage_snapshot:
                      description: Most machines read from one snapshot.
                      type: int
                      sample: 10
                    failover_to_standard_backup:
                      description: Whether a machine is read the usual way when its snapshot fails.
                      type: bool
                      sample: false
            scripts_settings:
              description: Scripts around a run.
              type: dict
              contains:
                post_job_script:
                  description: What runs at the end.
                  type: dict
                  contains:
                    enabled:
                      description: Whether these settings are in force.
                      type: bool
                      sample: false
                    script_path:
                      description: File that is run, empty for none.
                      type: str
                pre_job_script:
                  description: What runs at the start.
                  type: dict
                  contains:
                    enabled:
                      description: Whether these settings are in force.
                      type: bool
                      sample: false
                    script_path:
                      description: File that is run, empty for none.
                      type: str
                run_scripts_every_backup_session:
                  description: How often both are run.
                  type: dict
                  contains:
                    run_every_backup_session:
                      description: 'Distance between runs with scripts: 1 means every run.'
                      type: int
                      sample: 1
        source_proxy_auto_detect:
          description: Whether the backup server chooses the proxy that reads data.
          type: bool
          sample: true
        backup_server:
          description: Backup server of the provider that holds it.
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
        vcloud_org_config:
          description: Configuration that the settings belong to.
          type: dict
          contains:
            id:
              description: GUID of the object.
              type: str
              sample: 5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
            uid:
              description: URN of the object.
              type: str
              sample: urn:veeam:VCloudOrganizationConfig:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
            name:
              description: Name of the object.
              type: str
            type:
              description: Type of the object.
              type: str
              sample: VCloudOrganizationConfig
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
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.vcloud import VCLOUD_BACKUP_JOB_SETTINGS, VCLOUD_ORGANIZATION_CONFIG

MODULE = info_module(VCLOUD_ORGANIZATION_CONFIG, details=(Detail("job_settings", (VCLOUD_BACKUP_JOB_SETTINGS,)),))


def main() -> None:
    """Run the module lane."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
