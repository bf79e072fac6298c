#!/usr/bin/python

# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: veeam_em_job_run
short_description: Start, stop or retry a job of Veeam Backup Enterprise Manager
version_added: 0.1.0
description:
  - Starts, stops or retries a job of any kind (backup, backup copy, replication, agents, file shares) and waits as far as O(wait) says.
  - Looks at the job first. A job that runs already is not started again; its run is taken over, C(changed) is V(false) and RV(adopted) is V(true).
  - The order is sent once and never repeated. When its answer is lost on the way, the module looks up whether it was taken and reports started, not started or
    unknown.
  - Prints a line whenever something moves, when it runs in the controller.
author:
  - Contributors to the openbackup.veeam_em collection (@openbackup)
extends_documentation_fragment:
  - openbackup.veeam_em.attributes
  - openbackup.veeam_em.attributes.actiongroup_veeam_em
  - openbackup.veeam_em.attributes.lanes
  - openbackup.veeam_em.attributes.async
  - openbackup.veeam_em.wait
  - openbackup.veeam_em.wait.which_job
  - openbackup.veeam_em.wait.retries
  - openbackup.veeam_em.connection
attributes:
  check_mode:
    support: full
    details:
      - The job is looked up and C(changed) is predicted. RV(task), RV(task_id) and RV(since) are null, and nothing is waited for.
  diff_mode:
    support: full
    details:
      - Shows whether the job runs.
  idempotent:
    support: partial
    details:
      - A job that runs already is not started again, and one that does not run is not stopped. A job that has ended is started anew.
options:
  state:
    description:
      - V(started) starts the job. A periodic backup copy job starts its next interval.
      - V(stopped) stops the run that is going on.
      - V(retried) starts the job for the machines that failed in its last run. After a run that did not fail nothing is done.
    type: str
    choices:
      - started
      - stopped
      - retried
    default: started
  job:
    description:
      - Name of the job, in full. A name that no job has, or that several have, is refused and nothing is started.
      - One of O(job) and O(job_uid) is required.
    type: str
  job_uid:
    description:
      - URN or GUID of the job.
    type: str
    aliases:
      - uid
      - id
  wait:
    description:
      - V(none) returns as soon as Enterprise Manager has taken the order. The task that it returns can be waited for by
        M(openbackup.veeam_em.veeam_em_task_wait), in the same log-on session.
      - V(task) waits until the order is carried out; the job runs then, and goes on after the module has ended.
      - V(session) waits until the run has ended, and fails when its result is not among O(ok_results). It is the default, because only the end of the run
        says whether there is a backup.
    type: str
    choices:
      - none
      - task
      - session
    default: session
notes:
  - Needs the role Portal Administrator in Enterprise Manager.
  - File share jobs need Enterprise Manager 10 (API version v1_5). CDP policies run all the time and take no start, so that they are no jobs here.
seealso:
  - module: openbackup.veeam_em.veeam_em_session
  - module: openbackup.veeam_em.veeam_em_task_wait
  - module: openbackup.veeam_em.veeam_em_job_session_wait
  - module: openbackup.veeam_em.veeam_em_job_info
  - module: openbackup.veeam_em.veeam_em_agent_job_info
  - module: openbackup.veeam_em.veeam_em_nas_job_info
"""

EXAMPLES = r"""
- name: Run a backup and wait until it is truly done
  openbackup.veeam_em.veeam_em_job_run:
    host: em01.example.com
    job: SQL Server Backup
    wait: session
    wait_timeout: 7200
  register: run

- name: What happened to every machine
  ansible.builtin.debug:
    msg: "{{ item.vm_display_name or item.name }}: {{ item.result }} {{ item.reason or '' }}"
  loop: "{{ run.machines }}"
  loop_control:
    label: "{{ item.name }}"

- name: Start the job of that name on the one backup server that is meant
  openbackup.veeam_em.veeam_em_job_run:
    host: em01.example.com
    job: Exchange Backup
    backup_server: vbr02.example.com

- name: Back up the computers of an agent job, although a backup job has the same name
  openbackup.veeam_em.veeam_em_job_run:
    host: em01.example.com
    job: Windows Servers
    job_kind: agent_job

