# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The vocabulary in which the wire is declared: fields, structures, references, actions, resources.

Private to this collection. Pure data: imports nothing but the standard library.

Everything that must know what the wire means reads these declarations: decoding (``wire``), filters
(``query``), documentation and RETURN (generated), the simulator and the coverage counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Dict, Iterator, Mapping, Optional, Tuple
from urllib.parse import quote


class Kind:
    """What a value is. The record form stands behind each name."""

    STRING = "string"  # str; an empty element is ""
    INT = "int"  # int
    SIZE = "size"  # int, bytes; a negative number on the wire means "unknown" and becomes null
    DECIMAL = "decimal"  # float
    BOOL = "bool"  # bool
    DATETIME = "datetime"  # str, ISO 8601 in UTC with Z; 1753-01-01 means "never" and becomes null
    SCHEDULE_TIME = "schedule_time"  # str, HH:MM:SS on the clock of the backup server
    UID = "uid"  # str, urn:SYSTEM:TYPE:ID
    ENUM = "enum"  # str as the server spells it
    STRUCT = "struct"  # dict with the fields of the structure


_WORD_BORDER = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
# A small v is the product's only where a name begins: the one in HvCloud belongs to Hv.
_PRODUCT_PREFIX = re.compile(r"(?:V|(?<![A-Za-z])v)(?=App|Cloud|Sphere)")
_NOUN = re.compile(r"(.+?)( (?:of|in|to|linked) .+)\Z")
_PARENT = re.compile(r"\{(\w+)\}")


def snake_case(wire_name: str) -> str:
    """Return the record name of a wire name: ``VmDisplayName`` -> ``vm_display_name``.

    Product words stay whole (``VAppName`` -> ``vapp_name``). This is the rule for elements that nobody
    declared; declared fields carry their own name.
    """
    return _WORD_BORDER.sub("_", _PRODUCT_PREFIX.sub("V_v", wire_name)).replace("V_v_", "v").lower()


def _plural(title: str) -> str:
    """Return the plural of a title: of its first noun where more words hang on that (``object in a job``)."""
    match = _NOUN.match(title)
    noun, rest = (match.group(1), match.group(2)) if match else (title, "")
    if noun.endswith("y") and noun[-2:-1] not in "aeo":
        return noun[:-1] + "ies" + rest
    return noun + ("es" if noun.endswith("s") else "s") + rest


def camel_case(wire_name: str) -> str:
    """Return the key that EM 13.0 uses in JSON, by the rule of its serializer (WIRE.md section 1).

    ``UID`` -> ``uid``, ``NASJobs`` -> ``nasJobs``, ``VAppRestorePoints`` -> ``vAppRestorePoints``.
    """
    if not wire_name[:1].isupper():
        return wire_name
    letters = list(wire_name)
    for index, letter in enumerate(letters):
        if index == 1 and not letter.isupper():
            break
        following = letters[index + 1 : index + 2]
        if index > 0 and following and not following[0].isupper():
            break
        letters[index] = letter.lower()
    return "".join(letters)


def in_address(identity: str) -> str:
    """Return an id as one part of a path. Raises ValueError for one that would lead elsewhere and cannot be escaped."""
    if identity in ("", ".", ".."):
        raise ValueError("an id is empty or made of dots")
    return quote(identity, safe="")


@dataclass(frozen=True)
class Struct:
    """A nested structure: its fields in schema order, and the name of a list item where it is one."""

    fields: Tuple[Field, ...]


@dataclass(frozen=True)
class Field:
    """One documented value of a resource.

    ``name`` is the record name (snake_case of the documented name), ``wire`` the element or attribute name.
    ``filter_name`` is the word of the query service ("" where the field cannot be used in a filter).
    ``description`` is the sentence for people: meaning and unit.
    ``item`` names the element that repeats inside this one (``Includes/ObjectInJob``); with ``many`` and no
    ``item`` the element itself repeats. ``aliases`` are other spellings seen on the wire.
    ``filled_from`` is "reference.key": a filter-only field that is not on the wire but is known from a link.
    """

    name: str
    wire: str
    kind: str
    description: str
    values: Tuple[str, ...] = ()
    filter_name: str = ""
    attribute: bool = False
    text: bool = False
    many: bool = False
    item: str = ""
    json_item: str = ""
    struct: Optional[Struct] = None
    aliases: Tuple[str, ...] = ()
    filled_from: str = ""
    filter_only: bool = False
    sample: object = None


