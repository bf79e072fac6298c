# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks on copies, and the 3-2-1-1-0 matrix: links, what counts, what nobody tells, and that checks and matrix never disagree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from estate import OTHER_SERVER, agent_job, agent_point, backup, closed, computer, estate, held, host, job, later, new, object_ref, point, reference
from records import BACKUP_SERVER, NOW, ago, found, made_facts, record, said, statuses
from rig_em import RigEm
from simulated import facts_of
from steps import steps_of

from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit import matrix
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.attestations import apply_attestations
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.evaluate import evaluate, kinds_read
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.facts import Gap
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.figures import of_section
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.model import CHECKS, ERROR, NOT_ASSESSABLE, Judgement, Record
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.settings import (
    Attestation,
    MachineClass,
    Policy,
    RepositoryFacts,
    Rule,
    Scope,
    Selector,
    Waiver,
)
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.waivers import apply_waivers

RULES = {digit.key: digit.rule for digit in matrix.DIGITS}
DISK, SHARE, CLOUD = "WindowsLocal", "Nfs", "Cloud"


def repository(name: str, kind: str | None = DISK) -> Record:
    """Return a repository, found by the references that name it."""
    return record("repositories", name, kind=kind)


def lies(machine: str, *repositories: str, hours: float = 2.0) -> list[Any]:
    """Return a point of a machine in a backup on each of the repositories."""
    return [[of := backup(f"{machine} on {name}", name), point(machine, ago(hours=hours), of)] for name in repositories]


def replicated(machine: str, replica: str = "Second site", hours: float = 1.0) -> Record:
    """Return a replica point of a machine; it tells the machine's name only."""
    return new("vm_replica_points", f"{machine}@x", vm_display_name=machine, creation_time=ago(hours=hours), backup_server=BACKUP_SERVER, replica=replica)


def restored(machine: str, days: float = 5.0, result: str = "Success", seconds: float = 0.0, **values: Any) -> Record:
    """Return a restore that is over."""
    usual = {"vm_display_name": machine, "creation_time": ago(days=days, seconds=seconds), "state": "Stopped", "result": result, "job_type": "RestoreVm"}
    return new("restore_sessions", f"{machine}@x", **{**usual, "backup_server": BACKUP_SERVER, **values})


def in_job(*names: str, job_name: str = "Daily") -> list[Any]:
    """Return a host that shows the machines, and a job that names them."""
    return [*host(machines=names), job(job_name, *map(object_ref, names))]


def only(judgements: Sequence[Judgement]) -> Judgement:
    """Return the one judgement there is."""
    (judgement,) = judgements
    return judgement


def told(name: str, **facts: Any) -> RepositoryFacts:
    """Return what a policy says of repositories by their name."""
    return RepositoryFacts(Selector(names=(name,)), **facts)


def policy_of(values: Mapping[str, Mapping[str, Any]] | None = None, **more: Any) -> Policy:
    """Return a policy with the rules of all digits. Args: values: of their parameters, by rule."""
    return Policy("test", {rule: Rule(CHECKS[rule], CHECKS[rule].severity, (values or {}).get(rule, {})) for rule in RULES.values()}, **more)


# ---------------------------------------------------------------------------------------------------------
# 3


@pytest.mark.parametrize(
    ("repositories", "status"),
    [((), "fail"), (("A",), "fail"), (("A", "B"), "pass"), (("A", "B", "C"), "pass"), (("A", "A"), "fail")],
    ids=["none", "one", "exactly enough", "more", "two backups in one repository"],
)
def test_copies_are_counted_by_repository_and_with_production(repositories: Sequence[str], status: str) -> None:
    judgement = only(said("C19", estate(in_job("srv"), lies("srv", *repositories))))
    assert judgement.status == status
    assert judgement.measured == {"copies": 1 + len(set(repositories)), "places": sorted(set(repositories))}
    assert judgement.expected == {"at_least": 3}


def test_the_sentence_names_the_places_and_what_is_wanted() -> None:
    judgement = only(said("C19", estate(in_job("srv"), lies("srv", "A", "B")), {"copies": 4}))
    assert judgement.reason == "Copies of it: 3 (production, A and B); at least 4 wanted."


@pytest.mark.parametrize(("seconds", "status"), [(0, "pass"), (1, "fail")])
def test_a_copy_counts_as_long_as_its_newest_point_is_young_enough(seconds: float, status: str) -> None:
    records = estate(in_job("srv"), lies("srv", "A"), lies("srv", "B", hours=10 * 24 + seconds / 3600))
    judgement = only(said("C19", records, {"copy_max_age_days": 10}))
    assert judgement.status == status
    assert ("Left out, because the newest restore point there is older than 10 days: B." in judgement.reason) is (status == "fail")


