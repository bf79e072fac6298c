# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs: how they ended, whether they came when they were due, and how long they take."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Dict, FrozenSet, Iterator, Optional, Sequence, Tuple

from ..._api.entities.jobs import COPY_JOB_TYPES
from ..._api.entities.sessions import STOPPED
from ..._api.job_contents import server_of, sources_of
from ..._api.wire import guid_of
from ..blind_spots import blind_spots
from ..context import Context
from ..facts import Facts
from ..inhabitants import READS_OF_MACHINES, READS_OF_POINTS, READS_OF_RUNS, if_readable, oldest_first
from ..job_runs import FAILED, JOB_KINDS, READS_OF_JOB_RUNS, READS_OF_JOBS, JobRuns, gap_of_runs, runs_by_computers, runs_of_jobs
from ..model import HIGH, MEDIUM, Judgement, Parameter, Record, Subject, cannot_say, check, verdict
from ..schedules import NEVER, hours_of_week, is_enabled, longest_denied, longest_gap, previous_job_uid, seconds_denied, standard_of
from ..settings import fits
from ..times import DAY, HOUR, seconds_of, when
from ..words import counted, to_the_second, told_apart

_MINUTE = 60.0


@check(
    id="C03",
    title="The last run of every machine did not fail",
    severity=HIGH,
    subject="machine",
    reads=READS_OF_MACHINES + READS_OF_RUNS + if_readable(READS_OF_POINTS),
    parameters=(Parameter("warning_is", "text", "pass", "What a last run that ended with a warning counts as.", choices=("pass", "fail")),),
    why="A machine whose last run failed has lost one day of restore points already, and loses another with each day that nobody looks.",
    how="The machine's newest task session that is over, in whatever backup job or agent job; copies, replication and file shares are left out. "
    "A run that still goes on is passed over for the one before it.",
    fix="Read the reason, put right what it names, and retry the job.",
    controls=("CIS 11.2", "NIST CP-9", "ISO A.8.13"),
)
def last_run_of_machine(context: Context) -> Iterator[Judgement]:
    """Judge every machine that runs have worked on, or that an enabled job ought to."""
    inhabitants = context.facts.inhabitants
    for one in inhabitants.all:
        if inhabitants.is_gone(one):
            continue
        run = one.last_run()
        if run is not None:
            yield _result_of(context, one.subject, run)
        elif one.unfinished:
            yield cannot_say(one.subject, "The only run that is known of it still goes on.", evidence=one.unfinished)
        elif any(job.enabled for job in one.backup_jobs):
            days = context.facts.server.lookback_days
            yield cannot_say(one.subject, "It is in an enabled job, and no run has worked on it in the last %g days." % days)


def _result_of(context: Context, subject: Subject, run: Record) -> Judgement:
    warning_is = context.value("warning_is")
    good = {"Success": True, "Warning": warning_is == "pass", FAILED: False}.get(run["result"])
    job = context.facts.inhabitants.job_of(run)
    told = " ".join((run["reason"] or "").split()).rstrip(".")
    words = "Its last run%s began at %s and ended with the result %s" % (
        " in the job " + job if job else "",
        to_the_second(run["creation_time"]),
        run["result"],
    )
    reason = "%s: %s." % (words, told) if told else "%s%s" % (words, "." if good else "; no reason is given.")
    measured = {"result": run["result"], "reason": told, "time": run["creation_time"], "job": job}
    expected = {"results": ["Success", "Warning"] if warning_is == "pass" else ["Success"]}
    if good is None:
        return cannot_say(subject, reason, measured, expected, [run])
    return verdict(good, subject, reason, measured, expected, [run])


# ---------------------------------------------------------------------------------------------------------


