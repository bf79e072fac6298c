# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The 3-2-1-1-0 rule for each machine: three copies, on two kinds of media, one off site, one immutable or offline, zero errors in restore tests.

Pure. Each digit is a function of its own; the check that asks for it and the matrix of a report both call it, so that they cannot disagree.
What Enterprise Manager cannot see is not assessable until the policy says it or somebody attests to it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any, Callable, Container, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from .._api.machines import COMPUTER, Machine
from .context import Context
from .facts import Facts
from .inhabitants import Inhabitant
from .model import FAIL, NOT_ASSESSABLE, PASS, Judgement, Record, Subject, answers_of
from .places import REPLICA, Copy, Place, Told, later, places_of, told_of
from .restores import REACH_DAYS, restores_of
from .settings import Policy, Rule
from .times import DAY, HOUR
from .words import listed

BY_JOB, BY_CLASS, BY_MACHINE = "job", "class", "machine"

_AGENT_POINTS = "agent_restore_points"
_PRODUCTION = "production"


@dataclass(frozen=True)
class Outcome:
    """What one digit comes to for a machine. ``value`` is small plain data for a table, ``missing`` says in a few words what is not there or not known.

    Where a word on some places would decide it, ``untold`` are those places, and ``lacking`` is of how many of them it has to be good.
    """

    judgement: Judgement
    value: Any
    missing: str = ""
    untold: Tuple[Place, ...] = ()
    lacking: int = 0

    def with_word_on(self, told: Container[Subject]) -> Outcome:
        """Return what it comes to once somebody has spoken for places. Args: told: subjects of these places."""
        names = [place.name for place in self.untold if place.subject in told]
        if not names or len(names) < self.lacking:
            return self
        return replace(self, judgement=replace(self.judgement, status=PASS), value=sorted([*self.value, *names]), missing="", untold=(), lacking=0)


def machines_in_question(facts: Facts) -> List[Inhabitant]:
    """Return the machines that ought to have copies or have some; those that surely are no more are left out."""
    inhabitants = facts.inhabitants
    return [one for one in inhabitants.all if (one.points or one.replica_points or one.backup_jobs) and not inhabitants.is_gone(one)]


# ---------------------------------------------------------------------------------------------------------
# Copies


class Holdings:
    """The copies of machines that count under one rule."""

    def __init__(self, context: Context) -> None:
        self.context, self.facts = context, context.facts
        self._told: Dict[Place, Told] = {}
        self._values: Dict[Tuple[str, int], Any] = {}

    def value(self, name: str, one: Inhabitant) -> Any:
        """Return the value of a parameter for a machine; machines of a class share it."""
        key = (name, id(self.context.policy.class_of(one.subject)))
        if key not in self._values:
            self._values[key] = self.context.value(name, one.subject)
        return self._values[key]

    def told(self, place: Place) -> Told:
        """Return what is known of a place."""
        if place not in self._told:
            self._told[place] = told_of(place, self.context.policy)
        return self._told[place]

    def of(self, one: Inhabitant) -> Tuple[List[Copy], List[Copy]]:
        """Return the copies that count, and those whose newest point is too old to. Replicas are in neither unless the rule counts them."""
        with_replicas, limit = self.value("replicas_count", one), self.value("copy_max_age_days", one) * DAY
        young: List[Copy] = []
        old: List[Copy] = []
        for copy in places_of(self.facts).of(one).known:
            if with_replicas or copy.place.sort != REPLICA:
                (young if copy.age <= limit else old).append(copy)
        return young, old

    def is_partly_lost(self, one: Inhabitant) -> bool:
        """Tell whether a young point has no link to its repository, so that there may be one more copy."""
        places = places_of(self.facts)
        lost = places.of(one).lost
        return lost is not None and places.age_of(lost) <= self.value("copy_max_age_days", one) * DAY


