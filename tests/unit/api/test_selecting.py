# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Choosing from records in hand picks what the query service picks, in its order; the simulator's grammar is the judge."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rig_em import RigEm

from _api import query, reading, selecting, wire
from _api.entities._model import Field, Kind, Resource
from _api.entities.agents import AGENT_JOB
from _api.entities.backups import BACKUP_FILE
from _api.entities.catalogue import CATALOG_VM
from _api.entities.cdp import CDP_REPLICA
from _api.entities.cloud import VLAN_CONFIGURATION
from _api.entities.infrastructure import BACKUP_SERVER, REPOSITORY
from _api.entities.jobs import JOB, OBJECT_IN_JOB
from _api.entities.nas import NAS_JOB
from _api.entities.registry import RESOURCES
from _api.entities.sessions import BACKUP_SESSION
from _api.entities.tasks import TASK
from _api.errors import FilterError, OptionError
from _api.selecting import Selection

Record = dict[str, Any]
SIZES = {field.name for resource in RESOURCES for field in resource.filter_fields() if field.kind == Kind.SIZE}
EXAMPLES = 30  # for each of fifty resources
ANY_TIME = ("2026-11-20T20:00:00Z", "2026-11-19", "1999-01-01T00:00:00Z", "2099-12-31T23:59:59.999Z", "2026-11-15T22:00:00.5Z")


def plain_fields(resource: Resource) -> list[Field]:
    """Return the fields that the service filters by and records hold."""
    in_hand = list(resource.fields_in_hand())
    return [field for field in resource.filter_fields() if field in in_hand]


class Estate:
    """Everything that the query service knows in the demo estate, in the order of the server."""

    def __init__(self) -> None:
        self.session = RigEm().session()
        asked = [resource for resource in RESOURCES if resource.query_type and plain_fields(resource)]
        self.records = {resource.type: self.ask(resource, {}) for resource in asked}

    def ask(self, resource: Resource, parameters: dict[str, str]) -> list[Record]:
        request = {"type": resource.query_type, "format": "Entities", **parameters}
        page = reading.query_page(self.session, resource, request, 1000, 1)
        assert page.count == 1
        return list(wire.records_of(page, resource))


ESTATE = Estate()
QUERIED = [resource for resource in RESOURCES if len(ESTATE.records.get(resource.type, ())) > 1]
BY_THING = {resource.thing: resource for resource in QUERIED}


def test_the_estate_is_worth_asking() -> None:
    fields = [(field.kind, [record[field.name] for record in ESTATE.records[resource.type]]) for resource in QUERIED for field in plain_fields(resource)]
    several = {kind for kind, held in fields if len(set(held)) > 1}
    assert len(QUERIED) > 40
    assert several >= {Kind.STRING, Kind.INT, Kind.SIZE, Kind.BOOL, Kind.ENUM, Kind.UID, Kind.DATETIME}
    assert {kind for kind, held in fields if None in held and len(set(held)) > 1} >= {Kind.STRING, Kind.DATETIME}


