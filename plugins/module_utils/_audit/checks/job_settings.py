# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs: whether they work, what they do inside guests, how long they keep and whether they encrypt what they write."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Optional, Tuple

from ..._api.entities.jobs import COPY_JOB_TYPES, JOB_TYPE_REPLICA
from ..._api.job_contents import AGENT_JOB_TYPE, server_of
from ..._api.wire import guid_of
from ..blind_spots import blind_spots
from ..context import Context
from ..facts import Facts
from ..inhabitants import READS_OF_MACHINES, READS_OF_RUNS, Inhabitant, if_readable
from ..job_runs import READS_OF_JOB_RUNS, subject_of_job
from ..job_settings import (
    BACKUP_JOB,
    IMMEDIATE_COPY,
    READS_OF_SETTINGS,
    Options,
    backups_of,
    contents_of,
    days_between_runs,
    guest_options,
    id_of,
    jobs_of,
    own_settings,
)
from ..model import HIGH, LOW, MEDIUM, Judgement, Parameter, Reads, Record, Subject, cannot_say, check, verdict
from ..schedules import previous_job_uid, standard_of
from ..settings import fits_any
from ..times import DAY, HOUR, sort_key
from ..words import listed, told_apart

# Runs tell whom a job with a container leaves out.
_READS_OF_CONTENTS = READS_OF_MACHINES + READS_OF_SETTINGS + if_readable(READS_OF_RUNS)
_RUN_KINDS = tuple(reads.kind for reads in READS_OF_JOB_RUNS)
_KEEPING_JOBS = (BACKUP_JOB, *COPY_JOB_TYPES)
_NO_KEY = "00000000-0000-0000-0000-000000000000"


# ---------------------------------------------------------------------------------------------------------
# Switched on


@check(
    id="C06",
    title="No job stands still",
    severity=MEDIUM,
    subject="job",
    reads=READS_OF_SETTINGS + if_readable(READS_OF_JOB_RUNS),
    parameters=(
        Parameter("days", "number", 0.0, "How long a job may be switched off or be without a schedule; 0 for not at all.", unit="days", minimum=0),
        Parameter("unscheduled", "bool", True, "Whether a job that nobody has given a schedule stands still, too."),
    ),
    why="A job that was switched off for maintenance and forgotten protects nothing, and nothing fails.",
    how=(
        "Whether the job is switched on and starts by itself: by a schedule, after another job, or as soon as there is something to copy. Where some days are "
        "allowed: earlier evidence packs tell since when it stands still; where they do not, its last run does."
    ),
    fix="Switch the job on, give it a schedule, or delete it and what it left.",
    limits="Since when a job is switched off is not told. Without earlier evidence packs a run that somebody started by hand hides how long it stands still.",
    controls=("CIS 11.2", "NIST CP-9", "ISO A.8.13"),
)
def no_job_stands_still(context: Context) -> Iterator[Judgement]:
    """Judge every job of machines."""
    yield from blind_spots(context.facts, "agent_jobs")
    for record in jobs_of(context.facts, BACKUP_JOB, *COPY_JOB_TYPES, JOB_TYPE_REPLICA, AGENT_JOB_TYPE):
        subject = subject_of_job(context.facts, record)
        if record["schedule_enabled"] is None:
            yield cannot_say(subject, "Whether it is switched on is not told.", evidence=[record])
            continue
        how = standstill(record, context.value("unscheduled"))
        if how is None:
            yield verdict(True, subject, "It is switched on and starts by itself.", {"standstill": None}, evidence=[record])
        else:
            yield _judged_standstill(context, record, subject, how)


def standstill(record: Record, unscheduled_counts: bool) -> Optional[str]:
    """Return how a job stands still, None for one that does not."""
    if not _starts_by_itself(record):
        return "has no schedule" if unscheduled_counts else None
    return None if record["schedule_enabled"] else "is switched off"


def _starts_by_itself(record: Record) -> bool:
    return bool(record["schedule_configured"]) or record["job_type"] == IMMEDIATE_COPY or previous_job_uid(standard_of(record)) is not None


