# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Inventory of the machines that Enterprise Manager protects, and of those that it sees and nothing protects."""

from __future__ import annotations

DOCUMENTATION = r"""
name: protected_machines
short_description: Protected machines as hosts, with the age of their newest restore point
description:
  - Makes a host of every machine that is in a job, in a hierarchy of virtual machines, or in a protection group, with its newest restore point,
    the age of that, the result of its last run, its jobs and repositories.
  - Groups the hosts by job, repository, backup server and last result, and by whether they are protected and whether their restore point is too old.
  - The source is a YAML file whose name ends in C(veeam_em.yml) or C(veeam_em.yaml), such as C(prod.veeam_em.yml).
  - It only reads. One log-on session is opened and closed, and no request is made for a single machine.
version_added: 0.2.0
author:
  - Contributors to the openbackup.veeam_em collection (@openbackup)
extends_documentation_fragment:
  - openbackup.veeam_em.connection_plugin
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
options:
  plugin:
    description: Says that the file is for this plugin.
    type: str
    required: true
    choices: [openbackup.veeam_em.protected_machines]
  rpo_hours:
    description:
      - How old the newest restore point of a machine may be, in hours. Older ones put the host into the group C(rpo_breached).
      - Without it, and without O(rpo_hours_by_job), there is no such group.
    type: float
  rpo_hours_by_job:
    description:
      - Limits for the machines of some jobs, from a shell pattern for the job's name, blind to case, to hours.
      - The strictest one that fits a job of the machine counts, instead of O(rpo_hours).
    type: dict
    default: {}
  lookback_days:
    description:
      - How far to look back for restore points and runs, in days. A machine whose newest restore point is older counts as having none.
      - Has to reach further back than the limits in O(rpo_hours) and O(rpo_hours_by_job).
    type: float
    default: 7
  backup_servers:
    description: Names of the backup servers to look at. Without it all are. What others protect counts as not protected then.
    type: list
    elements: str
    default: []
  hierarchy:
    description:
      - Whether to look for machines that are in no job, in the hierarchies of the virtualization hosts. Takes one request for each host.
      - Without it no virtual machine is ever in the group C(unprotected).
    type: bool
    default: true
  hierarchy_hosts:
    description:
      - Names of the virtualization hosts whose hierarchies are looked into, as Enterprise Manager shows them. Without it all are.
      - Leave hosts out whose machines are known from another one, such as the vCenter Server below a Cloud Director.
    type: list
    elements: str
    default: []
  agents:
    description: Whether computers with agents are hosts, too.
    type: bool
    default: true
  replicas:
    description: Whether points and runs of replication count beside those of backups.
    type: bool
    default: true
  orphans:
    description:
      - Whether machines are hosts that are in no job and in no hierarchy any more, and of which only a restore point or a run tells.
      - All restore points and runs of the time to look back to are read then.
    type: bool
    default: false
  only_jobs:
    description: Shell patterns for names of jobs, blind to case. Only machines in one of these jobs become hosts.
    type: list
    elements: str
    default: []
  exclude_jobs:
    description: Shell patterns for names of jobs, blind to case. Machines in one of these jobs do not become hosts.
    type: list
    elements: str
    default: []
  hostname:
    description:
      - How hosts are called.
      - With V(name) they have the names of the machines. Machines that share one, blind to case, have their backup servers behind it, as in
        C(srv-01@vbr01.example.com); should these be the same, too, the id of the machine follows after another C(@).
      - With V(qualified) all have their backup servers behind the name, so that no host changes its name when another machine of that name appears.
      - Whatever is no letter, digit, C(.), C(_) or C(-) becomes an underscore; the variable C(machine_name) has the name as it is.
      - A machine that is called C(localhost) or C(all) always has its backup servers behind its name.
    type: str
    choices: [name, qualified]
    default: name
  group_by:
    description: By what to group hosts, beside protection and age.
    type: list
    elements: str
    choices: [job, repository, backup_server, result]
    default: [job, repository, backup_server, result]
  group_prefix:
    description: What the names of all groups that the plugin makes by itself begin with.
    type: str
    default: ""
  variable_prefix:
    description: What the names of all variables of the hosts begin with.
    type: str
    default: ""
notes:
  - Every host is in one of the groups C(protected), C(unprotected) and C(protection_unknown).
  - C(protected) are machines in an enabled job that makes backups or replicas of them, a CDP policy or an agent job, whether the job names them or a
    container or protection group of theirs. Copy jobs protect nothing by themselves.
  - C(unprotected) are machines that a hierarchy or protection group shows and that are in no such job.
  - C(protection_unknown) are all others. There may be an enabled job with a container (folder, tag, ...) into which the lookup of Enterprise Manager gives no
    look; the account may not read all that it takes; the machine is in a container of a job and no run has processed it, so that it may be left out of the job,
    which the service does not tell; or the machine is in no enabled job and no hierarchy shows it.
  - C(rpo_breached) are machines whose newest restore point is older than the limit, and those that have none though a job is there to make one.
  - The groups for jobs, repositories, backup servers and results are C(job_NAME), C(repository_NAME), C(backup_server_NAME) and C(result_NAME),
    the last in lower case, with the rule of Ansible for what a group name may hold.
  - The variables of a host are C(machine_name), C(machine_kind) (C(virtual_machine) or C(computer)), C(platform), C(ip_address) (of computers), C(uids),
    C(backup_servers), C(jobs), C(repositories), C(newest_restore_point) (time in UTC), C(restore_point_age_hours), C(last_run_time) (UTC), C(last_result),
    C(last_reason), C(protection) (C(protected), C(unprotected) or C(unknown)), C(rpo_limit_hours) and C(rpo_breached). What is not known is null.
  - Ages are counted when the inventory is loaded, by the clock of the server, also where the rest comes from the cache.
  - Needs the role Portal Administrator in Enterprise Manager. With a weaker one a warning says what could not be read.
  - Texts among the connection options may be templates.
seealso:
  - plugin: openbackup.veeam_em.query
    plugin_type: lookup
  - module: openbackup.veeam_em.veeam_em_restore_point_info
"""

