# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole of an info module: choose records of one resource, return them. Private to this collection."""

from __future__ import annotations

from .._api.entities._model import Resource
from .._api.reading import Selection, check_selection, read
from .lanes import Call, EmModule, Result
from .options import ArgumentSpec, connection_spec, records_spec, selection_of, selection_spec


def info_module(resource: Resource) -> EmModule:
    """Return the module that reads the resource; its result is the resource's plural, ``total`` and ``truncated``."""
    id_option = "id" if resource.key == "uid" else resource.key

    def run(call: Call) -> Result:
        return read_records(call, resource, selection_of(call.params, id_option), resource.plural)

    return EmModule(_selection_spec(resource).merge(connection_spec()), run)


def read_records(call: Call, resource: Resource, selection: Selection, result_key: str) -> Result:
    """Return the result of an info module. Raises EmError, for a malformed selection before anything is sent."""
    check_selection(resource, selection)
    with call.open_session() as session:
        reading = read(session, resource, selection)
    return {"changed": False, result_key: reading.records, "total": reading.total, "truncated": reading.truncated}


def _selection_spec(resource: Resource) -> ArgumentSpec:
    if resource.key != "uid":
        return ArgumentSpec({resource.key: {"type": "list", "elements": "str"}}).merge(records_spec())
    return selection_spec(of_backup_server=any(field.name == "backup_server_name" for field in resource.fields))
