# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the service does not tell is in every report, and so is what the account of the audit may not see."""

from __future__ import annotations

import pytest
from records import SERVER, found, said

from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.model import CHECKS, NOT_ASSESSABLE, PASS

UNSEEN = [f"X{number:02d}" for number in range(2, 10)]


@pytest.mark.parametrize("identity", UNSEEN)
def test_what_nobody_tells_is_never_a_pass(identity: str) -> None:
    (finding,) = found(identity)
    judgement = finding.judgement
    assert (finding.status, judgement.subject.kind, judgement.subject.name) == (NOT_ASSESSABLE, "enterprise_manager", SERVER)
    assert judgement.reason.endswith("An attestation with owner and expiry, or other evidence, has to answer for it.")


def test_each_of_them_asks_a_question_of_its_own_and_reads_nothing() -> None:
    assert len({said(identity)[0].reason for identity in UNSEEN}) == len(UNSEEN)
    assert all(not CHECKS[identity].reads and CHECKS[identity].controls and CHECKS[identity].limits for identity in UNSEEN)


def test_an_attestation_answers_it() -> None:
    (finding,) = found("X03")
    finding.attestation = "ATT-7"
    assert finding.status == PASS


@pytest.mark.parametrize(
    ("sees_all", "status", "words"),
    [(True, PASS, "sees the whole"), (False, NOT_ASSESSABLE, "does not see the whole estate."), (None, NOT_ASSESSABLE, "nobody could tell")],
)
def test_only_an_account_that_sees_everything_passes(sees_all: bool | None, status: str, words: str) -> None:
    (finding,) = found("A01", sees_all=sees_all, account="EXAMPLE\\auditor", roles=("Portal User",))
    assert finding.status == status
    assert words in finding.judgement.reason and finding.judgement.reason.startswith("The account EXAMPLE\\auditor ")
    assert finding.judgement.measured == {"sees_all": sees_all, "roles": ["Portal User"]}
