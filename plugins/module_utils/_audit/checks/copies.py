# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Copies: the 3-2-1-1-0 rule, digit by digit, and whether each backup job feeds a copy."""

from __future__ import annotations

from typing import Dict, Iterator, List, Set, Tuple

from ..._api.entities.jobs import COPY_JOB_TYPES
from ..._api.entities.restores import RESTORE_SESSION
from ..._api.job_contents import AGENT_JOB_TYPE, entries_of, server_of, settings_of, sources_of
from ..._api.machines import Machine
from ..._api.wire import guid_of
from ..blind_spots import blind_spots
from ..context import Context
from ..facts import Facts
from ..inhabitants import READS_OF_MACHINES, READS_OF_POINTS, READS_OF_REPLICA_POINTS, READS_OF_RUNS, if_readable, needing
from ..job_runs import subject_of_job
from ..job_settings import BACKUP_JOB, READS_OF_SETTINGS, backups_of, contents_of, id_of, jobs_of
from ..matrix import BY_CLASS, BY_JOB, BY_KEY, BY_MACHINE
from ..model import HIGH, MEDIUM, Judgement, Parameter, Record, cannot_say, check, verdict
from ..places import READS_OF_REPOSITORIES, Place
from ..restores import READS_OF_RESTORES
from ..words import listed

_COPIES, _MEDIA, _OFFSITE, _IMMUTABLE, _TESTED = (BY_KEY[key] for key in ("copies", "media", "offsite", "immutable", "tested"))

# Runs tell whom a job with a container leaves out.
_READS_OF_MEMBERS = READS_OF_MACHINES + if_readable(READS_OF_RUNS)
# Without these nobody knows where a restore point lies.
_READS_OF_COPIES = _READS_OF_MEMBERS + needing(READS_OF_POINTS, "restore_points", "backups") + READS_OF_REPLICA_POINTS
_READS_OF_PLACES = (*_READS_OF_COPIES, READS_OF_REPOSITORIES)

_WHICH_COPIES = (
    Parameter("replicas_count", "bool", False, "Whether a replica is a copy, too.", by_class=True),
    Parameter(
        "copy_max_age_days", "number", 30.0, "How old the newest restore point in a place may be for it to be a copy.", unit="days", minimum=0, by_class=True
    ),
)
_ONE_PLACE = "What lies in one repository is one copy, however many backups there are."
_CHAIN = "From the machine's restore points by their links to the backups and the repositories that these lie in. "
_UNSEEN_COPIES = "Tapes, storage snapshots outside of the backup server and copies made by the storage itself are not shown."
_NOT_ASKED = (
    "Whether a copy of each machine is immutable or offline is not known. No field of the Enterprise Manager REST API tells of it, and the policy does not "
    "ask for it: name the rule in the policy to have every machine judged, or attest to it."
)
_SCALE_OUT = "A scale-out repository does not tell what it is made of: the policy has to say it (repositories)."


def _judgements(key: str, context: Context) -> Iterator[Judgement]:
    for _one, outcome in BY_KEY[key].outcomes(context):
        yield outcome.judgement
    yield from blind_spots(context.facts, "agent_restore_points")


@check(
    id=_COPIES.rule,
    title="There are enough copies of each machine (3-2-1-1-0: 3)",
    severity=HIGH,
    subject="machine",
    reads=_READS_OF_COPIES,
    parameters=(
        Parameter("copies", "integer", 3, "How many copies there have to be, with the one in production.", unit="copies", minimum=1, by_class=True),
        *_WHICH_COPIES,
    ),
    why="One repository can be lost as well as the machine: by fire, by a broken array, by whoever has its password.",
    how=_CHAIN + _ONE_PLACE,
    fix="Add the machine's backup job to a copy job that writes to another repository.",
    limits=_UNSEEN_COPIES,
    controls=("CIS 11.4", "NIST CP-9", "NIST CP-6", "ISO A.8.13", "ISO A.8.14"),
)
def enough_copies(context: Context) -> Iterator[Judgement]:
    """Judge every machine that ought to have copies."""
    return _judgements(_COPIES.key, context)


