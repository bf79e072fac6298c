# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Policies: what they come to, how layers lie over each other, and what is said of mistakes."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit import policy_schema
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.forms import form_of
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.model import CHECKS, SEVERITIES, Subject
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.policy import (
    PACKS,
    default_of,
    effective,
    load_attestations,
    load_policy,
    load_waivers,
    pack_names,
    policy_from_data,
)
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.yaml_tree import PolicyError, Problems, tree_of_data

VALIDATOR = Draft202012Validator(policy_schema.schemas()["policy.schema.json"])
WAIVER = {"id": "w1", "rules": "C02", "scope": "x", "reason": "r", "owner": "o", "approver": "a", "ticket": "t-1", "expires": "2027-01-31"}


def written(folder: Path, text: str, name: str = "site.yml") -> Path:
    """Write a file and return its path."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def mistakes(folder: Path, text: str) -> list[str]:
    """Return what is said of a policy that cannot be used, with the bare name of its file."""
    with pytest.raises(PolicyError) as caught:
        load_policy(written(folder, text))
    assert len(caught.value.problems) <= 10
    return str(caught.value).replace(f"{folder}{os.sep}", "").splitlines()


# -- mistakes ---------------------------------------------------------------------------------------------

GOLDEN = {
    "unknown key": ("extends: baseline\nrulez: {}\n", "site.yml line 2 column 1: The policy has no key 'rulez'. Did you mean 'rules'?"),
    "unknown rule": ("rules:\n  C2: true\n", "site.yml line 2 column 3: rules has no rule 'C2'. Did you mean 'C02'?"),
    "unknown own rule": (
        "extends: baseline\nrules: {OWN-9: false}\n",
        "site.yml line 2 column 9: There is no rule 'OWN-9'.",
    ),
    "unknown parameter": (
        "rules:\n  C02: {parameters: {rpo_hour: 4}}\n",
        "site.yml line 2 column 22: rules.C02.parameters has no parameter 'rpo_hour'. Did you mean 'rpo_hours'?",
    ),
    "wrong type": (
        "rules:\n  C02: {parameters: {rpo_hours: four}}\n",
        "site.yml line 2 column 33: rules.C02.parameters.rpo_hours is the text 'four'; it has to be a number of hours, at least 0.",
    ),
    "flag for a number": (
        "rules:\n  C02: {parameters: {rpo_hours: true}}\n",
        "site.yml line 2 column 33: rules.C02.parameters.rpo_hours is the flag true; it has to be a number of hours, at least 0.",
    ),
    "below the minimum": (
        "rules:\n  C02: {parameters: {rpo_hours: -1}}\n",
        "site.yml line 2 column 33: rules.C02.parameters.rpo_hours is the number -1; it has to be a number of hours, at least 0.",
    ),
    "not finite": (
        "rules:\n  C02: {parameters: {rpo_hours: .inf}}\n",
        "site.yml line 2 column 33: rules.C02.parameters.rpo_hours is the number infinity; it has to be a number of hours, at least 0.",
    ),
    "unknown severity": (
        "rules:\n  C02:\n    severity: hgh\n",
        "site.yml line 3 column 15: rules.C02.severity is the text 'hgh', which is not known. Did you mean 'high'?",
    ),
    "key twice": (
        "rules:\n  C02: true\n  C02: false\n",
        "site.yml line 3 column 3: The key 'C02' stands here for the second time; first in line 2.",
    ),
    "tab": ("rules:\n\tC02: true\n", "site.yml line 2 column 1: A tab stands here; YAML is indented by blanks."),
    "no mapping": ("- C02\n", "site.yml line 1 column 1: The whole is a list; it has to be a mapping (the policy)."),
    "empty": ("", "site.yml: The file is empty."),
    "only a comment": ("# nothing\n", "site.yml: The file is empty."),
    "control character": ("name: a\nrules: \x01\n", "site.yml line 2 column 8: This character cannot stand in YAML: '\\x01'."),
    "open bracket": (
        "rules: [C02\n",
        "site.yml line 2 column 1: This is no YAML: while parsing a flow sequence, expected ',' or ']', but got the end of the file.",
    ),
    "stray colon": ("name: a: b\n", "site.yml line 1 column 8: A colon stands here where none can; put a text that holds one in quotes."),
    "second document": ("name: a\n---\nname: b\n", "site.yml line 2 column 1: A second document begins here; a file holds one."),
    "undefined alias": ("name: *x\n", "site.yml line 1 column 7: This is no YAML: found undefined alias 'x'."),
    "object": (
        "name: !!python/object/apply:os.system [id]\n",
        "site.yml line 1 column 7: The tag !!python/object/apply:os.system is not taken: only plain values are.",
    ),
    "tag of its own": ("name: !vault abc\n", "site.yml line 1 column 7: The tag !vault is not taken: only plain values are."),
    "wrong tag": ("lookback_days: !!int abc\n", "site.yml line 1 column 16: 'abc' is not what its tag !!int says, or too long."),
    "merge key": (
        "tags: &t {a: b}\nscope: {<<: *t}\n",
        "site.yml line 2 column 9: The merge key << is not taken; write the values out, or use extends.",
    ),
    "flag for a text": (
        "name: yes\nextends: baseline\n",
        "site.yml line 1 column 7: name is the flag yes; it has to be a text. Put it in quotes.",
    ),
    "no value": (
        "extends: baseline\nrules: {C02: }\n",
        "site.yml line 2 column 13: rules.C02 has no value; it has to be true or false, or a mapping (The newest restore point is within the RPO).",
    ),
    "unknown pack": ("extends: [basline]\n", "site.yml line 1 column 11: There is no pack 'basline'. Did you mean 'baseline'?"),
    "missing file": ("extends: ./other.yml\n", "site.yml line 1 column 10: The file other.yml does not exist."),
    "folder": ("extends: ./\n", "is a folder."),
    "circle": ("extends: ./site.yml\n", "site.yml line 1 column 10: The policies extend each other in a circle: site.yml -> site.yml."),
    "other format": ("format: 2\nextends: baseline\n", "site.yml line 1 column 9: format is the number 2; it has to be a whole number, at least 1, at most 1."),
    "nothing to do": (
        "name: idle\n",
        "site.yml line 1 column 1: The policy applies no rule: name some under rules, or a pack under extends.",
    ),
    "everything chosen": (
        "extends: baseline\nscope: {exclude: [{}]}\n",
        "site.yml line 2 column 19: scope.exclude[0] says nothing, and so would choose everything; say what is meant.",
    ),
    "class twice": (
        "extends: baseline\nclasses:\n  - &c {name: a, select: x, values: {}}\n  - *c\n",
        "site.yml line 3 column 5: There are two classes 'a'.",
    ),
    "required key": (
        "extends: baseline\nrepositories: [{site: x}]\n",
        "site.yml line 2 column 16: repositories[0] lacks the key 'select': Which repositories.",
    ),
    "lookback beyond what is kept": (
        "extends: baseline\nlookback_days: 92\n",
        "site.yml line 2 column 16: lookback_days is the number 92; it has to be a number of days, at least 1, at most 91.",
    ),
    "impossible day": (
        "extends: baseline\nwaivers:\n  - {id: a, rules: C02, reason: r, owner: o, approver: b, ticket: t, expires: 2027-02-30}\n",
        "site.yml line 3 column 79: waivers[0].expires is the text '2027-02-30'; "
        "it has to be a day such as 2027-03-31, or a time in UTC such as 2027-03-31T18:00:00Z.",
    ),
    "waiver of an unknown rule": (
        "extends: baseline\nwaivers:\n  - {id: a, rules: [C02, C2], reason: r, owner: o, approver: b, ticket: t, expires: 2027-02-01}\n",
        "site.yml line 3 column 26: There is no rule 'C2'. Did you mean 'C02'?",
    ),
    "missing list of assets": ("extends: baseline\nasset_files: [cmdb.txt]\n", "site.yml line 2 column 15: The file cmdb.txt does not exist."),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_a_mistake_is_told_with_its_place_and_the_nearest_name(name: str, tmp_path: Path) -> None:
    text, sentence = GOLDEN[name]
    assert any(line.endswith(sentence) for line in mistakes(tmp_path, text)), mistakes(tmp_path, text)


def test_all_mistakes_of_a_file_are_told_at_once_the_first_ten(tmp_path: Path) -> None:
    text = "extends: baseline\n" + "".join(f"key{number:02}: 1\n" for number in range(12))
    lines = mistakes(tmp_path, text)
    assert [line.split(":")[0] for line in lines[:10]] == [f"site.yml line {number} column 1" for number in range(2, 12)]
    assert lines[10:] == ["Mistakes beyond these: 2."]


def test_aliases_cannot_multiply_a_text_beyond_what_a_person_would_write(tmp_path: Path) -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10))
    assert "holds more than 100000 values once its aliases are followed." in "".join(mistakes(tmp_path, bomb))
    assert "nested more than 40 deep" in "".join(mistakes(tmp_path, "name: &a [*a]\n"))
    assert "nested more than 40 deep" in "".join(mistakes(tmp_path, "name: " + "[" * 5000 + "\n"))


def test_what_is_no_file_of_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"The file is a folder\."):
        load_policy(tmp_path)
    with pytest.raises(PolicyError, match=r"The file does not exist\."):
        load_policy(tmp_path / "none.yml")
    latin = tmp_path / "latin.yml"
    latin.write_bytes("name: a\ndescription: caf\xe9\n".encode("latin-1"))
    with pytest.raises(PolicyError, match=r"line 2 column 17: The file is not in UTF-8"):
        load_policy(latin)
    with pytest.raises(PolicyError, match=r"The file is larger than 1024 KiB\."):
        load_policy(written(tmp_path, "#" * (1024 * 1024 + 1), "large.yml"))
    os.mkfifo(tmp_path / "pipe.yml")
    with pytest.raises(PolicyError, match=r"The file is no ordinary file\."):
        load_policy(tmp_path / "pipe.yml")


def test_mistakes_of_plain_data_are_told_by_the_way_to_them() -> None:
    with pytest.raises(PolicyError) as caught:
        load_policy({"rules": {"C02": {"parameters": {"rpo_hour": 1}}}})
    assert str(caught.value) == "policy: rules.C02.parameters has no parameter 'rpo_hour'. Did you mean 'rpo_hours'?"
    endless: dict[str, Any] = {"extends": "baseline"}
    endless["scope"] = endless
    with pytest.raises(PolicyError, match="too many values"):
        load_policy(endless)
    with pytest.raises(PolicyError, match="not 7"):
        load_policy([7])
    with pytest.raises(PolicyError, match="No policy is given"):
        load_policy([])


@given(lines=st.lists(st.sampled_from(["# note", "", "name: x", "lookback_days: 9"]), unique=True), indent=st.integers(0, 3))
def test_the_place_of_a_mistake_is_where_the_word_stands(lines: list[str], indent: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    blanks = " " * (indent + 1)
    text = "\n".join([*lines, "rules:", f"{blanks}C02:", f"{blanks}  severty: high", ""])
    (line,) = mistakes(tmp_path_factory.mktemp("policy"), text)
    assert line == f"site.yml line {len(lines) + 3} column {len(blanks) + 3}: rules.C02 has no key 'severty'. Did you mean 'severity'?"


# -- what a policy comes to -------------------------------------------------------------------------------


def test_a_rule_says_whether_how_grave_with_which_values_and_of_what(tmp_path: Path) -> None:
    text = """
    rules:
      C02:
        severity: low
        parameters: {rpo_hours: 4}
        scope: {include: "sql-*", exclude: [{jobs: [test], kinds: machine}]}
    """
    rule = load_policy(written(tmp_path, text)).rules["C02"]
    assert (rule.enabled, rule.severity, rule.values) == (True, "low", {"rpo_hours": 4.0})
    assert rule.scope.holds(Subject("machine", "SQL-1"))
    assert not rule.scope.holds(Subject("machine", "web-1"))
    assert not rule.scope.holds(Subject("machine", "sql-1", jobs=("Test",)))


def test_a_short_false_switches_a_rule_off_and_rules_nobody_names_are_off(tmp_path: Path) -> None:
    assert load_policy(["baseline", {"rules": {"C02": False}, "own_rules": [own_rule()]}]).rules["C02"].enabled is False
    alone = load_policy({"own_rules": [own_rule()]})
    assert [rule.id for rule in alone.rules.values() if rule.enabled and rule.id[0] not in policy_schema.ALWAYS] == ["OWN-1"]
    assert set(alone.rules) == {*CHECKS, "OWN-1"}


def own_rule(**values: Any) -> dict[str, Any]:
    """Return a rule of the policy's own."""
    return {"id": "OWN-1", "title": "Jobs are scheduled", "resource": "jobs", "expect": {"schedule_enabled": True}, **values}


