# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The private data directory of a job, laid out as AWX 24 lays it out for ansible-runner.

What goes where is that of ``awx/main/tasks/jobs.py`` (``BaseTask.run``, ``RunJob.build_env``, ``build_args``, ``build_extra_vars_file``,
``write_inventory_file``) and ``awx_meta_vars`` of its models. One thing differs: no container stands around the run, so that what AWX calls
``/runner`` is the private data directory itself.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from ansible_runner.utils import args2cmdline
from awx_plugins.interfaces._temporary_private_inject_api import build_safe_env

from .vendored import vendored_collection, vendored_collections

# AWX's defaults for what every job finds in its environment.
_SETTINGS = {
    "ANSIBLE_HOST_KEY_CHECKING": "False",
    "ANSIBLE_PARAMIKO_RECORD_HOST_KEYS": "False",
    "ANSIBLE_FORCE_COLOR": "True",
    "ANSIBLE_INVENTORY_UNPARSED_FAILED": "True",
    "ANSIBLE_RETRY_FILES_ENABLED": "False",
    "MAX_EVENT_RES": "700000",
    "AWX_HOST": "https://awx.example.com",
    "PROJECT_REVISION": "0123456789abcdef0123456789abcdef01234567",
    "INVENTORY_ID": "2",
}
_PREFIXES = ("awx", "tower")

# Returns what AWX's own code makes of the inputs of a credential: environment, environment as AWX keeps it, arguments of the command.
Inject = Callable[[dict[str, Any], Path], tuple[dict[str, str], dict[str, str], list[str]]]


@dataclass(frozen=True)
class Launch:
    """One press on *Launch*.

    Args:
        playbook: its path in the project, which is the repository of the collection.
        answers: to the survey, and what else the user gives; AWX marks their texts as not to be templated.
        artifacts: what the nodes before it in a workflow handed on, which AWX turns into further variables of that kind.
        inputs: of the credential; None for a job without one.
        hosts: the hosts of the inventory with their variables; none are needed to talk to Enterprise Manager.
        groups: their groups.
        check, diff: the job type *Check*; *Show changes*.
        verbosity: 0 is AWX's default.
        job_timeout, idle_timeout: in seconds; 0 for none.
        environ: what the execution environment has beside that of AWX.
    """

    playbook: str
    answers: Mapping[str, Any] = field(default_factory=dict)
    artifacts: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Any] | None = None
    hosts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    check: bool = False
    diff: bool = False
    verbosity: int = 0
    job_timeout: int = 0
    idle_timeout: int = 0
    environ: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PrivateData:
    """A private data directory, the parameters that AWX gives ansible-runner with it, and the environment as AWX keeps it."""

    folder: Path
    parameters: dict[str, Any]
    safe_environ: dict[str, str]

    @property
    def project(self) -> Path:
        """The working directory of the job."""
        return self.folder / "project"

    @property
    def artifacts(self) -> Path:
        """What ansible-runner leaves."""
        return self.folder / "artifacts" / str(self.parameters["ident"])


class _UntrustedDumper(yaml.SafeDumper):
    """Writes every text, names included, with the tag that keeps Ansible from templating it."""

    def represent_data(self, data: Any) -> yaml.Node:
        return self.represent_scalar("!unsafe", data) if isinstance(data, str) else super().represent_data(data)


def lay_out(launch: Launch, number: int, folder: Path, inject: Inject) -> PrivateData:
    """Make the private data directory of a job of AWX, whose number is ``number``, in a folder that is not there yet."""
    for name in ("env", "inventory", "project", "cp"):
        (folder / name).mkdir(parents=True, mode=0o700)
    for entry in vendored_collection().iterdir():
        (folder / "project" / entry.name).symlink_to(entry)
    (folder / "requirements_collections").symlink_to(vendored_collections())
    arguments = _arguments(launch)
    environ = _environ(launch, number, folder)
    safe_environ: dict[str, str] = dict(build_safe_env(environ))
    if launch.inputs is not None:
        injected, safe, more = inject(dict(launch.inputs), folder)
        environ.update(injected)
        safe_environ.update(safe)
        arguments += more
    _write(folder / "env" / "extravars", _variables({**_meta_variables(number), **launch.answers, **launch.artifacts}))
    _write(folder / "env" / "cmdline", args2cmdline(*arguments))
    _write(folder / "env" / "settings", json.dumps(_runner_settings(launch)))
    _write(folder / "inventory" / "hosts", _inventory_script(launch), executable=True)
    parameters = {
        "ident": number,
        "private_data_dir": str(folder),
        "playbook": launch.playbook,
        "inventory": str(folder / "inventory" / "hosts"),
        "passwords": {r"SSH password:\s*?$": "", r"Vault password:\s*?$": ""},
        "suppress_env_files": True,
        "envvars": environ,
        "fact_cache_type": "",
    }
    return PrivateData(folder, parameters, safe_environ)


