# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The check of captured answers sees what is unknown and what is lost."""

from __future__ import annotations

from pathlib import Path

import check_wire
import pytest

NAMESPACE = "http://www.veeam.com/ent/v1.0"
TASK = (
    f'<?xml version="1.0" encoding="utf-8"?><Task xmlns="{NAMESPACE}" Type="Task" Href="https://em.example.com:9398/api/tasks/task-1">'
    "<TaskId>task-1</TaskId><State>Finished</State><Operation>StartJob</Operation>%s</Task>"
)


def captured(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_declared_task_is_decoded_without_complaint(tmp_path: Path) -> None:
    decoded, passed_over, problems = check_wire.check_file(captured(tmp_path, "task.xml", TASK % ""))
    assert (decoded["Task"], dict(passed_over), problems) == (1, {}, [])


def test_an_element_that_no_field_declares_is_reported(tmp_path: Path) -> None:
    problems = check_wire.check_file(captured(tmp_path, "task.xml", TASK % "<Mood>sunny</Mood>"))[2]
    assert problems == ["Task: unknown mood = 'sunny'"]


def test_a_value_that_the_record_drops_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill = check_wire.wire.Decoder.record

    def forgetful(self: object, node: object, with_links: bool = False) -> dict[str, object]:
        record = fill(self, node, with_links)  # type: ignore[arg-type]
        record["state"] = None
        return record

    monkeypatch.setattr(check_wire.wire.Decoder, "record", forgetful)
    problems = check_wire.check_file(captured(tmp_path, "task.xml", TASK % ""))[2]
    assert problems == ["Task: lost 'finished'"]


def test_a_capture_may_begin_with_the_head_of_http(tmp_path: Path) -> None:
    text = 'HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\n\r\n{"Message": "gone", "StatusCode": 404}'
    decoded, _passed_over, problems = check_wire.check_file(captured(tmp_path, "error.txt", text))
    assert (decoded["Error"], problems) == (1, [])
