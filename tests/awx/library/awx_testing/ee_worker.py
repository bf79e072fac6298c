# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A job on its way from AWX into an execution environment and back: ansible-runner packs it, the environment's own one works it off."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ansible_runner

from em_simulator.control import Simulator
from em_testing.runner import LONGEST_RUN

from .ee import Installed
from .injectors import injected, inputs_for

LOCALHOST = {"all": {"hosts": {"localhost": {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}}}}
JOB = "101"


@dataclass(frozen=True)
class Returned:
    """What AWX has of a job after it came back."""

    status: str
    events: list[dict[str, Any]]

    @property
    def log(self) -> str:
        """What the job printed."""
        return "\n".join(event["stdout"] for event in self.events if event.get("stdout"))

    @property
    def artifacts(self) -> Mapping[str, Any]:
        """What the job hands on."""
        (last,) = (event for event in self.events if event["event"] == "playbook_on_stats")
        found: Mapping[str, Any] = last["event_data"]["artifact_data"]
        return found


def run_in_worker(installed: Installed, simulator: Simulator, playbook: str, answers: Mapping[str, Any], folder: Path) -> Returned:
    """Run a playbook of the collection as AWX runs it in a container, with a credential for the simulator; ``answers`` are extra variables."""
    sent, worked, unpacked = folder / "sent", folder / "worked", folder / "runner"
    private = folder / "private"
    (private / "project").mkdir(parents=True)
    environ = _credential(simulator, private, unpacked)
    events: list[dict[str, Any]] = []
    with sent.open("wb") as stream:
        ansible_runner.run(
            streamer="transmit",
            _output=stream,
            private_data_dir=str(private),
            ident=JOB,
            playbook=playbook,
            inventory=json.dumps(LOCALHOST),
            extravars=dict(answers),
            envvars=environ,
            settings={"suppress_ansible_output": True},
        )
    unpacked.mkdir()
    command = [str(installed.bin / "ansible-runner"), "worker", "--private-data-dir", str(unpacked)]
    with sent.open("rb") as stream, worked.open("wb") as answer:
        subprocess.run(command, stdin=stream, stdout=answer, env=installed.environ(), cwd=unpacked, check=True, timeout=LONGEST_RUN)
    with worked.open("rb") as stream:
        done = ansible_runner.run(streamer="process", _input=stream, private_data_dir=str(folder / "kept"), ident=JOB, event_handler=events.append, quiet=True)
    return Returned(done.status, events)


def _credential(simulator: Simulator, private: Path, unpacked: Path) -> dict[str, str]:
    """Return what the credential puts into the environment of the job; its files are named as they will lie where the job is unpacked."""
    environ, _shown, arguments = injected(inputs_for(simulator), private)
    assert not arguments
    return {name: str(value).replace(str(private), str(unpacked)) for name, value in environ.items()}
