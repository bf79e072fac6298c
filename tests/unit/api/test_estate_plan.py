# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of an estate is wanted: words for kinds, since when, which fields; and refusals that help."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from _api.entities.jobs import JOB, LINKED_JOB_OBJECT
from _api.entities.registry import FAMILIES, RESOURCES
from _api.entities.sessions import BACKUP_SESSION
from _api.errors import FilterError, OptionError
from _api.estate_plan import is_listed, is_session, keys_of, kinds, kinds_of, parent_of, plan_of, why_not


def names(*words: str) -> list[str]:
    """Return the plurals of the kinds that the words stand for."""
    return [resource.plural for resource in kinds_of(words)]


# ---------------------------------------------------------------------------------------------------------
# Words


def test_all_is_every_kind_that_is_read_as_a_whole_and_the_default() -> None:
    everything = names("all")
    assert everything == [resource.plural for resource in RESOURCES if is_listed(resource)]
    assert names() == everything
    assert {"jobs", "backup_sessions", "credentials", "cloud_tenants", "overview_reports", "security_roles"} <= set(everything)
    assert not {"tasks", "logon_sessions", "hierarchy_items", "guest_folders", "linked_jobs", "agents_services", "summary_reports"} & set(everything)


def test_every_kind_is_read_as_a_whole_or_below_one_parent_or_says_why_not() -> None:
    for resource in RESOURCES:
        if why_not(resource):
            assert why_not(resource).endswith("."), resource.thing
        elif not is_listed(resource):
            assert is_listed(parent_of(resource)), resource.thing
            parent = parent_of(resource)
            assert resource.parents == (parent.thing,)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("job",), ["jobs"]),
        (("jobs",), ["jobs", "objects_in_job"]),
        (("repositories", "job", "job"), ["jobs", "repositories"]),
        ((" Backup_Session ",), ["backup_sessions"]),
        (("sessions", "!restore_sessions", "!replica_session"), ["backup_sessions", "backup_task_sessions", "replica_task_sessions"]),
        (("nas", "!nas"), None),
        (("linked_jobs",), ["linked_jobs"]),
        (("security_account_roles", "jobs", "!object_in_job"), ["jobs", "security_account_roles"]),
    ],
)
def test_words_for_kinds(words: tuple[str, ...], found: list[str] | None) -> None:
    if found is None:
        with pytest.raises(OptionError, match="leaves nothing"):
            kinds_of(words)
        return
    assert names(*words) == found


def test_exclusions_alone_are_taken_from_all() -> None:
    assert set(names("all")) - set(names("!cloud", "!jobs")) == {one.plural for one in (*FAMILIES["cloud"], *FAMILIES["jobs"]) if is_listed(one)}


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("job_session", "Did you mean"),
        ("!repositorys", "Did you mean repositories"),
        ("clould", "Did you mean cloud"),
        ("", "Known: all, "),
        ("tasks", "veeam_em_task_info"),
        ("logon_sessions", "as good as their tokens"),
        ("lookup", "search"),
        ("guest_folder", "They lie below one catalog_vm and one catalog_restore_point"),
        ("nas_services", "page of links"),
        ("mounts", "Name the kinds: vm_restore_point_mounts"),
    ],
)
def test_a_word_that_is_no_kind_is_refused_with_help(word: str, told: str) -> None:
    with pytest.raises(OptionError, match=told):
        kinds_of(["job", word])


def test_every_plural_and_every_thing_is_a_word_of_its_own() -> None:
    words: dict[str, str] = {}
    for resource in RESOURCES:
        for word in (resource.thing, resource.plural):
            assert words.setdefault(word, resource.type) == resource.type, word


# ---------------------------------------------------------------------------------------------------------
# since


def test_since_narrows_sessions_and_nothing_else() -> None:
    plan = plan_of(since="-24h", now=lambda: datetime(2026, 11, 22, 12, tzinfo=timezone.utc))
    assert plan.since == "2026-11-21T12:00:00Z"
    assert plan.selection(BACKUP_SESSION).filter == {"creation_time": {"ge": "2026-11-21T12:00:00Z"}}
    assert plan.selection(JOB).filter is None
    sessions = {resource.plural for resource in RESOURCES if is_session(resource)}
    assert {"backup_task_sessions", "system_sessions", "cdp_replica_sessions", "cloud_failover_sessions"} <= sessions
    assert not {"restore_points", "vm_restore_points", "logon_sessions", "jobs"} & sessions


@pytest.mark.parametrize("since", [None, ""])
def test_without_since_all_sessions_come(since: str | None) -> None:
    assert plan_of(since=since).selection(BACKUP_SESSION).filter is None


# ---------------------------------------------------------------------------------------------------------
# fields


def test_a_list_of_fields_holds_for_every_kind_and_may_name_what_some_have() -> None:
    plan = plan_of(["job", "backup_session"], fields=["name", "job_name"])
    assert plan.kept[JOB.type] == plan.kept[BACKUP_SESSION.type] == {"id", "uid", "type", "name", "job_name"}


def test_a_mapping_of_fields_holds_for_the_kinds_it_names() -> None:
    plan = plan_of(["job", "backup_session"], fields={"jobs": ["name"]})
    assert plan.kept == {JOB.type: {"id", "uid", "type", "name"}}


def test_references_links_and_the_parent_are_fields_too() -> None:
    assert {"backup_server", "links", "href"} <= set(keys_of(JOB))
    assert "job" in keys_of(LINKED_JOB_OBJECT)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        (["nmae"], "have no field 'nmae'. Did you mean name"),
        ({"jobs": ["result"]}, "Jobs have no field 'result'"),
        ({"jbos": ["name"]}, "Did you mean jobs"),
        ({"tasks": ["name"]}, "no part of an estate"),
        ("name", "list of names"),
        ({"jobs": "name"}, "list of names"),
        ([1], "list of names"),
        (7, "list of names"),
    ],
)
def test_fields_that_cannot_be_are_refused_with_help(fields: Any, told: str) -> None:
    with pytest.raises(OptionError, match=told):
        plan_of(["job"], fields=fields)


def test_with_expand_fields_may_name_what_the_targets_have() -> None:
    with pytest.raises(OptionError, match="wcf_port"):
        plan_of(["job"], fields=["wcf_port"])
    assert "wcf_port" in plan_of(["job"], fields=["wcf_port"], expand=1).kept["BackupServer"]


@pytest.mark.parametrize("wrong", [{"workers": 0}, {"workers": 17}, {"expand": -1}, {"expand": 6}, {"limit": 0}, {"limit": -3}])
def test_numbers_out_of_range_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match="%s is" % next(iter(wrong))):
        plan_of(**wrong)


@pytest.mark.parametrize("since", ["yesterday", "24h", 7, ["-1d"]])
def test_a_time_that_is_none_is_refused(since: Any) -> None:
    with pytest.raises(FilterError, match="since"):
        plan_of(since=since)


def test_every_kind_can_be_planned_with_every_option() -> None:
    everything = [resource.thing for resource in kinds()]
    plan = plan_of(everything, since="2026-11-01", limit=3, links=True, expand=2, fields=["name"])
    assert len(plan.kinds) == len(everything) > 70
