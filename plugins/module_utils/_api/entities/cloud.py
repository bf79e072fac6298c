# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Veeam Cloud Connect as the provider sees it: tenants and what they may use. Private to this collection.

Source: reference pages below /cloud and their query pages; API.md sections 2, 3 and 5; WIRE.md section 1.
Lists have elements of their own: a query answers public addresses as CloudPublicIps/CloudPublicIp and VLANs as
VlanConfigurations/Vlans.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Tuple

from ._common import (
    BACKUP_SERVER_FILTERS,
    BACKUP_SERVER_NAME,
    BACKUP_SERVER_UID,
    PORTAL_ADMINISTRATOR,
    PORTAL_ROLES,
    RESULTS_WITH_NONE,
    description,
    name,
    uid,
)
from ._model import Child, Field, Kind, Reference, Resource, Struct

PROVIDER_SERVER = Reference("backup_server", "Up", ("BackupServer",), "Backup server of the provider that holds it.")
CLOUD_TENANT_REFERENCE = Reference("cloud_tenant", "Up", ("CloudTenant",), "Tenant account that it belongs to.")
QUERY_ROLE_NOTE = (
    "The reference names Portal Administrator alone for queries. Where another role is refused, the collection is read instead; fields that are only "
    "for filters cannot be used then."
)

HYPERVISORS = ("VMware", "HyperV")

# Some query pages spell the word UId; what is documented is sent.
_BACKUP_SERVER_UID_FILTERS = (replace(BACKUP_SERVER_UID, filter_name="BackupServerUId"), BACKUP_SERVER_NAME)


def flag(record: str, wire: str, text: str, filter_name: str = "", attribute: bool = False, sample: object = None) -> Field:
    """Declare a true or false value."""
    return Field(record, wire, Kind.BOOL, text, filter_name=filter_name, attribute=attribute, sample=sample)


def number(record: str, wire: str, text: str, filter_name: str = "", sample: object = None) -> Field:
    """Declare a whole number; its description names the unit."""
    return Field(record, wire, Kind.INT, text, filter_name=filter_name, sample=sample)


def word(record: str, wire: str, text: str, filter_name: str = "", attribute: bool = False, sample: object = None) -> Field:
    """Declare a free text."""
    return Field(record, wire, Kind.STRING, text, filter_name=filter_name, attribute=attribute, sample=sample)


def choice(record: str, wire: str, text: str, values: Tuple[str, ...], filter_name: str = "", sample: object = None) -> Field:
    """Declare an enumeration."""
    return Field(record, wire, Kind.ENUM, text, values=values, filter_name=filter_name, sample=sample)


def urn(record: str, wire: str, text: str, filter_name: str = "", sample: object = None) -> Field:
    """Declare the URN of another object."""
    return Field(record, wire, Kind.UID, text, filter_name=filter_name, sample=sample)


def group(record: str, wire: str, text: str, *fields: Field) -> Field:
    """Declare a nested structure."""
    return Field(record, wire, Kind.STRUCT, text, struct=Struct(fields))


def only_filter(record: str, wire: str, kind: str, text: str, values: Tuple[str, ...] = (), filled_from: str = "", sample: object = None) -> Field:
    """Declare a word that the query service filters by and the answer does not carry under that name."""
    return Field(record, wire, kind, text, values=values, filter_name=wire, filter_only=True, filled_from=filled_from, sample=sample)


_OWN_ID = word("id", "Id", "GUID under which the tenant account holds it.", attribute=True)
_WAN_ACCELERATOR_UID = urn(
    "wan_accelerator_uid",
    "WanAcceleratorUid",
    "URN of the target accelerator on the provider's side, null where the tenant has none.",
    sample="urn:veeam:WanAccelerator:6b1f0c2d-93e4-4a75-8d16-2f7c5e0a9b34",
)


# ---------------------------------------------------------------------------------------------------------
# What a tenant may use

_REPOSITORY_QUOTA = group(
    "repository_quota",
    "RepositoryQuota",
    "Space that the provider gives the tenant on one repository.",
    word("display_name", "DisplayName", "What the tenant calls this repository.", sample="Cloud Vault 1"),
    urn("repository_uid", "RepositoryUid", "URN of the repository behind it.", sample="urn:veeam:Repository:3a2b1c0d-9e8f-4765-8432-10fedcba9876"),
    _WAN_ACCELERATOR_UID,
    # Documented as QuotaMb on one page, Quota in every answer.
    Field("quota", "Quota", Kind.INT, "Space that is granted, in MB.", aliases=("QuotaMb",), sample=512000),
    number("used_quota", "UsedQuota", "Part of the granted space that is taken, in MB.", sample=98304),
)

