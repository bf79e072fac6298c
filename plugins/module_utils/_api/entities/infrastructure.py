# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Backup servers and what they work with: repositories, servers, hierarchies, WAN accelerators, stored accounts. Private to this collection.

Source: reference pages /backupServers/{ID}, /repositories/{ID}, /externalRepositories/{ID}, /managedServers/{ID}, /hierarchyRoots/{ID},
/wanAccelerators/{ID}, /backupServers/{ID}/credentials, /backupServers/{ID}/passwords and their query pages; WIRE.md sections 4
(HierarchyRootId), 6 (ports by version) and 7 (sizes). Accounts and encryption passwords are known by hint and date only.
"""

from __future__ import annotations

from dataclasses import replace

from ._common import BACKUP_SERVER_FILTERS, BACKUP_SERVER_NAME, BACKUP_SERVER_UID, PORTAL_ADMINISTRATOR, PORTAL_ROLES, description, name, uid
from ._model import Action, Child, Field, Kind, Reference, Resource

_MANAGED_BY = Reference("backup_server", "Up", ("BackupServer",), "Backup server that it belongs to.")

VIRTUALIZATION_HOST_TYPES = ("ESX", "VC", "ESXi", "HvServer", "HvCluster", "Scvmm", "VcdSystem")

BACKUP_SERVER = Resource(
    thing="backup_server",
    plural="backup_servers",
    title="backup server",
    type="BackupServer",
    path="/backupServers",
    list_root="BackupServers",
    query_type="BackupServer",
    default_sort="name",
    roles=PORTAL_ROLES,
    fields=(
        uid("backup server", "urn:veeam:BackupServer:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11"),
        name("Name under which Enterprise Manager knows the backup server.", "vbr01.example.com"),
        description("backup server"),
        Field(
            "port",
            "Port",
            Kind.INT,
            "Port that Enterprise Manager uses to reach the backup server: 443 for product version 13, 9392 before.",
            filter_name="Port",
            sample=9392,
        ),
        Field("version", "Version", Kind.STRING, "Build of the backup product on the server.", filter_name="Version", sample="12.3.0.310"),
        Field("wcf_port", "WcfPort", Kind.INT, "Port of the server's internal service; only product version 13 sends it.", sample=9405),
        Field(
            "vbr_certificate_thumbprint",
            "VbrCertificateThumbprint",
            Kind.STRING,
            "SHA-1 thumbprint of the server's certificate; only product version 13 sends it.",
        ),
        Field(
            "ip_or_dns_name",
            "IpOrDnsName",
            Kind.STRING,
            "Address of the server; only for filters, the answer does not carry it.",
            filter_name="IpOrDnsName",
            filter_only=True,
        ),
    ),
    actions=(
        Action("collect", "CollectingBackupServer", PORTAL_ROLES),
        Action("quickbackup", "QuickBackup", PORTAL_ROLES),
        Action("veeamzip", "VeeamZip", PORTAL_ROLES),
        Action("create", "", (PORTAL_ADMINISTRATOR,)),
    ),
    children=(
        Child("jobs", "jobs", "Job"),
        Child("managed_servers", "managedServers", "ManagedServer"),
        Child("repositories", "repositories", "Repository"),
        Child("external_repositories", "externalRepositories", "ExternalRepository"),
        Child("credentials", "credentials", "Credentials"),
        Child("encryption_passwords", "passwords", "PasswordKey"),
    ),
)

REPOSITORY = Resource(
    thing="repository",
    plural="repositories",
    title="repository",
    type="Repository",
    path="/repositories",
    list_root="Repositories",
    query_type="Repository",
    default_sort="name",
    roles=PORTAL_ROLES,
    fields=(
        uid("repository", "urn:veeam:Repository:3a2b1c0d-9e8f-4765-8432-10fedcba9876"),
        name("Name that the backup server gives the repository.", "Default Backup Repository"),
        Field(
            "capacity", "Capacity", Kind.SIZE, "Size in bytes, null where it is unknown, as of object storage.", filter_name="Capacity", sample=1099511627776
        ),
        Field("free_space", "FreeSpace", Kind.SIZE, "Bytes that are left, null where that is unknown.", filter_name="FreeSpace", sample=549755813888),
        Field(
            "kind",
            "Kind",
            Kind.ENUM,
            "What backups are stored on; servers before 10 do not send it, new ones know more words.",
            values=(
                "WindowsLocal",
                "LinuxLocal",
                "CifsShare",
                "DDBoost",
                "Cloud",
                "HPStoreOnce",
                "ExaGrid",
                "Foreign",
                "SanSnapshot",
                "HPStoreOnceIntegration",
                "Extendable",
                "Quantum",
                "Nfs",
                "AmazonS3Compatible",
            ),
            sample="WindowsLocal",
        ),
    )
    + BACKUP_SERVER_FILTERS,
    references=(_MANAGED_BY,),
    children=(Child("backups", "backups", "Backup"), Child("replicas", "replicas", "Replica")),
)

EXTERNAL_REPOSITORY = Resource(
    thing="external_repository",
    plural="external_repositories",
    title="external repository",
    type="ExternalRepository",
    path="/externalRepositories",
    list_root="ExternalRepositories",
    query_type="ExternalRepository",
    default_sort="name",
    roles=PORTAL_ROLES,
    fields=(
        uid("external repository", "urn:veeam:ExternalRepository:2b1c0d9e-8f76-4543-8210-fedcba98765a"),
        name("Name that the backup server gives the external repository.", "Cloud Native Backups"),
        Field(
            "repository_type",
            "RepositoryType",
            Kind.ENUM,
            "Cloud that keeps the data.",
            values=("AmazonS3External", "AzureStorageExternal", "GoogleCloudStorageExternal"),
            sample="AmazonS3External",
        ),
        Field("path", "Path", Kind.STRING, "Address of the storage, with bucket or container.", sample="amazonS3://backup-bucket/cloud-native"),
        Field("used_space", "UsedSpace", Kind.SIZE, "Bytes taken up, null where that is unknown.", sample=10737418240),
        replace(description("external repository"), filter_name=""),
    ),
    references=(_MANAGED_BY,),
    children=(Child("backups", "backups", "Backup"),),
    # The query type has no reference page; servers of product version 13.1 list it.
    notes=("Queries filter by name and URN only.",),
)

MANAGED_SERVER = Resource(
    thing="managed_server",
    plural="managed_servers",
    title="managed server",
    type="ManagedServer",
    path="/managedServers",
    list_root="ManagedServers",
    query_type="ManagedServer",
    default_sort="name",
    roles=PORTAL_ROLES,
    fields=(
        uid("managed server", "urn:veeam:ManagedServer:1c0d9e8f-7654-4321-80fe-dcba98765a4b"),
        name("Name or address under which the backup server knows it.", "vcenter01.example.com"),
        description("managed server"),
        Field(
            "managed_server_type",
            "ManagedServerType",
            Kind.ENUM,
            "What the server is to the backup product.",
            values=(
                "ESX",
                "VC",
                "Linux",
                "Local",
                "Windows",
                "ESXi",
                "HvServer",
                "HvCluster",
                "Scvmm",
                "BackupServer",
                "SanHost",
                "SmbServer",
                "SmbCluster",
                "VcdSystem",
                "Cloud",
                "AzureWinServer",
                "VmSnapshotStorageHost",
                "ConfigurationService",
                "ExternalInfrastructureProxy",
                "NdmpServer",
                "ExternalInfrastructureServer",
            ),
            filter_name="ManagedServerType",
            sample="VC",
        ),
    ),
    references=(
        _MANAGED_BY,
        Reference("hierarchy_root", "Related", ("HierarchyRoot",), "Hierarchy of virtual machines that it is the root of, null where it is none."),
    ),
)

HIERARCHY_ROOT = Resource(
    thing="hierarchy_root",
    plural="hierarchy_roots",
    title="hierarchy root",
    type="HierarchyRoot",
    path="/hierarchyRoots",
    list_root="HierarchyRoots",
    query_type="HierarchyRoot",
    default_sort="name",
    roles=PORTAL_ROLES,
    fields=(
        uid("hierarchy root", "urn:veeam:HierarchyRoot:0d9e8f76-5432-410f-8edc-ba98765a4b3c"),
        name("Name or address of the host at the top.", "vcenter01.example.com"),
        # Not for building references: before a hotfix, product version 12 sends UniqueId here (WIRE.md section 4).
        Field(
            "hierarchy_root_id",
            "HierarchyRootId",
            Kind.STRING,
            "Id that references to machines of this hierarchy begin with; product version 12 may send the value of unique_id here.",
            sample="0d9e8f76-5432-410f-8edc-ba98765a4b3c",
        ),
        Field(
            "unique_id",
            "UniqueId",
            Kind.STRING,
            "Id that the hypervisor gives itself, in capitals.",
            filter_name="UniqueId",
            sample="3F1C2B5A-7D6E-4F80-9A1B-2C3D4E5F6071",
        ),
        Field(
            "host_type", "HostType", Kind.ENUM, "What kind of host stands at the top.", values=VIRTUALIZATION_HOST_TYPES, filter_name="HostType", sample="VC"
        ),
    )
    + BACKUP_SERVER_FILTERS,
    references=(_MANAGED_BY, Reference("managed_server", "Related", ("ManagedServer",), "Same host in the list of managed servers.")),
)

WAN_ACCELERATOR = Resource(
    thing="wan_accelerator",
    plural="wan_accelerators",
    title="WAN accelerator",
    type="WanAccelerator",
    path="/wanAccelerators",
    list_root="WanAccelerators",
    query_type="WanAccelerator",
    default_sort="name",
    roles=PORTAL_ROLES,
    fields=(
        uid("WAN accelerator", "urn:veeam:WanAccelerator:9e8f7654-3210-4fed-8cba-98765a4b3c2d"),
        name("Name or address of the machine that it runs on.", "wan01.example.com"),
        replace(description("WAN accelerator"), filter_name=""),
        Field("out_of_date", "OutOfDate", Kind.BOOL, "Whether its component is older than the backup server expects.", sample=False),
        Field("version", "Version", Kind.STRING, "Build of the component on the machine.", sample="12.3.0.310"),
        Field("capacity", "Capacity", Kind.INT, "Size of its cache as configured, in gibibytes.", filter_name="Capacity", sample=100),
        Field("traffic_port", "TrafficPort", Kind.INT, "TCP port that data between accelerators passes.", sample=6165),
        Field("connections_count", "ConnectionsCount", Kind.INT, "How many streams one transfer may use.", filter_name="ConnectionsCount", sample=5),
        Field("cache_path", "CachePath", Kind.STRING, "Folder of its cache on the machine.", sample="D:\\WanCache"),
        Field(
            "high_bandwidth_mode_enabled",
            "HighBandwidthModeEnabled",
            Kind.BOOL,
            "Whether it works without the cache, for fast lines; old servers do not send it.",
            filter_name="HighBandwidthModeEnabled",
            sample=False,
        ),
    )
    + BACKUP_SERVER_FILTERS,
    references=(_MANAGED_BY,),
)

CREDENTIALS = Resource(
    thing="credentials",
    plural="credentials",
    title="stored account",
    type="Credentials",
    path="/backupServers/{backup_server}/credentials",
    list_root="CredentialsInfoList",
    list_root_aliases=("CredentialsList", "Credentials"),  # members of a query answer by the schema of product version 9.5
    root="CredentialsInfo",
    query_type="Credentials",
    envelope="Resources",
    key="credentials_id",
    dropped=("Password",),  # a documented part of the answer
    default_sort="credentials_id",
    roles=PORTAL_ROLES,
    fields=(
        Field(
            "credentials_id",
            "Id",
            Kind.STRING,
            "GUID by which jobs and servers refer to the account.",
            filter_name="CredentialsId",
            sample="8f765432-10fe-4dcb-8a98-765a4b3c2d1e",
        ),
        Field("username", "Username", Kind.STRING, "Account to log on with, with its domain.", filter_name="Username", sample="EXAMPLE\\svc-backup"),
        description("account"),
        BACKUP_SERVER_UID,
    ),
    references=(_MANAGED_BY,),
)

ENCRYPTION_PASSWORD = Resource(
    thing="encryption_password",
    plural="encryption_passwords",
    title="encryption password",
    type="PasswordKey",
    path="/backupServers/{backup_server}/passwords",
    list_root="PasswordKeyInfoList",
    list_root_aliases=("Passwords",),
    root="PasswordKeyInfo",
    query_type="Passwords",
    envelope="Resources",
    key="password_key_id",
    dropped=("Password",),  # by the reference only orders carry it; a server that repeats it must not be believed
    default_sort="password_key_id",
    roles=PORTAL_ROLES,
    fields=(
        Field(
            "password_key_id",
            "Id",
            Kind.STRING,
            "GUID by which jobs refer to it; the word itself is never sent.",
            filter_name="PasswordKeyID",
            sample="76543210-fedc-4ba9-8876-5a4b3c2d1e0f",
        ),
        Field("hint", "Hint", Kind.STRING, "Reminder an administrator wrote for finding the right word again.", filter_name="Hint", sample="Vault entry 17"),
        Field(
            "last_modification_date",
            "LastModificationDate",
            Kind.DATETIME,
            "When word or reminder were changed last. Time in UTC.",
            sample="2026-03-02T09:15:00Z",
        ),
        BACKUP_SERVER_UID,
        BACKUP_SERVER_NAME,
    ),
    references=(_MANAGED_BY,),
)
