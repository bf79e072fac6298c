# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each module does with its options, up to the door of the service room."""

from __future__ import annotations

import importlib
from types import SimpleNamespace
from typing import Any, Dict, List, Optional

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible import info
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.lanes import EmModule
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.nas import NAS_JOB, NAS_OBJECT
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.vcloud import VCLOUD_BACKUP_JOB_SETTINGS, VCLOUD_ORGANIZATION_CONFIG
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.errors import FilterError, OptionError, RunFailed
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.reading import Reading, Selection
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.session import LogonSession
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.transport import ConnectionOptions
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.waiting import JobTarget, WaitOptions

MODULES = "ansible_collections.openbackup.veeam_em.plugins.modules.veeam_em_"
OUTCOME: Dict[str, Any] = {"task": None, "related": [], "found_by_query": False, "job_session": None, "state": "Stopped", "result": "Success"}


class Conversation:
    """Stands for a Session: notes what is done with it."""

    def __init__(self, there: bool = True) -> None:
        self.options = ConnectionOptions(host="em01.example.com")
        self.there = there
        self.done: List[str] = []

    def __enter__(self) -> Conversation:
        return self

    def __exit__(self, *reason: object) -> None:
        self.done.append("left")

    def log_on(self) -> LogonSession:
        self.done.append("log_on")
        return LogonSession("token", "id", "EM\\user", "v1_7")

    def keep(self) -> None:
        self.done.append("keep")

    def check_interrupted(self) -> None:
        """Nobody interrupts."""

    def end(self) -> bool:
        self.done.append("end")
        return self.there


