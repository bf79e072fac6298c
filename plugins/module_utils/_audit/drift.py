# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The configuration of an Enterprise Manager as plain data, the file of it that was taken as right, and what differs. Private to this collection.

Pure. What counts as configuration is declared as kinds of record with what is left out of them: times and counters that change by themselves,
ids that mean nothing, secrets. The order of lists never counts, nor whether something empty is there.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple

from .._api.entities._model import Resource
from .._api.entities.registry import RESOURCES
from .._api.job_contents import server_of
from .facts import Facts
from .model import Reads, Record

try:
    import yaml
except ImportError:  # the import test of ansible-test; wherever Ansible runs, PyYAML is there
    yaml = None  # type: ignore[assignment]

FORMAT = "openbackup.veeam_em/baseline/1"
ADDED, REMOVED, CHANGED = "added", "removed", "changed"

# Plain data: {"fields": {kind: [name]}, "not_read": {kind: reason}, "items": {kind: {key: {field: value}}}}
Configuration = Dict[str, Any]

_BY_PLURAL: Dict[str, Resource] = {resource.plural: resource for resource in RESOURCES}
_BACKUP_SERVER = "backup_server"
# The backup server stands as its name alone.
_NEVER = ("uid", "backup_server_uid", "backup_server_name")
# At any depth: what changes by itself, and ids that a server may give anew.
_NEVER_INSIDE = frozenset(
    ("time_offset_utc", "used_quota", "used_quota_mb", "compute_resource_stats", "resource_usage", "object_in_job_id", "failovered_vm_id")
)
# By what an entry of a list is known, the surest first.
_IDENTITIES = ("hierarchy_obj_ref", "linked_job_uid", "linked_backup_uid", "linked_backup_repository_uid", "id", "uid", "name")
# Long enough that no value is broken over two lines, which a comparison of lines could not show.
_WIDTH = 100_000
_LABELS = ("name", "display_name", "file_or_folder")


@dataclass(frozen=True)
class Below:
    """What lies below each record of a kind, as a field of it: the kind, the name of the field, what is left out."""

    kind: str
    field: str
    left_out: Tuple[str, ...] = ()


@dataclass(frozen=True)
class Kept:
    """A kind of record that is configuration, with the fields of it that are none."""

    kind: str
    left_out: Tuple[str, ...] = ()
    below: Tuple[Below, ...] = ()

    @property
    def resource(self) -> Resource:
        """The declaration of the kind."""
        return _BY_PLURAL[self.kind]

    @property
    def fields(self) -> Tuple[str, ...]:
        """The fields that are configuration, by the declaration, without those of what lies below."""
        return tuple(field.name for field in self.resource.record_fields if field.name not in (*_NEVER, *self.left_out))

    @property
    def all_fields(self) -> Tuple[str, ...]:
        """Every field that an item of this kind can have."""
        return (*self.fields, _BACKUP_SERVER, *(below.field for below in self.below))

    @property
    def kinds(self) -> Tuple[str, ...]:
        """All kinds of record that have to be read for it."""
        return (self.kind, *(below.kind for below in self.below))


_COUNTERS_OF_TENANTS = ("last_result", "last_active", "vm_count", "backup_count", "replica_count", "work_station_backup_count", "server_backup_count")

CONFIGURATION: Tuple[Kept, ...] = (
    Kept("backup_servers"),
    Kept("managed_servers"),
    Kept("hierarchy_roots", ("hierarchy_root_id",)),
    # The capacity of a file system that others share changes by itself.
    Kept("repositories", ("capacity", "free_space")),
    Kept("external_repositories", ("used_space",)),
    Kept("wan_accelerators", ("out_of_date",)),
    Kept("credentials", ("credentials_id",)),
    # A hint can give away too much to lie in a file.
    Kept("encryption_passwords", ("password_key_id", "hint")),
    Kept("jobs", ("next_run",)),
    Kept("cdp_policies", ("next_run",)),
    Kept("agent_jobs", ("next_run",)),
    Kept("nas_jobs", ("next_run",)),
    Kept("failover_plans"),
    Kept("protection_groups"),
    Kept("file_servers"),
    Kept(
        "security_accounts",
        below=(
            Below("security_account_roles", "roles"),
            # A scope is worked off some time after it was set.
            Below("security_account_scopes", "scopes", ("state",)),
        ),
    ),
    Kept("cloud_tenants", _COUNTERS_OF_TENANTS),
    Kept("cloud_gateways"),
)