@dataclass
class _Count:
    """How many copies of a machine have what a digit asks for, and of which nobody tells whether they have it.

    ``name`` is the digit's word in measured values, ``value`` what is measured. With ``endless_doubt`` a place may have any number of it.
    """

    holdings: Holdings
    one: Inhabitant
    name: str
    parameter: str
    young: List[Copy] = field(init=False)
    old: List[Copy] = field(init=False)
    have: int = 0
    doubtful: List[str] = field(default_factory=list)
    endless_doubt: bool = False
    remarks: List[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.young, self.old = self.holdings.of(self.one)

    def told(self) -> List[Tuple[Place, Told]]:
        """Return the places of the copies with what is known of each."""
        return [(copy.place, self.holdings.told(copy.place)) for copy in self.young]

    def outcome(self, reason: str, value: Any, untold: str = "") -> Outcome:
        """Return what it comes to. Args: reason: how it is, without what is wanted; untold: what nobody tells of the doubtful places."""
        wanted = self.holdings.value(self.parameter, self.one)
        lost = self.holdings.is_partly_lost(self.one)
        missing, status = "", PASS
        if self.have < wanted:
            doubts = ["%s of %s" % (untold, listed(self.doubtful))] if self.doubtful else []
            doubts += ["where some of its restore points lie"] if lost else []
            if self.have + len(self.doubtful) >= wanted or self.endless_doubt or lost:
                missing, status = listed(doubts), NOT_ASSESSABLE
            else:
                missing, status = "%d more" % (wanted - self.have), FAIL
        sentences = ["%s; at least %d wanted." % (reason, wanted), *self.remarks]
        if status == NOT_ASSESSABLE:
            sentences.append("Enterprise Manager does not tell %s." % missing)
        if self.old and status != PASS:
            limit = self.holdings.value("copy_max_age_days", self.one)
            old = listed([copy.place.name for copy in self.old])
            sentences.append("Left out, because the newest restore point there is older than %g days: %s." % (limit, old))
        if self.one.replica_points and status != PASS and not self.holdings.value("replicas_count", self.one):
            sentences.append("Its replicas do not count by the policy.")
        evidence = answers_of(record for copy in self.young for record in (copy.newest, copy.place.record))
        measured = {self.name: value, "places": [copy.place.subject.name for copy in self.young]}
        return Outcome(Judgement(self.one.subject, status, " ".join(sentences), measured, {"at_least": wanted}, evidence), value, missing)

    def outcome_of_named(self, what: str, has: Sequence[Tuple[Place, Optional[bool]]], untold: str) -> Outcome:
        """Return what it comes to where a copy has a property, has not, or nobody tells (None). Args: what: the property in a sentence."""
        names, doubtful = [place.name for place, answer in has if answer], [place for place, answer in has if answer is None]
        self.have, self.doubtful = len(names), [place.name for place in doubtful]
        reason = "Copies %s: %d of %d%s" % (what, len(names), len(has), " (%s)" % listed(names) if names else "")
        outcome = self.outcome(reason, names, untold)
        lacking = self.holdings.value(self.parameter, self.one) - len(names)
        return replace(outcome, untold=tuple(doubtful), lacking=lacking) if 0 < lacking <= len(doubtful) else outcome


def copies(holdings: Holdings, one: Inhabitant) -> Outcome:
    """Judge the 3: how many copies there are, with the one in production. What lies in one repository is one copy."""
    count = _Count(holdings, one, "copies", "copies")
    count.have = 1 + len(count.young)
    where = listed([_PRODUCTION, *(copy.place.name for copy in count.young)])
    return count.outcome("Copies of it: %d (%s)" % (count.have, where), count.have)


def media(holdings: Holdings, one: Inhabitant) -> Outcome:
    """Judge the 2: on how many kinds of media the copies lie. Production counts where the policy names its medium."""
    count = _Count(holdings, one, "media", "media_kinds")
    known = {told.medium for _place, told in count.told()} | {holdings.value("production_medium", one)}
    kinds = sorted(medium for medium in known if medium)
    untold = [place for place, told in count.told() if told.medium is None]
    count.have, count.doubtful = len(kinds), [place.name for place in untold]
    count.endless_doubt = any(place.is_scale_out for place in untold)
    return count.outcome("Kinds of media that it lies on: %d%s" % (len(kinds), " (%s)" % listed(kinds) if kinds else ""), kinds, "the kind of media")


def offsite(holdings: Holdings, one: Inhabitant) -> Outcome:
    """Judge the first 1: how many copies are at another site than the machine.

    Without a word on the machine's site, most copies are taken to be where it is, but for those that are said to be off site; as is an only copy of
    which nobody tells the site.
    """
    count = _Count(holdings, one, "offsite", "offsite_copies")
    home = holdings.value("production_site", one) or _commonest([told.site for _place, told in count.told() if told.site and not told.offsite])
    far = [(place, _is_far(told, home)) for place, told in count.told()]
    if len(far) == 1 and far[0][1] is None:
        count.remarks.append("Nobody tells the site of the only place, which is taken to be where the machine runs.")
        far = [(far[0][0], False)]
    return count.outcome_of_named("off site", far, "the site")


def _commonest(sites: Sequence[str]) -> str:
    return max(sorted(set(sites)), key=sites.count, default="")


def _is_far(told: Told, home: str) -> Optional[bool]:
    if told.offsite is not None:
        return told.offsite
    return told.site.casefold() != home.casefold() if told.site and home else None


def immutable(holdings: Holdings, one: Inhabitant) -> Outcome:
    """Judge the second 1: how many copies nobody can change, of which only the policy can tell."""
    count = _Count(holdings, one, "immutable", "immutable_copies")
    has = [(place, told.immutable) for place, told in count.told()]
    return count.outcome_of_named("that the policy calls immutable or offline", has, "anything on immutability")


# ---------------------------------------------------------------------------------------------------------
# Restores


@dataclass(eq=False)
class _Group:
    """Machines of which one restored stands for all."""

    title: str
    members: List[Inhabitant]


class Trials:
    """Restores as tests under one rule."""

    def __init__(self, context: Context) -> None:
        self.context, self.facts = context, context.facts
        self._good: Dict[_Group, Optional[Tuple[Inhabitant, Record]]] = {}

    def newest_of(self, one: Inhabitant) -> Optional[Record]:
        """Return the newest restore of a machine that the rule takes for a test."""
        return restores_of(self.facts).newest_of(one, self.context.value("restore_types"))

    def is_good(self, session: Record) -> bool:
        """Tell whether a restore went well."""
        return session["result"] in self.context.value("good_results")

    def good_of(self, one: Inhabitant) -> Optional[Tuple[Inhabitant, Record]]:
        """Return the newest good restore that stands for a machine, with the machine that was restored."""
        own = self.newest_of(one)
        found = [(one, own)] if own is not None and self.is_good(own) else []
        return _newest([*found, *filter(None, map(self._good_of_group, self.groups_of(one)))])

    def groups_of(self, one: Inhabitant) -> Sequence[_Group]:
        """Return the groups of a machine of which one restored machine stands for it."""
        by = self.context.value("by")
        if by == BY_CLASS:
            chosen = self.context.policy.class_of(one.subject)
            return (self._classes[chosen.name if chosen else None],)
        return self._jobs.get(one.machine, ()) if by == BY_JOB else ()

    def _good_of_group(self, group: _Group) -> Optional[Tuple[Inhabitant, Record]]:
        if group not in self._good:
            newest = [(one, session) for one, session in ((one, self.newest_of(one)) for one in group.members) if session is not None]
            self._good[group] = _newest([(one, session) for one, session in newest if self.is_good(session)])
        return self._good[group]

    @cached_property
    def _jobs(self) -> Dict[Machine, List[_Group]]:
        """The backup jobs of each machine."""
        by_id: Dict[str, _Group] = {}
        found: Dict[Machine, List[_Group]] = {}
        for one in self.facts.inhabitants.all:
            for job in one.backup_jobs:
                group = by_id.setdefault(job.id, _Group("the job " + job.name, []))
                group.members.append(one)
                found.setdefault(one.machine, []).append(group)
        return found

    @cached_property
    def _classes(self) -> Dict[Optional[str], _Group]:
        found: Dict[Optional[str], _Group] = {}
        for one in self.facts.inhabitants.all:
            chosen = self.context.policy.class_of(one.subject)
            title = "the class " + chosen.name if chosen else "the machines in no class"
            found.setdefault(chosen.name if chosen else None, _Group(title, [])).members.append(one)
        return found


def _newest(found: Sequence[Tuple[Inhabitant, Record]]) -> Optional[Tuple[Inhabitant, Record]]:
    best: Optional[Tuple[Inhabitant, Record]] = None
    for one, session in found:
        if best is None or later(session, best[1]):
            best = (one, session)
    return best


def tested(trials: Trials, one: Inhabitant) -> Outcome:
    """Judge the 0: whether a restore was tried lately and went well. A failed newest restore of the machine itself counts against it."""
    limit = trials.context.value("restore_test_days", one.subject)
    expected = {"days_at_most": limit}
    own, good = trials.newest_of(one), trials.good_of(one)
    if own is not None and not trials.is_good(own) and _days(trials, own) <= limit:
        reason = "Its newest restore, %.1f days ago, ended with the result %s." % (_days(trials, own), own["result"])
        measured = {"days": None, "result": own["result"], "machine": one.subject.name}
        return Outcome(Judgement(one.subject, FAIL, reason, measured, expected, answers_of([own])), None, "a restore without error")
    if good is not None and _days(trials, good[1]) <= limit:
        days, who = _days(trials, good[1]), "It" if good[0] is one else "%s, which stands for it," % good[0].subject.name
        reason = "%s was restored without error %.1f days ago; %g days are allowed." % (who, days, limit)
        measured = {"days": round(days, 2), "result": good[1]["result"], "machine": good[0].subject.name}
        return Outcome(Judgement(one.subject, PASS, reason, measured, expected, answers_of([good[1]])), round(days, 1))
    return _untested(trials, one, limit, good)


def _untested(trials: Trials, one: Inhabitant, limit: float, good: Optional[Tuple[Inhabitant, Record]]) -> Outcome:
    groups = [group.title for group in trials.groups_of(one)]
    others = ", nor one of another machine of %s" % listed(groups) if groups else ""
    reason = "No restore of it without error in the last %g days is known%s." % (min(limit, REACH_DAYS), others)
    missing = "a restore in the last %g days" % limit
    status = FAIL
    if limit > REACH_DAYS and good is None:
        status, missing = NOT_ASSESSABLE, "restores of more than %g days ago" % REACH_DAYS
        reason += " Enterprise Manager does not tell of earlier ones, and %g days are allowed." % limit
    elif trials.context.value("unseen_tests"):
        status, missing = NOT_ASSESSABLE, "tests that Enterprise Manager does not show"
        reason += " By the policy there are tests that Enterprise Manager does not show: somebody has to attest to them."
    days = None if good is None else _days(trials, good[1])
    measured = {"days": None if days is None else round(days, 2), "result": good[1]["result"] if good else None}
    evidence = answers_of([good[1]]) if good else ()
    return Outcome(Judgement(one.subject, status, reason, measured, {"days_at_most": limit}, evidence), None if days is None else round(days, 1), missing)


def _days(trials: Trials, session: Record) -> float:
    return (trials.facts.age_hours(session["creation_time"]) or 0.0) * HOUR / DAY


# ---------------------------------------------------------------------------------------------------------
# The digits together


@dataclass(frozen=True)
class Digit:
    """One digit: its key in rows, how people write it, the rule that asks for it, and how a machine is judged under a rule."""

    key: str
    text: str
    rule: str
    view: Callable[[Context], Any]
    judge: Callable[[Any, Inhabitant], Outcome]

    def outcomes(self, context: Context) -> List[Tuple[Inhabitant, Outcome]]:
        """Return every machine in question with what the digit comes to under the rule of the context, judged once for finding and matrix."""
        latest = context.facts.once("digit " + self.key, lambda facts: _Latest())
        if latest.policy is not context.policy or latest.rule is not context.rule:
            latest.policy, latest.rule, latest.outcomes = context.policy, context.rule, self._judged(context)
        return latest.outcomes

    def _judged(self, context: Context) -> List[Tuple[Inhabitant, Outcome]]:
        view, gap = self.view(context), context.facts.gap(_AGENT_POINTS)
        found: List[Tuple[Inhabitant, Outcome]] = []
        for one in machines_in_question(context.facts):
            if gap is not None and one.machine.kind == COMPUTER and self.view is Holdings:
                unread = Judgement(one.subject, gap.status, "Its restore points are not known. " + gap.reason)
                found.append((one, Outcome(unread, None, "its restore points")))
            else:
                found.append((one, _unless_gone(one, self.judge(view, one))))
        return found


@dataclass
class _Latest:
    """What a digit came to when it was judged last, and under which rule."""

    policy: Optional[Policy] = None
    rule: Optional[Rule] = None
    outcomes: List[Tuple[Inhabitant, Outcome]] = field(default_factory=list)


def _unless_gone(one: Inhabitant, outcome: Outcome) -> Outcome:
    """Return what it comes to: nobody has to keep copies of a machine that is no more."""
    if outcome.judgement.status != FAIL or one.is_known_to_exist:
        return outcome
    doubt = " No job holds it, and nothing that could be read shows whether it still exists."
    judgement = replace(outcome.judgement, status=NOT_ASSESSABLE, reason=outcome.judgement.reason + doubt)
    return replace(outcome, judgement=judgement, missing="whether it still exists")


DIGITS: Tuple[Digit, ...] = (
    Digit("copies", "3", "C19", Holdings, copies),
    Digit("media", "2", "C21", Holdings, media),
    Digit("offsite", "1", "C22", Holdings, offsite),
    Digit("immutable", "1", "X01", Holdings, immutable),
    Digit("tested", "0", "C23", Trials, tested),
)
BY_KEY: Dict[str, Digit] = {digit.key: digit for digit in DIGITS}


def of(facts: Facts, policy: Policy, attested: Mapping[str, Container[Subject]] = MappingProxyType({})) -> List[Dict[str, Any]]:
    """Return the matrix as plain data, a row for each machine that a rule of a digit looks at; no rows where the policy asks for none.

    Args: attested: by rule, the repositories of which somebody attests what the rule asks for.

    A row is ``{machine, uid, backup_server, class, digits}``; ``digits`` has for each key of ``DIGITS`` ``{status, value, missing}``. Status is
    that of the finding of the rule, without waivers, and without attestations but those of a repository. ``value`` is the number of copies, the
    kinds of media, the names of places off site, the names of immutable places, the age of the restore in days. ``missing`` is "" or a few words
    for a table.
    """
    rows: Dict[Machine, Dict[str, Any]] = {}
    for digit in DIGITS:
        rule = policy.rules.get(digit.rule)
        if rule is None or not rule.enabled or not rule.asked:
            continue
        for one, status, value, missing in _cells(digit, Context(facts, policy, rule), attested.get(digit.rule, ())):
            if policy.covers(rule, one.subject, facts.server.name):
                row = rows.setdefault(one.machine, _empty_row(one, policy))
                row["digits"][digit.key] = {"status": status, "value": value, "missing": missing}
    return [rows[one.machine] for one in facts.inhabitants.all if one.machine in rows] if rows else []


def _cells(digit: Digit, context: Context, attested: Container[Subject]) -> Iterator[Tuple[Inhabitant, str, Any, str]]:
    gap = context.facts.whole(reads.kind for reads in context.rule.check.reads if reads.needed)
    if gap is None:
        for one, judged in digit.outcomes(context):
            outcome = judged.with_word_on(attested)
            yield one, outcome.judgement.status, outcome.value, outcome.missing
    else:
        for one in machines_in_question(context.facts):
            yield one, gap.status, None, gap.reason


def _empty_row(one: Inhabitant, policy: Policy) -> Dict[str, Any]:
    chosen = policy.class_of(one.subject)
    nothing = {"status": NOT_ASSESSABLE, "value": None, "missing": "The policy does not ask for it."}
    return {
        "machine": one.subject.name,
        "uid": one.subject.uid,
        "backup_server": one.subject.backup_server,
        "class": chosen.name if chosen else None,
        "digits": {digit.key: dict(nothing) for digit in DIGITS},
    }
