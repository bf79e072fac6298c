# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Veeam Cloud Connect as the provider sees it: tenants, what they may use, and how they reach it.

One tenant for a hundred machines, four at least. The first four show every kind: a standalone account that uses everything, one of
Active Directory, an organization of VMware Cloud Director, and an account that nobody has used yet.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Callable

from .. import answers
from ..build import DAY_US, Build
from ..clock import NEVER_US
from ..declarations import resource
from ..model import Row
from ..rows import row_uid
from ..tenancy import LINKED, TENANT_ROLE
from ..views import SPECS
from ..wire import Context, Link
from ..world import World
from .neighbours import Neighbours, inside

_MACHINES_OF_A_TENANT = 100
_FEWEST_TENANTS = 4
_TENANT_NAMES = ("Northwind", "Contoso", "Fabrikam", "Tailspin")
_GATEWAY_PORT = 6180
_GIB_MB = 1024
_STORAGE = "Replica Storage"


class _Provider:
    """What all tenants share: the backup server of the provider, gateways, pools, plans and accelerators."""

    def __init__(self, world: World, build: Build) -> None:
        self.world = world
        self.build = build
        self.near = Neighbours(world)
        self.server = build.servers[0]
        self.up = (self.server,)
        self.wan = next(iter(world.table("WanAccelerator").rows()), None)
        self.repository = self.near.repository_of(self.server)
        self.tenants: list[Row] = []

    def row(self, kind: str, name: str, values: dict[str, Any], **more: Any) -> Row:
        """Put a thing with a name of its own in the world."""
        made = Row(self.build.guid(kind, name), kind, name, values, up=more.pop("up", self.up), **more)
        self.world.add(made)
        return made

    @property
    def wan_uid(self) -> str | None:
        """URN of the target accelerator, None where the estate has none."""
        return row_uid(self.wan) if self.wan is not None else None


