#!/usr/bin/python

# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: veeam_em_cdp_replica_session_info
short_description: Read CDP sessions of Veeam Backup Enterprise Manager
version_added: 0.2.0
description:
  - Returns sessions of continuous data protection. A session of a policy goes on while the policy is enabled.

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
      - 'An example is V({result: [Warning, Failed], creation_time: {ge: -24h}}).'
      - Times are ISO 8601 and mean UTC unless they carry a zone; V(-24h) or V(-7d) means so long ago.
      - A text is taken as an expression in the grammar of the query service, where a semicolon means and, a comma means or.
      - An example is V(Result==Failed).
      - Unknown fields, operators and values are refused before anything is sent.
      - Fields are the following.
      - V(uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the CDP session, stable over log-ons.
      - V(name) (text) - Policy name, an @ and the start in UTC.
      - V(policy_uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the policy that works.
      - V(policy_name) (text) - What the policy at work is called on its backup server.
      - V(creation_time) (time) - When the session began. Time in UTC.
      - V(end_time) (time) - When the session ended. Time in UTC, null while it runs.
      - V(state) (V(Starting), V(Stopping), V(Working), V(Pausing), V(Resuming) or V(Stopped)) - What the session does now; Stopped
        is its end.
      - V(result) (V(None), V(Success), V(Warning) or V(Failed)) - Outcome of the session; None while it runs, final once the state
        is Stopped.
      - V(failure_message) (text) - Why the session failed as a whole; empty or null when it did not.
      - V(backup_server_uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the backup server, taken from the link to it.
      - V(backup_server_name) (text) - Name of the backup server, taken from the link to it.
    type: raw
  sort:
    description:
      - Field to sort by, one of those that O(filter) knows; a leading minus sorts in descending order, as in V(-creation_time).
      - Without it records come in the order of V(creation_time).
    type: str
  cdp_policy:
    description:
      - CDP policies whose CDP sessions to return, one or several, each by GUID, URN or name.
      - One that the server does not know gives no record and no failure.
      - The module then filters and sorts by itself what the server tells of them. So O(filter) and O(sort) take all fields of a record
        that hold one value, also those that are not listed at O(filter), but none that is only for filters.
    type: list
    elements: str
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
  - Needs version v1_6 of the API, which Enterprise Manager has from version 11 on.
  # generated: end
seealso:
  - module: openbackup.veeam_em.veeam_em_cdp_policy_info
  - module: openbackup.veeam_em.veeam_em_cdp_replica_task_session_info
"""

EXAMPLES = r"""
- name: Sessions that need a look
  openbackup.veeam_em.veeam_em_cdp_replica_session_info:
    host: em01.example.com
    filter:
      result: [Warning, Failed]
    sort: -creation_time
  register: failed

- name: Sessions of one policy
  openbackup.veeam_em.veeam_em_cdp_replica_session_info:
    host: em01.example.com
    cdp_policy: ERP Continuous
    sort: -creation_time
  register: of_policy
"""

RETURN = r"""
# generated: begin result
cdp_replica_sessions:
  description: The CDP sessions that match, an empty list when there are none.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: GUID of the CDP session.
      type: str
    uid:
      description: URN of the CDP session, stable over log-ons.
      type: str
      sample: urn:veeam:CdpReplicaSession:f8091a2b-3c4d-45e6-8f70-8192a3b4c5d6
    name:
      description: Policy name, an @ and the start in UTC.
      type: str
      sample: Shop databases@2026-11-20 19:08:36
    type:
      description: Type of the record.
      type: str
      sample: CdpReplicaSession
    href:
      description: Address of the CDP session, as the server writes it.
      type: str
    policy_uid:
      description: URN of the policy that works.
      type: str
      sample: urn:veeam:CdpPolicy:e7f8091a-2b3c-44d5-8e6f-708192a3b4c5
    policy_name:
      description: What the policy at work is called on its backup server.
      type: str
      sample: Shop databases
    policy_type:
      description:
        - What the policy does with the changes.
        - The server sends V(CdpReplica).
      type: str
      sample: CdpReplica
    creation_time:
      description: When the session began. Time in UTC.
      type: str
      sample: '2026-11-20T20:00:07.547Z'
    end_time:
      description: When the session ended. Time in UTC, null while it runs.
      type: str
      sample: '2026-11-20T20:06:09.123Z'
    state:
      description:
        - What the session does now; Stopped is its end.
        - The server sends V(Starting), V(Stopping), V(Working), V(Pausing), V(Resuming) or V(Stopped).
      type: str
      sample: Working
    result:
      description:
        - Outcome of the session; None while it runs, final once the state is Stopped.
        - The server sends V(None), V(Success), V(Warning) or V(Failed).
      type: str
      sample: None
    progress:
      description: Part done in percent; 0 in a session that goes on and on.
      type: int
      sample: 0
    failure_message:
      description: Why the session failed as a whole; empty or null when it did not.
      type: str
    is_retry:
      description: Whether it repeats the machines that failed in the session before.
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
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.cdp import CDP_POLICY, CDP_REPLICA_SESSION

MODULE = info_module(CDP_REPLICA_SESSION, below=(CDP_POLICY,))


def main() -> None:
    """Run the module lane."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
