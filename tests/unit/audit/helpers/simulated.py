# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Facts of a simulated Enterprise Manager: read by the real gatherer, without sockets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rig_em import RigEm

from _api import gathering
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.facts import Answer, Facts, Gap, ServerFacts
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.model import ANSWER, ERROR, NOT_ASSESSABLE
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.times import as_time


def facts_of(em: RigEm, fields: Mapping[str, Sequence[str]], lookback_days: Mapping[str, float] | None = None, username: str = "admin", **server: Any) -> Facts:
    """Return what the account sees, with the fields of each kind, as at the server's present moment. Args: server: fields of ``ServerFacts`` to set."""
    ear = gathering.Ear(gathering.Store())
    session = em.session(username)
    session._observe = ear.observe
    with session:
        found = gathering.gather(session, ear, gathering.Store(), fields, lookback_days or {}, ANSWER, workers=1)
    gaps = {kind: Gap(NOT_ASSESSABLE if lack.refused else ERROR, lack.reason) for kind, lack in found.lacks.items()}
    answers = [Answer(heard.number, heard.url, heard.sha256, heard.time, heard.size) for heard in found.answers]
    told = {"account": found.notes.account, "roles": found.notes.roles, "sees_all": found.notes.sees_all, "api_version": found.notes.api_version}
    said = ServerFacts("em.example.com:9398", as_time(found.began.timestamp()), **{**told, **server})
    return Facts(said, found.began.timestamp(), found.collections, gaps, answers)
