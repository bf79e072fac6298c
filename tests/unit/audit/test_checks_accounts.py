# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks on accounts: administrators, broad groups, scopes, limits of operators, log-on sessions."""

from __future__ import annotations

import json
from typing import Any

import pytest
from records import SERVER, found, made_facts, record, said, statuses

from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit import drift
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.checks.accounts import BROAD_GROUPS
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.document import finding_entry
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.facts import Gap
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.model import NOT_ASSESSABLE, Record

ADMINISTRATOR = "Portal Administrator"
FILES, DATABASES = "File Restore Operator", "SQL Restore Operator"
Records = dict[str, list[Record]]


def account(name: str, *roles: str, scopes: tuple[str, ...] = (), kind: str | None = "User", **values: Any) -> Records:
    """Return an account with its roles and scopes."""
    one = record("security_accounts", name, account_type=kind, **values)
    link = {key: one[key] for key in ("id", "uid", "name", "type")}
    return {
        "security_accounts": [one],
        "security_account_roles": [record("security_account_roles", role_name=role, security_account=link) for role in roles],
        "security_account_scopes": [record("security_account_scopes", name=scope, state="Processed", security_account=link) for scope in scopes],
    }


def together(*parts: Records) -> Records:
    merged: Records = {}
    for part in parts:
        for kind, records in part.items():
            merged.setdefault(kind, []).extend(records)
    return merged


def sessions(*users: str | None) -> Records:
    return {"logon_sessions": [record("logon_sessions", user_name=user, session_id=f"secret-{number}") for number, user in enumerate(users)]}


# -- C32: administrators --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("most", "status"), [(3, "pass"), (2, "fail")])
def test_as_many_administrators_as_allowed_pass_and_one_more_fails(most: int, status: str) -> None:
    records = together(*(account(f"EXAMPLE\\a{number}", ADMINISTRATOR) for number in range(3)), account("EXAMPLE\\user", "Portal User"))
    (judgement,) = said("C32", records, {"most": most})
    assert judgement.status == status and judgement.subject.kind == "enterprise_manager" and judgement.subject.name == SERVER
    assert judgement.measured == {"accounts": 3, "groups": 0, "names": ["EXAMPLE\\a0", "EXAMPLE\\a1", "EXAMPLE\\a2"]}
    assert judgement.reason == f"The role Portal Administrator belongs to 3 accounts; {most} may have it."


def test_a_group_of_administrators_is_said_to_be_one_that_nobody_can_look_into() -> None:
    (judgement,) = said("C32", account("BUILTIN\\Administrators", ADMINISTRATOR, kind="Group"))
    assert judgement.reason == "The role Portal Administrator belongs to 1 account (1 group among them, whose members nobody tells); 3 may have it."


def test_administrators_that_the_policy_does_not_name_fail_one_by_one() -> None:
    records = together(
        account("EXAMPLE\\Known", ADMINISTRATOR, "Portal User"), account("EXAMPLE\\stranger", ADMINISTRATOR), account("EXAMPLE\\user", "Portal User")
    )
    judged = said("C32", records, {"administrators": ["example\\known"]})
    assert statuses(judged) == {"EXAMPLE\\Known": "pass", "EXAMPLE\\stranger": "fail", SERVER: "pass"}
    assert [one.reason for one in judged[:2]] == [
        "It is a Portal Administrator, and the policy says that it may be.",
        "It is a Portal Administrator, and no entry of the policy's list fits it.",
    ]


def test_roles_belong_to_accounts_by_id_and_not_by_name() -> None:
    twins = [
        account("EXAMPLE\\twin", "Portal User", id="aaaaaaaa-0000-4000-8000-000000000001"),
        account("EXAMPLE\\twin", ADMINISTRATOR, id="AAAAAAAA-0000-4000-8000-000000000002"),
    ]
    judged = said("C32", together(*twins), {"administrators": ["nobody"]})
    assert [one.subject.uid for one in judged if one.status == "fail"] == ["urn:veeam:EnterpriseAccount:AAAAAAAA-0000-4000-8000-000000000002"]


def test_no_accounts_give_no_judgement_and_no_right_to_read_them_leaves_all_open() -> None:
    for check in ("C32", "C33", "C34", "C35", "C36"):
        assert said(check) == []
    for check in ("C32", "C33", "C34", "C35"):
        (finding,) = found(check, gaps={"security_accounts": Gap(NOT_ASSESSABLE, "The account is no Portal Administrator.")})
        assert finding.status == NOT_ASSESSABLE
    (finding,) = found("C32", gaps={"security_account_roles": Gap(NOT_ASSESSABLE, "refused")})
    assert finding.status == NOT_ASSESSABLE


