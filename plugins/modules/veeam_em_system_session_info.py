#!/usr/bin/python

# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: veeam_em_system_session_info
short_description: Read system sessions of Veeam Backup Enterprise Manager
version_added: 0.2.0
description:
  - Returns system sessions, the runs of work that Enterprise Manager does for itself, such as collecting data from backup servers or rebuilding restore scopes.
  - 'Collecting is what makes this data fresh: what the last run did not collect, no query finds.'

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
      - 'An example is V({creation_time: {ge: -24h}, session_type: CollectJob}).'
      - Times are ISO 8601 and mean UTC unless they carry a zone; V(-24h) or V(-7d) means so long ago.
      - A text is taken as an expression in the grammar of the query service, where a semicolon means and, a comma means or.
      - An example is V(CreationTimeUTC>=-24h).
      - Unknown fields, operators and values are refused before anything is sent.
      - Fields are the following.
      - V(uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the system session, stable over log-ons.
      - V(name) (text) - Kind of work, an @ and the start in UTC.
      - V(session_type) (V(CatalogConsolidation), V(CatalogCrawlJob), V(CatalogReplicationJob), V(CollectJob), V(SecurityScopesRebuild),
        V(VcPluginJob), V(LicAutoUpdate), V(DatabaseMaintenance), V(HistoryCollectJob), V(LicenseRevoke), V(SyncCheckForProductUpdatesOption)
        or V(LogExport)) - Work that Enterprise Manager did for itself.
      - V(creation_time) (time) - When the work began. Time in UTC.
      - V(end_time) (time) - When the work ended. Time in UTC, null while it runs.
      - V(state) (V(InProgress), V(CompletedSuccessfully), V(CompletedWarning) or V(Failed)) - How far the work is; all but InProgress
        are its end.
    type: raw
  sort:
    description:
      - Field to sort by, one of those that O(filter) knows; a leading minus sorts in descending order, as in V(-creation_time).
      - Without it records come in the order of the server.
    type: str
  events:
    description:
      - Whether each record carries V(events), the events of the system session.
      - It takes one more request for each record.
    type: bool
    default: false
  # generated: end
notes:
  # generated: begin notes
  - Needs the role Portal Administrator in Enterprise Manager.
  - Needs version v1_7 of the API, which Enterprise Manager has from version 12 on.
  - The list goes back 30 days.
  # generated: end
seealso:
  - module: openbackup.veeam_em.veeam_em_backup_server_info
  - module: openbackup.veeam_em.veeam_em_service_info
"""

EXAMPLES = r"""
- name: The last time data was collected, with what was logged
  openbackup.veeam_em.veeam_em_system_session_info:
    host: em01.example.com
    filter: {session_type: CollectJob}
    sort: -creation_time
    limit: 1
    events: true
  register: collection

- name: When that was
  ansible.builtin.debug:
    msg: "{{ item.creation_time }}: {{ item.state }}"
  loop: "{{ collection.system_sessions }}"
  loop_control:
    label: "{{ item.name }}"
"""

RETURN = r"""
# generated: begin result
system_sessions:
  description: The system sessions that match, an empty list when there are none.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: GUID of the system session.
      type: str
    uid:
      description: URN of the system session, stable over log-ons.
      type: str
      sample: urn:veeam:SystemSession:f6071829-3a4b-4cde-9f01-23456789abcd
    name:
      description: Kind of work, an @ and the start in UTC.
      type: str
      sample: Collect Job @2026-11-20 17:05:52.069837
    type:
      description: Type of the record.
      type: str
      sample: SystemSession
    href:
      description: Address of the system session, as the server writes it.
      type: str
    session_type:
      description:
        - Work that Enterprise Manager did for itself.
        - The server sends V(CatalogConsolidation), V(CatalogCrawlJob), V(CatalogReplicationJob), V(CollectJob), V(SecurityScopesRebuild),
          V(VcPluginJob), V(LicAutoUpdate), V(DatabaseMaintenance), V(HistoryCollectJob), V(LicenseRevoke), V(SyncCheckForProductUpdatesOption)
          or V(LogExport).
      type: str
      sample: CollectJob
    creation_time:
      description: When the work began. Time in UTC.
      type: str
      sample: '2026-11-20T20:00:07.547Z'
    end_time:
      description: When the work ended. Time in UTC, null while it runs.
      type: str
      sample: '2026-11-20T20:06:09.123Z'
    state:
      description:
        - How far the work is; all but InProgress are its end.
        - The server sends V(InProgress), V(CompletedSuccessfully), V(CompletedWarning) or V(Failed).
      type: str
      sample: CompletedSuccessfully
    result:
      description: Outcome of the work, null while there is none.
      type: dict
      contains:
        result:
          description:
            - How it ended; servers send the words of the state here.
            - The server sends V(Success), V(Warning), V(Failed), V(CompletedSuccessfully) or V(CompletedWarning).
          type: str
        message:
          description: What the server says about the outcome; empty where nothing went wrong.
          type: str
        is_canceled:
          description: Whether somebody stopped the work.
          type: bool
    events:
      description:
        - The events of the system session.
        - Null when the system session vanished before they were read.
      returned: with O(events=true)
      type: list
      elements: dict
      contains:
        id:
          description: What stands last in the address of the event of a system session.
          type: str
        uid:
          description: Always null, as events of a system session have no URN.
          type: str
        name:
          description: Always null, as events of a system session have no name.
          type: str
        type:
          description: Type of the record.
          type: str
          sample: SystemSessionEvent
        href:
          description: Address of the event of a system session, as the server writes it.
          type: str
        creation_time:
          description: When it happened. Time in UTC.
          type: str
          sample: '2026-11-20T20:00:07.547Z'
        message:
          description: What happened, in the words of the server.
          type: str
          sample: Collecting data from vbr01.example.com
        order:
          description: Place among the events of its session.
          type: int
          sample: 1
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
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.service import SYSTEM_SESSION, SYSTEM_SESSION_EVENT

MODULE = info_module(SYSTEM_SESSION, details=(Detail("events", (SYSTEM_SESSION_EVENT,)),))


def main() -> None:
    """Run the module lane."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
