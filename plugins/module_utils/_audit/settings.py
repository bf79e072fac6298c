# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a policy comes to once it is read: rules with their values, classes of machines, maps and lists. Private to this collection.

Pure. ``policy.py`` reads it from YAML; checks see it through ``context.Context``.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field
from fnmatch import translate
from functools import cached_property, lru_cache
from typing import Any, Callable, Dict, Generic, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple, TypeVar

from .model import Check, Reads, Subject

Thing = TypeVar("Thing")


@lru_cache(maxsize=4096)
def _matcher(pattern: str) -> Callable[[str], Any]:
    return re.compile(translate(pattern.casefold())).match


@lru_cache(maxsize=65536)
def _folded(name: str) -> str:
    return name.casefold()


def fits(name: str, pattern: str) -> bool:
    """Tell whether a name fits a shell pattern, blind to case."""
    return _matcher(pattern)(_folded(name)) is not None


def fits_any(names: Iterable[str], patterns: Sequence[str]) -> bool:
    """Tell whether one of the names fits one of the shell patterns."""
    return any(fits(name, pattern) for name in names for pattern in patterns)


class ByName(Generic[Thing]):
    """Things by their names: a shell pattern is held against those names alone that begin like it, and against each of them once."""

    def __init__(self, things: Iterable[Tuple[str, Thing]]) -> None:
        self._things: Dict[str, List[Thing]] = {}
        for name, thing in things:
            self._things.setdefault(name.casefold(), []).append(thing)
        self._names = sorted(self._things)

    def fitting(self, pattern: str) -> Iterator[Thing]:
        """Yield the things with a name that fits a pattern, blind to case."""
        folded = pattern.casefold()
        beginning = _MARK.split(folded, maxsplit=1)[0]
        if beginning == folded:
            yield from self._things.get(folded, ())
            return
        for place in range(bisect_left(self._names, beginning), len(self._names)):
            name = self._names[place]
            if not name.startswith(beginning):
                return
            if fits(name, pattern):
                yield from self._things[name]


class _Names:
    """Shell patterns that names are held against: those without a mark are found by a look, however many there are."""

    def __init__(self, patterns: Iterable[str]) -> None:
        folded = {pattern.casefold(): pattern for pattern in patterns}
        self.plain = frozenset(one for one in folded if not _MARKS & set(one))
        self.others = tuple(pattern for one, pattern in folded.items() if one not in self.plain)

    def fit_any(self, names: Iterable[str]) -> bool:
        """Tell whether one of the names fits one of the patterns."""
        return any(_folded(name) in self.plain or any(fits(name, pattern) for pattern in self.others) for name in names)


_MARKS = frozenset("*?[")
_MARK = re.compile("[*?[]")


