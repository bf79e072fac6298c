# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which machines were restored, when and how it ended. Private to this collection.

Pure. Source: reference page /restoreSessions/{ID}; names of file restores are FLR_[machine]@time.
"""

from __future__ import annotations

import re
from typing import Dict, List, Optional, Sequence, Set

from .._api.entities.sessions import STOPPED
from .._api.job_contents import name_of, server_of
from .._api.machines import COMPUTER, VIRTUAL_MACHINE, Machine
from .facts import Facts
from .inhabitants import Inhabitant
from .model import Reads, Record
from .times import sort_key

READS_OF_RESTORES = Reads(
    "restore_sessions",
    ("name", "vm_display_name", "job_type", "creation_time", "state", "result", "restored_obj_ref", "restore_point", "backup_server_name"),
)
# How far back the service keeps them, in days: 13 weeks (reference, query service).
REACH_DAYS = 91.0

_IN_BRACKETS = re.compile(r"[^\[]*\[(?P<name>[^\]]+)\]\Z")


class Restores:
    """Restores that are over, by machine."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        sessions = [one for one in facts.records(READS_OF_RESTORES.kind) if one["state"] == STOPPED and one["creation_time"]]
        self._by_point = self._machines_of_points({one["restore_point"]["id"] for one in sessions if one["restore_point"]})
        self._of: Dict[Machine, List[Record]] = {}
        for session in sessions:
            one = self._restored(session)
            if one is not None:
                self._of.setdefault(one.machine, []).append(session)

    def newest_of(self, one: Inhabitant, sorts: Sequence[str]) -> Optional[Record]:
        """Return the newest restore of a machine that is over, None without any. Args: sorts: job types of the sessions that count."""
        return max((session for session in self._of.get(one.machine, ()) if session["job_type"] in sorts), key=_began, default=None)

    def _machines_of_points(self, wanted: Set[str]) -> Dict[str, Inhabitant]:
        return {point["id"]: one for one in self._facts.inhabitants.all for point in one.points if point["id"] in wanted} if wanted else {}

    def _restored(self, session: Record) -> Optional[Inhabitant]:
        """Return whose data it was: of the point, else by name; the restored machine itself may be another one."""
        point = session["restore_point"]
        if point and point["id"] in self._by_point:
            return self._by_point[point["id"]]
        inhabitants, server, name = self._facts.inhabitants, server_of(session), name_of(session)
        match = _IN_BRACKETS.match(name)
        name = match.group("name") if match else name
        for kind in (VIRTUAL_MACHINE, COMPUTER):
            found = inhabitants.find(None, name, server, kind)
            if found is not None:
                return found
        return inhabitants.find(session["restored_obj_ref"], None, server)


def _began(session: Record) -> str:
    return sort_key(session["creation_time"])


def restores_of(facts: Facts) -> Restores:
    """Return the restores of all machines, made once."""
    return facts.once("restores", Restores)
