#!/usr/bin/python

# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: veeam_em_session
short_description: Open or close a log-on session of Veeam Backup Enterprise Manager
version_added: 0.1.0
description:
  - Opens a log-on session that several tasks share by its token, or closes it.
  - Sharing is needed wherever a task of Enterprise Manager travels from one Ansible task to the next, because the server knows it only in the log-on session
    that made it. It also keeps the list of log-on sessions on the server short.
  - A log-on session that nobody closes ends by itself after 15 idle minutes.
author:
  - Contributors to the openbackup.veeam_em collection (@openbackup)
extends_documentation_fragment:
  - openbackup.veeam_em.attributes
  - openbackup.veeam_em.attributes.actiongroup_veeam_em
  - openbackup.veeam_em.attributes.lanes
  - openbackup.veeam_em.attributes.no_async
  - openbackup.veeam_em.connection
attributes:
  check_mode:
    support: full
    details:
      - A log-on session is opened and closed in check mode as well, so that the tasks between can read. It is no change of the server's configuration.
  diff_mode:
    support: N/A
    details:
      - It changes nothing that could be compared.
  idempotent:
    support: partial
    details:
      - With O(state=present) every run opens a new log-on session. With O(state=absent) a log-on session that is gone already is fine.
      - A log-on session does not count as a change; C(changed) is always V(false).
options:
  state:
    description:
      - V(present) logs on with O(username) and O(password); O(session) is not looked at.
      - V(absent) logs out the log-on session whose token is in O(session).
    type: str
    choices:
      - present
      - absent
    default: present
notes:
  - The result of a successful log-on is kept out of the output, with any verbosity, and its registered variable can be used as always.
    A later C(debug) or C(set_fact) of that variable shows what it is given.
  - C(async) is refused, because it would leave the token in a file.
seealso:
  - module: openbackup.veeam_em.veeam_em_job_run
  - module: openbackup.veeam_em.veeam_em_task_wait
"""

EXAMPLES = r"""
- name: Log on once
  openbackup.veeam_em.veeam_em_session:
    host: em01.example.com
    username: EXAMPLE\operator
    password: "{{ vault_em_password }}"
  register: logon

- name: Use the log-on session in a block and close it whatever happens
  module_defaults:
    group/openbackup.veeam_em.veeam_em:
      host: em01.example.com
      session: "{{ logon.session }}"
  block:
    - name: Start the job
      openbackup.veeam_em.veeam_em_job_run:
        job: SQL Server Backup
        wait: none
      register: start

    - name: Wait until the run has ended
      openbackup.veeam_em.veeam_em_task_wait:
        task_id: "{{ start.task_id }}"
        follow: true
        job: SQL Server Backup
        since: "{{ start.since }}"
  always:
    - name: Log out
      openbackup.veeam_em.veeam_em_session:
        state: absent
"""

RETURN = r"""
session:
  description:
    - Token of the log-on session, for the option O(session) of the other modules. A secret.
  returned: success, with O(state=present)
  type: str
session_id:
  description: Id of the log-on session, which is part of its address on the server. Whoever knows it can work out the token.
  returned: success, with O(state=present)
  type: str
user_name:
  description: Name of the account as the server knows it.
  returned: success, with O(state=present)
  type: str
  sample: EXAMPLE\operator
api_version:
  description: Version of the API that the log-on session speaks.
  returned: success, with O(state=present)
  type: str
  sample: v1_7
server:
  description: Address of the server that the log-on session belongs to.
  returned: success
  type: str
  sample: https://em01.example.com:9398
ended:
  description: Whether the log-on session was still there to be closed.
  returned: success, with O(state=absent)
  type: bool
  sample: true
# generated: begin failure
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

from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.lanes import Call, EmModule, Result, run_as_module
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.options import ArgumentSpec, connection_spec
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.errors import OptionError
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.session import Session


def run(call: Call) -> Result:
    """Open or close a log-on session. Raises EmError."""
    return _close(call) if call.params["state"] == "absent" else _open(call)


def _open(call: Call) -> Result:
    with call.open_session(session="") as session:
        logon = session.log_on()
        result = {
            "changed": False,
            "session": logon.token,
            "session_id": logon.session_id,
            "user_name": logon.user_name,
            "api_version": logon.api_version,
            "server": _server(session),
        }
        session.keep()
    return result


def _close(call: Call) -> Result:
    if not call.params["session"]:
        raise OptionError(
            "There is no token of the log-on session to close.",
            advice="Set the option session (VEEAM_EM_SESSION) to the value session that veeam_em_session returned.",
        )
    with call.open_session() as session:
        return {"changed": False, "ended": session.end(), "server": _server(session)}


def _server(session: Session) -> str:
    return session.options.base_url.rpartition("/")[0]


MODULE = EmModule(
    ArgumentSpec({"state": {"type": "str", "choices": ["present", "absent"], "default": "present"}}).merge(connection_spec()),
    run,
    supports_async=False,
    result_is_secret=True,
)


def main() -> None:
    """Run the module lane."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
