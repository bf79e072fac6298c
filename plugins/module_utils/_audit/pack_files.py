# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of an evidence pack: a folder or one .tar.gz, written whole or not at all, read without trust. Private to this collection.

What is in the files is the business of ``evidence.py``. A pack to be read may come from anybody: no name in it leads anywhere but to a place
in the pack, nothing is unpacked to the disk, and every size has a limit.
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import json
import os
import re
import shutil
import stat
import tarfile
import tempfile
import zlib
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Callable, Dict, Iterator, List, Mapping, Optional, Type

MANIFEST = "manifest.json"
ARCHIVE_ENDINGS = (".tar.gz", ".tgz")

MOST_FILES = 200_000
MOST_BYTES = 16 * 1024**3  # of a whole pack, as it lies on the disk
MOST_UNPACKED = 4 * 1024**3  # of one compressed file in it
MOST_AT_ONCE = 256 * 1024**2  # of what is held in memory as a whole
LONGEST_LINE = 64 * 1024**2
_CHUNK = 256 * 1024
_BLOCK = tarfile.BLOCKSIZE
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}(?:/[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}){0,7}")
_BETWEEN_FILES = (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE)  # notes about the next file, such as its time, that some programs write
_MOST_NOTES = 64 * 1024


class PackError(Exception):
    """A pack that cannot be written or read: what is wrong, in a sentence or two for people."""


def is_archive(path: str) -> bool:
    """Tell whether a pack of this name is one file."""
    return path.lower().endswith(ARCHIVE_ENDINGS)


def as_json(value: Any) -> bytes:
    """Return plain data as JSON for people: the same data give the same bytes. Pure ASCII, as names can hold half characters."""
    return json.dumps(value, indent=1, sort_keys=False).encode("ascii") + b"\n"


