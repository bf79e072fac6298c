# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is said of records: subjects made from them. Private to this collection."""

from __future__ import annotations

from .._api.job_contents import server_of
from .model import Record, Subject


def subject_of(kind: str, record: Record) -> Subject:
    """Return a record as the subject of a judgement. Args: kind: such as "repository"; record: with its name and backup_server_name, where it has them."""
    return Subject(kind, record["name"] or record["uid"] or "", record["uid"], server_of(record))
