# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Start, stop and retry of a job: read first, adopt what runs, look up a lost answer. Private to this collection.

Source: API.md sections 4 and 5 (copy jobs start with sync), WIRE.md section 5; design: no POST is ever repeated.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Dict, FrozenSet, List, Optional, Tuple

from . import reading, waiting, which_job, wire
from .entities._model import Action, Resource
from .entities.jobs import JOB_RETRIED, JOB_STARTED, JOB_STATES, JOB_STOPPED
from .entities.sessions import STOPPED, STOPPING
from .entities.tasks import TASK, TASK_FINISHED
from .errors import BodyError, ConnectError, EmError, ForeignTask, NotFound, OptionError, OrderFailed, OrderNotTaken, OutcomeUnknown, ServerError
from .session import Session
from .waiting import JobTarget, Progress, WaitOptions, Watch

Record = Dict[str, Any]

STATES = JOB_STATES
WAITS = ("none", "task", "session")
_LOOK_UP_SECONDS = 15.0
_LOOK_UP_PAUSE = 1.0
_PROXY_STATUS = (502, 503, 504)


@dataclass(frozen=True)
class JobOrder:
    """What is wanted of which job: a name (with its backup server and kind) or a URN or GUID."""

    state: str
    job: str = ""
    job_uid: str = ""
    backup_server: str = ""
    job_kind: str = which_job.ANY_KIND

    def check(self) -> None:
        """Refuse an order that names no job or a malformed one, and one that no such job takes. Raises OptionError."""
        if not (self.job or self.job_uid):
            raise OptionError("No job is named.", advice="Set job to its name, or job_uid to its URN or GUID.")
        if not any(action.state == self.state for kind in self.kinds for action in kind.actions):
            raise _not_offered(self.kinds[0], self.state)

    @property
    def kinds(self) -> which_job.Kinds:
        """The kinds of job that it can be."""
        return which_job.kinds_meant(self.job_kind, self.job_uid)


@dataclass
class _Run:
    """A run under way: the job, what was seen before the order, and what is known since."""

    session: Session
    order: JobOrder
    job: Record
    action: Action
    target: JobTarget
    newest: Optional[Record]
    running: Optional[Record]
    known_tasks: FrozenSet[str] = frozenset()
    logon_id: str = ""

    @property
    def is_stop(self) -> bool:
        """Whether the job is to be stopped."""
        return self.action.state == JOB_STOPPED

    def report(self, changed: bool, **parts: Any) -> Record:
        """Return the result of the module with everything that is known."""
        before = JOB_STARTED if self.running else JOB_STOPPED
        after = (JOB_STOPPED if self.is_stop else JOB_STARTED) if changed else before
        result: Record = {
            "changed": changed,
            "adopted": False,
            "job": {key: self.job.get(key) for key in ("id", "uid", "name", "job_kind", "job_type", "platform", "backup_server")},
            "since": self.target.since,
            "task": None,
            "job_session": None,
            "machines": [],
            "runs": [],
            "state": None,
            "result": None,
            "reason": None,
            "related": [],
            "found_by_query": False,
            "elapsed": 0.0,
            "polls": 0,
            "diff": {"before": {"state": before}, "after": {"state": after}},
        }
        result.update(parts)
        return result


def run_job(
    session: Session,
    order: JobOrder,
    wait: str,
    options: WaitOptions,
    check_mode: bool,
    progress: Progress,
    follow_retries: bool = False,
    retry_wait: Optional[int] = None,
) -> Record:
    """Bring a job into the wanted state and wait as far as asked.

    Args: wait is none (the order was taken), task (it was carried out) or session (the run has ended).
    Returns changed, adopted, job, since (server time from which the run counts), task, job_session, machines,
    runs, state, result, reason, related, found_by_query, elapsed, polls, diff.
    Raises UnknownName, AmbiguousName (nothing started), OrderFailed, RunFailed, WaitTimeExceeded,
    OrderNotTaken, OutcomeUnknown.
    """
    order.check()
    run = _survey(session, order, find_job(session, order))
    reason_to_rest = _nothing_to_do(run)
    if reason_to_rest:
        progress(reason_to_rest)
        return run.report(False, job_session=run.newest, state=run.newest["state"] if run.newest else None, reason=reason_to_rest)
    if run.running is not None and not run.is_stop:
        progress("%s runs already; its run is taken over" % run.job["name"])
        return _adopt(run, wait, options, progress, follow_retries, retry_wait)
    if check_mode:
        return run.report(True)
    try:
        return _carry_out(run, wait, options, progress, follow_retries, retry_wait)
    except EmError as error:
        if "job" not in error.data:
            error.data = {**run.report(False), **error.data}
        raise


