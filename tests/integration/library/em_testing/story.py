# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every module once: those that act in the order in which an operator would need them, those that read in one log-on session."""

from __future__ import annotations

from typing import Any

from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.info import InfoModule
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.lanes import EmModule

from .plays import Play, Task, play, task
from .subjects import modules, modules_of_both_lanes
from .wire import Wire, identity, linked

JOB = "SQL Server Backup"
# The simulator runs a job in six seconds of its own time; tests that wait for it let its clock run faster.
FAST = 8.0
QUICK = {"wait_interval": 0.2, "wait_timeout": 60}
SHARED = {"session": "{{ logon.session }}"}
OPERATORS_MODULES = (
    "veeam_em_session",
    "veeam_em_job_run",
    "veeam_em_task_info",
    "veeam_em_task_wait",
    "veeam_em_job_session_wait",
)


def shared(name: str, module: str, arguments: dict[str, Any] | None = None, **keywords: Any) -> dict[str, Any]:
    """Return a task that uses the log-on session of the play."""
    return task(name, module, {**SHARED, **(arguments or {})}, **keywords)


def operators_play() -> list[Play]:
    """Return the play of the modules that act. Each task is named like its module, with a word where a module comes twice."""
    return play(
        task("veeam_em_session", "veeam_em_session", register="logon"),
        shared("veeam_em_job_run", "veeam_em_job_run", {"job": JOB, "wait": "none"}, register="start"),
        shared("veeam_em_task_info", "veeam_em_task_info", {"task_id": "{{ start.task_id | default(omit, true) }}", "links": True}),
        shared(
            "veeam_em_task_wait",
            "veeam_em_task_wait",
            {"task_id": "{{ start.task_id }}", "follow": True, "job": JOB, "since": "{{ start.since or '' }}", **QUICK},
            register="waited",
        ),
        shared("veeam_em_job_session_wait", "veeam_em_job_session_wait", {"uid": "{{ (waited.job_session or {'uid': ''}).uid }}", **QUICK}),
        shared("veeam_em_job_run again", "veeam_em_job_run", {"job": JOB, "wait": "session", **QUICK}),
        shared("veeam_em_job_run replica", "veeam_em_job_run", {"job": "DC Replication", "wait": "session", **QUICK}),
        shared("veeam_em_job_run stop", "veeam_em_job_run", {"job": JOB, "state": "stopped"}),
        shared("veeam_em_job_run retry", "veeam_em_job_run", {"job": JOB, "state": "retried"}),
        shared("veeam_em_session absent", "veeam_em_session", {"state": "absent"}),
    )


def readers_modules() -> list[str]:
    """Return the modules that read."""
    return [name for name in modules_of_both_lanes() if name not in OPERATORS_MODULES]


def places(wire: Wire) -> dict[str, dict[str, Any]]:
    """Return what the modules have to be told that read nothing without: a place, a type, a path. By module."""
    point = mounted(wire)["vm_restore_point"]
    return {
        "veeam_em_catalog_restore_point_info": {"catalog_vm": [identity(row) for row in wire.collection("/catalog/vms")]},
        "veeam_em_mount_info": {"vm_restore_point": point},
        "veeam_em_guest_file_info": {"vm_restore_point": point},
        "veeam_em_query_info": {"type": "RestoreSession", "filter": "Result==Failed"},
        "veeam_em_resource_info": {"path": "/jobs"},
        "veeam_em_estate_info": {"subset": ["jobs", "backup_servers"]},
    }


MOUNTABLE = {"vm_restore_point": "/vmRestorePoints", "vm_replica_point": "/vmReplicaPoints", "agent_restore_point": "/agents/agentRestorePoints"}


def mounted(wire: Wire) -> dict[str, str]:
    """Return the id of a point of each kind that is mounted."""
    found = {}
    for thing, path in MOUNTABLE.items():
        points = (identity(row) for row in wire.collection(path))
        found[thing] = next(point for point in points if wire.collection(f"{path}/{point}/mounts"))
    return found


def further_play(wire: Wire) -> list[Play]:
    """Return the play of the modules that are made from more than one declaration, in the ways that lead them to all their paths."""
    tasks = [shared(f"{name} once", name) for name in ("veeam_em_report_info", "veeam_em_service_info", "veeam_em_logon_session_info", "veeam_em_lookup_info")]
    for thing, point in mounted(wire).items():
        mount = identity(wire.collection(f"{MOUNTABLE[thing]}/{point}/mounts")[0])
        for arguments in ({thing: point}, {thing: point, "id": mount}):
            tasks.append(shared(f"mounts {len(tasks)}", "veeam_em_mount_info", arguments))
        tasks.append(shared(f"files {len(tasks)}", "veeam_em_guest_file_info", {thing: point, "depth": 2}))
    machine = identity(wire.collection("/catalog/vms")[0])
    point = identity(wire.collection(f"/catalog/vms/{machine}/vmRestorePoints")[0])
    tasks.append(shared("browsed files", "veeam_em_guest_file_info", {"catalog_vm": machine, "catalog_restore_point": point, "depth": 2}))
    return play(
        task("veeam_em_session", "veeam_em_session", register="logon"),
        *tasks,
        *_orders(wire),
        shared("veeam_em_session absent", "veeam_em_session", {"state": "absent"}),
    )


def _orders(wire: Wire) -> list[Task]:
    """Return the tasks that give each kind of job every order there is for it: retry what failed last, start, stop."""
    last: dict[str, str] = {}
    for session in sorted(wire.all("BackupJobSession"), key=lambda row: str(row["CreationTimeUTC"])):
        last[linked(session, "Job")] = session["Result"]
    tasks = []
    for query_type, kind in (("Job", "job"), ("AgentBackupJob", "agent_job"), ("NasJob", "nas_job")):
        jobs = [row for row in wire.all(query_type) if row["ScheduleEnabled"]]
        failed = [row for row in jobs if last.get(row["Name"]) == "Failed"][:1]
        idle = next(row for row in jobs if row not in failed and row.get("JobType") in (None, "Backup", "AgentBackup"))
        copies = [row for row in jobs if row.get("JobType") == "BackupCopy"][:1]
        asked = [*(("retried", row) for row in failed), ("started", idle), ("stopped", idle), *(("started", row) for row in copies)]
        for state, job in asked:
            arguments = {"job_uid": job["UID"], "job_kind": kind, "state": state, "wait": "task", **QUICK}
            tasks.append(shared(f"{kind} {state} {job['Name']}", "veeam_em_job_run", arguments))
    return tasks


def _little_and_all_of_it(module: EmModule) -> dict[str, Any]:
    """Return the arguments for two records with all that a module can add to them, as far as it has such options."""
    details = {detail.option: True for detail in module.details} if isinstance(module, InfoModule) else {}
    few = {"limit": 2, "links": True}
    return {**{option: value for option, value in few.items() if option in module.spec.arguments}, **details}


def readers_play(told: dict[str, dict[str, Any]]) -> list[Play]:
    """Return the play of the modules that read, each once; ``told`` is what ``places`` found."""
    tasks = [shared(name, name, {**_little_and_all_of_it(modules()[name]), **told.get(name, {})}) for name in readers_modules()]
    return play(
        task("veeam_em_session", "veeam_em_session", register="logon"),
        *tasks,
        shared("veeam_em_session absent", "veeam_em_session", {"state": "absent"}),
    )
