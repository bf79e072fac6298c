# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How answers differ from what a declaration can say. Seen in samples of the API reference, where nothing else is said."""

from __future__ import annotations

# Child collections that are linked as Related.
RELATED_CHILDREN = {("CloudTenant", "freelicenseCounters"), ("CloudGatewayPool", "tenants")}
# These have an address and no attribute Type.
UNTYPED = ("EnterpriseSecuritySettings", "EnterpriseAccountInRole", "EnterpriseAccountHierarchyScope")
# These have neither address nor Type when they are shown whole.
WITHOUT_ADDRESS = ("VlanConfiguration", "SystemSessionEvent", "FileSystemEntry", "FileSystemEntries")
# These have an attribute Id, which nobody declares: it says what the address says.
WITH_ID = ("CloudTenantResource", "CloudTenantComputeResource", "CloudTenantVCloudComputeResource", "CloudSubtenant")
# The element that follows the secrets of a type; no record may hold these, and servers send them empty.
AFTER_SECRETS = {"CloudTenant": "Description", "CloudSubtenant": "Enabled"}
# Slips in the types that links tell: of the link to oneself, and of the link to a list.
ALTERNATE_TYPES = {"SystemSession": "BackupJobSessionReference", "AgentBackupJob": "JobReference", "NasJob": "JobReference"}
LIST_TYPES = {"SystemSessionEvent": "SystemSessionEvents", "ObjectInAgentBackupJob": "ObjectInJobList"}
# Links to the members of these lead to another path than the one that the reference describes.
OTHER_CHILD_PATHS = {("CloudReplica", "vmReplicaPoints"): "/cloud/vmReplicaPoints/{id}/vmReplicaPoints"}
