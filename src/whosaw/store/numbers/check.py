"""Whether the numbers that were given hold: digests in order and each once, numbers each once, and none beyond the next free one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from whosaw.store.digest_words import halves
from whosaw.store.kinds import WIDE
from whosaw.store.sql import Session
from whosaw.store.vault import KINDS, as_column
from whosaw.store.workspace import Workspace

from .allot import in_order_of_digest
from .commit import VAULTED, sealed_raws
from .history import History
from .known import LATER_SHIFT, Known, Numbers
from .texts import texts_of

__all__ = ["history_faults", "index_faults", "sealed_faults"]

_BATCH = 1 << 20


def history_faults(history: History) -> Iterator[str]:
    """What does not hold, one sentence each. Files are read as the journal names them; their bytes are checked elsewhere."""
    for kind, known in sorted(history.known.items()):
        yield from _order_faults(kind, known)
        yield from _number_faults(kind, known, dict(history.free.get(kind, {})))
        yield from _twice_faults(kind, known)


def index_faults(session: Session, history: History) -> Iterator[str]:
    """Digests that have another number in the index, which is attached, than among known digests. Of what an earlier release numbered, and
    nobody has taken over yet, nothing is said."""
    of_kind = "SELECT digest, number FROM identities WHERE kind = {} AND number < ?"
    asked = [(kind, of_kind.format(code)) for kind, code in KINDS.items()]
    for kind, query in (*asked, ("client", "SELECT digest, client AS number FROM clients WHERE client < ?")):
        known, wrong = history.known[kind], 0
        for batch in session.batches(query, _BATCH, [history.free.get(kind, {}).get(0, 0)]):
            high, low = halves(batch["digest"].cast(pa.binary(16)))
            order, numbers = in_order_of_digest(high, low), batch["number"].to_numpy()
            wrong += int(np.count_nonzero(known.find(high[order], low[order]) != numbers[order]))
        if wrong:
            yield f"{kind}: {wrong:,} digests have another number in the index than among those that are known"


def sealed_faults(workspace: Workspace, history: History) -> Iterator[str]:
    """Numbers behind which something else stands than what was numbered: each raw identifier and each text is digested again."""
    for kind in VAULTED:
        held = 0
        for rows in sealed_raws(workspace, kind).every(history.given(kind)):
            held += rows.num_rows
            yield from _text_faults(
                workspace, history.known[kind], rows["raw"].combine_chunks(), rows["number"].to_numpy()
            )
        gone = _erased(workspace, history.known[kind])
        if held + gone != history.given(kind):
            yield f"{kind}: the vault holds {held:,} identifiers of {history.given(kind) - gone:,}"
    for kind, files in sorted(history.texts.items()):
        following = 0
        for each in files:
            if each.first != following:
                yield f"{kind}: {each.file} begins with number {each.first:,}, not {following:,}"
            following = each.first + each.rows
            numbers = np.arange(each.first, following)
            texts = texts_of(workspace.files, [each], numbers)
            yield from _text_faults(workspace, history.known[kind], texts, numbers)
        if following != history.given(kind):
            yield f"{kind}: {following:,} texts of {history.given(kind):,}"


def _erased(workspace: Workspace, known: Known) -> int:
    """How many numbers of a kind are of identifiers that were erased."""
    digests = list(workspace.vault.erased.of(known.kind))
    if not digests:
        return 0
    high, low = halves(pa.array(digests, pa.binary(16)))
    order = in_order_of_digest(high, low)
    return int(np.count_nonzero(known.find(high[order], low[order]) >= 0))


def _text_faults(workspace: Workspace, known: Known, texts: pa.Array, numbers: Numbers) -> Iterator[str]:
    high, low = halves(as_column(workspace.vault.digest_all(known.kind, texts)))
    order = in_order_of_digest(high, low)
    wrong = int(np.count_nonzero(known.find(high[order], low[order]) != numbers[order]))
    if wrong:
        yield f"{known.kind}: {wrong:,} numbers stand for something else than what they were given for"


def _order_faults(kind: str, known: Known) -> Iterator[str]:
    for each in known.files:
        run = known.open(each)
        high, low = run.high, run.low
        if not np.all((high[1:] > high[:-1]) | ((high[1:] == high[:-1]) & (low[1:] > low[:-1]))):
            yield f"{kind}: the digests in {each.file} are not in order, each once"
        if each.bits and np.any(high >> np.uint64(64 - each.bits) != each.prefix):
            yield f"{kind}: {each.file} holds digests of another range"


def _twice_faults(kind: str, known: Known) -> Iterator[str]:
    """A digest stands in one level alone."""
    for level in sorted({each.level for each in known.files})[1:]:
        before = Known(
            store=known.store, kind=kind, files=tuple(each for each in known.files if each.level < level)
        )
        for each in known.files:
            if each.level == level:
                run = known.open(each)
                twice = int(np.count_nonzero(before.find(run.high, run.low) >= 0))
                if twice:
                    yield f"{kind}: {twice:,} digests of {each.file} have a number in an older file, too"


def _number_faults(kind: str, known: Known, free: dict[int, int]) -> Iterator[str]:
    numbers: Numbers = np.concatenate(
        [np.zeros(0, np.int64), *(run.numbers.astype(np.int64) for run in known.runs())]
    )
    ordered = np.sort(numbers)
    if np.any(ordered[1:] == ordered[:-1]):
        yield f"{kind}: a number was given twice"
    wide = kind in WIDE
    rows = ordered >> LATER_SHIFT if wide else np.zeros(len(ordered), np.int64)
    ordinals = ordered & ((1 << LATER_SHIFT) - 1) if wide else ordered
    for row in sorted({*free, *np.unique(rows).tolist()}):
        here = ordinals[rows == row]
        following = free.get(row, 0)
        if len(here) != following or (len(here) and int(here[-1]) != following - 1):
            name = f"{kind}, row {row}" if wide else kind
            yield f"{name}: {len(here):,} numbers up to {int(here[-1]) if len(here) else -1:,}, but the next free one is {following:,}"
    if wide:
        for run in known.runs():
            row = run.numbers >> LATER_SHIFT
            if np.any((row != 0) & (row != 1 + (run.high >> np.uint64(56)).astype(np.int64))):
                yield f"{kind}: a number is not of the range of its digest"