def texts_near(field: Field, value: str) -> st.SearchStrategy[Any]:
    """Return a text that a record holds, or one that means the same or nearly so."""
    if field.kind == Kind.UID:
        front, guid = value[: -len(wire.guid_of(value))], wire.guid_of(value)
        return st.sampled_from((value, guid, front + guid.upper(), guid.upper()))
    if field.kind == Kind.DATETIME:
        whole = value[:19]
        return st.sampled_from((value, whole + "Z", whole + ".4Z", whole[:10], whole[:17] + "59.999Z", *ANY_TIME))
    return st.sampled_from((value, value.upper(), value.lower(), value[: len(value) // 2], value + "z"))


@st.composite
def values(draw: st.DrawFn, field: Field, held: list[Any]) -> Any:
    """Return a value to compare with: mostly one that a record has, or a neighbour of it."""
    if field.kind == Kind.ENUM:
        word = draw(st.sampled_from(field.values))
        return draw(st.sampled_from((word, word.lower())))
    if field.kind == Kind.BOOL:
        return draw(st.booleans())
    value = draw(st.sampled_from(held))
    if isinstance(value, (int, float)):
        return value + draw(st.sampled_from((0, 0, 1, -1)))
    # Urns of hierarchies hold no GUID at their end, and a bare one would not be taken.
    near = draw(texts_near(field, value))
    return near if field.kind != Kind.UID or near.lower().startswith("urn:") or wire.is_guid(near) else value


@st.composite
def filters(draw: st.DrawFn, resource: Resource) -> dict[str, Any]:
    """Return a filter on some fields, each with a value, a list or operators."""
    wanted: dict[str, Any] = {}
    records = ESTATE.records[resource.type]
    for field in draw(st.lists(st.sampled_from(plain_fields(resource)), max_size=3, unique=True)):
        held = [record[field.name] for record in records if record[field.name] is not None]
        if not held:
            continue
        one = values(field, held)
        operators = ["eq", "ne"] if field.kind in (Kind.BOOL, Kind.UID) else list(query.OPERATORS)
        operator = draw(st.sampled_from(operators))
        several = operator in ("eq", "ne") and draw(st.booleans())
        wanted[field.name] = {operator: draw(st.lists(one, min_size=1, max_size=3) if several else one)}
    return wanted


def identities(records: list[Record], filtered: dict[str, Any]) -> list[str]:
    """Return who is there; a size that the server does not know is -1 to it and null in a record, so nothing is said about such a thing."""
    return [record["href"] or record["id"] for record in records if all(record[name] is not None for name in SIZES & set(filtered))]


@pytest.mark.parametrize("thing", BY_THING)
@settings(max_examples=EXAMPLES)
@given(data=st.data())
def test_the_same_filter_and_sort_pick_the_same_records_in_the_same_order(thing: str, data: st.DataObject) -> None:
    resource = BY_THING[thing]
    wanted = data.draw(filters(resource))
    by = data.draw(st.sampled_from(["", *(field.name for field in plain_fields(resource))]))
    sort = by and data.draw(st.sampled_from((by, "-" + by)))
    expression = query.filter_expression(resource, wanted)
    asked = {**({"filter": str(expression)} if expression else {}), **query.sort_parameters(resource, sort)}
    chosen = selecting.choose(resource, ESTATE.records[resource.type], Selection(filter=wanted, sort=sort))
    assert identities(chosen, wanted) == identities(ESTATE.ask(resource, asked), wanted), asked


@settings(max_examples=EXAMPLES * 5)
@given(data=st.data())
def test_the_same_raw_text_picks_the_same_records(data: st.DataObject) -> None:
    comparison = st.sampled_from(
        (
            "Result==Failed",
            "result!=Success",
            'JobName>="m"',
            "EndTime<2099-01-01",
            "EndTime!=2026-11-20",
            "IsRetry==false",
            'JobUID=="00000000-0000-4000-8000-000000000000"',
            "State>Working",
        )
    )
    texts = st.recursive(
        comparison,
        lambda inner: st.lists(inner, min_size=2, max_size=3).flatmap(lambda parts: st.sampled_from((";", ",")).map(lambda joint: f"({joint.join(parts)})")),
    )
    text = data.draw(texts)
    expression = query.filter_expression(BACKUP_SESSION, text)
    chosen = selecting.choose(BACKUP_SESSION, ESTATE.records["BackupJobSession"], Selection(filter=text, sort="uid"))
    asked = ESTATE.ask(BACKUP_SESSION, {"filter": str(expression), "sortAsc": "UID"})
    assert [record["id"] for record in chosen] == [record["id"] for record in asked], text


# ---------------------------------------------------------------------------------------------------------
# By hand


def session(number: int, **values: Any) -> Record:
    """Return the record of a job session with nothing set but what is given."""
    blank = dict.fromkeys(field.name for field in BACKUP_SESSION.record_fields)
    guid = f"5e500000-0000-4000-8000-{number:012}"
    return {**blank, "id": guid, "uid": f"urn:veeam:BackupJobSession:{guid}", "name": f"run {number}", **values}


def picked(records: list[Record], resource: Resource = BACKUP_SESSION, **wanted: Any) -> list[str]:
    """Return the names of what a selection picks."""
    return [record["name"] for record in selecting.choose(resource, records, Selection(**wanted))]


RESULTS = [session(number, result=word) for number, word in enumerate(("None", "Success", "Warning", "Failed", None))]


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        ({"gt": "Success"}, (2, 3)),
        ({"ge": "warning"}, (2, 3)),
        ({"lt": "Warning"}, (0, 1)),
        ({"le": "None"}, (0,)),
        ({"ne": "Failed"}, (0, 1, 2, 4)),
        ({"ne": ["Failed", "None"]}, (1, 2, 4)),
        (["Failed", "None"], (0, 3)),
    ],
    ids=str,
)
def test_words_of_an_enumeration_count_by_their_place_and_null_is_none_of_them(wanted: Any, numbers: tuple[int, ...]) -> None:
    assert picked(RESULTS, filter={"result": wanted}, sort="name") == [f"run {number}" for number in numbers]


@pytest.mark.parametrize(("sort", "order"), [("result", [4, 0, 1, 2, 3]), ("-result", [3, 2, 1, 0, 4]), ("Result", [4, 0, 1, 2, 3])])
def test_an_enumeration_is_sorted_by_place_with_nulls_first(sort: str, order: list[int]) -> None:
    assert picked(RESULTS[::-1], sort=sort) == [f"run {number}" for number in order]


def test_a_word_that_is_not_declared_stands_behind_all_that_are() -> None:
    newer = [*RESULTS, session(9, result="Postponed")]
    assert picked(newer, sort="-result")[0] == "run 9"
    assert picked(newer, filter={"result": {"gt": "Failed"}}) == ["run 9"]


MOMENTS = ("2026-11-20T20:00:07Z", "2026-11-20T20:00:07.5Z", "2026-11-20T20:00:07.45Z", "2026-11-20T20:00:07.0000001Z", "2026-11-20T20:00:08Z", None)
RUNS = [session(number, creation_time=moment) for number, moment in enumerate(MOMENTS)]


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        ({"gt": "2026-11-20T20:00:07Z"}, (3, 2, 1, 4)),
        ({"ge": "2026-11-20T20:00:07.45Z", "lt": "2026-11-20T20:00:08Z"}, (2, 1)),
        ({"le": "2026-11-20T21:00:07.4500000+01:00"}, (0, 3, 2)),
        ("2026-11-20T20:00:07", (0,)),
        ({"ne": "2026-11-20T20:00:07"}, (5, 3, 2, 1, 4)),
    ],
    ids=str,
)
def test_times_count_with_their_fractions(wanted: Any, numbers: tuple[int, ...]) -> None:
    assert picked(RUNS, filter={"creation_time": wanted}) == [f"run {number}" for number in numbers]