@dataclass(frozen=True)
class Reference:
    """A link that becomes a reference by name: ``backup_server: {id, uid, name, type}``.

    ``types`` are the link types accepted without their ``Reference`` suffix; empty means any type.
    """

    name: str
    rel: str
    types: Tuple[str, ...]
    description: str
    many: bool = False


@dataclass(frozen=True)
class Action:
    """An order that the service takes on one object and answers with a task.

    ``state`` is what the order brings a job into, in the words of users ("" for an order of another sort); ``job_types`` are the only
    types of job that it is for (empty: all that no other order to the same end names).
    ``in_path`` says that its name is part of the path (``/nas/jobs/ID/start``), where others travel as ``?action=start``.
    """

    name: str
    operation: str
    roles: Tuple[str, ...] = ()
    state: str = ""
    job_types: Tuple[str, ...] = ()
    in_path: bool = False

    def address(self, object_path: str) -> Tuple[str, Dict[str, str]]:
        """Return the path and the parameters of the order to the object with the path."""
        return ("%s/%s" % (object_path, self.name), {}) if self.in_path else (object_path, {"action": self.name})


@dataclass(frozen=True)
class Child:
    """A collection below one object, such as the task sessions of a job session.

    ``type`` is the declared type of its members, also where the same type has a collection of its own or another parent.
    ``meaning`` says for people what they are, where the title of that type does not.
    """

    name: str
    path: str
    type: str
    meaning: str = ""