@check(
    id=_MEDIA.rule,
    title="Copies lie on different kinds of media (3-2-1-1-0: 2)",
    severity=MEDIUM,
    subject="machine",
    reads=needing(_READS_OF_PLACES, READS_OF_REPOSITORIES.kind),
    parameters=(
        Parameter("media_kinds", "integer", 2, "On how many kinds of media copies have to lie.", unit="kinds", minimum=1, by_class=True),
        Parameter("production_medium", "text", "", "Kind of media that the machine itself is on, where that is to count.", by_class=True),
        *_WHICH_COPIES,
    ),
    why="One fault of a sort of storage, in its firmware or its software, can hit every copy on it at once.",
    how=_CHAIN + "The kind of repository tells the kind of media: disk, network share, deduplication appliance, object storage, cloud.",
    fix="Let a copy job write to storage of another kind; say in the policy what media a repository has where its kind does not tell it.",
    limits=_SCALE_OUT + " " + _UNSEEN_COPIES,
    controls=("CIS 11.4", "NIST CP-9", "ISO A.8.13", "ISO A.8.14"),
)
def different_media(context: Context) -> Iterator[Judgement]:
    """Judge every machine that ought to have copies."""
    return _judgements(_MEDIA.key, context)


@check(
    id=_OFFSITE.rule,
    title="A copy is off site (3-2-1-1-0: 1)",
    severity=HIGH,
    subject="machine",
    reads=needing(_READS_OF_PLACES, READS_OF_REPOSITORIES.kind),
    parameters=(
        Parameter("offsite_copies", "integer", 1, "How many copies have to be at another site.", unit="copies", minimum=1, by_class=True),
        Parameter("production_site", "text", "", "Site of the machines; unless said, the commonest of those copies that nobody calls off site.", by_class=True),
        *_WHICH_COPIES,
    ),
    why="What burns, floods or encrypts a site takes the copies at that site with it.",
    how=(
        _CHAIN + "A copy is off site when the policy says so of its repository (offsite, or another site than production), and where it says nothing, "
        "when that is with a cloud provider, in public object storage or an external repository. The only copy of a machine is taken to be where that is."
    ),
    fix="Let a copy job write to a repository at another site or with a provider; say in the policy where repositories are.",
    limits="Nothing tells where a repository is, but for those in a cloud: the policy has to say it (repositories). " + _UNSEEN_COPIES,
    controls=("CIS 11.4", "NIST CP-6", "NIST CP-9", "ISO A.8.13", "ISO A.8.14"),
)
def offsite_copy(context: Context) -> Iterator[Judgement]:
    """Judge every machine that ought to have copies."""
    return _judgements(_OFFSITE.key, context)


