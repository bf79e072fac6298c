# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The execution environment: its build context, and its image where a container engine runs.

``ee_context.py`` makes the context below ``build/ee`` and says how the image is built. ``ee_context.py --image NAME:TAG`` builds the
image, too, and runs the demo in it against a simulator on this machine. docs/execution-environment.md tells what is in it.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import yaml
from environments import ROOT, clean_environ
from tarball import build_tarball

DEFINITION = ROOT / "execution-environment.yml"
TARBALL = "openbackup-veeam_em.tar.gz"  # without a version, so that the definition does not change with every release
CONTAINERFILE = "Containerfile"
# All that is ever made in the folder, which is emptied at the beginning.
MADE = frozenset({TARBALL, DEFINITION.name, "context", "ca.pem"})
ENGINES = ("podman", "docker")
DEMO = "openbackup.veeam_em.demo"
CA_IN_CONTAINER = "/etc/veeam_em_ca.pem"


class NoImage(Exception):
    """The context or the image cannot be made; the text says why."""


def run(*command: str | Path, cwd: Path, environ: Mapping[str, str] | None = None) -> None:
    """Run a command. Raises NoImage with what it printed where it fails."""
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=cwd, env={**clean_environ(), **(environ or {})}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoImage(f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")


def put_tarball(folder: Path) -> Path:
    """Build the collection as a release is built and put it into the folder, under the name that the definition uses."""
    try:
        return build_tarball(folder).replace(folder / TARBALL)
    except subprocess.CalledProcessError as refused:
        raise NoImage(f"{' '.join(refused.cmd)} ended with {refused.returncode}:\n{refused.stdout}{refused.stderr}") from refused


def make_context(folder: Path) -> Path:
    """Make the build context and return its folder.

    Args: folder: gets ``execution-environment.yml``, the tarball of the collection beside it and the context; what was made in it before is removed.
    Raises: NoImage where the folder holds anything else, where ansible-galaxy or ansible-builder refuses, or leaves the collection out of the context.
    """
    strange = sorted({path.name for path in folder.iterdir()} - MADE) if folder.is_dir() else []
    if strange:
        raise NoImage(f"The folder {folder} is not empty (it holds {strange[0]}): what is in it would be removed. Name one that is new.")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    put_tarball(folder)
    definition = shutil.copy(DEFINITION, folder)
    context = folder / "context"
    run("ansible-builder", "create", "--file", definition, "--context", context, "--output-filename", CONTAINERFILE, cwd=folder)
    # A file that is not there is only a warning to ansible-builder.
    if not (context / "_build" / "files" / TARBALL).is_file():
        raise NoImage(f"ansible-builder did not put {TARBALL} into the context; see additional_build_files in {DEFINITION.name}")
    return context


def build_command(engine: str, context: Path, image: str) -> list[str]:
    """Return the command that makes the image of a context."""
    return [engine, "build", "--file", str(context / CONTAINERFILE), "--tag", image, str(context)]


def example_image() -> str:
    """Return a name for the image at a registry that stands for the user's own, with the version of the collection."""
    version = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]
    return f"registry.example.com/backup/ee-veeam-em:{version}"


def container_engine() -> str:
    """Return the first container engine that answers. Raises NoImage where none does."""
    for engine in ENGINES:
        if shutil.which(engine) and subprocess.run([engine, "info"], capture_output=True, check=False).returncode == 0:
            return engine
    raise NoImage(f"No container engine answers here ({' and '.join(ENGINES)} were tried), so the image is not built and nothing is run in it.")


def demo_command(engine: str, image: str, connection: Mapping[str, str], ca_path: Path) -> list[str]:
    """Return the command that runs the demo in the image; the values of the connection come from the variables of the engine."""
    passed = [word for name in connection for word in ("--env", name)]
    mount = ["--volume", f"{ca_path}:{CA_IN_CONTAINER}:ro", "--security-opt", "label=disable"]
    return [engine, "run", "--rm", "--network", "host", *mount, *passed, image, "ansible-playbook", DEMO]


def try_image(engine: str, image: str, folder: Path) -> int:
    """Run the demo in the image against a simulator on this machine; return its exit code, 1 where a log-on session stays open.

    Args: folder: takes a copy of the simulator's CA that the user of the container may read.
    """
    sys.path.insert(0, str(ROOT / "tests" / "simulator"))
    from em_simulator.control import Simulator

    with Simulator.start(estate="demo", password=secrets.token_urlsafe(12)) as simulator:
        connection = {
            "VEEAM_EM_HOST": simulator.host,
            "VEEAM_EM_PORT": str(simulator.port),
            "VEEAM_EM_USERNAME": simulator.username,
            "VEEAM_EM_PASSWORD": simulator.password,
            "VEEAM_EM_CA_PATH": CA_IN_CONTAINER,
        }
        ca_path = Path(shutil.copyfile(simulator.ca_path, folder / "ca.pem"))
        ca_path.chmod(0o644)
        command = demo_command(engine, image, connection, ca_path)
        code = subprocess.run(command, env={**os.environ, **connection}, check=False).returncode
        left = simulator.counters()["open_sessions"]
    print(f"The demo in {image} ended with {code} and left {left} log-on sessions open.", flush=True)
    return code or (1 if left else 0)


def main() -> int:
    """Read the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "ee", help="where to make the context")
    parser.add_argument("--image", metavar="NAME:TAG", help="build the image, too, and run the demo in it")
    arguments = parser.parse_args()
    try:
        engine = container_engine() if arguments.image else ENGINES[0]
        context = make_context(arguments.folder.resolve())
        build = build_command(engine, context, arguments.image or example_image())
        print(f"The build context lies in {context}\nThe image is built by: {' '.join(build)}", flush=True)
        if not arguments.image:
            return 0
        subprocess.run(build, check=True)
        return try_image(engine, arguments.image, context.parent)
    except NoImage as problem:
        print(problem, file=sys.stderr)
    except subprocess.CalledProcessError as problem:
        print(f"The image was not built: {engine} ended with {problem.returncode}.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
