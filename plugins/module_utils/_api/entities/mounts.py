# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Restore and replica points whose guest file systems are mounted for file restores. Private to this collection.

Source: reference pages /vmRestorePoints/{ID}/mounts/{ID}, /vmReplicaPoints/{ID}/mounts/{ID} and
/agents/agentRestorePoints/{ID}/mounts/{ID}. A mount lives as long as its log-on session (API.md section 1); it has neither URN
nor an element with its id, only its address.
"""

from __future__ import annotations

from ._common import PORTAL_ADMINISTRATOR
from ._model import Child, Resource
from .backups import FILE_RESTORE_OPERATOR
from .catalogue import directories

MOUNT_ROLES = (PORTAL_ADMINISTRATOR, FILE_RESTORE_OPERATOR)


def _mount(of: str, title: str, point_type: str, path: str) -> Resource:
    return Resource(
        thing=of + "_mount",
        plural=of + "_mounts",
        title="mount of " + title,
        type=point_type + "Mount",
        path="%s/{%s}/mounts" % (path, of),
        list_root=point_type + "Mounts",
        key="href",
        roles=MOUNT_ROLES,
        fields=(directories("fs_roots", "FSRoots", "Top folders or volumes of the guest, where listing begins."),),
        children=(Child("guest_folder", "{filepath}", "FileSystemEntries"), Child("guest_entry", "{filepath}", "FileSystemEntry")),
    )


VM_RESTORE_POINT_MOUNT = _mount("vm_restore_point", "a machine restore point", "VmRestorePoint", "/vmRestorePoints")
VM_REPLICA_POINT_MOUNT = _mount("vm_replica_point", "a machine replica point", "VmReplicaPoint", "/vmReplicaPoints")
AGENT_RESTORE_POINT_MOUNT = _mount("agent_restore_point", "an agent restore point", "AgentRestorePoint", "/agents/agentRestorePoints")
