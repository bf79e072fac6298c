# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks: orders that Enterprise Manager took, alive inside one log-on session. Private to this collection.

Source: reference page /tasks/{ID}; WIRE.md section 5.
"""

from __future__ import annotations

from ._common import ALL_ROLES
from ._model import Field, Kind, Reference, Resource, Struct

TASK_RUNNING = "Running"
TASK_OPERATION_FINISHED = "OperationFinished"
TASK_FINISHED = "Finished"

_RESULT = Struct(
    (
        Field("success", "Success", Kind.BOOL, "Whether the order was carried out; says nothing of the job that was started.", attribute=True, sample=True),
        Field("credentials_needed", "CredentialsNeeded", Kind.BOOL, "Whether the order stopped because the server wants credentials for it.", attribute=True),
        Field("confirmation_needed", "ConfirmationNeeded", Kind.BOOL, "Whether the order waits for a confirmation nobody gave.", attribute=True),
        Field(
            "message", "Message", Kind.STRING, "What the server says about the outcome, in its own words.", sample='Job "SQL Server Backup" triggered to start.'
        ),
    )
)

TASK = Resource(
    thing="task",
    plural="tasks",
    title="task",
    type="Task",
    path="/tasks",
    list_root="Tasks",
    query_type="Task",
    envelope="Resources",
    key="task_id",
    id_pattern="[A-Za-z0-9_-]+",
    id_advice="Ids look like task-7, as the order that made it returned.",
    roles=ALL_ROLES,
    fields=(
        Field(
            "task_id", "TaskId", Kind.STRING, "Number of the order inside its log-on session, such as task-7; used anew by the next session.", sample="task-7"
        ),
        Field(
            "state",
            "State",
            Kind.ENUM,
            "How far the order is; only Finished means that its data is collected.",
            values=(TASK_RUNNING, TASK_OPERATION_FINISHED, TASK_FINISHED),
            sample=TASK_FINISHED,
        ),
        Field("operation", "Operation", Kind.STRING, "Name of the order, such as StartJob.", sample="StartJob"),
        Field("result", "Result", Kind.STRUCT, "Outcome of the order, null while it is Running.", struct=_RESULT),
    ),
    references=(
        Reference("related", "Related", (), "What the order made or touched, such as the job session that a start opened; empty until Finished.", many=True),
    ),
)
