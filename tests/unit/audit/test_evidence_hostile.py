# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Evidence packs from somebody who means harm: one sentence each, nothing written, nothing followed, no memory eaten."""

from __future__ import annotations

import gzip
import io
import json
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import packs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packs import Written, archive_of, member

from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit import evidence, pack_files
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.evaluate import kinds_read
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.evidence import ADDED, answers_of_pack, facts_of, kinds_held, read_manifest, verify
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.model import NOT_ASSESSABLE
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.pack_files import MANIFEST, Pack, PackError

RECORDS = "servers/1/records/jobs.jsonl.gz"
JOB = b'{"id": "a", "uid": null, "type": "Job", "_answer": 1, "name": "b"}\n'
EMPTY_MANIFEST = json.dumps({"format": evidence.FORMAT, "servers": [], "files": []}).encode()


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Written:
    return packs.write(tmp_path_factory.mktemp("packs") / "pack")


@pytest.fixture(autouse=True)
def nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give temporary files a folder of their own, and look whether anything stays in it."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    yield
    assert list(scratch.iterdir()) == []
    assert not (tmp_path / "evil").exists()


def read_all(path: Path) -> None:
    """Read a pack as an audit does, all of it."""
    with Pack(str(path)) as pack:
        manifest, _touched = verify(pack)
        assert manifest is not None
        for entry in manifest.servers:
            facts_of(pack, entry, {"jobs": ("name",)})
            kinds_held(pack, entry)
            list(answers_of_pack(pack, entry))


# ---------------------------------------------------------------------------------------------------------
# The archive


@pytest.mark.parametrize(
    ("head", "told"),
    [
        (member("../evil"), "../evil"),
        (member("/evil"), "/evil"),
        (member("a/../../evil"), "a/../../evil"),
        (member("./../evil"), "../evil"),
        (member("a\\evil"), "a\\evil"),
        (member("link", tarfile.SYMTYPE, "/etc/passwd"), "link"),
        (member("link", tarfile.LNKTYPE, "manifest.json"), "link"),
        (member("device", tarfile.CHRTYPE), "device"),
        (member("device", tarfile.BLKTYPE), "device"),
        (member("pipe", tarfile.FIFOTYPE), "pipe"),
        (member("manifest.json"), "manifest.json"),
        (member("../folder", tarfile.DIRTYPE), "../folder"),
    ],
)
def test_what_leads_elsewhere_is_told_and_not_followed(tmp_path: Path, head: tarfile.TarInfo, told: str) -> None:
    path = archive_of(tmp_path / "pack.tar.gz", [(member(MANIFEST), EMPTY_MANIFEST), (head, b"evil")])
    with Pack(str(path)) as pack:
        _manifest, touched = verify(pack)
        assert [(touch.path, touch.what) for touch in touched] == [(told, ADDED)]
        assert pack.read(MANIFEST) == EMPTY_MANIFEST, "the first of two counts"
        assert pack.names == [MANIFEST]


def test_folders_and_notes_of_other_programs_are_passed_over(tmp_path: Path) -> None:
    note = member("note", tarfile.XHDTYPE)
    content = b"30 mtime=1700000000.123456789\n"
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        archive.addfile(member("./", tarfile.DIRTYPE))
        archive.addfile(member("./servers/", tarfile.DIRTYPE))
        note.size = len(content)
        archive.fileobj.write(note.tobuf(tarfile.USTAR_FORMAT) + content.ljust(512, b"\0"))  # type: ignore[union-attr]
        archive.offset += 1024
        head = member("./" + MANIFEST)
        head.size = len(EMPTY_MANIFEST)
        archive.addfile(head, io.BytesIO(EMPTY_MANIFEST))
    path = tmp_path / "pack.tar.gz"
    path.write_bytes(gzip.compress(raw.getvalue()))
    with Pack(str(path)) as pack:
        assert verify(pack)[1] == [] and pack.names == [MANIFEST]


