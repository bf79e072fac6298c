# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the facts of an audit come from: Enterprise Managers that are asked, or an evidence pack. Private to this collection."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from dataclasses import fields as fields_of_class
from datetime import datetime, timezone
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple

from .._api.entities.registry import RESOURCES
from .._api.entities.restores import RESTORE_SESSION
from .._api.errors import EmError, FileError, Interrupted, OptionError
from .._api.estate_plan import is_session
from .._api.gathering import Ear, Gathered, Heard, Store, gather
from .._api.session import Session
from .._api.transport import ConnectionOptions
from .._audit import drift
from .._audit.evidence import Touch, answers_of_pack, facts_of, kinds_held, pages_of, verify
from .._audit.facts import Answer, Facts, Gap, ServerFacts
from .._audit.history import Earlier, in_order, kept_in, of_pack
from .._audit.model import ANSWER, CHECKS, ERROR, NOT_ASSESSABLE, Record
from .._audit.pack_files import Pack, PackError
from .._audit.times import as_time, seconds_of
from .._audit.yaml_tree import PolicyError
from .audit_inputs import Moment, OpenPack
from .audit_store import ServerStore
from .lanes import Call
from .options import CONNECTION_OPTIONS, connection_options

# Queries of sessions reach back so far and no further (API.md section 1).
LONGEST_LOOKBACK_DAYS = 91.0

Fields = Mapping[str, Sequence[str]]


@contextmanager
def errors_of_the_audit() -> Iterator[None]:
    """Turn what the audit says of its files into errors of the collection."""
    try:
        yield
    except PolicyError as error:
        raise OptionError(str(error), data={"problems": [str(problem) for problem in error.problems]}) from error
    except drift.BaselineError as error:
        raise OptionError(str(error)) from error
    except PackError as error:
        raise FileError(str(error)) from error


@dataclass(frozen=True)
class Source:
    """One Enterprise Manager, read. ``kinds`` are all kinds that were asked for, also those that only the store holds.

    ``earlier`` are the audits before this one, the oldest first.
    """

    facts: Facts
    kinds: Tuple[str, ...]
    store: Store
    heard: Sequence[Heard] = ()
    earlier: Sequence[Earlier] = ()


# ---------------------------------------------------------------------------------------------------------
# Asking Enterprise Managers


def servers_of(call: Call) -> List[ConnectionOptions]:
    """Return whom to ask: the servers of the option, each with the connection options of the task where it has none of its own.

    Raises OptionError, before anything is sent.
    """
    entries: List[Mapping[str, Any]] = call.params.get("servers") or []
    shared = {option.name: call.params.get(option.name) for option in CONNECTION_OPTIONS}
    if entries:
        shared["session"] = None  # a token is known to one server only
    wanted = [connection_options({**shared, **_given(entry)}) for entry in entries or [{}]]
    for options in wanted:
        options.check()
    names = [name_of(options) for options in wanted]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise OptionError("The Enterprise Manager %s is named twice." % ", ".join(twice), advice="Name each server once in the option servers.")
    return wanted


def _given(entry: Mapping[str, Any]) -> Dict[str, Any]:
    return {name: value for name, value in entry.items() if value is not None}


def name_of(options: ConnectionOptions) -> str:
    """Return by what an Enterprise Manager is called in an audit: its address with port."""
    return "%s:%d" % (options.host, options.port)


@dataclass(frozen=True)
class Wanted:
    """What to read: fields by kind to judge by, further kinds for the pack, how far back (days)."""

    fields: Fields
    for_pack: Tuple[str, ...] = ()
    lookback_days: float = 30.0

    @property
    def lookback_by_kind(self) -> Dict[str, float]:
        """How far back runs of every kind are read; restore points and files come whole."""
        days = dict.fromkeys((resource.plural for resource in RESOURCES if is_session(resource)), self.lookback_days)
        # A machine is restored now and then only: what counts is when that was last.
        return {**days, RESTORE_SESSION.plural: max(self.lookback_days, LONGEST_LOOKBACK_DAYS)}


