# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole of an info module: choose records of one resource, return them. Private to this collection."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Dict, List, Mapping, Optional, Tuple

from .._api.entities._model import Resource, snake_case
from .._api.parallel import in_parallel
from .._api.reading import Selection, check_selection, members_of, read
from .._api.selecting import choose
from .._api.session import Session
from .lanes import Call, EmModule, Result
from .options import Argument, ArgumentSpec, connection_spec, records_spec


@dataclass(frozen=True)
class Detail:
    """What each record carries on request: the word of the option, and what lies below the record."""

    option: str
    resources: Tuple[Resource, ...]

    def keys(self, parent: Resource) -> Dict[str, Resource]:
        """Return under which keys a record of the parent carries it; what the record holds by itself keeps its key."""
        if len(self.resources) == 1:
            wanted = {self.option: self.resources[0]}
        else:
            wanted = {snake_case(parent.child_of_type(resource.type).name): resource for resource in self.resources}
        taken = {field.name for field in parent.record_fields}
        return {(_own_key(resource) if key in taken else key): resource for key, resource in wanted.items()}


def _own_key(resource: Resource) -> str:
    return resource.plural if resource.list_root else resource.thing


@dataclass(frozen=True)
class RecordsModule(EmModule):
    """A module that returns records of a declared form; its documentation is made from these declarations.

    ``below`` are the resources in which the records may be looked for; ``details`` what they carry on request. ``frame`` says what
    keys that all records have mean here, where that is not what they usually do.
    """

    resource: Optional[Resource] = None
    below: Tuple[Resource, ...] = ()
    details: Tuple[Detail, ...] = ()
    frame: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class InfoModule(RecordsModule):
    """A module that reads one resource and nothing else; its tests are made from the declarations, too."""


def info_module(resource: Resource, below: Tuple[Resource, ...] = (), details: Tuple[Detail, ...] = ()) -> InfoModule:
    """Return the module that reads the resource; its result is the resource's plural, ``total`` and ``truncated``."""

    def run(call: Call) -> Result:
        selection = selection_of(call.params, resource, below)
        check_selection(resource, selection, below)
        wanted = [detail for detail in details if call.params[detail.option]]
        with call.open_session() as session:
            reading = read(session, resource, selection, parents=below)
            if wanted:
                in_parallel(session, lambda record: _add_details(session, resource, record, wanted), reading.records)
        return {"changed": False, resource.plural: reading.records, "total": reading.total, "truncated": reading.truncated}

    spec = selection_spec(resource, below).merge(details_spec(details), connection_spec())
    return InfoModule(spec, run, resource=resource, below=below, details=details)


def _add_details(session: Session, resource: Resource, record: Dict[str, Any], details: Any) -> None:
    for detail in details:
        for key, below in detail.keys(resource).items():
            record[key] = members_of(session, record, resource, below)


def chosen_records(resource: Resource, records: List[Dict[str, Any]], selection: Selection) -> Result:
    """Return records that were read whole as an info module does: those that the selection asks for, with their total."""
    found = choose(resource, records, selection)
    kept = found if selection.limit is None else found[: selection.limit]
    return {"changed": False, resource.plural: kept, "total": len(found), "truncated": len(kept) < len(found)}


def read_records(call: Call, resource: Resource, selection: Selection, result_key: str) -> Result:
    """Return records of a resource as an info module does. Raises EmError, for a malformed selection before anything is sent.

    A query of what the service cannot filter, such as tasks, is read whole and chosen from here.
    """
    in_hand = selection.source == "query" and not selection.ids and not any(True for _field in resource.filter_fields())
    check_selection(resource, replace(selection, source="") if in_hand else selection)
    with call.open_session() as session:
        reading = read(session, resource, Selection(links=selection.links, source=selection.source) if in_hand else selection)
    if in_hand:
        return chosen_records(replace(resource, plural=result_key), reading.records, selection)
    return {"changed": False, result_key: reading.records, "total": reading.total, "truncated": reading.truncated}


# ---------------------------------------------------------------------------------------------------------
# Options that follow from the declaration


def selection_spec(resource: Resource, below: Tuple[Resource, ...] = ()) -> ArgumentSpec:
    """Return the options that choose records of the resource: those of its identity, its filter and the places it lies in."""
    several: Argument = {"type": "list", "elements": "str"}
    arguments: Dict[str, Argument] = {name: dict(several) for name in identity_options(resource)}
    if resource.list_root:
        arguments.update(choosing_options())
    arguments.update({parent.thing: dict(several) for parent in below})
    if "backup_server" not in arguments and any(field.name == "backup_server_name" for field in resource.fields):
        arguments["backup_server"] = {"type": "str"}
    if len(resource.sources) > 1:
        arguments["source"] = {"type": "str", "choices": list(resource.sources), "default": next(iter(resource.sources))}
    parents = tuple(parent.thing for parent in below)
    if not resource.sources and len(parents) == 1:
        arguments[parents[0]]["required"] = True
    alternatives = (parents,) if len(parents) > 1 else ()
    needed = alternatives if not resource.sources else ()
    return ArgumentSpec(arguments, mutually_exclusive=alternatives, required_one_of=needed).merge(records_spec())


def identity_options(resource: Resource) -> Tuple[str, ...]:
    """Return the options that name single objects of the resource."""
    if not resource.list_root:
        return ()
    has_name = any(field.name == "name" for field in resource.fields)
    if resource.key == "uid":
        return ("id", "uid", "name") if has_name else ("id", "uid")
    # A task has been asked for by its task_id from the first release on; a thing that its name identifies needs no second word.
    if resource.key in ("task_id", "name"):
        return (resource.key,)
    return ("id", "name") if has_name else ("id",)


def details_spec(details: Tuple[Detail, ...]) -> ArgumentSpec:
    """Return the options that ask for details."""
    return ArgumentSpec({detail.option: {"type": "bool", "default": False} for detail in details})


def choosing_options() -> Dict[str, Argument]:
    """Return the options that choose among many records of any kind, and order them."""
    return {"filter": {"type": "raw"}, "sort": {"type": "str"}}


def selection_of(params: Mapping[str, Any], resource: Resource, below: Tuple[Resource, ...] = ()) -> Selection:
    """Return which records the parameters ask for; ``check_selection`` judges it. An empty list names nothing, other than one left out."""
    # The module that takes any type knows every id as id.
    id_option = "id" if "id" in identity_options(resource) or resource.key not in params else resource.key
    places = tuple((parent.thing, tuple(params[parent.thing])) for parent in below if params.get(parent.thing))
    server = params.get("backup_server")
    return Selection(
        ids=tuple(params.get(id_option) or ()),
        uids=tuple(params.get("uid") or ()),
        names=() if id_option == "name" else tuple(params.get("name") or ()),
        filter=params.get("filter"),
        sort=params.get("sort") or "",
        limit=params.get("limit"),
        links=bool(params.get("links")),
        backup_server=server if isinstance(server, str) else "",
        below=places,
        source=params.get("source") or "",
        names_nothing=_names_nothing(params, resource, below),
    )


def _names_nothing(params: Mapping[str, Any], resource: Resource, below: Tuple[Resource, ...]) -> bool:
    """Tell whether a list that would narrow the selection is there and empty: a variable that named nothing must not read everything."""
    identities = [params[option] for option in {"id", "uid", resource.key} - {"name"} if params.get(option) is not None]
    others = [params.get(option) for option in ("name", *(parent.thing for parent in below))]
    return [] in others or bool(identities and not any(identities))