_MANUAL_ADDRESS = group(
    "manual_ip_address_settings_info_type",
    "ManualIpAddressSettingsInfoType",
    "Network settings set by hand, null where DHCP gives them.",
    word("ip_address", "IpAddress", "IPv4 address of the appliance.", sample="192.0.2.20"),
    word("subnet_mask", "SubnetMask", "IPv4 mask of its network.", sample="255.255.255.0"),
    word("default_gateway", "DefaultGateway", "IPv4 address of the router it sends to.", sample="192.0.2.1"),
)

_NETWORK_APPLIANCE = group(
    "network_appliance",
    "NetworkAppliance",
    "Appliance on the provider's side that joins networks after a partial failover, null where there is none.",
    word("name", "Name", "What the appliance is called in the virtual infrastructure.", sample="nea-tenant-a"),
    word("production_network", "ProductionNetwork", "Port group or virtual network that the appliance is connected to.", sample="VM Network"),
    Field(
        "obtain_ip_address_automatically",
        "ObtainIPAddressAutomatically",
        Kind.BOOL,
        "Whether DHCP gives the appliance its settings.",
        aliases=("ObtainIpAddressAutomatically",),
        sample=True,
    ),
    _MANUAL_ADDRESS,
    word("vi_distributed_switch_uuid", "ViDistributedSwitchUuid", "Identifier of the distributed switch with that port group, empty for a standard switch."),
    flag("production_network_under_dvs", "ProductionNetworkUnderDvs", "Whether that port group lies on a distributed switch.", sample=False),
)

_STORAGE_STATISTICS = Field(
    "storage_resource_stats",
    "StorageResourceStats",
    Kind.STRUCT,
    "Use of each storage of the hardware plan.",
    many=True,
    item="StorageResourceStat",
    json_item="StorageResourceStats",
    struct=Struct(
        (
            word("storage_name", "StorageName", "What the hardware plan calls the datastore or volume.", sample="Replica Storage"),
            number("storage_usage_gb", "StorageUsageGb", "Space that the tenant's replicas take, in GB.", sample=120),
            number("storage_limit_gb", "StorageLimitGb", "Space that the plan grants there, in GB.", sample=500),
        )
    ),
)

_COMPUTE_RESOURCE_FIELDS = (
    urn(
        "cloud_hardware_plan_uid",
        "CloudHardwarePlanUid",
        "URN of the plan that the tenant is subscribed to.",
        sample="urn:veeam:CloudHardwarePlan:8c5e3a10-4d27-4f9b-b6c8-71e0d2f4a539",
    ),
    _WAN_ACCELERATOR_UID,
    choice("platform_type", "PlatformType", "Hypervisor of the plan.", HYPERVISORS, sample="VMware"),
    flag("use_network_failover_resources", "UseNetworkFailoverResources", "Whether the tenant gets a network appliance.", sample=True),
    _NETWORK_APPLIANCE,
    group(
        "compute_resource_stats",
        "ComputeResourceStats",
        "What the tenant takes of the plan.",
        number("memory_usage_mb", "MemoryUsageMb", "Memory that the replicas take, in MB.", sample=8192),
        Field("cpu_count", "CPUCount", Kind.INT, "How many virtual processors the replicas take.", aliases=("CpuCount",), sample=4),
        _STORAGE_STATISTICS,
    ),
)

_VCLOUD_COMPUTE_RESOURCE_FIELDS = (
    word("virtual_data_center_name", "VirtualDataCenterName", "What VMware Cloud Director calls the organization VDC.", sample="tenant-a-vdc"),
    urn(
        "virtual_data_center_ref",
        "VirtualDataCenterRef",
        "URN of the organization VDC in its hierarchy.",
        sample="urn:vCloud:OrgVdc:2d7b9c41-6e0f-4a83-95d2-b8c1f3e07a64.urn:vcloud:vdc:91c4e5d7-0a2b-4c68-8f13-5e7d9b0a2c46",
    ),
    flag("enabled", "Enabled", "Whether the tenant may use this VDC for replicas.", sample=True),
    choice(
        "allocation_model",
        "AllocationModel",
        "How the VDC gets its resources.",
        ("Unknown", "AllocationPool", "PayAsYouGo", "ReservationPool", "Flex"),
        sample="AllocationPool",
    ),
    flag("use_network_failover_resources", "UseNetworkFailoverResources", "Whether the tenant gets a network appliance.", sample=False),
    group(
        "resource_usage",
        "ResourceUsage",
        "What the tenant's replicas take of the VDC.",
        number("cpu_usage_mhz", "CpuUsageMhz", "Processor time that the replicas take, in MHz.", sample=2400),
        number("memory_usage_mb", "MemoryUsageMb", "Memory that the replicas take, in MB.", sample=8192),
        number("storage_usage_gb", "StorageUsageGb", "Disk space that the replicas take, in GB.", sample=120),
    ),
    _WAN_ACCELERATOR_UID,
    _NETWORK_APPLIANCE,
)


