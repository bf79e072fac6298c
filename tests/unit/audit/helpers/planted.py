# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an audit has to say of each defect that the simulator can plant: written by hand, in the words of the simulator.

An expectation takes what was planted and the simulated server, and gives faults: rule, status and name of the object.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from rig_em import RigEm

from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.model import FAIL, NOT_ASSESSABLE
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.policy import load_policy
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.settings import Policy
from em_simulator.defects import surgery
from em_simulator.model import COPY_TYPES, Job

Fault = tuple[str, str, str]
Planted = dict[str, Any]
Expected = Callable[[Planted, RigEm], set[Fault]]

# Copies of what agents back up are told nowhere in the API, so that nobody can keep the rule with them.
COMPUTERS = {"names": ["*.example.com"], "kinds": ["machine"]}
NOT_OF_COMPUTERS = {"exclude": [COMPUTERS]}


def policy(minimum_version: str = "13", **rules: Any) -> Policy:
    """Return all packs with what the owner of a healthy estate would say: where repositories are, what is wanted. Args: rules: more of them."""
    of_digits: dict[str, Any] = {rule: {"scope": NOT_OF_COMPUTERS} for rule in ("C19", "C21", "C22", "X01")}
    of_digits["C22"]["parameters"] = {"production_site": "main"}
    values: dict[str, dict[str, Any]] = {
        "C03": {"warning_is": FAIL},
        "C12": {"machines": ["*"]},
        "C16": {"points": 14},
        "C17": {"full_days": 8},
        "C20": {"agent_jobs": False},
        "C28": {"estimate_can_fail": True},
        "C37": {"minimum": {"*": minimum_version}},
        "C42": {"long_term_months": 1},
    }
    return load_policy(
        {
            "format": 1,
            "name": "healthy",
            "extends": ["continuity", "capacity", "least_privilege"],
            "rules": {**of_digits, **{rule: {"parameters": given} for rule, given in values.items()}, **rules},
            "repositories": [
                # Where copies are put that leave the cloud: other media of the same site.
                {"select": {"names": ["Local Volume of *"]}, "media": "removable disk", "site": "main", "immutable": True},
                {"select": {"names": ["*Cloud*"]}, "site": "provider", "immutable": True},
                {"select": {"names": ["*"]}, "site": "main", "immutable": False},
            ],
        }
    )


# ---------------------------------------------------------------------------------------------------------
# Words for expectations


def fails(*rules: str) -> Expected:
    """The thing that was planted fails these rules."""
    return lambda planted, em: {(rule, FAIL, planted["name"]) for rule in rules}


def unknown(rule: str) -> Expected:
    """Of the thing that was planted nobody can say what the rule asks."""
    return lambda planted, em: {(rule, NOT_ASSESSABLE, planted["name"])}


def named(rule: str, detail: str) -> Expected:
    """What a detail names fails: one thing or a list."""
    return lambda planted, em: {(rule, FAIL, name) for name in _listed(planted["details"][detail])}


def machines_of_the_job(rule: str) -> Expected:
    """All machines of the job fail."""
    return lambda planted, em: {(rule, FAIL, machine.name) for machine in _job(planted, em).machines}


def backups_of_the_job(rule: str) -> Expected:
    """All backups of the job fail."""
    return lambda planted, em: {(rule, FAIL, file.up[0].name) for file in _files(planted, em)}


def backup_of_the_file(rule: str) -> Expected:
    """The backup with the file that the details tell fails."""
    return lambda planted, em: {(rule, FAIL, file.up[0].name) for file in _files(planted, em) if file.values["FilePath"] == planted["details"]["file"]}


def the_server(rule: str) -> Expected:
    """The Enterprise Manager fails."""
    return lambda planted, em: {(rule, FAIL, "em.example.com:9398")}


def all_of(*parts: Expected) -> Expected:
    """All of these."""
    return lambda planted, em: {fault for part in parts for fault in part(planted, em)}


def _listed(value: Any) -> Iterable[str]:
    return [value] if isinstance(value, str) else list(value)


def _job(planted: Planted, em: RigEm) -> Job:
    return next(job for job in em.rig.installation.world.every_job() if job.id == planted["id"])


