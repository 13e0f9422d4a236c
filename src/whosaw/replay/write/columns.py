"""Columns of numbers as columns of text: addresses, ports, clocks, tokens, names, and the lines put together from them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from ipaddress import ip_network
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from whosaw.replay.dice import Ints
from whosaw.replay.people import V6_BASE
from whosaw.replay.setting import DAY_MS
from whosaw.replay.traffic import NOBODY, Traffic, staff_index

__all__ = [
    "HomesV6",
    "Piece",
    "Same",
    "by_status",
    "bytes_of",
    "claimed",
    "clock",
    "first_second",
    "fixed",
    "hex_tokens",
    "joined",
    "milliseconds",
    "numbers",
    "optional",
    "pick",
    "ports",
    "ports_of",
    "split_address",
    "utc_seconds",
    "whole_address",
]

Piece: TypeAlias = pa.StringArray | pa.StringScalar
_FOURS = np.frombuffer(b"".join(b"%04d" % number for number in range(10_000)), dtype=np.uint32)
_HEX = np.frombuffer(b"".join(b"%04x" % word for word in range(1 << 16)), dtype=np.uint32)
_HOST = 0x1A01  # the host of a household that asks
_HOUSE_STRIDE, _HOUSE_FIRST = 7, 3  # households are not neighbours in the IPv6 network
_EPOCH = dt.date(1970, 1, 1)
_FIRST, _COUNT = 32_768, 28_232  # the range that Linux gives to clients (ip_local_port_range)
_CONNECTION_MS = 8_000  # a connection is kept about so long


def fixed(texts: Iterable[str]) -> pa.StringArray:
    """These texts, to be taken from by position."""
    return pa.array(list(texts), pa.string())


def Same(text: str) -> pa.StringScalar:  # noqa: N802  # reads as the value it stands for
    """The same text in every line."""
    return pa.scalar(text, pa.string())


def joined(pieces: Sequence[Piece], count: int) -> pa.StringArray:
    """All pieces of each of `count` lines in a row."""
    merged: list[Piece] = []
    for piece in pieces:  # each piece costs every line something, so texts that all lines share become one
        if merged and isinstance(piece, pa.StringScalar) and isinstance(merged[-1], pa.StringScalar):
            merged[-1] = Same(merged[-1].as_py() + piece.as_py())
        else:
            merged.append(piece)
    whole = pc.binary_join_element_wise(*merged, Same(""))
    return whole if isinstance(whole, pa.Array) else pa.repeat(whole, count)


def bytes_of(lines: pa.StringArray) -> memoryview:
    """All lines in a row: the array's own bytes, not copied."""
    if not len(lines):
        return memoryview(b"")
    _, offsets, data = lines.buffers()
    ends = np.frombuffer(offsets, dtype=np.int32)
    low, high = int(ends[lines.offset]), int(ends[lines.offset + len(lines)])
    return memoryview(data)[low:high]


def pick(table: pa.StringArray, codes: NDArray[np.integer]) -> Piece:
    """The text of each code; one text for all where all codes are the same."""
    first = codes[0] if len(codes) else 0
    if len(codes) and (codes == first).all():
        return table[int(first)]
    return table.take(pa.array(codes))


def numbers(values: NDArray[np.integer]) -> pa.StringArray:
    """Each number in decimal digits."""
    if len(values):
        low, high = int(values.min()), int(values.max())
        if low >= 10**4 and high < 10**8 and len(str(low)) == len(str(high)):  # as member numbers mostly are
            return _of_width(values, len(str(low)))
    return pa.array(values).cast(pa.string())


def _of_width(values: NDArray[np.integer], digits: int) -> pa.StringArray:
    """Numbers of so many digits, 5 to 8: looked up four at a time, several times as fast as dividing by 10."""
    count, split = len(values), np.uint32(10_000)
    rest = values.astype(np.uint32)
    high = rest // split
    fours = np.empty((count, 2), dtype=np.uint32)
    _FOURS.take(high, out=fours[:, 0])
    _FOURS.take(rest - high * split, out=fours[:, 1])
    text = np.ascontiguousarray(fours.view(np.uint8).reshape(count, 8)[:, 8 - digits :])
    offsets = np.arange(count + 1, dtype=np.int32) * np.int32(digits)
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(text))


