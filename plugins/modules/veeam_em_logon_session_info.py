#!/usr/bin/python

# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: veeam_em_logon_session_info
short_description: Read who is logged on to Veeam Backup Enterprise Manager
version_added: 0.2.0
description:
  - Returns the open log-on sessions that the account may see.
  - Ids, addresses and links of log-on sessions are as good as their tokens and shown nowhere. A fingerprint tells one from another.
author:
  - Contributors to the openbackup.veeam_em collection (@openbackup)
extends_documentation_fragment:
  - openbackup.veeam_em.attributes
  - openbackup.veeam_em.attributes.reads_only
  - openbackup.veeam_em.attributes.actiongroup_veeam_em
  - openbackup.veeam_em.attributes.lanes
  - openbackup.veeam_em.attributes.async
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
      - 'An example is V({own: false}).'
      - Times are ISO 8601 and mean UTC unless they carry a zone; V(-24h) or V(-7d) means so long ago.
      - A text is taken as an expression in the grammar of the query service, where a semicolon means and, a comma means or.
      - An example is V(own==false).
      - Unknown fields, operators and values are refused before anything is sent.
      - Fields are the following.
      - 'V(fingerprint) (text) - Tells log-on sessions apart and is good for nothing else: the beginning of a hash of the id.'
      - V(user_name) (text) - Who logged on, with the domain.
      - V(own) (V(true) or V(false)) - Whether the module itself spoke in this log-on session.
    type: raw
  sort:
    description:
      - Field to sort by, one of those that O(filter) knows; a leading minus sorts in descending order, as in V(-fingerprint).
      - Without it records come in the order of the server.
    type: str
  # generated: end
  # generated: begin shared limit
  limit:
    description:
      - The most records to return, 1 or more. Without it all records come, however many pages that takes.
      - RV(truncated) tells whether some were left out, RV(total) how many there are.
    type: int
  # generated: end
notes:
  # generated: begin notes
  - Needs the role Portal Administrator in Enterprise Manager.
  # generated: end
seealso:
  - module: openbackup.veeam_em.veeam_em_session
"""

EXAMPLES = r"""
- name: Everybody who is logged on, beside this task itself
  openbackup.veeam_em.veeam_em_logon_session_info:
    host: em01.example.com
    filter:
      own: false
    sort: user_name
  register: others

- name: Whether the number of log-on sessions of one account stays small
  openbackup.veeam_em.veeam_em_logon_session_info:
    host: em01.example.com
    filter:
      user_name: EXAMPLE\svc-ansible
  register: ours
  failed_when: ours.failed | default(false) or ours.total > 20
"""

RETURN = r"""
# generated: begin result
logon_sessions:
  description: The log-on sessions that match, an empty list when there are none.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Fingerprint of the log-on session, as V(fingerprint).
      type: str
    uid:
      description: Always null, as log-on sessions have no URN.
      type: str
    name:
      description: Always null, as log-on sessions have no name.
      type: str
    type:
      description: Type of the record.
      type: str
      sample: LogonSession
    href:
      description: Always null, the address holds the token.
      type: str
    fingerprint:
      description: 'Tells log-on sessions apart and is good for nothing else: the beginning of a hash of the id.'
      type: str
      sample: 9f86d081884c7d65
    user_name:
      description: Who logged on, with the domain.
      type: str
      sample: EXAMPLE\svc-ansible
    own:
      description: Whether the module itself spoke in this log-on session.
      type: bool
      sample: false
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

from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.info import RecordsModule, choosing_options, chosen_records, selection_of
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.lanes import Call, Result, run_as_module
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.options import ArgumentSpec, connection_spec, limit_spec
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.logons import SHOWN_LOGON_SESSION, read_logon_sessions
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.reading import check_selection


def run(call: Call) -> Result:
    """Return the log-on sessions without what is secret of them. Raises EmError."""
    selection = selection_of(call.params, SHOWN_LOGON_SESSION)
    check_selection(SHOWN_LOGON_SESSION, selection)
    with call.open_session() as session:
        return chosen_records(SHOWN_LOGON_SESSION, read_logon_sessions(session), selection)


SPEC = ArgumentSpec({"id": {"type": "list", "elements": "str"}, **choosing_options()})
MODULE = RecordsModule(
    SPEC.merge(limit_spec(), connection_spec()),
    run,
    resource=SHOWN_LOGON_SESSION,
    frame={"id": "Fingerprint of the log-on session, as V(fingerprint).", "href": "Always null, the address holds the token."},
)


def main() -> None:
    """Run the module lane."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