@dataclass(frozen=True)
class Resource:
    """One kind of thing that Enterprise Manager serves.

    ``thing`` and ``plural`` name the module and its result; ``type`` is the entity type (root element and
    attribute Type); ``path`` the collection; ``list_root`` the root of a list of entities; ``query_type`` the word
    for /query ("" where there is none); ``envelope`` the member of a QueryResult (Entities or Resources).
    ``key`` is "uid" for resources with GUID and URN, the name of the field that identifies the rest, or "href" for what has
    no field for it: the last part of the address is the id then.
    ``default_sort`` keeps pages stable: the service does not order by itself (WIRE.md section 0, 4).

    What lies below another object names it in the path by its ``thing``: ``/cdpReplicas/{cdp_replica}/vms``.
    An empty ``list_root`` says that the path answers with one entity and no list, such as a report.
    ``root`` is the element of one entity where it is not the type (NASJob has the type NasJob), ``item`` the element that repeats
    in a list where it is not that root (SystemSessions/Sessions), ``urn_type`` the word in the URN where it is not the type.
    Each is "" where there is nothing to say (API.md section 5). ``urn_aliases`` are other words that stand there now and then:
    agent jobs may be urn:veeam:Job.
    ``item_aliases`` are other names of that element, where sources disagree or versions differ, and ``list_root_aliases`` other
    spellings of the list: a query calls the ObjectsInJob sInObjectJob (WIRE.md section 1).
    ``more_paths`` are further collections of the same type, such as the backups of agents only.
    ``id_pattern`` is what an id other than a GUID has to look like, as a regular expression ("" for any text), ``id_advice`` the sentence
    for people about it. ``title_plural`` is the plural of ``title`` where an s at its end does not make it.
    ``addressable`` is false for what can be read in a list only, because the reference has no path to a single one.
    ``dropped`` are wire names of secrets: at any depth, in any key case, such an element never enters a record, whether declared or not.
    """

    thing: str
    plural: str
    title: str
    type: str
    path: str
    list_root: str
    fields: Tuple[Field, ...]
    references: Tuple[Reference, ...] = ()
    actions: Tuple[Action, ...] = ()
    children: Tuple[Child, ...] = ()
    query_type: str = ""
    envelope: str = "Entities"
    key: str = "uid"
    default_sort: str = ""
    roles: Tuple[str, ...] = ()
    since: str = "v1_4"
    notes: Tuple[str, ...] = ()
    root: str = ""
    item: str = ""
    urn_type: str = ""
    urn_aliases: Tuple[str, ...] = ()
    item_aliases: Tuple[str, ...] = ()
    list_root_aliases: Tuple[str, ...] = ()
    more_paths: Tuple[str, ...] = ()
    dropped: Tuple[str, ...] = ()
    id_pattern: str = ""
    id_advice: str = "The id is what stands last in the address of the thing."
    title_plural: str = ""
    addressable: bool = True

    @property
    def titles(self) -> str:
        """The kind of thing in the plural, for sentences."""
        return self.title_plural or _plural(self.title)

    @property
    def subject(self) -> str:
        """The kind of thing in the plural, as a sentence begins with it; a name such as vApp keeps its small letter."""
        first = self.titles.split(" ")[0]
        return self.titles[:1].upper() + self.titles[1:] if first.islower() else self.titles

    @property
    def one(self) -> str:
        """The kind of thing with its article: ``an agent job``."""
        return ("an " if self.title[:1].lower() in "aeiou" else "a ") + self.title

    def is_id(self, text: str) -> bool:
        """Tell whether the text can be an id that is no GUID."""
        return text not in ("", ".", "..") and re.match("(?:%s)\\Z" % (self.id_pattern or ".+"), text) is not None

    @property
    def entity_root(self) -> str:
        """The root element of one entity in XML."""
        return self.root or self.type

    @property
    def list_item(self) -> str:
        """The element that repeats in a list in XML."""
        return self.item or self.entity_root

    @property
    def list_roots(self) -> Tuple[str, ...]:
        """Every spelling of the list, the documented one first."""
        return (self.list_root,) + self.list_root_aliases

    @property
    def list_items(self) -> Tuple[str, ...]:
        """Every name under which that element was seen or is to be expected, the likeliest first."""
        return tuple(dict.fromkeys((self.list_item,) + self.item_aliases + (self.entity_root,)))

    @property
    def uid_type(self) -> str:
        """The word for this kind of thing in URNs: urn:veeam:WORD:GUID."""
        return self.urn_type or self.type

    @property
    def uid_types(self) -> Tuple[str, ...]:
        """Every word for this kind of thing in URNs, the likeliest first."""
        return (self.uid_type,) + self.urn_aliases

    @property
    def parents(self) -> Tuple[str, ...]:
        """The things whose ids the path needs, from the outermost in; empty for a collection of its own."""
        return tuple(_PARENT.findall(self.path))

    @property
    def sources(self) -> Mapping[str, str]:
        """Where things of this kind are read, by the word for it: the query first, where it can filter, then the collections."""
        found = {} if self.parents else {"collection": self.path, **{path.split("/")[1]: path for path in self.more_paths}}
        if not self.query_type:
            return found
        by_query = {"query": "/query"}
        return {**by_query, **found} if any(True for _field in self.filter_fields()) else {**found, **by_query}

    def path_below(self, ids: Mapping[str, str]) -> str:
        """Return the path with the ids of the parents in it, escaped for an address.

        Raises KeyError for a parent without id, and ValueError for an id that would lead elsewhere and cannot be escaped.
        """
        return _PARENT.sub(lambda match: in_address(ids[match.group(1)]), self.path)

    def child_of_type(self, entity_type: str) -> Child:
        """Return the collection of such things below one object of this kind. Raises KeyError when there is none."""
        for child in self.children:
            if child.type == entity_type:
                return child
        raise KeyError(entity_type)

    def order_to(self, state: str, job_type: Optional[str]) -> Optional[Action]:
        """Return the order that brings a job of that type into a state, None where the service offers none."""
        suited = [action for action in self.actions if action.state == state and (not action.job_types or job_type in action.job_types)]
        return max(suited, key=lambda action: bool(action.job_types), default=None)

    @property
    def wire_fields(self) -> Tuple[Field, ...]:
        """Fields that stand on the wire (without those that can only be filtered by)."""
        return tuple(item for item in self.fields if not item.filter_only)

    @property
    def record_fields(self) -> Tuple[Field, ...]:
        """Fields that every record holds: those of the wire and those known from a link."""
        return tuple(item for item in self.fields if not item.filter_only or item.filled_from)

    def filter_fields(self) -> Iterator[Field]:
        """Yield the fields that the query service filters and sorts by."""
        return (item for item in self.fields if item.filter_name)

    def fields_in_hand(self) -> Iterator[Field]:
        """Yield the fields by which records themselves can be compared: all that hold one plain value."""
        return (item for item in self.record_fields if item.kind != Kind.STRUCT and not item.many)

    def field(self, name: str) -> Field:
        """Return the field with the record name. Raises KeyError when there is none."""
        for item in self.fields:
            if item.name == name:
                return item
        raise KeyError(name)
