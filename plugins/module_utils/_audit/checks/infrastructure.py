# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Backup servers, WAN accelerators and Enterprise Manager itself: versions, certificates, whether its data is fresh."""

from __future__ import annotations

import re
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from ..context import Context
from ..drift import thumbprint_of
from ..model import FAIL, HIGH, LOW, MEDIUM, NOT_ASSESSABLE, PASS, Judgement, Parameter, Reads, Record, Subject, answers_of, cannot_say, check, verdict
from ..settings import fits
from ..subjects import subject_of
from ..times import DAY, seconds_of
from ..versions import version_of
from ..words import told_apart

_ANY = "*"

_COLLECT = "CollectJob"
_RUNNING, _GOOD, _WARNING = "InProgress", "CompletedSuccessfully", "CompletedWarning"


@check(
    id="C37",
    title="Backup servers run the version that they should",
    severity=HIGH,
    subject="backup_server",
    reads=(Reads("backup_servers", ("name", "version")),),
    parameters=(
        Parameter("minimum", "map", {}, "The lowest version that is fine by major version, such as 12: 12.3.2; * stands for any other."),
        Parameter("same", "bool", True, "Whether all backup servers have to run the same version."),
    ),
    why="Backup servers are attacked through holes that newer versions have closed; they hold the keys to everything else.",
    how="The version of each backup server, number by number, against the minimum of the policy and against the newest among them.",
    fix="Update the backup server, Enterprise Manager before it.",
    limits="Which version is the newest of the maker is not told: the policy has to say what is fine.",
    controls=("CIS 7.4", "NIST SI-2", "ISO A.8.8"),
)
def versions(context: Context) -> Iterator[Judgement]:
    """Judge every backup server."""
    servers = context.facts.records("backup_servers")
    newest = max((server["version"] for server in servers if server["version"]), key=version_of, default="")
    for server in servers:
        subject, minimum = subject_of("backup_server", server), context.value("minimum")
        measured = {"version": server["version"], "newest": newest or None}
        if not version_of(server["version"] or ""):
            yield cannot_say(subject, "The service does not tell its version.", measured, {"minimum": dict(minimum)}, [server])
            continue
        behind = context.value("same") and version_of(server["version"]) < version_of(newest)
        status, told = _against_minimum(server["version"], minimum)
        reason = "It runs version %s; %s.%s" % (server["version"], told, " Another backup server runs %s." % newest if behind else "")
        yield Judgement(subject, FAIL if behind else status, reason, measured, {"minimum": dict(minimum)}, answers_of([server]))


def _against_minimum(version: str, minimum: Mapping[str, str]) -> Tuple[str, str]:
    """Return the status and what to say, for a sentence to go on with."""
    if not minimum:
        return NOT_ASSESSABLE, "the policy names no version to hold it against"
    major = version_of(version)[0]
    wanted = minimum.get(str(major), minimum.get(_ANY))
    if wanted is None:
        majors = [version_of(word)[0] for word in minimum if version_of(word)]
        if majors and major < min(majors):
            return FAIL, "%d is the oldest major version that the policy allows" % min(majors)
        return NOT_ASSESSABLE, "the policy names no minimum for major version %d" % major
    return (PASS if version_of(version) >= version_of(wanted) else FAIL), "at least %s is wanted" % wanted


