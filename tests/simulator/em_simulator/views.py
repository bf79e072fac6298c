# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How each type of thing is shown: its values by wire name, its links, its address."""

from __future__ import annotations

from typing import Any, Callable

from . import clock
from .declarations import RESOURCES, is_known, resource
from .job_details import job_info, schedule
from .model import AGENT_BACKUP, BACKUP_SESSION, COPY_TYPES, Job, JobSession, Logon, RestoreSession, Row, Server, Task, TaskSession, entity_type, stable_id
from .rows import row_name, row_path, row_spec, row_uid
from .wire import Context, Element, Link, Spec

SESSION_PATHS = {BACKUP_SESSION: "/backupSessions", "ReplicaJobSession": "/replicaSessions"}


def named(label: str, stamp_us: int, ctx: Context) -> str:
    """Return a session name: label, @ and the start in UTC."""
    return label + "@" + clock.name_stamp(stamp_us, ctx.profile.digits)


def _up(server: Server) -> Link:
    return Link("Up", f"/backupServers/{server.id}", server.name, "BackupServerReference")


# Backup servers


def _server_path(server: Server, ctx: Context) -> str:
    return f"/backupServers/{server.id}?format=Entity"


def _server_values(server: Server, ctx: Context) -> dict[str, Any]:
    thumbprint = stable_id("thumbprint", server.id).replace("-", "").upper() + "0A1B2C3D"
    return {
        "Name": server.name,
        "UID": f"urn:veeam:BackupServer:{server.id}",
        "Description": server.description,
        "Port": ctx.profile.server_port,
        "Version": server.version or ctx.profile.product_version,
        "WcfPort": 9405,
        "VbrCertificateThumbprint": server.thumbprint or thumbprint,
        "IpOrDnsName": server.address or server.name,
    }


def _server_links(server: Server, ctx: Context) -> list[Link]:
    path = f"/backupServers/{server.id}"
    reference = "BackupServerReference"
    lists = (
        ("jobs", "JobReferenceList"),
        ("managedServers", "ManagedServerReferenceList"),
        ("repositories", "RepositoryReferenceList"),
        ("externalRepositories", "ExternalRepositoryReferenceList"),
    )
    stores = (("credentials", "CredentialsList"), ("passwords", "PasswordKeyList"))
    links = [Link("Alternate", path, server.name, reference), Link("Edit", path, None, reference), Link("Delete", path, None, reference)]
    links += [Link("Down", f"{path}/{name}", None, kind) for name, kind in lists]
    for name, kind in stores:
        links += [Link("Down", f"{path}/{name}", None, kind), Link("Create", f"{path}/{name}?action=create")]
    return links + [Link(rel, f"{path}?action={action}") for rel, action in (("VeeamZip", "veeamzip"), ("QuickBackup", "quickbackup"), ("Start", "collect"))]


def _server_reference(server: Server, ctx: Context) -> tuple[str, list[Link]]:
    path = f"/backupServers/{server.id}"
    lists = (("jobs", "JobReferenceList"), ("repositories", "RepositoryReferenceList"))
    links = [Link("Alternate", path + "?format=Entity", server.name, "BackupServer")]
    return path, links + [Link("Down", f"{path}/{name}", None, kind) for name, kind in lists]


# Jobs


def _job_path(job: Job, ctx: Context) -> str:
    return f"/jobs/{job.id}?format=Entity"


def _job_values(job: Job, ctx: Context) -> dict[str, Any]:
    return {
        "Name": job.name,
        "UID": f"urn:veeam:Job:{job.id}",
        "JobType": job.type,
        "Platform": job.platform,
        "Description": job.description,
        "ScheduleConfigured": job.schedule_configured,
        "ScheduleEnabled": job.schedule_enabled,
        "NextRun": job.next_run_us if job.schedule_enabled else None,
        "JobScheduleOptions": schedule(job),
        "JobInfo": job_info(job, ctx),
    }


