"""Where the key of a vault comes from, and what it opens once the vault was rotated.

The key is 32 bytes: in a file, or printed by a command (`WHOSAW_KEY_COMMAND`) that asks a key service. Before a first rotation it is the
master key itself. After it the workspace has `vault.keys`: the key that digests come from, the key that they are kept under once they
were rotated, and the key that seals come from, all under AES-256-GCM with a key derived from the one outside. While a rotation is under way
they stand there twice, for the key that was and for the one that comes, so that whichever a kill leaves in its place opens them.
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
from .keyed_digest import Cover

__all__ = [
    "COMMAND",
    "FIRST",
    "KEYS",
    "CoverKey",
    "Keyring",
    "cover_in_force",
    "key_from",
    "new_cover",
    "outer_key",
    "read_keyring",
    "write_keyring",
]

COMMAND: Final = "WHOSAW_KEY_COMMAND"
KEYS: Final = "vault.keys"
_BYTES: Final = 32
_FORMATS: Final = (1, 2)  # the second has keys that digests are kept under
_BOUND: Final = b"whosaw vault keys v1"
_NONCE_BYTES: Final = 12


FIRST: Final = "first"
"""The mark of digests that were never rotated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverKey:
    """A key that digests are kept under, and the mark that it is known by, which tells nothing of it. Without a key: first digests."""

    mark: str = FIRST
    key: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyring:
    """`root` gives digests and secrets; `seals` open what is sealed, and the first of them seals; digests are kept under one of `covers`,
    the newest of which stands first. More than one of either: a rotation is under way."""

    root: bytes = field(repr=False)
    seals: tuple[bytes, ...] = field(repr=False)
    covers: tuple[CoverKey, ...] = (CoverKey(),)


def new_cover() -> CoverKey:
    """A key for digests that nobody has yet."""
    return CoverKey(mark=os.urandom(4).hex(), key=os.urandom(_BYTES))


def cover_in_force(ring: Keyring, mark: str | None) -> Cover:
    """What digests are kept under, by the mark that the journal has. Raises `WhosawError` where its key is not among those of the ring."""
    for each in ring.covers:
        if each.mark == (mark or FIRST):
            return Cover(each.key)
    raise WhosawError(
        "vault.keys",
        f"{KEYS} lacks the key of digests {mark or FIRST}",
        hint="Restore the newest vault.keys from a backup",
    )


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
    if told.get("format") not in _FORMATS:
        raise WhosawError("vault.keys", f"a newer whosaw wrote {root / KEYS}", hint="Use that one")
    for each in told["wrapped"]:
        sealed = base64.b64decode(each)
        with suppress(InvalidTag):
            plain = AESGCM(_wrapping(outer)).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _BOUND)
            said = json.loads(plain)
            return Keyring(
                root=bytes.fromhex(said["root"]),
                seals=tuple(map(bytes.fromhex, said["seals"])),
                covers=tuple(
                    CoverKey(mark=mark, key=bytes.fromhex(key))
                    for mark, key in said.get("covers", [[FIRST, ""]])
                ),
            )
    raise WhosawError(
        "vault.other-key",
        f"this is not the key of {root}",
        hint="The vault was rotated; restore its newest key, or name it with --key-file",
    )


def write_keyring(root: Path, ring: Keyring, outers: Sequence[bytes]) -> None:
    """Write the keys, so that each of these outer keys opens them."""
    told: dict[str, object] = {"root": ring.root.hex(), "seals": [each.hex() for each in ring.seals]}
    covered = ring.covers != (CoverKey(),)
    if covered:  # a release that knows nothing of it must not open this
        told["covers"] = [[each.mark, each.key.hex()] for each in ring.covers]
    said = json.dumps(told).encode()
    wrapped = []
    for outer in dict.fromkeys(outers):
        nonce = os.urandom(_NONCE_BYTES)
        wrapped.append(
            base64.b64encode(nonce + AESGCM(_wrapping(outer)).encrypt(nonce, said, _BOUND)).decode()
        )
    write_atomically(root / KEYS, json.dumps({"format": _FORMATS[covered], "wrapped": wrapped}).encode())


def _wrapping(outer: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=_BYTES, salt=None, info=b"whosaw " + _BOUND).derive(outer)
