#!/usr/bin/python

# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: veeam_em_estate_info
short_description: Read many collections of Veeam Backup Enterprise Manager at once
version_added: 0.2.0
description:
  - Reads whole collections side by side in one log-on session and returns their records, or writes them to a file, one a line.
  - A kind of thing that cannot be read, because the account may not or the server fails, does not stop the others. It is named in a warning and in
    RV(subsets).
  - The records are those of the info modules. One kind alone is easier read by its own module, which can filter and sort.
author:
  - Contributors to the openbackup.veeam_em collection (@openbackup)
extends_documentation_fragment:
  - openbackup.veeam_em.attributes
  - openbackup.veeam_em.attributes.actiongroup_veeam_em
  - openbackup.veeam_em.attributes.lanes
  - openbackup.veeam_em.attributes.async
  - openbackup.veeam_em.connection
attributes:
  check_mode:
    support: full
    details:
      - The same is read, so that counts and failures are those of a real run. With O(dest) no file is written, O(expand) follows no references, and the
        result says how many records would have been written.
      - A log-on session of its own is opened and closed in check mode as well.
  diff_mode:
    support: none
    details:
      - The file of O(dest) is too large to be compared.
  idempotent:
    support: partial
    details:
      - Without O(dest) it changes nothing. With O(dest) the file is written anew each time, as an estate is never the same twice.
