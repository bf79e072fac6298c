# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""(d) an estate in one log-on session: against the bare transfer, against other ways to read the same, in memory, in growth.

Run as a program it does one reading in a process of its own and prints what that cost, so that the peak of the memory is its alone.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from measuring import MIB, REPETITIONS, best_of, environ_for, expat_seconds, options_from_environ, play_of, report, run_play, seconds_of

from _api.entities._model import Resource
from _api.estate import read_estate
from _api.estate_plan import Plan, is_listed, kinds, plan_of
from _api.parallel import DEFAULT_WORKERS, in_parallel
from _api.session import ConnectionOptions, Session
from _api.sinks import InFile, Sink
from _api.transport import Answer, encode_query
from _api.whole_file import WholeFile
from em_simulator.control import Simulator

MODULES = Path(__file__).resolve().parents[2] / "plugins" / "modules"
SIZES = (100, 1_000, 10_000)  # machines; ten restore points and ten task sessions for each
COMPARED = 1_000  # machines of the estate that is read in other ways too, which take minutes at the largest size
Request = tuple[str, dict[str, str] | None]


@dataclass(frozen=True)
class Cost:
    """What one estate cost; times in seconds, memory in bytes (the whole process at its peak), ``bytes`` as JSON on the wire."""

    records: int
    requests: int
    bytes: int
    to_file: float
    download: float
    expat: float
    peak: int

    @property
    def bare(self) -> float:
        return self.download + self.expat


class Noting(Session):
    """A session that notes what it was asked for."""

    def __init__(self, options: ConnectionOptions) -> None:
        super().__init__(options)
        self.noted: list[Request] = []

    def get(self, path: str, parameters: object = None, roles: object = ()) -> Answer:
        self.noted.append((path, dict(parameters) if parameters else None))  # type: ignore[call-overload]
        return super().get(path, parameters, roles)  # type: ignore[arg-type]


def requests_of(options: ConnectionOptions, plan: Plan) -> tuple[list[Request], int]:
    """Return what reading an estate asks for, and how many records come; the simulator renders its answers here, so that the client is measured later."""
    with Noting(options) as session:
        records = sum(one.records for one in read_estate(session, plan, Sink()))
    return session.noted, records


def to_file(options: ConnectionOptions, plan: Plan, path: Path) -> None:
    """Read the estate into a file, as the module does."""
    with WholeFile(str(path)) as file:
        with Session(options) as session:
            read_estate(session, plan, InFile(file))
        file.commit()


def download(options: ConnectionOptions, requests: list[Request]) -> list[int]:
    """Ask the same side by side and look at nothing; return the sizes of the answers in bytes."""
    with Session(options) as session:
        return in_parallel(session, lambda request: len(session.get(*request).body), requests, DEFAULT_WORKERS)


def expat_pass(options: ConnectionOptions, requests: list[Request]) -> float:
    """Return the seconds that expat with empty handlers takes for the same answers in XML."""
    with Session(replace(options, wire_format="xml")) as session:
        return sum(expat_seconds(session.get(*request).body) for request in requests)


def cost_here(options: ConnectionOptions, dest: Path) -> Cost:
    """Measure in this process; the memory first, before anything else was held."""
    plan = plan_of()
    to_file(options, plan, dest)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    requests, records = requests_of(options, plan)
    sizes = download(options, requests)
    rounds = [(seconds_of(lambda: to_file(options, plan, dest)), seconds_of(lambda: download(options, requests))) for _round in range(REPETITIONS)]
    return Cost(records, len(requests), sum(sizes), min(row[0] for row in rounds), min(row[1] for row in rounds), expat_pass(options, requests), peak)


def cost(simulator: Simulator) -> Cost:
    """Measure in a process of its own."""
    environ = {**environ_for(simulator), "PYTHONPATH": os.pathsep.join(sys.path)}
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, str(Path(folder) / "estate.jsonl")]
        return Cost(**json.loads(subprocess.run(command, env=environ, check=True, capture_output=True, text=True).stdout))


# ---------------------------------------------------------------------------------------------------------
# Other ways to read the same


