# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bad input and bad weather: what the user is told, as text and as data, in both lanes; nothing lost, nothing left open."""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import trustme

from em_simulator.control import Simulator
from em_testing.matrix import UNKNOWN_GUID
from em_testing.plays import Play, Task, play, task
from em_testing.runner import LANES, BothLanes, Expectation, Run
from em_testing.story import FAST, QUICK, SHARED, shared
from em_testing.weather import Storm, closed_port, deaf_port

JOBS = "veeam_em_job_info"
NOBODY: dict[str, str | None] = {f"VEEAM_EM_{name}": None for name in ("HOST", "PORT", "USERNAME", "PASSWORD", "CA_PATH")}
SENDS_NOTHING = {"host": "127.0.0.1", "port": 9, "username": "somebody", "password": "{{ lookup('ansible.builtin.env', 'EM_ANY_PASSWORD') }}"}

NOTHING_IS_SENT = (
    Storm("no host", JOBS, {}, "option", ("No Enterprise Manager is named", r"option host .*VEEAM_EM_HOST")),
    Storm(
        "no credentials", JOBS, {"host": "127.0.0.1"}, "option", ("username and password missing", "VEEAM_EM_USERNAME", "VEEAM_EM_PASSWORD", "VEEAM_EM_SESSION")
    ),
    Storm("no password", JOBS, {"host": "127.0.0.1", "username": "somebody"}, "option", ("No credentials.*: password missing", "VEEAM_EM_PASSWORD")),
    Storm("host with a port", JOBS, {**SENDS_NOTHING, "host": "em01:9398"}, "option", ("'em01:9398' is not a host name", "option port")),
    Storm("no CA file", JOBS, {**SENDS_NOTHING, "ca_path": "/no/such/ca.pem"}, "option", (r"/no/such/ca\.pem", "ca_path")),
    Storm("unknown field", JOBS, {**SENDS_NOTHING, "filter": {"job_nam": "x"}}, "filter", ("'job_nam'", "Did you mean", "Known fields: .*name")),
    Storm(
        "unknown operator",
        JOBS,
        {**SENDS_NOTHING, "filter": {"name": {"like": "x"}}},
        "filter",
        ("'like' is not an operator", "Operators: eq, ne, lt, le, gt, ge"),
    ),
    Storm("unknown value", JOBS, {**SENDS_NOTHING, "filter": {"job_type": "Replika"}}, "filter", ("'Replika'", "Did you mean Replica", "one of: .*BackupCopy")),
    Storm("filter text without a value", JOBS, {**SENDS_NOTHING, "filter": "Name=="}, "filter", ("has no value after Name==",)),
    Storm(
        "bad date",
        "veeam_em_backup_session_info",
        {**SENDS_NOTHING, "filter": {"creation_time": {"ge": "yesterday"}}},
        "filter",
        ("'yesterday' is not a time", "-24h"),
    ),
    Storm(
        "impossible date", "veeam_em_backup_session_info", {**SENDS_NOTHING, "filter": "CreationTime>=2026-02-30"}, "filter", ("'2026-02-30' is not a time",)
    ),
    Storm("unknown query type", "veeam_em_query_info", {**SENDS_NOTHING, "type": "BackupSesion"}, "filter", ("'BackupSesion'", "BackupJobSession")),
    Storm("unknown sort field", JOBS, {**SENDS_NOTHING, "sort": "colour"}, "filter", ("'colour'", "Known fields")),
    Storm("no job", "veeam_em_job_run", SENDS_NOTHING, "option", ("No job is named", "job_uid")),
    Storm("no task", "veeam_em_task_wait", SENDS_NOTHING, "option", ("No task is named", "veeam_em_job_run")),
    Storm("no token to close", "veeam_em_session", {"state": "absent", "host": "127.0.0.1"}, "option", ("no token", "VEEAM_EM_SESSION")),
    Storm("job without since", "veeam_em_job_session_wait", {**SENDS_NOTHING, "job": "x"}, "option", ("from when on", "since")),
)


