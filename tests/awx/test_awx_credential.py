# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The credential of AWX: what AWX's own code makes of it, and what a run makes of exactly that environment."""

from __future__ import annotations

import json
import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from awx_testing.awx_data import DATA, awx_objects
from awx_testing.fake_awx_rules import check_credential_inputs, check_credential_type
from awx_testing.injectors import injected, inputs_for
from em_simulator.control import Simulator
from em_testing.plays import play, task
from em_testing.runner import FINE, Expectation, Run, Runner

REFUSED = Expectation(code=2)
READ = play(task("Read the jobs", "veeam_em_job_info"))


@pytest.fixture
def inputs(simulator: Simulator) -> dict[str, Any]:
    """A credential for the simulator, filled in as far as it has to be."""
    return inputs_for(simulator)


def variables(environment: Mapping[str, Any], runner: Runner) -> dict[str, str | None]:
    """Return the environment of a job and nothing of the runner's own connection."""
    return {**dict.fromkeys(runner.connection()), **environment}


def read(runner: Runner, environment: Mapping[str, Any], lane: str = "auto", expect: Expectation = FINE) -> Run:
    return runner.play(READ, environ=variables(environment, runner), lane=lane, expect=expect)


def test_awx_takes_the_type_and_the_inputs(inputs: dict[str, Any]) -> None:
    (declared,) = awx_objects("credential_types")
    assert check_credential_type(declared) == {}
    assert check_credential_inputs(declared, inputs) == {}
    assert declared["kind"] in ("cloud", "net"), "an inventory source takes no other kind"


@pytest.mark.parametrize("lane", ["controller", "module"])
def test_a_job_reads_with_what_awx_injects(inputs: dict[str, Any], runner: Runner, tmp_path: Path, lane: str) -> None:
    environment, shown, arguments = injected(inputs, tmp_path)
    assert arguments == [], "extra variables would show in the arguments of the job"
    assert read(runner, environment, lane).result("Read the jobs")["jobs"]
    certificate = Path(environment["VEEAM_EM_CA_PATH"])
    assert stat.S_IMODE(certificate.stat().st_mode) == 0o600
    assert certificate.read_text(encoding="utf-8").strip() == inputs["ca_certificate"].strip()
    assert inputs["password"] not in json.dumps(shown)
    assert shown["VEEAM_EM_PASSWORD"] == "*" * 10
    assert environment["VEEAM_EM_PASSWORD"] == inputs["password"]


def test_without_certificates_those_of_the_system_count(inputs: dict[str, Any], runner: Runner, tmp_path: Path) -> None:
    del inputs["ca_certificate"]
    environment, _shown, _arguments = injected(inputs, tmp_path)
    assert environment["VEEAM_EM_CA_PATH"] == ""
    failed = read(runner, environment, expect=REFUSED).failure("Read the jobs")
    assert failed["error"]["kind"] == "tls", "nobody touched the field, so the certificate has to be checked"


def test_an_empty_field_is_as_awx_fills_it(inputs: dict[str, Any], runner: Runner, tmp_path: Path) -> None:
    (declared,) = awx_objects("credential_types")
    inputs.update(validate_certs="", ca_certificate="")
    check_credential_inputs(declared, inputs)
    assert inputs["validate_certs"] == "true"
    environment, _shown, _arguments = injected(inputs, tmp_path)
    assert read(runner, environment, expect=REFUSED).failure("Read the jobs")["error"]["kind"] == "tls"


def test_checking_can_be_switched_off(inputs: dict[str, Any], runner: Runner, tmp_path: Path) -> None:
    inputs.update(validate_certs="false", ca_certificate="")
    environment, _shown, _arguments = injected(inputs, tmp_path)
    assert read(runner, environment).result("Read the jobs")["jobs"]


def test_the_port_may_stay_empty(inputs: dict[str, Any], runner: Runner, tmp_path: Path) -> None:
    inputs["port"] = ""
    environment, _shown, _arguments = injected(inputs, tmp_path)
    told = read(runner, environment, expect=REFUSED).failure("Read the jobs")["msg"]
    assert "9398" in told, told


def test_a_wrong_host_is_told_in_a_sentence(inputs: dict[str, Any], runner: Runner, tmp_path: Path) -> None:
    inputs["host"] = "nobody.invalid"
    environment, _shown, _arguments = injected(inputs, tmp_path)
    failed = read(runner, environment, expect=REFUSED).failure("Read the jobs")
    assert "nobody.invalid" in failed["msg"]
    assert "\n" not in failed["msg"]


def test_a_job_without_credential_is_told_in_a_sentence(runner: Runner) -> None:
    run = read(runner, {}, expect=REFUSED)
    assert "host" in run.failure("Read the jobs")["msg"]
    assert run.counters["total_requests"] == 0


def test_inventory_source_reads_with_the_same_environment(inputs: dict[str, Any], runner: Runner, tmp_path: Path) -> None:
    inputs["validate_certs"] = ""
    environment, _shown, _arguments = injected(inputs, tmp_path)
    (source,) = awx_objects("inventory_sources")
    environ = {name: value for name, value in runner.plain_environ().items() if not name.startswith("VEEAM_EM_")} | environment
    command = [str(runner.commands / "ansible-inventory"), "-i", str(DATA.parents[1] / source["source_path"]), "--list"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    inventory = json.loads(done.stdout)
    assert inventory["protected"]["hosts"]
    assert inputs["password"] not in done.stdout
    assert runner.simulator.counters()["open_sessions"] == 0
