# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Restore sessions. Private to this collection.

Source: reference page /restoreSessions/{ID} and its query page; WIRE.md sections 5 and 7.
"""

from __future__ import annotations

from ._common import ALL_ROLES, BACKUP_SERVER, BACKUP_SERVER_FILTERS, RESULTS_WITH_NONE, creation_time, end_time, name, uid, vm_display_name
from ._model import Field, Kind, Reference, Resource

RESTORE_SESSION = Resource(
    thing="restore_session",
    plural="restore_sessions",
    title="restore session",
    type="RestoreSession",
    path="/restoreSessions",
    list_root="RestoreSessions",
    query_type="RestoreSession",
    default_sort="creation_time",
    roles=ALL_ROLES,
    fields=(
        uid("restore session", "urn:veeam:RestoreSession:5a493827-1605-4fed-8cba-98765432100f"),
        name("What was restored, an @ and the start in UTC.", "FLR_[srv-sql-01]@2026-11-20 09:59:18"),
        vm_display_name("Name of the machine that is restored, as the hypervisor shows it."),
        # Documented as Type; it is JobType on the wire and Type in filters (API.md section 5).
        Field("job_type", "JobType", Kind.ENUM, "Kind of restore.", values=("FileLevelRestore", "RestoreVm"), filter_name="Type", sample="FileLevelRestore"),
        creation_time("When the restore began."),
        end_time("When the restore ended."),
        Field(
            "state",
            "State",
            Kind.ENUM,
            "What the restore does now; Stopped is its end.",
            values=("Starting", "Stopping", "Working", "Stopped"),
            filter_name="State",
            sample="Stopped",
        ),
        Field(
            "result",
            "Result",
            Kind.ENUM,
            "Outcome of the restore, final once the state is Stopped.",
            values=RESULTS_WITH_NONE,
            filter_name="Result",
            sample="Success",
        ),
        Field("progress", "Progress", Kind.INT, "Part done in percent; file restores keep it at 0.", sample=100),
        Field("failure_message", "FailureMessage", Kind.STRING, "Why the restore failed, null when it did not."),
        Field("restored_obj_ref", "RestoredObjRef", Kind.UID, "URN of the restored machine in its hierarchy."),
    )
    + BACKUP_SERVER_FILTERS,
    references=(
        BACKUP_SERVER,
        Reference("restore_point", "Related", ("VmRestorePoint",), "Restore point that the data came from."),
    ),
)
