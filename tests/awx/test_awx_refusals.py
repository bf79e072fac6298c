# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the playbooks for AWX say where something is missing or wrong: a sentence, before anything was sent that changes something."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from awx_testing.fake_awx import FakeAwx
from awx_testing.fake_awx_runs import Site
from em_testing.runner import Expectation, Runner

REFUSED = Expectation(code=2)


@pytest.fixture
def site(runner: Runner, tmp_path: Path) -> Iterator[Site]:
    """An AWX with an organization and nothing else, and somebody to run the playbooks."""
    with FakeAwx() as awx:
        yield Site(awx, runner, tmp_path)


def forget(*names: str) -> Callable[[Site], dict[str, str | None]]:
    return lambda _site: dict.fromkeys(names)


def nowhere(_site: Site) -> dict[str, str | None]:
    # A port that nothing listens at: bound once and let go.
    return {"CONTROLLER_HOST": "http://127.0.0.1:1"}


REFUSALS: dict[str, tuple[dict[str, Any], Callable[[Site], dict[str, str | None]], str]] = {
    "no controller": ({}, forget("CONTROLLER_HOST"), "CONTROLLER_HOST is not set: it is the address of AWX"),
    "no token": ({}, forget("CONTROLLER_OAUTH_TOKEN"), "CONTROLLER_OAUTH_TOKEN is not set: it is a token of a user"),
    "wrong token": ({}, lambda _site: {"CONTROLLER_OAUTH_TOKEN": "not-this-one"}, "Invalid authentication credentials for /api/v2/organizations/ (HTTP 401)."),
    "nobody answers": ({}, nowhere, "Connection refused"),
    "no modules": ({}, lambda site: {"ANSIBLE_COLLECTIONS_PATH": str(site.runner.collections)}, "install the collection awx.awx"),
    "organization": ({"awx_organization": "Nobody"}, forget(), "AWX has no organization Nobody that this token sees."),
    "no project": ({"awx_project_url": ""}, forget(), "Set awx_project_url to the git repository of this collection"),
    "no image": ({"awx_execution_environment_image": ""}, forget(), "Set awx_execution_environment_image to the image"),
    "half a notification": (
        {"awx_notification": {"notification_type": "webhook"}},
        forget(),
        "Give awx_notification both notification_type and notification_configuration",
    ),
    "unknown execution environment": (
        {"awx_execution_environment": "EE of nobody"},
        forget(),
        "AWX has no execution environment EE of nobody; correct awx_execution_environment.",
    ),
    "unknown template": ({"awx_change_template": "Nothing"}, forget(), "AWX has no template Nothing; correct awx_change_template."),
    "no account": ({}, forget("VEEAM_EM_PASSWORD"), "Set VEEAM_EM_HOST, VEEAM_EM_USERNAME and VEEAM_EM_PASSWORD to the account"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_is_missing_is_told_in_a_sentence(site: Site, case: str) -> None:
    variables, environ, sentence = REFUSALS[case]
    site.variables.update(variables)
    core_says = ("Error loading plugin 'awx.awx.controller_api'",) if case == "no modules" else ()
    run = site.play("awx_setup", "-vvv", environ=environ(site), expect=replace(REFUSED, warnings=core_says))
    failures = [outcome.result["msg"] for outcome in run.outcomes if outcome.event in ("failed", "item_failed") and not outcome.ignored]
    assert any(sentence in told for told in failures), failures
    # What is told last is what is read first.
    assert sentence in failures[-1] or failures[-1] == "One or more items failed", failures
    assert site.awx.writes == []


@pytest.mark.parametrize("case", ["no controller", "wrong token", "organization"])
def test_removal_refuses_in_the_same_words(site: Site, case: str) -> None:
    variables, environ, sentence = REFUSALS[case]
    site.variables.update(variables)
    run = site.play("awx_remove", environ=environ(site), expect=REFUSED)
    assert sentence in run.output.replace("\n", " ")
