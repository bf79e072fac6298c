# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""File share backup: jobs, the shares in them, file servers. Private to this collection.

Source: reference pages /nas/jobs/{ID}, /nas/jobs/{ID}/includes/{ID}, /nas/fileServers/{ID} and their query pages; WIRE.md section 6
(actions are path segments: /nas/jobs/ID/start). The root element is NASJob, the type NasJob; the same with NASObject.
"""

from __future__ import annotations

from dataclasses import replace

from ._common import BACKUP_SERVER, BACKUP_SERVER_FILTERS, PORTAL_ADMINISTRATOR, PORTAL_ROLES, description, name, uid
from ._model import Child, Field, Kind, Reference, Resource, Struct
from .jobs import OBJECT_IN_JOB_ID, STANDARD_SCHEDULE, UNLINKED_BACKUP_SERVER_FILTERS, job_orders, parent_job_filters

_SINCE = "v1_5"

_INCLUSION_MASK = Field(
    "inclusion_mask", "InclusionMask", Kind.STRING, "Patterns that a file must match to be taken.", many=True, item="Extension", json_item="Extensions"
)
_EXCLUSION_MASK = Field(
    "exclusion_mask", "ExclusionMask", Kind.STRING, "Patterns of files and folders that are left out.", many=True, item="Extension", json_item="Extensions"
)

_OBJECT_HIERARCHY_OBJ_REF = Field(
    "hierarchy_obj_ref",
    "HierarchyObjRef",
    Kind.UID,
    "URN of the share in its hierarchy.",
    sample="urn:NasBackup:FileServer:a1b2c3d4-e5f6-4789-8abc-def012345678.b2c3d4e5-f607-489a-9bcd-ef0123456789",
)
_OBJECT_FILE_OR_FOLDER = Field("file_or_folder", "FileOrFolder", Kind.STRING, "Path that is backed up.", sample="\\\\fs01.example.com\\projects")
_OBJECT_FILE_SERVER_UID = Field(
    "file_server_uid",
    "FileServerUid",
    Kind.UID,
    "URN of the file server that the path is on.",
    sample="urn:veeam:FileServer:b2c3d4e5-f607-489a-9bcd-ef0123456789",
)
_INCLUDES = Field(
    "includes",
    "Includes",
    Kind.STRUCT,
    "Shares and folders that the job backs up.",
    many=True,
    item="NASObject",
    json_item="NASObjects",
    struct=Struct(
        tuple(
            replace(field, filter_name="", sample=None)
            for field in (_OBJECT_HIERARCHY_OBJ_REF, OBJECT_IN_JOB_ID, _OBJECT_FILE_OR_FOLDER, _OBJECT_FILE_SERVER_UID, _INCLUSION_MASK, _EXCLUSION_MASK)
        )
    ),
)

_ARCHIVE_FILE_TYPES = Field(
    "archive_file_types",
    "ArchiveFileTypes",
    Kind.STRUCT,
    "Which versions move to the archive, and how many stay there.",
    struct=Struct(
        (
            Field(
                "active_file_retention_enabled", "ActiveFileRetentionEnabled", Kind.BOOL, "Whether versions of files that still exist are limited in number."
            ),
            Field("max_active_file_versions_to_keep", "MaxActiveFileVersionsToKeep", Kind.INT, "How many versions of a file that still exists are left."),
            Field("deleted_file_retention_enabled", "DeletedFileRetentionEnabled", Kind.BOOL, "Whether versions of files that are gone are limited in number."),
            Field("max_deleted_file_versions_to_keep", "MaxDeletedFileVersionsToKeep", Kind.INT, "How many versions of a file that is gone are left."),
            Field(
                "file_extensions_option",
                "FileExtensionsOption",
                Kind.STRUCT,
                "Which files are archived at all.",
                struct=Struct(
                    (
                        Field("archive_file_extensions_scope", "ArchiveFileExtensionsScope", Kind.STRING, "Whether all files count or those that match."),
                        _INCLUSION_MASK,
                        _EXCLUSION_MASK,
                    )
                ),
            ),
        )
    ),
)

_STORAGE_OPTIONS = Field(
    "storage_options",
    "StorageOptions",
    Kind.STRUCT,
    "Where backups go and how long versions live.",
    struct=Struct(
        (
            Field("backup_repository_uid", "BackupRepositoryUid", Kind.UID, "URN of the repository for recent versions."),
            # Shortterm and Longterm are really spelled so.
            Field("shortterm_retention_type", "ShorttermRetentionType", Kind.ENUM, "Unit in which recent versions are kept.", values=("Day", "Month")),
            Field("shortterm_retention_period", "ShorttermRetentionPeriod", Kind.INT, "How long recent versions are kept, in the unit beside it."),
            Field("longterm_retention_enabled", "LongtermRetentionEnabled", Kind.BOOL, "Whether old versions move to an archive."),
            Field(
                "keep_file_versions_history_options",
                "KeepFileVersionsHistoryOptions",
                Kind.STRUCT,
                "Archive for old versions, null without one.",
                struct=Struct(
                    (
                        Field(
                            "longterm_retention_type", "LongtermRetentionType", Kind.ENUM, "Unit in which the archive keeps versions.", values=("Month", "Year")
                        ),
                        Field("longterm_retention_period", "LongtermRetentionPeriod", Kind.INT, "How long the archive keeps versions, in the unit beside it."),
                        Field("backup_repository_uid", "BackupRepositoryUid", Kind.UID, "URN of the repository that is the archive."),
                        _ARCHIVE_FILE_TYPES,
                    )
                ),
            ),
            # Tables name it NASJobAdvancedStorageOptions, whole examples do not.
            Field(
                "advanced_storage_options",
                "AdvancedStorageOptions",
                Kind.STRUCT,
                "Details of what is noticed on the share.",
                aliases=("NASJobAdvancedStorageOptions",),
                struct=Struct(
                    (
                        Field(
                            "acl",
                            "ACL",
                            Kind.STRUCT,
                            "How permissions are followed.",
                            struct=Struct(
                                (
                                    Field(
                                        "file_attributes_change_tracking_mode",
                                        "FileAttributesChangeTrackingMode",
                                        Kind.ENUM,
                                        "Whether permissions are watched on folders only or on every object.",
                                        values=("TrackOnlyFolderAttributesChanges", "TrackEverythingAttributesChanges"),
                                    ),
                                )
                            ),
                        ),
                    )
                ),
            ),
        )
    ),
)

NAS_JOB = Resource(
    thing="nas_job",
    plural="nas_jobs",
    title="file share job",
    type="NasJob",
    root="NASJob",
    path="/nas/jobs",
    list_root="NASJobs",
    query_type="NasJob",
    urn_aliases=("Job",),
    default_sort="name",
    roles=(PORTAL_ADMINISTRATOR,),
    since=_SINCE,
    fields=(
        # Whole examples say NasJob, the sessions of these jobs say Job: only the GUID can be relied on.
        uid("file share job", "urn:veeam:NasJob:c3d4e5f6-0718-49ab-8cde-f0123456789a"),
        name("Name of the job; unique on one backup server only.", "Projects Share"),
        description("job"),
        _INCLUDES,
        _STORAGE_OPTIONS,
        Field("schedule_configured", "ScheduleConfigured", Kind.BOOL, "Whether the job has a schedule.", filter_name="ScheduleConfigured", sample=True),
        Field("schedule_enabled", "ScheduleEnabled", Kind.BOOL, "Whether the schedule is switched on.", filter_name="ScheduleEnabled", sample=True),
        Field(
            "next_run",
            "NextRun",
            Kind.DATETIME,
            "When the schedule starts the job next. Time in UTC, null without a schedule.",
            filter_name="NextRun",
            sample="2026-11-21T20:00:00Z",
        ),
        Field("job_schedule_options", "JobScheduleOptions", Kind.STRUCT, "When the job starts by itself.", struct=Struct((STANDARD_SCHEDULE,))),
    )
    + BACKUP_SERVER_FILTERS,
    references=(BACKUP_SERVER,),
    # Lists of references of product version 10 give addresses under /agents/jobs; the id in them is right, that path is not.
    actions=job_orders("StartNasJob", "StopNasJob", "RetryNasJob", in_path=True),
    children=(Child("includes", "includes", "NasObject"), Child("backup_sessions", "backupSessions", "BackupJobSession")),
)

NAS_OBJECT = Resource(
    thing="nas_object",
    plural="nas_objects",
    title="object in a file share job",
    type="NasObject",
    root="NASObject",
    path="/nas/jobs/{nas_job}/includes",
    list_root="NASObjects",
    query_type="NasObject",
    envelope="Resources",
    key="object_in_job_id",
    default_sort="object_in_job_id",
    roles=(PORTAL_ADMINISTRATOR,),
    since=_SINCE,
    fields=(
        _OBJECT_HIERARCHY_OBJ_REF,
        OBJECT_IN_JOB_ID,
        _OBJECT_FILE_OR_FOLDER,
        replace(_OBJECT_FILE_SERVER_UID, filter_name="FileServerUid"),
        _INCLUSION_MASK,
        _EXCLUSION_MASK,
        Field("name", "Name", Kind.STRING, "What the share is called; only for filters, the answer does not carry it.", filter_name="Name", filter_only=True),
        Field(
            "file_server_name",
            "FileServerName",
            Kind.STRING,
            "What the file server is called, taken from the link to it.",
            filter_name="FileServerName",
            filter_only=True,
            filled_from="file_server.name",
            sample="\\\\fs01.example.com\\projects",
        ),
    )
    + parent_job_filters("share")
    + UNLINKED_BACKUP_SERVER_FILTERS,
    references=(
        Reference("job", "Up", ("NasJob", "Job"), "File share job that backs it up."),
        Reference("file_server", "Related", ("FileServer",), "File server that the path is on, null where the answer has no link to it."),
    ),
)

FILE_SERVER = Resource(
    thing="file_server",
    plural="file_servers",
    title="file server",
    type="FileServer",
    path="/nas/fileServers",
    list_root="FileServers",
    query_type="FileServer",
    default_sort="name",
    roles=PORTAL_ROLES,
    since=_SINCE,
    fields=(
        uid("file server", "urn:veeam:FileServer:b2c3d4e5-f607-489a-9bcd-ef0123456789"),
        name("Address of the share or name of the server.", "\\\\fs01.example.com\\projects"),
        Field(
            "server_type",
            "ServerType",
            Kind.ENUM,
            "By which protocol its files are read; FileServer is a managed machine with an agent.",
            values=("FileServer", "SmbServer", "NfsServer"),
            sample="SmbServer",
        ),
        replace(_OBJECT_HIERARCHY_OBJ_REF, description="URN by which jobs and restore scopes refer to the server."),
        Field(
            "smb_server_options",
            "SmbServerOptions",
            Kind.STRUCT,
            "How an SMB share is reached, null for others.",
            struct=Struct(
                (
                    Field("path", "Path", Kind.STRING, "UNC address of the share."),
                    Field("credentials_id", "CredentialsId", Kind.STRING, "GUID of the stored account for the share; empty without one."),
                )
            ),
        ),
        Field(
            "nfs_server_options",
            "NfsServerOptions",
            Kind.STRUCT,
            "How an NFS share is reached, null for others.",
            struct=Struct((Field("path", "Path", Kind.STRING, "Address of the exported folder."),)),
        ),
        Field(
            "file_server_options",
            "FileServerOptions",
            Kind.STRUCT,
            "Which managed machine it is, null for shares.",
            struct=Struct((Field("server_uid", "ServerUid", Kind.UID, "URN of the machine."),)),
        ),
        Field(
            "processing_options",
            "ProcessingOptions",
            Kind.STRUCT,
            "What takes part in moving its data.",
            struct=Struct(
                (
                    Field("server_uid", "ServerUid", Kind.UID, "URN of the machine that reads the files; empty where it is chosen automatically."),
                    Field("cache_repository_uid", "CacheRepositoryUid", Kind.UID, "URN of the repository that remembers which files changed."),
                )
            ),
        ),
        Field(
            "nas_server_advanced_options",
            "NASServerAdvancedOptions",
            Kind.STRUCT,
            "Whether files are read live or from a snapshot.",
            struct=Struct(
                (
                    Field("processing_mode", "ProcessingMode", Kind.STRING, "From what state files are read, such as Direct."),
                    Field("storage_snapshot_path", "StorageSnapshotPath", Kind.STRING, "Where the storage shows its snapshot; empty without one."),
                )
            ),
        ),
    )
    + BACKUP_SERVER_FILTERS,
    references=(replace(BACKUP_SERVER, description="Backup server that backs it up."),),
)