def test_what_always_stands_in_a_report_cannot_be_switched_off() -> None:
    kept = [identity for identity in CHECKS if identity[0] in policy_schema.ALWAYS]
    policy = load_policy("baseline")
    assert all(policy.rules[identity].enabled for identity in kept)
    for identity in kept:
        with pytest.raises(PolicyError, match=f"{identity} cannot be switched off"):
            load_policy(["baseline", {"rules": {identity: False}}])


def test_a_list_of_policies_goes_by_all_their_names() -> None:
    assert load_policy(["baseline", "least_privilege"]).name == "baseline + least_privilege"
    assert load_policy([{"name": "mine", "extends": "baseline"}]).name == "mine"
    assert load_policy(["baseline", "rule_3_2_1_1_0"]).name == "baseline + rule_3_2_1_1_0"


def test_what_nobody_can_look_at_is_asked_of_machines_only_by_a_policy_that_names_it() -> None:
    silent, asking = load_policy("baseline"), load_policy("rule_3_2_1_1_0")
    assert (silent.rules["X01"].asked, asking.rules["X01"].asked) == (False, True)
    assert all(load_policy({"own_rules": [{**own_rule(), "id": "X-1"}]}).rules[identity].asked for identity in ("X-1", "A01", "W01"))
    assert policy_from_data(effective(silent)).rules == silent.rules
    assert policy_from_data(effective(asking)).rules == asking.rules


