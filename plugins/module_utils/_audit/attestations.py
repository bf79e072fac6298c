# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Applies attestations: where a rule is not assessable, what somebody states answers it, and is shown as such. Private to this collection."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Callable, List, Optional, Sequence, Tuple

from .checks.statements import ANSWERING, ATTESTED_IN_FORCE, SIGNED
from .checks.unseen import NEVER_TOLD
from .evaluate import Section
from .model import FAIL, NOT_ASSESSABLE, PASS, Finding
from .policy import statement_data
from .settings import Attestation, Policy
from .statements import ACTIVE, EXPIRED, EXPIRES_SOON, NOT_YET, UNMATCHED, Candidates, Entry, Own, state_at
from .times import seconds_of

ATTESTATION = "attestation"
NAMESPACE = "veeam-em-attestation"  # what ssh-keygen is told that the signature is for
UNSIGNED, GOOD, BAD, UNCHECKED = "none", "good", "bad", "unchecked"
BAD_SIGNATURE, NOT_SIGNED = "bad_signature", "not_signed"

# Of an attestation, the signed bytes and its signature: whether it holds (None where nobody could tell), and a sentence about it.
Verify = Callable[[Attestation, bytes, bytes], Tuple[Optional[bool], str]]


def text_to_sign(attestation: Attestation) -> str:
    """Return what an owner signs, without the line feed at its end: everything but the signature, as JSON with two blanks a step and sorted keys."""
    signed = {name: value for name, value in statement_data(attestation).items() if name != "signature"}
    return json.dumps(signed, indent=2, sort_keys=True, ensure_ascii=False)


def signed_bytes(attestation: Attestation) -> bytes:
    """Return the bytes under the signature: the text to sign and a line feed, in UTF-8."""
    return (text_to_sign(attestation) + "\n").encode("utf-8")


def apply_attestations(
    sections: Sequence[Section], attestations: Sequence[Attestation], as_of: str, policy: Policy, verify: Optional[Verify] = None
) -> Tuple[List[Finding], List[Entry]]:
    """Mark the findings that attestations answer, each with the first that does.

    Args:
        as_of: the moment of the audit, UTC.
        verify: checks a signature; without it signatures stay unchecked, which counts as none.
    Returns: findings on the attestations themselves; an entry for each with its ``state`` (active, expires_soon, expired, unmatched,
    not_yet, bad_signature, not_signed), its ``signed`` (none, good, bad, unchecked), how many findings it ``answers``, and the text
    ``to_sign``.
    """
    own = Own(policy, ATTESTATION)
    now = seconds_of(as_of)
    open_findings = Candidates(sections, NOT_ASSESSABLE)
    entries: List[Entry] = []
    for attestation in attestations:
        answered = open_findings.fitting((attestation.rule,), attestation.scope, policy)
        state = state_at(attestation.date, attestation.expires, now, own.value(ATTESTED_IN_FORCE, "soon_days"))
        _judge_time(own, attestation, state)
        signed = _judge_signature(own, attestation, verify)
        if signed == BAD:
            state = BAD_SIGNATURE
        elif signed != GOOD and own.value(SIGNED, "required"):
            state = NOT_SIGNED
        if state in (ACTIVE, EXPIRES_SOON):
            for finding in answered:
                _answer(finding, attestation)
            _judge_use(own, attestation, answered)
            state = state if answered else UNMATCHED
        entries.append(_entry(attestation, state, signed, len(answered)))
    return own.findings, entries


def _answer(finding: Finding, attestation: Attestation) -> None:
    if finding.attestation is not None:
        return
    finding.attestation = attestation.id
    stated = "%s answers for it, as stated on %s, until %s." % (attestation.owner, attestation.date, attestation.expires)
    doubt = "" if finding.rule in NEVER_TOLD else " Of itself it could not be assessed: " + finding.judgement.reason
    finding.judgement = replace(finding.judgement, reason=stated + doubt)


def _entry(attestation: Attestation, state: str, signed: str, answers: int) -> Entry:
    written = {name: value for name, value in statement_data(attestation).items() if name != "signature"}
    return {**written, "state": state, "signed": signed, "answers": answers, "to_sign": text_to_sign(attestation)}


def _judge_time(own: Own, attestation: Attestation, state: str) -> None:
    measured = {"date": attestation.date, "expires": attestation.expires}
    words = "It is of %s and expires with %s." % (attestation.date, attestation.expires)
    if state == EXPIRED:
        words += " It answers nothing any more."
    elif state == NOT_YET:
        words += " It answers nothing before its date."
    elif state == EXPIRES_SOON:
        words += " That is within %g days." % own.value(ATTESTED_IN_FORCE, "soon_days")
    own.say(ATTESTED_IN_FORCE, attestation.id, FAIL if state in (EXPIRED, NOT_YET) else PASS, words, measured)


def _judge_signature(own: Own, attestation: Attestation, verify: Optional[Verify]) -> str:
    required = own.value(SIGNED, "required")
    expected = {"required": required}
    if not attestation.signature:
        reason = "Nobody signed it%s." % (", and the policy asks for a signature" if required else "; the policy asks for no signature")
        own.say(SIGNED, attestation.id, FAIL if required else PASS, reason, {"signed": UNSIGNED}, expected)
        return UNSIGNED
    holds: Optional[bool] = None
    sentence = "The audit was not told whose signatures to trust."
    if verify is not None:
        holds, sentence = verify(attestation, signed_bytes(attestation), attestation.signature.encode("utf-8"))
    signed = UNCHECKED if holds is None else GOOD if holds else BAD
    status = NOT_ASSESSABLE if holds is None else PASS if holds else FAIL
    own.say(SIGNED, attestation.id, status, sentence, {"signed": signed, "signer": attestation.signer}, expected)
    return signed


def _judge_use(own: Own, attestation: Attestation, answered: Sequence[Finding]) -> None:
    reason = "It answers %d finding%s of %s." % (len(answered), "" if len(answered) == 1 else "s", attestation.rule)
    own.say(ANSWERING, attestation.id, PASS if answered else FAIL, reason, {"findings": len(answered)}, {"findings_at_least": 1})