@check(
    id="C04",
    title="No job fails time after time",
    severity=HIGH,
    subject="job",
    reads=READS_OF_JOB_RUNS + READS_OF_JOBS,
    parameters=(Parameter("failed_runs", "integer", 2, "With so many failed runs in a row a job fails the check.", unit="runs", minimum=1),),
    why="One failed run happens; a job that fails again and again has something wrong with it that does not go away by itself.",
    how="The runs of each job that are over, counted back from the newest to the last one that did not fail. Automatic retries are part of the run "
    "that they repeat, and the last try says how it ended. A run that still goes on does not count. Jobs without any run that is over are left to the "
    "check of schedules.",
    fix="Read why the last runs failed, put it right, and start the job.",
    limits="Runs are known as far back as the audit looked; a streak may be longer than that.",
    controls=("CIS 11.2", "NIST CP-9", "ISO A.8.13"),
)
def failed_runs_in_a_row(context: Context) -> Iterator[Judgement]:
    """Judge every job with a run that is over."""
    facts, most = context.facts, context.value("failed_runs")
    for job in runs_of_jobs(facts):
        over = [run for run in job.runs if run.is_over]
        if not over:
            continue
        streak = 0
        for run in reversed(over):
            if run.result != FAILED:
                break
            streak += 1
        newest = over[-1].tries[-1]
        text = "Its last %d of %s failed; %d in a row are too many." % (streak, counted(len(over), "run"), most)
        reason = text if streak else "Its last run, which began at %s, did not fail." % to_the_second(over[-1].tries[0]["creation_time"])
        measured = {"failed_in_a_row": streak, "runs": len(over), "newest": newest["creation_time"]}
        evidence, expected = [run.tries[-1] for run in over[-max(1, streak) :]], {"failed_in_a_row_below": most}
        before = over[-1 - streak] if streak < min(most, len(over)) else None
        if before is not None and before.result in (None, "None"):
            doubt = "How its run ended that began at %s is not told." % to_the_second(before.tries[0]["creation_time"])
            yield cannot_say(job.subject, doubt, measured, expected, evidence)
        else:
            yield verdict(streak < most, job.subject, reason, measured, expected, evidence)
    yield from blind_spots(facts, "replica_sessions")


# ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Rhythm:
    """How often something starts a job: hours between two starts at most (None: nobody can tell), and the sentence about it."""

    hours: Optional[float]
    text: str


@check(
    id="C05",
    title="Enabled jobs ran as their schedule says",
    severity=MEDIUM,
    subject="job",
    reads=READS_OF_JOB_RUNS + READS_OF_JOBS,
    parameters=(Parameter("tolerance_hours", "number", 4.0, "How late a run may be, such as for a queue or a change of the clocks.", unit="hours", minimum=0),),
    why="A job that is switched on and does not start makes no restore points, and no failed run tells of it.",
    how="From the schedule follows how long it may be between two starts: a day, from Friday to Monday, five weeks, the period and the hours that are denied. "
    "The start of the job's newest run must not lie further back than that and the tolerance, nor may its next run be overdue by more than the tolerance. "
    "A job that starts after another, and an immediate copy, has to start as often as what goes before it. Only lengths of time are compared, so it does not "
    "matter where the backup server's clock stands. A run that goes on is in time.",
    fix="See whether the backup server's services run and whether the job waits for another one or for a resource; start it.",
    limits="When a job was made is not told: a new one that has not run yet looks like one that does not run. Runs by hand count like those of the schedule.",
    controls=("CIS 11.2", "NIST CP-9", "ISO A.8.13"),
)
def ran_as_scheduled(context: Context) -> Iterator[Judgement]:
    """Judge every job that is switched on."""
    facts = context.facts
    histories = runs_of_jobs(facts)
    by_computers = runs_by_computers(histories)
    rhythms = _Rhythms(facts)
    for one in histories:
        if one.job is None or not one.job["schedule_enabled"]:
            continue
        gap = gap_of_runs(facts, one)
        if gap is not None:
            yield Judgement(one.subject, gap.status, "Its runs could not be read. %s" % gap.reason)
            continue
        sessions = one.sessions or oldest_first(by_computers.get((one.subject.backup_server, one.subject.name), ()))
        yield _in_time(context, one, sessions, rhythms.of(one.job))
    yield from blind_spots(facts, *JOB_KINDS)


