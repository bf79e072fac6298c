# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every defect on order makes wrong what it says and nothing else, and whoever reads the answers sees it."""

from __future__ import annotations

import functools
import json
import random
from pathlib import Path
from typing import Any, Callable

import pytest
from all_answers import read_all
from hand_audit import Fault, judge

from em_simulator.connections import loose_ends
from em_simulator.declarations import BY_THING, BY_TYPE
from em_simulator.defects import DEFECTS
from em_simulator.offline import Rig

pytestmark = pytest.mark.thorough

README = Path(__file__).resolve().parents[2] / "simulator" / "README.md"
Expected = Callable[[dict[str, Any]], set[Fault]]


def itself(*faults: str) -> Expected:
    """Of the thing that was planted all this is wrong."""
    return lambda planted: {(fault, planted["name"]) for fault in faults}


def machines(fault: str) -> Expected:
    """This is wrong with every machine of the details."""
    return lambda planted: {(fault, name) for name in planted["details"]["machines"]}


def also(fault: str, detail: str) -> Expected:
    """This is wrong with what a detail names, one thing or a list."""

    def found(planted: dict[str, Any]) -> set[Fault]:
        named = planted["details"][detail]
        return {(fault, name) for name in ([named] if isinstance(named, str) else named)}

    return found


def both(*parts: Expected) -> Expected:
    """All of these."""
    return lambda planted: {fault for part in parts for fault in part(planted)}


ON_ONE_REPOSITORY = itself("one repository", "one kind", "on site")

# What an auditor finds, for every defect.
FOUND: dict[str, Expected] = {
    "machine_in_no_job": itself("unprotected"),
    "machine_in_switched_off_job": both(itself("unprotected"), also("off", "job")),
    "in_two_jobs": itself("in two jobs"),
    "gone_machine_in_job": itself("gone"),
    "last_backup_old": itself("backup old"),
    "never_backed_up": both(itself("backup old", "few points"), ON_ONE_REPOSITORY),
    "last_run_failed": itself("failed"),
    "last_run_warned": itself("warned"),
    "few_points_kept": itself("few points"),
    "on_one_repository": ON_ONE_REPOSITORY,
    "replica_old": itself("replica old"),
    "planned_replica_old": both(itself("replica old"), also("plan without replica", "plans")),
    "last_replication_failed": itself("failed replica"),
    "fails_in_a_row": itself("fails"),
    "missed_its_schedule": itself("missed"),
    "runs_for_ever": itself("runs for ever"),
    "outside_the_window": itself("outside the window"),
    "run_took_long": itself("took long"),
    "job_switched_off": itself("off"),
    "job_without_schedule": itself("off"),
    "empty_job": itself("empty"),
    "no_retries": itself("no retries"),
    "application_awareness_off": itself("application-aware"),
    "application_failures_ignored": itself("application-aware"),
    "sql_logs_rarely": itself("logs"),
    "oracle_logs_rarely": itself("logs"),
    "short_retention": itself("retention"),
    "no_long_retention": itself("long retention"),
    "short_long_retention": itself("long retention"),
    "job_not_encrypted": itself("not encrypted"),
    "encryption_key_gone": itself("key gone"),
    "full_backup_old": itself("no full"),
    "reverse_increments": itself("reverse"),
    "size_jumped": itself("odd size"),
    "compression_lost": itself("odd size"),
    "feeds_no_copy": itself("feeds no copy"),
    "on_one_kind_of_media": machines("one kind"),
    "no_copy_off_site": machines("on site"),
    "restore_never_tried": itself("no restore"),
    "restore_failed": itself("no restore"),
    "restore_tried_long_ago": itself("no restore"),
    "repository_full": itself("full", "fills up"),
    "repository_fills_up": itself("fills up"),
    "old_build": itself("old build"),
    "encryption_key_old": itself("old key"),
    "accelerator_out_of_date": itself("old accelerator"),
    "collection_failed": itself("collection"),
    "collection_old": itself("collection"),
    "more_administrators": lambda planted: {("administrators", str(planted["details"]["administrators"]))},
    "everyone_may_log_on": itself("everyone"),
    "may_restore_everything": itself("restores all"),
    "files_without_limits": itself("restores files"),
    "databases_in_place": itself("restores databases"),
    "logons_pile_up": itself("logons"),
    "unknown_logon": itself("stranger"),
    "computer_offline": itself("offline"),
    "agent_not_installed": itself("no agent"),
    "agent_out_of_date": itself("old agent"),
    "rescan_off": itself("rescan"),
    "shares_without_schedule": itself("shares off"),
    "shares_kept_shortly": itself("shares retention"),
    "shares_without_archive": itself("shares archive"),
    "policy_switched_off": itself("policy off"),
    "continuous_replication_failed": itself("policy failed"),
    "planned_without_replica": itself("plan without replica"),
    "planned_without_order": itself("plan without order"),
    "lease_over": itself("lease"),
    "quota_used_up": itself("quota"),
    "tenant_inactive": itself("inactive"),
    "recycle_bin_off": itself("recycle bin"),
}
# Only who compares with before sees these.
CHANGES = (
    "account_added",
    "another_certificate",
    "job_added",
    "job_described_anew",
    "job_removed",
    "managed_server_added",
    "repository_added",
    "repository_removed",
    "retention_changed",
    "scope_added",
)


@functools.cache
def healthy_answers(as_json: bool) -> dict[str, frozenset[bytes]]:
    rig = Rig("healthy", "13")
    rig.log_on()
    return read_all(rig, as_json)


def with_defect(name: str, profile: str = "12", **settings: Any) -> tuple[Rig, dict[str, Any]]:
    rig = Rig("healthy", profile, defects=[name], **settings)
    (planted,) = rig.installation.planted
    return rig, planted


