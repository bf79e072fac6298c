# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Starts the simulator: ``python -m em_simulator``."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import ssl
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import trustme
from aiohttp import web

from .installation import Installation, Settings
from .network import LOOPBACK, WRONG_NAME, ControlApi, Gateway, tls_context
from .profiles import PROFILES

_LIFETIME = 2 * 3600.0
_WATCH_SECONDS = 0.5


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="em_simulator", description="An Enterprise Manager to test against, on loopback only.")
    add = parser.add_argument
    add("--port", type=int, default=0, help="port of the REST API (default: any free one)")
    add("--control-port", type=int, default=0, help="port of the control API (default: any free one)")
    add("--bad-name-port", type=int, default=None, help="also listen here with a certificate for another host (0: any free port)")
    add("--require-client-cert", action="store_true", help="let only clients in that show a certificate (see the ready file)")
    add("--estate", default="demo", help="estate by name or YAML file (default: demo)")
    add("--generate", type=int, metavar="SEED", help="make an estate from a seed number instead")
    add("--machines", type=int, help="how many machines to generate (default: one for ten task sessions, at least 20)")
    add("--task-sessions", type=int, help="how many backup task sessions to generate (default: ten for a machine)")
    add("--restore-points", type=int, help="how many restore points of machines to generate (default: as many as task sessions)")
    add("--healthy", action="store_true", help="generate an estate in which nobody finds a fault")
    add("--certificate-days", type=float, metavar="DAYS", help="how long the certificate is valid (default: for years)")
    add("--profile", choices=sorted(PROFILES), default="12", help="generation of the server (default: 12)")
    add("--plain-http", action="store_true", help="no TLS")
    add("--script", action="append", default=[], metavar="NAME[=JOB][;param=value...]", help="behaviour in force from the start; may be repeated")
    add("--defect", action="append", default=[], metavar="NAME[=THING][;param=value...]", help="something that is wrong from the start; may be repeated")
    add("--defect-seed", type=int, default=0, metavar="SEED", help="chooses where defects are that name no thing (default: 0)")
    add("--ready-file", type=Path, help="written when the server listens: a JSON object with addresses and credentials")
    add("--username", default="admin")
    add("--password", help="default: EM_SIMULATOR_PASSWORD, or else a random one (see the ready file)")
    add("--speed", type=float, default=1.0, help="simulated seconds per second (default: 1)")
    add("--now", type=datetime.fromisoformat, help="server time at the start, ISO 8601 with zone (default: the real time)")
    add("--parent-pid", type=int, help="stop when this process is gone")
    add("--max-lifetime", type=float, default=_LIFETIME, metavar="SECONDS", help="stop after this many real seconds (default: 7200)")
    return parser.parse_args(arguments)


def settings_from(options: argparse.Namespace) -> Settings:
    """Return how the server begins."""
    settings = Settings(
        estate=options.estate,
        generate=options.generate,
        machines=options.machines,
        restore_points=options.restore_points,
        task_sessions=options.task_sessions,
        healthy=options.healthy,
        defects=options.defect,
        defect_seed=options.defect_seed,
        profile=options.profile,
        scripts=options.script,
        username=options.username,
        speed=options.speed,
        now=options.now,
    )
    settings.password = options.password or os.environ.get("EM_SIMULATOR_PASSWORD") or settings.password
    return settings


def is_alive(pid: int) -> bool:
    """Whether a process exists and is not a dead one that nobody collected."""
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[0]
    except ProcessLookupError:
        return False
    except (OSError, IndexError):
        return True
    return state != "Z"


async def _watch_parent(pid: int, stop: asyncio.Event) -> None:
    while is_alive(pid):
        await asyncio.sleep(_WATCH_SECONDS)
    stop.set()


def write_client_cert(authority: trustme.CA, folder: Path) -> dict[str, str]:
    """Write a certificate for a client and its key; return their paths for the ready file."""
    issued = authority.issue_cert("client@example.com")
    paths = {"client_cert": folder / "client.pem", "client_key": folder / "client.key"}
    issued.cert_chain_pems[0].write_to_path(str(paths["client_cert"]))
    issued.private_key_pem.write_to_path(str(paths["client_key"]))
    return {name: str(path) for name, path in paths.items()}


def write_ready(path: Path, content: dict[str, Any]) -> None:
    """Write the ready file in one step, readable by its owner only: it holds passwords."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        json.dump(content, stream)
    Path(temporary).replace(path)


async def _listen(handler: Any, port: int, context: Any = None) -> tuple[asyncio.Server, int]:
    server = await asyncio.get_running_loop().create_server(web.Server(handler, access_log=None), LOOPBACK, port, ssl=context)
    return server, server.sockets[0].getsockname()[1]


def _context(authority: trustme.CA, options: argparse.Namespace) -> ssl.SSLContext:
    return tls_context(authority, "localhost", LOOPBACK, require_client_cert=options.require_client_cert, valid_days=options.certificate_days)


async def serve(options: argparse.Namespace, folder: Path) -> None:
    """Listen until a signal, the end of the parent or the end of the lifetime."""
    installation = Installation(settings_from(options))
    authority = trustme.CA()
    ca_path = folder / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_path))
    context = None if options.plain_http else _context(authority, options)
    gateway = Gateway(installation, secure=context is not None)
    listener, port = await _listen(gateway, options.port, context)
    control, control_port = await _listen(ControlApi(installation), options.control_port)
    listeners = [listener, control]
    ready: dict[str, Any] = {"host": LOOPBACK, "port": port, "control_url": f"http://{LOOPBACK}:{control_port}", "pid": os.getpid()}
    ready |= {"scheme": gateway.scheme, "ca_path": str(ca_path), "profile": options.profile}
    ready |= {"username": installation.settings.username, "password": installation.settings.password}
    ready["defects"] = installation.planted
    ready["accounts"] = {account.username: {"password": account.password, "role": account.role} for account in installation.accounts}
    if options.require_client_cert:
        ready |= write_client_cert(authority, folder)
    if options.bad_name_port is not None:
        other, ready["bad_name_port"] = await _listen(Gateway(installation, secure=True), options.bad_name_port, tls_context(authority, WRONG_NAME))
        listeners.append(other)
    if options.ready_file:
        write_ready(options.ready_file, ready)
    print(f"em_simulator {options.profile}: {gateway.scheme}://{LOOPBACK}:{port}/api/ control http://{LOOPBACK}:{control_port} ca {ca_path}", flush=True)
    await _until_stopped(options)
    for server in listeners:
        server.close()


async def _until_stopped(options: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    watcher = asyncio.create_task(_watch_parent(options.parent_pid, stop)) if options.parent_pid else None
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(stop.wait(), options.max_lifetime)
    if watcher is not None:
        watcher.cancel()


def main() -> int:
    """Run the command. Returns the exit code."""
    options = parse()
    try:
        with tempfile.TemporaryDirectory(prefix="em-simulator-") as folder:
            asyncio.run(serve(options, Path(folder)))
    except (ValueError, KeyError, FileNotFoundError) as mistake:
        print(f"em_simulator: {mistake}", file=sys.stderr)
        return 2
    finally:
        if options.ready_file:
            options.ready_file.unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