@check(
    id=_IMMUTABLE.rule,
    title="A copy is immutable or offline (3-2-1-1-0: the second 1)",
    severity=HIGH,
    subject="machine",
    reads=_READS_OF_COPIES,
    parameters=(
        Parameter("immutable_copies", "integer", 1, "How many copies nobody may be able to change.", unit="copies", minimum=1, by_class=True),
        *_WHICH_COPIES,
    ),
    why="Who takes over the backup server deletes the backups first; what cannot be changed or reached for a time outlives that.",
    how=(
        _CHAIN + "Whether it is immutable only the policy can say (repositories: immutable), or somebody who attests to it. "
        "Where that is open and decides, the repository is asked about once, and not each machine. "
        "Under a policy that does not name this rule it is said once that nobody knows."
    ),
    fix="Use a hardened repository, object storage with object lock, or media that are taken out; then say so in the policy or attest to it.",
    limits="No answer of Enterprise Manager has a word on immutability. " + _UNSEEN_COPIES,
    controls=("CIS 11.3", "NIST CP-9", "ISO A.8.13"),
)
def immutable_copy(context: Context) -> Iterator[Judgement]:
    """Judge every machine that ought to have copies, and every repository on whose immutability it depends and of which nobody told it."""
    facts, policy, rule = context.facts, context.policy, context.rule
    if not rule.asked:
        yield cannot_say(facts.own_subject, _NOT_ASKED)
        return
    waiting: Dict[Place, int] = {}
    for one, outcome in _IMMUTABLE.outcomes(context):
        # What the policy does not look at cannot be asked about: the doubt then stays with the machine.
        asked = [place for place in outcome.untold if policy.covers(rule, place.subject, facts.server.name)]
        if not asked:
            yield outcome.judgement
        elif policy.covers(rule, one.subject, facts.server.name):
            waiting.update((place, waiting.get(place, 0) + 1) for place in asked)
    for place, machines in waiting.items():
        depend = "%s on it" % ("1 machine depends" if machines == 1 else "%d machines depend" % machines)
        reason = "Enterprise Manager does not tell whether what lies on it can be changed or deleted. %s for an immutable or offline copy." % depend
        yield cannot_say(place.subject, reason, {"machines": machines}, {"immutable": True}, [place.record])
    yield from blind_spots(facts, "agent_restore_points")


@check(
    id=_TESTED.rule,
    title="Restores are tried and go well (3-2-1-1-0: 0)",
    severity=HIGH,
    subject="machine",
    reads=_READS_OF_MEMBERS + READS_OF_POINTS + (READS_OF_RESTORES,),
    parameters=(
        Parameter("restore_test_days", "number", 90.0, "How long ago the newest good restore may be.", unit="days", minimum=0, by_class=True),
        Parameter(
            "by",
            "text",
            BY_JOB,
            "Which machine has to be restored: one of the same backup job, one of the same class, or the machine itself.",
            choices=(BY_JOB, BY_CLASS, BY_MACHINE),
        ),
        Parameter(
            "restore_types",
            "list",
            RESTORE_SESSION.field("job_type").values,
            "Which kinds of restore are tests.",
            choices=RESTORE_SESSION.field("job_type").values,
        ),
        Parameter("good_results", "list", ("Success",), "Which results are good.", choices=("Success", "Warning")),
        Parameter("unseen_tests", "bool", False, "Whether there are tests that are not shown, to which somebody has to attest where no restore is known."),
    ),
    why="A backup that was never restored is a hope. Tests find what is missing while there is time.",
    how=(
        "The newest restore of the machine, or of one that stands for it, that went well. It fails all the same when the newest restore of the machine "
        "itself did not. A restore belongs to the machine whose restore point it used."
    ),
    fix="Restore the machine, or files of it, to a safe place, look whether they are whole, and do so again in time.",
    limits=(
        "Restores are kept for 13 weeks at most. SureBackup and tests by other means are not shown. That a restore went well does not say that somebody "
        "looked at the data."
    ),
    controls=("CIS 11.5", "NIST CP-9(1)", "NIST CP-10", "ISO A.8.13"),
)
def restores_are_tried(context: Context) -> Iterator[Judgement]:
    """Judge every machine that ought to have copies."""
    return _judgements(_TESTED.key, context)


# ---------------------------------------------------------------------------------------------------------
# Copy jobs