# ---------------------------------------------------------------------------------------------------------
# Writing


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn what the operating system says into a PackError."""
    try:
        yield
    except OSError as error:
        raise PackError("The evidence pack %s could not be written: %s. Nothing of it is left." % (path, error.strerror or error)) from error


def check_place(path: str) -> Path:
    """Return where a pack of this path would lie. Raises PackError where none can come to be there; a pack that is there is never replaced."""
    place = Path(os.path.realpath(path))
    if place.is_dir() and not is_archive(path):
        if any(place.iterdir()):
            raise PackError("The folder %s is not empty. Evidence is never overwritten: name a new folder, such as one with the date in it." % path)
    elif place.exists():
        raise PackError("%s is there already. Evidence is never overwritten: choose a new name, such as one with the date in it." % path)
    if not place.parent.is_dir():
        raise PackError("The folder %s does not exist. Make it first." % place.parent)
    if not os.access(place.parent, os.W_OK | os.X_OK):
        raise PackError("The folder %s is not writable. The evidence pack is written there under another name first." % place.parent)
    return place


@dataclass(frozen=True)
class Entry:
    """A file of a pack: its name with slashes, SHA-256 and size in bytes."""

    path: str
    sha256: str
    size: int


class Draft:
    """A pack in the making; a context manager. It takes its place at ``commit`` and leaves nothing behind otherwise.

    Only its owner may read it (modes 0700 and 0600). ``write`` may be called by several threads. Everything raises PackError where the disk is
    full or fails.
    """

    def __init__(self, path: str) -> None:
        self.path = check_place(path)
        self._packed = is_archive(path)
        self._folder: Optional[Path] = None
        self._entries: Dict[str, Entry] = {}

    def __enter__(self) -> Draft:
        with _told(self.path):
            self._folder = Path(tempfile.mkdtemp(prefix="." + self.path.name + ".", suffix=".part", dir=self.path.parent))
        return self

    @property
    def folder(self) -> Path:
        """Where it is made."""
        if self._folder is None:
            raise PackError("The evidence pack %s is not in the making." % self.path)
        return self._folder

    def write(self, name: str, *parts: bytes) -> None:
        """Write a file. Args: name: with slashes, as in the manifest; parts: its content, one part after the other."""
        self.write_stream(name, iter(parts))

    def write_stream(self, name: str, parts: Iterator[bytes]) -> None:
        """Write a file part by part."""
        if not _NAME.fullmatch(name) or name in self._entries:
            raise PackError("The evidence pack cannot hold a file %r." % name)
        digest, size = hashlib.sha256(), 0
        target = self.folder / name
        with _told(self.path):
            for parent in reversed(list(Path(name).parents)[:-1]):
                (self.folder / parent).mkdir(mode=0o700, exist_ok=True)
            with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                for part in parts:
                    file.write(part)
                    digest.update(part)
                    size += len(part)
                file.flush()
                os.fsync(file.fileno())
        self._entries[name] = Entry(name, digest.hexdigest(), size)

    def guarded(self, action: Callable[..., Any], *arguments: Any) -> Any:
        """Return what a call that writes to the disk of the pack returns."""
        with _told(self.path):
            return action(*arguments)

    @contextmanager
    def scratch(self) -> Iterator[BinaryIO]:
        """A file without a name, on the disk of the pack, for the time of the block."""
        with _told(self.path):
            file = tempfile.TemporaryFile(dir=self.folder)  # noqa: SIM115 - closed below, where a full disk is forgiven
        try:
            with _told(self.path):
                yield file
        finally:
            with suppress(OSError):
                file.close()

    def commit(self, head: Mapping[str, Any], moment: float) -> str:
        """Put the pack in its place, safely on the disk, and return its digest: the SHA-256 of its manifest.

        Args: head: what the manifest says besides the list of files; moment: seconds since 1970, the time of all files in an archive.
        """
        files = [vars(self._entries[name]) for name in sorted(self._entries)]
        manifest = as_json({**head, "files": files})
        self.write(MANIFEST, manifest)
        with _told(self.path):
            if self._packed:
                _put_anew(self._archived(int(moment)), self.path)
            else:
                self.folder.replace(self.path)  # which no folder with anything in it lets happen
                self._folder = None
            _sync_folder(self.path.parent)
        return hashlib.sha256(manifest).hexdigest()

    def _archived(self, moment: int) -> Path:
        descriptor, name = tempfile.mkstemp(prefix=".archive.", dir=self.folder)
        with os.fdopen(descriptor, "wb") as file:
            # Without name and time the same files give the same bytes.
            with gzip.GzipFile("", "wb", 6, file, mtime=0) as stream, tarfile.open(fileobj=stream, mode="w", format=tarfile.USTAR_FORMAT) as archive:
                for entry in sorted(self._entries):
                    self._add(archive, entry, moment)
            file.flush()
            os.fsync(file.fileno())
        return Path(name)

    def _add(self, archive: tarfile.TarFile, name: str, moment: int) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mtime, member.mode = self._entries[name].size, moment, 0o600
        with (self.folder / name).open("rb") as file:
            archive.addfile(member, file)

    def __exit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None


def _put_anew(made: Path, place: Path) -> None:
    """Give a file its place. Raises FileExistsError where another audit has been quicker: a move would put it out of its place."""
    try:
        os.link(made, place)
    except FileExistsError:
        raise
    except OSError:  # not every file system has a second name for a file
        if place.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from None
        made.replace(place)


def _sync_folder(folder: Path) -> None:
    # Not every file system can: the pack is whole all the same.
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


# ---------------------------------------------------------------------------------------------------------
# Reading


@dataclass(frozen=True)
class _Place:
    """Where the bytes of a file lie: from ``start`` on in an archive, from the beginning of a file of its own in a folder."""

    size: int
    start: int = 0


class Pack:
    """A pack to read; a context manager. ``names`` are its files, ``strangers`` what should not be in a pack, with the reason.

    Raises PackError for what is no pack, or one that asks for too much.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.strangers: Dict[str, str] = {}
        self._places: Dict[str, _Place] = {}
        self._archive: Optional[BinaryIO] = None

    def __enter__(self) -> Pack:
        try:
            if Path(self.path).is_dir():
                self._look_through_folder(Path(self.path), "")
            elif Path(self.path).is_file():
                self._archive = self._unpacked()
                self._look_through_archive(self._archive)
            else:
                raise PackError("There is no evidence pack %s." % self.path)
        except OSError as error:
            self.close()
            raise PackError("The evidence pack %s could not be read: %s." % (self.path, error.strerror or error)) from error
        except PackError:
            self.close()
            raise
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        self.close()

    def close(self) -> None:
        """Let go of what is held for reading."""
        if self._archive is not None:
            self._archive.close()
            self._archive = None

    @property
    def names(self) -> List[str]:
        """The names of its files, in order."""
        return sorted(self._places)

    def size(self, name: str) -> int:
        """Return the size of a file in bytes. Raises PackError for one that is not there."""
        return self._place(name).size

    def _place(self, name: str) -> _Place:
        if name not in self._places:
            raise PackError("The evidence pack %s has no file %s." % (self.path, name))
        return self._places[name]

    # -- what is in it ----------------------------------------------------------------------------------------

    def _note(self, name: str, place: _Place) -> None:
        if len(self._places) >= MOST_FILES:
            raise PackError("%s holds more than %d files: it is no evidence pack." % (self.path, MOST_FILES))
        if not _NAME.fullmatch(name):
            self.strangers[name] = "No file of a pack has such a name."
        elif name in self._places:
            self.strangers[name] = "It is there twice."
        else:
            self._places[name] = place

    def _look_through_folder(self, folder: Path, before: str) -> None:
        if before.count("/") > 8:
            raise PackError("The folders in %s are too deep: it is no evidence pack." % self.path)
        for item in sorted(os.scandir(folder), key=lambda found: found.name):
            name = before + item.name
            if item.is_dir(follow_symlinks=False):
                self._look_through_folder(Path(item.path), name + "/")
            elif item.is_file(follow_symlinks=False):
                self._note(name, _Place(item.stat(follow_symlinks=False).st_size))
            else:
                self.strangers[name] = "It is a link or a device, and no file."

    def _unpacked(self) -> BinaryIO:
        """Return the bare archive in a file without a name."""
        file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by ``close``
        written = 0
        try:
            with gzip.open(self.path, "rb") as stream:
                for chunk in iter(lambda: stream.read(_CHUNK), b""):
                    written += len(chunk)
                    if written > MOST_BYTES:
                        raise PackError("%s unpacks to more than %d GiB: it is no evidence pack." % (self.path, MOST_BYTES >> 30))
                    file.write(chunk)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            file.close()
            raise PackError("%s is cut off or damaged, or no gzip archive: %s." % (self.path, error)) from error
        except BaseException:
            file.close()
            raise
        return file

    def _look_through_archive(self, archive: BinaryIO) -> None:
        end = archive.seek(0, os.SEEK_END)
        at = 0
        while True:
            archive.seek(at)
            header = archive.read(_BLOCK)
            if header == bytes(_BLOCK) and at:
                if any(any(chunk) for chunk in iter(lambda: archive.read(_CHUNK), b"")):
                    self.strangers["(behind the end)"] = "Something lies behind the end of the archive."
                return
            try:
                # Names as bytes have them: what is no plain ASCII is a stranger anyway.
                member = tarfile.TarInfo.frombuf(header, "ascii", "surrogateescape")
            except tarfile.HeaderError as error:
                raise PackError("%s is cut off or damaged, or no tar archive." % self.path) from error
            start, at = at + _BLOCK, at + _BLOCK + -(-member.size // _BLOCK) * _BLOCK
            if member.size < 0 or at > end:
                raise PackError("%s is cut off: the file %r is not whole." % (self.path, member.name))
            self._take_member(member, start)

    def _take_member(self, member: tarfile.TarInfo, start: int) -> None:
        name = member.name[2:] if member.name.startswith("./") else member.name
        if member.type in _BETWEEN_FILES and member.size <= _MOST_NOTES:
            return
        if member.isdir():
            if name.rstrip("/.") and not _NAME.fullmatch(name.rstrip("/")):
                self.strangers[name] = "No folder of a pack has such a name."
        elif member.type in (tarfile.REGTYPE, tarfile.AREGTYPE):
            self._note(name, _Place(member.size, start))
        else:
            self.strangers[name] = "It is a link or a device, and no file."

    # -- what is in a file ------------------------------------------------------------------------------------

    @contextmanager
    def _opened(self, name: str) -> Iterator[BinaryIO]:
        place = self._place(name)
        file: Optional[BinaryIO] = None
        try:
            file = self._open(name, place)
            yield file
        except OSError as error:
            raise PackError("The file %s of the evidence pack %s could not be read: %s." % (name, self.path, error.strerror or error)) from error
        finally:
            if file is not None:
                file.close()

    def _open(self, name: str, place: _Place) -> BinaryIO:
        if self._archive is not None:
            return _Part(self._archive, place)  # type: ignore[return-value]  # it reads, which is all that is asked of it
        # A link that took the place of the file since is not followed, and a pipe not waited for.
        descriptor = os.open(Path(self.path) / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise PackError("The file %s of the evidence pack %s was replaced while it was read." % (name, self.path))
        return os.fdopen(descriptor, "rb")

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield the bytes of a file as they lie in the pack."""
        with self._opened(name) as file:
            yield from iter(lambda: file.read(_CHUNK), b"")

    def unpacked_chunks(self, name: str) -> Iterator[bytes]:
        """Yield the bytes of a compressed file as they were before. Raises PackError where they are damaged or too many."""
        unpacked = 0
        try:
            with self._opened(name) as file, gzip.GzipFile(fileobj=file, mode="rb") as stream:
                for chunk in iter(lambda: stream.read(_CHUNK), b""):
                    unpacked += len(chunk)
                    if unpacked > MOST_UNPACKED:
                        raise PackError("The file %s of the evidence pack %s unpacks to more than %d GiB." % (name, self.path, MOST_UNPACKED >> 30))
                    yield chunk
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise PackError("The file %s of the evidence pack %s is cut off or damaged: %s." % (name, self.path, error)) from error

    def read(self, name: str) -> bytes:
        """Return a whole file. Raises PackError where it is larger than what may be held in memory."""
        if self.size(name) > MOST_AT_ONCE:
            raise PackError("The file %s of the evidence pack %s is larger than %d MiB." % (name, self.path, MOST_AT_ONCE >> 20))
        return b"".join(self.chunks(name))

    def data(self, name: str) -> Any:
        """Return what a JSON file holds. Raises PackError for one that holds none."""
        return self._parsed(name, self.read(name))

    def lines(self, name: str) -> Iterator[Mapping[str, Any]]:
        """Yield the objects of a file with one JSON object a line, compressed where its name ends in .gz."""
        chunks = self.unpacked_chunks(name) if name.endswith(".gz") else self.chunks(name)
        left = b""
        for chunk in chunks:
            *whole, left = (left + chunk).split(b"\n")
            for line in whole:
                yield self._object(name, line)
            if len(left) > LONGEST_LINE:
                raise PackError("The file %s of the evidence pack %s has a line of more than %d MiB." % (name, self.path, LONGEST_LINE >> 20))
        if left:
            yield self._object(name, left)

    def _object(self, name: str, line: bytes) -> Mapping[str, Any]:
        value = self._parsed(name, line)
        if not isinstance(value, dict):
            raise PackError("The file %s of the evidence pack %s has a line that is no JSON object." % (name, self.path))
        return value

    def _parsed(self, name: str, text: bytes) -> Any:
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            raise PackError("The file %s of the evidence pack %s is no JSON: %s." % (name, self.path, error)) from error


class _Part:
    """The bytes of one file in an archive."""

    def __init__(self, archive: BinaryIO, place: _Place) -> None:
        self._archive, self._at, self._left = archive, place.start, place.size

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, none at the end."""
        wanted = self._left if size < 0 else min(size, self._left)
        self._archive.seek(self._at)
        data = self._archive.read(wanted)
        self._at += len(data)
        self._left -= len(data)
        return data

    def close(self) -> None:
        """Leave the archive open: other files are read from it."""
