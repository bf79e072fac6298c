# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Variables as a survey hands them over, against what the roles take of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleError

from ansible_collections.openbackup.veeam_em.plugins.lookup.role_inputs import Limits, role_inputs

ROLE = "shop"
SPECIFICATION: dict[str, dict[str, Any]] = {
    "shop_name": {"type": "str", "required": True, "description": ["Name of the O(shop_kind) shop.", "More of it."]},
    "shop_kind": {"type": "str", "choices": ["any", "small", "large"], "default": "any", "description": "Kind."},
    "shop_since": {"type": "str", "default": "-24h", "description": "Since when."},
    "shop_pause": {"type": "float", "default": 5, "description": "Pause."},
    "shop_limit": {"type": "int", "default": 20, "description": "Most."},
    "shop_retries": {"type": "int", "description": "Retries."},
    "shop_open": {"type": "bool", "default": False, "description": "Whether."},
    "shop_results": {"type": "list", "elements": "str", "choices": ["Good", "Bad"], "default": ["Good"], "description": "Which."},
    "shop_files": {"type": "list", "elements": "path", "description": "Files."},
    "shop_policy": {"type": "raw", "description": "Anything."},
    "shop_order": {"type": "dict", "description": "What came before."},
    "shop_servers": {"type": "list", "elements": "dict", "description": "Servers."},
    "shop_password": {"type": "str", "no_log": True, "description": "Secret."},
}
LIMITS = Limits(at_least={"limit": 1, "retries": 0}, at_most={"limit": 50}, more_than={"pause": 0}, times=["since"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a role that has nothing but a specification."""
    role = tmp_path_factory.mktemp("roles") / ROLE
    (role / "meta").mkdir(parents=True)
    (role / "meta" / "argument_specs.yml").write_text(yaml.safe_dump({"argument_specs": {"main": {"options": SPECIFICATION}}}), encoding="utf-8")
    return role


def inputs(folder: Path, **variables: Any) -> dict[str, Any]:
    """Return what the lookup makes of variables, whose values are no templates."""
    return role_inputs(str(folder), {"shop_name": "corner", **variables}, lambda value: value, LIMITS)


def refusal(folder: Path, **variables: Any) -> str:
    (sentence,) = inputs(folder, **variables)["refusals"]
    return str(sentence)


def test_what_is_not_set_has_its_default_or_is_left_out(folder: Path) -> None:
    found = inputs(folder)
    documented = {name[len(ROLE) + 1 :]: option["default"] for name, option in SPECIFICATION.items() if "default" in option}
    assert found == {**documented, "name": "corner", "refusals": []}


@pytest.mark.parametrize("empty", ["", "  ", "\n", None])
def test_what_nobody_answered_counts_as_not_set(folder: Path, empty: Any) -> None:
    answers = dict.fromkeys((name for name in SPECIFICATION if name != "shop_name"), empty)
    assert inputs(folder, **answers) == inputs(folder)
    assert inputs(folder, shop_name=empty)["refusals"] == ["shop_name is required: Name of the shop_kind shop."]


def test_what_is_omitted_counts_as_not_set(folder: Path) -> None:
    assert inputs(folder, omit="__omitted__", shop_retries="__omitted__") == inputs(folder)


@pytest.mark.parametrize(
    ("variable", "text", "value"),
    [
        ("name", " as it is ", " as it is "),
        ("name", 5, "5"),
        ("pause", "0.5", 0.5),
        ("pause", " 7 ", 7.0),
        ("limit", "50", 50),
        ("retries", "0", 0),
        ("open", "true", True),
        ("open", "no", False),
        ("open", False, False),
        ("results", "Bad", ["Bad"]),
        ("results", "Good, Bad", ["Good", "Bad"]),
        ("results", ["Bad"], ["Bad"]),
        ("files", "/a, b\n\n /c \n", ["/a, b", "/c"]),
        ("files", ["/a", ""], ["/a"]),
        ("policy", "baseline", "baseline"),
        ("policy", "baseline\n own.yml\n", ["baseline", "own.yml"]),
        ("policy", {"rules": {}}, {"rules": {}}),
        ("order", '{"job": "x"}', {"job": "x"}),
        ("servers", [{"host": "x"}], [{"host": "x"}]),
        ("since", "2026-11-01T06:00:00Z", "2026-11-01T06:00:00Z"),
        ("since", date(2026, 11, 1), "2026-11-01"),
    ],
)
def test_values_come_as_the_type_that_is_specified(folder: Path, variable: str, text: Any, value: Any) -> None:
    found = inputs(folder, **{f"{ROLE}_{variable}": text})
    assert found["refusals"] == []
    assert (found[variable], type(found[variable])) == (value, type(value))


@pytest.mark.parametrize("nothing", [[], [""], "\n \n", ","])
def test_a_list_without_parts_counts_as_not_set(folder: Path, nothing: Any) -> None:
    found = inputs(folder, shop_results=nothing, shop_files=nothing)
    assert found["results"] == ["Good"] and "files" not in found and found["refusals"] == []


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("kind", "huge", "shop_kind is 'huge'; it takes any, small or large."),
        ("pause", "soon", "shop_pause is 'soon'; it takes a number, more than 0."),
        ("pause", 0, "shop_pause is 0; it takes a number, more than 0."),
        ("pause", "nan", "shop_pause is 'nan'; it takes a number, more than 0."),
        ("pause", True, "shop_pause is True; it takes a number, more than 0."),
        ("limit", "0", "shop_limit is '0'; it takes a whole number, 1 to 50."),
        ("limit", 51, "shop_limit is 51; it takes a whole number, 1 to 50."),
        ("limit", "1.5", "shop_limit is '1.5'; it takes a whole number, 1 to 50."),
        ("limit", [3], "shop_limit is [3]; it takes a whole number, 1 to 50."),
        ("retries", "-1", "shop_retries is '-1'; it takes a whole number, 0 or more."),
        ("open", "perhaps", "shop_open is 'perhaps'; it takes true or false."),
        ("name", {"a": 1}, "shop_name is {'a': 1}; it takes text."),
        ("results", "Good,Ugly", "shop_results is 'Good,Ugly'; it takes any of Good or Bad."),
        ("results", {"Good": 1}, "shop_results is {'Good': 1}; it takes any of Good or Bad."),
        ("files", [{}], "shop_files is [{}]; it takes a list, each part a path."),
        ("order", "nothing of the kind", "shop_order is 'nothing of the kind'; it takes a mapping."),
        ("servers", "em01", "shop_servers is 'em01'; it takes a list, each part a mapping."),
        ("since", "last tuesday", "shop_since is 'last tuesday'; it takes a time such as 2026-11-01T06:00:00Z, or an age such as -24h."),
        ("password", {"text": "hidden"}, "shop_password is a secret of another form; it takes text."),
    ],
)
def test_what_cannot_be_meant_is_told_in_a_sentence(folder: Path, variable: str, value: Any, sentence: str) -> None:
    assert refusal(folder, **{f"{ROLE}_{variable}": value}) == sentence


def test_every_mistake_is_told_and_long_values_are_cut(folder: Path) -> None:
    found = inputs(folder, shop_kind="x" * 500, shop_limit="many")["refusals"]
    assert len(found) == 2 and max(map(len, found)) < 120


def test_a_variable_that_is_misspelt_is_told_and_somebodys_own_is_not(folder: Path) -> None:
    assert refusal(folder, shop_resuls="Good") == "There is no variable shop_resuls. Did you mean shop_results?"
    own = {"shop_result": {}, "shop_outcome": {}, "shop_floor": 1, "shopname": 1, "other_name": 1}
    assert inputs(folder, **own)["refusals"] == []


def test_a_folder_that_is_no_role_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AnsibleError, match="is no role with an argument specification"):
        inputs(tmp_path)
