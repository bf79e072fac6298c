# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Restore points: how old the newest is, how many there are, of which sort."""

from __future__ import annotations

from collections import defaultdict
from typing import Dict, Iterator, List, Optional, Sequence, Tuple

from ..._api.job_contents import CONTAINER_MACHINES, server_of
from ..._api.machines import COMPUTER
from ..blind_spots import blind_spots
from ..context import Context
from ..facts import Facts, Gap
from ..inhabitants import READS_OF_MACHINES, READS_OF_POINTS, READS_OF_RUNS, Inhabitant, if_readable, makes_backups, newest_first, oldest_first
from ..model import BY_ID, FAIL, HIGH, MEDIUM, NOT_ASSESSABLE, PASS, Judgement, Parameter, Reads, Record, Subject, cannot_say, check, verdict
from ..times import DAY, HOUR, seconds_of
from ..words import counted, told_apart

_READS = READS_OF_MACHINES + READS_OF_POINTS + if_readable(READS_OF_RUNS)
_FILES_OF_POINTS = (
    Reads("vm_restore_points", ("backup_file.id",), identity=BY_ID),
    Reads("agent_restore_points", ("backup_file.id",), needed=False, identity=BY_ID),
    Reads("backup_files", ("file_type",), needed=False, identity=BY_ID),
)
_POINTS_OF_COMPUTERS = "agent_restore_points"
_FULL, _REVERSE = "Full", "ReverseIncrement"
_BY_FILE_TYPE = {"vbk": _FULL, "vib": "Increment", "vrb": _REVERSE}
_REVERSED = "ReversedIncremental"


@check(
    id="C02",
    title="The newest restore point is within the RPO",
    severity=HIGH,
    subject="machine",
    reads=_READS,
    parameters=(Parameter("rpo_hours", "number", 24.0, "How old the newest restore point of a machine may be.", unit="hours", minimum=0, by_class=True),),
    why="What was written after the newest restore point is lost when the machine is.",
    how="The time of creation of the machine's newest restore point, in whatever backup it lies, against the moment of the audit. Machines in a backup job or "
    "agent job ought to have one; points of replicas are for the check of replicas. Machines that surely are no more are left out.",
    fix="Look at the last runs of the machine's jobs; start the job, or have its schedule run more often.",
    limits="What a job excludes is not told: a machine in a container of a job whose runs never worked on it may be excluded, and ought to have no point then.",
    controls=("CIS 11.2", "NIST CP-9", "ISO A.8.13"),
)
def newest_point_within_rpo(context: Context) -> Iterator[Judgement]:
    """Judge every machine that has restore points or ought to have some."""
    facts = context.facts
    for one in facts.inhabitants.all:
        if facts.inhabitants.is_gone(one):
            continue
        point = one.newest_point()
        expected = {"hours_at_most": context.value("rpo_hours", one.subject)}
        if point is not None:
            yield _age_of_newest(facts, one, point, expected)
        elif one.backup_jobs or any(map(makes_backups, one.left_out_by)):
            yield _without_point(facts, one, expected)
    # Who is in a job and has no restore point is known from these alone.
    yield from blind_spots(facts, "jobs", CONTAINER_MACHINES, "agent_jobs", "discovered_computers", _POINTS_OF_COMPUTERS)


def _age_of_newest(facts: Facts, one: Inhabitant, point: Record, expected: Dict[str, float]) -> Judgement:
    age = (facts.now - seconds_of(point["creation_time"])) / HOUR
    limit = expected["hours_at_most"]
    measured = {"hours": round(age, 2), "newest": point["creation_time"]}
    reason = "Its newest restore point is %s hours old; %s hours are allowed." % told_apart(age, limit)
    if age > limit and not one.is_known_to_exist:
        doubt = " No job holds it, and nothing that could be read shows whether it still exists."
        return cannot_say(one.subject, reason + doubt, measured, expected, [point])
    return verdict(age <= limit, one.subject, reason, measured, expected, [point])


def _without_point(facts: Facts, one: Inhabitant, expected: Dict[str, float]) -> Judgement:
    measured = {"hours": None, "newest": None}
    gap = _gap_of_points(facts, one)
    if gap is not None:
        return Judgement(one.subject, gap.status, "Its restore points could not be read. %s" % gap.reason, measured, expected)
    if one.backup_jobs:
        return verdict(False, one.subject, "It is in a job and has no restore point.", measured, expected)
    names = ", ".join(sorted(job.name for job in one.left_out_by))
    text = "It has no restore point, and lies in a container of the job %s, whose runs never worked on it: it is new there, or excluded, which is not told."
    return cannot_say(one.subject, text % names, measured, expected)


def _gap_of_points(facts: Facts, one: Inhabitant) -> Optional[Gap]:
    return facts.gap(_POINTS_OF_COMPUTERS if one.machine.kind == COMPUTER else "vm_restore_points")


def _with_points(facts: Facts) -> Iterator[Inhabitant]:
    """Yield the machines that have restore points and are not surely gone."""
    for one in facts.inhabitants.all:
        if one.points and not facts.inhabitants.is_gone(one):
            yield one


