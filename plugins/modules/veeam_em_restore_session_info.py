#!/usr/bin/python

# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: veeam_em_restore_session_info
short_description: Read restore sessions of Veeam Backup Enterprise Manager
version_added: 0.1.0
description:
  - Returns restore sessions. Each is one restore of a whole machine or of files, with state and result.

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
      - V(uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the restore session, stable over log-ons.
      - V(name) (text) - What was restored, an @ and the start in UTC.
      - V(vm_display_name) (text) - Name of the machine that is restored, as the hypervisor shows it.
      - V(job_type) (V(FileLevelRestore) or V(RestoreVm)) - Kind of restore.
      - V(creation_time) (time) - When the restore began. Time in UTC.
      - V(end_time) (time) - When the restore ended. Time in UTC, null while it runs.
      - V(state) (V(Starting), V(Stopping), V(Working) or V(Stopped)) - What the restore does now; Stopped is its end.
      - V(result) (V(None), V(Success), V(Warning) or V(Failed)) - Outcome of the restore, final once the state is Stopped.
      - V(backup_server_uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the backup server, taken from the link to it.
      - V(backup_server_name) (text) - Name of the backup server, taken from the link to it.
    type: raw
  sort:
    description:
      - Field to sort by, one of those that O(filter) knows; a leading minus sorts in descending order, as in V(-creation_time).
      - Without it records come in the order of V(creation_time).
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
  # generated: end
notes:
  - Any role in Enterprise Manager will do; what it shows depends on the user's scope.
seealso:
  - module: openbackup.veeam_em.veeam_em_backup_task_session_info
"""

EXAMPLES = r"""
- name: Restores of the last week, for the record
  openbackup.veeam_em.veeam_em_restore_session_info:
    host: em01.example.com
    filter:
      creation_time:
        ge: -7d
    sort: creation_time
  register: restores

- name: File restores only
  openbackup.veeam_em.veeam_em_restore_session_info:
    host: em01.example.com
    filter:
      job_type: FileLevelRestore
"""

RETURN = r"""
# generated: begin result
restore_sessions:
  description: The restore sessions that match, an empty list when there are none.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: GUID of the restore session.
      type: str
    uid:
      description: URN of the restore session, stable over log-ons.
      type: str
      sample: urn:veeam:RestoreSession:5a493827-1605-4fed-8cba-98765432100f
    name:
      description: What was restored, an @ and the start in UTC.
      type: str
      sample: FLR_[srv-sql-01]@2026-11-20 09:59:18
    type:
      description: Type of the record.
      type: str
      sample: RestoreSession
    href:
      description: Address of the restore session, as the server writes it.
      type: str
    vm_display_name:
      description: Name of the machine that is restored, as the hypervisor shows it.
      type: str
      sample: srv-sql-01
    job_type:
      description:
        - Kind of restore.
        - The server sends V(FileLevelRestore) or V(RestoreVm).
      type: str
      sample: FileLevelRestore
    creation_time:
      description: When the restore began. Time in UTC.
      type: str
      sample: '2026-11-20T20:00:07.547Z'
    end_time:
      description: When the restore ended. Time in UTC, null while it runs.
      type: str
      sample: '2026-11-20T20:06:09.123Z'
    state:
      description:
        - What the restore does now; Stopped is its end.
        - The server sends V(Starting), V(Stopping), V(Working) or V(Stopped).
      type: str
      sample: Stopped
    result:
      description:
        - Outcome of the restore, final once the state is Stopped.
        - The server sends V(None), V(Success), V(Warning) or V(Failed).
      type: str
      sample: Success
    progress:
      description: Part done in percent; file restores keep it at 0.
      type: int
      sample: 100
    failure_message:
      description: Why the restore failed, null when it did not.
      type: str
    restored_obj_ref:
      description: URN of the restored machine in its hierarchy.
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
    restore_point:
      description: Restore point that the data came from.
      type: dict
      contains:
        id:
          description: GUID of the object.
          type: str
          sample: 5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
        uid:
          description: URN of the object.
          type: str
          sample: urn:veeam:VmRestorePoint:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
        name:
          description: Name of the object.
          type: str
        type:
          description: Type of the object.
          type: str
          sample: VmRestorePoint
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
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.restores import RESTORE_SESSION

MODULE = info_module(RESTORE_SESSION)


def main() -> None:
    """Run the module lane."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
