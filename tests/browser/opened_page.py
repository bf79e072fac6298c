# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A report that is open in a browser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page


@dataclass
class Opened:
    """A page with the document that it was made from, and what it complained of and asked for so far."""

    page: Page
    document: dict[str, Any]
    url: str
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def numbers(self, selector: str) -> list[int]:
        """Return the numbers that elements show."""
        return [int(text.replace(",", "")) for text in self.page.locator(selector).all_inner_texts()]


Opener = Callable[..., Opened]
