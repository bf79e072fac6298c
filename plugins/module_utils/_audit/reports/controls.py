# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the controls are that a check serves: frameworks, and the ids that a machine can read. Private to this collection."""

from __future__ import annotations

import re
from typing import Dict, Iterable, List, NamedTuple, Tuple

from .reading import one_line


class Framework(NamedTuple):
    """A collection of controls: the word that a control begins with, its name, the edition, who keeps it."""

    word: str
    name: str
    version: str
    organization: str


FRAMEWORKS: Tuple[Framework, ...] = (
    Framework("CIS", "CIS Critical Security Controls", "v8", "Center for Internet Security"),
    Framework("NIST", "NIST SP 800-53", "Rev. 5", "National Institute of Standards and Technology"),
    Framework("ISO", "ISO/IEC 27001 Annex A", "2022", "International Organization for Standardization"),
)
OTHER = Framework("", "Controls that the policy names", "", "")

_ENHANCEMENT = re.compile(r"\((\d+)\)")
_NO_TOKEN = re.compile(r"[^\w.-]+", re.ASCII)


class Control(NamedTuple):
    """A control such as "NIST CP-9(1)": its framework, what stands behind the word (CP-9(1)), and the whole text."""

    framework: Framework
    number: str
    text: str

    @property
    def token(self) -> str:
        """Its id as OSCAL wants it: cp-9.1 as in the catalogue of NIST, cis-11.2 and iso-a.8.13 for the others."""
        number = _ENHANCEMENT.sub(r".\1", self.number).lower()
        return as_token(number if self.framework.word == "NIST" else "-".join(filter(None, (self.framework.word.lower(), number))))


def as_token(text: str) -> str:
    """Return a text as a token: letters, digits, points, dashes and underscores; the first is a letter or an underscore."""
    token = _NO_TOKEN.sub("-", text)
    return token if token[:1].isalpha() or token[:1] == "_" else "_" + token


def controls_of(texts: Iterable[str]) -> List[Control]:
    """Return the controls that texts such as "CIS 11.2" name, each once; one of no framework we know belongs to ``OTHER``."""
    return [_control_of(text) for text in dict.fromkeys(map(one_line, texts))]


def _control_of(text: str) -> Control:
    word, _blank, number = text.partition(" ")
    framework = next((one for one in FRAMEWORKS if one.word == word and number), OTHER)
    return Control(framework, number if framework is not OTHER else text, text)


def by_framework(texts: Iterable[str]) -> Dict[Framework, List[Control]]:
    """Return the controls by framework, each once and in order; a framework without any is left out."""
    found: Dict[Framework, List[Control]] = {framework: [] for framework in (*FRAMEWORKS, OTHER)}
    for control in controls_of(sorted(texts)):
        found[control.framework].append(control)
    return {framework: controls for framework, controls in found.items() if controls}
