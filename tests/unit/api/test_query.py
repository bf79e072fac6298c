# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A filter means what its mapping says, is quoted and encoded once, and is refused before sending when it is wrong."""

from __future__ import annotations

import functools
from datetime import date, datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qsl, unquote

import filter_language
import pytest
from hypothesis import given
from hypothesis import strategies as st
from specimens import SPECIAL_NAMES

from _api import query
from _api.entities._model import Field, Kind, Resource
from _api.entities.infrastructure import BACKUP_SERVER
from _api.entities.jobs import JOB
from _api.entities.registry import RESOURCES
from _api.entities.sessions import BACKUP_SESSION, BACKUP_TASK_SESSION
from _api.entities.tasks import TASK
from _api.errors import FilterError
from _api.query_types import resource_for_query_type
from _api.transport import encode_query

FILTERED = [resource for resource in RESOURCES if any(resource.filter_fields())]
NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=timezone.utc)
GUID = "9e8d7c6b-5a49-4832-a1b0-c9d8e7f6a5b4"
OPERATORS = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}


def now() -> datetime:
    """Return the moment that relative times count from."""
    return NOW


def written(option: Any, resource: Resource = BACKUP_SESSION) -> str:
    """Return a filter as it is sent."""
    return str(query.filter_expression(resource, option, now))


# ---------------------------------------------------------------------------------------------------------
# Meaning

_TEXTS = st.sampled_from(SPECIAL_NAMES) | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_MOMENTS = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(timezone.utc)).map(
    lambda moment: moment.replace(microsecond=0)
)
_ZONES = st.integers(-14 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))


@st.composite
def values(draw: st.DrawFn, field: Field) -> tuple[Any, Any]:
    """Return a value as the user writes it, and what it stands for."""
    if field.kind == Kind.STRING:
        text = draw(_TEXTS)
        return text, text
    if field.kind in (Kind.INT, Kind.SIZE):
        number = draw(st.integers(-(2**40), 2**40))
        return draw(st.sampled_from((number, str(number), f" {number} "))), number
    if field.kind == Kind.DECIMAL:
        hundredths = draw(st.integers(-(10**6), 10**6))
        return draw(st.sampled_from((hundredths / 100, f"{hundredths / 100:.2f}", f" {hundredths / 100} "))), hundredths / 100
    if field.kind == Kind.BOOL:
        flag = draw(st.booleans())
        return draw(st.sampled_from((flag, str(flag), "yes" if flag else "No"))), flag
    if field.kind == Kind.ENUM:
        word = draw(st.sampled_from(field.values))
        return draw(st.sampled_from((word, word.lower(), word.upper()))), word
    if field.kind == Kind.UID:
        urn = f"urn:veeam:Thing:{draw(st.uuids())}"
        return urn, urn
    assert field.kind == Kind.DATETIME
    moment = draw(_MOMENTS)
    local = moment.astimezone(draw(_ZONES))
    forms = (local, local.isoformat(), local.isoformat(" "), moment.strftime("%Y-%m-%dT%H:%M:%SZ"), moment.strftime("%Y-%m-%d %H:%M:%S").lower())
    return draw(st.sampled_from(forms)), moment


@st.composite
def conditions(draw: st.DrawFn, field: Field) -> tuple[Any, list[tuple[str, list[Any]]]]:
    """Return what stands behind a field in a mapping, and its meaning: operators, each with its alternatives."""
    if draw(st.booleans()):
        pairs = draw(st.lists(values(field), min_size=1, max_size=3))
        shown = [pair[0] for pair in pairs]
        return shown if len(shown) > 1 or draw(st.booleans()) else shown[0], [("eq", [pair[1] for pair in pairs])]
    allowed = ["eq", "ne"] if field.kind in (Kind.BOOL, Kind.UID) else list(OPERATORS)
    shown_by, meant_by = {}, []
    for operator in draw(st.lists(st.sampled_from(allowed), min_size=1, max_size=2, unique=True)):
        pairs = draw(st.lists(values(field), min_size=1, max_size=3 if operator in ("eq", "ne") else 1))
        shown_by[operator] = [pair[0] for pair in pairs] if len(pairs) > 1 else pairs[0][0]
        meant_by.append((operator, [pair[1] for pair in pairs]))
    return shown_by, meant_by


