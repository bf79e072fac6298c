#!/usr/bin/python

# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: veeam_em_cloud_tenant_info
short_description: Read Cloud Connect tenants of Veeam Backup Enterprise Manager
version_added: 0.2.0
description:
  - Returns tenant accounts of a Cloud Connect provider, with quotas, counters and last result.
  - What lies below a tenant comes on request.

author:
  - Contributors to the openbackup.veeam_em collection (@openbackup)
extends_documentation_fragment:
  - openbackup.veeam_em.attributes
  - openbackup.veeam_em.attributes.reads_only
  - openbackup.veeam_em.attributes.actiongroup_veeam_em
  - openbackup.veeam_em.attributes.lanes
  - openbackup.veeam_em.attributes.async
  - openbackup.veeam_em.records.identity
  - openbackup.veeam_em.records
  - openbackup.veeam_em.connection
options:
  # generated: begin selection
  filter:
    description:
      - Which records to return. A mapping from fields to what they must be; all of them must hold.
      - A plain value means equal, a list means any of its members; V(eq), V(ne), V(lt), V(le), V(gt) and V(ge) stand in a mapping of
        their own.
      - 'An example is V({enabled: false, tenant_type: vCD}).'
      - Times are ISO 8601 and mean UTC unless they carry a zone; V(-24h) or V(-7d) means so long ago.
      - A text is taken as an expression in the grammar of the query service, where a semicolon means and, a comma means or.
      - An example is V(Enabled==false).
      - Unknown fields, operators and values are refused before anything is sent.
      - Fields are the following.
      - V(uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the tenant account, stable over log-ons.
      - V(name) (text) - Name of the tenant account; unique on one backup server only.
      - V(enabled) (V(true) or V(false)) - Whether the tenant may log on and run jobs.
      - V(backup_server_uid) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the backup server, taken from the link to it.
      - V(backup_server_name) (text) - Name of the backup server, taken from the link to it.
      - V(tenant_type) (V(vCD), V(Standalone) or V(ActiveDirectory)) - Kind of tenant; only for filters, the record tells it by tenant_account.
      - V(organization_reference) (URN or GUID, compared with V(eq) or V(ne) only) - URN of the tenant's organization in VMware Cloud
        Director; only for filters, the record has it in tenant_account.
    type: raw
  sort:
    description:
      - Field to sort by, one of those that O(filter) knows; a leading minus sorts in descending order, as in V(-name).
      - Without it records come in the order of V(name).
    type: str
  cloud_hardware_plan:
    description:
      - Hardware plans whose tenant accounts to return, one or several, each by GUID, URN or name.
      - One that the server does not know gives no record and no failure.
      - The module then filters and sorts by itself what the server tells of them. So O(filter) and O(sort) take all fields of a record
        that hold one value, also those that are not listed at O(filter), but none that is only for filters.
    type: list
    elements: str
  backup_server:
    description: Name of the backup server that the records belong to. Names are unique on one backup server only.
    type: str
  source:
    description:
      - Where the records are read from.
      - V(query) asks the query service, page by page.
      - V(collection) reads the whole collection in one answer and filters it in the module; so does V(query) where the account may
        not query.
    type: str
    choices:
      - query
      - collection
    default: query
  resources:
    description:
      - Whether each record carries V(cloud_tenant_resources), the backup resources of the tenant.
      - It takes one more request for each record.
    type: bool
    default: false
  compute_resources:
    description:
      - Whether each record carries V(cloud_tenant_compute_resources), the replication resources of the tenant; and V(cloud_tenant_vcloud_compute_resources),
        the organization VDCs of the tenant.
      - It takes 2 more requests for each record.
    type: bool
    default: false
  subtenants:
    description:
      - Whether each record carries V(subtenants), the subtenant accounts of the tenant account.
      - It takes one more request for each record.
    type: bool
    default: false
  license_counters:
    description:
      - Whether each record carries V(license_counters), the free licence counters of the tenant.
      - It takes one more request for each record.
    type: bool
    default: false
  gateway_pools:
    description:
      - Whether each record carries V(gateway_pools), the gateway pools of the tenant account.
      - It takes one more request for each record.
    type: bool
    default: false
  # generated: end
notes:
  # generated: begin notes
  - Needs one of the roles Portal Administrator or Portal User in Enterprise Manager; what it shows depends on the user's scope.
  - The reference names Portal Administrator alone for queries. Where another role is refused, the collection is read instead; fields
    that are only for filters cannot be used then.
  # generated: end
seealso:
  - module: openbackup.veeam_em.veeam_em_cloud_subtenant_info
  - module: openbackup.veeam_em.veeam_em_cloud_hardware_plan_info
  - module: openbackup.veeam_em.veeam_em_cloud_gateway_pool_info
"""

EXAMPLES = r"""
- name: Tenants that are disabled
  openbackup.veeam_em.veeam_em_cloud_tenant_info:
    host: em01.example.com
    filter: {enabled: false}
  register: disabled

- name: Tenants with resources, subtenants and licence counters
  openbackup.veeam_em.veeam_em_cloud_tenant_info:
    host: em01.example.com
    resources: true
    compute_resources: true
    subtenants: true
    license_counters: true
  register: tenants

- name: Tenants and their last result
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.last_result }}"
  loop: "{{ tenants.cloud_tenants }}"
  loop_control:
    label: "{{ item.name }}"