options:
  # generated: begin estate
  subset:
    description:
      - What to read, by families, by single kinds, in the plural as here or as the info modules spell it (V(backup_session)), or V(all).
      - A leading exclamation mark leaves out a kind or family, as in V(!catalog). Exclusions alone are taken from V(all).
      - A word that is both a family and a kind, such as V(jobs), means the family; the singular, V(job), means the kind.
      - Family V(jobs) - V(jobs) and V(objects_in_job).
      - Family V(sessions) - V(backup_sessions), V(backup_task_sessions), V(replica_sessions), V(replica_task_sessions) and V(restore_sessions).
      - Family V(infrastructure) - V(backup_servers), V(repositories), V(external_repositories), V(managed_servers), V(hierarchy_roots),
        V(wan_accelerators), V(credentials) and V(encryption_passwords).
      - Family V(agents) - V(agent_jobs), V(objects_in_agent_job), V(protection_groups), V(discovered_computers) and V(agent_restore_points).
      - Family V(backups) - V(backups), V(backup_files), V(restore_points), V(vm_restore_points) and V(vapp_restore_points).
      - Family V(catalog) - V(catalog_vms).
      - Family V(cdp) - V(cdp_policies), V(cdp_replica_sessions), V(cdp_replica_task_sessions), V(cdp_replicas) and V(vapp_cdp_replicas).
      - Family V(cloud) - V(cloud_tenants), V(cloud_subtenants), V(cloud_gateways), V(cloud_gateway_pools), V(cloud_hardware_plans),
        V(cloud_public_ips), V(cloud_vlans), V(cloud_failover_plans), V(cloud_failover_sessions), V(cloud_replicas) and V(cloud_vm_replica_points).
      - Family V(nas) - V(nas_jobs), V(nas_objects) and V(file_servers).
      - Family V(replicas) - V(replicas), V(vm_replica_points), V(vapp_replica_points) and V(failover_plans).
      - Family V(reports) - V(overview_reports), V(vms_overview_reports), V(job_statistics_reports), V(processed_vms_reports) and V(repository_reports).
      - Family V(security) - V(security_accounts) and V(security_roles).
      - Family V(self_service) - V(vsphere_self_service_configs).
      - Family V(service) - V(services) and V(system_sessions).
      - Family V(vcloud) - V(vcloud_org_configs).
      - The following take a request for each object that they lie below and are read only when named one by one - V(linked_jobs) (below
        each job), V(linked_backup_repositories) (below each job), V(catalog_restore_points) (below each catalogue machine), V(cdp_replica_vms)
        (below each CDP replica), V(vapp_cdp_replica_vms) (below each vApp CDP replica), V(cloud_tenant_resources) (below each tenant
        account), V(cloud_tenant_compute_resources) (below each tenant account), V(cloud_tenant_vcloud_compute_resources) (below each
        tenant account), V(cloud_tenants_free_license_counters) (below each tenant account), V(cloud_failovered_vms) (below each cloud
        failover plan), V(vm_restore_point_mounts) (below each machine restore point), V(vm_replica_point_mounts) (below each machine
        replica point), V(agent_restore_point_mounts) (below each agent restore point), V(security_account_roles) (below each security
        account), V(security_account_scopes) (below each security account), V(vsphere_self_service_jobs_settings) (below each vSphere
        self-service configuration), V(system_session_events) (below each system session) and V(vcloud_backup_jobs_settings) (below
        each vCloud organization configuration).
      - Unknown words are refused before anything is sent.
    type: list
    elements: str
    default:
      - all
  since:
    description:
      - Only sessions that began at this time or later. Other kinds come whole, restore points too.
      - ISO 8601, UTC unless it carries a zone; V(-24h) or V(-7d) means so long ago.
      - Sessions are V(backup_sessions), V(backup_task_sessions), V(replica_sessions), V(replica_task_sessions), V(restore_sessions),
        V(cdp_replica_sessions), V(cdp_replica_task_sessions), V(cloud_failover_sessions) and V(system_sessions).
    type: raw
  # generated: end
  fields:
    description:
      - 'Keys of the records to keep, as a list for all kinds or as a mapping from kinds to lists, such as V({jobs: [name, next_run]}).'
      - A kind that the mapping does not name keeps all. V(id), V(uid) and V(type) are always kept.
      - A list for all kinds may name fields that only some kinds have. A field that no kind has is refused before anything is sent.
      - The info module of a kind documents its fields.
    type: raw
  limit:
    description:
      - The most records to return of each kind, 1 or more, in the order in which the info module of the kind returns them.
      - Without it all records come, however many pages that takes.
    type: int
  links:
    description:
      - Whether each record carries the raw links of the server in V(links).
    type: bool
    default: false
  expand:
    description:
      - How deep references are followed, from V(0) to V(5). With V(1) each reference carries the record that it leads to in a key V(record), with V(2) the
        references of that record carry theirs, and so on.
      - The V(record) is null where the target is gone or may not be read. A reference that leads back to a record it stands in stays as it is, without
        V(record), and so does one to a thing without GUID.
      - What O(subset) and O(since) have read is not read again. Other targets are read by id, 20 with one request and each once, so name the kinds that are
        referred to a lot in O(subset).
      - O(fields) holds for the targets as well.
    type: int
    default: 0
  dest:
    description:
      - File to write the records to, on the machine where the task runs. Each line is a JSON object with the keys V(kind), the kind in the plural, and
        V(record). Lines come in the order of the answers, the kinds mixed.
      - The records are then not part of the result. Memory stays the same however large the estate is; with O(expand) it grows by some 300 bytes a record.
      - The folder has to be there. The file is written beside its place and moved there when it is complete, with mode 0600. On any failure nothing of it is
        left, and a file that was there before is untouched.
    type: path
  compress:
    description:
      - How the file of O(dest) is compressed.
    type: str
    choices: [none, gzip]
    default: none
  workers:
    description:
      - How many requests are under way at a time, from V(1) to V(16).
      - More helps where the server is far away or thinks long. It does not make the decoding of many records faster, and burdens the server.
    type: int
    default: 4
notes:
  - Roles and scope of the account decide what it sees; the info module of each kind names the roles that it needs.
  - What the query service does not know, such as accounts and system sessions, comes in one answer and is held in memory while it is decoded.
  - When the process is killed outright while it writes O(dest), an unfinished file is left beside its place, whose name begins with a dot and ends in V(.part).
seealso:
  - module: openbackup.veeam_em.veeam_em_query_info
  - module: openbackup.veeam_em.veeam_em_job_info
"""

EXAMPLES = r"""
- name: All that an overview needs, in one log-on session
  openbackup.veeam_em.veeam_em_estate_info:
    host: em01.example.com
    subset: [jobs, repositories, backup_sessions]
    since: -24h
    fields:
      backup_sessions: [name, job_name, result, end_time]
  register: overview

