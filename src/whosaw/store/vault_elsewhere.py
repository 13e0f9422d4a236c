"""The vault on a machine that has the workspace's folder and key, and not its journal."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from whosaw.core.errors import WhosawError

from .erased import Erased
from .keyring import cover_in_force, outer_key, read_keyring
from .reading_key import reading_key_here
from .vault import ReadingVault, Vault

__all__ = ["proof_of", "vault_elsewhere"]


def proof_of(vault: Vault) -> bytes:
    """What shows which keys a vault digests and seals with, and tells nothing of those that are secret."""
    return vault.digest("key", "check") + vault.sealer.public


def vault_elsewhere(
    root: Path,
    key_file: Path | None,
    *,
    mark: str | None,
    proof: bytes,
    erased: Mapping[str, tuple[bytes, ...]],
) -> Vault:
    """The vault of the workspace in `root`, whose key is read from where it is kept for this machine: a reading key where its environment names
    one, which seals and does not open, else the key of the vault. What the journal knows is told: the `mark` of the key of digests, a
    `proof` of the key, and by kind the digests of who was `erased`. Raises `WhosawError` where the key is another one."""
    gone = Erased.of_these(erased)
    reading = reading_key_here(mark)
    if reading is not None:
        vault: Vault = ReadingVault(reading, erased=gone)
    else:
        ring = read_keyring(root, outer_key(root, key_file, create=False))
        vault = Vault(ring.root, ring.seals, cover=cover_in_force(ring, mark), erased=gone)
    if proof_of(vault) != proof:
        raise WhosawError(
            "vault.other-key",
            "an executor has another vault key than this machine",
            hint="Give it the same one: by --key-file, by WHOSAW_KEY_COMMAND in its environment, or in the workspace"
            if reading is None
            else "Write its reading key anew with `whosaw vault reading-key`",
        )
    return vault