# ---------------------------------------------------------------------------------------------------------


@check(
    id="C16",
    title="As many restore points are kept as the policy wants, and for as long",
    severity=MEDIUM,
    subject="machine",
    reads=_READS,
    parameters=(
        Parameter("points", "integer", 7, "How many restore points of a machine have to be kept in one backup.", unit="points", minimum=1, by_class=True),
        Parameter("oldest_days", "number", 0.0, "How old the oldest restore point has to be; 0 for any age.", unit="days", minimum=0, by_class=True),
    ),
    why="What goes wrong is often noticed days later: by then only an older restore point helps, and what a job is set to keep is not always what is there.",
    how="The restore points of the machine are counted in each backup that they lie in, and the backup with the most of them counts, so that copies of "
    "the same points do not make more of them. The oldest one may lie in any backup. Machines without a restore point are left to the check of the RPO.",
    fix="Lengthen the retention of the job; when it is long enough, look for failed runs and for points that somebody deleted.",
    limits="Points whose backup the service does not tell cannot be counted by backup.",
    controls=("CIS 11.2", "NIST CP-9", "ISO A.8.13"),
)
def points_are_kept(context: Context) -> Iterator[Judgement]:
    """Judge every machine that has restore points."""
    facts = context.facts
    for one in _with_points(facts):
        yield _kept(context, one)
    yield from blind_spots(facts, _POINTS_OF_COMPUTERS)


def _kept(context: Context, one: Inhabitant) -> Judgement:
    facts = context.facts
    wanted, wanted_days = context.value("points", one.subject), float(context.value("oldest_days", one.subject))
    by_backup: Dict[str, int] = defaultdict(int)
    for point in one.points:
        backup = facts.inhabitants.backup_of(point)
        by_backup[backup["id"] if backup else ""] += 1
    homeless = by_backup.pop("", 0)
    surely = max(by_backup.values(), default=0)
    days = _days_old(facts, oldest_first(one.points)[0])
    measured = {"points": max(surely, homeless), "oldest_days": round(days, 2)}
    expected = {"points_at_least": wanted, "oldest_days_at_least": wanted_days}
    reason = "%s of it in one backup; %s wanted." % (_are(max(surely, homeless), "restore point"), _are(wanted, ""))
    if wanted_days:
        reason += " The oldest is %s days old; %s days are wanted." % told_apart(days, wanted_days)
    enough = surely >= wanted or (not by_backup and homeless >= wanted and not _may_be_copied(facts))
    if days >= wanted_days and not enough and surely + homeless >= wanted:
        doubt = " Which backup %s in is not told." % ("it lies" if homeless == 1 else "%d of them lie" % homeless)
        return cannot_say(one.subject, reason + doubt, measured, expected, one.points)
    return verdict(enough and days >= wanted_days, one.subject, reason, measured, expected, one.points)


def _are(number: int, noun: str) -> str:
    verb = "is" if number == 1 else "are"
    return "There %s %s" % (verb, counted(number, noun)) if noun else "%d %s" % (number, verb)


def _may_be_copied(facts: Facts) -> bool:
    return facts.gap("jobs") is not None or any(job.is_copy for job in facts.inhabitants.jobs)


# ---------------------------------------------------------------------------------------------------------


@check(
    id="C17",
    title="A full backup of every machine is young enough",
    severity=MEDIUM,
    subject="machine",
    reads=_READS + _FILES_OF_POINTS,
    parameters=(Parameter("full_days", "number", 30.0, "How old the newest full restore point may be.", unit="days", minimum=0, by_class=True),),
    why="Every increment needs the full backup below it and all increments between; the longer the chain, the more is lost with one broken file.",
    how="The time of creation of the machine's newest restore point that holds all data, in each backup that still gets points of it; the worst one counts. "
    "Where a point does not tell, the type of its backup file does (vbk). Machines without a restore point are left to the check of the RPO.",
    fix="Let the job make active or synthetic full backups, or start an active full by hand.",
    limits="In a chain that is always merged forward the full backup is as old as the oldest point.",
    controls=("CIS 11.2", "NIST CP-9", "ISO A.8.13"),
)
def full_is_young(context: Context) -> Iterator[Judgement]:
    """Judge every machine that has restore points."""
    facts = context.facts
    for one in _with_points(facts):
        yield _youngest_full(context, one)
    yield from blind_spots(facts, _POINTS_OF_COMPUTERS)


def _youngest_full(context: Context, one: Inhabitant) -> Judgement:
    """Judge each backup in which the machine has young points, and return what is said of the worst."""
    facts, limit = context.facts, float(context.value("full_days", one.subject))
    chains: Dict[Tuple[str, str], List[Record]] = {}
    for point in newest_first(one.points):
        backup = facts.inhabitants.backup_of(point)
        chains.setdefault((backup["name"] or "", backup["id"]) if backup else ("", ""), []).append(point)
    young = {chain: points for chain, points in chains.items() if _days_old(facts, points[0]) <= limit}
    judgements = [_full_of_chain(facts, one.subject, points, name, limit) for (name, _id), points in sorted((young or chains).items())]
    return min(judgements, key=lambda judgement: (FAIL, NOT_ASSESSABLE, PASS).index(judgement.status))


