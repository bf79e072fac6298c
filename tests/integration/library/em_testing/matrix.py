# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cells of the info matrix, made from the declaration of each module: tasks, with what the bare wire says their results have to be.

A rule makes the cells of one name for one module, or says from the declaration why that name does not apply to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import requests

from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities._model import Field, Kind, Resource

from .judgements import Judgement, Request, failed, finds, in_order, invalid, limited, refused, with_detail, with_links, without
from .plays import Task, tried
from .subjects import Subject
from .values import plain, told
from .wire import Raw, identity, linked

UNKNOWN_GUID = "00000000-0000-4000-8000-000000000000"
NO_SUCH_NAME = "No such thing"
WEAK_ACCOUNTS = ("operator", "restorer")
SMALL_PAGE = 2


@dataclass(frozen=True)
class Cell:
    """One task of the matrix and the judgement of its result (of the failure, where ``fails``).

    ``what`` is the name of its rule, ``label`` tells it from others of the same rule. ``account`` is who asks, the administrator
    unless named. ``traffic`` judges the requests that it sent. A ``variant`` asks in the way of another cell once more, with other
    values: it runs in this process and not by the command.
    """

    what: str
    module: str
    label: str
    arguments: dict[str, Any]
    check: Judgement
    fails: bool = False
    account: str = ""
    traffic: Callable[[list[Request]], None] | None = None
    variant: bool = False

    @property
    def name(self) -> str:
        """What tells it from all others."""
        return f"{self.module}: {self.label}"

    @property
    def task(self) -> Task:
        """The task, which goes on after a failure."""
        login = {"username": self.account, "password": "{{ lookup('ansible.builtin.env', '%s') }}" % password_variable(self.account)} if self.account else {}
        return tried(self.name, self.module, {**self.arguments, **login})


def password_variable(account: str) -> str:
    """Return the environment variable that a play takes the password of an account from."""
    return f"EM_TEST_PASSWORD_OF_{account.upper()}"


@dataclass
class Asked:
    """A module under one rule: makes its cells."""

    subject: Subject
    what: str
    cells: list[Cell] = field(default_factory=list)

    def cell(self, arguments: dict[str, Any], check: Judgement, label: str = "", **more: Any) -> None:
        """Add a cell; ``label`` follows the name of the rule where that has several for a module."""
        name = f"{self.what} ({label})" if label else self.what
        self.cells.append(Cell(self.what, self.subject.name, name, {**self.subject.extra, **arguments}, check, **more))

    def finds(self, arguments: dict[str, Any], rows: list[Raw], label: str = "", **more: Any) -> None:
        """Add a cell that finds exactly these rows."""
        self.cell(arguments, finds(self.subject.resource, rows), label, **more)


Rule = Callable[[Asked], "str | None"]  # the reason why it does not apply


# ---------------------------------------------------------------------------------------------------------
# Which values to ask for


def _names(subject: Subject) -> list[str]:
    """Return the names that the rows have, each once."""
    declared = [item for item in subject.resource.wire_fields if item.name == "name"]
    return sorted({str(told(item, row)) for item in declared for row in subject.rows if told(item, row)})


def _named(subject: Subject, *wanted: str) -> list[Raw]:
    names = {name.casefold() for name in wanted}
    return [row for row in subject.rows if str(told(subject.resource.field("name"), row)).casefold() in names]


def _no_name(subject: Subject) -> str | None:
    if "name" not in subject.identities:
        return "what it reads has no name" if subject.resource.list_root else "there is only one such object"
    return None


def _no_id(subject: Subject) -> str | None:
    if subject.id_option:
        return None
    return "its name identifies it" if "name" in subject.identities else "there is only one such object"


def _no_choice(subject: Subject) -> str | None:
    return None if "filter" in subject.options else "there is only one such object"


def _unknown_id(subject: Subject) -> str:
    resource = subject.resource
    if resource.key == "task_id":
        return "task-9999"
    keys = [item for item in resource.fields if item.name == resource.key]
    return "999999" if keys and keys[0].kind == Kind.INT else UNKNOWN_GUID


