#!/usr/bin/python

# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: veeam_em_cloud_failover_plan_info
short_description: Read cloud failover plans of Veeam Backup Enterprise Manager
version_added: 0.2.0
description:
  - Returns failover plans of tenants, on request with the machines in them.

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
      - 'An example is V({name: Whole Site}).'
      - Times are ISO 8601 and mean UTC unless they carry a zone; V(-24h) or V(-7d) means so long ago.
      - A text is taken as an expression in the grammar of the query service, where a semicolon means and, a comma means or.
      - An example is V(Name=="Whole Site").
      - Unknown fields, operators and values are refused before anything is sent.
      - Fields are the following.
      - V(uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the cloud failover plan, stable over log-ons.
      - V(name) (text) - Name that the tenant gave the plan.
      - V(tenant_uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the tenant account whose machines fail over.
      - V(tenant_name) (text) - Log-on name of the tenant whose machines fail over.
      - V(description) (text) - Free text an administrator wrote about the plan.
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
  includes:
    description:
      - Whether each record carries V(includes), the machines in the cloud failover plan.
      - It takes one more request for each record.
    type: bool
    default: false
  # generated: end
notes:
  # generated: begin notes
  - Needs one of the roles Portal Administrator, VM Restore Operator or File Restore Operator in Enterprise Manager; what it shows depends
    on the user's scope.
  - The reference names Portal Administrator alone for queries. Where another role is refused, the collection is read instead; fields
    that are only for filters cannot be used then.
  # generated: end
seealso:
  - module: openbackup.veeam_em.veeam_em_cloud_failover_session_info
  - module: openbackup.veeam_em.veeam_em_cloud_replica_info
"""

EXAMPLES = r"""
- name: Plans with the machines in them
  openbackup.veeam_em.veeam_em_cloud_failover_plan_info:
    host: em01.example.com
    includes: true
  register: plans
"""

RETURN = r"""
# generated: begin result
cloud_failover_plans:
  description: The cloud failover plans that match, an empty list when there are none.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: GUID of the cloud failover plan.
      type: str
    uid:
      description: URN of the cloud failover plan, stable over log-ons.
      type: str
      sample: urn:veeam:CloudFailoverPlan:d8f13c5b-2e90-4a67-b4d8-06a7e9c5f312
    name:
      description: Name that the tenant gave the plan.
      type: str
      sample: Whole Site
    type:
      description: Type of the record.
      type: str
      sample: CloudFailoverPlan
    href:
      description: Address of the cloud failover plan, as the server writes it.
      type: str
    tenant_uid:
      description: URN of the tenant account whose machines fail over.
      type: str
      sample: urn:veeam:CloudTenant:5e9d2b70-1c84-4f36-b2a9-d07f6c3e8145
    tenant_name:
      description: Log-on name of the tenant whose machines fail over.
      type: str
      sample: tenant-a
    description:
      description: Free text an administrator wrote about the plan.
      type: str
    cloud_failover_plan_options:
      description: Scripts around a failover.
      type: dict
      contains:
        post_failover_plan_command_enabled:
          description: Whether a script runs when the machines are up.
          type: bool
          sample: false
        post_failover_plan_command:
          description: Path of the script that runs afterwards, on the backup server.
          type: str
        pre_failover_plan_command_enabled:
          description: Whether a script runs before the first machine starts.
          type: bool
          sample: true
        pre_failover_plan_command:
          description: Path of the script that runs first, on the backup server.
          type: str
          sample: C:\Scripts\before.bat
    cloud_failover_plan_info:
      description: What fails over.
      type: dict
      contains:
        includes:
          description: Machines of the plan.
          type: list
          elements: dict
          contains:
            failover_plan_vm_id:
              description: GUID of the machine's entry in the plan.
              type: str
              sample: 1f6a8b3c-d25e-4970-8c41-e7b90d5f2a68
            name:
              description: What the tenant's hypervisor calls the machine.
              type: str
              sample: srv-web-01
            order:
              description: Place in the order of starting, from 0.
              type: int
              sample: 0
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
    includes:
      description:
        - The machines in the cloud failover plan.
        - Null when the cloud failover plan vanished before they were read.
      returned: with O(includes=true)
      type: list
      elements: dict
      contains:
        id:
          description: The same as V(failover_plan_vm_id).
          type: str
        uid:
          description: Always null, as machines in a cloud failover plan have no URN.
          type: str
        name:
          description: What the tenant's hypervisor calls the machine.
          type: str
          sample: srv-web-01
        type:
          description: Type of the record.
          type: str
          sample: CloudFailoveredVm
        href:
          description: Address of the machine in a cloud failover plan, as the server writes it.
          type: str
        failover_plan_vm_id:
          description: GUID of the machine's entry in the plan.
          type: str
          sample: 1f6a8b3c-d25e-4970-8c41-e7b90d5f2a68
        order:
          description: Place in the order of starting, from 0.
          type: int
          sample: 0
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
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.cloud_recovery import CLOUD_FAILOVER_PLAN, CLOUD_FAILOVERED_VM

MODULE = info_module(CLOUD_FAILOVER_PLAN, details=(Detail("includes", (CLOUD_FAILOVERED_VM,)),))


def main() -> None:
    """Run the module lane."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
