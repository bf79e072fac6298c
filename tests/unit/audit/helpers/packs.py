# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Evidence packs of a simulated Enterprise Manager, written by the real gatherer, and packs that somebody has laid hands on."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import shutil
import tarfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rig_em import RigEm

from _api import gathering
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.document import Document, as_document
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.evaluate import Audit, evaluate, kinds_read
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.evidence import FORMAT, ServerDraft
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.facts import Answer, Facts, Gap, ServerFacts
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.model import ANSWER, ERROR, NOT_ASSESSABLE
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.pack_files import MANIFEST, Draft
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.policy import load_policy
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.redaction import Redactor
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.settings import Policy
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.times import as_time, seconds_of

MOMENT = 1_795_000_000.0


class Keeping(ServerDraft, gathering.Store):
    """A place in a pack, as the gatherer wants a store to be."""


@dataclass
class Written:
    """A pack with what was judged when it was written."""

    path: Path
    digest: str
    facts: Facts
    policy: Policy


def write(
    path: Path, em: RigEm | None = None, redactor: Redactor | None = None, username: str = "admin", workers: int = 4, policy: Any = "baseline"
) -> Written:
    """Gather from a simulated server into a pack."""
    em = em or RigEm()
    made = load_policy(policy)
    with Draft(str(path)) as draft, Keeping(draft, 1, redactor) as store:
        ear = gathering.Ear(store)
        session = em.session(username)
        session._observe = ear.observe
        with session:
            found = gathering.gather(session, ear, store, kinds_read(made), {}, ANSWER, workers)
        gaps = {kind: Gap(NOT_ASSESSABLE if lack.refused else ERROR, lack.reason) for kind, lack in found.lacks.items()}
        answers = [Answer(heard.number, heard.url, heard.sha256, heard.time, heard.size) for heard in found.answers]
        server = ServerFacts("em01.example.com:9398", as_time(found.began.timestamp()), account=found.notes.account, sees_all=found.notes.sees_all)
        facts = Facts(server, seconds_of(server.gathered_at), found.collections, gaps, answers)
        entry = {**store.finish(server, found.kinds, gaps, found.answers), "judged_at": as_time(facts.now)}
        return Written(path, draft.commit({"format": FORMAT, "servers": [entry]}, MOMENT), facts, made)


def document_of(facts: Facts, policy: Policy) -> Document:
    """Return the findings about facts as reports are made from them."""
    return as_document(Audit(policy, as_time(facts.now), [evaluate(facts, policy)]), "1.2.3")


# ---------------------------------------------------------------------------------------------------------
# Laying hands on them


def unpacked(archive: Path, folder: Path) -> Path:
    """Unpack an archive that we trust."""
    with tarfile.open(archive) as opened:
        opened.extractall(folder, filter="data")
    return folder


def with_manifest_anew(folder: Path) -> None:
    """Write the manifest so that it fits the files, as somebody would who knows how."""
    manifest = json.loads((folder / MANIFEST).read_bytes())
    files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    manifest["files"] = [
        {"path": name, "sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest(), "size": (folder / name).stat().st_size} for name in files
    ]
    (folder / MANIFEST).write_text(json.dumps(manifest))


def rewritten(source: Path, folder: Path, change: Callable[[Path], None]) -> Path:
    """Return a copy of a folder that was changed and whose manifest fits."""
    shutil.copytree(source, folder)
    change(folder)
    with_manifest_anew(folder)
    return folder


def archive_of(path: Path, members: Sequence[tuple[tarfile.TarInfo, bytes]], form: int = tarfile.USTAR_FORMAT) -> Path:
    """Write an archive of exactly these members."""
    with gzip.open(path, "wb") as stream, tarfile.open(fileobj=stream, mode="w", format=form) as archive:
        for member, content in members:
            member.size = len(content) if member.isreg() else 0
            archive.addfile(member, io.BytesIO(content) if member.isreg() else None)
    return path


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    """Return the head of a member."""
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, link
    return made