_DISTINCT = (Kind.ENUM, Kind.BOOL, Kind.STRING, Kind.INT)
_ORDERED = (Kind.DATETIME, Kind.SIZE, Kind.INT, Kind.DECIMAL, Kind.STRING)


def _field_that_tells_apart(subject: Subject, kinds: tuple[str, ...]) -> Field | None:
    """Return the field of the best kind that not all rows have the same value in; of those the first. None where rows hold no such value."""
    found = []
    for item in subject.comparable():
        values = [value for value in subject.values(item) if value not in (None, "") and (item.kind != Kind.ENUM or value in item.values)]
        if values and item.kind in kinds:
            found.append((len(set(values)) == 1 and len(subject.rows) > 1, kinds.index(item.kind), item))
    return min(found, key=lambda entry: entry[:2])[2] if found else None


def _equal(subject: Subject, item: Field, wanted: Any) -> list[Raw]:
    """Return the rows that hold a value; text is compared without regard to case, as the service does."""
    same = (lambda value: str(value).casefold() == wanted.casefold()) if isinstance(wanted, str) else (lambda value: value == wanted)
    return [row for row, value in zip(subject.rows, subject.values(item), strict=True) if value is not None and same(value)]


# ---------------------------------------------------------------------------------------------------------
# Rules over an estate that stands still


def _all(asked: Asked) -> str | None:
    asked.finds({}, asked.subject.rows)
    return None


def _by_id(asked: Asked) -> str | None:
    subject = asked.subject
    reason = _no_id(subject)
    if not reason:
        asked.finds({subject.id_option: identity(subject.rows[0])}, subject.rows[:1])
    return reason


def _by_several_ids(asked: Asked) -> str | None:
    subject = asked.subject
    if len(subject.rows) < 2 and not _no_id(subject):
        return "the estate has one such object"
    if not _no_id(subject):
        two = [subject.rows[0], subject.rows[-1]]
        asked.finds({subject.id_option: [identity(row) for row in two]}, two)
    return _no_id(subject)


def _by_uid(asked: Asked) -> str | None:
    subject = asked.subject
    if "uid" not in subject.identities:
        return "what it reads has no URN" if subject.resource.list_root else "there is only one such object"
    asked.finds({"uid": subject.rows[-1]["UID"]}, subject.rows[-1:])
    return None


def _by_name(asked: Asked) -> str | None:
    subject = asked.subject
    reason = _no_name(subject)
    if not reason:
        name = _names(subject)[-1]
        asked.finds({"name": name}, _named(subject, name))
    return reason


def _by_several_names(asked: Asked) -> str | None:
    subject = asked.subject
    reason = _no_name(subject)
    if not reason:
        two = _names(subject)[:2]
        asked.finds({"name": two}, _named(subject, *two))
        asked.finds({"name": _names(subject)}, _named(subject, *_names(subject)), "every name, as it is spelled", variant=True)
    return reason


def _unknown_ids(asked: Asked) -> str | None:
    subject = asked.subject
    reason = _no_id(subject)
    if reason:
        return reason
    unknown, known = _unknown_id(subject), identity(subject.rows[0])
    if subject.resource.key == "task_id":
        asked.cell({subject.id_option: unknown}, failed("foreign_task", 500), fails=True)
        return None
    asked.finds({subject.id_option: unknown}, [])
    asked.finds({subject.id_option: [unknown, known]}, subject.rows[:1], "and a known one", variant=True)
    return None


def _unknown_name(asked: Asked) -> str | None:
    reason = _no_name(asked.subject)
    if not reason:
        asked.finds({"name": NO_SUCH_NAME}, [])
    return reason


def _malformed_id(asked: Asked) -> str | None:
    subject = asked.subject
    reason = _no_id(subject)
    if not reason:
        guid_wanted = subject.resource.key == "uid"
        # What is no GUID may be any text, but for what would lead elsewhere in an address.
        text, words = ("99999", ("'99999'", "GUID")) if guid_wanted else ("..", ("'..'",))
        asked.cell({subject.id_option: text}, refused("option", *words), fails=True)
    return reason


