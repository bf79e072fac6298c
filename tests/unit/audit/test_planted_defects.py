# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The audit finds what is wrong in an estate, all of it and nothing else: defects are planted in healthy estates by the simulator's own words."""

from __future__ import annotations

import functools
import random
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from planted import CHANGED, FOUND, Fault, Planted, policy
from rig_em import RigEm
from simulated import facts_of

from _api.entities.registry import RESOURCES
from _api.errors import ConnectError
from _api.session import Session
from _api.transport import Answer
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.job_contents import CLOSED_CONTAINERS, CONTAINER_MACHINES, HIERARCHY_MACHINES
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit import drift
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.evaluate import evaluate, kinds_read
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.facts import Facts
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.model import BY_NAME, CHECKS, ERROR, FAIL, NOT_ASSESSABLE, PASS, Finding, Subject
from em_simulator.defects import DEFECTS
from em_simulator.defects._model import footprint_of

CERTIFICATE_ENDS = "2031-01-01T00:00:00Z"
# Nothing in the API tells of these: they are never anything else.
UNSEEN = {f"X0{number}" for number in range(2, 10)}
TYPES = {resource.plural: {resource.type} for resource in RESOURCES}
# What is looked up changes with what tells where to look.
CONTAINERS = {"HierarchyItem", "Job", "CdpPolicy"}
LOOKED_UP = {HIERARCHY_MACHINES: {"HierarchyItem"}, CONTAINER_MACHINES: CONTAINERS, CLOSED_CONTAINERS: CONTAINERS}


def read(em: RigEm, kinds: Iterable[str] | None = None) -> Facts:
    fields = kinds_read(policy())
    wanted = fields if kinds is None else {kind: fields[kind] for kind in kinds}
    return facts_of(em, wanted, tls_not_after=CERTIFICATE_ENDS)


@functools.cache
def healthy() -> Facts:
    return read(RigEm("13", estate="healthy"))


def faults_in(findings: Iterable[Finding]) -> set[Fault]:
    return {(one.rule, one.status, one.judgement.subject.name) for one in findings if one.status != PASS and one.rule not in UNSEEN}


def judged(facts: Facts, baseline: Any = None) -> list[Finding]:
    return evaluate(facts, policy(), baseline=baseline or drift.configuration_of(facts)).findings


def with_defect(name: str) -> tuple[Planted, RigEm, Facts]:
    """Return what was planted alone in the healthy estate and the facts; what the defect does not touch, as the simulator's tests hold, is not read again."""
    em = RigEm("13", estate="healthy", defects=[name])
    (planted,) = em.rig.installation.planted
    touched = DEFECTS[name].changes
    again = read(em, [kind for kind in kinds_read(policy()) if (TYPES.get(kind) or LOOKED_UP[kind]) & touched])
    return planted, em, replace(again, collections={**healthy().collections, **again.collections})


@functools.cache
def outcome(name: str) -> tuple[Planted, set[Fault], set[Fault], set[str]]:
    """Return what was planted, what was to be found, what was found, and the backup servers of the latter."""
    planted, em, facts = with_defect(name)
    findings = judged(facts, drift.configuration_of(healthy()))
    servers = {one.judgement.subject.backup_server for one in findings if one.status == FAIL}
    return planted, expected_of(planted, em), faults_in(findings), servers


def expected_of(planted: Planted, em: RigEm) -> set[Fault]:
    changed = CHANGED.get(planted["defect"])
    return FOUND[planted["defect"]](planted, em) | (changed(planted, em) if changed else set())


# ---------------------------------------------------------------------------------------------------------
# Nothing is wrong

ESTATES: dict[str, dict[str, Any]] = {
    "file": {"estate": "healthy"},
    "small": {"generate": 1, "healthy": True},
    "another": {"generate": 5, "healthy": True, "machines": 40},
    "middle": {"generate": 2, "healthy": True, "machines": 120},
}
QUICK = ("file", "small")