def in_both_lanes(
    both_lanes: BothLanes, storms: Callable[[Simulator], Sequence[Storm | Task]], **keywords: Any
) -> Iterator[tuple[Run, Sequence[Storm | Task]]]:
    """Run storms, and tasks between them, in both lanes; judge each storm, yield the runs, and hold the lanes against each other."""
    made: dict[int, Sequence[Storm | Task]] = {}

    def prepare(simulator: Simulator) -> list[Play]:
        made[simulator.port] = storms(simulator)
        return play(*(item.task if isinstance(item, Storm) else item for item in made[simulator.port]))

    runs = both_lanes.play(prepare, **keywords)
    for lane in LANES:
        mine = made[both_lanes.runners[lane].simulator.port]
        wrong = [complaint for storm in mine if isinstance(storm, Storm) for complaint in storm.complaints(runs[lane])]
        assert not wrong, "\n".join(wrong)
        yield runs[lane], mine
    for storm in mine:
        if isinstance(storm, Storm):
            told = [(run.failure(storm.name)["error"], sorted(run.failure(storm.name))) for run in runs.values()]
            assert _comparable(told[0], both_lanes) == _comparable(told[1], both_lanes), storm.name


def _comparable(value: object, both_lanes: BothLanes) -> str:
    """Return the value as text, without what differs between two simulators or two moments."""
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME", str(value))
    for lane in LANES:
        text = text.replace(str(both_lanes.runners[lane].simulator.port), "PORT")
    return text.replace(", 'exception'", "")


def test_what_cannot_work_is_refused_before_anything_is_sent(both_lanes: BothLanes) -> None:
    for run, _storms in in_both_lanes(both_lanes, lambda _simulator: NOTHING_IS_SENT, environ=lambda _simulator: {**NOBODY, "EM_ANY_PASSWORD": "unused"}):
        assert run.counters["total_requests"] == 0


