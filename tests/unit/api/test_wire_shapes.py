# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What lies below other things, has no UID, has other elements than its type says, or comes without a list."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from _api import wire
from _api.entities._model import Field, Kind, Resource, Struct, camel_case
from _api.entities.cloud import CLOUD_SUBTENANT, CLOUD_TENANT
from _api.entities.infrastructure import CREDENTIALS, ENCRYPTION_PASSWORD
from _api.errors import BodyError

NAME = Field("name", "Name", Kind.STRING, "Name of the thing.", attribute=True)
UID = Field("uid", "UID", Kind.UID, "URN of the thing.", attribute=True)
MEMBER = Resource(
    thing="member",
    plural="members",
    title="member",
    type="Member",
    path="/clubs/{club}/sections/{section}/members",
    list_root="MembersOfSection",
    item="Items",
    item_aliases=("Person",),
    root="MemberInfo",
    urn_type="Person",
    envelope="Resources",
    fields=(UID, NAME),
)
ENTRY = Resource(
    thing="entry",
    plural="entries",
    title="entry",
    type="ObjectInClub",
    path="/clubs/{club}/includes",
    list_root="ObjectsInClub",
    list_root_aliases=("sInObjectClub",),
    envelope="Resources",
    key="entry_id",
    fields=(Field("entry_id", "EntryId", Kind.STRING, "Id of the entry."),),
)
FOLDER = Resource(
    thing="folder",
    plural="folders",
    title="folder",
    type="FolderEntries",
    path="/clubs/{club}/{folder}",
    list_root="",
    key="href",
    fields=(
        Field("size", "Size", Kind.SIZE, "Size in bytes."),
        Field("files", "Files", Kind.STRUCT, "Files in it.", many=True, item="FileEntry", json_item="FileEntries", struct=Struct((NAME,))),
    ),
)
XML = "application/xml"
JSON = "application/json"


def read_list(body: bytes, content_type: str, resource: Resource) -> list[dict[str, Any]]:
    return list(wire.records_of(wire.page_of(wire.parse(body, content_type), resource), resource))


def read_one(body: bytes, content_type: str, resource: Resource) -> dict[str, Any]:
    return wire.record_of(wire.parse(body, content_type), resource)


def test_the_path_names_its_parents_and_takes_their_ids_escaped() -> None:
    assert MEMBER.parents == ("club", "section")
    assert MEMBER.path_below({"club": "a b/c", "section": "7"}) == "/clubs/a%20b%2Fc/sections/7/members"
    with pytest.raises(KeyError, match="section"):
        MEMBER.path_below({"club": "a"})
    for wrong in ("", ".", ".."):
        with pytest.raises(ValueError, match="empty or made of dots"):
            MEMBER.path_below({"club": wrong, "section": "7"})


def test_the_words_of_a_resource_follow_its_type_where_nothing_else_is_said() -> None:
    assert (ENTRY.entity_root, ENTRY.list_item, ENTRY.uid_type) == ("ObjectInClub",) * 3
    assert (MEMBER.entity_root, MEMBER.list_item, MEMBER.uid_type) == ("MemberInfo", "Items", "Person")
    assert ENTRY.list_items == ("ObjectInClub",)
    assert MEMBER.list_items == ("Items", "Person", "MemberInfo")


ONE_MEMBER = b'Name="Ada" UID="urn:veeam:Person:0a1b2c3d-0000-4000-8000-000000000001" Type="Person"'


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"<MembersOfSection><Items %s/></MembersOfSection>" % ONE_MEMBER, XML),
        (b"<MembersOfSection><Person %s/></MembersOfSection>" % ONE_MEMBER, XML),
        (b"<MembersOfSection><MemberInfo %s/></MembersOfSection>" % ONE_MEMBER, XML),
        (b"<MembersOfSection><RenamedLater %s/></MembersOfSection>" % ONE_MEMBER, XML),
        (b"<QueryResult><Resources><MembersOfSection><Items %s/></MembersOfSection></Resources></QueryResult>" % ONE_MEMBER, XML),
        *(
            (json.dumps({key: [{"Name": "Ada", "UID": "urn:veeam:Person:0a1b2c3d-0000-4000-8000-000000000001", "Type": "Person"}]}).encode(), JSON)
            for key in ("MembersOfSection", "Items", "membersOfSection", "items", "Persons", "MemberInfos")
        ),
    ],
)
def test_a_list_whose_item_is_not_the_type(body: bytes, content_type: str) -> None:
    (record,) = read_list(body, content_type, MEMBER)
    assert (record["name"], record["id"], record["type"]) == ("Ada", "0a1b2c3d-0000-4000-8000-000000000001", "Person")


