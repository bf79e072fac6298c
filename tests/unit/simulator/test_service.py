# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Log-on sessions, refusals, rights, and what every answer carries."""

from __future__ import annotations

import base64
import json

import pytest

from em_simulator.logons import TOKEN_HEADER
from em_simulator.offline import Rig

UNKNOWN = "12345678-1234-1234-1234-123456789abc"


def message(body: bytes) -> str:
    return str(json.loads(body)["Message"])


def test_log_on_gives_a_token_made_of_the_session_id(rig: Rig) -> None:
    answer = rig.log_on()
    assert (answer.status, answer.reason) == (201, "Created")
    body = answer.body.decode()
    session_id = body.partition("<SessionId>")[2].partition("<")[0]
    assert base64.b64decode(answer.headers[TOKEN_HEADER]).decode() == session_id
    assert answer.headers["Set-Cookie"] == f"X-RestSvcSessionId={answer.headers[TOKEN_HEADER]}; path=/api"


@pytest.mark.parametrize(
    "authorization",
    ["", "Basic", "Basic !!!", "Bearer abc", "Basic " + base64.b64encode(b"admin:wrong").decode(), "Basic " + base64.b64encode(b"nobody:x").decode()],
)
def test_a_wrong_password_is_401_with_a_challenge(rig: Rig, authorization: str) -> None:
    answer = rig.send("POST", "/sessionMngr/", "v=latest", {"Authorization": authorization, "Accept": "application/json"})
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == "Basic Realm=RestSvc"
    assert message(answer.body) == "The user name or password is incorrect"


def test_a_form_content_type_is_refused_by_13_only() -> None:
    for profile, status in (("12", 201), ("13", 415)):
        rig = Rig(profile=profile)
        basic = base64.b64encode("admin:pa:ss wörd".encode()).decode()
        headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"}
        assert rig.send("POST", "/sessionMngr/", "v=latest", headers).status == status


@pytest.mark.parametrize(("profile", "version", "status"), [("12", "v1_4", 400), ("12", "v1_7", 201), ("9.5u4", "v1_4", 201), ("9.5u4", "v1_7", 400)])
def test_versions_are_those_of_the_generation(profile: str, version: str, status: int) -> None:
    answer = Rig(profile=profile).log_on(version=version)
    assert answer.status == status
    if status == 400:
        assert b'StatusCode="400"' in answer.body


def test_log_out_ends_the_session_once(rig: Rig) -> None:
    own = rig.json("/logonSessions")["LogonSessions"][0]["SessionId"]
    assert rig.call("DELETE", f"/logonSessions/{own}").status == 204
    assert rig.call("DELETE", f"/logonSessions/{own}").status == 401
    assert rig.installation.counters({})["open_sessions"] == 0


def test_log_on_sessions_list_the_own_first_and_unknown_ones_are_500(rig: Rig) -> None:
    first = rig.token
    rig.log_on()
    for token in (first, rig.token):
        rig.token = token
        listed = [one["SessionId"] for one in rig.json("/logonSessions")["LogonSessions"]]
        assert len(listed) == 2
        assert base64.b64decode(token).decode() == listed[0]
    assert rig.call("GET", f"/logonSessions/{UNKNOWN}").status == 500


def test_the_cookie_wins_over_the_header(rig: Rig) -> None:
    stale, good = base64.b64encode(UNKNOWN.encode()).decode(), rig.token
    assert rig.send("GET", "/tasks", "", {TOKEN_HEADER: stale, "Cookie": f"a=b; {TOKEN_HEADER}={good}"}).status == 200
    assert rig.send("GET", "/tasks", "", {TOKEN_HEADER: good, "Cookie": f"{TOKEN_HEADER}={stale}"}).status == 401
    assert rig.send("GET", "/tasks", "", {"x-restsvcsessionid": good}).status == 200
    assert rig.send("GET", "/tasks").status == 401


def test_a_session_idles_out_after_15_minutes_and_each_request_renews_it(rig: Rig) -> None:
    for _turn in range(3):
        rig.wait(899)
        assert rig.call("GET", "/tasks").status == 200
    rig.wait(901)
    assert rig.installation.counters({})["open_sessions"] == 0
    assert rig.call("GET", "/tasks").status == 401


