# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts, machines, jobs, runs and restore points by hand, in the words of whoever tests what is said of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from records import BACKUP_SERVER, NOW, ago, guid, record

from _api.entities.registry import BY_TYPE
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.model import Record
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.times import as_time, seconds_of

OTHER_SERVER = "vbr02.example.com"
_numbers = itertools.count()


def estate(*parts: Any) -> dict[str, list[Record]]:
    """Return the records of the parts by kind. Args: parts: records, and lists of them at any depth."""
    found: dict[str, list[Record]] = {}
    for one in _flat(parts):
        found.setdefault(_kind_of(one), []).append(one)
    return found


def _flat(parts: Iterable[Any]) -> Iterable[Record]:
    for part in parts:
        if isinstance(part, dict):
            yield part
        else:
            yield from _flat(part)


def _kind_of(one: Record) -> str:
    if "object_ref" in one:
        return "hierarchy_machines" if "hierarchy_root" in one else "container_machines"
    return BY_TYPE[one["type"]].plural if "type" in one else "closed_containers"


def new(kind: str, name: str | None = None, **values: Any) -> Record:
    """Return a record that no other one has the id of."""
    return record(kind, name, **{"id": guid(kind, next(_numbers)), **values})


def reference(to: Record) -> Record:
    """Return a reference to a record."""
    return {name: to[name] for name in ("id", "uid", "name", "type")}


def later(time: str, minutes: float) -> str:
    """Return the time so many minutes after another."""
    return as_time(seconds_of(time) + minutes * 60)


# -- hosts --------------------------------------------------------------------------------------------------


def object_ref(name: str, host: str = "vc01", kind: str = "Vm", platform: str = "VMware") -> str:
    """Return the reference to something that a virtualization host shows."""
    return f"urn:{platform}:{kind}:{guid('host', host)}.{kind.lower()}-{name}"


def host(name: str = "vc01", machines: Sequence[str] = (), backup_server: str = BACKUP_SERVER, unique_id: str | None = None) -> list[Record]:
    """Return a virtualization host with the machines that it shows."""
    root = record("hierarchy_roots", name, id=guid("host", name), unique_id=unique_id, backup_server=backup_server)
    return [root, *(shown(machine, root) for machine in machines)]


def shown(name: str, root: Record, ref: str | None = None) -> Record:
    """Return a machine as its virtualization host shows it."""
    return record("hierarchy_machines", name, object_ref=ref or object_ref(name, root["name"]), hierarchy_root=reference(root))


def held(container: str, *names: str, host: str = "vc01") -> list[Record]:
    """Return the machines in a container."""
    return [record("container_machines", name, object_ref=object_ref(name, host), container=container) for name in names]


def closed(container: str) -> Record:
    """Return a container that nobody could look into."""
    return {"id": None, "uid": container, "container": container}


# -- jobs ---------------------------------------------------------------------------------------------------

PARTS = {
    "Backup": "backup_job_info",
    "Replica": "replica_job_info",
    "BackupCopy": "backup_copy_job_info",
    "ImmediateBackupCopy": "immediate_backup_copy_job_info",
}


def job(name: str, *objects: str, kind: str = "Backup", sources: Sequence[Record] = (), **values: Any) -> Record:
    """Return an enabled job that runs daily. Args: objects: references of what is in it; sources: jobs that a copy reads."""
    held: dict[str, Any] = {} if kind == "ImmediateBackupCopy" else {"includes": entries(objects)}
    if "Copy" in kind:
        held["linked_job_includes"] = [{"linked_job_uid": source["uid"]} for source in sources]
    usual = {"job_type": kind, "schedule_configured": True, "schedule_enabled": True, "backup_server": BACKUP_SERVER, "job_info": {PARTS[kind]: held}}
    return new("jobs", name, **{**usual, "job_schedule_options": standard(), **values})


def entries(references: Sequence[str]) -> list[dict[str, Any]]:
    """Return entries of a job, called as their references end."""
    return [{"hierarchy_obj_ref": one, "name": one.rpartition(".")[2].partition("-")[2]} for one in references]


