# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Agents and file shares: what is listed, how it is connected, what orders do. The expectations are written by hand from the documented shape."""

from __future__ import annotations

import json
from typing import Any

import pytest

from em_simulator.offline import BASE, Rig

AGENTS, FAILING, SHARES, BOTH = "Windows Servers", "Linux Servers", "Home and Media", "Branch Office"


def paths(entity: dict[str, Any], rel: str) -> list[str]:
    return [link["Href"].partition("/api")[2] for link in entity["Links"] if link["Rel"] == rel]


def order(rig: Rig, path: str, query: str = "") -> dict[str, Any]:
    """Send an order and let its task finish."""
    answer = rig.call("POST", path, query)
    assert answer.status == 202, answer.body
    rig.wait(0.9)
    done = dict(rig.json("/tasks/" + json.loads(answer.body)["TaskId"]))
    assert done["State"] == "Finished"
    return done


def follow(rig: Rig, done: dict[str, Any], seconds: float = 0) -> dict[str, Any]:
    """Return the job session that a task leads to, some time later."""
    rig.wait(seconds)
    (path,) = paths(done, "Related")
    return dict(rig.json(*path.split("?")))


def by_machine(rig: Rig, run: dict[str, Any]) -> dict[str, dict[str, Any]]:
    path = run["Href"].partition("/api")[2].partition("?")[0]
    return {one["VmDisplayName"]: one for one in rig.json(path + "/taskSessions", "format=Entity")["BackupTaskSessions"]}


# ---------------------------------------------------------------------------------------------------------
# What is listed


def test_an_agent_job_as_the_reference_shows_it(rig: Rig) -> None:
    job = rig.job_id(AGENTS)
    text = rig.call("GET", f"/agents/jobs/{job}", "format=Entity", as_json=False).body.decode()
    server = f'<Link Href="{BASE}/api/backupServers/'
    assert (
        text.index("<AgentBackupJob ")
        < text.index(server)
        < text.index(f'<Link Href="{BASE}/api/agents/jobs/{job}" Name="Windows Servers" Type="JobReference"')
    )
    assert f'Type="AgentBackupJob" Name="Windows Servers" UID="urn:veeam:AgentBackupJob:{job}"' in text
    assert f'<Link Href="{BASE}/api/agents/jobs/{job}/includes" Type="ObjectInJobList" Rel="Down" />' in text
    assert f'<Link Href="{BASE}/api/agents/jobs/{job}/backupSessions" Type="BackupJobSessionReferenceList" Rel="Down" />' in text
    assert f'<Link Href="{BASE}/api/agents/jobs/{job}?action=start" Rel="Start" />' in text
    assert "<JobType>AgentBackup</JobType><Platform>AgentForWindows</Platform><Description>Physical servers of the main office</Description>" in text
    assert f'<JobInfo><Includes><ObjectInAgentBackupJob Href="{BASE}/api/agents/jobs/{job}/includes/' in text


@pytest.mark.parametrize("profile", ["12", "13"])
def test_a_file_share_job_in_the_key_case_of_the_generation(profile: str) -> None:
    rig = Rig(profile=profile)
    rig.log_on()
    (entity,) = (job for job in next(iter(rig.json("/nas/jobs", "format=Entity").values())) if SHARES in job.values())
    keys = list(entity)
    assert keys[0] == ("Description" if profile == "12" else "description")
    assert set(keys) >= ({"Includes", "StorageOptions", "UID"} if profile == "12" else {"includes", "storageOptions", "uid"})
    includes = entity[keys[1]]
    (members,) = includes.values()
    assert list(includes) == (["NASObjects"] if profile == "12" else ["nasObjects"])
    assert [list(member.values())[2] for member in members] == ["\\\\fs01.example.com\\home", "nfs01.example.com:/export/media"]


def test_orders_to_file_share_jobs_are_parts_of_the_path(rig: Rig) -> None:
    job = rig.job_id(SHARES)
    entity = rig.json(f"/nas/jobs/{job}", "format=Entity")
    assert [paths(entity, rel) for rel in ("Start", "Stop", "Retry", "ToggleScheduleEnabled")] == [
        [f"/nas/jobs/{job}/{action}"] for action in ("start", "stop", "retry", "toggleScheduleEnabled")
    ]
    assert rig.call("POST", f"/nas/jobs/{job}", "action=start").status == 202, "the common form works as well, for all that is known"
    assert rig.call("GET", f"/nas/jobs/{job}/start").status == 405


def test_everything_below_and_around_a_job_leads_somewhere(rig: Rig) -> None:
    for kind, place in (("AgentBackupJob", "agents"), ("NasJob", "nas")):
        for job in rig.query(kind):
            path = paths(job, "Alternate")[0]
            assert path == f"/{place}/jobs/{job['UID'].rpartition(':')[2]}"
            for down in paths(job, "Down"):
                assert rig.call("GET", down).status == 200, down
            (members,) = rig.json(path + "/includes").values()
            assert members, "a job backs something up"
            for member in members:
                assert rig.json(member["Href"].partition("/api")[2])["ObjectInJobId"] == member["ObjectInJobId"]
                for target in (*paths(member, "Up"), *paths(member, "Related")):
                    assert rig.call("GET", *target.split("?")).status == 200, target