@check(
    id="C38",
    title="Certificates are the known ones and last",
    severity=MEDIUM,
    subject="backup_server",
    reads=(Reads("backup_servers", ("name", "vbr_certificate_thumbprint")),),
    parameters=(
        Parameter("thumbprints", "map", {}, "The thumbprint that is right by name or pattern of backup server; several with commas between."),
        Parameter("tls_days", "number", 30.0, "How long the certificate of Enterprise Manager has to last.", unit="days", minimum=0),
    ),
    why="A certificate that nobody put in may be that of somebody in between; one that has run out teaches people to click warnings away.",
    how=(
        "The thumbprint of each backup server against the policy, else against the baseline; the end of the certificate that Enterprise Manager showed "
        "when the audit connected."
    ),
    fix="Find out who changed the certificate; take a new baseline once it is known to be right. Renew a certificate before it ends.",
    limits="Thumbprints are told by version 13 and later. An audit from an older evidence pack may not have the end of the certificate.",
    controls=("NIST SC-12", "NIST SC-23", "ISO A.8.24"),
)
def certificates(context: Context) -> Iterator[Judgement]:
    """Judge Enterprise Manager and every backup server."""
    yield _own_certificate(context)
    for server in context.facts.records("backup_servers"):
        subject, found = subject_of("backup_server", server), _plain(server["vbr_certificate_thumbprint"])
        known = _known_thumbprints(context, server)
        measured, expected = {"thumbprint": found or None}, {"thumbprints": known}
        if not found:
            yield cannot_say(subject, "The service does not tell the thumbprint of its certificate.", measured, expected, [server])
        elif not known:
            yield cannot_say(subject, "Neither policy nor baseline say which thumbprint is right; it is %s." % found, measured, expected, [server])
        else:
            good = found in known
            reason = "Its certificate has the thumbprint %s, %s." % (found, "which is known" if good else "where %s is known" % " or ".join(known))
            yield verdict(good, subject, reason, measured, expected, [server])


def _known_thumbprints(context: Context, server: Record) -> List[str]:
    from_policy = next((told for pattern, told in context.value("thumbprints").items() if fits(server["name"] or "", pattern)), None)
    told = [thumbprint_of(context.baseline, server)] if from_policy is None else from_policy.split(",")
    return [plain for plain in map(_plain, told) if plain]


def _plain(thumbprint: Optional[str]) -> str:
    return re.sub(r"[^0-9A-F]", "", (thumbprint or "").upper())


def _own_certificate(context: Context) -> Judgement:
    facts, limit = context.facts, context.value("tls_days")
    end = facts.server.tls_not_after
    if end is None:
        return cannot_say(facts.own_subject, "When the certificate of Enterprise Manager ends was not seen.", {"not_after": None}, {"days_at_least": limit})
    left = (seconds_of(end) - facts.now) / DAY
    told, least = told_apart(left, limit)
    reason = "The certificate of Enterprise Manager %s; it has to last %s days." % ("lasts %s days" % told if left >= 0 else "ended on " + end, least)
    return verdict(left >= limit, facts.own_subject, reason, {"days": round(left, 2), "not_after": end}, {"days_at_least": limit})


@check(
    id="C39",
    title="What Enterprise Manager shows is fresh",
    severity=MEDIUM,
    subject="enterprise_manager",
    reads=(
        Reads("system_sessions", ("name", "session_type", "creation_time", "end_time", "state", "result")),
        Reads("backup_servers", ("name",), needed=False),
    ),
    parameters=(
        Parameter("hours", "number", 8.0, "How long ago data may have been collected last.", unit="hours", minimum=0),
        Parameter("accept_warnings", "bool", True, "Whether a collection that ended with a warning is as good as one without."),
    ),
    why="Enterprise Manager shows a copy of what the backup servers know. An audit of an old copy says nothing of today.",
    how="The sessions in which Enterprise Manager collected data: the newest that is over has to have ended well, and not too long ago.",
    fix="Look at the sessions of Enterprise Manager for the reason; check its account on the backup server, and the network between them.",
    limits="Sessions do not always name the backup server; where they do not, one that was not reached can hide behind another.",
    controls=("NIST AU-6", "ISO A.8.15"),
)
def data_is_fresh(context: Context) -> Iterator[Judgement]:
    """Judge the collections from each backup server that the sessions name, else Enterprise Manager as a whole."""
    facts = context.facts
    servers = facts.records("backup_servers")
    runs = [session for session in facts.records("system_sessions") if session["session_type"] == _COLLECT and session["creation_time"]]
    by_server = _by_server(runs, servers)
    unnamed = by_server.get("", [])
    for server in servers:
        if server["name"] and by_server.get(server["name"]):
            yield _freshness(context, subject_of("backup_server", server), by_server[server["name"]])
        elif runs and not unnamed:
            reason = "The collections of data that are known name other backup servers, and not this one: whether its data is fresh is not told."
            yield cannot_say(subject_of("backup_server", server), reason, {"hours": None, "last_state": None})
    if unnamed or (not runs and (servers or facts.gap("backup_servers") is not None)):
        yield _freshness(context, facts.own_subject, unnamed)


