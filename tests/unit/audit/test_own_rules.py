# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules of a policy's own: every operator at its edge, what is unknown, and what is refused before any record is seen."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from records import BACKUP_SERVER, NOW, SERVER, ago, made_facts, record

from _api import estate_plan
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.conditions import OPERATORS, every, fault_of_regex, negated, some
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.evaluate import evaluate, kinds_read
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.facts import Facts, Gap
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.model import ERROR, FAIL, NOT_ASSESSABLE, PASS, Finding
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.own_rules import RESOURCES_OF_RULES
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.policy import load_policy
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.settings import Policy
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.yaml_tree import PolicyError

JOB = {"job_type": "Backup", "schedule_enabled": True, "backup_server": BACKUP_SERVER}


def policy_of(expect: Any, where: Any = None, resource: str = "jobs", **more: Any) -> Policy:
    """Return a policy with one rule of its own."""
    rule = {"id": "OWN-1", "title": "As I want it", "resource": resource, "expect": expect, **more}
    return load_policy({"own_rules": [{**rule, "where": where} if where is not None else rule]})


def findings(policy: Policy, facts: Facts) -> list[Finding]:
    """Return what the rule of the policy's own says."""
    return [finding for finding in evaluate(facts, policy).findings if finding.rule == "OWN-1"]


def said(expect: Any, value: Any, field: str = "description", resource: str = "jobs") -> str:
    """Return the status of one record whose field has the value."""
    facts = made_facts({resource: [record(resource, "one", **{field: value})]})
    (finding,) = findings(policy_of({field: expect}, resource=resource), facts)
    return finding.status


def refused(expect: Any, resource: str = "jobs", where: Any = None) -> str:
    """Return what is said of a condition that is not taken."""
    with pytest.raises(PolicyError) as caught:
        policy_of(expect, where, resource)
    return str(caught.value)


EDGES: list[tuple[Any, str, Any, str]] = [
    ("Daily", "description", "Daily", PASS),
    ("Daily", "description", "daily", FAIL),
    ({"eq": ""}, "description", "", PASS),
    ({"ne": "a"}, "description", "a", FAIL),
    ({"gt": NOW}, "next_run", NOW, FAIL),
    (["a", "b"], "description", "b", PASS),
    ({"in": ["a", "b"]}, "description", "c", FAIL),
    ({"not_in": ["a"]}, "description", "a", FAIL),
    ({"matches": "dai*"}, "description", "DAILY", PASS),
    ({"matches": ["x*", "y*"]}, "description", "daily", FAIL),
    ({"regex": "^[A-Z]{2}-\\d+$"}, "description", "AB-17", PASS),
    ({"regex": "^[A-Z]{2}-\\d+$"}, "description", "ab-17", FAIL),
    ({"regex": "a"}, "description", "a" * 301, NOT_ASSESSABLE),
    ({"contains": "il"}, "description", "daily", PASS),
    ({"contains": "IL"}, "description", "daily", FAIL),
    ({"size": 5}, "description", "daily", PASS),
    ({"size": {"gt": 5}}, "description", "daily", FAIL),
    ({"is_null": True}, "description", None, PASS),
    ({"is_null": False}, "description", None, FAIL),
    ({"is_null": False}, "description", "", PASS),
    ({"eq": "a"}, "description", None, NOT_ASSESSABLE),
    ({"ne": "a"}, "description", None, NOT_ASSESSABLE),
    (True, "schedule_enabled", False, FAIL),
    ({"older_than": "24h"}, "next_run", ago(hours=24), FAIL),
    ({"older_than": "24h"}, "next_run", ago(hours=24, seconds=1), PASS),
    ({"newer_than": "1d"}, "next_run", ago(days=1), FAIL),
    ({"newer_than": "1d"}, "next_run", ago(seconds=86399), PASS),
    ({"newer_than": "90m"}, "next_run", ago(hours=-5), PASS),
    ({"lt": NOW}, "next_run", NOW, FAIL),
    ({"le": NOW}, "next_run", NOW, PASS),
    ({"ge": "2026-11-20T12:00:00Z", "lt": "2026-11-21T00:00:00Z"}, "next_run", "2026-11-20T12:00:00.500Z", PASS),
]


@pytest.mark.parametrize(("expect", "field", "value", "status"), EDGES, ids=lambda value: str(value)[:40])
def test_operators_hold_to_their_edges(expect: Any, field: str, value: Any, status: str) -> None:
    assert said(expect, value, field) == status


@pytest.mark.parametrize(
    ("expect", "free", "status"),
    [
        ({"ge": 10}, 10, PASS),
        ({"ge": 10}, 9, FAIL),
        ({"gt": 10}, 10, FAIL),
        ({"le": 10.5}, 10, PASS),
        ({"lt": 10}, 10, FAIL),
        (10, 10, PASS),
        ({"ge": 10}, None, NOT_ASSESSABLE),
    ],
)
def test_numbers_are_compared_and_unknown_space_is_not_empty(expect: Any, free: int | None, status: str) -> None:
    assert said(expect, free, "free_space", "repositories") == status


