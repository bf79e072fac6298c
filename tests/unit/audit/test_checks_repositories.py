# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks on repositories: free space, and in how many days they are full."""

from __future__ import annotations

import dataclasses

import pytest
from records import ago, found, made_facts, record, said, statuses

from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.facts import Facts, Gap
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.filling import days_to_full
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.model import ERROR, NOT_ASSESSABLE, Record

TIB = 1024**4
GIB = 1024**3


def repository(name: str = "Volume", capacity: int | None = 10 * TIB, free: int | None = 5 * TIB, **values: object) -> Record:
    return record("repositories", name, capacity=capacity, free_space=free, kind="WindowsLocal", backup_server="vbr01", **values)


def files(to: Record, *days_and_sizes: tuple[float, int]) -> dict[str, list[Record]]:
    """Return a backup in a repository with files of that age in days and size in bytes."""
    backup = record("backups", "Nightly", repository={name: to[name] for name in ("id", "uid", "name", "type")})
    link = {name: backup[name] for name in ("id", "uid", "name", "type")}
    made = [
        record("backup_files", f"f{number}", backup=link, backup_size=size, creation_time=ago(days=days)) for number, (days, size) in enumerate(days_and_sizes)
    ]
    return {"backups": [backup], "backup_files": made}


def earlier(days: float, *repositories: Record) -> Facts:
    """Return the facts of an audit so many days before now."""
    return made_facts({"repositories": list(repositories)}, now=ago(days=days))


# -- C27 ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("free", "status"), [(TIB, "pass"), (TIB - 1, "fail"), (0, "fail"), (10 * TIB, "pass")])
def test_a_repository_needs_a_tenth_of_its_capacity_free_and_exactly_that_is_enough(free: int, status: str) -> None:
    (judgement,) = said("C27", {"repositories": [repository(free=free)]})
    assert judgement.status == status
    assert judgement.subject.kind == "repository" and judgement.subject.backup_server == "vbr01"
    assert judgement.answers == (1,)


def test_the_sentence_tells_a_share_that_misses_the_limit_by_a_hair_apart_from_it() -> None:
    (judgement,) = said("C27", {"repositories": [repository(free=TIB - GIB)]})
    assert judgement.reason == "9.99 % of it are free (1023.0 GiB of 10240.0 GiB); at least 10.00 % have to be."


def test_the_limit_of_free_space_is_the_policy_s() -> None:
    assert statuses(said("C27", {"repositories": [repository(free=4 * TIB)]}, {"free_percent": 41})) == {"Volume": "fail"}


@pytest.mark.parametrize(("capacity", "free"), [(None, None), (10 * TIB, None), (None, TIB), (0, 0)])
def test_a_repository_of_unknown_size_is_neither_full_nor_empty(capacity: int | None, free: int | None) -> None:
    (judgement,) = said("C27", {"repositories": [repository(capacity=capacity, free=free)]})
    assert judgement.status == NOT_ASSESSABLE and "does not say how large" in judgement.reason


def test_one_name_on_two_backup_servers_is_two_repositories() -> None:
    here, there = repository(free=0), record("repositories", "Volume", capacity=TIB, free_space=TIB, backup_server="vbr02")
    judgements = said("C27", {"repositories": [here, there]})
    assert [(one.subject.backup_server, one.status) for one in judgements] == [("vbr01", "fail"), ("vbr02", "pass")]


def test_no_repository_gives_no_judgement_and_none_that_was_lost_an_error() -> None:
    assert said("C27") == []
    (finding,) = found("C27", gaps={"repositories": Gap(ERROR, "The connection was cut.")})
    assert finding.status == ERROR


# -- C28: by history ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("growth", "status", "days"), [(100 * GIB, "pass", 51.2), (170 * GIB, "pass", 30.1), (171 * GIB, "fail", 29.9)])
def test_audits_of_the_past_tell_the_trend(growth: int, status: str, days: float) -> None:
    history = [earlier(back, repository(free=5 * TIB + back * growth)) for back in (10, 7, 5, 1)]
    (judgement,) = said("C28", {"repositories": [repository()]}, history=history)
    assert judgement.status == status
    assert judgement.measured == {"days_to_full": days, "growth_bytes_a_day": growth, "basis": "history", "points": 5, "span_days": 10.0}
    assert (
        judgement.reason == f"By 5 audits in 10.0 days it grows by {growth / GIB:.1f} GiB a day, with which it is full in {days} days; it has to last 30 days."
    )


