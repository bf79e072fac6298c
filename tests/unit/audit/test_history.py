# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Audits with earlier evidence: points of trends, capacity and jobs of then, what the new pack keeps of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from auditor import OTHER, PATIENT, TIB, WEEKLY, Auditor, read
from packs import rewritten
from records import ago, record

from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.errors import FileError

pytestmark = pytest.mark.thorough


@pytest.fixture
def auditor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Auditor:
    return Auditor(monkeypatch, tmp_path)


def trends(document: Any, server: int = 0) -> list[Any]:
    found: list[Any] = document["servers"][server]["trends"]
    return found


def measured(document: Any, rule: str) -> list[Any]:
    return [one["measured"] for one in document["findings"] if one["rule"] == rule]


def test_an_audit_without_earlier_ones_is_the_only_point(auditor: Auditor) -> None:
    document = auditor.document(read())
    (point,) = trends(document)
    assert point["gathered_at"] == point["as_of"] == ago()
    assert point["policy"] == {"name": "daily", "sha256": document["policy"]["sha256"]}
    assert point["summary"] == document["servers"][0]["summary"]
    assert point["repositories"] == [
        {"name": "main", "uid": record("repositories", "main")["uid"], "backup_server": None, "capacity": 10 * TIB, "free": 5 * TIB}
    ]


def test_earlier_audits_come_in_the_order_of_their_time_whatever_their_policy(auditor: Auditor) -> None:
    packs = [
        auditor.pack("a", read(10, 6 * TIB)),
        auditor.pack("b", read(30, 8 * TIB, enabled=False), policy=WEEKLY),
        auditor.pack("c", read(20, 7 * TIB)),
    ]
    document = auditor.document(read(), history=packs)
    assert [point["gathered_at"] for point in trends(document)] == [ago(days=days) for days in (30, 20, 10, 0)]
    assert [point["policy"]["name"] for point in trends(document)] == ["weekly", "daily", "daily", "daily"]
    assert [point["repositories"][0]["free"] for point in trends(document)] == [8 * TIB, 7 * TIB, 6 * TIB, 5 * TIB]
    assert trends(document)[0]["summary"]["fail_by_severity"] == {"high": 1, "medium": 0, "low": 0}  # as found then, by its own policy
    assert [(one["basis"], one["points"], one["span_days"]) for one in measured(document, "C28")] == [("history", 4, 30.0)]
    assert auditor.warnings == []


def test_earlier_evidence_tells_since_when_a_job_stands_still(auditor: Auditor) -> None:
    packs = [auditor.pack("on", read(9)), auditor.pack("off", read(8, enabled=False))]
    document = auditor.document(read(enabled=False), history=packs, policy=PATIENT)
    assert [(one["days_at_least"], one["days_at_most"]) for one in measured(document, "C06")] == [(8.0, 9.0)]


def test_of_two_servers_each_has_its_own_points(auditor: Auditor) -> None:
    packs = [auditor.pack("both", read(2), read(2, 9 * TIB, OTHER)), auditor.pack("one", read(1))]
    document = auditor.document(read(), read(name=OTHER), history=packs)
    assert [[point["gathered_at"] for point in trends(document, number)] for number in (0, 1)] == [
        [ago(days=days) for days in (2, 1, 0)],
        [ago(days=days) for days in (2, 0)],
    ]
    assert trends(document, 1)[0]["repositories"][0]["free"] == 9 * TIB


def test_a_pack_of_another_server_is_left_out_with_a_sentence(auditor: Auditor) -> None:
    stranger = auditor.pack("stranger", read(3, name=OTHER))
    assert len(trends(auditor.document(read(), history=[stranger]))) == 1
    (warning,) = auditor.warnings
    assert warning.startswith("The earlier evidence %s is of %s and tells nothing" % (stranger, OTHER))


def test_what_is_not_earlier_is_left_out_with_a_sentence(auditor: Auditor) -> None:
    packs = [auditor.pack("same", read()), auditor.pack("later", read(-1))]
    document = auditor.document(read(), history=packs)
    assert len(trends(document)) == 1 and measured(document, "C28")[0]["basis"] == "unknown"
    (warning,) = auditor.warnings
    assert ago() in warning and ago(days=-1) in warning and "is not earlier than this audit" in warning


