# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check that the description of every declared field says something to people: meaning, and what a number or time is counted in."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from environments import ROOT

sys.path.insert(0, str(ROOT / "plugins" / "module_utils"))

from _api.entities._model import Field, Kind
from _api.entities.registry import RESOURCES

# Words that add nothing to a name.
FILLERS = {
    *("the", "of", "a", "an", "is", "are", "in", "to", "for", "this", "that", "it", "its", "and", "or", "by", "with", "on", "from", "as", "be"),
    *("which", "where", "whose", "one", "what", "called", "how", "has", "have"),
}
FEWEST_NEW_WORDS = 2
# What a number counts, or what it is counted in. An id or a place among others is no measure.
MEASURE = re.compile(
    r"\b(?:how many|most machines|place|port|number of this|vlan number|day of the month|times smaller|1 means|percent|unit"
    r"|seconds|minutes|hours|days|weeks|months|years|bytes|MB|GB|gibibytes|mebibytes|MHz)\b|\b1:",
    re.IGNORECASE,
)
BYTES = re.compile(r"\bbytes\b", re.IGNORECASE)
ZONE = re.compile(r"\bUTC\b|\bclock\b|\bzone\b")
STAMP = re.compile(r"\d{4}-\d\d-\d\d|[A-Z][a-z]{2} [ \d]\d \d{4}")
UNITS = {
    Kind.INT: (MEASURE, "unit"),
    Kind.DECIMAL: (MEASURE, "unit"),
    Kind.SIZE: (BYTES, "unit (bytes)"),
    Kind.DATETIME: (ZONE, "zone"),
    Kind.SCHEDULE_TIME: (ZONE, "clock"),
}


def words_of(text: str) -> set[str]:
    """Return the words that carry meaning, in the singular."""
    found = set(re.findall(r"[a-z0-9]+", text.lower())) - FILLERS
    return {word[:-1] if word.endswith("s") and len(word) > 3 else word for word in found}


def complaints(field: Field) -> Iterator[str]:
    """Yield what is wrong with the description of a field."""
    text = field.description
    if text != text.strip() or not text.endswith(".") or text[:1].islower():
        yield "is no whole sentence"
    if len(words_of(text) - words_of(field.name.replace("_", " "))) < FEWEST_NEW_WORDS:
        yield "repeats the name"
    wanted, word = UNITS.get(field.kind, (None, ""))
    if wanted is None and STAMP.match(str(field.sample)):
        wanted, word = ZONE, "zone"
    if wanted is not None and not wanted.search(text):
        yield "says no " + word


def fields_within(fields: tuple[Field, ...], path: str = "") -> Iterator[tuple[str, Field]]:
    """Yield every field with its path, nested ones included."""
    for field in fields:
        yield path + field.name, field
        if field.struct is not None:
            yield from fields_within(field.struct.fields, path + field.name + ".")


def check_descriptions() -> Iterator[str]:
    """Complain about descriptions of all declarations, of a field that several share once."""
    seen: set[int] = set()
    for resource in RESOURCES:
        for path, field in fields_within(resource.fields, resource.thing + "."):
            if id(field) not in seen:
                seen.add(id(field))
                yield from (f"{path}: its description {complaint}: {field.description}" for complaint in complaints(field))
