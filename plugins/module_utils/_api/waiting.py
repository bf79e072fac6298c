# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From an order to its real end: task -> job session -> task sessions of the machines. Private to this collection.

By clock, never by loop count. Finished of a task only says that the order was carried out; the outcome of a run
stands in its job session (WIRE.md sections 0 and 5).
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Callable, Dict, FrozenSet, List, Optional, Tuple, TypeVar

from . import query, reading, which_job
from .entities._model import Resource
from .entities.jobs import COPY_JOB_TYPES
from .entities.restores import RESTORE_SESSION
from .entities.sessions import BACKUP_SESSION, BACKUP_TASK_SESSION, COMPLETED, REPLICA_SESSION, REPLICA_TASK_SESSION, RESULTS_BY_WEIGHT, STOPPED
from .entities.tasks import TASK, TASK_FINISHED
from .errors import (
    AuthenticationError,
    BodyError,
    ConnectError,
    EmError,
    ForeignTask,
    MissingRight,
    NotFound,
    OptionError,
    OrderFailed,
    RunFailed,
    ServerError,
    TlsError,
    WaitTimeExceeded,
)
from .session import Session

Record = Dict[str, Any]
Progress = Callable[[str], None]
Value = TypeVar("Value")

# A new job session shows up a few seconds after its task is Finished (WIRE.md section 5); this is how long we look.
SESSION_APPEARS_WITHIN = 300.0
RETRY_WAIT_WHEN_UNKNOWN = 900
RETRY_MARGIN = 120
# A session that the caller names exists, but data of the server can lag by some seconds (WIRE.md section 5).
_NAMED_SESSION_APPEARS_WITHIN = 15.0
# A log-on session that nobody uses ends after 15 minutes (WIRE.md section 3).
_LONGEST_PAUSE = 600.0
SESSIONS_LOOKED_AT = 20
_ALREADY_RUNNING = "already running"
_TOLERATED_FAILURES = 10
_FIRST_SHARE_OF_INTERVAL = 0.2
_BACK_OFF = 1.5
_REASONS_IN_MESSAGE = 10

SESSION_RESOURCES = (BACKUP_SESSION, REPLICA_SESSION, RESTORE_SESSION)
_MACHINES_OF = {BACKUP_SESSION.type: BACKUP_TASK_SESSION, REPLICA_SESSION.type: REPLICA_TASK_SESSION}
_WAIT_MODULE = "openbackup.veeam_em.veeam_em_job_session_wait"


@dataclass(frozen=True)
class WaitOptions:
    """How long (seconds), how often (seconds at most between two looks), and which results are fine."""

    timeout: float = 3600
    interval: float = 5
    ok_results: Tuple[str, ...] = ("Success", "Warning")


@dataclass(frozen=True)
class JobTarget:
    """A job, and from when on its runs count: the way to a job session without a task.

    ``job_kind`` narrows a name to one kind of job. ``since`` is a time on the server's clock. ``exclude`` are URNs of job sessions seen before the order.
    ``resources`` are the kinds of job session to look among.
    """

    job: str = ""
    job_uid: str = ""
    backup_server: str = ""
    since: str = ""
    exclude: FrozenSet[str] = field(default_factory=frozenset)
    resources: Tuple[Resource, ...] = (BACKUP_SESSION, REPLICA_SESSION)
    job_kind: str = which_job.ANY_KIND

    @property
    def title(self) -> str:
        """The job's name for messages."""
        return self.job or self.job_uid

    def check(self) -> None:
        """Refuse a target that cannot be looked for. Raises OptionError, FilterError."""
        if not (self.job or self.job_uid):
            raise OptionError("No job is named.", advice="Set job or job_uid.")
        which_job.kinds_meant(self.job_kind, self.job_uid)
        if not self.since:
            raise OptionError(
                "It is not said from when on runs of %r count." % self.title,
                advice="Set since to the time of the order, such as the value since that veeam_em_job_run returned.",
            )
        query.filter_expression(BACKUP_SESSION, _session_filter(self))