def meaning_holds(conditions: dict[str, list[tuple[str, list[Any]]]], thing: dict[str, Any]) -> bool:
    """Evaluate a mapping as the documentation explains it: all fields, any of a list, none of a list for ne."""
    order = {"lt": lambda a, b: a < b, "le": lambda a, b: a <= b, "gt": lambda a, b: a > b, "ge": lambda a, b: a >= b}
    for name, meant in conditions.items():
        for operator, wanted in meant:
            value = thing[name]
            fits = value in wanted if operator == "eq" else value not in wanted if operator == "ne" else order[operator](value, wanted[0])
            if not fits:
                return False
    return True


def as_kind(kind: str, text: str) -> Any:
    """Return a value of a filter text in the form of the meaning."""
    if kind in (Kind.INT, Kind.SIZE):
        return int(text)
    if kind == Kind.DECIMAL:
        return float(text)
    if kind == Kind.BOOL:
        return {"True": True, "False": False}[text]
    if kind == Kind.DATETIME:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    return text


@pytest.mark.thorough
@pytest.mark.parametrize("resource", FILTERED, ids=lambda resource: resource.thing)
@given(data=st.data())
def test_any_mapping_means_the_same_to_an_independent_reader(resource: Resource, data: st.DataObject) -> None:
    fields = {field.name: field for field in resource.filter_fields()}
    by_filter_name = {field.filter_name: field for field in fields.values()}
    mapping: dict[str, Any] = {}
    meant: dict[str, Any] = {}
    for name in data.draw(st.lists(st.sampled_from(sorted(fields)), min_size=1, max_size=3, unique=True)):
        key = data.draw(st.sampled_from((name, name.upper(), fields[name].filter_name, fields[name].filter_name.lower())))
        mapping[key], meant[name] = data.draw(conditions(fields[name]))
    text = written(mapping, resource)
    # The thing has one of the values asked for, or any other.
    thing = {}
    for name, about in meant.items():
        asked = [value for _operator, wanted in about for value in wanted]
        thing[name] = data.draw(st.sampled_from(asked) | values(fields[name]).map(lambda pair: pair[1]))

    def value_of(filter_name: str, sent: str) -> tuple[Any, Any]:
        field = by_filter_name[filter_name]
        return thing[field.name], as_kind(field.kind, sent)

    for and_binds_tighter in (True, False):
        assert filter_language.holds(filter_language.read(text, and_binds_tighter), value_of) is meaning_holds(meant, thing), text
    assert dict(parse_qsl(encode_query({"filter": text}), keep_blank_values=True, strict_parsing=True)) == {"filter": text}


@st.composite
def raw_texts(draw: st.DrawFn, depth: int = 2) -> str:
    """Return a filter as a user may type it, with blanks, parentheses and both joints."""
    if depth == 0 or draw(st.booleans()):
        kind = draw(st.integers(0, 3))
        blank = draw(st.sampled_from(("", " ")))
        if kind == 0:
            value = draw(_TEXTS).replace('"', '""')
            return f'{draw(st.sampled_from(("Name", "jobname")))}{blank}=={blank}"{value}"'
        if kind == 1:
            return f"Result{blank}{draw(st.sampled_from(('==', '!=', '>', '<=')))}{blank}Warning"
        if kind == 2:
            return f'creationtime>={blank}"2026-11-01T06:00:00+02:00"'
        return f"isretry{blank}!={blank}true"
    joint = draw(st.sampled_from((";", ",", " ; ", " , ")))
    parts = draw(st.lists(raw_texts(depth - 1), min_size=1, max_size=3))
    text = joint.join(parts)
    return f"({text})" if draw(st.booleans()) else text


def value_beside(thing: dict[str, Any], field: str, sent: str) -> tuple[Any, Any]:
    """Return what the thing has in the field and what was sent, both in a form that can be compared."""
    return thing[field], 2 if field == "Result" else sent


@given(text=raw_texts())
def test_raw_text_becomes_one_stable_form(text: str) -> None:
    once = written(text)
    assert written(once) == once
    # Both readings of the sent form agree, whatever the precedence of the raw text was.
    tight, loose = filter_language.read(once, True), filter_language.read(once, False)
    for failed in (True, False):
        for name in ("a", ""):
            thing = {"Name": name, "JobName": name, "Result": 3 if failed else 1, "CreationTime": "2026-11-01T04:00:00Z", "IsRetry": "False"}

            value_of = functools.partial(value_beside, thing)
            assert filter_language.holds(tight, value_of) is filter_language.holds(loose, value_of)