def test_a_task_belongs_to_the_session_that_ordered_it(rig: Rig) -> None:
    rig.call("POST", f"/jobs/{rig.job_id('SQL Server Backup')}", "action=start")
    assert [one["TaskId"] for one in rig.json("/tasks")["Tasks"]] == ["task-1"]
    rig.log_on()
    answer = rig.call("GET", "/tasks/task-1")
    assert answer.status == 500
    assert message(answer.body) == "There is no backup task with id [task-1] in current rest session"
    assert rig.json("/tasks") == {"Tasks": []}
    rig.call("POST", f"/jobs/{rig.job_id('File Server Backup')}", "action=start")
    assert rig.call("DELETE", "/tasks/task-1").status == 204
    assert rig.call("DELETE", "/tasks/task-1").status == 500


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        (f"/jobs/{UNKNOWN}", 404, f"Cannot find job [{UNKNOWN}]"),
        ("/jobs/99999", 400, " ID 99999 is invalid. Type: Job"),
        (f"/backupSessions/{UNKNOWN}", 404, f"Cannot find backup job session [{UNKNOWN}]"),
        ("/backupTaskSessions/x", 400, " ID x is invalid. Type: BackupTaskSession"),
        ("/nonsense", 404, "Not Found"),
        ("/tasks/task-99", 500, "There is no backup task with id [task-99] in current rest session"),
    ],
)
def test_refusals_in_both_forms(rig: Rig, path: str, status: int, said: str) -> None:
    answer = rig.call("GET", path)
    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/json"
    assert message(answer.body) == said
    xml = rig.call("GET", path, as_json=False)
    assert xml.status == status
    assert xml.headers["Content-Type"] == "application/xml"
    assert f'<Error Message="{said}" StatusCode="{status}"'.encode() in xml.body


def test_the_status_line_of_older_servers_has_no_blanks() -> None:
    for profile, reason in (("9.5u4", "BadRequest"), ("12", "BadRequest"), ("13", "Bad Request")):
        rig = Rig(profile=profile)
        rig.log_on()
        assert rig.call("GET", "/jobs/1").reason == reason


def test_answers_carry_date_and_server(rig: Rig) -> None:
    rig.wait(61.5)
    headers = rig.call("GET", "/jobs").headers
    assert headers["Date"] == "Fri, 20 Nov 2026 20:01:01 GMT"
    assert headers["Server"] == "Microsoft-HTTPAPI/2.0"
    assert headers["Content-Type"] == "application/json; charset=utf-8"


def test_json_is_sent_only_on_demand(rig: Rig) -> None:
    for accept, kind in (("application/json", "json"), ("text/html, application/json;q=0.5", "json"), ("*/*", "xml"), ("application/xml", "xml")):
        answer = rig.send("GET", "/jobs", "", {TOKEN_HEADER: rig.token, "Accept": accept})
        assert answer.headers["Content-Type"] == f"application/{kind}; charset=utf-8"


def test_a_body_is_read_as_json_where_json_is_wanted(rig: Rig) -> None:
    path, body = f"/jobs/{rig.job_id('SQL Server Backup')}", b"<JobStartSpec />"
    headers = {TOKEN_HEADER: rig.token, "Accept": "application/json", "Content-Type": "application/xml"}
    answer = rig.send("POST", path, "action=start", headers, body)
    assert (answer.status, message(answer.body)) == (400, "Node [root] does not exist.")
    del headers["Accept"]
    assert rig.send("POST", path, "action=start", headers, body).status == 202


def test_jobs_are_for_administrators(rig: Rig) -> None:
    job = rig.job_id("SQL Server Backup")
    session = next(iter(rig.installation.world.table("BackupJobSession").by_id))
    rig.log_on("operator")
    assert rig.call("GET", "/jobs").status == 403
    assert rig.call("GET", f"/jobs/{job}", "format=Entity").status == 403
    assert rig.call("POST", f"/jobs/{job}", "action=start").status == 403
    assert rig.call("POST", f"/backupSessions/{session}", "action=stop").status == 403
    assert rig.call("GET", "/backupSessions").status == 200
    assert len(rig.query("job")) == len(rig.installation.world.jobs()) == 13
    rig.log_on("restorer")
    assert rig.call("GET", "/backupSessions").status == 403
    assert rig.call("GET", "/restoreSessions").status == 200
    assert rig.installation.counters({})["writes"] == 0


def test_other_methods_and_actions(rig: Rig) -> None:
    job = f"/jobs/{rig.job_id('SQL Server Backup')}"
    answer = rig.call("PATCH", job)
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, POST")
    assert rig.call("POST", job, "action=clone").status == 501
    assert rig.send("GET", "/sessionMngr/").status == 405