def test_an_xml_list_of_other_items_and_an_empty_one_hold_no_member() -> None:
    assert read_list(b"<MembersOfSection><Links/></MembersOfSection>", XML, MEMBER) == []
    assert read_list(b"<MembersOfSection/>", XML, MEMBER) == []


def test_an_xml_list_of_two_kinds_of_unknown_items_holds_no_member() -> None:
    assert read_list(b"<MembersOfSection><One %s/><Other %s/></MembersOfSection>" % (ONE_MEMBER, ONE_MEMBER), XML, MEMBER) == []


def test_a_query_that_answers_with_another_list_only_is_refused_and_one_without_hits_is_not() -> None:
    with pytest.raises(BodyError, match="should hold MembersOfSection and holds Clubs"):
        read_list(b"<QueryResult><Resources><Clubs><Club %s/></Clubs></Resources></QueryResult>" % ONE_MEMBER, XML, MEMBER)
    with pytest.raises(BodyError, match="should hold MembersOfSection and holds clubs"):
        read_list(b'{"resources": {"members": null, "clubs": {"clubs": [{"name": "Ada"}]}}}', JSON, MEMBER)
    assert read_list(b"<QueryResult><Resources><Clubs /></Resources></QueryResult>", XML, MEMBER) == []
    assert read_list(b'{"Resources": {"Clubs": {"Clubs": []}, "Members": null}}', JSON, MEMBER) == []


LIST_OF_GROUPS = Resource(
    thing="house",
    plural="houses",
    title="house",
    type="House",
    path="/houses",
    list_root="Houses",
    fields=(UID, Field("doors", "Doors", Kind.STRUCT, "Doors of the house.", many=True, item="Door", struct=Struct((NAME,)))),
)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'<House UID="urn:x:y:1"><Doors><Gate Name="front" /></Doors></House>', XML),
        (b'{"UID": "urn:x:y:1", "Doors": {"Gates": [{"Name": "front"}], "Links": null, "Href": null}}', JSON),
        (b'{"uid": "urn:x:y:1", "doors": {"doories": [{"name": "front"}]}}', JSON),
    ],
)
def test_items_that_were_renamed_between_versions_are_not_lost(body: bytes, content_type: str) -> None:
    assert read_one(body, content_type, LIST_OF_GROUPS)["doors"] == [{"name": "front"}]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [(b'<House UID="urn:x:y:1"><Doors><Gate /></Doors></House>', XML), (b'{"UID": "urn:x:y:1", "Doors": {"Gates": null}}', JSON)],
)
def test_a_list_of_nothing_under_an_unknown_name_is_empty(body: bytes, content_type: str) -> None:
    assert read_one(body, content_type, LIST_OF_GROUPS)["doors"] == []


def test_one_entity_has_the_root_and_not_the_item_or_the_type() -> None:
    assert read_one(b"<MemberInfo %s/>" % ONE_MEMBER, XML, MEMBER)["name"] == "Ada"
    for root in (b"Items", b"Member"):
        with pytest.raises(BodyError, match="should hold MemberInfo and holds " + root.decode()):
            read_one(b"<%s %s/>" % (root, ONE_MEMBER), XML, MEMBER)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"<ObjectsInClub><ObjectInClub><EntryId>e-1</EntryId></ObjectInClub></ObjectsInClub>", XML),
        (b"<sInObjectClub><ObjectInClub><EntryId>e-1</EntryId></ObjectInClub></sInObjectClub>", XML),
        (b"<QueryResult><Resources><sInObjectClub><ObjectInClub><EntryId>e-1</EntryId></ObjectInClub></sInObjectClub></Resources></QueryResult>", XML),
        (b'{"Resources": {"ObjectsInClub": null, "sInObjectClub": {"sInObjectClub": [{"EntryId": "e-1"}]}}}', JSON),
        (b'{"Resources": {"sInObjectClub": {"ObjectInClubs": [{"EntryId": "e-1"}]}}}', JSON),
        (b'{"ObjectsInClub": [{"EntryId": "e-1"}]}', JSON),
        (b'{"ObjectInClubs": [{"EntryId": "e-1"}]}', JSON),
        (b'{"objectInClubs": [{"entryId": "e-1"}]}', JSON),
    ],
)
def test_a_list_without_uids_is_identified_by_its_key(body: bytes, content_type: str) -> None:
    assert [record["id"] for record in read_list(body, content_type, ENTRY)] == ["e-1"]


