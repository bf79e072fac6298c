# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files of an audit on a disk that is full, and two audits at once: each file is whole, the former one, or not there."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from auditor import Auditor, read
from documents import every_status

from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.audit_outputs import write_reports
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.errors import FileError
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.pack_files import MANIFEST, Draft, Pack, PackError
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.reports.formats import FORMATS

ROOM = 2_000  # bytes; every report here needs more


@pytest.fixture
def auditor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Auditor:
    return Auditor(monkeypatch, tmp_path)


@contextmanager
def full_disk() -> Iterator[None]:
    """Let no file grow beyond the room there is: the kernel refuses as it refuses on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("form", [name for name in FORMATS if name != "prometheus"])
def test_a_report_on_a_full_disk_is_not_there(auditor: Auditor, form: str) -> None:
    with full_disk(), pytest.raises(FileError, match="could not be written: File too large"):
        auditor.audit(read(), reports={form: str(auditor.folder / "report")})
    assert list(auditor.folder.iterdir()) == []


def test_the_report_of_yesterday_stays_as_it_was(auditor: Auditor) -> None:
    target = auditor.folder / "findings.json"
    auditor.audit(read(1), reports={"json": str(target)})
    before = target.read_bytes()
    with full_disk(), pytest.raises(FileError, match="a file that was there before is untouched"):
        auditor.audit(read(), reports={"json": str(target)})
    assert target.read_bytes() == before
    assert list(auditor.folder.iterdir()) == [target]


@pytest.mark.parametrize("name", ["pack", "pack.tar.gz"])
def test_an_evidence_pack_on_a_full_disk_is_not_there(auditor: Auditor, name: str) -> None:
    with full_disk(), pytest.raises(FileError, match="Nothing of it is left"):
        auditor.pack(name, read())
    assert list(auditor.folder.iterdir()) == []


def test_reports_that_two_audits_write_at_once_are_whole(tmp_path: Path) -> None:
    documents = [every_status(name) for name in ("web01", "a-name-that-is-longer" * 20)]
    targets = [(name, str(tmp_path / form.file_name)) for name, form in FORMATS.items()]
    wanted = {path: {FORMATS[name].write(document) for document in documents} for name, path in targets}
    with ThreadPoolExecutor(2) as pool:
        for _round in range(5):
            list(pool.map(lambda document: write_reports(targets, document), documents))
            for path, contents in wanted.items():
                assert Path(path).read_bytes() in contents
    assert sorted(map(str, tmp_path.iterdir())) == sorted(wanted)


@pytest.mark.parametrize("name", ["pack", "pack.tar.gz"])
def test_of_two_packs_that_are_made_at_once_in_one_place_the_first_to_end_stays(tmp_path: Path, name: str) -> None:
    path = str(tmp_path / name)
    with Draft(path) as first, Draft(path) as second:
        first.write("a.txt", b"first")
        second.write("a.txt", b"second")
        first.commit({}, 0.0)
        with pytest.raises(PackError):
            second.commit({}, 0.0)
    assert [one.name for one in tmp_path.iterdir()] == [name]
    with Pack(path) as pack:
        assert pack.read("a.txt") == b"first" and sorted(pack.names) == ["a.txt", MANIFEST]
