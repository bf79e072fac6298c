# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Gathering for an audit: every record with its answer, what is missing told as missing, no secret kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from rig_em import RigEm

from _api import gathering
from _api.entities.registry import RESOURCES
from _api.errors import AuthenticationError, ConnectError, EmError, OptionError
from _api.gathering import LOOKED_UP, Gathered, Heard, Store
from _api.job_contents import CLOSED_CONTAINERS, CONTAINER_MACHINES, HIERARCHY_MACHINES
from _api.transport import Answer
from _api.wire import guid_of

MARK = "_answer"
WORKERS = [1, 4]
Break = Callable[[str, dict[str, str]], "Answer | EmError | None"]
MACHINES = {HIERARCHY_MACHINES: ("object_name",), CONTAINER_MACHINES: ("object_name",), CLOSED_CONTAINERS: ("container",)}


class Kept(Store):
    """Keeps everything."""

    def __init__(self) -> None:
        self.bodies: dict[int, bytes] = {}
        self.records: dict[str, list[tuple[tuple[int, ...], list[dict[str, Any]]]]] = {}

    def take_answer(self, heard: Heard, body: bytes) -> None:
        self.bodies[heard.number] = body

    def pack(self, kind: str, records: Sequence[dict[str, Any]]) -> Any:
        return json.loads(json.dumps(records))

    def take_records(self, kind: str, position: tuple[int, ...], packed: Any) -> None:
        self.records.setdefault(kind, []).append((position, packed))

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [record for _position, records in sorted(self.records.get(kind, []), key=lambda part: part[0]) for record in records]


class Gathering:
    """One gathering of the simulated estate, with answers that ``broken`` puts in the place of those of the server."""

    def __init__(self, em: RigEm, fields: dict[str, tuple[str, ...]], broken: Break | None = None, username: str = "admin", **how: Any) -> None:
        self.em, self.store = em, Kept()
        self._fields, self._broken, self._username, self._how = fields, broken, username, how

    def run(self) -> Gathered:
        ear = gathering.Ear(self.store)
        session = self.em.session(self._username, **self._how.pop("options", {}))
        session._observe = ear.observe
        send = session._transport.send

        def sent(method: str, path: str, parameters: Any = None, *rest: Any, **more: Any) -> Answer:
            instead = self._broken(path, dict(parameters or {})) if self._broken and method == "GET" else None
            if isinstance(instead, EmError):
                raise instead
            return instead or send(method, path, parameters, *rest, **more)

        session._transport.send = sent  # type: ignore[method-assign]
        with session:
            lookback = self._how.get("lookback_days", {})
            return gathering.gather(session, ear, self.store, self._fields, lookback, MARK, self._how.get("workers", 1), self._how.get("for_store", ()))


def with_small_pages() -> RigEm:
    em = RigEm()
    em.rig.installation.world.max_page_size = 20
    return em


@pytest.fixture
def em() -> RigEm:
    return RigEm()


@pytest.mark.parametrize("workers", WORKERS)
def test_every_record_leads_to_the_answer_it_came_from(workers: int) -> None:
    em = with_small_pages()
    one = Gathering(em, {"jobs": ("uid",), "backup_task_sessions": ("uid",), "security_account_roles": ("uid", "id"), **MACHINES}, workers=workers)
    found = one.run()
    assert found.lacks == {}
    assert [heard.number for heard in found.answers] == list(range(1, len(found.answers) + 1))
    for kind in ("jobs", "backup_task_sessions", "security_account_roles", HIERARCHY_MACHINES, CONTAINER_MACHINES):
        assert found.collections[kind], kind
        for record in found.collections[kind]:
            body = one.store.bodies[record[MARK]].decode()
            assert (record.get("object_name") or guid_of(record["uid"] or record["id"])) in body, kind
    pages = {record[MARK] for record in found.collections["backup_task_sessions"]}
    assert len(pages) > 2
    for heard in found.answers:
        assert heard.sha256 == hashlib.sha256(one.store.bodies[heard.number]).hexdigest()
        assert heard.size == len(one.store.bodies[heard.number]) and heard.time.endswith("Z") and heard.url.startswith("/api/")