def _nested_list(record: str, wire: str, text: str, item: str, fields: Tuple[Field, ...]) -> Field:
    return Field(record, wire, Kind.STRUCT, text, many=True, item=item, json_item=item + "s", struct=Struct((_OWN_ID,) + fields))


CLOUD_TENANT_RESOURCE = Resource(
    thing="cloud_tenant_resource",
    plural="cloud_tenant_resources",
    title="backup resource of a tenant",
    type="CloudTenantResource",
    path="/cloud/tenants/{cloud_tenant}/resources",
    list_root="CloudTenantResources",
    envelope="Resources",
    key="href",
    roles=PORTAL_ROLES,
    fields=(_REPOSITORY_QUOTA,),
    references=(PROVIDER_SERVER, CLOUD_TENANT_REFERENCE),
)

CLOUD_TENANT_COMPUTE_RESOURCE = Resource(
    thing="cloud_tenant_compute_resource",
    plural="cloud_tenant_compute_resources",
    title="replication resource of a tenant",
    type="CloudTenantComputeResource",
    path="/cloud/tenants/{cloud_tenant}/computeResources",
    list_root="CloudTenantComputeResources",
    envelope="Resources",
    key="href",
    roles=PORTAL_ROLES,
    fields=_COMPUTE_RESOURCE_FIELDS,
    references=(PROVIDER_SERVER, CLOUD_TENANT_REFERENCE),
)

CLOUD_TENANT_VCLOUD_COMPUTE_RESOURCE = Resource(
    thing="cloud_tenant_vcloud_compute_resource",
    plural="cloud_tenant_vcloud_compute_resources",
    title="organization VDC of a tenant",
    type="CloudTenantVCloudComputeResource",
    path="/cloud/tenants/{cloud_tenant}/vCloudComputeResources",
    list_root="CloudTenantVCloudComputeResources",
    envelope="Resources",
    key="href",
    roles=PORTAL_ROLES,
    fields=_VCLOUD_COMPUTE_RESOURCE_FIELDS,
    references=(PROVIDER_SERVER, CLOUD_TENANT_REFERENCE),
)


def _counter(record: str, wire: str, text: str, sample: int) -> Field:
    return number(record, wire, text, sample=sample)


FREE_LICENSE_COUNTERS = Resource(
    thing="cloud_tenant_free_license_counters",
    plural="cloud_tenants_free_license_counters",
    title="free licence counters of a tenant",
    title_plural="free licence counters of tenants",
    type="FreeLicenseCounters",
    root="CloudTenantFreeLicenseCounters",
    path="/cloud/tenants/{cloud_tenant}/freelicenseCounters",
    list_root="",
    envelope="Resources",
    key="href",
    roles=PORTAL_ROLES,
    fields=(
        _counter("rental_vm_backup_count", "RentalVMBackupCount", "How many virtual machines with backups are rented and so consume a licence.", 12),
        _counter("rental_workstation_backup_count", "RentalWorkstationBackupCount", "How many workstations with agent backups are rented.", 3),
        _counter("rental_server_backup_count", "RentalServerBackupCount", "How many servers with agent backups are rented.", 2),
        _counter(
            "new_vm_backup_count",
            "NewVMBackupCount",
            "How many virtual machines were backed up for the first time in this month; they are free until it ends.",
            1,
        ),
        _counter("new_workstation_backup_count", "NewWorkstationBackupCount", "How many workstations were backed up for the first time in this month.", 1),
        _counter("new_server_backup_count", "NewServerBackupCount", "How many servers with agents were backed up for the first time in this month.", 0),
        _counter("new_vm_replica_count", "NewVMReplicaCount", "How many virtual machines were replicated for the first time in this month.", 1),
    ),
    references=(CLOUD_TENANT_REFERENCE,),
)


# ---------------------------------------------------------------------------------------------------------
# Tenants

_POOL_GATEWAYS = Field(
    "cloud_gateways",
    "CloudGateways",
    Kind.UID,
    "URNs of the gateways in the pool.",
    many=True,
    item="CloudGatewayUid",
    json_item="CloudGatewayUids",
)
_POOL_TENANTS = Field(
    "cloud_tenants",
    "CloudTenants",
    Kind.UID,
    "URNs of the tenant accounts that the pool is reserved for.",
    many=True,
    item="CloudTenantUid",
    json_item="CloudTenantUids",
)
_POOL_FIELDS = (
    uid("gateway pool", "urn:veeam:CloudGatewayPool:c3e81f5a-7b40-4d92-a6e5-09d8b7c1f243"),
    name("Name of the gateway pool.", "Frankfurt Gateways"),
    description("gateway pool"),
    _POOL_GATEWAYS,
    _POOL_TENANTS,
)

