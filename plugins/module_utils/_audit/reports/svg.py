# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Charts as inline SVG. Private to this collection.

They stretch to the width there is and hold no text, so that letters stay letters on a narrow screen: labels and numbers stand beside them in HTML.
Colours come from the style sheet by class.
"""

from __future__ import annotations

from typing import Iterable, Sequence, Tuple

from .html_markup import Markup, el

_LENGTH = 1000
_COLUMN, _GAP, _HEIGHT = 10, 2, 100


def bar_of(parts: Iterable[Tuple[float, str]], whole: float) -> Markup:
    """Return a bar from left to right for a cell of a table, whose numbers stand in the cells beside it.

    Args: parts: how much, and the class of its colour; whole: what would fill the bar.
    """
    drawn, at = [el("rect", width=_LENGTH, height=10, class_="track")], 0.0
    for amount, style in parts:
        length = _LENGTH * amount / whole if whole else 0.0
        if length:
            # Something that is there has to be seen, however little.
            drawn.append(el("rect", x=_short(at), width=_short(max(length, 4.0)), height=10, class_=style))
        at += length
    return el("svg", *drawn, viewBox="0 0 %d 10" % _LENGTH, preserveAspectRatio="none", class_="bar", aria_hidden="true", focusable="false")


def columns(values: Sequence[Tuple[float, str]], style: str, told: str, whole: float = 0.0) -> Markup:
    """Return columns side by side, as high as the highest allows, or as ``whole``, which would fill a column.

    Args: values: how much, and what is told of the column when the pointer is over it; told: what the chart says, for who cannot see it.
    """
    highest = whole or max((value for value, _title in values), default=0)
    drawn = []
    for number, (value, title) in enumerate(values):
        height = max(_HEIGHT * value / highest, 3.0) if value else 0.0
        base = el("rect", x=number * _COLUMN, y=_HEIGHT, width=_COLUMN - _GAP, height=2, class_="track")
        column = el("rect", x=number * _COLUMN, y=_short(_HEIGHT - height), width=_COLUMN - _GAP, height=_short(height), class_=style) if value else None
        drawn.append(el("g", el("title", title), base, column))
    box = "0 0 %d %d" % (max(len(values), 1) * _COLUMN - _GAP, _HEIGHT + 2)
    return el("svg", *drawn, viewBox=box, preserveAspectRatio="none", class_="columns", role="img", aria_label=told, focusable="false")


def _short(value: float) -> str:
    return ("%.2f" % value).rstrip("0").rstrip(".")
