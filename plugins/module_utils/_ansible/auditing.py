# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A whole audit for one task: read, judge, report, keep the evidence. Private to this collection. It runs in the controller only."""

from __future__ import annotations

import gc
import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any, Dict, List, Mapping, Optional, Sequence

from .._api.gathering import Store
from .._audit.attestations import apply_attestations
from .._audit.checks.machines import assets_of_each
from .._audit.document import Document, as_document, with_figures
from .._audit.evaluate import Audit, Section, evaluate, kinds_read
from .._audit.facts import Facts
from .._audit.memory import without_collecting
from .._audit.pack_files import Draft, PackError
from .._audit.redaction import Redactor
from .._audit.settings import Policy
from .._audit.times import as_time
from .._audit.waivers import apply_waivers
from .audit_inputs import Inputs, OpenPack, need_yaml
from .audit_outputs import evidence_of, planned_reports, version_of_collection, write_reports
from .audit_results import as_result
from .audit_sources import Source, Wanted, ask, errors_of_the_audit, every_kind, from_pack, servers_of, sound_pack, with_history
from .audit_store import ServerStore
from .lanes import Call, Result

POLICY_ONLY, EVERYTHING = "policy", "everything"


def audit(call: Call) -> Result:
    """Return what came of an audit. It never fails because of what it finds.

    Raises EmError, for options and files that cannot be used before anything is sent.
    """
    need_yaml()
    params = call.params
    with errors_of_the_audit(), ExitStack() as stack:
        pack = stack.enter_context(sound_pack(params["pack"], params["expected_digest"] or "")) if params["pack"] else None
        inputs = Inputs.of(call, pack)
        targets = planned_reports(params)
        redactor = Redactor((params["redact_key"] or "").encode("utf-8")) if params["redact"] else None
        draft = _draft(call, stack)
        sources = _read(call, inputs, pack, _stores(call, stack, pack, draft, redactor))
        stack.enter_context(without_collecting())
        sources = with_history(call, sources, inputs.history_paths, pack)
        judged = _judged(call, inputs, sources) if pack is None else _judged_from_pack(call, inputs, sources, pack)
        if redactor is not None and draft is None:
            _learn(redactor, sources)
        sources = _without_records(sources)
        document = as_document(judged.audit, version_of_collection(), judged.waivers, judged.attestations)
        shown = _for_the_files(document, inputs, redactor)
        if call.check_mode:
            return {"changed": bool(targets or params["evidence"]), **as_result(document, params), "reports": [], "evidence": None}
        evidence = None if draft is None else evidence_of(call, draft, inputs, sources, shown, redactor)
        if evidence is not None:
            # Before the reports: it has to be known even when one of these cannot be written.
            call.progress("The evidence is in %s; its digest is %s" % (evidence["path"], evidence["digest"]))
        reports = write_reports(targets, shown)
        changed = evidence is not None or any(report["changed"] for report in reports)
        return {"changed": changed, **as_result(document, params), "reports": reports, "evidence": evidence}


def _draft(call: Call, stack: ExitStack) -> Optional[Draft]:
    """Return the evidence pack to write, None where none is wanted; a place that cannot be is refused in check mode, too."""
    if not call.params["evidence"]:
        return None
    draft = Draft(call.params["evidence"])
    return None if call.check_mode else stack.enter_context(draft)


def _stores(call: Call, stack: ExitStack, pack: Optional[OpenPack], draft: Optional[Draft], redactor: Optional[Redactor]) -> List[Store]:
    count = len(servers_of(call)) if pack is None else len(pack.manifest.servers)
    if draft is None:
        return [Store()] * count
    stores = [ServerStore(draft, number, redactor) for number in range(1, count + 1)]
    for store in stores:
        stack.enter_context(store)
    return list(stores)


def _read(call: Call, inputs: Inputs, pack: Optional[OpenPack], stores: Sequence[Store]) -> List[Source]:
    fields = kinds_read(inputs.policy)
    if pack is not None:
        return from_pack(pack, fields, inputs.moment, stores)
    for_pack = every_kind() if call.params["gather"] == EVERYTHING else ()
    return ask(call, servers_of(call), Wanted(fields, for_pack, inputs.policy.lookback_days), inputs.moment, stores)


@dataclass(frozen=True)
class _Judged:
    """Findings and figures, with what became of waivers and attestations; no records."""

    audit: Audit
    waivers: Sequence[Mapping[str, Any]]
    attestations: Sequence[Mapping[str, Any]]


def _judged(call: Call, inputs: Inputs, sources: Sequence[Source]) -> _Judged:
    """Return the findings as they are, with their waivers and attestations."""
    policy = inputs.policy
    call.progress("Judging by the policy %s" % policy.name)
    policies = _policies(policy, [source.facts for source in sources])
    sections = [_section(call, inputs, own, source) for source, own in zip(sources, policies)]
    as_of = as_time(max((section.facts.now for section in sections), default=time.time()))
    on_waivers, waivers = apply_waivers(sections, policy.waivers, as_of, policy)
    on_attestations, attestations = apply_attestations(sections, policy.attestations, as_of, policy, inputs.verify)
    figured = [with_figures(section, own) for section, own in zip(sections, policies)]
    return _Judged(Audit(policy, as_of, figured, [*on_waivers, *on_attestations]), waivers, attestations)


def _policies(policy: Policy, servers: Sequence[Facts]) -> List[Policy]:
    """Return the policy for each server: of several, each has to know its own part of the assets."""
    if len(servers) < 2 or not policy.assets:
        return [policy] * len(servers)
    return [replace(policy, assets=own) for own in assets_of_each(policy.assets, servers)]


def _judged_from_pack(call: Call, inputs: Inputs, sources: Sequence[Source], pack: OpenPack) -> _Judged:
    """Return the findings about a pack. Its records may be of any form, as the pack may come from anybody."""
    try:
        return _judged(call, inputs, sources)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise PackError("The records in the evidence pack %s have not the form of records: %s" % (pack.files.path, type(error).__name__)) from error


def _section(call: Call, inputs: Inputs, policy: Policy, source: Source) -> Section:
    facts = source.facts
    known: Mapping[str, Any] = {} if inputs.baseline is None else inputs.baseline.servers
    if known and facts.server.name not in known:
        call.warn("The baseline does not know %s; it knows %s." % (facts.server.name, ", ".join(sorted(known))))
    section = evaluate(facts, policy, [one.facts for one in source.earlier], known.get(facts.server.name))
    return replace(section, trends=[one.point for one in source.earlier if one.point is not None])


def _without_records(sources: Sequence[Source]) -> List[Source]:
    """Return the sources without what was judged, which is most of what is in memory while the document and its reports are made."""
    light = [replace(source, facts=replace(source.facts, collections={})) for source in sources]
    gc.collect()  # facts and what was made of them hold each other
    return light


def _learn(redactor: Redactor, sources: Sequence[Source]) -> None:
    """Have the names in the records known, as they are where a pack is written: a name may be made of words that sentences are made of."""
    for source in sources:
        for kind, records in source.facts.collections.items():
            for record in records:
                redactor.record(kind, record)


def _for_the_files(document: Document, inputs: Inputs, redactor: Optional[Redactor]) -> Dict[str, Any]:
    """Return the document as pack and reports get it. The policy comes first: its words are names that findings repeat."""
    if redactor is None:
        return document
    redactor.data(inputs.as_policy_data(), strict=True)
    redacted: Dict[str, Any] = redactor.data(document)
    return redacted
