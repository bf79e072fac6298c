# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every resource that users can reach, by type. Private to this collection.

The imports are written out, not discovered: what ships a module to a target packs only what it can see.
What is declared beyond these stands in ``declared``, which nothing that is shipped imports.
Only callers that take any type by name need this file; a module of one kind imports its one family.
"""

from __future__ import annotations

from typing import Dict, Tuple

from ._model import Resource
from .infrastructure import BACKUP_SERVER
from .jobs import JOB
from .restores import RESTORE_SESSION
from .sessions import BACKUP_SESSION, BACKUP_TASK_SESSION, REPLICA_SESSION, REPLICA_TASK_SESSION
from .tasks import TASK

RESOURCES: Tuple[Resource, ...] = (
    TASK,
    JOB,
    BACKUP_SESSION,
    BACKUP_TASK_SESSION,
    REPLICA_SESSION,
    REPLICA_TASK_SESSION,
    RESTORE_SESSION,
    BACKUP_SERVER,
)

BY_TYPE: Dict[str, Resource] = {resource.type: resource for resource in RESOURCES}
BY_QUERY_TYPE: Dict[str, Resource] = {resource.query_type: resource for resource in RESOURCES if resource.query_type}
