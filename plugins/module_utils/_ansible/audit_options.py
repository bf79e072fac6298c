# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that modules of the audit share. Private to this collection."""

from __future__ import annotations

from typing import Any, Dict

from .options import CONNECTION_OPTIONS, Argument, ArgumentSpec, connection_spec


def _of_one_server() -> Dict[str, Argument]:
    """Return the connection options of one of several servers: without defaults, as those of the task take their place."""
    kept = ("type", "choices", "no_log")
    spec: Dict[str, Any] = {option.name: {name: value for name, value in option.argument().items() if name in kept} for option in CONNECTION_OPTIONS}
    spec["host"]["required"] = True
    return spec


def sources_spec() -> ArgumentSpec:
    """Return where an audit may read from: one server, several, or an evidence pack."""
    return ArgumentSpec(
        {
            "servers": {"type": "list", "elements": "dict", "options": _of_one_server()},
            "pack": {"type": "path"},
            "expected_digest": {"type": "str"},
        },
        mutually_exclusive=(("servers", "pack"),),
        required_by={"expected_digest": ("pack",)},
    ).merge(connection_spec())
