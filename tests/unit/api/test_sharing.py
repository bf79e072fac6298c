# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is held of records, and that equal things in them are held once."""

from __future__ import annotations

import sys
from typing import Any

from _api.sharing import Extract, Sharing

POINT = {"id": "p1", "name": "web01@1", "backup": {"id": "b1", "uid": "urn:b1", "name": "Daily", "type": "Backup"}, "size": 5, "tags": ["a"]}


def copied(value: Any) -> Any:
    """Return an equal value in which no text is the same object."""
    if isinstance(value, dict):
        return {copied(name): copied(item) for name, item in value.items()}
    return "".join(list(value)) if isinstance(value, str) else value


def test_only_what_is_wanted_is_held() -> None:
    assert Extract(("id", "size")).of(POINT) == {"id": "p1", "size": 5}


def test_of_a_reference_only_the_parts_that_are_wanted_are_held() -> None:
    assert Extract(("backup.id", "size", "backup.name")).of(POINT) == {"size": 5, "backup": {"id": "b1", "name": "Daily"}}


def test_who_wants_the_whole_reference_gets_it() -> None:
    for names in (("backup.id", "backup"), ("backup", "backup.id")):
        assert Extract(names).of(POINT) == {"backup": POINT["backup"]}


def test_a_reference_that_is_not_there_stays_none() -> None:
    assert Extract(("backup.id",)).of({"backup": None}) == {"backup": None}


def test_what_a_record_lacks_is_told() -> None:
    assert Extract(("backup.id", "id")).missing_in(POINT) == ()
    assert Extract(("replica.id", "age", "id")).missing_in(POINT) == ("age", "replica")


def test_shared_records_are_equal_dictionaries_with_equal_parts_once() -> None:
    sharing = Sharing()
    first, second = sharing.shared(copied(POINT)), sharing.shared(copied(POINT))
    assert first == POINT and second == POINT and list(first) == list(POINT)
    assert isinstance(first, dict)
    assert first is not second and first["name"] is second["name"] and first["backup"] is second["backup"]
    first["name"] = "other"
    assert second["name"] == POINT["name"]


def test_a_text_in_a_reference_is_that_of_the_record_it_names() -> None:
    sharing = Sharing()
    of_itself, of_another = sharing.shared(copied({"id": "b1"})), sharing.shared(copied({"backup": {"id": "b1"}}))
    assert of_another["backup"]["id"] is of_itself["id"]


def test_references_that_differ_in_their_keys_alone_are_not_mixed_up() -> None:
    sharing = Sharing()
    values = [{"id": None}, {"uid": None}, {"id": None, "uid": None}, {"uid": None, "id": None}]
    assert [sharing.shared({"backup": value})["backup"] for value in values] == values


def test_records_of_one_form_take_less_memory_than_dictionaries_of_their_own() -> None:
    sharing = Sharing()
    form = {"field_%d" % number: number for number in range(13)}
    assert sys.getsizeof(sharing.shared(form)) < sys.getsizeof(dict(form))
