# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One simulated server that can be set back to its beginning, with the verbs of the control API."""

from __future__ import annotations

import random
import secrets
import time
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Callable

from .clock import Clock
from .defects import DEFECTS, Site, order_from, plant
from .estate import estate_file, load_estate
from .faults import Fault
from .generator import Generator, HealthyGenerator, healthy_scale_of, scale_of
from .job_entries import outcomes_from
from .logons import Logons
from .model import Account
from .profiles import PROFILES
from .scripts import SCRIPTS, parse_argument
from .service import Service
from .world import World

# What may be another at a new beginning.
_BEGINNING = ("estate", "generate", "machines", "restore_points", "task_sessions", "healthy", "profile", "scripts", "defects", "defect_seed")


@dataclass
class Settings:
    """How the server begins; ``reload`` comes back to this.

    ``defects`` are orders as ``defects.order_from`` takes them; where they name nothing, ``defect_seed`` chooses.
    """

    estate: str = "demo"
    generate: int | None = None
    machines: int | None = None
    restore_points: int | None = None
    task_sessions: int | None = None
    healthy: bool = False
    defects: list[Any] = field(default_factory=list)
    defect_seed: int = 0
    profile: str = "12"
    scripts: list[str] = field(default_factory=list)
    username: str = "admin"
    password: str = field(default_factory=lambda: secrets.token_urlsafe(18))
    speed: float = 1.0
    now: datetime | None = None