def _judged_standstill(context: Context, record: Record, subject: Subject, how: str) -> Judgement:
    limit = context.value("days")
    expected = {"days_at_most": limit}
    measured: Dict[str, Any] = {"standstill": how}
    if not limit:
        return verdict(False, subject, "It %s." % how, measured, expected, [record])
    at_least, at_most = _days_of_standstill(context, record)
    ran, run = _last_run(context.facts, record)
    measured.update(days_at_least=at_least, days_at_most=at_most, days_since_last_run=ran)
    if at_least is not None and at_least > limit:
        reason = "It %s, and did so %s days ago; %s days are allowed." % (how, *told_apart(at_least, limit))
        return verdict(False, subject, reason, measured, expected, [record])
    if at_most is not None and at_most <= limit:
        reason = "It %s, and did not do so %.1f days ago; %g days are allowed." % (how, at_most, limit)
        return verdict(True, subject, reason, measured, expected, [record])
    if ran is not None:
        reason = "It %s, and ran last %s days ago; %s days are allowed." % (how, *told_apart(ran, limit))
        return verdict(ran <= limit, subject, reason, measured, expected, [record, run])
    lookback = context.facts.server.lookback_days
    reason = "It %s, and did not run in the last %g days; %g days are allowed." % (how, lookback, limit)
    known = context.facts.whole(_RUN_KINDS) is None
    return verdict(False, subject, reason, measured, expected, [record]) if known and lookback >= limit else cannot_say(subject, reason, measured, expected)


def _days_of_standstill(context: Context, record: Record) -> Tuple[Optional[float], Optional[float]]:
    """Return how many days the job has stood still at least and at most, as earlier evidence tells."""
    at_least: Optional[float] = None
    for earlier in reversed(context.history):
        if earlier.whole(("jobs", "agent_jobs")) is not None:
            continue
        days = (context.facts.now - earlier.now) / DAY
        then = next((found for kind in ("jobs", "agent_jobs") for found in [earlier.by_id(kind).get(id_of(record))] if found), None)
        if then is None or standstill(then, context.value("unscheduled")) is None:
            return at_least, days
        at_least = days
    return at_least, None


def _last_run(facts: Facts, record: Record) -> Tuple[Optional[float], Optional[Record]]:
    """Return how many days ago the job ran last, and the run."""
    runs = [run for kind in _RUN_KINDS for run in facts.grouped(kind, "id of job", _job_id).get(id_of(record), ()) if run["creation_time"]]
    newest = max(runs, key=lambda run: sort_key(run["creation_time"]), default=None)
    return (None, None) if newest is None else ((facts.age_hours(newest["creation_time"]) or 0.0) * HOUR / DAY, newest)


def _job_id(session: Record) -> str:
    return guid_of(session["job_uid"] or "").lower()


@check(
    id="C08",
    title="Jobs try failed machines again",
    severity=LOW,
    subject="job",
    reads=READS_OF_SETTINGS,
    parameters=(Parameter("retry_times", "integer", 1, "How many times a failed machine is to be tried again at least.", unit="times", minimum=1),),
    why="Many failures pass by themselves, such as a busy snapshot or a short loss of the network; a retry mends them the same night.",
    how="Automatic retry in the schedule of backup, replication and agent jobs that have one.",
    fix="Switch automatic retry on in the schedule of the job.",
    controls=("NIST CP-9",),
)
def retries_are_set(context: Context) -> Iterator[Judgement]:
    """Judge every job with a schedule that can try again; copies do so by themselves."""
    yield from blind_spots(context.facts, "agent_jobs")
    wanted = context.value("retry_times")
    expected = {"retry_times_at_least": wanted}
    for record in jobs_of(context.facts, BACKUP_JOB, JOB_TYPE_REPLICA, AGENT_JOB_TYPE):
        if not _starts_by_itself(record):
            continue
        subject, retry = subject_of_job(context.facts, record), (standard_of(record) or {}).get("retry_options")
        if retry is None or retry["retry_specified"] is None:
            yield cannot_say(subject, "Its schedule does not tell whether it tries again.", None, expected, [record])
            continue
        times = (retry["retry_times"] or 0) if retry["retry_specified"] else 0
        reason = "It tries a failed machine again %d times; at least %d wanted." % (times, wanted)
        yield verdict(times >= wanted, subject, reason, {"retry_times": times}, expected, [record])


# ---------------------------------------------------------------------------------------------------------
# Inside the guests

_WHICH_MACHINES = (
    Parameter("machines", "list", (), "Shell patterns of names of machines that need it."),
    Parameter("tags", "list", (), "Shell patterns of tags whose machines need it."),
)
_REQUIRED = "RequireSuccess"


