# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may log on to Enterprise Manager, as what, and who is logged on."""

from __future__ import annotations

from typing import Any, Dict, Iterable, Iterator, List, Optional, Tuple

from ..._api.entities._common import PORTAL_ADMINISTRATOR
from ..context import Context
from ..drift import scopes_of_account
from ..facts import Facts
from ..model import HIGH, LOW, MEDIUM, Judgement, Parameter, Reads, Record, Subject, cannot_say, check, verdict
from ..settings import fits_any
from ..subjects import subject_of
from ..words import counted

_ACCOUNTS = ("name", "account_type")
_ROLES = Reads("security_account_roles", ("role_name", "security_account"))
_SCOPES = Reads("security_account_scopes", ("name", "hierarchy_root_name", "state", "security_account"))

_FILE_OPERATOR, _DATABASE_OPERATOR = "File Restore Operator", "SQL Restore Operator"
_GROUPS = ("Group", "ExternalGroup")
_GROUP_LIMIT = "Who is a member of a group is not told."

# Names and SIDs of groups that everybody is in, in the languages in which Windows spells them; without a domain they fit in any.
BROAD_GROUPS: Tuple[str, ...] = (
    *("Everyone", "Jeder", "Tout le monde", "Todos", "Iedereen", "Alla", "Alle", "Wszyscy", "Kaikki", "Mindenki", "Herkes", "Все", "S-1-1-0"),
    *("Users", "Benutzer", "Utilisateurs", "Usuarios", "Usuários", "Utilizadores", "Utenti", "Gebruikers", "Användare", "Brugere", "Brukere", "Użytkownicy"),
    *("Uživatelé", "Käyttäjät", "Felhasználók", "Kullanıcılar", "Пользователи", "S-1-5-32-545"),
    *("Domain Users", "Domänen-Benutzer", "Domänenbenutzer", "Utilisateurs du domaine", "Utilisa. du domaine", "Usuarios del dominio", "Usuários do domínio"),
    *("Utilizadores do domínio", "Domeingebruikers", "Domänanvändare", "Użytkownicy domeny", "Пользователи домена", "S-1-5-21-*-513"),
    *("Authenticated Users", "Authentifizierte Benutzer", "Utilisateurs authentifiés", "Usuarios autentificados", "Usuários autenticados"),
    *("Utilizadores autenticados", "Geverifieerde gebruikers", "Autentiserade användare", "Użytkownicy uwierzytelnieni", "Прошедшие проверку", "S-1-5-11"),
    *("Guests", "Gäste", "Domain Guests", "Domänen-Gäste", "S-1-5-32-546", "S-1-5-21-*-514", "ANONYMOUS LOGON", "S-1-5-7", "INTERACTIVE", "S-1-5-4"),
    *("NETWORK", "S-1-5-2", "Domain Computers", "Domänencomputer", "S-1-5-21-*-515"),
)


def _domain_and_name(account: str) -> Tuple[str, str]:
    """Return DOMAIN and name of ``DOMAIN\\name`` or ``name@domain.example``, both in small letters; of a domain its first part alone."""
    domain, _backslash, name = account.casefold().rpartition("\\")
    if not domain:
        name, _at, domain = name.partition("@")
    return domain.partition(".")[0], name


def _roles_by_account(facts: Facts) -> Dict[str, List[Record]]:
    return facts.grouped(_ROLES.kind, "security_account", _account_of)


def _account_of(record: Record) -> str:
    return (record["security_account"]["id"] or "").lower()


def _names_of(roles: Iterable[Record]) -> List[str]:
    return sorted(role["role_name"] for role in roles if role["role_name"])


def _with_roles(facts: Facts) -> Iterator[Tuple[Record, List[Record], List[str]]]:
    """Yield each account with the records of its roles and the names of these."""
    by_account = _roles_by_account(facts)
    for account in facts.records("security_accounts"):
        roles = by_account.get((account["id"] or "").lower(), [])
        yield account, roles, _names_of(roles)


