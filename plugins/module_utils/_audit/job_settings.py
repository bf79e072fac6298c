# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the settings of jobs come to: how often they run, what they keep, which machines and backups are theirs. Private to this collection.

Pure. Source: reference pages "Job Info", "Job Scheduling Options", "Simple and GFS Retention Policies", "Guest Processing Options".
"""

from __future__ import annotations

from typing import Dict, FrozenSet, Iterable, Iterator, List, Optional, Sequence, Set, Tuple

from .._api import hierarchy_names
from .._api.job_contents import AGENT_JOB_TYPE, CONTAINER_MACHINES, entries_of, server_of, settings_of, sources_of
from .._api.machines import Job, Machine
from .._api.wire import guid_of
from .facts import Facts
from .model import Reads, Record
from .schedules import HOURS_OF_WEEK, hours_of_week, is_enabled, previous_job_uid, standard_of

BACKUP_JOB = "Backup"
IMMEDIATE_COPY = "ImmediateBackupCopy"

_KINDS = ("jobs", "agent_jobs")
_FIELDS = ("name", "backup_server_name", "job_type", "schedule_enabled", "schedule_configured", "job_schedule_options", "job_info")
READS_OF_SETTINGS: Tuple[Reads, ...] = (
    Reads("jobs", _FIELDS),
    Reads("agent_jobs", _FIELDS, needed=False),
    Reads("backups", ("name", "repository", "backup_server"), needed=False),
)

_DAYS_OF_A_WEEK = 7.0
_DAYS_OF_A_YEAR = 365.0
_MINUTES_OF_AN_HOUR = 60.0


def id_of(record: Record) -> str:
    """Return the id of a job as ``machines.Job`` has it."""
    return (record["id"] or "").lower()


def jobs_of(facts: Facts, *types: str) -> List[Record]:
    """Return the jobs of some types (job_type), those for agents included."""
    return [record for kind in _KINDS for record in facts.records(kind) if record["job_type"] in types]


def own_settings(record: Record) -> Record:
    """Return what JobInfo says of a job of its type, an empty mapping where it says nothing."""
    if record["job_type"] == AGENT_JOB_TYPE:
        return record["job_info"] or {}
    return next(iter(settings_of(record)), {})


# ---------------------------------------------------------------------------------------------------------
# How often


def days_between_runs(record: Record, by_id: Dict[str, Record]) -> Optional[float]:
    """Return how many days lie between two runs of a job on the average, by its schedule; None where that does not tell.

    A job that starts after another runs as often as that, an immediate copy as often as the most frequent job that it copies.
    Args: by_id: all jobs by ``id_of``.
    """
    return _days_between_runs(record, by_id, frozenset())


def _days_between_runs(record: Record, by_id: Dict[str, Record], seen: FrozenSet[str]) -> Optional[float]:
    seen = seen | {id_of(record)}
    if record["job_type"] == IMMEDIATE_COPY:
        return _of_others(sources_of(record), by_id, seen)
    standard = standard_of(record)
    previous = previous_job_uid(standard)
    if previous is not None:
        return _of_others([previous], by_id, seen)
    if standard is None:
        return None
    runs = sum(runs_of(standard[part]) for part, runs_of in _RUNS_A_WEEK.items() if is_enabled(standard[part]))
    return _DAYS_OF_A_WEEK / runs if runs else None


def _of_others(uids: Sequence[str], by_id: Dict[str, Record], seen: FrozenSet[str]) -> Optional[float]:
    others = [by_id.get(guid_of(uid).lower()) for uid in uids]
    found = [None if other is None or id_of(other) in seen else _days_between_runs(other, by_id, seen) for other in others]
    return None if not found or None in found else min(days for days in found if days is not None)


def _daily_runs(daily: Record) -> float:
    return {"Everyday": _DAYS_OF_A_WEEK, "WeekDays": 5.0}.get(daily["kind"], float(len(set(daily["days"] or ()))))


def _monthly_runs(monthly: Record) -> float:
    return len(set(monthly["months"] or ())) * _DAYS_OF_A_WEEK / _DAYS_OF_A_YEAR


def _periodic_runs(periodic: Record) -> float:
    if not periodic["full_period"]:
        return 0.0
    hours = hours_of_week(periodic["schedule"])
    allowed = HOURS_OF_WEEK if hours is None else hours.count(True)
    hours_between = float(periodic["full_period"]) / (1.0 if periodic["kind"] == "Hours" else _MINUTES_OF_AN_HOUR)
    return allowed / hours_between


# A continuous schedule has no pace of its own.
_RUNS_A_WEEK = {"options_daily": _daily_runs, "options_monthly": _monthly_runs, "options_periodically": _periodic_runs}


# ---------------------------------------------------------------------------------------------------------
# Of what


class Contents:
    """The machines of each job, those in the jobs that it copies included."""

    def __init__(self, facts: Facts) -> None:
        self._by_id: Dict[str, Job] = {job.id: job for job in facts.inhabitants.jobs}

    def of(self, record: Record) -> Set[Machine]:
        """Return the machines in a job, as far as they are known."""
        return self._of(self._by_id.get(id_of(record)), frozenset())

    def is_whole(self, record: Record) -> bool:
        """Tell whether all machines of a job are known: no container of it is closed."""
        job = self._by_id.get(id_of(record))
        return job is not None and not job.closed_roots and not job.closed_servers

    def _of(self, job: Optional[Job], seen: FrozenSet[str]) -> Set[Machine]:
        if job is None or job.id in seen:
            return set()
        return (job.machines | (job.members - job.left_out)).union(*(self._of(self._by_id.get(source), seen | {job.id}) for source in job.sources))


def contents_of(facts: Facts) -> Contents:
    """Return the machines of all jobs, made once."""
    return facts.once("contents of jobs", Contents)


def _backups_by_job(facts: Facts) -> Dict[Tuple[str, str], List[Record]]:
    return facts.grouped("backups", "job", lambda record: (server_of(record).casefold(), (record["name"] or "").casefold()))


def backups_of(facts: Facts, record: Record) -> List[Record]:
    """Return the backups that a job makes: those of its name on its backup server, since no link says it."""
    return _backups_by_job(facts).get((server_of(record).casefold(), (record["name"] or "").casefold()), [])


# ---------------------------------------------------------------------------------------------------------
# Inside the guests

Options = Tuple[Record, Optional[Record]]


def guest_options(facts: Facts) -> Dict[Machine, List[Options]]:
    """Return for each machine the enabled backup jobs that it is in, with what each does inside its guest; made once.

    What is set for an object in a job stands before what is set for the job.
    """
    return facts.once("guest options", _guest_options)


def _guest_options(facts: Facts) -> Dict[Machine, List[Options]]:
    found: Dict[Machine, Dict[int, Options]] = {}
    for record in jobs_of(facts, BACKUP_JOB, AGENT_JOB_TYPE):
        if not record["schedule_enabled"]:
            continue
        general = own_settings(record).get("guest_processing_options")
        for machine in contents_of(facts).of(record):
            found.setdefault(machine, {})[id(record)] = (record, general)
        for machine, special in _special_options(facts, record):
            found.setdefault(machine, {})[id(record)] = (record, special)
    return {machine: list(options.values()) for machine, options in found.items()}


def _special_options(facts: Facts, record: Record) -> Iterator[Tuple[Machine, Record]]:
    """Yield machines with options of their own, those of a container before those that are named."""
    if record["job_type"] == AGENT_JOB_TYPE:
        return
    entries = [entry for entry in entries_of(record) if entry.get("guest_processing_options") and entry["hierarchy_obj_ref"]]
    for entry in sorted(entries, key=lambda one: hierarchy_names.is_machine(one["hierarchy_obj_ref"])):
        for reference in _members(facts, entry["hierarchy_obj_ref"]):
            one = facts.inhabitants.find(reference, None, "")
            if one is not None:
                yield one.machine, entry["guest_processing_options"]


def _members(facts: Facts, reference: str) -> Iterable[str]:
    if hierarchy_names.is_machine(reference):
        return (reference,)
    return [item["object_ref"] for item in facts.grouped(CONTAINER_MACHINES, "container").get(reference, ())]