def test_of_one_gathering_that_was_judged_twice_the_later_judgement_counts(auditor: Auditor) -> None:
    first = auditor.pack("first", read(5))
    again = auditor.pack("again", pack=first, policy=WEEKLY, as_of=ago(days=4))
    for packs in ([first, again], [again, first]):
        point, _own = trends(auditor.document(read(), history=packs))
        assert (point["gathered_at"], point["as_of"], point["policy"]["name"]) == (ago(days=5), ago(days=4), "weekly")


def test_an_audit_is_repeated_byte_by_byte_without_the_packs_of_its_history(auditor: Auditor) -> None:
    packs = [auditor.pack("b", read(10, 6 * TIB, enabled=False)), auditor.pack("a", read(20, 7 * TIB))]
    live = Path(auditor.pack("live", read(enabled=False), history=packs, policy=PATIENT))
    for path in packs:
        Path(path).rename(path + ".gone")
    target = auditor.folder / "again.json"
    auditor.audit(pack=str(live), reports={"json": str(target)})
    assert target.read_bytes() == (live / "reports" / "findings.json").read_bytes()
    document = json.loads(target.read_text())
    assert len(trends(document)) == 3 and measured(document, "C28")[0]["points"] == 3
    assert measured(document, "C06")[0]["days_at_least"] == 10.0


def test_the_last_pack_of_a_row_stands_for_the_row(auditor: Auditor) -> None:
    first = auditor.pack("first", read(20, 7 * TIB))
    second = auditor.pack("second", read(10, 6 * TIB), history=[first])
    alone, both = (auditor.document(read(), history=packs) for packs in ([second], [first, second]))
    assert alone == both and len(trends(alone)) == 3 and measured(alone, "C28")[0]["points"] == 3


def test_jobs_that_run_by_themselves_are_not_kept(auditor: Auditor) -> None:
    packs = [auditor.pack("off", read(2, enabled=False)), auditor.pack("on", read(1))]
    kept = json.loads((Path(auditor.pack("live", read(), history=packs)) / "history.json").read_text())
    assert [len(one["records"]["jobs"]) for one in kept["servers"][0]["earlier"]] == [1, 0]


def test_a_redacted_pack_keeps_its_history_under_pseudonyms(auditor: Auditor) -> None:
    before = auditor.pack("before", read(10, 6 * TIB))
    live = Path(auditor.pack("live", read(), history=[before], redact=True, redact_key="k"))
    text = (live / "history.json").read_text() + (live / "reports" / "findings.json").read_text() + (live / "reports" / "report.html").read_text()
    assert "em01" not in text and '"main"' not in text and ">main<" not in text
    document = auditor.document(pack=str(live))
    assert len(trends(document)) == 2 and measured(document, "C28")[0]["points"] == 2


def _without_points(kept: Any) -> None:
    del kept["servers"][0]["points"]


def _with_text_for_a_number(kept: Any) -> None:
    kept["servers"][0]["points"][0]["summary"]["fail"] = "<b>1</b>"


def _with_a_time_that_is_none(kept: Any) -> None:
    kept["servers"][0]["earlier"][0]["gathered_at"] = "soon"


def _with_a_record_that_lacks_a_field(kept: Any) -> None:
    del kept["servers"][0]["earlier"][0]["records"]["repositories"][0]["capacity"]


@pytest.mark.parametrize("harm", [_without_points, _with_text_for_a_number, _with_a_time_that_is_none, _with_a_record_that_lacks_a_field])
def test_a_history_of_another_form_is_damaged(auditor: Auditor, harm: Callable[[Any], None]) -> None:
    def change(folder: Path) -> None:
        kept = json.loads((folder / "history.json").read_text())
        harm(kept)
        (folder / "history.json").write_text(json.dumps(kept))

    before = auditor.pack("before", read(10))
    live = Path(auditor.pack("live", read(5), history=[before]))
    harmed = rewritten(live, auditor.folder / "harmed", change)
    for options in ({"pack": str(harmed)}, {"history": [str(harmed)]}):
        facts = [] if "pack" in options else [read()]
        with pytest.raises(FileError, match="says of earlier audits is damaged"):
            auditor.audit(*facts, **options)