def test_replicas_count_where_the_policy_wants_it() -> None:
    records = estate(in_job("srv"), lies("srv", "A"), replicated("srv"))
    without = only(said("C19", records))
    assert (without.status, without.reason.endswith("Its replicas do not count by the policy.")) == ("fail", True)
    judgement = only(said("C19", records, {"replicas_count": True}))
    assert (judgement.status, judgement.measured["places"]) == ("pass", ["A", "Second site"])


def test_a_class_has_its_own_number_of_copies() -> None:
    records = estate(in_job("gold", "iron"), lies("gold", "A"), lies("iron", "A"))
    classes = (MachineClass("iron", Selector(names=("iron",)), {"copies": 2}),)
    assert statuses(said("C19", records, policy={"classes": classes})) == {"gold": "fail", "iron": "pass"}


def test_repositories_of_one_name_on_two_servers_are_two_places() -> None:
    here, there = (record("repositories", "Volume", kind=DISK, backup_server=server) for server in (BACKUP_SERVER, OTHER_SERVER))
    backups = [backup("B", reference(one), backup_server=one["backup_server"]) for one in (here, there)]
    records = estate(in_job("srv"), here, there, [(one, point("srv", ago(hours=1), one)) for one in backups])
    assert only(said("C19", records)).status == "pass"


def test_a_link_that_is_not_there_is_no_repository_and_no_proof_of_none() -> None:
    records = estate(in_job("srv"), lies("srv", "A"), point("srv", ago(hours=1), of=None))
    judgement = only(said("C19", records))
    assert judgement.status == NOT_ASSESSABLE
    assert "does not tell where some of its restore points lie" in judgement.reason
    assert only(said("C19", records, {"copies": 2})).status == "pass"
    old = estate(in_job("srv"), lies("srv", "A"), point("srv", ago(days=40), of=None))
    assert only(said("C19", old)).status == "fail"


def test_a_machine_that_is_surely_gone_needs_no_copies_and_a_doubtful_one_is_not_judged() -> None:
    shown_elsewhere = host(machines=["other"])
    assert said("C19", estate(shown_elsewhere, lies("srv", "A"))) == []
    judgement = only(said("C19", estate(lies("srv", "A"))))
    assert (judgement.status, "shows whether it still exists" in judgement.reason) == (NOT_ASSESSABLE, True)


def test_an_empty_estate_has_no_judgements_and_no_rows() -> None:
    assert all(said(rule, {}) == [] for rule in RULES.values())
    assert matrix.of(made_facts({}, reads_of=RULES.values()), policy_of()) == []


def test_two_machines_of_one_name_have_copies_of_their_own() -> None:
    refs = [object_ref("srv", "vc01"), object_ref("srv", "vc02")]
    both = [(one := backup(f"B{number}", "A"), point("srv", ago(hours=1), one, ref)) for number, ref in enumerate(refs)]
    extra = backup("C", "B")
    records = estate(host("vc01", ["srv"]), host("vc02", ["srv"]), both, extra, point("srv", ago(hours=1), extra, refs[0]))
    found_by_uid = {one.subject.uid: one.status for one in said("C19", records)}
    assert found_by_uid == {refs[0]: "pass", refs[1]: "fail"}


def test_a_computer_has_copies_of_its_own_and_none_are_made_up_where_its_points_were_not_read() -> None:
    one = backup("Agents", "A")
    whole = new("restore_points", backup=reference(one))
    records = estate(computer("pc.example.com"), agent_job("Agents", "pc.example.com"), one, whole)
    with_point = {**records, "agent_restore_points": [agent_point("pc.example.com", ago(hours=1), restore_point=reference(whole))]}
    assert only(said("C19", with_point, {"copies": 2})).status == "pass"
    assert only(said("C19", records, {"copies": 2})).status == "fail"
    lost = said("C19", records, {"copies": 2}, gaps={"agent_restore_points": Gap(ERROR, "The line broke.")})
    assert {(one.subject.kind, one.status) for one in lost} == {("machine", ERROR), ("enterprise_manager", ERROR)}


# ---------------------------------------------------------------------------------------------------------
# 2