def _chosen(context: Context, by_class: str) -> List[Inhabitant]:
    """Return the machines that the policy chooses by class, name or tag."""
    names, tags = context.value("machines"), context.value("tags")
    return [
        one
        for one in context.facts.inhabitants.all
        if context.value(by_class, one.subject)
        or fits_any((one.subject.name,), names)
        or (tags and fits_any((*one.subject.tags, *context.policy.tags_of(one.subject)), tags))
    ]


def _mode_of(options: Optional[Record]) -> Optional[str]:
    mode: Optional[str] = ((options or {}).get("vss_snapshot_options") or {}).get("vss_snapshot_mode")
    return mode


def _nobody_chosen(context: Context) -> Judgement:
    return cannot_say(
        context.facts.own_subject, "The policy does not say which machines this is asked of: switch it on in a class of machines, or name some in the rule."
    )


@check(
    id="C12",
    title="Machines with applications are backed up application-aware",
    severity=MEDIUM,
    subject="machine",
    reads=_READS_OF_CONTENTS,
    parameters=(Parameter("application_aware", "bool", False, "Whether the machines of the class need it.", by_class=True), *_WHICH_MACHINES),
    why="A database or directory that is copied while it writes may not come up again after a restore, or comes up with losses.",
    how="Application-aware processing of the enabled backup jobs that the machine is in: it has to be required, not just tried. One job is enough.",
    fix="Switch application-aware processing on for the job or for the machine in it, and let the job fail where it does not work.",
    limits="What is set for a machine with an agent of its own, outside of the backup server, is not told.",
    controls=("NIST CP-9", "ISO A.8.13"),
)
def application_aware(context: Context) -> Iterator[Judgement]:
    """Judge the machines that the policy chooses."""
    chosen, expected = _chosen(context, "application_aware"), {"mode": _REQUIRED}
    if not chosen:
        yield _nobody_chosen(context)
    for one in chosen:
        jobs = guest_options(context.facts).get(one.machine, [])
        if not jobs:
            yield cannot_say(one.subject, "No enabled backup job is known that it is in.", None, expected)
            continue
        modes = {record["name"]: _mode_of(options) for record, options in jobs}
        good = _REQUIRED in modes.values()
        told = listed(["%s in %s" % (mode or "not told", name) for name, mode in modes.items()])
        reason = "Application-aware processing: %s; %s is wanted." % (told, _REQUIRED)
        evidence = [record for record, _options in jobs]
        if not good and None in modes.values():
            yield cannot_say(one.subject, reason, {"modes": modes}, expected, evidence)
        else:
            yield verdict(good, one.subject, reason, {"modes": modes}, expected, evidence)


@check(
    id="C13",
    title="Database logs are backed up within the log RPO",
    severity=MEDIUM,
    subject="machine",
    reads=_READS_OF_CONTENTS,
    parameters=(
        Parameter("log_rpo_minutes", "number", 60.0, "How long the logs of a database may go without a backup.", unit="minutes", minimum=0, by_class=True),
        Parameter("log_backup", "bool", False, "Whether the machines of the class need backups of logs.", by_class=True),
        *_WHICH_MACHINES,
    ),
    why="Between two backups of a database only its logs tell what was written; what is in logs that are lost with the machine is lost.",
    how=(
        "How often Microsoft SQL Server and Oracle logs are backed up in the enabled backup jobs of every machine that needs it or for which it is switched "
        "on. Where both are switched on, the slower one counts; of several jobs, the fastest."
    ),
    fix="Switch backups of logs on in the application settings of the job, and make the pause between them shorter.",
    limits="Which database a machine runs is not told. PostgreSQL logs are not told.",
    controls=("NIST CP-9", "ISO A.8.13"),
)
def log_backups(context: Context) -> Iterator[Judgement]:
    """Judge the machines that the policy chooses, and those whose logs are backed up."""
    chosen = {one.machine for one in _chosen(context, "log_backup")}
    for one in context.facts.inhabitants.all:
        jobs = guest_options(context.facts).get(one.machine, [])
        pauses = [pause for pause in map(_log_pause, jobs) if pause is not None]
        if one.machine not in chosen and not pauses:
            continue
        limit = context.value("log_rpo_minutes", one.subject)
        expected, evidence = {"minutes_at_most": limit}, [record for record, _options in jobs]
        if pauses:
            reason = "Its logs are backed up every %d minutes; at most %g minutes are allowed." % (min(pauses), limit)
            yield verdict(min(pauses) <= limit, one.subject, reason, {"minutes": min(pauses)}, expected, evidence)
        elif not jobs:
            yield cannot_say(one.subject, "No enabled backup job is known that it is in.", None, expected)
        else:
            reason = "No enabled backup job backs its logs up; %g minutes without a backup are allowed." % limit
            yield verdict(False, one.subject, reason, {"minutes": None}, expected, evidence)


