# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The families of things, each in a module of its own.

A module offers ``add(world, build)``, which puts its rows in the world, and, for paths that the declarations cannot express,
``ROUTES``: (template as in ``routes``, method, handler), the handler called with the service, the call and the values of the path.
"""

from __future__ import annotations

from typing import Any

from . import (
    agents,
    backups,
    catalogue,
    cdp,
    cloud,
    cloud_recovery,
    hierarchy,
    infrastructure,
    jobs,
    mounts,
    nas,
    pages,
    replicas,
    security,
    selfservice,
    service,
    vcloud,
)

# In this order, since rows lead to rows that are there before them.
FAMILIES: tuple[Any, ...] = (
    infrastructure,
    hierarchy,
    jobs,
    backups,
    replicas,
    catalogue,
    pages,
    agents,
    nas,
    cdp,
    cloud,
    cloud_recovery,
    vcloud,
    selfservice,
    security,
    service,
    mounts,
)
