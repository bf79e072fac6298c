#!/usr/bin/python

# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: veeam_em_security_account_info
short_description: Read security accounts of Veeam Backup Enterprise Manager
version_added: 0.2.0
description:
  - Returns users and groups that may work with Enterprise Manager, on request with their roles and restore scopes.

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
      - 'An example is V({account_type: Group}).'
      - Times are ISO 8601 and mean UTC unless they carry a zone; V(-24h) or V(-7d) means so long ago.
      - A text is taken as an expression in the grammar of the query service, where a semicolon means and, a comma means or.
      - An example is V(AccountType==Group).
      - Unknown fields, operators and values are refused before anything is sent.
      - Fields are the following.
      - V(uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the account, stable over log-ons.
      - V(name) (text) - User or group with its domain.
      - V(account_type) (V(User), V(Group), V(ExternalUser) or V(ExternalGroup)) - Whether one person or a group, and whether known
        by an identity provider.
      - V(allow_restore_all_vms) (V(true) or V(false)) - Whether every machine may be restored; otherwise the restore scopes count.
    type: raw
  sort:
    description:
      - Field to sort by, one of those that O(filter) knows; a leading minus sorts in descending order, as in V(-name).
      - Without it records come in the order of the server.
    type: str
  roles:
    description:
      - Whether each record carries V(roles), the roles of the account.
      - It takes one more request for each record.
    type: bool
    default: false
  scopes:
    description:
      - Whether each record carries V(scopes), the restore scopes of the account.
      - It takes one more request for each record.
    type: bool
    default: false
  # generated: end
notes:
  # generated: begin notes
  - Needs the role Portal Administrator in Enterprise Manager.
  # generated: end
seealso:
  - module: openbackup.veeam_em.veeam_em_security_role_info
  - module: openbackup.veeam_em.veeam_em_security_settings_info
"""

EXAMPLES = r"""
- name: Who may do what
  openbackup.veeam_em.veeam_em_security_account_info:
    host: em01.example.com
    roles: true
    scopes: true
  register: accounts

- name: Groups with an account
  ansible.builtin.debug:
    msg: "{{ accounts.security_accounts | selectattr('account_type', 'eq', 'Group') | map(attribute='name') | join(', ') }}"
"""

RETURN = r"""
# generated: begin result
security_accounts:
  description: The security accounts that match, an empty list when there are none.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: GUID of the security account.
      type: str
    uid:
      description: URN of the account, stable over log-ons.
      type: str
      sample: urn:veeam:EnterpriseAccount:d4e5f607-1829-4abc-9def-0123456789ab
    name:
      description: User or group with its domain.
      type: str
      sample: EXAMPLE\Backup Operators
    type:
      description: Type of the record.
      type: str
      sample: EnterpriseAccount
    href:
      description: Address of the security account, as the server writes it.
      type: str
    account_type:
      description:
        - Whether one person or a group, and whether known by an identity provider.
        - The server sends V(User), V(Group), V(ExternalUser) or V(ExternalGroup).
      type: str
      sample: Group
    allow_restore_all_vms:
      description: Whether every machine may be restored; otherwise the restore scopes count.
      type: bool
      sample: false
    flr_settings:
      description: Limits on restoring files, null where the server does not send them.
      type: dict
      contains:
        flr_inplace_only:
          description: Whether files can only go back where they were, and not be downloaded.
          type: bool
        flr_extention_restrictions:
          description: Endings of files that may be restored, with commas between.
          type: str
    sql_settings:
      description: Limits on restoring Microsoft SQL Server databases, null where the server does not send them.
      type: dict
      contains:
        deny_in_place_restore:
          description: Whether databases must not go back where they were.
          type: bool
    roles:
      description:
        - The roles of the account.
        - Null when the security account vanished before they were read.
      returned: with O(roles=true)
      type: list
      elements: dict
      contains:
        id:
          description: What stands last in the address of the role of an account.
          type: str
        uid:
          description: Always null, as roles of an account have no URN.
          type: str
        name:
          description: Always null, as roles of an account have no name.
          type: str
        type:
          description: Type of the record.
          type: str
          sample: EnterpriseAccountInRole
        href:
          description: Address of the role of an account, as the server writes it.
          type: str
        role_name:
          description: What the account may do, by the name shown to people.
          type: str
          sample: Portal User
    scopes:
      description:
        - The restore scopes of the account.
        - Null when the security account vanished before they were read.
      returned: with O(scopes=true)
      type: list
      elements: dict
      contains:
        id:
          description: What stands last in the address of the restore scope of an account.
          type: str
        uid:
          description: Always null, as restore scopes of an account have no URN.
          type: str
        name:
          description: Object whose machines the account may restore.
          type: str
          sample: Production
        type:
          description: Type of the record.
          type: str
          sample: EnterpriseAccountHierarchyScope
        href:
          description: Address of the restore scope of an account, as the server writes it.
          type: str
        hierarchy_root_name:
          description: Host at the top of the hierarchy that the object is in.
          type: str
          sample: vcenter01.example.com
        platform:
          description:
            - Virtualization that the object belongs to.
            - The server sends V(VMware), V(Hyperv) or V(vCloud).
          type: str
          sample: VMware
        hierarchy_object_type:
          description: Kind of the object, such as ResourcePool or VcdSystem.
          type: str
          sample: ResourcePool
        state:
          description:
            - 'Whether the scope counts yet: only Processed does, after rebuildScope.'
            - The server sends V(Unprocessed), V(Processed) or V(Removing).
          type: str
          sample: Processed
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
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.security import SECURITY_ACCOUNT, SECURITY_ACCOUNT_ROLE, SECURITY_ACCOUNT_SCOPE

MODULE = info_module(
    SECURITY_ACCOUNT,
    details=(
        Detail("roles", (SECURITY_ACCOUNT_ROLE,)),
        Detail("scopes", (SECURITY_ACCOUNT_SCOPE,)),
    ),
)


def main() -> None:
    """Run the module lane."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
