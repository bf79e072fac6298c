# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The declarations are whole, consistent and say something to people."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import _api
from _api import entities as entities_package
from _api import errors, query, wire
from _api.entities._model import Field, Kind, Resource, snake_case
from _api.entities.registry import BY_QUERY_TYPE, BY_TYPE, RESOURCES

KINDS = {value for name, value in vars(Kind).items() if not name.startswith("_")}
EVERY_RESOURCE = pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.thing)
# The thing has no plural: there is one page of settings, and an account is a set of credentials by itself.
WITHOUT_PLURAL = {"credentials", "security_settings"}
# Record names that are not the wire name in snake_case, each with its reason.
OTHER_NAMES = {
    "standard": "the element is misspelt Standart",
    "failover_to_standard_backup": "the element is misspelt FailoverToStandartBackup",
    "backup_server_name": "the element BackupServer holds the name; the reference to the server is called backup_server in every record",
    "credentials_id": "the element is Id, documented for filters as CredentialsId; every record has an id of its own",
    "password_key_id": "the element is Id, documented for filters as PasswordKeyID; every record has an id of its own",
    "days": "the list of a report repeats the element Day in XML and is Days in JSON",
    "periods": "the list of a report repeats the element Period in XML and is Periods in JSON",
    "lease_expiration_date": "documented as LeaseExpirationDate, an attribute ExpirationDate of LeaseOptions in newer answers",
    "failover_to_other_gateways_if_fail": "documented as FailoverToOtherGatewaysIfFail, spelt FailoverToOthersGatewaysIfFail in answers",
    "tenant_account": "the element TenantType holds an account; the word for the type, tenant_type, is what filters take",
}
SAMPLE_TYPES: dict[str, type] = {Kind.INT: int, Kind.SIZE: int, Kind.BOOL: bool, Kind.DECIMAL: float, Kind.STRUCT: dict}
API_FOLDER = Path(_api.__file__).parent


def walk(fields: tuple[Field, ...], path: str = "") -> Iterator[tuple[str, Field]]:
    """Yield every field with its path, nested ones included."""
    for field in fields:
        yield path + field.name, field
        if field.struct is not None:
            yield from walk(field.struct.fields, path + field.name + ".")


@EVERY_RESOURCE
def test_every_field_is_consistent(resource: Resource) -> None:
    for path, field in walk(resource.fields):
        assert field.kind in KINDS, path
        assert re.fullmatch(r"[a-z][a-z0-9_]*", field.name), path
        assert re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", field.wire), path
        assert (field.kind == Kind.STRUCT) == (field.struct is not None), path
        # An enumeration without values could not be filtered; one with values that is no enumeration would not be checked.
        assert field.kind == Kind.ENUM or not field.values, path
        assert field.values or not (field.kind == Kind.ENUM and field.filter_name), path
        assert len(set(field.values)) == len(field.values), path
        assert not field.json_item or field.item, path
        assert not field.item or field.many, path
        assert not field.filled_from or field.filter_only, path
        assert not field.filter_only or field.filter_name, path


@EVERY_RESOURCE
def test_every_sample_is_what_the_decoder_would_give(resource: Resource) -> None:
    for path, field in walk(resource.fields):
        sample: Any = field.sample
        if sample is None:
            continue
        assert sample.__class__ is SAMPLE_TYPES.get(field.kind, str), path
        if field.kind == Kind.ENUM:
            assert sample in field.values, path
        elif field.kind == Kind.UID:
            assert re.fullmatch(r"urn:\w+:\w+:[0-9a-f-]{36}(\.\S+)?", str(sample)), path
        elif field.kind == Kind.DATETIME:
            assert wire.to_utc(sample) == sample, path


@EVERY_RESOURCE
def test_names_are_unique_and_free(resource: Resource) -> None:
    names = [field.name for field in resource.fields] + [reference.name for reference in resource.references]
    assert len(names) == len(set(names))
    assert not {"id", "href", "type", "links"} & set(names)
    spellings = [spelling.lower() for field in resource.wire_fields for spelling in (field.wire, *field.aliases)]
    assert len(spellings) == len(set(spellings))
    filters = [field.filter_name.lower() for field in resource.filter_fields()]
    assert len(filters) == len(set(filters))
    for _path, field in walk(resource.fields):
        if field.struct is not None:
            inner = [one.name for one in field.struct.fields]
            assert len(inner) == len(set(inner)), field.name


@EVERY_RESOURCE
def test_a_resource_is_whole(resource: Resource) -> None:
    assert resource.path == "/" + resource.path.strip("/")
    assert resource.type
    assert resource.list_root != "" or not resource.item
    assert resource.roles
    assert resource.envelope in ("Entities", "Resources")
    assert re.fullmatch(r"v1_\d", resource.since)
    assert resource.key == "href" or resource.field(resource.key).name == resource.key
    # A name that repeats what the type says would hide a typing error in either.
    assert resource.root != resource.type
    assert resource.item != resource.entity_root
    assert resource.urn_type != resource.type
    assert resource.plural
    assert (resource.plural == resource.thing) == (resource.thing in WITHOUT_PLURAL)
    for reference in resource.references:
        assert reference.rel in ("Up", "Related", "Down")
        assert reference.description.endswith(".")
    with pytest.raises(KeyError):
        resource.field("colour")