def _log_pause(job: Options) -> Optional[int]:
    """Return after how many minutes a job backs logs up again, None where it does not."""
    _record, options = job
    if options is None or _mode_of(options) == "Disabled":
        return None
    sql, oracle = options.get("sql_backup_options") or {}, options.get("oracle_backup_options") or {}
    pauses = [sql.get("backup_logs_frequency_min")] if sql.get("transaction_logs_processing") == "Backup" else []
    pauses += [oracle.get("backup_logs_frequency_min")] if oracle.get("backup_logs_enabled") else []
    return max((pause for pause in pauses if pause is not None), default=None)


# ---------------------------------------------------------------------------------------------------------
# Kept

_JOB_TYPES = Parameter("job_types", "list", _KEEPING_JOBS, "Which types of job are looked at.", choices=(*_KEEPING_JOBS, AGENT_JOB_TYPE))


def _strictest(context: Context, record: Record, parameter: str) -> Any:
    """Return the highest value of a parameter for any machine in a job, the general one for a job without a known machine."""
    inhabitants = context.facts.inhabitants
    values = {context.value(parameter, inhabitants.of(machine).subject) for machine in contents_of(context.facts).of(record)}
    return max(values, default=context.value(parameter))


@check(
    id="C14",
    title="Restore points are kept as long as the policy says",
    severity=HIGH,
    subject="job",
    reads=_READS_OF_CONTENTS,
    parameters=(
        Parameter("retention_days", "number", 14.0, "How long restore points are to be kept at least.", unit="days", minimum=0, by_class=True),
        Parameter(
            "retention_points",
            "integer",
            0,
            "How many restore points are enough where a job counts points and its schedule does not tell how many days they cover; 0 for not assessable.",
            unit="points",
            minimum=0,
        ),
        _JOB_TYPES,
    ),
    why="Damage is often noticed weeks later; who keeps a few days has only damaged backups by then.",
    how=(
        "Short-term retention of each backup, copy and agent job. A job that counts points keeps them as many days as its schedule, or that of the jobs that "
        "it follows or copies, takes to make them. A job has to keep for the strictest class of its machines."
    ),
    fix="Raise the retention policy of the job.",
    limits="A schedule that runs without a pause, and copies that read whole repositories, do not tell how many days a number of points covers.",
    controls=("CIS 11.2", "NIST CP-9", "ISO A.8.13"),
)
def short_term_retention(context: Context) -> Iterator[Judgement]:
    """Judge every job that keeps restore points."""
    yield from blind_spots(context.facts, "agent_jobs")
    by_id = {id_of(record): record for record in jobs_of(context.facts, *_KEEPING_JOBS, AGENT_JOB_TYPE)}
    for record in jobs_of(context.facts, *context.value("job_types")):
        yield _judged_retention(context, record, by_id)


def _judged_retention(context: Context, record: Record, by_id: Dict[str, Record]) -> Judgement:
    subject, wanted = subject_of_job(context.facts, record), _strictest(context, record, "retention_days")
    expected = {"days_at_least": wanted}
    policy = own_settings(record).get("simple_retention_policy") or {}
    if policy.get("retain_limit_type") == "Days" and policy["retain_days_to_keep"] is not None:
        kept = policy["retain_days_to_keep"]
        reason = "It keeps restore points for %g days; at least %g wanted." % (kept, wanted)
        return verdict(kept >= wanted, subject, reason, {"days": kept, "points": None}, expected, [record])
    points = policy.get("retain_cycles")
    if policy.get("retain_limit_type") != "Cycles" or points is None:
        return cannot_say(subject, "How long it keeps restore points is not told.", None, expected, [record])
    pause = days_between_runs(record, by_id)
    if pause is not None:
        days = round(points * pause, 2)
        reason = "It keeps %d restore points, which by its schedule cover %.1f days; at least %g wanted." % (points, days, wanted)
        return verdict(days >= wanted, subject, reason, {"days": days, "points": points}, expected, [record])
    enough, measured = context.value("retention_points"), {"days": None, "points": points}
    if not enough:
        reason = "It keeps %d restore points; how many days these cover its schedule does not tell, and %g days are wanted." % (points, wanted)
        return cannot_say(subject, reason, measured, expected, [record])
    reason = "It keeps %d restore points, of which its schedule does not tell how many days they cover; at least %d wanted." % (points, enough)
    return verdict(points >= enough, subject, reason, measured, {"points_at_least": enough}, [record])


