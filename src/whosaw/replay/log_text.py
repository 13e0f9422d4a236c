"""Requests as the lines that nginx writes, one file a day, rotated and packed as logrotate leaves them."""

from __future__ import annotations

import hashlib
import os
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from .dice import Ints
from .requests import NOBODY, Requests, staff_index
from .setting import DAY_MS, Setting
from .shop_item import Shop

__all__ = ["LogFile", "hex_tokens", "torn_rows", "write_logs"]

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_HEX = np.frombuffer(b"".join(b"%02x" % byte for byte in range(256)), dtype=np.uint8).reshape(256, 2)
_GZIP_LEVEL = 4
_Step = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFile:
    """A file as written. `bytes` and `sha256` are those of its text before packing."""

    name: str
    lines: int
    bytes: int
    sha256: str


def write_logs(
    setting: Setting, requests: Requests, torn: Ints, folder: Path, progress: _Step
) -> tuple[LogFile, ...]:
    """Write a file for each day of the shop's clock, oldest first. `torn`: positions of lines cut short."""
    shop, calendar = setting.shop, setting.calendar
    folder.mkdir(parents=True)
    edges = np.searchsorted(requests.time, calendar.start + np.arange(calendar.days + 1) * DAY_MS)
    columns = _Columns(shop, setting.addresses.texts, setting.agents.texts)
    files = []
    for day in range(calendar.days):
        low, high = int(edges[day]), int(edges[day + 1])
        part = requests.take(np.arange(low, high))
        cut = torn[(torn >= low) & (torn < high)] - low
        text = _bytes_of(columns.lines(part, calendar.start, _day_text(shop, day), cut))
        back = calendar.days - 1 - day
        packed = back >= shop.log.plain_files
        name = shop.log.name + (f".{back}" if back else "") + (".gz" if packed else "")
        path = folder / name
        path.write_bytes(_gzip(text) if packed else text)
        rotated = (calendar.start + (day + 1) * DAY_MS) * 1_000_000
        os.utime(path, ns=(rotated, rotated))
        digest = hashlib.sha256(text).hexdigest()
        files.append(LogFile(name=name, lines=high - low, bytes=len(text), sha256=digest))
        progress("writing", day + 1, calendar.days)
    return tuple(files)


def torn_rows(setting: Setting, requests: Requests) -> Ints:
    """Positions of honest lines about static files, which are cut short: no view is lost with them."""
    shop = setting.shop
    static = np.flatnonzero((requests.page == shop.page_at("static")) & (requests.step < 0))
    return np.sort(static[setting.dice("torn").order(len(static))[: shop.log.torn_lines]])


def hex_tokens(token: NDArray[np.uint64]) -> pa.LargeStringArray:
    """Each token as 16 hexadecimal digits."""
    digits = np.ascontiguousarray(_HEX[token.astype(">u8").view(np.uint8)])
    offsets = np.arange(len(token) + 1, dtype=np.int64) * 16
    return pa.LargeStringArray.from_buffers(len(token), pa.py_buffer(offsets), pa.py_buffer(digits))


def _day_text(shop: Shop, day: int) -> str:
    at: date = shop.span.first_day + timedelta(days=day)
    return f"{at.day:02d}/{_MONTHS[at.month - 1]}/{at.year:04d}"


@cache
def _clock() -> pa.LargeStringArray:
    """Every second of a day as HH:MM:SS."""
    return pa.array(
        [f"{at // 3600:02d}:{at // 60 % 60:02d}:{at % 60:02d}" for at in range(86_400)], pa.large_string()
    )


def _offset(minutes: int) -> str:
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}{abs(minutes) % 60:02d}"


def _is_browser(agent: str) -> bool:
    return agent.startswith("Mozilla/") and "bot" not in agent


def _same(text: str) -> pa.LargeStringScalar:
    """The same text in every line."""
    return pa.scalar(text, pa.large_string())


def _fixed(texts: Iterator[str] | list[str]) -> pa.LargeStringArray:
    return pa.array(list(texts), pa.large_string())


