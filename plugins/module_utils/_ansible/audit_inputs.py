# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an audit goes by: policy, waivers, attestations, baseline, moment; from options, or from an evidence pack. Private to this collection."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Tuple

from .._api import query
from .._api.errors import OptionError
from .._audit import all_checks, drift
from .._audit.attestations import Verify
from .._audit.evidence import BASELINE, EFFECTIVE_POLICY, SIGNATURES, Manifest
from .._audit.pack_files import Pack, PackError
from .._audit.policy import effective, load_attestations, load_policy, load_waivers, policy_from_data
from .._audit.settings import Attestation, Policy
from .._audit.times import seconds_of
from .._audit.yaml_tree import CAN_READ
from .lanes import Call
from .signatures import verifier

DEFAULT_POLICY = "baseline"
GATHERED, NOW = "gathered", "now"
ROOMS_OF_CHECKS = all_checks.ROOMS  # importing them registers the checks


def need_yaml() -> None:
    """Refuse to go on without PyYAML. Raises OptionError."""
    if not CAN_READ:
        raise OptionError(
            "The controller's Python lacks the library PyYAML, which policies are read with.", advice="It comes with ansible-core: install that anew."
        )


@dataclass(frozen=True)
class OpenPack:
    """An evidence pack that is open and untouched."""

    files: Pack
    manifest: Manifest

    @property
    def is_redacted(self) -> bool:
        """Whether names in it are pseudonyms."""
        return bool(self.manifest.head.get("redacted"))


@dataclass(frozen=True)
class Moment:
    """The moment of judging: None for that of the gathering, else seconds since 1970; ``is_now`` says that it is the present by our clock."""

    seconds: Optional[float] = None
    is_now: bool = False

    @classmethod
    def of(cls, wanted: Optional[str]) -> "Moment":
        """Return what the option as_of means. Raises FilterError for what is no time."""
        if not wanted or wanted == GATHERED:
            return cls()
        # Packs and reports tell it to the second: what is judged again from them has to be the same to the last digit.
        return cls(float(math.floor(seconds_of(query.utc_stamp("-0h" if wanted == NOW else wanted, "as_of")))), wanted == NOW)

    def of_server(self, name: str, gathered_at: str) -> Optional[float]:
        """Return the moment against which to measure what a server told, None for the usual one.

        Raises OptionError for a moment before the server was asked: what came in between would make everything look younger than it was.
        """
        if self.seconds is None or self.seconds >= seconds_of(gathered_at):
            return self.seconds
        if self.is_now:
            return seconds_of(gathered_at)  # the server's clock is ahead of ours
        raise OptionError("as_of lies before %s, when %s was read." % (gathered_at, name), advice="For an earlier moment judge an evidence pack of that time.")


@dataclass(frozen=True)
class Inputs:
    """What an audit goes by. ``baseline_text`` is the file as it was given, "" for none; ``signatures`` is what came of looking at those."""

    policy: Policy
    moment: Moment
    baseline_text: str
    baseline: Optional[drift.Baseline]
    history_paths: Tuple[str, ...]
    verify: Optional[Verify]
    signatures: Dict[str, List[Any]]

    @classmethod
    def of(cls, call: Call, pack: Optional[OpenPack]) -> "Inputs":
        """Return what the options say; what they leave out is taken from the pack, where there is one."""
        params = call.params
        policy = _policy(params, pack)
        text = text_of(params["baseline"], "baseline") if params["baseline"] else _baseline_of(pack)
        baseline = drift.parse(text) if text else None
        if baseline is not None and not baseline.untouched:
            call.warn("The baseline was changed by hand since it was taken: its digest does not fit its content.")
        if pack is not None and pack.is_redacted:
            call.warn("The evidence pack is redacted: patterns of names in the policy meet pseudonyms.")
        signatures: Dict[str, List[Any]] = {}
        verify = _verify(call, pack, signatures)
        moment = Moment.of(params["as_of"])
        return cls(policy, moment, text, baseline, tuple(params["history"] or ()), verify, signatures)

    def as_policy_data(self) -> Dict[str, Any]:
        """Return the policy as plain data, with all waivers and attestations."""
        return effective(self.policy)


def text_of(path: str, option: str) -> str:
    """Return the text of a file that an option names. Raises OptionError."""
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise OptionError("The file %s of option %s could not be read: %s." % (path, option, reason)) from error


def _baseline_of(pack: Optional[OpenPack]) -> str:
    if pack is None or BASELINE not in pack.files.names:
        return ""
    return pack.files.read(BASELINE).decode("utf-8", "replace")


def _policy(params: Mapping[str, Any], pack: Optional[OpenPack]) -> Policy:
    """Return the policy of the option, else that of the pack, else the default, with the waivers and attestations of the options."""
    if pack is None or params["policy"]:
        policy = load_policy(params["policy"] or DEFAULT_POLICY)
    else:
        data = pack.files.data(EFFECTIVE_POLICY)
        if not isinstance(data, dict):
            raise PackError("The policy in the evidence pack %s is damaged." % pack.files.path)
        policy = policy_from_data(data)
    own = list(policy.rules)
    waivers = [one for source in _sources(params["waivers"]) for one in load_waivers(source, own_rules=own)]
    attestations = [one for source in _sources(params["attestations"]) for one in load_attestations(source, own_rules=own)]
    all_waivers, all_attestations = (*policy.waivers, *waivers), (*policy.attestations, *attestations)
    for word, ids in (("waivers", [one.id for one in all_waivers]), ("attestations", [one.id for one in all_attestations])):
        twice = sorted({one for one in ids if ids.count(one) > 1})
        if twice:
            raise OptionError("Two %s have the id %s." % (word, ", ".join(twice)), advice="Each needs an id of its own; those of an evidence pack count, too.")
    return replace(policy, waivers=all_waivers, attestations=all_attestations)


def _sources(value: Any) -> List[Any]:
    """Return paths one by one, and entries that were written inline as one list."""
    if value in (None, "", []):
        return []
    items = value if isinstance(value, list) else [value]
    paths = [item for item in items if isinstance(item, str)]
    inline = [item for item in items if not isinstance(item, str)]
    return [*paths, *([inline] if inline else [])]


def _verify(call: Call, pack: Optional[OpenPack], noted: Dict[str, List[Any]]) -> Optional[Verify]:
    """Return what looks at signatures: the keys of the option, else what was seen when the pack was made."""
    keys = (call.params["allowed_signers"], call.params["keyring"])
    look = (verifier(call.run_program, *keys) if call.run_program else None) or _verifier_of_pack(pack)
    if look is None:
        return None

    def verify(attestation: Attestation, signed: bytes, signature: bytes) -> Tuple[Optional[bool], str]:
        holds, sentence = look(attestation, signed, signature)
        noted[attestation.id] = [holds, sentence]
        return holds, sentence

    return verify


def _verifier_of_pack(pack: Optional[OpenPack]) -> Optional[Verify]:
    """Return what tells again what was seen when the pack was made."""
    told = pack.files.data(SIGNATURES) if pack is not None and SIGNATURES in pack.files.names else None
    if not isinstance(told, dict):
        return None

    def verify(attestation: Attestation, _signed: bytes, _signature: bytes) -> Tuple[Optional[bool], str]:
        holds, sentence = told.get(attestation.id) or (None, "Nobody looked at the signature when the evidence was taken.")
        return holds, str(sentence)

    return verify
