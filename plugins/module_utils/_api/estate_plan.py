# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of an estate is wanted: kinds by name and family, since when, which fields. Private to this collection.

Nothing is sent here: whatever the service or this collection would not understand is refused before any connection.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, FrozenSet, Iterable, List, Mapping, Optional, Sequence, Tuple

from . import query
from .entities._model import Resource
from .entities.registry import BY_THING, FAMILIES, RESOURCES
from .entities.service import HIERARCHY_ITEM, LOGON_SESSION
from .entities.tasks import TASK
from .errors import OptionError
from .parallel import DEFAULT_WORKERS
from .reading import check_selection
from .selecting import Selection

ALL = "all"
EXCLUDE = "!"
MOST_WORKERS = 16
DEEPEST_EXPANSION = 5
# What every record keeps, whatever else is left out: by these it can be found again.
ALWAYS_KEPT = ("id", "uid", "type")
_FRAME = (*ALWAYS_KEPT, "name", "href")
_LIFETIME = ("creation_time", "end_time")

_ELSEWHERE = {
    TASK.type: "Tasks are known only in the log-on session that made them: use veeam_em_task_info with its token.",
    LOGON_SESSION.type: "The ids of log-on sessions are as good as their tokens: use veeam_em_logon_session_info.",
    HIERARCHY_ITEM.type: "They are found by a search: use veeam_em_lookup_info.",
}

Fields = Any  # a list of names for all kinds, or a mapping from kinds to lists, as the user wrote it


def why_not(resource: Resource) -> str:
    """Return why the kind is no part of an estate, "" where it is."""
    if resource.type in _ELSEWHERE:
        return _ELSEWHERE[resource.type]
    if len(resource.parents) > 1:
        return "They lie below one %s: use an info module and name it." % " and one ".join(resource.parents)
    if not resource.list_root and not resource.record_fields:
        return "The service has a page of links there and no values."
    return ""


def is_listed(resource: Resource) -> bool:
    """Tell whether the kind is read as a whole; what lies below one parent only takes a request for each parent."""
    return not why_not(resource) and bool(resource.sources)


def is_session(resource: Resource) -> bool:
    """Tell whether the kind is work that begins and ends, to which ``since`` applies."""
    return is_listed(resource) and {field.name for field in resource.record_fields}.issuperset(_LIFETIME)


def kinds() -> Tuple[Resource, ...]:
    """Return every kind that can be asked for."""
    return tuple(resource for resource in RESOURCES if not why_not(resource))


def parent_of(resource: Resource) -> Resource:
    """Return the kind below which a kind that is not listed lies."""
    return BY_THING[resource.parents[0]]


@dataclass(frozen=True)
class Plan:
    """What is wanted of an estate; made by ``plan_of``, which judges it.

    ``since`` is a time in UTC or "". ``kept`` has the record keys to keep by type; a type that is missing keeps all.
    ``limit`` counts for each kind; ``expand`` is how many references deep records are followed. ``since_by_type`` replaces ``since`` for
    a type, also for one that does not end, such as restore points.
    """

    kinds: Tuple[Resource, ...]
    since: str = ""
    kept: Mapping[str, FrozenSet[str]] = field(default_factory=dict)
    limit: Optional[int] = None
    links: bool = False
    expand: int = 0
    workers: int = DEFAULT_WORKERS
    since_by_type: Mapping[str, str] = field(default_factory=dict)

    def selection(self, resource: Resource) -> Selection:
        """Return which records of a kind are wanted."""
        since = self.since_by_type.get(resource.type) or (self.since if is_session(resource) else "")
        began = {_LIFETIME[0]: {"ge": since}} if since else None
        return Selection(filter=began, limit=self.limit, links=self.links)


def plan_of(
    subset: Sequence[str] = (ALL,),
    since: Any = None,
    fields: Fields = None,
    limit: Optional[int] = None,
    links: bool = False,
    expand: int = 0,
    workers: int = DEFAULT_WORKERS,
    now: query.Now = query.utc_now,
) -> Plan:
    """Return the judged plan.

    Args:
        subset: kinds by plural or thing, families, ``all``, each with ``!`` before it to leave it out.
        since: time or age (``-24h``); sessions that began before it are left out.
        fields: record keys to keep, a list for all kinds or a mapping from kinds to lists.
    Raises: OptionError, FilterError.
    """
    for name, number, least, most in (("workers", workers, 1, MOST_WORKERS), ("expand", expand, 0, DEEPEST_EXPANSION)):
        if not least <= number <= most:
            raise OptionError("%s is %d." % (name, number), advice="Give a number from %d to %d." % (least, most))
    stamp = query.utc_stamp(since, "since", now) if since not in (None, "") else ""
    chosen = kinds_of(subset)
    plan = Plan(chosen, stamp, _kept_fields(fields, chosen if not expand else kinds()), limit, links, expand, workers)
    for resource in chosen:
        # What lies below another kind is found by reading that first, with the same limit.
        listed = resource if resource.sources else parent_of(resource)
        check_selection(listed, plan.selection(listed))
    return plan