"""

RETURN = r"""
# generated: begin result
cloud_tenants:
  description: The tenant accounts that match, an empty list when there are none.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: GUID of the tenant account.
      type: str
    uid:
      description: URN of the tenant account, stable over log-ons.
      type: str
      sample: urn:veeam:CloudTenant:5e9d2b70-1c84-4f36-b2a9-d07f6c3e8145
    name:
      description: Name of the tenant account; unique on one backup server only.
      type: str
      sample: tenant-a
    type:
      description: Type of the record.
      type: str
      sample: CloudTenant
    href:
      description: Address of the tenant account, as the server writes it.
      type: str
    description:
      description: Free text an administrator wrote about the tenant account.
      type: str
      sample: Server room of tenant A
    enabled:
      description: Whether the tenant may log on and run jobs.
      type: bool
      sample: true
    lease_options:
      description: How long the tenant may use the resources.
      type: dict
      contains:
        enabled:
          description: Whether the lease ends at all.
          type: bool
          sample: true
        lease_expiration_date:
          description: When the lease ends. Time in UTC, null without an end.
          type: str
          sample: '2027-03-31T22:00:00Z'
    resources:
      description: Repositories that the tenant may write to.
      type: list
      elements: dict
      contains:
        id:
          description: GUID under which the tenant account holds it.
          type: str
        repository_quota:
          description: Space that the provider gives the tenant on one repository.
          type: dict
          contains:
            display_name:
              description: What the tenant calls this repository.
              type: str
              sample: Cloud Vault 1
            repository_uid:
              description: URN of the repository behind it.
              type: str
              sample: urn:veeam:Repository:3a2b1c0d-9e8f-4765-8432-10fedcba9876
            wan_accelerator_uid:
              description: URN of the target accelerator on the provider's side, null where the tenant has none.
              type: str
              sample: urn:veeam:WanAccelerator:6b1f0c2d-93e4-4a75-8d16-2f7c5e0a9b34
            quota:
              description: Space that is granted, in MB.
              type: int
              sample: 512000
            used_quota:
              description: Part of the granted space that is taken, in MB.
              type: int
              sample: 98304
    last_result:
      description:
        - Outcome of the tenant's latest job session, None before the first.
        - The server sends V(None), V(Success), V(Warning) or V(Failed).
      type: str
      sample: Success
    last_active:
      description: When the tenant last did something. Time in UTC, null before the first time.
      type: str
      sample: '2026-11-20T21:14:03Z'
    vm_count:
      description: How many virtual machines the tenant protects; sent by old servers only.
      type: int
    compute_resources:
      description: Hardware plans that the tenant is subscribed to.
      type: list
      elements: dict
      contains:
        id:
          description: GUID under which the tenant account holds it.
          type: str
        cloud_hardware_plan_uid:
          description: URN of the plan that the tenant is subscribed to.
          type: str
          sample: urn:veeam:CloudHardwarePlan:8c5e3a10-4d27-4f9b-b6c8-71e0d2f4a539
        wan_accelerator_uid:
          description: URN of the target accelerator on the provider's side, null where the tenant has none.
          type: str
          sample: urn:veeam:WanAccelerator:6b1f0c2d-93e4-4a75-8d16-2f7c5e0a9b34
        platform_type:
          description:
            - Hypervisor of the plan.
            - The server sends V(VMware) or V(HyperV).
          type: str
          sample: VMware
        use_network_failover_resources:
          description: Whether the tenant gets a network appliance.
          type: bool
          sample: true
        network_appliance:
          description: Appliance on the provider's side that joins networks after a partial failover, null where there is none.
          type: dict
          contains:
            name:
              description: What the appliance is called in the virtual infrastructure.
              type: str
              sample: nea-tenant-a
            production_network:
              description: Port group or virtual network that the appliance is connected to.
              type: str
              sample: VM Network
            obtain_ip_address_automatically:
              description: Whether DHCP gives the appliance its settings.
              type: bool
              sample: true
            manual_ip_address_settings_info_type:
              description: Network settings set by hand, null where DHCP gives them.
              type: dict
              contains:
                ip_address:
                  description: IPv4 address of the appliance.
                  type: str
                  sample: 192.0.2.20
                subnet_mask:
                  description: IPv4 mask of its network.
                  type: str
                  sample: 255.255.255.0
                default_gateway:
                  description: IPv4 address of the router it sends to.
                  type: str
                  sample: 192.0.2.1
            vi_distributed_switch_uuid:
              description: Identifier of the distributed switch with that port group, empty for a standard switch.
              type: str
            production_network_under_dvs:
              description: Whether that port group lies on a distributed switch.
              type: bool
              sample: false
        compute_resource_stats:
          description: What the tenant takes of the plan.
          type: dict
          contains:
            memory_usage_mb:
              description: Memory that the replicas take, in MB.
              type: int
              sample: 8192
            cpu_count:
              description: How many virtual processors the replicas take.
              type: int
              sample: 4
            storage_resource_stats:
              description: Use of each storage of the hardware plan.
              type: list
              elements: dict
              contains:
                storage_name:
                  description: What the hardware plan calls the datastore or volume.
                  type: str
                  sample: Replica Storage
                storage_usage_gb:
                  description: Space that the tenant's replicas take, in GB.
                  type: int
                  sample: 120
                storage_limit_gb:
                  description: Space that the plan grants there, in GB.
                  type: int
                  sample: 500
    throttling_enabled:
      description: Whether the tenant's traffic is limited.
      type: bool
      sample: true
    throttling_speed_limit:
      description: Most traffic that is let through, in the unit of throttling_speed_unit.
      type: int
      sample: 50
    throttling_speed_unit:
      description:
        - 'What the limit counts: megabits, kilobytes or megabytes a second.'
        - The server sends V(Mbps), V(KBps) or V(MBps).
      type: str
      sample: Mbps
    public_ip_count:
      description: How many public addresses the tenant may use after a failover.
      type: int
      sample: 1
    backup_count:
      description: How many virtual machines the tenant has backups of.
      type: int
      sample: 14
    replica_count:
      description: How many virtual machines the tenant replicates.
      type: int
      sample: 2
    max_concurrent_tasks:
      description: How many machine disks or files the tenant may process at one time.
      type: int
      sample: 4
    work_station_backup_count:
      description: How many workstations with agents the tenant has backups of.
      type: int
      sample: 3
    server_backup_count:
      description: How many servers with agents the tenant has backups of.
      type: int
      sample: 2
    backup_protection_enabled:
      description: Whether deleted backups go to a recycle bin first.
      type: bool
      sample: true
    backup_protection_period:
      description: How long they stay in the recycle bin, in days.
      type: int
      sample: 7
    tenant_account:
      description: Where the account comes from; the one part that is not null tells the kind of tenant. Servers before 9.5 Update 4
        do not send it.
      type: dict
      contains:
        standalone_tenant:
          description: Account that exists on the backup server alone.
          type: dict
          contains:
            tenant_credentials:
              description: Account name with which the tenant logs on.
              type: dict
              contains:
                username:
                  description: Log-on name of the tenant.
                  type: str
                  sample: tenant-a
        ad_tenant_type:
          description: Account of Active Directory.
          type: dict
          contains:
            domain:
              description: Directory that knows the account.
              type: dict
              contains:
                domain_name:
                  description: DNS name of the directory.
                  type: str
                  sample: corp.example.com
                domain_account:
                  description: Id of the stored credentials that the directory is asked with.
                  type: str
                port:
                  description: TCP port of the directory service.
                  type: int
                  sample: 389
            account:
              description: Log-on name as DOMAIN and user, parted by a backslash.
              type: str
              sample: CORP\tenant-a
        vcloud_tenant:
          description: Organization of VMware Cloud Director.
          type: dict
          contains:
            organization_name:
              description: What Cloud Director calls the tenant's organization.
              type: str
              sample: tenant-a-org
            organization_ref:
              description: URN of the organization in its hierarchy.
              type: str
    vcloud_compute_resources:
      description: Organization VDCs that the tenant may replicate to.
      type: list
      elements: dict
      contains:
        id:
          description: GUID under which the tenant account holds it.
          type: str
        virtual_data_center_name:
          description: What VMware Cloud Director calls the organization VDC.
          type: str
          sample: tenant-a-vdc
        virtual_data_center_ref:
          description: URN of the organization VDC in its hierarchy.
          type: str
          sample: urn:vCloud:OrgVdc:2d7b9c41-6e0f-4a83-95d2-b8c1f3e07a64.urn:vcloud:vdc:91c4e5d7-0a2b-4c68-8f13-5e7d9b0a2c46
        enabled:
          description: Whether the tenant may use this VDC for replicas.
          type: bool
          sample: true
        allocation_model:
          description:
            - How the VDC gets its resources.
            - The server sends V(Unknown), V(AllocationPool), V(PayAsYouGo), V(ReservationPool) or V(Flex).
          type: str
          sample: AllocationPool
        use_network_failover_resources:
          description: Whether the tenant gets a network appliance.
          type: bool
          sample: false
        resource_usage:
          description: What the tenant's replicas take of the VDC.
          type: dict
          contains:
            cpu_usage_mhz:
              description: Processor time that the replicas take, in MHz.
              type: int
              sample: 2400
            memory_usage_mb:
              description: Memory that the replicas take, in MB.
              type: int
              sample: 8192
            storage_usage_gb:
              description: Disk space that the replicas take, in GB.
              type: int
              sample: 120
        wan_accelerator_uid:
          description: URN of the target accelerator on the provider's side, null where the tenant has none.
          type: str
          sample: urn:veeam:WanAccelerator:6b1f0c2d-93e4-4a75-8d16-2f7c5e0a9b34
        network_appliance:
          description: Appliance on the provider's side that joins networks after a partial failover, null where there is none.
          type: dict
          contains:
            name:
              description: What the appliance is called in the virtual infrastructure.
              type: str
              sample: nea-tenant-a
            production_network:
              description: Port group or virtual network that the appliance is connected to.
              type: str
              sample: VM Network
            obtain_ip_address_automatically:
              description: Whether DHCP gives the appliance its settings.
              type: bool
              sample: true
            manual_ip_address_settings_info_type:
              description: Network settings set by hand, null where DHCP gives them.
              type: dict
              contains:
                ip_address:
                  description: IPv4 address of the appliance.
                  type: str
                  sample: 192.0.2.20
                subnet_mask:
                  description: IPv4 mask of its network.
                  type: str
                  sample: 255.255.255.0
                default_gateway:
                  description: IPv4 address of the router it sends to.
                  type: str
                  sample: 192.0.2.1
            vi_distributed_switch_uuid:
              description: Identifier of the distributed switch with that port group, empty for a standard switch.
              type: str
            production_network_under_dvs:
              description: Whether that port group lies on a distributed switch.
              type: bool
              sample: false
    cloud_gateway_pools:
      description: Gateway pools that the tenant must use, null where any gateway will do.
      type: dict
      contains:
        cloud_gateway_pool_uid:
          description: URNs of the pools, where the server names them only.
          type: list
          elements: str
        cloud_gateway_pool:
          description: Whole pools with their members, where the server sends these.
          type: list
          elements: dict
          contains:
            uid:
              description: URN of the gateway pool, stable over log-ons.
              type: str
            name:
              description: Name of the gateway pool.
              type: str
            description:
              description: Free text an administrator wrote about the gateway pool.
              type: str
            cloud_gateways:
              description: URNs of the gateways in the pool.
              type: list
              elements: str
            cloud_tenants:
              description: URNs of the tenant accounts that the pool is reserved for.
              type: list
              elements: str
    failover_to_other_gateways_if_fail:
      description: Whether gateways outside the pool serve the tenant when all in it are down.
      type: bool
    backup_server_uid:
      description: URN of the backup server, taken from the link to it.
      type: str
      sample: urn:veeam:BackupServer:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
    backup_server_name:
      description: Name of the backup server, taken from the link to it.
      type: str
      sample: vbr01.example.com
    backup_server:
      description: Backup server of the provider that holds it.
      type: dict
      contains:
        id:
          description: GUID of the object.
          type: str
          sample: 5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
        uid:
          description: URN of the object.
          type: str
          sample: urn:veeam:BackupServer:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
        name:
          description: Name of the object.
          type: str
        type:
          description: Type of the object.
          type: str
          sample: BackupServer
    cloud_tenant_resources:
      description:
        - The backup resources of the tenant.
        - Null when the tenant account vanished before they were read.
      returned: with O(resources=true)
      type: list
      elements: dict
      contains:
        id:
          description: What stands last in the address of the backup resource of a tenant.
          type: str
        uid:
          description: Always null, as backup resources of a tenant have no URN.
          type: str
        name:
          description: Always null, as backup resources of a tenant have no name.
          type: str
        type:
          description: Type of the record.
          type: str
          sample: CloudTenantResource
        href:
          description: Address of the backup resource of a tenant, as the server writes it.
          type: str
        repository_quota:
          description: Space that the provider gives the tenant on one repository.
          type: dict
          contains:
            display_name:
              description: What the tenant calls this repository.
              type: str
              sample: Cloud Vault 1
            repository_uid:
              description: URN of the repository behind it.
              type: str
              sample: urn:veeam:Repository:3a2b1c0d-9e8f-4765-8432-10fedcba9876
            wan_accelerator_uid:
              description: URN of the target accelerator on the provider's side, null where the tenant has none.
              type: str
              sample: urn:veeam:WanAccelerator:6b1f0c2d-93e4-4a75-8d16-2f7c5e0a9b34
            quota:
              description: Space that is granted, in MB.
              type: int
              sample: 512000
            used_quota:
              description: Part of the granted space that is taken, in MB.
              type: int
              sample: 98304
        backup_server:
          description: Backup server of the provider that holds it.
          type: dict
          contains:
            id:
              description: GUID of the object.
              type: str
              sample: 5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
            uid:
              description: URN of the object.
              type: str
              sample: urn:veeam:BackupServer:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
            name:
              description: Name of the object.
              type: str
            type:
              description: Type of the object.
              type: str
              sample: BackupServer
        cloud_tenant:
          description: Tenant account that it belongs to.
          type: dict
          contains:
            id:
              description: GUID of the object.
              type: str
              sample: 5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
            uid:
              description: URN of the object.
              type: str
              sample: urn:veeam:CloudTenant:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
            name:
              description: Name of the object.
              type: str
            type:
              description: Type of the object.
              type: str
              sample: CloudTenant
    cloud_tenant_compute_resources:
      description:
        - The replication resources of the tenant.
        - Null when the tenant account vanished before they were read.
      returned: with O(compute_resources=true)
      type: list
      elements: dict
      contains:
        id:
          description: What stands last in the address of the replication resource of a tenant.
          type: str
        uid:
          description: Always null, as replication resources of a tenant have no URN.
          type: str
        name:
          description: Always null, as replication resources of a tenant have no name.
          type: str
        type:
          description: Type of the record.
          type: str
          sample: CloudTenantComputeResource
        href:
          description: Address of the replication resource of a tenant, as the server writes it.
          type: str
        cloud_hardware_plan_uid:
          description: URN of the plan that the tenant is subscribed to.
          type: str
          sample: urn:veeam:CloudHardwarePlan:8c5e3a10-4d27-4f9b-b6c8-71e0d2f4a539
        wan_accelerator_uid:
          description: URN of the target accelerator on the provider's side, null where the tenant has none.
          type: str
          sample: urn:veeam:WanAccelerator:6b1f0c2d-93e4-4a75-8d16-2f7c5e0a9b34
        platform_type:
          description:
            - Hypervisor of the plan.
            - The server sends V(VMware) or V(HyperV).
          type: str
          sample: VMware
        use_network_failover_resources:
          description: Whether the tenant gets a network appliance.
          type: bool
          sample: true
        network_appliance:
          description: Appliance on the provider's side that joins networks after a partial failover, null where there is none.
          type: dict
          contains:
            name:
              description: What the appliance is called in the virtual infrastructure.
              type: str
              sample: nea-tenant-a
            production_network:
              description: Port group or virtual network that the appliance is connected to.
              type: str
              sample: VM Network
            obtain_ip_address_automatically:
              description: Whether DHCP gives the appliance its settings.
              type: bool
              sample: true
            manual_ip_address_settings_info_type:
              description: Network settings set by hand, null where DHCP gives them.
              type: dict
              contains:
                ip_address:
                  description: IPv4 address of the appliance.
                  type: str
                  sample: 192.0.2.20
                subnet_mask:
                  description: IPv4 mask of its network.
                  type: str
                  sample: 255.255.255.0
                default_gateway:
                  description: IPv4 address of the router it sends to.
                  type: str
                  sample: 192.0.2.1
            vi_distributed_switch_uuid:
              description: Identifier of the distributed switch with that port group, empty for a standard switch.
              type: str
            production_network_under_dvs:
              description: Whether that port group lies on a distributed switch.
              type: bool
              sample: false
        compute_resource_stats:
          description: What the tenant takes of the plan.
          type: dict
          contains:
            memory_usage_mb:
              description: Memory that the replicas take, in MB.
              type: int
              sample: 8192
            cpu_count:
              description: How many virtual processors the replicas take.
              type: int
              sample: 4
            storage_resource_stats:
              description: Use of each storage of the hardware plan.
              type: list
              elements: dict
              contains:
                storage_name:
                  description: What the hardware plan calls the datastore or volume.
                  type: str
                  sample: Replica Storage
                storage_usage_gb:
                  description: Space that the tenant's replicas take, in GB.
                  type: int
                  sample: 120
                storage_limit_gb:
                  description: Space that the plan grants there, in GB.
                  type: int
                  sample: 500
        backup_server:
          description: Backup server of the provider that holds it.
          type: dict
          contains:
            id:
              description: GUID of the object.
              type: str
              sample: 5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
            uid:
              description: URN of the object.
              type: str
              sample: urn:veeam:BackupServer:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
            name:
              description: Name of the object.
              type: str
            type:
              description: Type of the object.
              type: str
              sample: BackupServer
        cloud_tenant:
          description: Tenant account that it belongs to.
          type: dict
          contains:
            id:
              description: GUID of the object.
              type: str
              sample: 5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
            uid:
              description: URN of the object.
              type: str
              sample: urn:veeam:CloudTenant:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
            name:
              description: Name of the object.
              type: str
            type:
              description: Type of the object.
              type: str
              sample: CloudTenant
    cloud_tenant_vcloud_compute_resources:
      description:
        - The organization VDCs of the tenant.
        - Null when the tenant account vanished before they were read.
      returned: with O(compute_resources=true)
      type: list
      elements: dict
      contains:
        id:
          description: What stands last in the address of the organization VDC of a tenant.
          type: str
        uid:
          description: Always null, as organization VDCs of a tenant have no URN.
          type: str
        name:
          description: Always null, as organization VDCs of a tenant have no name.
          type: str
        type:
          description: Type of the record.
          type: str
          sample: CloudTenantVCloudComputeResource
        href:
          description: Address of the organization VDC of a tenant, as the server writes it.
          type: str
        virtual_data_center_name:
          description: What VMware Cloud Director calls the organization VDC.
          type: str
          sample: tenant-a-vdc
        virtual_data_center_ref:
          description: URN of the organization VDC in its hierarchy.
          type: str
          sample: urn:vCloud:OrgVdc:2d7b9c41-6e0f-4a83-95d2-b8c1f3e07a64.urn:vcloud:vdc:91c4e5d7-0a2b-4c68-8f13-5e7d9b0a2c46
        enabled:
          description: Whether the tenant may use this VDC for replicas.
          type: bool
          sample: true
        allocation_model:
          description:
            - How the VDC gets its resources.
            - The server sends V(Unknown), V(AllocationPool), V(PayAsYouGo), V(ReservationPool) or V(Flex).
          type: str
          sample: AllocationPool
        use_network_failover_resources:
          description: Whether the tenant gets a network appliance.
          type: bool
          sample: false
        resource_usage:
          description: What the tenant's replicas take of the VDC.
          type: dict
          contains:
            cpu_usage_mhz:
              description: Processor time that the replicas take, in MHz.
              type: int
              sample: 2400
            memory_usage_mb:
              description: Memory that the replicas take, in MB.
              type: int
              sample: 8192
            storage_usage_gb:
              description: Disk space that the replicas take, in GB.
              type: int
              sample: 120
        wan_accelerator_uid:
          description: URN of the target accelerator on the provider's side, null where the tenant has none.
          type: str
          sample: urn:veeam:WanAccelerator:6b1f0c2d-93e4-4a75-8d16-2f7c5e0a9b34
        network_appliance:
          description: Appliance on the provider's side that joins networks after a partial failover, null where there is none.
          type: dict
          contains:
            name:
              description: What the appliance is called in the virtual infrastructure.
              type: str
              sample: nea-tenant-a
            production_network:
              description: Port group or virtual network that the appliance is connected to.
              type: str
              sample: VM Network
            obtain_ip_address_automatically:
              description: Whether DHCP gives the appliance its settings.
              type: bool
              sample: true
            manual_ip_address_settings_info_type:
              description: Network settings set by hand, null where DHCP gives them.
              type: dict
              contains:
                ip_address:
                  description: IPv4 address of the appliance.
                  type: str
                  sample: 192.0.2.20
                subnet_mask:
                  description: IPv4 mask of its network.
                  type: str
                  sample: 255.255.255.0
                default_gateway:
                  description: IPv4 address of the router it sends to.
                  type: str
                  sample: 192.0.2.1
            vi_distributed_switch_uuid:
              description: Identifier of the distributed switch with that port group, empty for a standard switch.
              type: str
            production_network_under_dvs:
              description: Whether that port group lies on a distributed switch.
              type: bool
              sample: false
        backup_server:
          description: Backup server of the provider that holds it.
          type: dict
          contains:
            id:
              description: GUID of the object.
              type: str
              sample: 5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
            uid:
              description: URN of the object.
              type: str
              sample: urn:veeam:BackupServer:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
            name:
              description: Name of the object.
              type: str
            type:
              description: Type of the object.
              type: str
              sample: BackupServer
        cloud_tenant:
          description: Tenant account that it belongs to.
          type: dict
          contains:
            id:
              description: GUID of the object.
              type: str
              sample: 5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
            uid:
              description: URN of the object.
              type: str
              sample: urn:veeam:CloudTenant:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
            name:
              description: Name of the object.
              type: str
            type:
              description: Type of the object.
              type: str
              sample: CloudTenant
    subtenants:
      description:
        - The subtenant accounts of the tenant account.
        - Null when the tenant account vanished before they were read.
      returned: with O(subtenants=true)
      type: list
      elements: dict
      contains:
        id:
          description: What stands last in the address of the subtenant account.
          type: str
        uid:
          description: Always null, as subtenant accounts have no URN.
          type: str
        name:
          description: Log-on name of the subtenant; unique within one tenant only.
          type: str
          sample: tenant-a-laptops
        type:
          description: Type of the record.
          type: str
          sample: CloudSubtenant
        href:
          description: Address of the subtenant account, as the server writes it.
          type: str
        description:
          description: Free text an administrator wrote about the subtenant account.
          type: str
          sample: Laptops of the sales team
        enabled:
          description: Whether the subtenant may log on; filters know the opposite, disabled.
          type: bool
          sample: true
        repository_quota:
          description: Part of the tenant's space that the subtenant may use.
          type: dict
          contains:
            unlimited:
              description: Whether only the tenant's own quota is the limit.
              type: bool
              sample: false
            display_name:
              description: What the subtenant calls this repository.
              type: str
              sample: Laptop Vault
            tenant_resource_id:
              description: Id of the tenant's backup resource that the space is taken from.
              type: str
            quota_mb:
              description: Space that is granted, in MB.
              type: int
              sample: 20480
            used_quota_mb:
              description: Part of the granted space that is taken, in MB.
              type: int
              sample: 4096
            quota_id:
              description: Id of this quota itself; some servers do not send it.
              type: str
        cloud_tenant_uid:
          description: URN of the tenant, taken from the link to it.
          type: str
        cloud_tenant_name:
          description: Name of the tenant, taken from the link to it.
          type: str
        backup_server_uid:
          description: URN of the backup server, taken from the link to it.
          type: str
          sample: urn:veeam:BackupServer:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
        backup_server_name:
          description: Name of the backup server, taken from the link to it.
          type: str
          sample: vbr01.example.com
        backup_server:
          description: Backup server of the provider that holds it.
          type: dict
          contains:
            id:
              description: GUID of the object.
              type: str
              sample: 5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
            uid:
              description: URN of the object.
              type: str
              sample: urn:veeam:BackupServer:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
            name:
              description: Name of the object.
              type: str
            type:
              description: Type of the object.
              type: str
              sample: BackupServer
        cloud_tenant:
          description: Tenant account that it belongs to.
          type: dict
          contains:
            id:
              description: GUID of the object.
              type: str
              sample: 5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
            uid:
              description: URN of the object.
              type: str
              sample: urn:veeam:CloudTenant:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
            name:
              description: Name of the object.
              type: str
            type:
              description: Type of the object.
              type: str
              sample: CloudTenant
    license_counters:
      description:
        - The free licence counters of the tenant.
        - Null when the tenant account vanished before they were read.
      returned: with O(license_counters=true)
      type: dict
      contains:
        id:
          description: What stands last in the address of the free licence counters of a tenant.
          type: str
        uid:
          description: Always null, as free licence counters of tenants have no URN.
          type: str
        name:
          description: Always null, as free licence counters of tenants have no name.
          type: str
        type:
          description: Type of the record.
          type: str
          sample: FreeLicenseCounters
        href:
          description: Address of the free licence counters of a tenant, as the server writes it.
          type: str
        rental_vm_backup_count:
          description: How many virtual machines with backups are rented and so consume a licence.
          type: int
          sample: 12
        rental_workstation_backup_count:
          description: How many workstations with agent backups are rented.
          type: int
          sample: 3
        rental_server_backup_count:
          description: How many servers with agent backups are rented.
          type: int
          sample: 2
        new_vm_backup_count:
          description: How many virtual machines were backed up for the first time in this month; they are free until it ends.
          type: int
          sample: 1
        new_workstation_backup_count:
          description: How many workstations were backed up for the first time in this month.
          type: int
          sample: 1
        new_server_backup_count:
          description: How many servers with agents were backed up for the first time in this month.
          type: int
          sample: 0
        new_vm_replica_count:
          description: How many virtual machines were replicated for the first time in this month.
          type: int
          sample: 1
        cloud_tenant:
          description: Tenant account that it belongs to.
          type: dict
          contains:
            id:
              description: GUID of the object.
              type: str
              sample: 5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
            uid:
              description: URN of the object.
              type: str
              sample: urn:veeam:CloudTenant:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
            name:
              description: Name of the object.
              type: str
            type:
              description: Type of the object.
              type: str
              sample: CloudTenant
    gateway_pools:
      description:
        - The gateway pools of the tenant account.
        - Null when the tenant account vanished before they were read.
      returned: with O(gateway_pools=true)
      type: list
      elements: dict
      contains:
        id:
          description: GUID of the gateway pool.
          type: str
        uid:
          description: URN of the gateway pool, stable over log-ons.
          type: str
          sample: urn:veeam:CloudGatewayPool:c3e81f5a-7b40-4d92-a6e5-09d8b7c1f243
        name:
          description: Name of the gateway pool.
          type: str
          sample: Frankfurt Gateways
        type:
          description: Type of the record.
          type: str
          sample: CloudGatewayPool
        href:
          description: Address of the gateway pool, as the server writes it.
          type: str
        description:
          description: Free text an administrator wrote about the gateway pool.
          type: str
        cloud_gateways:
          description: URNs of the gateways in the pool.
          type: list
          elements: str
        cloud_tenants:
          description: URNs of the tenant accounts that the pool is reserved for.
          type: list
          elements: str
        backup_server_uid:
          description: URN of the backup server, taken from the link to it.
          type: str
          sample: urn:veeam:BackupServer:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
        backup_server_name:
          description: Name of the backup server, taken from the link to it.
          type: str
          sample: vbr01.example.com
        backup_server:
          description: Backup server of the provider that holds it.
          type: dict
          contains:
            id:
              description: GUID of the object.
              type: str
              sample: 5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
            uid:
              description: URN of the object.
              type: str
              sample: urn:veeam:BackupServer:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11
            name:
              description: Name of the object.
              type: str
            type:
              description: Type of the object.
              type: str
              sample: BackupServer
    links:
      description: Links of the record as the server sent them, only with O(links=true).
      type: list
      elements: dict
      contains:
        rel:
          description: What the link is for.
          type: str
          sample: Up
        href:
          description: Address of the target.
          type: str
        name:
          description: Name of the target.
          type: str
        type:
          description: Type of the target.
          type: str
          sample: BackupServerReference
