# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The findings as Prometheus text. Its own parser has its say in tests/reports."""

from __future__ import annotations

import re
from typing import Any

from documents import Document, document_of, every_status, large, nasty_documents
from hypothesis import HealthCheck, given, settings

from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.model import STATUSES
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.reports.prometheus import METRICS, PREFIX, write

SAMPLE = re.compile(r'^(?P<name>[a-z_]+)(?:\{(?P<labels>(?:[a-z0-9_]+="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (?P<value>-?[0-9.e+]+)$')


def samples_of(document: Document) -> dict[str, float]:
    """Return every series with its value."""
    found: dict[str, float] = {}
    for line in write(document).decode("utf-8").split("\n")[:-1]:
        if not line.startswith("#"):
            sample = SAMPLE.match(line)
            assert sample, line
            series = line.rpartition(" ")[0].removeprefix(PREFIX)
            assert series not in found, f"{series} is there twice"
            found[series] = float(sample["value"])
    return found


def with_figures(ages: list[dict[str, Any]] | None = None, repositories: list[dict[str, Any]] | None = None) -> Document:
    """Return a document whose first server has these figures."""
    document = every_status()
    document["servers"][0]["figures"].update(restore_point_ages=ages or [], repositories=repositories or [])
    return document


def repository(name: str = "main", **more: Any) -> dict[str, Any]:
    """Return a repository of the figures."""
    return {
        "name": name,
        "uid": "1",
        "backup_server": "vbr01",
        "kind": "WinLocal",
        "capacity": 1000,
        "free": 250,
        "used_share": 0.75,
        "days_to_full": 2.5,
        **more,
    }


def test_findings_are_counted_by_rule_and_status() -> None:
    samples = samples_of(every_status())
    where = 'findings{server="em01.example.com:9398",rule="C02",severity="high",status="%s"}'
    assert {status: samples[where % status] for status in STATUSES} == {"pass": 1, "fail": 1, "waived": 0, "not_assessable": 0, "error": 0}
    assert samples['findings{server="em01.example.com:9398",rule="C10",severity="medium",status="waived"}'] == 1
    assert samples['findings{server="em02.example.com:9398",rule="C02",severity="high",status="error"}'] == 1
    assert sum(value for series, value in samples.items() if series.startswith("findings{")) == len(every_status()["findings"])


def test_the_audit_says_when_it_was_and_what_it_could_not_see() -> None:
    samples = samples_of(every_status())
    assert samples["timestamp_seconds"] == 1795176000
    assert samples['gathered_timestamp_seconds{server="em01.example.com:9398"}'] == 1795176000 - 180
    assert samples['info{version="0.3.0",policy="baseline",policy_sha256="%s"}' % ("ab" * 32)] == 1
    assert samples['sees_all{server="em01.example.com:9398"}'] == 1
    assert 'sees_all{server="em02.example.com:9398"}' not in samples, "nobody could tell"
    assert samples['kinds_not_read{server="em02.example.com:9398"}'] == 1
    assert samples['waivers{state="active"}'] == samples['attestations{state="active"}'] == 1


def test_ages_are_counts_below_each_limit() -> None:
    ages = [
        {"from_hours": 0, "to_hours": 24, "machines": 5, "beyond_rpo": 0},
        {"from_hours": 24, "to_hours": 48.5, "machines": 2, "beyond_rpo": 1},
        {"from_hours": 48.5, "to_hours": None, "machines": 1, "beyond_rpo": 1},
        {"from_hours": None, "to_hours": None, "machines": 3, "beyond_rpo": 3},
    ]
    samples = samples_of(with_figures(ages))
    where = 'machines_by_restore_point_age{server="em01.example.com:9398",le="%s"}'
    assert [samples[where % limit] for limit in ("86400", "174600", "+Inf")] == [5, 7, 8]
    assert samples['machines{server="em01.example.com:9398"}'] == 11
    assert samples['machines_beyond_rpo{server="em01.example.com:9398"}'] == 5
    assert samples['machines_without_restore_point{server="em01.example.com:9398"}'] == 3
    assert 'machines{server="em02.example.com:9398"}' not in samples, "no figure is not nought"


def test_repositories_tell_their_space_where_it_is_known() -> None:
    samples = samples_of(with_figures(repositories=[repository(), repository("other", capacity=None, free=None, days_to_full=None), repository(free=1)]))
    where = '{server="em01.example.com:9398",backup_server="vbr01",repository="main"}'
    assert samples["repository_capacity_bytes" + where] == 1000
    assert samples["repository_free_bytes" + where] == 250, "of two that are alike the first counts"
    assert samples["repository_seconds_to_full" + where] == 216000
    assert not [series for series in samples if 'repository="other"' in series]


def test_labels_are_escaped() -> None:
    text = write(with_figures(repositories=[repository('a\\b"c\nd\re\x00\ud800', backup_server=None)])).decode("utf-8")
    assert 'backup_server="",repository="a\\\\b\\"c\\nd e\ufffd\ufffd"} 1000\n' in text


def test_every_family_is_explained_once() -> None:
    lines = write(every_status()).decode("utf-8").split("\n")
    for keyword in ("HELP", "TYPE"):
        assert [line.split(" ")[2] for line in lines if line.startswith(f"# {keyword} ")] == [PREFIX + metric.name for metric in METRICS]
    assert {line.split(" ")[3] for line in lines if line.startswith("# TYPE ")} == {"gauge"}
    assert all(metric.meaning.endswith(".") and "\n" not in metric.meaning and "\\" not in metric.meaning for metric in METRICS)


def test_more_machines_make_no_more_series() -> None:
    assert len(samples_of(large(10, 3, 0.5))) == len(samples_of(large(300, 3, 0.5)))


def test_an_audit_of_nothing_tells_when_it_was() -> None:
    assert "timestamp_seconds" in samples_of(document_of([], []))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(nasty_documents())
def test_every_line_is_a_sample_whatever_the_texts(document: Document) -> None:
    samples = samples_of(document)
    assert sum(value for series, value in samples.items() if series.startswith("findings{")) == len(document["findings"])