def _job_down(job: Job) -> Link:
    name, kind = ("replicaSessions", "ReplicaJobSessionReferenceList") if job.is_replica else ("backupSessions", "BackupJobSessionReferenceList")
    return Link("Down", f"/jobs/{job.id}/{name}", None, kind)


def _job_links(job: Job, ctx: Context) -> list[Link]:
    path = f"/jobs/{job.id}"
    starts = ("Sync", "sync") if job.type in COPY_TYPES else ("Start", "start")
    links = [
        _up(job.server),
        Link("Alternate", path, job.name, "JobReference"),
        Link("Edit", path, None, "JobReference"),
        Link("Clone", path + "?action=clone"),
        Link("ToggleScheduleEnabled", path + "?action=toggleScheduleEnabled"),
        Link("Down", path + "/includes", None, "ObjectInJobList"),
        _job_down(job),
        Link("Create", path + "/includes", None, "ObjectInJob"),
    ]
    links += [Link(rel, f"{path}?action={action}") for rel, action in (starts, ("Stop", "stop"), ("Retry", "retry"))]
    if job.type in COPY_TYPES:
        sources = (("linkedJobs", "LinkedJobObject"), ("linkedBackupRepositories", "LinkedBackupRepositoryObject"))
        links += [Link("Down", f"{path}/{name}", None, kind + "List") for name, kind in sources]
        links += [Link("Create", f"{path}/{name}", None, kind) for name, kind in sources]
    return links


def _job_reference(job: Job, ctx: Context) -> tuple[str, list[Link]]:
    path = f"/jobs/{job.id}"
    return path, [_up(job.server), Link("Alternate", path + "?format=Entity", job.name, "Job"), _job_down(job)]


# Job sessions


def session_name(session: JobSession, ctx: Context) -> str:
    """Return the name of a job session."""
    return named(session.job.name, session.created_us, ctx)


def session_path(session: JobSession) -> str:
    """Return the path of the reference to a job session."""
    return f"{SESSION_PATHS[session.type]}/{session.id}"


def _session_href(session: JobSession, ctx: Context) -> str:
    return session_path(session) + "?format=Entity"


def _session_values(session: JobSession, ctx: Context) -> dict[str, Any]:
    return {
        "Name": session_name(session, ctx),
        "UID": f"urn:veeam:{session.type}:{session.id}",
        "JobUid": f"urn:veeam:Job:{session.job.id}",
        "JobName": session.job.name,
        "JobType": session.job_type,
        "CreationTimeUTC": session.created_us,
        "EndTimeUTC": session.ended_us,
        "State": session.state,
        "Result": session.result,
        "Progress": session.progress,
        "FailureMessage": session.failure_message,
        "IsRetry": session.is_retry,
    }


def _session_down(session: JobSession) -> Link:
    if session.type == BACKUP_SESSION:
        return Link("Down", session_path(session) + "/taskSessions", None, "BackupTaskSessionReferenceList")
    # The misspelled path is really sent.
    return Link("Down", session_path(session) + "/repicaTaskSessions", None, "ReplicaTaskSessionReferenceList")


def _session_up(session: JobSession, ctx: Context) -> list[Link]:
    # Whatever its kind, a job is called a Job here.
    path, name = target(session.job.served, ctx)
    return [_up(session.job.server), Link("Up", path, name, "JobReference")]


def _session_links(session: JobSession, ctx: Context) -> list[Link]:
    path = session_path(session)
    links = _session_up(session, ctx) + [Link("Alternate", path, session_name(session, ctx), session.type + "Reference"), _session_down(session)]
    if session.type == BACKUP_SESSION:
        links.append(Link("Stop", path + "?action=stop"))
        point = clock.point_name(session.point_us, ctx.profile.digits)
        links += [Link("Related", f"/restorePoints/{point_id}", point, "RestorePointReference") for point_id in session.point_ids]
    return links


def _session_reference(session: JobSession, ctx: Context) -> tuple[str, list[Link]]:
    path = session_path(session)
    alternate = Link("Alternate", path + "?format=Entity", session_name(session, ctx), session.type)
    return path, _session_up(session, ctx) + [alternate, _session_down(session)]


