# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The findings as SARIF and as OSCAL: what they say. Whether others can read them is tested in tests/reports."""

from __future__ import annotations

import json
from typing import Any

from documents import OTHER_SERVER, SERVER, Document, every_status

from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.reports import oscal, sarif


def run_of(document: Document, passes: bool = False) -> Any:
    """Return the one run of the log."""
    log = json.loads(sarif.write(document, passes=passes))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    return run


def result_of(run: Any, rule: str, server: str = SERVER) -> Any:
    """Return the one result of a rule about a server."""
    (found,) = [one for one in run["results"] if one["ruleId"] == rule and one["locations"][0]["logicalLocations"][0]["fullyQualifiedName"].startswith(server)]
    return found


def assessed(document: Document) -> Any:
    """Return the assessment results."""
    return json.loads(oscal.write(document))["assessment-results"]


# -- SARIF ----------------------------------------------------------------------------------------------------


def test_results_are_all_that_is_no_pass() -> None:
    document = every_status()
    not_passed = [finding for finding in document["findings"] if finding["status"] != "pass"]
    assert len(run_of(document)["results"]) == len(not_passed)
    everything = run_of(document, passes=True)["results"]
    assert len(everything) == len(document["findings"])
    assert sum(result["kind"] == "pass" for result in everything) == len(document["findings"]) - len(not_passed)


def test_a_failure_names_object_rule_level_and_evidence() -> None:
    document = every_status()
    run = run_of(document)
    failed = result_of(run, "C02")
    assert (failed["kind"], failed["level"]) == ("fail", "error")
    assert failed["message"]["text"] == "machine web01 (vbr01): Its newest restore point is 31.2 hours old; 24.0 hours are allowed."
    assert failed["locations"] == [{"logicalLocations": [{"name": "web01", "fullyQualifiedName": "em01.example.com:9398/vbr01/web01", "kind": "machine"}]}]
    assert failed["properties"]["measured"] == {"hours": 31.2, "newest": "2026-11-19T04:48:00Z"}
    rule = run["tool"]["driver"]["rules"][failed["ruleIndex"]]
    assert (rule["id"], rule["shortDescription"]["text"]) == ("C02", "Title of C02")
    assert rule["help"]["text"].splitlines() == [
        "Why: Why of C02.",
        "How it is measured: How of C02.",
        "How to put it right: Fix of C02.",
        "What it does not tell: Limits of C02.",
    ]
    answers = document["servers"][0]["answers"]
    artifacts = [run["artifacts"][one["artifactLocation"]["index"]] for one in failed["attachments"]]
    assert [artifact["hashes"]["sha-256"] for artifact in artifacts] == [answer["sha256"] for answer in answers]
    assert artifacts[0]["location"]["uri"] == "api/query?type=Job"
    assert run["originalUriBaseIds"][artifacts[0]["location"]["uriBaseId"]] == {"uri": "https://em01.example.com:9398/"}


def test_two_answers_that_are_alike_stay_two_artifacts() -> None:
    document = every_status()
    first, second = document["servers"][0]["answers"]
    second.update({key: value for key, value in first.items() if key != "number"})
    artifacts = run_of(document)["artifacts"]
    assert [artifact["properties"]["answer"] for artifact in artifacts] == [1, 2]


def test_a_waiver_suppresses_and_what_is_unknown_stays_open() -> None:
    run = run_of(every_status())
    waived, unknown, broken = result_of(run, "C10"), result_of(run, "X01"), result_of(run, "C02", OTHER_SERVER)
    assert (waived["kind"], waived["level"]) == ("fail", "warning")
    (suppression,) = waived["suppressions"]
    assert (suppression["kind"], suppression["status"], suppression["justification"]) == ("external", "accepted", "Waived by W-7: Both jobs are wanted.")
    assert suppression["properties"]["waiver"]["expires"] == "2027-01-31"
    assert [(one["kind"], one["level"], one["properties"]["status"]) for one in (unknown, broken)] == [
        ("open", "none", "not_assessable"),
        ("open", "none", "error"),
    ]
    assert not any("suppressions" in one for one in run["results"] if one is not waived)
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    assert [one["associatedRule"]["id"] for one in invocation["toolExecutionNotifications"]] == ["C02"]


def test_fingerprints_outlive_what_was_measured_and_tell_objects_apart() -> None:
    document, later = every_status(), every_status()
    for finding in later["findings"]:
        finding.update(reason="Another sentence.", measured={"hours": 99.0}, evidence=[])
    later["as_of"] = "2027-01-01T00:00:00Z"
    first, second = ([result["partialFingerprints"] for result in run_of(one, passes=True)["results"]] for one in (document, later))
    assert first == second
    assert len({json.dumps(one) for one in first}) == len(document["findings"])
    twice = every_status()
    twice["findings"].append(dict(twice["findings"][-1]))
    fingerprints = [next(iter(result["partialFingerprints"].values())) for result in run_of(twice, passes=True)["results"]]
    assert fingerprints[-2].removesuffix(":1") == fingerprints[-1].removesuffix(":2")


