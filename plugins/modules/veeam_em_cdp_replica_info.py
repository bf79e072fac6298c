#!/usr/bin/python

# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: veeam_em_cdp_replica_info
short_description: Read CDP replicas of Veeam Backup Enterprise Manager
version_added: 0.2.0
description:
  - Returns replicas that policies of continuous data protection keep up to date.

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
      - 'An example is V({name: Shop databases}).'
      - Times are ISO 8601 and mean UTC unless they carry a zone; V(-24h) or V(-7d) means so long ago.
      - A text is taken as an expression in the grammar of the query service, where a semicolon means and, a comma means or.
      - An example is V(Name=="Shop databases").
      - Unknown fields, operators and values are refused before anything is sent.
      - Fields are the following.
      - V(uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the CDP replica, stable over log-ons.
      - V(name) (text) - Name of the policy that made it.
      - V(backup_server_name) (text) - Name of the backup server that runs the policy.
      - V(policy_uid) (text) - Id of the CDP policy; a GUID without the other parts of a URN.
      - V(policy_name) (text) - What the CDP policy is called that keeps it.
      - V(backup_server_uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the backup server, taken from the link to it.
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
  vms:
    description:
      - Whether each record carries V(vms), the machines of the CDP replica.
      - It takes one more request for each record.
    type: bool
    default: false
  # generated: end
notes:
  # generated: begin notes
  - Needs the role Portal Administrator in Enterprise Manager.
  - Needs version v1_6 of the API, which Enterprise Manager has from version 11 on.
  # generated: end
seealso:
  - module: openbackup.veeam_em.veeam_em_cdp_policy_info
  - module: openbackup.veeam_em.veeam_em_vapp_cdp_replica_info
  - module: openbackup.veeam_em.veeam_em_cdp_replica_session_info
"""

EXAMPLES = r"""
- name: Replicas with the machines in them
  openbackup.veeam_em.veeam_em_cdp_replica_info:
    host: em01.example.com
    vms: true
  register: replicas
"""

RETURN = r"""
# generated: begin result
cdp_replicas:
  description: The CDP replicas that match, an empty list when there are none.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: GUID of the CDP replica.
      type: str
    uid:
      description: URN of the CDP replica, stable over log-ons.
      type: str
      sample: urn:veeam:CdpReplica:1a2b3c4d-5e6f-4708-8192-a3b4c5d6e7f8
    name:
      description: Name of the policy that made it.
      type: str
      sample: Shop databases
    type:
      description: Type of the record.
      type: str
      sample: CdpReplica
    href:
      description: Address of the CDP replica, as the server writes it.
      type: str
    backup_server_name:
      description: Name of the backup server that runs the policy.
      type: str
      sample: vbr01.example.com
    policy_uid:
      description: Id of the CDP policy; a GUID without the other parts of a URN.
      type: str
      sample: e7f8091a-2b3c-44d5-8e6f-708192a3b4c5
    policy_name:
      description: What the CDP policy is called that keeps it.
      type: str
      sample: Shop databases
    backup_server_uid:
      description: URN of the backup server, taken from the link to it.
      type: str
      sample: urn:veeam:BackupServer:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
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
    policy:
      description: CDP policy that it comes from.
      type: dict
      contains:
        id:
          description: GUID of the object.
          type: str
          sample: 5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
        uid:
          description: URN of the object.
          type: str
          sample: urn:veeam:CdpPolicy:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
        name:
          description: Name of the object.
          type: str
        type:
          description: Type of the object.
          type: str
          sample: CdpPolicy
    vms:
      description:
        - The machines of the CDP replica.
        - Null when the CDP replica vanished before they were read.
      returned: with O(vms=true)
      type: list
      elements: dict
      contains:
        id:
          description: GUID of the machine of a CDP replica.
          type: str
        uid:
          description: URN of the machine's CDP replica, stable over log-ons.
          type: str
          sample: urn:veeam:CdpReplicaVm:2b3c4d5e-6f70-4819-92a3-b4c5d6e7f809
        name:
          description: Name of the source machine.
          type: str
          sample: srv-shop-01
        type:
          description: Type of the record.
          type: str
          sample: CdpReplicaVm
        href:
          description: Address of the machine of a CDP replica, as the server writes it.
          type: str
        vm_ref:
          description: URN of the source machine in its hierarchy.
          type: str
          sample: urn:VMware:Vm:4c3b2a19-0817-4625-b4c3-d2e1f0a9b8c7.vm-2071
        replica_uid:
          description: Id of the whole CDP replica; a GUID without the other parts of a URN.
          type: str
        backup_server_name:
          description: Name of the backup server that runs the policy.
          type: str
          sample: vbr01.example.com
        policy_uid:
          description: Id of the CDP policy; a GUID without the other parts of a URN.
          type: str
          sample: e7f8091a-2b3c-44d5-8e6f-708192a3b4c5
        policy_name:
          description: What the CDP policy is called that keeps it.
          type: str
          sample: Shop databases
        repository_name:
          description: Where the policy keeps what it knows about the replica.
          type: str
          sample: Default Backup Repository
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
        policy:
          description: CDP policy that it comes from.
          type: dict
          contains:
            id:
              description: GUID of the object.
              type: str
              sample: 5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
            uid:
              description: URN of the object.
              type: str
              sample: urn:veeam:CdpPolicy:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
            name:
              description: Name of the object.
              type: str
            type:
              description: Type of the object.
              type: str
              sample: CdpPolicy
        cdp_replica:
          description: Replica of the whole policy that the machine is part of.
          type: dict
          contains:
            id:
              description: GUID of the object.
              type: str
              sample: 5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
            uid:
              description: URN of the object.
              type: str
              sample: urn:veeam:CdpReplica:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
            name:
              description: Name of the object.
              type: str
            type:
              description: Type of the object.
              type: str
              sample: CdpReplica
        repository:
          description: Repository with the metadata of the replica.
          type: dict
          contains:
            id:
              description: GUID of the object.
              type: str
              sample: 5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
            uid:
              description: URN of the object.
              type: str
              sample: urn:veeam:Repository:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
            name:
              description: Name of the object.
              type: str
            type:
              description: Type of the object.
              type: str
              sample: Repository
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

from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.info import Detail, info_module
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.lanes import run_as_module
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.cdp import CDP_REPLICA, CDP_REPLICA_VM

MODULE = info_module(CDP_REPLICA, details=(Detail("vms", (CDP_REPLICA_VM,)),))


def main() -> None:
    """Run the module lane."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
