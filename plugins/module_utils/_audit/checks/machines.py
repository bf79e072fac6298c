# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Machines and jobs: who is in a job, and what jobs hold."""

from __future__ import annotations

from typing import Dict, FrozenSet, Iterable, Iterator, List, Optional, Sequence, Set, Tuple

from ..._api.hierarchy_names import is_machine
from ..._api.job_contents import AGENT_JOB_TYPE, CLOSED_CONTAINERS, CONTAINER_MACHINES, HIERARCHY_MACHINES, entries_of, settings_of, sources_of
from ..._api.machines import COMPUTER, PROTECTED, UNPROTECTED, VIRTUAL_MACHINE, Job
from ..._api.wire import guid_of
from ..blind_spots import blind_spots, narrow_view
from ..context import Context
from ..facts import Facts
from ..inhabitants import READS_OF_MACHINES, READS_OF_POINTS, READS_OF_RUNS, Inhabitant, if_readable, makes_backups, needing
from ..job_runs import subject_of_job
from ..model import ANSWER, HIGH, LOW, MEDIUM, Judgement, Reads, Record, Subject, cannot_say, check, verdict
from ..settings import fits
from ..words import counted

_JOB_KINDS = {VIRTUAL_MACHINE: ("jobs", "cdp_policies"), COMPUTER: ("agent_jobs",)}
_HOLDERS = ("jobs", "agent_jobs", "cdp_policies")
_PATTERN = frozenset("*?[")


@check(
    id="C01",
    title="Every machine is in an enabled job",
    severity=HIGH,
    subject="machine",
    reads=READS_OF_MACHINES + READS_OF_RUNS + if_readable(READS_OF_POINTS),
    why="A machine that no job processes has no restore point when it is needed, and nothing else reports what is missing.",
    how="Machines of the virtualization hosts, discovered computers and the policy's list of assets are looked for in enabled backup jobs, agent jobs, "
    "replication jobs and CDP policies, also in their folders, tags and protection groups. Copies do not count, since they copy what other jobs made. "
    "Machines of which only old restore points are left, and which no virtualization host shows any more, are left out, unless they are on the list of assets.",
    fix="Add the machine to a job or switch its job on; when it needs no backup, take it out of the policy's scope or waive it, with the reason.",
    limits="What a job excludes is not told: a machine in a container of a job counts as in the job when a run of it has worked on the machine.",
    controls=("CIS 11.2", "NIST CP-9", "ISO A.8.13"),
)
def machine_in_enabled_job(context: Context) -> Iterator[Judgement]:
    """Judge every machine that is there, and every asset of the policy."""
    facts, inhabitants = context.facts, context.facts.inhabitants
    assets = _Assets(context.policy.assets)
    doubts = _Doubts(facts)
    for one in inhabitants.all:
        is_asset = assets.meet(one)
        if is_asset and inhabitants.is_gone(one):
            reason = "It is on the list of assets, but no virtualization host and no job knows it any more; only what was backed up is left."
            yield verdict(False, one.subject, reason, _protection(one), _IN_A_JOB)
        elif not inhabitants.is_gone(one):
            yield _protected(facts, one, doubts)
    blind = _blindness(facts)
    yield from blind
    for name in assets.missing:
        subject = Subject("machine", name)
        if blind:
            yield cannot_say(subject, "It is on the list of assets and was not found; but not everything could be read: %s" % blind[0].reason, None, _IN_A_JOB)
        else:
            yield verdict(False, subject, "It is on the list of assets, and no virtualization host, job, run or restore point knows it.", None, _IN_A_JOB)


def _blindness(facts: Facts) -> List[Judgement]:
    """Return why there may be machines that nobody saw."""
    kinds = ("hierarchy_roots", HIERARCHY_MACHINES, *_HOLDERS, CONTAINER_MACHINES, "discovered_computers")
    return [*blind_spots(facts, *kinds), *narrow_view(facts, "machines")]