@pytest.fixture(scope="module")
def foreign_ca(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The certificate of an authority that signed nothing here."""
    path = tmp_path_factory.mktemp("ca") / "foreign.pem"
    trustme.CA().cert_pem.write_to_path(str(path))
    return path


def test_no_conversation_comes_about(both_lanes: BothLanes, foreign_ca: Path) -> None:
    closed = closed_port()

    def storms(simulator: Simulator) -> Sequence[Storm]:
        control = int(simulator.control_url.rpartition(":")[2])
        root: dict[str, Any] = {"method": "GET", "path": "/"}
        return (
            Storm("unknown CA", JOBS, {"ca_path": str(foreign_ca)}, "tls", ("not signed by a known CA", r"ca_path \(VEEAM_EM_CA_PATH\)"), **root),
            Storm("wrong host name", JOBS, {"port": simulator.bad_name_port}, "tls", ("issued for another name", "option host"), **root),
            Storm("http on an https port", JOBS, {"port": control}, "tls", ("answers plain HTTP", "9398"), **root),
            Storm(
                "port of the backup server",
                JOBS,
                {"port": 9419},
                "connection",
                ("refuses the connection", "9419 is the REST API of the backup server", "9398"),
                **root,
            ),
            Storm("nothing listens", JOBS, {"port": closed}, "connection", (f"127.0.0.1:{closed} refuses", "9398"), **root),
            Storm("no route", JOBS, {"host": "255.255.255.255"}, "connection", ("no route to 255.255.255.255", "firewall"), **root),
            Storm("unknown host", JOBS, {"host": "em.invalid"}, "connection", ("em.invalid.* is unknown", "VEEAM_EM_HOST"), **root),
            Storm(
                "connect time-out",
                JOBS,
                {"port": deaf, "connect_timeout": 0.5},
                "timeout",
                ("did not take the connection within 0.5 s", "connect_timeout"),
                **root,
            ),
            Storm("proxy refuses", JOBS, {"proxy": f"http://127.0.0.1:{closed}"}, "connection", ("proxy did not let", "no_proxy"), **root),
        )

    with deaf_port() as deaf:
        for run, _storms in in_both_lanes(both_lanes, storms):
            assert run.counters["total_requests"] == 0 and run.counters["logons"] == 0


def test_the_server_says_no(both_lanes: BothLanes) -> None:
    gone = base64.b64encode(str(uuid.uuid4()).encode()).decode()

    def storms(simulator: Simulator) -> Sequence[Storm]:
        simulator.fault("status", "POST", "sessionMngr.*v=v1_5", status=403, count=0)
        job_id = simulator.job_id("File Server Backup")
        account = {"username": "operator", "password": "{{ lookup('ansible.builtin.env', 'EM_OPERATOR_PASSWORD') }}"}
        wrong = {"password": "{{ lookup('ansible.builtin.env', 'EM_WRONG_PASSWORD') }}"}
        logon: dict[str, Any] = {"method": "POST", "path": "/sessionMngr/"}
        return (
            Storm(
                "wrong password",
                JOBS,
                wrong,
                "authentication",
                ("did not accept the user name or password", "Check username and password"),
                **logon,
                status=401,
                server_message="The user name or password is incorrect",
            ),
            Storm(
                "account without any role",
                JOBS,
                {"api_version": "v1_5"},
                "permission",
                ("may not use Enterprise Manager", "role"),
                **logon,
                status=403,
                server_message="Access is denied",
            ),
            Storm(
                "expired token",
                JOBS,
                {"session": gone},
                "authentication",
                ("token in the option session is no longer valid", "15 idle minutes", "veeam_em_session"),
                method="GET",
                path="/query",
                status=401,
                server_message="Unauthorized: the session does not exist or has expired",
            ),
            Storm(
                "missing right",
                "veeam_em_job_run",
                {"job_uid": job_id, **account},
                "permission",
                ("lacks the right", "Portal Administrator"),
                method="POST",
                path=f"/jobs/{job_id}",
                status=403,
                server_message="Access is denied for the role Portal User",
            ),
        )

    def environ(simulator: Simulator) -> dict[str, str]:
        return {"EM_OPERATOR_PASSWORD": simulator.accounts["operator"]["password"], "EM_WRONG_PASSWORD": "wrong"}

    for run, _storms in in_both_lanes(both_lanes, storms, environ=environ):
        assert run.counters["writes"] == 0 and run.counters["starts"] == {}
        assert run.counters["logons"] == run.counters["logouts"] == 1  # of the account that lacks a right


def named(name: str, **arguments: Any) -> dict[str, Any]:
    """Ask for the job of a name, so that a fault can be ordered for this question alone."""
    return {"name": name, "retries": 0, **arguments}


SPOILED: dict[str, dict[str, Any]] = {
    "malformed": {},
    "truncate": {},
    "empty": {},
    "html": {"status": 200},
    "entities": {},
    "content_type": {},
    "latency": {"seconds": 1.5},
    "reset": {},
    "huge": {"size": 300 * 1024 * 1024},
}
QUERY: dict[str, Any] = {"method": "GET", "path": "/query"}
ANSWERED: dict[str, Any] = {**QUERY, "status": 200}
SPOILED_ANSWERS = (
    Storm("malformed", JOBS, named("storm-malformed"), "body", ("JSON", "begins: "), **ANSWERED),
    Storm("malformed XML", JOBS, named("storm-malformed", wire_format="xml"), "body", ("XML", "begins: "), **ANSWERED),
    Storm("truncated", JOBS, named("storm-truncate"), "connection", ("cut off after|was cut", "begins: "), **ANSWERED),
    Storm("empty", JOBS, named("storm-empty"), "body", ("empty|no content",), **ANSWERED),
    Storm("HTML as if it were fine", JOBS, named("storm-html"), "body", ("text/html", "Bad Gateway", "such as a proxy"), **ANSWERED),
    Storm("HTML of a proxy", JOBS, named("storm-proxy"), "server", ("502", "Bad Gateway"), **QUERY, status=502),
    Storm("entities that grow", JOBS, named("storm-entities", wire_format="xml"), "body", ("declares a document type", "begins: "), **ANSWERED),
    Storm("foreign content type", JOBS, named("storm-content_type"), "body", ("text/plain",), **ANSWERED),
    Storm("read time-out", JOBS, named("storm-latency", timeout=0.5), "timeout", ("did not answer GET /query within 0.5 s", "VEEAM_EM_TIMEOUT"), **QUERY),
    Storm("connection cut", JOBS, named("storm-reset"), "connection", ("was cut during GET /query",), **QUERY),
    Storm("answer without end", JOBS, named("storm-huge"), "body", ("larger than 256 MiB", "limit"), **ANSWERED),
    Storm("server error", JOBS, named("storm-500"), "server", ("500",), **QUERY, status=500, server_message="Internal server error"),
    Storm("busy", JOBS, named("storm-503", retries=1), "server", ("503", "try again later"), **QUERY, status=503, server_message="The service is unavailable"),
)


def test_the_answer_is_not_what_the_service_sends(both_lanes: BothLanes) -> None:
    def storms(simulator: Simulator) -> Sequence[Storm]:
        for kind, options in SPOILED.items():
            simulator.fault(kind, "GET", f"^/query.*storm-{kind}", count=0, **options)
        for status in (500, 503):
            simulator.fault("status", "GET", f"^/query.*storm-{status}", status=status, count=0)
        simulator.fault("html", "GET", "^/query.*storm-proxy", count=0)
        return SPOILED_ANSWERS

    for run, found in in_both_lanes(both_lanes, storms):
        assert run.counters["writes"] == 0
        assert run.counters["logons"] == run.counters["logouts"] == len(found)
        assert len(run.sent("GET", "^/query")) == len(found) + 1, "the busy server is asked once more, the others are not"


RUN_IT = "veeam_em_job_run"
CYRILLIC = "Резервное копирование 🚀"
TO_THE_END = {"wait": "session", **QUICK}
STARTED = {"task_id": "{{ start.task_id }}"}
FALL_BACK = {**STARTED, "job": "File Server Backup", "since": "{{ start.since }}", "follow": True, **QUICK}
ANOTHER_SESSION = ("belongs to another log-on session", "option session", "veeam_em_job_session_wait")
OFFLINE = "The source repository is offline."


def unknown_task(task_id: str) -> dict[str, Any]:
    """Return what a result says of a request for a task that the log-on session does not know."""
    message = f"There is no backup task with id [{task_id}] in current rest session"
    return {"method": "GET", "path": f"/tasks/{task_id}", "status": 500, "server_message": message}


TASKS_OF_OTHERS: tuple[Storm | Task, ...] = (
    task("log on", "veeam_em_session", register="logon"),
    shared("start", RUN_IT, {"job": "File Server Backup", "wait": "none"}, register="start"),
    Storm("info on a task of another session", "veeam_em_task_info", STARTED, "foreign_task", ANOTHER_SESSION, **unknown_task("task-1")),
    Storm("wait for a task of another session", "veeam_em_task_wait", STARTED, "foreign_task", ANOTHER_SESSION, **unknown_task("task-1")),
    task("fall back to a query", "veeam_em_task_wait", FALL_BACK),
    Storm("unknown task", "veeam_em_task_info", {"task_id": "task-99", **SHARED}, "foreign_task", ANOTHER_SESSION, **unknown_task("task-99")),
    shared("log off", "veeam_em_session", {"state": "absent"}),
)
FAILED_ENDS = (
    Storm(
        "order fails",
        RUN_IT,
        {"job": "Copy to DR", **QUICK},
        "task_failed",
        ("was not carried out", "The source repository is offline"),
        server_message=OFFLINE,
        keys={"changed": True, "state": "Finished", "result": "Failed", "reason": OFFLINE},
    ),
    Storm(
        "run fails",
        RUN_IT,
        {"job": "SQL Server Backup", **TO_THE_END},
        "run_failed",
        ("ended with Failed", r"srv-sql-02: Failed \(The snapshot timed out\)", "srv-sql-03: Warning"),
        keys={"changed": True, "state": "Stopped", "result": "Failed", "machines": lambda found: len(found) == 4},
    ),
    Storm(
        "warning is not accepted",
        RUN_IT,
        {"job": "Mirror SQL", "ok_results": ["Success"], **TO_THE_END},
        "run_failed",
        ("ended with Warning", "Nearly full"),
        keys={"result": "Warning"},
    ),
)
BOTH_SERVERS = {"vbr01.example.com", "vbr02.example.com"}
WRONG_NAMES = (
    Storm(
        "name on two servers",
        RUN_IT,
        {"job": "Exchange Backup"},
        "ambiguous_name",
        ("2 jobs are called 'Exchange Backup'", "vbr01", "vbr02", "backup_server"),
        keys={"candidates": lambda found: {item["backup_server"] for item in found} == BOTH_SERVERS},
    ),
    Storm("name on no server", RUN_IT, {"job": "SQL Servr Backup"}, "unknown_name", ("No job is called 'SQL Servr Backup'", "Did you mean SQL Server Backup")),
    Storm(
        "name on another server",
        RUN_IT,
        {"job": "SQL Server Backup", "backup_server": "vbr02.example.com"},
        "unknown_name",
        ("No job on the backup server 'vbr02.example.com'", "on vbr01"),
    ),
    Storm(
        "unknown job session",
        "veeam_em_job_session_wait",
        {"uid": f"urn:veeam:BackupJobSession:{UNKNOWN_GUID}"},
        "not_found",
        ("Cannot find",),
        method="GET",
        path=f"/backupSessions/{UNKNOWN_GUID}",
        status=404,
        server_message=f"Cannot find backup job session [{UNKNOWN_GUID}]",
    ),
    Storm(
        "unknown job",
        "veeam_em_job_session_wait",
        {"job": "Nothing", "since": "-1h", "wait_timeout": 0.3},
        "unknown_name",
        ("No job is called 'Nothing'",),
    ),
)
REPLICA_SESSION = "urn:veeam:ReplicaJobSession:"
ENDLESS_WAITS: tuple[Storm | Task, ...] = (
    Storm(
        "wait time over",
        RUN_IT,
        {"job": "DC Replication", "wait": "session", "wait_timeout": 2, "wait_interval": 0.2},
        "wait_timeout",
        ("is Working 42 %", "after 2 s of waiting", "goes on untouched", f"veeam_em_job_session_wait with uid: {REPLICA_SESSION}"),
        keys={
            "changed": True,
            "state": "Working",
            "elapsed": lambda seconds: 2 <= seconds < 10,
            "resume": lambda found: found["options"]["uid"].startswith(REPLICA_SESSION),
        },
    ),
    task("the job goes on", "veeam_em_replica_session_info", {"filter": {"state": "Working"}}),
    Storm(
        "wait time over before the task is finished",
        RUN_IT,
        {"job": CYRILLIC, "wait_timeout": 1, "wait_interval": 0.2},
        "wait_timeout",
        ("task-1 is OperationFinished", "goes on untouched"),
        keys={"changed": True, "state": "OperationFinished"},
    ),
)


def test_orders_that_go_wrong(both_lanes: BothLanes) -> None:
    def storms(simulator: Simulator) -> Sequence[Storm | Task]:
        simulator.clock(speed=FAST)
        simulator.script("task_fails", "Copy to DR", message=OFFLINE)
        simulator.outcome("SQL Server Backup", {"srv-sql-02": {"result": "Failed", "reason": "The snapshot timed out."}, "srv-sql-03": "Warning"})
        simulator.script("run_warns", "Mirror SQL", reason="Nearly full.")
        simulator.script("stuck_running", "DC Replication")
        simulator.script("task_stuck", CYRILLIC, state="OperationFinished")
        return (*TASKS_OF_OTHERS, *FAILED_ENDS, *WRONG_NAMES, *ENDLESS_WAITS)

    for run, _found in in_both_lanes(both_lanes, storms):
        fallen_back = run.result("fall back to a query")
        assert fallen_back["found_by_query"] and fallen_back["task"] is None and fallen_back["job_session"]["job_name"] == "File Server Backup"
        assert run.result("the job goes on")["total"] == 1
        started = ("File Server Backup", "Copy to DR", "SQL Server Backup", "Mirror SQL", "DC Replication", CYRILLIC)
        assert run.counters["starts"] == dict.fromkeys(started, 1)
        assert run.counters["writes"] == len(run.sent("POST", "/jobs/")) == len(started)


def test_an_order_whose_answer_is_lost_is_looked_up_and_never_repeated(both_lanes: BothLanes) -> None:
    lost: dict[str, Any] = {"method": "POST", "path": "/jobs/[0-9a-f-]{36}"}

    def storms(simulator: Simulator) -> Sequence[Storm | Task]:
        simulator.clock(speed=FAST)
        ids = {name: simulator.job_id(name) for name in ("SQL Server Backup", "File Server Backup", "DC Replication", "Copy to DR")}
        simulator.fault("reset", "POST", ids["File Server Backup"], apply=True)
        simulator.fault("reset", "POST", ids["SQL Server Backup"], apply=True)
        simulator.fault("html", "POST", ids["DC Replication"], apply=True)
        simulator.fault("reset", "POST", ids["Copy to DR"], apply=False)
        return (
            task("cut, own log-on session", RUN_IT, {"job": "File Server Backup", "wait": "session", **QUICK}),
            task("502 of a proxy", RUN_IT, {"job": "DC Replication", **QUICK}),
            task("log on", "veeam_em_session", register="logon"),
            shared("cut, shared log-on session", RUN_IT, {"job": "SQL Server Backup", "wait": "session", "ok_results": ["Success", "Warning"], **QUICK}),
            shared("log off", "veeam_em_session", {"state": "absent"}),
            Storm(
                "cut before it was taken",
                RUN_IT,
                {"job": "Copy to DR"},
                "not_started",
                ("Copy to DR was not started", "safe to run this again"),
                **lost,
                keys={"changed": False},
            ),
        )

    for run, _found in in_both_lanes(both_lanes, storms):
        own, proxy, together = (run.result(name) for name in ("cut, own log-on session", "502 of a proxy", "cut, shared log-on session"))
        assert own["changed"] and own["task_id"] == "task-1" and own["result"] == "Success"
        assert proxy["changed"] and proxy["task"]["state"] == "Finished"
        assert together["changed"] and together["task"] is None and together["found_by_query"] and together["result"] == "Warning"
        posts = [request["path"] for request in run.sent("POST", "/jobs/")]
        assert len(posts) == len(set(posts)) == 4, "an order was sent twice"
        assert run.counters["writes"] == 3


def test_an_order_that_cannot_be_looked_up_is_unknown(both_lanes: BothLanes) -> None:
    def storms(simulator: Simulator) -> Sequence[Storm | Task]:
        job_id = simulator.job_id("Mirror SQL")
        simulator.fault("reset", "POST", job_id, apply=True)
        simulator.fault("status", "GET", "^/tasks$", status=500, count=0)
        # The look before the order is answered, later ones are not.
        simulator.fault("status", "GET", f"^/query.*{job_id}", status=500, after=1, count=0)
        told = ("Whether Mirror SQL was started is unknown", "not repeated", "since 20")
        return (
            Storm("cut, and no look-up answers", "veeam_em_job_run", {"job": "Mirror SQL"}, "outcome_unknown", told, method="POST", path=f"/jobs/{job_id}"),
        )

    for run, _found in in_both_lanes(both_lanes, storms):
        assert len(run.sent("POST", "/jobs/")) == 1 and run.counters["starts"] == {"Mirror SQL": 1}


@pytest.mark.parametrize(("kind", "options"), [("status", {"status": 500}), ("reset", {}), ("html", {})], ids=["500", "cut", "proxy page"])
def test_a_failed_log_out_is_a_warning(both_lanes: BothLanes, kind: str, options: dict[str, Any]) -> None:
    def prepare(simulator: Simulator) -> list[Play]:
        simulator.fault(kind, "DELETE", "logonSessions", **options)
        return play(task("read", JOBS, {"limit": 1}))

    left = Expectation(sessions_left=1, warnings=(r"log-on session could not be closed and will end by its idle time-out of 15 minutes",))
    for lane, run in both_lanes.play(prepare, expect=left).items():
        assert run.result("read")["total"] == both_lanes.runners[lane].simulator.state()["rows"]["Job"]


def test_the_server_ends_what_could_not_be_closed(both_lanes: BothLanes) -> None:
    def prepare(simulator: Simulator) -> list[Play]:
        simulator.fault("reset", "DELETE", "logonSessions")
        return play(task("read", JOBS, {"limit": 1}))

    both_lanes.play(prepare, expect=Expectation(sessions_left=1, warnings=("log-on session could not be closed",)))
    for runner in both_lanes.runners.values():
        runner.simulator.advance(14 * 60)
        assert runner.simulator.counters()["open_sessions"] == 1
        runner.simulator.advance(2 * 60)
        assert runner.simulator.counters()["open_sessions"] == 0
