# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Redacted evidence: no name in it, the same pseudonym for the same name, verdicts as they were."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import packs
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from packs import Written
from rig_em import RigEm

from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities._common import ALL_ROLES
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.evaluate import kinds_read
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.evidence import facts_of, read_manifest, verify
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.model import CHECKS
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.pack_files import MANIFEST, Pack
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.policy import effective, load_policy, policy_from_data
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.redaction import Redactor, vocabulary

KEY = b"a key for tests"
KEYS_OF_NAMES = re.compile(r"(^|_)(name|server|account|path|description|object|address|caption|reason|message|folder|mask|hint|owner)$")


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Written:
    return packs.write(tmp_path_factory.mktemp("plain") / "pack")


@pytest.fixture(scope="module")
def redactor() -> Redactor:
    return Redactor(KEY)


@pytest.fixture(scope="module")
def redacted(tmp_path_factory: pytest.TempPathFactory, redactor: Redactor) -> Written:
    return packs.write(tmp_path_factory.mktemp("redacted") / "pack", redactor=redactor)


def texts_of(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield every file of a pack as text, unpacked."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            yield str(path.relative_to(folder)), (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")


def names_in(value: Any, key: str = "") -> Iterator[str]:
    """Yield the names in plain data: texts under keys that sound like names, and ids."""
    if isinstance(value, dict):
        for inner, part in value.items():
            yield from names_in(part, inner)
    elif isinstance(value, list):
        for part in value:
            yield from names_in(part, key)
    elif isinstance(value, str) and value and (KEYS_OF_NAMES.search(key) or key in ("id", "uid", "href") or key.endswith(("_uid", "_ref"))):
        yield value


def stands_in(name: str, text: str) -> bool:
    """Tell whether a name stands in a text, and not only as a part of a word."""
    return any(re.search(r"(?<!\w)%s(?!\w)" % re.escape(form), text) for form in (name, json.dumps(name)[1:-1]) if form in text)


@pytest.fixture(scope="module")
def names(plain: Written) -> set[str]:
    """Every name in the records as they are, but for words that this collection uses itself."""
    found: set[str] = set()
    for path in (plain.path / "servers/1/records").iterdir():
        for line in gzip.decompress(path.read_bytes()).splitlines():
            found.update(names_in(json.loads(line)))
    # A job may be called Backup; the word stands in every sentence, and tells nothing.
    return {name for name in found if len(name) > 2 and name.casefold() not in vocabulary() and not name.isdigit()} - set(ALL_ROLES)


def test_no_name_is_in_any_file(redacted: Written, names: set[str]) -> None:
    assert {"srv-sql-01", "vbr01.example.com", "SQL Server Backup"} <= names and len(names) > 300
    for path, text in texts_of(redacted.path):
        shown = [name for name in names if stands_in(name, text)]
        assert not shown, f"{path}: {shown[:5]}"
    assert not list(redacted.path.rglob("answers/*"))


def test_hashes_of_the_answers_stay(plain: Written, redacted: Written) -> None:
    lines = [json.loads(line) for line in (redacted.path / "servers/1/answers.jsonl").read_text().splitlines()]
    assert len(lines) == len(plain.facts.answers) and all(re.fullmatch("[0-9a-f]{64}", line["sha256"]) and not line["file"] for line in lines)
    assert all(line["withheld"] for line in lines)
    assert any(line["url"].startswith("/api/query?type=Job&format=") for line in lines), "what was asked can still be told"


def test_a_redacted_pack_is_sound_and_can_be_read(redacted: Written) -> None:
    with Pack(str(redacted.path)) as pack:
        manifest, touched = verify(pack, redacted.digest)
        assert touched == [] and manifest is not None
        facts = facts_of(pack, manifest.servers[0], kinds_read(redacted.policy))
    assert {kind: len(records) for kind, records in facts.collections.items()} == {kind: len(records) for kind, records in redacted.facts.collections.items()}
    # Whatever does not go by names comes to the same.
    policy = load_policy({"extends": ["baseline"], "rules": {"C10": False}})
    again, before = (packs.document_of(one, policy) for one in (facts, redacted.facts))
    ages = [
        sorted((one["status"], str(one["measured"]["hours"])) for one in document["findings"] if one["rule"] == "C02" and isinstance(one["measured"], dict))
        for document in (again, before)
    ]
    assert ages[0] == ages[1] and len(ages[0]) > 10