def assets_of_each(assets: Sequence[str], servers: Sequence[Facts]) -> List[Tuple[str, ...]]:
    """Return which assets of a policy each of several Enterprise Managers has to know, so that none misses what another one protects.

    An asset that one of them knows is judged there. One that none knows is judged where not everything could be read, else by the first.
    """
    known = [_known_assets(assets, facts) for facts in servers]
    blind = [number for number, facts in enumerate(servers) if _blindness(facts)] or [0]
    found = frozenset().union(*known)
    return [tuple(asset for asset in assets if asset in met or (asset not in found and number in blind)) for number, met in enumerate(known)]


def _known_assets(assets: Sequence[str], facts: Facts) -> FrozenSet[str]:
    looking = _Assets(assets)
    for one in facts.inhabitants.all:
        looking.meet(one)
    return frozenset(assets) - frozenset(looking.missing)


_IN_A_JOB = {"enabled_jobs_at_least": 1}


def _protection(one: Inhabitant) -> Dict[str, List[str]]:
    return {"enabled_jobs": _names(job for job in one.jobs if job.enabled), "switched_off_jobs": _names(job for job in one.jobs if not job.enabled)}


def _names(jobs: Iterable[Job]) -> List[str]:
    return sorted(job.name for job in jobs)


def _protected(facts: Facts, one: Inhabitant, doubts: "_Doubts") -> Judgement:
    measured = _protection(one)
    evidence = [*_records_of(facts, one.jobs), *_shown(facts, one)]
    if one.machine.protection == PROTECTED:
        names = measured["enabled_jobs"]
        reason = "It is in the enabled %s %s." % ("job" if len(names) == 1 else "jobs", ", ".join(names))
        return verdict(True, one.subject, reason, measured, _IN_A_JOB, evidence)
    evidence += _lists_of_jobs(facts, one)
    if one.machine.protection == UNPROTECTED:
        off = ", ".join(measured["switched_off_jobs"])
        reason = "It is in no enabled job; switched off: %s." % off if off else "It is in no job that backs it up or replicates it."
        return verdict(False, one.subject, reason, measured, _IN_A_JOB, evidence)
    return cannot_say(one.subject, doubts.about(one), measured, _IN_A_JOB, evidence)