def test_computers_know_their_group_and_groups_their_computers(rig: Rig) -> None:
    groups = {group["Name"]: group for group in rig.query("AgentProtectionGroup")}
    found = {}
    for name, group in groups.items():
        (path,) = paths(group, "Down")
        found[name] = sorted(computer["Name"] for computer in rig.json(path, "format=Entity")["DiscoveredComputers"])
    assert found["Windows servers"] == ["srv-phys-01.example.com", "srv-phys-02.example.com", "srv-phys-03.example.com"]
    assert found["Nothing found yet"] == []
    assert sorted(name for names in found.values() for name in names) == sorted(computer["Name"] for computer in rig.query("DiscoveredComputer"))
    assert [one["Name"] for one in rig.query("DiscoveredComputer", 'ProtectionGroupName=="Notebooks";AgentStatus==NotInstalled')] == ["notebook-02.example.com"]
    in_jobs = [one["Name"] for one in rig.query("ObjectInAgentBackupJob", f'JobName=="{FAILING}"')]
    assert sorted(in_jobs) == ["db-linux-01.example.com", "web-linux-01.example.com"]


def test_uids_that_file_shares_refer_to_are_there(rig: Rig) -> None:
    repositories = {one["UID"] for one in rig.query("Repository")}
    servers = {one["UID"]: one for one in rig.query("FileServer")}
    for job in rig.query("NasJob"):
        assert job["StorageOptions"]["BackupRepositoryUid"] in repositories
        for share in job["Includes"]["NASObjects"]:
            assert share["HierarchyObjRef"] == servers[share["FileServerUid"]]["HierarchyObjRef"]
    assert {one["ServerType"] for one in servers.values()} == {"SmbServer", "NfsServer", "FileServer"}
    assert all(one["ProcessingOptions"]["CacheRepositoryUid"] in repositories for one in servers.values())


def test_job_sessions_are_in_the_common_list_and_in_that_of_their_kind(rig: Rig) -> None:
    for place, job_type in (("agents", "AgentBackup"), ("nas", "NasBackup")):
        own = rig.json(f"/{place}/backupSessions", "format=Entity")["BackupJobSessions"]
        common = rig.query("BackupJobSession", f"JobType=={job_type}")
        assert own and {one["UID"] for one in own} == {one["UID"] for one in common}
        for session in own:
            assert session["JobUid"].startswith("urn:veeam:Job:"), "whatever the kind of job"
            (job,) = (link for link in session["Links"] if link["Type"] == "JobReference")
            assert job["Href"].endswith(f"/api/{place}/jobs/" + session["JobUid"].rpartition(":")[2])
            below = rig.json(job["Href"].partition("/api")[2] + "/backupSessions")["Refs"]
            assert session["UID"] in {reference["UID"] for reference in below}


def test_the_summary_reports_leave_agents_and_shares_out(rig: Rig) -> None:
    before = rig.json("/reports/summary/job_statistics")
    for path in (f"/agents/jobs/{rig.job_id(AGENTS)}?action=start", f"/nas/jobs/{rig.job_id(SHARES)}/start"):
        order(rig, *path.split("?"))
    assert rig.json("/reports/summary/job_statistics") == before


# ---------------------------------------------------------------------------------------------------------
# Orders


OPERATIONS = {
    "agents": {"start": "StartJob", "stop": "StopAgentJob", "retry": "RetryAgentJob", "toggleScheduleEnabled": "UpdateJob"},
    "nas": {"start": "StartNasJob", "stop": "StopNasJob", "retry": "RetryNasJob", "toggleScheduleEnabled": "UpdateJob"},
}


def order_to(rig: Rig, place: str, job: str, action: str) -> dict[str, Any]:
    path = f"/{place}/jobs/{rig.job_id(job)}"
    done = order(rig, f"{path}/{action}") if place == "nas" else order(rig, path, f"action={action}")
    assert done["Operation"] == OPERATIONS[place][action]
    return done


@pytest.mark.parametrize(("place", "job", "machines"), [("agents", AGENTS, 3), ("nas", SHARES, 2)])
def test_a_start_runs_through_every_machine(rig: Rig, place: str, job: str, machines: int) -> None:
    done = order_to(rig, place, job, "start")
    assert done["Result"]["Message"] == f'Job "{job}" triggered to start.'
    assert follow(rig, done, 1)["State"] == "Working"
    ended = follow(rig, done, 9)
    assert (ended["State"], ended["Result"], ended["Progress"]) == ("Stopped", "Success", 100)
    done_machines = by_machine(rig, ended)
    assert len(done_machines) == machines and {one["Result"] for one in done_machines.values()} == {"Success"}
    points = [target for one in done_machines.values() for target in paths(one, "Related")]
    assert len(points) == (machines if place == "agents" else 0)
    assert rig.installation.counters({})["starts"] == {job: 1}