def test_links_can_still_be_followed(redacted: Written) -> None:
    with Pack(str(redacted.path)) as pack:
        points, backups = ([dict(line) for line in pack.lines(f"servers/1/records/{kind}.jsonl.gz")] for kind in ("restore_points", "backups"))
    known = {backup["id"] for backup in backups}
    led = [point["backup"]["id"] for point in points if point["backup"]]
    assert led and set(led) <= known
    assert all(backup["uid"].endswith(backup["id"]) for backup in backups)


def test_times_numbers_and_words_of_the_product_stay(plain: Written, redacted: Written) -> None:
    def records(written: Written) -> list[dict[str, Any]]:
        with Pack(str(written.path)) as pack:
            return [dict(line) for line in pack.lines("servers/1/records/backup_task_sessions.jsonl.gz")]

    for before, after in zip(records(plain), records(redacted), strict=True):
        assert {name: before[name] for name in ("creation_time", "end_time", "result", "state", "total_size", "type")} == {
            name: after[name] for name in ("creation_time", "end_time", "result", "state", "total_size", "type")
        }
        assert after["vm_display_name"].startswith("name-") or before["vm_display_name"] is None


# ---------------------------------------------------------------------------------------------------------
# The findings


def test_findings_keep_their_verdicts_and_lose_their_names(redacted: Written, redactor: Redactor, names: set[str]) -> None:
    document = packs.document_of(redacted.facts, redacted.policy)
    shown = redactor.data(document)
    assert [one["status"] for one in shown["findings"]] == [one["status"] for one in document["findings"]]
    assert shown["summary"] == document["summary"]
    assert [one["rule"] for one in shown["findings"]] == [one["rule"] for one in document["findings"]]
    text = json.dumps(shown, ensure_ascii=False)
    assert not [name for name in names if stands_in(name, text)]
    # A finding and the record that it is about have the same pseudonym.
    machine = next(one for one in document["findings"] if one["object"] == "srv-sql-01")
    place = document["findings"].index(machine)
    assert shown["findings"][place]["object"] == redactor.name("srv-sql-01")
    assert redactor.name("srv-sql-01") in next(text for path, text in texts_of(redacted.path) if path.endswith("vm_restore_points.jsonl.gz"))


def test_what_this_collection_says_itself_stays_readable(redactor: Redactor) -> None:
    for check in CHECKS.values():
        for sentence in (check.title, check.why, check.how, check.fix, check.limits, *check.controls):
            assert Redactor(KEY).data(sentence) == sentence


def test_sentences_keep_their_numbers(redactor: Redactor) -> None:
    own = Redactor(KEY)
    own.name("Finance DB")
    sentence = "Its newest restore point is 31.2 hours old; 24.0 hours are allowed (Finance DB, 2026-11-20T20:00:05Z, 95%)."
    pseudonym = own.name("finance db")
    assert own.text(sentence) == sentence.replace("Finance DB", pseudonym)


@pytest.mark.parametrize(
    "name",
    [
        "10.1.2.3",
        "fe80::1",
        "EXAMPLE\\jdoe",
        "jdoe@corp.example",
        "\\\\nas07\\share$",
        "/volumes/zurich/backup",
        "C:\\Geheim\\Plan.xlsx",
        "zrh-esx-07.corp.example",
        "Großkunde",
    ],
)
def test_names_that_nobody_knew_are_replaced_in_sentences(name: str) -> None:
    shown = Redactor(KEY).text(f"Cannot connect to the host {name}. The backup failed.")
    assert (name not in shown and shown.startswith("Cannot ")) or shown.startswith("name-")
    for word in re.findall(r"[^\W\d_]{2,}", name):
        assert word.casefold() in vocabulary() or word not in shown


