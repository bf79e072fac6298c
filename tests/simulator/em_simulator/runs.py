# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The life of a job: orders become tasks, tasks open job sessions, job sessions work through their machines.

Task: Running -> OperationFinished -> Finished. Job session: Starting -> Working -> Stopped (Stopping in between when
somebody stops it). Task session: Pending -> InProgress -> Completed (WIRE.md section 5).
"""

from __future__ import annotations

from functools import partial
from typing import Any, Callable

from .clock import NEVER_US
from .model import COPY_TYPES, Job, JobSession, Logon, Machine, Outcome, Task, TaskSession, entity_type, stable_id
from .problems import Problem
from .world import World

# Seconds of simulated time.
TASK_RUNNING = 0.4
TASK_COLLECTING = 0.4
STOPPING = 0.5
# Parts of a run: begin of the work, end of the last machine.
WORK_BEGINS = 0.1
WORK_ENDS = 0.92

# What tasks call the orders to a job, by the type under which it is served.
OPERATIONS = {
    "Job": {"start": "StartJob", "stop": "StopJob", "retry": "RetryJob", "sync": "StartJobSync", "toggleScheduleEnabled": "UpdateJob"},
    "AgentBackupJob": {"start": "StartJob", "stop": "StopAgentJob", "retry": "RetryAgentJob", "toggleScheduleEnabled": "UpdateJob"},
    "NasJob": {"start": "StartNasJob", "stop": "StopNasJob", "retry": "RetryNasJob", "toggleScheduleEnabled": "UpdateJob"},
}
STOPPED_BY_USER = "Stopped by user"
DEFAULT_FAILURE = "Processing {machine} Error: Failed to create the snapshot: the operation timed out."
DEFAULT_WARNING = "Processing {machine}: the guest tools are out of date; the file system was not quiesced."


class Refused(Exception):
    """The backup server did not carry the order out: the task fails with this message."""


class Runs:
    """Takes orders for jobs and lets their runs happen in a world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.starts: dict[str, int] = {}
        world.progress = self.update_progress

    # Orders

    def order(self, job: Job, action: str, logon: Logon) -> Task:
        """Take an order for a job and return its task. Raises Problem 500 where a script wants the refusal at once."""
        if action in ("start", "sync") and job.run and _param(self.world.script(job, "second_start"), "answer") == "http_500":
            raise Problem(500, f'Job "{job.name}" is already running')
        if action in ("start", "sync", "retry"):
            self.starts[job.name] = self.starts.get(job.name, 0) + 1
        task = logon.new_task(OPERATIONS[entity_type(job.served)][action])
        works: dict[str, Callable[[Task], None]] = {
            "start": lambda order: self._start(job, order, sync=False),
            "sync": lambda order: self._start(job, order, sync=True),
            "retry": lambda order: self._retry(job, order),
            "stop": lambda order: self._stop(job, order),
            "toggleScheduleEnabled": lambda order: self._toggle(job, order),
        }
        if action in ("start", "sync"):
            self._somebody_else_starts(job)
        self._take(task, logon, job, works[action])
        return task

    def order_session_stop(self, session: JobSession, logon: Logon) -> Task:
        """Take the order to stop one job session and return its task."""
        task = logon.new_task("StopJobSession")

        def work(order: Task) -> None:
            if session.job.run is not session:
                raise Refused(f'Job session "{session.job.name}" is not running')
            self._begin_stop(session)
            order.message = "Ok"

        self._take(task, logon, session.job, work)
        return task

    def order_plain(self, operation: str, logon: Logon) -> Task:
        """Take an order that only ever succeeds, such as the collection of data from a backup server."""
        task = logon.new_task(operation)
        now = self.world.moment()

        def carried_out() -> None:
            task.state, task.success, task.message = "OperationFinished", True, "OperationFinished"

        def collected() -> None:
            task.state, task.message = "Finished", "Ok"

        self.world.at(now + TASK_RUNNING, carried_out)
        self.world.at(now + TASK_RUNNING + TASK_COLLECTING, collected)
        return task

    # The life of a task

    def _take(self, task: Task, logon: Logon, job: Job, work: Callable[[Task], None]) -> None:
        now = self.world.moment()
        slow = self.world.script(job, "slow_task") or {}
        running = float(slow.get("running", TASK_RUNNING))
        collecting = float(slow.get("collecting", TASK_COLLECTING))
        stuck = _param(self.world.script(job, "task_stuck"), "state")
        if stuck == "Running":
            return

        def carry_out() -> None:
            try:
                self._fail_on_order(job)
                work(task)
                task.success = True
            except Refused as refusal:
                task.success, task.message = False, str(refusal)
            task.state = "OperationFinished"
            if stuck is None:
                self.world.at(now + running + collecting, lambda: self._finish(task, logon, job))

        self.world.at(now + running, carry_out)

    def _finish(self, task: Task, logon: Logon, job: Job) -> None:
        task.state = "Finished"
        late = self.world.script(job, "late_session") is not None
        task.show_related = not late and self.world.script(job, "no_related_link") is None
        vanishes = self.world.script(job, "task_vanishes")
        if vanishes is not None:
            self.world.at(self.world.moment() + float(vanishes["seconds"]), partial(_forget, logon, task))

    def _fail_on_order(self, job: Job) -> None:
        fails = self.world.script(job, "task_fails")
        if fails is not None and _uses_up(job, "task_fails", fails):
            raise Refused(str(fails["message"]))

    # The orders carried out

    def _start(self, job: Job, task: Task, sync: bool) -> None:
        if job.run is not None and _param(self.world.script(job, "simultaneous_starts"), "outcome") == "same_session":
            task.related = job.run
        elif job.run is not None and _param(self.world.script(job, "simultaneous_starts"), "outcome") != "two_sessions":
            raise Refused(f'Job "{job.name}" is already running')
        elif sync and job.type not in COPY_TYPES:
            raise Refused(f'Job "{job.name}" is not a backup copy job')
        elif not sync and job.type in COPY_TYPES:
            raise Refused(f'Job "{job.name}" is a backup copy job: it is synchronized, not started')
        else:
            task.related = self.begin(job, job.machines, is_retry=False)
        task.message = f'Job "{job.name}" triggered to start.'

    def _retry(self, job: Job, task: Task) -> None:
        if job.run is not None:
            raise Refused(f'Job "{job.name}" is already running')
        failed = job.last.failed_machines if job.last else []
        if not failed:
            raise Refused(f'Job "{job.name}" has no failed objects to retry')
        task.related = self.begin(job, failed, is_retry=True)
        task.message = f'Job "{job.name}" triggered to retry.'

    def _stop(self, job: Job, task: Task) -> None:
        if job.run is None:
            raise Refused(f'Job "{job.name}" is not running')
        self._begin_stop(job.run)
        task.message = f'Job "{job.name}" triggered to stop.'

    def _toggle(self, job: Job, task: Task) -> None:
        job.schedule_enabled = not job.schedule_enabled
        if job.row is not None:
            job.row.values.update(ScheduleEnabled=job.schedule_enabled, NextRun=job.next_run_us if job.schedule_enabled else None)
        self.world.table(entity_type(job.served)).version += 1
        task.message = "Ok"

    def _somebody_else_starts(self, job: Job) -> None:
        if self.world.script(job, "simultaneous_starts") is None:
            return

        def foreign_start() -> None:
            if job.run is None:
                self.begin(job, job.machines, is_retry=False)

        self.world.at(self.world.moment() + TASK_RUNNING / 2, foreign_start)

    # The life of a run

    def begin(self, job: Job, machines: list[Machine], is_retry: bool) -> JobSession:
        """Open a job session now; its further life is planned as events."""
        world = self.world
        now = world.moment()
        number, job.runs = job.runs, job.runs + 1
        session = JobSession(
            id=stable_id("run", job.id, number),
            type=job.session_type,
            job=job,
            created_us=world.stamp(),
            job_type=job.type,
            is_retry=is_retry,
            began=now,
            outcome={} if is_retry and not job.outcome_of(number) else dict(job.outcome_of(number)),
            hide_end=world.script(job, "missing_end_time") is not None,
        )
        session.ended_us = self._running_end(job)
        self._apply_outcome_scripts(session, machines)
        job.run = session
        world.running.add(session)
        late = world.script(job, "late_session")
        session.published = late is None
        if late is None:
            world.publish(session)
        else:
            slow = world.script(job, "slow_task") or {}
            wait = float(slow.get("collecting", TASK_COLLECTING)) + float(late["seconds"])
            world.at(now + wait, lambda: world.publish(session))
        duration = float(_param(world.script(job, "duration"), "seconds") or job.duration)
        world.at(now + duration * WORK_BEGINS, lambda: self._work(session, machines, duration))
        return session

    def _running_end(self, job: Job) -> int | None:
        """Return what EndTimeUTC says as long as something runs."""
        return NEVER_US if _param(self.world.script(job, "running_end_time"), "style") == "never" else None

    def _apply_outcome_scripts(self, session: JobSession, machines: list[Machine]) -> None:
        job, names = session.job, [machine.name for machine in machines]
        for script, result, default in (("run_warns", "Warning", DEFAULT_WARNING), ("run_fails", "Failed", DEFAULT_FAILURE)):
            params = self.world.script(job, script)
            if params is not None and not session.is_retry and _uses_up(job, script, params):
                for name in params["machines"] or names[-1:]:
                    session.outcome[name] = Outcome(result, str(params["reason"]) or default.format(machine=name))
                if params.get("message"):
                    session.ends_with = str(params["message"])
        retry = self.world.script(job, "retry_after_failure")
        if retry is not None:
            retry = job.scripts.setdefault("retry_after_failure", dict(retry))
            retry["done"] = retry.get("done", 0) + 1 if session.is_retry else 0
            if retry["done"] < int(retry["attempts"]):
                for name in retry["machines"] or names[-1:]:
                    session.outcome[name] = Outcome("Failed", DEFAULT_FAILURE.format(machine=name))
            else:
                session.outcome = {}

    def _work(self, session: JobSession, machines: list[Machine], duration: float) -> None:
        if session.state != "Starting":
            return
        world = self.world
        session.state = "Working"
        slot = duration * (WORK_ENDS - WORK_BEGINS) / (len(machines) + 1)
        first = session.began + duration * WORK_BEGINS
        for index, machine in enumerate(machines):
            begin = first + slot * index
            task = TaskSession(stable_id("task", session.id, machine.name), session, machine, world.stamp(begin), begin=begin, end=begin + 2 * slot)
            task.ended_us = self._running_end(session.job)
            session.tasks.append(task)
            if session.published:
                world.add(task)
            world.at(begin, partial(self._begin_machine, task))
            if world.script(session.job, "stuck_running") is None or index == 0:
                world.at(task.end, partial(self._end_machine, task))
        stays = world.script(session.job, "periodic_copy") is not None or world.script(session.job, "stuck_running") is not None
        if not stays:
            world.at(session.began + duration, lambda: self._end(session))

    def _begin_machine(self, task: TaskSession) -> None:
        if task.state == "Pending":
            task.state = "InProgress"
            if self.world.script(task.session.job, "running_result_success") is not None:
                task.result = "Success"

    def _end_machine(self, task: TaskSession) -> None:
        if task.state == "Completed":
            return
        outcome = task.session.outcome.get(task.machine.name, Outcome())
        task.state, task.result, task.reason = "Completed", outcome.result, outcome.reason
        task.ended_us = None if task.session.hide_end else self.world.stamp(task.end)
        task.size = 0 if outcome.result == "Failed" else task.machine.size
        if outcome.result != "Failed" and task.session.job.keeps_points:
            task.point_id, task.point_us = stable_id("point", task.id), self.world.stamp(task.end)
            for keep in self.world.on_point:
                keep(task)

    def _end(self, session: JobSession) -> None:
        if session.state != "Working":
            return
        ranks = ("Success", "Warning", "Failed")
        worst = max((ranks.index(task.result) for task in session.tasks), default=0)
        session.failure_message = session.ends_with
        self._close(session, ranks[worst] if session.ends_with is None else "Failed")

    def _close(self, session: JobSession, result: str) -> None:
        job, world = session.job, self.world
        session.state, session.result = "Stopped", result
        # Immediate copies keep 0 to the end (WIRE.md section 4).
        session.progress = 0 if job.type == "ImmediateBackupCopy" else 100
        session.ended_us = None if session.hide_end else world.stamp()
        if any(task.point_id for task in session.tasks) and not job.is_replica:
            session.point_ids, session.point_us = (stable_id("point", session.id),), session.created_us
        if job.run is session:
            job.run, job.last = None, session
        world.running.discard(session)
        for keep in world.on_end:
            keep(session)
        if session.published:
            world.touch(session)
        retry = world.script(job, "retry_after_failure")
        if retry is not None and result == "Failed" and session.failure_message != STOPPED_BY_USER:
            world.at(world.moment() + float(retry["seconds"]), lambda: self._retry_by_itself(job, session))

    def _retry_by_itself(self, job: Job, failed: JobSession) -> None:
        if job.run is None and job.last is failed:
            self.begin(job, failed.failed_machines, is_retry=True)

    def _begin_stop(self, session: JobSession) -> None:
        session.state = "Stopping"
        self.world.at(self.world.moment() + STOPPING, lambda: self._end_stop(session))

    def _end_stop(self, session: JobSession) -> None:
        for task in session.tasks:
            if task.state != "Completed":
                task.state, task.result, task.reason = "Completed", "Failed", STOPPED_BY_USER
                task.ended_us = None if session.hide_end else self.world.stamp()
        session.failure_message = STOPPED_BY_USER
        self._close(session, "Failed")

    def update_progress(self, session: JobSession, now: float) -> None:
        """Let the progress of a running job session and the sizes of its machines grow up to the moment ``now``."""
        if session.state != "Working" or not session.tasks:
            return
        job = session.job
        begin, end = session.tasks[0].begin, session.tasks[-1].end
        part = min(1.0, max(0.0, (now - begin) / (end - begin))) if end > begin else 1.0
        progress = min(99, int(part * 100))
        stuck, periodic = self.world.script(job, "stuck_running"), self.world.script(job, "periodic_copy")
        if stuck is not None:
            progress = min(progress, int(stuck["progress"]))
        if periodic is not None and part >= 1.0:
            progress = int(periodic["progress"])
        session.progress = 0 if job.type == "ImmediateBackupCopy" else max(session.progress, progress)
        for task in session.tasks:
            if task.state == "InProgress" and task.end > task.begin:
                task.size = int(task.machine.size * min(1.0, (now - task.begin) / (task.end - task.begin)))


def _param(params: dict[str, Any] | None, name: str) -> Any:
    return None if params is None else params.get(name)


def _uses_up(job: Job, script: str, params: dict[str, Any]) -> bool:
    """Whether a script with ``times`` still counts; 0 means for ever."""
    times = int(params.get("times", 0))
    if not times:
        return True
    own = job.scripts.setdefault(script, dict(params))
    own["used"] = own.get("used", 0) + 1
    return int(own["used"]) <= times


def _forget(logon: Logon, task: Task) -> None:
    logon.tasks.pop(task.id, None)
