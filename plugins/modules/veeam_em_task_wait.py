#!/usr/bin/python

# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: veeam_em_task_wait
short_description: Wait for a task of Veeam Backup Enterprise Manager
version_added: 0.1.0
description:
  - Waits until a task is V(Finished), and with O(follow=true) goes on to the job session behind it until that has ended.
  - V(Finished) of a task that started a job only says that the job was started. Whether the backup worked stands in the job session.
  - A task is known only in the log-on session that made it, so O(session) is needed; where that log-on session is lost, the job session is found by a query
    for O(job) or O(job_uid) since O(since). Where its token is no longer valid, that takes O(username) and O(password) for a log-on session of its own.
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
  - openbackup.veeam_em.connection
options:
  task_id:
    description:
      - Number of the task, such as V(task-7), as M(openbackup.veeam_em.veeam_em_job_run) returned it in
        RV(openbackup.veeam_em.veeam_em_job_run#module:task_id).
      - Required, unless O(job) or O(job_uid) leads to the run. A start that found the job running returns no number, and then the run is found by these.
      - In check mode it may be empty, as it is after a start that was only predicted; the module says so and waits for nothing.
    type: str
  follow:
    description:
      - Whether to go on to the job session that the task started.
    type: bool
    default: false
  job:
    description:
      - Name of the job that the task started, for the search by query.
    type: str
  job_uid:
    description:
      - URN or GUID of the job that the task started, for the search by query. Not together with O(job).
    type: str
  since:
    description:
      - Time from which runs of the job count, in UTC unless it carries a zone, as returned by M(openbackup.veeam_em.veeam_em_job_run).
        Needed with O(job) and O(job_uid).
    type: str
notes:
  - What makes a task and what waits for it share a log-on session by the option O(session).
seealso:
  - module: openbackup.veeam_em.veeam_em_session
  - module: openbackup.veeam_em.veeam_em_job_run
  - module: openbackup.veeam_em.veeam_em_job_session_wait
"""

EXAMPLES = r"""
- name: Log on for the tasks that follow
  openbackup.veeam_em.veeam_em_session:
    host: em01.example.com
  register: logon

- name: Start and wait in one log-on session, which is closed whatever happens
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

    - name: Wait until the order is carried out and the run has ended
      openbackup.veeam_em.veeam_em_task_wait:
        task_id: "{{ start.task_id }}"
        follow: true
        job_uid: "{{ start.job.uid }}"
        since: "{{ start.since }}"
        wait_timeout: 7200
        ok_results: [Success, Warning]
      register: run
  always:
    - name: Log out
      openbackup.veeam_em.veeam_em_session:
        state: absent

- name: What happened to every machine
  ansible.builtin.debug:
    msg: "{{ item.vm_display_name or item.name }}: {{ item.result }} {{ item.reason or '' }}"
  loop: "{{ run.machines }}"
  loop_control:
    label: "{{ item.name }}"
"""

RETURN = r"""
task:
  description: The task, as M(openbackup.veeam_em.veeam_em_task_info) returns it; null where it was not known and the job session was found by query.
  returned: always
  type: dict
  # generated: begin record Task
  contains:
    id:
      description: The same as V(task_id).
      type: str
    uid:
      description: Always null, as tasks have no URN.
      type: str
    name:
      description: Always null, as tasks have no name.
      type: str
    type:
      description: Type of the record.
      type: str
      sample: Task
    href:
      description: Address of the task, as the server writes it.
      type: str
    task_id:
      description: Number of the order inside its log-on session, such as task-7; used anew by the next session.
      type: str
      sample: task-7
    state:
      description:
        - How far the order is; only Finished means that its data is collected.
        - The server sends V(Running), V(OperationFinished) or V(Finished).
      type: str
      sample: Finished
    operation:
      description: Name of the order, such as StartJob.
      type: str
      sample: StartJob
    result:
      description: Outcome of the order, null while it is Running.
      type: dict
      contains:
        success:
          description: Whether the order was carried out; says nothing of the job that was started.
          type: bool
          sample: true
        credentials_needed:
          description: Whether the order stopped because the server wants credentials for it.
          type: bool
        confirmation_needed:
          description: Whether the order waits for a confirmation nobody gave.
          type: bool
        message:
          description: What the server says about the outcome, in its own words.
          type: str
          sample: Job "SQL Server Backup" triggered to start.
    related:
      description: What the order made or touched, such as the job session that a start opened; empty until Finished.
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
          sample: urn:veeam:BackupServer:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
        name:
          description: Name of the object.
          type: str
        type:
          description: Type of the object.
          type: str
          sample: BackupServer
  # generated: end
job_session:
  description:
    - The job session at its end, as M(openbackup.veeam_em.veeam_em_backup_session_info) or
      M(openbackup.veeam_em.veeam_em_replica_session_info) returns it.
  returned: always, null without O(follow=true)
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
  returned: always, empty without O(follow=true)
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
found_by_query:
  description: Whether the job session was found by a query for the job, because the task was not known or carried no link.
  returned: always
  type: bool
  sample: false
related:
  description: What the task made or touched, as references.
  returned: always
  type: list
  elements: dict
  # generated: begin reference BackupJobSession
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
  # generated: end
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
    target_spec,
    text_of,
    wait_options,
    wait_spec,
)
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.errors import OptionError
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.waiting import wait_for_task


def run(call: Call) -> Result:
    """Wait for the task. Raises EmError."""
    task_id = text_of(call.params, "task_id")
    if not task_id and call.check_mode:
        return nothing_started(call)
    target = job_target(call.params)
    if not task_id and target is None:
        raise OptionError("No task is named.", advice="Set task_id to the value task_id that veeam_em_job_run returned, or job (or job_uid) and since.")
    options = wait_options(call.params)
    with call.open_session() as session:
        outcome = wait_for_task(session, task_id, options, target, call.params["follow"], call.progress)
    return {"changed": False, **outcome}


MODULE = EmModule(
    ArgumentSpec({"task_id": {"type": "str"}, "follow": {"type": "bool", "default": False}}).merge(target_spec(), wait_spec(), connection_spec()),
    run,
)


def main() -> None:
    """Run the module lane."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