class Watch:
    """One wait: its deadline, its pace, what it has said, and what it may survive."""

    def __init__(self, session: Session, options: WaitOptions, progress: Progress) -> None:
        self.session = session
        self.options = options
        self.started = session.clock()
        self.polls = 0
        self._say = progress
        self._last_line = ""
        self._pause = options.interval * _FIRST_SHARE_OF_INTERVAL
        self._failures = 0
        self._has_seen = False

    @property
    def elapsed(self) -> float:
        """Seconds since the wait began."""
        return round(self.session.clock() - self.started, 1)

    @property
    def is_over(self) -> bool:
        """Whether the wait time is used up."""
        return self.session.clock() - self.started >= self.options.timeout

    def say(self, line: str) -> None:
        """Tell the user, once per change."""
        if line != self._last_line:
            self._last_line = line
            self._say(line)

    def poll(self, read: Callable[[], Value], any_logon: bool = True) -> Optional[Value]:
        """Look once; None when the server could not be asked just now, which a wait survives a few times.

        With ``any_logon`` a shared log-on session that is lost is replaced by one of our own where there are credentials.
        """
        self.polls += 1
        try:
            value = read()
        except AuthenticationError:
            if not any_logon or not self.session.log_on_instead():
                raise
            self.say("the token in the option session is no longer valid; the wait goes on in a log-on session of its own")
            return None
        except (ConnectError, ServerError, BodyError) as error:
            if not self._is_passing(error):
                raise
            self._failures += 1
            if self._failures > _TOLERATED_FAILURES:
                raise
            self.say("no answer just now (%s), the wait goes on" % error.message.rstrip("."))
            return None
        self._failures = 0
        self._has_seen = True
        return value

    def _is_passing(self, error: EmError) -> bool:
        """Tell whether it may be better at the next look; what never worked is more likely a mistake of the caller."""
        if isinstance(error, ServerError):
            return (error.status or 0) >= 500
        if isinstance(error, BodyError):
            return self._has_seen
        return not isinstance(error, TlsError) and (self.session.has_met_server or error.data.get("sent") is not False)

    def insist(self, read: Callable[[], Value]) -> Value:
        """Look until there is an answer: what is read once, at the end of a long wait, survives as much as the wait."""
        while True:
            value = self.poll(read)
            if value is not None:
                return value
            self.session.pause(self.options.interval)

    def pause(self) -> None:
        """Sleep until the next look: quick at first, then up to the interval, never past the deadline."""
        left = self.options.timeout - (self.session.clock() - self.started)
        pace = min(self._pause, self.options.interval, _LONGEST_PAUSE) * random.uniform(0.85, 1.0)
        self._pause *= _BACK_OFF
        self.session.pause(max(0.0, min(pace, left)))

    def over(self, what: str, data: Record, resume: Record) -> WaitTimeExceeded:
        """Return the failure for a wait whose time is used up, with the last state and how to go on."""
        told = ", ".join("%s: %s" % (name, value) for name, value in resume.items())
        return WaitTimeExceeded(
            "%s after %g s of waiting; it goes on untouched." % (what, self.elapsed),
            advice="To wait on, call %s with %s, or raise wait_timeout." % (_WAIT_MODULE, told) if told else "Raise wait_timeout.",
            data={**data, "elapsed": self.elapsed, "polls": self.polls, "resume": {"module": _WAIT_MODULE, "options": resume} if resume else None},
        )


def _outcome(watch: Watch, **parts: Any) -> Record:
    result: Record = {
        "task": None,
        "job_session": None,
        "machines": [],
        "state": None,
        "result": None,
        "reason": None,
        "related": [],
        "runs": [],
        "found_by_query": False,
        "elapsed": watch.elapsed,
        "polls": watch.polls,
    }
    result.update(parts)
    return result


# ---------------------------------------------------------------------------------------------------------
# Tasks


def wait_for_task(session: Session, task_id: str, options: WaitOptions, target: Optional[JobTarget], follow: bool, progress: Progress) -> Record:
    """Wait until the task is Finished and, with ``follow``, until the job session behind it has ended.

    A task that this log-on session does not know, and one without id (the order found the job running), is followed
    by a query when ``target`` names the job, else it is a ForeignTask or OptionError. So is, with ``follow``, one that was
    refused because the job ran already. Returns task, state, result, reason, related, job_session, machines, runs,
    found_by_query, elapsed (seconds) and polls.

    Raises OrderFailed when the server reports no success, RunFailed for a result outside of ok_results,
    WaitTimeExceeded with the last state and how to resume.
    """
    if target is not None:
        target.check()
    watch = Watch(session, options, progress)
    if not task_id:
        if target is None:
            raise OptionError("No task is named.", advice="Set task_id to the value task_id that veeam_em_job_run returned, or job and since.")
        watch.say("no task is named; looking for the job session of %s since %s" % (target.title, target.since))
        return _after_task(watch, None, find_job_session(watch, target), follow, True)
    try:
        task = finish_task(watch, task_id, target)
    except (ForeignTask, NotFound):
        if target is None:
            raise
        watch.say("%s is not known in this log-on session; looking for the job session of %s since %s" % (task_id, target.title, target.since))
        found = find_job_session(watch, target)
        return _after_task(watch, None, found, follow, True)
    except OrderFailed as error:
        running = _running_session(watch, target) if target is not None and follow and says_already_running(error) else None
        if running is None:
            raise
        watch.say("%s found the job running; following its run" % task_id)
        return _after_task(watch, error.data["task"], running, follow, True)
    return _after_finished(watch, task, target, follow)


