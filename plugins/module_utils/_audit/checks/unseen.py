# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the service does not tell at all, so that nobody takes silence for a pass; and whether the account of the audit sees everything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Iterator, Tuple

from ..context import Context
from ..model import HIGH, MEDIUM, Judgement, cannot_say, check, verdict

_NO_FIELD = "No field of the Enterprise Manager REST API tells of it."


@dataclass(frozen=True)
class Unseen:
    """A question that stays open. ``what`` says what is not told, ``fix`` how it is answered and put right."""

    id: str
    title: str
    severity: str
    what: str
    why: str
    fix: str
    controls: Tuple[str, ...]


UNSEEN: Tuple[Unseen, ...] = (
    Unseen(
        "X02",
        "Configuration backup is on, encrypted, elsewhere and recent",
        HIGH,
        "Whether the backup servers back up their own configuration, where to, how old it is and whether it is encrypted",
        "After the loss of a backup server, its jobs, keys and catalogs come back from its configuration backup alone.",
        "Look at the configuration backup of each backup server: it has to be on, encrypted, off the server and no older than a day.",
        ("CIS 11.3", "NIST CP-9", "ISO A.8.13"),
    ),
    Unseen(
        "X03",
        "Consoles ask for a second factor and a second person",
        HIGH,
        "Whether backup servers and Enterprise Manager ask for a second factor, want a second administrator's consent, and log idle users off",
        "With one stolen password of an administrator all backups can be deleted, unless a second factor or a second person is needed.",
        "Switch multi-factor authentication, four-eyes authorization and automatic log-off on at every backup server.",
        ("CIS 6.5", "NIST AC-12", "NIST IA-2(1)", "ISO A.8.5"),
    ),
    Unseen(
        "X04",
        "Traffic of backups is encrypted",
        MEDIUM,
        "Whether data travels encrypted between backup components, to hypervisors (NBDSSL) and to SMB shares",
        "Whoever listens on the network reads every machine that is backed up.",
        "Look at the network traffic rules of each backup server, at the transport mode of the proxies and at the encryption of the shares.",
        ("CIS 3.10", "NIST SC-8", "ISO A.8.24"),
    ),
    Unseen(
        "X05",
        "Hardened repositories are hardened",
        MEDIUM,
        "Whether hardened repositories are physical machines, have SSH switched off, serve as nothing else, and in which mode they lock files",
        "A lock on files holds only as long as nobody can get at the machine below it.",
        "Look at each hardened repository: no virtual machine, no SSH, no proxy role, locks in compliance mode, its own console behind a separate network.",
        ("CIS 4.1", "NIST CM-6", "NIST CP-9(8)", "ISO A.8.13"),
    ),
    Unseen(
        "X06",
        "Operating systems of backup servers are hardened",
        MEDIUM,
        "Whether remote desktop, remote management, old TLS versions, broadcast names, firewall, memory of credentials and FIPS mode are set well",
        "Backup servers hold credentials for everything; an open service on them is the way in.",
        "Check and set it with roles for hardening operating systems, run against the machines themselves.",
        ("CIS 4.1", "CIS 4.4", "CIS 4.8", "NIST CM-6", "NIST CM-7", "ISO A.8.9"),
    ),
    Unseen(
        "X07",
        "Passwords are strong, changed, recoverable, and mail is sent",
        MEDIUM,
        "How strong passwords are, when stored credentials were changed, whether lost encryption passwords can be recovered, and whether reports are mailed",
        "Old and weak passwords are guessed; a lost one makes backups unreadable; an error that nobody is told of goes on for weeks.",
        "Look at password rules and dates of the stored accounts, password loss protection and mail notification of each backup server.",
        ("CIS 5.2", "NIST IA-5", "ISO A.5.17"),
    ),
    Unseen(
        "X08",
        "Backups are verified, scanned, and kept on tape where wanted",
        MEDIUM,
        "Whether backups are started on trial (SureBackup), scanned for malware, checked for damage, guarded against corruption, or written to tape",
        "A backup that was never read back may not be readable; one with malware in it brings the attacker back.",
        "Look at SureBackup jobs, malware detection, health checks of the jobs and tape jobs of each backup server. Restores are another rule.",
        ("CIS 11.5", "NIST CP-4", "NIST CP-9(1)", "NIST SI-3", "ISO A.8.7", "ISO A.8.13"),
    ),
    Unseen(
        "X09",
        "The licence is valid and large enough",
        MEDIUM,
        "Until when the licence is valid, how much of it is used, and whether support goes on",
        "Without a valid licence jobs stop, and without support there are no updates.",
        "Look at the licence page of Enterprise Manager or of each backup server.",
        ("CIS 2.2", "NIST CM-10", "ISO A.5.32"),
    ),
)


def _judge_of(unseen: Unseen) -> Callable[[Context], Iterator[Judgement]]:
    reason = "%s is not known. %s An attestation with owner and expiry, or other evidence, has to answer for it." % (unseen.what, _NO_FIELD)

    def stays_open(context: Context) -> Iterator[Judgement]:
        """Say of Enterprise Manager that nobody knows."""
        yield cannot_say(context.facts.own_subject, reason)

    return stays_open


# What the service never tells of, whatever the account may read: that it is not known goes without saying where somebody attests it.
NEVER_TOLD = frozenset(("X01", *(unseen.id for unseen in UNSEEN)))

for _unseen in UNSEEN:
    check(
        id=_unseen.id,
        title=_unseen.title,
        severity=_unseen.severity,
        subject="enterprise_manager",
        reads=(),
        why=_unseen.why,
        how="It cannot be measured: " + _NO_FIELD[0].lower() + _NO_FIELD[1:] + " An attestation answers it.",
        fix=_unseen.fix,
        limits=_unseen.what + " is not told.",
        controls=_unseen.controls,
    )(_judge_of(_unseen))


@check(
    id="A01",
    title="The account of the audit sees the whole estate",
    severity=HIGH,
    subject="enterprise_manager",
    reads=(),
    why="What the account may not see is in no report: an audit of a part looks like an audit of the whole.",
    how="The roles of the account that the audit logged on with, and whether its restore scope is everything.",
    fix="Run the audit with an account that has the role Portal Administrator.",
    limits="The service does not say of itself how much it hides from an account.",
    controls=("NIST AU-2", "NIST CA-7", "ISO A.5.35"),
)
def sees_everything(context: Context) -> Iterator[Judgement]:
    """Judge the account that the facts were read by."""
    server = context.facts.server
    who = "The account %s" % server.account if server.account else "The account"
    measured = {"sees_all": server.sees_all, "roles": list(server.roles)}
    if server.sees_all:
        yield verdict(True, context.facts.own_subject, who + " sees the whole estate.", measured, {"sees_all": True})
        return
    told = "does not see the whole estate" if server.sees_all is False else "may not see the whole estate: nobody could tell"
    reason = "%s %s. Machines, jobs and backups that it does not see are missing in everything that this audit says." % (who, told)
    yield cannot_say(context.facts.own_subject, reason, measured, {"sees_all": True})
