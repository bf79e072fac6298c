#!/usr/bin/python

# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: veeam_em_file_server_info
short_description: Read file servers of Veeam Backup Enterprise Manager
version_added: 0.2.0
description:
  - Returns file servers and shares that jobs may protect.

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
      - 'An example is V({name: \\\\fs01.example.com\\projects}).'
      - Times are ISO 8601 and mean UTC unless they carry a zone; V(-24h) or V(-7d) means so long ago.
      - A text is taken as an expression in the grammar of the query service, where a semicolon means and, a comma means or.
      - An example is V(Name=="\\\\fs01.example.com\\projects").
      - Unknown fields, operators and values are refused before anything is sent.
      - Fields are the following.
      - V(uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the file server, stable over log-ons.
      - V(name) (text) - Address of the share or name of the server.
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
  - Needs version v1_5 of the API, which Enterprise Manager has from version 10 on.
  # generated: end
seealso:
  - module: openbackup.veeam_em.veeam_em_nas_job_info
  - module: openbackup.veeam_em.veeam_em_managed_server_info
"""

EXAMPLES = r"""
- name: All file servers and shares
  openbackup.veeam_em.veeam_em_file_server_info:
    host: em01.example.com
  register: shares

- name: What they are
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.server_type }}"
  loop: "{{ shares.file_servers }}"
  loop_control:
    label: "{{ item.name }}"
"""

RETURN = r"""
# generated: begin result
file_servers:
  description: The file servers that match, an empty list when there are none.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: GUID of the file server.
      type: str
    uid:
      description: URN of the file server, stable over log-ons.
      type: str
      sample: urn:veeam:FileServer:b2c3d4e5-f607-489a-9bcd-ef0123456789
    name:
      description: Address of the share or name of the server.
      type: str
      sample: \\fs01.example.com\projects
    type:
      description: Type of the record.
      type: str
      sample: FileServer
    href:
      description: Address of the file server, as the server writes it.
      type: str
    server_type:
      description:
        - By which protocol its files are read; FileServer is a managed machine with an agent.
        - The server sends V(FileServer), V(SmbServer) or V(NfsServer).
      type: str
      sample: SmbServer
    hierarchy_obj_ref:
      description: URN by which jobs and restore scopes refer to the server.
      type: str
      sample: urn:NasBackup:FileServer:a1b2c3d4-e5f6-4789-8abc-def012345678.b2c3d4e5-f607-489a-9bcd-ef0123456789
    smb_server_options:
      description: How an SMB share is reached, null for others.
      type: dict
      contains:
        path:
          description: UNC address of the share.
          type: str
        credentials_id:
          description: GUID of the stored account for the share; empty without one.
          type: str
    nfs_server_options:
      description: How an NFS share is reached, null for others.
      type: dict
      contains:
        path:
          description: Address of the exported folder.
          type: str
    file_server_options:
      description: Which managed machine it is, null for shares.
      type: dict
      contains:
        server_uid:
          description: URN of the machine.
          type: str
    processing_options:
      description: What takes part in moving its data.
      type: dict
      contains:
        server_uid:
          description: URN of the machine that reads the files; empty where it is chosen automatically.
          type: str
        cache_repository_uid:
          description: URN of the repository that remembers which files changed.
          type: str
    nas_server_advanced_options:
      description: Whether files are read live or from a snapshot.
      type: dict
      contains:
        processing_mode:
          description: From what state files are read, such as Direct.
          type: str
        storage_snapshot_path:
          description: Where the storage shows its snapshot; empty without one.
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
      description: Backup server that backs it up.
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
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.nas import FILE_SERVER

MODULE = info_module(FILE_SERVER)


def main() -> None:
    """Run the module lane."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