def test_the_later_layer_wins_key_by_key(tmp_path: Path) -> None:
    written(tmp_path, "rules: {C02: {severity: low, parameters: {rpo_hours: 8}}}\nlookback_days: 20\nassets: [a, b]\ntags: {t: x, u: y}\n", "first.yml")
    written(tmp_path, "rules: {C02: {severity: medium}}\nassets: [b, c]\ntags: {t: z}\n", "second.yml")
    policy = load_policy(written(tmp_path, "extends: [first.yml, ./second.yml]\nname: mine\nrules: {C02: {scope: {include: q}}}\n"))
    rule = policy.rules["C02"]
    assert (rule.severity, rule.values, rule.enabled) == ("medium", {"rpo_hours": 8.0}, True)
    assert rule.scope.include[0].names == ("q",)
    assert (policy.lookback_days, policy.assets, policy.tags) == (20.0, ("a", "b", "c"), {"t": ("z",), "u": ("y",)})
    assert (policy.name, policy.packs) == ("mine", ("first.yml", "./second.yml"))


def test_a_layer_that_two_others_extend_stays_below_both(tmp_path: Path) -> None:
    written(tmp_path, "rules: {C02: {parameters: {rpo_hours: 24}}}\n", "ground.yml")
    written(tmp_path, "extends: ground.yml\nrules: {C02: {parameters: {rpo_hours: 4}}}\n", "strict.yml")
    written(tmp_path, "extends: ground.yml\nname: other\n", "other.yml")
    policy = load_policy(written(tmp_path, "extends: [strict.yml, other.yml]\n"))
    assert policy.rules["C02"].values == {"rpo_hours": 4.0}
    assert policy.packs == ("ground.yml", "strict.yml", "other.yml")