def _after_finished(watch: Watch, task: Record, target: Optional[JobTarget], follow: bool) -> Record:
    linked = _linked_session(task)
    if not follow:
        return _after_task(watch, task, linked, False, False)
    if linked is None and target is None:
        raise EmError(
            "%s is Finished, but carries no link to a job session." % task["task_id"],
            advice="Name the job with job (or job_uid) and since, and its job session is found by a query.",
            data=_outcome(watch, task=task, state=task["state"], related=task["related"]),
        )
    if linked is None and target is not None:
        return _after_task(watch, task, find_job_session(watch, target), True, True)
    return _after_task(watch, task, linked, True, False)


def _after_task(watch: Watch, task: Optional[Record], found: Optional[Tuple[Resource, str]], follow: bool, by_query: bool) -> Record:
    related = task["related"] if task else []
    if follow and found is not None:
        outcome = follow_job_session(watch, found[0], found[1], False, None, appears_within=SESSION_APPEARS_WITHIN)
        return {**outcome, "task": task, "related": related, "found_by_query": by_query}
    job_session = watch.poll(lambda: reading.read_entity(watch.session, found[0], found[1])) if found and by_query else None
    # A job session that exists proves that the order was carried out, which is all that Finished says.
    message = task["result"]["message"] if task and task["result"] else None
    return _outcome(watch, task=task, state=TASK_FINISHED, result="Success", reason=message, related=related, job_session=job_session, found_by_query=by_query)


def finish_task(watch: Watch, task_id: str, target: Optional[JobTarget] = None) -> Record:
    """Return the task once it is Finished. Raises ForeignTask, OrderFailed, and WaitTimeExceeded with the target to go on by."""
    task: Optional[Record] = None
    while True:
        task = watch.poll(lambda: reading.read_entity(watch.session, TASK, task_id), any_logon=target is not None) or task
        if task is not None:
            watch.say("%s %s: %s" % (task_id, task["operation"] or "", task["state"]))
            if task["state"] == TASK_FINISHED:
                return checked_task(task)
        if watch.is_over:
            state = task["state"] if task else "unknown"
            raise watch.over("%s is %s" % (task_id, state), _outcome(watch, task=task, state=state), _resume_target(target) if target else {})
        watch.pause()


def checked_task(task: Record) -> Record:
    """Return the task if the server reports success. Raises OrderFailed with the server's message."""
    result = task["result"]
    if result is not None and result["success"] is False:
        message = result["message"] or "no reason was given"
        needs = [text for flag, text in (("credentials_needed", "credentials"), ("confirmation_needed", "a confirmation")) if result[flag]]
        raise OrderFailed(
            '%s (%s) was not carried out: "%s".' % (task["task_id"], task["operation"], message.rstrip(".")),
            advice="The server asks for %s, which the REST API cannot give." % " and ".join(needs) if needs else "Look at the job on its backup server.",
            server_message=message,
            data={"task": task, "state": task["state"], "result": "Failed", "reason": message},
        )
    return task


def says_already_running(error: EmError) -> bool:
    """Tell whether an order was refused because its job runs: somebody was quicker, and their run is the one that is wanted."""
    return _ALREADY_RUNNING in (error.server_message or "").lower()


def _running_session(watch: Watch, target: JobTarget) -> Optional[Tuple[Resource, str]]:
    settled = replace(_settled(watch, target), since="")
    found = watch.insist(lambda: sessions_of(watch.session, settled, newest=SESSIONS_LOOKED_AT))
    return next(((resource, record["id"]) for resource, record in found if record["state"] != STOPPED), None)


def _linked_session(task: Record) -> Optional[Tuple[Resource, str]]:
    for reference in task["related"]:
        for resource in SESSION_RESOURCES:
            if reference["type"] == resource.type:
                return resource, reference["id"]
    return None


