# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbooks that make our objects in AWX and take them away, run with the modules of ``awx.awx`` against a fake of AWX."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from awx_testing.awx_data import awx_objects
from awx_testing.fake_awx import FakeAwx, objects_of
from awx_testing.fake_awx_runs import FEW, HOOK, Site, recap
from em_testing.runner import FINE, Expectation, Runner

REFUSED = Expectation(code=2)
TYPE = "Veeam Enterprise Manager"
# What the site calls itself, and what setup calls "Veeam EM - ..." in another organization.
THEIR_TEMPLATE = "Patch the hosts"


@pytest.fixture
def site(runner: Runner, tmp_path: Path) -> Iterator[Site]:
    """An AWX with an organization and nothing else, and somebody to run the playbooks."""
    with FakeAwx() as awx:
        yield Site(awx, runner, tmp_path)


def somebody_elses(awx: FakeAwx) -> set[tuple[str, str]]:
    """Make what is not ours: in our organization, and under our names in another one. Return kinds and names."""
    before = set(objects_of(awx))
    other = awx.store.make("organizations", {"name": "Other"})["id"]
    ours = awx.organization["id"]
    machine = awx.store.make("credential_types", {"name": "Machine of ours", "kind": "cloud"})["id"]
    awx.store.make("credentials", {"name": "deploy key", "organization": ours, "credential_type": machine})
    hosts = awx.store.make("inventories", {"name": "Hosts", "organization": ours})["id"]
    project = awx.store.make("projects", {"name": "Patches", "organization": ours, "scm_type": "git"})["id"]
    template = {"name": THEIR_TEMPLATE, "inventory": hosts, "project": project, "playbook": "playbooks/run_job.yml"}
    awx.store.make("job_templates", template)
    same = awx.store.make("projects", {"name": "Veeam EM - Playbooks", "organization": other, "scm_type": "git"})["id"]
    same_name = {**template, "name": "Veeam EM - Audit", "project": same}
    awx.store.make("job_templates", same_name)
    return set(objects_of(awx)) - before


def test_made_twice_and_removed_twice(site: Site) -> None:
    theirs = somebody_elses(site.awx)
    untouched = {kind: dict(site.awx.store.objects[kind]) for kind in ("job_templates", "projects", "inventories", "credentials")}
    site.variables.update(awx_notification=HOOK, awx_change_template=THEIR_TEMPLATE)

    made = site.play("awx_setup", "-vvv")
    ours = set(objects_of(site.awx)) - theirs
    assert all(name.startswith("Veeam EM - ") or name == TYPE or kind in ("hosts", "workflow_job_template_nodes") for kind, name in ours), ours
    assert "Press Launch on Veeam EM - Session report: " + site.awx.url in made.output

    again = site.play("awx_setup")
    assert (recap(again)["changed"], site.awx.writes) == (0, [])
    assert "0 objects made or changed" in again.output

    predicted = site.play("awx_remove", check=True)
    assert recap(predicted)["changed"] > 0
    assert site.awx.writes == []
    assert set(objects_of(site.awx)) == ours | theirs

    site.play("awx_remove", "-v")
    assert {write.method for write in site.awx.writes} == {"DELETE"}
    gone = site.play("awx_remove")
    assert (recap(gone)["changed"], site.awx.writes) == (0, []), "an inventory that AWX is deleting was deleted again"
    site.awx.store.finish_deletions()
    assert set(objects_of(site.awx)) == theirs
    for kind, objects in untouched.items():
        assert site.awx.store.objects[kind] == objects


