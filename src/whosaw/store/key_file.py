"""A key of 32 bytes in a file that nobody but its owner may touch."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from whosaw.core.errors import WhosawError

__all__ = ["load_key", "refuse_open"]


def load_key(path: Path, *, create: bool) -> bytes:
    """The 32-byte master key in `path`; made at random, mode 0600, when absent and `create` is set."""
    try:
        if create and (
            not path.exists() or path.stat().st_size == 0
        ):  # empty: a kill cut short how it was made
            _make_key(path)
        refuse_open(path)
        key = path.read_bytes()
    except FileNotFoundError as fault:
        raise WhosawError(
            "vault.no-key", f"the vault key {path} is gone", hint="Restore it, or name it with --key-file"
        ) from fault
    except OSError as fault:
        raise WhosawError(
            "vault.no-key", f"the vault key {path} cannot be read ({fault.strerror})"
        ) from fault
    if len(key) != 32:
        raise WhosawError(
            "vault.bad-key", f"the vault key {path} is not 32 bytes", hint="Restore the right file"
        )
    return key


def _make_key(path: Path) -> None:
    """A new key, whole or not there. Of two that are made at once the first one stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(os.urandom(32))
            handle.flush()
            os.fsync(handle.fileno())
        if path.exists() and path.stat().st_size == 0:
            path.unlink()
        try:
            os.link(temporary, path)
        except FileExistsError:
            pass
        except OSError:  # a file system that gives one file no two names
            if not path.exists():
                os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def refuse_open(path: Path, what: str = "vault key") -> None:
    """Refuse a key that anybody but its owner may touch: whoever reads it can name every person in the ledger."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise WhosawError(
            "vault.open-key",
            f"others may read or write the {what} {path} (mode {mode:04o})",
            hint=f"Run `chmod 600 {path}`, and find out who had it until now",
        )