WRITTEN = [
    ({"result": "failed"}, "Result==Failed"),
    ({"result": ["Failed", "Warning"]}, "Result==Failed,Result==Warning"),
    ({"result": {"ne": ["Failed", "Warning"]}}, "Result!=Failed;Result!=Warning"),
    ({"result": ["Failed", "Warning"], "is_retry": True}, "(Result==Failed,Result==Warning);IsRetry==True"),
    ({"job_name": 'a "b" ; c'}, 'JobName=="a ""b"" ; c"'),
    ({"job_name": 17}, 'JobName=="17"'),
    (
        {"creation_time": {"ge": "2026-11-01", "lt": date(2026, 11, 8)}},
        'CreationTime>="2026-11-01T00:00:00Z";CreationTime<"2026-11-08T00:00:00Z"',
    ),
    ({"creation_time": {"ge": "-24h"}}, 'CreationTime>="2026-11-21T12:00:00Z"'),
    ({"job_uid": GUID}, f'JobUid=="{GUID}"'),
    ({"JobUID": f"urn:veeam:Job:{GUID}"}, f'JobUid=="urn:veeam:Job:{GUID}"'),
    ({"backup_server_name": "vbr01"}, 'BackupServerName=="vbr01"'),
    ("result==failed;(is_retry==true,jobname=='x')", "Result==Failed;(IsRetry==True,JobName==\"'x'\")"),
    ("IsRetry==true,result==failed;name==a", 'IsRetry==True,(Result==Failed;Name=="a")'),
    ("Name==plain-word_1.x:y", 'Name=="plain-word_1.x:y"'),
    ("((result==failed))", "Result==Failed"),
]


@pytest.mark.parametrize(("option", "text"), WRITTEN)
def test_what_is_sent(option: Any, text: str) -> None:
    assert written(option) == text


@pytest.mark.parametrize("option", [None, "", {}])
def test_nothing_is_no_filter(option: Any) -> None:
    assert query.filter_expression(BACKUP_SESSION, option) is None


def test_values_are_percent_encoded_exactly_once() -> None:
    text = written({"job_name": 'A&B=100% + "é" 🐘 %26;x'})
    encoded = encode_query({"type": "Job", "filter": text})
    assert encoded.startswith("type=Job&filter=JobName%3D%3D%22A%26B%3D100%25%20%2B%20%22%22%C3%A9%22%22%20")
    assert unquote(encoded.partition("filter=")[2]) == text
    assert set(encoded.partition("filter=")[2]).isdisjoint('&=+ ";')


# ---------------------------------------------------------------------------------------------------------
# Times

STAMPS = [
    ("2026-11-01", "2026-11-01T00:00:00Z"),
    ("2026-11-01T06:00", "2026-11-01T06:00:00Z"),
    ("2026-11-01T06:00:30", "2026-11-01T06:00:30Z"),
    ("2026-11-01 06:00:30.1230000z", "2026-11-01T06:00:30.123Z"),
    ("2026-11-01T07:00:00+01:00", "2026-11-01T06:00:00Z"),
    ("2026-11-01T00:30:00.5+0530", "2026-10-31T19:00:00.5Z"),
    ("2026-11-01T23:00-02:00", "2026-11-02T01:00:00Z"),
    (date(2026, 11, 1), "2026-11-01T00:00:00Z"),
    (datetime(2026, 11, 1, 6), "2026-11-01T06:00:00Z"),
    (datetime(2026, 11, 1, 6, tzinfo=timezone(timedelta(hours=2))), "2026-11-01T04:00:00Z"),
    ("-90s", "2026-11-22T11:58:30Z"),
    ("-30m", "2026-11-22T11:30:00Z"),
    ("-24h", "2026-11-21T12:00:00Z"),
    ("-7d", "2026-11-15T12:00:00Z"),
    (" -2w ", "2026-11-08T12:00:00Z"),
]


@pytest.mark.parametrize(("value", "stamp"), STAMPS)
def test_times_are_sent_in_utc_with_z(value: Any, stamp: str) -> None:
    assert query.utc_stamp(value, "since", now) == stamp


