"""Takes erased identifiers out of all that the workspace keeps of them, and seals anew what a rotation left under an older key.

Every step is whole before and after, and can be done again: a new file is on disk before the manifest names it, and the old one goes
when nothing names it any more. What is written before a kill stays, and what is not is written by the next run. All of it is for
the one who holds the workspace for writing while nobody reads it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from whosaw.core.errors import WhosawError

from . import statements as sa
from .digest_words import halves
from .files import ContentStore
from .journal import tables
from .numbers.allot import in_order_of_digest
from .numbers.commit import VAULTED, sealed_raws
from .numbers.facts import drop_facts
from .numbers.history import History, load_history
from .numbers.known import Numbers
from .numbers.segments import NumbersFiles
from .vault import KINDS, Vault
from .workspace import Workspace

__all__ = ["Digests", "Held", "TakenOut", "clear_leftovers", "holding", "seal_again", "take_out"]

Digests = Mapping[str, Sequence[bytes]]  # by kind
_VAULT: Final = "vault"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOut:
    """How many raw identifiers went out of how many vault files of segments, and how many out of the vault by number."""

    segments: int
    of_segments: int
    by_number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a segment has of some identifiers: its files, the local codes of these, and their digests by kind."""

    segment: int
    files: dict[str, str]
    codes: npt.NDArray[np.int64]
    digests: Mapping[str, frozenset[bytes]]


def take_out(workspace: Workspace, digests: Digests) -> TakenOut:
    """Take raw identifiers out of the vault, wherever it holds them, and forget what was worked out of them."""
    segments = gone = 0
    for each in holding(workspace, digests):
        sealed = each.files.get(_VAULT)
        less = _without(workspace, sealed, each.codes) if sealed is not None else 0
        if sealed is not None and less:
            segments, gone = segments + 1, gone + less
            _renamed(workspace, each.segment, sealed, _written_without(workspace, sealed, each.codes))
    by_number = 0
    history = load_history(workspace.journal, workspace.files)
    for kind in VAULTED:
        numbers = _numbers(history, kind, digests.get(kind, ()))
        by_number += sealed_raws(workspace, kind).drop(np.unique(numbers[numbers >= 0]))
    drop_facts(workspace)
    return TakenOut(segments=segments, of_segments=gone, by_number=by_number)


def holding(workspace: Workspace, digests: Digests) -> Iterator[Held]:
    """The segments, counted or not, that have one of these identifiers: by its digest, or by its number where the segment has let go of
    digests."""
    asked = {kind: list(each) for kind, each in digests.items() if kind in KINDS}
    history = load_history(workspace.journal, workspace.files)
    numbers = NumbersFiles(workspace.files)
    known = {kind: _numbers(history, kind, each) for kind, each in asked.items()}
    table = tables.segment.c
    for row in workspace.journal.rows(sa.select(table.id, table.files).order_by(table.id)):
        files: dict[str, str] = json.loads(row["files"])
        codes = []
        path = workspace.files.path(files["identities"]) if "identities" in files else None
        if path is not None and path.is_file():
            held = pq.read_table(path, use_threads=False)
            kinds, column = held["kind"].to_numpy(), held["digest"].combine_chunks().cast(pa.binary(16))
            for kind, wanted in asked.items():
                place = pc.index_in(column, pa.array(wanted, pa.binary(16))).fill_null(-1).to_numpy()
                codes += [(kind, np.where(kinds == KINDS[kind], place, -1))]
        elif row["id"] in history.numbered:
            made = numbers.of(row["id"], history.numbered[row["id"]])
            for kind, given in known.items():
                codes += [(kind, np.where(made.kinds == KINDS[kind], _places(given, made.identities), -1))]
        found = [(kind, np.flatnonzero(place >= 0), place) for kind, place in codes]
        if any(len(at) for _, at, _ in found):
            yield Held(
                segment=row["id"],
                files=files,
                codes=np.unique(np.concatenate([at for _, at, _ in found])),
                digests={
                    kind: frozenset(asked[kind][each] for each in place[at]) for kind, at, place in found
                },
            )


def _numbers(history: History, kind: str, digests: Sequence[bytes]) -> Numbers:
    """The number of each digest; -1 of what none was given for."""
    if not digests:
        return np.zeros(0, np.int64)
    high, low = halves(pa.array(list(digests), pa.binary(16)))
    order = in_order_of_digest(high, low)
    found = np.empty(len(order), np.int64)
    found[order] = history.known[kind].find(high[order], low[order])
    return found


