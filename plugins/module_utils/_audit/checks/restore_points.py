# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Restore points: how old the newest is, how many there are, of which sort."""

from __future__ import annotations

from typing import Iterator

from ..context import Context
from ..inhabitants import READS_OF_MACHINES, READS_OF_POINTS
from ..model import HIGH, Judgement, Parameter, check, verdict

_HOURS = "%.1f hours"


@check(
    id="C02",
    title="The newest restore point is within the RPO",
    severity=HIGH,
    subject="machine",
    reads=READS_OF_MACHINES + READS_OF_POINTS,
    parameters=(Parameter("rpo_hours", "number", 24.0, "How old the newest restore point of a machine may be.", unit="hours", minimum=0, by_class=True),),
    why="What was written after the newest restore point is lost when the machine is.",
    how="The time of creation of the machine's newest restore point, in whatever backup it lies, against the moment of the audit.",
    fix="Look at the last runs of the machine's jobs; start the job, or have its schedule run more often.",
    controls=("CIS 11.2", "NIST CP-9", "ISO A.8.13"),
)
def newest_point_within_rpo(context: Context) -> Iterator[Judgement]:
    """Judge every machine that has restore points or ought to have some."""
    facts = context.facts
    for one in facts.inhabitants.all:
        point = one.newest_point()
        if point is None and not one.machine.point_expected:
            continue
        limit = context.value("rpo_hours", one.subject)
        expected = {"hours_at_most": limit}
        if point is None:
            reason = "It is in a job and has no restore point in the last %g days." % facts.server.lookback_days
            yield verdict(False, one.subject, reason, {"hours": None, "newest": None}, expected)
            continue
        age = facts.age_hours(point["creation_time"]) or 0.0
        measured = {"hours": round(age, 2), "newest": point["creation_time"]}
        reason = "Its newest restore point is %s old; %s are allowed." % (_HOURS % age, _HOURS % limit)
        yield verdict(age <= limit, one.subject, reason, measured, expected, [point])