@EVERY_RESOURCE
def test_a_secret_that_is_dropped_is_no_field(resource: Resource) -> None:
    spellings = {spelling.lower() for _path, field in walk(resource.fields) for spelling in (field.wire, *field.aliases)}
    assert spellings.isdisjoint(name.lower() for name in resource.dropped)
    # What is called so must be dropped instead; ids, hints and dates of passwords are none.
    assert spellings.isdisjoint({"password", "token", "secret", "passphrase"})


@EVERY_RESOURCE
def test_what_can_be_sorted_by_default_can_be_filtered(resource: Resource) -> None:
    if resource.query_type and any(resource.filter_fields()):
        assert resource.default_sort
        assert query.sort_parameters(resource, "") == {"sortAsc": resource.field(resource.default_sort).filter_name}
    for field in resource.filter_fields():
        assert query.find_field(resource, field.name) is field
        assert query.find_field(resource, field.filter_name) is field
        assert field.kind in query._VALUE_WRITERS


@EVERY_RESOURCE
def test_filled_fields_come_from_a_reference(resource: Resource) -> None:
    single = {reference.name for reference in resource.references if not reference.many}
    for field in resource.fields:
        if field.filled_from:
            reference, _dot, key = field.filled_from.partition(".")
            assert reference in single
            assert key in ("id", "uid", "name", "type")


def test_every_resource_of_the_files_is_listed_once() -> None:
    found = {}
    for module in pkgutil.iter_modules(entities_package.__path__):
        if module.name != "registry":
            members = vars(importlib.import_module(f"{entities_package.__name__}.{module.name}")).values()
            found.update({id(member): member.thing for member in members if isinstance(member, Resource)})
    listed = [id(resource) for resource in RESOURCES]
    assert len(listed) == len(set(listed))
    assert sorted(found.values()) == sorted(resource.thing for resource in RESOURCES)
    assert set(found) == set(listed)
    for attribute in ("thing", "plural", "type", "path", "query_type", "list_root"):
        values = [getattr(resource, attribute) for resource in RESOURCES if getattr(resource, attribute)]
        assert len(values) == len(set(values)), attribute
    assert set(BY_TYPE) == {resource.type for resource in RESOURCES}
    assert set(BY_QUERY_TYPE) == {resource.query_type for resource in RESOURCES} - {""}


@EVERY_RESOURCE
def test_what_lies_below_another_thing_names_one_that_is_declared(resource: Resource) -> None:
    # The last part of a path may be the thing itself, where the address of one is all there is.
    assert set(resource.parents) - {resource.thing} <= {other.thing for other in RESOURCES}
    for child in resource.children:
        assert child.type in {other.type for other in RESOURCES}, child.name
        assert child.path == child.path.strip("/")


def test_record_names_are_the_documented_names_in_snake_case() -> None:
    """Where they are not, the reason stands in OTHER_NAMES; new exceptions must be weighed."""
    exceptions = {
        f"{resource.thing}.{path}"
        for resource in RESOURCES
        for path, field in walk(resource.fields)
        if snake_case(field.wire) != field.name and not field.filter_only
    }
    times = {name for name in exceptions if name.endswith(("creation_time", "end_time"))}
    assert {name.rpartition(".")[2] for name in exceptions - times} == set(OTHER_NAMES)


def test_every_error_has_a_kind_of_its_own() -> None:
    family = [member for member in vars(errors).values() if isinstance(member, type) and issubclass(member, errors.EmError)]
    kinds = [member.kind for member in family]
    assert len(kinds) == len(set(kinds))
    for member in family:
        problem = member("What came back.", advice="What to do.", method="GET", path="/jobs", status=500, server_message="no", data={"task": None})
        assert str(problem) == "What came back. What to do."
        assert problem.as_result() == {
            "msg": "What came back. What to do.",
            "error": {"kind": member.kind, "method": "GET", "path": "/jobs", "status": 500, "server_message": "no", "advice": "What to do."},
            "task": None,
        }


ALLOWED_IMPORTS = set(sys.stdlib_module_names) | {"requests", "urllib3", "xmltodict"}


@pytest.mark.parametrize("path", sorted(API_FOLDER.rglob("*.py")), ids=lambda path: path.stem)
def test_the_api_imports_nothing_of_ansible(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert {alias.name.partition(".")[0] for alias in node.names} <= ALLOWED_IMPORTS
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            assert str(node.module).partition(".")[0] in ALLOWED_IMPORTS
        elif isinstance(node, ast.ImportFrom):
            depth = len(path.relative_to(API_FOLDER).parts)
            assert node.level <= depth, "an import that leaves _api"