def _days_old(facts: Facts, point: Record) -> float:
    return (facts.now - seconds_of(point["creation_time"])) / DAY


def _full_of_chain(facts: Facts, subject: Subject, points: Sequence[Record], backup: str, limit: float) -> Judgement:
    """Judge the restore points of a machine in one backup, the newest first."""
    expected = {"days_at_most": limit}
    where = " in the backup %s" % backup if backup else ""
    kinds = [(point, _kind_of(facts, point)) for point in points]
    full = next((point for point, kind in kinds if kind == _FULL), None)
    measured = {"days": None if full is None else round(_days_old(facts, full), 2), "newest_full": full and full["creation_time"], "backup": backup}
    if full is not None:
        days = _days_old(facts, full)
        reason = "Its newest full backup%s is %s days old; %s days are allowed." % (where, *told_apart(days, limit))
        if days <= limit and not backup and _may_be_copied(facts):
            return cannot_say(subject, reason + " In which backup it lies is not told, and so not whether the others have one.", measured, expected, [full])
        if days <= limit:
            return verdict(True, subject, reason, measured, expected, [full])
    else:
        reason = "Among %s of it%s there is no full backup." % (counted(len(kinds), "restore point"), where)
    untold = [point for point, kind in kinds if kind is None and _days_old(facts, point) <= limit]
    if untold:
        return cannot_say(subject, "%s Of %s it is not told which sort they are." % (reason, counted(len(untold), "point")), measured, expected, points)
    return verdict(False, subject, reason, measured, expected, points)


def _kind_of(facts: Facts, point: Record) -> Optional[str]:
    """Return what a restore point stores, by itself or by its backup file; None where neither tells."""
    if point["point_type"]:
        return str(point["point_type"])
    reference = point.get("backup_file")
    file = facts.by_id("backup_files").get((reference["id"] or "").lower()) if reference else None
    return _BY_FILE_TYPE.get(file["file_type"] or "") if file else None


# ---------------------------------------------------------------------------------------------------------


@check(
    id="C18",
    title="No backup is made by reverse increments",
    severity=MEDIUM,
    subject="backup",
    reads=_READS + _FILES_OF_POINTS,
    parameters=(Parameter("days", "number", 14.0, "How young a reverse increment has to be to count.", unit="days", minimum=0),),
    why="Every run rewrites the full backup: it takes three times the work of the storage, cannot use space that is immutable, and a run that is cut off puts "
    "the whole chain at risk.",
    how="Restore points of the last days that were made by reverse increments, by the type and the method that they tell, or by their backup file (vrb), "
    "in each backup. Older ones are what a former setting left.",
    fix="Set the job to forward increments and start an active full backup.",
    limits="The setting itself is not in the service; it is concluded from what the job made. A full backup alone does not tell.",
    controls=("NIST CP-9", "NIST CM-6", "ISO A.8.13"),
)
def no_reverse_increments(context: Context) -> Iterator[Judgement]:
    """Judge every backup, and every machine of whose restore points the backup is not told."""
    facts, days = context.facts, float(context.value("days"))
    expected = {"reverse_increments": 0, "days": days}
    for subject, points in _by_backup(facts):
        young = [point for point in points if _days_old(facts, point) <= days]
        reverse = [point for point in young if _is_reverse(facts, point)]
        measured = {"points": len(young), "reverse_increments": len(reverse)}
        reason = "Of %s in the last %g days, %d were made by reverse increments." % (counted(len(young), "restore point"), days, len(reverse))
        if not reverse and any(point["algorithm"] is None and _kind_of(facts, point) is None for point in young):
            yield cannot_say(subject, reason + " Of others it is not told how they were made.", measured, expected, young)
        else:
            yield verdict(not reverse, subject, reason, measured, expected, reverse or young)
    yield from blind_spots(facts, _POINTS_OF_COMPUTERS)


def _by_backup(facts: Facts) -> Iterator[Tuple[Subject, List[Record]]]:
    """Yield the restore points of each backup, and those of a machine of which the backup is not told."""
    found: Dict[str, Tuple[Subject, List[Record]]] = {}
    for one in facts.inhabitants.all:
        for point in one.points:
            backup = facts.inhabitants.backup_of(point)
            if backup is None:
                key, subject = "machine " + str(id(one)), one.subject
            else:
                key, subject = backup["id"], found[backup["id"]][0] if backup["id"] in found else _subject_of_backup(backup)
            found.setdefault(key, (subject, []))[1].append(point)
    yield from found.values()


def _subject_of_backup(backup: Record) -> Subject:
    name, repository = backup["name"] or "", backup["repository"]
    # A backup is called as the job that makes it, unless each machine has a chain of its own.
    return Subject("backup", name, backup["uid"], server_of(backup), (name,), (repository["name"],) if repository and repository["name"] else ())


def _is_reverse(facts: Facts, point: Record) -> bool:
    return point["algorithm"] == _REVERSED or _kind_of(facts, point) == _REVERSE