def _empty_list(asked: Asked) -> str | None:
    """An empty list is a variable that named nothing, and not everything."""
    subject = asked.subject
    lists = [*subject.identities, *(parent.thing for parent in subject.module.below)]
    if not lists:
        return "there is only one such object"
    for option in lists:
        asked.cell({option: []}, finds(subject.resource, []), option, variant=option != lists[0])
    return None


def _filter(asked: Asked) -> str | None:
    subject = asked.subject
    item = _field_that_tells_apart(subject, _DISTINCT)
    if _no_choice(subject) or item is None:
        return _no_choice(subject) or "no field of it that can be compared has a plain value in this estate"
    known = sorted({value for value in subject.values(item) if value not in (None, "") and (item.kind != Kind.ENUM or value in item.values)}, key=str)
    asked.finds({"filter": {item.name: known[0]}}, _equal(subject, item, known[0]), "a mapping")
    text = '"%s"' % known[0].replace('"', '""') if isinstance(known[0], str) else str(known[0])
    asked.finds({"filter": f"{subject.filter_word(item)}=={text}"}, _equal(subject, item, known[0]), "a text", variant=True)
    if len(known) > 1:
        several = [row for row in subject.rows if row in _equal(subject, item, known[0]) or row in _equal(subject, item, known[-1])]
        asked.finds({"filter": {item.name: [known[0], known[-1]]}}, several, "any of a list", variant=True)
    return None


