# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The declarations of the collection: which fields exist. The wire is written by this package's own code."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

_MODULE_UTILS = Path(__file__).resolve().parents[3] / "plugins" / "module_utils"


def _load() -> tuple[Any, ...]:
    """Import everything that is declared from the checkout or installed collection that this file lies in."""
    sys.path.insert(0, str(_MODULE_UTILS))
    try:
        from _api.entities import registry
    finally:
        sys.path.remove(str(_MODULE_UTILS))
    resources: tuple[Any, ...] = registry.RESOURCES
    return resources


RESOURCES = _load()
BY_TYPE: dict[str, Any] = {declared.type: declared for declared in RESOURCES}
BY_THING: dict[str, Any] = {declared.thing: declared for declared in RESOURCES}
BY_QUERY_TYPE: dict[str, Any] = {declared.query_type: declared for declared in RESOURCES if declared.query_type}

# Which things list which: (type of the owner, type of the member). A hierarchy is walked by its own family.
CHILD_TYPES = frozenset((declared.type, child.type) for declared in RESOURCES for child in declared.children) | {
    ("HierarchyRoot", "HierarchyItem"),
    ("HierarchyItem", "HierarchyItem"),
}
# Found by a name that is no GUID, and yet the reference shows references to it.
NAMED_BY_PATH = ("CatalogVm",)
# Has URNs, but the reference knows one representation only.
_NEVER_REFERRED = ("SystemSession",)


def resource(entity_type: str) -> Any:
    """Return the declared resource of an entity type such as ``Job``. Raises KeyError when nobody declared it."""
    return BY_TYPE[entity_type]


def has_references(declared: Any) -> bool:
    """Whether a list without format=Entity holds references: "key resources" do, all others have one representation (API reference)."""
    keyed = declared.key == "uid" and declared.type not in _NEVER_REFERRED
    return bool(declared.list_root) and (keyed or declared.type in NAMED_BY_PATH)


def is_known(declared: Any, versions: tuple[str, ...]) -> bool:
    """Whether a server that speaks these versions of the API has the resource."""
    return _number(declared.since) <= max(_number(version) for version in versions)


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.lstrip("v").split("_"))
