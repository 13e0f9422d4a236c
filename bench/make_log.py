"""Writes a shop's nginx log of any length, fast: `python -m bench.make_log LINES FILE [--shape
shop|exposures]`.

The same arguments give the same bytes. Visitors come in sessions (one address, one agent, at times signed
in) spread over thirty days; about 18 % of the lines are pages that show a person's data. Addresses are from
the ranges reserved for benchmarks and documentation (RFC 2544, RFC 3849), hosts from example.org. In shape
`exposures` every line is a view, nearly each by another pair of client and person.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["write_log"]

CHUNK_LINES = 250_000
ADDRESSES = 200_000
IPV4_ADDRESSES = 131_072  # all of 198.18.0.0/15
CUSTOMERS = 2_000_000
EXPOSED = 5_000_000
FIRST_SECOND = 1_740_960_000  # 2025-03-03T00:00:00Z
SPAN_SECONDS = 30 * 86_400
SEED = 20_250_303

Numbers = npt.NDArray[np.int64]

# kind of page: path pieces around a number, share among signed-in requests, share among others
PAGES: tuple[tuple[str, str, int, float, float], ...] = (
    ("/static/img/", ".jpg", 50_000, 0.34, 0.46),
    ("/product/", "", 100_000, 0.20, 0.34),
    ("/search?q=item+", "&page=1", 3_000, 0.08, 0.12),
    ("/cart?step=", "", 4, 0.08, 0.08),
    ("/my/info/edit?tab=", "", 3, 0.08, 0.0),
    ("/my/orders/list?page=", "", 9, 0.09, 0.0),
    ("/api/v2/customers/", "/addresses", 0, 0.13, 0.0),  # 0: the number is the customer's own
)


def _pick(random: np.random.Generator, shares: list[float], size: int) -> Numbers:
    return np.searchsorted(np.cumsum(shares) / sum(shares), random.random(size)).astype(np.int64)


@lru_cache(maxsize=1)
def addresses() -> pa.StringArray:
    """All client addresses: two thirds IPv4, the rest IPv6."""
    four = [f"198.{18 + (n >> 16)}.{(n >> 8) & 255}.{n & 255}" for n in range(IPV4_ADDRESSES)]
    six = [
        f"2001:db8:{n >> 8:x}:{n & 255:x}::{(n * 7919) % 65521:x}" for n in range(ADDRESSES - IPV4_ADDRESSES)
    ]
    return pa.array(four + six)


@lru_cache(maxsize=1)
def agents() -> pa.StringArray:
    """A few hundred agents, the common ones first."""
    chrome = "Mozilla/5.0 ({}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 {}Safari/537.36"
    found = [
        chrome.format(system, version, mobile)
        for version in range(134, 114, -1)
        for system, mobile in (
            ("Windows NT 10.0; Win64; x64", ""),
            ("Linux; Android 10; K", "Mobile "),
            ("Macintosh; Intel Mac OS X 10_15_7", ""),
        )
    ]
    apple = (
        "Mozilla/5.0 (iPhone; CPU iPhone OS {}_{} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
        " Mobile/15E148"
    )
    found += [apple.format(major, minor) for major in (18, 17, 16, 15) for minor in range(7)]
    found += [
        f"ShopApp/{major}.{minor} (Android {system})"
        for major in (9, 8)
        for minor in range(20)
        for system in (15, 14, 13)
    ]
    found += [
        "Mozilla/5.0 (compatible; ExampleBot/2.1; +https://bot.example.org/)",
        "okhttp/4.12.0",
        "Odd \\x22quoted\\x22 agent/1.0",
    ]
    return pa.array(found)


def _skewed(random: np.random.Generator, high: int, size: int, power: float) -> Numbers:
    return (high * random.random(size) ** power).astype(np.int64)


def _sessions(
    random: np.random.Generator, lines: int, start: float, seconds: float
) -> tuple[Numbers, Numbers]:
    """For each line its second and the number of its session, in order of time."""
    count = lines // 8 + 16
    lengths = random.geometric(1 / 12, count)
    session = np.repeat(np.arange(count), lengths)
    gaps = random.exponential(15.0, len(session))
    since_start = np.cumsum(gaps) - np.repeat(np.cumsum(gaps)[np.cumsum(lengths) - lengths], lengths)
    moments = np.repeat(random.random(count) * seconds, lengths) + since_start
    order = np.argsort(moments, kind="stable")[:lines]
    scaled = moments[order] * (seconds / moments[order][-1])
    return (start + scaled).astype(np.int64), session[order]


def _times(seconds: Numbers) -> pa.StringArray:
    """`03/Mar/2025:00:00:00 +0000`, each distinct second written once."""
    distinct, places = np.unique(seconds, return_inverse=True)
    stamps = pa.array(distinct, pa.timestamp("s", tz="UTC"))
    return pc.strftime(stamps, format="%d/%b/%Y:%H:%M:%S +0000").take(pa.array(places))


def _text(numbers: Numbers) -> pa.StringArray:
    return pc.cast(pa.array(numbers), pa.string())


def _paths(
    random: np.random.Generator, signed_in: npt.NDArray[np.bool_], customer: Numbers
) -> tuple[pa.StringArray, Numbers]:
    size = len(customer)
    kind = np.where(
        signed_in,
        _pick(random, [page[3] for page in PAGES], size),
        _pick(random, [page[4] for page in PAGES], size),
    )
    highs = np.array([page[2] for page in PAGES])[kind]
    number = np.where(highs > 0, (random.random(size) * highs).astype(np.int64), customer)
    before = pa.array([page[0] for page in PAGES]).take(pa.array(kind))
    after = pa.array([page[1] for page in PAGES]).take(pa.array(kind))
    return pc.binary_join_element_wise(before, _text(number), after, ""), kind


def _shop_chunk(random: np.random.Generator, lines: int, start: float, seconds: float) -> pa.StringArray:
    second, session = _sessions(random, lines, start, seconds)
    count = int(session.max()) + 1
    client = _skewed(random, ADDRESSES, count, 1.6)[session]
    agent = _skewed(random, len(agents()), count, 2.5)[session]
    customer = _skewed(random, CUSTOMERS, count, 1.3)[session] + 1
    signed_in = (random.random(count) < 0.6)[session]
    path, kind = _paths(random, signed_in, customer)
    user = pc.if_else(pa.array(signed_in), _text(customer), "-")
    drawn = random.random(lines)
    status = np.select(
        [drawn < 0.93, (drawn < 0.96) & (kind == 0), drawn < 0.985, drawn < 0.997], [200, 304, 404, 302], 500
    )
    size = np.where(status == 304, 0, random.lognormal(8.5, 1.2, lines).astype(np.int64))
    referer = pc.binary_join_element_wise(
        "https://shop.example.org/product/", _text(_skewed(random, 100_000, lines, 1.5)), ""
    )
    referer = pc.if_else(pa.array(random.random(lines) < 0.3), "-", referer)
    request = pc.binary_join_element_wise("GET ", path, " HTTP/2.0", "")
    scanner = pa.array(random.random(lines) < 0.0002)
    request = pc.if_else(scanner, "\\x16\\x03\\x01\\x02\\x00\\x01\\x00", request)
    return _join(
        client, user, second, request, pc.if_else(scanner, 400, pa.array(status)), size, referer, agent
    )


def _exposures_chunk(random: np.random.Generator, lines: int, start: float, seconds: float) -> pa.StringArray:
    second = np.sort(start + random.random(lines) * seconds).astype(np.int64)
    client = (random.random(lines) * ADDRESSES).astype(np.int64)
    person = (random.random(lines) * EXPOSED).astype(np.int64) + 1
    request = pc.binary_join_element_wise("GET /api/v2/customers/", _text(person), "/addresses HTTP/2.0", "")
    size = random.lognormal(6.5, 0.3, lines).astype(np.int64)
    agent = client % len(agents())
    return _join(client, "-", second, request, pa.array(np.full(lines, 200)), size, "-", agent)


def _join(
    client: Numbers,
    user: pa.StringArray | str,
    second: Numbers,
    request: pa.StringArray,
    status: pa.Array,
    size: Numbers,
    referer: pa.StringArray | str,
    agent: Numbers,
) -> pa.StringArray:
    """The combined log format of nginx, one line each with its line end."""
    return pc.binary_join_element_wise(
        addresses().take(pa.array(client)), " - ", user, " [", _times(second), '] "', request,
        '" ', pc.cast(status, pa.string()), " ", _text(size), ' "', referer,
        '" "', agents().take(pa.array(agent)), '"\n', "",
    )  # fmt: skip


def chunk_bytes(shape: str, number: int, lines: int, total: int) -> bytes:
    """Chunk `number` of a log of `total` lines, whoever makes it and when."""
    random = np.random.default_rng([SEED, number, total])
    make = _exposures_chunk if shape == "exposures" else _shop_chunk
    before = number * CHUNK_LINES
    start = FIRST_SECOND + SPAN_SECONDS * before / total
    array = make(random, lines, start, SPAN_SECONDS * lines / total)
    end = int(np.frombuffer(array.buffers()[1], np.int32)[len(array)])
    return memoryview(array.buffers()[2])[:end].tobytes()


def write_log(path: Path, lines: int, *, shape: str = "shop", workers: int = 2) -> None:
    """Write `lines` lines to `path`. A log that is already there in full is left alone."""
    mark = path.with_name(path.name + ".lines")
    wanted = f"{shape} {lines} {SEED}"
    if path.exists() and mark.exists() and mark.read_text(encoding="utf-8") == wanted:
        return
    mark.unlink(missing_ok=True)
    numbers = range(-(-lines // CHUNK_LINES))
    sizes = [min(CHUNK_LINES, lines - number * CHUNK_LINES) for number in numbers]
    with ProcessPoolExecutor(workers) as pool, path.open("wb") as file:
        for number in numbers[::workers]:  # a few at a time, so that results do not pile up in memory
            batch = numbers[number : number + workers]
            for done in [pool.submit(chunk_bytes, shape, each, sizes[each], lines) for each in batch]:
                file.write(done.result())
    mark.write_text(wanted, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.make_log")
    parser.add_argument("lines", type=int)
    parser.add_argument("file", type=Path)
    parser.add_argument("--shape", choices=["shop", "exposures"], default="shop")
    options = parser.parse_args()
    write_log(options.file, options.lines, shape=options.shape)


if __name__ == "__main__":
    main()