def find_job(session: Session, order: JobOrder) -> Record:
    """Return the one job that the order names. Raises UnknownName, AmbiguousName with the candidates."""
    kinds = order.kinds
    if order.job_uid:
        job = which_job.job_with_id(session, order.job_uid, kinds)
        if job is None:
            raise which_job.no_job_with_id(order.job_uid, kinds)
        return job
    jobs = which_job.jobs_called(session, order.job, order.backup_server, kinds)
    if not jobs:
        raise which_job.unknown_job(session, order.job, order.backup_server, kinds)
    return which_job.the_one(order.job, jobs)


def _not_offered(kind: Resource, state: str) -> OptionError:
    offered = dict.fromkeys(action.state for action in kind.actions if action.state)
    message = "%s cannot be %s: the service offers no such order." % (kind.subject, state)
    return OptionError(message, advice="They can be: %s." % ", ".join(offered))


def _survey(session: Session, order: JobOrder, job: Record) -> _Run:
    kind = which_job.kind_of(job)
    action = kind.order_to(order.state, job.get("job_type"))
    if action is None:
        raise _not_offered(kind, order.state)
    target = JobTarget(job=job["name"], job_uid=job["uid"], resources=(which_job.session_resource_of(job),))
    seen = [record for _resource, record in waiting.sessions_of(session, target, newest=waiting.SESSIONS_LOOKED_AT)]
    running = next((record for record in seen if record["state"] != STOPPED), None)
    if running is not None and action.state != JOB_STOPPED and _is_between_intervals(session, target, running):
        running = None
    # The server stamps whole seconds in its Date header, so the second before is the safe side.
    since = (session.server_now() - timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    target = replace(target, since=since, exclude=frozenset(record["uid"] for record in seen))
    return _Run(session, order, job, action, target, seen[0] if seen else None, running)


def _is_between_intervals(session: Session, target: JobTarget, running: Record) -> bool:
    watch = Watch(session, WaitOptions(timeout=0), lambda line: None)
    return waiting.is_idle_copy(watch, target.resources[0], running)


def _nothing_to_do(run: _Run) -> str:
    name = run.job["name"]
    if run.is_stop and run.running is None:
        return "%s is not running" % name
    if run.action.state == JOB_RETRIED and run.running is None:
        if run.newest is None:
            return "%s has no run that could be retried" % name
        if run.newest["result"] != "Failed":
            return "the last run of %s ended with %s; there is nothing to retry" % (name, run.newest["result"])
    return ""


def _adopt(run: _Run, wait: str, options: WaitOptions, progress: Progress, follow_retries: bool, retry_wait: Optional[int]) -> Record:
    running = run.running
    if running is None:
        raise OutcomeUnknown("The server says that %s runs already, but no run of it is to be found." % run.job["name"], advice="Try again in a minute.")
    since = running["creation_time"] or run.target.since
    if wait != "session":
        return run.report(False, adopted=True, since=since, job_session=running, state=running["state"], result=running["result"], runs=[running["uid"]])
    watch = Watch(run.session, options, progress)
    outcome = _with_run(run, False, lambda: waiting.follow_job_session(watch, run.target.resources[0], running["id"], follow_retries, retry_wait), since, True)
    return run.report(False, **{**outcome, "adopted": True, "since": since})


def _with_run(run: _Run, changed: bool, step: Any, since: str, adopted: bool) -> Record:
    """Carry out a step of the wait; a failure tells what was started too."""
    try:
        outcome: Record = step()
    except EmError as error:
        error.data = run.report(changed, **{**error.data, "adopted": adopted, "since": since})
        raise
    return outcome


def _carry_out(run: _Run, wait: str, options: WaitOptions, progress: Progress, follow_retries: bool, retry_wait: Optional[int]) -> Record:
    watch = Watch(run.session, options, progress)
    try:
        task, found = _give_order(run, progress)
        if task is not None:
            progress("%s: order taken as %s" % (run.job["name"], task["task_id"]))
        if wait == "none":
            return run.report(True, task=task, state=task["state"] if task else None, job_session=found, related=task["related"] if task else [])
        outcome = _with_run(run, True, lambda: _await(run, watch, task, found, wait, follow_retries, retry_wait), run.target.since, False)
    except (OrderFailed, ServerError) as error:
        if run.is_stop or not waiting.says_already_running(error):
            raise
        again = _survey(run.session, run.order, run.job)
        return _adopt(again, wait, options, progress, follow_retries, retry_wait)
    return run.report(True, **outcome)


def _await(run: _Run, watch: Watch, task: Optional[Record], found: Optional[Record], wait: str, follow_retries: bool, retry_wait: Optional[int]) -> Record:
    finished = _finished(run, watch, task)
    message = finished["result"]["message"] if finished and finished["result"] else None
    outcome: Record = {"task": finished, "related": finished["related"] if finished else []}
    stopping = run.is_stop
    if wait == "task" and (finished is not None or stopping):
        return {**outcome, "state": TASK_FINISHED, "result": "Success", "reason": message, "elapsed": watch.elapsed, "polls": watch.polls}
    resource, identity, by_query = _job_session_behind(run, watch, outcome["related"], found)
    if wait == "task":
        job_session = reading.read_entity(run.session, resource, identity)
        outcome.update(state=TASK_FINISHED, result="Success", job_session=job_session, found_by_query=True)
        return {**outcome, "elapsed": watch.elapsed, "polls": watch.polls}
    followed = waiting.follow_job_session(
        watch, resource, identity, follow_retries and not stopping, retry_wait, judge=not stopping, appears_within=waiting.SESSION_APPEARS_WITHIN
    )
    return {**followed, **outcome, "found_by_query": by_query}


def _finished(run: _Run, watch: Watch, task: Optional[Record]) -> Optional[Record]:
    """Return the task once it is Finished; None when it was lost with its log-on session, or never seen."""
    if task is None:
        return None
    try:
        return waiting.finish_task(watch, task["task_id"], run.target)
    except (ForeignTask, NotFound):
        watch.say("%s is gone with its log-on session; following the job session of %s instead" % (task["task_id"], run.job["name"]))
        return None


def _job_session_behind(run: _Run, watch: Watch, related: List[Record], found: Optional[Record]) -> Tuple[Resource, str, bool]:
    """Return kind and id of the run's job session, and whether it took a query to find it."""
    resource = run.target.resources[0]
    if run.is_stop and run.running is not None:
        return resource, run.running["id"], False
    for reference in related:
        if reference["type"] == resource.type:
            return resource, reference["id"], False
    if found is not None:
        return resource, found["id"], True
    return (*waiting.find_job_session(watch, run.target), True)


# ---------------------------------------------------------------------------------------------------------
# The order itself


def _give_order(run: _Run, progress: Progress) -> Tuple[Optional[Record], Optional[Record]]:
    """Send the one POST. Returns the task, or the job session that proves the order where the answer was lost."""
    path, parameters = run.action.address("%s/%s" % (which_job.kind_of(run.job).path, run.job["id"]))
    if run.session.is_shared:
        run.known_tasks = frozenset(task["task_id"] for task in _tasks(run.session))
    try:
        answer = run.session.post(path, parameters, run.action.roles)
        return wire.record_of(run.session.parsed(answer), TASK), None
    except (ConnectError, BodyError, ServerError) as error:
        if error.data.get("sent") is False or (isinstance(error, ServerError) and error.status not in _PROXY_STATUS):
            raise
        run.logon_id = run.session.session_id
        progress("the answer to the order was lost; looking up whether it was taken")
        return _look_up(run, error)


def _look_up(run: _Run, lost: EmError) -> Tuple[Optional[Record], Optional[Record]]:
    """Find out whether an order whose answer was lost was taken. Raises OrderNotTaken, OutcomeUnknown.

    A task of our own log-on session is proof, as no one else makes tasks there; in a shared one only a new job
    session is, because the task list does not name jobs. That it was not taken takes a look at the very end.
    """
    end = run.session.clock() + _LOOK_UP_SECONDS
    tasks: List[Record] = []
    looked = False
    while True:
        try:
            tasks = [task for task in _tasks(run.session) if task["operation"] == run.action.operation and task["task_id"] not in run.known_tasks]
            found = _runs_that_prove(run)
            # A log-on session opened since the order knows nothing of it, and so cannot tell that it was not taken.
            looked = run.session.session_id == run.logon_id
        except EmError:
            found, looked = [], False
        proof = tasks[-1] if tasks and not run.session.is_shared else None
        if proof or found:
            return proof, found[0] if found and not proof else None
        if run.session.clock() >= end:
            break
        run.session.pause(_LOOK_UP_PAUSE)
    asked: Dict[str, Any] = {"method": lost.method, "path": lost.path, "status": lost.status}
    if looked and not tasks:
        raise OrderNotTaken(
            "%s was not %s: %s The server was asked and knows of no such order." % (run.job["name"], run.order.state, lost.message),
            advice="It is safe to run this again.",
            data=run.report(False),
            **asked,
        )
    raise OutcomeUnknown(
        "Whether %s was %s is unknown: %s The order was not repeated." % (run.job["name"], run.order.state, lost.message),
        advice="Look with veeam_em_%s_info %s before you run this again."
        % (run.target.resources[0].thing, "whether the run goes on" if run.is_stop else "for a run since %s" % run.target.since),
        data=run.report(False),
        **asked,
    )


def _runs_that_prove(run: _Run) -> List[Record]:
    """Return the runs by which an order shows to have been taken: a new one, or for a stop the one that ends."""
    if not run.is_stop or run.running is None:
        return [record for _resource, record in waiting.sessions_of(run.session, run.target)]
    running = reading.read_entity(run.session, run.target.resources[0], run.running["id"])
    return [running] if running["state"] in (STOPPING, STOPPED) else []


def _tasks(session: Session) -> List[Record]:
    return reading.read(session, TASK, reading.Selection()).records