def test_relative_times_count_from_the_clock_that_is_given() -> None:
    clock = query.utc_now().replace(year=2026, month=11, day=20, hour=21, minute=0, second=7, microsecond=0)
    chosen = selecting.choose(BACKUP_SESSION, RUNS, Selection(filter={"creation_time": {"gt": "-1h"}}), lambda: clock)
    assert [record["name"] for record in chosen] == ["run 3", "run 2", "run 1", "run 4"]


FILES = [
    {"id": name, "uid": None, "name": name, "deduplication_ratio": None, "compress_ratio": ratio, "backup_size": size, "creation_time": None}
    for name, ratio, size in (("a", 1.0, 5), ("b", 5.83, None), ("c", 10.2, 2**53), ("d", None, 40))
]


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ({"compress_ratio": {"gt": "5.83"}}, "c"),
        ({"compress_ratio": {"ge": 5.83}}, "bc"),
        ({"compress_ratio": 1}, "a"),
        ({"compress_ratio": {"lt": "10"}}, "ab"),
        ({"backup_size": {"gt": 5}}, "cd"),
        ({"backup_size": {"ne": 5}}, "bcd"),
        ({"backup_size": str(2**53)}, "c"),
        ("CompressRatio>=1;BackupSize<100", "a"),
        ("CompressRatio==1,BackupSize==40", "ad"),
        ("(CompressRatio==1,BackupSize==40);BackupSize>5", "d"),
    ],
    ids=str,
)
def test_numbers_count_as_numbers(wanted: Any, names: str) -> None:
    assert picked(FILES, BACKUP_FILE, filter=wanted) == list(names)


@pytest.mark.parametrize(("sort", "names"), [("compress_ratio", "dabc"), ("-compress_ratio", "cbad"), ("backup_size", "badc"), ("-backup_size", "cdab")])
def test_numbers_are_sorted_as_numbers(sort: str, names: str) -> None:
    assert picked(FILES, BACKUP_FILE, sort=sort) == list(names)


def named(*names: str | None) -> list[Record]:
    return [{"id": f"70b00000-0000-4000-8000-{number:012}", "name": name} for number, name in enumerate(names)]


