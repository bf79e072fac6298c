# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of jobs, told together by job. Private to this collection.

Pure. Source: WIRE.md sections 4 and 5 (states and results of job sessions), reference pages of the job sessions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Dict, List, Optional, Sequence, Set, Tuple

from .._api.entities.jobs import JOB_TYPE_REPLICA, JOB_TYPES
from .._api.entities.sessions import STOPPED
from .._api.job_contents import AGENT_JOB_TYPE, server_of
from .._api.wire import guid_of
from .inhabitants import oldest_first
from .model import Reads, Record, Subject

if TYPE_CHECKING:
    from .facts import Facts, Gap

_OF_JOB = ("name", "schedule_enabled", "schedule_configured", "next_run", "job_schedule_options", "backup_server_name")
_OF_RUN = ("job_uid", "job_name", "job_type", "state", "result", "creation_time", "end_time", "is_retry", "backup_server_name")

READS_OF_JOBS: Tuple[Reads, ...] = (
    Reads("jobs", (*_OF_JOB, "job_type", "job_info"), needed=False),
    Reads("agent_jobs", (*_OF_JOB, "job_type"), needed=False),
    Reads("nas_jobs", _OF_JOB, needed=False),
    Reads("backups", ("name", "repository", "backup_server"), needed=False),
)
READS_OF_JOB_RUNS: Tuple[Reads, ...] = (Reads("backup_sessions", _OF_RUN), Reads("replica_sessions", _OF_RUN, needed=False))

JOB_KINDS = ("jobs", "agent_jobs", "nas_jobs")
RUN_KINDS = tuple(reads.kind for reads in READS_OF_JOB_RUNS)

FAILED = "Failed"
# Runs in which agents are installed and looked for are no runs of a job.
_NO_RUNS_OF_JOBS = ("AgentManagement",)
_BEFORE_COMPUTER = " - "


@dataclass
class Run:
    """One run of a job: the job session that began it and those that tried its failed machines again, the oldest first."""

    tries: List[Record]

    @property
    def is_over(self) -> bool:
        """Whether its last try has ended."""
        return bool(self.tries[-1]["state"] == STOPPED)

    @property
    def result(self) -> Optional[str]:
        """How its last try ended; that of a try that goes on is not final."""
        result: Optional[str] = self.tries[-1]["result"]
        return result


@dataclass
class JobRuns:
    """A job with its job sessions, the oldest first. ``job`` is None where only runs tell of it, ``kind`` is the plural of what it is."""

    subject: Subject
    job: Optional[Record]
    job_type: str
    sessions: List[Record] = field(default_factory=list)

    @property
    def runs(self) -> List[Run]:
        """The runs, the oldest first; a retry belongs to the run before it."""
        found: List[Run] = []
        for session in self.sessions:
            if session["is_retry"] and found:
                found[-1].tries.append(session)
            else:
                found.append(Run([session]))
        return found

    @property
    def going_on(self) -> List[Record]:
        """The job sessions that have not ended."""
        return [session for session in self.sessions if session["state"] != STOPPED]


def runs_of_jobs(facts: "Facts") -> List[JobRuns]:
    """Return every job with its runs, and the runs of what is in no list of jobs; runs of jobs that are no more are left out."""
    sessions: Dict[str, List[Record]] = {}
    for kind in RUN_KINDS:
        for record in facts.records(kind):
            if record["job_type"] not in _NO_RUNS_OF_JOBS and record["creation_time"] is not None:
                sessions.setdefault(_job_id(record), []).append(record)
    found: List[JobRuns] = []
    known: Set[str] = set()
    for kind in JOB_KINDS:
        for job in facts.records(kind):
            own = (job["id"] or "").lower()
            known.add(own)
            found.append(JobRuns(subject_of_job(facts, job), job, job.get("job_type") or job["type"], oldest_first(sessions.get(own, ()))))
    all_known = facts.gap("jobs") is None
    for own, records in sessions.items():
        kind_of_job = records[-1]["job_type"] or ""
        if own not in known and not (all_known and kind_of_job in JOB_TYPES):
            found.append(JobRuns(_subject_of_runs(records[-1]), None, kind_of_job, oldest_first(records)))
    return found


def gap_of_runs(facts: "Facts", job: JobRuns) -> "Optional[Gap]":
    """Return why the runs of a job could not be read, None where they could."""
    return facts.gap("replica_sessions" if job.job_type == JOB_TYPE_REPLICA else "backup_sessions")


def subject_of_job(facts: "Facts", job: Record) -> Subject:
    """Return a job as the subject of a judgement, with the repositories of the backups that are called as it is."""
    name, server = job["name"] or "", server_of(job)
    backups = facts.grouped("backups", "server and name", _server_and_name).get((server, name), ())
    repositories = {backup["repository"]["name"] for backup in backups if backup["repository"] and backup["repository"]["name"]}
    return Subject("job", name, job["uid"], server, repositories=tuple(sorted(repositories)))


def runs_by_computers(histories: Sequence[JobRuns]) -> Dict[Tuple[str, str], List[Record]]:
    """Return the job sessions that computers run by themselves, by backup server and name of the agent job: they are called JOB - COMPUTER."""
    found: Dict[Tuple[str, str], List[Record]] = {}
    for one in histories:
        if one.job is None and one.job_type == AGENT_JOB_TYPE:
            parts = one.subject.name.split(_BEFORE_COMPUTER)
            for length in range(1, len(parts) + 1):
                found.setdefault((one.subject.backup_server, _BEFORE_COMPUTER.join(parts[:length])), []).extend(one.sessions)
    return found


def _job_id(session: Record) -> str:
    return str(guid_of(session["job_uid"] or "")).lower()


def _subject_of_runs(session: Record) -> Subject:
    return Subject("job", session["job_name"] or "", session["job_uid"], server_of(session))


def _server_and_name(backup: Record) -> Tuple[str, str]:
    return server_of(backup), backup["name"] or ""
