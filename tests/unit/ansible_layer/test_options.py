# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The specs: composition, fall-back to the environment, what is secret, what becomes of the values."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, Dict, Tuple

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import AnsibleFallbackNotFound

from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible import info, options, waits
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.options import ArgumentSpec
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities._model import Resource
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.catalogue import CATALOG_VM, CATALOG_VM_RESTORE_POINT
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.cloud import CLOUD_SUBTENANT, VLAN_CONFIGURATION
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.infrastructure import BACKUP_SERVER, REPOSITORY
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.jobs import JOB
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.nas import NAS_JOB
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.registry import RESOURCES
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.security import SECURITY_ACCOUNT_ROLE, SECURITY_SETTINGS
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.sessions import BACKUP_SESSION
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.tasks import TASK
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.errors import OptionError
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.selecting import Selection
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.transport import ConnectionOptions


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for option in options.CONNECTION_OPTIONS:
        monkeypatch.delenv(option.variable, raising=False)


def validate(spec: ArgumentSpec, **params: Any) -> Any:
    return ArgumentSpecValidator(**spec.as_keywords()).validate(params)


def connect(**params: Any) -> ConnectionOptions:
    result = validate(options.connection_spec(), **params)
    assert not result.error_messages
    return options.connection_options(result.validated_parameters)


def test_merge_joins_options_and_constraints() -> None:
    left = ArgumentSpec({"a": {"type": "str"}}, mutually_exclusive=(("a", "b"),), required_by={"a": ("b",)})
    right = ArgumentSpec({"b": {"type": "int"}}, required_one_of=(("a", "b"),), required_if=(("a", "x", ("b",)),), required_together=(("a", "b"),))
    assert left.merge(right).as_keywords() == {
        "argument_spec": {"a": {"type": "str"}, "b": {"type": "int"}},
        "mutually_exclusive": [["a", "b"]],
        "required_one_of": [["a", "b"]],
        "required_if": [["a", "x", ["b"]]],
        "required_together": [["a", "b"]],
        "required_by": {"a": ["b"]},
    }


def test_merged_constraints_are_enforced() -> None:
    spec = ArgumentSpec({"a": {"type": "str"}}).merge(ArgumentSpec({"b": {"type": "str"}}, mutually_exclusive=(("a", "b"),)))
    assert "mutually exclusive" in validate(spec, a="1", b="2").error_messages[0]


def test_an_option_declared_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="Declared twice: limit"):
        options.records_spec().merge(ArgumentSpec({"limit": {"type": "str"}}))


def test_keywords_are_a_copy() -> None:
    spec = options.records_spec()
    spec.as_keywords()["argument_spec"]["limit"]["type"] = "changed"
    assert spec.as_keywords()["argument_spec"]["limit"]["type"] == "int"


def test_connection_options_are_those_of_the_service_room() -> None:
    declared = {option.name: option for option in options.CONNECTION_OPTIONS}
    of_the_service = {field.name: field.default for field in fields(ConnectionOptions)}
    assert set(declared) == set(of_the_service)
    for name, default in of_the_service.items():
        assert (declared[name].default or "") == (default or ""), name


def test_defaults_reach_the_service_room() -> None:
    assert connect() == ConnectionOptions()


def test_values_reach_the_service_room() -> None:
    given: Dict[str, Any] = {
        "host": "em01.example.com",
        "port": 9399,
        "username": "u",
        "password": "p",
        "session": "t",
        "validate_certs": False,
        "ca_path": "/ca.pem",
        "client_cert": "/c.pem",
        "client_key": "/k.pem",
        "use_proxy": False,
        "proxy": "http://proxy:3128",
        "no_proxy": "a,b",
        "connect_timeout": 1.5,
        "timeout": 2.5,
        "retries": 0,
        "api_version": "v1_6",
        "wire_format": "xml",
    }
    assert connect(**given) == ConnectionOptions(**given)