def _by_server(runs: Sequence[Record], servers: Sequence[Record]) -> Dict[str, List[Record]]:
    """Return the sessions by the name of the backup server that stands in theirs, "" where none does."""
    names = sorted((server["name"] for server in servers if server["name"]), key=len, reverse=True)
    of_label: Dict[str, str] = {}
    found: Dict[str, List[Record]] = {}
    for run in runs:
        label = (run["name"] or "").rpartition("@")[0].casefold()
        if label not in of_label:
            of_label[label] = next((name for name in names if name.casefold() in label), "")
        found.setdefault(of_label[label], []).append(run)
    return found


def _freshness(context: Context, subject: Subject, runs: Sequence[Record]) -> Judgement:
    limit, accepted = context.value("hours"), (_GOOD, _WARNING) if context.value("accept_warnings") else (_GOOD,)
    over = sorted((run for run in runs if run["state"] != _RUNNING), key=_ended, reverse=True)
    good = next((run for run in over if run["state"] in accepted and not (run["result"] or {}).get("is_canceled")), None)
    expected: Dict[str, Any] = {"hours_at_most": limit, "states": list(accepted)}
    measured: Dict[str, Any] = {"hours": None, "last_state": over[0]["state"] if over else None}
    if good is None:
        reason = "No collection of data has ended well in the %g days that are known." % context.facts.server.lookback_days
        return verdict(False, subject, reason, measured, expected, over[:1])
    age = context.facts.age_hours(good["end_time"] or good["creation_time"]) or 0.0
    measured["hours"] = round(age, 2)
    last = "" if over[0] is good else " A later one did not end well: %s." % (_message(over[0]) or over[0]["state"])
    reason = "Data was collected %s hours ago; %s hours are allowed.%s" % (*told_apart(age, limit), last)
    return verdict(age <= limit and over[0] is good, subject, reason, measured, expected, [over[0], good])


def _ended(run: Record) -> float:
    return seconds_of(run["end_time"] or run["creation_time"])


def _message(run: Record) -> str:
    return str((run["result"] or {}).get("message") or "").rstrip(".")


@check(
    id="C44",
    title="WAN accelerators are current",
    severity=LOW,
    subject="wan_accelerator",
    reads=(Reads("wan_accelerators", ("name", "out_of_date", "version", "backup_server_name")),),
    why="A component that is older than its backup server stops copies over it, and lacks fixes.",
    how="Whether the backup server says that the component on the accelerator is out of date.",
    fix="Have the backup server upgrade its components.",
    controls=("CIS 7.4", "NIST SI-2", "ISO A.8.8"),
)
def wan_accelerators(context: Context) -> Iterator[Judgement]:
    """Judge every WAN accelerator."""
    for record in context.facts.records("wan_accelerators"):
        subject, measured = subject_of("wan_accelerator", record), {"version": record["version"], "out_of_date": record["out_of_date"]}
        if record["out_of_date"] is None:
            yield cannot_say(subject, "The service does not say whether its component is current.", measured, None, [record])
            continue
        reason = "Its component (version %s) is %s the backup server expects." % (record["version"], "older than" if record["out_of_date"] else "what")
        yield verdict(not record["out_of_date"], subject, reason, measured, {"out_of_date": False}, [record])