def hex_tokens(token: NDArray[np.uint64], digits: int = 16) -> pa.StringArray:
    """The last 4, 8, 12 or 16 hexadecimal digits of each token."""
    words = token.astype(">u8").view(">u2").reshape(len(token), 4)[:, 4 - digits // 4 :].astype(np.uint16)
    offsets = np.arange(len(token) + 1, dtype=np.int32) * digits
    return pa.StringArray.from_buffers(len(token), pa.py_buffer(offsets), pa.py_buffer(_HEX.take(words)))


def optional(
    present: NDArray[np.bool_], before: str, make: Callable[[], pa.StringArray], after: str, absent: str
) -> list[Piece]:
    """`before`, the text and `after` where it is present, else `absent`. Texts of absent rows are not looked at."""
    if present.all():
        return [*_unless_empty(before), make(), *_unless_empty(after)]
    if not present.any():
        return [Same(absent)]
    code = present.astype(np.int8)
    text = pc.if_else(pa.array(present), make(), Same(""))
    return [pick(fixed([absent, before]), code), text, pick(fixed(["", after]), code)]


def _unless_empty(text: str) -> list[Piece]:
    return [Same(text)] if text else []


def claimed(principal: Ints, claimants: pa.StringArray) -> pa.StringArray:
    """Who each request says it is: a member number or the name of another claimant. Nobody is an odd number."""
    # numbers of one width are faster to write, and what is written for nobody is looked at by nobody
    most = principal.max(initial=NOBODY)
    text = numbers(np.where(principal < 0, most, principal) if most >= 0 else principal)
    other = principal < NOBODY
    if other.any():
        at = np.where(other, staff_index(0) - principal, 0)
        text = pc.if_else(pa.array(other), claimants.take(pa.array(at)), text)
    return text


@cache
def by_status(text: str) -> pa.StringArray:
    """`text` with each status up to 599 in place of {0}."""
    return fixed(text.format(status) for status in range(600))


@cache
def clock() -> pa.StringArray:
    """Every second of a day as HH:MM:SS."""
    return fixed(f"{at // 3600:02d}:{at // 60 % 60:02d}:{at % 60:02d}" for at in range(86_400))


@cache
def milliseconds(after: str) -> pa.StringArray:
    """Every millisecond of a second as .000 and so on, with `after` behind it."""
    return fixed(f".{at:03d}{after}" for at in range(1000))


@dataclass(frozen=True, slots=True)
class HomesV6:
    """How a household's number becomes an address of the network for IPv6 homes, as RFC 5952 writes it."""

    network: str

    def texts(self, houses: Ints) -> pa.StringArray:
        """The address of each household, in its shortest form: a long run of zeros stands before the host."""
        top, subnets = _subnets(self.network)
        words = (houses * _HOUSE_STRIDE + _HOUSE_FIRST) % subnets
        # the network's own bits and those of the household do not overlap
        groups = [((top >> shift) & 0xFFFF) | ((words >> shift) & 0xFFFF) for shift in (48, 32, 16, 0)]
        pieces: list[Piece] = [Same(f":{_HOST:x}")]
        no_more = np.ones(len(houses), dtype=bool)
        for group in reversed(groups):
            no_more &= group == 0
            pieces.insert(0, pick(_groups(), np.where(no_more, 1 << 16, group).astype(np.int32)))
        return joined(pieces, len(houses))


@cache
def _subnets(network: str) -> tuple[int, int]:
    """The first half of the network's address, and how many households it has room for."""
    base = ip_network(network)
    return int(base.network_address) >> 64, 1 << (64 - base.prefixlen)


@cache
def _groups() -> pa.StringArray:
    """Every group of an IPv6 address with the colon behind it; the last one stands for no group at all."""
    return fixed([*(f"{group:x}:" for group in range(1 << 16)), ""])


@cache
def _halves() -> tuple[pa.StringArray, pa.StringArray]:
    """Both halves of every IPv4 address; the last of the second is empty."""
    two = [f"{word >> 8}.{word & 255}" for word in range(1 << 16)]
    return fixed(f"{text}." for text in two), fixed([*two, ""])


def split_address(
    address: Ints, homes: HomesV6, *, before_v6: str = "", after_v6: str = ""
) -> tuple[Piece, Piece]:
    """Two pieces that make each address. IPv6 stands between `before_v6` and `after_v6`, as in brackets."""
    high, low = _halves()
    is_v6 = address >= V6_BASE
    rows = np.flatnonzero(is_v6)
    first, second = address >> 16, address & 0xFFFF
    if len(rows):
        texts = homes.texts(address[rows] - V6_BASE)
        if before_v6 or after_v6:
            texts = joined([Same(before_v6), texts, Same(after_v6)], len(rows))
        first[rows] = (1 << 16) + np.arange(len(rows))
        second[rows] = 1 << 16
        high = pa.concat_arrays([high, texts])
    return pick(high, first.astype(np.int32)), pick(low, second.astype(np.int32))


def whole_address(address: Ints, homes: HomesV6) -> pa.DictionaryArray:
    """The text of each address, each distinct one made once."""
    codes = pa.array(address).dictionary_encode()
    distinct = codes.dictionary.to_numpy(zero_copy_only=False)
    texts = joined(split_address(distinct, homes), len(distinct))
    return pa.DictionaryArray.from_arrays(codes.indices, texts)


def utc_seconds(start: int, between: str, second: NDArray[np.int32]) -> tuple[Piece, Piece]:
    """Two pieces that make YYYY-MM-DD, `between`, HH:MM:SS of each second of the 24 hours from `start`.

    For services that log in UTC: a day of the shop then spans two dates. `start` is in milliseconds since 1970. No table of a whole day is made: on most days far fewer seconds are asked for.
    """
    day, into = divmod(start, DAY_MS)
    later, of_day = np.divmod(second + np.int32(into // 1000), np.int32(86_400))
    dates = fixed(f"{(_EPOCH + dt.timedelta(days=day + at)).isoformat()}{between}" for at in (0, 1))
    return pick(dates, later), pick(clock(), of_day)


def first_second(start: int, between: str) -> str:
    """The text of the first of these seconds."""
    moment = dt.datetime.fromtimestamp(start // 1000, dt.UTC)
    return f"{moment:%Y-%m-%d}{between}{moment:%H:%M:%S}"


@lru_cache(maxsize=8)
def ports(before: str, after: str) -> pa.StringArray:
    """The text of every port."""
    return fixed(f"{before}{_FIRST + at}{after}" for at in range(_COUNT))


def ports_of(part: Traffic) -> NDArray[np.int32]:
    """A position in `ports` for each request: the same for requests of an address that follow one another."""
    return ((part.address * 7919 + part.time // _CONNECTION_MS * 104_729) % _COUNT).astype(np.int32)
