# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How far somebody who watches job sessions has come, and the file that keeps it over restarts. Private to this collection.

No HTTP, no clock: all times are those of the server, ISO 8601 in UTC with Z, as in records.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, Mapping, Optional

from .errors import FileError, OptionError
from .query import utc_stamp
from .whole_file import WholeFile, check_destination

FORMAT = "openbackup.veeam_em/ended_sessions/1"
_LARGEST_FILE = 64 * 1024 * 1024
_OTHER_FILE = "Give another state_file, or move this one away to begin at the present moment; it was not touched."


def time_key(stamp: str) -> str:
    """Return what sorts and compares time stamps: as they stand, 05.2Z would come before 05Z."""
    return stamp.rstrip("Z")


@dataclass
class Bookmark:
    """How far the watching has come.

    ``since`` is where it once began: what ended before is nobody's business. ``reached`` is the moment up to which everything has been
    put out. ``seen`` are the marks of job sessions that are dealt with, each with the latest time that is known of it, and ``open``
    those that are to be followed until their end, each with its kind.
    """

    since: str
    reached: str
    seen: Dict[str, str] = field(default_factory=dict)
    open: Dict[str, str] = field(default_factory=dict)

    def forget_before(self, begin: str) -> None:
        """Drop the marks of what no look that goes back to a moment can bring up again."""
        self.seen = {mark: moment for mark, moment in self.seen.items() if time_key(moment) >= time_key(begin)}


class StateFile:
    """The file that a bookmark is kept in; without a path nothing is kept.

    ``server`` is whom the bookmark belongs to, as ``host:port``. Raises OptionError where no file can be.
    """

    def __init__(self, path: str, server: str) -> None:
        self._path = path
        self._server = server
        if path:
            check_destination(path)

    def load(self) -> Optional[Bookmark]:
        """Return the bookmark in the file, None where there is no file yet. Raises OptionError for a file that is none of ours or broken."""
        if not self._path or not Path(self._path).exists():
            return None
        data = self._read()
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise OptionError("The file %s is no state file of this event source." % self._path, advice=_OTHER_FILE)
        if data.get("server") != self._server:
            message = "The state file %s belongs to the server %s, and %s is to be watched." % (self._path, data.get("server"), self._server)
            raise OptionError(message, advice="Give each server, as it is spelled in the options, a state_file of its own; this one was not touched.")
        bookmark = _bookmark_of(data)
        if bookmark is None:
            raise OptionError("The state file %s is damaged." % self._path, advice=_OTHER_FILE)
        return bookmark

    def _read(self) -> Any:
        try:
            if Path(self._path).stat().st_size > _LARGEST_FILE:
                return None
            return json.loads(Path(self._path).read_bytes())
        except (ValueError, RecursionError):
            return None
        except OSError as error:
            raise OptionError("The state file %s cannot be read: %s." % (self._path, error.strerror or error), advice=_OTHER_FILE) from error

    def save(self, bookmark: Bookmark) -> None:
        """Put the bookmark in the place of what the file held; whole or not at all. Raises FileError."""
        if not self._path:
            return
        content = {"format": FORMAT, "server": self._server, **vars(bookmark)}
        try:
            with WholeFile(self._path) as file:
                file.write(json.dumps(content, indent=1).encode("utf-8") + b"\n")
                file.commit()
        except OptionError as error:
            raise FileError(error.message, advice=error.advice) from error


def _bookmark_of(data: Mapping[str, Any]) -> Optional[Bookmark]:
    """Return the bookmark that plain data hold, None where they are not of its form."""
    parts: Dict[str, Any] = {name: data.get(name) for name in ("since", "reached", "seen", "open")}
    times = [parts["since"], parts["reached"]]
    for words in (parts["seen"], parts["open"]):
        if not isinstance(words, dict) or not all(isinstance(word, str) for word in words.values()):
            return None
    times += parts["seen"].values()
    try:
        if not all(isinstance(stamp, str) and utc_stamp(stamp, "state_file") == stamp for stamp in times):
            return None
    except OptionError:
        return None
    return Bookmark(**parts)
