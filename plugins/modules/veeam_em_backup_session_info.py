#!/usr/bin/python

# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: veeam_em_backup_session_info
short_description: Read backup job sessions of Veeam Backup Enterprise Manager
version_added: 0.1.0
description:
  - Returns backup job sessions. A job session is one run of a backup, backup copy, agent or file share job, with state, progress and result.
  - Only a job session whose state is V(Stopped) has its final result.

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
      - 'An example is V({result: [Warning, Failed], creation_time: {ge: -24h}}).'
      - Times are ISO 8601 and mean UTC unless they carry a zone; V(-24h) or V(-7d) means so long ago.
      - A text is taken as an expression in the grammar of the query service, where a semicolon means and, a comma means or.
      - An example is V(Result==Failed).
      - Unknown fields, operators and values are refused before anything is sent.
      - Fields are the following.
      - V(uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the backup job session, stable over log-ons.
      - V(name) (text) - Job name, an @ and the start in UTC.
      - V(job_uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the job that ran.
      - V(job_name) (text) - Name of the job that ran; equal names on two backup servers are normal.
      - V(job_type) (V(Backup), V(BackupCopy), V(ImmediateBackupCopy), V(ImmediateBackupCopyWorker), V(AgentBackup), V(AgentManagement)
        or V(NasBackup)) - Kind of the job that ran.
      - V(creation_time) (time) - When the run began. Time in UTC.
      - V(end_time) (time) - When the run ended. Time in UTC, null while it runs.
      - V(state) (V(Starting), V(Stopping), V(Working), V(Pausing), V(Resuming) or V(Stopped)) - What the run does now; Stopped is its
        end.
      - V(result) (V(None), V(Success), V(Warning) or V(Failed)) - Outcome of the run; None (or already Success) while it runs, final
        once the state is Stopped.
      - V(is_retry) (V(true) or V(false)) - Whether this run repeats the machines that failed in the run before.
      - V(backup_server_uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the backup server, taken from the link to it.
      - V(backup_server_name) (text) - Name of the backup server, taken from the link to it.
    type: raw
  sort:
    description:
      - Field to sort by, one of those that O(filter) knows; a leading minus sorts in descending order, as in V(-creation_time).
      - Without it records come in the order of V(creation_time).
    type: str
  job:
    description:
      - Jobs whose backup job sessions to return, one or several, each by GUID, URN or name.
      - One that the server does not know gives no record and no failure.
      - The module then filters and sorts by itself what the server tells of them. So O(filter) and O(sort) take all fields of a record
        that hold one value, also those that are not listed at O(filter), but none that is only for filters.
    type: list
    elements: str
  agent_job:
    description:
      - Agent jobs whose backup job sessions to return, one or several, each by GUID, URN or name.
      - One that the server does not know gives no record and no failure.
      - The module then filters and sorts by itself what the server tells of them. So O(filter) and O(sort) take all fields of a record
        that hold one value, also those that are not listed at O(filter), but none that is only for filters.
    type: list
    elements: str
  nas_job:
    description:
      - File share jobs whose backup job sessions to return, one or several, each by GUID, URN or name.
      - One that the server does not know gives no record and no failure.
      - The module then filters and sorts by itself what the server tells of them. So O(filter) and O(sort) take all fields of a record
        that hold one value, also those that are not listed at O(filter), but none that is only for filters.
    type: list
    elements: str
  backup_server:
    description: Name of the backup server that the records belong to. Names are unique on one backup server only.
    type: str
  source:
    description:
      - Where the records are read from.
      - V(query) asks the query service, page by page.
      - V(collection) reads the whole collection in one answer and filters it in the module; so does V(query) where the account may
        not query.
      - V(agents) reads only those of agent jobs, in the way of V(collection).
      - V(nas) reads only those of file share jobs, in the way of V(collection).
    type: str
    choices:
      - query
      - collection
      - agents
      - nas
    default: query
  agent_management_sessions:
    description:
      - Whether each record carries V(agent_management_sessions), the runs in which agents were managed for it.
      - It takes one more request for each record.
    type: bool
    default: false
  # generated: end
notes:
  - Needs the role Portal Administrator or Portal User in Enterprise Manager; a Portal User sees what is in the user's scope.
seealso:
  - module: openbackup.veeam_em.veeam_em_backup_task_session_info
  - module: openbackup.veeam_em.veeam_em_job_session_wait
  - module: openbackup.veeam_em.veeam_em_replica_session_info
"""

EXAMPLES = r"""
- name: Backups that are running now
  openbackup.veeam_em.veeam_em_backup_session_info:
    host: em01.example.com
    filter:
      state:
        ne: Stopped

- name: Failed backups of the last day, newest first
  openbackup.veeam_em.veeam_em_backup_session_info:
    host: em01.example.com
    filter: Result==Failed;CreationTime>=-24h
    sort: -creation_time
  register: failed

- name: The last run of one job, on the one backup server that is meant
  openbackup.veeam_em.veeam_em_backup_session_info:
    host: em01.example.com
    backup_server: vbr01.example.com
    filter:
      job_name: SQL Server Backup
    sort: -creation_time
    limit: 1

- name: Runs of file share jobs in the last week
  openbackup.veeam_em.veeam_em_backup_session_info:
    host: em01.example.com
    source: nas
    filter:
      creation_time:
        ge: -7d
"""

RETURN = r"""
# generated: begin result
backup_sessions:
  description: The backup job sessions that match, an empty list when there are none.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: GUID of the backup job session.
      type: str
    uid:
      description: URN of the backup job session, stable over log-ons.
      type: str
      sample: urn:veeam:BackupJobSession:9e8d7c6b-5a49-4832-a1b0-c9d8e7f6a5b4
    name:
      description: Job name, an @ and the start in UTC.
      type: str
      sample: SQL Server Backup@2026-11-20 20:00:07
    type:
      description: Type of the record.
      type: str
      sample: BackupJobSession
    href:
      description: Address of the backup job session, as the server writes it.
      type: str
    job_uid:
      description: URN of the job that ran.
      type: str
      sample: urn:veeam:Job:1b4d7e2a-3c5f-4a6b-8d9e-0f1a2b3c4d5e
    job_name:
      description: Name of the job that ran; equal names on two backup servers are normal.
      type: str
      sample: SQL Server Backup
    job_type:
      description:
        - Kind of the job that ran.
        - The server sends V(Backup), V(BackupCopy), V(ImmediateBackupCopy), V(ImmediateBackupCopyWorker), V(AgentBackup), V(AgentManagement)
          or V(NasBackup).
      type: str
      sample: Backup
    creation_time:
      description: When the run began. Time in UTC.
      type: str
      sample: '2026-11-20T20:00:07.547Z'
    end_time:
      description: When the run ended. Time in UTC, null while it runs.
      type: str
      sample: '2026-11-20T20:06:09.123Z'
    state:
      description:
        - What the run does now; Stopped is its end.
        - The server sends V(Starting), V(Stopping), V(Working), V(Pausing), V(Resuming) or V(Stopped).
      type: str
      sample: Stopped
    result:
      description:
        - Outcome of the run; None (or already Success) while it runs, final once the state is Stopped.
        - The server sends V(None), V(Success), V(Warning) or V(Failed).
      type: str
      sample: Warning
    progress:
      description: Part done in percent; may stay 0 for copy jobs.
      type: int
      sample: 100
    failure_message:
      description: Why the run failed as a whole, null when it did not.
      type: str
    is_retry:
      description: Whether this run repeats the machines that failed in the run before.
      type: bool
      sample: false
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
    job:
      description: Job that ran.
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
    restore_points:
      description: Restore points that the run made.
      type: list
      elements: dict
      contains:
        id:
          description: GUID of the object.
          type: str
          sample: 5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
        uid:
          description: URN of the object.
          type: str
          sample: urn:veeam:RestorePoint:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
        name:
          description: Name of the object.
          type: str
        type:
          description: Type of the object.
          type: str
          sample: RestorePoint
    agent_management_sessions:
      description:
        - The runs in which agents were managed for it.
        - Null when the backup job session vanished before they were read.
      returned: with O(agent_management_sessions=true)
      type: list
      elements: dict
      contains:
        id:
          description: GUID of the backup job session.
          type: str
        uid:
          description: URN of the backup job session, stable over log-ons.
          type: str
          sample: urn:veeam:BackupJobSession:9e8d7c6b-5a49-4832-a1b0-c9d8e7f6a5b4
        name:
          description: Job name, an @ and the start in UTC.
          type: str
          sample: SQL Server Backup@2026-11-20 20:00:07
        type:
          description: Type of the record.
          type: str
          sample: BackupJobSession
        href:
          description: Address of the backup job session, as the server writes it.
          type: str
        job_uid:
          description: URN of the job that ran.
          type: str
          sample: urn:veeam:Job:1b4d7e2a-3c5f-4a6b-8d9e-0f1a2b3c4d5e
        job_name:
          description: Name of the job that ran; equal names on two backup servers are normal.
          type: str
          sample: SQL Server Backup
        job_type:
          description:
            - Kind of the job that ran.
            - The server sends V(Backup), V(BackupCopy), V(ImmediateBackupCopy), V(ImmediateBackupCopyWorker), V(AgentBackup), V(AgentManagement)
              or V(NasBackup).
          type: str
          sample: Backup
        creation_time:
          description: When the run began. Time in UTC.
          type: str
          sample: '2026-11-20T20:00:07.547Z'
        end_time:
          description: When the run ended. Time in UTC, null while it runs.
          type: str
          sample: '2026-11-20T20:06:09.123Z'
        state:
          description:
            - What the run does now; Stopped is its end.
            - The server sends V(Starting), V(Stopping), V(Working), V(Pausing), V(Resuming) or V(Stopped).
          type: str
          sample: Stopped
        result:
          description:
            - Outcome of the run; None (or already Success) while it runs, final once the state is Stopped.
            - The server sends V(None), V(Success), V(Warning) or V(Failed).
          type: str
          sample: Warning
        progress:
          description: Part done in percent; may stay 0 for copy jobs.
          type: int
          sample: 100
        failure_message:
          description: Why the run failed as a whole, null when it did not.
          type: str
        is_retry:
          description: Whether this run repeats the machines that failed in the run before.
          type: bool
          sample: false
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
        job:
          description: Job that ran.
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
        restore_points:
          description: Restore points that the run made.
          type: list
          elements: dict
          contains:
            id:
              description: GUID of the object.
              type: str
              sample: 5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
            uid:
              description: URN of the object.
              type: str
              sample: urn:veeam:RestorePoint:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
            name:
              description: Name of the object.
              type: str
            type:
              description: Type of the object.
              type: str
              sample: RestorePoint
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
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.agents import AGENT_JOB
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.jobs import JOB
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.nas import NAS_JOB
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.sessions import BACKUP_SESSION

MODULE = info_module(BACKUP_SESSION, below=(JOB, AGENT_JOB, NAS_JOB), details=(Detail("agent_management_sessions", (BACKUP_SESSION,)),))


def main() -> None:
    """Run the module lane."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
