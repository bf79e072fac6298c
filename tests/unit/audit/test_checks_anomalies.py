# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is far from usual, and what is not: sizes, ratios and durations against those of former runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from estate import agent_job, agent_point, backup, computer, estate, going_on, host, job, new, object_ref, point, reference, run, task
from records import BACKUP_SERVER, SERVER, ago, found, said, statuses

from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.checks.anomalies import _median
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.facts import Gap
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.model import ERROR, Judgement, Record

SQL = job("SQL", object_ref("sql"))
SQL_BACKUP = backup("SQL")
GIB = 2**30
VALUES = {"samples": 5, "deviations": 6, "least_change_percent": 50, "least_change_minutes": 10}


def judged(*parts: Any, kind: str = "machine", **values: Any) -> Judgement:
    """Return the one judgement about a machine of an estate, or about a job or backup."""
    (judgement,) = judged_all(*parts, kind=kind, **values)
    return judgement


def judged_all(*parts: Any, kind: str = "machine", **values: Any) -> list[Judgement]:
    """Return what is said of the things of a kind."""
    return [one for one in said("C29", estate(*parts), {**VALUES, **values}) if one.subject.kind == kind]


def runs(minutes: Sequence[float] = (), sizes: Sequence[float] = (), kinds: Sequence[str | None] = (), of: Record = SQL) -> list[Any]:
    """Return runs of one machine, the newest first, a day apart; kinds are those of the restore points that they made."""
    made: list[Any] = [of]
    for day in range(max(map(len, (minutes, sizes, kinds)))):
        session = run(of, ago(1, day))
        kind = kinds[day] if kinds else "Increment"
        own = point("sql", session["creation_time"], SQL_BACKUP, point_type=kind)
        size = int(sizes[day] * GIB) if sizes else 100 * GIB
        made += [session, own, task("sql", session, minutes=minutes[day] if minutes else 20, total_size=size, restore_point=reference(own[0]))]
    return made


@pytest.mark.parametrize(
    ("newest", "status"),
    [(20, "pass"), (30, "pass"), (30.1, "fail"), (10, "pass"), (9.9, "fail")],
)
def test_a_duration_may_change_by_the_least_changes(newest: float, status: str) -> None:
    judgement = judged(runs([newest, 20, 20, 20, 20, 20]))
    assert (judgement.status, judgement.expected["minutes"]) == (status, {"usual": 20.0, "within": 10.0})


@pytest.mark.parametrize(("newest", "status"), [(150, "pass"), (150.1, "fail"), (50, "pass"), (49.9, "fail"), (1000, "fail")])
def test_a_size_may_change_by_half(newest: float, status: str) -> None:
    assert judged(runs(sizes=[newest, 100, 100, 100, 100, 100])).status == status


def test_what_varies_a_lot_may_vary_a_lot() -> None:
    steady, restless = [100, 101, 99, 100, 102, 98], [100, 60, 140, 70, 130, 100]
    assert judged(runs(sizes=[190, *steady])).status == "fail"
    assert judged(runs(sizes=[190, *restless])).status == "pass"


def test_a_few_odd_runs_do_not_say_what_is_usual() -> None:
    assert judged(runs(sizes=[100, 5000, 100, 101, 99, 5000, 100])).status == "pass"
    assert judged(runs(sizes=[5000, 5000, 100, 101, 99, 100, 100])).status == "fail"


@pytest.mark.parametrize(("former", "status"), [(4, "not_assessable"), (5, "pass")])
def test_with_too_few_former_runs_nobody_can_say(former: int, status: str) -> None:
    judgement = judged(runs([20] * (former + 1)))
    assert judgement.status == status
    if status == "not_assessable":
        assert judgement.reason == "There are 4 former ones to compare its newest run with; it takes 5 to say what is usual."


def test_a_full_run_is_compared_with_full_runs_only() -> None:
    kinds = ["Full", *["Increment"] * 6]
    minutes = [300, *[20] * 6]
    assert judged(runs(minutes, kinds=kinds)).status == "not_assessable"
    often = ["Full", "Increment"] * 6
    assert judged(runs([300, 20] * 6, kinds=often)).status == "pass"
    assert judged(runs([300, 20] * 6, kinds=[None] * 12)).status == "not_assessable"
    assert judged(runs([20] * 12, kinds=[None] * 12)).status == "pass"
    assert judged(runs([900, *[300, 20] * 6], kinds=["Full", *["Full", "Increment"] * 6])).status == "fail"


def test_runs_of_another_job_are_not_compared() -> None:
    other = job("Other", object_ref("sql"))
    judgement = judged(runs([20] * 6), run(other, ago(0.5)))
    assert judgement.status == "pass"
    long = run(other, ago(0.5))
    assert judged(runs([20] * 6), long, task("sql", long, minutes=400)).status == "not_assessable"


def test_a_failed_run_and_one_that_goes_on_are_passed_over() -> None:
    failed, running = run(SQL, ago(0.5), result="Failed"), going_on(SQL, ago(0.2))
    odd = [failed, task("sql", failed, "Failed", total_size=0), running, task("sql", running, state="InProgress", end_time=None)]
    assert judged(runs([20] * 6), odd).status == "pass"
    assert judged_all(SQL, odd) == []


