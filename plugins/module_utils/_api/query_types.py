# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Query types by name, for callers that take any of them. Private to this collection."""

from __future__ import annotations

from .entities._model import Resource
from .entities.registry import BY_QUERY_TYPE
from .errors import FilterError
from .query import nearest


def resource_for_query_type(name: str) -> Resource:
    """Return the resource behind a query type, in any case. Raises FilterError with the valid names."""
    by_lower = {known.lower(): resource for known, resource in BY_QUERY_TYPE.items()}
    resource = by_lower.get(name.strip().lower())
    if resource is None:
        raise FilterError("%r is not a query type.%s" % (name, nearest(name, BY_QUERY_TYPE)), advice="Known types: %s." % ", ".join(sorted(BY_QUERY_TYPE)))
    return resource
