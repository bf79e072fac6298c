# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Self-service of VMware Cloud Director organizations, and the job settings both self-services share. Private to this collection.

Source: reference pages /vCloud, /vCloud/orgConfigs/{ID}, its backupJobSettings (the 13.1 page shows the whole structure)
and the query page; API.md section 5.
"""

from __future__ import annotations

from typing import Tuple

from ._common import BACKUP_SERVER_NAME, PORTAL_ROLES, name, uid
from ._model import Action, Child, Field, Kind, Reference, Resource
from .cloud import PROVIDER_SERVER, choice, flag, group, number, only_filter, urn, word
from .jobs import MONTHS, WEEK_DAYS

SCHEDULER_TYPES = ("Full", "Partial", "Random", "Disabled")

_ENABLED = flag("enabled", "Enabled", "Whether these settings are in force.", attribute=True, sample=False)
_DAYS = Field("days", "Days", Kind.ENUM, "Days of the week that count.", values=WEEK_DAYS, many=True)
_MONTHLY = group(
    "options_monthly",
    "OptionsMonthly",
    "On a day of the month.",
    _ENABLED,
    word("day_number_in_month", "DayNumberInMonth", "Which of the weekdays in a month, such as First or Last.", sample="Last"),
    choice("day_of_week", "DayOfWeek", "Weekday that counts.", WEEK_DAYS, sample="Saturday"),
    Field("months", "Months", Kind.ENUM, "Calendar months in which the full backup is made.", values=MONTHS, many=True),
)

SELF_SERVICE_JOB_SETTINGS = group(
    "job_settings",
    "JobSettings",
    "How much of a job the tenant may set, and where the rest comes from.",
    flag("default_settings", "DefaultSettings", "Whether jobs get the product's defaults and not those of a template job.", sample=True),
    flag("custom_settings", "CustomSettings", "Whether jobs follow a template job; some servers say it this way round."),
    choice(
        "job_scheduler_type",
        "JobSchedulerType",
        "Scheduling that tenants may do: all, daily and monthly only, none with a random start, none without any start.",
        SCHEDULER_TYPES,
        sample="Full",
    ),
    flag("high_priority_job", "HighPriorityJob", "Whether the tenant's jobs get resources before others.", sample=False),
    urn("template_job_uid", "TemplateJobUid", "URN of the job whose settings are copied, null where there is none."),
)
ONLY_SCHEDULER_TYPE = only_filter(
    "job_scheduler_type", "JobSchedulerType", Kind.ENUM, "Scheduling that tenants may do; only for filters, the record has it in job_settings.", SCHEDULER_TYPES
)
USED_QUOTA = Field(
    "used_quota_mb",
    "UsedQuotaMb",
    Kind.INT,
    "Part of the granted space that is taken, in MB.",
    filter_name="UsedQuota",
    aliases=("UsedQuota",),
    sample=120832,
)
QUOTA_GB = number("quota_gb", "QuotaGb", "Space that is granted on the repository, in GB.", filter_name="QuotaGb", sample=500)
CONFIG_BACKUP_SERVER_UID = urn(
    "backup_server_uid",
    "BackupServerUid",
    "URN of the backup server that runs the jobs.",
    filter_name="BackupServerUid",
    sample="urn:veeam:BackupServer:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11",
)
CONFIG_REPOSITORY_UID = urn(
    "repository_uid",
    "RepositoryUid",
    "URN of the repository that backups go to.",
    filter_name="RepositoryUid",
    sample="urn:veeam:Repository:3a2b1c0d-9e8f-4765-8432-10fedcba9876",
)

_BACKUP_SETTINGS = group(
    "backup_settings",
    "BackupSettings",
    "How the backup chain is built.",
    group(
        "backup_mode",
        "BackupMode",
        "Kind of chain; the part that is not null is the one in use.",
        group(
            "incremental",
            "Incremental",
            "Full backup followed by increments.",
            group(
                "synthetic_full",
                "SyntheticFull",
                "Full backups put together from what is on the repository.",
                _ENABLED,
                group("options_daily", "OptionsDaily", "On days of the week.", _ENABLED, _DAYS),
                flag(
                    "transform_previous_backup_chains",
                    "TransformPreviousBackupChains",
                    "Whether the increments before are turned into rollbacks.",
                    sample=False,
                ),
            ),
        ),
    ),
    group(
        "active_full_backup",
        "ActiveFullBackup",
        "Full backups read anew from the machines.",
        _ENABLED,
        group("options_weekly", "OptionsWeekly", "On days of the week.", _ENABLED, _DAYS),
        _MONTHLY,
    ),
)

_MAINTENANCE_SETTINGS = group(
    "maintenance_settings",
    "MaintenanceSettings",
    "Care for backup files.",
    group(
        "backup_files_health_check",
        "BackupFilesHealthCheck",
        "Checking what is stored for damage.",
        _ENABLED,
        group("options_weekly", "OptionsWeekly", "On days of the week.", _ENABLED, _DAYS),
        _MONTHLY,
    ),
    group(
        "full_backup_file_maintenance",
        "FullBackupFileMaintenance",
        "Keeping the full file small.",
        group(
            "remove_deleted_vms",
            "RemoveDeletedVms",
            "Dropping data of machines that no longer exist.",
            _ENABLED,
            number("remove_after", "RemoveAfter", "How long their data is kept, in days.", sample=14),
        ),
        group(
            "defragment_full_backup_file",
            "DefragmentFullBackupFile",
            "Writing the file anew and compact.",
            _ENABLED,
            group("options_weekly", "OptionsWeekly", "On days of the week.", _ENABLED, _DAYS),
            _MONTHLY,
        ),
    ),
)

_STORAGE_SETTINGS = group(
    "storage_settings",
    "StorageSettings",
    "How data is stored.",
    group(
        "data_reduction",
        "DataReduction",
        "What is done to make backups smaller.",
        flag("enable_inline_data_deduplication", "EnableInlineDataDeduplication", "Whether equal blocks are stored once.", sample=True),
        flag("enable_swap_file_blocks", "EnableSwapFileBlocks", "Whether blocks of the guest's swap file are left out.", sample=True),
        flag("enable_deleted_file_blocks", "EnableDeletedFileBlocks", "Whether blocks of files that the guest deleted are left out.", sample=True),
        word("compression_level", "CompressionLevel", "How hard data is compressed, such as Optimal.", sample="Optimal"),
        word("storage_optimization", "StorageOptimization", "Kind of target that the block size suits, such as LocalTarget.", sample="LocalTarget"),
    ),
    group("encryption", "Encryption", "Encrypting the backup files.", _ENABLED),
)

_NOTIFICATIONS_SETTINGS = group(
    "notifications_settings",
    "NotificationsSettings",
    "Who learns of a run.",
    flag("send_snmp_notifications", "SendSnmpNotifications", "Whether an SNMP trap is sent at the end of a run.", sample=False),
    group(
        "vm_attribute_notifications",
        "VmAttributeNotifications",
        "Result written to the machine in vSphere.",
        _ENABLED,
        word(
            "set_successful_backup_details_to_vm_attr",
            "SetSuccessfulBackupDetailsToVmAttr",
            "Which attribute of the machine is written, such as Notes.",
            sample="Notes",
        ),
        flag("append_to_existing_attr_value", "AppendToExistingAttrValue", "Whether text that stands there is kept.", sample=True),
    ),
)

_VSPHERE_SETTINGS = group(
    "vsphere_settings",
    "vSphereSettings",
    "Changed block tracking and quiescence of VMware guests.",
    group("guest_quiescence", "GuestQuiescence", "Freezing the guest by VMware Tools.", _ENABLED),
    group(
        "changed_block_tracking",
        "ChangedBlockTracking",
        "Reading changed blocks only.",
        _ENABLED,
        flag("enable_for_all_protected_vms", "EnableForAllProtectedVms", "Whether tracking is switched on where it is off.", sample=True),
        flag("reset_change_tracking_on_active_full", "ResetChangeTrackingOnActiveFull", "Whether each active full starts tracking anew.", sample=True),
    ),
)

_INTEGRATION_SETTINGS = group(
    "integration_settings",
    "IntegrationSettings",
    "Use of storage systems.",
    group(
        "backup_from_storage_snapshots",
        "BackupFromStorageSnapshots",
        "Reading from snapshots of the storage system.",
        _ENABLED,
        number("limit_processed_vm_count_per_storage_snapshot", "LimitProcessedVmCountPerStorageSnapshot", "Most machines read from one snapshot.", sample=10),
        # The element is really spelled so, as in job schedules.
        flag("failover_to_standard_backup", "FailoverToStandartBackup", "Whether a machine is read the usual way when its snapshot fails.", sample=False),
    ),
)

_SCRIPT = (_ENABLED, word("script_path", "ScriptPath", "File that is run, empty for none."))
_SCRIPTS_SETTINGS = group(
    "scripts_settings",
    "ScriptsSettings",
    "Scripts around a run.",
    group("post_job_script", "PostJobScript", "What runs at the end.", *_SCRIPT),
    group("pre_job_script", "PreJobScript", "What runs at the start.", *_SCRIPT),
    group(
        "run_scripts_every_backup_session",
        "RunScriptsEveryBackupSession",
        "How often both are run.",
        number("run_every_backup_session", "RunEveryBackupSession", "Distance between runs with scripts: 1 means every run.", sample=1),
    ),
)

BACKUP_JOB_SETTINGS: Tuple[Field, ...] = (
    flag("use_default_job_settings", "UseDefaultJobSettings", "Whether these are the product's defaults and not those of a template job.", sample=True),
    group(
        "advanced_settings",
        "AdvancedSettings",
        "Everything that a template job would set.",
        _BACKUP_SETTINGS,
        _MAINTENANCE_SETTINGS,
        _STORAGE_SETTINGS,
        _NOTIFICATIONS_SETTINGS,
        _VSPHERE_SETTINGS,
        _INTEGRATION_SETTINGS,
        _SCRIPTS_SETTINGS,
    ),
    flag("source_proxy_auto_detect", "SourceProxyAutoDetect", "Whether the backup server chooses the proxy that reads data.", sample=True),
)

VCLOUD_ORGANIZATION_CONFIG = Resource(
    thing="vcloud_org_config",
    plural="vcloud_org_configs",
    title="vCloud organization configuration",
    type="VCloudOrganizationConfig",
    path="/vCloud/orgConfigs",
    list_root="VCloudOrganizationConfigs",
    query_type="VCloudOrganizationConfig",
    default_sort="name",
    roles=PORTAL_ROLES,
    fields=(
        uid("organization's configuration", "urn:veeam:VCloudOrganizationConfig:94b6d2e8-5f01-4c7a-83d9-a7c0e1f25b46"),
        name("Name of the organization in VMware Cloud Director.", "tenant-a-org"),
        CONFIG_BACKUP_SERVER_UID,
        CONFIG_REPOSITORY_UID,
        QUOTA_GB,
        flag(
            "is_disabled",
            "IsDisabled",
            "Whether the built-in configuration for all other organizations is switched off; false for any other.",
            filter_name="Disabled",
            sample=False,
        ),
        SELF_SERVICE_JOB_SETTINGS,
        USED_QUOTA,
        urn(
            "host_uid",
            "HostUid",
            "URN of the managed server that is the VMware Cloud Director.",
            filter_name="HostUid",
            sample="urn:veeam:ManagedServer:0e8d6c4b-2a19-4f37-95c8-b1d3e5f70926",
        ),
        word(
            "repository_friendly_name",
            "RepositoryFriendlyName",
            "What the organization sees in place of the repository's name.",
            filter_name="RepositoryFriendlyName",
            sample="Gold Storage",
        ),
        ONLY_SCHEDULER_TYPE,
        BACKUP_SERVER_NAME,
    ),
    references=(PROVIDER_SERVER,),
    actions=(Action("disable", "EditOtherOrganizationConfig", PORTAL_ROLES),),
    children=(Child("backup_job_settings", "backupJobSettings", "VCloudOrganizationConfigBackupJobSettings"),),
    notes=("Only the built-in configuration for all other organizations can be disabled.",),
)

VCLOUD_BACKUP_JOB_SETTINGS = Resource(
    thing="vcloud_backup_job_settings",
    plural="vcloud_backup_jobs_settings",
    title="job settings of a vCloud organization",
    title_plural="job settings of vCloud organizations",
    type="VCloudOrganizationConfigBackupJobSettings",
    path="/vCloud/orgConfigs/{vcloud_org_config}/backupJobSettings",
    list_root="",
    envelope="Resources",
    key="href",
    roles=PORTAL_ROLES,
    fields=BACKUP_JOB_SETTINGS,
    references=(PROVIDER_SERVER, Reference("vcloud_org_config", "Up", ("VCloudOrganizationConfig",), "Configuration that the settings belong to.")),
)

VCLOUD_SERVICE = Resource(
    thing="vcloud_service",
    plural="vcloud_services",
    title="vCloud service",
    type="VCloudService",
    path="/vCloud",
    list_root="",
    envelope="Resources",
    key="href",
    roles=PORTAL_ROLES,
    fields=(),
    children=(Child("org_configs", "orgConfigs", "VCloudOrganizationConfig"),),
)