def every_kind() -> Tuple[str, ...]:
    """Return every kind that some check reads, so that a pack can be judged by any policy later."""
    return tuple(dict.fromkeys(reads.kind for check in CHECKS.values() for reads in check.reads))


def ask(call: Call, servers: Sequence[ConnectionOptions], wanted: Wanted, moment: Moment, stores: Sequence[Store]) -> List[Source]:
    """Return what the servers tell, one after the other. Of several, one that cannot be read is a source in which everything is missing.

    Raises Interrupted; what the only server, or the first of several of which none could be read, met.
    """
    found: List[Source] = []
    errors: List[EmError] = []
    for options, store in zip(servers, stores):
        call.progress("Reading %s" % name_of(options))
        ear = Ear(store)
        try:
            found.append(_ask_one(call, options, wanted, store, ear))
        except Interrupted:
            raise
        except EmError as error:
            if len(servers) == 1:
                raise
            call.warn("%s could not be read: %s" % (name_of(options), error))
            errors.append(error)
            found.append(_lost(options, wanted, error, store, ear.heard))
    if len(errors) == len(servers):
        raise errors[0]
    return [_at(source, moment) for source in found]


def _at(source: Source, moment: Moment) -> Source:
    now = moment.of_server(source.facts.server.name, source.facts.server.gathered_at)
    return source if now is None else replace(source, facts=replace(source.facts, now=now))


def _ask_one(call: Call, options: ConnectionOptions, wanted: Wanted, store: Store, ear: Ear) -> Source:
    warnings: List[str] = []
    with Session(options, warn=warnings.append, interrupted=call.interrupted, observe=ear.observe) as session:
        found = gather(session, ear, store, wanted.fields, wanted.lookback_by_kind, ANSWER, for_store=wanted.for_pack)
    for sentence in warnings:
        call.warn("%s: %s" % (name_of(options), sentence))
    return Source(_facts(found, name_of(options), wanted.lookback_days, warnings), found.kinds, store, found.answers)


def _facts(found: Gathered, name: str, lookback_days: float, warnings: Sequence[str]) -> Facts:
    notes = found.notes
    server = ServerFacts(
        name=name,
        gathered_at=as_time(found.began.timestamp()),
        version=notes.product,
        api_version=notes.api_version,
        account=notes.account,
        roles=notes.roles,
        lookback_days=lookback_days,
        sees_all=notes.sees_all,
        warnings=tuple(filter(None, (notes.scope, *warnings))),
        tls_not_after=notes.certificate_ends,
    )
    gaps = {kind: Gap(NOT_ASSESSABLE if lack.refused else ERROR, lack.reason) for kind, lack in found.lacks.items()}
    return Facts(server, seconds_of(server.gathered_at), found.collections, gaps, _answers(found.answers))


def _answers(heard: Sequence[Heard]) -> List[Answer]:
    return [Answer(one.number, one.url, one.sha256, one.time, one.size) for one in heard]


def _lost(options: ConnectionOptions, wanted: Wanted, error: EmError, store: Store, heard: Sequence[Heard]) -> Source:
    kinds = tuple(dict.fromkeys((*wanted.fields, *wanted.for_pack)))
    reason = "Enterprise Manager could not be read. %s" % error
    server = ServerFacts(name_of(options), as_time(datetime.now(timezone.utc).timestamp()), lookback_days=wanted.lookback_days, warnings=(reason,))
    nothing: Dict[str, List[Record]] = {kind: [] for kind in wanted.fields}
    # What was heard before it was lost lies in the pack already.
    facts = Facts(server, seconds_of(server.gathered_at), nothing, {kind: Gap(ERROR, reason) for kind in kinds}, _answers(heard))
    return Source(facts, kinds, store, heard)


# ---------------------------------------------------------------------------------------------------------
# Reading an evidence pack