def test_an_entity_whose_key_is_missing_is_identified_by_its_address() -> None:
    assert read_one(b'{"Href": "https://em/api/clubs/1/includes/e-2?x=1"}', JSON, ENTRY)["id"] == "e-2"
    assert read_one(b'{"EntryId": "e-1", "Href": "https://em/api/clubs/1/includes/e-2"}', JSON, ENTRY)["id"] == "e-1"


def test_a_json_list_is_known_by_the_plural_of_an_item_that_ends_in_y() -> None:
    story = replace(MEMBER, item="Story", item_aliases=())
    assert [record["name"] for record in read_list(b'{"stories": [{"name": "Ada"}]}', JSON, story)] == ["Ada"]


def test_a_json_list_of_another_name_is_refused() -> None:
    with pytest.raises(BodyError, match="should hold ObjectsInClub and holds ObjectInClub"):
        read_list(b'{"ObjectInClub": [{"EntryId": "e-1"}]}', JSON, ENTRY)


FILE_XML = b'<FolderEntries Href="https://em/api/clubs/1/C?action=listAll"><Files><FileEntry Name="a.txt"/></Files></FolderEntries>'
FILE_JSON_BY_RULE = b'{"Files": {"FileEntrys": [{"Name": "a.txt"}]}, "Href": "https://em/api/clubs/1/C?action=listAll"}'
FILE_JSON = b'{"Files": {"FileEntries": [{"Name": "a.txt"}]}, "Href": "https://em/api/clubs/1/C?action=listAll"}'


@pytest.mark.parametrize(("body", "content_type"), [(FILE_XML, XML), (FILE_JSON, JSON), (FILE_JSON_BY_RULE, JSON)])
def test_an_entity_without_list_and_uid_is_known_by_its_address(body: bytes, content_type: str) -> None:
    record = read_one(body, content_type, FOLDER)
    assert read_list(body, content_type, FOLDER) == [record]
    assert record["id"] == "C"
    assert record["files"] == [{"name": "a.txt"}]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [(b"<FolderEntries/>", XML), (b"<FolderEntries><Files/></FolderEntries>", XML), (b'{"Files": null}', JSON), (b'{"files": []}', JSON)],
)
def test_an_empty_entity_without_identity_is_still_one(body: bytes, content_type: str) -> None:
    assert read_list(body, content_type, FOLDER) == [{"id": None, "uid": None, "name": None, "type": "FolderEntries", "href": None, "size": None, "files": []}]


@pytest.mark.parametrize(
    ("body", "content_type"), [(b"<Folder><Files/></Folder>", XML), (b'{"Jobs": []}', JSON), (b"{}", JSON), (b"[]", JSON), (b"null", JSON)]
)
def test_another_thing_is_no_entity_without_identity(body: bytes, content_type: str) -> None:
    with pytest.raises(BodyError, match="should hold FolderEntries and holds"):
        read_list(body, content_type, FOLDER)


DAYS = Resource(
    thing="calendar",
    plural="calendars",
    title="calendar",
    type="Calendar",
    path="/calendar",
    list_root="",
    key="href",
    fields=(Field("days", "Day", Kind.STRUCT, "Days of the calendar.", many=True, aliases=("Days",), struct=Struct((NAME,))),),
)
LINKS_ONLY = Resource(thing="hub", plural="hubs", title="hub", type="Hub", path="/hub", list_root="", key="href", fields=())


@pytest.mark.parametrize(
    ("body", "content_type"),
    [(b'<Calendar><Day Name="Monday"/></Calendar>', XML), (b'{"Days": [{"Name": "Monday"}]}', JSON), (b'{"days": [{"name": "Monday"}]}', JSON)],
)
def test_an_entity_without_identity_is_known_by_another_spelling_too(body: bytes, content_type: str) -> None:
    assert read_one(body, content_type, DAYS)["days"] == [{"name": "Monday"}]