def agent_job(name: str, *names: str, **values: Any) -> Record:
    """Return an enabled agent job. Args: names: of computers and protection groups."""
    usual = {"job_type": "AgentBackup", "schedule_configured": True, "schedule_enabled": True, "backup_server": BACKUP_SERVER}
    info = {"includes": [{"name": one, "display_name": one} for one in names]}
    return new("agent_jobs", name, **{**usual, "job_info": info, "job_schedule_options": standard(), **values})


def standard(**parts: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schedule of a job; without parts of it a daily one."""
    return {"standard": parts or {"options_daily": {"enabled": True, "kind": "Everyday", "time": "20:00:00"}}}


def week(allowed: Iterable[int] = range(24), **days: Iterable[int]) -> list[dict[str, str]]:
    """Return the hours of a week as schedules have them. Args: allowed: hours of a day; days: hours of single days that differ."""
    names = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
    return [{"name": name, "value": ",".join("01"[hour in set(days.get(name, allowed))] for hour in range(24))} for name in names]


# -- runs and restore points --------------------------------------------------------------------------------


def run(of: Record, began: str = NOW, minutes: float = 10, result: str = "Success", **values: Any) -> Record:
    """Return a job session that is over."""
    kind = of.get("job_type") or {"NasJob": "NasBackup"}.get(of["type"])
    whose = {"job_uid": f"urn:veeam:Job:{of['id']}", "job_name": of["name"], "job_type": kind, "backup_server": of["backup_server"], "is_retry": False}
    over = {"creation_time": began, "end_time": later(began, minutes), "state": "Stopped", "result": result}
    return new("replica_sessions" if kind == "Replica" else "backup_sessions", f"{of['name']}@x", **{**whose, **over, **values})


def going_on(of: Record, began: str, **values: Any) -> Record:
    """Return a job session that has not ended."""
    return run(of, began, **{"end_time": None, "state": "Working", "result": "None", **values})


def task(name: str, of: Record, result: str = "Success", minutes: float = 5, ref: str | None = "", **values: Any) -> Record:
    """Return the completed task session of a machine in a job session, begun with it. Args: ref: None for a server that does not tell it."""
    whose = {"vm_display_name": name, "vm_uid": object_ref(name) if ref == "" else ref, "job_session_uid": of["uid"], "backup_server": of["backup_server"]}
    over = {"creation_time": of["creation_time"], "end_time": later(of["creation_time"], minutes), "state": "Completed", "result": result, "reason": ""}
    return new("backup_task_sessions", f"{name}@x", **{**whose, **over, "total_size": 10**10, **values})


def backup(name: str, repository: str = "Volume 1", **values: Any) -> Record:
    """Return a backup."""
    return new("backups", name, **{"repository": repository, "backup_server": BACKUP_SERVER, "backup_type": "Standard", **values})


def point(name: str, created: str, of: Record | None = None, ref: str | None = "", **values: Any) -> list[Record]:
    """Return a machine's restore point with what it is part of. Args: of: the backup that it lies in."""
    whole = new("restore_points", backup=reference(of) if of else None, backup_server=BACKUP_SERVER)
    usual = {"vm_display_name": name, "hierarchy_obj_ref": object_ref(name) if ref == "" else ref, "creation_time": created, "point_type": "Increment"}
    own = new("vm_restore_points", f"{name}@x", **{**usual, "algorithm": "Incremental", "backup_server": BACKUP_SERVER, **values})
    return [{**own, "restore_point": reference(whole)}, whole]


def computer(name: str, group: str | None = None, **values: Any) -> Record:
    """Return a computer of a protection group."""
    return new("discovered_computers", name, **{"backup_server": BACKUP_SERVER, "protection_group": group, **values})


def agent_point(name: str, created: str, **values: Any) -> Record:
    """Return a computer's restore point."""
    return new("agent_restore_points", f"{name}@x", **{"creation_time": created, "backup_server": BACKUP_SERVER, "point_type": "Full", **values})


def days_back(number: int, hours: float = 2.0) -> list[str]:
    """Return the times of so many daily runs, the newest so many hours ago."""
    return [ago(hours=hours, days=day) for day in range(number)]