@contextmanager
def sound_pack(path: str, expected_digest: str = "") -> Iterator[OpenPack]:
    """A pack that is as it was written. Raises PackError for one that was touched."""
    with Pack(path) as pack:
        manifest, touched = verify(pack, expected_digest)
        if manifest is None or touched:
            raise PackError("The evidence pack %s was touched since it was written, so that it proves nothing. %s" % (path, _some_of(touched)))
        yield OpenPack(pack, manifest)


def _some_of(touched: Sequence[Touch], most: int = 3) -> str:
    told = ["%s: %s" % (touch.path, touch.reason) for touch in touched[:most]]
    return " ".join(told + (["And %d more." % (len(touched) - most)] if len(touched) > most else []))


def from_pack(pack: OpenPack, fields: Fields, moment: Moment, stores: Sequence[Store]) -> List[Source]:
    """Return what a pack tells of its servers; kinds that it does not hold are missing. What the pack holds goes into the stores, too.

    Raises PackError.
    """
    found = []
    for entry, store in zip(pack.manifest.servers, stores):
        facts = facts_of(pack.files, entry, fields, moment.of_server(entry["name"], _time_in(pack, entry)))
        kinds, heard = _copied(pack.files, entry, store) if isinstance(store, ServerStore) else ((), [])
        found.append(Source(facts, kinds, store, heard))
    return found


def _time_in(pack: OpenPack, entry: Mapping[str, Any]) -> str:
    try:
        seconds_of(entry["gathered_at"])
    except ValueError as error:
        raise PackError("What the evidence pack %s says of %s is damaged." % (pack.files.path, entry["name"])) from error
    return str(entry["gathered_at"])


def _copied(pack: Pack, entry: Mapping[str, Any], store: Store) -> Tuple[Tuple[str, ...], List[Heard]]:
    """Copy records and answers of a server, and return the kinds and the answers."""
    kinds = kinds_held(pack, entry)
    for kind in kinds:
        for number, page in enumerate(pages_of(pack, entry, kind)):
            store.take_records(kind, (number,), store.pack(kind, page))
    heard = []
    for line, body in answers_of_pack(pack, entry):
        if not all(field.name in line for field in fields_of_class(Heard)):
            raise PackError("The list of answers in the evidence pack %s is damaged." % pack.path)
        one = Heard(**{field.name: line[field.name] for field in fields_of_class(Heard)})
        heard.append(one)
        if body is not None:
            store.take_answer(one, body)
    return kinds, heard


def with_history(call: Call, sources: Sequence[Source], paths: Iterable[str], pack: Optional[OpenPack]) -> List[Source]:
    """Return the sources with what earlier packs tell of each, and what the pack that is judged again has kept of them.

    What tells of none of the servers, and what is not earlier, is left out with a warning. Raises PackError.
    """
    found: Dict[str, List[Earlier]] = {source.facts.server.name: [] for source in sources}
    for name, kept in (kept_in(pack.files) if pack is not None else {}).items():
        if name in found:
            found[name].extend(kept.earlier)
    for path in paths:
        with sound_pack(path) as one:
            told = [entry["name"] for entry in one.manifest.servers]
            if not set(told) & set(found):
                call.warn("The earlier evidence %s is of %s and tells nothing of this audit's servers: it is left out." % (path, ", ".join(told)))
            for entry in one.manifest.servers:
                if entry["name"] in found:
                    found[entry["name"]].extend(of_pack(one.files, entry))
    return [replace(source, earlier=_earlier_ones(call, source.facts.server, found[source.facts.server.name])) for source in sources]


def _earlier_ones(call: Call, server: ServerFacts, found: Sequence[Earlier]) -> List[Earlier]:
    earlier = in_order(found, server.gathered_at)
    late = {one.facts.server.gathered_at for one in found} - {one.facts.server.gathered_at for one in earlier}
    if late:
        call.warn("Evidence of %s that was read at %s is not earlier than this audit: it is left out." % (server.name, ", ".join(sorted(late))))
    return earlier