EXAMPLES = r"""
# prod.veeam_em.yml, with user name and password from VEEAM_EM_USERNAME and VEEAM_EM_PASSWORD.
# Try it with: ansible-inventory -i prod.veeam_em.yml --graph
plugin: openbackup.veeam_em.protected_machines
host: em.example.com
rpo_hours: 26

---
# Strict for databases, lenient for archives; nothing of the lab; kept for half an hour.
plugin: openbackup.veeam_em.protected_machines
host: em.example.com
username: EXAMPLE\auditor
password: "{{ lookup('ansible.builtin.env', 'EM_PASSWORD') }}"
lookback_days: 14
rpo_hours: 26
rpo_hours_by_job:
  "SQL *": 4
  "*archive*": 192
exclude_jobs: ["Lab *"]
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/veeam_em
cache_timeout: 1800

---
# Groups and variables of one's own.
plugin: openbackup.veeam_em.protected_machines
host: em.example.com
group_by: []
group_prefix: veeam_
variable_prefix: veeam_
compose:
  ansible_host: veeam_ip_address
groups:
  never_backed_up: veeam_newest_restore_point is none
keyed_groups:
  - key: veeam_platform
    prefix: platform
"""

import hashlib
import json
from datetime import datetime, timedelta, timezone
from typing import Any, Dict, Iterable, List, Optional, Tuple

from ansible.errors import AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible.utils.display import Display

from ansible_collections.openbackup.veeam_em.plugins.module_utils._api import machines
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.errors import OptionError
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.protection import Scope, clock_difference, read_machines
from ansible_collections.openbackup.veeam_em.plugins.plugin_utils.conversation import (
    check_option_names,
    connection_params,
    errors_as,
    for_inventory,
    open_session,
    plain_option,
    without_empty_variables,
)

