#!/usr/bin/python

# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: veeam_em_cloud_subtenant_info
short_description: Read Cloud Connect subtenants of Veeam Backup Enterprise Manager
version_added: 0.2.0
description:
  - Returns subtenant accounts of tenants of a Cloud Connect provider.

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
  id:
    description:
      - Ids of the records to return, one or several. An id that the server does not know gives no record and no failure.
    type: list
    elements: str
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
      - 'An example is V({disabled: true}).'
      - Times are ISO 8601 and mean UTC unless they carry a zone; V(-24h) or V(-7d) means so long ago.
      - A text is taken as an expression in the grammar of the query service, where a semicolon means and, a comma means or.
      - An example is V(Disabled==true).
      - Unknown fields, operators and values are refused before anything is sent.
      - Fields are the following.
      - V(uid) (text) - GUID of the subtenant; only for filters, the record has it as id.
      - V(name) (text) - Log-on name of the subtenant; unique within one tenant only.
      - V(cloud_tenant_uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the tenant, taken from the link to it.
      - V(cloud_tenant_name) (text) - Name of the tenant, taken from the link to it.
      - V(disabled) (V(true) or V(false)) - Whether the subtenant may not log on; only for filters, the record says enabled.
      - V(unlimited) (V(true) or V(false)) - Whether only the tenant's quota is the limit; only for filters, see repository_quota.
      - V(quota) (number) - Space that is granted, in MB; only for filters, see repository_quota.
      - V(used_quota) (number) - Space that is taken, in MB; only for filters, see repository_quota.
      - V(backup_resource_id) (text) - Id of the tenant's backup resource; only for filters, see tenant_resource_id.
      - V(backup_server_uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the backup server, taken from the link to it.
      - V(backup_server_name) (text) - Name of the backup server, taken from the link to it.
    type: raw
  sort:
    description:
      - Field to sort by, one of those that O(filter) knows; a leading minus sorts in descending order, as in V(-name).
      - Without it records come in the order of V(name).
    type: str
  cloud_tenant:
    description:
      - Tenant accounts whose subtenant accounts to return, one or several, each by GUID, URN or name.
      - One that the server does not know gives no record and no failure.
      - The module then filters and sorts by itself what the server tells of them. So O(filter) and O(sort) take all fields of a record
        that hold one value, also those that are not listed at O(filter), but none that is only for filters.
    type: list
    elements: str
  backup_server:
    description: Name of the backup server that the records belong to. Names are unique on one backup server only.
    type: str
  # generated: end
notes:
  # generated: begin notes
  - Needs one of the roles Portal Administrator or Portal User in Enterprise Manager; what it shows depends on the user's scope.
  - The reference names Portal Administrator alone for queries. Where another role is refused, the collection is read instead; fields
    that are only for filters cannot be used then.
  # generated: end
seealso:
  - module: openbackup.veeam_em.veeam_em_cloud_tenant_info
"""

EXAMPLES = r"""
- name: All subtenants
  openbackup.veeam_em.veeam_em_cloud_subtenant_info:
    host: em01.example.com
  register: subtenants

- name: Subtenants of one tenant
  openbackup.veeam_em.veeam_em_cloud_subtenant_info:
    host: em01.example.com
    cloud_tenant: Northwind
  register: of_tenant
"""

RETURN = r"""
# generated: begin result
cloud_subtenants:
  description: The subtenant accounts that match, an empty list when there are none.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: What stands last in the address of the subtenant account.
      type: str
    uid:
      description: Always null, as subtenant accounts have no URN.
      type: str
    name:
      description: Log-on name of the subtenant; unique within one tenant only.
      type: str
      sample: tenant-a-laptops
    type:
      description: Type of the record.
      type: str
      sample: CloudSubtenant
    href:
      description: Address of the subtenant account, as the server writes it.
      type: str
    description:
      description: Free text an administrator wrote about the subtenant account.
      type: str
      sample: Laptops of the sales team
    enabled:
      description: Whether the subtenant may log on; filters know the opposite, disabled.
      type: bool
      sample: true
    repository_quota:
      description: Part of the tenant's space that the subtenant may use.
      type: dict
      contains:
        unlimited:
          description: Whether only the tenant's own quota is the limit.
          type: bool
          sample: false
        display_name:
          description: What the subtenant calls this repository.
          type: str
          sample: Laptop Vault
        tenant_resource_id:
          description: Id of the tenant's backup resource that the space is taken from.
          type: str
        quota_mb:
          description: Space that is granted, in MB.
          type: int
          sample: 20480
        used_quota_mb:
          description: Part of the granted space that is taken, in MB.
          type: int
          sample: 4096
        quota_id:
          description: Id of this quota itself; some servers do not send it.
          type: str
    cloud_tenant_uid:
      description: URN of the tenant, taken from the link to it.
      type: str
    cloud_tenant_name:
      description: Name of the tenant, taken from the link to it.
      type: str
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
    cloud_tenant:
      description: Tenant account that it belongs to.
      type: dict
      contains:
        id:
          description: GUID of the object.
          type: str
          sample: 5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
        uid:
          description: URN of the object.
          type: str
          sample: urn:veeam:CloudTenant:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
        name:
          description: Name of the object.
          type: str
        type:
          description: Type of the object.
          type: str
          sample: CloudTenant
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
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.cloud import CLOUD_SUBTENANT, CLOUD_TENANT

MODULE = info_module(CLOUD_SUBTENANT, below=(CLOUD_TENANT,))


def main() -> None:
    """Run the module lane."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