# The pages describe whole pools, the examples hold URNs; both shapes are read.
_TENANT_POOLS = group(
    "cloud_gateway_pools",
    "CloudGatewayPools",
    "Gateway pools that the tenant must use, null where any gateway will do.",
    Field(
        "cloud_gateway_pool_uid",
        "CloudGatewayPoolUid",
        Kind.UID,
        "URNs of the pools, where the server names them only.",
        many=True,
        aliases=("CloudGatewayPoolUids",),
    ),
    Field(
        "cloud_gateway_pool",
        "CloudGatewayPool",
        Kind.STRUCT,
        "Whole pools with their members, where the server sends these.",
        many=True,
        aliases=("CloudGatewayPools",),
        struct=Struct(tuple(replace(field, filter_name="", sample=None) for field in _POOL_FIELDS)),
    ),
)

_TENANT_ACCOUNT = group(
    "tenant_account",
    "TenantType",
    "Where the account comes from; the one part that is not null tells the kind of tenant. Servers before 9.5 Update 4 do not send it.",
    group(
        "standalone_tenant",
        "StandaloneTenant",
        "Account that exists on the backup server alone.",
        group(
            "tenant_credentials",
            "TenantCredentials",
            "Account name with which the tenant logs on.",
            word("username", "Username", "Log-on name of the tenant.", sample="tenant-a"),
        ),
    ),
    group(
        "ad_tenant_type",
        "ADTenantType",
        "Account of Active Directory.",
        group(
            "domain",
            "Domain",
            "Directory that knows the account.",
            word("domain_name", "DomainName", "DNS name of the directory.", sample="corp.example.com"),
            word("domain_account", "DomainAccount", "Id of the stored credentials that the directory is asked with."),
            number("port", "Port", "TCP port of the directory service.", sample=389),
        ),
        word("account", "Account", "Log-on name as DOMAIN and user, parted by a backslash.", sample="CORP\\tenant-a"),
    ),
    group(
        "vcloud_tenant",
        "vCloudTenant",
        "Organization of VMware Cloud Director.",
        word("organization_name", "OrganizationName", "What Cloud Director calls the tenant's organization.", sample="tenant-a-org"),
        urn("organization_ref", "OrganizationRef", "URN of the organization in its hierarchy."),
    ),
)

_TENANT_COUNTERS = (
    number("backup_count", "BackupCount", "How many virtual machines the tenant has backups of.", sample=14),
    number("replica_count", "ReplicaCount", "How many virtual machines the tenant replicates.", sample=2),
    number("max_concurrent_tasks", "MaxConcurrentTasks", "How many machine disks or files the tenant may process at one time.", sample=4),
    number("work_station_backup_count", "WorkStationBackupCount", "How many workstations with agents the tenant has backups of.", sample=3),
    number("server_backup_count", "ServerBackupCount", "How many servers with agents the tenant has backups of.", sample=2),
)

_TENANT_FIELDS = (
    uid("tenant account", "urn:veeam:CloudTenant:5e9d2b70-1c84-4f36-b2a9-d07f6c3e8145"),
    name("Name of the tenant account; unique on one backup server only.", "tenant-a"),
    # The query service does not know it, as it does for gateways and plans.
    word("description", "Description", "Free text an administrator wrote about the tenant account.", sample="Server room of tenant A"),
    flag("enabled", "Enabled", "Whether the tenant may log on and run jobs.", filter_name="Enabled", sample=True),
    group(
        "lease_options",
        "LeaseOptions",
        "How long the tenant may use the resources.",
        flag("enabled", "Enabled", "Whether the lease ends at all.", attribute=True, sample=True),
        Field(
            "lease_expiration_date",
            "ExpirationDate",
            Kind.DATETIME,
            "When the lease ends. Time in UTC, null without an end.",
            attribute=True,
            aliases=("LeaseExpirationDate",),
            sample="2027-03-31T22:00:00Z",
        ),
    ),
    _nested_list("resources", "Resources", "Repositories that the tenant may write to.", "CloudTenantResource", (_REPOSITORY_QUOTA,)),
    choice("last_result", "LastResult", "Outcome of the tenant's latest job session, None before the first.", RESULTS_WITH_NONE, sample="Success"),
    Field(
        "last_active",
        "LastActive",
        Kind.DATETIME,
        "When the tenant last did something. Time in UTC, null before the first time.",
        sample="2026-11-20T21:14:03Z",
    ),
    number("vm_count", "VmCount", "How many virtual machines the tenant protects; sent by old servers only."),
    _nested_list(
        "compute_resources", "ComputeResources", "Hardware plans that the tenant is subscribed to.", "CloudTenantComputeResource", _COMPUTE_RESOURCE_FIELDS
    ),
    flag("throttling_enabled", "ThrottlingEnabled", "Whether the tenant's traffic is limited.", sample=True),
    number("throttling_speed_limit", "ThrottlingSpeedLimit", "Most traffic that is let through, in the unit of throttling_speed_unit.", sample=50),
    choice(
        "throttling_speed_unit",
        "ThrottlingSpeedUnit",
        "What the limit counts: megabits, kilobytes or megabytes a second.",
        ("Mbps", "KBps", "MBps"),
        sample="Mbps",
    ),
    number("public_ip_count", "PublicIpCount", "How many public addresses the tenant may use after a failover.", sample=1),
    *_TENANT_COUNTERS,
    flag("backup_protection_enabled", "BackupProtectionEnabled", "Whether deleted backups go to a recycle bin first.", sample=True),
    number("backup_protection_period", "BackupProtectionPeriod", "How long they stay in the recycle bin, in days.", sample=7),
    _TENANT_ACCOUNT,
    _nested_list(
        "vcloud_compute_resources",
        "VCloudComputeResources",
        "Organization VDCs that the tenant may replicate to.",
        "CloudTenantVCloudComputeResource",
        _VCLOUD_COMPUTE_RESOURCE_FIELDS,
    ),
    _TENANT_POOLS,
    Field(
        "failover_to_other_gateways_if_fail",
        "FailoverToOthersGatewaysIfFail",
        Kind.BOOL,
        "Whether gateways outside the pool serve the tenant when all in it are down.",
        aliases=("FailoverToOtherGatewaysIfFail",),  # so in tables; examples have the other
    ),
)

