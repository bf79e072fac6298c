# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The configuration against the one that was taken as right."""

from __future__ import annotations

import json
from itertools import groupby
from typing import Any, Iterator, List, Optional, Sequence

from .. import drift
from ..context import Context
from ..model import MEDIUM, NOT_ASSESSABLE, Judgement, Parameter, Record, Subject, cannot_say, check, verdict
from ..words import counted

_SHOWN_CHANGES = 5
_LONGEST_VALUE = 60


@check(
    id="C40",
    title="The configuration is as in the baseline",
    severity=MEDIUM,
    subject="configuration",
    reads=drift.READS_OF_CONFIGURATION,
    parameters=(
        Parameter(
            "kinds", "list", [], "Kinds of thing that are compared, such as jobs; all without any.", choices=tuple(kept.kind for kept in drift.CONFIGURATION)
        ),
        Parameter("ignored", "list", [], "Patterns of fields that do not count, such as jobs.description."),
    ),
    why="A retention that was shortened or a machine that was taken out of a job does no harm until the day it is needed.",
    how=(
        "Servers, repositories, jobs with all their settings and contents, accounts with roles and scopes, and more, field by field against the file that "
        "was taken as right. Times, counters and the order of lists do not count."
    ),
    fix="Undo what nobody ordered. What was meant becomes right by taking a new baseline and having it reviewed.",
    limits="Only what Enterprise Manager shows is compared; settings of backup servers that it does not show can change unseen.",
    controls=("CIS 4.1", "CIS 4.2", "NIST CM-2", "NIST CM-3", "NIST CM-6", "ISO A.8.9", "ISO A.8.32"),
)
def as_baseline(context: Context) -> Iterator[Judgement]:
    """Judge every thing that differs, and every kind in which nothing does."""
    facts = context.facts
    if context.baseline is None:
        yield cannot_say(facts.own_subject, "There is no baseline of this Enterprise Manager to compare with.")
        return
    current = drift.configuration_of(facts)
    changes = drift.compare(context.baseline, current, context.value("ignored"))
    by_kind = {kind: list(group) for kind, group in groupby(changes, lambda change: change.kind)}
    for kept in drift.CONFIGURATION:
        if not context.value("kinds") or kept.kind in context.value("kinds"):
            yield from _of_kind(context, kept, current, by_kind.get(kept.kind, []))


def _of_kind(context: Context, kept: drift.Kept, current: drift.Configuration, changes: List[drift.Change]) -> Iterator[Judgement]:
    facts, baseline, titles = context.facts, context.baseline or {}, kept.resource.titles
    subject = Subject("configuration", kept.kind)
    if kept.kind not in current["items"] and kept.kind not in baseline["items"]:
        return
    if kept.kind not in current["items"]:
        gap = facts.whole(kept.kinds)
        reason = "Whether the %s are as in the baseline could not be seen. %s" % (titles, current["not_read"][kept.kind])
        yield Judgement(subject, gap.status if gap else NOT_ASSESSABLE, reason)
    elif kept.kind not in baseline["items"]:
        yield cannot_say(subject, "The baseline does not hold %s. %s" % (titles, baseline["not_read"].get(kept.kind, "")))
    elif not changes:
        count = len(current["items"][kept.kind])
        reason = "Nothing differs from the baseline in %s." % counted(count, kept.resource.title, titles)
        yield verdict(True, subject, reason, {"things": count}, {"things": count}, list(facts.records(kept.kind)))
    else:
        records = drift.keyed(facts, kept)
        for key, group in groupby(changes, lambda change: change.key):
            yield _of_thing(kept, list(group), records.get(key))


def _of_thing(kept: drift.Kept, changes: Sequence[drift.Change], record: Optional[Record]) -> Judgement:
    first = changes[0]
    uid = first.key if first.key.startswith("urn:") else None
    subject = Subject(kept.resource.thing, first.name, uid, first.backup_server)
    if first.what != drift.CHANGED:
        told = "is there now, and is not in the baseline" if first.what == drift.ADDED else "is in the baseline, and is there no longer"
        return verdict(False, subject, "This %s %s." % (kept.resource.title, told), first.after, first.before, [record])
    shown = "; ".join("%s was %s and is %s" % (change.field, _short(change.before), _short(change.after)) for change in changes[:_SHOWN_CHANGES])
    more = len(changes) - _SHOWN_CHANGES
    reason = "It differs from the baseline: %s%s." % (shown, "; and %d more" % more if more > 0 else "")
    measured, expected = {change.field: change.after for change in changes}, {change.field: change.before for change in changes}
    return verdict(False, subject, reason, measured, expected, [record])


def _short(value: Any) -> str:
    if value is None:
        return "nothing"
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"
