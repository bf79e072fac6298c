# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An evidence pack compared with what it was when it was written, for one task. Private to this collection."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, Mapping

from .._api.errors import FileError, OptionError
from .._audit.evidence import UNREADABLE, Manifest, Touch, verify
from .._audit.pack_files import Pack, PackError
from .lanes import Call, Result

_HEAD = ("created_at", "as_of", "redacted", "job_id")


def verify_evidence(call: Call) -> Result:
    """Return whether a pack is intact and what was touched. Raises FileError for a touched one where that is wanted; OptionError for none."""
    params = call.params
    if not Path(params["path"]).exists():
        raise OptionError("There is no evidence pack %s." % params["path"], advice="Give the path of a folder or a .tar.gz file, on the controller.")
    expected = (params["expected_digest"] or "").strip().lower()
    try:
        with Pack(params["path"]) as pack:
            manifest, touched = verify(pack, expected)
    except PackError as error:
        manifest, touched = None, [Touch("", UNREADABLE, str(error))]
    told: Dict[str, Any] = {
        "intact": not touched,
        "touched": [vars(touch) for touch in touched],
        "digest": manifest.digest if manifest else None,
        "digest_checked": bool(expected) and manifest is not None,
        "pack": _described(manifest) if manifest else None,
    }
    if touched and params["fail_on_touched"]:
        raise FileError(_sentence(params["path"], touched), data={"intact": False, "touched": told["touched"], "digest": told["digest"]})
    if not touched and not expected:
        call.progress("Every file is as the manifest says. Without the expected digest, a pack that was written anew as a whole is not noticed.")
    return {"changed": False, **told}


def _sentence(path: str, touched: Any) -> str:
    first = touched[0]
    more = " And %d more." % (len(touched) - 1) if len(touched) > 1 else ""
    return "The evidence pack %s was touched since it was written. %s%s%s" % (path, first.path + ": " if first.path else "", first.reason, more)


def _described(manifest: Manifest) -> Dict[str, Any]:
    head = manifest.head
    policy, collection, summary = (_mapping(head.get(name)) for name in ("policy", "collection", "summary"))
    return {
        **{name: head.get(name) for name in _HEAD},
        "collection_version": collection.get("version"),
        "policy": {"name": policy.get("name"), "sha256": policy.get("sha256")},
        "servers": [{name: entry.get(name) for name in _OF_SERVER} for entry in manifest.servers],
        "files": len(manifest.files),
        "verdict": summary.get("verdict"),
    }


def _mapping(value: Any) -> Mapping[str, Any]:
    # Whoever writes a manifest anew can put anything there.
    return value if isinstance(value, dict) else {}


_OF_SERVER = ("name", "version", "api_version", "account", "gathered_at", "judged_at", "answers", "records")
