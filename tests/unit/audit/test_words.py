# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Numbers and times in sentences."""

from __future__ import annotations

import pytest

from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.words import to_the_second


@pytest.mark.parametrize(
    ("time", "words"),
    [("2026-11-22T08:00:58.588Z", "2026-11-22T08:00:58Z"), ("2026-11-22T08:00:58Z", "2026-11-22T08:00:58Z"), (None, "an unknown time")],
)
def test_a_sentence_tells_times_to_the_second(time: str | None, words: str) -> None:
    assert to_the_second(time) == words