def _variables(variables: Mapping[str, Any]) -> str:
    """Return the file of further variables, which AWX keeps as JSON before."""
    return yaml.dump(json.loads(json.dumps(variables)), Dumper=_UntrustedDumper)


def _arguments(launch: Launch) -> list[str]:
    """Return the words for ansible-playbook; the user root is what AWX writes where no machine credential names another."""
    switches = (("--check", launch.check), ("--diff", launch.diff), (f"-{'v' * launch.verbosity}", launch.verbosity))
    return ["-u", "root", *(word for word, wanted in switches if wanted)]


def _environ(launch: Launch, number: int, folder: Path) -> dict[str, str]:
    paths = [str(folder / "requirements_collections"), "~/.ansible/collections", "/usr/share/ansible/collections"]
    roles = [str(folder / "requirements_roles"), "~/.ansible/roles", "/usr/share/ansible/roles", "/etc/ansible/roles"]
    return {
        **_SETTINGS,
        "AWX_PRIVATE_DATA_DIR": str(folder),
        "JOB_ID": str(number),
        "ANSIBLE_SSH_CONTROL_PATH_DIR": str(folder / "cp"),
        # The first of these names is what ansible-core before 2.19 read.
        "ANSIBLE_COLLECTIONS_PATHS": os.pathsep.join(paths),
        "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join(paths),
        "ANSIBLE_ROLES_PATH": os.pathsep.join(roles),
        **launch.environ,
    }


def _meta_variables(number: int) -> dict[str, Any]:
    """Return the variables with which AWX tells a playbook about its job."""
    told = {
        "job_id": number,
        "job_launch_type": "manual",
        "user_id": 1,
        "user_name": "operator",
        "user_email": "operator@example.com",
        "user_first_name": "",
        "user_last_name": "",
        "inventory_id": 2,
        "inventory_name": "Veeam EM",
        "project_revision": _SETTINGS["PROJECT_REVISION"],
        "project_scm_branch": "main",
        "job_template_id": 7,
        "job_template_name": "Veeam EM - a job template",
        "execution_node": "node-1",
    }
    return {f"{prefix}_{name}": value for prefix in _PREFIXES for name, value in told.items()}


def _runner_settings(launch: Launch) -> dict[str, Any]:
    settings: dict[str, Any] = {"job_timeout": launch.job_timeout, "suppress_ansible_output": True, "suppress_output_file": True}
    if launch.idle_timeout:
        settings["idle_timeout"] = launch.idle_timeout
    return settings


def _inventory_script(launch: Launch) -> str:
    """Return the script that AWX makes of an inventory: it prints what an inventory script has to print."""
    numbers = {host: number for number, host in enumerate(sorted(launch.hosts), 1)}
    told = {
        host: {**variables, **{f"remote_{prefix}_enabled": "true" for prefix in ("host", "tower")}, "remote_tower_id": numbers[host]}
        for host, variables in launch.hosts.items()
    }
    grouped = {host for members in launch.groups.values() for host in members}
    data = {
        "all": {"hosts": [host for host in launch.hosts if host not in grouped], "children": sorted(launch.groups)},
        **{group: {"hosts": list(members)} for group, members in launch.groups.items()},
        "_meta": {"hostvars": told},
    }
    return f"#! /usr/bin/env python3\n# -*- coding: utf-8 -*-\nprint({json.dumps(data)!r})\n"


def _write(path: Path, text: str, *, executable: bool = False) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(stat.S_IRUSR | stat.S_IWUSR | (stat.S_IXUSR if executable else 0))