def test_jobs_of_one_server_and_sessions_of_one_job(rig: Rig) -> None:
    servers = {one["Name"]: one["UID"].rpartition(":")[2] for one in rig.json("/backupServers", "format=Entity")["BackupServers"]}
    names = [one["Name"] for one in rig.json(f"/backupServers/{servers['vbr02.example.com']}/jobs")["Refs"]]
    assert "Exchange Backup" in names
    assert "SQL Server Backup" not in names
    job = rig.job_id("SQL Server Backup")
    assert len(rig.json(f"/jobs/{job}/backupSessions")["Refs"]) == 6
    assert rig.json(f"/jobs/{job}/replicaSessions") == {"Refs": []}


def test_collections_are_whole_and_have_no_pages() -> None:
    rig = Rig(generate=5, task_sessions=300)
    rig.log_on()
    assert list(rig.json("/backupTaskSessions")) == ["Refs"]
    assert len(rig.json("/backupTaskSessions", "format=Entity")["BackupTaskSessions"]) == 300


def test_collect_is_an_order_too(rig: Rig) -> None:
    server = next(iter(rig.installation.world.table("BackupServer").by_id))
    assert json.loads(rig.call("POST", f"/backupServers/{server}", "action=collect").body)["Operation"] == "CollectingBackupServer"
    rig.wait(1)
    assert rig.json("/tasks/task-1")["State"] == "Finished"


def test_reports_count_what_the_estate_holds(rig: Rig) -> None:
    overview = rig.json("/reports/summary/overview")
    assert (overview["BackupServers"], overview["ScheduledJobs"], overview["Links"]) == (2, 10, None)
    statistics = rig.json("/reports/summary/job_statistics")
    assert statistics["TotalJobRuns"] == statistics["SuccessfulJobRuns"] + statistics["WarningsJobRuns"] + statistics["FailedJobRuns"] == 12
    assert statistics["MaxDurationBackupJobName"] == "File Server Backup"
    periods = rig.json("/reports/summary/repository")["Periods"]
    files = rig.json("/backupFiles", "format=Entity")["BackupFiles"]
    on_disk = {"Backup Volume 01": 0, "DR Volume": 0, "Object Storage": 0}
    for repository in rig.json("/repositories", "format=Entity")["Repositories"]:
        if repository["Capacity"] > 0:
            on_disk[repository["Name"]] = repository["Capacity"] - repository["FreeSpace"]
    assert {one["Name"]: one["BackupSize"] for one in periods} == on_disk
    sizes = rig.json("/reports/summary/vms_overview")
    assert sizes["FullBackupPointsSize"] + sizes["IncrementalBackupPointsSize"] == sum(file["BackupSize"] for file in files) > 0
    days = rig.json("/reports/summary/processed_vms")["Days"]
    # 20:00 UTC is 22:00 of the same day where the server lives; its midnight was 22:00 UTC the day before.
    assert [day["Timestamp"] for day in days[:2]] == ["2026-11-19T22:00:00Z", "2026-11-18T22:00:00Z"]
    assert len(days) == 7
    xml = rig.xml("/reports/summary/repository")
    assert xml.tag == "{http://www.veeam.com/ent/v1.0}RepositoryReportFrame"
    assert len(xml) == 3
    assert rig.json("/reports/summary/vms_overview")["ReplicatedVms"] == 4
    assert rig.call("GET", "/reports/summary/nonsense").status == 404


def test_counts_and_log_hold_no_secrets(rig: Rig) -> None:
    counts = rig.installation.counters({})
    assert counts["credentials_seen"] == {"basic": 1, "token_header": 0, "cookie": 0}
    rig.call("GET", "/tasks")
    assert rig.installation.counters({})["credentials_seen"]["token_header"] == 1
    assert rig.token not in json.dumps([rig.installation.log({}), counts])
    assert counts["logons"] == 1


def test_reload_begins_anew(rig: Rig) -> None:
    rig.installation.script({"name": "run_fails"})
    rig.installation.add_fault({"kind": "bom"})
    rig.call("POST", f"/jobs/{rig.job_id('SQL Server Backup')}", "action=start")
    rig.installation.do_reload({})
    state = rig.installation.state({})
    assert all(job["running"] is None and not job["scripts"] for job in state["jobs"])
    assert rig.installation.list_faults({}) == {"faults": []}
    assert rig.installation.counters({})["total_requests"] == rig.installation.counters({})["open_sessions"] == 0
    assert rig.call("GET", "/tasks").status == 401
    assert rig.log_on().status == 201
    rig.installation.do_reload({"generate": 1, "task_sessions": 20, "profile": "13"})
    assert rig.installation.state({})["profile"] == "13"
    rig.installation.do_reload({"estate": "demo"})
    assert rig.installation.world.jobs_named("SQL Server Backup")
