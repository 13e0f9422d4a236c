"""From addresses in object stores to contents: listed, named as files of a folder are, and held in columns, for there may be millions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, overload

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.core.errors import Where, WhosawError
from whosaw.store.objects.address import ObjectAddress, read_object
from whosaw.store.objects.bucket import ObjectFacts
from whosaw.store.objects.buckets import Buckets

from .content import Content, Skipped, StoredObject, shown
from .name_patterns import fits
from .source_name import RotatedName, read_name

__all__ = ["ObjectFinder", "ObjectsFound"]

_MAGIC: Final = frozenset("*?[")
_ARCHIVES: Final = (
    ".tar",
    ".tgz",
    ".tbz",
    ".tbz2",
    ".tb2",
    ".txz",
    ".tzst",
    ".zip",
    ".parquet",
    ".7z",
    ".rar",
)
_PACKINGS: Final = (".gz", ".bz2", ".xz", ".zst")
_RANKS: Final = ("kind", "stamp", "current", "number")
_KEPT: Final = ("bucket", "key", "etag", "size", "modified", "source")
_BLOCK: Final = 4_096  # contents that are made at once
_TOGETHER: Final = 64  # pages whose columns become one piece
_HIDDEN: Final = "hidden; name it to read it"
_ELSEWHERE: Final = "an archive or table in an object store; copy it to a disk and scan it there"


class ObjectFinder:
    """Collects what is below addresses, each object once."""

    def __init__(self, buckets: Buckets) -> None:
        self._buckets = buckets
        self._columns: dict[str, list[pa.Array]] = {}
        self._sources: dict[tuple[str, str], int] = {}  # name without a prefix, and root
        self._buckets_of: list[tuple[str, str]] = []  # scheme and bucket
        self._taken: set[tuple[str, str]] = set()
        self._pages = 0
        self.skipped: list[Skipped] = []

    def take_all(self, paths: Sequence[str]) -> None:
        """Takes every address. Raises `WhosawError` for one below which there is nothing."""
        addresses = sorted({read_object(path) for path in paths}, key=str)
        for address in addresses:
            number = self._take(address, shared=len(addresses) > 1)
            if not number:
                magic = bool(_MAGIC.intersection(address.key))
                raise WhosawError(
                    "scan.pattern-matches-nothing" if magic else "scan.no-such-path",
                    "no object matches this pattern"
                    if magic
                    else "there is no such object, and none below it",
                    hint="Check it with the cloud's own program, such as `aws s3 ls`",
                    where=Where(file=shown(str(address))),
                )

    @property
    def roots(self) -> list[tuple[str, str]]:
        """Each source with the address below which it was found."""
        return list(self._sources)

    def result(self, prefixes: dict[tuple[str, str], str]) -> ObjectsFound:
        """What was found, in order. `prefixes` keep equal names below different roots apart."""
        names = [prefixes.get(each, "") + each[0] for each in self._sources]
        return ObjectsFound(self._columns, names, self._buckets_of)

    def _take(self, address: ObjectAddress, *, shared: bool) -> int:
        """How many objects there are, those that are not read included."""
        pattern = address.key if _MAGIC.intersection(address.key) else None
        folder = _before_magic(address.key) if pattern else address.key.rstrip("/")
        one = None
        if pattern is None and folder and not address.key.endswith("/"):
            one = self._buckets.of(address.scheme, address.bucket).facts(folder)
        below = ObjectAddress(scheme=address.scheme, bucket=address.bucket, key=folder)
        root = str(below).rstrip("/") if one is None else str(below).rpartition("/")[0]
        above = len(root) - len(f"{address.scheme}://{address.bucket}")  # of a key, up to its root
        self._buckets_of.append((address.scheme, address.bucket))
        number = 0
        for page in [[one]] if one is not None else self._buckets.pages(below):
            kept = page if pattern is None else [each for each in page if fits(each.key, (pattern,))]
            number += len(kept)
            if shared:
                kept = [each for each in kept if self._first_time(address, each.key)]
            self._add(address, root, kept, max(above, 0), named=one is not None)
        return number

    def _first_time(self, address: ObjectAddress, key: str) -> bool:
        name = (f"{address.scheme}://{address.bucket}", key)
        if name in self._taken:
            return False
        self._taken.add(name)
        return True

    def _add(
        self, address: ObjectAddress, root: str, page: Sequence[ObjectFacts], above: int, *, named: bool
    ) -> None:
        rows: list[tuple[ObjectFacts, int, RotatedName]] = []
        for each in page:
            relative = each.key[above:].lstrip("/")
            if (reason := _not_read(relative, each, named=named)) is not None:
                if reason:
                    self.skipped.append(
                        Skipped(name=shown(f"{address.scheme}://{address.bucket}/{each.key}"), reason=reason)
                    )
                continue
            parts = read_name(shown(relative))
            rows.append((each, self._sources.setdefault((parts.source, root), len(self._sources)), parts))
        if not rows:
            return
        ranks = [parts.ranks[0] for _, _, parts in rows]
        for name, made in {
            "bucket": pa.array([len(self._buckets_of) - 1] * len(rows), pa.int16()),
            "key": pa.array([facts.key for facts, _, _ in rows], pa.large_string()),
            "etag": pa.array([facts.etag for facts, _, _ in rows], pa.large_string()),
            "size": pa.array([facts.size for facts, _, _ in rows], pa.int64()),
            "modified": pa.array([facts.modified for facts, _, _ in rows], pa.int64()),
            "source": pa.array([code for _, code, _ in rows], pa.int32()),
            "kind": pa.array([rank[0] for rank in ranks], pa.int8()),
            "stamp": pa.array([rank[1] for rank in ranks], pa.large_string()),
            "current": pa.array([rank[2] for rank in ranks], pa.int8()),
            "number": pa.array([rank[3] for rank in ranks], pa.int32()),
        }.items():
            self._columns.setdefault(name, []).append(made)
        self._pages += 1
        if self._pages % _TOGETHER == 0:  # many small pieces take much more room than what they hold
            for held in self._columns.values():
                held[-_TOGETHER:] = [pa.concat_arrays(held[-_TOGETHER:])]


class ObjectsFound(Sequence[Content]):
    """Contents in order (per source, oldest first), each made when it is asked for."""

    def __init__(
        self, columns: dict[str, list[pa.Array]], sources: Sequence[str], buckets: Sequence[tuple[str, str]]
    ) -> None:
        self._sources, self._buckets = sources, buckets
        ranks = np.argsort(np.argsort(np.array(sources, dtype=object), kind="stable"), kind="stable")
        whole = {name: pa.chunked_array(columns.pop(name)) for name in list(columns)}
        self._order = _order(whole, ranks) if whole else np.empty(0, np.int32)
        # one piece a column, one after the other: both forms of one column are held at a time
        self._of = {name: whole.pop(name).combine_chunks() for name in _KEPT if name in whole}

    def __len__(self) -> int:
        return len(self._order)

    @overload
    def __getitem__(self, at: int) -> Content: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Content]: ...
    def __getitem__(self, at: int | slice) -> Content | Sequence[Content]:
        if isinstance(at, slice):
            return [self[each] for each in range(*at.indices(len(self)))]
        return next(self._made(self._order[at : at + 1 or None]))

    def __iter__(self) -> Iterator[Content]:
        for at in range(0, len(self), _BLOCK):
            yield from self._made(self._order[at : at + _BLOCK])

    def _made(self, rows: npt.NDArray[np.int32]) -> Iterator[Content]:
        columns = (column.take(pa.array(rows)).to_pylist() for column in self._of.values())
        for number, key, etag, size, modified, source in zip(*columns, strict=True):
            scheme, bucket = self._buckets[number]
            yield Content(
                name=shown(f"{scheme}://{bucket}/{key}"),
                source=self._sources[source],
                size=size,
                mtime_ns=modified * 1_000,
                stored=StoredObject(scheme=scheme, bucket=bucket, key=key, etag=etag),
            )


def _order(whole: dict[str, pa.ChunkedArray], ranks: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
    """The rows per source, oldest first. Takes out of `whole` what only tells that."""
    ranked = pc.take(pa.array(ranks, pa.int32()), whole["source"])
    by = {"source_rank": ranked, **{name: whole.pop(name) for name in _RANKS}}
    by |= {name: whole[name] for name in ("bucket", "key")}
    keys = [(name, "ascending") for name in by]
    order: npt.NDArray[np.int32] = pc.sort_indices(pa.table(by), sort_keys=keys).to_numpy().astype(np.int32)
    return order


def _before_magic(key: str) -> str:
    """The folder before the first wildcard."""
    first = min(key.index(each) for each in _MAGIC if each in key)
    return key[:first].rpartition("/")[0]


def _not_read(relative: str, facts: ObjectFacts, *, named: bool) -> str | None:
    """Why an object is not read; empty for one that stands for a folder, None for one that is read."""
    if not facts.size and facts.key.endswith("/"):
        return ""
    if not named and (relative.startswith(".") or "/." in relative):
        return _HIDDEN
    base = relative.lower()
    for packing in _PACKINGS:
        base = base.removesuffix(packing)
    return _ELSEWHERE if base.endswith(_ARCHIVES) else None
