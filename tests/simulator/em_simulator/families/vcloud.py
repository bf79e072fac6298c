# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Self-service of VMware Cloud Director organizations: their configurations, and the built-in one for all others."""

from __future__ import annotations

from typing import Any

from ..build import Build
from ..model import Row, Server
from ..rows import row_uid
from ..wire import Link
from ..world import World
from .neighbours import Neighbours

_MACHINES_OF_AN_ORGANIZATION = 500
_ORGANIZATIONS = ("northwind-org", "harbour-org")
_OTHERS = "Other organizations"
_GIB_MB = 1024


def add(world: World, build: Build) -> None:
    """Put in the service page, two organizations at least, and the configuration of all others, which is disabled."""
    world.add(Row("", "VCloudService"))
    if not build.populated:
        return
    wanted = max(len(_ORGANIZATIONS), len(build.machines) // _MACHINES_OF_AN_ORGANIZATION)
    for number in range(wanted):
        name = _ORGANIZATIONS[number] if number < len(_ORGANIZATIONS) else f"org-{number:03d}"
        _organization(world, build, name, number, disabled=False)
    _organization(world, build, _OTHERS, wanted, disabled=True)


def _organization(world: World, build: Build, name: str, number: int, disabled: bool) -> None:
    near = Neighbours(world)
    director = near.cloud_director()
    (server,) = director.up
    values = {
        **quota_of(near, server, number, per_step_gb=250),
        "IsDisabled": disabled,
        "JobSettings": job_settings(build, number),
        "HostUid": f"urn:veeam:ManagedServer:{director.id}",
        "RepositoryFriendlyName": "Gold Storage" if number == 0 else "Silver Storage",
        "JobSchedulerType": SCHEDULER_TYPES[number % len(SCHEDULER_TYPES)],
    }
    config = Row(build.guid("organization config", name), "VCloudOrganizationConfig", name, values, up=(server,))
    world.add(config)
    world.add(backup_job_settings(config, "VCloudOrganizationConfigBackupJobSettings", number))


# What both self-services share

SCHEDULER_TYPES = ("Full", "Partial", "Random", "Disabled")


def quota_of(near: Neighbours, server: Server, number: int, per_step_gb: int) -> dict[str, Any]:
    """Return where the backups of a configuration go, and how much space they may take."""
    granted = per_step_gb * (number % 4 + 1)
    return {
        "BackupServerUid": f"urn:veeam:BackupServer:{server.id}",
        "RepositoryUid": row_uid(near.repository_of(server)),
        "QuotaGb": granted,
        "UsedQuotaMb": granted * _GIB_MB * (number % 5) // 10,
    }


def job_settings(build: Build, number: int) -> dict[str, Any]:
    """Return how much of a job may be set; every second configuration copies its settings from a job of the estate."""
    template = build.jobs[0] if number % 2 and build.jobs else None
    return {
        "DefaultSettings": template is None,
        "JobSchedulerType": SCHEDULER_TYPES[number % len(SCHEDULER_TYPES)],
        "HighPriorityJob": number == 0,
        "TemplateJobUid": f"urn:veeam:Job:{template.id}" if template else None,
    }


def backup_job_settings(config: Row, kind: str, number: int) -> Row:
    """Return the job settings that lie below a configuration."""
    values = {"UseDefaultJobSettings": number % 2 == 0, "AdvancedSettings": _advanced(), "SourceProxyAutoDetect": True}
    path = f"/{'vCloud/orgConfigs' if config.type == 'VCloudOrganizationConfig' else 'selfService/vSphere/Configs'}/{config.id}/backupJobSettings"
    return Row("", kind, values=values, up=(*config.up, config), parents=(config.id,), links=(Link("Edit", path),))


def _enabled(enabled: bool, **more: Any) -> dict[str, Any]:
    return {"Enabled": enabled, **more}


def _weekly(day: str = "Saturday", enabled: bool = False) -> dict[str, Any]:
    return {"Enabled": enabled, "Days": [day]}


def _monthly() -> dict[str, Any]:
    return {"Enabled": False, "DayNumberInMonth": "Last", "DayOfWeek": "Saturday", "Months": ["January", "July"]}


def _advanced() -> dict[str, Any]:
    """Return the settings that nobody changed."""
    synthetic = _enabled(True, OptionsDaily=_weekly(enabled=True), TransformPreviousBackupChains=False)
    script = _enabled(False, ScriptPath="")
    return {
        "BackupSettings": {
            "BackupMode": {"Incremental": {"SyntheticFull": synthetic}},
            "ActiveFullBackup": _enabled(False, OptionsWeekly=_weekly(), OptionsMonthly=_monthly()),
        },
        "MaintenanceSettings": {
            "BackupFilesHealthCheck": _enabled(True, OptionsWeekly=_weekly("Friday", enabled=True), OptionsMonthly=_monthly()),
            "FullBackupFileMaintenance": {
                "RemoveDeletedVms": _enabled(False, RemoveAfter=14),
                "DefragmentFullBackupFile": _enabled(False, OptionsWeekly=_weekly(), OptionsMonthly=_monthly()),
            },
        },
        "StorageSettings": {
            "DataReduction": {
                "EnableInlineDataDeduplication": True,
                "EnableSwapFileBlocks": True,
                "EnableDeletedFileBlocks": True,
                "CompressionLevel": "Optimal",
                "StorageOptimization": "LocalTarget",
            },
            "Encryption": _enabled(False),
        },
        "NotificationsSettings": {
            "SendSnmpNotifications": False,
            "VmAttributeNotifications": _enabled(False, SetSuccessfulBackupDetailsToVmAttr="Notes", AppendToExistingAttrValue=True),
        },
        "vSphereSettings": {
            "GuestQuiescence": _enabled(False),
            "ChangedBlockTracking": _enabled(True, EnableForAllProtectedVms=True, ResetChangeTrackingOnActiveFull=True),
        },
        "IntegrationSettings": {
            "BackupFromStorageSnapshots": _enabled(True, LimitProcessedVmCountPerStorageSnapshot=10, FailoverToStandartBackup=False),
        },
        "ScriptsSettings": {"PostJobScript": script, "PreJobScript": script, "RunScriptsEveryBackupSession": {"RunEveryBackupSession": 1}},
    }
