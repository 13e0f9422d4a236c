"""Identifiers and clients of events, numbered within each content that the events are of."""

from __future__ import annotations

from dataclasses import dataclass
from socket import AF_INET6, inet_ntop, inet_pton

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.core import client as schema

from .codes import Codes, as_int32, encode, encode_together, tuples
from .keyed_digest import Bytes
from .vault import KINDS, Vault, as_column

__all__ = ["Cut", "Identities", "Local", "Texts", "clients_of", "networks_of"]

_VAULTED = ("person", *schema.VAULTED)
_DIGESTED = tuple(each for each in schema.NUMBERED if each in schema.SENT)
_FOLLOWING = {"network"}  # made here from the address
schema.covers("store.segment_clients", _DIGESTED, schema.CLEAR, _FOLLOWING)


class Cut:
    """Rows of several contents, one behind the other: `starts` are the first row of each, and the end of the last."""

    def __init__(self, starts: npt.NDArray[np.int64]) -> None:
        self.starts, self.parts = starts, len(starts) - 1
        self.of_row = np.repeat(np.arange(self.parts), np.diff(starts))

    def range(self, part: int) -> tuple[int, int]:
        return int(self.starts[part]), int(self.starts[part + 1])

    def locally(self, codes: Codes, of_row: Codes, size: int) -> Local:
        """Codes (below `size`, -1 for none, in order of first appearance) numbered anew within each content."""
        if self.parts == 1:
            return Local(codes=codes, values=np.arange(size), starts=np.array([0, size]))
        told = np.flatnonzero(codes >= 0)
        keys, first, inverse = np.unique(
            of_row[told] * size + codes[told], return_index=True, return_inverse=True
        )
        order = np.lexsort((first, keys // max(size, 1)))
        starts = np.searchsorted(keys, np.arange(self.parts + 1) * size)
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order))
        out = np.full(len(codes), -1, np.int64)
        out[told] = place[inverse] - starts[of_row[told]]
        return Local(codes=out, values=keys[order] % max(size, 1), starts=starts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Local:
    """Codes that begin anew in each content: by row, and what they stand for, content by content from `starts` on."""

    codes: Codes
    values: Codes
    starts: npt.NDArray[np.int64]

    @property
    def of_value(self) -> Codes:
        """The content of each value."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """A column of texts: the codes of each row in its content, and the values that the codes of each content stand for."""

    codes: pa.Array
    values: pa.Array
    starts: npt.NDArray[np.int64]

    def of(self, part: int, first: int, end: int) -> pa.DictionaryArray:
        values = self.values[int(self.starts[part]) : int(self.starts[part + 1])]
        return pa.DictionaryArray.from_arrays(self.codes[first:end], values)


class Identities:
    """Collects distinct identifiers, kind by kind, and gives each a local code: the row in the table of its content."""

    def __init__(self, vault: Vault, cut: Cut) -> None:
        self.vault, self.cut = vault, cut
        self._kinds: list[tuple[str, Local, Bytes, pa.Array]] = []
        self._sizes = np.zeros(cut.parts, np.int64)  # so far, by content

    def add(self, kind: str, columns: list[pa.ChunkedArray | pa.Array], of_rows: list[Codes]) -> list[Codes]:
        """Local codes of the identifiers in several columns of one kind (-1 where null), whose rows belong to these contents."""
        parts, values = encode_together(columns)
        codes, _ = self.take(kind, np.concatenate(parts), np.concatenate(of_rows), values)
        return np.split(codes, np.cumsum([len(part) for part in parts])[:-1])

    def take(self, kind: str, codes: Codes, of_row: Codes, values: pa.Array) -> tuple[Codes, Local]:
        """Take in identifiers of a kind, of which `codes` tell in which rows they stand; returns the codes that they have in the tables
        (-1 for none), and those within the kind."""
        local = self.cut.locally(codes, of_row, len(values))
        found = np.where(local.codes < 0, -1, local.codes + self._sizes[of_row])
        self._sizes = self._sizes + np.diff(local.starts)
        self._kinds.append((kind, local, self.vault.digest_all(kind, values), values))
        return found, local

    def digests(self, kind: str) -> Bytes:
        """Those of all identifiers of a kind, by the code that they came with."""
        return next(digests for each, _, digests, _ in self._kinds if each == kind)

    def table(self) -> tuple[pa.Table, npt.NDArray[np.int64]]:
        """Kind and digest of all, content by content, and where each content begins."""
        order, starts = self._in_order(self._kinds)
        kinds = [np.full(len(local.values), KINDS[kind], np.int8) for kind, local, _, _ in self._kinds]
        digests = np.concatenate([each[local.values] for _, local, each, _ in self._kinds])
        told = {
            "kind": pa.array(np.concatenate(kinds)[order], pa.int8()),
            "digest": as_column(digests[order]),
        }
        return pa.table(told), starts

    def secrets(self) -> tuple[pa.Table, npt.NDArray[np.int64]]:
        """Raw identifiers by code, but for those that were erased, content by content, and where each content begins."""
        sizes = np.zeros(self.cut.parts, np.int64)
        kept, kinds, codes, raws = [], [], [], []
        for kind, local, digests, values in self._kinds:
            if kind in _VAULTED:
                erased = self.vault.erased.among(kind, digests)[local.values]
                whose = local.of_value
                code = np.arange(len(whose)) - local.starts[whose] + sizes[whose]
                left = _without(local, ~erased)
                kept.append((kind, left, digests, values))
                kinds.append(np.full(len(left.values), KINDS[kind], np.int8))
                codes.append(code[~erased].astype(np.int32))
                raws.append(values.cast(pa.string()).take(pa.array(left.values)))
            sizes = sizes + np.diff(local.starts)
        order, starts = self._in_order(kept)
        rows = {
            "kind": pa.array(np.concatenate(kinds)[order], pa.int8()),
            "code": pa.array(np.concatenate(codes)[order], pa.int32()),
            "raw": pa.concat_arrays(raws).take(pa.array(order)),
        }
        return pa.table(rows), starts

    def _in_order(
        self, kinds: list[tuple[str, Local, Bytes, pa.Array]]
    ) -> tuple[Codes, npt.NDArray[np.int64]]:
        """The values of several kinds one behind the other, content by content, and where each content begins."""
        whose = np.concatenate([local.of_value for _, local, _, _ in kinds])
        order = np.argsort(whose, kind="stable")
        return order, np.searchsorted(whose[order], np.arange(self.cut.parts + 1))


def _without(local: Local, kept: npt.NDArray[np.bool_]) -> Local:
    """The same with these values alone."""
    starts = np.concatenate(([0], np.cumsum(kept)))[local.starts]
    return Local(codes=local.codes, values=local.values[kept], starts=starts)


def networks_of(addresses: pa.Array) -> pa.Array:
    """The /24 or /48 that an address stands in; null where it is no IP address."""
    texts = addresses.cast(pa.string())
    four = pc.match_substring_regex(texts, r"^\d{1,3}(\.\d{1,3}){3}$")
    out = pc.if_else(
        four, pc.replace_substring_regex(texts, r"\.\d+$", ".0/24"), pa.scalar(None, pa.string())
    )
    six = np.flatnonzero(np.asarray(pc.match_substring(texts, ":").cast(pa.int8())))
    if not len(six):
        return out
    values = out.to_pylist()
    for row in six.tolist():
        try:
            packed = inet_pton(AF_INET6, texts[row].as_py().partition("%")[0])
        except (OSError, ValueError):
            continue  # no IP address: its network stays null
        values[row] = f"{inet_ntop(AF_INET6, packed[:6] + bytes(10))}/48"
    return pa.array(values, pa.string())


def clients_of(
    events: pa.Table, identities: Identities
) -> tuple[Codes, dict[str, pa.Array | Texts], npt.NDArray[np.int64]]:
    """The code of each event's client (with the principal it claims) in its content; the columns of the distinct clients, content by content;
    and where each content begins."""
    cut, vault = identities.cut, identities.vault
    address, address_values = _coded(events, "address")
    network_of, network_values = encode(networks_of(address_values))
    told, local = {"address": address}, dict[str, Codes]()
    local["address"], addresses = identities.take("address", address, cut.of_row, address_values)
    networks, _ = identities.take("network", network_of[addresses.values], addresses.of_value, network_values)
    for kind in _DIGESTED:
        if kind != "address":
            told[kind], values = _coded(events, kind)
            local[kind], _ = identities.take(kind, told[kind], cut.of_row, values)
    plain = {name: _coded(events, name) for name in schema.CLEAR}
    apart = [cut.of_row] if cut.parts > 1 else []
    client, first = tuples([*apart, *told.values(), *(codes for codes, _ in plain.values())])
    whose, starts = cut.of_row[first], np.searchsorted(first, cut.starts)
    at = addresses.codes[first]
    local["network"] = np.append(networks, -1)[np.where(at < 0, -1, at + addresses.starts[whose])]
    out: dict[str, pa.Array | Texts] = {}
    joined = np.zeros((len(first), 2), np.uint64)
    for kind in schema.NUMBERED:
        out[kind] = as_int32(local[kind] if kind == "network" else local[kind][first])
        if kind != "network":  # it follows from the address
            _join(joined, vault.first(identities.digests(kind)), told[kind][first])
    for name, (codes, values) in plain.items():
        own = cut.locally(codes, cut.of_row, len(values))
        out[name] = Texts(
            codes=as_int32(own.codes[first]), values=values.take(pa.array(own.values)), starts=own.starts
        )
        _join(joined, vault.digest_all(name, values), codes[first])
    digest = as_column(vault.digest_rows("client", joined.view(np.uint8)))
    return client - starts[cut.of_row], {"digest": digest, **out}, starts


def _join(joined: npt.NDArray[np.uint64], digests: Bytes, codes: Codes) -> None:
    """Take the digest of a part of each client into its own. Digests of different kinds are made with different keys, so that
    which part it came from need not be told apart; a part that is absent adds nothing."""
    if len(digests):
        whole = np.append(
            np.ascontiguousarray(digests).reshape(-1).view(np.complex128), 0
        )  # 16 bytes at once
        joined ^= whole[codes].view(np.uint64).reshape(-1, 2)


def _coded(events: pa.Table, name: str) -> tuple[Codes, pa.Array]:
    """`encode` of a text column; all -1 where the format has none."""
    if name in events.column_names:
        return encode(events[name])
    return np.full(events.num_rows, -1, dtype=np.int64), pa.array([], pa.string())