- name: Back up the file shares
  openbackup.veeam_em.veeam_em_job_run:
    host: em01.example.com
    job: Projects Share Backup

- name: Stop a job that is in the way of the maintenance
  openbackup.veeam_em.veeam_em_job_run:
    host: em01.example.com
    job: File Server Backup
    state: stopped
    wait: session

- name: Try the machines again that failed last time
  openbackup.veeam_em.veeam_em_job_run:
    host: em01.example.com
    job: SQL Server Backup
    state: retried
    wait: session
"""

RETURN = r"""
adopted:
  description: Whether the job ran already and its run was taken over.
  returned: always, unless the job was not found
  type: bool
  sample: false
job:
  description: The job.
  returned: always, unless the job was not found
  type: dict
  contains:
    id:
      description: GUID of the job.
      type: str
      sample: 1b4d7e2a-3c5f-4a6b-8d9e-0f1a2b3c4d5e
    uid:
      description: URN of the job.
      type: str
      sample: urn:veeam:Job:1b4d7e2a-3c5f-4a6b-8d9e-0f1a2b3c4d5e
    name:
      description: Name of the job.
      type: str
      sample: SQL Server Backup
    job_kind:
      description: Kind of job, as O(job_kind) takes it.
      type: str
      sample: job
    job_type:
      description: What the job does, null for a job of file shares.
      type: str
      sample: Backup
    platform:
      description: Platform of the machines in the job, null for a job of file shares.
      type: str
      sample: VMware
    backup_server:
      description: Backup server that runs the job.
      type: dict
      # generated: begin reference BackupServer
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
since:
  description: Time on the server's clock from which the run counts, for the options of that name. Null in check mode when a start is predicted.
  returned: always, unless the job was not found
  type: str
  sample: "2026-11-20T20:00:05Z"
task_id:
  description: Number of the task that the order became. Null in check mode, and where nothing was ordered.
  returned: success
  type: str
  sample: task-7
task:
  description: The task that the order became. Null in check mode, and where nothing was ordered.
  returned: always, unless the job was not found
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
candidates:
  description: The jobs that have the name.
  returned: when the name fits several jobs, or only jobs of another backup server or kind
  type: list
  elements: dict
  contains:
    name:
      description: Name of the job.
      type: str
    uid:
      description: URN of the job.
      type: str
    backup_server:
      description: Name of the backup server of the job.
      type: str
    job_kind:
      description: Kind of job, as O(job_kind) takes it.
      type: str
      sample: agent_job
job_session:
  description:
    - The job session at its end, as M(openbackup.veeam_em.veeam_em_backup_session_info) or
      M(openbackup.veeam_em.veeam_em_replica_session_info) returns it.
  returned: always, null unless it was waited for or taken over
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
  description: The task sessions of the job session, one for each machine, computer or file share. With automatic retries the last one of each machine.
  returned: always, empty unless O(wait=session)
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
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.waits import job_spec, retries_spec, text_of, wait_options, wait_spec
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.runs import STATES, WAITS, JobOrder, run_job


def run(call: Call) -> Result:
    """Bring the job into the wanted state. Raises EmError."""
    params = call.params
    order = JobOrder(params["state"], text_of(params, "job"), text_of(params, "job_uid"), text_of(params, "backup_server"), params["job_kind"])
    order.check()
    options = wait_options(params)
    with call.open_session() as session:
        result = run_job(session, order, params["wait"], options, call.check_mode, call.progress, params["follow_retries"], params["retry_wait"])
    result["task_id"] = result["task"]["task_id"] if result["task"] else None
    if call.check_mode and result["changed"]:
        result["since"] = None
    return result


MODULE = EmModule(
    ArgumentSpec(
        {
            "state": {"type": "str", "choices": list(STATES), "default": "started"},
            "wait": {"type": "str", "choices": list(WAITS), "default": "session"},
        }
    ).merge(job_spec(uid_aliases=("uid", "id")), wait_spec(), retries_spec(), connection_spec()),
    run,
)


def main() -> None:
    """Run the module lane."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
