#!/usr/bin/python

# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: veeam_em_replica_task_session_info
short_description: Read replica task sessions of Veeam Backup Enterprise Manager
version_added: 0.1.0
description:
  - Returns replica task sessions. A task session is what one run of a replication job did with one machine, with result, reason, size and times.

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
      - V(uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the replica task session, stable over log-ons.
      - V(name) (text) - Machine name, an @ and the start in UTC.
      - V(vm_display_name) (text) - Name of the machine as the hypervisor shows it.
      - V(job_session_uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the job session that this machine was part of.
      - V(creation_time) (time) - When work on the machine began. Time in UTC.
      - V(end_time) (time) - When work on the machine ended. Time in UTC, null while it runs.
      - V(state) (V(InProgress), V(Pending) or V(Completed)) - How far the machine is; Completed is its end.
      - V(result) (V(None), V(Success), V(Warning) or V(Failed)) - Outcome for the machine; may read Success before the state is Completed.
      - V(reason) (text) - Why the machine ended in Warning or Failed; empty on Success.
      - V(total_size) (number of bytes) - Size of the machine's data that the run looked at, in bytes.
      - V(job_uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the job; only for filters, the answer does not carry it.
      - V(job_name) (text) - Name of the job; only for filters, the answer does not carry it.
      - V(backup_server_uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the backup server, taken from the link to it.
      - V(backup_server_name) (text) - Name of the backup server, taken from the link to it.
    type: raw
  sort:
    description:
      - Field to sort by, one of those that O(filter) knows; a leading minus sorts in descending order, as in V(-creation_time).
      - Without it records come in the order of V(creation_time).
    type: str
  replica_session:
    description:
      - Replica job sessions whose replica task sessions to return, one or several, each by GUID, URN or name.
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
    type: str
    choices:
      - query
      - collection
    default: query
  # generated: end
notes:
  - Needs the role Portal Administrator or Portal User in Enterprise Manager; a Portal User sees what is in the user's scope.
seealso:
  - module: openbackup.veeam_em.veeam_em_replica_session_info
  - module: openbackup.veeam_em.veeam_em_backup_task_session_info
"""

EXAMPLES = r"""
- name: Machines whose replication did not go well during the last week
  openbackup.veeam_em.veeam_em_replica_task_session_info:
    host: em01.example.com
    filter:
      result: [Warning, Failed]
      creation_time:
        ge: -7d
"""

RETURN = r"""
# generated: begin result
replica_task_sessions:
  description: The replica task sessions that match, an empty list when there are none.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: GUID of the replica task session.
      type: str
    uid:
      description: URN of the replica task session, stable over log-ons.
      type: str
      sample: urn:veeam:ReplicaTaskSession:6b5a4938-2716-4f0e-9d8c-7b6a59483726
    name:
      description: Machine name, an @ and the start in UTC.
      type: str
      sample: srv-sql-01@2026-11-20 20:01:12
    type:
      description: Type of the record.
      type: str
      sample: ReplicaTaskSession
    href:
      description: Address of the replica task session, as the server writes it.
      type: str
    vm_display_name:
      description: Name of the machine as the hypervisor shows it.
      type: str
      sample: srv-sql-01
    job_session_uid:
      description: URN of the job session that this machine was part of.
      type: str
      sample: urn:veeam:ReplicaJobSession:9e8d7c6b-5a49-4832-a1b0-c9d8e7f6a5b4
    creation_time:
      description: When work on the machine began. Time in UTC.
      type: str
      sample: '2026-11-20T20:00:07.547Z'
    end_time:
      description: When work on the machine ended. Time in UTC, null while it runs.
      type: str
      sample: '2026-11-20T20:06:09.123Z'
    state:
      description:
        - How far the machine is; Completed is its end.
        - The server sends V(InProgress), V(Pending) or V(Completed).
      type: str
      sample: Completed
    result:
      description:
        - Outcome for the machine; may read Success before the state is Completed.
        - The server sends V(None), V(Success), V(Warning) or V(Failed).
      type: str
      sample: Failed
    reason:
      description: Why the machine ended in Warning or Failed; empty on Success.
      type: str
      sample: 'Processing srv-sql-01 Error: the snapshot could not be taken.'
    total_size:
      description: Size of the machine's data that the run looked at, in bytes.
      type: int
      sample: 42949672960
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
    job_session:
      description: Job session that this machine was part of.
      type: dict
      contains:
        id:
          description: GUID of the object.
          type: str
          sample: 5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
        uid:
          description: URN of the object.
          type: str
          sample: urn:veeam:ReplicaJobSession:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
        name:
          description: Name of the object.
          type: str
        type:
          description: Type of the object.
          type: str
          sample: ReplicaJobSession
    replica_point:
      description: Replica restore point that the run made, null when it made none.
      type: dict
      contains:
        id:
          description: GUID of the object.
          type: str
          sample: 5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
        uid:
          description: URN of the object.
          type: str
          sample: urn:veeam:VmReplicaPoint:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
        name:
          description: Name of the object.
          type: str
        type:
          description: Type of the object.
          type: str
          sample: VmReplicaPoint
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
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.sessions import REPLICA_SESSION, REPLICA_TASK_SESSION

MODULE = info_module(REPLICA_TASK_SESSION, below=(REPLICA_SESSION,))


def main() -> None:
    """Run the module lane."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
