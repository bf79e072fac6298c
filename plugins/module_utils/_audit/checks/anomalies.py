# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is far from usual: sizes, ratios and durations that differ from those of former runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, Iterable, Iterator, List, Mapping, Sequence, Tuple

from ..._api.entities.jobs import COPY_JOB_TYPES, JOB_TYPE_REPLICA
from ..._api.entities.sessions import STOPPED
from ..._api.job_contents import server_of
from ..blind_spots import blind_spots
from ..context import Context
from ..facts import Facts
from ..inhabitants import READS_OF_MACHINES, READS_OF_POINTS, READS_OF_RUNS, Inhabitant, if_readable, newest_first
from ..job_runs import READS_OF_JOB_RUNS, READS_OF_JOBS, JobRuns, runs_of_jobs
from ..model import BY_ID, MEDIUM, Judgement, Parameter, Reads, Record, Subject, cannot_say, check, verdict
from ..times import seconds_of
from ..words import counted, to_the_second

_MINUTE = 60.0
# The median of the distances from the median, times this, is the standard deviation where values are spread normally.
_DEVIATION = 1.4826
_USABLE = ("Success", "Warning")
_FULL = "Full"
_OF_FILE = ("name", "file_type", "creation_time", "backup_size", "compress_ratio", "deduplication_ratio", "backup", "backup_server_name")
_RATIOS = {"compress_ratio": "compression ratio", "deduplication_ratio": "deduplication ratio"}


@dataclass(frozen=True)
class _Measure:
    """One number of the newest run against the same of former ones, and the least difference of it that matters."""

    name: str
    words: str
    newest: float
    former: Sequence[float]
    least: float = 0.0


@check(
    id="C29",
    title="Sizes, ratios and durations are as usual",
    severity=MEDIUM,
    subject="machine",
    reads=READS_OF_MACHINES
    + READS_OF_RUNS
    + READS_OF_JOB_RUNS
    + READS_OF_JOBS
    + if_readable(READS_OF_POINTS)
    + (Reads("backup_task_sessions", ("restore_point.id",), identity=()), Reads("backup_files", _OF_FILE, needed=False, identity=BY_ID)),
    parameters=(
        Parameter("samples", "integer", 7, "How many former values it takes to say what is usual.", minimum=3),
        Parameter("deviations", "number", 6.0, "From how many robust standard deviations on a value is unusual.", minimum=1),
        Parameter("least_change_percent", "number", 50.0, "Changes of so many percent of the usual value or fewer never count.", unit="percent", minimum=0),
        Parameter("least_change_minutes", "number", 10.0, "Changes of a duration by so many minutes or fewer never count.", unit="minutes", minimum=0),
    ),
    why="Data that somebody encrypted can hardly be compressed and changes as a whole: backups grow at once, ratios fall, runs get longer. A machine "
    "that shrinks may have lost its data.",
    how="The newest run of each machine, its duration and the size of the machine, against its former runs in the same job that made the same sort of restore "
    "point; the duration of the newest run of each job, copies aside, in the same way; the newest file of each backup, its size and its ratios of "
    "compression and deduplication, against former files of the same type. What is usual is the median, and how much it varies the median distance from "
    "it, so that a few odd values do not count. A value is unusual when it is further away than the deviations and the least changes allow. With too few "
    "former values nothing is said, nor of an unusual run when it is not told which sort of point it made.",
    fix="Find out what changed in the machine at that time, before older restore points are gone; waive it when the change was wanted.",
    limits="Runs are known as far back as the audit looked. What changed inside a machine is not told, nor what the product's malware detection found.",
    controls=("NIST SI-4", "NIST CP-9", "CIS 11.5", "ISO A.8.13"),
)
def as_usual(context: Context) -> Iterator[Judgement]:
    """Judge the newest run of every machine and of every job, and the newest file of every backup."""
    facts = context.facts
    for one in facts.inhabitants.all:
        if one.runs and not facts.inhabitants.is_gone(one):
            yield from _newest_run(context, one)
    sorts = _sorts_of_sessions(facts)
    for job in runs_of_jobs(facts):
        if job.job_type not in COPY_JOB_TYPES:
            yield from _newest_run_of_job(context, job, sorts)
    for files in _files_by_backup(facts).values():
        yield _newest_file(context, files)
    yield from blind_spots(facts, "backup_files", "replica_sessions")


def _newest_run(context: Context, one: Inhabitant) -> Iterator[Judgement]:
    facts = context.facts
    runs = [run for run in newest_first(one.runs) if run["result"] in _USABLE and run["end_time"] is not None and run["creation_time"] is not None]
    if not runs:
        return
    sort = _sort_of(facts, runs[0])
    alike = [run for run in runs if _sort_of(facts, run) == sort]
    sizes = [run["total_size"] for run in alike[1:] if run["total_size"] is not None]
    measures = [
        _Measure("minutes", "duration in minutes", _minutes(runs[0]), [_minutes(run) for run in alike[1:]], float(context.value("least_change_minutes")))
    ]
    if runs[0]["total_size"] is not None:
        measures.append(_Measure("total_size", "size in bytes", runs[0]["total_size"], sizes))
    yield _against_former(context, one.subject, "run", measures, runs[0], is_sort_told=bool(sort[1]))


