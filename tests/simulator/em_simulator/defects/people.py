# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be wrong with who may do what: administrators, groups that are too wide, restores without limits, open log-on sessions."""

from __future__ import annotations

from typing import Iterator

from ..families.security import ADMINISTRATOR, READER, NewAccount, Scope, add_account, add_scope
from ..model import Account, Logon, Row, stable_id
from ._model import Details, Planted, Site, defect

_WITH_ROLES = "EnterpriseAccount EnterpriseAccountInRole"
_LOGONS = "LogonSession"


def _roles_of(site: Site, account: Row) -> set[str]:
    return {entry.values["RoleName"] for entry in site.world.table("EnterpriseAccountInRole").in_place(account.id)}


def _operators(site: Site) -> list[Row]:
    """Accounts that may restore some machines."""
    found = [row for row in site.rows("EnterpriseAccount") if not _roles_of(site, row) & {ADMINISTRATOR, READER}]
    return [row for row in found if not row.values["AllowRestoreAllVms"]]


def _file_operators(site: Site) -> Iterator[Row]:
    return (row for row in site.rows("EnterpriseAccount") if "File Restore Operator" in _roles_of(site, row))


def _database_operators(site: Site) -> Iterator[Row]:
    return (row for row in site.rows("EnterpriseAccount") if "SQL Restore Operator" in _roles_of(site, row))


def _settings(site: Site) -> list[Row]:
    return site.rows("EnterpriseSecuritySettings")


def _new_account(site: Site, name: str, kind: str, role: str, limited: bool) -> Row:
    account = NewAccount(name, kind, (role,), limited_files=limited, limited_databases=limited, all_machines=not limited)
    return add_account(site.world, stable_id("added account", name), account)


@defect("security_account", _settings, _WITH_ROLES)
def more_administrators(site: Site, _settings: Row, *, count: int = 4) -> Planted:
    """More users than before may do everything."""
    added = [_new_account(site, f"EXAMPLE\\second.admin{number:02d}", "User", ADMINISTRATOR, limited=False) for number in range(1, count + 1)]
    every = [row.name for row in site.rows("EnterpriseAccount") if ADMINISTRATOR in _roles_of(site, row)]
    return Planted(added[0], {"accounts": [row.name for row in added], "administrators": len(every)})


@defect("security_account", _settings, _WITH_ROLES)
def everyone_may_log_on(site: Site, _settings: Row, *, group: str = "Everyone") -> Planted:
    """A group with nearly everybody in it may use the portal."""
    return Planted(_new_account(site, group, "Group", READER, limited=True), {"role": READER})


@defect("security_account", _settings, _WITH_ROLES)
def account_added(site: Site, _settings: Row, *, name: str = "EXAMPLE\\new.colleague") -> Planted:
    """One more user may use the portal, within the usual limits."""
    return Planted(_new_account(site, name, "User", READER, limited=True), {"role": READER})


@defect("security_account", _operators, "EnterpriseAccount")
def may_restore_everything(site: Site, account: Row) -> Details:
    """An operator may restore every machine, whatever the scopes say."""
    account.values["AllowRestoreAllVms"] = True
    return {"roles": sorted(_roles_of(site, account))}


@defect("security_account", _operators, "EnterpriseAccountHierarchyScope")
def scope_added(site: Site, account: Row) -> Details:
    """An operator may restore the machines of one more folder."""
    scope = Scope("Infrastructure", "VMware", "Folder")
    add_scope(site.world, account, stable_id("added scope", account.id), scope)
    return {"scope": scope.name}


@defect("security_account", _file_operators, "EnterpriseAccount")
def files_without_limits(site: Site, account: Row) -> Details:
    """Who restores files may download them, whatever they are."""
    account.values["FlrSettings"] = {"FlrInplaceOnly": False, "FlrExtentionRestrictions": ""}
    return {"roles": sorted(_roles_of(site, account))}


@defect("security_account", _database_operators, "EnterpriseAccount")
def databases_in_place(site: Site, account: Row) -> Details:
    """Who restores databases may overwrite those in production."""
    account.values["SqlSettings"] = {"DenyInPlaceRestore": False}
    return {"roles": sorted(_roles_of(site, account))}


@defect("logon_session", _settings, _LOGONS)
def logons_pile_up(site: Site, _settings: Row, *, count: int = 60) -> Planted:
    """Somebody logs on again and again and never out; without a new request the log-on sessions end with their idle time."""
    known = next(account for account in site.logons.accounts.values() if account.role == ADMINISTRATOR)
    return Planted(_open(site, known, count), {"count": count})


@defect("logon_session", _settings, _LOGONS)
def unknown_logon(site: Site, _settings: Row, *, username: str = "EXAMPLE\\stranger") -> Planted:
    """Somebody is logged on who has no account."""
    return Planted(_open(site, Account(username, "", READER), 1), {"count": 1})


def _open(site: Site, account: Account, count: int) -> Logon:
    for number in range(count):
        logon = Logon(stable_id("planted log-on", account.username, number), account, site.world.moment(), "latest")
        site.logons.open[logon.id] = logon
    return logon