# ---------------------------------------------------------------------------------------------------------
# Job sessions


def _session_filter(target: JobTarget, retries_only: bool = False) -> Record:
    wanted: Record = {"creation_time": {"ge": target.since}} if target.since else {}
    if target.job_uid:
        wanted["job_uid"] = which_job.uid_in_sessions(target.job_uid)
    else:
        wanted["job_name"] = target.job
    if retries_only:
        wanted["is_retry"] = True
    return wanted


def sessions_of(session: Session, target: JobTarget, newest: Optional[int] = None, retries_only: bool = False) -> List[Tuple[Resource, Record]]:
    """Return the job sessions of a job since the target's time, oldest first (or the newest few, newest first).

    Raises AmbiguousName when a bare name fits jobs on several backup servers.
    """
    found: List[Tuple[Resource, Record]] = []
    for resource in target.resources:
        selection = reading.Selection(
            filter=_session_filter(target, retries_only),
            backup_server=target.backup_server,
            sort="-creation_time" if newest else "creation_time",
            limit=newest,
        )
        found.extend((resource, record) for record in reading.read(session, resource, selection, counted=False).records)
    found = [(resource, record) for resource, record in found if record["uid"] not in target.exclude]
    jobs = {record["job_uid"]: record for _resource, record in found}
    if len(jobs) > 1 and not target.job_uid:
        raise which_job.ambiguous(target.job, [_candidate_known_by_a_run(record) for record in jobs.values()])
    return found


def _candidate_known_by_a_run(job_session: Record) -> Record:
    return {
        "name": job_session["job_name"],
        "uid": job_session["job_uid"],
        "backup_server": job_session["backup_server_name"],
        "job_kind": None,
    }


def find_job_session(watch: Watch, target: JobTarget) -> Tuple[Resource, str]:
    """Return kind and id of the first job session since the target's time, waiting for it to show up.

    Raises UnknownName when the job does not exist, AmbiguousName, WaitTimeExceeded when no session shows up.
    """
    target = _settled(watch, target)
    limit = watch.session.clock() + SESSION_APPEARS_WITHIN
    while True:
        found = watch.poll(lambda: sessions_of(watch.session, target))
        if found:
            resource, record = found[0]
            watch.say("found job session %s" % record["name"])
            return resource, record["id"]
        if watch.is_over or watch.session.clock() >= limit:
            raise watch.over("No job session of %s since %s has shown up" % (target.title, target.since), _outcome(watch), _resume_target(target))
        watch.say("no job session of %s since %s yet" % (target.title, target.since))
        watch.pause()


def _resume_target(target: JobTarget) -> Record:
    if target.job_uid:
        return {"job_uid": target.job_uid, "since": target.since}
    narrowed = {"backup_server": target.backup_server} if target.backup_server else {}
    if target.job_kind != which_job.ANY_KIND:
        narrowed["job_kind"] = target.job_kind
    return {"job": target.job, **narrowed, "since": target.since}


def _settled(watch: Watch, target: JobTarget) -> JobTarget:
    """Return the target with the job's URN and a time that stands still, an age counted from the begin of the wait.

    A name is looked up, because its runs alone do not tell it from the same name on another backup server. Where the
    account may not list jobs, and for jobs that are no longer or never listed, the name has to do.
    Raises AmbiguousName, and UnknownName for a name that neither a job nor a run has.
    """
    if not target.job_uid:
        kinds = which_job.kinds_meant(target.job_kind)
        try:
            jobs = which_job.jobs_called(watch.session, target.job, target.backup_server, kinds)
        except MissingRight:
            jobs = []
        else:
            if not jobs and not sessions_of(watch.session, replace(target, since=""), newest=1):
                raise which_job.unknown_job(watch.session, target.job, target.backup_server, kinds)
        if jobs:
            job = which_job.the_one(target.job, jobs)
            target = replace(target, job_uid=job["uid"], resources=(which_job.session_resource_of(job),))
    since = query.utc_stamp(target.since, "since", lambda: watch.session.server_now() - timedelta(seconds=watch.elapsed))
    return replace(target, since=since)


