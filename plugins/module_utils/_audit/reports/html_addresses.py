# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where things stand on the page of an HTML report, so that what points at them finds them. Private to this collection."""

from __future__ import annotations

import re
from typing import Any, Dict, FrozenSet, Mapping, Sequence

Entry = Mapping[str, Any]

LISTED_ANSWERS = 8000


def rule_address(rule: str) -> str:
    """Return where a rule is explained."""
    return _address("rule", rule)


def findings_address(rule: str) -> str:
    """Return where the findings of a rule are listed."""
    return _address("findings", rule)


def server_address(number: int) -> str:
    """Return where the section of an Enterprise Manager is."""
    return "server-%d" % number


def answer_address(server_number: int, answer: int) -> str:
    """Return where an answer stands among the evidence."""
    return "answer-%d-%d" % (server_number, answer)


def _address(kind: str, identity: str) -> str:
    return "%s-%s" % (kind, re.sub(r"[^A-Za-z0-9]", lambda found: "-%x" % ord(found.group()), identity))


def listed_answers(server: Entry, servers: int) -> Sequence[Entry]:
    """Return the answers of one of several Enterprise Managers that are listed."""
    answers: Sequence[Entry] = server["answers"]
    return answers[: max(LISTED_ANSWERS // max(servers, 1), 1)]


class Places:
    """The Enterprise Managers of a report by name: which number each has, and which of its answers are on the page."""

    def __init__(self, servers: Sequence[Entry]) -> None:
        self._numbers: Dict[str, int] = {server["name"]: number for number, server in enumerate(servers, 1)}
        self._answers: Dict[str, FrozenSet[int]] = {
            server["name"]: frozenset(answer["number"] for answer in listed_answers(server, len(servers))) for server in servers
        }

    def number(self, server: str) -> int:
        """Return the number of an Enterprise Manager, 0 for what is said of the audit itself."""
        return self._numbers.get(server, 0)

    def has(self, server: str, answer: int) -> bool:
        """Tell whether an answer is on the page."""
        return answer in self._answers.get(server, ())
