# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole bodies: single things, lists, query results, the root of the service, reports."""

from __future__ import annotations

from typing import Any

from .query import ENTITY_MEMBERS, Page, page_links
from .wire import (
    DECLARATION,
    NAMESPACES,
    Context,
    Element,
    Link,
    Spec,
    attribute,
    json_entity,
    json_links,
    json_reference,
    json_text,
    json_value,
    put,
    xml_element,
    xml_entity,
    xml_links,
    xml_list,
    xml_reference,
)

# Slips of the wire: how a query calls the list, in both formats or in JSON only (WIRE.md section 1).
QUERY_LISTS = {"ObjectInJob": "sInObjectJob", "Credentials": "CredentialsList"}
QUERY_MEMBERS = {"AgentBackupJob": "AgentBackupJob", "CloudPublicIpAddress": "CloudPublicIps"}


def single(thing: Any, spec: Spec, ctx: Context, as_json: bool, entity: bool) -> str:
    """Write one thing as an entity or as a reference."""
    entity = entity or spec.reference is None
    if as_json:
        return json_text(json_entity(thing, spec, ctx) if entity else json_reference(thing, spec, ctx), ctx.profile)
    if entity:
        return DECLARATION + xml_entity(thing, spec, ctx, spec.root, NAMESPACES)
    return DECLARATION + xml_reference(thing, spec, ctx, "EntityRef", NAMESPACES)


def collection(things: list[Any], spec: Spec, ctx: Context, as_json: bool, entity: bool) -> bytes:
    """Write a whole collection: one level of nesting, no paging (WIRE.md section 0, 4).

    Encoded thing by thing: 100,000 of them as one text with an emoji in it would take four bytes a letter.
    """
    entity = entity or spec.reference is None
    if as_json:
        write = json_entity if entity else json_reference
        name = ctx.profile.key(spec.json_list if entity else "Refs")
        return f'{{"{name}":['.encode() + b",".join([json_text(write(thing, spec, ctx), ctx.profile).encode() for thing in things]) + b"]}"
    root = spec.list_root if entity else "EntityReferences"
    write_xml, item = (xml_entity, spec.item) if entity else (xml_reference, "Ref")
    items = b"".join([write_xml(thing, spec, ctx, item).encode() for thing in things])
    head = f"{DECLARATION}<{root}{NAMESPACES}"
    return f"{head}>".encode() + items + f"</{root}>".encode() if items else f"{head} />".encode()


def query_result(page: Page, spec: Spec, envelope: str, parameters: list[tuple[str, str]], ctx: Context, as_json: bool, entity: bool) -> str:
    """Write a page of a query; ``envelope`` is Entities or Resources."""
    entity = entity or spec.reference is None
    links = page_links(parameters, page, ctx.profile)
    if as_json:
        return json_text(_json_result(page, spec, envelope, links, ctx, entity), ctx.profile)
    if entity:
        inner = xml_list(QUERY_LISTS.get(spec.type, spec.list_root), [xml_entity(thing, spec, ctx, spec.item) for thing in page.things], "")
        body = f"<{envelope}>{inner}</{envelope}>"
    else:
        body = xml_list("Refs", [xml_reference(thing, spec, ctx) for thing in page.things], "")
    paging = f'<PagingInfo PageNum="{page.number}" PageSize="{page.size}" PagesCount="{page.count}">{xml_links(links, ctx)}</PagingInfo>'
    return f"{DECLARATION}<QueryResult{NAMESPACES}>{body}{paging}</QueryResult>"


def _json_result(page: Page, spec: Spec, envelope: str, links: list[Link], ctx: Context, entity: bool) -> dict[str, Any]:
    profile, key = ctx.profile, ctx.profile.key
    parts: dict[str, Any] = {"Refs": None, "Entities": None, "Resources": None, "Links": None}
    if not entity:
        parts["Refs"] = {key("Refs"): [json_reference(thing, spec, ctx) for thing in page.things]}
    else:
        member = QUERY_LISTS.get(spec.type) or QUERY_MEMBERS.get(spec.type, spec.list_root)
        inner = {key(spec.json_list): [json_entity(thing, spec, ctx) for thing in page.things]}
        names = ENTITY_MEMBERS if envelope == "Entities" else [member]
        members: dict[str, Any] = {}
        for name in names:
            put(members, name, inner if name == member else None, profile)
        parts[envelope] = members
    written: dict[str, Any] = {}
    for name, value in parts.items():
        put(written, name, value, profile)
    written[key("PagingInfo")] = {
        key("Links"): json_links(links, ctx),
        key("PageNum"): page.number,
        key("PageSize"): page.size,
        key("PagesCount"): page.count,
    }
    return written


def service_root(ctx: Context, as_json: bool) -> str:
    """Write GET /api/: the versions that this server speaks."""
    versions = ctx.profile.versions
    links = [Link("Down", "/logonSessions", None, "LogonSessionList"), Link("Create", "/sessionMngr/?v=latest", None, "LogonSession")]

    def create(version: str) -> list[Link]:
        return [Link("Create", f"/sessionMngr/?v={version}", None, "LogonSession")]

    if as_json:
        key = ctx.profile.key
        listed = [{key("Links"): json_links(create(version), ctx), key("Name"): version} for version in versions]
        written: dict[str, Any] = {key("SupportedVersions"): {key("SupportedVersions"): listed}, key("Links"): json_links(links, ctx)}
        for name in ("Href", "Type"):
            put(written, name, None, ctx.profile)
        return json_text(written, ctx.profile)
    listed_xml = "".join(f'<SupportedVersion Name="{version}">{xml_links(create(version), ctx)}</SupportedVersion>' for version in versions)
    body = xml_links(links, ctx) + f"<SupportedVersions>{listed_xml}</SupportedVersions>"
    return f"{DECLARATION}<EnterpriseManager{NAMESPACES}>{body}</EnterpriseManager>"


def frame(root: str, elements: tuple[Element, ...], values: dict[str, Any], ctx: Context, as_json: bool) -> str:
    """Write a report: elements that repeat stand without a wrapper in XML and under their plural in JSON."""
    if as_json:
        written: dict[str, Any] = {}
        for element in elements:
            name = element.wire + "s" if element.many else element.wire
            put(written, name, json_value(element, values.get(element.wire), ctx.profile), ctx.profile)
        if ctx.profile.json_nulls:
            for name in ("Links", "Href", "Type"):
                put(written, name, None, ctx.profile)
        return json_text(written, ctx.profile)
    attributes = "".join(attribute(element.wire, str(values[element.wire])) for element in elements if element.attribute)
    body = "".join(xml_element(element, values.get(element.wire), ctx.profile) for element in elements if not element.attribute)
    return f"{DECLARATION}<{root}{attributes}{NAMESPACES}>{body}</{root}>"
