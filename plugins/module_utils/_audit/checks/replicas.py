# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Replicas: how fresh they are, whether continuous protection works, and whether failover plans can be carried out."""

from __future__ import annotations

from typing import Dict, Iterator, List, Optional, Set, Tuple

from ..._api.entities.jobs import JOB_TYPE_REPLICA
from ..._api.entities.sessions import COMPLETED
from ..._api.job_contents import CONTAINER_MACHINES, name_of, server_of
from ..._api.machines import Machine
from ..._api.wire import guid_of
from ..blind_spots import blind_spots
from ..context import Context
from ..facts import Facts
from ..inhabitants import READS_OF_MACHINES, READS_OF_REPLICA_POINTS, Inhabitant, needing
from ..model import HIGH, MEDIUM, Judgement, Parameter, Reads, Record, Subject, cannot_say, check, verdict
from ..subjects import subject_of
from ..times import sort_key
from ..words import counted, listed, to_the_second, told_apart

_RPO = Parameter("replica_rpo_hours", "number", 24.0, "How old the newest replica point of a machine may be.", unit="hours", minimum=0, by_class=True)
_READS_OF_REPLICAS = READS_OF_MACHINES + needing(READS_OF_REPLICA_POINTS, "vm_replica_points")
_READS_OF_TASKS = Reads("replica_task_sessions", ("name", "vm_display_name", "creation_time", "state", "result", "reason", "backup_server_name"), needed=False)
_FAILED = "Failed"


@check(
    id="C24",
    title="The newest replica is within its RPO, and the last replication did not fail",
    severity=HIGH,
    subject="machine",
    reads=(*_READS_OF_REPLICAS, _READS_OF_TASKS),
    parameters=(_RPO,),
    why="Whoever fails over to an old replica loses all that was written since; a replication that fails makes the next one too old.",
    how="The time of creation of the newest replica point of every machine that has some or that an enabled replication job names, and the result of the "
    "machine's newest task session of replication that is over.",
    fix="Look at the last runs of the replication job; start it, or have its schedule run more often.",
    limits="A task session of replication tells its machine by name only.",
    controls=("NIST CP-9", "NIST CP-10", "ISO A.8.14"),
)
def newest_replica_within_rpo(context: Context) -> Iterator[Judgement]:
    """Judge every machine that is replicated or ought to be."""
    named, members = _replicated(context)
    replications = _Replications(context.facts)
    for one in context.facts.inhabitants.all:
        limit = context.value(_RPO.name, one.subject)
        expected, point = {"hours_at_most": limit}, one.newest_replica_point()
        if point is not None:
            yield _judged_replica(context, one, point, replications, expected)
        elif one.machine in named:
            reason = "The replication job %s names it, and it has no replica point." % listed(sorted(named[one.machine]))
            yield verdict(False, one.subject, reason, {"hours": None, "newest": None}, expected)
        elif one.machine in members:
            reason = "It is in a container of the replication job %s and has no replica point: it is new, or left out." % listed(sorted(members[one.machine]))
            yield cannot_say(one.subject, reason, {"hours": None, "newest": None}, expected)
    yield from blind_spots(context.facts, "jobs", CONTAINER_MACHINES, _READS_OF_TASKS.kind)


class _Replications:
    """The newest task session of replication that is over, of each machine."""

    def __init__(self, facts: Facts) -> None:
        self.last: Dict[Machine, Record] = {}
        self._unclear: Set[Machine] = set()
        self._unclear_names: Set[str] = set()
        for task in facts.records(_READS_OF_TASKS.kind):
            one = facts.inhabitants.find(None, name_of(task), server_of(task))
            told = all(task[name] for name in ("creation_time", "state", "result"))
            if one is None and not (told and server_of(task)):
                self._unclear_names.add((name_of(task) or "").casefold())
            elif one is not None and not told:
                self._unclear.add(one.machine)
            elif one is not None and task["state"] == COMPLETED:
                known = self.last.get(one.machine)
                if known is None or sort_key(task["creation_time"]) > sort_key(known["creation_time"]):
                    self.last[one.machine] = task

    def is_unclear(self, one: Inhabitant) -> bool:
        """Tell whether there is a task session that may be the newest of a machine and does not tell what it would have to."""
        return one.machine in self._unclear or one.subject.name.casefold() in self._unclear_names


