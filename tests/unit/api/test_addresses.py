# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Paths and links to read: what is asked for, what is refused before anything is sent, and which declaration they belong to."""

from __future__ import annotations

import pytest

from _api.addresses import address_of, hide_logons
from _api.entities.registry import BY_TYPE, RESOURCES
from _api.errors import FilterError, OptionError
from _api.places import place_of

ID = "9e8d7c6b-5a49-4832-a1b0-c9d8e7f6a5b4"


@pytest.mark.parametrize(
    ("text", "path", "parameters"),
    [
        ("/jobs", "/jobs", {}),
        ("jobs/", "/jobs", {}),
        ("/api/jobs", "/jobs", {}),
        ("/API", "/", {}),
        ("/", "/", {}),
        (f"https://em.example.org:9398/api/jobs/{ID}?format=Entity", f"/jobs/{ID}", {"format": "Entity"}),
        ("http://[::1]:9399/api/query?type=Job&filter=Name%3d%3d%22a+b%22", "/query", {"type": "Job", "filter": 'Name=="a b"'}),
        ("/catalog/vms/srv 01/vmRestorePoints", "/catalog/vms/srv%2001/vmRestorePoints", {}),
        ("/catalog/vms/100%25/vmRestorePoints", "/catalog/vms/100%25/vmRestorePoints", {}),
        (f"/vmRestorePoints/{ID}/mounts/1/C:/Read%20me%20&%20sign.docx", f"/vmRestorePoints/{ID}/mounts/1/C:/Read%20me%20&%20sign.docx", {}),
        (f"/vmRestorePoints/{ID}/mounts/1/%2F?action=listAll", f"/vmRestorePoints/{ID}/mounts/1/%2F", {"action": "listAll"}),
        ("/catalog/vms/\u00fcbung", "/catalog/vms/%C3%BCbung", {}),
    ],
)
def test_an_address_is_path_and_parameters_whatever_server_is_named(text: str, path: str, parameters: dict[str, str]) -> None:
    address = address_of(text)
    assert (address.path, address.parameters) == (path, parameters)
    assert address_of(address.path).path == address.path


@pytest.mark.parametrize(
    "text",
    [
        "/jobs/../tasks",
        "/jobs/%2e%2E/tasks",
        "/jobs/./x",
        "/jobs//x",
        "/jobs/a%00b",
        "/jobs/a%0d%0ab",
        "https://em.example.org:9398/web/jobs",
        "https://em.example.org",
        "//em.example.org/jobs",
        "file:///etc/passwd/../shadow",
    ],
)
def test_what_leads_elsewhere_is_refused(text: str) -> None:
    with pytest.raises(OptionError):
        address_of(text)


@pytest.mark.parametrize(
    "text", ["/sessionMngr/?v=latest", "/SESSIONMNGR", "/logonSessions", f"/api/logonsessions/{ID}", f"https://x/api/%6cogonSessions/{ID}"]
)
def test_tokens_are_not_read_by_path(text: str) -> None:
    with pytest.raises(OptionError, match="Log-on sessions") as caught:
        address_of(text)
    assert ID not in str(caught.value)


@pytest.mark.parametrize("action", ["start", "restore", "download", "Collect"])
def test_an_order_is_no_reading(action: str) -> None:
    with pytest.raises(OptionError, match="is no reading"):
        address_of(f"/jobs/{ID}?Action={action}")


def test_parameters_are_known_in_any_case_and_replaced() -> None:
    address = address_of("/jobs?Format=EntityRef&x=1")
    assert (address.parameter("format"), address.parameter("y")) == ("EntityRef", "")
    assert address.with_parameters(format="Entity").parameters == {"x": "1", "format": "Entity"}


def test_ids_of_log_on_sessions_are_hidden_at_any_depth() -> None:
    record = {"links": [{"href": f"https://em/api/logonSessions/{ID}?x=1"}], "name": "logonSessions", "n": 1, "parent": {"href": f"/LogonSessions/{ID}"}}
    hidden = hide_logons(record)
    assert ID not in str(hidden)
    assert hidden["links"][0]["href"] == "https://em/api/logonSessions/********?x=1"
    assert (hidden["name"], hidden["n"]) == ("logonSessions", 1)


# ---------------------------------------------------------------------------------------------------------
# Which declaration


def test_every_declared_path_is_found_again() -> None:
    for resource in RESOURCES:
        if resource.thing in ("logon_session", "guest_folder"):
            continue
        path = resource.path
        for parent in resource.parents:
            path = path.replace("{%s}" % parent, ID)
        place = place_of(address_of(path))
        assert place is not None and (place.resource, place.is_list) == (resource, bool(resource.list_root)), path
        if resource.list_root and resource.thing != "lookup":
            one = place_of(address_of(path + "/" + ID))
            assert one is not None and (one.resource, one.is_list) == (resource, False), path


@pytest.mark.parametrize(
    ("path", "kind", "is_list"),
    [
        (f"/jobs/{ID}/backupSessions", "BackupJobSession", True),
        (f"/JOBS/{ID}/Includes", "ObjectInJob", True),
        (f"/repositories/{ID}/backups", "Backup", True),
        ("/nas/backupSessions", "BackupJobSession", True),
        (f"/cloud/tenants/{ID}/freelicenseCounters", "FreeLicenseCounters", False),
        ("/security/roles", "EnterpriseRole", True),
        ("/query?Type=nasjob", "NasJob", True),
        (f"/vmRestorePoints/{ID}/mounts/1/C:/Shares/a.txt", "FileSystemEntries", False),
        (f"/catalog/vms/srv-01/vmRestorePoints/{ID}/guestfs/C:/Shares/a.txt", "FileSystemEntries", False),
        (f"/catalog/vms/srv-01/vmRestorePoints/{ID}/guestfs", "FileSystemEntry", False),
        ("/reports/summary/overview", "OverviewReportFrame", False),
    ],
)
def test_a_path_belongs_to_a_declaration(path: str, kind: str, is_list: bool) -> None:
    place = place_of(address_of(path))
    assert place is not None and (place.resource, place.is_list) == (BY_TYPE[kind], is_list)
    assert place.names_object == (ID in path)


@pytest.mark.parametrize("path", ["/nothing", f"/jobs/{ID}/nothing", f"/jobs/{ID}/includes/{ID}/more"])
def test_what_nobody_declared_belongs_to_nothing(path: str) -> None:
    assert place_of(address_of(path)) is None


def test_a_query_of_an_unknown_type_is_refused() -> None:
    with pytest.raises(FilterError, match="Did you mean"):
        place_of(address_of("/query?type=Jobb"))