def _in_time(context: Context, one: JobRuns, sessions: Sequence[Record], rhythm: _Rhythm) -> Judgement:
    facts, tolerance = context.facts, float(context.value("tolerance_hours"))
    job = one.job or {}
    starts = [session for session in sessions if not session["is_retry"]] or sessions
    last = starts[-1] if starts else None
    evidence = [job, last]
    hours = None if rhythm.hours in (None, NEVER) else rhythm.hours
    measured = {"last_start": last and last["creation_time"], "next_run": job["next_run"]}
    expected = {"hours_between_starts_at_most": hours, "tolerance_hours": tolerance}
    going_on = [session for session in sessions if session["state"] != STOPPED]
    if going_on:
        reason = "A run of it that began at %s goes on. %s" % (to_the_second(going_on[-1]["creation_time"]), rhythm.text)
        return verdict(True, one.subject, reason, measured, expected, [job, going_on[-1]])
    overdue = _overdue_hours(facts, job, last)
    if overdue is not None and overdue > tolerance:
        reason = "Its next run was due at %s, %s hours ago; %s hours are allowed." % (job["next_run"], *told_apart(overdue, tolerance))
        return verdict(False, one.subject, reason, measured, expected, evidence)
    if rhythm.hours is None:
        return cannot_say(one.subject, "%s %s" % (rhythm.text, _last_start(last, facts)), measured, expected, evidence)
    if rhythm.hours == NEVER:
        return verdict(False, one.subject, rhythm.text, measured, expected, evidence)
    limit = rhythm.hours + tolerance
    if last is None:
        if limit > facts.server.lookback_days * 24:
            return cannot_say(one.subject, "%s %s" % (rhythm.text, _last_start(last, facts)), measured, expected, evidence)
        return verdict(False, one.subject, "%s %s" % (_last_start(last, facts), rhythm.text), measured, expected, evidence)
    # What starts anew when it has ended is measured from there.
    since = (last["end_time"] if _is_continuous(job) else None) or last["creation_time"]
    age = (facts.now - seconds_of(since)) / HOUR
    words = "The newest run began at %s; since it %s it is %s hours, of which %s are allowed with the tolerance."
    numbers = told_apart(age, limit)
    reason = "%s %s" % (words % (to_the_second(last["creation_time"]), "began" if since == last["creation_time"] else "ended", *numbers), rhythm.text)
    return verdict(age <= limit, one.subject, reason, {**measured, "hours": round(age, 2)}, expected, evidence)


def _last_start(last: Optional[Record], facts: Facts) -> str:
    if last is None:
        return "No run of it began in the last %g days." % facts.server.lookback_days
    return "Its newest run began at %s." % to_the_second(last["creation_time"])


def _overdue_hours(facts: Facts, job: Record, last: Optional[Record]) -> Optional[float]:
    """Return how long ago the next run should have begun; None when it is still to come, or when a run has begun since."""
    due = when(job["next_run"])
    if due is None or due >= facts.now or (last is not None and seconds_of(last["creation_time"]) >= due):
        return None
    return (facts.now - due) / HOUR


def _is_continuous(job: Record) -> bool:
    return is_enabled((standard_of(job) or {}).get("options_continuous"))


class _Rhythms:
    """How often jobs start: by the clock, after another job, or when there is something to copy."""

    def __init__(self, facts: Facts) -> None:
        self._jobs = {identity: job for kind in JOB_KINDS for identity, job in facts.by_id(kind).items()}
        self._found: Dict[str, _Rhythm] = {}

    def of(self, job: Record) -> _Rhythm:
        """Return how often a job starts."""
        return self._of(job, frozenset())

    def _of(self, job: Record, asked: FrozenSet[str]) -> _Rhythm:
        own = (job["id"] or "").lower()
        if own in asked:
            return _Rhythm(None, "It starts after a job that starts after it.")
        if own not in self._found:
            self._found[own] = self._made(job, asked | {own})
        return self._found[own]

    def _made(self, job: Record, asked: FrozenSet[str]) -> _Rhythm:
        copying = (job.get("job_schedule_options") or {}).get("immediate_copy_mode")
        if copying:
            denied = longest_denied((copying["options_continuous"] or {}).get("schedule"))
            return self._after([guid_of(uid) for uid in sources_of(job)], denied, "It copies what these jobs make", asked)
        standard = standard_of(job)
        before = previous_job_uid(standard)
        if before:
            return self._after([guid_of(before)], 0.0, "It starts after this job", asked)
        if not job["schedule_configured"]:
            return _Rhythm(None, "It has no schedule, so that no run of it is ever due.")
        hours = longest_gap(standard)
        if hours is None:
            return _Rhythm(None, "How often its schedule starts it is not told.")
        if hours == NEVER:
            return _Rhythm(NEVER, "Its schedule denies every hour of the week, so that it never starts by itself.")
        if _is_continuous(job):
            return _Rhythm(hours, "Its schedule starts it anew when a run has ended, after a pause of %.1f hours at most." % hours)
        return _Rhythm(hours, "Its schedule lets %.1f hours pass between two starts at most." % hours)

    def _after(self, identities: Sequence[str], denied: Optional[float], words: str, asked: FrozenSet[str]) -> _Rhythm:
        """Return the rhythm of what follows other jobs: that of the one which starts most often, and the hours in which it may not follow."""
        sources = [self._jobs[identity.lower()] for identity in identities if identity.lower() in self._jobs]
        names = ", ".join(job["name"] or "?" for job in sources)
        if not sources:
            return _Rhythm(None, "What it starts after is not told.")
        if denied is None or denied == NEVER:
            return _Rhythm(denied, "%s: %s. In which hours it may do so is %s." % (words, names, "not told" if denied is None else "none of the week"))
        working = [self._of(job, asked) for job in sources if job["schedule_enabled"]]
        known = [rhythm.hours for rhythm in working if rhythm.hours is not None and rhythm.hours != NEVER]
        if not known:
            return _Rhythm(None, "%s: %s. Nothing starts these by the clock." % (words, names))
        return _Rhythm(min(known) + denied, "%s: %s. These let %.1f hours pass between two starts at most." % (words, names, min(known) + denied))


