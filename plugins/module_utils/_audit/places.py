# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the copies of each machine lie: in which repositories, and which replicas there are. Private to this collection.

Pure, one pass over the points. Source of the links: WIRE.md section 3 (machine's point -> restore point -> backup -> repository), reference
page /repositories/{ID} (Kind); a repository tells neither its site nor whether its backups can be changed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Dict, List, Optional, Tuple

from .._api.job_contents import server_of
from .._api.machines import Machine
from .facts import Facts
from .inhabitants import Inhabitant
from .model import Reads, Record, Subject
from .settings import Policy, RepositoryFacts
from .subjects import subject_of
from .times import seconds_of, sort_key

READS_OF_REPOSITORIES = Reads("repositories", ("name", "kind", "backup_server_name"), needed=False)

REPOSITORY, EXTERNAL_REPOSITORY, REPLICA = "repository", "external_repository", "replica"

DISK, NETWORK_SHARE, APPLIANCE, SNAPSHOT = "disk", "network share", "deduplication appliance", "storage snapshot"
CLOUD, OBJECT_STORAGE = "cloud", "object storage"
_MEDIA = {
    "windowslocal": DISK,
    "linuxlocal": DISK,
    "cifsshare": NETWORK_SHARE,
    "nfs": NETWORK_SHARE,
    "ddboost": APPLIANCE,
    "exagrid": APPLIANCE,
    "hpstoreonce": APPLIANCE,
    "hpstoreonceintegration": APPLIANCE,
    "quantum": APPLIANCE,
    "sansnapshot": SNAPSHOT,
    "cloud": CLOUD,
}
SCALE_OUT = "extendable"
# Newer servers know more words than the reference lists; these are how those of object storage begin.
_OBJECT_STORAGE = ("amazon", "azure", "google", "ibmcloud", "s3", "wasabi")
# Object storage that may well stand in the own rooms.
_PERHAPS_AT_HOME = ("compatible", "snowball", "databox")


def medium_of_kind(kind: Optional[str]) -> Optional[str]:
    """Return the kind of media behind a Repository.kind, None for one that does not tell: a scale-out repository is made of others."""
    word = (kind or "").casefold()
    return OBJECT_STORAGE if word.startswith(_OBJECT_STORAGE) else _MEDIA.get(word)


def is_cloud_kind(kind: Optional[str]) -> bool:
    """Tell whether a Repository.kind alone says that the data is elsewhere: with a service provider or in a public cloud."""
    word = (kind or "").casefold()
    public = word.startswith(_OBJECT_STORAGE) and not any(part in word for part in _PERHAPS_AT_HOME)
    return public or _MEDIA.get(word) == CLOUD


@dataclass(frozen=True, eq=False)
class Place:
    """A repository, an external repository, or a replica (on whatever host it is). ``record`` is that of the repository, where it was read.

    There is one of each, so that a place equals itself only.
    """

    sort: str
    subject: Subject
    record: Optional[Record] = field(default=None, repr=False)

    @property
    def kind(self) -> Optional[str]:
        """Repository.kind, None where nobody tells it."""
        return self.record["kind"] if self.record else None

    @property
    def name(self) -> str:
        """What people call it."""
        return self.subject.name if self.sort != REPLICA else "the replica %s" % self.subject.name

    @property
    def is_scale_out(self) -> bool:
        """Whether it is made of several repositories that the service does not show."""
        return (self.kind or "").casefold() == SCALE_OUT


@dataclass
class Copy:
    """What there is of one machine in one place. ``newest`` is the newest point, ``age`` how old that is in seconds."""

    place: Place
    newest: Record
    age: float = 0.0
    points: int = 0


@dataclass
class Copies:
    """All copies of one machine by name of the place. ``lost`` is the newest point of which the links do not tell where it lies."""

    known: List[Copy]
    lost: Optional[Record] = None


@dataclass(frozen=True)
class Told:
    """What is known of a place: what the policy says, else what its kind does. None is what nobody told."""

    medium: Optional[str]
    offsite: Optional[bool]
    site: Optional[str]
    immutable: Optional[bool]


class Places:
    """The copies of all machines."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._repositories = facts.by_id("repositories") if "repositories" in facts.collections else {}
        self._places: Dict[Tuple[str, str], Place] = {}
        self._of_restore_point: Dict[str, Optional[Place]] = {}
        self._copies: Dict[Machine, Copies] = {one.machine: self._copies_of(one) for one in facts.inhabitants.all}

    def of(self, one: Inhabitant) -> Copies:
        """Return the copies of a machine, those of its replicas included."""
        return self._copies[one.machine]

    def age_of(self, point: Record) -> float:
        """Return how old a point is, in seconds."""
        return self._facts.now - seconds_of(point["creation_time"])

    def _copies_of(self, one: Inhabitant) -> Copies:
        copies: Dict[Place, Copy] = {}
        lost: Optional[Record] = None
        for point in one.points:
            place = self._place_of_point(point)
            if place is not None:
                _count(copies, place, point)
            elif lost is None or later(point, lost):
                lost = point
        for point in one.replica_points:
            _count(copies, self._replica_of(point), point)
        for copy in copies.values():
            copy.age = self.age_of(copy.newest)
        return Copies(sorted(copies.values(), key=lambda copy: (copy.place.name.casefold(), copy.place.subject.uid or "")), lost)

    def _place_of_point(self, point: Record) -> Optional[Place]:
        reference = point["restore_point"]
        identity = (reference["id"] or "") if reference else ""
        if identity not in self._of_restore_point:
            backup = self._facts.inhabitants.backup_of(point)
            self._of_restore_point[identity] = self._repository(backup["repository"], backup) if backup and backup["repository"] else None
        return self._of_restore_point[identity]

    def _repository(self, reference: Record, backup: Record) -> Place:
        sort = EXTERNAL_REPOSITORY if reference["type"] == "ExternalRepository" else REPOSITORY
        record = self._repositories.get((reference["id"] or "").lower())
        key = (sort, (reference["id"] or reference["name"] or "").lower())
        if key not in self._places:
            server = server_of(record or {}) or server_of(backup)
            subject = Subject(REPOSITORY, reference["name"] or reference["uid"] or "", reference["uid"], server)
            self._places[key] = Place(sort, subject, record)
        return self._places[key]

    def _replica_of(self, point: Record) -> Place:
        reference = point["replica"] or {"id": None, "uid": None, "name": point["replica_name"]}
        key = (REPLICA, (reference["id"] or reference["name"] or "").lower())
        if key not in self._places:
            subject = subject_of(REPLICA, {**reference, "backup_server_name": point["backup_server_name"]})
            # A policy may say of a replica what it says of repositories.
            self._places[key] = Place(REPLICA, Subject(subject.kind, subject.name, subject.uid, subject.backup_server, repositories=(subject.name,)))
        return self._places[key]


def later(record: Record, other: Record) -> bool:
    """Tell whether a record was created after another."""
    return sort_key(record["creation_time"]) > sort_key(other["creation_time"])


def _count(copies: Dict[Place, Copy], place: Place, point: Record) -> None:
    copy = copies.get(place)
    if copy is None:
        copy = copies[place] = Copy(place, point)
    copy.points += 1
    if later(point, copy.newest):
        copy.newest = point


def places_of(facts: Facts) -> Places:
    """Return the copies of all machines, made once."""
    return facts.once("places", Places)


def told_of(place: Place, policy: Policy) -> Told:
    """Return what the policy says of a place, and where it says nothing, what its kind does."""
    said: RepositoryFacts = policy.said_of_repository(place.subject)
    external = place.sort == EXTERNAL_REPOSITORY
    medium = OBJECT_STORAGE if external else DISK if place.sort == REPLICA else medium_of_kind(place.kind)
    offsite = True if external or is_cloud_kind(place.kind) else None
    # Whoever names the site of a place means that to decide.
    return Told(said.media or medium, said.offsite if said.offsite is not None else None if said.site else offsite, said.site, said.immutable)
