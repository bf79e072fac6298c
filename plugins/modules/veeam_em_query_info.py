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
      - Known words are V(Task), V(Job), V(ObjectInJob), V(BackupJobSession), V(BackupTaskSession), V(ReplicaJobSession), V(ReplicaTaskSession),
        V(RestoreSession), V(BackupServer), V(Repository), V(ExternalRepository), V(ManagedServer), V(HierarchyRoot), V(WanAccelerator),
        V(Credentials), V(Passwords), V(AgentBackupJob), V(ObjectInAgentBackupJob), V(AgentProtectionGroup), V(DiscoveredComputer),
        V(AgentRestorePoint), V(Backup), V(BackupFile), V(RestorePoint), V(VmRestorePoint), V(VAppRestorePoint), V(CdpPolicy), V(CdpReplicaSession),
        V(CdpReplicaTaskSession), V(CdpReplica), V(CloudTenant), V(CloudSubtenant), V(CloudGateway), V(CloudGatewayPool), V(CloudHardwarePlan),
        V(CloudPublicIpAddress), V(VlanConfiguration), V(CloudFailoverPlan), V(CloudFailoverSession), V(CloudReplica), V(CloudVmReplicaPoint),
        V(NasJob), V(NasObject), V(FileServer), V(Replica), V(VmReplicaPoint), V(VAppReplicaPoint), V(FailoverPlan), V(VSphereSelfServiceConfig)
        and V(VCloudOrganizationConfig).
    type: str
    required: true
  filter:
    description:
      - Which records to return. A mapping from fields to what they must be; all of them must hold.
      - A plain value means equal, a list means any of its members; V(eq), V(ne), V(lt), V(le), V(gt) and V(ge) stand in a mapping of
        their own.
      - 'An example is V({result: [Warning, Failed], creation_time: {ge: -24h}}).'
      - Times are ISO 8601 and mean UTC unless they carry a zone; V(-24h) or V(-7d) means so long ago.
      - A text is taken as an expression in the grammar of the query service, where a semicolon means and, a comma means or.
      - An example is V(Result==Failed).
      - Unknown fields, operators and values are refused before anything is sent.
      - Records of O(type=Task) have the fields V(task_id), V(state) and V(operation).
      - Records of O(type=Job) have the fields V(uid), V(name), V(job_type), V(platform), V(description), V(schedule_configured), V(schedule_enabled),
        V(next_run), V(backup_server_uid) and V(backup_server_name).
      - Records of O(type=ObjectInJob) have the fields V(object_in_job_id), V(name), V(job_uid), V(job_name), V(backup_server_uid) and
        V(backup_server_name).
      - Records of O(type=BackupJobSession) have the fields V(uid), V(name), V(job_uid), V(job_name), V(job_type), V(creation_time),
        V(end_time), V(state), V(result), V(is_retry), V(backup_server_uid) and V(backup_server_name).
      - Records of O(type=BackupTaskSession) have the fields V(uid), V(name), V(vm_display_name), V(job_session_uid), V(creation_time),
        V(end_time), V(state), V(result), V(reason), V(total_size), V(job_uid), V(job_name), V(backup_server_uid) and V(backup_server_name).
      - Records of O(type=ReplicaJobSession) have the fields V(uid), V(name), V(job_uid), V(job_name), V(job_type), V(creation_time),
        V(end_time), V(state), V(result), V(is_retry), V(backup_server_uid) and V(backup_server_name).
      - Records of O(type=ReplicaTaskSession) have the fields V(uid), V(name), V(vm_display_name), V(job_session_uid), V(creation_time),
        V(end_time), V(state), V(result), V(reason), V(total_size), V(job_uid), V(job_name), V(backup_server_uid) and V(backup_server_name).
      - Records of O(type=RestoreSession) have the fields V(uid), V(name), V(vm_display_name), V(job_type), V(creation_time), V(end_time),
        V(state), V(result), V(backup_server_uid) and V(backup_server_name).
      - Records of O(type=BackupServer) have the fields V(uid), V(name), V(description), V(port), V(version) and V(ip_or_dns_name).
      - Records of O(type=Repository) have the fields V(uid), V(name), V(capacity), V(free_space), V(backup_server_uid) and V(backup_server_name).
      - Records of O(type=ExternalRepository) have the fields V(uid) and V(name).
      - Records of O(type=ManagedServer) have the fields V(uid), V(name), V(description) and V(managed_server_type).
      - Records of O(type=HierarchyRoot) have the fields V(uid), V(name), V(unique_id), V(host_type), V(backup_server_uid) and V(backup_server_name).
      - Records of O(type=WanAccelerator) have the fields V(uid), V(name), V(capacity), V(connections_count), V(high_bandwidth_mode_enabled),
        V(backup_server_uid) and V(backup_server_name).
      - Records of O(type=Credentials) have the fields V(credentials_id), V(username), V(description) and V(backup_server_uid).
      - Records of O(type=Passwords) have the fields V(password_key_id), V(hint), V(backup_server_uid) and V(backup_server_name).
      - Records of O(type=AgentBackupJob) have the fields V(uid), V(name), V(job_type), V(platform), V(description), V(schedule_configured),
        V(schedule_enabled), V(backup_server_uid) and V(backup_server_name).
      - Records of O(type=ObjectInAgentBackupJob) have the fields V(object_in_job_id), V(name), V(display_name), V(uid), V(job_uid),
        V(job_name), V(backup_server_uid) and V(backup_server_name).
      - Records of O(type=AgentProtectionGroup) have the fields V(uid), V(name), V(backup_server_uid) and V(backup_server_name).
      - Records of O(type=DiscoveredComputer) have the fields V(uid), V(name), V(agent_version), V(agent_status), V(os_version), V(ip_address),
        V(protection_group_uid), V(protection_group_name), V(backup_server_uid) and V(backup_server_name).
      - Records of O(type=AgentRestorePoint) have the fields V(uid), V(name), V(creation_time), V(algorithm), V(point_type), V(computer_name),
        V(restore_point_id), V(restore_point_name), V(backup_uid), V(backup_name), V(backup_file_uid), V(backup_file_name), V(backup_server_uid)
        and V(backup_server_name).
      - Records of O(type=Backup) have the fields V(uid), V(name), V(platform), V(backup_type), V(job_uid), V(job_name), V(repository_uid)
        and V(repository_name).
      - Records of O(type=BackupFile) have the fields V(uid), V(name), V(backup_size), V(data_size), V(compress_ratio), V(creation_time),
        V(file_type), V(backup_uid), V(backup_name), V(backup_server_uid) and V(backup_server_name).
      - Records of O(type=RestorePoint) have the fields V(uid), V(name), V(creation_time), V(backup_uid), V(backup_name), V(backup_server_uid)
        and V(backup_server_name).
      - Records of O(type=VmRestorePoint) have the fields V(uid), V(name), V(vm_display_name), V(creation_time), V(algorithm), V(point_type),
        V(restore_point_id), V(restore_point_name), V(backup_server_uid) and V(backup_server_name).
      - Records of O(type=VAppRestorePoint) have the fields V(uid), V(name), V(vapp_display_name), V(creation_time), V(algorithm), V(point_type),
        V(restore_point_id), V(backup_server_uid) and V(backup_server_name).
      - Records of O(type=CdpPolicy) have the fields V(uid), V(name), V(description), V(schedule_configured), V(schedule_enabled), V(next_run),
        V(backup_server_uid) and V(backup_server_name).
      - Records of O(type=CdpReplicaSession) have the fields V(uid), V(name), V(policy_uid), V(policy_name), V(creation_time), V(end_time),
        V(state), V(result), V(failure_message), V(backup_server_uid) and V(backup_server_name).
      - Records of O(type=CdpReplicaTaskSession) have the fields V(uid), V(name), V(vm_display_name), V(policy_session_uid), V(creation_time),
        V(end_time), V(state), V(reason), V(total_size), V(policy_session_name), V(backup_server_uid) and V(backup_server_name).
      - Records of O(type=CdpReplica) have the fields V(uid), V(name), V(backup_server_name), V(policy_uid), V(policy_name) and V(backup_server_uid).
      - Records of O(type=CloudTenant) have the fields V(uid), V(name), V(enabled), V(backup_server_uid), V(backup_server_name), V(tenant_type)
        and V(organization_reference).
      - Records of O(type=CloudSubtenant) have the fields V(uid), V(name), V(cloud_tenant_uid), V(cloud_tenant_name), V(disabled), V(unlimited),
        V(quota), V(used_quota), V(backup_resource_id), V(backup_server_uid) and V(backup_server_name).
      - Records of O(type=CloudGateway) have the fields V(uid), V(name), V(enabled), V(description), V(backup_server_uid) and V(backup_server_name).
      - Records of O(type=CloudGatewayPool) have the fields V(uid), V(name), V(description), V(backup_server_uid) and V(backup_server_name).
      - Records of O(type=CloudHardwarePlan) have the fields V(uid), V(name), V(platform), V(backup_server_uid) and V(backup_server_name).
      - Records of O(type=CloudPublicIpAddress) have the fields V(uid), V(name), V(backup_server_uid), V(ip_address), V(tenant_uid),
        V(cloud_tenant_name) and V(backup_server_name).
      - Records of O(type=VlanConfiguration) have the fields V(uid), V(switch_name), V(switch_id), V(cluster_name), V(switch_type),
        V(cluster_ref), V(backup_server_uid) and V(backup_server_name).
      - Records of O(type=CloudFailoverPlan) have the fields V(uid), V(name), V(tenant_uid), V(tenant_name), V(description), V(backup_server_uid)
        and V(backup_server_name).
      - Records of O(type=CloudFailoverSession) have the fields V(uid), V(name), V(job_type), V(creation_time), V(end_time), V(state),
        V(result), V(failure_message), V(backup_server_uid) and V(backup_server_name).
      - Records of O(type=CloudReplica) have the fields V(uid), V(name) and V(platform).
      - Records of O(type=CloudVmReplicaPoint) have the fields V(uid), V(name), V(vm_display_name), V(creation_time), V(vm_name), V(point_type),
        V(state), V(replica_uid), V(replica_name), V(backup_server_uid) and V(backup_server_name).
      - Records of O(type=NasJob) have the fields V(uid), V(name), V(description), V(schedule_configured), V(schedule_enabled), V(next_run),
        V(backup_server_uid) and V(backup_server_name).
      - Records of O(type=NasObject) have the fields V(object_in_job_id), V(file_server_uid), V(name), V(file_server_name), V(job_uid),
        V(job_name), V(backup_server_uid) and V(backup_server_name).
      - Records of O(type=FileServer) have the fields V(uid), V(name), V(backup_server_uid) and V(backup_server_name).
      - Records of O(type=Replica) have the fields V(uid), V(name), V(job_uid), V(job_name), V(repository_uid) and V(repository_name).
      - Records of O(type=VmReplicaPoint) have the fields V(uid), V(name), V(vm_display_name), V(creation_time), V(algorithm), V(point_type),
        V(replica_uid), V(replica_name), V(backup_server_uid) and V(backup_server_name).
      - Records of O(type=VAppReplicaPoint) have the fields V(uid), V(name), V(vapp_display_name), V(creation_time), V(vapp_name), V(algorithm),
        V(point_type), V(replica_uid), V(replica_name), V(backup_server_uid) and V(backup_server_name).
      - Records of O(type=FailoverPlan) have the fields V(uid), V(name), V(description), V(backup_server_uid) and V(backup_server_name).
      - Records of O(type=VSphereSelfServiceConfig) have the fields V(uid), V(name), V(backup_server_uid), V(repository_uid), V(quota_gb),
        V(per_user), V(used_quota_mb), V(job_scheduler_type), V(account_type) and V(backup_server_name).
      - Records of O(type=VCloudOrganizationConfig) have the fields V(uid), V(name), V(backup_server_uid), V(repository_uid), V(quota_gb),
        V(is_disabled), V(used_quota_mb), V(host_uid), V(repository_friendly_name), V(job_scheduler_type) and V(backup_server_name).
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
  - Which role may query what the reference says for few types only. Count on the roles that the info module of the type names; a Portal User may query
    V(Job) as well, whose collection needs Portal Administrator.
  - Tasks are known only in the log-on session that made them, so that V(Task) finds something with O(session) only.
  # generated: begin type_notes
  - The types V(NasJob), V(NasObject) and V(FileServer) need version v1_5 of the API, which Enterprise Manager has from version 10 on.
  - The types V(CdpPolicy), V(CdpReplicaSession), V(CdpReplicaTaskSession), V(CdpReplica) and V(VAppReplicaPoint) need version v1_6
    of the API, which Enterprise Manager has from version 11 on.
  - V(Job) - The collection, and what lies below a job, need the role Portal Administrator; queries are open to a Portal User, too.
  - V(ObjectInJob) - What is in a CDP policy has this form, too, and no job; it is found below its policy only.
  - V(ExternalRepository) - Queries filter by name and URN only.
  - V(CloudTenant) - The reference names Portal Administrator alone for queries. Where another role is refused, the collection is read
    instead; fields that are only for filters cannot be used then.
  - V(CloudSubtenant) - The reference names Portal Administrator alone for queries. Where another role is refused, the collection is
    read instead; fields that are only for filters cannot be used then.
  - V(CloudGateway) - The reference names Portal Administrator alone for queries. Where another role is refused, the collection is read
    instead; fields that are only for filters cannot be used then.
  - V(CloudHardwarePlan) - The reference names Portal Administrator alone for queries. Where another role is refused, the collection
    is read instead; fields that are only for filters cannot be used then.
  - V(CloudPublicIpAddress) - The reference names Portal Administrator alone for queries. Where another role is refused, the collection
    is read instead; fields that are only for filters cannot be used then.
  - V(VlanConfiguration) - The reference names Portal Administrator alone for queries. Where another role is refused, the collection
    is read instead; fields that are only for filters cannot be used then.
  - V(CloudFailoverPlan) - The reference names Portal Administrator alone for queries. Where another role is refused, the collection
    is read instead; fields that are only for filters cannot be used then.
  - V(CloudFailoverSession) - The collection holds the last 30 days only.
  - V(CloudFailoverSession) - The reference names Portal Administrator alone for queries. Where another role is refused, the collection
    is read instead; fields that are only for filters cannot be used then.
  - V(CloudReplica) - The reference names Portal Administrator alone for queries. Where another role is refused, the collection is read
    instead; fields that are only for filters cannot be used then.
  - V(CloudVmReplicaPoint) - The reference names Portal Administrator alone for queries. Where another role is refused, the collection
    is read instead; fields that are only for filters cannot be used then.
  - V(VCloudOrganizationConfig) - Only the built-in configuration for all other organizations can be disabled.
  # generated: end
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
    - CloudFailoverSession
  register: failed