@pytest.mark.parametrize("workers", WORKERS)
def test_what_is_stored_is_what_is_in_hand_and_more(workers: int) -> None:
    one = Gathering(with_small_pages(), {"backup_task_sessions": ("name", "result")}, workers=workers)
    found = one.run()
    in_hand = found.collections["backup_task_sessions"]
    assert set(in_hand[0]) == {MARK, "name", "result"}
    stored = one.store.of("backup_task_sessions")
    assert [{name: record[name] for name in in_hand[0]} for record in stored] == in_hand
    assert "reason" in stored[0]


def test_sources_of_what_is_looked_up_are_read_without_being_asked_for(em: RigEm) -> None:
    found = Gathering(em, dict(MACHINES)).run()
    assert {"hierarchy_roots", "jobs", "cdp_policies"} <= set(found.kinds)
    assert set(found.collections) == set(MACHINES), "half a record of a kind that nobody asked for would be taken for a whole one"
    names = {record["object_name"] for record in found.collections[HIERARCHY_MACHINES]}
    assert {"srv-test-01", "srv-sql-01"} <= names
    assert {record["object_name"] for record in found.collections[CONTAINER_MACHINES]} <= names


def test_kinds_for_the_store_are_not_held_in_hand(em: RigEm) -> None:
    one = Gathering(em, {"repositories": ("name",)}, for_store=("repositories", "backup_sessions", "hierarchy_machines"))
    found = one.run()
    assert set(found.collections) == {"repositories"} and "name" in found.collections["repositories"][0]
    assert {"repositories", "backup_sessions", "hierarchy_machines", "hierarchy_roots"} == set(found.kinds)
    assert one.store.of("backup_sessions") and one.store.of("hierarchy_machines")


def test_only_what_is_asked_for_is_looked_up(em: RigEm) -> None:
    found = Gathering(em, {"repositories": ("name",)}).run()
    assert set(found.collections) == {"repositories"}
    assert not [path for path in em.asked if path.startswith("/lookup")]


def test_nothing_at_all_may_be_asked_for(em: RigEm) -> None:
    found = Gathering(em, {}).run()
    assert (found.collections, found.lacks) == ({}, {})


def test_a_kind_that_nobody_knows_is_refused_before_anything_is_sent(em: RigEm) -> None:
    with pytest.raises(OptionError, match="jabs, tasks"):
        Gathering(em, {"jabs": (), "jobs": (), "tasks": ()}).run()
    assert em.requests == []


def test_a_look_back_leaves_out_what_began_before(em: RigEm) -> None:
    whole = Gathering(em, {"backup_sessions": ("creation_time",)}).run().collections["backup_sessions"]
    few = Gathering(em, {"backup_sessions": ("creation_time",)}, lookback_days={"backup_sessions": 1}).run().collections["backup_sessions"]
    assert 0 < len(few) < len(whole)
    assert min(record["creation_time"] for record in few) >= "2026-11-19T20:00:00Z"


# ---------------------------------------------------------------------------------------------------------
# The service and the account


def test_an_administrator_sees_all(em: RigEm) -> None:
    notes = Gathering(em, {"jobs": ()}).run().notes
    assert (notes.sees_all, notes.scope, notes.roles) == (True, "", ("Portal Administrator",))
    assert (notes.product, notes.api_version, notes.account) == ("12 or later", "v1_7", "admin")


def test_a_weak_account_is_told_to_see_a_part_and_misses_what_it_may_not_read(em: RigEm) -> None:
    found = Gathering(em, {"jobs": ("name",), "security_accounts": (), "logon_sessions": ()}, username="operator").run()
    assert found.notes.sees_all is False and "Portal Administrator" in found.notes.scope and found.notes.roles == ()
    assert found.lacks["security_accounts"].refused and found.lacks["logon_sessions"].refused
    assert found.collections["jobs"]


def test_an_old_server_has_none_of_what_came_later_and_lacks_nothing() -> None:
    found = Gathering(RigEm(profile="9.5u4"), {"jobs": (), "nas_jobs": (), "cdp_policies": ()}).run()
    assert found.notes.product == "9.5" and found.notes.api_version == "v1_4"
    assert (found.collections["nas_jobs"], found.collections["cdp_policies"], found.lacks) == ([], [], {})
    assert found.collections["jobs"]


def test_what_an_old_version_of_the_api_hides_on_a_new_server_is_lacking() -> None:
    found = Gathering(RigEm(profile="12"), {"jobs": (), "cdp_policies": ()}, options={"api_version": "v1_5"}).run()
    assert found.notes.product == "12 or later" and found.notes.api_version == "v1_5"
    assert found.lacks["cdp_policies"].refused and found.collections["jobs"]


