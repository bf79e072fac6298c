# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The summary reports as records of one form. Private to this collection. Source: reference pages under /reports/summary."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict, Iterable, List

from .entities._model import Field, Kind
from .entities.reports import (
    JOB_STATISTICS_REPORT,
    OVERVIEW_REPORT,
    PROCESSED_VMS_REPORT,
    REPOSITORY_REPORT,
    VMS_OVERVIEW_REPORT,
)
from .reading import get_entity
from .session import Session

REPORTS = {
    resource.path.rpartition("/")[2]: resource
    for resource in (OVERVIEW_REPORT, VMS_OVERVIEW_REPORT, JOB_STATISTICS_REPORT, PROCESSED_VMS_REPORT, REPOSITORY_REPORT)
}
_WORD = Field("report", "", Kind.ENUM, "Which report the record is.", values=tuple(REPORTS), sample="overview")
_VALUES = {field.name: field for resource in REPORTS.values() for field in resource.fields}
# What the records of all reports can hold; each holds its own.
REPORT = replace(OVERVIEW_REPORT, thing="report", plural="reports", title="report", path="", fields=(_WORD, *_VALUES.values()))


def read_reports(session: Session, words: Iterable[str], links: bool = False) -> List[Dict[str, Any]]:
    """Return a record for each report, in the order in which they are named; numbers are over all backup servers. Raises EmError."""
    return [{**get_entity(session, REPORTS[word], REPORTS[word].path, links), _WORD.name: word} for word in dict.fromkeys(words)]
