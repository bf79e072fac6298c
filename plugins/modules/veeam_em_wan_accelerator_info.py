#!/usr/bin/python

# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: veeam_em_wan_accelerator_info
short_description: Read WAN accelerators of Veeam Backup Enterprise Manager
version_added: 0.2.0
description:
  - Returns WAN accelerators with their cache.

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
      - 'An example is V({name: wan01.example.com}).'
      - Times are ISO 8601 and mean UTC unless they carry a zone; V(-24h) or V(-7d) means so long ago.
      - A text is taken as an expression in the grammar of the query service, where a semicolon means and, a comma means or.
      - An example is V(Name=="wan01.example.com").
      - Unknown fields, operators and values are refused before anything is sent.
      - Fields are the following.
      - V(uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the WAN accelerator, stable over log-ons.
      - V(name) (text) - Name or address of the machine that it runs on.
      - V(capacity) (number) - Size of its cache as configured, in gibibytes.
      - V(connections_count) (number) - How many streams one transfer may use.
      - V(high_bandwidth_mode_enabled) (V(true) or V(false)) - Whether it works without the cache, for fast lines; old servers do not
        send it.
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
  # generated: end
seealso:
  - module: openbackup.veeam_em.veeam_em_managed_server_info
  - module: openbackup.veeam_em.veeam_em_backup_server_info
"""

EXAMPLES = r"""
- name: All WAN accelerators
  openbackup.veeam_em.veeam_em_wan_accelerator_info:
    host: em01.example.com
  register: accelerators

- name: Which need an update
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.version }}"
  loop: "{{ accelerators.wan_accelerators | selectattr('out_of_date') }}"
  loop_control:
    label: "{{ item.name }}"
"""

RETURN = r"""
# generated: begin result
wan_accelerators:
  description: The WAN accelerators that match, an empty list when there are none.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: GUID of the WAN accelerator.
      type: str
    uid:
      description: URN of the WAN accelerator, stable over log-ons.
      type: str
      sample: urn:veeam:WanAccelerator:9e8f7654-3210-4fed-8cba-98765a4b3c2d
    name:
      description: Name or address of the machine that it runs on.
      type: str
      sample: wan01.example.com
    type:
      description: Type of the record.
      type: str
      sample: WanAccelerator
    href:
      description: Address of the WAN accelerator, as the server writes it.
      type: str
    description:
      description: Free text an administrator wrote about the WAN accelerator.
      type: str
    out_of_date:
      description: Whether its component is older than the backup server expects.
      type: bool
      sample: false
    version:
      description: Build of the component on the machine.
      type: str
      sample: 12.3.0.310
    capacity:
      description: Size of its cache as configured, in gibibytes.
      type: int
      sample: 100
    traffic_port:
      description: TCP port that data between accelerators passes.
      type: int
      sample: 6165
    connections_count:
      description: How many streams one transfer may use.
      type: int
      sample: 5
    cache_path:
      description: Folder of its cache on the machine.
      type: str
      sample: D:\WanCache
    high_bandwidth_mode_enabled:
      description: Whether it works without the cache, for fast lines; old servers do not send it.
      type: bool
      sample: false
    backup_server_uid:
      description: URN of the backup server, taken from the link to it.
      type: str
      sample: urn:veeam:BackupServer:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
    backup_server_name:
      description: Name of the backup server, taken from the link to it.
      type: str
      sample: vbr01.example.com
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
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.infrastructure import WAN_ACCELERATOR

MODULE = info_module(WAN_ACCELERATOR)


def main() -> None:
    """Run the module lane."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
