# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judges a simulated estate by what it answers over REST, with rules and limits of its own.

Knows the reference and nothing else: neither the collection's audit, nor how the simulator plants what is wrong.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Callable, Iterator

from em_simulator.offline import START, Rig

Fault = tuple[str, str]
Thing = dict[str, Any]

RPO = timedelta(hours=24)
LONGEST_RUN = timedelta(hours=24)
FEWEST_POINTS, SHORTEST_RETENTION = 14, 14
GFS = {"Weekly": 4, "Monthly": 12, "Yearly": 7}
YOUNGEST_FULL = timedelta(days=8)
RESTORE_TRIED = timedelta(days=90)
FREE_PERCENT, DAYS_TO_FULL = 20, 30
TIMES_THE_USUAL = 3
ADMINISTRATORS = 3
LOGONS = 20
COLLECTED = timedelta(hours=6)
LOG_MINUTES = 60
COPIES = ("BackupCopy", "ImmediateBackupCopy")
_PAGE = "&pageSize=100000"


def moment(text: str) -> datetime:
    """Return a time of an answer."""
    return datetime.fromisoformat(text)


def up(thing: Thing, kind: str) -> list[str]:
    """Return the ids of what the links Rel=Up to things of a type, or to references to them, lead to."""
    links = [link for link in thing["Links"] if link["Rel"] == "Up" and link["Type"] in (kind, kind + "Reference")]
    return [link["Href"].partition("?")[0].rpartition("/")[2] for link in links]


def guid(urn: str) -> str:
    """Return the GUID of a URN."""
    return urn.rpartition(":")[2]


