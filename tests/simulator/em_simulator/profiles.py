# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What differs between the generations of the server (WIRE.md sections 0, 1, 2 and 6)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus


@dataclass(frozen=True)
class Profile:
    """One generation of the server.

    ``digits`` is the precision of times (3: SQL Server, 6: PostgreSQL). ``omitted`` names, by entity type, the
    declared fields that this generation does not know. ``root_id_is_unique_id`` is a known bug: HierarchyRootId is the other id (WIRE.md section 4).
    """

    name: str
    versions: tuple[str, ...]
    product_version: str
    json_nulls: bool
    camel: bool
    digits: int
    server_header: str
    server_port: int
    modern_escapes: bool
    joined_reason: bool
    omitted: dict[str, frozenset[str]] = field(default_factory=dict)
    replica_task_path: str = "replicaTaskSessions"
    root_id_is_unique_id: bool = False

    def key(self, wire_name: str) -> str:
        """Return the JSON key of a wire name."""
        return camel_key(wire_name) if self.camel else wire_name

    def reason(self, status: int) -> str:
        """Return the text of the status line: ``400 BadRequest`` up to 12, ``400 Bad Request`` on 13."""
        phrase = HTTPStatus(status).phrase
        return phrase.replace(" ", "").replace("-", "") if self.joined_reason else phrase


@cache
def camel_key(name: str) -> str:
    """Lower the leading run of capitals but the one that begins the next word, as System.Text.Json does."""
    run = 0
    while run < len(name) and name[run].isupper():
        run += 1
    if run == 0:
        return name
    if run in (1, len(name)):
        return name[:run].lower() + name[run:]
    return name[: run - 1].lower() + name[run - 1 :]


_ONLY_13 = frozenset({"WcfPort", "VbrCertificateThumbprint"})

PROFILES = {
    "9.5u4": Profile(
        "9.5u4",
        ("v1_0", "v1_1", "v1_2", "v1_3", "v1_4"),
        "9.5.4.2866",
        json_nulls=False,
        camel=False,
        digits=3,
        server_header="Microsoft-HTTPAPI/2.0",
        server_port=9392,
        modern_escapes=False,
        joined_reason=True,
        omitted={"BackupServer": _ONLY_13, "BackupTaskSession": frozenset({"VmUid"})},
        replica_task_path="repicaTaskSessions",
    ),
    "12": Profile(
        "12",
        ("v1_5", "v1_6", "v1_7"),
        "12.3.0.310",
        json_nulls=True,
        camel=False,
        digits=3,
        server_header="Microsoft-HTTPAPI/2.0",
        server_port=9392,
        modern_escapes=False,
        joined_reason=True,
        omitted={"BackupServer": _ONLY_13},
        root_id_is_unique_id=True,
    ),
    "13": Profile(
        "13",
        ("v1_5", "v1_6", "v1_7"),
        "13.0.1.2067",
        json_nulls=True,
        camel=True,
        digits=6,
        server_header="Kestrel",
        server_port=443,
        modern_escapes=True,
        joined_reason=False,
    ),
}
