#!/usr/bin/python

# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: veeam_em_backup_info
short_description: Read backups of Veeam Backup Enterprise Manager
version_added: 0.2.0
description:
  - 'Returns backups. A backup is what the runs of one job leave in one repository: a chain of files with restore points.'
  - M(openbackup.veeam_em.veeam_em_restore_point_info) reads its restore points, M(openbackup.veeam_em.veeam_em_backup_file_info) its files.

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
      - 'An example is V({platform: VMware}).'
      - Times are ISO 8601 and mean UTC unless they carry a zone; V(-24h) or V(-7d) means so long ago.
      - A text is taken as an expression in the grammar of the query service, where a semicolon means and, a comma means or.
      - An example is V(Platform==VMware).
      - Unknown fields, operators and values are refused before anything is sent.
      - Fields are the following.
      - V(uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the backup, stable over log-ons.
      - V(name) (text) - Name of the job that made it, or of the machine where each has a chain of its own.
      - V(platform) (V(VMware), V(HyperV), V(vCloud), V(AgentForLinux), V(AgentForWindows) or V(CustomPlatform)) - Where the protected
        machines live.
      - V(backup_type) (V(Standard), V(ParentBackup) or V(ChildBackup)) - Whether it stands alone, groups the chains of single machines,
        or is one of these.
      - V(job_uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the job that writes it; only for filters, the answer does
        not carry it.
      - V(job_name) (text) - Name of the job that writes it; only for filters, the answer does not carry it.
      - V(repository_uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the repository that holds the data, taken from the
        link to it.
      - V(repository_name) (text) - Name of the repository that holds the data, taken from the link to it.
    type: raw
  sort:
    description:
      - Field to sort by, one of those that O(filter) knows; a leading minus sorts in descending order, as in V(-name).
      - Without it records come in the order of V(name).
    type: str
  external_repository:
    description:
      - External repositories whose backups to return, one or several, each by GUID, URN or name.
      - One that the server does not know gives no record and no failure.
      - The module then filters and sorts by itself what the server tells of them. So O(filter) and O(sort) take all fields of a record
        that hold one value, also those that are not listed at O(filter), but none that is only for filters.
    type: list
    elements: str
  source:
    description:
      - Where the records are read from.
      - V(query) asks the query service, page by page.
      - V(collection) reads the whole collection in one answer and filters it in the module; so does V(query) where the account may
        not query.
      - V(agents) reads only those of agent jobs, in the way of V(collection).
    type: str
    choices:
      - query
      - collection
      - agents
    default: query
  child_backups:
    description:
      - Whether each record carries V(child_backups), the backups of single machines that it groups.
      - It takes one more request for each record.
    type: bool
    default: false
  # generated: end
notes:
  # generated: begin notes
  - Needs one of the roles Portal Administrator, Portal User, VM Restore Operator or File Restore Operator in Enterprise Manager; what
    it shows depends on the user's scope.
  # generated: end
seealso:
  - module: openbackup.veeam_em.veeam_em_restore_point_info
  - module: openbackup.veeam_em.veeam_em_backup_file_info
  - module: openbackup.veeam_em.veeam_em_repository_info
"""

EXAMPLES = r"""
- name: Backups in one repository
  openbackup.veeam_em.veeam_em_backup_info:
    host: em01.example.com
    filter:
      repository_name: Default Backup Repository
  register: backups

- name: Backups made by agents
  openbackup.veeam_em.veeam_em_backup_info:
    host: em01.example.com
    source: agents
  register: of_agents

- name: Backups that consist of others, with those
  openbackup.veeam_em.veeam_em_backup_info:
    host: em01.example.com
    filter: {backup_type: ParentBackup}
    child_backups: true
  register: parents
"""

RETURN = r"""
# generated: begin result
backups:
  description: The backups that match, an empty list when there are none.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: GUID of the backup.
      type: str
    uid:
      description: URN of the backup, stable over log-ons.
      type: str
      sample: urn:veeam:Backup:2c3d4e5f-6071-4829-93a4-b5c6d7e8f901
    name:
      description: Name of the job that made it, or of the machine where each has a chain of its own.
      type: str
      sample: SQL Server Backup
    type:
      description: Type of the record.
      type: str
      sample: Backup
    href:
      description: Address of the backup, as the server writes it.
      type: str
    platform:
      description:
        - Where the protected machines live.
        - The server sends V(VMware), V(HyperV), V(vCloud), V(AgentForLinux), V(AgentForWindows) or V(CustomPlatform).
      type: str
      sample: VMware
    backup_type:
      description:
        - Whether it stands alone, groups the chains of single machines, or is one of these.
        - The server sends V(Standard), V(ParentBackup) or V(ChildBackup).
      type: str
      sample: Standard
    repository_uid:
      description: URN of the repository that holds the data, taken from the link to it.
      type: str
    repository_name:
      description: Name of the repository that holds the data, taken from the link to it.
      type: str
      sample: Default Backup Repository
    backup_server:
      description: Backup server that keeps it in its catalogue.
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
    repository:
      description: Repository that holds the data.
      type: dict
      contains:
        id:
          description: GUID of the object.
          type: str
          sample: 5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
        uid:
          description: URN of the object.
          type: str
          sample: urn:veeam:Repository:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
        name:
          description: Name of the object.
          type: str
        type:
          description: Type of the object.
          type: str
          sample: Repository
    child_backups:
      description:
        - The backups of single machines that it groups.
        - Null when the backup vanished before they were read.
      returned: with O(child_backups=true)
      type: list
      elements: dict
      contains:
        id:
          description: GUID of the backup.
          type: str
        uid:
          description: URN of the backup, stable over log-ons.
          type: str
          sample: urn:veeam:Backup:2c3d4e5f-6071-4829-93a4-b5c6d7e8f901
        name:
          description: Name of the job that made it, or of the machine where each has a chain of its own.
          type: str
          sample: SQL Server Backup
        type:
          description: Type of the record.
          type: str
          sample: Backup
        href:
          description: Address of the backup, as the server writes it.
          type: str
        platform:
          description:
            - Where the protected machines live.
            - The server sends V(VMware), V(HyperV), V(vCloud), V(AgentForLinux), V(AgentForWindows) or V(CustomPlatform).
          type: str
          sample: VMware
        backup_type:
          description:
            - Whether it stands alone, groups the chains of single machines, or is one of these.
            - The server sends V(Standard), V(ParentBackup) or V(ChildBackup).
          type: str
          sample: Standard
        repository_uid:
          description: URN of the repository that holds the data, taken from the link to it.
          type: str
        repository_name:
          description: Name of the repository that holds the data, taken from the link to it.
          type: str
          sample: Default Backup Repository
        backup_server:
          description: Backup server that keeps it in its catalogue.
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
        repository:
          description: Repository that holds the data.
          type: dict
          contains:
            id:
              description: GUID of the object.
              type: str
              sample: 5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
            uid:
              description: URN of the object.
              type: str
              sample: urn:veeam:Repository:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
            name:
              description: Name of the object.
              type: str
            type:
              description: Type of the object.
              type: str
              sample: Repository
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
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.backups import BACKUP
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.infrastructure import EXTERNAL_REPOSITORY

MODULE = info_module(BACKUP, below=(EXTERNAL_REPOSITORY,), details=(Detail("child_backups", (BACKUP,)),))


def main() -> None:
    """Run the module lane."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