_PERIODS = ("weekly", "monthly", "yearly")
_UNITS = {"weekly": "weeks", "monthly": "months", "yearly": "years"}


@check(
    id="C15",
    title="Full backups are kept for the long term as the policy says",
    severity=MEDIUM,
    subject="job",
    reads=_READS_OF_CONTENTS,
    parameters=(
        *(
            Parameter(
                "gfs_" + period,
                "integer",
                wanted,
                "How many %s a full backup of the period is to be kept at least; 0 for none." % _UNITS[period],
                unit=_UNITS[period],
                minimum=0,
                by_class=True,
            )
            for period, wanted in zip(_PERIODS, (4, 12, 0))
        ),
        _JOB_TYPES,
    ),
    why="Some losses are noticed after months, and some data has to be shown after years; short-term retention covers neither.",
    how=(
        "GFS retention of each backup and copy job: for how many weeks, months and years it keeps a full backup of the period. A job has to keep for the "
        "strictest class of its machines."
    ),
    fix="Switch GFS retention on in the job for the periods that are missing, or raise how long it keeps.",
    limits="Copies that the policy does not name by job_types are left out; which job has to keep for the long term is for the policy to say (scope).",
    controls=("CIS 11.2", "NIST CP-9", "ISO A.8.13"),
)
def long_term_retention(context: Context) -> Iterator[Judgement]:
    """Judge every job of the chosen types."""
    yield from blind_spots(context.facts, "agent_jobs")
    for record in jobs_of(context.facts, *context.value("job_types")):
        wanted = {period: _strictest(context, record, "gfs_" + period) for period in _PERIODS}
        if not any(wanted.values()):
            continue
        subject, gfs = subject_of_job(context.facts, record), own_settings(record).get("gfs_retention_policy")
        if gfs is None:
            yield cannot_say(subject, "Whether it keeps full backups for the long term is not told.", None, wanted, [record])
            continue
        kept = {period: _kept_periods(gfs, period) for period in _PERIODS}
        told = listed(["%d %s (%d wanted)" % (kept[period], _UNITS[period], wanted[period]) for period in _PERIODS if wanted[period]])
        good = all(kept[period] >= wanted[period] for period in _PERIODS)
        yield verdict(good, subject, "It keeps full backups for %s." % told, kept, wanted, [record])


def _kept_periods(gfs: Record, period: str) -> int:
    part = gfs[period]
    # Whether GFS is in force at all is an attribute that old servers do not send.
    return int(part["retention_period"] or 0) if gfs["enabled"] is not False and part and part["enabled"] else 0


# ---------------------------------------------------------------------------------------------------------
# Encrypted


def _key_of(record: Record) -> Tuple[bool, str]:
    """Return whether it is told if a job encrypts, and the id of its password in small letters, "" without encryption."""
    storage = own_settings(record).get("advanced_storage_options")
    key = ((storage or {}).get("password_key_id") or "").lower()
    return storage is not None, "" if key == _NO_KEY else key


@check(
    id="C30",
    title="Backups are encrypted",
    severity=HIGH,
    subject="job",
    reads=READS_OF_SETTINGS + (Reads("repositories", ("name", "kind"), needed=False),),
    parameters=(
        Parameter(
            "only_targets",
            "list",
            (),
            "Shell patterns of kinds of repository (Cloud, AmazonS3*, Extendable) on which backups have to be encrypted; none for everywhere.",
        ),
        _JOB_TYPES,
    ),
    why="Whoever gets at backup files reads all data of all machines, whatever guards the machines themselves; most of all with a provider or on the road.",
    how="Whether the storage settings of each backup and copy job name an encryption password.",
    fix="Switch encryption on in the storage settings of the job, with a password that is kept outside of the backup server, too.",
    limits=(
        "Some servers do not tell it of immediate copies, none of agent jobs. Encryption by the repository itself (object storage, capacity tier, appliance) "
        "and of traffic is not told."
    ),
    controls=("CIS 3.11", "CIS 11.3", "NIST CP-9(8)", "NIST SC-28", "ISO A.8.24"),
)
def encryption(context: Context) -> Iterator[Judgement]:
    """Judge every job of the chosen types that writes to such a place."""
    patterns = context.value("only_targets")
    for record in jobs_of(context.facts, *context.value("job_types")):
        subject = subject_of_job(context.facts, record)
        kinds = _kinds_written_to(context.facts, record) if patterns else []
        told, key = _key_of(record)
        if patterns and not key and not kinds:
            yield cannot_say(subject, "It does not encrypt, or does not tell, and on what kind of repository it writes is not known.", None, None, [record])
        elif not patterns or fits_any(kinds, patterns):
            yield _judged_encryption(subject, record, told, key)