FILE_NAMES = ("veeam_em.yml", "veeam_em.yaml")
# Where the words of a record in ``group_by`` come from, and what begins the name of a group for each.
GROUP_SOURCES = {"job": "jobs", "repository": "repositories", "backup_server": "backup_servers", "result": "last_result"}
PROTECTION_GROUPS = {machines.PROTECTED: "protected", machines.UNPROTECTED: "unprotected", machines.UNKNOWN: "protection_unknown"}
BREACHED_GROUP = "rpo_breached"
_HOURS_OF_A_DAY = 24

Record = Dict[str, Any]

display = Display()


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):  # type: ignore[misc]  # core is not typed
    """Reads machines, or takes them from the cache, and makes hosts and groups of them."""

    NAME = "openbackup.veeam_em.protected_machines"

    def verify_file(self, path: str) -> bool:
        """Tell whether a file is for this plugin, by the end of its name."""
        if not super().verify_file(path):
            return False
        if path.endswith(tuple(before + name for name in FILE_NAMES for before in (".", "/"))):
            return True
        display.vvv("%s is not for %s: the name of its file has to end in %s" % (path, self.NAME, " or ".join(FILE_NAMES)))
        return False

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        """Fill the inventory. Raises AnsibleParserError that says what to do."""
        super().parse(inventory, loader, path, cache)
        with errors_as(AnsibleParserError):
            with without_empty_variables():
                check_option_names(self._read_config_data(path), self, "inventory")
                self.load_cache_plugin()
                self._check_limits()
            found = self._cached_or_read(self.get_cache_key(path), cache)
            now = datetime.now(timezone.utc) + timedelta(seconds=found["clock_difference"])
            self._populate(self._chosen(found["machines"]), now)

    # -- options --------------------------------------------------------------------------------------------

    def _option(self, name: str) -> Any:
        return plain_option(self, name, self._template)

    def _template(self, text: str) -> Any:
        return self.templar.template(text) if self.templar.is_template(text) else text

    def _check_limits(self) -> None:
        """Refuse limits that could not be judged. Raises OptionError."""
        limits = {"rpo_hours": self._option("rpo_hours"), **{"rpo_hours_by_job of %r" % job: hours for job, hours in self._limits_by_job().items()}}
        for name, hours in limits.items():
            if hours is None:
                continue
            if not isinstance(hours, (int, float)) or isinstance(hours, bool) or hours <= 0:
                raise OptionError("%s is %r." % (name, hours), advice="Give hours, more than 0.")
            if hours > self._option("lookback_days") * _HOURS_OF_A_DAY:
                raise OptionError("%s is %g hours, and restore points that old are not looked for." % (name, hours), advice="Set lookback_days to more days.")

    def _limits_by_job(self) -> Dict[str, Any]:
        return dict(self._option("rpo_hours_by_job") or {})

    def _scope(self) -> Scope:
        return Scope(
            lookback_days=self._option("lookback_days"),
            backup_servers=tuple(self._option("backup_servers")),
            hierarchy=self._option("hierarchy"),
            hierarchy_hosts=tuple(self._option("hierarchy_hosts")),
            agents=self._option("agents"),
            replicas=self._option("replicas"),
            orphans=self._option("orphans"),
        )

    # -- machines -------------------------------------------------------------------------------------------

    def _cached_or_read(self, key: str, may_read_cache: bool) -> Record:
        """Return the machines as plain data, with the difference of the clocks in seconds.

        What was kept for another server, account or scope is not taken, though the file has the same name.
        """
        scope, params = self._scope(), connection_params(self, self._template)
        scope.check()
        asked = [vars(scope), [params[name] for name in ("host", "port", "username", "tenant", "organization")]]
        key += "_" + hashlib.sha256(json.dumps(asked, sort_keys=True).encode("utf-8")).hexdigest()[:12]
        if self.get_option("cache") and may_read_cache:
            try:
                kept: Record = self._cache[key]
                return kept
            except KeyError:
                pass
        with open_session(params, AnsibleParserError) as session:
            found = [machine.as_record() for machine in read_machines(session, scope)]
            result: Record = {"machines": sorted(found, key=_order), "clock_difference": clock_difference(session)}
        if self.get_option("cache"):
            self._cache[key] = result
        return result

    def _chosen(self, records: Iterable[Record]) -> List[Record]:
        only, excluded = self._option("only_jobs"), self._option("exclude_jobs")
        return [
            record
            for record in records
            if (not only or machines.matches_any(record["jobs"], only)) and not (excluded and machines.matches_any(record["jobs"], excluded))
        ]

    # -- hosts and groups -----------------------------------------------------------------------------------

    def _populate(self, records: List[Record], now: datetime) -> None:
        general, by_job = self._option("rpo_hours"), self._limits_by_job()
        group_by, prefix = self._option("group_by"), self._option("variable_prefix") or ""
        groups = _Groups(self.inventory, self._option("group_prefix") or "", self._sanitize_group_name)
        for name in PROTECTION_GROUPS.values():
            groups.add(name)
        if general is not None or by_job:
            groups.add(BREACHED_GROUP)
        for host, record in zip(machines.host_names(records, self._option("hostname") == "qualified"), records):
            age = machines.age_in_hours(record["newest_restore_point"], now)
            limit = machines.limit_in_hours(record["jobs"], general, by_job)
            breached = machines.is_breached(record, age, limit)
            judged = {"restore_point_age_hours": age, "rpo_limit_hours": limit, "rpo_breached": None if limit is None else breached}
            self.inventory.add_host(host)
            for name, value in {**record, **judged}.items():
                if name != "point_expected":
                    self.inventory.set_variable(host, prefix + name, for_inventory(value))
            groups.put(host, PROTECTION_GROUPS[record["protection"]])
            if breached:
                groups.put(host, BREACHED_GROUP)
            for name, of in _group_names(record, group_by):
                groups.put(host, name, of)
            self._construct(host)

    def _construct(self, host: str) -> None:
        variables, strict = self.inventory.get_host(host).get_vars(), self.get_option("strict")
        self._set_composite_vars(self.get_option("compose"), variables, host, strict=strict)
        self._add_host_to_composed_groups(self.get_option("groups"), variables, host, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, host, strict=strict)


