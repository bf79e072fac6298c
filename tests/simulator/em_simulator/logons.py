# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Log-on sessions: Basic log-on, token in header or cookie, idle time-out (WIRE.md section 3)."""

from __future__ import annotations

import base64
import binascii
import hmac
import uuid
from typing import Mapping

from .model import Account, Logon
from .problems import Problem, unauthorized
from .profiles import Profile

TOKEN_HEADER = "X-RestSvcSessionId"
IDLE_SECONDS = 15 * 60
BAD_PASSWORD = "The user name or password is incorrect"
NO_SESSION = "Unauthorized: the session does not exist or has expired"
FORM_TYPE = "application/x-www-form-urlencoded"


class Logons:
    """The accounts and the log-on sessions that are open."""

    def __init__(self, accounts: list[Account]) -> None:
        self.accounts = {account.username.lower(): account for account in accounts}
        self.open: dict[str, Logon] = {}

    def log_on(self, authorization: str, content_type: str, version: str, profile: Profile, now: float, tenant: tuple[str, str] | None = None) -> Logon:
        """Open a log-on session; ``tenant`` is the name and password of a body, which count instead of the header. Raises Problem 415, 401 or 400."""
        if profile.camel and content_type.lower().startswith(FORM_TYPE):
            raise Problem(415, "Unsupported Media Type")
        account = self._checked(*tenant, of_tenant=True) if tenant else self._account(authorization)
        if version.lower() != "latest" and version.lower() not in profile.versions:
            raise Problem(400, f"Version [{version}] is not supported")
        logon = Logon(str(uuid.uuid4()), account, now, version)
        self.open[logon.id] = logon
        return logon

    def _account(self, authorization: str) -> Account:
        scheme, _sep, text = authorization.partition(" ")
        try:
            name, _sep, password = base64.b64decode(text, validate=True).decode("utf-8").partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise unauthorized(BAD_PASSWORD) from None
        if scheme.lower() != "basic":
            raise unauthorized(BAD_PASSWORD)
        return self._checked(name, password, of_tenant=False)

    def _checked(self, name: str, password: str, of_tenant: bool) -> Account:
        account = self.accounts.get(name.lower())
        if account is None or bool(account.tenant) != of_tenant or not hmac.compare_digest(account.password.encode(), password.encode()):
            raise unauthorized(BAD_PASSWORD)
        return account

    def current(self, headers: Mapping[str, str], cookie: str | None, now: float) -> Logon:
        """Return the log-on session of a request and renew it; the cookie wins over the header. Raises Problem 401."""
        token = cookie if cookie is not None else headers.get(TOKEN_HEADER, "")
        try:
            identifier = base64.b64decode(token, validate=True).decode("ascii")
        except (binascii.Error, UnicodeDecodeError):
            raise unauthorized(NO_SESSION) from None
        logon = self.open.get(identifier)
        if logon is None:
            raise unauthorized(NO_SESSION)
        if now - logon.last_used > IDLE_SECONDS:
            del self.open[identifier]
            raise unauthorized(NO_SESSION)
        logon.last_used = now
        return logon

    def drop_expired(self, now: float) -> None:
        """Forget the sessions that idled too long."""
        for identifier in [key for key, logon in self.open.items() if now - logon.last_used > IDLE_SECONDS]:
            del self.open[identifier]