@pytest.mark.parametrize(
    ("kinds", "status", "media"),
    [
        ((DISK, "LinuxLocal"), "fail", ["disk"]),
        ((DISK, SHARE), "pass", ["disk", "network share"]),
        ((DISK, "DDBoost"), "pass", ["deduplication appliance", "disk"]),
        (("AmazonS3Compatible", CLOUD), "pass", ["cloud", "object storage"]),
        ((DISK, "Extendable"), NOT_ASSESSABLE, ["disk"]),
        (("Extendable",), NOT_ASSESSABLE, []),
        ((DISK, None), NOT_ASSESSABLE, ["disk"]),
        ((None,), "fail", []),
        ((DISK, "WordOfTomorrow"), NOT_ASSESSABLE, ["disk"]),
        ((DISK, SHARE, "Extendable"), "pass", ["disk", "network share"]),
    ],
)
def test_kinds_of_media_follow_from_kinds_of_repository(kinds: Sequence[str | None], status: str, media: list[str]) -> None:
    names = [f"R{number}" for number in range(len(kinds))]
    records = estate(in_job("srv"), [repository(name, kind) for name, kind in zip(names, kinds, strict=True)], lies("srv", *names))
    judgement = only(said("C21", records))
    assert (judgement.status, judgement.measured["media"]) == (status, media)


def test_what_is_not_known_of_media_is_named() -> None:
    records = estate(in_job("srv"), repository("A"), repository("Big one", "Extendable"), lies("srv", "A", "Big one"))
    assert only(said("C21", records)).reason.endswith("Enterprise Manager does not tell the kind of media of Big one.")


def test_the_policy_tells_media_and_may_count_production() -> None:
    records = estate(in_job("srv"), repository("A"), repository("B", "Extendable"), lies("srv", "A", "B"))
    assert only(said("C21", records, policy={"repositories": (told("B", media="tape"),)})).measured["media"] == ["disk", "tape"]
    assert only(said("C21", records, {"production_medium": "flash"})).status == "pass"
    assert only(said("C21", records, policy={"repositories": (told("B", media="disk"),)})).status == "fail"


def test_an_external_repository_is_object_storage_elsewhere() -> None:
    external = record("external_repositories", "Bucket", repository_type="AmazonS3External")
    of = backup("Cloud", reference(external))
    records = estate(in_job("srv"), repository("A"), lies("srv", "A"), of, point("srv", ago(hours=1), of))
    assert only(said("C21", records)).measured["media"] == ["disk", "object storage"]
    assert only(said("C22", records)).measured["offsite"] == ["Bucket"]


def test_without_repositories_media_and_sites_are_not_judged_at_all() -> None:
    records = estate(in_job("srv"), lies("srv", "A"))
    for rule in ("C21", "C22"):
        finding = found(rule, records, gaps={"repositories": Gap(NOT_ASSESSABLE, "The account may not.")})[0]
        assert (finding.judgement.subject.kind, finding.status) == ("enterprise_manager", NOT_ASSESSABLE)


# ---------------------------------------------------------------------------------------------------------
# 1 off site


@pytest.mark.parametrize(
    ("kinds", "status"),
    [
        ((DISK,), "fail"),
        ((DISK, DISK), NOT_ASSESSABLE),
        ((DISK, CLOUD), "pass"),
        ((CLOUD,), "pass"),
        (("AzureBlob",), "pass"),
        ((DISK, "AmazonS3Compatible"), NOT_ASSESSABLE),
        ((DISK, "AmazonSnowballEdge"), NOT_ASSESSABLE),
        ((DISK, "Extendable"), NOT_ASSESSABLE),
    ],
)
def test_without_a_word_of_the_policy_only_clouds_are_off_site(kinds: Sequence[str], status: str) -> None:
    names = [f"R{number}" for number in range(len(kinds))]
    records = estate(in_job("srv"), [repository(name, kind) for name, kind in zip(names, kinds, strict=True)], lies("srv", *names))
    judgement = only(said("C22", records))
    assert judgement.status == status
    assert ("taken to be where the machine runs" in judgement.reason) is (kinds == (DISK,))


@pytest.mark.parametrize(
    ("facts", "values", "status"),
    [
        ((told("A", site="Main"), told("B", site="Branch")), {}, "pass"),
        ((told("A", site="Main"), told("B", site="main")), {}, "fail"),
        ((told("A", site="Main"), told("B", site="Main")), {"production_site": "Branch"}, "pass"),
        ((told("A", site="Main"), told("B", site="Branch")), {"production_site": "Main", "offsite_copies": 2}, "fail"),
        ((told("A", site="Main"),), {"production_site": "Main"}, NOT_ASSESSABLE),
        ((told("A", offsite=False), told("B", offsite=False)), {}, "fail"),
        ((told("A", offsite=False), told("B", offsite=True)), {}, "pass"),
    ],
    ids=["two sites", "one site", "one site, but not the machine's", "one of two wanted", "one unknown", "told not", "told so"],
)
def test_the_policy_tells_sites(facts: tuple[RepositoryFacts, ...], values: Mapping[str, Any], status: str) -> None:
    records = estate(in_job("srv"), repository("A"), repository("B"), lies("srv", "A", "B"))
    assert only(said("C22", records, values, policy={"repositories": facts})).status == status