def test_names_are_the_same_in_any_case() -> None:
    jobs = named("SQL Backup", "sql backup", "Straße", None)
    assert picked(jobs, JOB, names=("Sql Backup",)) == ["SQL Backup", "sql backup"]
    assert picked(jobs, JOB, names=("STRASSE", "nobody")) == ["Straße"]
    assert picked(jobs, JOB, filter={"name": "sql BACKUP"}) == ["SQL Backup", "sql backup"]
    assert picked(jobs, JOB, names=("nobody",)) == []


def test_names_are_sorted_blind_to_case_and_with_all_their_letters() -> None:
    jobs = named("jazz", "Jab", "JAZ", None, "job-10", "job-9")
    assert picked(jobs, JOB, sort="name") == [None, "Jab", "JAZ", "jazz", "job-10", "job-9"]
    assert picked(jobs, JOB) == picked(jobs, JOB, sort="name")


def test_equal_records_keep_their_order_in_either_direction() -> None:
    jobs = [{**record, "job_type": "Backup"} for record in named("b", "a", "c")]
    assert picked(jobs, JOB, sort="job_type") == picked(jobs, JOB, sort="-job_type") == ["b", "a", "c"]


def test_tasks_are_sorted_by_their_numbers() -> None:
    tasks = [{"id": name, "name": name, "task_id": name} for name in ("task-10", "task-9", "task-100", "odd", "task-")]
    assert picked(tasks, TASK, sort="task_id") == ["odd", "task-", "task-9", "task-10", "task-100"]
    assert picked(tasks, TASK) == ["task-10", "task-9", "task-100", "odd", "task-"]


GUID = "0a1b2c3d-0000-4000-8000-00000000000a"
# What a server may send in the place of a URN, and by which words it must be found.
URNS = [
    (JOB, f"urn:veeam:Job:{GUID}"),
    (AGENT_JOB, f"urn:veeam:AgentBackupJob:{GUID}"),
    (AGENT_JOB, f"urn:veeam:Job:{GUID}"),
    (NAS_JOB, f"urn:veeam:Job:{GUID}"),
    (CDP_REPLICA, f"urn:veeam:CdpReplica:{GUID}"),
    (CDP_REPLICA, f"urn:veeam:Replica:urn:veeam:CdpReplica:{GUID}"),
    (VLAN_CONFIGURATION, GUID),
]


@pytest.mark.parametrize(("resource", "urn"), URNS, ids=lambda value: value if isinstance(value, str) else value.thing)
def test_a_thing_is_found_by_any_form_of_its_urn(resource: Resource, urn: str) -> None:
    record = {"id": GUID, "uid": urn, "name": "it"}
    other = {"id": GUID[:-1] + "b", "uid": urn[:-1] + "b", "name": "other"}
    for wanted in (urn, urn.upper().replace("URN:", "urn:"), GUID, GUID.upper()):
        assert picked([record, other], resource, uids=(wanted,)) == ["it"], wanted
        assert picked([record, other], resource, ids=(wanted,)) == ["it"], wanted
    assert picked([record, other], resource, ids=(GUID,), uids=(other["uid"],)) == ["it", "other"]
    assert picked([record, other], resource, filter={"uid": GUID}) == ["it"]


def test_one_thing_has_one_id_however_it_is_written() -> None:
    spellings = (GUID, GUID.upper(), f"urn:veeam:Job:{GUID}", f"urn:VEEAM:job:{GUID.upper()}")
    assert {selecting.checked_id(JOB, spelling) for spelling in spellings} == {selecting.guid_of_uid(JOB, spelling) for spelling in spellings} == {GUID}


@pytest.mark.parametrize(
    ("resource", "uid"),
    [
        (JOB, f"urn:veeam:NasJob:{GUID}"),
        (NAS_JOB, f"urn:veeam:AgentBackupJob:{GUID}"),
        (CDP_REPLICA, f"urn:veeam:CdpReplica:urn:veeam:Replica:{GUID}"),
        (CDP_REPLICA, f"urn:veeam:Replica:{GUID}"),
        (JOB, f"veeam:Job:{GUID}"),
        (JOB, f"Job:{GUID}"),
        (JOB, f"x-urn:veeam:Job:{GUID}"),
        (JOB, "urn:veeam:Job:"),
        (JOB, ""),
        (JOB, f"urn:veeam:Job:{GUID} "),
    ],
    ids=lambda value: value if isinstance(value, str) else value.thing,
)
def test_the_urn_of_something_else_is_refused(resource: Resource, uid: str) -> None:
    with pytest.raises(OptionError, match="is not the URN of"):
        selecting.choose(resource, [], Selection(uids=(uid,)))


