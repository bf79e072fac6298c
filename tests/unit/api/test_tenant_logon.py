# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tenants of Cloud Connect log on with a body of XML, whatever the wire format; over real TLS on loopback."""

from __future__ import annotations

from typing import Any

import pytest
from tiny_server import SESSION_IDS, Authority, TinyServer, error

from _api.errors import AuthenticationError, OptionError
from _api.session import ConnectionOptions, Session

USER, PASSWORD = "Müller & Sons", "<p&ss>\"wörd'"
HEAD = '<?xml version="1.0" encoding="utf-8"?><LoginSpec xmlns="http://www.veeam.com/ent/v1.0">'
TENANT = HEAD + "<TenantCredentials><Username>Müller &amp; Sons</Username><Password>&lt;p&amp;ss&gt;\"wörd'</Password></TenantCredentials></LoginSpec>"
ORGANIZATION = (
    HEAD + "<VCloudOrganizationCredentials><OrganizationName>Org &lt;1&gt;</OrganizationName><Login>Müller &amp; Sons</Login>"
    "<Password>&lt;p&amp;ss&gt;\"wörd'</Password></VCloudOrganizationCredentials></LoginSpec>"
)


def connect(server: TinyServer, authority: Authority, **changes: Any) -> Session:
    """Return a session of a tenant with the server."""
    wanted = {"host": "127.0.0.1", "port": server.port, "username": USER, "password": PASSWORD, "ca_path": str(authority.files.ca), "tenant": True}
    return Session(ConnectionOptions(**{**wanted, **changes}), environ={})


@pytest.mark.parametrize("wire_format", ["json", "xml"])
@pytest.mark.parametrize(("organization", "body"), [("", TENANT), ("Org <1>", ORGANIZATION)], ids=["tenant", "organization"])
def test_a_tenant_logs_on_with_a_body_and_no_header(server: TinyServer, authority: Authority, wire_format: str, organization: str, body: str) -> None:
    with connect(server, authority, wire_format=wire_format, organization=organization) as session:
        session.get("/cloud")
    log_on = server.asked[1]
    assert (log_on.line, log_on.body.decode("utf-8"), log_on.headers["Authorization"]) == ("POST /api/sessionMngr/", body, None)
    assert (log_on.headers["Content-Type"], log_on.headers["Accept"]) == ("application/xml", "application/xml")


def test_the_credentials_travel_with_the_log_on_only(server: TinyServer, authority: Authority) -> None:
    with connect(server, authority) as session:
        session.get("/cloud")
        session.post("/cloud/cloudFailoverPlans/1", {"action": "start"})
    assert [bool(asked.body) for asked in server.asked] == [False, True, False, False, False]
    assert [asked.headers["Content-Type"] for asked in server.asked] == [None, "application/xml", None, None, None]
    assert server.lines[-1] == "DELETE /api/logonSessions/%s" % SESSION_IDS[0]


def test_a_wrong_password_is_advice_for_tenants(server: TinyServer, authority: Authority) -> None:
    server.say("POST /api/sessionMngr/", error(401, "The user name or password is incorrect"))
    with pytest.raises(AuthenticationError, match=r"of the tenant; .* needs the option organization"), connect(server, authority) as session:
        session.get("/cloud")


def test_the_body_is_shown_nowhere(server: TinyServer, authority: Authority) -> None:
    server.say("POST /api/sessionMngr/", lambda asked: error(500, "Cannot read " + asked.body.decode("utf-8")))
    with pytest.raises(Exception, match="500") as caught, connect(server, authority) as session:
        session.get("/cloud")
    assert "wörd" not in str(caught.value) and "wörd" not in str(vars(caught.value)) and "********" in str(caught.value)


def test_an_organization_belongs_to_a_tenant() -> None:
    with pytest.raises(OptionError, match="VEEAM_EM_TENANT"):
        ConnectionOptions(host="em", username="u", password="p", organization="Org").check()
