# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Evidence packs: whole or not there, the same findings from them, and every touch seen."""

from __future__ import annotations

import errno
import gzip
import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import packs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packs import Written
from rig_em import RigEm

from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit import evidence, pack_files
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.evaluate import kinds_read
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.evidence import (
    ADDED,
    CHANGED,
    MISSING,
    UNREADABLE,
    Touch,
    facts_of,
    read_manifest,
    verify,
)
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.model import ERROR, NOT_ASSESSABLE
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.pack_files import MANIFEST, Draft, Pack, PackError
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.reports import json_report

RECORDS = "servers/1/records/jobs.jsonl.gz"
INDEX = "servers/1/answers.jsonl"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """A pack as a folder."""
    em = RigEm()
    em.rig.installation.world.max_page_size = 20
    return packs.write(tmp_path_factory.mktemp("packs") / "pack", em)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """A pack as one file."""
    return packs.write(tmp_path_factory.mktemp("packs") / "pack.tar.gz")


def touched(path: Path, digest: str = "") -> list[Touch]:
    with Pack(str(path)) as pack:
        return verify(pack, digest)[1]


# ---------------------------------------------------------------------------------------------------------
# From a pack the same comes as live


@pytest.mark.parametrize("form", ["folder", "archive"])
def test_facts_from_a_pack_are_those_that_were_judged(form: str, request: pytest.FixtureRequest) -> None:
    written: Written = request.getfixturevalue(form)
    with Pack(str(written.path)) as pack:
        (entry,) = read_manifest(pack).servers
        facts = facts_of(pack, entry, kinds_read(written.policy))
    assert facts.collections == written.facts.collections
    assert any(facts.collections.values())
    assert (facts.server, facts.now, facts.gaps, list(facts.answers)) == (
        written.facts.server,
        written.facts.now,
        written.facts.gaps,
        list(written.facts.answers),
    )
    live, repeated = (json_report.write(packs.document_of(one, written.policy)) for one in (written.facts, facts))
    assert live == repeated
    assert len(json.loads(live)["findings"]) > 50


def test_pages_that_came_in_any_order_lie_in_the_order_of_the_server(folder: Written) -> None:
    with Pack(str(folder.path)) as pack:
        names = [line["name"] for line in pack.lines("servers/1/records/backup_task_sessions.jsonl.gz")]
    assert names == [record["name"] for record in folder.facts.collections["backup_task_sessions"]]
    assert len(set(names)) > 40


def test_the_bytes_of_answers_are_those_that_came(folder: Written) -> None:
    lines = [json.loads(line) for line in (folder.path / INDEX).read_text().splitlines()]
    kept = [line for line in lines if line["file"]]
    assert len(kept) > 20
    for line in kept:
        body = gzip.decompress((folder.path / "servers/1" / line["file"]).read_bytes())
        assert (hashlib.sha256(body).hexdigest(), len(body)) == (line["sha256"], line["size"])
    assert all(line["withheld"] for line in lines if not line["file"])


def test_another_moment_makes_everything_older(folder: Written) -> None:
    with Pack(str(folder.path)) as pack:
        (entry,) = read_manifest(pack).servers
        later = facts_of(pack, entry, kinds_read(folder.policy), folder.facts.now + 86400)
    assert later.now == folder.facts.now + 86400


def test_a_kind_that_a_pack_does_not_hold_is_not_assessable(folder: Written) -> None:
    with Pack(str(folder.path)) as pack:
        (entry,) = read_manifest(pack).servers
        facts = facts_of(pack, entry, {"catalog_vms": ("name",)})
    gap = facts.gap("catalog_vms")
    assert gap is not None and gap.status == NOT_ASSESSABLE and "holds no catalog vms" in gap.reason
    assert facts.records("catalog_vms") == ()


def test_what_could_not_be_read_stays_so(tmp_path: Path) -> None:
    written = packs.write(tmp_path / "pack", username="operator")
    assert "security_accounts" in written.facts.gaps
    with Pack(str(written.path)) as pack:
        (entry,) = read_manifest(pack).servers
        assert facts_of(pack, entry, kinds_read(written.policy)).gaps == written.facts.gaps


def test_a_gap_of_an_unknown_sort_counts_as_an_error(folder: Written, tmp_path: Path) -> None:
    def change(copy: Path) -> None:
        path = copy / "servers/1/server.json"
        path.write_text(json.dumps({**json.loads(path.read_bytes()), "gaps": {"jobs": {"status": "pass", "reason": "nothing"}}}))

    with Pack(str(packs.rewritten(folder.path, tmp_path / "copy", change))) as pack:
        (entry,) = read_manifest(pack).servers
        gap = facts_of(pack, entry, {"jobs": ("name",)}).gap("jobs")
    assert gap is not None and gap.status == ERROR


