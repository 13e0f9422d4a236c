"""The reading key: what an executor needs to read logs into a vault that it cannot open.

A file of JSON that nobody but its owner may touch, or what a command prints: keys for the digests of each kind, the key that digests are kept
under, the public half that seals, the key of what is handed on between machines, and the secrets of row digests, for steps of the ledger. One
of an earlier release has none of these and reads logs alone. It stands for one state of the vault: after a
rotation a new one is written.
"""

from __future__ import annotations

import base64
import json
import os
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from whosaw.core import client
from whosaw.core.errors import WhosawError

from .erased import CONTACT
from .files import write_atomically
from .index.twin_rules import KEYED
from .key_file import refuse_open
from .keyring import FIRST
from .sealing import Sealer
from .vault import KINDS, ReadingKey, Vault

__all__ = ["COMMAND", "FILE", "READ", "fingerprint", "reading_key_here", "write_reading_key"]

FILE: Final = "WHOSAW_READING_KEY"
COMMAND: Final = "WHOSAW_READING_KEY_COMMAND"
READ: Final = (*KINDS, *client.CLEAR, "client", CONTACT, *KEYED, "key")
"""The kinds of digests that reading logs makes."""
_FORMAT: Final = 1


def fingerprint(key: ReadingKey | Vault) -> str:
    """What a reading key, or the vault that it is of, is known by: the public half in hexadecimal digits."""
    return key.sealer.public.hex()


def write_reading_key(
    path: Path, vault: Vault, mark: str | None, secrets: Mapping[str, int] | None = None
) -> ReadingKey:
    """Write what reading takes for a vault whose digests stand under the key of this mark, and the `secrets` of these purposes, of so many bytes
    each. A file that is there is replaced."""
    key = vault.reading_key(READ, secrets)
    told = {
        "format": _FORMAT,
        "mark": mark or FIRST,
        "digests": {kind: _text(both) for kind, both in key.digests.items()},
        "cover": _text(key.cover),
        "public": _text(key.sealer.public),
        "drawing": _text(key.sealer.drawing),
        "handing": _text(key.handing),
        "secrets": {purpose: _text(secret) for purpose, secret in key.secrets.items()},
    }
    try:
        write_atomically(path, (json.dumps(told, indent=1) + "\n").encode())
    except OSError as fault:
        raise WhosawError(
            "vault.reading-key", f"the reading key {path} cannot be written ({fault.strerror})"
        ) from fault
    return key


def reading_key_here(mark: str | None) -> ReadingKey | None:
    """The reading key that the environment of this process names; None where it names none. Raises `WhosawError` where it cannot be
    read, others may touch it, or digests stand under the key of another mark."""
    if command := os.environ.get(COMMAND, "").strip():
        told = _printed(command)
    elif path := os.environ.get(FILE, "").strip():
        told = _read(Path(path))
    else:
        return None
    try:
        key, its = _key_of(json.loads(told))
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise _refused("the reading key is none that this whosaw can read") from fault
    if its != (mark or FIRST):
        raise _refused("the reading key is of digests that were rotated since")
    return key


def _key_of(told: Mapping[str, Any]) -> tuple[ReadingKey, str]:
    if told["format"] != _FORMAT:
        raise ValueError(told["format"])
    key = ReadingKey(
        digests={kind: _bytes(both) for kind, both in told["digests"].items()},
        cover=_bytes(told["cover"]),
        sealer=Sealer(public=_bytes(told["public"]), drawing=_bytes(told["drawing"])),
        handing=_bytes(told["handing"]),
        secrets={purpose: _bytes(secret) for purpose, secret in told.get("secrets", {}).items()},
    )
    return key, str(told["mark"])


def _read(path: Path) -> bytes:
    try:
        refuse_open(path, "reading key")
        return path.read_bytes()
    except OSError as fault:
        raise _refused(f"the reading key {path} cannot be read ({fault.strerror})") from fault


def _printed(command: str) -> bytes:
    try:
        done = subprocess.run(shlex.split(command), capture_output=True, check=False, timeout=60)  # noqa: S603  # the user's own command
    except (OSError, ValueError, subprocess.TimeoutExpired) as fault:
        raise _refused(
            f"the command that gives the reading key could not be run ({type(fault).__name__})"
        ) from fault
    if done.returncode != 0:
        raise _refused(f"the command that gives the reading key ended with {done.returncode}")
    return done.stdout


def _refused(message: str) -> WhosawError:
    return WhosawError(
        "vault.reading-key",
        message,
        hint="Write it anew with `whosaw vault reading-key` and give it to each executor",
    )


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
