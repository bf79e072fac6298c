# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the result of a task has to be: judgements to hang on a cell of the matrix. Each raises AssertionError."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities._model import Field, Resource

from .subjects import Estate
from .values import differences, plain, told
from .wire import Raw, identity

Result = dict[str, Any]
Request = dict[str, Any]
Judgement = Callable[[Result], None]


def told_of(resource: Resource, rows: Iterable[Raw], records: list[dict[str, Any]]) -> None:
    """Assert that the records are these things of the wire, in whatever order, and hold what it says of them."""
    waiting: dict[str, list[Raw]] = {}
    for row in rows:
        waiting.setdefault(identity(row), []).append(row)
    assert Counter(record["id"] or "" for record in records) == Counter({key: len(some) for key, some in waiting.items()})
    for record in records:
        wrong = differences(resource, waiting[record["id"] or ""].pop(0), record)
        assert not wrong, f"{resource.type} {record['id']}: " + "; ".join(wrong)


def finds(resource: Resource, rows: Iterable[Raw]) -> Judgement:
    """Return the judgement that exactly these things come."""
    wanted = list(rows)

    def check(result: Result) -> None:
        told_of(resource, wanted, result[resource.plural])
        assert (result["total"], result["truncated"], result["changed"]) == (len(wanted), False, False)

    return check


def limited(resource: Resource, rows: list[Raw], limit: int) -> Judgement:
    """Return the judgement that as many of these things come as the limit allows, and that the rest is not hidden."""
    known = {identity(row) for row in rows}

    def check(result: Result) -> None:
        ids = [record["id"] for record in result[resource.plural]]
        assert len(ids) == len(set(ids)) == min(limit, len(rows)) and set(ids) <= known
        assert (result["total"], result["truncated"]) == (len(rows), limit < len(rows))

    return check


def in_order(resource: Resource, rows: list[Raw], field: Field, descending: bool) -> Judgement:
    """Return the judgement that all of these things come in the order of a field, those without value first when it ascends."""
    by_id = {identity(row): _rank(plain(field, told(field, row))) for row in rows}

    def check(result: Result) -> None:
        seen = [by_id[record["id"]] for record in result[resource.plural]]
        assert len(seen) == len(rows)
        assert seen == sorted(seen, reverse=descending)

    return check


def _rank(value: Any) -> tuple[bool, Any]:
    return value is not None, value.casefold() if isinstance(value, str) else value or 0


def with_links(resource: Resource, rows: list[Raw]) -> Judgement:
    """Return the judgement that every record carries the links that the wire has."""
    hrefs = {identity(row): sorted(link["Href"] for link in row.get("Links") or []) for row in rows}

    def check(result: Result) -> None:
        assert {record["id"] or "": sorted(link["href"] for link in record["links"]) for record in result[resource.plural]} == hrefs

    return check


def with_detail(estate: Estate, resource: Resource, keys: dict[str, Resource], rows: list[Raw]) -> Judgement:
    """Return the judgement that each record carries what lies below it; null, with a warning, where it has vanished."""
    places = {identity(row): {key: estate.below(member, resource, identity(row)) for key, member in keys.items()} for row in rows}

    def check(result: Result) -> None:
        finds(resource, rows)(result)
        for record in result[resource.plural]:
            for key, member in keys.items():
                wanted, got = places[record["id"]][key], record[key]
                if wanted is None:
                    assert got is None
                    assert any("vanished while it was read" in text for text in result["warnings"])
                else:
                    told_of(member, wanted, got if member.list_root else [got])

    return check


def without(resource: Resource, rows: list[Raw], field: Field) -> Judgement:
    """Return the judgement that a field which the server leaves out is there and null (or an empty list), and the rest as ever."""

    def check(result: Result) -> None:
        finds(resource, rows)(result)
        assert [record[field.name] for record in result[resource.plural] if record[field.name] not in (None, [])] == []

    return check


def refused(kind: str, *texts: str) -> Judgement:
    """Return the judgement of a refusal before anything is sent: its kind, and words that have to stand in the message."""

    def check(result: Result) -> None:
        assert result["error"]["kind"] == kind, result
        for text in texts:
            assert text in result["msg"]
        assert result["error"]["method"] is None and result["error"]["status"] is None, "it was sent"

    return check


def failed(kind: str, status: int) -> Judgement:
    """Return the judgement of a failure that the server is the cause of, which comes with advice."""

    def check(result: Result) -> None:
        assert (result["error"]["kind"], result["error"]["status"]) == (kind, status), result
        assert result["error"]["advice"]

    return check


def invalid(text: str) -> Judgement:
    """Return the judgement of arguments that the argument spec refuses."""

    def check(result: Result) -> None:
        assert text in result["msg"] and "error" not in result, result

    return check