class _Columns:
    """The texts that codes stand for, and how a line is put together from them."""

    def __init__(self, shop: Shop, addresses: list[str], agents: list[str]) -> None:
        halves = [re.split(r"\{number\}", page.path) for page in shop.page]
        tail = f' {shop.log.protocol}" '
        clock_end = f" {_offset(shop.span.offset_minutes)}] "
        self._before = _fixed(
            f'{clock_end}"{page.method} {half[0]}' for page, half in zip(shop.page, halves, strict=True)
        )
        self._after = _fixed((half[1] if len(half) > 1 else "") + tail for half in halves)
        self._takes_number = np.asarray([len(half) > 1 for half in halves])
        self._statuses = _fixed(f"{status} " for status in range(600))
        # a referer for what a browser fetches from a page, as the app sends none
        self._referers = _fixed([' "-" "', f' "https://{shop.log.host}/" "'])
        entered = ("home", "health", "support-customer")
        self._refers = np.asarray([page.id not in entered for page in shop.page])
        self._from_browser = np.asarray([_is_browser(text) for text in agents])
        self._keys = _fixed([" kid=-\n", *(f" kid={key.id}\n" for key in shop.key)])
        self._staff = _fixed(list(shop.support.staff))
        self._addresses, self._agents = _fixed(addresses), _fixed(agents)

    def lines(self, part: Requests, start: int, day: str, cut: Ints) -> pa.LargeStringArray:
        second = (part.time - start) % DAY_MS // 1000
        number = pc.if_else(
            pa.array(self._takes_number[part.page]), pa.array(part.number).cast(pa.large_string()), _same("")
        )
        refers = (self._refers[part.page] & self._from_browser[part.agent]).astype(np.int64)
        pieces = [
            self._addresses.take(pa.array(part.address)),
            _same(f" - - [{day}:"),
            _clock().take(pa.array(second)),
            self._before.take(pa.array(part.page)),
            number,
            self._after.take(pa.array(part.page)),
            self._statuses.take(pa.array(part.status)),
            pa.array(part.size).cast(pa.large_string()),
            self._referers.take(pa.array(refers)),
            self._agents.take(pa.array(part.agent)),
            _same('" sub='),
            self._subjects(part.principal),
            _same(" jti="),
            self._tokens(part.token),
            self._keys.take(pa.array(part.key + 1)),
        ]
        lines = pc.binary_join_element_wise(*pieces, _same(""))
        if len(cut):
            mask = np.zeros(len(part), dtype=bool)
            mask[cut] = True
            halves = [
                text[: 60 + at * 7] + "\n" for at, text in enumerate(lines.take(pa.array(cut)).to_pylist())
            ]
            lines = pc.replace_with_mask(lines, pa.array(mask), _fixed(halves))
        return lines

    def _subjects(self, principal: Ints) -> pa.LargeStringArray:
        text = pc.if_else(
            pa.array(principal == NOBODY), _same("-"), pa.array(principal).cast(pa.large_string())
        )
        staff = pa.array(principal < NOBODY)
        if pc.any(staff).as_py():
            at = np.where(principal < NOBODY, staff_index(0) - principal, 0)
            text = pc.if_else(staff, self._staff.take(pa.array(at)), text)
        return text

    def _tokens(self, token: NDArray[np.uint64]) -> pa.LargeStringArray:
        return pc.if_else(pa.array(token == 0), _same("-"), hex_tokens(token))


def _bytes_of(lines: pa.LargeStringArray) -> bytes:
    """All lines in a row. The array's own bytes are just that."""
    if not len(lines):
        return b""
    _, offsets, data = lines.buffers()
    ends = np.frombuffer(offsets, dtype=np.int64)
    low, high = int(ends[lines.offset]), int(ends[lines.offset + len(lines)])
    return bytes(data[low:high])


def _gzip(text: bytes) -> bytes:
    """One gzip member without a time or a name, so that the same text gives the same bytes."""
    packer = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = packer.compress(text) + packer.flush()
    tail = zlib.crc32(text).to_bytes(4, "little") + (len(text) & 0xFFFFFFFF).to_bytes(4, "little")
    return b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff" + body + tail