def test_classes_and_repositories_of_a_later_layer_are_asked_first(tmp_path: Path) -> None:
    first = {
        "extends": "baseline",
        "classes": [{"name": "gold", "select": "sql-*", "values": {"rpo_hours": 4}}, {"name": "rest", "select": "*", "values": {"rpo_hours": 48}}],
        "repositories": [{"select": "*", "site": "here", "media": "disk"}],
    }
    later = {
        "classes": [{"name": "gold", "select": "db-*", "values": {"rpo_hours": 2}}],
        "repositories": [{"select": "far-*", "site": "there", "offsite": True}],
    }
    policy = load_policy([first, later])
    chosen = {name: policy.class_of(Subject("machine", name)) for name in ("db-1", "sql-1")}
    assert {name: one and (one.name, one.values) for name, one in chosen.items()} == {
        "db-1": ("gold", {"rpo_hours": 2.0}),
        "sql-1": ("rest", {"rpo_hours": 48.0}),
    }
    far, near = (policy.said_of_repository(Subject("repository", name)) for name in ("far-1", "near-1"))
    assert (far.site, far.media, far.offsite, far.immutable) == ("there", "disk", True, None)
    assert (near.site, near.offsite) == ("here", None)


def test_assets_come_from_files_beside_the_policy_too(tmp_path: Path) -> None:
    written(tmp_path, "# from the inventory\nsql-1\n\n  web-1  # the shop\nsql-1\n", "lists/cmdb.txt")
    policy = load_policy(written(tmp_path, "extends: baseline\nassets: one\nasset_files: lists/cmdb.txt\n"))
    assert policy.assets == ("one", "sql-1", "web-1")
    assert [text.name for text in policy.texts] == ["site.yml", "baseline.yml", "cmdb.txt"]


