#!/usr/bin/python

# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: veeam_em_replica_info
short_description: Read replicas of Veeam Backup Enterprise Manager
version_added: 0.2.0
description:
  - 'Returns replicas: copies of machines that stand ready on another host.'
  - The moments to which they can be brought are read with M(openbackup.veeam_em.veeam_em_vm_replica_point_info).

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
      - 'An example is V({name: SQL Server Replication}).'
      - Times are ISO 8601 and mean UTC unless they carry a zone; V(-24h) or V(-7d) means so long ago.
      - A text is taken as an expression in the grammar of the query service, where a semicolon means and, a comma means or.
      - An example is V(Name=="SQL Server Replication").
      - Unknown fields, operators and values are refused before anything is sent.
      - Fields are the following.
      - V(uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the replica, stable over log-ons.
      - V(name) (text) - Name of the replication job that made it.
      - V(job_uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the job that writes it; only for filters, the answer does
        not carry it.
      - V(job_name) (text) - Name of the job that writes it; only for filters, the answer does not carry it.
      - V(repository_uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the repository that holds the data, taken from the
        link to it.
      - V(repository_name) (text) - Name of the repository that holds the data, taken from the link to it.
    type: raw
  sort:
    description:
      - Field to sort by, one of those that O(filter) knows; a leading minus sorts in descending order, as in V(-name).
      - Without it records come in the order of V(name).
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
  - Needs one of the roles Portal Administrator, Portal User, VM Restore Operator or File Restore Operator in Enterprise Manager; what
    it shows depends on the user's scope.
  # generated: end
seealso:
  - module: openbackup.veeam_em.veeam_em_vm_replica_point_info
  - module: openbackup.veeam_em.veeam_em_failover_plan_info
  - module: openbackup.veeam_em.veeam_em_cdp_replica_info
"""

EXAMPLES = r"""
- name: All replicas
  openbackup.veeam_em.veeam_em_replica_info:
    host: em01.example.com
  register: replicas

- name: Replicas of one job
  openbackup.veeam_em.veeam_em_replica_info:
    host: em01.example.com
    name: DC Replication
  register: of_job
"""

RETURN = r"""
# generated: begin result
replicas:
  description: The replicas that match, an empty list when there are none.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: GUID of the replica.
      type: str
    uid:
      description: URN of the replica, stable over log-ons.
      type: str
      sample: urn:veeam:Replica:92a3b4c5-d6e7-4f80-991a-2b3c4d5e6f70
    name:
      description: Name of the replication job that made it.
      type: str
      sample: SQL Server Replication
    type:
      description: Type of the record.
      type: str
      sample: Replica
    href:
      description: Address of the replica, as the server writes it.
      type: str
    platform:
      description:
        - Where the replicated machines live.
        - The server sends V(VMware), V(Hyperv) or V(vCloud).
      type: str
      sample: VMware
    repository_uid:
      description: URN of the repository that holds the data, taken from the link to it.
      type: str
    repository_name:
      description: Name of the repository that holds the data, taken from the link to it.
      type: str
      sample: Default Backup Repository
    backup_server:
      description: Backup server that keeps it in its catalogue.
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
    repository:
      description: Repository that holds the data.
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

from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.info import info_module
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.lanes import run_as_module
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.replicas import REPLICA

MODULE = info_module(REPLICA)


def main() -> None:
    """Run the module lane."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