class _Groups:
    """Adds groups to an inventory under names that Ansible allows; says so when two things share one."""

    def __init__(self, inventory: Any, prefix: str, sanitize: Any) -> None:
        self._inventory = inventory
        self._prefix = prefix
        self._sanitize = sanitize
        self._known: Dict[str, str] = {}
        self._meant: Dict[str, str] = {}

    def add(self, name: str, of: Optional[str] = None) -> str:
        """Return the name of the group for a name, which is added when it is new; ``of`` is what the group stands for."""
        if name not in self._known:
            safe = self._known[name] = self._inventory.add_group(self._sanitize(self._prefix + name))
            meant = self._meant.setdefault(safe, of or name)
            if meant != (of or name):
                display.warning("%r and %r share the group %s; the variables of the hosts tell them apart." % (meant, of or name, safe))
        return self._known[name]

    def put(self, host: str, name: str, of: Optional[str] = None) -> None:
        """Put a host into a group."""
        self._inventory.add_child(self.add(name, of), host)


def _group_names(record: Record, group_by: Iterable[str]) -> Iterable[Tuple[str, str]]:
    """Return names of groups for a machine, each with what it stands for."""
    for kind in group_by:
        found = record[GROUP_SOURCES[kind]]
        for name in found if isinstance(found, list) else [found.lower()] if found else []:
            yield "%s_%s" % (kind, name), name


def _order(record: Record) -> Tuple[str, List[str], List[str]]:
    return record["machine_name"].casefold(), record["backup_servers"], record["uids"]
