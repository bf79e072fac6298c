# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What earlier audits tell: their points in the trends, and the few records that checks compare with. Private to this collection.

A pack keeps what the history of its audit came to, so that the audit can be repeated without the earlier packs, and so that the last pack of a
row can stand for the row.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple

from .._api.sharing import Extract
from .checks.job_settings import standstill
from .evidence import HISTORY, facts_of, gap_of
from .facts import Facts, ServerFacts
from .filling import READS_OF_REPOSITORIES
from .model import BY_ID, Reads, Record, fields_by_kind
from .pack_files import Pack, PackError
from .redaction import Redactor
from .times import seconds_of
from .trends import Point, checked_point

FORMAT = "openbackup.veeam_em/history/1"

_JOB_KINDS = ("jobs", "agent_jobs")
_OF_JOBS = ("schedule_enabled", "schedule_configured", "job_type", "job_schedule_options.standard")
# What checks ask earlier audits: how full repositories were (C28), and which jobs stood still (C06).
READ: Mapping[str, Tuple[str, ...]] = fields_by_kind((READS_OF_REPOSITORIES, *(Reads(kind, _OF_JOBS, identity=BY_ID) for kind in _JOB_KINDS)))
_EXTRACTS = {kind: Extract(names) for kind, names in READ.items()}


@dataclass(frozen=True)
class Earlier:
    """An earlier audit of one Enterprise Manager; ``point`` is None where its pack tells none. ``facts.now`` is when it was read."""

    facts: Facts
    point: Optional[Point] = None


def of_pack(pack: Pack, entry: Mapping[str, Any]) -> List[Earlier]:
    """Return what a pack tells of one server as an earlier audit, with what it knows of audits before. Args: entry: of the manifest. Raises PackError."""
    facts = facts_of(pack, entry, READ)
    facts.now = seconds_of(facts.server.gathered_at)
    told = kept_in(pack).get(facts.server.name)
    own = told.points.get(facts.server.gathered_at) if told else None
    return [*(told.earlier if told else ()), Earlier(_that_is_asked_for(facts), own)]


def _that_is_asked_for(facts: Facts) -> Facts:
    """Return facts without the jobs that run by themselves: nobody asks for more than those that stand still."""
    still = {kind: [job for job in facts.records(kind) if standstill(job, unscheduled_counts=True)] for kind in _JOB_KINDS}
    facts.collections = {**facts.collections, **still}
    return facts


@dataclass(frozen=True)
class Kept:
    """What a pack keeps of one server: points by the time of their gathering, its own included, and the audits before it."""

    points: Mapping[str, Point]
    earlier: Sequence[Earlier]


def kept_in(pack: Pack) -> Dict[str, Kept]:
    """Return by server what a pack keeps of its history; nothing for a pack without. Raises PackError."""
    if HISTORY not in pack.names:
        return {}
    told = pack.data(HISTORY)
    try:
        if told["format"] != FORMAT:
            raise ValueError("another format")
        return {str(one["name"]): _kept(one) for one in told["servers"]}
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise PackError("What the evidence pack %s says of earlier audits is damaged." % pack.path) from error


def _kept(one: Mapping[str, Any]) -> Kept:
    points = {point["gathered_at"]: point for point in map(checked_point, one["points"])}
    earlier = []
    for audit in one["earlier"]:
        moment = audit["gathered_at"]
        records = {kind: [_record(kind, record) for record in audit["records"][kind]] for kind in READ}
        gaps = {str(kind): gap_of(gap) for kind, gap in audit["gaps"].items()}
        earlier.append(Earlier(Facts(ServerFacts(str(one["name"]), moment), seconds_of(moment), records, gaps), points.get(moment)))
    return Kept(points, earlier)


def _record(kind: str, record: Mapping[str, Any]) -> Record:
    if _EXTRACTS[kind].missing_in(record):
        raise ValueError("a field is missing")
    return _EXTRACTS[kind].of(record)


def as_data(servers: Iterable[Tuple[Sequence[Earlier], Mapping[str, Any]]], redactor: Optional[Redactor] = None) -> Dict[str, Any]:
    """Return what a pack is to keep. Args: servers: earlier audits of each, and its entry in the document as the pack has it."""
    return {
        "format": FORMAT,
        "servers": [
            {"name": entry["name"], "points": entry["trends"], "earlier": [_audit_entry(one.facts, redactor) for one in earlier]} for earlier, entry in servers
        ],
    }


def _audit_entry(facts: Facts, redactor: Optional[Redactor]) -> Dict[str, Any]:
    records = {kind: list(facts.records(kind)) for kind in READ}
    if redactor is not None:
        records = {kind: [redactor.record(kind, record) for record in found] for kind, found in records.items()}
    gaps: Dict[str, Any] = {kind: asdict(gap) for kind, gap in sorted(facts.gaps.items()) if kind in READ}
    return {"gathered_at": facts.server.gathered_at, "gaps": gaps if redactor is None else redactor.data(gaps), "records": records}


def in_order(found: Iterable[Earlier], before: str) -> List[Earlier]:
    """Return audits that were earlier than a moment, the oldest first, each gathering once: as it was judged last, where it was twice."""
    limit = seconds_of(before)
    by_moment = {one.facts.now: one for one in sorted(found, key=_latest_judged) if one.facts.now < limit}
    return [by_moment[moment] for moment in sorted(by_moment)]


def _latest_judged(one: Earlier) -> Tuple[str, str]:
    return ("", "") if one.point is None else (one.point["as_of"], one.point["policy"]["sha256"])
