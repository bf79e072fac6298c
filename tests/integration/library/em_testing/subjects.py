# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The info modules with what they declare, and the estate that they are asked for as the bare wire shows it."""

from __future__ import annotations

import contextlib
import functools
import importlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests

from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.info import InfoModule, identity_options
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.lanes import EmModule
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities._model import Field, Kind, Resource
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.registry import BY_THING

from .values import plain, told
from .wire import Raw, Wire, identity

PLUGINS = Path(__file__).resolve().parents[4] / "plugins"
Declared = tuple[Resource, ...]


@functools.cache
def modules() -> dict[str, EmModule]:
    """Return every module of the collection by its short name, with what it says of itself."""
    package = "ansible_collections.openbackup.veeam_em.plugins.modules."
    return {path.stem: importlib.import_module(package + path.stem).MODULE for path in sorted((PLUGINS / "modules").glob("veeam_em_*.py"))}


def modules_of_both_lanes() -> dict[str, EmModule]:
    """Return the modules that can run on another machine; the others have tests of their own (test_audit.py)."""
    return {name: module for name, module in modules().items() if not module.controller_only}


def info_modules() -> dict[str, InfoModule]:
    """Return the modules that are made from one declaration, by short name."""
    return {name: module for name, module in modules().items() if isinstance(module, InfoModule)}


def by_query(resource: Resource) -> bool:
    """Tell whether the things are read through the query service unless something else is asked for."""
    return next(iter(resource.sources), "") == "query"


def members_path(resource: Resource, parent: Resource, parent_id: str) -> str:
    """Return the path of the things of a kind below one object."""
    if resource.parents == (parent.thing,):
        return resource.path.replace("{%s}" % parent.thing, quote(parent_id, safe=""))
    return f"{parent.path}/{quote(parent_id, safe='')}/{parent.child_of_type(resource.type).path}"


class Estate:
    """What the wire has for the account of a log-on session, read once each. A context manager, for the sessions of other accounts."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self._known: dict[tuple[str, ...], list[Raw] | None] = {}
        self._accounts: dict[str, Estate] = {}
        self._open = contextlib.ExitStack()

    def __enter__(self) -> Estate:
        return self

    def __exit__(self, *reason: object) -> None:
        self._open.close()

    def of_account(self, account: str) -> Estate:
        """Return the same as another account sees it."""
        if account not in self._accounts:
            self._accounts[account] = Estate(self._open.enter_context(Wire(self.wire.simulator, account)))
        return self._accounts[account]

    def rows(self, resource: Resource, source: str = "") -> list[Raw]:
        """Return all things of a kind from one of its sources, the first one unless named; of what has none, those below all its parents."""
        if not resource.sources:
            parent = BY_THING[resource.parents[0]]
            return [row for owner in self.rows(parent) for row in self.below(resource, parent, identity(owner)) or []]
        source = source or next(iter(resource.sources))
        key = (resource.type, source)
        if key not in self._known:
            if source == "query":
                self._known[key] = self.wire.all(resource.query_type)
            else:
                self._known[key] = self._at(resource, resource.sources[source])
        return self._known[key] or []

    def has(self, resource: Resource, source: str = "") -> bool:
        """Tell whether the server knows such things, and the place to read them from: an older one may not."""
        try:
            self.rows(resource, source)
        except requests.HTTPError as refusal:
            if refusal.response.status_code not in (400, 404):
                raise
            return False
        return True

    def below(self, resource: Resource, parent: Resource, parent_id: str) -> list[Raw] | None:
        """Return the things of a kind below one object, as a list of one where there is only one; None where the server knows no such place."""
        key = (resource.type, parent.type, parent_id)
        if key not in self._known:
            try:
                self._known[key] = self._at(resource, members_path(resource, parent, parent_id))
            except requests.HTTPError as refusal:
                if refusal.response.status_code != 404:
                    raise
                self._known[key] = None
        return self._known[key]

    def _at(self, resource: Resource, path: str) -> list[Raw]:
        return self.wire.collection(path) if resource.list_root else [self.wire.get(path)]


@dataclass(frozen=True)
class Subject:
    """One info module over one estate.

    ``extra`` are the arguments that every task of it needs; ``rows`` what it has to find with these and nothing else; ``before`` is
    the same before the weather changed.
    """

    name: str
    module: InfoModule
    estate: Estate
    rows: list[Raw]
    extra: dict[str, Any] = field(default_factory=dict)
    before: Subject | None = None

    @property
    def resource(self) -> Resource:
        """What it reads."""
        assert self.module.resource is not None
        return self.module.resource

    @property
    def options(self) -> dict[str, Any]:
        """The argument spec."""
        return dict(self.module.spec.arguments)

    @property
    def identities(self) -> tuple[str, ...]:
        """The options that name single objects."""
        return identity_options(self.resource)

    @property
    def id_option(self) -> str:
        """The option that takes ids; "" where a name is all that identifies, or there is only one object."""
        return next((name for name in self.identities if name not in ("uid", "name")), "")

    @property
    def queried(self) -> bool:
        """Whether all of it comes from the query service."""
        return by_query(self.resource) and not any(parent.thing in self.extra for parent in self.module.below)

    def comparable(self) -> list[Field]:
        """Return the fields that it can filter and sort by and that stand in the rows as one plain value."""
        fields = self.resource.filter_fields() if self.queried else self.resource.fields_in_hand()
        return [item for item in fields if not item.filter_only and item.kind != Kind.STRUCT and not item.many]

    def values(self, item: Field) -> list[Any]:
        """Return what the rows hold in a field, nulls included."""
        return [plain(item, told(item, row)) for row in self.rows]

    def filter_word(self, item: Field) -> str:
        """Return the word for a field in a filter that is a text."""
        return item.filter_name or item.wire


def subject_of(name: str, estate: Estate, before: Subject | None = None) -> Subject:
    """Return a module with the rows that the wire has for it."""
    module = info_modules()[name]
    resource = module.resource
    assert resource is not None
    extra: dict[str, Any] = {}
    if resource.key == "task_id":
        extra["session"] = estate.wire.token  # nobody else sees its tasks
    elif not resource.sources and resource.parents:
        parent = BY_THING[resource.parents[0]]
        extra[parent.thing] = [identity(row) for row in estate.rows(parent)]
    return Subject(name, module, estate, estate.rows(resource), extra, before)