# Task sessions


def _task_session_path(task: TaskSession, ctx: Context) -> str:
    place = "backupTaskSessions" if task.session.type == BACKUP_SESSION else ctx.profile.replica_task_path
    return f"/{place}/{task.id}"


def _task_session_href(task: TaskSession, ctx: Context) -> str:
    return _task_session_path(task, ctx) + "?format=Entity"


def _task_session_values(task: TaskSession, ctx: Context) -> dict[str, Any]:
    return {
        "Name": named(task.machine.name, task.created_us, ctx),
        "UID": f"urn:veeam:{task.type}:{task.id}",
        "VmDisplayName": task.machine.name,
        "JobSessionUid": f"urn:veeam:{task.session.type}:{task.session.id}",
        "CreationTimeUTC": task.created_us,
        "EndTimeUTC": task.ended_us,
        "State": task.state,
        "Result": task.result,
        "Reason": task.reason,
        "TotalSize": task.size,
        "VmUid": task.machine.uid,
    }


def _task_session_up(task: TaskSession, ctx: Context) -> list[Link]:
    session = task.session
    return [_up(session.job.server), Link("Up", session_path(session), session_name(session, ctx), session.type + "Reference")]


def _task_session_links(task: TaskSession, ctx: Context) -> list[Link]:
    name = named(task.machine.name, task.created_us, ctx)
    links = _task_session_up(task, ctx)
    links.append(Link("Alternate", _task_session_path(task, ctx), name, task.type + "Reference"))
    if task.point_id:
        place, kind = _points_of(task.session)
        links.append(Link("Related", f"/{place}/{task.point_id}?format=Entity", named(task.machine.name, task.point_us, ctx), kind))
    return links


def _points_of(session: JobSession) -> tuple[str, str]:
    """Return where the points lie that a run makes of machines, and their type."""
    if session.job_type == AGENT_BACKUP:
        return "agents/agentRestorePoints", "AgentRestorePoint"
    return ("vmRestorePoints", "VmRestorePoint") if session.type == BACKUP_SESSION else ("vmReplicaPoints", "VmReplicaPoint")


def _task_session_reference(task: TaskSession, ctx: Context) -> tuple[str, list[Link]]:
    path = _task_session_path(task, ctx)
    alternate = Link("Alternate", path + "?format=Entity", named(task.machine.name, task.created_us, ctx), task.type)
    return path, _task_session_up(task, ctx) + [alternate]


# Restore sessions


def _restore_path(restore: RestoreSession) -> str:
    return f"/restoreSessions/{restore.id}"


def _restore_values(restore: RestoreSession, ctx: Context) -> dict[str, Any]:
    return {
        "Name": named(restore.label, restore.created_us, ctx),
        "UID": f"urn:veeam:RestoreSession:{restore.id}",
        "VmDisplayName": restore.vm_display_name,
        "JobType": restore.job_type,
        "CreationTimeUTC": restore.created_us,
        "EndTimeUTC": restore.ended_us,
        "State": restore.state,
        "Result": restore.result,
        "Progress": restore.progress,
        "FailureMessage": restore.failure_message,
        "RestoredObjRef": restore.restored_obj_ref,
    }


def _restore_links(restore: RestoreSession, ctx: Context) -> list[Link]:
    links = [_up(restore.server), Link("Alternate", _restore_path(restore), named(restore.label, restore.created_us, ctx), "RestoreSessionReference")]
    if restore.point_id:
        links.append(Link("Related", f"/vmRestorePoints/{restore.point_id}", named(restore.vm_display_name, restore.point_us, ctx), "VmRestorePointReference"))
    return links


def _restore_reference(restore: RestoreSession, ctx: Context) -> tuple[str, list[Link]]:
    alternate = Link("Alternate", _restore_path(restore) + "?format=Entity", named(restore.label, restore.created_us, ctx), "RestoreSession")
    return _restore_path(restore), [_up(restore.server), alternate]


# Tasks and log-on sessions