class Read:
    """What a logged-on account reads."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        rig.log_on()
        self.now = START + timedelta(seconds=rig.seconds)

    def listed(self, path: str) -> list[Thing]:
        """Return a whole collection."""
        (things,) = (value for value in self.rig.json(path, "format=Entity").values() if isinstance(value, list))
        return list(things)

    def age(self, text: str) -> timedelta:
        """Return how long ago a moment was."""
        return self.now - moment(text)

    def query(self, kind: str) -> list[Thing]:
        """Return all things that a query of a type finds."""
        return self.rig.query(kind, "", _PAGE)

    @cached_property
    def jobs(self) -> list[Thing]:
        """Jobs of /jobs."""
        return self.query("Job")

    @cached_property
    def objects(self) -> list[tuple[str, str]]:
        """Id of the job and URN of the machine, for every machine that a job processes, those in containers, too."""
        found = []
        for entry in self.query("ObjectInJob"):
            (job,) = up(entry, "Job") or [""]
            found += [(job, ref) for ref in self._machines_in(entry["HierarchyObjRef"])]
        return found

    def _machines_in(self, ref: str) -> list[str]:
        if ":Vm:" in ref:
            return [ref]
        return [item["ObjectRef"] for item in self.rig.json("/lookup", f"hierarchyRef={ref}&type=Vm")["HierarchyItems"]]

    @cached_property
    def machines(self) -> dict[str, str]:
        """Names of all machines of the virtual infrastructure by URN."""
        found = {}
        for root in self.listed("/hierarchyRoots"):
            items = self.rig.json("/lookup", f"host={root['UID']}&type=Vm")["HierarchyItems"]
            found |= {item["ObjectRef"]: item["ObjectName"] for item in items}
        return found

    @cached_property
    def points(self) -> dict[str, list[Thing]]:
        """Restore points by the URN of the machine, the newest first."""
        found = defaultdict(list)
        for point in self.query("VmRestorePoint"):
            found[point["HierarchyObjRef"]].append(point)
        return {ref: sorted(points, key=lambda point: moment(point["CreationTimeUTC"]), reverse=True) for ref, points in found.items()}

    @cached_property
    def files(self) -> dict[str, list[Thing]]:
        """Backup files by the id of the backup, the newest first."""
        found = defaultdict(list)
        for file in self.query("BackupFile"):
            found[up(file, "Backup")[0]].append(file)
        return {backup: sorted(files, key=lambda file: moment(file["CreationTimeUtc"]), reverse=True) for backup, files in found.items()}

    @cached_property
    def backups(self) -> dict[str, Thing]:
        """Backups by id."""
        return {guid(backup["UID"]): backup for backup in self.query("Backup")}

    @cached_property
    def repositories(self) -> dict[str, Thing]:
        """Repositories by id."""
        return {guid(repository["UID"]): repository for repository in self.query("Repository")}

    @cached_property
    def backup_of(self) -> dict[str, str]:
        """Ids of backups by those of their files."""
        return {guid(file["UID"]): backup for backup, files in self.files.items() for file in files}

    @cached_property
    def runs(self) -> dict[str, list[Thing]]:
        """Runs by the id of the job, the newest first."""
        found = defaultdict(list)
        for run in self.query("BackupJobSession") + self.query("ReplicaJobSession"):
            found[guid(run["JobUid"])].append(run)
        return {job: sorted(runs, key=lambda run: moment(run["CreationTimeUTC"]), reverse=True) for job, runs in found.items()}

    def last_of_machines(self, kind: str) -> dict[tuple[str, str], Thing]:
        """Return the newest task session of a type for every machine in every job, by the name of the machine and the id of the job."""
        job_of = {run["UID"]: job for job, runs in self.runs.items() for run in runs}
        found: dict[tuple[str, str], Thing] = {}
        for task in self.query(kind):
            key = task["VmDisplayName"], job_of[task["JobSessionUid"]]
            if key not in found or moment(found[key]["CreationTimeUTC"]) < moment(task["CreationTimeUTC"]):
                found[key] = task
        return found

    @cached_property
    def replica_points(self) -> dict[str, datetime]:
        """Time of the newest replica by the name of the machine."""
        found: dict[str, datetime] = {}
        for point in self.query("VmReplicaPoint"):
            made = moment(point["CreationTimeUTC"])
            found[point["VmDisplayName"]] = max(made, found.get(point["VmDisplayName"], made))
        return found

    def backup_jobs(self) -> list[Thing]:
        """Return the jobs that back machines up."""
        return [job for job in self.jobs if job["JobType"] == "Backup"]


RULES: list[Callable[[Read], Iterator[Fault]]] = []


def rule(function: Callable[[Read], Iterator[Fault]]) -> Callable[[Read], Iterator[Fault]]:
    """Add a rule."""
    RULES.append(function)
    return function


def judge(rig: Rig) -> set[Fault]:
    """Return all that is wrong: pairs of what is wrong and the name of the thing."""
    read = Read(rig)
    return {fault for judged in RULES for fault in judged(read)}


# Machines


@rule
def _protected(read: Read) -> Iterator[Fault]:
    enabled = {guid(job["UID"]) for job in read.jobs if job["ScheduleEnabled"]}
    protected = {ref for job, ref in read.objects if job in enabled}
    yield from (("unprotected", name) for ref, name in read.machines.items() if ref not in protected)
    yield from (("gone", _last_name(read, ref)) for _job, ref in read.objects if ref not in read.machines)
    backed_up: dict[str, set[str]] = defaultdict(set)
    for job, ref in read.objects:
        if job in {guid(one["UID"]) for one in read.backup_jobs()}:
            backed_up[ref].add(job)
    yield from (("in two jobs", read.machines[ref]) for ref, jobs in backed_up.items() if len(jobs) > 1)


def _last_name(read: Read, ref: str) -> str:
    return str(read.points[ref][0]["VmDisplayName"])


@rule
def _points(read: Read) -> Iterator[Fault]:
    backup_jobs = {guid(job["UID"]) for job in read.backup_jobs()}
    for ref in {ref for job, ref in read.objects if job in backup_jobs}:
        points = read.points.get(ref, [])
        name = points[0]["VmDisplayName"] if points else read.machines[ref]
        if not points or read.age(points[0]["CreationTimeUTC"]) > RPO:
            yield "backup old", name
        backups: dict[str, int] = defaultdict(int)
        for point in points:
            backups[_backup(read, point)] += 1
        if len(points) < FEWEST_POINTS or min(backups.values()) < FEWEST_POINTS or read.age(points[-1]["CreationTimeUTC"]).days < FEWEST_POINTS:
            yield "few points", name
        places = {up(read.backups[backup], "Repository")[0] for backup in backups}
        kinds = {read.repositories[place]["Kind"] for place in places}
        yield from (
            (text, name) for text, wrong in (("one repository", len(places) < 2), ("one kind", len(kinds) < 2), ("on site", "Cloud" not in kinds)) if wrong
        )


def _backup(read: Read, point: Thing) -> str:
    return read.backup_of[up(point, "BackupFile")[0]]


@rule
def _last_results(read: Read) -> Iterator[Fault]:
    for kind in ("BackupTaskSession", "ReplicaTaskSession"):
        for (name, _job), task in read.last_of_machines(kind).items():
            if task["Result"] != "Success" or task["Reason"]:
                yield ("failed" if task["Result"] == "Failed" else "warned") + (" replica" if kind.startswith("Replica") else ""), name


@rule
def _replicas(read: Read) -> Iterator[Fault]:
    old = {name for name, made in read.replica_points.items() if read.now - made > RPO}
    yield from (("replica old", name) for name in old)
    for plan in read.listed("/failoverPlans"):
        (entries,) = plan["FailoverPlanInfo"]["Includes"].values()
        names = {entry["Name"] for entry in entries}
        if names & old or names - set(read.replica_points):
            yield "plan without replica", plan["Name"]
        if len({entry["Order"] for entry in entries}) < len(entries):
            yield "plan without order", plan["Name"]


# Jobs


@rule
def _runs(read: Read) -> Iterator[Fault]:
    for job in read.jobs:
        runs = [run for run in read.runs.get(guid(job["UID"]), []) if run["State"] == "Stopped"]
        if len(runs) >= 3 and all(run["Result"] == "Failed" for run in runs[:3]):
            yield "fails", job["Name"]
        if job["NextRun"] and moment(job["NextRun"]) < read.now:
            yield "missed", job["Name"]
        if not job["ScheduleEnabled"]:
            yield "off", job["Name"]
        lengths = [(moment(run["EndTimeUTC"]) - moment(run["CreationTimeUTC"])).total_seconds() for run in runs if run["EndTimeUTC"]]
        if len(lengths) > 2 and lengths[0] > TIMES_THE_USUAL * statistics.median(lengths[1:]):
            yield "took long", job["Name"]
    for runs in read.runs.values():
        yield from (("runs for ever", run["JobName"]) for run in runs if run["State"] == "Working" and read.age(run["CreationTimeUTC"]) > LONGEST_RUN)


@rule
def _windows(read: Read) -> Iterator[Fault]:
    for job in read.jobs:
        standard = job["JobScheduleOptions"].get("Standart")
        if not standard:
            continue
        if not standard["RetryOptions"]["RetrySpecified1"] or not standard["RetryOptions"]["RetryTimes"]:
            yield "no retries", job["Name"]
        window, offset = standard["OptionsBackupWindow"], timedelta(hours=standard["OptionsDaily"]["TimeOffsetUtc"])
        allowed = {day["Name"]: day["Value"].split(",") for day in window["TimePeriods"]["Days"]}
        for run in read.runs.get(guid(job["UID"]), []) if window["Enabled"] else []:
            for text in (run["CreationTimeUTC"], run["EndTimeUTC"] or read.now.isoformat()):
                local = moment(text) + offset
                if allowed[f"{local:%A}"][local.hour] != "1":
                    yield "outside the window", job["Name"]


@rule
def _settings(read: Read) -> Iterator[Fault]:
    keys = {key["Id"] for server in read.listed("/backupServers") for key in read.listed(f"/backupServers/{guid(server['UID'])}/passwords")}
    for job in read.jobs:
        name = job["Name"]
        info, *_others = [part for part in job["JobInfo"].values() if part]
        guest = info.get("GuestProcessingOptions")
        if guest and job["JobType"] == "Backup":
            yield from _inside_guests(guest, name)
        if "SimpleRetentionPolicy" not in info:
            continue
        simple = info["SimpleRetentionPolicy"]
        if simple["RetainCycles" if simple["RetainLimitType"] == "Cycles" else "RetainDaysToKeep"] < SHORTEST_RETENTION:
            yield "retention", name
        gfs = info["GfsRetentionPolicy"]
        if not gfs["Enabled"] or any(not gfs[part]["Enabled"] or gfs[part]["RetentionPeriod"] < least for part, least in GFS.items()):
            yield "long retention", name
        key = info["AdvancedStorageOptions"]["PasswordKeyId"]
        if key not in keys:
            yield ("key gone" if key else "not encrypted"), name


def _inside_guests(guest: Thing, name: str) -> Iterator[Fault]:
    if guest["VssSnapshotOptions"]["VssSnapshotMode"] != "RequireSuccess":
        yield "application-aware", name
    if guest["SqlBackupOptions"]["BackupLogsFrequencyMin"] > LOG_MINUTES or guest["OracleBackupOptions"]["BackupLogsFrequencyMin"] > LOG_MINUTES:
        yield "logs", name


@rule
def _contents(read: Read) -> Iterator[Fault]:
    fed = {guid(link["LinkedJobUid"]) for job in read.jobs if job["JobType"] in COPIES for link in read.listed(f"/jobs/{guid(job['UID'])}/linkedJobs")}
    for job in read.jobs:
        own = guid(job["UID"])
        if job["JobType"] != "ImmediateBackupCopy" and own not in {entry for entry, _ref in read.objects}:
            yield "empty", job["Name"]
        if job["JobType"] == "Backup" and own not in fed:
            yield "feeds no copy", job["Name"]


@rule
def _written(read: Read) -> Iterator[Fault]:
    for backup, files in read.files.items():
        # A machine that has a chain of its own has a backup of the job's name with its own behind.
        job = read.backups[backup]["Name"].partition(" - ")[0]
        fulls = [file for file in files if file["FileType"] == "vbk"]
        if not fulls or read.age(fulls[0]["CreationTimeUtc"]) > YOUNGEST_FULL:
            yield "no full", job
        if any(file["FileType"] == "vrb" for file in files):
            yield "reverse", job
        for kind in ("vib", "vrb"):
            sizes = [file["BackupSize"] for file in files if file["FileType"] == kind]
            ratios = [float(file["CompressRatio"]) for file in files if file["FileType"] == kind]
            if len(sizes) > 2 and (sizes[0] > TIMES_THE_USUAL * statistics.median(sizes[1:]) or ratios[0] < statistics.median(ratios[1:]) / 1.5):
                yield "odd size", job


@rule
def _restores(read: Read) -> Iterator[Fault]:
    restores = read.query("RestoreSession")
    tried = {one["RestoredObjRef"] for one in restores if one["Result"] == "Success" and read.age(one["CreationTimeUTC"]) < RESTORE_TRIED}
    for job in read.backup_jobs():
        refs = {ref for entry, ref in read.objects if entry == guid(job["UID"])}
        # A job of one machine that was in no run yet has nothing to restore.
        if refs and job["ScheduleEnabled"] and not refs & tried:
            yield "no restore", job["Name"]


# Everything else


@rule
def _repositories(read: Read) -> Iterator[Fault]:
    growth: dict[str, float] = defaultdict(float)
    for backup, files in read.files.items():
        for file in files:
            if read.age(file["CreationTimeUtc"]) < timedelta(days=7):
                growth[up(read.backups[backup], "Repository")[0]] += file["BackupSize"] / 7
    for own, repository in read.repositories.items():
        if 100 * repository["FreeSpace"] < FREE_PERCENT * repository["Capacity"]:
            yield "full", repository["Name"]
        if growth[own] and repository["FreeSpace"] / growth[own] < DAYS_TO_FULL:
            yield "fills up", repository["Name"]


@rule
def _servers(read: Read) -> Iterator[Fault]:
    servers = read.listed("/backupServers")
    newest = max(tuple(map(int, server["Version"].split("."))) for server in servers)
    for server in servers:
        if tuple(map(int, server["Version"].split("."))) < newest:
            yield "old build", server["Name"]
        for key in read.listed(f"/backupServers/{guid(server['UID'])}/passwords"):
            if read.age(key["LastModificationDate"]).days > 365:
                yield "old key", key["Hint"]
    yield from (("old accelerator", one["Name"]) for one in read.listed("/wanAccelerators") if one["OutOfDate"])
    collections = [one for one in read.listed("/systemSessions") if one["SessionType"] == "CollectJob"]
    last = max(collections, key=lambda one: moment(one["CreationTimeUTC"]))
    if last["State"] != "CompletedSuccessfully" or read.age(last["EndTimeUTC"]) > COLLECTED:
        yield "collection", last["Name"].partition("@")[0]


@rule
def _accounts(read: Read) -> Iterator[Fault]:
    administrators = []
    for account in read.listed("/security/accounts"):
        name = account["Name"]
        roles = {entry["RoleName"] for entry in read.listed(f"/security/accounts/{guid(account['UID'])}/roles")}
        administrators += [name] * ("Portal Administrator" in roles)
        if name.rpartition("\\")[2] in ("Everyone", "Users", "Domain Users", "Authenticated Users"):
            yield "everyone", name
        if "Portal Administrator" not in roles and account["AllowRestoreAllVms"]:
            yield "restores all", name
        if "File Restore Operator" in roles and not account["FlrSettings"]["FlrInplaceOnly"]:
            yield "restores files", name
        if "SQL Restore Operator" in roles and not account["SqlSettings"]["DenyInPlaceRestore"]:
            yield "restores databases", name
    if len(administrators) > ADMINISTRATORS:
        yield "administrators", str(len(administrators))
    names = [one["UserName"] for one in read.listed("/logonSessions")]
    yield from (("logons", name) for name in set(names) if names.count(name) > LOGONS)
    known = {account["Name"].rpartition("\\")[2].lower() for account in read.listed("/security/accounts")}
    yield from (("stranger", name) for name in set(names) if name.rpartition("\\")[2].lower() not in known)


@rule
def _agents(read: Read) -> Iterator[Fault]:
    computers = read.listed("/agents/discoveredComputers")
    newest = max(computer["AgentVersion"] for computer in computers)
    for computer in computers:
        if computer["HostStatus"] != "Online":
            yield "offline", computer["Name"]
        if computer["AgentStatus"] != "Installed":
            yield "no agent", computer["Name"]
        elif computer["AgentVersion"] < newest:
            yield "old agent", computer["Name"]
    yield from (("rescan", group["Name"]) for group in read.listed("/agents/protectionGroups") if not group["RescanScheduleEnabled"])


@rule
def _shares(read: Read) -> Iterator[Fault]:
    for job in read.listed("/nas/jobs"):
        storage = job["StorageOptions"]
        if not job["ScheduleEnabled"] or not job["ScheduleConfigured"]:
            yield "shares off", job["Name"]
        if storage["ShorttermRetentionPeriod"] < SHORTEST_RETENTION:
            yield "shares retention", job["Name"]
        if not storage["LongtermRetentionEnabled"]:
            yield "shares archive", job["Name"]


@rule
def _policies(read: Read) -> Iterator[Fault]:
    yield from (("policy off", policy["Name"]) for policy in read.listed("/cdpPolicies") if not policy["ScheduleEnabled"])
    yield from (("policy failed", one["PolicyName"]) for one in read.listed("/cdpReplicaSessions") if one["Result"] in ("Failed", "Warning"))


@rule
def _tenants(read: Read) -> Iterator[Fault]:
    for tenant in read.listed("/cloud/tenants"):
        name, lease = tenant["Name"], tenant["LeaseOptions"]
        if lease["Enabled"] and moment(lease["ExpirationDate"]) < read.now:
            yield "lease", name
        if read.age(tenant["LastActive"]).days > 30:
            yield "inactive", name
        if not tenant["BackupProtectionEnabled"]:
            yield "recycle bin", name
        for resource in read.listed(f"/cloud/tenants/{guid(tenant['UID'])}/resources"):
            quota = resource["RepositoryQuota"]
            if quota["UsedQuota"] > quota["Quota"] * 0.9:
                yield "quota", name
