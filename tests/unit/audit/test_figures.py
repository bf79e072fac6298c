# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The numbers behind the charts agree with what was read and judged."""

from __future__ import annotations

from typing import Any

import pytest
from records import NOW, SERVER, ago, made_facts, record, rule_of
from rig_em import RigEm
from simulated import facts_of

from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit import figures
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.evaluate import Section, evaluate, kinds_read
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.facts import Gap
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.model import Finding, Judgement, Record, Subject
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.settings import Policy

RULES = ("C02",)


def figures_of(policy: Policy | None = None, **facts: Any) -> dict[str, Any]:
    held = policy or Policy("test", {identity: rule_of(identity) for identity in RULES})
    return figures.of_section(evaluate(made_facts(**facts), held), held)


def aged(hours: float | None, status: str) -> Finding:
    """Return what the rule on the RPO says of a machine."""
    return Finding("C02", 1, "high", SERVER, Judgement(Subject("machine", "srv"), status, "", {"hours": hours, "newest": None}))


def run(time: str | None, result: str | None, kind: str = "backup_task_sessions") -> Record:
    return record(kind, "run", creation_time=time, result=result)


def ages_of(*findings: Finding) -> dict[tuple[Any, Any], tuple[int, int]]:
    """Return machines and those beyond their RPO of each bin that has any."""
    ages = figures.of_section(Section(made_facts(), list(findings)), Policy("test", {}))["restore_point_ages"]
    return {(entry["from_hours"], entry["to_hours"]): (entry["machines"], entry["beyond_rpo"]) for entry in ages if entry["machines"]}


@pytest.mark.parametrize(
    ("hours", "bin_of_it"), [(-0.5, (0, 4)), (0, (0, 4)), (4, (0, 4)), (4.01, (4, 8)), (24, (12, 24)), (24.01, (24, 48)), (720, (336, 720)), (721, (720, None))]
)
def test_a_machine_is_in_the_bin_of_its_age(hours: float, bin_of_it: tuple[Any, Any]) -> None:
    assert ages_of(aged(hours, "pass")) == {bin_of_it: (1, 0)}


def test_what_is_beyond_is_what_the_rule_says_is() -> None:
    # One second beyond 24 hours is rounded to 24 hours, and machines may have another RPO than others.
    assert ages_of(aged(24.0, "fail"), aged(24.0, "pass"), aged(6, "fail")) == {(4, 8): (1, 1), (12, 24): (2, 1)}


def test_a_waived_fail_is_beyond_its_rpo_all_the_same() -> None:
    waived = aged(30, "fail")
    waived.waiver = "W-1"
    assert ages_of(waived) == {(24, 48): (1, 1)}


def test_bins_cover_all_ages_without_a_hole() -> None:
    bins = figures.of_section(Section(made_facts(), [aged(1, "pass")]), Policy("test", {}))["restore_point_ages"]
    assert [entry["from_hours"] for entry in bins[1:]] == [entry["to_hours"] for entry in bins[:-1]]
    assert (bins[0]["from_hours"], bins[-1]["to_hours"]) == (0, None)


def test_a_machine_without_any_point_has_a_bin_of_its_own() -> None:
    assert ages_of(aged(None, "fail"), aged(1, "pass")) == {(0, 4): (1, 0), (None, None): (1, 1)}


def test_an_age_that_nobody_can_judge_is_in_no_bin() -> None:
    assert ages_of(aged(500, "not_assessable"), aged(None, "not_assessable"), aged(1, "error")) == {}


def test_there_are_no_ages_where_the_rule_could_not_look_or_is_off() -> None:
    lost = {"vm_restore_points": Gap("error", "The connection was lost.")}
    assert figures_of(gaps=lost)["restore_point_ages"] == []
    assert figures_of(Policy("test", {}))["restore_point_ages"] == []


