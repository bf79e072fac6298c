# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``make bench``: how fast the collection is, as ratios within one run against a simulator on loopback.

Nothing here passes or fails. Single seconds mean little on a busy machine; the ratios are what to compare. Each
measurement is repeated and the best of its repetitions counts, because noise only ever adds.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import audit
import estate
import inventory
from measuring import MIB, best_of, environ_for, expat_seconds, options_from_environ, play_of, report, run_play, seconds_of

from _api.entities.sessions import BACKUP_TASK_SESSION
from _api.reading import PAGE_SIZE, Selection, iterate
from _api.session import ConnectionOptions, Session
from em_simulator.control import Simulator

TASKS = 20
SIZES = (1_000, 10_000, 100_000)
FORMATS = ("json", "xml")


# ---------------------------------------------------------------------------------------------------------
# (a) twenty tasks in a play


def twenty_tasks(simulator: Simulator) -> None:
    """Compare twenty info tasks in both lanes with twenty GETs of the same resource by ansible.builtin.uri."""
    options = ConnectionOptions(host=simulator.host, port=simulator.port, username=simulator.username, password=simulator.password, ca_path=simulator.ca_path)
    with Session(options) as session:
        token = session.log_on().token
        uri = {
            "ansible.builtin.uri": {
                "url": f"{simulator.url}/query?type=BackupJobSession&format=Entities&pageSize=5",
                "headers": {"X-RestSvcSessionId": token, "Accept": "application/json"},
                "ca_path": simulator.ca_path,
            }
        }
        info = {"openbackup.veeam_em.veeam_em_backup_session_info": {"limit": 5, "session": token}}
        empty = best_of(lambda: run_play(play_of([{"ansible.builtin.meta": "noop"}]), simulator))
        added = {
            name: best_of(lambda text=text: run_play(text, simulator)) - empty  # type: ignore[misc]
            for name, text in (
                ("uri", play_of([uri] * TASKS)),
                ("controller", play_of([info] * TASKS, veeam_em_lane="controller")),
                ("module", play_of([info] * TASKS, veeam_em_lane="module")),
            )
        }
    rows = [
        ("an empty play", f"{empty:.2f} s", ""),
        (f"{TASKS} GETs by ansible.builtin.uri add", f"{added['uri']:.2f} s", ""),
        (f"{TASKS} info tasks in the controller lane add", f"{added['controller']:.2f} s", ""),
        (f"{TASKS} info tasks in the module lane add", f"{added['module']:.2f} s", ""),
        ("controller lane / uri", f"{added['controller'] / added['uri']:.3f}", "<= 0.15"),
        ("module lane / uri", f"{added['module'] / added['uri']:.2f}", "<= 1.15"),
    ]
    report(f"(a) a play of {TASKS} info tasks", rows)


# ---------------------------------------------------------------------------------------------------------
# (b) a hundred thousand task sessions


@dataclass(frozen=True)
class Bulk:
    """What reading a whole query cost; times in seconds, memory in bytes (the whole process at its peak)."""

    records: int
    iterator: float
    download: float
    expat: float
    peak: int


def bulk_here(options: ConnectionOptions) -> Bulk:
    """Measure in this process: all records by the iterator; the bare pages; a plain expat pass over the same in XML."""
    with Session(options) as session:
        pages = bare_pages(session)  # the simulator renders here, so that the client is what is measured below
        records = sum(1 for _record in iterate(session, BACKUP_TASK_SESSION, Selection()))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        reading = best_of(lambda: seconds_of(lambda: sum(1 for _record in iterate(session, BACKUP_TASK_SESSION, Selection()))))
        download = best_of(lambda: seconds_of(lambda: bare_pages(session)))
        del pages
    return Bulk(records, reading, download, expat_pass(options), peak)


def bare_pages(session: Session) -> int:
    """Download every page without looking into it; return the bytes."""
    size, number = 0, 1
    while True:
        parameters = {"type": "BackupTaskSession", "format": "Entities", "sortAsc": "CreationTime", "pageSize": str(PAGE_SIZE), "page": str(number)}
        body = session.get("/query", parameters).body
        size += len(body)
        if b'Rel="Next"' not in body and b'"Rel":"Next"' not in body:
            return size
        number += 1


def expat_pass(options: ConnectionOptions) -> float:
    """Return the seconds that expat with empty handlers takes for the same records in XML."""
    spent = 0.0
    with Session(ConnectionOptions(**{**vars(options), "wire_format": "xml"})) as session:
        number, more = 1, True
        while more:
            parameters = {"type": "BackupTaskSession", "format": "Entities", "sortAsc": "CreationTime", "pageSize": str(PAGE_SIZE), "page": str(number)}
            body = session.get("/query", parameters).body
            spent += expat_seconds(body)
            number, more = number + 1, b'Rel="Next"' in body
    return spent