class _Doubts:
    """Why it is not known whether a job protects a machine."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        working = [job for job in facts.inhabitants.jobs if job.enabled and not job.is_copy]
        self._by_root: Dict[str, str] = {root: job.name for job in working for root in job.closed_roots}
        self._by_server: Dict[str, str] = {server: job.name for job in working for server in job.closed_servers}

    def about(self, one: Inhabitant) -> str:
        """Return the sentence about a machine."""
        machine, days = one.machine, self._facts.server.lookback_days
        leaving_out = _names(job for job in one.left_out_by if job.enabled)
        if leaving_out:
            text = "It lies in a container of the job %s, but no run in the last %g days has worked on it: it is new there, or excluded, which is not told."
            return text % (", ".join(leaving_out), days)
        closed = [self._by_root[root] for root in machine.roots if root in self._by_root] + [
            self._by_server[server] for server in machine.servers if server in self._by_server
        ]
        if closed:
            return "No job names it; but the job %s holds something that could not be looked into, and may hold it." % min(closed)
        for kind in _JOB_KINDS[machine.kind]:
            gap = self._facts.gap(kind)
            if gap is not None:
                return "Which jobs there are could not be read. %s" % gap.reason
        return "Only its runs and restore points tell of it: no job holds it, and nothing that could be read shows whether it still exists."


class _Assets:
    """The machines that a policy wants to be there, by name or shell pattern, blind to case."""

    def __init__(self, assets: Sequence[str]) -> None:
        self._names = {name.casefold(): name for name in assets if not _PATTERN & set(name)}
        self._patterns = [name for name in assets if _PATTERN & set(name)]
        self._met: Set[str] = set()

    def meet(self, one: Inhabitant) -> bool:
        """Take note of a machine that is there; tell whether it is one of them."""
        name = one.subject.name.casefold()
        short = name.partition(".")[0] if one.machine.kind == COMPUTER else name
        met = {self._names[each] for each in (name, short) if each in self._names}
        met.update(pattern for pattern in self._patterns if fits(name, pattern))
        self._met |= met
        return bool(met)

    @property
    def missing(self) -> List[str]:
        """Those of which no machine was met."""
        return sorted(set(self._names.values()) - self._met) + sorted(set(self._patterns) - self._met)


def _records_of(facts: Facts, jobs: Iterable[Job]) -> List[Record]:
    """Return the records of jobs and policies."""
    found = [facts.by_id(kind).get(job.id) for job in jobs for kind in _HOLDERS]
    return [record for record in found if record is not None]


def _lists_of_jobs(facts: Facts, one: Inhabitant) -> Sequence[Record]:
    """Return records that lead to every answer with jobs that may hold such a machine: that it is in none rests on all of them."""
    kinds = _JOB_KINDS[one.machine.kind]

    def of_each_answer(facts: Facts) -> List[Record]:
        return list({record.get(ANSWER): record for kind in kinds for record in facts.records(kind)}.values())

    return facts.once("a job of each answer: " + one.machine.kind, of_each_answer)


def _shown(facts: Facts, one: Inhabitant) -> List[Record]:
    """Return what shows a machine: items of virtualization hosts, discovered computers."""
    by_reference = (facts.grouped(HIERARCHY_MACHINES, "object_ref"), facts.grouped("discovered_computers", "hierarchy_obj_ref"))
    return [record for uid in sorted(one.machine.uids) for index in by_reference for record in index.get(uid, ())]


# ---------------------------------------------------------------------------------------------------------


@check(
    id="C09",
    title="No job is empty or holds what no longer exists",
    severity=MEDIUM,
    subject="job",
    reads=needing(READS_OF_MACHINES, "jobs")
    + (Reads("nas_jobs", ("name", "backup_server_name", "includes"), needed=False), Reads("backups", ("name", "repository", "backup_server"), needed=False)),
    why="A job that holds nothing ends well without backing anything up; an entry for a machine that was made anew under its old name protects nothing.",
    how="The entries of backup jobs, replication jobs, copies, agent jobs, file share jobs and CDP policies are counted. Machines among them are looked for on "
    "their virtualization host, containers are looked into, and jobs that a copy reads are looked for among the jobs.",
    fix="Take the dead entry out of the job, add the machine that took its place, or delete the job.",
    limits="Machines of hosts that could not be read, and containers that nobody could look into, cannot be told from those that are gone.",
    controls=("CIS 11.2", "NIST CP-9", "NIST CM-2", "ISO A.8.13"),
)
def job_holds_what_exists(context: Context) -> Iterator[Judgement]:
    """Judge every job and policy."""
    facts = context.facts
    jobs = {job.id: job for job in facts.inhabitants.jobs}
    looking = _LookingInside(facts)
    for kind in _HOLDERS:
        for record in facts.records(kind):
            yield _held(subject_of_job(facts, record), record, looking.into(record, jobs[(record["id"] or "").lower()]))
    for record in facts.records("nas_jobs"):
        inside = _Inside(entries=len(record["includes"] or ()))
        inside.unknown = [_NAMELESS for entry in record["includes"] or () if not entry]
        yield _held(subject_of_job(facts, record), record, inside)
    yield from blind_spots(facts, "agent_jobs", "cdp_policies", "nas_jobs")


_NAMELESS = "an entry without a name"


class _Inside:
    """What was found in a job: how many entries, which of them are gone, which nobody can tell of."""

    def __init__(self, entries: int = 0, is_told: bool = True) -> None:
        self.entries, self.is_told = entries, is_told
        self.holds_nothing = False
        self.gone: List[str] = []
        self.unknown: List[str] = []


def _held(subject: Subject, record: Record, inside: _Inside) -> Judgement:
    measured = {"entries": inside.entries, "gone": inside.gone, "not_known": inside.unknown}
    expected = {"entries_at_least": 1, "gone": []}
    if not inside.is_told:
        return cannot_say(subject, "The service does not tell what is in it.", None, expected, [record])
    if not inside.entries:
        return verdict(False, subject, "Nothing is in it.", measured, expected, [record])
    if inside.gone:
        reason = "Of its %s, %d no longer exist: %s." % (counted(inside.entries, "entry", "entries"), len(inside.gone), ", ".join(inside.gone))
        return verdict(False, subject, reason, measured, expected, [record])
    if inside.holds_nothing:
        reason = "It has %s, in which there is no machine." % counted(inside.entries, "entry", "entries")
        return verdict(False, subject, reason, measured, expected, [record])
    if inside.unknown:
        reason = "Whether %s in it still exist could not be looked up: %s." % (counted(len(inside.unknown), "entry", "entries"), ", ".join(inside.unknown))
        return cannot_say(subject, reason, measured, expected, [record])
    return verdict(True, subject, "It has %s, all of which exist." % counted(inside.entries, "entry", "entries"), measured, expected, [record])


class _LookingInside:
    """Tells what is in a job, and what of it exists."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._closed = {record["container"] for record in facts.records(CLOSED_CONTAINERS)}
        self._all_jobs_known = facts.gap("jobs") is None and facts.gap("agent_jobs") is None
        self._job_ids = {identity for kind in ("jobs", "agent_jobs") for identity in facts.by_id(kind)}

    def into(self, record: Record, job: Job) -> _Inside:
        """Return what is in a job. Args: job: the same, with its machines."""
        is_agent_job = job.type == AGENT_JOB_TYPE
        entries = (record["job_info"] or {}).get("includes") or [] if is_agent_job else entries_of(record)
        links = [link for part in settings_of(record) for name in _LINKS for link in part.get(name) or []]
        inside = _Inside(len(entries) + len(links), is_told=bool(record.get("job_info") or record.get("cdp_policy_info")))
        for entry in entries:
            name = (entry and (entry["name"] or entry["display_name"] or entry.get("hierarchy_obj_ref"))) or _NAMELESS
            exists = None if not entry else self._agent_entry_exists(job) if is_agent_job else self._exists(entry["hierarchy_obj_ref"])
            if exists is not True:
                (inside.gone if exists is False else inside.unknown).append(name)
        for uid in sources_of(record):
            if guid_of(uid).lower() not in self._job_ids:
                (inside.gone if self._all_jobs_known else inside.unknown).append("the job " + uid)
        inside.holds_nothing = not (job.is_copy or job.machines or job.members or job.closed_roots or job.closed_servers)
        return inside

    def _exists(self, reference: Optional[str]) -> Optional[bool]:
        if not reference:
            return None
        if is_machine(reference):
            return self._facts.inhabitants.shows(reference)
        return None if reference in self._closed or self._facts.gap(CONTAINER_MACHINES) is not None else True

    def _agent_entry_exists(self, job: Job) -> Optional[bool]:
        # An entry that is neither a group nor a computer of the server may be one in a directory.
        return None if job.closed_servers else True