def _judged_replica(context: Context, one: Inhabitant, point: Record, replications: _Replications, expected: Record) -> Judgement:
    """Judge the newest replica point and the last replication, where one is known."""
    run = replications.last.get(one.machine)
    age, limit = context.facts.age_hours(point["creation_time"]) or 0.0, expected["hours_at_most"]
    reason = "Its newest replica point is %s hours old; %s hours are allowed." % told_apart(age, limit)
    failed = run is not None and run["result"] == _FAILED
    if run is not None and failed:
        reason += " The last replication, which began at %s, failed%s" % (to_the_second(run["creation_time"]), ": " + run["reason"] if run["reason"] else ".")
    measured = {"hours": round(age, 2), "newest": point["creation_time"], "last_result": run and run["result"]}
    if age <= limit and not failed and replications.is_unclear(one):
        return cannot_say(one.subject, reason + " How its last replication ended is not told.", measured, expected, [point, run])
    return verdict(age <= limit and not failed, one.subject, reason, measured, expected, [point, run])


def _replicated(context: Context) -> Tuple[Dict[Machine, Set[str]], Dict[Machine, Set[str]]]:
    """Return names of enabled replication jobs by the machines that they name, and by those in their containers."""
    named: Dict[Machine, Set[str]] = {}
    members: Dict[Machine, Set[str]] = {}
    for job in context.facts.inhabitants.jobs:
        if job.type == JOB_TYPE_REPLICA and job.enabled:
            for found, machines in ((named, job.machines), (members, job.members)):
                for machine in machines:
                    found.setdefault(machine, set()).add(job.name)
    return named, members


_OF_CDP_SESSION = ("name", "policy_uid", "policy_name", "creation_time", "end_time", "state", "result", "failure_message", "backup_server_name")
_OF_CDP_TASK = ("name", "vm_display_name", "policy_session_uid", "creation_time", "end_time", "state", "result", "reason")


@check(
    id="C25",
    title="Continuous data protection works",
    severity=MEDIUM,
    subject="cdp_policy",
    reads=(
        Reads("cdp_policies", ("name", "backup_server_name", "schedule_enabled")),
        Reads("cdp_replica_sessions", _OF_CDP_SESSION),
        Reads("cdp_replica_task_sessions", _OF_CDP_TASK, needed=False),
    ),
    parameters=(Parameter("cdp_hours", "number", 24.0, "Of how many hours sessions are looked at.", unit="hours", minimum=0),),
    why="A policy promises to lose seconds; one that is switched off or fails loses everything since, and no backup job tells of it.",
    how="Whether the policy is switched on, has a session that goes on or ended lately, and whether none of these, nor a machine in one, failed.",
    fix="Switch the policy on; look at its session for what failed, such as the filter on a host, the proxies or the line.",
    limits="How far a machine lags behind its objective is not told, only that a session failed for it.",
    controls=("NIST CP-9", "NIST CP-10", "ISO A.8.14"),
)
def continuous_protection(context: Context) -> Iterator[Judgement]:
    """Judge every CDP policy."""
    facts, hours = context.facts, context.value("cdp_hours")
    sessions = facts.grouped("cdp_replica_sessions", "id of policy", lambda record: guid_of(record["policy_uid"] or "").lower())
    for policy in facts.records("cdp_policies"):
        subject, expected = subject_of("cdp_policy", policy), {"enabled": True, "failed": 0, "hours": hours}
        if not policy["schedule_enabled"]:
            yield verdict(False, subject, "It is switched off.", {"enabled": False}, expected, [policy])
            continue
        recent = [session for session in sessions.get((policy["id"] or "").lower(), ()) if _is_recent(context, session, hours)]
        failed = [session for session in recent if session["result"] == _FAILED]
        tasks = _failed_tasks(context, recent, hours)
        measured = {"enabled": True, "sessions": len(recent), "failed": len(failed), "failed_machines": sorted(tasks)}
        yield _judged_policy(context, subject, measured, expected, [policy, *recent, *tasks.values()])


def _judged_policy(context: Context, subject: Subject, measured: Record, expected: Record, evidence: List[Record]) -> Judgement:
    gap = context.facts.gap("cdp_replica_task_sessions")
    reason = "It is switched on; of %s in the last %g hours %d failed" % (counted(measured["sessions"], "session"), expected["hours"], measured["failed"])
    machines = measured["failed_machines"]
    reason += ", with failures of %s." % listed(machines) if machines else "."
    good = measured["sessions"] > 0 and not measured["failed"] and not machines
    if good and gap is not None:
        return Judgement(subject, gap.status, "%s The machines in them could not be looked at. %s" % (reason, gap.reason), measured, expected)
    return verdict(good, subject, reason, measured, expected, evidence)


