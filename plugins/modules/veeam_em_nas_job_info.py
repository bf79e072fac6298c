#!/usr/bin/python

# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: veeam_em_nas_job_info
short_description: Read file share jobs of Veeam Backup Enterprise Manager
version_added: 0.2.0
description:
  - Returns backup jobs of file shares.
  - Their runs are read with M(openbackup.veeam_em.veeam_em_backup_session_info).

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
      - V(uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the file share job, stable over log-ons.
      - V(name) (text) - Name of the job; unique on one backup server only.
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
      - Whether each record carries V(nas_objects), the objects in the file share job.
      - It takes one more request for each record.
    type: bool
    default: false
  # generated: end
notes:
  # generated: begin notes
  - Needs the role Portal Administrator in Enterprise Manager.
  - Needs version v1_5 of the API, which Enterprise Manager has from version 10 on.
  # generated: end
seealso:
  - module: openbackup.veeam_em.veeam_em_file_server_info
  - module: openbackup.veeam_em.veeam_em_job_info
  - module: openbackup.veeam_em.veeam_em_job_run
"""

EXAMPLES = r"""
- name: All file share jobs with the shares in them
  openbackup.veeam_em.veeam_em_nas_job_info:
    host: em01.example.com
    includes: true
  register: shares

- name: When each will run next
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.next_run }}"
  loop: "{{ shares.nas_jobs }}"
  loop_control:
    label: "{{ item.name }}"
