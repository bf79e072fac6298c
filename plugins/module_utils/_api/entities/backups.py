# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Backups, their files, and restore points of backups, machines and vApps. Private to this collection.

Source: reference pages /backups/{ID}, /backupFiles/{ID}, /restorePoints/{ID}, /vmRestorePoints/{ID}, /vAppRestorePoints/{ID}
and their query pages; WIRE.md section 7 (CreationTimeUtc of files, names of restore points, sizes); API.md section 5 (PointType).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Tuple

from ._common import BACKUP_SERVER, BACKUP_SERVER_FILTERS, PORTAL_ADMINISTRATOR, PORTAL_ROLES, creation_time, name, uid, vm_display_name
from ._model import Action, Child, Field, Kind, Reference, Resource

VM_RESTORE_OPERATOR = "VM Restore Operator"
FILE_RESTORE_OPERATOR = "File Restore Operator"
RESTORE_POINT_ROLES = PORTAL_ROLES + (VM_RESTORE_OPERATOR, FILE_RESTORE_OPERATOR)

BACKUP_PLATFORMS = ("VMware", "HyperV", "vCloud", "AgentForLinux", "AgentForWindows", "CustomPlatform")
ALGORITHMS = ("Full", "ReversedIncremental", "Incremental", "SyntheticFull")

KEPT_BY = replace(BACKUP_SERVER, description="Backup server that keeps it in its catalogue.")
IN_BACKUP = Reference("backup", "Up", ("Backup",), "Backup that it belongs to.")
ON_REPOSITORY = Reference("repository", "Up", ("Repository", "ExternalRepository"), "Repository that holds the data.")
OF_RESTORE_POINT = Reference("restore_point", "Up", ("RestorePoint",), "Restore point of the whole backup that it is part of.")


def of_link(record: str, wire: str, what: str, filled_from: str, kind: str = Kind.STRING, sample: object = None) -> Field:
    """A field that a filter knows and the answer does not carry, known from the link to the thing."""
    part = {"uid": "URN", "name": "Name", "id": "Id"}[filled_from.rpartition(".")[2]]
    text = "%s of the %s, taken from the link to it." % (part, what)
    return Field(record, wire, kind, text, filter_name=wire, filter_only=True, filled_from=filled_from, sample=sample)


REPOSITORY_FILTERS = (
    of_link("repository_uid", "RepositoryUid", "repository that holds the data", "repository.uid", Kind.UID),
    of_link("repository_name", "RepositoryName", "repository that holds the data", "repository.name", sample="Default Backup Repository"),
)
JOB_FILTERS = (
    Field(
        "job_uid", "JobUid", Kind.UID, "URN of the job that writes it; only for filters, the answer does not carry it.", filter_name="JobUid", filter_only=True
    ),
    Field(
        "job_name",
        "JobName",
        Kind.STRING,
        "Name of the job that writes it; only for filters, the answer does not carry it.",
        filter_name="JobName",
        filter_only=True,
    ),
)
_BACKUP_FILTERS = (
    of_link("backup_uid", "BackupUid", "backup that it belongs to", "backup.uid", Kind.UID, "urn:veeam:Backup:2c3d4e5f-6071-4829-93a4-b5c6d7e8f901"),
    of_link("backup_name", "BackupName", "backup that it belongs to", "backup.name", sample="SQL Server Backup"),
)


def algorithm(values: Tuple[str, ...] = ALGORITHMS, sample: str = "Incremental") -> Field:
    """How the point was made from the ones before it."""
    return Field("algorithm", "Algorithm", Kind.ENUM, "Method by which the point was made.", values=values, filter_name="Algorithm", sample=sample)


def point_type(values: Tuple[str, ...], sample: str) -> Field:
    """Documented query field Type, on the wire PointType (API.md section 5)."""
    text = "What the point stores: all blocks, or the change against its neighbours in the chain."
    return Field("point_type", "PointType", Kind.ENUM, text, values=values, filter_name="Type", sample=sample)


BACKUP_POINT_TYPES = ("Full", "Increment", "ReverseIncrement")

