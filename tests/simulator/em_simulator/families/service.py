# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Work that Enterprise Manager does for itself, and the pages that only lead on: agents and file shares."""

from __future__ import annotations

from typing import Any

from .. import clock
from ..build import DAY_US, HOUR_US, Build
from ..clock import SECOND_US
from ..model import Row
from ..wire import Context, Link
from ..world import World

_DAYS_KEPT = 30
_DAYS_OF_A_FILE = 3
_COLLECTS_A_DAY = 4
_NO_ANSWER = "The server did not answer in time."
# What the pages list: path below the page, type of its members.
_AGENTS = (
    ("jobs", "AgentBackupJob"),
    ("backupSessions", "BackupJobSession"),
    ("backups", "Backup"),
    ("restorePoints", "RestorePoint"),
    ("agentRestorePoints", "AgentRestorePoint"),
    ("backupFiles", "BackupFile"),
    ("protectionGroups", "AgentProtectionGroup"),
    ("discoveredComputers", "DiscoveredComputer"),
)
_NAS = (("jobs", "NasJob"), ("fileServers", "FileServer"), ("backupSessions", "BackupJobSession"))


def add(world: World, build: Build) -> None:
    """Put in both pages, and the sessions of the last days: collections of data, care for the database, an indexing that goes on."""
    world.add(_page("AgentsService", "/agents", _AGENTS))
    world.add(_page("NasService", "/nas", _NAS))
    if not build.populated:
        return
    for day in range(_DAYS_KEPT if build.generated else _DAYS_OF_A_FILE):
        for number, server in enumerate(build.servers):
            for run in range(_COLLECTS_A_DAY):
                began = build.ago(days=day, hours=6 * run + 0.3 * number + (0.4 if build.healthy else 1))
                failed = day == 1 and run == 2 and number == 0 and not build.healthy
                texts = [f"Collecting data from {server.name}"] + ([_NO_ANSWER] if failed else ["Updating the database"])
                _session(world, build, "CollectJob", "Collect Job ", began, texts, 18, "Failed" if failed else "CompletedSuccessfully")
        began = build.now_us // DAY_US * DAY_US - day * DAY_US - HOUR_US
        _session(world, build, "DatabaseMaintenance", "Database Maintenance ", began, ["Removing old sessions"], 75, "CompletedSuccessfully")
        state = "CompletedWarning" if day == 0 and not build.healthy else "CompletedSuccessfully"
        _session(world, build, "LicAutoUpdate", "License Update ", began - HOUR_US, [], 2, state)
    _session(world, build, "CatalogCrawlJob", "Catalog Crawl ", build.ago(hours=0.1), ["Indexing guest files"], 0, "InProgress")


def _page(kind: str, path: str, lists: tuple[tuple[str, str], ...]) -> Row:
    references = [Link("Down", f"{path}/{name}", None, member + "ReferenceList") for name, member in lists]
    return Row("", kind, links=(*references, *(Link("Down", f"{path}/{name}?format=Entity", None, member + "List") for name, member in lists)))


def _session(world: World, build: Build, kind: str, name: str, began: int, texts: list[str], seconds: int, state: str) -> None:
    identifier = build.guid("system session", kind, began)
    # To the microsecond, as the number that makes the id says.
    created = began + int(identifier[:5], 16) % SECOND_US
    running = state == "InProgress"
    messages = {"Failed": _NO_ANSWER, "CompletedWarning": "The licence server has no newer licence."}
    result = {"Result": state, "Message": messages.get(state, ""), "IsCanceled": False}
    values = {
        "SessionType": kind,
        "CreationTimeUTC": created,
        "EndTimeUTC": None if running else created + seconds * SECOND_US,
        "State": state,
        "Result": None if running else result,
    }
    world.add(Row(identifier, "SystemSession", name, values, stamp_us=created))
    for order, text in enumerate(texts, start=1):
        event = {"CreationTimeUTC": _without_zone(created + order * SECOND_US), "Message": text, "Order": order}
        world.add(Row(str(order), "SystemSessionEvent", values=event, parents=(identifier,)))


def _without_zone(stamp_us: int) -> Any:
    """Return what writes a time as events have it: in UTC, but without saying so."""

    def written(ctx: Context) -> str:
        return clock.iso(stamp_us, ctx.profile.digits).removesuffix("Z")

    return written