def test_the_digest_is_that_of_what_sha256sum_prints_and_minds_every_file(tmp_path: Path) -> None:
    written(tmp_path, "sql-1\n", "cmdb.txt")
    site = written(tmp_path, "extends: baseline\nasset_files: cmdb.txt\n")
    paths = (site, PACKS / "baseline.yml", tmp_path / "cmdb.txt")
    printed = "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in paths)
    before = load_policy(site).digest
    assert before == hashlib.sha256(printed.encode()).hexdigest()
    written(tmp_path, "sql-2\n", "cmdb.txt")
    assert load_policy(site).digest != before


def test_waivers_and_attestations_stand_in_the_policy_or_in_files_of_their_own(tmp_path: Path) -> None:
    attestation = {"id": "a1", "rule": "C02", "statement": "s", "owner": "o", "date": "2026-01-01", "expires": "2027-01-01"}
    written(tmp_path, yaml.safe_dump({"format": 1, "waivers": [{**WAIVER, "id": "w2"}]}), "waivers.yml")
    written(tmp_path, yaml.safe_dump({"attestations": [attestation]}), "attestations.yml")
    text = yaml.safe_dump({"extends": "baseline", "waivers": [WAIVER], "waiver_files": "waivers.yml", "attestation_files": ["attestations.yml"]})
    policy = load_policy(written(tmp_path, text))
    assert [waiver.id for waiver in policy.waivers] == ["w1", "w2"]
    assert [one.id for one in policy.attestations] == ["a1"]
    assert load_waivers("waivers.yml", tmp_path) == policy.waivers[1:]
    assert load_attestations([attestation]) == policy.attestations
    assert policy_from_data(effective(policy)) == policy
    with pytest.raises(PolicyError, match="The id 'w1' stands here for the second time"):
        load_waivers([WAIVER, WAIVER])
    with pytest.raises(PolicyError, match="lacks the key 'approver'"):
        load_waivers([{name: value for name, value in WAIVER.items() if name != "approver"}])


