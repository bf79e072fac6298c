# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A headless browser, reports on disk, and an ear for whatever a page complains of or asks for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import browser
import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

HERE = Path(__file__).parent
UNIT = HERE.parent / "unit"
sys.path[:0] = [str(HERE), str(UNIT / "audit" / "helpers"), str(UNIT / "api" / "helpers")]

from lifelike_documents import NASTY, document  # noqa: E402
from opened_page import Opened, Opener  # noqa: E402
from records import CHECKS, rule_of  # noqa: E402
from rig_em import RigEm  # noqa: E402
from simulated import facts_of  # noqa: E402

from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.document import as_document  # noqa: E402
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.evaluate import Audit, evaluate, kinds_read  # noqa: E402
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.reports import html  # noqa: E402
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.settings import Policy  # noqa: E402


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A browser; a machine without one fails here, for ``make test`` has asked before."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=str(browser.obtain()))
        yield running
        running.close()


def of_simulated_estate() -> dict[str, Any]:
    """Return the audit of the simulated estate by every check there is."""
    policy = Policy("everything", {identity: rule_of(identity) for identity in CHECKS}, "All checks.", "everything", "0" * 64)
    facts = facts_of(RigEm(), kinds_read(policy))
    return as_document(Audit(policy, facts.server.gathered_at, [evaluate(facts, policy)]), "0.3.0")


MADE: dict[str, Callable[[], dict[str, Any]]] = {
    "two servers": lambda: document(45, servers=2, names=NASTY),
    "simulated": of_simulated_estate,
    "large": lambda: document(10000, broken=100.0),
}


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[dict[str, Any], Path]]:
    """Return what writes a report once and says where it lies."""
    folder = tmp_path_factory.mktemp("reports")
    written: dict[str, tuple[dict[str, Any], Path]] = {}

    def write(name: str) -> tuple[dict[str, Any], Path]:
        if name not in written:
            made = MADE[name]()
            path = folder / f"{name}.html"
            path.write_bytes(html.write(made))
            written[name] = made, path
        return written[name]

    return write


@pytest.fixture
def opened(chromium: Browser, reports: Callable[[str], tuple[dict[str, Any], Path]]) -> Iterator[Opener]:
    """Return what opens a report by name in a fresh context with settings of Playwright's; at the end nobody may have complained."""
    contexts: list[BrowserContext] = []
    pages: list[Opened] = []

    def open_report(name: str, **settings: Any) -> Opened:
        made, path = reports(name)
        context = chromium.new_context(offline=True, **{"viewport": {"width": 1280, "height": 900}, **settings})
        contexts.append(context)
        one = Opened(context.new_page(), made, path.as_uri())
        one.page.on("console", lambda message: one.complaints.append(f"{message.type}: {message.text}"))
        one.page.on("pageerror", lambda error: one.complaints.append(str(error)))
        one.page.on("dialog", lambda dialog: one.complaints.append(f"dialog: {dialog.message}"))
        one.page.on("request", lambda request: one.requests.append(request.url))
        one.page.goto(one.url)
        pages.append(one)
        return one

    yield open_report
    for context in contexts:
        context.close()
    for one in pages:
        assert one.complaints == []
        assert {url.partition("#")[0] for url in one.requests} == {one.url}
