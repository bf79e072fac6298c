# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a check gets to see. Private to this collection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional, Sequence

from .facts import Facts
from .model import Subject
from .settings import Policy, Rule


@dataclass(frozen=True)
class Context:
    """One Enterprise Manager under one rule.

    ``history`` are the facts of earlier evidence packs of the same server, the oldest first; ``baseline`` is the configuration that was
    taken as right (``drift``), None without one.
    """

    facts: Facts
    policy: Policy
    rule: Rule
    history: Sequence[Facts] = ()
    baseline: Optional[Any] = None

    def value(self, name: str, subject: Optional[Subject] = None) -> Any:
        """Return the value of a parameter, for a machine that of its class. Raises KeyError for a parameter that the check has not declared."""
        parameter = self.rule.check.parameter(name)
        if subject is not None and parameter.by_class:
            chosen = self.policy.class_of(subject)
            if chosen is not None and name in chosen.values:
                return chosen.values[name]
        return self.rule.values.get(name, parameter.default)