def _filter_by_a_bound(asked: Asked) -> str | None:
    subject = asked.subject
    item = _field_that_tells_apart(subject, (Kind.DATETIME, Kind.SIZE, Kind.INT, Kind.DECIMAL))
    if _no_choice(subject) or item is None:
        return _no_choice(subject) or "it has no time, size or number to compare"
    # The service compares the number that it sends, and -1 for an unknown size is one; records in hand hold null for it.
    known = [told(item, row) if subject.queried and item.kind == Kind.SIZE else plain(item, told(item, row)) for row in subject.rows]
    there = [(row, value) for row, value in zip(subject.rows, known, strict=True) if value is not None]
    pivot, written = sorted(((value, told(item, row)) for row, value in there), key=lambda entry: entry[0])[len(there) // 2]
    asked.finds({"filter": {item.name: {"ge": written}}}, [row for row, value in there if value >= pivot], "at least")
    asked.finds({"filter": {item.name: {"lt": written}}}, [row for row, value in there if value < pivot], "less", variant=True)
    return None


def _filter_on_no_field(asked: Asked) -> str | None:
    reason = _no_choice(asked.subject)
    if not reason:
        asked.cell({"filter": {"colour": "red"}}, refused("filter", "'colour'"), fails=True)
    return reason


def _sorted(asked: Asked) -> str | None:
    subject = asked.subject
    item = _field_that_tells_apart(subject, _ORDERED)
    if _no_choice(subject) or item is None:
        return _no_choice(subject) or "no field of it that can be compared has a plain value in this estate"
    descending = asked.what == "sort descending"
    asked.cell({"sort": ("-" if descending else "") + item.name}, in_order(subject.resource, subject.rows, item, descending))
    return None


def _limit(asked: Asked) -> str | None:
    asked.cell({"limit": 1}, limited(asked.subject.resource, asked.subject.rows, 1))
    return None


def _limit_above(asked: Asked) -> str | None:
    asked.finds({"limit": 5000}, asked.subject.rows)
    return None


def _limit_zero(asked: Asked) -> str | None:
    asked.cell({"limit": 0}, refused("option", "limit is 0"), fails=True)
    return None


def _links(asked: Asked) -> str | None:
    asked.cell({"links": True}, with_links(asked.subject.resource, asked.subject.rows))
    return None


def _xml(asked: Asked) -> str | None:
    asked.finds({"wire_format": "xml"}, asked.subject.rows)
    return None


def _backup_server(asked: Asked) -> str | None:
    subject = asked.subject
    if subject.options.get("backup_server", {}).get("type") != "str":
        return "it belongs to no backup server that it tells"
    names = sorted({linked(row, "BackupServer") for row in subject.rows} - {""})
    assert names, f"{subject.name} takes a backup server, and no {subject.resource.type} has a link to one"
    name = names[0]
    asked.finds({"backup_server": name}, [row for row in subject.rows if linked(row, "BackupServer") == name])
    return None


def _sources(asked: Asked) -> str | None:
    subject = asked.subject
    if len(subject.resource.sources) < 2:
        return "there is one place to read it from"
    for source in subject.resource.sources:
        if not subject.estate.has(subject.resource, source):
            asked.cell({"source": source}, failed("not_found", 404), source, fails=True)
            continue
        rows = subject.estate.rows(subject.resource, source)
        asked.finds({"source": source}, rows, source)
        if source != "query":
            asked.cell({"source": source, "limit": 1}, limited(subject.resource, rows, 1), f"{source}, limit", variant=True)
    return None


def _details(asked: Asked) -> str | None:
    subject = asked.subject
    if not subject.module.details:
        return "nothing is read below its records on request"
    for detail in subject.module.details:
        keys = detail.keys(subject.resource)
        asked.cell({detail.option: True}, with_detail(subject.estate, subject.resource, keys, subject.rows), detail.option)
    return None


def _weak_role(asked: Asked) -> str | None:
    """What a weak account may see is what the wire shows it: by the query or, where that is refused, by the collection."""
    subject = asked.subject
    for account in WEAK_ACCOUNTS:
        rows = _rows_for(subject, account)
        arguments = {"session": None} if "session" in subject.extra else {}
        if rows is None:
            asked.cell(arguments, failed("permission", 403), account, fails=True, account=account, variant=bool(asked.cells))
        else:
            asked.finds(arguments, rows, account, account=account, variant=bool(asked.cells))
    return None


def _rows_for(subject: Subject, account: str) -> list[Raw] | None:
    estate = subject.estate.of_account(account)
    places = [""] + (["collection"] if subject.queried and "collection" in subject.resource.sources else [])
    for place in places:
        try:
            return estate.rows(subject.resource, place)
        except requests.HTTPError as refusal:
            if refusal.response.status_code != 403:
                raise
    return None


# ---------------------------------------------------------------------------------------------------------
# Rules for what lies below one object


def _owners(subject: Subject, parent: Resource) -> list[tuple[Raw, list[Raw]]]:
    """Return the objects to look below with what the wire has there: those with most in them first."""
    found = [(row, subject.estate.below(subject.resource, parent, identity(row)) or []) for row in subject.estate.rows(parent)]
    return sorted(found, key=lambda entry: -len(entry[1]))


def _below(make: Callable[[Asked, Resource, list[tuple[Raw, list[Raw]]]], str | None]) -> Rule:
    """Return the rule that makes cells for each kind of object that a module looks below."""

    def rule(asked: Asked) -> str | None:
        if not asked.subject.module.below:
            return "it lies below nothing that a user would name"
        known = [parent for parent in asked.subject.module.below if asked.subject.estate.has(parent)]
        reasons = [make(asked, parent, _owners(asked.subject, parent)) for parent in known]
        return None if asked.cells else "; ".join(reason for reason in reasons if reason)

    return rule


def _below_id(asked: Asked, parent: Resource, owners: list[tuple[Raw, list[Raw]]]) -> str | None:
    (most, members), (least, few) = owners[0], owners[-1]
    asked.finds({parent.thing: identity(most)}, members, parent.thing)
    if least is not most:
        asked.finds({parent.thing: identity(least)}, few, f"{parent.thing} with the least", variant=True)
    return None


def _below_uid(asked: Asked, parent: Resource, owners: list[tuple[Raw, list[Raw]]]) -> str | None:
    if parent.key != "uid":
        return f"a {parent.title} has no URN"
    asked.finds({parent.thing: owners[0][0]["UID"]}, owners[0][1], parent.thing)
    return None


def _below_name(asked: Asked, parent: Resource, owners: list[tuple[Raw, list[Raw]]]) -> str | None:
    names = [item for item in parent.wire_fields if item.name == "name"]
    if not names:
        return f"a {parent.title} has no name"
    name = str(told(names[0], owners[0][0]))
    same = [members for row, members in owners if str(told(names[0], row)).casefold() == name.casefold()]
    asked.finds({parent.thing: name}, _once([row for members in same for row in members]), parent.thing)
    return None


def _below_several(asked: Asked, parent: Resource, owners: list[tuple[Raw, list[Raw]]]) -> str | None:
    if len(owners) < 2:
        return f"the estate has one {parent.title}"
    asked.finds(
        {parent.thing: [identity(row) for row, _members in owners[:2]]}, _once([row for _owner, members in owners[:2] for row in members]), parent.thing
    )
    return None


def _once(rows: list[Raw]) -> list[Raw]:
    """Return the rows without those that were there before: what lies below two objects is one thing all the same."""
    return list({identity(row): row for row in rows}.values())


def _below_unknown(asked: Asked, parent: Resource, owners: list[tuple[Raw, list[Raw]]]) -> str | None:
    if parent.key == "uid":
        asked.finds({parent.thing: UNKNOWN_GUID}, [], f"{parent.thing}, an id")
    asked.finds({parent.thing: NO_SUCH_NAME}, [], f"{parent.thing}, a name")
    return None


def _member_below(asked: Asked, parent: Resource, owners: list[tuple[Raw, list[Raw]]]) -> str | None:
    subject = asked.subject
    if _no_id(subject) or not owners[0][1]:
        return _no_id(subject) or f"nothing lies below any {parent.title} in this estate"
    owner, members = owners[0]
    asked.finds({parent.thing: identity(owner), subject.id_option: identity(members[-1])}, members[-1:], parent.thing)
    if len(owners) > 1 and subject.resource.parents:
        asked.finds(
            {parent.thing: [identity(row) for row, _members in owners], subject.id_option: identity(members[-1])}, members[-1:], "one of several", variant=True
        )
    return None


def _two_places(asked: Asked) -> str | None:
    below = asked.subject.module.below
    if len(below) < 2:
        return "it lies below one kind of object" if below else "it lies below nothing that a user would name"
    asked.cell({parent.thing: UNKNOWN_GUID for parent in below[:2]}, invalid("mutually exclusive"), fails=True)
    return None


# ---------------------------------------------------------------------------------------------------------
# Rules for weather


def _pages(asked: Asked) -> str | None:
    subject = asked.subject
    if not subject.queried:
        return "it is not read by the query, and nothing else has pages"
    if len(subject.rows) <= SMALL_PAGE:
        return "the estate has no more of it than the smallest pages hold"
    asked.finds({}, subject.rows, traffic=_at_least(len(subject.rows) / SMALL_PAGE))
    asked.cell({"limit": SMALL_PAGE + 1}, limited(subject.resource, subject.rows, SMALL_PAGE + 1), "limit", traffic=_at_least(2))
    return None


def _at_least(pages: float) -> Callable[[list[Request]], None]:
    def check(requests_sent: list[Request]) -> None:
        assert len([request for request in requests_sent if request["path"] == "/query"]) >= pages

    return check


def _query_refused(asked: Asked) -> str | None:
    subject = asked.subject
    if not subject.queried:
        return "it is not read by the query"
    if "collection" not in subject.resource.sources:
        asked.cell({}, failed("permission", 403), fails=True)
        return None
    rows = subject.estate.rows(subject.resource, "collection")
    asked.finds({}, rows)
    asked.cell({"limit": 1}, limited(subject.resource, rows, 1), "limit", variant=True)
    return None


def left_out(subject: Subject) -> Field | None:
    """Return the field that the server is to leave out: the last one that has a value and identifies nothing."""
    resource = subject.resource
    kept = {resource.key, "name", "uid", resource.default_sort}
    found = [item for item in resource.wire_fields if item.name not in kept and not item.attribute and any(told(item, row) is not None for row in subject.rows)]
    return found[-1] if found else None


def _element_missing(asked: Asked) -> str | None:
    subject = asked.subject
    before = left_out(subject.before) if subject.before else None
    if before is None:
        return "it has no element that identifies nothing"
    assert all(told(before, row) is None for row in subject.rows), "the simulator still sends it"
    asked.cell({}, without(subject.resource, subject.rows, before))
    return None


def _vanished(asked: Asked) -> str | None:
    """The first object is in lists and gone at its own address."""
    subject = asked.subject
    if not subject.resource.list_root or subject.resource.key == "task_id":
        return "there is only one such object" if not subject.resource.list_root else "a task that is gone cannot be told from that of another log-on session"
    if not _no_id(subject) and not subject.resource.parents:  # what lies below others is looked for in lists
        asked.finds({subject.id_option: identity(subject.rows[0])}, [], "by id")
    for detail in subject.module.details:
        asked.cell({detail.option: True}, with_detail(subject.estate, subject.resource, detail.keys(subject.resource), subject.rows), detail.option)
    for parent in subject.module.below:
        asked.finds({parent.thing: identity(subject.estate.rows(parent)[0])}, [], f"below {parent.thing}")
    return None if asked.cells else "its name identifies it, and nothing is read below it"


def _few(asked: Asked) -> str | None:
    subject = asked.subject
    if not subject.resource.list_root:
        return "there is always one such object"
    if asked.what == "none" and not subject.resource.sources:
        return "it is always asked for below an object, which is not there either"
    assert len(subject.rows) == (1 if asked.what == "one member" else 0)
    asked.finds({}, subject.rows)
    asked.finds({"wire_format": "xml"}, subject.rows, "XML", variant=True)
    return None


STILL: dict[str, Rule] = {
    "all": _all,
    "by id": _by_id,
    "by several ids": _by_several_ids,
    "by uid": _by_uid,
    "by name": _by_name,
    "by several names": _by_several_names,
    "unknown id": _unknown_ids,
    "unknown name": _unknown_name,
    "malformed id": _malformed_id,
    "an empty list": _empty_list,
    "filter": _filter,
    "filter by a bound": _filter_by_a_bound,
    "filter on no field": _filter_on_no_field,
    "sort": _sorted,
    "sort descending": _sorted,
    "limit": _limit,
    "limit above the total": _limit_above,
    "limit 0": _limit_zero,
    "links": _links,
    "XML": _xml,
    "of one backup server": _backup_server,
    "each source": _sources,
    "each detail": _details,
    "below one object by id": _below(_below_id),
    "below one object by uid": _below(_below_uid),
    "below one object by name": _below(_below_name),
    "below several objects": _below(_below_several),
    "below an unknown object": _below(_below_unknown),
    "one member below an object": _below(_member_below),
    "below two kinds of objects": _two_places,
    "403 for a weak role": _weak_role,
}
WEATHER: dict[str, Rule] = {
    "paging over several pages": _pages,
    "403 on the query and not on the collection": _query_refused,
    "an element missing": _element_missing,
    "vanished between list and detail": _vanished,
    "one member": _few,
    "none": _few,
}
RULES = {**STILL, **WEATHER}


def cells_of(subject: Subject, what: str) -> list[Cell] | str:
    """Return the cells of one rule for one module, or the reason why it has none."""
    asked = Asked(subject, what)
    reason = RULES[what](asked)
    assert (reason is None) == bool(asked.cells), f"{subject.name}: {what}: neither cells nor a reason, or both"
    return reason or asked.cells


def tasks_of(cells: list[Cell]) -> Iterator[Task]:
    """Yield the tasks of cells."""
    return (cell.task for cell in cells)