CLOUD_TENANT = Resource(
    thing="cloud_tenant",
    plural="cloud_tenants",
    title="tenant account",
    type="CloudTenant",
    path="/cloud/tenants",
    list_root="CloudTenants",
    dropped=("Password",),  # documented in two places: here and in tenant_credentials
    query_type="CloudTenant",
    default_sort="name",
    roles=PORTAL_ROLES,
    fields=_TENANT_FIELDS
    + _BACKUP_SERVER_UID_FILTERS
    + (
        # One member of the element TenantType is set; the word for it is known to the query service alone.
        only_filter(
            "tenant_type",
            "Type",
            Kind.ENUM,
            "Kind of tenant; only for filters, the record tells it by tenant_account.",
            ("vCD", "Standalone", "ActiveDirectory"),
        ),
        only_filter(
            "organization_reference",
            "OrganizationReference",
            Kind.UID,
            "URN of the tenant's organization in VMware Cloud Director; only for filters, the record has it in tenant_account.",
        ),
    ),
    references=(PROVIDER_SERVER,),
    children=(
        Child("resources", "resources", "CloudTenantResource"),
        Child("compute_resources", "computeResources", "CloudTenantComputeResource"),
        Child("vcloud_compute_resources", "vCloudComputeResources", "CloudTenantVCloudComputeResource"),
        Child("subtenants", "subtenants", "CloudSubtenant"),
        Child("gateway_pools", "gatewayPools", "CloudGatewayPool"),
        Child("free_license_counters", "freelicenseCounters", "FreeLicenseCounters"),
    ),
    notes=(QUERY_ROLE_NOTE,),
)

CLOUD_SUBTENANT = Resource(
    thing="cloud_subtenant",
    plural="cloud_subtenants",
    title="subtenant account",
    type="CloudSubtenant",
    path="/cloud/tenants/{cloud_tenant}/subtenants",
    list_root="CloudSubtenants",
    dropped=("Password",),  # a documented part of the answer
    query_type="CloudSubtenant",
    envelope="Resources",
    key="href",
    default_sort="name",
    roles=PORTAL_ROLES,
    fields=(
        # Documented as UID for queries, where it holds the bare GUID that the answer calls Id.
        only_filter("uid", "UID", Kind.STRING, "GUID of the subtenant; only for filters, the record has it as id."),
        word("name", "Name", "Log-on name of the subtenant; unique within one tenant only.", filter_name="Name", sample="tenant-a-laptops"),
        Field("description", "Description", Kind.STRING, "Free text an administrator wrote about the subtenant account.", sample="Laptops of the sales team"),
        flag("enabled", "Enabled", "Whether the subtenant may log on; filters know the opposite, disabled.", sample=True),
        group(
            "repository_quota",
            "RepositoryQuota",
            "Part of the tenant's space that the subtenant may use.",
            flag("unlimited", "Unlimited", "Whether only the tenant's own quota is the limit.", attribute=True, sample=False),
            word("display_name", "DisplayName", "What the subtenant calls this repository.", sample="Laptop Vault"),
            word("tenant_resource_id", "TenantResourceId", "Id of the tenant's backup resource that the space is taken from."),
            number("quota_mb", "QuotaMb", "Space that is granted, in MB.", sample=20480),
            number("used_quota_mb", "UsedQuotaMb", "Part of the granted space that is taken, in MB.", sample=4096),
            word("quota_id", "QuotaId", "Id of this quota itself; some servers do not send it."),
        ),
        only_filter("cloud_tenant_uid", "CloudTenantUid", Kind.UID, "URN of the tenant, taken from the link to it.", filled_from="cloud_tenant.uid"),
        only_filter("cloud_tenant_name", "CloudTenantName", Kind.STRING, "Name of the tenant, taken from the link to it.", filled_from="cloud_tenant.name"),
        only_filter("disabled", "Disabled", Kind.BOOL, "Whether the subtenant may not log on; only for filters, the record says enabled."),
        only_filter("unlimited", "Unlimited", Kind.BOOL, "Whether only the tenant's quota is the limit; only for filters, see repository_quota."),
        only_filter("quota", "Quota", Kind.INT, "Space that is granted, in MB; only for filters, see repository_quota."),
        only_filter("used_quota", "UsedQuota", Kind.INT, "Space that is taken, in MB; only for filters, see repository_quota."),
        only_filter("backup_resource_id", "BackupResourceId", Kind.STRING, "Id of the tenant's backup resource; only for filters, see tenant_resource_id."),
        replace(BACKUP_SERVER_UID, filter_name="BackupServerUID"),
        BACKUP_SERVER_NAME,
    ),
    references=(PROVIDER_SERVER, CLOUD_TENANT_REFERENCE),
    notes=(QUERY_ROLE_NOTE,),
)


