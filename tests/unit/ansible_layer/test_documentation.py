# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation is what the code does: options, RETURN, fragments, examples, generated parts."""

from __future__ import annotations

import importlib
import re
from itertools import zip_longest
from pathlib import Path
from typing import Any, Dict, Iterator, List

import generate_docs
import pytest
import yaml

from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible import info, options
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.info import InfoModule
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.lanes import EmModule
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities._model import Resource
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.query import filter_expression, find_field
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.wire import Decoder

ROOT = Path(__file__).resolve().parents[3]
COLLECTION = "openbackup.veeam_em."
PLUGINS = "ansible_collections.openbackup.veeam_em.plugins."
NAMES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("veeam_em_*.py"))
SPEC_KEYS = ("type", "default", "choices", "elements", "aliases", "required")


def module_file(name: str) -> Any:
    return importlib.import_module(PLUGINS + "modules." + name)


INFO_MODULES = {name: module_file(name).MODULE for name in NAMES if isinstance(module_file(name).MODULE, InfoModule)}
EVERY_INFO_MODULE = pytest.mark.parametrize(("name", "module"), INFO_MODULES.items(), ids=list(INFO_MODULES))


def resource_of(module: InfoModule) -> Resource:
    assert module.resource is not None
    return module.resource


def documentation(name: str) -> Dict[str, Any]:
    """Return the documentation of a module with its fragments."""
    tree: Dict[str, Any] = yaml.safe_load(module_file(name).DOCUMENTATION)
    for fragment in tree["extends_documentation_fragment"]:
        part = fragment_tree(fragment)
        tree.setdefault("options", {}).update({key: value for key, value in part.get("options", {}).items() if key not in tree["options"]})
        for key, value in part.get("attributes", {}).items():
            known = tree.setdefault("attributes", {}).setdefault(key, {})
            known.update({word: text for word, text in value.items() if word not in known})
        tree.setdefault("requirements", []).extend(part.get("requirements", []))
    return tree


def fragment_tree(name: str) -> Dict[str, Any]:
    file, _dot, variable = name[len(COLLECTION) :].partition(".")
    fragment = importlib.import_module(PLUGINS + "doc_fragments." + file).ModuleDocFragment
    tree: Dict[str, Any] = yaml.safe_load(getattr(fragment, (variable or "documentation").upper()))
    return tree


def entry(option: Dict[str, Any]) -> Dict[str, Any]:
    return {key: option[key] for key in SPEC_KEYS if option.get(key) is not None}


@pytest.mark.parametrize("name", NAMES)
def test_the_documented_options_are_those_of_the_spec(name: str) -> None:
    module: EmModule = module_file(name).MODULE
    documented = {key: entry(option) for key, option in documentation(name)["options"].items()}
    assert documented == {key: entry(dict(argument)) for key, argument in module.spec.arguments.items()}


@pytest.mark.parametrize("name", NAMES)
def test_every_module_says_what_holds_for_it(name: str) -> None:
    tree = documentation(name)
    assert tree["module"] == name
    assert tree["requirements"] == ["requests", "xmltodict"]
    assert set(tree["attributes"]) == {"check_mode", "diff_mode", "idempotent", "action_group", "action", "async"}
    assert tree["attributes"]["check_mode"]["support"] == "full"
    assert tree["attributes"]["action_group"]["membership"] == ["openbackup.veeam_em.veeam_em"]
    assert tree["attributes"]["async"]["support"] == ("full" if module_file(name).MODULE.supports_async else "none")
    assert tree["seealso"]
    for attribute in tree["attributes"].values():
        assert attribute["support"]
        assert attribute["description"]


@pytest.mark.parametrize("name", NAMES)
def test_every_connection_option_names_its_variable(name: str) -> None:
    documented = documentation(name)["options"]
    for option in options.CONNECTION_OPTIONS:
        assert "E(%s)" % option.variable in " ".join(documented[option.name]["description"])


@pytest.mark.parametrize("name", NAMES)
def test_examples_use_full_names_and_options_that_exist(name: str) -> None:
    used = {task: list(arguments) for step in yaml.safe_load(module_file(name).EXAMPLES) for task, arguments in tasks_of(step)}
    assert COLLECTION + name in used
    for task, arguments in used.items():
        assert task.startswith((COLLECTION, "ansible.builtin.")), task
        if task.startswith(COLLECTION):
            assert set(arguments) <= set(module_file(task[len(COLLECTION) :]).MODULE.spec.arguments) | {"id", "uid"}, task


def tasks_of(step: Dict[str, Any]) -> Iterator[Any]:
    for key in ("block", "always", "rescue"):
        for inner in step.get(key, []):
            yield from tasks_of(inner)
    yield from ((key, value) for key, value in step.items() if "." in key)


@pytest.mark.parametrize("name", NAMES)
def test_see_also_leads_to_modules_that_exist(name: str) -> None:
    modules: List[str] = [item["module"] for item in documentation(name)["seealso"]]
    assert {module[len(COLLECTION) :] for module in modules} <= set(NAMES) - {name}


