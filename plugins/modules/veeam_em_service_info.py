#!/usr/bin/python

# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: veeam_em_service_info
short_description: Read what Veeam Backup Enterprise Manager offers and what the account may do there
version_added: 0.2.0
description:
  - Returns the versions of the API that the server supports, and for every area whether the account may read it, which role it needs otherwise, and
    which version of the API.
  - It finds that out by asking little of every area. What is refused is part of the result and no failure.
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
  areas:
    description:
      - Which areas to try, one or several. An empty list tries none and reads the versions only.
    type: list
    elements: str
    # generated: begin choices areas
    choices:
      - agents
      - backups
      - catalog
      - cdp
      - cloud
      - cloud_recovery
      - credentials
      - infrastructure
      - jobs
      - logon_sessions
      - lookup
      - nas
      - query
      - replicas
      - reports
      - restore_points
      - restores
      - security
      - self_service
      - sessions
      - system_sessions
      - tasks
      - vcloud
    default:
      - agents
      - backups
      - catalog
      - cdp
      - cloud
      - cloud_recovery
      - credentials
      - infrastructure
      - jobs
      - logon_sessions
      - lookup
      - nas
      - query
      - replicas
      - reports
      - restore_points
      - restores
      - security
      - self_service
      - sessions
      - system_sessions
      - tasks
      - vcloud
    # generated: end
notes:
  # generated: begin notes
  - Any role in Enterprise Manager will do; what it shows depends on the user's scope.
  - Each area takes one to three small requests; collections that cannot be queried, such as V(system_sessions), come whole.
  - An area works when all that was tried of it was answered; that a server lacks its licence may show as an empty answer.
  # generated: end
seealso:
  - module: openbackup.veeam_em.veeam_em_session
  - module: openbackup.veeam_em.veeam_em_security_account_info
"""

EXAMPLES = r"""
- name: What may this account do
  openbackup.veeam_em.veeam_em_service_info:
    host: em01.example.com
  register: found

- name: Name what it may not do, with the roles that it would need
  ansible.builtin.debug:
    msg: "{{ item.area }} needs {{ item.needs_roles | join(' or ') }}"
  loop: "{{ found.services[0].areas | rejectattr('works') }}"
  loop_control:
    label: "{{ item.area }}"

- name: The versions of the API only
  openbackup.veeam_em.veeam_em_service_info:
    host: em01.example.com
    areas: []
"""

RETURN = r"""
# generated: begin result
services:
  description: The service, as a list of one.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Always null, there is one service only.
      type: str
    uid:
      description: Always null, as services have no URN.
      type: str
    name:
      description: Name of the server, as O(host) says it.
      type: str
    type:
      description: Type of the record.
      type: str
      sample: EnterpriseManager
    href:
      description: Address of the service, as the server writes it.
      type: str
    supported_versions:
      description: Versions of the API that one can log on with, oldest first.
      type: list
      elements: dict
      contains:
        name:
          description: Version as the log-on wants it, such as v1_7.
          type: str
          sample: v1_7
    common_api_version:
      description: Newest version of the API that the server and this collection both know, null without any.
      type: str
      sample: v1_7
    api_version:
      description: Version of the API that the log-on session speaks, null with a shared token, which does not tell.
      type: str
      sample: v1_7
    server_software:
      description: What the server says that it runs on; Enterprise Manager tells no build number anywhere.
      type: str
      sample: Microsoft-HTTPAPI/2.0
    user_name:
      description: Who is logged on, null with a shared token.
      type: str
      sample: EXAMPLE\svc-ansible
    possible_roles:
      description:
        - Roles that the account may have, going by what it was refused.
        - The server sends V(Portal Administrator), V(Portal User), V(VM Restore Operator), V(File Restore Operator), V(Exchange Restore
          Operator), V(Oracle Restore Operator) or V(SQL Restore Operator).
      type: list
      elements: str
      sample:
        - Portal User
    areas:
      description: What was tried and whether it works, in the order of their names.
      type: list
      elements: dict
      contains:
        area:
          description:
            - What was tried.
            - The server sends V(agents), V(backups), V(catalog), V(cdp), V(cloud), V(cloud_recovery), V(credentials), V(infrastructure),
              V(jobs), V(logon_sessions), V(lookup), V(nas), V(query), V(replicas), V(reports), V(restore_points), V(restores), V(security),
              V(self_service), V(sessions), V(system_sessions), V(tasks) or V(vcloud).
          type: str
          sample: jobs
        works:
          description: Whether the account may read it on this server.
          type: bool
          sample: true
        path:
          description: 'What was asked for last: the one that was refused where it does not work.'
          type: str
          sample: /query?type=Job
        status:
          description: HTTP status of the refusal, null where it works or nothing was sent.
          type: int
          sample: 403
        needs_roles:
          description: Roles of which the reference names one as necessary for the path.
          type: list
          elements: str
          sample:
            - Portal Administrator
        needs_api_version:
          description: Version of the API that the area needs and this log-on session does not have, null otherwise.
          type: str
          sample: v1_7
        message:
          description: Why it does not work, null where it does.
          type: str
        offers:
          description: Types of the things that the page of the area leads to.
          type: list
          elements: str
          sample:
            - FileServer
            - NasJob
total:
  description: How many records there are.
  returned: success
  type: int
  sample: 1
truncated:
  description: Always false, as nothing limits how many there are.
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

from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.info import RecordsModule, chosen_records
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.lanes import Call, Result, run_as_module
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.options import ArgumentSpec, connection_spec
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.probes import ACCOUNT_SERVICE, AREAS, read_service
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.selecting import Selection


def run(call: Call) -> Result:
    """Return the one service. Raises EmError for what ends any conversation."""
    with call.open_session() as session:
        return chosen_records(ACCOUNT_SERVICE, [read_service(session, call.params["areas"])], Selection())


SPEC = ArgumentSpec({"areas": {"type": "list", "elements": "str", "choices": list(AREAS), "default": list(AREAS)}})
MODULE = RecordsModule(
    SPEC.merge(connection_spec()),
    run,
    resource=ACCOUNT_SERVICE,
    frame={"id": "Always null, there is one service only.", "name": "Name of the server, as O(host) says it."},
)


def main() -> None:
    """Run the module lane."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