def test_every_defect_is_judged() -> None:
    assert set(DEFECTS) == {*FOUND, *CHANGES}


@pytest.mark.parametrize("name", FOUND)
def test_a_defect_is_found_and_nothing_else(name: str) -> None:
    rig, planted = with_defect(name)
    assert judge(rig) == FOUND[name](planted)


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_nothing_wrong(name: str) -> None:
    assert judge(with_defect(name)[0]) == set()


@pytest.mark.parametrize("name", sorted(DEFECTS))
def test_a_defect_shows_in_both_formats_where_it_says_and_nowhere_else(name: str) -> None:
    rig, planted = with_defect(name, "13")
    rig.log_on()
    shown = {kind for kind, bodies in read_all(rig, as_json=True).items() if bodies != healthy_answers(True)[kind]}
    assert set() != shown <= DEFECTS[name].changes
    assert shown == {kind for kind, bodies in read_all(rig, False, DEFECTS[name].changes).items() if bodies != healthy_answers(False)[kind]}
    assert loose_ends(rig.installation.world) == []
    assert planted["defect"] == name
    assert planted["thing"] == DEFECTS[name].thing


@pytest.mark.parametrize("name", sorted(DEFECTS))
def test_a_defect_is_declared_in_known_words(name: str) -> None:
    found = DEFECTS[name]
    assert found.changes <= set(BY_TYPE)
    assert found.thing in {*BY_THING, "machine"}
    assert found.sentence.endswith(".")


@pytest.mark.parametrize("seed", range(4))
def test_many_defects_in_one_estate_are_all_found_and_nothing_else(seed: int) -> None:
    names = random.Random(seed).sample(sorted(FOUND), 15)
    rig = Rig(generate=seed, healthy=True, machines=250, defects=names, defect_seed=seed)
    expected = {fault for planted in rig.installation.planted for fault in FOUND[planted["defect"]](planted)}
    assert judge(rig) == expected
    assert loose_ends(rig.installation.world) == []


def test_all_defects_at_once_leave_the_estate_connected() -> None:
    rig = Rig(generate=1, healthy=True, machines=300, defects=sorted(DEFECTS))
    assert loose_ends(rig.installation.world) == []
    assert {fault for fault, _name in judge(rig)} >= {"unprotected", "fails", "administrators", "quota"}


def test_the_seed_chooses_where_a_defect_is() -> None:
    names = ["last_backup_old", "no_retries", "last_backup_old"]
    first, again, other = (Rig("healthy", defects=names, defect_seed=seed).installation.planted for seed in (3, 3, 4))
    assert first == again != other
    assert first[0]["name"] != first[2]["name"]


def test_a_defect_is_planted_where_it_is_ordered() -> None:
    rig = Rig("healthy")
    by_name = rig.installation.plant("last_backup_old=srv-sql-02;hours=30")
    assert (by_name["thing"], by_name["name"], by_name["backup_server"]) == ("machine", "srv-sql-02", "vbr01.example.com")
    assert by_name["details"]["job"] == "SQL Server Backup"
    assert by_name["details"]["hours"] > 30
    server = rig.installation.plant({"name": "job_described_anew", "thing": "Copy to the Cloud", "backup_server": "vbr02.example.com"})
    assert server["backup_server"] == "vbr02.example.com"
    assert rig.installation.plant({"name": "short_retention", "thing": server["id"], "params": {"keep": 2}})["details"]["keep"] == 2


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ("nonsense", "unknown defect 'nonsense'; known: accelerator_out_of_date"),
        ("no_retries;times=2", "no parameter times"),
        ("last_backup_old;hours=soon", "hours must be like 50"),
        ("last_backup_old=srv-none", "there is no machine named 'srv-none'"),
        ("job_described_anew=Copy to the Cloud", "vbr01.example.com, vbr02.example.com"),
        ({"name": "no_retries", "job": "x"}, "unknown: job"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(order: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Rig("healthy").installation.plant(order)


def test_an_estate_file_orders_defects(tmp_path: Path) -> None:
    job = {"name": "J", "machines": [{"name": "m"}], "daily": {"hours_ago": 4, "minutes": 3}}
    text = {"healthy": True, "backup_servers": [{"name": "one"}], "jobs": [job], "defects": ["no_retries", {"name": "short_retention", "params": {"keep": 5}}]}
    path = tmp_path / "own.yml"
    path.write_text(json.dumps(text), encoding="utf-8")
    rig = Rig(path)
    assert [planted["defect"] for planted in rig.installation.planted] == ["no_retries", "short_retention"]
    rig.log_on()
    (read,) = rig.query("Job")
    assert read["JobInfo"]["BackupJobInfo"]["SimpleRetentionPolicy"]["RetainDaysToKeep"] == 5


def test_a_new_beginning_plants_anew() -> None:
    rig = Rig("healthy", defects=["no_retries"])
    rig.installation.plant("last_run_failed")
    rig.installation.do_reload({})
    assert [planted["defect"] for planted in rig.installation.planted] == ["no_retries"]
    rig.installation.do_reload({"defects": []})
    assert judge(rig) == set()


def test_the_table_of_the_readme_is_what_is_declared() -> None:
    rows = [line for line in README.read_text(encoding="utf-8").splitlines() if line.startswith("| `") and line.split("`")[1] in DEFECTS]
    assert rows == [table_row(name) for name in DEFECTS]


def table_row(name: str) -> str:
    """Return the row of a defect in the README."""
    found = DEFECTS[name]
    params = ", ".join(f"`{param}={json.dumps(value) if not isinstance(value, str) else value}`" for param, value in found.parameters.items())
    return f"| `{name}` | {found.thing} | {params} | {found.sentence} |".replace("|  |", "| |")