"""

RETURN = r"""
# generated: begin result
nas_jobs:
  description: The file share jobs that match, an empty list when there are none.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: GUID of the file share job.
      type: str
    uid:
      description: URN of the file share job, stable over log-ons.
      type: str
      sample: urn:veeam:NasJob:c3d4e5f6-0718-49ab-8cde-f0123456789a
    name:
      description: Name of the job; unique on one backup server only.
      type: str
      sample: Projects Share
    type:
      description: Type of the record.
      type: str
      sample: NasJob
    href:
      description: Address of the file share job, as the server writes it.
      type: str
    description:
      description: Free text an administrator wrote about the job.
      type: str
    includes:
      description: Shares and folders that the job backs up.
      type: list
      elements: dict
      contains:
        hierarchy_obj_ref:
          description: URN of the share in its hierarchy.
          type: str
        object_in_job_id:
          description: GUID under which the entry is addressed below its job.
          type: str
        file_or_folder:
          description: Path that is backed up.
          type: str
        file_server_uid:
          description: URN of the file server that the path is on.
          type: str
        inclusion_mask:
          description: Patterns that a file must match to be taken.
          type: list
          elements: str
        exclusion_mask:
          description: Patterns of files and folders that are left out.
          type: list
          elements: str
    storage_options:
      description: Where backups go and how long versions live.
      type: dict
      contains:
        backup_repository_uid:
          description: URN of the repository for recent versions.
          type: str
        shortterm_retention_type:
          description:
            - Unit in which recent versions are kept.
            - The server sends V(Day) or V(Month).
          type: str
        shortterm_retention_period:
          description: How long recent versions are kept, in the unit beside it.
          type: int
        longterm_retention_enabled:
          description: Whether old versions move to an archive.
          type: bool
        keep_file_versions_history_options:
          description: Archive for old versions, null without one.
          type: dict
          contains:
            longterm_retention_type:
              description:
                - Unit in which the archive keeps versions.
                - The server sends V(Month) or V(Year).
              type: str
            longterm_retention_period:
              description: How long the archive keeps versions, in the unit beside it.
              type: int
            backup_repository_uid:
              description: URN of the repository that is the archive.
              type: str
            archive_file_types:
              description: Which versions move to the archive, and how many stay there.
              type: dict
              contains:
                active_file_retention_enabled:
                  description: Whether versions of files that still exist are limited in number.
                  type: bool
                max_active_file_versions_to_keep:
                  description: How many versions of a file that still exists are left.
                  type: int
                deleted_file_retention_enabled:
                  description: Whether versions of files that are gone are limited in number.
                  type: bool
                max_deleted_file_versions_to_keep:
                  description: How many versions of a file that is gone are left.
                  type: int
                file_extensions_option:
                  description: Which files are archived at all.
                  type: dict
                  contains:
                    archive_file_extensions_scope:
                      description: Whether all files count or those that match.
                      type: str
                    inclusion_mask:
                      description: Patterns that a file must match to be taken.
                      type: list
                      elements: str
                    exclusion_mask:
                      description: Patterns of files and folders that are left out.
                      type: list
                      elements: str
        advanced_storage_options:
          description: Details of what is noticed on the share.
          type: dict
          contains:
            acl:
              description: How permissions are followed.
              type: dict
              contains:
                file_attributes_change_tracking_mode:
                  description:
                    - Whether permissions are watched on folders only or on every object.
                    - The server sends V(TrackOnlyFolderAttributesChanges) or V(TrackEverythingAttributesChanges).
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
      description: When the job starts by itself.
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
    nas_objects:
      description:
        - The objects in the file share job.
        - Null when the file share job vanished before they were read.
      returned: with O(includes=true)
      type: list
      elements: dict
      contains:
        id:
          description: The same as V(object_in_job_id).
          type: str
        uid:
          description: Always null, as objects in a file share job have no URN.
          type: str
        name:
          description: Always null, as objects in a file share job have no name.
          type: str
        type:
          description: Type of the record.
          type: str
          sample: NasObject
        href:
          description: Address of the object in a file share job, as the server writes it.
          type: str
        hierarchy_obj_ref:
          description: URN of the share in its hierarchy.
          type: str
          sample: urn:NasBackup:FileServer:a1b2c3d4-e5f6-4789-8abc-def012345678.b2c3d4e5-f607-489a-9bcd-ef0123456789
        object_in_job_id:
          description: GUID under which the entry is addressed below its job.
          type: str
          sample: 0d1e2f3a-4b5c-4d6e-8f70-8192a3b4c5d6
        file_or_folder:
          description: Path that is backed up.
          type: str
          sample: \\fs01.example.com\projects
        file_server_uid:
          description: URN of the file server that the path is on.
          type: str
          sample: urn:veeam:FileServer:b2c3d4e5-f607-489a-9bcd-ef0123456789
        inclusion_mask:
          description: Patterns that a file must match to be taken.
          type: list
          elements: str
        exclusion_mask:
          description: Patterns of files and folders that are left out.
          type: list
          elements: str
        file_server_name:
          description: What the file server is called, taken from the link to it.
          type: str
          sample: \\fs01.example.com\projects
        job_uid:
          description: URN of the job that the share is in, taken from the link to it.
          type: str
          sample: urn:veeam:Job:1b4d7e2a-3c5f-4a6b-8d9e-0f1a2b3c4d5e
        job_name:
          description: Name of the job that the share is in, taken from the link to it.
          type: str
          sample: SQL Server Backup
        job:
          description: File share job that backs it up.
          type: dict
          contains:
            id:
              description: GUID of the object.
              type: str
              sample: 5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
            uid:
              description: URN of the object.
              type: str
              sample: urn:veeam:NasJob:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
            name:
              description: Name of the object.
              type: str
            type:
              description: Type of the object.
              type: str
              sample: NasJob
        file_server:
          description: File server that the path is on, null where the answer has no link to it.
          type: dict
          contains:
            id:
              description: GUID of the object.
              type: str
              sample: 5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
            uid:
              description: URN of the object.
              type: str
              sample: urn:veeam:FileServer:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
            name:
              description: Name of the object.
              type: str
            type:
              description: Type of the object.
              type: str
              sample: FileServer
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
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.nas import NAS_JOB, NAS_OBJECT

MODULE = info_module(NAS_JOB, details=(Detail("includes", (NAS_OBJECT,)),))


def main() -> None:
    """Run the module lane."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
