# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The data of ``extensions/awx`` as Ansible reads it, with a site's variables filled in."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader
from ansible.template import Templar
from ansible.utils.collection_loader import AnsibleCollectionConfig

DATA = Path(__file__).resolve().parents[4] / "extensions" / "awx"


def awx_objects(kind: str, site: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """Return the objects of one kind, which is the name of a file of ``extensions/awx`` such as ``job_templates``.

    Args:
        site: variables instead of those of ``site.yml``.
    """
    filled_in = Templar(loader=DataLoader(), variables={**_data(), **(site or {})}).template(_data()[f"awx_{kind}"])
    # Without the tags by which Ansible remembers where a value came from.
    objects: list[dict[str, Any]] = json.loads(json.dumps(filled_in))
    return objects


def credential_type() -> dict[str, Any]:
    """Return the credential type, with its injectors as they are sent to AWX."""
    (found,) = awx_objects("credential_types")
    return found


@functools.cache
def _data() -> dict[str, Any]:
    """Return all variables that the files set, by name."""
    if AnsibleCollectionConfig.collection_finder is None:
        # Lookups are plugins, and without this there are none.
        init_plugin_loader([])
    loader = DataLoader()
    return {name: value for path in sorted(DATA.glob("*.yml")) for name, value in loader.load_from_file(str(path), trusted_as_template=True).items()}