def _files(planted: Planted, em: RigEm) -> list[Any]:
    return surgery.files_of(em.rig.installation.world, _job(planted, em))


NOTHING: Expected = lambda planted, em: set()  # noqa: E731 - a word beside the others


def not_read_whole(planted: Planted, em: RigEm) -> set[Fault]:
    """Return the job of the machine where the copy job that names the others reads it no longer whole; immediate copies name none and read all."""
    job = _job_of_detail("job", planted, em)
    return set() if any(copy.type == "ImmediateBackupCopy" for copy in _copies_of(job, em)) else {("C20", FAIL, job.name)}


def _job_of_detail(detail: str, planted: Planted, em: RigEm) -> Job:
    (job,) = [job for job in em.rig.installation.world.jobs_named(planted["details"][detail]) if job.server.name == planted["backup_server"]]
    return job


def _copies_of(job: Job, em: RigEm) -> list[Job]:
    return [copy for copy in em.rig.installation.world.jobs() if job.id in copy.sources]


# Nothing but production is left, or one copy beside it.
TOO_FEW_COPIES = fails("C19", "C21", "C22", "X01")

# What the rules say of every defect, the comparison with a baseline (C40) aside. Remarks tell what follows from a defect beside the fault itself.
FOUND: dict[str, Expected] = {
    # The restore of another machine of the job stood for it, and the job's settings held for it; now it is in no job.
    "machine_in_no_job": all_of(fails("C01", "C23"), unknown("C12")),
    "machine_in_switched_off_job": all_of(fails("C01", "C23"), unknown("C12"), named("C06", "job")),
    "in_two_jobs": fails("C10"),
    "gone_machine_in_job": named("C09", "jobs"),
    "last_backup_old": fails("C02"),
    # No run has ever worked on it.
    "never_backed_up": all_of(fails("C02"), TOO_FEW_COPIES, unknown("C03")),
    "last_run_failed": fails("C03"),
    "last_run_warned": fails("C03"),
    # With so few points nobody can say what is usual.
    "few_points_kept": all_of(fails("C16"), unknown("C29")),
    "on_one_repository": all_of(TOO_FEW_COPIES, not_read_whole),
    "replica_old": fails("C24"),
    "planned_replica_old": all_of(fails("C24"), named("C26", "plans")),
    "last_replication_failed": fails("C24"),
    "fails_in_a_row": fails("C04"),
    "missed_its_schedule": fails("C05"),
    "runs_for_ever": fails("C07"),
    "outside_the_window": fails("C11"),
    "run_took_long": fails("C29"),
    "job_switched_off": fails("C06"),
    # How many days its points cover its schedule would tell.
    "job_without_schedule": all_of(fails("C06"), unknown("C14")),
    "empty_job": fails("C09"),
    "no_retries": fails("C08"),
    "application_awareness_off": named("C12", "machines"),
    "application_failures_ignored": named("C12", "machines"),
    "sql_logs_rarely": machines_of_the_job("C13"),
    "oracle_logs_rarely": machines_of_the_job("C13"),
    "short_retention": fails("C14"),
    "no_long_retention": fails("C15"),
    "short_long_retention": fails("C15"),
    "job_not_encrypted": fails("C30"),
    "encryption_key_gone": fails("C31"),
    "full_backup_old": machines_of_the_job("C17"),
    "reverse_increments": backups_of_the_job("C18"),
    "size_jumped": backup_of_the_file("C29"),
    "compression_lost": backup_of_the_file("C29"),
    "feeds_no_copy": fails("C20"),
    "on_one_kind_of_media": named("C21", "machines"),
    "no_copy_off_site": named("C22", "machines"),
    "restore_never_tried": machines_of_the_job("C23"),
    "restore_failed": machines_of_the_job("C23"),
    "restore_tried_long_ago": machines_of_the_job("C23"),
    "repository_full": fails("C27", "C28"),
    "repository_fills_up": fails("C28"),
    "old_build": fails("C37"),
    "another_certificate": fails("C38"),
    "encryption_key_old": fails("C31"),
    "accelerator_out_of_date": fails("C44"),
    "collection_failed": the_server("C39"),
    "collection_old": the_server("C39"),
    "more_administrators": the_server("C32"),
    "everyone_may_log_on": fails("C33"),
    "may_restore_everything": fails("C34"),
    "scope_added": fails("C34"),
    "files_without_limits": fails("C35"),
    "databases_in_place": fails("C35"),
    "logons_pile_up": fails("C36"),
    # There are groups among the accounts, of which it may be a member.
    "unknown_logon": unknown("C36"),
    "computer_offline": fails("C41"),
    "agent_not_installed": fails("C41"),
    "agent_out_of_date": fails("C41"),
    "rescan_off": fails("C41"),
    "shares_without_schedule": fails("C42"),
    "shares_kept_shortly": fails("C42"),
    "shares_without_archive": fails("C42"),
    "policy_switched_off": fails("C25"),
    "continuous_replication_failed": fails("C25"),
    "planned_without_replica": fails("C26"),
    "planned_without_order": fails("C26"),
    "lease_over": fails("C43"),
    "quota_used_up": fails("C43"),
    "tenant_inactive": fails("C43"),
    "recycle_bin_off": fails("C43"),
    # Nothing is wrong with these; only a comparison tells them.
    "account_added": NOTHING,
    "job_added": NOTHING,
    "job_described_anew": NOTHING,
    "job_removed": NOTHING,
    "managed_server_added": NOTHING,
    "repository_added": NOTHING,
    "repository_removed": NOTHING,
    "retention_changed": NOTHING,
}