def with_module() -> list[Resource]:
    """Return the kinds that an info module of their own reads, whole and without further options."""
    return [resource for resource in kinds() if is_listed(resource) and resource.parents == () and module_of(resource).exists()]


def module_of(resource: Resource) -> Path:
    return MODULES / f"veeam_em_{resource.thing}_info.py"


def other_ways(simulator: Simulator) -> list[tuple[str, str, str]]:
    """Return the rows that compare one task with a task for each kind and with a GET for each page."""
    chosen = with_module()
    words = [resource.plural for resource in chosen if resource.plural not in ("jobs", "backups", "replicas", "tasks")]
    words += [resource.thing for resource in chosen if resource.plural not in words]
    options = ConnectionOptions(host=simulator.host, port=simulator.port, username=simulator.username, password=simulator.password, ca_path=simulator.ca_path)
    requests, records = requests_of(options, plan_of(words))
    with Session(options) as session, tempfile.TemporaryDirectory() as folder:
        token = session.log_on().token
        headers = {"X-RestSvcSessionId": token, "Accept": "application/json"}
        pages = [simulator.url + path + ("?" + encode_query(parameters) if parameters else "") for path, parameters in requests]
        uri = {"url": "{{ item }}", "headers": headers, "ca_path": simulator.ca_path, "return_content": True}
        whole = {"subset": words, "dest": str(Path(folder) / "estate.jsonl")}
        empty = best_of(lambda: run_play(play_of([{"ansible.builtin.meta": "noop"}]), simulator))
        ways = {
            "one task into a file": [{"openbackup.veeam_em.veeam_em_estate_info": whole}],
            "one task into the result": [{"openbackup.veeam_em.veeam_em_estate_info": {"subset": words}}],
            f"{len(chosen)} info tasks, one for each kind": [{f"openbackup.veeam_em.veeam_em_{one.thing}_info": {}} for one in chosen],
            f"{len(pages)} pages by ansible.builtin.uri in a loop": [{"ansible.builtin.uri": uri, "loop": pages, "no_log": True}],
        }
        spent = {name: run_play(play_of(tasks), simulator) - empty for name, tasks in ways.items()}
    first = next(iter(spent.values()))
    rows = [(f"{name}, {records} records", f"{seconds:.1f} s", "") for name, seconds in spent.items()]
    return rows + [(f"{name} / one task into a file", f"{seconds / first:.1f}", "") for name, seconds in spent.items()][1:]


def measure() -> None:
    """Measure estates of growing size and report."""
    found: dict[int, Cost] = {}
    for machines in SIZES:
        with Simulator.start(generate=7, machines=machines, restore_points=10 * machines, task_sessions=10 * machines) as simulator:
            found[machines] = cost(simulator)
            compared = other_ways(simulator) if machines == COMPARED else []
        if compared:
            report(f"(d) the estate of {machines} machines by one task and in other ways, time beside an empty play", compared)
    largest = found[SIZES[-1]]
    rows = [
        (f"{largest.records} records in {largest.requests} requests, {largest.bytes / MIB:.0f} MiB, into a file", f"{largest.to_file:.2f} s", ""),
        ("bare download of the same, side by side", f"{largest.download:.2f} s", ""),
        ("plain expat pass over the same in XML", f"{largest.expat:.2f} s", ""),
        ("estate into a file / (download + expat)", f"{largest.to_file / largest.bare:.2f}", "<= 2"),
        ("peak memory of the process", f"{largest.peak / MIB:.0f} MiB", "<= 300"),
    ]
    for machines, one in found.items():
        rows.append((f"microseconds a record at {machines} machines, {one.records} records", f"{one.to_file / one.records * 1e6:.0f}", ""))
    report(f"(d) the estate of {SIZES[-1]} machines", rows)


def main() -> None:
    """Do one reading and print what it cost."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("dest", type=Path, help="file to write the estate to")
    print(json.dumps(vars(cost_here(options_from_environ("json"), arguments.parse_args().dest))))


if __name__ == "__main__":
    main()
