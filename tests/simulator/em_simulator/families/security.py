# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may log on to Enterprise Manager: accounts with their roles and restore scopes, and the roles that there are."""

from __future__ import annotations

from dataclasses import dataclass

from ..build import Build
from ..declarations import resource
from ..model import Row
from ..wire import Link
from ..world import World

ADMINISTRATOR, _READER = "Portal Administrator", "Portal User"
_BUILT_IN = "BUILTIN\\Administrators"


@dataclass(frozen=True)
class _Account:
    """An account: its roles by name; ``scopes`` are objects whose machines it may restore, with platform and kind.

    Where there are none, ``all_machines`` tells whether it may restore every one.
    """

    name: str
    kind: str
    roles: tuple[str, ...]
    scopes: tuple[tuple[str, str, str, str], ...] = ()
    limited_files: bool = False
    limited_databases: bool = False
    all_machines: bool = True


def add(world: World, build: Build) -> None:
    """Put in the settings page and all roles; accounts for everyone who may log on, and groups where the estate is populated."""
    roles = {name: _role(world, build, name) for name in resource("EnterpriseManager").roles}
    orders = (Link("Create", "/security/accounts"), Link("Start", "/security/accounts?action=rebuildScope"))
    world.add(Row("", "EnterpriseSecuritySettings", links=orders))
    others = [(f"EXAMPLE\\{entry['username']}", entry["role"]) for entry in world.accounts if entry["role"] in roles]
    if build.healthy:
        accounts = _healthy(build, f"EXAMPLE\\{world.administrator}", others)
    else:
        accounts = [_Account(_BUILT_IN, "Group", (ADMINISTRATOR,)), *(_Account(name, "User", (role,)) for name, role in others)]
        accounts += _groups(build) if build.populated else []
    for account in accounts:
        _account(world, build, account, roles)


def _healthy(build: Build, administrator: str, others: list[tuple[str, str]]) -> list[_Account]:
    """Return a user and a group that may do everything, and operators who may restore within limits only."""
    scope = ("Production", "VMware", "Folder", "Processed")
    accounts = [_Account(administrator, "User", (ADMINISTRATOR,)), _Account("EXAMPLE\\Backup Administrators", "Group", (ADMINISTRATOR,))]
    limited = [(name, "User", (role,)) for name, role in others]
    limited += [(account.name, account.kind, account.roles) for account in _groups(build)]
    return accounts + [_restricted(*who, () if _READER in who[2] else (scope,)) for who in limited]


def _restricted(name: str, kind: str, roles: tuple[str, ...], scopes: tuple[tuple[str, str, str, str], ...]) -> _Account:
    return _Account(name, kind, roles, scopes, limited_files=True, limited_databases=True, all_machines=False)


def _groups(build: Build) -> list[_Account]:
    """Return groups with everything that accounts can have: two roles, scopes that count and that do not yet, limits on files."""
    files = (
        ("Production", "VMware", "ResourcePool", "Processed"),
        ("Test Lab", "VMware", "Folder", "Unprocessed"),
    )
    groups = [
        _Account("EXAMPLE\\Help Desk", "Group", ("File Restore Operator", "VM Restore Operator"), files, limited_files=True),
        _Account("EXAMPLE\\Database Team", "Group", ("SQL Restore Operator", "Oracle Restore Operator"), (("Databases", "Hyperv", "HostGroup", "Processed"),)),
        _Account("auditor@login.example.com", "ExternalUser", ("Portal User",)),
        _Account("Exchange Team", "ExternalGroup", ("Exchange Restore Operator",)),
    ]
    sites = len(build.machines) // 500
    return groups + [_Account(f"EXAMPLE\\Site {number:03d} Operators", "Group", ("VM Restore Operator",)) for number in range(sites)]


def _role(world: World, build: Build, name: str) -> Row:
    row = Row(build.guid("security role", name), "EnterpriseRole", name)
    world.add(row)
    return row


def _account(world: World, build: Build, account: _Account, roles: dict[str, Row]) -> None:
    identifier = build.guid("security account", account.name)
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
    world.add(Row(identifier, "EnterpriseAccount", account.name, values, links=orders))
    for name in account.roles:
        entry = roles[name].id
        world.add(Row(entry, "EnterpriseAccountInRole", values={"RoleName": name}, parents=(identifier,), links=(Link("Delete", f"{place}/roles/{entry}"),)))
    for name, platform, kind, state in account.scopes:
        entry = build.guid("scope", account.name, name)
        scope = {
            "Name": name,
            "HierarchyRootName": "vcenter01.example.com" if platform == "VMware" else "hyperv01.example.com",
            "Platform": platform,
            "HierarchyObjectType": kind,
            "State": state,
        }
        delete = Link("Delete", f"{place}/scopes/{entry}", None, "EnterpriseAccountHierarchyScope")
        world.add(Row(entry, "EnterpriseAccountHierarchyScope", values=scope, parents=(identifier,), links=(delete,)))
