# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The demo: build the collection, install it, start its simulator, run ``openbackup.veeam_em.demo`` against it.

Everything runs from the installed collection, the simulator too, in a folder that knows nothing of the checkout; what the
audit writes is left in ``build/demo-audit``. The exit code is that of the playbook, or 1 where a log-on session or a process
was left behind or no report was written.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from environments import COLLECTION, HOME, ROOT, clean_environ

WORK = HOME / "demo"
AUDIT = ROOT / "build" / "demo-audit"
REPORT = AUDIT / "report.html"
PLAYBOOK = "openbackup.veeam_em.demo"
MARK = "EM_DEMO_RUN"  # in the variables of every process of this run, so that one left behind can be found
PACE = "slow_task;running=1.2;collecting=0.7"  # slow enough for a reader to see every state of the order go by
START_SECONDS = 30
STOP_SECONDS = 10
GRACE_SECONDS = 2


def installed_collection(environ: Mapping[str, str]) -> Path:
    """Build the tarball, install it below ``.venv/demo`` and return the installed folder."""
    shutil.rmtree(WORK, ignore_errors=True)
    (WORK / "cwd").mkdir(parents=True)
    galaxy = ("ansible-galaxy", "collection")
    build = [*galaxy, "build", "--force", "--output-path", str(WORK), str(ROOT)]
    subprocess.run(build, env=environ, check=True, stdout=subprocess.DEVNULL, cwd=WORK / "cwd")
    (tarball,) = WORK.glob("*.tar.gz")
    install = [*galaxy, "install", "--offline", "--force", "--collections-path", str(WORK), str(tarball)]
    subprocess.run(install, env=environ, check=True, stdout=subprocess.DEVNULL, cwd=WORK / "cwd")
    print(f"Built and installed {tarball.name}", flush=True)
    return WORK.joinpath(*COLLECTION)


def wait_until_ready(process: subprocess.Popen[bytes], ready_file: Path) -> dict[str, Any]:
    """Return what the simulator wrote about itself. Raises RuntimeError where it ended or took too long."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if ready_file.is_file():
            ready: dict[str, Any] = json.loads(ready_file.read_text(encoding="utf-8"))
            return ready
        time.sleep(0.05)
    raise RuntimeError(f"the simulator did not start (exit code {process.poll()})")


@contextlib.contextmanager
def simulator(collection: Path, environ: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Run the simulator of the installed collection; yield its address, CA and credentials."""
    ready_file = WORK / "ready.json"
    command = [sys.executable, "-m", "em_simulator", "--ready-file", str(ready_file), "--parent-pid", str(os.getpid()), "--script", PACE]
    folder = {"PYTHONPATH": str(collection / "tests" / "simulator")}
    process = subprocess.Popen(command, env={**environ, **folder}, cwd=WORK / "cwd", stdin=subprocess.DEVNULL)
    try:
        yield wait_until_ready(process, ready_file)
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def counters(ready: Mapping[str, Any]) -> dict[str, Any]:
    """Ask the simulator what it counted, past any proxy."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{ready['control_url']}/counters", timeout=10) as answer:
        counted: dict[str, Any] = json.load(answer)
    return counted


def run_playbook(ready: Mapping[str, Any], environ: Mapping[str, str]) -> int:
    """Run the playbook as a user would who set the variables; return its exit code."""
    connection = {
        "VEEAM_EM_HOST": ready["host"],
        "VEEAM_EM_PORT": str(ready["port"]),
        "VEEAM_EM_USERNAME": ready["username"],
        "VEEAM_EM_PASSWORD": ready["password"],
        "VEEAM_EM_CA_PATH": ready["ca_path"],
    }
    command = ["ansible-playbook", PLAYBOOK, "-e", json.dumps({"demo_audit": str(AUDIT)})]
    return subprocess.run(command, env={**environ, **connection}, cwd=WORK / "cwd", check=False).returncode


def left_behind(mark: str) -> list[str]:
    """Return the processes of this run that are still there, by number and command."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f"{MARK}={mark}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
                found.append(f"{folder.name} {words}")
    return found


def lasting(mark: str) -> list[str]:
    """Return the processes of this run that do not end by themselves within the grace."""
    deadline = time.monotonic() + GRACE_SECONDS
    while (found := left_behind(mark)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return found


def demo_environ(mark: str) -> dict[str, str]:
    """Return the variables of every process of the run: no configuration but ours, no collection but the installed one."""
    empty = WORK / "ansible.cfg"
    return clean_environ(
        ANSIBLE_CONFIG=str(empty),
        ANSIBLE_HOME=str(WORK / "ansible"),
        ANSIBLE_COLLECTIONS_PATH=str(WORK),
        ANSIBLE_COLLECTIONS_SCAN_SYS_PATH="false",
        ANSIBLE_LOCALHOST_WARNING="false",
        ANSIBLE_INVENTORY_UNPARSED_WARNING="false",
        **{MARK: mark},
    )


def main() -> int:
    """Run the demo and return the exit code."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    mark = secrets.token_hex(8)
    environ = demo_environ(mark)
    collection = installed_collection(environ)
    shutil.rmtree(AUDIT, ignore_errors=True)
    with simulator(collection, environ) as ready:
        print(f"The simulator answers on https://{ready['host']}:{ready['port']}\n", flush=True)
        code = run_playbook(ready, environ)
        counted = counters(ready)
    processes = lasting(mark)
    for process in processes:
        print(f"left behind: {process}")
    clean = not processes and not counted["open_sessions"]
    complete = clean and REPORT.is_file()
    left = "no process and no log-on session left" if clean else f"{len(processes)} processes and {counted['open_sessions']} log-on sessions LEFT BEHIND"
    verdict = "finished" if code == 0 and complete else "FAILED"
    counts = ", ".join(f"{word} {counted[key]}" for word, key in (("requests", "total_requests"), ("log-ons", "logons"), ("orders", "writes")))
    print(f"\nThe report of the audit, for a browser: {REPORT}" if REPORT.is_file() else "\nThe audit wrote NO report.")
    print(f"Demo {verdict}: {counts}; {left}.")
    return code or (0 if complete else 1)


if __name__ == "__main__":
    sys.exit(main())
