# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Argument specs that carry their constraints and merge, and the options that many modules share.

Private to this collection. The connection options are declared once, in ``CONNECTION_OPTIONS``: the argument
spec, the fall-back to ``VEEAM_EM_*`` variables, the values for ``ConnectionOptions`` and both documentation
fragments (tests/tools/generate_docs.py) are made from that declaration.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ansible.module_utils.errors import AnsibleFallbackNotFound

from .._api.transport import ConnectionOptions

ENVIRONMENT_PREFIX = "VEEAM_EM_"

Argument = Dict[str, Any]
Names = Tuple[str, ...]


def environment_fallback(*names: str) -> str:
    """Return the first variable that holds something.

    Other than ``env_fallback`` of core, an empty variable counts as not set, because a credential of an
    automation controller sets every variable it knows, filled in or not.

    Raises AnsibleFallbackNotFound, which the validator takes for "use the default".
    """
    for name in names:
        value = os.environ.get(name, "")
        if value:
            return value
    raise AnsibleFallbackNotFound


@dataclass(frozen=True)
class ArgumentSpec:
    """Options of a module together with their constraints; ``merge`` composes several into one."""

    arguments: Mapping[str, Argument] = field(default_factory=dict)
    mutually_exclusive: Tuple[Names, ...] = ()
    required_together: Tuple[Names, ...] = ()
    required_one_of: Tuple[Names, ...] = ()
    required_if: Tuple[Tuple[str, Any, Names], ...] = ()
    required_by: Mapping[str, Names] = field(default_factory=dict)

    def merge(self, *others: "ArgumentSpec") -> "ArgumentSpec":
        """Return one spec with the options and constraints of all. Raises ValueError for an option declared twice."""
        merged = self
        for other in others:
            twice = sorted(set(merged.arguments) & set(other.arguments))
            if twice:
                raise ValueError("Declared twice: " + ", ".join(twice))
            merged = ArgumentSpec(
                {**merged.arguments, **other.arguments},
                merged.mutually_exclusive + other.mutually_exclusive,
                merged.required_together + other.required_together,
                merged.required_one_of + other.required_one_of,
                merged.required_if + other.required_if,
                {**merged.required_by, **other.required_by},
            )
        return merged

    def constraints(self) -> Dict[str, Any]:
        """Return the constraints as keywords of AnsibleModule and of ArgumentSpecValidator."""
        lists = {
            "mutually_exclusive": self.mutually_exclusive,
            "required_together": self.required_together,
            "required_one_of": self.required_one_of,
            "required_if": self.required_if,
        }
        keywords: Dict[str, Any] = {name: [_as_lists(rule) for rule in rules] for name, rules in lists.items() if rules}
        if self.required_by:
            keywords["required_by"] = {name: list(names) for name, names in self.required_by.items()}
        return keywords

    def as_keywords(self) -> Dict[str, Any]:
        """Return spec and constraints as keywords of AnsibleModule and of ArgumentSpecValidator; a copy that they may change."""
        return {"argument_spec": {name: dict(argument) for name, argument in self.arguments.items()}, **self.constraints()}


def _as_lists(rule: Sequence[Any]) -> List[Any]:
    return [list(part) if isinstance(part, tuple) else part for part in rule]


@dataclass(frozen=True)
class ConnectionOption:
    """One connection option: its argument, its variable and its sentences for people."""

    name: str
    type: str
    description: Tuple[str, ...]
    default: Any = None
    choices: Tuple[str, ...] = ()
    no_log: Optional[bool] = None

    @property
    def variable(self) -> str:
        """Name of the environment variable that fills the option."""
        return ENVIRONMENT_PREFIX + self.name.upper()

    @property
    def ansible_variable(self) -> str:
        """Name of the Ansible variable that fills the option of a lookup plugin."""
        return self.variable.lower()

    def argument(self) -> Argument:
        """Return the entry of an argument spec."""
        argument: Argument = {"type": self.type, "fallback": (environment_fallback, [self.variable])}
        if self.default is not None:
            argument["default"] = self.default
        if self.choices:
            argument["choices"] = list(self.choices)
        if self.no_log is not None:
            argument["no_log"] = self.no_log
        return argument