def test_ages_count_from_the_clock_in_any_zone() -> None:
    local = NOW.astimezone(timezone(timedelta(hours=-5)))
    assert query.utc_stamp("-1h", "since", lambda: local) == "2026-11-22T11:00:00Z"
    assert query.utc_now().tzinfo is timezone.utc


BAD_TIMES = (
    "yesterday",
    "2026-11-31",
    "2026-1-1",
    "01.11.2026",
    "11/01/2026",
    "2026-11-01T25:00:00Z",
    "2026-11-01T24:00:00",
    "2026-11-01T06:00:00+26:00",
    "2026-11-01T06:00:00 CET",
    "2026-11-01T06:00:00.12345678Z",
    "9999-12-31T23:59:59-10:00",
    "٢٠٢٦-١١-٠١",
    "-24",
    "24h",
    "-24x",
    "-99999999999999w",
    "-999999w",
    "1700000000",
    1700000000,
    True,
    None,
    "",
    ["2026-11-01"],
)


@pytest.mark.parametrize("value", BAD_TIMES, ids=repr)
def test_a_bad_time_is_refused_with_the_forms_that_work(value: Any) -> None:
    with pytest.raises(FilterError, match="is not a time for since") as caught:
        query.utc_stamp(value, "since", now)
    assert "2026-11-01T06:00:00Z" in caught.value.advice
    assert "-24h" in caught.value.advice


# ---------------------------------------------------------------------------------------------------------
# Refusals: option, words of the message, words of the advice

REFUSED = [
    (BACKUP_SESSION, {"reslut": "Failed"}, "Did you mean result", "Known fields: backup_server_name, "),
    (BACKUP_SESSION, {"progress": 5}, "'progress'", "is_retry"),
    (BACKUP_SESSION, {"zzz": 5}, "Backup job sessions cannot be filtered or sorted by 'zzz'.", "job_name"),
    (BACKUP_SESSION, {7: 5}, "'7'", "job_name"),
    (TASK, {"state": "Running"}, "'state'", "no fields to filter by"),
    (BACKUP_SESSION, {"result": {"like": "F"}}, "'like' is not an operator", "eq, ne, lt, le, gt, ge"),
    (BACKUP_SESSION, {"result": {"==": "Failed"}}, "'==' is not an operator", "eq, ne"),
    (BACKUP_SESSION, {"is_retry": {"gt": True}}, "can only be compared with eq or ne", ""),
    (BACKUP_SESSION, {"job_uid": {"lt": GUID}}, "can only be compared with eq or ne", ""),
    (BACKUP_SESSION, {"result": "Faild"}, "Did you mean Failed", "None, Success, Warning, Failed"),
    (BACKUP_SESSION, {"result": None}, "None is not a value for result", "Success"),
    (BACKUP_SESSION, {"result": {"eq": {}}}, "is not a value", "Success"),
    (BACKUP_SESSION, {"is_retry": "maybe"}, "'maybe' is not a value for is_retry", "true or false"),
    (BACKUP_SESSION, {"is_retry": 1}, "1 is not a value for is_retry", "true or false"),
    (BACKUP_SESSION, {"job_uid": "SQL Backup"}, "'SQL Backup' is not a value for job_uid", "urn:veeam:TYPE:GUID"),
    (BACKUP_SESSION, {"job_uid": "urn:veeam:Job"}, "is not a value", "GUID"),
    (BACKUP_SESSION, {"job_name": None}, "None is not a value for job_name", "a text"),
    (BACKUP_SESSION, {"job_name": [["a"]]}, "is not a value for job_name", "a text"),
    (BACKUP_SESSION, {"creation_time": "soon"}, "'soon' is not a time for creation_time", "ISO 8601"),
    (BACKUP_TASK_SESSION, {"total_size": {"gt": "10 GB"}}, "'10 GB' is not a value for total_size", "whole number of bytes"),
    (BACKUP_TASK_SESSION, {"total_size": True}, "True is not a value", "whole number"),
    (BACKUP_TASK_SESSION, {"total_size": 1.5}, "1.5 is not a value", "whole number"),
    (BACKUP_SERVER, {"port": "٤٤٣"}, "is not a value for port", "whole number"),
    (BACKUP_SESSION, {"result": []}, "empty list", "Leave the field out"),
    (BACKUP_SESSION, {"result": {}}, "The filter on result is empty", "eq, ne"),
    (BACKUP_SESSION, {"result": {"gt": ["Success", "Warning"]}}, "A list fits eq (any of) and ne (none of), not gt", ""),
    (BACKUP_SESSION, ["result"], "The filter is list", "mapping"),
    (BACKUP_SESSION, 5, "The filter is int", "mapping"),
    (BACKUP_SESSION, "Result=Failed", "has '=' after Result", "FIELD==VALUE"),
    (BACKUP_SESSION, "Result", "has its end after Result", "FIELD==VALUE"),
    (BACKUP_SESSION, "Result==", "has no value after Result==", "FIELD==VALUE"),
    (BACKUP_SESSION, "==Failed", "where a field should stand", "FIELD==VALUE"),
    (BACKUP_SESSION, '"Result"==Failed', "where a field should stand", "FIELD==VALUE"),
    (BACKUP_SESSION, "Result==Failed;", "has its end where a field should stand", "FIELD==VALUE"),
    (BACKUP_SESSION, "Result==Failed Warning", "has a value with a blank", "double quotes"),
    (BACKUP_SESSION, "(Result==Failed", "lacks a closing parenthesis", "FIELD==VALUE"),
    (BACKUP_SESSION, "Result==Failed)", "goes on with ')'", "FIELD==VALUE"),
    (BACKUP_SESSION, 'Name=="open', "cannot be read from", "FIELD==VALUE"),
    (BACKUP_SESSION, "   ", "where a field should stand", "FIELD==VALUE"),
    (BACKUP_SESSION, "(" * 60 + "Result==Failed" + ")" * 60, "more than 50 levels", "FIELD==VALUE"),
    (BACKUP_SESSION, "Reslut==Failed", "Did you mean result", "Known fields"),
    (BACKUP_SESSION, "Result==Faild", "Did you mean Failed", "Success"),
    (BACKUP_SESSION, "CreationTime>=soon", "'soon' is not a time", "ISO 8601"),
]