def test_controls_are_taxonomies_that_rules_refer_to() -> None:
    run = run_of(every_status())
    assert {taxonomy["name"]: [taxon["id"] for taxon in taxonomy["taxa"]] for taxonomy in run["taxonomies"]} == {
        "CIS Critical Security Controls": ["11.1", "11.2"],
        "NIST SP 800-53": ["CP-9(1)"],
        "ISO/IEC 27001 Annex A": ["A.8.13"],
    }
    for rule in run["tool"]["driver"]["rules"]:
        for relationship in rule.get("relationships", []):
            target = relationship["target"]
            taxonomy = run["taxonomies"][target["toolComponent"]["index"]]
            assert taxonomy["name"] == target["toolComponent"]["name"]
            assert {"id": target["id"]} in taxonomy["taxa"]


def test_a_name_is_neither_an_argument_nor_a_link() -> None:
    text = result_of(run_of(every_status("{0} [a](https://example.com)")), "C02")["message"]["text"]
    assert text.startswith("machine {{0}} [a] (https://example.com) (vbr01): ")


# -- OSCAL ----------------------------------------------------------------------------------------------------


def test_a_server_is_a_result_with_observations_of_what_did_not_pass() -> None:
    document = every_status()
    first, second, own = assessed(document)["results"]
    assert (first["title"], first["start"], first["end"]) == (SERVER, "2026-11-20T11:57:00Z", "2026-11-20T11:58:00Z")
    assert first["description"] == "2 passed, 1 failed, 1 waived, 1 not assessable, 0 error."
    assert "restore_points could not be read: The connection broke." in second["description"]
    assert "Only a part can be seen." in second["description"]
    assert own["title"] == "The audit itself"
    failed = first["observations"][0]
    assert (failed["title"], failed["collected"]) == ("C02: machine web01 (vbr01)", "2026-11-20T11:58:00Z")
    assert {prop["name"]: prop["value"] for prop in failed["props"]}["status"] == "fail"
    (subject,) = failed["subjects"]
    (item,) = [one for one in first["local-definitions"]["inventory-items"] if one["uuid"] == subject["subject-uuid"]]
    assert {prop["name"]: prop["value"] for prop in item["props"]} == {"object-type": "machine", "backup-server": "vbr01", "uid": "urn:veeam:Vm:1"}


def test_evidence_leads_to_address_and_hash() -> None:
    document = every_status()
    tree = assessed(document)
    resources = {"#" + one["uuid"]: one for one in tree["back-matter"]["resources"]}
    links = [resources[one["href"]]["rlinks"][0] for one in tree["results"][0]["observations"][0]["relevant-evidence"]]
    assert links == [
        {"href": f"https://{SERVER}{answer['url']}", "hashes": [{"algorithm": "SHA-256", "value": answer["sha256"]}]}
        for answer in document["servers"][0]["answers"]
    ]
    policy = resources[tree["import-ap"]["href"]]
    assert policy["rlinks"] == [{"href": "policies/baseline.yml", "hashes": [{"algorithm": "SHA-256", "value": "ab" * 32}]}]


def test_failures_are_open_risks_and_waivers_approved_deviations() -> None:
    first = assessed(every_status())["results"][0]
    open_risk, accepted = first["risks"]
    assert (open_risk["status"], open_risk["statement"]) == ("open", "Why of C02.")
    assert open_risk["remediations"][0]["description"] == "Fix of C02."
    assert (accepted["status"], accepted["deadline"], accepted["statement"]) == ("deviation-approved", "2027-01-31T23:59:59Z", "Both jobs are wanted.")
    assert {prop["name"]: prop["value"] for prop in accepted["props"]} == {"owner": "ops", "approver": "ciso", "ticket": "T-1"}
    findings = {finding["target"]["target-id"]: finding for finding in first["findings"]}
    assert findings["C02"]["related-risks"] == [{"risk-uuid": open_risk["uuid"]}]
    assert findings["C10"]["related-risks"] == [{"risk-uuid": accepted["uuid"]}]
    assert "related-risks" not in findings["X01"]


def test_what_was_attested_is_told_apart_from_what_passed() -> None:
    second = assessed(every_status())["results"][1]
    (attested,) = [one for one in second["observations"] if one["title"].startswith("X01")]
    assert attested["remarks"] == "Attested by A-3: Copies lie in a vault."


def test_uuids_are_of_what_they_name() -> None:
    document, later = every_status(), every_status()
    later["as_of"] = "2026-11-21T12:00:00Z"
    first, second = assessed(document), assessed(later)
    assert first["uuid"] != second["uuid"], "another moment is another document"
    for place in ("inventory-items", "components"):
        before, after = (one["results"][0]["local-definitions"][place] for one in (first, second))
        assert [item["uuid"] for item in before] == [item["uuid"] for item in after]
    assert [risk["uuid"] for risk in first["results"][0]["risks"]] == [risk["uuid"] for risk in second["results"][0]["risks"]]
    assert not {one["uuid"] for one in first["results"][0]["observations"]} & {one["uuid"] for one in second["results"][0]["observations"]}
    changed = every_status()
    changed["servers"][0]["answers"][0]["sha256"] = "0" * 64
    assert assessed(changed)["uuid"] != first["uuid"], "other evidence is another document"


def test_a_name_is_neither_a_tag_nor_a_link_in_markdown() -> None:
    title = assessed(every_status("\\<b>[a](https://example.com)"))["results"][0]["observations"][0]["title"]
    assert title == "C02: machine \\\\\\<b>[a]\\(https://example.com) (vbr01)"
