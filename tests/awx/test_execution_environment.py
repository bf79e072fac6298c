# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The execution environment on paper: its definition, the build context, what ansible-builder finds in the collection, and the guide."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

import ee_context
import pytest
import yaml
from ansible_builder.user_definition import UserDefinition
from bindep.depends import Depends  # type: ignore[import-not-found]  # it has no types
from environments import LINES, MAIN_LINE, REQUIREMENTS, ROOT
from packaging.requirements import Requirement

from awx_testing.ee import Context, made_context, requirements_of
from awx_testing.vendored import vendored_collections
from em_testing.runner import ansible_commands

GUIDE = ROOT / "docs" / "execution-environment.md"
DEFINITION: dict[str, Any] = yaml.safe_load(ee_context.DEFINITION.read_text(encoding="utf-8"))
RELEASE = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]
NEEDED = {"requests", "xmltodict"}
# What ansible-builder itself needs in a stage that is thrown away.
OF_THE_BUILDER = {"bindep", "pyyaml", "packaging"}
SECRET_NAME = re.compile(r"PASS|TOKEN|SECRET|KEY|CREDENTIAL", re.IGNORECASE)
# registry, at least one folder, name, and a tag that says more than "the newest".
FULL_IMAGE_NAME = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+(:\d+)?(/[a-z0-9._-]+)+:(?!latest$)[\w.-]+")


@pytest.fixture(scope="module")
def context() -> Context:
    """The context that ``make ee-context`` makes."""
    return made_context()


# -- the build context ------------------------------------------------------------------------------------------


def pinned(*files: str) -> dict[str, Requirement]:
    """Return what some files of tests/requirements pin, by name."""
    return {one.name: one for name in files for one in requirements_of(REQUIREMENTS / f"{name}.txt")}


def test_ansible_and_its_engine_are_those_that_the_tests_run_with(context: Context) -> None:
    refs = [Requirement(ref) for ref in context.arguments["ANSIBLE_INSTALL_REFS"].split()]
    tested = pinned(f"core-{MAIN_LINE}", "awx")
    assert {one.name: one for one in refs} == {name: tested[name] for name in ("ansible-core", "ansible-runner")}


def test_the_base_image_is_named_in_full_and_can_be_another(context: Context) -> None:
    assert FULL_IMAGE_NAME.fullmatch(context.arguments["EE_BASE_IMAGE"])
    sources = [instruction.text.split(" AS ") for instruction in context.of("FROM")]
    assert sources == [["$EE_BASE_IMAGE", "base"], ["base", "galaxy"], ["base", "builder"], ["base", "final"]]


def test_the_interpreter_is_one_that_this_ansible_is_tested_with(context: Context) -> None:
    assert context.arguments["PYPKG"] == PurePosixPath(context.arguments["PYCMD"]).name == f"python{context.python_version}"
    assert context.python_version in LINES[MAIN_LINE]


def test_every_file_that_is_copied_is_in_the_context_or_in_an_earlier_stage(context: Context) -> None:
    stages = set[str]()
    for instruction in context.instructions:
        stages.add(instruction.stage)
        if instruction.word in ("COPY", "ADD"):
            *options, source, _target = instruction.text.split()
            if options:
                assert [option.removeprefix("--from=") in stages - {instruction.stage} for option in options] == [True], instruction
            else:
                assert (context.folder / source).exists(), instruction


def test_whatever_pip_installs_into_the_image_has_a_version(context: Context) -> None:
    for instruction in context.of("RUN"):
        if "pip install" in instruction.text:
            words = re.sub(r"\$ANSIBLE_INSTALL_REFS", context.arguments["ANSIBLE_INSTALL_REFS"], instruction.text).split("pip install")[1].split()
            wanted = [Requirement(word.strip("'")) for word in words if not word.startswith("-")]
            loose = {one.name for one in wanted if not str(one.specifier).startswith("==")}
            assert wanted and loose <= (OF_THE_BUILDER if instruction.stage == "builder" else set()), instruction


def test_the_container_does_not_run_as_root_and_reaps_what_it_leaves(context: Context) -> None:
    users = [instruction.text for instruction in context.of("USER") if instruction.stage == "final"]
    assert users == ["1000"]
    (entry,) = context.of("ENTRYPOINT")
    assert "dumb-init" in entry.text  # a job that is cancelled must not leave its children behind
    assert context.of("WORKDIR")[-1].text == "/runner"


def test_neither_secrets_nor_paths_of_the_maker_travel(context: Context) -> None:
    named = [re.split(r"[= ]", instruction.text)[0] for word in ("ARG", "ENV", "LABEL") for instruction in context.of(word)]
    assert named and not [name for name in named if SECRET_NAME.search(name)]
    texts = [path for path in context.folder.rglob("*") if path.is_file() and path.suffixes[-2:] != [".tar", ".gz"]]
    for path in texts:
        text = path.read_text(encoding="utf-8")
        assert not [place for place in (str(ROOT), str(Path.home()), str(context.folder)) if place in text], path