# ---------------------------------------------------------------------------------------------------------


@check(
    id="C07",
    title="No run takes much longer than usual",
    severity=MEDIUM,
    subject="job",
    reads=READS_OF_JOB_RUNS + READS_OF_JOBS,
    parameters=(
        Parameter("limit_hours", "number", 24.0, "How long any run may take.", unit="hours", minimum=0),
        Parameter("factor", "number", 1.5, "How many times as long as usual a run may take, where that is longer.", minimum=1),
        Parameter("samples", "integer", 5, "How many former runs it takes to say what is usual.", unit="runs", minimum=1),
    ),
    why="A run that hangs keeps snapshots open and its next runs from starting, and does not count as failed.",
    how="How long each run that has not ended has been going on, against the limit or, where that is longer, the time within which 95 of 100 former "
    "runs of the same job ended, times the factor.",
    fix="Look what the run waits for; stop it when it hangs, and see that its snapshots are gone.",
    limits="Backup copies, immediate copies and CDP policies are left out: a run of theirs works on until its next interval by design, so that its length "
    "says nothing. The Enterprise Manager shows what it last collected from the backup server.",
    controls=("NIST CP-9", "NIST SI-4", "ISO A.8.13"),
)
def run_takes_too_long(context: Context) -> Iterator[Judgement]:
    """Judge every job of which runs are known, copies aside."""
    facts = context.facts
    for job in runs_of_jobs(facts):
        if job.job_type in COPY_JOB_TYPES or not job.sessions:
            continue
        if not job.going_on:
            yield verdict(True, job.subject, "No run of it is going on.", {"hours": None}, None, job.sessions[-1:])
            continue
        oldest = job.going_on[0]
        usual = _usual_hours(job.sessions, context.value("samples"))
        limit = max(float(context.value("limit_hours")), usual * float(context.value("factor")) if usual is not None else 0.0)
        hours = (facts.now - seconds_of(oldest["creation_time"])) / HOUR
        reason = "A run of it has been going on for %s hours; %s hours are allowed." % told_apart(hours, limit)
        measured = {"hours": round(hours, 2), "began": oldest["creation_time"], "usual_hours": None if usual is None else round(usual, 2)}
        yield verdict(hours <= limit, job.subject, reason, measured, {"hours_at_most": round(limit, 2)}, [oldest])
    yield from blind_spots(facts, "replica_sessions")


def _usual_hours(sessions: Sequence[Record], samples: int) -> Optional[float]:
    """Return the time within which 95 of 100 sessions ended, None for too few of them."""
    over = [session for session in sessions if session["state"] == STOPPED and session["end_time"] is not None]
    lengths = sorted(seconds_of(session["end_time"]) - seconds_of(session["creation_time"]) for session in over)
    return lengths[math.ceil(0.95 * len(lengths)) - 1] / HOUR if len(lengths) >= samples else None


# ---------------------------------------------------------------------------------------------------------

# The clock of the week begins on a Sunday; the day from which seconds are counted was a Thursday.
_SUNDAY_BEFORE = 4 * DAY