def test_a_server_that_does_not_tell_its_release_may_have_what_it_refuses() -> None:
    def silent(path: str, _parameters: dict[str, str]) -> EmError | None:
        return ConnectError("cut") if path == "/" else None

    found = Gathering(RigEm(profile="9.5u4"), {"jobs": (), "cdp_policies": ()}, silent, options={"api_version": "v1_4"}).run()
    assert found.notes.product == "" and found.lacks["cdp_policies"].refused


def test_a_service_that_does_not_tell_about_itself_is_no_failure(em: RigEm) -> None:
    def silent(path: str, _parameters: dict[str, str]) -> EmError | None:
        return ConnectError("cut") if path in ("/", "/security") else None

    found = Gathering(em, {"jobs": ()}, silent, options={"api_version": "v1_7"}).run()
    assert found.notes.sees_all is None and "could not be found out" in found.notes.scope and found.notes.product == ""
    assert found.collections["jobs"]


# ---------------------------------------------------------------------------------------------------------
# What goes wrong on the way


def cut(word: str) -> Break:
    def broken(path: str, parameters: dict[str, str]) -> EmError | None:
        return ConnectError("The connection was cut.", advice="Look.") if word in path or parameters.get("type") == word else None

    return broken


@pytest.mark.parametrize("workers", WORKERS)
def test_a_lost_connection_is_a_lack_and_no_empty_list(em: RigEm, workers: int) -> None:
    found = Gathering(em, {"jobs": ("name",), "repositories": ("name",)}, cut("Repository"), workers=workers).run()
    assert found.lacks["repositories"].refused is False and "cut" in found.lacks["repositories"].reason
    assert "jobs" not in found.lacks and found.collections["jobs"]


def test_a_page_that_is_lost_makes_the_kind_a_lack() -> None:
    def broken(_path: str, parameters: dict[str, str]) -> EmError | None:
        return ConnectError("cut") if parameters.get("page") == "3" else None

    found = Gathering(with_small_pages(), {"backup_task_sessions": ("name",), "jobs": ("name",)}, broken).run()
    assert set(found.lacks) == {"backup_task_sessions"} and not found.lacks["backup_task_sessions"].refused
    assert found.collections["jobs"]


def test_hosts_that_could_not_be_read_leave_their_machines_unknown(em: RigEm) -> None:
    lacks = Gathering(em, {"repositories": (), **MACHINES}, cut("HierarchyRoot")).run().lacks
    assert not lacks[HIERARCHY_MACHINES].refused and "hosts" in lacks[HIERARCHY_MACHINES].reason


def test_a_lookup_that_is_cut_is_an_error_and_one_that_is_refused_is_not(em: RigEm) -> None:
    lacks = Gathering(em, {"repositories": (), **MACHINES}, cut("/lookup")).run().lacks
    assert not lacks[HIERARCHY_MACHINES].refused and not lacks[CONTAINER_MACHINES].refused

    def refused(path: str, _parameters: dict[str, str]) -> Answer | None:
        return Answer("GET", path, 403, {}, b"") if path == "/lookup" else None

    found = Gathering(RigEm(), {"repositories": (), **MACHINES}, refused).run()
    assert found.lacks[HIERARCHY_MACHINES].refused
    assert CONTAINER_MACHINES not in found.lacks and found.collections[CLOSED_CONTAINERS], "what a container holds is unknown, which is told of each"


def cutting_host(cut_off: int) -> Break:
    """Return what cuts the connection at one of the hosts that are asked, by number, and refuses the others."""
    asked: list[str] = []

    def broken(path: str, parameters: dict[str, str]) -> Answer | EmError | None:
        if path != "/lookup" or "host" not in parameters:
            return None
        asked.append(parameters["host"])
        return ConnectError("cut") if len(asked) - 1 == cut_off else Answer("GET", path, 403, {}, b"")

    return broken


def test_of_two_hosts_one_cut_and_one_refused_the_cut_counts(em: RigEm) -> None:
    assert len(Gathering(em, {"hierarchy_roots": ()}).run().collections["hierarchy_roots"]) > 1
    for first in (0, 1):
        assert not Gathering(em, {HIERARCHY_MACHINES: ()}, cutting_host(first)).run().lacks[HIERARCHY_MACHINES].refused