def _task_values(task: Task, ctx: Context) -> dict[str, Any]:
    result = None if task.success is None else {"Success": task.success, "Message": task.message}
    return {"TaskId": task.id, "State": task.state, "Operation": task.operation, "Result": result}


def _task_links(task: Task, ctx: Context) -> list[Link]:
    links = [Link("Delete", f"/tasks/{task.id}")]
    if task.show_related and task.related is not None:
        path, name = target(task.related, ctx)
        links.append(Link("Related", path + ("?format=Entity" if SPECS[task.related.type].reference else ""), name or None, task.related.type))
    return links


def _logon_values(logon: Logon, ctx: Context) -> dict[str, Any]:
    return {"UserName": logon.account.username, "SessionId": logon.id}


_COLLECTIONS = (
    ("backupServers", "BackupServer"),
    ("managedServers", "ManagedServer"),
    ("jobs", "Job"),
    ("failoverPlans", "FailoverPlan"),
    ("hierarchyRoots", "HierarchyRoot"),
    ("repositories", "Repository"),
    ("backups", "Backup"),
    ("restorePoints", "RestorePoint"),
    ("vmRestorePoints", "VmRestorePoint"),
    ("vAppRestorePoints", "VAppRestorePoint"),
    ("replicas", "Replica"),
    ("vmReplicaPoints", "VmReplicaPoint"),
    ("catalog/vms", "CatalogVm"),
    ("backupSessions", "BackupJobSession"),
    ("restoreSessions", "RestoreSession"),
    ("replicaSessions", "ReplicaJobSession"),
    ("backupTaskSessions", "BackupTaskSession"),
    ("replicaTaskSessions", "ReplicaTaskSession"),
    ("wanAccelerators", "WanAccelerator"),
    ("backupFiles", "BackupFile"),
    ("externalRepositories", "ExternalRepository"),
    ("cdpPolicies", "CdpPolicy"),
    ("cdpReplicaSessions", "CdpReplicaSession"),
    ("cdpReplicaTaskSessions", "CdpReplicaTaskSession"),
    ("vAppReplicaPoints", "VAppReplicaPoint"),
    ("cdpReplica/vms", "CdpReplicaVm"),
    ("cdpReplica/vApps", "VAppCdpReplica"),
    ("systemSessions", "SystemSession"),
)
# The words of links to lists that differ from the type.
_LISTED_AS = {"CdpReplicaVm": "VmCdpReplica", "SystemSession": "BackupJobSession"}
_SERVICES = (
    ("tasks", "TaskList"),
    ("querySvc", "QueryService"),
    ("lookupSvc", "LookupService"),
    ("reports/summary", "Report"),
    ("cloud", "CloudConnectService"),
    ("agents", "AgentsService"),
    ("nas", "NasService"),
    ("security", "EnterpriseSecuritySettings"),
    ("vCloud", "VCloudService"),
    ("selfService/vSphere", "VSphereSelfService"),
)
_SERVICES_OF_TENANTS = ("tasks", "cloud")


def _logon_links(logon: Logon, ctx: Context) -> list[Link]:
    links = [Link("Up", "/", None, "EnterpriseManager")]
    if logon.account.tenant:
        links += [Link("Down", "/" + path, None, kind) for path, kind in _SERVICES if path in _SERVICES_OF_TENANTS]
        return links + [Link("Delete", f"/logonSessions/{logon.id}")]
    collections = [(path, _LISTED_AS.get(kind, kind)) for path, kind in _COLLECTIONS if is_known(resource(kind), ctx.profile.versions)]
    links += [Link("Down", "/" + path, None, kind + "ReferenceList") for path, kind in collections]
    links += [Link("Down", "/" + path, None, kind) for path, kind in _SERVICES if kind == "TaskList" or is_known(resource(kind), ctx.profile.versions)]
    links.append(Link("Create", "/backupServers?action=create"))
    links += [Link("Down", f"/{path}?format=Entity", None, kind + "List") for path, kind in collections]
    return links + [Link("Delete", f"/logonSessions/{logon.id}")]