@check(
    id="C32",
    title="Few and known accounts are Portal Administrators",
    severity=HIGH,
    subject="account",
    reads=(Reads("security_accounts", _ACCOUNTS), _ROLES),
    parameters=(
        Parameter("administrators", "list", [], "Patterns of the accounts that may be Portal Administrators; without any, their number alone counts."),
        Parameter("most", "integer", 3, "How many accounts may be Portal Administrators.", unit="accounts", minimum=1),
    ),
    why="A Portal Administrator can change and delete jobs and restore anything anywhere; whoever takes over such an account has it all.",
    how="Accounts with the role Portal Administrator: their number, and each against the list of the policy, where it has one.",
    fix="Take the role from accounts that do not need it; give operators a restore role with a scope.",
    limits=_GROUP_LIMIT + " A group counts as one account.",
    controls=("CIS 5.4", "CIS 6.8", "NIST AC-6", "ISO A.8.2"),
)
def administrators(context: Context) -> Iterator[Judgement]:
    """Judge each administrator, where the policy names those that may be, and their number."""
    allowed, most = context.value("administrators"), context.value("most")
    found: List[Record] = []
    evidence: List[Record] = []
    for account, roles, names in _with_roles(context.facts):
        if PORTAL_ADMINISTRATOR not in names:
            continue
        found.append(account)
        evidence += [account, *roles]
        if allowed:
            good = fits_any([account["name"] or ""], allowed)
            reason = "It is a Portal Administrator, and %s." % ("the policy says that it may be" if good else "no entry of the policy's list fits it")
            yield verdict(good, subject_of("account", account), reason, {"roles": names}, {"administrators": list(allowed)}, [account, *roles])
    groups = sum(account["account_type"] in _GROUPS for account in found)
    told = " (%s among them, whose members nobody tells)" % counted(groups, "group") if groups else ""
    reason = "The role Portal Administrator belongs to %s%s; %d may have it." % (counted(len(found), "account"), told, most)
    measured = {"accounts": len(found), "groups": groups, "names": sorted(account["name"] or "" for account in found)}
    if context.facts.records("security_accounts"):
        yield verdict(len(found) <= most, context.facts.own_subject, reason, measured, {"accounts_at_most": most}, evidence)


@check(
    id="C33",
    title="No group that everybody is in has access",
    severity=HIGH,
    subject="account",
    reads=(Reads("security_accounts", _ACCOUNTS), Reads(_ROLES.kind, _ROLES.fields, needed=False)),
    parameters=(
        Parameter("broad_groups", "list", list(BROAD_GROUPS), "Patterns of groups that are too broad; a pattern without a domain fits the group in any."),
    ),
    why="What such a group may do, everybody in the house may, and whoever has taken over any account at all.",
    how="The name of each account that is a group against names and SIDs of groups that everybody is in, in several languages.",
    fix="Take the group out of the roles of Enterprise Manager and put in a group made for the purpose.",
    limits=_GROUP_LIMIT + " A group of another name with everybody in it is not found out.",
    controls=("CIS 6.8", "NIST AC-6", "ISO A.5.15"),
)
def broad_groups(context: Context) -> Iterator[Judgement]:
    """Judge every account that is a group."""
    patterns = context.value("broad_groups")
    for account, roles, names in _with_roles(context.facts):
        if account["account_type"] not in (*_GROUPS, None):
            continue
        name = account["name"] or ""
        broad = fits_any((name, _domain_and_name(name)[1]), patterns)
        reason = "Everybody is a member of this group or can be." if broad else "It is none of the groups that everybody is in."
        yield verdict(not broad, subject_of("account", account), reason, {"account_type": account["account_type"], "roles": names}, None, [account, *roles])


