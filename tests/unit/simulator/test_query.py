# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The query service: grammar, order, pages."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from em_simulator.grammar import Property, compile_filter, tokens
from em_simulator.offline import Rig
from em_simulator.problems import Problem

RANKS = ("None", "Success", "Warning", "Failed")
PROPERTIES = {
    "name": Property("Name", "string", lambda thing: thing.get("name")),
    "size": Property("Size", "size", lambda thing: thing.get("size")),
    "result": Property("Result", "enum", lambda thing: thing.get("result"), RANKS),
    "flag": Property("Flag", "bool", lambda thing: thing.get("flag")),
    "at": Property("At", "datetime", lambda thing: thing.get("at")),
    "uid": Property("UID", "uid", lambda thing: thing.get("uid")),
}
NOON = 1_795_176_000_000_000  # 2026-11-20 12:00:00 UTC
THING = {
    "name": 'a "b"; c, (d) \\ <e> & Ж',
    "size": 42949672960,
    "result": "Warning",
    "flag": True,
    "at": NOON + 123_456,
    "uid": "urn:veeam:Job:00000000-0000-0000-0000-0000000000C1",
}


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("size==42949672960", True),
        ("SIZE>=42949672960;size<=42949672960", True),
        ("size>42949672960,size<42949672960", False),
        ("size!=1", True),
        ('name=="a ""b""; c, (d) \\ <e> & Ж"', True),
        ('name=="A ""B""; C, (D) \\ <E> & ж"', True),
        ('name=="a"', False),
        ("flag==true", True),
        ("flag==False", False),
        ("result==Warning", True),
        ("result>Success", True),
        ("result<Failed;result>=warning", True),
        ("result>=Failed", False),
        ('at>"2026-11-20T12:00:00Z"', True),
        ('at<"2026-11-20T12:00:00.2Z"', True),
        ("at>=2026-11-20T12:00:00", True),
        ('at>="2026-11-20T14:00:00+02:00"', True),
        ('at=="2026-11-20T12:00:00.123Z"', True),
        ('at>"2026-11-20"', True),
        ('at<"2026-11-20"', False),
        ('uid=="urn:veeam:Job:00000000-0000-0000-0000-0000000000c1"', True),
        ("uid==00000000-0000-0000-0000-0000000000c1", True),
        ('uid!="urn:veeam:Job:00000000-0000-0000-0000-0000000000c2"', True),
        # AND binds stronger than OR; brackets turn that round.
        ("flag==true,flag==false;size==1", True),
        ("(flag==true,flag==false);size==1", False),
        ("((result==Failed,result==Warning));flag==true", True),
        (" size == 42949672960 ; flag == true ", True),
    ],
)
def test_filters(text: str, passes: bool) -> None:
    assert compile_filter(text, PROPERTIES, 3)(THING) is passes


@pytest.mark.parametrize("text", ["size==1", "size<1", "size>1", 'at=="2026-11-20"', "result==None", "flag==false"])
def test_what_is_not_set_passes_no_comparison_but_not_equal(text: str) -> None:
    assert compile_filter(text, PROPERTIES, 3)({}) is False
    assert compile_filter("size!=1", PROPERTIES, 3)({}) is True


def test_blanks_outside_of_quotes_do_not_count() -> None:
    assert tokens("name == a b ; size==1") == [
        ("word", "name"),
        ("sign", "=="),
        ("word", "ab"),
        ("sign", ";"),
        ("word", "size"),
        ("sign", "=="),
        ("word", "1"),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nonsense==1", "unknown property [nonsense]"),
        ("size", "a comparison is expected after size"),
        ("size==", "a value is expected after size=="),
        ("size=1", "invalid at position 4"),
        ("size==big", "[big] is not a value of Size"),
        ("result==Maybe", "[Maybe] is not a value of Result"),
        ("flag==yes", "[yes] is not a value of Flag"),
        ('at>"yesterday"', "[yesterday] is not a value of At"),
        ("uid>urn:x", "can only be compared by == and !="),
        ("(size==1", "a bracket is not closed"),
        ("size==1)", "unexpected )"),
        ("size==1;", "a property name is expected"),
        ('name=="open', "invalid at position 6"),
        ('"name"==a', "a property name is expected, not name"),
    ],
)
def test_mistakes_are_refused_with_400(text: str, said: str) -> None:
    with pytest.raises(Problem) as refusal:
        compile_filter(text, PROPERTIES, 3)
    assert refusal.value.status == 400
    assert said in refusal.value.message