@EVERY_INFO_MODULE
def test_an_info_module_is_named_after_what_it_reads(name: str, module: InfoModule) -> None:
    assert name == "veeam_em_%s_info" % resource_of(module).thing


def test_no_two_info_modules_read_the_same() -> None:
    read = [resource_of(module).type for module in INFO_MODULES.values()]
    assert len(read) == len(set(read))


@EVERY_INFO_MODULE
def test_return_of_an_info_module_is_a_record_of_its_resource(name: str, module: InfoModule) -> None:
    resource = resource_of(module)
    returned = yaml.safe_load(module_file(name).RETURN)
    assert set(returned) == {resource.plural, "total", "truncated", "error", "sent"}
    keys = [key for detail in module.details for key in detail.keys(resource)]
    assert list(returned[resource.plural]["contains"]) == [*blank_record(resource), *keys, "links"]


def blank_record(resource: Resource) -> Dict[str, Any]:
    return Decoder.of(resource, False).record({"UID": None, "Links": []})


@EVERY_INFO_MODULE
def test_return_shows_whole_what_a_record_carries_on_request(name: str, module: InfoModule) -> None:
    resource = resource_of(module)
    contains = yaml.safe_load(module_file(name).RETURN)[resource.plural]["contains"]
    for detail in module.details:
        for key, below in detail.keys(resource).items():
            assert list(contains[key]["contains"]) == list(blank_record(below))
            assert contains[key]["type"] == ("list" if below.list_root else "dict")
            assert "O(%s=true)" % detail.option in contains[key]["returned"]
            assert any("V(%s)" % key in line for line in documentation(name)["options"][detail.option]["description"])


@EVERY_INFO_MODULE
def test_every_field_of_a_filter_is_documented_with_its_values(name: str, module: InfoModule) -> None:
    resource = resource_of(module)
    if not resource.list_root:
        assert not {"filter", "sort"} & set(documentation(name)["options"])
        return
    lines = documentation(name)["options"]["filter"]["description"]
    # What no query can choose from is chosen from here, by every field that holds one value.
    fields = resource.filter_fields() if next(iter(resource.sources), "") == "query" else resource.fields_in_hand()
    documented = [line for line in lines if re.match(r"V\(\w+\) \(", line)]
    assert documented
    for field, line in zip_longest(fields, documented):
        assert line.startswith("V(%s) (" % field.name)
        for value in field.values:
            assert "V(%s)" % value in line


@EVERY_INFO_MODULE
def test_the_examples_of_filters_and_orders_are_understood(name: str, module: InfoModule) -> None:
    resource = resource_of(module)
    if not resource.list_root:
        return
    options_documented = documentation(name)["options"]
    in_hand = next(iter(resource.sources), "") != "query"
    examples = [
        line[len("An example is V(") : -len(").")].replace("\\\\", "\\") for line in options_documented["filter"]["description"] if "An example is" in line
    ]
    mapping, text = examples
    assert filter_expression(resource, yaml.safe_load(mapping), in_hand=in_hand) is not None
    assert filter_expression(resource, text, in_hand=in_hand) is not None
    order = re.search(r"as in V\(-(\w+)\)", " ".join(options_documented["sort"]["description"]))
    assert order is not None
    assert find_field(resource, order[1], in_hand=in_hand)


@EVERY_INFO_MODULE
def test_notes_tell_who_may_read_and_from_which_version_on(name: str, module: InfoModule) -> None:
    resource = resource_of(module)
    notes = " ".join(documentation(name).get("notes", []))
    for role in resource.roles:
        assert role in notes or "Any role" in notes
    if resource.since != "v1_4":
        assert resource.since in notes


@EVERY_INFO_MODULE
def test_an_info_module_is_made_of_its_declarations(name: str, module: InfoModule) -> None:
    assert module.spec == info.info_module(resource_of(module), module.below, module.details).spec


def test_generated_parts_are_up_to_date() -> None:
    stale = [path.name for path, text in generate_docs.wanted_files() if path.read_text(encoding="utf-8") != text]
    assert stale == []


def test_a_change_of_a_declaration_shows_as_drift() -> None:
    text = "# generated: begin failure\nold\n# generated: end\n"
    assert "old" not in generate_docs.with_generated_parts(text, "veeam_em_job_info")
    assert generate_docs.with_generated_parts("nothing is generated here", "veeam_em_no_module") == "nothing is generated here"
    with pytest.raises(ValueError, match="unknown directive"):
        generate_docs.with_generated_parts(text.replace("failure", "fallure"), "veeam_em_job_info")
    with pytest.raises(ValueError, match="names no resource"):
        generate_docs.with_generated_parts(text.replace("failure", "result"), "veeam_em_session")


def test_the_fragment_for_plugins_names_the_variables_of_the_same_options() -> None:
    of_modules = fragment_tree(COLLECTION + "connection")["options"]
    of_plugins = fragment_tree(COLLECTION + "connection_plugin")["options"]
    assert list(of_modules) == list(of_plugins) == [option.name for option in options.CONNECTION_OPTIONS]
    for option in options.CONNECTION_OPTIONS:
        assert of_plugins[option.name]["env"] == [{"name": option.variable}]
        assert entry(of_plugins[option.name]) == entry(of_modules[option.name])