# -- C33: broad groups ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        *("Everyone", "everyone", "Jeder", "Tout le monde", "BUILTIN\\Users", "VORDEFINIERT\\Benutzer", "EXAMPLE\\Domain Users", "EXAMPLE\\Domänen-Benutzer"),
        *("Domain Users@example.com", "NT AUTHORITY\\Authenticated Users", "NT-AUTORITÄT\\Authentifizierte Benutzer", "S-1-1-0", "S-1-5-32-545"),
        *("S-1-5-21-1004336348-1177238915-682003330-513", "EXAMPLE\\Utilisateurs du domaine", "EXAMPLE\\Domain Guests"),
    ],
)
def test_groups_that_everybody_is_in_fail_in_every_language(name: str) -> None:
    (judgement,) = said("C33", account(name, "Portal User", kind="Group"))
    assert judgement.status == "fail" and judgement.measured["roles"] == ["Portal User"]
    assert judgement.reason == "Everybody is a member of this group or can be."


@pytest.mark.parametrize(
    "name", ["BUILTIN\\Administrators", "EXAMPLE\\Backup Users", "EXAMPLE\\Power Users", "S-1-5-21-1-2-3-5130", "EXAMPLE\\Everyone in Backup"]
)
def test_groups_made_for_a_purpose_pass(name: str) -> None:
    assert statuses(said("C33", account(name, kind="ExternalGroup"))) == {name: "pass"}


def test_a_person_whose_name_is_that_of_a_broad_group_elsewhere_is_a_person() -> None:
    assert "Alla" in BROAD_GROUPS
    assert said("C33", account("EXAMPLE\\Alla", kind="User")) == []
    assert statuses(said("C33", account("EXAMPLE\\Alla", kind=None))) == {"EXAMPLE\\Alla": "fail"}


def test_the_policy_says_which_groups_are_broad() -> None:
    records = together(account("EXAMPLE\\Contractors", kind="Group"), account("OTHER\\Contractors", kind="Group"), account("Everyone", kind="Group"))
    judged = said("C33", records, {"broad_groups": ["EXAMPLE\\Contr*"]})
    assert statuses(judged) == {"EXAMPLE\\Contractors": "fail", "OTHER\\Contractors": "pass", "Everyone": "pass"}


# -- C34: scopes ----------------------------------------------------------------------------------------------


def test_only_administrators_and_those_whom_the_policy_names_may_restore_every_machine() -> None:
    records = together(
        account("EXAMPLE\\admin", ADMINISTRATOR, allow_restore_all_vms=True),
        account("EXAMPLE\\named", FILES, allow_restore_all_vms=True),
        account("EXAMPLE\\other", FILES, allow_restore_all_vms=True),
        account("EXAMPLE\\scoped", FILES, allow_restore_all_vms=False, scopes=("Production",)),
        account("EXAMPLE\\nothing", FILES, allow_restore_all_vms=False),
        account("EXAMPLE\\unknown", FILES),
    )
    judged = said("C34", records, {"may_restore_all": ["*\\named"]})
    assert [one.reason for one in judged] == [
        "It may restore every machine, and the policy says that it may.",
        "It may restore every machine, and the policy does not name it for that.",
        "It may restore what is in Production alone.",
        "It has no restore scope, and may not restore every machine.",
        "The service does not say whether it may restore every machine.",
    ]
    assert statuses(judged) == {
        "EXAMPLE\\named": "pass",
        "EXAMPLE\\other": "fail",
        "EXAMPLE\\scoped": "pass",
        "EXAMPLE\\nothing": "pass",
        "EXAMPLE\\unknown": NOT_ASSESSABLE,
    }


def test_scopes_are_held_against_the_policy() -> None:
    records = account("EXAMPLE\\desk", FILES, allow_restore_all_vms=False, scopes=("Production", "Test Lab"))
    assert statuses(said("C34", records, {"scopes": {"*\\desk": "prod*, Test Lab"}})) == {"EXAMPLE\\desk": "pass"}
    (judgement,) = said("C34", records, {"scopes": {"*\\desk": "Production"}})
    assert judgement.status == "fail" and judgement.reason == "It may restore what is in Test Lab, which is not meant for it."


def test_scopes_are_held_against_the_baseline_where_the_policy_is_silent() -> None:
    before = account("EXAMPLE\\desk", FILES, allow_restore_all_vms=False, scopes=("Production",))
    after = together(
        account("EXAMPLE\\desk", FILES, allow_restore_all_vms=False, scopes=("Production", "Finance")),
        account("EXAMPLE\\new", FILES, allow_restore_all_vms=False, scopes=("All",)),
    )
    baseline = drift.configuration_of(made_facts(before, reads_of=["C40"]))
    assert statuses(said("C34", before, baseline=baseline)) == {"EXAMPLE\\desk": "pass"}
    assert statuses(said("C34", after, baseline=baseline)) == {"EXAMPLE\\desk": "fail", "EXAMPLE\\new": "pass"}
    assert statuses(said("C34", after, {"scopes": {"*": "*"}}, baseline=baseline)) == {"EXAMPLE\\desk": "pass", "EXAMPLE\\new": "pass"}


# -- C35: limits of operators ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("in_place", "endings", "wanted", "status"),
    [
        (True, "", "any", "pass"),
        (False, "docx", "any", "pass"),
        (False, "", "any", "fail"),
        (False, " ", "any", "fail"),
        (False, "docx", "in_place", "fail"),
        (True, "", "in_place", "pass"),
        (True, "", "extensions", "fail"),
        (True, "docx", "extensions", "pass"),
    ],
)
def test_operators_who_restore_files_are_limited_as_the_policy_says(in_place: bool, endings: str, wanted: str, status: str) -> None:
    records = account("op", FILES, flr_settings={"flr_inplace_only": in_place, "flr_extention_restrictions": endings})
    assert statuses(said("C35", records, {"files": wanted})) == {"op": status}