def test_where_chooses_and_what_may_be_meant_is_not_passed_over() -> None:
    jobs = [
        record("jobs", name, **{**JOB, "schedule_enabled": enabled}) for name, enabled in (("bank-1", True), ("bank-2", False), ("bank-3", None), ("x", False))
    ]
    facts = made_facts({"jobs": jobs})
    chosen = findings(policy_of({"job_type": "Backup"}, {"schedule_enabled": False, "name": {"matches": "bank-*"}}), facts)
    assert [(finding.judgement.subject.name, finding.status) for finding in chosen] == [("bank-2", PASS), ("bank-3", NOT_ASSESSABLE)]
    reason = chosen[1].judgement.reason
    assert reason == "The service does not tell enough to say whether the rule is about it: schedule_enabled is null, expected is false."
    assert chosen[1].judgement.answers == chosen[0].judgement.answers != ()


def test_what_another_condition_rules_out_is_not_asked_further() -> None:
    facts = made_facts({"jobs": [record("jobs", "x", **{**JOB, "schedule_enabled": None})]})
    assert findings(policy_of({"job_type": "Backup"}, {"schedule_enabled": False, "name": {"matches": "bank-*"}}), facts) == []


def test_a_finding_names_the_record_what_was_measured_and_the_answer() -> None:
    facts = made_facts({"jobs": [record("jobs", "bank-1", **JOB)]})
    policy = policy_of({"schedule_enabled": False, "job_type": "Backup"}, severity="high", why="Because.", controls=["CIS 11.2"])
    (finding,) = findings(policy, facts)
    judgement = finding.judgement
    assert (finding.severity, finding.status, finding.controls, finding.server) == ("high", FAIL, ("CIS 11.2",), SERVER)
    assert (judgement.subject.kind, judgement.subject.name, judgement.subject.backup_server) == ("job", "bank-1", BACKUP_SERVER)
    assert judgement.subject.uid == facts.records("jobs")[0]["uid"]
    assert judgement.reason == "What is expected does not hold: schedule_enabled is true, expected is false."
    assert judgement.measured == {"schedule_enabled": True, "job_type": "Backup"}
    assert judgement.expected == {"schedule_enabled": False, "job_type": "Backup"}
    assert judgement.answers == (1,)


def test_joins_and_structures_and_references() -> None:
    info = {"backup_job_info": {"includes": [{"name": "vm1", "order": 1}, {"name": "vm2", "order": None}]}}
    facts = made_facts({"jobs": [record("jobs", "one", **JOB, job_info=info)]})
    includes = "job_info.backup_job_info.includes"

    def status(expect: Any) -> str:
        (finding,) = findings(policy_of(expect), facts)
        return finding.status

    assert status({"any_of": [{"name": "two"}, {"name": "one"}]}) == PASS
    assert status({"all_of": [{"name": "two"}, {"name": "one"}]}) == FAIL
    assert status({"not": {"name": "one"}}) == FAIL
    assert status({"not": {"description": "x"}}) == NOT_ASSESSABLE
    assert status({"any_of": [{"description": "x"}, {"name": "one"}]}) == PASS
    assert status({"backup_server.name": BACKUP_SERVER}) == PASS
    assert status({includes: {"any": {"name": "vm2"}}}) == PASS
    assert status({includes: {"all": {"name": {"matches": "vm*"}}}}) == PASS
    assert status({includes: {"none": {"name": "vm2"}}}) == FAIL
    assert status({includes: {"all": {"order": 1}}}) == NOT_ASSESSABLE
    assert status({includes: {"any": {"order": 1}}}) == PASS
    assert status({includes: {"size": {"ge": 3}}}) == FAIL
    assert status({"job_info.replica_job_info.includes": {"size": 0}}) == NOT_ASSESSABLE


@pytest.mark.parametrize(
    ("expect", "sentence"),
    [
        ({"job_typ": "x"}, "own_rules[0].expect: Jobs have no field 'job_typ'. Did you mean 'job_type'?"),
        ({"job_info.backup_job_inf.x": 1}, "job_info has no field 'backup_job_inf'. Did you mean 'backup_job_info'?"),
        ({"name.x": 1}, "name has no field 'x'."),
        ({"name": {"equals": "x"}}, "'equals' is no operator."),
        ({"name": {"matche": "x"}}, "'matche' is no operator. Did you mean 'matches'?"),
        ({"name": {"ge": "x"}}, "ge is not for name, which is a text. Use eq, ne, in, not_in, matches, regex, contains, size, is_null."),
        ({"schedule_enabled": "yes"}, "schedule_enabled is the text 'yes'; schedule_enabled is compared with true or false."),
        ({"next_run": {"older_than": "a day"}}, "next_run.older_than is the text 'a day'; it has to be a span such as 90m, 36h, 30d or 2w."),
        ({"next_run": {"lt": "2026-11-20"}}, "next_run is compared with a time in UTC such as 2026-12-31T18:00:00Z."),
        ({"job_type": "Backupp"}, "'Backupp' is not a value of job_type. Did you mean 'Backup'?"),
        ({"job_info.backup_job_info.includes.name": "x"}, "includes is a list: write job_info.backup_job_info.includes: {any: {...}}, with any, all or none."),
        ({"job_info": {"eq": 1}}, "eq is not for job_info, which is a structure. Use is_null."),
        ({"any_of": {}}, "any_of is a mapping; it has to be a list of conditions."),
        ({}, "expect is empty; it has to be a mapping from fields to conditions."),
        ({"name": {"regex": "(a+)+$"}}, "a group must not be repeated"),
        ({"name": {"is_null": "no"}}, "is_null is the text 'no'; it has to be true or false."),
    ],
    ids=str,
)
def test_a_condition_is_checked_against_the_declarations(expect: Any, sentence: str) -> None:
    assert sentence in refused(expect)


