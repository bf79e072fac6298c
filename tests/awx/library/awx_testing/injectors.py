# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a job finds in its environment for a credential of ours: the injectors of ``extensions/awx``, rendered by AWX's own code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from awx_plugins.interfaces._temporary_private_api import ManagedCredentialType
from awx_plugins.interfaces._temporary_private_credential_api import Credential
from awx_plugins.interfaces._temporary_private_inject_api import inject_credential

from em_simulator.control import Simulator

from .awx_data import credential_type

CONTAINER_ROOT = "/runner"
"""Where an execution environment sees the private data directory."""

Environment = dict[str, Any]


def inputs_for(simulator: Simulator) -> dict[str, Any]:
    """Return what somebody fills in to reach the simulator: a credential of our type, by the id of the field."""
    return {
        "host": simulator.host,
        "port": str(simulator.port),
        "username": simulator.username,
        "password": simulator.password,
        "ca_certificate": Path(simulator.ca_path).read_text(encoding="utf-8"),
    }


def injected(inputs: dict[str, Any], private_data_dir: Path) -> tuple[Environment, Environment, list[str]]:
    """Return what AWX makes of a credential: environment of the job, the same as AWX shows it, and arguments for ansible-playbook.

    Files are written to ``env`` of the private data directory, which is made where it is not there. AWX names them as the container sees
    them; no container runs here, so that they are named as they lie on this machine.

    Args:
        inputs: what was filled in, by the id of the field; what is left out is as AWX has it when nobody touched the field.
        private_data_dir: absolute path of the private data directory of the job.
    """
    (private_data_dir / "env").mkdir(parents=True, exist_ok=True)
    declared = credential_type()
    kind = ManagedCredentialType(
        namespace="veeam_em", name=declared["name"], kind=declared["kind"], inputs=declared["inputs"], injectors=declared["injectors"], managed=False
    )
    environment: Environment = {}
    shown: Environment = {}
    arguments: list[str] = []
    inject_credential(kind, Credential(inputs), environment, shown, arguments, str(private_data_dir))
    return _as_here(environment, private_data_dir), _as_here(shown, private_data_dir), arguments


def _as_here(environment: Environment, private_data_dir: Path) -> Environment:
    prefix = f"{CONTAINER_ROOT}/env/"
    return {
        name: str(private_data_dir / "env" / value.removeprefix(prefix)) if isinstance(value, str) and value.startswith(prefix) else value
        for name, value in environment.items()
    }
