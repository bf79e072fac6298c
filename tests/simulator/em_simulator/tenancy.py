# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tenants of Cloud Connect: they log on with a body instead of a header, and see their own things below /cloud and nothing else."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree

from .model import Account, Row, entity_type
from .problems import BAD_BODY, Problem, not_found

TENANT_ROLE = "Cloud Connect Tenant"
_NAMESPACE = "{http://www.veeam.com/ent/v1.0}"
# What a tenant's log-on session leads to (API reference, scenario of tenant credentials), and what belongs to these.
READABLE = ("CloudConnectService", "CloudFailoverPlan", "CloudFailoveredVm", "CloudFailoverSession", "CloudReplica", "CloudVmReplicaPoint")
LINKED = (("cloudFailoverPlans", "CloudFailoverPlan"), ("vmReplicaPoints", "CloudVmReplicaPoint"), ("replicas", "CloudReplica"))


def credentials(body: bytes, as_json: bool) -> tuple[str, str] | None:
    """Return user name and password of a LoginSpec, an organization's user as ``ORGANIZATION\\user``; None without a body.

    Raises Problem 400 for a body that is none.
    """
    if not body.strip():
        return None
    try:
        spec = _from_json(body) if as_json else _from_xml(body)
    except (ValueError, ElementTree.ParseError):
        raise Problem(400, BAD_BODY) from None
    tenant, organization = spec.get("TenantCredentials"), spec.get("VCloudOrganizationCredentials")
    try:
        if tenant is not None:
            return tenant["Username"], tenant["Password"]
        if organization is not None:
            return organization["OrganizationName"] + "\\" + organization["Login"], organization["Password"]
    except (KeyError, TypeError):
        pass
    raise Problem(400, BAD_BODY)


def _from_json(body: bytes) -> dict[str, Any]:
    spec = json.loads(body)
    if not isinstance(spec, dict):
        raise ValueError("not an object")
    return spec


def _from_xml(body: bytes) -> dict[str, Any]:
    root = ElementTree.fromstring(body)
    if root.tag != _NAMESPACE + "LoginSpec":
        raise ValueError("not a LoginSpec")
    return {_local(part): {_local(item): item.text or "" for item in part} for part in root}


def _local(element: ElementTree.Element) -> str:
    return element.tag.removeprefix(_NAMESPACE)


def may_read(account: Account, declared: Any) -> bool:
    """Whether a tenant may read this kind of thing at all."""
    return bool(account.tenant) and declared.type in READABLE


def own(account: Account, things: list[Any]) -> list[Any]:
    """Return what of a list the account may see: of a tenant only its own things."""
    return [thing for thing in things if _belongs(thing, account.tenant)] if account.tenant else things


def require_own(account: Account, thing: Any, title: str) -> None:
    """Raise Problem 404 for a thing of another tenant: nobody is told that it is there."""
    if account.tenant and not _belongs(thing, account.tenant):
        raise not_found(title, thing.id)


def _belongs(thing: Any, tenant: str) -> bool:
    return isinstance(thing, Row) and (
        thing.type == "CloudConnectService" or any(entity_type(other) == "CloudTenant" and other.id == tenant for other in thing.below)
    )
