#!/usr/bin/python

# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: veeam_em_protection_group_info
short_description: Read protection groups of Veeam Backup Enterprise Manager
version_added: 0.2.0
description:
  - 'Returns protection groups: sets of computers on which agents are kept and protected.'

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
      - 'An example is V({name: Windows servers}).'
      - Times are ISO 8601 and mean UTC unless they carry a zone; V(-24h) or V(-7d) means so long ago.
      - A text is taken as an expression in the grammar of the query service, where a semicolon means and, a comma means or.
      - An example is V(Name=="Windows servers").
      - Unknown fields, operators and values are refused before anything is sent.
      - Fields are the following.
      - V(uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the protection group, stable over log-ons.
      - V(name) (text) - Name that an administrator gave the group.
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
  discovered_computers:
    description:
      - Whether each record carries V(discovered_computers), the discovered computers of the protection group.
      - It takes one more request for each record.
    type: bool
    default: false
  # generated: end
notes:
  # generated: begin notes
  - Needs the role Portal Administrator in Enterprise Manager.
  # generated: end
seealso:
  - module: openbackup.veeam_em.veeam_em_discovered_computer_info
  - module: openbackup.veeam_em.veeam_em_agent_job_info
"""

EXAMPLES = r"""
- name: Groups with the computers in them
  openbackup.veeam_em.veeam_em_protection_group_info:
    host: em01.example.com
    discovered_computers: true
  register: found

- name: How many there are
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.discovered_computers | length }}"
  loop: "{{ found.protection_groups }}"
  loop_control:
    label: "{{ item.name }}"
"""

RETURN = r"""
# generated: begin result
protection_groups:
  description: The protection groups that match, an empty list when there are none.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: GUID of the protection group.
      type: str
    uid:
      description: URN of the protection group, stable over log-ons.
      type: str
      sample: urn:veeam:AgentProtectionGroup:5e0d6f0b-1c2a-47b4-8119-c250d7a2f1b5
    name:
      description: Name that an administrator gave the group.
      type: str
      sample: Windows servers
    type:
      description: Type of the record.
      type: str
      sample: AgentProtectionGroup
    href:
      description: Address of the protection group, as the server writes it.
      type: str
    rescan_schedule_enabled:
      description: Whether computers are looked for again and again.
      type: bool
      sample: true
    hierarchy_obj_ref:
      description: URN by which jobs and restore scopes refer to the group.
      type: str
      sample: urn:AgentForWindows:AgentProtectionGroup:00000000-0000-0000-0000-000000000000.5e0d6f0b-1c2a-47b4-8119-c250d7a2f1b5
    backup_server_uid:
      description: URN of the backup server, taken from the link to it.
      type: str
      sample: urn:veeam:BackupServer:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
    backup_server_name:
      description: Name of the backup server, taken from the link to it.
      type: str
      sample: vbr01.example.com
    backup_server:
      description: Backup server that manages the agents.
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
    discovered_computers:
      description:
        - The discovered computers of the protection group.
        - Null when the protection group vanished before they were read.
      returned: with O(discovered_computers=true)
      type: list
      elements: dict
      contains:
        id:
          description: GUID of the discovered computer.
          type: str
        uid:
          description: URN of the discovered computer, stable over log-ons.
          type: str
          sample: urn:veeam:DiscoveredComputer:4b5e0d6f-0b1c-42a7-b411-9c250d7a2f1b
        name:
          description: Host name of the computer.
          type: str
          sample: srv-physical-01.example.com
        type:
          description: Type of the record.
          type: str
          sample: DiscoveredComputer
        href:
          description: Address of the discovered computer, as the server writes it.
          type: str
        host_status:
          description:
            - Whether the computer answered when it was looked for last.
            - The server sends V(Online) or V(Offline).
          type: str
          sample: Online
        agent_version:
          description: Build of the agent on the computer.
          type: str
          sample: 6.3.0.177
        agent_status:
          description:
            - How far the computer is from being backed up.
            - The server sends V(NotInstalled), V(Installed), V(UnsupportedOs), V(Failed) or V(Exclude).
          type: str
          sample: Installed
        os_version:
          description: Operating system in the words of the computer.
          type: str
          sample: Microsoft Windows Server 2022
        ip_address:
          description: Network address that the backup server reaches it by.
          type: str
          sample: 192.0.2.31
        hierarchy_obj_ref:
          description: URN by which jobs and restore scopes refer to the computer.
          type: str
          sample: urn:AgentForWindows:VeeamAgent:00000000-0000-0000-0000-000000000000.4b5e0d6f-0b1c-42a7-b411-9c250d7a2f1b
        protection_group_uid:
          description: URN of the group that found it, taken from the link to it.
          type: str
          sample: urn:veeam:AgentProtectionGroup:5e0d6f0b-1c2a-47b4-8119-c250d7a2f1b5
        protection_group_name:
          description: Name of the group that found it, taken from the link to it.
          type: str
          sample: Windows servers
        backup_server_uid:
          description: URN of the backup server, taken from the link to it.
          type: str
          sample: urn:veeam:BackupServer:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
        backup_server_name:
          description: Name of the backup server, taken from the link to it.
          type: str
          sample: vbr01.example.com
        backup_server:
          description: Backup server that manages the agents.
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
        protection_group:
          description: Protection group that found the computer.
          type: dict
          contains:
            id:
              description: GUID of the object.
              type: str
              sample: 5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
            uid:
              description: URN of the object.
              type: str
              sample: urn:veeam:AgentProtectionGroup:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
            name:
              description: Name of the object.
              type: str
            type:
              description: Type of the object.
              type: str
              sample: AgentProtectionGroup
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
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.agents import DISCOVERED_COMPUTER, PROTECTION_GROUP

MODULE = info_module(PROTECTION_GROUP, details=(Detail("discovered_computers", (DISCOVERED_COMPUTER,)),))


def main() -> None:
    """Run the module lane."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
