# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of the playbooks that make and remove our objects, against the fake of AWX."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import awx_collection

from em_testing.runner import FINE, Expectation, Run, Runner

from .awx_data import awx_objects
from .fake_awx import FakeAwx

ROOT = Path(__file__).resolve().parents[4]
SITE: Mapping[str, Any] = {
    "awx_project_url": "https://git.example.com/veeam_em.git",
    "awx_execution_environment_image": "registry.example.com/veeam-em-ee:1",
}
HOOK: Mapping[str, Any] = {
    "notification_type": "webhook",
    "notification_configuration": {"url": "https://chat.example.com/hook", "headers": {}, "username": "awx", "password": "hook-Pw-5c1e"},
}
# Variables that leave most objects out, for runs that are about the others: each object takes a module, and that takes a second.
FEW: Mapping[str, Any] = {
    **{name: [] for name in ("awx_workflow_job_templates", "awx_workflow_nodes", "awx_workflow_edges")},
    "awx_single_job_templates": [declared for declared in awx_objects("single_job_templates") if "session_report" in declared["playbook"]],
}


@dataclass
class Site:
    """Somebody who runs the playbooks: an AWX, a runner of Ansible, a folder for a file of variables, the variables."""

    awx: FakeAwx
    runner: Runner
    folder: Path
    variables: dict[str, Any] = field(default_factory=lambda: dict(SITE))

    def play(self, playbook: str, *options: str, environ: Mapping[str, str | None] | None = None, expect: Expectation = FINE, check: bool = False) -> Run:
        """Run ``awx_setup`` or ``awx_remove`` and judge it. What was sent to AWX before is forgotten.

        Args:
            playbook: its name without ending.
            options: further words for the command.
            environ: variables beside those that name AWX and the account; None takes one away.
        """
        self.awx.writes.clear()
        self.awx.reads.clear()
        changes = {**self.awx.environ(), "ANSIBLE_COLLECTIONS_PATH": self.collections(), **(environ or {})}
        secrets = (*expect.secrets, self.awx.token, str(HOOK["notification_configuration"]["password"]))
        judged = Expectation(expect.code, expect.sessions_left, expect.warnings, expect.tolerated, secrets)
        said = self.folder / "awx.yml"
        said.write_text(json.dumps(self.variables), encoding="utf-8")
        path = ROOT / "playbooks" / f"{playbook}.yml"
        return self.runner.play(path, "-e", f"@{said}", *options, lane="", check=check, environ=changes, expect=judged)

    def collections(self) -> str:
        """Return the search path with ours and ``awx.awx``."""
        return os.pathsep.join([str(self.runner.collections), str(awx_collection.awx_collection())])


def recap(run: Run) -> dict[str, int]:
    """Return the numbers of the last line that Ansible prints, for localhost."""
    line = next(line for line in reversed(run.stdout.splitlines()) if line.startswith("localhost") and "ok=" in line)
    return {name: int(number) for name, number in (part.split("=") for part in line.split(":", 1)[1].split())}