@check(
    id="C11",
    title="Runs stay inside the backup window",
    severity=MEDIUM,
    subject="job",
    reads=READS_OF_JOB_RUNS + READS_OF_JOBS,
    parameters=(
        Parameter("days", "number", 7.0, "How far back runs are looked at.", unit="days", minimum=0),
        Parameter("tolerance_minutes", "number", 15.0, "For how long a run may be outside of its window.", unit="minutes", minimum=0),
        Parameter(
            "server_utc_offset_hours",
            "map",
            {},
            "How many hours the clock of a backup server is ahead of UTC, by shell pattern of its name; without an entry the schedule of the job says it.",
        ),
    ),
    why="A run outside of its window works on production systems while people work with them, or is cut off and leaves machines without a restore point.",
    how="For every job with a window, how many minutes of its runs lie in hours that the window denies, by the clock of the backup server. A run that lies "
    "outside of the window from beginning to end fails, however short it is.",
    fix="Start the job earlier, spread its machines over more jobs, or widen the window.",
    limits="How far the backup server's clock is ahead of UTC is told as it stands now: for runs before the clocks were changed it is an hour off. "
    "Copies are left out, because a run of theirs waits outside of the window and does nothing.",
    controls=("NIST CP-9", "ISO A.8.6"),
)
def runs_inside_window(context: Context) -> Iterator[Judgement]:
    """Judge every enabled job with a window, copies aside."""
    facts = context.facts
    for one in runs_of_jobs(facts):
        window = (standard_of(one.job or {}) or {}).get("options_backup_window")
        if one.job is None or not one.job["schedule_enabled"] or not is_enabled(window) or one.job_type in COPY_JOB_TYPES:
            continue
        gap = gap_of_runs(facts, one)
        if gap is not None:
            yield Judgement(one.subject, gap.status, "Its runs could not be read. %s" % gap.reason)
        else:
            yield _inside_window(context, one, one.job, (window or {})["time_periods"])
    yield from blind_spots(facts, *JOB_KINDS)


def _inside_window(context: Context, one: JobRuns, job: Record, periods: Sequence[Record]) -> Judgement:
    facts, tolerance = context.facts, float(context.value("tolerance_minutes"))
    expected = {"minutes_outside_at_most": tolerance}
    hours = hours_of_week(periods)
    if hours is None:
        return cannot_say(one.subject, "Its window is not told for every hour of the week.", None, expected, [job])
    since = facts.now - float(context.value("days")) * DAY
    runs = [session for session in one.sessions if seconds_of(session["creation_time"]) >= since]
    if not runs:
        return cannot_say(one.subject, "No run of it began in the last %g days." % context.value("days"), None, expected, [job])
    if all(hours):
        return verdict(True, one.subject, "Its window allows every hour of the week.", {"minutes_outside": 0.0, "runs": len(runs)}, expected, [job])
    offset = _utc_offset_hours(context, job)
    if offset is None:
        reason = (
            "How far the clock of its backup server is ahead of UTC is neither told by its schedule nor, as a number, by the policy (server_utc_offset_hours)."
        )
        return cannot_say(one.subject, reason, None, expected, [job])
    outside = [(_minutes_outside(session, hours, offset, facts.now), session) for session in runs]
    late = [(minutes, session) for minutes, session in outside if minutes > tolerance or 0 < minutes >= _length_in_minutes(session, facts.now)]
    worst, session = max(late or outside, key=lambda pair: pair[0])
    measured = {"minutes_outside": round(worst, 2), "runs": len(runs), "runs_outside": len(late), "server_utc_offset_hours": offset}
    text = (
        "Of %s in the last %g days, %d were outside of the window; the one that began at %s for %s minutes, of which %s are allowed behind a beginning inside."
    )
    reason = text % (counted(len(runs), "run"), context.value("days"), len(late), to_the_second(session["creation_time"]), *told_apart(worst, tolerance))
    return verdict(not late, one.subject, reason, measured, expected, [job, *(session for _minutes, session in late or [(worst, session)])])


def _utc_offset_hours(context: Context, job: Record) -> Optional[float]:
    """Return how far the clock of a job's backup server is ahead of UTC, by the policy or else by the job's schedule; None where neither tells."""
    for pattern, told in context.value("server_utc_offset_hours").items():
        if fits(server_of(job), pattern):
            try:
                return float(told)
            except ValueError:
                return None
    standard = standard_of(job) or {}
    offsets = [part["time_offset_utc"] for part in (standard.get("options_daily"), standard.get("options_monthly")) if part]
    return next((float(offset) for offset in offsets if offset is not None), None)


def _minutes_outside(session: Record, hours: Tuple[bool, ...], offset: float, now: float) -> float:
    local = offset * HOUR + _SUNDAY_BEFORE
    began = seconds_of(session["creation_time"]) + local
    return seconds_denied(hours, began, began + _length_in_minutes(session, now) * _MINUTE) / _MINUTE


def _length_in_minutes(session: Record, now: float) -> float:
    ended = when(session["end_time"])
    return ((now if ended is None else ended) - seconds_of(session["creation_time"])) / _MINUTE
