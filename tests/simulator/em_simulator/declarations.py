# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The declarations of the collection: which fields exist. The wire is written by this package's own code."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

_MODULE_UTILS = Path(__file__).resolve().parents[3] / "plugins" / "module_utils"


def _load() -> Any:
    """Import the registry of resources from the checkout or installed collection that this file lies in."""
    sys.path.insert(0, str(_MODULE_UTILS))
    try:
        from _api.entities import registry
    finally:
        sys.path.remove(str(_MODULE_UTILS))
    return registry


REGISTRY = _load()


def resource(entity_type: str) -> Any:
    """Return the declared resource of an entity type such as ``Job``. Raises KeyError when nobody declared it."""
    return REGISTRY.BY_TYPE[entity_type]
