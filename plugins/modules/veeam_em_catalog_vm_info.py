#!/usr/bin/python

# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: veeam_em_catalog_vm_info
short_description: Read catalogue machines of Veeam Backup Enterprise Manager
version_added: 0.2.0
description:
  - Returns machines whose guest files are indexed in the catalogue.
  - Their names are what M(openbackup.veeam_em.veeam_em_catalog_restore_point_info) takes.

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
  # generated: begin selection
  name:
    description:
      - Names of the records to return, one or several. A name that the server does not know gives no record and no failure.
    type: list
    elements: str
  filter:
    description:
      - Which records to return. A mapping from fields to what they must be; all of them must hold.
      - A plain value means equal, a list means any of its members; V(eq), V(ne), V(lt), V(le), V(gt) and V(ge) stand in a mapping of
        their own.
      - 'An example is V({vm_display_name: srv-sql-01}).'
      - Times are ISO 8601 and mean UTC unless they carry a zone; V(-24h) or V(-7d) means so long ago.
      - A text is taken as an expression in the grammar of the query service, where a semicolon means and, a comma means or.
      - An example is V(VmDisplayName=="srv-sql-01").
      - Unknown fields, operators and values are refused before anything is sent.
      - Fields are the following.
      - V(name) (text) - Name of a machine with indexed guest files; it is the id of the machine here.
      - V(uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the machine in the catalogue, stable over log-ons.
      - V(vm_display_name) (text) - Name of the machine as the hypervisor shows it.
    type: raw
  sort:
    description:
      - Field to sort by, one of those that O(filter) knows; a leading minus sorts in descending order, as in V(-name).
      - Without it records come in the order of the server.
    type: str
  # generated: end
notes:
  # generated: begin notes
  - Any role in Enterprise Manager will do; what it shows depends on the user's scope.
  # generated: end
seealso:
  - module: openbackup.veeam_em.veeam_em_catalog_restore_point_info
  - module: openbackup.veeam_em.veeam_em_guest_file_info
"""

EXAMPLES = r"""
- name: All machines in the catalogue
  openbackup.veeam_em.veeam_em_catalog_vm_info:
    host: em01.example.com
  register: machines

- name: One machine
  openbackup.veeam_em.veeam_em_catalog_vm_info:
    host: em01.example.com
    name: srv-file-01
  register: one
"""

RETURN = r"""
# generated: begin result
catalog_vms:
  description: The catalogue machines that match, an empty list when there are none.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: The same as V(name).
      type: str
    uid:
      description: URN of the machine in the catalogue, stable over log-ons.
      type: str
    name:
      description: Name of a machine with indexed guest files; it is the id of the machine here.
      type: str
      sample: srv-files-01
    type:
      description: Type of the record.
      type: str
      sample: CatalogVm
    href:
      description: Address of the catalogue machine, as the server writes it.
      type: str
    vm_display_name:
      description: Name of the machine as the hypervisor shows it.
      type: str
      sample: srv-sql-01
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
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.catalogue import CATALOG_VM

MODULE = info_module(CATALOG_VM)


def main() -> None:
    """Run the module lane."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
