# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A file that is there whole or not at all: modes, links, compression, and every way in which writing can fail."""

from __future__ import annotations

import errno
import gzip
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from _api import whole_file
from _api.errors import FileError, OptionError
from _api.whole_file import WholeFile, check_destination, scratch_file

UTILS = Path(__file__).resolve().parents[3] / "plugins" / "module_utils"
OLD = b"what was there before\n"


def only_files(folder: Path) -> list[str]:
    """Return the names in a folder, hidden ones too."""
    return sorted(path.name for path in folder.iterdir())


def write(path: Path, *lines: bytes, compress: str = "none") -> int:
    """Write lines and return the size."""
    with WholeFile(str(path), compress) as file:
        for line in lines:
            file.write(line)
        return file.commit()


def test_the_file_is_there_with_the_commit_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "estate.jsonl"
    with WholeFile(str(path)) as file:
        file.write(b"one\n")
        assert not path.exists()
        assert file.commit() == 4
        assert path.read_bytes() == b"one\n"
    assert path.stat().st_mode & 0o777 == 0o600
    assert only_files(tmp_path) == ["estate.jsonl"]


def test_a_file_that_was_there_is_replaced_and_a_link_to_it_stays(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(OLD)
    target.chmod(0o644)
    link.symlink_to(target)
    write(link, b"new\n")
    assert link.is_symlink()
    assert target.read_bytes() == b"new\n"
    assert target.stat().st_mode & 0o777 == 0o600


def test_the_same_lines_compress_to_the_same_bytes(tmp_path: Path) -> None:
    lines = [b"line %d\n" % number for number in range(2000)]
    sizes = [write(tmp_path / name, *lines, compress="gzip") for name in ("first.gz", "second.gz")]
    assert sizes[0] == sizes[1] == (tmp_path / "first.gz").stat().st_size < 20_000
    assert (tmp_path / "first.gz").read_bytes() == (tmp_path / "second.gz").read_bytes()
    assert gzip.decompress((tmp_path / "first.gz").read_bytes()) == b"".join(lines)


@pytest.mark.parametrize("compress", ["none", "gzip"])
@pytest.mark.parametrize("reason", [RuntimeError, KeyboardInterrupt])
def test_without_a_commit_nothing_is_left_and_the_old_file_stays(tmp_path: Path, compress: str, reason: type[BaseException]) -> None:
    path = tmp_path / "estate"
    path.write_bytes(OLD)
    with pytest.raises(reason), WholeFile(str(path), compress) as file:
        file.write(b"x" * 100_000)
        raise reason
    assert only_files(tmp_path) == ["estate"]
    assert path.read_bytes() == OLD


LIMITED = """
import resource, signal, sys
sys.path.insert(0, sys.argv[1])
from _api.errors import FileError
from _api.whole_file import WholeFile
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
import random
chance = random.Random(1)
try:
    with WholeFile(sys.argv[2], sys.argv[3]) as file:
        for _number in range(100):
            file.write(chance.randbytes(10_000))
        file.commit()
except FileError as error:
    print(error)
"""


@pytest.mark.parametrize("compress", ["none", "gzip"])
def test_a_limit_of_the_system_in_mid_write_leaves_nothing_of_the_new_and_all_of_the_old(tmp_path: Path, compress: str) -> None:
    """A real refusal of the kernel after 300 kB, in a process of its own."""
    path = tmp_path / "estate"
    path.write_bytes(OLD)
    done = subprocess.run([sys.executable, "-X", "dev", "-c", LIMITED, str(UTILS), str(path), compress], capture_output=True, text=True, check=True, timeout=60)
    assert f"The file {path} could not be written: File too large." in done.stdout
    assert done.stderr == ""
    assert only_files(tmp_path) == ["estate"]
    assert path.read_bytes() == OLD


@pytest.mark.parametrize("refused", ["file", "folder"])
def test_a_disk_that_is_full_at_the_last_moment_and_one_that_cannot_sync_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: str) -> None:
    def sync(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode) == (refused == "folder"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(whole_file.os, "fsync", sync)
    path = tmp_path / "estate"
    if refused == "folder":
        write(path, b"new\n")
        assert path.read_bytes() == b"new\n"
        return
    with pytest.raises(FileError, match="No space left on device") as failure:
        write(path, b"new\n")
    assert failure.value.kind == "file"
    assert only_files(tmp_path) == []


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda folder: folder / "missing" / "estate", "does not exist"),
        (lambda folder: folder, "is a folder"),
        (lambda folder: fifo(folder / "pipe"), "no ordinary file"),
        (lambda folder: closed(folder / "closed") / "estate", "not writable"),
    ],
    ids=["folder missing", "a folder", "a pipe", "folder not writable"],
)
def test_a_place_where_no_file_can_be_is_refused_before_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], Path], words: str
) -> None:
    # The superuser may write everywhere, so what the system would tell others is told here.
    monkeypatch.setattr(whole_file.os, "access", lambda path, _mode: bool(Path(path).stat().st_mode & 0o200))
    with pytest.raises(OptionError, match=words):
        WholeFile(str(make(tmp_path)))
    with pytest.raises(OptionError, match=words):
        check_destination(str(make(tmp_path)))


def fifo(path: Path) -> Path:
    if not path.exists():
        os.mkfifo(path)
    return path


def closed(path: Path) -> Path:
    path.mkdir(exist_ok=True)
    path.chmod(0o500)
    return path


def test_a_file_system_that_takes_no_files_is_an_error_of_the_file() -> None:
    with pytest.raises(FileError, match="/proc/estate"), WholeFile("/proc/estate"):
        pass


def test_a_scratch_file_has_no_name(tmp_path: Path) -> None:
    with scratch_file(tmp_path / "estate") as file:
        file.write(b"x")
        file.flush()
        assert only_files(tmp_path) == []
    assert file.closed