# ---------------------------------------------------------------------------------------------------------
# What the provider offers

CLOUD_GATEWAY = Resource(
    thing="cloud_gateway",
    plural="cloud_gateways",
    title="cloud gateway",
    type="CloudGateway",
    path="/cloud/gateways",
    list_root="CloudGateways",
    query_type="CloudGateway",
    default_sort="name",
    roles=PORTAL_ROLES,
    fields=(
        uid("cloud gateway", "urn:veeam:CloudGateway:f47d0e6b-82a1-4c59-93b7-6d15c8e2a094"),
        name("Host name or address of the server that is the gateway.", "gw01.example.com"),
        flag("enabled", "Enabled", "Whether tenants are let in through it.", filter_name="Enabled", sample=True),
        word("dns_name_or_ip_address", "DnsNameOrIpAddress", "Address that tenants use; sent by old servers only."),
        choice("network_mode", "NetworkMode", "How tenants reach it: straight or through address translation.", ("Direct", "NAT"), sample="NAT"),
        word("external_ip", "ExternalIP", "Public address that tenants connect to.", sample="198.51.100.7"),
        number("external_port", "ExternalPort", "TCP port on the public address.", sample=6180),
        number("internal_port", "InternalPort", "TCP port on which the gateway itself listens.", sample=6180),
        description("gateway"),
    )
    + _BACKUP_SERVER_UID_FILTERS,
    references=(
        PROVIDER_SERVER,
        Reference("cloud_gateway_pool", "Related", ("CloudGatewayPool",), "Pool that the gateway is part of, null where it is in none."),
    ),
    notes=(QUERY_ROLE_NOTE,),
)

CLOUD_GATEWAY_POOL = Resource(
    thing="cloud_gateway_pool",
    plural="cloud_gateway_pools",
    title="gateway pool",
    type="CloudGatewayPool",
    path="/cloud/gatewayPools",
    list_root="CloudGatewayPools",
    query_type="CloudGatewayPool",
    default_sort="name",
    roles=PORTAL_ROLES,
    fields=_POOL_FIELDS + BACKUP_SERVER_FILTERS,
    references=(PROVIDER_SERVER,),
    children=(Child("gateways", "gateways", "CloudGateway"), Child("tenants", "tenants", "CloudTenant")),
)

_PLAN_NETWORK = group(
    "network",
    "Network",
    "Networks that each tenant of the plan gets.",
    word("id", "Id", "GUID of this part of the plan.", attribute=True),
    number("count_with_internet", "CountWithInternet", "How many networks with a way to the internet.", sample=1),
    number("count_without_internet", "CountWithoutInternet", "How many networks without a way to the internet.", sample=2),
)


def _plan_storage(record: str, wire: str, text: str, item: str, *fields: Field) -> Field:
    own = (
        word("id", "Id", "GUID of this storage within the plan.", attribute=True),
        word("friendly_name", "FriendlyName", "What tenants see as its name.", sample="Replica Storage"),
    )
    limit = number("quota_gb", "QuotaGb", "Space that each tenant gets there, in GB.", sample=500)
    return Field(record, wire, Kind.STRUCT, text, many=True, item=item, json_item=item + "s", struct=Struct(own + fields + (limit,)))