total:
  description: How many records match, with or without O(limit).
  returned: success
  type: int
  sample: 233
truncated:
  description: Whether O(limit) left records out.
  returned: success
  type: bool
  sample: false
error:
  description: What went wrong, as data.
  returned: failure, unless an option has a wrong type
  type: dict
  contains:
    kind:
      description: Kind of the failure, one of V(ambiguous_name), V(authentication), V(body), V(connection), V(error), V(file), V(filter),
        V(foreign_task), V(interrupted), V(not_found), V(not_started), V(option), V(outcome_unknown), V(permission), V(run_failed),
        V(server), V(task_failed), V(timeout), V(tls), V(unknown_name) or V(wait_timeout).
      type: str
      sample: permission
    method:
      description: Method of the request that failed, null where none did.
      type: str
      sample: GET
    path:
      description: Path of the request that failed, null where none did.
      type: str
      sample: /query
    status:
      description: HTTP status of the answer, null where there was none.
      type: int
      sample: 403
    server_message:
      description: What the server said, null where it said nothing.
      type: str
    advice:
      description: What to do about it, null where there is no advice.
      type: str
sent:
  description: Whether the request may have reached the server.
  returned: when the connection failed
  type: bool
  sample: false
# generated: end
"""

from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.info import Detail, info_module
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.lanes import run_as_module
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.cloud import (
    CLOUD_GATEWAY_POOL,
    CLOUD_HARDWARE_PLAN,
    CLOUD_SUBTENANT,
    CLOUD_TENANT,
    CLOUD_TENANT_COMPUTE_RESOURCE,
    CLOUD_TENANT_RESOURCE,
    CLOUD_TENANT_VCLOUD_COMPUTE_RESOURCE,
    FREE_LICENSE_COUNTERS,
)

MODULE = info_module(
    CLOUD_TENANT,
    below=(CLOUD_HARDWARE_PLAN,),
    details=(
        Detail("resources", (CLOUD_TENANT_RESOURCE,)),
        Detail(
            "compute_resources",
            (
                CLOUD_TENANT_COMPUTE_RESOURCE,
                CLOUD_TENANT_VCLOUD_COMPUTE_RESOURCE,
            ),
        ),
        Detail("subtenants", (CLOUD_SUBTENANT,)),
        Detail("license_counters", (FREE_LICENSE_COUNTERS,)),
        Detail("gateway_pools", (CLOUD_GATEWAY_POOL,)),
    ),
)


def main() -> None:
    """Run the module lane."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
