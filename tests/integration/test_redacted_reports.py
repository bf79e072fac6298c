# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reports that leave the house without an evidence pack: no name of a job is left, also of those made of words that sentences are made of."""

from __future__ import annotations

import json
from pathlib import Path

from em_testing.plays import play, task
from em_testing.runner import Runner

AUDIT = "veeam_em_audit"


def test_no_name_of_a_job_is_left_in_redacted_reports(runner: Runner, tmp_path: Path) -> None:
    plain, redacted = tmp_path / "plain.json", tmp_path / "redacted.json"
    page = tmp_path / "redacted.html"
    runner.play(
        play(
            task("plain", AUDIT, {"reports": {"json": str(plain)}, "findings": "none"}),
            task("redacted", AUDIT, {"reports": {"json": str(redacted), "html": str(page)}, "redact": True, "findings": "none"}),
        )
    )
    jobs = {one["object"] for one in json.loads(plain.read_bytes())["findings"] if one["object_type"] == "job"}
    assert len(jobs) > 5
    for path in (redacted, page):
        text = path.read_text(encoding="utf-8")
        assert [name for name in sorted(jobs) if name in text] == []