@pytest.mark.parametrize("name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.thorough) for name in ESTATES])
def test_in_a_healthy_estate_nothing_is_found_but_what_nobody_tells(name: str) -> None:
    findings = judged(healthy() if name == "file" else read(RigEm("13", **ESTATES[name])))
    assert faults_in(findings) == set()
    assert {(one.rule, one.status) for one in findings if one.rule in UNSEEN} == {(rule, NOT_ASSESSABLE) for rule in UNSEEN}
    # Every rule looked at something; those of statements have none to look at.
    assert {rule for rule in CHECKS if rule[0] != "W"} == {one.rule for one in findings}


# What there was before the API told of it: thumbprints, and when data was collected last.
IN_DOUBT_OF_OLD: dict[str, set[str]] = {"12": {"C38"}, "9.5u4": {"C38", "C39"}}


@pytest.mark.parametrize(("profile", "least"), [("12", "12"), ("9.5u4", "9.5")])
def test_nor_in_one_of_an_older_server(profile: str, least: str) -> None:
    of_age = policy(least)
    facts = facts_of(RigEm(profile, estate="healthy"), kinds_read(of_age), tls_not_after=CERTIFICATE_ENDS)
    findings = evaluate(facts, of_age, baseline=drift.configuration_of(facts)).findings
    assert not [one for one in findings if one.status in (FAIL, ERROR)]
    # What such a server cannot have yet is no reason for doubt.
    assert {one.rule for one in findings if one.status == NOT_ASSESSABLE} <= UNSEEN | IN_DOUBT_OF_OLD[profile]


def test_a_machine_in_no_job_is_found_on_a_server_that_knows_no_continuous_protection() -> None:
    em = RigEm("9.5u4", estate="healthy", defects=["machine_in_no_job"])
    (planted,) = em.rig.installation.planted
    findings = evaluate(facts_of(em, kinds_read(policy())), policy()).findings
    assert ("C01", FAIL, planted["name"]) in faults_in(findings)


# ---------------------------------------------------------------------------------------------------------
# One thing is wrong


def test_every_defect_is_expected_to_be_found() -> None:
    assert set(FOUND) == set(DEFECTS)
    assert set(CHANGED) <= set(FOUND)


@pytest.mark.thorough
@pytest.mark.parametrize("name", sorted(DEFECTS))
def test_a_defect_is_found_and_nothing_else(name: str) -> None:
    planted, expected, found, servers = outcome(name)
    assert found == expected != set()
    assert servers <= {planted["backup_server"], "", *([planted["name"]] if planted["thing"] == "backup_server" else [])}


@pytest.mark.thorough
def test_every_check_finds_some_defect() -> None:
    failed = {rule for name in DEFECTS for rule, status, _object in outcome(name)[2] if status == FAIL}
    assert {rule for rule in CHECKS if rule[0] == "C"} | {"X01"} <= failed


# ---------------------------------------------------------------------------------------------------------
# Several things are wrong

ORDERS = 12


def plant_apart(em: RigEm, names: Iterable[str]) -> list[Planted]:
    """Plant each defect in a thing of its own, where there is one left: of two in one thing one would hide the other."""
    site = em.rig.installation._site
    planted: list[Planted] = []
    for name in names:
        if any(site.taken.isdisjoint(footprint_of(thing)) for thing in DEFECTS[name].among(site)):
            planted.append(em.rig.installation.plant(name))
    return planted


def planted_at_random(seed: int) -> tuple[list[Planted], RigEm]:
    """Return what was planted in a generated estate of a few dozen machines, each in things of its own."""
    chance = random.Random(seed)
    em = RigEm("13", generate=seed, healthy=True, machines=chance.randint(40, 80), defect_seed=seed)
    return plant_apart(em, chance.sample(sorted(DEFECTS), ORDERS)), em


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(3))
def test_many_defects_are_all_found_and_nothing_else(seed: int) -> None:
    planted, em = planted_at_random(seed)
    baseline = drift.configuration_of(read(planted_at_random_healthy(seed)))
    expected = {fault for one in planted for fault in expected_of(one, em)}
    assert faults_in(judged(read(em), baseline)) == expected


def planted_at_random_healthy(seed: int) -> RigEm:
    return RigEm("13", generate=seed, healthy=True, machines=random.Random(seed).randint(40, 80))


# ---------------------------------------------------------------------------------------------------------
# Not everything can be seen

Seen = dict[tuple[str, Subject], str]


def statuses_of(findings: Iterable[Finding]) -> Seen:
    """Return the gravest status by rule and object; two judgements of one object are one."""
    seen: Seen = {}
    for one in findings:
        key = (one.rule, replace(one.judgement.subject, jobs=(), repositories=(), tags=()))
        seen[key] = min(seen.get(key, one.status), one.status, key=GRAVEST_FIRST.index)
    return seen


GRAVEST_FIRST = (ERROR, FAIL, NOT_ASSESSABLE, PASS)


@functools.cache
def battered() -> tuple[RigEm, Facts, Seen]:
    """Return an estate in which as much as possible is wrong, what was read of it, and the truth about it."""
    em = RigEm("13", estate="healthy")
    # What can be planted in few things comes first.
    site = em.rig.installation._site
    plant_apart(em, sorted(DEFECTS, key=lambda name: (len(list(DEFECTS[name].among(site))), name)))
    facts = read(em)
    return em, facts, statuses_of(judged(facts, drift.configuration_of(healthy())))


def passed_wrongly(findings: Iterable[Finding]) -> list[tuple[str, Subject]]:
    """Return of which faults it is said that all is well."""
    truth = battered()[2]
    return [key for key, status in statuses_of(findings).items() if status == PASS and truth.get(key, PASS) != PASS]