# ---------------------------------------------------------------------------------------------------------
# Whole or not there


@pytest.mark.parametrize("form", ["folder", "archive"])
def test_only_its_owner_may_read_a_pack(form: str, request: pytest.FixtureRequest) -> None:
    written: Written = request.getfixturevalue(form)
    paths = [written.path, *written.path.rglob("*")]
    assert {path.stat().st_mode & 0o777 for path in paths if path.is_file()} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in paths if path.is_dir()} <= {0o700}
    assert [path.name for path in written.path.parent.iterdir()] == [written.path.name], "nothing is left beside it"


def test_an_archive_holds_what_a_folder_would(archive: Written, tmp_path: Path) -> None:
    copy = packs.unpacked(archive.path, tmp_path / "copy")
    assert touched(copy, archive.digest) == []
    assert len(list(copy.rglob("*.gz"))) > 40


def test_the_same_files_make_the_same_archive(tmp_path: Path) -> None:
    made = []
    for name in ("a.tar.gz", "b.tgz"):
        with Draft(str(tmp_path / name)) as draft:
            draft.write("b.json", b"{}")
            draft.write("a/c.json", b"[", b"]")
            made.append((draft.commit({"format": evidence.FORMAT, "servers": []}, packs.MOMENT), (tmp_path / name).read_bytes()))
    assert made[0] == made[1]


def test_an_empty_folder_may_be_filled(tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    assert touched(packs.write(place).path) == []


@pytest.mark.parametrize(
    ("prepare", "name", "sentence"),
    [
        (lambda place: (place / "there").mkdir() or (place / "there" / "file").touch(), "there", "is not empty"),
        (lambda place: (place / "there.tar.gz").touch(), "there.tar.gz", "is there already"),
        (lambda place: (place / "there").touch(), "there", "is there already"),
        (lambda place: None, "missing/pack", "does not exist"),
    ],
)
def test_evidence_is_never_overwritten(tmp_path: Path, prepare: Callable[[Path], None], name: str, sentence: str) -> None:
    prepare(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(PackError, match=sentence):
        Draft(str(tmp_path / name))
    assert sorted(tmp_path.rglob("*")) == before


def test_a_folder_that_is_not_writable_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # To root, whom tests may run as, nothing is forbidden.
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(PackError, match="not writable"):
        Draft(str(tmp_path / "pack"))


@pytest.mark.parametrize("name", ["pack", "pack.tar.gz"])
@pytest.mark.parametrize("nth", [1, 5, -1])
def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, nth: int) -> None:
    calls = []
    real = os.fsync

    def full(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == nth:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(descriptor)

    if nth < 0:
        (tmp_path / "trial").mkdir()
        monkeypatch.setattr(os, "fsync", full)
        packs.write(tmp_path / "trial" / name, workers=1)
        # The last one is that of the folder around it, which not every file system can.
        nth = len(calls) - 1
        calls.clear()
        shutil.rmtree(tmp_path / "trial")
    else:
        monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(PackError, match="No space left on device"):
        packs.write(tmp_path / name, workers=1)
    assert list(tmp_path.iterdir()) == []


def test_whatever_ends_the_writing_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), Draft(str(tmp_path / "pack")) as draft:
        draft.write("a.json", b"{}")
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["../a", "/a", "a//b", "a/../b", "", "a\nb", ".hidden", "a/", "x" * 101])
def test_no_file_of_a_pack_is_written_elsewhere(tmp_path: Path, name: str) -> None:
    with Draft(str(tmp_path / "pack")) as draft, pytest.raises(PackError, match="cannot hold"):
        draft.write(name, b"")


# ---------------------------------------------------------------------------------------------------------
# What was touched