def add(world: World, build: Build) -> None:
    """Put in the provider's side of Cloud Connect."""
    if not build.populated:
        return
    provider = _Provider(world, build)
    plans = _hardware_plans(provider)
    pools = _gateway_pools(provider)
    for number in range(max(_FEWEST_TENANTS, len(build.machines) // _MACHINES_OF_A_TENANT)):
        provider.tenants.append(_tenant(provider, number, plans, pools))
    _public_addresses(provider)
    _vlans(provider)
    for pool in pools:
        world.add(pool)  # again, as the tenants that may use it are known only now


# Gateways


def _gateway_pools(provider: _Provider) -> list[Row]:
    """Put in two pools with two gateways each, one without any, and a gateway that is in no pool."""
    pools = []
    for number, name in enumerate(("Frankfurt Gateways", "Amsterdam Gateways", "Spare Pool")):
        pool = provider.row("CloudGatewayPool", name, {"Description": "" if number else "First site", "CloudGateways": [], "CloudTenants": []})
        for gateway in range(2 if number < 2 else 0):
            row = _gateway(provider, 2 * number + gateway + 1, (pool,))
            pool.values["CloudGateways"].append(row_uid(row))
        pools.append(pool)
    _gateway(provider, 5, ())
    return pools


def _gateway(provider: _Provider, number: int, pools: tuple[Row, ...]) -> Row:
    values = {
        "Enabled": number != 4 or provider.build.healthy,
        "NetworkMode": "NAT" if number % 2 else "Direct",
        "ExternalIP": f"198.51.100.{number}",
        "ExternalPort": _GATEWAY_PORT,
        "InternalPort": _GATEWAY_PORT,
        "Description": f"Gateway {number}",
    }
    return provider.row("CloudGateway", f"gw{number:02d}.example.com", values, related=pools)


# Hardware plans, networks


def _network(provider: _Provider, name: str) -> dict[str, Any]:
    return {"Id": provider.build.guid("plan network", name), "CountWithInternet": 1, "CountWithoutInternet": 2}


def _hardware_plans(provider: _Provider) -> list[Row]:
    """Put in a plan on VMware, one on Hyper-V, and one that no tenant has subscribed to."""
    plans = []
    host, host_name = provider.near.ref("VMware", "Host")
    for name, quota in (("VMware Medium", 500), ("VMware Large", 2000)):
        datastore = {
            "Id": provider.build.guid("plan storage", name),
            "FriendlyName": _STORAGE,
            "DatastoreType": "Datastore",
            "Reference": provider.near.ref("VMware", "Datastore")[0],
            "RootPath": "",
            "QuotaGb": quota,
        }
        details = {
            "HypervisorHostRef": host,
            "ParentType": "HostSystem",
            "ParentName": host_name,
            "Datastores": [datastore],
            "Network": _network(provider, name),
        }
        plans.append(_hardware_plan(provider, name, "VMware", {"ViCloudHardwarePlan": details}, quota))
    volume = {"Id": provider.build.guid("plan storage", "Hyper-V"), "FriendlyName": _STORAGE, "VolumePath": "D:\\Replicas", "QuotaGb": 300}
    details = {
        "HypervisorHostRef": provider.near.ref("Hyperv", "Host")[0],
        "Volumes": [volume],
        "Network": _network(provider, "Hyper-V Silver"),
    }
    plans.insert(1, _hardware_plan(provider, "Hyper-V Silver", "HyperV", {"HvCloudHardwarePlan": details}, 300))
    return plans


def _hardware_plan(provider: _Provider, name: str, platform: str, details: dict[str, Any], quota: int) -> Row:
    values = {
        "Description": f"Replicas on {platform}, {quota} GB",
        "ProcessorUsageLimitMhz": 10000,
        "MemoryUsageLimitMb": 32 * _GIB_MB,
        "HardwarePlanDetails": details,
        "Platform": platform,
    }
    return provider.row("CloudHardwarePlan", name, values)


def _vlans(provider: _Provider) -> None:
    """Put in one range on a host's own switch, one on a distributed switch of a cluster. Their URN is a bare GUID."""
    ranges = (("vSwitch0", "VirtualSwitch", "Host"), ("dvSwitch-Tenants", "DistributedVirtualSwitch", "Cluster"))
    for number, (switch, kind, level) in enumerate(ranges):
        identifier = provider.build.guid("vlan", switch)
        host, label = provider.near.ref("VMware", level)
        in_cluster = level == "Cluster"
        first = 500 + 100 * number
        values = {
            "UID": identifier,
            "HostRef": host,
            "PlatformType": "VMware",
            "VlanIdsWithInternetLeftBound": first,
            "VlanIdsWithInternetRightBound": first + 49,
            "VlanIdsWithoutInternetLeftBound": first + 50,
            "VlanIdsWithoutInternetRightBound": first + 99,
            "SwitchName": switch,
            "SwitchId": switch if kind == "VirtualSwitch" else "50 1f 3a 9c 20 be 4d 7e-8a 11 6c 0f 5e d2 47 b3",
            "ClusterName": label if in_cluster else None,
            "ClusterId": host.rpartition(".")[2] if in_cluster else None,
            "SwitchType": kind,
            "ClusterRef": host,
        }
        provider.world.add(Row(identifier, "VlanConfiguration", switch, values, up=provider.up))


def _public_addresses(provider: _Provider) -> None:
    """Put in an address for every tenant that may have one, and two that are free."""
    owners = [tenant for tenant in provider.tenants if tenant.values["PublicIpCount"]]
    for number, owner in enumerate([*owners, None, None]):
        address = f"203.0.{113 + number // 250}.{number % 250 + 1}"
        values = {
            "BackupServerUid": f"urn:veeam:BackupServer:{provider.server.id}",
            "IpAddress": address,
            "TenantUid": row_uid(owner) if owner else None,
            "CloudTenantName": owner.name if owner else None,
        }
        provider.row("CloudPublicIpAddress", address, values)


# Tenants


def _account(provider: _Provider, number: int, name: str) -> tuple[str, dict[str, Any]]:
    """Return the kind of a tenant as filters call it, and the element that tells it."""
    kind = number % 4 if number < _FEWEST_TENANTS else 0
    if kind == 1:
        domain = {"DomainName": "corp.example.com", "DomainAccount": provider.build.guid("domain account"), "Port": 389}
        return "ActiveDirectory", {"ADTenantType": {"Domain": domain, "Account": f"CORP\\{name.lower()}"}}
    if kind == 2:
        reference, organization = provider.near.ref("vCloud", "Organization")
        return "vCD", {"vCloudTenant": {"OrganizationName": organization or f"{name}-org", "OrganizationRef": reference}}
    return "Standalone", {"StandaloneTenant": {"TenantCredentials": {"Username": name}}}


def _logs_on_as(account: dict[str, Any]) -> str:
    """Return the name that a log-on with the credentials of a tenant is checked by; of an organization that of one of its users."""
    if "StandaloneTenant" in account:
        return str(account["StandaloneTenant"]["TenantCredentials"]["Username"])
    if "ADTenantType" in account:
        return str(account["ADTenantType"]["Account"])
    return str(account["vCloudTenant"]["OrganizationName"]) + "\\orgadmin"


def _tenant(provider: _Provider, number: int, plans: list[Row], pools: list[Row]) -> Row:
    name = _TENANT_NAMES[number] if number < len(_TENANT_NAMES) else f"Tenant {number:03d}"
    build, unused = provider.build, number == _FEWEST_TENANTS - 1 and not provider.build.healthy
    kind, account = _account(provider, number, name)
    identifier = build.guid("CloudTenant", name)
    lease_ends = build.now_us + 90 * DAY_US
    reserved = pools[number : number + 1] if number < 2 else []
    values: dict[str, Any] = {
        "Type": kind,
        "Password": "",
        "Description": f"Server room of {name}",
        "Enabled": not unused,
        "LeaseOptions": {"Enabled": True, "ExpirationDate": lease_ends // DAY_US * DAY_US} if number == 0 else {"Enabled": False},
        "Resources": _inside_tenant(provider, "CloudTenantResource", identifier),
        "LastResult": "None" if unused else "Success" if build.healthy else ("Success", "Warning", "Failed")[number % 3],
        "LastActive": NEVER_US if unused else build.ago(hours=number % (12 if build.healthy else 48) + 1),
        "ComputeResources": _inside_tenant(provider, "CloudTenantComputeResource", identifier),
        "ThrottlingEnabled": number == 0,
        "ThrottlingSpeedLimit": 50 if number == 0 else 1,
        "ThrottlingSpeedUnit": "Mbps" if number == 0 else "MBps",
        "PublicIpCount": 1 if number == 0 else 0,
        "BackupCount": 0 if unused else 4 + number % 10,
        "ReplicaCount": 2 if _replicates(number) else 0,
        "MaxConcurrentTasks": 4,
        "WorkStationBackupCount": 0 if unused else number % 5,
        "ServerBackupCount": 0 if unused else number % 3,
        "BackupProtectionEnabled": build.healthy or number % 2 == 0,
        "BackupProtectionPeriod": 7,
        "TenantType": account,
        "VCloudComputeResources": _inside_tenant(provider, "CloudTenantVCloudComputeResource", identifier),
        "CloudGatewayPools": {"CloudGatewayPoolUid": [row_uid(pool) for pool in reserved]} if reserved else None,
        "FailoverToOthersGatewaysIfFail": bool(reserved),
        "OrganizationReference": account.get("vCloudTenant", {}).get("OrganizationRef"),
    }
    subscribed = (plans[number % 2],) if _replicates(number) and kind != "vCD" else ()
    tenant = provider.row("CloudTenant", name, values, below=(*reserved, *subscribed))
    for pool in reserved:
        pool.values["CloudTenants"].append(row_uid(tenant))
        pool.below = (*pool.below, tenant)
    _counters(provider, tenant, number)
    provider.world.accounts.append({"username": _logs_on_as(account), "role": TENANT_ROLE, "tenant": tenant.id})
    if not unused:
        _backup_resources(provider, tenant, number)
        _compute_resources(provider, tenant, number, subscribed, kind)
    return tenant


def _inside_tenant(provider: _Provider, kind: str, tenant: str) -> Callable[[Context], list[dict[str, Any]]]:
    """Return what writes the resources of a tenant into the tenant."""
    return lambda ctx: inside(provider.world.table(kind).in_place(tenant), ctx)


def _replicates(number: int) -> bool:
    return number < 3 or number % 4 == 0


def _counters(provider: _Provider, tenant: Row, number: int) -> None:
    values = {
        "RentalVMBackupCount": tenant.values["BackupCount"],
        "RentalWorkstationBackupCount": tenant.values["WorkStationBackupCount"],
        "RentalServerBackupCount": tenant.values["ServerBackupCount"],
        "NewVMBackupCount": number % 2,
        "NewWorkstationBackupCount": 0,
        "NewServerBackupCount": 0,
        "NewVMReplicaCount": tenant.values["ReplicaCount"] // 2,
    }
    provider.world.add(Row("", "FreeLicenseCounters", values=values, up=(tenant,), parents=(tenant.id,)))


def _resource(provider: _Provider, tenant: Row, kind: str, values: dict[str, Any], label: str) -> Row:
    identifier = provider.build.guid(kind, tenant.name, label)
    row = Row(identifier, kind, values={"Id": identifier, **values}, up=(tenant, *provider.up), parents=(tenant.id,))
    provider.world.add(row)
    return row


def _backup_resources(provider: _Provider, tenant: Row, number: int) -> None:
    for part in range(2 if number == 0 else 1):
        label = f"Cloud Vault {part + 1}"
        quota = {
            "DisplayName": label,
            "RepositoryUid": row_uid(provider.repository),
            "WanAcceleratorUid": provider.wan_uid if part == 0 else None,
            "Quota": 500 * _GIB_MB,
            "UsedQuota": tenant.values["BackupCount"] * 12 * _GIB_MB,
        }
        vault = _resource(provider, tenant, "CloudTenantResource", {"RepositoryQuota": quota}, label)
        if part == 0 and number != 1:
            _subtenants(provider, tenant, vault, number)


def _appliance(name: str, automatic: bool) -> dict[str, Any]:
    address = {"IpAddress": "192.0.2.20", "SubnetMask": "255.255.255.0", "DefaultGateway": "192.0.2.1"}
    return {
        "Name": f"nea-{name.lower()}",
        "ProductionNetwork": "VM Network",
        "ObtainIPAddressAutomatically": automatic,
        "ManualIpAddressSettingsInfoType": None if automatic else address,
        "ViDistributedSwitchUuid": "",
        "ProductionNetworkUnderDvs": False,
    }


def _compute_resources(provider: _Provider, tenant: Row, number: int, plans: tuple[Row, ...], kind: str) -> None:
    for plan in plans:
        (storages,) = plan.values["HardwarePlanDetails"].values()
        (storage,) = storages.get("Datastores") or storages["Volumes"]
        used = {"StorageName": storage["FriendlyName"], "StorageUsageGb": 60 * tenant.values["ReplicaCount"], "StorageLimitGb": storage["QuotaGb"]}
        values = {
            "CloudHardwarePlanUid": row_uid(plan),
            "WanAcceleratorUid": provider.wan_uid,
            "PlatformType": plan.values["Platform"],
            "UseNetworkFailoverResources": number == 0,
            "NetworkAppliance": _appliance(tenant.name, automatic=True) if number == 0 else None,
            "ComputeResourceStats": {"MemoryUsageMb": 8 * _GIB_MB, "CPUCount": 4, "StorageResourceStats": [used]},
        }
        _resource(provider, tenant, "CloudTenantComputeResource", values, plan.name)
    if kind == "vCD":
        reference, name = provider.near.ref("vCloud", "OrgVdc")
        values = {
            "VirtualDataCenterName": name or f"{tenant.name}-vdc",
            "VirtualDataCenterRef": reference,
            "Enabled": True,
            "AllocationModel": "AllocationPool",
            "UseNetworkFailoverResources": True,
            "ResourceUsage": {"CpuUsageMhz": 2400, "MemoryUsageMb": 8 * _GIB_MB, "StorageUsageGb": 120},
            "WanAcceleratorUid": provider.wan_uid,
            "NetworkAppliance": _appliance(tenant.name, automatic=False),
        }
        _resource(provider, tenant, "CloudTenantVCloudComputeResource", values, "vdc")


def _subtenants(provider: _Provider, tenant: Row, vault: Row, number: int) -> None:
    """Put in two subtenants: one with a quota, one that only the tenant's own quota limits and that may not log on."""
    for label, unlimited in (("laptops", False), ("branch office", True)):
        name = f"{tenant.name.lower()}-{label}"
        identifier, enabled = provider.build.guid("subtenant", name), provider.build.healthy or not unlimited
        quota = {
            "Unlimited": unlimited,
            "DisplayName": f"Vault of the {label}",
            "TenantResourceId": vault.id,
            "QuotaMb": 0 if unlimited else 20 * _GIB_MB,
            "UsedQuotaMb": (number % 10 + 1) * _GIB_MB,
            "QuotaId": provider.build.guid("quota", name),
        }
        values = {
            "Id": identifier,
            "UID": identifier,
            "Name": name,
            "Description": "" if unlimited else "Laptops of the sales team",
            "Password": "",
            "Enabled": enabled,
            "RepositoryQuota": quota,
            "Disabled": not enabled,
            "Unlimited": unlimited,
            "Quota": quota["QuotaMb"],
            "UsedQuota": quota["UsedQuotaMb"],
            "BackupResourceId": vault.id,
        }
        provider.world.add(Row(identifier, "CloudSubtenant", values=values, up=(*provider.up, tenant), parents=(tenant.id,)))


# Routes


def _service_page(service: Any, call: Any) -> Any:
    """Answer /cloud: the collections, of which a tenant is shown three only."""
    declared = resource("CloudConnectService")
    service.admit(call, declared)
    lists = LINKED if call.user.account.tenant else tuple((child.path, child.type) for child in declared.children)
    links = [Link("Up", f"/logonSessions/{call.user.id}", None, "LogonSession")]
    links += [Link("Down", f"/cloud/{path}", None, kind + "ReferenceList") for path, kind in lists]
    links += [Link("Down", f"/cloud/{path}?format=Entity", None, kind + "List") for path, kind in lists]
    spec = replace(SPECS[declared.type], links=lambda row, ctx: links)
    return service.answer(call, answers.single(Row("", declared.type), spec, call.ctx, call.as_json, True))


ROUTES = (("/cloud", "GET", _service_page),)