def _reads() -> Iterator[Reads]:
    for kept in CONFIGURATION:
        links = tuple(reference.name for reference in kept.resource.references if reference.name == _BACKUP_SERVER)
        filled = tuple(field.name for field in kept.resource.record_fields if field.name == "backup_server_name")
        yield Reads(kept.kind, (*kept.fields, *(filled or links)), needed=False)
        for below in kept.below:
            yield Reads(below.kind, (*_fields_below(below), kept.resource.thing), needed=False)


def _fields_below(below: Below) -> Tuple[str, ...]:
    return tuple(field.name for field in _BY_PLURAL[below.kind].record_fields if field.name not in below.left_out)


READS_OF_CONFIGURATION: Tuple[Reads, ...] = tuple(_reads())


# ---------------------------------------------------------------------------------------------------------
# Taking it


def configuration_of(facts: Facts) -> Configuration:
    """Return the configuration of an Enterprise Manager; facts have to hold what ``READS_OF_CONFIGURATION`` names.

    A kind that could not be read stands in ``not_read`` with the reason, and nowhere else.
    """
    read = [kept for kept in CONFIGURATION if _why_not(facts, kept) is None]
    return {
        "fields": {kept.kind: sorted(kept.all_fields) for kept in read},
        "not_read": {kept.kind: _why_not(facts, kept) for kept in CONFIGURATION if kept not in read},
        "items": {kept.kind: {key: _item(facts, kept, record) for key, record in sorted(keyed(facts, kept).items())} for kept in read},
    }


def keyed(facts: Facts, kept: Kept) -> Dict[str, Record]:
    """Return the records of a kind by what an item is known by: unique id, else id, else name and backup server."""
    return {_key_of(record): record for record in facts.records(kept.kind)}


def _key_of(record: Record) -> str:
    return record["uid"] or record["id"] or "%s@%s" % (record.get("name") or "", server_of(record))


def _why_not(facts: Facts, kept: Kept) -> Optional[str]:
    if any(kind not in facts.collections for kind in kept.kinds):
        return "Nobody asked for it."
    gap = facts.whole(kept.kinds)
    return None if gap is None else gap.reason


def _item(facts: Facts, kept: Kept, record: Record) -> Dict[str, Any]:
    values = {name: record[name] for name in kept.fields}
    values[_BACKUP_SERVER] = server_of(record)
    for below in kept.below:
        members = facts.grouped(below.kind, kept.resource.thing, lambda member: (member[kept.resource.thing]["id"] or "").lower())
        own = members.get((record["id"] or "").lower(), [])
        fields = _fields_below(below)
        values[below.field] = [member[fields[0]] if len(fields) == 1 else {name: member[name] for name in fields} for member in own]
    plain = _plain(values)
    return plain if isinstance(plain, dict) else {}


def _plain(value: Any) -> Any:
    """Return a value without what is empty and what never counts, lists in an order of their own; None for nothing."""
    if isinstance(value, Mapping):
        parts = {name: _plain(part) for name, part in sorted(value.items()) if name not in _NEVER_INSIDE}
        return {name: part for name, part in parts.items() if part is not None} or None
    if isinstance(value, (list, tuple)):
        entries = [entry for entry in map(_plain, value) if entry is not None]
        return sorted(entries, key=_canonical) or None
    return None if value == "" else value


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


# ---------------------------------------------------------------------------------------------------------
# The file


class BaselineError(ValueError):
    """A text that is no baseline; the message says what is wrong and what to do."""


@dataclass(frozen=True)
class Baseline:
    """A baseline file. ``servers`` are the configurations by name of Enterprise Manager; ``untouched`` says that the digest is that of the content."""

    taken_at: str
    servers: Mapping[str, Configuration]
    sha256: str
    untouched: bool = True


