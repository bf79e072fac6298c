# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The form of a policy, of a list of waivers and of a list of attestations, declared once. Private to this collection.

Rules and their parameters come from the registry of checks, so that a new check needs no word here.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Dict, Iterable, Mapping, Tuple

from .all_checks import statements
from .forms import Flag, Form, Key, Many, Moment, Number, Schema, Struct, Table, Text, form_of, json_schema
from .model import CHECKS, SEVERITIES, Check, Parameter
from .own_rules import OWN_RULE_ID, own_rule_form
from .yaml_tree import Node, Problems

FORMAT = 1
# The audit itself (A), words given by people (W) and what nobody can look at (X): silence on these would be taken for a pass.
UNSEEN = "X"
ALWAYS = ("A", "W", UNSEEN)
OF_STATEMENTS = statements.RULES  # rules about waivers and attestations, against which none can stand
LONGEST_LOOKBACK = 91  # days; the service answers queries over 13 weeks at most
REPOSITORY_FACTS = ("site", "media", "offsite", "immutable")

_PATTERNS = Many(Text(), definition="patterns")
_FORMAT = Key("format", Number(FORMAT, FORMAT, integer=True), "Version of this form.", default=FORMAT)

SELECTOR = Struct(
    "what is meant",
    (
        Key("names", _PATTERNS, "Names of the things themselves, or their unique ids."),
        Key("jobs", _PATTERNS, "Names of jobs that a machine is in."),
        Key("repositories", _PATTERNS, "Names of repositories that restore points of a machine lie in."),
        Key("tags", _PATTERNS, "Tags, by this policy or by the virtualization host."),
        Key("servers", _PATTERNS, "Backup servers, or addresses of Enterprise Managers with their port."),
        Key("kinds", _PATTERNS, "Kinds of things, such as machine, job, repository or account."),
    ),
    definition="selector",
    short=_PATTERNS,
    short_for="names",
)


def _not_all(node: Node, values: Dict[str, Any], problems: Problems) -> None:
    if isinstance(node.value, Mapping) and not any(values.values()):
        problems.add(node, "%s says nothing, and so would choose everything; say what is meant." % node.path)


CHOICE = Struct(SELECTOR.title, SELECTOR.keys, definition="choice", short=SELECTOR.short, short_for=SELECTOR.short_for, check=_not_all)

SCOPE = Struct(
    "what is looked at",
    (
        Key("include", Many(CHOICE), "What is looked at; without it everything."),
        Key("exclude", Many(CHOICE), "What is not looked at, even if it is included."),
    ),
    definition="scope",
)

REPOSITORY = Struct(
    "what is known of repositories",
    (
        Key("select", CHOICE, "Which repositories.", required=True),
        Key("site", Text(), "Where they stand."),
        Key("media", Text(), "What they are kept on, such as disk, object storage or tape."),
        Key("offsite", Flag(), "Whether they are away from what they protect."),
        Key("immutable", Flag(), "Whether what is in them cannot be changed or deleted for a time, or is offline."),
    ),
)


def by_class_parameters() -> Dict[str, Parameter]:
    """Return every parameter that classes of machines may have values for, by name."""
    return {parameter.name: parameter for _id, check in sorted(CHECKS.items()) for parameter in check.parameters if parameter.by_class}


def class_form() -> Struct:
    """Return the form of a class of machines."""
    values = tuple(Key(name, form_of(parameter), parameter.meaning) for name, parameter in by_class_parameters().items())
    return Struct(
        "a class of machines",
        (
            Key("name", Text(), "What it is called.", required=True),
            Key("select", CHOICE, "Which machines; the first class that chooses a machine counts.", required=True),
            Key("values", Struct("values of a class", values, noun="parameter by class"), "Values of parameters for these machines.", required=True),
        ),
    )


def rule_form(check: Check) -> Struct:
    """Return the form of the rule that a check is."""
    parameters = tuple(Key(one.name, form_of(one), one.meaning, default=plain(one.default)) for one in check.parameters)

    def stays(node: Node, values: Dict[str, Any], problems: Problems) -> None:
        refuse_silence(check.id, values, node, problems)

    return Struct(
        check.title,
        (
            Key("enabled", Flag(), "Whether the rule is applied.", default=True),
            Key("severity", Text(choices=SEVERITIES), "How grave a fail is.", default=check.severity),
            Key("parameters", Struct("parameters of " + check.id, parameters, noun="parameter"), "Values for its parameters."),
            Key("scope", SCOPE, "What of its objects is looked at."),
        ),
        short=Flag(),
        short_for="enabled",
        check=stays,
    )


def refuse_silence(identity: str, values: Mapping[str, Any], node: Node, problems: Problems) -> None:
    """Note that a rule which stands in every report is switched off."""
    if values.get("enabled") is False and identity[0] in ALWAYS and "-" not in identity:
        problems.add(node, "%s cannot be switched off: it tells what the rest of the report rests on. Attest or waive what it finds." % identity)


