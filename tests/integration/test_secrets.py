# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Passwords and tokens show nowhere, whatever the verbosity, the lane and the failure. Every other test looks for them as well.

Each run is searched by the runner: output, log, fact cache, recorded results, temporary folders; bare, in JSON, in an
address, in base64, as Basic header. The first tests prove that the search finds what it looks for.
"""

from __future__ import annotations

import base64
from pathlib import Path
from urllib.parse import quote

import pytest

from em_simulator.control import Simulator
from em_testing import hidden
from em_testing.plays import GROUP, Play, Task, play, task, tried
from em_testing.runner import LANES, BothLanes, Expectation, Runner
from em_testing.story import QUICK
from em_testing.weather import closed_port
from em_testing.wire import Wire

JOBS = "veeam_em_job_info"
SECRET = "{{ lookup('ansible.builtin.env', 'VEEAM_EM_PASSWORD') }}"
WAYS_TO_SHOW = {
    "bare": SECRET,
    "in base64": SECRET.replace(" }}", " | b64encode }}"),
    "in an address": SECRET.replace(" }}", " | urlencode }}"),
    "as Basic header": "{{ (lookup('ansible.builtin.env', 'VEEAM_EM_USERNAME') ~ ':' ~ lookup('ansible.builtin.env', 'VEEAM_EM_PASSWORD')) | b64encode }}",
    "token": "{{ logon.session }}",
    "token in base64": "{{ logon.session | b64encode }}",
    "id of the log-on session": "{{ logon.session_id }}",
}


@pytest.mark.parametrize("way", WAYS_TO_SHOW)
def test_the_search_finds_what_a_play_shows(runner: Runner, way: str) -> None:
    shown = task("show", "ansible.builtin.debug", {"msg": WAYS_TO_SHOW[way]})
    plays = play(
        task("log on", "veeam_em_session", register="logon"), shown, task("log off", "veeam_em_session", {"state": "absent", "session": "{{ logon.session }}"})
    )
    with pytest.raises(AssertionError, match=r"stdout: a secret of \d+ bytes") as found:
        runner.play(plays)
    complaint = str(found.value)
    assert "ansible.log: a secret" in complaint and "record.jsonl: a secret" in complaint


def test_the_search_finds_files_and_their_names(tmp_path: Path) -> None:
    secret = "Pw 1234567890/+é"
    (tmp_path / "deep" / quote(secret, safe="")).mkdir(parents=True)
    (tmp_path / "deep" / "blob").write_bytes(b"\0" + base64.b64encode(b"xy:" + secret.encode() + b":z") + b"\0")
    found = hidden.leaks(hidden.forms_of(secret), hidden.files_below(tmp_path))
    assert any(line.startswith("name ") for line in found) and any("blob" in line for line in found)
    assert not hidden.leaks(hidden.forms_of("something else entirely"), hidden.files_below(tmp_path))


def everything_that_could_leak(proxy_port: int) -> list[Task]:
    """Return tasks that succeed and fail in many ways with secrets as options."""
    proxy = "http://proxyuser:{{ lookup('ansible.builtin.env', 'EM_PROXY_PASSWORD') }}@127.0.0.1:%d" % proxy_port
    return [
        task("log on", "veeam_em_session", register="logon"),
        task("read by password", JOBS, {"limit": 1}, register="read"),
        task("cache what was read", "ansible.builtin.set_fact", {"em_read": "{{ read }}", "cacheable": True}),
        task("read by token", JOBS, {"limit": 1, "session": "{{ logon.session }}"}),
        task("loop", JOBS, {"name": "{{ item }}", "session": "{{ logon.session }}"}, loop=["a", "b"]),
        task("run", "veeam_em_job_run", {"job": "Empty Job", "session": "{{ logon.session }}", "wait": "session", **QUICK}, diff=True),
        tried("bad option", JOBS, {"id": "x", "session": "{{ logon.session }}"}),
        tried("unsupported option", JOBS, {"nmae": "x", "session": "{{ logon.session }}"}),
        tried("password in the wrong place", JOBS, {"filter": {"name": {"like": "x"}}}),
        tried("refused by the server", JOBS, {"name": "echo-refused", "retries": 0}),
        tried("foreign body", JOBS, {"name": "echo-html", "retries": 0, "session": "{{ logon.session }}"}),
        tried("no such port", JOBS, {"port": proxy_port}),
        tried("proxy", JOBS, {"proxy": proxy}),
        tried("malformed proxy", JOBS, {"proxy": "http://proxyuser:{{ lookup('ansible.builtin.env', 'EM_PROXY_PASSWORD') }}@127.0.0.1:notaport"}),
        tried("wrong password", JOBS, {"password": "{{ lookup('ansible.builtin.env', 'EM_OTHER_PASSWORD') }}"}),
        tried("wrong token", JOBS, {"session": "{{ lookup('ansible.builtin.env', 'EM_OTHER_TOKEN') }}"}),
        task("log off", "veeam_em_session", {"state": "absent", "session": "{{ logon.session }}"}),
    ]


OTHERS = {
    "EM_PROXY_PASSWORD": "proxy-9b1deb4d3b7d",
    "EM_OTHER_PASSWORD": "another/Pw+5e884898da28",
    "EM_OTHER_TOKEN": base64.b64encode(b"11111111-2222-4333-8444-555555555555").decode(),
}


def test_nothing_leaks_at_the_highest_verbosity(both_lanes: BothLanes) -> None:
    closed = closed_port()

    def prepare(simulator: Simulator) -> list[Play]:
        simulator.fault(
            "status", "GET", "echo-refused", status=500, message=f"user {simulator.username} with {simulator.password}, {quote(simulator.password)}", count=0
        )
        simulator.fault("html", "GET", "echo-html", status=200, count=0)
        password = {"username": simulator.username, "password": SECRET}
        return play(*everything_that_could_leak(closed), module_defaults={GROUP: password})

    expect = Expectation(secrets=tuple(OTHERS.values()))
    for run in both_lanes.play(prepare, "-vvvv", environ=lambda _simulator: {**OTHERS, "ANSIBLE_INJECT_INVOCATION": "true"}, expect=expect).values():
        assert run.result("read by password")["invocation"]["module_args"]["password"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
        assert run.result("read by token")["invocation"]["module_args"]["session"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
        assert "********" in run.failure("refused by the server")["msg"]
        cached = list((run.folder / "facts").iterdir())
        assert cached and b"em_read" in cached[0].read_bytes(), "the fact cache was not written, so searching it proves nothing"
        assert {item.task for item in run.outcomes if item.failed} == {
            "bad option",
            "unsupported option",
            "password in the wrong place",
            "refused by the server",
            "foreign body",
            "no such port",
            "proxy",
            "malformed proxy",
            "wrong password",
            "wrong token",
        }


def test_nothing_leaks_into_the_files_of_a_task_in_the_background(runner: Runner) -> None:
    background = {"async": 60, "poll": 0}
    run = runner.play(
        play(
            task("start", JOBS, {"limit": 1, "password": SECRET}, register="job", **background),
            task("wait", "ansible.builtin.async_status", {"jid": "{{ job.ansible_job_id }}"}, register="ended", until="ended.finished", retries=60, delay=0.5),
        ),
        "-vvvv",
        lane="",
    )
    assert run.result("wait")["total"] == runner.simulator.state()["rows"]["Job"]
    assert any(path.stat().st_size > 100 for path in (run.folder / "async").iterdir()), "no file of the task is left, so searching it proves nothing"


@pytest.mark.parametrize("lane", LANES)
def test_a_token_that_the_server_echoes_is_masked(runner: Runner, lane: str) -> None:
    with Wire(runner.simulator) as wire:
        runner.simulator.fault("status", "GET", "^/query", status=500, message=f"session {wire.token} and {wire.session_id} is in trouble", count=0)
        run = runner.play(
            play(tried("read", JOBS, {"retries": 0})),
            lane=lane,
            environ={"VEEAM_EM_SESSION": wire.token},
            expect=Expectation(sessions_left=1, secrets=(wire.token, wire.session_id)),
        )
    failed = run.failure("read")
    assert "is in trouble" in failed["msg"] and "********" in failed["msg"] and "********" in failed["error"]["server_message"]


@pytest.mark.parametrize("lane", LANES)
def test_no_secret_is_left_in_the_variables_of_other_processes(runner: Runner, lane: str) -> None:
    """The password travels as a variable or an option, never as a word of a command, which every user of the machine can read."""
    started = runner.start(
        play(task("wait", "veeam_em_job_run", {"job": "SQL Server Backup", "wait": "session", "password": SECRET, **QUICK})),
        lane=lane,
        environ={"EM_UNUSED": "1"},
    )
    seen: list[bytes] = []
    while started.process.poll() is None:
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                seen.append((folder / "cmdline").read_bytes())
            except OSError:
                continue
    started.finish()
    needles = hidden.forms_of(runner.simulator.password)
    assert any(b"ansible-playbook" in words for words in seen)
    assert not [needle for needle in needles if any(needle in words for words in seen)]