@check(
    id="C34",
    title="Accounts restore within scopes that were meant",
    severity=MEDIUM,
    subject="account",
    reads=(Reads("security_accounts", (*_ACCOUNTS, "allow_restore_all_vms")), _ROLES, _SCOPES),
    parameters=(
        Parameter("may_restore_all", "list", [], "Patterns of accounts that may restore every machine; Portal Administrators always may."),
        Parameter("scopes", "map", {}, "Objects that an account may restore by pattern of account, as patterns of names with commas between."),
    ),
    why="Who can restore a machine can read everything in it, whatever rights are set inside.",
    how=(
        "For every account that is no Portal Administrator: whether it may restore all machines, and its restore scopes against those of the policy, else "
        "against those of the baseline."
    ),
    fix="Switch restoring of all machines off for the account and give it a scope; then have the scopes rebuilt.",
    limits="Which machines a scope comes to is not told. Scopes are compared only where policy or baseline name the account.",
    controls=("CIS 6.8", "NIST AC-6", "ISO A.5.15", "ISO A.8.3"),
)
def restore_scopes(context: Context) -> Iterator[Judgement]:
    """Judge every account but those of Portal Administrators."""
    scopes_by_account = context.facts.grouped(_SCOPES.kind, "security_account", _account_of)
    for account, roles, names in _with_roles(context.facts):
        if PORTAL_ADMINISTRATOR in names:
            continue
        scopes = scopes_by_account.get((account["id"] or "").lower(), [])
        subject, found = subject_of("account", account), sorted({scope["name"] or "" for scope in scopes})
        measured = {"allow_restore_all_vms": account["allow_restore_all_vms"], "scopes": found}
        wanted = _scopes_meant(context, account)
        expected = {"allow_restore_all_vms": False, "scopes": wanted}
        evidence = [account, *roles, *scopes]
        if account["allow_restore_all_vms"] is None:
            yield cannot_say(subject, "The service does not say whether it may restore every machine.", measured, expected, evidence)
        elif account["allow_restore_all_vms"]:
            good = fits_any([account["name"] or ""], context.value("may_restore_all"))
            reason = "It may restore every machine, and %s." % ("the policy says that it may" if good else "the policy does not name it for that")
            yield verdict(good, subject, reason, measured, expected, evidence)
        else:
            strangers = [] if wanted is None else [name for name in found if not fits_any([name], wanted)]
            yield verdict(not strangers, subject, _on_scopes(found, wanted, strangers), measured, expected, evidence)


def _scopes_meant(context: Context, account: Record) -> Optional[List[str]]:
    for pattern, scopes in context.value("scopes").items():
        if fits_any([account["name"] or ""], [pattern]):
            return [scope.strip() for scope in scopes.split(",")]
    return scopes_of_account(context.baseline, account)


def _on_scopes(found: List[str], wanted: Optional[List[str]], strangers: List[str]) -> str:
    if strangers:
        return "It may restore what is in %s, which is not meant for it." % ", ".join(strangers)
    if not found:
        return "It has no restore scope, and may not restore every machine."
    return "It may restore what is in %s%s." % (", ".join(found), ", as was meant" if wanted is not None else " alone")


@check(
    id="C35",
    title="Restore operators are limited",
    severity=MEDIUM,
    subject="account",
    reads=(Reads("security_accounts", (*_ACCOUNTS, "flr_settings", "sql_settings")), _ROLES),
    parameters=(
        Parameter(
            "files",
            "text",
            "any",
            "What has to limit an operator who restores files: only back to where they were, certain endings only, any of the two, or nothing.",
            choices=("in_place", "extensions", "any", "nothing"),
        ),
        Parameter("databases_not_in_place", "bool", True, "Whether an operator who restores databases must not put them back over what is there."),
    ),
    why="An operator who can download any file of any machine reads what he could never open; one who restores in place can overwrite what is newer.",
    how="For accounts that restore files or Microsoft SQL Server databases, and are no Portal Administrators: the limits set at the account.",
    fix="Such limits can only be set when an account is added: remove the account and add it again with them.",
    limits="Servers that do not send the limits leave it open whether there are any. Oracle and Exchange have none that the service tells.",
    controls=("CIS 6.8", "NIST AC-6", "ISO A.8.3"),
)
def operator_limits(context: Context) -> Iterator[Judgement]:
    """Judge every account that restores files or databases."""
    for account, roles, names in _with_roles(context.facts):
        if PORTAL_ADMINISTRATOR in names:
            continue
        said = [*_on_files(context, account, names), *_on_databases(context, account, names)]
        if not said:
            continue
        subject = subject_of("account", account)
        reason = " ".join(sentence for _good, sentence in said)
        measured = {"flr_settings": account["flr_settings"], "sql_settings": account["sql_settings"], "roles": names}
        evidence = [account, *roles]
        if any(good is False for good, _sentence in said):
            yield verdict(False, subject, reason, measured, None, evidence)
        elif any(good is None for good, _sentence in said):
            yield cannot_say(subject, reason, measured, None, evidence)
        else:
            yield verdict(True, subject, reason, measured, None, evidence)


