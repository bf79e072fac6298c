# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How moments are told."""

from __future__ import annotations

import pytest

from em_simulator import clock
from em_simulator.clock import Clock

# 2026-11-20 20:00:07 UTC
WHOLE = 1_795_204_807 * clock.SECOND_US


@pytest.mark.parametrize(
    ("micros", "digits", "expected"),
    [
        (0, 3, "2026-11-20T20:00:07Z"),
        (547_000, 3, "2026-11-20T20:00:07.547Z"),
        (260_000, 3, "2026-11-20T20:00:07.26Z"),
        (700_000, 6, "2026-11-20T20:00:07.7Z"),
        (399_120, 6, "2026-11-20T20:00:07.39912Z"),
        (399_120, 3, "2026-11-20T20:00:07.399Z"),
        (7, 3, "2026-11-20T20:00:07Z"),
        (7, 6, "2026-11-20T20:00:07.000007Z"),
    ],
)
def test_time_stamps_cut_zeros_and_end_in_z(micros: int, digits: int, expected: str) -> None:
    assert clock.iso(WHOLE + micros, digits) == expected


def test_never_is_the_first_day_of_sql_server() -> None:
    assert clock.iso(clock.NEVER_US, 3) == "1753-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("hour", "day", "expected"),
    [(0, 7, "Jul  7 2019 12:45AM"), (1, 7, "Jul  7 2019  1:45AM"), (12, 7, "Jul  7 2019 12:45PM"), (20, 17, "Jul 17 2019  8:45PM")],
)
def test_restore_points_are_named_as_sql_server_writes_dates(hour: int, day: int, expected: str) -> None:
    # 2019-07-01 00:45:00 UTC
    first = 1_561_941_900
    assert clock.point_name((first + (day - 1) * 86_400 + hour * 3600) * clock.SECOND_US, 3) == expected


def test_restore_points_on_postgresql_carry_microseconds() -> None:
    assert clock.point_name(WHOLE + 920_773, 6) == "2026-11-20 20:00:07.920773"


def test_session_names_carry_a_fraction_on_postgresql_only() -> None:
    assert clock.name_stamp(WHOLE + 193_290, 3) == "2026-11-20 20:00:07"
    assert clock.name_stamp(WHOLE + 193_290, 6) == "2026-11-20 20:00:07.19329"


def test_the_clock_runs_at_its_speed_jumps_and_can_be_wrong() -> None:
    real = [100.0]
    told = Clock(lambda: real[0], start=clock.moment(WHOLE), speed=10)
    real[0] += 2
    assert told.elapsed() == pytest.approx(20)
    told.set_speed(0)
    real[0] += 50
    told.advance(5)
    assert told.elapsed() == pytest.approx(25)
    told.offset = -60
    assert told.http_date() == "Fri, 20 Nov 2026 19:59:32 GMT"
    with pytest.raises(ValueError, match="back"):
        told.advance(-1)
