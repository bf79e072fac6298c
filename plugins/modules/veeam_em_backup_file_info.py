#!/usr/bin/python

# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: veeam_em_backup_file_info
short_description: Read backup files of Veeam Backup Enterprise Manager
version_added: 0.2.0
description:
  - Returns backup files, with size, kind and how well their data was reduced.
  - Sizes are in bytes. A full backup is a V(vbk) file, an increment a V(vib) file, a reversed increment a V(vrb) file.

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
      - 'An example is V({creation_time: {ge: -24h}, backup_size: {gt: 107374182400}}).'
      - Times are ISO 8601 and mean UTC unless they carry a zone; V(-24h) or V(-7d) means so long ago.
      - A text is taken as an expression in the grammar of the query service, where a semicolon means and, a comma means or.
      - An example is V(CreationTimeUTC>=-24h).
      - Unknown fields, operators and values are refused before anything is sent.
      - Fields are the following.
      - V(uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the backup file, stable over log-ons.
      - V(name) (text) - File name without folder.
      - V(backup_size) (number of bytes) - Space that the file takes on the repository, in bytes.
      - V(data_size) (number of bytes) - Amount of source data in the file before reduction, in bytes.
      - V(compress_ratio) (number) - How many times smaller the remaining blocks became by compression.
      - V(creation_time) (time) - When the file was begun. Time in UTC.
      - 'V(file_type) (V(vbk), V(vib) or V(vrb)) - Extension that tells the role in the chain: vbk full, vib forward increment, vrb
        reverse increment.'
      - V(backup_uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the backup that it belongs to, taken from the link to
        it.
      - V(backup_name) (text) - Name of the backup that it belongs to, taken from the link to it.
      - V(backup_server_uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the backup server, taken from the link to it.
      - V(backup_server_name) (text) - Name of the backup server, taken from the link to it.
    type: raw
  sort:
    description:
      - Field to sort by, one of those that O(filter) knows; a leading minus sorts in descending order, as in V(-creation_time).
      - Without it records come in the order of V(creation_time).
    type: str
  backup:
    description:
      - Backups whose backup files to return, one or several, each by GUID, URN or name.
      - One that the server does not know gives no record and no failure.
      - The module then filters and sorts by itself what the server tells of them. So O(filter) and O(sort) take all fields of a record
        that hold one value, also those that are not listed at O(filter), but none that is only for filters.
    type: list
    elements: str
  restore_point:
    description:
      - Restore points whose backup files to return, one or several, each by GUID, URN or name.
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
    type: str
    choices:
      - query
      - collection
      - agents
    default: query
  # generated: end
notes:
  # generated: begin notes
  - Needs one of the roles Portal Administrator or Portal User in Enterprise Manager; what it shows depends on the user's scope.
  # generated: end
seealso:
  - module: openbackup.veeam_em.veeam_em_backup_info
  - module: openbackup.veeam_em.veeam_em_restore_point_info
  - module: openbackup.veeam_em.veeam_em_repository_info
"""

EXAMPLES = r"""
- name: The ten largest files
  openbackup.veeam_em.veeam_em_backup_file_info:
    host: em01.example.com
    sort: -backup_size
    limit: 10
  register: largest

- name: Full backups made in the last week
  openbackup.veeam_em.veeam_em_backup_file_info:
    host: em01.example.com
    filter:
      file_type: vbk
      creation_time: {ge: -7d}
  register: fulls

- name: How much they take
  ansible.builtin.debug:
    msg: "{{ fulls.backup_files | sum(attribute='backup_size') | human_readable }}"
"""

RETURN = r"""
# generated: begin result
backup_files:
  description: The backup files that match, an empty list when there are none.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: GUID of the backup file.
      type: str
    uid:
      description: URN of the backup file, stable over log-ons.
      type: str
      sample: urn:veeam:BackupFile:4d5e6f70-8192-4a3b-84c5-d6e7f8091a2b
    name:
      description: File name without folder.
      type: str
      sample: SQL Server BackupD2026-11-20T200007_8B56.vbk
    type:
      description: Type of the record.
      type: str
      sample: BackupFile
    href:
      description: Address of the backup file, as the server writes it.
      type: str
    file_path:
      description: Folder and name on the repository.
      type: str
      sample: E:\Backup\SQL Server Backup\SQL Server BackupD2026-11-20T200007_8B56.vbk
    backup_size:
      description: Space that the file takes on the repository, in bytes.
      type: int
      sample: 18040224768
    data_size:
      description: Amount of source data in the file before reduction, in bytes.
      type: int
      sample: 42949683607
    deduplication_ratio:
      description: How many times smaller the data became by leaving out equal blocks.
      type: float
      sample: 1.68
    compress_ratio:
      description: How many times smaller the remaining blocks became by compression.
      type: float
      sample: 2.38
    creation_time:
      description: When the file was begun. Time in UTC.
      type: str
      sample: '2026-11-20T20:00:35.920773Z'
    file_type:
      description:
        - 'Extension that tells the role in the chain: vbk full, vib forward increment, vrb reverse increment.'
        - The server sends V(vbk), V(vib) or V(vrb).
      type: str
      sample: vbk
    backup_uid:
      description: URN of the backup that it belongs to, taken from the link to it.
      type: str
      sample: urn:veeam:Backup:2c3d4e5f-6071-4829-93a4-b5c6d7e8f901
    backup_name:
      description: Name of the backup that it belongs to, taken from the link to it.
      type: str
      sample: SQL Server Backup
    backup_server_uid:
      description: URN of the backup server, taken from the link to it.
      type: str
      sample: urn:veeam:BackupServer:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
    backup_server_name:
      description: Name of the backup server, taken from the link to it.
      type: str
      sample: vbr01.example.com
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
    backup:
      description: Backup that it belongs to.
      type: dict
      contains:
        id:
          description: GUID of the object.
          type: str
          sample: 5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
        uid:
          description: URN of the object.
          type: str
          sample: urn:veeam:Backup:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
        name:
          description: Name of the object.
          type: str
        type:
          description: Type of the object.
          type: str
          sample: Backup
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

from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.info import info_module
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.lanes import run_as_module
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.backups import BACKUP, BACKUP_FILE, RESTORE_POINT

MODULE = info_module(
    BACKUP_FILE,
    below=(
        BACKUP,
        RESTORE_POINT,
    ),
)


def main() -> None:
    """Run the module lane."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