- name: Jobs whose last day was not all right
  ansible.builtin.debug:
    msg: "{{ overview.estate.backup_sessions | rejectattr('result', 'in', ['Success', 'None']) | map(attribute='job_name') | unique }}"

- name: The whole estate as evidence, but for the catalog of guest files
  openbackup.veeam_em.veeam_em_estate_info:
    host: em01.example.com
    subset: [all, "!catalog"]
    since: -30d
    dest: "{{ lookup('ansible.builtin.env', 'HOME') }}/estate.jsonl.gz"
    compress: gzip
  register: evidence

- name: Evidence that lacks something is none
  ansible.builtin.assert:
    that: evidence.subsets | selectattr('error') | length == 0

- name: Virtual machine restore points with their backups and repositories in place
  openbackup.veeam_em.veeam_em_estate_info:
    host: em01.example.com
    subset: [vm_restore_point, restore_point, backup]
    expand: 3
"""

RETURN = r"""
estate:
  description:
    - The records, a list for each kind that was read, under the kind in the plural. A kind without records has an empty list.
    - Their keys are those that the info module of the kind documents. What lies below one object only carries a reference to that object too.
  returned: success without O(dest)
  type: dict
  sample: {backup_servers: [{id: 5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11, name: vbr01.example.com, type: BackupServer}]}
subsets:
  description: What came of each kind, in the order of the kinds. Part of a failure too when none could be read.
  returned: success
  type: list
  elements: dict
  contains:
    kind:
      description: Kind in the plural.
      type: str
      sample: backup_sessions
    records:
      description: How many records were read.
      type: int
      sample: 233
    requests:
      description: How many requests that took, repetitions included.
      type: int
      sample: 1
    seconds:
      description: Time that the requests and the decoding of their answers took, added up. Those of several kinds overlap.
      type: float
      sample: 0.35
    truncated:
      description: Whether records are missing, because of O(limit) or of a failure. Those that came before a failure are kept.
      type: bool
      sample: false
    error:
      description: Why the kind could not be read whole, null where it could.
      type: dict
      contains:
        msg:
          description: The failure in sentences.
          type: str
        kind:
          description: Kind of the failure, as in RV(error.kind).
          type: str
          sample: permission
        method:
          description: Method of the request that failed.
          type: str
          sample: GET
        path:
          description: Path of the request that failed.
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
total:
  description: How many records were read in all.
  returned: success
  type: int
  sample: 2211
followed:
  description: What following references took beside that, null without O(expand).
  returned: success
  type: dict
  contains:
    records:
      description: How many records were read because a reference leads to them.
      type: int
      sample: 12
    requests:
      description: How many requests that took.
      type: int
      sample: 3
    missing:
      description: How many records that references lead to could not be had.
      type: int
      sample: 0
file:
  description: The file that was written, or would be in check mode.
  returned: success with O(dest)
  type: dict
  contains:
    path:
      description: Where it is, links in O(dest) followed.
      type: str
      sample: /var/lib/audit/estate.jsonl.gz
    size:
      description: Its size in bytes, null in check mode.
      type: int
      sample: 1048576
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

from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.estate import estate
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.lanes import EmModule, run_as_module
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.options import ArgumentSpec, connection_spec, records_spec
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.estate_plan import ALL
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.parallel import DEFAULT_WORKERS

SPEC = ArgumentSpec(
    {
        "subset": {"type": "list", "elements": "str", "default": [ALL]},
        "since": {"type": "raw"},
        "fields": {"type": "raw"},
        "expand": {"type": "int", "default": 0},
        "dest": {"type": "path"},
        "compress": {"type": "str", "choices": ["none", "gzip"], "default": "none"},
        "workers": {"type": "int", "default": DEFAULT_WORKERS},
    }
)
MODULE = EmModule(SPEC.merge(records_spec(), connection_spec()), estate)


def main() -> None:
    """Run the module lane."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