_ITSELF = fails("C40")
_MOVED_TO = named("C40", "moved_to")


def changed_copies_of(detail: str, *types: str) -> Expected:
    """The copies of some types that read a job differ."""
    return lambda planted, em: {("C40", FAIL, copy.name) for copy in _copies_of(_job_of_detail(detail, planted, em), em) if copy.type in types}


def _readers(planted: Planted, em: RigEm) -> set[Fault]:
    """Return the copies that read the job that was planted."""
    return {("C40", FAIL, copy.name) for copy in _copies_of(_job(planted, em), em)}


def naming_copies_of(detail: str) -> Expected:
    """The copies that name the machines of a job differ; immediate copies name none."""
    return changed_copies_of(detail, "BackupCopy")


# What differs from the configuration of the healthy estate, where that is not nothing.
CHANGED: dict[str, Expected] = {
    **dict.fromkeys(
        (
            "accelerator_out_of_date",
            "account_added",
            "another_certificate",
            "application_awareness_off",
            "application_failures_ignored",
            "databases_in_place",
            "encryption_key_gone",
            "everyone_may_log_on",
            "files_without_limits",
            "job_added",
            "job_described_anew",
            "job_not_encrypted",
            "job_removed",
            "job_switched_off",
            "job_without_schedule",
            "lease_over",
            "managed_server_added",
            "may_restore_everything",
            "missed_its_schedule",
            "no_long_retention",
            "no_retries",
            "old_build",
            "oracle_logs_rarely",
            "outside_the_window",
            "planned_without_order",
            "planned_without_replica",
            "policy_switched_off",
            "recycle_bin_off",
            "repository_added",
            "repository_removed",
            "rescan_off",
            "retention_changed",
            "scope_added",
            "shares_kept_shortly",
            "shares_without_archive",
            "shares_without_schedule",
            "short_long_retention",
            "short_retention",
            "sql_logs_rarely",
        ),
        _ITSELF,
    ),
    "encryption_key_old": lambda planted, em: {("C40", FAIL, planted["id"])},  # a hint may tell too much to lie in a baseline
    "empty_job": all_of(_ITSELF, _readers),
    "in_two_jobs": named("C40", "put_in"),
    "machine_in_no_job": all_of(named("C40", "was_in"), naming_copies_of("was_in")),
    "machine_in_switched_off_job": all_of(named("C40", "was_in"), naming_copies_of("was_in"), named("C40", "job"), changed_copies_of("job", *COPY_TYPES)),
    "on_one_repository": naming_copies_of("job"),
    "more_administrators": named("C40", "accounts"),
    "on_one_kind_of_media": _MOVED_TO,
    "no_copy_off_site": _MOVED_TO,
    "feeds_no_copy": named("C40", "was_read_by"),
}