_VMWARE_PLAN = group(
    "vi_cloud_hardware_plan",
    "ViCloudHardwarePlan",
    "Resources of VMware vSphere, null in a plan for Hyper-V.",
    urn(
        "hypervisor_host_ref",
        "HypervisorHostRef",
        "URN of the host or cluster in its hierarchy.",
        sample="urn:VMware:Host:4c3b2a19-0817-4625-b4c3-d2e1f0a9b8c7.host-21",
    ),
    choice("parent_type", "ParentType", "Whether that is a cluster or a single host.", ("ClusterComputeResource", "HostSystem"), sample="HostSystem"),
    word("parent_name", "ParentName", "What vSphere calls the host or cluster.", sample="esx01.example.com"),
    _plan_storage(
        "datastores",
        "Datastores",
        "Datastores that replicas are kept on.",
        "Datastore",
        word("datastore_type", "DatastoreType", "Kind of storage object in vSphere, such as Datastore.", sample="Datastore"),
        urn(
            "reference",
            "Reference",
            "URN of the datastore in its hierarchy.",
            sample="urn:VMware:Datastore:4c3b2a19-0817-4625-b4c3-d2e1f0a9b8c7.datastore-33",
        ),
        word("root_path", "RootPath", "Folder on the datastore, empty for its top."),
        word("pbm_profile_id", "PbmProfileId", "Id of the storage policy that chooses the datastore, where one does."),
    ),
    _PLAN_NETWORK,
)
_HYPER_V_PLAN = group(
    "hv_cloud_hardware_plan",
    "HvCloudHardwarePlan",
    "Resources of Microsoft Hyper-V, null in a plan for VMware.",
    urn("hypervisor_host_ref", "HypervisorHostRef", "URN of the host or cluster in its hierarchy."),
    _plan_storage(
        "volumes",
        "Volumes",
        "Volumes that replicas are kept on.",
        "Volume",
        word("volume_path", "VolumePath", "Folder for replicas on the host.", sample="D:\\Replicas"),
    ),
    _PLAN_NETWORK,
)

CLOUD_HARDWARE_PLAN = Resource(
    thing="cloud_hardware_plan",
    plural="cloud_hardware_plans",
    title="hardware plan",
    type="CloudHardwarePlan",
    path="/cloud/hardwarePlans",
    list_root="CloudHardwarePlans",
    query_type="CloudHardwarePlan",
    default_sort="name",
    roles=PORTAL_ROLES,
    fields=(
        uid("hardware plan", "urn:veeam:CloudHardwarePlan:8c5e3a10-4d27-4f9b-b6c8-71e0d2f4a539"),
        name("Name of the hardware plan.", "VMware Medium"),
        Field("description", "Description", Kind.STRING, "Free text an administrator wrote about the plan.", sample="For tenants with up to ten servers"),
        number("processor_usage_limit_mhz", "ProcessorUsageLimitMhz", "Most processor time that a tenant's replicas may take, in MHz.", sample=10000),
        number("memory_usage_limit_mb", "MemoryUsageLimitMb", "Most memory that a tenant's replicas may take, in MB.", sample=32768),
        group("hardware_plan_details", "HardwarePlanDetails", "What the plan is made of, by hypervisor.", _VMWARE_PLAN, _HYPER_V_PLAN),
        only_filter("platform", "Platform", Kind.ENUM, "Hypervisor of the plan; only for filters, the record tells it by hardware_plan_details.", HYPERVISORS),
    )
    + _BACKUP_SERVER_UID_FILTERS,
    references=(PROVIDER_SERVER,),
    children=(Child("tenants", "tenants", "CloudTenant"),),
    notes=(QUERY_ROLE_NOTE,),
)

CLOUD_PUBLIC_IP_ADDRESS = Resource(
    thing="cloud_public_ip",
    plural="cloud_public_ips",
    title="public IP address",
    type="CloudPublicIpAddress",
    path="/cloud/publicIpAddresses",
    list_root="CloudPublicIpAddresses",
    # What queries call the list.
    list_root_aliases=("CloudPublicIps",),
    item="CloudPublicIp",
    query_type="CloudPublicIpAddress",
    default_sort="name",
    roles=PORTAL_ROLES,
    fields=(
        uid("public IP address", "urn:veeam:CloudPublicIpAddress:a90b5d1e-63c7-48f2-87a4-e2c10f9d7b56"),
        name("The address again, as the name of the object.", "198.51.100.16"),
        Field(
            "backup_server_uid",
            "BackupServerUid",
            Kind.UID,
            "URN of the backup server whose address pool it is in.",
            filter_name="BackupServerUId",
            attribute=True,
            sample="urn:veeam:BackupServer:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11",
        ),
        word(
            "ip_address",
            "IpAddress",
            "Public IPv4 address that a machine can be published with after a failover.",
            filter_name="IpAddress",
            sample="198.51.100.16",
        ),
        urn(
            "tenant_uid",
            "TenantUid",
            "URN of the tenant that the address is given to, null while it is free.",
            filter_name="CloudTenantUid",
            sample="urn:veeam:CloudTenant:5e9d2b70-1c84-4f36-b2a9-d07f6c3e8145",
        ),
        only_filter("cloud_tenant_name", "CloudTenantName", Kind.STRING, "Name of the tenant account; only for filters, the answer does not carry it."),
        BACKUP_SERVER_NAME,
    ),
    references=(PROVIDER_SERVER,),
    notes=(QUERY_ROLE_NOTE,),
)


