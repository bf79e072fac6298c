# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cells of the info matrix: one task each, with what the bare wire says its result has to be."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from .plays import Task, tried
from .wire import Raw, Wire, guid, linked

UNKNOWN_GUID = "00000000-0000-4000-8000-000000000000"
Result = dict[str, Any]
# One module takes every cell through the module lane; of the others, whose ways of asking are the same code, these.
FULL_IN_BOTH_LANES = "veeam_em_job_info"
WEIGHTS = {"all": 2, "malformed id": 2, "by name": 1, "filter as mapping": 1, "by XML": 1}


@dataclass(frozen=True)
class InfoModule:
    """An info module and what to ask of it.

    ``wanted`` says of an entity on the wire whether ``filter_mapping`` and ``filter_text``, which mean the same, have to find it.
    ``sort_key`` is the wire name of the field ``sort``.
    """

    module: str
    result_key: str
    query_type: str
    filter_mapping: dict[str, Any]
    filter_text: str
    wanted: Callable[[Raw], bool]
    sort: str
    sort_key: str
    backup_server: str = "vbr01.example.com"


def _failed(row: Raw) -> bool:
    return bool(row["Result"] == "Failed")


_BY_RESULT: dict[str, Any] = {"filter_mapping": {"result": "Failed"}, "filter_text": "Result==Failed", "wanted": _failed}
_BY_TIME: dict[str, Any] = {"sort": "creation_time", "sort_key": "CreationTimeUTC"}

INFO_MODULES = (
    InfoModule("veeam_em_backup_session_info", "backup_sessions", "BackupJobSession", **_BY_RESULT, **_BY_TIME),
    InfoModule("veeam_em_replica_session_info", "replica_sessions", "ReplicaJobSession", **_BY_RESULT, **_BY_TIME),
    InfoModule("veeam_em_backup_task_session_info", "backup_task_sessions", "BackupTaskSession", **_BY_RESULT, **_BY_TIME),
    InfoModule("veeam_em_replica_task_session_info", "replica_task_sessions", "ReplicaTaskSession", **_BY_RESULT, **_BY_TIME),
    InfoModule("veeam_em_restore_session_info", "restore_sessions", "RestoreSession", **_BY_RESULT, **_BY_TIME),
    InfoModule(
        "veeam_em_job_info",
        "jobs",
        "Job",
        {"job_type": ["Replica", "BackupCopy"]},
        "(JobType==Replica,JobType==BackupCopy)",
        lambda row: row["JobType"] in ("Replica", "BackupCopy"),
        "name",
        "Name",
    ),
    InfoModule(
        "veeam_em_backup_server_info",
        "backup_servers",
        "BackupServer",
        {"name": "vbr02.example.com"},
        'Name=="vbr02.example.com"',
        lambda row: row["Name"] == "vbr02.example.com",
        "name",
        "Name",
        backup_server="",
    ),
)


@dataclass(frozen=True)
class Cell:
    """One task of the matrix and the judgement of its result (of the failure, where ``fails``).

    ``weight`` says where it runs, because a task costs thirty times more in the module lane: 0 in the controller lane, 1 in
    the module lane too, 2 there in check mode too.
    """

    name: str
    module: str
    arguments: dict[str, Any]
    check: Callable[[Result], None]
    fails: bool = False
    weight: int = 0

    def runs_in(self, lane: str, check: bool) -> bool:
        """Tell whether the cell takes part in a way of running."""
        return lane == "controller" or self.weight >= (2 if check else 1)

    @property
    def task(self) -> Task:
        """The task, which goes on after a failure."""
        return tried(self.name, self.module, self.arguments)


def _ids(result: Result, key: str) -> list[str]:
    return [record["id"] for record in result[key]]


def finds(key: str, rows: Iterable[Raw], total: int | None = None) -> Callable[[Result], None]:
    """Return the judgement that exactly these entities come, in whatever order."""
    wanted = sorted(guid(row) for row in rows)

    def check(result: Result) -> None:
        assert sorted(_ids(result, key)) == wanted
        assert result["total"] == (len(wanted) if total is None else total)
        assert result["truncated"] is (total is not None)
        assert result["changed"] is False

    return check


def _in_order(key: str, rows: list[Raw], sort_key: str, descending: bool) -> Callable[[Result], None]:
    names = [row[sort_key] for row in rows]
    by_id = {guid(row): row[sort_key] for row in rows}

    def check(result: Result) -> None:
        seen = [by_id[identity] for identity in _ids(result, key)]
        assert len(seen) == len(names)
        assert seen == sorted(names, key=_time_or_text, reverse=descending)

    return check


def _time_or_text(value: str) -> tuple[str, str]:
    """Order times with fractions of any length, and words without regard to case as the server does."""
    whole, _point, fraction = value.rstrip("Z").partition(".")
    return (whole.lower(), fraction.ljust(7, "0")) if value.endswith("Z") else (value.lower(), "")


def _limited(key: str, rows: list[Raw], limit: int) -> Callable[[Result], None]:
    known = {guid(row) for row in rows}

    def check(result: Result) -> None:
        ids = _ids(result, key)
        assert len(ids) == limit and set(ids) <= known
        assert result["total"] == len(rows) and result["truncated"] is True

    return check