def test_a_query_finds_jobs_by_parts_of_their_neighbours(rig: Rig) -> None:
    assert {job["Name"] for job in rig.query("job", quote('BackupServerName=="vbr02.example.com";ScheduleEnabled==true'))} == {
        "Exchange Backup",
        'R&D <lab> "nightly"; it\'s, C:\\VMs (test)',
    }
    assert [job["Name"] for job in rig.query("JOB", quote('name=="R&D <lab> ""nightly""; it\'s, C:\\VMs (test)"'))] == [
        'R&D <lab> "nightly"; it\'s, C:\\VMs (test)'
    ]


def test_task_sessions_are_found_by_the_job_they_do_not_show(rig: Rig) -> None:
    found = rig.query("BackupTaskSession", quote('JobName=="SQL Server Backup";Result==Failed'), "&sortAsc=CreationTime")
    assert [task["VmDisplayName"] for task in found] == ["srv-sql-04", "srv-sql-02"]


def test_sorting_goes_both_ways_and_by_rank(rig: Rig) -> None:
    ascending = [one["CreationTimeUTC"] for one in rig.query("BackupJobSession", "", "&sortAsc=creationtime")]
    descending = [one["CreationTimeUTC"] for one in rig.query("BackupJobSession", "", "&sortDesc=CreationTime")]
    assert ascending == sorted(ascending)
    assert descending == ascending[::-1]
    results = [one["Result"] for one in rig.query("BackupJobSession", "", "&sortAsc=Result")]
    assert results == sorted(results, key=RANKS.index)
    assert {"Success", "Warning", "Failed"} == set(results)


def test_following_next_brings_every_thing_once(rig: Rig) -> None:
    everything = {one["UID"] for one in rig.query("BackupTaskSession", "", "&pageSize=1000")}
    path, seen, pages = "type=BackupTaskSession&format=Entities&pageSize=7&sortAsc=Name", [], 0
    while path:
        answer = rig.json("/query", path)
        seen += [one["UID"] for one in answer["Entities"]["BackupTaskSessions"]["BackupTaskSessions"]]
        pages += 1
        assert answer["PagingInfo"]["PageNum"] == pages
        following = [link["Href"] for link in answer["PagingInfo"]["Links"] if link["Rel"] == "Next"]
        path = following[0].partition("?")[2] if following else ""
    assert pages == answer["PagingInfo"]["PagesCount"] == -(-len(everything) // 7)
    assert len(seen) == len(everything)
    assert set(seen) == everything


def test_a_page_holds_100_unless_told_otherwise() -> None:
    rig = Rig(generate=3, task_sessions=250)
    rig.log_on()
    info = rig.json("/query", "type=BackupTaskSession")["PagingInfo"]
    assert (info["PageNum"], info["PageSize"], info["PagesCount"]) == (1, 100, 3)
    assert rig.json("/query", "type=BackupTaskSession&page=9")["Refs"] == {"Refs": []}
    rig.installation.change_settings({"max_page_size": 50})
    info = rig.json("/query", "type=BackupTaskSession&pageSize=2000")["PagingInfo"]
    assert (info["PageSize"], info["PagesCount"]) == (50, 5)


@pytest.mark.parametrize("query", ["type=Nonsense", "", "type=Job&sortAsc=Nonsense", "type=Job&pageSize=0", "type=Job&page=x", "type=Job&filter=x==1"])
def test_bad_queries_are_refused(rig: Rig, query: str) -> None:
    answer = rig.call("GET", "/query", query)
    assert answer.status == 400
    assert json.loads(answer.body)["Message"]


def test_a_kept_list_follows_what_happens(rig: Rig) -> None:
    asked = quote('JobName=="File Server Backup";State!=Stopped')
    assert rig.query("BackupJobSession", asked) == []
    rig.call("POST", f"/jobs/{rig.job_id('File Server Backup')}", "action=start")
    rig.wait(2)
    (first,) = rig.query("BackupJobSession", asked)
    rig.wait(1)
    (second,) = rig.query("BackupJobSession", asked)
    assert 0 < first["Progress"] < second["Progress"] < 100
    rig.wait(10)
    assert rig.query("BackupJobSession", asked) == []
