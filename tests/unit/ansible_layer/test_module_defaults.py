# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which module_defaults hold for a module, so that a role may omit what its caller has set there."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.openbackup.veeam_em.plugins.plugin_utils.controller_lane import defaults_of

ACTION = "openbackup.veeam_em.veeam_em_job_info"
GROUP = "openbackup.veeam_em.veeam_em"
GROUP_KEY = "group/" + GROUP


def no_template(value: Any) -> Any:
    raise AssertionError(f"{value!r} was templated")


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        (None, {}),
        ([], {}),
        ([{GROUP_KEY: {"host": "a"}}], {"host": "a"}),
        ([{GROUP_KEY: {"host": "a", "port": 1}}, {GROUP_KEY: {"host": "b"}}], {"host": "b"}),
        ([{GROUP_KEY: {"host": "a", "port": 1}}, {ACTION: {"host": "b"}}], {"host": "b", "port": 1}),
        ([{ACTION: {"host": "b"}}, {GROUP_KEY: {"host": "a", "port": 1}}], {"host": "b", "port": 1}),
        ([{"group/other.collection.all": {"host": "x"}}, {"ansible.builtin.uri": {"url": "x"}}, {GROUP_KEY: None}], {}),
    ],
)
def test_defaults_of(layers: Any, expected: dict[str, Any]) -> None:
    assert defaults_of(layers, ACTION, [GROUP], no_template) == expected


def test_a_group_that_the_module_is_not_in_does_not_hold() -> None:
    assert defaults_of([{GROUP_KEY: {"host": "a"}}], ACTION, [], no_template) == {}


def test_an_entry_may_be_a_template() -> None:
    assert defaults_of([{GROUP_KEY: "{{ connection }}"}], ACTION, [GROUP], {"{{ connection }}": {"host": "t"}}.__getitem__) == {"host": "t"}
