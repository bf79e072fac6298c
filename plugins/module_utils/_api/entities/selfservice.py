# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Self-service of vSphere users and groups. Private to this collection.

Source: reference pages /selfService/vSphere, /selfService/vSphere/Configs/{ID}, its backupJobSettings and the query page;
API.md section 5. URLs spell the query type VSphereSelfServiceConfig, the page's title VsphereSelfServiceConfig.
"""

from __future__ import annotations

from ._common import BACKUP_SERVER_NAME, PORTAL_ROLES, name, uid
from ._model import Child, Field, Kind, Reference, Resource
from .cloud import PROVIDER_SERVER, choice, flag, group, only_filter, word
from .vcloud import (
    BACKUP_JOB_SETTINGS,
    CONFIG_BACKUP_SERVER_UID,
    CONFIG_REPOSITORY_UID,
    ONLY_SCHEDULER_TYPE,
    QUOTA_GB,
    SELF_SERVICE_JOB_SETTINGS,
    USED_QUOTA,
)

ACCOUNT_TYPES = ("User", "Group")

VSPHERE_SELF_SERVICE_CONFIG = Resource(
    thing="vsphere_self_service_config",
    plural="vsphere_self_service_configs",
    title="vSphere self-service configuration",
    type="VSphereSelfServiceConfig",
    path="/selfService/vSphere/Configs",
    list_root="VSphereSelfServiceConfigs",
    query_type="VSphereSelfServiceConfig",
    default_sort="name",
    roles=PORTAL_ROLES,
    fields=(
        uid("self-service configuration", "urn:veeam:VSphereSelfServiceConfig:b70e5c93-1d48-4a26-9f84-c6e2d0a8f751"),
        name("Name of the user or group that may help itself.", "Web Team"),
        CONFIG_BACKUP_SERVER_UID,
        CONFIG_REPOSITORY_UID,
        QUOTA_GB,
        flag("per_user", "PerUser", "Whether each member of the group gets the whole quota.", filter_name="PerUser", sample=False),
        group(
            "account",
            "Account",
            "Who may help itself.",
            word("account_name", "AccountName", "Log-on name of the user or group.", sample="CORP\\Web Team"),
            word("account_sid", "AccountSid", "Security identifier in Windows notation.", sample="S-1-5-21-1004336348-1177238915-682003330-1412"),
            choice("account_type", "AccountType", "Whether it is one person or many.", ACCOUNT_TYPES, sample="Group"),
        ),
        SELF_SERVICE_JOB_SETTINGS,
        Field(
            "v_centers_scope",
            "VCentersScope",
            Kind.UID,
            "URNs of the vCenter servers whose machines may be chosen, empty for all.",
            many=True,
            item="VCenterUid",
            json_item="VCenterUids",
            aliases=("VCentersScopes",),
        ),
        Field("tags", "Tags", Kind.STRING, "Names of vSphere tags whose machines may be chosen, empty for none.", many=True, item="Tag", json_item="Tags"),
        USED_QUOTA,
        ONLY_SCHEDULER_TYPE,
        only_filter(
            "account_type", "AccountType", Kind.ENUM, "Whether it is one person or many; only for filters, the record has it in account.", ACCOUNT_TYPES
        ),
        BACKUP_SERVER_NAME,
    ),
    references=(PROVIDER_SERVER,),
    children=(Child("backup_job_settings", "backupJobSettings", "VSphereSelfServiceConfigJobSettings"),),
)

VSPHERE_SELF_SERVICE_JOB_SETTINGS = Resource(
    thing="vsphere_self_service_job_settings",
    plural="vsphere_self_service_jobs_settings",
    title="job settings of a vSphere self-service configuration",
    title_plural="job settings of vSphere self-service configurations",
    # Samples show the attribute Type of the vCloud settings; the root is its own.
    type="VSphereSelfServiceConfigJobSettings",
    path="/selfService/vSphere/Configs/{vsphere_self_service_config}/backupJobSettings",
    list_root="",
    envelope="Resources",
    key="href",
    roles=PORTAL_ROLES,
    fields=BACKUP_JOB_SETTINGS,
    references=(
        PROVIDER_SERVER,
        Reference(
            "vsphere_self_service_config",
            "Up",
            ("VSphereSelfServiceConfig", "VCloudOrganizationConfig"),
            "Configuration that the settings belong to; samples call its link that of an organization.",
        ),
    ),
)

VSPHERE_SELF_SERVICE = Resource(
    thing="vsphere_self_service",
    plural="vsphere_self_services",
    title="vSphere self-service",
    type="VSphereSelfService",
    path="/selfService/vSphere",
    list_root="",
    envelope="Resources",
    key="href",
    roles=PORTAL_ROLES,
    fields=(),
    children=(Child("configs", "Configs", "VSphereSelfServiceConfig"),),
)
