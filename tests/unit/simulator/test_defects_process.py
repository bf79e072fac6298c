# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Healthy estates and defects of a simulator in a process of its own: command line, control API, certificate."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator

import pytest

from em_simulator.control import ControlError, Simulator


@pytest.fixture(scope="module")
def sim() -> Iterator[Simulator]:
    options = {"generate": 3, "machines": 30, "certificate_days": 12.5, "defect_seed": 5}
    with Simulator.start(healthy=True, defects=("no_retries", "old_build=vbr02.example.com;version=9.0.0.1715"), **options) as started:
        yield started


def test_the_command_line_orders_defects(sim: Simulator) -> None:
    first, second = sim.defects()["planted"]
    assert (first["defect"], first["thing"]) == ("no_retries", "job")
    assert (second["name"], second["details"]) == ("vbr02.example.com", {"version": "9.0.0.1715"})


def test_the_control_api_plants_and_lists(sim: Simulator) -> None:
    planted = sim.defect("repository_full", thing="Repository vbr01", free_percent=2)
    assert planted["backup_server"] == "vbr01.example.com"
    assert planted["details"]["free_percent"] == 2
    known = sim.defects()
    assert known["planted"][-1] == planted
    assert known["defects"]["repository_full"]["params"] == {"free_percent": 5}


def test_the_control_api_refuses_what_it_does_not_know(sim: Simulator) -> None:
    with pytest.raises(ControlError, match="unknown defect"):
        sim.defect("nonsense")
    with pytest.raises(ControlError, match="no parameter"):
        sim.defect("no_retries", times=3)


def test_a_command_line_that_makes_no_sense_is_told() -> None:
    with pytest.raises(ControlError, match="unknown defect 'nonsense'"):
        Simulator.start("healthy", defects=("nonsense",))


def test_a_certificate_ends_when_it_is_told_to(sim: Simulator) -> None:
    context = ssl.create_default_context(cafile=sim.ca_path)
    with socket.create_connection((sim.host, sim.port), timeout=20) as plain, context.wrap_socket(plain, server_hostname="localhost") as secure:
        certificate = secure.getpeercert()
    assert certificate is not None
    days = (ssl.cert_time_to_seconds(str(certificate["notAfter"])) - time.time()) / 86400
    assert 12 < days < 13
