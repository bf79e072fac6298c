#!/usr/bin/python

# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: veeam_em_lookup_info
short_description: Look up objects of virtualization hosts in Veeam Backup Enterprise Manager
version_added: 0.2.0
description:
  - Returns objects of the virtualization hosts that Enterprise Manager knows, such as machines, folders, clusters and tags, with the references that
    jobs, restores and scopes name them by.
  - Finds them on hosts by name and type, or by reference, and tells which machines containers hold.
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
  hierarchy_root:
    description:
      - Virtualization hosts to look on, one or several, each by GUID, URN or name as M(openbackup.veeam_em.veeam_em_hierarchy_root_info) returns them.
      - Without it all of them. A host that the server does not know gives no record and no failure.
    type: list
    elements: str
  name:
    description:
      - Names of the objects, one or several. The service knows whole names only, and V(*) for all; without it all.
    type: list
    elements: str
  type:
    description: Type of the objects. Which types there are depends on the platform of the host.
    type: str
    default: Vm
    # generated: begin choices type
    choices:
      - Vm
      - Host
      - Cluster
      - Template
      - VirtualApp
      - Vc
      - Datacenter
      - Folder
      - Datastore
      - ComputeResource
      - ResourcePool
      - Tag
      - Category
      - StoragePod
      - VcdSystem
      - Organization
      - OrgVdc
      - Vapp
      - VappTemplate
      - VmTemplate
      - Scvmm
      - HostGroup
      - VmGroup
    # generated: end
  hierarchy_ref:
    description:
      - References of the objects, one or several, instead of O(hierarchy_root) and O(name); O(type) does not count then.
    type: list
    elements: str
  expand:
    description:
      - Whether to return the machines in what was found instead of what was found, each machine once, at any depth.
      - That the service tells what a container holds is not in the reference. A container of which it does not is listed in
        RV(not_expanded), with a warning; only whole hosts are always told.
    type: bool
    default: false
  # generated: begin selection
  filter:
    description:
      - Which records to return. A mapping from fields to what they must be; all of them must hold.
      - A plain value means equal, a list means any of its members; V(eq), V(ne), V(lt), V(le), V(gt) and V(ge) stand in a mapping of
        their own.
      - 'An example is V({object_type: Vm}).'
      - Times are ISO 8601 and mean UTC unless they carry a zone; V(-24h) or V(-7d) means so long ago.
      - A text is taken as an expression in the grammar of the query service, where a semicolon means and, a comma means or.
      - An example is V(ObjectType==Vm).
      - Unknown fields, operators and values are refused before anything is sent.
      - Fields are the following.
      - V(object_ref) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the object in its hierarchy, which jobs and restores
        refer to.
      - V(object_type) (V(VM), V(Vm), V(Host), V(Cluster), V(Template), V(VirtualApp), V(Vc), V(Datacenter), V(Folder), V(Datastore),
        V(ComputeResource), V(ResourcePool), V(Tag), V(Category), V(StoragePod), V(VcdSystem), V(Organization), V(OrgVdc), V(Vapp),
        V(VappTemplate), V(VmTemplate), V(Scvmm), V(HostGroup) or V(VmGroup)) - What sort of object it is, in the word of its platform.
      - V(object_name) (text) - What the hypervisor calls the object.
    type: raw
  sort:
    description:
      - Field to sort by, one of those that O(filter) knows; a leading minus sorts in descending order, as in V(-object_ref).
      - Without it records come in the order of the server.
    type: str
  # generated: end
notes:
  # generated: begin notes
  - Needs one of the roles Portal Administrator or File Restore Operator in Enterprise Manager; what it shows depends on the user's
    scope.
  # generated: end
seealso:
  - module: openbackup.veeam_em.veeam_em_hierarchy_root_info
  - module: openbackup.veeam_em.veeam_em_job_info
"""

EXAMPLES = r"""
- name: The reference of a machine, wherever it runs
  openbackup.veeam_em.veeam_em_lookup_info:
    host: em01.example.com
    name: srv-sql-01
  register: machine

- name: All tags of one vCenter
  openbackup.veeam_em.veeam_em_lookup_info:
    host: em01.example.com
    hierarchy_root: vcenter01.example.com
    type: Tag

- name: The machines in a folder, as a job would back them up
  openbackup.veeam_em.veeam_em_lookup_info:
    host: em01.example.com
    type: Folder
    name: Production
    expand: true
    sort: object_name