def bulk(simulator: Simulator, wire_format: str) -> Bulk:
    """Measure in a process of its own, so that the peak memory is that of one reading."""
    command = [sys.executable, __file__, "--bulk", wire_format]
    environ = {**environ_for(simulator), "PYTHONPATH": os.pathsep.join(sys.path)}
    told = subprocess.run(command, env=environ, check=True, capture_output=True, text=True).stdout
    return Bulk(**json.loads(told))


def bulk_reading(sizes: tuple[int, ...]) -> None:
    """Read all task sessions at several sizes and in both formats, and the biggest once by a whole Ansible task."""
    found: dict[tuple[str, int], Bulk] = {}
    task = 0.0
    for size in sizes:
        with Simulator.start(generate=7, task_sessions=size) as simulator:
            for wire_format in FORMATS:
                found[wire_format, size] = bulk(simulator, wire_format)
            if size == sizes[-1]:
                whole = {"openbackup.veeam_em.veeam_em_backup_task_session_info": {}}
                task = run_play(play_of([whole]), simulator)
    for wire_format in FORMATS:
        most = found[wire_format, sizes[-1]]
        rows = [
            (f"{most.records} records by the iterator", f"{most.iterator:.2f} s", ""),
            ("bare download of the same pages", f"{most.download:.2f} s", ""),
            ("plain expat pass over the same in XML", f"{most.expat:.2f} s", ""),
            ("iterator / (download + expat)", f"{most.iterator / (most.download + most.expat):.2f}", "<= 3"),
            ("peak memory of the process", f"{most.peak / MIB:.0f} MiB", "<= 400"),
        ]
        rows += [
            (f"microseconds a record at {size}", f"{found[wire_format, size].iterator / found[wire_format, size].records * 1e6:.0f}", "") for size in sizes
        ]
        report(f"(b) task sessions by query, {wire_format}", rows)
    report("(b) the same as one whole Ansible task", [(f"{sizes[-1]} records in a result", f"{task:.1f} s", "")])


# ---------------------------------------------------------------------------------------------------------
# (c) a wait


def wait(seconds: int) -> None:
    """Wait for a run of so many seconds and look at what the wait cost the server and the user."""
    interval = 5
    with Simulator.start(speed=1.0) as simulator:
        simulator.script("duration", job="SQL Server Backup", seconds=seconds)
        order = {"job": "SQL Server Backup", "wait": "session", "wait_interval": interval, "ok_results": ["Success", "Warning", "Failed"]}
        with tempfile.TemporaryDirectory() as folder:
            told = Path(folder) / "run.json"
            tasks: list[dict[str, object]] = [
                {"openbackup.veeam_em.veeam_em_job_run": order, "register": "run"},
                {
                    "ansible.builtin.copy": {
                        "content": "{{ [run.job_session.end_time, now(utc=true).timestamp()] | to_json }}",
                        "dest": str(told),
                        "mode": "0600",
                    }
                },
            ]
            run_play(play_of(tasks), simulator)
            end_time, returned = json.loads(told.read_text(encoding="utf-8"))
        counters = simulator.counters()
    ended = time.mktime(time.strptime(end_time[:19], "%Y-%m-%dT%H:%M:%S")) - time.timezone
    rows = [
        ("requests in all", str(counters["total_requests"]), ""),
        ("log-ons", str(counters["logons"]), "1"),
        ("log-on sessions left", str(counters["open_sessions"]), "0"),
        ("orders sent", str(counters["writes"]), "1"),
        ("from the end of the run to the next task", f"{returned - ended:.1f} s", f"about <= {interval} s"),
    ]
    report(f"(c) a wait of {seconds} s for a run, looking every {interval} s at most", rows)


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Say on stderr what is going on; a benchmark is silent for minutes."""
    print(f"... {name}", file=sys.stderr, flush=True)
    yield


def main() -> None:
    """Run the measurements."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--bulk", choices=FORMATS, help=argparse.SUPPRESS)
    arguments.add_argument("--wait-seconds", type=int, default=60, help="length of the run that is waited for")
    arguments.add_argument("--only", choices=("a", "b", "c", "d", "e", "f"), help="one of the measurements")
    chosen = arguments.parse_args()
    if chosen.bulk:
        print(json.dumps(vars(bulk_here(options_from_environ(chosen.bulk)))))
        return
    if chosen.only in (None, "a"):
        with stage("twenty tasks"), Simulator.start() as simulator:
            twenty_tasks(simulator)
    if chosen.only in (None, "b"):
        with stage("a hundred thousand task sessions"):
            bulk_reading(SIZES)
    if chosen.only in (None, "c"):
        with stage("a wait"):
            wait(chosen.wait_seconds)
    if chosen.only in (None, "d"):
        with stage("estates of up to ten thousand machines"):
            estate.measure()
    if chosen.only in (None, "e"):
        with stage("inventories of up to ten thousand machines"):
            inventory.measure()
    if chosen.only in (None, "f"):
        with stage("audits of up to ten thousand machines"):
            audit.measure()


if __name__ == "__main__":
    main()