def test_the_system_packages_are_those_that_check_signatures(context: Context) -> None:
    rules = Depends((context.build / "bindep.txt").read_text(encoding="utf-8"))
    assert {name for name, _selectors, _versions in rules.active_rules(["platform:rpm"])} == {"openssh-clients", "gnupg2"}
    assert not rules.active_rules(["platform:dpkg"])


def test_the_collection_in_the_context_is_as_it_is_released(context: Context) -> None:
    (source,) = yaml.safe_load((context.build / "requirements.yml").read_text(encoding="utf-8"))["collections"]
    assert source["type"] == "file"
    with tarfile.open(context.build / source["name"]) as tarball:
        names = set(tarball.getnames())
    assert {"MANIFEST.json", "meta/execution-environment.yml", "meta/ee-requirements.txt", "playbooks/demo.yml"} <= names
    assert not [name for name in names if name.startswith(("tests/awx", "tests/unit", ".git", ".venv", "build"))]


def test_a_collection_that_is_not_there_is_no_context(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(ee_context, "put_tarball", lambda folder: None)
    with pytest.raises(ee_context.NoImage, match=r"did not put openbackup-veeam_em\.tar\.gz into the context"):
        ee_context.make_context(tmp_path / "ee")


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "context").mkdir()
    precious = tmp_path / "precious.txt"
    precious.touch()
    with pytest.raises(ee_context.NoImage, match=r"holds precious\.txt.* would be removed"):
        ee_context.make_context(tmp_path)
    assert precious.exists() and (tmp_path / "context").exists()


# -- introspection ----------------------------------------------------------------------------------------------


