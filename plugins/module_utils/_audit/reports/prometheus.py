# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The findings as Prometheus text (version 0.0.4), for the textfile collector of the node exporter. Private to this collection.

All are gauges, since each audit tells anew what there is. No label names a machine: the number of series grows with servers, rules and
repositories only. Ages are counts below each limit ``le`` in seconds, so that ``histogram_quantile`` works on them.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Callable, Dict, Iterable, Iterator, List, NamedTuple, Optional, Tuple

from ..document import Document
from ..model import STATUSES
from ..times import DAY, HOUR, seconds_of
from .reading import Entry, Reading, as_utf8, counted, shown

PREFIX = "veeam_em_audit_"

Labels = Dict[str, Any]
Sample = Tuple[Labels, Optional[float]]


class Metric(NamedTuple):
    """A family of series: its name without the prefix, what it tells, and how its samples come from the document; None is no sample."""

    name: str
    meaning: str
    samples: Callable[[Reading], Iterable[Sample]]


def write(document: Document) -> bytes:
    """Return the numbers of the audit as Prometheus text in UTF-8."""
    reading = Reading(document)
    lines: List[str] = []
    for metric in METRICS:
        lines.extend(_family(metric, reading))
    return as_utf8("\n".join(lines) + "\n")


def _family(metric: Metric, reading: Reading) -> List[str]:
    series: Dict[str, float] = {}
    for labels, value in metric.samples(reading):
        if value is not None:
            # Two repositories may be alike in name and server; a series may be there only once.
            series.setdefault(_labels(labels), value)
    name = PREFIX + metric.name
    head = ["# HELP %s %s" % (name, metric.meaning), "# TYPE %s gauge" % name]
    return [*head, *("%s%s %s" % (name, labels, _number(value)) for labels, value in series.items())]


def _labels(labels: Labels) -> str:
    return "{%s}" % ",".join('%s="%s"' % (name, _label(str(value or ""))) for name, value in labels.items()) if labels else ""


def _label(text: str) -> str:
    return shown(text).replace("\\", "\\\\").replace('"', '\\"').replace("\r", " ").replace("\n", "\\n")


def _number(value: float) -> str:
    return repr(value) if isinstance(value, float) and not value.is_integer() else "%d" % value


# -- samples ------------------------------------------------------------------------------------------------


def _info(reading: Reading) -> Iterator[Sample]:
    document = reading.document
    policy = document["policy"]
    yield {"version": document["tool"]["version"], "policy": policy["name"], "policy_sha256": policy["sha256"]}, 1


def _findings(reading: Reading) -> Iterator[Sample]:
    for group in reading.groups():
        severity = group.findings[0]["severity"]
        for status, number in counted(group.findings).items():
            yield {"server": group.server, "rule": group.rule, "severity": severity, "status": status}, number


def _per_server(value: Callable[[Entry], Optional[float]]) -> Callable[[Reading], Iterator[Sample]]:
    def samples(reading: Reading) -> Iterator[Sample]:
        for name, server in reading.servers.items():
            yield {"server": name}, value(server)

    return samples


def _per_repository(key: str, unit: float = 1) -> Callable[[Reading], Iterator[Sample]]:
    def samples(reading: Reading) -> Iterator[Sample]:
        for name, server in reading.servers.items():
            for one in server["figures"]["repositories"]:
                value = one[key]
                yield {"server": name, "backup_server": one["backup_server"], "repository": one["name"]}, None if value is None else value * unit

    return samples


def _summed(key: str, without_point: bool) -> Callable[[Entry], Optional[float]]:
    """Return what adds up a number of the histogram of ages; without a histogram there is none."""

    def value(server: Entry) -> Optional[float]:
        bins = server["figures"]["restore_point_ages"]
        chosen = [one[key] for one in bins if not without_point or one["from_hours"] is None]
        return sum(chosen) if bins else None

    return value


def _ages(reading: Reading) -> Iterator[Sample]:
    for name, server in reading.servers.items():
        below = 0
        for one in server["figures"]["restore_point_ages"]:
            if one["from_hours"] is not None:
                below += one["machines"]
                yield {"server": name, "le": "+Inf" if one["to_hours"] is None else _number(one["to_hours"] * HOUR)}, below


def _by_state(kind: str) -> Callable[[Reading], Iterator[Sample]]:
    def samples(reading: Reading) -> Iterator[Sample]:
        for state, number in sorted(Counter(one["state"] for one in reading.document[kind]).items()):
            yield {"state": state}, number

    return samples


def _sees_all(server: Entry) -> Optional[float]:
    return None if server["sees_all"] is None else int(server["sees_all"])


METRICS: Tuple[Metric, ...] = (
    Metric("info", "The collection and the policy of the audit; always 1.", _info),
    Metric("timestamp_seconds", "The moment of the audit, against which ages were measured.", lambda reading: [({}, seconds_of(reading.document["as_of"]))]),
    Metric("gathered_timestamp_seconds", "When the facts were read from the server.", _per_server(lambda server: seconds_of(server["gathered_at"]))),
    Metric("findings", "Findings of a rule about a server by status (%s)." % ", ".join(STATUSES), _findings),
    Metric("sees_all", "Whether the account may see everything on the server; missing where nobody could tell.", _per_server(_sees_all)),
    Metric("kinds_not_read", "Kinds of record that could not be read.", _per_server(lambda server: len(server["not_read"]))),
    Metric("machines", "Machines whose newest restore point was looked for.", _per_server(_summed("machines", False))),
    Metric(
        "machines_beyond_rpo", "Machines whose newest restore point is older than the policy allows, or missing.", _per_server(_summed("beyond_rpo", False))
    ),
    Metric("machines_without_restore_point", "Machines that ought to have a restore point and have none.", _per_server(_summed("machines", True))),
    Metric("machines_by_restore_point_age", "Machines whose newest restore point is at most so many seconds old.", _ages),
    Metric("repository_capacity_bytes", "Size of a repository.", _per_repository("capacity")),
    Metric("repository_free_bytes", "Free space of a repository.", _per_repository("free")),
    Metric("repository_seconds_to_full", "Time until a repository is full, as it grew in earlier audits.", _per_repository("days_to_full", DAY)),
    Metric("waivers", "Waivers by what became of them.", _by_state("waivers")),
    Metric("attestations", "Attestations by what became of them.", _by_state("attestations")),
)
