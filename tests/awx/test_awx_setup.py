# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbooks that make our objects in AWX and take them away, run with the modules of ``awx.awx`` against a fake of AWX."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from awx_testing.fake_awx import FakeAwx, objects_of
from awx_testing.fake_awx_runs import HOOK, SITE, Site, recap
from em_testing.runner import Expectation, Runner

FAILED = Expectation(code=2)


@pytest.fixture
def site(runner: Runner, tmp_path: Path) -> Iterator[Site]:
    """An AWX with an organization and nothing else of ours, and somebody to run the playbooks."""
    with FakeAwx() as awx:
        yield Site(awx, runner, tmp_path)


def test_twice_made_twice_removed(site: Site) -> None:
    site.variables["awx_notification"] = HOOK
    first = site.play("awx_setup")
    print(first.stdout)
    print(site.awx.writes)
    second = site.play("awx_setup")
    assert recap(second)["changed"] == 0, second.stdout
    assert site.awx.writes == []
