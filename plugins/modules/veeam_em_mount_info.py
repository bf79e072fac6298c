#!/usr/bin/python

# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: veeam_em_mount_info
short_description: Read mounts of restore points in Veeam Backup Enterprise Manager
version_added: 0.2.0
description:
  - Returns the mounts of restore and replica points, with the roots of the guest file systems that they show.
  - A mount is seen by the log-on session that made it and by no other, and ends with it, so that O(session) is necessary.
author:
  - Contributors to the openbackup.veeam_em collection (@openbackup)
extends_documentation_fragment:
  - openbackup.veeam_em.attributes
  - openbackup.veeam_em.attributes.reads_only
  - openbackup.veeam_em.attributes.actiongroup_veeam_em
  - openbackup.veeam_em.attributes.lanes
  - openbackup.veeam_em.attributes.async
  - openbackup.veeam_em.records
  - openbackup.veeam_em.connection
options:
  id:
    description:
      - Ids of the mounts to return, one or several; small numbers. What the server does not know gives no record and no failure.
    type: list
    elements: str
  vm_restore_point:
    description: Restore points of machines whose mounts to return, one or several, each by GUID, URN or name.
    type: list
    elements: str
  vm_replica_point:
    description: Replica points of machines whose mounts to return, one or several, each by GUID, URN or name.
    type: list
    elements: str
  agent_restore_point:
    description: Restore points of agents whose mounts to return, one or several, each by GUID, URN or name.
    type: list
    elements: str
notes:
  # generated: begin notes
  - Needs one of the roles Portal Administrator or File Restore Operator in Enterprise Manager; what it shows depends on the user's
    scope.
  # generated: end
seealso:
  - module: openbackup.veeam_em.veeam_em_session
  - module: openbackup.veeam_em.veeam_em_guest_file_info
  - module: openbackup.veeam_em.veeam_em_vm_restore_point_info
"""

EXAMPLES = r"""
- name: What is mounted of a restore point
  openbackup.veeam_em.veeam_em_mount_info:
    host: em01.example.com
    session: "{{ logon.session }}"
    vm_restore_point: 5acac742-ee17-4080-8e89-a6ea67adfcf3
  register: mounted

- name: The folders at which listing begins
  ansible.builtin.debug:
    msg: "{{ mounted.mounts | map(attribute='fs_roots') | flatten | map(attribute='path') }}"
"""

RETURN = r"""
# generated: begin result
mounts:
  description: The mounts that match, an empty list when there are none.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: What stands last in the address of the mount.
      type: str
    uid:
      description: Always null, as mounts have no URN.
      type: str
    name:
      description: Always null, as mounts have no name.
      type: str
    type:
      description: Type of the record.
      type: str
      sample: VmRestorePointMount
    href:
      description: Address of the mount, as the server writes it.
      type: str
    fs_roots:
      description: Top folders or volumes of the guest, where listing begins.
      type: list
      elements: dict
      contains:
        path:
          description: Full way to it in the guest, as the guest writes it.
          type: str
          sample: C:\Shares\Budget.xlsx
        name:
          description: Last part of the way to it.
          type: str
          sample: Budget.xlsx
        href:
          description: Address of the entry itself, to which the ways of listing and restoring it are appended.
          type: str
    point:
      description: Restore or replica point that is mounted; its name stays null, as the mount does not tell it.
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

from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.info import RecordsModule, chosen_records
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.lanes import Call, Result, run_as_module
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.options import ArgumentSpec, connection_spec, records_spec
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.guests import MOUNT, MOUNT_OF, POINTS, mounts_below, require_shared
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.reading import check_selection
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.selecting import Selection

SEVERAL = {"type": "list", "elements": "str"}
THINGS = tuple(point.thing for point in POINTS)


def run(call: Call) -> Result:
    """Return the mounts of the points. Raises EmError, without a shared token before anything is sent."""
    (point,) = (point for point in POINTS if call.params[point.thing])
    names, ids = tuple(call.params[point.thing]), tuple(call.params["id"] or ())
    selection = Selection(ids=ids, limit=call.params["limit"], below=((point.thing, names),))
    check_selection(MOUNT_OF[point.thing], selection, (point,))
    with call.open_session() as session:
        require_shared(session)
        records = mounts_below(session, point, names, ids, call.params["links"])
    return chosen_records(MOUNT, records, Selection(limit=call.params["limit"]))


SPEC = ArgumentSpec({"id": SEVERAL, **dict.fromkeys(THINGS, SEVERAL)}, mutually_exclusive=(THINGS,), required_one_of=(THINGS,))
MODULE = RecordsModule(SPEC.merge(records_spec(), connection_spec()), run, resource=MOUNT)


def main() -> None:
    """Run the module lane."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