def digest_of(servers: Mapping[str, Configuration]) -> str:
    """Return the SHA-256 of configurations: the same for the same content, in whatever format it is written."""
    return hashlib.sha256(_canonical(servers).encode("utf-8")).hexdigest()


def as_text(servers: Mapping[str, Configuration], taken_at: str, is_json: bool = False) -> str:
    """Return the text of a baseline file. Args: servers: configurations by name of Enterprise Manager; taken_at: time in UTC."""
    document = {
        "format": FORMAT,
        "taken_at": taken_at,
        "servers": sorted(servers),
        "sha256": digest_of(servers),
        "configurations": {name: servers[name] for name in sorted(servers)},
    }
    if is_json:
        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return str(yaml.dump(document, Dumper=dumper, sort_keys=False, allow_unicode=True, default_flow_style=False, width=_WIDTH))


def parse(text: str) -> Baseline:
    """Return a baseline file that was written as YAML or JSON. Raises BaselineError."""
    try:
        document = json.loads(text) if text.lstrip()[:1] == "{" else yaml.load(text, Loader=_safe_loader())
    except (ValueError, yaml.YAMLError) as error:
        raise BaselineError("The baseline is neither YAML nor JSON: %s" % " ".join(str(error).split())) from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise BaselineError("This is no baseline: its format has to be %s. Take one with veeam_em_baseline." % FORMAT)
    servers = document.get("configurations")
    if not isinstance(servers, dict) or not all(_is_configuration(one) for one in servers.values()):
        raise BaselineError("The baseline is damaged: its configurations are not whole. Take it anew, or restore the file from your version control.")
    sha256 = str(document.get("sha256"))
    return Baseline(str(document.get("taken_at")), servers, sha256, sha256 == digest_of(servers))


def _safe_loader() -> Any:
    # The one in C is ten times as fast, and not everywhere.
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _is_configuration(one: Any) -> bool:
    if not isinstance(one, dict) or not all(isinstance(one.get(part), dict) for part in ("fields", "not_read", "items")):
        return False
    return all(isinstance(items, dict) and all(isinstance(item, dict) for item in items.values()) for items in one["items"].values())


def thumbprint_of(baseline: Optional[Configuration], server: Record) -> Optional[str]:
    """Return the thumbprint that a backup server has in the baseline, None for none."""
    items = (baseline or {}).get("items", {}).get("backup_servers", {})
    thumbprint = items.get(_key_of(server), {}).get("vbr_certificate_thumbprint")
    return None if thumbprint is None else str(thumbprint)


def scopes_of_account(baseline: Optional[Configuration], account: Record) -> Optional[List[str]]:
    """Return the names of the restore scopes that an account has in the baseline, None where that does not know the account."""
    item = (baseline or {}).get("items", {}).get("security_accounts", {}).get(_key_of(account))
    return None if item is None else sorted({scope.get("name", "") for scope in item.get("scopes", [])})


# ---------------------------------------------------------------------------------------------------------
# Comparing


@dataclass(frozen=True)
class Change:
    """One thing that differs.

    ``kind`` is the plural, ``key`` what the item is known by. ``field`` is dotted, with the entry of a list in brackets
    (``job_info.backup_job_info.includes[srv01].order``), and "" for a whole item. ``before`` and ``after`` are plain data, None for nothing.
    """

    kind: str
    key: str
    name: str
    backup_server: str
    what: str
    field: str
    before: Any
    after: Any


def compared_kinds(baseline: Configuration, current: Configuration) -> List[str]:
    """Return the kinds that both have, in the order of ``CONFIGURATION``."""
    return [kept.kind for kept in CONFIGURATION if kept.kind in baseline["items"] and kept.kind in current["items"]]


