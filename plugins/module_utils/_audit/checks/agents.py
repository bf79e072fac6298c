# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Computers with agents and the protection groups that find them."""

from __future__ import annotations

from typing import Dict, Iterable, Iterator, Optional, Tuple

from ..context import Context
from ..model import MEDIUM, Judgement, Parameter, Reads, Record, cannot_say, check, verdict
from ..settings import fits_any
from ..subjects import subject_of
from ..versions import version_of

_ONLINE, _INSTALLED, _EXCLUDED = "Online", "Installed", "Exclude"
_NUMBERS_OF_A_RELEASE = 2
_STATES = {
    "NotInstalled": "No agent is installed on it.",
    "UnsupportedOs": "Its operating system is not supported.",
    "Failed": "Installing or updating the agent failed.",
}


@check(
    id="C41",
    title="Agents are installed, reachable and current",
    severity=MEDIUM,
    subject="computer",
    reads=(
        Reads("discovered_computers", ("name", "host_status", "agent_status", "agent_version", "os_version", "backup_server_name")),
        Reads("protection_groups", ("name", "rescan_schedule_enabled", "backup_server_name"), needed=False),
    ),
    parameters=(
        Parameter("minimum_version", "text", "", "The lowest version of the agent that is fine; empty for any."),
        Parameter("same_release", "bool", True, "Whether no agent may be of an older release (the first two numbers) than others on such systems."),
        Parameter("may_be_offline", "list", [], "Patterns of computers that are away now and then, such as laptops."),
        Parameter("rescan", "bool", True, "Whether protection groups have to look for their computers again and again."),
    ),
    why="A computer without a working agent is not backed up, whatever jobs there are; a group that is not scanned misses what is new.",
    how="State of each computer and of its agent when it was looked for last, the agent's version, and the rescan schedule of each group.",
    fix="Rescan the group and look at the message; install or upgrade the agent from there. Exclude computers that need no backup.",
    limits="When a computer was looked for last is not told. Computers that no group was told of are not seen.",
    controls=("CIS 1.1", "CIS 11.2", "NIST CP-9", "ISO A.8.13"),
)
def agents(context: Context) -> Iterator[Judgement]:
    """Judge every computer that is not excluded, and every protection group."""
    newest = _newest_releases(context.facts.records("discovered_computers")) if context.value("same_release") else {}
    for computer in context.facts.records("discovered_computers"):
        yield _computer(context, computer, newest.get(_family(computer), ()))
    if context.value("rescan"):
        for group in context.facts.records("protection_groups"):
            yield _group(group)


def _family(computer: Record) -> str:
    """Return a word for the sort of system: agents for different sorts count their releases apart."""
    system = (computer["os_version"] or "").casefold()
    return next((family for family in ("windows", "mac", "aix", "solaris") if family in system), "linux")


def _release(computer: Record) -> Tuple[int, ...]:
    return version_of(computer["agent_version"] or "")[:_NUMBERS_OF_A_RELEASE]


def _newest_releases(computers: Iterable[Record]) -> Dict[str, Tuple[int, ...]]:
    newest: Dict[str, Tuple[int, ...]] = {}
    for computer in computers:
        if computer["agent_status"] == _INSTALLED:
            family = _family(computer)
            newest[family] = max(newest.get(family, ()), _release(computer))
    return newest


def _computer(context: Context, computer: Record, newest: Tuple[int, ...]) -> Judgement:
    subject = subject_of("computer", computer)
    measured = {name: computer[name] for name in ("host_status", "agent_status", "agent_version")}
    minimum = context.value("minimum_version")
    expected = {"host_status": _ONLINE, "agent_status": _INSTALLED, "agent_version_at_least": minimum or None}
    if computer["agent_status"] == _EXCLUDED:
        return verdict(True, subject, "Somebody has excluded it from backup by agents.", measured, expected, [computer])
    problems = [problem for problem in (_status(computer), _version(computer, minimum, newest), _reach(context, computer)) if problem]
    if problems:
        return verdict(False, subject, " ".join(problems), measured, expected, [computer])
    unknown = [name for name in ("host_status", "agent_status") if computer[name] is None]
    if unknown or ((minimum or context.value("same_release")) and not computer["agent_version"]):
        return cannot_say(subject, "The service does not tell everything about its agent.", measured, expected, [computer])
    reason = "Its agent is installed (version %s)%s." % (computer["agent_version"], " and it is online" if computer["host_status"] == _ONLINE else "")
    return verdict(True, subject, reason, measured, expected, [computer])


def _status(computer: Record) -> Optional[str]:
    state = computer["agent_status"]
    return None if state in (None, _INSTALLED) else _STATES.get(state, "Its agent is in the state %s." % state)


def _version(computer: Record, minimum: str, newest: Tuple[int, ...]) -> Optional[str]:
    version = computer["agent_version"]
    if computer["agent_status"] != _INSTALLED or not version:
        return None
    if minimum and version_of(version) < version_of(minimum):
        return "Its agent has version %s; at least %s is wanted." % (version, minimum)
    if _release(computer) < newest:
        return "Its agent has version %s; on others like it there are agents of release %s." % (version, ".".join(map(str, newest)))
    return None


def _reach(context: Context, computer: Record) -> Optional[str]:
    if computer["host_status"] in (None, _ONLINE) or fits_any([computer["name"] or ""], context.value("may_be_offline")):
        return None
    return "It could not be reached (%s)." % computer["host_status"]


def _group(group: Record) -> Judgement:
    subject, scheduled = subject_of("protection_group", group), group["rescan_schedule_enabled"]
    measured, expected = {"rescan_schedule_enabled": scheduled}, {"rescan_schedule_enabled": True}
    if scheduled is None:
        return cannot_say(subject, "The service does not say whether its computers are looked for again and again.", measured, expected, [group])
    reason = "Its computers are %s." % ("looked for again and again" if scheduled else "not looked for again: nothing that is new will be found")
    return verdict(scheduled, subject, reason, measured, expected, [group])