@pytest.mark.parametrize(("body", "content_type"), [(b"<Hub><Links/></Hub>", XML), (b'{"Links": [], "Href": null}', JSON), (b'{"links": null}', JSON)])
def test_a_page_of_links_alone_is_an_entity(body: bytes, content_type: str) -> None:
    assert read_one(body, content_type, LINKS_ONLY) == {"id": None, "uid": None, "name": None, "type": "Hub", "href": None}


def test_an_answer_without_links_is_no_page_of_links() -> None:
    with pytest.raises(BodyError, match="should hold Hub and holds Jobs"):
        read_one(b'{"Jobs": []}', JSON, LINKS_ONLY)


VAULT = Resource(
    thing="vault",
    plural="vaults",
    title="vault",
    type="Vault",
    path="/vaults",
    list_root="Vaults",
    fields=(UID, NAME, Field("account", "Account", Kind.STRUCT, "Who opens it.", struct=Struct((NAME,)))),
    dropped=("Password", "AccessToken"),
)
SECRET = "open sesame"
OPEN_VAULT = {"name": "Gold", "account": {"name": "Ada"}, "other": {"owners": [{"name": "Bob"}]}}


def dressed(spell: Callable[[str], str]) -> dict[str, Any]:
    """Return a vault that tells its secrets at the top, in a declared structure and in one that nobody declared."""
    secrets = {spell("Password"): SECRET, spell("AccessToken"): {"value": SECRET}}
    return {
        "Name": "Gold",
        "UID": "urn:veeam:Vault:0a1b2c3d-0000-4000-8000-000000000001",
        "Account": {"Name": "Ada", **secrets},
        "Other": {"Owners": [{"Name": "Bob", **secrets}], **secrets},
        **secrets,
    }


@pytest.mark.parametrize("spell", [str, camel_case, str.lower, str.upper, str.swapcase])
def test_a_secret_in_json_enters_no_record_at_any_depth(spell: Callable[[str], str]) -> None:
    body = json.dumps({"Vaults": [dressed(spell)]}).encode()
    for record in (*read_list(body, JSON, VAULT), read_one(json.dumps(dressed(spell)).encode(), JSON, VAULT)):
        assert OPEN_VAULT.items() <= record.items()
        assert SECRET not in repr(record)
        assert not {"password", "access_token", "accesstoken"} & set(record)


@pytest.mark.parametrize("name", ["Password", "password", "PASSWORD", "AccessToken", "accesstoken"])
@pytest.mark.parametrize("form", ["element", "attribute", "structure"])
def test_a_secret_in_xml_enters_no_record_at_any_depth(name: str, form: str) -> None:
    attribute = f' {name}="{SECRET}"' if form == "attribute" else ""
    element = {"element": f"<{name}>{SECRET}</{name}>", "structure": f'<{name} Kind="plain"><Value>{SECRET}</Value></{name}>'}.get(form, "")
    body = (
        f'<Vault Name="Gold" UID="urn:veeam:Vault:0a1b2c3d-0000-4000-8000-000000000001"{attribute}>{element}'
        f'<Account Name="Ada"{attribute}>{element}</Account><Other><Owners Name="Bob"{attribute}>{element}</Owners></Other></Vault>'
    )
    record = read_one(body.encode(), XML, VAULT)
    assert record["account"] == {"name": "Ada"}
    assert record["other"] == {"owners": {"name": "Bob"}}
    assert set(record) == {"id", "uid", "name", "type", "href", "account", "other"}


@pytest.mark.parametrize("resource", [CREDENTIALS, ENCRYPTION_PASSWORD, CLOUD_TENANT, CLOUD_SUBTENANT], ids=lambda resource: resource.thing)
@pytest.mark.parametrize("spell", [str, camel_case, str.upper])
def test_no_record_of_an_account_tells_its_password(resource: Resource, spell: Callable[[str], str]) -> None:
    entity = {"Href": "https://em/api/accounts/1", "TenantType": {"StandaloneTenant": {"TenantCredentials": {"Username": "ada", spell("Password"): SECRET}}}}
    record = read_one(json.dumps({**entity, spell("Password"): SECRET}).encode(), JSON, resource)
    assert "ada" in repr(record)
    assert SECRET not in repr(record)
    assert "password" not in record