def _is_recent(context: Context, session: Record, hours: float) -> bool:
    """Tell whether a session goes on or ended in the last hours."""
    ended = context.facts.age_hours(session["end_time"])
    return ended is None or ended <= hours


def _failed_tasks(context: Context, sessions: List[Record], hours: float) -> Dict[str, Record]:
    """Return the task sessions of the sessions that failed in the last hours, by name of the machine."""
    by_session = context.facts.grouped("cdp_replica_task_sessions", "session", lambda record: guid_of(record["policy_session_uid"] or "").lower())
    tasks = [task for session in sessions for task in by_session.get((session["id"] or "").lower(), ())]
    return {task["vm_display_name"] or task["name"]: task for task in tasks if task["result"] == _FAILED and _is_recent(context, task, hours)}


@check(
    id="C26",
    title="Failover plans can be carried out",
    severity=MEDIUM,
    subject="failover_plan",
    reads=(*_READS_OF_REPLICAS, Reads("failover_plans", ("name", "backup_server_name", "failover_plan_info"))),
    parameters=(_RPO, Parameter("order_needed", "bool", True, "Whether the machines of a plan must have an order, and not all the same place in it.")),
    why="A plan is opened on the worst day; a machine without a fresh replica, or one that starts before what it needs, is found out then.",
    how="Whether the plan has machines, whether these have an order, and how old the newest replica point of each is.",
    fix="Put the machines in order, replicate those without a fresh replica, take those out that are no more.",
    limits="Delays between the starts, scripts and network mapping are not told, nor whether the plan was ever tried.",
    controls=("NIST CP-2", "NIST CP-10", "ISO A.5.29", "ISO A.8.14"),
)
def failover_plans(context: Context) -> Iterator[Judgement]:
    """Judge every failover plan."""
    for plan in context.facts.records("failover_plans"):
        subject = subject_of("failover_plan", plan)
        told = (plan["failover_plan_info"] or {}).get("includes") or ()
        entries = [entry for entry in told if entry]
        if not told:
            yield verdict(False, subject, "It has no machines.", {"machines": 0}, {"machines_at_least": 1}, [plan])
            continue
        if not entries:
            yield cannot_say(subject, "Nothing is told of the machines in it.", {"machines": len(told)}, None, [plan])
            continue
        old, points = _without_fresh_replica(context, plan, entries)
        ordered = _is_ordered(entries)
        good = not old and (ordered or not context.value("order_needed"))
        reason = "Of its %s %s without a replica point of the allowed age%s; the order of start %s set." % (
            counted(len(entries), "machine"),
            "%d %s" % (len(old), "is" if len(old) == 1 else "are"),
            " (%s)" % listed(old) if old else "",
            "is" if ordered else "is not",
        )
        measured = {"machines": len(entries), "without_fresh_replica": old, "ordered": ordered}
        expected = {"hours_at_most": context.value(_RPO.name), "ordered": bool(context.value("order_needed"))}
        if good and len(entries) < len(told):
            unknown = " Of %s nothing is told." % counted(len(told) - len(entries), "further entry", "further entries")
            yield cannot_say(subject, reason + unknown, measured, expected, [plan, *points])
            continue
        yield verdict(good, subject, reason, measured, expected, [plan, *points])


def _without_fresh_replica(context: Context, plan: Record, entries: List[Record]) -> Tuple[List[str], List[Record]]:
    """Return the names of machines whose newest replica point is missing or too old, and the points of all."""
    old: List[str] = []
    points: List[Record] = []
    for entry in entries:
        name = entry["name"] or entry["display_name"] or entry["hierarchy_obj_ref"] or ""
        one = _machine_of(context, entry, server_of(plan))
        point = one.newest_replica_point() if one else None
        points += [point] if point else []
        limit = context.value(_RPO.name, one.subject) if one else context.value(_RPO.name)
        if point is None or (context.facts.age_hours(point["creation_time"]) or 0.0) > limit:
            old.append(name)
    return sorted(old), points


def _machine_of(context: Context, entry: Record, server: str) -> Optional[Inhabitant]:
    """Return the machine of an entry: points of replicas tell names only, so that these lead on where the reference does not."""
    inhabitants = context.facts.inhabitants
    named = [entry["name"], entry["display_name"]]
    found = [inhabitants.find(entry["hierarchy_obj_ref"], None, server), *(inhabitants.find(None, name, server) for name in named if name)]
    return max((one for one in found if one is not None), key=lambda one: len(one.replica_points), default=None)


def _is_ordered(entries: List[Record]) -> bool:
    orders = [entry["order"] for entry in entries]
    return None not in orders and (len(orders) == 1 or len(set(orders)) > 1)
