# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole audits, from what was read to the files, without a server."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from estate import job
from records import ago, made_facts, record

from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible import auditing
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.audit_sources import Source
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.lanes import Call
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.facts import Facts

ONE, OTHER = "em01.example.com:9398", "em02.example.com:9398"
TIB = 1 << 40
NIGHTLY = job("Nightly", schedule_configured=True)
DAILY = {"extends": [], "name": "daily", "rules": {"C06": True, "C28": {"parameters": {"days": 30}}}}
PATIENT = {"extends": [], "name": "patient", "rules": {"C06": {"parameters": {"days": 7}}, "C28": True}}
WEEKLY = {"extends": [], "name": "weekly", "rules": {"C06": {"severity": "high"}, "C28": True}}

_OPTIONS = {
    **dict.fromkeys(("pack", "expected_digest", "reports", "report_folder", "as_of", "baseline", "waivers", "attestations", "allowed_signers", "keyring")),
    **dict.fromkeys(("evidence", "redact_key", "history", "job_id")),
    "formats": [],
    "redact": False,
    "gather": "policy",
    "findings": "all",
    "findings_limit": 1000,
}


def read(days: float = 0.0, free: int = 5 * TIB, name: str = ONE, enabled: bool = True) -> Facts:
    """Return what was read of a server so many days ago."""
    records = {
        "repositories": [record("repositories", "main", capacity=10 * TIB, free_space=free)],
        "jobs": [{**NIGHTLY, "schedule_enabled": enabled}],
    }
    facts = made_facts(records, now=ago(days=days))
    return replace(facts, server=replace(facts.server, name=name))


@dataclass
class Auditor:
    """Runs audits of what was read, without a server, in a folder."""

    monkeypatch: pytest.MonkeyPatch
    folder: Path
    warnings: list[str] = field(default_factory=list)

    def audit(self, *read: Facts, policy: Any = None, **options: Any) -> dict[str, Any]:
        """Return the result of a task, which reads these servers unless it is given a pack."""

        def ask(_call: Any, _servers: Any, wanted: Any, _moment: Any, stores: Sequence[Any]) -> list[Source]:
            return [_kept(facts, tuple(wanted.fields), store) for facts, store in zip(read, stores, strict=True)]

        self.monkeypatch.setattr(auditing, "servers_of", lambda _call: [None] * len(read))
        self.monkeypatch.setattr(auditing, "ask", ask)
        params = {**_OPTIONS, "policy": policy or (None if options.get("pack") else DAILY), **options}
        return auditing.audit(Call(params, False, False, self.warnings.append, lambda _line: None, lambda: False))

    def pack(self, name: str, *read: Facts, **options: Any) -> str:
        """Return the path of the evidence pack of an audit."""
        return str(self.audit(*read, evidence=str(self.folder / name), **options)["evidence"]["path"])

    def document(self, *read: Facts, **options: Any) -> Any:
        """Return the document of an audit as the JSON report has it."""
        target = self.folder / "document.json"
        self.audit(*read, reports={"json": str(target)}, **options)
        return json.loads(target.read_text(encoding="utf-8"))


def _kept(facts: Facts, kinds: tuple[str, ...], store: Any) -> Source:
    for kind in kinds:
        store.take_records(kind, (1,), store.pack(kind, facts.collections[kind]))
    return Source(replace(facts, collections={kind: facts.collections[kind] for kind in kinds}), kinds, store)
