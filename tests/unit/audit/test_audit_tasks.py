# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tasks of the audit do with files: no baseline with holes, no report inside of a pack, no moment that a pack cannot tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from records import SERVER, ago, made_facts, record

from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible import audit_sources, auditing, baselines, verifying
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.audit_inputs import Moment
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.audit_outputs import planned_reports
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.audit_sources import Source
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.lanes import Call
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api import gathering
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.errors import ConnectError, OptionError
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.gathering import Store
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.session import Session
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.transport import Answer, ConnectionOptions
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit import drift
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.evidence import Manifest
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.facts import Facts, Gap
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.model import ERROR, NOT_ASSESSABLE
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.redaction import Redactor
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.times import seconds_of

LOST, FORBIDDEN = Gap(ERROR, "The connection was cut."), Gap(NOT_ASSESSABLE, "The account lacks a right.")
OTHER = "other.example.com:9398"
KINDS = [reads.kind for reads in drift.READS_OF_CONFIGURATION]


def read(gaps: Mapping[str, Gap] | None = None, name: str = SERVER, job: str = "Nightly") -> Facts:
    facts = made_facts({"jobs": [record("jobs", job)], "security_accounts": [record("security_accounts", "admin")]}, gaps, reads_of=["C40"])
    return replace(facts, server=replace(facts.server, name=name))


def take(monkeypatch: pytest.MonkeyPatch, path: Path, *facts: Facts, state: str = "taken") -> dict[str, Any]:
    """Take or compare a baseline of what was read."""
    monkeypatch.setattr(baselines, "servers_of", lambda call: [None] * len(facts))
    monkeypatch.setattr(baselines, "ask", lambda *_given: [Source(one, (), Store()) for one in facts])
    params = {"path": str(path), "state": state, "pack": None, "limit": 100, "ignored": None}
    return baselines.baseline(Call(params, False, False, lambda text: None, lambda line: None, lambda: False))


def kept(path: Path, name: str = SERVER) -> drift.Configuration:
    return drift.parse(path.read_text(encoding="utf-8")).servers[name]


# -- baselines ----------------------------------------------------------------------------------------------


def test_of_several_servers_one_that_could_not_be_read_keeps_what_the_baseline_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    take(monkeypatch, path, read(), read(name=OTHER))
    before = kept(path, OTHER)
    assert before["items"]["jobs"]
    take(monkeypatch, path, read(job="Daily"), read(dict.fromkeys(KINDS, LOST), OTHER))
    assert kept(path, OTHER) == before
    assert [job["name"] for job in kept(path)["items"]["jobs"].values()] == ["Daily"]


def test_a_server_that_could_not_be_read_comes_into_no_new_baseline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    take(monkeypatch, path, read(), read(dict.fromkeys(KINDS, LOST), OTHER))
    assert list(drift.parse(path.read_text(encoding="utf-8")).servers) == [SERVER]


