#!/usr/bin/python

# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: veeam_em_guest_file_info
short_description: List files of a guest in a mount or the catalogue of Veeam Backup Enterprise Manager
version_added: 0.2.0
description:
  - Returns files and folders of a guest, as a restore point holds them. It lists a point that is mounted, or one of the catalogue that is browsed.
  - Neither is seen by another log-on session than the one that ordered it, so that O(session) is necessary.
  - A path that is not there, and a mount that the log-on session does not see, are failures, because the server does not tell them apart for sure.
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
  vm_restore_point:
    description: The restore point of a machine that is mounted, by GUID, URN or name.
    type: str
  vm_replica_point:
    description: The replica point of a machine that is mounted, by GUID, URN or name.
    type: str
  agent_restore_point:
    description: The restore point of an agent that is mounted, by GUID, URN or name.
    type: str
  mount:
    description: Id of the mount, a small number. Only needed where the point is mounted several times.
    type: str
  catalog_vm:
    description: The machine in the catalogue, by its name. Needs O(catalog_restore_point).
    type: str
  catalog_restore_point:
    description: The restore point of O(catalog_vm) that is browsed, by GUID or URN.
    type: str
  path:
    description:
      - Folder to list, from the root of the guest on, as the guest writes it, such as V(C:\\Shares) or V(/etc). Slashes are understood everywhere.
      - Without it the roots of the guest are listed.
    type: str
  depth:
    description: How many levels to list, 1 to 32. V(1) lists what is directly in the folder. Each further folder takes a request.
    type: int
    default: 1
  show:
    description: What to return.
    type: str
    default: all
    # generated: begin choices show
    choices:
      - all
      - files
      - folders
    # generated: end
  # generated: begin selection
  filter:
    description:
      - Which records to return. A mapping from fields to what they must be; all of them must hold.
      - A plain value means equal, a list means any of its members; V(eq), V(ne), V(lt), V(le), V(gt) and V(ge) stand in a mapping of
        their own.
      - 'An example is V({size: {gt: 1073741824}}).'
      - Times are ISO 8601 and mean UTC unless they carry a zone; V(-24h) or V(-7d) means so long ago.
      - A text is taken as an expression in the grammar of the query service, where a semicolon means and, a comma means or.
      - An example is V(Size>1073741824).
      - Unknown fields, operators and values are refused before anything is sent.
      - Fields are the following.
      - V(path) (text) - Full way to it in the guest, as the guest writes it.
      - V(name) (text) - Last part of the way to it.
      - V(is_folder) (V(true) or V(false)) - Whether it is a folder.
      - V(size) (number of bytes) - Length of the file in bytes, null for a folder.
      - V(owner) (text) - Account that owns the file in the guest; empty where it is not known, null for a folder.
      - V(modified_date_utc) (time) - When its content last changed. Time in UTC, null for a folder.
    type: raw
  sort:
    description:
      - Field to sort by, one of those that O(filter) knows; a leading minus sorts in descending order, as in V(-path).
      - Without it records come in the order of V(path).
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
  - Any role in Enterprise Manager will do; what it shows depends on the user's scope.
  # generated: end
seealso:
  - module: openbackup.veeam_em.veeam_em_session
  - module: openbackup.veeam_em.veeam_em_mount_info
  - module: openbackup.veeam_em.veeam_em_catalog_restore_point_info
"""

EXAMPLES = r"""
- name: What is in a folder of a mounted restore point
  openbackup.veeam_em.veeam_em_guest_file_info:
    host: em01.example.com
    session: "{{ logon.session }}"
    vm_restore_point: 5acac742-ee17-4080-8e89-a6ea67adfcf3
    path: C:\Shares
  register: shares

- name: The largest files three levels down, in a point of the catalogue that is browsed
  openbackup.veeam_em.veeam_em_guest_file_info:
    host: em01.example.com
    session: "{{ logon.session }}"
    catalog_vm: srv-files-01
    catalog_restore_point: d6e7f809-1a2b-43c4-8d5e-6f708192a3b4
    path: C:\Shares
    depth: 3
    show: files
    filter:
      size:
        gt: 1000000
    sort: -size
    limit: 10
"""

RETURN = r"""
# generated: begin result
guest_files:
  description: The guest files and folders that match, an empty list when there are none.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Full way to it in the guest, as V(path).
      type: str
    uid:
      description: Always null, as guest files and folders have no URN.
      type: str
    name:
      description: Last part of the way to it.
      type: str
      sample: Budget.xlsx
    type:
      description: Type of the record.
      type: str
      sample: FileEntry
    href:
      description: Address of the guest file or folder, as the server writes it.
      type: str
    path:
      description: Full way to it in the guest, as the guest writes it.
      type: str
      sample: C:\Shares\Budget.xlsx
    is_folder:
      description: Whether it is a folder.
      type: bool
      sample: false
    size:
      description: Length of the file in bytes, null for a folder.
      type: int
      sample: 48211
    owner:
      description: Account that owns the file in the guest; empty where it is not known, null for a folder.
      type: str
    modified_date_utc:
      description: When its content last changed. Time in UTC, null for a folder.
      type: str
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
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.catalogue import CATALOG_VM_RESTORE_POINT
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.guests import (
    GUEST_FILE,
    POINTS,
    SHOWN,
    Guest,
    Listing,
    browsed_guest,
    mounted_guest,
    require_shared,
)
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.reading import check_selection
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.selecting import checked_id
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.session import Session


def run(call: Call) -> Result:
    """Return files and folders. Raises EmError, for what is malformed and without a shared token before anything is sent."""
    params = call.params
    listing = Listing(params["path"] or "", params["depth"], params["show"])
    listing.check()
    selection = selection_of(params, GUEST_FILE)
    check_selection(GUEST_FILE, selection)
    if params["catalog_restore_point"]:
        checked_id(CATALOG_VM_RESTORE_POINT, params["catalog_restore_point"])
    with call.open_session() as session:
        require_shared(session)
        records = list(guest(call, session).entries(listing))
    return chosen_records(GUEST_FILE, records, selection)


def guest(call: Call, session: Session) -> Guest:
    """Return the guest that the options name."""
    if call.params["catalog_vm"]:
        return browsed_guest(session, call.params["catalog_vm"], call.params["catalog_restore_point"])
    (point,) = (point for point in POINTS if call.params[point.thing])
    return mounted_guest(session, point, call.params[point.thing], call.params["mount"] or "")


PLACES = (*(point.thing for point in POINTS), "catalog_vm")
SPEC = ArgumentSpec(
    {
        **{name: {"type": "str"} for name in (*PLACES, "mount", "catalog_restore_point", "path")},
        "depth": {"type": "int", "default": 1},
        "show": {"type": "str", "choices": list(SHOWN), "default": SHOWN[0]},
    },
    mutually_exclusive=(PLACES, ("mount", "catalog_vm")),
    required_one_of=(PLACES,),
    required_together=(("catalog_vm", "catalog_restore_point"),),
)
MODULE = RecordsModule(
    SPEC.merge(ArgumentSpec(choosing_options()), limit_spec(), connection_spec()),
    run,
    resource=GUEST_FILE,
    frame={"id": "Full way to it in the guest, as V(path).", "name": "Last part of the way to it."},
)


def main() -> None:
    """Run the module lane."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