def wait_for_job_session(
    session: Session, uid: str, target: Optional[JobTarget], options: WaitOptions, follow_retries: bool, retry_wait: Optional[int], progress: Progress
) -> Record:
    """Wait for a job session until its end, in any log-on session.

    The session is named by ``uid`` (URN or GUID) or by a target. Returns job_session, state, result, reason,
    machines, runs, elapsed (seconds), polls. Raises RunFailed, WaitTimeExceeded, OptionError, UnknownName.
    """
    watch = Watch(session, options, progress)
    if uid:
        resource, identity = _session_by_uid(session, uid)
    elif target is not None:
        target.check()
        resource, identity = find_job_session(watch, target)
    else:
        raise OptionError("No job session is named.", advice="Set uid, or job (or job_uid) with since.")
    return follow_job_session(watch, resource, identity, follow_retries, retry_wait, appears_within=_NAMED_SESSION_APPEARS_WITHIN)


def _session_by_uid(session: Session, uid: str) -> Tuple[Resource, str]:
    for resource in SESSION_RESOURCES:
        if uid.lower().startswith("urn:veeam:%s:" % resource.type.lower()):
            reading.check_selection(resource, reading.Selection(uids=(uid,)))
            return resource, uid.rsplit(":", 1)[-1]
    if uid.lower().startswith("urn:"):
        forms = " or ".join("urn:veeam:%s:GUID" % resource.type for resource in SESSION_RESOURCES)
        raise OptionError("%r is not the URN of a job session." % uid, advice="It has the form %s." % forms)
    reading.check_selection(BACKUP_SESSION, reading.Selection(ids=(uid,)))
    for resource in SESSION_RESOURCES:
        if reading.read(session, resource, reading.Selection(ids=(uid,))).records:
            return resource, uid
    raise NotFound(
        "There is no job session with the id %s." % uid,
        advice="Enterprise Manager keeps job sessions for 30 days; ids are listed by veeam_em_backup_session_info.",
    )


def follow_job_session(
    watch: Watch, resource: Resource, identity: str, follow_retries: bool, retry_wait: Optional[int], judge: bool = True, appears_within: float = 0
) -> Record:
    """Wait for the end of a job session and of its automatic retries; judge the result unless told not to.

    ``appears_within`` are the seconds in which the job session may still be unknown to the server.
    Returns as ``wait_for_job_session`` does. Raises RunFailed, WaitTimeExceeded, NotFound.
    """
    runs: List[str] = []
    listed: List[Record] = []
    while True:
        job_session = _until_ended(watch, resource, identity, judge, appears_within)
        runs.append(job_session["uid"])
        listed = _with_latest(listed, watch.insist(lambda: machines_of(watch.session, resource, job_session["uid"])))  # noqa: B023 - called at once
        retry = _next_retry(watch, resource, job_session, runs, retry_wait) if follow_retries and job_session["result"] == "Failed" else None
        if retry is None:
            break
        identity = retry["id"]
    result = _overall(job_session, listed)
    reason = job_session["failure_message"] or _reasons(listed) or None
    outcome = _outcome(watch, job_session=job_session, machines=listed, state=job_session["state"], result=result, reason=reason, runs=runs)
    if judge and result not in watch.options.ok_results:
        raise RunFailed(
            "%s ended with %s: %s." % (job_session["name"], result, (reason or "no reason was given").rstrip(".")),
            advice="The machines and their reasons are in the result under machines.",
            data=outcome,
        )
    return outcome


def _with_latest(earlier: List[Record], latest: List[Record]) -> List[Record]:
    """Return the machines of several runs, each by its last attempt; two machines of one name in one run stay two."""

    def key(machine: Record) -> str:
        return str(machine.get("vm_uid") or machine["vm_display_name"] or machine["name"])

    again = {key(machine) for machine in latest}
    return [machine for machine in earlier if key(machine) not in again] + latest


def _until_ended(watch: Watch, resource: Resource, identity: str, idle_copy_counts: bool, appears_within: float) -> Record:
    latest: Optional[Record] = None
    limit = watch.session.clock() + appears_within
    while True:
        try:
            latest = watch.poll(lambda: reading.read_entity(watch.session, resource, identity)) or latest
        except NotFound:
            if latest is not None or watch.session.clock() >= limit:
                raise
            watch.say("job session %s cannot be read yet" % identity)
        if latest is not None:
            progress = "%s: %s %s %%" % (latest["name"], latest["state"], latest["progress"] if latest["progress"] is not None else "?")
            if latest["state"] == STOPPED:
                watch.say("%s, %s" % (progress, latest["result"]))
                return latest
            watch.say(progress)
            if idle_copy_counts and is_idle_copy(watch, resource, latest):
                watch.say("%s: every machine is done; a copy job keeps its session open for the next restore point" % latest["name"])
                return latest
        if watch.is_over:
            shown = "%s %s %%" % (latest["state"], latest["progress"]) if latest else "unknown"
            uid = latest["uid"] if latest else "urn:veeam:%s:%s" % (resource.type, identity)
            data = _outcome(watch, job_session=latest, state=latest["state"] if latest else None, result=latest["result"] if latest else None)
            raise watch.over("Job session %s is %s" % (latest["name"] if latest else identity, shown), data, {"uid": uid})
        watch.pause()