def _sort_of(facts: Facts, run: Record) -> Tuple[str, str]:
    """Return the job of a run and the sort of the restore point that it made, so that like is compared with like."""
    return facts.inhabitants.job_of(run), _sort_of_point(facts, run)


def _sort_of_point(facts: Facts, run: Record) -> str:
    reference = run.get("restore_point")
    identity = (reference["id"] or "").lower() if reference else ""
    point = facts.by_id("vm_restore_points").get(identity) or facts.by_id("agent_restore_points").get(identity)
    return (point["point_type"] or "") if point else ""


def _newest_run_of_job(context: Context, job: JobRuns, sorts: Mapping[str, str]) -> Iterator[Judgement]:
    whole = [session for session in reversed(job.sessions) if not session["is_retry"] and session["state"] == STOPPED]
    ended = [session for session in whole if session["result"] in _USABLE and session["end_time"] is not None]
    if not ended:
        return
    newest, sort = ended[0], sorts.get(ended[0]["uid"] or "", "")
    former = [_minutes(session) for session in ended[1:] if sorts.get(session["uid"] or "", "") == sort]
    measure = _Measure("minutes", "duration in minutes", _minutes(newest), former, float(context.value("least_change_minutes")))
    # All points of a replica are of one sort.
    yield _against_former(context, job.subject, "run", [measure], newest, is_sort_told=bool(sort) or job.job_type == JOB_TYPE_REPLICA)


def _sorts_of_sessions(facts: Facts) -> Dict[str, str]:
    """Return the sort of restore points that each job session made: full ones where one of its machines got such."""
    sorts: Dict[str, str] = {}
    for task in facts.records("backup_task_sessions"):
        sort, session = _sort_of_point(facts, task), task["job_session_uid"] or ""
        if sort and sorts.get(session) != _FULL:
            sorts[session] = sort
    return sorts


def _minutes(run: Record) -> float:
    return (seconds_of(run["end_time"]) - seconds_of(run["creation_time"])) / _MINUTE


def _files_by_backup(facts: Facts) -> Dict[str, List[Record]]:
    found: Dict[str, List[Record]] = {}
    for file in facts.records("backup_files"):
        if file["backup"] and file["creation_time"] is not None:
            found.setdefault((file["backup"]["id"] or "").lower(), []).append(file)
    return found


def _newest_file(context: Context, files: Sequence[Record]) -> Judgement:
    ordered = newest_first(files)
    newest = ordered[0]
    former = [file for file in ordered[1:] if file["file_type"] == newest["file_type"]]
    backup, server = newest["backup"], server_of(newest)
    subject = Subject("backup", backup["name"] or "", backup["uid"], server, (backup["name"],) if backup["name"] else ())
    measures = [
        _Measure(name, words, newest[name], [file[name] for file in former if file[name] is not None])
        for name, words in {"backup_size": "size in bytes", **_RATIOS}.items()
        if newest[name] is not None
    ]
    return _against_former(context, subject, "%s file" % (newest["file_type"] or "backup"), measures, newest)


def _against_former(context: Context, subject: Subject, what: str, measures: Sequence[_Measure], newest: Record, is_sort_told: bool = True) -> Judgement:
    samples = context.value("samples")
    usable = [measure for measure in measures if len(measure.former) >= samples]
    measured = {measure.name: round(measure.newest, 2) for measure in measures}
    if not usable:
        most = max((len(measure.former) for measure in measures), default=0)
        reason = "There are %s to compare its newest %s with; it takes %d to say what is usual." % (_former(most), what, samples)
        return cannot_say(subject, reason, measured, None, [newest])
    odd, expected = [], {}
    for measure in usable:
        usual, allowed = _usual(context, measure)
        expected[measure.name] = {"usual": round(usual, 2), "within": round(allowed, 2)}
        if abs(measure.newest - usual) > allowed:
            odd.append("%s %.6g, usually %.6g, within %.6g" % (measure.words, measure.newest, usual, allowed))
    if odd:
        reason = "Its newest %s, which began at %s, is far from usual: %s." % (what, to_the_second(newest["creation_time"]), "; ".join(odd))
        if not is_sort_told:
            doubt = " But what sort of restore points these runs made is not told, and a full one takes longer than others."
            return cannot_say(subject, reason + doubt, measured, expected, [newest])
    else:
        names = " and ".join(measure.words for measure in usable)
        reason = "Of its newest %s, %s as usual, compared with %s." % (what, names + (" is" if len(usable) == 1 else " are"), _former(len(usable[0].former)))
    return verdict(not odd, subject, reason, measured, expected, [newest])


def _former(number: int) -> str:
    return counted(number, "former one")


def _median(values: Iterable[float]) -> float:
    """Return the middle one of some values, or what lies between the middle two. The statistics module takes ten times as long."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    return float(ordered[middle]) if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2.0


def _usual(context: Context, measure: _Measure) -> Tuple[float, float]:
    """Return the usual value, and how far from it a value may lie."""
    usual = _median(measure.former)
    spread = _DEVIATION * _median(abs(value - usual) for value in measure.former)
    changes = (context.value("deviations") * spread, abs(usual) * context.value("least_change_percent") / 100, measure.least)
    return usual, max(changes)