"""

RETURN = r"""
# generated: begin result
hierarchy_items:
  description: The hierarchy items that match, an empty list when there are none.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Reference of the object, as V(object_ref).
      type: str
    uid:
      description: Always null, as hierarchy items have no URN.
      type: str
    name:
      description: Always null, as hierarchy items have no name.
      type: str
    type:
      description: Type of the record.
      type: str
      sample: HierarchyItem
    href:
      description: Always null, a hierarchy item has no address.
      type: str
    object_ref:
      description: URN of the object in its hierarchy, which jobs and restores refer to.
      type: str
      sample: urn:VMware:Vm:0d9e8f76-5432-410f-8edc-ba98765a4b3c.vm-1036
    object_type:
      description:
        - What sort of object it is, in the word of its platform.
        - The server sends V(VM), V(Vm), V(Host), V(Cluster), V(Template), V(VirtualApp), V(Vc), V(Datacenter), V(Folder), V(Datastore),
          V(ComputeResource), V(ResourcePool), V(Tag), V(Category), V(StoragePod), V(VcdSystem), V(Organization), V(OrgVdc), V(Vapp),
          V(VappTemplate), V(VmTemplate), V(Scvmm), V(HostGroup) or V(VmGroup).
      type: str
      sample: Vm
    object_name:
      description: What the hypervisor calls the object.
      type: str
      sample: srv-sql-01
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
not_expanded:
  description: References of the containers of which the server does not tell what they hold; empty without O(expand=true).
  returned: success
  type: list
  elements: str
  sample: []
"""

from typing import Any, Dict, List

from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.info import RecordsModule, choosing_options, chosen_records, selection_of
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.lanes import Call, Result, run_as_module
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.options import ArgumentSpec, connection_spec, records_spec
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.service import HIERARCHY_ITEM, HIERARCHY_OBJECT_TYPES
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.hierarchy import (
    ANY_NAME,
    MACHINE,
    check_reference,
    expand,
    objects_at_references,
    objects_on_hosts,
)
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.reading import check_selection
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.session import Session

SEVERAL = {"type": "list", "elements": "str"}


def run(call: Call) -> Result:
    """Return the objects, or the machines in them. Raises EmError, for a malformed reference or filter before anything is sent."""
    selection = selection_of({**call.params, "name": None}, HIERARCHY_ITEM)
    check_selection(HIERARCHY_ITEM, selection)
    for reference in call.params["hierarchy_ref"] or ():
        check_reference(reference)
    unknown = []
    with call.open_session() as session:
        records = found_objects(call, session)
        if call.params["expand"]:
            expansion = expand(session, [record["object_ref"] for record in records])
            records, unknown = expansion.machines, expansion.unknown
    if unknown:
        call.warn("The server does not tell what %d of the containers hold; not_expanded names them." % len(unknown))
    return {**chosen_records(HIERARCHY_ITEM, records, selection), "not_expanded": unknown}


def found_objects(call: Call, session: Session) -> List[Dict[str, Any]]:
    """Return the objects that the options name."""
    params = call.params
    if params["hierarchy_ref"]:
        return objects_at_references(session, params["hierarchy_ref"], params["links"])
    return objects_on_hosts(session, params["hierarchy_root"] or (), params["name"] or (ANY_NAME,), params["type"], params["links"])


SPEC = ArgumentSpec(
    {
        "hierarchy_root": SEVERAL,
        "name": SEVERAL,
        # Case does not matter to the service, so that one of VM and Vm is enough.
        "type": {"type": "str", "default": MACHINE, "choices": [kind for kind in HIERARCHY_OBJECT_TYPES if kind != MACHINE.upper()]},
        "hierarchy_ref": SEVERAL,
        "expand": {"type": "bool", "default": False},
    },
    mutually_exclusive=(("hierarchy_ref", "hierarchy_root"), ("hierarchy_ref", "name")),
)
MODULE = RecordsModule(
    SPEC.merge(ArgumentSpec(choosing_options()), records_spec(), connection_spec()),
    run,
    resource=HIERARCHY_ITEM,
    frame={"href": "Always null, a hierarchy item has no address.", "id": "Reference of the object, as V(object_ref)."},
)


def main() -> None:
    """Run the module lane."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
