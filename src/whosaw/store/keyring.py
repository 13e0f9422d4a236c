"""Where the key of a vault comes from, and what it opens once the vault was rotated.

The key is 32 bytes: in a file, or printed by a command (`WHOSAW_KEY_COMMAND`) that asks a key service. Before a first rotation it is the
master key itself. After it the workspace has `vault.keys`: the key that digests come from, and the key that seals come from, both under
AES-256-GCM with a key derived from the one outside. While a rotation is under way they stand there twice, for the key that was and for
the one that comes, so that whichever a kill leaves in its place opens them.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import shlex
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from whosaw.core.errors import WhosawError

from .files import write_atomically
from .key_file import load_key

__all__ = ["COMMAND", "KEYS", "Keyring", "key_from", "outer_key", "read_keyring", "write_keyring"]

COMMAND: Final = "WHOSAW_KEY_COMMAND"
KEYS: Final = "vault.keys"
_BYTES: Final = 32
_FORMAT: Final = 1
_BOUND: Final = b"whosaw vault keys v1"
_NONCE_BYTES: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyring:
    """`root` gives digests and secrets; `seals` open what is sealed, and the first of them seals. More than one: a rotation is under way."""

    root: bytes = field(repr=False)
    seals: tuple[bytes, ...] = field(repr=False)


def outer_key(root: Path, key_file: Path | None, *, create: bool) -> bytes:
    """The key of the workspace in `root`: from the file that is named, else from the command that is, else from its own file."""
    command = os.environ.get(COMMAND, "")
    if key_file is None and command.strip():
        return key_from(command)
    return load_key(key_file or root / "vault.key", create=create)


def key_from(command: str) -> bytes:
    """The key that a command prints: 32 bytes as they are, or as 64 hexadecimal digits, or in base64. It is run without a shell; what
    it prints is never shown."""
    try:
        done = subprocess.run(shlex.split(command), capture_output=True, check=False, timeout=60)  # noqa: S603  # the user's own command
    except (OSError, ValueError, subprocess.TimeoutExpired) as fault:
        raise WhosawError(
            "vault.key-command",
            f"the command that gives the vault key could not be run ({type(fault).__name__})",
            hint=f"Check {COMMAND}; it takes a program and its arguments, no shell",
        ) from fault
    if done.returncode != 0:
        raise WhosawError(
            "vault.key-command",
            f"the command that gives the vault key ended with {done.returncode}",
            hint="Run it by hand; what it says is not shown here",
        )
    for told in (done.stdout, _decoded(done.stdout)):
        if told is not None and len(told) == _BYTES:
            return told
    raise WhosawError(
        "vault.key-command",
        "the command that gives the vault key printed no key",
        hint="It prints 32 bytes: as they are, as 64 hexadecimal digits, or in base64",
    )


def _decoded(printed: bytes) -> bytes | None:
    text = printed.strip()
    with suppress(ValueError, binascii.Error):
        return bytes.fromhex(text.decode("ascii"))
    with suppress(ValueError, binascii.Error):
        return base64.b64decode(text, validate=True)
    return None


def read_keyring(root: Path, outer: bytes) -> Keyring:
    """The keys of the workspace in `root`, opened with the one outside. Raises `WhosawError` where that is not the one."""
    try:
        told = json.loads((root / KEYS).read_bytes())
    except FileNotFoundError:
        return Keyring(root=outer, seals=(outer,))
    except (OSError, ValueError) as fault:
        raise WhosawError(
            "vault.keys", f"{root / KEYS} cannot be read", hint="Restore it from a backup"
        ) from fault
    if told.get("format") != _FORMAT:
        raise WhosawError("vault.keys", f"a newer whosaw wrote {root / KEYS}", hint="Use that one")
    for each in told["wrapped"]:
        sealed = base64.b64decode(each)
        with suppress(InvalidTag):
            plain = AESGCM(_wrapping(outer)).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _BOUND)
            said = json.loads(plain)
            return Keyring(root=bytes.fromhex(said["root"]), seals=tuple(map(bytes.fromhex, said["seals"])))
    raise WhosawError(
        "vault.other-key",
        f"this is not the key of {root}",
        hint="The vault was rotated; restore its newest key, or name it with --key-file",
    )


def write_keyring(root: Path, ring: Keyring, outers: Sequence[bytes]) -> None:
    """Write the keys, so that each of these outer keys opens them."""
    said = json.dumps({"root": ring.root.hex(), "seals": [each.hex() for each in ring.seals]}).encode()
    wrapped = []
    for outer in dict.fromkeys(outers):
        nonce = os.urandom(_NONCE_BYTES)
        wrapped.append(
            base64.b64encode(nonce + AESGCM(_wrapping(outer)).encrypt(nonce, said, _BOUND)).decode()
        )
    write_atomically(root / KEYS, json.dumps({"format": _FORMAT, "wrapped": wrapped}).encode())


def _wrapping(outer: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=_BYTES, salt=None, info=b"whosaw " + _BOUND).derive(outer)
