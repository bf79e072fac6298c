#!/usr/bin/python

# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: veeam_em_credentials_info
short_description: Read stored credentials of Veeam Backup Enterprise Manager
version_added: 0.2.0
description:
  - 'Returns stored accounts of backup servers: names and descriptions. Passwords are never among them.'

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
  filter:
    description:
      - Which records to return. A mapping from fields to what they must be; all of them must hold.
      - A plain value means equal, a list means any of its members; V(eq), V(ne), V(lt), V(le), V(gt) and V(ge) stand in a mapping of
        their own.
      - 'An example is V({username: EXAMPLE\\svc-backup}).'
      - Times are ISO 8601 and mean UTC unless they carry a zone; V(-24h) or V(-7d) means so long ago.
      - A text is taken as an expression in the grammar of the query service, where a semicolon means and, a comma means or.
      - An example is V(Username=="EXAMPLE\\svc-backup").
      - Unknown fields, operators and values are refused before anything is sent.
      - Fields are the following.
      - V(credentials_id) (text) - GUID by which jobs and servers refer to the account.
      - V(username) (text) - Account to log on with, with its domain.
      - V(description) (text) - Free text an administrator wrote about the account.
      - V(backup_server_uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the backup server, taken from the link to it.
    type: raw
  sort:
    description:
      - Field to sort by, one of those that O(filter) knows; a leading minus sorts in descending order, as in V(-credentials_id).
      - Without it records come in the order of V(credentials_id).
    type: str
  backup_server:
    description:
      - Backup servers whose stored accounts to return, one or several, each by GUID, URN or name.
      - One that the server does not know gives no record and no failure.
      - The module then filters and sorts by itself what the server tells of them. So O(filter) and O(sort) take all fields of a record
        that hold one value, also those that are not listed at O(filter), but none that is only for filters.
    type: list
    elements: str
  # generated: end
notes:
  # generated: begin notes
  - Needs one of the roles Portal Administrator or Portal User in Enterprise Manager; what it shows depends on the user's scope.
  # generated: end
seealso:
  - module: openbackup.veeam_em.veeam_em_encryption_password_info
  - module: openbackup.veeam_em.veeam_em_backup_server_info
"""

EXAMPLES = r"""
- name: All stored accounts
  openbackup.veeam_em.veeam_em_credentials_info:
    host: em01.example.com
  register: accounts

- name: Those of one backup server
  openbackup.veeam_em.veeam_em_credentials_info:
    host: em01.example.com
    backup_server: vbr01.example.com
    sort: username
  register: of_server
"""

RETURN = r"""
# generated: begin result
credentials:
  description: The stored accounts that match, an empty list when there are none.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: The same as V(credentials_id).
      type: str
    uid:
      description: Always null, as stored accounts have no URN.
      type: str
    name:
      description: Always null, as stored accounts have no name.
      type: str
    type:
      description: Type of the record.
      type: str
      sample: Credentials
    href:
      description: Address of the stored account, as the server writes it.
      type: str
    credentials_id:
      description: GUID by which jobs and servers refer to the account.
      type: str
      sample: 8f765432-10fe-4dcb-8a98-765a4b3c2d1e
    username:
      description: Account to log on with, with its domain.
      type: str
      sample: EXAMPLE\svc-backup
    description:
      description: Free text an administrator wrote about the account.
      type: str
    backup_server_uid:
      description: URN of the backup server, taken from the link to it.
      type: str
      sample: urn:veeam:BackupServer:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
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
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.infrastructure import BACKUP_SERVER, CREDENTIALS

MODULE = info_module(CREDENTIALS, below=(BACKUP_SERVER,))


def main() -> None:
    """Run the module lane."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