@dataclass(frozen=True)
class Selector:
    """Which things are meant, by shell patterns blind to case. What is empty chooses all; a thing has to fit in every respect.

    ``names`` are names of the thing itself or its unique id, ``servers`` backup servers or Enterprise Managers, ``kinds`` kinds of subject.
    """

    names: Tuple[str, ...] = ()
    jobs: Tuple[str, ...] = ()
    repositories: Tuple[str, ...] = ()
    tags: Tuple[str, ...] = ()
    servers: Tuple[str, ...] = ()
    kinds: Tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing, and so chooses all."""
        return not (self.names or self.jobs or self.repositories or self.tags or self.servers or self.kinds)

    @cached_property
    def _names(self) -> _Names:
        return _Names(self.names)

    def chooses(self, subject: Subject, server: str = "", tags: Tuple[str, ...] = ()) -> bool:
        """Tell whether a thing is meant. Args: server: its Enterprise Manager; tags: what the policy says it is tagged with."""
        # What is not asked for is not made: this is called for every pair of a finding and a waiver.
        if self.names and not self._names.fit_any(filter(None, (subject.name, subject.uid))):
            return False
        if self.kinds and subject.kind not in self.kinds:
            return False
        if self.jobs and not fits_any((subject.name,) if subject.kind == "job" else subject.jobs, self.jobs):
            return False
        if self.repositories and not fits_any((subject.name,) if subject.kind == "repository" else subject.repositories, self.repositories):
            return False
        if self.servers and not fits_any((server, *filter(None, subject.backup_server.split(", "))), self.servers):
            return False
        return not self.tags or fits_any((*subject.tags, *tags), self.tags)


@dataclass(frozen=True)
class Scope:
    """What is looked at: something that one of ``include`` chooses (or all, without any), and none of ``exclude``."""

    include: Tuple[Selector, ...] = ()
    exclude: Tuple[Selector, ...] = ()

    def holds(self, subject: Subject, server: str = "", tags: Tuple[str, ...] = ()) -> bool:
        """Tell whether a thing is looked at."""
        included = not self.include or any(selector.chooses(subject, server, tags) for selector in self.include)
        return included and not any(selector.chooses(subject, server, tags) for selector in self.exclude)


@dataclass(frozen=True)
class Rule:
    """A check under a policy: how grave it is, with which values, of what.

    ``asked`` is false for what stands in every report without the policy having said a word on it: that it is not known is all there is to say.
    """

    check: Check
    severity: str
    values: Mapping[str, Any]
    scope: Scope = Scope()
    enabled: bool = True
    asked: bool = True

    @property
    def id(self) -> str:
        """The id of the check."""
        return self.check.id

    @property
    def reads(self) -> Tuple[Reads, ...]:
        """What has to be read for it."""
        return self.check.reads if self.asked else ()


@dataclass(frozen=True)
class MachineClass:
    """Machines with values of their own, such as an RPO of four hours. The first class that chooses a machine counts."""

    name: str
    selector: Selector
    values: Mapping[str, Any]


@dataclass(frozen=True)
class RepositoryFacts:
    """What the API does not tell of a repository. None is what nobody said."""

    selector: Selector
    site: Optional[str] = None
    media: Optional[str] = None
    offsite: Optional[bool] = None
    immutable: Optional[bool] = None


@dataclass(frozen=True)
class Waiver:
    """Leave for fails that somebody answers for. ``created`` and ``expires`` are a day (which it holds to its end) or a time, in UTC."""

    id: str
    rules: Tuple[str, ...]
    scope: Selector
    reason: str
    owner: str
    approver: str
    ticket: str
    expires: str
    created: Optional[str] = None


@dataclass(frozen=True)
class Attestation:
    """What somebody states of things that the API does not tell, where a rule is not assessable.

    ``date`` and ``expires`` are as with a waiver. ``signature`` is the text of a detached signature over ``attestations.signed_bytes``,
    ``signer`` whose it is said to be; both are "" where nobody signed.
    """

    id: str
    rule: str
    scope: Selector
    statement: str
    owner: str
    date: str
    expires: str
    signature: str = ""
    signer: str = ""


@dataclass(frozen=True)
class PolicyText:
    """A text that a policy came from: name of the file, the text, SHA-256 of its bytes."""

    name: str
    text: str
    sha256: str


@dataclass(frozen=True)
class Policy:
    """A whole policy.

    ``rules`` are all registered checks and the policy's own, also those that are not enabled; their values are complete.
    ``packs`` are the names of what it extends, ``source`` is its path or name, ``digest`` the SHA-256 over the names and SHA-256 of the
    ``texts`` that it came from.
    ``assets`` are names of machines that have to be protected, whether a hierarchy shows them or not; ``tags`` map a tag to patterns of
    machines.
    """

    name: str
    rules: Mapping[str, Rule]
    description: str = ""
    source: str = ""
    digest: str = ""
    packs: Tuple[str, ...] = ()
    scope: Scope = Scope()
    classes: Tuple[MachineClass, ...] = ()
    repositories: Tuple[RepositoryFacts, ...] = ()
    tags: Mapping[str, Tuple[str, ...]] = field(default_factory=dict)
    assets: Tuple[str, ...] = ()
    lookback_days: float = 30.0
    waivers: Tuple[Waiver, ...] = ()
    attestations: Tuple[Attestation, ...] = ()
    texts: Tuple[PolicyText, ...] = field(default=(), compare=False, repr=False)
    _class_of: Dict[Subject, Optional[MachineClass]] = field(default_factory=dict, compare=False, repr=False)

    def tags_of(self, subject: Subject) -> Tuple[str, ...]:
        """Return the tags that the policy gives a thing by its name."""
        if not self.tags:
            return ()
        return tuple(tag for tag, patterns in self.tags.items() if fits_any((subject.name,), patterns))

    def class_of(self, subject: Subject) -> Optional[MachineClass]:
        """Return the first class that chooses a machine, None for a thing in no class."""
        if subject.kind != "machine" or not self.classes:
            return None
        if subject not in self._class_of:
            tags = self.tags_of(subject)
            self._class_of[subject] = next((one for one in self.classes if one.selector.chooses(subject, "", tags)), None)
        return self._class_of[subject]

    def said_of_repository(self, subject: Subject) -> RepositoryFacts:
        """Return what the policy says of a repository: of each fact, what the first entry that chooses it and tells it says."""
        chosen = [entry for entry in self.repositories if entry.selector.chooses(subject)]
        told: Dict[str, Any] = {}
        for name in ("site", "media", "offsite", "immutable"):
            told[name] = next((getattr(entry, name) for entry in chosen if getattr(entry, name) is not None), None)
        return RepositoryFacts(Selector(), **told)

    def covers(self, rule: Rule, subject: Subject, server: str) -> bool:
        """Tell whether a rule looks at a thing."""
        tags = self.tags_of(subject)
        return self.scope.holds(subject, server, tags) and rule.scope.holds(subject, server, tags)
