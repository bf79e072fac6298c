# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the execution environment holds does its work where there is nothing else: the demo by playbook and as a job of AWX; a library left out."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from awx_testing.ee import Installed, install
from awx_testing.ee_worker import run_in_worker
from em_simulator.control import Simulator
from em_testing import hidden
from em_testing.commands import ONLY_THIS_PLUGIN, inventory_file, run_command
from em_testing.fixtures import ROOT
from em_testing.plays import COLLECTION, play, tried
from em_testing.runner import Expectation, Runner, secret_forms

DEMO = f"{COLLECTION}.demo"
LIBRARIES = ("requests", "xmltodict")
# The recording callback of the other tests lies in the checkout.
NOTHING_OF_THE_CHECKOUT = dict.fromkeys(("ANSIBLE_CALLBACK_PLUGINS", "ANSIBLE_CALLBACKS_ENABLED", "ANSIBLE_CONNECTION_PLUGINS"))


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """All that the context asks for."""
    return install(tmp_path_factory.mktemp("image"))


@pytest.fixture(scope="module", params=LIBRARIES)
def image_without(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Installed]:
    """The name of a library, and all that the context asks for but this one."""
    return request.param, install(tmp_path_factory.mktemp("incomplete"), without=[request.param])


def runner_in(image: Installed, simulator: Simulator, folder: Path) -> Runner:
    """Return what runs the commands of the image, with its collections and no others."""
    return Runner(simulator, image.bin, image.collections, folder)


# -- what is in it ----------------------------------------------------------------------------------------------


def test_it_holds_what_follows_from_ansible_its_engine_and_the_two_libraries(image: Installed) -> None:
    refs = image.context.arguments["ANSIBLE_INSTALL_REFS"].split()
    names = [ref.partition("==")[0] for ref in refs]
    assert sorted(names) == ["ansible-core", "ansible-runner"]
    assert {f"{name}=={image.packages()[name].version}" for name in names} == set(refs)
    image.run_step("check_ansible")
    assert set(image.packages()) - {"pip"} == image.needs([*names, *LIBRARIES])


def test_it_knows_the_installed_collection_and_nothing_of_the_checkout(image: Installed) -> None:
    listed = json.loads(image.run(["ansible-galaxy", "collection", "list", COLLECTION, "--format", "json"]))
    assert list(listed) == [str(image.collections / "ansible_collections")]
    documented = json.loads(image.run(["ansible-doc", "--json", f"{COLLECTION}.veeam_em_job_run"]))
    (module,) = documented.values()
    assert Path(module["doc"]["filename"]).is_relative_to(image.collections)
    searched = json.loads(image.run([str(image.python), "-c", "import json, sys; print(json.dumps(sys.path))"]))
    assert searched and not [path for path in searched if Path(path).is_relative_to(ROOT)]
    assert not [entry for entry in image.collections.rglob("*") if entry.is_symlink()]


# -- what it does -----------------------------------------------------------------------------------------------


def test_the_demo_runs_by_ansible_playbook(image: Installed, simulator: Simulator, tmp_path: Path) -> None:
    run = runner_in(image, simulator, tmp_path / "runs").play(DEMO, "-e", "demo_interval=0.1", lane="", environ=NOTHING_OF_THE_CHECKOUT)
    assert "SQL Server Backup on" in run.stdout and "Logged off; the log-on session was closed." in run.stdout
    assert run.counters["writes"] == 1 and run.counters["logons"] == 1
    assert (run.folder / "cwd" / "audit" / "report.html").is_file()


def test_the_demo_runs_as_a_job_that_awx_sends(image: Installed, simulator: Simulator, tmp_path: Path) -> None:
    simulator.reset()
    job = run_in_worker(image, simulator, DEMO, {"demo_interval": 0.1}, tmp_path)
    assert job.status == "successful", job.log
    assert job.artifacts["demo_job"] == "SQL Server Backup" and job.artifacts["demo_job_session"].startswith("urn:veeam:BackupJobSession:")
    assert "Traceback" not in job.log and "[WARNING]" not in job.log
    counters = simulator.counters()
    assert (counters["writes"], counters["logons"], counters["open_sessions"]) == (1, 1, 0)
    needles = secret_forms(simulator, simulator.log())
    assert not hidden.leaks(needles, [("log", job.log.encode()), ("events", json.dumps(job.events).encode())])


# -- without a library ------------------------------------------------------------------------------------------


def the_only_sentence(name: str, image: Installed, message: str) -> None:
    """The message names the library and the interpreter, is one line, and speaks of no other library."""
    (other,) = set(LIBRARIES) - {name}
    assert re.search(rf"library \(?{name}\b", message) and other not in message, message
    assert re.search(rf"{re.escape(str(image.bin))}/python[\d.]*(?![\w.]*/)", message), message
    assert "\n" not in message.strip(), message


FACES = (
    tried("info module", "veeam_em_job_info"),
    tried("module lane", "veeam_em_job_info", vars={"veeam_em_lane": "module"}),
    tried("controller lane", "veeam_em_job_info", vars={"veeam_em_lane": "controller"}),
    tried("log-on", "veeam_em_session"),
    tried("starting a job", "veeam_em_job_run", {"job": "SQL Server Backup"}),
    tried("audit", "veeam_em_audit", {"policy": ["baseline"]}),
    tried("lookup", "ansible.builtin.debug", {"msg": f"{{{{ lookup('{COLLECTION}.query', 'BackupJobSession') }}}}"}),
)


def test_without_a_library_every_task_says_which_python_lacks_which(image_without: tuple[str, Installed], simulator: Simulator, tmp_path: Path) -> None:
    name, image = image_without
    runner = runner_in(image, simulator, tmp_path / "runs")
    run = runner.play(play(*FACES), lane="")
    for face in FACES:
        the_only_sentence(name, image, run.failure(face["name"])["msg"])
    assert run.counters["total_requests"] == 0


def test_without_a_library_the_inventory_says_which_python_lacks_which(image_without: tuple[str, Installed], simulator: Simulator, tmp_path: Path) -> None:
    name, image = image_without
    runner = runner_in(image, simulator, tmp_path / "runs")
    source = str(inventory_file(tmp_path))
    run = run_command(runner, "ansible-inventory", "-i", source, "--list", environ=ONLY_THIS_PLUGIN, expect=Expectation(code=None, tolerated=(".",)))
    assert run.code != 0
    said = {line for line in run.stderr.splitlines() if name in line}
    assert said
    for line in said:
        the_only_sentence(name, image, line)
