# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of an audit: reports and the evidence pack. Private to this collection."""

from __future__ import annotations

import json
import os
import re
import time
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from .._api.errors import OptionError
from .._api.whole_file import WholeFile, check_destination, file_errors
from .._audit import drift, history
from .._audit.document import Document
from .._audit.evidence import BASELINE, EFFECTIVE_POLICY, FORMAT, HISTORY, SIGNATURES
from .._audit.pack_files import Draft, as_json
from .._audit.redaction import Redactor
from .._audit.reports.formats import FORMATS
from .._audit.times import as_time
from .audit_inputs import Inputs
from .audit_sources import Source
from .audit_store import ServerStore
from .lanes import Call

COLLECTION = "openbackup.veeam_em"
IN_EVERY_PACK = ("json", "html")
_ROOT = Path(__file__).resolve().parents[3]

Target = Tuple[str, str]  # format and path


def version_of_collection() -> str:
    """Return the version of this collection, from what an installed one or a checkout says of itself."""
    manifest = _ROOT / "MANIFEST.json"
    if manifest.is_file():
        return str(json.loads(manifest.read_text(encoding="utf-8"))["collection_info"]["version"])
    found = re.search(r"^version: *(\S+)", (_ROOT / "galaxy.yml").read_text(encoding="utf-8"), re.MULTILINE)
    return found.group(1) if found else ""


# ---------------------------------------------------------------------------------------------------------
# Reports


def planned_reports(params: Mapping[str, Any]) -> List[Target]:
    """Return the reports that the options ask for. Raises OptionError for a format nobody knows, and a file that cannot come to be there."""
    targets = [(str(name), str(path)) for name, path in (params["reports"] or {}).items()]
    if params["report_folder"]:
        targets += [(name, str(Path(params["report_folder"]) / FORMATS[name].file_name)) for name in params["formats"]]
    packs = [Path(os.path.realpath(path)) for path in (params["evidence"], params["pack"], *(params["history"] or ())) if path]
    taken: Dict[Path, str] = {}
    for name, path in targets:
        if name not in FORMATS:
            raise OptionError("There is no report of the format %r." % name, advice="Known formats: %s." % ", ".join(FORMATS))
        place = check_destination(path)
        if taken.setdefault(place, name) != name:
            raise OptionError(
                "The reports %s and %s would be the same file, %s." % (taken[place], name, path),
                advice="Give each a path of its own.",
            )
        if any(pack == place or pack in place.parents for pack in packs):
            raise OptionError(
                "The report %s would lie in an evidence pack, or in its place." % path, advice="What comes into a pack later makes it a touched one."
            )
    return targets


def write_reports(targets: Sequence[Target], document: Document) -> List[Dict[str, Any]]:
    """Write reports, each whole or not at all, and return what was written; one that is the same already is left alone. Raises FileError."""
    return [_written(name, path, FORMATS[name].in_pieces(document)) for name, path in targets]


def _written(name: str, path: str, pieces: Iterator[bytes]) -> Dict[str, Any]:
    place, size = check_destination(path), 0
    with ExitStack() as stack:
        file = stack.enter_context(WholeFile(path))
        with file_errors(place):
            former = stack.enter_context(place.open("rb")) if place.is_file() else BytesIO()
        same = place.is_file()
        for piece in pieces:
            file.write(piece)
            size += len(piece)
            same = same and former.read(len(piece)) == piece
        changed = not same or bool(former.read(1))
        if changed:
            file.commit()
    return {"format": name, "path": str(place), "size": size, "changed": changed}


# ---------------------------------------------------------------------------------------------------------
# The evidence pack


def evidence_of(call: Call, draft: Draft, inputs: Inputs, sources: Sequence[Source], document: Document, redactor: Optional[Redactor]) -> Dict[str, Any]:
    """Finish an evidence pack, and return where it is and its digest. Args: document: as it is to be kept. Raises PackError."""
    servers = [_server_of(source, redactor) for source in sources]
    policy = inputs.as_policy_data()
    draft.write(EFFECTIVE_POLICY, as_json(policy if redactor is None else redactor.data(policy, strict=True)))
    texts = [] if redactor is not None else _policy_texts(draft, inputs)
    _baseline(draft, inputs, redactor)
    draft.write(HISTORY, as_json(history.as_data(zip([source.earlier for source in sources], document["servers"]), redactor)))
    draft.write(SIGNATURES, as_json(inputs.signatures if redactor is None else redactor.data(inputs.signatures)))
    for name in IN_EVERY_PACK:
        draft.write_stream("reports/" + FORMATS[name].file_name, FORMATS[name].in_pieces(document))
    now = time.time()
    head = {
        "format": FORMAT,
        "collection": {"name": COLLECTION, "version": version_of_collection()},
        "created_at": as_time(now),
        "as_of": document["as_of"],
        "redacted": redactor is not None,
        "job_id": call.params["job_id"],
        "policy": {**document["policy"], "texts": texts},
        "history": [] if redactor is not None else list(inputs.history_paths),
        "summary": document["summary"],
        "servers": servers,
    }
    digest = draft.commit(head, now)
    return {"path": str(draft.path), "digest": digest}


def _server_of(source: Source, redactor: Optional[Redactor]) -> Dict[str, Any]:
    if not isinstance(source.store, ServerStore):
        raise TypeError("the source was read without a place in the pack")
    facts = source.facts
    return {**source.store.finish(facts.server, source.kinds, facts.gaps, source.heard), "judged_at": as_time(facts.now)}


def _policy_texts(draft: Draft, inputs: Inputs) -> List[Dict[str, str]]:
    """Keep the policy as it was written, file by file."""
    kept = []
    for number, text in enumerate(inputs.policy.texts, 1):
        name = "policy/%d.yml" % number
        draft.write(name, text.text.encode("utf-8"))
        kept.append({"file": name, "name": text.name, "sha256": text.sha256})
    return kept


def _baseline(draft: Draft, inputs: Inputs, redactor: Optional[Redactor]) -> None:
    if inputs.baseline is None:
        return
    if redactor is None:
        draft.write(BASELINE, inputs.baseline_text.encode("utf-8"))
        return
    servers = redactor.data(inputs.baseline.servers, strict=True)
    draft.write(BASELINE, drift.as_text(servers, inputs.baseline.taken_at, is_json=True).encode("utf-8", "backslashreplace"))