_LINKS = ("linked_job_includes", "linked_backup_includes", "linked_backup_repository_includes")


# ---------------------------------------------------------------------------------------------------------


@check(
    id="C10",
    title="No machine is in two enabled backup jobs",
    severity=LOW,
    subject="machine",
    reads=needing(READS_OF_MACHINES, "jobs") + if_readable(READS_OF_RUNS) + if_readable(READS_OF_POINTS),
    why="Two jobs that back up one machine take its snapshots twice and break each other's log chains, and nobody knows which of them to restore from.",
    how="The enabled backup jobs and agent jobs that name the machine, or whose container holds it, are counted; copies, replication and CDP policies are not. "
    "A container counts unless the job's runs have worked on other machines and never on this one.",
    fix="Take the machine out of one of the jobs, or exclude it there; waive it where both are meant.",
    limits="An agent inside a virtual machine makes it a computer, too; the service does not tell that both are one.",
    controls=("CIS 11.2", "NIST CP-9", "ISO A.8.13"),
)
def machine_in_one_backup_job(context: Context) -> Iterator[Judgement]:
    """Judge every machine in an enabled backup job."""
    facts = context.facts
    for one in facts.inhabitants.all:
        jobs = [job for job in one.jobs if job.enabled and makes_backups(job)]
        if not jobs:
            continue
        names = _names(jobs)
        reason = "It is in %s: %s." % (counted(len(jobs), "enabled backup job"), ", ".join(names))
        yield verdict(len(jobs) == 1, one.subject, reason, {"jobs": names}, {"jobs_at_most": 1}, _records_of(facts, jobs))
    yield from blind_spots(facts, "agent_jobs")
