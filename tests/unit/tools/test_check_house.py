# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules of the house are enforced, and what they allow passes."""

from __future__ import annotations

from dataclasses import replace

import check_descriptions
import check_house
import pytest

from _api.entities._model import Field, Kind, Struct

HEAD = "\n".join(check_house.HEADER) + "\n\nfrom __future__ import annotations\n\n"


def test_a_file_without_the_licence_is_reported() -> None:
    assert list(check_house.check_header("a.py", "import os\n")) == [
        "a.py:1: the licence header is missing or differs",
        "a.py:1: `from __future__ import annotations` is missing",
    ]
    assert list(check_house.check_header("a.py", HEAD + "import os\n")) == []


@pytest.mark.parametrize(("lines", "complaints"), [(59, 0), (60, 1)])
def test_a_function_has_at_most_sixty_lines(lines: int, complaints: int) -> None:
    text = "def long():\n" + "    pass\n" * lines
    assert len(list(check_house.check_functions("a.py", text))) == complaints


@pytest.mark.parametrize(("text", "complaints"), [("_, b = pair\n", 1), ("for _ in x: pass\n", 1), ("_a, b = pair\n", 0)])
def test_the_name_that_sanity_refuses_is_reported_early(text: str, complaints: int) -> None:
    assert len(list(check_house.check_names("a.py", text))) == complaints


@pytest.mark.parametrize(
    ("name", "text", "complaints"),
    [
        ("plugins/module_utils/_api/wire.py", "import ansible.module_utils.basic\n", 1),
        ("plugins/module_utils/_api/wire.py", "from .._ansible import lanes\n", 1),
        ("plugins/module_utils/_api/session.py", "import requests\n", 0),
        ("plugins/module_utils/_api/entities/jobs.py", "import requests\n", 1),
        ("plugins/modules/veeam_em_job_info.py", "import requests\n", 1),
        ("plugins/module_utils/_api/machines.py", "from .._audit import facts\n", 1),
        ("plugins/module_utils/_audit/facts.py", "from .._ansible.lanes import Call\n", 1),
        ("plugins/module_utils/_audit/facts.py", "from .._api.session import Session\n", 1),
        ("plugins/module_utils/_audit/facts.py", "from .._api import machines, reading\n", 1),
        ("plugins/module_utils/_audit/checks/runs.py", "from ..._api import session\n", 1),
        ("plugins/module_utils/_audit/checks/runs.py", "from ..._api.entities.jobs import COPY_JOB_TYPES\n", 0),
        ("plugins/module_utils/_audit/policy.py", "import yaml\nfrom .model import Check\n", 0),
        ("plugins/module_utils/_audit/policy.py", "import requests\n", 1),
        ("plugins/plugin_utils/controller_lane.py", "from ansible.plugins.action import ActionBase\n", 0),
    ],
)
def test_imports_go_one_way(name: str, text: str, complaints: int) -> None:
    assert len(list(check_house.check_imports(name, text))) == complaints


@pytest.mark.parametrize(
    ("line", "complaints"),
    [
        ("see https://docs.ansible.com/x", 0),
        ("https://em.example.com:9398/api/", 0),
        ("https://{{ host }}:9398", 0),
        ("https:" + "//files.somewhere.net/x", 1),
        ("a file in " + "/".join(("", "root", "x.pem")), 1),
        ("GET /api/work/x", 0),
    ],
)
def test_texts_name_no_unknown_host_and_no_path_of_one_machine(line: str, complaints: int) -> None:
    assert len(list(check_house.check_words("a.md", line))) == complaints


NAMED = Field("backup_size", "BackupSize", Kind.STRING, "")


@pytest.mark.parametrize(
    ("kind", "text", "complaint"),
    [
        (Kind.STRING, "Size of the backup.", "repeats the name"),
        (Kind.STRING, "The backup's size, as it is called.", "repeats the name"),
        (Kind.STRING, "Backup sizes on disk.", "repeats the name"),
        (Kind.STRING, "Space that its files take on disk.", ""),
        (Kind.STRING, "space that its files take on disk.", "is no whole sentence"),
        (Kind.STRING, "Space that its files take on disk", "is no whole sentence"),
        (Kind.SIZE, "Space that its files take on disk.", "says no unit (bytes)"),
        (Kind.SIZE, "Space that its files take on disk, in MB.", "says no unit (bytes)"),
        (Kind.SIZE, "Space that its files take on disk, in bytes.", ""),
        (Kind.INT, "Space that its files take on disk.", "says no unit"),
        (Kind.INT, "Space that its files take on disk, in MB.", ""),
        (Kind.INT, "How many files take space on disk.", ""),
        (Kind.DECIMAL, "Space that the files take now and then.", "says no unit"),
        (Kind.DATETIME, "When its files were last written.", "says no zone"),
        (Kind.DATETIME, "When its files were last written. Time in UTC.", ""),
        (Kind.SCHEDULE_TIME, "When its files are written again.", "says no clock"),
    ],
)
def test_a_description_says_something(kind: str, text: str, complaint: str) -> None:
    assert list(check_descriptions.complaints(replace(NAMED, kind=kind, description=text))) == ([complaint] if complaint else [])


def test_a_text_that_holds_a_time_says_its_zone() -> None:
    point = replace(NAMED, description="Moment at which its files were written.", sample="Nov 20 2026  8:00PM")
    assert list(check_descriptions.complaints(point)) == ["says no zone"]
    assert list(check_descriptions.complaints(replace(point, sample="2026-11-20"))) == ["says no zone"]
    assert list(check_descriptions.complaints(replace(point, description="Moment in UTC at which its files were written."))) == []


def test_nested_fields_are_looked_at_too() -> None:
    inner = replace(NAMED, name="inner", description="Inner.")
    outer = replace(NAMED, name="outer", kind=Kind.STRUCT, struct=Struct((inner,)))
    assert [path for path, _field in check_descriptions.fields_within((outer,))] == ["outer", "outer.inner"]


def test_every_declared_field_is_described() -> None:
    assert list(check_descriptions.check_descriptions()) == []