def is_idle_copy(watch: Watch, resource: Resource, job_session: Record) -> bool:
    """Tell whether a copy job's session only stays open for its next interval: all its machines are Completed."""
    if not any(str(job_session.get("job_type")).startswith(kind) for kind in COPY_JOB_TYPES):
        return False
    machines = watch.poll(lambda: machines_of(watch.session, resource, job_session["uid"])) or []
    return bool(machines) and all(machine["state"] == COMPLETED for machine in machines)


def machines_of(session: Session, resource: Resource, job_session_uid: str) -> List[Record]:
    """Return the task sessions of a job session, one for each machine; none for a restore."""
    machines = _MACHINES_OF.get(resource.type)
    if machines is None:
        return []
    return reading.read(session, machines, reading.Selection(filter={"job_session_uid": job_session_uid})).records


def _weight(result: Optional[str]) -> int:
    return RESULTS_BY_WEIGHT.index(result) if result in RESULTS_BY_WEIGHT else -1


def _overall(job_session: Record, machines: List[Record]) -> Optional[str]:
    """The session's result once it has ended; of an idle copy, and over retries, the worst of the machines."""
    results: List[Optional[str]] = [machine["result"] for machine in machines]
    if job_session["state"] == STOPPED:
        results.append(job_session["result"])
    return max(results, key=_weight) if results else str(job_session["result"])


def _reasons(machines: List[Record]) -> str:
    told = [
        "%s: %s%s" % (machine["vm_display_name"] or machine["name"], machine["result"], " (%s)" % machine["reason"].rstrip(".") if machine["reason"] else "")
        for machine in machines
        if machine["result"] not in ("Success", None)
    ]
    more = ["and %d more" % (len(told) - _REASONS_IN_MESSAGE)] if len(told) > _REASONS_IN_MESSAGE else []
    return "; ".join(told[:_REASONS_IN_MESSAGE] + more)


def _next_retry(watch: Watch, resource: Resource, ended: Record, followed: List[str], retry_wait: Optional[int]) -> Optional[Record]:
    """Return the automatic retry that follows a failed run, None when none comes in its time."""
    patience = retry_wait
    if patience is None:
        patience = watch.insist(lambda: _configured_retry_wait(watch.session, ended["job_uid"], len(followed) - 1))
    if patience <= 0 or resource.type == RESTORE_SESSION.type:
        return None
    target = JobTarget(job_uid=ended["job_uid"], since=ended["creation_time"], exclude=frozenset(followed), resources=(resource,))
    limit = watch.session.clock() + patience
    while True:
        found = watch.poll(lambda: sessions_of(watch.session, target, retries_only=True)) or []
        if found:
            retry = found[0][1]
            watch.say("automatic retry: %s" % retry["name"])
            return retry
        if watch.is_over:
            data = _outcome(watch, job_session=ended, state=ended["state"], result=ended["result"])
            raise watch.over("%s failed and no automatic retry has begun" % ended["name"], data, {"uid": ended["uid"]})
        if watch.session.clock() >= limit:
            return None
        watch.say("%s failed; looking %g s for an automatic retry" % (ended["name"], patience))
        watch.pause()


def _configured_retry_wait(session: Session, job_uid: str, retries_done: int) -> int:
    """Seconds in which the next automatic retry must begin by the job's schedule; 0 when none will."""
    try:
        job = which_job.job_with_id(session, job_uid)
    except (MissingRight, OptionError):
        return RETRY_WAIT_WHEN_UNKNOWN
    if job is None:
        return RETRY_WAIT_WHEN_UNKNOWN
    retry = ((job["job_schedule_options"] or {}).get("standard") or {}).get("retry_options")
    if not retry:
        return 0
    if retry["retry_specified"] is False or retries_done >= (retry["retry_times"] or 0):
        return 0
    return int(retry["retry_timeout"] or 0) * 60 + RETRY_MARGIN
