# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Signatures of attestations, made and checked by the real commands."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible import signatures
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.errors import OptionError
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.attestations import NAMESPACE, signed_bytes
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.settings import Attestation, Selector
from ansible_collections.openbackup.veeam_em.plugins.plugin_utils.programs import run_program

OWNER, OTHER = "owner@example.com", "other@example.com"
STATEMENT = Attestation("a1", "X02", Selector(names=("é*",)), "It is kept twice.", "Backup team", "2026-01-01", "2027-01-01", signer=OWNER)

needs_gpg = pytest.mark.skipif(not all(map(shutil.which, ("gpg", "gpgv"))), reason="gpg and gpgv are not on this machine")


def run(*command: str, text: bytes = b"") -> bytes:
    """Run a command and return what it prints."""
    return subprocess.run(command, input=text, capture_output=True, check=True, timeout=60).stdout


@pytest.fixture(name="ssh")
def ssh_keys(tmp_path: Path) -> Path:
    """Make a key for each signer, and the file of allowed signers with both."""
    lines = []
    for name in (OWNER, OTHER):
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(tmp_path / name))
        lines.append(f"{name} {(tmp_path / f'{name}.pub').read_text()}")
    (tmp_path / "allowed").write_text("".join(lines))
    return tmp_path


def signed_by_ssh(folder: Path, attestation: Attestation, key: str = OWNER, namespace: str = NAMESPACE) -> Attestation:
    """Return the attestation with a signature by the key of somebody."""
    document = folder / "document.txt"
    document.write_bytes(signed_bytes(attestation))
    run("ssh-keygen", "-Y", "sign", "-f", str(folder / key), "-n", namespace, str(document))
    signature = folder / "document.txt.sig"
    text = signature.read_text()
    signature.unlink()
    return replace(attestation, signature=text)


def verdict(attestation: Attestation, allowed_signers: Path | None = None, keyring: Path | None = None) -> tuple[bool | None, str]:
    """Return what is said of the signature of an attestation."""
    verify = signatures.verifier(run_program, str(allowed_signers) if allowed_signers else None, str(keyring) if keyring else None)
    assert verify is not None
    return verify(attestation, signed_bytes(attestation), attestation.signature.encode())


def test_a_signature_of_an_allowed_signer_holds(ssh: Path) -> None:
    assert verdict(signed_by_ssh(ssh, STATEMENT), ssh / "allowed") == (True, f"The signature of {OWNER} over it holds (ssh-keygen).")


@pytest.mark.parametrize(
    "changed",
    [
        {"expires": "2028-01-01"},
        {"scope": Selector()},
        {"statement": "It is kept twice!"},
        {"owner": "Somebody"},
        {"rule": "X03"},
        {"id": "a2"},
        {"signer": OTHER},
    ],
)
def test_one_changed_letter_makes_a_signature_bad(ssh: Path, changed: dict[str, str]) -> None:
    holds, sentence = verdict(replace(signed_by_ssh(ssh, STATEMENT), **changed), ssh / "allowed")
    assert holds is False
    assert "does not hold (ssh-keygen: " in sentence


def test_a_signature_by_another_or_for_another_purpose_is_bad(ssh: Path) -> None:
    assert verdict(signed_by_ssh(ssh, STATEMENT, key=OTHER), ssh / "allowed")[0] is False
    assert verdict(signed_by_ssh(ssh, STATEMENT, namespace="file"), ssh / "allowed")[0] is False
    stranger = replace(STATEMENT, signer="stranger@example.com")
    assert verdict(signed_by_ssh(ssh, stranger), ssh / "allowed")[0] is False
    assert verdict(replace(STATEMENT, signature="-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n"), ssh / "allowed")[0] is False
    assert verdict(replace(STATEMENT, signature="signed, me"), ssh / "allowed") == (False, "What stands for a signature is none of ssh-keygen or gpg.")


def test_names_of_signers_are_no_options_and_no_control_characters(ssh: Path) -> None:
    for name in ("-Y", "--help", "*"):
        assert verdict(signed_by_ssh(ssh, replace(STATEMENT, signer=name)), ssh / "allowed")[0] is False
    assert verdict(replace(signed_by_ssh(ssh, STATEMENT), signer="a\nb"), ssh / "allowed") == (False, "The name of the signer cannot be one.")


def test_what_nobody_can_check_is_neither_good_nor_bad(ssh: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    attestation = signed_by_ssh(ssh, STATEMENT)
    assert signatures.verifier(run_program) is None
    assert verdict(attestation, keyring=ssh / "allowed")[0] is None
    assert verdict(replace(attestation, signature="-----BEGIN PGP SIGNATURE-----"), ssh / "allowed")[0] is None
    with pytest.raises(OptionError, match="is not there"):
        signatures.verifier(run_program, str(tmp_path / "none"))
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    assert verdict(attestation, ssh / "allowed") == (None, "ssh-keygen is not there, or did not end within 20 seconds.")


def test_a_command_that_hangs_is_ended(ssh: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    attestation = signed_by_ssh(ssh, STATEMENT)
    slow = tmp_path / "bin" / "ssh-keygen"
    slow.parent.mkdir()
    slow.write_text("#!/bin/sh\nexec sleep 30\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{slow.parent}:/usr/bin:/bin")
    monkeypatch.setattr(signatures, "SECONDS", 0.2)
    assert verdict(attestation, ssh / "allowed")[0] is None


@pytest.fixture(name="gpg")
def gpg_keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Make a key for each signer, and a keyring with both."""
    home = tmp_path_factory.mktemp("g")  # short: the agent's socket lies in it
    home.chmod(0o700)
    for name in (OWNER, OTHER):
        run(*_gpg(home), "--passphrase", "", "--quick-generate-key", f"Somebody <{name}>", "ed25519", "sign", "never")
    (home / "allowed.gpg").write_bytes(run(*_gpg(home), "--export"))
    yield home
    run("gpgconf", "--homedir", str(home), "--kill", "all")


def _gpg(home: Path) -> tuple[str, ...]:
    return ("gpg", "--homedir", str(home), "--batch", "--quiet", "--pinentry-mode", "loopback")


@needs_gpg
def test_a_signature_by_gpg_is_checked_against_the_keyring(gpg: Path) -> None:
    sign = (*_gpg(gpg), "--armor", "--detach-sign", "--local-user", OWNER)
    good = replace(STATEMENT, signature=run(*sign, text=signed_bytes(STATEMENT)).decode())
    assert verdict(good, keyring=gpg / "allowed.gpg") == (True, f"The signature of {OWNER} over it holds (gpgv).")
    assert verdict(replace(good, expires="2028-01-01"), keyring=gpg / "allowed.gpg")[0] is False
    fingerprint = next(line.split(":")[9] for line in run(*_gpg(gpg), "--with-colons", "--list-keys", OWNER).decode().splitlines() if line.startswith("fpr"))
    by_print = replace(STATEMENT, signer=fingerprint)
    assert verdict(replace(by_print, signature=run(*sign, text=signed_bytes(by_print)).decode()), keyring=gpg / "allowed.gpg")[0] is True
    of_other = replace(STATEMENT, signer=OTHER)
    forged = replace(of_other, signature=run(*sign, text=signed_bytes(of_other)).decode())
    assert verdict(forged, keyring=gpg / "allowed.gpg") == (False, f"The signature over it is by a key of the keyring, but not by one of {OTHER}.")
    (gpg / "others.gpg").write_bytes(run(*_gpg(gpg), "--export", OTHER))
    assert verdict(good, keyring=gpg / "others.gpg")[0] is False
