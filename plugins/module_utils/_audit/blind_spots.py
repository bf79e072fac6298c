# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a check could not look at, though it could look at other things. Private to this collection."""

from __future__ import annotations

from typing import Dict, Iterator

from .._api.entities.registry import RESOURCES
from .._api.job_contents import CLOSED_CONTAINERS, CONTAINER_MACHINES, HIERARCHY_MACHINES
from .facts import Facts
from .model import NOT_ASSESSABLE, Judgement

_TITLES: Dict[str, str] = {
    **{resource.plural: resource.subject for resource in RESOURCES},
    HIERARCHY_MACHINES: "The machines of virtualization hosts",
    CONTAINER_MACHINES: "The machines in containers of jobs",
    CLOSED_CONTAINERS: "The machines in containers of jobs",
}


def blind_spots(facts: Facts, *kinds: str) -> Iterator[Judgement]:
    """Yield one judgement about the Enterprise Manager for each kind of record that could not be read, with the reason."""
    for kind in kinds:
        gap = facts.gap(kind)
        if gap is not None:
            yield Judgement(facts.own_subject, gap.status, "%s could not be read, so what they would tell is not judged. %s" % (_TITLES[kind], gap.reason))


def narrow_view(facts: Facts, what: str) -> Iterator[Judgement]:
    """Yield that the account does not see everything, where that is known. Args: what: the things of which some may be hidden."""
    if facts.server.sees_all is False:
        reason = "The account sees a part of the Enterprise Manager only, so that there may be %s that are not judged." % what
        yield Judgement(facts.own_subject, NOT_ASSESSABLE, reason)