class Installation:
    """The service together with its clock, its faults and what tests may turn."""

    def __init__(self, settings: Settings, source: Callable[[], float] = time.monotonic) -> None:
        self.settings = settings
        self._source = source
        self.accounts = [Account(settings.username, settings.password, "Portal Administrator")]
        self.faults: list[Fault] = []
        self.href_base = ""
        self.reload()

    def reload(self) -> None:
        """Begin anew: estate, clock, scripts of the command line; no log-on sessions, no faults, no counts."""
        settings = self.settings
        self.clock = Clock(self._source, settings.now, settings.speed)
        self.world = World(self.clock)
        self.world.administrator = settings.username
        for text in settings.scripts:
            name, _job, params = parse_argument(text)
            if name == "clock_offset":
                self.world.set_script(name, None, params)
        if settings.generate is not None and settings.healthy:
            HealthyGenerator(self.world, settings.generate, healthy_scale_of(settings.machines, settings.restore_points, settings.task_sessions)).fill()
        elif settings.generate is not None:
            Generator(self.world, settings.generate, scale_of(settings.machines, settings.restore_points, settings.task_sessions)).fill()
        else:
            load_estate(estate_file(settings.estate), self.world)
        for text in settings.scripts:
            self.world.set_script(*parse_argument(text))
        known = {account.username: account for account in self.accounts}
        for entry in self.world.accounts:
            if entry["username"] not in known:
                self.accounts.append(Account(entry["username"], secrets.token_urlsafe(18), entry["role"]))
                known[entry["username"]] = self.accounts[-1]
            known[entry["username"]].tenant = entry.get("tenant", "")
        self.logons = Logons(self.accounts)
        self.planted: list[dict[str, Any]] = []
        self._site = Site(self.world, self.logons, random.Random(0))
        for order in [*self.world.defects, *settings.defects]:
            self.plant(order)
        self.service = Service(self.world, self.logons, PROFILES[settings.profile])
        self.faults.clear()
        self.href_base = ""

    def plant(self, order: str | dict[str, Any]) -> dict[str, Any]:
        """Make something wrong, and return what (``defects.order_from``, ``defects.plant``)."""
        self.world.settle()
        self.planted.append(plant(self._site, order_from(order), f"{self.settings.defect_seed}/{len(self.planted)}"))
        return self.planted[-1]

    # The verbs of the control API; each takes the JSON it was sent and returns JSON.

    def counters(self, _data: dict[str, Any]) -> dict[str, Any]:
        """Return what was counted since the start or the last reset."""
        now = self.world.settle()
        self.logons.drop_expired(now)
        counts = self.service.counters
        return {
            "requests": dict(sorted(counts.requests.items())),
            "total_requests": counts.total,
            "writes": counts.writes,
            "logons": counts.logons,
            "logouts": counts.logouts,
            "open_sessions": len(self.logons.open),
            "starts": dict(self.service.runs.starts),
            "credentials_seen": dict(counts.credentials),
            "faults_hit": counts.faults,
        }

    def reset(self, _data: dict[str, Any]) -> dict[str, Any]:
        """Set the counts to zero; the estate and the log-on sessions stay."""
        self.service.counters.reset()
        self.service.runs.starts.clear()
        return {}

    def do_reload(self, data: dict[str, Any]) -> dict[str, Any]:
        """Begin anew, with what is given instead of what it began with before (``_BEGINNING``)."""
        _only(data, *_BEGINNING)
        if "estate" in data:
            data = {"generate": None, "healthy": False, **data}
        self.settings = replace(self.settings, **data)
        self.reload()
        return {}

    def add_fault(self, data: dict[str, Any]) -> dict[str, Any]:
        """Order bad weather."""
        self.faults.append(Fault.from_json(data))
        return {"faults": len(self.faults)}

    def clear_faults(self, _data: dict[str, Any]) -> dict[str, Any]:
        """Call all bad weather off."""
        self.faults.clear()
        return {}

    def list_faults(self, _data: dict[str, Any]) -> dict[str, Any]:
        """Return the bad weather with how often it was met."""
        return {"faults": [{"kind": fault.kind, "method": fault.method, "path": fault.path, "seen": fault.seen, "hits": fault.hits} for fault in self.faults]}

    def script(self, data: dict[str, Any]) -> dict[str, Any]:
        """Put a script in force, or with ``off`` take it away."""
        if data.get("off"):
            self.world.drop_script(data["name"], data.get("job"))
        else:
            self.world.set_script(data["name"], data.get("job"), data.get("params"))
        return {}

    def list_scripts(self, _data: dict[str, Any]) -> dict[str, Any]:
        """Return the known scripts with their parameters."""
        return {"scripts": SCRIPTS}

    def list_defects(self, _data: dict[str, Any]) -> dict[str, Any]:
        """Return the known defects, and what was planted in its order."""
        known = {
            name: {"thing": found.thing, "sentence": found.sentence, "changes": sorted(found.changes), "params": dict(found.parameters)}
            for name, found in sorted(DEFECTS.items())
        }
        return {"defects": known, "planted": self.planted}

    def turn_clock(self, data: dict[str, Any]) -> dict[str, Any]:
        """Jump ahead by ``advance``, be wrong by ``offset``, run at ``speed``."""
        _only(data, "advance", "offset", "speed")
        if "advance" in data:
            self.clock.advance(float(data["advance"]))
        if "offset" in data:
            self.clock.offset = float(data["offset"])
        if "speed" in data:
            self.clock.set_speed(float(data["speed"]))
        now = self.world.settle()
        return {"elapsed": now, "date": self.clock.http_date(), "speed": self.clock.speed, "offset": self.clock.offset}

    def set_profile(self, data: dict[str, Any]) -> dict[str, Any]:
        """Become another generation of the server."""
        if data.get("profile") not in PROFILES:
            raise ValueError(f"unknown profile; known: {', '.join(PROFILES)}")
        self.service.profile = PROFILES[data["profile"]]
        return {}

    def expire(self, _data: dict[str, Any]) -> dict[str, Any]:
        """End all log-on sessions, as if they had idled too long."""
        ended = len(self.logons.open)
        self.logons.open.clear()
        return {"expired": ended}

    def set_outcome(self, data: dict[str, Any]) -> dict[str, Any]:
        """Say how the machines of a job end from the next run on."""
        outcomes = outcomes_from(data.get("machines"))
        for job in self.world.jobs_named(data["job"]):
            unknown = set(outcomes) - {machine.name for machine in job.machines}
            if unknown:
                raise ValueError(f"job {job.name!r} has no machine {', '.join(sorted(unknown))}")
            job.outcomes = [outcomes]
        return {}

    def change_settings(self, data: dict[str, Any]) -> dict[str, Any]:
        """Set ``max_page_size`` (0: none), ``href_base`` (what Hrefs begin with; empty: the address the client used) or ``lookup_goes_down``."""
        _only(data, "max_page_size", "href_base", "lookup_goes_down")
        if "max_page_size" in data:
            self.world.max_page_size = int(data["max_page_size"])
        if "href_base" in data:
            self.href_base = str(data["href_base"])
        if "lookup_goes_down" in data:
            self.world.lookup_goes_down = bool(data["lookup_goes_down"])
        return {}

    def vanish(self, data: dict[str, Any]) -> dict[str, Any]:
        """Let a thing be gone: ``type``, ``id`` (below others parent/id), ``after`` "list" (default): still in lists and queries; "": nowhere."""
        _only(data, "type", "id", "after")
        self.world.vanish(data["type"], data["id"], data.get("after", "list"))
        return {}

    def omit(self, data: dict[str, Any]) -> dict[str, Any]:
        """Leave ``wire_name`` out of all answers about things of ``type``."""
        _only(data, "type", "wire_name")
        self.world.omit(data["type"], data["wire_name"])
        return {}

    def log(self, _data: dict[str, Any]) -> dict[str, Any]:
        """Return the requests in their order, without credentials."""
        return {"log": list(self.service.counters.log)}

    def state(self, _data: dict[str, Any]) -> dict[str, Any]:
        """Return the jobs with the runs that go on."""
        now = self.world.settle()
        jobs = []
        for job in self.world.every_job():
            run = job.run
            running = None if run is None else {"id": run.id, "state": run.state, "progress": run.progress, "is_retry": run.is_retry}
            entry = {"id": job.id, "name": job.name, "backup_server": job.server.name, "type": job.type, "schedule_enabled": job.schedule_enabled}
            jobs.append({**entry, "runs": job.runs, "running": running, "scripts": sorted(job.scripts)})
        rows = {name: len(table.by_id) for name, table in self.world.tables.items()}
        return {"elapsed": now, "date": self.clock.http_date(), "profile": self.service.profile.name, "jobs": jobs, "rows": rows}


def _only(data: dict[str, Any], *known: str) -> None:
    unknown = set(data) - set(known)
    if unknown:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(known)}")
