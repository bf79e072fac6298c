# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of modules that return records."""

from __future__ import annotations


class ModuleDocFragment:
    """How many records, and with what; and which ones, for things that have a GUID."""

    DOCUMENTATION = r"""
options:
  limit:
    description:
      - The most records to return, 1 or more. Without it all records come, however many pages that takes.
      - RV(truncated) tells whether some were left out, RV(total) how many there are.
    type: int
  links:
    description:
      - Whether each record carries the raw links of the server in V(links).
    type: bool
    default: false
"""

    IDENTITY = r"""
options:
  id:
    description:
      - GUIDs of the records to return, one or several. A GUID that the server does not know gives no record and no failure.
    type: list
    elements: str
  uid:
    description:
      - URNs of the records to return, one or several; taken together with O(id).
    type: list
    elements: str
  name:
    description:
      - Names of the records to return, one or several. A name that the server does not know gives no record and no failure.
      - Narrows O(id), O(uid) and O(filter) where they are given too.
    type: list
    elements: str
"""