def test_an_archive_that_another_program_made_of_the_same_files_is_intact(sound: Written, tmp_path: Path) -> None:
    path = tmp_path / "again.tar.gz"
    with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT) as archive:
        archive.add(sound.path, ".")
    with Pack(str(path)) as pack:
        assert verify(pack, sound.digest)[1] == []


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "cut off or damaged"),
        (b"no archive at all", "could not be read|damaged"),
        (gzip.compress(b"no archive at all", mtime=0), "no tar archive"),
        (gzip.compress(bytes(10240)), "no tar archive"),
        (gzip.compress(b"x" * 4096)[:-6], "cut off or damaged"),
        (b"PK\x03\x04" + bytes(100), "could not be read|damaged"),
    ],
    ids=["empty", "text", "a compressed text", "nothing but zeros", "cut off", "another archive"],
)
def test_what_is_no_archive_is_told(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "pack.tar.gz"
    path.write_bytes(content)
    with pytest.raises(PackError, match=sentence), Pack(str(path)):
        pass


def test_an_archive_that_is_cut_off_is_told_wherever_it_ends(sound: Written, tmp_path: Path) -> None:
    whole = tmp_path / "whole.tar"
    with tarfile.open(whole, "w", format=tarfile.USTAR_FORMAT) as archive:
        archive.add(sound.path, ".")
    data = whole.read_bytes()
    for length in (100, 512, 700, 5000, len(data) // 2, len(data) - 20480):
        path = tmp_path / "pack.tar.gz"
        path.write_bytes(gzip.compress(data[:length], 1))
        with pytest.raises(PackError, match="cut off"), Pack(str(path)):
            pass


def test_a_size_below_nothing_and_one_beyond_the_end_are_told(tmp_path: Path) -> None:
    for size, sentence in ((-1, "cut off"), (1 << 40, "cut off")):
        head = member("a.json")
        head.size = size
        block = head.tobuf(tarfile.GNU_FORMAT)
        path = tmp_path / "pack.tar.gz"
        path.write_bytes(gzip.compress(block + bytes(2048)))
        with pytest.raises(PackError, match=sentence), Pack(str(path)):
            pass


def test_something_behind_the_end_is_told(tmp_path: Path) -> None:
    path = archive_of(tmp_path / "pack.tar.gz", [(member(MANIFEST), EMPTY_MANIFEST)])
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()) + b"hidden"))
    with Pack(str(path)) as pack:
        assert [touch.path for touch in verify(pack)[1]] == ["(behind the end)"]


@settings(max_examples=60)
@given(data=st.data())
def test_an_archive_with_one_other_byte_is_refused_or_told_or_the_same(small: Path, data: st.DataObject) -> None:
    content = gzip.decompress(small.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    changed = content[:at] + bytes([content[at] ^ data.draw(st.integers(1, 255))]) + content[at + 1 :]
    path = small.parent / "changed.tar.gz"
    path.write_bytes(gzip.compress(changed, 1))
    try:
        with Pack(str(path)) as pack:
            if not verify(pack)[1]:
                # The owner, the time and the like of a member are nothing that a pack says.
                assert {name: pack.read(name) for name in pack.names} == {"a.json": b"{}", MANIFEST: _manifest_of_small()}
    except PackError:
        pass


def _manifest_of_small() -> bytes:
    digest = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    return json.dumps({"format": evidence.FORMAT, "servers": [], "files": [{"path": "a.json", "sha256": digest, "size": 2}]}).encode()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return archive_of(tmp_path_factory.mktemp("small") / "pack.tar.gz", [(member("a.json"), b"{}"), (member(MANIFEST), _manifest_of_small())])


# ---------------------------------------------------------------------------------------------------------
# Bombs


def test_an_archive_that_swells_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pack_files, "MOST_BYTES", 1 << 20)
    path = tmp_path / "pack.tar.gz"
    path.write_bytes(gzip.compress(bytes(8 << 20)))
    with pytest.raises(PackError, match="unpacks to more than"), Pack(str(path)):
        pass


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pack_files, "MOST_FILES", 10)
    path = archive_of(tmp_path / "pack.tar.gz", [(member("f%d" % number), b"") for number in range(11)])
    with pytest.raises(PackError, match="more than 10 files"), Pack(str(path)):
        pass


def test_folders_without_end_are_refused(tmp_path: Path) -> None:
    (tmp_path / "pack" / "/".join("abcdefghijkl")).mkdir(parents=True)
    with pytest.raises(PackError, match="too deep"), Pack(str(tmp_path / "pack")):
        pass


@pytest.mark.parametrize(
    ("limit", "value", "content", "sentence"),
    [
        ("MOST_UNPACKED", 1 << 20, gzip.compress(JOB * (1 << 15)), "unpacks to more than"),
        ("LONGEST_LINE", 1 << 16, gzip.compress(b"[" * (1 << 20)), "a line of more than"),
        ("LONGEST_LINE", pack_files.LONGEST_LINE, gzip.compress(b"[" * 100_000), "is no JSON"),
        ("LONGEST_LINE", pack_files.LONGEST_LINE, gzip.compress(b"not json\n", mtime=0), "is no JSON"),
        ("LONGEST_LINE", pack_files.LONGEST_LINE, gzip.compress(b"[1]\n", mtime=0), "no JSON object"),
        ("LONGEST_LINE", pack_files.LONGEST_LINE, gzip.compress(b"\xff\xfe\n", mtime=0), "is no JSON"),
        ("LONGEST_LINE", pack_files.LONGEST_LINE, gzip.compress(JOB * 500)[:-9], "cut off or damaged"),
        ("LONGEST_LINE", pack_files.LONGEST_LINE, b"no gzip", "could not be read|damaged"),
    ],
)
def test_records_that_are_none_are_told(
    sound: Written, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, content: bytes, sentence: str
) -> None:
    path = packs.rewritten(sound.path, tmp_path / "copy", lambda copy: (copy / RECORDS).write_bytes(content))
    monkeypatch.setattr(pack_files, limit, value)
    with pytest.raises(PackError, match=sentence):
        read_all(path)