def test_no_baseline_is_taken_where_a_kind_was_lost_on_the_way(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    take(monkeypatch, path, read())
    before = path.read_bytes()
    with pytest.raises(ConnectError, match=r"not everything of .* came: jobs\. The connection was cut"):
        take(monkeypatch, path, read({"jobs": LOST}))
    assert path.read_bytes() == before


def test_what_an_account_may_not_read_stays_in_the_baseline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    take(monkeypatch, path, read())
    before = kept(path)
    result = take(monkeypatch, path, read({"security_accounts": FORBIDDEN}, job="Daily"))
    assert kept(path)["items"]["security_accounts"] == before["items"]["security_accounts"] != {}
    assert kept(path)["fields"] == before["fields"] and kept(path)["not_read"] == {}
    assert [entry["kind"] for entry in result["not_read"]] == ["security_accounts"]
    compared = take(monkeypatch, path, read(job="Daily"), state="compared")
    assert not compared["drifted"]


# -- reports ------------------------------------------------------------------------------------------------


def options(**given: Any) -> dict[str, Any]:
    return {"reports": None, "report_folder": None, "formats": [], "evidence": None, "pack": None, "history": None, **given}


def test_no_report_lies_in_a_pack_or_in_its_place(tmp_path: Path) -> None:
    inside, beside = tmp_path / "pack", tmp_path / "packs"
    inside.mkdir()
    beside.mkdir()
    for given in (
        {"evidence": str(inside), "report_folder": str(inside), "formats": ["json"]},
        {"pack": str(inside), "reports": {"json": str(inside / "findings.json")}},
        {"history": [str(inside)], "reports": {"json": str(inside / "findings.json")}},
        {"evidence": str(tmp_path / "pack.tar.gz"), "reports": {"json": str(beside / ".." / "pack.tar.gz")}},
    ):
        with pytest.raises(OptionError, match="in an evidence pack"):
            planned_reports(options(**given))
    assert planned_reports(options(evidence=str(inside), report_folder=str(beside), formats=["json"]))


def test_two_reports_are_never_one_file(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="would be the same file"):
        planned_reports(options(reports={"json": str(tmp_path / "a"), "html": str(tmp_path / "a")}))
    same = str(tmp_path / "findings.json")
    assert planned_reports(options(reports={"json": same}, report_folder=str(tmp_path), formats=["json"])) == [("json", same), ("json", same)]


# -- the moment ---------------------------------------------------------------------------------------------


def test_a_moment_is_as_exact_as_a_pack_tells_it() -> None:
    assert Moment.of("2026-11-20T12:00:00.75Z") == Moment.of("2026-11-20T12:00:00Z")
    assert Moment.of("2026-11-20T13:00:00+01:00") == Moment.of("2026-11-20T12:00:00Z")


def test_nothing_is_judged_as_of_a_moment_before_it_was_read() -> None:
    moment = Moment.of("2026-11-20T12:00:00Z")
    assert Moment().of_server(SERVER, "2026-11-20T12:00:00Z") is None
    assert moment.of_server(SERVER, "2026-11-20T12:00:00Z") == seconds_of("2026-11-20T12:00:00Z")
    with pytest.raises(OptionError, match="as_of lies before 2026-11-20T12:00:01Z"):
        moment.of_server(SERVER, "2026-11-20T12:00:01Z")


def test_the_present_is_never_before_what_a_server_said_whose_clock_is_ahead() -> None:
    assert Moment.of("now").of_server(SERVER, "2199-01-01T00:00:00Z") == seconds_of("2199-01-01T00:00:00Z")


# -- redaction ----------------------------------------------------------------------------------------------


def test_names_made_of_words_of_ours_are_replaced_where_no_pack_is_written() -> None:
    sentence = "It is in the enabled job SQL Server Backup."
    facts = made_facts({"jobs": [record("jobs", "SQL Server Backup", next_run=ago())]})
    redactor = Redactor(b"key")
    assert redactor.text(sentence) == sentence
    auditing._learn(redactor, [Source(facts, (), Store())])
    assert "SQL Server Backup" not in redactor.text(sentence)


# -- hostile packs ------------------------------------------------------------------------------------------


def test_a_manifest_with_anything_in_the_place_of_structures_is_described_all_the_same() -> None:
    told = verifying._described(Manifest("00", {"policy": "x", "collection": [1], "summary": 7, "servers": []}, {}))
    assert (told["collection_version"], told["policy"], told["verdict"]) == (None, {"name": None, "sha256": None}, None)


# -- servers that are lost ----------------------------------------------------------------------------------


def test_what_a_server_said_before_it_was_lost_stands_in_the_list_of_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    def gather(session: Session, ear: gathering.Ear, *_given: Any, **_more: Any) -> gathering.Gathered:
        ear.observe(Answer("GET", "/jobs", 200, {}, b"{}"), {})
        if session.options.host.startswith("gone"):
            raise ConnectError("The connection was cut.")
        return gathering.Gathered(datetime(2026, 11, 20, tzinfo=timezone.utc), collections={"jobs": []}, answers=ear.heard)

    monkeypatch.setattr(audit_sources, "gather", gather)
    servers = [ConnectionOptions(host=name, username="u", password="p") for name in ("gone.example.com", "em.example.com")]
    call = Call({}, False, False, lambda text: None, lambda line: None, lambda: False)
    lost, whole = audit_sources.ask(call, servers, audit_sources.Wanted({"jobs": ("name",)}), Moment(), [Store(), Store()])
    assert whole.facts.gap("jobs") is None
    assert (lost.facts.gap("jobs") or FORBIDDEN).status == ERROR
    for source in (lost, whole):
        assert [heard.url for heard in source.heard] == [answer.url for answer in source.facts.answers] == ["/api/jobs"]
