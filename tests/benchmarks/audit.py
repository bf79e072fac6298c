# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""(f) an audit of a large estate: reading, judging and writing apart, memory, size of the page, and growth.

Run as a program it does one audit in a process of its own and prints what that cost, so that the peak of the memory is its alone.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from measuring import MIB, environ_for, options_from_environ, report

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))

from environments import collection_tree

sys.path.insert(0, str(collection_tree()))

from _api import gathering
from _api.session import ConnectionOptions, Session
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.document import Document, as_document, with_figures
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.evaluate import Audit, evaluate, kinds_read
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.facts import Facts, Gap, ServerFacts
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.memory import without_collecting
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.model import ANSWER, ERROR
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.policy import load_policy
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.reports.formats import FORMATS
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.settings import Policy
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.times import as_time
from em_simulator.control import Simulator

SIZES = (100, 1_000, 10_000)  # machines; ten restore points and ten task sessions for each
PACKS = ("continuity", "capacity", "least_privilege")  # all rules there are


@dataclass(frozen=True)
class Cost:
    """What one audit cost; times in seconds (``gathering`` by the clock, the others of the processor), memory in bytes (the
    whole process at its peak).

    ``judging`` makes the findings, ``figures`` the document with its figures, ``writing`` all reports; ``by_format`` is that of each.
    """

    records: int
    findings: int
    gathering: float
    judging: float
    figures: float
    writing: float
    by_format: dict[str, float]
    html: int
    peak_gathered: int
    peak: int


def gathered(options: ConnectionOptions, policy: Policy) -> Facts:
    """Read all that the policy judges, as the module does."""
    store = gathering.Store()
    ear = gathering.Ear(store)
    with Session(options, observe=ear.observe) as session:
        found = gathering.gather(session, ear, store, kinds_read(policy), {}, ANSWER)
    server = ServerFacts("em.example.com:9398", as_time(found.began.timestamp()), sees_all=found.notes.sees_all)
    return Facts(server, found.began.timestamp(), found.collections, {kind: Gap(ERROR, lack.reason) for kind, lack in found.lacks.items()})


def cost_here(options: ConnectionOptions) -> Cost:
    """Measure in this process, once: what a second audit costs nobody asks."""
    policy = load_policy(list(PACKS))
    began = time.perf_counter()
    facts = gathered(options, policy)
    gathering_took, peak_gathered = time.perf_counter() - began, peak_of_memory()
    with without_collecting():
        # What follows waits for nobody: its time of the processor says the same on a busy machine.
        clock = time.process_time
        read = clock()
        section = evaluate(facts, policy)
        judged = clock()
        records, findings, moment = sum(map(len, facts.collections.values())), len(section.findings), as_time(facts.now)
        section = with_figures(section, policy)
        del facts
        gc.collect()  # as the module does before it makes the document
        document = as_document(Audit(policy, moment, [section]), "0.0.0")
        documented = clock()
        del section
        sizes, spent = written(document)
    return Cost(
        records=records,
        findings=findings,
        gathering=gathering_took,
        judging=judged - read,
        figures=documented - judged,
        writing=sum(spent.values()),
        by_format=spent,
        html=sizes["html"],
        peak_gathered=peak_gathered,
        peak=peak_of_memory(),
    )


def written(document: Document) -> tuple[dict[str, int], dict[str, float]]:
    """Return the size of each report in bytes, and the seconds that it took to write."""
    sizes: dict[str, int] = {}
    spent: dict[str, float] = {}
    for name, form in FORMATS.items():
        began = time.process_time()
        sizes[name] = sum(map(len, form.in_pieces(document)))
        spent[name] = time.process_time() - began
    return sizes, spent


def peak_of_memory() -> int:
    """Return the most memory that this process ever had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def cost(simulator: Simulator) -> Cost:
    """Measure in a process of its own."""
    environ = {**environ_for(simulator), "PYTHONPATH": os.pathsep.join(sys.path)}
    return Cost(**json.loads(subprocess.run([sys.executable, __file__], env=environ, check=True, capture_output=True, text=True).stdout))


def measure() -> None:
    """Measure audits of growing size and report."""
    found: dict[int, Cost] = {}
    for machines in SIZES:
        with Simulator.start(generate=7, machines=machines, restore_points=10 * machines, task_sessions=10 * machines) as simulator:
            found[machines] = cost(simulator)
    largest = found[SIZES[-1]]
    rows = [
        (f"reading {largest.records} records", f"{largest.gathering:.1f} s", ""),
        (f"judging them by all rules: {largest.findings} findings", f"{largest.judging:.1f} s", "<= 10"),
        ("making figures", f"{largest.figures:.1f} s", ""),
        ("writing the reports of all formats", f"{largest.writing:.1f} s", "<= 5"),
        *((f"  {name}", f"{seconds:.2f} s", "") for name, seconds in largest.by_format.items()),
        ("size of the HTML page", f"{largest.html / MIB:.1f} MiB", "<= 10"),
        ("peak memory after reading", f"{largest.peak_gathered / MIB:.0f} MiB", ""),
        ("peak memory of the process", f"{largest.peak / MIB:.0f} MiB", "<= 600"),
    ]
    for machines, one in found.items():
        rows.append((f"microseconds of judging a record at {machines} machines, {one.records} records", f"{one.judging / one.records * 1e6:.0f}", ""))
    report(f"(f) an audit of {SIZES[-1]} machines", rows)


def main() -> None:
    """Do one audit and print what it cost."""
    print(json.dumps(vars(cost_here(options_from_environ("json")))))


if __name__ == "__main__":
    main()
