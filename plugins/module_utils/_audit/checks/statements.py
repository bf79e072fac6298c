# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people say on paper: waivers and attestations. Their rules are judged when these are applied, not by what a server tells.

Who applies them: ``waivers.py`` and ``attestations.py``. Here stands what the rules are.
"""

from __future__ import annotations

from typing import Iterator, Tuple

from ..context import Context
from ..model import HIGH, LOW, MEDIUM, Judgement, Parameter, check

IN_FORCE, USED, NARROW, BEGUN, APPROVED = "W01", "W02", "W03", "W04", "W05"
ATTESTED_IN_FORCE, SIGNED, ANSWERING = "W06", "W07", "W08"
RULES: Tuple[str, ...] = (IN_FORCE, USED, NARROW, BEGUN, APPROVED, ATTESTED_IN_FORCE, SIGNED, ANSWERING)

_CONTROLS = ("CIS 4.1", "NIST CA-5", "ISO A.5.36")
_SOON = Parameter("soon_days", "number", 30.0, "How many days before its end it is told that it ends soon.", unit="days", minimum=0)


def _judged_elsewhere(_context: Context) -> Iterator[Judgement]:
    """Say nothing of a server."""
    return iter(())


def _rule(identity: str, title: str, severity: str, subject: str, why: str, how: str, fix: str, parameters: Tuple[Parameter, ...] = ()) -> None:
    declared = {"why": why, "how": how, "fix": fix, "parameters": parameters, "controls": _CONTROLS}
    check(id=identity, title=title, severity=severity, subject=subject, reads=(), **declared)(_judged_elsewhere)


_rule(
    IN_FORCE,
    "Waivers are in force",
    MEDIUM,
    "waiver",
    "What was accepted for a time is accepted no longer when that is over; a waiver that stays in the list hides that nobody decided again.",
    "The end of each waiver against the moment of the audit. An expired waiver covers nothing.",
    "Put right what it covered, or have it approved again with a new end; take it out of the list otherwise.",
    (_SOON,),
)
_rule(
    USED,
    "Waivers cover something",
    LOW,
    "waiver",
    "A waiver that covers no fail is either no longer needed or written wrongly, and would silently cover the next thing that fits.",
    "How many fails fit each waiver that is in force.",
    "Take it out of the list, or correct its rules and scope.",
)
_rule(
    NARROW,
    "Waivers are narrow",
    HIGH,
    "waiver",
    "A waiver for everything is a rule switched off, without anybody having said so.",
    "Whether a waiver names what it is for; how many fails it covers; and, from ten objects on, which share of those its rules looked at.",
    "Name the machines or jobs that it is for. Where a whole rule is not wanted, say so in the policy.",
    (
        Parameter("most_objects", "integer", 20, "How many fails one waiver may cover.", unit="fails", minimum=0),
        Parameter("most_percent", "number", 50.0, "Which share of the objects of a rule one waiver may cover.", unit="percent", minimum=0),
    ),
)
_rule(
    BEGUN,
    "Waivers have begun",
    LOW,
    "waiver",
    "A waiver from a day to come covers nothing today; often its year is wrong.",
    "The beginning of each waiver, where it has one, against the moment of the audit.",
    "Correct the day, or wait for it.",
)
_rule(
    APPROVED,
    "Waivers are approved by somebody else",
    MEDIUM,
    "waiver",
    "Who answers for a risk must not be the only one to accept it.",
    "Owner and approver of each waiver, blind to case and blanks.",
    "Have it approved by somebody else than its owner.",
)
_rule(
    ATTESTED_IN_FORCE,
    "Attestations are in force",
    MEDIUM,
    "attestation",
    "What somebody saw a year ago says little of today.",
    "Date and end of each attestation against the moment of the audit. Outside of them it answers nothing.",
    "Look again at what it states, and state it anew with a new date and end.",
    (_SOON,),
)
_rule(
    SIGNED,
    "Signatures of attestations hold",
    HIGH,
    "attestation",
    "A signature that does not fit says that the words are not those that were signed, or that somebody else signed them.",
    "The detached signature over the attestation, checked against the signers that the audit trusts. One that does not fit answers nothing.",
    "Have the attestation signed again by its owner, and see who changed it.",
    (Parameter("required", "bool", False, "Whether an attestation without a signature that was checked answers nothing."),),
)
_rule(
    ANSWERING,
    "Attestations answer something",
    LOW,
    "attestation",
    "An attestation that answers nothing is written wrongly or no longer needed.",
    "How many findings that are not assessable fit each attestation that is in force.",
    "Correct its rule and scope, or take it out of the list.",
)