def test_operators_who_restore_databases_must_not_do_so_in_place() -> None:
    records = together(
        account("bad", DATABASES, sql_settings={"deny_in_place_restore": False}),
        account("good", DATABASES, sql_settings={"deny_in_place_restore": True}),
        account("unknown", DATABASES),
    )
    assert statuses(said("C35", records)) == {"bad": "fail", "good": "pass", "unknown": NOT_ASSESSABLE}
    assert said("C35", records, {"databases_not_in_place": False}) == []


def test_of_an_operator_of_two_sorts_the_worst_counts() -> None:
    limited, free = {"flr_inplace_only": True}, {"flr_inplace_only": False}
    records = together(
        account("fails by files", FILES, DATABASES, flr_settings=free),
        account("half unknown", FILES, DATABASES, flr_settings=limited),
        account("fails by databases", FILES, DATABASES, flr_settings=limited, sql_settings={"deny_in_place_restore": False}),
    )
    judged = said("C35", records)
    assert statuses(judged) == {"fails by files": "fail", "half unknown": NOT_ASSESSABLE, "fails by databases": "fail"}
    assert judged[2].reason == "It restores files only to where they were. It may restore databases in place."


def test_accounts_that_restore_neither_and_administrators_are_not_looked_at() -> None:
    records = together(account("vm", "VM Restore Operator"), account("admin", ADMINISTRATOR, FILES, flr_settings={"flr_inplace_only": False}))
    assert said("C35", records) == []
    assert said("C35", account("op", FILES, flr_settings={"flr_inplace_only": False}), {"files": "nothing"}) == []


# -- C36: log-on sessions -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "status"), [(10, "pass"), (11, "fail")])
def test_sessions_that_pile_up_are_found(count: int, status: str) -> None:
    records = together(account("EXAMPLE\\robot", ADMINISTRATOR), sessions(*["EXAMPLE\\robot"] * count))
    (judgement,) = said("C36", records)
    assert (judgement.status, judgement.measured) == (status, {"sessions": count, "known": True})


@pytest.mark.parametrize(
    ("user", "known"),
    [
        *(("EXAMPLE\\robot", True), ("example\\ROBOT", True), ("robot", True), ("robot@example.com", True)),
        *(("OTHER\\robot", False), ("robot@other.com", False), ("robot2", False), (None, False)),
    ],
)
def test_users_are_known_by_their_account_however_their_name_is_written(user: str | None, known: bool) -> None:
    (judgement,) = said("C36", together(account("EXAMPLE\\robot"), sessions(user)))
    assert judgement.measured["known"] is known
    assert judgement.status == ("pass" if known else "fail")


def test_where_there_are_groups_a_user_without_account_may_be_a_member_of_one_unless_the_policy_names_all_users() -> None:
    records = together(account("BUILTIN\\Administrators", ADMINISTRATOR, kind="Group"), sessions("EXAMPLE\\someone"))
    (judgement,) = said("C36", records)
    assert judgement.status == NOT_ASSESSABLE and "a member of the group among the accounts nobody tells" in judgement.reason
    assert statuses(said("C36", records, {"users": ["*\\someone"]})) == {"EXAMPLE\\someone": "pass"}
    assert statuses(said("C36", records, {"users": ["*\\other"]})) == {"EXAMPLE\\someone": "fail"}


def test_the_policy_can_name_further_users() -> None:
    records = together(account("EXAMPLE\\robot"), sessions("tenant7"))
    assert statuses(said("C36", records)) == {"tenant7": "fail"}
    assert statuses(said("C36", records, {"users": ["TENANT?"]})) == {"tenant7": "pass"}


def test_without_the_accounts_a_user_is_neither_known_nor_unknown_but_too_many_sessions_are_too_many() -> None:
    gaps = {"security_accounts": Gap(NOT_ASSESSABLE, "refused")}

    def status_of(*users: str) -> str:
        (finding,) = found("C36", sessions(*users), {"most_per_user": 1}, gaps=gaps)
        assert finding.judgement.subject.name == "a"
        return finding.status

    assert (status_of("a"), status_of("a", "a")) == (NOT_ASSESSABLE, "fail")


def test_broad_groups_are_found_even_where_roles_may_not_be_read() -> None:
    (finding,) = found("C33", account("Everyone", kind="Group"), gaps={"security_account_roles": Gap(NOT_ASSESSABLE, "refused")})
    assert (finding.status, finding.judgement.subject.name) == ("fail", "Everyone")


def test_nothing_of_the_ids_of_log_on_sessions_comes_out() -> None:
    findings = found("C36", together(account("EXAMPLE\\robot"), sessions("robot", "robot", "stranger")))
    assert len(findings) == 2
    assert "secret" not in json.dumps([finding_entry(finding) for finding in findings])