def test_a_cloud_of_which_the_policy_says_that_it_is_at_home_is_not_off_site() -> None:
    records = estate(in_job("srv"), repository("Vault", CLOUD), lies("srv", "Vault"))
    assert only(said("C22", records, policy={"repositories": (told("Vault", offsite=False),)})).status == "fail"


def test_a_replica_lies_on_disk_and_is_no_other_kind_of_media() -> None:
    records = estate(in_job("srv"), repository("A"), lies("srv", "A"), replicated("srv"))
    assert only(said("C21", records, {"replicas_count": True})).measured == {"media": ["disk"], "places": ["A", "Second site"]}


def test_the_policy_tells_the_site_of_a_replica_by_its_name() -> None:
    records = estate(in_job("srv"), repository("A"), lies("srv", "A"), replicated("srv"))
    facts = (told("A", site="Main"), told("Second site", site="Branch"))
    assert only(said("C22", records, {"replicas_count": True, "production_site": "Main"}, policy={"repositories": facts})).status == "pass"


def test_a_place_that_is_said_to_be_off_site_is_not_taken_for_the_home_of_the_machine() -> None:
    facts = (told("B", site="main"), told("A", site="distant", offsite=True))
    judgement = only(said("C22", estate(in_job("srv"), lies("srv", "A", "B")), {"offsite_copies": 2}, policy={"repositories": facts}))
    assert (judgement.status, judgement.measured["offsite"]) == ("fail", ["A"])


# ---------------------------------------------------------------------------------------------------------
# 1 immutable


@pytest.mark.parametrize(
    ("facts", "statuses_by_name"),
    [
        ((), {"A": NOT_ASSESSABLE, "B": NOT_ASSESSABLE}),
        ((told("A", immutable=True),), {"srv": "pass"}),
        ((told("A", immutable=False),), {"B": NOT_ASSESSABLE}),
        ((told("A", immutable=False), told("B", immutable=False)), {"srv": "fail"}),
    ],
)
def test_only_the_policy_knows_what_is_immutable(facts: tuple[RepositoryFacts, ...], statuses_by_name: dict[str, str]) -> None:
    records = estate(in_job("srv"), lies("srv", "A", "B"))
    assert statuses(said("X01", records, policy={"repositories": facts})) == statuses_by_name


def test_a_repository_is_asked_about_once_for_all_machines_that_depend_on_it() -> None:
    records = estate(in_job("one", "two", "three"), lies("one", "A"), lies("two", "A"), lies("three", "A", "B"))
    first, second = said("X01", records)
    assert (first.subject.kind, first.subject.name, first.measured) == ("repository", "A", {"machines": 3})
    assert (second.subject.name, second.measured) == ("B", {"machines": 1})
    assert "3 machines depend on it" in first.reason
    assert "1 machine depends on it" in second.reason


def test_a_doubt_stays_with_the_machine_where_the_policy_does_not_look_at_repositories() -> None:
    records = estate(in_job("one", "two"), lies("one", "A"), lies("two", "A"))
    machines_only = {"scope": Scope(include=(Selector(names=("one",)),))}
    assert statuses(found_by_policy("X01", records, **machines_only)) == {"one": NOT_ASSESSABLE}
    without_a = {"scope": Scope(exclude=(Selector(names=("A",), kinds=("repository",)),))}
    assert statuses(found_by_policy("X01", records, **without_a)) == {"one": NOT_ASSESSABLE, "two": NOT_ASSESSABLE}


def found_by_policy(rule: str, records: Mapping[str, Sequence[Record]], **policy: Any) -> list[Judgement]:
    return [finding.judgement for finding in found(rule, records, policy=policy)]


def test_a_repository_counts_only_the_machines_that_the_policy_looks_at() -> None:
    records = estate(in_job("one", "two"), lies("one", "A"), lies("two", "A"))
    judgement = only(found_by_policy("X01", records, scope=Scope(exclude=(Selector(names=("two",)),))))
    assert (judgement.subject.name, judgement.measured) == ("A", {"machines": 1})


def attestation(**scope: Any) -> Attestation:
    """Return an attestation that what lies there is immutable."""
    return Attestation("a", "X01", Selector(**scope), "It is in a vault.", "ops", ago(days=1), later(NOW, 1000))