def test_a_urn_in_a_filter_is_compared_whole_and_a_guid_with_its_end() -> None:
    hosts = [session(number, job_uid=uid) for number, uid in enumerate((f"urn:veeam:Job:{GUID}", f"urn:veeam:NasJob:{GUID}", None))]
    assert picked(hosts, filter={"job_uid": GUID.upper()}) == ["run 0", "run 1"]
    assert picked(hosts, filter={"job_uid": f"urn:veeam:job:{GUID}"}) == ["run 0"]
    assert picked(hosts, filter={"job_uid": {"ne": GUID}}) == ["run 2"]
    assert picked(hosts, filter={"job_uid": {"ne": f"urn:veeam:Job:{GUID}"}}) == ["run 1", "run 2"]


def test_ids_without_urn_are_found_as_they_are_and_guids_in_any_case() -> None:
    entries = [{"id": identity, "name": identity, "object_in_job_id": identity} for identity in (GUID, "Entry-1", "entry-1")]
    assert picked(entries, OBJECT_IN_JOB, ids=(GUID.upper(),)) == [GUID]
    assert picked(entries, OBJECT_IN_JOB, ids=("entry-1",)) == ["entry-1"]
    machines = [{"id": name, "name": name} for name in ("srv-sql-01", "SRV-web-01")]
    assert picked(machines, CATALOG_VM, ids=("SRV-SQL-01", "srv-web-01")) == ["srv-sql-01", "SRV-web-01"]


@pytest.mark.parametrize("identity", ["", ".", ".."])
def test_what_would_lead_elsewhere_is_no_id(identity: str) -> None:
    with pytest.raises(OptionError, match="is not the id of a") as caught:
        selecting.checked_id(OBJECT_IN_JOB, identity)
    assert caught.value.advice == OBJECT_IN_JOB.id_advice


def test_everything_asked_for_must_hold() -> None:
    jobs = [{**record, "backup_server_name": server} for record, server in zip(named("a", "a", "b"), ("vbr01", "VBR02", "vbr01"), strict=True)]
    assert picked(jobs, JOB, names=("a",), backup_server="vbr02") == ["a"]
    assert picked(jobs, JOB, backup_server="Vbr01") == ["a", "b"]
    assert picked(jobs, JOB, names=("a",), filter={"backup_server_name": "vbr01"}, ids=(jobs[1]["id"],)) == []


@pytest.mark.parametrize(
    ("resource", "wanted", "message"),
    [
        (BACKUP_SERVER, {"backup_server": "vbr01"}, "Backup servers belong to no backup server"),
        # The service filters by the server of an object in a job, whose record does not tell it.
        (OBJECT_IN_JOB, {"backup_server": "vbr01"}, "cannot be filtered or sorted by 'backup_server_name'"),
        (TASK, {"names": ("a",)}, "Tasks cannot be filtered or sorted by 'name'"),
        (JOB, {"sort": "job_info"}, "cannot be filtered or sorted by 'job_info'"),
        (BACKUP_SESSION, {"sort": "restore_points"}, "cannot be filtered or sorted by 'restore_points'"),
        (REPOSITORY, {"filter": {"colour": "red"}}, "cannot be filtered or sorted by 'colour'"),
    ],
    ids=lambda value: value.thing if isinstance(value, Resource) else "",
)
def test_what_no_record_can_answer_is_refused_even_without_records(resource: Resource, wanted: dict[str, Any], message: str) -> None:
    with pytest.raises((FilterError, OptionError), match=message):
        selecting.choose(resource, [], Selection(**wanted))


def test_records_in_hand_are_filtered_by_more_than_the_service_knows() -> None:
    runs = [session(1, progress=10), session(2, progress=100)]
    assert picked(runs, filter={"progress": {"lt": 100}}) == ["run 1"]
    assert picked(runs, filter="Progress==100") == ["run 2"]
    assert picked(runs, sort="-progress") == ["run 2", "run 1"]
    with pytest.raises(FilterError):
        query.filter_expression(BACKUP_SESSION, {"progress": 100})


def test_records_that_are_not_sorted_stay_as_they_came() -> None:
    assert selecting.in_order(RUNS, "", BACKUP_SESSION) is RUNS
    assert picked(RUNS[::-1], replace(BACKUP_SESSION, default_sort="")) == [record["name"] for record in RUNS[::-1]]