BACKUP_FILE = Resource(
    thing="backup_file",
    plural="backup_files",
    title="backup file",
    type="BackupFile",
    path="/backupFiles",
    more_paths=("/agents/backupFiles",),
    list_root="BackupFiles",
    query_type="BackupFile",
    default_sort="creation_time",
    roles=PORTAL_ROLES,
    fields=(
        uid("backup file", "urn:veeam:BackupFile:4d5e6f70-8192-4a3b-84c5-d6e7f8091a2b"),
        name("File name without folder.", "SQL Server BackupD2026-11-20T200007_8B56.vbk"),
        Field(
            "file_path",
            "FilePath",
            Kind.STRING,
            "Folder and name on the repository.",
            sample="E:\\Backup\\SQL Server Backup\\SQL Server BackupD2026-11-20T200007_8B56.vbk",
        ),
        Field("backup_size", "BackupSize", Kind.SIZE, "Space that the file takes on the repository, in bytes.", filter_name="BackupSize", sample=18040224768),
        Field("data_size", "DataSize", Kind.SIZE, "Amount of source data in the file before reduction, in bytes.", filter_name="DataSize", sample=42949683607),
        Field("deduplication_ratio", "DeduplicationRatio", Kind.DECIMAL, "How many times smaller the data became by leaving out equal blocks.", sample=1.68),
        Field(
            "compress_ratio",
            "CompressRatio",
            Kind.DECIMAL,
            "How many times smaller the remaining blocks became by compression.",
            filter_name="CompressRatio",
            sample=2.38,
        ),
        # Utc is spelled so here and UTC everywhere else (WIRE.md section 7).
        Field(
            "creation_time",
            "CreationTimeUtc",
            Kind.DATETIME,
            "When the file was begun. Time in UTC.",
            filter_name="CreationTimeUTC",
            sample="2026-11-20T20:00:35.920773Z",
        ),
        Field(
            "file_type",
            "FileType",
            Kind.ENUM,
            "Extension that tells the role in the chain: vbk full, vib forward increment, vrb reverse increment.",
            values=("vbk", "vib", "vrb"),
            filter_name="FileType",
            sample="vbk",
        ),
    )
    + _BACKUP_FILTERS
    + BACKUP_SERVER_FILTERS,
    references=(KEPT_BY, IN_BACKUP),
    children=(Child("restore_points", "restorePoints", "RestorePoint"), Child("vm_restore_points", "vmRestorePoints", "VmRestorePoint")),
)

BACKUP = Resource(
    thing="backup",
    plural="backups",
    title="backup",
    type="Backup",
    path="/backups",
    more_paths=("/agents/backups",),
    list_root="Backups",
    query_type="Backup",
    default_sort="name",
    roles=RESTORE_POINT_ROLES,
    fields=(
        uid("backup", "urn:veeam:Backup:2c3d4e5f-6071-4829-93a4-b5c6d7e8f901"),
        name("Name of the job that made it, or of the machine where each has a chain of its own.", "SQL Server Backup"),
        Field("platform", "Platform", Kind.ENUM, "Where the protected machines live.", values=BACKUP_PLATFORMS, filter_name="Platform", sample="VMware"),
        Field(
            "backup_type",
            "BackupType",
            Kind.ENUM,
            "Whether it stands alone, groups the chains of single machines, or is one of these.",
            values=("Standard", "ParentBackup", "ChildBackup"),
            filter_name="BackupType",
            sample="Standard",
        ),
    )
    + JOB_FILTERS
    + REPOSITORY_FILTERS,
    references=(KEPT_BY, ON_REPOSITORY),
    children=(
        Child("restore_points", "restorePoints", "RestorePoint"),
        Child("backup_files", "backupFiles", "BackupFile"),
        Child("child_backups", "childbackups", "Backup", "the backups of single machines that it groups"),
    ),
)

RESTORE_POINT = Resource(
    thing="restore_point",
    plural="restore_points",
    title="restore point",
    type="RestorePoint",
    path="/restorePoints",
    more_paths=("/agents/restorePoints",),
    list_root="RestorePoints",
    query_type="RestorePoint",
    default_sort="creation_time",
    roles=RESTORE_POINT_ROLES,
    fields=(
        uid("restore point", "urn:veeam:RestorePoint:5e6f7081-92a3-4b4c-95d6-e7f8091a2b3c"),
        name("Date and time in UTC, in the form that the configuration database gives it.", "Nov 20 2026  8:00PM"),
        # On the wire BackupDateUTC; the query knows it as CreationTime only, like the times of all other points.
        Field(
            "creation_time",
            "BackupDateUTC",
            Kind.DATETIME,
            "When the backup run made the point. Time in UTC.",
            filter_name="CreationTime",
            sample="2026-11-20T20:00:07.547Z",
        ),
    )
    + _BACKUP_FILTERS
    + BACKUP_SERVER_FILTERS,
    references=(KEPT_BY, IN_BACKUP),
    children=(
        Child("vm_restore_points", "vmRestorePoints", "VmRestorePoint"),
        Child("vapp_restore_points", "vAppRestorePoints", "VAppRestorePoint"),
        Child("agent_restore_points", "agentRestorePoints", "AgentRestorePoint"),
        Child("backup_files", "backupFiles", "BackupFile"),
    ),
)

