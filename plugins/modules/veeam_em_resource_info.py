#!/usr/bin/python

# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: veeam_em_resource_info
short_description: Read any path or link of the Veeam Backup Enterprise Manager REST API
version_added: 0.2.0
description:
  - Returns what a path or a link answers with, in the form that the info module of that kind of thing has. The collection knows from the path, or else
    from the answer, what it is.
  - For links that a record carries, and for what has no module of its own. An answer of a kind that the collection does not know comes with its elements
    in snake_case, all values as text, and with a warning.
  - It only reads. Orders, log-on sessions and paths that lead out of the API are refused before anything is sent.
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
  path:
    description:
      - Paths below C(/api) or whole links, one or several, each with its parameters, such as V(/jobs/9e8d7c6b-5a49-4832-a1b0-c9d8e7f6a5b4/includes).
      - The name of the server in a link does not count, O(host) does. A path of the query service returns all its pages, unless it names one.
      - An id that the server does not know gives no record and no failure, a path that it does not have a failure.
    type: list
    elements: str
    required: true
  format:
    description:
      - Whether to ask for whole entities or for references to them, which hold C(id), C(uid), C(name), C(type) and C(href).
      - Without it the path says it, and where it does not, entities are asked for.
    type: str
    # generated: begin choices format
    choices:
      - entity
      - reference
    # generated: end
notes:
  - Needs the role of whatever is read, as the info module of it says.
  - Secrets such as passwords, and the ids of log-on sessions in addresses, enter no record.
seealso:
  - module: openbackup.veeam_em.veeam_em_query_info
  - module: openbackup.veeam_em.veeam_em_estate_info
"""

EXAMPLES = r"""
- name: What is in a job
  openbackup.veeam_em.veeam_em_resource_info:
    host: em01.example.com
    path: /jobs/9e8d7c6b-5a49-4832-a1b0-c9d8e7f6a5b4/includes
  register: included

- name: A restore point with its links
  openbackup.veeam_em.veeam_em_resource_info:
    host: em01.example.com
    path: /restorePoints/5acac742-ee17-4080-8e89-a6ea67adfcf3
    links: true
  register: point

- name: What the links of the point lead down to
  openbackup.veeam_em.veeam_em_resource_info:
    host: em01.example.com
    path: "{{ point.records[0].links | selectattr('rel', 'equalto', 'Down') | map(attribute='href') }}"
  when: point.records | length > 0
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
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.options import ArgumentSpec, connection_spec, records_spec
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.addresses import address_of
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.anything import read_anything
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.errors import OptionError

FORMATS = ("entity", "reference")


def run(call: Call) -> Result:
    """Return what the paths answer with. Raises EmError, for a path that is none before anything is sent."""
    params = call.params
    limit = params["limit"]
    if limit is not None and limit < 1:
        raise OptionError("The limit is %d." % limit, advice="Give 1 or more, or leave it out for all records.")
    addresses = [address_of(path) for path in params["path"]]
    if params["format"]:
        addresses = [address.with_parameters(format=params["format"]) for address in addresses]
    with call.open_session() as session:
        records = [record for address in addresses for record in read_anything(session, address, params["links"])]
    kept = records if limit is None else records[:limit]
    return {"changed": False, "records": kept, "total": len(records), "truncated": len(kept) < len(records)}


SPEC = ArgumentSpec({"path": {"type": "list", "elements": "str", "required": True}, "format": {"type": "str", "choices": list(FORMATS)}})
MODULE = EmModule(SPEC.merge(records_spec(), connection_spec()), run)


def main() -> None:
    """Run the module lane."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
