# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What came with which version of the API. Private to this collection. Source: WIRE.md section 6."""

from __future__ import annotations

from typing import Iterable, Optional, Tuple

from .entities._model import Resource
from .errors import OptionError
from .session import Session

# Enterprise Manager that first knew a version of the API.
PRODUCT_VERSIONS = {"v1_5": "10", "v1_6": "11", "v1_7": "12"}
# Answers with which servers that do not know a kind of thing refuse it (API.md section 1 "Errors").
NOT_KNOWN_THERE = (400, 404, 501)


def lack_of(session: Session, resource: Resource) -> Optional[OptionError]:
    """Return what to raise where the server is too old to know such things, None where it is not or where that cannot be told.

    The version of a log-on session that somebody else opened is not known, nor is it before the log-on.
    """
    spoken = _numbers(session.api_version)
    # What every server has that this collection is made for may be asked for in a still older version, if somebody wants that.
    if not spoken or resource.since == Resource.since or spoken >= _numbers(resource.since):
        return None
    return OptionError(
        "%s need Enterprise Manager %s or later (API version %s); this log-on session speaks %s."
        % (resource.subject, PRODUCT_VERSIONS[resource.since], resource.since, session.api_version),
        advice="" if session.options.api_version in ("", "auto") else "Where Enterprise Manager is new enough, leave the option api_version out.",
    )


def check_served(session: Session, resource: Resource) -> None:
    """Refuse what the server is too old for, after a log-on where only that tells. Raises OptionError, and what a log-on raises."""
    if resource.since == Resource.since or session.is_shared:
        return
    session.log_on()
    lack = lack_of(session, resource)
    if lack:
        raise lack


def product_of(offered: Iterable[str]) -> str:
    """Return the release of Enterprise Manager that offers these versions of the API, as far as they tell: "11", "12 or later", "" for none."""
    newest = max(offered, key=_numbers, default="")
    if not newest:
        return ""
    known = max((version for version in PRODUCT_VERSIONS if _numbers(version) <= _numbers(newest)), key=_numbers, default="")
    if not known:
        return "9.5"
    return PRODUCT_VERSIONS[known] + (" or later" if known == max(PRODUCT_VERSIONS, key=_numbers) else "")


def came_later(product: str, resource: Resource) -> bool:
    """Tell whether the kind came with a later release than the one that ``product_of`` has told; False where that told none."""
    release = PRODUCT_VERSIONS.get(resource.since)
    return bool(product and release) and float(product.split(maxsplit=1)[0]) < float(release or 0)


def _numbers(version: str) -> Tuple[int, ...]:
    return tuple(int(part) for part in version.lstrip("v").split("_") if part.isdecimal())