@pytest.mark.parametrize("form", ["folder", "archive"])
def test_a_pack_that_nobody_touched_is_intact(form: str, request: pytest.FixtureRequest) -> None:
    written: Written = request.getfixturevalue(form)
    assert touched(written.path, written.digest) == []
    assert touched(written.path, written.digest.upper() + "\n") == []
    text = packs.unpacked(written.path, written.path.parent / "look") / MANIFEST if form == "archive" else written.path / MANIFEST
    assert written.digest == hashlib.sha256(text.read_bytes()).hexdigest()
    shutil.rmtree(written.path.parent / "look", ignore_errors=True)


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("change", "path", "what"),
    [
        (lambda copy: flip(copy / RECORDS), RECORDS, CHANGED),
        (lambda copy: (copy / RECORDS).write_bytes(b""), RECORDS, CHANGED),
        (lambda copy: (copy / RECORDS).unlink(), RECORDS, MISSING),
        (lambda copy: (copy / "servers/1/records/extra.jsonl.gz").touch(), "servers/1/records/extra.jsonl.gz", ADDED),
        (lambda copy: (copy / "evil name").touch(), "evil name", ADDED),
        (lambda copy: (copy / "link").symlink_to("/etc/hostname"), "link", ADDED),
        (lambda copy: os.mkfifo(copy / "pipe"), "pipe", ADDED),
        (lambda copy: (copy / MANIFEST).write_text("{"), MANIFEST, UNREADABLE),
        (lambda copy: (copy / MANIFEST).unlink(), MANIFEST, UNREADABLE),
    ],
)
def test_a_touch_is_told_with_its_file(folder: Written, tmp_path: Path, change: Callable[[Path], None], path: str, what: str) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(folder.path, copy)
    change(copy)
    found = touched(copy)
    assert [(touch.path, touch.what) for touch in found] == [(path, what)]
    assert found[0].reason.endswith(".")


def test_a_folder_in_the_place_of_a_file_is_told(folder: Written, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(folder.path, copy)
    (copy / RECORDS).unlink()
    (copy / RECORDS).symlink_to(folder.path / RECORDS)
    assert {(touch.path, touch.what) for touch in touched(copy)} == {(RECORDS, ADDED), (RECORDS, MISSING)}


def test_a_manifest_written_anew_is_told_by_the_digest_alone(folder: Written, tmp_path: Path) -> None:
    copy = packs.rewritten(folder.path, tmp_path / "copy", lambda path: (path / RECORDS).write_bytes(gzip.compress(b"")))
    assert touched(copy) == []
    (touch,) = touched(copy, folder.digest)
    assert (touch.path, touch.what) == (MANIFEST, CHANGED) and folder.digest in touch.reason


def test_an_answer_that_is_not_the_one_that_came_is_told_even_where_the_manifest_fits(folder: Written, tmp_path: Path) -> None:
    answer = next((folder.path / "servers/1/answers").iterdir()).name

    def change(copy: Path) -> None:
        (copy / "servers/1/answers" / answer).write_bytes(gzip.compress(b'{"forged": true}'))

    (touch,) = touched(packs.rewritten(folder.path, tmp_path / "copy", change))
    assert (touch.path, touch.what) == ("servers/1/answers/" + answer, CHANGED)


def test_an_answer_that_is_gone_or_damaged_is_told_even_where_the_manifest_fits(folder: Written, tmp_path: Path) -> None:
    first, second = sorted(path.name for path in (folder.path / "servers/1/answers").iterdir())[:2]

    def change(copy: Path) -> None:
        (copy / "servers/1/answers" / first).unlink()
        (copy / "servers/1/answers" / second).write_bytes(b"no gzip")

    found = touched(packs.rewritten(folder.path, tmp_path / "copy", change))
    assert [(touch.path.rpartition("/")[2], touch.what) for touch in found] == [(first, MISSING), (second, UNREADABLE)]


@settings(max_examples=40)
@given(data=st.data())
def test_no_byte_of_any_file_can_be_changed_unseen(folder: Written, data: st.DataObject) -> None:
    names = sorted(str(path.relative_to(folder.path)) for path in folder.path.rglob("*") if path.is_file() and path.stat().st_size)
    path = folder.path / data.draw(st.sampled_from(names))
    content = path.read_bytes()
    at = data.draw(st.integers(0, len(content) - 1))
    try:
        path.write_bytes(content[:at] + bytes([content[at] ^ data.draw(st.integers(1, 255))]) + content[at + 1 :])
        assert touched(folder.path, folder.digest)
    finally:
        path.write_bytes(content)


def test_the_limits_are_no_smaller_than_a_large_estate_needs() -> None:
    # 10,000 machines make 400 MiB of answers in 300 pages of at most 2 MiB.
    assert pack_files.MOST_UNPACKED > 400 << 20 and pack_files.MOST_FILES > 10_000 and pack_files.LONGEST_LINE > 2 << 20
    assert evidence.MOST_RECORDS > 1_000_000
