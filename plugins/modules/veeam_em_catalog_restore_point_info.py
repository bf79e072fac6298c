#!/usr/bin/python

# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: veeam_em_catalog_restore_point_info
short_description: Read catalogue restore points of Veeam Backup Enterprise Manager
version_added: 0.2.0
description:
  - Returns the restore points of a machine whose guest files are indexed in the catalogue.

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
      - 'An example is V({creation_time: {ge: -24h}}).'
      - Times are ISO 8601 and mean UTC unless they carry a zone; V(-24h) or V(-7d) means so long ago.
      - A text is taken as an expression in the grammar of the query service, where a semicolon means and, a comma means or.
      - An example is V(BackupDateUTC>=-24h).
      - Unknown fields, operators and values are refused before anything is sent.
      - Fields are the following.
      - V(uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the catalogue restore point, stable over log-ons.
      - V(name) (text) - Name of the machine that was indexed.
      - V(creation_time) (time) - When the backup run made the indexed point. Time in UTC.
    type: raw
  sort:
    description:
      - Field to sort by, one of those that O(filter) knows; a leading minus sorts in descending order, as in V(-creation_time).
      - Without it records come in the order of the server.
    type: str
  catalog_vm:
    description:
      - Catalogue machines whose catalogue restore points to return, one or several, each by name.
      - One that the server does not know gives no record and no failure.
    type: list
    elements: str
    required: true
  # generated: end
notes:
  # generated: begin notes
  - Any role in Enterprise Manager will do; what it shows depends on the user's scope.
  - The files in it can be listed once a log-on session has browsed it, and by that session only.
  # generated: end
seealso:
  - module: openbackup.veeam_em.veeam_em_catalog_vm_info
  - module: openbackup.veeam_em.veeam_em_guest_file_info
"""

EXAMPLES = r"""
- name: Indexed restore points of one machine, newest first
  openbackup.veeam_em.veeam_em_catalog_restore_point_info:
    host: em01.example.com
    catalog_vm: srv-file-01
    sort: -creation_time
  register: points
"""

RETURN = r"""
# generated: begin result
catalog_restore_points:
  description: The catalogue restore points that match, an empty list when there are none.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: GUID of the catalogue restore point.
      type: str
    uid:
      description: URN of the catalogue restore point, stable over log-ons.
      type: str
      sample: urn:veeam:CatalogVmRestorePoint:d6e7f809-1a2b-43c4-8d5e-6f708192a3b4
    name:
      description: Name of the machine that was indexed.
      type: str
      sample: srv-files-01
    type:
      description: Type of the record.
      type: str
      sample: CatalogVmRestorePoint
    href:
      description: Address of the catalogue restore point, as the server writes it.
      type: str
    creation_time:
      description: When the backup run made the indexed point. Time in UTC.
      type: str
      sample: '2026-11-20T20:00:07.547Z'
    catalog_vm:
      description: Machine that was indexed.
      type: dict
      contains:
        id:
          description: GUID of the object.
          type: str
          sample: 5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
        uid:
          description: URN of the object.
          type: str
          sample: urn:veeam:CatalogVm:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
        name:
          description: Name of the object.
          type: str
        type:
          description: Type of the object.
          type: str
          sample: CatalogVm
    vm_restore_point:
      description: Restore point that the data would come from.
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
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.catalogue import CATALOG_VM, CATALOG_VM_RESTORE_POINT

MODULE = info_module(CATALOG_VM_RESTORE_POINT, below=(CATALOG_VM,))


def main() -> None:
    """Run the module lane."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
