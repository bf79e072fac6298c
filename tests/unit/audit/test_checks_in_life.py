# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks on repositories, accounts, infrastructure, agents, shares and tenants, of an estate that the real gatherer has read."""

from __future__ import annotations

from collections import Counter

import pytest
from records import made_facts, record, rule_of
from rig_em import RigEm
from simulated import facts_of
from steps import steps_of

from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit import drift
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.checks import accounts, agents, configuration, infrastructure, repositories
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.checks import shares_and_tenants as shares
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.evaluate import Section, evaluate, kinds_read
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.model import CHECKS, ERROR, FAIL, NOT_ASSESSABLE, PASS
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.settings import Policy

ROOMS = {room.__name__ for room in (accounts, agents, configuration, infrastructure, repositories, shares)}
OURS = [identity for identity, check in CHECKS.items() if check.judge.__module__ in ROOMS]
OF_SECURITY = {"C32", "C33", "C34", "C35", "C36"}


def policy() -> Policy:
    return Policy("test", {identity: rule_of(identity) for identity in OURS})


def statuses_by_rule(em: RigEm, username: str = "admin", with_baseline: bool = False) -> dict[str, Counter[str]]:
    facts = facts_of(em, kinds_read(policy()), username=username)
    found: dict[str, Counter[str]] = {}
    for finding in evaluate(facts, policy(), baseline=drift.configuration_of(facts) if with_baseline else None).findings:
        found.setdefault(finding.rule, Counter())[finding.status] += 1
    return found


@pytest.mark.parametrize("profile", ["9.5u4", "12", "13"])
def test_a_healthy_estate_has_no_fault_in_any_generation_of_the_server(profile: str) -> None:
    found = statuses_by_rule(RigEm(profile=profile, estate="healthy"), with_baseline=True)
    assert not [rule for rule, counts in found.items() if counts[FAIL] or counts[ERROR]]
    # Fewer than so many looked at would mean that a kind was read under another name.
    assert {rule for rule, counts in found.items() if counts[PASS]} >= {"C27", "C28", "C32", "C33", "C34", "C35", "C36", "C40", "C41", "C43", "C44"}


def test_each_of_these_checks_says_something_of_the_demo_estate() -> None:
    found = statuses_by_rule(RigEm(profile="13"))
    assert set(found) == set(OURS)
    assert {rule for rule, counts in found.items() if counts[FAIL]} == {"C34", "C41", "C42", "C43", "C44"}


def test_an_account_that_may_not_read_security_settings_gets_no_pass_on_them() -> None:
    found = statuses_by_rule(RigEm(profile="13"), "operator")
    assert all(found[rule] == {NOT_ASSESSABLE: 1} for rule in OF_SECURITY)


def steps_of_judging(number: int) -> int:
    repository = record("repositories", "R", capacity=10**15, free_space=10**14)
    link = {name: repository[name] for name in ("id", "uid", "name", "type")}
    backups = [record("backups", f"B{one}", repository=link) for one in range(10)]
    backup_of = [{name: backup[name] for name in link} for backup in backups]
    files = [
        record("backup_files", f"F{one}", backup=backup_of[one % 10], backup_size=10**6, creation_time="2026-11-10T00:00:00Z") for one in range(10 * number)
    ]
    computers = [record("discovered_computers", f"PC{one}", agent_status="Installed", host_status="Online", agent_version="6.1.0.349") for one in range(number)]
    facts = made_facts({"repositories": [repository], "backups": backups, "backup_files": files, "discovered_computers": computers})
    sections: list[Section] = []
    steps = steps_of(lambda: sections.append(evaluate(facts, policy())))
    assert sections[0].counts.by_status[PASS] > number
    return steps


def test_the_work_of_judging_grows_with_the_records_and_not_with_their_square() -> None:
    assert steps_of_judging(250) < 6 * steps_of_judging(50)
