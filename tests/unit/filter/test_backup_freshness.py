# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the newest restore point of a machine is young enough: at the limit, with names alike, without any."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.openbackup.veeam_em.plugins.filter.backup_freshness import FilterModule, backup_freshness

NOW = datetime(2026, 11, 22, 6, tzinfo=timezone.utc)
HOURS = 24


def stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def point(machine: str = "srv", *, hours: float = 1, server: str = "vbr01", record_type: str = "VmRestorePoint", **changes: Any) -> dict[str, Any]:
    when = NOW - timedelta(hours=hours)
    record = {"type": record_type, "name": f"{machine}@{when:%Y-%m-%d %H:%M:%S}", "creation_time": stamp(when), "backup_server_name": server}
    own = {"vm_display_name": machine, "hierarchy_obj_ref": f"urn:VMware:Vm:{server}.{machine}"}
    return {**record, **({} if record_type == "AgentRestorePoint" else own), **changes}


def judged(*points: dict[str, Any], names: tuple[str, ...] = ("srv",), **keywords: Any) -> dict[str, Any]:
    return backup_freshness([{"records": list(points)}], list(names), HOURS, now=stamp(NOW).replace(".000", ""), **keywords)


@pytest.mark.parametrize(
    ("seconds", "verdict"),
    [(-1, "fresh"), (0, "fresh"), (0.001, "stale"), (1, "stale")],
    ids=["a second before", "at", "a millisecond after", "a second after"],
)
def test_the_limit_itself_is_young_enough(seconds: float, verdict: str) -> None:
    result = judged(point(hours=HOURS + seconds / 3600))
    assert (result["verdict"], result["age_hours"]) == (verdict, 24.0)


@pytest.mark.parametrize("creation_time", ["2026-11-22T05:00:00Z", "2026-11-22T05:00:00.5Z", "2026-11-22T05:00:00.123456Z", "2026-11-22T05:00:00.1234567Z"])
def test_times_have_any_number_of_digits(creation_time: str) -> None:
    result = judged(point(hours=30), point(creation_time=creation_time))
    assert result["verdict"] == "fresh" and result["newest"]["creation_time"] == creation_time


def test_the_newest_counts_in_whatever_order_they_come() -> None:
    points = [point(hours=hours) for hours in (50, 2.5, 26)]
    for ordered in (points, points[::-1]):
        assert judged(*ordered)["reason"] == "The newest restore point of srv on vbr01 is 2.5 h old (2026-11-22T03:30:00.000Z); at most 24 h are allowed."


def test_a_clock_that_is_behind_makes_nothing_younger_than_new() -> None:
    assert judged(point(hours=-3))["age_hours"] == 0


def test_a_machine_without_restore_points_is_unknown() -> None:
    assert judged(point("other"))["verdict"] == "unknown"
    result = judged(names=("srv.example.com", "srv"), backup_server="vbr02")
    assert result["reason"] == "Enterprise Manager knows no restore point of srv.example.com or srv on the backup server vbr02."
    assert (result["newest"], result["age_hours"], result["candidates"]) == (None, None, [])


def test_a_point_without_time_says_nothing() -> None:
    assert judged(point(creation_time=None))["verdict"] == "unknown"


@pytest.mark.parametrize(
    "twin",
    [point(hours=40, server="vbr02"), point(hours=40, hierarchy_obj_ref="urn:VMware:Vm:vbr01.vm-2"), point(hours=40, record_type="AgentRestorePoint")],
    ids=["on another server", "of another identity", "a computer"],
)
def test_machines_of_one_name_are_not_mixed_up(twin: dict[str, Any]) -> None:
    for points in ((point(), twin), (twin, point())):
        result = judged(*points)
        assert (result["verdict"], result["newest"], len(result["candidates"])) == ("ambiguous", None, 2)
        assert twin["creation_time"] in result["reason"] and "2 machines have the name" in result["reason"]


def test_a_named_backup_server_settles_which_one_is_meant() -> None:
    result = judged(point(hours=40), point(hours=2, hierarchy_obj_ref="urn:VMware:Vm:vbr01.vm-2"), backup_server="vbr01")
    assert (result["verdict"], result["age_hours"], len(result["candidates"])) == ("fresh", 2.0, 2)


def test_the_most_exact_name_wins() -> None:
    names = ("srv.example.com", "srv")
    assert judged(point("srv.example.com", hours=40), point("srv"), names=names)["age_hours"] == 40
    assert judged(point("SRV"), names=names)["verdict"] == "fresh"


@pytest.mark.parametrize("machine", ["srv", "srv.example.com", "SRV.EXAMPLE.COM"])
def test_computers_go_by_their_name_with_and_without_domain(machine: str) -> None:
    assert judged(point(machine, record_type="AgentRestorePoint"), names=("srv.example.com",))["newest"]["kind"] == "computer with an agent"


def test_a_replica_belongs_to_the_machine_on_its_backup_server() -> None:
    replica = point(record_type="VmReplicaPoint", hierarchy_obj_ref=None)
    result = judged(replica, point(hours=40))
    assert (result["verdict"], result["newest"]["kind"], len(result["candidates"])) == ("fresh", "replica", 1)
    assert result["reason"].startswith("The newest replica restore point of srv on vbr01")
    assert judged(replica)["verdict"] == "fresh"
    assert judged(replica, point(server="vbr02"))["verdict"] == "ambiguous"


def test_a_query_that_failed_outweighs_what_others_found() -> None:
    result = backup_freshness([{"records": [point()]}, {"msg": "The server refuses the connection."}], ["srv"], HOURS)
    assert (result["verdict"], result["candidates"]) == ("not_read", [])
    assert result["reason"] == "Enterprise Manager could not be asked. The server refuses the connection."


def test_the_clock_of_the_controller_counts_without_another() -> None:
    recent = stamp(datetime.now(timezone.utc) - timedelta(hours=1))
    assert backup_freshness([{"records": [point(creation_time=recent)]}], ["srv"], HOURS)["age_hours"] == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize(
    ("answers", "names", "now", "text"),
    [
        ([], ["srv"], None, "takes a list of results"),
        ({"records": []}, ["srv"], None, "takes a list of results"),
        (["records"], ["srv"], None, "takes a list of results"),
        ([{"records": []}], [], None, "at least one name"),
        ([{"records": []}], "srv", None, "at least one name"),
        ([{"records": [{"type": "Job"}]}], ["srv"], None, "takes records of the types"),
        ([{"records": [{"type": "Job", "creation_time": "x"}]}], ["srv"], None, "takes records of the types"),
        ([{"records": [point()]}], ["srv"], "yesterday", "is not a time"),
    ],
)
def test_anything_else_is_refused(answers: Any, names: Any, now: str | None, text: str) -> None:
    with pytest.raises(AnsibleFilterError, match=text):
        backup_freshness(answers, names, HOURS, now=now)


def test_the_filter_has_its_name() -> None:
    assert FilterModule().filters() == {"backup_freshness": backup_freshness}
