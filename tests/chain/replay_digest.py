"""Digests of small replays with a fixed seed, which must be the same on every Python, numpy and machine.

    python tests/chain/replay_digest.py > tests/chain/replay_digests.json

writes them anew after a change that is meant to change what a replay holds; say so in the change note.

What is digested is the text of each file before packing, and the rows of each Parquet file: other builds of zlib (some
Pythons link zlib-ng) pack the same text into other bytes, and other versions of pyarrow lay the same rows out in
another way. On one machine with one set of packages the bytes themselves are the same too.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import sys
import tempfile
from pathlib import Path

import pyarrow.parquet as pq

from whosaw.replay.damage.item import load_damage
from whosaw.replay.damage.twin import make_twin
from whosaw.replay.items import breach_names, load_replay
from whosaw.replay.make import make_replay

SEED, SCALE = 20_250_303, 0.003
DAMAGED = {"forged-token, rough": ("forged-token", "rough")}  # a breach and what happens to its logs


def names() -> list[str]:
    """What there is a digest of."""
    return sorted([*breach_names(), *DAMAGED])


def content(path: Path) -> bytes:
    """What a file holds, whatever packed it."""
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes())
    if path.suffix == ".parquet":
        table = pq.read_table(path)
        columns = {name: table[name].to_pylist() for name in table.column_names}
        return json.dumps(columns, default=str).encode()
    return path.read_bytes()


def digest_of(folder: Path) -> str:
    """One digest of the names and contents of all files."""
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            one = hashlib.sha256(content(path)).hexdigest()
            whole.update(f"{one}  {path.relative_to(folder).as_posix()}\n".encode())
    return whole.hexdigest()


def digest(name: str, folder: Path) -> str:
    """Make that replay in an empty folder, and digest it."""
    breach_name, damage = DAMAGED.get(name, (name, None))
    shop, breach = load_replay(breach=breach_name)
    made = make_replay(folder / "replay", shop=shop, breach=breach, seed=SEED, scale=SCALE).folder
    if damage is not None:
        made = make_twin(made, folder / "twin", load_damage(damage).damage, SEED).folder
    return digest_of(made)


def main() -> None:
    """Print the digests of those named, or of all, as JSON."""
    found = {}
    for name in sys.argv[1:] or names():
        with tempfile.TemporaryDirectory() as folder:
            found[name] = digest(name, Path(folder))
    sys.stdout.write(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