def _places(wanted: Numbers, numbers: Numbers) -> Numbers:
    """Of each of these numbers, where it stands among those that are wanted; -1 of all others."""
    if not len(wanted):
        return np.full(len(numbers), -1, np.int64)
    order = np.argsort(wanted)
    at = np.minimum(np.searchsorted(wanted, numbers, sorter=order), len(wanted) - 1)
    return np.where((wanted[order][at] == numbers) & (numbers >= 0), order[at], -1)


def _without(workspace: Workspace, name: str, codes: npt.NDArray[np.int64]) -> int:
    """How many rows of a vault file have these codes. None of a file that is gone."""
    try:
        sealed = workspace.files.read(name)
    except WhosawError:
        return 0
    rows = workspace.vault.open_blocks(sealed, codes.tolist())
    return int(np.isin(rows["code"].to_numpy(), codes).sum())


def _written_without(workspace: Workspace, name: str, codes: npt.NDArray[np.int64]) -> str | None:
    """A vault file without these codes; returns its name, None where nothing is left."""
    rows = workspace.vault.open_every_block(workspace.files.read(name))
    kept = rows.filter(pa.array(~np.isin(rows["code"].to_numpy(), codes)))
    return workspace.files.put(_VAULT, workspace.vault.seal_blocks(kept)) if kept.num_rows else None


def _renamed(workspace: Workspace, segment: int, old: str, new: str | None) -> None:
    """Name another vault file of a segment in the manifest."""
    table = tables.segment
    with workspace.journal.transaction() as connection:
        (row,) = workspace.journal.rows(sa.select(table.c.files).where(table.c.id == segment), connection)
        files = {kind: name for kind, name in json.loads(row["files"]).items() if name != old}
        if new is not None:
            files[_VAULT] = new
        connection.execute(table.update().values(files=json.dumps(files)).where(table.c.id == segment))


def clear_leftovers(workspace: Workspace, addresses: frozenset[str]) -> int:
    """Remove vault files that no segment names, sealed addresses that are not among those named, and what a kill left half written;
    returns how many files went."""
    rows = workspace.journal.rows(sa.select(tables.segment.c.files))
    named = {name for row in rows for name in json.loads(row["files"]).values()} | addresses
    kinds = (_VAULT, "addresses")
    left = [each for each in workspace.files.names() if each.partition(".")[2] in kinds and each not in named]
    gone = len(workspace.remove(left))
    workspace.files.clear_parts()
    for kind in VAULTED:
        sealed_raws(workspace, kind).clear_parts()
    for path in workspace.spill.glob("*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    return gone


def seal_again(workspace: Workspace, told: Callable[[int, int], None] = lambda _done, _of: None) -> int:
    """Seal with the newest key all that segments and the vault by number hold; returns how many files were written. What opens with that
    key already is left as it is."""
    newest, written = workspace.vault.sealed_last(), 0
    table = tables.segment
    rows = workspace.journal.rows(sa.select(table.c.id, table.c.files, table.c.state).order_by(table.c.id))
    for at, row in enumerate(rows):
        told(at, len(rows))
        name = json.loads(row["files"]).get(_VAULT)
        if name is not None and (new := _file_again(workspace.files, workspace.vault, newest, name)):
            _renamed(workspace, row["id"], name, new)
            written += 1
        if row["state"] is not None:
            _state_again(workspace, newest, row)
    for kind in VAULTED:
        written += sealed_raws(workspace, kind).seal_again(newest)
    drop_facts(workspace)
    return written


def _file_again(files: ContentStore, vault: Vault, newest: Vault, name: str) -> str | None:
    """A vault file sealed with the newest key; None where it is already, or is gone."""
    try:
        sealed = files.read(name)
    except WhosawError:
        return None
    try:
        newest.open_every_block(sealed)
    except WhosawError:
        return files.put(_VAULT, newest.seal_blocks(vault.open_every_block(sealed)))
    return None


def _state_again(workspace: Workspace, newest: Vault, row: Mapping[str, Any]) -> None:
    try:
        newest.open_text(row["state"])
    except WhosawError:
        state = newest.seal_text(workspace.vault.open_text(row["state"]))
        table = tables.segment
        with workspace.journal.transaction() as connection:
            connection.execute(table.update().values(state=state).where(table.c.id == row["id"]))