CONNECTION_OPTIONS: Tuple[ConnectionOption, ...] = (
    ConnectionOption("host", "str", ("Name or address of the Enterprise Manager server. Required, as option or variable.",)),
    ConnectionOption("port", "int", ("Port of the REST API over HTTPS.",), default=9398),
    ConnectionOption(
        "username",
        "str",
        (
            "Account to log on with, as V(DOMAIN\\\\user), V(user@domain) or V(user).",
            "Not needed with O(session).",
        ),
    ),
    ConnectionOption("password", "str", ("Password of the account.", "Not needed with O(session)."), no_log=True),
    ConnectionOption(
        "session",
        "str",
        (
            "Token of a log-on session that M(openbackup.veeam_em.veeam_em_session) opened.",
            "With it the module neither logs on nor logs out. Without it the module opens a log-on session of its own and closes it at its end.",
            "A task of Enterprise Manager is known only in the log-on session that made it, so what gives an order and what asks for its task share a token.",
        ),
        no_log=True,
    ),
    ConnectionOption(
        "tenant",
        "bool",
        (
            "Whether O(username) and O(password) are those of a tenant of Veeam Cloud Connect, who logs on in a way of its own.",
            "A tenant sees its own failover plans, replicas and replica points and nothing else.",
        ),
        default=False,
    ),
    ConnectionOption(
        "organization",
        "str",
        ("Organization of VMware Cloud Director that the account is a user of. Needs O(tenant=true).",),
    ),
    ConnectionOption("validate_certs", "bool", ("Whether the certificate of the server is checked.",), default=True),
    ConnectionOption(
        "ca_path",
        "path",
        ("File or folder with the certificates of the authorities that are trusted, in PEM form. Without it those of the system are.",),
    ),
    ConnectionOption("client_cert", "path", ("Client certificate in PEM form; the file may hold the key as well.",)),
    ConnectionOption("client_key", "path", ("Key of O(client_cert), where it is a file of its own.",), no_log=False),
    ConnectionOption("use_proxy", "bool", ("Whether a proxy is used at all, be it O(proxy) or one from the usual environment variables.",), default=True),
    ConnectionOption("proxy", "str", ("URL of the proxy to use instead of the one in the environment.",), no_log=True),
    ConnectionOption("no_proxy", "str", ("Hosts that are reached without proxy, separated by commas.",)),
    ConnectionOption("connect_timeout", "float", ("How long to wait for the server to take the connection, in seconds.",), default=10.0),
    ConnectionOption("timeout", "float", ("How long to wait for the server to send something, in seconds.",), default=60.0),
    ConnectionOption(
        "retries",
        "int",
        ("How many times a reading request is sent again when the connection broke or the server was busy. Orders are never sent again.",),
        default=3,
    ),
    ConnectionOption(
        "api_version",
        "str",
        ("Version of the API to ask for, such as V(v1_7). V(auto) takes the newest that server and collection both know.",),
        default="auto",
    ),
    ConnectionOption(
        "wire_format", "str", ("Format that the server is asked to answer in; the results are the same.",), default="json", choices=("json", "xml")
    ),
)


def connection_spec() -> ArgumentSpec:
    """Return the connection options, each with its fall-back to the environment."""
    return ArgumentSpec({option.name: option.argument() for option in CONNECTION_OPTIONS})


def connection_options(params: Mapping[str, Any]) -> ConnectionOptions:
    """Return the connection options of validated parameters; an option that is not set keeps the default of the class."""
    names = (option.name for option in CONNECTION_OPTIONS)
    return ConnectionOptions(**{name: params[name] for name in names if params.get(name) is not None})


def limit_spec() -> ArgumentSpec:
    """Return the option that says how many records to return."""
    return ArgumentSpec({"limit": {"type": "int"}})


def links_spec() -> ArgumentSpec:
    """Return the option that asks for raw links."""
    return ArgumentSpec({"links": {"type": "bool", "default": False}})


def records_spec() -> ArgumentSpec:
    """Return what most modules that return records take: how many, and raw links."""
    return limit_spec().merge(links_spec())