def _on_files(context: Context, account: Record, roles: List[str]) -> Iterator[Tuple[Optional[bool], str]]:
    wanted, settings = context.value("files"), account["flr_settings"]
    if _FILE_OPERATOR not in roles or wanted == "nothing":
        return
    if settings is None:
        yield None, "It restores files; the service does not say whether anything limits it."
        return
    in_place, endings = bool(settings["flr_inplace_only"]), (settings["flr_extention_restrictions"] or "").strip()
    limits = {"in_place": in_place, "extensions": bool(endings), "any": in_place or bool(endings)}
    told = " and ".join(["only to where they were"] * in_place + ["only with the endings %s" % endings] * bool(endings))
    yield limits[wanted], "It restores files %s." % (told or "of any kind to any place")


def _on_databases(context: Context, account: Record, roles: List[str]) -> Iterator[Tuple[Optional[bool], str]]:
    settings = account["sql_settings"]
    if _DATABASE_OPERATOR not in roles or not context.value("databases_not_in_place"):
        return
    if settings is None or settings["deny_in_place_restore"] is None:
        yield None, "It restores databases; the service does not say whether it may do so in place."
    else:
        yield bool(settings["deny_in_place_restore"]), "It may %srestore databases in place." % ("not " if settings["deny_in_place_restore"] else "")


@check(
    id="C36",
    title="Log-on sessions are few and of known users",
    severity=LOW,
    subject="user",
    # The ids of log-on sessions are as good as passwords: nothing of them but the user is read, measured or told.
    reads=(Reads("logon_sessions", ("user_name",)), Reads("security_accounts", _ACCOUNTS, needed=False)),
    parameters=(
        Parameter("most_per_user", "integer", 10, "How many log-on sessions a user may have at a time.", unit="sessions", minimum=1),
        Parameter("users", "list", [], "Patterns of users who may be logged on besides those with an account of their own, such as members of groups."),
    ),
    why="Sessions that pile up are programs that never log out; each can be used by whoever gets hold of its token.",
    how="Log-on sessions by user at the moment of the audit, its own among them; the users against accounts and the list of the policy.",
    fix="Find the program and let it log out; close the sessions of users who should not be there, and change their passwords.",
    limits=_GROUP_LIMIT + " Where groups have access, the policy has to name the users who come in by them. Sessions end after 15 idle minutes.",
    controls=("CIS 8.11", "NIST AC-2", "NIST AC-12", "ISO A.8.16"),
)
def logon_sessions(context: Context) -> Iterator[Judgement]:
    """Judge every user who is logged on."""
    most, facts = context.value("most_per_user"), context.facts
    accounts = None if facts.gap("security_accounts") else _Accounts(facts.records("security_accounts"))
    sessions = facts.grouped("logon_sessions", "user_name")
    for user in sorted(sessions, key=lambda name: name or ""):
        count = len(sessions[user])
        known, origin = _origin(user or "", accounts, context.value("users"))
        reason = "The user has %s at a time; %d are allowed. %s" % (counted(count, "log-on session"), most, origin)
        measured, expected = {"sessions": count, "known": known}, {"sessions_at_most": most}
        subject = Subject("user", user or "")
        if known is None and count <= most:
            yield cannot_say(subject, reason, measured, expected, sessions[user])
        else:
            yield verdict(count <= most and known is not False, subject, reason, measured, expected, sessions[user])


class _Accounts:
    """Accounts by name without domain, and whether there are groups among them."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._domains: Dict[str, List[str]] = {}
        self.groups = 0
        for record in records:
            domain, name = _domain_and_name(record["name"] or "")
            self._domains.setdefault(name, []).append(domain)
            self.groups += record["account_type"] in _GROUPS

    def has(self, user: str) -> bool:
        domain, name = _domain_and_name(user)
        return any(not domain or not other or other == domain for other in self._domains.get(name, ()))


def _origin(user: str, accounts: Optional[_Accounts], patterns: Any) -> Tuple[Optional[bool], str]:
    if fits_any([user], patterns):
        return True, "The policy names it."
    if accounts is None:
        return None, "Which accounts there are could not be read."
    if accounts.has(user):
        return True, "It has an account."
    if accounts.groups and not patterns:
        groups = "the group" if accounts.groups == 1 else "one of the %d groups" % accounts.groups
        return None, "No account has that name, nor does the policy name it; whether it is a member of %s among the accounts nobody tells." % groups
    if accounts.groups:
        return False, "It has no account, and the policy does not name it."
    return False, "It has no account, nor is there a group that it could be a member of."