@pytest.mark.parametrize(("resource", "option", "message", "advice"), REFUSED, ids=lambda value: repr(value)[:40] if not isinstance(value, Resource) else "")
def test_a_wrong_filter_is_refused_with_what_would_be_right(resource: Resource, option: Any, message: str, advice: str) -> None:
    with pytest.raises(FilterError) as caught:
        query.filter_expression(resource, option, now)
    assert message in caught.value.message
    assert advice in caught.value.advice
    assert caught.value.kind == "filter"


@given(text=st.text(st.sampled_from('Result==Failed;,()"<>! Name"x'), max_size=30))
def test_any_text_is_either_read_or_refused(text: str) -> None:
    try:
        expression = query.filter_expression(BACKUP_SESSION, text, now)
    except FilterError:
        return
    if expression is not None:
        filter_language.read(str(expression))


# ---------------------------------------------------------------------------------------------------------
# Sort and query types


@pytest.mark.parametrize(
    ("resource", "sort", "parameters"),
    [
        (BACKUP_SESSION, "", {"sortAsc": "CreationTime"}),
        (BACKUP_SESSION, "-creation_time", {"sortDesc": "CreationTime"}),
        (BACKUP_SESSION, "jobname", {"sortAsc": "JobName"}),
        (JOB, "", {"sortAsc": "Name"}),
        (JOB, "-next_run", {"sortDesc": "NextRun"}),
        (TASK, "", {}),
    ],
)
def test_sort(resource: Resource, sort: str, parameters: dict[str, str]) -> None:
    assert query.sort_parameters(resource, sort) == parameters


@pytest.mark.parametrize("sort", ["progress", "--", "-", "name desc", "+name"])
def test_an_unknown_sort_field_is_refused(sort: str) -> None:
    with pytest.raises(FilterError, match="cannot be filtered or sorted by"):
        query.sort_parameters(BACKUP_SESSION, sort)


@pytest.mark.parametrize("name", ["BackupJobSession", "backupjobsession", " BACKUPJOBSESSION "])
def test_query_types_are_found_in_any_case(name: str) -> None:
    assert resource_for_query_type(name) is BACKUP_SESSION


def test_an_unknown_query_type_is_refused_with_the_known_ones() -> None:
    with pytest.raises(FilterError, match=r"Did you mean .*BackupJobSession") as caught:
        resource_for_query_type("BackupSession")
    assert all(resource.query_type in caught.value.advice for resource in RESOURCES)