def test_a_signature_is_read_from_beside_the_file_that_names_it(tmp_path: Path) -> None:
    attestation = {"id": "a1", "rule": "C02", "statement": "s", "owner": "o", "date": "2026-01-01", "expires": "2027-01-01"}
    signed = {**attestation, "signature": "a1.sig", "signer": "o@example.com"}
    written(tmp_path, "-----BEGIN SSH SIGNATURE-----\nx\n", "notes/a1.sig")
    written(tmp_path, yaml.safe_dump({"attestations": [signed]}), "notes/attestations.yml")
    policy = load_policy(written(tmp_path, "extends: baseline\nattestation_files: notes/attestations.yml\n"))
    assert policy.attestations[0].signature.startswith("-----BEGIN SSH SIGNATURE-----\n")
    assert policy_from_data(json.loads(json.dumps(effective(policy)))) == policy
    with pytest.raises(PolicyError, match=r"a1\.sig does not exist"):
        load_attestations([signed], tmp_path)
    with pytest.raises(PolicyError, match="has a signature and no signer"):
        load_attestations([{**attestation, "signature": "-----BEGIN SSH SIGNATURE-----"}])
    assert load_attestations([{**attestation, "signer": "o@example.com"}])[0].signer == "o@example.com", "what is to be signed holds the name"


@pytest.mark.parametrize("key", ["extends", "asset_files", "waiver_files", "attestation_files"])
def test_a_policy_of_an_evidence_pack_names_no_files_of_this_machine(key: str, tmp_path: Path) -> None:
    secret = written(tmp_path, "secret\n", "secret.yml")
    data = effective(load_policy("baseline"))
    data["policy"][key] = [str(secret)]
    with pytest.raises(PolicyError, match=f"stands alone; this one has {key}"):
        policy_from_data(data)
    attestation = {"id": "a1", "rule": "X02", "statement": "s", "owner": "o", "date": "2026-01-01", "expires": "2027-01-01"}
    signed = effective(load_policy("baseline"))
    signed["policy"]["attestations"] = [{**attestation, "signature": str(secret), "signer": "o"}]
    assert policy_from_data(signed).attestations[0].signature == str(secret)


# -- declarations -----------------------------------------------------------------------------------------


def test_every_default_of_a_parameter_is_what_a_policy_may_say() -> None:
    for check in CHECKS.values():
        for parameter in check.parameters:
            default = default_of(check, parameter.name)
            problems = Problems()
            tree = tree_of_data(default, check.id, problems)
            assert tree is not None
            assert form_of(parameter).read(tree, problems) == default
            assert not problems.found, (check.id, parameter.name)


def test_parameters_of_one_name_by_class_are_of_one_kind() -> None:
    kinds: dict[str, set[tuple[object, ...]]] = {}
    for check in CHECKS.values():
        for parameter in check.parameters:
            if parameter.by_class:
                kinds.setdefault(parameter.name, set()).add((parameter.kind, parameter.unit, parameter.minimum, parameter.choices))
    assert {name: found for name, found in kinds.items() if len(found) > 1} == {}