def test_too_many_records_are_refused(sound: Written, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "MOST_RECORDS", 3)
    path = packs.rewritten(sound.path, tmp_path / "copy", lambda copy: None)
    with pytest.raises(PackError, match="more than 3 records"):
        read_all(path)


def test_a_file_too_large_for_memory_is_refused(sound: Written, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = packs.rewritten(sound.path, tmp_path / "copy", lambda copy: None)
    monkeypatch.setattr(pack_files, "MOST_AT_ONCE", 1000)
    with Pack(str(path)) as pack, pytest.raises(PackError, match="larger than"):
        read_manifest(pack)


# ---------------------------------------------------------------------------------------------------------
# What the files say


def with_manifest(**changes: object) -> bytes:
    return json.dumps({**json.loads(EMPTY_MANIFEST), **changes}).encode()


@pytest.mark.parametrize(
    ("manifest", "sentence"),
    [
        (b"", "is no JSON"),
        (b"[]", "no evidence pack that this version"),
        (b'{"format": "something/1"}', "no evidence pack that this version"),
        (with_manifest(files=None), "is damaged"),
        (with_manifest(files=[{"path": "a"}]), "is damaged"),
        (with_manifest(files=[{"path": 1, "sha256": "", "size": 1}]), "is damaged"),
        (with_manifest(servers={"a": 1}), "is damaged"),
        (with_manifest(servers=[{"folder": "../evil"}]), "is damaged"),
        (b"[" * 100_000, "is no JSON"),
    ],
)
def test_a_manifest_that_is_none_is_told(tmp_path: Path, manifest: bytes, sentence: str) -> None:
    folder = tmp_path / "pack"
    folder.mkdir()
    (folder / MANIFEST).write_bytes(manifest)
    with Pack(str(folder)) as pack, pytest.raises(PackError, match=sentence):
        read_manifest(pack)


def test_a_server_whose_folder_lies_elsewhere_is_told(sound: Written, tmp_path: Path) -> None:
    shutil.copytree(sound.path, tmp_path / "evil-twin")
    folder = tmp_path / "pack"
    folder.mkdir()
    entry = {"folder": "../evil-twin/servers/1", "name": "em", "gathered_at": "", "judged_at": ""}
    (folder / MANIFEST).write_bytes(with_manifest(servers=[entry]))
    with Pack(str(folder)) as pack, pytest.raises(PackError, match="has no file"):
        facts_of(pack, entry, {})


@pytest.mark.parametrize(
    "server",
    [
        b"[]",
        b"{}",
        b'{"server": [], "gaps": {}, "records": {}}',
        b'{"server": {"name": "em"}, "gaps": {}, "records": {}}',
        b'{"server": {}, "gaps": 1, "records": 2}',
    ],
)
def test_a_server_that_is_none_is_told(sound: Written, tmp_path: Path, server: bytes) -> None:
    path = packs.rewritten(sound.path, tmp_path / "copy", lambda copy: (copy / "servers/1/server.json").write_bytes(server))
    with pytest.raises(PackError, match="is damaged"):
        read_all(path)


def test_records_without_a_field_make_the_kind_not_assessable(sound: Written, tmp_path: Path) -> None:
    def change(copy: Path) -> None:
        lines = [json.loads(line) for line in gzip.decompress((copy / RECORDS).read_bytes()).splitlines()]
        del lines[1]["schedule_enabled"]
        (copy / RECORDS).write_bytes(gzip.compress(b"".join(json.dumps(line).encode() + b"\n" for line in lines)))

    with Pack(str(packs.rewritten(sound.path, tmp_path / "copy", change))) as pack:
        (entry,) = read_manifest(pack).servers
        facts = facts_of(pack, entry, kinds_read(sound.policy))
    gap = facts.gap("jobs")
    assert gap is not None and gap.status == NOT_ASSESSABLE and "no field schedule_enabled" in gap.reason
    assert packs.document_of(facts, sound.policy)["summary"]["error"] == 0


def test_a_link_that_took_the_place_of_a_file_since_is_not_followed(sound: Written, tmp_path: Path) -> None:
    copy = packs.rewritten(sound.path, tmp_path / "copy", lambda path: None)
    with Pack(str(copy)) as pack:
        assert b"".join(pack.chunks(RECORDS))
        elsewhere = (copy / RECORDS).rename(tmp_path / "elsewhere")
        (copy / RECORDS).symlink_to(elsewhere)
        with pytest.raises(PackError, match="could not be read"):
            list(pack.chunks(RECORDS))


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.symlink_to(path.parent / "nowhere")])
def test_a_path_that_leads_nowhere_is_told(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "pack")
    with pytest.raises(PackError, match="There is no evidence pack"), Pack(str(tmp_path / "pack")):
        pass