@pytest.mark.parametrize("option", options.CONNECTION_OPTIONS, ids=lambda option: option.name)
def test_every_connection_option_falls_back_to_its_variable(option: options.ConnectionOption, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {"int": ("17", 17), "float": ("1.5", 1.5), "bool": ("no", False), "path": ("/x", "/x"), "str": ("xml", "xml")}
    text, value = texts[option.type]
    monkeypatch.setenv("VEEAM_EM_" + option.name.upper(), text)
    assert getattr(connect(), option.name) == value


def test_an_option_beats_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEEAM_EM_HOST", "from-variable")
    assert connect(host="from-option").host == "from-option"


def test_an_empty_variable_is_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEEAM_EM_PORT", "")
    assert connect().port == 9398
    with pytest.raises(AnsibleFallbackNotFound):
        options.environment_fallback("VEEAM_EM_PORT")


def test_secrets_are_secret_and_nothing_else_is() -> None:
    secret = {name for name, argument in options.connection_spec().arguments.items() if argument.get("no_log")}
    assert secret == {"password", "session", "proxy"}
    assert options.connection_spec().arguments["client_key"]["no_log"] is False


def test_a_secret_from_a_variable_is_secret_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEEAM_EM_PASSWORD", "from-variable")
    assert validate(options.connection_spec())._no_log_values == {"from-variable"}


@pytest.mark.parametrize("resource", [JOB, BACKUP_SESSION], ids=lambda resource: resource.thing)
def test_selection_takes_one_value_or_several(resource: Resource) -> None:
    one = validate(info.selection_spec(resource), name="a", id="b", uid="c").validated_parameters
    assert (one["name"], one["id"], one["uid"]) == (["a"], ["b"], ["c"])
    given = {"name": ["a", "b"], "filter": {"result": "Failed"}, "sort": "-name", "limit": 3, "links": True, "backup_server": "s", "source": "collection"}
    assert info.selection_of(given, resource) == Selection(
        names=("a", "b"), filter={"result": "Failed"}, sort="-name", limit=3, links=True, backup_server="s", source="collection"
    )


@pytest.mark.parametrize("resource", [one for one in RESOURCES if one.sources], ids=lambda resource: resource.thing)
def test_a_selection_without_options_asks_for_all_where_the_resource_is_read_first(resource: Resource) -> None:
    params = validate(info.selection_spec(resource)).validated_parameters
    first = next(iter(resource.sources)) if len(resource.sources) > 1 else ""
    assert info.selection_of(params, resource) == Selection(source=first)


# What names single things: of a thing with GUID, with a number of its own, that its name identifies, without any, alone of its kind.
IDENTITIES = [
    (JOB, ("id", "uid", "name")),
    (VLAN_CONFIGURATION, ("id", "uid", "name")),
    (TASK, ("task_id",)),
    (CATALOG_VM, ("name",)),
    (CLOUD_SUBTENANT, ("id", "name")),
    (SECURITY_ACCOUNT_ROLE, ("id",)),
    (SECURITY_SETTINGS, ()),
]


@pytest.mark.parametrize(("resource", "names"), IDENTITIES, ids=lambda value: getattr(value, "thing", ""))
def test_single_things_are_named_by_what_identifies_them(resource: Resource, names: Tuple[str, ...]) -> None:
    assert info.identity_options(resource) == names
    arguments = info.selection_spec(resource).arguments
    assert set(names) == {"id", "uid", "name", "task_id"} & set(arguments)
    for name in names:
        assert arguments[name] == {"type": "list", "elements": "str"}


def test_what_is_alone_of_its_kind_cannot_be_chosen_from() -> None:
    assert set(info.selection_spec(SECURITY_SETTINGS).arguments) == {"limit", "links"}


def test_the_only_place_must_be_named_and_of_several_one() -> None:
    assert info.selection_spec(CATALOG_VM_RESTORE_POINT, (CATALOG_VM,)).arguments["catalog_vm"]["required"] is True
    assert "required" not in info.selection_spec(BACKUP_SESSION, (JOB,)).arguments["job"]
    places = info.selection_spec(CATALOG_VM_RESTORE_POINT, (CATALOG_VM, JOB))
    assert (places.required_one_of, places.mutually_exclusive) == ((("catalog_vm", "job"),), (("catalog_vm", "job"),))
    free = info.selection_spec(BACKUP_SESSION, (JOB, NAS_JOB))
    assert (free.required_one_of, free.mutually_exclusive) == ((), (("job", "nas_job"),))


def test_a_backup_server_narrows_what_belongs_to_one() -> None:
    assert info.selection_spec(JOB).arguments["backup_server"] == {"type": "str"}
    assert "backup_server" not in info.selection_spec(TASK).arguments
    # Where the server itself is the place to look in, the option names it.
    below = info.selection_spec(REPOSITORY, (BACKUP_SERVER,))
    assert below.arguments["backup_server"]["type"] == "list"
    assert info.selection_of({"backup_server": ["vbr01"]}, REPOSITORY, (BACKUP_SERVER,)) == Selection(below=(("backup_server", ("vbr01",)),))


def test_wait_options_have_the_defaults_of_the_service_room() -> None:
    assert waits.wait_options(validate(waits.wait_spec()).validated_parameters) == waits.WaitOptions()


@pytest.mark.parametrize(("name", "value"), [("wait_timeout", -1.0), ("wait_interval", 0.0)])
def test_a_wait_time_without_sense_is_refused(name: str, value: float) -> None:
    params = {"wait_timeout": 1.0, "wait_interval": 1.0, "ok_results": ["Success"], name: value}
    with pytest.raises(OptionError, match="%s is %g" % (name, value)):
        waits.wait_options(params)


def test_a_job_is_named_once() -> None:
    spec = waits.job_spec(uid_aliases=("uid", "id"))
    assert validate(spec, id="x").validated_parameters["job_uid"] == "x"
    assert "mutually exclusive" in validate(spec, job="a", uid="x").error_messages[0]