def test_the_figures_of_a_whole_estate_agree_with_its_findings_and_records() -> None:
    policy = Policy("test", {identity: rule_of(identity) for identity in ("C02", "C27")})
    section = evaluate(facts_of(RigEm(), kinds_read(policy)), policy)
    made = figures.of_section(section, policy)
    judged = [finding for finding in section.findings if finding.rule == "C02" and finding.status in ("pass", "fail")]
    assert sum(entry["machines"] for entry in made["restore_point_ages"]) == len(judged) > 0
    assert sum(entry["beyond_rpo"] for entry in made["restore_point_ages"]) == sum(finding.status == "fail" for finding in judged)
    assert len(made["repositories"]) == len(section.facts.records("repositories")) > 0
    done = [one for one in section.facts.records("backup_task_sessions") if one["result"] in figures.RESULTS]
    assert 0 < sum(day["success"] + day["warning"] + day["failed"] for day in made["results_per_day"]) <= len(done)


def test_days_are_those_of_utc_and_none_is_left_out() -> None:
    runs = [
        run("2026-11-19T00:00:00Z", "Success"),
        run("2026-11-18T23:59:59.999Z", "Failed"),
        run("2026-11-19T23:59:59Z", "Warning"),
        run("2026-11-19T12:00:00Z", "Success", "replica_task_sessions"),
        run("2026-11-19T12:00:00Z", None),
        run("2026-11-19T12:00:00Z", "None"),
        run(None, "Failed"),
        run("2026-01-01T12:00:00Z", "Failed"),
    ]
    by_kind = {"backup_task_sessions": runs[:3] + runs[4:], "replica_task_sessions": runs[3:4]}
    days = figures_of(records=by_kind, lookback_days=3)["results_per_day"]
    assert days == [
        {"day": "2026-11-17", "success": 0, "warning": 0, "failed": 0},
        {"day": "2026-11-18", "success": 0, "warning": 0, "failed": 1},
        {"day": "2026-11-19", "success": 2, "warning": 1, "failed": 0},
        {"day": NOW[:10], "success": 0, "warning": 0, "failed": 0},
    ]


@pytest.mark.parametrize("kind", figures.RUN_KINDS)
def test_there_are_no_days_where_a_kind_of_run_could_not_be_read(kind: str) -> None:
    lost = Gap("error", "The connection was lost.")
    runs = {one: [run(ago(hours=1), "Failed", one)] for one in figures.RUN_KINDS}
    assert figures_of(records=runs)["results_per_day"][-1]["failed"] == 2
    assert figures_of(records=runs, gaps={kind: lost})["results_per_day"] == []


@pytest.mark.parametrize(
    ("capacity", "free", "share"), [(1000, 250, 0.75), (1000, 0, 1.0), (1000, 1000, 0.0), (None, 5, None), (1000, None, None), (0, 0, None)]
)
def test_the_share_that_is_used_is_known_where_both_sizes_are(capacity: int | None, free: int | None, share: float | None) -> None:
    one = record("repositories", "Main", capacity=capacity, free_space=free, backup_server_name="vbr01")
    (entry,) = figures_of(records={"repositories": [one]})["repositories"]
    assert (entry["used_share"], entry["capacity"], entry["free"], entry["backup_server"]) == (share, capacity, free, "vbr01")


def test_days_to_full_are_what_the_rule_has_measured_for_that_repository() -> None:
    first, second = (record("repositories", "Main", id=identity, capacity=10, free_space=5) for identity in ("one", "two"))
    subject = Subject("repository", "Main", first["uid"])
    section = Section(
        made_facts({"repositories": [second, first]}), [Finding("C28", 1, "medium", SERVER, Judgement(subject, "fail", "", {"days_to_full": 9.5}))]
    )
    entries = figures.of_section(section, Policy("test", {}))["repositories"]
    assert {entry["uid"]: entry["days_to_full"] for entry in entries} == {first["uid"]: 9.5, second["uid"]: None}


def test_repositories_come_by_name_and_there_are_none_where_nobody_read_them() -> None:
    records = [record("repositories", name, capacity=None, free_space=None) for name in ("beta", "Alpha")]
    assert [entry["name"] for entry in figures_of(records={"repositories": records})["repositories"]] == ["Alpha", "beta"]
    facts = made_facts()
    assert figures.of_section(Section(facts, []), Policy("test", {}))["repositories"] == []
