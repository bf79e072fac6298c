# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which job is meant: by name or id, over every kind of job that can be run. Private to this collection.

Enterprise Manager keeps backup, copy and replication jobs, agent jobs and file share jobs in three collections, and a name
is unique in none of them. Source: API.md sections 1 and 3, WIRE.md section 6 (file shares came with version 10, API v1_5).
"""

from __future__ import annotations

from typing import Any, Dict, Iterable, Iterator, List, Optional, Tuple

from . import query, reading, wire
from .entities._model import Resource
from .entities.agents import AGENT_JOB
from .entities.jobs import JOB, JOB_TYPE_REPLICA
from .entities.nas import NAS_JOB
from .entities.sessions import BACKUP_SESSION, REPLICA_SESSION
from .errors import AmbiguousName, MissingRight, OptionError, ServerError, UnknownName
from .session import Session
from .versions import lack_of

Record = Dict[str, Any]
Kinds = Tuple[Resource, ...]

JOB_KINDS: Kinds = (JOB, AGENT_JOB, NAS_JOB)
ANY_KIND = "any"
KIND_NAMES = (ANY_KIND,) + tuple(kind.thing for kind in JOB_KINDS)


def kinds_meant(job_kind: str, job_uid: str = "") -> Kinds:
    """Return the kinds of job among which to look, by the option and by the word in the URN; nothing is sent.

    Every kind may call itself Job in its URN (API.md section 5), so that only another word tells which kind it is.
    Raises OptionError for a malformed id, and where the two contradict each other.
    """
    kinds = tuple(kind for kind in JOB_KINDS if job_kind in (ANY_KIND, kind.thing))
    if not job_uid:
        return kinds
    guid = wire.guid_of(job_uid)
    words = {word.lower(): kind for kind in JOB_KINDS for word in (kind.uid_type, kind.type)}
    word = job_uid[: -len(guid)].lower().rpartition("urn:veeam:")[2].rstrip(":")
    if not wire.is_guid(guid) or (job_uid != guid and (word not in words or not job_uid.lower().startswith("urn:veeam:"))):
        form = "urn:veeam:%s:GUID" % JOB.uid_type
        raise OptionError("%r is not the id of a job." % job_uid, advice="It is a GUID, or a URN of the form %s; use job to look for a name." % form)
    by_word = words.get(word)
    if by_word is None or by_word is JOB:
        return kinds
    if by_word not in kinds:
        raise OptionError("%s is the URN of a job of the kind %s, not %s." % (job_uid, by_word.thing, job_kind), advice="Leave job_kind out.")
    return (by_word,)


def uid_in_sessions(job_uid: str) -> str:
    """Return the id of a job as job sessions can be asked for by it.

    They name their job urn:veeam:Job:GUID whatever its kind, so that a URN with another word is cut to its GUID.
    """
    return job_uid if job_uid.lower().startswith("urn:veeam:%s:" % JOB.uid_type.lower()) else wire.guid_of(job_uid)


def kind_of(job: Record) -> Resource:
    """Return the declaration of a job that was found here."""
    return next(kind for kind in JOB_KINDS if kind.thing == job["job_kind"])


def session_resource_of(job: Record) -> Resource:
    """Return the kind of job session that a job makes."""
    return REPLICA_SESSION if job.get("job_type") == JOB_TYPE_REPLICA else BACKUP_SESSION


# ---------------------------------------------------------------------------------------------------------
# Looking for it


def jobs_called(session: Session, name: str, backup_server: str = "", kinds: Kinds = JOB_KINDS) -> List[Record]:
    """Return the jobs of a name. The service may compare names blind to case; two jobs that differ only in case are two jobs.

    A record tells its kind in ``job_kind``. Kinds that the server or the account knows nothing of are left out.
    Raises MissingRight where the account may see no job of that name, and cannot list all kinds.
    """
    jobs = list(_read(session, kinds, reading.Selection(names=(name,), backup_server=backup_server)))
    return [job for job in jobs if job["name"] == name] or jobs


def job_with_id(session: Session, job_uid: str, kinds: Kinds = JOB_KINDS) -> Optional[Record]:
    """Return the job with a URN or GUID, None when there is none. Raises MissingRight where a kind that cannot be read could have it."""
    return next(_read(session, kinds, reading.Selection(ids=(wire.guid_of(job_uid),))), None)


def _read(session: Session, kinds: Kinds, selection: reading.Selection) -> Iterator[Record]:
    refused: Optional[MissingRight] = None
    found = False
    for kind in served(session, kinds):
        try:
            jobs = reading.read(session, kind, selection, counted=False).records
        except MissingRight as error:
            # Who may not list this kind may not order anything of it either, so that no name is ambiguous by it.
            refused = refused or error
            continue
        except ServerError as error:
            # A server that is older than the kind refuses its query type.
            if error.status != 400 or len(kinds) == 1:
                raise
            continue
        for job in jobs:
            found = True
            yield {**job, "job_kind": kind.thing}
    if refused is not None and not found:
        raise refused


def served(session: Session, kinds: Kinds) -> Kinds:
    """Return the kinds that the API version of the session has. Raises OptionError when it has none of them.

    Of a log-on session that somebody else opened the version is not known; all are tried then.
    """
    if not session.is_shared:
        session.log_on()
    lacks = [lack_of(session, kind) for kind in kinds]
    found = tuple(kind for kind, lack in zip(kinds, lacks) if lack is None)
    if not found and lacks[0]:
        raise lacks[0]
    return found


# ---------------------------------------------------------------------------------------------------------
# Several, or none


def the_one(name: str, jobs: List[Record]) -> Record:
    """Return the only job of a name. Raises AmbiguousName with the candidates."""
    if len(jobs) > 1:
        raise ambiguous(name, candidates_of(jobs))
    return jobs[0]


def candidates_of(jobs: Iterable[Record]) -> List[Record]:
    """Return what tells jobs of one name apart."""
    return [{"name": job["name"], "uid": job["uid"], "backup_server": job["backup_server_name"], "job_kind": job["job_kind"]} for job in jobs]


def ambiguous(name: str, candidates: List[Record]) -> AmbiguousName:
    """Return the refusal of a name that several jobs have, with the candidates."""
    kinds = {item["job_kind"] for item in candidates}
    servers = {item["backup_server"] for item in candidates}
    ways = ["the backup server in backup_server"] * (len(servers) > 1) + ["the kind in job_kind"] * (len(kinds) > 1) + ["the job by job_uid"]
    return AmbiguousName(
        "%d jobs are called %r: %s." % (len(candidates), name, ", ".join(_described(item) for item in candidates)),
        advice="Name %s." % ", or ".join(ways),
        data={"candidates": candidates},
    )


def _described(candidate: Record) -> str:
    return " ".join([*_title_of(candidate), "%s on %s" % (candidate["uid"], candidate["backup_server"])])


def _place_of(candidate: Record) -> str:
    return " ".join([candidate["backup_server"], *("(%s)" % title for title in _title_of(candidate))])


def _title_of(candidate: Record) -> List[str]:
    """The kind of a candidate in words; nothing where only its runs are known."""
    return [kind.title for kind in JOB_KINDS if kind.thing == candidate["job_kind"]]


def _title(kinds: Kinds) -> str:
    return JOB.title if kinds == JOB_KINDS else " or ".join(kind.title for kind in kinds)


def unknown_job(session: Session, name: str, backup_server: str, kinds: Kinds) -> UnknownName:
    """Return the refusal of a name that no such job has (on that backup server), with the candidates elsewhere or the nearest names."""
    elsewhere = candidates_of(jobs_called(session, name)) if backup_server or kinds != JOB_KINDS else []
    if elsewhere:
        place = " on the backup server %r" % backup_server if backup_server else ""
        return UnknownName(
            "No %s%s is called %r; that name is on %s." % (_title(kinds), place, name, ", ".join(_place_of(item) for item in elsewhere)),
            advice="Set backup_server and job_kind to what is meant, as the candidates have it.",
            data={"candidates": elsewhere},
        )
    names = [job["name"] for job in _read(session, kinds, reading.Selection(limit=reading.PAGE_SIZE))]
    return UnknownName("No %s is called %r.%s" % (_title(kinds), name, query.nearest(name, names)), advice="Names are compared whole; %s." % _who_lists(kinds))


def no_job_with_id(job_uid: str, kinds: Kinds) -> UnknownName:
    """Return the refusal of an id that no such job has."""
    return UnknownName("There is no %s with the id %s." % (_title(kinds), job_uid), advice=_who_lists(kinds) + ".")


def _who_lists(kinds: Kinds) -> str:
    modules = ["veeam_em_%s_info" % kind.thing for kind in kinds]
    told = " and ".join([", ".join(modules[:-1]), modules[-1]] if len(modules) > 1 else modules)
    return "%s %s them. CDP policies run without a start and are not among them" % (told, "list" if len(modules) > 1 else "lists")
