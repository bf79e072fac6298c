#!/usr/bin/python

# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: veeam_em_job_session_wait
short_description: Wait for a job session of Veeam Backup Enterprise Manager
version_added: 0.1.0
description:
  - Waits until a job session, which is one run of a job, has ended, and returns what happened to every machine.
  - Job sessions are known in every log-on session, so this works in another play, another process, another day.
  - The job session is named by O(uid), or it is the first one of O(job) or O(job_uid) since O(since).
  - Prints a line whenever something moves, when it runs in the controller.
author:
  - Contributors to the openbackup.veeam_em collection (@openbackup)
extends_documentation_fragment:
  - openbackup.veeam_em.attributes
  - openbackup.veeam_em.attributes.reads_only
  - openbackup.veeam_em.attributes.actiongroup_veeam_em
  - openbackup.veeam_em.attributes.lanes
  - openbackup.veeam_em.attributes.async
  - openbackup.veeam_em.wait
  - openbackup.veeam_em.wait.which_job
  - openbackup.veeam_em.wait.retries
  - openbackup.veeam_em.connection
options:
  uid:
    description:
      - URN or GUID of the job session. One of O(uid), O(job) and O(job_uid) is required.
      - In check mode all may be empty, as they are after a start that was only predicted; the module says so and waits for nothing.
    type: str
  job:
    description:
      - Name of the job whose run is waited for.
    type: str
  job_uid:
    description:
      - URN or GUID of the job whose run is waited for. Not together with O(job).
    type: str
  since:
    description:
      - Time from which runs of the job count, in UTC unless it carries a zone. V(-15m) means so long ago. Needed with O(job) and O(job_uid).
      - What M(openbackup.veeam_em.veeam_em_job_run) returns in RV(openbackup.veeam_em.veeam_em_job_run#module:since) leads to the run that it started.
    type: str
seealso:
  - module: openbackup.veeam_em.veeam_em_job_run
  - module: openbackup.veeam_em.veeam_em_task_wait
  - module: openbackup.veeam_em.veeam_em_backup_session_info
"""

EXAMPLES = r"""
- name: Start the job and come back later
  openbackup.veeam_em.veeam_em_job_run:
    host: em01.example.com
    job: SQL Server Backup
    wait: task
  register: start

- name: Wait for that run, automatic retries included
  openbackup.veeam_em.veeam_em_job_session_wait:
    host: em01.example.com
    job_uid: "{{ start.job.uid }}"
    since: "{{ start.since }}"
    follow_retries: true
    wait_timeout: 14400

- name: Backups that are running now
  openbackup.veeam_em.veeam_em_backup_session_info:
    host: em01.example.com
    filter:
      state:
        ne: Stopped
  register: running

- name: Wait for each of them before the maintenance
  openbackup.veeam_em.veeam_em_job_session_wait:
    host: em01.example.com
    uid: "{{ item.uid }}"
    ok_results: [Success, Warning, Failed]
  loop: "{{ running.backup_sessions }}"
  loop_control:
    label: "{{ item.name }}"
"""

RETURN = r"""
job_session:
  description:
    - The job session at its end, as M(openbackup.veeam_em.veeam_em_backup_session_info) or
      M(openbackup.veeam_em.veeam_em_replica_session_info) returns it.
  returned: always, null where none was found
  type: dict
  # generated: begin record BackupJobSession ReplicaJobSession
  contains:
    id:
      description: GUID of the backup job session.
      type: str
    uid:
      description: URN of the backup job session, stable over log-ons.
      type: str
      sample: urn:veeam:BackupJobSession:9e8d7c6b-5a49-4832-a1b0-c9d8e7f6a5b4
    name:
      description: Job name, an @ and the start in UTC.
      type: str
      sample: SQL Server Backup@2026-11-20 20:00:07
    type:
      description: Type of the record.
      type: str
      sample: BackupJobSession
    href:
      description: Address of the backup job session, as the server writes it.
      type: str
    job_uid:
      description: URN of the job that ran.
      type: str
      sample: urn:veeam:Job:1b4d7e2a-3c5f-4a6b-8d9e-0f1a2b3c4d5e
    job_name:
      description: Name of the job that ran; equal names on two backup servers are normal.
      type: str
      sample: SQL Server Backup
    job_type:
      description:
        - Kind of the job that ran.
        - The server sends V(Backup), V(BackupCopy), V(ImmediateBackupCopy), V(ImmediateBackupCopyWorker), V(AgentBackup), V(AgentManagement)
          or V(NasBackup).
      type: str
      sample: Backup
    creation_time:
      description: When the run began. Time in UTC.
      type: str
      sample: '2026-11-20T20:00:07.547Z'
    end_time:
      description: When the run ended. Time in UTC, null while it runs.
      type: str
      sample: '2026-11-20T20:06:09.123Z'
    state:
      description:
        - What the run does now; Stopped is its end.
        - The server sends V(Starting), V(Stopping), V(Working), V(Pausing), V(Resuming) or V(Stopped).
      type: str
      sample: Stopped
    result:
      description:
        - Outcome of the run; None (or already Success) while it runs, final once the state is Stopped.
        - The server sends V(None), V(Success), V(Warning) or V(Failed).
      type: str
      sample: Warning
    progress:
      description: Part done in percent; may stay 0 for copy jobs.
      type: int
      sample: 100
    failure_message:
      description: Why the run failed as a whole, null when it did not.
      type: str
    is_retry:
      description: Whether this run repeats the machines that failed in the run before.
      type: bool
      sample: false
    backup_server_uid:
      description: URN of the backup server, taken from the link to it.
      type: str
      sample: urn:veeam:BackupServer:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
    backup_server_name:
      description: Name of the backup server, taken from the link to it.
      type: str
      sample: vbr01.example.com
    backup_server:
      description: Backup server that runs it.
      type: dict
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
    job:
      description: Job that ran.
      type: dict
      contains:
        id:
          description: GUID of the object.
          type: str
          sample: 5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
        uid:
          description: URN of the object.
          type: str
          sample: urn:veeam:Job:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
        name:
          description: Name of the object.
          type: str
        type:
          description: Type of the object.
          type: str
          sample: Job
    restore_points:
      description: Restore points that the run made.
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
          sample: urn:veeam:RestorePoint:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
        name:
          description: Name of the object.
          type: str
        type:
          description: Type of the object.
          type: str
          sample: RestorePoint
  # generated: end
machines:
  description: The task sessions of the job session, one for each machine. With automatic retries the last one of each machine.
  returned: always
  type: list
  elements: dict
  # generated: begin record BackupTaskSession ReplicaTaskSession
  contains:
    id:
      description: GUID of the backup task session.
      type: str
    uid:
      description: URN of the backup task session, stable over log-ons.
      type: str
      sample: urn:veeam:BackupTaskSession:7c6b5a49-4832-41b0-89d8-e7f6a5b4c3d2
    name:
      description: Machine name, an @ and the start in UTC.
      type: str
      sample: srv-sql-01@2026-11-20 20:01:12
    type:
      description: Type of the record.
      type: str
      sample: BackupTaskSession
    href:
      description: Address of the backup task session, as the server writes it.
      type: str
    vm_display_name:
      description: Name of the machine as the hypervisor shows it.
      type: str
      sample: srv-sql-01
    job_session_uid:
      description: URN of the job session that this machine was part of.
      type: str
      sample: urn:veeam:BackupJobSession:9e8d7c6b-5a49-4832-a1b0-c9d8e7f6a5b4
    creation_time:
      description: When work on the machine began. Time in UTC.
      type: str
      sample: '2026-11-20T20:00:07.547Z'
    end_time:
      description: When work on the machine ended. Time in UTC, null while it runs.
      type: str
      sample: '2026-11-20T20:06:09.123Z'
    state:
      description:
        - How far the machine is; Completed is its end.
        - The server sends V(InProgress), V(Pending) or V(Completed).
      type: str
      sample: Completed
    result:
      description:
        - Outcome for the machine; may read Success before the state is Completed.
        - The server sends V(None), V(Success), V(Warning) or V(Failed).
      type: str
      sample: Failed
    reason:
      description: Why the machine ended in Warning or Failed; empty on Success.
      type: str
      sample: 'Processing srv-sql-01 Error: the snapshot could not be taken.'
    total_size:
      description: Size of the machine's data that the run looked at, in bytes.
      type: int
      sample: 42949672960
    vm_uid:
      description: URN of the machine in its hierarchy; servers before 10 do not send it.
      type: str
      sample: urn:VMware:Vm:4c3b2a19-0817-4625-b4c3-d2e1f0a9b8c7.vm-1036
    backup_server_uid:
      description: URN of the backup server, taken from the link to it.
      type: str
      sample: urn:veeam:BackupServer:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
    backup_server_name:
      description: Name of the backup server, taken from the link to it.
      type: str
      sample: vbr01.example.com
    backup_server:
      description: Backup server that runs it.
      type: dict
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
    job_session:
      description: Job session that this machine was part of.
      type: dict
      contains:
        id:
          description: GUID of the object.
          type: str
          sample: 5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
        uid:
          description: URN of the object.
          type: str
          sample: urn:veeam:BackupJobSession:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
        name:
          description: Name of the object.
          type: str
        type:
          description: Type of the object.
          type: str
          sample: BackupJobSession
    restore_point:
      description: Restore point that the run made of the machine, null when it made none.
      type: dict
      contains:
        id:
          description: GUID of the object.
          type: str
          sample: 5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
        uid:
          description: URN of the object.
          type: str
          sample: urn:veeam:VmRestorePoint:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
        name:
          description: Name of the object.
          type: str
        type:
          description: Type of the object.
          type: str
          sample: VmRestorePoint
    replica_point:
      description: Replica restore point that the run made, null when it made none.
      type: dict
      contains:
        id:
          description: GUID of the object.
          type: str
          sample: 5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
        uid:
          description: URN of the object.
          type: str
          sample: urn:veeam:VmReplicaPoint:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
        name:
          description: Name of the object.
          type: str
        type:
          description: Type of the object.
          type: str
          sample: VmReplicaPoint
  # generated: end
runs:
  description: URNs of the job sessions that were followed, more than one where automatic retries were.
  returned: always
  type: list
  elements: str
  sample:
    - urn:veeam:BackupJobSession:9e8d7c6b-5a49-4832-a1b0-c9d8e7f6a5b4
state:
  description: State of the last thing that was waited for, the task or the job session.
  returned: always
  type: str
  sample: Stopped
result:
  description: Result of the last thing that was waited for. Of a job session it is the worst among its machines and itself.
  returned: always
  type: str
  sample: Warning
reason:
  description: What the server says about the result, for a job session with the machines that did not succeed.
  returned: always
  type: str
  sample: "srv-sql-02: Warning (the guest could not be quiesced)"
elapsed:
  description: How long it waited, in seconds.
  returned: always
  type: float
  sample: 361.4
polls:
  description: How many times it looked.
  returned: always
  type: int
  sample: 74
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
resume:
  description: How to go on waiting.
  returned: when the wait time is over
  type: dict
  contains:
    module:
      description: Module to call.
      type: str
      sample: openbackup.veeam_em.veeam_em_job_session_wait
    options:
      description: Options to call it with.
      type: dict
"""

from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.lanes import Call, EmModule, Result, run_as_module
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.options import ArgumentSpec, connection_spec
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.waits import (
    job_target,
    nothing_started,
    retries_spec,
    target_spec,
    text_of,
    wait_options,
    wait_spec,
)
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.errors import EmError, OptionError
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.waiting import wait_for_job_session

# Parts of an outcome that only a wait for a task can fill.
_OF_TASKS = ("task", "related", "found_by_query")


def run(call: Call) -> Result:
    """Wait for the job session. Raises EmError."""
    try:
        return _without_tasks(_wait(call))
    except EmError as error:
        error.data = _without_tasks(error.data)
        raise


def _without_tasks(result: Result) -> Result:
    return {name: value for name, value in result.items() if name not in _OF_TASKS}


def _wait(call: Call) -> Result:
    params = call.params
    uid = text_of(params, "uid")
    target = job_target(params)
    if call.check_mode and not uid and not (target and target.since):
        return nothing_started(call)
    if not uid and target is None:
        raise OptionError("No job session is named.", advice="Set uid, or job (or job_uid) together with since.")
    options = wait_options(params)
    with call.open_session() as session:
        outcome = wait_for_job_session(session, uid, target, options, params["follow_retries"], params["retry_wait"], call.progress)
    return {"changed": False, **outcome}


MODULE = EmModule(ArgumentSpec({"uid": {"type": "str"}}).merge(target_spec(), wait_spec(), retries_spec(), connection_spec()), run)


def main() -> None:
    """Run the module lane."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