class _CopyJobs:
    """What enabled copy jobs read: whole jobs, whole repositories, backups, or single machines."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self.machines: Set[Machine] = set()
        self.closed: List[str] = []
        self._by_source: Dict[str, List[Record]] = {}
        for record in jobs_of(facts, *COPY_JOB_TYPES):
            if not record["schedule_enabled"]:
                continue
            if entries_of(record):
                # A copy that names machines takes nothing else from the jobs that it is linked with.
                self.machines |= contents_of(facts).of(record)
                self.closed += [] if contents_of(facts).is_whole(record) else [record["name"] or ""]
            else:
                for uid in (*sources_of(record), *_linked(record, "backup"), *_linked(record, "backup_repository")):
                    self._by_source.setdefault(guid_of(uid).lower(), []).append(record)

    def reading(self, record: Record) -> List[Record]:
        """Return the copy jobs that read all of a backup job: itself, its backups or their repositories."""
        backups = backups_of(self._facts, record)
        references = [*backups, *(backup["repository"] for backup in backups if backup["repository"])]
        sources = dict.fromkeys([id_of(record), *((reference["id"] or "").lower() for reference in references)])
        found = [copy for source in sources for copy in self._by_source.get(source, ())]
        # A copy job reads what its own backup server keeps.
        return [copy for copy in found if server_of(copy).casefold() == server_of(record).casefold()]


def _linked(record: Record, what: str) -> List[str]:
    uid, entries = "linked_%s_uid" % what, "linked_%s_includes" % what
    return [entry[uid] for part in settings_of(record) for entry in part.get(entries) or () if entry and entry[uid]]


def _machines_left(facts: Facts, record: Record, copied: Set[Machine]) -> Tuple[int, List[str]]:
    """Return how many machines a job has, and the names of those that no copy job names."""
    machines = contents_of(facts).of(record)
    return len(machines), sorted(machine.name for machine in machines - copied)


@check(
    id="C20",
    title="Every backup job feeds a copy job",
    severity=HIGH,
    subject="job",
    reads=_READS_OF_MEMBERS + READS_OF_SETTINGS,
    parameters=(Parameter("agent_jobs", "bool", True, "Whether jobs for agents have to feed a copy job, too."),),
    why="A backup that is not copied dies with its repository.",
    how=(
        "For each enabled backup job: an enabled copy job of the same backup server that is linked with the job, with its backup or with the repository of its "
        "backup, or copy jobs that name each of its machines."
    ),
    fix="Link the job with a copy job, or switch that on.",
    limits="The copy mode of a scale-out repository, copies to tape and copies by other products are not shown: waive the rule for such jobs.",
    controls=("CIS 11.4", "NIST CP-6", "NIST CP-9", "ISO A.8.13"),
)
def feeds_a_copy(context: Context) -> Iterator[Judgement]:
    """Judge every enabled backup job."""
    facts, copies = context.facts, _CopyJobs(context.facts)
    if context.value("agent_jobs"):
        yield from blind_spots(facts, "agent_jobs")
    types = (BACKUP_JOB, AGENT_JOB_TYPE) if context.value("agent_jobs") else (BACKUP_JOB,)
    expected = {"copied": True}
    for record in jobs_of(facts, *types):
        if not record["schedule_enabled"]:
            continue
        subject, readers = subject_of_job(facts, record), copies.reading(record)
        if readers:
            names = sorted({reader["name"] or "" for reader in readers})
            yield verdict(True, subject, "It is copied by %s." % listed(names), {"copied_by": names}, expected, [record, *readers])
            continue
        machines, left = _machines_left(facts, record, copies.machines)
        if not machines and contents_of(facts).is_whole(record) and not backups_of(facts, record):
            continue  # nothing is in it, nothing was ever written
        measured = {"copied_by": [], "machines": machines, "machines_not_copied": len(left)}
        if machines and not left and contents_of(facts).is_whole(record):
            yield verdict(True, subject, "All of its %d machines are in copy jobs by name." % machines, measured, expected, [record])
        elif copies.closed:
            reason = "No copy job reads it whole, and what is in the containers of %s is not known." % listed(copies.closed)
            yield cannot_say(subject, reason, measured, expected, [record])
        else:
            some = "" if len(left) == machines else " Copy jobs name %d of its %d machines." % (machines - len(left), machines)
            yield verdict(False, subject, "No enabled copy job reads it." + some, measured, expected, [record])
