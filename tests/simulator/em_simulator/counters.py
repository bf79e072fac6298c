# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the simulator counts, for tests to assert on."""

from __future__ import annotations

import re
from collections import deque
from typing import Any

_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_TASK = re.compile(r"task-\d+")
_LOG_LENGTH = 20000


class Counters:
    """Requests by route, accepted writes, log-ons, and a log without credentials."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin anew."""
        self.requests: dict[str, int] = {}
        self.total = 0
        self.writes = 0
        self.logons = 0
        self.logouts = 0
        self.faults = 0
        self.credentials = {"basic": 0, "token_header": 0, "cookie": 0}
        self.log: deque[dict[str, Any]] = deque(maxlen=_LOG_LENGTH)

    def note(self, method: str, path: str, query: str, status: int, moment: float, fault: str) -> None:
        """Count a request that was answered (status 0: the connection was cut before an answer)."""
        route = f"{method} {_TASK.sub('{ID}', _GUID.sub('{ID}', path))}"
        self.requests[route] = self.requests.get(route, 0) + 1
        self.total += 1
        self.log.append({"method": method, "path": path, "query": query, "status": status, "at": round(moment, 3), "fault": fault})

    def note_credentials(self, basic: bool, header: bool, cookie: bool) -> None:
        """Count in which form a request carried credentials; the values are not kept."""
        for name, seen in (("basic", basic), ("token_header", header), ("cookie", cookie)):
            self.credentials[name] += seen
