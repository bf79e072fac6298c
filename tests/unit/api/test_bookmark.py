# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file in which a watcher of job sessions keeps how far it has come: whole, its own, or refused in a sentence and left alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from _api.bookmark import FORMAT, Bookmark, StateFile, time_key
from _api.errors import FileError, OptionError

SERVER = "em.example.org:9398"
MOMENT = "2026-11-22T12:00:00Z"
KEPT = Bookmark(MOMENT, "2026-11-22T13:00:00.5Z", {"one": "2026-11-22T12:30:00Z"}, {"two": "backup"})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the file is to be."""
    return tmp_path / "state.json"


def test_what_is_saved_is_loaded(path: Path) -> None:
    StateFile(str(path), SERVER).save(KEPT)
    assert StateFile(str(path), SERVER).load() == KEPT
    assert path.stat().st_mode & 0o777 == 0o600
    assert [item.name for item in path.parent.iterdir()] == [path.name]


def test_no_file_yet_is_no_bookmark(path: Path) -> None:
    assert StateFile(str(path), SERVER).load() is None
    assert not path.exists()


def test_without_a_path_nothing_is_kept() -> None:
    state = StateFile("", SERVER)
    state.save(KEPT)
    assert state.load() is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"{}",
        b"[]",
        b'{"format": "something else"}',
        b"[" * 100_000,
        json.dumps({"format": FORMAT, "server": SERVER}).encode(),
        json.dumps({"format": FORMAT, "server": SERVER, **vars(KEPT), "since": "yesterday"}).encode(),
        json.dumps({"format": FORMAT, "server": SERVER, **vars(KEPT), "reached": None}).encode(),
        json.dumps({"format": FORMAT, "server": SERVER, **vars(KEPT), "reached": "-2h"}).encode(),
        json.dumps({"format": FORMAT, "server": SERVER, **vars(KEPT), "seen": {"one": 5}}).encode(),
        json.dumps({"format": FORMAT, "server": SERVER, **vars(KEPT), "seen": {"one": "soon"}}).encode(),
        json.dumps({"format": FORMAT, "server": SERVER, **vars(KEPT), "open": ["two"]}).encode(),
    ],
)
def test_a_broken_or_foreign_file_is_refused_and_left_alone(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(OptionError, match=r"state\.json .*(no state file|damaged).* not touched"):
        StateFile(str(path), SERVER).load()
    assert path.read_bytes() == content


def test_the_file_of_another_server_is_refused(path: Path) -> None:
    StateFile(str(path), SERVER).save(KEPT)
    with pytest.raises(OptionError, match=r"belongs to the server em\.example\.org:9398, and other\.example\.org:9398 is to be watched"):
        StateFile(str(path), "other.example.org:9398").load()


def test_a_place_where_no_file_can_be_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="does not exist"):
        StateFile(str(tmp_path / "nowhere" / "state.json"), SERVER)


def test_a_folder_that_went_away_is_a_fault_of_the_file(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    state = StateFile(str(folder / "state.json"), SERVER)
    folder.rmdir()
    with pytest.raises(FileError, match="does not exist"):
        state.save(KEPT)


def test_marks_are_forgotten_by_their_time() -> None:
    seen: dict[str, Any] = {"old": "2026-11-22T11:59:59.9Z", "edge": MOMENT, "new": "2026-11-22T12:00:00.1Z"}
    bookmark = Bookmark(MOMENT, MOMENT, seen)
    bookmark.forget_before(MOMENT)
    assert list(bookmark.seen) == ["edge", "new"]


def test_fractions_sort_behind_their_second() -> None:
    stamps = ["2026-11-22T12:00:00Z", "2026-11-22T12:00:00.25Z", "2026-11-22T12:00:00.3Z", "2026-11-22T12:00:01Z"]
    mixed = [stamps[index] for index in (2, 0, 3, 1)]
    assert sorted(mixed, key=time_key) == stamps