def found_in(folder: Path, *options: str) -> set[str]:
    """Return the names of the Python packages that ansible-builder finds in the collections of a folder."""
    command = [str(ansible_commands() / "ansible-builder"), "introspect", *options, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told = yaml.safe_load(done.stdout)
    assert told["system"] == [], "the collection itself asks for no system package"
    return {Requirement(line.partition("#")[0]).name for line in told["python"]}


@pytest.mark.parametrize("options", [(), ("--sanitize",)], ids=["plain", "sanitized"])
def test_introspection_finds_the_two_libraries_in_the_installed_collection(options: tuple[str, ...]) -> None:
    assert found_in(vendored_collections(), *options) == NEEDED


def test_introspection_finds_them_through_a_link_to_a_checkout(collections: Path) -> None:
    assert found_in(collections) == NEEDED


def test_introspection_finds_nothing_one_folder_too_deep() -> None:
    """The guide tells of it: an empty answer, and no word why."""
    assert found_in(vendored_collections() / "ansible_collections") == set()


def test_the_lower_bounds_allow_what_the_tests_run_with() -> None:
    tested = pinned("runtime")
    wanted = list(requirements_of(ROOT / "meta" / "ee-requirements.txt"))
    assert {one.name for one in wanted} == set(tested) == NEEDED
    for one in wanted:
        (version,) = (str(bound).removeprefix("==") for bound in tested[one.name].specifier)
        assert version in one.specifier


def _without_meta(collection: Path) -> None:
    (collection / "meta" / "execution-environment.yml").unlink()


def _under_another_key(collection: Path) -> None:
    path = collection / "meta" / "execution-environment.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("python:", "pip:"), encoding="utf-8")


def _with_a_line_less(collection: Path) -> None:
    path = collection / "meta" / "ee-requirements.txt"
    path.write_text("\n".join(path.read_text(encoding="utf-8").splitlines()[1:]), encoding="utf-8")


def _not_installed(collection: Path) -> None:
    (collection / "MANIFEST.json").unlink()


@pytest.mark.parametrize("harm", [_without_meta, _under_another_key, _with_a_line_less, _not_installed])
def test_a_broken_collection_is_not_taken_for_a_whole_one(tmp_path: Path, harm: Callable[[Path], None]) -> None:
    tree = tmp_path / "collections"
    shutil.copytree(vendored_collections(), tree)
    harm(tree.joinpath("ansible_collections", "openbackup", "veeam_em"))
    assert found_in(tree) < NEEDED


def test_a_list_of_requirements_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    tree = tmp_path / "collections"
    shutil.copytree(vendored_collections(), tree)
    tree.joinpath("ansible_collections", "openbackup", "veeam_em", "meta", "ee-requirements.txt").unlink()
    with pytest.raises(subprocess.CalledProcessError) as failed:
        found_in(tree)
    assert "ee-requirements.txt" in failed.value.stdout


# -- the image, where a container engine runs -------------------------------------------------------------------


def engine(folder: Path, build_code: int = 0) -> Path:
    """Write a container engine that notes what it is told, and return the folder with its command."""
    folder.mkdir()
    command = folder / "podman"
    command.write_text(f'#!/bin/sh\necho "$@" >> "{folder}/told"\n[ "$1" = build ] && exit {build_code}\nexit 0\n', encoding="utf-8")
    command.chmod(0o755)
    return folder


def make_image(tmp_path: Path, *folders: Path) -> subprocess.CompletedProcess[str]:
    """Run what ``make ee-image`` runs, with some folders of commands in front of those of the environment."""
    path = os.pathsep.join(map(str, (*folders, ansible_commands())))
    command = [sys.executable, str(ROOT / "tests" / "tools" / "ee_context.py"), "--folder", str(tmp_path / "ee"), "--image", "localhost/ee:1"]
    return subprocess.run(command, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False)


def test_without_an_engine_the_image_is_refused_in_a_sentence(tmp_path: Path) -> None:
    done = make_image(tmp_path)
    assert done.returncode == 1 and not (tmp_path / "ee").exists()
    assert done.stderr == "No container engine answers here (podman and docker were tried), so the image is not built and nothing is run in it.\n"


def test_with_an_engine_the_image_is_built_and_the_demo_run_in_it(tmp_path: Path) -> None:
    folder = engine(tmp_path / "engine")
    done = make_image(tmp_path, folder, Path("/usr/bin"), Path("/bin"))
    assert done.returncode == 0, done.stdout + done.stderr
    info, build, run = (folder / "told").read_text(encoding="utf-8").splitlines()
    assert info == "info"
    assert build == f"build --file {tmp_path}/ee/context/Containerfile --tag localhost/ee:1 {tmp_path}/ee/context"
    assert run.startswith("run --rm --network host ") and run.endswith(" localhost/ee:1 ansible-playbook openbackup.veeam_em.demo")
    assert re.findall(r"--env (\S+)", run) == [f"VEEAM_EM_{name}" for name in ("HOST", "PORT", "USERNAME", "PASSWORD", "CA_PATH")]  # no value, no secret
    assert "ended with 0 and left 0 log-on sessions open" in done.stdout


def test_an_image_that_cannot_be_built_is_no_success(tmp_path: Path) -> None:
    folder = engine(tmp_path / "engine", build_code=3)
    done = make_image(tmp_path, folder, Path("/usr/bin"), Path("/bin"))
    assert done.returncode == 1 and done.stderr == "The image was not built: podman ended with 3.\n"
    assert "run" not in (folder / "told").read_text(encoding="utf-8").split("\n")[-2].split()[:1]


# -- the guide --------------------------------------------------------------------------------------------------


SHOWN = [block for block in re.findall(r"```yaml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL) if "version: 3\n" in block]


def test_the_guide_shows_a_definition_for_each_purpose() -> None:
    assert len(SHOWN) == 3  # the released collection, with a private CA, for rulebooks


@pytest.mark.parametrize("definition", SHOWN)
def test_the_guide_shows_definitions_that_ansible_builder_takes(tmp_path: Path, definition: str) -> None:
    path = tmp_path / "execution-environment.yml"
    path.write_text(definition, encoding="utf-8")
    shown = UserDefinition(str(path))
    shown.validate()
    assert shown.raw["dependencies"]["galaxy"]["collections"] == [{"name": "openbackup.veeam_em", "version": RELEASE}]
    for section in ("images", "python_interpreter", "ansible_core", "ansible_runner"):
        assert part(shown.raw, section) == part(DEFINITION, section)
    for wanted in map(Requirement, shown.raw["dependencies"].get("python", [])):
        assert wanted == pinned("awx")[wanted.name]


def part(definition: dict[str, Any], section: str) -> Any:
    """Return a section of a definition, be it one of its dependencies or not."""
    return {**definition, **definition["dependencies"]}[section]


def test_the_guide_builds_and_sends_one_image() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    named = re.findall(r"registry\.example\.com/backup/[^\s`]+", guide)
    assert named and set(named) == {ee_context.example_image()}
    assert " ".join(ee_context.build_command("podman", Path("build/ee/context"), named[0])) in guide


def test_the_guide_says_what_is_in_the_image() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    system = [line.split()[0] for line in part(DEFINITION, "system")]
    for value in (part(DEFINITION, "images")["base_image"]["name"], part(DEFINITION, "python_interpreter")["package_system"], *system, *NEEDED):
        assert f"| `{value}`" in guide or f", `{value}` |" in guide, value
    frozen = re.search(r"`python: \[(.*?)\]`", guide)
    assert frozen and {one.name: one for one in map(Requirement, frozen[1].split(", "))} == pinned("runtime")