def test_runs_of_computers_are_compared_by_the_points_of_their_agents() -> None:
    agents = agent_job("Agents", "phys-01")
    made: list[Any] = [agents, computer("phys-01")]
    for day in range(7):
        session = run(agents, ago(1, day))
        own = agent_point("phys-01", ago(1, day), point_type="Full" if day == 0 else "Increment")
        made += [session, own, task("phys-01", session, ref=None, restore_point=reference(own))]
    assert judged(made).status == "not_assessable"


# -- jobs ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("newest", "status"), [(5, "pass"), (20, "pass"), (20.1, "not_assessable")])
def test_a_long_run_of_a_job_is_in_doubt_where_nothing_tells_what_it_made(newest: float, status: str) -> None:
    former = [run(SQL, ago(1, day), 10) for day in range(1, 6)]
    assert judged(SQL, run(SQL, ago(1), newest), former, kind="job").status == status


def of_sorts(job_of_all: Record, *runs_of_it: tuple[float, str]) -> list[Any]:
    """Return runs with their lengths in minutes, the newest first, in each of which one machine got a point of the sort and another an increment."""
    made: list[Any] = [job_of_all]
    for day, (minutes, kind) in enumerate(runs_of_it):
        session = run(job_of_all, ago(1, day), minutes)
        for name, sort in (("sql", kind), ("web", "Increment")):
            own = point(name, ago(1, day), SQL_BACKUP, point_type=sort)
            made += [session if name == "sql" else [], own, task(name, session, restore_point=reference(own[0]))]
    return made


def test_runs_of_a_job_are_compared_with_those_that_made_full_points_when_they_did() -> None:
    usual = [(10.0, "Increment"), (200.0, "Full")] * 5
    assert judged(of_sorts(SQL, (10.0, "Increment"), *usual), kind="job").status == "pass"
    assert judged(of_sorts(SQL, (200.0, "Full"), *usual), kind="job").status == "pass"
    assert judged(of_sorts(SQL, (200.0, "Increment"), *usual), kind="job").status == "fail"


def test_retries_failed_runs_and_copies_are_left_out_and_replicas_are_not() -> None:
    copy, replica = job("Copy", kind="BackupCopy"), job("Replica", kind="Replica")
    assert judged_all(copy, [run(copy, ago(1, day), 400 if day == 0 else 10) for day in range(9)], kind="job") == []
    odd = [run(SQL, ago(0.5), 300, is_retry=True), run(SQL, ago(0.6), 300, result="Failed")]
    assert judged(SQL, odd, [run(SQL, ago(1, day), 10) for day in range(6)], kind="job").status == "pass"
    slow = [run(replica, ago(1, day), 400 if day == 0 else 10) for day in range(9)]
    assert judged(replica, slow, kind="job").status == "fail"


# -- files --------------------------------------------------------------------------------------------------


def files(sizes: Sequence[float], ratios: Sequence[float] = (), kind: str = "vib", of: Record = SQL_BACKUP) -> list[Record]:
    """Return files of a backup, the newest first, a day apart."""
    return [
        new(
            "backup_files",
            f"{day}.{kind}",
            file_type=kind,
            creation_time=ago(1, day),
            backup_size=int(size * GIB),
            compress_ratio=ratios[day] if ratios else 2.0,
            deduplication_ratio=1.5,
            backup=reference(of),
            backup_server=BACKUP_SERVER,
        )
        for day, size in enumerate(sizes)
    ]


def test_a_file_that_grew_and_one_that_is_hardly_compressed_fail() -> None:
    assert judged(files([4, 4, 4, 4, 4, 4]), kind="backup").status == "pass"
    grown = judged(files([40, 4, 4, 4, 4, 4]), kind="backup")
    assert (grown.status, grown.subject.kind, grown.subject.name) == ("fail", "backup", "SQL")
    assert "size in bytes 4.29497e+10, usually 4.29497e+09" in grown.reason
    encrypted = judged(files([4] * 6, [1.0, 2.1, 2.2, 2.1, 2.0, 2.1]), kind="backup", least_change_percent=30)
    assert (encrypted.status, "compression ratio 1, usually 2.1" in encrypted.reason) == ("fail", True)


def test_a_full_file_is_not_compared_with_increments() -> None:
    full = files([400], kind="vbk")
    assert judged(full, [{**file, "creation_time": ago(2, day)} for day, file in enumerate(files([4] * 6))], kind="backup").status == "not_assessable"


def test_each_backup_is_judged_and_lost_files_are_told() -> None:
    other = backup("Other")
    assert statuses(said("C29", estate(files([4] * 6), files([40, *[4] * 5], of=other)), VALUES)) == {"SQL": "pass", "Other": "fail"}
    assert statuses(said("C29", gaps={"backup_files": Gap(ERROR, "Lost.")})) == {SERVER: ERROR}


def test_a_machine_that_is_gone_is_history_and_an_empty_estate_says_nothing() -> None:
    former = job("SQL", object_ref("other"))
    assert judged_all(host(machines=["other"]), runs([400, *[20] * 6], of=former)) == []
    assert said("C29") == []


def test_lost_runs_are_an_error() -> None:
    (finding,) = found("C29", gaps={"backup_task_sessions": Gap(ERROR, "Lost.")})
    assert finding.status == ERROR


@pytest.mark.parametrize(("values", "middle"), [([3], 3), ([5, 1], 3), ([9, 1, 2], 2), ([4, 1, 3, 2], 2.5)])
def test_the_median(values: list[float], middle: float) -> None:
    assert _median(values) == middle