def test_a_log_on_session_lost_for_good_ends_the_gathering(em: RigEm) -> None:
    def gone(path: str, parameters: dict[str, str]) -> Answer | None:
        return Answer("GET", path, 401, {}, b"") if parameters.get("type") == "Repository" else None

    with pytest.raises(AuthenticationError):
        Gathering(em, {"jobs": (), "repositories": ()}, gone).run()


# ---------------------------------------------------------------------------------------------------------
# Secrets


def test_answers_with_secrets_are_hashed_and_not_kept(em: RigEm) -> None:
    one = Gathering(
        em, {"credentials": ("name",), "cloud_tenants": ("name",), "encryption_passwords": (), "backup_servers": (), "logon_sessions": ("user_name",)}
    )
    found = one.run()
    withheld = {heard.url.partition("&")[0]: heard for heard in found.answers if heard.withheld}
    assert {"/api/query?type=Credentials", "/api/logonSessions"} <= set(withheld)
    assert all(heard.number not in one.store.bodies and len(heard.sha256) == 64 and heard.size for heard in withheld.values())
    kept = [heard.url for heard in found.answers if heard.number in one.store.bodies]
    assert any("type=BackupServer" in url for url in kept), "a path below which secrets lie holds none itself"


def test_log_on_sessions_come_without_their_ids(em: RigEm) -> None:
    one = Gathering(em, {"logon_sessions": ("user_name", "own")})
    found = one.run()
    (record,) = found.collections["logon_sessions"]
    assert record["user_name"] == "admin" and record["own"] is True and record[MARK]
    token = base64_of_ids(em)
    assert not [text for text in (json.dumps(one.store.records), *map(str, found.answers)) for secret in token if secret in text]


def base64_of_ids(em: RigEm) -> list[str]:
    return [path.rpartition("/")[2] for method, path, _parameters in em.requests if method == "DELETE"]


def test_no_kept_body_names_the_log_on_session_or_holds_the_password(em: RigEm) -> None:
    fields = {resource.plural: () for resource in RESOURCES if resource.plural in ("jobs", "backup_servers", "services", "hierarchy_roots")}
    one = Gathering(em, fields)
    found = one.run()
    (session_id,) = base64_of_ids(em)
    assert not [number for number, body in one.store.bodies.items() if session_id.encode() in body]
    assert found.collections["jobs"]


@pytest.mark.parametrize("wire_format", ["json", "xml"])
def test_a_password_that_an_answer_repeats_is_masked_in_the_records_and_the_body_is_not_kept(em: RigEm, wire_format: str) -> None:
    password = "Backup Volume 01"
    next(account for account in em.rig.installation.accounts if account.username == "admin").password = password
    one = Gathering(em, {"repositories": ("name",), "jobs": ("name",)}, options={"wire_format": wire_format})
    found = one.run()
    names = [record["name"] for record in found.collections["repositories"]]
    assert "********" in names and password not in names
    (withheld,) = [heard for heard in found.answers if "type=Repository" in heard.url]
    assert withheld.withheld and withheld.number not in one.store.bodies
    assert password not in json.dumps(one.store.records)
    assert not [body for body in one.store.bodies.values() if password.encode() in body]


@pytest.mark.parametrize("secret", ["Pw+x&<y>", 'a"b\\c', "geheim é", "x'y`z"])
def test_a_secret_is_seen_however_a_server_escapes_it(em: RigEm, secret: str) -> None:
    session = em.session()
    session._secrets.append(secret)
    dotnet = "".join(f"\\u{ord(letter):04X}" if letter in "\"&'+<>`é" else letter for letter in secret.replace("\\", "\\\\"))
    for body in (json.dumps({"a": secret}), json.dumps({"a": secret}, ensure_ascii=False), '{"a": "%s"}' % dotnet):
        assert session.holds_secret(body.encode()), body
    assert not session.holds_secret(b'{"a": "nothing of the sort"}')


def test_fields_of_a_kind_are_all_it_has() -> None:
    assert {"name", "job_info", "backup_server", "id"} <= set(gathering.fields_of("jobs"))
    assert "session_id" not in gathering.fields_of("logon_sessions")
    with pytest.raises(KeyError):
        gathering.fields_of("jabs")
    assert set(LOOKED_UP) == {HIERARCHY_MACHINES, CONTAINER_MACHINES, CLOSED_CONTAINERS}