def test_every_check_is_in_a_pack_and_every_pack_can_be_read() -> None:
    named: set[str] = set()
    assert "baseline" in pack_names()
    for name in pack_names():
        text = (PACKS / f"{name}.yml").read_text(encoding="utf-8")
        VALIDATOR.validate(yaml.safe_load(text))
        policy = load_policy(name)
        assert policy.name == name
        assert policy.description
        named.update(rule.id for rule in policy.rules.values() if rule.enabled)
    assert sorted(set(CHECKS) - named) == []


# -- round trip -------------------------------------------------------------------------------------------

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=12).filter(lambda word: bool(word.strip()))
PATTERNS = st.one_of(WORDS, st.lists(WORDS, min_size=1, max_size=3))
SELECTORS = st.one_of(
    PATTERNS,
    st.dictionaries(st.sampled_from(["names", "jobs", "repositories", "tags", "servers", "kinds"]), st.lists(WORDS, min_size=1, max_size=2), min_size=1),
)
SCOPES = st.fixed_dictionaries({}, optional={"include": st.lists(SELECTORS, max_size=2), "exclude": st.lists(SELECTORS, max_size=2)})
HOURS = st.floats(0, 10_000, allow_nan=False) | st.integers(0, 10_000)
RULE = st.booleans() | st.fixed_dictionaries(
    {},
    optional={
        "enabled": st.booleans(),
        "severity": st.sampled_from(SEVERITIES),
        "parameters": st.fixed_dictionaries({}, optional={"rpo_hours": HOURS}),
        "scope": SCOPES,
    },
)
POLICIES = st.fixed_dictionaries(
    {"extends": st.just("baseline"), "own_rules": st.just([own_rule()])},  # which nothing below switches off
    optional={
        "format": st.just(1),
        "name": WORDS,
        "description": WORDS,
        "lookback_days": st.floats(1, 91),
        "scope": SCOPES,
        "rules": st.fixed_dictionaries({}, optional={"C02": RULE, "OWN-1": st.fixed_dictionaries({"severity": st.sampled_from(SEVERITIES)})}),
        "classes": st.lists(
            st.fixed_dictionaries({"name": WORDS, "select": SELECTORS, "values": st.fixed_dictionaries({}, optional={"rpo_hours": HOURS})}),
            max_size=3,
            unique_by=lambda one: one["name"],
        ),
        "repositories": st.lists(
            st.fixed_dictionaries({"select": SELECTORS}, optional={"site": WORDS, "media": WORDS, "offsite": st.booleans(), "immutable": st.booleans()}),
            max_size=3,
        ),
        "tags": st.dictionaries(WORDS, PATTERNS, max_size=3),
        "assets": st.lists(WORDS, max_size=4),
        "waivers": st.lists(
            st.fixed_dictionaries({**{name: st.just(value) for name, value in WAIVER.items()}, "id": st.from_regex(r"[a-z0-9]{1,6}", fullmatch=True)}),
            max_size=2,
            unique_by=lambda one: one["id"],
        ),
    },
)


@settings(deadline=None)
@given(data=POLICIES)
def test_a_policy_goes_through_plain_data_yaml_and_back(data: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> None:
    VALIDATOR.validate(data)
    policy = load_policy(data)
    as_data = json.loads(json.dumps(effective(policy)))
    VALIDATOR.validate(as_data["policy"])
    again = policy_from_data(as_data)
    assert again == policy
    assert effective(again) == effective(policy)
    from_file = load_policy(written(tmp_path_factory.mktemp("policy"), yaml.safe_dump(data, allow_unicode=True)))
    assert effective(from_file)["policy"] == {**effective(policy)["policy"], "name": data.get("name", from_file.name)}


@settings(deadline=None)
@given(data=POLICIES, key=st.sampled_from(["rulez", "Name", "x"]), value=st.integers())
def test_what_the_loader_refuses_the_schema_refuses(data: dict[str, Any], key: str, value: int) -> None:
    broken = {**data, key: value}
    assert not VALIDATOR.is_valid(broken)
    with pytest.raises(PolicyError, match=repr(key)):
        load_policy(broken)
