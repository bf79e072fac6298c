# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fields and references that several families share. Private to this collection."""

from __future__ import annotations

from ._model import Field, Kind, Reference

PORTAL_ADMINISTRATOR = "Portal Administrator"
PORTAL_USER = "Portal User"
RESTORE_OPERATORS = (
    "VM Restore Operator",
    "File Restore Operator",
    "Exchange Restore Operator",
    "Oracle Restore Operator",
    "SQL Restore Operator",
)
PORTAL_ROLES = (PORTAL_ADMINISTRATOR, PORTAL_USER)
ALL_ROLES = PORTAL_ROLES + RESTORE_OPERATORS

JOB_SESSION_STATES = ("Starting", "Stopping", "Working", "Pausing", "Resuming", "Stopped")
TASK_SESSION_STATES = ("InProgress", "Pending", "Completed")
RESULTS = ("Success", "Warning", "Failed")
# Not in the documented list, but sent while a session runs (WIRE.md section 5) and so allowed in a filter.
RESULTS_WITH_NONE = ("None",) + RESULTS


def uid(of: str, sample: str) -> Field:
    """The URN of the object itself, an attribute of every entity."""
    return Field("uid", "UID", Kind.UID, "URN of the " + of + ", stable over log-ons.", filter_name="UID", attribute=True, sample=sample)


def name(description: str, sample: str) -> Field:
    """The display name, an attribute of every entity."""
    return Field("name", "Name", Kind.STRING, description, filter_name="Name", attribute=True, sample=sample)


def description(of: str) -> Field:
    """Free text that an administrator gave the object."""
    return Field("description", "Description", Kind.STRING, "Free text an administrator wrote about the " + of + ".", filter_name="Description")


def creation_time(text: str) -> Field:
    """Documented CreationTime, on the wire CreationTimeUTC, in filters CreationTime (API.md section 5)."""
    return Field("creation_time", "CreationTimeUTC", Kind.DATETIME, text + " Time in UTC.", filter_name="CreationTime", sample="2026-11-20T20:00:07.547Z")


def end_time(text: str) -> Field:
    """Documented EndTime, on the wire EndTimeUTC; missing while the session runs (WIRE.md section 4)."""
    return Field(
        "end_time",
        "EndTimeUTC",
        Kind.DATETIME,
        text + " Time in UTC, null while it runs.",
        filter_name="EndTime",
        sample="2026-11-20T20:06:09.123Z",
    )


def vm_display_name(text: str) -> Field:
    """The machine's name as the hypervisor shows it, an optional attribute."""
    return Field("vm_display_name", "VmDisplayName", Kind.STRING, text, filter_name="VmDisplayName", attribute=True, sample="srv-sql-01")


BACKUP_SERVER = Reference("backup_server", "Up", ("BackupServer",), "Backup server that runs it.")

BACKUP_SERVER_UID = Field(
    "backup_server_uid",
    "BackupServerUid",
    Kind.UID,
    "URN of the backup server, taken from the link to it.",
    filter_name="BackupServerUid",
    filter_only=True,
    filled_from="backup_server.uid",
    sample="urn:veeam:BackupServer:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11",
)
BACKUP_SERVER_NAME = Field(
    "backup_server_name",
    "BackupServerName",
    Kind.STRING,
    "Name of the backup server, taken from the link to it.",
    filter_name="BackupServerName",
    filter_only=True,
    filled_from="backup_server.name",
    sample="vbr01.example.com",
)
BACKUP_SERVER_FILTERS = (BACKUP_SERVER_UID, BACKUP_SERVER_NAME)
