# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a module in this process, against a simulator, as both lanes do once Ansible has said its part: for many cells at little cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.lanes import Call, execute
from em_simulator.control import Simulator

from .matrix import Cell
from .subjects import modules


def outcome_of(cell: Cell, simulator: Simulator, check: bool = False, **changes: Any) -> dict[str, Any]:
    """Return the result of a cell; ``changes`` are arguments in the place of its own."""
    return run_here(cell.module, {**cell.arguments, **changes}, simulator, cell.account, check)


def run_here(name: str, arguments: Mapping[str, Any], simulator: Simulator, account: str = "", check: bool = False) -> dict[str, Any]:
    """Return the result of a module, with its warnings; ``account`` is who asks, the administrator unless named."""
    password = simulator.accounts[account]["password"] if account else simulator.password
    connection = {
        "host": simulator.host,
        "port": simulator.port,
        "username": account or simulator.username,
        "password": password,
        "ca_path": str(simulator.ca_path),
    }
    module = modules()[name]
    validation = ArgumentSpecValidator(**module.spec.as_keywords()).validate({**connection, **arguments})
    if validation.error_messages:
        return {"failed": True, "msg": "; ".join(validation.error_messages)}
    warnings: list[str] = []
    call = Call(validation.validated_parameters, check, False, warnings.append, lambda line: None, lambda: False)
    return {**execute(module, call), "warnings": warnings}
