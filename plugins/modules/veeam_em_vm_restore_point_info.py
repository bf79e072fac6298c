#!/usr/bin/python

# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: veeam_em_vm_restore_point_info
short_description: Read machine restore points of Veeam Backup Enterprise Manager
version_added: 0.2.0
description:
  - 'Returns restore points of single virtual machines: the moments to which a machine can be brought back.'
  - This is what tells how old the newest backup of a machine is.

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
      - 'An example is V({creation_time: {ge: -24h}, algorithm: Incremental}).'
      - Times are ISO 8601 and mean UTC unless they carry a zone; V(-24h) or V(-7d) means so long ago.
      - A text is taken as an expression in the grammar of the query service, where a semicolon means and, a comma means or.
      - An example is V(CreationTime>=-24h).
      - Unknown fields, operators and values are refused before anything is sent.
      - Fields are the following.
      - V(uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the machine restore point, stable over log-ons.
      - V(name) (text) - Machine name, an @ and the start in UTC.
      - V(vm_display_name) (text) - Name of the machine as the hypervisor shows it.
      - V(creation_time) (time) - When the machine was processed. Time in UTC.
      - V(algorithm) (V(Full), V(ReversedIncremental), V(Incremental) or V(SyntheticFull)) - Method by which the point was made.
      - 'V(point_type) (V(Full), V(Increment) or V(ReverseIncrement)) - What the point stores: all blocks, or the change against its
        neighbours in the chain.'
      - V(restore_point_id) (URN or GUID, compared with V(eq) or V(ne) only) - Id of the backup's restore point, taken from the link
        to it.
      - V(restore_point_name) (text) - Name of the backup's restore point, a time in UTC, taken from the link to it.
      - V(backup_server_uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the backup server, taken from the link to it.
      - V(backup_server_name) (text) - Name of the backup server, taken from the link to it.
    type: raw
  sort:
    description:
      - Field to sort by, one of those that O(filter) knows; a leading minus sorts in descending order, as in V(-creation_time).
      - Without it records come in the order of V(creation_time).
    type: str
  restore_point:
    description:
      - Restore points whose machine restore points to return, one or several, each by GUID, URN or name.
      - One that the server does not know gives no record and no failure.
      - The module then filters and sorts by itself what the server tells of them. So O(filter) and O(sort) take all fields of a record
        that hold one value, also those that are not listed at O(filter), but none that is only for filters.
    type: list
    elements: str
  backup_file:
    description:
      - Backup files whose machine restore points to return, one or several, each by GUID, URN or name.
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
  # generated: begin notes
  - Needs one of the roles Portal Administrator, Portal User, VM Restore Operator or File Restore Operator in Enterprise Manager; what
    it shows depends on the user's scope.
  # generated: end
seealso:
  - module: openbackup.veeam_em.veeam_em_restore_point_info
  - module: openbackup.veeam_em.veeam_em_agent_restore_point_info
  - module: openbackup.veeam_em.veeam_em_vm_replica_point_info
"""

EXAMPLES = r"""
- name: The newest restore point of a machine
  openbackup.veeam_em.veeam_em_vm_restore_point_info:
    host: em01.example.com
    filter:
      vm_display_name: srv-sql-01
    sort: -creation_time
    limit: 1
  register: newest

- name: Machines with a restore point in the last day
  openbackup.veeam_em.veeam_em_vm_restore_point_info:
    host: em01.example.com
    filter:
      creation_time: {ge: -24h}
  register: fresh

- name: Their names
  ansible.builtin.debug:
    msg: "{{ fresh.vm_restore_points | map(attribute='vm_display_name') | unique | sort | join(', ') }}"
"""

RETURN = r"""
# generated: begin result
vm_restore_points:
  description: The machine restore points that match, an empty list when there are none.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: GUID of the machine restore point.
      type: str
    uid:
      description: URN of the machine restore point, stable over log-ons.
      type: str
      sample: urn:veeam:VmRestorePoint:6f708192-a3b4-4c5d-86e7-f8091a2b3c4d
    name:
      description: Machine name, an @ and the start in UTC.
      type: str
      sample: srv-sql-01@2026-11-20 20:01:12
    type:
      description: Type of the record.
      type: str
      sample: VmRestorePoint
    href:
      description: Address of the machine restore point, as the server writes it.
      type: str
    vm_display_name:
      description: Name of the machine as the hypervisor shows it.
      type: str
      sample: srv-sql-01
    creation_time:
      description: When the machine was processed. Time in UTC.
      type: str
      sample: '2026-11-20T20:00:07.547Z'
    vm_name:
      description: Machine's name in the backup; documented, yet seldom sent.
      type: str
    algorithm:
      description:
        - Method by which the point was made.
        - The server sends V(Full), V(ReversedIncremental), V(Incremental) or V(SyntheticFull).
      type: str
      sample: Incremental
    point_type:
      description:
        - 'What the point stores: all blocks, or the change against its neighbours in the chain.'
        - The server sends V(Full), V(Increment) or V(ReverseIncrement).
      type: str
      sample: Increment
    hierarchy_obj_ref:
      description: URN of the machine in its hierarchy.
      type: str
      sample: urn:VMware:Vm:4c3b2a19-0817-4625-b4c3-d2e1f0a9b8c7.vm-1036
    restore_point_id:
      description: Id of the backup's restore point, taken from the link to it.
      type: str
    restore_point_name:
      description: Name of the backup's restore point, a time in UTC, taken from the link to it.
      type: str
      sample: Nov 20 2026  8:00PM
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
    restore_point:
      description: Restore point of the whole backup that it is part of.
      type: dict
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
    backup_file:
      description: File in which the point begins.
      type: dict
      contains:
        id:
          description: GUID of the object.
          type: str
          sample: 5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
        uid:
          description: URN of the object.
          type: str
          sample: urn:veeam:BackupFile:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
        name:
          description: Name of the object.
          type: str
        type:
          description: Type of the object.
          type: str
          sample: BackupFile
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
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.backups import BACKUP_FILE, RESTORE_POINT, VM_RESTORE_POINT

MODULE = info_module(
    VM_RESTORE_POINT,
    below=(
        RESTORE_POINT,
        BACKUP_FILE,
    ),
)


def main() -> None:
    """Run the module lane."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
