#!/usr/bin/python

# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: veeam_em_cloud_vlan_info
short_description: Read Cloud Connect VLAN ranges of Veeam Backup Enterprise Manager
version_added: 0.2.0
description:
  - Returns ranges of VLANs that a Cloud Connect provider keeps for networks of replicas.

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
      - 'An example is V({switch_type: VirtualSwitch}).'
      - Times are ISO 8601 and mean UTC unless they carry a zone; V(-24h) or V(-7d) means so long ago.
      - A text is taken as an expression in the grammar of the query service, where a semicolon means and, a comma means or.
      - An example is V(SwitchType==VirtualSwitch).
      - Unknown fields, operators and values are refused before anything is sent.
      - Fields are the following.
      - V(uid) (text) - GUID of the VLAN range, not a URN.
      - V(switch_name) (text) - What the hypervisor calls the virtual switch.
      - V(switch_id) (text) - How the hypervisor identifies the virtual switch.
      - V(cluster_name) (text) - What the cluster of the host is called, null for a single host.
      - V(switch_type) (V(VirtualSwitch) or V(DistributedVirtualSwitch)) - Whether the switch is that of one host or a distributed one.
      - V(cluster_ref) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the host or cluster with the switch; only for filters,
        the record has it in host_ref.
      - V(backup_server_uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the backup server, taken from the link to it.
      - V(backup_server_name) (text) - Name of the backup server, taken from the link to it.
    type: raw
  sort:
    description:
      - Field to sort by, one of those that O(filter) knows; a leading minus sorts in descending order, as in V(-switch_name).
      - Without it records come in the order of V(switch_name).
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
  # generated: begin notes
  - Needs one of the roles Portal Administrator or Portal User in Enterprise Manager; what it shows depends on the user's scope.
  - The reference names Portal Administrator alone for queries. Where another role is refused, the collection is read instead; fields
    that are only for filters cannot be used then.
  # generated: end
seealso:
  - module: openbackup.veeam_em.veeam_em_cloud_public_ip_info
  - module: openbackup.veeam_em.veeam_em_cloud_hardware_plan_info
"""

EXAMPLES = r"""
- name: All VLAN ranges
  openbackup.veeam_em.veeam_em_cloud_vlan_info:
    host: em01.example.com
  register: ranges
"""

RETURN = r"""
# generated: begin result
cloud_vlans:
  description: The VLAN ranges that match, an empty list when there are none.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: GUID of the VLAN range.
      type: str
    uid:
      description: GUID of the VLAN range, not a URN.
      type: str
      sample: 7d20c4f9-15be-4836-a9d1-30e8f5b6c274
    name:
      description: What the virtual switch is called; equal names on two hosts are normal.
      type: str
      sample: vSwitch0
    type:
      description: Type of the record.
      type: str
      sample: VlanConfiguration
    href:
      description: Address of the VLAN range, as the server writes it.
      type: str
    host_ref:
      description: URN of the host or cluster with the switch.
      type: str
      sample: urn:VMware:Host:4c3b2a19-0817-4625-b4c3-d2e1f0a9b8c7.host-21
    platform_type:
      description:
        - Hypervisor of the host.
        - The server sends V(VMware) or V(HyperV).
      type: str
      sample: VMware
    vlan_ids_with_internet_left_bound:
      description: Lowest VLAN number for networks with a way to the internet.
      type: int
      sample: 500
    vlan_ids_with_internet_right_bound:
      description: Highest VLAN number for networks with a way to the internet.
      type: int
      sample: 549
    vlan_ids_without_internet_left_bound:
      description: Lowest VLAN number for networks that stay inside.
      type: int
      sample: 550
    vlan_ids_without_internet_right_bound:
      description: Highest VLAN number for networks that stay inside.
      type: int
      sample: 599
    switch_name:
      description: What the hypervisor calls the virtual switch.
      type: str
      sample: vSwitch0
    switch_id:
      description: How the hypervisor identifies the virtual switch.
      type: str
      sample: vSwitch0
    cluster_name:
      description: What the cluster of the host is called, null for a single host.
      type: str
    cluster_id:
      description: How the hypervisor identifies that cluster, null for a single host.
      type: str
    switch_type:
      description:
        - Whether the switch is that of one host or a distributed one.
        - The server sends V(VirtualSwitch) or V(DistributedVirtualSwitch).
      type: str
      sample: VirtualSwitch
    backup_server_uid:
      description: URN of the backup server, taken from the link to it.
      type: str
      sample: urn:veeam:BackupServer:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
    backup_server_name:
      description: Name of the backup server, taken from the link to it.
      type: str
      sample: vbr01.example.com
    backup_server:
      description: Backup server of the provider that holds it.
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

from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.info import info_module
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.lanes import run_as_module
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.cloud import VLAN_CONFIGURATION

MODULE = info_module(VLAN_CONFIGURATION)


def main() -> None:
    """Run the module lane."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