def test_a_policy_loses_its_patterns_and_stays_a_policy() -> None:
    given_policy = load_policy(
        {
            "name": "Geheimplan",
            "extends": ["baseline"],
            "rules": {"C02": {"scope": {"exclude": [{"names": ["zrh-*"]}]}, "parameters": {"rpo_hours": 7}}},
            "classes": [{"name": "kronjuwelen", "select": {"names": ["crown-*"]}, "values": {"rpo_hours": 4}}],
            "tags": {"zuerich": ["zrh-*"]},
            "assets": ["zrh-dc-01"],
            "waivers": [
                {
                    "id": "W-ZRH",
                    "rules": ["C02"],
                    "scope": {"names": ["zrh-old"]},
                    "reason": "Zurich closes",
                    "owner": "jdoe",
                    "approver": "asmith",
                    "ticket": "CHG-77",
                    "expires": "2027-01-01",
                }
            ],
        }
    )
    shown = Redactor(KEY).data(effective(given_policy), strict=True)
    text = json.dumps(shown).casefold()
    for word in ("geheimplan", "zrh", "crown", "kronjuwelen", "zuerich", "jdoe", "asmith", "chg-77", "zurich"):
        assert word not in text, word
    again = policy_from_data(shown)
    assert again.rules["C02"].values["rpo_hours"] == 7 and again.classes[0].values == {"rpo_hours": 4}
    assert again.waivers[0].expires == "2027-01-01"


# ---------------------------------------------------------------------------------------------------------
# Pseudonyms

NAMES = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), min_size=2, max_size=30).filter(
    lambda text: re.search(r"[^\W\d_]{2}", text)
)


@given(NAMES)
@example("R&D <lab>")
@example("urn:veeam:Job:1b4d7e2a-3c5f-4a6b-8d9e-0f1a2b3c4d5e")
@example("1B4D7E2A-3c5f-4a6b-8d9e-0f1a2b3c4d5e")
def test_a_name_has_one_pseudonym_with_one_key(name: str) -> None:
    one, same, other = Redactor(KEY), Redactor(KEY), Redactor(b"another")
    assert one.name(name) == same.name(name) != other.name(name)
    assert Redactor().name(name) != Redactor().name(name), "without a key nobody can make it again"


@settings(max_examples=200)
@given(st.lists(NAMES, min_size=1, max_size=6), st.data())
def test_known_names_never_stay_in_sentences(known: list[str], data: st.DataObject) -> None:
    redactor = Redactor(KEY)
    for name in known:
        redactor.name(name)
    chosen = data.draw(st.lists(st.sampled_from(known), min_size=1, max_size=4))
    shown = redactor.text("It lies in %s." % ", ".join(chosen))
    for name in chosen:
        words = [word for word in re.findall(r"[^\W\d_]{2,}", name) if word.casefold() not in vocabulary()]
        assert not [word for word in words if re.search(r"(?<!\w)%s(?!\w)" % re.escape(word), shown)], shown


def test_ids_keep_their_form(redactor: Redactor) -> None:
    guid = "1b4d7e2a-3c5f-4a6b-8d9e-0f1a2b3c4d5e"
    shown = redactor.name(guid)
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", shown) and shown != guid
    assert redactor.name(guid.upper()) == shown
    assert redactor.name("urn:veeam:Job:" + guid) == "urn:veeam:Job:" + shown
    machine = redactor.name(f"urn:VMware:Vm:{guid}.vm-31017")
    assert machine.startswith(f"urn:VMware:Vm:{shown}.") and "31017" not in machine
    assert redactor.url(f"/api/jobs/{guid}/includes?filter=Name==%22x%22&page=1") == f"/api/jobs/{shown}/includes?filter=-&page=1"
    assert "srv" not in redactor.url("/api/catalog/vms/srv-sql-01/vmRestorePoints")


def test_nothing_is_left_of_a_name_by_its_manifest(redacted: Written) -> None:
    manifest = json.loads((redacted.path / MANIFEST).read_bytes())
    (server,) = manifest["servers"]
    assert server["name"].startswith("name-") and server["account"].startswith("name-")
    assert RigEm().rig.installation.accounts[0].username not in json.dumps(manifest)
    with Pack(str(redacted.path)) as pack:
        assert read_manifest(pack).digest == redacted.digest