def _judged_encryption(subject: Subject, record: Record, told: bool, key: str) -> Judgement:
    expected = {"encrypted": True}
    if not told:
        return cannot_say(subject, "Enterprise Manager does not tell whether it encrypts its backups.", {"encrypted": None}, expected, [record])
    reason = "It encrypts its backups." if key else "It does not encrypt its backups."
    return verdict(bool(key), subject, reason, {"encrypted": bool(key)}, expected, [record])


def _kinds_written_to(facts: Facts, record: Record) -> List[str]:
    repositories = [backup["repository"] for backup in backups_of(facts, record) if backup["repository"]]
    records = [facts.by_id("repositories").get((repository["id"] or "").lower()) for repository in repositories]
    return sorted({found["kind"] for found in records if found and found["kind"]})


@check(
    id="C31",
    title="Encryption passwords are changed and known",
    severity=MEDIUM,
    subject="encryption_password",
    reads=READS_OF_SETTINGS + (Reads("encryption_passwords", ("password_key_id", "hint", "last_modification_date", "backup_server_name")),),
    parameters=(
        Parameter("password_max_age_days", "number", 365.0, "How old a password may become.", unit="days", minimum=0),
        Parameter("only_used", "bool", False, "Whether only passwords that a job uses are looked at; some must be kept for old backups."),
    ),
    why="A password that never changes is known to everybody who ever had it; one that the server has lost opens no backup any more.",
    how=(
        "When each password was changed last, against the moment of the audit; and whether the password that a job encrypts with is among those of its "
        "backup server."
    ),
    fix="Add a new password and let the jobs use it, keep the old one for as long as its backups live; restore a password that is missing.",
    limits="A change of the hint counts as one of the password. Which password an immediate copy uses some servers do not tell. Stored accounts have no date.",
    controls=("NIST SC-12", "NIST CP-9(8)", "ISO A.8.24"),
)
def encryption_passwords(context: Context) -> Iterator[Judgement]:
    """Judge every password, and every job that uses one."""
    facts = context.facts
    passwords = facts.records("encryption_passwords")
    known = {(server_of(password).casefold(), _password_id(password)) for password in passwords}
    users = [(record, key) for record, key in ((record, _key_of(record)[1]) for record in jobs_of(facts, *_KEEPING_JOBS)) if key]
    used = {(server_of(record).casefold(), key) for record, key in users}
    for password in passwords:
        if not context.value("only_used") or (server_of(password).casefold(), _password_id(password)) in used:
            yield _judged_age(context, password)
    for record, key in users:
        good = (server_of(record).casefold(), key) in known
        reason = "The password that it encrypts with is %s its backup server." % ("known to" if good else "not among those of")
        yield verdict(good, subject_of_job(facts, record), reason, {"password_key_id": key}, {"known": True}, [record])


def _password_id(password: Record) -> str:
    return (password["password_key_id"] or password["id"] or "").lower()


def _judged_age(context: Context, password: Record) -> Judgement:
    limit = context.value("password_max_age_days")
    subject = Subject("encryption_password", password["hint"] or _password_id(password), _password_id(password), server_of(password))
    expected, hours = {"days_at_most": limit}, context.facts.age_hours(password["last_modification_date"])
    if hours is None:
        return cannot_say(subject, "When it was changed last is not told.", {"days": None}, expected, [password])
    days = hours * HOUR / DAY
    reason = "It was changed %s days ago; %s days are allowed." % told_apart(days, limit)
    return verdict(hours * HOUR <= limit * DAY, subject, reason, {"days": round(days, 2)}, expected, [password])
