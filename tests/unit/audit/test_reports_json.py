# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The findings as JSON: the whole document, and the schema that ships beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from documents import every_status, nasty_documents
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator
from records import BACKUP_SERVER, ago, record
from rig_em import RigEm
from simulated import facts_of

from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.all_checks import CHECKS
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.document import Document, as_document
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.evaluate import Audit, evaluate, kinds_read
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.matrix import DIGITS
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.reports.json_report import write
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.settings import Policy, Rule
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.trends import point_of

SCHEMA = Path(__file__).parents[3] / "extensions" / "audit" / "schemas" / "findings.schema.json"
VALIDATOR = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")), format_checker=Draft202012Validator.FORMAT_CHECKER)

# Where what a policy or a check brings along stands, in whatever form it has.
_FREE = ("measured", "expected", "parameters", "value")
# What a waiver, an attestation and a scope may go without.
_OPTIONAL = ("scope", "created", "signer", "names", "kinds")


def problems(document: Any) -> list[str]:
    """Return what the schema finds wrong."""
    return sorted(f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(document))


def objects_of(tree: Any) -> Iterator[dict[str, Any]]:
    """Yield every object of a document whose members the schema names."""
    if isinstance(tree, dict):
        yield tree
        for key, value in tree.items():
            if key not in _FREE:
                yield from objects_of(value)
    elif isinstance(tree, list):
        for item in tree:
            yield from objects_of(item)


def simulated_document() -> Document:
    """Return the audit of the simulated estate by all checks, read by the real gatherer."""
    rules = {identity: Rule(check, check.severity, {}) for identity, check in CHECKS.items()}
    policy = Policy("everything", rules)
    facts = facts_of(RigEm(), kinds_read(policy))
    return as_document(Audit(policy, facts.server.gathered_at, [evaluate(facts, policy)]), "0.3.0")


def filled_document() -> Document:
    """Return a document in which every list holds something."""
    document = every_status()
    repository = record("repositories", "main", capacity=1000, free_space=250, kind="WinLocal", backup_server=BACKUP_SERVER)
    point = {"from_hours": 0, "to_hours": 4, "machines": 1, "beyond_rpo": 0}
    day = {"day": ago(days=1)[:10], "success": 1, "warning": 0, "failed": 0}
    size = {"capacity": 1000, "free": 250, "used_share": 0.75, "days_to_full": 12.5}
    place = {"name": repository["name"], "uid": repository["uid"], "backup_server": BACKUP_SERVER, "kind": repository["kind"]}
    digits = {digit.key: {"status": "pass", "value": 3, "missing": ""} for digit in DIGITS}
    row = {"machine": "web01", "uid": None, "backup_server": BACKUP_SERVER, "class": None, "digits": digits}
    figures = {"matrix": [row], "restore_point_ages": [point], "results_per_day": [day], "repositories": [{**place, **size}]}
    assert set(figures) == set(document["servers"][0]["figures"])
    server = document["servers"][0]
    server["figures"] = figures
    server["trends"] = [point_of(server, document["policy"], document["as_of"])]
    return document


@pytest.fixture(scope="module")
def simulated() -> Document:
    """The audit of the simulated estate."""
    return simulated_document()


def test_json_is_the_document() -> None:
    document = filled_document()
    assert json.loads(write(document)) == json.loads(json.dumps(document))
    lines = write(document).decode().splitlines()
    assert sum(line.strip().startswith('{"rule":') for line in lines) == len(document["findings"]), "a finding takes a line"


def test_halves_of_surrogate_pairs_come_back_as_they_were() -> None:
    assert json.loads(write(every_status("\ud800x")))["findings"][1]["object"] == "\ud800x"


def test_numbers_that_json_has_not_are_refused() -> None:
    document = every_status()
    document["findings"][0]["measured"] = float("inf")
    with pytest.raises(ValueError, match="JSON"):
        write(document)


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(VALIDATOR.schema)


def test_documents_by_hand_are_valid() -> None:
    assert problems(json.loads(write(every_status()))) == []
    assert problems(json.loads(write(filled_document()))) == []


def test_the_audit_of_a_real_gathering_is_valid(simulated: Document) -> None:
    document = json.loads(write(simulated))
    assert problems(document) == []
    assert document["findings"], "nothing was found, so nothing was looked at"
    assert document["servers"][0]["answers"], "no answer was told"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(nasty_documents())
def test_documents_are_valid_whatever_the_texts(document: Document) -> None:
    assert problems(json.loads(write(document))) == []


@pytest.mark.thorough
def test_no_member_may_be_missing_unknown_or_of_another_type() -> None:
    """Each object of the document is spoilt in each way in turn, and the schema has to see it."""
    document = json.loads(write(filled_document()))
    spoilt = 0
    for place in objects_of(document):
        place["stranger"] = 1
        assert problems(document), f"an unknown member is taken in {sorted(place)}"
        del place["stranger"]
        for key in list(place):
            value = place.pop(key)
            assert bool(problems(document)) is (key not in _OPTIONAL), f"{key} may be missing in {sorted(place)}"
            place[key] = 1 if isinstance(value, dict) else {"stranger": []}
            assert bool(problems(document)) is (key not in _FREE or key == "parameters"), f"{key} takes anything in {sorted(place)}"
            place[key] = value
            spoilt += 1
    assert problems(document) == []
    assert spoilt > 150


def test_every_member_is_described() -> None:
    def undescribed(tree: Any, path: str) -> Iterator[str]:
        for name, member in tree.get("properties", {}).items():
            if "description" not in member:
                yield f"{path}.{name}"
            yield from undescribed(member, f"{path}.{name}")
        if "items" in tree:
            yield from undescribed(tree["items"], path + "[]")

    schema = VALIDATOR.schema
    assert isinstance(schema, dict)
    assert [*undescribed(schema, "$"), *(place for name, part in schema["$defs"].items() for place in undescribed(part, name))] == []
