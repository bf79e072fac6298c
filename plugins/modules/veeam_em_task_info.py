#!/usr/bin/python

# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: veeam_em_task_info
short_description: Read tasks of Veeam Backup Enterprise Manager
version_added: 0.1.0
description:
  - Returns tasks. A task is an order that Enterprise Manager took, such as to start a job. It lives in the log-on session that made it and nowhere else.
  - A task whose state is V(Finished) says that the order was carried out. What became of the job that was started stands in its job session.

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
  task_id:
    description:
      - Ids of the records to return, one or several. An id that the server does not know gives a failure, because it may belong to
        another log-on session.
    type: list
    elements: str
  filter:
    description:
      - Which records to return. A mapping from fields to what they must be; all of them must hold.
      - A plain value means equal, a list means any of its members; V(eq), V(ne), V(lt), V(le), V(gt) and V(ge) stand in a mapping of
        their own.
      - 'An example is V({state: Finished}).'
      - Times are ISO 8601 and mean UTC unless they carry a zone; V(-24h) or V(-7d) means so long ago.
      - A text is taken as an expression in the grammar of the query service, where a semicolon means and, a comma means or.
      - An example is V(State==Finished).
      - Unknown fields, operators and values are refused before anything is sent.
      - Fields are the following.
      - V(task_id) (text) - Number of the order inside its log-on session, such as task-7; used anew by the next session.
      - V(state) (V(Running), V(OperationFinished) or V(Finished)) - How far the order is; only Finished means that its data is collected.
      - V(operation) (text) - Name of the order, such as StartJob.
    type: raw
  sort:
    description:
      - Field to sort by, one of those that O(filter) knows; a leading minus sorts in descending order, as in V(-task_id).
      - Without it records come in the order of the server.
    type: str
  source:
    description:
      - Where the records are read from.
      - V(collection) reads the whole collection in one answer and filters it in the module; so does V(query) where the account may
        not query.
      - V(query) asks the query service, page by page.
    type: str
    choices:
      - collection
      - query
    default: collection
  # generated: end
notes:
  - Any role in Enterprise Manager will do; what it shows depends on the user's scope.
seealso:
  - module: openbackup.veeam_em.veeam_em_session
  - module: openbackup.veeam_em.veeam_em_task_wait
  - module: openbackup.veeam_em.veeam_em_job_run
"""

EXAMPLES = r"""
- name: Open a log-on session for the tasks that follow
  openbackup.veeam_em.veeam_em_session:
    host: em01.example.com
  register: logon

- name: Start a job and do not wait
  openbackup.veeam_em.veeam_em_job_run:
    host: em01.example.com
    session: "{{ logon.session }}"
    job: File Server Backup
    wait: none
  register: start

- name: Look at the task once
  openbackup.veeam_em.veeam_em_task_info:
    host: em01.example.com
    session: "{{ logon.session }}"
    task_id: "{{ start.task_id }}"
  register: taken

- name: Close the log-on session
  openbackup.veeam_em.veeam_em_session:
    host: em01.example.com
    session: "{{ logon.session }}"
    state: absent
"""

RETURN = r"""
# generated: begin result
tasks:
  description: The tasks that match, an empty list when there are none.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: The same as V(task_id).
      type: str
    uid:
      description: Always null, as tasks have no URN.
      type: str
    name:
      description: Always null, as tasks have no name.
      type: str
    type:
      description: Type of the record.
      type: str
      sample: Task
    href:
      description: Address of the task, as the server writes it.
      type: str
    task_id:
      description: Number of the order inside its log-on session, such as task-7; used anew by the next session.
      type: str
      sample: task-7
    state:
      description:
        - How far the order is; only Finished means that its data is collected.
        - The server sends V(Running), V(OperationFinished) or V(Finished).
      type: str
      sample: Finished
    operation:
      description: Name of the order, such as StartJob.
      type: str
      sample: StartJob
    result:
      description: Outcome of the order, null while it is Running.
      type: dict
      contains:
        success:
          description: Whether the order was carried out; says nothing of the job that was started.
          type: bool
          sample: true
        credentials_needed:
          description: Whether the order stopped because the server wants credentials for it.
          type: bool
        confirmation_needed:
          description: Whether the order waits for a confirmation nobody gave.
          type: bool
        message:
          description: What the server says about the outcome, in its own words.
          type: str
          sample: Job "SQL Server Backup" triggered to start.
    related:
      description: What the order made or touched, such as the job session that a start opened; empty until Finished.
      type: list
      elements: dict
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
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.tasks import TASK

MODULE = info_module(TASK)


def main() -> None:
    """Run the module lane."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
