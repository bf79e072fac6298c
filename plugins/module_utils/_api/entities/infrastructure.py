# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Backup servers. Private to this collection.

Source: reference page /backupServers/{ID} and its query page; WIRE.md section 6 (ports by version).
"""

from __future__ import annotations

from ._common import PORTAL_ADMINISTRATOR, PORTAL_ROLES, description, name, uid
from ._model import Action, Child, Field, Kind, Resource

BACKUP_SERVER = Resource(
    thing="backup_server",
    plural="backup_servers",
    title="backup server",
    type="BackupServer",
    path="/backupServers",
    list_root="BackupServers",
    query_type="BackupServer",
    default_sort="name",
    roles=PORTAL_ROLES,
    fields=(
        uid("backup server", "urn:veeam:BackupServer:5d1c0b5e-6f0b-4f2a-9c25-0d7a2f1b7c11"),
        name("Name under which Enterprise Manager knows the backup server.", "vbr01.example.com"),
        description("backup server"),
        Field(
            "port",
            "Port",
            Kind.INT,
            "Port that Enterprise Manager uses to reach the backup server: 443 for product version 13, 9392 before.",
            filter_name="Port",
            sample=9392,
        ),
        Field("version", "Version", Kind.STRING, "Build of the backup product on the server.", filter_name="Version", sample="12.3.0.310"),
        Field("wcf_port", "WcfPort", Kind.INT, "Port of the server's internal service; only product version 13 sends it.", sample=9405),
        Field(
            "vbr_certificate_thumbprint",
            "VbrCertificateThumbprint",
            Kind.STRING,
            "SHA-1 thumbprint of the server's certificate; only product version 13 sends it.",
        ),
        Field(
            "ip_or_dns_name",
            "IpOrDnsName",
            Kind.STRING,
            "Address of the server; only for filters, the answer does not carry it.",
            filter_name="IpOrDnsName",
            filter_only=True,
        ),
    ),
    actions=(
        Action("collect", "CollectingBackupServer", PORTAL_ROLES),
        Action("quickbackup", "QuickBackup", PORTAL_ROLES),
        Action("veeamzip", "VeeamZip", PORTAL_ROLES),
        Action("create", "", (PORTAL_ADMINISTRATOR,)),
    ),
    children=(Child("jobs", "jobs", "Job"),),
)
