# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The configuration of Enterprise Managers for one task: taken into a baseline file, or compared with one. Private to this collection."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional

from .._api.errors import ConnectError, OptionError
from .._api.gathering import Store
from .._api.whole_file import WholeFile, check_destination
from .._audit import drift
from .._audit.facts import Facts, Gap
from .._audit.model import ERROR, fields_by_kind
from .audit_inputs import Moment, need_yaml, text_of
from .audit_sources import Wanted, ask, errors_of_the_audit, from_pack, servers_of, sound_pack
from .lanes import Call, Result

TAKEN, COMPARED = "taken", "compared"
Configurations = Mapping[str, drift.Configuration]
_NO_GAP = Gap("", "")


def baseline(call: Call) -> Result:
    """Take the baseline or compare it. Raises EmError."""
    need_yaml()
    params = call.params
    with errors_of_the_audit():
        known = _known(params["path"]) if params["state"] == COMPARED or Path(params["path"]).is_file() else None
        if params["state"] == TAKEN:
            check_destination(params["path"])
        facts = _facts(call)
        current = {one.server.name: drift.configuration_of(one) for one in facts}
        changes = _changes(call, known, current)
        told: Result = {
            "path": params["path"],
            "drifted": bool(changes),
            "changes": changes[: params["limit"]],
            "changes_truncated": len(changes) > params["limit"],
            "total": len(changes),
            "not_read": [{"server": name, "kind": kind, "reason": reason} for name, one in current.items() for kind, reason in one["not_read"].items()],
        }
        if call.diff:
            told["diff"] = drift.as_diff(_as_changes(changes), params["path"], "now")
        if params["state"] == COMPARED:
            # Ansible shows the difference of a task that changed something, and of no other.
            return {"changed": bool(changes), **told, "sha256": known.sha256 if known else "", "taken_at": known.taken_at if known else ""}
        return {**told, **_taken(call, known, current, max(one.server.gathered_at for one in facts))}


def _known(path: str) -> drift.Baseline:
    if not Path(path).exists():
        raise OptionError("There is no baseline %s." % path, advice="Take one first: set state to taken.")
    return drift.parse(text_of(path, "path"))


def _facts(call: Call) -> List[Facts]:
    """Return what is configured, from servers or from a pack. Of several servers one that cannot be read is no part of a baseline that is taken."""
    fields = fields_by_kind(drift.READS_OF_CONFIGURATION)
    with ExitStack() as stack:
        if call.params["pack"]:
            pack = stack.enter_context(sound_pack(call.params["pack"], call.params["expected_digest"] or ""))
            sources = from_pack(pack, fields, Moment(), [Store()] * len(pack.manifest.servers))
        else:
            servers = servers_of(call)
            sources = ask(call, servers, Wanted(fields), Moment(), [Store()] * len(servers))
    facts = [source.facts for source in sources]
    return facts if call.params["state"] == COMPARED else _whole(facts)


def _whole(facts: List[Facts]) -> List[Facts]:
    """Return the servers that could be read, to be taken. Raises ConnectError where something is missing by accident: it would be missed for years."""
    read = []
    for one in facts:
        lost = [kind for kind in sorted(one.collections) if (one.gap(kind) or _NO_GAP).status == ERROR]
        if lost and len(lost) < len(one.collections):
            kinds, gap = ", ".join(kind.replace("_", " ") for kind in lost), one.gap(lost[0]) or _NO_GAP
            raise ConnectError("No baseline was taken, as not everything of %s came: %s. %s" % (one.server.name, kinds, gap.reason), advice="Try again.")
        if not lost:
            read.append(one)
    if not read:
        raise ConnectError("No baseline was taken: nothing that is configured could be read.")
    return read


def _changes(call: Call, known: Optional[drift.Baseline], current: Configurations) -> List[Dict[str, Any]]:
    """Return what differs, server by server. A server that the baseline does not know has nothing to be compared with."""
    if known is None:
        return []
    if not known.untouched:
        call.warn("The baseline was changed by hand since it was taken: its digest does not fit its content.")
    strangers = sorted(set(current) - set(known.servers))
    if strangers and call.params["state"] == COMPARED:
        raise OptionError(
            "The baseline %s does not know %s." % (call.params["path"], ", ".join(strangers)),
            advice="It knows %s. Servers go by address and port, as they were named when it was taken." % (", ".join(sorted(known.servers)) or "none"),
        )
    ignored = call.params["ignored"] or ()
    return [
        {"server": name, **asdict(change)}
        for name in sorted(set(current) & set(known.servers))
        for change in drift.compare(known.servers[name], current[name], ignored)
    ]


def _as_changes(changes: List[Dict[str, Any]]) -> List[drift.Change]:
    return [drift.Change(**{name: value for name, value in change.items() if name != "server"}) for change in changes]


def _with_unread(before: Optional[drift.Configuration], now: drift.Configuration) -> drift.Configuration:
    """Return a configuration with what was known of kinds that the account may not read now."""
    if before is None:
        return now
    unread = [kind for kind in now["not_read"] if kind in before["items"]]
    return {
        "fields": {**now["fields"], **{kind: before["fields"][kind] for kind in unread}},
        "not_read": {kind: reason for kind, reason in now["not_read"].items() if kind not in unread},
        "items": {**now["items"], **{kind: before["items"][kind] for kind in unread}},
    }


def _taken(call: Call, known: Optional[drift.Baseline], current: Configurations, taken_at: str) -> Result:
    """Write the baseline, unless the one that is there says the same. Servers and kinds that were not read now keep what it says of them."""
    earlier = known.servers if known else {}
    servers = {**earlier, **{name: _with_unread(earlier.get(name), one) for name, one in current.items()}}
    sha256 = drift.digest_of(servers)
    if known is not None and known.untouched and known.sha256 == sha256:
        return {"changed": False, "sha256": sha256, "taken_at": known.taken_at}
    if not call.check_mode:
        text = drift.as_text(servers, taken_at, is_json=call.params["path"].lower().endswith(".json"))
        with WholeFile(call.params["path"]) as file:
            file.write(text.encode("utf-8", "surrogatepass"))
            file.commit()
    return {"changed": True, "sha256": sha256, "taken_at": taken_at}