def test_in_the_battered_estate_most_rules_find_something() -> None:
    truth = battered()[2]
    assert len({rule for (rule, _subject), status in truth.items() if status == FAIL}) >= 20
    assert not [key for key, status in truth.items() if status == ERROR]


OF_SECURITY = {"A01", "C32", "C33", "C34", "C35", "C36"}


def test_an_account_with_few_rights_sees_no_pass_where_something_is_wrong() -> None:
    em, _facts, _truth = battered()
    findings = evaluate(facts_of(em, kinds_read(policy()), username="operator", tls_not_after=CERTIFICATE_ENDS), policy()).findings
    assert passed_wrongly(findings) == []
    assert not [one for one in findings if one.status == ERROR]
    assert {one.status for one in findings if one.rule in OF_SECURITY} == {NOT_ASSESSABLE}


class Cut(RigEm):
    """A server whose line breaks after so many requests."""

    def __init__(self, whole: RigEm, after: int) -> None:
        self.rig, self.requests, self.warnings, self.left = whole.rig, [], [], after

    def session(self, username: str = "admin", **changes: Any) -> Session:
        opened = super().session(username, **changes)
        wire = opened._transport
        send = wire.send

        def send_while_it_lasts(*arguments: Any, **options: Any) -> Answer:
            self.left -= 1
            if self.left < 0:
                raise ConnectError("The line is cut.")
            return send(*arguments, **options)

        wire.send = send_while_it_lasts  # type: ignore[method-assign]
        return opened


@pytest.mark.parametrize("after", [6, 15, 25, 40, 55])
def test_a_line_that_breaks_is_an_error_for_what_is_missing_and_never_a_pass(after: int) -> None:
    facts = read(Cut(battered()[0], after))
    findings = judged(facts, drift.configuration_of(healthy()))
    assert passed_wrongly(findings) == []
    lost = {kind for kind, gap in facts.gaps.items() if gap.status == ERROR}
    assert lost
    blind = {rule.id for rule in policy().rules.values() if lost & {reads.kind for reads in rule.check.reads if reads.needed}}
    assert {one.rule: one.status for one in findings if one.rule in blind} == dict.fromkeys(blind, ERROR)


# A job or a run that is gone is no more; of all these something else still tells.
VANISHING = ("Repository", "Backup", "RestorePoint", "HierarchyRoot", "BackupFile", "VmReplicaPoint")


@pytest.mark.parametrize("kind", VANISHING)
def test_what_vanishes_while_it_is_read_is_never_a_pass(kind: str) -> None:
    """Records of a kind are gone when they are read, and others still lead to them."""
    _em, facts, _truth = battered()
    (plural,) = [resource.plural for resource in RESOURCES if resource.type == kind and resource.plural in facts.collections]
    left = [record for number, record in enumerate(facts.collections[plural]) if number % 2]
    findings = judged(replace(facts, collections={**facts.collections, plural: left}), drift.configuration_of(healthy()))
    assert not [one for one in findings if one.status == ERROR]
    assert passed_wrongly(findings) == []


# What the service leaves out where there is none: a tenant without a lease or without quotas; and the sort of a run, without which all former ones
# are compared.
NONE_MEANS_NONE = {
    ("cloud_tenants", "lease_options"),
    ("cloud_tenants", "resources"),
    ("backup_task_sessions", "restore_point"),
    ("vm_restore_points", "point_type"),
}
# These stand in every record, as the one who reads it puts them there.
ALWAYS_THERE = {
    ("container_machines", "object_ref"),
    ("hierarchy_machines", "hierarchy_root"),
    ("security_account_roles", "security_account"),
    ("security_account_scopes", "security_account"),
}


def fields_read() -> list[tuple[str, str]]:
    """Return each field of each kind that some check reads."""
    fields = {(kind, name) for kind, names in kinds_read(policy()).items() for name in set(names) - set(BY_NAME)}
    return sorted(fields - NONE_MEANS_NONE - ALWAYS_THERE)


@pytest.mark.thorough
@pytest.mark.parametrize("share", range(PARTS := 8))
def test_what_is_not_told_is_never_a_pass(share: int) -> None:
    """An element that no record of a kind has, as with older servers, makes nobody say that all is well, and breaks no check."""
    _em, facts, _truth = battered()
    of_all = policy()
    for kind, name in fields_read()[share::PARTS]:
        records = [{**record, name.partition(".")[0]: None} for record in facts.collections[kind]]
        rules = {rule.id: rule for rule in of_all.rules.values() if any(reads.kind == kind and name in reads.fields for reads in rule.check.reads)}
        without = replace(facts, collections={**facts.collections, kind: records})
        findings = evaluate(without, replace(of_all, rules=rules), baseline=drift.configuration_of(healthy())).findings
        assert not [one for one in findings if one.status == ERROR], (kind, name)
        assert passed_wrongly(findings) == [], (kind, name)