@pytest.mark.parametrize(
    ("values", "scope", "statuses_by_name", "digits"),
    [
        ({}, {"repositories": ("A",)}, {"A": "pass", "B": NOT_ASSESSABLE}, {"one": ("pass", ["A"]), "two": (NOT_ASSESSABLE, [])}),
        ({}, {}, {"A": "pass", "B": "pass"}, {"one": ("pass", ["A", "B"]), "two": ("pass", ["B"])}),
        ({"X01": {"immutable_copies": 2}}, {"repositories": ("A",)}, {"A": "pass", "B": NOT_ASSESSABLE, "two": "fail"}, {"one": (NOT_ASSESSABLE, [])}),
    ],
    ids=["of one repository", "of all", "of too few"],
)
def test_the_digit_follows_what_is_attested_of_repositories(
    values: dict[str, Any], scope: dict[str, Any], statuses_by_name: dict[str, str], digits: dict[str, tuple[str, list[str]]]
) -> None:
    facts = made_facts(estate(in_job("one", "two"), lies("one", "A", "B"), lies("two", "B")), reads_of=RULES.values())
    policy = policy_of(values)
    section = evaluate(facts, policy)
    apply_attestations([section], [attestation(**scope)], NOW, policy)
    assert {finding.judgement.subject.name: finding.status for finding in section.findings if finding.rule == "X01"} == statuses_by_name
    rows = {row["machine"]: row["digits"]["immutable"] for row in of_section(section, policy)["matrix"]}
    assert {name: (rows[name]["status"], rows[name]["value"]) for name in digits} == digits
    assert all(not digit["missing"] for digit in rows.values() if digit["status"] == "pass")


def test_a_matrix_without_attestations_is_as_it_was() -> None:
    facts = made_facts(estate(in_job("one"), lies("one", "A")), reads_of=RULES.values())
    policy = policy_of()
    section = evaluate(facts, policy)
    apply_attestations([section], [attestation()], NOW, policy)
    of_section(section, policy)
    (row,) = matrix.of(facts, policy)
    assert row["digits"]["immutable"]["status"] == NOT_ASSESSABLE


def test_a_policy_that_does_not_ask_is_told_once_that_nobody_knows() -> None:
    facts = made_facts(estate(in_job("one", "two"), lies("one", "A")), reads_of=["X01"])
    policy = Policy("test", {"X01": Rule(CHECKS["X01"], "high", {}, asked=False)})
    (finding,) = evaluate(facts, policy).findings
    assert (finding.judgement.subject, finding.status) == (facts.own_subject, NOT_ASSESSABLE)
    assert kinds_read(policy) == {}
    assert matrix.of(facts, policy) == []


def test_a_machine_without_a_copy_has_no_immutable_one() -> None:
    assert only(said("X01", estate(in_job("srv")))).status == "fail"


# ---------------------------------------------------------------------------------------------------------
# 0


@pytest.mark.parametrize(("seconds", "status"), [(0, "pass"), (1, "fail"), (-1, "pass")])
def test_a_restore_is_a_test_for_so_many_days(seconds: float, status: str) -> None:
    records = estate(in_job("srv"), restored("srv", 30, seconds=seconds))
    judgement = only(said("C23", records, {"restore_test_days": 30}))
    assert (judgement.status, judgement.expected) == (status, {"days_at_most": 30})


@pytest.mark.parametrize(
    ("session", "status"),
    [
        ({}, "pass"),
        ({"result": "Failed"}, "fail"),
        ({"result": "Warning"}, "fail"),
        ({"state": "Working", "result": "None"}, "fail"),
        ({"state": "Working", "result": "Success"}, "fail"),
        ({"job_type": "FileLevelRestore"}, "pass"),
    ],
    ids=["went well", "failed", "warned", "goes on", "goes on and says success too early", "files"],
)
def test_only_a_restore_that_is_over_and_went_well_is_a_test(session: dict[str, Any], status: str) -> None:
    assert only(said("C23", estate(in_job("srv"), restored("srv", **session)))).status == status


def test_what_is_a_good_restore_is_for_the_policy_to_say() -> None:
    warned = estate(in_job("srv"), restored("srv", result="Warning"))
    assert only(said("C23", warned, {"good_results": ["Success", "Warning"]})).status == "pass"
    files = estate(in_job("srv"), restored("srv", job_type="FileLevelRestore"))
    assert only(said("C23", files, {"restore_types": ["RestoreVm"]})).status == "fail"


def test_a_failed_newest_restore_of_the_machine_counts_against_an_older_good_one() -> None:
    records = estate(in_job("srv"), restored("srv", 9), restored("srv", 3, "Failed"))
    judgement = only(said("C23", records))
    assert (judgement.status, judgement.reason) == ("fail", "Its newest restore, 3.0 days ago, ended with the result Failed.")
    assert only(said("C23", estate(in_job("srv"), restored("srv", 3), restored("srv", 9, "Failed")))).status == "pass"