def rules_form() -> Struct:
    """Return the form of all rules; those of the policy's own are known by their pattern only."""
    own = Struct(
        "a rule of your own",
        (
            Key("enabled", Flag(), "Whether the rule is applied.", default=True),
            Key("severity", Text(choices=SEVERITIES), "How grave a fail is."),
            Key("scope", SCOPE, "What of its objects is looked at."),
        ),
        short=Flag(),
        short_for="enabled",
    )
    keys = tuple(Key(identity, rule_form(check), check.title) for identity, check in sorted(CHECKS.items()) if "-" not in identity)
    return Struct("rules", keys, noun="rule", of_pattern=((OWN_RULE_ID, own),))


_RULE_ID: Form = Text(pattern=r"^[A-Z][A-Z0-9-]*$", like="the id of a rule, such as C02", longest=40)
_ID = Text(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", like="an id of letters, digits, dots, hyphens and underscores", longest=80)

WAIVER = Struct(
    "a waiver",
    (
        Key("id", _ID, "What it is called in reports.", required=True),
        Key("rules", Many(_RULE_ID, least=1), "Ids of the rules whose fails it covers.", required=True),
        Key("scope", SELECTOR, "Whose fails it covers. Without it those of everything, which is a finding by itself."),
        Key("reason", Text(), "Why the fails are accepted.", required=True),
        Key("owner", Text(), "Who answers for it.", required=True),
        Key("approver", Text(), "Who allowed it; somebody else than the owner.", required=True),
        Key("ticket", Text(), "Where it was decided.", required=True),
        Key("created", Moment(), "From when on it holds."),
        Key("expires", Moment(), "Until when it holds; a day counts to its end, in UTC.", required=True),
    ),
)

ATTESTATION = Struct(
    "an attestation",
    (
        Key("id", _ID, "What it is called in reports.", required=True),
        Key("rule", _RULE_ID, "Id of the rule that it answers where the API cannot.", required=True),
        Key("scope", SELECTOR, "What it is said of. Without it of everything that the rule asks about."),
        Key("statement", Text(), "What is stated, in a sentence.", required=True),
        Key("owner", Text(), "Who states it.", required=True),
        Key("date", Moment(), "When it was stated; it holds from then on.", required=True),
        Key("expires", Moment(), "Until when it holds; a day counts to its end, in UTC.", required=True),
        Key("signature", Text(), "Path of a file with a detached signature, beside this one, or the signature itself."),
        Key("signer", Text(), "Whose signature it is, as the list of allowed signers calls them."),
    ),
)

WAIVERS_FILE = Struct("waivers", (_FORMAT, Key("waivers", Many(WAIVER, alone=False), "The waivers.", required=True)))
ATTESTATIONS_FILE = Struct("attestations", (_FORMAT, Key("attestations", Many(ATTESTATION, alone=False), "The attestations.", required=True)))


@lru_cache(maxsize=1)
def policy_form() -> Struct:
    """Return the form of a policy. All checks are registered when this module is there."""
    files = Many(Text())
    return Struct(
        "the policy",
        (
            _FORMAT,
            Key("name", Text(longest=200), "What reports call the policy."),
            Key("description", Text(), "What it is for."),
            Key("extends", files, "Packs by their name and policies by their path, seen from this file. What is later wins."),
            Key("lookback_days", Number(1, LONGEST_LOOKBACK, unit="days"), "How far back runs and sessions are read.", default=30),
            Key("scope", SCOPE, "What the whole audit looks at."),
            Key("rules", rules_form(), "Which checks are made, and how; by id."),
            Key("classes", Many(class_form(), alone=False), "Machines with values of their own. The first class that chooses a machine counts."),
            Key("repositories", Many(REPOSITORY, alone=False), "What the API does not tell of repositories. The first entry that tells a fact counts."),
            Key("tags", Table(_PATTERNS), "Tags for machines, each with patterns of their names."),
            Key("assets", Many(Text()), "Names of machines that have to be protected, whether a virtualization host shows them or not."),
            Key("asset_files", files, "Text files with such names, one a line; # begins a comment."),
            Key("own_rules", Many(own_rule_form(), alone=False), "Rules of your own."),
            Key("waivers", Many(WAIVER, alone=False), "Leave for fails that somebody answers for."),
            Key("waiver_files", files, "Files with waivers."),
            Key("attestations", Many(ATTESTATION, alone=False), "What people state where the API cannot tell."),
            Key("attestation_files", files, "Files with attestations."),
        ),
    )


def plain(value: Any) -> Any:
    """Return a default of a declaration as JSON has it."""
    if isinstance(value, Mapping):
        return {str(name): plain(member) for name, member in value.items()}
    return [plain(member) for member in value] if isinstance(value, (list, tuple)) else value


def known_rules(own: Iterable[str] = ()) -> Tuple[str, ...]:
    """Return the ids of all rules that there are: of the collection and of the policy's own."""
    return tuple(sorted({*CHECKS, *own}))


def schemas() -> Dict[str, Schema]:
    """Return the JSON Schemas that ship with the collection, by the name of the file."""
    return {
        "policy.schema.json": json_schema(policy_form(), "Policy of an audit", "urn:openbackup:veeam_em:policy:%d" % FORMAT),
        "waivers.schema.json": json_schema(WAIVERS_FILE, "Waivers of an audit", "urn:openbackup:veeam_em:waivers:%d" % FORMAT),
        "attestations.schema.json": json_schema(ATTESTATIONS_FILE, "Attestations of an audit", "urn:openbackup:veeam_em:attestations:%d" % FORMAT),
    }