def _elements(entity_type: str) -> tuple[Any, ...]:
    return tuple(field for field in resource(entity_type).wire_fields if not field.attribute)


def _session_spec(entity_type: str) -> Spec:
    return Spec(
        entity_type,
        entity_type,
        entity_type + "s",
        _elements(entity_type),
        ("Name", "UID"),
        _session_values,
        _session_links,
        _session_href,
        _session_reference,
        json_first=("IsRetry",),
    )


def _task_session_spec(entity_type: str) -> Spec:
    head = ("Name", "UID", "VmDisplayName")
    elements = _elements(entity_type)
    return Spec(
        entity_type, entity_type, entity_type + "s", elements, head, _task_session_values, _task_session_links, _task_session_href, _task_session_reference
    )


SPECS: dict[str, Spec] = {
    spec.type: spec
    for spec in (
        Spec(
            "BackupServer",
            "BackupServer",
            "BackupServers",
            _elements("BackupServer"),
            ("Name", "UID"),
            _server_values,
            _server_links,
            _server_path,
            _server_reference,
        ),
        Spec("Job", "Job", "Jobs", _elements("Job"), ("Name", "UID"), _job_values, _job_links, _job_path, _job_reference),
        _session_spec("BackupJobSession"),
        _session_spec("ReplicaJobSession"),
        _task_session_spec("BackupTaskSession"),
        _task_session_spec("ReplicaTaskSession"),
        Spec(
            "RestoreSession",
            "RestoreSession",
            "RestoreSessions",
            _elements("RestoreSession"),
            ("Name", "UID", "VmDisplayName"),
            _restore_values,
            _restore_links,
            lambda restore, ctx: _restore_path(restore) + "?format=Entity",
            _restore_reference,
        ),
        Spec("Task", "Task", "Tasks", _elements("Task"), (), _task_values, _task_links, lambda task, ctx: f"/tasks/{task.id}"),
        Spec(
            "LogonSession",
            "LogonSession",
            "LogonSessions",
            (Element("UserName"), Element("SessionId")),
            (),
            _logon_values,
            _logon_links,
            lambda logon, ctx: f"/logonSessions/{logon.id}",
        ),
    )
}


# Made by the simulator's own classes and not by rows.
LIVE_TYPES = tuple(SPECS)


# What links say of things

_LABELS: dict[str, Callable[[Any, Context], str]] = {
    "BackupServer": lambda server, ctx: server.name,
    "Job": lambda job, ctx: job.name,
    **dict.fromkeys(SESSION_PATHS, session_name),
    **dict.fromkeys(("BackupTaskSession", "ReplicaTaskSession"), lambda task, ctx: named(task.machine.name, task.created_us, ctx)),
    "RestoreSession": lambda restore, ctx: named(restore.label, restore.created_us, ctx),
}
_PATHS: dict[str, Callable[[Any, Context], str]] = {
    "BackupServer": lambda server, ctx: f"/backupServers/{server.id}",
    "Job": lambda job, ctx: f"/jobs/{job.id}",
    **dict.fromkeys(SESSION_PATHS, lambda session, ctx: session_path(session)),
    **dict.fromkeys(("BackupTaskSession", "ReplicaTaskSession"), _task_session_path),
    "RestoreSession": lambda restore, ctx: _restore_path(restore),
}


def target(thing: Any, ctx: Context) -> tuple[str, str]:
    """Return path and name of a thing that a link leads to."""
    if isinstance(thing, Row):
        return row_path(thing), row_name(thing, ctx)
    kind = entity_type(thing)
    return _PATHS[kind](thing, ctx), _LABELS[kind](thing, ctx)


def label(thing: Any, ctx: Context) -> str:
    """Return the name of a thing."""
    return target(thing, ctx)[1]


def uid(thing: Any) -> str:
    """Return the URN of a thing."""
    return row_uid(thing) if isinstance(thing, Row) else f"urn:veeam:{entity_type(thing)}:{thing.id}"


SPECS.update({declared.type: row_spec(declared, target) for declared in RESOURCES if declared.type not in SPECS})