def test_a_repository_that_lasts_exactly_as_long_as_it_has_to_passes() -> None:
    def status_of(free: int) -> str:
        return said("C28", {"repositories": [repository(free=free)]}, history=[earlier(10, repository(free=free + 10 * TIB // 10))], values={"days": 30})[
            0
        ].status

    assert status_of(3 * TIB) == "pass"
    assert status_of(3 * TIB - 1) == "fail"


def test_one_odd_audit_does_not_bend_the_trend() -> None:
    history = [earlier(back, repository(free=5 * TIB + back * GIB)) for back in (9, 8, 7, 5, 4, 3, 2, 1)]
    odd = earlier(6, repository(free=TIB))
    (judgement,) = said("C28", {"repositories": [repository()]}, history=[*history, odd])
    assert judgement.measured["growth_bytes_a_day"] == pytest.approx(GIB, rel=0.05)


def test_a_repository_that_empties_or_stays_as_it_is_is_never_full() -> None:
    for before in (5 * TIB, 4 * TIB):
        (judgement,) = said("C28", {"repositories": [repository()]}, history=[earlier(8, repository(free=before))])
        assert judgement.status == "pass" and judgement.measured["days_to_full"] is None
        assert judgement.reason == "By 2 audits in 8.0 days it does not grow; it has to last 30 days."


def test_audits_that_span_too_few_days_do_not_count_and_exactly_enough_do() -> None:
    def basis(days: float) -> str:
        return said("C28", {"repositories": [repository()]}, history=[earlier(days, repository(free=6 * TIB))])[0].measured["basis"]

    assert basis(7) == "history"
    assert basis(7 - 1 / 86400) == "unknown"


def test_the_same_audit_twice_and_one_of_the_future_are_no_history() -> None:
    history = [made_facts({"repositories": [repository(free=9 * TIB)]}), earlier(-8, repository(free=TIB))]
    (judgement,) = said("C28", {"repositories": [repository()]}, history=history)
    assert judgement.measured["basis"] == "unknown" and judgement.status == NOT_ASSESSABLE


def test_an_audit_in_which_repositories_were_not_read_says_nothing_of_them() -> None:
    lost = dataclasses.replace(earlier(20), gaps={"repositories": Gap(ERROR, "lost")})
    other = Facts(earlier(15).server, earlier(15).now, {})
    (judgement,) = said("C28", {"repositories": [repository()]}, history=[lost, other, earlier(8, repository(free=6 * TIB))])
    assert judgement.measured["points"] == 2


def test_the_order_of_the_history_does_not_matter_and_a_long_one_is_thinned_out() -> None:
    history = [earlier(back, repository(free=5 * TIB + back * 10 * GIB)) for back in range(1, 400)]
    records = {"repositories": [repository()]}
    one, other = said("C28", records, history=history), said("C28", records, history=history[::-1])
    assert one == other
    assert one[0].measured["growth_bytes_a_day"] == 10 * GIB and one[0].measured["points"] == 400


# -- C28: by backup files -------------------------------------------------------------------------------------


def test_without_history_the_files_of_two_weeks_tell_the_worst_case_which_can_pass() -> None:
    one = repository()
    (judgement,) = said("C28", {"repositories": [one], **files(one, *((day + 0.5, 100 * GIB) for day in range(20)))})
    assert judgement.status == "pass"
    assert judgement.measured == {"days_to_full": 51.2, "growth_bytes_a_day": 100 * GIB, "basis": "backup_files", "points": 14, "span_days": 14.0}
    assert judgement.reason.startswith("Estimated from the files of the last 14 days")


def test_the_worst_case_alone_is_no_proof_of_a_fail_unless_the_policy_takes_it_for_one() -> None:
    one = repository(free=TIB)
    records = {"repositories": [one], **files(one, *((day + 0.5, 100 * GIB) for day in range(20)))}
    (open_question,) = said("C28", records)
    assert open_question.status == NOT_ASSESSABLE and "worst case" in open_question.reason and open_question.measured["days_to_full"] == 10.2
    assert statuses(said("C28", records, {"estimate_can_fail": True})) == {"Volume": "fail"}


def test_a_repository_that_is_three_days_old_is_divided_by_three_days() -> None:
    one = repository()
    (judgement,) = said("C28", {"repositories": [one], **files(one, (2.5, 300 * GIB), (0.1, 300 * GIB))})
    assert judgement.measured["growth_bytes_a_day"] == 200 * GIB and judgement.measured["points"] == 2


def test_files_of_today_alone_tell_no_trend() -> None:
    one = repository()
    (judgement,) = said("C28", {"repositories": [one], **files(one, (0.9, GIB), (0.1, GIB))})
    assert judgement.status == NOT_ASSESSABLE and judgement.measured["basis"] == "unknown"


def test_a_repository_to_which_nothing_was_written_of_late_passes() -> None:
    one = repository()
    (judgement,) = said("C28", {"repositories": [one], **files(one, (40, TIB))})
    assert judgement.status == "pass" and judgement.reason == "No backup file was written to it in the last 14 days; it has to last 30 days."


def test_what_is_written_cannot_be_told_where_a_young_file_has_no_size() -> None:
    one = repository()
    records = files(one, (3, GIB), (2, GIB))
    unsized = record("backup_files", "no size", backup=records["backup_files"][0]["backup"])
    for days, status in ((1, NOT_ASSESSABLE), (40, "pass")):
        with_it = {**records, "backup_files": [*records["backup_files"], {**unsized, "creation_time": ago(days=days)}]}
        assert statuses(said("C28", {"repositories": [one], **with_it})) == {"Volume": status}


def test_files_without_time_or_place_count_for_nothing() -> None:
    one = repository()
    records = files(one, (3, GIB), (2, GIB))
    records["backup_files"] += [
        record("backup_files", "no time", backup=records["backup_files"][0]["backup"], backup_size=TIB),
        record("backup_files", "no backup", backup_size=TIB, creation_time=ago(days=1)),
        record("backup_files", "to come", backup=records["backup_files"][0]["backup"], backup_size=TIB, creation_time=ago(days=-1)),
    ]
    (judgement,) = said("C28", {"repositories": [one], **records})
    assert judgement.measured["growth_bytes_a_day"] == 2 * GIB // 4


def test_an_empty_repository_passes_and_one_with_unknown_content_stays_open() -> None:
    empty, used = repository("Spare", free=10 * TIB - GIB), repository("Used", free=9 * TIB)
    assert statuses(said("C28", {"repositories": [empty, used]})) == {"Spare": "pass", "Used": NOT_ASSESSABLE}


def test_without_the_right_to_read_files_there_is_only_history() -> None:
    one = repository()
    for kind in ("backup_files", "backups"):
        gaps = {kind: Gap(NOT_ASSESSABLE, "no right")}
        (open_question,) = found("C28", {"repositories": [one], **files(one, (5, GIB))}, gaps=gaps)
        assert (open_question.status, open_question.judgement.subject.name) == (NOT_ASSESSABLE, "Volume")
        (finding,) = found("C28", {"repositories": [one]}, history=[earlier(8, one)], gaps=gaps)
        assert finding.status == "pass"


def test_a_repository_of_unknown_size_is_never_said_to_be_full() -> None:
    unknown = repository(capacity=None, free=None)
    (judgement,) = said("C28", {"repositories": [unknown]}, history=[earlier(8, repository(free=TIB))])
    assert judgement.status == NOT_ASSESSABLE and "does not say how large" in judgement.reason


def test_a_hundred_thousand_files_are_looked_at_once() -> None:
    one = repository()
    records = files(one, (3, GIB))
    template = records["backup_files"][0]
    many = [{**template, "creation_time": ago(days=number % 13)} for number in range(100)] * 1000
    forecast = days_to_full(made_facts({"repositories": [one], "backups": records["backups"], "backup_files": many}))[one["id"]]
    assert forecast.growth == pytest.approx(100_000 * GIB / 13)