def test_what_was_made_fits_together(site: Site) -> None:
    site.variables.update(awx_change_template=THEIR_TEMPLATE, awx_notification=HOOK, awx_schedules_enabled=True, awx_folder="/var/lib/veeam_em")
    somebody_elses(site.awx)
    site.play("awx_setup")
    store = site.awx.store

    def lists(kind: str, name: str, which: str) -> list[str]:
        return site.awx.members(kind, name, which)

    nodes = "workflow_job_template_nodes"
    assert lists(nodes, "run-and-follow-start", "success_nodes") == ["run-and-follow-wait"]
    assert lists(nodes, "run-and-follow-wait", "success_nodes") == ["run-and-follow-report"]
    assert lists(nodes, "run-and-follow-wait", "failure_nodes") == ["run-and-follow-report-failure"]
    chain = [lists(nodes, f"audit-approval-change-{step}", "success_nodes") for step in ("audit", "approval", "gate", "change")]
    assert chain == [["audit-approval-change-approval"], ["audit-approval-change-gate"], ["audit-approval-change-change"], []]
    assert store.named(nodes, "run-and-follow-start")["extra_data"] == {"run_job_wait": "none"}
    assert store.by_number("unified_job_templates", store.named(nodes, "audit-approval-change-change")["unified_job_template"])["name"] == THEIR_TEMPLATE
    assert lists("job_templates", "Veeam EM - Run a job", "credentials") == ["Veeam EM - Enterprise Manager"]
    assert lists("job_templates", "Veeam EM - Verify evidence", "credentials") == []
    assert lists("workflow_job_templates", "Veeam EM - Audit, approval, change", "notification_templates_approvals") == ["Veeam EM - Something failed"]
    assert all(schedule["enabled"] for schedule in store.every("schedules"))
    answers = {question["variable"]: question.get("default") for question in store.named("job_templates", "Veeam EM - Drift")["_survey"]["spec"]}
    assert answers["drift_baseline"] == "/var/lib/veeam_em/baseline.yml"
    source = store.named("inventory_sources", "Veeam EM - Enterprise Manager inventory")
    assert store.by_number("credentials", source["credential"])["name"] == "Veeam EM - Enterprise Manager"
    inputs = store.named("credentials", "Veeam EM - Enterprise Manager")["inputs"]
    connection = site.runner.connection()
    assert inputs["ca_certificate"] == Path(connection["VEEAM_EM_CA_PATH"]).read_text(encoding="utf-8")
    assert inputs["password"] == connection["VEEAM_EM_PASSWORD"]

    # What differs is changed, and that alone; a password that nobody gives stays.
    site.variables.update(FEW, awx_schedules_enabled=False)
    changed = site.play("awx_setup", environ={"VEEAM_EM_PASSWORD": None})
    assert recap(changed)["changed"] == 1
    assert {(write.method, write.body["enabled"]) for write in site.awx.writes} == {("PATCH", False)}
    assert store.named("credentials", "Veeam EM - Enterprise Manager")["inputs"] == inputs


def test_check_mode_writes_nothing(site: Site) -> None:
    site.variables["awx_notification"] = HOOK
    predicted = site.play("awx_setup", check=True)
    assert site.awx.writes == []
    assert recap(predicted)["changed"] == 1
    assert "would be made or changed" in predicted.output
    for kind in ("job_templates", "workflow_job_templates", "schedules"):
        for declared in awx_objects(kind):
            assert declared["name"] in predicted.output


def test_objects_of_the_site_are_used_and_stay(site: Site) -> None:
    store, ours = site.awx.store, site.awx.organization["id"]
    declared = awx_objects("credential_types")[0]
    kind = store.make("credential_types", {**declared, "inputs": dict(declared["inputs"]), "injectors": dict(declared["injectors"])})["id"]
    inputs = {"host": "em.example.com", "username": "svc", "password": "theirs"}
    store.make("credentials", {"name": "EM of the site", "organization": ours, "credential_type": kind, "inputs": inputs})
    store.make("projects", {"name": "Veeam playbooks", "organization": ours, "scm_type": "git"})
    store.make("execution_environments", {"name": "EE of the site", "image": "registry.example.com/ee:9"})
    theirs = set(objects_of(site.awx))
    site.variables = {
        **FEW,
        "awx_schedules": [],
        "awx_project": "Veeam playbooks",
        "awx_execution_environment": "EE of the site",
        "awx_credential": "EM of the site",
    }
    site.play("awx_setup", environ={"VEEAM_EM_PASSWORD": None})
    made = {kind for kind, _name in set(objects_of(site.awx)) - theirs}
    assert not made & {"credentials", "projects", "execution_environments", "notification_templates"}
    removed = site.play("awx_remove")
    site.awx.store.finish_deletions()
    assert set(objects_of(site.awx)) == theirs
    assert f"The credential type {TYPE} stays, because these credentials use it: EM of the site" in removed.output


def test_what_awx_refuses_is_told_without_secrets(site: Site) -> None:
    settings = {name: value for name, value in HOOK["notification_configuration"].items() if name != "headers"}
    site.variables["awx_notification"] = {**HOOK, "notification_configuration": settings}
    run = site.play("awx_setup", "-vvv", expect=REFUSED)
    assert "Missing required fields for Notification Configuration" in run.failure("Refuse to go on without the notification")["msg"]


def test_modules_of_the_automation_platform_serve_under_the_name_of_ours(site: Site, tmp_path: Path) -> None:
    """A link in place of awx.awx is enough where ansible.controller is installed, which has the same modules."""
    import awx_collection

    tree = tmp_path / "controller" / "ansible_collections"
    (tree / "awx").mkdir(parents=True)
    (tree / "ansible").mkdir()
    (tree / "ansible" / "controller").symlink_to(awx_collection.awx_collection() / "ansible_collections" / "awx" / "awx")
    (tree / "awx" / "awx").symlink_to("../ansible/controller")
    path = os.pathsep.join([str(site.runner.collections), str(tree.parent)])
    run = site.play("awx_remove", environ={"ANSIBLE_COLLECTIONS_PATH": path}, expect=FINE)
    assert "0 objects removed" in run.output