def _with_links(key: str, rows: list[Raw]) -> Callable[[Result], None]:
    hrefs = {guid(row): sorted(link["Href"] for link in row["Links"]) for row in rows}

    def check(result: Result) -> None:
        assert {record["id"]: sorted(link["href"] for link in record["links"]) for record in result[key]} == hrefs

    return check


def refused(kind: str, *texts: str) -> Callable[[Result], None]:
    """Return the judgement of a refusal: its kind, and words that have to stand in the message."""

    def check(result: Result) -> None:
        assert result["error"]["kind"] == kind, result
        for text in texts:
            assert text in result["msg"]
        assert result["error"]["method"] is None and result["error"]["status"] is None, "it was sent"

    return check


def cells_of(info: InfoModule, rows: list[Raw], module: str = "", extra: dict[str, Any] | None = None, result_key: str = "") -> list[Cell]:
    """Return the cells of one info module for the entities that the wire has."""
    key = result_key or info.result_key
    first, last = rows[0], rows[-1]
    names = sorted({row["Name"] for row in rows})
    two = names[:2]

    def cell(what: str, arguments: dict[str, Any], check: Callable[[Result], None], fails: bool = False) -> Cell:
        name = module or info.module
        weight = WEIGHTS.get(what, int(name == FULL_IN_BOTH_LANES))
        return Cell(f"{name} {info.query_type}: {what}", name, {**(extra or {}), **arguments}, check, fails, weight)

    def named(*wanted: str) -> list[Raw]:
        return [row for row in rows if row["Name"] in wanted]

    cells = [
        cell("all", {}, finds(key, rows)),
        cell("by id", {"id": guid(first)}, finds(key, [first])),
        cell("by several ids", {"id": [guid(first), guid(last)]}, finds(key, [first, last])),
        cell("by uid", {"uid": last["UID"]}, finds(key, [last])),
        cell("by name", {"name": names[-1]}, finds(key, named(names[-1]))),
        cell("by several names", {"name": two}, finds(key, named(*two))),
        cell("every name, as it is spelled", {"name": names}, finds(key, rows)),
        cell("unknown id", {"id": UNKNOWN_GUID}, finds(key, [])),
        cell("one known and one unknown id", {"id": [UNKNOWN_GUID, guid(first)]}, finds(key, [first])),
        cell("unknown name", {"name": "No such thing"}, finds(key, [])),
        cell("malformed id", {"id": "99999"}, refused("option", "'99999'", "GUID"), fails=True),
        cell("filter as mapping", {"filter": info.filter_mapping}, finds(key, filter(info.wanted, rows))),
        cell("filter as text", {"filter": info.filter_text}, finds(key, filter(info.wanted, rows))),
        cell("filter on no field", {"filter": {"colour": "red"}}, refused("filter", "'colour'", "Known fields"), fails=True),
        cell("sort", {"sort": info.sort}, _in_order(key, rows, info.sort_key, False)),
        cell("sort descending", {"sort": f"-{info.sort}"}, _in_order(key, rows, info.sort_key, True)),
        cell("limit", {"limit": 1}, _limited(key, rows, 1)),
        cell("limit above the total", {"limit": 5000}, finds(key, rows)),
        cell("limit 0", {"limit": 0}, refused("option", "limit is 0"), fails=True),
        cell("links", {"links": True}, _with_links(key, rows)),
        cell("by XML", {"wire_format": "xml", "sort": info.sort}, finds(key, rows)),
    ]
    if info.backup_server:
        cells.append(
            cell(
                "of one backup server",
                {"backup_server": info.backup_server},
                finds(key, [row for row in rows if linked(row, "BackupServer") == info.backup_server]),
            )
        )
    return cells


def query_info_cells(rows: dict[str, list[Raw]]) -> list[Cell]:
    """Return the cells of veeam_em_query_info: one for every query type, and the whole set for one."""
    module = "veeam_em_query_info"
    cells = cells_of(INFO_MODULES[0], rows["BackupJobSession"], module, {"type": "BackupJobSession"}, "records")
    for info in INFO_MODULES[1:]:
        cells.append(Cell(f"{module} {info.query_type}: all", module, {"type": info.query_type}, finds("records", rows[info.query_type])))
    return [
        *cells,
        Cell(f"{module}: type in other case", module, {"type": "backupserver"}, finds("records", rows["BackupServer"])),
        Cell(f"{module}: unknown type", module, {"type": "Jobs"}, refused("filter", "'Jobs'", "Job"), fails=True, weight=1),
    ]


def read_estate(wire: Wire) -> dict[str, list[Raw]]:
    """Return the entities of every query type of the matrix as the wire has them."""
    return {info.query_type: wire.all(info.query_type) for info in INFO_MODULES}


def info_cells(rows: dict[str, list[Raw]]) -> list[Cell]:
    """Return all cells."""
    return [cell for info in INFO_MODULES for cell in cells_of(info, rows[info.query_type])] + query_info_cells(rows)
