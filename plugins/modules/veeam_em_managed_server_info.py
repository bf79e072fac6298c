#!/usr/bin/python

# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: veeam_em_managed_server_info
short_description: Read managed servers of Veeam Backup Enterprise Manager
version_added: 0.2.0
description:
  - 'Returns servers that backup servers work with: hypervisors, their managers, and machines that move or keep backups.'

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
      - 'An example is V({managed_server_type: VC}).'
      - Times are ISO 8601 and mean UTC unless they carry a zone; V(-24h) or V(-7d) means so long ago.
      - A text is taken as an expression in the grammar of the query service, where a semicolon means and, a comma means or.
      - An example is V(ManagedServerType==VC).
      - Unknown fields, operators and values are refused before anything is sent.
      - Fields are the following.
      - V(uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the managed server, stable over log-ons.
      - V(name) (text) - Name or address under which the backup server knows it.
      - V(description) (text) - Free text an administrator wrote about the managed server.
      - V(managed_server_type) (V(ESX), V(VC), V(Linux), V(Local), V(Windows), V(ESXi), V(HvServer), V(HvCluster), V(Scvmm), V(BackupServer),
        V(SanHost), V(SmbServer), V(SmbCluster), V(VcdSystem), V(Cloud), V(AzureWinServer), V(VmSnapshotStorageHost), V(ConfigurationService),
        V(ExternalInfrastructureProxy), V(NdmpServer) or V(ExternalInfrastructureServer)) - What the server is to the backup product.
    type: raw
  sort:
    description:
      - Field to sort by, one of those that O(filter) knows; a leading minus sorts in descending order, as in V(-name).
      - Without it records come in the order of V(name).
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
  - Needs one of the roles Portal Administrator or Portal User in Enterprise Manager; what it shows depends on the user's scope.
  # generated: end
seealso:
  - module: openbackup.veeam_em.veeam_em_hierarchy_root_info
  - module: openbackup.veeam_em.veeam_em_backup_server_info
"""

EXAMPLES = r"""
- name: All vCenter servers
  openbackup.veeam_em.veeam_em_managed_server_info:
    host: em01.example.com
    filter: {managed_server_type: VC}
  register: vcenters

- name: Windows and Linux servers
  openbackup.veeam_em.veeam_em_managed_server_info:
    host: em01.example.com
    filter:
      managed_server_type: [Windows, Linux]
  register: helpers
"""

RETURN = r"""
# generated: begin result
managed_servers:
  description: The managed servers that match, an empty list when there are none.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: GUID of the managed server.
      type: str
    uid:
      description: URN of the managed server, stable over log-ons.
      type: str
      sample: urn:veeam:ManagedServer:1c0d9e8f-7654-4321-80fe-dcba98765a4b
    name:
      description: Name or address under which the backup server knows it.
      type: str
      sample: vcenter01.example.com
    type:
      description: Type of the record.
      type: str
      sample: ManagedServer
    href:
      description: Address of the managed server, as the server writes it.
      type: str
    description:
      description: Free text an administrator wrote about the managed server.
      type: str
    managed_server_type:
      description:
        - What the server is to the backup product.
        - The server sends V(ESX), V(VC), V(Linux), V(Local), V(Windows), V(ESXi), V(HvServer), V(HvCluster), V(Scvmm), V(BackupServer),
          V(SanHost), V(SmbServer), V(SmbCluster), V(VcdSystem), V(Cloud), V(AzureWinServer), V(VmSnapshotStorageHost), V(ConfigurationService),
          V(ExternalInfrastructureProxy), V(NdmpServer) or V(ExternalInfrastructureServer).
      type: str
      sample: VC
    backup_server:
      description: Backup server that it belongs to.
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
    hierarchy_root:
      description: Hierarchy of virtual machines that it is the root of, null where it is none.
      type: dict
      contains:
        id:
          description: GUID of the object.
          type: str
          sample: 5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
        uid:
          description: URN of the object.
          type: str
          sample: urn:veeam:HierarchyRoot:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
        name:
          description: Name of the object.
          type: str
        type:
          description: Type of the object.
          type: str
          sample: HierarchyRoot
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
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.infrastructure import MANAGED_SERVER

MODULE = info_module(MANAGED_SERVER)


def main() -> None:
    """Run the module lane."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