VM_RESTORE_POINT = Resource(
    thing="vm_restore_point",
    plural="vm_restore_points",
    title="machine restore point",
    type="VmRestorePoint",
    path="/vmRestorePoints",
    list_root="VmRestorePoints",
    query_type="VmRestorePoint",
    default_sort="creation_time",
    roles=RESTORE_POINT_ROLES,
    fields=(
        uid("machine restore point", "urn:veeam:VmRestorePoint:6f708192-a3b4-4c5d-86e7-f8091a2b3c4d"),
        name("Machine name, an @ and the start in UTC.", "srv-sql-01@2026-11-20 20:01:12"),
        vm_display_name("Name of the machine as the hypervisor shows it."),
        creation_time("When the machine was processed."),
        Field("vm_name", "VmName", Kind.STRING, "Machine's name in the backup; documented, yet seldom sent."),
        algorithm(),
        point_type(BACKUP_POINT_TYPES, "Increment"),
        Field(
            "hierarchy_obj_ref",
            "HierarchyObjRef",
            Kind.UID,
            "URN of the machine in its hierarchy.",
            sample="urn:VMware:Vm:4c3b2a19-0817-4625-b4c3-d2e1f0a9b8c7.vm-1036",
        ),
        of_link("restore_point_id", "RestorePointId", "backup's restore point", "restore_point.id", Kind.UID),
        of_link("restore_point_name", "RestorePointName", "backup's restore point, a time in UTC", "restore_point.name", sample="Nov 20 2026  8:00PM"),
    )
    + BACKUP_SERVER_FILTERS,
    references=(KEPT_BY, OF_RESTORE_POINT, Reference("backup_file", "Up", ("BackupFile",), "File in which the point begins.")),
    actions=(Action("restore", "StartVMRestore", (PORTAL_ADMINISTRATOR, VM_RESTORE_OPERATOR)),),
    children=(Child("mounts", "mounts", "VmRestorePointMount"),),
)

VAPP_RESTORE_POINT = Resource(
    thing="vapp_restore_point",
    plural="vapp_restore_points",
    title="vApp restore point",
    type="VAppRestorePoint",
    path="/vAppRestorePoints",
    list_root="VAppRestorePoints",
    query_type="VAppRestorePoint",
    default_sort="creation_time",
    roles=RESTORE_POINT_ROLES,
    fields=(
        uid("vApp restore point", "urn:veeam:VAppRestorePoint:708192a3-b4c5-4d6e-97f8-091a2b3c4d5e"),
        name("Name of the vApp, an @ and the start in UTC.", "web-shop@2026-11-20 20:01:12"),
        Field(
            "vapp_display_name",
            "VAppDisplayName",
            Kind.STRING,
            "What Cloud Director calls the vApp.",
            filter_name="VAppDisplayName",
            attribute=True,
            sample="web-shop",
        ),
        creation_time("When the vApp was processed."),
        Field("vapp_name", "VAppName", Kind.STRING, "What the backup calls the vApp; servers before 10 send it."),
        algorithm(),
        point_type(BACKUP_POINT_TYPES, "Increment"),
        Field(
            "hierarchy_obj_ref",
            "HierarchyObjRef",
            Kind.UID,
            "URN of the vApp in its hierarchy.",
            sample="urn:vCloud:Vapp:1a2b3c4d-5e6f-4708-8192-a3b4c5d6e7f8.urn:vcloud:vapp:8192a3b4-c5d6-4e7f-8809-1a2b3c4d5e6f",
        ),
        of_link("restore_point_id", "RestorePointId", "backup's restore point", "restore_point.id"),
    )
    + BACKUP_SERVER_FILTERS,
    references=(KEPT_BY, OF_RESTORE_POINT),
    actions=(Action("restore", "StartvAppRestore", RESTORE_POINT_ROLES),),
)
