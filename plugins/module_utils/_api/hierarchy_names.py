# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a reference to an object of a hierarchy says by its form. Private to this collection.

Pure. Source: API.md section 1 "Identifiers" (urn:PLATFORM:TYPE:HIERARCHY.OBJECT).
"""

from __future__ import annotations

import re
from typing import Optional

# Types are compared blind to case, since the platforms spell some of them differently.
MACHINES = ("vm",)
_REFERENCE = re.compile(r"urn:[^:]+:(?P<type>[^:]+):(?P<root>[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\.(?P<object>.+)\Z")


def is_reference(text: str) -> bool:
    """Tell whether a text is a reference to an object of a hierarchy."""
    return _REFERENCE.match(text) is not None


def root_id_of(reference: str) -> Optional[str]:
    """Return the id of the hierarchy root that a reference lies in, in small letters; None for what is no reference."""
    match = _REFERENCE.match(reference)
    return match.group("root").lower() if match else None


def type_of(reference: str) -> str:
    """Return the type of the object that a reference names, in small letters; "" for what is no reference."""
    match = _REFERENCE.match(reference)
    return match.group("type").lower() if match else ""


def is_machine(reference: str) -> bool:
    """Tell whether a reference names a machine."""
    return type_of(reference) in MACHINES
