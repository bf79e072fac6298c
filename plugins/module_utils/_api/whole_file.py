# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A file that is there whole or not at all, one line after the other. Private to this collection."""

from __future__ import annotations

import contextlib
import gzip
import os
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Iterator, Optional, Type

from .errors import FileError, OptionError

GZIP = "gzip"
_COMPRESSION_LEVEL = 6


def check_destination(path: str) -> Path:
    """Return the file that a path leads to, following links. Raises OptionError where no file can come to be there."""
    destination = Path(os.path.realpath(path))
    if destination.is_dir():
        raise OptionError("%s is a folder." % path, advice="Give the path of a file.")
    if not destination.parent.is_dir():
        raise OptionError("The folder %s does not exist." % destination.parent, advice="Make it first, on the machine where the task runs.")
    if destination.exists() and not destination.is_file():
        raise OptionError("%s is no ordinary file." % path, advice="It would be replaced: give the path of a file.")
    if not os.access(destination.parent, os.W_OK | os.X_OK):
        raise OptionError("The folder %s is not writable." % destination.parent, advice="The file is written beside its place first, then moved there.")
    return destination


@contextlib.contextmanager
def file_errors(path: Path) -> Iterator[None]:
    """Turn what the operating system says of a file into a FileError."""
    try:
        yield
    except OSError as error:
        raise FileError(
            "The file %s could not be written: %s." % (path, error.strerror or error),
            advice="Nothing of it is left; a file that was there before is untouched.",
        ) from error


class WholeFile:
    """A file in the making; a context manager. It takes its place at ``commit`` and leaves nothing behind otherwise.

    Written under another name in the folder of its place, so that the move is one step; only its owner may read it (mode
    0600). ``compress`` is "gzip" or "none". Raises OptionError where it cannot be, FileError when the disk is full or fails.
    """

    def __init__(self, path: str, compress: str = "none") -> None:
        self.path = check_destination(path)
        self._compress = compress
        self._file: BinaryIO
        self._stream: Any
        self._part: Optional[Path] = None

    def __enter__(self) -> WholeFile:
        with file_errors(self.path):
            descriptor, name = tempfile.mkstemp(prefix="." + self.path.name + ".", suffix=".part", dir=self.path.parent)
        self._part = Path(name)
        self._file = os.fdopen(descriptor, "wb")
        self._stream = self._file
        if self._compress == GZIP:
            # Without name and time the same lines give the same bytes.
            self._stream = gzip.GzipFile("", "wb", _COMPRESSION_LEVEL, self._file, mtime=0)
        return self

    def write(self, lines: bytes) -> None:
        """Append bytes. Raises FileError."""
        with file_errors(self.path):
            self._stream.write(lines)

    def commit(self) -> int:
        """Put the file in its place, safely on the disk, and return its size in bytes. Raises FileError."""
        with file_errors(self.path):
            if self._stream is not self._file:
                self._stream.close()
            self._file.flush()
            os.fsync(self._file.fileno())
            size = os.fstat(self._file.fileno()).st_size
            self._file.close()
            self._part.replace(self.path)  # type: ignore[union-attr]  # there from __enter__ on
            self._part = None
            _sync_folder(self.path.parent)
        return size

    def __exit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        if self._part is None:
            return
        # On a full disk closing fails once more, and closes all the same.
        for undo in (self._stream.close, self._file.close, self._part.unlink):
            with contextlib.suppress(OSError):
                undo()


def _sync_folder(folder: Path) -> None:
    # Not every file system can: the file is whole all the same, and nothing is left to be undone.
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextlib.contextmanager
def scratch_file(beside: Path) -> Iterator[BinaryIO]:
    """A file without a name, on the disk of another one, for the time of the block. Raises FileError."""
    with file_errors(beside):
        file = tempfile.TemporaryFile(dir=beside.parent)  # noqa: SIM115 - closed below, where a full disk is forgiven
    try:
        yield file
    finally:
        # What a full disk did not take is not wanted any more.
        with contextlib.suppress(OSError):
            file.close()
