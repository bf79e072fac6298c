# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks on computers with agents and their protection groups."""

from __future__ import annotations

from typing import Any

import pytest
from records import found, record, said, statuses

from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.facts import Gap
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.model import NOT_ASSESSABLE, Judgement, Record


def computer(name: str = "pc", **values: Any) -> Record:
    usual = {"host_status": "Online", "agent_status": "Installed", "agent_version": "6.3.0.177", "backup_server": "vbr01"}
    return record("discovered_computers", name, **{**usual, **values})


def judged(*records: Record, values: dict[str, Any] | None = None) -> list[Judgement]:
    return said("C41", {"discovered_computers": list(records)}, values)


@pytest.mark.parametrize(
    ("state", "status", "reason"),
    [
        ({}, "pass", "Its agent is installed (version 6.3.0.177) and it is online."),
        ({"agent_status": "NotInstalled"}, "fail", "No agent is installed on it."),
        ({"agent_status": "UnsupportedOs"}, "fail", "Its operating system is not supported."),
        ({"agent_status": "Failed", "host_status": "Offline"}, "fail", "Installing or updating the agent failed. It could not be reached (Offline)."),
        ({"agent_status": "Upgrading"}, "fail", "Its agent is in the state Upgrading."),
        ({"host_status": "Offline"}, "fail", "It could not be reached (Offline)."),
        ({"agent_status": "Exclude", "host_status": "Offline"}, "pass", "Somebody has excluded it from backup by agents."),
        ({"host_status": None}, NOT_ASSESSABLE, "The service does not tell everything about its agent."),
        ({"agent_status": None}, NOT_ASSESSABLE, "The service does not tell everything about its agent."),
        ({"agent_status": None, "host_status": "Offline"}, "fail", "It could not be reached (Offline)."),
    ],
)
def test_every_state_of_a_computer_comes_to_something(state: dict[str, Any], status: str, reason: str) -> None:
    (judgement,) = judged(computer(**state))
    assert (judgement.status, judgement.reason, judgement.subject.kind, judgement.subject.backup_server) == (status, reason, "computer", "vbr01")


@pytest.mark.parametrize(("version", "status"), [("6.3.0.177", "pass"), ("6.3.0.176", "fail"), ("6.10.0.1", "pass"), (None, NOT_ASSESSABLE)])
def test_agents_need_the_version_that_the_policy_names(version: str | None, status: str) -> None:
    assert statuses(judged(computer(agent_version=version), values={"minimum_version": "6.3.0.177"})) == {"pc": status}
    # Without a version nobody can tell whether it is of the same release as others.
    assert statuses(judged(computer(agent_version=version))) == {"pc": "pass" if version else NOT_ASSESSABLE}
    assert statuses(judged(computer(agent_version=version), values={"same_release": False})) == {"pc": "pass"}


def test_an_agent_of_an_older_release_than_others_of_its_sort_is_found() -> None:
    records = [
        computer("new", os_version="Microsoft Windows Server 2022"),
        computer("old", os_version="Microsoft Windows 11", agent_version="6.1.9.9"),
        computer("older build", os_version="Microsoft Windows Server 2019", agent_version="6.3.0.9"),
        computer("mac", os_version="macOS 15", agent_version="2.3.1.177"),
        computer("linux", os_version="Debian 12", agent_version="6.2.0.101"),
        computer("removed", os_version="Ubuntu 24.04", agent_version="9.9.0.1", agent_status="NotInstalled", host_status="Online"),
    ]
    found_out = judged(*records)
    assert statuses(found_out) == {"new": "pass", "old": "fail", "older build": "pass", "mac": "pass", "linux": "pass", "removed": "fail"}
    assert found_out[1].reason == "Its agent has version 6.1.9.9; on others like it there are agents of release 6.3."
    assert statuses(judged(*records, values={"same_release": False}))["old"] == "pass"


def test_computers_that_are_away_now_and_then_may_be_offline_but_not_without_agent() -> None:
    records = [
        computer("notebook-1", host_status="Offline"),
        computer("notebook-2", host_status="Offline", agent_status="NotInstalled"),
        computer("server", host_status="Offline"),
    ]
    assert statuses(judged(*records, values={"may_be_offline": ["NOTEBOOK-*"]})) == {"notebook-1": "pass", "notebook-2": "fail", "server": "fail"}


def test_two_computers_of_one_name_are_judged_each() -> None:
    records = [computer("twin", id="1", host_status="Offline"), computer("twin", id="2")]
    assert [one.status for one in judged(*records)] == ["fail", "pass"]


def test_protection_groups_have_to_look_for_their_computers_again() -> None:
    groups = [record("protection_groups", f"group {word}", rescan_schedule_enabled=word, backup_server="vbr01") for word in (True, False, None)]
    looked_for, forgotten, unknown = said("C41", {"protection_groups": groups})
    assert (looked_for.status, looked_for.reason) == ("pass", "Its computers are looked for again and again.")
    assert (forgotten.status, forgotten.reason) == ("fail", "Its computers are not looked for again: nothing that is new will be found.")
    assert (unknown.status, unknown.subject.kind) == (NOT_ASSESSABLE, "protection_group")
    assert said("C41", {"protection_groups": groups}, {"rescan": False}) == []


def test_groups_that_may_not_be_read_do_not_hide_computers_and_computers_do_not_pass_unseen() -> None:
    gap = Gap(NOT_ASSESSABLE, "refused")
    assert statuses(finding.judgement for finding in found("C41", {"discovered_computers": [computer()]}, gaps={"protection_groups": gap})) == {"pc": "pass"}
    assert [finding.status for finding in found("C41", gaps={"discovered_computers": gap})] == [NOT_ASSESSABLE]
    assert said("C41") == []