def test_own_rules_have_names_of_their_own_and_are_rules_like_others() -> None:
    policy = policy_of({"name": "x"})
    assert policy.rules["OWN-1"].enabled
    again = load_policy(
        [
            {"own_rules": [{"id": "OWN-1", "title": "t", "resource": "jobs", "expect": {"name": "x"}}]},
            {"rules": {"OWN-1": {"severity": "low"}}, "extends": "baseline"},
        ]
    )
    assert again.rules["OWN-1"].severity == "low"
    with pytest.raises(PolicyError, match="capital letters and digits with a hyphen"):
        load_policy({"own_rules": [{"id": "C02", "title": "t", "resource": "jobs", "expect": {"name": "x"}}]})
    with pytest.raises(PolicyError, match=r"stands here for the second time"):
        load_policy({"own_rules": [{"id": "OWN-1", "title": "t", "resource": "jobs", "expect": {"name": "x"}}] * 2})


def test_only_what_is_named_is_read_and_a_gap_is_no_pass() -> None:
    policy = policy_of({"capacity": {"gt": 0}}, {"kind": "Cloud"}, "repositories")
    assert set(kinds_read(policy)["repositories"]) >= {"capacity", "kind", "name"}
    for status in (NOT_ASSESSABLE, ERROR):
        (finding,) = findings(policy, made_facts({}, {"repositories": Gap(status, "It was not told.")}))
        assert finding.status == status
    assert findings(policy, made_facts({"repositories": []})) == []


def test_what_a_rule_may_look_at_is_what_an_audit_can_read() -> None:
    assert set(RESOURCES_OF_RULES) <= {resource.plural for resource in estate_plan.kinds()}
    assert {"jobs", "repositories", "backup_servers", "security_accounts", "backup_task_sessions", "restore_sessions"} <= set(RESOURCES_OF_RULES)
    for resource in RESOURCES_OF_RULES:
        policy_of({"id": {"is_null": False}}, resource=resource)


TRUTHS = st.lists(st.sampled_from([True, False, None]), max_size=6)


@given(TRUTHS)
def test_unknown_is_never_taken_for_good(truths: list[bool | None]) -> None:
    def filled(value: bool) -> list[bool]:
        return [value if truth is None else truth for truth in truths]

    # What is said whatever the unknown turns out to be is known; everything else is unknown.
    assert every(truths) == (all(filled(True)) if all(filled(True)) == all(filled(False)) else None)
    assert some(truths) == (any(filled(True)) if any(filled(True)) == any(filled(False)) else None)
    assert some(truths) == negated(every([negated(truth) for truth in truths]))


@pytest.mark.parametrize(
    "pattern", ["(a+)+", "(a|a)*", "(?=a)", "(?P<n>a)", r"(a)\1", "a*b*c*", "^a*b*c*d*", "^a|b*c*d*", "a" * 201, "(", "[a", "a{1,5}b{2,}c*", "(?i)a"]
)
def test_regular_expressions_that_could_take_long_are_refused(pattern: str) -> None:
    assert fault_of_regex(pattern)


# Those that could take long would take hours: the time-out ends the test then.
@pytest.mark.timeout(60)
@given(st.from_regex(r"[a-c]?[*+]?[a-c](\.[*+?])?(\[a-c\][*+])?", fullmatch=True), st.text("abc", max_size=300))
def test_regular_expressions_that_are_taken_are_quick(pattern: str, text: str) -> None:
    if fault_of_regex(pattern):
        return
    assert said({"regex": pattern}, text) in (PASS, FAIL)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("pattern", ["^a*a*a*b", "a*a*b", "^[a-z]{2}-.*-.*-.*$", "^(a|b)c{2}$"])
def test_the_slowest_regular_expressions_that_are_taken_are_quick(pattern: str) -> None:
    assert not fault_of_regex(pattern)
    assert said({"regex": pattern}, "a" * 300) == FAIL


def test_every_operator_is_tried_here() -> None:
    tried = {name for expect, *_rest in EDGES if isinstance(expect, dict) for name in expect}
    assert set(OPERATORS) - tried == {"any", "all", "none"}  # tried above, with structures
