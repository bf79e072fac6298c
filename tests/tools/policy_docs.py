# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of the policy's documentation follows from its declaration: the JSON Schemas that ship, and the tables of docs/audit.

A table stands between two comment lines, ``<!-- generated: begin NAME -->`` and ``<!-- generated: end -->``; ``generate_docs.py`` writes
and checks them with everything else.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from environments import ROOT, collection_tree

sys.path.insert(0, str(collection_tree()))

from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit import policy_schema
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.conditions import OPERATORS
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.forms import Form, Struct, form_of
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.model import CHECKS
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.own_rules import RESOURCES_OF_RULES, own_rule_form

SCHEMAS = ROOT / "extensions" / "audit" / "schemas"
PAGES = (ROOT / "docs" / "audit" / "policy.md", ROOT / "docs" / "audit" / "waivers.md")
PART = re.compile(r"(?P<begin><!-- generated: begin (?P<name>[a-z ]+) -->\n).*?(?P<end><!-- generated: end -->)", re.DOTALL)
LONGEST_DEFAULT = 40


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join("| %s |\n" % " | ".join(cell.replace("|", "\\|") for cell in line) for line in lines)


def keys_of(form: Form) -> str:
    """Return the keys of a mapping as a table."""
    assert isinstance(form, Struct)
    rows = ((f"`{key.name}`" + (" (needed)" if key.required else ""), shown(key.form), key.meaning + default_words(key.default)) for key in form.keys)
    return table(("Key", "Value", "Meaning"), rows)


def shown(form: Form) -> str:
    """Return a form in words that are not too long for a cell."""
    return form.title if isinstance(form, Struct) and form.short is None else form.words()


def default_words(default: object, where: str = "the page of the rule has it") -> str:
    """Return what holds without a value, as a sentence; "" where nothing does. Args: where: where one stands that is too long for a cell."""
    if default in (None, "", [], {}):
        return ""
    words = json.dumps(default, ensure_ascii=False)
    return f" Default `{words}`." if len(words) <= LONGEST_DEFAULT else f" The default is long; {where}."


def parameters() -> str:
    """Return the parameters of all checks as a table."""
    rows = (
        (check.id, f"`{one.name}`", form_of(one).words(), "yes" if one.by_class else "", one.meaning + default_words(policy_schema.plain(one.default)))
        for _id, check in sorted(CHECKS.items())
        for one in check.parameters
    )
    return table(("Rule", "Parameter", "Value", "By class", "Meaning"), rows)


def resources() -> str:
    """Return the kinds of record that a rule of one's own may look at, as a list."""
    return ", ".join(f"`{name}`" for name in sorted(RESOURCES_OF_RULES)) + "\n"


PARTS: dict[str, Callable[[], str]] = {
    "policy keys": lambda: keys_of(policy_schema.policy_form()),
    "selector keys": lambda: keys_of(policy_schema.SELECTOR),
    "scope keys": lambda: keys_of(policy_schema.SCOPE),
    "repository keys": lambda: keys_of(policy_schema.REPOSITORY),
    "class keys": lambda: keys_of(policy_schema.class_form()),
    "own rule keys": lambda: keys_of(own_rule_form()),
    "operators": lambda: table(("Operator", "Takes", "Meaning"), ((f"`{one.name}`", one.takes, one.meaning) for one in OPERATORS.values())),
    "resources": resources,
    "parameters": parameters,
    "waiver keys": lambda: keys_of(policy_schema.WAIVER),
    "attestation keys": lambda: keys_of(policy_schema.ATTESTATION),
}


def with_parts(text: str, parts: Mapping[str, Callable[[], str]]) -> str:
    """Return a page with every generated part written anew. Raises KeyError for a part that there is not."""
    return PART.sub(lambda match: match["begin"] + "\n" + parts[match["name"]]() + "\n" + match["end"], text)


def wanted_files() -> Iterator[tuple[Path, str]]:
    """Yield every file, with the text it should have."""
    for name, schema in policy_schema.schemas().items():
        yield SCHEMAS / name, json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    for page in PAGES:
        yield page, with_parts(page.read_text(encoding="utf-8"), PARTS)
