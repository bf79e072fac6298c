# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may log on to Enterprise Manager: accounts with their roles and restore scopes, and the roles that there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from ..build import Build
from ..declarations import resource
from ..model import Row
from ..wire import Link
from ..world import World

ADMINISTRATOR, READER = "Portal Administrator", "Portal User"
_BUILT_IN = "BUILTIN\\Administrators"


class Scope(NamedTuple):
    """An object of the hierarchy whose machines an account may restore."""

    name: str
    platform: str
    kind: str
    state: str = "Processed"


@dataclass(frozen=True)
class NewAccount:
    """An account: its roles by name; ``scopes`` are objects whose machines it may restore.

    Where there are none, ``all_machines`` tells whether it may restore every one.
    """

    name: str
    kind: str
    roles: tuple[str, ...]
    scopes: tuple[Scope, ...] = ()
    limited_files: bool = False
    limited_databases: bool = False
    all_machines: bool = True


def add(world: World, build: Build) -> None:
    """Put in the settings page and all roles; accounts for everyone who may log on, and groups where the estate is populated."""
    roles = resource("EnterpriseManager").roles
    for name in roles:
        world.add(Row(build.guid("security role", name), "EnterpriseRole", name))
    orders = (Link("Create", "/security/accounts"), Link("Start", "/security/accounts?action=rebuildScope"))
    world.add(Row("", "EnterpriseSecuritySettings", links=orders))
    others = [(f"EXAMPLE\\{entry['username']}", entry["role"]) for entry in world.accounts if entry["role"] in roles]
    if build.healthy:
        accounts = _healthy(build, f"EXAMPLE\\{world.administrator}", others)
    else:
        accounts = [NewAccount(_BUILT_IN, "Group", (ADMINISTRATOR,)), *(NewAccount(name, "User", (role,)) for name, role in others)]
        accounts += _groups(build) if build.populated else []
    for account in accounts:
        row = add_account(world, build.guid("security account", account.name), account)
        for scope in account.scopes:
            add_scope(world, row, build.guid("scope", account.name, scope.name), scope)


def _healthy(build: Build, administrator: str, others: list[tuple[str, str]]) -> list[NewAccount]:
    """Return a user and a group that may do everything, and operators who may restore within limits only."""
    scope = Scope("Production", "VMware", "Folder")
    accounts = [NewAccount(administrator, "User", (ADMINISTRATOR,)), NewAccount("EXAMPLE\\Backup Administrators", "Group", (ADMINISTRATOR,))]
    limited: list[tuple[str, str, tuple[str, ...]]] = [(name, "User", (role,)) for name, role in others]
    limited += [(account.name, account.kind, account.roles) for account in _groups(build)]
    return accounts + [_restricted(*who, () if READER in who[2] else (scope,)) for who in limited]


def _restricted(name: str, kind: str, roles: tuple[str, ...], scopes: tuple[Scope, ...]) -> NewAccount:
    return NewAccount(name, kind, roles, scopes, limited_files=True, limited_databases=True, all_machines=False)


def _groups(build: Build) -> list[NewAccount]:
    """Return groups with everything that accounts can have: two roles, scopes that count and that do not yet, limits on files."""
    files = (
        Scope("Production", "VMware", "ResourcePool"),
        Scope("Test Lab", "VMware", "Folder", "Unprocessed"),
    )
    groups = [
        NewAccount("EXAMPLE\\Help Desk", "Group", ("File Restore Operator", "VM Restore Operator"), files, limited_files=True),
        NewAccount("EXAMPLE\\Database Team", "Group", ("SQL Restore Operator", "Oracle Restore Operator"), (Scope("Databases", "Hyperv", "HostGroup"),)),
        NewAccount("auditor@login.example.com", "ExternalUser", ("Portal User",)),
        NewAccount("Exchange Team", "ExternalGroup", ("Exchange Restore Operator",)),
    ]
    sites = len(build.machines) // 500
    return groups + [NewAccount(f"EXAMPLE\\Site {number:03d} Operators", "Group", ("VM Restore Operator",)) for number in range(sites)]


def add_account(world: World, identifier: str, account: NewAccount) -> Row:
    """Add an account with its roles, which must be there, and without its scopes; return it."""
    place = f"/security/accounts/{identifier}"
    values = {
        "AccountType": account.kind,
        "AllowRestoreAllVms": not account.scopes and account.all_machines,
        "FlrSettings": {"FlrInplaceOnly": True, "FlrExtentionRestrictions": "docx,xlsx"} if account.limited_files else None,
        "SqlSettings": {"DenyInPlaceRestore": True} if account.limited_databases or "SQL Restore Operator" in account.roles else None,
    }
    orders = (
        Link("Create", place + "/roles", None, "EnterpriseAccountInRole"),
        Link("Create", place + "/scopes", None, "EnterpriseAccountHierarchyScope"),
        Link("Delete", place),
        Link("ToggleRestoreScopesEnabled", place),
    )
    row = Row(identifier, "EnterpriseAccount", account.name, values, links=orders)
    world.add(row)
    roles = {role.name: role.id for role in world.table("EnterpriseRole").rows()}
    for name in account.roles:
        entry = roles[name]
        world.add(Row(entry, "EnterpriseAccountInRole", values={"RoleName": name}, parents=(identifier,), links=(Link("Delete", f"{place}/roles/{entry}"),)))
    return row


def add_scope(world: World, account: Row, identifier: str, scope: Scope) -> None:
    """Let an account restore what lies below an object."""
    values = {
        "Name": scope.name,
        "HierarchyRootName": "vcenter01.example.com" if scope.platform == "VMware" else "hyperv01.example.com",
        "Platform": scope.platform,
        "HierarchyObjectType": scope.kind,
        "State": scope.state,
    }
    delete = Link("Delete", f"/security/accounts/{account.id}/scopes/{identifier}", None, "EnterpriseAccountHierarchyScope")
    world.add(Row(identifier, "EnterpriseAccountHierarchyScope", values=values, parents=(account.id,), links=(delete,)))