@pytest.mark.parametrize(("by", "status"), [("job", "pass"), ("machine", "fail"), ("class", "fail")])
def test_one_machine_stands_for_its_job_its_class_or_itself(by: str, status: str) -> None:
    records = estate(in_job("tried", "same-job"), in_job("elsewhere", job_name="Other"), restored("tried"))
    classes = (MachineClass("a", Selector(names=("tried", "elsewhere")), {}), MachineClass("b", Selector(names=("same-job",)), {}))
    by_name = statuses(said("C23", records, {"by": by}, policy={"classes": classes}))
    assert by_name == {"tried": "pass", "same-job": status, "elsewhere": "pass" if by == "class" else "fail"}


def test_a_copy_or_replication_job_does_not_make_machines_stand_for_each_other() -> None:
    first, second = job("One", object_ref("a")), job("Two", object_ref("b"))
    copy = job("Copy", kind="BackupCopy", sources=[first, second])
    replication = job("Replication", object_ref("a"), object_ref("b"), kind="Replica")
    records = estate(host(machines=["a", "b"]), first, second, copy, replication, restored("a"))
    assert statuses(said("C23", records)) == {"a": "pass", "b": "fail"}


def test_a_restore_belongs_to_the_machine_whose_point_it_used_whatever_came_of_it() -> None:
    own, whole = point("srv", ago(hours=2))
    elsewhere = restored("srv-restored", restored_obj_ref=object_ref("new"), restore_point=reference(own))
    assert statuses(said("C23", estate(in_job("srv", "new", job_name="J"), own, whole, elsewhere), {"by": "machine"})) == {"srv": "pass", "new": "fail"}


@pytest.mark.parametrize(
    "session", [{"vm_display_name": None, "name": "FLR_[srv]@x"}, {"vm_display_name": None, "name": "x@x", "restored_obj_ref": object_ref("srv")}]
)
def test_a_restore_is_found_by_its_name_in_brackets_or_by_reference(session: dict[str, Any]) -> None:
    name = session.pop("name")
    records = estate(in_job("srv"), {**restored("srv", **session), "name": name})
    assert only(said("C23", records)).status == "pass"


def test_the_restore_of_a_namesake_on_another_server_is_no_test() -> None:
    records = estate(in_job("srv"), restored("srv", backup_server=OTHER_SERVER))
    assert only(said("C23", records)).status == "fail"


def test_further_back_than_restores_are_kept_nothing_is_said() -> None:
    judgement = only(said("C23", estate(in_job("srv")), {"restore_test_days": 365}))
    assert (judgement.status, "does not tell of earlier ones" in judgement.reason) == (NOT_ASSESSABLE, True)
    assert only(said("C23", estate(in_job("srv")), {"restore_test_days": 91})).status == "fail"


def test_tests_that_are_not_shown_have_to_be_attested() -> None:
    assert only(said("C23", estate(in_job("srv")), {"unseen_tests": True})).status == NOT_ASSESSABLE
    assert only(said("C23", estate(in_job("srv"), restored("srv", result="Failed")), {"unseen_tests": True})).status == "fail"


# ---------------------------------------------------------------------------------------------------------
# The matrix


def _mixed_estate() -> dict[str, list[Record]]:
    clouds = [repository("A"), repository("B", SHARE), repository("Vault", CLOUD), repository("Big", "Extendable")]
    return estate(
        in_job("full", "single", "lost", "big", "nothing"),
        *clouds,
        lies("full", "A", "B", "Vault"),
        lies("single", "A"),
        lies("lost", "A"),
        point("lost", ago(hours=1), of=None),
        lies("big", "Big"),
        restored("full"),
        replicated("single"),
    )


def test_matrix_and_findings_never_disagree() -> None:
    classes = (MachineClass("gold", Selector(names=("full",)), {"copies": 4}),)
    policy = policy_of({"C23": {"by": "machine"}}, classes=classes, repositories=(told("B", immutable=True),))
    facts = made_facts(_mixed_estate(), reads_of=RULES.values())
    rows = {row["machine"]: row for row in matrix.of(facts, policy)}
    findings = evaluate(facts, policy).findings
    seen = {(finding.rule, finding.judgement.subject.name): finding.status for finding in findings if finding.judgement.subject.kind == "machine"}
    cells = {(RULES[key], name): cell["status"] for name, row in rows.items() for key, cell in row["digits"].items()}
    # Where a word on a repository decides, the repository is asked about and not each machine.
    asked = {finding.judgement.subject.name: finding.judgement.measured for finding in findings if finding.judgement.subject.kind == "repository"}
    assert asked == {"A": {"machines": 2}, "Big": {"machines": 1}}
    waiting = {("X01", name) for name in ("big", "lost", "single")}
    assert seen == {key: status for key, status in cells.items() if key not in waiting}
    assert {cells[key] for key in waiting} == {NOT_ASSESSABLE}
    assert len(rows) == 5
    assert set(seen.values()) == {"pass", "fail", NOT_ASSESSABLE}
    assert rows["full"]["class"] == "gold"
    assert {key: cell["value"] for key, cell in rows["full"]["digits"].items()} == {
        "copies": 4,
        "media": ["cloud", "disk", "network share"],
        "offsite": ["Vault"],
        "immutable": ["B"],
        "tested": 5.0,
    }
    assert rows["single"]["digits"]["copies"] == {"status": "fail", "value": 2, "missing": "1 more"}
    assert rows["full"]["digits"]["copies"]["missing"] == ""
    assert rows["big"]["digits"]["media"]["missing"] == "the kind of media of Big"
    assert rows["nothing"]["digits"]["tested"]["missing"] == "a restore in the last 90 days"


