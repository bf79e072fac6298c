# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may log on to Enterprise Manager and what they may do: accounts, roles, restore scopes. Private to this collection.

Source: reference pages /security, /security/accounts/{ID}, /security/accounts/{ID}/roles, /security/accounts/{ID}/scopes,
/security/roles/{ID}; API.md section 5 (an accidental POST changes rights). None of them can be queried.
"""

from __future__ import annotations

from dataclasses import replace

from ._common import PORTAL_ADMINISTRATOR, name, uid
from ._model import Action, Child, Field, Kind, Resource, Struct

_ROLES = (PORTAL_ADMINISTRATOR,)


def _unfiltered(field: Field) -> Field:
    return replace(field, filter_name="")


SECURITY_SETTINGS = Resource(
    thing="security_settings",
    plural="security_settings",
    title="security settings",
    title_plural="security settings",
    type="EnterpriseSecuritySettings",
    path="/security",
    list_root="",
    key="href",
    roles=_ROLES,
    fields=(),
    children=(Child("accounts", "accounts", "EnterpriseAccount"), Child("roles", "roles", "EnterpriseRole")),
)

SECURITY_ACCOUNT = Resource(
    thing="security_account",
    plural="security_accounts",
    title="security account",
    type="EnterpriseAccount",
    path="/security/accounts",
    list_root="EnterpriseAccounts",
    item_aliases=("EnterpriseAccountEntity",),
    list_root_aliases=("EnterpiseAccounts",),  # so spelled in answers to queries
    roles=_ROLES,
    fields=(
        _unfiltered(uid("account", "urn:veeam:EnterpriseAccount:d4e5f607-1829-4abc-9def-0123456789ab")),
        _unfiltered(name("User or group with its domain.", "EXAMPLE\\Backup Operators")),
        Field(
            "account_type",
            "AccountType",
            Kind.ENUM,
            "Whether one person or a group, and whether known by an identity provider.",
            values=("User", "Group", "ExternalUser", "ExternalGroup"),
            sample="Group",
        ),
        Field(
            "allow_restore_all_vms",
            "AllowRestoreAllVms",
            Kind.BOOL,
            "Whether every machine may be restored; otherwise the restore scopes count.",
            sample=False,
        ),
        Field(
            "flr_settings",
            "FlrSettings",
            Kind.STRUCT,
            "Limits on restoring files, null where the server does not send them.",
            struct=Struct(
                (
                    Field("flr_inplace_only", "FlrInplaceOnly", Kind.BOOL, "Whether files can only go back where they were, and not be downloaded."),
                    # Extention is really spelled so.
                    Field("flr_extention_restrictions", "FlrExtentionRestrictions", Kind.STRING, "Endings of files that may be restored, with commas between."),
                )
            ),
        ),
        Field(
            "sql_settings",
            "SqlSettings",
            Kind.STRUCT,
            "Limits on restoring Microsoft SQL Server databases, null where the server does not send them.",
            struct=Struct((Field("deny_in_place_restore", "DenyInPlaceRestore", Kind.BOOL, "Whether databases must not go back where they were."),)),
        ),
    ),
    # rebuildScope goes to the collection. A POST to one account without action flips allow_restore_all_vms and is no action here.
    actions=(Action("rebuildScope", "StartRebuildScope", _ROLES),),
    children=(Child("roles", "roles", "EnterpriseAccountInRole"), Child("scopes", "scopes", "EnterpriseAccountHierarchyScope")),
)

SECURITY_ACCOUNT_ROLE = Resource(
    thing="security_account_role",
    plural="security_account_roles",
    title="role of an account",
    type="EnterpriseAccountInRole",
    path="/security/accounts/{security_account}/roles",
    list_root="EnterpriseAccountInRoleList",
    key="href",
    roles=_ROLES,
    fields=(Field("role_name", "RoleName", Kind.STRING, "What the account may do, by the name shown to people.", sample="Portal User"),),
)

SECURITY_ACCOUNT_SCOPE = Resource(
    thing="security_account_scope",
    plural="security_account_scopes",
    title="restore scope of an account",
    type="EnterpriseAccountHierarchyScope",
    path="/security/accounts/{security_account}/scopes",
    list_root="EnterpriseAccountHierarchyScopes",
    key="href",
    roles=_ROLES,
    fields=(
        Field("name", "Name", Kind.STRING, "Object whose machines the account may restore.", sample="Production"),
        Field(
            "hierarchy_root_name", "HierarchyRootName", Kind.STRING, "Host at the top of the hierarchy that the object is in.", sample="vcenter01.example.com"
        ),
        Field("platform", "Platform", Kind.ENUM, "Virtualization that the object belongs to.", values=("VMware", "Hyperv", "vCloud"), sample="VMware"),
        Field("hierarchy_object_type", "HierarchyObjectType", Kind.STRING, "Kind of the object, such as ResourcePool or VcdSystem.", sample="ResourcePool"),
        Field(
            "state",
            "State",
            Kind.ENUM,
            "Whether the scope counts yet: only Processed does, after rebuildScope.",
            values=("Unprocessed", "Processed", "Removing"),
            sample="Processed",
        ),
    ),
)

SECURITY_ROLE = Resource(
    thing="security_role",
    plural="security_roles",
    title="security role",
    type="EnterpriseRole",
    path="/security/roles",
    list_root="EnterpriseRoles",
    item_aliases=("EnterpriseRoleEntity",),
    list_root_aliases=("EnterpiseRoles",),  # so spelled in answers to queries
    roles=_ROLES,
    fields=(
        _unfiltered(uid("role", "urn:veeam:EnterpriseRole:e5f60718-293a-4bcd-8ef0-123456789abc")),
        _unfiltered(name("What it is called in the product, such as Portal Administrator.", "Portal User")),
    ),
)
