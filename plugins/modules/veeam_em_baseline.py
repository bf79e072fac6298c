#!/usr/bin/python

# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: veeam_em_baseline
short_description: Take the configuration of Veeam Backup Enterprise Manager as a baseline, and compare with it
version_added: 0.3.0
description:
  - Takes jobs with their schedules, retention and contents, repositories, servers, accounts with their roles, and more, into a file that can be kept
    under version control, and tells later what was added, removed and changed.
  - What changes by itself, such as free space and the time of the next run, is left out, and so are secrets. The order of lists does not count.
author:
  - Contributors to the openbackup.veeam_em collection (@openbackup)
extends_documentation_fragment:
  - openbackup.veeam_em.attributes
  - openbackup.veeam_em.attributes.actiongroup_veeam_em
  - openbackup.veeam_em.attributes.controller_only
  - openbackup.veeam_em.connection
attributes:
  check_mode:
    support: full
    details:
      - The same is read and compared. No file is written.
      - A log-on session of its own is opened and closed in check mode as well.
  diff_mode:
    support: full
    details:
      - It shows what differs from the baseline.
  idempotent:
    support: full
    details:
      - A baseline that says the same already is left alone.
options:
  state:
    description:
      - V(compared) tells what differs from the file, V(taken) writes the file.
      - With V(compared) nothing is written, and the task counts as changed where something differs, as Ansible shows no C(--diff) otherwise.
    type: str
    choices: [compared, taken]
    default: compared
  path:
    description:
      - The baseline file on the controller, in JSON where its name ends in V(.json), in YAML otherwise.
      - One file may hold several servers. Those that are not read now, and kinds that the account may not read, keep what it says of them.
      - Where a kind was lost on the way, no baseline is taken.
    type: path
    required: true
  ignored:
    description:
      - What does not count as a change, as shell patterns of kind and field, such as V(jobs.description) or V(jobs.job_info.*).
    type: list
    elements: str
  limit:
    description:
      - The most changes to return. The difference that C(--diff) shows is whole.
    type: int
    default: 1000
  servers:
    description:
      - Several Enterprise Managers to read one after the other.
      - An option that an entry leaves out is taken from the task, but for O(session).
    type: list
    elements: dict
    # generated: begin servers
    suboptions:
      host:
        description:
          - Name or address of the Enterprise Manager server.
        type: str
        required: true
      port:
        description:
          - As O(port), for this server.
        type: int
      username:
        description:
          - As O(username), for this server.
        type: str
      password:
        description:
          - As O(password), for this server.
        type: str
      session:
        description:
          - As O(session), for this server.
        type: str
      tenant:
        description:
          - As O(tenant), for this server.
        type: bool
      organization:
        description:
          - As O(organization), for this server.
        type: str
      validate_certs:
        description:
          - As O(validate_certs), for this server.
        type: bool
      ca_path:
        description:
          - As O(ca_path), for this server.
        type: path
      client_cert:
        description:
          - As O(client_cert), for this server.
        type: path
      client_key:
        description:
          - As O(client_key), for this server.
        type: path
      use_proxy:
        description:
          - As O(use_proxy), for this server.
        type: bool
      proxy:
        description:
          - As O(proxy), for this server.
        type: str
      no_proxy:
        description:
          - As O(no_proxy), for this server.
        type: str
      connect_timeout:
        description:
          - As O(connect_timeout), for this server.
        type: float
      timeout:
        description:
          - As O(timeout), for this server.
        type: float
      retries:
        description:
          - As O(retries), for this server.
        type: int
      api_version:
        description:
          - As O(api_version), for this server.
        type: str
      wire_format:
        description:
          - As O(wire_format), for this server.
        type: str
        choices:
          - json
          - xml
    # generated: end
  pack:
    description:
      - Evidence pack to read instead of a server, a folder or a C(.tar.gz) file. No connection option is needed.
      - A kind of thing that the pack does not hold is not compared. Packs that M(openbackup.veeam_em.veeam_em_audit) made with C(gather=everything) hold all.
    type: path
  expected_digest:
    description:
      - Digest that was printed and returned when O(pack) was written.
    type: str
notes:
  - An account that is no Portal Administrator cannot read accounts and roles. They are named in RV(not_read) and never look as if they were removed.
seealso:
  - module: openbackup.veeam_em.veeam_em_audit
"""

EXAMPLES = r"""
- name: Take the configuration as it is for right
  openbackup.veeam_em.veeam_em_baseline:
    host: em01.example.com
    state: taken
    path: "{{ lookup('ansible.builtin.env', 'HOME') }}/em01-baseline.yml"

- name: See later what is not as it was
  openbackup.veeam_em.veeam_em_baseline:
    host: em01.example.com
    path: "{{ lookup('ansible.builtin.env', 'HOME') }}/em01-baseline.yml"
    ignored: [jobs.description]
  register: drift

- name: Allow no drift
  ansible.builtin.assert:
    that: not drift.drifted
"""

RETURN = r"""
path:
  description: The baseline file.
  returned: success
  type: str
  sample: /var/lib/audit/em01-baseline.yml
drifted:
  description: Whether something differs from the file as it was.
  returned: success
  type: bool
  sample: true
changes:
  description: What differs.
  returned: success
  type: list
  elements: dict
  contains:
    server:
      description: Enterprise Manager.
      type: str
      sample: em01.example.com:9398
    kind:
      description: Kind of thing in the plural.
      type: str
      sample: jobs
    key:
      description: What the thing is known by, its unique id where it has one.
      type: str
      sample: urn:veeam:Job:1b4d7e2a-3c5f-4a6b-8d9e-0f1a2b3c4d5e
    name:
      description: Its name.
      type: str
      sample: SQL Server Backup
    backup_server:
      description: Backup server that it belongs to, "" for none.
      type: str
      sample: vbr01.example.com
    what:
      description: V(added), V(removed) or V(changed).
      type: str
      sample: changed
    field:
      description: What of it changed, with dots, entries of lists in brackets; "" for the whole.
      type: str
      sample: schedule_enabled
    before:
      description: Value in the baseline, null for none.
      type: raw
      sample: true
    after:
      description: Value now, null for none.
      type: raw
      sample: false
changes_truncated:
  description: Whether O(limit) left changes out.
  returned: success
  type: bool
  sample: false
total:
  description: How many changes there are.
  returned: success
  type: int
  sample: 1
not_read:
  description: Kinds of thing that could not be read, and so were neither compared nor taken.
  returned: success
  type: list
  elements: dict
  contains:
    server:
      description: Enterprise Manager.
      type: str
      sample: em01.example.com:9398
    kind:
      description: Kind in the plural.
      type: str
      sample: security_accounts
    reason:
      description: Why.
      type: str
sha256:
  description: SHA-256 of the configuration in the file.
  returned: success
  type: str
  sample: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
taken_at:
  description: When the configuration in the file was taken, by the clock of the server.
  returned: success
  type: str
  sample: '2026-11-22T06:00:00Z'
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

from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.audit_options import sources_spec
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.baselines import COMPARED, TAKEN, baseline
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.lanes import EmModule, run_as_module
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.options import ArgumentSpec

SPEC = ArgumentSpec(
    {
        "state": {"type": "str", "choices": [COMPARED, TAKEN], "default": COMPARED},
        "path": {"type": "path", "required": True},
        "ignored": {"type": "list", "elements": "str"},
        "limit": {"type": "int", "default": 1000},
    }
)
MODULE = EmModule(SPEC.merge(sources_spec()), baseline, supports_async=False, controller_only=True)


def main() -> None:
    """Say that it runs in the controller only."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