# ---------------------------------------------------------------------------------------------------------
# Words for kinds


def kinds_of(subset: Sequence[str]) -> Tuple[Resource, ...]:
    """Return the kinds that the words stand for, each once. Raises OptionError for an unknown word, and where nothing is left."""
    words = [str(word).strip().lower() for word in subset]
    refused = {resource.type for word in words if word.startswith(EXCLUDE) for resource in _meant_by(word[len(EXCLUDE) :].strip())}
    wanted = [word for word in words if not word.startswith(EXCLUDE)] or [ALL]
    named = {resource.type for word in wanted for resource in _meant_by(word)}
    left = tuple(resource for resource in RESOURCES if resource.type in named - refused)
    if not left:
        raise OptionError("The subset %s leaves nothing to read." % ", ".join(words), advice="Name what to read, or leave the option out for all.")
    return left


def _meant_by(word: str) -> Tuple[Resource, ...]:
    if word == ALL:
        return tuple(resource for resource in RESOURCES if is_listed(resource))
    # A word that is both, such as jobs, means the family: too much is seen, too little is not.
    if word in FAMILIES:
        listed = tuple(resource for resource in FAMILIES[word] if is_listed(resource))
        if not listed and word not in _kinds_by_word():
            raise OptionError("Nothing of the family %s is read by name of the family." % word, advice="Name the kinds: %s." % _words(FAMILIES[word]))
        if listed:
            return listed
    return (_kind(word, (ALL, *FAMILIES)),)


def _words(resources: Iterable[Resource]) -> str:
    return ", ".join(resource.plural for resource in resources if not why_not(resource))


def _kinds_by_word() -> Dict[str, Resource]:
    return {word: resource for resource in RESOURCES for word in (resource.thing, resource.plural)}


def _kind(word: str, others: Tuple[str, ...] = ()) -> Resource:
    """Return the kind with the name. Raises OptionError for none, or one that is no part of an estate."""
    known = _kinds_by_word()
    if word not in known:
        names = [*others, *(resource.plural for resource in kinds())]
        raise OptionError("There is no kind or family %r.%s" % (word, query.nearest(word, names)), advice="Known: %s." % ", ".join(dict.fromkeys(names)))
    resource = known[word]
    if why_not(resource):
        raise OptionError("%s are no part of an estate." % resource.subject, advice=why_not(resource))
    return resource


# ---------------------------------------------------------------------------------------------------------
# Fields to keep


def keys_of(resource: Resource) -> List[str]:
    """Return the keys of the records of a kind."""
    keys = [*_FRAME, *(field.name for field in resource.record_fields), *(reference.name for reference in resource.references), "links"]
    return list(dict.fromkeys(keys + ([] if resource.sources else [parent_of(resource).thing])))


def _kept_fields(fields: Fields, for_all: Sequence[Resource]) -> Dict[str, FrozenSet[str]]:
    if fields is None:
        return {}
    if isinstance(fields, Mapping):
        return {resource.type: _checked_keys(names, [resource]) for resource, names in ((_kind(str(word)), names) for word, names in fields.items())}
    names = _checked_keys(fields, for_all)
    return {resource.type: names for resource in for_all}


def _checked_keys(names: Any, resources: Sequence[Resource]) -> FrozenSet[str]:
    if isinstance(names, str) or not isinstance(names, (list, tuple)) or not all(isinstance(name, str) for name in names):
        raise OptionError("fields has %r where a list of names should stand." % (names,), advice="Give [name, result], or {jobs: [name, next_run]}.")
    known = dict.fromkeys(key for resource in resources for key in keys_of(resource))
    for name in names:
        if name not in known:
            alone = len(resources) == 1
            whose = resources[0].subject if alone else "The kinds of the subset"
            advice = "Known fields: %s." % ", ".join(sorted(known)) if alone else "The info module of each kind documents its fields."
            raise OptionError("%s have no field %r.%s" % (whose, name, query.nearest(name, known)), advice=advice)
    return frozenset((*ALWAYS_KEPT, *names))
