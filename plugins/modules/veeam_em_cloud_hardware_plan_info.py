#!/usr/bin/python

# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: veeam_em_cloud_hardware_plan_info
short_description: Read Cloud Connect hardware plans of Veeam Backup Enterprise Manager
version_added: 0.2.0
description:
  - 'Returns hardware plans: what a tenant may use on the hosts of a Cloud Connect provider.'

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
      - V(uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the hardware plan, stable over log-ons.
      - V(name) (text) - Name of the hardware plan.
      - V(platform) (V(VMware) or V(HyperV)) - Hypervisor of the plan; only for filters, the record tells it by hardware_plan_details.
      - V(backup_server_uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the backup server, taken from the link to it.
      - V(backup_server_name) (text) - Name of the backup server, taken from the link to it.
    type: raw
  sort:
    description:
      - Field to sort by, one of those that O(filter) knows; a leading minus sorts in descending order, as in V(-name).
      - Without it records come in the order of V(name).
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
  - module: openbackup.veeam_em.veeam_em_cloud_tenant_info
  - module: openbackup.veeam_em.veeam_em_cloud_vlan_info
"""

EXAMPLES = r"""
- name: All hardware plans
  openbackup.veeam_em.veeam_em_cloud_hardware_plan_info:
    host: em01.example.com
  register: plans

- name: Limits of each
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.processor_usage_limit_mhz }} MHz, {{ item.memory_usage_limit_mb }} MB"
  loop: "{{ plans.cloud_hardware_plans }}"
  loop_control:
    label: "{{ item.name }}"
"""

RETURN = r"""
# generated: begin result
cloud_hardware_plans:
  description: The hardware plans that match, an empty list when there are none.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: GUID of the hardware plan.
      type: str
    uid:
      description: URN of the hardware plan, stable over log-ons.
      type: str
      sample: urn:veeam:CloudHardwarePlan:8c5e3a10-4d27-4f9b-b6c8-71e0d2f4a539
    name:
      description: Name of the hardware plan.
      type: str
      sample: VMware Medium
    type:
      description: Type of the record.
      type: str
      sample: CloudHardwarePlan
    href:
      description: Address of the hardware plan, as the server writes it.
      type: str
    description:
      description: Free text an administrator wrote about the plan.
      type: str
      sample: For tenants with up to ten servers
    processor_usage_limit_mhz:
      description: Most processor time that a tenant's replicas may take, in MHz.
      type: int
      sample: 10000
    memory_usage_limit_mb:
      description: Most memory that a tenant's replicas may take, in MB.
      type: int
      sample: 32768
    hardware_plan_details:
      description: What the plan is made of, by hypervisor.
      type: dict
      contains:
        vi_cloud_hardware_plan:
          description: Resources of VMware vSphere, null in a plan for Hyper-V.
          type: dict
          contains:
            hypervisor_host_ref:
              description: URN of the host or cluster in its hierarchy.
              type: str
              sample: urn:VMware:Host:4c3b2a19-0817-4625-b4c3-d2e1f0a9b8c7.host-21
            parent_type:
              description:
                - Whether that is a cluster or a single host.
                - The server sends V(ClusterComputeResource) or V(HostSystem).
              type: str
              sample: HostSystem
            parent_name:
              description: What vSphere calls the host or cluster.
              type: str
              sample: esx01.example.com
            datastores:
              description: Datastores that replicas are kept on.
              type: list
              elements: dict
              contains:
                id:
                  description: GUID of this storage within the plan.
                  type: str
                friendly_name:
                  description: What tenants see as its name.
                  type: str
                  sample: Replica Storage
                datastore_type:
                  description: Kind of storage object in vSphere, such as Datastore.
                  type: str
                  sample: Datastore
                reference:
                  description: URN of the datastore in its hierarchy.
                  type: str
                  sample: urn:VMware:Datastore:4c3b2a19-0817-4625-b4c3-d2e1f0a9b8c7.datastore-33
                root_path:
                  description: Folder on the datastore, empty for its top.
                  type: str
                pbm_profile_id:
                  description: Id of the storage policy that chooses the datastore, where one does.
                  type: str
                quota_gb:
                  description: Space that each tenant gets there, in GB.
                  type: int
                  sample: 500
            network:
              description: Networks that each tenant of the plan gets.
              type: dict
              contains:
                id:
                  description: GUID of this part of the plan.
                  type: str
                count_with_internet:
                  description: How many networks with a way to the internet.
                  type: int
                  sample: 1
                count_without_internet:
                  description: How many networks without a way to the internet.
                  type: int
                  sample: 2
        hv_cloud_hardware_plan:
          description: Resources of Microsoft Hyper-V, null in a plan for VMware.
          type: dict
          contains:
            hypervisor_host_ref:
              description: URN of the host or cluster in its hierarchy.
              type: str
            volumes:
              description: Volumes that replicas are kept on.
              type: list
              elements: dict
              contains:
                id:
                  description: GUID of this storage within the plan.
                  type: str
                friendly_name:
                  description: What tenants see as its name.
                  type: str
                  sample: Replica Storage
                volume_path:
                  description: Folder for replicas on the host.
                  type: str
                  sample: D:\Replicas
                quota_gb:
                  description: Space that each tenant gets there, in GB.
                  type: int
                  sample: 500
            network:
              description: Networks that each tenant of the plan gets.
              type: dict
              contains:
                id:
                  description: GUID of this part of the plan.
                  type: str
                count_with_internet:
                  description: How many networks with a way to the internet.
                  type: int
                  sample: 1
                count_without_internet:
                  description: How many networks without a way to the internet.
                  type: int
                  sample: 2
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
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.cloud import CLOUD_HARDWARE_PLAN

MODULE = info_module(CLOUD_HARDWARE_PLAN)


def main() -> None:
    """Run the module lane."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
