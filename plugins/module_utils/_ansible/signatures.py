# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks detached signatures of attestations by ssh-keygen or gpgv. Private to this collection.

The commands get lists of arguments, no shell, an environment of their own and a time-out. Whose keys are trusted is only what the caller
names: a file of allowed signers (ssh-keygen(1), ALLOWED SIGNERS) or a keyring (gpgv(1)).
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Optional, Sequence, Tuple

from .._api.errors import OptionError
from .._audit.attestations import NAMESPACE, Verify
from .._audit.settings import Attestation
from .lanes import RunProgram

SECONDS = 20
LONGEST_SIGNER = 200

_SSH, _PGP = "-----BEGIN SSH SIGNATURE-----", "-----BEGIN PGP SIGNATURE-----"

Verdict = Tuple[Optional[bool], str]


def verifier(run: RunProgram, allowed_signers: Optional[str] = None, keyring: Optional[str] = None) -> Optional[Verify]:
    """Return what checks a signature; None where nobody says whose signatures to trust.

    Args: run: runs ssh-keygen or gpgv; allowed_signers: path of a file for ``ssh-keygen -Y verify``; keyring: path of a keyring for ``gpgv``.
    Raises: OptionError for a file that is not there.
    """
    for name, path in (("allowed signers", allowed_signers), ("keyring", keyring)):
        if path and not Path(path).is_file():
            raise OptionError("The file of %s %s is not there." % (name, path), advice="Give the path of a file on the machine where the task runs.")
    if not allowed_signers and not keyring:
        return None

    def verify(attestation: Attestation, document: bytes, signature: bytes) -> Verdict:
        text = signature.decode("utf-8", "replace")
        if not attestation.signer or len(attestation.signer) > LONGEST_SIGNER or not attestation.signer.isprintable():
            return False, "The name of the signer cannot be one."
        if _SSH in text:
            return _by_ssh(run, attestation.signer, document, signature, allowed_signers)
        if _PGP in text:
            return _by_gpg(run, attestation.signer, document, signature, keyring)
        return False, "What stands for a signature is none of ssh-keygen or gpg."

    return verify


def _by_ssh(run: RunProgram, signer: str, document: bytes, signature: bytes, allowed_signers: Optional[str]) -> Verdict:
    if not allowed_signers:
        return None, "It is signed by an SSH key, and the audit was given no file of allowed signers."
    with tempfile.TemporaryDirectory() as folder:
        path = _written(folder, signature)
        arguments = ["-Y", "verify", "-f", os.path.realpath(allowed_signers), "-I", signer, "-n", NAMESPACE, "-s", path]
        ran = run("ssh-keygen", arguments, document, folder, SECONDS)
    if ran is None:
        return None, "ssh-keygen is not there, or did not end within %d seconds." % SECONDS
    if ran.code == 0:
        return True, "The signature of %s over it holds (ssh-keygen)." % signer
    return False, "The signature of %s over it does not hold (ssh-keygen: %s)." % (signer, _last_words(ran.errors or ran.output))


def _by_gpg(run: RunProgram, signer: str, document: bytes, signature: bytes, keyring: Optional[str]) -> Verdict:
    if not keyring:
        return None, "It is signed by gpg, and the audit was given no keyring."
    with tempfile.TemporaryDirectory() as folder:
        path = _written(folder, signature)
        arguments = ["--homedir", folder, "--keyring", os.path.realpath(keyring), "--status-fd", "1", path, "-"]
        ran = run("gpgv", arguments, document, folder, SECONDS)
    if ran is None:
        return None, "gpgv is not there, or did not end within %d seconds." % SECONDS
    status = ran.output.decode("utf-8", "replace").splitlines()
    if ran.code != 0:
        return False, "The signature of %s over it does not hold (gpgv: %s)." % (signer, _last_words(ran.errors))
    if not _is_of(signer, status):
        return False, "The signature over it is by a key of the keyring, but not by one of %s." % signer
    return True, "The signature of %s over it holds (gpgv)." % signer


def _is_of(signer: str, status: Sequence[str]) -> bool:
    """Tell whether a good signature is by the signer: the fingerprint of the key or its main key, or the mail address of its user id."""
    wanted = signer.replace(" ", "").casefold()
    for line in status:
        words = line.split()
        if words[1:2] == ["VALIDSIG"] and wanted in {words[2].casefold(), words[-1].casefold()}:
            return True
        if words[1:2] == ["GOODSIG"]:
            name = " ".join(words[3:])
            address = name[name.rfind("<") + 1 :].rstrip(">") if "<" in name else ""
            if signer.casefold() in {name.casefold(), address.casefold()}:
                return True
    return False


def _written(folder: str, signature: bytes) -> str:
    path = Path(folder) / "signature"
    path.write_bytes(signature)
    return str(path)


def _last_words(output: bytes) -> str:
    lines = [line.strip() for line in output.decode("utf-8", "replace").splitlines() if line.strip()]
    return lines[-1][:200].rstrip(".") if lines else "it says nothing more"