def test_a_waived_machine_is_waived_in_the_findings_and_shown_as_it_is_in_the_matrix() -> None:
    policy = policy_of()
    section = evaluate(made_facts(_mixed_estate(), reads_of=RULES.values()), policy)
    waiver = Waiver("W-1", ("C19",), Selector(names=("single",)), "It is thrown away in spring.", "ann", "bob", "T-1", "2026-12-31")
    apply_waivers([section], [waiver], NOW, policy)
    by_name = {one.judgement.subject.name: one.status for one in section.findings if one.rule == "C19"}
    assert (by_name["single"], by_name["nothing"]) == ("waived", "fail")
    assert {row["machine"]: row["digits"]["copies"]["status"] for row in matrix.of(section.facts, policy)}["single"] == "fail"


def test_the_same_facts_are_judged_anew_under_another_policy() -> None:
    facts = made_facts(_mixed_estate(), reads_of=RULES.values())
    strict, mild = policy_of({"C19": {"copies": 5}}), policy_of({"C19": {"copies": 1}})
    seen = [{row["digits"]["copies"]["status"] for row in matrix.of(facts, policy)} for policy in (strict, mild, strict)]
    assert [("pass" in statuses_seen, "fail" in statuses_seen) for statuses_seen in seen] == [(False, True), (True, False), (False, True)]


def test_the_matrix_leaves_out_what_no_rule_looks_at() -> None:
    policy = policy_of(scope=Scope(exclude=(Selector(names=("big",)),)))
    off = {**policy.rules, "C21": Rule(CHECKS["C21"], "medium", {}, enabled=False)}
    without = {rule: one for rule, one in off.items() if rule != "C21"}
    facts = made_facts(_mixed_estate(), reads_of=without)
    rows = matrix.of(facts, Policy("test", off, scope=policy.scope))
    assert {row["machine"] for row in rows} == {"full", "single", "lost", "nothing"}
    assert {row["digits"]["media"]["missing"] for row in rows} == {"The policy does not ask for it."}
    assert matrix.of(facts, Policy("test", {})) == []


def test_what_could_not_be_read_is_so_in_every_row() -> None:
    facts = made_facts(_mixed_estate(), reads_of=RULES.values(), gaps={"restore_sessions": Gap(ERROR, "The line broke.")})
    rows = matrix.of(facts, policy_of())
    assert {row["digits"]["tested"]["status"] for row in rows} == {ERROR}
    assert {row["digits"]["copies"]["status"] for row in rows} > {"pass"}


def test_the_simulated_estates_have_a_row_for_each_machine_with_a_job() -> None:
    policy = policy_of()
    facts = facts_of(RigEm(estate="healthy"), kinds_read(policy))
    rows = {row["machine"]: row["digits"] for row in matrix.of(facts, policy)}
    assert {key: cell["status"] for key, cell in rows["srv-sql-01"].items()} == {
        "copies": "pass",
        "media": "pass",
        "offsite": "pass",
        "immutable": NOT_ASSESSABLE,
        "tested": "pass",
    }
    assert rows["srv-sql-01"]["offsite"]["value"] == ["Cloud Vault 01"]


def test_many_machines_are_work_in_proportion_to_their_number() -> None:
    policy = policy_of()

    def steps(machines: int) -> int:
        backups = [backup(f"B{number}", f"R{number}") for number in range(4)]
        wholes = [new("restore_points", backup=reference(one)) for one in backups]
        names = [f"srv-{number:05}" for number in range(machines)]
        one = point("x", ago(hours=1))[0]
        points = [
            {**one, "id": f"{name}-{number}", "vm_display_name": name, "hierarchy_obj_ref": object_ref(name), "restore_point": reference(wholes[number % 4])}
            for name in names
            for number in range(10)
        ]
        daily = job("Daily", *map(object_ref, names))
        parts = estate([repository(f"R{number}") for number in range(4)], backups, wholes, daily, points, restored(names[0]))
        facts = made_facts(parts, reads_of=RULES.values())
        assert len(facts.inhabitants.all) == machines
        rows: list[Record] = []
        steps = steps_of(lambda: rows.extend(matrix.of(facts, policy)))
        assert len(rows) == machines
        return steps

    assert steps(250) < 6 * steps(50)


