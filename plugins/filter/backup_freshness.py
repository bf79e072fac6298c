# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter backup_freshness: whether the newest restore point of one machine is young enough."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ansible.errors import AnsibleFilterError

DOCUMENTATION = r"""
name: backup_freshness
short_description: Say whether the newest restore point of a machine is young enough
version_added: 0.3.0
author:
  - Contributors to the openbackup.veeam_em collection (@openbackup)
description:
  - Takes what queries for restore points of one machine were answered and judges the age of the newest one.
  - Several machines of the name are not mixed up. The verdict is then V(ambiguous), unless O(backup_server) says which one is meant.
  - It is what the role P(openbackup.veeam_em.change_gate#role) judges by.
positional: names, max_age_hours
options:
  _input:
    description:
      - Results of M(openbackup.veeam_em.veeam_em_query_info), one for each kind of restore point, such as the V(results) of a loop. The types may be
        V(VmRestorePoint), V(AgentRestorePoint) and V(VmReplicaPoint).
      - A result without V(records) counts as a query that failed.
    type: list
    elements: dictionary
    required: true
  names:
    description:
      - Names of the machine, the most exact first. Where one of them has restore points, the names after it do not count.
    type: list
    elements: str
    required: true
  max_age_hours:
    description:
      - How old the newest restore point may be, in hours. One of exactly this age is young enough.
    type: float
    required: true
  backup_server:
    description:
      - Name of the backup server that the queries were narrowed to. Whatever has the name there counts as one machine.
    type: str
  now:
    description:
      - Moment against which the age is measured, ISO 8601 in UTC with V(Z). The clock of the controller without it.
    type: str
seealso:
  - module: openbackup.veeam_em.veeam_em_query_info
"""

EXAMPLES = r"""
- name: Restore points of one machine
  openbackup.veeam_em.veeam_em_query_info:
    host: em01.example.com
    type: VmRestorePoint
    filter:
      vm_display_name: srv-sql-01
  register: points

- name: How old its newest one is
  ansible.builtin.debug:
    msg: "{{ ([points] | openbackup.veeam_em.backup_freshness(names=['srv-sql-01'], max_age_hours=24)).reason }}"
"""

RETURN = r"""
_value:
  description:
    - V(verdict) is V(fresh), V(stale), V(unknown) where there is no restore point, V(ambiguous), or V(not_read) where a query failed.
    - V(reason) says it in a sentence.
    - V(newest) has the V(machine), its V(kind), the V(backup_server) and the V(creation_time) of the newest restore point, null where none is known.
    - V(age_hours) is its age, null where none is known.
    - V(candidates) has the same as V(newest) for each machine that has the name.
  type: dict
  sample:
    verdict: fresh
    reason: The newest restore point of srv-sql-01 on vbr01.example.com is 2.5 h old (2026-11-22T05:30:00Z); at most 24 h are allowed.
    newest: {machine: srv-sql-01, kind: virtual machine, backup_server: vbr01.example.com, creation_time: "2026-11-22T05:30:00Z"}
    age_hours: 2.5
    candidates:
      - {machine: srv-sql-01, kind: virtual machine, backup_server: vbr01.example.com, creation_time: "2026-11-22T05:30:00Z"}
"""

FRESH = "fresh"
STALE = "stale"
UNKNOWN = "unknown"
AMBIGUOUS = "ambiguous"
NOT_READ = "not_read"
_MACHINE = "virtual machine"
_COMPUTER = "computer with an agent"
_REPLICA = "replica"
_SECONDS_OF_AN_HOUR = 3600.0
_KINDS = {"VmRestorePoint": _MACHINE, "AgentRestorePoint": _COMPUTER, "VmReplicaPoint": _REPLICA}

Verdict = Dict[str, Any]


class Point(NamedTuple):
    """What counts of a restore point. ``reference`` tells machines of one name on one backup server apart where the server sends it."""

    kind: str
    machine: str
    backup_server: str
    reference: str
    creation_time: str
    moment: datetime

    def as_record(self) -> Verdict:
        """Return what people are told of it."""
        return {"machine": self.machine, "kind": self.kind, "backup_server": self.backup_server, "creation_time": self.creation_time}


