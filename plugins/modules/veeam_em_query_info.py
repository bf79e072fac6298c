#!/usr/bin/python

# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: veeam_em_query_info
short_description: Query Veeam Backup Enterprise Manager for records of any type
version_added: 0.1.0
description:
  - Returns records of a type that is named by the word of the query service, with the same filters, order and form as the info module of that type.
  - For playbooks that choose the type at run time. Where the type is known, the info module of the type documents its fields.
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
  # generated: begin selections
  type:
    description:
      - Word of the query service for what to return, in any case.
      - Known words are V(Task), V(Job), V(BackupJobSession), V(BackupTaskSession), V(ReplicaJobSession), V(ReplicaTaskSession), V(RestoreSession)
        and V(BackupServer).
    type: str
    required: true
  filter:
    description:
      - Which records to return. A mapping from fields to what they must be; all of them must hold.
      - A plain value means equal, a list means any of its members; V(eq), V(ne), V(lt), V(le), V(gt) and V(ge) stand in a mapping of their own.
      - 'An example is V({creation_time: {ge: -24h}, result: [Warning, Failed]}).'
      - Times are ISO 8601 and mean UTC unless they carry a zone; V(-24h) or V(-7d) means so long ago.
      - A text is taken as an expression in the grammar of the query service, where a semicolon means and, a comma means or.
      - An example is V(Result==Failed;CreationTime>="2026-11-01").
      - Unknown fields, operators and values are refused before anything is sent.
      - Records of O(type=Job) have the fields V(uid), V(name), V(job_type), V(platform), V(description), V(schedule_configured), V(schedule_enabled),
        V(next_run), V(backup_server_uid) and V(backup_server_name).
      - Records of O(type=BackupJobSession) have the fields V(uid), V(name), V(job_uid), V(job_name), V(job_type), V(creation_time), V(end_time),
        V(state), V(result), V(is_retry), V(backup_server_uid) and V(backup_server_name).
      - Records of O(type=BackupTaskSession) have the fields V(uid), V(name), V(vm_display_name), V(job_session_uid), V(creation_time), V(end_time),
        V(state), V(result), V(reason), V(total_size), V(job_uid), V(job_name), V(backup_server_uid) and V(backup_server_name).
      - Records of O(type=ReplicaJobSession) have the fields V(uid), V(name), V(job_uid), V(job_name), V(job_type), V(creation_time), V(end_time),
        V(state), V(result), V(is_retry), V(backup_server_uid) and V(backup_server_name).
      - Records of O(type=ReplicaTaskSession) have the fields V(uid), V(name), V(vm_display_name), V(job_session_uid), V(creation_time), V(end_time),
        V(state), V(result), V(reason), V(total_size), V(job_uid), V(job_name), V(backup_server_uid) and V(backup_server_name).
      - Records of O(type=RestoreSession) have the fields V(uid), V(name), V(vm_display_name), V(job_type), V(creation_time), V(end_time), V(state),
        V(result), V(backup_server_uid) and V(backup_server_name).
      - Records of O(type=BackupServer) have the fields V(uid), V(name), V(description), V(port), V(version) and V(ip_or_dns_name).
    type: raw
  sort:
    description:
      - Field to sort by, one of those that O(filter) knows; a leading minus sorts in descending order, as in V(-creation_time).
      - Without it records come in the order that the info module of the type documents.
    type: str
  backup_server:
    description: Name of the backup server that the records belong to.
    type: str
  # generated: end
notes:
  - The type V(Job) needs the role Portal Administrator in Enterprise Manager, the other types at least Portal User.
  - Tasks are known only in the log-on session that made them, and by O(id) alone.
seealso:
  - module: openbackup.veeam_em.veeam_em_backup_session_info
  - module: openbackup.veeam_em.veeam_em_backup_task_session_info
  - module: openbackup.veeam_em.veeam_em_job_info
"""

EXAMPLES = r"""
- name: Everything that failed during the last day, whatever it was
  openbackup.veeam_em.veeam_em_query_info:
    host: em01.example.com
    type: "{{ item }}"
    filter:
      result: Failed
      creation_time:
        ge: -24h
  loop:
    - BackupJobSession
    - ReplicaJobSession
    - RestoreSession
  register: failed

- name: The newest run of a job on either backup server, as text in the grammar of the query service
  openbackup.veeam_em.veeam_em_query_info:
    host: em01.example.com
    type: BackupJobSession
    filter: JobName=="Exchange Backup"
    sort: -creation_time
    limit: 1
"""

RETURN = r"""
# generated: begin results
records:
  description:
    - The records that match, an empty list when there are none.
    - Beside these keys each has those of its type, which the info module of the type documents.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: GUID of the object.
      type: str
    uid:
      description: URN of the object.
      type: str
    name:
      description: Name of the object.
      type: str
    type:
      description: Type of the record.
      type: str
      sample: Job
    href:
      description: Address of the object.
      type: str
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
      description: Kind of the failure, one of V(ambiguous_name), V(authentication), V(body), V(connection), V(error), V(filter), V(foreign_task),
        V(interrupted), V(not_found), V(not_started), V(option), V(outcome_unknown), V(permission), V(run_failed), V(server), V(task_failed),
        V(timeout), V(tls), V(unknown_name) or V(wait_timeout).
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

from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.info import read_records
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.lanes import Call, EmModule, Result, run_as_module
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.options import ArgumentSpec, connection_spec, selection_of, selection_spec
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.errors import OptionError
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.query_types import resource_for_query_type


def run(call: Call) -> Result:
    """Return the records of the type. Raises EmError, for a wrong type, filter or sort before anything is sent."""
    resource = resource_for_query_type(call.params["type"])
    selection = selection_of(call.params)
    if resource.key != "uid" and (selection.uids or selection.names or selection.filter or selection.backup_server):
        raise OptionError(
            "A %s has no URN, name or backup server, and the service does not filter it." % resource.title,
            advice="Leave uid, name, filter and backup_server out; id takes its number.",
        )
    return read_records(call, resource, selection, "records")


MODULE = EmModule(ArgumentSpec({"type": {"type": "str", "required": True}}).merge(selection_spec(), connection_spec()), run)


def main() -> None:
    """Run the module lane."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