def _vlan_bound(record: str, wire: str, text: str, sample: int) -> Field:
    return number(record, wire, text, sample=sample)


VLAN_CONFIGURATION = Resource(
    thing="cloud_vlan",
    plural="cloud_vlans",
    title="VLAN range",
    type="VlanConfiguration",
    path="/cloud/vlans",
    list_root="VlanConfigurations",
    item="Vlans",
    query_type="VlanConfiguration",
    default_sort="switch_name",
    roles=PORTAL_ROLES,
    fields=(
        # A bare GUID, no URN (reference page /cloud/vlans/{ID}).
        Field(
            "uid", "UID", Kind.STRING, "GUID of the VLAN range, not a URN.", filter_name="UID", attribute=True, sample="7d20c4f9-15be-4836-a9d1-30e8f5b6c274"
        ),
        Field("name", "Name", Kind.STRING, "What the virtual switch is called; equal names on two hosts are normal.", attribute=True, sample="vSwitch0"),
        urn("host_ref", "HostRef", "URN of the host or cluster with the switch.", sample="urn:VMware:Host:4c3b2a19-0817-4625-b4c3-d2e1f0a9b8c7.host-21"),
        choice("platform_type", "PlatformType", "Hypervisor of the host.", HYPERVISORS, sample="VMware"),
        _vlan_bound("vlan_ids_with_internet_left_bound", "VlanIdsWithInternetLeftBound", "Lowest VLAN number for networks with a way to the internet.", 500),
        _vlan_bound("vlan_ids_with_internet_right_bound", "VlanIdsWithInternetRightBound", "Highest VLAN number for networks with a way to the internet.", 549),
        _vlan_bound("vlan_ids_without_internet_left_bound", "VlanIdsWithoutInternetLeftBound", "Lowest VLAN number for networks that stay inside.", 550),
        _vlan_bound("vlan_ids_without_internet_right_bound", "VlanIdsWithoutInternetRightBound", "Highest VLAN number for networks that stay inside.", 599),
        word("switch_name", "SwitchName", "What the hypervisor calls the virtual switch.", filter_name="SwitchName", sample="vSwitch0"),
        word("switch_id", "SwitchId", "How the hypervisor identifies the virtual switch.", filter_name="SwitchId", sample="vSwitch0"),
        word("cluster_name", "ClusterName", "What the cluster of the host is called, null for a single host.", filter_name="ClusterName"),
        word("cluster_id", "ClusterId", "How the hypervisor identifies that cluster, null for a single host."),
        choice(
            "switch_type",
            "SwitchType",
            "Whether the switch is that of one host or a distributed one.",
            ("VirtualSwitch", "DistributedVirtualSwitch"),
            filter_name="SwitchType",
            sample="VirtualSwitch",
        ),
        only_filter("cluster_ref", "ClusterRef", Kind.UID, "URN of the host or cluster with the switch; only for filters, the record has it in host_ref."),
    )
    + BACKUP_SERVER_FILTERS,
    references=(PROVIDER_SERVER,),
    notes=(QUERY_ROLE_NOTE,),
)

CLOUD_CONNECT_SERVICE = Resource(
    thing="cloud_connect_service",
    plural="cloud_connect_services",
    title="Cloud Connect service",
    type="CloudConnectService",
    path="/cloud",
    list_root="",
    envelope="Resources",
    key="href",
    roles=(PORTAL_ADMINISTRATOR,),
    fields=(),
    children=(
        Child("gateways", "gateways", "CloudGateway"),
        Child("gateway_pools", "gatewayPools", "CloudGatewayPool"),
        Child("tenants", "tenants", "CloudTenant"),
        Child("hardware_plans", "hardwarePlans", "CloudHardwarePlan"),
        Child("public_ip_addresses", "publicIpAddresses", "CloudPublicIpAddress"),
        Child("vlans", "vlans", "VlanConfiguration"),
        Child("failover_plans", "cloudFailoverPlans", "CloudFailoverPlan"),
        Child("failover_sessions", "failoverSessions", "CloudFailoverSession"),
        Child("replicas", "replicas", "CloudReplica"),
        Child("vm_replica_points", "vmReplicaPoints", "CloudVmReplicaPoint"),
    ),
    notes=(
        "There only with a licence for service providers and an Enterprise Manager on Windows; tenants see failover plans, replicas and their points alone.",
    ),
)