@pytest.mark.parametrize("place", ["agents", "nas"])
def test_a_stop_ends_the_run(rig: Rig, place: str) -> None:
    job = {"agents": AGENTS, "nas": SHARES}[place]
    started = order_to(rig, place, job, "start")
    assert order_to(rig, place, job, "stop")["Result"]["Success"] is True
    ended = follow(rig, started, 2)
    assert (ended["State"], ended["Result"], ended["FailureMessage"]) == ("Stopped", "Failed", "Stopped by user")
    assert order_to(rig, place, job, "stop")["Result"] == {
        "Message": f'Job "{job}" is not running',
        "Success": False,
        "CredentialsNeeded": None,
        "ConfirmationNeeded": None,
    }


def test_a_retry_runs_what_failed(rig: Rig) -> None:
    failed = follow(rig, order_to(rig, "agents", FAILING, "start"), 9)
    assert failed["Result"] == "Failed" and by_machine(rig, failed)["db-linux-01.example.com"]["Reason"].endswith("does not answer.")
    again = follow(rig, order_to(rig, "agents", FAILING, "retry"), 9)
    assert again["IsRetry"] is True and list(by_machine(rig, again)) == ["db-linux-01.example.com"]
    past = follow(rig, order_to(rig, "nas", SHARES, "retry"), 9)
    assert list(by_machine(rig, past)) == ["nfs01.example.com:/export/media"], "the last run of the past counts"


@pytest.mark.parametrize(("place", "kind", "job"), [("agents", "AgentBackupJob", AGENTS), ("nas", "NasJob", SHARES)])
def test_the_toggle_flips_the_schedule_in_answers_and_filters(rig: Rig, place: str, kind: str, job: str) -> None:
    def scheduled() -> list[Any]:
        return [one["NextRun"] for one in rig.query(kind, f'Name=="{job}";ScheduleEnabled==True')]

    (next_run,) = scheduled()
    assert next_run is not None
    order_to(rig, place, job, "toggleScheduleEnabled")
    assert scheduled() == []
    order_to(rig, place, job, "toggleScheduleEnabled")
    assert scheduled() == [next_run]


@pytest.mark.parametrize("path", ["/agents/jobs/{agents}?action=sync", "/agents/jobs/{agents}?action=clone", "/nas/jobs/{nas}?action=clone"])
def test_orders_that_a_kind_does_not_take(rig: Rig, path: str) -> None:
    target, _sign, query = path.format(agents=rig.job_id(AGENTS), nas=rig.job_id(SHARES)).partition("?")
    assert rig.call("POST", target, query).status == 501
    assert rig.installation.counters({})["writes"] == 0


def test_orders_are_for_administrators_and_for_jobs_that_are_there(rig: Rig) -> None:
    missing = "00000000-0000-4000-8000-000000000000"
    assert rig.call("POST", f"/nas/jobs/{missing}/start").status == 404
    assert rig.call("POST", f"/agents/jobs/{missing}", "action=start").status == 404
    agents, shares = rig.job_id(AGENTS), rig.job_id(SHARES)
    rig.log_on("operator")
    assert rig.call("POST", f"/agents/jobs/{agents}", "action=start").status == 403
    assert rig.call("POST", f"/nas/jobs/{shares}/start").status == 403


def test_before_version_10_there_are_no_file_shares() -> None:
    rig = Rig(profile="9.5u4")
    rig.log_on()
    for path in ("/nas/jobs", "/nas/backupSessions", f"/nas/jobs/{rig.job_id(SHARES)}"):
        assert rig.call("GET", path).status == 404, path
    assert rig.call("POST", f"/nas/jobs/{rig.job_id(SHARES)}/start").status == 404
    assert rig.call("GET", "/query", "type=NasJob").status == 400
    assert rig.query("AgentBackupJob")


# ---------------------------------------------------------------------------------------------------------
# Generated estates


@pytest.mark.parametrize("task_sessions", [20, 300, 1000])
def test_a_generated_estate_has_some_of_all_and_no_more_task_sessions_than_asked_for(task_sessions: int) -> None:
    rig = Rig(generate=4, task_sessions=task_sessions)
    rig.log_on()
    rows = rig.installation.state({})["rows"]
    assert rows["BackupTaskSession"] == task_sessions
    assert min(rows[kind] for kind in ("AgentBackupJob", "NasJob", "AgentProtectionGroup", "DiscoveredComputer", "FileServer")) >= 1
    runs = rig.query("BackupJobSession", "JobType==AgentBackup,JobType==NasBackup")
    assert bool(runs) == (task_sessions >= 20)
    statuses = {one["AgentStatus"] for one in rig.query("DiscoveredComputer")}
    assert statuses == {"Installed", "NotInstalled"}