- name: The newest run of a job on either backup server, as text in the grammar of the query service
  openbackup.veeam_em.veeam_em_query_info:
    host: em01.example.com
    type: BackupJobSession
    filter: JobName=="Exchange Backup"
    sort: -creation_time
    limit: 1

- name: Every object of every job of one name, whichever kind of thing it is
  openbackup.veeam_em.veeam_em_query_info:
    host: em01.example.com
    type: ObjectInJob
    filter:
      job_name: Exchange Backup

- name: What this log-on session has ordered so far
  openbackup.veeam_em.veeam_em_query_info:
    host: em01.example.com
    session: "{{ logon.session }}"
    type: Task
    filter:
      state: Running
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

from dataclasses import replace

from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.info import choosing_options, read_records, selection_of
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.lanes import Call, EmModule, Result, run_as_module
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.options import ArgumentSpec, connection_spec, records_spec
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.query_types import resource_for_query_type

SEVERAL = {"type": "list", "elements": "str"}


def run(call: Call) -> Result:
    """Return the records of the type. Raises EmError, for a wrong type, filter or sort before anything is sent."""
    resource = resource_for_query_type(call.params["type"])
    return read_records(call, resource, replace(selection_of(call.params, resource), source="query"), "records")


SPEC = ArgumentSpec({"type": {"type": "str", "required": True}, "id": SEVERAL, "uid": SEVERAL, "name": SEVERAL, "backup_server": {"type": "str"}})
MODULE = EmModule(SPEC.merge(ArgumentSpec(choosing_options()), records_spec(), connection_spec()), run)


def main() -> None:
    """Run the module lane."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