class Harness:
    """Calls a module with validated options and a conversation in the place of the session."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("HOST", "SESSION", "USERNAME", "PASSWORD"):
            monkeypatch.delenv("VEEAM_EM_" + name, raising=False)
        self.monkeypatch = monkeypatch
        self.conversation = Conversation()
        self.opened: List[Dict[str, Any]] = []
        self.lines: List[str] = []
        self.received: List[Any] = []

    def run(self, name: str, /, check_mode: bool = False, **options: Any) -> Dict[str, Any]:
        file = importlib.import_module(MODULES + name)
        module: EmModule = file.MODULE
        validation = ArgumentSpecValidator(**module.spec.as_keywords()).validate(options)
        assert not validation.error_messages

        def open_session(**changes: Any) -> Conversation:
            self.opened.append(changes)
            return self.conversation

        call: Any = SimpleNamespace(
            params=validation.validated_parameters, check_mode=check_mode, diff=False, progress=self.lines.append, open_session=open_session
        )
        return module.run(call)

    def answer(self, name: str, function: str, result: Any) -> None:
        """Let a function of the service room, as the module file sees it, note its arguments and return or raise the result."""

        def stand_in(session: Any, *arguments: Any, **named: Any) -> Any:
            assert session is self.conversation
            self.received.append((*arguments, *named.values()))
            if isinstance(result, Exception):
                raise result
            return result

        self.monkeypatch.setattr(info if function in ("read", "members_of") else importlib.import_module(MODULES + name), function, stand_in)


@pytest.fixture
def harness(monkeypatch: pytest.MonkeyPatch) -> Harness:
    return Harness(monkeypatch)


# ---------------------------------------------------------------------------------------------------------
# Info modules


def test_an_info_module_reads_what_is_selected(harness: Harness) -> None:
    harness.answer("job_info", "read", Reading([{"name": "a"}], 7, True))
    result = harness.run("job_info", name="a", filter={"job_type": "Backup"}, sort="-name", limit=1, links=True, backup_server="vbr01")
    assert result == {"changed": False, "jobs": [{"name": "a"}], "total": 7, "truncated": True}
    ((resource, selection, parents),) = harness.received
    assert (resource.type, parents) == ("Job", ())
    assert selection == Selection(names=("a",), filter={"job_type": "Backup"}, sort="-name", limit=1, links=True, backup_server="vbr01", source="query")
    assert harness.conversation.done == ["left"]


@pytest.mark.parametrize("options", [{"filter": {"nam": "x"}}, {"sort": "nam"}, {"limit": 0}, {"id": "no-guid"}, {"filter": {"job_type": "Bakup"}}])
def test_a_malformed_selection_opens_no_session(options: Dict[str, Any], harness: Harness) -> None:
    with pytest.raises(OptionError):
        harness.run("job_info", **options)
    assert harness.opened == []


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("job_info", {"name": []}),
        ("job_info", {"id": [], "uid": []}),
        ("task_info", {"task_id": []}),
        ("catalog_vm_info", {"name": []}),
        ("catalog_restore_point_info", {"catalog_vm": []}),
        ("cloud_gateway_info", {"cloud_gateway_pool": [], "name": ["gw-01"]}),
    ],
)
def test_an_empty_list_of_names_is_not_taken_for_all(name: str, options: Dict[str, Any], harness: Harness) -> None:
    result = harness.run(name, **options)
    assert result.pop("changed") is False and result.pop("total") == 0 and result.pop("truncated") is False
    assert list(result.values()) == [[]], "no request was answered, and none was made"


def test_an_empty_list_chooses_nothing_of_what_is_read_whole(harness: Harness) -> None:
    tasks = [{"id": "task-1", "uid": None, "name": None, "task_id": "task-1"}]
    harness.answer("job_info", "read", Reading(tasks, 1, False))
    assert harness.run("query_info", type="Task")["records"] == tasks
    assert harness.run("query_info", type="Task", id=[])["records"] == []


def test_an_empty_list_beside_another_way_to_name_things_is_left_out(harness: Harness) -> None:
    harness.answer("job_info", "read", Reading([], 0, False))
    harness.run("job_info", id=[], uid=["urn:veeam:Job:1b4d7e2a-3c5f-4a6b-8d9e-0f1a2b3c4d5e"])
    assert harness.received[0][1].names_nothing is False


def test_tasks_are_read_by_their_numbers(harness: Harness) -> None:
    harness.answer("task_info", "read", Reading([], 0, False))
    assert harness.run("task_info", task_id=["task-1", "task-2"]) == {"changed": False, "tasks": [], "total": 0, "truncated": False}
    assert harness.received[0][1] == Selection(ids=("task-1", "task-2"), source="collection")


def test_an_info_module_looks_below_what_is_named(harness: Harness) -> None:
    harness.answer("backup_session_info", "read", Reading([], 0, False))
    harness.run("backup_session_info", nas_job=["Projects", "b"], source="nas")
    _resource, selection, parents = harness.received[0]
    assert (selection.below, selection.source) == ((("nas_job", ("Projects", "b")),), "nas")
    assert [parent.thing for parent in parents] == ["job", "agent_job", "nas_job"]


def test_what_a_name_identifies_is_asked_for_by_name(harness: Harness) -> None:
    harness.answer("catalog_vm_info", "read", Reading([], 0, False))
    harness.run("catalog_vm_info", name=["srv-sql-01", "srv-web-01"])
    assert (harness.received[0][1].ids, harness.received[0][1].names) == (("srv-sql-01", "srv-web-01"), ())


@pytest.mark.parametrize(
    ("module", "options", "complaint"),
    [
        ("backup_session_info", {"job": "a", "nas_job": "b"}, "mutually exclusive: job|agent_job|nas_job"),
        ("catalog_restore_point_info", {}, "missing required arguments: catalog_vm"),
        ("backup_session_info", {"source": "everywhere"}, "value of source must be one of: query, collection, agents, nas, got: everywhere"),
        ("security_settings_info", {"filter": "a==b"}, "filter. Supported parameters include"),
        ("catalog_vm_info", {"uid": "x"}, "uid. Supported parameters include"),
    ],
)
def test_options_that_make_no_sense_are_refused_by_the_spec(module: str, options: Dict[str, Any], complaint: str) -> None:
    declared: EmModule = importlib.import_module(MODULES + module).MODULE
    messages = ArgumentSpecValidator(**declared.spec.as_keywords()).validate(options).error_messages
    assert any(complaint in message for message in messages), messages


def test_details_are_read_for_each_record_and_only_on_request(harness: Harness) -> None:
    records = [{"name": "a"}, {"name": "b"}]
    harness.answer("job_info", "read", Reading(records, 2, False))
    harness.answer("job_info", "members_of", ["member"])
    assert "includes" not in harness.run("job_info", linked=False)["jobs"][0]
    assert len(harness.received) == 1
    found = harness.run("job_info", includes=True, linked=True)["jobs"]
    assert found == [{"name": name, "includes": ["member"], "linked_jobs": ["member"], "linked_backup_repositories": ["member"]} for name in ("a", "b")]
    assert sorted((record["name"], parent.type, below.type) for record, parent, below in harness.received[2:]) == [
        (name, "Job", below) for name in ("a", "b") for below in ("LinkedBackupRepositoryObject", "LinkedJobObject", "ObjectInJob")
    ]


def test_a_detail_gives_way_to_what_a_record_holds_by_itself() -> None:
    detail = info.Detail("includes", (NAS_OBJECT,))
    assert detail.keys(NAS_JOB) == {"nas_objects": NAS_OBJECT}
    assert info.Detail("parts", (NAS_OBJECT,)).keys(NAS_JOB) == {"parts": NAS_OBJECT}
    alone = info.Detail("job_settings", (VCLOUD_BACKUP_JOB_SETTINGS,))
    assert alone.keys(VCLOUD_ORGANIZATION_CONFIG) == {"vcloud_backup_job_settings": VCLOUD_BACKUP_JOB_SETTINGS}


def test_a_query_takes_its_type_in_any_case(harness: Harness) -> None:
    harness.answer("query_info", "read", Reading([], 0, False))
    assert harness.run("query_info", type="restoresession", name="x")["records"] == []
    assert harness.received[0][0].type == "RestoreSession"


def test_a_query_of_an_unknown_type_names_the_known(harness: Harness) -> None:
    with pytest.raises(FilterError, match="BackupJobSession"):
        harness.run("query_info", type="Backups")
    assert harness.opened == []


def test_a_query_of_tasks_takes_their_numbers(harness: Harness) -> None:
    harness.answer("query_info", "read", Reading([], 0, False))
    harness.run("query_info", type="Task", id=["task-1"])
    assert harness.received[0][1] == Selection(ids=("task-1",), source="query")


def test_a_query_of_tasks_is_read_whole_and_chosen_from(harness: Harness) -> None:
    tasks = [
        {"id": "task-%d" % number, "task_id": "task-%d" % number, "name": None, "state": state}
        for number, state in ((1, "Finished"), (10, "Running"), (2, "Running"))
    ]
    harness.answer("query_info", "read", Reading(tasks, 3, False))
    result = harness.run("query_info", type="Task", filter="State==Running", sort="task_id", limit=1)
    assert harness.received[0][1] == Selection(source="query")
    assert ([task["id"] for task in result["records"]], result["total"], result["truncated"]) == (["task-2"], 2, True)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"uid": "x"}, "'x' is not the URN of a task"),
        ({"name": "x"}, "Tasks cannot be filtered or sorted by 'name'"),
        ({"filter": "Colour==red"}, "Tasks cannot be filtered or sorted by 'Colour'"),
        ({"backup_server": "x"}, "Tasks belong to no backup server"),
    ],
)
def test_a_query_of_tasks_refuses_what_no_task_has(options: Dict[str, Any], message: str, harness: Harness) -> None:
    with pytest.raises(OptionError, match=message):
        harness.run("query_info", type="Task", **options)
    assert harness.opened == []


# ---------------------------------------------------------------------------------------------------------
# The log-on session


def test_a_log_on_session_is_opened_without_a_token_and_kept(harness: Harness) -> None:
    assert harness.run("session", session="of another time", host="em01.example.com") == {
        "changed": False,
        "session": "token",
        "session_id": "id",
        "user_name": "EM\\user",
        "api_version": "v1_7",
        "server": "https://em01.example.com:9398",
    }
    assert harness.opened == [{"session": ""}]
    assert harness.conversation.done == ["log_on", "keep", "left"]


@pytest.mark.parametrize("there", [True, False])
def test_a_log_on_session_is_closed_whether_it_was_there_or_not(there: bool, harness: Harness) -> None:
    harness.conversation.there = there
    result = harness.run("session", state="absent", session="token")
    assert result == {"changed": False, "ended": there, "server": "https://em01.example.com:9398"}
    assert harness.conversation.done == ["end", "left"]


@pytest.mark.parametrize("token", [None, ""])
def test_closing_needs_a_token(token: Optional[str], harness: Harness) -> None:
    with pytest.raises(OptionError, match="VEEAM_EM_SESSION"):
        harness.run("session", state="absent", session=token)
    assert harness.opened == []


# ---------------------------------------------------------------------------------------------------------
# Waits


def test_a_wait_for_a_task_hands_its_options_on(harness: Harness) -> None:
    harness.answer("task_wait", "wait_for_task", OUTCOME)
    result = harness.run(
        "task_wait", task_id="task-3", follow=True, job="a", backup_server="b", since="2026-11-01", wait_timeout=9, wait_interval=2, ok_results="Success"
    )
    assert result == {"changed": False, **OUTCOME}
    target = JobTarget(job="a", backup_server="b", since="2026-11-01")
    assert harness.received[0][:4] == ("task-3", WaitOptions(9.0, 2.0, ("Success",)), target, True)


def test_a_wait_without_a_job_has_no_target(harness: Harness) -> None:
    harness.answer("task_wait", "wait_for_task", OUTCOME)
    harness.run("task_wait", task_id="task-3", since="2026-11-01")
    assert harness.received[0][2] is None


@pytest.mark.parametrize("task_id", [None, "", "None"])
def test_check_mode_waits_for_nothing_where_nothing_was_started(task_id: Optional[str], harness: Harness) -> None:
    result = harness.run("task_wait", check_mode=True, task_id=task_id)
    assert (result["changed"], result["task"], result["machines"]) == (False, None, [])
    assert "nothing was started" in result["msg"]
    assert harness.lines == [result["msg"]]
    assert harness.opened == []
    with pytest.raises(OptionError, match="task_id"):
        harness.run("task_wait", task_id=task_id)


def test_check_mode_waits_for_a_task_that_is_named(harness: Harness) -> None:
    harness.answer("task_wait", "wait_for_task", OUTCOME)
    assert harness.run("task_wait", check_mode=True, task_id="task-3")["state"] == "Stopped"


def test_a_wait_for_a_job_session_hands_its_options_on(harness: Harness) -> None:
    harness.answer("job_session_wait", "wait_for_job_session", OUTCOME)
    result = harness.run("job_session_wait", job_uid="u", since="-1h", follow_retries=True, retry_wait=30)
    assert result == {"changed": False, "job_session": None, "state": "Stopped", "result": "Success"}
    uid, target, options, follow_retries, retry_wait = harness.received[0][:5]
    assert (uid, target, options, follow_retries, retry_wait) == ("", JobTarget(job_uid="u", since="-1h"), WaitOptions(), True, 30)


def test_a_job_session_that_failed_carries_no_parts_of_tasks(harness: Harness) -> None:
    harness.answer("job_session_wait", "wait_for_job_session", RunFailed("Failed.", data=OUTCOME))
    with pytest.raises(RunFailed) as failure:
        harness.run("job_session_wait", uid="u")
    assert set(failure.value.data) == {"job_session", "state", "result"}


@pytest.mark.parametrize("options", [{}, {"uid": ""}, {"job": "a"}, {"job": "a", "since": None}])
def test_check_mode_knows_a_job_session_that_never_began(options: Dict[str, Any], harness: Harness) -> None:
    result = harness.run("job_session_wait", check_mode=True, **options)
    assert "nothing was started" in result["msg"]
    assert harness.opened == []


def test_a_job_session_must_be_named(harness: Harness) -> None:
    with pytest.raises(OptionError, match="Set uid, or job"):
        harness.run("job_session_wait")


# ---------------------------------------------------------------------------------------------------------
# Running a job


def outcome_of_run(changed: bool, task: Optional[Dict[str, Any]]) -> Dict[str, Any]:
    return {"changed": changed, "task": task, "since": "2026-11-20T20:00:05Z", "diff": {"before": {"state": "stopped"}, "after": {"state": "started"}}}


def test_an_order_hands_its_options_on(harness: Harness) -> None:
    harness.answer("job_run", "run_job", outcome_of_run(True, {"task_id": "task-7"}))
    result = harness.run("job_run", job="a", backup_server="b", state="retried", wait="none", retry_wait=5, follow_retries=True)
    assert (result["changed"], result["task_id"], result["since"]) == (True, "task-7", "2026-11-20T20:00:05Z")
    order, wait, options, check_mode, _progress, follow_retries, retry_wait = harness.received[0]
    assert (order.state, order.job, order.job_uid, order.backup_server) == ("retried", "a", "", "b")
    assert (wait, options, check_mode, follow_retries, retry_wait) == ("none", WaitOptions(), False, True, 5)


def test_an_order_waits_for_the_end_of_the_run_unless_told_otherwise(harness: Harness) -> None:
    harness.answer("job_run", "run_job", outcome_of_run(True, None))
    harness.run("job_run", job="a")
    assert harness.received[0][1] == "session"


def test_check_mode_predicts_a_start_that_no_wait_can_look_for(harness: Harness) -> None:
    harness.answer("job_run", "run_job", outcome_of_run(True, None))
    predicted = harness.run("job_run", check_mode=True, job="a")
    assert harness.received[0][3] is True
    assert (predicted["changed"], predicted["task_id"], predicted["since"]) == (True, None, None)


def test_check_mode_keeps_the_time_of_a_run_that_goes_on(harness: Harness) -> None:
    harness.answer("job_run", "run_job", outcome_of_run(False, None))
    assert harness.run("job_run", check_mode=True, job="a")["since"] == "2026-11-20T20:00:05Z"


@pytest.mark.parametrize("options", [{}, {"job": ""}, {"job_uid": "no-guid"}])
def test_an_order_without_a_job_opens_no_session(options: Dict[str, Any], harness: Harness) -> None:
    with pytest.raises(OptionError):
        harness.run("job_run", **options)
    assert harness.opened == []