# ---------------------------------------------------------------------------------------------------------
# Copy jobs


def _copied(**values: Any) -> tuple[Record, Record]:
    source = job("Daily", object_ref("a"), object_ref("b"))
    return source, job("Copy", kind="BackupCopy", sources=[source], **values)


def test_a_job_that_a_copy_job_is_linked_with_is_copied() -> None:
    source, copy = _copied()
    assert statuses(said("C20", estate(source, copy))) == {"Daily": "pass"}
    assert only(said("C20", estate(source, copy))).reason == "It is copied by Copy."
    assert statuses(said("C20", estate(source))) == {"Daily": "fail"}


def test_a_copy_job_that_is_switched_off_copies_nothing() -> None:
    source, copy = _copied(schedule_enabled=False)
    assert only(said("C20", estate(source, copy))).status == "fail"


def test_a_link_by_another_word_for_the_same_id_is_one() -> None:
    source = agent_job("Agents", "pc")
    copy = job("Copy", kind="ImmediateBackupCopy", sources=[{"uid": f"urn:veeam:Job:{source['id'].upper()}"}])
    assert only(said("C20", estate(source, copy))).status == "pass"
    assert said("C20", estate(source), {"agent_jobs": False}) == []


@pytest.mark.parametrize(
    ("field", "uid"), [("linked_backup_repository_includes", "linked_backup_repository_uid"), ("linked_backup_includes", "linked_backup_uid")]
)
def test_a_copy_job_may_read_the_backup_or_its_repository(field: str, uid: str) -> None:
    source, made = job("Daily", object_ref("a")), backup("Daily", "A")
    target = made if "uid" in uid and "repository" not in uid else made["repository"]
    copy = job(
        "Copy",
        kind="ImmediateBackupCopy",
        job_info={"immediate_backup_copy_job_info": {field: [{uid: target["uid"].split(":Repository:")[0] + ":X:" + target["id"]}]}},
    )
    assert only(said("C20", estate(source, made, copy))).status == "pass"
    assert only(said("C20", estate(source, backup("Daily", "B"), copy))).status == "fail"


def test_a_job_is_copied_when_copy_jobs_name_each_of_its_machines() -> None:
    source = job("Daily", object_ref("a"), object_ref("b"))
    copies = [job(f"Copy {name}", object_ref(name), kind="BackupCopy") for name in ("a", "b")]
    assert only(said("C20", estate(source, copies))).status == "pass"
    judgement = only(said("C20", estate(source, copies[0])))
    assert (judgement.status, judgement.reason) == ("fail", "No enabled copy job reads it. Copy jobs name 1 of its 2 machines.")


def test_a_copy_that_names_machines_takes_nothing_else_from_the_job_it_is_linked_with() -> None:
    source = job("Daily", object_ref("a"), object_ref("b"))
    copy = job("Copy", object_ref("a"), kind="BackupCopy", sources=[source])
    assert only(said("C20", estate(source, copy))).status == "fail"


def test_a_container_of_a_copy_counts_with_what_is_in_it_and_a_closed_one_leaves_a_doubt() -> None:
    folder = object_ref("web", kind="Folder")
    source, copy = job("Daily", object_ref("a")), job("Copy", folder, kind="BackupCopy")
    assert only(said("C20", estate(source, copy, held(folder, "a")))).status == "pass"
    assert only(said("C20", estate(source, copy, held(folder, "b")))).status == "fail"
    assert only(said("C20", estate(source, copy, closed(folder)))).status == NOT_ASSESSABLE


def test_a_copy_job_of_another_server_is_no_copy_job_of_this_one() -> None:
    source = job("Daily", object_ref("a"))
    copy = job("Copy", kind="BackupCopy", sources=[source], backup_server=OTHER_SERVER)
    assert only(said("C20", estate(source, copy))).status == "fail"


def test_a_job_without_a_machine_and_without_a_backup_has_nothing_to_copy() -> None:
    folder = object_ref("web", kind="Folder")
    assert said("C20", estate(job("Empty"))) == []
    assert statuses(said("C20", estate(job("Emptied"), backup("Emptied", "A"), job("Shut", folder), closed(folder)))) == {"Emptied": "fail", "Shut": "fail"}


def test_jobs_that_are_off_copies_and_replications_need_no_copy() -> None:
    off = job("Off", object_ref("a"), schedule_enabled=False)
    assert said("C20", estate(off, job("Copy", kind="BackupCopy"), job("R", object_ref("a"), kind="Replica"))) == []
    assert said("C20", {}) == []