def _moment(stamp: str) -> datetime:
    """Return the moment of a time in ISO 8601 in UTC with Z. Raises AnsibleFilterError for another text."""
    whole, _dot, fraction = stamp.partition(".")
    try:
        seconds = float("0." + fraction.rstrip("Z")) if fraction else 0.0
        return datetime.strptime(whole.rstrip("Z"), "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc) + timedelta(seconds=seconds)
    except ValueError as error:
        raise AnsibleFilterError("backup_freshness: %r is not a time such as 2026-11-22T06:00:00Z." % stamp) from error


def _point(record: Mapping[str, Any]) -> Optional[Point]:
    """Return the point of a record, None for one without a time. Raises AnsibleFilterError for a record of another type."""
    kind = _KINDS.get(str(record.get("type")))
    if kind is None:
        raise AnsibleFilterError("backup_freshness takes records of the types %s, not %r." % (", ".join(_KINDS), record.get("type")))
    if not record.get("creation_time"):
        return None
    # Points of agents carry their computer in the name only: an @ and the time come after it.
    machine = record.get("vm_display_name") or str(record.get("name") or "").rpartition("@")[0]
    stamp = str(record["creation_time"])
    return Point(kind, machine, record.get("backup_server_name") or "", record.get("hierarchy_obj_ref") or "", stamp, _moment(stamp))


def _is_called(point: Point, name: str) -> bool:
    """Whether the point is of a machine of this name. Computers are called with their domain here and without it there."""
    machine, wanted = point.machine.casefold(), name.casefold()
    return machine == wanted or (point.kind == _COMPUTER and machine.partition(".")[0] == wanted.partition(".")[0])


def _named(points: Sequence[Point], names: Sequence[str]) -> List[Point]:
    for name in names:
        found = [point for point in points if _is_called(point, name)]
        if found:
            return found
    return []


def _candidates(points: Sequence[Point]) -> List[Point]:
    """Return the newest point of each machine, by backup server. A replica belongs to the machine of its name on the same backup server."""
    servers_of_machines = {point.backup_server for point in points if point.kind != _REPLICA}
    newest: Dict[Tuple[str, str, str], Point] = {}
    for point in points:
        if point.kind == _REPLICA and point.backup_server in servers_of_machines:
            continue
        identity = (point.backup_server, point.kind, point.reference)
        if identity not in newest or newest[identity].moment < point.moment:
            newest[identity] = point
    return [newest[identity] for identity in sorted(newest)]


def _judged(points: Sequence[Point], max_age_hours: float, now: datetime) -> Verdict:
    newest = max(points, key=lambda point: point.moment)
    age = max(0.0, (now - newest.moment).total_seconds() / _SECONDS_OF_AN_HOUR)
    sentence = "The newest %s of %s on %s is %.1f h old (%s); at most %g h are allowed."
    what = "replica restore point" if newest.kind == _REPLICA else "restore point"
    return {
        "verdict": FRESH if age <= max_age_hours else STALE,
        "reason": sentence % (what, newest.machine, newest.backup_server, age, newest.creation_time, max_age_hours),
        "newest": newest.as_record(),
        "age_hours": round(age, 2),
    }


def _doubt(verdict: str, reason: str) -> Verdict:
    return {"verdict": verdict, "reason": reason, "newest": None, "age_hours": None}


def _ambiguous(candidates: Sequence[Point]) -> Verdict:
    told = ["%s %s on %s, newest restore point %s" % (one.kind, one.machine, one.backup_server, one.creation_time) for one in candidates]
    reason = "%d machines have the name: %s. Name the backup server of the one that is meant, or its exact name."
    return _doubt(AMBIGUOUS, reason % (len(candidates), "; ".join(told)))


def backup_freshness(answers: Any, names: Sequence[str], max_age_hours: float, backup_server: Optional[str] = None, now: Optional[str] = None) -> Verdict:
    """Return whether the newest restore point of a machine is young enough, as the documentation of the filter says.

    Args:
        answers: results of veeam_em_query_info.
        names: names of the machine, the most exact first.
        max_age_hours: how old the newest restore point may be.
        backup_server: the one that the queries were narrowed to.
        now: moment of the judgement, ISO 8601 in UTC with Z.
    Raises: AnsibleFilterError for anything else.
    """
    if not isinstance(answers, (list, tuple)) or not answers or not all(isinstance(answer, Mapping) for answer in answers):
        raise AnsibleFilterError("backup_freshness takes a list of results of veeam_em_query_info.")
    if isinstance(names, str) or not names:
        raise AnsibleFilterError("backup_freshness: names is %r; give a list of at least one name." % (names,))
    failed = [answer for answer in answers if "records" not in answer]
    if failed:
        reason = "Enterprise Manager could not be asked. %s" % failed[0].get("msg", "It is not said why.")
        return {**_doubt(NOT_READ, reason), "candidates": []}
    points = _named([point for answer in answers for point in map(_point, answer["records"]) if point is not None], names)
    candidates = _candidates(points)
    if not points:
        where = " on the backup server %s" % backup_server if backup_server else ""
        verdict = _doubt(UNKNOWN, "Enterprise Manager knows no restore point of %s%s." % (" or ".join(names), where))
    elif len(candidates) > 1 and not backup_server:
        verdict = _ambiguous(candidates)
    else:
        verdict = _judged(points, float(max_age_hours), _moment(now) if now else datetime.now(timezone.utc))
    return {**verdict, "candidates": [candidate.as_record() for candidate in candidates]}


class FilterModule:
    """The filters of this file, by name."""

    def filters(self) -> Dict[str, Callable[..., Verdict]]:
        """Return the filters."""
        return {"backup_freshness": backup_freshness}