def compare(baseline: Configuration, current: Configuration, ignored: Sequence[str] = ()) -> List[Change]:
    """Return what was added, removed and changed since the baseline, in a fixed order.

    A kind that one of them lacks is not compared, nor is a field that one of them does not know.
    Args: ignored: shell patterns of what does not count, such as ``jobs.description`` or ``jobs.job_schedule_options.*``.
    """
    changes: List[Change] = []
    for kind in compared_kinds(baseline, current):
        before, after = baseline["items"][kind], current["items"][kind]
        known = set(baseline["fields"].get(kind, ())) & set(current["fields"].get(kind, ()))
        found = [change for key in sorted({*before, *after}) for change in _item_changes(kind, key, before.get(key), after.get(key), known)]
        changes += sorted(found, key=lambda change: (change.name.casefold(), change.backup_server, change.key, change.field))
    return [change for change in changes if not _is_ignored(change, ignored)]


def _is_ignored(change: Change, patterns: Sequence[str]) -> bool:
    path = ".".join(filter(None, (change.kind, change.field)))
    return bool(change.field) and any(fnmatchcase(path, pattern) or path.startswith((pattern + ".", pattern + "[")) for pattern in patterns)


def _item_changes(kind: str, key: str, before: Optional[Record], after: Optional[Record], known: Iterable[str]) -> Iterator[Change]:
    one = after if after is not None else before or {}
    name, server = str(one.get("name") or one.get("username") or key), str(one.get(_BACKUP_SERVER) or "")
    if before is None or after is None:
        yield Change(kind, key, name, server, ADDED if before is None else REMOVED, "", before, after)
        return
    for field in sorted(known):
        for path, old, new in _differences(field, before.get(field), after.get(field)):
            yield Change(kind, key, name, server, CHANGED, path, old, new)


def _differences(path: str, before: Any, after: Any) -> Iterator[Tuple[str, Any, Any]]:
    """Yield dotted field, value before and value after of everything that differs."""
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted({*before, *after}):
            yield from _differences("%s.%s" % (path, name), before.get(name), after.get(name))
    elif _is_list_of_things(before) and _is_list_of_things(after):
        old, new = _by_identity(before or []), _by_identity(after or [])
        labels = _labels({**old, **new})
        for identity in sorted({*old, *new}, key=lambda one: (labels[one], one)):
            yield from _differences("%s[%s]" % (path, labels[identity]), old.get(identity), new.get(identity))
    else:
        yield path, before, after


def _is_list_of_things(value: Any) -> bool:
    """Tell whether it is a list of structures each of which is known by something of its own; nothing at all is such a list, too."""
    if value is None:
        return True
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        return False
    return len(_by_identity(value)) == len(value)


def _by_identity(entries: Sequence[Record]) -> Dict[str, Record]:
    return {str(next((entry[name] for name in _IDENTITIES if entry.get(name)), _canonical(entry))): entry for entry in entries}


def _labels(entries: Mapping[str, Record]) -> Dict[str, str]:
    """Return a short name for each entry, its identity where two have the same."""
    names = {identity: str(next((entry[name] for name in _LABELS if entry.get(name)), identity)) for identity, entry in entries.items()}
    taken: Dict[str, int] = {}
    for name in names.values():
        taken[name] = taken.get(name, 0) + 1
    return {identity: name if taken[name] == 1 else identity for identity, name in names.items()}


def as_diff(changes: Sequence[Change], baseline_name: str = "baseline", current_name: str = "now") -> Dict[str, str]:
    """Return the changes as Ansible shows them with ``--diff``: only what differs, one line a value."""
    before, after = _lines(changes, REMOVED), _lines(changes, ADDED)
    return {"before_header": baseline_name, "after_header": current_name, "before": "".join(before), "after": "".join(after)}


def _lines(changes: Sequence[Change], side: str) -> Iterator[str]:
    """Yield the lines of one side: REMOVED for what was, ADDED for what is."""
    shown = None
    for change in changes:
        value = change.before if side == REMOVED else change.after
        if not change.field and value is None:
            continue
        place = (change.kind, change.key)
        if place != shown:
            shown = place
            yield "%s / %s%s\n" % (change.kind, change.name, " (%s)" % change.backup_server if change.backup_server else "")
        if change.field:
            yield "  %s: %s\n" % (change.field, "-" if value is None else _shown(value))
        else:
            yield from ("  %s: %s\n" % (field, _shown(part)) for field, part in sorted(value.items()))


def _shown(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
